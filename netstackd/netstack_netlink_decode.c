// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rtnetlink: from messages to plain structs.
 *
 * Lengths are checked before anything is read: an attribute that is too short counts as absent,
 * and so does what follows one that claims to be longer than what there is.
 */

#include <zebra.h>

#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netconf.h>
#include <linux/nexthop.h>

#include "netstackd/netstack.h"
#include "netstackd/netstack_netlink.h"

/* See netstack_netlink_encode.c. */
#define NETSTACK_IFA_PROTO 11

/* DEVCONF_DISABLE_IPV6 of linux/ipv6.h, which does not go together with netinet/in.h. */
#define NETSTACK_DEVCONF_DISABLE_IPV6 26

/* --- attributes --------------------------------------------------------------------------- */

static void attrs_clear(const struct nlattr **tb, uint16_t max)
{
	for (size_t type = 0; type <= max; type++)
		tb[type] = NULL;
}

/* Pointers to the attributes up to type `max`, NULL where there is none. */
static void attrs_parse(const void *payload, size_t len, const struct nlattr **tb, uint16_t max)
{
	const struct nlattr *attr = payload;
	int left = len;

	attrs_clear(tb, max);
	for (; mnl_attr_ok(attr, left); attr = mnl_attr_next(attr)) {
		uint16_t type = mnl_attr_get_type(attr);

		left -= MNL_ALIGN(attr->nla_len);
		if (type <= max)
			tb[type] = attr;
	}
}

static void attrs_parse_nested(const struct nlattr *nest, const struct nlattr **tb, uint16_t max)
{
	if (nest)
		attrs_parse(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), tb, max);
	else
		attrs_clear(tb, max);
}

/* The header of a message of one of two types; NULL if there is no room for it. */
static const void *message_parse(const struct nlmsghdr *nlh, uint16_t new, uint16_t del,
				 size_t header_len, const struct nlattr **tb, uint16_t max)
{
	size_t aligned = MNL_ALIGN(header_len);

	if (nlh->nlmsg_type != new && nlh->nlmsg_type != del)
		return NULL;
	if (nlh->nlmsg_len < MNL_NLMSG_HDRLEN + aligned)
		return NULL;
	attrs_parse(mnl_nlmsg_get_payload_offset(nlh, header_len),
		    mnl_nlmsg_get_payload_len(nlh) - aligned, tb, max);
	return mnl_nlmsg_get_payload(nlh);
}

static uint8_t attr_u8(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) >= sizeof(uint8_t) ? mnl_attr_get_u8(attr)
									 : 0;
}

static uint16_t attr_u16(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) >= sizeof(uint16_t) ? mnl_attr_get_u16(attr)
									  : 0;
}

static uint32_t attr_u32(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) >= sizeof(uint32_t) ? mnl_attr_get_u32(attr)
									  : 0;
}

/* Cut to what fits; "" if there is none. */
static void attr_str(const struct nlattr *attr, char *buf, size_t size)
{
	size_t len = attr ? strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr)) : 0;

	len = MIN(len, size - 1);
	if (len)
		memcpy(buf, mnl_attr_get_payload(attr), len);
	buf[len] = '\0';
}

static bool attr_mac(const struct nlattr *attr, struct ethaddr *mac)
{
	if (!attr || mnl_attr_get_payload_len(attr) != sizeof(*mac))
		return false;
	memcpy(mac, mnl_attr_get_payload(attr), sizeof(*mac));
	return true;
}

static size_t family_bytes(uint8_t family)
{
	if (family == AF_INET)
		return IPV4_MAX_BYTELEN;
	return family == AF_INET6 ? IPV6_MAX_BYTELEN : 0;
}

/* An address of the family; false if it is not one. */
static bool address_read(uint8_t family, const void *bytes, size_t len, struct ipaddr *address)
{
	memset(address, 0, sizeof(*address));
	if (!family_bytes(family) || len != family_bytes(family))
		return false;
	address->ipa_type = family;
	memcpy(&address->ip, bytes, len);
	return true;
}

static bool attr_address(uint8_t family, const struct nlattr *attr, struct ipaddr *address)
{
	if (!attr)
		return false;
	return address_read(family, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr),
			    address);
}

/* --- links ------------------------------------------------------------------------------- */

