// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hooks that count how often they were called, for programs that watch the kernel's events.
 */

#ifndef NETSTACK_TEST_HOOKS_H
#define NETSTACK_TEST_HOOKS_H

#include "netstackd/netstack_kernel.h"

static struct {
	unsigned int link, table, settings, resynced;
	char links[4096]; /* the names that link was called with, " a b" */
} calls;

static void on_link(struct netstack *inside, const char *ifname)
{
	calls.link++;
	strlcat(calls.links, " ", sizeof(calls.links));
	strlcat(calls.links, ifname, sizeof(calls.links));
}

static void on_table(struct netstack *inside, uint32_t table)
{
	calls.table++;
}

static void on_settings(struct netstack *inside)
{
	calls.settings++;
}

static void on_resync(struct netstack *inside)
{
	calls.resynced++;
}

static const struct netstack_kernel_hooks counting_hooks = {
	.link = on_link,
	.table = on_table,
	.settings = on_settings,
	.resynced = on_resync,
};

#endif /* NETSTACK_TEST_HOOKS_H */
