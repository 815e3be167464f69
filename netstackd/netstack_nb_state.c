// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The YANG state of stacks, and the RPC that clears neighbours.
 *
 * libfrr walks the state of a stack in one go (no list here has lookup_next, so it does not yield
 * in between).  Lists that are gathered (netstack_view.c) are kept from the first entry that is
 * asked for to the next first one; the others are walked where they are.
 */

#include <zebra.h>

#include "lib/darr.h"
#include "northbound.h"

#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_nb_state.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_view.h"

static struct yang_data *new_text(const char *xpath, const char *text)
{
	return yang_data_new_string(xpath, text);
}

static struct yang_data *new_mac(const char *xpath, const struct ethaddr *mac)
{
	return mac ? yang_data_new_mac(xpath, mac) : NULL;
}

static struct yang_data *new_address(const char *xpath, const struct ipaddr *address)
{
	return yang_data_new_ip(xpath, address);
}

static struct yang_data *new_prefix(const char *xpath, const struct netstack_prefix *prefix)
{
	char text[PREFIX_STRLEN];

	snprintfrr(text, sizeof(text), "%pFX", prefix);
	return new_text(xpath, text);
}

static void set_key(struct yang_list_keys *keys, const char *format, ...) PRINTFRR(2, 3);

/* The next key of a list entry. */
static void set_key(struct yang_list_keys *keys, const char *format, ...)
{
	char *key = keys->key[keys->num++];
	va_list args;

	va_start(args, format);
	vsnprintfrr(key, LIST_MAXKEYLEN, format, args);
	va_end(args);
}

/*
 * XPath: /frr-netstack:netstack/stack
 */
const void *netstack_stack_get_next(struct nb_cb_get_next_args *args)
{
	struct netstack *stack = (struct netstack *)args->list_entry;

	do
		stack = stack ? netstacks_next(&netstacks, stack) : netstacks_first(&netstacks);
	while (stack && netstack_awaits_config(stack));
	return stack;
}

int netstack_stack_get_keys(struct nb_cb_get_keys_args *args)
{
	const struct netstack *stack = args->list_entry;

	args->keys->num = 0;
	set_key(args->keys, "%s", stack->name);
	return NB_OK;
}

const void *netstack_stack_lookup_entry(struct nb_cb_lookup_entry_args *args)
{
	struct netstack *stack = netstack_find(args->keys->key[0]);

	return stack && !netstack_awaits_config(stack) ? stack : NULL;
}

/*
 * XPath: /frr-netstack:netstack/stack/state/…
 */
struct yang_data *netstack_stack_state_state_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_status status;

	netstack_status_stack(args->list_entry, &status);
	return new_text(args->xpath, status.state);
}

struct yang_data *netstack_stack_state_reason_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_status status;

	netstack_status_stack(args->list_entry, &status);
	return new_text(args->xpath, status.reason);
}

struct yang_data *netstack_stack_state_vrf_get_elem(struct nb_cb_get_elem_args *args)
{
	return new_text(args->xpath, netstack_vrf_name(args->list_entry));
}

struct yang_data *netstack_stack_state_backend_get_elem(struct nb_cb_get_elem_args *args)
{
	return new_text(args->xpath, netstack_view_backend());
}

struct yang_data *netstack_stack_state_table_get_elem(struct nb_cb_get_elem_args *args)
{
	uint32_t table = netstack_view_table(args->list_entry);

	return table ? yang_data_new_uint32(args->xpath, table) : NULL;
}

struct yang_data *netstack_stack_state_neighbor_count_get_elem(struct nb_cb_get_elem_args *args)
{
	return yang_data_new_uint32(args->xpath, netstack_status_neighbor_count(args->list_entry));
}

struct yang_data *netstack_stack_state_route_count_get_elem(struct nb_cb_get_elem_args *args)
{
	return yang_data_new_uint32(args->xpath, netstack_status_route_count(args->list_entry));
}

/*
 * XPath: /frr-netstack:netstack/stack/state/interface
 */
static struct netstack_view_if *interfaces;

const void *netstack_stack_state_interface_get_next(struct nb_cb_get_next_args *args)
{
	const struct netstack_view_if *next = args->list_entry;

	if (!next) {
		darr_free(interfaces);
		interfaces = netstack_view_ifs(args->parent_list_entry);
		next = interfaces;
	} else
		next++;
	return next < darr_end(interfaces) ? next : NULL;
}

int netstack_stack_state_interface_get_keys(struct nb_cb_get_keys_args *args)
{
	const struct netstack_view_if *view = args->list_entry;

	args->keys->num = 0;
	set_key(args->keys, "%s", view->name);
	return NB_OK;
}

const void *netstack_stack_state_interface_lookup_entry(struct nb_cb_lookup_entry_args *args)
{
	const struct netstack_view_if *view;

	darr_free(interfaces);
	interfaces = netstack_view_ifs(args->parent_list_entry);
	darr_foreach_p (interfaces, view)
		if (strmatch(view->name, args->keys->key[0]))
			return view;
	return NULL;
}

