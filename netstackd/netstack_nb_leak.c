// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The YANG state of leaks.
 */

#include <zebra.h>

#include "northbound.h"

#include "netstackd/netstack_leak.h"
#include "netstackd/netstack_nb_state.h"

/*
 * XPath: /frr-netstack:netstack/stack/state/leak
 */
const void *netstack_stack_state_leak_get_next(struct nb_cb_get_next_args *args)
{
	const struct netstack *stack = args->parent_list_entry;

	if (!args->list_entry)
		return netstack_leaks_const_first(&stack->leaks);
	return netstack_leaks_const_next(&stack->leaks, args->list_entry);
}

int netstack_stack_state_leak_get_keys(struct nb_cb_get_keys_args *args)
{
	const struct netstack_leak *leak = args->list_entry;

	args->keys->num = 2;
	strlcpy(args->keys->key[0], leak->from, sizeof(args->keys->key[0]));
	strlcpy(args->keys->key[1], leak->plist, sizeof(args->keys->key[1]));
	return NB_OK;
}

const void *netstack_stack_state_leak_lookup_entry(struct nb_cb_lookup_entry_args *args)
{
	const struct netstack *stack = args->parent_list_entry;
	struct netstack_leak key = {};

	strlcpy(key.from, args->keys->key[0], sizeof(key.from));
	strlcpy(key.plist, args->keys->key[1], sizeof(key.plist));
	return netstack_leaks_const_find(&stack->leaks, &key);
}

struct yang_data *netstack_stack_state_leak_from_get_elem(struct nb_cb_get_elem_args *args)
{
	const struct netstack_leak *leak = args->list_entry;

	return yang_data_new_string(args->xpath, leak->from);
}

struct yang_data *netstack_stack_state_leak_prefix_list_get_elem(struct nb_cb_get_elem_args *args)
{
	const struct netstack_leak *leak = args->list_entry;

	return yang_data_new_string(args->xpath, leak->plist);
}

struct yang_data *netstack_stack_state_leak_state_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_status status;

	netstack_leak_status(args->list_entry, &status);
	return yang_data_new_string(args->xpath, status.state);
}

struct yang_data *netstack_stack_state_leak_reason_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_status status;

	netstack_leak_status(args->list_entry, &status);
	return yang_data_new_string(args->xpath, status.reason);
}

struct yang_data *netstack_stack_state_leak_route_count_get_elem(struct nb_cb_get_elem_args *args)
{
	return yang_data_new_uint32(args->xpath, netstack_leak_route_count(args->list_entry));
}
