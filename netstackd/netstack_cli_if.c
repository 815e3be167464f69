// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands that configure the interfaces of a stack.
 */

#include <zebra.h>

#include "command.h"
#include "northbound_cli.h"
#include "vty.h"

#include "netstackd/netstack_cli.h"
#include "netstackd/netstack_cli_scope.h"
#include "netstackd/netstack_nb.h"
#include "netstackd/netstack_nodes.h"
#include "netstackd/netstack_tree.h"
#include "netstackd/netstack_validate.h"

#include "netstackd/netstack_cli_if_clippy.c"

/*
 * XPath: /frr-netstack:netstack/stack/interface
 */
static void interface_xpath(char *buf, size_t len, const char *base, const char *ifname)
{
	char literal[IFNAMSIZ + 2];

	snprintf(buf, len, "%s/interface[name=%s]", base,
		 netstack_xpath_literal(literal, sizeof(literal), ifname));
}

/* Of such a path, the keys of the interface; no name of a stack has a slash. */
static const char *interface_keys(const char *xpath)
{
	const char *interface = strstr(xpath, "/interface[");

	return interface ? strchr(interface, '[') : NULL;
}

static const struct lyd_node *find_interface(const struct netstack_cli_scope *scope,
					     const char *xpath)
{
	const char *keys = interface_keys(xpath);

	return keys ? netstack_find_entry(scope->stack, "interface", keys) : NULL;
}

DEFPY_YANG_NOSH(netstack_interface,
      netstack_interface_cmd,
      "interface IFNAME",
      "Put an interface in the stack, and configure it\n"
      "Name of the interface; it does not have to exist yet\n")
{
	char stack_xpath[XPATH_MAXLEN], xpath[XPATH_MAXLEN + 64];
	struct netstack_cli_scope scope;
	bool good;
	int ret;

	good = netstack_cli_in_stack(vty, &scope);
	netstack_xpath(stack_xpath, sizeof(stack_xpath), scope.name);
	if (good && !netstack_check_interface(scope.tree, scope.name, ifname, scope.errmsg,
					      sizeof(scope.errmsg))) {
		good = false;
		netstack_cli_refused(vty, scope.errmsg);
	}
	interface_xpath(xpath, sizeof(xpath), stack_xpath, good ? ifname : REFUSED_NAME);
	if (!good)
		return netstack_cli_refused_block(vty, NETSTACK_IF_NODE, xpath);
	if (!find_interface(&scope, xpath)) {
		nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
		ret = netstack_cli_commit(vty);
		if (ret != CMD_SUCCESS)
			return ret;
	}
	VTY_PUSH_XPATH(NETSTACK_IF_NODE, xpath);
	return CMD_SUCCESS;
}

DEFPY_YANG(no_netstack_interface,
      no_netstack_interface_cmd,
      "no interface IFNAME",
      NO_STR
      "Take an interface out of the stack\n"
      MEMBER_STR)
{
	char xpath[128], what[64];
	SCOPE(scope);

	if (!netstack_check_link_name("interface", ifname, scope.errmsg, sizeof(scope.errmsg)))
		return netstack_cli_refused(vty, scope.errmsg);
	interface_xpath(xpath, sizeof(xpath), ".", ifname);
	snprintf(what, sizeof(what), "interface %s", ifname);
	return netstack_cli_remove(vty, &scope, xpath, what);
}

/* The interface whose node the command was typed in; NULL, with the reason told: it is gone. */
static const struct lyd_node *in_interface(struct vty *vty, struct netstack_cli_scope *scope)
{
	const struct lyd_node *nif = NULL;

	if (!netstack_cli_in_stack(vty, scope))
		return NULL;
	if (strstr(VTY_CURR_XPATH, "/interface[name='" REFUSED_NAME "']"))
		strlcpy(scope->errmsg, "this interface was refused", sizeof(scope->errmsg));
	else if ((nif = find_interface(scope, VTY_CURR_XPATH)))
		return nif;
	else
		snprintf(scope->errmsg, sizeof(scope->errmsg),
			 "this interface is no longer in netstack %s", scope->name);
	netstack_cli_refused(vty, scope->errmsg);
	return NULL;
}

#define IF_SCOPE(scope, nif)                                                                       \
	struct netstack_cli_scope scope;                                                           \
	const struct lyd_node *nif = in_interface(vty, &scope);                                    \
	if (!nif)                                                                                  \
		return CMD_WARNING_CONFIG_FAILED;                                                  \
	MACRO_REQUIRE_SEMICOLON()

/*
 * XPath: /frr-netstack:netstack/stack/interface/link
 */
