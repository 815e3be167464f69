// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An IPv4 or IPv6 prefix in 24 bytes.
 *
 * libfrr's struct prefix takes 56, for the sake of EVPN and flowspec, and a stack has a dozen
 * prefixes: its addresses and routes, and those of the kernel.  What is kept is of this type; a struct
 * prefix is made of it where a function of libfrr's wants one.
 */

#ifndef _NETSTACK_PREFIX_H
#define _NETSTACK_PREFIX_H

#include <endian.h>

#include "ipaddr.h"
#include "prefix.h"

/* The fields that struct prefix has, at the same places, as in struct prefix_ipv6: for %pFX. */
struct netstack_prefix {
	uint8_t family; /* AF_INET, AF_INET6; 0: none */
	uint16_t prefixlen;
	union {
		uint8_t prefix;
		struct in_addr prefix4;
		struct in6_addr prefix6;
	} u __attribute__((aligned(8))); /* host bits are kept; what the family has not is 0 */
};

extern struct netstack_prefix netstack_prefix_from(const struct prefix *prefix);
extern struct prefix netstack_prefix_to(const struct netstack_prefix *prefix);
/* "10.0.0.1/24", as str2prefix(); false, and all zero, if it is none. */
extern bool netstack_prefix_parse(struct netstack_prefix *prefix, const char *text);
/* Clears the host bits. */
extern void netstack_prefix_mask(struct netstack_prefix *prefix);

/* By address: memcmp() of what both have in 16 bytes, as a route takes some hundred comparisons. */
static inline int netstack_prefix_cmp_address(const struct netstack_prefix *a,
					      const struct netstack_prefix *b)
{
	uint64_t x[2], y[2];

	memcpy(x, &a->u, sizeof(x));
	memcpy(y, &b->u, sizeof(y));
	return x[0] != y[0] ? numcmp(be64toh(x[0]), be64toh(y[0]))
			    : numcmp(be64toh(x[1]), be64toh(y[1]));
}

/* By family, address, length.  Host bits count; prefix_cmp() ignores them. */
static inline int netstack_prefix_cmp(const struct netstack_prefix *a,
				      const struct netstack_prefix *b)
{
	return numcmp(a->family, b->family) ?: netstack_prefix_cmp_address(a, b) ?:
	       numcmp(a->prefixlen, b->prefixlen);
}

static inline bool netstack_prefix_same(const struct netstack_prefix *a,
					const struct netstack_prefix *b)
{
	return netstack_prefix_cmp(a, b) == 0;
}

/* Is the address, which may be of another family, in the subnet? */
extern bool netstack_prefix_has(const struct netstack_prefix *subnet, const struct ipaddr *address);
/* Bytes of an address of its family. */
extern size_t netstack_prefix_bytes(const struct netstack_prefix *prefix);

/* The address as a prefix of full length; and the address in a prefix. */
extern struct prefix netstack_host_prefix(const struct ipaddr *address);
extern struct ipaddr netstack_prefix_address(const struct prefix *prefix);

#endif /* _NETSTACK_PREFIX_H */
