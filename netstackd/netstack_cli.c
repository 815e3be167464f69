// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands that configure, and how configuration is written.
 *
 * A command checks (netstack_validate.h), prints "% why not" and changes nothing, or enqueues its
 * change.  The check comes first because the northbound rejects a transaction as a whole, and
 * `vtysh -f` makes one transaction of thousands of lines.
 *
 * `netstack NAME` is one step, and so is the VRF of that name that comes with it.  If the stack
 * cannot have that VRF (the name is too long, another stack has it) it needs ` vrf VRFNAME` as
 * well, which is the next line.  So the node is entered, the stack is made together with its VRF
 * by that line, and any other line is refused until then.
 *
 * In a file, a block whose first line is refused is entered all the same, and all of it is
 * refused.  Otherwise its other lines would be taken for those of the node around it: the
 * `shutdown` of a refused interface would shut down the stack, and one `exit` too many ends the
 * reading of the file.
 */

#include <zebra.h>

#include "command.h"
#include "if.h"
#include "libfrr.h"
#include "northbound_cli.h"
#include "vty.h"

#include "netstackd/netstack_cli.h"
#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_nb.h"
#include "netstackd/netstack_nodes.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_validate.h"

#include "netstackd/netstack_cli_clippy.c"

#define STACK_STR	   "A TCP/IP stack of its own\n"
#define STACK_NAME_STR	   "Name of the stack; default: the router's default VRF\n"
#define DISTANCE_STR	   "Preference among several: the lowest one that is usable\n"
#define DISTANCE_VALUE_STR "Administrative distance, 1 by default\n"
#define VIA_STR		   "Only through this interface\n"
#define MEMBER_STR	   "Name of an interface of this stack\n"

/*
 * What all commands of a stack need
 */

/* Stands for the name of what was refused, in paths: nothing can have this name. */
#define REFUSED_NAME "/"

struct scope {
	const struct lyd_node *tree;  /* the candidate */
	const struct lyd_node *stack; /* in it; NULL: not there (yet) */
	char name[NETSTACK_NAME_MAX + 1];
	char errmsg[NETSTACK_ERRMSG_MAX];
};

static bool is_batch(const struct vty *vty)
{
	return vty->pending_allowed || vty->type == VTY_FILE;
}

/* Nobody may be looking while a file is read: it is logged then. */
static int refused(struct vty *vty, const char *errmsg)
{
	vty_out(vty, "%% %s\n", errmsg);
	if (is_batch(vty))
		zlog_warn("\"%s\" is refused: %s", vty->buf + strspn(vty->buf, " "), errmsg);
	return CMD_WARNING_CONFIG_FAILED;
}

/* The first line of a block is refused, and that was told: no block; in a file, one of nothing. */
static int refused_block(struct vty *vty, int node, const char *xpath)
{
	if (!is_batch(vty))
		return CMD_WARNING_CONFIG_FAILED;
	VTY_PUSH_XPATH((enum node_type)node, xpath);
	return CMD_SUCCESS;
}

/* The stack whose node the command was typed in. */
static void scope_init(struct vty *vty, struct scope *scope)
{
	char xpath[XPATH_MAXLEN];

	memset(scope, 0, sizeof(*scope));
	scope->tree = vty->candidate_config->dnode;
	if (vty->xpath_index &&
	    netstack_xpath_name(VTY_CURR_XPATH, scope->name, sizeof(scope->name)))
		scope->stack = yang_dnode_get(scope->tree,
					      netstack_xpath(xpath, sizeof(xpath), scope->name));
}

/* The same; false, with the reason told, if there is no such stack (yet). */
static bool in_stack(struct vty *vty, struct scope *scope)
{
	scope_init(vty, scope);
	if (scope->stack)
		return true;
	if (strmatch(scope->name, REFUSED_NAME))
		refused(vty, "this netstack was refused");
	else if (!netstack_check_vrf(scope->tree, scope->name, NULL, scope->errmsg,
				     sizeof(scope->errmsg)))
		refused(vty, scope->errmsg);
	else
		vty_out(vty, "%% netstack %s is gone: enter \"netstack %s\" to have it again\n",
			scope->name, scope->name);
	return false;
}

#define SCOPE(scope)                                                                               \
	struct scope scope;                                                                        \
	if (!in_stack(vty, &scope))                                                                \
		return CMD_WARNING_CONFIG_FAILED;                                                  \
	MACRO_REQUIRE_SEMICOLON()

/* Sets a leaf of the node that the command is in; NULL: its default, or none. */
static int set_leaf(struct vty *vty, const char *xpath, const char *value)
{
	nb_cli_enqueue_change(vty, xpath, value ? NB_OP_MODIFY : NB_OP_DESTROY, value);
	return nb_cli_apply_changes(vty, NULL);
}

static int set_flag(struct vty *vty, const char *xpath, bool value)
{
	return set_leaf(vty, xpath, value ? "true" : "false");
}

