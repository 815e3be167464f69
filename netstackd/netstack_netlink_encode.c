// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rtnetlink: from operations to messages.
 */

#include <zebra.h>

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>

#include "netstackd/netstack.h"
#include "netstackd/netstack_netlink.h"

/* Since Linux 5.18; FRR's own copies of the kernel's headers come first and do not have it. */
#define NETSTACK_IFA_PROTO 11

static void put_ifinfo(struct nlmsghdr *nlh, int ifindex, uint32_t flags, uint32_t change)
{
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_index = ifindex;
	ifi->ifi_flags = flags;
	ifi->ifi_change = change;
}

/* --- links ------------------------------------------------------------------------------- */

static void put_linkinfo(struct nlmsghdr *nlh, const struct netstack_op *op)
{
	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO), *data;

	mnl_attr_put_str(nlh, IFLA_INFO_KIND, op->kind);
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	if (strcmp(op->kind, "vrf") == 0)
		mnl_attr_put_u32(nlh, IFLA_VRF_TABLE, op->table);
	else if (strcmp(op->kind, "vlan") == 0)
		mnl_attr_put_u16(nlh, IFLA_VLAN_ID, op->vlan_id);
	else if (strcmp(op->kind, "macvlan") == 0)
		mnl_attr_put_u32(nlh, IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
}

static void encode_link_create(struct netstack_nl_batch *batch, const struct netstack_op *op)
{
	struct nlmsghdr *nlh =
		netstack_nl_batch_begin(batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);

	put_ifinfo(nlh, 0, 0, 0);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, op->name);
	if (op->parent)
		mnl_attr_put_u32(nlh, IFLA_LINK, op->parent);
	if (op->master)
		mnl_attr_put_u32(nlh, IFLA_MASTER, op->master);
	if (op->has_mac)
		mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(op->mac), &op->mac);
	if (op->mtu)
		mnl_attr_put_u32(nlh, IFLA_MTU, op->mtu);
	if (op->netns)
		mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, op->netns);
	put_linkinfo(nlh, op);
	netstack_nl_batch_end(batch, nlh);
}

void netstack_nl_encode_alias(struct netstack_nl_batch *batch, const char *name, const char *alias)
{
	struct nlmsghdr *nlh = netstack_nl_batch_begin(batch, RTM_SETLINK, 0);

	put_ifinfo(nlh, 0, 0, 0);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	mnl_attr_put_str(nlh, IFLA_IFALIAS, alias);
	netstack_nl_batch_end(batch, nlh);
}

void netstack_nl_encode_get_link(struct netstack_nl_batch *batch, int ifindex)
{
	struct nlmsghdr *nlh = netstack_nl_batch_begin(batch, RTM_GETLINK, 0);

	put_ifinfo(nlh, ifindex, 0, 0);
	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	netstack_nl_batch_end(batch, nlh);
}

static void encode_link_delete(struct netstack_nl_batch *batch, const struct netstack_op *op)
{
	struct nlmsghdr *nlh = netstack_nl_batch_begin(batch, RTM_DELLINK, 0);

	put_ifinfo(nlh, op->ifindex, 0, 0);
	netstack_nl_batch_end(batch, nlh);
}

/* LINK_MASTER, _UP, _DOWN, _MTU, _MAC, _MOVE: one property of a link that exists. */
static void encode_link_set(struct netstack_nl_batch *batch, const struct netstack_op *op)
{
	struct nlmsghdr *nlh = netstack_nl_batch_begin(batch, RTM_SETLINK, 0);
	bool up = op->type == NETSTACK_OP_LINK_UP, down = op->type == NETSTACK_OP_LINK_DOWN;

	put_ifinfo(nlh, op->ifindex, up ? IFF_UP : 0, up || down ? IFF_UP : 0);
	if (op->type == NETSTACK_OP_LINK_MASTER)
		mnl_attr_put_u32(nlh, IFLA_MASTER, op->master);
	else if (op->type == NETSTACK_OP_LINK_MTU)
		mnl_attr_put_u32(nlh, IFLA_MTU, op->mtu);
	else if (op->type == NETSTACK_OP_LINK_MAC)
		mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(op->mac), &op->mac);
	else if (op->type == NETSTACK_OP_LINK_MOVE)
		mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, op->netns);
	netstack_nl_batch_end(batch, nlh);
}

/* --- addresses --------------------------------------------------------------------------- */

