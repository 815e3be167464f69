// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Gives memory back that a command took for a moment.
 *
 * After a command, and a moment later again, when its output has been written; after a file, not after
 * each of its lines.
 */

#include <zebra.h>

#include <malloc.h>

#include "command.h"
#include "frrevent.h"
#include "vty.h"

#include "netstackd/netstack_cli_scope.h"
#include "netstackd/netstack_trim.h"

/* The library has it, and declares it nowhere. */
DECLARE_KOOH(cmd_execute_done, (struct vty * vty, const char *cmd_exec), (vty, cmd_exec));

/* Milliseconds after a command. */
#define TRIM_AFTER 10
/* Less is not worth the time. */
#define TRIM_BYTES (1024 * 1024)

static struct event_loop *loop;
static struct event *t_trim;

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

static int command_done(struct vty *vty, const char *command)
{
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
