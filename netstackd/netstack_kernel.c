// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Executes operations.
 *
 * A list of operations is one batch of requests for each namespace, cut only where a sysctl is to be
 * written between them.  What the kernel leaves to be done by hand is done around the batch:
 *
 *   - IFLA_IFALIAS is ignored when a link is created, so the alias follows in a second batch, for
 *     the links that were created: by name alone a link that is not ours could get it.
 *   - A link that goes down loses its IPv6 addresses (addrconf_ifdown()), and so does one that
 *     changes its VRF, up or down (addrconf_notify(), NETDEV_CHANGEUPPER), unless
 *     keep_addr_on_down is set, which it is for that moment.  Those that are lost nevertheless are
 *     added again.
 *   - There is no notification of disable_ipv6, nor of the alias of a link that is down: the
 *     link is asked for.
 *   - The vrf module, and with it strict_mode, may come with the first VRF device.
 *
 * To delete a link takes the kernel some 20 ms, to take one down 5, in which a gateway can fail: batches
 * that do are sent by threads, one for each namespace, and what comes after them goes on when all of that
 * is done (netstack_background.h).  So are namespaces made and removed, those that follow one another by
 * one.
 */

#include <zebra.h>

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "lib_errors.h"
#include "memory.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_background.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_errors.h"
#include "netstackd/netstack_events.h"
#include "netstackd/netstack_kernel_impl.h"
#include "netstackd/netstack_netns.h"
#include "netstackd/netstack_sysctl.h"

DEFINE_MTYPE_STATIC(NETSTACKD, EXECUTION, "Execution of operations");
DEFINE_MTYPE_STATIC(NETSTACKD, NAMESPACE, "Network namespace");

#define REQUESTS_RCVBUF_BYTES (4 * 1024 * 1024)

struct netstack_kernel netstack_kernel_outside = { .netns = -1, .requests.fd = -1 };

#define outside (&netstack_kernel_outside)

static struct event_loop *loop;
static const struct netstack_kernel_hooks *hooks;
static struct netstack_kernel_stats stats; /* of all namespaces */

struct netstack_kernel *netstack_kernel_of(const struct netstack_op *op)
{
	return op->inside ? op->stack->inside : outside;
}

/* --- start and stop ------------------------------------------------------------------------ */

/*
 * The vrf module is loaded by the first request for a link of that kind.  One without a table is
 * refused, so that nothing comes of it but the module.
 */
void netstack_kernel_load_vrf(void)
{
	struct netstack_nl_batch batch = {};
	struct netstack_op op = {
		.type = NETSTACK_OP_LINK_CREATE,
		.name = "netstack-probe",
		.kind = "vrf",
		.table = RT_TABLE_UNSPEC,
	};

	if (outside->obs->has_vrf)
		return;
	netstack_nl_encode(&batch, &op);
	netstack_nl_batch_send(&outside->requests, &batch);
	netstack_nl_batch_fini(&batch);
	netstack_events_reread_sysctls(outside->events);
	if (!outside->obs->has_vrf)
		flog_warn(EC_NETSTACK_KERNEL_NO_VRF, "This kernel has no VRF devices");
}

/* Sockets, a dump, and from then on the kernel's events; 0 or a positive errno, after logging. */
static int kernel_start(struct netstack_kernel *k)
{
	struct netstack_events_setup setup = {
		.loop = loop,
		.obs = k->obs,
		.hooks = hooks,
		.requests = &k->requests,
		.stats = &stats,
		.stack = k->stack,
		.netns = k->netns,
	};
	int error = netstack_nl_open(&k->requests, REQUESTS_RCVBUF_BYTES, NULL, 0, k->netns);

	if (error)
		flog_err(EC_NETSTACK_KERNEL_SOCKET, "Opening a netlink socket: %s",
			 safe_strerror(error));
	else
		k->events = netstack_events_start(&setup, &error);
	if (error)
		netstack_nl_close(&k->requests);
	return error;
}

static void kernel_stop(struct netstack_kernel *k)
{
	if (k->events)
		netstack_events_stop(k->events);
	k->events = NULL;
	netstack_nl_close(&k->requests);
}

