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
 *
 * bfdd has one session for an address in a VRF and on an interface, and gives it up when a client does
 * not want it any more, however often that one asked for it (bfdd/ptm_adapter.c, pcn_new()).  So
 * trackers of the same next hop, which differ in the profile, or in whether the interface was typed, share
 * one here, as long as there is any: the peer at the other end sees no session that goes when one of two
 * lines does.  Of their profiles one is in force.
 */

#include <zebra.h>

#include "bfd.h"
#include "frrevent.h"
#include "lib_errors.h"
#include "log.h"
#include "memory.h"
#include "monotime.h"
#include "vrf.h"
#include "zclient.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_errors.h"
#include "netstackd/netstack_gateway_impl.h"
#include "netstackd/netstack_zebra.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_BFD_SESSION, "BFD session of a next hop");
DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_BFD_WATCH, "Tracker of a BFD session");

/*
 * Milliseconds that a session has to come up: while it is not, each side sends a packet a second
 * (RFC 5880, 6.8.3), and it takes three.
 */
#define COME_UP_MSEC 5000
/* Milliseconds that bfdd has to answer before it is asked again: doubled each time. */
#define ANSWER_FIRST 1000
#define ANSWER_MAX   60000
/*
 * Milliseconds after which a session that is administratively down is registered anew: bfdd leaves one
 * so when the `peer` in its configuration that said so is gone.
 */
#define ADMIN_AGAIN 10000
/* And that bfdd has to take a word back: a session that was down comes up later than that. */
#define TAKEN_BACK_MSEC 500

PREDECL_RBTREE_UNIQ(next_hop_sessions);
PREDECL_DLIST(bfd_watches);

/* Of one next hop, while it is tracked. */
struct next_hop_session {
	struct next_hop_sessions_item item;

	/* the key; after a start of zebra a VRF id can be another stack's, which hears of it before */
	struct netstack *stack;
	vrf_id_t vrf_id;
	int ifindex;
	struct ipaddr address;

	char ifname[IFNAMSIZ];		 /* as the first who watches has it configured; "": none */
	struct bfd_watches_head watches; /* at least one */
	struct bfd_session_params *params;
	enum bfd_session_state state; /* the last that bfdd told; BSS_UNKNOWN: none */
	char profile[NETSTACK_PROFILE_MAX + 1];
	struct event *t_wait; /* for an answer, then for the session to come up */
	struct event *t_publish;
	unsigned int wait;	/* milliseconds for an answer */
	struct timeval doubted; /* monotonic: when bfdd was asked whether it is down; 0: never */
};

/* A tracker, and its share in a session. */
struct bfd_watch {
	struct bfd_watches_item item;
	struct netstack_tracker *tracker;
	struct next_hop_session *session;
	bool absent; /* bfdd has no such profile, as it said the last time */
	bool told;   /* and that was logged */
};

static int session_cmp(const struct next_hop_session *a, const struct next_hop_session *b)
{
	return numcmp((uintptr_t)a->stack, (uintptr_t)b->stack) ?:
	       numcmp(a->vrf_id, b->vrf_id) ?: numcmp(a->ifindex, b->ifindex) ?:
	       ipaddr_cmp(&a->address, &b->address);
}

DECLARE_RBTREE_UNIQ(next_hop_sessions, struct next_hop_session, item, session_cmp);
DECLARE_DLIST(bfd_watches, struct bfd_watch, item);

static struct next_hop_sessions_head sessions[1] = { INIT_RBTREE_UNIQ(sessions[0]) };
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

/* The session is new: for some time it says nothing. */
static void wait_for(struct next_hop_session *session, void (*expired)(struct event *event),
		     unsigned int msec)
{
	EVENT_OFF(session->t_wait);
	event_add_timer_msec(master, expired, session, msec, &session->t_wait);
}

