// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Next hops: zebra's tracking of them, and whether a configured one is usable.
 */

#include <zebra.h>

#include <linux/rtnetlink.h>

#include "frrevent.h"
#include "monotime.h"
#include "nexthop.h"
#include "vrf.h"
#include "zclient.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_gateway.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_plan.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_rib.h"
#include "netstackd/netstack_status.h"
#include "netstackd/netstack_zebra.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_TRACKED, "Tracked next hop");

/*
 * Milliseconds until zebra is asked again about a next hop when its answer is in doubt, doubled
 * each time; and how long it may say that no connected route leads there before that is believed.
 */
#define ASK_FIRST     100
#define ASK_CONNECTED 5000

/* ------------------------------------------------------------------------------------------
 * Next-hop tracking
 */

int netstack_rib_tracked_cmp(const struct tracked *a, const struct tracked *b)
{
	return ipaddr_cmp(&a->address, &b->address);
}

struct tracked *netstack_rib_find_tracked(const struct netstack_rib *rib,
					  const struct ipaddr *address)
{
	struct tracked key;

	key.address = *address;
	return (struct tracked *)tracked_nexthops_const_find(&rib->tracked, &key);
}

static void send_tracking(const struct netstack_rib *rib, const struct ipaddr *address, bool on)
{
	struct prefix prefix = netstack_host_prefix(address);

	DEBUGD(&netstack_dbg_zebra, "netstack %s: %s %pFX", rib->stack->name,
	       on ? "track" : "do not track", &prefix);
	zclient_send_rnh(netstack_zclient, on ? ZEBRA_NEXTHOP_REGISTER : ZEBRA_NEXTHOP_UNREGISTER,
			 &prefix, SAFI_UNICAST, false, false, rib->vrf_id);
}

/* Starts to track the address if it is not yet. */
static struct tracked *track(struct netstack_rib *rib, const struct ipaddr *address)
{
	struct tracked *tracked = netstack_rib_find_tracked(rib, address);

	if (!tracked) {
		tracked = XCALLOC(MTYPE_NETSTACK_TRACKED, sizeof(*tracked));
		tracked->address = *address;
		tracked_nexthops_add(&rib->tracked, tracked);
	}
	tracked->wanted = true;
	if (!tracked->registered) {
		tracked->registered = true;
		tracked->ask_again = ASK_FIRST;
		monotime(&tracked->asked_at);
		send_tracking(rib, address, true);
	}
	return tracked;
}

unsigned int netstack_rib_check_tracked(const struct netstack_rib *rib, struct tracked *tracked)
{
	int64_t age;

	if (!tracked->doubtful) {
		if (tracked->connected)
			tracked->ask_again = ASK_FIRST;
		return 0;
	}
	age = monotime_since(&tracked->asked_at, NULL) / 1000;
	if (netstack_rib_is_on_its_way(age, tracked->ask_again))
		return netstack_rib_until_lost(age, tracked->ask_again);
	send_tracking(rib, &tracked->address, false);
	send_tracking(rib, &tracked->address, true);
	monotime(&tracked->asked_at);
	tracked->ask_again = MIN(2 * tracked->ask_again, NETSTACK_RIB_RESEND_MAX);
	return tracked->ask_again;
}

static void untrack(struct netstack_rib *rib, struct tracked *tracked)
{
	tracked_nexthops_del(&rib->tracked, tracked);
	XFREE(MTYPE_NETSTACK_TRACKED, tracked);
}

void netstack_rib_forget_tracked(struct netstack_rib *rib)
{
	struct tracked *tracked;

	frr_each_safe (tracked_nexthops, &rib->tracked, tracked)
		untrack(rib, tracked);
}

void netstack_rib_untrack_unwanted(struct netstack_rib *rib)
{
	struct tracked *tracked;

	frr_each_safe (tracked_nexthops, &rib->tracked, tracked) {
		if (tracked->wanted)
			continue;
		send_tracking(rib, &tracked->address, false);
		untrack(rib, tracked);
	}
}

/* What no other route leads to is resolved by the unreachable default of the stack's table. */
static bool leads_somewhere(const struct zapi_route *nhr)
{
	for (uint16_t i = 0; i < nhr->nexthop_num; i++)
		if (nhr->nexthops[i].type != NEXTHOP_TYPE_BLACKHOLE)
			return true;
	return false;
}

