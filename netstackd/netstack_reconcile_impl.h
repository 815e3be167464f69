// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the files netstack_reconcile*.c share; nobody else's business.
 */

#ifndef _NETSTACK_RECONCILE_IMPL_H
#define _NETSTACK_RECONCILE_IMPL_H

#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_reconcile.h"

/* netstack_reconcile.c, for the others: */

/* A gateway that is tracked may fail at any time: zebra is given little to do at a time, as of now. */
extern bool netstack_reconcile_goes_slowly(void);
/* The stack has carried traffic, which may wait for what is being changed: it neither comes nor goes. */
extern bool netstack_reconcile_is_established(const struct netstack *stack);

/*
 * Operations are under way, or what came of them is being read: an event may come from ourselves, and
 * is no occasion to try again what failed.
 */
extern bool netstack_reconcile_is_acting(void);
/* The stacks that have routes of this one have to be looked at; not itself. */
extern void netstack_mark_leaks_dirty(struct netstack *stack);

/* netstack_reconcile_stack.c: */

extern void netstack_reconcile_stack_init(struct event_loop *loop);

/* A stack came to be: nothing is settled.  The reverse frees that, before the stack is freed. */
extern void netstack_progress_new(struct netstack *stack);
extern void netstack_progress_free(struct netstack *stack);
/* The configuration of the stack has changed: what is to be done now is no repair. */
extern void netstack_progress_restart(struct netstack *stack);

/* Where stacks are VRF devices: gives a configured one its table, or has it ask again later. */
extern void netstack_reconcile_assign_table(struct netstack *stack);
/* Before a plan: settles the stack's table, and watches it and those that the stack leaves. */
extern void netstack_reconcile_settle_table(struct netstack *stack);
/*
 * Plans the stack: appends to `ops` what is to be executed now, logged.  False if that is nothing:
 * netstack_reconcile_settle() follows.
 */
extern bool netstack_reconcile_plan(struct netstack *stack, struct netstack_ops *ops);
/*
 * Nothing is left to do that could be done now: forgets what is not needed any more, and sees to what
 * is to be tried again.  A stack that was removed, and has nothing any more, is freed.
 */
extern void netstack_reconcile_settle(struct netstack *stack);
/*
 * The operations, of whatever stacks, are executed and their results in them, and what the kernel said
 * meanwhile is read: records those that worked, and makes problems of those that failed.
 */
extern void netstack_reconcile_finish(const struct netstack_ops *ops);

/* netstack_reconcile_events.c: */

/* What the kernel says marks the stacks dirty that it concerns. */
extern const struct netstack_kernel_hooks netstack_reconcile_kernel_hooks;
/* Names in /run/netns mark dirty as well, from now on.  A failure is logged. */
extern void netstack_reconcile_watch_namespaces(struct event_loop *loop);
/* No longer. */
extern void netstack_reconcile_unwatch_namespaces(void);

/* netstack_reconcile_leftovers.c: */

/*
 * Looks for what an earlier run left and the configuration does not have: those stacks exist as
 * removed ones from now on, and go like any other.  To be called once, when the configuration and the
 * backend are known.
 */
extern void netstack_reconcile_find_leftovers(void);

#endif /* _NETSTACK_RECONCILE_IMPL_H */
