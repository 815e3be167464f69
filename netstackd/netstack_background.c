// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel takes long for, done by threads: one for each datagram of requests, one for a call.
 *
 * The thread of a datagram knows a socket and a buffer, that of a call its argument, and neither calls
 * anything of libfrr's.  All else, the answers included, is the main thread's.
 */

#include <zebra.h>

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include "frrevent.h"
#include "memory.h"
#include "privs.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_background.h"
#include "netstackd/netstack_privs.h"

/* For the answers to some hundred requests, which are one datagram then, and take one thread. */
#define RCVBUF_BYTES (256 * 1024)

DEFINE_MTYPE_STATIC(NETSTACKD, BACKGROUND, "Requests in the background");

struct netstack_background {
	struct event_loop *loop;
	void (*done)(void *arg);
	void *arg;

	pthread_t thread;
	int ended; /* an eventfd: readable when the thread is about to end */
	struct event *t_ended;

	void (*call)(void *arg); /* NULL: the rest, requests, is used */
	struct netstack_nl_socket socket;
	struct netstack_nl_transfer transfer;
	const void *datagram;
	size_t len;
	int error; /* of sendto(), once the thread has ended */
};

static void free_background(struct netstack_background *background)
{
	EVENT_OFF(background->t_ended);
	if (background->ended >= 0)
		close(background->ended);
	netstack_nl_close(&background->socket);
	XFREE(MTYPE_BACKGROUND, background);
}

static void send_datagram(struct netstack_background *background)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t sent;

	do
		sent = sendto(background->socket.fd, background->datagram, background->len, 0,
			      (struct sockaddr *)&kernel, sizeof(kernel));
	while (sent < 0 && errno == EINTR);
	background->error = sent < 0 ? errno : 0;
}

static void *run(void *arg)
{
	struct netstack_background *background = arg;
	uint64_t one = 1;
	ssize_t written;

	if (background->call)
		background->call(background->arg);
	else
		send_datagram(background);
	do
		written = write(background->ended, &one, sizeof(one));
	while (written < 0 && errno == EINTR);
	return NULL;
}

static void thread_ended(struct event *event);

/*
 * A thread starts with the privileges and the blocked signals of the one that makes it: it may
 * change the network, and the daemon's signals are the main thread's.
 */
static int start_thread(struct netstack_background *background)
{
	sigset_t all, before;
	int error = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	frr_with_privs (&netstack_privs) {
		error = pthread_create(&background->thread, NULL, run, background);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!error)
		event_add_read(background->loop, thread_ended, background, background->ended,
			       &background->t_ended);
	return error;
}

/* Sends the next datagram; false: there is none, all are answered. */
static bool send_next(struct netstack_background *background)
{
	int error;

	while ((background->datagram =
			netstack_nl_transfer_next(&background->socket, &background->transfer,
						  &background->len))) {
		error = start_thread(background);
		if (!error)
			return true;
		netstack_nl_transfer_sent(&background->socket, &background->transfer, error);
	}
	return false;
}

/*
 * Waits for the thread, which has nothing left to do when `ended` is readable, and for the answers.
 * True: there is more to be done.
 */
static bool join(struct netstack_background *background)
{
	uint64_t count;
	ssize_t got;

	pthread_join(background->thread, NULL);
	do
		got = read(background->ended, &count, sizeof(count));
	while (got < 0 && errno == EINTR);
	if (background->call)
		return false;
	netstack_nl_transfer_sent(&background->socket, &background->transfer, background->error);
	return send_next(background);
}

static void thread_ended(struct event *event)
{
	struct netstack_background *background = EVENT_ARG(event);
	void (*done)(void *arg) = background->done;
	void *arg = background->arg;

	if (join(background))
		return;
	free_background(background);
	done(arg);
}

static struct netstack_background *new_background(struct event_loop *loop, void (*done)(void *arg),
						  void *arg)
{
	struct netstack_background *background = XCALLOC(MTYPE_BACKGROUND, sizeof(*background));

	background->loop = loop;
	background->done = done;
	background->arg = arg;
	background->ended = eventfd(0, EFD_CLOEXEC);
	background->socket.fd = -1;
	return background;
}

struct netstack_background *netstack_background_call(struct event_loop *loop,
						     void (*call)(void *arg),
						     void (*done)(void *arg), void *arg)
{
	struct netstack_background *background = new_background(loop, done, arg);
	int error = netstack_privs_raise_netns();

	background->call = call;
	if (!error) {
		error = background->ended < 0 ? EMFILE : start_thread(background);
		netstack_privs_lower_netns();
	}
	if (!error)
		return background;
	free_background(background);
	errno = error;
	return NULL;
}

struct netstack_background *netstack_background_send(struct event_loop *loop, int netns,
						     struct netstack_nl_batch *batch,
						     void (*done)(void *arg), void *arg)
{
	struct netstack_background *background = new_background(loop, done, arg);

	background->transfer.batch = batch;
	if (netstack_nl_open(&background->socket, RCVBUF_BYTES, NULL, 0, netns) ||
	    background->ended < 0 || !send_next(background)) {
		free_background(background);
		return NULL;
	}
	return background;
}

void netstack_background_wait(struct netstack_background *background)
{
	do
		EVENT_OFF(background->t_ended);
	while (join(background));
	free_background(background);
}
