// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel, as far as the rest of the daemon sees it: facts come in, operations go out.
 * netstack_netlink.c has the sockets and the messages; netstack_events.c turns messages into
 * observed; netstack_kernel.c executes operations.
 */

#ifndef _NETSTACK_KERNEL_H
#define _NETSTACK_KERNEL_H

#include "netstack_netns.h"
#include "netstack_observed.h"
#include "netstack_plan.h"

struct event_loop;

/*
 * Called after observed has been written.  Names and numbers only: pointers may be gone.  `stack`
 * is the one whose network namespace it is about; NULL: the daemon's own.
 */
struct netstack_kernel_hooks {
	/* something of the link of this name changed: itself, an address, a neighbour; or it is gone */
	void (*link)(struct netstack *stack, const char *ifname);
	/* the link has more neighbours, or fewer */
	void (*neighbors)(struct netstack *stack, int ifindex);
	/*
	 * The neighbour came, went, or is in another state.  Called for each such message: it should
	 * take no time for one that nobody cares for.
	 */
	void (*neighbor)(struct netstack *stack, int ifindex, const struct ipaddr *address);
	/* routes of this watched table came, changed or went */
	void (*table)(struct netstack *stack, uint32_t table);
	/*
	 * The same, if all that happened is that one route came or went.  NULL: `table` is called for
	 * that as well.
	 */
	void (*route)(struct netstack *stack, uint32_t table,
		      const struct netstack_fib_route *route, bool came);
	/*
	 * The kernel announced that a route of this watched table was deleted.  It may be back by
	 * the time of the call.
	 */
	void (*route_deleted)(struct netstack *stack, uint32_t table,
			      const struct netstack_prefix *prefix);
	/*
	 * Somebody changed a setting that is observed: the namespace began or ended to forward
	 * packets, or net.vrf.strict_mode changed.
	 */
	void (*settings)(struct netstack *stack);
	/* messages were lost and everything was read again: anything may differ */
	void (*resynced)(struct netstack *stack);
};

/*
 * Opens the sockets, reads everything (links, addresses, neighbours, rules) into `obs`, and goes
 * on to follow the kernel's notifications on the event loop.  Returns 0, or a positive errno
 * after logging what failed.  `obs` and `hooks` have to live until netstack_kernel_terminate().
 */
extern int netstack_kernel_init(struct event_loop *loop, struct netstack_observed *obs,
				const struct netstack_kernel_hooks *hooks);
extern void netstack_kernel_terminate(void);

/* Stacks are VRF devices: loads what the kernel needs for them, and warns if it has none. */
extern void netstack_kernel_load_vrf(void);

/*
 * Reads all notifications of the daemon's own namespace that are waiting, without blocking: what our
 * own operations did is observed after this.
 */
extern void netstack_kernel_drain(void);
/* The same for the namespace of a stack, if it has one open. */
extern void netstack_kernel_drain_inside(struct netstack *stack);

/*
 * Namespaces of stacks.  NETSTACK_OP_NETNS_CREATE and _OPEN open one, _CLOSE and _DELETE close it;
 * as long as it is open it is observed, its main table included.
 */

/* What is observed in the stack's namespace, and its name; NULL: none is open. */
extern const struct netstack_observed *netstack_kernel_inside(const struct netstack *stack);
extern const char *netstack_kernel_inside_name(const struct netstack *stack);
/* What the name is in /run/netns, compared to the stack's namespace.  Two system calls. */
extern enum netstack_netns_name netstack_kernel_look(const struct netstack *stack,
						     const char *name);
/* Which stack a namespace was made for; false: for none, or it cannot be looked at. */
extern bool netstack_kernel_netns_owner(const char *name, char *owner, size_t len);
/* Opens a namespace that is there for a stack.  0 (also if one is open) or a positive errno. */
extern int netstack_kernel_open_existing(struct netstack *stack, const char *name);
/*
 * Enters the namespace of the stack, if it has one of its own (netstack_netns_enter()).  0 or a
 * positive errno; after 0 netstack_kernel_leave() has to follow.
 */
