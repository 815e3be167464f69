// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The difference between desired and observed, as an ordered list of kernel operations.
 *
 * A stack that is in service is planned from the outside in: the VRF device, then each member.
 * What the stack no longer has is given back or deleted first, so that a name, a table or an
 * address is free before it is taken again.  Taking a stack down is the same code with nothing
 * desired: every member is one that it no longer has.
 */

#include <zebra.h>

#include <linux/if_ether.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "printfrr.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_original.h"
#include "netstackd/netstack_planning.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_OPS, "Kernel operations");

int netstack_member_cmp(const struct netstack_member *a, const struct netstack_member *b)
{
	return strcmp(a->name, b->name);
}

/* ------------------------------------------------------------------------------------------
 * Lists of operations
 */

struct netstack_op *netstack_ops_add(struct netstack_ops *ops, enum netstack_op_type type,
				     struct netstack *stack)
{
	struct netstack_op *op;

	if (ops->count == ops->size) {
		ops->size = ops->size ? 2 * ops->size : 32;
		ops->op = XREALLOC(MTYPE_NETSTACK_OPS, ops->op, ops->size * sizeof(*ops->op));
	}
	op = &ops->op[ops->count++];
	memset(op, 0, sizeof(*op));
	op->type = type;
	op->stack = stack;
	return op;
}

void netstack_ops_fini(struct netstack_ops *ops)
{
	XFREE(MTYPE_NETSTACK_OPS, ops->op);
	memset(ops, 0, sizeof(*ops));
}

static const char *family_name(int family)
{
	return family == AF_INET6 ? "IPv6" : "IPv4";
}

static void describe_create(const struct netstack_op *op, char *buf, size_t len)
{
	if (!strcmp(op->kind, "vrf"))
		snprintf(buf, len, "create VRF %s, table %u", op->name, op->table);
	else if (!strcmp(op->kind, "vlan"))
		snprintf(buf, len, "create %s, VLAN %u", op->name, op->vlan_id);
	else
		snprintf(buf, len, "create %s, %s", op->name, op->kind);
}

/* What is done to one link. */
static void describe_link(const struct netstack_op *op, char *buf, size_t len)
{
	switch (op->type) {
	case NETSTACK_OP_LINK_CREATE:
		describe_create(op, buf, len);
		break;
	case NETSTACK_OP_LINK_DELETE:
		snprintf(buf, len, "delete %s", op->name);
		break;
	case NETSTACK_OP_LINK_MASTER:
		snprintf(buf, len, op->master ? "enslave %s to the VRF" : "release %s from the VRF",
			 op->name);
		break;
	case NETSTACK_OP_LINK_UP:
		snprintf(buf, len, "bring %s up", op->name);
		break;
	case NETSTACK_OP_LINK_DOWN:
		snprintf(buf, len, "take %s down", op->name);
		break;
	case NETSTACK_OP_LINK_MTU:
		snprintf(buf, len, "set the MTU of %s to %u", op->name, op->mtu);
		break;
	case NETSTACK_OP_LINK_MAC:
		snprintfrr(buf, len, "set the MAC of %s to %pEA", op->name, &op->mac);
		break;
	case NETSTACK_OP_IPV6:
		snprintf(buf, len, "%s IPv6 on %s", op->enable ? "enable" : "disable", op->name);
		break;
	default:
		break;
	}
}

/* What is put on a link, or into a table. */
static void describe_content(const struct netstack_op *op, char *buf, size_t len)
{
	switch (op->type) {
	case NETSTACK_OP_ADDRESS_ADD:
		snprintfrr(buf, len, "add address %pFX to %s", &op->prefix, op->name);
		break;
	case NETSTACK_OP_ADDRESS_DELETE:
		snprintfrr(buf, len, "delete address %pFX from %s", &op->prefix, op->name);
		break;
	case NETSTACK_OP_NEIGHBOR_SET:
		snprintfrr(buf, len, "set neighbour %pIA of %s to %pEA", &op->address, op->name,
			   &op->mac);
		break;
	case NETSTACK_OP_NEIGHBOR_DELETE:
		snprintfrr(buf, len, "delete neighbour %pIA of %s", &op->address, op->name);
		break;
	case NETSTACK_OP_UNREACHABLE_ADD:
		snprintf(buf, len, "add the %s unreachable default to table %u",
			 family_name(op->family), op->table);
		break;
	case NETSTACK_OP_UNREACHABLE_DELETE:
		snprintf(buf, len, "delete the %s unreachable default from table %u",
			 family_name(op->family), op->table);
		break;
	default:
		break;
	}
}

