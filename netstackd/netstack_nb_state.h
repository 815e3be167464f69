// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The YANG state of stacks, and the RPC that clears neighbours: the callbacks.
 *
 * `gateway` and `route` have the leafs of next-hop-state in common, and the same callbacks for
 * them (netstack_stack_state_route_*).
 */

#ifndef _NETSTACK_NB_STATE_H
#define _NETSTACK_NB_STATE_H

#include "northbound.h"

extern const void *netstack_stack_get_next(struct nb_cb_get_next_args *args);
extern int netstack_stack_get_keys(struct nb_cb_get_keys_args *args);
extern const void *netstack_stack_lookup_entry(struct nb_cb_lookup_entry_args *args);
extern struct yang_data *netstack_stack_state_state_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *netstack_stack_state_reason_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *netstack_stack_state_vrf_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *netstack_stack_state_backend_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *netstack_stack_state_table_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_neighbor_count_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_route_count_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_limits_requested_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_limits_in_force_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_limits_warning_only_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *netstack_stack_state_limits_use_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_limits_state_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_limits_reason_get_elem(struct nb_cb_get_elem_args *args);
extern const void *netstack_stack_state_interface_get_next(struct nb_cb_get_next_args *args);
extern int netstack_stack_state_interface_get_keys(struct nb_cb_get_keys_args *args);
extern const void *
netstack_stack_state_interface_lookup_entry(struct nb_cb_lookup_entry_args *args);
extern struct yang_data *
netstack_stack_state_interface_name_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_interface_state_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_interface_reason_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_interface_mac_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_interface_mtu_get_elem(struct nb_cb_get_elem_args *args);
extern const void *
netstack_stack_state_interface_address_get_next(struct nb_cb_get_next_args *args);
extern struct yang_data *
netstack_stack_state_interface_address_get_elem(struct nb_cb_get_elem_args *args);
extern const void *netstack_stack_state_gateway_get_next(struct nb_cb_get_next_args *args);
extern int netstack_stack_state_gateway_get_keys(struct nb_cb_get_keys_args *args);
extern const void *netstack_stack_state_gateway_lookup_entry(struct nb_cb_lookup_entry_args *args);
extern const void *netstack_stack_state_route_get_next(struct nb_cb_get_next_args *args);
extern int netstack_stack_state_route_get_keys(struct nb_cb_get_keys_args *args);
extern const void *netstack_stack_state_route_lookup_entry(struct nb_cb_lookup_entry_args *args);
extern struct yang_data *
netstack_stack_state_gateway_address_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_route_prefix_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_route_next_hop_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_route_interface_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_route_distance_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_route_state_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_route_reason_get_elem(struct nb_cb_get_elem_args *args);
/* netstack_nb_track.c; of gateways and of routes */
extern struct yang_data *netstack_stack_state_track_kind_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_track_state_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_track_since_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_track_reason_get_elem(struct nb_cb_get_elem_args *args);
extern const void *netstack_stack_state_neighbor_get_next(struct nb_cb_get_next_args *args);
extern int netstack_stack_state_neighbor_get_keys(struct nb_cb_get_keys_args *args);
extern const void *netstack_stack_state_neighbor_lookup_entry(struct nb_cb_lookup_entry_args *args);
extern struct yang_data *
netstack_stack_state_neighbor_interface_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_neighbor_address_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_neighbor_mac_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_neighbor_state_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_neighbor_reason_get_elem(struct nb_cb_get_elem_args *args);
/* netstack_nb_leak.c */
extern const void *netstack_stack_state_leak_get_next(struct nb_cb_get_next_args *args);
extern int netstack_stack_state_leak_get_keys(struct nb_cb_get_keys_args *args);
extern const void *netstack_stack_state_leak_lookup_entry(struct nb_cb_lookup_entry_args *args);
extern struct yang_data *netstack_stack_state_leak_from_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_leak_prefix_list_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *netstack_stack_state_leak_state_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_leak_reason_get_elem(struct nb_cb_get_elem_args *args);
extern struct yang_data *
netstack_stack_state_leak_route_count_get_elem(struct nb_cb_get_elem_args *args);
extern int netstack_clear_neighbor_rpc(struct nb_cb_rpc_args *args);

#endif /* _NETSTACK_NB_STATE_H */
