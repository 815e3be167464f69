// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IPv6 addresses that survive that their link goes down, or that it changes its VRF: then it goes
 * down for a moment, up or not (addrconf_notify(), NETDEV_CHANGEUPPER).  keep_addr_on_down is set
 * for that moment; what is lost nevertheless is added again.
 */

#include <zebra.h>

#include "lib_errors.h"
#include "log.h"
#include "memory.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_errors.h"
#include "netstackd/netstack_events.h"
#include "netstackd/netstack_kernel_impl.h"
#include "netstackd/netstack_netns.h"
#include "netstackd/netstack_sysctl.h"

DEFINE_MTYPE_STATIC(NETSTACKD, KEPT, "Addresses to be kept");

/* An address that has to survive. */
struct kept_address {
	struct netstack_kernel *k;
	int ifindex;
	struct netstack_link_address address;
};

/* A link that goes down, and its keep_addr_on_down. */
struct kept_link {
	struct netstack_kernel *k;
	int ifindex;
	int keep_addr_on_down; /* as it was */
};

struct netstack_kept {
	struct kept_link *links;
	size_t link_count;
	struct kept_address *addresses;
	size_t address_count;
};

static void keep_link(struct netstack_kept *kept, struct netstack_kernel *k,
		      const struct netstack_link *link)
{
	int before, error = netstack_netns_enter(k->netns);

	if (error)
		return;
	error = netstack_sysctl_ipv6_read(link->name, "keep_addr_on_down", &before);
	if (!error && before <= 0)
		error = netstack_sysctl_ipv6_write(link->name, "keep_addr_on_down", 1);
	netstack_netns_leave(k->netns);
	if (error || before > 0)
		return;
	kept->links =
		XREALLOC(MTYPE_KEPT, kept->links, (kept->link_count + 1) * sizeof(kept->links[0]));
	kept->links[kept->link_count++] = (struct kept_link){
		.k = k,
		.ifindex = link->ifindex,
		.keep_addr_on_down = before,
	};
}

static void keep_addresses_of(struct netstack_kept *kept, struct netstack_kernel *k,
			      const struct netstack_link *link)
{
	const struct netstack_link_address *address;
	size_t before = kept->address_count;

	frr_each (netstack_link_addresses_const, &link->addresses, address) {
		if (!netstack_link_address_is_volatile(address))
			continue;
		kept->addresses = XREALLOC(MTYPE_KEPT, kept->addresses,
					   (kept->address_count + 1) * sizeof(kept->addresses[0]));
		kept->addresses[kept->address_count++] = (struct kept_address){
			.k = k,
			.ifindex = link->ifindex,
			.address = *address,
		};
	}
	if (kept->address_count > before)
		keep_link(kept, k, link);
}

struct netstack_kept *netstack_kernel_keep_addresses(const struct netstack_op *ops, size_t count)
{
	struct netstack_kept *kept = NULL;

	for (size_t i = 0; i < count; i++) {
		struct netstack_kernel *k;
		const struct netstack_link *link;

		if (!ops[i].keep_addresses)
			continue;
		k = netstack_kernel_of(&ops[i]);
		if (!k)
			continue;
		netstack_events_drain(k->events);
		netstack_events_read_addresses(k->events, ops[i].ifindex);
		link = netstack_link_by_index(k->obs, ops[i].ifindex);
		if (!link)
			continue;
		if (!kept)
			kept = XCALLOC(MTYPE_KEPT, sizeof(*kept));
		keep_addresses_of(kept, k, link);
	}
	return kept;
}

static void restore_link(const struct kept_link *kept)
{
	const struct netstack_link *link = netstack_link_by_index(kept->k->obs, kept->ifindex);

	if (!link || netstack_netns_enter(kept->k->netns))
		return;
	netstack_sysctl_ipv6_write(link->name, "keep_addr_on_down", kept->keep_addr_on_down);
	netstack_netns_leave(kept->k->netns);
}

/* One of ours that was in use: duplicate address detection was done on this very link. */
static bool needs_no_dad(const struct netstack_link_address *address)
{
	return address->proto == NETSTACK_PROTO &&
	       !(address->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED));
}

/*
 * One that was lost nevertheless: net.ipv6.conf.all.keep_addr_on_down can forbid it, and the kernel
 * never keeps link-local ones.  EEXIST: a link that left a VRF and was shut down at once is here
 * twice.
 */
static void restore_address(const struct kept_address *kept)
{
	const struct netstack_link *link = netstack_link_by_index(kept->k->obs, kept->ifindex);
	struct netstack_link_address address = kept->address;
	struct netstack_nl_batch batch = {};

	if (!link || netstack_link_address_find(link, &address.prefix))
		return;
	if (needs_no_dad(&address))
		address.flags |= IFA_F_NODAD;
	netstack_nl_encode_address(&batch, kept->ifindex, &address);
	netstack_nl_batch_send(&kept->k->requests, &batch);
	if (batch.results[0].error && batch.results[0].error != EEXIST)
		flog_warn(EC_NETSTACK_KERNEL_OPERATION,
			  "An IPv6 address was lost when its link went down: %s",
			  batch.results[0].errmsg);
	else if (address.flags & IFA_F_NODAD)
		netstack_kernel_read_unannounced(kept->k, kept->ifindex, &address.prefix);
	netstack_nl_batch_fini(&batch);
}

void netstack_kernel_restore_addresses(struct netstack_kept *kept)
{
	if (!kept)
		return;
	for (size_t i = 0; i < kept->link_count; i++)
		restore_link(&kept->links[i]);
	for (size_t i = 0; i < kept->address_count; i++)
		restore_address(&kept->addresses[i]);
	XFREE(MTYPE_KEPT, kept->links);
	XFREE(MTYPE_KEPT, kept->addresses);
	XFREE(MTYPE_KEPT, kept);
}
