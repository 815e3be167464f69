// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Next hops that are tracked by ICMP echo.
 *
 * There is one socket for a stack and family, as long as a next hop there is tracked so: a raw one,
 * bound to the VRF device or opened in the stack's namespace, that only answers to our own echoes
 * get through to (netstack_echo_filter()).
 *
 * A next hop on a link is asked through that link, with a TTL of 1: an echo that cannot get there
 * directly does not go the way that stands by.  An answer counts if it comes from the address that
 * was asked, on that link, with the cookie of the tracker and the number of the last echo.
 *
 * Each tracker has a timer of its own interval.  When it fires, the answers that wait are read
 * first: a daemon that was busy takes nobody for dead.
 */

#include <zebra.h>

#include <linux/if_addr.h>
#include <netinet/icmp6.h>
#include <sys/random.h>

#include "frrevent.h"
#include "lib_errors.h"
#include "log.h"
#include "memory.h"
#include "monotime.h"
#include "typesafe.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_echo.h"
#include "netstackd/netstack_gateway_impl.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_plan.h"
#include "netstackd/netstack_privs.h"
#include "netstackd/netstack_reconcile.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_ECHO_SOCKET, "Socket for ICMP echo");
DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_ECHO_WATCH, "ICMP echo to a next hop");

#define RECEIVE_MAX 2048 /* bytes of a datagram: more than an answer to our echoes has */
/* Answers that are read in a turn: somebody may send more than can be read. */
#define ANSWERS_MAX 256

/* Milliseconds after which what should pass is counted as a loss. */
#define PASSING_MSEC 5000

PREDECL_RBTREE_UNIQ(echo_sockets);
PREDECL_HASH(echo_watches);

/* The socket of a stack and family. */
struct echo_socket {
	struct echo_sockets_item item;
	struct netstack *stack;
	vrf_id_t vrf_id; /* of which incarnation of the VRF */
	int family;

	unsigned int users;
	int fd;	     /* -1: could not be opened (yet) */
	uint16_t id; /* of its echoes */
	struct event *t_read;
};

/* Echoes to one next hop. */
struct echo_watch {
	struct echo_watches_item item;
	uint64_t cookie; /* the key */
	struct netstack_tracker *tracker;
	struct echo_socket *socket;
	struct netstack_echoes echoes;
	struct timeval began;	/* monotonic */
	int error;		/* errno of the last send, 0: it was sent */
	struct timeval passing; /* since when it is one that should pass; monotonic, 0: it is not */
	struct event *t_send;
};

static int socket_cmp(const struct echo_socket *a, const struct echo_socket *b)
{
	return numcmp((uintptr_t)a->stack, (uintptr_t)b->stack) ?: numcmp(a->vrf_id, b->vrf_id) ?:
	       numcmp(a->family, b->family);
}

static int watch_cmp(const struct echo_watch *a, const struct echo_watch *b)
{
	return numcmp(a->cookie, b->cookie);
}

static uint32_t watch_hash(const struct echo_watch *a)
{
	return a->cookie; /* random */
}

DECLARE_RBTREE_UNIQ(echo_sockets, struct echo_socket, item, socket_cmp);
DECLARE_HASH(echo_watches, struct echo_watch, item, watch_cmp, watch_hash);

static struct echo_sockets_head sockets[1] = { INIT_RBTREE_UNIQ(sockets[0]) };
static struct echo_watches_head watches[1] = { INIT_HASH(watches[0]) };

static void readable(struct event *event);

/* ------------------------------------------------------------------------------------------
 * The socket
 */

