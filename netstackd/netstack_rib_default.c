// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Default routes of others.
 *
 * What carries traffic is what the kernel has.  zebra alone knows at which distance that is, and
 * tells OSPFv2 from OSPFv3.
 */

#include <zebra.h>

#include "vrf.h"
#include "zclient.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_leak.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_rib.h"
#include "netstackd/netstack_zebra.h"

const struct selected_default *netstack_rib_default(const struct netstack_rib *rib,
						    const struct netstack_prefix *prefix)
{
	return &rib->defaults[prefix->family == AF_INET6];
}

static const struct rib_entry *our_default(const struct netstack_rib *rib, int family)
{
	const struct netstack_prefix any = { .family = family };

	return netstack_rib_find(rib, &any);
}

/* zebra may still be about to install it, or to take the one before it away. */
static bool is_on_its_way(const struct rib_entry *ours)
{
	return ours->sent && ours->note == NOTE_NONE && ours->resend <= NETSTACK_RIB_RESEND_FIRST;
}

/* Is it installed, or was it, and zebra is about to take it away? */
static bool may_be_installed(const struct rib_entry *ours)
{
	return ours->withdrawn || (ours->sent && ours->note == NOTE_INSTALLED);
}

/*
 * Has the kernel a default route in the stack's table that is neither the unreachable one nor ours?
 * `waits`: one of zebra's may yet turn out to be ours.  One of staticd's can look like ours to the letter:
 * then ours does not get installed, and zebra is asked.
 */
static bool has_default_of_others(const struct netstack_rib *rib, int family, bool waits)
{
	const struct netstack_fib_table *table = netstack_place_fib(rib->stack);
	const struct rib_entry *ours = our_default(rib, family);
	const struct netstack_prefix any = { .family = family };
	const struct netstack_fib_route *route;

	if (!table)
		return false;
	if (ours && is_on_its_way(ours))
		waits = true;
	else if (ours && !may_be_installed(ours))
		ours = NULL;
	netstack_each_route_to (table, &any, route)
		if (route->proto != NETSTACK_PROTO &&
		    !(waits && route->proto == NETSTACK_RTPROT_ZSTATIC) &&
		    !(ours && netstack_rib_is_route_of(route, ours)))
			return true;
	return false;
}

static void follow_default(struct netstack_rib *rib, afi_t afi, bool on)
{
	int command = on ? ZEBRA_REDISTRIBUTE_DEFAULT_ADD : ZEBRA_REDISTRIBUTE_DEFAULT_DELETE;
	bool *follows = &rib->follows_default[afi == AFI_IP6];

	if (*follows == on)
		return;
	*follows = on;
	if (!on)
		rib->defaults[afi == AFI_IP6].known = false;
	zebra_redistribute_default_send(command, netstack_zclient, afi, rib->vrf_id);
}

/*
 * While the unreachable default is the one that is selected, zebra would tell of it again whenever any
 * link comes up, in all VRFs (doc/developer/upstream.md): a thousand messages for a link.  And of
 * our own nothing is to be learned.
 */
void netstack_rib_follow_defaults(struct netstack_rib *rib, bool on, bool waits)
{
	follow_default(rib, AFI_IP, on && has_default_of_others(rib, AF_INET, waits));
	follow_default(rib, AFI_IP6, on && has_default_of_others(rib, AF_INET6, waits));
}

int netstack_rib_default_selected(ZAPI_CALLBACK_ARGS)
{
	struct netstack *stack = netstack_rib_stack(vrf_id);
	static struct zapi_route api; /* 100 kB and more: not on the stack */
	struct selected_default *selected;
	struct netstack_prefix prefix;

	if (zapi_route_decode(zclient->ibuf, &api) < 0)
		return -1;
	if (!stack || api.prefix.prefixlen || CHECK_FLAG(api.message, ZAPI_MESSAGE_SRCPFX))
		return 0;
	selected = &stack->rib->defaults[api.prefix.family == AF_INET6];
	selected->known = cmd == ZEBRA_REDISTRIBUTE_ROUTE_ADD;
	selected->type = api.type;
	selected->distance = api.distance;
	selected->is_ours =
		api.type == ZEBRA_ROUTE_STATIC && api.instance == NETSTACK_ZEBRA_INSTANCE;
	selected->is_ghost = CHECK_FLAG(api.flags, ZEBRA_FLAG_SELFROUTE);
	DEBUGD(&netstack_dbg_zebra, "netstack %s: %pFX is %s %s, distance %u", stack->name,
	       &api.prefix, selected->known ? "of" : "no longer of", zebra_route_string(api.type),
	       api.distance);
	prefix = netstack_prefix_from(&api.prefix);
	if (netstack_rib_find(stack->rib, &prefix))
		netstack_mark_dirty(stack);
	return 0;
}

/* Is it the one that the kernel has?  The kernel has one number for all that OSPF has learned. */
static bool is_selected(const struct selected_default *selected,
			const struct netstack_fib_route *route)
{
	char protocol[16];
	int type;

	netstack_protocol_name(route->proto, protocol, sizeof(protocol));
	type = proto_name2num(protocol);
	if (!selected->known)
		return false;
	return selected->type == type ||
	       (selected->type == ZEBRA_ROUTE_OSPF6 && type == ZEBRA_ROUTE_OSPF) ||
	       (selected->type == ZEBRA_ROUTE_KERNEL && type < 0);
}

/*
 * Is it the one that zebra was sent, as far as can be seen?  While ours comes or goes, a static one is taken
 * for it: zebra's word of it and the kernel's do not come at once.
 */
static bool is_ours(const struct netstack_rib *rib, const struct selected_default *selected,
		    const struct netstack_fib_route *route)
{
	const struct rib_entry *ours = rib ? our_default(rib, route->prefix.family) : NULL;

	if (selected->known)
		return selected->is_ours && is_selected(selected, route);
	if (!ours || route->proto != NETSTACK_RTPROT_ZSTATIC)
		return false;
	return is_on_its_way(ours) ||
	       (may_be_installed(ours) && netstack_rib_is_route_of(route, ours));
}

/* The stack that a route of ours has leaked from; NULL: it is not such a route. */
static const struct netstack *leaked_from(const struct netstack *stack,
					  const struct netstack_fib_route *route)
{
	const struct netstack *source;

	if (!netstack_zebra_is_leaked(stack, route) ||
	    !netstack_leak_find(stack, &route->prefix, &source))
		return NULL;
	return source;
}

bool netstack_zebra_default(const struct netstack *stack, const struct netstack_fib_route *route,
			    struct netstack_zebra_default *origin)
{
	static const struct selected_default unknown;
	const struct selected_default *selected =
		stack->rib ? netstack_rib_default(stack->rib, &route->prefix) : &unknown;
	const struct netstack *source = leaked_from(stack, route);

	if (source) {
		origin->distance = NETSTACK_LEAK_DISTANCE;
		strlcpy(origin->protocol, "leak", sizeof(origin->protocol));
		snprintf(origin->reason, sizeof(origin->reason), "leaks from %s", source->name);
		return true;
	}
	origin->distance = is_selected(selected, route) ? selected->distance : -1;
	if (origin->distance >= 0 && selected->type != ZEBRA_ROUTE_KERNEL)
		strlcpy(origin->protocol, zebra_route_string(selected->type),
			sizeof(origin->protocol));
	else
		netstack_protocol_name(route->proto, origin->protocol, sizeof(origin->protocol));
	snprintf(origin->reason, sizeof(origin->reason), "route of %s", origin->protocol);
	return !is_ours(stack->rib, selected, route);
}
