// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zebra's messages, read many at a time.
 *
 * The library's own function for its socket, zclient_read(), takes a message that is complete in
 * zclient->ibuf as it is, and reads nothing then: so each is put there.  What comes after the
 * last whole message waits here for the rest of it.
 *
 * The event that reads is zclient->t_read, as the library's own would be: it goes with the connection.
 */

#include <zebra.h>

#include <sys/socket.h>

#include "frrevent.h"
#include "monotime.h"
#include "network.h"
#include "stream.h"
#include "zclient.h"

#include "netstackd/netstack_zebra_read.h"
#include "netstackd/netstack_zebra_send.h"

/* As much as is read in one turn: some hundred messages, or the largest one. */
#define CHUNK_BYTES (4 * ZEBRA_MAX_PACKET_SIZ)

/* There is one connection. */
static struct {
	void (*read_one)(struct event *event); /* zclient_read() */
	bool (*is_of_use)(uint16_t command);
	uint8_t bytes[CHUNK_BYTES];
	size_t count;
	struct timeval read_at; /* monotonic */
} chunk;

static void read_many(struct event *event);

/* The library has its function wait for the socket: it is called, or ours waits. */
static void call_read_one(struct zclient *client)
{
	struct event event = { .arg = client, .master = client->master };

	EVENT_OFF(client->t_read);
	chunk.read_one(&event);
}

static void wait_for_more(struct zclient *client)
{
	EVENT_OFF(client->t_read);
	if (client->sock >= 0)
		event_add_read(client->master, read_many, client, client->sock, &client->t_read);
}

/*
 * Passes on the message at the head of what was read; its length, or 0: it is not whole.  What is no
 * message, or too long a one, is left to the library, which knows what to say.
 */
static size_t pass_on_one(struct zclient *client, const uint8_t *message, size_t count)
{
	size_t length;

	if (count < ZEBRA_HEADER_SIZE)
		return 0;
	length = message[0] << 8 | message[1];
	if (length < ZEBRA_HEADER_SIZE)
		length = ZEBRA_HEADER_SIZE;
	if (count < length)
		return 0;
	if (!chunk.is_of_use(message[8] << 8 | message[9]))
		return length;
	if (STREAM_SIZE(client->ibuf) < length)
		stream_resize_inplace(&client->ibuf, length);
	stream_reset(client->ibuf);
	stream_put(client->ibuf, message, length);
	call_read_one(client);
	return length;
}

/* A message may end the connection.  What is sent because of them goes out together. */
static void pass_on(struct zclient *client)
{
	size_t at = 0, length;

	netstack_zebra_hold(client);
	while (client->sock >= 0 &&
	       (length = pass_on_one(client, chunk.bytes + at, chunk.count - at)))
		at += length;
	netstack_zebra_release(client);
	chunk.count -= at;
	memmove(chunk.bytes, chunk.bytes + at, chunk.count);
}

static void read_many(struct event *event)
{
	struct zclient *client = EVENT_ARG(event);
	ssize_t count = recv(client->sock, chunk.bytes + chunk.count,
			     sizeof(chunk.bytes) - chunk.count, MSG_DONTWAIT);

	if (count > 0) {
		chunk.count += count;
		monotime(&chunk.read_at);
		pass_on(client);
	} else if (!count || !ERRNO_IO_RETRY(errno)) {
		/* the connection has ended: the library finds so, and connects again */
		stream_reset(client->ibuf);
		call_read_one(client);
	}
	wait_for_more(client);
}

void netstack_zebra_read_many(struct zclient *client, bool (*is_of_use)(uint16_t command))
{
	if (!client->t_read)
		return;
	chunk.count = 0;
	monotime(&chunk.read_at);
	chunk.is_of_use = is_of_use;
	if (client->t_read->func != read_many)
		chunk.read_one = client->t_read->func;
	wait_for_more(client);
}

const struct timeval *netstack_zebra_read_at(void)
{
	return &chunk.read_at;
}