static void decode_linkinfo(const struct nlattr *nest, struct netstack_nl_link *link)
{
	const struct nlattr *info[IFLA_INFO_DATA + 1];
	const struct nlattr *data[IFLA_VLAN_ID + 1];

	attrs_parse_nested(nest, info, IFLA_INFO_DATA);
	attr_str(info[IFLA_INFO_KIND], link->kind, sizeof(link->kind));
	attrs_parse_nested(info[IFLA_INFO_DATA], data, IFLA_VLAN_ID);
	if (strcmp(link->kind, "vrf") == 0)
		link->vrf_table = attr_u32(data[IFLA_VRF_TABLE]);
	else if (strcmp(link->kind, "vlan") == 0)
		link->vlan_id = attr_u16(data[IFLA_VLAN_ID]);
}

/* IFLA_AF_SPEC / AF_INET6 / IFLA_INET6_CONF: the link's net.ipv6.conf, an array of 32 bits each. */
static bool decode_ipv6_disabled(const struct nlattr *af_spec)
{
	const struct nlattr *families[AF_INET6 + 1];
	const struct nlattr *inet6[IFLA_INET6_CONF + 1];
	const int32_t *conf;

	attrs_parse_nested(af_spec, families, AF_INET6);
	attrs_parse_nested(families[AF_INET6], inet6, IFLA_INET6_CONF);
	if (!inet6[IFLA_INET6_CONF] || mnl_attr_get_payload_len(inet6[IFLA_INET6_CONF]) <=
					       NETSTACK_DEVCONF_DISABLE_IPV6 * sizeof(*conf))
		return true;
	conf = mnl_attr_get_payload(inet6[IFLA_INET6_CONF]);
	return conf[NETSTACK_DEVCONF_DISABLE_IPV6] != 0;
}

bool netstack_nl_decode_link(const struct nlmsghdr *nlh, struct netstack_nl_link *link)
{
	const struct nlattr *tb[IFLA_LINK_NETNSID + 1];
	const struct ifinfomsg *ifi =
		message_parse(nlh, RTM_NEWLINK, RTM_DELLINK, sizeof(*ifi), tb, IFLA_LINK_NETNSID);

	if (!ifi || ifi->ifi_family != AF_UNSPEC || ifi->ifi_index <= 0)
		return false;
	memset(link, 0, sizeof(*link));
	link->ifindex = ifi->ifi_index;
	link->flags = ifi->ifi_flags;
	attr_str(tb[IFLA_IFNAME], link->name, sizeof(link->name));
	if (!link->name[0])
		return false;
	attr_str(tb[IFLA_IFALIAS], link->alias, sizeof(link->alias));
	link->operstate = attr_u8(tb[IFLA_OPERSTATE]);
	link->mtu = attr_u32(tb[IFLA_MTU]);
	link->has_mac = attr_mac(tb[IFLA_ADDRESS], &link->mac);
	link->master = attr_u32(tb[IFLA_MASTER]);
	link->parent = attr_u32(tb[IFLA_LINK]);
	link->parent_elsewhere = tb[IFLA_LINK_NETNSID] != NULL;
	decode_linkinfo(tb[IFLA_LINKINFO], link);
	link->ipv6_disabled = decode_ipv6_disabled(tb[IFLA_AF_SPEC]);
	return true;
}

/* --- addresses and neighbours -------------------------------------------------------------- */

static bool attr_prefix(const struct ifaddrmsg *ifa, const struct nlattr *attr,
			struct netstack_prefix *prefix)
{
	struct ipaddr address;

	if (!attr_address(ifa->ifa_family, attr, &address) ||
	    ifa->ifa_prefixlen > 8 * family_bytes(ifa->ifa_family))
		return false;
	memset(prefix, 0, sizeof(*prefix));
	prefix->family = ifa->ifa_family;
	prefix->prefixlen = ifa->ifa_prefixlen;
	memcpy(&prefix->u.prefix, &address.ip, family_bytes(ifa->ifa_family));
	return true;
}

