// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The northbound: a transaction of the model becomes desired data, or is refused as a whole.  And
 * netstack_cli_commit(), which commits what one command changes, against the northbound's own way.
 */

#include <zebra.h>

#include "buffer.h"
#include "command.h"
#include "filter.h"
#include "frrevent.h"
#include "log.h"
#include "memory.h"
#include "northbound.h"
#include "northbound_cli.h"
#include "plist.h"
#include "privs.h"
#include "vty.h"
#include "yang.h"

#include "lib/debug.h"
#include "lib/zlog.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_candidate.h"
#include "netstackd/netstack_cli.h"
#include "netstackd/netstack_cli_scope.h"
#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_nb.h"
#include "netstackd/netstack_nodes.h"
#include "netstackd/netstack_slice.h"
#include "netstackd/netstack_test.h"
#include "netstackd/netstack_tree.h"
#include "netstackd/netstack_validate.h"

/* those of netstack_main.c */
struct event_loop *master;
struct zebra_privs_t netstack_privs;

static struct nb_config *candidate;
static char errmsg[BUFSIZ];

/* As the daemon has it, but read from the file. */
static void embed_model(void)
{
	static struct yang_module_embed embed = {
		.mod_name = "frr-netstack",
		.format = LYS_IN_YANG,
	};
	static char model[1 << 16];
	const char *top = getenv("top_srcdir");
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/yang/frr-netstack.yang", top ?: ".");
	file = fopen(path, "r");
	assertf(file, "%s: %s", path, strerror(errno));
	model[fread(model, 1, sizeof(model) - 1, file)] = '\0';
	fclose(file);
	embed.data = model;
	yang_module_embed(&embed);
}

static void begin(void)
{
	static const struct frr_yang_module_info *const modules[] = { &frr_netstack_info,
								      &frr_filter_info };

	if (!master) {
		zlog_aux_init("", ZLOG_DISABLED);
		embed_model();
		master = event_master_create(NULL);
		cmd_init(1);
		debug_init();
		nb_init(master, modules, array_size(modules), false, false);
		prefix_list_init();
		netstack_cli_init();
	}
	netstack_desired_init(NULL);
	netstack_validate_init(NULL);
	candidate = nb_config_dup(running_config);
}

static int commit(void)
{
	struct nb_context context = { .client = NB_CLIENT_NONE };
	int ret;

	errmsg[0] = '\0';
	netstack_candidate_separate();
	ret = nb_candidate_commit(context, candidate, false, NULL, NULL, errmsg, sizeof(errmsg));
	if (ret != NB_OK)
		nb_config_replace(candidate, running_config, true);
	return ret;
}

static void edit(const char *path, enum nb_operation operation, const char *value)
{
	char xpath[XPATH_MAXLEN];
	struct yang_data *data;
	int ret;

	netstack_candidate_separate();
	snprintf(xpath, sizeof(xpath), "/frr-netstack:netstack/%s", path);
	data = yang_data_new(xpath, value);
	ret = nb_candidate_edit(candidate, nb_node_find(xpath), operation, xpath, NULL, data);
	yang_data_free(data);
	assertf(ret == NB_OK, "%s: %d", xpath, ret);
}

static void set(const char *path, const char *value)
{
	edit(path, NB_OP_MODIFY, value);
}

static void destroy(const char *path)
{
	edit(path, NB_OP_DESTROY, NULL);
}

static void end(void)
{
	destroy("stack[name='a']");
	destroy("stack[name='b']");
	destroy("stack[name='default']");
	set("global/table-range/lower", "1001");
	set("global/table-range/upper", "4294967295");
	commit();
	nb_config_free(candidate);
	netstack_slice_terminate();
	netstack_tree_terminate();
	netstack_validate_terminate();
	netstack_desired_terminate();
}

#define COMMITS CHECK_INT(commit(), NB_OK)
/* The whole transaction is refused, and these words are in the reason. */
#define REFUSES(words)                                                                             \
	do {                                                                                       \
		CHECK_INT(commit(), NB_ERR_VALIDATION);                                            \
		if (!strstr(errmsg, words))                                                        \
			TEST_FAIL("'%s' does not say '%s'", errmsg, words);                        \
	} while (0)

#define IF "stack[name='a']/interface[name='vmk1']"

TEST(a_loopback_address_is_for_a_dummy)
{
	begin();
	set(IF "/address", "127.0.0.1/8");
	REFUSES("127.0.0.1/8 is a loopback address");
	set(IF "/address", "127.0.0.1/8");
	set(IF "/link/kind", "dummy");
	COMMITS;
	set(IF "/link/kind", "macvlan");
	set(IF "/link/parent", "eth0");
	REFUSES("127.0.0.1/8 is a loopback address");
	end();
}

TEST(a_transaction_becomes_desired_data)
{
	struct netstack *stack;
	struct netstack_if *nif;
	struct netstack_route *route;

	begin();
	set("stack[name='a']/vrf", "blue");
	set("stack[name='a']/table", "1500");
	set("stack[name='a']/description", "words");
	set("stack[name='a']/shutdown", "true");
	set("stack[name='a']/ipv6-disable", "true");
	set(IF "/link/kind", "vlan");
	set(IF "/link/vlan-id", "10");
	set(IF "/link/parent", "eth0");
	set(IF "/mac", "02:00:00:00:00:AA");
	set(IF "/mtu", "9000");
	set(IF "/address", "10.0.0.1/24");
	set(IF "/address", "2001:db8::1/64");
	set(IF "/shutdown", "true");
	set("stack[name='a']/default-gateway[address='10.0.0.254'][interface='']/distance", "5");
	set("stack[name='a']/route[prefix='10.1.0.0/16'][next-hop='blackhole'][interface='']",
	    NULL);
	set("stack[name='a']/neighbor[interface='vmk1'][address='10.0.0.7']/mac",
	    "02:00:00:00:00:07");
	COMMITS;

	stack = netstack_find("a");
	CHECK(stack && stack->configured && stack->shutdown && stack->ipv6_disable);
	CHECK_STR(netstack_vrf_name(stack), "blue");
	CHECK_STR(stack->description, "words");
	CHECK_INT(stack->table_config, 1500);
	nif = netstack_if_find(stack, "vmk1");
	CHECK(nif && nif->shutdown && nif->has_mac);
	CHECK_INT(nif->kind, NETSTACK_LINK_VLAN);
	CHECK_INT(nif->vlan_id, 10);
	CHECK_STR(nif->parent, "eth0");
	CHECK_INT(nif->mac.octet[5], 0xaa);
	CHECK_INT(nif->mtu, 9000);
	CHECK_INT(netstack_addresses_count(&nif->addresses), 2);
	CHECK_INT(netstack_routes_count(&stack->routes), 2);
	route = netstack_routes_first(&stack->routes);
	CHECK(route->is_gateway);
	CHECK_INT(route->prefix.family, AF_INET);
	CHECK_INT(route->prefix.prefixlen, 0);
	CHECK_INT(route->distance, 5);
	route = netstack_routes_next(&stack->routes, route);
	CHECK_INT(route->type, NETSTACK_NEXTHOP_BLACKHOLE);
	CHECK_INT(route->distance, 1);
	CHECK_INT(netstack_neighbors_first(&stack->neighbors)->mac.octet[5], 7);
	end();
}

