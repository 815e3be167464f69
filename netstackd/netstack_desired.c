// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the configuration says: the intent.
 *
 * Besides the stacks themselves there are four indexes, so that no writer and no reader walks
 * over all stacks: interfaces by name, stacks by the name of their VRF, leaks by the stack that
 * they come from, and stacks by the parents of their interfaces.
 */

#include <zebra.h>

#include "jhash.h"
#include "memory.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_desired.h"

DEFINE_MTYPE_STATIC(NETSTACKD, STACK, "Stack");
DEFINE_MTYPE_STATIC(NETSTACKD, STACK_DESCRIPTION, "Description of a stack");
DEFINE_MTYPE_STATIC(NETSTACKD, STACK_IF, "Interface of a stack");
DEFINE_MTYPE_STATIC(NETSTACKD, STACK_ADDRESS, "Address of an interface");
DEFINE_MTYPE_STATIC(NETSTACKD, STACK_ROUTE, "Configured next hop");
DEFINE_MTYPE_STATIC(NETSTACKD, STACK_TRACK, "Tracking of a next hop");
DEFINE_MTYPE_STATIC(NETSTACKD, STACK_NEIGHBOR, "Permanent neighbour");
DEFINE_MTYPE_STATIC(NETSTACKD, STACK_LEAK, "Leak between stacks");
DEFINE_MTYPE_STATIC(NETSTACKD, STACK_PARENT, "Parent of interfaces of a stack");

PREDECL_RBTREE_UNIQ(parents);

/* Interfaces of the stack have the link of this name as their parent. */
struct parent {
	struct parents_item item;
	struct netstack *stack;
	char name[IFNAMSIZ];
	unsigned int members;
};

/* A key without a stack comes before all stacks with that parent. */
static int parent_cmp(const struct parent *a, const struct parent *b)
{
	return strcmp(a->name, b->name) ?: numcmp((uintptr_t)a->stack, (uintptr_t)b->stack);
}

DECLARE_RBTREE_UNIQ(parents, struct parent, item, parent_cmp);

/*
 * By VRF, then by stack: in the middle of a transaction two stacks can have one VRF name, and one
 * that is being removed still has to do with the VRF that another one may have by now.  A key without
 * a stack's name comes before all stacks with that VRF.
 */
static int vrf_cmp(const struct netstack *a, const struct netstack *b)
{
	return strcmp(netstack_vrf_name(a), netstack_vrf_name(b)) ?: netstack_cmp(a, b);
}

DECLARE_RBTREE_UNIQ(netstack_vrfs, struct netstack, by_vrf, vrf_cmp);

struct netstacks_head netstacks;
struct netstack_global netstack_global = {
	.table_first = NETSTACK_TABLE_FIRST,
	.table_last = NETSTACK_TABLE_LAST,
};

static struct netstack_ifnames_head ifnames;
static struct netstack_vrfs_head vrfs;
static struct netstack_leaks_from_head leaks;
static struct parents_head parents;
static struct netstack_desired_hooks hooks;

/*
 * Order and hashes
 */

int netstack_cmp(const struct netstack *a, const struct netstack *b)
{
	return strcmp(a->name, b->name);
}

int netstack_if_cmp(const struct netstack_if *a, const struct netstack_if *b)
{
	return strcmp(a->name, b->name);
}

int netstack_ifname_cmp(const struct netstack_if *a, const struct netstack_if *b)
{
	return strcmp(a->name, b->name);
}

uint32_t netstack_ifname_hash(const struct netstack_if *a)
{
	return jhash(a->name, strlen(a->name), 0x49460000);
}

int netstack_address_cmp(const struct netstack_address *a, const struct netstack_address *b)
{
	return netstack_prefix_cmp(&a->prefix, &b->prefix);
}

/* By length, then by address: the default route first. */
static int destination_cmp(const struct netstack_prefix *a, const struct netstack_prefix *b)
{
	return numcmp(a->family, b->family) ?: numcmp(a->prefixlen, b->prefixlen) ?:
	       netstack_prefix_cmp_address(a, b);
}

int netstack_route_cmp(const struct netstack_route *a, const struct netstack_route *b)
{
	return numcmp(b->is_gateway, a->is_gateway) ?: destination_cmp(&a->prefix, &b->prefix) ?:
	       numcmp(a->type, b->type) ?: ipaddr_cmp(&a->gate, &b->gate) ?:
	       strcmp(a->ifname, b->ifname);
}

