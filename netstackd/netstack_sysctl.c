// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel settings below /proc/sys/net.
 */

#include <zebra.h>

#include <fcntl.h>
#include <sys/inotify.h>

#include "netstackd/netstack.h"
#include "netstackd/netstack_sysctl.h"

#define SYSCTL_ROOT "/proc/sys/net/"

int netstack_sysctl_read(const char *name, int *value)
{
	char path[PATH_MAX], text[32];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), SYSCTL_ROOT "%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got <= 0)
		return EIO;
	text[got] = '\0';
	*value = atoi(text);
	return 0;
}

int netstack_sysctl_write_privileged(const char *name, int value)
{
	char path[PATH_MAX], text[32];
	int len = snprintf(text, sizeof(text), "%d\n", value);
	int error = 0, fd;

	snprintf(path, sizeof(path), SYSCTL_ROOT "%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (write(fd, text, len) != len)
		error = errno;
	close(fd);
	return error;
}

int netstack_sysctl_write(const char *name, int value)
{
	int error = 0;

	frr_with_privs (&netstack_privs) {
		error = netstack_sysctl_write_privileged(name, value);
	}
	return error;
}

static void ipv6_name(char *buf, size_t size, const char *ifname, const char *leaf)
{
	snprintf(buf, size, "ipv6/conf/%s/%s", ifname, leaf);
}

int netstack_sysctl_ipv6_read(const char *ifname, const char *leaf, int *value)
{
	char name[128];

	ipv6_name(name, sizeof(name), ifname, leaf);
	return netstack_sysctl_read(name, value);
}

int netstack_sysctl_ipv6_write(const char *ifname, const char *leaf, int value)
{
	char name[128];

	ipv6_name(name, sizeof(name), ifname, leaf);
	return netstack_sysctl_write(name, value);
}

/* --- watching ------------------------------------------------------------------------------ */

int netstack_sysctl_watch_open(struct netstack_sysctl_watch *watch, const char *name)
{
	char path[PATH_MAX];
	int error;

	snprintf(path, sizeof(path), SYSCTL_ROOT "%s", name);
	watch->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	watch->file = open(path, O_RDONLY | O_CLOEXEC);
	if (watch->inotify >= 0 && watch->file >= 0 &&
	    inotify_add_watch(watch->inotify, path, IN_MODIFY) >= 0)
		return 0;
	error = errno;
	netstack_sysctl_watch_close(watch);
	return error;
}

void netstack_sysctl_watch_drain(struct netstack_sysctl_watch *watch)
{
	char events[4096];

	while (read(watch->inotify, events, sizeof(events)) > 0)
		;
}

void netstack_sysctl_watch_close(struct netstack_sysctl_watch *watch)
{
	if (watch->inotify >= 0)
		close(watch->inotify);
	if (watch->file >= 0)
		close(watch->file);
	watch->inotify = watch->file = -1;
}