#define ROUTES_LIMIT	"stack[name='a']/limit/routes"
#define NEIGHBORS_LIMIT "stack[name='a']/limit/neighbors"

TEST(limits_are_set_changed_and_removed)
{
	struct netstack *stack;
	const struct netstack_limit *routes, *neighbors;

	begin();
	set(ROUTES_LIMIT "/maximum", "100");
	set(NEIGHBORS_LIMIT "/maximum", "4294967295");
	set(NEIGHBORS_LIMIT "/warning-only", "true");
	COMMITS;
	stack = netstack_find("a");
	routes = &stack->limits[NETSTACK_LIMIT_ROUTES];
	neighbors = &stack->limits[NETSTACK_LIMIT_NEIGHBORS];
	CHECK_INT(routes->max, 100);
	CHECK(!routes->warning_only);
	CHECK_INT(neighbors->max, UINT32_MAX);
	CHECK(neighbors->warning_only);

	set(ROUTES_LIMIT "/maximum", "50");
	set(NEIGHBORS_LIMIT "/warning-only", "false");
	COMMITS;
	CHECK_INT(routes->max, 50);
	CHECK_INT(neighbors->max, UINT32_MAX);
	CHECK(!neighbors->warning_only);

	destroy(ROUTES_LIMIT);
	COMMITS;
	CHECK_INT(routes->max, 0);
	CHECK_INT(neighbors->max, UINT32_MAX);

	set("stack[name='default']/limit/neighbors/maximum", "7");
	destroy("stack[name='a']");
	COMMITS;
	CHECK_INT(neighbors->max, 0);
	CHECK_INT(netstack_find("default")->limits[NETSTACK_LIMIT_NEIGHBORS].max, 7);
	end();
}

static char notified[512]; /* "XPATH=VALUE XPATH=VALUE " */

static int on_notification(const char *xpath, struct list *arguments)
{
	struct yang_data *data;
	struct listnode *node;

	for (ALL_LIST_ELEMENTS_RO (arguments, node, data)) {
		strlcat(notified, data->xpath + strlen("/frr-netstack:"), sizeof(notified));
		strlcat(notified, "=", sizeof(notified));
		strlcat(notified, data->value, sizeof(notified));
		strlcat(notified, " ", sizeof(notified));
	}
	return 0;
}

/* libfrr makes a tree of it for other hooks only if the model has it so. */
static struct lyd_node *notification_tree;

static int on_notification_tree(const char *xpath, const struct lyd_node *tree)
{
	lyd_free_all(notification_tree);
	lyd_dup_single(tree, NULL, LYD_DUP_RECURSIVE, &notification_tree);
	return 0;
}

TEST(a_limit_that_is_reached_is_notified)
{
	begin();
	hook_register(nb_notification_send, on_notification);
	hook_register(nb_notification_tree_send, on_notification_tree);
	set(ROUTES_LIMIT "/maximum", "100");
	set(ROUTES_LIMIT "/warning-only", "true");
	COMMITS;
	netstack_nb_notify_limit(netstack_find("a"), NETSTACK_LIMIT_ROUTES, "limit-reached", 120,
				 "further ones wait");
	CHECK_STR(notified, "limit-reached/netstack=a limit-reached/limit=routes"
			    " limit-reached/maximum=100 limit-reached/use=120"
			    " limit-reached/warning-only=true"
			    " limit-reached/reason=further ones wait ");
	CHECK(notification_tree);
	CHECK_STR(notification_tree->schema->name, "limit-reached");
	netstack_nb_notify_limit(netstack_find("a"), NETSTACK_LIMIT_NEIGHBORS, "limit-cleared", 1,
				 "it has 1");
	CHECK_STR(notification_tree->schema->name, "limit-cleared");
	lyd_free_all(notification_tree);
	notification_tree = NULL;
	hook_unregister(nb_notification_send, on_notification);
	hook_unregister(nb_notification_tree_send, on_notification_tree);
	end();
}

#define GATEWAY "stack[name='a']/default-gateway[address='10.0.0.254'][interface='']"
#define ROUTE	"stack[name='a']/route[prefix='10.1.0.0/16'][next-hop='10.0.0.9'][interface='']"

TEST(a_next_hop_is_tracked_as_configured)
{
	const struct netstack_route *gateway, *route;
	struct netstack *stack;

	begin();
	set(GATEWAY "/track/kind", "icmp");
	set(ROUTE "/track/kind", "bfd");
	set(ROUTE "/track/profile", "wan");
	COMMITS;
	stack = netstack_find("a");
	gateway = netstack_routes_first(&stack->routes);
	route = netstack_routes_next(&stack->routes, (struct netstack_route *)gateway);
	CHECK_INT(gateway->track->kind, NETSTACK_TRACK_ICMP);
	CHECK_INT(gateway->track->interval, NETSTACK_TRACK_INTERVAL);
	CHECK_INT(gateway->track->multiplier, NETSTACK_TRACK_MULTIPLIER);
	CHECK_INT(gateway->track->hold_down, NETSTACK_TRACK_HOLD_DOWN);
	CHECK_INT(route->track->kind, NETSTACK_TRACK_BFD);
	CHECK_STR(route->track->profile, "wan");

	set(GATEWAY "/track/interval", "200");
	set(GATEWAY "/track/multiplier", "5");
	set(GATEWAY "/track/hold-down", "60");
	destroy(ROUTE "/track/profile");
	COMMITS;
	CHECK_INT(gateway->track->interval, 200);
	CHECK_INT(gateway->track->multiplier, 5);
	CHECK_INT(gateway->track->hold_down, 60);
	CHECK_STR(route->track->profile, "");
	CHECK_INT(route->track->kind, NETSTACK_TRACK_BFD);

	set(GATEWAY "/track/kind", "arp");
	destroy(GATEWAY "/track/hold-down");
	destroy(ROUTE "/track");
	COMMITS;
	CHECK_INT(gateway->track->kind, NETSTACK_TRACK_ARP);
	CHECK_INT(gateway->track->interval, 0);
	CHECK_INT(gateway->track->hold_down, NETSTACK_TRACK_HOLD_DOWN);
	CHECK(!route->track);
	end();
}