static void not_up(struct event *event)
{
	struct next_hop_session *session = EVENT_ARG(event);
	struct bfd_watch *watch;
	bool changed = false;

	frr_each (bfd_watches, &session->watches, watch)
		if (watch->tracker->state == NETSTACK_TRACK_UNKNOWN)
			changed |=
				netstack_tracker_input(watch->tracker, NETSTACK_TRACK_DEAD,
						       "BFD session is down: it has not come up");
	if (changed)
		netstack_gateway_publish(session->stack);
}

/* bfdd drops what it cannot know yet, such as a VRF that it has not heard of. */
static void no_answer(struct event *event)
{
	struct next_hop_session *session = EVENT_ARG(event);
	struct bfd_watch *watch;

	frr_each (bfd_watches, &session->watches, watch)
		netstack_tracker_excuse(watch->tracker, "bfdd does not answer: is it running?");
	bfd_sess_install(session->params);
	session->wait = MIN(2 * session->wait, ANSWER_MAX);
	wait_for(session, no_answer, session->wait);
}

/* What the session's state is to one who watches it.  True: as netstack_tracker_input(). */
static bool judge(struct netstack_tracker *tracker, const struct next_hop_session *session)
{
	switch (session->state) {
	case BSS_UP:
		return netstack_tracker_input(tracker, NETSTACK_TRACK_ALIVE, "BFD session is up");
	case BSS_DOWN:
		if (tracker->state != NETSTACK_TRACK_UNKNOWN || !session->t_wait)
			return netstack_tracker_input(tracker, NETSTACK_TRACK_DEAD,
						      "BFD session is down");
		netstack_tracker_excuse(tracker, "BFD session has not come up yet");
		return false;
	case BSS_ADMIN_DOWN:
		return netstack_tracker_forget(tracker, "BFD session is administratively down");
	case BSS_UNKNOWN:
		break;
	}
	return false;
}

static bool any_is_unknown(const struct next_hop_session *session)
{
	const struct bfd_watch *watch;

	frr_each (bfd_watches_const, &session->watches, watch)
		if (watch->tracker->state == NETSTACK_TRACK_UNKNOWN)
			return true;
	return false;
}

static void publish(struct event *event)
{
	const struct next_hop_session *session = EVENT_ARG(event);

	netstack_gateway_publish(session->stack);
}

/* The first in the alphabet, so that it is the same after a restart; "": nobody has one. */
static const char *wanted_profile(const struct next_hop_session *session)
{
	const struct bfd_watch *watch;
	const char *wanted = "";

	frr_each (bfd_watches_const, &session->watches, watch) {
		const char *profile = watch->tracker->track.profile;

		if (profile[0] && (!wanted[0] || strcmp(profile, wanted) < 0))
			wanted = profile;
	}
	return wanted;
}

const char *netstack_gateway_bfd_profile(const struct netstack_tracker *tracker)
{
	const struct bfd_watch *watch = tracker->watch;

	return watch ? watch->session->profile : tracker->track.profile;
}

static void session_changed(struct bfd_session_params *params,
			    const struct bfd_session_status *status, void *arg);

/*
 * The interface is given to bfdd if it was typed, as staticd does: so a `peer` of bfdd's own
 * configuration and we mean the same session.
 */
static void open_session(struct next_hop_session *session)
{
	const char *ifname = session->ifname;

	need_links();
	strlcpy(session->profile, wanted_profile(session), sizeof(session->profile));
	session->state = BSS_UNKNOWN;
	session->params = bfd_sess_new(session_changed, session);
	if (IS_IPADDR_V4(&session->address))
		bfd_sess_set_ipv4_addrs(session->params, NULL, &session->address.ipaddr_v4);
	else
		bfd_sess_set_ipv6_addrs(session->params, NULL, &session->address.ipaddr_v6);
	bfd_sess_set_interface(session->params, ifname[0] ? ifname : NULL);
	bfd_sess_set_vrf(session->params, session->vrf_id);
	bfd_sess_set_profile(session->params, session->profile[0] ? session->profile : NULL);
	bfd_sess_install(session->params);
	session->wait = ANSWER_FIRST;
	wait_for(session, no_answer, session->wait);
}

