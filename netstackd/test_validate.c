// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is refused, and in which words; and that claims are exact.
 */

#include <zebra.h>

#include "northbound.h"
#include "yang.h"

#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_observed.h"
#include "netstackd/netstack_test.h"
#include "netstackd/netstack_tree.h"
#include "netstackd/netstack_validate.h"

static char errmsg[NETSTACK_ERRMSG_MAX];

/* The check passes. */
#define PASSES(check) CHECK(check)
/* The check does not, with these words. */
#define REFUSES(check, words)                                                                      \
	do {                                                                                       \
		CHECK(!(check));                                                                   \
		CHECK_STR(errmsg, words);                                                          \
	} while (0)

#define NAME(name)	  netstack_check_name(name, errmsg, sizeof(errmsg))
#define LINK_NAME(name)	  netstack_check_link_name("interface", name, errmsg, sizeof(errmsg))
#define DESCRIPTION(text) netstack_check_description(text, errmsg, sizeof(errmsg))
#define TABLES(a, b)	  netstack_check_table_range(a, b, errmsg, sizeof(errmsg))

TEST(names_of_stacks)
{
	PASSES(NAME("vmotion"));
	PASSES(NAME("default"));
	PASSES(NAME("123456789012345678901234567890123456"));
	PASSES(NAME("it's"));
	PASSES(NAME("say\"hi\""));
	PASSES(NAME("gr\xc3\xbcn-\xe2\x82\xac"));
	REFUSES(NAME(""), "the netstack name is empty");
	REFUSES(NAME("\"\""), "the netstack name is empty");
	REFUSES(NAME("all"), "netstack all: this name is reserved, choose another one");
	CHECK(!NAME("."));
	CHECK(!NAME(".."));
	PASSES(NAME("..."));
	CHECK(!NAME("1234567890123456789012345678901234567"));
	REFUSES(NAME("a/b"),
		"the netstack name a/b has a \"/\": \"/\", \":\", white space and control characters are not allowed");
	CHECK(!NAME("a:b"));
	CHECK(!NAME("a b"));
	CHECK(!NAME("a\tb"));
	CHECK(!NAME("a\x7f"));
	CHECK(!NAME("no\xc2\xa0"
		    "break"));
	REFUSES(NAME("both'\""),
		"the netstack name both'\" has both kinds of quotes: only one kind is allowed");
}

TEST(names_that_are_not_utf8)
{
	REFUSES(NAME("\xff"), "the netstack name is not text in UTF-8");
	CHECK(!NAME("a\xc3"));		  /* cut */
	CHECK(!NAME("\xc0\xaf"));	  /* overlong "/" */
	CHECK(!NAME("\xed\xa0\x80"));	  /* surrogate */
	CHECK(!NAME("\xf4\x90\x80\x80")); /* beyond Unicode */
	CHECK(!NAME("\xef\xbf\xbf"));	  /* no character */
}

TEST(names_of_links)
{
	PASSES(LINK_NAME("vmk1"));
	PASSES(LINK_NAME("eth0.100"));
	PASSES(LINK_NAME("123456789012345"));
	REFUSES(LINK_NAME("1234567890123456"),
		"the interface name 1234567890123456 is too long: at most 15 characters are allowed");
	REFUSES(LINK_NAME("lo"), "interface lo: this name is reserved, choose another one");
	CHECK(!LINK_NAME("all"));
	CHECK(!LINK_NAME("default"));
	CHECK(!LINK_NAME("."));
	CHECK(!LINK_NAME("a/b"));
	CHECK(!LINK_NAME("eth0:1"));
	REFUSES(LINK_NAME("eth%d"),
		"the interface name eth%d has a character that the kernel or FRR does not allow");
	CHECK(!LINK_NAME("it's"));
	CHECK(!LINK_NAME("say\"hi\""));
	CHECK(!LINK_NAME("voil\xc3\xa0"));
	PASSES(LINK_NAME("gr\xc3\xbcn"));
}

TEST(names_that_need_a_vrf)
{
	CHECK(!netstack_needs_vrf("vmotion", errmsg, sizeof(errmsg)));
	CHECK(!netstack_needs_vrf("default", errmsg, sizeof(errmsg)));
	CHECK(!netstack_needs_vrf("123456789012345", errmsg, sizeof(errmsg)));
	CHECK(netstack_needs_vrf("1234567890123456", errmsg, sizeof(errmsg)));
	CHECK_STR(errmsg, "netstack 1234567890123456 needs a VRF name of at most 15 characters:"
			  " enter \"vrf VRFNAME\" first");
	CHECK(netstack_needs_vrf("lo", errmsg, sizeof(errmsg)));
	CHECK_STR(errmsg, "netstack lo needs a VRF of another name: enter \"vrf VRFNAME\" first");
}