int netstack_track_cmp(const struct netstack_track *a, const struct netstack_track *b)
{
	return numcmp(a->kind, b->kind) ?: strcmp(a->profile, b->profile) ?:
	       numcmp(a->interval, b->interval) ?: numcmp(a->multiplier, b->multiplier) ?:
	       numcmp(a->hold_down, b->hold_down);
}

int netstack_neighbor_cmp(const struct netstack_neighbor *a, const struct netstack_neighbor *b)
{
	return strcmp(a->ifname, b->ifname) ?: ipaddr_cmp(&a->address, &b->address);
}

int netstack_leak_cmp(const struct netstack_leak *a, const struct netstack_leak *b)
{
	return strcmp(a->from, b->from) ?: strcmp(a->plist, b->plist);
}

/* A key without a stack comes before all leaks out of that source. */
int netstack_leak_source_cmp(const struct netstack_leak *a, const struct netstack_leak *b)
{
	int cmp = strcmp(a->from, b->from) ?: numcmp(!!a->stack, !!b->stack);

	if (cmp || !a->stack)
		return cmp;
	return netstack_cmp(a->stack, b->stack) ?: strcmp(a->plist, b->plist);
}

/*
 * Hooks
 */

static void changed(struct netstack *stack)
{
	if (hooks.changed)
		hooks.changed(stack);
}

static void route_changed(struct netstack *stack, const struct netstack_prefix *prefix)
{
	if (hooks.route_changed)
		hooks.route_changed(stack, prefix);
	else
		changed(stack);
}

/*
 * Parents
 */

static struct parent *parent_find(struct netstack *stack, const char *ifname)
{
	struct parent key = { .stack = stack };

	strlcpy(key.name, ifname, sizeof(key.name));
	return parents_find(&parents, &key);
}

static void parent_add(struct netstack *stack, const char *ifname)
{
	struct parent *parent;

	if (!ifname[0])
		return;
	parent = parent_find(stack, ifname);
	if (!parent) {
		parent = XCALLOC(MTYPE_STACK_PARENT, sizeof(*parent));
		parent->stack = stack;
		strlcpy(parent->name, ifname, sizeof(parent->name));
		parents_add(&parents, parent);
	}
	parent->members++;
}

static void parent_remove(struct netstack *stack, const char *ifname)
{
	struct parent *parent;

	if (!ifname[0])
		return;
	parent = parent_find(stack, ifname);
	assertf(parent, "BUG: %s is no parent of %s", ifname, stack->name);
	if (--parent->members)
		return;
	parents_del(&parents, parent);
	XFREE(MTYPE_STACK_PARENT, parent);
}

/*
 * Readers
 */

struct netstack *netstack_find(const char *name)
{
	struct netstack key = {};

	if (strlcpy(key.name, name, sizeof(key.name)) >= sizeof(key.name))
		return NULL;
	return netstacks_find(&netstacks, &key);
}

/* The first stack, configured or not, that has the VRF; netstack_vrfs_next() gives the others. */
static struct netstack *first_of_vrf(const char *vrf)
{
	struct netstack key = {};

	if (!vrf[0] || strlcpy(key.vrf_config, vrf, sizeof(key.vrf_config)) >= IFNAMSIZ)
		return NULL;
	return netstack_vrfs_find_gteq(&vrfs, &key);
}

struct netstack *netstack_find_vrf(const char *vrf)
{
	struct netstack *stack;

	for (stack = first_of_vrf(vrf); stack && strmatch(netstack_vrf_name(stack), vrf);
	     stack = netstack_vrfs_next(&vrfs, stack))
		if (stack->configured)
			return stack;
	return NULL;
}

struct netstack_if *netstack_if_find_any(const char *ifname)
{
	struct netstack_if key = {};

	if (strlcpy(key.name, ifname, sizeof(key.name)) >= sizeof(key.name))
		return NULL;
	return netstack_ifnames_find(&ifnames, &key);
}

struct netstack_if *netstack_if_find(const struct netstack *stack, const char *ifname)
{
	struct netstack_if *nif = netstack_if_find_any(ifname);

	return nif && nif->stack == stack ? nif : NULL;
}

