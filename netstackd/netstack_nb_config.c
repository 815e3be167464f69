// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The northbound's callbacks of configuration: VALIDATE refuses, APPLY writes desired.
 *
 * Objects are found by their names, which are the keys on the way up from the node: the names are
 * what desired is indexed by.  When a list entry is destroyed, the northbound calls no callback of
 * what was in it; removing it from desired empties it.
 *
 * A leaf that is only known together with its siblings (link, table-range) is written by whichever
 * of them changed, from the tree, which is final then; a writer that is told the same again does
 * nothing.
 */

#include <zebra.h>

#include "northbound.h"
#include "vty.h"

#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_nb.h"
#include "netstackd/netstack_tree.h"
#include "netstackd/netstack_validate.h"
#include "netstackd/netstack_value.h"

static int verdict(bool ok)
{
	return ok ? NB_OK : NB_ERR_VALIDATION;
}

/* Is it time to write?  Says what, if debugging is on. */
static bool applying(enum nb_event event, const char *operation, const struct lyd_node *dnode)
{
	char xpath[XPATH_MAXLEN];

	if (event != NB_EV_APPLY)
		return false;
	if (DEBUG_MODE_CHECK(&netstack_dbg_northbound, DEBUG_MODE_ALL)) {
		yang_dnode_get_path(dnode, xpath, sizeof(xpath));
		zlog_debug("%s %s%s%s", operation, xpath,
			   dnode->schema->nodetype & LYD_NODE_TERM ? " " : "",
			   dnode->schema->nodetype & LYD_NODE_TERM ? lyd_get_value(dnode) : "");
	}
	return true;
}

#define APPLYING(args) applying((args)->event, __func__, (args)->dnode)

/*
 * The tree that is about to become the configuration.  The node of a destroy callback is one of
 * the running configuration; whose candidate it is is known for the CLI only.
 */
static const struct lyd_node *candidate_of(const struct nb_cb_destroy_args *args)
{
	const struct vty *vty = args->context->user;

	if (args->context->client == NB_CLIENT_CLI && vty && vty->candidate_config)
		return vty->candidate_config->dnode;
	return args->dnode;
}

/* Name of the stack that the node is in. */
static const char *stack_name(const struct lyd_node *dnode)
{
	return netstack_leaf(yang_dnode_get_parent(dnode, "stack"), "name");
}

static struct netstack *stack_of(const struct lyd_node *dnode)
{
	return netstack_find(stack_name(dnode));
}

/* Name of the interface that the node is in, or is. */
static const char *if_name(const struct lyd_node *dnode)
{
	return netstack_leaf(yang_dnode_get_parent(dnode, "interface"), "name");
}

static struct netstack_if *if_of(const struct lyd_node *dnode)
{
	return netstack_if_find(stack_of(dnode), if_name(dnode));
}

/*
 * XPath: /frr-netstack:netstack/global/table-range
 */
static int table_range_modify(struct nb_cb_modify_args *args)
{
	const struct lyd_node *range = lyd_parent(args->dnode);
	uint32_t first = yang_dnode_get_uint32(netstack_child(range, "lower"), NULL);
	uint32_t last = yang_dnode_get_uint32(netstack_child(range, "upper"), NULL);

	if (args->event == NB_EV_VALIDATE)
		return verdict(
			netstack_check_table_range(first, last, args->errmsg, args->errmsg_len));
	if (APPLYING(args))
		netstack_set_table_range(first, last);
	return NB_OK;
}

int netstack_global_table_range_lower_modify(struct nb_cb_modify_args *args)
{
	return table_range_modify(args);
}

int netstack_global_table_range_upper_modify(struct nb_cb_modify_args *args)
{
	return table_range_modify(args);
}

/*
 * XPath: /frr-netstack:netstack/stack
 */
int netstack_stack_create(struct nb_cb_create_args *args)
{
	const char *name = netstack_leaf(args->dnode, "name");

	if (args->event == NB_EV_VALIDATE)
		return verdict(netstack_check_name(name, args->errmsg, args->errmsg_len) &&
			       (netstack_child(args->dnode, "vrf") ||
				netstack_check_vrf(args->dnode, name, NULL, args->errmsg,
						   args->errmsg_len)));
	if (APPLYING(args))
		netstack_add(name);
	return NB_OK;
}

/* For other clients than the CLI, destroying `default` empties it. */
int netstack_stack_destroy(struct nb_cb_destroy_args *args)
{
	if (APPLYING(args))
		netstack_remove(stack_of(args->dnode));
	return NB_OK;
}

