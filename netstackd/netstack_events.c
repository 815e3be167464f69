// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the kernel's messages to what is observed.
 *
 * Notifications carry the whole new state of an object, so it does not matter when one that is
 * older than a dump is read after it: those that follow it in the queue lead to the same end.
 * That is why the subscription comes first and the dump second.
 *
 * A dump marks what it has with a number (`seen`); what does not have it afterwards is gone.
 *
 * Hooks are called only when something differs: neighbours that are merely confirmed, or the many
 * RTM_NEWLINK of a link that comes up, cause no work.
 *
 * The kernel does not tell everything.  Without a word
 *   - IPv4 routes go when their link goes down, changes its master or loses its last address
 *     (fib_sync_down_dev(), fib_disable_ip() in net/ipv4), and when their nexthop object is deleted,
 *     as it is when its link loses its carrier (nexthop_flush_dev() in net/ipv4/nexthop.c);
 *   - IPv6 routes do so too if net.ipv6.route.skip_notify_on_dev_down is set;
 *   - disable_ipv6 changes, but the link's addresses then come or go;
 *   - the alias of a link that is down changes (netdev_state_change()).
 * What may have changed is noted and read again REREAD_MSEC later, once for all that happened in
 * that time.
 */

#include <zebra.h>

#include <linux/if.h>
#include <linux/neighbour.h>

#include "frrevent.h"
#include "lib_errors.h"
#include "memory.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_errors.h"
#include "netstackd/netstack_events.h"
#include "netstackd/netstack_events_impl.h"

DEFINE_MTYPE_STATIC(NETSTACKD, EVENTS, "Reader of kernel events");
DEFINE_MTYPE_STATIC(NETSTACKD, REREAD, "What to read again");

#define REREAD_MSEC 50
/* Messages were lost again so soon: the kernel is busy, and reading all makes it busier. */
#define RESYNC_AGAIN_MSEC 250
#define RCVBUF_BYTES	  (32 * 1024 * 1024)
/* Reads (of NETSTACK_NL_READ_MAX) in one event, so that the daemon's other events have their turn. */
#define READ_MAX 32
/* Reads of one drain: bounds it if somebody changes things faster than we read. */
#define DRAIN_MAX     (8 * 1024)
#define DUMP_ATTEMPTS 10

/* --- hooks --------------------------------------------------------------------------------- */

static void tell_link(struct netstack_events *events, const char *ifname)
{
	if (!events->quiet && events->hooks->link && ifname[0])
		events->hooks->link(events->stack, ifname);
}

static void tell_ifindex(struct netstack_events *events, int ifindex)
{
	struct netstack_link *link = ifindex ? netstack_link_by_index(events->obs, ifindex) : NULL;

	if (link)
		tell_link(events, link->name);
}

static void tell_neighbors(struct netstack_events *events, int ifindex)
{
	if (!events->quiet && events->hooks->neighbors)
		events->hooks->neighbors(events->stack, ifindex);
}

/* What happens to a member concerns its VRF, also if nobody follows the member by name. */
static void tell_member(struct netstack_events *events, const struct netstack_link *link)
{
	tell_link(events, link->name);
	tell_ifindex(events, link->master);
}

static void tell_neighbor(struct netstack_events *events, const struct netstack_link *link,
			  const struct ipaddr *address)
{
	if (!events->quiet && events->hooks->neighbor)
		events->hooks->neighbor(events->stack, link->ifindex, address);
}

void netstack_events_tell_table(struct netstack_events *events, uint32_t table)
{
	if (!events->quiet && events->hooks->table)
		events->hooks->table(events->stack, table);
}

/* --- what to read again ---------------------------------------------------------------------- */

static void id_set_add(struct netstack_id_set *set, uint32_t id)
{
	if (set->count == set->room) {
		set->room = set->room ? 2 * set->room : 16;
		set->id = XREALLOC(MTYPE_REREAD, set->id, set->room * sizeof(set->id[0]));
	}
	set->id[set->count++] = id;
}

static int id_cmp(const void *a, const void *b)
{
	const uint32_t *one = a, *other = b;

	return numcmp(*one, *other);
}