void netstack_each_concerned(const char *ifname, void (*cb)(struct netstack *stack))
{
	const struct netstack_if *nif = netstack_if_find_any(ifname);
	struct parent key = {}, *parent;
	struct netstack *stack;

	if (nif)
		cb(nif->stack);
	for (stack = first_of_vrf(ifname); stack && strmatch(netstack_vrf_name(stack), ifname);
	     stack = netstack_vrfs_next(&vrfs, stack))
		if (!stack->is_default) /* the device of the default VRF is no device */
			cb(stack);
	strlcpy(key.name, ifname, sizeof(key.name));
	for (parent = parents_find_gteq(&parents, &key); parent && strmatch(parent->name, ifname);
	     parent = parents_next(&parents, parent))
		cb(parent->stack);
}

struct netstack_leak *netstack_leaks_of(const char *from, const struct netstack_leak *leak)
{
	struct netstack_leak key = {}, *next;

	strlcpy(key.from, from ?: "", sizeof(key.from));
	next = leak ? netstack_leaks_from_next(&leaks, (struct netstack_leak *)leak)
		    : netstack_leaks_from_find_gteq(&leaks, &key);
	return next && (!from || strmatch(next->from, from)) ? next : NULL;
}

const char *netstack_vrf_name(const struct netstack *stack)
{
	if (stack->vrf_config[0])
		return stack->vrf_config;
	/* cannot be in force: the northbound asks for a VRF name then */
	if (strlen(stack->name) >= IFNAMSIZ)
		return "";
	return stack->name;
}

/*
 * Stacks
 */

static struct netstack *stack_new(const char *name)
{
	struct netstack *stack = XCALLOC(MTYPE_STACK, sizeof(*stack));

	strlcpy(stack->name, name, sizeof(stack->name));
	stack->is_default = strmatch(name, NETSTACK_DEFAULT_NAME);
	netstack_ifs_init(&stack->interfaces);
	netstack_routes_init(&stack->routes);
	netstack_neighbors_init(&stack->neighbors);
	netstack_leaks_init(&stack->leaks);
	netstacks_add(&netstacks, stack);
	netstack_vrfs_add(&vrfs, stack);
	if (hooks.created)
		hooks.created(stack);
	return stack;
}

struct netstack *netstack_leftover(const char *name)
{
	return netstack_find(name) ?: stack_new(name);
}

struct netstack *netstack_add(const char *name)
{
	struct netstack *stack = netstack_find(name);

	if (!stack)
		stack = stack_new(name);
	else if (!stack->configured)
		netstack_set_vrf(stack, NULL);

	stack->configured = true;
	changed(stack);
	return stack;
}

static void if_free(struct netstack_if *nif)
{
	struct netstack_address *address;

	while ((address = netstack_addresses_pop(&nif->addresses)))
		XFREE(MTYPE_STACK_ADDRESS, address);
	netstack_addresses_fini(&nif->addresses);
	parent_remove(nif->stack, nif->parent);
	netstack_ifnames_del(&ifnames, nif);
	XFREE(MTYPE_STACK_IF, nif);
}

static void route_free(struct netstack_route *route)
{
	XFREE(MTYPE_STACK_TRACK, route->track);
	XFREE(MTYPE_STACK_ROUTE, route);
}

static void leak_free(struct netstack_leak *leak)
{
	netstack_leaks_from_del(&leaks, leak);
	XFREE(MTYPE_STACK_LEAK, leak);
}

static void stack_empty(struct netstack *stack)
{
	struct netstack_if *nif;
	struct netstack_route *route;
	struct netstack_neighbor *neighbor;
	struct netstack_leak *leak;

	while ((nif = netstack_ifs_pop(&stack->interfaces)))
		if_free(nif);
	while ((route = netstack_routes_pop(&stack->routes)))
		route_free(route);
	while ((neighbor = netstack_neighbors_pop(&stack->neighbors)))
		XFREE(MTYPE_STACK_NEIGHBOR, neighbor);
	while ((leak = netstack_leaks_pop(&stack->leaks)))
		leak_free(leak);
	XFREE(MTYPE_STACK_DESCRIPTION, stack->description);
	stack->shutdown = false;
	stack->table_config = 0;
	stack->ipv6_disable = false;
	memset(stack->limits, 0, sizeof(stack->limits));
}

void netstack_remove(struct netstack *stack)
{
	assertf(stack->configured, "BUG: %s is not configured", stack->name);

	stack_empty(stack);
	/* vrf_config stays: it is the name of what has to be taken down */
	if (!stack->is_default)
		stack->configured = false;
	changed(stack);
}

