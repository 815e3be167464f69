// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Leaks: routes of one stack that appear in another.
 */

#include <zebra.h>

#include <linux/rtnetlink.h>

#include "filter.h"
#include "lib/darr.h"
#include "plist.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_leak.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_zebra.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_LEAKED, "Leaked routes of a stack");
DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_LEAKED_ROUTE, "Leaked route");

/* What crosses by one leak.  The leak itself may be gone from the configuration already. */
struct leak_set {
	char from[NETSTACK_NAME_MAX + 1];
	char plist[NETSTACK_PLIST_MAX + 1];
	bool in_force;
	struct netstack_leaked_routes_head routes;
};

struct netstack_leaked {
	bool stale;		/* to be made anew */
	bool complete;		/* each source could be read */
	struct leak_set **sets; /* a darr, in the order of the configuration */
};

int netstack_leaked_route_cmp(const struct netstack_leaked_route *a,
			      const struct netstack_leaked_route *b)
{
	return netstack_prefix_cmp(&a->prefix, &b->prefix);
}

/* ------------------------------------------------------------------------------------------
 * What crosses
 */

/* Prefixes that mean something on one link, or in one host, only. */
static bool stays_local(const struct netstack_prefix *prefix)
{
	uint32_t v4;

	if (prefix->family == AF_INET6)
		return (prefix->prefixlen >= 10 && IN6_IS_ADDR_LINKLOCAL(&prefix->u.prefix6)) ||
		       (prefix->prefixlen >= 8 && IN6_IS_ADDR_MULTICAST(&prefix->u.prefix6)) ||
		       IN6_IS_ADDR_LOOPBACK(&prefix->u.prefix6);
	v4 = ntohl(prefix->u.prefix4.s_addr);
	return (prefix->prefixlen >= 16 && IPV4_LINKLOCAL(v4)) ||
	       (prefix->prefixlen >= 4 && IPV4_CLASS_D(v4)) ||
	       (prefix->prefixlen >= 8 && IPV4_NET127(v4));
}

bool netstack_leak_may_cross(const struct netstack_fib_route *route,
			     bool (*inside)(int ifindex, const void *arg), const void *arg)
{
	int kept = MIN(route->nexthop_count, NETSTACK_FIB_NEXTHOPS_KEPT);

	if (route->tos || route->proto == NETSTACK_PROTO || stays_local(&route->prefix))
		return false;
	if (route->type == RTN_BLACKHOLE || route->type == RTN_UNREACHABLE ||
	    route->type == RTN_PROHIBIT)
		return true;
	if (route->type != RTN_UNICAST || !kept)
		return false;
	for (int i = 0; i < kept; i++)
		if (!inside(route->nexthops[i].ifindex, arg))
			return false;
	return true;
}

bool netstack_leak_permits(const char *plist, const struct netstack_prefix *destination)
{
	const struct prefix prefix = netstack_prefix_to(destination);
	const struct prefix_list_entry *match;
	struct prefix_list *list = prefix_list_lookup(family2afi(prefix.family), plist);

	/* to FRR an empty list permits everything: here it does not, as nothing was asked for */
	return prefix_list_apply_ext(list, &match, &prefix, false) == PREFIX_PERMIT && match;
}

static bool is_inside(int ifindex, const void *arg)
{
	const struct netstack *source = arg;
	const struct netstack_link *link =
		netstack_link_by_index(netstack_place_observed(source), ifindex);

	return link && netstack_place_has(source, link);
}

static void add_route(struct leak_set *set, const struct netstack_fib_route *fib)
{
	bool drops = fib->type != RTN_UNICAST;
	int kept = drops ? 0 : MIN(fib->nexthop_count, NETSTACK_FIB_NEXTHOPS_KEPT);
	struct netstack_leaked_route *route =
		XCALLOC(MTYPE_NETSTACK_LEAKED_ROUTE,
			sizeof(*route) + kept * sizeof(route->nexthops[0]));

	route->prefix = fib->prefix;
	route->type = fib->type;
	route->has_more = fib->has_more;
	route->nexthop_count = kept;
	memcpy(route->nexthops, fib->nexthops, kept * sizeof(route->nexthops[0]));
	netstack_leaked_routes_add(&set->routes, route);
}

/* Of several routes of one prefix the first is the one that the kernel uses. */
static void fill_set(struct leak_set *set, const struct netstack *source)
{
	const struct netstack_fib_table *table = netstack_place_fib(source);
	const struct netstack_fib_route *route;
	const struct netstack_prefix *last = NULL;

	frr_each (netstack_fib_routes_const, &table->routes, route) {
		if (last && netstack_prefix_same(last, &route->prefix))
			continue;
		last = &route->prefix;
		if (!netstack_leak_may_cross(route, is_inside, source) ||
		    !netstack_leak_permits(set->plist, &route->prefix) ||
		    netstack_zebra_is_leaked(source, route))
			continue;
		/* zebra would be told the half of it, and there is no device that leads to the main table */
		if (route->has_more && source->is_default)
			continue;
		add_route(set, route);
	}
}

