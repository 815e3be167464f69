// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Debugging by category.  libfrr keeps the categories: it writes those that were set in
 * configuration mode, lists them, and switches them by `debug all`.
 */

#include <zebra.h>

#include "command.h"

#include "netstackd/netstack_debug.h"

#include "netstackd/netstack_debug_clippy.c"

#define CATEGORY(name)                                                                             \
	struct debug netstack_dbg_##name = {                                                       \
		.conf = "debug netstack " #name,                                                   \
		.desc = "Netstack " #name,                                                         \
	}

CATEGORY(northbound);
CATEGORY(plan);
CATEGORY(kernel);
CATEGORY(zebra);

DEFPY_YANG(debug_netstack, debug_netstack_cmd,
	   "[no] debug netstack <northbound$northbound|plan$plan|kernel$kernel|zebra$zebra|all$all>",
	   NO_STR
	   DEBUG_STR
	   "TCP/IP stacks\n"
	   "Changes of the configuration\n"
	   "What is planned to bring the kernel to the configuration\n"
	   "Operations sent to the kernel, notifications received from it\n"
	   "Routes and next-hop tracking, with zebra\n"
	   "All of these\n")
{
	uint32_t mode = DEBUG_NODE2MODE(vty->node);

	if (all || northbound)
		DEBUG_MODE_SET(&netstack_dbg_northbound, mode, !no);
	if (all || plan)
		DEBUG_MODE_SET(&netstack_dbg_plan, mode, !no);
	if (all || kernel)
		DEBUG_MODE_SET(&netstack_dbg_kernel, mode, !no);
	if (all || zebra)
		DEBUG_MODE_SET(&netstack_dbg_zebra, mode, !no);
	return CMD_SUCCESS;
}

/* clang-format off */
DEFUN_NOSH (show_debugging_netstack,
	    show_debugging_netstack_cmd,
	    "show debugging [netstack]",
	    SHOW_STR
	    DEBUG_STR
	    "TCP/IP stacks\n")
/* clang-format on */
{
	vty_out(vty, "Netstack debugging status:\n");
	cmd_show_lib_debugs(vty); /* all that were registered */
	return CMD_SUCCESS;
}

void netstack_debug_init(void)
{
	debug_install(&netstack_dbg_northbound);
	debug_install(&netstack_dbg_plan);
	debug_install(&netstack_dbg_kernel);
	debug_install(&netstack_dbg_zebra);

	install_element(ENABLE_NODE, &show_debugging_netstack_cmd);
	install_element(ENABLE_NODE, &debug_netstack_cmd);
	install_element(CONFIG_NODE, &debug_netstack_cmd);
}
