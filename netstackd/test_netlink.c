// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages to the kernel byte by byte, messages from it as they should be, and as they never
 * should.
 */

#include <zebra.h>

#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>

#include "privs.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_netlink.h"
#include "netstackd/netstack_test.h"

struct event_loop *master;
struct zebra_privs_t netstack_privs;

/* --- encoding ------------------------------------------------------------------------------ */

/* The one request of the operation in hexadecimal, without length, sequence number and port. */
static const char *encoded(const struct netstack_op *op)
{
	static char text[2048];
	struct netstack_nl_batch batch = {};
	const struct nlmsghdr *nlh;
	size_t len = 0;

	if (!netstack_nl_encode(&batch, op) || batch.count != 1) {
		netstack_nl_batch_fini(&batch);
		return NULL;
	}
	nlh = (const struct nlmsghdr *)batch.buf;
	len = snprintf(text, sizeof(text), "%u:%x ", nlh->nlmsg_type, nlh->nlmsg_flags);
	for (size_t i = sizeof(*nlh); i < nlh->nlmsg_len; i++)
		len += snprintf(text + len, sizeof(text) - len, "%02x%s", batch.buf[i],
				i % 4 == 3 ? " " : "");
	if (len && text[len - 1] == ' ')
		text[len - 1] = '\0';
	netstack_nl_batch_fini(&batch);
	return text;
}

/* What follows is little-endian: as the machines that this is built on. */

TEST(a_vrf_is_encoded)
{
	struct netstack_op op = { .type = NETSTACK_OP_LINK_CREATE, .kind = "vrf", .table = 1001 };

	strlcpy(op.name, "blue", sizeof(op.name));
	CHECK_STR(encoded(&op), "16:605 00000000 00000000 00000000 00000000 "
				"09000300 626c7565 00000000 "  /* IFLA_IFNAME */
				"18001280 "		       /* IFLA_LINKINFO, nested */
				"07000100 76726600 "	       /* vrf */
				"0c000280 08000100 e9030000"); /* IFLA_INFO_DATA, IFLA_VRF_TABLE */
}

TEST(a_vlan_is_encoded)
{
	struct netstack_op op = {
		.type = NETSTACK_OP_LINK_CREATE,
		.kind = "vlan",
		.vlan_id = 10,
		.parent = 2,
		.master = 3,
		.has_mac = true,
		.mac.octet = { 2, 0, 0, 0, 0, 1 },
		.mtu = 9000,
	};

	strlcpy(op.name, "vl10", sizeof(op.name));
	CHECK_STR(encoded(&op), "16:605 00000000 00000000 00000000 00000000 "
				"09000300 766c3130 00000000 "
				"08000500 02000000 "	      /* IFLA_LINK */
				"08000a00 03000000 "	      /* IFLA_MASTER */
				"0a000100 02000000 00010000 " /* IFLA_ADDRESS */
				"08000400 28230000 "	      /* IFLA_MTU */
				"18001280 08000100 766c616e "
				"0c000280 06000100 0a000000"); /* IFLA_VLAN_ID */
}

TEST(changes_of_a_link_are_encoded)
{
	struct netstack_op op = { .ifindex = 7, .master = 3, .mtu = 1400 };

	op.type = NETSTACK_OP_LINK_MASTER;
	CHECK_STR(encoded(&op), "19:5 00000000 07000000 00000000 00000000 08000a00 03000000");
	op.master = 0;
	CHECK_STR(encoded(&op), "19:5 00000000 07000000 00000000 00000000 08000a00 00000000");
	op.type = NETSTACK_OP_LINK_UP;
	CHECK_STR(encoded(&op), "19:5 00000000 07000000 01000000 01000000");
	op.type = NETSTACK_OP_LINK_DOWN;
	CHECK_STR(encoded(&op), "19:5 00000000 07000000 00000000 01000000");
	op.type = NETSTACK_OP_LINK_MTU;
	CHECK_STR(encoded(&op), "19:5 00000000 07000000 00000000 00000000 08000400 78050000");
	op.type = NETSTACK_OP_LINK_DELETE;
	CHECK_STR(encoded(&op), "17:5 00000000 07000000 00000000 00000000");
	op.type = NETSTACK_OP_IPV6;
	CHECK_STR(encoded(&op), NULL);
}

