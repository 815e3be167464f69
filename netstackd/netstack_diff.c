// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What changes from one configuration to another one, node by node.
 */

#include <zebra.h>

#include "yang.h"

#include "netstackd/netstack_diff.h"
#include "netstackd/netstack_tree.h"

/* What goes as a whole; of a container that says nothing by being there, what is in it. */
static void find_destroyed(const struct lyd_node *node, uint32_t *seq,
			   struct nb_config_cbs *changes)
{
	const struct lyd_node *child;

	if (nb_cb_operation_is_valid(NB_CB_DESTROY, node->schema)) {
		nb_config_diff_add_change(changes, NB_CB_DESTROY, seq, node);
		return;
	}
	if (node->schema->nodetype == LYS_CONTAINER)
		LY_LIST_FOR (lyd_child(node), child)
			find_destroyed(child, seq, changes);
}

/* Of a node that was there and is to be there. */
static void find_modified(const struct lyd_node *was, const struct lyd_node *will_be, uint32_t *seq,
			  struct nb_config_cbs *changes)
{
	const struct lyd_node *child;

	if (was->schema->nodetype & LYD_NODE_TERM) {
		if (lyd_compare_single(was, will_be, 0) != LY_SUCCESS)
			nb_config_diff_add_change(changes, NB_CB_MODIFY, seq, will_be);
		return;
	}
	LY_LIST_FOR (lyd_child(was), child)
		if (!netstack_find_same(will_be, child))
			find_destroyed(child, seq, changes);
	LY_LIST_FOR (lyd_child(will_be), child)
		netstack_diff(netstack_find_same(was, child), child, seq, changes);
}

void netstack_diff(const struct lyd_node *was, const struct lyd_node *will_be, uint32_t *seq,
		   struct nb_config_cbs *changes)
{
	if (!will_be)
		find_destroyed(was, seq, changes);
	else if (!was)
		nb_config_diff_created(will_be, seq, changes);
	else
		find_modified(was, will_be, seq, changes);
}
