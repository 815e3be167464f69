// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The YANG state of limits, and the notifications of them.
 */

#include <zebra.h>

#include "linklist.h"
#include "northbound.h"
#include "yang_wrappers.h"

#include "netstackd/netstack_limit.h"
#include "netstackd/netstack_nb.h"

/*
 * XPath: /frr-netstack:netstack/stack/state/limits/routes
 * XPath: /frr-netstack:netstack/stack/state/limits/neighbors
 */

static enum netstack_limit_kind kind_of(const struct nb_cb_get_elem_args *args)
{
	return strstr(args->xpath, "/limits/neighbors/") ? NETSTACK_LIMIT_NEIGHBORS
							 : NETSTACK_LIMIT_ROUTES;
}

/* The limit that the leaf is of, without the reason; false: there is none. */
static bool view_of(const struct nb_cb_get_elem_args *args, struct netstack_limit_view *view)
{
	netstack_limit_figures(args->list_entry, kind_of(args), view);
	return view->requested != 0;
}

struct yang_data *netstack_stack_state_limits_requested_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_limit_view view;

	return view_of(args, &view) ? yang_data_new_uint32(args->xpath, view.requested) : NULL;
}

struct yang_data *netstack_stack_state_limits_in_force_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_limit_view view;

	return view_of(args, &view) ? yang_data_new_uint32(args->xpath, view.in_force) : NULL;
}

struct yang_data *
netstack_stack_state_limits_warning_only_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_limit_view view;

	return view_of(args, &view) ? yang_data_new_bool(args->xpath, view.warning_only) : NULL;
}

struct yang_data *netstack_stack_state_limits_use_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_limit_view view;

	return view_of(args, &view) ? yang_data_new_uint32(args->xpath, view.use) : NULL;
}

struct yang_data *netstack_stack_state_limits_state_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_limit_view view;

	return view_of(args, &view)
		       ? yang_data_new_string(args->xpath, netstack_limit_level_name(view.level))
		       : NULL;
}

struct yang_data *netstack_stack_state_limits_reason_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_limit_view view;

	netstack_limit_view(args->list_entry, kind_of(args), &view);
	return view.requested ? yang_data_new_string(args->xpath, view.reason) : NULL;
}

/*
 * XPath: /frr-netstack:limit-reached
 * XPath: /frr-netstack:limit-cleared
 */
void netstack_nb_notify_limit(const struct netstack *stack, enum netstack_limit_kind kind,
			      const char *notification, uint32_t use, const char *reason)
{
	const struct netstack_limit *limit = &stack->limits[kind];
	struct list *arguments = yang_data_list_new();
	char xpath[64], leaf[96];

	snprintf(xpath, sizeof(xpath), "/frr-netstack:%s", notification);
	snprintf(leaf, sizeof(leaf), "%s/netstack", xpath);
	listnode_add(arguments, yang_data_new_string(leaf, stack->name));
	snprintf(leaf, sizeof(leaf), "%s/limit", xpath);
	listnode_add(arguments, yang_data_new_string(leaf, netstack_limit_name(kind)));
	snprintf(leaf, sizeof(leaf), "%s/maximum", xpath);
	listnode_add(arguments, yang_data_new_uint32(leaf, limit->max));
	snprintf(leaf, sizeof(leaf), "%s/use", xpath);
	listnode_add(arguments, yang_data_new_uint32(leaf, use));
	snprintf(leaf, sizeof(leaf), "%s/warning-only", xpath);
	listnode_add(arguments, yang_data_new_bool(leaf, limit->warning_only));
	snprintf(leaf, sizeof(leaf), "%s/reason", xpath);
	listnode_add(arguments, yang_data_new_string(leaf, reason));
	nb_notification_send(xpath, arguments); /* takes the list */
}
