// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses and prefixes in libyang's binary form: the same to libyang as their texts, and read without them.
 */

#include <zebra.h>

#include <libyang/libyang.h>

#include "printfrr.h"

#include "netstackd/netstack_test.h"
#include "netstackd/netstack_value.h"

static const char model[] =
	"module t { namespace urn:t; prefix t; yang-version 1.1;"
	"  import ietf-inet-types { prefix inet; }"
	"  typedef hop { type union { type inet:ip-address-no-zone;"
	"    type enumeration { enum blackhole; enum unreachable; } } }"
	"  list prefix { key k; leaf k { type inet:ip-prefix; } }"
	"  list plain { key k; leaf k { type inet:ipv4-prefix; } }"
	"  list hop { key k; leaf k { type hop; } }"
	"  list zone { key k; leaf k { type inet:ip-address; } }"
	"  list name { key k; leaf k { type string { length \"0..4\"; pattern '[a-z]*'; } } }"
	"  list number { key k; leaf k { type uint8; } }"
	"}";

static struct ly_ctx *ctx;
static const struct lys_module *module;

TEST_START()
{
	if (ly_ctx_new(NULL, 0, &ctx) == LY_SUCCESS)
		lys_parse_mem(ctx, model, LYS_IN_YANG, (struct lys_module **)&module);
	ly_log_options(0);
	assert(module);
	return NULL;
}

/* The first key of a list of the model. */
static const struct lysc_type *type_of(const char *list)
{
	const struct lysc_node *schema = lys_find_child(NULL, module, list, 0, LYS_LIST, 0);

	return ((const struct lysc_node_leaf *)lysc_node_child(schema))->type;
}

static struct lyd_node *by_text(const char *list, const char *text)
{
	struct lyd_node *entry = NULL;

	lyd_new_list(NULL, module, list, 0, &entry, text);
	return entry;
}

/* NULL: it has no binary form, or libyang does not take that. */
static struct lyd_node *by_value(const char *list, const char *text)
{
	uint32_t len = strlen(text);
	char buf[NETSTACK_VALUE_MAX];
	const char *value = netstack_value_encode(type_of(list), text, &len, buf);
	struct lyd_node *entry = NULL;

	if (value)
		lyd_new_list3(NULL, module, list, &value, &len, LYD_NEW_VAL_BIN, &entry);
	return entry;
}

static const struct {
	const char *list;
	const char *text;
} values[] = {
	{ "prefix", "10.1.0.0/16" },
	{ "prefix", "0.0.0.0/0" },
	{ "prefix", "10.1.2.3/32" },
	{ "prefix", "2001:db8::/32" },
	{ "prefix", "::/0" },
	{ "prefix", "2001:db8::1/128" },
	{ "prefix", "10.1.2.3/8" },
	{ "prefix", "10.255.255.255/13" },
	{ "prefix", "2001:db8:ffff::1/35" },
	{ "prefix", "255.255.255.255/0" },
	{ "prefix", "2001:DB8::/32" },
	{ "plain", "192.0.2.0/24" },
	{ "hop", "192.0.2.1" },
	{ "hop", "2001:db8::1" },
	{ "hop", "fe80::1" },
	{ "hop", "::ffff:192.0.2.1" },
	{ "hop", "255.255.255.255" },
	{ "name", "" },
	{ "name", "vmk" },
};

TEST(libyang_has_the_same_entry_by_either_way)
{
	for (size_t i = 0; i < array_size(values); i++) {
		struct lyd_node *text = by_text(values[i].list, values[i].text);
		struct lyd_node *value = by_value(values[i].list, values[i].text);

		assertf(text && value, "%s %s", values[i].list, values[i].text);
		CHECK_INT(value->hash, text->hash);
		CHECK_INT(lyd_compare_single(value, text, LYD_COMPARE_FULL_RECURSION), LY_SUCCESS);
		CHECK_STR(lyd_get_value(lyd_child(value)), lyd_get_value(lyd_child(text)));
		lyd_free_all(text);
		lyd_free_all(value);
	}
}

TEST(an_entry_is_found_among_those_of_the_other_kind)
{
	struct lyd_node *all = NULL, *like, *found;

	for (int i = 0; i < 100; i++) {
		char text[32];

		snprintf(text, sizeof(text), "10.%d.0.0/16", i);
		lyd_insert_sibling(all, i % 2 ? by_text("prefix", text) : by_value("prefix", text),
				   &all);
	}
	for (int i = 0; i < 100; i++) {
		char text[32];

		snprintf(text, sizeof(text), "10.%d.0.0/16", i);
		like = i % 3 ? by_text("prefix", text) : by_value("prefix", text);
		CHECK_INT(lyd_find_sibling_first(all, like, &found), LY_SUCCESS);
		CHECK_STR(lyd_get_value(lyd_child(found)), text);
		lyd_free_all(like);
	}
	lyd_free_all(all);
}