bool netstack_nl_decode_address(const struct nlmsghdr *nlh, struct netstack_nl_address *address)
{
	const struct nlattr *tb[NETSTACK_IFA_PROTO + 1];
	const struct ifaddrmsg *ifa =
		message_parse(nlh, RTM_NEWADDR, RTM_DELADDR, sizeof(*ifa), tb, NETSTACK_IFA_PROTO);
	const struct nlattr *local, *remote;

	if (!ifa)
		return false;
	/* on a point-to-point link IFA_ADDRESS is the other end, and the prefix length is of it */
	local = tb[IFA_LOCAL] ?: tb[IFA_ADDRESS];
	remote = tb[IFA_ADDRESS] ?: tb[IFA_LOCAL];
	memset(address, 0, sizeof(*address));
	if (!attr_prefix(ifa, local, &address->prefix) ||
	    !attr_prefix(ifa, remote, &address->subnet))
		return false;
	address->ifindex = ifa->ifa_index;
	address->flags = tb[IFA_FLAGS] ? attr_u32(tb[IFA_FLAGS]) : ifa->ifa_flags;
	address->proto = attr_u8(tb[NETSTACK_IFA_PROTO]);
	address->scope = ifa->ifa_scope;
	return true;
}

bool netstack_nl_decode_neighbor(const struct nlmsghdr *nlh, struct netstack_nl_neighbor *neighbor)
{
	const struct nlattr *tb[NDA_PROTOCOL + 1];
	const struct ndmsg *ndm =
		message_parse(nlh, RTM_NEWNEIGH, RTM_DELNEIGH, sizeof(*ndm), tb, NDA_PROTOCOL);
	struct nda_cacheinfo info;
	struct ipaddr address;

	if (!ndm || (ndm->ndm_flags & NTF_PROXY))
		return false;
	if (!attr_address(ndm->ndm_family, tb[NDA_DST], &address))
		return false;
	memset(neighbor, 0, sizeof(*neighbor));
	neighbor->ifindex = ndm->ndm_ifindex;
	neighbor->address = address;
	neighbor->state = ndm->ndm_state;
	neighbor->flags = ndm->ndm_flags;
	neighbor->has_mac = attr_mac(tb[NDA_LLADDR], &neighbor->mac);
	neighbor->proto = attr_u8(tb[NDA_PROTOCOL]);
	if (tb[NDA_CACHEINFO] && mnl_attr_get_payload_len(tb[NDA_CACHEINFO]) >= sizeof(info)) {
		memcpy(&info, mnl_attr_get_payload(tb[NDA_CACHEINFO]), sizeof(info));
		neighbor->confirmed = info.ndm_confirmed;
		neighbor->updated = info.ndm_updated;
	}
	return true;
}

/* --- routes ------------------------------------------------------------------------------ */

/* RTA_VIA: a gateway of the other family (RFC 8950). */
static bool attr_via(const struct nlattr *attr, struct ipaddr *address)
{
	const struct rtvia *via;

	if (!attr || mnl_attr_get_payload_len(attr) <= sizeof(*via))
		return false;
	via = mnl_attr_get_payload(attr);
	return address_read(via->rtvia_family, via->rtvia_addr,
			    mnl_attr_get_payload_len(attr) - sizeof(*via), address);
}

static void decode_nexthop_attrs(uint8_t family, const struct nlattr **tb, int ifindex,
				 struct netstack_fib_nexthop *nexthop)
{
	nexthop->ifindex = ifindex;
	if (!attr_address(family, tb[RTA_GATEWAY], &nexthop->gate) &&
	    !attr_via(tb[RTA_VIA], &nexthop->gate))
		SET_IPADDR_NONE(&nexthop->gate);
}

/*
 * Next hops of RTA_MULTIPATH: counted all, read the first NETSTACK_FIB_NEXTHOPS_KEPT.  `has_more`: see struct
 * netstack_fib_route.
 */
static uint16_t decode_multipath(uint8_t family, const struct nlattr *multipath,
				 struct netstack_fib_nexthop *nexthops, bool *has_more)
{
	const struct rtnexthop *first = mnl_attr_get_payload(multipath);
	const uint8_t *at = mnl_attr_get_payload(multipath);
	size_t left = mnl_attr_get_payload_len(multipath);
	const struct nlattr *tb[RTA_ENCAP + 1];
	uint16_t count = 0;

