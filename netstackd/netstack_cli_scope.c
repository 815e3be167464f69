// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the commands of a stack have in common.
 */

#include <zebra.h>

#include "buffer.h"
#include "command.h"
#include "frrevent.h"
#include "log.h"
#include "netstackd/netstack.h"

#include "netstackd/netstack_cli_scope.h"
#include "netstackd/netstack_nb.h"
#include "netstackd/netstack_tree.h"

bool netstack_cli_is_batch(const struct vty *vty)
{
	return vty->pending_allowed || vty->type == VTY_FILE;
}

static void send_answers(struct event *event)
{
	struct vty *vty = EVENT_ARG(event);

	switch (buffer_flush_available(vty->obuf, vty->wfd)) {
	case BUFFER_ERROR:
		buffer_reset(vty->obuf);
		vty_close(vty);
		break;
	case BUFFER_PENDING:
		event_add_write(master, send_answers, vty, vty->wfd, &vty->t_write);
		break;
	case BUFFER_EMPTY:
		vty->vty_buf_size_accumulated = 0;
		break;
	}
}

/*
 * The answers to lines of a file that have come together go out together: vtysh_read() of libfrr
 * sends each by itself, and wakes vtysh up for it, unless it is waiting for the socket anyway.
 */
static void gather_answers(struct vty *vty)
{
	if (vty->type == VTY_SHELL_SERV && vty->pending_allowed && vty->status != VTY_PASSFD)
		event_add_write(master, send_answers, vty, vty->wfd, &vty->t_write);
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
	gather_answers(vty);
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
