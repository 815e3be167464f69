// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The planner: from desired and observed to operations, with a kernel that is played here.
 */

#include <zebra.h>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "netstackd/netstack.h"
#include "netstackd/netstack_original.h"
#include "netstackd/netstack_plan.h"
#include "netstackd/netstack_test.h"

static struct netstack_observed *obs;
static struct netstack_members_head members;
static struct netstack_ops ops;
static struct netstack *stack;
static bool vrf_known;
static int last_ifindex;

static const struct netstack_desired_hooks no_hooks;

static void setup(void)
{
	struct netstack_member *member;

	last_ifindex = 0;
	vrf_known = true;
	while ((member = netstack_members_pop(&members)))
		free(member);
	if (stack)
		netstack_desired_terminate();
	if (obs)
		netstack_observed_free(obs);
	netstack_ops_fini(&ops);
	netstack_original_terminate();
	obs = netstack_observed_new();
	obs->has_vrf = obs->strict_mode = true;
	netstack_desired_init(&no_hooks);
	stack = netstack_add("blue");
	stack->table = 1001;
}

static void record(const char *name)
{
	struct netstack_member *member = calloc(1, sizeof(*member));

	strlcpy(member->name, name, sizeof(member->name));
	netstack_members_add(&members, member);
}

static struct netstack_link *add_link(const char *name, const char *kind, bool ours)
{
	struct netstack_link *link = netstack_observed_link_add(obs, ++last_ifindex, name);

	strlcpy(link->kind, kind, sizeof(link->kind));
	if (ours) {
		netstack_observed_link_set_alias(link, NETSTACK_ALIAS_PREFIX "blue");
		record(name);
	}
	link->flags = IFF_UP | IFF_RUNNING;
	link->mtu = 1500;
	return link;
}

static void add_unreachable(uint32_t table, int family)
{
	struct netstack_fib_table *fib = netstack_observed_watch_table(obs, table);
	struct netstack_fib_route *route = netstack_fib_route_new(0);

	fib->synced = true;
	route->prefix.family = family;
	route->type = RTN_UNREACHABLE;
	route->metric = NETSTACK_UNREACHABLE_METRIC;
	netstack_observed_route_add(fib, route);
}

static struct netstack_link *add_vrf(void)
{
	struct netstack_link *vrf = add_link("blue", "vrf", true);

	netstack_observed_link_set_vrf_table(obs, vrf, 1001);
	add_unreachable(1001, AF_INET);
	add_unreachable(1001, AF_INET6);
	return vrf;
}

static struct netstack_prefix prefix_of(const char *text)
{
	struct netstack_prefix prefix;

	assert(netstack_prefix_parse(&prefix, text));
	return prefix;
}

/* The plan in words, one operation a line. */
static const char *planned(void)
{
	struct netstack_facts facts = { .backend = NETSTACK_BACKEND_VRF };
	static char text[2048];
	char line[128];

	ops.count = 0;
	facts.outside = obs;
	facts.members = &members;
	facts.vrf_known = vrf_known;
	netstack_plan(stack, &facts, &ops);
	text[0] = '\0';
	for (size_t i = 0; i < ops.count; i++) {
		strlcat(text, netstack_op_describe(&ops.op[i], line, sizeof(line)), sizeof(text));
		strlcat(text, "\n", sizeof(text));
	}
	return text;
}

TEST(the_vrf_comes_first_and_alone)
{
	setup();
	netstack_if_set_link(netstack_if_add(stack, "vmk1"), NETSTACK_LINK_DUMMY, "", 0);
	CHECK_STR(planned(), "create VRF blue, table 1001\n");
	CHECK_STR(ops.op[0].alias, "netstack blue");
}

TEST(without_a_table_nothing_is_made)
{
	setup();
	stack->table = 0;
	CHECK_STR(planned(), "");
}

TEST(nothing_enters_a_vrf_that_zebra_does_not_know)
{
	struct netstack_link *vrf;

	setup();
	vrf = add_link("blue", "vrf", true);
	netstack_observed_link_set_vrf_table(obs, vrf, 1001);
	netstack_observed_watch_table(obs, 1001)->synced = true;
	netstack_if_add(stack, "eth1");
	add_link("eth1", "", false);
	vrf_known = false;
	CHECK_STR(planned(), "");
	vrf_known = true;
	CHECK_STR(planned(), "add the IPv4 unreachable default to table 1001\n"
			     "add the IPv6 unreachable default to table 1001\n"
			     "enslave eth1 to the VRF\n");
}

