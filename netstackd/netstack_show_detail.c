// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show netstack detail`: everything about a stack, in words.
 */

#include <zebra.h>

#include <linux/rtnetlink.h>

#include "command.h"
#include "lib/darr.h"

#include "netstackd/netstack_gateway.h"
#include "netstackd/netstack_leak.h"
#include "netstackd/netstack_limit.h"
#include "netstackd/netstack_problem.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_show.h"
#include "netstackd/netstack_view.h"

const char *netstack_show_table_name(uint32_t table, char *buf, size_t len)
{
	if (!table)
		return "-";
	if (table == RT_TABLE_MAIN)
		return "main";
	snprintf(buf, len, "%u", table);
	return buf;
}

const char *netstack_show_track_state(const struct netstack_gateway_status *track, char *buf,
				      size_t len)
{
	char age[32];

	snprintf(buf, len, "%s %s", netstack_track_state_word(track->state),
		 frrtime_to_interval(track->age, age, sizeof(age)));
	return buf;
}

static void out_state(struct vty *vty, const struct netstack_status *status)
{
	vty_out(vty, "%s%s%s\n", status->state, status->reason[0] ? ": " : "", status->reason);
}

static void detail_if_kind(struct vty *vty, const struct netstack_if *nif)
{
	switch (nif->kind) {
	case NETSTACK_LINK_EXISTING:
		break;
	case NETSTACK_LINK_VLAN:
		vty_out(vty, "    VLAN %u on %s\n", nif->vlan_id, nif->parent);
		break;
	case NETSTACK_LINK_MACVLAN:
		vty_out(vty, "    macvlan on %s\n", nif->parent);
		break;
	case NETSTACK_LINK_DUMMY:
		vty_out(vty, "    dummy\n");
		break;
	}
}

static void detail_if(struct vty *vty, const struct netstack *stack,
		      const struct netstack_view_if *view)
{
	const struct ethaddr *mac = netstack_view_if_mac(view);
	struct netstack_view_address *addresses, *address;
	struct netstack_status status;

	netstack_view_if_status(view, &status);
	vty_out(vty, "  Interface %s%s is ", view->name,
		view->nif || stack->is_default ? "" : " (not configured here)");
	out_state(vty, &status);
	if (view->nif)
		detail_if_kind(vty, view->nif);
	if (mac)
		vty_out(vty, "    MAC %pEA, MTU %u\n", mac, view->link->mtu);
	else if (view->link)
		vty_out(vty, "    MTU %u\n", view->link->mtu);

	addresses = netstack_view_addresses(view);
	darr_foreach_p (addresses, address) {
		vty_out(vty, "    Address %pFX", address->prefix);
		if (!address->in_force)
			vty_out(vty, " is pending%s%s", address->reason[0] ? ": " : "",
				address->reason);
		vty_out(vty, "\n");
	}
	darr_free(addresses);
}

static void detail_track(struct vty *vty, const struct netstack_route *route)
{
	struct netstack_gateway_status track;
	char settings[128], state[64];

	if (!route->track)
		return;
	netstack_track_text(route->track, settings, sizeof(settings));
	if (netstack_gateway_status(route, &track))
		vty_out(vty, "    Tracked by %s: %s%s%s\n", settings,
			netstack_show_track_state(&track, state, sizeof(state)),
			track.reason[0] ? ", " : "", track.reason);
	else
		vty_out(vty, "    To be tracked by %s\n", settings);
}

static void detail_routes(struct vty *vty, const struct netstack *stack)
{
	struct netstack_view_route *routes = netstack_view_routes(stack), *view;
	struct netstack_status status;
	char hop[64];

	darr_foreach_p (routes, view) {
		if (!view->route)
			continue;
		netstack_view_route_status(view, &status);
		netstack_view_nexthop(view, hop, sizeof(hop));
		if (view->route->is_gateway)
			vty_out(vty, "  Gateway %s", hop);
		else
			vty_out(vty, "  Route %pFX %s", &view->route->prefix, hop);
		if (view->ifname[0])
			vty_out(vty, " on %s", view->ifname);
		vty_out(vty, ", distance %u, is ", view->route->distance);
		out_state(vty, &status);
		detail_track(vty, view->route);
	}
	darr_free(routes);
}

