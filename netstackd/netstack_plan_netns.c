// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plan for a stack that is a network namespace.
 *
 * Members that exist are moved in and, when the stack or the line goes, moved back; those that we
 * make are made inside, with their parent outside.  The namespace is deleted when nothing that can
 * be moved is left in it: the kernel would delete virtual links with it and send hardware back
 * without a word.
 */

#include <zebra.h>

#include <linux/rtnetlink.h>

#include "printfrr.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_planning.h"

/* RTPROT_ZSTATIC and the like: the routes of FRR's daemons, and what is below RTPROT_STATIC. */
#define RTPROT_OF_FRR_FIRST 186
#define RTPROT_OF_FRR_LAST  199

static bool is_loopback(const struct netstack_link *link)
{
	return link->flags & IFF_LOOPBACK;
}

bool netstack_netns_is_ours(const struct netstack *stack, const struct netstack_observed *inside)
{
	const struct netstack_link *lo = netstack_link_by_name(inside, "lo");

	return lo && netstack_link_is_ours(lo) &&
	       !strcmp(lo->alias + strlen(NETSTACK_ALIAS_PREFIX), stack->name);
}

static bool is_made_by_us(const struct netstack_planning *plan)
{
	return netstack_netns_is_ours(plan->stack, plan->facts->inside);
}

static bool is_recorded(const struct netstack_planning *plan, const char *name)
{
	struct netstack_member key;

	strlcpy(key.name, name, sizeof(key.name));
	return netstack_members_const_find(plan->members, &key) != NULL;
}

bool netstack_is_renamed(const struct netstack *stack, const char *inside_name)
{
	return inside_name && strcmp(inside_name, netstack_vrf_name(stack));
}

static void add_netns_op(struct netstack_planning *plan, enum netstack_op_type type,
			 const char *name)
{
	struct netstack_op *op = netstack_ops_add(plan->ops, type, plan->stack);

	strlcpy(op->name, name, sizeof(op->name));
	snprintf(op->key, sizeof(op->key), "%s namespace", name);
}

/* --- what somebody else made ---------------------------------------------------------------- */

static bool differs(char *reason, size_t len, const char *format, ...) PRINTFRR(3, 4);

static bool differs(char *reason, size_t len, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintfrr(reason, len, format, args);
	va_end(args);
	return true;
}

static bool link_differs(const struct netstack *stack, const struct netstack_link *link,
			 char *reason, size_t len)
{
	const struct netstack_if *nif = netstack_if_find(stack, link->name);
	const struct netstack_link_address *address;

	if (!is_loopback(link) && !nif)
		return differs(reason, len, "interface %s", link->name);
	frr_each (netstack_link_addresses_const, &link->addresses, address) {
		struct netstack_address key = { .prefix = address->prefix };

		if (address->scope == RT_SCOPE_LINK || address->scope == RT_SCOPE_HOST)
			continue;
		if (!nif || !netstack_addresses_const_find(&nif->addresses, &key))
			return differs(reason, len, "address %pFX on %s", &address->prefix,
				       link->name);
	}
	return false;
}

static bool is_configuration(const struct netstack_fib_route *route)
{
	return route->proto >= RTPROT_BOOT && route->proto != RTPROT_RA &&
	       route->proto != NETSTACK_PROTO && route->proto != RTPROT_ZEBRA &&
	       (route->proto < RTPROT_OF_FRR_FIRST || route->proto > RTPROT_OF_FRR_LAST);
}

bool netstack_netns_conflict(const struct netstack *stack, const struct netstack_observed *inside,
			     char *reason, size_t len)
{
	const struct netstack_fib_table *fib = netstack_fib_table_find(inside, RT_TABLE_MAIN);
	const struct netstack_fib_route *route;
	const struct netstack_link *link;

	frr_each (netstack_links_index_const, &inside->links_by_index, link)
		if (link_differs(stack, link, reason, len))
			return true;
	if (!fib)
		return false;
	frr_each (netstack_fib_routes_const, &fib->routes, route)
		if (is_configuration(route))
			return differs(reason, len, "route %pFX", &route->prefix);
	return false;
}