struct yang_data *netstack_stack_state_interface_name_get_elem(struct nb_cb_get_elem_args *args)
{
	const struct netstack_view_if *view = args->list_entry;

	return new_text(args->xpath, view->name);
}

struct yang_data *netstack_stack_state_interface_state_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_status status;

	netstack_view_if_status(args->list_entry, &status);
	return new_text(args->xpath, status.state);
}

struct yang_data *netstack_stack_state_interface_reason_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_status status;

	netstack_view_if_status(args->list_entry, &status);
	return new_text(args->xpath, status.reason);
}

struct yang_data *netstack_stack_state_interface_mac_get_elem(struct nb_cb_get_elem_args *args)
{
	return new_mac(args->xpath, netstack_view_if_mac(args->list_entry));
}

struct yang_data *netstack_stack_state_interface_mtu_get_elem(struct nb_cb_get_elem_args *args)
{
	const struct netstack_view_if *view = args->list_entry;

	return view->link ? yang_data_new_uint32(args->xpath, view->link->mtu) : NULL;
}

/*
 * XPath: /frr-netstack:netstack/stack/state/interface/address
 */
static struct netstack_view_address *addresses;

const void *netstack_stack_state_interface_address_get_next(struct nb_cb_get_next_args *args)
{
	const struct netstack_view_address *next = args->list_entry;

	if (!next) {
		darr_free(addresses);
		addresses = netstack_view_addresses(args->parent_list_entry);
		next = addresses;
	} else
		next++;
	/* those in force come first */
	return next < darr_end(addresses) && next->in_force ? next : NULL;
}

struct yang_data *netstack_stack_state_interface_address_get_elem(struct nb_cb_get_elem_args *args)
{
	const struct netstack_view_address *address = args->list_entry;

	return new_prefix(args->xpath, address->prefix);
}

/*
 * XPath: /frr-netstack:netstack/stack/state/gateway
 * XPath: /frr-netstack:netstack/stack/state/route
 */
static const void *next_route(struct nb_cb_get_next_args *args, bool is_gateway)
{
	const struct netstack *stack = args->parent_list_entry;
	const struct netstack_route *route = args->list_entry;

	do
		route = route ? netstack_routes_const_next(&stack->routes, route)
			      : netstack_routes_const_first(&stack->routes);
	while (route && route->is_gateway != is_gateway);
	return route;
}

static const void *find_gateway(const struct netstack *stack, const char *address,
				const char *ifname)
{
	struct netstack_route key = { .is_gateway = true };

	if (str2ipaddr(address, &key.gate))
		return NULL;
	key.prefix.family = ipaddr_family(&key.gate);
	strlcpy(key.ifname, ifname, sizeof(key.ifname));
	return netstack_route_find(stack, &key);
}

static const void *find_route(const struct netstack *stack, const char *prefix, const char *hop,
			      const char *ifname)
{
	struct netstack_route key = {};

	if (!netstack_prefix_parse(&key.prefix, prefix) || !netstack_nexthop_parse(&key, hop))
		return NULL;
	strlcpy(key.ifname, ifname, sizeof(key.ifname));
	return netstack_route_find(stack, &key);
}

const void *netstack_stack_state_gateway_get_next(struct nb_cb_get_next_args *args)
{
	return next_route(args, true);
}

int netstack_stack_state_gateway_get_keys(struct nb_cb_get_keys_args *args)
{
	const struct netstack_route *route = args->list_entry;

	args->keys->num = 0;
	set_key(args->keys, "%pIA", &route->gate);
	set_key(args->keys, "%s", route->ifname);
	return NB_OK;
}

const void *netstack_stack_state_gateway_lookup_entry(struct nb_cb_lookup_entry_args *args)
{
	return find_gateway(args->parent_list_entry, args->keys->key[0], args->keys->key[1]);
}

const void *netstack_stack_state_route_get_next(struct nb_cb_get_next_args *args)
{
	return next_route(args, false);
}

int netstack_stack_state_route_get_keys(struct nb_cb_get_keys_args *args)
{
	const struct netstack_view_route view = { .route = args->list_entry };
	char hop[64];

	args->keys->num = 0;
	set_key(args->keys, "%pFX", &view.route->prefix);
	set_key(args->keys, "%s", netstack_view_nexthop(&view, hop, sizeof(hop)));
	set_key(args->keys, "%s", view.route->ifname);
	return NB_OK;
}

const void *netstack_stack_state_route_lookup_entry(struct nb_cb_lookup_entry_args *args)
{
	return find_route(args->parent_list_entry, args->keys->key[0], args->keys->key[1],
			  args->keys->key[2]);
}

struct yang_data *netstack_stack_state_gateway_address_get_elem(struct nb_cb_get_elem_args *args)
{
	const struct netstack_route *route = args->list_entry;

	return new_address(args->xpath, &route->gate);
}

struct yang_data *netstack_stack_state_route_prefix_get_elem(struct nb_cb_get_elem_args *args)
{
	const struct netstack_route *route = args->list_entry;

	return new_prefix(args->xpath, &route->prefix);
}

struct yang_data *netstack_stack_state_route_next_hop_get_elem(struct nb_cb_get_elem_args *args)
{
	const struct netstack_view_route view = { .route = args->list_entry };
	char hop[64];

