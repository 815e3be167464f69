// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The executor against a real kernel, in a network namespace of its own.  Skipped without root or
 * VRF devices.
 */

#include <zebra.h>

#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "netstackd/netstack_test.h"
#include "netstackd/netstack_test_hooks.h"
#include "netstackd/netstack_test_live.h"

static struct netstack_observed *obs;
static struct netstack_ops ops;

TEST_START()
{
	obs = netstack_observed_new();
	return live_start(obs, &counting_hooks);
}

/* --- operations ---------------------------------------------------------------------------- */

static struct netstack_op *add(enum netstack_op_type type)
{
	return netstack_ops_add(&ops, type, NULL);
}

/* Executes what was added; the error of the last. */
static int go(void)
{
	static struct netstack_op last;

	netstack_kernel_execute(ops.op, ops.count);
	netstack_kernel_drain();
	last = ops.op[ops.count - 1];
	netstack_ops_fini(&ops);
	if (last.error)
		printf("# %d: %s\n", last.error, last.errmsg);
	return last.error;
}

static struct netstack_link *link_of(const char *name)
{
	return netstack_link_by_name(obs, name);
}

static int index_of(const char *name)
{
	struct netstack_link *link = link_of(name);

	return link ? link->ifindex : -1;
}

static struct netstack_op *add_on(enum netstack_op_type type, const char *ifname)
{
	struct netstack_op *op = add(type);

	op->ifindex = index_of(ifname);
	strlcpy(op->name, ifname, sizeof(op->name));
	return op;
}

static struct netstack_op *add_create(const char *name, const char *kind)
{
	struct netstack_op *op = add(NETSTACK_OP_LINK_CREATE);

	strlcpy(op->name, name, sizeof(op->name));
	strlcpy(op->kind, kind, sizeof(op->kind));
	strlcpy(op->alias, "netstack blue", sizeof(op->alias));
	return op;
}

static int create_vrf(const char *name, uint32_t table)
{
	add_create(name, "vrf")->table = table;
	return go() ?: (add_on(NETSTACK_OP_LINK_UP, name), go());
}

static int address_op(enum netstack_op_type type, const char *ifname, const char *address)
{
	struct netstack_op *op = add_on(type, ifname);

	netstack_prefix_parse(&op->prefix, address);
	return go();
}

static int set_master(const char *ifname, const char *vrf)
{
	struct netstack_op *op = add_on(NETSTACK_OP_LINK_MASTER, ifname);

	op->master = vrf[0] ? index_of(vrf) : 0;
	op->keep_addresses = true;
	return go();
}

static int neighbor_op(enum netstack_op_type type, const char *ifname, const char *address)
{
	struct netstack_op *op = add_on(type, ifname);

	str2ipaddr(address, &op->address);
	prefix_str2mac("02:00:00:00:00:55", &op->mac);
	return go();
}

static int unreachable_op(enum netstack_op_type type, int family, uint32_t table)
{
	struct netstack_op *op = add(type);

	op->family = family;
	op->table = table;
	return go();
}

static bool has_address(const char *ifname, const char *address)
{
	struct netstack_prefix prefix;

	netstack_prefix_parse(&prefix, address);
	return link_of(ifname) && netstack_link_address_find(link_of(ifname), &prefix);
}

/* Each test begins with nothing. */
static void setup(void)
{
	netstack_ops_fini(&ops);
	live_run("ip -o link show | sed 's/^[0-9]*: //; s/[@:].*//' | grep -vx lo |"
		 " sed 's/^/link del /' | ip -force -batch - 2>/dev/null");
	live_run("for t in main 1001 1002; do ip -4 route flush table $t;"
		 " ip -6 route flush table $t; done 2>/dev/null");
	live_run("echo 0 > /proc/sys/net/vrf/strict_mode");
	live_pump(100);
	calls.links[0] = '\0';
	calls.link = calls.table = 0;
}

/* The same, with a link d0 that is up. */
static void setup_d0(void)
{
	setup();
	add_create("d0", "dummy");
	go();
	add_on(NETSTACK_OP_LINK_UP, "d0");
	go();
}

/* --- links --------------------------------------------------------------------------------- */

