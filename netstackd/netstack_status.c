// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is in force and why not, in words.
 *
 * A reason that follows from facts (the parent does not exist) comes before the kernel's word on
 * an operation that failed (netstack_problem), and that before 'not yet'.
 */

#include <zebra.h>

#include <linux/if.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "printfrr.h"
#include "vrf.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_leak.h"
#include "netstackd/netstack_place.h"
#include "netstackd/netstack_plan.h"
#include "netstackd/netstack_problem.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_record.h"
#include "netstackd/netstack_status.h"
#include "netstackd/netstack_table.h"
#include "netstackd/netstack_zebra.h"

static void set_status(struct netstack_status *status, const char *state, const char *format, ...)
	PRINTFRR(3, 4);

static void set_status(struct netstack_status *status, const char *state, const char *format, ...)
{
	va_list args;

	status->state = state;
	va_start(args, format);
	vsnprintfrr(status->reason, sizeof(status->reason), format, args);
	va_end(args);
}

static const char *problem(const struct netstack *stack, const char *format, ...) PRINTFRR(2, 3);

/* The kernel's word on an operation of the stack, by its key; NULL: none. */
static const char *problem(const struct netstack *stack, const char *format, ...)
{
	char key[NETSTACK_OP_KEY_LEN];
	va_list args;

	va_start(args, format);
	vsnprintfrr(key, sizeof(key), format, args);
	va_end(args);
	return netstack_problem(stack, key);
}

/* ------------------------------------------------------------------------------------------
 * Interfaces
 */

/* Why the link is not there at all. */
static void status_absent_link(const struct netstack_if *nif, struct netstack_status *status)
{
	const char *word = problem(nif->stack, "%s link", nif->name);

	if (nif->kind == NETSTACK_LINK_EXISTING)
		set_status(status, "pending", "interface %s does not exist", nif->name);
	else if (nif->kind != NETSTACK_LINK_DUMMY &&
		 !netstack_link_by_name(netstack_observed(), nif->parent))
		set_status(status, "pending", "parent %s does not exist", nif->parent);
	else if (word)
		set_status(status, "pending", "%s", word);
	else
		set_status(status, "pending", "being created");
}

static const char *place_word(void)
{
	return netstack_backend() == NETSTACK_BACKEND_NETNS ? "namespace" : "VRF";
}

/*
 * The link is not what is configured, in the stack or not; false if it is.  A parent can get
 * another name, or leave for another namespace, with its VLANs on it.
 */
static bool status_other_link(const struct netstack_if *nif, const struct netstack_link *link,
			      struct netstack_status *status)
{
	const struct netstack_link *parent = netstack_place_parent(nif->stack, link);

	if (netstack_place_matches(nif, link))
		return false;
	if (!netstack_link_is_ours(link))
		set_status(status, "pending", "%s exists already and is something else", nif->name);
	else if (!nif->parent[0] || netstack_link_by_name(netstack_observed(), nif->parent))
		set_status(status, "pending", "being created anew");
	else if (parent)
		set_status(status, "pending", "parent %s does not exist, it is on %s", nif->parent,
			   parent->name);
	else
		set_status(status, "pending", "parent %s does not exist", nif->parent);
	return true;
}

/* Why a link that is there is not a member; false if it is one. */
static bool status_foreign_link(const struct netstack_if *nif, const struct netstack_link *link,
				struct netstack_status *status)
{
	const struct netstack_observed *obs = netstack_observed();
	const struct netstack_link *master = netstack_link_by_index(obs, link->master);
	const char *word;

	if (netstack_place_has(nif->stack, link))
		return false;
	word = problem(nif->stack, "%s master", nif->name);
	if (!word)
		word = problem(nif->stack, "%s move", nif->name);
	if (master && strcmp(master->kind, "vrf"))
		set_status(status, "pending", "%s is a port of %s", nif->name, master->name);
	else if (!netstack_place_exists(nif->stack))
		set_status(status, "pending", "%s %s does not exist yet", place_word(),
			   netstack_vrf_name(nif->stack));
	else if (word)
		set_status(status, "pending", "%s", word);
	else
		set_status(status, "pending", "being put into the stack");
	return true;
}

