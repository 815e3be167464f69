// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the files netstack_zebra.c and netstack_rib*.c share; nobody else's business.
 *
 * A stack's rib has an entry for each prefix that it asks for, or that zebra still has.  An entry
 * knows what was sent, and what zebra said of it.
 */

#ifndef _NETSTACK_RIB_H
#define _NETSTACK_RIB_H

#include "nexthop.h"
#include "typesafe.h"
#include "zclient.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_zebra.h"

/* Milliseconds until a route that zebra did not install is sent again: doubled each time. */
#define NETSTACK_RIB_RESEND_FIRST 500
#define NETSTACK_RIB_RESEND_MAX	  60000
/*
 * Milliseconds after a start in which a tracked next hop that the kernel's route does not have is
 * not used before it has answered: longer than any detection with the usual settings.
 */
#define NETSTACK_RIB_DOUBT_MSEC 10000

struct netstack_fib_route;
struct netstack_fib_table;

PREDECL_RBTREE_UNIQ(rib_entries);
PREDECL_DLIST(unsettled_entries);
PREDECL_RBTREE_UNIQ(tracked_nexthops);
PREDECL_HASH(ribs);

/* A next hop that zebra tracks for us, in the stack's VRF. */
struct tracked {
	struct tracked_nexthops_item item;
	struct ipaddr address;
	bool registered; /* zebra was asked */
	bool answered;
	bool reachable;
	bool connected; /* by a connected route */
	bool blackhole; /* by one that drops, and that is not the default of the stack's table */
	bool foreign; /* by one that has leaked: out of the stack, and so not reachable from within */
	struct netstack_prefix by; /* what leads to it, if it is reachable */
	bool wanted;		   /* mark and sweep */
	bool doubtful;	  /* zebra's answer is not that of a subnet, and the kernel has one */
	uint32_t answers; /* of zebra, so far: each tells of another way to it */
	struct timeval asked_at; /* monotonic */
	unsigned int ask_again;	 /* milliseconds after which zebra is asked again if in doubt */
};

enum entry_note {
	NOTE_NONE = 0,
	NOTE_INSTALLED,
	NOTE_FAILED,
	NOTE_BETTER_WON,
	NOTE_REMOVED,
};

struct sent_nexthop {
	enum nexthop_types_t type;
	struct ipaddr gate;
	ifindex_t ifindex;
	vrf_id_t vrf_id; /* of the stack, or, of a leaked route, of the other one */
	enum blackhole_type bh_type;
	uint32_t resolution; /* zebra resolves it: tracked.answers at the time; else 0 */
};

/* A prefix of ours. */
struct rib_entry {
	struct rib_entries_item item;
	struct netstack_prefix prefix;

	struct sent_nexthop *nexthops; /* of the route that was sent */
	uint16_t nexthop_count;
	/* milliseconds after which it is sent again if not installed, NETSTACK_RIB_RESEND_MAX at most */
	uint16_t resend;
	uint8_t distance;
	enum entry_note note : 3;
	bool sent : 1;	    /* zebra has been sent a route and no withdrawal since */
	bool withdrawn : 1; /* a withdrawal was sent, zebra has not confirmed it */
	bool silent : 1;    /* and need not: what was never installed goes without a word */
	bool unsettled : 1; /* not known to be in the kernel, or to be gone from there */
	bool wanted : 1;    /* mark and sweep */
	bool deleted : 1;   /* the kernel announced its deletion */
	bool kept : 1;	    /* was in the kernel before it was sent: zebra kept it for us */
	bool unnoted : 1;   /* zebra need not tell of it: netstack_zebra_be_quiet() */

	struct unsettled_entries_item unsettled_item;
	struct timeval sent_at; /* monotonic */
	struct timeval missing; /* since when it is missing in the kernel; 0: it is not */
};

/* The default route that zebra has selected, whoever's it is; ours, too. */
struct selected_default {
	bool known;
	uint8_t type; /* ZEBRA_ROUTE_* */
	uint8_t distance;
	bool is_ours;
	bool is_ghost; /* zebra found it in the kernel: netstack_rib_lay_ghost() */
};