TEST(descriptions)
{
	char long_text[NETSTACK_DESCRIPTION_MAX + 2];

	PASSES(DESCRIPTION("vMotion & storage, \"10G\", it's f\xc3\xbcr uns"));
	CHECK(!DESCRIPTION("a\x01"));
	CHECK(!DESCRIPTION("\xff"));
	memset(long_text, 'x', sizeof(long_text));
	long_text[NETSTACK_DESCRIPTION_MAX + 1] = '\0';
	REFUSES(DESCRIPTION(long_text),
		"the description has 256 characters: at most 255 are allowed");
	long_text[NETSTACK_DESCRIPTION_MAX] = '\0';
	PASSES(DESCRIPTION(long_text));
}

static bool address(const char *text)
{
	struct prefix prefix;

	assert(str2prefix(text, &prefix));
	return netstack_check_address(&prefix, errmsg, sizeof(errmsg));
}

TEST(addresses)
{
	PASSES(address("10.0.0.1/24"));
	PASSES(address("10.0.0.254/24"));
	PASSES(address("10.0.0.0/31"));
	PASSES(address("10.0.0.1/31"));
	PASSES(address("10.0.0.0/32"));
	PASSES(address("127.0.0.1/8"));
	PASSES(address("169.254.1.1/16"));
	PASSES(address("2001:db8::1/64"));
	PASSES(address("2001:db8::ffff:ffff:ffff:ffff/64"));
	PASSES(address("2001:db8::/127"));
	PASSES(address("2001:db8::/128"));
	PASSES(address("fe80::1/64"));
	REFUSES(address("10.0.0.0/24"),
		"10.0.0.0 is the network address of 10.0.0.0/24: an interface needs a host's address");
	REFUSES(address("10.0.0.255/24"),
		"10.0.0.255 is the broadcast address of 10.0.0.0/24: an interface needs a host's address");
	CHECK(!address("10.0.0.4/30"));
	CHECK(!address("10.0.0.7/30"));
	REFUSES(address("224.0.0.1/24"),
		"224.0.0.1 is a multicast address: it cannot be an interface's address");
	REFUSES(address("0.0.0.0/0"),
		"0.0.0.0 is the unspecified address: it cannot be an interface's address");
	CHECK(!address("0.0.0.0/32"));
	CHECK(!address("255.255.255.255/32"));
	CHECK(!address("10.1.1.1/0"));
	REFUSES(address("2001:db8::/64"),
		"2001:db8:: is the subnet-router anycast address of 2001:db8::/64: an interface needs a host's address");
	CHECK(!address("ff02::1/128"));
	CHECK(!address("::/128"));
	REFUSES(address("::1/128"),
		"::1 is the loopback address: it cannot be an interface's address");
	REFUSES(address("::ffff:10.0.0.1/96"),
		"::ffff:10.0.0.1 is an IPv4 address in IPv6: it cannot be an interface's address");
}

static bool loopback(const char *text, const char *kind)
{
	struct prefix prefix;

	assert(str2prefix(text, &prefix));
	return netstack_check_loopback(&prefix, kind, errmsg, sizeof(errmsg));
}

TEST(loopback_addresses_are_for_loopbacks)
{
	PASSES(loopback("10.0.0.1/8", NULL));
	PASSES(loopback("7f00::1/8", NULL));
	PASSES(loopback("127.0.0.1/8", "dummy"));
	REFUSES(loopback("127.0.0.1/8", NULL),
		"127.0.0.1/8 is a loopback address: only an interface with \"link dummy\" can have it");
	CHECK(!loopback("127.255.0.1/32", "vlan"));
	CHECK(!loopback("127.0.0.1/8", "macvlan"));
}

static bool gateway(const char *address_text, const char *ifname)
{
	struct ipaddr ip;

	assert(!str2ipaddr(address_text, &ip));
	return netstack_check_gateway(&ip, ifname, errmsg, sizeof(errmsg));
}

