// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Next hops that are tracked by BFD (RFC 5880, RFC 5881), by FRR's BFD daemon and libfrr's client of
 * it (lib/bfd.h).
 *
 * bfdd answers each registration with the session's state, which is down for a new one: a session
 * that has never been up says nothing of the next hop until it has had time to come up
 * (COME_UP_MSEC).  That holds for a start of netstackd, and for one of bfdd, which makes the sessions
 * anew: what was up is unknown then, and used.
 *
 * Nobody tells that bfdd is gone.  If it does not answer, the tracker says so, has no opinion, and
 * asks again: an operator who restarts bfdd does not want to lose the way out.
 *
 * 'Administratively down' says that somebody does not want BFD to be looked at, and not that the path
 * is down (RFC 5882, 3.2): likewise no opinion.
 */

#include <zebra.h>

#include "bfd.h"
#include "frrevent.h"
#include "lib_errors.h"
#include "log.h"
#include "memory.h"
#include "vrf.h"
#include "zclient.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_errors.h"
#include "netstackd/netstack_gateway_impl.h"
#include "netstackd/netstack_zebra.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_BFD_WATCH, "BFD session of a next hop");

/*
 * Milliseconds that a session has to come up: while it is not, each side sends a packet a second
 * (RFC 5880, 6.8.3), and it takes three.
 */
#define COME_UP_MSEC 5000
/* Milliseconds that bfdd has to answer before it is asked again: doubled each time. */
#define ANSWER_FIRST 1000
#define ANSWER_MAX   60000

PREDECL_DLIST(bfd_watches);

struct bfd_watch {
	struct bfd_watches_item item;
	struct netstack_tracker *tracker;
	struct bfd_session_params *session;
	struct event *t_wait; /* for an answer, then for the session to come up */
	unsigned int wait;    /* milliseconds for an answer */
	bool absent;	      /* bfdd has no such profile, as it said the last time */
	bool told;	      /* and that was logged */
};

DECLARE_DLIST(bfd_watches, struct bfd_watch, item);

static struct bfd_watches_head watches[1];
static bool needs_links;

bool netstack_gateway_bfd_needs_links(void)
{
	return needs_links;
}

/*
 * zebra is asked for all links: from now on they are passed on to the library.  bfdd names a link with each
 * session in a VRF, the VRF device if no other is known.
 */
static void need_links(void)
{
	if (needs_links)
		return;
	needs_links = true;
	if (!vrf_is_backend_netns())
		netstack_zebra_send_links();
}

static void not_up(struct event *event)
{
	struct bfd_watch *watch = EVENT_ARG(event);
	struct netstack *stack = watch->tracker->stack;

	if (netstack_tracker_input(watch->tracker, NETSTACK_TRACK_DEAD,
				   "BFD session is down: it has not come up"))
		netstack_gateway_publish(stack);
}

/* The session is new: for some time it says nothing. */
static void wait_for(struct bfd_watch *watch, void (*expired)(struct event *event),
		     unsigned int msec)
{
	EVENT_OFF(watch->t_wait);
	event_add_timer_msec(master, expired, watch, msec, &watch->t_wait);
}

/* bfdd drops what it cannot know yet, such as a VRF that it has not heard of. */
static void no_answer(struct event *event)
{
	struct bfd_watch *watch = EVENT_ARG(event);

	netstack_tracker_excuse(watch->tracker, "bfdd does not answer: is it running?");
	bfd_sess_install(watch->session);
	watch->wait = MIN(2 * watch->wait, ANSWER_MAX);
	wait_for(watch, no_answer, watch->wait);
}

/* True: the next hop may be used now, or may not any more. */
static bool session_down(struct bfd_watch *watch)
{
	struct netstack_tracker *tracker = watch->tracker;

	if (tracker->state != NETSTACK_TRACK_UNKNOWN)
		return netstack_tracker_input(tracker, NETSTACK_TRACK_DEAD, "BFD session is down");
	netstack_tracker_excuse(tracker, "BFD session has not come up yet");
	wait_for(watch, not_up, COME_UP_MSEC);
	return false;
}

