// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the configuration says: the intent.
 *
 * The northbound's APPLY callbacks are the only writers; everyone else reads.  Each setter marks
 * the stack dirty (through netstack_desired_hooks), and that is all that it does: no I/O.
 *
 * A stack that was removed from the configuration stays here, with `configured` false and nothing
 * in it, until what it had in the kernel and in zebra is gone; netstack_free() is called by
 * reconcile then.
 *
 * `netstack default`, the router's default VRF, always exists.
 */

#ifndef _NETSTACK_DESIRED_H
#define _NETSTACK_DESIRED_H

#include <net/if.h>

#include "ipaddr.h"
#include "typesafe.h"

#include "netstackd/netstack_prefix.h"

#define NETSTACK_NAME_MAX	  36
#define NETSTACK_DEFAULT_NAME	  "default"
#define NETSTACK_TABLE_FIRST	  1001U
#define NETSTACK_TABLE_LAST	  4294967295U
#define NETSTACK_DISTANCE_DEFAULT 1
#define NETSTACK_PLIST_MAX	  128 /* of frr-filter.yang, access-list-name */

struct netstack;
struct netstack_kernel;
struct netstack_leaked;
struct netstack_limiter;
struct netstack_problems;
struct netstack_progress;
struct netstack_rib;
struct netstack_trackers;
struct netstack_work;

/* How an interface comes to be: it exists already, or we create it. */
enum netstack_link_kind {
	NETSTACK_LINK_EXISTING = 0,
	NETSTACK_LINK_VLAN,
	NETSTACK_LINK_MACVLAN,
	NETSTACK_LINK_DUMMY,
};

PREDECL_RBTREE_UNIQ(netstacks);
PREDECL_RBTREE_UNIQ(netstack_vrfs);
PREDECL_RBTREE_UNIQ(netstack_ifs);
PREDECL_HASH(netstack_ifnames);
PREDECL_RBTREE_UNIQ(netstack_addresses);
PREDECL_RBTREE_UNIQ(netstack_routes);
PREDECL_RBTREE_UNIQ(netstack_neighbors);
PREDECL_RBTREE_UNIQ(netstack_leaks);
PREDECL_RBTREE_UNIQ(netstack_leaks_from);
PREDECL_RBTREE_UNIQ(netstack_members); /* netstack_plan.h */

/* An address of an interface; the host bits are kept. */
struct netstack_address {
	struct netstack_addresses_item item;
	struct netstack_prefix prefix;
};

/* `interface IFNAME` in a stack. */
struct netstack_if {
	struct netstack_ifs_item item;
	struct netstack_ifnames_item by_name;
	struct netstack *stack;

	struct netstack_addresses_head addresses;
	char name[IFNAMSIZ];
	char parent[IFNAMSIZ]; /* NETSTACK_LINK_VLAN, _MACVLAN */
	uint32_t mtu;	       /* bytes; 0: not configured */
	uint16_t vlan_id;      /* NETSTACK_LINK_VLAN: 1-4094 */
	enum netstack_link_kind kind : 8;
	bool has_mac : 1;
	bool shutdown : 1;
	struct ethaddr mac; /* valid if has_mac */
};

enum netstack_nexthop_type {
	NETSTACK_NEXTHOP_GATEWAY = 0,
	NETSTACK_NEXTHOP_BLACKHOLE,
	NETSTACK_NEXTHOP_UNREACHABLE,
};

/* By what a next hop is watched. */
enum netstack_track_kind {
	NETSTACK_TRACK_NONE = 0,
	NETSTACK_TRACK_BFD,
	NETSTACK_TRACK_ARP, /* ARP or ND */
	NETSTACK_TRACK_ICMP,
};

/* bfdd has room for so many characters (struct bfd_peer_cfg). */
#define NETSTACK_PROFILE_MAX	  63
#define NETSTACK_TRACK_INTERVAL	  1000 /* milliseconds, unless configured */
#define NETSTACK_TRACK_MULTIPLIER 3
#define NETSTACK_TRACK_HOLD_DOWN  3

