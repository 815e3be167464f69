// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zebra: routes, next-hop tracking, and what other daemons see.
 *
 * A stack's rib has an entry for each prefix that it asks for, or that zebra still has.  An entry
 * knows what was sent, and what zebra said of it.  netstack_zebra_update() judges each configured
 * next hop, gathers the usable ones of the lowest distance, and sends the route if that differs
 * from what was sent.
 *
 * The routes are ZEBRA_ROUTE_STATIC of instance NETSTACK_ZEBRA_INSTANCE: staticd's routes, and its
 * comings and goings, have nothing to do with ours.  zebra is asked to keep them when our
 * connection ends (graceful restart), so that a restart of netstackd costs no packet; once the
 * configuration has been read and replayed, ROUTE_UPDATE_COMPLETE lets zebra drop the rest.
 */

#include <zebra.h>

#include <linux/rtnetlink.h>
#include <poll.h>

#include "frrevent.h"
#include "jhash.h"
#include "log.h"
#include "monotime.h"
#include "nexthop.h"
#include "typesafe.h"
#include "vrf.h"
#include "zclient.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_errors.h"
#include "netstackd/netstack_gateway.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_leak.h"
#include "netstackd/netstack_limit.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_plan.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_zebra.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_RIB, "RIB of a stack");
DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_RIB_ENTRY, "RIB entry");
DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_TRACKED, "Tracked next hop");

/*
 * Milliseconds until zebra is asked again about a next hop when its answer is in doubt, doubled
 * each time; and how long it may say that no connected route leads there before that is believed.
 */
#define ASK_FIRST     100
#define ASK_CONNECTED 5000
/* Seconds that zebra keeps our routes without us: a restart by watchfrr takes at most 60. */
#define STALE_TIME 300
/*
 * Milliseconds after a start in which a tracked next hop that the kernel's route does not have is
 * not used before it has answered: longer than any detection with the usual settings.
 */
#define DOUBT_MSEC 10000
/* Milliseconds that a route which zebra calls installed may be missing in the kernel. */
#define FIB_GRACE 400
/* Milliseconds after which a withdrawal counts that zebra need not confirm. */
#define WITHDRAW_SILENT 500
/* Milliseconds until a route that zebra did not install is sent again: doubled each time. */
#define RESEND_FIRST 500
#define RESEND_MAX   60000
/*
 * Milliseconds that zebra may be busy with others, and says so by what it sends, until what it has
 * not answered counts as lost: what is sent again meanwhile is more to do for it.
 */
#define BUSY_MAX 10000

PREDECL_RBTREE_UNIQ(rib_entries);
PREDECL_RBTREE_UNIQ(tracked_nexthops);
PREDECL_HASH(ribs);

/* A next hop that zebra tracks for us, in the stack's VRF. */
struct tracked {
	struct tracked_nexthops_item item;
	struct ipaddr address;
	bool registered; /* zebra was asked */
	bool answered;
	bool reachable;
	bool connected; /* by a connected route */
	bool wanted;	/* mark and sweep */
	bool doubtful;	/* zebra's answer is not that of a subnet, and the kernel has one */
	uint32_t answers; /* of zebra, so far: each tells of another way to it */
	struct timeval asked_at; /* monotonic */
	unsigned int ask_again;	 /* milliseconds after which zebra is asked again if in doubt */
};

enum entry_note {
	NOTE_NONE = 0,
	NOTE_INSTALLED,
	NOTE_FAILED,
	NOTE_BETTER_WON,
	NOTE_REMOVED,
};

struct sent_nexthop {
	enum nexthop_types_t type;
	struct ipaddr gate;
	ifindex_t ifindex;
	vrf_id_t vrf_id; /* of the stack, or, of a leaked route, of the other one */
	enum blackhole_type bh_type;
	uint32_t resolution; /* zebra resolves it: tracked.answers at the time; else 0 */
};

/* A prefix of ours. */
struct rib_entry {
	struct rib_entries_item item;
	struct prefix prefix;

	bool sent;	/* zebra has been sent a route and no withdrawal since */
	bool withdrawn; /* a withdrawal was sent, zebra has not confirmed it */
	bool silent;	/* and need not: what was never installed goes without a word */
	enum entry_note note;
	uint8_t distance;
	uint16_t nexthop_count;
	struct sent_nexthop *nexthops; /* of the route that was sent */

	struct timeval sent_at; /* monotonic */
	unsigned int resend;	/* milliseconds after which it is sent again if not installed */

	bool wanted;		/* mark and sweep */
	bool deleted;		/* the kernel announced its deletion */
	bool kept;		/* was in the kernel before it was sent: zebra kept it for us */
	struct timeval missing; /* since when it is missing in the kernel; 0: it is not */
};

/* The default route that zebra has selected, whoever's it is; ours, too. */
struct selected_default {
	bool known;
	uint8_t type; /* ZEBRA_ROUTE_* */
	uint8_t distance;
	bool is_ours;
};

struct netstack_rib {
	struct netstack *stack;
	vrf_id_t vrf_id;	   /* VRF_UNKNOWN: zebra does not know the VRF */
	struct ribs_item by_vrf_id; /* if it does */
	bool graceful;	 /* zebra was asked to keep the routes of this VRF */
	bool complete;	 /* zebra was told that all routes are there */
	uint32_t room;	 /* how many further routes the limit allows for */
	unsigned int refused; /* prefixes for which there was none */
	struct rib_entries_head entries;
	struct tracked_nexthops_head tracked;
	bool follows_defaults; /* zebra was asked to tell of default routes */
	struct selected_default defaults[2]; /* IPv4, IPv6 */
	struct event *t_fib;
	struct timeval entered; /* monotonic: since when zebra knows the VRF */
	struct event *t_doubt;
};

static int rib_entry_cmp(const struct rib_entry *a, const struct rib_entry *b)
{
	return prefix_cmp(&a->prefix, &b->prefix);
}

static int tracked_cmp(const struct tracked *a, const struct tracked *b)
{
	return ipaddr_cmp(&a->address, &b->address);
}

DECLARE_RBTREE_UNIQ(rib_entries, struct rib_entry, item, rib_entry_cmp);
DECLARE_RBTREE_UNIQ(tracked_nexthops, struct tracked, item, tracked_cmp);

static int rib_vrf_cmp(const struct netstack_rib *a, const struct netstack_rib *b)
{
	return numcmp(a->vrf_id, b->vrf_id);
}

static uint32_t rib_vrf_hash(const struct netstack_rib *rib)
{
	return jhash_1word(rib->vrf_id, 0x6e737472);
}

DECLARE_HASH(ribs, struct netstack_rib, by_vrf_id, rib_vrf_cmp, rib_vrf_hash);

/* Those whose VRF zebra knows. */
static struct ribs_head ribs = INIT_HASH(ribs);

static struct zclient *zclient;
static bool config_was_read;
static unsigned int ecmp_max = MULTIPATH_NUM;
static struct timeval heard_at; /* monotonic: zebra said something */

/* ------------------------------------------------------------------------------------------
 * VRFs
 */

int64_t netstack_zebra_silence(void)
{
	return monotime_since(&heard_at, NULL) / 1000000;
}

/*
 * Is it too early to take what was sent `age` milliseconds ago for lost?  So it is for `patience`
 * milliseconds, and for as long as zebra goes on talking, within bounds.
 */
static bool may_be_on_its_way(int64_t age, unsigned int patience)
{
	int64_t silence = monotime_since(&heard_at, NULL) / 1000;

	return age < (int64_t)patience || (silence < RESEND_FIRST && age < BUSY_MAX);
}

/* When to look again at what may be on its way, in milliseconds. */
static unsigned int until_lost(int64_t age, unsigned int patience)
{
	return age < (int64_t)patience ? patience - age : RESEND_FIRST;
}

bool netstack_zebra_connected(void)
{
	return zclient && zclient->sock >= 0;
}

bool netstack_zebra_speaks(void)
{
	struct pollfd pollfd = { .events = POLLIN };

	if (!netstack_zebra_connected())
		return false;
	pollfd.fd = zclient->sock;
	return poll(&pollfd, 1, 0) > 0;
}

static struct vrf *find_vrf(const char *name)
{
	struct vrf *vrf = netstack_zebra_connected() && name ? vrf_lookup_by_name(name) : NULL;

	return vrf && vrf_is_enabled(vrf) ? vrf : NULL;
}

bool netstack_zebra_knows(const char *name)
{
	return find_vrf(name) != NULL;
}

bool netstack_zebra_sees_links(const struct netstack *stack)
{
	struct vrf *vrf = find_vrf(netstack_kernel_inside_name(stack));
	struct interface *ifp;

	if (!vrf)
		return false;
	FOR_ALL_INTERFACES (vrf, ifp)
		if (ifp->ifindex != IFINDEX_INTERNAL && !if_is_loopback(ifp))
			return true;
	return false;
}

/*
 * The VRF's id if zebra knows it: a VRF device under the kernel's ifindex, a namespace by its name.
 * Else VRF_UNKNOWN.
 */