static void describe_netns(const struct netstack_op *op, char *buf, size_t len)
{
	static const char *const what[] = {
		[NETSTACK_OP_NETNS_CREATE] = "create namespace %s",
		[NETSTACK_OP_NETNS_OPEN] = "look into namespace %s",
		[NETSTACK_OP_NETNS_NAME] = "give namespace %s its name back",
		[NETSTACK_OP_NETNS_ADOPT] = "take over namespace %s",
		[NETSTACK_OP_NETNS_CLOSE] = "let go of namespace %s",
		[NETSTACK_OP_NETNS_DELETE] = "delete namespace %s",
	};

	snprintf(buf, len, what[op->type], op->name);
}

const char *netstack_op_describe(const struct netstack_op *op, char *buf, size_t len)
{
	buf[0] = '\0';
	switch (op->type) {
	case NETSTACK_OP_STRICT_MODE:
		strlcpy(buf, "set net.vrf.strict_mode", len);
		break;
	case NETSTACK_OP_FORWARDING:
		snprintf(buf, len, "switch %s forwarding %s", family_name(op->family),
			 op->enable ? "on" : "off");
		break;
	case NETSTACK_OP_NETNS_CREATE:
	case NETSTACK_OP_NETNS_OPEN:
	case NETSTACK_OP_NETNS_NAME:
	case NETSTACK_OP_NETNS_ADOPT:
	case NETSTACK_OP_NETNS_CLOSE:
	case NETSTACK_OP_NETNS_DELETE:
		describe_netns(op, buf, len);
		break;
	case NETSTACK_OP_LINK_MOVE:
		snprintf(buf, len,
			 op->inside ? "move %s out of the stack" : "move %s into the stack",
			 op->name);
		break;
	case NETSTACK_OP_LINK_CREATE:
	case NETSTACK_OP_LINK_DELETE:
	case NETSTACK_OP_LINK_MASTER:
	case NETSTACK_OP_LINK_UP:
	case NETSTACK_OP_LINK_DOWN:
	case NETSTACK_OP_LINK_MTU:
	case NETSTACK_OP_LINK_MAC:
	case NETSTACK_OP_IPV6:
		describe_link(op, buf, len);
		break;
	case NETSTACK_OP_ADDRESS_ADD:
	case NETSTACK_OP_ADDRESS_DELETE:
	case NETSTACK_OP_NEIGHBOR_SET:
	case NETSTACK_OP_NEIGHBOR_DELETE:
	case NETSTACK_OP_UNREACHABLE_ADD:
	case NETSTACK_OP_UNREACHABLE_DELETE:
		describe_content(op, buf, len);
		break;
	}
	return buf;
}

/* ------------------------------------------------------------------------------------------
 * Questions about links
 */

bool netstack_link_is_ours(const struct netstack_link *link)
{
	return strncmp(link->alias, NETSTACK_ALIAS_PREFIX, strlen(NETSTACK_ALIAS_PREFIX)) == 0;
}

const char *netstack_link_kind_name(enum netstack_link_kind kind)
{
	switch (kind) {
	case NETSTACK_LINK_EXISTING:
		return NULL;
	case NETSTACK_LINK_VLAN:
		return "vlan";
	case NETSTACK_LINK_MACVLAN:
		return "macvlan";
	case NETSTACK_LINK_DUMMY:
		return "dummy";
	}
	assertf(0, "BUG: link kind %d", kind);
	return NULL;
}

struct netstack_link *netstack_link_parent(const struct netstack_observed *obs,
					   const struct netstack_observed *outside,
					   const struct netstack_link *link)
{
	if (!link->parent)
		return NULL;
	if (!link->parent_elsewhere)
		return netstack_link_by_index(obs, link->parent);
	return obs == outside ? NULL : netstack_link_by_index(outside, link->parent);
}