/*
 * Removes an entry of the stack.  Removing what is not there is no error, as elsewhere in FRR, but
 * it is probably not what was meant: it is told.
 */
static int remove_entry(struct vty *vty, const struct scope *scope, const char *xpath,
			const char *what)
{
	if (!yang_dnode_exists(scope->stack, xpath)) {
		vty_out(vty, "%% netstack %s has no %s\n", scope->name, what);
		return CMD_SUCCESS;
	}
	nb_cli_enqueue_change(vty, xpath, NB_OP_DESTROY, NULL);
	return nb_cli_apply_changes(vty, NULL);
}

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

	str2prefix(a, &p.prefix);
	str2prefix(b, &q.prefix);
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

/*
 * XPath: /frr-netstack:netstack/global/table-range
 */
DEFPY_YANG(netstack_table_range,
      netstack_table_range_cmd,
      "netstack-global table-range (1-4294967295)$lower (1-4294967295)$upper",
      "Settings of all TCP/IP stacks\n"
      "Where tables are allocated for stacks that have none configured\n"
      "First table\n"
      "Last table\n")
{
	char errmsg[NETSTACK_ERRMSG_MAX];

	if (!netstack_check_table_range(lower, upper, errmsg, sizeof(errmsg)))
		return refused(vty, errmsg);
	nb_cli_enqueue_change(vty, "/frr-netstack:netstack/global/table-range/lower", NB_OP_MODIFY,
			      lower_str);
	nb_cli_enqueue_change(vty, "/frr-netstack:netstack/global/table-range/upper", NB_OP_MODIFY,
			      upper_str);
	return nb_cli_apply_changes(vty, NULL);
}

DEFPY_YANG(no_netstack_table_range,
      no_netstack_table_range_cmd,
      "no netstack-global table-range [(1-4294967295) (1-4294967295)]",
      NO_STR
      "Settings of all TCP/IP stacks\n"
      "Where tables are allocated for stacks that have none configured\n"
      "First table\n"
      "Last table\n")
{
	/* without a value: the default */
	nb_cli_enqueue_change(vty, "/frr-netstack:netstack/global/table-range/lower", NB_OP_MODIFY,
			      NULL);
	nb_cli_enqueue_change(vty, "/frr-netstack:netstack/global/table-range/upper", NB_OP_MODIFY,
			      NULL);
	return nb_cli_apply_changes(vty, NULL);
}

void netstack_cli_show_table_range(struct vty *vty, const struct lyd_node *dnode,
				   bool show_defaults)
{
	vty_out(vty, "netstack-global table-range %s %s\n!\n",
		yang_dnode_get_string(dnode, "lower"), yang_dnode_get_string(dnode, "upper"));
}

/*
 * XPath: /frr-netstack:netstack/stack
 */
DEFPY_YANG_NOSH(netstack,
      netstack_cmd,
      "netstack NAME",
      STACK_STR
      STACK_NAME_STR)
{
	const struct lyd_node *tree = vty->candidate_config->dnode;
	char xpath[XPATH_MAXLEN], errmsg[NETSTACK_ERRMSG_MAX];
	int ret;

	if (!netstack_check_name(netstack, errmsg, sizeof(errmsg))) {
		refused(vty, errmsg);
		return refused_block(vty, NETSTACK_NODE,
				     netstack_xpath(xpath, sizeof(xpath), REFUSED_NAME));
	}
	netstack_xpath(xpath, sizeof(xpath), netstack);
	if (!yang_dnode_exists(tree, xpath)) {
		if (netstack_check_vrf(tree, netstack, NULL, errmsg, sizeof(errmsg))) {
			nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
			ret = nb_cli_apply_changes(vty, NULL);
			if (ret != CMD_SUCCESS)
				return ret;
		} else if (!is_batch(vty)) {
			/* a person is to know; in a file ` vrf VRFNAME` is the next line */
			refused(vty, errmsg);
		}
	}
	VTY_PUSH_XPATH(NETSTACK_NODE, xpath);
	return CMD_SUCCESS;
}

