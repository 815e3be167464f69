// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The floor: what netstackd puts in the kernel, put there as fast as it goes, by a program that
 * knows beforehand what there is to do.
 *
 *     floor links FIRST COUNT      of COUNT stacks, from number FIRST on: VRFs, members, addresses,
 *                                  neighbours
 *     floor gateways FIRST COUNT   their routes, for when zebra knows the VRFs: routes that it reads
 *                                  first it takes for the default VRF's (doc/developer/upstream.md)
 *     floor remove FIRST COUNT     one by one; what is a link's goes with it
 *     floor flap FIRST COUNT FLAPS SECONDS            their members, down and up, in turn
 *     floor routes TABLE COUNT IFINDEX GATEWAY        COUNT routes of /32 (bench/routes.h)
 *     floor clear                  every VRF and dummy device there is, and all guards of VRFs
 *
 * The order is the best one that is known: a device is enslaved before it is up (enslaving one that
 * is up is quadratic), by the request that makes it, and marked while it is down, which nobody is told;
 * all of a stack in one go, many stacks in one system call.  The objects are those that bench/stacks.py
 * describes, with the same marks as netstackd's.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "bench/netlink.h"
#include "bench/routes.h"

#define IFADDR_PROTO  11 /* IFA_PROTO: FRR's copy of the kernel's headers does not have it */
#define PROTO	      78 /* NETSTACK_PROTO, netstackd/netstack.h */
#define GUARD_PROTO   1	 /* NETSTACK_GUARD_PROTO */
#define METRIC	      4278198272U /* NETSTACK_UNREACHABLE_METRIC */
#define ALIAS	      "netstack " /* NETSTACK_ALIAS_PREFIX */
#define FIRST_TABLE   1001
#define FIRST_IFINDEX 100000 /* ours to choose: no answer has to be waited for */
#define STACKS_MAX    60000
#define NANOSECONDS   1000000000
#define ANSWERS_BYTES (8 * 1024 * 1024)

static struct bench_batch batch;

/* One of the stacks, by number. */
struct stack {
	char name[IFNAMSIZ];
	char member[IFNAMSIZ];
	uint32_t table;
	int vrf;	 /* ifindex of the VRF device */
	int link;	 /* ifindex of its member */
	uint32_t subnet; /* a /24, host byte order */
};

static struct stack stack_of(uint32_t number)
{
	struct stack s = {
		.table = FIRST_TABLE + number - 1,
		.vrf = FIRST_IFINDEX + 2 * number,
		.link = FIRST_IFINDEX + 2 * number + 1,
		.subnet = 10U << 24 | number << 8,
	};

	snprintf(s.name, sizeof(s.name), "s%05u", number);
	snprintf(s.member, sizeof(s.member), "d%05u", number);
	return s;
}

/* ---- requests ---- */

static struct nlmsghdr *link_request(uint16_t flags, int ifindex, bool up)
{
	struct nlmsghdr *nlh = bench_batch_begin(&batch, RTM_NEWLINK, flags);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	ifi->ifi_index = ifindex;
	if (up)
		ifi->ifi_flags = ifi->ifi_change = IFF_UP;
	return nlh;
}

/* Down, so that it is enslaved before it is up. */
static void put_link(const char *name, int ifindex, const char *kind, uint32_t table, int master)
{
	struct nlmsghdr *nlh = link_request(NLM_F_CREATE | NLM_F_EXCL, ifindex, false);
	struct nlattr *info, *data;

	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	if (master)
		mnl_attr_put_u32(nlh, IFLA_MASTER, master);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, kind);
	if (table) {
		data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
		mnl_attr_put_u32(nlh, IFLA_VRF_TABLE, table);
		mnl_attr_nest_end(nlh, data);
	}
	mnl_attr_nest_end(nlh, info);
	bench_batch_next(&batch);
}

/*
 * IFLA_IFALIAS is not heeded at creation, and of that of a link that is down nobody is told: a
 * message less for zebra, and for all that it tells.
 */
