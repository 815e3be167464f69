// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A stack's rib: what zebra has been sent of its routes, and what it said of them.
 */

#include <zebra.h>

#include "frrevent.h"
#include "jhash.h"
#include "monotime.h"
#include "nexthop.h"
#include "vrf.h"
#include "zclient.h"

#include "lib/darr.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_gateway.h"
#include "netstackd/netstack_leak.h"
#include "netstackd/netstack_limit.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_rib.h"
#include "netstackd/netstack_zebra.h"
#include "netstackd/netstack_zebra_process.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_RIB, "RIB of a stack");
DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_RIB_ENTRY, "RIB entry");

int netstack_rib_entry_cmp(const struct rib_entry *a, const struct rib_entry *b)
{
	return netstack_prefix_cmp(&a->prefix, &b->prefix);
}

static int rib_vrf_cmp(const struct netstack_rib *a, const struct netstack_rib *b)
{
	return numcmp(a->vrf_id, b->vrf_id);
}

static uint32_t rib_vrf_hash(const struct netstack_rib *rib)
{
	return jhash_1word(rib->vrf_id, 0x6e737472);
}

DECLARE_HASH(ribs, struct netstack_rib, by_vrf_id, rib_vrf_cmp, rib_vrf_hash);

/* Those whose VRF zebra knows. */
static struct ribs_head ribs = INIT_HASH(ribs);
/* Withdrawals of which zebra is to say that they are done. */
static unsigned int confirmations_awaited;

struct netstack_rib *netstack_rib_get(struct netstack *stack)
{
	struct netstack_rib *rib = stack->rib;

	if (rib)
		return rib;
	rib = XCALLOC(MTYPE_NETSTACK_RIB, sizeof(*rib));
	rib->stack = stack;
	rib->vrf_id = VRF_UNKNOWN;
	rib_entries_init(&rib->entries);
	rib_entries_init(&rib->ghosts);
	unsettled_entries_init(&rib->unsettled);
	tracked_nexthops_init(&rib->tracked);
	stack->rib = rib;
	return rib;
}

/* What is looked up is mostly the one after the last: routes are sent and installed in their order. */
static struct rib_entry *find_next_to_last(const struct netstack_rib *rib,
					   const struct netstack_prefix *prefix)
{
	struct rib_entry *entry = rib->last_found;

	for (int i = 0; entry && i < 2; i++) {
		if (netstack_prefix_same(&entry->prefix, prefix))
			return entry;
		entry = rib_entries_next((struct rib_entries_head *)&rib->entries, entry);
	}
	return NULL;
}

struct rib_entry *netstack_rib_find(const struct netstack_rib *rib,
				    const struct netstack_prefix *prefix)
{
	struct rib_entry *entry = find_next_to_last(rib, prefix);
	struct rib_entry key;

	if (!entry) {
		key.prefix = *prefix;
		entry = (struct rib_entry *)rib_entries_const_find(&rib->entries, &key);
	}
	if (entry)
		((struct netstack_rib *)rib)->last_found = entry;
	return entry;
}

static struct rib_entry *add_entry(struct netstack_rib *rib, const struct netstack_prefix *prefix)
{
	struct rib_entry *entry = XCALLOC(MTYPE_NETSTACK_RIB_ENTRY, sizeof(*entry));

	entry->prefix = *prefix;
	rib_entries_add(&rib->entries, entry);
	return entry;
}

static void set_withdrawn(struct rib_entry *entry, bool withdrawn, bool silent)
{
	confirmations_awaited -= entry->withdrawn && !entry->silent;
	entry->withdrawn = withdrawn;
	entry->silent = silent;
	confirmations_awaited += entry->withdrawn && !entry->silent;
}

bool netstack_rib_awaits_confirmations(void)
{
	return confirmations_awaited;
}

void netstack_rib_expect_no_notes(void)
{
	struct netstack_rib *rib;
	struct rib_entry *entry;

	frr_each (ribs, &ribs, rib)
		frr_each (unsettled_entries, &rib->unsettled, entry)
			entry->unnoted |= entry->sent && entry->note == NOTE_NONE;
}

