// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Gateways that are tracked: reachability, and when to fail over.
 *
 * Each tracked next hop has a tracker; lines of a stack with the same address, interface and
 * settings share one.  A tracker has a state (netstack_track.h) and somebody who watches:
 *
 *     bfd     a session of FRR's BFD daemon (netstack_gateway_bfd.c)
 *     arp     the kernel's own entry in its ARP or ND table (netstack_gateway_arp.c)
 *     icmp    echoes of our own, sent inside the stack (netstack_gateway_icmp.c)
 *
 * netstack_rib_nexthop.c asks whether a next hop is usable, and chooses among those that are.  When that
 * changes, the route goes to zebra at once (netstack_zebra_publish()): not with the next run.
 *
 * A tracker watches as long as the next hop can be watched at all: when its link goes down it is
 * down; when the stack is shut down or the link leaves it, the tracker forgets what it knew.
 */

#ifndef _NETSTACK_GATEWAY_H
#define _NETSTACK_GATEWAY_H

#include "vrf.h"
#include "zclient.h"

#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_track.h"

/* Where a next hop is, as far as that is known. */
enum netstack_gateway_place {
	NETSTACK_GATEWAY_UNDECIDED = -1, /* where it was: zebra has not said yet */
	NETSTACK_GATEWAY_NOWHERE = 0,	 /* out of reach of the stack, by configuration */
	NETSTACK_GATEWAY_LINK_DOWN,	 /* on a link of the stack that is down */
	NETSTACK_GATEWAY_ON_LINK,	 /* on a running link of the stack */
	NETSTACK_GATEWAY_ROUTED,	 /* in no subnet of the stack: a route leads to it */
};

/*
 * One round over the next hops of a stack: mark, follow each that is tracked, sweep.  What is not
 * followed has its tracker freed; the others are watched where they are by then.  `ifindex` is that
 * of the link, if it is on one; `reason` says why it is nowhere, if it is.
 */
extern void netstack_gateway_mark(struct netstack *stack);
extern void netstack_gateway_follow(const struct netstack_route *route, vrf_id_t vrf_id,
				    enum netstack_gateway_place place, int ifindex,
				    const char *reason);
extern void netstack_gateway_sweep(struct netstack *stack);
/* The stack is being moved, which is no failure: nothing is watched until the next round. */
extern void netstack_gateway_pause(struct netstack *stack);
/* The stack is about to be freed, or its VRF is gone: all its trackers are. */
extern void netstack_gateway_forget(struct netstack *stack);

/*
 * A neighbour is in another state, or gone: in the namespace of `inside`, or in the daemon's own if
 * that is NULL.  Cheap if it is none that is tracked; acts one event later.
 */
extern void netstack_gateway_neighbor_changed(struct netstack *inside, int ifindex,
					      const struct ipaddr *address);

/*
 * BFD goes over the connection to zebra: after zclient_init() and before it is made, and whenever it
 * has been made.
 */
extern void netstack_gateway_bfd_init(struct zclient *zclient, struct event_loop *loop);
extern void netstack_gateway_bfd_connected(struct zclient *zclient);
/* Is, or was, there any session, so that libfrr has to know all links? */
extern bool netstack_gateway_bfd_needs_links(void);
/* ZEBRA_BFD_DEST_REPLAY: bfdd has started. */
extern int netstack_gateway_bfd_replay(ZAPI_CALLBACK_ARGS);

/*
 * A gateway that has no tracker can be used, by the state of its link and zebra's next-hop tracking, or
 * cannot: logs and notifies when one that could be used cannot any more, and when it can again.
 */
extern void netstack_gateway_judged(const struct netstack_route *gateway, bool usable,
				    const char *reason);

/*
 * May the next hop be used, as far as its tracker knows?  True without one.  Writes why not, if
 * `reason` is not NULL.
 */
extern bool netstack_gateway_is_usable(const struct netstack_route *route, char *reason,
				       size_t len);

/* Is it tracked, and nothing known of it yet? */
extern bool netstack_gateway_is_unknown(const struct netstack_route *route);

/*
 * False, with the reason in errmsg: there is no such BFD profile.  bfdd is asked, and a quarter of a second
 * waited for at most; true if it does not answer.
 */
extern bool netstack_gateway_check_profile(const char *name, char *errmsg, size_t len);

/* May something happen that has to be noticed within milliseconds: is any tracked next hop up? */
extern bool netstack_gateway_any_up(void);

/* What there is to show of a tracker. */
struct netstack_gateway_status {
	enum netstack_track_state state;
	time_t since;	  /* wall clock */
	int64_t age;	  /* seconds since then */
	char reason[128]; /* "" if there is nothing to say */
};

/* False: the next hop is not tracked, or not yet. */
extern bool netstack_gateway_status(const struct netstack_route *route,
				    struct netstack_gateway_status *status);

#endif /* _NETSTACK_GATEWAY_H */
