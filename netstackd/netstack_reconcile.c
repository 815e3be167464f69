// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one place that acts.
 *
 * A run takes the dirty stacks, some at a time: it settles their tables, plans them, executes their
 * operations as one batch, reads what came of it, and starts over with the stacks that had
 * something to do.  A stack with nothing to do is settled: from then on, whatever a plan finds is
 * a repair.  A run that takes long goes on after other events had their turn: vtysh, watchfrr and
 * zebra do not wait for four thousand stacks.  Nor do they wait for the kernel where it takes long, to
 * delete a link or to make a namespace: nothing else is planned until that is done, but events are
 * read, and what zebra and trackers say is acted upon.
 *
 * While a configuration file is read nothing is done, so that the whole of it is one run and a
 * table that is configured on its last line is not given to a stack of its first.  But routes that are
 * new to a stack which is in force go to zebra: it takes longer to install a hundred thousand of them
 * than we to read them.
 */

#include <zebra.h>

#include "command.h"
#include "frrevent.h"
#include "libfrr.h"
#include "log.h"
#include "monotime.h"
#include "typesafe.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_gateway.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_leak.h"
#include "netstackd/netstack_limit.h"
#include "netstackd/netstack_original.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_plan.h"
#include "netstackd/netstack_privs.h"
#include "netstackd/netstack_problem.h"
#include "netstackd/netstack_reconcile_impl.h"
#include "netstackd/netstack_record.h"
#include "netstackd/netstack_state.h"
#include "netstackd/netstack_table.h"
#include "netstackd/netstack_zebra.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_WORK, "Work of a stack");

/* Milliseconds of one run before other events get their turn. */
#define RUN_MSEC 100
/*
 * Milliseconds from one run to the next: what comes in bursts, such as a message of zebra's for each
 * of many stacks, is dealt with together.  What comes alone does not wait.  After a run that found
 * nothing to do it is TICK_SHARE times the longest of a stack, TICK_MSEC_MAX at most: one of 100,000
 * routes is not to be looked at again for each hundred that zebra has installed.
 */
#define TICK_MSEC     10
#define TICK_SHARE    10
#define TICK_MSEC_MAX 250
/* Stacks of which the operations go into one batch: it takes some 10 ms. */
#define BATCH_STACKS 32
/*
 * Where a tracked gateway is up, it may fail at any time, and zebra is to have time for its new route
 * then: each link that we change keeps zebra busy for milliseconds, and the kernel, whose rtnl lock that
 * route needs.  So we go slowly: one operation of one stack, a question to zebra, and once it has
 * answered, and all that it said is read or YIELD_MSEC are over, the next one after a rest: REST_SHARE
 * times what the operation took until that answer, at most REST_MSEC_MAX, less if more than REST_STACKS
 * wait.  A stack that was there before does not carry its traffic while it is given another name, or its
 * links are down: all that is to be done for one is done first.
 */
#define REST_SHARE    20
#define REST_MSEC_MAX 400
#define REST_STACKS   100
#define YIELD_MSEC    100
/* Seconds after which a configuration that is still being read is acted upon. */
#define CONFIG_READ_MAX 60
/* Milliseconds for which new routes are gathered while a file is read: some thousand of them. */
#define PUBLISH_NEW_MSEC 50

PREDECL_DLIST(dirty_list);

/* The list that a stack is in. */
enum queue {
	QUEUE_NONE = 0, /* it is not dirty */
	QUEUE_FIRST,
	QUEUE_DIRTY,
	QUEUE_CURRENT,
};

struct netstack_work {
	struct dirty_list_item dirty_item;
	struct netstack *stack;
	struct event *t_new;
	enum queue queue : 8;
	/*
	 * An earlier run left it, and the configuration has not spoken of it yet.  As long as the
	 * configuration has not been read that means nothing: the daemon was just restarted.
	 */
	bool leftover;
};

DECLARE_DLIST(dirty_list, struct netstack_work, dirty_item);

