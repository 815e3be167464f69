// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zebra: routes, next-hop tracking, and what other daemons see.
 *
 * For each prefix of a stack the configured next hops (`default-gateway`, `route`) compete: of
 * those that are usable the ones of the lowest distance are sent as one route, ECMP if several;
 * the others stand by.  A gateway is usable if it is in a subnet of the stack on a link that is up
 * and zebra's next-hop tracking resolves it.  A route counts as installed when zebra says so
 * (ZEBRA_ROUTE_NOTIFY_OWNER), and only then.
 */

#ifndef _NETSTACK_ZEBRA_H
#define _NETSTACK_ZEBRA_H

#include "netstack_desired.h"

struct event_loop;
struct netstack_fib_route;

extern void netstack_zebra_init(struct event_loop *loop);
extern void netstack_zebra_terminate(void);

extern bool netstack_zebra_connected(void);
/* Does zebra know the stack's VRF, under the ifindex that the kernel has? */
extern bool netstack_zebra_has_vrf(const struct netstack *stack);
/*
 * Does zebra see links in the stack's namespace, but for lo?  A namespace must not go before zebra
 * has noticed that they left it (doc/developer/upstream.md).
 */
extern bool netstack_zebra_sees_links(const struct netstack *stack);
/* What is sent between the two goes out together: they are called in one turn of the event loop. */
extern void netstack_zebra_gather(void);
extern void netstack_zebra_flush(void);
/* Is there something from zebra to be read? */
extern bool netstack_zebra_speaks(void);
/*
 * Asks zebra something that it answers once it has dealt with what came before, and calls `answered` from
 * the event loop then; not at all if the connection ends.  The last one of several counts.
 */
extern void netstack_zebra_ask(void (*answered)(void));
/* Has zebra tell of all links that it knows, once more. */
extern void netstack_zebra_send_links(void);
/* Milliseconds that an answer is waited for. */
#define NETSTACK_ZEBRA_ANSWER_MSEC 100
/* Is there an answer to wait for? */
extern bool netstack_zebra_is_asked(void);
/* Seconds since zebra said anything of a route, a link or a VRF: it may be busy with others. */
extern int64_t netstack_zebra_silence(void);
/* Does zebra know a VRF of this name, whatever it is? */
extern bool netstack_zebra_knows(const char *name);

/*
 * Brings zebra to what the stack asks for, as far as it can be now.  Called by reconcile.  After a look
 * at all of the stack it only looks at prefixes that the configuration has changed, until something
 * else happens.
 */
extern void netstack_zebra_update(struct netstack *stack);
/* Something of the stack, or of what it depends on, changed: all of it is looked at the next time. */
extern void netstack_zebra_outdated(struct netstack *stack);
/*
 * The configuration changed next hops of the prefix, untracked ones.  False: that cannot be dealt with
 * by itself, or it is not all that has changed, and the stack is to be marked as outdated.
 */
extern bool netstack_zebra_route_changed(struct netstack *stack,
					 const struct netstack_prefix *prefix);
/*
 * Sends what zebra has nothing of yet among these prefixes: that takes nothing away, so it need not wait
 * until all of a file is known.
 */
extern void netstack_zebra_publish_new(struct netstack *stack);
/*
 * A route came into the stack's table, or went: is that what zebra was asked for?
 * Then it makes no difference to what is to be done.
 */
extern bool netstack_zebra_expects(struct netstack *stack, const struct netstack_fib_route *route,
				   bool came);
/*
 * Before a device goes that was the stack's VRF under its former name: bfdd takes nobody's leave of a VRF that it
 * does not have any more.  To be called before the operations are carried out; does nothing else.
 */
extern void netstack_zebra_leave_former(struct netstack *stack);
/*
 * The same at once, for a next hop that failed or is back: what is dirty, and what others are having
 * configured, comes later.  To be called from the event loop, not while a stack is being dealt with.
 */
extern void netstack_zebra_publish(struct netstack *stack);
/* True when zebra has nothing of ours for this stack any more. */
extern bool netstack_zebra_withdrawn(const struct netstack *stack);

/*
 * How many prefixes of the stack wait until its limit of routes has room: those that something usable
 * is configured for, and those that only leak into it.  Looks at all of them, if any does wait.
 */
extern void netstack_zebra_waiting(const struct netstack *stack, unsigned int *configured,
				   unsigned int *leaked);

/* The kernel announced the deletion of a route of the stack's table; maybe one of ours. */
extern void netstack_zebra_route_deleted(struct netstack *stack,
					 const struct netstack_prefix *prefix);
/* The stack is about to be freed. */
extern void netstack_zebra_forget(struct netstack *stack);
/*
 * The configuration has been read: from now on a route that zebra kept for us over a restart and
 * that is not asked for may go.
 */
extern void netstack_zebra_config_read(void);

/*
 * What a route in the kernel is that zebra has put there for us: "leak" or "netstack", static.  NULL: it is
 * somebody else's, as far as can be seen.
 */
extern const char *netstack_zebra_protocol(const struct netstack *stack,
					   const struct netstack_fib_route *route);
/* Is this route in the kernel one that we let leak into the stack? */
extern bool netstack_zebra_is_leaked(const struct netstack *stack,
				     const struct netstack_fib_route *route);
/*
 * Is the route of the prefix that leaks from the source into the stack installed, says zebra?
 * Writes why not into `reason`, or "".
 */
extern bool netstack_zebra_leak_installed(const struct netstack *stack,
					  const struct netstack *source,
					  const struct netstack_prefix *prefix, char *reason,
					  size_t len);

/* Where a default route comes from. */
struct netstack_zebra_default {
	char protocol[16]; /* "bgp", "ospf6", …; "leak": out of another stack */
	int distance;	   /* -1: not known (yet) */
	char reason[64];   /* "leaks from NAME", "route of bgp" */
};

/*
 * Where a default route that the kernel has in the stack's table comes from.  False if the stack's
 * own configuration asks for it.
 */
extern bool netstack_zebra_default(const struct netstack *stack,
				   const struct netstack_fib_route *route,
				   struct netstack_zebra_default *origin);

enum netstack_route_state {
	NETSTACK_ROUTE_PENDING = 0, /* not in force; the reason says what it waits for */
	NETSTACK_ROUTE_UNREACHABLE, /* in a subnet of the stack, but down */
	NETSTACK_ROUTE_STANDBY,	    /* usable; another is preferred */
	NETSTACK_ROUTE_ACTIVE,	    /* carries traffic: installed, says zebra */
};

/*
 * What a configured next hop has come to.  Writes why into `reason` ("" if there is nothing to
 * say, as for one that is active).
 */
extern enum netstack_route_state netstack_route_state(const struct netstack_route *route,
						      char *reason, size_t len);

#endif /* _NETSTACK_ZEBRA_H */