TEST(a_stack_in_force_has_nothing_to_do)
{
	setup();
	add_vrf();
	CHECK_STR(planned(), "");
}

TEST(unreachable_defaults_and_strict_mode_are_put_back)
{
	struct netstack_fib_table *fib;
	struct netstack_fib_route *route;

	setup();
	add_vrf();
	obs->strict_mode = false;
	fib = netstack_fib_table_find(obs, 1001);
	while ((route = netstack_fib_routes_first(&fib->routes)))
		netstack_observed_route_del(fib, route);
	CHECK_STR(planned(), "set net.vrf.strict_mode\n"
			     "add the IPv4 unreachable default to table 1001\n"
			     "add the IPv6 unreachable default to table 1001\n");
}

TEST(created_members_are_enslaved_from_the_start)
{
	struct netstack_link *vrf, *trunk;

	setup();
	vrf = add_vrf();
	netstack_if_set_link(netstack_if_add(stack, "vmk1"), NETSTACK_LINK_VLAN, "trunk0", 10);
	CHECK_STR(planned(), "");
	trunk = add_link("trunk0", "", false);
	CHECK_STR(planned(), "create vmk1, VLAN 10\n");
	CHECK_INT(ops.op[0].parent, trunk->ifindex);
	CHECK_INT(ops.op[0].master, vrf->ifindex);
}

TEST(a_vlan_waits_for_a_parent_that_is_down)
{
	struct netstack_link *vrf, *vlan, *trunk;
	struct netstack_if *nif;

	setup();
	vrf = add_vrf();
	trunk = add_link("trunk0", "", false);
	nif = netstack_if_add(stack, "vmk1");
	netstack_if_set_link(nif, NETSTACK_LINK_VLAN, "trunk0", 10);
	vlan = add_link("vmk1", "vlan", true);
	vlan->vlan_id = 10;
	vlan->parent = trunk->ifindex;
	netstack_observed_link_set_master(obs, vlan, vrf->ifindex);
	vlan->flags = trunk->flags = 0;
	CHECK_STR(planned(), "");
	trunk->flags = IFF_UP;
	CHECK_STR(planned(), "bring vmk1 up\n");
}

TEST(a_link_is_enslaved_before_it_is_up)
{
	struct netstack_link *link;
	struct netstack_if *nif;
	struct netstack_prefix prefix = prefix_of("10.0.0.1/24");

	setup();
	add_vrf();
	nif = netstack_if_add(stack, "eth1");
	netstack_if_add_address(nif, &prefix);
	netstack_if_set_mtu(nif, 9000);
	link = add_link("eth1", "", false);
	link->flags = 0;
	CHECK_STR(planned(), "enslave eth1 to the VRF\n"
			     "set the MTU of eth1 to 9000\n"
			     "bring eth1 up\n"
			     "add address 10.0.0.1/24 to eth1\n");
}

TEST(ipv6_addresses_of_others_survive_the_move)
{
	struct netstack_link *link;
	struct netstack_link_address *address;
	struct netstack_prefix global = prefix_of("2001:db8::1/64"),
			       local = prefix_of("fe80::1/64");
	struct netstack_prefix advertised = prefix_of("2001:db8:1::1/64");

	setup();
	add_vrf();
	netstack_if_add(stack, "eth1");
	link = add_link("eth1", "", false);
	address = netstack_observed_address_add(link, &local);
	address->flags = IFA_F_PERMANENT;
	address->proto = IFAPROT_KERNEL_LL;
	netstack_observed_address_add(link, &advertised);
	CHECK_STR(planned(), "enslave eth1 to the VRF\n");
	CHECK(ops.op[0].keep_addresses); /* others' may not be announced yet */
	netstack_observed_link_set_alias(link, NETSTACK_ALIAS_PREFIX "blue");
	planned();
	CHECK(!ops.op[0].keep_addresses);
	netstack_observed_link_set_alias(link, "");
	address = netstack_observed_address_add(link, &global);
	address->flags = IFA_F_PERMANENT;
	planned();
	CHECK(ops.op[0].keep_addresses);
}

TEST(a_bridge_port_is_not_taken_away)
{
	struct netstack_link *link, *bridge;

	setup();
	add_vrf();
	netstack_if_add(stack, "eth1");
	bridge = add_link("br0", "bridge", false);
	link = add_link("eth1", "", false);
	netstack_observed_link_set_master(obs, link, bridge->ifindex);
	CHECK_STR(planned(), "");
}

