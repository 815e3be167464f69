// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The containers and indexes of what is observed.
 */

#include <zebra.h>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "netstackd/netstack_observed.h"
#include "netstackd/netstack_test.h"

static struct netstack_observed *obs;

static void setup(void)
{
	netstack_observed_free(obs);
	obs = netstack_observed_new();
}

static struct netstack_prefix prefix_of(const char *text)
{
	struct netstack_prefix prefix;

	netstack_prefix_parse(&prefix, text);
	return prefix;
}

static struct netstack_fib_route *route_of(const char *prefix, uint32_t metric, int ifindex)
{
	struct netstack_fib_route *route = netstack_fib_route_new(ifindex ? 1 : 0);

	route->prefix = prefix_of(prefix);
	route->metric = metric;
	route->type = ifindex ? RTN_UNICAST : RTN_UNREACHABLE;
	if (ifindex)
		route->nexthops[0].ifindex = ifindex;
	return route;
}

/* --- links --------------------------------------------------------------------------------- */

TEST(a_link_is_found_by_index_and_by_name)
{
	struct netstack_link *link;

	setup();
	link = netstack_observed_link_add(obs, 7, "eth0");
	CHECK(netstack_link_by_index(obs, 7) == link);
	CHECK(netstack_link_by_name(obs, "eth0") == link);
	CHECK(!netstack_link_by_index(obs, 8));
	CHECK(!netstack_link_by_name(obs, "eth1"));
	CHECK(!netstack_link_by_name(obs, ""));
	CHECK(!netstack_link_by_name(obs, "a-name-that-is-far-too-long-for-a-link"));
	netstack_observed_link_del(obs, link);
	CHECK(!netstack_link_by_index(obs, 7));
	CHECK(!netstack_link_by_name(obs, "eth0"));
}

TEST(a_renamed_link_is_found_by_its_new_name)
{
	struct netstack_link *link;

	setup();
	link = netstack_observed_link_add(obs, 7, "eth0");
	netstack_observed_link_rename(obs, link, "wan");
	CHECK(netstack_link_by_name(obs, "wan") == link);
	CHECK(!netstack_link_by_name(obs, "eth0"));
}

TEST(a_name_belongs_to_who_got_it_last)
{
	struct netstack_link *one, *other;

	setup();
	one = netstack_observed_link_add(obs, 1, "a");
	other = netstack_observed_link_add(obs, 2, "b");
	netstack_observed_link_rename(obs, one, "b");
	CHECK(netstack_link_by_name(obs, "b") == one);
	CHECK_STR(other->name, "");
	netstack_observed_link_rename(obs, other, "a");
	CHECK(netstack_link_by_name(obs, "a") == other);
	CHECK(netstack_link_by_name(obs, "b") == one);
	netstack_observed_link_rename(obs, one, "a");
	netstack_observed_link_del(obs, other);
	CHECK(netstack_link_by_name(obs, "a") == one);
}

TEST(slaves_are_found_whichever_is_known_first)
{
	struct netstack_link *vrf, *before, *after;

	setup();
	before = netstack_observed_link_add(obs, 1, "before");
	netstack_observed_link_set_master(obs, before, 5);
	vrf = netstack_observed_link_add(obs, 5, "blue");
	after = netstack_observed_link_add(obs, 6, "after");
	netstack_observed_link_set_master(obs, after, 5);
	CHECK_INT(netstack_link_slaves_count(&vrf->slaves), 2);

	netstack_observed_link_set_master(obs, before, 0);
	CHECK_INT(netstack_link_slaves_count(&vrf->slaves), 1);
}

TEST(slaves_outlive_their_master_and_are_found_again_with_it)
{
	struct netstack_link *vrf, *stays, *leaves, *goes;

	setup();
	vrf = netstack_observed_link_add(obs, 5, "blue");
	stays = netstack_observed_link_add(obs, 6, "stays");
	leaves = netstack_observed_link_add(obs, 7, "leaves");
	goes = netstack_observed_link_add(obs, 8, "goes");
	netstack_observed_link_set_master(obs, stays, 5);
	netstack_observed_link_set_master(obs, leaves, 5);
	netstack_observed_link_set_master(obs, goes, 5);

	netstack_observed_link_del(obs, vrf);
	CHECK_INT(stays->master, 5);
	CHECK_INT(netstack_absent_masters_count(&obs->absent_masters), 1);
	netstack_observed_link_set_master(obs, leaves, 0);
	netstack_observed_link_del(obs, goes);
	vrf = netstack_observed_link_add(obs, 5, "blue");
	CHECK_INT(netstack_link_slaves_count(&vrf->slaves), 1);
	CHECK(netstack_link_slaves_first(&vrf->slaves) == stays);
	CHECK_INT(netstack_absent_masters_count(&obs->absent_masters), 0);

	netstack_observed_link_del(obs, vrf);
	netstack_observed_link_del(obs, stays);
	CHECK_INT(netstack_absent_masters_count(&obs->absent_masters), 0);
}

