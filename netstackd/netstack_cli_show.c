// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How configuration is written, and in which order.
 */

#include <zebra.h>

#include "if.h"
#include "northbound_cli.h"
#include "vty.h"

#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_nb.h"
#include "netstackd/netstack_tree.h"

/*
 * The order in which entries are written: as people count, IPv4 first.
 */

static int cmp_ip(const char *a, const char *b)
{
	struct ipaddr p = {}, q = {};

	str2ipaddr(a, &p);
	str2ipaddr(b, &q);
	return ipaddr_cmp(&p, &q);
}

/* Addresses and prefixes: by family, address, prefix length. */
static int cmp_prefix(const char *a, const char *b)
{
	struct netstack_address p = {}, q = {};

	netstack_prefix_parse(&p.prefix, a);
	netstack_prefix_parse(&q.prefix, b);
	return netstack_address_cmp(&p, &q);
}

static int cmp_key(const struct lyd_node *a, const struct lyd_node *b, const char *key,
		   int (*cmp)(const char *, const char *))
{
	const char *value_a = yang_dnode_get_string(a, "%s", key);
	const char *value_b = yang_dnode_get_string(b, "%s", key);

	return cmp(value_a, value_b);
}

int netstack_cli_cmp_interface(const struct lyd_node *a, const struct lyd_node *b)
{
	return cmp_key(a, b, "name", if_cmp_name_func);
}

int netstack_cli_cmp_interface_address(const struct lyd_node *a, const struct lyd_node *b)
{
	return cmp_prefix(yang_dnode_get_string(a, NULL), yang_dnode_get_string(b, NULL));
}

int netstack_cli_cmp_default_gateway(const struct lyd_node *a, const struct lyd_node *b)
{
	return cmp_key(a, b, "address", cmp_ip) ?: cmp_key(a, b, "interface", if_cmp_name_func);
}

/* blackhole and unreachable are no addresses: all the same to cmp_ip(), and first. */
int netstack_cli_cmp_route(const struct lyd_node *a, const struct lyd_node *b)
{
	return cmp_key(a, b, "prefix", cmp_prefix) ?: cmp_key(a, b, "next-hop", cmp_ip) ?:
	       cmp_key(a, b, "next-hop", strcmp) ?: cmp_key(a, b, "interface", if_cmp_name_func);
}

int netstack_cli_cmp_neighbor(const struct lyd_node *a, const struct lyd_node *b)
{
	bool v6_a = strchr(yang_dnode_get_string(a, "address"), ':');
	bool v6_b = strchr(yang_dnode_get_string(b, "address"), ':');

	return numcmp(v6_a, v6_b) ?: cmp_key(a, b, "interface", if_cmp_name_func) ?:
	       cmp_key(a, b, "address", cmp_ip);
}

int netstack_cli_cmp_leak(const struct lyd_node *a, const struct lyd_node *b)
{
	return cmp_key(a, b, "from", strcmp) ?: cmp_key(a, b, "prefix-list", strcmp);
}

/*
 * Lines, each by the name of its node in yang/frr-netstack.yang
 */

void netstack_cli_show_table_range(struct vty *vty, const struct lyd_node *dnode,
				   bool show_defaults)
{
	vty_out(vty, "netstack-global table-range %s %s\n!\n",
		yang_dnode_get_string(dnode, "lower"), yang_dnode_get_string(dnode, "upper"));
}

/* `default` always exists: it is written if there is something in it. */
static bool is_written(const struct lyd_node *stack)
{
	const struct lyd_node *child;

	if (!strmatch(yang_dnode_get_string(stack, "name"), NETSTACK_DEFAULT_NAME))
		return true;
	LY_LIST_FOR (lyd_child_no_keys(stack), child)
		if (!yang_dnode_is_default_recursive(child))
			return true;
	return false;
}

void netstack_cli_show_stack(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	if (is_written(dnode))
		vty_out(vty, "netstack %s\n", yang_dnode_get_string(dnode, "name"));
}

void netstack_cli_show_stack_end(struct vty *vty, const struct lyd_node *dnode)
{
	if (is_written(dnode))
		vty_out(vty, "exit\n!\n");
}

void netstack_cli_show_vrf(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " vrf %s\n", yang_dnode_get_string(dnode, NULL));
}

void netstack_cli_show_table(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " table %s\n", yang_dnode_get_string(dnode, NULL));
}

void netstack_cli_show_description(struct vty *vty, const struct lyd_node *dnode,
				   bool show_defaults)
{
	vty_out(vty, " description %s\n", yang_dnode_get_string(dnode, NULL));
}

void netstack_cli_show_ipv6_disable(struct vty *vty, const struct lyd_node *dnode,
				    bool show_defaults)
{
	vty_out(vty, " %sipv6 disable\n", yang_dnode_get_bool(dnode, NULL) ? "" : "no ");
}