TEST(a_gateway_that_fails_is_notified)
{
	struct ipaddr gate;

	begin();
	str2ipaddr("fe80::1", &gate);
	notified[0] = '\0';
	hook_register(nb_notification_send, on_notification);
	hook_register(nb_notification_tree_send, on_notification_tree);
	netstack_nb_notify_gateway(netstack_find("default"), &gate, "eth0", NETSTACK_TRACK_ARP,
				   false, "no answer to ND");
	CHECK_STR(notified, "gateway-down/netstack=default gateway-down/gateway=fe80::1"
			    " gateway-down/interface=eth0 gateway-down/track=arp"
			    " gateway-down/reason=no answer to ND ");
	CHECK(notification_tree);
	CHECK_STR(notification_tree->schema->name, "gateway-down");
	notified[0] = '\0';
	netstack_nb_notify_gateway(netstack_find("default"), &gate, "", NETSTACK_TRACK_ICMP, true,
				   "it has answered for 3 s");
	CHECK_STR(notification_tree->schema->name, "gateway-up");
	CHECK_STR(notified, "gateway-up/netstack=default gateway-up/gateway=fe80::1"
			    " gateway-up/interface= gateway-up/track=icmp"
			    " gateway-up/reason=it has answered for 3 s ");
	notified[0] = '\0';
	netstack_nb_notify_gateway(netstack_find("default"), &gate, "eth0", NETSTACK_TRACK_NONE,
				   false, "interface eth0 is down");
	CHECK_STR(notified,
		  "gateway-down/netstack=default gateway-down/gateway=fe80::1"
		  " gateway-down/interface=eth0 gateway-down/reason=interface eth0 is down ");
	lyd_free_all(notification_tree);
	notification_tree = NULL;
	hook_unregister(nb_notification_send, on_notification);
	hook_unregister(nb_notification_tree_send, on_notification_tree);
	end();
}

TEST(what_is_no_next_hop_is_not_tracked)
{
	begin();
	set("stack[name='a']/route[prefix='10.1.0.0/16'][next-hop='blackhole'][interface='']"
	    "/track/kind",
	    "arp");
	REFUSES("no next hop to track");
	end();
}

TEST(what_is_destroyed_is_gone)
{
	struct netstack *stack;
	struct netstack_if *nif;

	begin();
	set("stack[name='a']/vrf", "blue");
	set("stack[name='a']/table", "1500");
	set("stack[name='a']/description", "words");
	set(IF "/link/kind", "macvlan");
	set(IF "/link/parent", "eth0");
	set(IF "/mac", "02:00:00:00:00:aa");
	set(IF "/mtu", "9000");
	set(IF "/address", "10.0.0.1/24");
	set("stack[name='a']/default-gateway[address='10.0.0.254'][interface='vmk1']", NULL);
	set("stack[name='a']/route[prefix='10.1.0.0/16'][next-hop='10.0.0.9'][interface='']", NULL);
	set("stack[name='a']/neighbor[interface='vmk1'][address='10.0.0.7']/mac",
	    "02:00:00:00:00:07");
	COMMITS;
	stack = netstack_find("a");
	nif = netstack_if_find(stack, "vmk1");

	destroy("stack[name='a']/vrf");
	destroy("stack[name='a']/table");
	destroy("stack[name='a']/description");
	destroy(IF "/link");
	destroy(IF "/mac");
	destroy(IF "/mtu");
	destroy(IF "/address[.='10.0.0.1/24']");
	destroy("stack[name='a']/default-gateway[address='10.0.0.254'][interface='vmk1']");
	destroy("stack[name='a']/route[prefix='10.1.0.0/16'][next-hop='10.0.0.9'][interface='']");
	destroy("stack[name='a']/neighbor[interface='vmk1'][address='10.0.0.7']");
	COMMITS;
	CHECK_STR(netstack_vrf_name(stack), "a");
	CHECK(!stack->table_config && !stack->description);
	CHECK_INT(nif->kind, NETSTACK_LINK_EXISTING);
	CHECK(!nif->has_mac && !nif->mtu);
	CHECK_INT(netstack_addresses_count(&nif->addresses), 0);
	CHECK_INT(netstack_routes_count(&stack->routes), 0);
	CHECK_INT(netstack_neighbors_count(&stack->neighbors), 0);

	set(IF "/address", "10.0.0.1/24");
	COMMITS;
	destroy("stack[name='a']");
	COMMITS;
	CHECK(!netstack_find("a")->configured && !netstack_if_find_any("vmk1"));
	end();
}

TEST(an_interface_moves_in_one_transaction)
{
	begin();
	set(IF "/address", "10.0.0.1/24");
	set("stack[name='b']/description", "words");
	COMMITS;
	destroy(IF);
	set("stack[name='b']/interface[name='vmk1']/mtu", "1400");
	COMMITS;
	CHECK(netstack_if_find(netstack_find("b"), "vmk1"));
	/* and back, the other way round */
	set(IF "/mtu", "1500");
	destroy("stack[name='b']/interface[name='vmk1']");
	COMMITS;
	CHECK(netstack_if_find(netstack_find("a"), "vmk1"));
	end();
}

TEST(vrf_names_are_swapped_in_one_transaction)
{
	begin();
	set("stack[name='a']/vrf", "x");
	set("stack[name='b']/vrf", "y");
	COMMITS;
	set("stack[name='a']/vrf", "y");
	set("stack[name='b']/vrf", "x");
	COMMITS;
	CHECK_STR(netstack_find_vrf("x")->name, "b");
	CHECK_STR(netstack_find_vrf("y")->name, "a");
	end();
}

TEST(a_link_changes_its_kind)
{
	struct netstack_if *nif;

	begin();
	set(IF "/link/kind", "vlan");
	set(IF "/link/vlan-id", "10");
	set(IF "/link/parent", "eth0");
	COMMITS;
	nif = netstack_if_find_any("vmk1");
	set(IF "/link/parent", "eth1");
	COMMITS;
	CHECK_STR(nif->parent, "eth1");
	set(IF "/link/kind", "dummy");
	destroy(IF "/link/vlan-id");
	destroy(IF "/link/parent");
	COMMITS;
	CHECK_INT(nif->kind, NETSTACK_LINK_DUMMY);
	CHECK_INT(nif->vlan_id, 0);
	CHECK_STR(nif->parent, "");
	set(IF "/link/kind", "macvlan");
	REFUSES("parent");
	CHECK_INT(nif->kind, NETSTACK_LINK_DUMMY);
	end();
}

TEST(the_table_range_is_set_and_reset)
{
	begin();
	set("global/table-range/lower", "2000");
	set("global/table-range/upper", "3000");
	COMMITS;
	CHECK_INT(netstack_global.table_first, 2000);
	CHECK_INT(netstack_global.table_last, 3000);
	set("global/table-range/lower", "4000");
	REFUSES("the range ends before it begins");
	set("global/table-range/lower", "253");
	set("global/table-range/upper", "254");
	REFUSES("only tables of the kernel's own");
	CHECK_INT(netstack_global.table_first, 2000);
	end();
}