extern int netstack_kernel_enter(const struct netstack *stack);
extern void netstack_kernel_leave(const struct netstack *stack);
/* How many are open. */
extern unsigned int netstack_kernel_namespaces(void);
/* Lets go of the namespace, if one is open: it stays as it is. */
extern void netstack_kernel_close_namespace(struct netstack *stack);

/*
 * Executes the operations in their order, as few system calls as that takes, and writes error and
 * errmsg of each.  One that fails does not keep the others from being tried.  'Already gone' on a
 * delete and 'already there, the same' on an add are success.
 */
extern void netstack_kernel_execute(struct netstack_op *ops, size_t count);
/*
 * The same, but what takes the kernel long is done while other events have their turn.  True: all is
 * done.  False: `done` is called from the event loop when it is; until then the operations and their
 * stacks stay where they are, and no others are executed.
 */
extern bool netstack_kernel_execute_and_go_on(struct netstack_op *ops, size_t count,
					      void (*done)(void));
/* Does what is left of it now, if there is such a thing, and does not call `done`. */
extern void netstack_kernel_finish(void);

/*
 * Starts to follow the routes of a table: reads it (a filtered dump) into observed.  Reference-
 * counted with netstack_kernel_unwatch_table().
 */
extern void netstack_kernel_watch_table(uint32_t table);
extern void netstack_kernel_unwatch_table(uint32_t table);

/* Does the kernel have any route, IPv4 or IPv6, in this table?  Asks it; for the allocator. */
extern bool netstack_kernel_table_has_routes(uint32_t table);

/*
 * `clear netstack NAME neighbor`: removes the dynamic neighbours of a link of the stack (all, or
 * `address` if not NULL); permanent ones, NUD_NOARP and ones that others own (NTF_EXT_LEARNED) stay.
 * Returns how many were removed.
 */
extern unsigned int netstack_kernel_flush_neighbors(struct netstack *stack, int ifindex,
						    const struct ipaddr *address);

/* Learned: neither permanent, nor NUD_NOARP, nor one that others own (NTF_EXT_LEARNED). */
extern bool netstack_kernel_neighbor_is_dynamic(uint16_t state, uint8_t flags);

/* Is this neighbour to stay, whatever its state? */
typedef bool (*netstack_kernel_spare_fn)(const struct ipaddr *address, const void *arg);

/*
 * If the stack has more than `max` neighbours, removes dynamic ones until netstack_limit_target(max)
 * are left, or NETSTACK_KERNEL_TRIM_MAX in one call: those that nobody answered for, then the least
 * recently confirmed.  Those that `spare` is true for stay.  Returns how many were removed.
 */
#define NETSTACK_KERNEL_TRIM_MAX 16384
extern unsigned int netstack_kernel_trim_neighbors(struct netstack *stack, unsigned int max,
						   netstack_kernel_spare_fn spare, const void *arg);

/*
 * Has the kernel find out whether a neighbour on a link of the stack is there; what comes of it is
 * observed.  Neighbours of one stack are asked in one batch: add each, then send.  A permanent entry
 * must not be asked: older kernels would make it one that is learned.
 */
struct netstack_probes;
extern struct netstack_probes *netstack_kernel_probes_new(const struct netstack *stack);
extern void netstack_kernel_probes_add(struct netstack_probes *probes, int ifindex,
				       const struct ipaddr *address, bool resolved);
extern void netstack_kernel_probes_send(struct netstack_probes *probes); /* and frees */

/* Counters since start, for `show netstack summary`. */
struct netstack_kernel_stats {
	uint64_t operations; /* executed */
	uint64_t failures;
	uint64_t events;   /* notifications read */
	uint64_t overruns; /* ENOBUFS: everything read again */
};
extern const struct netstack_kernel_stats *netstack_kernel_stats(void);

#endif /* _NETSTACK_KERNEL_H */
