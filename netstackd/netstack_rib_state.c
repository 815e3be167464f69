// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What has become of a configured route, in words.
 */

#include <zebra.h>

#include <linux/rtnetlink.h>

#include "netstackd/netstack.h"
#include "netstackd/netstack_leak.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_rib.h"
#include "netstackd/netstack_zebra.h"

/* Which route carries the traffic instead: "bgp has a route of lower distance, via 10.0.0.2". */
static void describe_rival(const struct netstack_rib *rib, const struct rib_entry *entry,
			   char *reason, size_t len)
{
	const struct netstack_fib_table *table = netstack_place_fib(rib->stack);
	const struct netstack_fib_route *rival =
		table ? netstack_rib_find_rival(table, entry) : NULL;
	char protocol[16];

	if (!rival && netstack_rib_is_same_as_staticd(rib, entry)) {
		strlcpy(reason, "static has the same route", len);
		return;
	}
	if (!rival) {
		strlcpy(reason, "another protocol has a route of lower distance", len);
		return;
	}
	if (rival->proto == RTPROT_KERNEL && rival->type == RTN_UNICAST) {
		strlcpy(reason, "the stack has a subnet of this prefix", len);
		return;
	}
	netstack_protocol_name(rival->proto, protocol, sizeof(protocol));
	if (rival->nexthop_count && !IS_IPADDR_NONE(&rival->nexthops[0].gate))
		snprintfrr(reason, len, "%s has a route of lower distance, via %pIA%s", protocol,
			   &rival->nexthops[0].gate, rival->nexthop_count > 1 ? " and others" : "");
	else
		snprintf(reason, len, "%s has a route of lower distance", protocol);
}

/* Is it the limit of routes that keeps an entry (NULL: there is none) from being sent? */
static bool is_refused(const struct netstack *stack, const struct rib_entry *entry, char *reason,
		       size_t len)
{
	if ((entry && entry->sent) || !stack->rib || !stack->rib->refused)
		return false;
	snprintf(reason, len, "limit of %u routes is reached",
		 stack->limits[NETSTACK_LIMIT_ROUTES].max);
	return true;
}

/* Is it among the next hops that share the traffic, or are these as many as zebra takes without it? */
static bool has_a_share(const struct rib_entry *entry, const struct judgement *judgement)
{
	const struct sent_nexthop *nexthop = entry->nexthops;

	if (entry->nexthop_count < netstack_ecmp_max ||
	    judgement->route->distance < entry->distance)
		return true;
	for (uint16_t i = 0; i < entry->nexthop_count; i++, nexthop++)
		if (ipaddr_is_same(&nexthop->gate, &judgement->route->gate) &&
		    nexthop->ifindex == judgement->ifindex)
			return true;
	return false;
}

enum netstack_route_state netstack_route_state(const struct netstack_route *route, char *reason,
					       size_t len)
{
	struct judgement judgement = { .route = route, .reason = reason, .len = len };
	const struct rib_entry *entry;
	enum verdict verdict;

	reason[0] = '\0';
	verdict = netstack_rib_judge(&judgement);
	if (verdict == VERDICT_UNREACHABLE)
		return NETSTACK_ROUTE_UNREACHABLE;
	if (verdict != VERDICT_USABLE)
		return NETSTACK_ROUTE_PENDING;
	entry = route->stack->rib ? netstack_rib_find(route->stack->rib, &route->prefix) : NULL;
	if (is_refused(route->stack, entry, reason, len))
		return NETSTACK_ROUTE_PENDING;
	if (entry && netstack_rib_is_beaten(route->stack->rib, entry)) {
		describe_rival(route->stack->rib, entry, reason, len);
		return NETSTACK_ROUTE_STANDBY;
	}
	if (entry && entry->sent && route->distance > entry->distance) {
		snprintf(reason, len, "distance %u is in use", entry->distance);
		return NETSTACK_ROUTE_STANDBY;
	}
	if (entry && entry->sent && !has_a_share(entry, &judgement)) {
		snprintf(reason, len, "zebra takes %u next hops of a route", netstack_ecmp_max);
		return NETSTACK_ROUTE_STANDBY;
	}
	if (entry && entry->note == NOTE_INSTALLED)
		return NETSTACK_ROUTE_ACTIVE;
	if (entry && entry->note == NOTE_FAILED)
		strlcpy(reason, "zebra could not install it", len);
	else
		strlcpy(reason, "waiting for zebra to install it", len);
	return NETSTACK_ROUTE_PENDING;
}

