// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What zebra calls installed has to be in the kernel.
 */

#include <zebra.h>

#include <linux/rtnetlink.h>

#include "frrevent.h"
#include "monotime.h"
#include "nexthop.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_rib.h"
#include "netstackd/netstack_zebra.h"

/* Milliseconds that a route which zebra calls installed may be missing in the kernel. */
#define FIB_GRACE 400
/* Milliseconds after which a withdrawal counts that zebra need not confirm. */
#define WITHDRAW_SILENT 500
/* And so long zebra may take for one that it has to confirm, and longer if it is busy. */
#define WITHDRAW_CONFIRMED 5000

bool netstack_rib_is_route_of(const struct netstack_fib_route *route, const struct rib_entry *entry)
{
	uint16_t count = MIN(route->nexthop_count, NETSTACK_FIB_NEXTHOPS_KEPT);
	bool recursive = false; /* zebra gives it as many as those of what leads there */

	if (route->proto != RTPROT_ZEBRA && route->proto != NETSTACK_RTPROT_ZSTATIC)
		return false;
	if (entry->nexthops[0].type == NEXTHOP_TYPE_BLACKHOLE)
		return route->type != RTN_UNICAST;
	for (uint16_t j = 0; j < entry->nexthop_count; j++)
		recursive |= !entry->nexthops[j].ifindex;
	if (route->type != RTN_UNICAST ||
	    (route->nexthop_count != entry->nexthop_count && !recursive))
		return false;
	for (uint16_t i = 0; i < count; i++) {
		bool found = false;

		for (uint16_t j = 0; j < entry->nexthop_count && !found; j++)
			found = !entry->nexthops[j].ifindex ||
				(entry->nexthops[j].ifindex == route->nexthops[i].ifindex &&
				 ipaddr_is_same(&entry->nexthops[j].gate,
						&route->nexthops[i].gate));
		if (!found)
			return false;
	}
	return true;
}

bool netstack_rib_prefix_in_fib(const struct netstack_fib_table *table,
				const struct netstack_prefix *prefix)
{
	const struct netstack_fib_route *route;

	netstack_each_route_to (table, prefix, route)
		if (route->proto == RTPROT_ZEBRA || route->proto == NETSTACK_RTPROT_ZSTATIC)
			return true;
	return false;
}

bool netstack_rib_is_in_fib(const struct netstack_fib_table *table, const struct rib_entry *entry,
			    bool same)
{
	const struct netstack_fib_route *route;

	if (!same)
		return netstack_rib_prefix_in_fib(table, &entry->prefix);
	netstack_each_route_to (table, &entry->prefix, route)
		if (netstack_rib_is_route_of(route, entry))
			return true;
	return false;
}

const struct netstack_fib_route *netstack_rib_find_rival(const struct netstack_fib_table *table,
							 const struct rib_entry *entry)
{
	const struct netstack_fib_route *route;

	netstack_each_route_to (table, &entry->prefix, route)
		if (route->proto != NETSTACK_PROTO && !netstack_rib_is_route_of(route, entry))
			return route;
	return NULL;
}

/* zebra does not tell us when a route of staticd's is better: to it, they are of one kind. */
static bool is_default_of_staticd(const struct netstack_rib *rib, const struct rib_entry *entry)
{
	const struct selected_default *selected = netstack_rib_default(rib, &entry->prefix);

	return !entry->prefix.prefixlen && selected->known && !selected->is_ours &&
	       selected->type == ZEBRA_ROUTE_STATIC;
}

bool netstack_rib_is_same_as_staticd(const struct netstack_rib *rib, const struct rib_entry *entry)
{
	const struct netstack_fib_table *table = netstack_place_fib(rib->stack);

	return is_default_of_staticd(rib, entry) &&
	       !netstack_rib_default(rib, &entry->prefix)->is_ghost && table &&
	       !netstack_rib_find_rival(table, entry) && netstack_rib_is_in_fib(table, entry, true);
}

bool netstack_rib_is_beaten(const struct netstack_rib *rib, const struct rib_entry *entry)
{
	const struct netstack_fib_table *table = netstack_place_fib(rib->stack);

	if (netstack_rib_is_same_as_staticd(rib, entry))
		return true;
	if (entry->note != NOTE_BETTER_WON && !is_default_of_staticd(rib, entry))
		return false;
	return !table || netstack_rib_find_rival(table, entry);
}

/*
 * Is looking at what was sent all that there is to do?  The end of a withdrawal and the answer of a
 * next hop are something to plan with, and so is a VRF that has gone or come.
 */