TEST(a_refused_transaction_changes_nothing)
{
	begin();
	set("stack[name='a']/table", "1500");
	COMMITS;
	set("stack[name='b']/description", "fine");
	set("stack[name='b']/table", "1500");
	REFUSES("table 1500 is used by netstack a");
	CHECK(!netstack_find("b"));

	set("stack[name='b']/interface[name='a']", NULL);
	REFUSES("a is the VRF of netstack a");
	set("stack[name='b']/vrf", "a");
	REFUSES("VRF a is used by netstack a");
	set("stack[name='a-name-of-over-15-characters']", NULL);
	REFUSES("needs a VRF name of at most 15 characters");
	set(IF, NULL);
	set("stack[name='b']/interface[name='vmk1']", NULL);
	REFUSES("interface vmk1 is used by netstack");
	CHECK(!netstack_find("b"));
	end();
}

TEST(values_are_refused_as_in_the_cli)
{
	begin();
	set(IF "/address", "10.0.0.0/24");
	REFUSES("network address");
	set(IF "/address", "2001:db8:0::1/64");
	REFUSES("write it as 2001:db8::1/64");
	set(IF "/mac", "01:00:5e:00:00:01");
	REFUSES("multicast");
	set("stack[name='a']/default-gateway[address='fe80::1'][interface='']", NULL);
	REFUSES("add \"interface IFNAME\"");
	set("stack[name='a']/route[prefix='10.0.0.0/8'][next-hop='2001:db8::1'][interface='']",
	    NULL);
	REFUSES("family");
	set("stack[name='a']/neighbor[interface='vmk1'][address='224.0.0.1']/mac",
	    "02:00:00:00:00:07");
	REFUSES("multicast");
	set("stack[name='default']/table", "1500");
	REFUSES("netstack default");
	set("stack[name='default']/shutdown", "true");
	REFUSES("netstack default");
	set("stack[name='default']/interface[name='eth1']", NULL);
	REFUSES("netstack default");
	end();
}

TEST(no_vrf_of_a_name_that_needs_one_is_refused)
{
	begin();
	set("stack[name='a-name-of-over-15-characters']/vrf", "short");
	COMMITS;
	destroy("stack[name='a-name-of-over-15-characters']/vrf");
	REFUSES("needs a VRF name of at most 15 characters");
	destroy("stack[name='a-name-of-over-15-characters']");
	COMMITS;
	end();
}

TEST(destroying_default_empties_it)
{
	struct netstack *stack = NULL;

	begin();
	set("stack[name='default']/default-gateway[address='10.0.0.1'][interface='']", NULL);
	COMMITS;
	stack = netstack_find("default");
	CHECK_INT(netstack_routes_count(&stack->routes), 1);
	destroy("stack[name='default']");
	COMMITS;
	CHECK(netstack_find("default") == stack && stack->configured);
	CHECK_INT(netstack_routes_count(&stack->routes), 0);
	end();
}

TEST(quotes_in_names_survive_the_northbound)
{
	begin();
	set("stack[name=\"it's\"]/vrf", "one");
	set("stack[name='say\"hi']/vrf", "other");
	COMMITS;
	CHECK(netstack_find("it's") && netstack_find("say\"hi"));
	destroy("stack[name=\"it's\"]");
	destroy("stack[name='say\"hi']");
	COMMITS;
	end();
}

TEST(a_leak_is_from_another_stack)
{
	struct netstack *stack = NULL;

	begin();
	set("stack[name='a']/leak[from='nobody'][prefix-list='LIST']", NULL);
	set("stack[name='a']/leak[from='default'][prefix-list='LIST']", NULL);
	COMMITS;
	stack = netstack_find("a");
	CHECK_INT(netstack_leaks_count(&stack->leaks), 2);
	set("stack[name='a']/leak[from='a'][prefix-list='LIST']", NULL);
	REFUSES("netstack a cannot leak to itself");
	destroy("stack[name='a']/leak[from='nobody'][prefix-list='LIST']");
	COMMITS;
	CHECK_STR(netstack_leaks_first(&stack->leaks)->from, "default");
	end();
}

/*
 * netstack_cli_commit(), in a vty
 */

static struct vty session, *const vty = &session;
static char line[] = "the line";
static char *said; /* by vty_out() */
static size_t said_len;

/* With two trees, and with one where the two configurations are equal. */
static bool is_one_tree;