static vrf_id_t zebra_vrf_id(const struct netstack *stack)
{
	const struct netstack_link *link;
	struct vrf *vrf;

	if (!netstack_zebra_connected())
		return VRF_UNKNOWN;
	if (stack->is_default)
		return VRF_DEFAULT;
	if (netstack_backend() == NETSTACK_BACKEND_NETNS) {
		vrf = find_vrf(netstack_kernel_inside_name(stack));
		return vrf ? vrf->vrf_id : VRF_UNKNOWN;
	}
	link = netstack_vrf_link(netstack_observed(), stack);
	if (!link)
		return VRF_UNKNOWN;
	vrf = vrf_lookup_by_id(link->ifindex);
	if (!vrf || !vrf_is_enabled(vrf) || strcmp(vrf->name, link->name))
		return VRF_UNKNOWN;
	return vrf->vrf_id;
}

bool netstack_zebra_has_vrf(const struct netstack *stack)
{
	return zebra_vrf_id(stack) != VRF_UNKNOWN;
}

static struct netstack *stack_of_vrf(const struct vrf *vrf)
{
	if (vrf->vrf_id == VRF_DEFAULT)
		return netstack_find(NETSTACK_DEFAULT_NAME);
	return netstack_find_vrf(vrf->name);
}

/* The stack of a VRF id in a message; one that is being removed, too. */
static struct netstack *stack_of_vrf_id(vrf_id_t vrf_id)
{
	const struct netstack_rib key = { .vrf_id = vrf_id };
	const struct netstack_rib *rib = ribs_const_find(&ribs, &key);

	return rib ? rib->stack : NULL;
}

static int link_came(struct interface *ifp)
{
	(void)ifp;
	monotime(&heard_at);
	return 0;
}

/* zebra has noticed that a link left its namespace. */
static int link_left(struct interface *ifp)
{
	struct netstack *stack = netstack_backend() == NETSTACK_BACKEND_NETNS
					 ? stack_of_vrf_id(ifp->vrf->vrf_id)
					 : NULL;

	monotime(&heard_at);
	if (stack && !stack->is_default)
		netstack_mark_dirty(stack);
	return 0;
}

static int vrf_changed(struct vrf *vrf)
{
	struct netstack *stack = stack_of_vrf(vrf);

	monotime(&heard_at);
	if (!stack)
		stack = stack_of_vrf_id(vrf->vrf_id);
	if (stack)
		netstack_mark_dirty(stack);
	return 0;
}

/*
 * VRFs that were made anew while zebra was away have another ifindex, and vrf_get() refuses to
 * give a known name another id (doc/developer/upstream.md): drop what is out of date before zebra
 * tells of it.
 */
static void drop_stale_vrfs(void)
{
	struct vrf *vrf, *next;

	RB_FOREACH_SAFE (vrf, vrf_name_head, &vrfs_by_name, next) {
		const struct netstack_link *link;

		if (vrf->vrf_id == VRF_DEFAULT || vrf->vrf_id == VRF_UNKNOWN)
			continue;
		if (netstack_backend() == NETSTACK_BACKEND_NETNS) {
			vrf_delete(vrf); /* zebra numbers namespaces anew */
			continue;
		}
		link = netstack_link_by_name(netstack_observed(), vrf->name);
		if (!link || (vrf_id_t)link->ifindex != vrf->vrf_id)
			vrf_delete(vrf);
	}
}

/* ------------------------------------------------------------------------------------------
 * The rib of a stack
 */

static struct netstack_rib *rib_get(struct netstack *stack)
{
	struct netstack_rib *rib = stack->rib;

	if (rib)
		return rib;
	rib = XCALLOC(MTYPE_NETSTACK_RIB, sizeof(*rib));
	rib->stack = stack;
	rib->vrf_id = VRF_UNKNOWN;
	rib_entries_init(&rib->entries);
	tracked_nexthops_init(&rib->tracked);
	stack->rib = rib;
	return rib;
}

static struct rib_entry *find_entry(const struct netstack_rib *rib, const struct prefix *prefix)
{
	struct rib_entry key;

	key.prefix = *prefix;
	return (struct rib_entry *)rib_entries_const_find(&rib->entries, &key);
}

static struct rib_entry *get_entry(struct netstack_rib *rib, const struct prefix *prefix)
{
	struct rib_entry *entry = find_entry(rib, prefix);

	if (!entry) {
		entry = XCALLOC(MTYPE_NETSTACK_RIB_ENTRY, sizeof(*entry));
		entry->prefix = *prefix;
		rib_entries_add(&rib->entries, entry);
	}
	return entry;
}

static void free_entry(struct netstack_rib *rib, struct rib_entry *entry)
{
	rib_entries_del(&rib->entries, entry);
	XFREE(MTYPE_NETSTACK_RIB_ENTRY, entry->nexthops);
	XFREE(MTYPE_NETSTACK_RIB_ENTRY, entry);
}

static struct tracked *find_tracked(const struct netstack_rib *rib, const struct ipaddr *address)
{
	struct tracked key;

	key.address = *address;
	return (struct tracked *)tracked_nexthops_const_find(&rib->tracked, &key);
}

static void rib_leave_vrf(struct netstack_rib *rib)
{
	if (rib->vrf_id != VRF_UNKNOWN)
		ribs_del(&ribs, rib);
	rib->vrf_id = VRF_UNKNOWN;
}

/* zebra has forgotten all of it, with the VRF or with the connection: so do we. */
static void rib_reset(struct netstack_rib *rib)
{
	struct rib_entry *entry;
	struct tracked *tracked;

	frr_each_safe (rib_entries, &rib->entries, entry)
		free_entry(rib, entry);
	frr_each_safe (tracked_nexthops, &rib->tracked, tracked) {
		tracked_nexthops_del(&rib->tracked, tracked);
		XFREE(MTYPE_NETSTACK_TRACKED, tracked);
	}
	EVENT_OFF(rib->t_fib);
	EVENT_OFF(rib->t_doubt);
	rib->refused = 0;
	rib->graceful = false;
	rib->complete = false;
	rib->follows_defaults = false;
	memset(rib->defaults, 0, sizeof(rib->defaults));
	rib_leave_vrf(rib);
}

/* Two stacks cannot have one VRF: who had it has lost it, and will find out. */
static void doubt_ends(struct event *event)
{
	netstack_mark_dirty(EVENT_ARG(event));
}

static void rib_enter_vrf(struct netstack_rib *rib, vrf_id_t vrf_id)
{
	struct netstack_rib *other;

	if (vrf_id == VRF_UNKNOWN)
		return;
	rib->vrf_id = vrf_id;
	other = ribs_find(&ribs, rib);
	if (other) {
		rib_reset(other);
		netstack_mark_dirty(other->stack);
	}
	ribs_add(&ribs, rib);
	monotime(&rib->entered);
	event_add_timer_msec(master, doubt_ends, rib->stack, DOUBT_MSEC + 1, &rib->t_doubt);
}

void netstack_zebra_forget(struct netstack *stack)
{
	struct netstack_rib *rib = stack->rib;

	netstack_gateway_forget(stack);
	if (!rib)
		return;
	rib_reset(rib);
	rib_entries_fini(&rib->entries);
	tracked_nexthops_fini(&rib->tracked);
	XFREE(MTYPE_NETSTACK_RIB, stack->rib);
}

bool netstack_zebra_withdrawn(const struct netstack *stack)
{
	const struct netstack_rib *rib = stack->rib;

	return !rib || rib->vrf_id == VRF_UNKNOWN || !rib_entries_count(&rib->entries);
}

/* ------------------------------------------------------------------------------------------
 * Next-hop tracking
 */

/* The address as a prefix of full length. */
static void host_prefix(const struct ipaddr *address, struct prefix *prefix)
{
	memset(prefix, 0, sizeof(*prefix));
	prefix->family = address->ipa_type;
	prefix->prefixlen = IS_IPADDR_V4(address) ? IPV4_MAX_BITLEN : IPV6_MAX_BITLEN;
	memcpy(&prefix->u, &address->ip, IPADDRSZ(address));
}

static void send_tracking(const struct netstack_rib *rib, const struct ipaddr *address, bool on)
{
	struct prefix prefix;

	host_prefix(address, &prefix);
	DEBUGD(&netstack_dbg_zebra, "netstack %s: %s %pFX", rib->stack->name,
	       on ? "track" : "do not track", &prefix);
	zclient_send_rnh(zclient, on ? ZEBRA_NEXTHOP_REGISTER : ZEBRA_NEXTHOP_UNREGISTER, &prefix,
			 SAFI_UNICAST, false, false, rib->vrf_id);
}

/* Starts to track the address if it is not yet. */
static struct tracked *track(struct netstack_rib *rib, const struct ipaddr *address)
{
	struct tracked *tracked = find_tracked(rib, address);

	if (!tracked) {
		tracked = XCALLOC(MTYPE_NETSTACK_TRACKED, sizeof(*tracked));
		tracked->address = *address;
		tracked_nexthops_add(&rib->tracked, tracked);
	}
	tracked->wanted = true;
	if (!tracked->registered) {
		tracked->registered = true;
		tracked->ask_again = ASK_FIRST;
		monotime(&tracked->asked_at);
		send_tracking(rib, address, true);
	}
	return tracked;
}

/*
 * zebra does not always come back to a next hop whose link left the VRF and returned: as long as
 * the kernel has it in a subnet of a running link, it is asked anew.  Returns in how many
 * milliseconds to look again; 0: no doubt.
 */
