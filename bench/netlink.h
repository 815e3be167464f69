// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rtnetlink for the programs of the benches: one socket, batches of requests, dumps.
 *
 * Kernel documents: Documentation/userspace-api/netlink/intro.rst, rtnetlink(7), netlink(7).
 */

#ifndef _BENCH_NETLINK_H
#define _BENCH_NETLINK_H

#include <stdint.h>

#include <libmnl/libmnl.h>

#define BENCH_BATCH_BYTES (128 * 1024)
#define BENCH_READ_BYTES  (256 * 1024)

/* Ends the program with a message on stderr and status 1; with `error`, its words too. */
extern void bench_die(int error, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/* A whole number between `min` and `max`, or the end of the program. */
extern uint32_t bench_number(const char *text, uint32_t min, uint32_t max);

/* A NETLINK_ROUTE socket with a receive buffer of `rcvbuf` bytes, which takes CAP_NET_ADMIN. */
extern struct mnl_socket *bench_open(unsigned int groups, int rcvbuf);

/*
 * Requests that the kernel executes in order, of which only errors are answered, and the last: one
 * system call for many, and little to read.  An error ends the program.
 */
struct bench_batch {
	struct mnl_socket *nl;
	struct mnl_nlmsg_batch *batch;
	char buf[BENCH_BATCH_BYTES + MNL_NLMSG_HDRLEN + 4096];
	uint32_t seq;
	const char *what; /* for messages: what is being made */
};

extern void bench_batch_init(struct bench_batch *batch, struct mnl_socket *nl);
/* Room for one request; its NLM_F_REQUEST is set.  Finish with bench_batch_next(). */
extern struct nlmsghdr *bench_batch_begin(struct bench_batch *batch, uint16_t type, uint16_t flags);
extern void bench_batch_next(struct bench_batch *batch);
/* Sends what there is, and waits until the kernel has executed it. */
extern void bench_batch_flush(struct bench_batch *batch);
extern void bench_batch_fini(struct bench_batch *batch);

#endif /* _BENCH_NETLINK_H */
