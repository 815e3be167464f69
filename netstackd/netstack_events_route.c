// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routes and nexthop objects: from the kernel's messages to the tables that are observed.
 */

#include <zebra.h>

#include "netstackd/netstack_events_impl.h"

static void tell_route(struct netstack_events *events, uint32_t table,
		       const struct netstack_fib_route *route, bool came)
{
	if (!events->hooks->route)
		netstack_events_tell_table(events, table);
	else if (!events->quiet)
		events->hooks->route(events->stack, table, route, came);
}

static bool table_is_watched(uint32_t table, void *arg)
{
	struct netstack_events *events = arg;

	return netstack_fib_table_find(events->obs, table) != NULL;
}

/* `ip route show vrf NAME` does not show these either. */
static bool route_is_kept(const struct netstack_fib_route *route)
{
	return route->type != RTN_LOCAL && route->type != RTN_BROADCAST;
}

/*
 * The route as it is observed: prefix, TOS and metric are what the kernel tells routes apart by,
 * next hops make copies (netstack_observed.h).
 */
static bool is_rival(const struct netstack_fib_route *a, const struct netstack_fib_route *b)
{
	return a->tos == b->tos && a->metric == b->metric;
}

static struct netstack_fib_route *route_find_same(struct netstack_fib_table *fib,
						  const struct netstack_fib_route *like)
{
	struct netstack_fib_route *route;

	netstack_each_route_to (fib, &like->prefix, route)
		if (netstack_fib_route_same(route, like))
			return route;
	return NULL;
}

/* As a further copy if there are routes of its key.  Takes ownership. */
static void route_insert(struct netstack_events *events, struct netstack_fib_table *fib,
			 struct netstack_fib_route *route)
{
	while (netstack_fib_routes_find(&fib->routes, route))
		route->copy++;
	route->seen = events->seen;
	netstack_observed_route_add(fib, route);
}

static unsigned int nexthops_kept(const struct netstack_fib_route *route)
{
	return MIN(route->nexthop_count, NETSTACK_FIB_NEXTHOPS_KEPT);
}

static bool nexthop_in(const struct netstack_fib_nexthop *nexthop,
		       const struct netstack_fib_route *route)
{
	for (unsigned int i = 0; i < nexthops_kept(route); i++)
		if (nexthop->ifindex == route->nexthops[i].ifindex &&
		    ipaddr_cmp(&nexthop->gate, &route->nexthops[i].gate) == 0)
			return true;
	return false;
}

/* All next hops of `part` are among those of `whole`. */
static bool nexthops_within(const struct netstack_fib_route *part,
			    const struct netstack_fib_route *whole)
{
	for (unsigned int i = 0; i < nexthops_kept(part); i++)
		if (!nexthop_in(&part->nexthops[i], whole))
			return false;
	return part->nexthop_count <= whole->nexthop_count;
}

/* The one route that a test holds for; `ambiguous` if there are several. */
static struct netstack_fib_route *route_find_one(
	struct netstack_fib_table *fib, const struct netstack_fib_route *like,
	bool (*test)(const struct netstack_fib_route *route, const struct netstack_fib_route *like),
	bool *ambiguous)
{
	struct netstack_fib_route *route, *found = NULL;

	*ambiguous = false;
	netstack_each_route_to (fib, &like->prefix, route) {
		if (!is_rival(route, like) || !test(route, like))
			continue;
		*ambiguous = found != NULL;
		if (found)
			return NULL;
		found = route;
	}
	return found;
}

static bool any_rival(const struct netstack_fib_route *route, const struct netstack_fib_route *like)
{
	return true;
}

static bool same_type(const struct netstack_fib_route *route, const struct netstack_fib_route *like)
{
	return route->type == like->type;
}

/* IPv6: the route before it got the further next hops of `like`. */
static bool grows_into(const struct netstack_fib_route *route,
		       const struct netstack_fib_route *like)
{
	return like->nexthop_count > 1 && route->nexthop_count && route->type == like->type &&
	       nexthops_within(route, like);
}

/* IPv6: the route that `like`, one of its next hops or all of them, goes from. */
static bool contains(const struct netstack_fib_route *route, const struct netstack_fib_route *like)
{
	return same_type(route, like) && nexthops_within(like, route);
}

/*
 * A route came or changed.  IPv4 says NLM_F_REPLACE if it took another's place; IPv6 does so too,
 * and tells all next hops when one was added.  Takes ownership.
 */
static void route_came(struct netstack_events *events, struct netstack_fib_table *fib,
		       struct netstack_fib_route *route, bool replace)
{
	struct netstack_fib_route *former = NULL;
	bool ambiguous = false;