static unsigned int check_tracked(const struct netstack_rib *rib, struct tracked *tracked)
{
	int64_t age = monotime_since(&tracked->asked_at, NULL) / 1000;

	if (!tracked->doubtful) {
		if (tracked->connected)
			tracked->ask_again = ASK_FIRST;
		return 0;
	}
	if (may_be_on_its_way(age, tracked->ask_again))
		return until_lost(age, tracked->ask_again);
	send_tracking(rib, &tracked->address, false);
	send_tracking(rib, &tracked->address, true);
	monotime(&tracked->asked_at);
	tracked->ask_again = MIN(2 * tracked->ask_again, RESEND_MAX);
	return tracked->ask_again;
}

static void untrack_unwanted(struct netstack_rib *rib)
{
	struct tracked *tracked;

	frr_each_safe (tracked_nexthops, &rib->tracked, tracked) {
		if (tracked->wanted)
			continue;
		send_tracking(rib, &tracked->address, false);
		tracked_nexthops_del(&rib->tracked, tracked);
		XFREE(MTYPE_NETSTACK_TRACKED, tracked);
	}
}

/* What no other route leads to is resolved by the unreachable default of the stack's table. */
static bool leads_somewhere(const struct zapi_route *nhr)
{
	for (uint16_t i = 0; i < nhr->nexthop_num; i++)
		if (nhr->nexthops[i].type != NEXTHOP_TYPE_BLACKHOLE)
			return true;
	return false;
}

static void nexthop_update(struct vrf *vrf, struct prefix *match, struct zapi_route *nhr)
{
	struct netstack *stack = stack_of_vrf_id(vrf->vrf_id);
	struct tracked *tracked = NULL;
	struct ipaddr address = netstack_prefix_address(match);

	monotime(&heard_at);
	if (stack)
		tracked = find_tracked(stack->rib, &address);
	if (!tracked)
		return;
	tracked->answered = true;
	tracked->reachable = leads_somewhere(nhr);
	tracked->answers++;
	tracked->connected = nhr->type == ZEBRA_ROUTE_CONNECT || nhr->type == ZEBRA_ROUTE_LOCAL;
	DEBUGD(&netstack_dbg_zebra, "netstack %s: next hop %pIA is %s", stack->name, &address,
	       tracked->reachable ? "reachable" : "unreachable");
	netstack_mark_dirty(stack);
}

/* ------------------------------------------------------------------------------------------
 * Is a configured next hop usable?
 */

enum verdict {
	VERDICT_PENDING,     /* something is missing that configuration or time may bring */
	VERDICT_WAITING,     /* zebra has not answered yet */
	VERDICT_UNREACHABLE, /* all is there, but down */
	VERDICT_USABLE,
};

/* What is known of a next hop; `reason` may be NULL. */
struct judgement {
	const struct netstack_route *route;
	ifindex_t ifindex; /* the link that it leads out of; 0: zebra resolves it */
	bool on_link;	   /* in a subnet of a running link */
	char *reason;
	size_t len;
};

static enum verdict judge(struct judgement *judgement, enum verdict verdict, const char *format,
			  ...) PRINTFRR(3, 4);

static enum verdict judge(struct judgement *judgement, enum verdict verdict, const char *format,
			  ...)
{
	va_list args;

	if (!judgement->reason)
		return verdict;
	va_start(args, format);
	vsnprintfrr(judgement->reason, judgement->len, format, args);
	va_end(args);
	return verdict;
}

/* Can packets leave by the link: up, and with a carrier. */
static bool link_is_running(const struct netstack_link *link)
{
	return (link->flags & IFF_UP) && (link->flags & IFF_RUNNING);
}

/* The search for the subnet that a gateway is in. */
struct subnet_search {
	const struct netstack *stack;
	const struct ipaddr *gate;
	const char *ifname;		  /* "": any link of the stack */
	const struct netstack_link *up;	  /* a running link with the subnet */
	const struct netstack_link *down; /* one that is not running */
	bool is_own;			  /* the gateway is an address of the stack itself */
};

static bool same_address(const struct prefix *prefix, const struct ipaddr *address)
{
	if (prefix->family != (int)address->ipa_type)
		return false;
	return !memcmp(&prefix->u, &address->ip, IPADDRSZ(address));
}

static void search_link(struct subnet_search *search, const struct netstack_link *link)
{
	const struct netstack_link_address *address;
	struct prefix host;

	if (search->ifname[0] && strcmp(search->ifname, link->name))
		return;
	host_prefix(search->gate, &host);
	frr_each (netstack_link_addresses_const, &link->addresses, address) {
		if (same_address(&address->prefix, search->gate))
			search->is_own = true;
		else if (prefix_match(&address->prefix, &host)) {
			if (link_is_running(link))
				search->up = link;
			else
				search->down = link;
		}
	}
}

static void search_any_link(const struct netstack_link *link, void *arg)
{
	search_link(arg, link);
}

static void search_subnet(struct subnet_search *search)
{
	const struct netstack_link *link;

	if (!search->ifname[0]) {
		netstack_place_each_link(search->stack, search_any_link, search);
		return;
	}
	link = netstack_place_link(search->stack, search->ifname);
	if (link)
		search_link(search, link);
}

/* Things that hold for all next hops of a stack. */
static enum verdict judge_stack(struct judgement *judgement)
{
	const struct netstack_route *route = judgement->route;
	const struct netstack *stack = route->stack;

	if (stack->shutdown)
		return judge(judgement, VERDICT_PENDING, "the stack is shut down");
	if (netstack_is_renamed(stack, netstack_kernel_inside_name(stack)))
		return judge(judgement, VERDICT_PENDING, "the stack is being renamed");
	if (!netstack_zebra_connected())
		return judge(judgement, VERDICT_PENDING, "zebra is not connected");
	if (!netstack_zebra_has_vrf(stack))
		return judge(judgement, VERDICT_PENDING, "VRF %s is not known to zebra yet",
			     netstack_vrf_name(stack));
	if (route->prefix.family == AF_INET6 && stack->ipv6_disable)
		return judge(judgement, VERDICT_PENDING, "IPv6 is disabled in this stack");
	return VERDICT_USABLE;
}

/* The interface that is named at the next hop. */
static enum verdict judge_interface(struct judgement *judgement)
{
	const struct netstack_route *route = judgement->route;
	const struct netstack_link *link = netstack_place_link(route->stack, route->ifname);

	if (!link)
		return judge(judgement, VERDICT_PENDING, "interface %s does not exist",
			     route->ifname);
	if (!netstack_place_has(route->stack, link))
		return judge(judgement, VERDICT_PENDING, "interface %s is not in this stack",
			     route->ifname);
	if (!link_is_running(link))
		return judge(judgement, VERDICT_UNREACHABLE, "interface %s is down", route->ifname);
	judgement->ifindex = link->ifindex;
	return VERDICT_USABLE;
}

/* What zebra's next-hop tracking says. */
static enum verdict judge_tracking(struct judgement *judgement, bool in_subnet)
{
	const struct netstack_route *route = judgement->route;
	const struct tracked *tracked =
		route->stack->rib ? find_tracked(route->stack->rib, &route->gate) : NULL;

	if (!tracked || !tracked->answered)
		return judge(judgement, VERDICT_WAITING,
			     "waiting for zebra's next-hop tracking of %pIA", &route->gate);
	if (in_subnet && tracked->reachable && !tracked->connected &&
	    tracked->ask_again < ASK_CONNECTED)
		return judge(judgement, VERDICT_WAITING,
			     "waiting for zebra to know the subnet of %pIA", &route->gate);
	if (tracked->reachable)
		return VERDICT_USABLE;
	if (in_subnet)
		return judge(judgement, VERDICT_UNREACHABLE, "zebra cannot resolve %pIA",
			     &route->gate);
	return judge(judgement, VERDICT_PENDING,
		     "%pIA is in no subnet of this stack, and no route leads to it", &route->gate);
}

static enum verdict judge_gateway(struct judgement *judgement)
{
	const struct netstack_route *route = judgement->route;
	struct subnet_search search = {
		.stack = route->stack,
		.gate = &route->gate,
		.ifname = route->ifname,
	};

	if (IS_IPADDR_V6(&route->gate) && IN6_IS_ADDR_LINKLOCAL(&route->gate.ipaddr_v6))
		return VERDICT_USABLE; /* with an interface, which was judged already */
	search_subnet(&search);
	if (search.is_own)
		return judge(judgement, VERDICT_PENDING, "%pIA is an address of this stack itself",
			     &route->gate);
	if (search.up) {
		judgement->ifindex = search.up->ifindex;
		judgement->on_link = true;
		return judge_tracking(judgement, true);
	}
	if (search.down)
		return judge(judgement, VERDICT_UNREACHABLE, "interface %s is down",
			     search.down->name);
	if (route->ifname[0])
		return judge(judgement, VERDICT_PENDING, "%pIA is in no subnet of interface %s",
			     &route->gate, route->ifname);
	if (route->is_gateway)
		return judge(judgement, VERDICT_PENDING, "%pIA is in no subnet of this stack",
			     &route->gate);
	return judge_tracking(judgement, false);
}

