// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel says: the facts of one network namespace.
 *
 * Written only by the readers of kernel messages (netstack_events.c): the dumps at start, the
 * notifications afterwards, and dumps again when notifications were lost (ENOBUFS).  Everyone
 * else reads.  Pure data: no I/O here, so that plans and unit tests can make their own.
 *
 * Links are found by index and by name in O(1).  Addresses and neighbours hang on their link,
 * routes on their table.  Only routes of tables that are watched (netstack_observed_watch_table)
 * are kept; RTN_LOCAL and RTN_BROADCAST never are, as in `ip route show vrf NAME`.
 */

#ifndef _NETSTACK_OBSERVED_H
#define _NETSTACK_OBSERVED_H

#include <net/if.h>

#include "ipaddr.h"
#include "typesafe.h"

#include "netstackd/netstack_prefix.h"

PREDECL_HASH(netstack_links_index);
PREDECL_HASH(netstack_links_name);
PREDECL_RBTREE_UNIQ(netstack_links_vrf);
PREDECL_RBTREE_UNIQ(netstack_absent_masters);
PREDECL_RBTREE_UNIQ(netstack_link_addresses);
PREDECL_RBTREE_UNIQ(netstack_link_neighbors);
PREDECL_DLIST(netstack_link_slaves);
PREDECL_HASH(netstack_fib_tables);
PREDECL_RBTREE_UNIQ(netstack_fib_routes);
PREDECL_RBTREE_UNIQ(netstack_fib_uses);
PREDECL_RBTREE_UNIQ(netstack_rule_tables);

/* Of linux/if_addr.h: a link-local address that the kernel made.  FRR's copy does not have it. */
#ifndef IFAPROT_KERNEL_LL
#define IFAPROT_KERNEL_LL 3
#endif

/* What zebra gives its static routes, ours among them (zebra/rt_netlink.h). */
#define NETSTACK_RTPROT_ZSTATIC 196

#define NETSTACK_KIND_LEN  16
#define NETSTACK_ALIAS_LEN 64

/* An address on a link (RTM_NEWADDR). */
struct netstack_link_address {
	struct netstack_link_addresses_item item; /* by prefix, host bits and length */
	struct netstack_prefix prefix;
	/* what is reached by it: the same, or what the other end of a point-to-point link says */
	struct netstack_prefix subnet;
	uint32_t flags; /* IFA_F_* */
	uint8_t proto;	/* IFA_PROTO; 0: not given */
	uint8_t scope;
	uint32_t seen; /* of the reader: the last dump that had it */
};

/* A neighbour on a link (RTM_NEWNEIGH, AF_INET and AF_INET6). */
struct netstack_link_neighbor {
	struct netstack_link_neighbors_item item; /* by address */
	struct ipaddr address;
	bool has_mac;
	struct ethaddr mac;
	uint16_t state; /* NUD_*; written by netstack_observed_neighbor_set_state() */
	uint8_t flags;	/* NTF_*; likewise */
	uint8_t proto;	/* NDA_PROTOCOL */
	uint32_t seen;	/* of the reader: the last dump that had it */
};

/* A link (RTM_NEWLINK).  There are two for a stack: ordered so that there are no gaps. */
struct netstack_link {
	struct netstack_observed *obs;
	struct netstack_links_index_item by_index;
	struct netstack_links_name_item by_name;
	struct netstack_links_vrf_item by_vrf_table; /* if vrf_table */

	struct netstack_link_addresses_head addresses;
	struct netstack_link_neighbors_head neighbors;
	/* links whose master is this one */
	struct netstack_link_slaves_head slaves;
	/* of its master, known or not (yet) */
	struct netstack_link_slaves_item slave_item;

	char *alias; /* IFLA_IFALIAS, cut; "": none.  Written by netstack_observed_link_set_alias() */
	char name[IFNAMSIZ];
	char kind[NETSTACK_KIND_LEN]; /* IFLA_INFO_KIND: "vrf", "vlan", …; "": hardware */
	int ifindex;
	uint32_t flags; /* IFF_* */
	uint32_t mtu;
	int master;		     /* ifindex; 0: none */
	int parent;		     /* IFLA_LINK; 0: none */
	uint32_t vrf_table;	     /* kind vrf: IFLA_VRF_TABLE */
	unsigned int neighbor_count; /* those that netstack_neighbor_counts() */
	uint32_t seen;		     /* of the reader: the last dump that had it */
	uint16_t vlan_id;	     /* kind vlan */
	uint8_t operstate;	     /* IF_OPER_* */
	bool has_mac : 1;
	/* `parent` is an index in another network namespace (IFLA_LINK_NETNSID) */
	bool parent_elsewhere : 1;
	/* the kernel refused to move it to another namespace (NETIF_F_NETNS_LOCAL) */
	bool immovable : 1;
	bool ipv6_disabled : 1; /* sysctl disable_ipv6 of this link */
	struct ethaddr mac;
};

