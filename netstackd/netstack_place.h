// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the links, neighbours and routes of a stack are, whatever the backend: in the daemon's own
 * namespace behind a VRF device, or in a namespace of the stack's.  For those who look; plans are
 * given their facts.
 */

#ifndef _NETSTACK_PLACE_H
#define _NETSTACK_PLACE_H

#include "netstack_desired.h"
#include "netstack_observed.h"

/* What is observed there.  Never NULL: without a namespace, nothing is. */
extern const struct netstack_observed *netstack_place_observed(const struct netstack *stack);
/*
 * Is there such a place: the VRF device with the stack's table, or the namespace?  True for the
 * default stack.
 */
extern bool netstack_place_exists(const struct netstack *stack);
/*
 * A link by name: in the stack's namespace, or else in the daemon's own, from where it may come.
 * NULL: there is none.
 */
extern struct netstack_link *netstack_place_link(const struct netstack *stack, const char *ifname);
/* Is the link in the stack? */
extern bool netstack_place_has(const struct netstack *stack, const struct netstack_link *link);
/* Calls cb for each link in the stack, as the kernel has it, not as configured. */
extern void netstack_place_each_link(const struct netstack *stack,
				     void (*cb)(const struct netstack_link *link, void *arg),
				     void *arg);
/* The parent of a link, wherever it is; NULL: it has none, or it is not observed. */
extern struct netstack_link *netstack_place_parent(const struct netstack *stack,
						   const struct netstack_link *link);
/* Is a link of the interface's name what the configuration says it is (netstack_link_matches())? */
extern bool netstack_place_matches(const struct netstack_if *nif, const struct netstack_link *link);
/* Number of the stack's routing table: RT_TABLE_MAIN in a namespace; 0: none yet. */
extern uint32_t netstack_place_table(const struct netstack *stack);
/* The routes in it; NULL: not observed. */
extern const struct netstack_fib_table *netstack_place_fib(const struct netstack *stack);

/* Frees what it keeps. */
extern void netstack_place_terminate(void);

#endif /* _NETSTACK_PLACE_H */