TEST(gateways)
{
	PASSES(gateway("10.0.0.1", ""));
	PASSES(gateway("10.0.0.1", "vmk1"));
	PASSES(gateway("2001:db8::1", ""));
	PASSES(gateway("fe80::1", "vmk1"));
	REFUSES(gateway("fe80::1", ""),
		"fe80::1 is a link-local address, which every link has: add \"interface IFNAME\"");
	REFUSES(gateway("224.0.0.1", ""),
		"224.0.0.1 is a multicast address: it cannot be a gateway");
	CHECK(!gateway("0.0.0.0", ""));
	CHECK(!gateway("255.255.255.255", ""));
	CHECK(!gateway("127.0.0.1", ""));
	CHECK(!gateway("::", ""));
	CHECK(!gateway("::1", ""));
	CHECK(!gateway("::ffff:10.0.0.1", ""));
	CHECK(!gateway("ff02::1", "vmk1"));
	CHECK(!gateway("10.0.0.1", "lo"));
}

static bool route(const char *prefix, const char *next_hop, const char *ifname)
{
	struct netstack_route key = {};

	assert(netstack_prefix_parse(&key.prefix, prefix));
	if (str2ipaddr(next_hop, &key.gate))
		key.type = strmatch(next_hop, "blackhole") ? NETSTACK_NEXTHOP_BLACKHOLE
							   : NETSTACK_NEXTHOP_UNREACHABLE;
	strlcpy(key.ifname, ifname, sizeof(key.ifname));
	return netstack_check_route(&key, errmsg, sizeof(errmsg));
}

TEST(routes)
{
	PASSES(route("10.0.0.0/8", "10.1.0.1", ""));
	PASSES(route("0.0.0.0/0", "10.1.0.1", "vmk1"));
	PASSES(route("10.0.0.0/8", "blackhole", ""));
	PASSES(route("2001:db8::/32", "unreachable", ""));
	PASSES(route("2001:db8::/32", "fe80::1", "vmk1"));
	REFUSES(route("10.0.0.0/8", "2001:db8::1", ""),
		"10.0.0.0/8 is IPv4 and 2001:db8::1 is IPv6: a route needs a next hop of its own family");
	REFUSES(route("10.0.0.0/8", "blackhole", "vmk1"),
		"a route to blackhole goes to no interface: leave out \"interface vmk1\"");
	REFUSES(route("224.0.0.0/4", "10.0.0.1", ""),
		"224.0.0.0/4 is multicast: only unicast routes are possible");
	CHECK(!route("ff00::/8", "blackhole", ""));
	CHECK(!route("2001:db8::/32", "fe80::1", ""));
	CHECK(!route("10.0.0.0/8", "127.0.0.1", ""));
}

TEST(neighbours_and_macs)
{
	struct ipaddr ip, group;
	struct ethaddr good = { .octet = { 2, 0, 0, 0, 0, 1 } };
	struct ethaddr multicast = { .octet = { 1, 0, 0x5e, 0, 0, 1 } }, zero = {};

	str2ipaddr("10.0.0.1", &ip);
	str2ipaddr("224.0.0.1", &group);
	PASSES(netstack_check_neighbor("vmk1", &ip, &good, errmsg, sizeof(errmsg)));
	CHECK(!netstack_check_neighbor("vmk1", &group, &good, errmsg, sizeof(errmsg)));
	CHECK(!netstack_check_neighbor("lo", &ip, &good, errmsg, sizeof(errmsg)));
	REFUSES(netstack_check_neighbor("vmk1", &ip, &multicast, errmsg, sizeof(errmsg)),
		"MAC address 01:00:5e:00:00:01 is a multicast address: a unicast address is needed");
	REFUSES(netstack_check_mac(&zero, errmsg, sizeof(errmsg)),
		"MAC address 00:00:00:00:00:00 is zero: a unicast address is needed");
}

TEST(table_ranges)
{
	PASSES(TABLES(1001, 4294967295));
	PASSES(TABLES(1, 1));
	PASSES(TABLES(252, 256));
	REFUSES(TABLES(5, 4), "the table range 5 4 ends before it begins");
	REFUSES(TABLES(252, 255),
		"the table range 252 255 has only tables of the kernel's own: choose another one");
	CHECK(!TABLES(254, 254));
}