/* Sorted, each once. */
static void id_set_sort(struct netstack_id_set *set)
{
	size_t kept = 0;

	if (!set->count)
		return;
	qsort(set->id, set->count, sizeof(set->id[0]), id_cmp);
	for (size_t i = 0; i < set->count; i++)
		if (!kept || set->id[kept - 1] != set->id[i])
			set->id[kept++] = set->id[i];
	set->count = kept;
}

static void id_set_fini(struct netstack_id_set *set)
{
	XFREE(MTYPE_REREAD, set->id);
	memset(set, 0, sizeof(*set));
}

static void reread(struct event *event);

static void reread_soon(struct netstack_events *events)
{
	event_add_timer_msec(events->loop, reread, events, REREAD_MSEC, &events->t_reread);
}

void netstack_events_table_reread_soon(uint32_t table, void *arg)
{
	struct netstack_events *events = arg;

	if (events->quiet)
		return;
	id_set_add(&events->tables, table);
	reread_soon(events);
}

static void link_reread_soon(struct netstack_events *events, int ifindex)
{
	if (events->quiet)
		return;
	id_set_add(&events->links, ifindex);
	reread_soon(events);
}

/* The link can have lost routes, in whatever table they are. */
static void link_routes_reread_soon(struct netstack_events *events, int ifindex)
{
	netstack_observed_tables_using(events->obs, false, ifindex,
				       netstack_events_table_reread_soon, events);
}

/* --- links --------------------------------------------------------------------------------- */

static void link_gone(struct netstack_events *events, struct netstack_link *link)
{
	char name[IFNAMSIZ];
	int former_master = link->master;

	strlcpy(name, link->name, sizeof(name));
	link_routes_reread_soon(events, link->ifindex);
	netstack_observed_link_del(events->obs, link);
	tell_link(events, name);
	tell_ifindex(events, former_master);
}

/* Copies what has no index; true if anything differs. */
static bool link_write_plain(struct netstack_link *link, const struct netstack_nl_link *msg)
{
	bool same = link->flags == msg->flags && link->operstate == msg->operstate &&
		    link->mtu == msg->mtu && link->parent == msg->parent &&
		    link->parent_elsewhere == msg->parent_elsewhere &&
		    link->has_mac == msg->has_mac && link->vlan_id == msg->vlan_id &&
		    link->ipv6_disabled == msg->ipv6_disabled &&
		    memcmp(&link->mac, &msg->mac, sizeof(link->mac)) == 0 &&
		    strcmp(link->kind, msg->kind) == 0 && strcmp(link->alias, msg->alias) == 0;

	if (same)
		return false;
	link->flags = msg->flags;
	link->operstate = msg->operstate;
	link->mtu = msg->mtu;
	link->parent = msg->parent;
	link->parent_elsewhere = msg->parent_elsewhere;
	link->has_mac = msg->has_mac;
	link->mac = msg->mac;
	link->vlan_id = msg->vlan_id;
	link->ipv6_disabled = msg->ipv6_disabled;
	strlcpy(link->kind, msg->kind, sizeof(link->kind));
	if (strcmp(link->alias, msg->alias) != 0)
		netstack_observed_link_set_alias(link, msg->alias);
	return true;
}

static bool link_write_name(struct netstack_events *events, struct netstack_link *link,
			    const char *name)
{
	char former[IFNAMSIZ];

	if (strcmp(link->name, name) == 0)
		return false;
	strlcpy(former, link->name, sizeof(former));
	netstack_observed_link_rename(events->obs, link, name);
	tell_link(events, former);
	return true;
}

static bool link_write_master(struct netstack_events *events, struct netstack_link *link,
			      int ifindex)
{
	int former = link->master;

	if (former == ifindex)
		return false;
	netstack_observed_link_set_master(events->obs, link, ifindex);
	link_routes_reread_soon(events, link->ifindex);
	tell_ifindex(events, former);
	return true;
}

/* Set down, or without a carrier: routes go with either. */
static bool flags_went_down(uint32_t before, uint32_t now)
{
	const uint32_t carrier = IFF_RUNNING | IFF_LOWER_UP;

	return ((before & IFF_UP) && !(now & IFF_UP)) || ((before & carrier) && !(now & carrier));
}

