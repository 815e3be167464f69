// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stacks that are network namespaces.
 *
 * A namespace is made complete before it gets its name: the daemon's sockets in it, the settings
 * that it has in common with the router, the mark.  If any of that fails there is no namespace.
 *
 * The mark is IFLA_IFALIAS of its `lo`, as of the links that we make (netstack.h).
 */

#include <zebra.h>

#include <sys/resource.h>

#include "memory.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_events.h"
#include "netstackd/netstack_kernel_impl.h"
#include "netstackd/netstack_netns.h"
#include "netstackd/netstack_sysctl.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETNS_WORK, "Namespaces being made and removed");

/*
 * Descriptors that zebra takes for a namespace (netlink sockets and the namespace itself), and those
 * that a daemon of FRR has anyway.  FRR's scripts give all daemons the same limit (MAX_FDS), so ours
 * is zebra's; where it ends, zebra aborts.
 */
#define ZEBRA_DESCRIPTORS 7
#define OTHER_DESCRIPTORS 100

static unsigned int open_namespaces;

/* --- settings ------------------------------------------------------------------------------ */

/*
 * What a new namespace has from the router, below /proc/sys/net: the kernel starts with its own
 * defaults (net.core.devconf_inherit_init_net).  ip_forward resets others, so it comes first.
 */
static const char *const inherited[] = {
	"ipv4/ip_forward",
	"ipv6/conf/all/forwarding",
	"ipv6/conf/default/forwarding",
	"ipv6/conf/all/disable_ipv6",
	"ipv6/conf/default/disable_ipv6",
	"ipv4/conf/all/rp_filter",
	"ipv4/conf/default/rp_filter",
	"ipv4/conf/all/arp_ignore",
	"ipv4/conf/default/arp_ignore",
	"ipv4/conf/all/arp_announce",
	"ipv4/conf/default/arp_announce",
	"ipv4/conf/all/arp_filter",
	"ipv4/conf/default/arp_filter",
	"ipv4/conf/all/accept_redirects",
	"ipv4/conf/default/accept_redirects",
	"ipv4/conf/all/send_redirects",
	"ipv4/conf/default/send_redirects",
	"ipv4/conf/all/accept_source_route",
	"ipv4/conf/default/accept_source_route",
	"ipv4/conf/all/log_martians",
	"ipv4/conf/default/log_martians",
	"ipv4/fib_multipath_hash_policy",
	"ipv4/fib_multipath_use_neigh",
	"ipv6/conf/all/accept_ra",
	"ipv6/conf/default/accept_ra",
	"ipv6/conf/all/accept_redirects",
	"ipv6/conf/default/accept_redirects",
	"ipv6/conf/default/autoconf",
	"ipv6/conf/default/accept_dad",
	"ipv6/conf/default/dad_transmits",
	"ipv6/conf/default/use_tempaddr",
	"ipv6/conf/default/addr_gen_mode",
	"ipv6/conf/default/keep_addr_on_down",
	"ipv6/fib_multipath_hash_policy",
	"ipv6/route/skip_notify_on_dev_down",
};

struct settings {
	bool have[array_size(inherited)];
	int value[array_size(inherited)];
};

static void read_settings_of_router(struct settings *ours)
{
	for (size_t i = 0; i < array_size(inherited); i++)
		ours->have[i] = !netstack_sysctl_read(inherited[i], &ours->value[i]);
}

/* In the new namespace.  Those that the kernel does not have here, or refuses, stay as they are. */
static void inherit(const struct settings *ours)
{
	int theirs;

	for (size_t i = 0; i < array_size(inherited); i++)
		if (ours->have[i] && !netstack_sysctl_read(inherited[i], &theirs) &&
		    theirs != ours->value[i])
			netstack_sysctl_write_privileged(inherited[i], ours->value[i]);
	/* as systemd has it: another address of the same subnet stays, and the routes through that, without the first */
	netstack_sysctl_write_privileged("ipv4/conf/all/promote_secondaries", 1);
}

/* --- open and closed ----------------------------------------------------------------------- */

static void close_namespace(struct netstack *stack)
{
	if (!stack->inside)
		return;
	netstack_kernel_forget_namespace(stack);
	open_namespaces--;
}

static int open_namespace(struct netstack *stack, const char *name, int netns)
{
	int error = netstack_kernel_open(stack, name, netns);

	if (error)
		return error;
	open_namespaces++;
	return 0;
}