int netstack_kernel_init(struct event_loop *event_loop, struct netstack_observed *obs,
			 const struct netstack_kernel_hooks *kernel_hooks)
{
	loop = event_loop;
	hooks = kernel_hooks;
	outside->obs = obs;
	return kernel_start(outside);
}

void netstack_kernel_terminate(void)
{
	kernel_stop(outside);
	outside->obs = NULL;
}

int netstack_kernel_open(struct netstack *stack, const char *name, int netns)
{
	struct netstack_kernel *k = XCALLOC(MTYPE_NAMESPACE, sizeof(*k));
	int error;

	k->stack = stack;
	k->netns = netns;
	strlcpy(k->name, name, sizeof(k->name));
	k->obs = netstack_observed_new();
	stack->inside = k;
	error = kernel_start(k);
	if (error)
		netstack_kernel_forget_namespace(stack);
	else
		netstack_events_watch_table(k->events, RT_TABLE_MAIN);
	return error;
}

void netstack_kernel_forget_namespace(struct netstack *stack)
{
	struct netstack_kernel *k = stack->inside;

	kernel_stop(k);
	close(k->netns);
	netstack_observed_free(k->obs);
	XFREE(MTYPE_NAMESPACE, stack->inside);
}

void netstack_kernel_drain(void)
{
	if (!outside->events)
		return;
	netstack_events_drain(outside->events);
	netstack_events_follow_sysctls(outside->events);
}

void netstack_kernel_drain_inside(struct netstack *stack)
{
	if (stack->inside)
		netstack_events_drain(stack->inside->events);
}

const struct netstack_kernel_stats *netstack_kernel_stats(void)
{
	return &stats;
}

/* --- results ------------------------------------------------------------------------------- */

void netstack_kernel_op_fail(struct netstack_op *op, int error, const char *words)
{
	op->error = error;
	strlcpy(op->errmsg, words, sizeof(op->errmsg));
}

static void op_succeed(struct netstack_op *op)
{
	op->error = 0;
	op->errmsg[0] = '\0';
}

static bool is_delete(const struct netstack_op *op)
{
	switch (op->type) {
	case NETSTACK_OP_LINK_DELETE:
	case NETSTACK_OP_ADDRESS_DELETE:
	case NETSTACK_OP_NEIGHBOR_DELETE:
	case NETSTACK_OP_UNREACHABLE_DELETE:
	case NETSTACK_OP_LINK_MOVE: /* what is gone need not be moved */
		return true;
	case NETSTACK_OP_LINK_MASTER:
		return !op->master;
	default:
		return false;
	}
}

/* What a delete fails with when there is nothing to delete. */
static bool means_gone(int error)
{
	return error == ENODEV || error == ENOENT || error == ESRCH || error == EADDRNOTAVAIL;
}

static bool same_link(const struct netstack_kernel *k, const struct netstack_op *op)
{
	const struct netstack_link *link = netstack_link_by_name(k->obs, op->name);

	return link && strcmp(link->kind, op->kind) == 0 && strcmp(link->alias, op->alias) == 0 &&
	       link->vrf_table == op->table && link->vlan_id == op->vlan_id &&
	       (!op->parent || link->parent == op->parent);
}

static bool same_address(const struct netstack_kernel *k, const struct netstack_op *op)
{
	const struct netstack_link *link = netstack_link_by_index(k->obs, op->ifindex);

	return link && netstack_link_address_find(link, &op->prefix);
}

static bool same_unreachable(const struct netstack_kernel *k, const struct netstack_op *op)
{
	const struct netstack_fib_table *fib = netstack_fib_table_find(k->obs, op->table);
	const struct netstack_prefix any = { .family = op->family };
	const struct netstack_fib_route *route;

	if (!fib)
		return false;
	netstack_each_route_to (fib, &any, route)
		if (route->metric == NETSTACK_UNREACHABLE_METRIC && route->type == RTN_UNREACHABLE)
			return true;
	return false;
}