/* The caller has it then. */
static void take_entry(struct netstack_rib *rib, struct rib_entry *entry)
{
	set_withdrawn(entry, false, false);
	netstack_rib_set_unsettled(rib, entry, false);
	if (rib->last_found == entry)
		rib->last_found = NULL;
	rib_entries_del(&rib->entries, entry);
}

static void free_taken(struct rib_entry *entry)
{
	XFREE(MTYPE_NETSTACK_RIB_ENTRY, entry->nexthops);
	XFREE(MTYPE_NETSTACK_RIB_ENTRY, entry);
}

void netstack_rib_free_entry(struct netstack_rib *rib, struct rib_entry *entry)
{
	take_entry(rib, entry);
	free_taken(entry);
}

static void rib_leave_vrf(struct netstack_rib *rib)
{
	if (rib->vrf_id != VRF_UNKNOWN)
		ribs_del(&ribs, rib);
	rib->vrf_id = VRF_UNKNOWN;
}

void netstack_rib_reset(struct netstack_rib *rib)
{
	struct rib_entry *entry;

	frr_each_safe (rib_entries, &rib->entries, entry)
		netstack_rib_free_entry(rib, entry);
	netstack_rib_forget_tracked(rib);
	EVENT_OFF(rib->t_fib);
	EVENT_OFF(rib->t_sweep);
	EVENT_OFF(rib->t_doubt);
	darr_free(rib->changed);
	rib->current = false;
	rib->refused = false;
	rib->graceful = false;
	rib->complete = false;
	memset(rib->follows_default, 0, sizeof(rib->follows_default));
	memset(rib->defaults, 0, sizeof(rib->defaults));
	rib_leave_vrf(rib);
}

static void forget_ghosts(struct netstack_rib *rib)
{
	struct rib_entry *ghost;

	while ((ghost = rib_entries_pop(&rib->ghosts)))
		free_taken(ghost);
}

void netstack_rib_free(struct netstack *stack)
{
	struct netstack_rib *rib = stack->rib;

	if (!rib)
		return;
	netstack_rib_reset(rib);
	unsettled_entries_fini(&rib->unsettled);
	forget_ghosts(rib);
	rib_entries_fini(&rib->ghosts);
	rib_entries_fini(&rib->entries);
	tracked_nexthops_fini(&rib->tracked);
	XFREE(MTYPE_NETSTACK_RIB, stack->rib);
}

void netstack_rib_enter_vrf(struct netstack_rib *rib, vrf_id_t vrf_id)
{
	struct netstack_rib *other;

	if (vrf_id == VRF_UNKNOWN)
		return;
	rib->vrf_id = vrf_id;
	/* two stacks cannot have one VRF: who had it has lost it, and will find out */
	other = ribs_find(&ribs, rib);
	if (other) {
		netstack_rib_reset(other);
		netstack_mark_dirty(other->stack);
	}
	ribs_add(&ribs, rib);
	monotime(&rib->entered);
}

struct netstack *netstack_rib_stack(vrf_id_t vrf_id)
{
	const struct netstack_rib key = { .vrf_id = vrf_id };
	const struct netstack_rib *rib = ribs_const_find(&ribs, &key);

	return rib ? rib->stack : NULL;
}

void netstack_rib_terminate(void)
{
	ribs_fini(&ribs);
}

/* ------------------------------------------------------------------------------------------
 * What is sent
 */

static void encode_nexthop(struct zapi_nexthop *api, const struct sent_nexthop *nexthop,
			   vrf_id_t vrf_id)
{
	api->type = nexthop->type;
	api->vrf_id = vrf_id;
	api->ifindex = nexthop->ifindex;
	if (nexthop->type == NEXTHOP_TYPE_BLACKHOLE)
		api->bh_type = nexthop->bh_type;
	else if (IS_IPADDR_V4(&nexthop->gate))
		api->gate.ipv4 = nexthop->gate.ipaddr_v4;
	else if (IS_IPADDR_V6(&nexthop->gate))
		api->gate.ipv6 = nexthop->gate.ipaddr_v6;
	if (nexthop->type != NEXTHOP_TYPE_BLACKHOLE)
		api->vrf_id = nexthop->vrf_id;
}

