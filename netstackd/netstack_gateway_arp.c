// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Next hops that are tracked by the kernel's own entry in its ARP (RFC 826) or ND (RFC 4861, 7.3)
 * table.
 *
 * Not a packet is ours.  Once a second the kernel is asked to find out: an entry that has an address
 * is put into the state PROBE, in which the kernel asks by unicast and makes it REACHABLE or, after
 * ucast_solicit requests that are retrans_time_ms apart, FAILED; one that has none is resolved, with
 * mcast_solicit requests.  With the kernel's settings, 3 requests and 1 s, a neighbour that falls
 * silent is down after 3 to 4 s.  Left to itself the kernel would take up to a minute
 * (base_reachable_time_ms, delay_first_probe_time), also with NTF_EXT_MANAGED.
 *
 * What the kernel finds is in observed, and its events come here at once.  An entry that is still on its way to
 * an answer when the next round comes is a gap: the hold-down begins anew.
 */

#include <zebra.h>

#include <linux/if_addr.h>
#include <linux/neighbour.h>

#include "frrevent.h"
#include "memory.h"
#include "typesafe.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_gateway_impl.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_place.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_ARP_WATCH, "Neighbor that is watched");

#define ASK_MSEC 1000

PREDECL_RBTREE_UNIQ(arp_watches);
PREDECL_DLIST(arp_due);

struct arp_watch {
	struct arp_watches_item item;
	struct arp_due_item due_item;
	bool due;   /* in the list of those to be looked at */
	bool asked; /* in the last round */

	/* the key: first what the kernel's events have */
	const struct netstack *inside; /* NULL: in the daemon's own namespace */
	int ifindex;
	struct ipaddr address;
	struct netstack_tracker *tracker;
};

/* In this order those of a namespace stand together. */
static int watch_cmp(const struct arp_watch *a, const struct arp_watch *b)
{
	return numcmp((uintptr_t)a->inside, (uintptr_t)b->inside) ?: numcmp(a->ifindex, b->ifindex) ?:
	       ipaddr_cmp(&a->address, &b->address) ?:
	       numcmp((uintptr_t)a->tracker, (uintptr_t)b->tracker);
}

DECLARE_RBTREE_UNIQ(arp_watches, struct arp_watch, item, watch_cmp);
DECLARE_DLIST(arp_due, struct arp_watch, due_item);

static struct arp_watches_head watches[1] = { INIT_RBTREE_UNIQ(watches[0]) };
static struct arp_due_head due[1];
static struct event *t_ask, *t_look;

/* ------------------------------------------------------------------------------------------
 * What the kernel says
 */

static const struct netstack_link *link_of(const struct arp_watch *watch)
{
	return netstack_link_by_index(netstack_place_observed(watch->tracker->stack),
				      watch->ifindex);
}

static const char *protocol_of(const struct arp_watch *watch)
{
	return IS_IPADDR_V4(&watch->address) ? "ARP" : "ND";
}

/* NUD_*; NUD_NONE: there is no entry. */
static uint16_t state_of(const struct arp_watch *watch)
{
	const struct netstack_link *link = link_of(watch);
	const struct netstack_link_neighbor *neighbor =
		link ? netstack_link_neighbor_find(link, &watch->address) : NULL;

	return neighbor ? neighbor->state : NUD_NONE;
}

/* True: the next hop may be used now, or may not any more. */
static bool judge(struct arp_watch *watch)
{
	const char *protocol = protocol_of(watch);
	uint16_t state = state_of(watch);

	if (state & (NUD_REACHABLE | NUD_PERMANENT | NUD_NOARP))
		return netstack_tracker_input(watch->tracker, NETSTACK_TRACK_ALIVE,
					      "it answers to %s", protocol);
	if (state & NUD_FAILED)
		return netstack_tracker_input(watch->tracker, NETSTACK_TRACK_DEAD,
					      "no answer to %s", protocol);
	return false;
}

/* The round before has asked, and a second later there is no answer. */
static void judge_unanswered(const struct arp_watch *watch)
{
	if (watch->asked && state_of(watch) & (NUD_PROBE | NUD_INCOMPLETE))
		netstack_tracker_input(watch->tracker, NETSTACK_TRACK_LOST, "no answer to %s",
				       protocol_of(watch));
}

static void make_due(struct arp_watch *watch)
{
	if (!watch->due)
		arp_due_add_tail(due, watch);
	watch->due = true;
}

static void unmake_due(struct arp_watch *watch)
{
	if (watch->due)
		arp_due_del(due, watch);
	watch->due = false;
}

/* Any watch can go when a stack is published, so each round begins at the head of the list. */
static void look_at_due(void)
{
	struct arp_watch *watch;

	while ((watch = arp_due_first(due))) {
		struct netstack *stack = watch->tracker->stack;

		unmake_due(watch);
		if (judge(watch))
			netstack_gateway_publish(stack);
	}
}

