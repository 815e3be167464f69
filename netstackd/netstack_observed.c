// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel says: containers and indexes.  No input or output here.
 */

#include <zebra.h>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "jhash.h"
#include "lib/darr.h"
#include "memory.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_observed.h"

DEFINE_MTYPE_STATIC(NETSTACKD, OBSERVED, "Observed namespace");
DEFINE_MTYPE_STATIC(NETSTACKD, LINK, "Observed link");
DEFINE_MTYPE_STATIC(NETSTACKD, LINK_ALIAS, "Alias of an observed link");
DEFINE_MTYPE_STATIC(NETSTACKD, ABSENT_MASTER, "Master that is not known");
DEFINE_MTYPE_STATIC(NETSTACKD, LINK_ADDRESS, "Observed address");
DEFINE_MTYPE_STATIC(NETSTACKD, LINK_NEIGHBOR, "Observed neighbor");
DEFINE_MTYPE_STATIC(NETSTACKD, FIB_TABLE, "Observed table");
DEFINE_MTYPE_STATIC(NETSTACKD, FIB_ROUTE, "Observed route");
DEFINE_MTYPE_STATIC(NETSTACKD, FIB_USE, "Observed use of a link by routes");
DEFINE_MTYPE_STATIC(NETSTACKD, RULE_TABLE, "Observed table of rules");

/* --- order and hashes ------------------------------------------------------------------- */

int netstack_link_index_cmp(const struct netstack_link *a, const struct netstack_link *b)
{
	return numcmp(a->ifindex, b->ifindex);
}

uint32_t netstack_link_index_hash(const struct netstack_link *a)
{
	return jhash_1word(a->ifindex, 0x6e737461);
}

int netstack_link_name_cmp(const struct netstack_link *a, const struct netstack_link *b)
{
	return strcmp(a->name, b->name);
}

uint32_t netstack_link_name_hash(const struct netstack_link *a)
{
	return jhash(a->name, strlen(a->name), 0x6e737462);
}

int netstack_link_vrf_cmp(const struct netstack_link *a, const struct netstack_link *b)
{
	int diff = numcmp(a->vrf_table, b->vrf_table);

	return diff ? diff : numcmp(a->ifindex, b->ifindex);
}

int netstack_absent_master_cmp(const struct netstack_absent_master *a,
			       const struct netstack_absent_master *b)
{
	return numcmp(a->ifindex, b->ifindex);
}

int netstack_link_address_cmp(const struct netstack_link_address *a,
			      const struct netstack_link_address *b)
{
	return netstack_prefix_cmp(&a->prefix, &b->prefix);
}

int netstack_link_neighbor_cmp(const struct netstack_link_neighbor *a,
			       const struct netstack_link_neighbor *b)
{
	int diff = numcmp(a->address.ipa_type, b->address.ipa_type);

	return diff ? diff
		    : memcmp(a->address.ip.addrbytes, b->address.ip.addrbytes,
			     IPADDRSZ(&a->address));
}

int netstack_fib_table_cmp(const struct netstack_fib_table *a, const struct netstack_fib_table *b)
{
	return numcmp(a->table, b->table);
}

uint32_t netstack_fib_table_hash(const struct netstack_fib_table *a)
{
	return jhash_1word(a->table, 0x6e737463);
}

int netstack_fib_route_cmp(const struct netstack_fib_route *a, const struct netstack_fib_route *b)
{
	int diff = netstack_prefix_cmp(&a->prefix, &b->prefix);

	if (!diff)
		diff = numcmp(a->tos, b->tos);
	if (!diff)
		diff = numcmp(a->metric, b->metric);
	if (!diff)
		diff = numcmp(a->type, b->type);
	return diff ? diff : numcmp(a->copy, b->copy);
}

int netstack_fib_use_cmp(const struct netstack_fib_use *a, const struct netstack_fib_use *b)
{
	int diff = numcmp(a->is_nexthop, b->is_nexthop);

	if (!diff)
		diff = numcmp(a->id, b->id);
	return diff ? diff : numcmp(a->table, b->table);
}

