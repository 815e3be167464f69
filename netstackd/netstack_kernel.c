// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Executes operations.
 *
 * A list of operations is one batch of requests, cut only where a sysctl is to be written between
 * them.  What the kernel leaves to be done by hand is done around the batch:
 *
 *   - IFLA_IFALIAS is ignored when a link is created, so the alias follows in a second batch, for
 *     the links that were created: by name alone a link that is not ours could get it.
 *   - A link that changes its VRF loses its IPv6 addresses, up or down (addrconf_notify(),
 *     NETDEV_CHANGEUPPER), unless keep_addr_on_down is set, which it is for that moment.  Those
 *     that are lost nevertheless are added again.
 *   - There is no notification of disable_ipv6, nor of the alias of a link that is down: the
 *     link is asked for.
 *   - The vrf module, and with it strict_mode, may come with the first VRF device.
 */

#include <zebra.h>

#include <linux/neighbour.h>

#include "lib_errors.h"
#include "memory.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_errors.h"
#include "netstackd/netstack_events.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_netlink.h"
#include "netstackd/netstack_sysctl.h"

DEFINE_MTYPE_STATIC(NETSTACKD, EXECUTION, "Execution of operations");

#define REQUESTS_RCVBUF_BYTES (4 * 1024 * 1024)

/* One network namespace. */
struct netstack_kernel {
	struct netstack_observed *obs;
	struct netstack_events *events; /* NULL: not initialised */
	struct netstack_nl_socket requests;
	struct netstack_kernel_stats stats;
};

static struct netstack_kernel kernel = { .requests.fd = -1 };

/* --- start and stop ------------------------------------------------------------------------ */

/*
 * The vrf module is loaded by the first request for a link of that kind.  One without a table is
 * refused, so that nothing comes of it but the module.
 */
static void load_vrf(struct netstack_kernel *k)
{
	struct netstack_nl_batch batch = {};
	struct netstack_op op = {
		.type = NETSTACK_OP_LINK_CREATE,
		.name = "netstack-probe",
		.kind = "vrf",
		.table = RT_TABLE_UNSPEC,
	};

	if (k->obs->has_vrf)
		return;
	netstack_nl_encode(&batch, &op);
	netstack_nl_batch_send(&k->requests, &batch);
	netstack_nl_batch_fini(&batch);
	netstack_events_reread_sysctls(k->events);
	if (!k->obs->has_vrf)
		flog_warn(EC_NETSTACK_KERNEL_NO_VRF, "This kernel has no VRF devices");
}

int netstack_kernel_init(struct event_loop *loop, struct netstack_observed *obs,
			 const struct netstack_kernel_hooks *hooks)
{
	int error = netstack_nl_open(&kernel.requests, REQUESTS_RCVBUF_BYTES, NULL, 0);

	if (error) {
		flog_err(EC_NETSTACK_KERNEL_SOCKET, "Opening a netlink socket: %s",
			 safe_strerror(error));
		netstack_nl_close(&kernel.requests);
		return error;
	}
	kernel.obs = obs;
	kernel.events = netstack_events_start(loop, obs, hooks, &kernel.requests, &kernel.stats,
					      &error);
	if (!kernel.events) {
		netstack_nl_close(&kernel.requests);
		return error;
	}
	load_vrf(&kernel);
	return 0;
}

void netstack_kernel_terminate(void)
{
	if (kernel.events)
		netstack_events_stop(kernel.events);
	kernel.events = NULL;
	kernel.obs = NULL;
	netstack_nl_close(&kernel.requests);
}

void netstack_kernel_drain(void)
{
	if (!kernel.events)
		return;
	netstack_events_drain(kernel.events);
	netstack_events_reread_sysctls(kernel.events); /* they have no notification */
}

const struct netstack_kernel_stats *netstack_kernel_stats(void)
{
	return &kernel.stats;
}

/* --- results ------------------------------------------------------------------------------- */

static void op_fail(struct netstack_op *op, int error, const char *words)
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
	struct prefix any = { .family = op->family };
	const struct netstack_fib_route *route;

	if (!fib)
		return false;
	for (route = netstack_fib_route_first(fib, &any); route;
	     route = netstack_fib_routes_const_next(&fib->routes, route)) {
		if (route->prefix.family != op->family || route->prefix.prefixlen)
			return false;
		if (route->metric == NETSTACK_UNREACHABLE_METRIC && route->type == RTN_UNREACHABLE)
			return true;
	}
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

/* An IPv6 address that has to survive that its link goes down. */
struct kept_address {
	int ifindex;
	struct netstack_link_address address;
};

/* A link that goes down, if for a moment, and its keep_addr_on_down. */
struct kept_link {
	int ifindex;
	int keep_addr_on_down; /* as it was */
};

/* A list of operations on its way. */
struct execution {
	struct netstack_kernel *k;
	struct netstack_op *ops;
	size_t count;
	struct netstack_nl_batch batch;
	size_t *request_op; /* for each request of the batch, the operation that it is of */
	struct kept_link *links;
	size_t link_count;
	struct kept_address *addresses;
	size_t address_count;
};