struct netstack_rib {
	struct netstack *stack;
	struct ribs_item by_vrf_id;	     /* if zebra knows the VRF */
	struct timeval entered;		     /* monotonic: since when it does */
	vrf_id_t vrf_id;		     /* VRF_UNKNOWN: it does not */
	uint32_t room;			     /* how many further routes the limit allows for */
	bool refused;			     /* there was a prefix that it did not */
	struct selected_default defaults[2]; /* IPv4, IPv6 */
	bool follows_default[2];	     /* zebra was asked to tell of default routes */
	bool graceful : 1;		     /* zebra was asked to keep the routes of this VRF */
	bool complete : 1;		     /* zebra was told that all routes are there */
	bool current : 1; /* zebra has all that the stack asks for, but for `changed` */
	struct netstack_prefix *changed; /* a darr: of those the configuration has changed */
	struct rib_entries_head entries;
	struct rib_entries_head ghosts;		 /* what had been sent when zebra died */
	struct rib_entry *last_found;		 /* NULL: nothing yet, or it is gone */
	struct unsettled_entries_head unsettled; /* those that are to be looked after */
	struct tracked_nexthops_head tracked;
	struct event *t_fib;
	struct event *t_sweep; /* a next hop may be tracked for nothing */
	struct event *t_doubt;
};

extern int netstack_rib_entry_cmp(const struct rib_entry *a, const struct rib_entry *b);
extern int netstack_rib_tracked_cmp(const struct tracked *a, const struct tracked *b);

DECLARE_RBTREE_UNIQ(rib_entries, struct rib_entry, item, netstack_rib_entry_cmp);
DECLARE_DLIST(unsettled_entries, struct rib_entry, unsettled_item);
DECLARE_RBTREE_UNIQ(tracked_nexthops, struct tracked, item, netstack_rib_tracked_cmp);

enum verdict {
	VERDICT_PENDING,     /* something is missing that configuration or time may bring */
	VERDICT_WAITING,     /* zebra has not answered yet */
	VERDICT_UNREACHABLE, /* all is there, but down */
	VERDICT_USABLE,
};

/* What is known of a next hop; `reason` may be NULL. */
struct judgement {
	const struct netstack_route *route;
	ifindex_t ifindex; /* the link that it leads out of; 0: zebra resolves it */
	bool on_link;	   /* in a subnet of a running link */
	char *reason;
	size_t len;
};

/* A route that is being put together. */
struct candidate {
	struct netstack_prefix prefix;
	bool awaited; /* a next hop that cannot be used now is configured: it may be back at any time */
	uint8_t distance;
	uint16_t count;
	struct sent_nexthop nexthops[MULTIPATH_NUM];
};

/* The connection to zebra (netstack_zebra.c); NULL: not initialised. */
extern struct zclient *netstack_zclient;
extern unsigned int netstack_ecmp_max; /* next hops of a route, at most, says zebra */

/* zebra said something of a route, a link or a VRF. */
extern void netstack_zebra_heard(void);
/* It has installed a route, as the kernel says. */
extern void netstack_zebra_worked(void);
/*
 * The time, monotonic, when it was looked at the last: what is done for thousands of routes at a time is
 * done at one time; and milliseconds from `since` to then.
 */
extern void netstack_rib_look_at_clock(void);
extern const struct timeval *netstack_rib_clock(void);
extern int64_t netstack_rib_age(const struct timeval *since);

/*
 * zebra tells us of each route of ours that it has installed or removed (ZEBRA_ROUTE_NOTIFY_OWNER), which
 * takes it a sixth of what their installation takes.  Of very many new ones it need not: the kernel
 * tells of them, too.  So it is quiet from now on, until a second has passed in which it installed none of
 * them, or a route is withdrawn; but not while it has yet to confirm a withdrawal, as nobody else does.  What is
 * on its way, or is sent meanwhile, counts as installed when the kernel has it, and is sent again, as all
 * others, if it has not.
 */
extern void netstack_zebra_be_quiet(void);
extern void netstack_zebra_be_loud(void);
extern bool netstack_zebra_is_quiet(void);
/*
 * The VRF's id if zebra knows it: a VRF device under the kernel's ifindex, a namespace by its name.
 * Else VRF_UNKNOWN.
 */
extern vrf_id_t netstack_zebra_vrf_id(const struct netstack *stack);
/*
 * Is it too early to take what was sent `age` milliseconds ago for lost?  So it is for `patience`
 * milliseconds, and for as long as zebra goes on talking, within bounds.
 */