/* A new session is down at first, and that says nothing of what was up. */
static void open_anew(struct next_hop_session *session, const char *reason)
{
	struct bfd_watch *watch;

	frr_each (bfd_watches, &session->watches, watch)
		if (watch->tracker->state == NETSTACK_TRACK_UP)
			netstack_tracker_forget(watch->tracker, "%s", reason);
	bfd_sess_free(&session->params);
	open_session(session);
}

static void admin_again(struct event *event)
{
	open_anew(EVENT_ARG(event), "BFD session is administratively down");
}

/*
 * bfdd says of a session whose interface or VRF goes that it is down in the default VRF, on no interface, and
 * libfrr takes that for each session there with the same address (doc/developer/upstream.md).  So it is asked.
 */
static void doubt(struct next_hop_session *session)
{
	monotime(&session->doubted);
	bfd_sess_install(session->params);
}

static bool is_taken_back(const struct next_hop_session *session)
{
	return session->state == BSS_UP && timerisset(&session->doubted) &&
	       monotime_since(&session->doubted, NULL) < TAKEN_BACK_MSEC * 1000;
}

/*
 * libfrr calls this on its way through all sessions, and remembers the next one meanwhile: none may go
 * here, as it does when routes are judged anew.  That is for the next event.
 */
static void session_changed(struct bfd_session_params *params,
			    const struct bfd_session_status *status, void *arg)
{
	struct next_hop_session *session = arg;
	struct bfd_watch *watch;
	bool changed = false;

	EVENT_OFF(session->t_wait);
	if (session->state == BSS_UP && status->state == BSS_DOWN && session->vrf_id == VRF_DEFAULT)
		doubt(session);
	session->state = status->state;
	if (session->state == BSS_DOWN && any_is_unknown(session))
		wait_for(session, not_up, COME_UP_MSEC);
	else if (session->state == BSS_ADMIN_DOWN)
		wait_for(session, admin_again, ADMIN_AGAIN);
	frr_each (bfd_watches, &session->watches, watch) {
		changed |= judge(watch->tracker, session);
		if (is_taken_back(session))
			changed |= netstack_tracker_input(watch->tracker, NETSTACK_TRACK_HELD,
							  "BFD session has been up all the time");
	}
	if (changed)
		event_add_event(master, publish, session, 0, &session->t_publish);
}

/*
 * Somebody has joined or left.  bfdd takes another profile for a session that is there, and no word
 * for that there is none any more.
 */
static void follow_profile(struct next_hop_session *session)
{
	const char *profile = wanted_profile(session);

	if (strmatch(profile, session->profile))
		return;
	if (!profile[0]) {
		open_anew(session, "BFD session is made anew, without a profile");
		return;
	}
	strlcpy(session->profile, profile, sizeof(session->profile));
	bfd_sess_set_profile(session->params, profile);
	bfd_sess_install(session->params);
}

static void free_session(struct next_hop_session *session)
{
	EVENT_OFF(session->t_wait);
	EVENT_OFF(session->t_publish);
	bfd_sess_free(&session->params);
	next_hop_sessions_del(sessions, session);
	bfd_watches_fini(&session->watches);
	XFREE(MTYPE_NETSTACK_BFD_SESSION, session);
}

static struct next_hop_session *get_session(const struct netstack_tracker *tracker)
{
	struct next_hop_session key = {
		.stack = tracker->stack,
		.vrf_id = tracker->vrf_id,
		.ifindex = tracker->ifindex,
		.address = tracker->address,
	};
	struct next_hop_session *session;

	session = next_hop_sessions_find(sessions, &key);
	if (session)
		return session;
	session = XCALLOC(MTYPE_NETSTACK_BFD_SESSION, sizeof(*session));
	*session = key;
	strlcpy(session->ifname, tracker->ifname, sizeof(session->ifname));
	bfd_watches_init(&session->watches);
	next_hop_sessions_add(sessions, session);
	return session;
}