/* Sends what has been encoded so far, and writes the results into the operations. */
static void batch_flush(struct execution *ex)
{
	netstack_nl_batch_send(&ex->k->requests, &ex->batch);
	for (size_t i = 0; i < ex->batch.count; i++) {
		const struct netstack_nl_result *result = &ex->batch.results[i];

		if (result->error)
			op_fail(&ex->ops[ex->request_op[i]], result->error, result->errmsg);
	}
	netstack_nl_batch_reset(&ex->batch);
}

static void sysctl_execute(struct netstack_op *op)
{
	int error;

	if (op->type == NETSTACK_OP_STRICT_MODE)
		error = netstack_sysctl_write(NETSTACK_SYSCTL_STRICT_MODE, 1);
	else
		error = netstack_sysctl_ipv6_write(op->name, "disable_ipv6", !op->enable);
	if (error == ENOENT && op->type == NETSTACK_OP_IPV6)
		op_fail(op, error, "The link has no IPv6 (its MTU is below 1280, or it is gone)");
	else if (error)
		op_fail(op, error, safe_strerror(error));
}

static void execute_all(struct execution *ex)
{
	for (size_t i = 0; i < ex->count; i++) {
		struct netstack_op *op = &ex->ops[i];

		op_succeed(op);
		if (netstack_nl_encode(&ex->batch, op)) {
			ex->request_op[ex->batch.count - 1] = i;
		} else {
			batch_flush(ex);
			sysctl_execute(op);
		}
	}
	batch_flush(ex);
}

/* --- addresses that survive that a link goes down -------------------------------------------- */

static void keep_address(struct execution *ex, int ifindex,
			 const struct netstack_link_address *address)
{
	ex->addresses = XREALLOC(MTYPE_EXECUTION, ex->addresses,
				 (ex->address_count + 1) * sizeof(ex->addresses[0]));
	ex->addresses[ex->address_count++] = (struct kept_address){
		.ifindex = ifindex,
		.address = *address,
	};
}

static void keep_link(struct execution *ex, const struct netstack_link *link)
{
	struct kept_link kept = { .ifindex = link->ifindex };

	if (netstack_sysctl_ipv6_read(link->name, "keep_addr_on_down", &kept.keep_addr_on_down))
		return;
	if (kept.keep_addr_on_down > 0)
		return;
	if (netstack_sysctl_ipv6_write(link->name, "keep_addr_on_down", 1))
		return;
	ex->links = XREALLOC(MTYPE_EXECUTION, ex->links,
			     (ex->link_count + 1) * sizeof(ex->links[0]));
	ex->links[ex->link_count++] = kept;
}

static void keep_addresses(struct execution *ex)
{
	for (size_t i = 0; i < ex->count; i++) {
		const struct netstack_op *op = &ex->ops[i];
		const struct netstack_link *link;
		const struct netstack_link_address *address;
		size_t before = ex->address_count;

		if (!op->keep_addresses)
			continue;
		link = netstack_link_by_index(ex->k->obs, op->ifindex);
		if (!link)
			continue;
		frr_each (netstack_link_addresses_const, &link->addresses, address)
			if (netstack_link_address_is_volatile(address))
				keep_address(ex, op->ifindex, address);
		if (ex->address_count > before)
			keep_link(ex, link);
	}
}

static void restore_links(struct execution *ex)
{
	for (size_t i = 0; i < ex->link_count; i++) {
		const struct netstack_link *link =
			netstack_link_by_index(ex->k->obs, ex->links[i].ifindex);

		if (link)
			netstack_sysctl_ipv6_write(link->name, "keep_addr_on_down",
						   ex->links[i].keep_addr_on_down);
	}
	XFREE(MTYPE_EXECUTION, ex->links);
}

/*
 * Those that were lost nevertheless: net.ipv6.conf.all.keep_addr_on_down can forbid it, and the
 * kernel never keeps link-local ones.  Observed is up to date.
 */
static void restore_addresses(struct execution *ex)
{
	struct netstack_nl_batch batch = {};

	for (size_t i = 0; i < ex->address_count; i++) {
		const struct kept_address *kept = &ex->addresses[i];
		const struct netstack_link *link =
			netstack_link_by_index(ex->k->obs, kept->ifindex);

		if (link && !netstack_link_address_find(link, &kept->address.prefix))
			netstack_nl_encode_address(&batch, kept->ifindex, &kept->address);
	}
	netstack_nl_batch_send(&ex->k->requests, &batch);
	/* EEXIST: a link that left a VRF and was shut down at once is here twice */
	for (size_t i = 0; i < batch.count; i++)
		if (batch.results[i].error && batch.results[i].error != EEXIST)
			flog_warn(EC_NETSTACK_KERNEL_OPERATION,
				  "An IPv6 address was lost when its link went down: %s",
				  batch.results[i].errmsg);
	netstack_nl_batch_fini(&batch);
	XFREE(MTYPE_EXECUTION, ex->addresses);
}

/* --- what follows the batch ----------------------------------------------------------------- */

