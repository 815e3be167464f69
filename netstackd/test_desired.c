// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The intent: what the writers write, which hooks they call, and what the indexes find.
 */

#include <zebra.h>

#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_test.h"

static unsigned int created, changed, freed;

static void on_created(struct netstack *stack)
{
	created++;
}

static void on_changed(struct netstack *stack)
{
	changed++;
}

static void on_freeing(struct netstack *stack)
{
	freed++;
}

static void begin(void)
{
	static const struct netstack_desired_hooks hooks = {
		.created = on_created,
		.changed = on_changed,
		.freeing = on_freeing,
	};

	netstack_desired_init(&hooks);
	created = changed = freed = 0;
}

static char concerned[256];

static void add_concerned(struct netstack *stack)
{
	strlcat(concerned, stack->name, sizeof(concerned));
	strlcat(concerned, " ", sizeof(concerned));
}

/* "a b ": the stacks that have to do with the link. */
static const char *concerned_by(const char *ifname)
{
	concerned[0] = '\0';
	netstack_each_concerned(ifname, add_concerned);
	return concerned;
}

static struct netstack_prefix prefix(const char *text)
{
	struct netstack_prefix result;

	assert(netstack_prefix_parse(&result, text));
	return result;
}

static struct netstack_route gateway(const char *address)
{
	struct netstack_route key = { .is_gateway = true };

	assert(!str2ipaddr(address, &key.gate));
	key.prefix.family = ipaddr_family(&key.gate);
	return key;
}

TEST(the_default_stack_is_always_there)
{
	struct netstack *stack;

	begin();
	stack = netstack_find("default");
	CHECK(stack && stack->is_default && stack->configured);
	CHECK_STR(netstack_vrf_name(stack), "default");
	CHECK(netstack_find_vrf("default") == stack);
	netstack_remove(stack);
	CHECK(netstack_find("default") == stack && stack->configured);
	CHECK_STR(concerned_by("default"), "");
	netstack_desired_terminate();
}

TEST(a_stack_is_found_by_name_and_by_vrf)
{
	struct netstack *stack;

	begin();
	stack = netstack_add("blue");
	CHECK_INT(created, 1);
	CHECK(changed > 0);
	CHECK(netstack_find("blue") == stack && netstack_find_vrf("blue") == stack);
	netstack_set_vrf(stack, "sky");
	CHECK(!netstack_find_vrf("blue") && netstack_find_vrf("sky") == stack);
	CHECK_STR(concerned_by("blue"), "");
	CHECK_STR(concerned_by("sky"), "blue ");
	netstack_set_vrf(stack, NULL);
	CHECK(netstack_find_vrf("blue") == stack && !netstack_find_vrf("sky"));
	CHECK_STR(concerned_by("blue"), "blue ");
	CHECK_STR(concerned_by("sky"), "");
	CHECK(!netstack_find("a name that is by far too long for any stack"));
	netstack_desired_terminate();
	CHECK_INT(freed, 2);
}

TEST(vrf_names_can_be_swapped_in_one_transaction)
{
	struct netstack *a, *b;

	begin();
	a = netstack_add("a");
	b = netstack_add("b");
	netstack_set_vrf(a, "b");
	netstack_set_vrf(b, "a");
	CHECK(netstack_find_vrf("b") == a && netstack_find_vrf("a") == b);
	netstack_desired_terminate();
}

TEST(a_vrf_name_survives_a_new_stack_of_that_name_that_gets_another)
{
	struct netstack *red, *blue;

	begin();
	red = netstack_add("red");
	netstack_set_vrf(red, "blue");
	blue = netstack_add("blue");
	netstack_set_vrf(blue, "other");
	CHECK(netstack_find_vrf("blue") == red && netstack_find_vrf("other") == blue);
	netstack_desired_terminate();
}

