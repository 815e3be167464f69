// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows what netstackd would observe here: for tests and for looking into a problem.
 *
 *	netstack-observe VRFNAME...
 *
 * follows the kernel, and the tables of these VRFs, and for each line on standard input (how many
 * milliseconds to go on before) writes everything, a line each, then "END".
 */

#include <zebra.h>

#include "frrevent.h"
#include "privs.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_test_hooks.h"

struct event_loop *master;
struct zebra_privs_t netstack_privs;

static struct netstack_observed *obs;

static const char *name_of(int ifindex)
{
	const struct netstack_link *link = netstack_link_by_index(obs, ifindex);

	return link ? link->name : "-";
}

static void show_route(const struct netstack_fib_table *fib, const struct netstack_fib_route *route)
{
	printfrr("route %u %pFX tos %u metric %u type %u proto %u nhid %u nexthops %u", fib->table,
		 &route->prefix, route->tos, route->metric, route->type, route->proto,
		 route->nexthop_id, route->nexthop_count);
	for (int i = 0; i < MIN(route->nexthop_count, NETSTACK_FIB_NEXTHOPS_KEPT); i++) {
		const struct netstack_fib_nexthop *nexthop = &route->nexthops[i];

		if (IS_IPADDR_NONE(&nexthop->gate))
			printf(" -@%s", name_of(nexthop->ifindex));
		else
			printfrr(" %pIA@%s", &nexthop->gate, name_of(nexthop->ifindex));
	}
	printf("\n");
}

static void show_link(const struct netstack_link *link)
{
	const struct netstack_link_address *address;
	const struct netstack_link_neighbor *neighbor;

	printfrr("link %s index %d kind %s flags %#x mtu %u mac %pEA master %s parent %d table %u"
		 " vlan %u ipv6 %s alias %s\n",
		 link->name, link->ifindex, link->kind[0] ? link->kind : "-", link->flags,
		 link->mtu, &link->mac, name_of(link->master), link->parent, link->vrf_table,
		 link->vlan_id, link->ipv6_disabled ? "off" : "on", link->alias);
	frr_each (netstack_link_addresses_const, &link->addresses, address)
		printfrr("address %s %pFX proto %u flags %#x\n", link->name, &address->prefix,
			 address->proto, address->flags);
	frr_each (netstack_link_neighbors_const, &link->neighbors, neighbor)
		printfrr("neighbor %s %pIA %pEA state %#x proto %u\n", link->name,
			 &neighbor->address, &neighbor->mac, neighbor->state, neighbor->proto);
}

static void show_all(void)
{
	const struct netstack_kernel_stats *stats = netstack_kernel_stats();
	struct netstack_link *link;
	struct netstack_fib_table *fib;
	struct netstack_fib_route *route;
	struct netstack_rule_table *rule;

	frr_each (netstack_links_index, &obs->links_by_index, link)
		show_link(link);
	frr_each (netstack_fib_tables, &obs->tables, fib)
		frr_each (netstack_fib_routes, &fib->routes, route)
			show_route(fib, route);
	frr_each (netstack_rule_tables, &obs->rule_tables, rule)
		printf("rules %u %u\n", rule->table, rule->rules);
	printf("absent masters %zu uses %zu\n", netstack_absent_masters_count(&obs->absent_masters),
	       netstack_fib_uses_count(&obs->fib_uses));
	printf("events %" PRIu64 " overruns %" PRIu64 " link %u table %u resynced %u\n",
	       stats->events, stats->overruns, calls.link, calls.table, calls.resynced);
	printf("END\n");
	fflush(stdout);
}

static void on_shown(struct event *event)
{
	show_all();
}

static void on_line(struct event *event)
{
	char line[64];
	ssize_t got = read(0, line, sizeof(line) - 1);

	if (got <= 0)
		exit(0);
	line[got] = '\0';
	event_add_read(master, on_line, NULL, 0, NULL);
	event_add_timer_msec(master, on_shown, NULL, atoi(line), NULL);
}

int main(int argc, char **argv)
{
	struct event event;

	zprivs_preinit(&netstack_privs);
	zprivs_init(&netstack_privs);
	master = event_master_create("observe");
	obs = netstack_observed_new();
	if (netstack_kernel_init(master, obs, &counting_hooks) != 0)
		return 1;
	netstack_kernel_load_vrf();
	for (int i = 1; i < argc; i++) {
		const struct netstack_link *link = netstack_link_by_name(obs, argv[i]);

		if (link && link->vrf_table)
			netstack_kernel_watch_table(link->vrf_table);
		else
			netstack_kernel_watch_table(atoi(argv[i]));
	}
	printf("READY\n");
	fflush(stdout);
	event_add_read(master, on_line, NULL, 0, NULL);
	while (event_fetch(master, &event))
		event_call(&event);
	return 0;
}