TEST(a_vrf_is_made_with_its_table_and_alias)
{
	struct netstack_link *link;

	setup();
	CHECK_INT(create_vrf("blue", 1001), 0);
	link = link_of("blue");
	CHECK(link);
	CHECK_STR(link->kind, "vrf");
	CHECK_STR(link->alias, "netstack blue");
	CHECK_INT(link->vrf_table, 1001);
	CHECK(link->flags & IFF_UP);
	CHECK(netstack_link_by_vrf_table(obs, 1001) == link);
	CHECK_INT(live_run("ip -d link show blue | grep -q 'alias netstack blue'"), 0);
	CHECK(strstr(calls.links, " blue"));
	live_run("ip link del blue");
	live_pump(20);
	CHECK(!link_of("blue"));
	CHECK(!netstack_link_by_vrf_table(obs, 1001));
}

TEST(a_link_that_is_the_same_is_no_error_and_another_is)
{
	setup();
	CHECK_INT(create_vrf("blue", 1001), 0);
	add_create("blue", "vrf")->table = 1001;
	CHECK_INT(go(), 0);
	add_create("blue", "vrf")->table = 1002;
	CHECK_INT(go(), EEXIST);
	add_create("blue", "dummy");
	CHECK_INT(go(), EEXIST);
}

TEST(a_foreign_link_of_the_same_name_is_not_marked)
{
	setup();
	live_run("ip link add blue type dummy");
	live_pump(20);
	add_create("blue", "dummy");
	CHECK_INT(go(), EEXIST);
	CHECK_STR(link_of("blue")->alias, "");
}

TEST(members_are_made_in_their_vrf_with_mac_and_mtu)
{
	struct netstack_op *op;
	struct netstack_link *link;

	setup();
	create_vrf("blue", 1001);
	live_run("ip link add trunk type dummy");
	live_pump(20);
	op = add_create("vl10", "vlan");
	op->parent = index_of("trunk");
	op->vlan_id = 10;
	op->master = index_of("blue");
	op->has_mac = true;
	prefix_str2mac("02:00:00:00:00:11", &op->mac);
	op->mtu = 1400;
	op = add_create("mv0", "macvlan");
	op->parent = index_of("trunk");
	op->master = index_of("blue");
	add_create("lo0", "dummy")->master = index_of("blue");
	CHECK_INT(go(), 0);

	link = link_of("vl10");
	CHECK(link);
	CHECK_INT(link->vlan_id, 10);
	CHECK_INT(link->mtu, 1400);
	CHECK_INT(link->mac.octet[5], 0x11);
	CHECK_INT(link->master, index_of("blue"));
	CHECK_INT(link->parent, index_of("trunk"));
	CHECK_STR(link->alias, "netstack blue");
	CHECK_STR(link_of("mv0")->kind, "macvlan");
	CHECK_INT(live_run("ip -d link show mv0 | grep -q 'macvlan mode bridge'"), 0);
	CHECK_INT(link_of("lo0")->master, index_of("blue"));
	CHECK_INT(netstack_link_slaves_count(&link_of("blue")->slaves), 3);
}

TEST(the_kernels_own_words_are_given)
{
	struct netstack_op *op;

	setup();
	op = add_create("vl10", "vlan");
	op->parent = 4711;
	op->vlan_id = 10;
	netstack_kernel_execute(ops.op, ops.count);
	CHECK(ops.op[0].error);
	CHECK(ops.op[0].errmsg[0]);
	netstack_ops_fini(&ops);

	CHECK_INT(create_vrf("blue", 1001), 0);
	add_on(NETSTACK_OP_LINK_MTU, "blue")->mtu = 10;
	netstack_kernel_execute(ops.op, ops.count);
	CHECK_INT(ops.op[0].error, EINVAL);
	CHECK(strstr(ops.op[0].errmsg, "mtu less than device minimum"));
	netstack_ops_fini(&ops);
}

TEST(one_failure_does_not_keep_others_from_being_done)
{
	setup();
	add_create("d0", "dummy");
	add_create("d1", "nonsense");
	add_create("d2", "dummy");
	netstack_kernel_execute(ops.op, ops.count);
	netstack_kernel_drain();
	CHECK_INT(ops.op[0].error, 0);
	CHECK_INT(ops.op[1].error, EOPNOTSUPP);
	CHECK_INT(ops.op[2].error, 0);
	netstack_ops_fini(&ops);
	CHECK(link_of("d0") && link_of("d2") && !link_of("d1"));
}