/* `track …` of a next hop. */
struct netstack_track {
	enum netstack_track_kind kind;
	char profile[NETSTACK_PROFILE_MAX + 1]; /* BFD; "": none */
	uint32_t interval;			/* ICMP: milliseconds */
	uint8_t multiplier;			/* ICMP: echoes */
	uint32_t hold_down; /* seconds that one which was down has to answer before it is used */
};

/*
 * One configured next hop of a prefix: a `default-gateway` line or a `route` line.  Several of
 * one prefix: those of the lowest distance that are usable share the traffic, the others stand
 * by.  A `default-gateway` is a next hop of 0.0.0.0/0 or ::/0.
 */
struct netstack_route {
	struct netstack_routes_item item;
	struct netstack *stack;

	/* the key: is_gateway, prefix, type, gate, ifname */
	struct netstack_prefix prefix; /* masked */
	struct ipaddr gate;	       /* NETSTACK_NEXTHOP_GATEWAY, else IPADDR_NONE */
	char ifname[IFNAMSIZ];	       /* "": not given */
	enum netstack_nexthop_type type;
	bool is_gateway; /* typed as default-gateway */

	uint8_t distance;
	struct netstack_track *track; /* NULL: it is not tracked */

	/* netstack_gateway_judged()'s */
	bool was_usable;
	bool told_down;
};

/* `arp` and `nd`: a permanent neighbour. */
struct netstack_neighbor {
	struct netstack_neighbors_item item;
	char ifname[IFNAMSIZ];
	struct ipaddr address;
	struct ethaddr mac;
};

/* What a stack can have limits of. */
enum netstack_limit_kind {
	NETSTACK_LIMIT_ROUTES = 0,
	NETSTACK_LIMIT_NEIGHBORS,
	NETSTACK_LIMITS,
};

struct netstack_limit {
	uint32_t max; /* 0: no limit */
	bool warning_only;
};

/* `leak from NAME prefix-list PLIST`: routes of another stack that appear in this one. */
struct netstack_leak {
	struct netstack_leaks_item item;	   /* of its stack, by source and prefix-list */
	struct netstack_leaks_from_item by_source; /* of all stacks: netstack_leaks_of() */
	struct netstack *stack;
	char from[NETSTACK_NAME_MAX + 1]; /* the stack does not have to exist */
	char plist[NETSTACK_PLIST_MAX + 1];
};

/* A stack. */
struct netstack {
	struct netstacks_item item;
	struct netstack_vrfs_item by_vrf;

	/* desired: written by the northbound only */
	char name[NETSTACK_NAME_MAX + 1];
	bool is_default : 1; /* the router's default VRF */
	bool configured : 1; /* false: removed from the configuration, being taken down */
	bool shutdown : 1;
	bool ipv6_disable : 1;
	char vrf_config[IFNAMSIZ]; /* "": not configured, the VRF has the stack's name */
	char *description;	   /* NULL: none */
	struct netstack_ifs_head interfaces;
	struct netstack_routes_head routes;
	struct netstack_neighbors_head neighbors;
	struct netstack_limit limits[NETSTACK_LIMITS];
	struct netstack_leaks_head leaks;
	uint32_t table_config; /* 0: not configured, allocated */

	/* owned by netstack_table.c: the table in force; 0 as long as there is none */
	uint32_t table;

	/* owned by netstack_limit.c; NULL: it has not had a limit yet */
	struct netstack_limiter *limiter;

	/* owned by netstack_kernel.c: the stack's network namespace; NULL: none is open */
	struct netstack_kernel *inside;

	/* owned by netstack_rib.c */
	struct netstack_rib *rib;

	/* owned by netstack_leak.c: what leaks into the stack; NULL: nothing was looked for */
	struct netstack_leaked *leaked;

	/* owned by netstack_gateway.c; NULL: no next hop is tracked */
	struct netstack_trackers *trackers;

	/* owned by netstack_record.c: members that we made or enslaved */
	struct netstack_members_head members;

	/* owned by netstack_problem.c: operations that failed; NULL: none ever did */
	struct netstack_problems *problems;

	/* owned by netstack_reconcile_stack.c: how far it is, and what it waits for */
	struct netstack_progress *progress;