static int set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static int set_filter(int fd, int family, uint16_t id)
{
	struct sock_filter code[NETSTACK_ECHO_FILTER_MAX];
	struct sock_fprog program = {
		.len = netstack_echo_filter(family, id, code),
		.filter = code,
	};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

/* The link that an answer came by is told with it. */
static int set_options(int fd, const struct echo_socket *sock)
{
	if (set_filter(fd, sock->family, sock->id) < 0)
		return -1;
	return sock->family == AF_INET ? set_int(fd, IPPROTO_IP, IP_PKTINFO, 1)
				       : set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

/* The name of the device that the socket is bound to; NULL: to none. */
static const char *device_of(const struct netstack *stack)
{
	if (stack->is_default || netstack_backend() == NETSTACK_BACKEND_NETNS)
		return NULL;
	return netstack_vrf_name(stack);
}

/* A descriptor or a negative errno. */
static int open_raw(const struct echo_socket *sock)
{
	const char *device = device_of(sock->stack);
	int fd, error = netstack_privs_raise_raw();

	if (error)
		return -error;
	fd = socket(sock->family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    sock->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	if (fd < 0 ||
	    (device &&
	     setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device) + 1) < 0) ||
	    set_options(fd, sock) < 0) {
		error = errno;
		if (fd >= 0)
			close(fd);
		fd = -error;
	}
	netstack_privs_lower_raw();
	return fd;
}

/* Opens it if it is not open; 0 or a positive errno. */
static int socket_open(struct echo_socket *sock)
{
	int fd, error;

	if (sock->fd >= 0)
		return 0;
	error = netstack_kernel_enter(sock->stack);
	if (error)
		return error;
	fd = open_raw(sock);
	netstack_kernel_leave(sock->stack);
	if (fd < 0)
		return -fd;
	sock->fd = fd;
	event_add_read(master, readable, sock, fd, &sock->t_read);
	return 0;
}

/* That nobody can guess: up to 256 at once there always are, once there are any (getrandom(2)). */
static void random_bytes(void *bytes, size_t count)
{
	ssize_t got;

	do
		got = getrandom(bytes, count, 0);
	while (got < 0 && errno == EINTR);
	assertf(got == (ssize_t)count, "getrandom: %s", safe_strerror(errno));
}

static struct echo_socket *socket_get(const struct netstack_tracker *tracker)
{
	struct echo_socket key = {
		.stack = tracker->stack,
		.vrf_id = tracker->vrf_id,
		.family = ipaddr_family(&tracker->address),
	};
	struct echo_socket *sock = echo_sockets_find(sockets, &key);

	if (!sock) {
		sock = XCALLOC(MTYPE_NETSTACK_ECHO_SOCKET, sizeof(*sock));
		*sock = key;
		sock->fd = -1;
		random_bytes(&sock->id, sizeof(sock->id));
		echo_sockets_add(sockets, sock);
	}
	sock->users++;
	return sock;
}

static void socket_put(struct echo_socket *sock)
{
	if (--sock->users)
		return;
	EVENT_OFF(sock->t_read);
	if (sock->fd >= 0)
		close(sock->fd);
	echo_sockets_del(sockets, sock);
	XFREE(MTYPE_NETSTACK_ECHO_SOCKET, sock);
}

/* ------------------------------------------------------------------------------------------
 * Echoes
 */

/* Room for the control data of either family, aligned for its header. */
union control {
	struct cmsghdr header;
	uint8_t room[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
};

static void *add_control(struct msghdr *msg, int level, int type, size_t len)
{
	struct cmsghdr *cmsg;

	cmsg = (struct cmsghdr *)((uint8_t *)msg->msg_control + msg->msg_controllen);
	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(len);
	msg->msg_controllen += CMSG_SPACE(len);
	return CMSG_DATA(cmsg);
}

/*
 * The address of the link that is in one subnet with the next hop; false: none can be used yet.  Left
 * to itself the kernel takes one of another link until duplicate address detection is over, which
 * the next hop need not know the way to.
 */
static bool source_on_link(const struct netstack_tracker *tracker, struct in6_addr *source)
{
	const struct netstack_link *link =
		netstack_link_by_index(netstack_place_observed(tracker->stack), tracker->ifindex);
	const struct netstack_link_address *address;

	if (!link)
		return false;
	frr_each (netstack_link_addresses_const, &link->addresses, address) {
		if ((address->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) ||
		    !netstack_prefix_has(&address->subnet, &tracker->address))
			continue;
		*source = address->prefix.u.prefix6;
		return true;
	}
	return false;
}

/* Through that link, and not beyond the next hop; 0 or a positive errno. */
static int pin_to_link(struct msghdr *msg, const struct netstack_tracker *tracker)
{
	const int hops = 1;

	if (!tracker->ifindex)
		return 0;
	if (IS_IPADDR_V4(&tracker->address)) {
		struct in_pktinfo info = { .ipi_ifindex = tracker->ifindex };

		memcpy(add_control(msg, IPPROTO_IP, IP_PKTINFO, sizeof(info)), &info, sizeof(info));
		memcpy(add_control(msg, IPPROTO_IP, IP_TTL, sizeof(hops)), &hops, sizeof(hops));
	} else {
		struct in6_pktinfo info = { .ipi6_ifindex = tracker->ifindex };

		if (!source_on_link(tracker, &info.ipi6_addr))
			return EADDRNOTAVAIL;
		memcpy(add_control(msg, IPPROTO_IPV6, IPV6_PKTINFO, sizeof(info)), &info,
		       sizeof(info));
		memcpy(add_control(msg, IPPROTO_IPV6, IPV6_HOPLIMIT, sizeof(hops)), &hops,
		       sizeof(hops));
	}
	return 0;
}

static socklen_t put_address(union sockunion *su, const struct netstack_tracker *tracker)
{
	memset(su, 0, sizeof(*su));
	if (IS_IPADDR_V4(&tracker->address)) {
		su->sin.sin_family = AF_INET;
		su->sin.sin_addr = tracker->address.ipaddr_v4;
		return sizeof(su->sin);
	}
	su->sin6.sin6_family = AF_INET6;
	su->sin6.sin6_addr = tracker->address.ipaddr_v6;
	if (IN6_IS_ADDR_LINKLOCAL(&su->sin6.sin6_addr))
		su->sin6.sin6_scope_id = tracker->ifindex;
	return sizeof(su->sin6);
}

/* 0 or a positive errno. */
static int send_message(const struct echo_watch *watch, uint8_t *message)
{
	struct iovec iov = { .iov_base = message, .iov_len = NETSTACK_ECHO_LEN };
	union control control = {};
	union sockunion to;
	struct msghdr msg = {
		.msg_name = &to,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
	};

	int error = pin_to_link(&msg, watch->tracker);

	if (error)
		return error;
	msg.msg_namelen = put_address(&to, watch->tracker);
	if (!msg.msg_controllen)
		msg.msg_control = NULL;
	return sendmsg(watch->socket->fd, &msg, 0) < 0 ? errno : 0;
}

/*
 * Errors that say nothing of the next hop, if they pass: an IPv6 address of ours cannot be used
 * before duplicate address detection is over (EINVAL if the kernel has not told of that), buffers
 * may be full, a VRF device may be on its way out.
 */
static bool is_passing(struct echo_watch *watch, int error)
{
	switch (error) {
	case 0:
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENETDOWN:
	case EHOSTDOWN:
	case EACCES:
	case EPERM:
		memset(&watch->passing, 0, sizeof(watch->passing));
		return false;
	}
	if (!timerisset(&watch->passing))
		monotime(&watch->passing);
	return monotime_since(&watch->passing, NULL) < PASSING_MSEC * 1000;
}

/* An echo that the kernel refuses to send was sent in vain. */
static void send_echo(struct echo_watch *watch)
{
	struct netstack_tracker *tracker = watch->tracker;
	struct netstack_echo echo = {
		.family = ipaddr_family(&tracker->address),
		.cookie = watch->cookie,
	};
	uint8_t message[NETSTACK_ECHO_LEN];
	int error = socket_open(watch->socket);

	if (error) {
		netstack_tracker_excuse(tracker, "cannot open a socket for ICMP: %s",
					safe_strerror(error));
		return;
	}
	echo.id = watch->socket->id;
	echo.sequence = netstack_echoes_send(&watch->echoes);
	netstack_echo_encode(&echo, message);
	watch->error = send_message(watch, message);
	if (is_passing(watch, watch->error)) {
		watch->echoes.awaited = false;
		netstack_tracker_excuse(tracker, "no echo can be sent yet: %s",
					safe_strerror(watch->error));
	}
}

/* ------------------------------------------------------------------------------------------
 * Answers
 */

static bool is_from(const union sockunion *from, const struct ipaddr *address)
{
	if (sockunion_family(from) != ipaddr_family(address))
		return false;
	return IS_IPADDR_V4(address)
		       ? from->sin.sin_addr.s_addr == address->ipaddr_v4.s_addr
		       : IN6_ARE_ADDR_EQUAL(&from->sin6.sin6_addr, &address->ipaddr_v6);
}

/* The link that the message came by; 0: not told. */
static int incoming_link(struct msghdr *msg)
{
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		struct in_pktinfo info;
		struct in6_pktinfo info6;

		if (cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(cmsg), sizeof(info));
			return info.ipi_ifindex;
		}
		if (cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info6, CMSG_DATA(cmsg), sizeof(info6));
			return info6.ipi6_ifindex;
		}
	}
	return 0;
}