int netstack_rule_table_cmp(const struct netstack_rule_table *a,
			    const struct netstack_rule_table *b)
{
	return numcmp(a->table, b->table);
}

/* --- the whole --------------------------------------------------------------------------- */

/* Empty; the caller owns it and gives it back to netstack_observed_free(). */
struct netstack_observed *netstack_observed_new(void)
{
	struct netstack_observed *obs = XCALLOC(MTYPE_OBSERVED, sizeof(*obs));

	netstack_links_index_init(&obs->links_by_index);
	netstack_links_name_init(&obs->links_by_name);
	netstack_links_vrf_init(&obs->links_by_vrf_table);
	netstack_absent_masters_init(&obs->absent_masters);
	netstack_fib_tables_init(&obs->tables);
	netstack_fib_uses_init(&obs->fib_uses);
	netstack_rule_tables_init(&obs->rule_tables);
	obs->tcp_l3mdev_accept = obs->udp_l3mdev_accept = -1;
	return obs;
}

static void table_free(struct netstack_fib_table *table);

void netstack_observed_free(struct netstack_observed *obs)
{
	struct netstack_link *link;
	struct netstack_fib_table *table;

	if (!obs)
		return;
	while ((link = netstack_links_index_first(&obs->links_by_index)))
		netstack_observed_link_del(obs, link);
	while ((table = netstack_fib_tables_pop(&obs->tables)))
		table_free(table);
	netstack_observed_rules_clear(obs);

	netstack_links_index_fini(&obs->links_by_index);
	netstack_links_name_fini(&obs->links_by_name);
	netstack_links_vrf_fini(&obs->links_by_vrf_table);
	netstack_absent_masters_fini(&obs->absent_masters);
	netstack_fib_tables_fini(&obs->tables);
	netstack_fib_uses_fini(&obs->fib_uses);
	netstack_rule_tables_fini(&obs->rule_tables);
	XFREE(MTYPE_OBSERVED, obs);
}

/* --- links ------------------------------------------------------------------------------- */

struct netstack_link *netstack_link_by_index(const struct netstack_observed *obs, int ifindex)
{
	struct netstack_link key = { .ifindex = ifindex };

	return (struct netstack_link *)netstack_links_index_const_find(&obs->links_by_index, &key);
}

struct netstack_link *netstack_link_by_name(const struct netstack_observed *obs, const char *name)
{
	struct netstack_link key;

	if (!name[0] || strlcpy(key.name, name, sizeof(key.name)) >= sizeof(key.name))
		return NULL;
	return (struct netstack_link *)netstack_links_name_const_find(&obs->links_by_name, &key);
}

/*
 * Without strict_mode several VRF devices can have one table: the one with the lowest ifindex is
 * given.  O(log number of VRF devices).
 */
struct netstack_link *netstack_link_by_vrf_table(const struct netstack_observed *obs,
						 uint32_t table)
{
	struct netstack_link key = { .vrf_table = table, .ifindex = 0 };
	const struct netstack_link *link;

	if (!table)
		return NULL;
	link = netstack_links_vrf_const_find_gteq(&obs->links_by_vrf_table, &key);
	return link && link->vrf_table == table ? (struct netstack_link *)link : NULL;
}

static struct netstack_absent_master *absent_find(struct netstack_observed *obs, int ifindex)
{
	const struct netstack_absent_master key = { .ifindex = ifindex };

	return netstack_absent_masters_find(&obs->absent_masters, &key);
}

static struct netstack_absent_master *absent_get(struct netstack_observed *obs, int ifindex)
{
	struct netstack_absent_master *absent = absent_find(obs, ifindex);

	if (!absent) {
		absent = XCALLOC(MTYPE_ABSENT_MASTER, sizeof(*absent));
		absent->ifindex = ifindex;
		netstack_link_slaves_init(&absent->slaves);
		netstack_absent_masters_add(&obs->absent_masters, absent);
	}
	return absent;
}

