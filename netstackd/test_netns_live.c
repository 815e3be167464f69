// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Namespaces on a real kernel, with a /run/netns of its own: what operations make of them, seen with
 * ip-netns(8).
 */

#include <zebra.h>

#include <dirent.h>
#include <linux/rtnetlink.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "netstackd/netstack.h"
#include "netstackd/netstack_kernel.h"
#include "netstackd/netstack_test.h"
#include "netstackd/netstack_test_live.h"

static struct netstack_observed *obs;
static struct netstack_ops ops;
static struct netstack *stack;
static unsigned int calls_inside;

static const struct netstack_desired_hooks no_hooks;

static void on_link(struct netstack *inside, const char *ifname)
{
	calls_inside += inside == stack && inside;
}

static const struct netstack_kernel_hooks hooks = { .link = on_link };

TEST_START()
{
	const char *missing;

	obs = netstack_observed_new();
	if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0)
		return "needs root and a mount namespace";
	mount("", "/", "none", MS_PRIVATE | MS_REC, NULL);
	mkdir(NETSTACK_NETNS_DIR, 0755);
	if (mount("tmpfs", NETSTACK_NETNS_DIR, "tmpfs", 0, NULL) < 0)
		return "needs a " NETSTACK_NETNS_DIR " of its own";
	missing = live_begin(obs, &hooks, CLONE_NEWNET);
	if (missing)
		return missing;
	netstack_desired_init(&no_hooks);
	stack = netstack_add("blue");
	return NULL;
}

static struct netstack_op *add(enum netstack_op_type type, const char *name)
{
	struct netstack_op *op = netstack_ops_add(&ops, type, stack);

	strlcpy(op->name, name, sizeof(op->name));
	return op;
}

/* Executes what was added; the error of the last. */
static int go(void)
{
	int error;

	netstack_kernel_execute(ops.op, ops.count);
	error = ops.op[ops.count - 1].error;
	if (error)
		printf("# %d: %s\n", error, ops.op[ops.count - 1].errmsg);
	netstack_ops_fini(&ops);
	return error;
}

static int do_netns(enum netstack_op_type type)
{
	add(type, "blue");
	return go();
}

static const struct netstack_link *__attribute__((noinline)) inside_link(const char *name)
{
	const struct netstack_observed *inside = netstack_kernel_inside(stack);

	return inside ? netstack_link_by_name(inside, name) : NULL;
}

static bool has_address(const struct netstack_link *link, const char *text)
{
	struct netstack_prefix prefix;

	assert(netstack_prefix_parse(&prefix, text));
	return link && netstack_link_address_find(link, &prefix);
}

static int move(const char *name, bool out)
{
	const struct netstack_link *link =
		out ? inside_link(name) : netstack_link_by_name(obs, name);
	struct netstack_op *op = add(NETSTACK_OP_LINK_MOVE, name);

	op->ifindex = link ? link->ifindex : -1;
	op->inside = out;
	return go();
}

static unsigned int descriptors(void)
{
	unsigned int count = 0;
	DIR *dir = opendir("/proc/self/fd");

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

TEST(a_namespace_comes_with_a_name_and_a_mark_and_goes)
{
	live_run("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_CREATE), 0);
	CHECK_INT(live_run("ip netns list | grep -qx blue"), 0);
	CHECK_INT(live_run("ip -n blue link show lo | grep -q 'alias netstack blue'"), 0);
	CHECK_INT(live_run("ip netns exec blue sysctl -n net.ipv4.ip_forward | grep -qx 1"), 0);
	CHECK_INT(live_run(
			  "ip netns exec blue sysctl -n net.ipv6.conf.all.forwarding | grep -qx 1"),
		  0);
	CHECK(inside_link("lo") && netstack_link_is_ours(inside_link("lo")));
	CHECK(netstack_kernel_inside(stack)->forwarding_ipv4);
	CHECK_INT(netstack_kernel_look(stack, "blue"), NETSTACK_NETNS_SAME);
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_DELETE), 0);
	CHECK_INT(live_run("ip netns list | grep -qx blue"), 1);
	CHECK(!netstack_kernel_inside(stack));
	CHECK_INT(netstack_kernel_look(stack, "blue"), NETSTACK_NETNS_ABSENT);
}

