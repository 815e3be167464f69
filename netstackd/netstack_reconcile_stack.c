// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a run does with one stack: its table, its plan, and what came of the operations.
 *
 * A stack that leaves something waits: zebra is to have taken its routes back before what they lead
 * through goes.  With nothing left to do it is settled, or if it was removed, gone.
 */

#include <zebra.h>

#include <linux/rtnetlink.h>

#include "frrevent.h"
#include "log.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_limit.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_problem.h"
#include "netstackd/netstack_reconcile_impl.h"
#include "netstackd/netstack_record.h"
#include "netstackd/netstack_state.h"
#include "netstackd/netstack_table.h"
#include "netstackd/netstack_zebra.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_PROGRESS, "Progress of a stack");

/* Seconds until a stack that got no table asks again. */
#define TABLE_RETRY 5
/* Seconds that zebra may say nothing at all until a removed stack's routes count as gone. */
#define WITHDRAW_MAX 5
/* Operations that zebra has nothing to do with, at a time, where it is to be ready for something else. */
#define OPERATIONS_MAX 16
/* Tables that a stack can watch at a time: its own, and those of VRF devices that it leaves. */
#define WATCHED_TABLES_MAX 8

struct netstack_progress {
	bool settled;	  /* nothing was left to do, and the configuration is the same since */
	bool established; /* nothing was left to do, once */
	bool withdraw_expired;
	uint32_t tables[WATCHED_TABLES_MAX]; /* watched; 0: free slot */
	struct event *t_retry;
	struct event *t_withdraw;
};

static struct event_loop *loop;
static bool table_wanted; /* a stack waits for a table */

/* ------------------------------------------------------------------------------------------
 * What failed is tried again
 */

static void retry(struct event *event)
{
	netstack_mark_dirty(EVENT_ARG(event));
}

/* The earliest retry of the stack is its timer. */
static void schedule_retry(struct netstack *stack)
{
	struct netstack_progress *progress = stack->progress;
	int64_t wait = netstack_problems_wait(stack);

	EVENT_OFF(progress->t_retry);
	if (wait)
		event_add_timer_msec(loop, retry, stack, wait, &progress->t_retry);
}

/* ------------------------------------------------------------------------------------------
 * Its table, and tables that are watched
 */

static void watch_table(struct netstack *stack, uint32_t table)
{
	uint32_t *tables = stack->progress->tables;
	int unused = -1;

	for (int i = 0; i < WATCHED_TABLES_MAX; i++) {
		if (tables[i] == table)
			return;
		if (!tables[i] && unused < 0)
			unused = i;
	}
	if (!table || unused < 0)
		return;
	tables[unused] = table;
	netstack_kernel_watch_table(table);
}

/* All but `keep`, which may be 0. */
static void unwatch_tables(struct netstack *stack, uint32_t keep)
{
	uint32_t *tables = stack->progress->tables;

	for (int i = 0; i < WATCHED_TABLES_MAX; i++) {
		if (!tables[i] || tables[i] == keep)
			continue;
		netstack_kernel_unwatch_table(tables[i]);
		tables[i] = 0;
	}
}

/* The stack's table, and those of its VRF devices that are on their way out. */
static void watch_tables(struct netstack *stack)
{
	const struct netstack_member *member;

	watch_table(stack, stack->is_default ? RT_TABLE_MAIN : stack->table);
	frr_each (netstack_members_const, &stack->members, member) {
		const struct netstack_link *link =
			netstack_link_by_name(netstack_observed(), member->name);

		if (link && !strcmp(link->kind, "vrf"))
			watch_table(stack, link->vrf_table);
	}
}

/* No table is to be had: tried again when one is released, and now and then. */
static void wait_for_table(struct netstack *stack)
{
	table_wanted = true;
	EVENT_OFF(stack->progress->t_retry);
	event_add_timer(loop, retry, stack, TABLE_RETRY, &stack->progress->t_retry);
}

static void table_released(void)
{
	struct netstack *stack;

	if (!table_wanted)
		return;
	table_wanted = false;
	frr_each (netstacks, &netstacks, stack)
		if (stack->configured && !stack->is_default && !stack->table)
			netstack_mark_dirty(stack);
}

void netstack_reconcile_assign_table(struct netstack *stack)
{
	uint32_t before = stack->table;

	if (!netstack_table_assign(stack, netstack_observed(), netstack_kernel_table_has_routes))
		wait_for_table(stack);
	if (stack->table != before)
		netstack_state_changed();
}

