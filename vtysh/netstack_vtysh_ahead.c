// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lines of a file (`vtysh -f`, `vtysh -b`, frr-reload.py) that are netstackd's alone are sent to it
 * ahead: vtysh does not wait for the answer to one before it sends the next.  A thousand stacks are
 * nine thousand lines, and a line that is waited for takes two changes of process and a turn of
 * netstackd's event loop.
 *
 * libfrr's vtysh_read() executes all lines that one read() gives it and answers them in their order, but
 * for commands that suspend, hand over a file or go to mgmtd: netstackd has none of them.
 *
 * All answers are taken before anything else is done: a line for another daemon, one that is no
 * command, the end of the file.  What a daemon says is shown as ever, with the number of the line.
 *
 * This file is included in FRR's vtysh.c by hook.py, as what it builds on is static there.
 */

#include "netstackd/netstack_nodes.h"
#include "netstackd/netstack_plain.h"

/* Lines that may be without an answer, and how many of them are still when the next are sent. */
#define AHEAD_MAX  512
#define AHEAD_LEFT 256

static struct {
	struct vtysh_client *client; /* NULL: no line was sent since the last answers were taken */
	struct {
		int number;
		char *text;
	} lines[AHEAD_MAX]; /* a ring */
	size_t first;
	size_t count;
	char to_send[VTY_BUFSIZ];
	size_t to_send_count;
	bool lost; /* the connection, in the middle of a file */
	unsigned int
		zeros; /* of the end of the answer that is being read: three, then the status */
} ahead;

static struct vtysh_client *netstack_client(void)
{
	return &vtysh_client[vtysh_client_lookup("netstackd")];
}

static void forget_first_line(void)
{
	XFREE(MTYPE_VTYSH_CMD, ahead.lines[ahead.first].text);
	ahead.first = (ahead.first + 1) % AHEAD_MAX;
	ahead.count--;
}

/* As vtysh_config_from_file() has it. */
static void report_first_line(int status, int *retcode)
{
	if (status != CMD_SUCCESS && status != CMD_WARNING) {
		fprintf(stderr, "line %d: Failure to communicate[%d] to %s, line: %s\n",
			ahead.lines[ahead.first].number, status, ahead.client->name,
			ahead.lines[ahead.first].text);
		*retcode = status;
	}
	forget_first_line();
}

/* The connection has ended: nobody knows what became of the lines. */
static void lose_lines(int *retcode)
{
	if (!ahead.lost)
		vclient_close(ahead.client);
	ahead.lost = true;
	while (ahead.count)
		report_first_line(CMD_WARNING_CONFIG_FAILED, retcode);
	ahead.to_send_count = 0;
}

static bool send_lines(void)
{
	size_t sent = 0;

	while (sent < ahead.to_send_count) {
		ssize_t count =
			write(ahead.client->fd, ahead.to_send + sent, ahead.to_send_count - sent);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return false;
		sent += count;
	}
	ahead.to_send_count = 0;
	return true;
}

/* Shows what a daemon says, and takes note of the ends of its answers. */
static void read_answers(const char *said, size_t count, int *retcode)
{
	const char *end = said + count;

	while (said < end && ahead.count) {
		const char *zero = memchr(said, '\0', end - said) ?: end;

		if (ahead.zeros == 3) {
			report_first_line((unsigned char)*said++, retcode);
			ahead.zeros = 0;
		} else if (zero == said) {
			ahead.zeros++;
			said++;
		} else {
			if (vty->of)
				vty_out(vty, "%.*s", (int)(zero - said), said);
			said = zero;
		}
	}
}

/* Sends what there is to send, and reads answers until no more than so many are missing. */
static void take_answers(size_t left, int *retcode)
{
	char said[4096];
	ssize_t count;

	if (!send_lines())
		lose_lines(retcode);
	while (ahead.count > left) {
		count = vtysh_client_receive(ahead.client, said, sizeof(said), NULL);
		if (count <= 0)
			lose_lines(retcode);
		else
			read_answers(said, count, retcode);
	}
}

/* Takes the answers to all lines that were sent ahead. */
static void netstack_vtysh_take_answers(int *retcode)
{
	if (ahead.client)
		take_answers(0, retcode);
	ahead.client = NULL;
	ahead.zeros = 0;
}

/* Makes room for one more line of that size. */
static void make_room(size_t size, int *retcode)
{
	if (ahead.count == AHEAD_MAX)
		take_answers(AHEAD_LEFT, retcode);
	else if (ahead.to_send_count + size > sizeof(ahead.to_send) && !send_lines())
		lose_lines(retcode);
}