TEST(a_name_that_was_taken_away_comes_back_with_what_is_in_it)
{
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_CREATE), 0);
	live_run("ip -n blue link add v0 type veth peer name v1");
	live_run("ip netns del blue");
	CHECK_INT(netstack_kernel_look(stack, "blue"), NETSTACK_NETNS_ABSENT);
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_NAME), 0);
	CHECK_INT(netstack_kernel_look(stack, "blue"), NETSTACK_NETNS_SAME);
	CHECK_INT(live_run("ip -n blue link show v0"), 0);
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_DELETE), 0);
}

TEST(a_name_that_somebody_has_is_not_taken)
{
	live_run("ip netns add blue");
	CHECK_INT(netstack_kernel_look(stack, "blue"), NETSTACK_NETNS_OTHER);
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_CREATE), EEXIST);
	CHECK(!netstack_kernel_inside(stack));
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_OPEN), 0);
	CHECK(inside_link("lo") && !netstack_link_is_ours(inside_link("lo")));
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_CLOSE), 0);
	CHECK_INT(live_run("ip netns list | grep -qx blue"), 0);
	live_run("ip netns del blue; touch " NETSTACK_NETNS_DIR "/blue");
	CHECK_INT(netstack_kernel_look(stack, "blue"), NETSTACK_NETNS_NONE);
	CHECK(do_netns(NETSTACK_OP_NETNS_OPEN) != 0);
	live_run("rm " NETSTACK_NETNS_DIR "/blue");
}

TEST(a_link_takes_its_addresses_along_and_back)
{
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_CREATE), 0);
	live_run("ip link add e0 type veth peer name e1");
	live_run("ip link set e1 up");
	live_run("ip link set e0 up");
	live_run("ip addr add 10.0.0.1/24 dev e0");
	live_run("ip addr add 2001:db8::1/64 dev e0 proto 99");
	live_pump(20);
	CHECK_INT(move("e0", false), 0);
	CHECK(!netstack_link_by_name(obs, "e0"));
	CHECK(has_address(inside_link("e0"), "10.0.0.1/24"));
	CHECK(has_address(inside_link("e0"), "2001:db8::1/64"));
	calls_inside = 0;
	live_run("ip -n blue link set e0 up; ip -n blue addr add 10.0.1.1/24 dev e0");
	live_pump(20);
	CHECK(calls_inside > 0);
	CHECK(has_address(inside_link("e0"), "10.0.1.1/24"));
	CHECK_INT(move("e0", true), 0);
	CHECK(!inside_link("e0"));
	CHECK_INT(live_run("ip addr show e0 up | grep -q 10.0.1.1/24"), 0);
	CHECK_INT(live_run("ip addr show e0 | grep -q '2001:db8::1/64.*proto 0x63'"), 0);
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_DELETE), 0);
	live_run("ip link del e0");
	live_pump(20);
}

/* Nothing is read of the kernel's events in between: what it tells late, or has just told. */
TEST(addresses_that_are_not_announced_yet_come_along)
{
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_CREATE), 0);
	live_run("ip link add e0 type veth peer name e1");
	live_run("ip link set e1 up");
	live_run("ip link set e0 up");
	live_pump(20);
	live_run("ip addr add 10.0.0.1/24 dev e0");
	live_run("ip addr add 2001:db8::1/64 dev e0");
	live_run("ip addr add 2001:db8::2/64 dev e0 nodad");
	for (int i = 0; i < 20; i++) {
		CHECK_INT(move("e0", false), 0);
		CHECK_INT(move("e0", true), 0);
	}
	CHECK_INT(live_run("ip addr show e0 | grep -q ' 10.0.0.1/24 '"), 0);
	CHECK_INT(live_run("ip addr show e0 | grep -q ' 2001:db8::1/64 '"), 0);
	CHECK_INT(live_run("ip addr show e0 | grep -q ' 2001:db8::2/64 '"), 0);
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_DELETE), 0);
	live_run("ip link del e0");
	live_pump(20);
}

TEST(a_link_that_has_to_stay_is_known)
{
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_CREATE), 0);
	CHECK(move("lo", true) != 0);
	CHECK(inside_link("lo") && inside_link("lo")->immovable);
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_DELETE), 0);
}

