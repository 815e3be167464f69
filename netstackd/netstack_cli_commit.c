// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commits what one command changes in one stack.
 *
 * libfrr validates, compares and copies the whole configuration for each line: 40 ms with a
 * thousand stacks, of which a line changes one.  No constraint of the model is between stacks
 * (netstack_validate.c has those, by indexes), so here a slice is made, a configuration that has
 * this stack only: the change is made in it, it is validated and compared by the northbound's own
 * functions, the callbacks are called, and the stack goes into the candidate and the running
 * configuration.  Until the callbacks are called nothing has changed.
 *
 * All else, and what does not pass, is libfrr's: nb_cli_apply_changes(), which has the words for
 * it.  So are the lines of files, which it puts together to transactions of thousands.
 */

#include <zebra.h>

#include "command.h"
#include "northbound.h"
#include "northbound_cli.h"
#include "vty.h"

#include "netstackd/netstack_cli_scope.h"
#include "netstackd/netstack_tree.h"
#include "netstackd/netstack_validate.h"

#define NETSTACK_XPATH "/frr-netstack:netstack"

/* Copies of one stack, and what is to become of it. */
struct slice {
	char xpath[XPATH_MAXLEN]; /* of the stack */
	char name[NETSTACK_NAME_MAX + 1];
	struct nb_config *running;
	struct nb_config *candidate;
	struct nb_config_cbs changes;
};

/* The stack that all changes are in; false: there is none such. */
static bool find_stack_of_changes(struct vty *vty, struct slice *slice)
{
	char name[NETSTACK_NAME_MAX + 1];

	for (size_t i = 0; i < vty->num_cfg_changes; i++) {
		const char *xpath = vty->cfg_changes[i].xpath;

		if (xpath[0] == '.')
			xpath = vty->xpath_index > 0 ? VTY_CURR_XPATH : "";
		if (!netstack_xpath_name(xpath, name, sizeof(name)))
			return false;
		if (i && !strmatch(name, slice->name))
			return false;
		strlcpy(slice->name, name, sizeof(slice->name));
	}
	netstack_xpath(slice->xpath, sizeof(slice->xpath), slice->name);
	return vty->num_cfg_changes > 0;
}

/* With the rollbacks of FRR each transaction is recorded, as a whole configuration. */
static bool is_recorded(void)
{
#ifdef HAVE_CONFIG_ROLLBACKS
	return true;
#else
	return false;
#endif
}

/* May it be committed here?  What is not for us, or will be refused, is libfrr's. */
static bool is_ours(struct vty *vty)
{
	if (is_recorded() || frr_get_cli_mode() != FRR_CLI_CLASSIC ||
	    vty->candidate_config != vty_shared_candidate_config)
		return false;
	if (netstack_cli_is_batch(vty) || vty->pending_commit ||
	    vty_mgmt_should_process_cli_apply_changes(vty))
		return false;
	if (nb_running_lock_check(NB_CLIENT_CLI, vty))
		return false;
	return vty->xpath_index <= 0 ||
	       yang_dnode_exists(vty->candidate_config->dnode, VTY_CURR_XPATH);
}

static struct lyd_node *stack_in(const struct nb_config *config, const struct slice *slice)
{
	return yang_dnode_get(config->dnode, slice->xpath);
}

static struct lyd_node *netstack_in(const struct nb_config *config)
{
	return yang_dnode_get(config->dnode, NETSTACK_XPATH);
}

/* Copies the stack of one configuration, if it has it, to another one, which has it not. */
static bool copy_stack(const struct slice *slice, const struct nb_config *from,
		       struct nb_config *to)
{
	const struct lyd_node *stack = stack_in(from, slice);

	return !stack || lyd_dup_single(stack, (struct lyd_node_inner *)netstack_in(to),
					LYD_DUP_RECURSIVE | LYD_DUP_WITH_FLAGS, NULL) == LY_SUCCESS;
}

/* Makes the slice, with the change in it. */
static bool cut(struct vty *vty, struct slice *slice)
{
	char errmsg[BUFSIZ];
	bool error = false;

	slice->running = nb_config_new(NULL);
	slice->candidate = nb_config_new(NULL);
	/* what another vty has yet to commit of this stack is committed with it, as elsewhere */
	if (!copy_stack(slice, running_config, slice->running) ||
	    !copy_stack(slice, vty->candidate_config, slice->candidate))
		return false;
	nb_candidate_edit_config_changes(slice->candidate, vty->cfg_changes, vty->num_cfg_changes,
					 vty->xpath_index > 0 ? VTY_CURR_XPATH : "", false, errmsg,
					 sizeof(errmsg), &error);
	return !error;
}