DEFPY_YANG(no_netstack,
      no_netstack_cmd,
      "no netstack NAME",
      NO_STR
      STACK_STR
      "Name of the stack\n")
{
	char xpath[XPATH_MAXLEN], errmsg[NETSTACK_ERRMSG_MAX];

	if (!netstack_check_name(netstack, errmsg, sizeof(errmsg)) ||
	    !netstack_check_not_default(netstack, "be removed", errmsg, sizeof(errmsg)))
		return refused(vty, errmsg);
	netstack_xpath(xpath, sizeof(xpath), netstack);
	if (!yang_dnode_exists(vty->candidate_config->dnode, xpath)) {
		vty_out(vty, "%% there is no netstack %s\n", netstack);
		return CMD_WARNING_CONFIG_FAILED;
	}
	nb_cli_enqueue_change(vty, xpath, NB_OP_DESTROY, NULL);
	return nb_cli_apply_changes(vty, NULL);
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

/*
 * XPath: /frr-netstack:netstack/stack/vrf
 */
DEFPY_YANG(netstack_vrf,
      netstack_vrf_cmd,
      "vrf VRFNAME$vrf",
      "VRF of the stack, if it is to have another name than the stack\n"
      "Name of the VRF and of its device, at most 15 characters\n")
{
	char stack_xpath[XPATH_MAXLEN], vrf_xpath[XPATH_MAXLEN + 8];
	struct scope scope;
	int index = vty->xpath_index, ret;

	scope_init(vty, &scope);
	if (strmatch(scope.name, REFUSED_NAME))
		return refused(vty, "this netstack was refused");
	if (!netstack_check_vrf(scope.tree, scope.name, vrf, scope.errmsg, sizeof(scope.errmsg)))
		return refused(vty, scope.errmsg);
	if (scope.stack)
		return set_leaf(vty, "./vrf", vrf);

	/* the stack is made together with its VRF: there is nothing yet to be relative to */
	netstack_xpath(stack_xpath, sizeof(stack_xpath), scope.name);
	snprintf(vrf_xpath, sizeof(vrf_xpath), "%s/vrf", stack_xpath);
	nb_cli_enqueue_change(vty, stack_xpath, NB_OP_CREATE, NULL);
	nb_cli_enqueue_change(vty, vrf_xpath, NB_OP_MODIFY, vrf);
	vty->xpath_index = 0;
	ret = nb_cli_apply_changes(vty, NULL);
	vty->xpath_index = index;
	return ret;
}

DEFPY_YANG(no_netstack_vrf,
      no_netstack_vrf_cmd,
      "no vrf [VRFNAME]",
      NO_STR
      "VRF of the stack, if it is to have another name than the stack\n"
      "Name of the VRF and of its device\n")
{
	SCOPE(scope);

	if (!yang_dnode_exists(scope.stack, "./vrf"))
		return CMD_SUCCESS;
	if (!netstack_check_vrf(scope.tree, scope.name, NULL, scope.errmsg, sizeof(scope.errmsg)))
		return refused(vty, scope.errmsg);
	return set_leaf(vty, "./vrf", NULL);
}

void netstack_cli_show_vrf(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " vrf %s\n", yang_dnode_get_string(dnode, NULL));
}

/*
 * XPath: /frr-netstack:netstack/stack/table
 */
DEFPY_YANG(netstack_table,
      netstack_table_cmd,
      "table (1-4294967295)",
      "Routing table of the stack, if it is not to be allocated\n"
      "Number of a table that nothing else uses\n")
{
	SCOPE(scope);

	if (!netstack_check_table(scope.tree, scope.name, table, scope.errmsg,
				  sizeof(scope.errmsg)))
		return refused(vty, scope.errmsg);
	return set_leaf(vty, "./table", table_str);
}

DEFPY_YANG(no_netstack_table,
      no_netstack_table_cmd,
      "no table [(1-4294967295)]",
      NO_STR
      "Routing table of the stack, if it is not to be allocated\n"
      "Number of the table\n")
{
	SCOPE(scope);

	return set_leaf(vty, "./table", NULL);
}

void netstack_cli_show_table(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " table %s\n", yang_dnode_get_string(dnode, NULL));
}

/*
 * XPath: /frr-netstack:netstack/stack/description
 */
DEFPY_YANG(netstack_description,
      netstack_description_cmd,
      "description LINE...",
      "What the stack is for\n"
      "Words for people, at most 255 characters\n")
{
	char *text;
	int ret;
	SCOPE(scope);

	text = argv_concat(argv, argc, 1);
	if (netstack_check_description(text, scope.errmsg, sizeof(scope.errmsg)))
		ret = set_leaf(vty, "./description", text);
	else
		ret = refused(vty, scope.errmsg);
	XFREE(MTYPE_TMP, text);
	return ret;
}

DEFPY_YANG(no_netstack_description,
      no_netstack_description_cmd,
      "no description",
      NO_STR
      "What the stack is for\n")
{
	SCOPE(scope);

	return set_leaf(vty, "./description", NULL);
}

ALIAS_YANG(no_netstack_description,
      no_netstack_description_text_cmd,
      "no description LINE...",
      NO_STR
      "What the stack is for\n"
      "Words for people\n")

void netstack_cli_show_description(struct vty *vty, const struct lyd_node *dnode,
				   bool show_defaults)
{
	vty_out(vty, " description %s\n", yang_dnode_get_string(dnode, NULL));
}

/*
 * XPath: /frr-netstack:netstack/stack/ipv6-disable
 */
DEFPY_YANG(netstack_ipv6_disable,
      netstack_ipv6_disable_cmd,
      "[no] ipv6 disable",
      NO_STR
      "IPv6 of the stack\n"
      "The stack has no IPv6\n")
{
	SCOPE(scope);

	if (!no && !netstack_check_not_default(scope.name, "go without IPv6", scope.errmsg,
					       sizeof(scope.errmsg)))
		return refused(vty, scope.errmsg);
	return set_flag(vty, "./ipv6-disable", !no);
}

