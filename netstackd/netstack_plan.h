// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The difference between desired and observed, as an ordered list of kernel operations.
 *
 * A pure function: no input, no output, no clock, nothing kept.  Operations that need the result
 * of others (a device has to exist before anything can be enslaved to it) are left out until what
 * they need is observed; reconcile executes, reads the kernel's events, and plans again.
 *
 * Order within a plan, making:  VRF device, member links, enslavement while down, settings, up,
 * addresses, neighbours.  Taking down: the reverse, the VRF device last.
 */

#ifndef _NETSTACK_PLAN_H
#define _NETSTACK_PLAN_H

#include <net/if.h>

#include "ipaddr.h"
#include "prefix.h"

#include "netstack_desired.h"
#include "netstack_netns.h"
#include "netstack_observed.h"

enum netstack_op_type {
	NETSTACK_OP_STRICT_MODE, /* net.vrf.strict_mode = 1 */
	NETSTACK_OP_LINK_CREATE, /* name, kind, alias; parent, vlan_id, master, table, mac, mtu */
	NETSTACK_OP_LINK_DELETE, /* ifindex */
	NETSTACK_OP_LINK_MASTER, /* ifindex, master (0: release), keep_addresses */
	NETSTACK_OP_LINK_UP,	 /* ifindex */
	NETSTACK_OP_LINK_DOWN,	 /* ifindex, keep_addresses */
	NETSTACK_OP_LINK_MTU,	 /* ifindex, mtu */
	NETSTACK_OP_LINK_MAC,	 /* ifindex, mac */
	NETSTACK_OP_IPV6,	 /* ifindex, name, enable: sysctl disable_ipv6 of the link */
	NETSTACK_OP_ADDRESS_ADD, /* ifindex, prefix */
	NETSTACK_OP_ADDRESS_DELETE,  /* ifindex, prefix */
	NETSTACK_OP_NEIGHBOR_SET,    /* ifindex, address, mac: permanent */
	NETSTACK_OP_NEIGHBOR_DELETE, /* ifindex, address */
	NETSTACK_OP_UNREACHABLE_ADD, /* table, family: unreachable default, NETSTACK_UNREACHABLE_METRIC */
	NETSTACK_OP_UNREACHABLE_DELETE, /* table, family */
	/* stacks that are network namespaces; name: in /run/netns */
	NETSTACK_OP_NETNS_CREATE, /* name: make it, with our mark, and open it */
	NETSTACK_OP_NETNS_OPEN,	  /* name: observe the one that is there */
	NETSTACK_OP_NETNS_NAME,	  /* name: give the open one its name back */
	NETSTACK_OP_NETNS_ADOPT,  /* name: the open one, which somebody else made, is the stack's */
	NETSTACK_OP_NETNS_CLOSE,  /* name: let go of it; it stays */
	NETSTACK_OP_NETNS_DELETE, /* name: take the name away and let go: it ends */
	NETSTACK_OP_FORWARDING,	  /* family, enable */
	NETSTACK_OP_LINK_MOVE, /* ifindex, name: out of the stack's namespace if inside, else in */
};

#define NETSTACK_OP_KEY_LEN 96
#define NETSTACK_ERRMSG_LEN 160

/* One operation; which fields are valid is said at its type.  Plain data, no owned memory. */
struct netstack_op {
	enum netstack_op_type type;
	struct netstack *stack;

	/*
	 * What it is about, unique in its stack: "vmk1 mtu", "vmk1 address 10.0.0.1/24".  Its
	 * errors and retries go by it, and status looks them up by it.
	 */
	char key[NETSTACK_OP_KEY_LEN];

	/*
	 * What it is about is in the stack's network namespace (LINK_MOVE: before the move), else
	 * in the daemon's own.
	 */
	bool inside;
	int netns; /* LINK_CREATE, LINK_MOVE: where the link goes; written by the executor */

	int ifindex;
	char name[IFNAMSIZ];
	char kind[NETSTACK_KIND_LEN]; /* "vrf", "vlan", "macvlan" (mode bridge), "dummy" */
	char alias[NETSTACK_ALIAS_LEN];
	int parent; /* ifindex; 0: none */
	uint16_t vlan_id;
	int master; /* ifindex; 0: none */
	uint32_t table;
	bool has_mac;
	struct ethaddr mac;
	uint32_t mtu; /* bytes; 0: the kernel's choice */
	/*
	 * LINK_MAC, LINK_MTU: what the link has until now, to be remembered (netstack_original.h);
	 * has_old_mac false, old_mtu 0: not to be.
	 */
	bool has_old_mac;
	struct ethaddr old_mac;
	uint32_t old_mtu;
	/*
	 * LINK_MASTER, LINK_DOWN: IPv6 addresses are to survive
	 * (netstack_link_address_is_volatile()).  IPv6 drops the addresses of a link that goes
	 * down unless net.ipv6.conf.IFNAME.keep_addr_on_down is 1, and changing the master of a
	 * link takes it down for a moment (cycle_netdev() in drivers/net/vrf.c).
	 */
	bool keep_addresses;
	bool enable;
	/*
	 * ADDRESS_ADD: without duplicate address detection (RFC 4862, 5.4), which keeps an IPv6
	 * address from use for a second or more: for one that was in use here a moment ago.
	 */
	bool nodad;
	int family; /* AF_INET, AF_INET6 */
	struct netstack_prefix prefix;
	struct ipaddr address;

	/* the result: written by the executor */
	int error;			  /* 0 or a positive errno */
	char errmsg[NETSTACK_ERRMSG_LEN]; /* the kernel's extended ACK, or strerror(error) */
};