/* What links say is their master, and is not known (yet). */
struct netstack_absent_master {
	struct netstack_absent_masters_item item;
	int ifindex;
	struct netstack_link_slaves_head slaves; /* at least one */
};

/* Of a route: FRR's own default (MULTIPATH_NUM; Debian's is built for 256).  Those beyond are counted. */
#define NETSTACK_FIB_NEXTHOPS_KEPT 64

struct netstack_fib_nexthop {
	struct ipaddr gate; /* IPADDR_NONE: directly connected */
	int ifindex;	    /* 0: none */
};

/* A route in a watched table. */
struct netstack_fib_route {
	struct netstack_fib_routes_item item; /* by prefix, tos, metric, type, copy */
	struct netstack_prefix prefix;
	uint8_t tos;
	uint32_t metric;
	uint8_t type; /* RTN_* */
	/*
	 * The kernel can have several routes that differ by their next hops only: the connected
	 * routes of two members in one subnet, fe80::/64 of each member.  The first is 0; which
	 * has which number means nothing.
	 */
	uint16_t copy;
	uint8_t proto;	     /* RTPROT_* */
	uint32_t nexthop_id; /* RTA_NH_ID; 0: none */
	uint32_t seen;	     /* of the reader: the last dump that had it */
	uint16_t nexthop_count;
	/*
	 * There is more to its next hops than gateways and links: they are encapsulated, onlink, of different
	 * weights, or not all kept.
	 */
	bool has_more;
	struct netstack_fib_nexthop nexthops[]; /* the first NETSTACK_FIB_NEXTHOPS_KEPT */
};

struct netstack_fib_table {
	struct netstack_fib_tables_item item;
	struct netstack_observed *obs;
	uint32_t table;
	unsigned int watchers;
	bool synced; /* dumped at least once since it is watched */
	struct netstack_fib_routes_head routes;
	const struct netstack_fib_route *last_found; /* by netstack_fib_route_first(); NULL: none */
};

/*
 * How many routes of a table use a link, or a nexthop object.  The kernel removes IPv4 routes
 * without a word when their link goes down or their nexthop object is deleted; this says which
 * tables have to be read again then.
 */
struct netstack_fib_use {
	struct netstack_fib_uses_item item; /* by is_nexthop, id, table */
	bool is_nexthop;		    /* id is a nexthop object, else an ifindex */
	uint32_t id;			    /* ifindex 0: of routes whose links are not known */
	uint32_t table;
	unsigned int routes;
};

/* A rule of `ip rule` that goes on elsewhere: in a table, or with another rule. */
struct netstack_rule {
	int family;
	uint32_t preference;
	uint32_t table;	    /* 0: in none */
	uint32_t go_to;	    /* the preference of the rule that it goes on with; 0: with none */
	bool l3mdev;	    /* in the table of the packet's VRF device */
	bool inverted;	    /* for all but what it names */
	char iif[IFNAMSIZ]; /* "": any link that packets come by */
	char oif[IFNAMSIZ]; /* "": any that they are to leave by */
};

/* A table that an `ip rule` other than l3mdev's refers to. */
struct netstack_rule_table {
	struct netstack_rule_tables_item item;
	uint32_t table;
	unsigned int rules;
};

/* The facts of one network namespace. */
struct netstack_observed {
	struct netstack_links_index_head links_by_index;
	struct netstack_links_name_head links_by_name;
	struct netstack_links_vrf_head links_by_vrf_table; /* by table, then ifindex */
	struct netstack_absent_masters_head absent_masters;
	struct netstack_fib_tables_head tables;
	struct netstack_fib_uses_head fib_uses;
	struct netstack_rule_tables_head rule_tables;
	struct netstack_rule *rules; /* a darr */
	/* neighbours that fill the kernel's tables (netstack_neighbor_fills()): IPv4, IPv6 */
	unsigned int neighbors_filling[2];
	bool has_vrf;	  /* the kernel has VRF devices */
	bool strict_mode; /* net.vrf.strict_mode */
	/* net.ipv4.tcp_l3mdev_accept, udp_l3mdev_accept; -1: the kernel does not have them */
	int tcp_l3mdev_accept;
	int udp_l3mdev_accept;
	bool forwarding_ipv4; /* net.ipv4.ip_forward */
	bool forwarding_ipv6; /* net.ipv6.conf.all.forwarding */
};