static void link_write(struct netstack_events *events, struct netstack_link *link,
		       const struct netstack_nl_link *msg, bool is_new)
{
	bool went_down = flags_went_down(link->flags, msg->flags);
	bool changed = is_new;

	changed |= link_write_name(events, link, msg->name);
	changed |= link_write_master(events, link, msg->master);
	if (link->vrf_table != msg->vrf_table) {
		netstack_observed_link_set_vrf_table(events->obs, link, msg->vrf_table);
		changed = true;
	}
	changed |= link_write_plain(link, msg);
	if (went_down)
		link_routes_reread_soon(events, link->ifindex);
	if (changed)
		tell_member(events, link);
}

static void link_read(struct netstack_events *events, const struct nlmsghdr *nlh)
{
	struct netstack_nl_link msg;
	struct netstack_link *link;
	bool is_new;

	if (!netstack_nl_decode_link(nlh, &msg))
		return;
	link = netstack_link_by_index(events->obs, msg.ifindex);
	if (nlh->nlmsg_type == RTM_DELLINK) {
		if (link)
			link_gone(events, link);
		return;
	}
	is_new = !link;
	if (is_new)
		link = netstack_observed_link_add(events->obs, msg.ifindex, msg.name);
	link->seen = events->seen;
	link_write(events, link, &msg, is_new);
}

/* --- addresses ----------------------------------------------------------------------------- */

static bool link_has_family(const struct netstack_link *link, int family)
{
	const struct netstack_link_address *address;

	frr_each (netstack_link_addresses_const, &link->addresses, address)
		if (address->prefix.family == family)
			return true;
	return false;
}

/*
 * It may not have been known: one that the kernel made is announced when duplicate address detection
 * is over, but its route is there before, and its end is announced in any case.
 */
static void address_gone(struct netstack_events *events, struct netstack_link *link,
			 const struct netstack_prefix *prefix)
{
	bool known = netstack_link_address_find(link, prefix) != NULL;
	int family = prefix->family;

	if (known)
		netstack_observed_address_del(link, prefix);
	if (!link_has_family(link, family)) {
		link_routes_reread_soon(events, link->ifindex);
		if (family == AF_INET6)
			link_reread_soon(events, link->ifindex);
	}
	if (known)
		tell_member(events, link);
}

static void address_write(struct netstack_events *events, struct netstack_link *link,
			  const struct netstack_nl_address *msg)
{
	struct netstack_link_address *address = netstack_link_address_find(link, &msg->prefix);
	bool changed = !address;

	if (!address)
		address = netstack_observed_address_add(link, &msg->prefix);
	changed |= address->flags != msg->flags || address->proto != msg->proto ||
		   address->scope != msg->scope ||
		   !netstack_prefix_same(&address->subnet, &msg->subnet);
	address->subnet = msg->subnet;
	address->flags = msg->flags;
	address->proto = msg->proto;
	address->scope = msg->scope;
	address->seen = events->seen;
	if (msg->prefix.family == AF_INET6 && link->ipv6_disabled)
		link_reread_soon(events, link->ifindex);
	if (changed)
		tell_member(events, link);
}

static void address_read(struct netstack_events *events, const struct nlmsghdr *nlh)
{
	struct netstack_nl_address msg;
	struct netstack_link *link;

	if (!netstack_nl_decode_address(nlh, &msg))
		return;
	link = netstack_link_by_index(events->obs, msg.ifindex);
	if (!link)
		return;
	if (nlh->nlmsg_type == RTM_DELADDR)
		address_gone(events, link, &msg.prefix);
	else
		address_write(events, link, &msg);
}

/* --- neighbours ---------------------------------------------------------------------------- */

/* Reachable or not, permanent or not: the rest is the life of any neighbour. */
static unsigned int neighbor_class(uint16_t state)
{
	if (state & (NUD_FAILED | NUD_INCOMPLETE))
		return 1;
	if (state & NUD_PERMANENT)
		return 2;
	return state & NUD_NOARP ? 3 : 4;
}