TEST(up_down_mac_mtu_delete)
{
	setup();
	add_create("d0", "dummy");
	go();
	add_on(NETSTACK_OP_LINK_MTU, "d0")->mtu = 9000;
	prefix_str2mac("02:00:00:00:00:22", &add_on(NETSTACK_OP_LINK_MAC, "d0")->mac);
	add_on(NETSTACK_OP_LINK_UP, "d0");
	CHECK_INT(go(), 0);
	CHECK_INT(link_of("d0")->mtu, 9000);
	CHECK_INT(link_of("d0")->mac.octet[5], 0x22);
	CHECK(link_of("d0")->flags & IFF_UP);
	add_on(NETSTACK_OP_LINK_DOWN, "d0");
	CHECK_INT(go(), 0);
	CHECK(!(link_of("d0")->flags & IFF_UP));
	add_on(NETSTACK_OP_LINK_DELETE, "d0");
	CHECK_INT(go(), 0);
	CHECK(!link_of("d0"));
	add(NETSTACK_OP_LINK_DELETE)->ifindex = 4711;
	CHECK_INT(go(), 0);
}

TEST(ipv6_of_a_link_is_switched_off_and_on)
{
	setup();
	add_create("d0", "dummy");
	add_create("d1", "dummy");
	go();
	CHECK(!link_of("d0")->ipv6_disabled);
	add_on(NETSTACK_OP_IPV6, "d0")->enable = false;
	CHECK_INT(go(), 0);
	CHECK(link_of("d0")->ipv6_disabled);
	CHECK_INT(live_run("[ $(cat /proc/sys/net/ipv6/conf/d0/disable_ipv6) = 1 ]"), 0);
	add_on(NETSTACK_OP_IPV6, "d0")->enable = true;
	CHECK_INT(go(), 0);
	CHECK(!link_of("d0")->ipv6_disabled);

	/* behind our back, while up */
	live_run("ip link set d1 up");
	live_pump(100);
	live_run("echo 1 > /proc/sys/net/ipv6/conf/d1/disable_ipv6");
	live_pump(200);
	CHECK(link_of("d1")->ipv6_disabled);
	live_run("echo 0 > /proc/sys/net/ipv6/conf/d1/disable_ipv6");
	live_pump(200);
	CHECK(!link_of("d1")->ipv6_disabled);

	add_on(NETSTACK_OP_LINK_MTU, "d0")->mtu = 1000;
	CHECK_INT(go(), 0);
	CHECK(link_of("d0")->ipv6_disabled);
	add_on(NETSTACK_OP_IPV6, "d0")->enable = true;
	CHECK_INT(go(), ENOENT);
}

TEST(strict_mode_is_set)
{
	setup();
	live_run("echo 0 > /proc/sys/net/vrf/strict_mode");
	add(NETSTACK_OP_STRICT_MODE);
	CHECK_INT(go(), 0);
	CHECK(obs->strict_mode);
	CHECK_INT(live_run("[ $(cat /proc/sys/net/vrf/strict_mode) = 1 ]"), 0);
	CHECK_INT(create_vrf("blue", 1001), 0);
	CHECK_INT(create_vrf("red", 1001), EBUSY);
}

TEST(strict_mode_that_somebody_switches_off_is_noticed)
{
	setup();
	add(NETSTACK_OP_STRICT_MODE);
	CHECK_INT(go(), 0);
	live_pump(20);
	calls.settings = 0;
	live_run("echo 1 > /proc/sys/net/vrf/strict_mode");
	live_pump(20);
	CHECK_INT(calls.settings, 0);
	for (unsigned int i = 1; i <= 2; i++) {
		live_run(
			"echo 2 > /proc/sys/vm/drop_caches; echo 0 > /proc/sys/net/vrf/strict_mode");
		live_pump(20);
		CHECK(!obs->strict_mode);
		CHECK_INT(calls.settings, 2 * i - 1);
		live_run("echo 1 > /proc/sys/net/vrf/strict_mode");
		live_pump(20);
		CHECK(obs->strict_mode);
	}
}

/* --- addresses and neighbours ---------------------------------------------------------------- */