/*
 * Out of another VRF's link, or by its device, where the kernel looks up the destination in that VRF's table
 * and not the next hop.
 */
static bool leads_out(const struct zapi_route *nhr, vrf_id_t vrf_id)
{
	for (uint16_t i = 0; i < nhr->nexthop_num; i++)
		if (nhr->nexthops[i].type != NEXTHOP_TYPE_BLACKHOLE &&
		    nhr->nexthops[i].vrf_id != vrf_id)
			return true;
	return false;
}

/*
 * Resolved as a next hop in a subnet has to be.  zebra reads the kernel's own route of a subnet
 * before it knows the address, and a route that is resolved by that one gets other next hops
 * (onlink) or none.
 */
static bool is_resolved(const struct tracked *tracked)
{
	return !tracked->answered ||
	       (tracked->reachable && (tracked->connected || tracked->ask_again >= ASK_CONNECTED));
}

void netstack_rib_nexthop_update(struct vrf *vrf, struct prefix *match, struct zapi_route *nhr)
{
	struct netstack *stack = netstack_rib_stack(vrf->vrf_id);
	struct tracked *tracked = NULL;
	struct ipaddr address = netstack_prefix_address(match);

	netstack_zebra_heard();
	if (stack)
		tracked = netstack_rib_find_tracked(stack->rib, &address);
	if (!tracked)
		return;
	tracked->answered = true;
	tracked->foreign = leads_out(nhr, vrf->vrf_id);
	tracked->reachable = leads_somewhere(nhr) && !tracked->foreign;
	tracked->blackhole = !leads_somewhere(nhr) && nhr->nexthop_num && nhr->prefix.prefixlen;
	tracked->by = netstack_prefix_from(&nhr->prefix);
	tracked->answers++;
	tracked->connected = nhr->type == ZEBRA_ROUTE_CONNECT || nhr->type == ZEBRA_ROUTE_LOCAL;
	tracked->doubtful &= !is_resolved(tracked);
	DEBUGD(&netstack_dbg_zebra, "netstack %s: next hop %pIA is %s", stack->name, &address,
	       tracked->reachable ? "reachable" : "unreachable");
	netstack_mark_dirty(stack);
}

/* ------------------------------------------------------------------------------------------
 * Is a configured next hop usable?
 */

static enum verdict judge(struct judgement *judgement, enum verdict verdict, const char *format,
			  ...) PRINTFRR(3, 4);

static enum verdict judge(struct judgement *judgement, enum verdict verdict, const char *format,
			  ...)
{
	va_list args;

	if (!judgement->reason)
		return verdict;
	va_start(args, format);
	vsnprintfrr(judgement->reason, judgement->len, format, args);
	va_end(args);
	return verdict;
}

/* Can packets leave by the link: up, and with a carrier. */
static bool link_is_running(const struct netstack_link *link)
{
	return (link->flags & IFF_UP) && (link->flags & IFF_RUNNING);
}

/* A link with a subnet that a gateway is in. */
struct subnet_match {
	const struct netstack_link *link; /* NULL: there is none */
	int prefixlen;
	bool is_broadcast; /* the gateway is its broadcast address */
};

/* The search for the subnet that a gateway is in: the longest counts, as it does for the kernel. */
struct subnet_search {
	const struct netstack *stack;
	const struct ipaddr *gate;
	const char *ifname;	  /* "": any link of the stack */
	struct subnet_match up;	  /* of the links that are running */
	struct subnet_match down; /* of those that are not */
	bool is_own;		  /* the gateway is an address of the stack itself */
};

static bool same_address(const struct netstack_prefix *prefix, const struct ipaddr *address)
{
	if (prefix->family != (int)address->ipa_type)
		return false;
	return !memcmp(&prefix->u, &address->ip, IPADDRSZ(address));
}

/*
 * The last address of an IPv4 subnet, unless it has two only (RFC 3021).  The first one is a host's like
 * others since Linux 5.14.
 */
static bool is_broadcast_of(const struct netstack_prefix *subnet, const struct ipaddr *address)
{
	uint32_t mask;

	if (!IS_IPADDR_V4(address) || subnet->prefixlen > IPV4_MAX_BITLEN - 2)
		return false;
	mask = UINT32_MAX >> subnet->prefixlen;
	return (ntohl(address->ipaddr_v4.s_addr) & mask) == mask;
}