static void absent_drop_if_empty(struct netstack_observed *obs,
				 struct netstack_absent_master *absent)
{
	if (netstack_link_slaves_count(&absent->slaves))
		return;
	netstack_absent_masters_del(&obs->absent_masters, absent);
	netstack_link_slaves_fini(&absent->slaves);
	XFREE(MTYPE_ABSENT_MASTER, absent);
}

static void master_join(struct netstack_observed *obs, struct netstack_link *link)
{
	struct netstack_link *upper;

	if (!link->master)
		return;
	upper = netstack_link_by_index(obs, link->master);
	netstack_link_slaves_add_tail(upper ? &upper->slaves
					    : &absent_get(obs, link->master)->slaves,
				      link);
}

static void master_leave(struct netstack_observed *obs, struct netstack_link *link)
{
	struct netstack_link *upper;
	struct netstack_absent_master *absent;

	if (!link->master)
		return;
	upper = netstack_link_by_index(obs, link->master);
	if (upper) {
		netstack_link_slaves_del(&upper->slaves, link);
		return;
	}
	absent = absent_find(obs, link->master);
	netstack_link_slaves_del(&absent->slaves, link);
	absent_drop_if_empty(obs, absent);
}

/* Links that said that this is their master before it was known. */
static void adopt_slaves(struct netstack_observed *obs, struct netstack_link *upper)
{
	struct netstack_absent_master *absent = absent_find(obs, upper->ifindex);
	struct netstack_link *slave;

	if (!absent)
		return;
	while ((slave = netstack_link_slaves_pop(&absent->slaves)))
		netstack_link_slaves_add_tail(&upper->slaves, slave);
	absent_drop_if_empty(obs, absent);
}

/*
 * Names are unique in the kernel, but a message about who has the name now can come before the
 * one about the name that the former holder has now: until then that one has none.
 */
static void name_take(struct netstack_observed *obs, struct netstack_link *link, const char *name)
{
	struct netstack_link *former = netstack_link_by_name(obs, name);

	if (former && former != link) {
		netstack_links_name_del(&obs->links_by_name, former);
		former->name[0] = '\0';
	}
	strlcpy(link->name, name, sizeof(link->name));
	if (link->name[0])
		netstack_links_name_add(&obs->links_by_name, link);
}

static char no_alias[1]; /* "" */

void netstack_observed_link_set_alias(struct netstack_link *link, const char *alias)
{
	if (link->alias != no_alias)
		XFREE(MTYPE_LINK_ALIAS, link->alias);
	link->alias = alias[0] ? XSTRDUP(MTYPE_LINK_ALIAS, alias) : no_alias;
}

/*
 * A new link without anything but an index, which must not be known, and a name.  Freed by
 * netstack_observed_link_del().
 */
struct netstack_link *netstack_observed_link_add(struct netstack_observed *obs, int ifindex,
						 const char *name)
{
	struct netstack_link *link = XCALLOC(MTYPE_LINK, sizeof(*link));

	link->obs = obs;
	link->ifindex = ifindex;
	link->alias = no_alias;
	netstack_link_addresses_init(&link->addresses);
	netstack_link_neighbors_init(&link->neighbors);
	netstack_link_slaves_init(&link->slaves);
	netstack_links_index_add(&obs->links_by_index, link);
	name_take(obs, link, name);
	adopt_slaves(obs, link);
	return link;
}

void netstack_observed_link_rename(struct netstack_observed *obs, struct netstack_link *link,
				   const char *name)
{
	if (strcmp(link->name, name) == 0)
		return;
	if (link->name[0])
		netstack_links_name_del(&obs->links_by_name, link);
	name_take(obs, link, name);
}

/* The master's ifindex; it need not be known yet.  0: none. */
void netstack_observed_link_set_master(struct netstack_observed *obs, struct netstack_link *link,
				       int ifindex)
{
	if (link->master == ifindex)
		return;
	master_leave(obs, link);
	link->master = ifindex;
	master_join(obs, link);
}