void netstack_cli_show_ipv6_disable(struct vty *vty, const struct lyd_node *dnode,
				    bool show_defaults)
{
	vty_out(vty, " %sipv6 disable\n", yang_dnode_get_bool(dnode, NULL) ? "" : "no ");
}

/*
 * XPath: /frr-netstack:netstack/stack/shutdown
 */
DEFPY_YANG(netstack_shutdown,
      netstack_shutdown_cmd,
      "[no] shutdown",
      NO_STR
      "Keep the configuration, take the stack out of service\n")
{
	SCOPE(scope);

	if (!no && !netstack_check_not_default(scope.name, "be shut down", scope.errmsg,
					       sizeof(scope.errmsg)))
		return refused(vty, scope.errmsg);
	return set_flag(vty, "./shutdown", !no);
}

void netstack_cli_show_shutdown(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " %sshutdown\n", yang_dnode_get_bool(dnode, NULL) ? "" : "no ");
}

/*
 * XPath: /frr-netstack:netstack/stack/interface
 */
static void interface_xpath(char *buf, size_t len, const char *base, const char *ifname)
{
	char literal[IFNAMSIZ + 2];

	snprintf(buf, len, "%s/interface[name=%s]", base,
		 netstack_xpath_literal(literal, sizeof(literal), ifname));
}

DEFPY_YANG_NOSH(netstack_interface,
      netstack_interface_cmd,
      "interface IFNAME",
      "Put an interface in the stack, and configure it\n"
      "Name of the interface; it does not have to exist yet\n")
{
	char stack_xpath[XPATH_MAXLEN], xpath[XPATH_MAXLEN + 64];
	struct scope scope;
	bool good;
	int ret;

	good = in_stack(vty, &scope);
	netstack_xpath(stack_xpath, sizeof(stack_xpath), scope.name);
	if (good && !netstack_check_interface(scope.tree, scope.name, ifname, scope.errmsg,
					      sizeof(scope.errmsg))) {
		good = false;
		refused(vty, scope.errmsg);
	}
	interface_xpath(xpath, sizeof(xpath), stack_xpath, good ? ifname : REFUSED_NAME);
	if (!good)
		return refused_block(vty, NETSTACK_IF_NODE, xpath);
	if (!yang_dnode_exists(scope.tree, xpath)) {
		nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
		ret = nb_cli_apply_changes(vty, NULL);
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
		return refused(vty, scope.errmsg);
	interface_xpath(xpath, sizeof(xpath), ".", ifname);
	snprintf(what, sizeof(what), "interface %s", ifname);
	return remove_entry(vty, &scope, xpath, what);
}

void netstack_cli_show_interface(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " interface %s\n", yang_dnode_get_string(dnode, "name"));
}

void netstack_cli_show_interface_end(struct vty *vty, const struct lyd_node *dnode)
{
	vty_out(vty, " exit\n !\n");
}

/* The interface whose node the command was typed in; NULL, with the reason told: it is gone. */
static const struct lyd_node *in_interface(struct vty *vty, struct scope *scope)
{
	const struct lyd_node *nif;

	if (!in_stack(vty, scope))
		return NULL;
	nif = yang_dnode_get(scope->tree, VTY_CURR_XPATH);
	if (nif)
		return nif;
	if (strstr(VTY_CURR_XPATH, "/interface[name='" REFUSED_NAME "']"))
		strlcpy(scope->errmsg, "this interface was refused", sizeof(scope->errmsg));
	else
		snprintf(scope->errmsg, sizeof(scope->errmsg),
			 "this interface is no longer in netstack %s", scope->name);
	refused(vty, scope->errmsg);
	return NULL;
}

#define IF_SCOPE(scope, nif)                                                                       \
	struct scope scope;                                                                        \
	const struct lyd_node *nif = in_interface(vty, &scope);                                    \
	if (!nif)                                                                                  \
		return CMD_WARNING_CONFIG_FAILED;                                                  \
	MACRO_REQUIRE_SEMICOLON()

/*
 * XPath: /frr-netstack:netstack/stack/interface/link
 */
static int set_link(struct vty *vty, const char *kind, const char *vlan, const char *parent)
{
	IF_SCOPE(scope, nif);

	if (parent && !netstack_check_parent(scope.tree, yang_dnode_get_string(nif, "name"), parent,
					     scope.errmsg, sizeof(scope.errmsg)))
		return refused(vty, scope.errmsg);
	nb_cli_enqueue_change(vty, "./link", NB_OP_CREATE, NULL);
	nb_cli_enqueue_change(vty, "./link/kind", NB_OP_MODIFY, kind);
	nb_cli_enqueue_change(vty, "./link/vlan-id", vlan ? NB_OP_MODIFY : NB_OP_DESTROY, vlan);
	nb_cli_enqueue_change(vty, "./link/parent", parent ? NB_OP_MODIFY : NB_OP_DESTROY, parent);
	return nb_cli_apply_changes(vty, NULL);
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

	return set_leaf(vty, "./link", NULL);
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
		return refused(vty, scope.errmsg);
	return set_leaf(vty, "./mac", prefix_mac2str(&mac->eth_addr, text, sizeof(text)));
}

