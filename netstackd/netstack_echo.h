// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ICMP echo (RFC 792, RFC 4443 section 4): messages, and the filter of the socket that they are
 * read from.  Pure: no I/O.
 *
 * An echo carries a number that nobody else knows, so that an answer tells whose it is and cannot
 * be made up by somebody who has not seen the echo.
 */

#ifndef _NETSTACK_ECHO_H
#define _NETSTACK_ECHO_H

#include <linux/filter.h>

#include "ipaddr.h"

struct netstack_echo {
	int family;	   /* AF_INET, AF_INET6 */
	uint16_t id;	   /* of the socket */
	uint16_t sequence; /* of the echo */
	uint64_t cookie;   /* of the next hop */
};

#define NETSTACK_ECHO_LEN 16 /* ICMP header and cookie, bytes */

/*
 * Writes an echo request.  The kernel has to fill in the checksum of ICMPv6 (RFC 3542 section 3.1),
 * that of ICMP is in it.
 */
extern void netstack_echo_encode(const struct netstack_echo *echo,
				 uint8_t message[static NETSTACK_ECHO_LEN]);
/*
 * Reads what a raw socket of echo->family gave: for IPv4 with the IP header.  False if it is no echo
 * reply of ours.
 */
extern bool netstack_echo_decode(struct netstack_echo *echo, const uint8_t *data, size_t len);

/*
 * A filter that lets only echo replies with this identifier through: other pings wake nobody.
 * Instructions, as many as the return value says.
 */
#define NETSTACK_ECHO_FILTER_MAX 8
extern unsigned short netstack_echo_filter(int family, uint16_t id,
					   struct sock_filter code[NETSTACK_ECHO_FILTER_MAX]);

#endif /* _NETSTACK_ECHO_H */
