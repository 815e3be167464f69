// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An IPv4 or IPv6 prefix in 24 bytes.
 */

#include <zebra.h>

#include "netstackd/netstack_prefix.h"

static_assert(offsetof(struct netstack_prefix, family) == offsetof(struct prefix, family) &&
		      offsetof(struct netstack_prefix, prefixlen) ==
			      offsetof(struct prefix, prefixlen) &&
		      offsetof(struct netstack_prefix, u) == offsetof(struct prefix, u),
	      "%pFX takes it for a struct prefix");
static_assert(sizeof(((struct netstack_prefix *)NULL)->u) == 2 * sizeof(uint64_t),
	      "netstack_prefix_cmp_address() compares two words");

size_t netstack_prefix_bytes(const struct netstack_prefix *prefix)
{
	return prefix->family == AF_INET ? IPV4_MAX_BYTELEN : IPV6_MAX_BYTELEN;
}

struct netstack_prefix netstack_prefix_from(const struct prefix *prefix)
{
	struct netstack_prefix kept = { .family = prefix->family, .prefixlen = prefix->prefixlen };

	memcpy(&kept.u, &prefix->u, netstack_prefix_bytes(&kept));
	return kept;
}

struct prefix netstack_prefix_to(const struct netstack_prefix *kept)
{
	struct prefix prefix = { .family = kept->family, .prefixlen = kept->prefixlen };

	memcpy(&prefix.u, &kept->u, netstack_prefix_bytes(kept));
	return prefix;
}

bool netstack_prefix_parse(struct netstack_prefix *prefix, const char *text)
{
	struct prefix parsed = {};
	bool valid = str2prefix(text, &parsed) &&
		     (parsed.family == AF_INET || parsed.family == AF_INET6);

	*prefix = valid ? netstack_prefix_from(&parsed) : (struct netstack_prefix){};
	return valid;
}

void netstack_prefix_mask(struct netstack_prefix *prefix)
{
	struct prefix masked = netstack_prefix_to(prefix);

	apply_mask(&masked);
	*prefix = netstack_prefix_from(&masked);
}

bool netstack_prefix_has(const struct netstack_prefix *subnet, const struct ipaddr *address)
{
	struct prefix net = netstack_prefix_to(subnet), host = netstack_host_prefix(address);

	return net.family == host.family && prefix_match(&net, &host);
}

struct prefix netstack_host_prefix(const struct ipaddr *address)
{
	struct prefix host = { .family = ipaddr_family(address) };

	host.prefixlen = IS_IPADDR_V4(address) ? IPV4_MAX_BITLEN : IPV6_MAX_BITLEN;
	memcpy(&host.u, &address->ip, IPADDRSZ(address));
	return host;
}

struct ipaddr netstack_prefix_address(const struct prefix *prefix)
{
	struct ipaddr ip = {};

	if (prefix->family == AF_INET) {
		SET_IPADDR_V4(&ip);
		ip.ipaddr_v4 = prefix->u.prefix4;
	} else {
		SET_IPADDR_V6(&ip);
		ip.ipaddr_v6 = prefix->u.prefix6;
	}
	return ip;
}