/* 0: not a VRF device. */
void netstack_observed_link_set_vrf_table(struct netstack_observed *obs, struct netstack_link *link,
					  uint32_t table)
{
	if (link->vrf_table == table)
		return;
	if (link->vrf_table)
		netstack_links_vrf_del(&obs->links_by_vrf_table, link);
	link->vrf_table = table;
	if (table)
		netstack_links_vrf_add(&obs->links_by_vrf_table, link);
}

static void address_free(struct netstack_link *link, struct netstack_link_address *address)
{
	netstack_link_addresses_del(&link->addresses, address);
	XFREE(MTYPE_LINK_ADDRESS, address);
}

bool netstack_neighbor_counts(uint16_t state)
{
	return state != NUD_NONE && !(state & NUD_NOARP);
}

bool netstack_neighbor_fills(uint16_t state, uint8_t flags)
{
	return netstack_neighbor_counts(state) && !(state & NUD_PERMANENT) &&
	       !(flags & NTF_EXT_LEARNED);
}

static void neighbor_count(struct netstack_link *link,
			   const struct netstack_link_neighbor *neighbor, int by)
{
	if (netstack_neighbor_counts(neighbor->state))
		link->neighbor_count += by;
	if (netstack_neighbor_fills(neighbor->state, neighbor->flags))
		link->obs->neighbors_filling[IS_IPADDR_V6(&neighbor->address)] += by;
}

void netstack_observed_neighbor_set_state(struct netstack_link *link,
					  struct netstack_link_neighbor *neighbor, uint16_t state,
					  uint8_t flags)
{
	neighbor_count(link, neighbor, -1);
	neighbor->state = state;
	neighbor->flags = flags;
	neighbor_count(link, neighbor, 1);
}

static void neighbor_free(struct netstack_link *link, struct netstack_link_neighbor *neighbor)
{
	neighbor_count(link, neighbor, -1);
	netstack_link_neighbors_del(&link->neighbors, neighbor);
	XFREE(MTYPE_LINK_NEIGHBOR, neighbor);
}

/* With its addresses and neighbours.  Its slaves keep the number of their master. */
void netstack_observed_link_del(struct netstack_observed *obs, struct netstack_link *link)
{
	struct netstack_link_address *address;
	struct netstack_link_neighbor *neighbor;
	struct netstack_link *slave;

	while ((address = netstack_link_addresses_first(&link->addresses)))
		address_free(link, address);
	while ((neighbor = netstack_link_neighbors_first(&link->neighbors)))
		neighbor_free(link, neighbor);

	netstack_observed_link_set_master(obs, link, 0);
	netstack_observed_link_set_vrf_table(obs, link, 0);
	netstack_observed_link_set_alias(link, "");
	if (link->name[0])
		netstack_links_name_del(&obs->links_by_name, link);
	netstack_links_index_del(&obs->links_by_index, link);
	frr_each_safe (netstack_link_slaves, &link->slaves, slave) {
		netstack_link_slaves_del(&link->slaves, slave);
		master_join(obs, slave); /* which is absent now */
	}

	netstack_link_addresses_fini(&link->addresses);
	netstack_link_neighbors_fini(&link->neighbors);
	netstack_link_slaves_fini(&link->slaves);
	XFREE(MTYPE_LINK, link);
}

/* --- addresses and neighbours ------------------------------------------------------------ */

bool netstack_link_address_is_volatile(const struct netstack_link_address *address)
{
	return address->prefix.family == AF_INET6 && (address->flags & IFA_F_PERMANENT) &&
	       address->proto != IFAPROT_KERNEL_LL && address->scope != RT_SCOPE_HOST;
}

struct netstack_link_address *netstack_link_address_find(const struct netstack_link *link,
							 const struct netstack_prefix *prefix)
{
	struct netstack_link_address key = { .prefix = *prefix };

	return (struct netstack_link_address *)netstack_link_addresses_const_find(&link->addresses,
										  &key);
}