TEST(addresses_are_marked_as_ours)
{
	struct netstack_prefix prefix;

	setup();
	add_create("d0", "dummy");
	go();
	CHECK_INT(address_op(NETSTACK_OP_ADDRESS_ADD, "d0", "10.1.2.3/24"), 0);
	CHECK_INT(address_op(NETSTACK_OP_ADDRESS_ADD, "d0", "2001:db8::3/64"), 0);
	netstack_prefix_parse(&prefix, "10.1.2.3/24");
	CHECK_INT(netstack_link_address_find(link_of("d0"), &prefix)->proto, NETSTACK_PROTO);
	netstack_prefix_parse(&prefix, "2001:db8::3/64");
	CHECK_INT(netstack_link_address_find(link_of("d0"), &prefix)->proto, NETSTACK_PROTO);
	CHECK_INT(live_run("ip addr show d0 | grep -q 'inet 10.1.2.3/24 brd 10.1.2.255'"), 0);

	CHECK_INT(address_op(NETSTACK_OP_ADDRESS_ADD, "d0", "10.1.2.3/24"), 0);
	CHECK_INT(address_op(NETSTACK_OP_ADDRESS_ADD, "d0", "2001:db8::3/64"), 0);
	CHECK_INT(address_op(NETSTACK_OP_ADDRESS_ADD, "d0", "2001:db8::3/48"), EEXIST);
	CHECK_INT(address_op(NETSTACK_OP_ADDRESS_DELETE, "d0", "10.1.2.3/24"), 0);
	CHECK_INT(address_op(NETSTACK_OP_ADDRESS_DELETE, "d0", "10.1.2.3/24"), 0);
	CHECK_INT(address_op(NETSTACK_OP_ADDRESS_DELETE, "d0", "2001:db8::3/64"), 0);
	CHECK_INT(address_op(NETSTACK_OP_ADDRESS_DELETE, "d0", "2001:db8::3/64"), 0);
	CHECK(!has_address("d0", "10.1.2.3/24"));
	CHECK(!has_address("d0", "2001:db8::3/64"));
}

static bool is_added_at_once(const char *address)
{
	struct netstack_op *op = add_on(NETSTACK_OP_ADDRESS_ADD, "d0");

	op->nodad = true;
	netstack_prefix_parse(&op->prefix, address);
	go();
	return has_address("d0", address);
}

/* As when somebody deletes it before its notification has been read. */
static bool is_observed_after_it_is_gone(const char *address)
{
	struct netstack_op *op = add_on(NETSTACK_OP_ADDRESS_ADD, "d0");

	op->nodad = true;
	netstack_prefix_parse(&op->prefix, address);
	netstack_prefix_parse(&add_on(NETSTACK_OP_ADDRESS_DELETE, "d0")->prefix, address);
	go();
	return has_address("d0", address);
}

TEST(an_address_is_observed_as_soon_as_it_is_there_and_no_longer)
{
	setup_d0();
	for (unsigned int i = 0; i < 20; i++) {
		CHECK(!is_observed_after_it_is_gone("10.1.2.3/24"));
		CHECK(!is_observed_after_it_is_gone("2001:db8::3/64"));
		CHECK(is_added_at_once("10.1.2.3/24"));
		CHECK(is_added_at_once("2001:db8::3/64"));
		CHECK_INT(address_op(NETSTACK_OP_ADDRESS_DELETE, "d0", "10.1.2.3/24"), 0);
		CHECK_INT(address_op(NETSTACK_OP_ADDRESS_DELETE, "d0", "2001:db8::3/64"), 0);
	}
}

TEST(neighbors_are_permanent_and_marked_as_ours)
{
	struct netstack_link_neighbor *neighbor;
	struct ipaddr address;

	setup_d0();
	address_op(NETSTACK_OP_ADDRESS_ADD, "d0", "10.1.2.3/24");
	CHECK_INT(neighbor_op(NETSTACK_OP_NEIGHBOR_SET, "d0", "10.1.2.4"), 0);
	CHECK_INT(neighbor_op(NETSTACK_OP_NEIGHBOR_SET, "d0", "10.1.2.4"), 0);
	CHECK_INT(neighbor_op(NETSTACK_OP_NEIGHBOR_SET, "d0", "2001:db8::4"), 0);
	str2ipaddr("2001:db8::4", &address);
	neighbor = netstack_link_neighbor_find(link_of("d0"), &address);
	CHECK(neighbor);
	CHECK_INT(neighbor->proto, NETSTACK_PROTO);
	CHECK_INT(neighbor->state, NUD_PERMANENT);
	CHECK_INT(neighbor->mac.octet[5], 0x55);
	CHECK_INT(neighbor_op(NETSTACK_OP_NEIGHBOR_DELETE, "d0", "2001:db8::4"), 0);
	CHECK(!netstack_link_neighbor_find(link_of("d0"), &address));
	CHECK_INT(neighbor_op(NETSTACK_OP_NEIGHBOR_DELETE, "d0", "2001:db8::4"), 0);
}