/* A growing list of operations; zero-initialise, free with netstack_ops_fini(). */
struct netstack_ops {
	struct netstack_op *op;
	size_t count;
	size_t size;
};

/* A new, zeroed operation at the end; valid until the next call. */
extern struct netstack_op *netstack_ops_add(struct netstack_ops *ops, enum netstack_op_type type,
					    struct netstack *stack);
extern void netstack_ops_fini(struct netstack_ops *ops);
/* In words, for logs: "add address 10.0.0.1/24 to vmk1".  Returns buf. */
extern const char *netstack_op_describe(const struct netstack_op *op, char *buf, size_t len);

/*
 * A link that is recorded as ours: made by us (its VRF device included), or enslaved by us to the
 * stack's VRF.  Enslavement cannot be marked in the kernel (netstack.h), hence the record, which
 * reconcile keeps and saves.
 */
struct netstack_member {
	struct netstack_members_item item;
	char name[IFNAMSIZ];
};

extern int netstack_member_cmp(const struct netstack_member *a, const struct netstack_member *b);
DECLARE_RBTREE_UNIQ(netstack_members, struct netstack_member, item, netstack_member_cmp);

/* Does the link carry our mark: did we make it? */
extern bool netstack_link_is_ours(const struct netstack_link *link);
/*
 * The parent of a link, in whatever namespace it is: `obs` is where the link is, `outside` is the
 * daemon's own.  NULL: it has none, or it is not observed.
 */
extern struct netstack_link *netstack_link_parent(const struct netstack_observed *obs,
						  const struct netstack_observed *outside,
						  const struct netstack_link *link);
/*
 * Is the link what the configuration says: VLAN 10 of trunk0?  True for links that are not ours to
 * make.  The parent has to be observed outside, else false.
 */
extern bool netstack_link_matches(const struct netstack_observed *obs,
				  const struct netstack_observed *outside,
				  const struct netstack_link *link, const struct netstack_if *nif);
/* May the link be put in a stack: it is in no bridge, bond or team. */
extern bool netstack_link_is_free(const struct netstack_observed *obs,
				  const struct netstack_link *link);
/* In the kernel's words: "vlan", "macvlan", "dummy"; NULL for NETSTACK_LINK_EXISTING. */
extern const char *netstack_link_kind_name(enum netstack_link_kind kind);
/*
 * The VRF device to which members are enslaved.  NULL if there is none, it is no VRF, or it has
 * another table than the stack.
 */
extern struct netstack_link *netstack_vrf_link(const struct netstack_observed *obs,
					       const struct netstack *stack);
/*
 * Is the link of the daemon's own namespace in the stack: enslaved to its VRF device; for the
 * default stack in no VRF?
 */
extern bool netstack_link_in_stack(const struct netstack_observed *obs,
				   const struct netstack *stack, const struct netstack_link *link);
/* Is the unreachable default of this family in the stack's table? */
extern bool netstack_has_unreachable(const struct netstack_observed *obs, uint32_t table,
				     int family);

/* What FRR makes of stacks, for the whole router. */
enum netstack_backend {
	NETSTACK_BACKEND_UNKNOWN = 0, /* zebra has not said yet */
	NETSTACK_BACKEND_VRF,
	NETSTACK_BACKEND_NETNS,
};

/* All that a plan is made from, besides the stack itself. */
struct netstack_facts {
	enum netstack_backend backend;
	const struct netstack_members_head *members;
	const struct netstack_observed *outside; /* the daemon's own namespace */
	const struct netstack_observed *inside;	 /* the stack's; NULL: none is open */
	const char *inside_name;		 /* its name; NULL: none is open */
	/* what that name, or the one that the stack should have, is in /run/netns */
	enum netstack_netns_name named;
	/*
	 * zebra runs and has heard of the stack's VRF.  Nothing is put into a VRF device or its
	 * table before: zebra 10.3 reads routes faster than links, takes a route of a table without
	 * a VRF for one of the default VRF, and dies when the VRF goes (doc/developer/upstream.md).
	 */
	bool vrf_known;
	/* zebra has not yet noticed that the namespace which had the stack's name is gone */
	bool vrf_lingers;
	/* nor that links have left the one that the stack has */
	bool links_linger;
};

/*
 * Why a namespace that somebody else made cannot be the stack's: it has something that the stack is
 * not configured to have.  False: it can.
 */
extern bool netstack_netns_conflict(const struct netstack *stack,
				    const struct netstack_observed *inside, char *reason,
				    size_t len);

/* The recorded member that stands for the stack's namespace itself: we made it, with our mark. */
#define NETSTACK_MEMBER_NETNS "lo"
/*
 * The one that stands for a namespace that somebody else made and that we took over, of which the
 * record is the only sign.  No interface can have this name.
 */
#define NETSTACK_MEMBER_ADOPTED "lo/adopted"

/* Did we make the namespace, for this stack: has it our mark? */
extern bool netstack_netns_is_ours(const struct netstack *stack,
				   const struct netstack_observed *inside);

/*
 * Is what the stack has of another name than it should have, so that it is to be left?  Its routes
 * have to go first.
 */
extern bool netstack_is_renamed(const struct netstack *stack, const char *inside_name);

/*
 * Appends to `ops` what brings the kernel towards what `stack` asks for.  Nothing is appended
 * exactly if there is nothing to do now: all is in force, or what is not waits for something that
 * only an event can bring.
 */
extern void netstack_plan(struct netstack *stack, const struct netstack_facts *facts,
			  struct netstack_ops *ops);

#endif /* _NETSTACK_PLAN_H */