struct netstack_link_neighbor *netstack_link_neighbor_find(const struct netstack_link *link,
							   const struct ipaddr *address)
{
	struct netstack_link_neighbor key = { .address = *address };

	return (struct netstack_link_neighbor *)netstack_link_neighbors_const_find(&link->neighbors,
										   &key);
}

/* The one that is there, or a new one with nothing but the prefix. */
struct netstack_link_address *netstack_observed_address_add(struct netstack_link *link,
							    const struct netstack_prefix *prefix)
{
	struct netstack_link_address *address = netstack_link_address_find(link, prefix);

	if (!address) {
		address = XCALLOC(MTYPE_LINK_ADDRESS, sizeof(*address));
		address->prefix = address->subnet = *prefix;
		netstack_link_addresses_add(&link->addresses, address);
	}
	return address;
}

void netstack_observed_address_del(struct netstack_link *link, const struct netstack_prefix *prefix)
{
	struct netstack_link_address *address = netstack_link_address_find(link, prefix);

	if (address)
		address_free(link, address);
}

/* The one that is there, or a new one with nothing but the address. */
struct netstack_link_neighbor *netstack_observed_neighbor_add(struct netstack_link *link,
							      const struct ipaddr *address)
{
	struct netstack_link_neighbor *neighbor = netstack_link_neighbor_find(link, address);

	if (!neighbor) {
		neighbor = XCALLOC(MTYPE_LINK_NEIGHBOR, sizeof(*neighbor));
		neighbor->address = *address;
		netstack_link_neighbors_add(&link->neighbors, neighbor);
	}
	return neighbor;
}

void netstack_observed_neighbor_del(struct netstack_link *link, const struct ipaddr *address)
{
	struct netstack_link_neighbor *neighbor = netstack_link_neighbor_find(link, address);

	if (neighbor)
		neighbor_free(link, neighbor);
}

/* --- which tables use a link -------------------------------------------------------------- */

static void use_count(struct netstack_fib_table *table, bool is_nexthop, uint32_t id, int by)
{
	struct netstack_fib_uses_head *uses = &table->obs->fib_uses;
	struct netstack_fib_use key = { .is_nexthop = is_nexthop, .id = id, .table = table->table };
	struct netstack_fib_use *use = netstack_fib_uses_find(uses, &key);

	if (!use) {
		use = XCALLOC(MTYPE_FIB_USE, sizeof(*use));
		use->is_nexthop = is_nexthop;
		use->id = id;
		use->table = table->table;
		netstack_fib_uses_add(uses, use);
	}
	use->routes += by;
	if (!use->routes) {
		netstack_fib_uses_del(uses, use);
		XFREE(MTYPE_FIB_USE, use);
	}
}

static unsigned int nexthops_kept(const struct netstack_fib_route *route)
{
	return MIN(route->nexthop_count, NETSTACK_FIB_NEXTHOPS_KEPT);
}

static void route_count_uses(struct netstack_fib_table *table,
			     const struct netstack_fib_route *route, int by)
{
	if (route->nexthop_id)
		use_count(table, true, route->nexthop_id, by);
	if (route->nexthop_id && !route->nexthop_count)
		use_count(table, false, 0, by);
	for (unsigned int i = 0; i < nexthops_kept(route); i++)
		if (route->nexthops[i].ifindex)
			use_count(table, false, route->nexthops[i].ifindex, by);
}

static void tables_using(const struct netstack_observed *obs, bool is_nexthop, uint32_t id,
			 void (*cb)(uint32_t table, void *arg), void *arg)
{
	const struct netstack_fib_use *use;
	struct netstack_fib_use key = { .is_nexthop = is_nexthop, .id = id };

	for (use = netstack_fib_uses_const_find_gteq(&obs->fib_uses, &key);
	     use && use->is_nexthop == is_nexthop && use->id == id;
	     use = netstack_fib_uses_const_next(&obs->fib_uses, use))
		cb(use->table, arg);
}