TEST(a_long_name_has_no_vrf_until_it_is_given_one)
{
	struct netstack *stack;

	begin();
	stack = netstack_add("a-name-of-over-15-characters");
	CHECK_STR(netstack_vrf_name(stack), "");
	CHECK(!netstack_find_vrf(""));
	netstack_set_vrf(stack, "short");
	CHECK(netstack_find_vrf("short") == stack);
	CHECK_STR(concerned_by(""), "");
	CHECK_STR(concerned_by("short"), "a-name-of-over-15-characters ");
	netstack_desired_terminate();
}

TEST(a_removed_stack_is_emptied_and_stays_until_it_is_freed)
{
	struct netstack *stack;
	struct netstack_route key = gateway("10.0.0.1");
	struct ipaddr ip = key.gate;
	struct ethaddr mac = { .octet = { 2 } };
	struct netstack_prefix address = prefix("10.0.0.2/24");

	begin();
	stack = netstack_add("blue");
	netstack_set_vrf(stack, "sky");
	netstack_set_table(stack, 1500);
	netstack_set_description(stack, "words");
	netstack_set_shutdown(stack, true);
	netstack_set_ipv6_disable(stack, true);
	netstack_if_add_address(netstack_if_add(stack, "vmk1"), &address);
	netstack_route_add(stack, &key, 1);
	netstack_neighbor_set(stack, "vmk1", &ip, &mac);

	netstack_remove(stack);
	CHECK(netstack_find("blue") == stack && !stack->configured);
	CHECK(!stack->description && !stack->shutdown && !stack->ipv6_disable);
	CHECK_INT(stack->table_config, 0);
	CHECK_INT(netstack_ifs_count(&stack->interfaces), 0);
	CHECK_INT(netstack_routes_count(&stack->routes), 0);
	CHECK_INT(netstack_neighbors_count(&stack->neighbors), 0);
	CHECK(!netstack_if_find_any("vmk1") && !netstack_find_vrf("sky"));
	/* what is to be taken down has a name, and what becomes of it concerns the stack */
	CHECK_STR(netstack_vrf_name(stack), "sky");
	CHECK_STR(concerned_by("sky"), "blue ");
	CHECK_STR(concerned_by("vmk1"), "");

	netstack_free(stack);
	CHECK(!netstack_find("blue"));
	CHECK_INT(freed, 1);
	CHECK_STR(concerned_by("sky"), "");
	netstack_desired_terminate();
}

TEST(a_stack_that_is_being_removed_is_revived)
{
	struct netstack *stack;

	begin();
	stack = netstack_add("blue");
	netstack_set_vrf(stack, "sky");
	netstack_remove(stack);
	CHECK(netstack_add("blue") == stack);
	CHECK(stack->configured);
	CHECK_STR(netstack_vrf_name(stack), "blue");
	CHECK(netstack_find_vrf("blue") == stack && !netstack_find_vrf("sky"));
	CHECK_INT(created, 1);
	netstack_desired_terminate();
}

TEST(an_interface_is_in_one_stack_and_can_move)
{
	struct netstack *a, *b;

	begin();
	a = netstack_add("a");
	b = netstack_add("b");
	netstack_if_add(a, "eth1");
	CHECK(netstack_if_find(a, "eth1") && !netstack_if_find(b, "eth1"));
	netstack_if_remove(netstack_if_find(a, "eth1"));
	CHECK(!netstack_if_find_any("eth1"));
	netstack_if_add(b, "eth1");
	CHECK(netstack_if_find_any("eth1")->stack == b);
	netstack_desired_terminate();
}

TEST(a_link_concerns_a_stack_as_long_as_it_has_any_part_in_it)
{
	struct netstack *stack;
	struct netstack_if *trunk, *vlan;

	begin();
	stack = netstack_add("s");
	trunk = netstack_if_add(stack, "eth1");
	vlan = netstack_if_add(stack, "vmk1");
	CHECK_STR(concerned_by("eth1"), "s ");
	CHECK_STR(concerned_by("vmk1"), "s ");
	netstack_if_set_link(vlan, NETSTACK_LINK_VLAN, "eth1", 10);
	netstack_if_remove(trunk);
	CHECK_STR(concerned_by("eth1"), "s ");
	netstack_if_set_link(vlan, NETSTACK_LINK_MACVLAN, "eth2", 0);
	CHECK_STR(concerned_by("eth1"), "");
	CHECK_STR(concerned_by("eth2"), "s ");
	netstack_if_set_link(vlan, NETSTACK_LINK_DUMMY, NULL, 0);
	CHECK_STR(concerned_by("eth2"), "");
	CHECK_STR(vlan->parent, "");
	netstack_desired_terminate();
}