static const struct {
	const char *list;
	const char *text;
} others[] = {
	/* no value of the type */
	{ "prefix", "10.0.0.0/33" },
	{ "prefix", "10.0.0.0/08" },
	{ "prefix", "10.0.0.0/" },
	{ "prefix", "10.0.0.0/+8" },
	{ "prefix", "10.0.0.0/8 " },
	{ "prefix", "10.0.0.0/8/8" },
	{ "prefix", "10.0.0.0" },
	{ "prefix", "010.0.0.0/8" },
	{ "prefix", "10.0.0/8" },
	{ "prefix", "2001:db8::/129" },
	{ "prefix", "2001:db8::/4294967297" },
	{ "prefix", "fe80::1%eth0/64" },
	{ "prefix", "" },
	{ "plain", "2001:db8::/32" },
	{ "hop", "192.0.2.1/32" },
	{ "hop", "192.0.2" },
	{ "hop", "fe80::1%eth0" },
	{ "hop", "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd:eeee:ffff" },
	/* of a type that has no such form here */
	{ "hop", "blackhole" },
	{ "zone", "192.0.2.1" },
	{ "zone", "fe80::1%eth0" },
	{ "number", "7" },
};

TEST(what_has_no_such_form_is_left_to_its_text)
{
	for (size_t i = 0; i < array_size(others); i++) {
		uint32_t len = strlen(others[i].text), was = len;
		char buf[NETSTACK_VALUE_MAX];

		assertf(!netstack_value_encode(type_of(others[i].list), others[i].text, &len, buf),
			"%s %s", others[i].list, others[i].text);
		CHECK_INT(len, was);
	}
}

TEST(a_string_is_still_checked_against_its_type)
{
	CHECK(!by_value("name", "vmk1"));
	CHECK(!by_value("name", "abcde"));
}

static const char *read_prefix(const struct lyd_node *entry)
{
	static char text[PREFIX_STRLEN];
	struct netstack_prefix prefix;

	if (!netstack_value_prefix(lyd_child(entry), &prefix))
		return NULL;
	snprintfrr(text, sizeof(text), "%pFX", &prefix);
	return text;
}

static const char *read_address(const struct lyd_node *entry)
{
	static char text[PREFIX_STRLEN];
	struct ipaddr address;

	if (!netstack_value_address(lyd_child(entry), &address))
		return NULL;
	snprintfrr(text, sizeof(text), "%pIA", &address);
	return text;
}

TEST(either_way_it_is_read_as_it_was_written)
{
	for (size_t i = 0; i < array_size(values); i++) {
		bool is_hop = strmatch(values[i].list, "hop");
		struct lyd_node *entries[] = {
			by_text(values[i].list, values[i].text),
			by_value(values[i].list, values[i].text),
		};

		for (size_t k = 0; k < array_size(entries) && !strmatch(values[i].list, "name");
		     k++)
			CHECK_STR(is_hop ? read_address(entries[k]) : read_prefix(entries[k]),
				  lyd_get_value(lyd_child(entries[k])));
		lyd_free_all(entries[0]);
		lyd_free_all(entries[1]);
	}
}

TEST(a_type_without_such_a_form_is_read_by_its_text)
{
	struct lyd_node *entry = by_text("zone", "192.0.2.1");

	CHECK_STR(read_address(entry), "192.0.2.1");
	lyd_free_all(entry);
}

TEST(what_is_no_address_is_not_read_as_one)
{
	const char *const lists[] = { "hop", "number", "prefix", "name" };
	const char *const texts[] = { "blackhole", "7", "10.0.0.0/8", "vmk" };

	for (size_t i = 0; i < array_size(lists); i++) {
		struct lyd_node *entry = by_text(lists[i], texts[i]);
		struct ipaddr address;

		CHECK(!netstack_value_address(lyd_child(entry), &address));
		CHECK_INT(address.ipa_type, IPADDR_NONE);
		lyd_free_all(entry);
	}
}

TEST(what_is_no_prefix_is_not_read_as_one)
{
	struct lyd_node *entry = by_text("hop", "unreachable");
	struct netstack_prefix prefix;

	CHECK(!netstack_value_prefix(lyd_child(entry), &prefix));
	CHECK_INT(prefix.family, 0);
	lyd_free_all(entry);
}