/* `subnet`: the same prefix, or the other end's. */
static void put_address(struct nlmsghdr *nlh, int ifindex, const struct netstack_prefix *prefix,
			const struct netstack_prefix *subnet, uint8_t scope)
{
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	size_t len = netstack_prefix_bytes(prefix);

	ifa->ifa_family = prefix->family;
	ifa->ifa_prefixlen = prefix->prefixlen;
	ifa->ifa_index = ifindex;
	ifa->ifa_scope = scope;
	mnl_attr_put(nlh, IFA_LOCAL, len, &prefix->u.prefix);
	mnl_attr_put(nlh, IFA_ADDRESS, len, &subnet->u.prefix);
}

/* RFC 1812, 5.3.5.2; a prefix of 31 or 32 bits has none (RFC 3021). */
static void put_broadcast(struct nlmsghdr *nlh, const struct netstack_prefix *prefix)
{
	uint32_t host_bits;

	if (prefix->family != AF_INET || prefix->prefixlen >= 31)
		return;
	host_bits = htonl(0xffffffffu >> prefix->prefixlen);
	mnl_attr_put_u32(nlh, IFA_BROADCAST, prefix->u.prefix4.s_addr | host_bits);
}

/* As iproute2 does it; IPv6 knows by itself. */
static uint8_t address_scope(const struct netstack_prefix *prefix)
{
	uint32_t ip;

	if (prefix->family != AF_INET)
		return RT_SCOPE_UNIVERSE;
	ip = ntohl(prefix->u.prefix4.s_addr);
	return (ip >> 24) == IN_LOOPBACKNET ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
}

static void encode_address_add(struct netstack_nl_batch *batch, const struct netstack_op *op)
{
	struct nlmsghdr *nlh =
		netstack_nl_batch_begin(batch, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);

	put_address(nlh, op->ifindex, &op->prefix, &op->prefix, address_scope(&op->prefix));
	put_broadcast(nlh, &op->prefix);
	if (op->nodad && op->prefix.family == AF_INET6)
		mnl_attr_put_u32(nlh, IFA_FLAGS, IFA_F_NODAD);
	mnl_attr_put_u8(nlh, NETSTACK_IFA_PROTO, NETSTACK_PROTO);
	netstack_nl_batch_end(batch, nlh);
}

static void encode_address_delete(struct netstack_nl_batch *batch, const struct netstack_op *op)
{
	struct nlmsghdr *nlh = netstack_nl_batch_begin(batch, RTM_DELADDR, 0);

	put_address(nlh, op->ifindex, &op->prefix, &op->prefix, 0);
	netstack_nl_batch_end(batch, nlh);
}

/* Flags that say what the address is; the others say what became of it. */
#define ADDRESS_FLAGS (IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE)

void netstack_nl_encode_address(struct netstack_nl_batch *batch, int ifindex,
				const struct netstack_link_address *address)
{
	struct nlmsghdr *nlh =
		netstack_nl_batch_begin(batch, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);

	put_address(nlh, ifindex, &address->prefix, &address->subnet, address->scope);
	if (netstack_prefix_same(&address->prefix, &address->subnet))
		put_broadcast(nlh, &address->prefix);
	mnl_attr_put_u32(nlh, IFA_FLAGS, address->flags & ADDRESS_FLAGS);
	if (address->proto)
		mnl_attr_put_u8(nlh, NETSTACK_IFA_PROTO, address->proto);
	netstack_nl_batch_end(batch, nlh);
}

void netstack_nl_encode_get_address(struct netstack_nl_batch *batch, int ifindex,
				    const struct netstack_prefix *prefix)
{
	struct nlmsghdr *nlh = netstack_nl_batch_begin(batch, RTM_GETADDR, 0);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	/* the length of the prefix is refused (inet6_rtm_valid_getaddr_req()) */
	ifa->ifa_family = prefix->family;
	ifa->ifa_index = ifindex;
	mnl_attr_put(nlh, IFA_ADDRESS, netstack_prefix_bytes(prefix), &prefix->u.prefix);
	netstack_nl_batch_end(batch, nlh);
}

/* --- neighbours -------------------------------------------------------------------------- */

static void put_neighbor(struct nlmsghdr *nlh, int ifindex, const struct ipaddr *address,
			 uint16_t state)
{
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	ndm->ndm_family = ipaddr_family(address);
	ndm->ndm_ifindex = ifindex;
	ndm->ndm_state = state;
	mnl_attr_put(nlh, NDA_DST, IPADDRSZ(address), &address->ip);
}