static void send_route_as(const struct netstack_rib *rib, const struct rib_entry *entry, bool add,
			  unsigned short instance)
{
	static struct zapi_route api; /* 100 kB and more: not on the stack */

	if (!add)
		netstack_zebra_be_loud(); /* nobody else tells of the end of a route */
	memset(&api, 0, offsetof(struct zapi_route, nexthops));
	memset(&api.nexthops, 0, sizeof(api.nexthops[0]) * entry->nexthop_count);
	api.backup_nexthop_num = 0;
	api.nhgid = 0;
	api.metric = 0;
	api.tag = 0;
	api.mtu = 0;
	api.tableid = 0;
	api.opaque.length = 0;
	api.vrf_id = rib->vrf_id;
	api.type = ZEBRA_ROUTE_STATIC;
	api.instance = instance;
	api.safi = SAFI_UNICAST;
	api.prefix = netstack_prefix_to(&entry->prefix);
	SET_FLAG(api.flags, ZEBRA_FLAG_ALLOW_RECURSION);
	SET_FLAG(api.message, ZAPI_MESSAGE_DISTANCE);
	api.distance = entry->distance;
	if (add) {
		SET_FLAG(api.message, ZAPI_MESSAGE_NEXTHOP);
		api.nexthop_num = entry->nexthop_count;
		for (uint16_t i = 0; i < entry->nexthop_count; i++)
			encode_nexthop(&api.nexthops[i], &entry->nexthops[i], rib->vrf_id);
	}
	DEBUGD(&netstack_dbg_zebra, "netstack %s: %s route %pFX, distance %u, %u next hops",
	       rib->stack->name, add ? "send" : "withdraw", &entry->prefix, entry->distance,
	       entry->nexthop_count);
	zclient_route_send(add ? ZEBRA_ROUTE_ADD : ZEBRA_ROUTE_DELETE, netstack_zclient, &api);
}

void netstack_rib_send(const struct netstack_rib *rib, const struct rib_entry *entry, bool add)
{
	send_route_as(rib, entry, add, NETSTACK_ZEBRA_INSTANCE);
}

void netstack_rib_lay_ghost(const struct netstack_rib *rib, const struct rib_entry *entry)
{
	const struct netstack_fib_table *table = netstack_place_fib(rib->stack);

	if (netstack_zebra_process_is_new() && table && netstack_rib_is_in_fib(table, entry, true))
		send_route_as(rib, entry, false, 0);
}

void netstack_rib_keep_ghosts(struct netstack_rib *rib)
{
	struct rib_entry *entry, *older;

	frr_each_safe (rib_entries, &rib->entries, entry) {
		if (!entry->sent)
			continue;
		take_entry(rib, entry);
		older = rib_entries_add(&rib->ghosts, entry);
		if (!older)
			continue;
		rib_entries_del(&rib->ghosts, older);
		free_taken(older);
		rib_entries_add(&rib->ghosts, entry);
	}
}

void netstack_rib_lay_ghosts(struct netstack_rib *rib)
{
	const struct rib_entry *entry;
	struct rib_entry *ghost;

	frr_each (rib_entries, &rib->ghosts, ghost) {
		entry = netstack_rib_find(rib, &ghost->prefix);
		/* else it was laid when that was sent */
		if (!entry || !entry->sent || !entry->kept)
			netstack_rib_lay_ghost(rib, ghost);
	}
	forget_ghosts(rib);
}

/* ------------------------------------------------------------------------------------------
 * Routes
 */

