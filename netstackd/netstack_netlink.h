// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rtnetlink: sockets, batches of requests, dumps, and what the messages mean.
 *
 * Encoding and decoding are pure: from operations (netstack_plan.h) to messages, from messages to
 * plain structs.  Nothing of the daemon's state is known here.
 *
 * Kernel documents: Documentation/userspace-api/netlink/intro.rst, rtnetlink(7), netlink(7).
 */

#ifndef _NETSTACK_NETLINK_H
#define _NETSTACK_NETLINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "netstackd/netstack_observed.h"
#include "netstackd/netstack_plan.h"

/* --- sockets ----------------------------------------------------------------------------- */

struct netstack_nl_socket {
	int fd;	       /* -1: closed */
	uint32_t seq;  /* of the last request */
	bool stale;    /* answers to a request that was given up may still come */
	size_t rcvbuf; /* bytes that the kernel queues for us */
};

#define NETSTACK_NL_BUF_LEN  (64 * 1024)
#define NETSTACK_NL_READ_MAX 32

/*
 * Opens a NETLINK_ROUTE socket, non-blocking, with extended and capped ACKs and strict checking of
 * dumps, subscribed to `group_count` groups (RTNLGRP_*), with a receive buffer of `rcvbuf` bytes as
 * far as we may.  It is one of the network namespace `netns`, a descriptor; -1: the daemon's own.
 * Returns 0 or a positive errno; close with netstack_nl_close() in both cases.
 */
extern int netstack_nl_open(struct netstack_nl_socket *nl, size_t rcvbuf, const int *groups,
			    size_t group_count, int netns);
extern void netstack_nl_close(struct netstack_nl_socket *nl);

/* One message; `arg` is the caller's. */
typedef void (*netstack_nl_message_fn)(const struct nlmsghdr *nlh, void *arg);

/*
 * Reads datagrams that are there, NETSTACK_NL_READ_MAX at most, and calls `cb` for each of their
 * messages.  Returns 0, EAGAIN if there is none, ENOBUFS if messages were lost, or another positive errno.  Never blocks.  The
 * buffer is one for all sockets: `cb` reads nothing from any.
 */
extern int netstack_nl_read(struct netstack_nl_socket *nl, netstack_nl_message_fn cb, void *arg);

/* --- requests ---------------------------------------------------------------------------- */

/* What became of one request. */
struct netstack_nl_result {
	int error;			  /* 0 or a positive errno */
	char errmsg[NETSTACK_ERRMSG_LEN]; /* the kernel's words, else strerror(); "" if no error */
};

/* Requests that are sent together.  Zero-initialise; free with netstack_nl_batch_fini(). */
struct netstack_nl_batch {
	unsigned char *buf;
	size_t used;
	size_t size;
	size_t *offset; /* of each request */
	size_t count;
	size_t room;
	struct netstack_nl_result *results; /* after netstack_nl_batch_send(), one each */
	/*
	 * The kernel is to answer errors only, and the last request of each datagram: much less to
	 * read where there are thousands.
	 */
	bool terse;
	bool changes;		       /* not all requests just ask */
	netstack_nl_message_fn answer; /* called for answers that are not ACKs; NULL: none */
	void *answer_arg;
};

/* The biggest request that we make, bytes. */
#define NETSTACK_NL_REQUEST_MAX 1024

/*
 * Room for a request of at most NETSTACK_NL_REQUEST_MAX bytes at the end of the batch: a header of
 * this type and flags (NLM_F_REQUEST and NLM_F_ACK are added).  Valid until the next call; finish
 * with netstack_nl_batch_end().
 */
extern struct nlmsghdr *netstack_nl_batch_begin(struct netstack_nl_batch *batch, uint16_t type,
						uint16_t flags);
extern void netstack_nl_batch_end(struct netstack_nl_batch *batch, const struct nlmsghdr *nlh);
/*
 * Sends all, in as few system calls as buffers allow, and waits for the answers, which the kernel
 * has made when the send returns.  Fills batch->results.  A request fails by itself: the others are
 * executed.  An answer that does not come within seconds is ETIMEDOUT.
 */
extern void netstack_nl_batch_send(struct netstack_nl_socket *nl, struct netstack_nl_batch *batch);
/*
 * The same, datagram by datagram, for who sends them by himself: another thread, where the kernel
 * takes long.  Zero-initialise.
 */
struct netstack_nl_transfer {
	struct netstack_nl_batch *batch;
	size_t first; /* index of the first request of the datagram */
	size_t count; /* of its requests */
	size_t open;  /* those without an answer */
	uint32_t seq; /* of the first */
};

/* The next datagram, and its length; NULL: that was all, and batch->results are there. */
extern const void *netstack_nl_transfer_next(struct netstack_nl_socket *nl,
					     struct netstack_nl_transfer *transfer, size_t *len);
/* It was sent, with this error or 0: reads the answers. */
extern void netstack_nl_transfer_sent(struct netstack_nl_socket *nl,
				      struct netstack_nl_transfer *transfer, int error);
/* Empty again, for other requests. */
extern void netstack_nl_batch_reset(struct netstack_nl_batch *batch);
extern void netstack_nl_batch_fini(struct netstack_nl_batch *batch);

/* What is to be dumped. */
struct netstack_nl_dump {
	uint16_t type;	/* RTM_GETLINK, RTM_GETADDR, RTM_GETNEIGH, RTM_GETRULE, RTM_GETROUTE */
	uint8_t family; /* AF_UNSPEC, AF_INET, AF_INET6 */
	uint32_t table; /* RTM_GETROUTE: this table only */
	int master;	/* RTM_GETNEIGH: of the links that have this master only; 0: of all */
	int ifindex;	/* RTM_GETADDR: of this link only; 0: of all */
};

