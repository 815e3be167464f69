// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the files netstack_events*.c share; nobody else's business.
 */

#ifndef _NETSTACK_EVENTS_IMPL_H
#define _NETSTACK_EVENTS_IMPL_H

#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_netlink.h"
#include "netstackd/netstack_observed.h"
#include "netstackd/netstack_sysctl.h"

struct event;
struct event_loop;

/* A growing set of numbers, in no order, each once. */
struct netstack_id_set {
	uint32_t *id;
	size_t count;
	size_t room;
};

enum {
	NETSTACK_WATCHED_STRICT_MODE = 0,
	NETSTACK_WATCHED_TCP_L3MDEV,
	NETSTACK_WATCHED_UDP_L3MDEV,
	NETSTACK_WATCHED_SETTINGS,
};

/* A setting of which processes' writes are noticed. */
struct netstack_watched_setting {
	struct netstack_events *events;
	struct netstack_sysctl_watch watch;
	struct event *t_read;
};

struct netstack_events {
	struct event_loop *loop;
	struct netstack_observed *obs;
	const struct netstack_kernel_hooks *hooks;
	struct netstack_nl_socket *requests;
	struct netstack_kernel_stats *stats;
	struct netstack *stack; /* whose namespace it is; NULL: the daemon's own */
	int netns;		/* -1: the daemon's own */

	struct netstack_nl_socket socket;
	struct event *t_read;
	struct event *t_reread;
	struct event *t_resync;

	struct netstack_watched_setting settings[NETSTACK_WATCHED_SETTINGS];
	struct timeval settings_read_at; /* monotonic */

	uint32_t seen;		       /* number of the dump in progress, or of the last one */
	bool quiet;		       /* everything is being read: resynced() says it all */
	bool lost;		       /* messages were lost: everything has to be read again */
	bool rules_dirty;	       /* a rule came or went */
	struct timeval resynced_at;    /* monotonic */
	struct netstack_id_set tables; /* to be read again */
	struct netstack_id_set links;  /* likewise, by ifindex */

	/* of the dump of a table in progress */
	struct netstack_fib_table *dumped;
	bool dumped_changed;
};

/* netstack_events.c, for the others: */

/* The hook, unless everything is being read. */
extern void netstack_events_tell_table(struct netstack_events *events, uint32_t table);
/* `arg`: struct netstack_events.  What the kernel does not tell of the table is read, some ms later. */
extern void netstack_events_table_reread_soon(uint32_t table, void *arg);

/* netstack_events_route.c: */

/* RTM_NEWROUTE, RTM_DELROUTE. */
extern void netstack_events_route_read(struct netstack_events *events, const struct nlmsghdr *nlh);
/* RTM_NEWNEXTHOP, RTM_DELNEXTHOP: the routes of a nexthop object change with it. */
extern void netstack_events_nexthop_read(struct netstack_events *events,
					 const struct nlmsghdr *nlh);
/* One of a dump of `dumped`; `arg`: struct netstack_events. */
extern void netstack_events_route_dumped(const struct nlmsghdr *nlh, void *arg);

/* netstack_events_sysctl.c: */

/* Nothing is watched yet.  The reverse lets go of all files. */
extern void netstack_events_init_settings(struct netstack_events *events);
extern void netstack_events_stop_settings(struct netstack_events *events);
/* Whether packets are forwarded; notifications tell of it from then on. */
extern void netstack_events_read_forwarding(struct netstack_events *events);

#endif /* _NETSTACK_EVENTS_IMPL_H */
