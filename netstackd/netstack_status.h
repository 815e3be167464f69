// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is in force and why not, in words: for `show` and for the YANG state.  Reads desired,
 * observed, zebra's answers and the problems; changes nothing and asks nobody.
 */

#ifndef _NETSTACK_STATUS_H
#define _NETSTACK_STATUS_H

#include "netstack_desired.h"
#include "netstack_observed.h"

#define NETSTACK_REASON_LEN 256

struct netstack_status {
	const char *state; /* a static word: "up", "pending", "active", … (cli.md) */
	char reason[NETSTACK_REASON_LEN]; /* "" if there is nothing to say */
};

/* up, degraded, down, shutdown, removing */
extern void netstack_status_stack(const struct netstack *stack, struct netstack_status *status);
/* up, down, pending */
extern void netstack_status_if(const struct netstack_if *nif, struct netstack_status *status);
/* is the configured address on the link: "installed" or "pending" */
extern void netstack_status_address(const struct netstack_if *nif,
				    const struct netstack_address *address,
				    struct netstack_status *status);
/* gateways: active, standby, unreachable, pending; routes: installed, pending */
extern void netstack_status_route(const struct netstack_route *route,
				  struct netstack_status *status);
/* installed, pending */
extern void netstack_status_neighbor(const struct netstack *stack,
				     const struct netstack_neighbor *neighbor,
				     struct netstack_status *status);

/* As `ip neigh show vrf NAME` lists them, IPv4 and IPv6. */
extern unsigned int netstack_status_neighbor_count(const struct netstack *stack);
/* As `ip route show vrf NAME` and `ip -6 route show vrf NAME` list them together. */
extern unsigned int netstack_status_route_count(const struct netstack *stack);

#endif /* _NETSTACK_STATUS_H */
