// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the kernel's messages to what is observed: dumps, notifications, and dumps again where
 * notifications do not tell or were lost.
 */

#ifndef _NETSTACK_EVENTS_H
#define _NETSTACK_EVENTS_H

#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_netlink.h"

struct event_loop;
struct netstack_events;

/* Whose kernel is read, with what, and who hears of it. */
struct netstack_events_setup {
	struct event_loop *loop;
	struct netstack_observed *obs;
	const struct netstack_kernel_hooks *hooks;
	struct netstack_nl_socket *requests; /* dumps go over it */
	struct netstack_kernel_stats *stats;
	struct netstack *stack; /* whose namespace it is; NULL: the daemon's own */
	int netns;		/* a descriptor of that; -1: the daemon's own */
};

/*
 * Subscribes, then reads everything into `obs`, then follows.  What the setup points to has to
 * outlive the result, which the caller gives to netstack_events_stop().  NULL, with the errno in
 * `error`, after logging what failed.
 */
extern struct netstack_events *netstack_events_start(const struct netstack_events_setup *setup,
						     int *error);
extern void netstack_events_stop(struct netstack_events *events);

/* Reads what is waiting, without blocking. */
extern void netstack_events_drain(struct netstack_events *events);

/* See netstack_kernel.h. */
extern void netstack_events_watch_table(struct netstack_events *events, uint32_t table);
extern void netstack_events_unwatch_table(struct netstack_events *events, uint32_t table);

/* Reads these links again, now: for changes that the kernel does not tell of (disable_ipv6). */
extern void netstack_events_reread_links(struct netstack_events *events, const int *ifindex,
					 size_t count);
/* Reads this IPv6 address now, if it is there: its notification may be late. */
extern void netstack_events_read_address(struct netstack_events *events, int ifindex,
					 const struct netstack_prefix *prefix);
/* Reads all IPv6 addresses of the link now: those without duplicate address detection, likewise. */
extern void netstack_events_read_addresses(struct netstack_events *events, int ifindex);
/* Reads the settings again if that was some time ago, or if there is one that is not watched. */
extern void netstack_events_follow_sysctls(struct netstack_events *events);
/* Reads the settings that are observed again. */
extern void netstack_events_reread_sysctls(struct netstack_events *events);

#endif /* _NETSTACK_EVENTS_H */