static void neighbor_write(struct netstack_events *events, struct netstack_link *link,
			   const struct netstack_nl_neighbor *msg)
{
	struct netstack_link_neighbor *neighbor = netstack_link_neighbor_find(link, &msg->address);
	unsigned int count = link->neighbor_count;
	bool changed = !neighbor, moved = !neighbor || neighbor->state != msg->state;

	if (!neighbor)
		neighbor = netstack_observed_neighbor_add(link, &msg->address);
	changed |= neighbor_class(neighbor->state) != neighbor_class(msg->state) ||
		   neighbor->has_mac != msg->has_mac || neighbor->proto != msg->proto ||
		   memcmp(&neighbor->mac, &msg->mac, sizeof(neighbor->mac)) != 0;
	netstack_observed_neighbor_set_state(link, neighbor, msg->state, msg->flags);
	neighbor->has_mac = msg->has_mac;
	neighbor->mac = msg->mac;
	neighbor->proto = msg->proto;
	neighbor->seen = events->seen;
	if (link->neighbor_count != count)
		tell_neighbors(events, link->ifindex);
	if (moved)
		tell_neighbor(events, link, &msg->address);
	if (changed)
		tell_link(events, link->name);
}

static void neighbor_read(struct netstack_events *events, const struct nlmsghdr *nlh)
{
	struct netstack_nl_neighbor msg;
	struct netstack_link *link;

	if (!netstack_nl_decode_neighbor(nlh, &msg))
		return;
	link = netstack_link_by_index(events->obs, msg.ifindex);
	if (!link)
		return;
	if (nlh->nlmsg_type != RTM_DELNEIGH) {
		neighbor_write(events, link, &msg);
	} else if (netstack_link_neighbor_find(link, &msg.address)) {
		netstack_observed_neighbor_del(link, &msg.address);
		tell_neighbors(events, link->ifindex);
		tell_neighbor(events, link, &msg.address);
		tell_link(events, link->name);
	}
}

static void forwarding_write(struct netstack_events *events, int family, bool on)
{
	bool *observed =
		family == AF_INET ? &events->obs->forwarding_ipv4 : &events->obs->forwarding_ipv6;

	if (*observed == on)
		return;
	*observed = on;
	if (events->hooks->settings && !events->quiet)
		events->hooks->settings(events->stack);
}

/*
 * A link has IPv6 now, or, with an MTU below 1280, none any more; or the namespace begins or ends
 * to forward packets.
 */
static void netconf_read(struct netstack_events *events, const struct nlmsghdr *nlh)
{
	struct netstack_link *link;
	int ifindex, family;
	bool on;

	if (netstack_nl_decode_forwarding(nlh, &family, &on)) {
		forwarding_write(events, family, on);
		return;
	}
	if (!netstack_nl_decode_netconf(nlh, &ifindex))
		return;
	link = netstack_link_by_index(events->obs, ifindex);
	if (link && link->ipv6_disabled == (nlh->nlmsg_type == RTM_NEWNETCONF))
		link_reread_soon(events, ifindex);
}

/* --- dispatch ------------------------------------------------------------------------------ */

static void message_read(const struct nlmsghdr *nlh, void *arg)
{
	struct netstack_events *events = arg;

	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		link_read(events, nlh);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		address_read(events, nlh);
		break;
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		neighbor_read(events, nlh);
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		netstack_events_route_read(events, nlh);
		break;
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		netstack_events_nexthop_read(events, nlh);
		break;
	case RTM_NEWNETCONF:
	case RTM_DELNETCONF:
		netconf_read(events, nlh);
		break;
	case RTM_NEWRULE:
	case RTM_DELRULE:
		events->rules_dirty = true;
		break;
	default:
		break;
	}
}

static void notification_read(const struct nlmsghdr *nlh, void *arg)
{
	struct netstack_events *events = arg;

	events->stats->events++;
	message_read(nlh, arg);
}

/* --- dumps --------------------------------------------------------------------------------- */

static void resync_soon(struct netstack_events *events);

/* After the last attempt: what was read counts even if it was interrupted, but not for long. */
static int dump_result(struct netstack_events *events, const struct netstack_nl_dump *what,
		       int error)
{
	if (error == EINTR) {
		resync_soon(events);
		return 0;
	}
	if (error)
		flog_err(EC_NETSTACK_KERNEL_DUMP,
			 "Reading the kernel's state failed (message type %u, table %u): %s",
			 what->type, what->table, safe_strerror(error));
	if (error == ENOMEM || error == ENOBUFS || error == ETIMEDOUT)
		resync_soon(events); /* what is not read now is not read at all otherwise */
	return error;
}