TEST(flushing_leaves_permanent_and_foreign_neighbors)
{
	struct ipaddr address;

	setup_d0();
	neighbor_op(NETSTACK_OP_NEIGHBOR_SET, "d0", "10.1.2.4");
	live_run("ip neigh add 10.1.2.5 lladdr 02:00:00:00:00:01 dev d0 nud reachable");
	live_run("ip neigh add 10.1.2.6 lladdr 02:00:00:00:00:01 dev d0 nud stale");
	live_run("ip neigh add 10.1.2.7 lladdr 02:00:00:00:00:01 dev d0 nud stale extern_learn");
	live_run("ip neigh add 2001:db8::6 lladdr 02:00:00:00:00:01 dev d0 nud stale");
	live_pump(20);
	str2ipaddr("10.1.2.5", &address);
	CHECK_INT(netstack_kernel_flush_neighbors(NULL, index_of("d0"), &address), 1);
	CHECK_INT(netstack_kernel_flush_neighbors(NULL, index_of("d0"), NULL), 2);
	CHECK_INT(live_run("[ $(ip neigh show dev d0 | wc -l) = 2 ]"), 0);
}

TEST(a_neighbor_that_is_merely_confirmed_calls_no_hook)
{
	setup_d0();
	live_run("ip neigh add 10.1.2.5 lladdr 02:00:00:00:00:01 dev d0 nud reachable");
	live_pump(100);
	calls.link = 0;
	live_run("ip neigh change 10.1.2.5 lladdr 02:00:00:00:00:01 dev d0 nud stale");
	live_run("ip neigh change 10.1.2.5 lladdr 02:00:00:00:00:01 dev d0 nud reachable");
	live_pump(50);
	CHECK_INT(calls.link, 0);
	live_run("ip neigh change 10.1.2.5 lladdr 02:00:00:00:00:02 dev d0 nud reachable");
	live_pump(50);
	CHECK_INT(calls.link, 1);
}

static bool spare_5(const struct ipaddr *address, const void *arg)
{
	return IS_IPADDR_V4(address) && (ntohl(address->ipaddr_v4.s_addr) & 255) == 5;
}

/* 40 stale neighbours of d0, which is in the stack or not. */
static struct netstack *stack_with_neighbors(bool in_stack)
{
	static struct netstack stack = { .name = "blue", .configured = true };

	setup_d0();
	create_vrf("blue", 1001);
	stack.table = 1001;
	if (in_stack)
		set_master("d0", "blue");
	neighbor_op(NETSTACK_OP_NEIGHBOR_SET, "d0", "10.1.2.4");
	live_run("for i in $(seq 5 43); do echo neigh add 10.1.2.$i lladdr 02:00:00:00:00:01 dev d0"
		 " nud stale; done | ip -batch -");
	/* confirmed now, while stale ones count as confirmed a minute ago */
	live_run("ip neigh add 2001:db8::6 lladdr 02:00:00:00:00:01 dev d0 nud reachable");
	live_pump(20);
	return &stack;
}

TEST(trimming_takes_the_least_recently_confirmed)
{
	struct netstack *stack = stack_with_neighbors(true);

	CHECK_INT(link_of("d0")->neighbor_count, 41);
	CHECK_INT(netstack_kernel_trim_neighbors(stack, 41, spare_5, NULL), 0);
	CHECK_INT(netstack_kernel_trim_neighbors(stack, 4, spare_5, NULL), 37);
	CHECK_INT(link_of("d0")->neighbor_count, 4);
	CHECK_INT(live_run("ip neigh show dev d0 | grep -q '^10.1.2.4 .*PERMANENT'"), 0);
	CHECK_INT(live_run("ip neigh show dev d0 | grep -q '^10.1.2.5 '"), 0);
	CHECK_INT(live_run("ip neigh show dev d0 | grep -q '^2001:db8::6 '"), 0);
	/* what cannot go stays, and is no reason not to try */
	CHECK_INT(netstack_kernel_trim_neighbors(stack, 1, spare_5, NULL), 2);
	CHECK_INT(link_of("d0")->neighbor_count, 2);
	CHECK_INT(netstack_kernel_trim_neighbors(stack, 1, spare_5, NULL), 0);
}

TEST(trimming_leaves_other_stacks_alone)
{
	struct netstack *stack = stack_with_neighbors(false);

	CHECK_INT(netstack_kernel_trim_neighbors(stack, 1, spare_5, NULL), 0);
	CHECK_INT(link_of("d0")->neighbor_count, 41);
}

