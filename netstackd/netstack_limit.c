// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Limits of what a stack can take: says when they are reached, and holds neighbours at them.
 *
 * A change of what a stack has queues it, and one event later what is queued is looked at: however
 * many messages of the kernel were read meanwhile, it is one look, which costs as much as the stack
 * has interfaces.  A stack with too many neighbours is trimmed at once.  Each time the kernel has to
 * be asked for all of them: as long as that goes on, half of the time is for it, and half for others.
 * What counts is the time of the processor: where somebody who floods a stack takes that from us, a trim
 * takes long, and to wait as long would leave the stack to the flood.
 */

#include <zebra.h>

#include "frrevent.h"
#include "lib/darr.h"
#include "log.h"
#include "monotime.h"
#include "typesafe.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_errors.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_limit.h"
#include "netstackd/netstack_nb.h"
#include "netstackd/netstack_neigh_table.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_table.h"
#include "netstackd/netstack_zebra.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_LIMITER, "Limits of a stack");

/* Milliseconds from one trim of a stack to the next, at least; and if nothing could go. */
#define TRIM_MSEC	20
#define TRIM_STUCK_MSEC 250

PREDECL_DLIST(limiter_queue);

struct netstack_limiter {
	struct limiter_queue_item item;
	struct netstack *stack;
	bool queued;
	struct {
		enum netstack_limit_level level;
		uint32_t max;		    /* of the last look; 0: none */
		struct netstack_limit told; /* the one that was said to be reached */
	} limits[NETSTACK_LIMITS];
	struct event *t_trim;
	struct timeval trimmed_at; /* monotonic, the end of the last trim; 0: never */
	int64_t trim_msec;	   /* of the processor that it took */
	bool stuck;		   /* nothing could go the last time */
};

DECLARE_DLIST(limiter_queue, struct netstack_limiter, item);

static struct event_loop *loop;
static struct event *t_look;
static struct limiter_queue_head queue[1];

/* ------------------------------------------------------------------------------------------
 * Use and limit
 */

uint32_t netstack_limit_use(const struct netstack *stack, enum netstack_limit_kind kind)
{
	return kind == NETSTACK_LIMIT_ROUTES ? netstack_status_route_count(stack)
					     : netstack_status_neighbor_count(stack);
}

uint32_t netstack_limit_enforced(const struct netstack *stack, enum netstack_limit_kind kind)
{
	const struct netstack_limit *limit = &stack->limits[kind];

	return limit->warning_only ? 0 : limit->max;
}

bool netstack_check_limit(const struct netstack *stack, enum netstack_limit_kind kind, uint32_t max,
			  char *errmsg, size_t len)
{
	const char *what = netstack_limit_name(kind);
	uint32_t use = netstack_limit_use(stack, kind);

	if (use <= max || netstack_limit_enforced(stack, kind) == max)
		return true;
	snprintf(errmsg, len,
		 "netstack %s has %u %s: limit %s %u is below that; warning-only would report it",
		 stack->name, use, what, what, max);
	return false;
}

/* ------------------------------------------------------------------------------------------
 * Saying it
 */

/* What comes of a limit that is reached. */
static const char *consequence(enum netstack_limit_kind kind, bool warning_only)
{
	if (warning_only)
		return "warning-only";
	return kind == NETSTACK_LIMIT_ROUTES ? "further routes of its configuration wait"
					     : "the oldest are removed";
}

static void tell_reached(const struct netstack *stack, enum netstack_limit_kind kind, uint32_t use)
{
	const struct netstack_limit *limit = &stack->limits[kind];
	const char *reason = consequence(kind, limit->warning_only);

	flog_warn(EC_NETSTACK_LIMIT, "netstack %s: the limit of %u %s is reached, it has %u: %s",
		  stack->name, limit->max, netstack_limit_name(kind), use, reason);
	netstack_nb_notify_limit(stack, kind, "limit-reached", use, reason);
}

static void tell_nearly_reached(const struct netstack *stack, enum netstack_limit_kind kind,
				uint32_t use)
{
	flog_warn(EC_NETSTACK_LIMIT, "netstack %s: the limit of %u %s is nearly reached, it has %u",
		  stack->name, stack->limits[kind].max, netstack_limit_name(kind), use);
}

/* `former`: the limit as it was; `was_reached`, and not only nearly */
static void tell_cleared(const struct netstack *stack, enum netstack_limit_kind kind,
			 uint32_t former, bool was_reached, uint32_t use)
{
	const char *what = netstack_limit_name(kind);
	uint32_t max = stack->limits[kind].max;
	char reason[96];

	if (max)
		snprintf(reason, sizeof(reason), "it has %u %s, the limit is %u", use, what, max);
	else
		snprintf(reason, sizeof(reason), "the limit of %u %s is removed", former, what);
	zlog_notice("netstack %s: cleared: %s", stack->name, reason);
	if (was_reached)
		netstack_nb_notify_limit(stack, kind, "limit-cleared", use, reason);
}