TEST(addresses_are_encoded)
{
	struct netstack_op op = { .type = NETSTACK_OP_ADDRESS_ADD, .ifindex = 7 };

	netstack_prefix_parse(&op.prefix, "10.1.2.3/24");
	CHECK_STR(encoded(&op), "20:605 02180000 07000000 08000200 0a010203 08000100 0a010203 "
				"08000400 0a0102ff 05000b00 4e000000");
	netstack_prefix_parse(&op.prefix, "10.1.2.3/31");
	CHECK_STR(encoded(&op), "20:605 021f0000 07000000 08000200 0a010203 08000100 0a010203 "
				"05000b00 4e000000");
	op.type = NETSTACK_OP_ADDRESS_DELETE;
	netstack_prefix_parse(&op.prefix, "2001:db8::1/64");
	CHECK_STR(encoded(&op), "21:5 0a400000 07000000 "
				"14000200 20010db8 00000000 00000000 00000001 "
				"14000100 20010db8 00000000 00000000 00000001");
}

TEST(neighbors_are_encoded)
{
	struct netstack_op op = {
		.type = NETSTACK_OP_NEIGHBOR_SET,
		.ifindex = 7,
		.mac.octet = { 2, 0, 0, 0, 0, 1 },
	};

	str2ipaddr("10.1.2.3", &op.address);
	CHECK_STR(encoded(&op), "28:505 02000000 07000000 80000000 08000100 0a010203 "
				"0a000200 02000000 00010000 05000c00 4e000000");
	op.type = NETSTACK_OP_NEIGHBOR_DELETE;
	CHECK_STR(encoded(&op), "29:5 02000000 07000000 00000000 08000100 0a010203");
}

TEST(unreachable_defaults_are_encoded)
{
	struct netstack_op op = {
		.type = NETSTACK_OP_UNREACHABLE_ADD,
		.family = AF_INET,
		.table = 70000,
	};

	CHECK_STR(encoded(&op),
		  "24:605 02000000 00010007 00000000 08000f00 70110100 08000600 002000ff");
	op.type = NETSTACK_OP_UNREACHABLE_DELETE;
	op.family = AF_INET6;
	CHECK_STR(encoded(&op),
		  "25:5 0a000000 00000007 00000000 08000f00 70110100 08000600 002000ff");
}

TEST(what_is_encoded_is_decoded_the_same)
{
	struct netstack_op op = {
		.type = NETSTACK_OP_LINK_CREATE,
		.kind = "vlan",
		.vlan_id = 4094,
		.parent = 2,
		.master = 3,
		.mtu = 9000,
	};
	struct netstack_nl_batch batch = {};
	struct netstack_nl_link link;
	struct nlmsghdr *nlh;
	bool ok;

	strlcpy(op.name, "fifteen-letters", sizeof(op.name));
	netstack_nl_encode(&batch, &op);
	nlh = (struct nlmsghdr *)batch.buf;
	((struct ifinfomsg *)mnl_nlmsg_get_payload(nlh))->ifi_index = 9;
	ok = netstack_nl_decode_link(nlh, &link);
	netstack_nl_batch_fini(&batch);
	CHECK(ok);
	CHECK_STR(link.name, "fifteen-letters");
	CHECK_STR(link.kind, "vlan");
	CHECK_INT(link.vlan_id, 4094);
	CHECK_INT(link.parent, 2);
	CHECK_INT(link.master, 3);
	CHECK_INT(link.mtu, 9000);
	CHECK(!link.has_mac);
}

TEST(a_batch_grows)
{
	struct netstack_op op = { .type = NETSTACK_OP_LINK_UP };
	struct netstack_nl_batch batch = {};
	size_t at = 0;

	for (op.ifindex = 1; op.ifindex <= 5000; op.ifindex++)
		netstack_nl_encode(&batch, &op);
	for (size_t i = 0; i < batch.count; i++) {
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)(batch.buf + at);
		const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

		if (batch.offset[i] != at || ifi->ifi_index != (int)i + 1)
			break;
		at += MNL_ALIGN(nlh->nlmsg_len);
	}
	netstack_nl_batch_fini(&batch);
	CHECK_INT(at, 5000 * 32);
}

/* --- decoding ------------------------------------------------------------------------------ */

static unsigned char buf[4096] __attribute__((aligned(8)));

