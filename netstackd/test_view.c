// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What there is to see of a stack: each thing once, the configured ones first.
 *
 * The facts and the states are given here, in place of netstack_status.c and netstack_reconcile.c.
 */

#include <zebra.h>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "lib/darr.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_test.h"
#include "netstackd/netstack_view.h"
#include "netstackd/netstack_zebra.h"

#define TABLE	      1001
#define VRF_IFINDEX   10
#define PROTO_BGP     186
#define PROTO_ZSTATIC 196

static struct netstack_observed *obs;
static struct netstack *stack;
static const char *route_state;
static const char *address_state;

const struct netstack_observed *netstack_observed(void)
{
	return obs;
}

enum netstack_backend netstack_backend(void)
{
	return NETSTACK_BACKEND_VRF;
}

const struct netstack_observed *netstack_kernel_inside(const struct netstack *of)
{
	return NULL;
}

/* A protocol of FRR's has learned it, at a distance of its number. */
bool netstack_zebra_default(const struct netstack *of, const struct netstack_fib_route *route,
			    struct netstack_zebra_default *origin)
{
	netstack_protocol_name(route->proto, origin->protocol, sizeof(origin->protocol));
	origin->distance = route->proto;
	origin->reason[0] = '\0';
	return true;
}

/* What zebra has of us beyond what is configured: "leak", "netstack", NULL: nothing. */
static const char *installed_as;

const char *netstack_zebra_protocol(const struct netstack *of,
				    const struct netstack_fib_route *route)
{
	return route->proto == PROTO_ZSTATIC ? installed_as : NULL;
}

static void state_is(struct netstack_status *status, const char *state)
{
	status->state = state;
	strlcpy(status->reason, strcmp(state, "pending") ? "" : "because", sizeof(status->reason));
}

void netstack_status_if(const struct netstack_if *nif, struct netstack_status *status)
{
	state_is(status, netstack_link_by_name(obs, nif->name) ? "up" : "pending");
}

void netstack_status_address(const struct netstack_if *nif, const struct netstack_address *address,
			     struct netstack_status *status)
{
	state_is(status, address_state);
}

void netstack_status_route(const struct netstack_route *route, struct netstack_status *status)
{
	state_is(status, route_state);
}

void netstack_status_neighbor(const struct netstack *of, const struct netstack_neighbor *neighbor,
			      struct netstack_status *status)
{
	state_is(status, "installed");
}

static struct netstack_prefix prefix(const char *text)
{
	struct netstack_prefix result;

	assert(netstack_prefix_parse(&result, text));
	return result;
}

static struct ipaddr address(const char *text)
{
	struct ipaddr result;

	assert(!str2ipaddr(text, &result));
	return result;
}

static struct netstack_link *add_link(int ifindex, const char *name, int master)
{
	struct netstack_link *link = netstack_observed_link_add(obs, ifindex, name);

	link->flags = IFF_UP | IFF_RUNNING;
	netstack_observed_link_set_master(obs, link, master);
	return link;
}

static void add_address(struct netstack_link *link, const char *text)
{
	struct netstack_prefix p = prefix(text);

	netstack_observed_address_add(link, &p);
}

static struct netstack_fib_table *table(void)
{
	return netstack_fib_table_find(obs, TABLE);
}

static void add_fib_metric(const char *dest, uint8_t proto, const char *gate, int ifindex,
			   uint32_t metric)
{
	struct netstack_fib_route *route = netstack_fib_route_new(1);

	route->prefix = prefix(dest);
	route->type = RTN_UNICAST;
	route->proto = proto;
	route->nexthops[0].ifindex = ifindex;
	if (gate)
		route->nexthops[0].gate = address(gate);
	route->metric = metric;
	netstack_observed_route_add(table(), route);
}

static void add_fib(const char *dest, uint8_t proto, const char *gate, int ifindex)
{
	add_fib_metric(dest, proto, gate, ifindex, 20);
}