/* Dumps, again if it was interrupted.  Returns 0 or a positive errno, after logging. */
static int dump(struct netstack_events *events, const struct netstack_nl_dump *what,
		netstack_nl_message_fn cb)
{
	int error = EINTR;

	for (unsigned int i = 0; error == EINTR && i < DUMP_ATTEMPTS; i++) {
		events->seen++;
		error = netstack_nl_dump(events->requests, what, cb, events);
	}
	return dump_result(events, what, error);
}

static int dump_links(struct netstack_events *events)
{
	struct netstack_nl_dump what = { .type = RTM_GETLINK };
	struct netstack_link *link;
	int error = dump(events, &what, message_read);

	if (error)
		return error;
	frr_each_safe (netstack_links_index, &events->obs->links_by_index, link)
		if (link->seen != events->seen)
			link_gone(events, link);
	return 0;
}

static int dump_addresses(struct netstack_events *events)
{
	struct netstack_nl_dump what = { .type = RTM_GETADDR };
	struct netstack_link *link;
	struct netstack_link_address *address;
	int error = dump(events, &what, message_read);

	if (error)
		return error;
	frr_each (netstack_links_index, &events->obs->links_by_index, link)
		frr_each_safe (netstack_link_addresses, &link->addresses, address)
			if (address->seen != events->seen)
				address_gone(events, link, &address->prefix);
	return 0;
}

static int dump_neighbors(struct netstack_events *events)
{
	struct netstack_nl_dump what = { .type = RTM_GETNEIGH };
	struct netstack_link *link;
	struct netstack_link_neighbor *neighbor;
	int error = dump(events, &what, message_read);

	if (error)
		return error;
	frr_each (netstack_links_index, &events->obs->links_by_index, link)
		frr_each_safe (netstack_link_neighbors, &link->neighbors, neighbor)
			if (neighbor->seen != events->seen)
				netstack_observed_neighbor_del(link, &neighbor->address);
	return 0;
}

static void dumped_rule(const struct nlmsghdr *nlh, void *arg)
{
	struct netstack_events *events = arg;
	struct netstack_rule rule;

	if (netstack_nl_decode_rule(nlh, &rule))
		netstack_observed_rule_add(events->obs, &rule);
}

/* Rules are few and change rarely: any change reads them all. */
static int dump_rules(struct netstack_events *events)
{
	struct netstack_nl_dump ipv4 = { .type = RTM_GETRULE, .family = AF_INET };
	struct netstack_nl_dump ipv6 = { .type = RTM_GETRULE, .family = AF_INET6 };
	int error = EINTR;

	events->rules_dirty = false;
	for (unsigned int i = 0; error == EINTR && i < DUMP_ATTEMPTS; i++) {
		netstack_observed_rules_clear(events->obs);
		error = netstack_nl_dump(events->requests, &ipv4, dumped_rule, events);
		if (!error)
			error = netstack_nl_dump(events->requests, &ipv6, dumped_rule, events);
	}
	return dump_result(events, &ipv4, error);
}

/* Of that family; AF_UNSPEC: of both.  A table that one of them does not have is no error then. */
static int dump_routes(struct netstack_events *events, struct netstack_fib_table *fib, int family)
{
	struct netstack_nl_dump what = {
		.type = RTM_GETROUTE,
		.family = family,
		.table = fib->table,
	};
	struct netstack_fib_route *route;
	int error = dump(events, &what, netstack_events_route_dumped);

	if (error)
		return error;
	frr_each_safe (netstack_fib_routes, &fib->routes, route) {
		if (route->seen == events->seen ||
		    (family != AF_UNSPEC && route->prefix.family != family))
			continue;
		netstack_observed_route_del(fib, route);
		events->dumped_changed = true;
	}
	return 0;
}

/*
 * IPv4 and IPv6 in one dump, where there are thousands of tables.  But the kernel takes its rtnl lock
 * for that (rtnl_dump_all()), and for one family it does not: a stack's namespace is read without
 * waiting for links that are deleted in others.
 */
static int dump_families(struct netstack_events *events, struct netstack_fib_table *fib)
{
	int error;

	if (!events->stack)
		return dump_routes(events, fib, AF_UNSPEC);
	error = dump_routes(events, fib, AF_INET);
	return error ? error : dump_routes(events, fib, AF_INET6);
}

