// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ICMP echo: messages, and the filter of the socket that they are read from.
 */

#include <zebra.h>

#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>

#include "checksum.h"

#include "netstackd/netstack_echo.h"

/* Offsets in a message: both versions of ICMP have the same header. */
#define AT_TYPE	    0
#define AT_CODE	    1
#define AT_CHECKSUM 2
#define AT_ID	    4
#define AT_SEQUENCE 6
#define AT_COOKIE   8

static uint8_t request_type(int family)
{
	return family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
}

static uint8_t reply_type(int family)
{
	return family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;
}

void netstack_echo_encode(const struct netstack_echo *echo,
			  uint8_t message[static NETSTACK_ECHO_LEN])
{
	uint16_t id = htons(echo->id), sequence = htons(echo->sequence), checksum;

	memset(message, 0, NETSTACK_ECHO_LEN);
	message[AT_TYPE] = request_type(echo->family);
	memcpy(message + AT_ID, &id, sizeof(id));
	memcpy(message + AT_SEQUENCE, &sequence, sizeof(sequence));
	memcpy(message + AT_COOKIE, &echo->cookie, sizeof(echo->cookie));
	if (echo->family != AF_INET)
		return;
	checksum = in_cksum(message, NETSTACK_ECHO_LEN);
	memcpy(message + AT_CHECKSUM, &checksum, sizeof(checksum));
}

/* The length of the IPv4 header at the head of what a raw socket gives; 0: there is none. */
static size_t header_len(const uint8_t *data, size_t len)
{
	size_t header = len ? (data[0] & 0x0f) * 4 : 0;

	return header >= sizeof(struct ip) && header <= len ? header : 0;
}

bool netstack_echo_decode(struct netstack_echo *echo, const uint8_t *data, size_t len)
{
	uint16_t id, sequence;

	if (echo->family == AF_INET) {
		size_t header = header_len(data, len);

		if (!header)
			return false;
		data += header;
		len -= header;
	}
	if (len < NETSTACK_ECHO_LEN || data[AT_TYPE] != reply_type(echo->family) || data[AT_CODE])
		return false;
	memcpy(&id, data + AT_ID, sizeof(id));
	memcpy(&sequence, data + AT_SEQUENCE, sizeof(sequence));
	memcpy(&echo->cookie, data + AT_COOKIE, sizeof(echo->cookie));
	echo->id = ntohs(id);
	echo->sequence = ntohs(sequence);
	return true;
}

/* A raw socket's filter sees the IP header of IPv4, and the ICMP header of IPv6. */
unsigned short netstack_echo_filter(int family, uint16_t id,
				    struct sock_filter code[NETSTACK_ECHO_FILTER_MAX])
{
	unsigned short mode = family == AF_INET ? BPF_IND : BPF_ABS, count = 0;

	if (family == AF_INET)
		code[count++] = (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0);
	code[count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | mode, AT_TYPE);
	code[count++] =
		(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, reply_type(family), 0, 3);
	code[count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_H | mode, AT_ID);
	code[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, id, 0, 1);
	code[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
	code[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	return count;
}