int netstack_stack_vrf_modify(struct nb_cb_modify_args *args)
{
	const char *vrf = yang_dnode_get_string(args->dnode, NULL);

	if (args->event == NB_EV_VALIDATE)
		return verdict(netstack_check_vrf(args->dnode, stack_name(args->dnode), vrf,
						  args->errmsg, args->errmsg_len));
	if (APPLYING(args))
		netstack_set_vrf(stack_of(args->dnode), vrf);
	return NB_OK;
}

int netstack_stack_vrf_destroy(struct nb_cb_destroy_args *args)
{
	if (args->event == NB_EV_VALIDATE)
		return verdict(netstack_check_vrf(candidate_of(args), stack_name(args->dnode), NULL,
						  args->errmsg, args->errmsg_len));
	if (APPLYING(args))
		netstack_set_vrf(stack_of(args->dnode), NULL);
	return NB_OK;
}

int netstack_stack_table_modify(struct nb_cb_modify_args *args)
{
	uint32_t table = yang_dnode_get_uint32(args->dnode, NULL);

	if (args->event == NB_EV_VALIDATE)
		return verdict(netstack_check_table(args->dnode, stack_name(args->dnode), table,
						    args->errmsg, args->errmsg_len));
	if (APPLYING(args))
		netstack_set_table(stack_of(args->dnode), table);
	return NB_OK;
}

int netstack_stack_table_destroy(struct nb_cb_destroy_args *args)
{
	if (APPLYING(args))
		netstack_set_table(stack_of(args->dnode), 0);
	return NB_OK;
}

int netstack_stack_description_modify(struct nb_cb_modify_args *args)
{
	const char *text = yang_dnode_get_string(args->dnode, NULL);

	if (args->event == NB_EV_VALIDATE)
		return verdict(netstack_check_description(text, args->errmsg, args->errmsg_len));
	if (APPLYING(args))
		netstack_set_description(stack_of(args->dnode), text);
	return NB_OK;
}

int netstack_stack_description_destroy(struct nb_cb_destroy_args *args)
{
	if (APPLYING(args))
		netstack_set_description(stack_of(args->dnode), NULL);
	return NB_OK;
}

int netstack_stack_ipv6_disable_modify(struct nb_cb_modify_args *args)
{
	bool disable = yang_dnode_get_bool(args->dnode, NULL);

	if (args->event == NB_EV_VALIDATE && disable)
		return verdict(netstack_check_not_default(stack_name(args->dnode),
							  "go without IPv6", args->errmsg,
							  args->errmsg_len));
	if (APPLYING(args))
		netstack_set_ipv6_disable(stack_of(args->dnode), disable);
	return NB_OK;
}

int netstack_stack_shutdown_modify(struct nb_cb_modify_args *args)
{
	bool shutdown = yang_dnode_get_bool(args->dnode, NULL);

	if (args->event == NB_EV_VALIDATE && shutdown)
		return verdict(netstack_check_not_default(stack_name(args->dnode), "be shut down",
							  args->errmsg, args->errmsg_len));
	if (APPLYING(args))
		netstack_set_shutdown(stack_of(args->dnode), shutdown);
	return NB_OK;
}

/*
 * XPath: /frr-netstack:netstack/stack/limit/routes
 * XPath: /frr-netstack:netstack/stack/limit/neighbors
 */
static enum netstack_limit_kind limit_kind(const struct lyd_node *limit)
{
	return strmatch(limit->schema->name, netstack_limit_name(NETSTACK_LIMIT_ROUTES))
		       ? NETSTACK_LIMIT_ROUTES
		       : NETSTACK_LIMIT_NEIGHBORS;
}

static void limit_apply(const struct lyd_node *limit)
{
	netstack_set_limit(stack_of(limit), limit_kind(limit),
			   yang_dnode_get_uint32(netstack_child(limit, "maximum"), NULL),
			   strmatch(netstack_leaf_or_default(limit, "warning-only"), "true"));
}

int netstack_stack_limit_create(struct nb_cb_create_args *args)
{
	if (APPLYING(args))
		limit_apply(args->dnode);
	return NB_OK;
}

int netstack_stack_limit_destroy(struct nb_cb_destroy_args *args)
{
	if (APPLYING(args))
		netstack_set_limit(stack_of(args->dnode), limit_kind(args->dnode), 0, false);
	return NB_OK;
}