static void put_mark(int ifindex, const char *stack)
{
	struct nlmsghdr *nlh = link_request(0, ifindex, false);
	char alias[sizeof(ALIAS) + IFNAMSIZ];

	snprintf(alias, sizeof(alias), ALIAS "%s", stack);
	mnl_attr_put_str(nlh, IFLA_IFALIAS, alias);
	bench_batch_next(&batch);
}

static void put_up(int ifindex)
{
	link_request(0, ifindex, true);
	bench_batch_next(&batch);
}

static void put_address(int ifindex, uint32_t address, uint8_t prefixlen)
{
	struct nlmsghdr *nlh = bench_batch_begin(&batch, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	ifa->ifa_family = AF_INET;
	ifa->ifa_prefixlen = prefixlen;
	ifa->ifa_index = ifindex;
	mnl_attr_put_u32(nlh, IFA_LOCAL, htonl(address));
	mnl_attr_put_u32(nlh, IFA_ADDRESS, htonl(address));
	mnl_attr_put_u32(nlh, IFA_BROADCAST, htonl(address | (0xffffffffU >> prefixlen)));
	mnl_attr_put_u8(nlh, IFADDR_PROTO, PROTO);
	bench_batch_next(&batch);
}

static void put_neighbor(int ifindex, uint32_t address, uint8_t last_byte)
{
	const uint8_t mac[6] = { 0x02, 0, 0, 0, 0, last_byte };
	struct nlmsghdr *nlh =
		bench_batch_begin(&batch, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	ndm->ndm_family = AF_INET;
	ndm->ndm_state = NUD_PERMANENT;
	ndm->ndm_ifindex = ifindex;
	mnl_attr_put_u32(nlh, NDA_DST, htonl(address));
	mnl_attr_put(nlh, NDA_LLADDR, sizeof(mac), mac);
	mnl_attr_put_u8(nlh, NDA_PROTOCOL, PROTO);
	bench_batch_next(&batch);
}

/* A route to be made, or deleted.  Finish with bench_batch_next(). */
static struct nlmsghdr *route_request(bool make, uint8_t family, uint32_t table, uint8_t type,
				      uint8_t protocol)
{
	struct nlmsghdr *nlh = bench_batch_begin(&batch, make ? RTM_NEWROUTE : RTM_DELROUTE,
						 make ? NLM_F_CREATE | NLM_F_EXCL : 0);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));

	rtm->rtm_family = family;
	rtm->rtm_table = RT_TABLE_UNSPEC;
	rtm->rtm_type = type;
	rtm->rtm_protocol = protocol;
	rtm->rtm_scope = RT_SCOPE_UNIVERSE;
	mnl_attr_put_u32(nlh, RTA_TABLE, table);
	return nlh;
}

/* It has no device, so it does not go with one. */
static void put_unreachable(bool make, uint8_t family, uint32_t table, uint8_t protocol)
{
	struct nlmsghdr *nlh = route_request(make, family, table, RTN_UNREACHABLE, protocol);

	mnl_attr_put_u32(nlh, RTA_PRIORITY, METRIC);
	bench_batch_next(&batch);
}

static void put_gateway(uint32_t table, int ifindex, uint32_t gateway)
{
	struct nlmsghdr *nlh = route_request(true, AF_INET, table, RTN_UNICAST, RTPROT_STATIC);

	mnl_attr_put_u32(nlh, RTA_PRIORITY, 20); /* as zebra's routes */
	mnl_attr_put_u32(nlh, RTA_GATEWAY, htonl(gateway));
	mnl_attr_put_u32(nlh, RTA_OIF, ifindex);
	bench_batch_next(&batch);
}

