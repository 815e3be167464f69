// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is recorded as ours: by operations that worked, until a stack has nothing to do with it.
 */

#include <zebra.h>

#include "typesafe.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_original.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_record.h"
#include "netstackd/netstack_state.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_MEMBER, "Recorded member");

void netstack_record_new(struct netstack *stack)
{
	netstack_members_init(&stack->members);
}

void netstack_record_free(struct netstack *stack)
{
	struct netstack_member *member;

	while ((member = netstack_members_pop(&stack->members)))
		XFREE(MTYPE_NETSTACK_MEMBER, member);
	netstack_members_fini(&stack->members);
}

static struct netstack_member *find_member(const struct netstack *stack, const char *ifname)
{
	struct netstack_member key;

	strlcpy(key.name, ifname, sizeof(key.name));
	return (struct netstack_member *)netstack_members_const_find(&stack->members, &key);
}

bool netstack_is_member(const struct netstack *stack, const char *ifname)
{
	return find_member(stack, ifname) != NULL;
}

void netstack_record_member(struct netstack *stack, const char *ifname)
{
	struct netstack_member *member;

	if (find_member(stack, ifname))
		return;
	member = XCALLOC(MTYPE_NETSTACK_MEMBER, sizeof(*member));
	strlcpy(member->name, ifname, sizeof(member->name));
	netstack_members_add(&stack->members, member);
	netstack_state_changed();
}

void netstack_each_member(const struct netstack *stack, void (*cb)(const char *ifname, void *arg),
			  void *arg)
{
	const struct netstack_member *member;

	frr_each (netstack_members_const, &stack->members, member)
		cb(member->name, arg);
}

/* Nobody has the link any more, and it has nothing any more that would have to be given back. */
static void forget_original(const char *ifname)
{
	const struct netstack_link *link = netstack_link_by_name(netstack_observed(), ifname);
	struct ethaddr mac;

	if (netstack_if_find_any(ifname))
		return;
	if (!link || (!netstack_original_mtu(link) && !netstack_original_mac(link, &mac)))
		netstack_original_forget(ifname);
}

static void forget_member(struct netstack *stack, struct netstack_member *member)
{
	netstack_members_del(&stack->members, member);
	forget_original(member->name);
	XFREE(MTYPE_NETSTACK_MEMBER, member);
	netstack_state_changed();
}

/* Does the stack still have anything to do with the recorded link? */
static bool is_wanted(const struct netstack *stack, const char *ifname)
{
	const struct netstack_observed *inside = netstack_kernel_inside(stack);
	const struct netstack_link *link = netstack_link_by_name(netstack_observed(), ifname);
	const struct netstack_neighbor *neighbor;
	const struct netstack_link *vrf;
	struct netstack_neighbor key = {};

	if (netstack_if_find(stack, ifname) || (inside && netstack_link_by_name(inside, ifname)))
		return true;
	if (!strcmp(ifname, NETSTACK_MEMBER_NETNS))
		return false;
	if (!strcmp(ifname, NETSTACK_MEMBER_ADOPTED))
		return inside != NULL;
	if (!link)
		return stack->configured && !strcmp(ifname, netstack_vrf_name(stack));
	if (!strcmp(link->kind, "vrf"))
		return netstack_link_is_ours(link);
	vrf = netstack_link_by_name(netstack_observed(), netstack_vrf_name(stack));
	if (vrf && link->master == vrf->ifindex)
		return true;
	if (netstack_link_is_ours(link) && !netstack_if_find_any(ifname))
		return true;
	if (!stack->is_default)
		return false;
	strlcpy(key.ifname, ifname, sizeof(key.ifname));
	neighbor = netstack_neighbors_const_find_gteq(&stack->neighbors, &key);
	return neighbor && !strcmp(neighbor->ifname, ifname);
}

void netstack_forget_members(struct netstack *stack)
{
	struct netstack_member *member;

	frr_each_safe (netstack_members, &stack->members, member)
		if (!is_wanted(stack, member->name))
			forget_member(stack, member);
}

/* What the link had before an operation that worked. */
static void note_original(const struct netstack_op *op)
{
	if (op->has_old_mac)
		netstack_original_note_mac(op->name, &op->old_mac, &op->mac);
	if (op->old_mtu)
		netstack_original_note_mtu(op->name, op->old_mtu, op->mtu);
	netstack_state_changed();
}

static void forget_netns(struct netstack *stack)
{
	struct netstack_member *made = find_member(stack, NETSTACK_MEMBER_NETNS);
	struct netstack_member *adopted = find_member(stack, NETSTACK_MEMBER_ADOPTED);

	if (made)
		forget_member(stack, made);
	if (adopted)
		forget_member(stack, adopted);
}

void netstack_record_operation(const struct netstack_op *op)
{
	switch (op->type) {
	case NETSTACK_OP_LINK_CREATE:
		netstack_record_member(op->stack, op->name);
		break;
	case NETSTACK_OP_NEIGHBOR_SET:
		if (op->stack->is_default)
			netstack_record_member(op->stack, op->name);
		break;
	case NETSTACK_OP_LINK_MASTER:
		if (op->master)
			netstack_record_member(op->stack, op->name);
		break;
	case NETSTACK_OP_LINK_MTU:
	case NETSTACK_OP_LINK_MAC:
		note_original(op);
		break;
	case NETSTACK_OP_LINK_MOVE:
		if (!op->inside)
			netstack_record_member(op->stack, op->name);
		break;
	case NETSTACK_OP_NETNS_CREATE:
		netstack_record_member(op->stack, NETSTACK_MEMBER_NETNS);
		break;
	case NETSTACK_OP_NETNS_ADOPT:
		netstack_record_member(op->stack, NETSTACK_MEMBER_ADOPTED);
		break;
	case NETSTACK_OP_NETNS_DELETE:
	case NETSTACK_OP_NETNS_CLOSE:
		forget_netns(op->stack);
		break;
	case NETSTACK_OP_NETNS_OPEN:
	case NETSTACK_OP_NETNS_NAME:
	case NETSTACK_OP_FORWARDING:
	case NETSTACK_OP_STRICT_MODE:
	case NETSTACK_OP_LINK_DELETE:
	case NETSTACK_OP_LINK_UP:
	case NETSTACK_OP_LINK_DOWN:
	case NETSTACK_OP_IPV6:
	case NETSTACK_OP_ADDRESS_ADD:
	case NETSTACK_OP_ADDRESS_DELETE:
	case NETSTACK_OP_NEIGHBOR_DELETE:
	case NETSTACK_OP_UNREACHABLE_ADD:
	case NETSTACK_OP_UNREACHABLE_DELETE:
		break;
	}
}