int netstack_stack_limit_modify(struct nb_cb_modify_args *args)
{
	if (APPLYING(args))
		limit_apply(lyd_parent(args->dnode));
	return NB_OK;
}

/*
 * XPath: /frr-netstack:netstack/stack/interface
 */
int netstack_stack_interface_create(struct nb_cb_create_args *args)
{
	if (args->event == NB_EV_VALIDATE)
		return verdict(netstack_check_interface(args->dnode, stack_name(args->dnode),
							if_name(args->dnode), args->errmsg,
							args->errmsg_len));
	if (APPLYING(args))
		netstack_if_add(stack_of(args->dnode), if_name(args->dnode));
	return NB_OK;
}

int netstack_stack_interface_destroy(struct nb_cb_destroy_args *args)
{
	if (APPLYING(args))
		netstack_if_remove(if_of(args->dnode));
	return NB_OK;
}

/*
 * XPath: /frr-netstack:netstack/stack/interface/link
 */
static enum netstack_link_kind link_kind(const struct lyd_node *link)
{
	const char *kind = netstack_leaf(link, "kind");

	if (strmatch(kind, "vlan"))
		return NETSTACK_LINK_VLAN;
	if (strmatch(kind, "macvlan"))
		return NETSTACK_LINK_MACVLAN;
	return NETSTACK_LINK_DUMMY;
}

static void link_apply(const struct lyd_node *link)
{
	enum netstack_link_kind kind = link_kind(link);

	netstack_if_set_link(if_of(link), kind,
			     kind == NETSTACK_LINK_DUMMY ? NULL : netstack_leaf(link, "parent"),
			     kind == NETSTACK_LINK_VLAN
				     ? yang_dnode_get_uint16(netstack_child(link, "vlan-id"), NULL)
				     : 0);
}

int netstack_stack_interface_link_create(struct nb_cb_create_args *args)
{
	if (APPLYING(args))
		link_apply(args->dnode);
	return NB_OK;
}

/* The interface of a node that goes, as it will be; NULL: it goes too, or that is not to be seen. */
static const struct lyd_node *candidate_if(const struct nb_cb_destroy_args *args)
{
	const struct lyd_node *candidate = candidate_of(args);
	char stack[XPATH_MAXLEN], literal[IFNAMSIZ + 2];

	if (candidate == args->dnode)
		return NULL;
	netstack_xpath(stack, sizeof(stack), stack_name(args->dnode));
	netstack_xpath_literal(literal, sizeof(literal), if_name(args->dnode));
	return yang_dnode_getf(candidate, "%s/interface[name=%s]", stack, literal);
}

int netstack_stack_interface_link_destroy(struct nb_cb_destroy_args *args)
{
	const struct lyd_node *nif;

	if (args->event == NB_EV_VALIDATE) {
		nif = candidate_if(args);
		return verdict(!nif ||
			       netstack_check_loopbacks(nif, NULL, args->errmsg, args->errmsg_len));
	}
	if (APPLYING(args))
		netstack_if_set_link(if_of(args->dnode), NETSTACK_LINK_EXISTING, NULL, 0);
	return NB_OK;
}

int netstack_stack_interface_link_kind_modify(struct nb_cb_modify_args *args)
{
	if (args->event == NB_EV_VALIDATE)
		return verdict(
			netstack_check_loopbacks(yang_dnode_get_parent(args->dnode, "interface"),
						 yang_dnode_get_string(args->dnode, NULL),
						 args->errmsg, args->errmsg_len));
	if (APPLYING(args))
		link_apply(lyd_parent(args->dnode));
	return NB_OK;
}

int netstack_stack_interface_link_vlan_id_modify(struct nb_cb_modify_args *args)
{
	if (APPLYING(args))
		link_apply(lyd_parent(args->dnode));
	return NB_OK;
}

/* It goes because the kind has changed: that says the rest. */
int netstack_stack_interface_link_vlan_id_destroy(struct nb_cb_destroy_args *args)
{
	return NB_OK;
}

int netstack_stack_interface_link_parent_modify(struct nb_cb_modify_args *args)
{
	if (args->event == NB_EV_VALIDATE)
		return verdict(netstack_check_parent(args->dnode, if_name(args->dnode),
						     yang_dnode_get_string(args->dnode, NULL),
						     args->errmsg, args->errmsg_len));
	if (APPLYING(args))
		link_apply(lyd_parent(args->dnode));
	return NB_OK;
}

