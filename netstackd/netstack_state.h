// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What has to outlive the daemon and stands neither in the configuration nor in the kernel: the
 * tables that were allocated, which links were enslaved to which stack, and the MAC and the MTU that
 * links had before ours.  It is kept in FRR's
 * state file of the daemon (frr_daemon_state_load() in lib/libfrr.h: /var/lib/frr/netstackd.json).
 * Losing it is no disaster: tables are adopted from the VRF devices that exist.
 */

#ifndef _NETSTACK_STATE_H
#define _NETSTACK_STATE_H

/* Reads the file, if there is one, into tables and members. */
extern void netstack_state_load(void);
/* Something that belongs in the file changed: it is written within a second, and at the end. */
extern void netstack_state_changed(void);
/* Writes it now if it has changed. */
extern void netstack_state_save(void);

#endif /* _NETSTACK_STATE_H */
