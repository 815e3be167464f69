// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The planner of stacks that are network namespaces, with a kernel that is played here.
 */

#include <zebra.h>

#include <linux/rtnetlink.h>

#include "netstackd/netstack.h"
#include "netstackd/netstack_plan.h"
#include "netstackd/netstack_test.h"

static struct netstack_observed *outside, *inside;
static struct netstack_members_head members;
static struct netstack_facts facts;
static struct netstack_ops ops;
static struct netstack *stack;
static int last_ifindex;

static const struct netstack_desired_hooks no_hooks;

static void setup(void)
{
	struct netstack_member *member;

	while ((member = netstack_members_pop(&members)))
		free(member);
	if (stack)
		netstack_desired_terminate();
	if (outside)
		netstack_observed_free(outside);
	if (inside)
		netstack_observed_free(inside);
	netstack_ops_fini(&ops);
	outside = netstack_observed_new();
	inside = netstack_observed_new();
	netstack_observed_watch_table(inside, RT_TABLE_MAIN)->synced = true;
	netstack_desired_init(&no_hooks);
	stack = netstack_add("blue");
	facts = (struct netstack_facts){
		.backend = NETSTACK_BACKEND_NETNS,
		.members = &members,
		.outside = outside,
		.vrf_known = true,
	};
	last_ifindex = 0;
}

static void record(const char *name)
{
	struct netstack_member *member = calloc(1, sizeof(*member));

	strlcpy(member->name, name, sizeof(member->name));
	netstack_members_add(&members, member);
}

static struct netstack_link *add_link(struct netstack_observed *obs, const char *name,
				      const char *kind, bool ours)
{
	struct netstack_link *link = netstack_observed_link_add(obs, ++last_ifindex, name);

	strlcpy(link->kind, kind, sizeof(link->kind));
	if (ours)
		netstack_observed_link_set_alias(link, NETSTACK_ALIAS_PREFIX "blue");
	link->flags = IFF_UP | IFF_RUNNING;
	link->mtu = 1500;
	return link;
}

/* The namespace is there and open, with lo alone. */
static void add_namespace(bool ours)
{
	struct netstack_link *lo = add_link(inside, "lo", "", ours);

	lo->flags |= IFF_LOOPBACK;
	facts.inside = inside;
	facts.inside_name = "blue";
	facts.named = NETSTACK_NETNS_SAME;
	if (ours)
		record(NETSTACK_MEMBER_NETNS);
}

static struct netstack_prefix prefix_of(const char *text)
{
	struct netstack_prefix prefix;

	assert(netstack_prefix_parse(&prefix, text));
	return prefix;
}

static void add_address(struct netstack_link *link, const char *text, uint8_t proto)
{
	struct netstack_prefix prefix = prefix_of(text);

	netstack_observed_address_add(link, &prefix)->proto = proto;
}

/* The plan in words, one operation a line; those inside the namespace with a mark. */
static const char *planned(void)
{
	static char text[2048];
	char line[128];

	ops.count = 0;
	netstack_plan(stack, &facts, &ops);
	text[0] = '\0';
	for (size_t i = 0; i < ops.count; i++) {
		if (ops.op[i].inside)
			strlcat(text, "> ", sizeof(text));
		strlcat(text, netstack_op_describe(&ops.op[i], line, sizeof(line)), sizeof(text));
		strlcat(text, "\n", sizeof(text));
	}
	return text;
}

TEST(a_namespace_is_made_opened_or_given_its_name_back)
{
	setup();
	facts.named = NETSTACK_NETNS_ABSENT;
	CHECK_STR(planned(), "create namespace blue\n");
	facts.vrf_lingers = true; /* zebra has the former one still */
	CHECK_STR(planned(), "");
	facts.vrf_lingers = false;
	facts.named = NETSTACK_NETNS_OTHER;
	CHECK_STR(planned(), "look into namespace blue\n");
	facts.named = NETSTACK_NETNS_NONE; /* a file that is no namespace */
	CHECK_STR(planned(), "");
	add_namespace(true);
	CHECK_STR(planned(), "");
	facts.named = NETSTACK_NETNS_ABSENT;
	CHECK_STR(planned(), "give namespace blue its name back\n");
}

TEST(forwarding_follows_the_router_and_lo_the_stack)
{
	setup();
	add_namespace(true);
	outside->forwarding_ipv4 = outside->forwarding_ipv6 = true;
	CHECK_STR(planned(), "> switch IPv4 forwarding on\n> switch IPv6 forwarding on\n");
	outside->forwarding_ipv4 = outside->forwarding_ipv6 = false;
	netstack_set_shutdown(stack, true);
	CHECK_STR(planned(), "> take lo down\n");
	netstack_set_shutdown(stack, false);
	netstack_link_by_name(inside, "lo")->flags &= ~IFF_UP;
	CHECK_STR(planned(), "> bring lo up\n");
	netstack_set_ipv6_disable(stack, true);
	CHECK_STR(planned(), "> disable IPv6 on lo\n> bring lo up\n");
}