/* zebra kept the route over a restart of ours, as it was asked to. */
static bool is_kept(const struct netstack_rib *rib, const struct rib_entry *entry)
{
	const struct netstack_fib_table *table =
		rib->complete ? NULL : netstack_place_fib(rib->stack);

	return table && netstack_rib_is_in_fib(table, entry, true);
}

static void withdraw_entry(struct netstack_rib *rib, struct rib_entry *entry)
{
	if (!entry->sent)
		return;
	netstack_rib_send(rib, entry, false);
	entry->sent = false;
	/* what only the kernel says is installed may be another's */
	set_withdrawn(entry, true, entry->note != NOTE_INSTALLED || entry->unnoted);
	netstack_rib_set_unsettled(rib, entry, true);
	entry->sent_at = *netstack_rib_clock();
	entry->note = NOTE_NONE;
	entry->deleted = false;
	memset(&entry->missing, 0, sizeof(entry->missing));
}

static bool same_route(const struct rib_entry *entry, const struct candidate *candidate)
{
	return entry->sent && entry->distance == candidate->distance &&
	       entry->nexthop_count == candidate->count &&
	       !memcmp(entry->nexthops, candidate->nexthops,
		       candidate->count * sizeof(candidate->nexthops[0]));
}

/*
 * How many further routes the stack's limit allows for.  What was sent and is not in the kernel yet
 * takes room, unless the kernel has another route in its place.
 */
static uint32_t count_room(const struct netstack_rib *rib)
{
	uint32_t max = netstack_limit_enforced(rib->stack, NETSTACK_LIMIT_ROUTES);
	const struct netstack_fib_table *table;
	const struct rib_entry *entry;
	uint32_t use;

	if (!max)
		return UINT32_MAX;
	table = netstack_place_fib(rib->stack);
	use = netstack_limit_use(rib->stack, NETSTACK_LIMIT_ROUTES);
	frr_each (rib_entries_const, &rib->entries, entry)
		if (entry->sent && !netstack_rib_is_beaten(rib, entry) &&
		    (!table || !netstack_rib_prefix_in_fib(table, &entry->prefix)))
			use++;
	return use < max ? max - use : 0;
}

/*
 * May it be sent?  What zebra has got stays, and what the kernel has, as after a restart, takes no
 * further room.  Those before it in the order of the configuration have taken theirs.
 */
static bool has_room(struct netstack_rib *rib, const struct candidate *candidate,
		     const struct rib_entry *entry)
{
	const struct netstack_fib_table *table;

	if (rib->room == UINT32_MAX || (entry && entry->sent))
		return true;
	table = netstack_place_fib(rib->stack);
	if (table && netstack_rib_prefix_in_fib(table, &candidate->prefix))
		return true;
	if (!rib->room)
		return false;
	rib->room--;
	return true;
}

/*
 * The next hop of this one is down: what comes later in the order of the configuration does not get
 * its place, in which it would stay.  While the kernel has the route it is counted anyway.
 */
static void keep_place(struct netstack_rib *rib, const struct netstack_prefix *prefix)
{
	const struct netstack_fib_table *table;

	if (rib->room == UINT32_MAX || !rib->room)
		return;
	table = netstack_place_fib(rib->stack);
	if (!table || !netstack_rib_prefix_in_fib(table, prefix))
		rib->room--;
}

/*
 * Sends the candidate if it is not what zebra has; one without next hops is a withdrawal.  `entry` is
 * that of its prefix; NULL: there is none.
 */
static void publish(struct netstack_rib *rib, const struct candidate *candidate,
		    struct rib_entry *entry)
{
	size_t size = candidate->count * sizeof(candidate->nexthops[0]);

