// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Totals over all stacks.
 */

#ifndef _NETSTACK_SUMMARY_H
#define _NETSTACK_SUMMARY_H

#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_view.h"

#define NETSTACK_SUMMARY_STATES 5
extern const char *const netstack_summary_states[NETSTACK_SUMMARY_STATES];

struct netstack_summary {
	unsigned int stacks; /* `default` included */
	unsigned int by_state[NETSTACK_SUMMARY_STATES];
	struct netstack_view_count interfaces;
	struct netstack_view_count gateways; /* up: active */
	unsigned int routes;
	unsigned int neighbors;
	unsigned int tables; /* of custom stacks */
	bool zebra;	     /* connected */
	const struct netstack_kernel_stats *kernel;
	const struct netstack_reconcile_stats *work;
	time_t error_age; /* seconds; valid if work->last_error_at */
};

extern void netstack_summary(struct netstack_summary *summary);

#endif /* _NETSTACK_SUMMARY_H */