/* --- taking down ---------------------------------------------------------------------------- */

static void plan_inside(struct netstack_planning *plan, bool inside)
{
	plan->inside = inside;
	plan->obs = inside ? plan->facts->inside : plan->facts->outside;
}

static void move(struct netstack_planning *plan, const struct netstack_link *link)
{
	netstack_plan_link_op(plan, NETSTACK_OP_LINK_MOVE, link, "move");
}

/*
 * A link in the namespace that has to leave it: ours is deleted, another's is given back.  If it is
 * the stack that leaves, for a VRF device or for another name, what it is to have comes along as it
 * is: the MAC that the kernel gave it, the MTU that we set.
 */
static void expel(struct netstack_planning *plan, const struct netstack_link *link)
{
	const struct netstack_if *nif = netstack_if_find(plan->stack, link->name);
	bool ours = netstack_link_is_ours(link);
	bool goes_along =
		plan->stack->configured && nif && ours == (nif->kind != NETSTACK_LINK_EXISTING) &&
		netstack_link_matches(plan->facts->inside, plan->facts->outside, link, nif);

	if (ours && !goes_along) {
		netstack_plan_delete_link(plan, link);
		return;
	}
	if (!goes_along)
		netstack_plan_clean_link(plan, link);
	move(plan, link);
}

/*
 * Everything that can leave does: of a namespace that somebody else made, only what is recorded.
 * True if there was something.
 */
static bool empty(struct netstack_planning *plan)
{
	const struct netstack_link *link;
	bool any = false;

	plan_inside(plan, true);
	frr_each (netstack_links_index_const, &plan->facts->inside->links_by_index, link) {
		if (is_loopback(link) || link->immovable)
			continue;
		if (!is_made_by_us(plan) && !is_recorded(plan, link->name) &&
		    !netstack_link_is_ours(link))
			continue;
		expel(plan, link);
		any = true;
	}
	return any;
}

/* The namespace that the stack has.  True as long as there is something left of it. */
static bool remove_namespace(struct netstack_planning *plan)
{
	const struct netstack_facts *facts = plan->facts;

	if (!facts->inside)
		return false;
	if (empty(plan) || facts->links_linger)
		return true;
	if (is_made_by_us(plan) && facts->named == NETSTACK_NETNS_SAME)
		add_netns_op(plan, NETSTACK_OP_NETNS_DELETE, facts->inside_name);
	else
		add_netns_op(plan, NETSTACK_OP_NETNS_CLOSE, facts->inside_name);
	return true;
}

bool netstack_plan_leave_netns(struct netstack_planning *plan)
{
	bool left = remove_namespace(plan);

	plan_inside(plan, false);
	return left;
}

/* What we put on members of a VRF device that are given back, and that the stack is not to have. */
static void clean_slaves(struct netstack_planning *plan, const struct netstack_link *vrf)
{
	const struct netstack_link *slave;

	frr_each (netstack_link_slaves_const, &vrf->slaves, slave)
		if (!netstack_link_is_ours(slave) && is_recorded(plan, slave->name) &&
		    !netstack_if_find(plan->stack, slave->name))
			netstack_plan_clean_link(plan, slave);
}

/* What the stack was as a VRF device.  True if there was something. */
static bool leave_vrf(struct netstack_planning *plan)
{
	const struct netstack_member *member;
	bool any = false;

	plan_inside(plan, false);
	frr_each (netstack_members_const, plan->members, member) {
		const struct netstack_link *link = netstack_link_by_name(plan->obs, member->name);

		if (!link || strcmp(link->kind, "vrf") || !netstack_link_is_ours(link))
			continue;
		clean_slaves(plan, link);
		netstack_plan_delete_vrf(plan, link);
		any = true;
	}
	return any;
}