DEFPY_YANG(no_netstack_if_mac,
      no_netstack_if_mac_cmd,
      "no mac [X:X:X:X:X:X]",
      NO_STR
      "MAC address of the interface\n"
      "MAC address\n")
{
	IF_SCOPE(scope, nif);

	return set_leaf(vty, "./mac", NULL);
}

void netstack_cli_show_interface_mac(struct vty *vty, const struct lyd_node *dnode,
				     bool show_defaults)
{
	vty_out(vty, "  mac %s\n", yang_dnode_get_string(dnode, NULL));
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

	return set_leaf(vty, "./mtu", mtu_str);
}

DEFPY_YANG(no_netstack_if_mtu,
      no_netstack_if_mtu_cmd,
      "no mtu [(68-65535)]",
      NO_STR
      "Largest packet that the interface carries\n"
      "Bytes\n")
{
	IF_SCOPE(scope, nif);

	return set_leaf(vty, "./mtu", NULL);
}

void netstack_cli_show_interface_mtu(struct vty *vty, const struct lyd_node *dnode,
				     bool show_defaults)
{
	vty_out(vty, "  mtu %s\n", yang_dnode_get_string(dnode, NULL));
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

	if (!netstack_check_address(address, scope.errmsg, sizeof(scope.errmsg)))
		return refused(vty, scope.errmsg);
	if (!netstack_check_subnet(scope.tree, scope.name, yang_dnode_get_string(nif, "name"),
				   address, warning, sizeof(warning)))
		vty_out(vty, "%% %s\n", warning);
	snprintfrr(text, sizeof(text), "%pFX", address);
	nb_cli_enqueue_change(vty, "./address", NB_OP_CREATE, text);
	return nb_cli_apply_changes(vty, NULL);
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
	return set_leaf(vty, xpath, NULL);
}

void netstack_cli_show_interface_address(struct vty *vty, const struct lyd_node *dnode,
					 bool show_defaults)
{
	vty_out(vty, "  address %s\n", yang_dnode_get_string(dnode, NULL));
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

	return set_flag(vty, "./shutdown", !no);
}

void netstack_cli_show_interface_shutdown(struct vty *vty, const struct lyd_node *dnode,
					  bool show_defaults)
{
	vty_out(vty, "  %sshutdown\n", yang_dnode_get_bool(dnode, NULL) ? "" : "no ");
}

/*
 * XPath: /frr-netstack:netstack/stack/default-gateway
 */

/* Creates an entry that has a distance. */
static int set_with_distance(struct vty *vty, const char *xpath, const char *distance)
{
	char distance_xpath[XPATH_MAXLEN];

	snprintf(distance_xpath, sizeof(distance_xpath), "%s/distance", xpath);
	nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
	/* without a value: the default */
	nb_cli_enqueue_change(vty, distance_xpath, NB_OP_MODIFY, distance);
	return nb_cli_apply_changes(vty, NULL);
}

static void show_distance(struct vty *vty, const struct lyd_node *dnode)
{
	uint8_t distance = yang_dnode_get_uint8(dnode, "distance");

	if (distance != NETSTACK_DISTANCE_DEFAULT)
		vty_out(vty, " distance %u", distance);
}

static void show_interface(struct vty *vty, const struct lyd_node *dnode)
{
	const char *ifname = yang_dnode_get_string(dnode, "interface");

	if (ifname[0])
		vty_out(vty, " interface %s", ifname);
}

static void gateway_xpath(char *buf, size_t len, const struct ipaddr *gate, const char *ifname)
{
	char literal[IFNAMSIZ + 2];

	snprintfrr(buf, len, "./default-gateway[address='%pIA'][interface=%s]", gate,
		   netstack_xpath_literal(literal, sizeof(literal), ifname));
}

static struct ipaddr ipaddr_of(const union sockunion *su)
{
	struct ipaddr ip = {};

	if (sockunion_family(su) == AF_INET) {
		SET_IPADDR_V4(&ip);
		ip.ipaddr_v4 = su->sin.sin_addr;
	} else {
		SET_IPADDR_V6(&ip);
		ip.ipaddr_v6 = su->sin6.sin6_addr;
	}
	return ip;
}

DEFPY_YANG(netstack_gateway,
      netstack_gateway_cmd,
      "default-gateway <A.B.C.D|X:X::X:X>$gate [interface IFNAME] [distance (1-255)]",
      "Where everything goes that is in no subnet of the stack and has no route\n"
      "IPv4 address of the gateway\n"
      "IPv6 address of the gateway\n"
      VIA_STR
      MEMBER_STR
      DISTANCE_STR
      DISTANCE_VALUE_STR)
{
	struct ipaddr ip = ipaddr_of(gate);
	char xpath[256];
	SCOPE(scope);

	if (!netstack_check_gateway(&ip, ifname ?: "", scope.errmsg, sizeof(scope.errmsg)))
		return refused(vty, scope.errmsg);
	gateway_xpath(xpath, sizeof(xpath), &ip, ifname ?: "");
	return set_with_distance(vty, xpath, distance_str);
}