/*
 * A macvlan that is made on another is put on that one's own lower device
 * (macvlan_common_newlink() in drivers/net/macvlan.c).
 */
static bool is_beside(const struct netstack_link *link, const struct netstack_link *other)
{
	return link->parent && link->parent == other->parent;
}

bool netstack_link_matches(const struct netstack_observed *obs,
			   const struct netstack_observed *outside,
			   const struct netstack_link *link, const struct netstack_if *nif)
{
	const char *kind = netstack_link_kind_name(nif->kind);
	const struct netstack_link *parent;

	if (!kind)
		return true;
	if (strcmp(link->kind, kind))
		return false;
	if (nif->kind == NETSTACK_LINK_DUMMY)
		return true;
	parent = netstack_link_by_name(outside, nif->parent);
	if (!parent)
		return false;
	if (nif->kind == NETSTACK_LINK_MACVLAN && !strcmp(parent->kind, "macvlan"))
		return is_beside(link, parent);
	if (netstack_link_parent(obs, outside, link) != parent)
		return false;
	return nif->kind != NETSTACK_LINK_VLAN || link->vlan_id == nif->vlan_id;
}

bool netstack_link_is_free(const struct netstack_observed *obs, const struct netstack_link *link)
{
	const struct netstack_link *master = netstack_link_by_index(obs, link->master);

	return !link->master || (master && !strcmp(master->kind, "vrf"));
}

struct netstack_link *netstack_vrf_link(const struct netstack_observed *obs,
					const struct netstack *stack)
{
	struct netstack_link *link;

	if (stack->is_default)
		return NULL;
	link = netstack_link_by_name(obs, netstack_vrf_name(stack));
	if (!link || strcmp(link->kind, "vrf") || !stack->table || link->vrf_table != stack->table)
		return NULL;
	return link;
}

bool netstack_link_in_stack(const struct netstack_observed *obs, const struct netstack *stack,
			    const struct netstack_link *link)
{
	const struct netstack_link *master;

	if (!stack->is_default) {
		master = netstack_vrf_link(obs, stack);
		return master && link->master == master->ifindex;
	}
	if (!strcmp(link->kind, "vrf"))
		return false;
	master = link->master ? netstack_link_by_index(obs, link->master) : NULL;
	return !master || strcmp(master->kind, "vrf");
}

bool netstack_has_unreachable(const struct netstack_observed *obs, uint32_t table, int family)
{
	struct netstack_fib_table *fib = netstack_fib_table_find(obs, table);
	struct netstack_fib_route key = {
		.prefix = { .family = family },
		.metric = NETSTACK_UNREACHABLE_METRIC,
		.type = RTN_UNREACHABLE,
	};

	return fib && netstack_fib_routes_find(&fib->routes, &key);
}

/* ------------------------------------------------------------------------------------------
 * Planning
 */

static bool in_service(const struct netstack *stack)
{
	return stack->configured && !stack->shutdown;
}

/* An operation on a link, with its key "NAME WHAT". */
struct netstack_op *netstack_plan_link_op(struct netstack_planning *plan,
					  enum netstack_op_type type,
					  const struct netstack_link *link, const char *what)
{
	struct netstack_op *op = netstack_ops_add(plan->ops, type, plan->stack);

	op->inside = plan->inside;
	op->ifindex = link->ifindex;
	strlcpy(op->name, link->name, sizeof(op->name));
	snprintf(op->key, sizeof(op->key), "%s %s", link->name, what);
	return op;
}

void netstack_plan_delete_link(struct netstack_planning *plan, const struct netstack_link *link)
{
	struct netstack_op *op = netstack_plan_link_op(plan, NETSTACK_OP_LINK_DELETE, link, "link");

	strlcpy(op->kind, link->kind, sizeof(op->kind));
}

static struct netstack_op *create_link(struct netstack_planning *plan, const char *name,
				       const char *kind)
{
	struct netstack_op *op = netstack_ops_add(plan->ops, NETSTACK_OP_LINK_CREATE, plan->stack);

	strlcpy(op->name, name, sizeof(op->name));
	strlcpy(op->kind, kind, sizeof(op->kind));
	snprintf(op->alias, sizeof(op->alias), "%s%s", NETSTACK_ALIAS_PREFIX, plan->stack->name);
	snprintf(op->key, sizeof(op->key), "%s link", name);
	return op;
}

