// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * settle: waits until the kernel has so many objects, and says when each kind was complete.
 *
 *     settle TIMEOUT KIND=COUNT...
 *
 * It prints 'ready' when it watches, then a line 'KIND NANOSECONDS' for each kind, by CLOCK_MONOTONIC:
 * when it came to its count for the last time.  It ends when all have theirs at once, with status 1
 * after TIMEOUT seconds.  Kinds:
 *
 *     vrf        VRF devices that are up
 *     member     links that are enslaved and up
 *     address    IPv4 addresses, but for lo's
 *     route      unicast IPv4 routes that are not the kernel's own, or have a gateway, which none of those
 *                has
 *     neighbor   permanent IPv4 neighbours
 *
 * It counts by the kernel's notifications, so that waiting costs no dumps, and keeps the keys of what
 * there is, so that one thing that is told twice is counted once.  IPv4 routes that the kernel drops
 * with their link are not told (doc/developer/upstream.md): 'route' is for waiting until they come.
 */

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "bench/netlink.h"

#define EVENTS_BYTES (512 * 1024 * 1024)
#define LO_IFINDEX   1
#define ATTRIBUTES   64

enum kind { VRF, MEMBER, ADDRESS, ROUTE, NEIGHBOR, KINDS };

static const char *const kind_names[KINDS] = { "vrf", "member", "address", "route", "neighbor" };

static struct {
	bool wanted;
	uint32_t target;
	uint32_t count;
	uint64_t reached; /* nanoseconds; 0: not */
} kinds[KINDS];

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
}

/* ---- the set of what there is: open addressing, a deleted key leaves a tombstone ---- */

#define TOMBSTONE 1

static uint64_t *slots;
static size_t slot_count, slots_used;

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* What identifies an object, in one word that is neither 0 nor the tombstone. */
static uint64_t key_of(enum kind kind, uint32_t a, uint32_t b, uint32_t c)
{
	uint64_t key = mix(mix(mix(kind + 1) + a) + ((uint64_t)b << 32 | c));

	return key > TOMBSTONE ? key : key + 2;
}

static size_t slot_of(uint64_t key)
{
	size_t i = key & (slot_count - 1);

	while (slots[i] && slots[i] != key)
		i = (i + 1) & (slot_count - 1);
	return i;
}

static void grow(void)
{
	uint64_t *old = slots;
	size_t old_count = slot_count;

	slot_count = old_count ? 2 * old_count : 1 << 16;
	slots = calloc(slot_count, sizeof(*slots));
	if (!slots)
		bench_die(errno, "memory");
	slots_used = 0;
	for (size_t i = 0; i < old_count; i++) {
		if (old[i] <= TOMBSTONE)
			continue;
		slots[slot_of(old[i])] = old[i];
		slots_used++;
	}
	free(old);
}

static void set(enum kind kind, uint64_t key, bool there)
{
	size_t i;

	if (2 * slots_used >= slot_count)
		grow();
	i = slot_of(key);
	if ((slots[i] == key) == there)
		return;
	slots_used += there;
	slots[i] = there ? key : TOMBSTONE;
	kinds[kind].count += there ? 1 : -1;
	kinds[kind].reached = kinds[kind].count == kinds[kind].target ? now() : 0;
}

/* ---- messages ---- */

/* Pointers to the attributes of a message, or of a nest, by type. */
static int collect(const struct nlattr *attr, void *arg)
{
	const struct nlattr **attrs = arg;

	if (mnl_attr_get_type(attr) < ATTRIBUTES)
		attrs[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static uint32_t u32_of(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_u32(attr) : 0;
}

static void on_link(const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[ATTRIBUTES] = {}, *info[ATTRIBUTES] = {};
	bool up = nlh->nlmsg_type == RTM_NEWLINK && ifi->ifi_flags & IFF_UP;
	bool vrf = false;

	mnl_attr_parse(nlh, sizeof(*ifi), collect, attrs);
	if (attrs[IFLA_LINKINFO])
		mnl_attr_parse_nested(attrs[IFLA_LINKINFO], collect, info);
	if (info[IFLA_INFO_KIND])
		vrf = !strcmp(mnl_attr_get_str(info[IFLA_INFO_KIND]), "vrf");
	set(VRF, key_of(VRF, ifi->ifi_index, 0, 0), up && vrf);
	set(MEMBER, key_of(MEMBER, ifi->ifi_index, 0, 0), up && u32_of(attrs[IFLA_MASTER]));
}

static void on_address(const struct nlmsghdr *nlh)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[ATTRIBUTES] = {};

	if (ifa->ifa_family != AF_INET || ifa->ifa_index == LO_IFINDEX)
		return;
	mnl_attr_parse(nlh, sizeof(*ifa), collect, attrs);
	set(ADDRESS, key_of(ADDRESS, ifa->ifa_index, u32_of(attrs[IFA_LOCAL]), ifa->ifa_prefixlen),
	    nlh->nlmsg_type == RTM_NEWADDR);
}

static void on_route(const struct nlmsghdr *nlh)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[ATTRIBUTES] = {};
	uint32_t table;

	if (rtm->rtm_family != AF_INET || rtm->rtm_type != RTN_UNICAST ||
	    rtm->rtm_flags & RTM_F_CLONED)
		return;
	mnl_attr_parse(nlh, sizeof(*rtm), collect, attrs);
	if (rtm->rtm_protocol == RTPROT_KERNEL && !attrs[RTA_GATEWAY])
		return;
	table = attrs[RTA_TABLE] ? mnl_attr_get_u32(attrs[RTA_TABLE]) : rtm->rtm_table;
	set(ROUTE,
	    key_of(ROUTE, table, u32_of(attrs[RTA_DST]),
		   rtm->rtm_dst_len ^ u32_of(attrs[RTA_PRIORITY]) << 6),
	    nlh->nlmsg_type == RTM_NEWROUTE);
}

