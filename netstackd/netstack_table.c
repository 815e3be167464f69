// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which routing table a stack gets.
 */

#include <zebra.h>

#include <linux/rtnetlink.h>

#include "jhash.h"
#include "typesafe.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_observed.h"
#include "netstackd/netstack_plan.h"
#include "netstackd/netstack_table.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_TABLE, "Table assignment");

PREDECL_HASH(table_by_name);
PREDECL_HASH(table_by_number);

/* The table of a stack name: in force (`stack` set) or remembered from an earlier run. */
struct assignment {
	struct table_by_name_item name_item;
	struct table_by_number_item number_item;
	struct netstack *stack;
	const char *name; /* `text`; of a key to search by, anybody's */
	uint32_t table;
	char text[];
};

static int by_name_cmp(const struct assignment *a, const struct assignment *b)
{
	return strcmp(a->name, b->name);
}

static uint32_t by_name_hash(const struct assignment *a)
{
	return jhash(a->name, strlen(a->name), 0x7ab1e);
}

static int by_number_cmp(const struct assignment *a, const struct assignment *b)
{
	return numcmp(a->table, b->table);
}

static uint32_t by_number_hash(const struct assignment *a)
{
	return jhash_1word(a->table, 0x7ab1e);
}

DECLARE_HASH(table_by_name, struct assignment, name_item, by_name_cmp, by_name_hash);
DECLARE_HASH(table_by_number, struct assignment, number_item, by_number_cmp, by_number_hash);

static struct table_by_name_head names[1] = { INIT_HASH(names[0]) };
static struct table_by_number_head numbers[1] = { INIT_HASH(numbers[0]) };

static struct assignment *find_name(const char *name)
{
	const struct assignment key = { .name = name };

	return table_by_name_find(names, &key);
}

static struct assignment *find_number(uint32_t table)
{
	struct assignment key = { .table = table };

	return table_by_number_find(numbers, &key);
}

/* No table of the range below this one is free, as far as assignments go. */
static uint32_t search_from;

static void forget(struct assignment *assignment)
{
	search_from = MIN(search_from, assignment->table);
	table_by_name_del(names, assignment);
	table_by_number_del(numbers, assignment);
	XFREE(MTYPE_NETSTACK_TABLE, assignment);
}

/* From now on the name has the table, and no other name has it. */
static struct assignment *assign(const char *name, uint32_t table)
{
	struct assignment *assignment = find_name(name);
	struct assignment *other = find_number(table);

	if (assignment && assignment == other)
		return assignment;
	if (other)
		forget(other);
	if (assignment)
		forget(assignment);
	assignment = XCALLOC(MTYPE_NETSTACK_TABLE, sizeof(*assignment) + strlen(name) + 1);
	strcpy(assignment->text, name);
	assignment->name = assignment->text;
	assignment->table = table;
	table_by_name_add(names, assignment);
	table_by_number_add(numbers, assignment);
	return assignment;
}

bool netstack_table_is_reserved(uint32_t table)
{
	return table == RT_TABLE_UNSPEC || (table >= RT_TABLE_COMPAT && table <= RT_TABLE_LOCAL);
}

bool netstack_table_used(const struct netstack_observed *obs, const struct netstack *stack,
			 uint32_t table, char *who, size_t len)
{
	const struct assignment *assignment = find_number(table);
	const struct netstack_link *vrf;
	struct netstack_rule_table key = { .table = table };

	if (netstack_table_is_reserved(table)) {
		strlcpy(who, "the kernel", len);
		return true;
	}
	if (assignment && assignment->stack && assignment->stack != stack) {
		snprintf(who, len, "netstack %s", assignment->name);
		return true;
	}
	vrf = netstack_link_by_vrf_table(obs, table);
	if (vrf && (!stack || strcmp(vrf->name, netstack_vrf_name(stack)))) {
		/* the stack's own device under its former name goes before the new one comes */
		if (!stack || !netstack_link_is_ours(vrf) || stack->table != table) {
			snprintf(who, len, "VRF %s", vrf->name);
			return true;
		}
	}
	if (!vrf && netstack_rule_tables_const_find(&obs->rule_tables, &key)) {
		strlcpy(who, "an ip rule", len);
		return true;
	}
	return false;
}

