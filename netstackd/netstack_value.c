// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses and prefixes in a tree of configuration, in libyang's binary form (LYB).
 */

#include <zebra.h>

#include <endian.h>

#include <libyang/libyang.h>
#include <libyang/plugins_types.h>

#include "netstackd/netstack_value.h"

/* The octets of an address, and behind them the length of a prefix: in memory as in the binary form. */
static_assert(sizeof(struct lyd_value_ipv4_address_no_zone) == IPV4_MAX_BYTELEN &&
		      sizeof(struct lyd_value_ipv6_address_no_zone) == IPV6_MAX_BYTELEN &&
		      offsetof(struct lyd_value_ipv4_prefix, prefix) == IPV4_MAX_BYTELEN &&
		      offsetof(struct lyd_value_ipv6_prefix, prefix) == IPV6_MAX_BYTELEN,
	      "libyang has its values otherwise");

struct form {
	const char *plugin;
	int family;
	bool is_prefix;
	size_t size; /* in memory */
};

/* By the plugin of libyang's that has the type: another version of it may have another form. */
static const struct form forms[] = {
	{ "libyang 2 - ipv4-prefix, version 1", AF_INET, true,
	  sizeof(struct lyd_value_ipv4_prefix) },
	{ "libyang 2 - ipv6-prefix, version 1", AF_INET6, true,
	  sizeof(struct lyd_value_ipv6_prefix) },
	{ "libyang 2 - ipv4-address-no-zone, version 1", AF_INET, false,
	  sizeof(struct lyd_value_ipv4_address_no_zone) },
	{ "libyang 2 - ipv6-address-no-zone, version 1", AF_INET6, false,
	  sizeof(struct lyd_value_ipv6_address_no_zone) },
};

#define UNION_PLUGIN  "libyang 2 - union,version 1"
#define STRING_PLUGIN "libyang 2 - string, version 1"

/* How many octets the number of the member takes. */
#define MEMBER_BYTES sizeof(uint32_t)

static_assert(MEMBER_BYTES + IPV6_MAX_BYTELEN + 1 <= NETSTACK_VALUE_MAX, "the longest one fits");

static bool is_of(const struct lysc_type *type, const char *plugin)
{
	return strmatch(type->plugin->id, plugin);
}

static const struct form *form_of(const struct lysc_type *type)
{
	for (size_t i = 0; i < array_size(forms); i++)
		if (is_of(type, forms[i].plugin))
			return &forms[i];
	return NULL;
}

/* Digits and nothing else, as RFC 6991 has them: no zero in front. */
static bool read_prefixlen(const char *text, unsigned int max, uint8_t *prefixlen)
{
	size_t digits = strspn(text, "0123456789");
	unsigned int number;

	if (!digits || digits > 3 || text[digits] || (digits > 1 && text[0] == '0'))
		return false;
	number = atoi(text);
	*prefixlen = number;
	return number <= max;
}

/* As libyang does, which hashes what it is given. */
static void clear_host_bits(uint8_t *address, uint32_t bytes, uint8_t prefixlen)
{
	for (uint32_t i = 0; i < bytes; i++, prefixlen -= MIN(prefixlen, 8))
		if (prefixlen < 8)
			address[i] &= 0xff00 >> prefixlen;
}

/* Returns the number of octets; 0: the text says no such value. */
static uint32_t write_value(const struct form *form, const char *text, uint32_t len, char *buf)
{
	bool is_ipv4 = form->family == AF_INET;
	uint32_t bytes = is_ipv4 ? IPV4_MAX_BYTELEN : IPV6_MAX_BYTELEN;
	char address[PREFIX_STRLEN];
	uint8_t prefixlen;
	char *slash;

	if (len >= sizeof(address))
		return 0;
	memcpy(address, text, len);
	address[len] = '\0';
	slash = strchr(address, '/');
	if (!slash != !form->is_prefix)
		return 0;
	if (slash) {
		*slash = '\0';
		if (!read_prefixlen(slash + 1, is_ipv4 ? IPV4_MAX_BITLEN : IPV6_MAX_BITLEN,
				    &prefixlen))
			return 0;
		buf[bytes] = prefixlen;
	}
	if (inet_pton(form->family, address, buf) != 1)
		return 0;
	if (slash)
		clear_host_bits((uint8_t *)buf, bytes, prefixlen);
	return bytes + form->is_prefix;
}

/* A text is of one member at most, or of one of those that have no binary form here. */
static uint32_t write_union(const struct lysc_type_union *type, const char *text, uint32_t len,
			    char *buf)
{
	LY_ARRAY_COUNT_TYPE u;
	uint32_t member;
	uint32_t written;

	LY_ARRAY_FOR(type->types, u)
	{
		const struct form *form = form_of(type->types[u]);

		written = form ? write_value(form, text, len, buf + MEMBER_BYTES) : 0;
		if (!written)
			continue;
		member = htole32(u);
		memcpy(buf, &member, sizeof(member));
		return MEMBER_BYTES + written;
	}
	return 0;
}

const char *netstack_value_encode(const struct lysc_type *type, const char *text, uint32_t *len,
				  char buf[NETSTACK_VALUE_MAX])
{
	const struct form *form;
	uint32_t written;

	if (type->basetype == LY_TYPE_UNION && is_of(type, UNION_PLUGIN)) {
		written = write_union((const struct lysc_type_union *)type, text, *len, buf);
	} else if (type->basetype == LY_TYPE_STRING && is_of(type, STRING_PLUGIN)) {
		return text;
	} else {
		form = form_of(type);
		written = form ? write_value(form, text, *len, buf) : 0;
	}
	if (!written)
		return NULL;
	*len = written;
	return buf;
}

/* The octets of a value that has such a form; NULL: it has none. */
static const uint8_t *octets(const struct lyd_node *leaf, const struct form **form)
{
	const struct lyd_value *value = &((const struct lyd_node_term *)leaf)->value;

	if (value->realtype->basetype == LY_TYPE_UNION)
		value = &value->subvalue->value;
	*form = form_of(value->realtype);
	if (!*form)
		return NULL;
	/* LYD_VALUE_GET() */
	return (*form)->size > LYD_VALUE_FIXED_MEM_SIZE ? value->dyn_mem : value->fixed_mem;
}

bool netstack_value_prefix(const struct lyd_node *leaf, struct netstack_prefix *prefix)
{
	const struct form *form;
	const uint8_t *value = octets(leaf, &form);

	memset(prefix, 0, sizeof(*prefix));
	if (!value || !form->is_prefix)
		return netstack_prefix_parse(prefix, lyd_get_value(leaf));
	prefix->family = form->family;
	memcpy(&prefix->u, value, netstack_prefix_bytes(prefix));
	prefix->prefixlen = value[netstack_prefix_bytes(prefix)];
	return true;
}

bool netstack_value_address(const struct lyd_node *leaf, struct ipaddr *address)
{
	const struct form *form;
	const uint8_t *value = octets(leaf, &form);

	memset(address, 0, sizeof(*address));
	if (!value || form->is_prefix) {
		if (str2ipaddr(lyd_get_value(leaf), address) == 0)
			return true;
		memset(address, 0, sizeof(*address));
		return false;
	}
	address->ipa_type = form->family == AF_INET ? IPADDR_V4 : IPADDR_V6;
	memcpy(&address->ip, value, IPADDRSZ(address));
	return true;
}