/* ------------------------------------------------------------------------------------------
 * Is a leak in force?
 */

enum obstacle {
	OBSTACLE_NONE = 0,
	OBSTACLE_CONFIG, /* until something else is configured, or somebody mends something */
	OBSTACLE_TIME,	 /* it is on its way */
};

#define obstruct(kind, ...) (snprintfrr(reason, len, __VA_ARGS__), kind)

/* What is in the way of reading the source. */
static enum obstacle source_obstacle(const struct netstack *source, char *reason, size_t len)
{
	const struct netstack_fib_table *table = netstack_place_fib(source);
	struct netstack_status status;

	if (source->shutdown)
		return obstruct(OBSTACLE_CONFIG, "netstack %s is shut down", source->name);
	/* what is not in the kernel has no routes that would have to be waited for */
	if (!netstack_place_exists(source)) {
		netstack_status_stack(source, &status);
		return obstruct(OBSTACLE_CONFIG, "netstack %s is down: %s", source->name,
				status.reason);
	}
	if (!netstack_zebra_has_vrf(source))
		return obstruct(OBSTACLE_TIME, "VRF %s of netstack %s is not known to zebra yet",
				netstack_vrf_name(source), source->name);
	if (!table || !table->synced)
		return obstruct(OBSTACLE_TIME, "the routes of netstack %s are not known yet",
				source->name);
	return OBSTACLE_NONE;
}

static enum obstacle find_obstacle(const struct netstack_leak *leak, char *reason, size_t len)
{
	const struct netstack *source = netstack_find(leak->from);

	reason[0] = '\0';
	if (netstack_backend() == NETSTACK_BACKEND_NETNS)
		return obstruct(OBSTACLE_CONFIG,
				"stacks are network namespaces here, and routes cannot cross them");
	if (leak->stack->shutdown)
		return obstruct(OBSTACLE_CONFIG, "the stack is shut down");
	if (!source || !source->configured)
		return obstruct(OBSTACLE_CONFIG, "there is no netstack %s", leak->from);
	if (!prefix_list_lookup(AFI_IP, leak->plist) && !prefix_list_lookup(AFI_IP6, leak->plist))
		return obstruct(OBSTACLE_CONFIG, "there is no prefix-list %s", leak->plist);
	if (!netstack_zebra_connected())
		return obstruct(OBSTACLE_TIME, "zebra is not connected");
	if (!netstack_zebra_has_vrf(leak->stack))
		return obstruct(OBSTACLE_TIME, "VRF %s is not known to zebra yet",
				netstack_vrf_name(leak->stack));
	return source_obstacle(source, reason, len);
}

/* ------------------------------------------------------------------------------------------
 * The set of a stack
 */

static void clear_sets(struct netstack_leaked *leaked)
{
	struct netstack_leaked_route *route;
	struct leak_set **set;

	darr_foreach_p (leaked->sets, set) {
		while ((route = netstack_leaked_routes_pop(&(*set)->routes)))
			XFREE(MTYPE_NETSTACK_LEAKED_ROUTE, route);
		netstack_leaked_routes_fini(&(*set)->routes);
		XFREE(MTYPE_NETSTACK_LEAKED, *set);
	}
	darr_free(leaked->sets);
}

static struct leak_set *add_set(struct netstack_leaked *leaked, const struct netstack_leak *leak)
{
	struct leak_set *set = XCALLOC(MTYPE_NETSTACK_LEAKED, sizeof(*set));

	strlcpy(set->from, leak->from, sizeof(set->from));
	strlcpy(set->plist, leak->plist, sizeof(set->plist));
	netstack_leaked_routes_init(&set->routes);
	*darr_append(leaked->sets) = set;
	return set;
}

bool netstack_leak_refresh(struct netstack *stack)
{
	struct netstack_leaked *leaked = stack->leaked;
	const struct netstack_leak *leak;
	char reason[NETSTACK_REASON_LEN];

	if (!leaked && !netstack_leaks_count(&stack->leaks))
		return true;
	if (!leaked) {
		leaked = stack->leaked = XCALLOC(MTYPE_NETSTACK_LEAKED, sizeof(*leaked));
		leaked->stale = true;
	}
	if (!leaked->stale)
		return leaked->complete;
	clear_sets(leaked);
	leaked->stale = false;
	leaked->complete = true;
	frr_each (netstack_leaks_const, &stack->leaks, leak) {
		struct leak_set *set = add_set(leaked, leak);
		enum obstacle obstacle = find_obstacle(leak, reason, sizeof(reason));

		set->in_force = obstacle == OBSTACLE_NONE;
		if (set->in_force)
			fill_set(set, netstack_find(leak->from));
		else if (obstacle == OBSTACLE_TIME)
			leaked->complete = false;
	}
	return leaked->complete;
}

