// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Totals over all stacks.
 */

#include <zebra.h>

#include "netstackd/netstack_summary.h"
#include "netstackd/netstack_zebra.h"

const char *const netstack_summary_states[NETSTACK_SUMMARY_STATES] = {
	"up", "degraded", "down", "shutdown", "removing",
};

static void count_state(struct netstack_summary *summary, const struct netstack *stack)
{
	struct netstack_status status;

	netstack_status_stack(stack, &status);
	for (size_t i = 0; i < NETSTACK_SUMMARY_STATES; i++)
		summary->by_state[i] += strcmp(status.state, netstack_summary_states[i]) == 0;
}

static void add(struct netstack_view_count *total, struct netstack_view_count count)
{
	total->up += count.up;
	total->all += count.all;
}

void netstack_summary(struct netstack_summary *summary)
{
	struct netstack *stack;

	*summary = (struct netstack_summary){
		.zebra = netstack_zebra_connected(),
		.kernel = netstack_kernel_stats(),
		.work = netstack_reconcile_stats(),
	};
	frr_each (netstacks, &netstacks, stack) {
		if (netstack_awaits_config(stack))
			continue;
		summary->stacks++;
		count_state(summary, stack);
		add(&summary->interfaces, netstack_view_if_count(stack));
		add(&summary->gateways, netstack_view_gateway_count(stack));
		summary->routes += netstack_status_route_count(stack);
		summary->neighbors += netstack_status_neighbor_count(stack);
		summary->tables += !stack->is_default && stack->table;
	}
	if (summary->work->last_error_at)
		summary->error_age = MAX(time(NULL) - summary->work->last_error_at, 0);
}
