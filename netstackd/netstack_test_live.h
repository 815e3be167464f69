// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For programs that test against a real kernel: a network namespace of their own, a shell in it,
 * and an event loop.
 *
 * With NETSTACK_TEST_USER=frr in the environment the program has the rights that the daemon has:
 * that user, and CAP_NET_ADMIN only while raised.  The shell stays root.
 */

#ifndef NETSTACK_TEST_LIVE_H
#define NETSTACK_TEST_LIVE_H

#include <sched.h>
#include <sys/wait.h>

#include "frrevent.h"
#include "monotime.h"
#include "privs.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_kernel.h"

struct event_loop *master;
static zebra_capabilities_t live_caps[] = { ZCAP_NET_ADMIN };
struct zebra_privs_t netstack_privs;

static FILE *live_commands;
static int live_results;

/* A root shell, forked before privileges go; each line of it is answered with its exit status. */
static void live_shell_start(void)
{
	int commands[2], results[2];

	if (pipe(commands) < 0 || pipe(results) < 0)
		exit(1);
	if (fork() == 0) {
		dup2(commands[0], 0);
		dup2(results[1], 3);
		close(commands[1]);
		close(results[0]);
		execl("/bin/sh", "sh", "-c",
		      "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
		      "while IFS= read -r line; do eval \"$line\" </dev/null >&2; printf '%03d' $? >&3; done",
		      (char *)NULL);
		_exit(127);
	}
	close(commands[0]);
	close(results[1]);
	live_commands = fdopen(commands[1], "w");
	live_results = results[0];
}

/* The command's exit status. */
static int __attribute__((format(printf, 1, 2))) live_run(const char *format, ...)
{
	char status[4] = "";
	va_list args;

	va_start(args, format);
	vfprintf(live_commands, format, args);
	va_end(args);
	fputc('\n', live_commands);
	fflush(live_commands);
	return read(live_results, status, 3) == 3 ? atoi(status) : 127;
}

static void live_timeout(struct event *event)
{
	bool *done = EVENT_ARG(event);

	*done = true;
}

/* Lets the event loop run. */
static void __attribute__((unused)) live_pump(unsigned int msec)
{
	struct event event = {}, *t_done = NULL;
	bool done = false;

	event_add_timer_msec(master, live_timeout, &done, msec, &t_done);
	while (!done && event_fetch(master, &event))
		event_call(&event);
}

/* NULL, or why this is not the place for such tests.  `flags` are those of unshare(). */
static const char *live_begin(struct netstack_observed *obs,
			      const struct netstack_kernel_hooks *hooks, int flags)
{
	const char *user = getenv("NETSTACK_TEST_USER");

	if (geteuid() != 0 || unshare(flags) < 0)
		return "needs root and a network namespace";
	live_shell_start();
	live_run("ip link set lo up");
	if (user) {
		netstack_privs.user = netstack_privs.group = user;
		netstack_privs.caps_p = live_caps;
		netstack_privs.cap_num_p = array_size(live_caps);
	}
	zprivs_preinit(&netstack_privs);
	zprivs_init(&netstack_privs);
	master = event_master_create("live");
	if (netstack_kernel_init(master, obs, hooks) != 0) {
		printf("Bail out! netstack_kernel_init\n");
		exit(1);
	}
	return NULL;
}

/* The same for tests of VRF devices. */
static inline const char *live_start(struct netstack_observed *obs,
				     const struct netstack_kernel_hooks *hooks)
{
	const char *missing = live_begin(obs, hooks, CLONE_NEWNET);

	if (missing)
		return missing;
	netstack_kernel_load_vrf();
	return obs->has_vrf ? NULL : "the kernel has no VRF devices";
}

/* How many of the operations have failed. */
static inline size_t live_failures(const struct netstack_ops *ops)
{
	size_t failed = 0;

	for (size_t i = 0; i < ops->count; i++)
		failed += ops->op[i].error != 0;
	return failed;
}

#endif /* NETSTACK_TEST_LIVE_H */