/* EEXIST of an add: is that which exists the same?  Observed is up to date. */
static bool exists_same(const struct netstack_kernel *k, const struct netstack_op *op)
{
	switch (op->type) {
	case NETSTACK_OP_LINK_CREATE:
		return same_link(k, op);
	case NETSTACK_OP_ADDRESS_ADD:
		return same_address(k, op);
	case NETSTACK_OP_UNREACHABLE_ADD:
		return same_unreachable(k, op);
	default:
		return false;
	}
}

/* --- execution ----------------------------------------------------------------------------- */

/* Requests to one namespace. */
struct namespace_batch {
	struct execution *ex;
	struct netstack_kernel *k;
	struct netstack_nl_batch requests;
	size_t first;				/* of them, in ex->request_op */
	struct netstack_background *background; /* that they are on their way by */
};

/* A list of operations on its way. */
struct execution {
	struct netstack_op *ops;
	size_t count;
	size_t next; /* the first that is neither done nor in a batch */
	struct namespace_batch *batches;
	size_t batch_count;
	size_t on_their_way; /* of the batches */
	size_t *request_op;  /* for each request of the batches, the operation that it is of */
	size_t request_count;
	struct netstack_netns_work *work;      /* namespaces that are being made and removed */
	struct netstack_background *work_done; /* by this */
	struct netstack_moves *moves;
	struct netstack_kept *kept;
	void (*done)(void); /* NULL: the caller waits */
};

/*
 * A VLAN or a macvlan has no larger MTU than its parent, and of that the kernel only says that the number is
 * out of range, or invalid.
 */
static void explain_mtu(const struct netstack_kernel *k, struct netstack_op *op)
{
	const struct netstack_link *link = netstack_link_by_index(k->obs, op->ifindex), *parent;
	size_t said = strlen(op->errmsg);

	if (op->type != NETSTACK_OP_LINK_MTU || (op->error != ERANGE && op->error != EINVAL) ||
	    !link || (strcmp(link->kind, "vlan") && strcmp(link->kind, "macvlan")))
		return;
	parent = netstack_link_parent(k->obs, outside->obs, link);
	if (parent && parent->mtu < op->mtu)
		snprintf(op->errmsg + said, sizeof(op->errmsg) - said,
			 "; its parent %s has no more than %u", parent->name, parent->mtu);
}

/* The batch that a request to this namespace joins: the last one, or a new one. */
static struct netstack_nl_batch *batch_for(struct execution *ex, struct netstack_kernel *k)
{
	struct namespace_batch *batch;

	if (ex->batch_count && ex->batches[ex->batch_count - 1].k == k)
		return &ex->batches[ex->batch_count - 1].requests;
	ex->batches = XREALLOC(MTYPE_EXECUTION, ex->batches,
			       (ex->batch_count + 1) * sizeof(ex->batches[0]));
	batch = &ex->batches[ex->batch_count++];
	*batch = (struct namespace_batch){ .ex = ex, .k = k, .first = ex->request_count };
	return &batch->requests;
}

static void batch_results(const struct namespace_batch *batch)
{
	const struct execution *ex = batch->ex;

	for (size_t i = 0; i < batch->requests.count; i++) {
		const struct netstack_nl_result *result = &batch->requests.results[i];
		struct netstack_op *op = &ex->ops[ex->request_op[batch->first + i]];

		if (!result->error)
			continue;
		netstack_kernel_op_fail(op, result->error, result->errmsg);
		explain_mtu(batch->k, op);
	}
}

/* The batches are back: writes their results into the operations. */
static void batches_end(struct execution *ex)
{
	for (size_t i = 0; i < ex->batch_count; i++) {
		batch_results(&ex->batches[i]);
		netstack_nl_batch_fini(&ex->batches[i].requests);
	}
	ex->batch_count = 0;
	ex->request_count = 0;
}

/* The kernel waits until nobody uses the link any more as it was (synchronize_net()). */
static bool takes_long(const struct netstack_op *op)
{
	return op->type == NETSTACK_OP_LINK_DELETE || op->type == NETSTACK_OP_LINK_DOWN ||
	       op->type == NETSTACK_OP_LINK_MASTER || op->type == NETSTACK_OP_LINK_MOVE;
}