TEST(a_link_is_made_inside_with_its_parent_outside)
{
	const struct netstack_link *parent, *link;
	struct netstack_op *op;

	CHECK_INT(do_netns(NETSTACK_OP_NETNS_CREATE), 0);
	live_run("ip link add e0 type veth peer name e1");
	live_pump(20);
	parent = netstack_link_by_name(obs, "e0");
	op = add(NETSTACK_OP_LINK_CREATE, "vmk0");
	strlcpy(op->kind, "macvlan", sizeof(op->kind));
	strlcpy(op->alias, "netstack blue", sizeof(op->alias));
	op->parent = parent->ifindex;
	op->inside = true;
	CHECK_INT(go(), 0);
	link = inside_link("vmk0");
	CHECK(link && netstack_link_is_ours(link));
	CHECK(netstack_link_parent(netstack_kernel_inside(stack), obs, link) == parent);
	CHECK(!netstack_link_by_name(obs, "vmk0"));
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_DELETE), 0);
	live_run("ip link del e0");
	live_pump(20);
}

TEST(settings_inside_are_those_of_the_namespace)
{
	struct netstack_op *op;

	CHECK_INT(do_netns(NETSTACK_OP_NETNS_CREATE), 0);
	live_run("ip netns exec blue sysctl -qw net.ipv4.ip_forward=0");
	live_pump(20);
	CHECK(!netstack_kernel_inside(stack)->forwarding_ipv4);
	op = add(NETSTACK_OP_FORWARDING, "");
	op->inside = true;
	op->family = AF_INET;
	op->enable = true;
	CHECK_INT(go(), 0);
	CHECK(netstack_kernel_inside(stack)->forwarding_ipv4);
	op = add(NETSTACK_OP_IPV6, "lo");
	op->inside = true;
	op->ifindex = 1;
	CHECK_INT(go(), 0);
	CHECK(inside_link("lo") && inside_link("lo")->ipv6_disabled);
	CHECK_INT(live_run("sysctl -n net.ipv6.conf.lo.disable_ipv6 | grep -qx 0"), 0);
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_DELETE), 0);
}

static const struct netstack_fib_route *inside_route(const char *text)
{
	const struct netstack_fib_table *fib =
		netstack_fib_table_find(netstack_kernel_inside(stack), RT_TABLE_MAIN);
	struct netstack_prefix prefix;

	assert(fib && netstack_prefix_parse(&prefix, text));
	return netstack_fib_route_first(fib, &prefix);
}

TEST(routes_of_both_families_are_read_again)
{
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_CREATE), 0);
	live_run("ip -n blue link add v0 type veth peer name v1");
	live_run("ip -n blue link set v0 up; ip -n blue link set v1 up");
	live_run("ip -n blue route add 192.0.2.0/24 dev v0");
	live_run("ip -n blue route add 198.51.100.0/24 dev v1");
	live_run("ip -n blue route add 2001:db8:1::/64 dev v0");
	live_run("ip -n blue route add 2001:db8:2::/64 dev v1");
	live_pump(20);
	CHECK(inside_route("192.0.2.0/24") && inside_route("198.51.100.0/24"));
	/* of the IPv4 route that goes with this the kernel says nothing */
	live_run("ip -n blue link set v1 down");
	for (unsigned int i = 0; i < 500 && inside_route("198.51.100.0/24"); i++)
		live_pump(10);
	CHECK(!inside_route("198.51.100.0/24") && !inside_route("2001:db8:2::/64"));
	CHECK(inside_route("192.0.2.0/24") && inside_route("2001:db8:1::/64"));
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_DELETE), 0);
}

/* --- two namespaces -------------------------------------------------------------------------- */

static struct netstack *stacks[2];
static unsigned int open_before_deletion; /* descriptors */
static bool gone_on;

static void went_on(void)
{
	gone_on = true;
}

static struct netstack_op *add_for(struct netstack *of, enum netstack_op_type type)
{
	struct netstack_op *op = netstack_ops_add(&ops, type, of);

	strlcpy(op->name, of->name, sizeof(op->name));
	return op;
}