/* A setting that the kernel refused, whatever it is about. */
static bool status_refused(const struct netstack_if *nif, struct netstack_status *status)
{
	static const char *const settings[] = { "mtu", "mac", "ipv6" };
	const char *word;

	for (size_t i = 0; i < array_size(settings); i++) {
		word = problem(nif->stack, "%s %s", nif->name, settings[i]);
		if (word) {
			set_status(status, "pending", "%s: %s", settings[i], word);
			return true;
		}
	}
	return false;
}

/* Nothing gets through then, even if a macvlan says that it runs. */
static bool is_parent_down(const struct netstack_if *nif, const struct netstack_link *link)
{
	const struct netstack_link *parent = netstack_place_parent(nif->stack, link);

	return nif->parent[0] && parent && !(parent->flags & IFF_UP);
}

static void status_down_link(const struct netstack_if *nif, const struct netstack_link *link,
			     struct netstack_status *status)
{
	const char *word = problem(nif->stack, "%s up", nif->name);

	if (nif->stack->shutdown)
		set_status(status, "down", "the stack is shut down");
	else if (nif->shutdown)
		set_status(status, "down", "shut down");
	else if (is_parent_down(nif, link))
		set_status(status, "down", "parent %s is down", nif->parent);
	else if (word)
		set_status(status, "down", "%s", word);
	else
		set_status(status, "down", "%s",
			   link->flags & IFF_UP ? "no carrier" : "being brought up");
}

void netstack_status_if(const struct netstack_if *nif, struct netstack_status *status)
{
	const struct netstack_link *link = netstack_place_link(nif->stack, nif->name);

	if (!link) {
		status_absent_link(nif, status);
		return;
	}
	if (status_other_link(nif, link, status) || status_foreign_link(nif, link, status) ||
	    status_refused(nif, status))
		return;
	if ((link->flags & IFF_UP) && (link->flags & IFF_RUNNING) && !is_parent_down(nif, link))
		set_status(status, "up", "%s", "");
	else
		status_down_link(nif, link, status);
}

void netstack_status_address(const struct netstack_if *nif, const struct netstack_address *address,
			     struct netstack_status *status)
{
	const struct netstack_link *link = netstack_place_link(nif->stack, nif->name);
	const struct netstack_link_address *found =
		link ? netstack_link_address_find(link, &address->prefix) : NULL;
	const char *word = problem(nif->stack, "%s address %pFX", nif->name, &address->prefix);

	if (!link)
		set_status(status, "pending", "interface %s does not exist", nif->name);
	else if (!netstack_place_has(nif->stack, link))
		set_status(status, "pending", "interface %s is not in the stack yet", nif->name);
	else if (found && (found->flags & IFA_F_DADFAILED))
		set_status(status, "pending", "another host on %s has this address", nif->name);
	else if (found)
		set_status(status, "installed", "%s", "");
	else if (nif->stack->shutdown)
		set_status(status, "pending", "the stack is shut down");
	else if (address->prefix.family == AF_INET6 && nif->stack->ipv6_disable)
		set_status(status, "pending", "IPv6 is disabled in this stack");
	else
		set_status(status, "pending", "%s", word ? word : "being added");
}

/* ------------------------------------------------------------------------------------------
 * Routes and neighbours
 */

void netstack_status_route(const struct netstack_route *route, struct netstack_status *status)
{
	enum netstack_route_state state =
		netstack_route_state(route, status->reason, sizeof(status->reason));
	static const char *const of_gateway[] = {
		[NETSTACK_ROUTE_PENDING] = "pending",
		[NETSTACK_ROUTE_UNREACHABLE] = "unreachable",
		[NETSTACK_ROUTE_STANDBY] = "standby",
		[NETSTACK_ROUTE_ACTIVE] = "active",
	};

	if (route->is_gateway)
		status->state = of_gateway[state];
	else
		status->state = state == NETSTACK_ROUTE_ACTIVE ? "installed" : "pending";
}

void netstack_status_neighbor(const struct netstack *stack,
			      const struct netstack_neighbor *neighbor,
			      struct netstack_status *status)
{
	const struct netstack_link *link = netstack_place_link(stack, neighbor->ifname);
	const struct netstack_link_neighbor *found =
		link ? netstack_link_neighbor_find(link, &neighbor->address) : NULL;
	const char *word = problem(stack, "%s neighbor %pIA", neighbor->ifname, &neighbor->address);