static bool batches_take_long(const struct execution *ex)
{
	for (size_t i = 0; i < ex->request_count; i++)
		if (takes_long(&ex->ops[ex->request_op[i]]))
			return true;
	return false;
}

static void batch_sent(void *arg);

static void batch_send(struct namespace_batch *batch, bool background)
{
	struct execution *ex = batch->ex;

	if (background)
		batch->background = netstack_background_send(loop, batch->k->netns,
							     &batch->requests, batch_sent, batch);
	if (batch->background)
		ex->on_their_way++;
	else
		netstack_nl_batch_send(&batch->k->requests, &batch->requests);
}

/*
 * Sends what has been encoded so far, and writes the results into the operations.  False: it is on
 * its way, and it will go on when all of it is back.
 *
 * While the kernel waits in one namespace it can wait in others: it does most of that without the
 * rtnl lock, for grace periods that all of them have in common (rcu_barrier() in netdev_run_todo()).
 */
static bool batches_flush(struct execution *ex)
{
	bool background = ex->done && batches_take_long(ex);

	for (size_t i = 0; i < ex->batch_count; i++)
		batch_send(&ex->batches[i], background);
	if (ex->on_their_way)
		return false;
	batches_end(ex);
	return true;
}

static int sysctl_write(const struct netstack_op *op)
{
	switch (op->type) {
	case NETSTACK_OP_STRICT_MODE:
		return netstack_sysctl_write(NETSTACK_SYSCTL_STRICT_MODE, 1);
	case NETSTACK_OP_FORWARDING:
		return netstack_sysctl_write(op->family == AF_INET
						     ? NETSTACK_SYSCTL_FORWARDING_IPV4
						     : NETSTACK_SYSCTL_FORWARDING_IPV6,
					     op->enable);
	default: /* NETSTACK_OP_IPV6 */
		return netstack_sysctl_ipv6_write(op->name, "disable_ipv6", !op->enable);
	}
}

static void sysctl_execute(struct netstack_op *op)
{
	int netns = op->inside ? op->stack->inside->netns : -1;
	int error = netstack_netns_enter(netns);

	if (!error) {
		error = sysctl_write(op);
		netstack_netns_leave(netns);
	}
	if (error == ENOENT && op->type == NETSTACK_OP_IPV6)
		netstack_kernel_op_fail(
			op, error, "The link has no IPv6 (its MTU is below 1280, or it is gone)");
	else if (error)
		netstack_kernel_op_fail(op, error, safe_strerror(error));
}

/* A link is made from where its parent is, and moved from where it is. */
static struct netstack_kernel *sender_of(const struct netstack_op *op)
{
	return op->type == NETSTACK_OP_LINK_CREATE ? outside : netstack_kernel_of(op);
}

/* Where the link of the operation is to be, for those that say so: an open namespace by now. */
static void set_destination(struct netstack_op *op)
{
	if (op->type == NETSTACK_OP_LINK_CREATE)
		op->netns = op->inside ? op->stack->inside->netns : 0;
	else if (op->type == NETSTACK_OP_LINK_MOVE)
		op->netns = op->inside ? netstack_netns_home() : op->stack->inside->netns;
}

static bool is_sysctl_op(const struct netstack_op *op)
{
	return op->type == NETSTACK_OP_STRICT_MODE || op->type == NETSTACK_OP_FORWARDING ||
	       op->type == NETSTACK_OP_IPV6;
}

static bool has_batch(const struct execution *ex, const struct netstack_kernel *k)
{
	for (size_t i = 0; i < ex->batch_count; i++)
		if (ex->batches[i].k == k)
			return true;
	return false;
}

/*
 * Can the operation be executed, or join the batches, before they are sent?  Those of namespaces of
 * stacks have nothing to do with each other.
 */
static bool goes_along(const struct execution *ex, const struct netstack_op *op)
{
	const struct netstack_kernel *last, *k = sender_of(op);

	if (!ex->batch_count)
		return true;
	if (netstack_kernel_is_netns_op(op) || is_sysctl_op(op))
		return false;
	last = ex->batches[ex->batch_count - 1].k;
	return k == last || (k != outside && last != outside && !has_batch(ex, k));
}

