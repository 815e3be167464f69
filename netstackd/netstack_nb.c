// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The northbound: path to callback, and nothing else.
 */

#include <zebra.h>

#include "northbound.h"

#include "netstackd/netstack_nb.h"

/* clang-format off */
const struct frr_yang_module_info frr_netstack_info = {
	.name = "frr-netstack",
	.nodes = {
		{
			.xpath = "/frr-netstack:netstack/global/table-range",
			.cbs = {
				.cli_show = netstack_cli_show_table_range,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/global/table-range/lower",
			.cbs = {
				.modify = netstack_global_table_range_lower_modify,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/global/table-range/upper",
			.cbs = {
				.modify = netstack_global_table_range_upper_modify,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack",
			.cbs = {
				.create = netstack_stack_create,
				.destroy = netstack_stack_destroy,
				.get_next = netstack_stack_get_next,
				.get_keys = netstack_stack_get_keys,
				.lookup_entry = netstack_stack_lookup_entry,
				.cli_show = netstack_cli_show_stack,
				.cli_show_end = netstack_cli_show_stack_end,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/vrf",
			.cbs = {
				.modify = netstack_stack_vrf_modify,
				.destroy = netstack_stack_vrf_destroy,
				.cli_show = netstack_cli_show_vrf,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/table",
			.cbs = {
				.modify = netstack_stack_table_modify,
				.destroy = netstack_stack_table_destroy,
				.cli_show = netstack_cli_show_table,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/description",
			.cbs = {
				.modify = netstack_stack_description_modify,
				.destroy = netstack_stack_description_destroy,
				.cli_show = netstack_cli_show_description,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/ipv6-disable",
			.cbs = {
				.modify = netstack_stack_ipv6_disable_modify,
				.cli_show = netstack_cli_show_ipv6_disable,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/shutdown",
			.cbs = {
				.modify = netstack_stack_shutdown_modify,
				.cli_show = netstack_cli_show_shutdown,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/interface",
			.cbs = {
				.create = netstack_stack_interface_create,
				.destroy = netstack_stack_interface_destroy,
				.cli_cmp = netstack_cli_cmp_interface,
				.cli_show = netstack_cli_show_interface,
				.cli_show_end = netstack_cli_show_interface_end,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/interface/link",
			.cbs = {
				.create = netstack_stack_interface_link_create,
				.destroy = netstack_stack_interface_link_destroy,
				.cli_show = netstack_cli_show_interface_link,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/interface/link/kind",
			.cbs = {
				.modify = netstack_stack_interface_link_kind_modify,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/interface/link/vlan-id",
			.cbs = {
				.modify = netstack_stack_interface_link_vlan_id_modify,
				.destroy = netstack_stack_interface_link_vlan_id_destroy,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/interface/link/parent",
			.cbs = {
				.modify = netstack_stack_interface_link_parent_modify,
				.destroy = netstack_stack_interface_link_parent_destroy,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/interface/mac",
			.cbs = {
				.modify = netstack_stack_interface_mac_modify,
				.destroy = netstack_stack_interface_mac_destroy,
				.cli_show = netstack_cli_show_interface_mac,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/interface/mtu",
			.cbs = {
				.modify = netstack_stack_interface_mtu_modify,
				.destroy = netstack_stack_interface_mtu_destroy,
				.cli_show = netstack_cli_show_interface_mtu,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/interface/address",
			.cbs = {
				.create = netstack_stack_interface_address_create,
				.destroy = netstack_stack_interface_address_destroy,
				.cli_cmp = netstack_cli_cmp_interface_address,
				.cli_show = netstack_cli_show_interface_address,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/interface/shutdown",
			.cbs = {
				.modify = netstack_stack_interface_shutdown_modify,
				.cli_show = netstack_cli_show_interface_shutdown,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/default-gateway",
			.cbs = {
				.create = netstack_stack_default_gateway_create,
				.destroy = netstack_stack_default_gateway_destroy,
				.cli_cmp = netstack_cli_cmp_default_gateway,
				.cli_show = netstack_cli_show_next_hop,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/default-gateway/distance",
			.cbs = {
				.modify = netstack_stack_default_gateway_distance_modify,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/default-gateway/track",
			.cbs = {
				.create = netstack_stack_track_create,
				.destroy = netstack_stack_track_destroy,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/default-gateway/track/kind",
			.cbs = {
				.modify = netstack_stack_track_kind_modify,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/default-gateway/track/profile",
			.cbs = {
				.modify = netstack_stack_track_profile_modify,
				.destroy = netstack_stack_track_profile_destroy,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/default-gateway/track/interval",
			.cbs = {
				.modify = netstack_stack_track_interval_modify,
				.destroy = netstack_stack_track_interval_destroy,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/default-gateway/track/multiplier",
			.cbs = {
				.modify = netstack_stack_track_multiplier_modify,
				.destroy = netstack_stack_track_multiplier_destroy,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/default-gateway/track/hold-down",
			.cbs = {
				.modify = netstack_stack_track_hold_down_modify,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/route",
			.cbs = {
				.create = netstack_stack_route_create,
				.destroy = netstack_stack_route_destroy,
				.cli_cmp = netstack_cli_cmp_route,
				.cli_show = netstack_cli_show_next_hop,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/route/distance",
			.cbs = {
				.modify = netstack_stack_route_distance_modify,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/route/track",
			.cbs = {
				.create = netstack_stack_track_create,
				.destroy = netstack_stack_track_destroy,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/route/track/kind",
			.cbs = {
				.modify = netstack_stack_track_kind_modify,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/route/track/profile",
			.cbs = {
				.modify = netstack_stack_track_profile_modify,
				.destroy = netstack_stack_track_profile_destroy,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/route/track/interval",
			.cbs = {
				.modify = netstack_stack_track_interval_modify,
				.destroy = netstack_stack_track_interval_destroy,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/route/track/multiplier",
			.cbs = {
				.modify = netstack_stack_track_multiplier_modify,
				.destroy = netstack_stack_track_multiplier_destroy,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/route/track/hold-down",
			.cbs = {
				.modify = netstack_stack_track_hold_down_modify,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/neighbor",
			.cbs = {
				.create = netstack_stack_neighbor_create,
				.destroy = netstack_stack_neighbor_destroy,
				.cli_cmp = netstack_cli_cmp_neighbor,
				.cli_show = netstack_cli_show_neighbor,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/neighbor/mac",
			.cbs = {
				.modify = netstack_stack_neighbor_mac_modify,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/limit/routes",
			.cbs = {
				.create = netstack_stack_limit_create,
				.destroy = netstack_stack_limit_destroy,
				.cli_show = netstack_cli_show_limit,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/limit/routes/maximum",
			.cbs = {
				.modify = netstack_stack_limit_modify,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/limit/routes/warning-only",
			.cbs = {
				.modify = netstack_stack_limit_modify,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/limit/neighbors",
			.cbs = {
				.create = netstack_stack_limit_create,
				.destroy = netstack_stack_limit_destroy,
				.cli_show = netstack_cli_show_limit,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/limit/neighbors/maximum",
			.cbs = {
				.modify = netstack_stack_limit_modify,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/limit/neighbors/warning-only",
			.cbs = {
				.modify = netstack_stack_limit_modify,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/leak",
			.cbs = {
				.create = netstack_stack_leak_create,
				.destroy = netstack_stack_leak_destroy,
				.cli_cmp = netstack_cli_cmp_leak,
				.cli_show = netstack_cli_show_leak,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/state",
			.cbs = {
				.get_elem = netstack_stack_state_state_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/reason",
			.cbs = {
				.get_elem = netstack_stack_state_reason_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/vrf",
			.cbs = {
				.get_elem = netstack_stack_state_vrf_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/backend",
			.cbs = {
				.get_elem = netstack_stack_state_backend_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/table",
			.cbs = {
				.get_elem = netstack_stack_state_table_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/neighbor-count",
			.cbs = {
				.get_elem = netstack_stack_state_neighbor_count_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/route-count",
			.cbs = {
				.get_elem = netstack_stack_state_route_count_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/limits/routes/requested",
			.cbs = {
				.get_elem = netstack_stack_state_limits_requested_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/limits/routes/in-force",
			.cbs = {
				.get_elem = netstack_stack_state_limits_in_force_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/limits/routes/warning-only",
			.cbs = {
				.get_elem = netstack_stack_state_limits_warning_only_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/limits/routes/use",
			.cbs = {
				.get_elem = netstack_stack_state_limits_use_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/limits/routes/state",
			.cbs = {
				.get_elem = netstack_stack_state_limits_state_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/limits/routes/reason",
			.cbs = {
				.get_elem = netstack_stack_state_limits_reason_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/limits/neighbors/requested",
			.cbs = {
				.get_elem = netstack_stack_state_limits_requested_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/limits/neighbors/in-force",
			.cbs = {
				.get_elem = netstack_stack_state_limits_in_force_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/limits/neighbors/warning-only",
			.cbs = {
				.get_elem = netstack_stack_state_limits_warning_only_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/limits/neighbors/use",
			.cbs = {
				.get_elem = netstack_stack_state_limits_use_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/limits/neighbors/state",
			.cbs = {
				.get_elem = netstack_stack_state_limits_state_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/limits/neighbors/reason",
			.cbs = {
				.get_elem = netstack_stack_state_limits_reason_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/interface",
			.cbs = {
				.get_next = netstack_stack_state_interface_get_next,
				.get_keys = netstack_stack_state_interface_get_keys,
				.lookup_entry = netstack_stack_state_interface_lookup_entry,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/interface/name",
			.cbs = {
				.get_elem = netstack_stack_state_interface_name_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/interface/state",
			.cbs = {
				.get_elem = netstack_stack_state_interface_state_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/interface/reason",
			.cbs = {
				.get_elem = netstack_stack_state_interface_reason_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/interface/mac",
			.cbs = {
				.get_elem = netstack_stack_state_interface_mac_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/interface/mtu",
			.cbs = {
				.get_elem = netstack_stack_state_interface_mtu_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/interface/address",
			.cbs = {
				.get_elem = netstack_stack_state_interface_address_get_elem,
				.get_next = netstack_stack_state_interface_address_get_next,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/gateway",
			.cbs = {
				.get_next = netstack_stack_state_gateway_get_next,
				.get_keys = netstack_stack_state_gateway_get_keys,
				.lookup_entry = netstack_stack_state_gateway_lookup_entry,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/gateway/address",
			.cbs = {
				.get_elem = netstack_stack_state_gateway_address_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/gateway/interface",
			.cbs = {
				.get_elem = netstack_stack_state_route_interface_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/gateway/distance",
			.cbs = {
				.get_elem = netstack_stack_state_route_distance_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/gateway/state",
			.cbs = {
				.get_elem = netstack_stack_state_route_state_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/gateway/reason",
			.cbs = {
				.get_elem = netstack_stack_state_route_reason_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/gateway/track/kind",
			.cbs = {
				.get_elem = netstack_stack_state_track_kind_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/gateway/track/state",
			.cbs = {
				.get_elem = netstack_stack_state_track_state_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/gateway/track/since",
			.cbs = {
				.get_elem = netstack_stack_state_track_since_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/gateway/track/reason",
			.cbs = {
				.get_elem = netstack_stack_state_track_reason_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/route",
			.cbs = {
				.get_next = netstack_stack_state_route_get_next,
				.get_keys = netstack_stack_state_route_get_keys,
				.lookup_entry = netstack_stack_state_route_lookup_entry,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/route/prefix",
			.cbs = {
				.get_elem = netstack_stack_state_route_prefix_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/route/next-hop",
			.cbs = {
				.get_elem = netstack_stack_state_route_next_hop_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/route/interface",
			.cbs = {
				.get_elem = netstack_stack_state_route_interface_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/route/distance",
			.cbs = {
				.get_elem = netstack_stack_state_route_distance_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/route/state",
			.cbs = {
				.get_elem = netstack_stack_state_route_state_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/route/reason",
			.cbs = {
				.get_elem = netstack_stack_state_route_reason_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/route/track/kind",
			.cbs = {
				.get_elem = netstack_stack_state_track_kind_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/route/track/state",
			.cbs = {
				.get_elem = netstack_stack_state_track_state_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/route/track/since",
			.cbs = {
				.get_elem = netstack_stack_state_track_since_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/route/track/reason",
			.cbs = {
				.get_elem = netstack_stack_state_track_reason_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/leak",
			.cbs = {
				.get_next = netstack_stack_state_leak_get_next,
				.get_keys = netstack_stack_state_leak_get_keys,
				.lookup_entry = netstack_stack_state_leak_lookup_entry,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/leak/from",
			.cbs = {
				.get_elem = netstack_stack_state_leak_from_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/leak/prefix-list",
			.cbs = {
				.get_elem = netstack_stack_state_leak_prefix_list_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/leak/state",
			.cbs = {
				.get_elem = netstack_stack_state_leak_state_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/leak/reason",
			.cbs = {
				.get_elem = netstack_stack_state_leak_reason_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/leak/route-count",
			.cbs = {
				.get_elem = netstack_stack_state_leak_route_count_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/neighbor",
			.cbs = {
				.get_next = netstack_stack_state_neighbor_get_next,
				.get_keys = netstack_stack_state_neighbor_get_keys,
				.lookup_entry = netstack_stack_state_neighbor_lookup_entry,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/neighbor/interface",
			.cbs = {
				.get_elem = netstack_stack_state_neighbor_interface_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/neighbor/address",
			.cbs = {
				.get_elem = netstack_stack_state_neighbor_address_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/neighbor/mac",
			.cbs = {
				.get_elem = netstack_stack_state_neighbor_mac_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/neighbor/state",
			.cbs = {
				.get_elem = netstack_stack_state_neighbor_state_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:netstack/stack/state/neighbor/reason",
			.cbs = {
				.get_elem = netstack_stack_state_neighbor_reason_get_elem,
			},
		},
		{
			.xpath = "/frr-netstack:clear-neighbor",
			.cbs = {
				.rpc = netstack_clear_neighbor_rpc,
			},
		},
		{
			.xpath = NULL,
		},
	},
};
