// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What `show netstack … json` writes.  The keys are those of the YANG state, in camelCase.
 */

#include <zebra.h>

#include "lib/darr.h"
#include "lib/json.h"

#include "netstackd/netstack_gateway.h"
#include "netstackd/netstack_isolation.h"
#include "netstackd/netstack_limit.h"
#include "netstackd/netstack_problem.h"
#include "netstackd/netstack_show.h"
#include "netstackd/netstack_summary.h"
#include "netstackd/netstack_text.h"
#include "netstackd/netstack_view.h"

static void add_status(struct json_object *json, const struct netstack_status *status)
{
	json_object_string_add(json, "state", status->state);
	json_object_string_add(json, "reason", status->reason);
}

static void add_kind(struct json_object *json, const struct netstack_if *nif)
{
	static const char *const kinds[] = {
		[NETSTACK_LINK_EXISTING] = NULL,
		[NETSTACK_LINK_VLAN] = "vlan",
		[NETSTACK_LINK_MACVLAN] = "macvlan",
		[NETSTACK_LINK_DUMMY] = "dummy",
	};

	if (!kinds[nif->kind])
		return;
	json_object_string_add(json, "link", kinds[nif->kind]);
	if (nif->kind == NETSTACK_LINK_VLAN)
		json_object_int_add(json, "vlanId", nif->vlan_id);
	if (nif->kind != NETSTACK_LINK_DUMMY)
		json_object_string_add(json, "parent", nif->parent);
}

static void add_addresses(struct json_object *json, const struct netstack_view_if *view)
{
	struct netstack_view_address *addresses = netstack_view_addresses(view), *address;
	struct json_object *in_force = json_object_new_array(), *pending = NULL, *item;

	darr_foreach_p (addresses, address) {
		if (address->in_force) {
			json_object_array_add(in_force,
					      json_object_new_stringf("%pFX", address->prefix));
			continue;
		}
		if (!pending)
			pending = json_object_new_array();
		item = json_object_new_object();
		json_object_string_addf(item, "address", "%pFX", address->prefix);
		json_object_string_add(item, "reason", address->reason);
		json_object_array_add(pending, item);
	}
	darr_free(addresses);

	json_object_object_add(json, "addresses", in_force);
	if (pending)
		json_object_object_add(json, "pendingAddresses", pending);
}

static struct json_object *json_interface(const struct netstack_view_if *view)
{
	const struct ethaddr *mac = netstack_view_if_mac(view);
	struct json_object *json = json_object_new_object();
	struct netstack_status status;

	netstack_view_if_status(view, &status);
	json_object_string_add(json, "name", view->name);
	add_status(json, &status);
	json_object_boolean_add(json, "configured", !!view->nif);
	if (view->nif)
		add_kind(json, view->nif);
	if (mac)
		json_object_string_addf(json, "mac", "%pEA", mac);
	if (view->link)
		json_object_int_add(json, "mtu", view->link->mtu);
	add_addresses(json, view);
	return json;
}

struct json_object *netstack_json_interfaces(const struct netstack *stack)
{
	struct netstack_view_if *views = netstack_view_ifs(stack), *view;
	struct json_object *json = json_object_new_array();

	darr_foreach_p (views, view)
		json_object_array_add(json, json_interface(view));
	darr_free(views);
	return json;
}

/* The tracker of a next hop, if it has one. */
static void add_track(struct json_object *json, const struct netstack_route *route)
{
	struct netstack_gateway_status status;
	char since[NETSTACK_TIME_LEN];
	struct json_object *track;

	if (!route->track)
		return;
	track = json_object_new_object();
	json_object_object_add(json, "track", track);
	json_object_string_add(track, "kind", netstack_track_word(route->track->kind));
	if (route->track->profile[0])
		json_object_string_add(track, "profile", route->track->profile);
	if (route->track->kind == NETSTACK_TRACK_ICMP) {
		json_object_int_add(track, "interval", route->track->interval);
		json_object_int_add(track, "multiplier", route->track->multiplier);
	}
	json_object_int_add(track, "holdDown", route->track->hold_down);
	if (!netstack_gateway_status(route, &status))
		return;
	json_object_string_add(track, "state", netstack_track_state_word(status.state));
	json_object_string_add(track, "reason", status.reason);
	json_object_string_add(track, "since", netstack_time_text(status.since, since));
	json_object_int_add(track, "sinceSeconds", status.age);
}

