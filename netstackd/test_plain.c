// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines that are read without libfrr's matcher.
 */

#include <zebra.h>

#include "netstackd/netstack_plain.h"
#include "netstackd/netstack_test.h"

/* What was read of a line; "": it is left to the matcher. */
static const char *read_line(const char *line)
{
	static char text[128];
	struct prefix prefix;
	struct ipaddr gate;

	text[0] = '\0';
	if (netstack_plain_route(line, &prefix, &gate))
		snprintfrr(text, sizeof(text), "%pFX %pIA", &prefix, &gate);
	return text;
}

TEST(a_plain_route_is_read)
{
	CHECK_STR(read_line("route 198.51.100.0/24 192.0.2.1"), "198.51.100.0/24 192.0.2.1");
	CHECK_STR(read_line(" route 198.51.100.0/24 192.0.2.1\n"), "198.51.100.0/24 192.0.2.1");
	CHECK_STR(read_line("\troute 0.0.0.0/0 192.0.2.1 \r\n"), "0.0.0.0/0 192.0.2.1");
	CHECK_STR(read_line(" route 2001:db8::/32 fe80::1"), "2001:db8::/32 fe80::1");
	CHECK_STR(read_line(" route 2001:db8::1/128 2001:db8::2"), "2001:db8::1/128 2001:db8::2");
	/* whether they fit together is the command's to say */
	CHECK_STR(read_line(" route 198.51.100.0/24 2001:db8::1"), "198.51.100.0/24 2001:db8::1");
}

TEST(what_is_no_plain_route_is_left_to_the_matcher)
{
	static const char *const others[] = {
		"",
		"!",
		"route",
		"route ",
		"no route 198.51.100.0/24 192.0.2.1",
		"rout 198.51.100.0/24 192.0.2.1",
		"routes 198.51.100.0/24 192.0.2.1",
		"route 198.51.100.0/24",
		"route 198.51.100.0/24 ",
		"route  198.51.100.0/24 192.0.2.1",
		"route 198.51.100.0/24  192.0.2.1",
		"route 198.51.100.0/24\t192.0.2.1",
		"route 198.51.100.0/24 192.0.2.1 distance 7",
		"route 198.51.100.0/24 192.0.2.1 !",
		"route 198.51.100.0/24 blackhole",
		"route 198.51.100.0/24 unreachable",
		"route 198.51.100.0 192.0.2.1",
		"route 198.51.100.0/ 192.0.2.1",
		"route 198.51.100.0/33 192.0.2.1",
		"route 198.51.100.0/264 192.0.2.1",
		"route 198.51.100.0/0024 192.0.2.1",
		"route 198.51.100.0/2x 192.0.2.1",
		"route 198.51.100.0/-1 192.0.2.1",
		"route 198.51.100/24 192.0.2.1",
		"route 198.51.100.256/24 192.0.2.1",
		"route 198.51.100.0/24 192.0.2",
		"route 198.51.100.0/24 192.0.2.1/32",
		"route 2001:db8::/129 2001:db8::1",
		"route 2001:db8::/32 2001:db8::1%eth0",
		"route 2001:db8:0:0:0:0:0:0:0/32 2001:db8::1",
		"route 2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000:0000/32 2001:db8::1",
		"route default 192.0.2.1",
	};

	for (size_t i = 0; i < array_size(others); i++)
		CHECK_STR(read_line(others[i]), "");
}