static void execute_one(struct execution *ex, size_t i)
{
	struct netstack_op *op = &ex->ops[i];

	op_succeed(op);
	if (netstack_kernel_is_netns_op(op)) {
		netstack_kernel_netns_execute(op);
		return;
	}
	if (!netstack_kernel_of(op) || (op->type == NETSTACK_OP_LINK_MOVE && !op->stack->inside)) {
		netstack_kernel_op_fail(op, ENODEV, "The stack has no network namespace");
		return;
	}
	if (is_sysctl_op(op)) {
		sysctl_execute(op);
		return;
	}
	set_destination(op);
	netstack_nl_encode(batch_for(ex, sender_of(op)), op);
	ex->request_op[ex->request_count++] = i;
}

static void work_end(struct execution *ex)
{
	ex->work_done = NULL;
	netstack_kernel_netns_work_end(ex->work);
	ex->work = NULL;
}

static void work_done(void *arg);

/* The next operation and those after it that make and remove namespaces; false: they are under way. */
static bool work(struct execution *ex)
{
	struct netstack_op *first = &ex->ops[ex->next];
	size_t count = 0;

	while (ex->next < ex->count && netstack_kernel_netns_is_slow(&ex->ops[ex->next])) {
		op_succeed(&ex->ops[ex->next++]);
		count++;
	}
	ex->work = netstack_kernel_netns_work_new(first, count);
	ex->work_done =
		netstack_background_call(loop, netstack_kernel_netns_work, work_done, ex->work);
	if (ex->work_done && ex->done)
		return false;
	if (ex->work_done)
		netstack_background_wait(ex->work_done);
	else
		netstack_kernel_netns_work_fail(ex->work, errno);
	work_end(ex);
	return true;
}

/* Executes what is left; false: it will go on later. */
static bool execute_all(struct execution *ex)
{
	while (ex->next < ex->count) {
		if (!goes_along(ex, &ex->ops[ex->next]) && !batches_flush(ex))
			return false;
		if (!netstack_kernel_netns_is_slow(&ex->ops[ex->next]))
			execute_one(ex, ex->next++);
		else if (!work(ex))
			return false;
	}
	return batches_flush(ex);
}

/* --- what follows the batch ----------------------------------------------------------------- */

static void set_aliases(struct execution *ex)
{
	for (size_t i = 0; i < ex->count; i++) {
		const struct netstack_op *op = &ex->ops[i];

		if (op->type != NETSTACK_OP_LINK_CREATE || op->error || !op->alias[0])
			continue;
		netstack_nl_encode_alias(batch_for(ex, netstack_kernel_of(op)), op->name,
					 op->alias);
		ex->request_op[ex->request_count++] = i;
	}
	batches_flush(ex);
}

/* The link whose change no notification tells, or not all of it; 0: none. */
static int untold_link(const struct netstack_kernel *k, const struct netstack_op *op)
{
	const struct netstack_link *link;

	switch (op->type) {
	case NETSTACK_OP_IPV6:
	case NETSTACK_OP_LINK_MTU: /* below 1280 IPv6 goes, after the notification */
		return op->ifindex;
	case NETSTACK_OP_LINK_CREATE:
		link = netstack_link_by_name(k->obs, op->name);
		return link && op->alias[0] && !op->error ? link->ifindex : 0;
	default:
		return 0;
	}
}

/* Those of one namespace, of the operations from `*next` on, which moves to the first that is not. */
static void reread_some(struct execution *ex, size_t *next, int *ifindex)
{
	struct netstack_kernel *k = netstack_kernel_of(&ex->ops[*next]);
	size_t count = 0;

	for (; *next < ex->count && netstack_kernel_of(&ex->ops[*next]) == k; (*next)++) {
		if (!k)
			continue;
		ifindex[count] = untold_link(k, &ex->ops[*next]);
		count += ifindex[count] != 0;
	}
	if (count)
		netstack_events_reread_links(k->events, ifindex, count);
}