TEST(an_interface_comes_in_and_gets_its_addresses_there)
{
	struct netstack_if *nif;
	struct netstack_prefix prefix = prefix_of("10.0.0.1/24");
	struct netstack_link *link;

	setup();
	add_namespace(true);
	nif = netstack_if_add(stack, "eth1");
	netstack_if_add_address(nif, &prefix);
	CHECK_STR(planned(), "");
	link = add_link(outside, "eth1", "", false);
	CHECK_STR(planned(), "move eth1 into the stack\n");
	link->master = 77; /* a port of a bridge that is not observed */
	CHECK_STR(planned(), "");
	link->master = 0;
	netstack_observed_link_del(outside, link);
	link = add_link(inside, "eth1", "", false);
	link->flags = 0;
	CHECK_STR(planned(), "> bring eth1 up\n> add address 10.0.0.1/24 to eth1\n");
}

TEST(a_link_of_ours_is_made_inside_with_its_parent_outside)
{
	struct netstack_if *nif;
	struct netstack_link *parent, *link;

	setup();
	add_namespace(true);
	nif = netstack_if_add(stack, "vmk1");
	netstack_if_set_link(nif, NETSTACK_LINK_VLAN, "trunk", 10);
	CHECK_STR(planned(), "");
	parent = add_link(outside, "trunk", "", false);
	CHECK_STR(planned(), "> create vmk1, VLAN 10\n");
	CHECK_INT(ops.op[0].parent, parent->ifindex);

	/* the parent's index means something outside only */
	link = add_link(inside, "vmk1", "vlan", true);
	record("vmk1");
	link->vlan_id = 10;
	link->parent = parent->ifindex;
	link->parent_elsewhere = true;
	CHECK_STR(planned(), "");
	link->parent_elsewhere = false;
	CHECK_STR(planned(), "> delete vmk1\n");
	link->parent_elsewhere = true;
	link->vlan_id = 11;
	CHECK_STR(planned(), "> delete vmk1\n");

	/* what the router had as a VRF device's VLAN moves in as it is */
	netstack_observed_link_del(inside, link);
	link = add_link(outside, "vmk1", "vlan", true);
	link->vlan_id = 10;
	link->parent = parent->ifindex;
	CHECK_STR(planned(), "move vmk1 into the stack\n");
}

TEST(what_the_stack_does_not_have_any_more_goes_or_goes_back)
{
	struct netstack_link *link;

	setup();
	add_namespace(true);
	add_link(inside, "vmk1", "vlan", true);
	record("vmk1");
	link = add_link(inside, "eth1", "", false);
	record("eth1");
	add_address(link, "10.0.0.1/24", NETSTACK_PROTO);
	add_address(link, "10.0.1.1/24", 0);
	add_link(inside, "guest0", "veth", false); /* somebody else put it there */
	CHECK_STR(planned(), "> delete address 10.0.0.1/24 from eth1\n"
			     "> move eth1 out of the stack\n"
			     "> delete vmk1\n");
}

TEST(what_another_stack_is_to_have_leaves)
{
	struct netstack *other;

	setup();
	add_namespace(true);
	other = netstack_add("other");
	netstack_if_add(other, "eth1");
	netstack_if_add(other, "mac1");
	add_link(inside, "eth1", "veth", false);
	add_link(inside, "mac1", "macvlan", true);
	add_link(inside, "eth2", "veth", false);
	CHECK_STR(planned(), "> delete mac1\n"
			     "> move eth1 out of the stack\n");
}

TEST(a_removed_stack_empties_its_namespace_first)
{
	struct netstack_link *link;

	setup();
	add_namespace(true);
	link = add_link(inside, "guest0", "veth", false); /* it would be deleted with it */
	netstack_remove(stack);
	CHECK_STR(planned(), "> move guest0 out of the stack\n");
	link->immovable = true;
	CHECK_STR(planned(), "delete namespace blue\n");
	facts.links_linger = true; /* in zebra */
	CHECK_STR(planned(), "");
}

TEST(a_namespace_of_somebody_else_is_taken_over_if_nothing_differs)
{
	struct netstack_if *nif;
	struct netstack_prefix prefix = prefix_of("10.0.0.1/24");
	struct netstack_link *link;
	char reason[64] = "";

	setup();
	add_namespace(false);
	CHECK_STR(planned(), "take over namespace blue\n");
	link = add_link(inside, "eth1", "", false);
	CHECK_STR(planned(), "");
	CHECK(netstack_netns_conflict(stack, inside, reason, sizeof(reason)));
	CHECK_STR(reason, "interface eth1");
	nif = netstack_if_add(stack, "eth1");
	CHECK_STR(planned(), "take over namespace blue\n");
	add_address(link, "10.0.0.1/24", 0);
	CHECK(netstack_netns_conflict(stack, inside, reason, sizeof(reason)));
	CHECK_STR(reason, "address 10.0.0.1/24 on eth1");
	netstack_if_add_address(nif, &prefix);
	CHECK_STR(planned(), "take over namespace blue\n");
	/* ours was another one of this name */
	record(NETSTACK_MEMBER_NETNS);
	CHECK_STR(planned(), "take over namespace blue\n");
	record(NETSTACK_MEMBER_ADOPTED);
	CHECK_STR(planned(), "");

	/* it stays when the stack goes, with what is not the stack's */
	record("eth1");
	add_link(inside, "guest0", "veth", false);
	netstack_remove(stack);
	CHECK_STR(planned(), "> move eth1 out of the stack\n");
	netstack_observed_link_del(inside, link);
	CHECK_STR(planned(), "let go of namespace blue\n");
}

