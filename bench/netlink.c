// SPDX-License-Identifier: GPL-2.0-or-later
/* See netlink.h. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "bench/netlink.h"

void bench_die(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "%s%s\n", error ? ": " : "", error ? strerror(error) : "");
	exit(EXIT_FAILURE);
}

uint32_t bench_number(const char *text, uint32_t min, uint32_t max)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || !*text || *end || number < min || number > max)
		bench_die(0, "not a number between %u and %u: %s", min, max, text);
	return number;
}

struct mnl_socket *bench_open(unsigned int groups, int rcvbuf)
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_ROUTE);

	if (!nl)
		bench_die(errno, "opening a netlink socket");
	if (setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf, sizeof(rcvbuf)))
		bench_die(errno, "a receive buffer of %d bytes", rcvbuf);
	if (mnl_socket_bind(nl, groups, MNL_SOCKET_AUTOPID))
		bench_die(errno, "binding a netlink socket");
	return nl;
}

void bench_batch_init(struct bench_batch *batch, struct mnl_socket *nl)
{
	batch->nl = nl;
	batch->seq = 0;
	batch->what = "";
	batch->batch = mnl_nlmsg_batch_start(batch->buf, BENCH_BATCH_BYTES);
	if (!batch->batch)
		bench_die(errno, "a batch");
}

struct nlmsghdr *bench_batch_begin(struct bench_batch *batch, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(mnl_nlmsg_batch_current(batch->batch));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++batch->seq;
	return nlh;
}

/* The last one that was put did not fit: it stays at the head of what is left. */
void bench_batch_next(struct bench_batch *batch)
{
	if (!mnl_nlmsg_batch_next(batch->batch))
		bench_batch_flush(batch);
}

/* The last request; the batch is not empty. */
static struct nlmsghdr *last_request(struct bench_batch *batch)
{
	char *at = mnl_nlmsg_batch_head(batch->batch);
	char *end = at + mnl_nlmsg_batch_size(batch->batch);
	struct nlmsghdr *nlh = (struct nlmsghdr *)at;

	for (; at < end; at += MNL_ALIGN(nlh->nlmsg_len))
		nlh = (struct nlmsghdr *)at;
	return nlh;
}

/* True when the answer to the request `seq` has been read. */
static bool read_answers(const struct bench_batch *batch, const char *buf, size_t len, uint32_t seq)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)buf;
	int left = len;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		const struct nlmsgerr *answer = mnl_nlmsg_get_payload(nlh);

		if (nlh->nlmsg_type != NLMSG_ERROR)
			continue;
		if (answer->error)
			bench_die(-answer->error, "%s: request %u, of type %u", batch->what,
				  nlh->nlmsg_seq, answer->msg.nlmsg_type);
		if (nlh->nlmsg_seq == seq)
			return true;
	}
	return false;
}

void bench_batch_flush(struct bench_batch *batch)
{
	static char buf[BENCH_READ_BYTES];
	struct nlmsghdr *last;
	bool answered = false;

	if (mnl_nlmsg_batch_is_empty(batch->batch))
		return;
	last = last_request(batch);
	last->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(batch->nl, mnl_nlmsg_batch_head(batch->batch),
			      mnl_nlmsg_batch_size(batch->batch)) < 0)
		bench_die(errno, "%s: sending", batch->what);
	while (!answered) {
		ssize_t len = mnl_socket_recvfrom(batch->nl, buf, sizeof(buf));

		if (len < 0)
			bench_die(errno, "%s: reading answers", batch->what);
		answered = read_answers(batch, buf, len, last->nlmsg_seq);
	}
	mnl_nlmsg_batch_reset(batch->batch);
}

void bench_batch_fini(struct bench_batch *batch)
{
	bench_batch_flush(batch);
	mnl_nlmsg_batch_stop(batch->batch);
}
