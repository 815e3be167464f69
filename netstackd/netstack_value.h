// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses and prefixes in a tree of configuration, in libyang's binary form (LYB).
 *
 * inet:ip-prefix and inet:ip-address are unions.  libyang keeps what a union was given, and if that is
 * text it looks for the member that it is of, with regular expressions, when it stores it and again
 * whenever it hashes it (doc/developer/upstream.md): for a route that was half of what its line took.
 * A binary value says which member it is of.
 *
 * https://netopeer.liberouter.org/doc/libyang/master/html/howto_data_l_y_b.html
 */

#ifndef _NETSTACK_VALUE_H
#define _NETSTACK_VALUE_H

#include <stdint.h>

#include "ipaddr.h"

#include "netstack_prefix.h"

struct lyd_node;
struct lysc_type;

/* Of an IPv6 prefix in a union: number of the member, address, length. */
#define NETSTACK_VALUE_MAX 24

/*
 * What lyd_new_list3() takes with LYD_NEW_VAL_BIN for a value of the type whose text has `*len` octets.
 * Returns buf, or the text itself, and its length in `*len`; both stay the caller's.  NULL, and
 * nothing changed: the text has to do, which may be wrong, or of a type that is none of the above.
 */
extern const char *netstack_value_encode(const struct lysc_type *type, const char *text,
					 uint32_t *len, char buf[NETSTACK_VALUE_MAX]);

/*
 * The value of a leaf, which may be a member of a union, as a prefix or an address.  False: it is
 * something else, and the result is all zero.
 */
extern bool netstack_value_prefix(const struct lyd_node *leaf, struct netstack_prefix *prefix);
extern bool netstack_value_address(const struct lyd_node *leaf, struct ipaddr *address);

#endif /* _NETSTACK_VALUE_H */