/* All but what its tracker says. */
static enum verdict judge_next_hop(struct judgement *judgement)
{
	const struct netstack_route *route = judgement->route;
	enum verdict verdict = judge_stack(judgement);

	if (verdict == VERDICT_USABLE && route->ifname[0])
		verdict = judge_interface(judgement);
	if (verdict == VERDICT_USABLE && route->type == NETSTACK_NEXTHOP_GATEWAY)
		verdict = judge_gateway(judgement);
	return verdict;
}

/* Has the kernel's route this next hop?  True as well if not all of its next hops are known. */
static bool fib_route_has(const struct netstack_fib_route *fib, const struct judgement *judgement)
{
	if (fib->nexthop_count > NETSTACK_FIB_NEXTHOPS_KEPT)
		return true;
	for (uint16_t i = 0; i < fib->nexthop_count; i++)
		if (ipaddr_is_same(&fib->nexthops[i].gate, &judgement->route->gate) &&
		    (!judgement->ifindex || fib->nexthops[i].ifindex == judgement->ifindex))
			return true;
	return false;
}

/*
 * zebra kept a route for us over a restart, and it goes by other next hops: this one was down, or
 * stood by.  Until its tracker knows, what is in the kernel stays.
 */
static bool is_doubtful(const struct judgement *judgement)
{
	const struct netstack_route *route = judgement->route;
	const struct netstack_fib_table *table = netstack_place_fib(route->stack);
	struct netstack_fib_route key = { .prefix = route->prefix };
	const struct netstack_rib *rib = route->stack->rib;
	const struct netstack_fib_route *fib;
	const struct rib_entry *entry;
	bool doubtful = false;

	if (!rib || rib->complete || !table || !netstack_gateway_is_unknown(route) ||
	    monotime_since(&rib->entered, NULL) >= DOUBT_MSEC * 1000)
		return false;
	entry = find_entry(rib, &route->prefix);
	if (entry && entry->sent && !entry->kept)
		return false;
	for (fib = netstack_fib_routes_const_find_gteq(&table->routes, &key);
	     fib && prefix_same(&fib->prefix, &route->prefix);
	     fib = netstack_fib_routes_const_next(&table->routes, fib)) {
		if (fib->proto != RTPROT_ZEBRA && fib->proto != NETSTACK_RTPROT_ZSTATIC)
			continue;
		if (fib_route_has(fib, judgement))
			return false;
		doubtful = true;
	}
	return doubtful;
}

static enum verdict judge_route(struct judgement *judgement)
{
	enum verdict verdict = judge_next_hop(judgement);

	if (verdict != VERDICT_USABLE)
		return verdict;
	if (!netstack_gateway_is_usable(judgement->route, judgement->reason, judgement->len))
		return VERDICT_UNREACHABLE;
	if (is_doubtful(judgement))
		return judge(judgement, VERDICT_WAITING,
			     "it was not in use before the restart, and has not answered yet");
	return VERDICT_USABLE;
}

/* ------------------------------------------------------------------------------------------
 * Tracking
 */

static enum netstack_gateway_place place_of(const struct judgement *judgement, enum verdict verdict)
{
	if (verdict == VERDICT_PENDING)
		return NETSTACK_GATEWAY_NOWHERE;
	if (judgement->ifindex)
		return NETSTACK_GATEWAY_ON_LINK;
	if (verdict == VERDICT_UNREACHABLE)
		return NETSTACK_GATEWAY_LINK_DOWN;
	return verdict == VERDICT_USABLE ? NETSTACK_GATEWAY_ROUTED : NETSTACK_GATEWAY_NOWHERE;
}

/* Trackers are told where their next hops are. */
static void follow_next_hops(struct netstack_rib *rib)
{
	const struct netstack_route *route;

	netstack_gateway_mark(rib->stack);
	frr_each (netstack_routes_const, &rib->stack->routes, route) {
		struct judgement judgement = { .route = route };
		enum verdict verdict;

		if (!route->track.kind)
			continue;
		verdict = judge_next_hop(&judgement);
		netstack_gateway_follow(route, rib->vrf_id, place_of(&judgement, verdict),
					judgement.ifindex);
	}
	netstack_gateway_sweep(rib->stack);
}

/* ------------------------------------------------------------------------------------------
 * Routes
 */

static bool is_tracked_type(const struct netstack_route *route)
{
	return route->type == NETSTACK_NEXTHOP_GATEWAY &&
	       !(IS_IPADDR_V6(&route->gate) && IN6_IS_ADDR_LINKLOCAL(&route->gate.ipaddr_v6));
}

/* A route that is being put together. */
struct candidate {
	struct prefix prefix;
	uint8_t distance;
	uint16_t count;
	struct sent_nexthop nexthops[MULTIPATH_NUM];
};

/*
 * zebra resolves a next hop that is in no subnet when the route is sent, and does not look again
 * when the way to it changes: the route has to be sent again then.
 */
static uint32_t resolution(const struct judgement *judgement)
{
	const struct netstack_route *route = judgement->route;
	const struct tracked *tracked;

	if (judgement->ifindex || !is_tracked_type(route))
		return 0;
	tracked = find_tracked(route->stack->rib, &route->gate);
	return tracked ? tracked->answers : 0;
}

static void add_nexthop(struct candidate *candidate, const struct judgement *judgement)
{
	const struct netstack_route *route = judgement->route;
	struct sent_nexthop *nexthop;

	if (route->distance > candidate->distance)
		return;
	if (route->distance < candidate->distance) {
		candidate->distance = route->distance;
		candidate->count = 0;
	}
	if (candidate->count == ecmp_max || candidate->count == array_size(candidate->nexthops))
		return;
	nexthop = &candidate->nexthops[candidate->count++];
	memset(nexthop, 0, sizeof(*nexthop));
	nexthop->gate = route->gate;
	nexthop->ifindex = judgement->ifindex;
	nexthop->vrf_id = route->stack->rib->vrf_id;
	nexthop->resolution = resolution(judgement);
	if (route->type == NETSTACK_NEXTHOP_BLACKHOLE)
		nexthop->bh_type = BLACKHOLE_NULL;
	else if (route->type == NETSTACK_NEXTHOP_UNREACHABLE)
		nexthop->bh_type = BLACKHOLE_REJECT;
	if (nexthop->bh_type)
		nexthop->type = NEXTHOP_TYPE_BLACKHOLE;
	else if (IS_IPADDR_V4(&route->gate))
		nexthop->type = nexthop->ifindex ? NEXTHOP_TYPE_IPV4_IFINDEX : NEXTHOP_TYPE_IPV4;
	else
		nexthop->type = nexthop->ifindex ? NEXTHOP_TYPE_IPV6_IFINDEX : NEXTHOP_TYPE_IPV6;
}

static void encode_nexthop(struct zapi_nexthop *api, const struct sent_nexthop *nexthop,
			   vrf_id_t vrf_id)
{
	api->type = nexthop->type;
	api->vrf_id = vrf_id;
	api->ifindex = nexthop->ifindex;
	if (nexthop->type == NEXTHOP_TYPE_BLACKHOLE)
		api->bh_type = nexthop->bh_type;
	else if (IS_IPADDR_V4(&nexthop->gate))
		api->gate.ipv4 = nexthop->gate.ipaddr_v4;
	else if (IS_IPADDR_V6(&nexthop->gate))
		api->gate.ipv6 = nexthop->gate.ipaddr_v6;
	if (nexthop->type != NEXTHOP_TYPE_BLACKHOLE)
		api->vrf_id = nexthop->vrf_id;
}

static void send_route_as(const struct netstack_rib *rib, const struct rib_entry *entry, bool add,
			  unsigned short instance)
{
	static struct zapi_route api; /* 100 kB and more: not on the stack */

	memset(&api, 0, offsetof(struct zapi_route, nexthops));
	memset(&api.nexthops, 0, sizeof(api.nexthops[0]) * entry->nexthop_count);
	api.backup_nexthop_num = 0;
	api.nhgid = 0;
	api.metric = 0;
	api.tag = 0;
	api.mtu = 0;
	api.tableid = 0;
	api.opaque.length = 0;
	api.vrf_id = rib->vrf_id;
	api.type = ZEBRA_ROUTE_STATIC;
	api.instance = instance;
	api.safi = SAFI_UNICAST;
	api.prefix = entry->prefix;
	SET_FLAG(api.flags, ZEBRA_FLAG_ALLOW_RECURSION);
	SET_FLAG(api.message, ZAPI_MESSAGE_DISTANCE);
	api.distance = entry->distance;
	if (add) {
		SET_FLAG(api.message, ZAPI_MESSAGE_NEXTHOP);
		api.nexthop_num = entry->nexthop_count;
		for (uint16_t i = 0; i < entry->nexthop_count; i++)
			encode_nexthop(&api.nexthops[i], &entry->nexthops[i], rib->vrf_id);
	}
	DEBUGD(&netstack_dbg_zebra, "netstack %s: %s route %pFX, distance %u, %u next hops",
	       rib->stack->name, add ? "send" : "withdraw", &entry->prefix, entry->distance,
	       entry->nexthop_count);
	zclient_route_send(add ? ZEBRA_ROUTE_ADD : ZEBRA_ROUTE_DELETE, zclient, &api);
}

