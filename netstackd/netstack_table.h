// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which routing table a stack gets.
 *
 * zebra exits when two VRFs have one table, so a table is never taken that the configuration, a
 * VRF device, an `ip rule` or a route has.  A stack keeps its table over restarts and reboots:
 * what was allocated is in the daemon's state file, and a VRF device that exists is adopted with
 * the table that it has.  Tables 0 and 252 to 255 belong to the kernel.
 */

#ifndef _NETSTACK_TABLE_H
#define _NETSTACK_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netstack;
struct netstack_observed;

/* Tables that no VRF can have: 0 (unspec), 252 (compat), 253 (default), 254 (main), 255 (local). */
extern bool netstack_table_is_reserved(uint32_t table);

/*
 * Who has the table, other than `stack` (may be NULL: anyone)?  Returns false if nobody, else
 * writes who into `who`: "netstack blue", "VRF blue", "an ip rule".
 */
extern bool netstack_table_used(const struct netstack_observed *obs, const struct netstack *stack,
				uint32_t table, char *who, size_t len);

/*
 * Settles stack->table: configured, else what the existing VRF device of the stack has, else what
 * is remembered for its name, else the first free one of the range.  True if it has one.
 * `has_routes` says whether the kernel has routes in a table (netstack_kernel_table_has_routes).
 */
extern bool netstack_table_assign(struct netstack *stack, const struct netstack_observed *obs,
				  bool (*has_routes)(uint32_t table));
/* The stack is gone for good: forgets its table. */
extern void netstack_table_release(struct netstack *stack);

/* The stack that has this table in force; NULL: none. */
extern struct netstack *netstack_table_owner(uint32_t table);

/* The memory of allocations, for the state file.  Names are copied. */
extern void netstack_table_remember(const char *stack_name, uint32_t table);
extern void netstack_table_remembered(void (*cb)(const char *stack_name, uint32_t table, void *arg),
				      void *arg);

/* Forgets everything. */
extern void netstack_table_terminate(void);

#endif /* _NETSTACK_TABLE_H */
