// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What there is to see of a stack, as lists.
 */

#include <zebra.h>

#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "lib/darr.h"
#include "vrf.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_plan.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_view.h"
#include "netstackd/netstack_zebra.h"

/* As `ip neigh show` does: entries without a state, and those that need none, are not shown. */
#define NUD_HIDDEN (NUD_NOARP)

static bool is(const struct netstack_status *status, const char *word)
{
	return strcmp(status->state, word) == 0;
}

uint32_t netstack_view_table(const struct netstack *stack)
{
	return netstack_place_table(stack);
}

const char *netstack_view_backend(void)
{
	return netstack_backend() == NETSTACK_BACKEND_NETNS ? "netns" : "vrf";
}

/*
 * Interfaces
 */

static int view_if_cmp(const void *a, const void *b)
{
	return strcmp(((const struct netstack_view_if *)a)->name,
		      ((const struct netstack_view_if *)b)->name);
}

struct others {
	const struct netstack *stack;
	struct netstack_view_if *views;
};

static void add_other(const struct netstack_link *link, void *arg)
{
	struct others *others = arg;

	if (netstack_if_find(others->stack, link->name))
		return;
	*darr_append(others->views) = (struct netstack_view_if){
		.link = link,
		.name = link->name,
		.in_stack = true,
	};
}

struct netstack_view_if *netstack_view_ifs(const struct netstack *stack)
{
	struct others others = { .stack = stack };
	const struct netstack_if *nif;
	unsigned int configured;

	frr_each (netstack_ifs_const, &stack->interfaces, nif) {
		const struct netstack_link *link = netstack_place_link(stack, nif->name);

		*darr_append(others.views) = (struct netstack_view_if){
			.nif = nif,
			.link = link,
			.name = nif->name,
			.in_stack = link && netstack_place_has(stack, link),
		};
	}
	configured = darr_len(others.views);

	netstack_place_each_link(stack, add_other, &others);
	if (darr_len(others.views) > configured)
		qsort(others.views + configured, darr_len(others.views) - configured,
		      sizeof(*others.views), view_if_cmp);
	return others.views;
}

const struct ethaddr *netstack_view_if_mac(const struct netstack_view_if *view)
{
	const struct netstack_link *link = view->link;

	return link && link->has_mac && !is_zero_mac(&link->mac) ? &link->mac : NULL;
}

void netstack_view_if_status(const struct netstack_view_if *view, struct netstack_status *status)
{
	if (view->nif) {
		netstack_status_if(view->nif, status);
		return;
	}
	status->reason[0] = '\0';
	status->state = "down";
	if (!(view->link->flags & IFF_UP))
		strlcpy(status->reason, "administratively down", sizeof(status->reason));
	else if (!(view->link->flags & IFF_RUNNING))
		strlcpy(status->reason, "no carrier", sizeof(status->reason));
	else
		status->state = "up";
}

struct netstack_view_count netstack_view_if_count(const struct netstack *stack)
{
	struct netstack_view_if *views = netstack_view_ifs(stack), *view;
	struct netstack_view_count count = { .all = darr_len(views) };
	struct netstack_status status;

	darr_foreach_p (views, view) {
		netstack_view_if_status(view, &status);
		count.up += is(&status, "up");
	}
	darr_free(views);
	return count;
}

/*
 * Addresses: what the kernel has, then what is configured and not in force.
 */

static bool is_linklocal(const struct netstack_prefix *prefix)
{
	return prefix->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&prefix->u.prefix6);
}

static const struct netstack_address *find_configured(const struct netstack_if *nif,
						      const struct netstack_prefix *prefix)
{
	struct netstack_address key = { .prefix = *prefix };

	return nif ? netstack_addresses_const_find(&nif->addresses, &key) : NULL;
}

/* Also an address that is on the link while the link is in another stack. */
static bool address_pending(const struct netstack_view_if *view,
			    const struct netstack_address *address, struct netstack_status *status)
{
	netstack_status_address(view->nif, address, status);
	if (is(status, "pending"))
		return true;
	if (view->in_stack)
		return false;
	snprintf(status->reason, sizeof(status->reason), "interface %s is not in the stack yet",
		 view->name);
	return true;
}

struct netstack_view_address *netstack_view_addresses(const struct netstack_view_if *view)
{
	struct netstack_view_address *views = NULL, *added;
	const struct netstack_link_address *on_link;
	const struct netstack_address *address;
	struct netstack_status status;