/* --- routes ---------------------------------------------------------------------------------- */

TEST(unreachable_defaults_come_and_go)
{
	setup();
	create_vrf("blue", 1001);
	CHECK(!netstack_kernel_table_has_routes(1001));
	netstack_kernel_watch_table(1001);
	CHECK_INT(unreachable_op(NETSTACK_OP_UNREACHABLE_ADD, AF_INET, 1001), 0);
	CHECK_INT(unreachable_op(NETSTACK_OP_UNREACHABLE_ADD, AF_INET6, 1001), 0);
	CHECK_INT(unreachable_op(NETSTACK_OP_UNREACHABLE_ADD, AF_INET, 1001), 0);
	CHECK_INT(unreachable_op(NETSTACK_OP_UNREACHABLE_ADD, AF_INET6, 1001), 0);
	CHECK(netstack_kernel_table_has_routes(1001));
	CHECK_INT(netstack_fib_routes_count(&netstack_fib_table_find(obs, 1001)->routes), 2);
	CHECK_INT(live_run("ip -4 route show vrf blue |"
			   " grep -q 'unreachable default proto redirect metric 4278198272'"),
		  0);
	CHECK_INT(live_run(
			  "ip -6 route show vrf blue |"
			  " grep -q 'unreachable default dev lo proto redirect metric 4278198272'"),
		  0);
	CHECK_INT(unreachable_op(NETSTACK_OP_UNREACHABLE_DELETE, AF_INET, 1001), 0);
	CHECK_INT(unreachable_op(NETSTACK_OP_UNREACHABLE_DELETE, AF_INET6, 1001), 0);
	CHECK_INT(unreachable_op(NETSTACK_OP_UNREACHABLE_DELETE, AF_INET, 1001), 0);
	CHECK_INT(unreachable_op(NETSTACK_OP_UNREACHABLE_DELETE, AF_INET6, 1001), 0);
	CHECK_INT(netstack_fib_routes_count(&netstack_fib_table_find(obs, 1001)->routes), 0);
	CHECK(!netstack_kernel_table_has_routes(1001));
	netstack_kernel_unwatch_table(1001);
	CHECK(!netstack_fib_table_find(obs, 1001));
}

/* --- a change of master ---------------------------------------------------------------------- */

static const char *const moved_addresses[] = {
	"10.1.2.3/24", "10.1.3.3/24", "2001:db8::3/64", "2001:db8:1::3/64", "fd00::3/64",
};

static void member_with_addresses(bool up)
{
	add_create("d0", "dummy");
	go();
	address_op(NETSTACK_OP_ADDRESS_ADD, "d0", "10.1.2.3/24");
	address_op(NETSTACK_OP_ADDRESS_ADD, "d0", "2001:db8::3/64");
	live_run("ip addr add 10.1.3.3/24 dev d0");
	live_run("ip addr add 2001:db8:1::3/64 dev d0 proto 99 nodad");
	live_run("ip addr add fd00::3/64 dev d0 noprefixroute");
	if (up)
		live_run("ip link set d0 up");
	live_pump(20);
}

/* Has d0 all its addresses, as they were given? */
static const char *addresses_problem(void)
{
	static char buf[128];
	struct netstack_prefix prefix;

	for (size_t i = 0; i < array_size(moved_addresses); i++) {
		snprintf(buf, sizeof(buf), "%s is lost", moved_addresses[i]);
		if (!has_address("d0", moved_addresses[i]))
			return buf;
		if (live_run("ip addr show d0 | grep -q ' %s '", moved_addresses[i]) != 0)
			return buf;
	}
	netstack_prefix_parse(&prefix, "2001:db8:1::3/64");
	if (netstack_link_address_find(link_of("d0"), &prefix)->proto != 99)
		return "protocol is lost";
	if (!(netstack_link_address_find(link_of("d0"), &prefix)->flags & IFA_F_NODAD))
		return "nodad is lost";
	if (live_run("[ $(cat /proc/sys/net/ipv6/conf/d0/keep_addr_on_down) = 0 ]") != 0)
		return "keep_addr_on_down is left behind";
	return NULL;
}

