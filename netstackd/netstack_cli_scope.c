// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the commands of a stack have in common.
 */

#include <zebra.h>

#include "command.h"
#include "log.h"

#include "netstackd/netstack_cli_scope.h"
#include "netstackd/netstack_nb.h"
#include "netstackd/netstack_tree.h"

bool netstack_cli_is_batch(const struct vty *vty)
{
	return vty->pending_allowed || vty->type == VTY_FILE;
}

int netstack_cli_refused(struct vty *vty, const char *errmsg)
{
	vty_out(vty, "%% %s\n", errmsg);
	if (netstack_cli_is_batch(vty))
		zlog_warn("\"%s\" is refused: %s", vty->buf + strspn(vty->buf, " "), errmsg);
	return CMD_WARNING_CONFIG_FAILED;
}

int netstack_cli_refused_block(struct vty *vty, int node, const char *xpath)
{
	if (!netstack_cli_is_batch(vty))
		return CMD_WARNING_CONFIG_FAILED;
	VTY_PUSH_XPATH((enum node_type)node, xpath);
	return CMD_SUCCESS;
}

void netstack_cli_scope_init(struct vty *vty, struct netstack_cli_scope *scope)
{
	memset(scope, 0, sizeof(*scope));
	scope->tree = vty->candidate_config->dnode;
	if (vty->xpath_index &&
	    netstack_xpath_name(VTY_CURR_XPATH, scope->name, sizeof(scope->name)) &&
	    !strmatch(scope->name, REFUSED_NAME))
		scope->stack = netstack_find_stack(scope->tree, scope->name);
}

bool netstack_cli_in_stack(struct vty *vty, struct netstack_cli_scope *scope)
{
	netstack_cli_scope_init(vty, scope);
	if (scope->stack)
		return true;
	if (strmatch(scope->name, REFUSED_NAME))
		netstack_cli_refused(vty, "this netstack was refused");
	else if (!netstack_check_vrf(scope->tree, scope->name, NULL, scope->errmsg,
				     sizeof(scope->errmsg)))
		netstack_cli_refused(vty, scope->errmsg);
	else
		vty_out(vty, "%% netstack %s is gone: enter \"netstack %s\" to have it again\n",
			scope->name, scope->name);
	return false;
}

int netstack_cli_set(struct vty *vty, const char *xpath, const char *value)
{
	nb_cli_enqueue_change(vty, xpath, value ? NB_OP_MODIFY : NB_OP_DESTROY, value);
	return netstack_cli_commit(vty);
}

int netstack_cli_set_flag(struct vty *vty, const char *xpath, bool value)
{
	return netstack_cli_set(vty, xpath, value ? "true" : "false");
}

int netstack_cli_remove(struct vty *vty, const struct netstack_cli_scope *scope, const char *xpath,
			const char *what)
{
	if (!yang_dnode_exists(scope->stack, xpath)) {
		vty_out(vty, "%% netstack %s has no %s\n", scope->name, what);
		return CMD_SUCCESS;
	}
	nb_cli_enqueue_change(vty, xpath, NB_OP_DESTROY, NULL);
	return netstack_cli_commit(vty);
}