TEST(only_addresses_with_our_mark_are_removed)
{
	struct netstack_link *vrf, *link;
	struct netstack_prefix ours = prefix_of("10.0.0.1/24"), theirs = prefix_of("10.0.1.1/24");

	setup();
	vrf = add_vrf();
	netstack_if_add(stack, "eth1");
	link = add_link("eth1", "", false);
	netstack_observed_link_set_master(obs, link, vrf->ifindex);
	netstack_observed_address_add(link, &ours)->proto = NETSTACK_PROTO;
	netstack_observed_address_add(link, &theirs);
	CHECK_STR(planned(), "delete address 10.0.0.1/24 from eth1\n");
}

TEST(a_neighbour_that_changed_is_set_again)
{
	struct ethaddr mac = { .octet = { 2, 0, 0, 0, 0, 1 } };
	struct netstack_link_neighbor *neighbor;
	struct netstack_link *vrf, *link;
	struct ipaddr address = { .ipa_type = IPADDR_V4 };

	setup();
	address.ipaddr_v4.s_addr = htonl(0x0a000002);
	vrf = add_vrf();
	netstack_if_add(stack, "eth1");
	netstack_neighbor_set(stack, "eth1", &address, &mac);
	link = add_link("eth1", "", false);
	netstack_observed_link_set_master(obs, link, vrf->ifindex);
	CHECK_STR(planned(), "set neighbour 10.0.0.2 of eth1 to 02:00:00:00:00:01\n");

	neighbor = netstack_observed_neighbor_add(link, &address);
	netstack_observed_neighbor_set_state(link, neighbor, NUD_PERMANENT, 0);
	neighbor->has_mac = true;
	neighbor->mac = mac;
	neighbor->proto = NETSTACK_PROTO;
	CHECK_STR(planned(), "");
	netstack_observed_neighbor_set_state(link, neighbor, NUD_REACHABLE, 0);
	CHECK_STR(planned(), "set neighbour 10.0.0.2 of eth1 to 02:00:00:00:00:01\n");
	netstack_neighbor_remove(stack, "eth1", &address);
	CHECK_STR(planned(), "delete neighbour 10.0.0.2 of eth1\n");
}

TEST(shutdown_takes_links_down_and_keeps_them)
{
	struct netstack_link *vrf, *link;
	struct netstack_prefix theirs = prefix_of("2001:db8::1/64");

	setup();
	vrf = add_vrf();
	netstack_if_set_link(netstack_if_add(stack, "vmk1"), NETSTACK_LINK_DUMMY, "", 0);
	link = add_link("vmk1", "dummy", true);
	netstack_observed_link_set_master(obs, link, vrf->ifindex);
	netstack_set_shutdown(stack, true);
	CHECK_STR(planned(), "take blue down\ntake vmk1 down\n");
	CHECK(!ops.op[1].keep_addresses);
	netstack_observed_address_add(link, &theirs)->flags = IFA_F_PERMANENT;
	CHECK_STR(planned(), "take blue down\ntake vmk1 down\n");
	CHECK(ops.op[1].keep_addresses);
	vrf->flags = link->flags = 0;
	CHECK_STR(planned(), "");
	netstack_set_shutdown(stack, false);
	CHECK_STR(planned(), "bring blue up\nbring vmk1 up\n");
}

TEST(removal_goes_in_reverse_and_leaves_what_is_not_ours)
{
	struct netstack_link *vrf, *dummy, *eth;
	struct netstack_prefix prefix = prefix_of("10.0.0.1/24");

	setup();
	vrf = add_vrf();
	dummy = add_link("vmk1", "dummy", true);
	eth = add_link("eth1", "", false);
	record("eth1");
	netstack_observed_link_set_master(obs, dummy, vrf->ifindex);
	netstack_observed_link_set_master(obs, eth, vrf->ifindex);
	netstack_observed_address_add(eth, &prefix)->proto = NETSTACK_PROTO;
	netstack_remove(stack);
	CHECK_STR(planned(), "delete address 10.0.0.1/24 from eth1\n"
			     "release eth1 from the VRF\n"
			     "delete vmk1\n"
			     "delete the IPv4 unreachable default from table 1001\n"
			     "delete the IPv6 unreachable default from table 1001\n"
			     "delete blue\n");
}

TEST(a_vrf_of_another_is_adopted_and_not_deleted)
{
	struct netstack_link *vrf;

	setup();
	vrf = add_link("blue", "vrf", false);
	netstack_observed_link_set_vrf_table(obs, vrf, 1001);
	add_unreachable(1001, AF_INET);
	add_unreachable(1001, AF_INET6);
	CHECK_STR(planned(), "");
	netstack_remove(stack);
	CHECK_STR(planned(), "delete the IPv4 unreachable default from table 1001\n"
			     "delete the IPv6 unreachable default from table 1001\n");
}

