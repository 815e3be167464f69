// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Namespaces that zebra has lost.
 *
 * zebra asks the kernel for the number of a namespace through a socket on which it also gets, by
 * mistake, what becomes of neighbours and IPv4 addresses.  If such a message is there before the
 * answer, it gives up, and the namespace is no VRF as long as zebra lives.  The same happens to a name
 * that comes after zebra has read the folder, and before it follows it (doc/developer/upstream.md).
 *
 * Here the folder is looked at, a moment after a name came, and zebra is told to read it again when it
 * has a namespace in it that is no VRF.
 */

#include <zebra.h>

#include <dirent.h>
#include <linux/magic.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "frrevent.h"
#include "log.h"
#include "ns.h"
#include "vrf.h"
#include "zebra/zebra_netns_notify.h"
#include "zebra/zebra_netstack.h"

/*
 * Milliseconds from a name to the first look, by when zebra has looked itself, twice if need be (it is
 * asked about all namespaces then, and routes wait for that), and how often we look while there is one
 * that is lost: the time doubles each time, to 77 seconds.
 */
#define FIRST_LOOK 1200
#define MAX_LOOKS  7

static struct {
	struct event_loop *loop;
	int fd; /* inotify */
	unsigned int looks;
	struct event *t_read, *t_look;
} lost = { .fd = -1 };

/* A namespace has one number on its device.  False: the path leads to no namespace. */
static bool stat_namespace(const char *path, struct stat *st)
{
	struct statfs fs;

	return !statfs(path, &fs) && fs.f_type == NSFS_MAGIC && !stat(path, st);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* zebra takes a namespace that has several names for one VRF, and its own for none but the default. */
static bool has_another_name(const struct stat *namespace)
{
	struct stat other;
	struct vrf *vrf;

	if (stat_namespace("/proc/self/ns/net", &other) && is_same(namespace, &other))
		return true;
	RB_FOREACH (vrf, vrf_name_head, &vrfs_by_name) {
		const struct ns *ns = vrf->ns_ctxt;

		if (ns && ns->name && stat_namespace(ns->name, &other) &&
		    is_same(namespace, &other))
			return true;
	}
	return false;
}

static bool is_lost(const char *name)
{
	const struct vrf *vrf = vrf_lookup_by_name(name);
	char path[PATH_MAX];
	struct stat st;

	if (name[0] == '.' || strlen(name) > VRF_NAMSIZ || (vrf && vrf->ns_ctxt))
		return false;
	snprintf(path, sizeof(path), "%s/%s", NS_RUN_DIR, name);
	return stat_namespace(path, &st) && !has_another_name(&st);
}

/* How many are lost, and the name of one of them. */
static unsigned int count_lost(char *name, size_t size)
{
	DIR *dir = opendir(NS_RUN_DIR);
	const struct dirent *entry;
	unsigned int count = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		if (is_lost(entry->d_name) && !count++)
			strlcpy(name, entry->d_name, size);
	closedir(dir);
	return count;
}

static void look(struct event *event)
{
	char name[NAME_MAX + 1];
	unsigned int count = count_lost(name, sizeof(name));

	(void)event;
	if (!count)
		return;
	zlog_info("netstack: namespaces that are no VRFs: %u, %s among them: reading them again",
		  count, name);
	zebra_ns_notify_parse();
	if (++lost.looks < MAX_LOOKS)
		event_add_timer_msec(lost.loop, look, NULL, FIRST_LOOK << lost.looks, &lost.t_look);
	else
		zlog_err(
			"netstack: gave up the namespaces that are no VRFs, until another one comes");
}

/* The first look is not put off by further names: they can come for ever. */
static void look_soon(void)
{
	if (lost.t_look && !lost.looks)
		return;
	EVENT_OFF(lost.t_look);
	lost.looks = 0;
	event_add_timer_msec(lost.loop, look, NULL, FIRST_LOOK, &lost.t_look);
}

static void names_came(struct event *event)
{
	char buf[4096];

	(void)event;
	while (read(lost.fd, buf, sizeof(buf)) > 0)
		;
	event_add_read(lost.loop, names_came, NULL, lost.fd, &lost.t_read);
	look_soon();
}

void zebra_netstack_find_lost(struct event_loop *loop)
{
	lost.loop = loop;
	look_soon();
	lost.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (lost.fd < 0 || inotify_add_watch(lost.fd, NS_RUN_DIR, IN_CREATE) < 0) {
		zlog_err("netstack: namespaces that zebra loses are not found: inotify: %s",
			 safe_strerror(errno));
		return;
	}
	event_add_read(loop, names_came, NULL, lost.fd, &lost.t_read);
}