	while (left >= sizeof(struct rtnexthop)) {
		const struct rtnexthop *rtnh = (const struct rtnexthop *)at;
		size_t len = rtnh->rtnh_len;

		if (len < sizeof(*rtnh) || len > left)
			break;
		if (count < NETSTACK_FIB_NEXTHOPS_KEPT) {
			attrs_parse(RTNH_DATA(rtnh), len - sizeof(*rtnh), tb, RTA_ENCAP);
			decode_nexthop_attrs(family, tb, rtnh->rtnh_ifindex, &nexthops[count]);
			*has_more |= tb[RTA_ENCAP] || (rtnh->rtnh_flags & RTNH_F_ONLINK) ||
				     rtnh->rtnh_hops != first->rtnh_hops;
		} else {
			*has_more = true;
		}
		count++;
		len = MIN((size_t)RTNH_ALIGN(len), left);
		at += len;
		left -= len;
	}
	return count;
}

static int nexthop_cmp(const void *a, const void *b)
{
	const struct netstack_fib_nexthop *one = a, *other = b;
	int diff = numcmp(one->ifindex, other->ifindex);

	return diff ? diff : ipaddr_cmp(&one->gate, &other->gate);
}

/*
 * In an order of their own: IPv6 gives the next hops of one route in another order when it tells
 * of a change than when it is asked.
 */
static uint16_t decode_nexthops(uint8_t family, const struct nlattr **tb,
				struct netstack_fib_nexthop *nexthops, bool *has_more)
{
	uint16_t count;

	if (tb[RTA_MULTIPATH]) {
		count = decode_multipath(family, tb[RTA_MULTIPATH], nexthops, has_more);
		qsort(nexthops, MIN(count, NETSTACK_FIB_NEXTHOPS_KEPT), sizeof(nexthops[0]),
		      nexthop_cmp);
		return count;
	}
	if (!tb[RTA_OIF] && !tb[RTA_GATEWAY] && !tb[RTA_VIA])
		return 0;
	decode_nexthop_attrs(family, tb, attr_u32(tb[RTA_OIF]), &nexthops[0]);
	return 1;
}

/* Unreachable and the like; IPv6 says `lo` for them, which means nothing. */
static bool is_error_type(uint8_t type)
{
	return type == RTN_UNREACHABLE || type == RTN_BLACKHOLE || type == RTN_PROHIBIT ||
	       type == RTN_THROW;
}

/* The destination; absent for a default route. */
static bool decode_destination(const struct rtmsg *rtm, const struct nlattr *dst,
			       struct netstack_prefix *prefix)
{
	struct ipaddr address;
	size_t len = family_bytes(rtm->rtm_family);

	if (!len || rtm->rtm_dst_len > 8 * len)
		return false;
	memset(prefix, 0, sizeof(*prefix));
	prefix->family = rtm->rtm_family;
	prefix->prefixlen = rtm->rtm_dst_len;
	if (!dst)
		return rtm->rtm_dst_len == 0;
	if (!attr_address(rtm->rtm_family, dst, &address))
		return false;
	memcpy(&prefix->u.prefix, &address.ip, len);
	return true;
}

static bool is_guard(const struct netstack_fib_route *route)
{
	return !route->prefix.prefixlen && route->type == RTN_UNREACHABLE &&
	       route->metric == NETSTACK_UNREACHABLE_METRIC && route->proto == NETSTACK_GUARD_PROTO;
}