/* The table of a stack that is on its way out is that of its device. */
void netstack_reconcile_settle_table(struct netstack *stack)
{
	if (netstack_backend() == NETSTACK_BACKEND_NETNS) {
		watch_tables(stack); /* of what it was as a VRF device */
		return;
	}
	if (stack->configured) {
		netstack_reconcile_assign_table(stack);
	} else if (!stack->table) {
		const struct netstack_link *vrf =
			netstack_link_by_name(netstack_observed(), netstack_vrf_name(stack));

		if (vrf && !strcmp(vrf->kind, "vrf") && netstack_link_is_ours(vrf))
			stack->table = vrf->vrf_table;
	}
	watch_tables(stack);
}

/* ------------------------------------------------------------------------------------------
 * Waiting for zebra
 */

static void withdraw_expired(struct event *event);

/* zebra has some time to notice what we took away. */
static void wait_for_zebra(struct netstack *stack)
{
	struct netstack_progress *progress = stack->progress;

	if (!progress->t_withdraw && !progress->withdraw_expired)
		event_add_timer(loop, withdraw_expired, stack, WITHDRAW_MAX, &progress->t_withdraw);
}

static void withdraw_expired(struct event *event)
{
	struct netstack *stack = EVENT_ARG(event);

	if (netstack_zebra_connected() && netstack_zebra_silence() < WITHDRAW_MAX) {
		wait_for_zebra(stack); /* it is busy with others */
		return;
	}
	zlog_warn("netstack %s: zebra did not say that routes and links are gone; going on",
		  stack->name);
	stack->progress->withdraw_expired = true;
	netstack_mark_dirty(stack);
}

/* Routes go before what they lead through.  True if they are gone. */
static bool is_withdrawn(struct netstack *stack)
{
	struct netstack_progress *progress = stack->progress;

	netstack_zebra_update(stack);
	if (progress->withdraw_expired || netstack_zebra_withdrawn(stack)) {
		EVENT_OFF(progress->t_withdraw);
		return true;
	}
	wait_for_zebra(stack);
	return false;
}

/* ------------------------------------------------------------------------------------------
 * Its plan
 */

/* A link that was never there before: what follows is not a repair. */
static bool is_new_link(const struct netstack_op *op)
{
	switch (op->type) {
	case NETSTACK_OP_LINK_CREATE:
	case NETSTACK_OP_LINK_MASTER:
	case NETSTACK_OP_LINK_MOVE:
		return !netstack_is_member(op->stack, op->name);
	case NETSTACK_OP_NETNS_CREATE:
	case NETSTACK_OP_NETNS_OPEN:
		return !netstack_is_member(op->stack, NETSTACK_MEMBER_NETNS) &&
		       !netstack_is_member(op->stack, NETSTACK_MEMBER_ADOPTED);
	default:
		return false;
	}
}

static void log_operations(struct netstack *stack, struct netstack_ops *ops, size_t first)
{
	struct netstack_progress *progress = stack->progress;
	char what[128];

	for (size_t i = first; i < ops->count; i++) {
		struct netstack_op *op = &ops->op[i];

		if (is_new_link(op))
			progress->settled = false;
		netstack_op_describe(op, what, sizeof(what));
		if (progress->settled && !netstack_problem(stack, op->key)) {
			netstack_log_repair(stack, "%s", what);
			op->nodad = true;
		} else
			DEBUGD(&netstack_dbg_plan, "netstack %s: %s", stack->name, what);
	}
}

/* To zebra, if it runs: see struct netstack_facts. */
static bool vrf_is_known(const struct netstack *stack)
{
	return !netstack_zebra_connected() || netstack_zebra_has_vrf(stack);
}

static void gather_facts(struct netstack *stack, struct netstack_facts *facts)
{
	netstack_kernel_drain_inside(stack);
	*facts = (struct netstack_facts){
		.backend = netstack_backend(),
		.members = &stack->members,
		.outside = netstack_observed(),
		.inside = netstack_kernel_inside(stack),
		.inside_name = netstack_kernel_inside_name(stack),
		.vrf_known = vrf_is_known(stack),
	};
	if (stack->is_default || (netstack_backend() == NETSTACK_BACKEND_VRF && !facts->inside))
		return;
	facts->named = netstack_kernel_look(stack, facts->inside_name ? facts->inside_name
								      : netstack_vrf_name(stack));
	facts->vrf_lingers = !facts->inside && netstack_zebra_knows(netstack_vrf_name(stack));
	facts->links_linger =
		!stack->progress->withdraw_expired && netstack_zebra_sees_links(stack);
}

/* It leaves what it has: that takes that zebra has no routes in there any more. */
static bool is_leaving(const struct netstack *stack)
{
	return !stack->configured || netstack_is_renamed(stack, netstack_kernel_inside_name(stack));
}