TEST(paths_hold_quotes)
{
	char xpath[128], name[NETSTACK_NAME_MAX + 1];

	CHECK_STR(netstack_xpath(xpath, sizeof(xpath), "blue"),
		  "/frr-netstack:netstack/stack[name='blue']");
	CHECK_STR(netstack_xpath(xpath, sizeof(xpath), "it's"),
		  "/frr-netstack:netstack/stack[name=\"it's\"]");
	strlcat(xpath, "/interface[name='x']", sizeof(xpath));
	CHECK(netstack_xpath_name(xpath, name, sizeof(name)));
	CHECK_STR(name, "it's");
	CHECK(!netstack_xpath_name("/frr-vrf:lib/vrf[name='x']", name, sizeof(name)));
}

/*
 * Claims, in a tree
 */

static struct netstack_observed *obs;
static struct nb_config *candidate, running;

static const struct netstack_observed *get_observed(void)
{
	return obs;
}

static void begin(void)
{
	const char *top = getenv("top_srcdir");
	char dir[PATH_MAX];

	if (!ly_native_ctx) {
		snprintf(dir, sizeof(dir), "%s/yang", top ?: ".");
		yang_init(true, false, false);
		ly_ctx_set_searchdir(ly_native_ctx, dir);
		yang_module_load("frr-netstack", NULL);
	}
	netstack_desired_init(NULL);
	netstack_validate_init(get_observed);
	obs = netstack_observed_new();
	candidate = nb_config_new(NULL);
	running_config = &running;
	running.dnode = yang_dnode_dup(candidate->dnode);
}

static void end(void)
{
	running_config = NULL;
	yang_dnode_free(running.dnode);
	nb_config_free(candidate);
	netstack_observed_free(obs);
	netstack_validate_terminate();
	netstack_desired_terminate();
}

static void edit(const char *stack, const char *relative, const char *value)
{
	char xpath[256];

	netstack_xpath(xpath, sizeof(xpath), stack);
	strlcat(xpath, relative, sizeof(xpath));
	assert(!lyd_new_path(candidate->dnode, ly_native_ctx, xpath, value, LYD_NEW_PATH_UPDATE,
			     NULL));
}

static void erase(const char *stack, const char *relative)
{
	char xpath[256];

	netstack_xpath(xpath, sizeof(xpath), stack);
	strlcat(xpath, relative, sizeof(xpath));
	lyd_free_tree(yang_dnode_get(candidate->dnode, xpath));
}

static void commit(void)
{
	yang_dnode_free(running.dnode);
	running.dnode = yang_dnode_dup(candidate->dnode);
}

/* As a command does: check, and if it passes, edit. */
static bool add_if(const char *stack, const char *ifname)
{
	char relative[64];

	if (!netstack_check_interface(candidate->dnode, stack, ifname, errmsg, sizeof(errmsg)))
		return false;
	snprintf(relative, sizeof(relative), "/interface[name='%s']", ifname);
	edit(stack, relative, NULL);
	return true;
}

static bool add_stack(const char *name, const char *vrf)
{
	if (!netstack_check_vrf(candidate->dnode, name, vrf, errmsg, sizeof(errmsg)))
		return false;
	edit(name, "", NULL);
	if (vrf)
		edit(name, "/vrf", vrf);
	return true;
}

static bool set_table(const char *name, const char *table)
{
	if (!netstack_check_table(candidate->dnode, name, atoi(table), errmsg, sizeof(errmsg)))
		return false;
	edit(name, "/table", table);
	return true;
}

TEST(an_interface_can_be_in_one_stack)
{
	begin();
	PASSES(add_stack("a", NULL) && add_stack("b", NULL));
	PASSES(add_if("a", "eth1"));
	PASSES(add_if("a", "eth1"));
	REFUSES(add_if("b", "eth1"),
		"interface eth1 is used by netstack a: enter \"no interface eth1\" there first");
	erase("a", "/interface[name='eth1']");
	PASSES(add_if("b", "eth1"));
	CHECK(!add_if("a", "eth1"));
	REFUSES(add_if("default", "eth2"),
		"netstack default is the router's default VRF: it cannot be given interfaces");
	end();
}

TEST(an_interface_of_a_removed_stack_is_free)
{
	begin();
	PASSES(add_stack("a", NULL) && add_stack("b", NULL) && add_if("a", "eth1"));
	erase("a", "");
	PASSES(add_if("b", "eth1"));
	end();
}

TEST(a_rejected_batch_does_not_lose_claims)
{
	begin();
	PASSES(add_stack("a", NULL) && add_stack("b", NULL) && add_if("a", "eth1"));
	commit();
	/* moved in the candidate, and the candidate is thrown away */
	erase("a", "/interface[name='eth1']");
	PASSES(add_if("b", "eth1"));
	nb_config_replace(candidate, running_config, true);
	CHECK(!add_if("b", "eth1"));
	CHECK(add_if("a", "eth1"));
	end();
}