static void add_gateway(const char *gate, const char *ifname)
{
	struct netstack_route key = { .is_gateway = true, .gate = address(gate) };

	key.prefix = prefix("0.0.0.0/0");
	strlcpy(key.ifname, ifname, sizeof(key.ifname));
	netstack_route_add(stack, &key, 1);
}

/* A stack with vmk1 (10.0.0.11/24) in it. */
static void site(void)
{
	struct netstack_link *vrf;

	netstack_desired_init(NULL);
	obs = netstack_observed_new();
	netstack_observed_watch_table(obs, TABLE);
	stack = netstack_add("blue");
	stack->table = TABLE;
	vrf = add_link(VRF_IFINDEX, "blue", 0);
	strlcpy(vrf->kind, "vrf", sizeof(vrf->kind));
	netstack_observed_link_set_vrf_table(obs, vrf, TABLE);
	netstack_if_add(stack, "vmk1");
	add_address(add_link(11, "vmk1", VRF_IFINDEX), "10.0.0.11/24");
	route_state = "active";
	address_state = "installed";
}

static void tear_down(void)
{
	netstack_remove(stack);
	netstack_free(stack);
	netstack_desired_terminate();
	netstack_observed_free(obs);
}

#define WITH_SITE(id)                                                                              \
	static void check_##id(void);                                                              \
	TEST(id)                                                                                   \
	{                                                                                          \
		site();                                                                            \
		check_##id();                                                                      \
		tear_down();                                                                       \
	}                                                                                          \
	static void check_##id(void)

WITH_SITE(links_that_others_put_in_come_after_configured_ones)
{
	struct netstack_view_if *views;

	add_link(12, "aaa", VRF_IFINDEX);
	views = netstack_view_ifs(stack);
	CHECK_INT(darr_len(views), 2);
	CHECK_STR(views[0].name, "vmk1");
	CHECK(views[0].nif);
	CHECK_STR(views[1].name, "aaa");
	CHECK(!views[1].nif);
	darr_free(views);
}

WITH_SITE(a_configured_interface_without_a_link_is_counted_and_not_up)
{
	struct netstack_view_count count;

	netstack_if_add(stack, "vmk2");
	count = netstack_view_if_count(stack);
	CHECK_INT(count.all, 2);
	CHECK_INT(count.up, 1);
}

WITH_SITE(link_local_addresses_are_left_out)
{
	struct netstack_view_if *views;
	struct netstack_view_address *addresses;

	add_address(netstack_link_by_name(obs, "vmk1"), "fe80::1/64");
	views = netstack_view_ifs(stack);
	addresses = netstack_view_addresses(&views[0]);
	CHECK_INT(darr_len(addresses), 1);
	CHECK(addresses[0].in_force);
	darr_free(addresses);
	darr_free(views);
}

WITH_SITE(an_address_that_is_not_in_force_is_listed_once_with_its_reason)
{
	struct netstack_if *nif = netstack_if_find(stack, "vmk1");
	struct netstack_view_address *addresses;
	struct netstack_view_if *views;
	struct netstack_prefix p = prefix("10.0.0.11/24");

	netstack_if_add_address(nif, &p);
	address_state = "pending";
	views = netstack_view_ifs(stack);
	addresses = netstack_view_addresses(&views[0]);
	CHECK_INT(darr_len(addresses), 1);
	CHECK(!addresses[0].in_force);
	CHECK_STR(addresses[0].reason, "because");
	darr_free(addresses);
	darr_free(views);
}

WITH_SITE(addresses_of_an_interface_in_another_stack_are_not_in_force)
{
	struct netstack_if *nif = netstack_if_find(stack, "vmk1");
	struct netstack_view_address *addresses;
	struct netstack_view_if *views;
	struct netstack_prefix p = prefix("10.0.0.11/24");

	netstack_if_add_address(nif, &p);
	netstack_observed_link_set_master(obs, netstack_link_by_name(obs, "vmk1"), 0);
	views = netstack_view_ifs(stack);
	addresses = netstack_view_addresses(&views[0]);
	CHECK_INT(darr_len(addresses), 1);
	CHECK(!addresses[0].in_force);
	CHECK_STR(addresses[0].reason, "interface vmk1 is not in the stack yet");
	darr_free(addresses);
	darr_free(views);
}