static void on_neighbor(const struct nlmsghdr *nlh)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[ATTRIBUTES] = {};

	if (ndm->ndm_family != AF_INET)
		return;
	mnl_attr_parse(nlh, sizeof(*ndm), collect, attrs);
	set(NEIGHBOR, key_of(NEIGHBOR, ndm->ndm_ifindex, u32_of(attrs[NDA_DST]), 0),
	    nlh->nlmsg_type == RTM_NEWNEIGH && ndm->ndm_state & NUD_PERMANENT);
}

static int on_message(const struct nlmsghdr *nlh, void *arg)
{
	(void)arg;
	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		on_link(nlh);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		on_address(nlh);
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		on_route(nlh);
		break;
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		on_neighbor(nlh);
		break;
	}
	return MNL_CB_OK;
}

/* Reads one datagram and says whether a dump goes on after it. */
static bool read_some(struct mnl_socket *nl)
{
	static char buf[BENCH_READ_BYTES];
	ssize_t len = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	int state;

	if (len < 0)
		bench_die(errno, "reading what the kernel says");
	state = mnl_cb_run(buf, len, 0, 0, on_message, NULL);
	if (state < 0)
		bench_die(errno, "what the kernel says");
	return state > MNL_CB_STOP;
}

/* What there is already; events that come in between are read along. */
static void dump(struct mnl_socket *nl, uint16_t type)
{
	char buf[256] = {};
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtgenmsg *gen = mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));

	gen->rtgen_family = type == RTM_GETLINK ? AF_UNSPEC : AF_INET;
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		bench_die(errno, "asking for what there is");
	while (read_some(nl))
		;
}

static void wanted(const char *argument)
{
	for (int i = 0; i < KINDS; i++) {
		size_t len = strlen(kind_names[i]);

		if (strncmp(argument, kind_names[i], len) || argument[len] != '=')
			continue;
		kinds[i].wanted = true;
		kinds[i].target = bench_number(argument + len + 1, 0, UINT32_MAX);
		return;
	}
	bench_die(0, "not KIND=COUNT: %s", argument);
}

static bool complete(void)
{
	for (int i = 0; i < KINDS; i++)
		if (kinds[i].wanted && !kinds[i].reached)
			return false;
	return true;
}

static void print_state(void)
{
	for (int i = 0; i < KINDS; i++)
		if (kinds[i].wanted)
			fprintf(stderr, "%s: %u of %u\n", kind_names[i], kinds[i].count,
				kinds[i].target);
}

/* False when the time is over. */
static bool wait_until_complete(struct mnl_socket *nl, uint64_t end)
{
	struct pollfd fd = { .fd = mnl_socket_get_fd(nl), .events = POLLIN };

	while (!complete()) {
		uint64_t at = now();

		if (at >= end)
			return false;
		if (poll(&fd, 1, (end - at) / 1000000 + 1) > 0)
			read_some(nl);
	}
	return true;
}

int main(int argc, char **argv)
{
	static const uint16_t dumps[] = { RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETNEIGH };
	struct mnl_socket *nl;
	uint32_t timeout;

	if (argc < 3)
		bench_die(0, "usage: settle TIMEOUT KIND=COUNT...");
	timeout = bench_number(argv[1], 1, 86400);
	for (int i = 2; i < argc; i++)
		wanted(argv[i]);
	for (int i = 0; i < KINDS; i++) /* nothing may ever be said of what is there already */
		kinds[i].reached = kinds[i].target ? 0 : now();
	nl = bench_open(RTMGRP_LINK | RTMGRP_NEIGH | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE,
			EVENTS_BYTES);
	for (size_t i = 0; i < sizeof(dumps) / sizeof(dumps[0]); i++)
		dump(nl, dumps[i]);
	puts("ready");
	fflush(stdout);
	if (!wait_until_complete(nl, now() + timeout * UINT64_C(1000000000))) {
		print_state();
		return EXIT_FAILURE;
	}
	for (int i = 0; i < KINDS; i++)
		if (kinds[i].wanted)
			printf("%s %" PRIu64 "\n", kind_names[i], kinds[i].reached);
	mnl_socket_close(nl);
	return 0;
}
