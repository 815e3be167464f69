// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rtnetlink: sockets, batches of requests, dumps.
 *
 * The kernel executes a request while it is being sent: when sendmsg() returns, the answers to all
 * requests of the datagram are in the socket's receive queue, and the notifications of what they
 * changed in the queues of those who subscribed.  So waiting is short, and how many requests can
 * be sent together is limited by the room for their answers.
 */

#include <zebra.h>

#include <poll.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>

#include "lib_errors.h"
#include "memory.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_netlink.h"
#include "netstackd/netstack_netns.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NL_BATCH, "Netlink batch");
DEFINE_MTYPE_STATIC(NETSTACKD, NL_RESULTS, "Netlink results");

/* Bytes of a datagram of requests; below the default limit of a send buffer (wmem_default). */
#define SEND_MAX (64 * 1024)
/* What the kernel counts against the receive buffer for an answer with an extended ACK. */
#define ANSWER_SIZE	    2048
#define ANSWER_TIMEOUT_MSEC 5000

/* --- sockets ----------------------------------------------------------------------------- */

/* An option that only makes things better: not to have it is no error. */
static void nl_option(int fd, int option)
{
	int on = 1;

	setsockopt(fd, SOL_NETLINK, option, &on, sizeof(on));
}

/*
 * SO_RCVBUFFORCE goes beyond net.core.rmem_max and needs CAP_NET_ADMIN.  The kernel doubles what it
 * is given and says the doubled.
 */
static void nl_set_rcvbuf(struct netstack_nl_socket *nl, size_t rcvbuf)
{
	int want = rcvbuf / 2, got = 0;
	socklen_t len = sizeof(got);

	if (setsockopt(nl->fd, SOL_SOCKET, SO_RCVBUFFORCE, &want, sizeof(want)) < 0)
		setsockopt(nl->fd, SOL_SOCKET, SO_RCVBUF, &want, sizeof(want));
	getsockopt(nl->fd, SOL_SOCKET, SO_RCVBUF, &got, &len);
	nl->rcvbuf = got;
}

/*
 * The kernel looks at the privileges of who opened the socket and of who sends on it
 * (netlink_net_capable()), so both are done with them raised.
 */
static int nl_socket(struct netstack_nl_socket *nl, size_t rcvbuf)
{
	int error = 0;

	frr_with_privs (&netstack_privs) {
		nl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
		if (nl->fd < 0) {
			error = errno;
			break;
		}
		nl_set_rcvbuf(nl, rcvbuf);
	}
	return error;
}

int netstack_nl_open(struct netstack_nl_socket *nl, size_t rcvbuf, const int *groups,
		     size_t group_count, int netns)
{
	struct sockaddr_nl local = { .nl_family = AF_NETLINK };
	int error;

	memset(nl, 0, sizeof(*nl));
	nl->fd = -1;
	nl->seq = time(NULL);
	error = netstack_netns_enter(netns);
	if (error)
		return error;
	error = nl_socket(nl, rcvbuf);
	netstack_netns_leave(netns);
	if (error)
		return error;

	nl_option(nl->fd, NETLINK_EXT_ACK);
	nl_option(nl->fd, NETLINK_CAP_ACK);
	nl_option(nl->fd, NETLINK_GET_STRICT_CHK);
	if (bind(nl->fd, (struct sockaddr *)&local, sizeof(local)) < 0)
		return errno;
	for (size_t i = 0; i < group_count; i++)
		if (setsockopt(nl->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
			       sizeof(groups[i])) < 0)
			return errno;
	return 0;
}

void netstack_nl_close(struct netstack_nl_socket *nl)
{
	if (nl->fd >= 0)
		close(nl->fd);
	nl->fd = -1;
}

