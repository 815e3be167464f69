// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading zebra's messages: against a zebra that is a socket of the test's.
 */

#include <zebra.h>

#include <sys/socket.h>
#include <sys/un.h>

#include "frrevent.h"
#include "libfrr.h"
#include "stream.h"
#include "vrf.h"
#include "zclient.h"

#include "netstackd/netstack_test.h"
#include "netstackd/netstack_zebra_read.h"
#include "netstackd/netstack_zebra_send.h"

#define MESSAGES 300

static struct {
	struct event_loop *loop;
	struct zclient *client;
	int listener;
	int zebra;
	unsigned int connected;
	unsigned int messages; /* passed on */
	unsigned int last;     /* what was in the last one */
	unsigned int in_order;
	bool hang_up; /* at the next one */
} peer;

static bool is_of_use(uint16_t command)
{
	return command != ZEBRA_INTERFACE_ADDRESS_ADD;
}

static void connected(struct zclient *client)
{
	peer.connected++;
	netstack_zebra_read_many(client, is_of_use);
}

static int heard(ZAPI_CALLBACK_ARGS)
{
	unsigned int number = stream_getl(zclient->ibuf);

	(void)cmd;
	(void)length;
	(void)vrf_id;
	peer.in_order += number == peer.last + 1;
	peer.last = number;
	peer.messages++;
	if (peer.hang_up)
		zclient_stop(zclient);
	return 0;
}

static zclient_handler *const handlers[] = {
	[ZEBRA_INTERFACE_ADDRESS_ADD] = heard,
	[ZEBRA_ROUTE_NOTIFY_OWNER] = heard,
};

/* One turn of the loop; a timer of its own sees to it that none waits for ever. */
static void out_of_time(struct event *event)
{
	(void)event;
}

static void turn(void)
{
	struct event *timer = NULL, event;

	event_add_timer_msec(peer.loop, out_of_time, NULL, 2000, &timer);
	if (event_fetch(peer.loop, &event))
		event_call(&event);
	EVENT_OFF(timer);
}

static void connect_client(void)
{
	while (!peer.client->t_read && peer.client->t_connect)
		turn();
	peer.zebra = accept(peer.listener, NULL, NULL);
}

static bool start(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len;

	memset(&peer, 0, sizeof(peer));
	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/test_zebra_read.%d", getpid());
	unlink(address.sun_path);
	peer.listener = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(peer.listener, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(peer.listener, 1) || !frr_zclient_addr(&zclient_addr, &len, address.sun_path))
		return false;
	zclient_addr_len = len;
	peer.loop = event_master_create(NULL);
	peer.client =
		zclient_new(peer.loop, &zclient_options_default, handlers, array_size(handlers));
	peer.client->zebra_connected = connected;
	zclient_init(peer.client, ZEBRA_ROUTE_STATIC, 1, NULL);
	connect_client();
	return peer.zebra >= 0;
}

static void stop(void)
{
	unlink(((struct sockaddr_un *)&zclient_addr)->sun_path);
	zclient_stop(peer.client);
	zclient_free(peer.client);
	event_master_free(peer.loop);
	close(peer.zebra);
	close(peer.listener);
}

/* A message of zebra's that has a number in it. */
static size_t put_message(uint8_t *data, uint16_t command, uint32_t number)
{
	const uint16_t length = ZEBRA_HEADER_SIZE + sizeof(number);
	const uint8_t header[ZEBRA_HEADER_SIZE] = {
		length >> 8, length & 0xff, ZEBRA_HEADER_MARKER, ZSERV_VERSION, 0, 0, 0,
		0,	     command >> 8,  command & 0xff,
	};

	number = htonl(number);
	memcpy(data, header, sizeof(header));
	memcpy(data + sizeof(header), &number, sizeof(number));
	return length;
}

static void say(uint16_t command, uint32_t first, uint32_t last)
{
	uint8_t data[MESSAGES * 16];
	size_t count = 0;

	for (uint32_t number = first; number <= last; number++)
		count += put_message(data + count, command, number);
	if (write(peer.zebra, data, count) != (ssize_t)count)
		abort();
}

TEST(many_messages_are_one_turn_of_the_loop)
{
	CHECK(start());
	say(ZEBRA_ROUTE_NOTIFY_OWNER, 1, MESSAGES);
	turn();
	CHECK_INT(peer.messages, MESSAGES);
	CHECK_INT(peer.in_order, MESSAGES);
	stop();
}