/* Said when it is so twice in a row: right after the start bfdd may be reading its configuration. */
static void profile_heard(struct bfd_watch *watch)
{
	const struct netstack_tracker *tracker = watch->tracker;
	const char *profile = tracker->track.profile;
	bool absent = profile[0] && strmatch(profile, watch->session->profile) &&
		      netstack_profile_is_absent(profile);

	if (absent && watch->absent && !watch->told)
		flog_warn(
			EC_NETSTACK_BFD_PROFILE,
			"netstack %s: gateway %pIA is tracked by BFD with profile %s, which bfdd does not have: its defaults are in force",
			tracker->stack->name, &tracker->address, profile);
	/* bfdd does not give it to a session that was there before it (doc/developer/upstream.md) */
	if (watch->absent && !absent && strmatch(profile, watch->session->profile))
		bfd_sess_install(watch->session->params);
	watch->told = absent && watch->absent;
	watch->absent = absent;
}

static void profiles_heard(void)
{
	struct next_hop_session *session;
	struct bfd_watch *watch;

	frr_each (next_hop_sessions, sessions, session)
		frr_each (bfd_watches, &session->watches, watch)
			profile_heard(watch);
}

static void *bfd_start(struct netstack_tracker *tracker)
{
	struct next_hop_session *session;
	struct bfd_watch *watch;

	if (!tracker->ifindex) {
		netstack_tracker_forget(tracker,
					"it is in no subnet of the stack: BFD is with neighbors");
		return NULL;
	}
	session = get_session(tracker);
	watch = XCALLOC(MTYPE_NETSTACK_BFD_WATCH, sizeof(*watch));
	watch->tracker = tracker;
	watch->session = session;
	bfd_watches_add_tail(&session->watches, watch);
	if (tracker->track.profile[0])
		netstack_profiles_follow(profiles_heard);
	if (!session->params) {
		open_anew(session, "BFD session is new");
		return watch;
	}
	follow_profile(session);
	/* it was up on another link: of this session it will hear that it is down first, as of a new one */
	if (tracker->state == NETSTACK_TRACK_UP && session->state != BSS_UP && session->t_wait)
		netstack_tracker_forget(tracker, "BFD session is new");
	judge(tracker, session); /* who asks for the start judges the routes after it */
	return watch;
}

static bool any_names_a_profile(void)
{
	const struct next_hop_session *session;
	const struct bfd_watch *watch;

	frr_each (next_hop_sessions_const, sessions, session)
		frr_each (bfd_watches_const, &session->watches, watch)
			if (watch->tracker->track.profile[0])
				return true;
	return false;
}

static void bfd_stop(struct netstack_tracker *tracker, void *arg)
{
	struct bfd_watch *watch = arg;
	struct next_hop_session *session = watch->session;

	bfd_watches_del(&session->watches, watch);
	XFREE(MTYPE_NETSTACK_BFD_WATCH, watch);
	if (bfd_watches_count(&session->watches))
		follow_profile(session);
	else
		free_session(session);
	if (tracker->track.profile[0] && !any_names_a_profile())
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
static void open_all_anew(const char *reason)
{
	struct next_hop_session *session;

	frr_each (next_hop_sessions, sessions, session)
		open_anew(session, reason);
}

int netstack_gateway_bfd_replay(ZAPI_CALLBACK_ARGS)
{
	open_all_anew("bfdd has started anew");
	return 0;
}

void netstack_gateway_bfd_connected(struct zclient *zclient)
{
	bfd_client_sendmsg(zclient, ZEBRA_BFD_CLIENT_REGISTER, VRF_DEFAULT);
	open_all_anew("zebra has started anew");
}

void netstack_gateway_bfd_init(struct zclient *zclient, struct event_loop *loop)
{
	bfd_protocol_integration_init(zclient, loop);
}