/* The callbacks take the slice for the candidate, and look in `whole` for other stacks. */
static bool validate(struct vty *vty, struct nb_context *context, struct slice *slice, char *errmsg,
		     size_t len)
{
	struct nb_config *whole = vty->candidate_config;
	int ret;

	ret = nb_candidate_validate_yang(slice->candidate, true, errmsg, len);
	if (ret != NB_OK)
		return false;
	nb_config_diff(slice->running, slice->candidate, &slice->changes);

	vty->candidate_config = slice->candidate;
	netstack_validate_slice(slice->name, whole->dnode);
	ret = nb_candidate_validate_code(context, slice->candidate, &slice->changes, errmsg, len);
	netstack_validate_slice(NULL, NULL);
	vty->candidate_config = whole;
	return ret == NB_OK;
}

/* What the model has: nothing is moved, and nothing waits for the end of a transaction. */
static void call_apply(struct nb_context *context, const struct nb_config_cb *change, char *errmsg,
		       size_t len)
{
	union nb_resource resource = {};
	struct nb_cb_create_args create = { context,   NB_EV_APPLY, change->dnode,
					    &resource, errmsg,	    len };
	struct nb_cb_modify_args modify = { context,   NB_EV_APPLY, change->dnode,
					    &resource, errmsg,	    len };
	struct nb_cb_destroy_args destroy = { context, NB_EV_APPLY, change->dnode, errmsg, len };

	if (change->operation == NB_CB_CREATE)
		change->nb_node->cbs.create(&create);
	else if (change->operation == NB_CB_MODIFY)
		change->nb_node->cbs.modify(&modify);
	else if (change->operation == NB_CB_DESTROY)
		change->nb_node->cbs.destroy(&destroy);
}

/* Puts the stack into a configuration, in place of what was there; NULL: it is gone. */
static void put_stack(const struct slice *slice, struct nb_config *config, struct lyd_node *stack)
{
	struct lyd_node *old = stack_in(config, slice);

	lyd_free_tree(old);
	if (stack && lyd_insert_child(netstack_in(config), stack) != LY_SUCCESS)
		assertf(!stack, "BUG: %s does not fit into the configuration", slice->name);
}

static void put_back(const struct slice *slice, struct nb_config *candidate)
{
	struct lyd_node *stack = stack_in(slice->candidate, slice), *copy = NULL;

	if (stack) {
		lyd_unlink_tree(stack);
		if (lyd_dup_single(stack, NULL, LYD_DUP_RECURSIVE | LYD_DUP_WITH_FLAGS, &copy) !=
		    LY_SUCCESS)
			assertf(copy, "BUG: %s cannot be copied", slice->name);
	}
	put_stack(slice, candidate, stack);
	put_stack(slice, running_config, copy);
	running_config->version = ++candidate->version;
}

/* True: it is committed, or there was nothing to do. */
static bool commit(struct vty *vty, struct slice *slice)
{
	struct nb_context context = { .client = NB_CLIENT_CLI, .user = vty };
	char errmsg[BUFSIZ] = "";
	struct nb_config_cb *change;

	if (!cut(vty, slice) || !validate(vty, &context, slice, errmsg, sizeof(errmsg)))
		return false;
	if (RB_EMPTY(nb_config_cbs, &slice->changes))
		return true;
	RB_FOREACH (change, nb_config_cbs, &slice->changes)
		call_apply(&context, change, errmsg, sizeof(errmsg));
	put_back(slice, vty->candidate_config);
	if (errmsg[0])
		vty_out(vty, "%s\n", errmsg);
	return true;
}

int netstack_cli_commit(struct vty *vty)
{
	struct slice slice = {};
	bool done;

	if (!is_ours(vty) || !find_stack_of_changes(vty, &slice))
		return nb_cli_apply_changes(vty, NULL);
	RB_INIT(nb_config_cbs, &slice.changes);
	done = commit(vty, &slice);
	nb_config_diff_del_changes(&slice.changes);
	nb_config_free(slice.running);
	nb_config_free(slice.candidate);
	return done ? CMD_SUCCESS : nb_cli_apply_changes(vty, NULL);
}