static void reread(struct execution *ex)
{
	int *ifindex = XCALLOC(MTYPE_EXECUTION, ex->count * sizeof(ifindex[0]));
	bool sysctls = false;

	for (size_t next = 0; next < ex->count;)
		reread_some(ex, &next, ifindex);
	for (size_t i = 0; i < ex->count && !sysctls; i++)
		sysctls = ex->ops[i].type == NETSTACK_OP_STRICT_MODE ||
			  (ex->ops[i].type == NETSTACK_OP_LINK_CREATE && !outside->obs->has_vrf);
	if (sysctls)
		netstack_events_reread_sysctls(outside->events);
	XFREE(MTYPE_EXECUTION, ifindex);
}

/*
 * An IPv6 address without duplicate address detection is announced from a work queue, some time
 * after the ACK: the kernel is asked for it.  It may be gone again by then.
 */
void netstack_kernel_read_unannounced(struct netstack_kernel *k, int ifindex,
				      const struct netstack_prefix *prefix)
{
	const struct netstack_link *link = netstack_link_by_index(k->obs, ifindex);

	if (prefix->family == AF_INET6 && link && !netstack_link_address_find(link, prefix))
		netstack_events_read_address(k->events, ifindex, prefix);
}

static void read_unannounced(struct execution *ex)
{
	for (size_t i = 0; i < ex->count; i++) {
		const struct netstack_op *op = &ex->ops[i];
		struct netstack_kernel *k = netstack_kernel_of(op);

		if (op->type == NETSTACK_OP_ADDRESS_ADD && op->nodad && !op->error && k)
			netstack_kernel_read_unannounced(k, op->ifindex, &op->prefix);
	}
}

/* Failures that are none.  Observed is up to date. */
static void results_settle(struct execution *ex)
{
	for (size_t i = 0; i < ex->count; i++) {
		struct netstack_op *op = &ex->ops[i];
		const struct netstack_kernel *k = netstack_kernel_of(op);

		if (op->error == EEXIST && k && exists_same(k, op))
			op_succeed(op);
		else if (is_delete(op) && means_gone(op->error))
			op_succeed(op);
		stats.operations++;
		stats.failures += op->error != 0;
	}
}

/* What the operations did is observed, in all the namespaces that they are about. */
static void drain_all(const struct execution *ex)
{
	const struct netstack *last = NULL;

	netstack_kernel_drain();
	for (size_t i = 0; i < ex->count; i++) {
		if (ex->ops[i].stack && ex->ops[i].stack != last)
			netstack_kernel_drain_inside(ex->ops[i].stack);
		last = ex->ops[i].stack;
	}
}

static void execution_begin(struct execution *ex)
{
	ex->request_op = XCALLOC(MTYPE_EXECUTION, ex->count * sizeof(ex->request_op[0]));
	ex->moves = netstack_kernel_moves_prepare(ex->ops, ex->count);
	ex->kept = netstack_kernel_keep_addresses(ex->ops, ex->count);
}

static void execution_end(struct execution *ex)
{
	set_aliases(ex);
	drain_all(ex);
	netstack_kernel_restore_addresses(ex->kept);
	netstack_kernel_moves_finish(ex->moves);
	reread(ex);
	results_settle(ex);
	read_unannounced(ex);
	XFREE(MTYPE_EXECUTION, ex->batches);
	XFREE(MTYPE_EXECUTION, ex->request_op);
}

void netstack_kernel_execute(struct netstack_op *ops, size_t count)
{
	struct execution ex = { .ops = ops, .count = count };

	if (!count)
		return;
	execution_begin(&ex);
	execute_all(&ex);
	execution_end(&ex);
}

/* The one that does not wait: there is one at a time. */
static struct execution *under_way;

static void go_on(void)
{
	void (*done)(void) = under_way->done;

	if (!execute_all(under_way))
		return;
	execution_end(under_way);
	XFREE(MTYPE_EXECUTION, under_way);
	done();
}

static void batch_sent(void *arg)
{
	struct namespace_batch *batch = arg;

	batch->background = NULL;
	if (--under_way->on_their_way)
		return;
	batches_end(under_way);
	go_on();
}