static int dump_table(struct netstack_events *events, struct netstack_fib_table *fib)
{
	int error;

	events->dumped = fib;
	events->dumped_changed = false;
	error = dump_families(events, fib);
	events->dumped = NULL;
	fib->synced = !error;
	if (events->dumped_changed)
		netstack_events_tell_table(events, fib->table);
	return error;
}

/* Everything. */
static int dump_all(struct netstack_events *events)
{
	struct netstack_fib_table *fib;
	int error;

	events->quiet = true;
	error = dump_links(events);
	if (!error)
		error = dump_addresses(events);
	if (!error)
		error = dump_neighbors(events);
	if (!error)
		error = dump_rules(events);
	frr_each (netstack_fib_tables, &events->obs->tables, fib)
		if (!error)
			error = dump_table(events, fib);
	netstack_events_reread_sysctls(events);
	netstack_events_read_forwarding(events);
	events->quiet = false;
	return error;
}

void netstack_events_reread_links(struct netstack_events *events, const int *ifindex, size_t count)
{
	struct netstack_nl_batch batch = { .answer = message_read, .answer_arg = events };

	for (size_t i = 0; i < count; i++)
		netstack_nl_encode_get_link(&batch, ifindex[i]);
	netstack_nl_batch_send(events->requests, &batch);
	netstack_nl_batch_fini(&batch);
}

void netstack_events_read_address(struct netstack_events *events, int ifindex,
				  const struct netstack_prefix *prefix)
{
	struct netstack_nl_batch batch = { .answer = message_read, .answer_arg = events };

	netstack_nl_encode_get_address(&batch, ifindex, prefix);
	netstack_nl_batch_send(events->requests, &batch);
	netstack_nl_batch_fini(&batch);
}

void netstack_events_read_addresses(struct netstack_events *events, int ifindex)
{
	struct netstack_nl_dump what = {
		.type = RTM_GETADDR,
		.family = AF_INET6,
		.ifindex = ifindex,
	};
	int error = EINTR;

	for (unsigned int i = 0; error == EINTR && i < DUMP_ATTEMPTS; i++)
		error = netstack_nl_dump(events->requests, &what, message_read, events);
	if (error != ENODEV) /* the link is gone */
		dump_result(events, &what, error);
}

/* Of those that went meanwhile there is nothing to read. */
static void forget_gone_links(const struct netstack_events *events, struct netstack_id_set *links)
{
	size_t kept = 0;

	for (size_t i = 0; i < links->count; i++)
		if (netstack_link_by_index(events->obs, links->id[i]))
			links->id[kept++] = links->id[i];
	links->count = kept;
}

/* What notifications did not tell. */
static void reread(struct event *event)
{
	struct netstack_events *events = EVENT_ARG(event);
	struct netstack_id_set tables, links;
	struct netstack_fib_table *fib;

	netstack_events_drain(events);
	event_cancel(&events->t_reread); /* what the drain found is read now, too */
	tables = events->tables;
	links = events->links;
	memset(&events->tables, 0, sizeof(events->tables));
	memset(&events->links, 0, sizeof(events->links));
	id_set_sort(&tables);
	forget_gone_links(events, &links);
	id_set_sort(&links);

	netstack_events_reread_links(events, (const int *)links.id, links.count);
	for (size_t i = 0; i < tables.count; i++) {
		fib = netstack_fib_table_find(events->obs, tables.id[i]);
		if (fib)
			dump_table(events, fib);
	}
	id_set_fini(&tables);
	id_set_fini(&links);
}

/* --- reading ------------------------------------------------------------------------------- */

static void notification_skip(const struct nlmsghdr *nlh, void *arg)
{
	struct netstack_events *events = arg;

	events->stats->events++;
}

/*
 * After a loss the kernel queues nothing more until the queue is empty (NETLINK_S_CONGESTED), and
 * what is in it is older than what was lost: it must not be read after the dump.
 */
static void notifications_skip(struct netstack_events *events)
{
	unsigned int max = DRAIN_MAX;

	while (max-- && netstack_nl_read(&events->socket, notification_skip, events) != EAGAIN)
		;
}

