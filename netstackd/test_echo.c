// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ICMP echo: messages and the filter.
 */

#include <zebra.h>

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include "checksum.h"

#include "netstackd/netstack_echo.h"
#include "netstackd/netstack_test.h"

static const struct netstack_echo asked = {
	.family = AF_INET, .id = 0x1234, .sequence = 0xfffe, .cookie = 0x0123456789abcdefULL
};

/* What comes back: an IPv4 header with options if so many bytes are asked for, then the message. */
static size_t reply(const struct netstack_echo *echo, uint8_t *data, size_t header)
{
	memset(data, 0, header);
	if (header)
		data[0] = 0x40 | (header / 4);
	netstack_echo_encode(echo, data + header);
	data[header] = echo->family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;
	return header + NETSTACK_ECHO_LEN;
}

/* What the kernel's filter machine does with the few instructions that are in use. */
static bool passes(int family, uint16_t id, const uint8_t *data, size_t len)
{
	struct sock_filter code[NETSTACK_ECHO_FILTER_MAX];
	unsigned short count = netstack_echo_filter(family, id, code);
	uint32_t a = 0, x = 0;

	for (unsigned short pc = 0; pc < count; pc++) {
		const struct sock_filter *op = &code[pc];
		uint32_t at = op->k + (BPF_MODE(op->code) == BPF_IND ? x : 0);

		switch (BPF_CLASS(op->code)) {
		case BPF_LDX:
			x = (data[op->k] & 0x0f) * 4;
			break;
		case BPF_LD:
			if (at + 2 > len)
				return false;
			a = BPF_SIZE(op->code) == BPF_B ? data[at]
							: (uint32_t)data[at] << 8 | data[at + 1];
			break;
		case BPF_JMP:
			pc += a == op->k ? op->jt : op->jf;
			break;
		case BPF_RET:
			return op->k;
		}
	}
	return false;
}

TEST(a_request_has_a_checksum_and_what_was_given)
{
	uint8_t message[NETSTACK_ECHO_LEN];

	netstack_echo_encode(&asked, message);
	CHECK_INT(message[0], ICMP_ECHO);
	CHECK_INT(message[1], 0);
	CHECK_INT(in_cksum(message, sizeof(message)), 0);
	CHECK_INT(message[4] << 8 | message[5], 0x1234);
	CHECK_INT(message[6] << 8 | message[7], 0xfffe);
}

TEST(the_checksum_of_icmpv6_is_the_kernels)
{
	struct netstack_echo echo = asked;
	uint8_t message[NETSTACK_ECHO_LEN];

	echo.family = AF_INET6;
	netstack_echo_encode(&echo, message);
	CHECK_INT(message[0], ICMP6_ECHO_REQUEST);
	CHECK_INT(message[2] | message[3], 0);
}

TEST(a_reply_is_read_behind_a_header_of_any_length)
{
	for (size_t header = 20; header <= 60; header += 4) {
		struct netstack_echo echo = { .family = AF_INET };
		uint8_t data[128];
		size_t len = reply(&asked, data, header);

		CHECK(netstack_echo_decode(&echo, data, len));
		CHECK_INT(echo.id, asked.id);
		CHECK_INT(echo.sequence, asked.sequence);
		CHECK(echo.cookie == asked.cookie);
		CHECK(passes(AF_INET, asked.id, data, len));
	}
}

TEST(a_reply_of_ipv6_has_no_header)
{
	struct netstack_echo sent = asked, echo = { .family = AF_INET6 };
	uint8_t data[128];
	size_t len;

	sent.family = AF_INET6;
	len = reply(&sent, data, 0);
	CHECK(netstack_echo_decode(&echo, data, len));
	CHECK(echo.cookie == asked.cookie);
	CHECK(passes(AF_INET6, asked.id, data, len));
}

TEST(what_is_short_or_no_reply_is_not_read)
{
	struct netstack_echo echo = { .family = AF_INET };
	uint8_t data[128];
	size_t len = reply(&asked, data, 24);

	for (size_t less = 0; less < len; less++)
		CHECK(!netstack_echo_decode(&echo, data, less));
	data[24] = ICMP_ECHO;
	CHECK(!netstack_echo_decode(&echo, data, len));
	CHECK(!passes(AF_INET, asked.id, data, len));
	data[24] = ICMP_ECHOREPLY;
	data[25] = 1;
	CHECK(!netstack_echo_decode(&echo, data, len));
	data[25] = 0;
	data[0] = 0x41; /* a header of four bytes */
	CHECK(!netstack_echo_decode(&echo, data, len));
}

TEST(the_pings_of_others_do_not_pass)
{
	struct netstack_echo sent = asked;
	uint8_t data[128];

	CHECK(!passes(AF_INET, asked.id + 1, data, reply(&asked, data, 20)));
	sent.family = AF_INET6;
	CHECK(!passes(AF_INET6, asked.id + 1, data, reply(&sent, data, 0)));
}