static struct {
	struct event_loop *loop;
	struct netstack_observed *obs;
	struct dirty_list_head first[1]; /* dirty stacks that go before all others */
	struct dirty_list_head dirty[1];
	struct dirty_list_head current[1]; /* those of dirty stacks that are being dealt with */
	struct event *t_run;
	struct timeval run_began;
	struct timeval pass_began;  /* its operations */
	struct netstack_work *last; /* whose they were */
	int64_t took;		    /* milliseconds that are not rested for yet */
	struct timeval last_run;    /* when it ended */
	int64_t tick;		    /* milliseconds from then to the next */
	struct event *t_config;
	bool reading_config;
	bool config_read;	       /* at least once */
	bool caught_up;		       /* all of what was read first has been dealt with */
	bool draining;		       /* events that are read now come from our own operations */
	struct netstack_ops ops;       /* of the pass */
	bool executing;		       /* they are under way, while other events have their turn */
	bool worked;		       /* there were some in the run */
	unsigned int looked_at;	       /* stacks that the run looked at */
	int64_t longest;	       /* microseconds that one of them took */
	struct timeval yielded;	       /* monotonic: since when zebra goes first; 0: it does not */
	enum netstack_backend backend; /* as zebra says, or said the last time */
	bool backend_known;	       /* zebra has said it in this run */
	bool stock_taken;	       /* what an earlier run left has been looked for */
	struct netstack_reconcile_stats stats;
} rec;

static void run(struct event *event);

const struct netstack_observed *netstack_observed(void)
{
	return rec.obs;
}

enum netstack_backend netstack_backend(void)
{
	return rec.backend;
}

static size_t dirty_total(void)
{
	return dirty_list_count(rec.first) + dirty_list_count(rec.dirty) +
	       dirty_list_count(rec.current);
}

const struct netstack_reconcile_stats *netstack_reconcile_stats(void)
{
	rec.stats.dirty = dirty_total();
	rec.stats.problems = netstack_problem_count();
	rec.stats.last_error = netstack_problem_last(&rec.stats.last_error_at);
	return &rec.stats;
}

/* ------------------------------------------------------------------------------------------
 * Dirty stacks
 */

static struct dirty_list_head *list_of(enum queue queue)
{
	static struct dirty_list_head *const lists[] = {
		[QUEUE_FIRST] = rec.first,
		[QUEUE_DIRTY] = rec.dirty,
		[QUEUE_CURRENT] = rec.current,
	};

	return lists[queue];
}

static void enqueue(enum queue queue, struct netstack_work *work)
{
	dirty_list_add_tail(list_of(queue), work);
	work->queue = queue;
}

static void dequeue(struct netstack_work *work)
{
	dirty_list_del(list_of(work->queue), work);
	work->queue = QUEUE_NONE;
}

/* zebra has yet to answer: the run comes when it has, or after that time. */
static bool waits_for_answer(void)
{
	if (!netstack_zebra_is_asked())
		return false;
	event_add_timer_msec(rec.loop, run, NULL, NETSTACK_ZEBRA_ANSWER_MSEC, &rec.t_run);
	return true;
}

static void schedule(void)
{
	int64_t since;

	if (rec.reading_config || !rec.backend_known || rec.t_run || rec.executing ||
	    waits_for_answer())
		return;
	since = monotime_since(&rec.last_run, NULL) / 1000;
	if (since >= rec.tick)
		event_add_event(rec.loop, run, NULL, 0, &rec.t_run);
	else
		event_add_timer_msec(rec.loop, run, NULL, rec.tick - since, &rec.t_run);
}

/* Before all others; events that were read meanwhile may have put it among them. */
static void enqueue_next(struct netstack_work *work)
{
	if (work->queue)
		dequeue(work);
	dirty_list_add_head(rec.current, work);
	work->queue = QUEUE_CURRENT;
}

/* It was removed, and nothing but its namespace is left of it. */
static bool is_nearly_gone(const struct netstack *stack)
{
	const struct netstack_observed *inside = netstack_kernel_inside(stack);

	return !stack->configured && inside &&
	       netstack_links_index_count(&inside->links_by_index) <= 1; /* lo */
}

/*
 * A namespace is let go of before the next ones are emptied: for each notification the kernel goes
 * over all sockets that have subscribed to any, in whatever namespace (netlink_broadcast_filtered()).
 */
static void enqueue_stack(struct netstack *stack)
{
	struct netstack_work *work = stack->work;
	bool first = is_nearly_gone(stack);

	if (first && work->queue)
		dequeue(work);
	if (!work->queue)
		enqueue(first ? QUEUE_FIRST : QUEUE_DIRTY, work);
}

static void outdate(struct netstack *stack)
{
	netstack_zebra_outdated(stack);
	enqueue_stack(stack);
}

/* And the stacks that have routes of this one. */
void netstack_mark_dirty(struct netstack *stack)
{
	outdate(stack);
	netstack_leak_source_changed(stack, outdate);
	schedule();
}

void netstack_mark_leaks_dirty(struct netstack *stack)
{
	netstack_leak_source_changed(stack, outdate);
	if (dirty_total())
		schedule();
}