static void stack_free(struct netstack *stack)
{
	if (hooks.freeing)
		hooks.freeing(stack);
	stack_empty(stack);
	netstack_ifs_fini(&stack->interfaces);
	netstack_routes_fini(&stack->routes);
	netstack_neighbors_fini(&stack->neighbors);
	netstack_leaks_fini(&stack->leaks);
	netstack_vrfs_del(&vrfs, stack);
	netstacks_del(&netstacks, stack);
	XFREE(MTYPE_STACK, stack);
}

void netstack_free(struct netstack *stack)
{
	assertf(!stack->configured, "BUG: %s is configured", stack->name);
	stack_free(stack);
}

void netstack_set_description(struct netstack *stack, const char *text)
{
	XFREE(MTYPE_STACK_DESCRIPTION, stack->description);
	if (text)
		stack->description = XSTRDUP(MTYPE_STACK_DESCRIPTION, text);
	changed(stack);
}

void netstack_set_shutdown(struct netstack *stack, bool shutdown)
{
	stack->shutdown = shutdown;
	changed(stack);
}

void netstack_set_vrf(struct netstack *stack, const char *vrf)
{
	if (strmatch(stack->vrf_config, vrf ?: ""))
		return;

	netstack_vrfs_del(&vrfs, stack);
	strlcpy(stack->vrf_config, vrf ?: "", sizeof(stack->vrf_config));
	netstack_vrfs_add(&vrfs, stack);
	changed(stack);
}

void netstack_set_table(struct netstack *stack, uint32_t table)
{
	stack->table_config = table;
	changed(stack);
}

void netstack_set_ipv6_disable(struct netstack *stack, bool disable)
{
	stack->ipv6_disable = disable;
	changed(stack);
}

/*
 * Interfaces
 */

struct netstack_if *netstack_if_add(struct netstack *stack, const char *ifname)
{
	struct netstack_if *nif = XCALLOC(MTYPE_STACK_IF, sizeof(*nif));

	nif->stack = stack;
	strlcpy(nif->name, ifname, sizeof(nif->name));
	netstack_addresses_init(&nif->addresses);
	assertf(!netstack_ifnames_add(&ifnames, nif), "BUG: %s is in a stack already", ifname);
	netstack_ifs_add(&stack->interfaces, nif);
	changed(stack);
	return nif;
}

void netstack_if_remove(struct netstack_if *nif)
{
	struct netstack *stack = nif->stack;

	netstack_ifs_del(&stack->interfaces, nif);
	if_free(nif);
	changed(stack);
}

void netstack_if_set_link(struct netstack_if *nif, enum netstack_link_kind kind, const char *parent,
			  uint16_t vlan_id)
{
	char old[IFNAMSIZ];

	if (nif->kind == kind && nif->vlan_id == vlan_id && strmatch(nif->parent, parent ?: ""))
		return;

	strlcpy(old, nif->parent, sizeof(old));
	nif->kind = kind;
	nif->vlan_id = vlan_id;
	strlcpy(nif->parent, parent ?: "", sizeof(nif->parent));
	parent_add(nif->stack, nif->parent);
	parent_remove(nif->stack, old);
	changed(nif->stack);
}

void netstack_if_set_mac(struct netstack_if *nif, const struct ethaddr *mac)
{
	nif->has_mac = !!mac;
	nif->mac = mac ? *mac : (struct ethaddr){};
	changed(nif->stack);
}

void netstack_if_set_mtu(struct netstack_if *nif, uint32_t mtu)
{
	nif->mtu = mtu;
	changed(nif->stack);
}

void netstack_if_set_shutdown(struct netstack_if *nif, bool shutdown)
{
	nif->shutdown = shutdown;
	changed(nif->stack);
}

void netstack_if_add_address(struct netstack_if *nif, const struct netstack_prefix *prefix)
{
	struct netstack_address *address = XCALLOC(MTYPE_STACK_ADDRESS, sizeof(*address));

	address->prefix = *prefix;
	assertf(!netstack_addresses_add(&nif->addresses, address), "BUG: %s has %pFX already",
		nif->name, prefix);
	changed(nif->stack);
}

void netstack_if_remove_address(struct netstack_if *nif, const struct netstack_prefix *prefix)
{
	struct netstack_address key = { .prefix = *prefix }, *address;

	address = netstack_addresses_find(&nif->addresses, &key);
	assertf(address, "BUG: %s has no %pFX", nif->name, prefix);
	netstack_addresses_del(&nif->addresses, address);
	XFREE(MTYPE_STACK_ADDRESS, address);
	changed(nif->stack);
}