static struct nlmsghdr *message(uint16_t type, size_t header_len, void **header)
{
	struct nlmsghdr *nlh;

	memset(buf, 0, sizeof(buf));
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = type;
	*header = mnl_nlmsg_put_extra_header(nlh, header_len);
	return nlh;
}

static struct nlmsghdr *link_message(bool ipv6_disabled)
{
	struct ifinfomsg *ifi;
	struct nlmsghdr *nlh = message(RTM_NEWLINK, sizeof(*ifi), (void **)&ifi);
	struct nlattr *spec, *inet6, *info, *data;
	int32_t conf[58] = {};

	ifi->ifi_index = 9;
	ifi->ifi_flags = IFF_UP | IFF_RUNNING;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "blue");
	mnl_attr_put_strz(nlh, IFLA_IFALIAS, "netstack blue");
	mnl_attr_put_u32(nlh, IFLA_MTU, 65575);
	mnl_attr_put(nlh, IFLA_ADDRESS, 6, "\2\0\0\0\0\7");
	mnl_attr_put_u8(nlh, IFLA_OPERSTATE, 6);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "vrf");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u32(nlh, IFLA_VRF_TABLE, 1001);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	conf[26] = ipv6_disabled;
	spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
	inet6 = mnl_attr_nest_start(nlh, AF_INET6);
	mnl_attr_put(nlh, IFLA_INET6_CONF, sizeof(conf), conf);
	mnl_attr_nest_end(nlh, inet6);
	mnl_attr_nest_end(nlh, spec);
	return nlh;
}

TEST(a_link_is_decoded)
{
	struct netstack_nl_link link;

	CHECK(netstack_nl_decode_link(link_message(false), &link));
	CHECK_INT(link.ifindex, 9);
	CHECK_STR(link.name, "blue");
	CHECK_STR(link.alias, "netstack blue");
	CHECK_STR(link.kind, "vrf");
	CHECK_INT(link.vrf_table, 1001);
	CHECK_INT(link.mtu, 65575);
	CHECK_INT(link.operstate, 6);
	CHECK_INT(link.mac.octet[5], 7);
	CHECK(link.has_mac);
	CHECK(!link.ipv6_disabled);
	CHECK(netstack_nl_decode_link(link_message(true), &link));
	CHECK(link.ipv6_disabled);
}

TEST(bridge_ports_and_nameless_links_are_none_of_ours)
{
	struct netstack_nl_link link;
	struct ifinfomsg *ifi;
	struct nlmsghdr *nlh = link_message(false);

	((struct ifinfomsg *)mnl_nlmsg_get_payload(nlh))->ifi_family = AF_BRIDGE;
	CHECK(!netstack_nl_decode_link(nlh, &link));
	nlh = message(RTM_NEWLINK, sizeof(*ifi), (void **)&ifi);
	ifi->ifi_index = 9;
	CHECK(!netstack_nl_decode_link(nlh, &link));
	nlh->nlmsg_type = RTM_NEWADDR;
	CHECK(!netstack_nl_decode_link(nlh, &link));
}

TEST(a_long_alias_is_cut)
{
	struct netstack_nl_link link;
	struct ifinfomsg *ifi;
	struct nlmsghdr *nlh = message(RTM_NEWLINK, sizeof(*ifi), (void **)&ifi);
	char alias[256];

	ifi->ifi_index = 9;
	memset(alias, 'x', sizeof(alias));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "blue");
	mnl_attr_put(nlh, IFLA_IFALIAS, sizeof(alias), alias);
	CHECK(netstack_nl_decode_link(nlh, &link));
	CHECK_INT(strlen(link.alias), NETSTACK_ALIAS_LEN - 1);
}

static struct nlmsghdr *address_message(uint8_t family, uint8_t len)
{
	struct ifaddrmsg *ifa;
	struct nlmsghdr *nlh = message(RTM_NEWADDR, sizeof(*ifa), (void **)&ifa);

	ifa->ifa_family = family;
	ifa->ifa_prefixlen = len;
	ifa->ifa_index = 9;
	return nlh;
}

