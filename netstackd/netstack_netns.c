// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Named network namespaces, as ip-netns(8) has them.
 */

#include <zebra.h>

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "frrevent.h"
#include "lib_errors.h"
#include "log.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_errors.h"
#include "netstackd/netstack_netns.h"
#include "netstackd/netstack_privs.h"

#define OWN_NAMESPACE "/proc/thread-self/ns/net"

static int home_fd = -1;

static struct {
	int fd; /* inotify(7); 0: none */
	struct event *t_read;
	void (*cb)(const char *name);
} watch;

int netstack_netns_home(void)
{
	if (home_fd < 0)
		home_fd = open(OWN_NAMESPACE, O_RDONLY | O_CLOEXEC);
	return home_fd;
}

static void netns_path(char *path, size_t size, const char *name)
{
	snprintf(path, size, NETSTACK_NETNS_DIR "/%s", name);
}

/* In another namespace the daemon would configure the wrong host: there is no going on. */
static void go_home(void)
{
	if (setns(home_fd, CLONE_NEWNET) < 0) {
		flog_err(EC_NETSTACK_PRIVILEGES, "Going back to the daemon's own namespace: %s",
			 safe_strerror(errno));
		abort();
	}
}

int netstack_netns_enter(int fd)
{
	int error;

	if (fd < 0)
		return 0;
	if (netstack_netns_home() < 0)
		return errno;
	error = netstack_privs_raise_netns();
	if (error)
		return error;
	if (setns(fd, CLONE_NEWNET) < 0)
		error = errno;
	netstack_privs_lower_netns();
	return error;
}

void netstack_netns_leave(int fd)
{
	if (fd < 0)
		return;
	netstack_privs_raise_netns();
	go_home();
	netstack_privs_lower_netns();
}

int netstack_netns_unshare(void)
{
	int fd;

	if (unshare(CLONE_NEWNET) < 0)
		return -errno;
	fd = open(OWN_NAMESPACE, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/*
 * The folder, as ip-netns(8) makes it: shared, so that names come and go in mount namespaces that
 * were made from ours, too.
 */
static int make_dir(void)
{
	if (mkdir(NETSTACK_NETNS_DIR, 0755) < 0 && errno != EEXIST)
		return errno;
	if (!mount("", NETSTACK_NETNS_DIR, "none", MS_SHARED | MS_REC, NULL))
		return 0;
	if (errno != EINVAL) /* it is no mount yet */
		return errno;
	if (mount(NETSTACK_NETNS_DIR, NETSTACK_NETNS_DIR, "none", MS_BIND | MS_REC, NULL) < 0 ||
	    mount("", NETSTACK_NETNS_DIR, "none", MS_SHARED | MS_REC, NULL) < 0)
		return errno;
	return 0;
}

/* The file comes last, and what makes it a namespace at once: zebra looks when it sees the file. */
static int mount_name(const char *path, int fd)
{
	char namespace[64];
	int file, error = make_dir();

	if (error)
		return error;
	snprintf(namespace, sizeof(namespace), "/proc/self/fd/%d", fd);
	file = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	if (file < 0)
		return errno;
	if (mount(namespace, path, "none", MS_BIND, NULL) < 0) {
		error = errno;
		unlink(path);
	}
	close(file);
	return error;
}

int netstack_netns_name(const char *name, int fd)
{
	char path[PATH_MAX];
	int error;

	netns_path(path, sizeof(path), name);
	error = netstack_privs_raise_netns();
	if (error)
		return error;
	error = mount_name(path, fd);
	netstack_privs_lower_netns();
	return error;
}

int netstack_netns_unname(const char *name)
{
	char path[PATH_MAX];

	netns_path(path, sizeof(path), name);
	/* a file that nothing is mounted on, or is mounted on no more: EINVAL */
	if (umount2(path, MNT_DETACH) < 0 && errno != EINVAL && errno != ENOENT)
		return errno;
	if (unlink(path) < 0 && errno != ENOENT)
		return errno;
	return 0;
}

int netstack_netns_open(const char *name)
{
	char path[PATH_MAX];
	struct statfs fs;
	int fd;

	netns_path(path, sizeof(path), name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) < 0 || fs.f_type != NSFS_MAGIC) {
		close(fd);
		return -EINVAL;
	}
	return fd;
}

enum netstack_netns_name netstack_netns_look(const char *name, int fd)
{
	char path[PATH_MAX];
	struct stat named, asked;
	struct statfs fs;

	netns_path(path, sizeof(path), name);
	if (stat(path, &named) < 0)
		return NETSTACK_NETNS_ABSENT;
	if (statfs(path, &fs) < 0 || fs.f_type != NSFS_MAGIC)
		return NETSTACK_NETNS_NONE;
	if (fd >= 0 && !fstat(fd, &asked) && named.st_dev == asked.st_dev &&
	    named.st_ino == asked.st_ino)
		return NETSTACK_NETNS_SAME;
	return NETSTACK_NETNS_OTHER;
}

void netstack_netns_each(void (*cb)(const char *name, void *arg), void *arg)
{
	DIR *dir = opendir(NETSTACK_NETNS_DIR);
	const struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			cb(entry->d_name, arg);
	closedir(dir);
}

/* --- names that come and go ----------------------------------------------------------------- */

static void tell_events(const char *buf, size_t len)
{
	const struct inotify_event *event;

	for (size_t at = 0; at < len; at += sizeof(*event) + event->len) {
		event = (const struct inotify_event *)(buf + at);
		if (event->len || (event->mask & IN_Q_OVERFLOW))
			watch.cb(event->len ? event->name : NULL);
	}
}

static void watch_read(struct event *event)
{
	struct event_loop *loop = event->master;
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t got;

	event_add_read(loop, watch_read, NULL, watch.fd, &watch.t_read);
	while ((got = read(watch.fd, buf, sizeof(buf))) > 0)
		tell_events(buf, got);
}

int netstack_netns_watch(struct event_loop *loop, void (*cb)(const char *name))
{
	int error = netstack_privs_raise_netns();

	if (error)
		return error;
	error = make_dir();
	netstack_privs_lower_netns();
	if (error)
		return error;
	watch.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch.fd < 0 || inotify_add_watch(watch.fd, NETSTACK_NETNS_DIR,
					      IN_CREATE | IN_DELETE | IN_MOVE | IN_ONLYDIR) < 0) {
		error = errno;
		netstack_netns_unwatch();
		return error;
	}
	watch.cb = cb;
	event_add_read(loop, watch_read, NULL, watch.fd, &watch.t_read);
	return 0;
}

void netstack_netns_unwatch(void)
{
	EVENT_OFF(watch.t_read);
	if (watch.fd > 0)
		close(watch.fd);
	watch.fd = 0;
}