	if (replace)
		former = route_find_one(fib, route, any_rival, &ambiguous);
	else if (route->prefix.family == AF_INET6)
		former = route_find_one(fib, route, grows_into, &ambiguous);
	if (ambiguous)
		netstack_events_table_reread_soon(fib->table, events);
	if (route_find_same(fib, route)) {
		netstack_fib_route_free(route);
		return;
	}
	if (former)
		netstack_observed_route_del(fib, former);
	route_insert(events, fib, route);
	if (former)
		netstack_events_tell_table(events, fib->table);
	else
		tell_route(events, fib->table, route, true);
}

/* The route without the next hops that went. */
static struct netstack_fib_route *route_without(const struct netstack_fib_route *route,
						const struct netstack_fib_route *gone)
{
	struct netstack_fib_route *rest;
	unsigned int count = 0;

	for (unsigned int i = 0; i < route->nexthop_count; i++)
		count += !nexthop_in(&route->nexthops[i], gone);
	rest = netstack_fib_route_new(count);
	rest->prefix = route->prefix;
	rest->tos = route->tos;
	rest->metric = route->metric;
	rest->type = route->type;
	rest->proto = route->proto;
	count = 0;
	for (unsigned int i = 0; i < route->nexthop_count; i++)
		if (!nexthop_in(&route->nexthops[i], gone))
			rest->nexthops[count++] = route->nexthops[i];
	return rest;
}

static bool is_partial(const struct netstack_fib_route *gone,
		       const struct netstack_fib_route *route)
{
	return route->prefix.family == AF_INET6 && gone->nexthop_count < route->nexthop_count;
}

/* `gone` stays the caller's. */
static void route_went(struct netstack_events *events, struct netstack_fib_table *fib,
		       const struct netstack_fib_route *gone)
{
	struct netstack_fib_route *route = route_find_same(fib, gone), *rest = NULL;
	bool ambiguous = false;

	if (!route)
		route = route_find_one(fib, gone,
				       gone->prefix.family == AF_INET6 ? contains : same_type,
				       &ambiguous);
	if (!route) {
		/* gone already, or not to be told from others */
		if (ambiguous || netstack_fib_route_first(fib, &gone->prefix))
			netstack_events_table_reread_soon(fib->table, events);
		return;
	}
	if (is_partial(gone, route)) {
		if (route->nexthop_count > NETSTACK_FIB_NEXTHOPS_KEPT) {
			netstack_events_table_reread_soon(fib->table, events);
			return;
		}
		rest = route_without(route, gone);
	}
	netstack_observed_route_del(fib, route);
	if (!rest) {
		tell_route(events, fib->table, gone, false);
		return;
	}
	route_insert(events, fib, rest);
	netstack_events_tell_table(events, fib->table);
}

void netstack_events_route_read(struct netstack_events *events, const struct nlmsghdr *nlh)
{
	struct netstack_fib_route *route;
	struct netstack_fib_table *fib;
	uint32_t table;

	route = netstack_nl_decode_route(nlh, &table, table_is_watched, events);
	if (!route)
		return;
	fib = netstack_fib_table_find(events->obs, table);
	if (nlh->nlmsg_type == RTM_NEWROUTE && route_is_kept(route)) {
		route_came(events, fib, route, nlh->nlmsg_flags & NLM_F_REPLACE);
		return;
	}
	if (nlh->nlmsg_type == RTM_DELROUTE) {
		route_went(events, fib, route);
		if (!events->quiet && events->hooks->route_deleted)
			events->hooks->route_deleted(events->stack, table, &route->prefix);
	}
	netstack_fib_route_free(route);
}

/* The routes of a nexthop object change with it. */
void netstack_events_nexthop_read(struct netstack_events *events, const struct nlmsghdr *nlh)
{
	uint32_t id;

	if (netstack_nl_decode_nexthop(nlh, &id))
		netstack_observed_tables_using(events->obs, true, id,
					       netstack_events_table_reread_soon, events);
}

void netstack_events_route_dumped(const struct nlmsghdr *nlh, void *arg)
{
	struct netstack_events *events = arg;
	struct netstack_fib_route *route, *former;
	uint32_t table;

	route = netstack_nl_decode_route(nlh, &table, table_is_watched, events);
	if (!route)
		return;
	if (nlh->nlmsg_type != RTM_NEWROUTE || table != events->dumped->table ||
	    !route_is_kept(route)) {
		netstack_fib_route_free(route);
		return;
	}
	former = route_find_same(events->dumped, route);
	if (former) {
		former->seen = events->seen;
		netstack_fib_route_free(route);
		return;
	}
	route_insert(events, events->dumped, route);
	events->dumped_changed = true;
}