TEST(an_address_is_decoded)
{
	struct netstack_nl_address address;
	struct nlmsghdr *nlh = address_message(AF_INET, 24);
	struct netstack_prefix want;

	mnl_attr_put(nlh, IFA_ADDRESS, 4, "\12\1\0\11"); /* the other end */
	mnl_attr_put(nlh, IFA_LOCAL, 4, "\12\0\0\1");
	mnl_attr_put_u32(nlh, IFA_FLAGS, IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE);
	mnl_attr_put_u8(nlh, 11, 78);
	netstack_prefix_parse(&want, "10.0.0.1/24");
	CHECK(netstack_nl_decode_address(nlh, &address));
	CHECK_INT(address.ifindex, 9);
	CHECK(netstack_prefix_same(&address.prefix, &want));
	netstack_prefix_parse(&want, "10.1.0.9/24");
	CHECK(netstack_prefix_same(&address.subnet, &want));
	CHECK_INT(address.flags, IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE);
	CHECK_INT(address.proto, 78);
}

TEST(wrong_addresses_are_refused)
{
	struct netstack_nl_address address;
	struct nlmsghdr *nlh = address_message(AF_INET, 24);

	CHECK(!netstack_nl_decode_address(nlh, &address));
	mnl_attr_put(nlh, IFA_ADDRESS, 3, "\12\0\0");
	CHECK(!netstack_nl_decode_address(nlh, &address));
	nlh = address_message(AF_INET, 33);
	mnl_attr_put(nlh, IFA_ADDRESS, 4, "\12\0\0\1");
	CHECK(!netstack_nl_decode_address(nlh, &address));
	nlh = address_message(AF_INET6, 64);
	mnl_attr_put(nlh, IFA_ADDRESS, 4, "\12\0\0\1");
	CHECK(!netstack_nl_decode_address(nlh, &address));
	nlh = address_message(AF_BRIDGE, 24);
	mnl_attr_put(nlh, IFA_ADDRESS, 4, "\12\0\0\1");
	CHECK(!netstack_nl_decode_address(nlh, &address));
}

