// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Gateways that are tracked: the trackers of a stack, and their states.
 */

#include <zebra.h>

#include "frrevent.h"
#include "log.h"
#include "memory.h"
#include "monotime.h"
#include "typesafe.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_gateway_impl.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_nb.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_plan.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_zebra.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_TRACKER, "Tracker of a next hop");
DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_TRACKERS, "Trackers of a stack");

static int tracker_cmp(const struct netstack_tracker *a, const struct netstack_tracker *b)
{
	return ipaddr_cmp(&a->address, &b->address) ?: strcmp(a->ifname, b->ifname) ?:
	       netstack_track_cmp(&a->track, &b->track);
}

DECLARE_RBTREE_UNIQ(netstack_tracker_tree, struct netstack_tracker, item, tracker_cmp);

static size_t up_count; /* trackers of all stacks that are up */

struct netstack_trackers {
	struct netstack_tracker_tree_head tree;
};

static const struct netstack_watcher *const watchers[] = {
	[NETSTACK_TRACK_NONE] = NULL,
	[NETSTACK_TRACK_BFD] = &netstack_watcher_bfd,
	[NETSTACK_TRACK_ARP] = &netstack_watcher_arp,
	[NETSTACK_TRACK_ICMP] = &netstack_watcher_icmp,
};

/* ------------------------------------------------------------------------------------------
 * States
 */

static void held(struct event *event)
{
	struct netstack_tracker *tracker = EVENT_ARG(event);
	struct netstack *stack = tracker->stack;
	uint32_t seconds = tracker->track.hold_down;
	bool changed = seconds ? netstack_tracker_input(tracker, NETSTACK_TRACK_HELD,
							"it has answered for %u s", seconds)
			       : netstack_tracker_input(tracker, NETSTACK_TRACK_HELD, "it answers");

	if (changed)
		netstack_gateway_publish(stack);
}

static void announce(const struct netstack *stack, const struct ipaddr *address, const char *ifname,
		     enum netstack_track_kind kind, bool up, const char *reason)
{
	bool is_link_local = IS_IPADDR_V6(address) && IN6_IS_ADDR_LINKLOCAL(&address->ipaddr_v6);
	const char *on = is_link_local ? " on " : "", *link = is_link_local ? ifname : "";

	zlog_notice("netstack %s: gateway %pIA%s%s is %s: %s", stack->name, address, on, link,
		    up ? "up" : "down", reason);
	netstack_nb_notify_gateway(stack, address, ifname, kind, up, reason);
}

/* What somebody may wait for, each once. */
static void tell(struct netstack_tracker *tracker, bool up, const char *reason)
{
	const struct netstack *stack = tracker->stack;

	if (tracker->told_down == !up) {
		DEBUGD(&netstack_dbg_zebra, "netstack %s: tracked %pIA is %s", stack->name,
		       &tracker->address, netstack_track_state_word(tracker->state));
		return;
	}
	tracker->told_down = !up;
	announce(stack, &tracker->address, tracker->ifname, tracker->track.kind, up, reason);
}

void netstack_gateway_judged(const struct netstack_route *judged, bool usable, const char *reason)
{
	struct netstack_route *route = (struct netstack_route *)judged;
	bool down = !usable && (route->was_usable || route->told_down);

	if (route->stack->shutdown) {
		route->was_usable = false; /* its links need a moment when they are up again */
		return;
	}
	/* another name is no failure, and what it was is still so under the new one */
	if (netstack_is_renamed(route->stack, netstack_kernel_inside_name(route->stack)))
		return;
	route->was_usable |= usable;
	if (down == route->told_down)
		return;
	route->told_down = down;
	announce(route->stack, &route->gate, route->ifname, NETSTACK_TRACK_NONE, !down,
		 down ? reason : "it can be reached again");
}

/* The reason, if there has to be one, is written already. */
static void set_state(struct netstack_tracker *tracker, enum netstack_track_state state)
{
	enum netstack_track_state before = tracker->state;

	EVENT_OFF(tracker->t_hold);
	tracker->state = state;
	up_count += (state == NETSTACK_TRACK_UP) - (before == NETSTACK_TRACK_UP);
	tracker->since = time(NULL);
	monotime(&tracker->changed);
	if (netstack_track_is_usable(state))
		tracker->reason[0] = '\0';
	if (state == NETSTACK_TRACK_RETURNING)
		event_add_timer(master, held, tracker, tracker->track.hold_down, &tracker->t_hold);
}

static void enter(struct netstack_tracker *tracker, enum netstack_track_state state,
		  const char *reason)
{
	bool up = netstack_track_is_usable(state);

	set_state(tracker, state);
	tell(tracker, up, up ? reason : tracker->reason);
}