/* A recorded link that we made and that is outside: of what the stack was as a VRF device. */
static void drop_outside(struct netstack_planning *plan, const char *name)
{
	const struct netstack_link *link;

	plan_inside(plan, false);
	link = netstack_link_by_name(plan->obs, name);
	if (link && netstack_link_is_ours(link) && !netstack_if_find_any(name))
		netstack_plan_delete_link(plan, link);
}

/*
 * Is the link in the namespace, and should not be: the stack had it, we made it for whatever stack,
 * or another stack is to have it?  What others put there stays.
 */
static bool is_stray(const struct netstack_planning *plan, const struct netstack_link *link)
{
	if (is_loopback(link) || link->immovable || netstack_if_find(plan->stack, link->name))
		return false;
	return is_recorded(plan, link->name) || netstack_link_is_ours(link) ||
	       netstack_if_find_any(link->name);
}

/* Links that the stack does not have any more, or that somebody moved here. */
static void drop_members(struct netstack_planning *plan)
{
	const struct netstack_observed *inside = plan->facts->inside;
	const struct netstack_member *member;
	const struct netstack_link *link;

	plan_inside(plan, true);
	frr_each (netstack_links_index_const, &inside->links_by_index, link)
		if (is_stray(plan, link))
			expel(plan, link);
	frr_each (netstack_members_const, plan->members, member)
		if (!netstack_if_find(plan->stack, member->name) &&
		    !netstack_link_by_name(inside, member->name))
			drop_outside(plan, member->name);
}

/* A stack that was removed, or that has to have another name. */
static void plan_removal(struct netstack_planning *plan)
{
	const struct netstack_facts *facts = plan->facts;
	const struct netstack_member *member;

	if (!facts->inside && facts->named == NETSTACK_NETNS_OTHER &&
	    (is_recorded(plan, NETSTACK_MEMBER_NETNS) ||
	     is_recorded(plan, NETSTACK_MEMBER_ADOPTED))) {
		add_netns_op(plan, NETSTACK_OP_NETNS_OPEN, netstack_vrf_name(plan->stack));
		return;
	}
	if (remove_namespace(plan))
		return;
	frr_each (netstack_members_const, plan->members, member)
		drop_outside(plan, member->name);
}

/* --- making --------------------------------------------------------------------------------- */

/* There is no namespace open. */
static void plan_opening(struct netstack_planning *plan)
{
	const char *name = netstack_vrf_name(plan->stack);

	switch (plan->facts->named) {
	case NETSTACK_NETNS_ABSENT:
		if (!plan->facts->vrf_lingers)
			add_netns_op(plan, NETSTACK_OP_NETNS_CREATE, name);
		break;
	case NETSTACK_NETNS_SAME:
	case NETSTACK_NETNS_OTHER:
		add_netns_op(plan, NETSTACK_OP_NETNS_OPEN, name);
		break;
	case NETSTACK_NETNS_NONE: /* waits until that file is gone */
		break;
	}
}

/* The open namespace is the one that the stack's name says, and may be used. */
static bool is_usable(struct netstack_planning *plan)
{
	const struct netstack_facts *facts = plan->facts;
	bool has = is_made_by_us(plan) || is_recorded(plan, NETSTACK_MEMBER_ADOPTED);
	char reason[64];

	if (!has && facts->named != NETSTACK_NETNS_SAME) { /* it was only looked at */
		add_netns_op(plan, NETSTACK_OP_NETNS_CLOSE, facts->inside_name);
		return false;
	}
	switch (facts->named) {
	case NETSTACK_NETNS_ABSENT:
		add_netns_op(plan, NETSTACK_OP_NETNS_NAME, facts->inside_name);
		return false;
	case NETSTACK_NETNS_OTHER:
	case NETSTACK_NETNS_NONE: /* somebody put something else in its place */
		remove_namespace(plan);
		return false;
	case NETSTACK_NETNS_SAME:
		break;
	}
	if (has)
		return true;
	if (!netstack_netns_conflict(plan->stack, facts->inside, reason, sizeof(reason)))
		add_netns_op(plan, NETSTACK_OP_NETNS_ADOPT, facts->inside_name);
	return false;
}

