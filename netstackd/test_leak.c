// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which routes leak at all, and what prefix-lists permit.
 */

#include <zebra.h>

#include <linux/rtnetlink.h>

#include "command.h"
#include "log.h"
#include "plist.h"
#include "privs.h"

#include "lib/plist_int.h"
#include "lib/zlog.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_leak.h"
#include "netstackd/netstack_test.h"

/* those of netstack_main.c */
struct event_loop *master;
struct zebra_privs_t netstack_privs;

#define INSIDE	7
#define OUTSIDE 8

static bool is_inside(int ifindex, const void *arg)
{
	return ifindex == INSIDE;
}

static struct netstack_prefix prefix(const char *text)
{
	struct netstack_prefix prefix;

	assertf(netstack_prefix_parse(&prefix, text), "%s", text);
	return prefix;
}

/* A route with next hops by these two links; 0: none. */
static bool crosses_by(const char *text, uint8_t type, int first, int second)
{
	struct netstack_fib_route *route = netstack_fib_route_new(!!first + !!second);
	bool crosses;

	route->prefix = prefix(text);
	route->type = type;
	route->proto = RTPROT_KERNEL;
	if (first)
		route->nexthops[0].ifindex = first;
	if (second)
		route->nexthops[1].ifindex = second;
	crosses = netstack_leak_may_cross(route, is_inside, NULL);
	netstack_fib_route_free(route);
	return crosses;
}

TEST(a_route_by_links_of_the_stack_crosses)
{
	CHECK(crosses_by("10.0.0.0/24", RTN_UNICAST, INSIDE, 0));
	CHECK(crosses_by("fd00:1::/64", RTN_UNICAST, INSIDE, 0));
	CHECK(crosses_by("0.0.0.0/0", RTN_UNICAST, INSIDE, INSIDE));
	CHECK(crosses_by("::/0", RTN_UNICAST, INSIDE, 0));
}

TEST(a_route_that_leaves_the_stack_does_not_cross)
{
	CHECK(!crosses_by("10.0.0.0/24", RTN_UNICAST, OUTSIDE, 0));
	CHECK(!crosses_by("10.0.0.0/24", RTN_UNICAST, INSIDE, OUTSIDE));
	CHECK(!crosses_by("10.0.0.0/24", RTN_UNICAST, 0, 0));
}

TEST(a_route_that_drops_crosses)
{
	CHECK(crosses_by("10.0.0.0/24", RTN_BLACKHOLE, 0, 0));
	CHECK(crosses_by("10.0.0.0/24", RTN_PROHIBIT, 0, 0));
	/* IPv6 hangs it on lo */
	CHECK(crosses_by("fd00:1::/64", RTN_UNREACHABLE, OUTSIDE, 0));
	CHECK(!crosses_by("10.0.0.0/24", RTN_THROW, 0, 0));
	CHECK(!crosses_by("10.0.0.1/32", RTN_LOCAL, INSIDE, 0));
}

TEST(the_unreachable_default_does_not_cross)
{
	struct netstack_fib_route *route = netstack_fib_route_new(0);

	route->prefix = prefix("0.0.0.0/0");
	route->type = RTN_UNREACHABLE;
	route->metric = NETSTACK_UNREACHABLE_METRIC;
	route->proto = NETSTACK_PROTO;
	CHECK(!netstack_leak_may_cross(route, is_inside, NULL));
	netstack_fib_route_free(route);
}

TEST(what_means_something_on_one_link_only_does_not_cross)
{
	static const char *const local[] = {
		"fe80::/64",	  "fe80::/10",	    "fe80::1/128", "ff00::/8",	  "::1/128",
		"169.254.0.0/16", "169.254.7.0/24", "224.0.0.0/4", "127.0.0.0/8",
	};

	for (size_t i = 0; i < array_size(local); i++)
		if (crosses_by(local[i], RTN_UNICAST, INSIDE, 0))
			TEST_FAIL("%s crosses", local[i]);
	/* wider ones do not mean that */
	CHECK(crosses_by("128.0.0.0/1", RTN_UNICAST, INSIDE, 0));
	CHECK(crosses_by("f000::/4", RTN_UNICAST, INSIDE, 0));
}

static void add_entry(struct prefix_list *list, const char *text, int le,
		      enum prefix_list_type type)
{
	struct prefix_list_entry *entry = prefix_list_entry_new();

	assertf(str2prefix(text, &entry->prefix), "%s", text);
	entry->pl = list;
	entry->le = le;
	entry->type = type;
	entry->seq = prefix_new_seq_get(list);
	prefix_list_entry_update_finish(entry);
}

static bool permits(const char *text)
{
	struct netstack_prefix asked = prefix(text);

	return netstack_leak_permits("LIST", &asked);
}

TEST(a_prefix_list_permits_what_it_says)
{
	struct prefix_list *list, *list6;

	zlog_aux_init("", ZLOG_DISABLED);
	cmd_init(1);
	prefix_list_init();
	CHECK(!permits("10.0.0.0/24"));

	/* FRR's own answer to an empty list is to permit everything */
	list = prefix_list_get(AFI_IP, 0, "LIST");
	CHECK(!permits("10.0.0.0/24"));

	add_entry(list, "10.0.0.0/16", 24, PREFIX_PERMIT);
	CHECK(permits("10.0.0.0/16"));
	CHECK(permits("10.0.7.0/24"));
	CHECK(!permits("10.0.7.0/25"));
	CHECK(!permits("10.1.0.0/16"));
	CHECK(!permits("0.0.0.0/0"));
	CHECK(!permits("fd00:1::/64"));

	/* the list of the same name of the other family is another one */
	list6 = prefix_list_get(AFI_IP6, 0, "LIST");
	add_entry(list6, "fd00:1::/64", 0, PREFIX_PERMIT);
	CHECK(permits("fd00:1::/64"));
	prefix_list_delete(list6);
	CHECK(!permits("fd00:1::/64"));
	prefix_list_delete(list);
	CHECK(!permits("10.0.0.0/16"));
}