extern int netstack_link_index_cmp(const struct netstack_link *a, const struct netstack_link *b);
extern uint32_t netstack_link_index_hash(const struct netstack_link *a);
extern int netstack_link_name_cmp(const struct netstack_link *a, const struct netstack_link *b);
extern uint32_t netstack_link_name_hash(const struct netstack_link *a);
extern int netstack_link_vrf_cmp(const struct netstack_link *a, const struct netstack_link *b);
extern int netstack_absent_master_cmp(const struct netstack_absent_master *a,
				      const struct netstack_absent_master *b);
extern int netstack_link_address_cmp(const struct netstack_link_address *a,
				     const struct netstack_link_address *b);
extern int netstack_link_neighbor_cmp(const struct netstack_link_neighbor *a,
				      const struct netstack_link_neighbor *b);
extern int netstack_fib_table_cmp(const struct netstack_fib_table *a,
				  const struct netstack_fib_table *b);
extern uint32_t netstack_fib_table_hash(const struct netstack_fib_table *a);
extern int netstack_fib_route_cmp(const struct netstack_fib_route *a,
				  const struct netstack_fib_route *b);
extern int netstack_fib_use_cmp(const struct netstack_fib_use *a, const struct netstack_fib_use *b);
extern int netstack_rule_table_cmp(const struct netstack_rule_table *a,
				   const struct netstack_rule_table *b);

DECLARE_HASH(netstack_links_index, struct netstack_link, by_index, netstack_link_index_cmp,
	     netstack_link_index_hash);
DECLARE_HASH(netstack_links_name, struct netstack_link, by_name, netstack_link_name_cmp,
	     netstack_link_name_hash);
DECLARE_RBTREE_UNIQ(netstack_links_vrf, struct netstack_link, by_vrf_table, netstack_link_vrf_cmp);
DECLARE_RBTREE_UNIQ(netstack_absent_masters, struct netstack_absent_master, item,
		    netstack_absent_master_cmp);
DECLARE_RBTREE_UNIQ(netstack_link_addresses, struct netstack_link_address, item,
		    netstack_link_address_cmp);
DECLARE_RBTREE_UNIQ(netstack_link_neighbors, struct netstack_link_neighbor, item,
		    netstack_link_neighbor_cmp);
DECLARE_DLIST(netstack_link_slaves, struct netstack_link, slave_item);
DECLARE_HASH(netstack_fib_tables, struct netstack_fib_table, item, netstack_fib_table_cmp,
	     netstack_fib_table_hash);
DECLARE_RBTREE_UNIQ(netstack_fib_routes, struct netstack_fib_route, item, netstack_fib_route_cmp);
DECLARE_RBTREE_UNIQ(netstack_fib_uses, struct netstack_fib_use, item, netstack_fib_use_cmp);
DECLARE_RBTREE_UNIQ(netstack_rule_tables, struct netstack_rule_table, item,
		    netstack_rule_table_cmp);

extern struct netstack_observed *netstack_observed_new(void);
extern void netstack_observed_free(struct netstack_observed *obs);

/* Readers: NULL where there is none.  The result lives until the next kernel message is read. */
extern struct netstack_link *netstack_link_by_index(const struct netstack_observed *obs,
						    int ifindex);
extern struct netstack_link *netstack_link_by_name(const struct netstack_observed *obs,
						   const char *name);
/*
 * Was the address given to the link by somebody, and is it one that the kernel forgets when the
 * link goes down: a permanent one of IPv6, but for the link-local address and ::1 (of scope host),
 * which the kernel makes itself and makes again (addrconf_ifdown() in net/ipv6/addrconf.c).
 */
extern bool netstack_link_address_is_volatile(const struct netstack_link_address *address);
extern struct netstack_link_address *
netstack_link_address_find(const struct netstack_link *link, const struct netstack_prefix *prefix);
extern struct netstack_link_neighbor *netstack_link_neighbor_find(const struct netstack_link *link,
								  const struct ipaddr *address);