static void search_link(struct subnet_search *search, const struct netstack_link *link)
{
	struct subnet_match *match = link_is_running(link) ? &search->up : &search->down;
	const struct netstack_link_address *address;

	if (search->ifname[0] && strcmp(search->ifname, link->name))
		return;
	frr_each (netstack_link_addresses_const, &link->addresses, address) {
		if (same_address(&address->prefix, search->gate))
			search->is_own = true;
		if (!netstack_prefix_has(&address->subnet, search->gate) ||
		    (match->link && match->prefixlen >= address->subnet.prefixlen))
			continue;
		*match = (struct subnet_match){
			.link = link,
			.prefixlen = address->subnet.prefixlen,
			.is_broadcast = is_broadcast_of(&address->subnet, search->gate),
		};
	}
}

static void search_any_link(const struct netstack_link *link, void *arg)
{
	search_link(arg, link);
}

static void search_subnet(struct subnet_search *search)
{
	const struct netstack_link *link;

	if (!search->ifname[0]) {
		netstack_place_each_link(search->stack, search_any_link, search);
		return;
	}
	link = netstack_place_link(search->stack, search->ifname);
	if (link)
		search_link(search, link);
}

/* Things that hold for all next hops of a stack. */
static enum verdict judge_stack(struct judgement *judgement)
{
	const struct netstack_route *route = judgement->route;
	const struct netstack *stack = route->stack;

	if (stack->shutdown)
		return judge(judgement, VERDICT_PENDING, "the stack is shut down");
	if (netstack_is_renamed(stack, netstack_kernel_inside_name(stack)))
		return judge(judgement, VERDICT_PENDING, "the stack is being renamed");
	if (!netstack_zebra_connected())
		return judge(judgement, VERDICT_PENDING, "zebra is not connected");
	if (!netstack_zebra_has_vrf(stack))
		return judge(judgement, VERDICT_PENDING, "VRF %s is not known to zebra yet",
			     netstack_vrf_name(stack));
	if (route->prefix.family == AF_INET6 && stack->ipv6_disable)
		return judge(judgement, VERDICT_PENDING, "IPv6 is disabled in this stack");
	return VERDICT_USABLE;
}

/* The interface that is named at the next hop. */
static enum verdict judge_interface(struct judgement *judgement)
{
	const struct netstack_route *route = judgement->route;
	const struct netstack_link *link = netstack_place_link(route->stack, route->ifname);

	if (!link)
		return judge(judgement, VERDICT_PENDING, "interface %s does not exist",
			     route->ifname);
	if (!netstack_place_has(route->stack, link))
		return judge(judgement, VERDICT_PENDING, "interface %s is not in this stack",
			     route->ifname);
	if (!link_is_running(link))
		return judge(judgement, VERDICT_UNREACHABLE, "interface %s is down", route->ifname);
	judgement->ifindex = link->ifindex;
	return VERDICT_USABLE;
}

/*
 * Would this route lead to its own next hop, instead of the one that does now, or does it already?  zebra
 * resolves none but a host's by itself, and its tracking, which does not know whose next hop it is, says
 * that there is a way as soon as the route is gone again.
 */
static bool leads_to_itself(const struct netstack_route *route, const struct tracked *tracked)
{
	const int host = IS_IPADDR_V4(&route->gate) ? IPV4_MAX_BITLEN : IPV6_MAX_BITLEN;

	return route->prefix.prefixlen < host && tracked->by.prefixlen <= route->prefix.prefixlen &&
	       netstack_prefix_has(&route->prefix, &route->gate);
}

/*
 * What zebra's next-hop tracking says.  Where the kernel has the subnet zebra will know it: it hears of
 * a link that comes up, and of its routes, one after another, and says in between that there is no way.
 */
static enum verdict judge_tracking(struct judgement *judgement, bool in_subnet)
{
	const struct netstack_route *route = judgement->route;
	const struct tracked *tracked =
		route->stack->rib ? netstack_rib_find_tracked(route->stack->rib, &route->gate)
				  : NULL;