struct netstack_fib_route *netstack_nl_decode_route(const struct nlmsghdr *nlh, uint32_t *table,
						    bool (*wanted)(uint32_t table, void *arg),
						    void *arg)
{
	const struct nlattr *tb[RTA_NH_ID + 1];
	const struct rtmsg *rtm =
		message_parse(nlh, RTM_NEWROUTE, RTM_DELROUTE, sizeof(*rtm), tb, RTA_NH_ID);
	struct netstack_fib_nexthop nexthops[NETSTACK_FIB_NEXTHOPS_KEPT] = {};
	struct netstack_fib_route *route;
	struct netstack_prefix prefix;
	bool has_more;
	uint16_t count = 0;

	if (!rtm || (rtm->rtm_flags & RTM_F_CLONED))
		return NULL;
	*table = tb[RTA_TABLE] ? attr_u32(tb[RTA_TABLE]) : rtm->rtm_table;
	if (wanted && !wanted(*table, arg))
		return NULL;
	if (!decode_destination(rtm, tb[RTA_DST], &prefix))
		return NULL;
	has_more = tb[RTA_ENCAP] || (rtm->rtm_flags & RTNH_F_ONLINK);
	if (!is_error_type(rtm->rtm_type))
		count = decode_nexthops(rtm->rtm_family, tb, nexthops, &has_more);

	route = netstack_fib_route_new(count);
	route->has_more = has_more;
	route->prefix = prefix;
	route->tos = rtm->rtm_tos;
	route->metric = attr_u32(tb[RTA_PRIORITY]);
	route->type = rtm->rtm_type;
	route->proto = rtm->rtm_protocol;
	if (is_guard(route))
		route->proto = NETSTACK_PROTO;
	route->nexthop_id = attr_u32(tb[RTA_NH_ID]);
	memcpy(route->nexthops, nexthops,
	       MIN(count, NETSTACK_FIB_NEXTHOPS_KEPT) * sizeof(nexthops[0]));
	return route;
}

bool netstack_nl_decode_rule(const struct nlmsghdr *nlh, struct netstack_rule *rule)
{
	const struct nlattr *tb[FRA_L3MDEV + 1];
	const struct fib_rule_hdr *frh =
		message_parse(nlh, RTM_NEWRULE, RTM_DELRULE, sizeof(*frh), tb, FRA_L3MDEV);

	if (!frh || !family_bytes(frh->family))
		return false;
	*rule = (struct netstack_rule){
		.family = frh->family,
		.preference = attr_u32(tb[FRA_PRIORITY]),
		.l3mdev = attr_u8(tb[FRA_L3MDEV]) != 0,
		.inverted = (frh->flags & FIB_RULE_INVERT) != 0,
	};
	attr_str(tb[FRA_IIFNAME], rule->iif, sizeof(rule->iif));
	attr_str(tb[FRA_OIFNAME], rule->oif, sizeof(rule->oif));
	if (frh->action == FR_ACT_GOTO)
		rule->go_to = attr_u32(tb[FRA_GOTO]);
	if (frh->action == FR_ACT_TO_TBL)
		rule->table = tb[FRA_TABLE] ? attr_u32(tb[FRA_TABLE]) : frh->table;
	return rule->go_to || rule->table || rule->l3mdev;
}

bool netstack_nl_decode_netconf(const struct nlmsghdr *nlh, int *ifindex)
{
	const struct nlattr *tb[NETCONFA_IFINDEX + 1];
	const struct netconfmsg *ncm = message_parse(nlh, RTM_NEWNETCONF, RTM_DELNETCONF,
						     sizeof(*ncm), tb, NETCONFA_IFINDEX);

	if (!ncm || ncm->ncm_family != AF_INET6)
		return false;
	*ifindex = attr_u32(tb[NETCONFA_IFINDEX]);
	return *ifindex > 0; /* the others are `all` and `default` */
}

bool netstack_nl_decode_forwarding(const struct nlmsghdr *nlh, int *family, bool *on)
{
	const struct nlattr *tb[NETCONFA_FORWARDING + 1];
	const struct netconfmsg *ncm = message_parse(nlh, RTM_NEWNETCONF, RTM_NEWNETCONF,
						     sizeof(*ncm), tb, NETCONFA_FORWARDING);

	if (!ncm || !family_bytes(ncm->ncm_family) || !tb[NETCONFA_FORWARDING] ||
	    (int32_t)attr_u32(tb[NETCONFA_IFINDEX]) != NETCONFA_IFINDEX_ALL)
		return false;
	*family = ncm->ncm_family;
	*on = attr_u32(tb[NETCONFA_FORWARDING]) != 0;
	return true;
}

bool netstack_nl_decode_nexthop(const struct nlmsghdr *nlh, uint32_t *id)
{
	const struct nlattr *tb[NHA_ID + 1];
	const struct nhmsg *nhm =
		message_parse(nlh, RTM_NEWNEXTHOP, RTM_DELNEXTHOP, sizeof(*nhm), tb, NHA_ID);

	if (!nhm)
		return false;
	*id = attr_u32(tb[NHA_ID]);
	return *id != 0;
}
