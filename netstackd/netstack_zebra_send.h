// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages to zebra, sent many at a time.
 *
 * libfrr writes each message by itself as long as zebra's socket takes it: a system call each, and zebra is
 * woken up for the first while the others are still being made.
 */

#ifndef _NETSTACK_ZEBRA_SEND_H
#define _NETSTACK_ZEBRA_SEND_H

struct zclient;

/*
 * What the client sends from now on waits until it is released, in the same turn of the event loop.
 * Nothing happens if it is not connected, or something waits anyway.
 */
extern void netstack_zebra_hold(struct zclient *client);
extern void netstack_zebra_release(struct zclient *client);

#endif /* _NETSTACK_ZEBRA_SEND_H */