	if (!link)
		set_status(status, "pending", "interface %s does not exist", neighbor->ifname);
	else if (!netstack_place_has(stack, link))
		set_status(status, "pending", "interface %s is not in this stack",
			   neighbor->ifname);
	else if (found && (found->state & NUD_PERMANENT) && found->has_mac &&
		 !memcmp(&found->mac, &neighbor->mac, sizeof(found->mac)))
		set_status(status, "installed", "%s", "");
	else if (stack->shutdown)
		set_status(status, "pending", "the stack is shut down");
	else if (!(link->flags & IFF_UP))
		set_status(status, "pending", "interface %s is down", neighbor->ifname);
	else if (IS_IPADDR_V6(&neighbor->address) && link->ipv6_disabled)
		set_status(status, "pending", "IPv6 is disabled on %s", neighbor->ifname);
	else
		set_status(status, "pending", "%s", word ? word : "being added");
}

/* ------------------------------------------------------------------------------------------
 * Stacks
 */

/* Why there is no namespace that could be the stack's. */
static void status_without_netns(const struct netstack *stack, struct netstack_status *status)
{
	const char *name = netstack_vrf_name(stack);
	const char *word = problem(stack, "%s namespace", name);

	if (word)
		set_status(status, "down", "%s", word);
	else if (netstack_kernel_look(stack, name) == NETSTACK_NETNS_NONE)
		set_status(status, "down", NETSTACK_NETNS_DIR "/%s is not a network namespace",
			   name);
	else if (netstack_zebra_knows(name))
		set_status(status, "down", "zebra still has the former namespace %s", name);
	else
		set_status(status, "down", "namespace is being created");
}

/* A namespace that somebody else made, and that the stack cannot have. */
static bool status_foreign_netns(const struct netstack *stack, struct netstack_status *status)
{
	const struct netstack_observed *inside = netstack_kernel_inside(stack);
	char what[64];

	if (netstack_backend() != NETSTACK_BACKEND_NETNS || stack->is_default || !inside ||
	    netstack_netns_is_ours(stack, inside) ||
	    netstack_is_member(stack, NETSTACK_MEMBER_ADOPTED) ||
	    !netstack_netns_conflict(stack, inside, what, sizeof(what)))
		return false;
	set_status(status, "down", "namespace %s is not ours and has %s, which is not configured",
		   netstack_vrf_name(stack), what);
	return true;
}

/* Why there is no VRF device that could be the stack's. */
static void status_without_vrf(const struct netstack *stack, struct netstack_status *status)
{
	const char *name = netstack_vrf_name(stack);
	const struct netstack_link *link = netstack_link_by_name(netstack_observed(), name);
	const char *word = problem(stack, "%s link", name);
	char who[64];

	if (!stack->table && stack->table_config &&
	    netstack_table_used(netstack_observed(), stack, stack->table_config, who, sizeof(who)))
		set_status(status, "down", "table %u is used by %s", stack->table_config, who);
	else if (!stack->table)
		set_status(status, "down", "no table is free in %u-%u", netstack_global.table_first,
			   netstack_global.table_last);
	else if (link && strcmp(link->kind, "vrf"))
		set_status(status, "down", "interface %s exists and is not a VRF", name);
	else if (link && link->vrf_table != stack->table && !netstack_link_is_ours(link))
		set_status(status, "down", "VRF %s exists with table %u and is not ours", name,
			   link->vrf_table);
	else
		set_status(status, "down", "%s", word ? word : "VRF device is being created");
}