/* Whose answer it is, if it is one that counts; else NULL. */
static struct echo_watch *answered_watch(const struct echo_socket *sock,
					 const struct netstack_echo *echo,
					 const union sockunion *from, int ifindex)
{
	struct echo_watch key = { .cookie = echo->cookie };
	struct echo_watch *watch = echo_watches_find(watches, &key);

	if (!watch || watch->socket != sock || echo->id != sock->id ||
	    !is_from(from, &watch->tracker->address) ||
	    (watch->tracker->ifindex && watch->tracker->ifindex != ifindex))
		return NULL;
	return netstack_echoes_answer(&watch->echoes, echo->sequence) ? watch : NULL;
}

/* One message; false: there is none. */
static bool read_answer(const struct echo_socket *sock, struct echo_watch **answered)
{
	struct netstack_echo echo = { .family = sock->family };
	uint8_t data[RECEIVE_MAX];
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	union control control;
	union sockunion from = {};
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(sock->fd, &msg, 0);

	*answered = NULL;
	if (len < 0)
		return errno == EINTR;
	if (netstack_echo_decode(&echo, data, len))
		*answered = answered_watch(sock, &echo, &from, incoming_link(&msg));
	return true;
}

/* Those that wait, up to ANSWERS_MAX.  True: a next hop may be used again. */
static bool read_answers(struct echo_socket *sock)
{
	struct echo_watch *answered;
	unsigned int max = ANSWERS_MAX;
	bool changed = false;

	while (max-- && sock->fd >= 0 && read_answer(sock, &answered))
		if (answered)
			changed |= netstack_tracker_input(answered->tracker, NETSTACK_TRACK_ALIVE,
							  "it answers to ICMP echoes");
	return changed;
}