/* Has d0, which is up, the routes of its addresses, in the VRF ("": none) that it is in? */
static const char *routes_problem(const char *vrf)
{
	if (live_run("ip -6 route show %s %s | grep -q '^2001:db8::/64 dev d0 proto kernel'",
		     vrf[0] ? "vrf" : "", vrf) != 0)
		return "no prefix route";
	if (live_run("ip -6 route show %s %s | grep -q '^2001:db8:1::/64 dev d0 proto kernel'",
		     vrf[0] ? "vrf" : "", vrf) != 0)
		return "no foreign prefix route";
	if (live_run("ip -6 route show %s %s | grep -q '^fd00::/64'", vrf[0] ? "vrf" : "", vrf) ==
	    0)
		return "prefix route of noprefixroute";
	if (live_run("ip -4 route show %s %s | grep -q '^10.1.3.0/24 dev d0 proto kernel'",
		     vrf[0] ? "vrf" : "", vrf) != 0)
		return "no IPv4 route";
	if (live_run("ip -6 addr show d0 | grep -q 'inet6 fe80'") != 0)
		return "no link-local address";
	return NULL;
}

static const char *move_problem(const char *vrf, bool up)
{
	const char *problem;

	if (set_master("d0", vrf) != 0)
		return "refused";
	live_pump(20); /* addresses without DAD are calls.links of by a work queue */
	problem = addresses_problem();
	if (problem || !up)
		return problem;
	live_pump(50);
	return routes_problem(vrf);
}

static const char *moves_problem(bool up)
{
	static const char *const vrfs[] = { "blue", "red", "", "red", "blue", "" };
	static char where[160];

	create_vrf("blue", 1001);
	create_vrf("red", 1002);
	member_with_addresses(up);
	for (size_t i = 0; i < array_size(vrfs); i++) {
		const char *problem = move_problem(vrfs[i], up);

		if (!problem)
			continue;
		snprintf(where, sizeof(where), "move %zu to '%s': %s", i, vrfs[i], problem);
		return where;
	}
	return NULL;
}

TEST(a_link_that_is_down_keeps_its_addresses_in_another_vrf)
{
	setup();
	CHECK_STR(moves_problem(false), NULL);
	live_run("ip link set d0 up");
	live_pump(20);
	CHECK_INT(live_run("ip -6 route show | grep -q '^2001:db8::/64 dev d0 proto kernel'"), 0);
}

TEST(a_link_that_is_up_keeps_its_addresses_in_another_vrf)
{
	setup();
	CHECK_STR(moves_problem(true), NULL);
}

/* Down and up again; what is missing then. */
static const char *down_problem(void)
{
	const char *problem;

	member_with_addresses(true);
	live_run("ip addr add fe80::99/64 dev d0");
	live_pump(20);
	add_on(NETSTACK_OP_LINK_DOWN, "d0")->keep_addresses = true;
	if (go() != 0)
		return "refused";
	live_pump(20);
	if (link_of("d0")->flags & IFF_UP)
		return "still up";
	problem = addresses_problem();
	if (problem)
		return problem;
	add_on(NETSTACK_OP_LINK_UP, "d0");
	go();
	live_pump(50);
	if (!has_address("d0", "fe80::99/64"))
		return "a link-local address is lost";
	return addresses_problem() ?: routes_problem("");
}

TEST(a_link_that_is_taken_down_keeps_its_addresses)
{
	setup();
	CHECK_STR(down_problem(), NULL);
}

TEST(addresses_that_the_kernel_drops_nevertheless_are_added_again)
{
	const char *problem;

	setup();
	live_run("echo -1 > /proc/sys/net/ipv6/conf/all/keep_addr_on_down");
	problem = moves_problem(true);
	if (!problem) {
		setup();
		problem = down_problem();
	}
	live_run("echo 0 > /proc/sys/net/ipv6/conf/all/keep_addr_on_down");
	CHECK_STR(problem, NULL);
}

TEST(the_vrf_hears_of_those_who_join_and_leave)
{
	setup();
	create_vrf("blue", 1001);
	live_run("ip link add d0 type dummy");
	live_pump(20);
	calls.links[0] = '\0';
	live_run("ip link set d0 master blue");
	live_pump(20);
	CHECK(strstr(calls.links, " blue"));
	calls.links[0] = '\0';
	live_run("ip link set d0 nomaster");
	live_pump(20);
	CHECK(strstr(calls.links, " blue"));
	calls.links[0] = '\0';
	live_run("ip link set d0 name d9");
	live_pump(20);
	CHECK(strstr(calls.links, " d0"));
	CHECK(strstr(calls.links, " d9"));
	CHECK(link_of("d9") && !link_of("d0"));
}

/* --- while others have their turn ------------------------------------------------------------ */

static bool gone_on;
static unsigned int turns;