WITH_SITE(a_gateway_is_on_the_interface_with_the_longest_subnet)
{
	struct netstack_view_gateway *views;

	add_address(add_link(12, "wide", VRF_IFINDEX), "10.0.0.0/8");
	add_gateway("10.0.0.1", "");
	add_gateway("10.9.9.9", "");
	add_gateway("192.0.2.1", "");
	views = netstack_view_gateways(stack);
	CHECK_INT(darr_len(views), 3);
	CHECK_STR(views[0].ifname, "vmk1");
	CHECK_STR(views[1].ifname, "wide");
	CHECK_STR(views[2].ifname, "");
	darr_free(views);
}

WITH_SITE(a_default_of_others_is_a_gateway_after_the_configured_ones)
{
	struct netstack_view_gateway *views;

	route_state = "standby";
	add_gateway("10.0.0.1", "");
	add_fib("0.0.0.0/0", PROTO_BGP, "10.0.0.2", 11);
	add_fib("::/0", PROTO_BGP, "fe80::2", 11);
	add_fib("10.1.0.0/16", PROTO_BGP, "10.0.0.3", 11);
	views = netstack_view_gateways(stack);
	CHECK_INT(darr_len(views), 3);
	CHECK(views[0].route);
	CHECK_STR(views[0].protocol, "netstack");
	CHECK_INT(views[0].distance, 1);
	CHECK_STR(views[0].status.state, "standby");
	CHECK(!views[1].route);
	CHECK_INT(views[1].family, AF_INET);
	CHECK_STR(views[1].protocol, "bgp");
	CHECK_INT(views[1].distance, PROTO_BGP);
	CHECK_STR(views[1].ifname, "vmk1");
	CHECK_STR(views[1].status.state, "active");
	CHECK_INT(views[2].family, AF_INET6);
	darr_free(views);
	views = netstack_view_learned_gateways(stack);
	CHECK_INT(darr_len(views), 2);
	darr_free(views);
}

WITH_SITE(a_configured_gateway_that_carries_traffic_is_listed_once)
{
	struct netstack_view_gateway *views;

	add_gateway("10.0.0.1", "");
	add_fib("0.0.0.0/0", PROTO_ZSTATIC, "10.0.0.1", 11);
	views = netstack_view_gateways(stack);
	CHECK_INT(darr_len(views), 1);
	CHECK(views[0].route);
	darr_free(views);
}

WITH_SITE(only_the_default_that_the_kernel_uses_is_a_gateway)
{
	struct netstack_fib_route *guard = netstack_fib_route_new(0);
	struct netstack_view_gateway *views;

	guard->prefix = prefix("0.0.0.0/0");
	guard->type = RTN_UNREACHABLE;
	guard->metric = NETSTACK_UNREACHABLE_METRIC;
	guard->proto = NETSTACK_PROTO;
	netstack_observed_route_add(table(), guard);
	views = netstack_view_gateways(stack);
	CHECK_INT(darr_len(views), 0);
	darr_free(views);

	add_fib_metric("0.0.0.0/0", RTPROT_DHCP, "10.0.0.2", 11, 200);
	add_fib_metric("0.0.0.0/0", PROTO_BGP, "10.0.0.3", 11, 20);
	views = netstack_view_gateways(stack);
	CHECK_INT(darr_len(views), 1);
	CHECK_STR(views[0].protocol, "bgp");
	darr_free(views);
}

WITH_SITE(a_default_by_an_interface_alone_has_no_address)
{
	struct netstack_view_gateway *views;

	add_fib("0.0.0.0/0", RTPROT_BOOT, NULL, 11);
	views = netstack_view_gateways(stack);
	CHECK_INT(darr_len(views), 1);
	CHECK(IS_IPADDR_NONE(&views[0].address));
	CHECK_STR(views[0].ifname, "vmk1");
	darr_free(views);
}

