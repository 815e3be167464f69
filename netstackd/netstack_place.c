// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the links, neighbours and routes of a stack are, whatever the backend.
 */

#include <zebra.h>

#include <linux/rtnetlink.h>

#include "netstackd/netstack.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_plan.h"
#include "netstackd/netstack_reconcile.h"

static bool is_namespace(const struct netstack *stack)
{
	return !stack->is_default && netstack_backend() == NETSTACK_BACKEND_NETNS;
}

/* What is observed in a namespace that is not there. */
static struct netstack_observed *nothing;

const struct netstack_observed *netstack_place_observed(const struct netstack *stack)
{
	if (!is_namespace(stack))
		return netstack_observed();
	if (netstack_kernel_inside(stack))
		return netstack_kernel_inside(stack);
	if (!nothing)
		nothing = netstack_observed_new();
	return nothing;
}

bool netstack_place_exists(const struct netstack *stack)
{
	if (stack->is_default)
		return true;
	if (is_namespace(stack))
		return netstack_kernel_inside(stack) != NULL;
	return netstack_vrf_link(netstack_observed(), stack) != NULL;
}

struct netstack_link *netstack_place_link(const struct netstack *stack, const char *ifname)
{
	struct netstack_link *link = netstack_link_by_name(netstack_place_observed(stack), ifname);

	return link ? link : netstack_link_by_name(netstack_observed(), ifname);
}

bool netstack_place_has(const struct netstack *stack, const struct netstack_link *link)
{
	if (!is_namespace(stack))
		return netstack_link_in_stack(netstack_observed(), stack, link);
	return !(link->flags & IFF_LOOPBACK) &&
	       netstack_link_by_index(netstack_place_observed(stack), link->ifindex) == link;
}

void netstack_place_each_link(const struct netstack *stack,
			      void (*cb)(const struct netstack_link *link, void *arg), void *arg)
{
	const struct netstack_observed *obs = netstack_place_observed(stack);
	const struct netstack_link *vrf = NULL, *link;

	if (!stack->is_default && !is_namespace(stack)) {
		vrf = netstack_vrf_link(obs, stack);
		if (!vrf)
			return;
		frr_each (netstack_link_slaves_const, &vrf->slaves, link)
			cb(link, arg);
		return;
	}
	frr_each (netstack_links_index_const, &obs->links_by_index, link)
		if (netstack_place_has(stack, link))
			cb(link, arg);
}

/* The namespace that a link is in, which may be on its way to the stack. */
static const struct netstack_observed *observed_of(const struct netstack *stack,
						   const struct netstack_link *link)
{
	if (is_namespace(stack) && netstack_place_has(stack, link))
		return netstack_place_observed(stack);
	return netstack_observed();
}

struct netstack_link *netstack_place_parent(const struct netstack *stack,
					    const struct netstack_link *link)
{
	return netstack_link_parent(observed_of(stack, link), netstack_observed(), link);
}

bool netstack_place_matches(const struct netstack_if *nif, const struct netstack_link *link)
{
	return netstack_link_matches(observed_of(nif->stack, link), netstack_observed(), link, nif);
}

uint32_t netstack_place_table(const struct netstack *stack)
{
	return stack->is_default || is_namespace(stack) ? RT_TABLE_MAIN : stack->table;
}

const struct netstack_fib_table *netstack_place_fib(const struct netstack *stack)
{
	return netstack_fib_table_find(netstack_place_observed(stack), netstack_place_table(stack));
}

void netstack_place_terminate(void)
{
	if (nothing)
		netstack_observed_free(nothing);
	nothing = NULL;
}
