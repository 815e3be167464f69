// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is refused, and in which words.
 *
 * Every check returns true if all is well, else false with a sentence in `errmsg`, without "% "
 * and newline: what is wrong, where, and what would do.  The commands ask before they enqueue a
 * change: the northbound has many words around a reason, and one refused change of a transaction
 * rejects the whole of it.  The northbound's VALIDATE callbacks ask the same again for other clients.
 *
 * Checks that concern other stacks look at a tree of configuration (the candidate), which can be
 * far from what is in force.  They cost O(log stacks), by the claims: an index from a name, table or
 * subnet to the stacks that may have it.  A claim is made whenever a check passes, so all that is in any
 * tree has one, but for a VRF of the stack's own name, which is looked up; whether it still holds is seen when somebody else wants the same, by looking the
 * holder up in the tree at hand.  One that holds neither there nor in the running configuration
 * is dropped then.
 */

#ifndef _NETSTACK_VALIDATE_H
#define _NETSTACK_VALIDATE_H

#include "netstackd/netstack_desired.h"

struct lyd_node;
struct netstack_observed;

/*
 * What the tree has is to be remembered as what the running configuration has is, until NULL is
 * given: while one tree is the candidate and the running configuration (netstack_candidate.h), what a command
 * replaces is in neither and comes back if the command is refused.
 */
extern void netstack_validate_keep(const struct lyd_node *tree);

#define NETSTACK_ERRMSG_MAX	 512
#define NETSTACK_DESCRIPTION_MAX 255 /* characters of UTF-8 */

/* Text that YANG can hold: UTF-8 without control characters. */
extern bool netstack_check_description(const char *text, char *errmsg, size_t len);
/* The name of a stack. */
extern bool netstack_check_name(const char *name, char *errmsg, size_t len);
/* The name of a link; `what` is what it is for: "interface", "parent", "VRF". */
extern bool netstack_check_link_name(const char *what, const char *name, char *errmsg, size_t len);
/* A stack of this name cannot have a VRF of the same name; the hint what to do, if errmsg. */
extern bool netstack_needs_vrf(const char *name, char *errmsg, size_t len);
/* Is this another stack than `default`, which cannot `what`: "have interfaces"? */
extern bool netstack_check_not_default(const char *stack, const char *what, char *errmsg,
				       size_t len);

extern bool netstack_check_mac(const struct ethaddr *mac, char *errmsg, size_t len);
/* The address of an interface. */
extern bool netstack_check_address(const struct prefix *address, char *errmsg, size_t len);
/*
 * Is an interface of this kind of `link` (NULL: none) one that can have the address: a loopback
 * address is for a loopback, "dummy".
 */
extern bool netstack_check_loopback(const struct prefix *address, const char *kind, char *errmsg,
				    size_t len);
/* The same for all addresses that the interface, a node of a tree, has. */
extern bool netstack_check_loopbacks(const struct lyd_node *nif, const char *kind, char *errmsg,
				     size_t len);
/* A default gateway; ifname "": none. */
extern bool netstack_check_gateway(const struct ipaddr *gate, const char *ifname, char *errmsg,
				   size_t len);
/* A route; the fields of the key are looked at. */
extern bool netstack_check_route(const struct netstack_route *key, char *errmsg, size_t len);
/* Can the next hop of a route, as the model has it, be tracked: is it one? */
extern bool netstack_check_track(const char *next_hop, char *errmsg, size_t len);
/* The name of a BFD profile; NULL: none, which is fine. */
extern bool netstack_check_profile(const char *profile, char *errmsg, size_t len);
/* A permanent neighbour. */
extern bool netstack_check_neighbor(const char *ifname, const struct ipaddr *address,
				    const struct ethaddr *mac, char *errmsg, size_t len);
/* `leak from FROM prefix-list PLIST` in the stack. */
extern bool netstack_check_leak(const char *stack, const char *from, const char *plist,
				char *errmsg, size_t len);
/*
 * Would the leak close a loop: does the same prefix-list let routes leak from the stack to FROM, by
 * whatever other stacks?  What two stacks have for each other is said by a list a direction.
 * `tree` is any node of the configuration that has the leak.
 */
extern bool netstack_check_leak_loop(const struct lyd_node *tree, const char *stack,
				     const char *from, const char *plist, char *errmsg, size_t len);
extern bool netstack_check_table_range(uint32_t first, uint32_t last, char *errmsg, size_t len);

/*
 * Checks against the other stacks in `tree`, any node of it.  Those that pass make the claim.
 */

/* The VRF of a stack; vrf NULL: the one that has the stack's name. */
extern bool netstack_check_vrf(const struct lyd_node *tree, const char *stack, const char *vrf,
			       char *errmsg, size_t len);
/* A configured table. */
extern bool netstack_check_table(const struct lyd_node *tree, const char *stack, uint32_t table,
				 char *errmsg, size_t len);
/* A member. */
extern bool netstack_check_interface(const struct lyd_node *tree, const char *stack,
				     const char *ifname, char *errmsg, size_t len);
/* What a member is created on. */
extern bool netstack_check_parent(const struct lyd_node *tree, const char *ifname,
				  const char *parent, char *errmsg, size_t len);
/*
 * Is the subnet of an address on no other interface of the stack?  If it is, that is only worth a
 * warning, and the claim is made all the same.  IPv6 link-local subnets are on every link.
 */
extern bool netstack_check_subnet(const struct lyd_node *tree, const char *stack,
				  const char *ifname, const struct prefix *address, char *warning,
				  size_t len);

/* `observed` gives the facts of the kernel; NULL: there are none (unit tests). */
extern void netstack_validate_init(const struct netstack_observed *(*observed)(void));
extern void netstack_validate_terminate(void);

/* For unit tests: claims in the index. */
extern size_t netstack_claims_total(void);

#endif /* _NETSTACK_VALIDATE_H */