TEST(a_link_concerns_all_stacks_that_have_a_part_in_it)
{
	struct netstack *a, *b, *gone;

	begin();
	a = netstack_add("a");
	b = netstack_add("b");
	netstack_if_set_link(netstack_if_add(a, "vmk1"), NETSTACK_LINK_VLAN, "eth1", 1);
	netstack_if_set_link(netstack_if_add(a, "vmk2"), NETSTACK_LINK_VLAN, "eth1", 2);
	netstack_if_set_link(netstack_if_add(b, "vmk3"), NETSTACK_LINK_VLAN, "eth1", 3);
	netstack_if_remove(netstack_if_find(a, "vmk1"));
	CHECK(strstr(concerned_by("eth1"), "a ") && strstr(concerned_by("eth1"), "b "));
	netstack_if_remove(netstack_if_find(a, "vmk2"));
	CHECK_STR(concerned_by("eth1"), "b ");

	/* a VRF that one stack gives up while another takes it */
	gone = netstack_add("gone");
	netstack_set_vrf(gone, "sky");
	netstack_remove(gone);
	netstack_set_vrf(b, "sky");
	CHECK_STR(concerned_by("sky"), "b gone ");
	CHECK(netstack_find_vrf("sky") == b);
	netstack_desired_terminate();
}

TEST(telling_the_same_link_again_changes_nothing)
{
	struct netstack_if *nif;

	begin();
	nif = netstack_if_add(netstack_add("s"), "vmk1");
	netstack_if_set_link(nif, NETSTACK_LINK_VLAN, "eth1", 10);
	changed = 0;
	netstack_if_set_link(nif, NETSTACK_LINK_VLAN, "eth1", 10);
	CHECK_INT(changed, 0);
	netstack_desired_terminate();
}

TEST(addresses_keep_the_bits_of_the_host)
{
	struct netstack_if *nif;
	struct netstack_prefix one = prefix("10.0.0.1/24"), two = prefix("10.0.0.2/24");

	begin();
	nif = netstack_if_add(netstack_add("s"), "vmk1");
	netstack_if_add_address(nif, &two);
	netstack_if_add_address(nif, &one);
	CHECK_INT(netstack_addresses_count(&nif->addresses), 2);
	CHECK(netstack_prefix_same(&netstack_addresses_first(&nif->addresses)->prefix, &one));
	CHECK_INT(netstack_addresses_first(&nif->addresses)->prefix.u.prefix4.s_addr,
		  one.u.prefix4.s_addr);
	netstack_if_remove_address(nif, &one);
	CHECK_INT(netstack_addresses_first(&nif->addresses)->prefix.u.prefix4.s_addr,
		  two.u.prefix4.s_addr);
	netstack_desired_terminate();
}

TEST(next_hops_of_one_prefix_are_told_apart)
{
	struct netstack *stack;
	struct netstack_route one = gateway("10.0.0.1"), two = gateway("10.0.0.2"), via, typed,
			      drop;

	begin();
	stack = netstack_add("s");
	via = one;
	strlcpy(via.ifname, "vmk1", sizeof(via.ifname));
	typed = one;
	typed.is_gateway = false;
	drop = typed;
	drop.type = NETSTACK_NEXTHOP_BLACKHOLE;
	SET_IPADDR_NONE(&drop.gate);
	netstack_route_add(stack, &one, 1);
	netstack_route_add(stack, &two, 5);
	netstack_route_add(stack, &via, 1);
	netstack_route_add(stack, &typed, 1);
	netstack_route_add(stack, &drop, 250);
	CHECK_INT(netstack_routes_count(&stack->routes), 5);
	CHECK(netstack_route_find(stack, &one)->stack == stack);
	CHECK_INT(netstack_route_find(stack, &two)->distance, 5);
	netstack_route_set_distance(netstack_route_find(stack, &two), 7);
	CHECK_INT(netstack_route_find(stack, &two)->distance, 7);
	netstack_route_remove(netstack_route_find(stack, &via));
	CHECK(!netstack_route_find(stack, &via) && netstack_route_find(stack, &one));
	netstack_desired_terminate();
}