	if (view->in_stack)
		frr_each (netstack_link_addresses_const, &view->link->addresses, on_link) {
			address = find_configured(view->nif, &on_link->prefix);
			if (address ? address_pending(view, address, &status)
				    : is_linklocal(&on_link->prefix))
				continue;
			added = darr_append(views);
			added->prefix = &on_link->prefix;
			added->in_force = true;
			added->reason[0] = '\0';
		}

	if (view->nif)
		frr_each (netstack_addresses_const, &view->nif->addresses, address) {
			if (!address_pending(view, address, &status))
				continue;
			added = darr_append(views);
			added->prefix = &address->prefix;
			added->in_force = false;
			strlcpy(added->reason, status.reason, sizeof(added->reason));
		}
	return views;
}

/*
 * Next hops that the kernel has
 */

static bool route_in_force(const struct netstack_route *route)
{
	struct netstack_status status;

	if (!route)
		return false;
	netstack_status_route(route, &status);
	return is(&status, "active") || is(&status, "installed");
}

static const char *link_name(const struct netstack *stack, int ifindex)
{
	const struct netstack_link *link =
		netstack_link_by_index(netstack_place_observed(stack), ifindex);

	return link ? link->name : "";
}

/* Is what the kernel has one of the configured next hops, which are listed already? */
static bool is_configured(const struct netstack *stack, const struct netstack_fib_route *fib,
			  const struct netstack_fib_nexthop *hop)
{
	struct netstack_route key = { .prefix = fib->prefix };

	if (fib->proto != NETSTACK_RTPROT_ZSTATIC)
		return false;
	if (fib->type == RTN_BLACKHOLE)
		key.type = NETSTACK_NEXTHOP_BLACKHOLE;
	else if (fib->type == RTN_UNREACHABLE)
		key.type = NETSTACK_NEXTHOP_UNREACHABLE;
	else if (hop)
		key.gate = hop->gate;
	else
		return false;

	for (int gateway = 0; gateway <= 1; gateway++)
		for (int named = 0; named <= (hop ? 1 : 0); named++) {
			key.is_gateway = gateway;
			strlcpy(key.ifname, named ? link_name(stack, hop->ifindex) : "",
				sizeof(key.ifname));
			if (route_in_force(netstack_route_find(stack, &key)))
				return true;
		}
	return false;
}

/*
 * Gateways
 */

/* The interface of the stack in whose subnet the address is; "": none. */
static const char *interface_of(const struct netstack_view_if *views, const struct ipaddr *address)
{
	const struct netstack_link_address *on_link;
	const struct netstack_view_if *view;
	const char *name = "";
	int longest = -1;

	if (IS_IPADDR_NONE(address))
		return name;

	darr_foreach_p (views, view) {
		if (!view->in_stack)
			continue;
		frr_each (netstack_link_addresses_const, &view->link->addresses, on_link)
			if (on_link->subnet.prefixlen > longest &&
			    netstack_prefix_has(&on_link->subnet, address)) {
				longest = on_link->subnet.prefixlen;
				name = view->name;
			}
	}
	return name;
}

/*
 * The default route that the kernel uses; NULL: none that leads anywhere.  Of several it is the one
 * of the lowest metric, which comes first.
 */
static const struct netstack_fib_route *default_in_use(const struct netstack *stack, int family)
{
	const struct netstack_fib_table *table = netstack_place_fib(stack);
	const struct netstack_prefix prefix = { .family = family };
	const struct netstack_fib_route *route;

	route = table ? netstack_fib_route_first(table, &prefix) : NULL;
	return route && route->type == RTN_UNICAST ? route : NULL;
}

static void add_learned(struct netstack_view_gateway **views, const struct netstack *stack,
			int family)
{
	const struct netstack_fib_route *route = default_in_use(stack, family);
	struct netstack_zebra_default origin;
	struct netstack_view_gateway *view;

	if (!route || !netstack_zebra_default(stack, route, &origin))
		return;
	for (int i = 0; i < MIN(route->nexthop_count, NETSTACK_FIB_NEXTHOPS_KEPT); i++) {
		const struct netstack_fib_nexthop *hop = &route->nexthops[i];

		if (is_configured(stack, route, hop))
			continue;
		view = darr_append(*views);
		*view = (struct netstack_view_gateway){
			.family = family,
			.address = hop->gate,
			.ifname = link_name(stack, hop->ifindex),
			.distance = origin.distance,
			.status.state = "active",
		};
		strlcpy(view->protocol, origin.protocol, sizeof(view->protocol));
		strlcpy(view->status.reason, origin.reason, sizeof(view->status.reason));
	}
}