/* As vlan-id. */
int netstack_stack_interface_link_parent_destroy(struct nb_cb_destroy_args *args)
{
	return NB_OK;
}

/*
 * XPath: /frr-netstack:netstack/stack/interface/…
 */
int netstack_stack_interface_mac_modify(struct nb_cb_modify_args *args)
{
	struct ethaddr mac;

	yang_dnode_get_mac(&mac, args->dnode, NULL);
	if (args->event == NB_EV_VALIDATE)
		return verdict(netstack_check_mac(&mac, args->errmsg, args->errmsg_len));
	if (APPLYING(args))
		netstack_if_set_mac(if_of(args->dnode), &mac);
	return NB_OK;
}

int netstack_stack_interface_mac_destroy(struct nb_cb_destroy_args *args)
{
	if (APPLYING(args))
		netstack_if_set_mac(if_of(args->dnode), NULL);
	return NB_OK;
}

int netstack_stack_interface_mtu_modify(struct nb_cb_modify_args *args)
{
	if (APPLYING(args))
		netstack_if_set_mtu(if_of(args->dnode), yang_dnode_get_uint32(args->dnode, NULL));
	return NB_OK;
}

int netstack_stack_interface_mtu_destroy(struct nb_cb_destroy_args *args)
{
	if (APPLYING(args))
		netstack_if_set_mtu(if_of(args->dnode), 0);
	return NB_OK;
}

/*
 * The type of the leaf is a string, so that the bits of the host are kept; so nobody but us sees
 * to it that one address is always written in the same way.
 */
static bool check_interface_address(const struct nb_cb_create_args *args)
{
	const char *text = yang_dnode_get_string(args->dnode, NULL);
	const struct lyd_node *kind = yang_dnode_get(args->dnode, "../link/kind");
	char canonical[PREFIX_STRLEN], warning[NETSTACK_ERRMSG_MAX];
	struct prefix address;

	if (!str2prefix(text, &address)) {
		snprintf(args->errmsg, args->errmsg_len, "%s is no address with a prefix length",
			 text);
		return false;
	}
	snprintfrr(canonical, sizeof(canonical), "%pFX", &address);
	if (strcmp(text, canonical)) {
		snprintf(args->errmsg, args->errmsg_len, "%s: write it as %s", text, canonical);
		return false;
	}
	if (!netstack_check_address(&address, args->errmsg, args->errmsg_len) ||
	    !netstack_check_loopback(&address, kind ? yang_dnode_get_string(kind, NULL) : NULL,
				     args->errmsg, args->errmsg_len))
		return false;
	netstack_check_subnet(args->dnode, stack_name(args->dnode), if_name(args->dnode), &address,
			      warning, sizeof(warning));
	return true;
}

int netstack_stack_interface_address_create(struct nb_cb_create_args *args)
{
	struct netstack_prefix address;

	if (args->event == NB_EV_VALIDATE)
		return verdict(check_interface_address(args));
	if (APPLYING(args)) {
		netstack_prefix_parse(&address, lyd_get_value(args->dnode));
		netstack_if_add_address(if_of(args->dnode), &address);
	}
	return NB_OK;
}

int netstack_stack_interface_address_destroy(struct nb_cb_destroy_args *args)
{
	struct netstack_prefix address;

	if (APPLYING(args)) {
		netstack_prefix_parse(&address, lyd_get_value(args->dnode));
		netstack_if_remove_address(if_of(args->dnode), &address);
	}
	return NB_OK;
}

int netstack_stack_interface_shutdown_modify(struct nb_cb_modify_args *args)
{
	if (APPLYING(args))
		netstack_if_set_shutdown(if_of(args->dnode),
					 yang_dnode_get_bool(args->dnode, NULL));
	return NB_OK;
}

/*
 * XPath: /frr-netstack:netstack/stack/default-gateway
 */
static struct netstack_route gateway_key(const struct lyd_node *gateway)
{
	struct netstack_route key = { .is_gateway = true };

	netstack_value_address(netstack_child(gateway, "address"), &key.gate);
	key.prefix.family = ipaddr_family(&key.gate);
	strlcpy(key.ifname, netstack_leaf(gateway, "interface"), sizeof(key.ifname));
	return key;
}