TEST(a_route_is_masked)
{
	struct netstack *stack;
	struct netstack_route key = { .type = NETSTACK_NEXTHOP_UNREACHABLE };
	struct netstack_prefix masked = prefix("10.0.0.0/8");

	begin();
	stack = netstack_add("s");
	key.prefix = prefix("10.1.2.3/8");
	netstack_route_add(stack, &key, 1);
	CHECK_INT(netstack_routes_first(&stack->routes)->prefix.u.prefix4.s_addr,
		  masked.u.prefix4.s_addr);
	netstack_desired_terminate();
}

TEST(a_neighbour_is_replaced)
{
	struct netstack *stack;
	struct ipaddr ip = gateway("fe80::1").gate;
	struct ethaddr first = { .octet = { 2, 0, 0, 0, 0, 1 } };
	struct ethaddr second = { .octet = { 2, 0, 0, 0, 0, 2 } };

	begin();
	stack = netstack_add("s");
	netstack_neighbor_set(stack, "vmk1", &ip, &first);
	netstack_neighbor_set(stack, "vmk1", &ip, &second);
	netstack_neighbor_set(stack, "vmk2", &ip, &first);
	CHECK_INT(netstack_neighbors_count(&stack->neighbors), 2);
	CHECK_INT(netstack_neighbors_first(&stack->neighbors)->mac.octet[5], 2);
	netstack_neighbor_remove(stack, "vmk1", &ip);
	CHECK_STR(netstack_neighbors_first(&stack->neighbors)->ifname, "vmk2");
	netstack_desired_terminate();
}

TEST(a_new_table_range_concerns_those_without_a_table)
{
	struct netstack *has, *has_not;

	begin();
	has = netstack_add("a");
	has_not = netstack_add("b");
	has->table = 1001;
	changed = 0;
	netstack_set_table_range(2000, 3000);
	CHECK_INT(changed, 1);
	CHECK_INT(netstack_global.table_first, 2000);
	CHECK_INT(netstack_global.table_last, 3000);
	netstack_set_table_range(2000, 3000);
	CHECK_INT(changed, 1);
	CHECK(!has_not->table);
	netstack_desired_terminate();
}

TEST(leaks_are_found_by_their_source)
{
	struct netstack *a, *b;
	struct netstack_leak *leak;

	begin();
	a = netstack_add("a");
	b = netstack_add("b");
	netstack_leak_add(b, "services", "ONE");
	netstack_leak_add(a, "services", "TWO");
	netstack_leak_add(a, "services", "ONE");
	netstack_leak_add(a, "serv", "ONE");
	CHECK_INT(netstack_leaks_count(&a->leaks), 3);

	leak = netstack_leaks_of("services", NULL);
	CHECK(leak && leak->stack == a);
	CHECK_STR(leak->plist, "ONE");
	leak = netstack_leaks_of("services", leak);
	CHECK_STR(leak->plist, "TWO");
	leak = netstack_leaks_of("services", leak);
	CHECK(leak && leak->stack == b);
	CHECK(!netstack_leaks_of("services", leak));
	CHECK(!netstack_leaks_of("service", NULL));
	CHECK_STR(netstack_leaks_of(NULL, NULL)->from, "serv");

	changed = 0;
	netstack_leak_remove(a, "services", "ONE");
	CHECK_INT(changed, 1);
	CHECK_STR(netstack_leaks_of("services", NULL)->plist, "TWO");
	netstack_remove(a);
	CHECK(netstack_leaks_of("services", NULL)->stack == b);
	CHECK(!netstack_leaks_of("serv", NULL));
	netstack_desired_terminate();
}