static bool needs_no_plan(const struct netstack_rib *rib)
{
	const struct rib_entry *entry;
	const struct tracked *tracked;

	if (rib->vrf_id == VRF_UNKNOWN || rib->vrf_id != netstack_zebra_vrf_id(rib->stack))
		return false;
	frr_each (tracked_nexthops_const, &rib->tracked, tracked)
		if (tracked->doubtful)
			return false;
	frr_each (unsettled_entries_const, &rib->unsettled, entry)
		if (!entry->sent)
			return false;
	return true;
}

static void check_fib_again(struct event *event)
{
	struct netstack *stack = EVENT_ARG(event);

	if (needs_no_plan(stack->rib))
		netstack_rib_check_fib(stack->rib, false);
	else
		netstack_mark_dirty(stack);
}

void netstack_rib_look_again(struct netstack_rib *rib, unsigned int msec)
{
	if (rib->t_fib && event_timer_remain_msec(rib->t_fib) <= msec)
		return;
	EVENT_OFF(rib->t_fib);
	event_add_timer_msec(master, check_fib_again, rib->stack, msec + 1, &rib->t_fib);
}

void netstack_rib_set_unsettled(struct netstack_rib *rib, struct rib_entry *entry, bool unsettled)
{
	if (entry->unsettled == unsettled)
		return;
	entry->unsettled = unsettled;
	if (unsettled)
		unsettled_entries_add_tail(&rib->unsettled, entry);
	else
		unsettled_entries_del(&rib->unsettled, entry);
}

/* Withdrawn first: zebra takes a route that it has already for no change. */
static void resend(struct netstack_rib *rib, struct rib_entry *entry)
{
	netstack_rib_send(rib, entry, false);
	netstack_rib_send(rib, entry, true);
	entry->unnoted = false;
	monotime(&entry->sent_at);
}

/*
 * zebra puts routes back that others delete; if it does not within the grace, they are sent
 * again.  Returns in how many milliseconds to look again; 0: all is well.
 */
static unsigned int check_installed(struct netstack_rib *rib, struct rib_entry *entry,
				    const struct netstack_fib_table *table)
{
	entry->resend = NETSTACK_RIB_RESEND_FIRST;
	if (!table || !table->synced || netstack_rib_is_in_fib(table, entry, false)) {
		if (entry->deleted)
			netstack_log_repair(rib->stack, "route %pFX was deleted from the kernel",
					    &entry->prefix);
		entry->deleted = false;
		memset(&entry->missing, 0, sizeof(entry->missing));
		return 0;
	}
	if (!timerisset(&entry->missing)) {
		monotime(&entry->missing);
	} else if (monotime_since(&entry->missing, NULL) >= FIB_GRACE * 1000) {
		netstack_log_repair(rib->stack, "send route %pFX to zebra again", &entry->prefix);
		entry->deleted = false;
		resend(rib, entry);
		monotime(&entry->missing);
	}
	return FIB_GRACE;
}

/*
 * zebra 10.3 does not always say that it could not install a route, and never tries again
 * (doc/developer/upstream.md).
 */
static unsigned int check_not_installed(struct netstack_rib *rib, struct rib_entry *entry,
					const struct netstack_fib_table *table)
{
	int64_t age;

	/* zebra has nothing to say of a route that it had, and that stays as it is */
	if ((entry->kept || entry->unnoted) && entry->note == NOTE_NONE && table &&
	    netstack_rib_is_in_fib(table, entry, true)) {
		entry->note = NOTE_INSTALLED;
		return 0;
	}
	age = netstack_rib_age(&entry->sent_at);
	if (netstack_rib_is_on_its_way(age, entry->resend))
		return netstack_rib_until_lost(age, entry->resend);
	DEBUGD(&netstack_dbg_zebra, "netstack %s: %pFX is not installed after %u ms, send it again",
	       rib->stack->name, &entry->prefix, entry->resend);
	/* else what looks like it is staticd's own */
	if (entry->kept)
		netstack_rib_lay_ghost(rib, entry);
	resend(rib, entry);
	entry->resend = MIN(2 * entry->resend, NETSTACK_RIB_RESEND_MAX);
	/* it may be another's default that the kernel has (netstack_rib_follow_defaults()) */
	if (!entry->prefix.prefixlen)
		netstack_mark_dirty(rib->stack);
	return entry->resend;
}

/*
 * A route that was withdrawn before zebra came to install it: there is no confirmation of that.
 * It is gone if the kernel does not have it some time later.  Nor is there one if a route of staticd's took
 * its place (doc/developer/upstream.md), which zebra is given longer to say.
 */