int netstack_stack_default_gateway_create(struct nb_cb_create_args *args)
{
	struct netstack_route key = gateway_key(args->dnode);

	if (args->event == NB_EV_VALIDATE)
		return verdict(netstack_check_gateway(&key.gate, key.ifname, args->errmsg,
						      args->errmsg_len));
	if (APPLYING(args))
		netstack_route_add(stack_of(args->dnode), &key,
				   atoi(netstack_leaf_or_default(args->dnode, "distance")));
	return NB_OK;
}

int netstack_stack_default_gateway_destroy(struct nb_cb_destroy_args *args)
{
	struct netstack_route key = gateway_key(args->dnode);

	if (APPLYING(args))
		netstack_route_remove(netstack_route_find(stack_of(args->dnode), &key));
	return NB_OK;
}

int netstack_stack_default_gateway_distance_modify(struct nb_cb_modify_args *args)
{
	struct netstack_route key = gateway_key(lyd_parent(args->dnode));

	if (APPLYING(args))
		netstack_route_set_distance(netstack_route_find(stack_of(args->dnode), &key),
					    yang_dnode_get_uint8(args->dnode, NULL));
	return NB_OK;
}

/*
 * XPath: /frr-netstack:netstack/stack/route
 */
static struct netstack_route route_key(const struct lyd_node *route)
{
	const struct lyd_node *hop = netstack_child(route, "next-hop");
	struct netstack_route key = {};

	netstack_value_prefix(netstack_child(route, "prefix"), &key.prefix);
	if (!netstack_value_address(hop, &key.gate))
		netstack_nexthop_parse(&key, lyd_get_value(hop));
	strlcpy(key.ifname, netstack_leaf(route, "interface"), sizeof(key.ifname));
	return key;
}

int netstack_stack_route_create(struct nb_cb_create_args *args)
{
	struct netstack_route key = route_key(args->dnode);

	if (args->event == NB_EV_VALIDATE)
		return verdict(netstack_check_route(&key, args->errmsg, args->errmsg_len));
	if (APPLYING(args))
		netstack_route_add(stack_of(args->dnode), &key,
				   atoi(netstack_leaf_or_default(args->dnode, "distance")));
	return NB_OK;
}

int netstack_stack_route_destroy(struct nb_cb_destroy_args *args)
{
	struct netstack_route key = route_key(args->dnode);

	if (APPLYING(args))
		netstack_route_remove(netstack_route_find(stack_of(args->dnode), &key));
	return NB_OK;
}

int netstack_stack_route_distance_modify(struct nb_cb_modify_args *args)
{
	struct netstack_route key = route_key(lyd_parent(args->dnode));

	if (APPLYING(args))
		netstack_route_set_distance(netstack_route_find(stack_of(args->dnode), &key),
					    yang_dnode_get_uint8(args->dnode, NULL));
	return NB_OK;
}

/*
 * XPath: /frr-netstack:netstack/stack/default-gateway/track
 * XPath: /frr-netstack:netstack/stack/route/track
 */

/* The next hop that a node of `track` is of. */
static struct netstack_route *route_of_track(const struct lyd_node *track)
{
	const struct lyd_node *entry = lyd_parent(track);
	struct netstack_route key =
		strmatch(entry->schema->name, "route") ? route_key(entry) : gateway_key(entry);

	return netstack_route_find(stack_of(entry), &key);
}

static void track_apply(const struct lyd_node *node)
{
	struct netstack_track track = {
		.kind = netstack_track_parse(netstack_leaf(node, "kind")),
		.hold_down = atoi(netstack_leaf_or_default(node, "hold-down")),
	};

	if (netstack_child(node, "profile"))
		strlcpy(track.profile, netstack_leaf(node, "profile"), sizeof(track.profile));
	if (track.kind == NETSTACK_TRACK_ICMP) {
		track.interval = atoi(netstack_leaf_or_default(node, "interval"));
		track.multiplier = atoi(netstack_leaf_or_default(node, "multiplier"));
	}
	netstack_route_set_track(route_of_track(node), &track);
}

int netstack_stack_track_create(struct nb_cb_create_args *args)
{
	const struct lyd_node *entry = lyd_parent(args->dnode);

	if (args->event == NB_EV_VALIDATE && netstack_child(entry, "next-hop"))
		return verdict(netstack_check_track(netstack_leaf(entry, "next-hop"), args->errmsg,
						    args->errmsg_len));
	if (APPLYING(args))
		track_apply(args->dnode);
	return NB_OK;
}