/* One of others may have come this very moment (netstack_events_read_addresses()). */
static bool may_have_volatile_addresses(const struct netstack_link *link)
{
	const struct netstack_link_address *address;

	if (!netstack_link_is_ours(link))
		return true;
	frr_each (netstack_link_addresses_const, &link->addresses, address)
		if (netstack_link_address_is_volatile(address))
			return true;
	return false;
}

/* Enslaves the link to the VRF device, or releases it. */
static void set_master(struct netstack_planning *plan, const struct netstack_link *link, int master)
{
	struct netstack_op *op =
		netstack_plan_link_op(plan, NETSTACK_OP_LINK_MASTER, link, "master");

	op->master = master;
	op->keep_addresses = may_have_volatile_addresses(link);
}

void netstack_plan_take_down(struct netstack_planning *plan, const struct netstack_link *link)
{
	netstack_plan_link_op(plan, NETSTACK_OP_LINK_DOWN, link, "up")->keep_addresses =
		may_have_volatile_addresses(link);
}

void netstack_plan_ipv6(struct netstack_planning *plan, const struct netstack_link *link)
{
	bool enable = !plan->stack->ipv6_disable;

	if (link->ipv6_disabled == enable)
		netstack_plan_link_op(plan, NETSTACK_OP_IPV6, link, "ipv6")->enable = enable;
}

static void delete_address(struct netstack_planning *plan, const struct netstack_link *link,
			   const struct netstack_prefix *prefix)
{
	struct netstack_op *op =
		netstack_plan_link_op(plan, NETSTACK_OP_ADDRESS_DELETE, link, "address");

	op->prefix = *prefix;
	snprintfrr(op->key, sizeof(op->key), "%s address %pFX", link->name, prefix);
}

static void delete_neighbor(struct netstack_planning *plan, const struct netstack_link *link,
			    const struct ipaddr *address)
{
	struct netstack_op *op =
		netstack_plan_link_op(plan, NETSTACK_OP_NEIGHBOR_DELETE, link, "neighbor");

	op->address = *address;
	snprintfrr(op->key, sizeof(op->key), "%s neighbor %pIA", link->name, address);
}

/* The addresses with our mark that `nif` (NULL: nobody) does not ask for. */
static void delete_addresses(struct netstack_planning *plan, const struct netstack_link *link,
			     const struct netstack_if *nif)
{
	const struct netstack_link_address *address;
	struct netstack_address key;

	frr_each (netstack_link_addresses_const, &link->addresses, address) {
		if (address->proto != NETSTACK_PROTO)
			continue;
		key.prefix = address->prefix;
		if (!nif || !netstack_addresses_const_find(&nif->addresses, &key))
			delete_address(plan, link, &address->prefix);
	}
}

/* The neighbours with our mark that the stack does not ask for; `keep` false: all of them. */
static void delete_neighbors(struct netstack_planning *plan, const struct netstack_link *link,
			     bool keep)
{
	const struct netstack_link_neighbor *neighbor;
	struct netstack_neighbor key = {};

	strlcpy(key.ifname, link->name, sizeof(key.ifname));
	frr_each (netstack_link_neighbors_const, &link->neighbors, neighbor) {
		if (neighbor->proto != NETSTACK_PROTO)
			continue;
		key.address = neighbor->address;
		if (!keep || !netstack_neighbors_const_find(&plan->stack->neighbors, &key))
			delete_neighbor(plan, link, &neighbor->address);
	}
}

static void add_addresses(struct netstack_planning *plan, const struct netstack_link *link,
			  const struct netstack_if *nif)
{
	const struct netstack_address *address;

	frr_each (netstack_addresses_const, &nif->addresses, address) {
		struct netstack_op *op;

		if (address->prefix.family == AF_INET6 && plan->stack->ipv6_disable)
			continue;
		if (netstack_link_address_find(link, &address->prefix))
			continue;
		op = netstack_plan_link_op(plan, NETSTACK_OP_ADDRESS_ADD, link, "address");
		op->prefix = address->prefix;
		snprintfrr(op->key, sizeof(op->key), "%s address %pFX", link->name,
			   &address->prefix);
	}
}

