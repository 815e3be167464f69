// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the commands of a stack have in common: the stack that they are in, how they refuse, and
 * how they change what is configured.
 */

#ifndef NETSTACK_CLI_SCOPE_H
#define NETSTACK_CLI_SCOPE_H

#include "hook.h"
#include "northbound_cli.h"
#include "vty.h"

#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_validate.h"

/*
 * Before a line is looked up among the commands; what a callback leaves in cmd_out, of MTYPE_TMP, is taken
 * in its place.  The library has it, and declares it nowhere.
 */
DECLARE_HOOK(cmd_execute, (struct vty * vty, const char *cmd_in, char **cmd_out),
	     (vty, cmd_in, cmd_out));

#define MEMBER_STR "Name of an interface of this stack\n"

/* Stands for the name of what was refused, in paths: nothing can have this name. */
#define REFUSED_NAME "/"

struct netstack_cli_scope {
	const struct lyd_node *tree;  /* the candidate */
	const struct lyd_node *stack; /* in it; NULL: not there (yet) */
	char name[NETSTACK_NAME_MAX + 1];
	char errmsg[NETSTACK_ERRMSG_MAX];
};

/* The stack whose node the command was typed in. */
extern void netstack_cli_scope_init(struct vty *vty, struct netstack_cli_scope *scope);

/* The same; false, with the reason told, if there is no such stack (yet). */
extern bool netstack_cli_in_stack(struct vty *vty, struct netstack_cli_scope *scope);

/* At the head of a command of NETSTACK_NODE. */
#define SCOPE(scope)                                                                               \
	struct netstack_cli_scope scope;                                                           \
	if (!netstack_cli_in_stack(vty, &scope))                                                   \
		return CMD_WARNING_CONFIG_FAILED;                                                  \
	MACRO_REQUIRE_SEMICOLON()

/* True while a file is read, or `vtysh -f` sends one. */
extern bool netstack_cli_is_batch(const struct vty *vty);

/* Tells why not; in a file it is logged as well, as nobody may be looking.  What to return. */
extern int netstack_cli_refused(struct vty *vty, const char *errmsg);

/*
 * The first line of a block is refused, and that was told: no block; in a file, one of nothing, at
 * xpath.  What to return.
 */
extern int netstack_cli_refused_block(struct vty *vty, int node, const char *xpath);

/*
 * Commits what the command has enqueued: netstack_cli_commit.c, in place of nb_cli_apply_changes().
 * What to return.
 */
extern int netstack_cli_commit(struct vty *vty);

/* Sets a leaf of the node that the command is in; NULL: its default, or none.  What to return. */
extern int netstack_cli_set(struct vty *vty, const char *xpath, const char *value);
extern int netstack_cli_set_flag(struct vty *vty, const char *xpath, bool value);

/*
 * Removes an entry of the stack.  Removing what is not there is no error, as elsewhere in FRR, but
 * it is probably not what was meant: it is told, by the words in what.
 */
extern int netstack_cli_remove(struct vty *vty, const struct netstack_cli_scope *scope,
			       const char *xpath, const char *what);

#endif /* NETSTACK_CLI_SCOPE_H */