/* zebra hears of it, and looks at its routes; of our unreachable defaults it does not (NETSTACK_GUARD_PROTO). */
static bool keeps_zebra_busy(const struct netstack_op *op)
{
	switch (op->type) {
	case NETSTACK_OP_STRICT_MODE:
	case NETSTACK_OP_NEIGHBOR_SET:
	case NETSTACK_OP_NEIGHBOR_DELETE:
	case NETSTACK_OP_UNREACHABLE_ADD:
	case NETSTACK_OP_UNREACHABLE_DELETE:
	case NETSTACK_OP_FORWARDING:
		return false;
	default:
		return true;
	}
}

bool netstack_reconcile_is_established(const struct netstack *stack)
{
	return stack->progress->established && stack->configured;
}

/* Up to the first that keeps zebra busy: the next ones are planned when it has dealt with that. */
static void cut_operations(struct netstack_ops *ops, size_t first)
{
	ops->count = MIN(ops->count, first + OPERATIONS_MAX);
	for (size_t i = first; i < ops->count; i++)
		if (keeps_zebra_busy(&ops->op[i]))
			ops->count = i + 1;
}

bool netstack_reconcile_plan(struct netstack *stack, struct netstack_ops *ops)
{
	struct netstack_facts facts;
	size_t first = ops->count;

	if (is_leaving(stack) && !is_withdrawn(stack))
		return false;
	netstack_zebra_leave_former(stack);
	gather_facts(stack, &facts);
	netstack_plan(stack, &facts, ops);
	if (ops->count == first && facts.links_linger && is_leaving(stack))
		wait_for_zebra(stack);
	netstack_problems_sift(stack, ops, first);
	if (netstack_reconcile_goes_slowly() && !netstack_reconcile_is_established(stack))
		cut_operations(ops, first);
	log_operations(stack, ops, first);
	return ops->count > first;
}

void netstack_reconcile_settle(struct netstack *stack)
{
	struct netstack_progress *progress = stack->progress;

	if (!stack->configured && !netstack_zebra_withdrawn(stack) && !progress->withdraw_expired)
		return;
	netstack_forget_members(stack);
	if (!stack->configured) {
		if (netstack_first_problem(stack) || netstack_kernel_inside(stack)) {
			schedule_retry(stack);
			return;
		}
		zlog_info("netstack %s: removed", stack->name);
		netstack_table_release(stack);
		netstack_state_changed();
		netstack_free(stack);
		table_released();
		return;
	}
	if (!netstack_place_exists(stack) && !netstack_place_table(stack))
		return;
	progress->settled = !is_leaving(stack) && (progress->settled || vrf_is_known(stack));
	progress->established |= progress->settled;
	unwatch_tables(stack, stack->is_default ? RT_TABLE_MAIN : stack->table);
	netstack_zebra_update(stack);
	netstack_limit_look_soon(stack);
	schedule_retry(stack);
}

/* ------------------------------------------------------------------------------------------
 * What came of the operations
 */

/*
 * It failed because what it was about, or the VRF device, is gone in the meantime: the kernel's
 * events have told of that, and the next plan knows.
 */
static bool is_overtaken(const struct netstack_op *op)
{
	const struct netstack_observed *obs =
		op->inside ? netstack_kernel_inside(op->stack) : netstack_observed();

	return !obs || (op->ifindex && !netstack_link_by_index(obs, op->ifindex)) ||
	       (op->master && !netstack_link_by_index(obs, op->master));
}

void netstack_reconcile_finish(const struct netstack_ops *ops)
{
	for (size_t i = 0; i < ops->count; i++) {
		const struct netstack_op *op = &ops->op[i];

		if (op->error && is_overtaken(op))
			continue;
		if (op->error) {
			netstack_problem_add(op);
			continue;
		}
		netstack_record_operation(op);
		netstack_problem_solve(op);
	}
}

/* ------------------------------------------------------------------------------------------
 * From its first day to its last
 */

void netstack_reconcile_stack_init(struct event_loop *event_loop)
{
	loop = event_loop;
}

void netstack_progress_new(struct netstack *stack)
{
	stack->progress = XCALLOC(MTYPE_NETSTACK_PROGRESS, sizeof(*stack->progress));
}

/* A removed stack can be back before zebra has answered. */
void netstack_progress_restart(struct netstack *stack)
{
	stack->progress->settled = false;
	EVENT_OFF(stack->progress->t_withdraw);
	stack->progress->withdraw_expired = false;
}

void netstack_progress_free(struct netstack *stack)
{
	unwatch_tables(stack, 0);
	EVENT_OFF(stack->progress->t_retry);
	EVENT_OFF(stack->progress->t_withdraw);
	XFREE(MTYPE_NETSTACK_PROGRESS, stack->progress);
}