/* The permanent neighbours of one link. */
static void set_neighbors(struct netstack_planning *plan, const struct netstack_link *link)
{
	struct netstack_neighbor key = {};
	const struct netstack_neighbor *wanted;

	strlcpy(key.ifname, link->name, sizeof(key.ifname));
	for (wanted = netstack_neighbors_const_find_gteq(&plan->stack->neighbors, &key);
	     wanted && !strcmp(wanted->ifname, link->name);
	     wanted = netstack_neighbors_const_next(&plan->stack->neighbors, wanted)) {
		struct netstack_link_neighbor *found;
		struct netstack_op *op;

		if (IS_IPADDR_V6(&wanted->address) && link->ipv6_disabled)
			continue;
		found = netstack_link_neighbor_find(link, &wanted->address);
		if (found && (found->state & NUD_PERMANENT) && found->has_mac &&
		    !memcmp(&found->mac, &wanted->mac, sizeof(wanted->mac)))
			continue;
		op = netstack_plan_link_op(plan, NETSTACK_OP_NEIGHBOR_SET, link, "neighbor");
		op->address = wanted->address;
		op->mac = wanted->mac;
		op->has_mac = true;
		snprintfrr(op->key, sizeof(op->key), "%s neighbor %pIA", link->name,
			   &wanted->address);
	}
}

/* A VLAN that we made has its parent's MAC as long as none is configured. */
static bool has_mac_of_parent(const struct netstack_link *link)
{
	return netstack_link_is_ours(link) && !strcmp(link->kind, "vlan");
}

static void set_mac(struct netstack_planning *plan, const struct netstack_link *link,
		    const struct ethaddr *mac)
{
	struct netstack_op *op = netstack_plan_link_op(plan, NETSTACK_OP_LINK_MAC, link, "mac");

	op->has_mac = true;
	op->mac = *mac;
	op->has_old_mac = link->has_mac && !has_mac_of_parent(link);
	op->old_mac = link->mac;
}

static void set_mtu(struct netstack_planning *plan, const struct netstack_link *link, uint32_t mtu)
{
	struct netstack_op *op = netstack_plan_link_op(plan, NETSTACK_OP_LINK_MTU, link, "mtu");

	op->mtu = mtu;
	op->old_mtu = netstack_link_is_ours(link) ? 0 : link->mtu;
}

/* The MAC and the MTU that a link of another had before it was ours. */
static void give_settings_back(struct netstack_planning *plan, const struct netstack_link *link)
{
	uint32_t mtu = netstack_original_mtu(link);
	struct ethaddr mac;

	if (netstack_original_mac(link, &mac))
		set_mac(plan, link, &mac);
	if (mtu)
		set_mtu(plan, link, mtu);
}

void netstack_plan_clean_link(struct netstack_planning *plan, const struct netstack_link *link)
{
	delete_neighbors(plan, link, false);
	delete_addresses(plan, link, NULL);
	give_settings_back(plan, link);
}

/*
 * A recorded link that the stack does not have any more: ours is deleted, another's is given back
 * without what we put on it.  One that another stack has now is left to that stack.
 */
static void drop_member(struct netstack_planning *plan, const struct netstack_link *link)
{
	const struct netstack_if *other = netstack_if_find_any(link->name);
	const struct netstack_link *master;

	if (other && other->stack != plan->stack) {
		bool created = other->kind != NETSTACK_LINK_EXISTING;

		if (created == netstack_link_is_ours(link))
			return;
	}
	if (netstack_link_is_ours(link)) {
		netstack_plan_delete_link(plan, link);
		return;
	}
	netstack_plan_clean_link(plan, link);
	master = netstack_link_by_name(plan->obs, netstack_vrf_name(plan->stack));
	if (link->master && master && link->master == master->ifindex)
		set_master(plan, link, 0);
}