/* Is it this limit, with what comes of it, that was said to be reached? */
static bool is_told(const struct netstack_limiter *limiter, enum netstack_limit_kind kind)
{
	const struct netstack_limit *limit = &limiter->stack->limits[kind];
	const struct netstack_limit *told = &limiter->limits[kind].told;

	return limit->max == told->max && limit->warning_only == told->warning_only;
}

/* Says what has changed since the last look. */
static void look_at_limit(struct netstack_limiter *limiter, enum netstack_limit_kind kind)
{
	const struct netstack *stack = limiter->stack;
	uint32_t use = netstack_limit_use(stack, kind), max = stack->limits[kind].max;
	enum netstack_limit_level former = limiter->limits[kind].level;
	enum netstack_limit_level level = netstack_limit_next_level(former, use, max);

	if (max != limiter->limits[kind].max && kind == NETSTACK_LIMIT_NEIGHBORS)
		netstack_neigh_table_look_soon();
	if (level == NETSTACK_LIMIT_REACHED &&
	    (level > former || (use >= max && !is_told(limiter, kind)))) {
		tell_reached(stack, kind, use);
		limiter->limits[kind].told = stack->limits[kind];
	} else if (level > former) {
		tell_nearly_reached(stack, kind, use);
	} else if (level < former) {
		tell_cleared(stack, kind, limiter->limits[kind].max,
			     former == NETSTACK_LIMIT_REACHED, use);
	}
	limiter->limits[kind].level = level;
	limiter->limits[kind].max = max;
}

/* ------------------------------------------------------------------------------------------
 * Holding neighbours at the limit
 */

static int address_cmp(const void *a, const void *b)
{
	return ipaddr_cmp(a, b);
}

/* The next hops of all routes that the stack has, whoever put them there: a sorted darr. */
static struct ipaddr *gateways_in_use(const struct netstack *stack)
{
	const struct netstack_fib_table *table = netstack_place_fib(stack);
	const struct netstack_fib_route *route;
	struct ipaddr *gates = NULL;

	if (!table)
		return NULL;
	frr_each (netstack_fib_routes_const, &table->routes, route) {
		uint16_t count = MIN(route->nexthop_count, NETSTACK_FIB_NEXTHOPS_KEPT);

		for (uint16_t i = 0; i < count; i++) {
			const struct ipaddr *gate = &route->nexthops[i].gate;

			/* one after the other they are mostly the same */
			if (!IS_IPADDR_NONE(gate) && (!gates || ipaddr_cmp(darr_last(gates), gate)))
				*darr_append(gates) = *gate;
		}
	}
	if (gates)
		qsort(gates, darr_len(gates), sizeof(gates[0]), address_cmp);
	return gates;
}

static bool is_gateway_in_use(const struct ipaddr *address, const void *arg)
{
	const struct ipaddr *gates = arg;

	return gates && bsearch(address, gates, darr_len(gates), sizeof(gates[0]), address_cmp);
}

static void trim_soon(struct netstack_limiter *limiter);