static void encode_neighbor_set(struct netstack_nl_batch *batch, const struct netstack_op *op)
{
	struct nlmsghdr *nlh =
		netstack_nl_batch_begin(batch, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);

	put_neighbor(nlh, op->ifindex, &op->address, NUD_PERMANENT);
	mnl_attr_put(nlh, NDA_LLADDR, sizeof(op->mac), &op->mac);
	mnl_attr_put_u8(nlh, NDA_PROTOCOL, NETSTACK_PROTO);
	netstack_nl_batch_end(batch, nlh);
}

void netstack_nl_encode_neighbor_delete(struct netstack_nl_batch *batch, int ifindex,
					const struct ipaddr *address)
{
	struct nlmsghdr *nlh = netstack_nl_batch_begin(batch, RTM_DELNEIGH, 0);

	put_neighbor(nlh, ifindex, address, 0);
	netstack_nl_batch_end(batch, nlh);
}

/* Without NLM_F_REPLACE the kernel leaves alone whether the neighbour is a router. */
void netstack_nl_encode_neighbor_probe(struct netstack_nl_batch *batch, int ifindex,
				       const struct ipaddr *address, bool resolved)
{
	struct nlmsghdr *nlh =
		netstack_nl_batch_begin(batch, RTM_NEWNEIGH, resolved ? 0 : NLM_F_CREATE);

	put_neighbor(nlh, ifindex, address, resolved ? NUD_PROBE : NUD_NONE);
	if (!resolved)
		((struct ndmsg *)mnl_nlmsg_get_payload(nlh))->ndm_flags = NTF_USE;
	netstack_nl_batch_end(batch, nlh);
}

/* --- routes ------------------------------------------------------------------------------ */

/* Documentation/networking/vrf.rst: the unreachable default of a VRF's table. */
static void encode_unreachable(struct netstack_nl_batch *batch, const struct netstack_op *op)
{
	bool add = op->type == NETSTACK_OP_UNREACHABLE_ADD;
	struct nlmsghdr *nlh = netstack_nl_batch_begin(batch, add ? RTM_NEWROUTE : RTM_DELROUTE,
						       add ? NLM_F_CREATE | NLM_F_EXCL : 0);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));

	rtm->rtm_family = op->family;
	rtm->rtm_table = RT_TABLE_UNSPEC; /* RTA_TABLE has more than 8 bits */
	/* 0: an earlier version's, too */
	rtm->rtm_protocol = add ? NETSTACK_GUARD_PROTO : RTPROT_UNSPEC;
	rtm->rtm_scope = RT_SCOPE_UNIVERSE;
	rtm->rtm_type = RTN_UNREACHABLE;
	mnl_attr_put_u32(nlh, RTA_TABLE, op->table);
	mnl_attr_put_u32(nlh, RTA_PRIORITY, NETSTACK_UNREACHABLE_METRIC);
	netstack_nl_batch_end(batch, nlh);
}

bool netstack_nl_encode(struct netstack_nl_batch *batch, const struct netstack_op *op)
{
	switch (op->type) {
	case NETSTACK_OP_STRICT_MODE:
	case NETSTACK_OP_FORWARDING:
	case NETSTACK_OP_IPV6:
	case NETSTACK_OP_NETNS_CREATE:
	case NETSTACK_OP_NETNS_OPEN:
	case NETSTACK_OP_NETNS_NAME:
	case NETSTACK_OP_NETNS_ADOPT:
	case NETSTACK_OP_NETNS_CLOSE:
	case NETSTACK_OP_NETNS_DELETE:
		return false;
	case NETSTACK_OP_LINK_CREATE:
		encode_link_create(batch, op);
		break;
	case NETSTACK_OP_LINK_DELETE:
		encode_link_delete(batch, op);
		break;
	case NETSTACK_OP_LINK_MASTER:
	case NETSTACK_OP_LINK_UP:
	case NETSTACK_OP_LINK_DOWN:
	case NETSTACK_OP_LINK_MTU:
	case NETSTACK_OP_LINK_MAC:
	case NETSTACK_OP_LINK_MOVE:
		encode_link_set(batch, op);
		break;
	case NETSTACK_OP_ADDRESS_ADD:
		encode_address_add(batch, op);
		break;
	case NETSTACK_OP_ADDRESS_DELETE:
		encode_address_delete(batch, op);
		break;
	case NETSTACK_OP_NEIGHBOR_SET:
		encode_neighbor_set(batch, op);
		break;
	case NETSTACK_OP_NEIGHBOR_DELETE:
		netstack_nl_encode_neighbor_delete(batch, op->ifindex, &op->address);
		break;
	case NETSTACK_OP_UNREACHABLE_ADD:
	case NETSTACK_OP_UNREACHABLE_DELETE:
		encode_unreachable(batch, op);
		break;
	}
	return true;
}