/* One datagram: 0, or ENOBUFS if a part of it is lost. */
static int datagram_read(const struct mmsghdr *datagram, netstack_nl_message_fn cb, void *arg)
{
	const struct msghdr *msg = &datagram->msg_hdr;
	const struct sockaddr_nl *from = msg->msg_name;
	const struct nlmsghdr *nlh = msg->msg_iov->iov_base;
	int left;

	if (msg->msg_flags & MSG_TRUNC)
		return ENOBUFS;
	if (msg->msg_namelen != sizeof(*from) || from->nl_pid != 0)
		return 0; /* not from the kernel */
	for (left = datagram->msg_len; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
		cb(nlh, arg);
	return 0;
}

/* Each notification is a datagram: many of them in one system call. */
int netstack_nl_read(struct netstack_nl_socket *nl, netstack_nl_message_fn cb, void *arg)
{
	static unsigned char buf[NETSTACK_NL_READ_MAX][NETSTACK_NL_BUF_LEN]
		__attribute__((aligned(__alignof__(struct nlmsghdr))));
	struct sockaddr_nl from[NETSTACK_NL_READ_MAX] = {};
	struct mmsghdr datagrams[NETSTACK_NL_READ_MAX] = {};
	struct iovec iov[NETSTACK_NL_READ_MAX];
	int got, error = 0;

	for (int i = 0; i < NETSTACK_NL_READ_MAX; i++) {
		iov[i] = (struct iovec){ .iov_base = buf[i], .iov_len = sizeof(buf[i]) };
		datagrams[i].msg_hdr.msg_name = &from[i];
		datagrams[i].msg_hdr.msg_namelen = sizeof(from[i]);
		datagrams[i].msg_hdr.msg_iov = &iov[i];
		datagrams[i].msg_hdr.msg_iovlen = 1;
	}
	do
		got = recvmmsg(nl->fd, datagrams, NETSTACK_NL_READ_MAX, MSG_DONTWAIT, NULL);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno;
	for (int i = 0; i < got; i++)
		if (datagram_read(&datagrams[i], cb, arg))
			error = ENOBUFS;
	return error;
}

/* Waits for something to read: 0, or ETIMEDOUT. */
static int nl_wait(struct netstack_nl_socket *nl)
{
	struct pollfd pfd = { .fd = nl->fd, .events = POLLIN };
	int ready;

	do
		ready = poll(&pfd, 1, ANSWER_TIMEOUT_MSEC);
	while (ready < 0 && errno == EINTR);
	return ready > 0 ? 0 : ETIMEDOUT;
}

static void discard(const struct nlmsghdr *nlh, void *arg)
{
}

static int nl_sendto(const struct netstack_nl_socket *nl, const void *buf, size_t len)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t sent;

	do
		sent = sendto(nl->fd, buf, len, 0, (struct sockaddr *)&kernel, sizeof(kernel));
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? errno : 0;
}

/* Anybody may ask; what changes something needs privileges. */
static int nl_send(struct netstack_nl_socket *nl, const void *buf, size_t len, bool changes)
{
	int error = 0;

	if (nl->stale)
		while (netstack_nl_read(nl, discard, NULL) != EAGAIN)
			;
	nl->stale = false;
	if (!changes)
		return nl_sendto(nl, buf, len);
	frr_with_privs (&netstack_privs) {
		error = nl_sendto(nl, buf, len);
	}
	return error;
}

/* By the order of rtnetlink's types: RTM_NEW*, RTM_DEL*, RTM_GET*, RTM_SET*. */
static bool is_get(uint16_t type)
{
	return (type & 3) == (RTM_GETLINK & 3);
}

/* --- batches ----------------------------------------------------------------------------- */

struct nlmsghdr *netstack_nl_batch_begin(struct netstack_nl_batch *batch, uint16_t type,
					 uint16_t flags)
{
	struct nlmsghdr *nlh;

	if (batch->size - batch->used < NETSTACK_NL_REQUEST_MAX) {
		batch->size = 2 * batch->size + 4 * NETSTACK_NL_REQUEST_MAX;
		batch->buf = XREALLOC(MTYPE_NL_BATCH, batch->buf, batch->size);
	}
	if (batch->count == batch->room) {
		batch->room = 2 * batch->room + 32;
		batch->offset = XREALLOC(MTYPE_NL_BATCH, batch->offset,
					 batch->room * sizeof(batch->offset[0]));
	}
	nlh = mnl_nlmsg_put_header(batch->buf + batch->used);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	batch->changes |= !is_get(type);
	return nlh;
}

void netstack_nl_batch_end(struct netstack_nl_batch *batch, const struct nlmsghdr *nlh)
{
	batch->offset[batch->count++] = batch->used;
	batch->used += MNL_ALIGN(nlh->nlmsg_len);
}

void netstack_nl_batch_reset(struct netstack_nl_batch *batch)
{
	batch->used = 0;
	batch->count = 0;
	batch->changes = false;
	XFREE(MTYPE_NL_RESULTS, batch->results);
}

void netstack_nl_batch_fini(struct netstack_nl_batch *batch)
{
	XFREE(MTYPE_NL_BATCH, batch->buf);
	XFREE(MTYPE_NL_BATCH, batch->offset);
	XFREE(MTYPE_NL_RESULTS, batch->results);
	memset(batch, 0, sizeof(*batch));
}