	/* owned by netstack_reconcile.c: dirty marks */
	struct netstack_work *work;
};

/* Settings that are no stack's. */
struct netstack_global {
	uint32_t table_first;
	uint32_t table_last;
};

/*
 * Called by each writer after it has changed desired data.  Registered once, at start; NULL
 * members are skipped (unit tests have none).
 */
struct netstack_desired_hooks {
	/* a stack came to be, in memory */
	void (*created)(struct netstack *stack);
	/* something of the stack changed */
	void (*changed)(struct netstack *stack);
	/* all that changed are next hops of this prefix, untracked ones; NULL: `changed` is called */
	void (*route_changed)(struct netstack *stack, const struct netstack_prefix *prefix);
	/* the stack is about to be freed */
	void (*freeing)(struct netstack *stack);
};

extern int netstack_cmp(const struct netstack *a, const struct netstack *b);
extern int netstack_if_cmp(const struct netstack_if *a, const struct netstack_if *b);
extern int netstack_ifname_cmp(const struct netstack_if *a, const struct netstack_if *b);
extern uint32_t netstack_ifname_hash(const struct netstack_if *a);
extern int netstack_address_cmp(const struct netstack_address *a, const struct netstack_address *b);
extern int netstack_route_cmp(const struct netstack_route *a, const struct netstack_route *b);
extern int netstack_track_cmp(const struct netstack_track *a, const struct netstack_track *b);
extern int netstack_neighbor_cmp(const struct netstack_neighbor *a,
				 const struct netstack_neighbor *b);
extern int netstack_leak_cmp(const struct netstack_leak *a, const struct netstack_leak *b);
extern int netstack_leak_source_cmp(const struct netstack_leak *a, const struct netstack_leak *b);

DECLARE_RBTREE_UNIQ(netstacks, struct netstack, item, netstack_cmp);
DECLARE_RBTREE_UNIQ(netstack_ifs, struct netstack_if, item, netstack_if_cmp);
DECLARE_HASH(netstack_ifnames, struct netstack_if, by_name, netstack_ifname_cmp,
	     netstack_ifname_hash);
DECLARE_RBTREE_UNIQ(netstack_addresses, struct netstack_address, item, netstack_address_cmp);
DECLARE_RBTREE_UNIQ(netstack_routes, struct netstack_route, item, netstack_route_cmp);
DECLARE_RBTREE_UNIQ(netstack_neighbors, struct netstack_neighbor, item, netstack_neighbor_cmp);
DECLARE_RBTREE_UNIQ(netstack_leaks, struct netstack_leak, item, netstack_leak_cmp);
DECLARE_RBTREE_UNIQ(netstack_leaks_from, struct netstack_leak, by_source, netstack_leak_source_cmp);

/* All stacks by name, those being removed and `default` included. */
extern struct netstacks_head netstacks;
extern struct netstack_global netstack_global;

extern void netstack_desired_init(const struct netstack_desired_hooks *hooks);
extern void netstack_desired_terminate(void);

/* Stack of this name, configured or being removed; NULL: none. */
extern struct netstack *netstack_find(const char *name);
/* Configured stack whose VRF (configured or by default) has this name; NULL: none.  O(log stacks). */
extern struct netstack *netstack_find_vrf(const char *vrf);
/* Interface of this name in whatever stack has it configured; NULL: none.  O(1). */
extern struct netstack_if *netstack_if_find_any(const char *ifname);
extern struct netstack_if *netstack_if_find(const struct netstack *stack, const char *ifname);

/*
 * Calls cb for each stack that has to do with the link of this name, as a member, the parent of a
 * member, or its VRF, which a stack that is being removed still has: kernel events of that link
 * concern it.  If in several ways, several times.
 */
extern void netstack_each_concerned(const char *ifname, void (*cb)(struct netstack *stack));

/*
 * The leaks out of the stack of this name, one after the other: `leak` NULL gives the first, and
 * NULL is after the last.  With `from` NULL those out of any stack.
 */
extern struct netstack_leak *netstack_leaks_of(const char *from, const struct netstack_leak *leak);

/* Name of the stack's VRF device; "default" for the default stack.  Owned by the stack. */
extern const char *netstack_vrf_name(const struct netstack *stack);