struct netstack_view_gateway *netstack_view_learned_gateways(const struct netstack *stack)
{
	struct netstack_view_gateway *views = NULL;

	add_learned(&views, stack, AF_INET);
	add_learned(&views, stack, AF_INET6);
	return views;
}

/* A configured route to everywhere is a gateway, too, if it is the one that carries the traffic. */
static bool is_default_route_in_use(const struct netstack_route *route)
{
	struct netstack_status status;

	if (route->is_gateway || route->prefix.prefixlen || IS_IPADDR_NONE(&route->gate))
		return false;
	netstack_status_route(route, &status);
	return is(&status, "installed");
}

struct netstack_view_gateway *netstack_view_gateways(const struct netstack *stack)
{
	struct netstack_view_gateway *views = NULL, *view;
	struct netstack_view_if *ifs = NULL;
	const struct netstack_route *route;
	bool in_use;

	frr_each (netstack_routes_const, &stack->routes, route) {
		in_use = is_default_route_in_use(route);
		if (!route->is_gateway && !in_use)
			continue;
		if (!ifs)
			ifs = netstack_view_ifs(stack);
		view = darr_append(views);
		*view = (struct netstack_view_gateway){
			.route = route,
			.family = route->prefix.family,
			.address = route->gate,
			.ifname =
				route->ifname[0] ? route->ifname : interface_of(ifs, &route->gate),
			.protocol = "netstack",
			.distance = route->distance,
		};
		if (in_use) {
			view->status.state = "active";
			snprintfrr(view->status.reason, sizeof(view->status.reason), "route %pFX",
				   &route->prefix);
		} else {
			netstack_status_route(route, &view->status);
		}
	}
	darr_free(ifs);
	add_learned(&views, stack, AF_INET);
	add_learned(&views, stack, AF_INET6);
	return views;
}

struct netstack_view_count netstack_view_gateway_count(const struct netstack *stack)
{
	struct netstack_view_count count = {};
	const struct netstack_route *route;
	struct netstack_status status;

	frr_each (netstack_routes_const, &stack->routes, route) {
		if (!route->is_gateway)
			continue;
		netstack_status_route(route, &status);
		count.all++;
		count.up += is(&status, "active");
	}
	return count;
}

/*
 * Routes
 */

static void add_fib_route(struct netstack_view_route **views, const struct netstack *stack,
			  const struct netstack_fib_route *fib)
{
	int hops = MIN(fib->nexthop_count, NETSTACK_FIB_NEXTHOPS_KEPT);
	bool drops = fib->type == RTN_BLACKHOLE || fib->type == RTN_UNREACHABLE ||
		     fib->type == RTN_PROHIBIT || fib->type == RTN_THROW;
	/* IPv6 hangs a route that drops on the loopback */
	if (drops)
		hops = 0;
	for (int i = 0; i < MAX(hops, 1); i++) {
		const struct netstack_fib_nexthop *hop = i < hops ? &fib->nexthops[i] : NULL;

		if (is_configured(stack, fib, hop))
			continue;
		*darr_append(*views) = (struct netstack_view_route){
			.fib = fib,
			.hop = hop,
			.ifname = hop ? link_name(stack, hop->ifindex) : "",
			.protocol = netstack_zebra_protocol(stack, fib),
		};
	}
}

struct netstack_view_route *netstack_view_routes(const struct netstack *stack)
{
	const struct netstack_fib_table *table = netstack_place_fib(stack);
	struct netstack_view_if *ifs = NULL;
	struct netstack_view_route *views = NULL;
	const struct netstack_fib_route *fib;
	const struct netstack_route *route;

	if (netstack_routes_const_first(&stack->routes))
		ifs = netstack_view_ifs(stack);
	frr_each (netstack_routes_const, &stack->routes, route)
		*darr_append(views) = (struct netstack_view_route){
			.route = route,
			.ifname =
				route->ifname[0] ? route->ifname : interface_of(ifs, &route->gate),
		};
	darr_free(ifs);

	if (table)
		frr_each (netstack_fib_routes_const, &table->routes, fib)
			add_fib_route(&views, stack, fib);
	return views;
}

const struct netstack_prefix *netstack_view_prefix(const struct netstack_view_route *view)
{
	return view->route ? &view->route->prefix : &view->fib->prefix;
}

void netstack_view_route_status(const struct netstack_view_route *view,
				struct netstack_status *status)
{
	if (view->route) {
		netstack_status_route(view->route, status);
		return;
	}
	status->state = "installed";
	status->reason[0] = '\0';
}

