// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Limits of what a stack can take: routes and neighbours.
 *
 * What counts is what the kernel has in the stack's routing table and on its links, whoever put it
 * there: that is what takes memory and time, and what `ip route` and `ip neigh` list.  zebra's RIB
 * has routes that are not in force, and lacks the kernel's.
 *
 * Who acts at the limit of
 *
 *     routes        netstack_rib.c does not send further routes (netstack_limit_enforced())
 *     neighbours    this removes the least recently confirmed dynamic ones
 *
 * The kernel's neighbour table is one for all namespaces: netstack_neigh_table.h.
 */

#ifndef _NETSTACK_LIMIT_H
#define _NETSTACK_LIMIT_H

#include "netstack_desired.h"
#include "netstack_limit_rules.h"
#include "netstack_status.h"

struct event_loop;

extern void netstack_limit_init(struct event_loop *loop);
extern void netstack_limit_terminate(void);

/*
 * What the stack has, or its limits, may have changed: it will be looked at, one event later.
 * Cheap, any number of times.
 */
extern void netstack_limit_look_soon(struct netstack *stack);
/* The link of the stack's namespace (`inside`), or else of the daemon's, has other neighbours. */
extern void netstack_limit_neighbors_changed(struct netstack *inside, int ifindex);
/* The stack is about to be freed. */
extern void netstack_limit_forget(struct netstack *stack);

/* How many of it the stack has. */
extern uint32_t netstack_limit_use(const struct netstack *stack, enum netstack_limit_kind kind);
/* The limit, if it is more than a warning; else 0. */
extern uint32_t netstack_limit_enforced(const struct netstack *stack,
					enum netstack_limit_kind kind);

/*
 * False, with the reason in errmsg, if the stack has more than max already.  The limit that it has
 * is always right.
 */
extern bool netstack_check_limit(const struct netstack *stack, enum netstack_limit_kind kind,
				 uint32_t max, char *errmsg, size_t len);

/* What there is to see of a limit. */
struct netstack_limit_view {
	uint32_t requested; /* 0: there is no limit */
	uint32_t in_force;  /* 0: none (yet) */
	uint32_t use;
	bool warning_only;
	enum netstack_limit_level level;
	char reason[NETSTACK_REASON_LEN];
};
/* All but what waits for room: that is looked for among all routes of the stack. */
extern void netstack_limit_figures(const struct netstack *stack, enum netstack_limit_kind kind,
				   struct netstack_limit_view *view);
extern void netstack_limit_view(const struct netstack *stack, enum netstack_limit_kind kind,
				struct netstack_limit_view *view);

#endif /* _NETSTACK_LIMIT_H */