TEST(another_table_replaces_the_device_and_never_has_two)
{
	setup();
	add_vrf();
	stack->table = 2000;
	CHECK_STR(planned(), "delete the IPv4 unreachable default from table 1001\n"
			     "delete the IPv6 unreachable default from table 1001\n"
			     "delete blue\n");
}

TEST(another_vrf_name_replaces_the_device_and_never_has_two)
{
	setup();
	add_vrf();
	netstack_set_vrf(stack, "azure");
	CHECK_STR(planned(), "delete the IPv4 unreachable default from table 1001\n"
			     "delete the IPv6 unreachable default from table 1001\n"
			     "delete blue\n");
}

TEST(a_member_that_another_stack_has_now_is_left_to_it)
{
	struct netstack_link *vrf, *eth;

	setup();
	vrf = add_vrf();
	eth = add_link("eth1", "", false);
	record("eth1");
	netstack_observed_link_set_master(obs, eth, vrf->ifindex);
	CHECK_STR(planned(), "release eth1 from the VRF\n");
	netstack_if_add(netstack_add("green"), "eth1");
	CHECK_STR(planned(), "");
}

TEST(a_changed_link_is_made_anew)
{
	struct netstack_link *vrf, *link, *trunk;

	setup();
	vrf = add_vrf();
	trunk = add_link("trunk0", "", false);
	netstack_if_set_link(netstack_if_add(stack, "vmk1"), NETSTACK_LINK_VLAN, "trunk0", 10);
	link = add_link("vmk1", "vlan", true);
	link->vlan_id = 20;
	link->parent = trunk->ifindex;
	netstack_observed_link_set_master(obs, link, vrf->ifindex);
	CHECK_STR(planned(), "delete vmk1\n");
	link->vlan_id = 10;
	CHECK_STR(planned(), "");
}

TEST(a_macvlan_on_another_is_beside_it)
{
	struct netstack_link *vrf, *below, *other, *link;

	setup();
	vrf = add_vrf();
	below = add_link("eth0", "", false);
	other = add_link("mv0", "macvlan", false);
	other->parent = below->ifindex;
	netstack_if_set_link(netstack_if_add(stack, "vmk1"), NETSTACK_LINK_MACVLAN, "mv0", 0);
	link = add_link("vmk1", "macvlan", true);
	netstack_observed_link_set_master(obs, link, vrf->ifindex);
	link->parent = below->ifindex;
	CHECK_STR(planned(), "");
	link->parent = vrf->ifindex;
	CHECK_STR(planned(), "delete vmk1\n");
}

TEST(without_an_mtu_a_vlan_has_that_of_its_parent)
{
	struct netstack_link *vrf, *link, *trunk;
	struct netstack_if *nif;

	setup();
	vrf = add_vrf();
	trunk = add_link("trunk0", "", false);
	nif = netstack_if_add(stack, "vmk1");
	netstack_if_set_link(nif, NETSTACK_LINK_VLAN, "trunk0", 10);
	link = add_link("vmk1", "vlan", true);
	link->vlan_id = 10;
	link->parent = trunk->ifindex;
	netstack_observed_link_set_master(obs, link, vrf->ifindex);
	trunk->mtu = 9000;
	CHECK_STR(planned(), "set the MTU of vmk1 to 9000\n");
	netstack_if_set_mtu(nif, 1400);
	CHECK_STR(planned(), "set the MTU of vmk1 to 1400\n");
}

/* What the operations of the last plan would have done to the link, and what is remembered. */
static void execute_settings(struct netstack_link *link)
{
	for (size_t i = 0; i < ops.count; i++) {
		const struct netstack_op *op = &ops.op[i];

		if (op->has_old_mac)
			netstack_original_note_mac(op->name, &op->old_mac, &op->mac);
		if (op->old_mtu)
			netstack_original_note_mtu(op->name, op->old_mtu, op->mtu);
		if (op->type == NETSTACK_OP_LINK_MAC)
			link->mac = op->mac;
		if (op->type == NETSTACK_OP_LINK_MTU)
			link->mtu = op->mtu;
	}
}

static const struct ethaddr first_mac = { .octet = { 2, 0, 0, 0, 0, 1 } };
static const struct ethaddr second_mac = { .octet = { 2, 0, 0, 0, 0, 2 } };
static const struct ethaddr third_mac = { .octet = { 2, 0, 0, 0, 0, 3 } };