static unsigned int check_withdrawn(struct netstack_rib *rib, struct rib_entry *entry,
				    const struct netstack_fib_table *table)
{
	int64_t age = netstack_rib_age(&entry->sent_at);

	if (!entry->withdrawn)
		return 0;
	if (entry->silent && age < WITHDRAW_SILENT)
		return WITHDRAW_SILENT - age;
	/* after that, what the kernel has is one of staticd's that looks like it to the letter */
	if (netstack_rib_is_on_its_way(age, WITHDRAW_CONFIRMED)) {
		if (!entry->silent)
			return netstack_rib_until_lost(age, WITHDRAW_CONFIRMED);
		if (table && table->synced && netstack_rib_is_in_fib(table, entry, true))
			return FIB_GRACE;
	}
	netstack_rib_free_entry(rib, entry);
	return 0;
}

void netstack_zebra_route_deleted(struct netstack *stack, const struct netstack_prefix *prefix)
{
	struct rib_entry *entry = stack->rib ? netstack_rib_find(stack->rib, prefix) : NULL;

	/* logged when it is back, and so nobody of us wanted it: what leads there may have gone (check_installed) */
	if (entry && entry->sent && entry->note == NOTE_INSTALLED) {
		entry->deleted = true;
		netstack_mark_dirty(stack);
	}
}

void netstack_rib_installed(struct netstack_rib *rib, struct rib_entry *entry)
{
	unsigned int msec = check_installed(rib, entry, netstack_place_fib(rib->stack));

	netstack_rib_set_unsettled(rib, entry, msec);
	if (msec)
		netstack_rib_look_again(rib, msec);
}

/* The kernel has it, of which zebra was asked not to tell. */
static void installed_without_a_note(struct netstack_rib *rib, struct rib_entry *entry)
{
	entry->note = NOTE_INSTALLED;
	entry->resend = NETSTACK_RIB_RESEND_FIRST;
	netstack_rib_set_unsettled(rib, entry, false);
	netstack_zebra_worked();
}

bool netstack_zebra_expects(struct netstack *stack, const struct netstack_fib_route *route,
			    bool came)
{
	struct netstack_rib *rib = stack->rib;
	struct rib_entry *entry;

	/* the way to others, room, or the end of what was there at the start depend on it */
	if (!rib || !rib->complete || !stack->configured || !route->prefix.prefixlen ||
	    stack->limits[NETSTACK_LIMIT_ROUTES].max)
		return false;
	entry = netstack_rib_find(rib, &route->prefix);
	/* of others' routes there may be one for which a namespace is not taken */
	if (!entry)
		return false;
	if (!came)
		return entry->withdrawn;
	if (!entry->sent || !netstack_rib_is_route_of(route, entry))
		return false;
	if (entry->unnoted && entry->note == NOTE_NONE)
		installed_without_a_note(rib, entry);
	return true;
}

/* In how many milliseconds to look again; 0: there is no need.  The entry may be gone then. */
static unsigned int check_entry(struct netstack_rib *rib, struct rib_entry *entry,
				const struct netstack_fib_table *table)
{
	unsigned int msec = 0;

	if (!entry->sent)
		return check_withdrawn(rib, entry, table);
	if (!netstack_rib_is_beaten(rib, entry))
		msec = entry->note == NOTE_INSTALLED ? check_installed(rib, entry, table)
						     : check_not_installed(rib, entry, table);
	netstack_rib_set_unsettled(rib, entry, msec);
	return msec;
}

static void sooner(unsigned int *again, unsigned int msec)
{
	if (msec && (!*again || msec < *again))
		*again = msec;
}

void netstack_rib_check_fib(struct netstack_rib *rib, bool all)
{
	const struct netstack_fib_table *table = netstack_place_fib(rib->stack);
	struct tracked *tracked;
	struct rib_entry *entry;
	unsigned int again = 0;

	netstack_rib_look_at_clock();
	if (all)
		frr_each (rib_entries, &rib->entries, entry)
			netstack_rib_set_unsettled(rib, entry, true);
	frr_each (tracked_nexthops, &rib->tracked, tracked)
		sooner(&again, netstack_rib_check_tracked(rib, tracked));
	frr_each_safe (unsettled_entries, &rib->unsettled, entry)
		sooner(&again, check_entry(rib, entry, table));
	EVENT_OFF(rib->t_fib);
	if (again)
		netstack_rib_look_again(rib, again);
}