void netstack_mark_all_dirty(void)
{
	struct netstack *stack;

	frr_each (netstacks, &netstacks, stack)
		netstack_mark_dirty(stack);
}

bool netstack_reconcile_is_acting(void)
{
	return rec.draining || rec.executing;
}

void netstack_log_repair(const struct netstack *stack, const char *format, ...)
{
	char what[160];
	va_list args;

	va_start(args, format);
	vsnprintfrr(what, sizeof(what), format, args);
	va_end(args);
	rec.stats.repairs++;
	zlog_notice("netstack %s: repair: %s", stack->name, what);
}

bool netstack_awaits_config(const struct netstack *stack)
{
	return stack->work->leftover && !stack->configured && !rec.config_read;
}

/* ------------------------------------------------------------------------------------------
 * A run
 */

/* A failure of a gateway is to find zebra ready. At the start there is none that worked before. */
bool netstack_reconcile_goes_slowly(void)
{
	return rec.caught_up && netstack_gateway_any_up();
}

static void assign_configured_table(struct netstack *stack)
{
	if (stack->table_config && rec.backend == NETSTACK_BACKEND_VRF)
		netstack_reconcile_assign_table(stack);
}

/*
 * All that is dirty is to be dealt with.  Configured tables are assigned before any is allocated,
 * so that none is allocated that another stack asks for.
 */
static void take_dirty(void)
{
	struct netstack_work *work;

	while ((work = dirty_list_first(rec.dirty))) {
		dequeue(work);
		enqueue(QUEUE_CURRENT, work);
		assign_configured_table(work->stack);
	}
}

/* In a pass, no stack is planned twice: what a pass finds is left to the next one. */
static void take_first(void)
{
	struct netstack_work *work;

	while ((work = dirty_list_first(rec.first))) {
		enqueue_next(work);
		assign_configured_table(work->stack);
	}
}

/* Reads what the kernel has to say by now: a plan is made from the whole of it. */
static void drain(void)
{
	rec.draining = true;
	netstack_kernel_drain();
	rec.draining = false;
}

/* Milliseconds for what has been done since the last rest. */
static int64_t take_rest(void)
{
	int64_t rest = MIN(rec.took * REST_SHARE, REST_MSEC_MAX);

	rec.took = 0;
	return rest * REST_STACKS / (int64_t)MAX(dirty_total(), REST_STACKS);
}

/* The next run, if there is to be one. */
static void go_on(void)
{
	int64_t rest;

	if (!dirty_total() || rec.executing || waits_for_answer())
		return;
	rest = take_rest();
	if (rest)
		event_add_timer_msec(rec.loop, run, NULL, rest, &rec.t_run);
	else
		event_add_event(rec.loop, run, NULL, 0, &rec.t_run);
}

/* What was begun for a stack that was there before is finished first. */
static bool is_next_at_once(void)
{
	const struct netstack_work *next = dirty_list_first(rec.current);

	return next && next == rec.last && netstack_reconcile_is_established(next->stack);
}

static void zebra_answered(void)
{
	rec.took += MAX(monotime_since(&rec.pass_began, NULL) / 1000, 1);
	if (!rec.t_run)
		return;
	EVENT_OFF(rec.t_run);
	if (is_next_at_once())
		event_add_event(rec.loop, run, NULL, 0, &rec.t_run);
	else
		go_on();
}

static void finish_pass(void)
{
	drain();
	netstack_reconcile_finish(&rec.ops);
	if (netstack_reconcile_goes_slowly())
		netstack_zebra_ask(zebra_answered);
}

/* What was executed is known: the next pass follows at once. */
static void executed(void)
{
	rec.executing = false;
	finish_pass();
	netstack_ops_fini(&rec.ops);
	if (!rec.reading_config)
		go_on();
}

static bool has_time(void)
{
	return monotime_since(&rec.run_began, NULL) < RUN_MSEC * 1000;
}

/* After a stack that was begun so many microseconds after the run: the same for the next one. */
static int64_t note_time(int64_t began)
{
	int64_t now = monotime_since(&rec.run_began, NULL);

	rec.longest = MAX(rec.longest, now - began);
	return now;
}

/* Plans a stack that is not in a queue any more; true if it has something to do. */
static bool plan_stack(struct netstack_work *work, bool slowly)
{
	netstack_reconcile_settle_table(work->stack);
	if (netstack_awaits_config(work->stack))
		return false;
	if (!netstack_reconcile_plan(work->stack, &rec.ops)) {
		netstack_reconcile_settle(work->stack);
		return false;
	}
	if (slowly)
		enqueue_next(work);
	else
		netstack_mark_dirty(work->stack);
	return true;
}