static int set_link(struct vty *vty, const char *kind, const char *vlan, const char *parent)
{
	bool was_there;
	IF_SCOPE(scope, nif);

	if (!netstack_check_loopbacks(nif, kind, scope.errmsg, sizeof(scope.errmsg)))
		return netstack_cli_refused(vty, scope.errmsg);
	if (parent && !netstack_check_parent(scope.tree, yang_dnode_get_string(nif, "name"), parent,
					     scope.errmsg, sizeof(scope.errmsg)))
		return netstack_cli_refused(vty, scope.errmsg);
	was_there = netstack_child(nif, "link");
	/* with the first leaf comes the container */
	nb_cli_enqueue_change(vty, "./link/kind", NB_OP_MODIFY, kind);
	if (vlan || was_there)
		nb_cli_enqueue_change(vty, "./link/vlan-id", vlan ? NB_OP_MODIFY : NB_OP_DESTROY,
				      vlan);
	if (parent || was_there)
		nb_cli_enqueue_change(vty, "./link/parent", parent ? NB_OP_MODIFY : NB_OP_DESTROY,
				      parent);
	return netstack_cli_commit(vty);
}

#define LINK_STR	"Create the interface\n"
#define VLAN_STR	"802.1Q on a trunk\n"
#define VLAN_ID_STR	"VLAN\n"
#define MACVLAN_STR	"A port of its own, with its own MAC address, on a shared interface\n"
#define DUMMY_STR	"A loopback of the stack\n"
#define PARENT_STR	"The interface that it is created on\n"
#define PARENT_NAME_STR "Name of the interface; it does not have to exist yet\n"

DEFPY_YANG(netstack_if_link_vlan,
      netstack_if_link_vlan_cmd,
      "link vlan (1-4094) parent IFNAME$parent",
      LINK_STR
      VLAN_STR
      VLAN_ID_STR
      PARENT_STR
      PARENT_NAME_STR)
{
	return set_link(vty, "vlan", vlan_str, parent);
}

DEFPY_YANG(netstack_if_link_macvlan,
      netstack_if_link_macvlan_cmd,
      "link macvlan parent IFNAME$parent",
      LINK_STR
      MACVLAN_STR
      PARENT_STR
      PARENT_NAME_STR)
{
	return set_link(vty, "macvlan", NULL, parent);
}

DEFPY_YANG(netstack_if_link_dummy,
      netstack_if_link_dummy_cmd,
      "link dummy",
      LINK_STR
      DUMMY_STR)
{
	return set_link(vty, "dummy", NULL, NULL);
}

DEFPY_YANG(no_netstack_if_link,
      no_netstack_if_link_cmd,
      "no link [<vlan (1-4094) parent IFNAME|macvlan parent IFNAME|dummy>]",
      NO_STR
      "Do not create the interface: it is one that exists\n"
      VLAN_STR
      VLAN_ID_STR
      PARENT_STR
      PARENT_NAME_STR
      MACVLAN_STR
      PARENT_STR
      PARENT_NAME_STR
      DUMMY_STR)
{
	IF_SCOPE(scope, nif);

	if (!netstack_check_loopbacks(nif, NULL, scope.errmsg, sizeof(scope.errmsg)))
		return netstack_cli_refused(vty, scope.errmsg);
	return netstack_cli_set(vty, "./link", NULL);
}

/*
 * XPath: /frr-netstack:netstack/stack/interface/mac
 */
DEFPY_YANG(netstack_if_mac,
      netstack_if_mac_cmd,
      "mac X:X:X:X:X:X",
      "MAC address of the interface\n"
      "MAC address\n")
{
	char text[ETHER_ADDR_STRLEN];
	IF_SCOPE(scope, nif);

	if (!netstack_check_mac(&mac->eth_addr, scope.errmsg, sizeof(scope.errmsg)))
		return netstack_cli_refused(vty, scope.errmsg);
	return netstack_cli_set(vty, "./mac", prefix_mac2str(&mac->eth_addr, text, sizeof(text)));
}

DEFPY_YANG(no_netstack_if_mac,
      no_netstack_if_mac_cmd,
      "no mac [X:X:X:X:X:X]",
      NO_STR
      "MAC address of the interface\n"
      "MAC address\n")
{
	IF_SCOPE(scope, nif);

	return netstack_cli_set(vty, "./mac", NULL);
}

/*
 * XPath: /frr-netstack:netstack/stack/interface/mtu
 */