static void drop_members(struct netstack_planning *plan)
{
	const struct netstack_member *member;

	frr_each (netstack_members_const, plan->members, member) {
		const struct netstack_link *link = netstack_link_by_name(plan->obs, member->name);

		if (!link || !strcmp(link->kind, "vrf"))
			continue;
		if (!netstack_if_find(plan->stack, member->name))
			drop_member(plan, link);
	}
}

static void delete_unreachable(struct netstack_planning *plan, uint32_t table, int family)
{
	struct netstack_op *op;

	if (!netstack_has_unreachable(plan->obs, table, family))
		return;
	op = netstack_ops_add(plan->ops, NETSTACK_OP_UNREACHABLE_DELETE, plan->stack);
	op->table = table;
	op->family = family;
	snprintf(op->key, sizeof(op->key), "unreachable %s", family_name(family));
}

static void add_unreachable(struct netstack_planning *plan, int family)
{
	const struct netstack_fib_table *fib =
		netstack_fib_table_find(plan->obs, plan->stack->table);
	struct netstack_op *op;

	if (!fib || !fib->synced || netstack_has_unreachable(plan->obs, plan->stack->table, family))
		return;
	op = netstack_ops_add(plan->ops, NETSTACK_OP_UNREACHABLE_ADD, plan->stack);
	op->table = plan->stack->table;
	op->family = family;
	snprintf(op->key, sizeof(op->key), "unreachable %s", family_name(family));
}

/* Releases what a VRF device of ours has, keeping addresses, and deletes it. */
void netstack_plan_delete_vrf(struct netstack_planning *plan, const struct netstack_link *vrf)
{
	const struct netstack_link *slave;

	frr_each (netstack_link_slaves_const, &vrf->slaves, slave)
		set_master(plan, slave, 0);
	delete_unreachable(plan, vrf->vrf_table, AF_INET);
	delete_unreachable(plan, vrf->vrf_table, AF_INET6);
	netstack_plan_delete_link(plan, vrf);
}

/*
 * VRF devices of ours that are not what the stack asks for now: another name or another table.
 * zebra exits if two VRFs have one table, so the old one goes before the new one comes.
 * True if there was one.
 */
static bool delete_old_vrfs(struct netstack_planning *plan)
{
	const char *name = netstack_vrf_name(plan->stack);
	const struct netstack_member *member;
	bool any = false;

	frr_each (netstack_members_const, plan->members, member) {
		const struct netstack_link *link = netstack_link_by_name(plan->obs, member->name);

		if (!link || strcmp(link->kind, "vrf") || !netstack_link_is_ours(link))
			continue;
		if (!strcmp(link->name, name) &&
		    (!plan->stack->table || link->vrf_table == plan->stack->table))
			continue;
		netstack_plan_delete_vrf(plan, link);
		any = true;
	}
	return any;
}

/* The VRF device itself.  True if it is there, so that the rest can go on. */
static bool plan_vrf(struct netstack_planning *plan)
{
	struct netstack *stack = plan->stack;
	const char *name = netstack_vrf_name(stack);

	if (delete_old_vrfs(plan) || !stack->table)
		return false;
	if (!netstack_link_by_name(plan->obs, name)) {
		create_link(plan, name, "vrf")->table = stack->table;
		return false;
	}
	plan->vrf = netstack_vrf_link(plan->obs, stack);
	if (!plan->vrf || !plan->facts->vrf_known)
		return false;
	if (plan->obs->has_vrf && !plan->obs->strict_mode) {
		struct netstack_op *op =
			netstack_ops_add(plan->ops, NETSTACK_OP_STRICT_MODE, stack);

		strlcpy(op->key, "strict_mode", sizeof(op->key));
	}
	netstack_plan_ipv6(plan, plan->vrf);
	add_unreachable(plan, AF_INET);
	add_unreachable(plan, AF_INET6);
	if (stack->shutdown && (plan->vrf->flags & IFF_UP))
		netstack_plan_take_down(plan, plan->vrf);
	if (!stack->shutdown && !(plan->vrf->flags & IFF_UP))
		netstack_plan_link_op(plan, NETSTACK_OP_LINK_UP, plan->vrf, "up");
	return true;
}

