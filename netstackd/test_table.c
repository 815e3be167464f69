// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The allocator of tables.
 */

#include <zebra.h>

#include "netstackd/netstack.h"
#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_observed.h"
#include "netstackd/netstack_table.h"
#include "netstackd/netstack_test.h"

static struct netstack_observed *obs;
static uint32_t table_with_routes;
static int last_ifindex;

static const struct netstack_desired_hooks hooks = { .freeing = netstack_table_release };

static bool has_routes(uint32_t table)
{
	return table == table_with_routes;
}

static void setup(void)
{
	if (obs) {
		netstack_desired_terminate();
		netstack_observed_free(obs);
	}
	obs = netstack_observed_new();
	table_with_routes = 0;
	netstack_desired_init(&hooks);
	netstack_set_table_range(1001, UINT32_MAX);
}

static struct netstack *assigned(const char *name)
{
	struct netstack *stack = netstack_add(name);

	netstack_table_assign(stack, obs, has_routes);
	return stack;
}

static void add_vrf(const char *name, uint32_t table)
{
	struct netstack_link *vrf = netstack_observed_link_add(obs, ++last_ifindex, name);

	strlcpy(vrf->kind, "vrf", sizeof(vrf->kind));
	netstack_observed_link_set_vrf_table(obs, vrf, table);
}

static const char *user_of(uint32_t table, const struct netstack *stack)
{
	static char who[64];

	return netstack_table_used(obs, stack, table, who, sizeof(who)) ? who : "";
}

TEST(tables_count_up_from_the_start_of_the_range)
{
	setup();
	CHECK_INT(assigned("a")->table, 1001);
	CHECK_INT(assigned("b")->table, 1002);
	CHECK_INT(assigned("a")->table, 1001);
}

TEST(tables_of_others_are_never_taken)
{
	struct netstack_rule_table rule = { .table = 1002 };

	setup();
	add_vrf("red", 1001);
	netstack_rule_tables_add(&obs->rule_tables, &rule);
	table_with_routes = 1003;
	CHECK_INT(assigned("a")->table, 1004);
	CHECK_STR(user_of(1001, NULL), "VRF red");
	CHECK_STR(user_of(1002, NULL), "an ip rule");
	CHECK_STR(user_of(1004, NULL), "netstack a");
	CHECK_STR(user_of(1004, netstack_find("a")), "");
	CHECK_STR(user_of(1005, NULL), "");
	netstack_rule_tables_del(&obs->rule_tables, &rule);
}

TEST(the_tables_of_the_kernel_are_reserved)
{
	setup();
	CHECK(netstack_table_is_reserved(0));
	CHECK(!netstack_table_is_reserved(251));
	for (uint32_t table = 252; table <= 255; table++)
		CHECK(netstack_table_is_reserved(table));
	CHECK(!netstack_table_is_reserved(256));
	netstack_set_table_range(254, 256);
	CHECK_INT(assigned("a")->table, 256);
}

TEST(the_device_that_exists_is_adopted_with_its_table)
{
	setup();
	add_vrf("a", 77);
	CHECK_INT(assigned("a")->table, 77);
}

TEST(a_table_is_kept_over_a_restart)
{
	setup();
	netstack_table_remember("b", 1001);
	CHECK_INT(assigned("a")->table, 1002);
	CHECK_INT(assigned("b")->table, 1001);
}

TEST(a_remembered_table_that_another_took_is_given_up)
{
	setup();
	netstack_table_remember("b", 1001);
	add_vrf("red", 1001);
	CHECK_INT(assigned("b")->table, 1002);
}

TEST(a_configured_table_is_taken_or_none)
{
	struct netstack *stack;

	setup();
	add_vrf("red", 5000);
	stack = netstack_add("a");
	netstack_set_table(stack, 4000);
	CHECK(netstack_table_assign(stack, obs, has_routes));
	CHECK_INT(stack->table, 4000);
	CHECK(netstack_table_owner(4000) == stack);
	netstack_set_table(stack, 5000);
	CHECK(!netstack_table_assign(stack, obs, has_routes));
	CHECK_INT(stack->table, 0);
}

TEST(a_released_table_is_free_again)
{
	struct netstack *a;

	setup();
	a = assigned("a");
	CHECK_INT(assigned("b")->table, 1002);
	netstack_table_release(a);
	CHECK_INT(assigned("c")->table, 1001);
}

TEST(a_range_that_is_full_gives_nothing)
{
	struct netstack *b;

	setup();
	netstack_set_table_range(10, 10);
	CHECK_INT(assigned("a")->table, 10);
	b = assigned("b");
	CHECK_INT(b->table, 0);
}