static void went_on(void)
{
	gone_on = true;
}

static void turn(struct event *event)
{
	turns++;
	if (!gone_on)
		event_add_timer_msec(master, turn, NULL, 1, NULL);
}

/* Ten links are deleted, one of them twice, and then the last one gets an address. */
static bool start_deletion(void)
{
	char name[IFNAMSIZ];

	gone_on = false;
	for (unsigned int i = 0; i <= 10; i++)
		live_run("ip link add d%u type dummy", i);
	live_pump(100);
	for (unsigned int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "d%u", i);
		add_on(NETSTACK_OP_LINK_DELETE, name);
	}
	add_on(NETSTACK_OP_LINK_DELETE, "d0");
	netstack_prefix_parse(&add_on(NETSTACK_OP_ADDRESS_ADD, "d10")->prefix, "10.9.0.1/24");
	add_on(NETSTACK_OP_IPV6, "d10")->enable = false;
	netstack_prefix_parse(&add_on(NETSTACK_OP_ADDRESS_DELETE, "d10")->prefix, "10.9.0.1/8");
	return !netstack_kernel_execute_and_go_on(ops.op, ops.count, went_on);
}

static void check_deleted(void)
{
	CHECK_INT(live_failures(&ops), 0);
	netstack_ops_fini(&ops);
	netstack_kernel_drain();
	CHECK(!link_of("d0") && !link_of("d9"));
	CHECK(has_address("d10", "10.9.0.1/24"));
	CHECK(live_run("test $(cat /proc/sys/net/ipv6/conf/d10/disable_ipv6) = 1") == 0);
}

TEST(deleting_links_lets_others_have_their_turn)
{
	setup();
	CHECK(start_deletion());
	event_add_event(master, turn, NULL, 0, NULL);
	for (unsigned int i = 0; i < 500 && !gone_on; i++)
		live_pump(10);
	CHECK(gone_on);
	CHECK(turns > 0);
	check_deleted();
}

TEST(what_is_under_way_can_be_finished)
{
	setup();
	CHECK(start_deletion());
	netstack_kernel_finish();
	check_deleted();
	live_pump(50);
	CHECK(!gone_on);
	netstack_kernel_finish();
}

TEST(what_is_quick_is_done_at_once)
{
	setup();
	gone_on = false;
	add_create("d0", "dummy");
	CHECK(netstack_kernel_execute_and_go_on(ops.op, ops.count, went_on));
	CHECK_INT(ops.op[0].error, 0);
	netstack_ops_fini(&ops);
	CHECK(netstack_kernel_execute_and_go_on(NULL, 0, went_on));
	live_pump(20);
	CHECK(link_of("d0") && !gone_on);
}

/* --- many ------------------------------------------------------------------------------------ */

TEST(a_thousand_stacks_in_one_go)
{
	struct timeval begin;
	char name[IFNAMSIZ];
	unsigned int failed = 0;

	setup();
	monotime(&begin);
	for (unsigned int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "v%u", i);
		add_create(name, "vrf")->table = 2000 + i;
	}
	netstack_kernel_execute(ops.op, ops.count);
	netstack_kernel_drain();
	failed = live_failures(&ops);
	netstack_ops_fini(&ops);
	printf("# made: %" PRId64 " ms\n", monotime_since(&begin, NULL) / 1000);
	CHECK_INT(failed, 0);
	for (unsigned int i = 0; i < 1000; i++) {
		struct netstack_op *op;

		snprintf(name, sizeof(name), "v%u", i);
		add_on(NETSTACK_OP_LINK_UP, name);
		for (int family = 0; family < 2; family++) {
			op = add(NETSTACK_OP_UNREACHABLE_ADD);
			op->family = family ? AF_INET6 : AF_INET;
			op->table = 2000 + i;
		}
	}
	CHECK_INT(go(), 0);
	printf("# up, with guards: %" PRId64 " ms\n", monotime_since(&begin, NULL) / 1000);
	CHECK(link_of("v999"));
	CHECK(netstack_link_by_vrf_table(obs, 2999) == link_of("v999"));
	for (unsigned int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "v%u", i);
		add_on(NETSTACK_OP_LINK_DELETE, name);
	}
	CHECK_INT(go(), 0);
	printf("# deleted: %" PRId64 " ms\n", monotime_since(&begin, NULL) / 1000);
	CHECK(!link_of("v999"));
	CHECK_INT(netstack_kernel_stats()->overruns, 0);
}