/* zebra does not tell us when it takes a route of staticd's (netstack_rib_is_beaten()): the kernel has that. */
static bool is_replaced(const struct netstack *stack, const struct rib_entry *entry)
{
	const struct netstack_fib_table *table = netstack_place_fib(stack);

	return table && !netstack_rib_is_in_fib(table, entry, true) &&
	       netstack_rib_find_rival(table, entry);
}

bool netstack_zebra_leak_installed(const struct netstack *stack, const struct netstack *source,
				   const struct netstack_prefix *prefix, char *reason, size_t len)
{
	const struct rib_entry *entry = stack->rib ? netstack_rib_find(stack->rib, prefix) : NULL;

	reason[0] = '\0';
	if (prefix->family == AF_INET6 && stack->ipv6_disable) {
		strlcpy(reason, "IPv6 is disabled in this stack", len);
		return false;
	}
	if (is_refused(stack, entry, reason, len))
		return false;
	if (!netstack_zebra_connected())
		strlcpy(reason, "zebra is not connected", len);
	else if (!entry || !entry->sent)
		strlcpy(reason, "waiting to be sent to zebra", len);
	else if (!netstack_rib_is_leaked(stack->rib, entry))
		strlcpy(reason, "a route of the stack's own configuration is preferred", len);
	else if (entry->nexthops[0].vrf_id != netstack_zebra_vrf_id(source))
		strlcpy(reason, "another netstack leaks a route to it as well", len);
	else if (netstack_rib_is_beaten(stack->rib, entry) || is_replaced(stack, entry))
		describe_rival(stack->rib, entry, reason, len);
	else if (entry->note == NOTE_INSTALLED)
		return true;
	else if (entry->note == NOTE_FAILED)
		strlcpy(reason, "zebra could not install it", len);
	else
		strlcpy(reason, "waiting for zebra to install it", len);
	return false;
}

/* --- what waits for room -------------------------------------------------------------------- */

static bool any_usable(const struct netstack *stack, const struct netstack_prefix *prefix,
		       bool is_gateway)
{
	const struct netstack_route *route = netstack_rib_first_of(stack, prefix, is_gateway);

	for (; route && route->is_gateway == is_gateway &&
	       netstack_prefix_same(&route->prefix, prefix);
	     route = netstack_routes_const_next(&stack->routes, route)) {
		struct judgement judgement = { .route = route };

		if (netstack_rib_judge(&judgement) == VERDICT_USABLE)
			return true;
	}
	return false;
}

static bool is_sent(const struct netstack *stack, const struct netstack_prefix *prefix)
{
	const struct rib_entry *entry = netstack_rib_find(stack->rib, prefix);

	return entry && entry->sent;
}

/* Is it of a prefix that was not counted with an earlier one? */
static bool is_first(const struct netstack *stack, const struct netstack_route *route)
{
	return route == netstack_rib_first_of(stack, &route->prefix, route->is_gateway) &&
	       (route->is_gateway || !netstack_rib_first_of(stack, &route->prefix, true));
}

static bool is_usable(const struct netstack *stack, const struct netstack_prefix *prefix)
{
	return any_usable(stack, prefix, true) || any_usable(stack, prefix, false);
}

struct leaked_count {
	const struct netstack *stack;
	unsigned int waiting;
};

static void count_leaked(const struct netstack_leaked_route *route, const struct netstack *source,
			 void *arg)
{
	struct leaked_count *count = arg;

	if (route->prefix.family == AF_INET6 && count->stack->ipv6_disable)
		return;
	count->waiting += netstack_leak_find(count->stack, &route->prefix, &source) == route &&
			  !is_sent(count->stack, &route->prefix) &&
			  !is_usable(count->stack, &route->prefix);
}

void netstack_zebra_waiting(const struct netstack *stack, unsigned int *configured,
			    unsigned int *leaked)
{
	struct leaked_count count = { .stack = stack };
	const struct netstack_route *route;

	*configured = *leaked = 0;
	if (!stack->rib || !stack->rib->refused)
		return;
	frr_each (netstack_routes_const, &stack->routes, route)
		*configured += is_first(stack, route) && !is_sent(stack, &route->prefix) &&
			       is_usable(stack, &route->prefix);
	netstack_leak_each(stack, count_leaked, &count);
	*leaked = count.waiting;
}