bool netstack_tracker_input(struct netstack_tracker *tracker, enum netstack_track_event event,
			    const char *format, ...)
{
	enum netstack_track_state next = netstack_track_next(tracker->state, event);
	bool usable = netstack_track_is_usable(tracker->state);
	char reason[sizeof(tracker->reason)];
	va_list args;

	va_start(args, format);
	vsnprintfrr(reason, sizeof(reason), format, args);
	va_end(args);
	if (event == NETSTACK_TRACK_ALIVE && next == NETSTACK_TRACK_UP)
		tracker->reason[0] = '\0';
	/* what is lost of one that is down already, before that alone would say so, is no reason */
	if (next == NETSTACK_TRACK_DOWN && (event == NETSTACK_TRACK_DEAD || next != tracker->state))
		strlcpy(tracker->reason, reason, sizeof(tracker->reason));
	if (next == tracker->state)
		return false;
	enter(tracker, next, reason);
	return usable != netstack_track_is_usable(next);
}

bool netstack_tracker_forget(struct netstack_tracker *tracker, const char *format, ...)
{
	bool usable = netstack_track_is_usable(tracker->state);
	char reason[sizeof(tracker->reason)];
	va_list args;

	va_start(args, format);
	vsnprintfrr(reason, sizeof(reason), format, args);
	va_end(args);
	if (tracker->state != NETSTACK_TRACK_UNKNOWN)
		enter(tracker, NETSTACK_TRACK_UNKNOWN, reason);
	strlcpy(tracker->reason, reason, sizeof(tracker->reason));
	return !usable;
}

void netstack_tracker_excuse(struct netstack_tracker *tracker, const char *format, ...)
{
	va_list args;

	if (tracker->state != NETSTACK_TRACK_UNKNOWN)
		return;
	va_start(args, format);
	vsnprintfrr(tracker->reason, sizeof(tracker->reason), format, args);
	va_end(args);
}

void netstack_gateway_publish(struct netstack *stack)
{
	netstack_zebra_publish(stack);
}

/* ------------------------------------------------------------------------------------------
 * Watching
 */

static void stop(struct netstack_tracker *tracker)
{
	if (tracker->watch)
		watchers[tracker->track.kind]->stop(tracker, tracker->watch);
	tracker->watch = NULL;
}

static void start(struct netstack_tracker *tracker)
{
	const struct netstack_watcher *watcher = watchers[tracker->track.kind];

	if (watcher)
		tracker->watch = watcher->start(tracker);
}

/* Is the link that the next hop was on still one of the stack? */
static bool link_is_there(const struct netstack_tracker *tracker)
{
	const struct netstack *stack = tracker->stack;
	const struct netstack_link *link =
		netstack_link_by_index(netstack_place_observed(stack), tracker->ifindex);

	return !stack->shutdown && link && netstack_place_has(stack, link);
}

/*
 * It cannot be watched now.  What is taken out of a stack starts anew when it is back; what failed
 * has to prove itself, as has what a route led to that has gone.  IPv6 addresses, and so subnets,
 * can vanish with the link that goes down.
 */
static void darken(struct netstack_tracker *tracker, bool was_routed)
{
	/* nothing leaves with a link what has never been on one, or has been behind a route */
	bool left = was_routed || !tracker->ifindex ? tracker->stack->shutdown
						    : !link_is_there(tracker);

	if (tracker->place == NETSTACK_GATEWAY_NOWHERE && left) {
		tracker->ifindex = 0;
		tracker->reason[0] = '\0';
		if (tracker->state != NETSTACK_TRACK_UNKNOWN && !tracker->stack->shutdown)
			tell(tracker, false, "its link has left the stack");
		set_state(tracker, NETSTACK_TRACK_UNKNOWN);
	} else if (tracker->state != NETSTACK_TRACK_UNKNOWN) {
		netstack_tracker_input(tracker, NETSTACK_TRACK_DEAD, "%s",
				       tracker->place == NETSTACK_GATEWAY_NOWHERE
					       ? tracker->next.reason
					       : "its link is down");
	}
}

/* Nothing is to be seen of it for a while, and that is not its doing.  What was down stays down. */
static void pause_tracker(struct netstack_tracker *tracker)
{
	stop(tracker);
	tracker->vrf_id = VRF_UNKNOWN;
	tracker->place = NETSTACK_GATEWAY_NOWHERE;
	if (tracker->state == NETSTACK_TRACK_UP)
		set_state(tracker, NETSTACK_TRACK_UNKNOWN);
	else if (tracker->state == NETSTACK_TRACK_RETURNING)
		set_state(tracker, NETSTACK_TRACK_DOWN);
}

