// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel settings below /proc/sys/net.
 *
 * Their files belong to root, but who has CAP_NET_ADMIN may write them (net_ctl_permissions() in
 * net/sysctl_net.c).  They are those of the network namespace that the thread is in
 * (netstack_netns_enter()).
 */

#ifndef _NETSTACK_SYSCTL_H
#define _NETSTACK_SYSCTL_H

#include <stdbool.h>

#define NETSTACK_SYSCTL_STRICT_MODE	"vrf/strict_mode"
#define NETSTACK_SYSCTL_TCP_L3MDEV	"ipv4/tcp_l3mdev_accept"
#define NETSTACK_SYSCTL_UDP_L3MDEV	"ipv4/udp_l3mdev_accept"
#define NETSTACK_SYSCTL_FORWARDING_IPV4 "ipv4/ip_forward"
#define NETSTACK_SYSCTL_FORWARDING_IPV6 "ipv6/conf/all/forwarding"

/* The value of /proc/sys/net/`name` into `value`; 0 or a positive errno (ENOENT: no such). */
extern int netstack_sysctl_read(const char *name, int *value);
/* Privileges are raised for it; 0 or a positive errno. */
extern int netstack_sysctl_write(const char *name, int value);
/* The same by a thread that has them (netstack_background_call()). */
extern int netstack_sysctl_write_privileged(const char *name, int value);

/* The same for /proc/sys/net/ipv6/conf/`ifname`/`leaf`. */
extern int netstack_sysctl_ipv6_read(const char *ifname, const char *leaf, int *value);
extern int netstack_sysctl_ipv6_write(const char *ifname, const char *leaf, int value);

/*
 * Follows what processes write to a setting.  There is no notification of settings, but a write to
 * their file is one to a file: vfs_write() tells inotify(7).  The watch is on the inode, which has
 * to be kept in memory by an open file.  What is written by another mount of /proc, as a container
 * has it, is another inode and is not seen.
 */
struct netstack_sysctl_watch {
	int inotify; /* becomes readable after a write; -1: not open */
	int file;
};

/* 0 or a positive errno; then nothing is open. */
extern int netstack_sysctl_watch_open(struct netstack_sysctl_watch *watch, const char *name);
/* Makes `inotify` unreadable until the next write. */
extern void netstack_sysctl_watch_drain(struct netstack_sysctl_watch *watch);
extern void netstack_sysctl_watch_close(struct netstack_sysctl_watch *watch);

#endif /* _NETSTACK_SYSCTL_H */