TEST(a_vlan_without_a_mac_has_that_of_its_parent)
{
	struct netstack_link *vrf, *link, *trunk;
	struct netstack_if *nif;

	setup();
	vrf = add_vrf();
	trunk = add_link("trunk0", "", false);
	trunk->has_mac = true;
	trunk->mac = first_mac;
	nif = netstack_if_add(stack, "vmk1");
	netstack_if_set_link(nif, NETSTACK_LINK_VLAN, "trunk0", 10);
	netstack_if_set_mac(nif, &second_mac);
	link = add_link("vmk1", "vlan", true);
	link->vlan_id = 10;
	link->parent = trunk->ifindex;
	link->has_mac = true;
	link->mac = first_mac;
	netstack_observed_link_set_master(obs, link, vrf->ifindex);
	CHECK_STR(planned(), "set the MAC of vmk1 to 02:00:00:00:00:02\n");
	execute_settings(link);
	trunk->mac = third_mac;
	CHECK_STR(planned(), "");
	netstack_if_set_mac(nif, NULL);
	CHECK_STR(planned(), "set the MAC of vmk1 to 02:00:00:00:00:03\n");
	CHECK_INT(netstack_originals_count(&netstack_originals), 0);
}

static struct netstack_link *member_with_settings(struct netstack_if **nif)
{
	struct netstack_link *vrf = add_vrf(), *link = add_link("eth1", "", false);

	record("eth1");
	link->has_mac = true;
	link->mac = first_mac;
	*nif = netstack_if_add(stack, "eth1");
	netstack_if_set_mac(*nif, &second_mac);
	netstack_if_set_mtu(*nif, 9000);
	netstack_observed_link_set_master(obs, link, vrf->ifindex);
	planned();
	execute_settings(link);
	return link;
}

TEST(without_mac_and_mtu_a_link_has_what_it_had_before)
{
	struct netstack_link *link;
	struct netstack_if *nif;

	setup();
	link = member_with_settings(&nif);
	netstack_if_set_mac(nif, &third_mac);
	netstack_if_set_mtu(nif, 8000);
	CHECK_STR(planned(), "set the MAC of eth1 to 02:00:00:00:00:03\n"
			     "set the MTU of eth1 to 8000\n");
	execute_settings(link);
	netstack_if_set_mac(nif, NULL);
	netstack_if_set_mtu(nif, 0);
	CHECK_STR(planned(), "set the MAC of eth1 to 02:00:00:00:00:01\n"
			     "set the MTU of eth1 to 1500\n");
	execute_settings(link);
	CHECK_STR(planned(), "");
	CHECK_INT(netstack_originals_count(&netstack_originals), 0);
}

TEST(settings_that_somebody_else_made_stay)
{
	struct netstack_link *link;
	struct netstack_if *nif;

	setup();
	link = member_with_settings(&nif);
	netstack_if_set_mac(nif, NULL);
	netstack_if_set_mtu(nif, 0);
	link->mac = third_mac;
	link->mtu = 1300;
	CHECK_STR(planned(), "");
}

TEST(a_link_is_released_with_the_settings_that_it_had)
{
	struct netstack_if *nif;

	setup();
	member_with_settings(&nif);
	netstack_if_remove(nif);
	CHECK_STR(planned(), "set the MAC of eth1 to 02:00:00:00:00:01\n"
			     "set the MTU of eth1 to 1500\n"
			     "release eth1 from the VRF\n");
}

TEST(a_link_of_another_kind_and_owner_is_not_touched)
{
	setup();
	add_vrf();
	netstack_if_set_link(netstack_if_add(stack, "vmk1"), NETSTACK_LINK_DUMMY, "", 0);
	add_link("vmk1", "bridge", false);
	CHECK_STR(planned(), "");
}

TEST(ipv6_disable_keeps_its_addresses_away)
{
	struct netstack_link *vrf, *link;
	struct netstack_if *nif;
	struct netstack_prefix v4 = prefix_of("10.0.0.1/24"), v6 = prefix_of("2001:db8::1/64");

	setup();
	vrf = add_vrf();
	nif = netstack_if_add(stack, "eth1");
	netstack_if_add_address(nif, &v4);
	netstack_if_add_address(nif, &v6);
	netstack_set_ipv6_disable(stack, true);
	link = add_link("eth1", "", false);
	netstack_observed_link_set_master(obs, link, vrf->ifindex);
	CHECK_STR(planned(), "disable IPv6 on blue\n"
			     "disable IPv6 on eth1\n"
			     "add address 10.0.0.1/24 to eth1\n");
}