static struct json_object *json_gateway(const struct netstack_view_gateway *view)
{
	struct json_object *json = json_object_new_object();

	if (IS_IPADDR_NONE(&view->address))
		json_object_string_add(json, "address", "");
	else
		json_object_string_addf(json, "address", "%pIA", &view->address);
	json_object_string_add(json, "interface", view->ifname);
	json_object_string_add(json, "protocol", view->protocol);
	json_object_boolean_add(json, "configured", !!view->route);
	if (view->distance >= 0)
		json_object_int_add(json, "distance", view->distance);
	add_status(json, &view->status);
	if (view->route)
		add_track(json, view->route);
	return json;
}

struct json_object *netstack_json_gateways(const struct netstack *stack)
{
	struct netstack_view_gateway *views = netstack_view_gateways(stack), *view;
	struct json_object *json = json_object_new_array();

	darr_foreach_p (views, view)
		json_object_array_add(json, json_gateway(view));
	darr_free(views);
	return json;
}

static struct json_object *json_route(const struct netstack_view_route *view)
{
	struct json_object *json = json_object_new_object();
	struct netstack_status status;
	char buf[64];

	netstack_view_route_status(view, &status);
	json_object_string_addf(json, "prefix", "%pFX", netstack_view_prefix(view));
	json_object_string_add(json, "nextHop", netstack_view_nexthop(view, buf, sizeof(buf)));
	json_object_string_add(json, "interface", view->ifname);
	json_object_string_add(json, "protocol", netstack_view_protocol(view, buf, sizeof(buf)));
	json_object_boolean_add(json, "configured", !!view->route);
	if (view->route)
		json_object_int_add(json, "distance", view->route->distance);
	else
		json_object_int_add(json, "metric", view->fib->metric);
	add_status(json, &status);
	if (view->route)
		add_track(json, view->route);
	return json;
}

struct json_object *netstack_json_routes(const struct netstack *stack)
{
	struct netstack_view_route *views = netstack_view_routes(stack), *view;
	struct json_object *json = json_object_new_array();

	darr_foreach_p (views, view)
		json_object_array_add(json, json_route(view));
	darr_free(views);
	return json;
}

static struct json_object *json_neighbor(const struct netstack *stack,
					 const struct netstack_view_neighbor *view)
{
	const struct ethaddr *mac = netstack_view_neighbor_mac(view);
	struct json_object *json = json_object_new_object();
	struct netstack_status status;

	netstack_view_neighbor_status(stack, view, &status);
	json_object_string_addf(json, "address", "%pIA", netstack_view_neighbor_address(view));
	json_object_string_add(json, "interface", view->ifname);
	if (mac)
		json_object_string_addf(json, "mac", "%pEA", mac);
	json_object_string_add(json, "kind", netstack_view_neighbor_kind(view));
	json_object_boolean_add(json, "configured", !!view->neighbor);
	add_status(json, &status);
	return json;
}

struct json_object *netstack_json_neighbors(const struct netstack *stack)
{
	struct netstack_view_neighbor *views = netstack_view_neighbors(stack), *view;
	struct json_object *json = json_object_new_array();

	darr_foreach_p (views, view)
		json_object_array_add(json, json_neighbor(stack, view));
	darr_free(views);
	return json;
}

static struct json_object *json_limit(const struct netstack_limit_view *view)
{
	struct json_object *json = json_object_new_object();

	json_object_int_add(json, "requested", view->requested);
	json_object_int_add(json, "inForce", view->in_force);
	json_object_boolean_add(json, "warningOnly", view->warning_only);
	json_object_int_add(json, "use", view->use);
	json_object_string_add(json, "state", netstack_limit_level_name(view->level));
	json_object_string_add(json, "reason", view->reason);
	return json;
}

/* Those that are configured. */
struct json_object *netstack_json_limits(const struct netstack *stack)
{
	struct json_object *json = json_object_new_object();
	struct netstack_limit_view view;

	for (enum netstack_limit_kind kind = 0; kind < NETSTACK_LIMITS; kind++) {
		netstack_limit_view(stack, kind, &view);
		if (view.requested)
			json_object_object_add(json, netstack_limit_name(kind), json_limit(&view));
	}
	return json;
}

