// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which BFD profiles there are.
 *
 * libfrr's client of BFD names a profile, and nobody tells that bfdd has none of that name: the
 * session then has bfdd's defaults, which may detect a failure in a second where a profile meant
 * 50 ms.  Only bfdd's configuration has the names, so bfdd is asked for that, as vtysh does it: by
 * its socket, a command with a NUL at its end, and an answer that ends in three NULs and the
 * command's result (lib/vty.c, vtysh/vtysh.c).
 *
 * Nothing waits for the answer, but for a person who types a line: netstack_gateway_check_profile().  Without one
 * nothing is said of profiles.
 */

#include <zebra.h>

#include <poll.h>
#include <sys/un.h>

#include "frrevent.h"
#include "libfrr.h"
#include "memory.h"
#include "monotime.h"
#include "network.h"
#include "typesafe.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_gateway_impl.h"

DEFINE_MTYPE_STATIC(NETSTACKD, NETSTACK_PROFILE, "BFD profile");

#define ASK_FIRST_MSEC 1000
#define ASK_AGAIN_MSEC 10000
/* Milliseconds that bfdd has for its answer. */
#define ANSWER_MSEC 5000
/* That a person waits for it.  bfdd needs one or two, unless it is stuck. */
#define CHECK_MSEC 250
/* A longer line is none that names a profile. */
#define LINE_MAX_LEN 256

PREDECL_RBTREE_UNIQ(profiles);

struct profile {
	struct profiles_item item;
	char name[NETSTACK_PROFILE_MAX + 1];
	bool seen; /* mark and sweep */
};

static int profile_cmp(const struct profile *a, const struct profile *b)
{
	return strcmp(a->name, b->name);
}

DECLARE_RBTREE_UNIQ(profiles, struct profile, item, profile_cmp);

static const char *const commands[] = { "enable", "show running-config" };

static struct {
	struct profiles_head profiles[1];
	bool answered; /* the profiles are those of bfdd's last answer */
	void (*heard)(void);

	int fd; /* of the question that is under way */
	size_t command;
	unsigned int nuls; /* in a row */
	bool in_bfd;	   /* between `bfd` and its `exit` */
	char line[LINE_MAX_LEN];
	size_t len;
	struct event *t_ask, *t_read, *t_expire;
} asking = { .profiles = { INIT_RBTREE_UNIQ(asking.profiles[0]) }, .fd = -1 };

static void close_question(void)
{
	EVENT_OFF(asking.t_read);
	EVENT_OFF(asking.t_expire);
	if (asking.fd >= 0)
		close(asking.fd);
	asking.fd = -1;
}

/* An earlier answer may have come to no end. */
static void unmark(void)
{
	struct profile *profile;

	frr_each (profiles, asking.profiles, profile)
		profile->seen = false;
}

static void sweep(void)
{
	struct profile *profile;

	frr_each_safe (profiles, asking.profiles, profile) {
		if (profile->seen) {
			profile->seen = false;
			continue;
		}
		profiles_del(asking.profiles, profile);
		XFREE(MTYPE_NETSTACK_PROFILE, profile);
	}
}

static void note(const char *name)
{
	struct profile key = {}, *profile;

	if (strlcpy(key.name, name, sizeof(key.name)) >= sizeof(key.name))
		return;
	profile = profiles_find(asking.profiles, &key);
	if (!profile) {
		profile = XCALLOC(MTYPE_NETSTACK_PROFILE, sizeof(*profile));
		*profile = key;
		profiles_add(asking.profiles, profile);
	}
	profile->seen = true;
}

/* " profile NAME" below `bfd`; what is below a peer stands further to the right. */
static void read_line(const char *line)
{
	static const char profile[] = " profile ";

	if (line[0] != ' ')
		asking.in_bfd = !strcmp(line, "bfd");
	else if (asking.in_bfd && !strncmp(line, profile, strlen(profile)))
		note(line + strlen(profile));
}

/* False: it cannot be sent. */
static bool send_command(void)
{
	const char *command = commands[asking.command];
	ssize_t len = strlen(command) + 1;

	return send(asking.fd, command, len, MSG_NOSIGNAL) == len;
}