TEST(a_vrf_name_is_one_stack_s)
{
	begin();
	PASSES(add_stack("blue", NULL));
	REFUSES(add_stack("red", "blue"), "VRF blue is used by netstack blue: choose another name");
	PASSES(add_stack("red", "pink"));
	REFUSES(add_stack("pink", NULL),
		"VRF pink is used by netstack red: enter \"vrf VRFNAME\" to have one of another name");
	PASSES(add_stack("pink", "rose"));
	/* blue gets another one, its name is free then, and it cannot go back */
	edit("blue", "/vrf", "sky");
	PASSES(netstack_check_vrf(candidate->dnode, "blue", "sky", errmsg, sizeof(errmsg)));
	PASSES(add_stack("red", "blue"));
	CHECK(!netstack_check_vrf(candidate->dnode, "blue", NULL, errmsg, sizeof(errmsg)));
	end();
}

TEST(a_vrf_of_the_stack_s_own_name_needs_no_claim)
{
	size_t before;

	begin();
	before = netstack_claims_total();
	PASSES(add_stack("blue", NULL));
	CHECK_INT(netstack_claims_total(), before);
	PASSES(add_stack("red", "pink"));
	CHECK_INT(netstack_claims_total(), before + 1);
	end();
}

TEST(vrfs_and_interfaces_have_different_names)
{
	begin();
	PASSES(add_stack("a", NULL) && add_stack("b", NULL) && add_if("a", "eth1"));
	REFUSES(add_if("a", "b"),
		"b is the VRF of netstack b: it cannot be an interface of a netstack");
	CHECK(!add_if("a", "a"));
	CHECK(!add_stack("eth1", NULL));
	REFUSES(add_stack("c", "eth1"),
		"eth1 is an interface of netstack a, a VRF cannot have its name: choose another name");
	CHECK(!netstack_check_parent(candidate->dnode, "eth1", "b", errmsg, sizeof(errmsg)));
	REFUSES(netstack_check_parent(candidate->dnode, "eth1", "eth1", errmsg, sizeof(errmsg)),
		"interface eth1 cannot be its own parent");
	PASSES(netstack_check_parent(candidate->dnode, "vmk1", "eth1", errmsg, sizeof(errmsg)));
	end();
}

TEST(a_table_is_one_stack_s)
{
	begin();
	PASSES(add_stack("a", NULL) && add_stack("b", NULL));
	PASSES(set_table("a", "1500"));
	PASSES(set_table("a", "1500"));
	REFUSES(set_table("b", "1500"), "table 1500 is used by netstack a");
	PASSES(set_table("a", "1501"));
	PASSES(set_table("b", "1500"));
	REFUSES(set_table("b", "254"),
		"table 254 is used by the kernel itself, and zebra would exit: choose another one");
	CHECK(!set_table("b", "252"));
	CHECK(!set_table("default", "1600"));
	end();
}

static void add_vrf_device(const char *name, uint32_t table, const char *alias)
{
	static int ifindex = 10;
	struct netstack_link *link = netstack_observed_link_add(obs, ifindex++, name);

	strlcpy(link->kind, "vrf", sizeof(link->kind));
	netstack_observed_link_set_alias(link, alias);
	netstack_observed_link_set_vrf_table(obs, link, table);
}

TEST(a_table_of_a_vrf_in_the_kernel)
{
	begin();
	PASSES(add_stack("a", NULL) && add_stack("b", "sky") && add_stack("c", NULL));
	add_vrf_device("foreign", 1500, "");
	REFUSES(set_table("a", "1500"), "table 1500 is used by VRF foreign");
	/* its own device, from before a restart */
	add_vrf_device("sky", 1600, "netstack b");
	PASSES(set_table("b", "1600"));
	erase("b", "/table");
	/* that of another stack, which keeps it, and which is going to give it up */
	CHECK(!set_table("a", "1600"));
	edit("b", "/table", "1700");
	PASSES(set_table("a", "1600"));
	/* a leftover of a stack that is no more */
	add_vrf_device("old", 1800, "netstack gone");
	PASSES(set_table("c", "1800"));
	end();
}