static void work_done(void *arg)
{
	work_end(under_way);
	go_on();
}

bool netstack_kernel_execute_and_go_on(struct netstack_op *ops, size_t count, void (*done)(void))
{
	struct execution *ex;

	if (!count)
		return true;
	ex = XCALLOC(MTYPE_EXECUTION, sizeof(*ex));
	*ex = (struct execution){ .ops = ops, .count = count, .done = done };
	under_way = ex;
	execution_begin(ex);
	if (!execute_all(ex))
		return false;
	execution_end(ex);
	XFREE(MTYPE_EXECUTION, under_way);
	return true;
}

void netstack_kernel_finish(void)
{
	if (!under_way)
		return;
	for (size_t i = 0; i < under_way->batch_count; i++)
		if (under_way->batches[i].background)
			netstack_background_wait(under_way->batches[i].background);
	if (under_way->work_done) {
		netstack_background_wait(under_way->work_done);
		work_end(under_way);
	}
	under_way->done = NULL;
	under_way->on_their_way = 0;
	batches_end(under_way);
	execute_all(under_way);
	execution_end(under_way);
	XFREE(MTYPE_EXECUTION, under_way);
}

/* --- tables and neighbours ------------------------------------------------------------------ */

void netstack_kernel_watch_table(uint32_t table)
{
	netstack_events_watch_table(outside->events, table);
}

void netstack_kernel_unwatch_table(uint32_t table)
{
	netstack_events_unwatch_table(outside->events, table);
}

static void route_seen(const struct nlmsghdr *nlh, void *arg)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(nlh);
	bool *any = arg;

	if (nlh->nlmsg_type == RTM_NEWROUTE && mnl_nlmsg_get_payload_len(nlh) >= sizeof(*route))
		*any |= route->rtm_family == AF_INET || route->rtm_family == AF_INET6;
}

bool netstack_kernel_table_has_routes(uint32_t table)
{
	struct netstack_nl_dump what = { .type = RTM_GETROUTE, .table = table };
	bool any = false;

	netstack_nl_dump(&outside->requests, &what, route_seen, &any);
	return any;
}

unsigned int netstack_kernel_flush_neighbors(struct netstack *stack, int ifindex,
					     const struct ipaddr *address)
{
	struct netstack_kernel *k = stack && stack->inside ? stack->inside : outside;
	const struct netstack_link *link = netstack_link_by_index(k->obs, ifindex);
	struct netstack_nl_batch batch = {};
	const struct netstack_link_neighbor *neighbor;
	unsigned int removed = 0;

	if (!link)
		return 0;
	frr_each (netstack_link_neighbors_const, &link->neighbors, neighbor)
		if (netstack_kernel_neighbor_is_dynamic(neighbor->state, neighbor->flags) &&
		    (!address || ipaddr_is_same(address, &neighbor->address)))
			netstack_nl_encode_neighbor_delete(&batch, ifindex, &neighbor->address);
	netstack_nl_batch_send(&k->requests, &batch);
	for (size_t i = 0; i < batch.count; i++)
		removed += !batch.results[i].error;
	netstack_nl_batch_fini(&batch);
	netstack_events_drain(k->events);
	return removed;
}

struct netstack_probes {
	struct netstack_kernel *k;
	struct netstack_nl_batch batch;
};

struct netstack_probes *netstack_kernel_probes_new(const struct netstack *stack)
{
	struct netstack_probes *probes = XCALLOC(MTYPE_EXECUTION, sizeof(*probes));

	probes->k = stack->inside ? stack->inside : outside;
	return probes;
}

void netstack_kernel_probes_add(struct netstack_probes *probes, int ifindex,
				const struct ipaddr *address, bool resolved)
{
	netstack_nl_encode_neighbor_probe(&probes->batch, ifindex, address, resolved);
}

/* One that fails is overtaken by events: the entry or the link is gone. */
void netstack_kernel_probes_send(struct netstack_probes *probes)
{
	netstack_nl_batch_send(&probes->k->requests, &probes->batch);
	netstack_nl_batch_fini(&probes->batch);
	XFREE(MTYPE_EXECUTION, probes);
}