static void send_route(const struct netstack_rib *rib, const struct rib_entry *entry, bool add)
{
	send_route_as(rib, entry, add, NETSTACK_ZEBRA_INSTANCE);
}

/* Is the kernel's route one of zebra's, and the one that was sent? */
static bool is_route_of(const struct netstack_fib_route *route, const struct rib_entry *entry)
{
	uint16_t count = MIN(route->nexthop_count, NETSTACK_FIB_NEXTHOPS_KEPT);

	if (route->proto != RTPROT_ZEBRA && route->proto != NETSTACK_RTPROT_ZSTATIC)
		return false;
	if (entry->nexthops[0].type == NEXTHOP_TYPE_BLACKHOLE)
		return route->type != RTN_UNICAST;
	if (route->type != RTN_UNICAST || route->nexthop_count != entry->nexthop_count)
		return false;
	for (uint16_t i = 0; i < count; i++) {
		bool found = false;

		for (uint16_t j = 0; j < entry->nexthop_count && !found; j++)
			found = !entry->nexthops[j].ifindex ||
				(entry->nexthops[j].ifindex == route->nexthops[i].ifindex &&
				 ipaddr_is_same(&entry->nexthops[j].gate,
						&route->nexthops[i].gate));
		if (!found)
			return false;
	}
	return true;
}

/* Does the kernel have a route of zebra's, from us or from staticd, with this prefix? */
static bool prefix_in_fib(const struct netstack_fib_table *table, const struct prefix *prefix)
{
	struct netstack_fib_route key = { .prefix = *prefix };
	const struct netstack_fib_route *route;

	for (route = netstack_fib_routes_const_find_gteq(&table->routes, &key);
	     route && prefix_same(&route->prefix, prefix);
	     route = netstack_fib_routes_const_next(&table->routes, route))
		if (route->proto == RTPROT_ZEBRA || route->proto == NETSTACK_RTPROT_ZSTATIC)
			return true;
	return false;
}

/* Is the route in the kernel; with `same`, with the very next hops that were sent? */
static bool is_in_fib(const struct netstack_fib_table *table, const struct rib_entry *entry,
		      bool same)
{
	struct netstack_fib_route key = { .prefix = entry->prefix };
	const struct netstack_fib_route *route;

	if (!same)
		return prefix_in_fib(table, &entry->prefix);
	for (route = netstack_fib_routes_const_find_gteq(&table->routes, &key);
	     route && prefix_same(&route->prefix, &entry->prefix);
	     route = netstack_fib_routes_const_next(&table->routes, route))
		if (is_route_of(route, entry))
			return true;
	return false;
}

/* A route of the same prefix in the kernel that is neither ours nor the unreachable default. */
static const struct netstack_fib_route *find_rival(const struct netstack_fib_table *table,
						   const struct rib_entry *entry)
{
	struct netstack_fib_route key = { .prefix = entry->prefix };
	const struct netstack_fib_route *route;

	for (route = netstack_fib_routes_const_find_gteq(&table->routes, &key);
	     route && prefix_same(&route->prefix, &entry->prefix);
	     route = netstack_fib_routes_const_next(&table->routes, route))
		if (route->proto != NETSTACK_PROTO && !is_route_of(route, entry))
			return route;
	return NULL;
}

/*
 * A zebra that died takes the routes that it finds in the kernel when it is back for staticd's
 * (instance 0), prefers them to ours, and never lets go of them (doc/developer/upstream.md).  One
 * with our very next hops is a ghost of ours.
 */
static void lay_ghost(const struct netstack_rib *rib, const struct rib_entry *entry)
{
	const struct netstack_fib_table *table = netstack_place_fib(rib->stack);

	if (table && is_in_fib(table, entry, true))
		send_route_as(rib, entry, false, 0);
}

static const struct selected_default *find_default(const struct netstack_rib *rib,
						   const struct prefix *prefix)
{
	return &rib->defaults[prefix->family == AF_INET6];
}

/* zebra does not tell us when a route of staticd's is better: to it, they are of one kind. */
static bool is_default_of_staticd(const struct netstack_rib *rib, const struct rib_entry *entry)
{
	const struct selected_default *selected = find_default(rib, &entry->prefix);

	return !entry->prefix.prefixlen && selected->known && !selected->is_ours &&
	       selected->type == ZEBRA_ROUTE_STATIC;
}

/*
 * zebra says that another route is better, and there is one.  It says so as well when a next hop
 * is inactive for a moment, as the unreachable default has the prefix then.
 */
static bool is_beaten(const struct netstack_rib *rib, const struct rib_entry *entry)
{
	const struct netstack_fib_table *table = netstack_place_fib(rib->stack);

	if (entry->note != NOTE_BETTER_WON && !is_default_of_staticd(rib, entry))
		return false;
	return !table || find_rival(table, entry);
}

/* zebra kept the route over a restart of ours, as it was asked to. */
static bool is_kept(const struct netstack_rib *rib, const struct rib_entry *entry)
{
	const struct netstack_fib_table *table = netstack_place_fib(rib->stack);

	return !rib->complete && table && is_in_fib(table, entry, true);
}

static void withdraw_entry(struct netstack_rib *rib, struct rib_entry *entry)
{
	if (!entry->sent)
		return;
	send_route(rib, entry, false);
	entry->sent = false;
	entry->withdrawn = true;
	entry->silent = entry->note != NOTE_INSTALLED;
	monotime(&entry->sent_at);
	entry->note = NOTE_NONE;
	entry->deleted = false;
	memset(&entry->missing, 0, sizeof(entry->missing));
}

static bool same_route(const struct rib_entry *entry, const struct candidate *candidate)
{
	return entry->sent && entry->distance == candidate->distance &&
	       entry->nexthop_count == candidate->count &&
	       !memcmp(entry->nexthops, candidate->nexthops,
		       candidate->count * sizeof(candidate->nexthops[0]));
}

/*
 * How many further routes the stack's limit allows for.  What was sent and is not in the kernel yet
 * takes room, unless the kernel has another route in its place.
 */
static uint32_t count_room(const struct netstack_rib *rib)
{
	const struct netstack_fib_table *table = netstack_place_fib(rib->stack);
	uint32_t max = netstack_limit_enforced(rib->stack, NETSTACK_LIMIT_ROUTES);
	const struct rib_entry *entry;
	uint32_t use;

	if (!max)
		return UINT32_MAX;
	use = netstack_limit_use(rib->stack, NETSTACK_LIMIT_ROUTES);
	frr_each (rib_entries_const, &rib->entries, entry)
		if (entry->sent && !is_beaten(rib, entry) &&
		    (!table || !prefix_in_fib(table, &entry->prefix)))
			use++;
	return use < max ? max - use : 0;
}

/*
 * May it be sent?  What zebra has got stays, and what the kernel has, as after a restart, takes no
 * further room.  Those before it in the order of the configuration have taken theirs.
 */
static bool has_room(struct netstack_rib *rib, const struct candidate *candidate)
{
	const struct netstack_fib_table *table = netstack_place_fib(rib->stack);
	const struct rib_entry *entry = find_entry(rib, &candidate->prefix);

	if (rib->room == UINT32_MAX || (entry && entry->sent) ||
	    (table && prefix_in_fib(table, &candidate->prefix)))
		return true;
	if (!rib->room)
		return false;
	rib->room--;
	return true;
}

/* Sends the candidate if it is not what zebra has; one without next hops is a withdrawal. */
static void publish(struct netstack_rib *rib, const struct candidate *candidate)
{
	struct rib_entry *entry = find_entry(rib, &candidate->prefix);
	size_t size = candidate->count * sizeof(candidate->nexthops[0]);

	if (!candidate->count) {
		if (entry)
			withdraw_entry(rib, entry);
		return;
	}
	if (!has_room(rib, candidate)) {
		rib->refused++;
		return;
	}
	entry = get_entry(rib, &candidate->prefix);
	entry->wanted = true;
	if (same_route(entry, candidate))
		return;
	entry->distance = candidate->distance;
	entry->nexthop_count = candidate->count;
	entry->nexthops = XREALLOC(MTYPE_NETSTACK_RIB_ENTRY, entry->nexthops, size);
	memcpy(entry->nexthops, candidate->nexthops, size);
	entry->kept = is_kept(rib, entry);
	entry->sent = true;
	monotime(&entry->sent_at);
	entry->resend = RESEND_FIRST;
	entry->withdrawn = false;
	entry->note = NOTE_NONE;
	entry->deleted = false;
	memset(&entry->missing, 0, sizeof(entry->missing));
	send_route(rib, entry, true);
	if (entry->kept)
		lay_ghost(rib, entry);
}

/*
 * Resolved as a next hop in a subnet has to be.  zebra reads the kernel's own route of a subnet
 * before it knows the address, and a route that is resolved by that one gets other next hops
 * (onlink) or none.
 */
static bool is_resolved(const struct tracked *tracked)
{
	return !tracked->answered ||
	       (tracked->reachable && (tracked->connected || tracked->ask_again >= ASK_CONNECTED));
}

/* Adds the next hops of a prefix: those typed as default-gateway, or those typed as route. */
static void collect(struct netstack_rib *rib, const struct prefix *prefix, bool is_gateway,
		    struct candidate *candidate, bool *waiting)
{
	struct netstack_route key = { .is_gateway = is_gateway, .prefix = *prefix };
	const struct netstack *stack = rib->stack;
	const struct netstack_route *route;