void netstack_kernel_close_namespace(struct netstack *stack)
{
	close_namespace(stack);
}

const struct netstack_observed *netstack_kernel_inside(const struct netstack *stack)
{
	return stack->inside ? stack->inside->obs : NULL;
}

const char *netstack_kernel_inside_name(const struct netstack *stack)
{
	return stack->inside ? stack->inside->name : NULL;
}

enum netstack_netns_name netstack_kernel_look(const struct netstack *stack, const char *name)
{
	return netstack_netns_look(name, stack->inside ? stack->inside->netns : -1);
}

/* --- operations ---------------------------------------------------------------------------- */

static void count_name(const char *name, void *arg)
{
	unsigned int *count = arg;

	(*count)++;
}

/* How many zebra has open: all that have a name, whoever made them. */
static unsigned int namespaces_of_zebra(void)
{
	unsigned int named = 0;

	netstack_netns_each(count_name, &named);
	return MAX(named, open_namespaces);
}

/* How many namespaces the limit of descriptors has room for. */
static unsigned int namespaces_max(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return UINT_MAX;
	if (limit.rlim_cur <= OTHER_DESCRIPTORS)
		return 0;
	return (limit.rlim_cur - OTHER_DESCRIPTORS) / ZEBRA_DESCRIPTORS;
}

static int set_mark(struct netstack *stack)
{
	struct netstack_nl_batch batch = {};
	char alias[NETSTACK_ALIAS_LEN];
	int error;

	snprintf(alias, sizeof(alias), "%s%s", NETSTACK_ALIAS_PREFIX, stack->name);
	netstack_nl_encode_alias(&batch, "lo", alias);
	netstack_nl_batch_send(&stack->inside->requests, &batch);
	error = batch.results[0].error;
	netstack_nl_batch_fini(&batch);
	if (!error) {
		struct netstack_link *lo = netstack_link_by_name(stack->inside->obs, "lo");

		netstack_events_reread_links(stack->inside->events, &lo->ifindex, 1);
	}
	return error;
}

/* The namespace is there: it gets its mark, and its name. */
static int complete(struct netstack *stack, const char *name, int netns)
{
	int error = open_namespace(stack, name, netns);

	if (!error)
		error = set_mark(stack);
	if (!error)
		error = netstack_netns_name(name, netns);
	if (error)
		close_namespace(stack);
	return error;
}

/* One operation of a piece of work. */
struct task {
	bool creates; /* a namespace; or it takes the name of one away */
	bool refused; /* zebra has no descriptors for it */
	char name[IFNAMSIZ];
	int result; /* a descriptor, 0, or a negative errno */
};

struct netstack_netns_work {
	struct netstack_op *ops;
	struct task *tasks;
	size_t count;
	struct settings settings;
};

bool netstack_kernel_netns_is_slow(const struct netstack_op *op)
{
	return op->type == NETSTACK_OP_NETNS_CREATE || op->type == NETSTACK_OP_NETNS_DELETE;
}

struct netstack_netns_work *netstack_kernel_netns_work_new(struct netstack_op *ops, size_t count)
{
	struct netstack_netns_work *work = XCALLOC(MTYPE_NETNS_WORK, sizeof(*work));
	unsigned int max = namespaces_max(), have = namespaces_of_zebra();

	work->ops = ops;
	work->tasks = XCALLOC(MTYPE_NETNS_WORK, count * sizeof(work->tasks[0]));
	work->count = count;
	read_settings_of_router(&work->settings);
	for (size_t i = 0; i < count; i++) {
		struct task *task = &work->tasks[i];

		task->creates = ops[i].type == NETSTACK_OP_NETNS_CREATE;
		strlcpy(task->name, ops[i].name, sizeof(task->name));
		task->refused = task->creates && have >= max;
		task->result = task->refused ? -EMFILE : 0;
		have += task->creates && !task->refused;
	}
	return work;
}

/* Each namespace is one that the thread goes to, with the settings of the router. */
void netstack_kernel_netns_work(void *arg)
{
	struct netstack_netns_work *work = arg;

	for (size_t i = 0; i < work->count; i++) {
		struct task *task = &work->tasks[i];

		if (task->refused)
			continue;
		if (!task->creates) {
			task->result = -netstack_netns_unname(task->name);
			continue;
		}
		task->result = netstack_netns_unshare();
		if (task->result >= 0)
			inherit(&work->settings);
	}
}

