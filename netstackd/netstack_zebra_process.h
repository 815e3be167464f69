// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which zebra is it that netstackd is connected to?
 *
 * One that has started anew may have found routes of ours in the kernel (netstack_rib_lay_ghost()).  One
 * that this netstackd, or the one before it, was connected to already has not: what looks like
 * ours there is staticd's own.  So its process, by number and start, is kept in a file that lives as long
 * as the machine is up.
 */

#ifndef _NETSTACK_ZEBRA_PROCESS_H
#define _NETSTACK_ZEBRA_PROCESS_H

#include <stdbool.h>

/* Connected, by this socket: looks whose it is, and keeps that. */
extern void netstack_zebra_process_connected(int sock);
/* Has no netstackd been connected to it before?  True as well if that cannot be known. */
extern bool netstack_zebra_process_is_new(void);

#endif /* _NETSTACK_ZEBRA_PROCESS_H */
