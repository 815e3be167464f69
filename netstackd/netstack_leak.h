// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Leaks: `leak from NAME prefix-list PLIST`, the only way that a route crosses between stacks.
 *
 * What crosses is what the kernel has in the table of the source: subnets of its interfaces,
 * static routes, what protocols have learned there.  Not the unreachable default of the table, not
 * link-local and multicast prefixes, and nothing that leads out of the source by itself: a route
 * that has come in by a leak does not go on by another.  So two stacks can leak to each other, and
 * no loop can come of it.
 *
 * A leaked route is sent to zebra as one of ours in the stack, with distance NETSTACK_LEAK_DISTANCE
 * and next hops in the VRF of the source.  Subnets lead to the source's VRF device, so that the
 * kernel looks the destination up in there once more, and the addresses of the source itself can be
 * reached, too.
 *
 * Each stack has a set of the routes that leak into it.  It is made anew, by a walk over the
 * source's table, when the source, the configuration or a prefix-list has changed.
 */

#ifndef _NETSTACK_LEAK_H
#define _NETSTACK_LEAK_H

#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_observed.h"
#include "netstackd/netstack_status.h"

/* Behind all that protocols learn (BGP's own distance of internal routes is 200 as well). */
#define NETSTACK_LEAK_DISTANCE 201

PREDECL_RBTREE_UNIQ(netstack_leaked_routes);

/* A route that crosses. */
struct netstack_leaked_route {
	struct netstack_leaked_routes_item item;
	struct netstack_prefix prefix;
	uint8_t type; /* RTN_UNICAST, or RTN_BLACKHOLE, _UNREACHABLE, _PROHIBIT without next hops */
	bool has_more; /* to be looked up in the source's table: see struct netstack_fib_route */
	uint16_t nexthop_count;
	struct netstack_fib_nexthop nexthops[]; /* links in the source */
};

extern int netstack_leaked_route_cmp(const struct netstack_leaked_route *a,
				     const struct netstack_leaked_route *b);
DECLARE_RBTREE_UNIQ(netstack_leaked_routes, struct netstack_leaked_route, item,
		    netstack_leaked_route_cmp);

/* Prefix-lists, and the hooks that tell of their changes.  Once, before configuration is read. */
extern void netstack_leak_init(void);
/* Frees them.  At the end. */
extern void netstack_leak_terminate(void);
/* The stack is about to be freed. */
extern void netstack_leak_forget(struct netstack *stack);

/* The configuration of the stack has changed. */
extern void netstack_leak_config_changed(struct netstack *stack);
/* Something of the stack has changed: `dirty` is called for each stack that it leaks into. */
extern void netstack_leak_source_changed(const struct netstack *source,
					 void (*dirty)(struct netstack *stack));

/*
 * Brings the set of what leaks into the stack up to date.  False if a source is not ready to be
 * read, so that something may be missing that was there before a restart.
 */
extern bool netstack_leak_refresh(struct netstack *stack);
/* Calls cb for each route that leaks into the stack, first those of the first leak. */
extern void netstack_leak_each(const struct netstack *stack,
			       void (*cb)(const struct netstack_leaked_route *route,
					  const struct netstack *source, void *arg),
			       void *arg);
/* The first leaked route of the prefix, and the stack that it is of; NULL: there is none. */
extern const struct netstack_leaked_route *netstack_leak_find(const struct netstack *stack,
							      const struct netstack_prefix *prefix,
							      const struct netstack **source);
/* The routes of one leak; NULL: it is not in force. */
extern const struct netstack_leaked_routes_head *
netstack_leak_routes(const struct netstack_leak *leak);

/* How many routes it has; those that are not installed, too.  0: it is not in force. */
extern size_t netstack_leak_route_count(const struct netstack_leak *leak);

/* "active": what is permitted crosses; "pending": it is not in force. */
extern void netstack_leak_status(const struct netstack_leak *leak, struct netstack_status *status);
/* "installed", or "pending" with the reason. */
extern void netstack_leak_route_status(const struct netstack_leak *leak,
				       const struct netstack_leaked_route *route,
				       struct netstack_status *status);

/*
 * Can the route cross at all: is it of the stack itself?  `inside` says whether a link is the
 * stack's.
 */
extern bool netstack_leak_may_cross(const struct netstack_fib_route *route,
				    bool (*inside)(int ifindex, const void *arg), const void *arg);
/* Does the prefix-list of the prefix's family permit it?  One that is absent or empty does not. */
extern bool netstack_leak_permits(const char *plist, const struct netstack_prefix *prefix);

#endif /* _NETSTACK_LEAK_H */