DEFPY_YANG(netstack_if_mtu,
      netstack_if_mtu_cmd,
      "mtu (68-65535)",
      "Largest packet that the interface carries\n"
      "Bytes\n")
{
	IF_SCOPE(scope, nif);

	return netstack_cli_set(vty, "./mtu", mtu_str);
}

DEFPY_YANG(no_netstack_if_mtu,
      no_netstack_if_mtu_cmd,
      "no mtu [(68-65535)]",
      NO_STR
      "Largest packet that the interface carries\n"
      "Bytes\n")
{
	IF_SCOPE(scope, nif);

	return netstack_cli_set(vty, "./mtu", NULL);
}

/*
 * XPath: /frr-netstack:netstack/stack/interface/address
 */
DEFPY_YANG(netstack_if_address,
      netstack_if_address_cmd,
      "address <A.B.C.D/M|X:X::X:X/M>$address",
      "Address of the interface; any number of them\n"
      "IPv4 address and prefix length of its subnet\n"
      "IPv6 address and prefix length of its subnet\n")
{
	char text[PREFIX_STRLEN], warning[NETSTACK_ERRMSG_MAX];
	IF_SCOPE(scope, nif);
	const struct lyd_node *kind = yang_dnode_get(nif, "./link/kind");

	if (!netstack_check_address(address, scope.errmsg, sizeof(scope.errmsg)) ||
	    !netstack_check_loopback(address, kind ? yang_dnode_get_string(kind, NULL) : NULL,
				     scope.errmsg, sizeof(scope.errmsg)))
		return netstack_cli_refused(vty, scope.errmsg);
	if (!netstack_check_subnet(scope.tree, scope.name, yang_dnode_get_string(nif, "name"),
				   address, warning, sizeof(warning)))
		vty_out(vty, "%% %s\n", warning);
	snprintfrr(text, sizeof(text), "%pFX", address);
	nb_cli_enqueue_change(vty, "./address", NB_OP_CREATE, text);
	return netstack_cli_commit(vty);
}

DEFPY_YANG(no_netstack_if_address,
      no_netstack_if_address_cmd,
      "no address <A.B.C.D/M|X:X::X:X/M>$address",
      NO_STR
      "Address of the interface\n"
      "IPv4 address and prefix length of its subnet\n"
      "IPv6 address and prefix length of its subnet\n")
{
	char xpath[128];
	IF_SCOPE(scope, nif);

	snprintfrr(xpath, sizeof(xpath), "./address[.='%pFX']", address);
	if (!yang_dnode_exists(nif, xpath)) {
		vty_out(vty, "%% interface %s has no address %pFX\n",
			yang_dnode_get_string(nif, "name"), address);
		return CMD_SUCCESS;
	}
	return netstack_cli_set(vty, xpath, NULL);
}

/*
 * XPath: /frr-netstack:netstack/stack/interface/shutdown
 */
DEFPY_YANG(netstack_if_shutdown,
      netstack_if_shutdown_cmd,
      "[no] shutdown",
      NO_STR
      "Keep the interface in the stack, but down\n")
{
	IF_SCOPE(scope, nif);

	return netstack_cli_set_flag(vty, "./shutdown", !no);
}

static struct cmd_node netstack_if_node = {
	.name = "netstack interface",
	.node = (enum node_type)NETSTACK_IF_NODE,
	.parent_node = (enum node_type)NETSTACK_NODE,
	.prompt = NETSTACK_IF_PROMPT,
};

void netstack_cli_if_init(void)
{
	install_node(&netstack_if_node);
	install_default(netstack_if_node.node);

	install_element(NETSTACK_NODE, &netstack_interface_cmd);
	install_element(NETSTACK_NODE, &no_netstack_interface_cmd);
	install_element(NETSTACK_IF_NODE, &netstack_if_link_vlan_cmd);
	install_element(NETSTACK_IF_NODE, &netstack_if_link_macvlan_cmd);
	install_element(NETSTACK_IF_NODE, &netstack_if_link_dummy_cmd);
	install_element(NETSTACK_IF_NODE, &no_netstack_if_link_cmd);
	install_element(NETSTACK_IF_NODE, &netstack_if_mac_cmd);
	install_element(NETSTACK_IF_NODE, &no_netstack_if_mac_cmd);
	install_element(NETSTACK_IF_NODE, &netstack_if_mtu_cmd);
	install_element(NETSTACK_IF_NODE, &no_netstack_if_mtu_cmd);
	install_element(NETSTACK_IF_NODE, &netstack_if_address_cmd);
	install_element(NETSTACK_IF_NODE, &no_netstack_if_address_cmd);
	install_element(NETSTACK_IF_NODE, &netstack_if_shutdown_cmd);
}