extern bool netstack_rib_is_on_its_way(int64_t age, unsigned int patience);
/*
 * When to look again at what may be on its way, in milliseconds: rarer and rarer while zebra is busy,
 * which it is longest when a thousand stacks wait for it.
 */
extern unsigned int netstack_rib_until_lost(int64_t age, unsigned int patience);

/*
 * netstack_rib.c: a rib belongs to its stack, and is made when it is first asked for.
 */
extern struct netstack_rib *netstack_rib_get(struct netstack *stack);
/* Frees the stack's rib, if it has one, with all that is in it; zebra is not told. */
extern void netstack_rib_free(struct netstack *stack);
/* zebra has forgotten all of it, with the VRF or with the connection: so do we. */
extern void netstack_rib_reset(struct netstack_rib *rib);
/* zebra knows the stack's VRF by this id, and nothing of ours in it.  VRF_UNKNOWN: not yet. */
extern void netstack_rib_enter_vrf(struct netstack_rib *rib, vrf_id_t vrf_id);
/* The stack of a VRF id in a message, one that is being removed, too; NULL: there is none. */
extern struct netstack *netstack_rib_stack(vrf_id_t vrf_id);
/* The connection has ended for good. */
extern void netstack_rib_terminate(void);

/* The first next hop of a prefix: of those typed as default-gateway, or of those typed as route. */
extern const struct netstack_route *netstack_rib_first_of(const struct netstack *stack,
							  const struct netstack_prefix *prefix,
							  bool is_gateway);

/* The entry of a prefix; NULL: there is none. */
extern struct rib_entry *netstack_rib_find(const struct netstack_rib *rib,
					   const struct netstack_prefix *prefix);
extern void netstack_rib_free_entry(struct netstack_rib *rib, struct rib_entry *entry);
/* Are there withdrawals of which zebra has yet to say that they are done? */
extern bool netstack_rib_awaits_confirmations(void);
/* zebra says nothing of what is on its way, from now on: the kernel does. */
extern void netstack_rib_expect_no_notes(void);
/* Sends the entry's route as it is, or its withdrawal. */
extern void netstack_rib_send(const struct netstack_rib *rib, const struct rib_entry *entry,
			      bool add);
/*
 * A zebra that died takes the routes that it finds in the kernel when it is back for staticd's
 * (instance 0), prefers them to ours, and never lets go of them (doc/developer/upstream.md).  One
 * with our very next hops is a ghost of ours: it is withdrawn as staticd's.  Does nothing with a zebra that is
 * the same as before (netstack_zebra_process.h).
 */
extern void netstack_rib_lay_ghost(const struct netstack_rib *rib, const struct rib_entry *entry);
/* zebra has died: what it had of ours is remembered, as the next one may find it in the kernel. */
extern void netstack_rib_keep_ghosts(struct netstack_rib *rib);
/* All is sent that is to be there now: what is left of what was there before is withdrawn. */
extern void netstack_rib_lay_ghosts(struct netstack_rib *rib);
/*
 * Sends what the stack asks for and zebra does not have, and marks it as wanted.  True if some of
 * it has to wait for an answer of zebra's or of a tracker.
 */
extern bool netstack_rib_publish(struct netstack_rib *rib);
/* The same for one prefix, which is withdrawn if nothing asks for it any more. */
extern void netstack_rib_publish_prefix(struct netstack_rib *rib,
					const struct netstack_prefix *prefix);
/* The same for one that has no entry yet; false: it has one, and nothing is done. */
extern bool netstack_rib_publish_new(struct netstack_rib *rib,
				     const struct netstack_prefix *prefix);
/* Withdraws what is not marked as wanted. */
extern void netstack_rib_withdraw_unwanted(struct netstack_rib *rib);

/*
 * netstack_rib_nexthop.c
 */
extern struct tracked *netstack_rib_find_tracked(const struct netstack_rib *rib,
						 const struct ipaddr *address);
/*
 * Judges a next hop that is configured in the rib's stack, and has zebra track its address.  Fills
 * in the judgement, whose route and reason are set.
 */
extern enum verdict netstack_rib_track_and_judge(struct netstack_rib *rib,
						 struct judgement *judgement);
