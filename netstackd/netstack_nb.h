// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The northbound's callbacks: which function has which node of yang/frr-netstack.yang.
 *
 * They are named after the path, as in FRR: `stack/interface/mac`, modify, is
 * netstack_stack_interface_mac_modify().  VALIDATE refuses (netstack_validate.h), PREPARE has
 * nothing to do, APPLY cannot fail and only calls the writers of netstack_desired.h.
 */

#ifndef _NETSTACK_NB_H
#define _NETSTACK_NB_H

#include "northbound.h"

#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_nb_state.h"

extern const struct frr_yang_module_info frr_netstack_info;

/* netstack_nb_config.c */
extern int netstack_global_table_range_lower_modify(struct nb_cb_modify_args *args);
extern int netstack_global_table_range_upper_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_create(struct nb_cb_create_args *args);
extern int netstack_stack_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_vrf_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_vrf_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_table_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_table_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_description_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_description_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_ipv6_disable_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_shutdown_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_limit_create(struct nb_cb_create_args *args);
extern int netstack_stack_limit_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_limit_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_interface_create(struct nb_cb_create_args *args);
extern int netstack_stack_interface_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_interface_link_create(struct nb_cb_create_args *args);
extern int netstack_stack_interface_link_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_interface_link_kind_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_interface_link_vlan_id_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_interface_link_vlan_id_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_interface_link_parent_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_interface_link_parent_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_interface_mac_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_interface_mac_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_interface_mtu_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_interface_mtu_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_interface_address_create(struct nb_cb_create_args *args);
extern int netstack_stack_interface_address_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_interface_shutdown_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_default_gateway_create(struct nb_cb_create_args *args);
extern int netstack_stack_default_gateway_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_default_gateway_distance_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_route_create(struct nb_cb_create_args *args);
extern int netstack_stack_route_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_route_distance_modify(struct nb_cb_modify_args *args);
/* of default-gateway and of route */
extern int netstack_stack_track_create(struct nb_cb_create_args *args);
extern int netstack_stack_track_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_track_kind_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_track_profile_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_track_profile_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_track_interval_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_track_interval_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_track_multiplier_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_track_multiplier_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_track_hold_down_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_neighbor_create(struct nb_cb_create_args *args);
extern int netstack_stack_neighbor_destroy(struct nb_cb_destroy_args *args);
extern int netstack_stack_neighbor_mac_modify(struct nb_cb_modify_args *args);
extern int netstack_stack_leak_create(struct nb_cb_create_args *args);
extern int netstack_stack_leak_destroy(struct nb_cb_destroy_args *args);

/* netstack_nb_track.c: sends the notification gateway-up or gateway-down. */
extern void netstack_nb_notify_gateway(const struct netstack *stack, const struct ipaddr *gateway,
				       const char *ifname, enum netstack_track_kind kind, bool up,
				       const char *reason);

/* netstack_nb_limit.c: sends the notification limit-reached or limit-cleared. */
extern void netstack_nb_notify_limit(const struct netstack *stack, enum netstack_limit_kind kind,
				     const char *notification, uint32_t use, const char *reason);

/* netstack_cli_show.c: how the configuration is written */
extern void netstack_cli_show_table_range(struct vty *vty, const struct lyd_node *dnode,
					  bool show_defaults);
extern void netstack_cli_show_stack(struct vty *vty, const struct lyd_node *dnode,
				    bool show_defaults);
extern void netstack_cli_show_stack_end(struct vty *vty, const struct lyd_node *dnode);
extern void netstack_cli_show_vrf(struct vty *vty, const struct lyd_node *dnode,
				  bool show_defaults);
extern void netstack_cli_show_table(struct vty *vty, const struct lyd_node *dnode,
				    bool show_defaults);
extern void netstack_cli_show_description(struct vty *vty, const struct lyd_node *dnode,
					  bool show_defaults);
extern void netstack_cli_show_ipv6_disable(struct vty *vty, const struct lyd_node *dnode,
					   bool show_defaults);
extern void netstack_cli_show_shutdown(struct vty *vty, const struct lyd_node *dnode,
				       bool show_defaults);
extern void netstack_cli_show_limit(struct vty *vty, const struct lyd_node *dnode,
				    bool show_defaults);
extern void netstack_cli_show_interface(struct vty *vty, const struct lyd_node *dnode,
					bool show_defaults);
extern void netstack_cli_show_interface_end(struct vty *vty, const struct lyd_node *dnode);
extern void netstack_cli_show_interface_link(struct vty *vty, const struct lyd_node *dnode,
					     bool show_defaults);
extern void netstack_cli_show_interface_mac(struct vty *vty, const struct lyd_node *dnode,
					    bool show_defaults);
extern void netstack_cli_show_interface_mtu(struct vty *vty, const struct lyd_node *dnode,
					    bool show_defaults);
extern void netstack_cli_show_interface_address(struct vty *vty, const struct lyd_node *dnode,
						bool show_defaults);
extern void netstack_cli_show_interface_shutdown(struct vty *vty, const struct lyd_node *dnode,
						 bool show_defaults);
/* Of default-gateway and route; the line alone, behind a space. */
extern void netstack_cli_show_next_hop(struct vty *vty, const struct lyd_node *dnode,
				       bool show_defaults);
extern void netstack_cli_out_next_hop(struct vty *vty, const struct lyd_node *dnode);
extern void netstack_cli_show_neighbor(struct vty *vty, const struct lyd_node *dnode,
				       bool show_defaults);
extern void netstack_cli_show_leak(struct vty *vty, const struct lyd_node *dnode,
				   bool show_defaults);

/* In which order entries of one list are written. */
extern int netstack_cli_cmp_interface(const struct lyd_node *a, const struct lyd_node *b);
extern int netstack_cli_cmp_interface_address(const struct lyd_node *a, const struct lyd_node *b);
extern int netstack_cli_cmp_default_gateway(const struct lyd_node *a, const struct lyd_node *b);
extern int netstack_cli_cmp_route(const struct lyd_node *a, const struct lyd_node *b);
extern int netstack_cli_cmp_neighbor(const struct lyd_node *a, const struct lyd_node *b);
extern int netstack_cli_cmp_leak(const struct lyd_node *a, const struct lyd_node *b);

#endif /* _NETSTACK_NB_H */