void netstack_kernel_netns_work_fail(struct netstack_netns_work *work, int error)
{
	for (size_t i = 0; i < work->count; i++)
		if (!work->tasks[i].refused)
			work->tasks[i].result = -error;
}

static int task_end(const struct task *task, struct netstack *stack)
{
	if (task->result < 0)
		return -task->result;
	if (task->creates)
		return complete(stack, task->name, task->result);
	close_namespace(stack);
	return 0;
}

void netstack_kernel_netns_work_end(struct netstack_netns_work *work)
{
	for (size_t i = 0; i < work->count; i++) {
		struct netstack_op *op = &work->ops[i];
		int error = task_end(&work->tasks[i], op->stack);

		if (!error)
			continue;
		netstack_kernel_op_fail(op, error, safe_strerror(error));
		if (work->tasks[i].refused)
			snprintf(
				op->errmsg, sizeof(op->errmsg),
				"zebra has descriptors for %u namespaces: raise MAX_FDS in /etc/frr/daemons",
				namespaces_max());
	}
	XFREE(MTYPE_NETNS_WORK, work->tasks);
	XFREE(MTYPE_NETNS_WORK, work);
}

int netstack_kernel_open_existing(struct netstack *stack, const char *name)
{
	int netns;

	if (stack->inside)
		return 0;
	netns = netstack_netns_open(name);
	return netns < 0 ? -netns : open_namespace(stack, name, netns);
}

int netstack_kernel_enter(const struct netstack *stack)
{
	return netstack_netns_enter(stack->inside ? stack->inside->netns : -1);
}

void netstack_kernel_leave(const struct netstack *stack)
{
	netstack_netns_leave(stack->inside ? stack->inside->netns : -1);
}

unsigned int netstack_kernel_namespaces(void)
{
	return open_namespaces;
}

static void owner_read(const struct nlmsghdr *nlh, void *arg)
{
	struct netstack_nl_link link;
	char *alias = arg;

	if (netstack_nl_decode_link(nlh, &link) && (link.flags & IFF_LOOPBACK))
		strlcpy(alias, link.alias, NETSTACK_ALIAS_LEN);
}

bool netstack_kernel_netns_owner(const char *name, char *owner, size_t len)
{
	struct netstack_nl_batch batch = {};
	struct netstack_nl_socket socket;
	char alias[NETSTACK_ALIAS_LEN] = "";
	int netns = netstack_netns_open(name);

	if (netns < 0)
		return false;
	batch.answer = owner_read;
	batch.answer_arg = alias;
	if (!netstack_nl_open(&socket, 0, NULL, 0, netns)) {
		netstack_nl_encode_get_link(&batch, 1 /* LOOPBACK_IFINDEX of every namespace */);
		netstack_nl_batch_send(&socket, &batch);
	}
	netstack_nl_batch_fini(&batch);
	netstack_nl_close(&socket);
	close(netns);
	if (strncmp(alias, NETSTACK_ALIAS_PREFIX, strlen(NETSTACK_ALIAS_PREFIX)))
		return false;
	strlcpy(owner, alias + strlen(NETSTACK_ALIAS_PREFIX), len);
	return owner[0] != '\0';
}

bool netstack_kernel_is_netns_op(const struct netstack_op *op)
{
	switch (op->type) {
	case NETSTACK_OP_NETNS_CREATE:
	case NETSTACK_OP_NETNS_OPEN:
	case NETSTACK_OP_NETNS_NAME:
	case NETSTACK_OP_NETNS_ADOPT:
	case NETSTACK_OP_NETNS_CLOSE:
	case NETSTACK_OP_NETNS_DELETE:
		return true;
	default:
		return false;
	}
}

void netstack_kernel_netns_execute(struct netstack_op *op)
{
	struct netstack *stack = op->stack;
	int error = 0;

	switch (op->type) {
	case NETSTACK_OP_NETNS_OPEN:
		error = netstack_kernel_open_existing(stack, op->name);
		break;
	case NETSTACK_OP_NETNS_NAME:
		error = stack->inside ? netstack_netns_name(op->name, stack->inside->netns)
				      : ENODEV;
		break;
	case NETSTACK_OP_NETNS_CLOSE:
		close_namespace(stack);
		break;
	default: /* NETSTACK_OP_NETNS_ADOPT: a decision, for the record */
		break;
	}
	if (error)
		netstack_kernel_op_fail(op, error, safe_strerror(error));
}