void netstack_observed_tables_using(const struct netstack_observed *obs, bool is_nexthop,
				    uint32_t id, void (*cb)(uint32_t table, void *arg), void *arg)
{
	tables_using(obs, is_nexthop, id, cb, arg);
	if (!is_nexthop)
		tables_using(obs, false, 0, cb, arg);
}

/* --- routes ------------------------------------------------------------------------------ */

struct netstack_fib_table *netstack_fib_table_find(const struct netstack_observed *obs,
						   uint32_t table)
{
	struct netstack_fib_table key = { .table = table };

	return (struct netstack_fib_table *)netstack_fib_tables_const_find(&obs->tables, &key);
}

/* Zeroed, with nexthop_count and room for as many next hops as are kept of it. */
struct netstack_fib_route *netstack_fib_route_new(uint16_t nexthop_count)
{
	size_t kept = MIN(nexthop_count, NETSTACK_FIB_NEXTHOPS_KEPT);
	struct netstack_fib_route *route;

	route = XCALLOC(MTYPE_FIB_ROUTE, sizeof(*route) + kept * sizeof(route->nexthops[0]));
	route->nexthop_count = nexthop_count;
	return route;
}

void netstack_fib_route_free(struct netstack_fib_route *route)
{
	XFREE(MTYPE_FIB_ROUTE, route);
}

/* What is looked up is mostly the one after the last, when all are looked at in their order. */
static const struct netstack_fib_route *after_last(const struct netstack_fib_table *table,
						   const struct netstack_prefix *prefix)
{
	const struct netstack_fib_route *next =
		table->last_found
			? netstack_fib_routes_const_next(&table->routes, table->last_found)
			: NULL;

	if (!next || !netstack_prefix_same(&next->prefix, prefix) ||
	    netstack_prefix_same(&table->last_found->prefix, prefix))
		return NULL;
	return next;
}

struct netstack_fib_route *netstack_fib_route_first(const struct netstack_fib_table *table,
						    const struct netstack_prefix *prefix)
{
	const struct netstack_fib_route *route = after_last(table, prefix);
	struct netstack_fib_route key = { .prefix = *prefix };

	if (!route)
		route = netstack_fib_routes_const_find_gteq(&table->routes, &key);
	if (!route || !netstack_prefix_same(&route->prefix, prefix))
		return NULL;
	((struct netstack_fib_table *)table)->last_found = route;
	return (struct netstack_fib_route *)route;
}

struct netstack_fib_route *netstack_fib_route_next(const struct netstack_fib_table *table,
						   const struct netstack_fib_route *route)
{
	const struct netstack_fib_route *next =
		netstack_fib_routes_const_next(&table->routes, route);

	if (!next || !netstack_prefix_same(&next->prefix, &route->prefix))
		return NULL;
	return (struct netstack_fib_route *)next;
}

bool netstack_fib_route_same(const struct netstack_fib_route *a, const struct netstack_fib_route *b)
{
	if (!netstack_prefix_same(&a->prefix, &b->prefix) || a->tos != b->tos ||
	    a->metric != b->metric || a->type != b->type || a->proto != b->proto ||
	    a->nexthop_id != b->nexthop_id || a->nexthop_count != b->nexthop_count ||
	    a->has_more != b->has_more)
		return false;
	for (unsigned int i = 0; i < nexthops_kept(a); i++)
		if (a->nexthops[i].ifindex != b->nexthops[i].ifindex ||
		    ipaddr_cmp(&a->nexthops[i].gate, &b->nexthops[i].gate) != 0)
			return false;
	return true;
}

static void route_remove(struct netstack_fib_table *table, struct netstack_fib_route *route)
{
	if (table->last_found == route)
		table->last_found = NULL;
	netstack_fib_routes_del(&table->routes, route);
	route_count_uses(table, route, -1);
	netstack_fib_route_free(route);
}

void netstack_observed_route_add(struct netstack_fib_table *table, struct netstack_fib_route *route)
{
	struct netstack_fib_route *former = netstack_fib_routes_add(&table->routes, route);

	if (former) {
		route_remove(table, former);
		netstack_fib_routes_add(&table->routes, route);
	}
	route_count_uses(table, route, 1);
}

