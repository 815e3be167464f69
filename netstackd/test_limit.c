// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rules of limits: levels with hysteresis, which neighbours go first, the size of the kernel's
 * table.
 */

#include <zebra.h>

#include "netstackd/netstack_limit_rules.h"
#include "netstackd/netstack_test.h"

#define OK	NETSTACK_LIMIT_OK
#define WARNING NETSTACK_LIMIT_WARNING
#define REACHED NETSTACK_LIMIT_REACHED

static enum netstack_limit_level next(enum netstack_limit_level level, uint32_t use)
{
	return netstack_limit_next_level(level, use, 100);
}

/* --- levels -------------------------------------------------------------------------------- */

TEST(a_warning_begins_at_80_and_ends_below_70_per_cent)
{
	CHECK_INT(next(OK, 79), OK);
	CHECK_INT(next(OK, 80), WARNING);
	CHECK_INT(next(WARNING, 79), WARNING);
	CHECK_INT(next(WARNING, 70), WARNING);
	CHECK_INT(next(WARNING, 69), OK);
}

TEST(an_alarm_begins_at_the_limit_and_ends_below_90_per_cent)
{
	CHECK_INT(next(OK, 99), WARNING);
	CHECK_INT(next(OK, 100), REACHED);
	CHECK_INT(next(WARNING, 100), REACHED);
	CHECK_INT(next(REACHED, 2000), REACHED);
	CHECK_INT(next(REACHED, 90), REACHED);
	CHECK_INT(next(REACHED, 89), WARNING);
	CHECK_INT(next(REACHED, 70), WARNING);
	CHECK_INT(next(REACHED, 69), OK);
}

TEST(the_smallest_and_the_largest_limit_have_levels)
{
	CHECK_INT(netstack_limit_next_level(OK, 0, 1), OK);
	CHECK_INT(netstack_limit_next_level(OK, 1, 1), REACHED);
	CHECK_INT(netstack_limit_next_level(REACHED, 0, 1), OK);
	CHECK_INT(netstack_limit_next_level(OK, 3, 4), OK);
	CHECK_INT(netstack_limit_next_level(REACHED, 3, 4), WARNING);
	CHECK_INT(netstack_limit_next_level(OK, UINT32_MAX - 1, UINT32_MAX), WARNING);
	CHECK_INT(netstack_limit_next_level(OK, UINT32_MAX, UINT32_MAX), REACHED);
}

TEST(without_a_limit_there_is_no_level)
{
	CHECK_INT(netstack_limit_next_level(REACHED, 5000, 0), OK);
}

/* --- neighbours ---------------------------------------------------------------------------- */

TEST(what_is_cleared_keeps_the_alarm)
{
	uint32_t max = 100000;

	CHECK_INT(netstack_limit_target(1), 1);
	CHECK_INT(netstack_limit_target(15), 15);
	CHECK_INT(netstack_limit_target(max), 93750);
	CHECK_INT(netstack_limit_next_level(REACHED, netstack_limit_target(max), max), REACHED);
}

static struct netstack_limit_victim victim(const char *address, bool failed, uint32_t confirmed,
					   uint32_t updated)
{
	struct netstack_limit_victim result = {
		.ifindex = 1,
		.failed = failed,
		.confirmed = confirmed,
		.updated = updated,
	};

	assert(!str2ipaddr(address, &result.address));
	return result;
}

/* The addresses in their order. */
static const char *order(struct netstack_limit_victim *victims, size_t count)
{
	static char text[256];
	size_t used = 0;

	netstack_limit_sort_victims(victims, count);
	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		used += snprintfrr(text + used, sizeof(text) - used, "%s%pIA", i ? " " : "",
				   &victims[i].address);
	return text;
}

TEST(failed_ones_go_first_then_the_least_recently_confirmed)
{
	struct netstack_limit_victim victims[] = {
		victim("10.0.0.1", false, 20, 900),
		victim("fd00::2", false, 6000, 5),
		victim("10.0.0.3", true, 10, 1),
		victim("10.0.0.4", false, 7000, 3),
	};

	CHECK_STR(order(victims, array_size(victims)), "10.0.0.3 10.0.0.4 fd00::2 10.0.0.1");
}

TEST(what_was_confirmed_together_goes_in_a_fixed_order)
{
	struct netstack_limit_victim victims[] = {
		victim("10.0.0.3", false, 6000, 5),
		victim("10.0.0.2", false, 6000, 5),
		victim("10.0.0.9", false, 6000, 6),
		victim("10.0.0.1", false, 6000, 5),
	};

	CHECK_STR(order(victims, array_size(victims)), "10.0.0.9 10.0.0.1 10.0.0.2 10.0.0.3");
	CHECK_STR(order(victims, 0), "");
}

/* --- the kernel's table -------------------------------------------------------------------- */

TEST(the_table_holds_all_limits_and_a_flood)
{
	CHECK(netstack_neigh_table_need(1000) >= 1000 + 100000);
	CHECK(netstack_neigh_table_need(1000) < 1000 + 200000);
	CHECK(netstack_neigh_table_need(1000000) > 1000000 + 100000);
	/* some more is the same size */
	CHECK_INT(netstack_neigh_table_need(1000), netstack_neigh_table_need(1500));
}

TEST(without_limits_the_table_is_left_alone)
{
	CHECK_INT(netstack_neigh_table_need(0), 0);
}

TEST(no_limits_are_too_many_to_be_added)
{
	CHECK_INT(netstack_neigh_table_need(5000ULL * UINT32_MAX), INT_MAX);
}
