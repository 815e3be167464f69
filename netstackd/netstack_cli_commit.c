// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commits what one command changes in one stack, whether somebody types it or it is a line of a
 * file: netstack_slice.h.  What is not of one stack is libfrr's: nb_cli_apply_changes().
 *
 * libfrr puts the lines of a file together to transactions of thousands, since each of its
 * transactions costs a look at all of the configuration, and one line that is refused takes the
 * others along.  Ours are committed one by one.  They can come between lines that libfrr has put in
 * the candidate and not committed yet: prefix-lists, which no constraint binds to ours.  What is
 * committed here is in both configurations, so it is no difference for that transaction.
 */

#include <zebra.h>

#include "command.h"
#include "northbound.h"
#include "northbound_cli.h"
#include "vty.h"

#include "netstackd/netstack_candidate.h"
#include "netstackd/netstack_cli_scope.h"
#include "netstackd/netstack_slice.h"

/* With the rollbacks of FRR each transaction is recorded, as a whole configuration. */
static bool is_recorded(void)
{
#ifdef HAVE_CONFIG_ROLLBACKS
	return true;
#else
	return false;
#endif
}

/* May it be committed here?  All else is libfrr's. */
static bool is_ours(struct vty *vty)
{
	return !is_recorded() && frr_get_cli_mode() == FRR_CLI_CLASSIC &&
	       vty->candidate_config == vty_shared_candidate_config &&
	       !vty_mgmt_should_process_cli_apply_changes(vty) &&
	       !nb_running_lock_check(NB_CLIENT_CLI, vty);
}

/* In libfrr's words. */
static int failed(struct vty *vty, int ret, const char *errmsg)
{
	vty_out(vty, "%% Configuration failed.\n\nError type: %s\n", nb_err_name(ret));
	if (errmsg[0])
		vty_out(vty, "Error description: %s\n", errmsg);
	if (netstack_cli_is_batch(vty))
		zlog_warn("\"%s\" is refused: %s", vty->buf + strspn(vty->buf, " "), errmsg);
	return CMD_WARNING_CONFIG_FAILED;
}

int netstack_cli_commit(struct vty *vty)
{
	char errmsg[BUFSIZ];
	int ret = is_ours(vty) ? netstack_slice_commit(vty, errmsg, sizeof(errmsg))
			       : NB_ERR_NOT_FOUND;

	if (ret == NB_ERR_NOT_FOUND) {
		netstack_candidate_separate();
		return nb_cli_apply_changes(vty, NULL);
	}
	if (ret != NB_OK)
		return failed(vty, ret, errmsg);
	if (errmsg[0])
		vty_out(vty, "%s\n", errmsg);
	return CMD_SUCCESS;
}