void netstack_cli_show_shutdown(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " %sshutdown\n", yang_dnode_get_bool(dnode, NULL) ? "" : "no ");
}

void netstack_cli_show_limit(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " limit %s %s%s\n", dnode->schema->name,
		yang_dnode_get_string(dnode, "maximum"),
		strmatch(netstack_leaf_or_default(dnode, "warning-only"), "true") ? " warning-only"
										  : "");
}

void netstack_cli_show_interface(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " interface %s\n", yang_dnode_get_string(dnode, "name"));
}

void netstack_cli_show_interface_end(struct vty *vty, const struct lyd_node *dnode)
{
	vty_out(vty, " exit\n !\n");
}

void netstack_cli_show_interface_link(struct vty *vty, const struct lyd_node *dnode,
				      bool show_defaults)
{
	vty_out(vty, "  link %s", yang_dnode_get_string(dnode, "kind"));
	if (yang_dnode_exists(dnode, "vlan-id"))
		vty_out(vty, " %s", yang_dnode_get_string(dnode, "vlan-id"));
	if (yang_dnode_exists(dnode, "parent"))
		vty_out(vty, " parent %s", yang_dnode_get_string(dnode, "parent"));
	vty_out(vty, "\n");
}

void netstack_cli_show_interface_mac(struct vty *vty, const struct lyd_node *dnode,
				     bool show_defaults)
{
	vty_out(vty, "  mac %s\n", yang_dnode_get_string(dnode, NULL));
}

void netstack_cli_show_interface_mtu(struct vty *vty, const struct lyd_node *dnode,
				     bool show_defaults)
{
	vty_out(vty, "  mtu %s\n", yang_dnode_get_string(dnode, NULL));
}

void netstack_cli_show_interface_address(struct vty *vty, const struct lyd_node *dnode,
					 bool show_defaults)
{
	vty_out(vty, "  address %s\n", yang_dnode_get_string(dnode, NULL));
}

void netstack_cli_show_interface_shutdown(struct vty *vty, const struct lyd_node *dnode,
					  bool show_defaults)
{
	vty_out(vty, "  %sshutdown\n", yang_dnode_get_bool(dnode, NULL) ? "" : "no ");
}

static void show_distance(struct vty *vty, const struct lyd_node *dnode)
{
	int distance = atoi(netstack_leaf_or_default(dnode, "distance"));

	if (distance != NETSTACK_DISTANCE_DEFAULT)
		vty_out(vty, " distance %d", distance);
}

static void show_track(struct vty *vty, const struct lyd_node *dnode)
{
	const struct lyd_node *track = yang_dnode_get(dnode, "track");

	if (!track)
		return;
	vty_out(vty, " track %s", yang_dnode_get_string(track, "kind"));
	if (yang_dnode_exists(track, "profile"))
		vty_out(vty, " profile %s", yang_dnode_get_string(track, "profile"));
	if (yang_dnode_exists(track, "interval") && !yang_dnode_is_default(track, "interval"))
		vty_out(vty, " interval %s", yang_dnode_get_string(track, "interval"));
	if (yang_dnode_exists(track, "multiplier") && !yang_dnode_is_default(track, "multiplier"))
		vty_out(vty, " multiplier %s", yang_dnode_get_string(track, "multiplier"));
	if (yang_dnode_exists(track, "hold-down") && !yang_dnode_is_default(track, "hold-down"))
		vty_out(vty, " hold-down %s", yang_dnode_get_string(track, "hold-down"));
}

static void show_interface(struct vty *vty, const struct lyd_node *dnode)
{
	const char *ifname = yang_dnode_get_string(dnode, "interface");

	if (ifname[0])
		vty_out(vty, " interface %s", ifname);
}

void netstack_cli_out_next_hop(struct vty *vty, const struct lyd_node *dnode)
{
	vty_out(vty, " %s", dnode->schema->name);
	if (strmatch(dnode->schema->name, "route"))
		vty_out(vty, " %s %s", yang_dnode_get_string(dnode, "prefix"),
			yang_dnode_get_string(dnode, "next-hop"));
	else
		vty_out(vty, " %s", yang_dnode_get_string(dnode, "address"));
	show_interface(vty, dnode);
	show_distance(vty, dnode);
	show_track(vty, dnode);
}

void netstack_cli_show_next_hop(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	netstack_cli_out_next_hop(vty, dnode);
	vty_out(vty, "\n");
}

void netstack_cli_show_neighbor(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	const char *address = yang_dnode_get_string(dnode, "address");

	vty_out(vty, " %s %s %s interface %s\n", strchr(address, ':') ? "nd" : "arp", address,
		yang_dnode_get_string(dnode, "mac"), yang_dnode_get_string(dnode, "interface"));
}

void netstack_cli_show_leak(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " leak from %s prefix-list %s\n", yang_dnode_get_string(dnode, "from"),
		yang_dnode_get_string(dnode, "prefix-list"));
}