/* Default routes that carry traffic and are not configured here. */
static void detail_learned(struct vty *vty, const struct netstack *stack)
{
	struct netstack_view_gateway *views = netstack_view_learned_gateways(stack), *view;

	darr_foreach_p (views, view) {
		vty_out(vty, "  Gateway");
		if (!IS_IPADDR_NONE(&view->address))
			vty_out(vty, " %pIA", &view->address);
		vty_out(vty, " on %s", view->ifname);
		if (view->distance >= 0)
			vty_out(vty, ", distance %d", view->distance);
		vty_out(vty, ", is ");
		out_state(vty, &view->status);
	}
	darr_free(views);
}

static void detail_neighbors(struct vty *vty, const struct netstack *stack)
{
	const struct netstack_neighbor *neighbor;
	struct netstack_status status;

	frr_each (netstack_neighbors_const, &stack->neighbors, neighbor) {
		netstack_status_neighbor(stack, neighbor, &status);
		vty_out(vty, "  Permanent neighbor %pIA %pEA on %s is ", &neighbor->address,
			&neighbor->mac, neighbor->ifname);
		out_state(vty, &status);
	}
}

static void detail_leaks(struct vty *vty, const struct netstack *stack)
{
	const struct netstack_leak *leak;
	struct netstack_status status;
	size_t count;

	frr_each (netstack_leaks_const, &stack->leaks, leak) {
		netstack_leak_status(leak, &status);
		count = netstack_leak_route_count(leak);
		vty_out(vty, "  Leak from %s, prefix-list %s, %zu route%s, is ", leak->from,
			leak->plist, count, count == 1 ? "" : "s");
		out_state(vty, &status);
	}
}

static void detail_limits(struct vty *vty, const struct netstack *stack)
{
	struct netstack_limit_view view;

	for (enum netstack_limit_kind kind = 0; kind < NETSTACK_LIMITS; kind++) {
		netstack_limit_view(stack, kind, &view);
		if (!view.requested)
			continue;
		vty_out(vty, "  Limit of %u %s%s, %u in use, is %s", view.requested,
			netstack_limit_name(kind), view.warning_only ? " (warning only)" : "",
			view.use, netstack_limit_level_name(view.level));
		if (view.in_force != view.requested)
			vty_out(vty, ", %u in force", view.in_force);
		if (view.reason[0])
			vty_out(vty, ": %s", view.reason);
		vty_out(vty, "\n");
	}
}

static void detail_vrf(struct vty *vty, const struct netstack *stack)
{
	const struct netstack_link *vrf = netstack_vrf_link(netstack_observed(), stack);
	bool is_namespace = netstack_backend() == NETSTACK_BACKEND_NETNS;
	char table[16];

	vty_out(vty, "  VRF %s", netstack_vrf_name(stack));
	if (vrf && !is_namespace)
		vty_out(vty, ", ifindex %d", vrf->ifindex);
	if (netstack_view_table(stack))
		vty_out(vty, ", table %s",
			netstack_show_table_name(netstack_view_table(stack), table, sizeof(table)));
	else
		vty_out(vty, ", no table yet");
	if (!stack->is_default && is_namespace && stack->table_config)
		vty_out(vty, " (%u is configured: a namespace has tables of its own)",
			stack->table_config);
	else if (!stack->is_default && !is_namespace)
		vty_out(vty, " (%s)", stack->table_config ? "configured" : "allocated");
	vty_out(vty, ", backend %s\n", netstack_view_backend());
}

void netstack_show_detail(struct vty *vty, const struct netstack *stack)
{
	struct netstack_view_if *ifs = netstack_view_ifs(stack), *view;
	const char *problem = netstack_first_problem(stack);
	struct netstack_status status;

	netstack_status_stack(stack, &status);
	vty_out(vty, "Netstack %s is ", stack->name);
	out_state(vty, &status);
	if (stack->description)
		vty_out(vty, "  Description: %s\n", stack->description);
	detail_vrf(vty, stack);
	vty_out(vty, "  IPv6 is %s\n", stack->ipv6_disable ? "disabled" : "enabled");
	vty_out(vty, "  Neighbors: %u, routes: %u\n", netstack_status_neighbor_count(stack),
		netstack_status_route_count(stack));
	darr_foreach_p (ifs, view)
		detail_if(vty, stack, view);
	darr_free(ifs);
	detail_routes(vty, stack);
	detail_learned(vty, stack);
	detail_neighbors(vty, stack);
	detail_leaks(vty, stack);
	detail_limits(vty, stack);
	if (problem)
		vty_out(vty, "  Problem: %s\n", problem);
}