WITH_SITE(a_route_in_force_is_listed_once)
{
	struct netstack_view_route *views;

	add_gateway("10.0.0.1", "");
	add_fib("0.0.0.0/0", PROTO_ZSTATIC, "10.0.0.1", 11);
	views = netstack_view_routes(stack);
	CHECK_INT(darr_len(views), 1);
	CHECK(views[0].route);
	darr_free(views);
}

WITH_SITE(a_route_of_staticd_does_not_stand_for_a_pending_one)
{
	struct netstack_view_route *views;

	add_gateway("10.0.0.1", "");
	add_fib("0.0.0.0/0", PROTO_ZSTATIC, "10.0.0.1", 11);
	route_state = "pending";
	views = netstack_view_routes(stack);
	CHECK_INT(darr_len(views), 2);
	CHECK(views[0].route);
	CHECK(views[1].fib);
	darr_free(views);
}

WITH_SITE(routes_of_others_name_their_protocol)
{
	struct netstack_view_route *views;
	char buf[64];

	add_fib("10.0.0.0/24", RTPROT_KERNEL, NULL, 11);
	add_fib("10.1.0.0/24", PROTO_BGP, "10.0.0.2", 11);
	views = netstack_view_routes(stack);
	CHECK_INT(darr_len(views), 2);
	CHECK_STR(netstack_view_protocol(&views[0], buf, sizeof(buf)), "connected");
	CHECK_STR(netstack_view_nexthop(&views[0], buf, sizeof(buf)), "");
	CHECK_STR(netstack_view_protocol(&views[1], buf, sizeof(buf)), "bgp");
	CHECK_STR(netstack_view_nexthop(&views[1], buf, sizeof(buf)), "10.0.0.2");
	CHECK_STR(views[1].ifname, "vmk1");
	darr_free(views);
}

static void check_protocol_of_a_static_route(const char *ours, const char *shown)
{
	struct netstack_view_route *views;
	char buf[64];

	installed_as = ours;
	views = netstack_view_routes(stack);
	installed_as = NULL;
	CHECK_INT(darr_len(views), 1);
	CHECK_STR(netstack_view_protocol(&views[0], buf, sizeof(buf)), shown);
	darr_free(views);
}

WITH_SITE(static_routes_of_ours_are_told_from_those_of_staticd)
{
	add_fib("10.1.0.0/24", PROTO_ZSTATIC, "10.0.0.2", 11);
	check_protocol_of_a_static_route(NULL, "static");
	check_protocol_of_a_static_route("leak", "leak");
	check_protocol_of_a_static_route("netstack", "netstack");
}

WITH_SITE(a_permanent_neighbor_is_listed_once_and_those_without_state_never)
{
	struct netstack_link *link = netstack_link_by_name(obs, "vmk1");
	struct ipaddr configured = address("10.0.0.5"), learned = address("10.0.0.6"),
		      noarp = address("10.0.0.7");
	struct netstack_view_neighbor *views;
	struct ethaddr mac = { { 2, 0, 0, 0, 0, 1 } };

	netstack_neighbor_set(stack, "vmk1", &configured, &mac);
	netstack_observed_neighbor_set_state(link,
					     netstack_observed_neighbor_add(link, &configured),
					     NUD_PERMANENT, 0);
	netstack_observed_neighbor_set_state(link, netstack_observed_neighbor_add(link, &learned),
					     NUD_STALE, 0);
	netstack_observed_neighbor_set_state(link, netstack_observed_neighbor_add(link, &noarp),
					     NUD_NOARP, 0);

	views = netstack_view_neighbors(stack);
	CHECK_INT(darr_len(views), 2);
	CHECK_STR(netstack_view_neighbor_kind(&views[0]), "permanent");
	CHECK(views[0].entry);
	CHECK_STR(netstack_view_neighbor_kind(&views[1]), "dynamic");
	darr_free(views);
}
