// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the files netstack_reconcile*.c share; nobody else's business.
 */

#ifndef _NETSTACK_RECONCILE_IMPL_H
#define _NETSTACK_RECONCILE_IMPL_H

#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_reconcile.h"

/* netstack_reconcile.c, for the events: */

/*
 * Operations are under way, or what came of them is being read: an event may come from ourselves, and
 * is no occasion to try again what failed.
 */
extern bool netstack_reconcile_is_acting(void);
/* The stacks that have routes of this one have to be looked at; not itself. */
extern void netstack_mark_leaks_dirty(struct netstack *stack);

/* netstack_reconcile_events.c: */

/* What the kernel says marks the stacks dirty that it concerns. */
extern const struct netstack_kernel_hooks netstack_reconcile_kernel_hooks;
/*
 * The stack starts or stops to have to do with links of this name, which is copied
 * (netstack_desired_hooks.watch).  Counted: what was started twice is to be stopped twice.
 */
extern void netstack_reconcile_watch_link(struct netstack *stack, const char *ifname, bool on);
/* Names in /run/netns mark dirty as well, from now on.  A failure is logged. */
extern void netstack_reconcile_watch_namespaces(struct event_loop *loop);
/* Stops, and frees what is watched. */
extern void netstack_reconcile_unwatch(void);

/* netstack_reconcile_leftovers.c: */

/*
 * Looks for what an earlier run left and the configuration does not have: those stacks exist as
 * removed ones from now on, and go like any other.  To be called once, when the configuration and the
 * backend are known.
 */
extern void netstack_reconcile_find_leftovers(void);

#endif /* _NETSTACK_RECONCILE_IMPL_H */
