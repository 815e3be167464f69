// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What vtysh has to know of netstack by heart.
 *
 * vtysh learns ordinary commands from the daemon's binary at build time (commands.py).  Commands
 * that enter or leave a node change state in vtysh itself and are written by hand, here: in vtysh
 * and in netstackd (there as NOSH) with the same grammar.  They go to netstackd alone; to every
 * other daemon a stack's `interface` or `exit` would mean something else.
 *
 * This file is included in FRR's vtysh.c by hook.py, as what it builds on is static there.
 */

#include "netstackd/netstack_nodes.h"

static struct cmd_node netstack_node = {
	.name = "netstack",
	.node = NETSTACK_NODE,
	.parent_node = CONFIG_NODE,
	.prompt = NETSTACK_PROMPT,
};

static struct cmd_node netstack_if_node = {
	.name = "netstack interface",
	.node = NETSTACK_IF_NODE,
	.parent_node = NETSTACK_NODE,
	.prompt = NETSTACK_IF_PROMPT,
};

DEFUNSH(VTYSH_NETSTACKD, vtysh_netstack, vtysh_netstack_cmd,
	NETSTACK_CMD,
	NETSTACK_CMD_HELP)
{
	vty->node = NETSTACK_NODE;
	return CMD_SUCCESS;
}

DEFUNSH(VTYSH_NETSTACKD, vtysh_netstack_interface, vtysh_netstack_interface_cmd,
	NETSTACK_IF_CMD,
	NETSTACK_IF_CMD_HELP)
{
	vty->node = NETSTACK_IF_NODE;
	return CMD_SUCCESS;
}

DEFUNSH(VTYSH_NETSTACKD, vtysh_exit_netstack, vtysh_exit_netstack_cmd,
	"exit",
	"Exit current mode and down to previous mode\n")
{
	return vtysh_exit(vty);
}

DEFUNSH(VTYSH_NETSTACKD, vtysh_quit_netstack, vtysh_quit_netstack_cmd,
	"quit",
	"Exit current mode and down to previous mode\n")
{
	return vtysh_exit(vty);
}

/* Before the commands that were read from the daemon are put in place. */
static void netstack_vtysh_install_nodes(void)
{
	install_node(&netstack_node);
	install_node(&netstack_if_node);
}

/* After that. */
static void netstack_vtysh_install_commands(void)
{
	install_element(CONFIG_NODE, &vtysh_netstack_cmd);
	install_element(NETSTACK_NODE, &vtysh_netstack_interface_cmd);

	install_element(NETSTACK_NODE, &vtysh_exit_netstack_cmd);
	install_element(NETSTACK_NODE, &vtysh_quit_netstack_cmd);
	install_element(NETSTACK_NODE, &vtysh_end_all_cmd);

	install_element(NETSTACK_IF_NODE, &vtysh_exit_netstack_cmd);
	install_element(NETSTACK_IF_NODE, &vtysh_quit_netstack_cmd);
	install_element(NETSTACK_IF_NODE, &vtysh_end_all_cmd);
}