/*
 * Dumps, calling `cb` for each message.  Returns 0 (also if there is no such table), EINTR if what
 * was dumped changed meanwhile (NLM_F_DUMP_INTR: the caller repeats), or another positive errno.
 */
extern int netstack_nl_dump(struct netstack_nl_socket *nl, const struct netstack_nl_dump *dump,
			    netstack_nl_message_fn cb, void *arg);

/*
 * The operation as requests at the end of the batch; false if it is no netlink operation: sysctls
 * and what is done with namespaces.
 */
extern bool netstack_nl_encode(struct netstack_nl_batch *batch, const struct netstack_op *op);
/* IFLA_IFALIAS cannot be given at creation: this sets it, by name. */
extern void netstack_nl_encode_alias(struct netstack_nl_batch *batch, const char *name,
				     const char *alias);
/* An address as it was observed, with its flags and protocol. */
extern void netstack_nl_encode_address(struct netstack_nl_batch *batch, int ifindex,
				       const struct netstack_link_address *address);
extern void netstack_nl_encode_neighbor_delete(struct netstack_nl_batch *batch, int ifindex,
					       const struct ipaddr *address);
/*
 * Has the kernel find out whether a neighbour is there.  One that it has an address of is asked by
 * unicast (NUD_PROBE); else it is resolved, and the entry made if there is none (NTF_USE).
 */
extern void netstack_nl_encode_neighbor_probe(struct netstack_nl_batch *batch, int ifindex,
					      const struct ipaddr *address, bool resolved);
/* Asks for the link: its RTM_NEWLINK comes to batch->answer. */
extern void netstack_nl_encode_get_link(struct netstack_nl_batch *batch, int ifindex);
/* Asks for an IPv6 address of the link (IPv4 has no such request): its RTM_NEWADDR likewise. */
extern void netstack_nl_encode_get_address(struct netstack_nl_batch *batch, int ifindex,
					   const struct netstack_prefix *prefix);

/* --- messages ---------------------------------------------------------------------------- */

/*
 * Each decoder returns false for a message that is malformed or none of ours: of another type, of a
 * family other than IPv4 and IPv6 (links: of a family at all, as AF_BRIDGE's).
 */

/* RTM_NEWLINK, RTM_DELLINK. */
struct netstack_nl_link {
	int ifindex;
	char name[IFNAMSIZ];
	char kind[NETSTACK_KIND_LEN];
	char alias[NETSTACK_ALIAS_LEN];
	uint32_t flags;
	uint8_t operstate;
	uint32_t mtu;
	bool has_mac;
	struct ethaddr mac;
	int master;
	int parent;
	bool parent_elsewhere; /* `parent` is an index in another network namespace */
	uint32_t vrf_table;
	uint16_t vlan_id;
	bool ipv6_disabled; /* or no IPv6 on this link at all, as with an MTU below 1280 */
};
extern bool netstack_nl_decode_link(const struct nlmsghdr *nlh, struct netstack_nl_link *link);

/* RTM_NEWADDR, RTM_DELADDR. */
struct netstack_nl_address {
	int ifindex;
	struct netstack_prefix prefix; /* the local address, with its host bits */
	struct netstack_prefix subnet; /* the same, or the other end's of a point-to-point link */
	uint32_t flags;
	uint8_t proto;
	uint8_t scope;
};
extern bool netstack_nl_decode_address(const struct nlmsghdr *nlh,
				       struct netstack_nl_address *address);

/* RTM_NEWNEIGH, RTM_DELNEIGH; proxy entries are none of ours. */
struct netstack_nl_neighbor {
	int ifindex;
	struct ipaddr address;
	bool has_mac;
	struct ethaddr mac;
	uint16_t state;
	uint8_t flags;
	uint8_t proto;
	/* hundredths of a second (USER_HZ) since it was confirmed, and since it changed */
	uint32_t confirmed;
	uint32_t updated;
};
extern bool netstack_nl_decode_neighbor(const struct nlmsghdr *nlh,
					struct netstack_nl_neighbor *neighbor);

/*
 * RTM_NEWROUTE, RTM_DELROUTE: the route, for the caller to free (netstack_fib_route_free) or to
 * give to netstack_observed_route_add(); NULL as above, and for routes that the kernel made from
 * others (RTM_F_CLONED).  `table` is written even if the table is not watched.  If `wanted` is
 * given and says false for the table, decoding ends early with NULL.
 */
extern struct netstack_fib_route *
netstack_nl_decode_route(const struct nlmsghdr *nlh, uint32_t *table,
			 bool (*wanted)(uint32_t table, void *arg), void *arg);

/* RTM_NEWRULE, RTM_DELRULE: a rule that goes on elsewhere; those that end the search are none. */
extern bool netstack_nl_decode_rule(const struct nlmsghdr *nlh, struct netstack_rule *rule);

/* RTM_NEWNETCONF, RTM_DELNETCONF of IPv6: a link got IPv6, or lost it. */
extern bool netstack_nl_decode_netconf(const struct nlmsghdr *nlh, int *ifindex);

/* RTM_NEWNETCONF of all links: does the namespace forward packets of the family? */
extern bool netstack_nl_decode_forwarding(const struct nlmsghdr *nlh, int *family, bool *on);

/* RTM_NEWNEXTHOP, RTM_DELNEXTHOP. */
extern bool netstack_nl_decode_nexthop(const struct nlmsghdr *nlh, uint32_t *id);

#endif /* _NETSTACK_NETLINK_H */