void netstack_gateway_pause(struct netstack *stack)
{
	struct netstack_tracker *tracker;

	if (stack->trackers)
		frr_each (netstack_tracker_tree, &stack->trackers->tree, tracker)
			pause_tracker(tracker);
}

/* Whoever asks judges the next hop anew: nobody has to be told. */
static void place_tracker(struct netstack_tracker *tracker)
{
	enum netstack_gateway_place place = tracker->next.place;
	bool lit = place >= NETSTACK_GATEWAY_ON_LINK;
	bool was_routed = tracker->place == NETSTACK_GATEWAY_ROUTED;
	bool moved = tracker->vrf_id != tracker->next.vrf_id || tracker->place != place ||
		     (lit && tracker->ifindex != tracker->next.ifindex);

	if (!moved && (place != NETSTACK_GATEWAY_NOWHERE || !tracker->ifindex))
		return;
	if (moved)
		stop(tracker);
	tracker->vrf_id = tracker->next.vrf_id;
	tracker->place = place;
	if (lit) {
		tracker->ifindex = tracker->next.ifindex;
		start(tracker);
	} else {
		darken(tracker, was_routed);
	}
}

bool netstack_gateway_any_up(void)
{
	return up_count > 0;
}

/* ------------------------------------------------------------------------------------------
 * The trackers of a stack
 */

static struct netstack_tracker *find(const struct netstack_route *route)
{
	struct netstack_trackers *trackers = route->stack->trackers;
	struct netstack_tracker key = {};

	if (!trackers || !route->track)
		return NULL;
	key.address = route->gate;
	strlcpy(key.ifname, route->ifname, sizeof(key.ifname));
	key.track = *route->track;
	return netstack_tracker_tree_find(&trackers->tree, &key);
}

/* Is it of the same next hop as one on this link (0: not known)?  The interface need not be typed. */
static bool is_of_link(const struct netstack_tracker *other, const struct netstack_tracker *tracker,
		       int ifindex)
{
	if (ifindex && other->ifindex)
		return other->ifindex == ifindex;
	return strmatch(other->ifname, tracker->ifname);
}

/*
 * Has another line's tracker, or that of the line as it was, found the next hop down?  Other settings are
 * no reason to take it for good again: what failed has to prove itself.
 */
static void inherit(struct netstack_tracker *tracker, int ifindex)
{
	const struct netstack_tracker *other;

	frr_each (netstack_tracker_tree_const, &tracker->stack->trackers->tree, other) {
		if (netstack_track_is_usable(other->state) ||
		    ipaddr_cmp(&other->address, &tracker->address) ||
		    !is_of_link(other, tracker, ifindex))
			continue;
		tracker->state = NETSTACK_TRACK_DOWN;
		tracker->told_down = other->told_down;
		tracker->since = other->since;
		tracker->changed = other->changed;
		strlcpy(tracker->reason, other->reason[0] ? other->reason : "it was down",
			sizeof(tracker->reason));
		return;
	}
}

static struct netstack_tracker *add(const struct netstack_route *tracked, int ifindex)
{
	struct netstack_route *route = (struct netstack_route *)tracked;
	struct netstack_trackers *trackers = route->stack->trackers;
	struct netstack_tracker *tracker;

	if (!trackers) {
		trackers = XCALLOC(MTYPE_NETSTACK_TRACKERS, sizeof(*trackers));
		netstack_tracker_tree_init(&trackers->tree);
		route->stack->trackers = trackers;
	}
	tracker = XCALLOC(MTYPE_NETSTACK_TRACKER, sizeof(*tracker));
	tracker->stack = route->stack;
	tracker->address = route->gate;
	strlcpy(tracker->ifname, route->ifname, sizeof(tracker->ifname));
	tracker->track = *route->track;
	tracker->vrf_id = VRF_UNKNOWN;
	tracker->since = time(NULL);
	monotime(&tracker->changed);
	inherit(tracker, ifindex);
	tracker->told_down |= route->told_down; /* before it had a tracker */
	route->told_down = false;
	netstack_tracker_tree_add(&trackers->tree, tracker);
	return tracker;
}

/* What was told to be down has no tracker any more: that it is up will be told all the same. */
static void hand_over(const struct netstack_tracker *tracker)
{
	struct netstack_route *route;

	if (!tracker->told_down)
		return;
	frr_each (netstack_routes, &tracker->stack->routes, route)
		if (route->is_gateway && !route->track &&
		    !ipaddr_cmp(&route->gate, &tracker->address) &&
		    strmatch(route->ifname, tracker->ifname))
			route->told_down = true;
}