/*
 * Routes and neighbours
 */

struct netstack_route *netstack_route_find(const struct netstack *stack,
					   const struct netstack_route *key)
{
	return netstack_routes_find((struct netstack_routes_head *)&stack->routes, key);
}

struct netstack_route *netstack_route_add(struct netstack *stack, const struct netstack_route *key,
					  uint8_t distance)
{
	struct netstack_route *route = XCALLOC(MTYPE_STACK_ROUTE, sizeof(*route));

	route->stack = stack;
	route->is_gateway = key->is_gateway;
	route->prefix = key->prefix;
	netstack_prefix_mask(&route->prefix);
	route->type = key->type;
	route->gate = key->gate;
	strlcpy(route->ifname, key->ifname, sizeof(route->ifname));
	route->distance = distance;
	assertf(!netstack_routes_add(&stack->routes, route),
		"BUG: %s has this route to %pFX already", stack->name, &key->prefix);
	route_changed(stack, &route->prefix);
	return route;
}

const char *netstack_nexthop_text(const struct netstack_route *route, char *buf, size_t len)
{
	switch (route->type) {
	case NETSTACK_NEXTHOP_BLACKHOLE:
		strlcpy(buf, "blackhole", len);
		break;
	case NETSTACK_NEXTHOP_UNREACHABLE:
		strlcpy(buf, "unreachable", len);
		break;
	case NETSTACK_NEXTHOP_GATEWAY:
		snprintfrr(buf, len, "%pIA", &route->gate);
		break;
	}
	return buf;
}

bool netstack_nexthop_parse(struct netstack_route *route, const char *text)
{
	if (strmatch(text, "blackhole"))
		route->type = NETSTACK_NEXTHOP_BLACKHOLE;
	else if (strmatch(text, "unreachable"))
		route->type = NETSTACK_NEXTHOP_UNREACHABLE;
	else
		return str2ipaddr(text, &route->gate) == 0;
	return true;
}

void netstack_route_set_distance(struct netstack_route *route, uint8_t distance)
{
	if (route->distance == distance)
		return;
	route->distance = distance;
	route_changed(route->stack, &route->prefix);
}

void netstack_route_set_track(struct netstack_route *route, const struct netstack_track *track)
{
	const struct netstack_track *had = route->track;

	if (had && track ? !netstack_track_cmp(had, track) : had == track)
		return;
	XFREE(MTYPE_STACK_TRACK, route->track);
	if (track) {
		route->track = XCALLOC(MTYPE_STACK_TRACK, sizeof(*route->track));
		*route->track = *track;
	}
	changed(route->stack);
}

static const char *const track_words[] = {
	[NETSTACK_TRACK_NONE] = NULL,
	[NETSTACK_TRACK_BFD] = "bfd",
	[NETSTACK_TRACK_ARP] = "arp",
	[NETSTACK_TRACK_ICMP] = "icmp",
};

const char *netstack_track_word(enum netstack_track_kind kind)
{
	return track_words[kind];
}

const char *netstack_track_text(const struct netstack_track *track, char *buf, size_t len)
{
	const char *word = netstack_track_word(track->kind) ?: "";
	size_t used;

	if (track->kind == NETSTACK_TRACK_ICMP)
		snprintf(buf, len, "%s interval %u multiplier %u", word, track->interval,
			 track->multiplier);
	else
		snprintf(buf, len, "%s%s%s", word, track->profile[0] ? " profile " : "",
			 track->profile);
	used = strlen(buf);
	if (track->hold_down != NETSTACK_TRACK_HOLD_DOWN)
		snprintf(buf + used, len - used, " hold-down %u", track->hold_down);
	return buf;
}

enum netstack_track_kind netstack_track_parse(const char *word)
{
	for (size_t i = NETSTACK_TRACK_BFD; i < array_size(track_words); i++)
		if (strmatch(track_words[i], word))
			return i;
	return NETSTACK_TRACK_NONE;
}

void netstack_route_remove(struct netstack_route *route)
{
	struct netstack *stack = route->stack;
	struct netstack_prefix prefix = route->prefix;

	netstack_routes_del(&stack->routes, route);
	route_free(route);
	route_changed(stack, &prefix);
}

