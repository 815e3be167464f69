// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel says, and which stacks it concerns: those are dirty.
 *
 * A link concerns the stacks that have to do with its name, a table the stack that has it, and all
 * that is in the namespace of a stack that stack.
 */

#include <zebra.h>

#include <linux/rtnetlink.h>

#include "log.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_errors.h"
#include "netstackd/netstack_gateway.h"
#include "netstackd/netstack_limit.h"
#include "netstackd/netstack_neigh_table.h"
#include "netstackd/netstack_netns.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_problem.h"
#include "netstackd/netstack_reconcile_impl.h"
#include "netstackd/netstack_table.h"
#include "netstackd/netstack_zebra.h"

/* ------------------------------------------------------------------------------------------
 * Links
 */

static void link_changed_for(struct netstack *stack)
{
	if (!netstack_reconcile_is_acting())
		netstack_problems_retry(stack);
	netstack_mark_dirty(stack);
}

static void on_link(struct netstack *inside, const char *ifname)
{
	struct netstack *none = netstack_find(NETSTACK_DEFAULT_NAME);
	const struct netstack_link *link;

	if (inside) {
		link_changed_for(inside);
		return;
	}
	netstack_each_concerned(ifname, link_changed_for);
	/* the default stack has all that is in no VRF, by no name, and next hops there */
	link = netstack_link_by_name(netstack_observed(), ifname);
	if (none && netstack_routes_const_first(&none->routes) &&
	    (!link || netstack_place_has(none, link)))
		link_changed_for(none);
}

/* ------------------------------------------------------------------------------------------
 * Tables and routes
 */

static struct netstack *stack_of_table(uint32_t table)
{
	if (table == RT_TABLE_MAIN)
		return netstack_find(NETSTACK_DEFAULT_NAME);
	return netstack_table_owner(table);
}

static void on_table(struct netstack *inside, uint32_t table)
{
	struct netstack *stack = inside ? inside : stack_of_table(table);

	if (!stack)
		return;
	netstack_mark_dirty(stack);
	netstack_limit_look_soon(stack);
}

/* What zebra was asked for makes a difference only to stacks that the route leaks into. */
static void on_route(struct netstack *inside, uint32_t table,
		     const struct netstack_fib_route *route, bool came)
{
	struct netstack *stack = inside ? inside : stack_of_table(table);

	if (!stack)
		return;
	if (!netstack_zebra_expects(stack, route, came)) {
		on_table(inside, table);
		return;
	}
	netstack_mark_leaks_dirty(stack);
	netstack_limit_look_soon(stack);
}

static void on_route_deleted(struct netstack *inside, uint32_t table,
			     const struct netstack_prefix *prefix)
{
	struct netstack *stack = inside ? inside : stack_of_table(table);

	if (stack)
		netstack_zebra_route_deleted(stack, prefix);
}

/* ------------------------------------------------------------------------------------------
 * All the rest
 */

/* net.vrf.strict_mode is everybody's: any stack that has its VRF sees to it. */
static void mark_one_dirty(void)
{
	struct netstack *stack;

	frr_each (netstacks, &netstacks, stack) {
		if (!stack->configured || !netstack_vrf_link(netstack_observed(), stack))
			continue;
		netstack_mark_dirty(stack);
		break;
	}
}

/* Stacks that are namespaces forward what the router does. */
static void on_settings(struct netstack *inside)
{
	if (inside)
		netstack_mark_dirty(inside);
	else if (netstack_backend() == NETSTACK_BACKEND_NETNS)
		netstack_mark_all_dirty();
	else
		mark_one_dirty();
}

static void on_resynced(struct netstack *inside)
{
	struct netstack *stack;

	if (inside)
		netstack_mark_dirty(inside);
	else
		netstack_mark_all_dirty();
	frr_each (netstacks, &netstacks, stack)
		if (!inside || stack == inside)
			netstack_limit_look_soon(stack);
}

/* In a table that an administrator has made too small no neighbour comes or goes any more. */
static void on_neighbor(struct netstack *inside, int ifindex, const struct ipaddr *address)
{
	netstack_neigh_table_look_soon();
	netstack_gateway_neighbor_changed(inside, ifindex, address);
}

const struct netstack_kernel_hooks netstack_reconcile_kernel_hooks = {
	.link = on_link,
	.neighbors = netstack_limit_neighbors_changed,
	.neighbor = on_neighbor,
	.table = on_table,
	.route = on_route,
	.route_deleted = on_route_deleted,
	.settings = on_settings,
	.resynced = on_resynced,
};

/* ------------------------------------------------------------------------------------------
 * Names of namespaces
 */

/*
 * Somebody took a namespace away, made one, or cleared the way for ours.  Ours are among them, so
 * this is no occasion to try again what failed.
 */
static void on_netns_name(const char *name)
{
	struct netstack *stack = name ? netstack_find_vrf(name) : NULL;

	if (stack)
		netstack_mark_dirty(stack);
	else if (!name)
		netstack_mark_all_dirty();
}

void netstack_reconcile_watch_namespaces(struct event_loop *loop)
{
	int error = netstack_netns_watch(loop, on_netns_name);

	if (error)
		flog_warn(EC_NETSTACK_KERNEL_OPERATION,
			  "Names in " NETSTACK_NETNS_DIR " cannot be watched: %s",
			  safe_strerror(error));
}

void netstack_reconcile_unwatch_namespaces(void)
{
	netstack_netns_unwatch();
}