	for (route = netstack_routes_const_find_gteq(&stack->routes, &key);
	     route && route->is_gateway == is_gateway && prefix_same(&route->prefix, prefix);
	     route = netstack_routes_const_next(&stack->routes, route)) {
		struct judgement judgement = { .route = route };
		struct tracked *tracked = is_tracked_type(route) ? track(rib, &route->gate) : NULL;
		enum verdict verdict = judge_route(&judgement);

		if (tracked)
			tracked->doubtful = judgement.on_link && !is_resolved(tracked);
		if (verdict == VERDICT_WAITING)
			*waiting = true;
		else if (verdict == VERDICT_USABLE)
			add_nexthop(candidate, &judgement);
	}
}

/* ------------------------------------------------------------------------------------------
 * Leaked routes
 */

static bool is_leaked(const struct netstack_rib *rib, const struct rib_entry *entry)
{
	return entry->sent && entry->nexthop_count && entry->nexthops[0].vrf_id != rib->vrf_id;
}

bool netstack_zebra_is_leaked(const struct netstack *stack, const struct prefix *prefix)
{
	const struct rib_entry *entry = stack->rib ? find_entry(stack->rib, prefix) : NULL;

	return entry && is_leaked(stack->rib, entry);
}

static struct sent_nexthop *leaked_nexthop(struct candidate *candidate,
					   const struct netstack *source)
{
	struct sent_nexthop *nexthop = &candidate->nexthops[candidate->count++];

	memset(nexthop, 0, sizeof(*nexthop));
	nexthop->vrf_id = zebra_vrf_id(source); /* it may not have been dealt with yet */
	return nexthop;
}

static void leak_blackhole(struct candidate *candidate, const struct netstack *source, uint8_t type)
{
	struct sent_nexthop *nexthop = leaked_nexthop(candidate, source);

	nexthop->type = NEXTHOP_TYPE_BLACKHOLE;
	if (type == RTN_BLACKHOLE)
		nexthop->bh_type = BLACKHOLE_NULL;
	else if (type == RTN_PROHIBIT)
		nexthop->bh_type = BLACKHOLE_ADMINPROHIB;
	else
		nexthop->bh_type = BLACKHOLE_REJECT;
}

/* By the VRF device, the kernel looks the destination up once more, in the source's table. */
static void leak_subnet(struct candidate *candidate, const struct netstack *source, int ifindex)
{
	const struct netstack_link *vrf = netstack_vrf_link(netstack_observed(), source);
	struct sent_nexthop *nexthop;

	if (!source->is_default && !vrf)
		return;
	nexthop = leaked_nexthop(candidate, source);
	nexthop->type = NEXTHOP_TYPE_IFINDEX;
	nexthop->ifindex = source->is_default ? ifindex : vrf->ifindex;
}

static void leak_gateway(struct candidate *candidate, const struct netstack *source,
			 const struct netstack_fib_nexthop *hop)
{
	struct sent_nexthop *nexthop = leaked_nexthop(candidate, source);

	nexthop->gate = hop->gate;
	nexthop->ifindex = hop->ifindex;
	nexthop->type =
		IS_IPADDR_V4(&hop->gate) ? NEXTHOP_TYPE_IPV4_IFINDEX : NEXTHOP_TYPE_IPV6_IFINDEX;
}

/* What leaks into the stack comes after what is configured in it. */
static void add_leaked(const struct netstack_rib *rib, struct candidate *candidate)
{
	const struct netstack_leaked_route *route;
	const struct netstack *source;

	if (candidate->count && candidate->distance <= NETSTACK_LEAK_DISTANCE)
		return;
	route = netstack_leak_find(rib->stack, &candidate->prefix, &source);
	if (!route || !netstack_zebra_has_vrf(source))
		return;
	candidate->distance = NETSTACK_LEAK_DISTANCE;
	candidate->count = 0;
	if (route->type != RTN_UNICAST) {
		leak_blackhole(candidate, source, route->type);
		return;
	}
	for (int i = 0; i < route->nexthop_count && candidate->count < ecmp_max; i++) {
		if (!IS_IPADDR_NONE(&route->nexthops[i].gate))
			leak_gateway(candidate, source, &route->nexthops[i]);
		else if (!candidate->count)
			leak_subnet(candidate, source, route->nexthops[i].ifindex);
	}
}

/* Those of prefixes that nothing is configured for. */
static void publish_leaked(const struct netstack_leaked_route *route, const struct netstack *source,
			   void *arg)
{
	struct netstack_rib *rib = arg;
	const struct rib_entry *entry = find_entry(rib, &route->prefix);
	static struct candidate candidate; /* 256 next hops: not on the stack */

	if (entry && entry->wanted)
		return;
	candidate.prefix = route->prefix;
	candidate.count = 0;
	add_leaked(rib, &candidate);
	publish(rib, &candidate);
}

/*
 * Gateways and routes of a prefix stand apart in the order (netstack_route_cmp): a
 * `default-gateway` and a `route 0.0.0.0/0` meet here.
 */
static void publish_all(struct netstack_rib *rib, bool *waiting)
{
	static struct candidate candidate; /* 256 next hops: not on the stack */
	const struct netstack_route *route;
	struct prefix last = {};

	frr_each (netstack_routes_const, &rib->stack->routes, route) {
		if (prefix_same(&route->prefix, &last))
			continue;
		last = route->prefix;
		candidate.prefix = route->prefix;
		candidate.count = 0;
		candidate.distance = UINT8_MAX;
		if (!route->prefix.prefixlen)
			collect(rib, &route->prefix, true, &candidate, waiting);
		collect(rib, &route->prefix, false, &candidate, waiting);
		add_leaked(rib, &candidate);
		publish(rib, &candidate);
	}
	netstack_leak_each(rib->stack, publish_leaked, rib);
}

static void withdraw_unwanted(struct netstack_rib *rib)
{
	struct rib_entry *entry;

	frr_each (rib_entries, &rib->entries, entry)
		if (!entry->wanted)
			withdraw_entry(rib, entry);
}

/* ------------------------------------------------------------------------------------------
 * Default routes of others
 *
 * What carries traffic is what the kernel has. zebra alone knows at which distance that is, and
 * tells OSPFv2 from OSPFv3.
 */

static void follow_defaults(struct netstack_rib *rib, bool on)
{
	int command = on ? ZEBRA_REDISTRIBUTE_DEFAULT_ADD : ZEBRA_REDISTRIBUTE_DEFAULT_DELETE;

	if (rib->follows_defaults == on)
		return;
	rib->follows_defaults = on;
	zebra_redistribute_default_send(command, zclient, AFI_IP, rib->vrf_id);
	zebra_redistribute_default_send(command, zclient, AFI_IP6, rib->vrf_id);
}

static int default_selected(ZAPI_CALLBACK_ARGS)
{
	struct netstack *stack = stack_of_vrf_id(vrf_id);
	static struct zapi_route api; /* 100 kB and more: not on the stack */
	struct selected_default *selected;

	if (zapi_route_decode(zclient->ibuf, &api) < 0)
		return -1;
	if (!stack || api.prefix.prefixlen || CHECK_FLAG(api.message, ZAPI_MESSAGE_SRCPFX))
		return 0;
	selected = &stack->rib->defaults[api.prefix.family == AF_INET6];
	selected->known = cmd == ZEBRA_REDISTRIBUTE_ROUTE_ADD;
	selected->type = api.type;
	selected->distance = api.distance;
	selected->is_ours = api.type == ZEBRA_ROUTE_STATIC &&
			    api.instance == NETSTACK_ZEBRA_INSTANCE;
	DEBUGD(&netstack_dbg_zebra, "netstack %s: %pFX is %s %s, distance %u", stack->name,
	       &api.prefix, selected->known ? "of" : "no longer of", zebra_route_string(api.type),
	       api.distance);
	if (find_entry(stack->rib, &api.prefix))
		netstack_mark_dirty(stack);
	return 0;
}

/* Is it the one that the kernel has?  The kernel has one number for all that OSPF has learned. */
static bool is_selected(const struct selected_default *selected,
			const struct netstack_fib_route *route)
{
	char protocol[16];
	int type;

	netstack_protocol_name(route->proto, protocol, sizeof(protocol));
	type = proto_name2num(protocol);
	if (!selected->known)
		return false;
	return selected->type == type ||
	       (selected->type == ZEBRA_ROUTE_OSPF6 && type == ZEBRA_ROUTE_OSPF) ||
	       (selected->type == ZEBRA_ROUTE_KERNEL && type < 0);
}

/* The stack that a route of ours has leaked from; NULL: it is not such a route. */
static const struct netstack *leaked_from(const struct netstack *stack,
					  const struct netstack_fib_route *route)
{
	const struct netstack *source;

	if (route->proto != NETSTACK_RTPROT_ZSTATIC ||
	    !netstack_zebra_is_leaked(stack, &route->prefix) ||
	    !netstack_leak_find(stack, &route->prefix, &source))
		return NULL;
	return source;
}