static struct netstack_neighbor *neighbor_find(struct netstack *stack, const char *ifname,
					       const struct ipaddr *address)
{
	struct netstack_neighbor key = { .address = *address };

	strlcpy(key.ifname, ifname, sizeof(key.ifname));
	return netstack_neighbors_find(&stack->neighbors, &key);
}

void netstack_neighbor_set(struct netstack *stack, const char *ifname, const struct ipaddr *address,
			   const struct ethaddr *mac)
{
	struct netstack_neighbor *neighbor = neighbor_find(stack, ifname, address);

	if (!neighbor) {
		neighbor = XCALLOC(MTYPE_STACK_NEIGHBOR, sizeof(*neighbor));
		strlcpy(neighbor->ifname, ifname, sizeof(neighbor->ifname));
		neighbor->address = *address;
		netstack_neighbors_add(&stack->neighbors, neighbor);
	}
	neighbor->mac = *mac;
	changed(stack);
}

void netstack_neighbor_remove(struct netstack *stack, const char *ifname,
			      const struct ipaddr *address)
{
	struct netstack_neighbor *neighbor = neighbor_find(stack, ifname, address);

	assertf(neighbor, "BUG: %s has no neighbour %pIA on %s", stack->name, address, ifname);
	netstack_neighbors_del(&stack->neighbors, neighbor);
	XFREE(MTYPE_STACK_NEIGHBOR, neighbor);
	changed(stack);
}

/*
 * Leaks
 */

void netstack_leak_add(struct netstack *stack, const char *from, const char *plist)
{
	struct netstack_leak *leak = XCALLOC(MTYPE_STACK_LEAK, sizeof(*leak));

	leak->stack = stack;
	strlcpy(leak->from, from, sizeof(leak->from));
	strlcpy(leak->plist, plist, sizeof(leak->plist));
	assertf(!netstack_leaks_add(&stack->leaks, leak), "BUG: %s has this leak from %s already",
		stack->name, from);
	netstack_leaks_from_add(&leaks, leak);
	changed(stack);
}

void netstack_leak_remove(struct netstack *stack, const char *from, const char *plist)
{
	struct netstack_leak key = {}, *leak;

	strlcpy(key.from, from, sizeof(key.from));
	strlcpy(key.plist, plist, sizeof(key.plist));
	leak = netstack_leaks_find(&stack->leaks, &key);
	assertf(leak, "BUG: %s has no leak from %s by prefix-list %s", stack->name, from, plist);
	netstack_leaks_del(&stack->leaks, leak);
	leak_free(leak);
	changed(stack);
}

/*
 * Global
 */

const char *netstack_limit_name(enum netstack_limit_kind kind)
{
	return kind == NETSTACK_LIMIT_ROUTES ? "routes" : "neighbors";
}

void netstack_set_limit(struct netstack *stack, enum netstack_limit_kind kind, uint32_t max,
			bool warning_only)
{
	struct netstack_limit *limit = &stack->limits[kind];

	if (limit->max == max && limit->warning_only == warning_only)
		return;
	limit->max = max;
	limit->warning_only = warning_only;
	changed(stack);
}

void netstack_set_table_range(uint32_t first, uint32_t last)
{
	struct netstack *stack;

	if (netstack_global.table_first == first && netstack_global.table_last == last)
		return;

	netstack_global.table_first = first;
	netstack_global.table_last = last;
	/* those that found none in the old range; tables that are allocated are kept */
	frr_each (netstacks, &netstacks, stack)
		if (stack->configured && !stack->is_default && !stack->table)
			changed(stack);
}

void netstack_desired_init(const struct netstack_desired_hooks *with)
{
	hooks = with ? *with : (struct netstack_desired_hooks){};
	netstacks_init(&netstacks);
	netstack_ifnames_init(&ifnames);
	netstack_vrfs_init(&vrfs);
	netstack_leaks_from_init(&leaks);
	parents_init(&parents);
	netstack_global.table_first = NETSTACK_TABLE_FIRST;
	netstack_global.table_last = NETSTACK_TABLE_LAST;
	netstack_add(NETSTACK_DEFAULT_NAME);
}

void netstack_desired_terminate(void)
{
	struct netstack *stack;

	frr_each_safe (netstacks, &netstacks, stack)
		stack_free(stack);
	parents_fini(&parents);
	netstack_leaks_from_fini(&leaks);
	netstack_vrfs_fini(&vrfs);
	netstack_ifnames_fini(&ifnames);
	netstacks_fini(&netstacks);
	hooks = (struct netstack_desired_hooks){};
}
