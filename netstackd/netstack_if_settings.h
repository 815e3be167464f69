// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The settings of an interface below /proc/sys/net, which the kernel forgets when the interface
 * changes its network namespace (dev_change_net_namespace() in net/core/dev.c unregisters it).
 */

#ifndef _NETSTACK_IF_SETTINGS_H
#define _NETSTACK_IF_SETTINGS_H

struct netstack_if_settings;

/*
 * Those that the interface has now, in the namespace that the thread is in, without the ones that
 * follow from the namespace or that netstackd sets itself.  To be freed; NULL: there are none.
 */
extern struct netstack_if_settings *netstack_if_settings_read(const char *ifname);

/*
 * Gives them to the interface of that name, in the namespace that the thread is in.  How many could
 * not be set; those that the kernel does not have there do not count.
 */
extern unsigned int netstack_if_settings_write(const struct netstack_if_settings *settings,
					       const char *ifname);

/* Frees; NULL is fine. */
extern void netstack_if_settings_free(struct netstack_if_settings *settings);

#endif /* _NETSTACK_IF_SETTINGS_H */
