// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is recorded as ours because the kernel cannot be asked: members of stacks (struct
 * netstack_member in netstack_plan.h), their namespaces among them, and what links had before we
 * set something (netstack_original.h).  It outlives the daemon (netstack_state.h).
 */

#ifndef _NETSTACK_RECORD_H
#define _NETSTACK_RECORD_H

#include "netstack_desired.h"
#include "netstack_plan.h"

/* Recorded as made or enslaved by us (netstack_plan.h). */
extern bool netstack_is_member(const struct netstack *stack, const char *ifname);
/* Records it, if it is not recorded yet.  The name is copied. */
extern void netstack_record_member(struct netstack *stack, const char *ifname);
/* Calls cb for each recorded name, in their order; cb may not record any. */
extern void netstack_each_member(const struct netstack *stack,
				 void (*cb)(const char *ifname, void *arg), void *arg);

/* For reconcile alone: */

/* A stack came to be: nothing is recorded.  The reverse frees the record, before the stack is freed. */
extern void netstack_record_new(struct netstack *stack);
extern void netstack_record_free(struct netstack *stack);

/* Records what an operation that worked made ours, or not ours any more. */
extern void netstack_record_operation(const struct netstack_op *op);
/* Forgets the members that the stack has nothing to do with any more, and what they had before. */
extern void netstack_forget_members(struct netstack *stack);

#endif /* _NETSTACK_RECORD_H */
