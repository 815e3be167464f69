// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's neighbour tables: large enough for what the stacks may have?
 */

#include <zebra.h>

#include "frrevent.h"
#include "lib_errors.h"
#include "log.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_errors.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_limit.h"
#include "netstackd/netstack_neigh_table.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_sysctl.h"

#define LOOK_MSEC 500

/* One of the two tables. */
struct neigh_table {
	const char *family;		 /* in the names of sysctls */
	enum netstack_limit_level level; /* how full it is */
	uint32_t told;			 /* the need that it was said to be too small for */
	int size;			 /* gc_thresh3; 0: not known */
};

static struct neigh_table tables[] = { { .family = "ipv4" }, { .family = "ipv6" } };
static struct event_loop *loop;
static struct event *t_look;

/* ipv4/neigh/default/gc_thresh3 */
static const char *sysctl_name(const struct neigh_table *table, int threshold, char *buf,
			       size_t len)
{
	snprintf(buf, len, "%s/neigh/default/gc_thresh%d", table->family, threshold);
	return buf;
}

static int threshold_read(const struct neigh_table *table, int threshold, int *value)
{
	char name[64];

	return netstack_sysctl_read(sysctl_name(table, threshold, name, sizeof(name)), value);
}

/* Never lower.  0 or a positive errno. */
static int threshold_raise(const struct neigh_table *table, int threshold, int value)
{
	char name[64];
	int now = 0, error = threshold_read(table, threshold, &now);

	if (error || now >= value)
		return error;
	return netstack_sysctl_write(sysctl_name(table, threshold, name, sizeof(name)), value);
}

/* --- large enough for the limits? ------------------------------------------------------------ */

static uint64_t sum_of_limits(void)
{
	struct netstack *stack;
	uint64_t sum = 0;

	frr_each (netstacks, &netstacks, stack)
		sum += stack->limits[NETSTACK_LIMIT_NEIGHBORS].max;
	return sum;
}

/* Once for each need. */
static void tell_too_small(struct neigh_table *table, uint64_t limits, uint32_t need,
			   const char *reason)
{
	char size[32];

	if (table->told == need)
		return;
	table->told = need;
	snprintf(size, sizeof(size), table->size ? "has room for %d" : "may be too small",
		 table->size);
	flog_warn(
		EC_NETSTACK_NEIGH_TABLE,
		"The kernel's %s neighbour table %s, stacks may have %" PRIu64
		", and it cannot be made larger from here (%s): sysctl -w net.%s.neigh.default.gc_thresh3=%u net.%s.neigh.default.gc_thresh2=%u",
		table->family, size, limits, reason, table->family, need, table->family, need);
}

static void check_size(struct neigh_table *table, uint64_t limits)
{
	uint32_t need = netstack_neigh_table_need(limits);
	uint32_t size = MIN(need, NETSTACK_NEIGH_TABLE_MAX);
	int error, soft = 0;

	error = threshold_read(table, 3, &table->size) ?: threshold_read(table, 2, &soft);
	if (error)
		table->size = 0;
	if (!need || (!error && table->size >= (int)need && soft >= (int)need)) {
		table->told = 0;
		return;
	}
	if (error) {
		tell_too_small(table, limits, need,
			       error == ENOENT ? "it is not this network namespace's"
					       : safe_strerror(error));
		return;
	}
	if (table->size < (int)size || soft < (int)size) {
		error = threshold_raise(table, 3, size) ?: threshold_raise(table, 2, size);
		if (error) {
			tell_too_small(table, limits, need, safe_strerror(error));
			return;
		}
		zlog_notice(
			"The kernel's %s neighbour table is made larger: gc_thresh2 %d and gc_thresh3 %d are raised to %u, as stacks may have %" PRIu64,
			table->family, soft, table->size, size, limits);
		threshold_read(table, 3, &table->size);
	}
	/* one absurd limit leaves the others the room that they need */
	if (need > size)
		tell_too_small(table, limits, need, "that is for an administrator to decide");
}

/* --- full? ----------------------------------------------------------------------------------- */

static uint32_t use_of(size_t family)
{
	uint32_t use = netstack_observed()->neighbors_filling[family];
	struct netstack *stack;

	frr_each (netstacks, &netstacks, stack) {
		const struct netstack_observed *inside = netstack_kernel_inside(stack);

		if (inside)
			use += inside->neighbors_filling[family];
	}
	return use;
}

static void check_use(struct neigh_table *table, uint32_t use)
{
	enum netstack_limit_level level = netstack_limit_next_level(table->level, use, table->size);

	if (level > table->level)
		flog_warn(
			EC_NETSTACK_NEIGH_TABLE,
			"The kernel's %s neighbour table is %s: %u of %d entries: sysctl -w net.%s.neigh.default.gc_thresh3=%d",
			table->family, level == NETSTACK_LIMIT_REACHED ? "full" : "nearly full",
			use, table->size, table->family, table->size * 2);
	else if (!level && table->level)
		zlog_notice("The kernel's %s neighbour table has room again: %u of %d entries",
			    table->family, use, table->size);
	table->level = level;
}

/* --- when ------------------------------------------------------------------------------------ */

static void look(struct event *event)
{
	uint64_t limits = sum_of_limits();

	for (size_t i = 0; i < array_size(tables); i++) {
		check_size(&tables[i], limits);
		check_use(&tables[i], use_of(i));
	}
}

void netstack_neigh_table_look_soon(void)
{
	if (!t_look)
		event_add_timer_msec(loop, look, NULL, LOOK_MSEC, &t_look);
}

uint32_t netstack_neigh_table_size(void)
{
	return MIN(tables[0].size, tables[1].size);
}

void netstack_neigh_table_init(struct event_loop *event_loop)
{
	loop = event_loop;
}

void netstack_neigh_table_terminate(void)
{
	EVENT_OFF(t_look);
}