TEST(an_alias_is_replaced_and_taken_away)
{
	struct netstack_link *link;

	setup();
	link = netstack_observed_link_add(obs, 5, "blue");
	CHECK_STR(link->alias, "");
	netstack_observed_link_set_alias(link, "netstack red");
	netstack_observed_link_set_alias(link, "netstack blue");
	CHECK_STR(link->alias, "netstack blue");
	netstack_observed_link_set_alias(link, "");
	CHECK_STR(link->alias, "");
}

TEST(a_vrf_is_found_by_its_table)
{
	struct netstack_link *blue, *red;

	setup();
	blue = netstack_observed_link_add(obs, 5, "blue");
	netstack_observed_link_set_vrf_table(obs, blue, 1001);
	CHECK(netstack_link_by_vrf_table(obs, 1001) == blue);
	CHECK(!netstack_link_by_vrf_table(obs, 1000));
	CHECK(!netstack_link_by_vrf_table(obs, 1002));
	CHECK(!netstack_link_by_vrf_table(obs, 0));

	/* without strict_mode two can have it */
	red = netstack_observed_link_add(obs, 6, "red");
	netstack_observed_link_set_vrf_table(obs, red, 1001);
	CHECK(netstack_link_by_vrf_table(obs, 1001) == blue);
	netstack_observed_link_del(obs, blue);
	CHECK(netstack_link_by_vrf_table(obs, 1001) == red);
	netstack_observed_link_set_vrf_table(obs, red, 1002);
	CHECK(!netstack_link_by_vrf_table(obs, 1001));
	CHECK(netstack_link_by_vrf_table(obs, 1002) == red);
}

/* --- addresses and neighbours ---------------------------------------------------------------- */

TEST(addresses_differ_by_host_bits_and_length)
{
	struct netstack_prefix a = prefix_of("10.0.0.1/24"), b = prefix_of("10.0.0.2/24"),
			       c = prefix_of("10.0.0.1/25");
	struct netstack_link *link;

	setup();
	link = netstack_observed_link_add(obs, 1, "a");
	CHECK(netstack_observed_address_add(link, &a) == netstack_observed_address_add(link, &a));
	netstack_observed_address_add(link, &b);
	netstack_observed_address_add(link, &c);
	CHECK_INT(netstack_link_addresses_count(&link->addresses), 3);
	netstack_observed_address_del(link, &b);
	CHECK(!netstack_link_address_find(link, &b));
	CHECK(netstack_link_address_find(link, &a) && netstack_link_address_find(link, &c));
	netstack_observed_address_del(link, &b);
}

TEST(neighbors_of_both_families_are_kept)
{
	struct ipaddr v4, v6;
	struct netstack_link *link;

	setup();
	str2ipaddr("10.0.0.1", &v4);
	str2ipaddr("2001:db8::1", &v6);
	link = netstack_observed_link_add(obs, 1, "a");
	CHECK(netstack_observed_neighbor_add(link, &v4) !=
	      netstack_observed_neighbor_add(link, &v6));
	CHECK_INT(netstack_link_neighbors_count(&link->neighbors), 2);
	netstack_observed_neighbor_del(link, &v4);
	CHECK(!netstack_link_neighbor_find(link, &v4));
	CHECK(netstack_link_neighbor_find(link, &v6));
}

TEST(neighbors_are_counted_as_they_are_listed)
{
	struct netstack_link_neighbor *one, *other;
	struct netstack_link *link, *second;
	struct ipaddr v4, v6;

	setup();
	link = netstack_observed_link_add(obs, 1, "eth0");
	second = netstack_observed_link_add(obs, 2, "eth1");
	str2ipaddr("10.0.0.2", &v4);
	str2ipaddr("fd00::2", &v6);
	one = netstack_observed_neighbor_add(link, &v4);
	other = netstack_observed_neighbor_add(second, &v6);
	CHECK_INT(link->neighbor_count, 0);

	netstack_observed_neighbor_set_state(link, one, NUD_INCOMPLETE, 0);
	netstack_observed_neighbor_set_state(link, one, NUD_REACHABLE, 0);
	netstack_observed_neighbor_set_state(second, other, NUD_NOARP, 0);
	CHECK_INT(link->neighbor_count, 1);
	CHECK_INT(second->neighbor_count, 0);
	CHECK_INT(obs->neighbors_filling[0], 1);
	CHECK_INT(obs->neighbors_filling[1], 0);

	/* what is permanent, or somebody's own, takes no place in the kernel's table */
	netstack_observed_neighbor_set_state(link, one, NUD_PERMANENT, 0);
	netstack_observed_neighbor_set_state(second, other, NUD_STALE, NTF_EXT_LEARNED);
	CHECK_INT(link->neighbor_count, 1);
	CHECK_INT(second->neighbor_count, 1);
	CHECK_INT(obs->neighbors_filling[0], 0);
	CHECK_INT(obs->neighbors_filling[1], 0);

	netstack_observed_neighbor_set_state(second, other, NUD_STALE, 0);
	CHECK_INT(obs->neighbors_filling[1], 1);
	netstack_observed_neighbor_del(link, &v4);
	CHECK_INT(link->neighbor_count, 0);
	netstack_observed_link_del(obs, second);
	CHECK_INT(obs->neighbors_filling[1], 0);
}

