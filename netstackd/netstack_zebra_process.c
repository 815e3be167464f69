// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which zebra is it that netstackd is connected to?
 */

#include <zebra.h>

#include "libfrr.h"

#include "netstackd/netstack_debug.h"
#include "netstackd/netstack_zebra_process.h"

/* "PID START\n", both up to 20 digits */
#define IDENTITY_LEN 48

static bool is_new = true;

/* When the process was started, in ticks since the machine was: proc_pid_stat(5), field 22. */
static bool start_of(pid_t pid, unsigned long long *start)
{
	char path[64], line[1024];
	const char *fields;
	FILE *file;
	bool ok;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	ok = fgets(line, sizeof(line), file);
	fclose(file);
	/* the second field is a name in parentheses, which may have some itself */
	fields = ok ? strrchr(line, ')') : NULL;
	return fields &&
	       sscanf(fields,
		      ") %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
		      start) == 1;
}

/* Empty: it cannot be known. */
static void identify(int sock, char *identity, size_t len)
{
	unsigned long long start;
	struct ucred peer = {};
	socklen_t peer_len = sizeof(peer);

	identity[0] = '\0';
	if (!getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &peer_len) && peer.pid > 0 &&
	    start_of(peer.pid, &start))
		snprintf(identity, len, "%d %llu\n", (int)peer.pid, start);
}

static void read_kept(const char *path, char *identity, int len)
{
	FILE *file = fopen(path, "re");

	identity[0] = '\0';
	if (!file)
		return;
	if (!fgets(identity, len, file))
		identity[0] = '\0';
	fclose(file);
}

static void keep(const char *path, const char *identity)
{
	FILE *file = fopen(path, "we");
	bool ok = file && fputs(identity, file) >= 0;

	if (file)
		ok &= !fclose(file);
	if (!ok)
		DEBUGD(&netstack_dbg_zebra, "cannot write %s: %s", path, strerror(errno));
}

void netstack_zebra_process_connected(int sock)
{
	char path[PATH_MAX], identity[IDENTITY_LEN], kept[IDENTITY_LEN];

	snprintf(path, sizeof(path), "%s/netstackd.zebra", frr_runstatedir);
	identify(sock, identity, sizeof(identity));
	read_kept(path, kept, sizeof(kept));
	is_new = !identity[0] || strcmp(identity, kept);
	DEBUGD(&netstack_dbg_zebra, "zebra is %s", is_new ? "a new one" : "the one that it was");
	if (is_new && identity[0])
		keep(path, identity);
}

bool netstack_zebra_process_is_new(void)
{
	return is_new;
}