TEST(the_rest_of_a_message_is_waited_for)
{
	uint8_t data[64];
	size_t count;

	CHECK(start());
	count = put_message(data, ZEBRA_ROUTE_NOTIFY_OWNER, 1);
	count += put_message(data + count, ZEBRA_ROUTE_NOTIFY_OWNER, 2);
	for (size_t i = 0; i < count; i++) {
		CHECK_INT(peer.messages, i / (count / 2));
		CHECK_INT(write(peer.zebra, data + i, 1), 1);
		turn();
	}
	CHECK_INT(peer.messages, 2);
	CHECK_INT(peer.in_order, 2);
	stop();
}

TEST(what_is_of_no_use_is_left_out_and_what_follows_is_not)
{
	CHECK(start());
	say(ZEBRA_INTERFACE_ADDRESS_ADD, 1, 5);
	say(ZEBRA_ROUTE_NOTIFY_OWNER, 1, 3);
	turn();
	CHECK_INT(peer.messages, 3);
	CHECK_INT(peer.in_order, 3);
	stop();
}

TEST(nothing_is_passed_on_after_a_message_that_ended_the_connection)
{
	CHECK(start());
	peer.hang_up = true;
	say(ZEBRA_ROUTE_NOTIFY_OWNER, 1, 3);
	turn();
	CHECK_INT(peer.messages, 1);
	CHECK(!peer.client->t_read);
	stop();
}

/* The commands of the messages that have come. */
static void read_commands(uint16_t commands[], size_t max, size_t *count)
{
	uint8_t data[1024];
	ssize_t size = recv(peer.zebra, data, sizeof(data), MSG_DONTWAIT);

	*count = 0;
	for (ssize_t at = 0; at + ZEBRA_HEADER_SIZE <= size && *count < max;
	     at += data[at] << 8 | data[at + 1])
		commands[(*count)++] = data[at + 8] << 8 | data[at + 9];
}

static void send_one(uint16_t command)
{
	stream_reset(peer.client->obuf);
	zclient_create_header(peer.client->obuf, command, VRF_DEFAULT);
	zclient_send_message(peer.client);
}

TEST(what_is_held_goes_out_together)
{
	uint16_t commands[8];
	size_t count;

	CHECK(start());
	read_commands(commands, array_size(commands), &count); /* of the connection itself */
	netstack_zebra_hold(peer.client);
	send_one(ZEBRA_ROUTE_ADD);
	send_one(ZEBRA_ROUTE_DELETE);
	read_commands(commands, array_size(commands), &count);
	CHECK_INT(count, 0);
	netstack_zebra_release(peer.client);
	CHECK(!peer.client->t_write);
	read_commands(commands, array_size(commands), &count);
	CHECK_INT(count, 3);
	CHECK_INT(commands[0], ZEBRA_INTERFACE_DELETE);
	CHECK_INT(commands[1], ZEBRA_ROUTE_ADD);
	CHECK_INT(commands[2], ZEBRA_ROUTE_DELETE);
	send_one(ZEBRA_ROUTE_ADD);
	read_commands(commands, array_size(commands), &count);
	CHECK_INT(count, 1);
	stop();
}

TEST(where_nothing_was_held_nothing_goes_out)
{
	uint16_t commands[8];
	size_t count;

	CHECK(start());
	read_commands(commands, array_size(commands), &count);
	netstack_zebra_hold(peer.client);
	netstack_zebra_release(peer.client);
	read_commands(commands, array_size(commands), &count);
	CHECK_INT(count, 0);
	send_one(ZEBRA_ROUTE_ADD);
	read_commands(commands, array_size(commands), &count);
	CHECK_INT(count, 1);
	CHECK_INT(commands[0], ZEBRA_ROUTE_ADD);
	stop();
}

TEST(the_client_connects_again_and_reads_on_from_the_beginning)
{
	uint8_t data[64];

	CHECK(start());
	put_message(data, ZEBRA_ROUTE_NOTIFY_OWNER, 1);
	CHECK_INT(write(peer.zebra, data, 5), 5);
	turn();
	close(peer.zebra);
	turn();
	CHECK(peer.client->sock < 0);
	connect_client();
	CHECK_INT(peer.connected, 2);
	say(ZEBRA_ROUTE_NOTIFY_OWNER, 1, 1);
	turn();
	CHECK_INT(peer.messages, 1);
	stop();
}