static void add_deletion(struct netstack *of, const char *ifname)
{
	struct netstack_op *op = add_for(of, NETSTACK_OP_LINK_DELETE);

	op->inside = true;
	op->ifindex = netstack_link_by_name(netstack_kernel_inside(of), ifname)->ifindex;
}

/* In each of two namespaces a pair of links is deleted by both of its ends, and then the namespace. */
static bool start_deletion(void)
{
	gone_on = false;
	stacks[0] = stack;
	stacks[1] = netstack_find("red") ? netstack_find("red") : netstack_add("red");
	for (size_t i = 0; i < array_size(stacks); i++) {
		add_for(stacks[i], NETSTACK_OP_NETNS_CREATE);
		if (go())
			return false;
		live_run("ip -n %s link add v0 type veth peer name v1", stacks[i]->name);
	}
	live_pump(100);
	for (size_t i = 0; i < array_size(stacks); i++) {
		add_deletion(stacks[i], "v0");
		add_deletion(stacks[i], "v1");
	}
	for (size_t i = 0; i < array_size(stacks); i++)
		add_for(stacks[i], NETSTACK_OP_NETNS_DELETE);
	open_before_deletion = descriptors();
	return !netstack_kernel_execute_and_go_on(ops.op, ops.count, went_on);
}

static void check_deleted(void)
{
	CHECK_INT(live_failures(&ops), 0);
	netstack_ops_fini(&ops);
	CHECK_INT(live_run("ip netns list | grep ."), 1);
	CHECK_INT(netstack_kernel_namespaces(), 0);
}

TEST(links_of_two_namespaces_are_deleted_at_the_same_time)
{
	unsigned int before = descriptors(), waiting;

	CHECK(start_deletion());
	waiting = descriptors();
	CHECK(netstack_kernel_inside(stacks[0]) && netstack_kernel_inside(stacks[1]));
	for (unsigned int i = 0; i < 500 && !gone_on; i++)
		live_pump(10);
	CHECK(gone_on);
	check_deleted();
	CHECK_INT(descriptors(), before);
	/* the socket of each of the two threads, and what tells of its end */
	CHECK_INT(waiting, open_before_deletion + 2 * 2);
}

TEST(what_is_under_way_in_two_namespaces_can_be_finished)
{
	CHECK(start_deletion());
	netstack_kernel_finish();
	check_deleted();
	live_pump(50);
	CHECK(!gone_on);
}

TEST(the_stack_that_a_namespace_was_made_for_is_known)
{
	char owner[NETSTACK_NAME_MAX + 1] = "";

	CHECK_INT(do_netns(NETSTACK_OP_NETNS_CREATE), 0);
	CHECK(netstack_kernel_netns_owner("blue", owner, sizeof(owner)));
	CHECK_STR(owner, "blue");
	live_run("ip -n blue link set lo alias foreign");
	CHECK(!netstack_kernel_netns_owner("blue", owner, sizeof(owner)));
	CHECK(!netstack_kernel_netns_owner("absent", owner, sizeof(owner)));
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_DELETE), 0);
}

TEST(a_thousand_cycles_leave_no_descriptor)
{
	unsigned int before, failed = 0;
	struct timeval begin;

	before = descriptors();
	monotime(&begin);
	for (unsigned int i = 0; i < 1000; i++) {
		failed += do_netns(NETSTACK_OP_NETNS_CREATE) != 0;
		failed += do_netns(NETSTACK_OP_NETNS_DELETE) != 0;
	}
	printf("# %" PRId64 " ms\n", monotime_since(&begin, NULL) / 1000);
	CHECK_INT(failed, 0);
	CHECK_INT(descriptors(), before);
	CHECK_INT(netstack_kernel_namespaces(), 0);
}

TEST(what_zebra_has_no_descriptors_for_is_not_made)
{
	struct rlimit limit, low;

	getrlimit(RLIMIT_NOFILE, &limit);
	low = limit;
	low.rlim_cur = 103;
	setrlimit(RLIMIT_NOFILE, &low);
	CHECK_INT(do_netns(NETSTACK_OP_NETNS_CREATE), EMFILE);
	CHECK_INT(netstack_kernel_look(stack, "blue"), NETSTACK_NETNS_ABSENT);
	setrlimit(RLIMIT_NOFILE, &limit);
}