static void result_set(struct netstack_nl_result *result, int error, const char *words)
{
	result->error = error;
	result->errmsg[0] = '\0';
	if (error)
		strlcpy(result->errmsg, words && words[0] ? words : safe_strerror(error),
			sizeof(result->errmsg));
}

/* NLMSGERR_ATTR_MSG of an NLMSG_ERROR; NULL: none. */
static const char *ext_ack_message(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*err);
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	/* without NLM_F_CAPPED the request is repeated before the attributes */
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED) && err->msg.nlmsg_len > sizeof(err->msg))
		skip += MNL_ALIGN(err->msg.nlmsg_len) - sizeof(err->msg);
	if (nlh->nlmsg_len < MNL_NLMSG_HDRLEN + skip)
		return NULL;
	mnl_attr_for_each (attr, nlh, skip) {
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
			return mnl_attr_get_str(attr);
	}
	return NULL;
}

/* In `results` a request without an answer has this error. */
#define UNANSWERED (-1)

/* The last request is answered, in the order of requests: those without an error have worked. */
static void transfer_land(struct netstack_nl_transfer *transfer)
{
	for (size_t i = transfer->first; i < transfer->first + transfer->count; i++)
		if (transfer->batch->results[i].error == UNANSWERED)
			result_set(&transfer->batch->results[i], 0, NULL);
	transfer->open = 0;
}

static void answer_read(const struct nlmsghdr *nlh, void *arg)
{
	struct netstack_nl_transfer *transfer = arg;
	uint32_t index = nlh->nlmsg_seq - transfer->seq;
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	struct netstack_nl_result *result;

	if (index >= transfer->count)
		return; /* to a request that was given up */
	if (nlh->nlmsg_type != NLMSG_ERROR) {
		if (transfer->batch->answer)
			transfer->batch->answer(nlh, transfer->batch->answer_arg);
		return;
	}
	result = &transfer->batch->results[transfer->first + index];
	if (result->error != UNANSWERED || mnl_nlmsg_get_payload_len(nlh) < sizeof(*err))
		return;
	result_set(result, -err->error, err->error ? ext_ack_message(nlh) : NULL);
	transfer->open--;
	if (transfer->batch->terse && index == transfer->count - 1)
		transfer_land(transfer);
}

/* Reads until all answers are there, or says of those that are not why. */
static void answers_wait(struct netstack_nl_socket *nl, struct netstack_nl_transfer *transfer,
			 int error)
{
	bool lost = false;

	while (transfer->open && !error) {
		error = netstack_nl_read(nl, answer_read, transfer);
		if (error == ENOBUFS) {
			lost = true;
			error = 0;
		} else if (error == EAGAIN) {
			error = lost ? ENOBUFS : nl_wait(nl);
		}
	}
	if (!transfer->open)
		return;
	nl->stale = true;
	for (size_t i = transfer->first; i < transfer->first + transfer->count; i++)
		if (transfer->batch->results[i].error == UNANSWERED)
			result_set(&transfer->batch->results[i], error, NULL);
}

/* How many requests, from the first on, go into one datagram. */
static size_t transfer_size(const struct netstack_nl_socket *nl,
			    const struct netstack_nl_batch *batch, size_t first)
{
	size_t most = MAX(nl->rcvbuf / ANSWER_SIZE, 1u), count = 1;

	while (first + count < batch->count && count < most) {
		size_t next = first + count + 1;
		size_t end = next < batch->count ? batch->offset[next] : batch->used;

		if (end - batch->offset[first] > SEND_MAX)
			break;
		count++;
	}
	return count;
}

static void number_requests(struct netstack_nl_socket *nl, struct netstack_nl_transfer *transfer)
{
	struct netstack_nl_batch *batch = transfer->batch;
	size_t last = transfer->first + transfer->count - 1;

	transfer->seq = nl->seq + 1;
	for (size_t i = transfer->first; i <= last; i++) {
		struct nlmsghdr *nlh = (struct nlmsghdr *)(batch->buf + batch->offset[i]);

		nlh->nlmsg_seq = ++nl->seq;
		if (batch->terse && i < last)
			nlh->nlmsg_flags &= ~NLM_F_ACK;
		batch->results[i].error = UNANSWERED;
	}
}

const void *netstack_nl_transfer_next(struct netstack_nl_socket *nl,
				      struct netstack_nl_transfer *transfer, size_t *len)
{
	struct netstack_nl_batch *batch = transfer->batch;
	size_t start, next;