/* The next command, or all is known. */
static bool answer_ended(bool worked)
{
	if (!worked)
		return false;
	asking.command++;
	asking.len = 0;
	asking.in_bfd = false;
	if (asking.command < array_size(commands))
		return send_command();
	sweep();
	asking.answered = true;
	close_question();
	if (asking.heard)
		asking.heard();
	return true;
}

/* False: it is no answer of a daemon. */
static bool read_byte(char byte)
{
	if (asking.nuls == 3) {
		asking.nuls = 0;
		return answer_ended(byte == 0);
	}
	if (!byte) {
		asking.nuls++;
		return true;
	}
	if (asking.nuls)
		return false;
	if (byte != '\n') {
		if (asking.len < sizeof(asking.line) - 1)
			asking.line[asking.len++] = byte;
		return true;
	}
	asking.line[asking.len] = '\0';
	asking.len = 0;
	if (asking.command == array_size(commands) - 1)
		read_line(asking.line);
	return true;
}

/* What there is to read.  False: nothing more will come. */
static bool read_some(void)
{
	char data[4096];
	ssize_t len = read(asking.fd, data, sizeof(data));

	if (len < 0 && ERRNO_IO_RETRY(errno))
		return true;
	if (len <= 0)
		return false;
	for (ssize_t i = 0; i < len && asking.fd >= 0; i++)
		if (!read_byte(data[i]))
			return false;
	return true;
}

static void readable(struct event *event)
{
	if (!read_some()) {
		close_question();
		asking.answered = false;
	} else if (asking.fd >= 0) {
		event_add_read(master, readable, NULL, asking.fd, &asking.t_read);
	}
}

static void expired(struct event *event)
{
	close_question();
	asking.answered = false;
}

/* False: bfdd does not listen. */
static bool open_question(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (snprintf(address.sun_path, sizeof(address.sun_path), "%s/bfdd.vty", frr_runstatedir) >=
	    (int)sizeof(address.sun_path))
		return false;
	asking.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (asking.fd < 0)
		return false;
	unmark();
	asking.command = 0;
	asking.nuls = 0;
	asking.len = 0;
	if (connect(asking.fd, (struct sockaddr *)&address, sizeof(address)) < 0 || !send_command())
		return false;
	event_add_read(master, readable, NULL, asking.fd, &asking.t_read);
	event_add_timer_msec(master, expired, NULL, ANSWER_MSEC, &asking.t_expire);
	return true;
}

static void ask(struct event *event)
{
	event_add_timer_msec(master, ask, NULL, ASK_AGAIN_MSEC, &asking.t_ask);
	close_question();
	if (open_question())
		return;
	close_question();
	asking.answered = false;
}

void netstack_profiles_follow(void (*heard)(void))
{
	asking.heard = heard;
	EVENT_OFF(asking.t_ask);
	event_add_timer_msec(master, ask, NULL, ASK_FIRST_MSEC, &asking.t_ask);
}

void netstack_profiles_unfollow(void)
{
	EVENT_OFF(asking.t_ask);
	asking.heard = NULL;
	close_question();
	asking.answered = false;
	unmark();
	sweep();
}

bool netstack_profile_is_absent(const char *name)
{
	struct profile key = {};

	strlcpy(key.name, name, sizeof(key.name));
	return asking.answered && !profiles_find(asking.profiles, &key);
}

/* Asks, and waits. */
static void ask_now(void)
{
	struct pollfd poll_fd = { .events = POLLIN };
	struct timeval begin;
	int left = CHECK_MSEC;

	monotime(&begin);
	close_question();
	asking.answered = false;
	if (!open_question()) {
		close_question();
		return;
	}
	while (asking.fd >= 0 && left > 0) {
		poll_fd.fd = asking.fd;
		if (poll(&poll_fd, 1, left) > 0 && !read_some())
			break;
		left = CHECK_MSEC - (int)(monotime_since(&begin, NULL) / 1000);
	}
	close_question();
}

bool netstack_gateway_check_profile(const char *name, char *errmsg, size_t len)
{
	bool is_absent;

	ask_now();
	is_absent = netstack_profile_is_absent(name);
	if (!asking.t_ask)
		netstack_profiles_unfollow(); /* nobody would learn of later ones */
	if (is_absent)
		snprintf(errmsg, len, "bfdd has no profile %s: \"bfd\", \"profile %s\" makes it",
			 name, name);
	return !is_absent;
}