/*
 * Plans and executes some of what is being dealt with, once.  Stacks with nothing to do, as those that
 * wait for zebra, take no room in the batch: the kernel waits for a full one as long as for any.
 */
static void pass(void)
{
	bool slowly = netstack_reconcile_goes_slowly();
	int room = slowly ? 1 : BATCH_STACKS;
	int64_t now = monotime_since(&rec.run_began, NULL);
	struct netstack_ops *ops = &rec.ops;
	struct netstack_work *work;

	ops->count = 0;
	netstack_zebra_gather();
	do {
		work = dirty_list_first(rec.current);
		if (!work)
			break;
		dequeue(work);
		rec.last = work;
		if (plan_stack(work, slowly) || slowly)
			room--;
		now = note_time(now);
		if (!(++rec.looked_at % BATCH_STACKS)) {
			/* zebra can begin */
			netstack_zebra_flush();
			netstack_zebra_gather();
		}
	} while (room > 0 && now < RUN_MSEC * 1000);
	netstack_zebra_flush();
	if (!ops->count)
		return;
	rec.worked = true;
	monotime(&rec.pass_began);
	if (!netstack_kernel_execute_and_go_on(ops->op, ops->count, executed)) {
		rec.executing = true;
		return;
	}
	finish_pass();
}

/* VRF devices do not take the privileges of namespaces, once none is left. */
static void give_up_privileges(void)
{
	if (!rec.stock_taken || rec.backend != NETSTACK_BACKEND_VRF ||
	    netstack_kernel_namespaces() || !netstack_privs_have_netns())
		return;
	netstack_privs_give_up_netns();
}

static bool zebra_has_news(void)
{
	return netstack_reconcile_goes_slowly() && netstack_zebra_speaks();
}

/* What zebra has sent is read between two of our runs. */
static bool zebra_goes_first(void)
{
	if (!zebra_has_news()) {
		memset(&rec.yielded, 0, sizeof(rec.yielded));
		return false;
	}
	if (!timerisset(&rec.yielded))
		monotime(&rec.yielded);
	return monotime_since(&rec.yielded, NULL) < YIELD_MSEC * 1000;
}

/* After a run. */
static void set_tick(void)
{
	rec.tick = rec.worked ? TICK_MSEC
			      : MIN(MAX(TICK_SHARE * rec.longest / 1000, TICK_MSEC), TICK_MSEC_MAX);
}

static void run(struct event *event)
{
	if (zebra_goes_first()) {
		event_add_timer_msec(rec.loop, run, NULL, TICK_MSEC, &rec.t_run);
		return;
	}
	memset(&rec.yielded, 0, sizeof(rec.yielded));
	rec.stats.runs++;
	rec.worked = false;
	rec.looked_at = 0;
	rec.longest = 0;
	monotime(&rec.run_began);
	drain();
	do {
		if (!dirty_list_count(rec.current))
			take_dirty();
		take_first();
		pass();
	} while (dirty_total() && !rec.executing && !netstack_zebra_is_asked() &&
		 !zebra_has_news() && !rec.took && has_time());
	if (!rec.executing)
		netstack_ops_fini(&rec.ops);
	give_up_privileges();
	EVENT_OFF(rec.t_run); /* what was marked meanwhile has been dealt with, or is left over */
	monotime(&rec.last_run);
	set_tick();
	rec.caught_up = rec.caught_up || (rec.config_read && !dirty_total());
	go_on();
}

/* ------------------------------------------------------------------------------------------
 * What the configuration says; what the kernel says is in netstack_reconcile_events.c
 */

static void on_created(struct netstack *stack)
{
	struct netstack_work *work = XCALLOC(MTYPE_NETSTACK_WORK, sizeof(*work));

	work->stack = stack;
	work->leftover = !stack->configured;
	stack->work = work;
	netstack_record_new(stack);
	netstack_progress_new(stack);
}

static void on_changed(struct netstack *stack)
{
	stack->work->leftover = false;
	netstack_progress_restart(stack);
	netstack_leak_config_changed(stack);
	netstack_problems_retry(stack);
	netstack_mark_dirty(stack);
	netstack_limit_look_soon(stack);
}

static void publish_new(struct event *event)
{
	netstack_zebra_publish_new(EVENT_ARG(event));
}

