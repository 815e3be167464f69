// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Debugging by category: `debug netstack <northbound|plan|kernel|zebra|all>`.
 *
 *	DEBUGD(&netstack_dbg_plan, "%s: %zu operations", stack->name, ops.count);
 *
 * costs one load and a branch while it is off.
 */

#ifndef _NETSTACK_DEBUG_H
#define _NETSTACK_DEBUG_H

#include "lib/debug.h"

extern struct debug netstack_dbg_northbound; /* what the configuration changes */
extern struct debug netstack_dbg_plan;	     /* what is planned, and why again */
extern struct debug netstack_dbg_kernel;     /* operations and notifications */
extern struct debug netstack_dbg_zebra;	     /* routes and next-hop tracking */

/* Registers the categories with libfrr and installs the commands. */
extern void netstack_debug_init(void);

#endif /* _NETSTACK_DEBUG_H */
