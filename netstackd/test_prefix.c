// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prefixes as they are kept.
 */

#include <zebra.h>

#include "printfrr.h"

#include "netstackd/netstack_prefix.h"
#include "netstackd/netstack_test.h"

static struct netstack_prefix kept(const char *text)
{
	struct netstack_prefix prefix;

	assertf(netstack_prefix_parse(&prefix, text), "%s", text);
	return prefix;
}

static const char *printed(const struct netstack_prefix *prefix)
{
	static char text[PREFIX_STRLEN];

	snprintfrr(text, sizeof(text), "%pFX", prefix);
	return text;
}

static bool has(const char *subnet, const char *address)
{
	struct netstack_prefix prefix = kept(subnet);
	struct ipaddr ip;

	assertf(!str2ipaddr(address, &ip), "%s", address);
	return netstack_prefix_has(&prefix, &ip);
}

TEST(it_takes_less_than_half_of_what_libfrr_takes)
{
	CHECK_INT(sizeof(struct netstack_prefix), 24);
	CHECK(2 * sizeof(struct netstack_prefix) < sizeof(struct prefix));
}

TEST(it_is_printed_as_libfrr_prints_its_own)
{
	struct netstack_prefix prefix = kept("10.1.2.3/8");

	CHECK_STR(printed(&prefix), "10.1.2.3/8");
	prefix = kept("2001:db8::1/64");
	CHECK_STR(printed(&prefix), "2001:db8::1/64");
}

TEST(nothing_is_lost_on_the_way_to_libfrr_and_back)
{
	const char *const texts[] = { "10.1.2.3/8", "2001:db8::ffff:1/127", "0.0.0.0/0", "::/0" };

	for (size_t i = 0; i < array_size(texts); i++) {
		struct netstack_prefix prefix = kept(texts[i]), back;
		struct prefix libfrr = netstack_prefix_to(&prefix), parsed = {};

		assert(str2prefix(texts[i], &parsed));
		CHECK(prefix_same(&libfrr, &parsed));
		back = netstack_prefix_from(&libfrr);
		CHECK(netstack_prefix_same(&back, &prefix));
	}
}

TEST(what_is_no_prefix_is_refused)
{
	struct netstack_prefix prefix = kept("10.0.0.0/8");

	CHECK(!netstack_prefix_parse(&prefix, "10.0.0.0/33"));
	CHECK_INT(prefix.family, 0);
	CHECK(!netstack_prefix_parse(&prefix, "02:00:00:00:00:01/48"));
}

TEST(host_bits_count_until_they_are_masked)
{
	struct netstack_prefix a = kept("10.0.0.1/24"), b = kept("10.0.0.2/24");

	CHECK(netstack_prefix_cmp(&a, &b) < 0 && netstack_prefix_cmp(&b, &a) > 0);
	netstack_prefix_mask(&a);
	netstack_prefix_mask(&b);
	CHECK(netstack_prefix_same(&a, &b));
	CHECK_STR(printed(&a), "10.0.0.0/24");
}

TEST(the_length_and_the_family_count)
{
	struct netstack_prefix v4 = kept("0.0.0.0/0"), v6 = kept("::/0"), longer = kept("::/1");

	CHECK(!netstack_prefix_same(&v4, &v6));
	CHECK(!netstack_prefix_same(&v6, &longer));
}

TEST(an_address_is_in_subnets_of_its_own_family)
{
	CHECK(has("10.0.0.1/24", "10.0.0.200"));
	CHECK(!has("10.0.0.1/24", "10.0.1.200"));
	CHECK(has("10.0.0.1/31", "10.0.0.0"));
	CHECK(has("2001:db8::1/64", "2001:db8::2"));
	CHECK(!has("2001:db8::1/64", "2001:db8:1::2"));
	CHECK(!has("32.1.13.184/16", "2001:db8::1")); /* the same bits */
	CHECK(!has("::/0", "10.0.0.1"));
}