static void plan_forwarding(struct netstack_planning *plan, int family, bool is, bool wanted)
{
	struct netstack_op *op;

	if (is == wanted)
		return;
	op = netstack_ops_add(plan->ops, NETSTACK_OP_FORWARDING, plan->stack);
	op->inside = true;
	op->family = family;
	op->enable = wanted;
	snprintf(op->key, sizeof(op->key), "forwarding %s", family == AF_INET ? "IPv4" : "IPv6");
}

/* What is the namespace's own. */
static void plan_namespace(struct netstack_planning *plan)
{
	const struct netstack_observed *outside = plan->facts->outside;
	const struct netstack_observed *inside = plan->facts->inside;
	const struct netstack_link *lo = netstack_link_by_name(inside, "lo");

	plan_inside(plan, true);
	plan_forwarding(plan, AF_INET, inside->forwarding_ipv4, outside->forwarding_ipv4);
	plan_forwarding(plan, AF_INET6, inside->forwarding_ipv6, outside->forwarding_ipv6);
	if (!lo)
		return;
	netstack_plan_ipv6(plan, lo);
	if (plan->stack->shutdown && (lo->flags & IFF_UP))
		netstack_plan_take_down(plan, lo);
	if (!plan->stack->shutdown && !(lo->flags & IFF_UP))
		netstack_plan_link_op(plan, NETSTACK_OP_LINK_UP, lo, "up");
}

/* A configured interface that is not in the namespace. */
static void bring_in(struct netstack_planning *plan, const struct netstack_if *nif)
{
	const struct netstack_link *link;
	struct netstack_op *op;

	plan_inside(plan, false);
	link = netstack_link_by_name(plan->obs, nif->name);
	if (!link) {
		if (nif->kind == NETSTACK_LINK_EXISTING)
			return;
		op = netstack_plan_create_member(plan, nif);
		if (op)
			op->inside = true;
		return;
	}
	if (netstack_plan_is_wrong(plan, link, nif)) {
		netstack_plan_delete_link(plan, link);
		return;
	}
	if (netstack_link_matches(plan->obs, plan->obs, link, nif) &&
	    netstack_link_is_free(plan->obs, link))
		move(plan, link);
}

static void plan_member(struct netstack_planning *plan, const struct netstack_if *nif)
{
	const struct netstack_link *link = netstack_link_by_name(plan->facts->inside, nif->name);

	if (!link) {
		bring_in(plan, nif);
		return;
	}
	plan_inside(plan, true);
	if (netstack_plan_is_wrong(plan, link, nif)) {
		netstack_plan_delete_link(plan, link);
		return;
	}
	if (!netstack_link_matches(plan->obs, plan->facts->outside, link, nif))
		return;
	netstack_plan_clear_unwanted(plan, link, nif);
	netstack_plan_link(plan, link, nif);
}

void netstack_plan_netns(struct netstack_planning *plan)
{
	const struct netstack_facts *facts = plan->facts;
	const struct netstack_if *nif;

	if (leave_vrf(plan))
		return;
	if (!plan->stack->configured || netstack_is_renamed(plan->stack, facts->inside_name)) {
		plan_removal(plan);
		return;
	}
	if (!facts->inside) {
		plan_opening(plan);
		return;
	}
	if (!is_usable(plan))
		return;
	drop_members(plan);
	plan_namespace(plan);
	frr_each (netstack_ifs_const, &plan->stack->interfaces, nif)
		plan_member(plan, nif);
}
