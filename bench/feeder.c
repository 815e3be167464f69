// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A bare client of zebra's: what it costs to have routes at all, without anybody who configures,
 * checks or remembers them.
 *
 *     feeder VRF COUNT GATEWAY
 *
 * It sends COUNT routes of /32, those of 'floor routes', into the VRF, says 'sent', and keeps its
 * connection, with which zebra would drop the routes, until its standard input ends.
 *
 * Each route is a message and a write of its own, as from any daemon of FRR's; the socket blocks.
 */

#include <zebra.h>

#include <net/if.h>

#include "frrevent.h"
#include "libfrr.h"
#include "nexthop.h"
#include "zclient.h"

#include "bench/netlink.h"
#include "bench/routes.h"

#define INSTANCE 79 /* neither staticd's nor netstackd's */

static struct event_loop *loop;
static struct zclient *zclient;

static void connect_to_zebra(void)
{
	static const struct zclient_options options = { .synchronous = false };

	snprintf(frr_zclientpath, sizeof(frr_zclientpath), ZAPI_SOCK_NAME);
	if (!frr_zclient_addr(&zclient_addr, &zclient_addr_len, frr_zclientpath))
		bench_die(0, "zebra has no address");
	loop = event_master_create(
		"feeder"); /* never run: zclient_init() wants to put its connecting there */
	zclient = zclient_new(loop, &options, NULL, 0);
	zclient_init(zclient, ZEBRA_ROUTE_STATIC, INSTANCE, NULL);
	if (zclient_socket_connect(zclient) < 0)
		bench_die(errno, "connecting to zebra");
	if (zclient_send_hello(zclient) != ZCLIENT_SEND_SUCCESS)
		bench_die(errno, "greeting zebra");
}

/* All that netstackd and staticd say of a route. */
static void prepare(struct zapi_route *api, vrf_id_t vrf_id, const char *gateway)
{
	api->type = ZEBRA_ROUTE_STATIC;
	api->instance = INSTANCE;
	api->safi = SAFI_UNICAST;
	api->vrf_id = vrf_id;
	api->prefix.family = AF_INET;
	api->prefix.prefixlen = IPV4_MAX_BITLEN;
	api->distance = 1;
	api->nexthop_num = 1;
	api->nexthops[0].type = NEXTHOP_TYPE_IPV4;
	api->nexthops[0].vrf_id = vrf_id;
	if (inet_pton(AF_INET, gateway, &api->nexthops[0].gate.ipv4) != 1)
		bench_die(0, "not an address: %s", gateway);
	SET_FLAG(api->flags, ZEBRA_FLAG_ALLOW_RECURSION);
	SET_FLAG(api->message, ZAPI_MESSAGE_DISTANCE);
	SET_FLAG(api->message, ZAPI_MESSAGE_NEXTHOP);
}

static void send_routes(struct zapi_route *api, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		api->prefix.u.prefix4.s_addr = htonl(BENCH_ROUTES + i);
		if (zclient_route_send(ZEBRA_ROUTE_ADD, zclient, api) != ZCLIENT_SEND_SUCCESS)
			bench_die(errno, "sending route %u", i);
	}
}

int main(int argc, char **argv)
{
	static struct zapi_route api; /* 100 kB and more: not on the stack */
	uint32_t count;
	vrf_id_t vrf_id;

	if (argc != 4)
		bench_die(0, "usage: feeder VRF|ID COUNT GATEWAY");
	vrf_id = if_nametoindex(argv[1]); /* with VRF devices */
	if (!vrf_id)
		vrf_id = bench_number(argv[1], 1, UINT32_MAX); /* zebra's number of a namespace */
	count = bench_number(argv[2], 0, BENCH_ROUTES_MAX);
	prepare(&api, vrf_id, argv[3]);
	connect_to_zebra();
	send_routes(&api, count);
	puts("sent");
	fflush(stdout);
	while (getchar() != EOF)
		;
	zclient_stop(zclient);
	zclient_free(zclient);
	event_master_free(loop);
	return 0;
}