/* The same without a change; for what is shown. */
extern enum verdict netstack_rib_judge(struct judgement *judgement);
/*
 * zebra resolves a next hop that is in no subnet when the route is sent, and does not look again
 * when the way to it changes: the route has to be sent again then.  A number that changes with the
 * way; 0: it is in a subnet.
 */
extern uint32_t netstack_rib_resolution(const struct judgement *judgement);
/*
 * zebra does not always come back to a next hop whose link left the VRF and returned: as long as
 * the kernel has it in a subnet of a running link, it is asked anew.  Returns in how many
 * milliseconds to look again; 0: no doubt.
 */
extern unsigned int netstack_rib_check_tracked(const struct netstack_rib *rib,
					       struct tracked *tracked);
/* Tells zebra that what is not marked as wanted need not be tracked any more. */
extern void netstack_rib_untrack_unwanted(struct netstack_rib *rib);
/* Forgets all tracked next hops; zebra is not told. */
extern void netstack_rib_forget_tracked(struct netstack_rib *rib);
/* Trackers of gateways (netstack_gateway.h) are told where their next hops are. */
extern void netstack_rib_follow_next_hops(struct netstack_rib *rib);
/* zebra's answer: the callback `nexthop_update` of the zclient. */
extern void netstack_rib_nexthop_update(struct vrf *vrf, struct prefix *match,
					struct zapi_route *nhr);

/*
 * netstack_rib_leak.c
 */
extern bool netstack_rib_is_leaked(const struct netstack_rib *rib, const struct rib_entry *entry);
/* Adds what leaks into the stack, which comes after what is configured in it. */
extern void netstack_rib_add_leaked(const struct netstack_rib *rib, struct candidate *candidate);

/*
 * netstack_rib_default.c
 */
extern const struct selected_default *netstack_rib_default(const struct netstack_rib *rib,
							   const struct netstack_prefix *prefix);
/*
 * Has zebra tell which default routes it selects in the stack's VRF, if others have one there, or no
 * longer.  `waits`: not all that the stack asks for has been sent yet.
 */
extern void netstack_rib_follow_defaults(struct netstack_rib *rib, bool on, bool waits);
extern int netstack_rib_default_selected(ZAPI_CALLBACK_ARGS);

/*
 * netstack_rib_fib.c
 */
/* Is the kernel's route one of zebra's, and the one that was sent? */
extern bool netstack_rib_is_route_of(const struct netstack_fib_route *route,
				     const struct rib_entry *entry);
/* Does the kernel have a route of zebra's, from us or from staticd, with this prefix? */
extern bool netstack_rib_prefix_in_fib(const struct netstack_fib_table *table,
				       const struct netstack_prefix *prefix);
/* Is the route in the kernel; with `same`, with the very next hops that were sent? */
extern bool netstack_rib_is_in_fib(const struct netstack_fib_table *table,
				   const struct rib_entry *entry, bool same);
/*
 * A route of the same prefix in the kernel that is neither ours nor the unreachable default; NULL:
 * there is none.
 */
extern const struct netstack_fib_route *
netstack_rib_find_rival(const struct netstack_fib_table *table, const struct rib_entry *entry);
/* Is it a default route of which zebra has selected staticd's, which has the very same next hops? */
extern bool netstack_rib_is_same_as_staticd(const struct netstack_rib *rib,
					    const struct rib_entry *entry);
/*
 * zebra says that another route is better, and there is one.  It says so as well when a next hop
 * is inactive for a moment, as the unreachable default has the prefix then.
 */
extern bool netstack_rib_is_beaten(const struct netstack_rib *rib, const struct rib_entry *entry);
/*
 * What was sent has to be in the kernel: looks after what is not known to be, or after all of it, and
 * comes back as long as it is not.
 */
extern void netstack_rib_check_fib(struct netstack_rib *rib, bool all);
/* The entry is to be looked after from now on, or no longer. */
extern void netstack_rib_set_unsettled(struct netstack_rib *rib, struct rib_entry *entry,
				       bool unsettled);
/* zebra says that the entry's route is in the kernel. */
extern void netstack_rib_installed(struct netstack_rib *rib, struct rib_entry *entry);
/* Comes back after so many milliseconds at most. */
extern void netstack_rib_look_again(struct netstack_rib *rib, unsigned int msec);

#endif /* _NETSTACK_RIB_H */