static void put_link_delete(const char *name)
{
	struct nlmsghdr *nlh = bench_batch_begin(&batch, RTM_DELLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	ifi->ifi_family = AF_UNSPEC;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	bench_batch_next(&batch);
}

/* ---- commands ---- */

static void create_links(const struct stack *s)
{
	batch.what = "creating links";
	put_link(s->name, s->vrf, "vrf", s->table, 0);
	put_mark(s->vrf, s->name);
	put_up(s->vrf);
	put_link(s->member, s->link, "dummy", 0, s->vrf);
	put_mark(s->link, s->name);
	put_up(s->link);
	put_address(s->link, s->subnet | 1, 24);
	put_neighbor(s->link, s->subnet | 10, 0x10);
	put_neighbor(s->link, s->subnet | 11, 0x11);
}

static void create_routes(const struct stack *s)
{
	batch.what = "creating routes";
	put_unreachable(true, AF_INET, s->table, GUARD_PROTO);
	put_unreachable(true, AF_INET6, s->table, GUARD_PROTO);
	put_gateway(s->table, s->link, s->subnet | 254);
}

static void remove_stack(const struct stack *s)
{
	batch.what = "removing stacks";
	put_link_delete(s->member);
	put_unreachable(false, AF_INET, s->table, GUARD_PROTO);
	put_unreachable(false, AF_INET6, s->table, GUARD_PROTO);
	put_link_delete(s->name);
}

static void each_stack(char **argv, void (*act)(const struct stack *))
{
	uint32_t first = bench_number(argv[0], 1, STACKS_MAX);
	uint32_t count = bench_number(argv[1], 0, STACKS_MAX - first + 1);

	for (uint32_t number = first; number < first + count; number++) {
		struct stack s = stack_of(number);

		act(&s);
	}
}

static void sleep_until(const struct timespec *start, uint64_t nanoseconds)
{
	struct timespec at = *start;

	nanoseconds += at.tv_nsec;
	at.tv_sec += nanoseconds / NANOSECONDS;
	at.tv_nsec = nanoseconds % NANOSECONDS;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
}

/* Each link goes down and comes up again, with the same time between any two of them. */
static void flap(char **argv)
{
	uint32_t first = bench_number(argv[0], 1, STACKS_MAX);
	uint32_t count = bench_number(argv[1], 1, STACKS_MAX - first + 1);
	uint32_t flaps = bench_number(argv[2], 1, UINT32_MAX);
	uint32_t seconds = bench_number(argv[3], 1, 3600);
	struct timespec start;

	batch.what = "flapping";
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (uint32_t i = 0; i < flaps; i++) {
		struct stack s = stack_of(first + i % count);
		int ifindex = if_nametoindex(s.member);
		struct nlmsghdr *nlh;

		if (!ifindex)
			bench_die(errno, "%s", s.member);
		nlh = link_request(0, ifindex, false);
		((struct ifinfomsg *)mnl_nlmsg_get_payload(nlh))->ifi_change = IFF_UP;
		bench_batch_next(&batch);
		link_request(0, ifindex, true);
		bench_batch_next(&batch);
		bench_batch_flush(&batch);
		sleep_until(&start, (uint64_t)NANOSECONDS * seconds * i / flaps);
	}
}

/* Those of bench/feeder.c. */
static void make_routes(char **argv)
{
	uint32_t table = bench_number(argv[0], 1, UINT32_MAX);
	uint32_t count = bench_number(argv[1], 0, BENCH_ROUTES_MAX);
	uint32_t ifindex = bench_number(argv[2], 1, INT32_MAX);
	struct in_addr gateway;

	if (inet_pton(AF_INET, argv[3], &gateway) != 1)
		bench_die(0, "not an address: %s", argv[3]);
	batch.what = "routes";
	for (uint32_t i = 0; i < count; i++) {
		struct nlmsghdr *nlh =
			route_request(true, AF_INET, table, RTN_UNICAST, RTPROT_STATIC);
		struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);

		rtm->rtm_dst_len = 32;
		mnl_attr_put_u32(nlh, RTA_DST, htonl(BENCH_ROUTES + i));
		mnl_attr_put_u32(nlh, RTA_PRIORITY, 20);
		mnl_attr_put_u32(nlh, RTA_GATEWAY, gateway.s_addr);
		mnl_attr_put_u32(nlh, RTA_OIF, ifindex);
		bench_batch_next(&batch);
	}
}

/* ---- clear ---- */

static unsigned int deleted; /* in this pass */