DEFPY_YANG(no_netstack_gateway,
      no_netstack_gateway_cmd,
      "no default-gateway <A.B.C.D|X:X::X:X>$gate [interface IFNAME] [distance (1-255)]",
      NO_STR
      "Where everything goes that is in no subnet of the stack and has no route\n"
      "IPv4 address of the gateway\n"
      "IPv6 address of the gateway\n"
      VIA_STR
      MEMBER_STR
      DISTANCE_STR
      DISTANCE_VALUE_STR)
{
	struct ipaddr ip = ipaddr_of(gate);
	char xpath[256], what[128];
	SCOPE(scope);

	if (ifname &&
	    !netstack_check_link_name("interface", ifname, scope.errmsg, sizeof(scope.errmsg)))
		return refused(vty, scope.errmsg);
	gateway_xpath(xpath, sizeof(xpath), &ip, ifname ?: "");
	snprintfrr(what, sizeof(what), "default-gateway %pIA%s%s", &ip, ifname ? " interface " : "",
		   ifname ?: "");
	return remove_entry(vty, &scope, xpath, what);
}

void netstack_cli_show_default_gateway(struct vty *vty, const struct lyd_node *dnode,
				       bool show_defaults)
{
	vty_out(vty, " default-gateway %s", yang_dnode_get_string(dnode, "address"));
	show_interface(vty, dnode);
	show_distance(vty, dnode);
	vty_out(vty, "\n");
}

/*
 * XPath: /frr-netstack:netstack/stack/route
 */

/* "10.1.0.1", "blackhole" or "unreachable", as in the command and in the model. */
static const char *next_hop_text(const struct netstack_route *key, char *buf, size_t len)
{
	if (key->type == NETSTACK_NEXTHOP_GATEWAY)
		snprintfrr(buf, len, "%pIA", &key->gate);
	else
		strlcpy(buf, key->type == NETSTACK_NEXTHOP_BLACKHOLE ? "blackhole" : "unreachable",
			len);
	return buf;
}

/* What was typed; gate NULL: blackhole or unreachable. */
static struct netstack_route route_of(const struct prefix *prefix, const union sockunion *gate,
				      bool blackhole)
{
	struct netstack_route key = {};

	prefix_copy(&key.prefix, prefix);
	apply_mask(&key.prefix);
	if (gate)
		key.gate = ipaddr_of(gate);
	else
		key.type = blackhole ? NETSTACK_NEXTHOP_BLACKHOLE : NETSTACK_NEXTHOP_UNREACHABLE;
	return key;
}

static void route_xpath(char *buf, size_t len, const struct netstack_route *key)
{
	char literal[IFNAMSIZ + 2], next_hop[INET6_ADDRSTRLEN];

	snprintfrr(buf, len, "./route[prefix='%pFX'][next-hop='%s'][interface=%s]", &key->prefix,
		   next_hop_text(key, next_hop, sizeof(next_hop)),
		   netstack_xpath_literal(literal, sizeof(literal), key->ifname));
}

#define STATIC_ROUTE_STR "Static route of the stack\n"
#define ROUTE_V4_STR	 "IPv4 destination\n"
#define ROUTE_V6_STR	 "IPv6 destination\n"
#define BLACKHOLE_STR	 "Drop without a word\n"
#define UNREACHABLE_STR	 "Answer with ICMP destination unreachable\n"

DEFPY_YANG(netstack_route,
      netstack_route_cmd,
      "route <A.B.C.D/M|X:X::X:X/M>$prefix <<A.B.C.D|X:X::X:X>$gate|blackhole$blackhole|unreachable> [interface IFNAME] [distance (1-255)]",
      STATIC_ROUTE_STR
      ROUTE_V4_STR
      ROUTE_V6_STR
      "IPv4 address of the next hop\n"
      "IPv6 address of the next hop\n"
      BLACKHOLE_STR
      UNREACHABLE_STR
      VIA_STR
      MEMBER_STR
      DISTANCE_STR
      DISTANCE_VALUE_STR)
{
	struct netstack_route key = route_of(prefix, gate_str ? gate : NULL, blackhole);
	char xpath[384];
	SCOPE(scope);

	if (ifname && strlcpy(key.ifname, ifname, sizeof(key.ifname)) >= sizeof(key.ifname)) {
		netstack_check_link_name("interface", ifname, scope.errmsg, sizeof(scope.errmsg));
		return refused(vty, scope.errmsg);
	}
	if (!netstack_check_route(&key, scope.errmsg, sizeof(scope.errmsg)))
		return refused(vty, scope.errmsg);
	route_xpath(xpath, sizeof(xpath), &key);
	return set_with_distance(vty, xpath, distance_str);
}