#define CLI_TEST(id)                                                                               \
	static void cli_##id(void);                                                                \
	TEST(id)                                                                                   \
	{                                                                                          \
		is_one_tree = false;                                                               \
		cli_##id();                                                                        \
	}                                                                                          \
	TEST(id##_in_one_tree)                                                                     \
	{                                                                                          \
		is_one_tree = true;                                                                \
		cli_##id();                                                                        \
	}                                                                                          \
	static void cli_##id(void)

static void begin_cli(void)
{
	begin();
	session = (struct vty){ .type = VTY_SHELL, .of = open_memstream(&said, &said_len) };
	vty->buf = line;
	vty->candidate_config = vty_shared_candidate_config = candidate;
}

static void end_cli(void)
{
	netstack_candidate_separate();
	vty_shared_candidate_config = NULL;
	if (vty->obuf) {
		buffer_free(vty->obuf);
		buffer_free(vty->lbuf);
	}
	fclose(vty->of);
	free(said);
	end();
}

/* The same settings; whether a default has a node makes no difference. */
static bool same(const struct nb_config *a, const struct nb_config *b)
{
	struct nb_config *full[] = { nb_config_dup(a), nb_config_dup(b) };
	bool is_same;

	for (size_t i = 0; i < array_size(full); i++)
		lyd_new_implicit_all(&full[i]->dnode, ly_native_ctx, LYD_IMPLICIT_NO_STATE, NULL);
	is_same = lyd_compare_siblings(full[0]->dnode, full[1]->dnode,
				       LYD_COMPARE_FULL_RECURSION) == LY_SUCCESS;
	nb_config_free(full[0]);
	nb_config_free(full[1]);
	return is_same;
}

/* A command begins. */
static void command(void)
{
	if (is_one_tree && same(candidate, running_config))
		netstack_candidate_share();
	vty->num_cfg_changes = 0;
}

static void change(const char *path, enum nb_operation operation, const char *value)
{
	char xpath[XPATH_MAXLEN];

	snprintf(xpath, sizeof(xpath), "/frr-netstack:netstack/%s", path);
	nb_cli_enqueue_change(vty, xpath, operation, value);
}

/* Both configurations have become what libfrr would have made of them; the words if not. */
static const char *commit_command(void)
{
	struct nb_config *expected = nb_config_dup(running_config);
	const char *wrong = NULL;
	bool error = false;

	nb_candidate_edit_config_changes(expected, vty->cfg_changes, vty->num_cfg_changes, "",
					 false, errmsg, sizeof(errmsg), &error);
	if (error || nb_candidate_validate_yang(expected, true, errmsg, sizeof(errmsg)) != NB_OK)
		wrong = "the change itself is wrong";
	else if (netstack_cli_commit(vty) != CMD_SUCCESS)
		wrong = "it is refused";
	else if (!same(running_config, expected))
		wrong = "the running configuration is another one";
	else if (!same(candidate, expected))
		wrong = "the candidate is another one";
	nb_config_free(expected);
	return wrong;
}

/* It fails, and nothing has changed. */
static bool refuses_command(void)
{
	struct nb_config *before = nb_config_dup(running_config);
	bool refused = netstack_cli_commit(vty) == CMD_WARNING_CONFIG_FAILED &&
		       same(running_config, before) && same(candidate, before);

	nb_config_free(before);
	return refused;
}

#define COMMANDED CHECK_STR(commit_command(), NULL)

CLI_TEST(a_command_changes_both_configurations_and_the_stack)
{
	struct netstack_if *nif = NULL;

	begin_cli();
	set("stack[name='b']/table", "2000");
	COMMITS;
	command();
	change("stack[name='a']", NB_OP_CREATE, NULL);
	COMMANDED;
	CHECK(netstack_find("a"));
	command();
	change(IF, NB_OP_CREATE, NULL);
	change(IF "/link", NB_OP_CREATE, NULL);
	change(IF "/link/kind", NB_OP_MODIFY, "vlan");
	change(IF "/link/vlan-id", NB_OP_MODIFY, "7");
	change(IF "/link/parent", NB_OP_MODIFY, "eth0");
	change(IF "/address", NB_OP_CREATE, "10.0.0.1/24");
	COMMANDED;
	nif = netstack_if_find_any("vmk1");
	CHECK(nif);
	CHECK_INT(nif->vlan_id, 7);
	CHECK_INT(netstack_addresses_count(&nif->addresses), 1);

	/* the model itself takes away what the kind does not have */
	command();
	change(IF "/link/kind", NB_OP_MODIFY, "dummy");
	COMMANDED;
	CHECK_INT(nif->kind, NETSTACK_LINK_DUMMY);
	CHECK_STR(nif->parent, "");
	command();
	change(IF "/address[.='10.0.0.1/24']", NB_OP_DESTROY, NULL);
	COMMANDED;
	CHECK_INT(netstack_addresses_count(&nif->addresses), 0);
	command();
	change("stack[name='a']", NB_OP_DESTROY, NULL);
	COMMANDED;
	CHECK(!netstack_if_find_any("vmk1") && !netstack_find("a")->configured);
	CHECK_INT(netstack_find("b")->table_config, 2000);
	end_cli();
}

CLI_TEST(a_command_that_changes_nothing_is_no_transaction)
{
	uint32_t version = 0;

	begin_cli();
	set("stack[name='a']/description", "one");
	COMMITS;
	version = running_config->version;
	command();
	change("stack[name='a']/description", NB_OP_MODIFY, "one");
	COMMANDED;
	CHECK_INT(running_config->version, version);
	command();
	change("stack[name='a']/description", NB_OP_MODIFY, "two");
	COMMANDED;
	CHECK(running_config->version > version);
	end_cli();
}

CLI_TEST(a_command_is_checked_against_other_stacks)
{
	begin_cli();
	set("stack[name='b']/interface[name='vmk1']", NULL);
	set("stack[name='a']/description", "as it was");
	COMMITS;
	command();
	change(IF, NB_OP_CREATE, NULL);
	change("stack[name='a']/description", NB_OP_MODIFY, "other");
	CHECK(refuses_command());
	fflush(vty->of);
	CHECK(strstr(said, "interface vmk1 is used by netstack b"));
	CHECK(same(candidate, running_config));
	CHECK_STR(netstack_find("a")->description, "as it was");
	CHECK(netstack_if_find_any("vmk1")->stack == netstack_find("b"));

	/* what the other one gives up can be had */
	command();
	change("stack[name='b']/interface[name='vmk1']", NB_OP_DESTROY, NULL);
	COMMANDED;
	command();
	change(IF, NB_OP_CREATE, NULL);
	COMMANDED;
	CHECK(netstack_if_find_any("vmk1")->stack == netstack_find("a"));
	end_cli();
}

CLI_TEST(what_a_refused_command_would_have_given_up_is_still_known)
{
	struct prefix address;

	begin_cli();
	set("stack[name='b']/interface[name='vmk9']", NULL);
	set("stack[name='a']/interface[name='vmk3']", NULL);
	set(IF "/address[.='10.0.0.1/24']", NULL);
	COMMITS;
	command();
	change(IF "/address[.='10.0.0.1/24']", NB_OP_DESTROY, NULL);
	change("stack[name='a']/interface[name='vmk3']/address", NB_OP_CREATE, "10.0.0.2/24");
	change("stack[name='a']/interface[name='vmk9']", NB_OP_CREATE, NULL);
	CHECK(refuses_command());
	fflush(vty->of);
	CHECK(strstr(said, "interface vmk9 is used by netstack b"));
	CHECK(str2prefix("10.0.0.2/24", &address));
	CHECK(!netstack_check_subnet(running_config->dnode, "a", "vmk3", &address, errmsg,
				     sizeof(errmsg)));
	CHECK_STR(errmsg, "warning: subnet 10.0.0.0/24 is on interface vmk1 of this netstack too");
	end_cli();
}

CLI_TEST(a_command_cannot_close_a_loop_of_leaks)
{
	begin_cli();
	set("stack[name='a']/leak[from='b'][prefix-list='LIST']", NULL);
	set("stack[name='b']/leak[from='c'][prefix-list='LIST']", NULL);
	set("stack[name='c']/description", "the end");
	COMMITS;
	command();
	change("stack[name='c']/leak[from='a'][prefix-list='LIST']", NB_OP_CREATE, NULL);
	CHECK(refuses_command());
	fflush(vty->of);
	CHECK(strstr(said, "this would be a loop"));
	CHECK(same(candidate, running_config));
	command();
	change("stack[name='c']/leak[from='a'][prefix-list='OTHER']", NB_OP_CREATE, NULL);
	COMMANDED;
	end_cli();
}

CLI_TEST(what_somebody_else_has_yet_to_commit_of_another_stack_stays)
{
	begin_cli();
	set("stack[name='a']/description", "one");
	set("stack[name='b']/description", "one");
	COMMITS;
	set("stack[name='b']/description", "two");
	command();
	change("stack[name='a']/description", NB_OP_MODIFY, "three");
	CHECK_INT(netstack_cli_commit(vty), CMD_SUCCESS);
	CHECK_STR(netstack_find("a")->description, "three");
	CHECK_STR(netstack_find("b")->description, "one");
	COMMITS;
	CHECK_STR(netstack_find("b")->description, "two");
	CHECK_STR(netstack_find("a")->description, "three");
	end_cli();
}

CLI_TEST(a_command_on_two_stacks_is_one_transaction)
{
	begin_cli();
	command();
	change("stack[name='a']/description", NB_OP_MODIFY, "one");
	change("stack[name='b']/description", NB_OP_MODIFY, "two");
	COMMANDED;
	CHECK_STR(netstack_find("a")->description, "one");
	CHECK_STR(netstack_find("b")->description, "two");
	end_cli();
}

#define STACK	 "stack[name='a']"
#define NEIGHBOR STACK "/neighbor[interface='vmk1'][address='10.0.0.7']"

CLI_TEST(an_entry_of_each_list_comes_changes_and_goes)
{
	const struct netstack_route *route;
	struct netstack *stack;

	begin_cli();
	command();
	change(STACK, NB_OP_CREATE, NULL);
	COMMANDED;
	stack = netstack_find("a");

	command();
	change(GATEWAY, NB_OP_REPLACE, NULL);
	change(GATEWAY "/distance", NB_OP_MODIFY, "5");
	change(GATEWAY "/track", NB_OP_CREATE, NULL);
	change(GATEWAY "/track/kind", NB_OP_MODIFY, "icmp");
	change(GATEWAY "/track/interval", NB_OP_MODIFY, "200");
	COMMANDED;
	route = netstack_routes_first(&stack->routes);
	CHECK_INT(route->distance, 5);
	CHECK_INT(route->track->interval, 200);
	CHECK_INT(route->track->multiplier, NETSTACK_TRACK_MULTIPLIER);
	command();
	change(GATEWAY, NB_OP_REPLACE, NULL);
	change(GATEWAY "/distance", NB_OP_MODIFY, "5");
	change(GATEWAY "/track", NB_OP_CREATE, NULL);
	change(GATEWAY "/track/kind", NB_OP_MODIFY, "icmp");
	COMMANDED;
	CHECK_INT(route->distance, 5);
	CHECK_INT(route->track->interval, NETSTACK_TRACK_INTERVAL);
	command();
	change(GATEWAY, NB_OP_REPLACE, NULL);
	COMMANDED;
	CHECK(netstack_routes_first(&stack->routes) == route);
	CHECK_INT(route->distance, 1);
	CHECK(!route->track);

	command();
	change(ROUTE, NB_OP_REPLACE, NULL);
	change(ROUTE "/distance", NB_OP_MODIFY, "1");
	COMMANDED;
	command();
	change(NEIGHBOR "/mac", NB_OP_MODIFY, "02:00:00:00:00:07");
	COMMANDED;
	command();
	change(NEIGHBOR "/mac", NB_OP_MODIFY, "02:00:00:00:00:08");
	COMMANDED;
	CHECK_INT(netstack_neighbors_first(&stack->neighbors)->mac.octet[5], 8);
	command();
	change(STACK "/leak[from='b'][prefix-list='LIST']", NB_OP_CREATE, NULL);
	COMMANDED;
	CHECK_INT(netstack_leaks_count(&stack->leaks), 1);

	command();
	change(GATEWAY, NB_OP_DESTROY, NULL);
	COMMANDED;
	command();
	change(ROUTE, NB_OP_DESTROY, NULL);
	COMMANDED;
	command();
	change(NEIGHBOR, NB_OP_DESTROY, NULL);
	COMMANDED;
	command();
	change(STACK "/leak[from='b'][prefix-list='LIST']", NB_OP_DESTROY, NULL);
	COMMANDED;
	CHECK(!netstack_routes_count(&stack->routes) &&
	      !netstack_neighbors_count(&stack->neighbors));
	CHECK_INT(netstack_leaks_count(&stack->leaks), 0);
	end_cli();
}

#define PREFIX_LIST "/frr-filter:lib/prefix-list[type='ipv4'][name='LIST']"

/* A command of libfrr's begins. */
static void command_of_libfrr(void)
{
	netstack_candidate_separate();
	vty->num_cfg_changes = 0;
}

/* A line of a prefix-list, which libfrr commits later; without an action it is refused then. */
static int prefix_list_line(const char *action)
{
	command_of_libfrr();
	nb_cli_enqueue_change(vty, PREFIX_LIST, NB_OP_CREATE, NULL);
	nb_cli_enqueue_change(vty, PREFIX_LIST "/entry[sequence='5']", NB_OP_CREATE, NULL);
	if (action)
		nb_cli_enqueue_change(vty, PREFIX_LIST "/entry[sequence='5']/action", NB_OP_MODIFY,
				      action);
	nb_cli_enqueue_change(vty, PREFIX_LIST "/entry[sequence='5']/any", NB_OP_CREATE, NULL);
	return nb_cli_apply_changes(vty, NULL);
}

static int no_prefix_list(void)
{
	command_of_libfrr();
	nb_cli_enqueue_change(vty, PREFIX_LIST, NB_OP_DESTROY, NULL);
	return nb_cli_apply_changes(vty, NULL);
}

/* In the running configuration. */
static bool has_node(const char *path)
{
	return yang_dnode_existsf(running_config->dnode, "/frr-netstack:netstack/%s", path);
}

CLI_TEST(a_default_has_no_node_of_ours)
{
	begin_cli();
	command();
	change(STACK, NB_OP_CREATE, NULL);
	COMMANDED;
	command();
	change(ROUTE, NB_OP_REPLACE, NULL);
	COMMANDED;
	command();
	change(IF, NB_OP_CREATE, NULL);
	COMMANDED;
	command();
	change(IF "/link", NB_OP_CREATE, NULL);
	change(IF "/link/kind", NB_OP_MODIFY, "dummy");
	COMMANDED;
	command();
	change(IF "/address", NB_OP_CREATE, "10.0.0.1/24");
	COMMANDED;
	CHECK(has_node(ROUTE) && !has_node(ROUTE "/distance"));
	CHECK(has_node(IF "/address") && !has_node(IF "/shutdown"));
	CHECK(!has_node(STACK "/shutdown"));

	/* libfrr compares both, and finds no change of ours */
	CHECK_INT(prefix_list_line("permit"), CMD_SUCCESS);
	CHECK_INT(netstack_routes_count(&netstack_find("a")->routes), 1);
	CHECK_INT(netstack_routes_first(&netstack_find("a")->routes)->distance, 1);
	command();
	change(ROUTE "/distance", NB_OP_MODIFY, "7");
	COMMANDED;
	command();
	change(ROUTE, NB_OP_REPLACE, NULL);
	COMMANDED;
	CHECK_INT(netstack_routes_first(&netstack_find("a")->routes)->distance, 1);
	CHECK_INT(no_prefix_list(), CMD_SUCCESS);
	end_cli();
}

CLI_TEST(settings_in_no_list_come_change_and_go)
{
	struct netstack *stack;

	begin_cli();
	command();
	change(STACK, NB_OP_CREATE, NULL);
	change(STACK "/vrf", NB_OP_MODIFY, "blue");
	COMMANDED;
	stack = netstack_find("a");
	command();
	change(ROUTE, NB_OP_REPLACE, NULL);
	COMMANDED;
	command();
	change(STACK "/table", NB_OP_MODIFY, "1500");
	COMMANDED;
	command();
	change(STACK "/shutdown", NB_OP_MODIFY, "true");
	COMMANDED;
	command();
	change(ROUTES_LIMIT, NB_OP_CREATE, NULL);
	change(ROUTES_LIMIT "/maximum", NB_OP_MODIFY, "100");
	change(ROUTES_LIMIT "/warning-only", NB_OP_MODIFY, "false");
	COMMANDED;
	CHECK(stack->shutdown);
	CHECK_INT(stack->table_config, 1500);
	CHECK_INT(stack->limits[NETSTACK_LIMIT_ROUTES].max, 100);
	command();
	change(STACK "/table", NB_OP_DESTROY, NULL);
	COMMANDED;
	command();
	change(STACK "/shutdown", NB_OP_MODIFY, "false");
	COMMANDED;
	command();
	change(ROUTES_LIMIT, NB_OP_DESTROY, NULL);
	COMMANDED;
	command();
	change(STACK "/vrf", NB_OP_DESTROY, NULL);
	COMMANDED;
	CHECK(!stack->shutdown && !stack->table_config);
	CHECK_INT(stack->limits[NETSTACK_LIMIT_ROUTES].max, 0);
	CHECK_STR(netstack_vrf_name(stack), "a");
	CHECK_INT(netstack_routes_count(&stack->routes), 1);
	end_cli();
}

CLI_TEST(a_stack_is_removed_and_made_again_line_by_line)
{
	struct netstack *stack;

	begin_cli();
	vty->pending_allowed = true;
	for (int i = 0; i < 2; i++) {
		command();
		change(STACK, NB_OP_CREATE, NULL);
		COMMANDED;
		command();
		change(IF, NB_OP_CREATE, NULL);
		COMMANDED;
		command();
		change(IF "/address", NB_OP_CREATE, "10.0.0.1/24");
		COMMANDED;
		command();
		change(ROUTE, NB_OP_REPLACE, NULL);
		COMMANDED;
		stack = netstack_find("a");
		CHECK(stack && stack->configured);
		CHECK_INT(netstack_routes_count(&stack->routes), 1);
		command();
		change(STACK, NB_OP_DESTROY, NULL);
		COMMANDED;
		CHECK(!stack->configured && !netstack_if_find_any("vmk1"));
	}
	CHECK(!vty->pending_commit);
	end_cli();
}

CLI_TEST(a_line_that_is_refused_takes_no_other_along)
{
	begin_cli();
	set("stack[name='b']/interface[name='vmk1']", NULL);
	set("stack[name='a']/description", "as it was");
	COMMITS;
	vty->pending_allowed = true;
	command();
	change(ROUTE, NB_OP_REPLACE, NULL);
	COMMANDED;
	command();
	change(IF, NB_OP_CREATE, NULL);
	CHECK(refuses_command());
	fflush(vty->of);
	CHECK(strstr(said, "interface vmk1 is used by netstack b"));
	CHECK(same(candidate, running_config));
	/* neither is one that the model refuses */
	command();
	change("stack[name='b']/interface[name='vmk1']/link/kind", NB_OP_MODIFY, "macvlan");
	CHECK(refuses_command());
	fflush(vty->of);
	CHECK(strstr(said, "parent"));
	CHECK(same(candidate, running_config));
	command();
	change(GATEWAY, NB_OP_REPLACE, NULL);
	change(GATEWAY "/distance", NB_OP_MODIFY, "0");
	CHECK(refuses_command());
	CHECK(same(candidate, running_config));
	command();
	change(GATEWAY, NB_OP_REPLACE, NULL);
	COMMANDED;
	CHECK_INT(netstack_routes_count(&netstack_find("a")->routes), 2);
	CHECK(!vty->pending_commit);
	end_cli();
}

static bool has_prefix_list(const struct nb_config *config)
{
	return yang_dnode_exists(config->dnode, PREFIX_LIST);
}

CLI_TEST(lines_of_prefix_lists_go_with_ours_in_any_order)
{
	struct netstack *stack;

	begin_cli();
	vty->pending_allowed = true;
	command();
	change(STACK, NB_OP_CREATE, NULL);
	COMMANDED;
	stack = netstack_find("a");
	CHECK_INT(prefix_list_line("permit"), CMD_SUCCESS);
	CHECK(vty->pending_commit && !has_prefix_list(running_config));
	command();
	change(ROUTE, NB_OP_REPLACE, NULL);
	CHECK_INT(netstack_cli_commit(vty), CMD_SUCCESS);
	CHECK_INT(netstack_routes_count(&stack->routes), 1);
	CHECK(vty->pending_commit && !has_prefix_list(running_config));
	CHECK_INT(nb_cli_pending_commit_check(vty), CMD_SUCCESS);
	CHECK(has_prefix_list(running_config) && same(candidate, running_config));
	CHECK_INT(netstack_routes_count(&stack->routes), 1);
	CHECK(prefix_list_lookup(AFI_IP, "LIST"));

	CHECK_INT(no_prefix_list(), CMD_SUCCESS);
	command();
	change(ROUTE, NB_OP_DESTROY, NULL);
	CHECK_INT(netstack_cli_commit(vty), CMD_SUCCESS);
	CHECK_INT(nb_cli_pending_commit_check(vty), CMD_SUCCESS);
	CHECK(!has_prefix_list(running_config) && same(candidate, running_config));
	CHECK_INT(netstack_routes_count(&stack->routes), 0);
	end_cli();
}

CLI_TEST(what_libfrr_refuses_takes_none_of_our_lines_along)
{
	begin_cli();
	vty->pending_allowed = true;
	command();
	change(STACK, NB_OP_CREATE, NULL);
	COMMANDED;
	CHECK_INT(prefix_list_line(NULL), CMD_SUCCESS);
	command();
	change(ROUTE, NB_OP_REPLACE, NULL);
	CHECK_INT(netstack_cli_commit(vty), CMD_SUCCESS);
	CHECK_INT(nb_cli_pending_commit_check(vty), CMD_WARNING_CONFIG_FAILED);
	CHECK(!has_prefix_list(candidate) && same(candidate, running_config));
	CHECK_INT(netstack_routes_count(&netstack_find("a")->routes), 1);
	command();
	change(ROUTE, NB_OP_DESTROY, NULL);
	COMMANDED;
	end_cli();
}

CLI_TEST(what_somebody_else_has_yet_to_commit_of_an_entry_goes_with_it)
{
	const struct netstack_route *route;

	begin_cli();
	set(ROUTE "/distance", "5");
	COMMITS;
	set(ROUTE "/track/kind", "arp");
	set(GATEWAY, NULL);
	command();
	change(ROUTE "/distance", NB_OP_MODIFY, "7");
	CHECK_INT(netstack_cli_commit(vty), CMD_SUCCESS);
	route = netstack_routes_first(&netstack_find("a")->routes);
	CHECK(!route->is_gateway);
	CHECK_INT(route->distance, 7);
	CHECK_INT(route->track->kind, NETSTACK_TRACK_ARP);
	COMMITS;
	CHECK_INT(netstack_routes_count(&netstack_find("a")->routes), 2);
	CHECK(same(candidate, running_config));
	end_cli();
}

CLI_TEST(a_command_in_a_stack_that_is_gone_is_not_committed)
{
	begin_cli();
	command();
	change(STACK, NB_OP_CREATE, NULL);
	COMMANDED;
	vty->xpath_index = 1;
	strlcpy(vty->xpath[0], "/frr-netstack:netstack/stack[name='a']", sizeof(vty->xpath[0]));
	command();
	nb_cli_enqueue_change(vty, "./description", NB_OP_MODIFY, "words");
	CHECK_INT(netstack_cli_commit(vty), CMD_SUCCESS);
	CHECK_STR(netstack_find("a")->description, "words");
	vty->xpath_index = 0;
	command();
	change(STACK, NB_OP_DESTROY, NULL);
	COMMANDED;
	vty->xpath_index = 1;
	command();
	nb_cli_enqueue_change(vty, "./description", NB_OP_MODIFY, "words");
	CHECK_INT(netstack_cli_commit(vty), CMD_WARNING);
	CHECK(!netstack_find("a")->configured && same(candidate, running_config));
	end_cli();
}

/* A line of a file, in the block of stack a. */
static int execute(const char *text)
{
	strlcpy(vty->xpath[0], "/frr-netstack:netstack/stack[name='a']", sizeof(vty->xpath[0]));
	vty->xpath_index = 1;
	vty->node = NETSTACK_NODE;
	vty->config = true;
	vty->type = VTY_FILE;
	if (!vty->obuf) {
		vty->obuf = buffer_new(0);
		vty->lbuf = buffer_new(0);
		vty->buf_size_intermediate = 1 << 16; /* until it would be sent */
	}
	command();
	return cmd_execute(vty, text, NULL, 0);
}

/* What a file's vty says is in its buffer. */
static size_t times_said(const char *words)
{
	char *text = buffer_getstr(vty->obuf);
	size_t times = 0;

	for (const char *at = text; (at = strstr(at, words)); at++)
		times++;
	XFREE(MTYPE_TMP, text);
	return times;
}

/* "198.51.100.0/24 192.0.2.1 1"; "": there are none, or more. */
static const char *only_route(void)
{
	const struct netstack_routes_head *routes = &netstack_find("a")->routes;
	const struct netstack_route *route = netstack_routes_const_first(routes);
	static char text[128];

	text[0] = '\0';
	if (netstack_routes_count(routes) == 1)
		snprintfrr(text, sizeof(text), "%pFX %pIA %u", &route->prefix, &route->gate,
			   route->distance);
	return text;
}

CLI_TEST(a_plain_route_of_a_file_is_what_the_command_makes_of_it)
{
	begin_cli();
	set("stack[name='a']", NULL);
	COMMITS;
	CHECK_INT(execute(" route 198.51.100.1/24 192.0.2.1 distance 7"), CMD_SUCCESS);
	CHECK_STR(only_route(), "198.51.100.0/24 192.0.2.1 7");
	CHECK_INT(execute(" route 198.51.100.1/24 192.0.2.1"), CMD_SUCCESS);
	CHECK_STR(only_route(), "198.51.100.0/24 192.0.2.1 1");
	CHECK(same(candidate, running_config));
	CHECK_INT(execute(" no route 198.51.100.1/24 192.0.2.1"), CMD_SUCCESS);
	CHECK_INT(execute(" route 2001:db8::1/32 2001:db8::1"), CMD_SUCCESS);
	CHECK_STR(only_route(), "2001:db8::/32 2001:db8::1 1");
	CHECK_INT(times_said("%"), 0);
	end_cli();
}

CLI_TEST(a_plain_route_that_is_refused_is_told_once)
{
	static const int other;

	begin_cli();
	set("stack[name='a']", NULL);
	COMMITS;
	CHECK_INT(execute(" route 224.0.0.0/4 192.0.2.1"), CMD_WARNING_CONFIG_FAILED);
	CHECK_INT(times_said("%"), 1);
	CHECK_INT(times_said("multicast"), 1);
	CHECK_INT(nb_running_lock(NB_CLIENT_CLI, &other), 0);
	CHECK_INT(execute(" route 198.51.100.0/24 192.0.2.1"), CMD_WARNING_CONFIG_FAILED);
	CHECK_INT(times_said("% Configuration failed"), 1);
	nb_running_unlock(NB_CLIENT_CLI, &other);
	CHECK_STR(only_route(), "");
	nb_config_replace(candidate, running_config, true);
	end_cli();
}

/* netstack_slice.c validates an entry of a list without the others, and without the rest of its stack. */
static int check_constraints(const struct lysc_node *node, void *arg)
{
	const struct lysc_node_list *list = (const struct lysc_node_list *)node;
	const struct lysc_type *type;
	int *wrong = arg;

	if (!(node->flags & LYS_CONFIG_W))
		return YANG_ITER_CONTINUE;
	*wrong += !!lysc_node_musts(node);
	if (node->nodetype == LYS_LIST)
		*wrong += list->uniques || list->min || list->max != UINT32_MAX;
	if (node->nodetype == LYS_LEAF) {
		type = ((const struct lysc_node_leaf *)node)->type;
		*wrong += type->basetype == LY_TYPE_LEAFREF || type->basetype == LY_TYPE_INST;
	}
	/* of a container in a slice, by a leaf beside it */
	if (lysc_node_when(node))
		*wrong += node->parent->nodetype != LYS_CONTAINER;
	return YANG_ITER_CONTINUE;
}

TEST(no_constraint_of_the_model_is_between_slices)
{
	int wrong = 0;

	begin();
	yang_snodes_iterate_subtree(nb_node_find("/frr-netstack:netstack/stack")->snode, NULL,
				    check_constraints, 0, &wrong);
	CHECK_INT(wrong, 0);
	end();
}