static void free_tracker(struct netstack_tracker *tracker)
{
	hand_over(tracker);
	stop(tracker);
	EVENT_OFF(tracker->t_hold);
	netstack_tracker_tree_del(&tracker->stack->trackers->tree, tracker);
	up_count -= tracker->state == NETSTACK_TRACK_UP;
	XFREE(MTYPE_NETSTACK_TRACKER, tracker);
}

void netstack_gateway_mark(struct netstack *stack)
{
	struct netstack_tracker *tracker;

	if (stack->trackers)
		frr_each (netstack_tracker_tree, &stack->trackers->tree, tracker)
			tracker->wanted = false;
}

void netstack_gateway_follow(const struct netstack_route *route, vrf_id_t vrf_id,
			     enum netstack_gateway_place place, int ifindex, const char *reason)
{
	struct netstack_tracker *tracker = find(route);

	if (!route->track)
		return;
	if (!tracker)
		tracker = add(route, ifindex);
	/* a gateway has to be in a subnet, the next hop of a route need not be */
	if (tracker->wanted && place < tracker->next.place)
		return;
	if (place == NETSTACK_GATEWAY_UNDECIDED) {
		place = tracker->vrf_id == vrf_id ? tracker->place : NETSTACK_GATEWAY_NOWHERE;
		ifindex = tracker->ifindex;
	}
	tracker->wanted = true;
	tracker->next.vrf_id = vrf_id;
	tracker->next.place = place;
	tracker->next.ifindex = ifindex;
	strlcpy(tracker->next.reason, reason, sizeof(tracker->next.reason));
}

void netstack_gateway_sweep(struct netstack *stack)
{
	struct netstack_tracker *tracker;

	if (!stack->trackers)
		return;
	/* first who comes, then who goes: what the two share stays */
	frr_each (netstack_tracker_tree, &stack->trackers->tree, tracker)
		if (tracker->wanted)
			place_tracker(tracker);
	frr_each_safe (netstack_tracker_tree, &stack->trackers->tree, tracker)
		if (!tracker->wanted)
			free_tracker(tracker);
	if (netstack_tracker_tree_count(&stack->trackers->tree))
		return;
	netstack_tracker_tree_fini(&stack->trackers->tree);
	XFREE(MTYPE_NETSTACK_TRACKERS, stack->trackers);
}

void netstack_gateway_forget(struct netstack *stack)
{
	netstack_gateway_mark(stack);
	netstack_gateway_sweep(stack);
}

/* ------------------------------------------------------------------------------------------
 * Questions
 */

/* Rounded up. */
static unsigned long seconds_to_hold(const struct netstack_tracker *tracker)
{
	return tracker->t_hold ? (event_timer_remain_msec(tracker->t_hold) + 999) / 1000 : 0;
}

bool netstack_gateway_is_usable(const struct netstack_route *route, char *reason, size_t len)
{
	const struct netstack_tracker *tracker = find(route);

	if (!tracker || netstack_track_is_usable(tracker->state))
		return true;
	if (reason && tracker->state == NETSTACK_TRACK_RETURNING)
		snprintf(reason, len, "it answers again, and will be used in %lu s",
			 seconds_to_hold(tracker));
	else if (reason)
		strlcpy(reason, tracker->reason, len);
	return false;
}

bool netstack_gateway_is_unknown(const struct netstack_route *route)
{
	const struct netstack_tracker *tracker = find(route);

	return tracker && tracker->state == NETSTACK_TRACK_UNKNOWN;
}

/* Added to the reason, if the profile is not in force. */
static void tell_profile(const struct netstack_tracker *tracker,
			 struct netstack_gateway_status *status)
{
	const char *profile = tracker->track.profile;
	const char *in_force = netstack_gateway_bfd_profile(tracker);
	size_t used = strlen(status->reason);
	char *end = status->reason + used;
	size_t left = sizeof(status->reason) - used;
	const char *separator = used ? "; " : "";

	if (!strmatch(profile, in_force))
		snprintf(end, left, "%sprofile %s of another line is in force", separator,
			 in_force);
	else if (netstack_profile_is_absent(profile))
		snprintf(end, left, "%sbfdd has no profile %s: its defaults are in force",
			 separator, profile);
}

bool netstack_gateway_status(const struct netstack_route *route,
			     struct netstack_gateway_status *status)
{
	const struct netstack_tracker *tracker = find(route);

	if (!tracker)
		return false;
	status->state = tracker->state;
	status->since = tracker->since;
	status->age = monotime_since(&tracker->changed, NULL) / 1000000;
	strlcpy(status->reason, tracker->reason, sizeof(status->reason));
	if (route->track->profile[0])
		tell_profile(tracker, status);
	return true;
}