/* While a file is read zebra is given work already. */
static void on_route_changed(struct netstack *stack, const struct netstack_prefix *prefix)
{
	if (netstack_zebra_route_changed(stack, prefix)) {
		enqueue_stack(stack);
		schedule();
	} else {
		on_changed(stack);
	}
	if (rec.reading_config && !stack->work->t_new)
		event_add_timer_msec(rec.loop, publish_new, stack, PUBLISH_NEW_MSEC,
				     &stack->work->t_new);
}

static void on_freeing(struct netstack *stack)
{
	struct netstack_work *work = stack->work;

	netstack_record_free(stack);
	netstack_problems_free(stack);
	netstack_progress_free(stack);
	netstack_kernel_close_namespace(stack);
	if (work->queue)
		dequeue(work);
	if (rec.last == work)
		rec.last = NULL;
	EVENT_OFF(work->t_new);
	netstack_limit_forget(stack);
	netstack_zebra_forget(stack);
	netstack_leak_forget(stack);
	stack->work = NULL;
	XFREE(MTYPE_NETSTACK_WORK, work);
}

static const struct netstack_desired_hooks desired_hooks = {
	.created = on_created,
	.changed = on_changed,
	.route_changed = on_route_changed,
	.freeing = on_freeing,
};

/* ------------------------------------------------------------------------------------------
 * Reading the configuration
 */

/* When both are known, the configuration and what stacks are. */
static void take_stock(void)
{
	if (!rec.config_read || !rec.backend_known || rec.stock_taken)
		return;
	rec.stock_taken = true;
	netstack_reconcile_find_leftovers();
}

void netstack_set_backend(enum netstack_backend backend)
{
	if (rec.backend_known && rec.backend != backend) {
		zlog_notice("zebra's -w has changed: starting again");
		raise(SIGTERM); /* watchfrr starts us */
		return;
	}
	if (rec.backend_known)
		return;
	rec.backend_known = true;
	if (rec.backend != backend)
		netstack_state_changed();
	rec.backend = backend;
	if (backend == NETSTACK_BACKEND_VRF)
		netstack_kernel_load_vrf();
	else
		netstack_reconcile_watch_namespaces(rec.loop);
	take_stock();
	netstack_mark_all_dirty();
	schedule();
}

void netstack_remember_backend(enum netstack_backend backend)
{
	rec.backend = backend;
}

static void config_read(struct event *event)
{
	EVENT_OFF(rec.t_config);
	rec.reading_config = false;
	if (!rec.config_read) {
		rec.config_read = true;
		take_stock();
		netstack_zebra_config_read();
		netstack_mark_all_dirty();
	}
	if (dirty_total())
		schedule();
}

static void config_starts(void)
{
	rec.reading_config = true;
	EVENT_OFF(rec.t_run);
	event_add_timer(rec.loop, config_read, NULL, CONFIG_READ_MAX, &rec.t_config);
}

static void config_ends(void)
{
	config_read(NULL);
}

/*
 * A file of netstackd's own (-f, or no integrated configuration) that has stacks: that was the
 * configuration.  Without stacks it may still come from vtysh.
 */
static int own_config_read(struct event_loop *loop)
{
	struct netstack *stack;

	frr_each (netstacks, &netstacks, stack) {
		if (stack->configured && !stack->is_default) {
			config_read(NULL);
			break;
		}
	}
	return 0;
}

void netstack_reconcile_init(struct event_loop *loop)
{
	rec.loop = loop;
	netstack_limit_init(loop);
	netstack_reconcile_stack_init(loop);
	dirty_list_init(rec.first);
	dirty_list_init(rec.current);
	dirty_list_init(rec.dirty); /* INIT_LIST() is broken: doc/developer/upstream.md */
	rec.obs = netstack_observed_new();
	netstack_desired_init(&desired_hooks);
	cmd_init_config_callbacks(config_starts, config_ends);
	hook_register(frr_config_post, own_config_read);
}

int netstack_reconcile_start(void)
{
	int error = netstack_kernel_init(rec.loop, rec.obs, &netstack_reconcile_kernel_hooks);

	if (!error)
		netstack_state_load();
	return error;
}

void netstack_reconcile_terminate(void)
{
	EVENT_OFF(rec.t_run);
	EVENT_OFF(rec.t_config);
	netstack_kernel_finish();
	netstack_ops_fini(&rec.ops);
	netstack_state_save();
	netstack_limit_terminate();
	netstack_desired_terminate();
	netstack_table_terminate();
	netstack_original_terminate();
	netstack_reconcile_unwatch_namespaces();
	netstack_kernel_terminate();
	netstack_observed_free(rec.obs);
	rec.obs = NULL;
	netstack_place_terminate();
}