void netstack_leak_forget(struct netstack *stack)
{
	if (!stack->leaked)
		return;
	clear_sets(stack->leaked);
	XFREE(MTYPE_NETSTACK_LEAKED, stack->leaked);
}

static void make_stale(struct netstack *stack)
{
	if (stack->leaked)
		stack->leaked->stale = true;
}

void netstack_leak_config_changed(struct netstack *stack)
{
	make_stale(stack);
}

void netstack_leak_source_changed(const struct netstack *source,
				  void (*dirty)(struct netstack *stack))
{
	const struct netstack_leak *leak = NULL;

	while ((leak = netstack_leaks_of(source->name, leak))) {
		make_stale(leak->stack);
		dirty(leak->stack);
	}
}

/* It is called for each entry that comes or goes, and acted upon when the event is over. */
static void plist_changed(struct prefix_list *plist)
{
	const char *name = prefix_list_name(plist);
	const struct netstack_leak *leak = NULL;

	while ((leak = netstack_leaks_of(NULL, leak))) {
		if (strcmp(leak->plist, name))
			continue;
		make_stale(leak->stack);
		netstack_mark_dirty(leak->stack);
	}
}

void netstack_leak_init(void)
{
	access_list_init(); /* vtysh sends access-lists to all that have prefix-lists */
	prefix_list_init();
	prefix_list_add_hook(plist_changed);
	prefix_list_delete_hook(plist_changed);
}

void netstack_leak_terminate(void)
{
	prefix_list_add_hook(NULL);
	prefix_list_delete_hook(NULL);
	prefix_list_reset();
	access_list_reset();
}

/* ------------------------------------------------------------------------------------------
 * Looking
 */

void netstack_leak_each(const struct netstack *stack,
			void (*cb)(const struct netstack_leaked_route *route,
				   const struct netstack *source, void *arg),
			void *arg)
{
	const struct netstack_leaked_route *route;
	struct leak_set **set;

	if (!stack->leaked)
		return;
	darr_foreach_p (stack->leaked->sets, set)
		frr_each (netstack_leaked_routes_const, &(*set)->routes, route)
			cb(route, netstack_find((*set)->from), arg);
}

const struct netstack_leaked_route *netstack_leak_find(const struct netstack *stack,
						       const struct netstack_prefix *prefix,
						       const struct netstack **source)
{
	struct netstack_leaked_route key = { .prefix = *prefix };
	const struct netstack_leaked_route *route;
	struct leak_set **set;

	if (!stack->leaked)
		return NULL;
	darr_foreach_p (stack->leaked->sets, set) {
		route = netstack_leaked_routes_const_find(&(*set)->routes, &key);
		*source = netstack_find((*set)->from);
		if (route && *source)
			return route;
	}
	return NULL;
}

const struct netstack_leaked_routes_head *netstack_leak_routes(const struct netstack_leak *leak)
{
	const struct netstack_leaked *leaked = leak->stack->leaked;
	struct leak_set **set;

	if (!leaked)
		return NULL;
	darr_foreach_p (leaked->sets, set)
		if ((*set)->in_force && !strcmp((*set)->from, leak->from) &&
		    !strcmp((*set)->plist, leak->plist))
			return &(*set)->routes;
	return NULL;
}

size_t netstack_leak_route_count(const struct netstack_leak *leak)
{
	const struct netstack_leaked_routes_head *routes = netstack_leak_routes(leak);

	return routes ? netstack_leaked_routes_count(routes) : 0;
}

void netstack_leak_route_status(const struct netstack_leak *leak,
				const struct netstack_leaked_route *route,
				struct netstack_status *status)
{
	const struct netstack *source = netstack_find(leak->from);
	bool installed =
		source && netstack_zebra_leak_installed(leak->stack, source, &route->prefix,
							status->reason, sizeof(status->reason));

	status->state = installed ? "installed" : "pending";
}

void netstack_leak_status(const struct netstack_leak *leak, struct netstack_status *status)
{
	const struct netstack_leaked_routes_head *routes = netstack_leak_routes(leak);
	const struct netstack_leaked_route *route;
	struct netstack_status part;
	size_t missing = 0;

	status->state = "pending";
	if (find_obstacle(leak, status->reason, sizeof(status->reason)))
		return;
	if (!routes) {
		strlcpy(status->reason, "being looked at", sizeof(status->reason));
		return;
	}
	status->state = "active";
	frr_each (netstack_leaked_routes_const, routes, route) {
		netstack_leak_route_status(leak, route, &part);
		missing += !!strcmp(part.state, "installed");
	}
	if (missing)
		snprintf(status->reason, sizeof(status->reason),
			 "%zu of %zu routes are not installed", missing,
			 netstack_leaked_routes_count(routes));
	else if (!netstack_leaked_routes_count(routes))
		snprintf(status->reason, sizeof(status->reason),
			 "netstack %s has no route that prefix-list %s permits", leak->from,
			 leak->plist);
}