static void set_aliases(struct execution *ex)
{
	for (size_t i = 0; i < ex->count; i++) {
		const struct netstack_op *op = &ex->ops[i];

		if (op->type != NETSTACK_OP_LINK_CREATE || op->error || !op->alias[0])
			continue;
		ex->request_op[ex->batch.count] = i;
		netstack_nl_encode_alias(&ex->batch, op->name, op->alias);
	}
	batch_flush(ex);
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

static void reread(struct execution *ex)
{
	int *ifindex = XCALLOC(MTYPE_EXECUTION, ex->count * sizeof(ifindex[0]));
	size_t count = 0;
	bool sysctls = false;

	for (size_t i = 0; i < ex->count; i++) {
		const struct netstack_op *op = &ex->ops[i];

		ifindex[count] = untold_link(ex->k, op);
		count += ifindex[count] != 0;
		if (op->type == NETSTACK_OP_STRICT_MODE ||
		    (op->type == NETSTACK_OP_LINK_CREATE && !ex->k->obs->has_vrf))
			sysctls = true;
	}
	netstack_events_reread_links(ex->k->events, ifindex, count);
	if (sysctls)
		netstack_events_reread_sysctls(ex->k->events);
	XFREE(MTYPE_EXECUTION, ifindex);
}

/*
 * An IPv6 address without duplicate address detection is announced from a work queue, some time
 * after the ACK: the kernel is asked for it.  It may be gone again by then.
 */
static void read_unannounced(struct execution *ex)
{
	for (size_t i = 0; i < ex->count; i++) {
		const struct netstack_op *op = &ex->ops[i];
		const struct netstack_link *link;

		if (op->type != NETSTACK_OP_ADDRESS_ADD || !op->nodad || op->error ||
		    op->prefix.family != AF_INET6)
			continue;
		link = netstack_link_by_index(ex->k->obs, op->ifindex);
		if (link && !netstack_link_address_find(link, &op->prefix))
			netstack_events_read_address(ex->k->events, op->ifindex, &op->prefix);
	}
}

/* Failures that are none.  Observed is up to date. */
static void results_settle(struct execution *ex)
{
	for (size_t i = 0; i < ex->count; i++) {
		struct netstack_op *op = &ex->ops[i];

		if (op->error == EEXIST && exists_same(ex->k, op))
			op_succeed(op);
		else if (is_delete(op) && means_gone(op->error))
			op_succeed(op);
		ex->k->stats.operations++;
		ex->k->stats.failures += op->error != 0;
	}
}

void netstack_kernel_execute(struct netstack_op *ops, size_t count)
{
	struct execution ex = { .k = &kernel, .ops = ops, .count = count };

	if (!count)
		return;
	ex.request_op = XCALLOC(MTYPE_EXECUTION, count * sizeof(ex.request_op[0]));
	keep_addresses(&ex);
	execute_all(&ex);
	set_aliases(&ex);
	restore_links(&ex);
	netstack_kernel_drain();
	restore_addresses(&ex);
	reread(&ex);
	results_settle(&ex);
	read_unannounced(&ex);
	netstack_nl_batch_fini(&ex.batch);
	XFREE(MTYPE_EXECUTION, ex.request_op);
}

/* --- tables and neighbours ------------------------------------------------------------------ */

void netstack_kernel_watch_table(uint32_t table)
{
	netstack_events_watch_table(kernel.events, table);
}

void netstack_kernel_unwatch_table(uint32_t table)
{
	netstack_events_unwatch_table(kernel.events, table);
}

static void route_seen(const struct nlmsghdr *nlh, void *arg)
{
	bool *any = arg;

	if (nlh->nlmsg_type == RTM_NEWROUTE)
		*any = true;
}

bool netstack_kernel_table_has_routes(uint32_t table)
{
	struct netstack_nl_dump what = { .type = RTM_GETROUTE, .family = AF_INET, .table = table };
	bool any = false;

	netstack_nl_dump(&kernel.requests, &what, route_seen, &any);
	what.family = AF_INET6;
	if (!any)
		netstack_nl_dump(&kernel.requests, &what, route_seen, &any);
	return any;
}

static bool is_flushable(const struct netstack_link_neighbor *neighbor)
{
	return neighbor->state != NUD_NONE &&
	       !(neighbor->state & (NUD_PERMANENT | NUD_NOARP)) &&
	       !(neighbor->flags & NTF_EXT_LEARNED);
}

unsigned int netstack_kernel_flush_neighbors(int ifindex, const struct ipaddr *address)
{
	const struct netstack_link *link = netstack_link_by_index(kernel.obs, ifindex);
	struct netstack_nl_batch batch = {};
	const struct netstack_link_neighbor *neighbor;
	unsigned int removed = 0;

	if (!link)
		return 0;
	frr_each (netstack_link_neighbors_const, &link->neighbors, neighbor)
		if (is_flushable(neighbor) &&
		    (!address || ipaddr_is_same(address, &neighbor->address)))
			netstack_nl_encode_neighbor_delete(&batch, ifindex, &neighbor->address);
	netstack_nl_batch_send(&kernel.requests, &batch);
	for (size_t i = 0; i < batch.count; i++)
		removed += !batch.results[i].error;
	netstack_nl_batch_fini(&batch);
	netstack_kernel_drain();
	return removed;
}