	return new_text(args->xpath, netstack_view_nexthop(&view, hop, sizeof(hop)));
}

/* The leafs that gateways and routes have in common. */

struct yang_data *netstack_stack_state_route_interface_get_elem(struct nb_cb_get_elem_args *args)
{
	const struct netstack_route *route = args->list_entry;

	return new_text(args->xpath, route->ifname);
}

struct yang_data *netstack_stack_state_route_distance_get_elem(struct nb_cb_get_elem_args *args)
{
	const struct netstack_route *route = args->list_entry;

	return yang_data_new_uint8(args->xpath, route->distance);
}

struct yang_data *netstack_stack_state_route_state_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_status status;

	netstack_status_route(args->list_entry, &status);
	return new_text(args->xpath, status.state);
}

struct yang_data *netstack_stack_state_route_reason_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_status status;

	netstack_status_route(args->list_entry, &status);
	return new_text(args->xpath, status.reason);
}

/*
 * XPath: /frr-netstack:netstack/stack/state/neighbor
 */
static struct netstack_view_neighbor *neighbors;
static const struct netstack *neighbors_of;

static void gather_neighbors(const struct netstack *stack)
{
	darr_free(neighbors);
	neighbors = netstack_view_neighbors(stack);
	neighbors_of = stack;
}

const void *netstack_stack_state_neighbor_get_next(struct nb_cb_get_next_args *args)
{
	const struct netstack_view_neighbor *next = args->list_entry;

	if (!next) {
		gather_neighbors(args->parent_list_entry);
		next = neighbors;
	} else
		next++;
	return next < darr_end(neighbors) ? next : NULL;
}

int netstack_stack_state_neighbor_get_keys(struct nb_cb_get_keys_args *args)
{
	const struct netstack_view_neighbor *view = args->list_entry;

	args->keys->num = 0;
	set_key(args->keys, "%s", view->ifname);
	set_key(args->keys, "%pIA", netstack_view_neighbor_address(view));
	return NB_OK;
}

const void *netstack_stack_state_neighbor_lookup_entry(struct nb_cb_lookup_entry_args *args)
{
	const struct netstack_view_neighbor *view;
	struct ipaddr address;

	if (str2ipaddr(args->keys->key[1], &address))
		return NULL;
	gather_neighbors(args->parent_list_entry);
	darr_foreach_p (neighbors, view)
		if (strmatch(view->ifname, args->keys->key[0]) &&
		    ipaddr_is_same(netstack_view_neighbor_address(view), &address))
			return view;
	return NULL;
}

struct yang_data *netstack_stack_state_neighbor_interface_get_elem(struct nb_cb_get_elem_args *args)
{
	const struct netstack_view_neighbor *view = args->list_entry;

	return new_text(args->xpath, view->ifname);
}

struct yang_data *netstack_stack_state_neighbor_address_get_elem(struct nb_cb_get_elem_args *args)
{
	return new_address(args->xpath, netstack_view_neighbor_address(args->list_entry));
}

struct yang_data *netstack_stack_state_neighbor_mac_get_elem(struct nb_cb_get_elem_args *args)
{
	return new_mac(args->xpath, netstack_view_neighbor_mac(args->list_entry));
}

struct yang_data *netstack_stack_state_neighbor_state_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_status status;

	netstack_view_neighbor_status(neighbors_of, args->list_entry, &status);
	return new_text(args->xpath, status.state);
}

struct yang_data *netstack_stack_state_neighbor_reason_get_elem(struct nb_cb_get_elem_args *args)
{
	struct netstack_status status;

	netstack_view_neighbor_status(neighbors_of, args->list_entry, &status);
	return new_text(args->xpath, status.reason);
}

/*
 * XPath: /frr-netstack:clear-neighbor
 */
static void add_ifindex(const struct netstack_link *link, void *arg)
{
	int **ifindexes = arg;

	*darr_append(*ifindexes) = link->ifindex;
}

int netstack_clear_neighbor_rpc(struct nb_cb_rpc_args *args)
{
	const char *name = yang_dnode_get_string(args->input, "netstack");
	struct netstack *stack = netstack_find(name);
	bool one = yang_dnode_exists(args->input, "address");
	unsigned int cleared = 0;
	int *ifindexes = NULL, *ifindex; /* links may go while we clear */
	struct ipaddr address;

	if (!stack) {
		snprintfrr(args->errmsg, args->errmsg_len, "netstack %s does not exist", name);
		return NB_ERR_NOT_FOUND;
	}
	if (one)
		yang_dnode_get_ip(&address, args->input, "address");

	netstack_place_each_link(stack, add_ifindex, &ifindexes);
	darr_foreach_p (ifindexes, ifindex)
		cleared += netstack_kernel_flush_neighbors(stack, *ifindex, one ? &address : NULL);
	darr_free(ifindexes);
	DEBUGD(&netstack_dbg_northbound, "%s: %u neighbors cleared", name, cleared);

	netstack_kernel_drain(); /* the next `show` knows */
	return NB_OK;
}