void netstack_observed_route_del(struct netstack_fib_table *table,
				 const struct netstack_fib_route *key)
{
	struct netstack_fib_route *route;

	route = netstack_fib_routes_find(&table->routes, (struct netstack_fib_route *)key);
	if (route)
		route_remove(table, route);
}

static void table_free(struct netstack_fib_table *table)
{
	struct netstack_fib_route *route;

	while ((route = netstack_fib_routes_first(&table->routes)))
		route_remove(table, route);
	netstack_fib_routes_fini(&table->routes);
	XFREE(MTYPE_FIB_TABLE, table);
}

/* The table, empty and not synced if it was not watched. */
struct netstack_fib_table *netstack_observed_watch_table(struct netstack_observed *obs,
							 uint32_t table)
{
	struct netstack_fib_table *fib = netstack_fib_table_find(obs, table);

	if (!fib) {
		fib = XCALLOC(MTYPE_FIB_TABLE, sizeof(*fib));
		fib->obs = obs;
		fib->table = table;
		netstack_fib_routes_init(&fib->routes);
		netstack_fib_tables_add(&obs->tables, fib);
	}
	fib->watchers++;
	return fib;
}

/* Its routes go with the last watcher. */
void netstack_observed_unwatch_table(struct netstack_observed *obs, uint32_t table)
{
	struct netstack_fib_table *fib = netstack_fib_table_find(obs, table);

	if (!fib || --fib->watchers)
		return;
	netstack_fib_tables_del(&obs->tables, fib);
	table_free(fib);
}

/* --- rules ------------------------------------------------------------------------------- */

void netstack_observed_rule_add(struct netstack_observed *obs, const struct netstack_rule *rule)
{
	struct netstack_rule_table key = { .table = rule->table };
	struct netstack_rule_table *table = netstack_rule_tables_find(&obs->rule_tables, &key);

	*darr_append(obs->rules) = *rule;
	if (!rule->table)
		return;
	if (!table) {
		table = XCALLOC(MTYPE_RULE_TABLE, sizeof(*table));
		table->table = rule->table;
		netstack_rule_tables_add(&obs->rule_tables, table);
	}
	table->rules++;
}

void netstack_observed_rules_clear(struct netstack_observed *obs)
{
	struct netstack_rule_table *table;

	while ((table = netstack_rule_tables_pop(&obs->rule_tables)))
		XFREE(MTYPE_RULE_TABLE, table);
	darr_free(obs->rules);
}

/* RTPROT_* of the kernel, and of FRR's daemons (zebra/rt_netlink.h). */
static const struct {
	uint8_t proto;
	const char *name;
} protocols[] = {
	{ RTPROT_REDIRECT, "redirect" },
	{ RTPROT_KERNEL, "kernel" },
	{ RTPROT_BOOT, "boot" },
	{ RTPROT_STATIC, "ip" }, /* typed into iproute2 as `proto static`, or a network manager's */
	{ RTPROT_RA, "ra" },
	{ RTPROT_ZEBRA, "zebra" },
	{ RTPROT_DHCP, "dhcp" },
	{ 42, "babel" },
	{ NETSTACK_PROTO, "netstack" },
	{ 186, "bgp" },
	{ 187, "isis" },
	{ 188, "ospf" },
	{ 189, "rip" },
	{ 190, "ripng" },
	{ 191, "nhrp" },
	{ 192, "eigrp" },
	{ 193, "ldp" },
	{ 194, "sharp" },
	{ 195, "pbr" },
	{ NETSTACK_RTPROT_ZSTATIC, "static" },
	{ 197, "openfabric" },
	{ 198, "srte" },
};

const char *netstack_protocol_name(uint8_t proto, char *buf, size_t len)
{
	snprintf(buf, len, "%u", proto);
	for (size_t i = 0; i < array_size(protocols); i++)
		if (protocols[i].proto == proto)
			strlcpy(buf, protocols[i].name, len);
	return buf;
}