static void append_line(const char *line, int number)
{
	size_t last = (ahead.first + ahead.count++) % AHEAD_MAX, size = strlen(line) + 1;

	ahead.lines[last].number = number;
	ahead.lines[last].text = XSTRDUP(MTYPE_VTYSH_CMD, line);
	memcpy(ahead.to_send + ahead.to_send_count, line, size);
	ahead.to_send_count += size;
}

static void send_ahead(const char *line, int number, int *retcode)
{
	ahead.client = netstack_client();
	if (!ahead.lost)
		make_room(strlen(line) + 1, retcode);
	append_line(line, number);
	if (ahead.lost)
		lose_lines(retcode);
}

/*
 * Sends a line ahead, if it is one that goes to netstackd and nobody else; `ret` is what became of it
 * in vtysh itself.  False: it was not sent; all answers have been taken, unless it is a comment.
 *
 * A netstackd that is gone in the middle of a file does not get the rest of it from vtysh when it is
 * back: it would not know which block a line is in.
 */
static bool netstack_vtysh_sends_ahead(int ret, const struct cmd_element *cmd, const char *line,
				       int number, int *retcode)
{
	struct vtysh_client *client = netstack_client();

	if (ret == CMD_SUCCESS)
		return false;
	if (ret != CMD_SUCCESS_DAEMON || cmd->daemon != VTYSH_NETSTACKD ||
	    (client->fd < 0 && !ahead.lost)) {
		netstack_vtysh_take_answers(retcode);
		return false;
	}
	send_ahead(line, number, retcode);
	return true;
}

/* A line that vtysh need not look up: all that it could be is netstackd's, and leads into no other block. */
static bool netstack_vtysh_sends_plain(const struct vty *file, int number, int *retcode)
{
	struct prefix prefix;
	struct ipaddr gate;

	if (file->node != NETSTACK_NODE || (netstack_client()->fd < 0 && !ahead.lost) ||
	    !netstack_plain_route(file->buf, &prefix, &gate))
		return false;
	send_ahead(file->buf, number, retcode);
	return true;
}

/*
 * For a file vtysh is one process for each daemon, and each of them looks up every line among some
 * thousand commands (doc/developer/upstream.md).  Those of the other daemons have nothing to do with a line in a
 * stack's block: one that begins with a word that only commands of netstackd's begin with is passed over.
 * What is wrong with it netstackd's own process says.
 */
#define WORDS_MAX 32

static struct {
	bool known;
	const char *text[WORDS_MAX]; /* of the commands' strings: the first word is meant */
	size_t len[WORDS_MAX];
	size_t count;
} our_words;

static bool begins_with_word(const char *text, const char *word, size_t len)
{
	return !strncmp(text, word, len) && (!text[len] || isspace((unsigned char)text[len]));
}

static bool node_has_word(int node, const char *word, size_t len)
{
	const struct cmd_node *found = vector_lookup(cmdvec, node);
	const struct cmd_element *command;

	for (unsigned int i = 0; i < vector_active(found->cmd_vector); i++) {
		command = vector_slot(found->cmd_vector, i);
		if (command && begins_with_word(command->string, word, len))
			return true;
	}
	return false;
}

static void learn_word(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz-");

	if (!len || our_words.count == WORDS_MAX || node_has_word(CONFIG_NODE, text, len))
		return;
	our_words.text[our_words.count] = text;
	our_words.len[our_words.count++] = len;
}

/* A command begins with a word, or with one of several: "<arp A.B.C.D|nd X:X::X:X>". */
static void learn_words(int node)
{
	const struct cmd_node *found = vector_lookup(cmdvec, node);
	const struct cmd_element *command;
	const char *text;

	for (unsigned int i = 0; i < vector_active(found->cmd_vector); i++) {
		command = vector_slot(found->cmd_vector, i);
		if (!command || command->daemon != VTYSH_NETSTACKD)
			continue;
		text = command->string;
		learn_word(text + (*text == '<'));
		while (*command->string == '<' && text[strcspn(text, "|>")] == '|') {
			text += strcspn(text, "|>") + 1;
			learn_word(text);
		}
	}
}

/* Is the line of the file netstackd's alone, and this process another daemon's? */
static bool netstack_vtysh_passes_over(const struct vty *file)
{
	const char *line = file->buf + strspn(file->buf, " \t");

	if ((file->node != NETSTACK_NODE && file->node != NETSTACK_IF_NODE) ||
	    netstack_client()->fd >= 0 || ahead.lost)
		return false;
	if (!our_words.known) {
		learn_words(NETSTACK_NODE);
		learn_words(NETSTACK_IF_NODE);
		our_words.known = true;
	}
	for (size_t i = 0; i < our_words.count; i++)
		if (begins_with_word(line, our_words.text[i], our_words.len[i]))
			return true;
	return false;
}