static void session_changed(struct bfd_session_params *session,
			    const struct bfd_session_status *status, void *arg)
{
	struct bfd_watch *watch = arg;
	struct netstack *stack = watch->tracker->stack;
	bool changed = false;

	EVENT_OFF(watch->t_wait);
	switch (status->state) {
	case BSS_UP:
		changed = netstack_tracker_input(watch->tracker, NETSTACK_TRACK_ALIVE, "%s", "");
		break;
	case BSS_DOWN:
		changed = session_down(watch);
		break;
	case BSS_ADMIN_DOWN:
		changed = netstack_tracker_forget(watch->tracker,
						  "BFD session is administratively down");
		break;
	case BSS_UNKNOWN:
		break;
	}
	if (changed)
		netstack_gateway_publish(stack);
}

/*
 * The interface is given to bfdd if it was typed, as staticd does: so a `peer` of bfdd's own
 * configuration and we mean the same session.
 */
static void open_session(struct bfd_watch *watch)
{
	const struct netstack_tracker *tracker = watch->tracker;
	const char *profile = tracker->track.profile;

	need_links();
	watch->session = bfd_sess_new(session_changed, watch);
	if (IS_IPADDR_V4(&tracker->address))
		bfd_sess_set_ipv4_addrs(watch->session, NULL, &tracker->address.ipaddr_v4);
	else
		bfd_sess_set_ipv6_addrs(watch->session, NULL, &tracker->address.ipaddr_v6);
	bfd_sess_set_interface(watch->session, tracker->ifname[0] ? tracker->ifname : NULL);
	bfd_sess_set_vrf(watch->session, tracker->vrf_id);
	bfd_sess_set_profile(watch->session, profile[0] ? profile : NULL);
	bfd_sess_install(watch->session);
	watch->wait = ANSWER_FIRST;
	wait_for(watch, no_answer, watch->wait);
}

/* Said when it is so twice in a row: right after the start bfdd may be reading its configuration. */
static void profiles_heard(void)
{
	struct bfd_watch *watch;

	frr_each (bfd_watches, watches, watch) {
		const struct netstack_tracker *tracker = watch->tracker;
		const char *profile = tracker->track.profile;
		bool absent = profile[0] && netstack_profile_is_absent(profile);

		if (absent && watch->absent && !watch->told)
			flog_warn(
				EC_NETSTACK_BFD_PROFILE,
				"netstack %s: gateway %pIA is tracked by BFD with profile %s, which bfdd does not have: its defaults are in force",
				tracker->stack->name, &tracker->address, profile);
		watch->told = absent && watch->absent;
		watch->absent = absent;
	}
}

static void *bfd_start(struct netstack_tracker *tracker)
{
	struct bfd_watch *watch;

	if (!tracker->ifindex) {
		netstack_tracker_excuse(tracker,
					"it is in no subnet of the stack: BFD is with neighbors");
		return NULL;
	}
	watch = XCALLOC(MTYPE_NETSTACK_BFD_WATCH, sizeof(*watch));
	watch->tracker = tracker;
	bfd_watches_add_tail(watches, watch);
	if (tracker->track.profile[0])
		netstack_profiles_follow(profiles_heard);
	open_session(watch);
	return watch;
}

static void bfd_stop(struct netstack_tracker *tracker, void *arg)
{
	struct bfd_watch *watch = arg;

	EVENT_OFF(watch->t_wait);
	bfd_sess_free(&watch->session);
	bfd_watches_del(watches, watch);
	XFREE(MTYPE_NETSTACK_BFD_WATCH, watch);
	if (!bfd_watches_count(watches))
		netstack_profiles_unfollow();
}

const struct netstack_watcher netstack_watcher_bfd = {
	.start = bfd_start,
	.stop = bfd_stop,
};

/*
 * bfdd has forgotten all sessions.  libfrr would register them again, but keeps their last states,
 * and does not tell of one that is the same.
 */
static void open_anew(const char *reason)
{
	struct bfd_watch *watch;

	frr_each (bfd_watches, watches, watch) {
		if (watch->tracker->state == NETSTACK_TRACK_UP)
			netstack_tracker_forget(watch->tracker, "%s", reason);
		bfd_sess_free(&watch->session);
		open_session(watch);
	}
}

int netstack_gateway_bfd_replay(ZAPI_CALLBACK_ARGS)
{
	open_anew("bfdd has started anew");
	return 0;
}

void netstack_gateway_bfd_connected(struct zclient *zclient)
{
	bfd_client_sendmsg(zclient, ZEBRA_BFD_CLIENT_REGISTER, VRF_DEFAULT);
	open_anew("zebra has started anew");
}

void netstack_gateway_bfd_init(struct zclient *zclient, struct event_loop *loop)
{
	bfd_watches_init(watches);
	bfd_protocol_integration_init(zclient, loop);
}