int netstack_stack_track_destroy(struct nb_cb_destroy_args *args)
{
	if (APPLYING(args))
		netstack_route_set_track(route_of_track(args->dnode), NULL);
	return NB_OK;
}

static int track_leaf_modify(const struct nb_cb_modify_args *args)
{
	if (APPLYING(args))
		track_apply(lyd_parent(args->dnode));
	return NB_OK;
}

int netstack_stack_track_kind_modify(struct nb_cb_modify_args *args)
{
	return track_leaf_modify(args);
}

int netstack_stack_track_profile_modify(struct nb_cb_modify_args *args)
{
	return track_leaf_modify(args);
}

/* The node is of the old configuration: what is left of `track` is known but for the profile. */
int netstack_stack_track_profile_destroy(struct nb_cb_destroy_args *args)
{
	struct netstack_route *route;
	struct netstack_track track;

	if (!APPLYING(args))
		return NB_OK;
	route = route_of_track(lyd_parent(args->dnode));
	if (!route->track)
		return NB_OK;
	track = *route->track;
	track.profile[0] = '\0';
	netstack_route_set_track(route, &track);
	return NB_OK;
}

int netstack_stack_track_interval_modify(struct nb_cb_modify_args *args)
{
	return track_leaf_modify(args);
}

/* It goes because the kind has changed: that says the rest. */
int netstack_stack_track_interval_destroy(struct nb_cb_destroy_args *args)
{
	return NB_OK;
}

int netstack_stack_track_multiplier_modify(struct nb_cb_modify_args *args)
{
	return track_leaf_modify(args);
}

/* As interval. */
int netstack_stack_track_multiplier_destroy(struct nb_cb_destroy_args *args)
{
	return NB_OK;
}

int netstack_stack_track_hold_down_modify(struct nb_cb_modify_args *args)
{
	return track_leaf_modify(args);
}

/*
 * XPath: /frr-netstack:netstack/stack/neighbor
 */
static int neighbor_write(enum nb_event event, const struct lyd_node *neighbor, char *errmsg,
			  size_t errmsg_len)
{
	const char *ifname = netstack_leaf(neighbor, "interface");
	struct ipaddr address;
	struct ethaddr mac;

	netstack_value_address(netstack_child(neighbor, "address"), &address);
	yang_dnode_get_mac(&mac, netstack_child(neighbor, "mac"), NULL);
	if (event == NB_EV_VALIDATE)
		return verdict(netstack_check_neighbor(ifname, &address, &mac, errmsg, errmsg_len));
	if (applying(event, __func__, neighbor))
		netstack_neighbor_set(stack_of(neighbor), ifname, &address, &mac);
	return NB_OK;
}

int netstack_stack_neighbor_create(struct nb_cb_create_args *args)
{
	return neighbor_write(args->event, args->dnode, args->errmsg, args->errmsg_len);
}

int netstack_stack_neighbor_destroy(struct nb_cb_destroy_args *args)
{
	struct ipaddr address;

	if (APPLYING(args)) {
		netstack_value_address(netstack_child(args->dnode, "address"), &address);
		netstack_neighbor_remove(stack_of(args->dnode),
					 netstack_leaf(args->dnode, "interface"), &address);
	}
	return NB_OK;
}

int netstack_stack_neighbor_mac_modify(struct nb_cb_modify_args *args)
{
	return neighbor_write(args->event, lyd_parent(args->dnode), args->errmsg, args->errmsg_len);
}

/*
 * XPath: /frr-netstack:netstack/stack/leak
 */
int netstack_stack_leak_create(struct nb_cb_create_args *args)
{
	const char *from = netstack_leaf(args->dnode, "from");
	const char *plist = netstack_leaf(args->dnode, "prefix-list");

	if (args->event == NB_EV_VALIDATE)
		return verdict(netstack_check_leak(stack_name(args->dnode), from, plist,
						   args->errmsg, args->errmsg_len) &&
			       netstack_check_leak_loop(args->dnode, stack_name(args->dnode), from,
							plist, args->errmsg, args->errmsg_len));
	if (APPLYING(args))
		netstack_leak_add(stack_of(args->dnode), from, plist);
	return NB_OK;
}

int netstack_stack_leak_destroy(struct nb_cb_destroy_args *args)
{
	if (APPLYING(args))
		netstack_leak_remove(stack_of(args->dnode), netstack_leaf(args->dnode, "from"),
				     netstack_leaf(args->dnode, "prefix-list"));
	return NB_OK;
}