static void readable(struct event *event)
{
	struct echo_socket *sock = EVENT_ARG(event);

	event_add_read(master, readable, sock, sock->fd, &sock->t_read);
	if (read_answers(sock))
		netstack_gateway_publish(sock->stack);
}

/* ------------------------------------------------------------------------------------------
 * The watcher
 */

static bool judge_last(struct echo_watch *watch)
{
	enum netstack_track_event what;

	if (!netstack_echoes_expire(&watch->echoes, monotime_since(&watch->began, NULL) / 1000,
				    &what))
		return false;
	return netstack_tracker_input(watch->tracker, what, "%u of %u echoes lost%s%s",
				      watch->echoes.lost, watch->echoes.multiplier,
				      watch->error ? ": " : "",
				      watch->error ? safe_strerror(watch->error) : "");
}

static void next_echo(struct event *event)
{
	struct echo_watch *watch = EVENT_ARG(event);
	struct netstack *stack = watch->tracker->stack;
	bool changed;

	event_add_timer_msec(master, next_echo, watch, watch->tracker->track.interval,
			     &watch->t_send);
	changed = read_answers(watch->socket);
	changed |= judge_last(watch);
	send_echo(watch);
	if (changed)
		netstack_gateway_publish(stack);
}

static void *icmp_start(struct netstack_tracker *tracker)
{
	struct echo_watch *watch = XCALLOC(MTYPE_NETSTACK_ECHO_WATCH, sizeof(*watch));

	watch->tracker = tracker;
	watch->echoes.multiplier = tracker->track.multiplier;
	monotime(&watch->began);
	watch->socket = socket_get(tracker);
	do
		random_bytes(&watch->cookie, sizeof(watch->cookie));
	while (echo_watches_add(watches, watch));
	event_add_event(master, next_echo, watch, 0, &watch->t_send);
	return watch;
}

static void icmp_stop(struct netstack_tracker *tracker, void *arg)
{
	struct echo_watch *watch = arg;

	EVENT_OFF(watch->t_send);
	echo_watches_del(watches, watch);
	socket_put(watch->socket);
	XFREE(MTYPE_NETSTACK_ECHO_WATCH, watch);
}

const struct netstack_watcher netstack_watcher_icmp = {
	.start = icmp_start,
	.stop = icmp_stop,
};