static const char *type_word(uint8_t type)
{
	switch (type) {
	case RTN_BLACKHOLE:
		return "blackhole";
	case RTN_UNREACHABLE:
		return "unreachable";
	case RTN_PROHIBIT:
		return "prohibit";
	case RTN_THROW:
		return "throw";
	default:
		return "";
	}
}

const char *netstack_view_nexthop(const struct netstack_view_route *view, char *buf, size_t len)
{
	const struct netstack_route *route = view->route;

	if (route)
		return netstack_nexthop_text(route, buf, len);
	if (view->hop && !IS_IPADDR_NONE(&view->hop->gate))
		snprintfrr(buf, len, "%pIA", &view->hop->gate);
	else
		strlcpy(buf, type_word(view->fib->type), len);
	return buf;
}

const char *netstack_view_protocol(const struct netstack_view_route *view, char *buf, size_t len)
{
	if (view->route || view->protocol) {
		strlcpy(buf, view->protocol ?: "netstack", len);
		return buf;
	}
	if (view->fib->proto == RTPROT_KERNEL && view->fib->type == RTN_UNICAST && view->hop &&
	    IS_IPADDR_NONE(&view->hop->gate))
		strlcpy(buf, "connected", len);
	else
		netstack_protocol_name(view->fib->proto, buf, len);
	return buf;
}

/*
 * Neighbours
 */

static const struct netstack_neighbor *
find_neighbor(const struct netstack *stack, const char *ifname, const struct ipaddr *address)
{
	struct netstack_neighbor key = { .address = *address };

	strlcpy(key.ifname, ifname, sizeof(key.ifname));
	return netstack_neighbors_const_find(&stack->neighbors, &key);
}

static void add_entries(struct netstack_view_neighbor **views, const struct netstack *stack,
			const struct netstack_link *link)
{
	const struct netstack_link_neighbor *entry;

	frr_each (netstack_link_neighbors_const, &link->neighbors, entry) {
		if (!(entry->state & ~NUD_HIDDEN) ||
		    find_neighbor(stack, link->name, &entry->address))
			continue;
		*darr_append(*views) = (struct netstack_view_neighbor){
			.entry = entry,
			.ifname = link->name,
		};
	}
}

struct netstack_view_neighbor *netstack_view_neighbors(const struct netstack *stack)
{
	struct netstack_view_if *ifs = netstack_view_ifs(stack), *view;
	struct netstack_view_neighbor *views = NULL;
	const struct netstack_neighbor *neighbor;
	const struct netstack_link *link;

	frr_each (netstack_neighbors_const, &stack->neighbors, neighbor) {
		link = netstack_place_link(stack, neighbor->ifname);
		*darr_append(views) = (struct netstack_view_neighbor){
			.neighbor = neighbor,
			.entry = link && netstack_place_has(stack, link)
					 ? netstack_link_neighbor_find(link, &neighbor->address)
					 : NULL,
			.ifname = neighbor->ifname,
		};
	}
	darr_foreach_p (ifs, view)
		if (view->in_stack)
			add_entries(&views, stack, view->link);
	darr_free(ifs);
	return views;
}

static const char *nud_word(uint16_t state)
{
	switch (state) {
	case NUD_INCOMPLETE:
		return "incomplete";
	case NUD_REACHABLE:
		return "reachable";
	case NUD_STALE:
		return "stale";
	case NUD_DELAY:
		return "delay";
	case NUD_PROBE:
		return "probe";
	case NUD_FAILED:
		return "failed";
	case NUD_PERMANENT:
		return "permanent";
	default:
		return "unknown";
	}
}

void netstack_view_neighbor_status(const struct netstack *stack,
				   const struct netstack_view_neighbor *view,
				   struct netstack_status *status)
{
	if (view->neighbor) {
		netstack_status_neighbor(stack, view->neighbor, status);
		return;
	}
	status->state = nud_word(view->entry->state);
	status->reason[0] = '\0';
}

const char *netstack_view_neighbor_kind(const struct netstack_view_neighbor *view)
{
	return view->neighbor || view->entry->state & NUD_PERMANENT ? "permanent" : "dynamic";
}

const struct ethaddr *netstack_view_neighbor_mac(const struct netstack_view_neighbor *view)
{
	if (view->neighbor)
		return &view->neighbor->mac;
	return view->entry->has_mac ? &view->entry->mac : NULL;
}

const struct ipaddr *netstack_view_neighbor_address(const struct netstack_view_neighbor *view)
{
	return view->neighbor ? &view->neighbor->address : &view->entry->address;
}