DEFPY_YANG(no_netstack_route,
      no_netstack_route_cmd,
      "no route <A.B.C.D/M|X:X::X:X/M>$prefix <<A.B.C.D|X:X::X:X>$gate|blackhole$blackhole|unreachable> [interface IFNAME] [distance (1-255)]",
      NO_STR
      STATIC_ROUTE_STR
      ROUTE_V4_STR
      ROUTE_V6_STR
      "IPv4 address of the next hop\n"
      "IPv6 address of the next hop\n"
      BLACKHOLE_STR
      UNREACHABLE_STR
      VIA_STR
      MEMBER_STR
      DISTANCE_STR
      DISTANCE_VALUE_STR)
{
	struct netstack_route key = route_of(prefix, gate_str ? gate : NULL, blackhole);
	char xpath[384], what[256], next_hop[INET6_ADDRSTRLEN];
	SCOPE(scope);

	if (ifname &&
	    !netstack_check_link_name("interface", ifname, scope.errmsg, sizeof(scope.errmsg)))
		return refused(vty, scope.errmsg);
	strlcpy(key.ifname, ifname ?: "", sizeof(key.ifname));
	route_xpath(xpath, sizeof(xpath), &key);
	snprintfrr(what, sizeof(what), "route %pFX %s%s%s", &key.prefix,
		   next_hop_text(&key, next_hop, sizeof(next_hop)), ifname ? " interface " : "",
		   ifname ?: "");
	return remove_entry(vty, &scope, xpath, what);
}

void netstack_cli_show_route(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	vty_out(vty, " route %s %s", yang_dnode_get_string(dnode, "prefix"),
		yang_dnode_get_string(dnode, "next-hop"));
	show_interface(vty, dnode);
	show_distance(vty, dnode);
	vty_out(vty, "\n");
}

/*
 * XPath: /frr-netstack:netstack/stack/neighbor
 */
static void neighbor_xpath(char *buf, size_t len, const struct ipaddr *address, const char *ifname)
{
	char literal[IFNAMSIZ + 2];

	snprintfrr(buf, len, "./neighbor[interface=%s][address='%pIA']",
		   netstack_xpath_literal(literal, sizeof(literal), ifname), address);
}

static int set_neighbor(struct vty *vty, const struct ipaddr *address, const struct ethaddr *mac,
			const char *ifname)
{
	char xpath[256], mac_xpath[264], text[ETHER_ADDR_STRLEN];
	SCOPE(scope);

	if (!netstack_check_neighbor(ifname, address, mac, scope.errmsg, sizeof(scope.errmsg)))
		return refused(vty, scope.errmsg);
	neighbor_xpath(xpath, sizeof(xpath), address, ifname);
	snprintf(mac_xpath, sizeof(mac_xpath), "%s/mac", xpath);
	nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
	nb_cli_enqueue_change(vty, mac_xpath, NB_OP_MODIFY,
			      prefix_mac2str(mac, text, sizeof(text)));
	return nb_cli_apply_changes(vty, NULL);
}

static int remove_neighbor(struct vty *vty, const struct ipaddr *address, const char *ifname)
{
	char xpath[256], what[128];
	SCOPE(scope);

	if (!netstack_check_link_name("interface", ifname, scope.errmsg, sizeof(scope.errmsg)))
		return refused(vty, scope.errmsg);
	neighbor_xpath(xpath, sizeof(xpath), address, ifname);
	snprintfrr(what, sizeof(what), "permanent neighbour %pIA on interface %s", address, ifname);
	return remove_entry(vty, &scope, xpath, what);
}

#define NEIGHBOR_MAC_STR "MAC address of the neighbour\n"
#define NEIGHBOR_IF_STR	 "The interface that leads to it\n"

DEFPY_YANG(netstack_arp,
      netstack_arp_cmd,
      "arp A.B.C.D$address X:X:X:X:X:X$mac interface IFNAME",
      "Permanent neighbour, IPv4\n"
      "IPv4 address of the neighbour\n"
      NEIGHBOR_MAC_STR
      NEIGHBOR_IF_STR
      MEMBER_STR)
{
	struct ipaddr ip = { .ipa_type = IPADDR_V4, .ipaddr_v4 = address };

	return set_neighbor(vty, &ip, &mac->eth_addr, ifname);
}

DEFPY_YANG(no_netstack_arp,
      no_netstack_arp_cmd,
      "no arp A.B.C.D$address [X:X:X:X:X:X] interface IFNAME",
      NO_STR
      "Permanent neighbour, IPv4\n"
      "IPv4 address of the neighbour\n"
      NEIGHBOR_MAC_STR
      NEIGHBOR_IF_STR
      MEMBER_STR)
{
	struct ipaddr ip = { .ipa_type = IPADDR_V4, .ipaddr_v4 = address };

	return remove_neighbor(vty, &ip, ifname);
}

