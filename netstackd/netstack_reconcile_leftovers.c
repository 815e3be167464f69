// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an earlier run of the daemon left in the kernel: it is known by our mark.
 */

#include <zebra.h>

#include "netstackd/netstack.h"
#include "netstackd/netstack_netns.h"
#include "netstackd/netstack_privs.h"
#include "netstackd/netstack_reconcile_impl.h"
#include "netstackd/netstack_record.h"

/*
 * A namespace that an earlier run made, and that is not what a stack should be now: of a stack that
 * was removed or renamed meanwhile, or of a router whose stacks are VRF devices now.
 */
static void find_leftover_netns(const char *name, void *arg)
{
	char owner[NETSTACK_NAME_MAX + 1];
	struct netstack *stack;

	if (netstack_backend() == NETSTACK_BACKEND_NETNS && netstack_find_vrf(name))
		return; /* its plan looks at it */
	if (!netstack_kernel_netns_owner(name, owner, sizeof(owner)))
		return;
	stack = netstack_leftover(owner);
	if (!netstack_kernel_open_existing(stack, name))
		netstack_record_member(stack, NETSTACK_MEMBER_NETNS);
}

void netstack_reconcile_find_leftovers(void)
{
	const struct netstack_link *link;

	frr_each (netstack_links_index_const, &netstack_observed()->links_by_index, link) {
		const char *name = link->alias + strlen(NETSTACK_ALIAS_PREFIX);

		if (netstack_link_is_ours(link) && name[0] && strlen(name) <= NETSTACK_NAME_MAX)
			netstack_record_member(netstack_leftover(name), link->name);
	}
	if (netstack_privs_have_netns())
		netstack_netns_each(find_leftover_netns, NULL);
}