	if (!candidate->count) {
		if (entry)
			withdraw_entry(rib, entry);
		if (candidate->awaited)
			keep_place(rib, &candidate->prefix);
		return;
	}
	if (!has_room(rib, candidate, entry)) {
		rib->refused = true;
		return;
	}
	if (!entry)
		entry = add_entry(rib, &candidate->prefix);
	entry->wanted = true;
	if (same_route(entry, candidate))
		return;
	entry->distance = candidate->distance;
	entry->nexthop_count = candidate->count;
	entry->nexthops = XREALLOC(MTYPE_NETSTACK_RIB_ENTRY, entry->nexthops, size);
	memcpy(entry->nexthops, candidate->nexthops, size);
	entry->kept = is_kept(rib, entry);
	entry->unnoted = netstack_zebra_is_quiet();
	entry->sent = true;
	netstack_rib_set_unsettled(rib, entry, true);
	entry->sent_at = *netstack_rib_clock();
	entry->resend = NETSTACK_RIB_RESEND_FIRST;
	set_withdrawn(entry, false, false);
	entry->note = NOTE_NONE;
	entry->deleted = false;
	memset(&entry->missing, 0, sizeof(entry->missing));
	netstack_rib_send(rib, entry, true);
	if (entry->kept)
		netstack_rib_lay_ghost(rib, entry);
}

static void add_nexthop(struct candidate *candidate, const struct judgement *judgement)
{
	const struct netstack_route *route = judgement->route;
	struct sent_nexthop *nexthop;

	if (route->distance > candidate->distance)
		return;
	if (route->distance < candidate->distance) {
		candidate->distance = route->distance;
		candidate->count = 0;
	}
	if (candidate->count == netstack_ecmp_max ||
	    candidate->count == array_size(candidate->nexthops))
		return;
	nexthop = &candidate->nexthops[candidate->count++];
	memset(nexthop, 0, sizeof(*nexthop));
	nexthop->gate = route->gate;
	nexthop->ifindex = judgement->ifindex;
	nexthop->vrf_id = route->stack->rib->vrf_id;
	nexthop->resolution = netstack_rib_resolution(judgement);
	if (route->type == NETSTACK_NEXTHOP_BLACKHOLE)
		nexthop->bh_type = BLACKHOLE_NULL;
	else if (route->type == NETSTACK_NEXTHOP_UNREACHABLE)
		nexthop->bh_type = BLACKHOLE_REJECT;
	if (nexthop->bh_type)
		nexthop->type = NEXTHOP_TYPE_BLACKHOLE;
	else if (IS_IPADDR_V4(&route->gate))
		nexthop->type = nexthop->ifindex ? NEXTHOP_TYPE_IPV4_IFINDEX : NEXTHOP_TYPE_IPV4;
	else
		nexthop->type = nexthop->ifindex ? NEXTHOP_TYPE_IPV6_IFINDEX : NEXTHOP_TYPE_IPV6;
}

const struct netstack_route *netstack_rib_first_of(const struct netstack *stack,
						   const struct netstack_prefix *prefix,
						   bool is_gateway)
{
	const struct netstack_route key = { .is_gateway = is_gateway, .prefix = *prefix };
	const struct netstack_route *route = netstack_routes_const_find_gteq(&stack->routes, &key);

	if (!route || route->is_gateway != is_gateway ||
	    !netstack_prefix_same(&route->prefix, prefix))
		return NULL;
	return route;
}

/* Adds this one, if it is of the candidate's prefix, and the others of its kind. */
static void collect(struct netstack_rib *rib, const struct netstack_route *route, bool is_gateway,
		    struct candidate *candidate, bool *waiting)
{
	for (; route && route->is_gateway == is_gateway &&
	       netstack_prefix_same(&route->prefix, &candidate->prefix);
	     route = netstack_routes_const_next(&rib->stack->routes, route)) {
		bool is_told = is_gateway && !route->track; /* what has a tracker, that tells */
		char reason[NETSTACK_REASON_LEN];
		struct judgement judgement = {
			.route = route,
			.reason = is_told ? reason : NULL,
			.len = sizeof(reason),
		};
		enum verdict verdict = netstack_rib_track_and_judge(rib, &judgement);

		if (verdict == VERDICT_WAITING)
			*waiting = true;
		else if (is_told)
			netstack_gateway_judged(route, verdict == VERDICT_USABLE, reason);
		if (verdict == VERDICT_WAITING || verdict == VERDICT_UNREACHABLE)
			candidate->awaited = true;
		else if (verdict == VERDICT_USABLE)
			add_nexthop(candidate, &judgement);
	}
}

