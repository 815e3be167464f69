// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands that configure: those of a stack itself, and the nodes.
 *
 * A command checks (netstack_validate.h), prints "% why not" and changes nothing, or enqueues its
 * change and commits it (netstack_cli_commit.c).  The check comes first because the northbound has
 * many words around a reason, and where libfrr commits, it rejects a transaction as a whole.
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
#include "netstackd/netstack_cli_scope.h"
#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_nb.h"
#include "netstackd/netstack_nodes.h"
#include "netstackd/netstack_reconcile.h"
#include "netstackd/netstack_slice.h"
#include "netstackd/netstack_tree.h"
#include "netstackd/netstack_validate.h"

#include "netstackd/netstack_cli_clippy.c"

#define STACK_STR      "A TCP/IP stack of its own\n"
#define STACK_NAME_STR "Name of the stack; default: the router's default VRF\n"

/*
 * XPath: /frr-netstack:netstack/global/table-range
 */

/* NULL: the default */
static int set_table_range(struct vty *vty, const char *lower, const char *upper)
{
	nb_cli_enqueue_change(vty, "/frr-netstack:netstack/global/table-range/lower", NB_OP_MODIFY,
			      lower);
	nb_cli_enqueue_change(vty, "/frr-netstack:netstack/global/table-range/upper", NB_OP_MODIFY,
			      upper);
	return netstack_cli_commit(vty);
}

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
		return netstack_cli_refused(vty, errmsg);
	return set_table_range(vty, lower_str, upper_str);
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
	return set_table_range(vty, NULL, NULL);
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
		netstack_cli_refused(vty, errmsg);
		return netstack_cli_refused_block(vty, NETSTACK_NODE,
						  netstack_xpath(xpath, sizeof(xpath),
								 REFUSED_NAME));
	}
	netstack_xpath(xpath, sizeof(xpath), netstack);
	if (!netstack_find_stack(tree, netstack)) {
		if (netstack_check_vrf(tree, netstack, NULL, errmsg, sizeof(errmsg))) {
			nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
			ret = netstack_cli_commit(vty);
			if (ret != CMD_SUCCESS)
				return ret;
		} else if (!netstack_cli_is_batch(vty)) {
			/* a person is to know; in a file ` vrf VRFNAME` is the next line */
			netstack_cli_refused(vty, errmsg);
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
		return netstack_cli_refused(vty, errmsg);
	netstack_xpath(xpath, sizeof(xpath), netstack);
	if (!yang_dnode_exists(vty->candidate_config->dnode, xpath)) {
		vty_out(vty, "%% there is no netstack %s\n", netstack);
		return CMD_WARNING_CONFIG_FAILED;
	}
	nb_cli_enqueue_change(vty, xpath, NB_OP_DESTROY, NULL);
	return netstack_cli_commit(vty);
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
	struct netstack_cli_scope scope;
	int index = vty->xpath_index, ret;

	netstack_cli_scope_init(vty, &scope);
	if (strmatch(scope.name, REFUSED_NAME))
		return netstack_cli_refused(vty, "this netstack was refused");
	if (!netstack_check_vrf(scope.tree, scope.name, vrf, scope.errmsg, sizeof(scope.errmsg)))
		return netstack_cli_refused(vty, scope.errmsg);
	if (scope.stack)
		return netstack_cli_set(vty, "./vrf", vrf);

	/* the stack is made together with its VRF: there is nothing yet to be relative to */
	netstack_xpath(stack_xpath, sizeof(stack_xpath), scope.name);
	snprintf(vrf_xpath, sizeof(vrf_xpath), "%s/vrf", stack_xpath);
	nb_cli_enqueue_change(vty, stack_xpath, NB_OP_CREATE, NULL);
	nb_cli_enqueue_change(vty, vrf_xpath, NB_OP_MODIFY, vrf);
	vty->xpath_index = 0;
	ret = netstack_cli_commit(vty);
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
		return netstack_cli_refused(vty, scope.errmsg);
	return netstack_cli_set(vty, "./vrf", NULL);
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
		return netstack_cli_refused(vty, scope.errmsg);
	return netstack_cli_set(vty, "./table", table_str);
}

DEFPY_YANG(no_netstack_table,
      no_netstack_table_cmd,
      "no table [(1-4294967295)]",
      NO_STR
      "Routing table of the stack, if it is not to be allocated\n"
      "Number of the table\n")
{
	SCOPE(scope);

	return netstack_cli_set(vty, "./table", NULL);
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
		ret = netstack_cli_set(vty, "./description", text);
	else
		ret = netstack_cli_refused(vty, scope.errmsg);
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

	return netstack_cli_set(vty, "./description", NULL);
}

ALIAS_YANG(no_netstack_description,
      no_netstack_description_text_cmd,
      "no description LINE...",
      NO_STR
      "What the stack is for\n"
      "Words for people\n")

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
		return netstack_cli_refused(vty, scope.errmsg);
	return netstack_cli_set_flag(vty, "./ipv6-disable", !no);
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
		return netstack_cli_refused(vty, scope.errmsg);
	return netstack_cli_set_flag(vty, "./shutdown", !no);
}

/*
 * A stack has no VXLAN network yet.  The line is known, as vtysh and libfrr try one that is not in the
 * node above, where it is the router's own and zebra takes it.
 */
DEFPY_HIDDEN(netstack_vni,
      netstack_vni_cmd,
      "[no] vni (1-16777215) [vtep-source A.B.C.D]",
      NO_STR
      "VXLAN network of the stack\n"
      "Its number\n"
      "Source of the tunnel's packets\n"
      "IPv4 address\n")
{
	return netstack_cli_refused(
		vty,
		"a netstack has no VXLAN networks yet: enter \"exit\" first for the vni of the router");
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
	install_element(NETSTACK_NODE, &netstack_vni_cmd);
}

static int terminate(void)
{
	netstack_slice_terminate();
	netstack_tree_terminate();
	netstack_validate_terminate();
	return 0;
}

void netstack_cli_init(void)
{
	netstack_validate_init(netstack_observed);
	hook_register(frr_early_fini, terminate);
	cmd_variable_handler_register(completions);

	init_stack_node();
	netstack_cli_if_init();
	netstack_cli_route_init();
	netstack_cli_leak_init();
	netstack_cli_limit_init();
	install_element(CONFIG_NODE, &netstack_table_range_cmd);
	install_element(CONFIG_NODE, &no_netstack_table_range_cmd);
	install_element(CONFIG_NODE, &netstack_cmd);
	install_element(CONFIG_NODE, &no_netstack_cmd);
}