static void resync(struct event *event)
{
	struct netstack_events *events = EVENT_ARG(event);

	notifications_skip(events);
	events->lost = false;
	monotime(&events->resynced_at);
	dump_all(events);
	if (events->hooks->resynced)
		events->hooks->resynced(events->stack);
}

/* Reads everything: at once, or a bit later if that has just been done. */
static void resync_soon(struct netstack_events *events)
{
	int64_t age_msec = monotime_since(&events->resynced_at, NULL) / 1000;

	event_add_timer_msec(events->loop, resync, events,
			     age_msec < RESYNC_AGAIN_MSEC ? RESYNC_AGAIN_MSEC : 0,
			     &events->t_resync);
}

static void messages_lost(struct netstack_events *events)
{
	if (events->lost)
		return;
	events->lost = true;
	events->stats->overruns++;
	flog_warn(EC_NETSTACK_KERNEL_OVERRUN,
		  "Kernel notifications were lost: everything is read again");
	resync_soon(events);
}

/* Reads up to `max` times; false if there may be more. */
static bool notifications_read(struct netstack_events *events, unsigned int max)
{
	int error = 0;

	while (max-- && error != EAGAIN) {
		error = netstack_nl_read(&events->socket, notification_read, events);
		if (error == ENOBUFS) {
			messages_lost(events);
		} else if (error && error != EAGAIN) {
			flog_err(EC_NETSTACK_KERNEL_SOCKET, "Reading kernel notifications: %s",
				 safe_strerror(error));
			break;
		}
	}
	if (events->rules_dirty)
		dump_rules(events);
	return error != 0;
}

static void notifications_readable(struct event *event)
{
	struct netstack_events *events = EVENT_ARG(event);

	event_add_read(events->loop, notifications_readable, events, events->socket.fd,
		       &events->t_read);
	notifications_read(events, READ_MAX);
}

void netstack_events_drain(struct netstack_events *events)
{
	notifications_read(events, DRAIN_MAX);
}

/* --- tables -------------------------------------------------------------------------------- */

void netstack_events_watch_table(struct netstack_events *events, uint32_t table)
{
	struct netstack_fib_table *fib = netstack_observed_watch_table(events->obs, table);

	if (fib->watchers > 1)
		return;
	/* older notifications about it mean nothing any more */
	netstack_events_drain(events);
	dump_table(events, fib);
}

void netstack_events_unwatch_table(struct netstack_events *events, uint32_t table)
{
	netstack_observed_unwatch_table(events->obs, table);
}

/* --- start and stop ------------------------------------------------------------------------ */

static const int groups[] = {
	RTNLGRP_LINK,	    RTNLGRP_IPV4_IFADDR,  RTNLGRP_IPV6_IFADDR,	RTNLGRP_NEIGH,
	RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,	  RTNLGRP_IPV4_RULE,	RTNLGRP_IPV6_RULE,
	RTNLGRP_NEXTHOP,    RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF,
};

struct netstack_events *netstack_events_start(const struct netstack_events_setup *setup, int *error)
{
	struct netstack_events *events = XCALLOC(MTYPE_EVENTS, sizeof(*events));

	events->loop = setup->loop;
	events->obs = setup->obs;
	events->hooks = setup->hooks;
	events->requests = setup->requests;
	events->stats = setup->stats;
	events->stack = setup->stack;
	events->netns = setup->netns;
	netstack_events_init_settings(events);
	*error = netstack_nl_open(&events->socket, RCVBUF_BYTES, groups, array_size(groups),
				  events->netns);
	if (*error) {
		flog_err(EC_NETSTACK_KERNEL_SOCKET, "Subscribing to kernel notifications: %s",
			 safe_strerror(*error));
		netstack_events_stop(events);
		return NULL;
	}
	*error = dump_all(events);
	if (*error) {
		netstack_events_stop(events);
		return NULL;
	}
	event_add_read(events->loop, notifications_readable, events, events->socket.fd,
		       &events->t_read);
	return events;
}

void netstack_events_stop(struct netstack_events *events)
{
	event_cancel(&events->t_read);
	event_cancel(&events->t_reread);
	event_cancel(&events->t_resync);
	netstack_events_stop_settings(events);
	netstack_nl_close(&events->socket);
	id_set_fini(&events->tables);
	id_set_fini(&events->links);
	XFREE(MTYPE_EVENTS, events);
}