/* A table for allocation: unused, remembered for nobody else, and empty. */
static bool is_free(const struct netstack *stack, const struct netstack_observed *obs,
		    uint32_t table, bool (*has_routes)(uint32_t table))
{
	char who[64];
	const struct assignment *assignment = find_number(table);

	if (assignment && strcmp(assignment->name, stack->name))
		return false;
	return !netstack_table_used(obs, stack, table, who, sizeof(who)) && !has_routes(table);
}

/*
 * The first free table of the range.  The search goes on where the last one ended, so that a
 * thousand stacks do not look at each other's tables again and again.
 */
static uint32_t first_free(const struct netstack *stack, const struct netstack_observed *obs,
			   bool (*has_routes)(uint32_t table))
{
	uint32_t first = netstack_global.table_first, last = netstack_global.table_last;
	uint32_t from = search_from > first && search_from <= last ? search_from : first;

	for (uint64_t table = from; table <= last; table++) {
		if (is_free(stack, obs, table, has_routes)) {
			search_from = table;
			return table;
		}
	}
	for (uint64_t table = first; table < from; table++)
		if (is_free(stack, obs, table, has_routes))
			return table;
	return 0;
}

/* The table that the stack should have, 0 if none can be had. */
static uint32_t wanted_table(const struct netstack *stack, const struct netstack_observed *obs,
			     bool (*has_routes)(uint32_t table))
{
	const struct netstack_link *vrf = netstack_link_by_name(obs, netstack_vrf_name(stack));
	const struct assignment *assignment = find_name(stack->name);
	char who[64];

	if (stack->table_config)
		return netstack_table_used(obs, stack, stack->table_config, who, sizeof(who))
			       ? 0
			       : stack->table_config;
	if (stack->table)
		return stack->table;
	if (vrf && !strcmp(vrf->kind, "vrf") && vrf->vrf_table &&
	    !netstack_table_used(obs, stack, vrf->vrf_table, who, sizeof(who)))
		return vrf->vrf_table;
	if (assignment && !netstack_table_used(obs, stack, assignment->table, who, sizeof(who)))
		return assignment->table;
	return first_free(stack, obs, has_routes);
}

bool netstack_table_assign(struct netstack *stack, const struct netstack_observed *obs,
			   bool (*has_routes)(uint32_t table))
{
	struct assignment *old = find_name(stack->name);
	uint32_t table;

	if (stack->is_default)
		return true;
	table = wanted_table(stack, obs, has_routes);
	if (!table) {
		if (old)
			old->stack = NULL;
		stack->table = 0;
		return false;
	}
	stack->table = table;
	assign(stack->name, table)->stack = stack;
	return true;
}

void netstack_table_release(struct netstack *stack)
{
	struct assignment *assignment = find_name(stack->name);

	stack->table = 0;
	if (assignment)
		forget(assignment);
}

struct netstack *netstack_table_owner(uint32_t table)
{
	const struct assignment *assignment = find_number(table);

	return assignment ? assignment->stack : NULL;
}

void netstack_table_remember(const char *stack_name, uint32_t table)
{
	if (!netstack_table_is_reserved(table) && !find_name(stack_name))
		assign(stack_name, table);
}

void netstack_table_remembered(void (*cb)(const char *stack_name, uint32_t table, void *arg),
			       void *arg)
{
	struct assignment *assignment;

	frr_each (table_by_name, names, assignment)
		cb(assignment->name, assignment->table, arg);
}

void netstack_table_terminate(void)
{
	struct assignment *assignment;

	while ((assignment = table_by_name_first(names)))
		forget(assignment);
	table_by_name_fini(names);
	table_by_number_fini(numbers);
}
