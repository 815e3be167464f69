// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The audit of what separates the stacks: guards, rules, leaks, and everything else by which a
 * packet could get from one stack to another.  `show netstack isolation`.
 */

#ifndef _NETSTACK_ISOLATION_H
#define _NETSTACK_ISOLATION_H

#include <stdbool.h>

#include "netstackd/netstack_status.h"

struct json_object;
struct vty;

/* A route by which packets leave a stack, and that no leak of its configuration put there. */
struct netstack_crossing {
	const struct netstack_fib_route *route;
	const struct netstack_link *link; /* outside of the stack; NULL: it is a `throw` */
};

struct netstack_isolation {
	/*
	 * isolated: nothing gets out or in; leaking: by configured leaks alone; exposed: by
	 * something else, which the reason names; down: there is no such stack in the kernel
	 */
	struct netstack_status status;
	bool has_table;	      /* the guards and rules below mean something: a VRF device */
	bool guards[2];	      /* the unreachable defaults, IPv4 and IPv6 */
	unsigned int rules;   /* of `ip rule`, other than l3mdev's, that look into its table */
	unsigned int detours; /* of `ip rule`, that take its packets elsewhere before l3mdev's */
	const struct netstack_rule *detour;  /* the first of those; NULL: there is none */
	struct netstack_crossing *crossings; /* a darr */
};

/* Good until the event loop goes on; the caller frees it with netstack_isolation_fini(). */
extern void netstack_isolation_look(const struct netstack *stack,
				    struct netstack_isolation *isolation);
extern void netstack_isolation_fini(struct netstack_isolation *isolation);

extern void netstack_isolation_show(struct vty *vty);
extern struct json_object *netstack_isolation_json(void);
/* The leaks of one stack, with the routes that have crossed: an array. */
extern struct json_object *netstack_json_leaks(const struct netstack *stack);

#endif /* _NETSTACK_ISOLATION_H */