static bool add_address(const char *stack, const char *ifname, const char *text)
{
	char relative[64];
	struct prefix prefix;
	bool alone;

	assert(str2prefix(text, &prefix));
	alone = netstack_check_subnet(candidate->dnode, stack, ifname, &prefix, errmsg,
				      sizeof(errmsg));
	snprintf(relative, sizeof(relative), "/interface[name='%s']/address", ifname);
	edit(stack, relative, text);
	return alone;
}

TEST(a_subnet_on_two_interfaces_of_a_stack_is_worth_a_warning)
{
	begin();
	PASSES(add_address("a", "vmk1", "10.0.0.1/24"));
	PASSES(add_address("a", "vmk1", "10.0.0.2/24"));
	REFUSES(add_address("a", "vmk2", "10.0.0.3/24"),
		"warning: subnet 10.0.0.0/24 is on interface vmk1 of this netstack too");
	PASSES(add_address("b", "vmk3", "10.0.0.1/24"));
	erase("a", "/interface[name='vmk1']");
	PASSES(add_address("a", "vmk2", "10.0.0.3/24"));
	PASSES(add_address("a", "vmk1", "fe80::1/64"));
	PASSES(add_address("a", "vmk2", "fe80::2/64"));
	end();
}

TEST(stale_claims_are_dropped)
{
	char ifname[IFNAMSIZ], relative[64];

	begin();
	PASSES(add_stack("a", NULL));
	for (int i = 0; i < 20000; i++) {
		snprintf(ifname, sizeof(ifname), "if%d", i);
		PASSES(add_if("a", ifname));
		snprintf(relative, sizeof(relative), "/interface[name='%s']", ifname);
		erase("a", relative);
	}
	CHECK(netstack_claims_total() < 5000);
	CHECK(!add_stack("b", "a"));
	end();
}

TEST(a_leak_has_two_ends_and_a_prefix_list)
{
	char longest[NETSTACK_PLIST_MAX + 2];

	begin();
	memset(longest, 'P', sizeof(longest));
	longest[NETSTACK_PLIST_MAX + 1] = '\0';
	PASSES(netstack_check_leak("a", "b", "A/B:c", errmsg, sizeof(errmsg)));
	PASSES(netstack_check_leak("a", "b", longest + 1, errmsg, sizeof(errmsg)));
	REFUSES(netstack_check_leak("a", "b", longest, errmsg, sizeof(errmsg)),
		"the prefix-list name is too long: 1 to 128 characters are allowed");
	REFUSES(netstack_check_leak("a", "b", "", errmsg, sizeof(errmsg)),
		"the prefix-list name is empty: 1 to 128 characters are allowed");
	REFUSES(netstack_check_leak("a", "b", "one two", errmsg, sizeof(errmsg)),
		"the prefix-list name is not text in UTF-8 without white space and control characters");
	REFUSES(netstack_check_leak("a", "b", "'\"", errmsg, sizeof(errmsg)),
		"the prefix-list name '\" has both kinds of quotes: only one kind is allowed");
	REFUSES(netstack_check_leak("a", "a", "LIST", errmsg, sizeof(errmsg)),
		"netstack a cannot leak to itself: name another netstack");
	REFUSES(netstack_check_leak("a", "all", "LIST", errmsg, sizeof(errmsg)),
		"netstack all: this name is reserved, choose another one");
	end();
}

#define LOOP(stack, from, plist)                                                                   \
	netstack_check_leak_loop(candidate->dnode, stack, from, plist, errmsg, sizeof(errmsg))

TEST(loops_of_leaks)
{
	begin();
	edit("a", "/leak[from='b'][prefix-list='L']", NULL);
	edit("b", "/leak[from='c'][prefix-list='L']", NULL);
	edit("c", "/leak[from='d'][prefix-list='M']", NULL);
	edit("b", "/leak[from='nobody'][prefix-list='L']", NULL);
	PASSES(LOOP("c", "a", "M"));
	PASSES(LOOP("d", "a", "L"));
	PASSES(LOOP("c", "nobody", "L"));
	REFUSES(LOOP("c", "a", "L"),
		"prefix-list L lets routes leak from netstack c to netstack a already, this would be a loop: leak by another prefix-list");
	REFUSES(LOOP("b", "a", "L"),
		"prefix-list L lets routes leak from netstack b to netstack a already, this would be a loop: leak by another prefix-list");
	/* a loop elsewhere, as one transaction can have it, ends the search as well */
	edit("c", "/leak[from='b'][prefix-list='L']", NULL);
	PASSES(LOOP("d", "a", "L"));
	end();
}