static void look(struct event *event)
{
	look_at_due();
}

void netstack_gateway_neighbor_changed(struct netstack *inside, int ifindex,
				       const struct ipaddr *address)
{
	struct arp_watch key = { .inside = inside, .ifindex = ifindex, .address = *address };
	struct arp_watch *watch;

	for (watch = arp_watches_find_gteq(watches, &key);
	     watch && watch->inside == inside && watch->ifindex == ifindex &&
	     ipaddr_is_same(&watch->address, address);
	     watch = arp_watches_next(watches, watch)) {
		make_due(watch);
		/* not now: observed is being written, perhaps in the middle of a plan */
		event_add_event(master, look, NULL, 0, &t_look);
	}
}

/* ------------------------------------------------------------------------------------------
 * What the kernel is asked
 */

/* ND asks from a link-local address: not before duplicate address detection is over. */
static bool can_ask(const struct arp_watch *watch)
{
	const struct netstack_link *link = link_of(watch);
	const struct netstack_link_address *address;

	if (!link || IS_IPADDR_V4(&watch->address))
		return link != NULL;
	frr_each (netstack_link_addresses_const, &link->addresses, address)
		if (address->prefix.family == AF_INET6 &&
		    IN6_IS_ADDR_LINKLOCAL(&address->prefix.u.prefix6) &&
		    !(address->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)))
			return true;
	netstack_tracker_excuse(watch->tracker,
				"its link has no link-local address that can be used yet");
	return false;
}

/*
 * An entry that is on its way to an answer is asked for as well, and as either: the kernel sends
 * notifications without a lock, so that one of PROBE can come after that of the answer, and then
 * would be the last.  What is true of it leaves it alone (__neigh_update() in the kernel's
 * net/core/neighbour.c: the same state again, or no address to probe).
 */
static void ask_for(struct netstack_probes *probes, struct arp_watch *watch)
{
	uint16_t state = state_of(watch);
	bool has_address = state & (NUD_REACHABLE | NUD_STALE | NUD_DELAY);
	bool on_its_way = state & (NUD_PROBE | NUD_INCOMPLETE);

	watch->asked = !(state & (NUD_PERMANENT | NUD_NOARP)) && can_ask(watch);
	if (!watch->asked)
		return;
	if (has_address || on_its_way)
		netstack_kernel_probes_add(probes, watch->ifindex, &watch->address, true);
	if (!has_address)
		netstack_kernel_probes_add(probes, watch->ifindex, &watch->address, false);
}

static void ask(struct event *event)
{
	struct netstack_probes *probes = NULL;
	const struct netstack *inside = NULL;
	struct arp_watch *watch;

	event_add_timer_msec(master, ask, NULL, ASK_MSEC, &t_ask);
	frr_each (arp_watches, watches, watch) {
		if (probes && watch->inside != inside) {
			netstack_kernel_probes_send(probes);
			probes = NULL;
		}
		if (!probes)
			probes = netstack_kernel_probes_new(watch->tracker->stack);
		inside = watch->inside;
		judge_unanswered(watch);
		ask_for(probes, watch);
		make_due(watch); /* an event may have been lost */
	}
	if (probes)
		netstack_kernel_probes_send(probes);
	look_at_due();
}

/* ------------------------------------------------------------------------------------------
 * The watcher
 */

static void *arp_start(struct netstack_tracker *tracker)
{
	struct arp_watch *watch;

	if (!tracker->ifindex) {
		netstack_tracker_forget(tracker,
					"it is in no subnet of the stack: %s cannot tell of it",
					IS_IPADDR_V4(&tracker->address) ? "ARP" : "ND");
		return NULL;
	}
	if (!arp_watches_count(watches))
		arp_due_init(due);
	watch = XCALLOC(MTYPE_NETSTACK_ARP_WATCH, sizeof(*watch));
	watch->inside = tracker->stack->inside ? tracker->stack : NULL;
	watch->ifindex = tracker->ifindex;
	watch->address = tracker->address;
	watch->tracker = tracker;
	arp_watches_add(watches, watch);
	if (!t_ask)
		event_add_event(master, ask, NULL, 0, &t_ask);
	return watch;
}

static void arp_stop(struct netstack_tracker *tracker, void *arg)
{
	struct arp_watch *watch = arg;

	unmake_due(watch);
	arp_watches_del(watches, watch);
	XFREE(MTYPE_NETSTACK_ARP_WATCH, watch);
	if (arp_watches_count(watches))
		return;
	EVENT_OFF(t_ask);
	EVENT_OFF(t_look);
}

const struct netstack_watcher netstack_watcher_arp = {
	.start = arp_start,
	.stop = arp_stop,
};
