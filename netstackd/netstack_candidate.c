// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One tree for the running configuration and for the candidate of the command line.
 *
 * While they share it the candidate is newer than any running configuration, so that libfrr never
 * takes it for one that has to be made anew, which would free the tree.
 *
 * Which commands edit the candidate is read from those that are installed: all that use the northbound and
 * are not ours.  A line is told by its first words, as somebody may have abbreviated them; if it could
 * be one of those, it is taken for one.
 */

#include <zebra.h>

#include "command.h"
#include "frrevent.h"
#include "libfrr.h"
#include "memory.h"
#include "northbound.h"
#include "northbound_cli.h"
#include "vty.h"
#include "yang.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_candidate.h"
#include "netstackd/netstack_cli_scope.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_desired.h"

DEFINE_MTYPE_STATIC(NETSTACKD, OPENING, "First words of a command");

/* Seconds until a copy that somebody needed may be spare. */
#define KEPT 1

/* The first words of commands that edit the candidate. */
#define WORDS	2
#define LETTERS 32
struct opening {
	struct opening *next;
	char words[WORDS][LETTERS]; /* "": anything may stand there */
};

static struct event_loop *loop;
static struct event *t_share;
static struct opening *openings;
static bool is_shared;

/* ------------------------------------------------------------------------------------------
 * Commands
 */

/* Copies the word that begins here; returns what is behind it and the space that follows. */
static const char *next_word(const char *text, char *word)
{
	size_t len = strcspn(text, " ");

	snprintf(word, LETTERS, "%.*s", (int)len, text);
	text += len;
	return text + strspn(text, " ");
}

/* The first words, without that which negates. */
static void read_opening(const char *text, struct opening *opening)
{
	text += strspn(text, " ");
	for (size_t i = 0; i < WORDS; i++) {
		text = next_word(text, opening->words[i]);
		if (!i && (strmatch(opening->words[0], "no") || strmatch(opening->words[0], "n") ||
			   strmatch(opening->words[0], "[no]")))
			text = next_word(text, opening->words[0]);
	}
}

/* Of what is installed: what is no keyword can be anything, and so can all behind it. */
static void read_installed(const char *text, struct opening *opening)
{
	bool is_keyword = true;

	read_opening(text, opening);
	for (size_t i = 0; i < WORDS; i++) {
		const char *word = opening->words[i];

		is_keyword = is_keyword &&
			     strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(word);
		if (!is_keyword)
			opening->words[i][0] = '\0';
	}
}

static bool may_be(const struct opening *line, const struct opening *installed)
{
	for (size_t i = 0; i < WORDS; i++)
		if (installed->words[i][0] &&
		    strncmp(installed->words[i], line->words[i], strlen(line->words[i])))
			return false;
	return true;
}

static bool may_edit(const char *text)
{
	struct opening line;

	read_opening(text, &line);
	if (!line.words[0][0])
		return false;
	for (const struct opening *opening = openings; opening; opening = opening->next)
		if (may_be(&line, opening))
			return true;
	return false;
}

/* All that use the northbound and are not in this daemon's sources. */
static void learn(const struct cmd_element *command)
{
	struct opening opening = {}, *added;

	if (!(command->attr & CMD_ATTR_YANG) || strstr(command->name, "netstack"))
		return;
	read_installed(command->string, &opening);
	for (const struct opening *known = openings; known; known = known->next)
		if (!memcmp(known->words, opening.words, sizeof(opening.words)))
			return;
	added = XCALLOC(MTYPE_OPENING, sizeof(*added));
	memcpy(added->words, opening.words, sizeof(opening.words));
	added->next = openings;
	openings = added;
}

static void learn_all(void)
{
	const struct cmd_node *node;
	const struct cmd_element *command;

	for (unsigned int i = 0; i < vector_active(cmdvec); i++) {
		node = vector_slot(cmdvec, i);
		if (!node || node->node < CONFIG_NODE)
			continue;
		for (unsigned int j = 0; j < vector_active(node->cmd_vector); j++) {
			command = vector_slot(node->cmd_vector, j);
			if (command)
				learn(command);
		}
	}
}

/* ------------------------------------------------------------------------------------------
 * Trees
 */

bool netstack_candidate_is_shared(void)
{
	return is_shared;
}

void netstack_candidate_share(void)
{
	struct nb_config *candidate = vty_shared_candidate_config;

	if (is_shared)
		return;
	yang_dnode_free(candidate->dnode);
	candidate->dnode = running_config->dnode;
	candidate->version = UINT32_MAX;
	is_shared = true;
	DEBUGD(&netstack_dbg_northbound, "the candidate configuration has no tree of its own");
}

/*
 * It has what the running configuration has, or libfrr would make it anew: nobody's lines wait for a
 * commit.  One may have nodes for defaults where the other has none.
 */
static bool is_spare(struct nb_config *candidate)
{
	struct lyd_node *diff = NULL;
	bool is_same;

	if (nb_candidate_needs_update(candidate))
		return true;
	is_same = lyd_diff_siblings(running_config->dnode, candidate->dnode, 0, &diff) ==
			  LY_SUCCESS &&
		  !diff;
	lyd_free_all(diff);
	return is_same;
}

static void share_if_spare(struct event *event)
{
	if (is_spare(vty_shared_candidate_config))
		netstack_candidate_share();
	else
		event_add_timer(loop, share_if_spare, NULL, KEPT, &t_share);
}

void netstack_candidate_separate(void)
{
	struct nb_config *candidate = vty_shared_candidate_config;

	if (!is_shared)
		return;
	candidate->dnode = yang_dnode_dup(running_config->dnode);
	candidate->version = running_config->version;
	is_shared = false;
	if (loop)
		event_add_timer(loop, share_if_spare, NULL, KEPT, &t_share);
	DEBUGD(&netstack_dbg_northbound, "the candidate configuration has a tree of its own");
}

static int command_begins(struct vty *vty, const char *command, char **replaced)
{
	if (!is_shared)
		return 0;
	/* another front end may have replaced the running configuration */
	vty_shared_candidate_config->dnode = running_config->dnode;
	if (vty->config && may_edit(command))
		netstack_candidate_separate();
	return 0;
}

static int configuration_is_read(struct event_loop *event_loop)
{
	if (frr_get_cli_mode() == FRR_CLI_CLASSIC)
		share_if_spare(NULL);
	return 0;
}

/* ------------------------------------------------------------------------------------------
 * All of it
 */

void netstack_candidate_init(struct event_loop *event_loop)
{
	loop = event_loop;
	learn_all();
	hook_register(cmd_execute, command_begins);
	hook_register(frr_config_post, configuration_is_read);
}

void netstack_candidate_terminate(void)
{
	struct opening *opening;

	EVENT_OFF(t_share);
	if (is_shared)
		vty_shared_candidate_config->dnode = NULL;
	is_shared = false;
	while ((opening = openings)) {
		openings = opening->next;
		XFREE(MTYPE_OPENING, opening);
	}
}