TEST(a_neighbor_is_decoded)
{
	struct nda_cacheinfo info = { .ndm_confirmed = 6100, .ndm_used = 5, .ndm_updated = 7 };
	struct netstack_nl_neighbor neighbor;
	struct ndmsg *ndm;
	struct nlmsghdr *nlh = message(RTM_NEWNEIGH, sizeof(*ndm), (void **)&ndm);

	ndm->ndm_family = AF_INET6;
	ndm->ndm_ifindex = 9;
	ndm->ndm_state = NUD_PERMANENT;
	mnl_attr_put(nlh, NDA_DST, 16, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1");
	mnl_attr_put(nlh, NDA_LLADDR, 6, "\2\0\0\0\0\7");
	mnl_attr_put_u8(nlh, NDA_PROTOCOL, 78);
	mnl_attr_put(nlh, NDA_CACHEINFO, sizeof(info), &info);
	CHECK(netstack_nl_decode_neighbor(nlh, &neighbor));
	CHECK_INT(neighbor.confirmed, 6100);
	CHECK_INT(neighbor.updated, 7);
	CHECK_INT(neighbor.ifindex, 9);
	CHECK_INT(neighbor.state, NUD_PERMANENT);
	CHECK_INT(neighbor.proto, 78);
	CHECK(neighbor.has_mac && neighbor.mac.octet[5] == 7);
	CHECK(IS_IPADDR_V6(&neighbor.address) && neighbor.address.ipaddr_v6.s6_addr[15] == 1);
	ndm->ndm_flags = NTF_PROXY;
	CHECK(!netstack_nl_decode_neighbor(nlh, &neighbor));
	ndm->ndm_flags = 0;
	ndm->ndm_family = AF_BRIDGE;
	CHECK(!netstack_nl_decode_neighbor(nlh, &neighbor));
}

static struct nlmsghdr *route_message(uint8_t family, uint8_t dst_len)
{
	struct rtmsg *rtm;
	struct nlmsghdr *nlh = message(RTM_NEWROUTE, sizeof(*rtm), (void **)&rtm);

	rtm->rtm_family = family;
	rtm->rtm_dst_len = dst_len;
	rtm->rtm_type = RTN_UNICAST;
	rtm->rtm_protocol = RTPROT_ZEBRA;
	mnl_attr_put_u32(nlh, RTA_TABLE, 70000);
	mnl_attr_put_u32(nlh, RTA_PRIORITY, 20);
	return nlh;
}

static void put_nexthop(struct nlmsghdr *nlh, int ifindex, const void *gate, uint16_t rtnh_len)
{
	struct rtnexthop *rtnh = (struct rtnexthop *)(buf + nlh->nlmsg_len);

	memset(rtnh, 0, sizeof(*rtnh));
	rtnh->rtnh_ifindex = ifindex;
	nlh->nlmsg_len += sizeof(*rtnh);
	mnl_attr_put(nlh, RTA_GATEWAY, 4, gate);
	rtnh->rtnh_len = rtnh_len;
}

/* The protocol that a route is read as of. */
static int decoded_proto(uint8_t dst_len, uint8_t type, uint32_t metric, uint8_t proto)
{
	struct nlmsghdr *nlh = route_message(AF_INET, dst_len);
	struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct netstack_fib_route *route;
	uint32_t table;
	int as;

	rtm->rtm_type = type;
	rtm->rtm_protocol = proto;
	mnl_attr_put_u32(nlh, RTA_PRIORITY, metric);
	if (dst_len)
		mnl_attr_put(nlh, RTA_DST, 4, "\12\0\0\0");
	route = netstack_nl_decode_route(nlh, &table, NULL, NULL);
	as = route ? route->proto : -1;
	netstack_fib_route_free(route);
	return as;
}

TEST(the_guard_is_ours)
{
	const uint32_t metric = NETSTACK_UNREACHABLE_METRIC;

	CHECK_INT(decoded_proto(0, RTN_UNREACHABLE, metric, RTPROT_REDIRECT), NETSTACK_PROTO);
	CHECK_INT(decoded_proto(8, RTN_UNREACHABLE, metric, RTPROT_REDIRECT), RTPROT_REDIRECT);
	CHECK_INT(decoded_proto(0, RTN_UNICAST, metric, RTPROT_REDIRECT), RTPROT_REDIRECT);
	CHECK_INT(decoded_proto(0, RTN_UNREACHABLE, 20, RTPROT_REDIRECT), RTPROT_REDIRECT);
	CHECK_INT(decoded_proto(0, RTN_UNREACHABLE, metric, RTPROT_BOOT), RTPROT_BOOT);
}

TEST(a_route_is_decoded)
{
	struct nlmsghdr *nlh = route_message(AF_INET, 8);
	struct netstack_fib_route *route;
	uint32_t table;

	mnl_attr_put(nlh, RTA_DST, 4, "\12\0\0\0");
	mnl_attr_put(nlh, RTA_GATEWAY, 4, "\300\250\0\1");
	mnl_attr_put_u32(nlh, RTA_OIF, 9);
	mnl_attr_put_u32(nlh, RTA_NH_ID, 42);
	route = netstack_nl_decode_route(nlh, &table, NULL, NULL);
	CHECK(route);
	CHECK_INT(table, 70000);
	CHECK_INT(route->metric, 20);
	CHECK_INT(route->nexthop_id, 42);
	CHECK_INT(route->nexthop_count, 1);
	CHECK_INT(route->nexthops[0].ifindex, 9);
	CHECK(IS_IPADDR_V4(&route->nexthops[0].gate));
	CHECK_INT(route->prefix.prefixlen, 8);
	netstack_fib_route_free(route);
}

TEST(a_gateway_of_the_other_family_is_decoded)
{
	struct nlmsghdr *nlh = route_message(AF_INET, 0);
	struct netstack_fib_route *route;
	uint32_t table;

	mnl_attr_put(nlh, RTA_VIA, 18, "\12\0\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1");
	mnl_attr_put_u32(nlh, RTA_OIF, 9);
	route = netstack_nl_decode_route(nlh, &table, NULL, NULL);
	CHECK(route);
	CHECK_INT(route->nexthop_count, 1);
	CHECK(IS_IPADDR_V6(&route->nexthops[0].gate));
	netstack_fib_route_free(route);
}

TEST(next_hops_are_in_an_order_of_their_own)
{
	struct nlmsghdr *nlh = route_message(AF_INET, 0);
	struct netstack_fib_route *route;
	struct nlattr *multipath = mnl_attr_nest_start(nlh, RTA_MULTIPATH);
	uint32_t table;

	put_nexthop(nlh, 9, "\12\0\0\2", 16);
	put_nexthop(nlh, 8, "\12\0\0\3", 16);
	put_nexthop(nlh, 9, "\12\0\0\1", 16);
	mnl_attr_nest_end(nlh, multipath);
	route = netstack_nl_decode_route(nlh, &table, NULL, NULL);
	CHECK(route);
	CHECK_INT(route->nexthop_count, 3);
	CHECK_INT(route->nexthops[0].ifindex, 8);
	CHECK_INT(route->nexthops[1].gate.ip.addrbytes[3], 1);
	CHECK_INT(route->nexthops[2].gate.ip.addrbytes[3], 2);
	netstack_fib_route_free(route);
}

TEST(more_next_hops_than_are_kept_are_counted)
{
	struct nlmsghdr *nlh = route_message(AF_INET, 0);
	struct netstack_fib_route *route;
	struct nlattr *multipath = mnl_attr_nest_start(nlh, RTA_MULTIPATH);
	uint32_t table;

	for (unsigned int i = 0; i < 100; i++)
		put_nexthop(nlh, 9, "\12\0\0\2", 16);
	mnl_attr_nest_end(nlh, multipath);
	route = netstack_nl_decode_route(nlh, &table, NULL, NULL);
	CHECK(route);
	CHECK_INT(route->nexthop_count, 100);
	netstack_fib_route_free(route);
}

TEST(next_hops_with_wrong_lengths_end_the_list)
{
	static const uint16_t lengths[] = { 0, 1, 7, 17, 0xffff };
	uint32_t table;

	for (size_t i = 0; i < array_size(lengths); i++) {
		struct nlmsghdr *nlh = route_message(AF_INET, 0);
		struct nlattr *multipath = mnl_attr_nest_start(nlh, RTA_MULTIPATH);
		struct netstack_fib_route *route;

		put_nexthop(nlh, 9, "\12\0\0\2", 16);
		put_nexthop(nlh, 9, "\12\0\0\3", lengths[i]);
		mnl_attr_nest_end(nlh, multipath);
		route = netstack_nl_decode_route(nlh, &table, NULL, NULL);
		CHECK(route);
		CHECK_INT(route->nexthop_count, 1);
		netstack_fib_route_free(route);
	}
}

static bool never(uint32_t table, void *arg)
{
	*(uint32_t *)arg = table;
	return false;
}

TEST(routes_of_other_tables_and_clones_are_skipped)
{
	struct nlmsghdr *nlh = route_message(AF_INET, 0);
	uint32_t table, asked = 0;

	CHECK(!netstack_nl_decode_route(nlh, &table, never, &asked));
	CHECK_INT(asked, 70000);
	((struct rtmsg *)mnl_nlmsg_get_payload(nlh))->rtm_flags = RTM_F_CLONED;
	CHECK(!netstack_nl_decode_route(nlh, &table, NULL, NULL));
	CHECK(!netstack_nl_decode_route(route_message(AF_INET, 8), &table, NULL, NULL));
	CHECK(!netstack_nl_decode_route(route_message(AF_INET, 33), &table, NULL, NULL));
	CHECK(!netstack_nl_decode_route(route_message(RTNL_FAMILY_IPMR, 0), &table, NULL, NULL));
}

TEST(rules_that_go_on_elsewhere_are_decoded)
{
	struct fib_rule_hdr *frh;
	struct nlmsghdr *nlh = message(RTM_NEWRULE, sizeof(*frh), (void **)&frh);
	struct netstack_rule rule;

	frh->family = AF_INET;
	frh->action = FR_ACT_TO_TBL;
	CHECK(!netstack_nl_decode_rule(nlh, &rule));
	frh->table = 77;
	CHECK(netstack_nl_decode_rule(nlh, &rule));
	CHECK_INT(rule.table, 77);
	CHECK_STR(rule.iif, "");
	CHECK(!rule.l3mdev && !rule.inverted);
	mnl_attr_put_u32(nlh, FRA_TABLE, 70000);
	mnl_attr_put_u32(nlh, FRA_PRIORITY, 500);
	mnl_attr_put_strz(nlh, FRA_IIFNAME, "vmk1");
	mnl_attr_put_strz(nlh, FRA_OIFNAME, "vmk2");
	frh->flags = FIB_RULE_INVERT;
	CHECK(netstack_nl_decode_rule(nlh, &rule));
	CHECK_INT(rule.family, AF_INET);
	CHECK_INT(rule.table, 70000);
	CHECK_INT(rule.preference, 500);
	CHECK_STR(rule.iif, "vmk1");
	CHECK_STR(rule.oif, "vmk2");
	CHECK(rule.inverted);
	frh->action = FR_ACT_BLACKHOLE;
	CHECK(!netstack_nl_decode_rule(nlh, &rule));
	frh->action = FR_ACT_GOTO;
	CHECK(!netstack_nl_decode_rule(nlh, &rule));
	mnl_attr_put_u32(nlh, FRA_GOTO, 32766);
	CHECK(netstack_nl_decode_rule(nlh, &rule));
	CHECK_INT(rule.table, 0);
	CHECK_INT(rule.go_to, 32766);
}

TEST(the_rule_for_vrf_devices_is_decoded)
{
	struct fib_rule_hdr *frh;
	struct nlmsghdr *nlh = message(RTM_NEWRULE, sizeof(*frh), (void **)&frh);
	struct netstack_rule rule;

	frh->family = AF_INET6;
	frh->action = FR_ACT_TO_TBL;
	mnl_attr_put_u32(nlh, FRA_PRIORITY, 1000);
	mnl_attr_put_u8(nlh, FRA_L3MDEV, 1);
	CHECK(netstack_nl_decode_rule(nlh, &rule));
	CHECK(rule.l3mdev);
	CHECK_INT(rule.table, 0);
	CHECK_INT(rule.preference, 1000);
}

/* --- malformed ------------------------------------------------------------------------------- */

static void decode_any(const struct nlmsghdr *nlh)
{
	struct netstack_nl_link link;
	struct netstack_nl_address address;
	struct netstack_nl_neighbor neighbor;
	struct netstack_fib_route *route;
	struct netstack_rule rule;
	uint32_t number;
	int ifindex;

	netstack_nl_decode_link(nlh, &link);
	netstack_nl_decode_address(nlh, &address);
	netstack_nl_decode_neighbor(nlh, &neighbor);
	netstack_nl_decode_rule(nlh, &rule);
	netstack_nl_decode_nexthop(nlh, &number);
	netstack_nl_decode_netconf(nlh, &ifindex);
	route = netstack_nl_decode_route(nlh, &number, NULL, NULL);
	if (route)
		netstack_fib_route_free(route);
}

/* A copy of its own size, so that reading beyond it is found by a checker of memory. */
static void decode_copy(const struct nlmsghdr *nlh)
{
	struct nlmsghdr *copy = malloc(nlh->nlmsg_len);

	memcpy(copy, nlh, nlh->nlmsg_len);
	decode_any(copy);
	free(copy);
}

static struct nlmsghdr *big_route_message(void)
{
	struct nlmsghdr *nlh = route_message(AF_INET, 0);
	struct nlattr *multipath = mnl_attr_nest_start(nlh, RTA_MULTIPATH);

	put_nexthop(nlh, 9, "\12\0\0\2", 16);
	put_nexthop(nlh, 8, "\12\0\0\3", 16);
	mnl_attr_nest_end(nlh, multipath);
	return nlh;
}

TEST(messages_cut_anywhere_do_no_harm)
{
	struct nlmsghdr *nlh = link_message(false);
	uint32_t len = nlh->nlmsg_len;

	for (nlh->nlmsg_len = sizeof(*nlh); nlh->nlmsg_len <= len; nlh->nlmsg_len++)
		decode_copy(nlh);
	nlh = big_route_message();
	len = nlh->nlmsg_len;
	for (nlh->nlmsg_len = sizeof(*nlh); nlh->nlmsg_len <= len; nlh->nlmsg_len++)
		decode_copy(nlh);
}

TEST(random_damage_does_no_harm)
{
	unsigned int seed = 78;

	for (unsigned int i = 0; i < 100000; i++) {
		struct nlmsghdr *nlh = i % 2 ? link_message(false) : big_route_message();
		uint32_t len = nlh->nlmsg_len;

		for (unsigned int j = 0; j < 1 + i % 8; j++)
			buf[sizeof(*nlh) + rand_r(&seed) % (len - sizeof(*nlh))] = rand_r(&seed);
		if (i % 3 == 0)
			nlh->nlmsg_type = RTM_NEWLINK + rand_r(&seed) % 20;
		decode_copy(nlh);
	}
}