bool netstack_zebra_default(const struct netstack *stack, const struct netstack_fib_route *route,
			    struct netstack_zebra_default *origin)
{
	static const struct selected_default unknown;
	const struct selected_default *selected =
		stack->rib ? find_default(stack->rib, &route->prefix) : &unknown;
	const struct netstack *source = leaked_from(stack, route);

	if (source) {
		origin->distance = NETSTACK_LEAK_DISTANCE;
		strlcpy(origin->protocol, "leak", sizeof(origin->protocol));
		snprintf(origin->reason, sizeof(origin->reason), "leaks from %s", source->name);
		return true;
	}
	origin->distance = is_selected(selected, route) ? selected->distance : -1;
	if (origin->distance >= 0 && selected->type != ZEBRA_ROUTE_KERNEL)
		strlcpy(origin->protocol, zebra_route_string(selected->type),
			sizeof(origin->protocol));
	else
		netstack_protocol_name(route->proto, origin->protocol, sizeof(origin->protocol));
	snprintf(origin->reason, sizeof(origin->reason), "route of %s", origin->protocol);
	return origin->distance < 0 || !selected->is_ours;
}

/* ------------------------------------------------------------------------------------------
 * Graceful restart
 */

static void send_capability(const struct netstack_rib *rib, enum zserv_client_capabilities cap,
			    afi_t afi)
{
	struct zapi_cap api = {
		.cap = cap,
		.stale_removal_time = STALE_TIME,
		.afi = afi,
		.safi = SAFI_UNICAST,
		.vrf_id = rib->vrf_id,
	};

	zclient_capabilities_send(ZEBRA_CLIENT_CAPABILITIES, zclient, &api);
}

static void ask_for_graceful_restart(struct netstack_rib *rib)
{
	if (rib->graceful)
		return;
	rib->graceful = true;
	send_capability(rib, ZEBRA_CLIENT_GR_CAPABILITIES, AFI_IP);
}

/* zebra keeps a record for each VRF that was ever named: this one is going. */
static void end_graceful_restart(struct netstack_rib *rib)
{
	if (!rib->graceful)
		return;
	rib->graceful = false;
	send_capability(rib, ZEBRA_CLIENT_GR_DISABLE, AFI_IP);
}

/* All that the configuration asks for has been sent: zebra may drop what it kept beyond that. */
static void tell_complete(struct netstack_rib *rib)
{
	if (rib->complete || !config_was_read)
		return;
	rib->complete = true;
	send_capability(rib, ZEBRA_CLIENT_ROUTE_UPDATE_COMPLETE, AFI_IP);
	send_capability(rib, ZEBRA_CLIENT_ROUTE_UPDATE_COMPLETE, AFI_IP6);
}

void netstack_zebra_config_read(void)
{
	config_was_read = true;
}

/* ------------------------------------------------------------------------------------------
 * What zebra calls installed has to be in the kernel
 */

static void check_fib_again(struct event *event)
{
	netstack_mark_dirty(EVENT_ARG(event));
}

/* Withdrawn first: zebra takes a route that it has already for no change. */
static void resend(struct netstack_rib *rib, struct rib_entry *entry)
{
	send_route(rib, entry, false);
	send_route(rib, entry, true);
	monotime(&entry->sent_at);
}

/*
 * zebra puts routes back that others delete; if it does not within the grace, they are sent
 * again.  Returns in how many milliseconds to look again; 0: all is well.
 */
static unsigned int check_installed(struct netstack_rib *rib, struct rib_entry *entry,
				    const struct netstack_fib_table *table)
{
	entry->resend = RESEND_FIRST;
	if (entry->deleted)
		netstack_log_repair(rib->stack, "route %pFX was deleted from the kernel",
				    &entry->prefix);
	entry->deleted = false;
	if (!table || !table->synced || is_in_fib(table, entry, false)) {
		memset(&entry->missing, 0, sizeof(entry->missing));
		return 0;
	}
	if (!timerisset(&entry->missing)) {
		monotime(&entry->missing);
	} else if (monotime_since(&entry->missing, NULL) >= FIB_GRACE * 1000) {
		netstack_log_repair(rib->stack, "send route %pFX to zebra again", &entry->prefix);
		resend(rib, entry);
		monotime(&entry->missing);
	}
	return FIB_GRACE;
}

/*
 * zebra 10.3 does not always say that it could not install a route, and never tries again
 * (doc/developer/upstream.md).
 */
static unsigned int check_not_installed(struct netstack_rib *rib, struct rib_entry *entry,
					const struct netstack_fib_table *table)
{
	int64_t age = monotime_since(&entry->sent_at, NULL) / 1000;

	/* zebra has nothing to say of a route that it had, and that stays as it is */
	if (entry->kept && entry->note == NOTE_NONE && table && is_in_fib(table, entry, true)) {
		entry->note = NOTE_INSTALLED;
		return 0;
	}
	if (may_be_on_its_way(age, entry->resend))
		return until_lost(age, entry->resend);
	DEBUGD(&netstack_dbg_zebra, "netstack %s: %pFX is not installed after %u ms, send it again",
	       rib->stack->name, &entry->prefix, entry->resend);
	lay_ghost(rib, entry);
	resend(rib, entry);
	entry->resend = MIN(2 * entry->resend, RESEND_MAX);
	return entry->resend;
}

/*
 * A route that was withdrawn before zebra came to install it: there is no confirmation of that.
 * It is gone if the kernel does not have it some time later.
 */
static unsigned int check_withdrawn(struct netstack_rib *rib, struct rib_entry *entry,
				    const struct netstack_fib_table *table)
{
	int64_t age = monotime_since(&entry->sent_at, NULL) / 1000;

	if (!entry->withdrawn || !entry->silent)
		return 0;
	if (age < WITHDRAW_SILENT)
		return WITHDRAW_SILENT - age;
	if (table && table->synced && is_in_fib(table, entry, false))
		return FIB_GRACE;
	free_entry(rib, entry);
	return 0;
}

void netstack_zebra_route_deleted(struct netstack *stack, const struct prefix *prefix)
{
	struct rib_entry *entry = stack->rib ? find_entry(stack->rib, prefix) : NULL;

	/* logged when it turns out that nobody of us wanted it (check_installed) */
	if (entry && entry->sent && entry->note == NOTE_INSTALLED) {
		entry->deleted = true;
		netstack_mark_dirty(stack);
	}
}

/* What was sent has to be in the kernel: look after it, and come back as long as it is not. */
static void check_fib(struct netstack_rib *rib)
{
	const struct netstack_fib_table *table = netstack_place_fib(rib->stack);
	unsigned int again = 0, msec;
	struct tracked *tracked;
	struct rib_entry *entry;

	frr_each (tracked_nexthops, &rib->tracked, tracked) {
		msec = check_tracked(rib, tracked);
		if (msec && (!again || msec < again))
			again = msec;
	}
	frr_each_safe (rib_entries, &rib->entries, entry) {
		if (entry->sent && is_beaten(rib, entry))
			continue;
		if (!entry->sent)
			msec = check_withdrawn(rib, entry, table);
		else if (entry->note == NOTE_INSTALLED)
			msec = check_installed(rib, entry, table);
		else
			msec = check_not_installed(rib, entry, table);
		if (msec && (!again || msec < again))
			again = msec;
	}
	EVENT_OFF(rib->t_fib);
	if (again)
		event_add_timer_msec(master, check_fib_again, rib->stack, again + 1, &rib->t_fib);
}

/* ------------------------------------------------------------------------------------------
 * A stack, as a whole
 */

void netstack_zebra_update(struct netstack *stack)
{
	struct netstack_rib *rib = rib_get(stack);
	vrf_id_t vrf_id = zebra_vrf_id(stack);
	struct rib_entry *entry;
	struct tracked *tracked;
	bool waiting = false;

	if (rib->vrf_id != vrf_id) {
		rib_reset(rib);
		rib_enter_vrf(rib, vrf_id);
	}
	if (vrf_id == VRF_UNKNOWN) {
		/* trackers go on: what is down stays down when zebra, or the VRF, is back */
		if (stack->shutdown || !stack->configured)
			netstack_gateway_forget(stack);
		return;
	}
	if (stack->configured) {
		ask_for_graceful_restart(rib);
		follow_defaults(rib, true);
	}
	frr_each (rib_entries, &rib->entries, entry)
		entry->wanted = false;
	frr_each (tracked_nexthops, &rib->tracked, tracked)
		tracked->wanted = false;
	follow_next_hops(rib);
	rib->refused = 0;
	rib->room = count_room(rib);
	if (!netstack_leak_refresh(stack))
		waiting = true;
	publish_all(rib, &waiting);
	withdraw_unwanted(rib);
	untrack_unwanted(rib);
	if (!stack->configured && !rib_entries_count(&rib->entries)) {
		end_graceful_restart(rib);
		follow_defaults(rib, false);
	} else if (!waiting)
		tell_complete(rib);
	check_fib(rib);
}

