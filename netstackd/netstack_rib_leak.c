// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routes that leak into a stack, on their way to zebra.
 */

#include <zebra.h>

#include <linux/rtnetlink.h>

#include "nexthop.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_leak.h"
#include "netstackd/netstack_plan.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_rib.h"
#include "netstackd/netstack_zebra.h"

bool netstack_rib_is_leaked(const struct netstack_rib *rib, const struct rib_entry *entry)
{
	return entry->sent && entry->nexthop_count && entry->nexthops[0].vrf_id != rib->vrf_id;
}

bool netstack_zebra_is_leaked(const struct netstack *stack, const struct netstack_fib_route *route)
{
	const struct rib_entry *entry =
		stack->rib ? netstack_rib_find(stack->rib, &route->prefix) : NULL;

	return entry && netstack_rib_is_leaked(stack->rib, entry) &&
	       netstack_rib_is_route_of(route, entry);
}

const char *netstack_zebra_protocol(const struct netstack *stack,
				    const struct netstack_fib_route *route)
{
	const struct rib_entry *entry =
		stack->rib ? netstack_rib_find(stack->rib, &route->prefix) : NULL;

	if (!entry || !entry->sent || !netstack_rib_is_route_of(route, entry))
		return NULL;
	return netstack_rib_is_leaked(stack->rib, entry) ? "leak" : "netstack";
}

static struct sent_nexthop *leaked_nexthop(struct candidate *candidate,
					   const struct netstack *source)
{
	struct sent_nexthop *nexthop = &candidate->nexthops[candidate->count++];

	memset(nexthop, 0, sizeof(*nexthop));
	nexthop->vrf_id = netstack_zebra_vrf_id(source); /* it may not have been dealt with yet */
	return nexthop;
}

static void leak_blackhole(struct candidate *candidate, const struct netstack *source, uint8_t type)
{
	struct sent_nexthop *nexthop = leaked_nexthop(candidate, source);

	nexthop->type = NEXTHOP_TYPE_BLACKHOLE;
	if (type == RTN_BLACKHOLE)
		nexthop->bh_type = BLACKHOLE_NULL;
	else if (type == RTN_PROHIBIT)
		nexthop->bh_type = BLACKHOLE_ADMINPROHIB;
	else
		nexthop->bh_type = BLACKHOLE_REJECT;
}

/* By the VRF device, the kernel looks the destination up once more, in the source's table. */
static void leak_subnet(struct candidate *candidate, const struct netstack *source, int ifindex)
{
	const struct netstack_link *vrf = netstack_vrf_link(netstack_observed(), source);
	struct sent_nexthop *nexthop;

	if (!source->is_default && !vrf)
		return;
	nexthop = leaked_nexthop(candidate, source);
	nexthop->type = NEXTHOP_TYPE_IFINDEX;
	nexthop->ifindex = source->is_default ? ifindex : vrf->ifindex;
}

static void leak_gateway(struct candidate *candidate, const struct netstack *source,
			 const struct netstack_fib_nexthop *hop)
{
	struct sent_nexthop *nexthop = leaked_nexthop(candidate, source);

	nexthop->gate = hop->gate;
	nexthop->ifindex = hop->ifindex;
	nexthop->type =
		IS_IPADDR_V4(&hop->gate) ? NEXTHOP_TYPE_IPV4_IFINDEX : NEXTHOP_TYPE_IPV6_IFINDEX;
}

void netstack_rib_add_leaked(const struct netstack_rib *rib, struct candidate *candidate)
{
	const struct netstack_leaked_route *route;
	const struct netstack *source;

	if (candidate->count && candidate->distance <= NETSTACK_LEAK_DISTANCE)
		return;
	if (candidate->prefix.family == AF_INET6 && rib->stack->ipv6_disable)
		return;
	route = netstack_leak_find(rib->stack, &candidate->prefix, &source);
	if (!route || !netstack_zebra_has_vrf(source))
		return;
	candidate->distance = NETSTACK_LEAK_DISTANCE;
	candidate->count = 0;
	if (route->type != RTN_UNICAST) {
		leak_blackhole(candidate, source, route->type);
		return;
	}
	for (int i = 0; i < route->nexthop_count && candidate->count < netstack_ecmp_max; i++) {
		if (!IS_IPADDR_NONE(&route->nexthops[i].gate) && !route->has_more)
			leak_gateway(candidate, source, &route->nexthops[i]);
		else if (!candidate->count)
			leak_subnet(candidate, source, route->nexthops[i].ifindex);
	}
}