static int delete_if_virtual(const struct nlmsghdr *nlh, void *arg)
{
	const char *name = NULL, *kind = NULL;
	const struct nlattr *attr, *in;

	(void)arg;
	mnl_attr_for_each (attr, nlh, sizeof(struct ifinfomsg)) {
		if (mnl_attr_get_type(attr) == IFLA_IFNAME)
			name = mnl_attr_get_str(attr);
		if (mnl_attr_get_type(attr) != IFLA_LINKINFO)
			continue;
		mnl_attr_for_each_nested (in, attr)
			if (mnl_attr_get_type(in) == IFLA_INFO_KIND)
				kind = mnl_attr_get_str(in);
	}
	if (name && kind && (!strcmp(kind, "vrf") || !strcmp(kind, "dummy"))) {
		put_link_delete(name);
		deleted++;
	}
	return MNL_CB_OK;
}

static int delete_if_unreachable(const struct nlmsghdr *nlh, void *arg)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	uint32_t table = rtm->rtm_table, metric = 0;
	const struct nlattr *attr;

	(void)arg;
	mnl_attr_for_each (attr, nlh, sizeof(*rtm)) {
		if (mnl_attr_get_type(attr) == RTA_TABLE)
			table = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == RTA_PRIORITY)
			metric = mnl_attr_get_u32(attr);
	}
	if (rtm->rtm_type == RTN_UNREACHABLE && metric == METRIC) {
		put_unreachable(false, rtm->rtm_family, table, rtm->rtm_protocol);
		deleted++;
	}
	return MNL_CB_OK;
}

/* False: something changed meanwhile, so that there may be more (NLM_F_DUMP_INTR). */
static bool each_object(uint16_t type, mnl_cb_t act)
{
	static char buf[BENCH_READ_BYTES];
	struct mnl_socket *nl = bench_open(0, ANSWERS_BYTES);
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	int state = MNL_CB_OK;

	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg)); /* AF_UNSPEC */
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		bench_die(errno, "asking for what there is");
	while (state > MNL_CB_STOP) {
		ssize_t len = mnl_socket_recvfrom(nl, buf, sizeof(buf));

		if (len < 0)
			bench_die(errno, "reading what there is");
		state = mnl_cb_run(buf, len, 0, mnl_socket_get_portid(nl), act, NULL);
		if (state < MNL_CB_STOP && errno != EINTR)
			bench_die(errno, "what there is");
	}
	mnl_socket_close(nl);
	return state == MNL_CB_STOP;
}

/* What is deleted while the kernel tells of it makes it leave out others. */
static void delete_each(uint16_t type, mnl_cb_t act)
{
	bool is_whole;

	do {
		deleted = 0;
		is_whole = each_object(type, act);
		bench_batch_flush(&batch);
	} while (deleted || !is_whole);
}

static void clear(void)
{
	batch.what = "clear";
	delete_each(RTM_GETROUTE, delete_if_unreachable);
	delete_each(RTM_GETLINK, delete_if_virtual);
}

static void usage(void)
{
	bench_die(0, "usage: floor links|gateways|remove FIRST COUNT\n"
		     "       floor flap FIRST COUNT FLAPS SECONDS\n"
		     "       floor routes TABLE COUNT IFINDEX GATEWAY\n"
		     "       floor clear");
}

int main(int argc, char **argv)
{
	struct mnl_socket *nl = bench_open(0, ANSWERS_BYTES);

	bench_batch_init(&batch, nl);
	if (argc == 4 && !strcmp(argv[1], "links"))
		each_stack(argv + 2, create_links);
	else if (argc == 4 && !strcmp(argv[1], "gateways"))
		each_stack(argv + 2, create_routes);
	else if (argc == 4 && !strcmp(argv[1], "remove"))
		each_stack(argv + 2, remove_stack);
	else if (argc == 6 && !strcmp(argv[1], "flap"))
		flap(argv + 2);
	else if (argc == 6 && !strcmp(argv[1], "routes"))
		make_routes(argv + 2);
	else if (argc == 2 && !strcmp(argv[1], "clear"))
		clear();
	else
		usage();
	bench_batch_fini(&batch);
	mnl_socket_close(nl);
	return 0;
}