struct json_object *netstack_json_stack(const struct netstack *stack, bool detail)
{
	struct json_object *json = json_object_new_object();
	struct netstack_status status;

	netstack_status_stack(stack, &status);
	add_status(json, &status);
	json_object_string_add(json, "description", stack->description ?: "");
	json_object_string_add(json, "vrf", netstack_vrf_name(stack));
	json_object_string_add(json, "backend", netstack_view_backend());
	if (netstack_view_table(stack))
		json_object_int_add(json, "table", netstack_view_table(stack));
	json_object_object_add(json, "interfaces", netstack_json_interfaces(stack));
	json_object_object_add(json, "gateways", netstack_json_gateways(stack));
	json_object_int_add(json, "neighborCount", netstack_status_neighbor_count(stack));
	json_object_int_add(json, "routeCount", netstack_status_route_count(stack));
	json_object_object_add(json, "limits", netstack_json_limits(stack));
	if (!detail)
		return json;

	json_object_boolean_add(json, "ipv6Disabled", stack->ipv6_disable);
	json_object_object_add(json, "routes", netstack_json_routes(stack));
	json_object_object_add(json, "neighbors", netstack_json_neighbors(stack));
	json_object_object_add(json, "leaks", netstack_json_leaks(stack));
	json_object_string_add(json, "problem", netstack_first_problem(stack) ?: "");
	return json;
}

/*
 * Summary
 */

static struct json_object *json_up(const struct netstack_view_count *count, const char *up)
{
	struct json_object *json = json_object_new_object();

	json_object_int_add(json, "total", count->all);
	json_object_int_add(json, up, count->up);
	return json;
}

static struct json_object *json_stacks(const struct netstack_summary *summary)
{
	struct json_object *json = json_object_new_object();

	json_object_int_add(json, "total", summary->stacks);
	for (size_t i = 0; i < NETSTACK_SUMMARY_STATES; i++)
		json_object_int_add(json, netstack_summary_states[i], summary->by_state[i]);
	return json;
}

static struct json_object *json_work(const struct netstack_reconcile_stats *work)
{
	struct json_object *json = json_object_new_object();

	json_object_int_add(json, "queued", work->dirty);
	json_object_int_add(json, "problems", work->problems);
	json_object_int_add(json, "repairs", work->repairs);
	json_object_int_add(json, "runs", work->runs);
	return json;
}

static struct json_object *json_kernel(const struct netstack_kernel_stats *kernel)
{
	struct json_object *json = json_object_new_object();

	json_object_int_add(json, "operations", kernel->operations);
	json_object_int_add(json, "failures", kernel->failures);
	json_object_int_add(json, "events", kernel->events);
	json_object_int_add(json, "overruns", kernel->overruns);
	return json;
}

static struct json_object *json_tables(const struct netstack_summary *summary)
{
	struct json_object *json = json_object_new_object();

	json_object_int_add(json, "inUse", summary->tables);
	json_object_int_add(json, "first", netstack_global.table_first);
	json_object_int_add(json, "last", netstack_global.table_last);
	return json;
}

struct json_object *netstack_json_summary(const struct netstack_summary *summary)
{
	struct json_object *json = json_object_new_object(), *error;

	json_object_object_add(json, "stacks", json_stacks(summary));
	json_object_object_add(json, "interfaces", json_up(&summary->interfaces, "up"));
	json_object_object_add(json, "gateways", json_up(&summary->gateways, "active"));
	json_object_int_add(json, "routeCount", summary->routes);
	json_object_int_add(json, "neighborCount", summary->neighbors);
	json_object_object_add(json, "tables", json_tables(summary));
	json_object_string_add(json, "backend", netstack_view_backend());
	json_object_boolean_add(json, "zebraConnected", summary->zebra);
	json_object_object_add(json, "kernel", json_kernel(summary->kernel));
	json_object_object_add(json, "work", json_work(summary->work));
	if (summary->work->last_error_at) {
		error = json_object_new_object();
		json_object_string_add(error, "text", summary->work->last_error);
		json_object_int_add(error, "secondsAgo", summary->error_age);
		json_object_object_add(json, "lastError", error);
	}
	return json;
}
