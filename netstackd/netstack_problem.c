// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operations that failed, and when they are tried again.
 */

#include <zebra.h>

#include "log.h"
#include "monotime.h"
#include "typesafe.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_errors.h"
#include "netstackd/netstack_problem.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_PROBLEMS, "Problems of a stack");
DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_PROBLEM, "Problem");

/* Seconds before an operation that failed is tried again: doubled each time. */
#define RETRY_FIRST 1
#define RETRY_MAX   60

PREDECL_DLIST(problem_list);

/* An operation that failed and will be tried again. */
struct problem {
	struct problem_list_item item;
	char key[NETSTACK_OP_KEY_LEN];
	char text[NETSTACK_ERRMSG_LEN];
	unsigned int delay;	 /* seconds until the next try */
	struct timeval next_try; /* monotonic */
};

DECLARE_DLIST(problem_list, struct problem, item);

struct netstack_problems {
	struct problem_list_head list[1];
};

static unsigned int count; /* of all stacks */

/* Few stacks ever have one: to the others belongs this list, which is empty. */
static struct netstack_problems none = { .list = { INIT_DLIST(none.list[0]) } };

static struct problem_list_head *problems_of(const struct netstack *stack)
{
	return stack->problems ? stack->problems->list : none.list;
}

/* The last operation that failed. */
static struct {
	char text[384]; /* "": none yet */
	time_t at;	/* wall clock, seconds; 0: none */
} last;

unsigned int netstack_problem_count(void)
{
	return count;
}

const char *netstack_problem_last(time_t *at)
{
	*at = last.at;
	return last.text;
}

static struct problem *find_problem(const struct netstack *stack, const char *key)
{
	struct problem *problem;

	frr_each (problem_list, problems_of(stack), problem)
		if (!strcmp(problem->key, key))
			return problem;
	return NULL;
}

const char *netstack_problem(const struct netstack *stack, const char *key)
{
	const struct problem *problem = find_problem(stack, key);

	return problem ? problem->text : NULL;
}

const char *netstack_first_problem(const struct netstack *stack)
{
	const struct problem *problem = problem_list_const_first(problems_of(stack));

	return problem ? problem->text : NULL;
}

static void solve_problem(struct netstack *stack, struct problem *problem)
{
	problem_list_del(problems_of(stack), problem);
	count--;
	XFREE(MTYPE_NETSTACK_PROBLEM, problem);
}

void netstack_problem_solve(const struct netstack_op *op)
{
	struct problem *problem = find_problem(op->stack, op->key);

	if (problem)
		solve_problem(op->stack, problem);
}

static struct problem *new_problem(struct netstack *stack, const char *key)
{
	struct problem *problem = XCALLOC(MTYPE_NETSTACK_PROBLEM, sizeof(*problem));

	if (!stack->problems) {
		stack->problems = XCALLOC(MTYPE_NETSTACK_PROBLEMS, sizeof(*stack->problems));
		problem_list_init(stack->problems->list);
	}
	strlcpy(problem->key, key, sizeof(problem->key));
	problem_list_add_tail(stack->problems->list, problem);
	count++;
	return problem;
}

void netstack_problems_free(struct netstack *stack)
{
	struct problem *problem;

	if (!stack->problems)
		return;
	while ((problem = problem_list_first(stack->problems->list)))
		solve_problem(stack, problem);
	problem_list_fini(stack->problems->list);
	XFREE(MTYPE_NETSTACK_PROBLEMS, stack->problems);
}

/* Remembered, said once, tried again later and later. */
void netstack_problem_add(const struct netstack_op *op)
{
	struct netstack *stack = op->stack;
	struct problem *problem = find_problem(stack, op->key);
	struct timeval delay = {};
	char what[128];

	netstack_op_describe(op, what, sizeof(what));
	if (!problem)
		problem = new_problem(stack, op->key);
	if (strcmp(problem->text, op->errmsg))
		flog_warn(EC_NETSTACK_KERNEL_OPERATION, "netstack %s: cannot %s: %s", stack->name,
			  what, op->errmsg);
	strlcpy(problem->text, op->errmsg, sizeof(problem->text));
	problem->delay = problem->delay ? MIN(2 * problem->delay, RETRY_MAX) : RETRY_FIRST;
	delay.tv_sec = problem->delay;
	monotime(&problem->next_try);
	timeradd(&problem->next_try, &delay, &problem->next_try);

	snprintf(last.text, sizeof(last.text), "netstack %s: cannot %s: %s", stack->name, what,
		 op->errmsg);
	last.at = time(NULL);
}

void netstack_problems_retry(struct netstack *stack)
{
	struct problem *problem;

	frr_each (problem_list, problems_of(stack), problem) {
		problem->delay = 0;
		memset(&problem->next_try, 0, sizeof(problem->next_try));
	}
}

int64_t netstack_problems_wait(const struct netstack *stack)
{
	const struct problem *problem, *first = NULL;

	frr_each (problem_list_const, problems_of(stack), problem)
		if (!first || timercmp(&problem->next_try, &first->next_try, <))
			first = problem;
	return first ? MAX(monotime_until(&first->next_try, NULL) / 1000 + 1, 1) : 0;
}

void netstack_problems_sift(struct netstack *stack, struct netstack_ops *ops, size_t first)
{
	struct problem *problem;
	size_t kept = first;

	frr_each_safe (problem_list, problems_of(stack), problem) {
		bool planned = false;

		for (size_t i = first; i < ops->count && !planned; i++)
			planned = !strcmp(ops->op[i].key, problem->key);
		if (!planned)
			solve_problem(stack, problem);
	}
	for (size_t i = first; i < ops->count; i++) {
		problem = find_problem(stack, ops->op[i].key);
		if (problem && monotime_until(&problem->next_try, NULL) > 0)
			continue;
		if (kept != i)
			ops->op[kept] = ops->op[i];
		kept++;
	}
	ops->count = kept;
}
