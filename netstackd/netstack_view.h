// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What there is to see of a stack, as lists: what is configured, with its state, and then what
 * the kernel has in the stack beyond that.  `show` in text, `show` in JSON and the YANG state are
 * three ways of writing the same lists.
 *
 * The lists point into desired and observed: they are good until the event loop goes on.  They
 * are darrs; the caller frees them with darr_free().
 */

#ifndef _NETSTACK_VIEW_H
#define _NETSTACK_VIEW_H

#include "netstackd/netstack_status.h"

/* An interface that is configured in the stack, or a link that is in it all the same. */
struct netstack_view_if {
	const struct netstack_if *nif;	  /* NULL: not configured here */
	const struct netstack_link *link; /* NULL: the kernel has no such link */
	const char *name;
	bool in_stack; /* the link is in the stack: in its VRF, or in none for `default` */
};

/* An address of an interface, IPv6 link-local ones left out. */
struct netstack_view_address {
	const struct netstack_prefix *prefix;
	bool in_force;
	char reason[NETSTACK_REASON_LEN]; /* why not in force */
};

/* A gateway: a next hop that was typed as default-gateway, or that carries traffic in its place. */
struct netstack_view_gateway {
	const struct netstack_route *route; /* NULL: not configured here */
	int family;			    /* of the default route */
	struct ipaddr address;		    /* IPADDR_NONE: the interface alone is the way */
	const char *ifname; /* configured, or of the subnet that it is in; "": none (yet) */
	char protocol[16];  /* "netstack" if it is configured, else that of the route */
	int distance;	    /* -1: not known */
	struct netstack_status status;
};

/* A configured next hop, or a next hop that the kernel has in the stack's table beyond those. */
struct netstack_view_route {
	const struct netstack_route *route;   /* NULL: not configured here */
	const struct netstack_fib_route *fib; /* NULL: not in the kernel, or `route` is not NULL */
	const struct netstack_fib_nexthop *hop; /* NULL: `route`, or a blackhole and the like */
	const char *ifname;			/* "": none */
	const char
		*protocol; /* NULL: as the kernel has it; "netstack", "leak": zebra has it of us */
};

/* A permanent neighbour that is configured, or an entry that the kernel has beyond those. */
struct netstack_view_neighbor {
	const struct netstack_neighbor *neighbor;   /* NULL: not configured here */
	const struct netstack_link_neighbor *entry; /* NULL: not in the kernel */
	const char *ifname;
};

extern struct netstack_view_if *netstack_view_ifs(const struct netstack *stack);
extern struct netstack_view_address *netstack_view_addresses(const struct netstack_view_if *view);
extern struct netstack_view_gateway *netstack_view_gateways(const struct netstack *stack);
/* Of these, those that are not configured. */
extern struct netstack_view_gateway *netstack_view_learned_gateways(const struct netstack *stack);
extern struct netstack_view_route *netstack_view_routes(const struct netstack *stack);
extern struct netstack_view_neighbor *netstack_view_neighbors(const struct netstack *stack);

/* NULL: there is no link, or it has none, as a loopback. */
extern const struct ethaddr *netstack_view_if_mac(const struct netstack_view_if *view);
extern void netstack_view_if_status(const struct netstack_view_if *view,
				    struct netstack_status *status);
extern void netstack_view_route_status(const struct netstack_view_route *view,
				       struct netstack_status *status);
extern void netstack_view_neighbor_status(const struct netstack *stack,
					  const struct netstack_view_neighbor *view,
					  struct netstack_status *status);

extern const struct netstack_prefix *netstack_view_prefix(const struct netstack_view_route *view);
/* "10.0.0.1", "blackhole", "unreachable", …; "" for a subnet of the stack's own.  Returns buf. */
extern const char *netstack_view_nexthop(const struct netstack_view_route *view, char *buf,
					 size_t len);
/* Who put the route in: "netstack", "connected", "bgp", … */
extern const char *netstack_view_protocol(const struct netstack_view_route *view, char *buf,
					  size_t len);
/* "permanent": it stays; "dynamic": it was learned, and `clear` removes it. */
extern const char *netstack_view_neighbor_kind(const struct netstack_view_neighbor *view);
/* NULL: the entry has none (yet). */
extern const struct ethaddr *netstack_view_neighbor_mac(const struct netstack_view_neighbor *view);
extern const struct ipaddr *
netstack_view_neighbor_address(const struct netstack_view_neighbor *view);

/* Table in force, 254 (main) for `default`; 0: none (yet). */
extern uint32_t netstack_view_table(const struct netstack *stack);
/* "vrf" or "netns": FRR's choice for the whole router (-w). */
extern const char *netstack_view_backend(void);
/* Is `ifname` such as netstack_view_ifs() calls "up"?  Counts for the column "up/all". */
struct netstack_view_count {
	unsigned int up;
	unsigned int all;
};
extern struct netstack_view_count netstack_view_if_count(const struct netstack *stack);
extern struct netstack_view_count netstack_view_gateway_count(const struct netstack *stack);

#endif /* _NETSTACK_VIEW_H */
