// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Gives memory back that a command took for a moment.
 *
 * After a command, and a moment later again, when its output has been written; after a file, not after
 * each of its lines.
 *
 * The candidate configuration is such memory, too: a copy of the running one that nobody reads but
 * commands of configuration.  It is given up once nobody configures any more, and marked as older than
 * the running one.  What is older libfrr makes anew before it executes a command of configuration
 * (cmd_execute_command_real()), as it does when another front end has changed the running one; we do
 * so a little earlier, when somebody is about to configure, so that no line waits for it.
 */

#include <zebra.h>

#include <malloc.h>

#include "command.h"
#include "frrevent.h"
#include "northbound.h"
#include "northbound_cli.h"
#include "vty.h"

#include "netstackd/netstack_cli_scope.h"
#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_trim.h"

/* The library has it, and declares it nowhere. */
DECLARE_KOOH(cmd_execute_done, (struct vty * vty, const char *cmd_exec), (vty, cmd_exec));

/* Milliseconds after a command. */
#define TRIM_AFTER 10
/* Seconds after somebody has left the configuration; longer, if his next line may still come. */
#define CANDIDATE_KEPT	    1
#define CANDIDATE_KEPT_LONG 10
/* Less is not worth the time. */
#define TRIM_BYTES (1024 * 1024)

static struct event_loop *loop;
static struct event *t_trim;
static struct event *t_candidate;
static const struct vty *configuring; /* the last one since that timer began; never dereferenced */

static void trim(void)
{
#ifdef __GLIBC__
	if (mallinfo2().fordblks >= TRIM_BYTES)
		malloc_trim(0);
#endif
}

static void trim_again(struct event *event)
{
	trim();
}

/* It has what the running configuration has: nobody's lines wait for a commit. */
static bool is_candidate_spare(void)
{
	const struct nb_config *candidate = vty_shared_candidate_config;

	return frr_get_cli_mode() == FRR_CLI_CLASSIC &&
	       candidate->version == running_config->version &&
	       lyd_compare_siblings(candidate->dnode, running_config->dnode,
				    LYD_COMPARE_FULL_RECURSION) == LY_SUCCESS;
}

static void give_up_candidate(struct event *event)
{
	if (configuring) {
		configuring = NULL;
		event_add_timer(loop, give_up_candidate, NULL, CANDIDATE_KEPT_LONG, &t_candidate);
		return;
	}
	if (!is_candidate_spare())
		return;
	nb_config_replace(vty_shared_candidate_config, nb_config_new(NULL), false);
	vty_shared_candidate_config->version = 0;
	trim();
	DEBUGD(&netstack_dbg_northbound, "the candidate configuration is given up");
}

static void see_to_candidate(const struct vty *vty)
{
	struct nb_config *candidate = vty_shared_candidate_config;

	if (vty->config) {
		configuring = vty;
		if (nb_candidate_needs_update(candidate))
			nb_config_replace(candidate, running_config, true);
	} else if (vty == configuring) {
		configuring = NULL;
		EVENT_OFF(t_candidate);
	}
	if (!nb_candidate_needs_update(candidate))
		event_add_timer(loop, give_up_candidate, NULL, CANDIDATE_KEPT, &t_candidate);
}

static int command_done(struct vty *vty, const char *command)
{
	see_to_candidate(vty);
	if (netstack_cli_is_batch(vty))
		return 0;
	trim();
	event_add_timer_msec(loop, trim_again, NULL, TRIM_AFTER, &t_trim);
	return 0;
}

void netstack_trim_init(struct event_loop *event_loop)
{
	loop = event_loop;
	hook_register(cmd_execute_done, command_done);
}
