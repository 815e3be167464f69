// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Named network namespaces, as ip-netns(8) has them: a namespace is named by a file in /run/netns
 * that it is mounted on (network_namespaces(7), setns(2)).  System calls, and nothing of stacks.
 *
 * All of it takes the privileges of netstack_privs.h, which are raised here, but for what the kernel
 * takes milliseconds for: that is for a thread of netstack_background_call(), which has them.
 */

#ifndef _NETSTACK_NETNS_H
#define _NETSTACK_NETNS_H

#include <stdbool.h>

struct event_loop;

#define NETSTACK_NETNS_DIR "/run/netns"

/* What a name in /run/netns is. */
enum netstack_netns_name {
	NETSTACK_NETNS_ABSENT = 0, /* there is no such file */
	NETSTACK_NETNS_SAME,	   /* the namespace that was asked for */
	NETSTACK_NETNS_OTHER,	   /* another namespace */
	NETSTACK_NETNS_NONE,	   /* a file that is no namespace */
};

/*
 * For a thread: a new namespace without a name, which the thread is in from now on.  Returns a
 * descriptor of it, for the caller to close, or a negative errno.
 */
extern int netstack_netns_unshare(void);
/*
 * Gives the namespace `fd` a name.  Returns 0 or a positive errno; EEXIST: something has the name.
 * zebra, which learns of the file by inotify(7), finds a namespace in it right after that.
 */
extern int netstack_netns_name(const char *name, int fd);
/*
 * For a thread: takes the name away.  The namespace ends when nobody holds it any more.  Returns 0 (also if there
 * is no such name) or a positive errno.
 */
extern int netstack_netns_unname(const char *name);
/* A descriptor of the named namespace, for the caller to close, or a negative errno. */
extern int netstack_netns_open(const char *name);
/* What the name is, compared to the namespace `fd`; -1: none is asked for. */
extern enum netstack_netns_name netstack_netns_look(const char *name, int fd);
/* Calls cb for each name in /run/netns. */
extern void netstack_netns_each(void (*cb)(const char *name, void *arg), void *arg);

/*
 * Calls cb for each name that came or went in /run/netns, from the event loop; NULL: names came or
 * went, and it is not known which.  Returns 0 or a positive errno.
 */
extern int netstack_netns_watch(struct event_loop *loop, void (*cb)(const char *name));
extern void netstack_netns_unwatch(void);

/*
 * Enters the namespace `fd`: sockets that are opened and /proc/sys/net belong to it.  Returns 0 or
 * a positive errno; after 0 netstack_netns_leave() of it has to follow, and nothing may be waited for in
 * between: the whole daemon is there.  A negative `fd` is the daemon's own namespace: neither does anything.
 */
extern int netstack_netns_enter(int fd);
extern void netstack_netns_leave(int fd);
/* A descriptor of the daemon's own namespace; -1: it could not be had.  Not to be closed. */
extern int netstack_netns_home(void);

#endif /* _NETSTACK_NETNS_H */
