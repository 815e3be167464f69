// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Links that change their network namespace, with what they had.
 */

#include <zebra.h>

#include "lib_errors.h"
#include "log.h"
#include "memory.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_errors.h"
#include "netstackd/netstack_events.h"
#include "netstackd/netstack_if_settings.h"
#include "netstackd/netstack_kernel_impl.h"
#include "netstackd/netstack_netns.h"

DEFINE_MTYPE_STATIC(NETSTACKD, MOVE, "Link on its way to another namespace");

struct move {
	const struct netstack_op *op;
	bool up; /* and it is to be up again */
	struct netstack_link_address *addresses;
	size_t count;
	struct netstack_if_settings *settings;
};

struct netstack_moves {
	struct move *moves;
	size_t count;
};

/*
 * What does not come back by itself: link-local addresses are made anew, those of router
 * advertisements come with the next one, temporary ones are made of those.
 */
static bool is_moved(const struct netstack_link_address *address)
{
	if (address->prefix.family == AF_INET)
		return true;
	return (address->flags & IFA_F_PERMANENT) && address->scope != RT_SCOPE_LINK;
}

static struct netstack_if_settings *read_settings(const struct netstack_kernel *from,
						  const char *ifname)
{
	struct netstack_if_settings *settings;

	if (netstack_netns_enter(from->netns))
		return NULL;
	settings = netstack_if_settings_read(ifname);
	netstack_netns_leave(from->netns);
	return settings;
}

static void note_move(struct netstack_moves *moves, const struct netstack_op *op)
{
	const struct netstack_kernel *from = netstack_kernel_of(op);
	const struct netstack_link_address *address;
	const struct netstack_link *link;
	struct move *move;

	if (!from)
		return;
	netstack_events_drain(from->events); /* what others have just given it comes along */
	netstack_events_read_addresses(from->events, op->ifindex);
	link = netstack_link_by_index(from->obs, op->ifindex);
	if (!link)
		return;
	moves->moves =
		XREALLOC(MTYPE_MOVE, moves->moves, (moves->count + 1) * sizeof(moves->moves[0]));
	move = &moves->moves[moves->count++];
	*move = (struct move){
		.op = op,
		.up = op->inside && (link->flags & IFF_UP),
		.settings = read_settings(from, link->name),
	};
	frr_each (netstack_link_addresses_const, &link->addresses, address) {
		/* ours are deleted before a link leaves: what is left of them is on its way out */
		if (!is_moved(address) || (op->inside && address->proto == NETSTACK_PROTO))
			continue;
		move->addresses = XREALLOC(MTYPE_MOVE, move->addresses,
					   (move->count + 1) * sizeof(move->addresses[0]));
		move->addresses[move->count++] = *address;
	}
}

struct netstack_moves *netstack_kernel_moves_prepare(const struct netstack_op *ops, size_t count)
{
	struct netstack_moves *moves = NULL;

	for (size_t i = 0; i < count; i++) {
		if (ops[i].type != NETSTACK_OP_LINK_MOVE)
			continue;
		if (!moves)
			moves = XCALLOC(MTYPE_MOVE, sizeof(*moves));
		note_move(moves, &ops[i]);
	}
	return moves;
}

/* Where the link is now. */
static struct netstack_kernel *destination(const struct netstack_op *op)
{
	return op->inside ? &netstack_kernel_outside : op->stack->inside;
}

/* First of all: some of them say what becomes of addresses. */
static void write_settings(const struct move *move, const struct netstack_kernel *to)
{
	unsigned int failed;

	if (!move->settings || netstack_netns_enter(to->netns))
		return;
	failed = netstack_if_settings_write(move->settings, move->op->name);
	netstack_netns_leave(to->netns);
	if (failed)
		flog_warn(EC_NETSTACK_KERNEL_OPERATION,
			  "netstack %s: %u settings of %s could not be kept over its move",
			  move->op->stack->name, failed, move->op->name);
}

static void finish_move(const struct move *move)
{
	struct netstack_kernel *to = destination(move->op);
	const struct netstack_link *link =
		to ? netstack_link_by_name(to->obs, move->op->name) : NULL;
	struct netstack_op up = { .type = NETSTACK_OP_LINK_UP };
	struct netstack_nl_batch batch = {};

	if (move->op->error || !link)
		return;
	write_settings(move, to);
	up.ifindex = link->ifindex;
	if (move->up)
		netstack_nl_encode(&batch, &up);
	for (size_t i = 0; i < move->count; i++)
		if (!netstack_link_address_find(link, &move->addresses[i].prefix))
			netstack_nl_encode_address(&batch, link->ifindex, &move->addresses[i]);
	netstack_nl_batch_send(&to->requests, &batch);
	for (size_t i = 0; i < batch.count; i++)
		if (batch.results[i].error)
			flog_warn(
				EC_NETSTACK_KERNEL_OPERATION,
				"netstack %s: %s did not get back all that it had before its move: %s",
				move->op->stack->name, move->op->name, batch.results[i].errmsg);
	netstack_nl_batch_fini(&batch);
	netstack_events_drain(to->events);
}

/* The kernel's way to say that a link is bound to its namespace (NETIF_F_NETNS_LOCAL). */
static void note_immovable(const struct netstack_op *op)
{
	struct netstack_kernel *from = netstack_kernel_of(op);
	struct netstack_link *link;

	link = from ? netstack_link_by_index(from->obs, op->ifindex) : NULL;
	if (op->error == EINVAL && link)
		link->immovable = true;
}

void netstack_kernel_moves_finish(struct netstack_moves *moves)
{
	if (!moves)
		return;
	for (size_t i = 0; i < moves->count; i++) {
		finish_move(&moves->moves[i]);
		note_immovable(moves->moves[i].op);
		XFREE(MTYPE_MOVE, moves->moves[i].addresses);
		netstack_if_settings_free(moves->moves[i].settings);
	}
	XFREE(MTYPE_MOVE, moves->moves);
	XFREE(MTYPE_MOVE, moves);
}
