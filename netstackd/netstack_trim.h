// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Gives memory back that a command took for a moment: a `show` of a thousand stacks, or a file of as
 * many, take more than what stays, and the C library keeps what lies between that.
 */

#ifndef _NETSTACK_TRIM_H
#define _NETSTACK_TRIM_H

struct event_loop;

/* Once, after frr_init().  It ends with the event loop. */
extern void netstack_trim_init(struct event_loop *loop);

#endif /* _NETSTACK_TRIM_H */
