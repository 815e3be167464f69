// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Trackers of next hops in the YANG model: their state, and what is told of them.
 *
 * The list entries are those of netstack_nb_state.c, routes of desired.
 */

#include <zebra.h>

#include "northbound.h"

#include "netstackd/netstack_gateway.h"
#include "netstackd/netstack_nb.h"
#include "netstackd/netstack_text.h"

struct yang_data *netstack_stack_state_track_kind_get_elem(struct nb_cb_get_elem_args *args)
{
	const struct netstack_route *route = args->list_entry;

	if (!route->track)
		return NULL;
	return yang_data_new_string(args->xpath, netstack_track_word(route->track->kind));
}

struct yang_data *netstack_stack_state_track_state_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_gateway_status status;

	if (!netstack_gateway_status(args->list_entry, &status))
		return NULL;
	return yang_data_new_string(args->xpath, netstack_track_state_word(status.state));
}

struct yang_data *netstack_stack_state_track_since_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_gateway_status status;
	char text[NETSTACK_TIME_LEN];

	if (!netstack_gateway_status(args->list_entry, &status))
		return NULL;
	return yang_data_new_string(args->xpath, netstack_time_text(status.since, text));
}

struct yang_data *netstack_stack_state_track_reason_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_gateway_status status;

	if (!netstack_gateway_status(args->list_entry, &status))
		return NULL;
	return yang_data_new_string(args->xpath, status.reason);
}

static void add_leaf(struct list *arguments, const char *xpath, const char *name, const char *value)
{
	char leaf[96];

	snprintf(leaf, sizeof(leaf), "%s/%s", xpath, name);
	listnode_add(arguments, yang_data_new_string(leaf, value));
}

void netstack_nb_notify_gateway(const struct netstack *stack, const struct ipaddr *gateway,
				const char *ifname, enum netstack_track_kind kind, bool up,
				const char *reason)
{
	struct list *arguments = yang_data_list_new();
	char xpath[64], address[PREFIX_STRLEN];

	snprintf(xpath, sizeof(xpath), "/frr-netstack:gateway-%s", up ? "up" : "down");
	snprintfrr(address, sizeof(address), "%pIA", gateway);
	add_leaf(arguments, xpath, "netstack", stack->name);
	add_leaf(arguments, xpath, "gateway", address);
	add_leaf(arguments, xpath, "interface", ifname);
	if (kind != NETSTACK_TRACK_NONE)
		add_leaf(arguments, xpath, "track", netstack_track_word(kind));
	add_leaf(arguments, xpath, "reason", reason);
	nb_notification_send(xpath, arguments); /* takes the list */
}
