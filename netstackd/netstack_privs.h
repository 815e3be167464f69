// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Capabilities, one purpose each (capabilities(7)).
 *
 * libfrr raises all that a daemon has at once.  Here `frr_with_privs (&netstack_privs)` raises
 * CAP_NET_ADMIN alone, and what network namespaces take is raised apart, for the system calls that
 * take it:
 *
 *     CAP_SYS_ADMIN       unshare(), setns(), mount(), umount2()
 *     CAP_DAC_OVERRIDE    the files in /run/netns, which is root's
 *
 * and so is what the sockets of ICMP take:
 *
 *     CAP_NET_RAW         socket() of SOCK_RAW, SO_BINDTODEVICE
 *
 * A router whose stacks are VRF devices gives those of namespaces up as soon as it is known.
 */

#ifndef _NETSTACK_PRIVS_H
#define _NETSTACK_PRIVS_H

#include <stdbool.h>

/* After frr_init(), which has dropped all that is not in netstack_privs. */
extern void netstack_privs_init(void);

/*
 * Raises what namespaces take, and lowers it again.  Not to be nested.  Returns 0 or a positive
 * errno: EPERM after netstack_privs_give_up_netns().
 */
extern int netstack_privs_raise_netns(void);
extern void netstack_privs_lower_netns(void);

/* The same for raw sockets. */
extern int netstack_privs_raise_raw(void);
extern void netstack_privs_lower_raw(void);

/* Gives up what namespaces take, for the rest of the process's life. */
extern void netstack_privs_give_up_netns(void);
extern bool netstack_privs_have_netns(void);

#endif /* _NETSTACK_PRIVS_H */