/* Is it listed by `ip neigh show`: the kernel's own entries, of multicast and the like, are not. */
extern bool netstack_neighbor_counts(uint16_t state);
/*
 * Is it one of those that the kernel has gc_thresh3 for: neither permanent nor somebody's own
 * (neigh_update_gc_list() in net/core/neighbour.c)?
 */
extern bool netstack_neighbor_fills(uint16_t state, uint8_t flags);
extern struct netstack_fib_table *netstack_fib_table_find(const struct netstack_observed *obs,
							  uint32_t table);
/* The VRF device that has this table; NULL: none.  O(number of VRF devices) is not acceptable. */
extern struct netstack_link *netstack_link_by_vrf_table(const struct netstack_observed *obs,
							uint32_t table);

/*
 * Calls `cb` for each watched table with routes that use the link (or nexthop object) `id`, and,
 * for a link, for each table with routes whose links are not known.
 */
extern void netstack_observed_tables_using(const struct netstack_observed *obs, bool is_nexthop,
					   uint32_t id, void (*cb)(uint32_t table, void *arg),
					   void *arg);

/* Writers, for the readers of kernel messages and for unit tests. */
extern struct netstack_link *netstack_observed_link_add(struct netstack_observed *obs, int ifindex,
							const char *name);
extern void netstack_observed_link_rename(struct netstack_observed *obs, struct netstack_link *link,
					  const char *name);
extern void netstack_observed_link_set_alias(struct netstack_link *link, const char *alias);
extern void netstack_observed_link_set_master(struct netstack_observed *obs,
					      struct netstack_link *link, int master);
extern void netstack_observed_link_set_vrf_table(struct netstack_observed *obs,
						 struct netstack_link *link, uint32_t table);
extern void netstack_observed_link_del(struct netstack_observed *obs, struct netstack_link *link);
extern struct netstack_link_address *
netstack_observed_address_add(struct netstack_link *link, const struct netstack_prefix *prefix);
extern void netstack_observed_address_del(struct netstack_link *link,
					  const struct netstack_prefix *prefix);
extern struct netstack_link_neighbor *netstack_observed_neighbor_add(struct netstack_link *link,
								     const struct ipaddr *address);
/* Its state and its flags, which it is counted by. */
extern void netstack_observed_neighbor_set_state(struct netstack_link *link,
						 struct netstack_link_neighbor *neighbor,
						 uint16_t state, uint8_t flags);
extern void netstack_observed_neighbor_del(struct netstack_link *link,
					   const struct ipaddr *address);
/*
 * Takes ownership of `route` (netstack_fib_route_new; nexthop_count as given, room for the first
 * NETSTACK_FIB_NEXTHOPS_KEPT); replaces the one of the same key.
 */
extern struct netstack_fib_route *netstack_fib_route_new(uint16_t nexthop_count);
extern void netstack_observed_route_add(struct netstack_fib_table *table,
					struct netstack_fib_route *route);
extern void netstack_observed_route_del(struct netstack_fib_table *table,
					const struct netstack_fib_route *key);
extern void netstack_fib_route_free(struct netstack_fib_route *route);
/* The first of the routes that have the prefix; NULL: none. */
extern struct netstack_fib_route *netstack_fib_route_first(const struct netstack_fib_table *table,
							   const struct netstack_prefix *prefix);
/* The one after it that has the same prefix. */
extern struct netstack_fib_route *netstack_fib_route_next(const struct netstack_fib_table *table,
							  const struct netstack_fib_route *route);
#define netstack_each_route_to(table, prefix, route)                                               \
	for (route = netstack_fib_route_first(table, prefix); route;                               \
	     route = netstack_fib_route_next(table, route))
/* Everything but `copy` and `seen`. */
extern bool netstack_fib_route_same(const struct netstack_fib_route *a,
				    const struct netstack_fib_route *b);
/* RTPROT_* in a word, as "bgp", or as a number: whoever put a route in.  Returns buf. */
extern const char *netstack_protocol_name(uint8_t proto, char *buf, size_t len);
extern void netstack_observed_rule_add(struct netstack_observed *obs,
				       const struct netstack_rule *rule);
extern void netstack_observed_rules_clear(struct netstack_observed *obs);
/* Reference-counted. */
extern struct netstack_fib_table *netstack_observed_watch_table(struct netstack_observed *obs,
								uint32_t table);
extern void netstack_observed_unwatch_table(struct netstack_observed *obs, uint32_t table);

#endif /* _NETSTACK_OBSERVED_H */
