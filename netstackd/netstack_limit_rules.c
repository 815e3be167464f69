// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rules of limits.  No input or output here.
 */

#include <zebra.h>

#include "netstackd/netstack_limit_rules.h"

#define WARNING_FROM  80 /* per cent */
#define WARNING_UNTIL 70
#define REACHED_UNTIL 90

/* The part of a limit that is cleared beyond what is necessary: one of so many. */
#define TARGET_PART 16

/*
 * A flood of 100,000 sources within the second that netstackd may take to notice, and what stacks
 * without a limit have, have to find room: else the kernel takes entries of other stacks
 * (neigh_forced_gc()).
 */
#define FLOOD 131072
/* The table is made larger in steps, not with each limit. */
#define STEP 65536

static bool at_least(uint32_t use, uint32_t max, unsigned int percent)
{
	return (uint64_t)use * 100 >= (uint64_t)max * percent;
}

enum netstack_limit_level netstack_limit_next_level(enum netstack_limit_level level, uint32_t use,
						    uint32_t max)
{
	if (!max)
		return NETSTACK_LIMIT_OK;
	if (use >= max || (level == NETSTACK_LIMIT_REACHED && at_least(use, max, REACHED_UNTIL)))
		return NETSTACK_LIMIT_REACHED;
	if (at_least(use, max, level == NETSTACK_LIMIT_OK ? WARNING_FROM : WARNING_UNTIL))
		return NETSTACK_LIMIT_WARNING;
	return NETSTACK_LIMIT_OK;
}

const char *netstack_limit_level_name(enum netstack_limit_level level)
{
	static const char *const names[] = {
		[NETSTACK_LIMIT_OK] = "ok",
		[NETSTACK_LIMIT_WARNING] = "warning",
		[NETSTACK_LIMIT_REACHED] = "reached",
	};

	return names[level];
}

uint32_t netstack_limit_target(uint32_t max)
{
	return max - max / TARGET_PART;
}

/* What is the same in all else goes in the order of addresses: twice the same is the same twice. */
static int victim_cmp(const void *a, const void *b)
{
	const struct netstack_limit_victim *one = a, *other = b;

	return numcmp(other->failed, one->failed) ?: numcmp(other->confirmed, one->confirmed) ?:
	       numcmp(other->updated, one->updated) ?: numcmp(one->ifindex, other->ifindex) ?:
	       ipaddr_cmp(&one->address, &other->address);
}

void netstack_limit_sort_victims(struct netstack_limit_victim *victims, size_t count)
{
	if (count)
		qsort(victims, count, sizeof(victims[0]), victim_cmp);
}

uint32_t netstack_neigh_table_need(uint64_t limits)
{
	uint64_t need = (limits + FLOOD + STEP - 1) / STEP * STEP;

	return limits ? MIN(need, (uint64_t)INT_MAX) : 0;
}