/* Which route carries the traffic instead: "bgp has a route of lower distance, via 10.0.0.2". */
static void describe_rival(const struct rib_entry *entry, const struct netstack_fib_table *table,
			   char *reason, size_t len)
{
	const struct netstack_fib_route *rival = table ? find_rival(table, entry) : NULL;
	char protocol[16];

	if (!rival) {
		strlcpy(reason, "another protocol has a route of lower distance", len);
		return;
	}
	if (rival->proto == RTPROT_KERNEL && rival->type == RTN_UNICAST) {
		strlcpy(reason, "the stack has a subnet of this prefix", len);
		return;
	}
	netstack_protocol_name(rival->proto, protocol, sizeof(protocol));
	if (rival->nexthop_count && !IS_IPADDR_NONE(&rival->nexthops[0].gate))
		snprintfrr(reason, len, "%s has a route of lower distance, via %pIA%s", protocol,
			   &rival->nexthops[0].gate, rival->nexthop_count > 1 ? " and others" : "");
	else
		snprintf(reason, len, "%s has a route of lower distance", protocol);
}

unsigned int netstack_zebra_refused(const struct netstack *stack)
{
	return stack->rib ? stack->rib->refused : 0;
}

/* Is it the limit of routes that keeps an entry (NULL: there is none) from being sent? */
static bool is_refused(const struct netstack *stack, const struct rib_entry *entry, char *reason,
		       size_t len)
{
	if ((entry && entry->sent) || !netstack_zebra_refused(stack))
		return false;
	snprintf(reason, len, "limit of %u routes is reached",
		 stack->limits[NETSTACK_LIMIT_ROUTES].max);
	return true;
}

void netstack_zebra_publish(struct netstack *stack)
{
	if (stack->rib && stack->rib->vrf_id != VRF_UNKNOWN &&
	    stack->rib->vrf_id == zebra_vrf_id(stack))
		netstack_zebra_update(stack);
	netstack_mark_dirty(stack);
}

enum netstack_route_state netstack_route_state(const struct netstack_route *route, char *reason,
					       size_t len)
{
	struct judgement judgement = { .route = route, .reason = reason, .len = len };
	const struct rib_entry *entry;
	enum verdict verdict;

	reason[0] = '\0';
	verdict = judge_route(&judgement);
	if (verdict == VERDICT_UNREACHABLE)
		return NETSTACK_ROUTE_UNREACHABLE;
	if (verdict != VERDICT_USABLE)
		return NETSTACK_ROUTE_PENDING;
	entry = route->stack->rib ? find_entry(route->stack->rib, &route->prefix) : NULL;
	if (is_refused(route->stack, entry, reason, len))
		return NETSTACK_ROUTE_PENDING;
	if (entry && entry->sent && route->distance > entry->distance) {
		snprintf(reason, len, "distance %u is in use", entry->distance);
		return NETSTACK_ROUTE_STANDBY;
	}
	if (entry && is_beaten(route->stack->rib, entry)) {
		describe_rival(entry, netstack_place_fib(route->stack), reason, len);
		return NETSTACK_ROUTE_STANDBY;
	}
	if (entry && entry->note == NOTE_INSTALLED)
		return NETSTACK_ROUTE_ACTIVE;
	if (entry && entry->note == NOTE_FAILED)
		strlcpy(reason, "zebra could not install it", len);
	else
		strlcpy(reason, "waiting for zebra to install it", len);
	return NETSTACK_ROUTE_PENDING;
}

bool netstack_zebra_leak_installed(const struct netstack *stack, const struct netstack *source,
				   const struct prefix *prefix, char *reason, size_t len)
{
	const struct rib_entry *entry = stack->rib ? find_entry(stack->rib, prefix) : NULL;

	reason[0] = '\0';
	if (is_refused(stack, entry, reason, len))
		return false;
	if (!entry || !entry->sent)
		strlcpy(reason, "waiting to be sent to zebra", len);
	else if (!is_leaked(stack->rib, entry))
		strlcpy(reason, "a route of the stack's own configuration is preferred", len);
	else if (entry->nexthops[0].vrf_id != zebra_vrf_id(source))
		strlcpy(reason, "another netstack leaks a route to it as well", len);
	else if (is_beaten(stack->rib, entry))
		describe_rival(entry, netstack_place_fib(stack), reason, len);
	else if (entry->note == NOTE_INSTALLED)
		return true;
	else if (entry->note == NOTE_FAILED)
		strlcpy(reason, "zebra could not install it", len);
	else
		strlcpy(reason, "waiting for zebra to install it", len);
	return false;
}

/* ------------------------------------------------------------------------------------------
 * Messages from zebra
 */

/* The confirmed end of a route that was withdrawn. */
static void route_removed(struct netstack *stack, struct rib_entry *entry)
{
	if (entry->withdrawn)
		free_entry(stack->rib, entry);
	else
		entry->note = NOTE_REMOVED;
}

static const char *note_name(enum zapi_route_notify_owner note)
{
	switch (note) {
	case ZAPI_ROUTE_FAIL_INSTALL:
		return "'failed to install'";
	case ZAPI_ROUTE_BETTER_ADMIN_WON:
		return "'another is better'";
	case ZAPI_ROUTE_INSTALLED:
		return "'installed'";
	case ZAPI_ROUTE_REMOVED:
		return "'removed'";
	case ZAPI_ROUTE_REMOVE_FAIL:
		return "'failed to remove'";
	}
	return "something unknown";
}

static void note_route(struct netstack *stack, struct rib_entry *entry,
		       enum zapi_route_notify_owner note)
{
	switch (note) {
	case ZAPI_ROUTE_INSTALLED:
		if (entry->sent)
			entry->note = NOTE_INSTALLED;
		break;
	case ZAPI_ROUTE_FAIL_INSTALL:
		entry->note = NOTE_FAILED;
		flog_warn(EC_NETSTACK_ZEBRA_ROUTE, "netstack %s: zebra could not install %pFX",
			  stack->name, &entry->prefix);
		break;
	case ZAPI_ROUTE_BETTER_ADMIN_WON:
		/* that is also how a withdrawal ends where there is another route to fall back on */
		if (entry->withdrawn)
			route_removed(stack, entry);
		else
			entry->note = NOTE_BETTER_WON;
		break;
	case ZAPI_ROUTE_REMOVED:
		route_removed(stack, entry);
		break;
	case ZAPI_ROUTE_REMOVE_FAIL:
		flog_warn(EC_NETSTACK_ZEBRA_ROUTE, "netstack %s: zebra could not remove %pFX",
			  stack->name, &entry->prefix);
		route_removed(stack, entry);
		break;
	}
}

static int route_notify_owner(ZAPI_CALLBACK_ARGS)
{
	enum zapi_route_notify_owner note;
	struct rib_entry *entry = NULL;
	struct netstack *stack;
	struct prefix prefix;
	uint32_t table;
	afi_t afi;
	safi_t safi;

	if (!zapi_route_notify_decode(zclient->ibuf, &prefix, &table, &note, &afi, &safi))
		return -1;
	monotime(&heard_at);
	stack = stack_of_vrf_id(vrf_id);
	if (stack)
		entry = find_entry(stack->rib, &prefix);
	DEBUGD(&netstack_dbg_zebra, "netstack %s: zebra says %s of %pFX", stack ? stack->name : "?",
	       note_name(note), &prefix);
	if (!entry)
		return 0;
	note_route(stack, entry, note);
	netstack_mark_dirty(stack);
	return 0;
}

static void forget_all(void)
{
	struct netstack *stack;

	frr_each (netstacks, &netstacks, stack)
		if (stack->rib)
			rib_reset(stack->rib);
	netstack_mark_all_dirty();
}

static void zebra_connected(struct zclient *client)
{
	zebra_route_notify_send(ZEBRA_ROUTE_NOTIFY_REQUEST, client, true);
	drop_stale_vrfs();
	forget_all();
	netstack_gateway_bfd_connected(client);
}

static void zebra_capabilities(struct zclient_capabilities *cap)
{
	ecmp_max = cap->ecmp;
	netstack_set_backend(vrf_is_backend_netns() ? NETSTACK_BACKEND_NETNS
						    : NETSTACK_BACKEND_VRF);
	netstack_mark_all_dirty();
}

static zclient_handler *const handlers[] = {
	[ZEBRA_ROUTE_NOTIFY_OWNER] = route_notify_owner,
	[ZEBRA_REDISTRIBUTE_ROUTE_ADD] = default_selected,
	[ZEBRA_REDISTRIBUTE_ROUTE_DEL] = default_selected,
	[ZEBRA_BFD_DEST_REPLAY] = netstack_gateway_bfd_replay,
};

void netstack_zebra_init(struct event_loop *loop)
{
	vrf_init(NULL, vrf_changed, vrf_changed, NULL);
	hook_register(if_real, link_came);
	hook_register(if_unreal, link_left);
	zclient = zclient_new(loop, &zclient_options_default, handlers, array_size(handlers));
	zclient->zebra_connected = zebra_connected;
	zclient->zebra_capabilities = zebra_capabilities;
	zclient->nexthop_update = nexthop_update;
	zclient_init(zclient, ZEBRA_ROUTE_STATIC, NETSTACK_ZEBRA_INSTANCE, &netstack_privs);
	/* libfrr's client of BFD sends if it takes zebra for connected: zclient_init() says that it is not */
	netstack_gateway_bfd_init(zclient, loop);
}

void netstack_zebra_terminate(void)
{
	if (!zclient)
		return;
	zclient_stop(zclient);
	zclient_free(zclient);
	zclient = NULL;
	ribs_fini(&ribs);
}