TEST(a_namespace_that_was_not_taken_over_may_go)
{
	setup();
	add_namespace(false);
	add_link(inside, "eth1", "veth", false);
	CHECK_STR(planned(), "");
	facts.named = NETSTACK_NETNS_ABSENT;
	CHECK_STR(planned(), "let go of namespace blue\n");
	record(NETSTACK_MEMBER_ADOPTED);
	CHECK_STR(planned(), "give namespace blue its name back\n");
}

TEST(routes_of_somebody_else_differ_too)
{
	struct netstack_fib_route *route;
	char reason[64] = "";

	setup();
	add_namespace(false);
	for (int proto = 0; proto < 2; proto++) {
		route = netstack_fib_route_new(0);
		route->prefix = prefix_of("10.9.0.0/16");
		route->metric = proto;
		route->proto = proto ? RTPROT_STATIC : RTPROT_KERNEL;
		netstack_observed_route_add(netstack_fib_table_find(inside, RT_TABLE_MAIN), route);
		CHECK(netstack_netns_conflict(stack, inside, reason, sizeof(reason)) ==
		      (proto == 1));
	}
	CHECK_STR(reason, "route 10.9.0.0/16");
}

TEST(another_name_means_another_namespace)
{
	setup();
	add_namespace(true);
	netstack_set_vrf(stack, "red");
	CHECK(netstack_is_renamed(stack, facts.inside_name));
	CHECK_STR(planned(), "delete namespace blue\n");
}

TEST(a_name_that_was_given_to_something_else_is_left)
{
	setup();
	add_namespace(true);
	facts.named = NETSTACK_NETNS_OTHER;
	add_link(inside, "eth1", "", false);
	CHECK_STR(planned(), "> move eth1 out of the stack\n");
	netstack_observed_link_del(inside, netstack_link_by_name(inside, "eth1"));
	CHECK_STR(planned(), "let go of namespace blue\n");
}

TEST(what_the_stack_was_on_the_other_backend_goes_first)
{
	struct netstack_link *vrf, *link;

	/* a VRF device, on a router of namespaces */
	setup();
	vrf = add_link(outside, "blue", "vrf", true);
	netstack_observed_link_set_vrf_table(outside, vrf, 1001);
	record("blue");
	link = add_link(outside, "eth1", "", false);
	netstack_observed_link_set_master(outside, link, vrf->ifindex);
	CHECK_STR(planned(), "release eth1 from the VRF\ndelete blue\n");
	/* what we put on a member goes if the stack is not to have it any more */
	record("eth1");
	add_address(link, "10.0.0.1/24", NETSTACK_PROTO);
	add_address(link, "10.0.1.1/24", 0);
	CHECK_STR(planned(), "delete address 10.0.0.1/24 from eth1\n"
			     "release eth1 from the VRF\ndelete blue\n");
	netstack_if_add(stack, "eth1");
	CHECK_STR(planned(), "release eth1 from the VRF\ndelete blue\n");

	/* a namespace, on a router of VRF devices */
	setup();
	add_namespace(true);
	facts.backend = NETSTACK_BACKEND_VRF;
	stack->table = 1001;
	link = add_link(inside, "eth1", "", false);
	add_address(link, "10.0.0.1/24", NETSTACK_PROTO);
	CHECK_STR(planned(), "> delete address 10.0.0.1/24 from eth1\n"
			     "> move eth1 out of the stack\n");
	/* what the stack is to have comes along, with what we set */
	netstack_if_add(stack, "eth1");
	CHECK_STR(planned(), "> move eth1 out of the stack\n");
	netstack_observed_link_del(inside, link);
	/* and ours only if it is as it is to be */
	link = add_link(inside, "dummy0", "dummy", true);
	CHECK_STR(planned(), "> delete dummy0\n");
	netstack_if_set_link(netstack_if_add(stack, "dummy0"), NETSTACK_LINK_DUMMY, "", 0);
	CHECK_STR(planned(), "> move dummy0 out of the stack\n");
	netstack_observed_link_del(inside, link);
	add_link(inside, "dummy0", "macvlan", true);
	CHECK_STR(planned(), "> delete dummy0\n");
	netstack_observed_link_del(inside, netstack_link_by_name(inside, "dummy0"));
	CHECK_STR(planned(), "delete namespace blue\n");
	facts.inside = NULL;
	facts.inside_name = NULL;
	CHECK_STR(planned(), "create VRF blue, table 1001\n");
}
