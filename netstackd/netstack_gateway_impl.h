// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the files netstack_gateway*.c share; nobody else's business.
 */

#ifndef _NETSTACK_GATEWAY_IMPL_H
#define _NETSTACK_GATEWAY_IMPL_H

#include "printfrr.h"

#include "netstackd/netstack_gateway.h"

struct event;

PREDECL_RBTREE_UNIQ(netstack_tracker_tree);

struct netstack_tracker {
	struct netstack_tracker_tree_item item;
	struct netstack *stack;

	/* the key */
	struct ipaddr address;
	char ifname[IFNAMSIZ]; /* configured; "": none */
	struct netstack_track track;

	enum netstack_track_state state;
	char reason[128];	/* why it is down, or cannot be told */
	bool told_down;		/* in the log, and not that it is up again */
	time_t since;		/* wall clock */
	struct timeval changed; /* monotonic */
	struct event *t_hold;

	/* where it is, or was; `watch` NULL: it is not watched now */
	vrf_id_t vrf_id;
	enum netstack_gateway_place place;
	int ifindex; /* 0: on no link */
	void *watch; /* the watcher's own */

	/* mark and sweep: where it is from now on */
	bool wanted;
	struct {
		vrf_id_t vrf_id;
		enum netstack_gateway_place place;
		int ifindex;
		char reason[128]; /* why it is nowhere */
	} next;
};

/* Somebody who watches. */
struct netstack_watcher {
	/* Starts to watch; NULL: it cannot be done, and the tracker says why. */
	void *(*start)(struct netstack_tracker *tracker);
	/* Ends it, and frees what start() gave. */
	void (*stop)(struct netstack_tracker *tracker, void *watch);
};

extern const struct netstack_watcher netstack_watcher_bfd;
extern const struct netstack_watcher netstack_watcher_arp;
extern const struct netstack_watcher netstack_watcher_icmp;

/*
 * The watcher saw something; `format` says what.  True: the next hop may
 * be used now, or may not any more; netstack_gateway_publish() has to follow.
 */
extern bool netstack_tracker_input(struct netstack_tracker *tracker,
				   enum netstack_track_event event, const char *format, ...)
	PRINTFRR(3, 4);
/*
 * Sends what the stack's routes are now to zebra.  Trackers can start, stop and vanish meanwhile,
 * so that comes last.
 */
extern void netstack_gateway_publish(struct netstack *stack);
/*
 * What the watcher knew is worth nothing any more, because of `format`: the state is unknown.  True
 * as above.
 */
extern bool netstack_tracker_forget(struct netstack_tracker *tracker, const char *format, ...)
	PRINTFRR(2, 3);
/* The watcher cannot tell, because: */
extern void netstack_tracker_excuse(struct netstack_tracker *tracker, const char *format, ...)
	PRINTFRR(2, 3);

/*
 * The profile that is in force for the next hop of a tracker by BFD, "" for none: other lines of the same
 * next hop share its session, and may name another one.
 */
extern const char *netstack_gateway_bfd_profile(const struct netstack_tracker *tracker);

/*
 * Which BFD profiles there are, asked of bfdd now and then: `heard` is called after each answer.
 * A name is absent if bfdd has answered and has no such profile.
 */
extern void netstack_profiles_follow(void (*heard)(void));
extern void netstack_profiles_unfollow(void);
extern bool netstack_profile_is_absent(const char *name);

#endif /* _NETSTACK_GATEWAY_IMPL_H */