DEFPY_YANG(netstack_nd,
      netstack_nd_cmd,
      "nd X:X::X:X$address X:X:X:X:X:X$mac interface IFNAME",
      "Permanent neighbour, IPv6\n"
      "IPv6 address of the neighbour\n"
      NEIGHBOR_MAC_STR
      NEIGHBOR_IF_STR
      MEMBER_STR)
{
	struct ipaddr ip = { .ipa_type = IPADDR_V6, .ipaddr_v6 = address };

	return set_neighbor(vty, &ip, &mac->eth_addr, ifname);
}

DEFPY_YANG(no_netstack_nd,
      no_netstack_nd_cmd,
      "no nd X:X::X:X$address [X:X:X:X:X:X] interface IFNAME",
      NO_STR
      "Permanent neighbour, IPv6\n"
      "IPv6 address of the neighbour\n"
      NEIGHBOR_MAC_STR
      NEIGHBOR_IF_STR
      MEMBER_STR)
{
	struct ipaddr ip = { .ipa_type = IPADDR_V6, .ipaddr_v6 = address };

	return remove_neighbor(vty, &ip, ifname);
}

void netstack_cli_show_neighbor(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	const char *address = yang_dnode_get_string(dnode, "address");

	vty_out(vty, " %s %s %s interface %s\n", strchr(address, ':') ? "nd" : "arp", address,
		yang_dnode_get_string(dnode, "mac"), yang_dnode_get_string(dnode, "interface"));
}

/*
 * Nodes
 */

static int write_config(struct vty *vty)
{
	const struct lyd_node *dnode =
		yang_dnode_get(running_config->dnode, "/frr-netstack:netstack");

	if (dnode)
		nb_cli_show_dnode_cmds(vty, dnode, false);
	/* each block has ended itself with "!" */
	return 0;
}

static struct cmd_node netstack_node = {
	.name = "netstack",
	.node = (enum node_type)NETSTACK_NODE,
	.parent_node = CONFIG_NODE,
	.prompt = NETSTACK_PROMPT,
	.config_write = write_config,
};

static struct cmd_node netstack_if_node = {
	.name = "netstack interface",
	.node = (enum node_type)NETSTACK_IF_NODE,
	.parent_node = (enum node_type)NETSTACK_NODE,
	.prompt = NETSTACK_IF_PROMPT,
};

static void complete_stack(vector comps, struct cmd_token *token)
{
	struct netstack *stack;

	frr_each (netstacks, &netstacks, stack)
		vector_set(comps, XSTRDUP(MTYPE_COMPLETION, stack->name));
}

/* Of `netstack NAME` and `show netstack NAME`: a variable has the name of the word before it. */
static const struct cmd_variable_handler completions[] = {
	{ .varname = "netstack", .completions = complete_stack },
	{ .completions = NULL },
};

static void init_stack_node(void)
{
	install_node(&netstack_node);
	install_default(netstack_node.node);

	install_element(NETSTACK_NODE, &netstack_vrf_cmd);
	install_element(NETSTACK_NODE, &no_netstack_vrf_cmd);
	install_element(NETSTACK_NODE, &netstack_table_cmd);
	install_element(NETSTACK_NODE, &no_netstack_table_cmd);
	install_element(NETSTACK_NODE, &netstack_description_cmd);
	install_element(NETSTACK_NODE, &no_netstack_description_cmd);
	install_element(NETSTACK_NODE, &no_netstack_description_text_cmd);
	install_element(NETSTACK_NODE, &netstack_ipv6_disable_cmd);
	install_element(NETSTACK_NODE, &netstack_shutdown_cmd);
	install_element(NETSTACK_NODE, &netstack_interface_cmd);
	install_element(NETSTACK_NODE, &no_netstack_interface_cmd);
	install_element(NETSTACK_NODE, &netstack_gateway_cmd);
	install_element(NETSTACK_NODE, &no_netstack_gateway_cmd);
	install_element(NETSTACK_NODE, &netstack_route_cmd);
	install_element(NETSTACK_NODE, &no_netstack_route_cmd);
	install_element(NETSTACK_NODE, &netstack_arp_cmd);
	install_element(NETSTACK_NODE, &no_netstack_arp_cmd);
	install_element(NETSTACK_NODE, &netstack_nd_cmd);
	install_element(NETSTACK_NODE, &no_netstack_nd_cmd);
}

static void init_if_node(void)
{
	install_node(&netstack_if_node);
	install_default(netstack_if_node.node);

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

static int terminate(void)
{
	netstack_validate_terminate();
	return 0;
}

void netstack_cli_init(void)
{
	netstack_validate_init(netstack_observed);
	hook_register(frr_early_fini, terminate);
	cmd_variable_handler_register(completions);

	init_stack_node();
	init_if_node();
	install_element(CONFIG_NODE, &netstack_table_range_cmd);
	install_element(CONFIG_NODE, &no_netstack_table_range_cmd);
	install_element(CONFIG_NODE, &netstack_cmd);
	install_element(CONFIG_NODE, &no_netstack_cmd);
}