/*
 * Writers, for the northbound's APPLY callbacks alone.  They cannot fail, they copy what they
 * are given, and they call the hooks.  Deleting what is not there is a BUG (assert).
 */
extern struct netstack *netstack_add(const char *name); /* revives one that is being removed */
/*
 * The stack of this name; if there is none, one that counts as removed already.  For what an
 * earlier run of the daemon left in the kernel.
 */
extern struct netstack *netstack_leftover(const char *name);
extern void netstack_remove(struct netstack *stack); /* empties it; configured = false */
extern void netstack_set_description(struct netstack *stack, const char *text); /* NULL: none */
extern void netstack_set_shutdown(struct netstack *stack, bool shutdown);
extern void netstack_set_vrf(struct netstack *stack, const char *vrf);	/* NULL or "": default */
extern void netstack_set_table(struct netstack *stack, uint32_t table); /* 0: allocated */
extern void netstack_set_ipv6_disable(struct netstack *stack, bool disable);

extern struct netstack_if *netstack_if_add(struct netstack *stack, const char *ifname);
extern void netstack_if_remove(struct netstack_if *nif);
extern void netstack_if_set_link(struct netstack_if *nif, enum netstack_link_kind kind,
				 const char *parent, uint16_t vlan_id);
/* mac NULL, mtu 0: none */
extern void netstack_if_set_mac(struct netstack_if *nif, const struct ethaddr *mac);
extern void netstack_if_set_mtu(struct netstack_if *nif, uint32_t mtu);
extern void netstack_if_set_shutdown(struct netstack_if *nif, bool shutdown);
extern void netstack_if_add_address(struct netstack_if *nif, const struct netstack_prefix *prefix);
extern void netstack_if_remove_address(struct netstack_if *nif,
				       const struct netstack_prefix *prefix);

/* The fields of the key identify the next hop; the others are ignored. */
extern struct netstack_route *
netstack_route_add(struct netstack *stack, const struct netstack_route *key, uint8_t distance);
extern struct netstack_route *netstack_route_find(const struct netstack *stack,
						  const struct netstack_route *key);

/*
 * A next hop in words, as in the commands and in the model: an address, "blackhole" or
 * "unreachable".  PREFIX_STRLEN bytes hold it.  From words to type and gate: false if it is none
 * of them.
 */
extern const char *netstack_nexthop_text(const struct netstack_route *route, char *buf, size_t len);
extern bool netstack_nexthop_parse(struct netstack_route *route, const char *text);

extern void netstack_route_set_distance(struct netstack_route *route, uint8_t distance);
/* NULL: not tracked */
extern void netstack_route_set_track(struct netstack_route *route,
				     const struct netstack_track *track);
/* The settings as they are typed: "bfd profile wan"; 128 bytes hold it.  Returns buf. */
extern const char *netstack_track_text(const struct netstack_track *track, char *buf, size_t len);
/* "bfd", "arp", "icmp"; NULL for none. */
extern const char *netstack_track_word(enum netstack_track_kind kind);
extern enum netstack_track_kind netstack_track_parse(const char *word);
extern void netstack_route_remove(struct netstack_route *route);

extern void netstack_neighbor_set(struct netstack *stack, const char *ifname,
				  const struct ipaddr *address, const struct ethaddr *mac);
extern void netstack_neighbor_remove(struct netstack *stack, const char *ifname,
				     const struct ipaddr *address);

/* "routes", "neighbors": as in the commands and in the model. */
extern const char *netstack_limit_name(enum netstack_limit_kind kind);
/* max 0: none */
extern void netstack_set_limit(struct netstack *stack, enum netstack_limit_kind kind, uint32_t max,
			       bool warning_only);
extern void netstack_leak_add(struct netstack *stack, const char *from, const char *plist);
extern void netstack_leak_remove(struct netstack *stack, const char *from, const char *plist);

extern void netstack_set_table_range(uint32_t first, uint32_t last);

/* For reconcile alone: frees a stack that is not configured. */
extern void netstack_free(struct netstack *stack);

#endif /* _NETSTACK_DESIRED_H */