bool netstack_plan_can_create(const struct netstack_planning *plan, const struct netstack_if *nif)
{
	return nif->kind == NETSTACK_LINK_DUMMY ||
	       netstack_link_by_name(plan->facts->outside, nif->parent);
}

struct netstack_op *netstack_plan_create_member(struct netstack_planning *plan,
						const struct netstack_if *nif)
{
	const struct netstack_link *parent = NULL;
	struct netstack_op *op;

	if (!netstack_plan_can_create(plan, nif))
		return NULL;
	if (nif->kind != NETSTACK_LINK_DUMMY)
		parent = netstack_link_by_name(plan->facts->outside, nif->parent);
	op = create_link(plan, nif->name, netstack_link_kind_name(nif->kind));
	op->parent = parent ? parent->ifindex : 0;
	op->vlan_id = nif->vlan_id;
	return op;
}

/*
 * The MTU that the link should have; 0: whatever it has.  Without `mtu`, a link that we made has
 * its parent's, whenever that gets it: the order of things must not matter.  Any other gets back
 * what it had before ours.
 */
static uint32_t wanted_mtu(const struct netstack_planning *plan, const struct netstack_link *link,
			   const struct netstack_if *nif)
{
	const struct netstack_link *parent =
		netstack_link_parent(plan->obs, plan->facts->outside, link);

	if (nif->mtu)
		return nif->mtu;
	if (!netstack_link_is_ours(link))
		return netstack_original_mtu(link);
	return parent ? parent->mtu : ETH_DATA_LEN;
}

/*
 * The MAC that the link should have; false: whatever it has.  The kernel lets a VLAN follow its
 * parent only until its MAC is set once (vlan_dev_inherit_address() in net/8021q/vlan.c).  Any
 * other link gets back what it had before ours.
 */
static bool wanted_mac(const struct netstack_planning *plan, const struct netstack_link *link,
		       const struct netstack_if *nif, struct ethaddr *mac)
{
	const struct netstack_link *parent =
		netstack_link_parent(plan->obs, plan->facts->outside, link);

	if (nif->has_mac) {
		*mac = nif->mac;
		return true;
	}
	if (!has_mac_of_parent(link))
		return netstack_original_mac(link, mac);
	if (!parent || !parent->has_mac)
		return false;
	*mac = parent->mac;
	return true;
}

/*
 * A VLAN cannot be up while its parent is down (vlan_dev_open() in net/8021q/vlan_dev.c).  The
 * parent's link is watched.
 */
static bool waits_for_parent(const struct netstack_planning *plan, const struct netstack_link *link,
			     const struct netstack_if *nif)
{
	const struct netstack_link *parent =
		netstack_link_parent(plan->obs, plan->facts->outside, link);

	return nif->kind == NETSTACK_LINK_VLAN && parent && !(parent->flags & IFF_UP);
}

/* Settings of a link that is in the stack. */
static void plan_settings(struct netstack_planning *plan, const struct netstack_link *link,
			  const struct netstack_if *nif)
{
	bool up = in_service(plan->stack) && !nif->shutdown;
	struct ethaddr mac;
	uint32_t mtu;

	if (!up && (link->flags & IFF_UP))
		netstack_plan_take_down(plan, link);
	if (wanted_mac(plan, link, nif, &mac) &&
	    (!link->has_mac || memcmp(&link->mac, &mac, sizeof(mac))))
		set_mac(plan, link, &mac);
	mtu = wanted_mtu(plan, link, nif);
	if (mtu && link->mtu != mtu)
		set_mtu(plan, link, mtu);
	netstack_plan_ipv6(plan, link);
	if (up && !(link->flags & IFF_UP) && !waits_for_parent(plan, link, nif))
		netstack_plan_link_op(plan, NETSTACK_OP_LINK_UP, link, "up");
}

void netstack_plan_link(struct netstack_planning *plan, const struct netstack_link *link,
			const struct netstack_if *nif)
{
	plan_settings(plan, link, nif);
	if (!in_service(plan->stack))
		return;
	add_addresses(plan, link, nif);
	if (!nif->shutdown)
		set_neighbors(plan, link);
}

