// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel takes long for: requests, and system calls about namespaces.
 *
 * The kernel executes a request of rtnetlink within sendto().  To delete a link takes it some 20 ms,
 * in which it waits for others to stop using it (synchronize_net(), netdev_run_todo()): too long for
 * a daemon that has to react to the failure of a gateway.  So a thread sends, and does nothing else.
 * To make a namespace, or to take its name away, takes up to 13 ms while others are being cleaned up.
 *
 * Most of that time is one grace period (rcu_barrier()), which the kernel waits for without the rtnl
 * lock, and once for all who wait: where many namespaces have a batch each, many are to be under way.
 */

#ifndef _NETSTACK_BACKGROUND_H
#define _NETSTACK_BACKGROUND_H

#include "netstackd/netstack_netlink.h"

struct event_loop;
struct netstack_background;

/*
 * Sends the batch, which must not be touched until `done` is called from the event loop: its results
 * are there then, as after netstack_nl_batch_send().  By a socket of its own in the network
 * namespace `netns`, a descriptor; -1: the daemon's own.  NULL: that cannot be done now, and nothing
 * was sent.
 */
extern struct netstack_background *netstack_background_send(struct event_loop *loop, int netns,
							    struct netstack_nl_batch *batch,
							    void (*done)(void *arg), void *arg);
/*
 * Has a thread call `call`, which must not use libfrr nor anything that others use before `done` is
 * called from the event loop, with the same argument.  The thread has the privileges of
 * netstack_privs.h for the network and its namespaces, and may go to another one: it is its only
 * user.  NULL, with nothing called and the reason in errno: that cannot be done now.
 */
extern struct netstack_background *netstack_background_call(struct event_loop *loop,
							    void (*call)(void *arg),
							    void (*done)(void *arg), void *arg);
/* Waits until all is done, in the place of `done`, and frees it. */
extern void netstack_background_wait(struct netstack_background *background);

#endif /* _NETSTACK_BACKGROUND_H */