	if (!tracked || !tracked->answered)
		return judge(judgement, VERDICT_WAITING,
			     "waiting for zebra's next-hop tracking of %pIA", &route->gate);
	if (tracked->blackhole)
		return judge(judgement, in_subnet ? VERDICT_UNREACHABLE : VERDICT_PENDING,
			     "a blackhole route leads to %pIA", &route->gate);
	if (in_subnet && !tracked->connected && tracked->ask_again < ASK_CONNECTED)
		return judge(judgement, VERDICT_WAITING,
			     "waiting for zebra to know the subnet of %pIA", &route->gate);
	if (tracked->foreign)
		return judge(
			judgement, VERDICT_PENDING,
			"%pIA is in no subnet of this stack, and the route to it leads out of it",
			&route->gate);
	if (tracked->reachable && !in_subnet && leads_to_itself(route, tracked))
		return judge(
			judgement, VERDICT_PENDING,
			"%pIA is in no subnet of this stack, and no route but this one would lead to it",
			&route->gate);
	if (tracked->reachable)
		return VERDICT_USABLE;
	if (in_subnet)
		return judge(judgement, VERDICT_UNREACHABLE, "zebra cannot resolve %pIA",
			     &route->gate);
	return judge(judgement, VERDICT_PENDING,
		     "%pIA is in no subnet of this stack, and no route leads to it", &route->gate);
}

static enum verdict judge_gateway(struct judgement *judgement)
{
	const struct netstack_route *route = judgement->route;
	struct subnet_search search = {
		.stack = route->stack,
		.gate = &route->gate,
		.ifname = route->ifname,
	};
	const struct subnet_match *match;

	search_subnet(&search);
	match = search.up.link ? &search.up : &search.down;
	if (search.is_own)
		return judge(judgement, VERDICT_PENDING, "%pIA is an address of this stack itself",
			     &route->gate);
	if (IS_IPADDR_V6(&route->gate) && IN6_IS_ADDR_LINKLOCAL(&route->gate.ipaddr_v6))
		return VERDICT_USABLE; /* with an interface, which was judged already */
	if (match->is_broadcast)
		return judge(judgement, VERDICT_PENDING,
			     "%pIA is the broadcast address of its subnet", &route->gate);
	if (search.up.link) {
		judgement->ifindex = search.up.link->ifindex;
		judgement->on_link = true;
		return judge_tracking(judgement, true);
	}
	if (search.down.link)
		return judge(judgement, VERDICT_UNREACHABLE, "interface %s is down",
			     search.down.link->name);
	if (route->ifname[0])
		return judge(judgement, VERDICT_PENDING, "%pIA is in no subnet of interface %s",
			     &route->gate, route->ifname);
	if (route->is_gateway)
		return judge(judgement, VERDICT_PENDING, "%pIA is in no subnet of this stack",
			     &route->gate);
	return judge_tracking(judgement, false);
}

/* All but what its tracker says. */
static enum verdict judge_next_hop(struct judgement *judgement)
{
	const struct netstack_route *route = judgement->route;
	enum verdict verdict = judge_stack(judgement);

	/* zebra never selects it (DISTANCE_INFINITY), and waits for ever */
	if (verdict == VERDICT_USABLE && route->distance == UINT8_MAX)
		return judge(judgement, VERDICT_PENDING, "distance 255 is never used");
	if (verdict == VERDICT_USABLE && route->ifname[0])
		verdict = judge_interface(judgement);
	if (verdict == VERDICT_USABLE && route->type == NETSTACK_NEXTHOP_GATEWAY)
		verdict = judge_gateway(judgement);
	return verdict;
}

/* Has the kernel's route this next hop?  True as well if not all of its next hops are known. */
static bool fib_route_has(const struct netstack_fib_route *fib, const struct judgement *judgement)
{
	if (fib->nexthop_count > NETSTACK_FIB_NEXTHOPS_KEPT)
		return true;
	for (uint16_t i = 0; i < fib->nexthop_count; i++)
		if (ipaddr_is_same(&fib->nexthops[i].gate, &judgement->route->gate) &&
		    (!judgement->ifindex || fib->nexthops[i].ifindex == judgement->ifindex))
			return true;
	return false;
}

/*
 * zebra kept a route for us over a restart, and it goes by other next hops: this one was down, or
 * stood by.  Until its tracker knows, what is in the kernel stays.
 */
static bool is_doubtful(const struct judgement *judgement)
{
	const struct netstack_route *route = judgement->route;
	const struct netstack_fib_table *table = netstack_place_fib(route->stack);
	const struct netstack_rib *rib = route->stack->rib;
	const struct netstack_fib_route *fib;
	const struct rib_entry *entry;
	bool doubtful = false;

	if (!rib || rib->complete || !table || !netstack_gateway_is_unknown(route) ||
	    monotime_since(&rib->entered, NULL) >= NETSTACK_RIB_DOUBT_MSEC * 1000)
		return false;
	entry = netstack_rib_find(rib, &route->prefix);
	if (entry && entry->sent && !entry->kept)
		return false;
	netstack_each_route_to (table, &route->prefix, fib) {
		if (fib->proto != RTPROT_ZEBRA && fib->proto != NETSTACK_RTPROT_ZSTATIC)
			continue;
		if (fib_route_has(fib, judgement))
			return false;
		doubtful = true;
	}
	return doubtful;
}