void netstack_plan_clear_unwanted(struct netstack_planning *plan, const struct netstack_link *link,
				  const struct netstack_if *nif)
{
	delete_neighbors(plan, link, true);
	delete_addresses(plan, link, nif);
}

bool netstack_plan_is_wrong(const struct netstack_planning *plan, const struct netstack_link *link,
			    const struct netstack_if *nif)
{
	if (!netstack_link_is_ours(link))
		return false;
	if (nif->kind == NETSTACK_LINK_EXISTING)
		return true;
	return !netstack_link_matches(plan->obs, plan->facts->outside, link, nif) &&
	       netstack_plan_can_create(plan, nif);
}

static void plan_member(struct netstack_planning *plan, const struct netstack_if *nif)
{
	const struct netstack_link *link = netstack_link_by_name(plan->obs, nif->name);

	if (!link) {
		struct netstack_op *op = NULL;

		if (nif->kind != NETSTACK_LINK_EXISTING)
			op = netstack_plan_create_member(plan, nif);
		if (op) /* enslaved from the start */
			op->master = plan->vrf->ifindex;
		return;
	}
	if (netstack_plan_is_wrong(plan, link, nif)) {
		netstack_plan_delete_link(plan, link);
		return;
	}
	if (!netstack_link_matches(plan->obs, plan->facts->outside, link, nif) ||
	    !netstack_link_is_free(plan->obs, link))
		return;
	netstack_plan_clear_unwanted(plan, link, nif);
	if (link->master != plan->vrf->ifindex)
		set_master(plan, link, plan->vrf->ifindex);
	netstack_plan_link(plan, link, nif);
}

/* The default stack: only its permanent neighbours are ours. */
static void plan_default(struct netstack_planning *plan)
{
	const struct netstack_member *member;
	const struct netstack_neighbor *wanted;
	const char *last = "";

	frr_each (netstack_members_const, plan->members, member) {
		const struct netstack_link *link = netstack_link_by_name(plan->obs, member->name);

		if (link && !netstack_if_find_any(link->name))
			delete_neighbors(plan, link, true);
	}
	frr_each (netstack_neighbors_const, &plan->stack->neighbors, wanted) {
		const struct netstack_link *link;

		if (!strcmp(wanted->ifname, last))
			continue;
		last = wanted->ifname;
		link = netstack_link_by_name(plan->obs, wanted->ifname);
		if (link && (link->flags & IFF_UP) &&
		    netstack_link_in_stack(plan->obs, plan->stack, link))
			set_neighbors(plan, link);
	}
}

/* A stack that was removed: the device goes last. */
static void plan_removal(struct netstack_planning *plan)
{
	const struct netstack_link *vrf =
		netstack_link_by_name(plan->obs, netstack_vrf_name(plan->stack));

	drop_members(plan);
	delete_old_vrfs(plan);
	if (vrf && strcmp(vrf->kind, "vrf"))
		vrf = NULL;
	if (plan->stack->table) {
		delete_unreachable(plan, plan->stack->table, AF_INET);
		delete_unreachable(plan, plan->stack->table, AF_INET6);
	}
	if (vrf && netstack_link_is_ours(vrf) && vrf->vrf_table == plan->stack->table)
		netstack_plan_delete_link(plan, vrf);
}

static void plan_vrf_stack(struct netstack_planning *plan)
{
	const struct netstack_if *nif;

	if (netstack_plan_leave_netns(plan))
		return;
	if (!plan->stack->configured) {
		plan_removal(plan);
		return;
	}
	drop_members(plan);
	if (!plan_vrf(plan))
		return;
	frr_each (netstack_ifs_const, &plan->stack->interfaces, nif)
		plan_member(plan, nif);
}

void netstack_plan(struct netstack *stack, const struct netstack_facts *facts,
		   struct netstack_ops *ops)
{
	struct netstack_planning plan = {
		.stack = stack,
		.facts = facts,
		.members = facts->members,
		.ops = ops,
		.obs = facts->outside,
	};

	if (stack->is_default)
		plan_default(&plan);
	else if (facts->backend == NETSTACK_BACKEND_VRF)
		plan_vrf_stack(&plan);
	else if (facts->backend == NETSTACK_BACKEND_NETNS)
		netstack_plan_netns(&plan);
}