/* Milliseconds of the processor that this thread has had, clock_gettime(2). */
static int64_t processor_msec(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

static void trim(struct event *event)
{
	struct netstack_limiter *limiter = EVENT_ARG(event);
	struct netstack *stack = limiter->stack;
	uint32_t max = netstack_limit_enforced(stack, NETSTACK_LIMIT_NEIGHBORS);
	struct ipaddr *gates;
	unsigned int removed;
	int64_t start;

	if (!max || netstack_limit_use(stack, NETSTACK_LIMIT_NEIGHBORS) <= max)
		return;
	start = processor_msec();
	gates = gateways_in_use(stack);
	removed = netstack_kernel_trim_neighbors(stack, max, is_gateway_in_use, gates);
	darr_free(gates);
	limiter->trim_msec = processor_msec() - start;
	monotime(&limiter->trimmed_at);
	/* else the kernel has dropped some by itself, and now we know */
	limiter->stuck = !removed && netstack_limit_use(stack, NETSTACK_LIMIT_NEIGHBORS) > max;
	DEBUGD(&netstack_dbg_kernel,
	       "netstack %s: %u neighbors removed in %" PRId64 " ms, the limit is %u", stack->name,
	       removed, limiter->trim_msec, max);
	trim_soon(limiter);
}

/* If there are too many. */
static void trim_soon(struct netstack_limiter *limiter)
{
	uint32_t max = netstack_limit_enforced(limiter->stack, NETSTACK_LIMIT_NEIGHBORS);
	int64_t interval = limiter->stuck ? TRIM_STUCK_MSEC : MAX(TRIM_MSEC, limiter->trim_msec);
	int64_t age = monotime_since(&limiter->trimmed_at, NULL) / 1000;

	if (!max || netstack_limit_use(limiter->stack, NETSTACK_LIMIT_NEIGHBORS) <= max)
		return;
	event_add_timer_msec(loop, trim, limiter, age < interval ? interval - age : 0,
			     &limiter->t_trim);
}

/* ------------------------------------------------------------------------------------------
 * When
 */

static void look_at(struct netstack_limiter *limiter)
{
	for (enum netstack_limit_kind kind = 0; kind < NETSTACK_LIMITS; kind++)
		look_at_limit(limiter, kind);
	trim_soon(limiter);
}

static void look(struct event *event)
{
	struct netstack_limiter *limiter;

	while ((limiter = limiter_queue_pop(queue))) {
		limiter->queued = false;
		look_at(limiter);
	}
}

void netstack_limit_look_soon(struct netstack *stack)
{
	struct netstack_limiter *limiter = stack->limiter;

	if (!limiter) {
		if (!stack->limits[NETSTACK_LIMIT_ROUTES].max &&
		    !stack->limits[NETSTACK_LIMIT_NEIGHBORS].max)
			return;
		limiter = XCALLOC(MTYPE_NETSTACK_LIMITER, sizeof(*limiter));
		limiter->stack = stack;
		stack->limiter = limiter;
	}
	if (limiter->queued)
		return;
	limiter->queued = true;
	limiter_queue_add_tail(queue, limiter);
	if (!t_look)
		event_add_event(loop, look, NULL, 0, &t_look);
}

/* Whose link it is, in the daemon's own namespace; NULL: nobody's. */
static struct netstack *stack_of_link(int ifindex)
{
	const struct netstack_observed *obs = netstack_observed();
	const struct netstack_link *link = netstack_link_by_index(obs, ifindex);
	const struct netstack_link *master;

	if (!link)
		return NULL;
	master = link->master ? netstack_link_by_index(obs, link->master) : NULL;
	if (!master || !master->vrf_table)
		return netstack_find(NETSTACK_DEFAULT_NAME);
	return netstack_table_owner(master->vrf_table);
}

void netstack_limit_neighbors_changed(struct netstack *inside, int ifindex)
{
	struct netstack *stack = inside ? inside : stack_of_link(ifindex);

	netstack_neigh_table_look_soon();
	if (stack)
		netstack_limit_look_soon(stack);
}

void netstack_limit_forget(struct netstack *stack)
{
	struct netstack_limiter *limiter = stack->limiter;

	if (!limiter)
		return;
	if (limiter->queued)
		limiter_queue_del(queue, limiter);
	EVENT_OFF(limiter->t_trim);
	XFREE(MTYPE_NETSTACK_LIMITER, stack->limiter);
}

void netstack_limit_init(struct event_loop *event_loop)
{
	loop = event_loop;
	limiter_queue_init(queue);
	netstack_neigh_table_init(loop);
}

void netstack_limit_terminate(void)
{
	EVENT_OFF(t_look);
	netstack_neigh_table_terminate();
}

/* ------------------------------------------------------------------------------------------
 * Showing
 */

static void view_routes(const struct netstack *stack, struct netstack_limit_view *view)
{
	unsigned int configured, leaked;

	netstack_zebra_waiting(stack, &configured, &leaked);
	if (configured && leaked)
		snprintf(view->reason, sizeof(view->reason),
			 "%u of the configured and %u of the leaked routes wait for room",
			 configured, leaked);
	else if (configured || leaked)
		snprintf(view->reason, sizeof(view->reason), "%u of the %s routes %s for room",
			 configured + leaked, configured ? "configured" : "leaked",
			 configured + leaked == 1 ? "waits" : "wait");
	else if (view->use > view->in_force)
		strlcpy(view->reason, "routes of others, and those from before, are not removed",
			sizeof(view->reason));
}

static void view_neighbors(const struct netstack *stack, struct netstack_limit_view *view)
{
	uint32_t size = netstack_neigh_table_size();

	if (size && size < view->requested) {
		view->in_force = size;
		strlcpy(view->reason,
			"the kernel's table for all stacks is smaller (neigh.default.gc_thresh3)",
			sizeof(view->reason));
	} else if (stack->limiter && stack->limiter->stuck && view->use > view->in_force) {
		strlcpy(view->reason,
			"those that are permanent, of others or gateways in use are not removed",
			sizeof(view->reason));
	}
}

void netstack_limit_figures(const struct netstack *stack, enum netstack_limit_kind kind,
			    struct netstack_limit_view *view)
{
	const struct netstack_limit *limit = &stack->limits[kind];

	*view = (struct netstack_limit_view){
		.requested = limit->max,
		.in_force = limit->max,
		.warning_only = limit->warning_only,
		.use = netstack_limit_use(stack, kind),
		.level = stack->limiter ? stack->limiter->limits[kind].level : NETSTACK_LIMIT_OK,
	};
	if (!limit->max)
		return;
	if (!netstack_place_exists(stack)) {
		view->in_force = 0;
		strlcpy(view->reason, "the stack does not exist yet", sizeof(view->reason));
	} else if (!limit->warning_only && kind == NETSTACK_LIMIT_NEIGHBORS) {
		view_neighbors(stack, view);
	}
}

void netstack_limit_view(const struct netstack *stack, enum netstack_limit_kind kind,
			 struct netstack_limit_view *view)
{
	netstack_limit_figures(stack, kind, view);
	if (view->in_force && !view->warning_only && kind == NETSTACK_LIMIT_ROUTES)
		view_routes(stack, view);
}
