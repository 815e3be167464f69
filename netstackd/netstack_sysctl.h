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
#define NETSTACK_SYSCTL_FORWARDING_IPV4 "ipv4/ip_forward"
#define NETSTACK_SYSCTL_FORWARDING_IPV6 "ipv6/conf/all/forwarding"

/* The value of /proc/sys/net/`name` into `value`; 0 or a positive errno (ENOENT: no such). */
extern int netstack_sysctl_read(const char *name, int *value);
/* Privileges are raised for it; 0 or a positive errno. */
extern int netstack_sysctl_write(const char *name, int value);

/* The same for /proc/sys/net/ipv6/conf/`ifname`/`leaf`. */
extern int netstack_sysctl_ipv6_read(const char *ifname, const char *leaf, int *value);
extern int netstack_sysctl_ipv6_write(const char *ifname, const char *leaf, int value);

#endif /* _NETSTACK_SYSCTL_H */
