// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Takes neighbours out of a stack's ARP and ND tables when there are too many.
 *
 * When a neighbour was confirmed is not observed: the kernel does not tell of it as long as the
 * state stays the same, and a neighbour in constant use is confirmed all the time.  So the kernel is
 * asked, for all of the stack's neighbours at once.
 */

#include <zebra.h>

#include <linux/neighbour.h>

#include "lib/darr.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_events.h"
#include "netstackd/netstack_kernel_impl.h"
#include "netstackd/netstack_limit_rules.h"

/* Requests that are sent at a time: each takes memory for its answer. */
#define CHUNK 1024

bool netstack_kernel_neighbor_is_dynamic(uint16_t state, uint8_t flags)
{
	return state != NUD_NONE && !(state & (NUD_PERMANENT | NUD_NOARP)) &&
	       !(flags & NTF_EXT_LEARNED);
}

/* A search for what can go. */
struct search {
	const struct netstack *stack;
	const struct netstack_observed *obs;
	netstack_kernel_spare_fn spare;
	const void *arg;
	unsigned int counted; /* all neighbours of the stack */
	struct netstack_limit_victim *victims;
};

static void neighbor_seen(const struct nlmsghdr *nlh, void *arg)
{
	struct search *search = arg;
	struct netstack_nl_neighbor neighbor;
	const struct netstack_link *link;

	if (!netstack_nl_decode_neighbor(nlh, &neighbor) ||
	    !netstack_neighbor_counts(neighbor.state))
		return;
	link = netstack_link_by_index(search->obs, neighbor.ifindex);
	if (!link ||
	    (!search->stack->inside && !netstack_link_in_stack(search->obs, search->stack, link)))
		return;
	search->counted++;
	if (!netstack_kernel_neighbor_is_dynamic(neighbor.state, neighbor.flags) ||
	    search->spare(&neighbor.address, search->arg))
		return;
	*darr_append(search->victims) = (struct netstack_limit_victim){
		.ifindex = neighbor.ifindex,
		.address = neighbor.address,
		.failed = neighbor.state & NUD_FAILED,
		.confirmed = neighbor.confirmed,
		.updated = neighbor.updated,
	};
}

/* Returns how many are gone. */
static unsigned int remove_victims(struct netstack_kernel *k,
				   const struct netstack_limit_victim *victims, size_t count)
{
	struct netstack_nl_batch batch = { .terse = true };
	unsigned int removed = 0;

	for (size_t done = 0; done < count;) {
		for (; done < count && batch.count < CHUNK; done++)
			netstack_nl_encode_neighbor_delete(&batch, victims[done].ifindex,
							   &victims[done].address);
		netstack_nl_batch_send(&k->requests, &batch);
		for (size_t i = 0; i < batch.count; i++)
			removed += !batch.results[i].error || batch.results[i].error == ENOENT;
		netstack_nl_batch_reset(&batch);
	}
	netstack_nl_batch_fini(&batch);
	return removed;
}

unsigned int netstack_kernel_trim_neighbors(struct netstack *stack, unsigned int max,
					    netstack_kernel_spare_fn spare, const void *arg)
{
	struct netstack_kernel *k = stack->inside ? stack->inside : &netstack_kernel_outside;
	struct netstack_nl_dump what = { .type = RTM_GETNEIGH };
	struct search search = { .stack = stack, .obs = k->obs, .spare = spare, .arg = arg };
	const struct netstack_link *vrf;
	unsigned int removed = 0;
	size_t count;

	vrf = stack->is_default || stack->inside ? NULL : netstack_vrf_link(k->obs, stack);
	what.master = vrf ? vrf->ifindex : 0;
	if (!netstack_nl_dump(&k->requests, &what, neighbor_seen, &search) &&
	    search.counted > max) {
		count = MIN(search.counted - netstack_limit_target(max), darr_len(search.victims));
		netstack_limit_sort_victims(search.victims, darr_len(search.victims));
		removed = remove_victims(k, search.victims, MIN(count, NETSTACK_KERNEL_TRIM_MAX));
	}
	darr_free(search.victims);
	netstack_events_drain(k->events);
	return removed;
}