	if (!transfer->count) {
		XFREE(MTYPE_NL_RESULTS, batch->results);
		batch->results =
			XCALLOC(MTYPE_NL_RESULTS, batch->count * sizeof(batch->results[0]));
	}
	transfer->first += transfer->count;
	if (transfer->first >= batch->count)
		return NULL;
	transfer->count = transfer->open = transfer_size(nl, batch, transfer->first);
	number_requests(nl, transfer);
	start = batch->offset[transfer->first];
	next = transfer->first + transfer->count;
	*len = (next < batch->count ? batch->offset[next] : batch->used) - start;
	return batch->buf + start;
}

void netstack_nl_transfer_sent(struct netstack_nl_socket *nl, struct netstack_nl_transfer *transfer,
			       int error)
{
	answers_wait(nl, transfer, error);
}

void netstack_nl_batch_send(struct netstack_nl_socket *nl, struct netstack_nl_batch *batch)
{
	struct netstack_nl_transfer transfer = { .batch = batch };
	const void *datagram;
	size_t len;

	XFREE(MTYPE_NL_RESULTS, batch->results);
	if (!batch->count)
		return;
	while ((datagram = netstack_nl_transfer_next(nl, &transfer, &len)))
		netstack_nl_transfer_sent(nl, &transfer,
					  nl_send(nl, datagram, len, batch->changes));
}

/* --- dumps ------------------------------------------------------------------------------- */

struct dump_state {
	uint32_t seq;
	bool done;
	bool interrupted;
	int error;
	netstack_nl_message_fn cb;
	void *arg;
};

static void dump_read(const struct nlmsghdr *nlh, void *arg)
{
	struct dump_state *state = arg;
	const int *error =
		mnl_nlmsg_get_payload(nlh); /* NLMSG_DONE's, and nlmsgerr's first field */

	if (nlh->nlmsg_seq != state->seq || state->done)
		return;
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		state->interrupted = true;
	if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR) {
		state->done = true;
		if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(*error))
			state->error = -*error;
		return;
	}
	state->cb(nlh, state->arg);
}

/* The request; strict checking wants each type's own header and nothing unknown. */
static void dump_encode(struct nlmsghdr *nlh, const struct netstack_nl_dump *dump)
{
	/* all of them start with the family, and are zero otherwise */
	static const struct {
		uint16_t type;
		size_t len;
	} headers[] = {
		{ RTM_GETLINK, sizeof(struct ifinfomsg) },
		{ RTM_GETADDR, sizeof(struct ifaddrmsg) },
		{ RTM_GETNEIGH, sizeof(struct ndmsg) },
		{ RTM_GETRULE, sizeof(struct rtmsg) }, /* struct fib_rule_hdr: the same */
		{ RTM_GETROUTE, sizeof(struct rtmsg) },
	};
	uint8_t *header = NULL;

	for (size_t i = 0; i < array_size(headers); i++)
		if (headers[i].type == dump->type)
			header = mnl_nlmsg_put_extra_header(nlh, headers[i].len);
	assertf(header, "BUG: dump of type %u", dump->type);
	*header = dump->family;
	if (dump->type == RTM_GETADDR)
		((struct ifaddrmsg *)header)->ifa_index = dump->ifindex;
	if (dump->type == RTM_GETLINK)
		mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (dump->type == RTM_GETROUTE)
		mnl_attr_put_u32(nlh, RTA_TABLE, dump->table);
	if (dump->type == RTM_GETNEIGH && dump->master)
		mnl_attr_put_u32(nlh, NDA_MASTER, dump->master);
}

int netstack_nl_dump(struct netstack_nl_socket *nl, const struct netstack_nl_dump *dump,
		     netstack_nl_message_fn cb, void *arg)
{
	unsigned char buf[NETSTACK_NL_REQUEST_MAX];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct dump_state state = { .seq = ++nl->seq, .cb = cb, .arg = arg };
	int error;

	nlh->nlmsg_type = dump->type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = state.seq;
	dump_encode(nlh, dump);

	error = nl_send(nl, nlh, nlh->nlmsg_len, false);
	while (!error && !state.done) {
		error = netstack_nl_read(nl, dump_read, &state);
		if (error == EAGAIN)
			error = nl_wait(nl);
	}
	if (error) {
		nl->stale = true;
		return error;
	}
	if (state.error == ENOENT && dump->type == RTM_GETROUTE)
		return 0; /* no such table: no routes */
	if (state.error)
		return state.error;
	return state.interrupted ? EINTR : 0;
}
