// SPDX-License-Identifier: GPL-2.0-or-later
/* What the files of zebra's module share. */

#ifndef _ZEBRA_NETSTACK_H
#define _ZEBRA_NETSTACK_H

struct event_loop;

/*
 * From now on, namespaces with a name in /run/netns that zebra has failed to take for VRFs are offered
 * to it again.  In zebra's main thread, once, with its event loop, when it uses namespaces (-w).
 */
void zebra_netstack_find_lost(struct event_loop *loop);

#endif
