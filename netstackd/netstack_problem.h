// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Problems of stacks: operations that failed, what the kernel said, and when they are tried again:
 * after 1 s, 2 s, 4 s … 60 s, at once when something changed that may be the cure.
 *
 * A problem is known by the key of its operation (netstack_plan.h) and lasts until that works, or
 * until the plan has no such operation any more.  Nothing is done here: reconcile asks.
 */

#ifndef _NETSTACK_PROBLEM_H
#define _NETSTACK_PROBLEM_H

#include "netstack_desired.h"
#include "netstack_plan.h"

/*
 * The kernel's word on why something of the stack is not in force, by the operation's key
 * (netstack_plan.h): "vmk1 mtu".  NULL: no problem known.  Owned by the problem, which lasts until
 * the stack is planned or executed the next time.
 */
extern const char *netstack_problem(const struct netstack *stack, const char *key);
/* The first problem of the stack, whatever it is about; NULL: none.  Owned as above. */
extern const char *netstack_first_problem(const struct netstack *stack);

/* How many problems there are, of all stacks. */
extern unsigned int netstack_problem_count(void);
/*
 * The last operation of any stack that failed, in words, and when, by the wall clock in seconds;
 * "" and 0: none yet.  The text is not the caller's, and the next failure overwrites it.
 */
extern const char *netstack_problem_last(time_t *at);

/* For reconcile alone: */

/* The stack is about to be freed. */
extern void netstack_problems_free(struct netstack *stack);

/*
 * The operation failed (op->error, op->errmsg): it is a problem of its stack, logged if the kernel
 * did not say the same before.  It is to be tried again in twice the time of the last try.
 */
extern void netstack_problem_add(const struct netstack_op *op);
/* The operation worked: it is no problem any more, if it was one. */
extern void netstack_problem_solve(const struct netstack_op *op);
/* Something changed that may be the cure: all problems of the stack are tried again at once. */
extern void netstack_problems_retry(struct netstack *stack);
/* Milliseconds until the first problem of the stack is to be tried again, at least 1; 0: none. */
extern int64_t netstack_problems_wait(const struct netstack *stack);

/*
 * Takes operations that failed a moment ago out of the list, and forgets problems of which the plan
 * has no more.  `first` is the stack's first operation in the list; those after it are all the
 * stack's.
 */
extern void netstack_problems_sift(struct netstack *stack, struct netstack_ops *ops, size_t first);

#endif /* _NETSTACK_PROBLEM_H */
