// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the files netstack_kernel*.c share; nobody else's business.
 */

#ifndef _NETSTACK_KERNEL_IMPL_H
#define _NETSTACK_KERNEL_IMPL_H

#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_netlink.h"

struct netstack_events;

/* One network namespace: the daemon's own, or that of a stack. */
struct netstack_kernel {
	struct netstack *stack; /* NULL: the daemon's own */
	char name[IFNAMSIZ];	/* in /run/netns */
	int netns;		/* a descriptor; -1: the daemon's own */
	struct netstack_observed *obs;
	struct netstack_events *events; /* NULL: not initialised */
	struct netstack_nl_socket requests;
};

/* The daemon's own namespace. */
extern struct netstack_kernel netstack_kernel_outside;

extern void netstack_kernel_op_fail(struct netstack_op *op, int error, const char *words);

/* Where the link of the operation is, or is to be; NULL: that namespace is not open. */
extern struct netstack_kernel *netstack_kernel_of(const struct netstack_op *op);

/*
 * Opens a namespace for a stack, which has none open: sockets, a dump, and from then on the
 * kernel's events.  Takes ownership of `netns`.  0 or a positive errno.
 */
extern int netstack_kernel_open(struct netstack *stack, const char *name, int netns);
extern void netstack_kernel_forget_namespace(struct netstack *stack); /* the reverse */

/* Observes an address that was added without duplicate address detection, if it is there. */
extern void netstack_kernel_read_unannounced(struct netstack_kernel *k, int ifindex,
					     const struct netstack_prefix *prefix);

/*
 * What the kernel takes milliseconds for, NETSTACK_OP_NETNS_CREATE and _DELETE, is done by a thread
 * (netstack_background_call()).  The operations stay where they are from _new() until _end(), which
 * writes their results into them and frees the work.
 */
struct netstack_netns_work;
extern bool netstack_kernel_netns_is_slow(const struct netstack_op *op);
extern struct netstack_netns_work *netstack_kernel_netns_work_new(struct netstack_op *ops,
								  size_t count);
extern void netstack_kernel_netns_work(void *work); /* the thread's */
/* In its place, if there can be no thread: a positive errno. */
extern void netstack_kernel_netns_work_fail(struct netstack_netns_work *work, int error);
extern void netstack_kernel_netns_work_end(struct netstack_netns_work *work);
/* Executes another NETSTACK_OP_NETNS_*, and writes the result into it. */
extern void netstack_kernel_netns_execute(struct netstack_op *op);
/* Is it one of these? */
extern bool netstack_kernel_is_netns_op(const struct netstack_op *op);

/*
 * IPv6 addresses that operations with keep_addresses would lose: noted before the operations, put
 * back after them, when all that they did is observed.
 */
struct netstack_kept;
extern struct netstack_kept *netstack_kernel_keep_addresses(const struct netstack_op *ops,
							    size_t count);
extern void netstack_kernel_restore_addresses(struct netstack_kept *kept);

/*
 * A link that changes its namespace loses its addresses and goes down.  What it had is noted before
 * the moves of a list of operations, and put back after them, when all that they did is observed.
 */
struct netstack_moves;
extern struct netstack_moves *netstack_kernel_moves_prepare(const struct netstack_op *ops,
							    size_t count);
extern void netstack_kernel_moves_finish(struct netstack_moves *moves);

#endif /* _NETSTACK_KERNEL_IMPL_H */