static void doubt_ends(struct event *event)
{
	netstack_mark_dirty(EVENT_ARG(event));
}

/* A tracked next hop may be in doubt: looks again when that is over. */
static void await_end_of_doubt(struct netstack_rib *rib)
{
	int64_t age = monotime_since(&rib->entered, NULL) / 1000;

	if (!rib->complete && age < NETSTACK_RIB_DOUBT_MSEC)
		event_add_timer_msec(master, doubt_ends, rib->stack,
				     NETSTACK_RIB_DOUBT_MSEC + 1 - age, &rib->t_doubt);
}

enum verdict netstack_rib_judge(struct judgement *judgement)
{
	enum verdict verdict = judge_next_hop(judgement);

	if (verdict != VERDICT_USABLE)
		return verdict;
	if (!netstack_gateway_is_usable(judgement->route, judgement->reason, judgement->len))
		return VERDICT_UNREACHABLE;
	if (is_doubtful(judgement))
		return judge(judgement, VERDICT_WAITING,
			     "it was not in use before the restart, and has not answered yet");
	return VERDICT_USABLE;
}

/* ------------------------------------------------------------------------------------------
 * Configured next hops, one by one
 */

static bool is_tracked_type(const struct netstack_route *route)
{
	return route->type == NETSTACK_NEXTHOP_GATEWAY &&
	       !(IS_IPADDR_V6(&route->gate) && IN6_IS_ADDR_LINKLOCAL(&route->gate.ipaddr_v6));
}

uint32_t netstack_rib_resolution(const struct judgement *judgement)
{
	const struct netstack_route *route = judgement->route;
	const struct tracked *tracked;

	if (judgement->ifindex || !is_tracked_type(route))
		return 0;
	tracked = netstack_rib_find_tracked(route->stack->rib, &route->gate);
	return tracked ? tracked->answers : 0;
}

enum verdict netstack_rib_track_and_judge(struct netstack_rib *rib, struct judgement *judgement)
{
	const struct netstack_route *route = judgement->route;
	struct tracked *tracked = is_tracked_type(route) ? track(rib, &route->gate) : NULL;
	enum verdict verdict = netstack_rib_judge(judgement);

	if (tracked) /* the lines of one address share it, and not all of them are on a link */
		tracked->doubtful |= judgement->on_link && !is_resolved(tracked);
	return verdict;
}

static enum netstack_gateway_place place_of(const struct judgement *judgement, enum verdict verdict)
{
	if (verdict == VERDICT_PENDING)
		return NETSTACK_GATEWAY_NOWHERE;
	if (judgement->ifindex)
		return NETSTACK_GATEWAY_ON_LINK;
	if (verdict == VERDICT_WAITING)
		return NETSTACK_GATEWAY_UNDECIDED;
	if (verdict == VERDICT_UNREACHABLE)
		return NETSTACK_GATEWAY_LINK_DOWN;
	return verdict == VERDICT_USABLE ? NETSTACK_GATEWAY_ROUTED : NETSTACK_GATEWAY_NOWHERE;
}

void netstack_rib_follow_next_hops(struct netstack_rib *rib)
{
	const struct netstack_route *route;

	if (netstack_is_renamed(rib->stack, netstack_kernel_inside_name(rib->stack))) {
		netstack_gateway_pause(rib->stack);
		return;
	}
	netstack_gateway_mark(rib->stack);
	frr_each (netstack_routes_const, &rib->stack->routes, route) {
		char reason[NETSTACK_REASON_LEN] = "";
		struct judgement judgement = {
			.route = route,
			.reason = reason,
			.len = sizeof(reason),
		};
		enum verdict verdict;

		if (!route->track)
			continue;
		await_end_of_doubt(rib);
		verdict = judge_next_hop(&judgement);
		netstack_gateway_follow(route, rib->vrf_id, place_of(&judgement, verdict),
					judgement.ifindex, reason);
	}
	netstack_gateway_sweep(rib->stack);
}
