// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one place that acts: plans dirty stacks, executes, reads what came of it, plans again,
 * until nothing is left to do; then publishes to zebra.  An operation that fails is tried again
 * after 1 s, 2 s, 4 s … 60 s, at once when its stack's configuration changes or the kernel says
 * something about the link; meanwhile it is a problem of its stack (netstack_problem.h), and others
 * go on.  What worked is recorded, where the kernel cannot be asked (netstack_record.h).
 */

#ifndef _NETSTACK_RECONCILE_H
#define _NETSTACK_RECONCILE_H

#include "printfrr.h"

#include "netstack_desired.h"
#include "netstack_observed.h"
#include "netstack_plan.h"

struct event_loop;

/* Before any configuration is read: hooks and memory. */
extern void netstack_reconcile_init(struct event_loop *loop);
/*
 * Opens the kernel and reads what is there, so that validation has facts from the first line on.
 * Returns 0 or a positive errno, logged.
 */
extern int netstack_reconcile_start(void);
extern void netstack_reconcile_terminate(void);

/* The stack has to be looked at; it will be, one event later.  Cheap, any number of times. */
extern void netstack_mark_dirty(struct netstack *stack);
extern void netstack_mark_all_dirty(void);

/*
 * What stacks are: said by zebra, in each run anew.  Until then nothing is done in the kernel, and
 * netstack_backend() says what it was the last time.
 */
extern void netstack_set_backend(enum netstack_backend backend);
extern void netstack_remember_backend(enum netstack_backend backend);
extern enum netstack_backend netstack_backend(void);

/* The facts, for those that read (status, validation). */
extern const struct netstack_observed *netstack_observed(void);

/*
 * An earlier run left the stack, and only the configuration, which has not been read yet, can say
 * whether it stays.  It is not shown until then.
 */
extern bool netstack_awaits_config(const struct netstack *stack);

/* Says, and counts, that something that was taken away behind our back is put back. */
extern void netstack_log_repair(const struct netstack *stack, const char *format, ...)
	PRINTFRR(2, 3);

/* For `show netstack summary`. */
struct netstack_reconcile_stats {
	unsigned int dirty;    /* stacks queued */
	unsigned int problems; /* operations that failed and will be tried again */
	uint64_t runs;
	uint64_t repairs;	/* things put back that were taken away behind our back */
	const char *last_error; /* "": none yet */
	time_t last_error_at;	/* wall clock, seconds; 0: none */
};
extern const struct netstack_reconcile_stats *netstack_reconcile_stats(void);

#endif /* _NETSTACK_RECONCILE_H */