/* --- routes ---------------------------------------------------------------------------------- */

TEST(a_route_replaces_the_one_of_its_key)
{
	struct netstack_fib_table *fib;
	struct netstack_prefix prefix = prefix_of("10.0.0.0/8");

	setup();
	fib = netstack_observed_watch_table(obs, 1001);
	CHECK(!fib->synced);
	netstack_observed_route_add(fib, route_of("10.0.0.0/8", 0, 1));
	netstack_observed_route_add(fib, route_of("10.0.0.0/8", 0, 2));
	netstack_observed_route_add(fib, route_of("10.0.0.0/8", 20, 3));
	netstack_observed_route_add(fib, route_of("10.0.0.0/16", 0, 3));
	netstack_observed_route_add(fib, route_of("::/0", 0, 0));
	CHECK_INT(netstack_fib_routes_count(&fib->routes), 4);
	CHECK_INT(netstack_fib_route_first(fib, &prefix)->nexthops[0].ifindex, 2);
	netstack_observed_route_del(fib, netstack_fib_route_first(fib, &prefix));
	CHECK_INT(netstack_fib_route_first(fib, &prefix)->metric, 20);
}

TEST(a_table_is_kept_as_long_as_it_is_watched)
{
	setup();
	netstack_observed_watch_table(obs, 1001);
	netstack_observed_watch_table(obs, 1001);
	netstack_observed_route_add(netstack_fib_table_find(obs, 1001), route_of("::/0", 0, 4));
	netstack_observed_unwatch_table(obs, 1001);
	CHECK(netstack_fib_table_find(obs, 1001));
	netstack_observed_unwatch_table(obs, 1001);
	CHECK(!netstack_fib_table_find(obs, 1001));
	CHECK_INT(netstack_fib_uses_count(&obs->fib_uses), 0);
	netstack_observed_unwatch_table(obs, 1001);
}

static void note(uint32_t table, void *arg)
{
	char *text = arg;

	snprintf(text + strlen(text), 64 - strlen(text), " %u", table);
}

static const char *tables_using(bool is_nexthop, uint32_t id)
{
	static char text[64];

	text[0] = '\0';
	netstack_observed_tables_using(obs, is_nexthop, id, note, text);
	return text;
}

TEST(it_is_known_which_tables_use_a_link)
{
	struct netstack_fib_table *a, *b;
	struct netstack_fib_route *by_object;

	setup();
	a = netstack_observed_watch_table(obs, 1001);
	b = netstack_observed_watch_table(obs, 1002);
	netstack_observed_route_add(a, route_of("10.0.0.0/8", 0, 7));
	netstack_observed_route_add(a, route_of("10.1.0.0/16", 0, 7));
	netstack_observed_route_add(b, route_of("10.0.0.0/8", 0, 7));
	netstack_observed_route_add(b, route_of("10.1.0.0/16", 0, 8));
	CHECK_STR(tables_using(false, 7), " 1001 1002");
	CHECK_STR(tables_using(false, 8), " 1002");
	CHECK_STR(tables_using(false, 9), "");
	netstack_observed_route_add(a, route_of("10.0.0.0/8", 0, 9));
	CHECK_STR(tables_using(false, 7), " 1001 1002");
	netstack_observed_route_add(a, route_of("10.1.0.0/16", 0, 9));
	CHECK_STR(tables_using(false, 7), " 1002");

	/* its links are not known: net.ipv4.nexthop_compat_mode is 0 */
	by_object = route_of("10.2.0.0/16", 0, 0);
	by_object->type = RTN_UNICAST;
	by_object->nexthop_id = 7;
	netstack_observed_route_add(b, by_object);
	CHECK_STR(tables_using(true, 7), " 1002");
	CHECK_STR(tables_using(false, 4711), " 1002");
}

TEST(no_memory_is_left)
{
	struct netstack_link *link;
	struct netstack_prefix address = prefix_of("10.0.0.1/24");
	struct netstack_rule rule = { .family = AF_INET, .table = 100 };
	struct ipaddr neighbor;

	setup();
	str2ipaddr("10.0.0.2", &neighbor);
	link = netstack_observed_link_add(obs, 1, "a");
	netstack_observed_link_set_master(obs, link, 99);
	netstack_observed_address_add(link, &address);
	netstack_observed_neighbor_add(link, &neighbor);
	netstack_observed_watch_table(obs, 1);
	netstack_observed_route_add(netstack_fib_table_find(obs, 1), route_of("::/0", 0, 4));
	netstack_observed_rule_add(obs, &rule);
	netstack_observed_rule_add(obs, &rule);
	CHECK_INT(netstack_rule_tables_first(&obs->rule_tables)->rules, 2);
	netstack_observed_free(obs);
	obs = NULL; /* the rest is said by a leak checker */
}