/* Those of prefixes that nothing is configured for. */
static void publish_leaked(const struct netstack_leaked_route *route, const struct netstack *source,
			   void *arg)
{
	struct netstack_rib *rib = arg;
	struct rib_entry *entry = netstack_rib_find(rib, &route->prefix);
	static struct candidate candidate; /* 256 next hops: not on the stack */

	if (entry && entry->wanted)
		return;
	candidate.prefix = route->prefix;
	candidate.count = 0;
	candidate.awaited = false;
	netstack_rib_add_leaked(rib, &candidate);
	publish(rib, &candidate, entry);
}

/*
 * Gateways and routes of a prefix stand apart in the order (netstack_route_cmp): a
 * `default-gateway` and a `route 0.0.0.0/0` meet here.  `first` is the first of them; NULL: to be found.
 * `entry` is that of the prefix; NULL: there is none.
 */
static void publish_prefix(struct netstack_rib *rib, const struct netstack_prefix *prefix,
			   const struct netstack_route *first, struct rib_entry *entry,
			   bool *waiting)
{
	static struct candidate candidate; /* 256 next hops: not on the stack */

	candidate.prefix = *prefix;
	candidate.count = 0;
	candidate.awaited = false;
	candidate.distance = UINT8_MAX;
	if (!prefix->prefixlen)
		collect(rib, netstack_rib_first_of(rib->stack, prefix, true), true, &candidate,
			waiting);
	if (!first || first->is_gateway)
		first = netstack_rib_first_of(rib->stack, prefix, false);
	collect(rib, first, false, &candidate, waiting);
	netstack_rib_add_leaked(rib, &candidate);
	publish(rib, &candidate, entry);
}

bool netstack_rib_publish_new(struct netstack_rib *rib, const struct netstack_prefix *prefix)
{
	bool waiting = false;

	if (netstack_rib_find(rib, prefix))
		return false;
	rib->room = count_room(rib);
	publish_prefix(rib, prefix, NULL, NULL, &waiting);
	return true;
}

void netstack_rib_publish_prefix(struct netstack_rib *rib, const struct netstack_prefix *prefix)
{
	struct rib_entry *entry = netstack_rib_find(rib, prefix);
	bool waiting = false;

	netstack_rib_look_at_clock();
	if (entry)
		entry->wanted = false;
	rib->room = count_room(rib);
	publish_prefix(rib, prefix, NULL, entry, &waiting);
	if (entry && !entry->wanted)
		withdraw_entry(rib, entry);
}

bool netstack_rib_publish(struct netstack_rib *rib)
{
	bool waiting = !netstack_leak_refresh(rib->stack);
	const struct netstack_route *route;
	struct netstack_prefix last = {};
	bool default_is_done[2] = {};

	netstack_rib_look_at_clock();
	rib->refused = false;
	rib->room = count_room(rib);
	frr_each (netstack_routes_const, &rib->stack->routes, route) {
		if (netstack_prefix_same(&route->prefix, &last))
			continue;
		last = route->prefix;
		if (!last.prefixlen && default_is_done[last.family == AF_INET6])
			continue; /* with the gateways of its family, which come first */
		default_is_done[last.family == AF_INET6] |= !last.prefixlen;
		publish_prefix(rib, &route->prefix, route, netstack_rib_find(rib, &route->prefix),
			       &waiting);
	}
	netstack_leak_each(rib->stack, publish_leaked, rib);
	return waiting;
}

void netstack_rib_withdraw_unwanted(struct netstack_rib *rib)
{
	struct rib_entry *entry;

	netstack_rib_look_at_clock();
	frr_each (rib_entries, &rib->entries, entry)
		if (!entry->wanted)
			withdraw_entry(rib, entry);
}