/* The first thing of the stack that is not as configured; false: all is. */
static bool status_degraded(const struct netstack *stack, struct netstack_status *status)
{
	const struct netstack_if *nif;
	const struct netstack_address *address;
	const struct netstack_route *route;
	const struct netstack_neighbor *neighbor;
	const struct netstack_leak *leak;
	struct netstack_status part;

	frr_each (netstack_ifs_const, &stack->interfaces, nif) {
		if (nif->shutdown)
			continue;
		netstack_status_if(nif, &part);
		if (strcmp(part.state, "up")) {
			set_status(status, "degraded", "interface %s: %s", nif->name, part.reason);
			return true;
		}
		frr_each (netstack_addresses_const, &nif->addresses, address) {
			netstack_status_address(nif, address, &part);
			if (!strcmp(part.state, "installed"))
				continue;
			set_status(status, "degraded", "address %pFX: %s", &address->prefix,
				   part.reason);
			return true;
		}
	}
	frr_each (netstack_routes_const, &stack->routes, route) {
		if (netstack_route_state(route, part.reason, sizeof(part.reason)) >=
		    NETSTACK_ROUTE_STANDBY)
			continue;
		if (route->is_gateway)
			set_status(status, "degraded", "gateway %pIA: %s", &route->gate,
				   part.reason);
		else
			set_status(status, "degraded", "route %pFX: %s", &route->prefix,
				   part.reason);
		return true;
	}
	frr_each (netstack_neighbors_const, &stack->neighbors, neighbor) {
		netstack_status_neighbor(stack, neighbor, &part);
		if (!strcmp(part.state, "installed"))
			continue;
		set_status(status, "degraded", "neighbor %pIA: %s", &neighbor->address,
			   part.reason);
		return true;
	}
	frr_each (netstack_leaks_const, &stack->leaks, leak) {
		netstack_leak_status(leak, &part);
		if (!strcmp(part.state, "active"))
			continue;
		set_status(status, "degraded", "leak from %s: %s", leak->from, part.reason);
		return true;
	}
	return false;
}

/*
 * All interfaces down or pending, and at least one: nothing gets in or out.  The reason is the one
 * that is there already, unless it is as simple as that all of them were shut down.
 */
static bool status_all_down(const struct netstack *stack, struct netstack_status *status)
{
	const struct netstack_if *nif;
	struct netstack_status part;
	size_t shut_down = 0;

	frr_each (netstack_ifs_const, &stack->interfaces, nif) {
		netstack_status_if(nif, &part);
		if (!strcmp(part.state, "up"))
			return false;
		shut_down += nif->shutdown;
	}
	if (!netstack_ifs_count(&stack->interfaces))
		return false;
	status->state = "down";
	if (shut_down == netstack_ifs_count(&stack->interfaces))
		set_status(status, "down", "all interfaces are shut down");
	return true;
}

void netstack_status_stack(const struct netstack *stack, struct netstack_status *status)
{
	const char *word;
	bool degraded;

	if (!stack->configured) {
		word = netstack_first_problem(stack);
		set_status(status, "removing", "%s", word ? word : "");
		return;
	}
	if (stack->shutdown) {
		set_status(status, "shutdown", "%s", "");
		return;
	}
	if (netstack_backend() == NETSTACK_BACKEND_UNKNOWN && !stack->is_default) {
		set_status(status, "down", "zebra is not connected");
		return;
	}
	if (!netstack_place_exists(stack)) {
		if (netstack_backend() == NETSTACK_BACKEND_NETNS)
			status_without_netns(stack, status);
		else
			status_without_vrf(stack, status);
		return;
	}
	if (status_foreign_netns(stack, status))
		return;
	word = netstack_first_problem(stack);
	degraded = status_degraded(stack, status);
	if (status_all_down(stack, status) || degraded)
		return;
	if (!netstack_zebra_connected())
		set_status(status, "degraded", "zebra is not connected");
	else if (!netstack_zebra_has_vrf(stack))
		set_status(status, "degraded", "VRF %s is not known to zebra yet",
			   netstack_vrf_name(stack));
	else if (word)
		set_status(status, "degraded", "%s", word);
	else
		set_status(status, "up", "%s", "");
}

/* ------------------------------------------------------------------------------------------
 * Counts, as the kernel has them
 */

static void count_neighbors(const struct netstack_link *link, void *arg)
{
	unsigned int *count = arg;

	*count += link->neighbor_count;
}

unsigned int netstack_status_neighbor_count(const struct netstack *stack)
{
	unsigned int count = 0;

	netstack_place_each_link(stack, count_neighbors, &count);
	return count;
}

unsigned int netstack_status_route_count(const struct netstack *stack)
{
	const struct netstack_fib_table *table = netstack_place_fib(stack);

	return table ? netstack_fib_routes_count(&table->routes) : 0;
}
