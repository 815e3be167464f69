// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zebra's messages, read many at a time.
 *
 * libfrr reads one message in two system calls and a turn of its event loop, some twenty more, and
 * zebra has a dozen messages for each stack (doc/developer/upstream.md, "Each message of zebra's is a
 * turn of the event loop").
 */

#ifndef _NETSTACK_ZEBRA_READ_H
#define _NETSTACK_ZEBRA_READ_H

struct zclient;

/*
 * From now on, until the connection ends, the client reads all that has come in one turn of its
 * event loop, and passes message by message to the library's function for it; but for those that are
 * of no use.  To be called once connected, in the callback zebra_connected.
 */
extern void netstack_zebra_read_many(struct zclient *client, bool (*is_of_use)(uint16_t command));
/* When the messages that are being passed on were read; monotonic. */
extern const struct timeval *netstack_zebra_read_at(void);

#endif /* _NETSTACK_ZEBRA_READ_H */
