// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * box: a command in a machine of its own, as if it ran right here.
 *
 * 'box host' starts a launcher as the first process of private mount and PID (and, if asked for,
 * network, IPC and UTS) namespaces. The launcher boots a kernel or pivots into a root, and in there
 * 'box agent' starts the command. Both ends talk over one byte stream, the wire: a socket, or the
 * serial line of a user-mode Linux or a QEMU that has that socket as its other end.
 *
 * Whatever happens to 'box host', a kill -9 included, the kernel kills the launcher, and with this
 * first process everything in its namespaces: processes, mounts, links.
 *
 * The wire carries frames: a type, a length (4 bytes, big-endian), a payload.
 *
 *   agent to host                          host to agent
 *   H  ready                               S  start: flags, rows, columns, argc, envc, strings
 *   1  standard output                     0  standard input; empty: its end
 *   2  standard error                      W  window size: rows, columns
 *   A  input taken (4 bytes: how much)     P  nobody reads this output any more (1 byte: 1 or 2)
 *   G  got a D                             D  a frame in the side file: type, slot, length
 *   X  exit status, input consumed
 *
 * The host sends at most WINDOW bytes of input that the agent has not taken, so that neither side
 * ever stops to read the wire: an endless input does not hide a command's output or its end.
 *
 * A serial line of user-mode Linux is slow to take input (a system call for a byte) and can stall
 * when its buffer of 4 kB is full. So what the host sends goes by a side file that both sides see,
 * of endless length and nearly all holes: the payload is written in slots that were never used
 * before, since the guest caches what it reads, and a short D on the wire says where. With at most
 * FLIGHT of them under way, the line's buffer never fills.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <linux/falloc.h>
#include <linux/kcmp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define CHUNK	   (32 * 1024)
#define WINDOW	   (256 * 1024)
#define WIRE_FD	   3
#define FLIGHT	   32
#define SMALL	   4 /* payloads up to this go by the wire itself */
#define LAB_FAILED 125

enum start_flags {
	START_PTY = 1,	  /* the command gets a terminal */
	START_MERGE = 2,  /* output and error are one file */
	START_DIRECT = 4, /* the command takes over the descriptors 0 to 2 that the agent has */
	START_STDERR = 8, /* with a terminal: error is not that terminal */
};

extern char **environ;

/*
 * Frames
 */

/* An incoming frame that may have arrived in part. */
struct wire {
	int fd;
	uint8_t *buf; /* header and payload */
	size_t have, size;
};

/* All of buf, or false when the other side is gone. */
static bool write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EAGAIN) {
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

static bool frame_send(struct wire *w, char type, const void *payload, uint32_t len)
{
	uint8_t head[5] = { type, len >> 24, len >> 16, len >> 8, len };

	return write_all(w->fd, head, sizeof(head)) && write_all(w->fd, payload, len);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t n)
{
	p[0] = n >> 24;
	p[1] = n >> 16;
	p[2] = n >> 8;
	p[3] = n;
}

/*
 * Read what is there. Returns 1 with a whole frame in w->buf, 0 when more is needed, -1 at the end.
 * At most one frame is read ahead, so the caller polls between frames.
 */
static int frame_read(struct wire *w)
{
	size_t want = 5;
	ssize_t n;

	if (w->have >= 5)
		want += get32(w->buf + 1);
	if (w->size < want) {
		w->size = want + CHUNK;
		w->buf = realloc(w->buf, w->size);
		if (!w->buf)
			return -1;
	}
	n = read(w->fd, w->buf + w->have, want - w->have);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0)
		return -1;
	w->have += n;
	return w->have >= 5 && w->have == 5 + get32(w->buf + 1);
}

static uint8_t *frame_payload(struct wire *w, uint32_t *len)
{
	*len = get32(w->buf + 1);
	return w->buf + 5;
}

/* Characters as they are; with signals, Ctrl-C is one. */
static void set_raw(int fd, struct termios *saved, bool with_signals)
{
	struct termios raw;

	if (tcgetattr(fd, &raw) < 0)
		return;
	if (saved)
		*saved = raw;
	cfmakeraw(&raw);
	if (with_signals)
		raw.c_lflag |= ISIG, raw.c_oflag |= OPOST;
	tcsetattr(fd, TCSANOW, &raw);
}

/*
 * The agent: inside
 */

struct agent {
	struct wire wire;
	pid_t pid;	 /* of the command */
	int in, out[3];	 /* our ends; out[1] and out[2] used */
	int rest;	 /* the input's other end, to count what was not read */
	bool pty, in_eof;
	int file;	/* the side file, or -1 */
	uint8_t *queue; /* input that the command has not taken */
	size_t queued;
	uint32_t consumed; /* modulo 2^32 is enough for a difference */
};

static void __attribute__((noreturn)) agent_command(char **argv, char **env, const uint8_t *start,
						    int fd[3])
{
	/* nohup(1) ignores one of them, a shell in the background others: the machine has its own */
	static const int signals[] = { SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_DFL);
	for (int i = 0; i < 3; i++)
		if (fd[i] != i)
			dup2(fd[i], i);
	if (start[0] & START_PTY) {
		setsid();
		ioctl(0, TIOCSCTTY, 0);
	}
	for (int i = 3; i < 64; i++)
		close(i);
	environ = env;
	execvp(argv[0], argv);
	dprintf(2, "lab: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static int open_pty(const uint8_t *start, int *slave)
{
	struct winsize ws = { .ws_row = start[1] << 8 | start[2], .ws_col = start[3] << 8 | start[4] };
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char *name;

	if (master < 0 || grantpt(master) || unlockpt(master) || !(name = ptsname(master)))
		return -1;
	*slave = open(name, O_RDWR | O_NOCTTY);
	ioctl(master, TIOCSWINSZ, &ws);
	return master;
}

/* The command's descriptors in fd, our ends in a. */
static void agent_descriptors(struct agent *a, const uint8_t *start, int fd[3])
{
	int p[2];

	a->in = a->out[1] = a->out[2] = -1;
	for (int i = 0; i < 3; i++)
		fd[i] = i;
	if (start[0] & START_DIRECT)
		return;
	if (start[0] & START_PTY) {
		a->pty = true;
		a->out[1] = open_pty(start, &fd[1]);
		a->in = dup(a->out[1]);
		fd[0] = fd[2] = fd[1];
	} else {
		if (pipe2(p, O_CLOEXEC) == 0)
			fd[0] = p[0], a->in = p[1];
		if (pipe2(p, O_CLOEXEC) == 0)
			a->out[1] = p[0], fd[1] = fd[2] = p[1];
	}
	if (!(start[0] & START_MERGE) && (!a->pty || start[0] & START_STDERR))
		if (pipe2(p, O_CLOEXEC) == 0)
			a->out[2] = p[0], fd[2] = p[1];
	fcntl(a->in, F_SETFL, O_NONBLOCK);
}

/* start: flags, rows (2), columns (2), argc (2), envc (2), then the strings */
static void agent_start(struct agent *a, uint8_t *start, uint32_t len)
{
	int argc = start[5] << 8 | start[6], envc = start[7] << 8 | start[8], fd[3];
	char **argv = calloc(argc + 1, sizeof(*argv)), **env = calloc(envc + 1, sizeof(*env));
	char *s = (char *)start + 9;

	for (int i = 0; i < argc + envc && s < (char *)start + len; i++, s += strlen(s) + 1)
		*(i < argc ? &argv[i] : &env[i - argc]) = s;
	agent_descriptors(a, start, fd);
	a->pid = fork();
	if (a->pid == 0)
		agent_command(argv, env, start, fd);
	for (int i = 0; i < 3; i++)
		if (fd[i] > 2) /* a pty's slave is there up to three times: closing it again is harmless */
			close(fd[i]);
	free(argv);
	free(env);
}

/* Replaces a D by the frame that it stands for. False when that cannot be read. */
static bool agent_fetch(struct agent *a)
{
	struct wire *w = &a->wire;
	uint8_t *p = w->buf + 5;
	char type = p[0];
	off_t offset = ((uint64_t)get32(p + 1) << 32 | get32(p + 5)) * CHUNK;
	uint32_t len = get32(p + 9), done = 0;

	if (w->size < 5 + len) {
		w->size = 5 + len;
		w->buf = realloc(w->buf, w->size);
		if (!w->buf)
			return false;
	}
	while (done < len) {
		ssize_t n = pread(a->file, w->buf + 5 + done, len - done, offset + done);

		if (n <= 0)
			return false;
		done += n;
	}
	posix_fadvise(a->file, offset, len, POSIX_FADV_DONTNEED);
	w->buf[0] = type;
	put32(w->buf + 1, len);
	return frame_send(w, 'G', "", 0);
}

/* False when the wire makes no sense any more. */
static bool agent_frame(struct agent *a)
{
	struct winsize ws;
	uint32_t len;
	uint8_t *p;

	if (a->wire.buf[0] == 'D' && !agent_fetch(a))
		return false;
	p = frame_payload(&a->wire, &len);
	switch (a->wire.buf[0]) {
	case 'S':
		agent_start(a, p, len);
		break;
	case '0':
		if (!len)
			a->in_eof = true;
		else if (a->queued + len <= WINDOW)
			memcpy(a->queue + a->queued, p, len), a->queued += len;
		break;
	case 'W':
		ws = (struct winsize){ .ws_row = p[0] << 8 | p[1], .ws_col = p[2] << 8 | p[3] };
		if (a->pty)
			ioctl(a->out[1], TIOCSWINSZ, &ws);
		break;
	case 'P':
		if (!a->pty && len == 1 && (p[0] == 1 || p[0] == 2)) {
			close(a->out[p[0]]);
			a->out[p[0]] = -1;
		}
		break;
	}
	a->wire.have = 0;
	return true;
}

static void agent_feed(struct agent *a)
{
	ssize_t n = write(a->in, a->queue, a->queued);
	uint32_t taken;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) { /* the command closed its input: swallow what comes */
		close(a->in);
		a->in = -1;
		n = a->queued;
	} else
		a->consumed += n;
	a->queued -= n;
	memmove(a->queue, a->queue + n, a->queued);
	taken = htonl(n);
	frame_send(&a->wire, 'A', &taken, sizeof(taken));
}

static void agent_end_input(struct agent *a)
{
	char path[32];

	a->in_eof = false;
	if (a->pty) { /* a terminal's end of input is a character */
		if (write(a->in, "\4", 1) == 1)
			return;
	} else {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", a->in);
		a->rest = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	}
	close(a->in);
	a->in = -1;
}

/* One read of what the command wrote. False at its end, or when there is nothing. */
static bool agent_output(struct agent *a, int which)
{
	static char buf[CHUNK];
	ssize_t n = read(a->out[which], buf, sizeof(buf));

	if (n > 0)
		return frame_send(&a->wire, '0' + which, buf, n);
	if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(a->out[which]);
		a->out[which] = -1;
	}
	return false;
}

/* The command has ended. What it wrote is passed on; what its children may yet write is not waited for. */
static void agent_finish(struct agent *a, int status)
{
	uint8_t x[8] = { 0, 0, 0, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status) };
	uint32_t left = 0;
	int pending = 0;

	if (!a->pty && ioctl(a->rest >= 0 ? a->rest : a->in, FIONREAD, &pending) == 0)
		left = pending;
	left = htonl(a->consumed - left);
	memcpy(x + 4, &left, 4);
	for (int i = 1; i <= 2; i++) {
		if (a->out[i] < 0)
			continue;
		fcntl(a->out[i], F_SETFL, O_NONBLOCK);
		/* a terminal hands its last output on a moment later, then says that it is closed */
		do
			poll(&(struct pollfd){ .fd = a->out[i], .events = POLLIN }, 1,
			     a->pty ? 100 : 0);
		while (agent_output(a, i));
	}
	sync();
	frame_send(&a->wire, 'X', x, sizeof(x));
}

/* Wait for every child that ended. True, with its status, when the command is among them. */
static bool agent_reap(struct agent *a, int *status)
{
	pid_t pid;
	bool done = false;
	int s;

	while ((pid = waitpid(-1, &s, WNOHANG)) > 0)
		if (pid == a->pid)
			done = true, *status = s;
	return done;
}

static void on_child(int sig)
{
	(void)sig;
}

static void agent_loop(struct agent *a)
{
	sigset_t unblocked;
	int status;

	sigprocmask(SIG_SETMASK, NULL, &unblocked);
	sigdelset(&unblocked, SIGCHLD);
	while (!agent_reap(a, &status)) {
		struct pollfd p[4] = {
			{ .fd = a->wire.fd, .events = POLLIN },
			{ .fd = a->queued ? a->in : -1, .events = POLLOUT },
			{ .fd = a->out[1], .events = POLLIN },
			{ .fd = a->out[2], .events = POLLIN },
		};

		if (a->in >= 0 && a->in_eof && !a->queued)
			agent_end_input(a);
		if (a->in < 0 && a->queued)
			agent_feed(a);
		if (ppoll(p, 4, NULL, &unblocked) < 0)
			continue;
		if (p[0].revents) {
			int r = frame_read(&a->wire);

			if (r < 0 || (r > 0 && !agent_frame(a)))
				return;
		}
		if (p[1].revents)
			agent_feed(a);
		for (int i = 1; i <= 2; i++)
			if (p[i + 1].revents && a->out[i] >= 0 && a->out[i] == p[i + 1].fd)
				agent_output(a, i);
	}
	agent_finish(a, status);
}

/* box agent FD|DEVICE [SIDE-FILE] */
static int agent_main(const char *where, const char *file)
{
	struct agent a = { .in = -1, .out = { -1, -1, -1 }, .rest = -1, 
			   .file = file ? atoi(file) : -1 };
	sigset_t block;

	a.wire.fd = where[0] == '/' ? open(where, O_RDWR | O_NOCTTY | O_CLOEXEC) : atoi(where);
	a.queue = malloc(WINDOW);
	if (a.wire.fd < 0 || !a.queue)
		return LAB_FAILED;
	fcntl(a.wire.fd, F_SETFD, FD_CLOEXEC);
	/* no read-ahead: it would take slots that are not yet written */
	posix_fadvise(a.file, 0, 0, POSIX_FADV_RANDOM);
	set_raw(a.wire.fd, NULL, false);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, on_child);
	sigemptyset(&block);
	sigaddset(&block, SIGCHLD);
	sigprocmask(SIG_BLOCK, &block, NULL);
	frame_send(&a.wire, 'H', "", 0);
	agent_loop(&a);
	/* as the first process of a machine: wait to be switched off */
	if (where[0] == '/')
		pause();
	return 0;
}

/*
 * The host: outside
 */

static struct {
	struct wire wire;
	pid_t pid;
	bool pty, ready, in_eof;
	uint32_t credit;
	int file;      /* the side file, or -1 */
	uint64_t slot; /* the next one */
	int flying;    /* D frames that were not confirmed */
	struct termios saved;
	volatile sig_atomic_t resized;
	FILE *console;
	const char *console_path;
	int boot_seconds;
} host = { .credit = WINDOW, .file = -1, .boot_seconds = 60 };

/* No process of the machine outlives this: waiting for the first one of a PID namespace waits for all. */
static void machine_off(void)
{
	if (host.pid > 0) {
		kill(host.pid, SIGKILL);
		while (waitpid(host.pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (host.pty)
		tcsetattr(0, TCSANOW, &host.saved);
}

static void on_end(int sig)
{
	machine_off();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void on_resize(int sig)
{
	(void)sig;
	host.resized = 1;
}

static int __attribute__((format(printf, 1, 2))) failed(const char *fmt, ...)
{
	va_list ap;

	machine_off();
	va_start(ap, fmt);
	fputs("lab: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	return LAB_FAILED;
}

/* Keep what the machine's console said, and show its end if asked for. */
static void show_console(bool end)
{
	FILE *keep = fopen(host.console_path, "w");
	char line[512];
	long size;

	fseek(host.console, 0, SEEK_END);
	size = ftell(host.console);
	rewind(host.console);
	while (fgets(line, sizeof(line), host.console)) {
		if (keep)
			fputs(line, keep);
		if (end && size - ftell(host.console) < 2000)
			fputs(line, stderr);
	}
	if (keep)
		fclose(keep);
	fprintf(stderr, "lab: all that the console said: %s\n", host.console_path);
}

/*
 * A user-mode Linux that panics sends SIGTERM to its process group, then SIGABRT to itself until it
 * dies: so it has a group of its own, and is not a namespace's first process, which would not die.
 */
static void become_first_of_two(void)
{
	pid_t pid;

	setsid();
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		return;
	}
	close(WIRE_FD);
	while (waitpid(-1, NULL, 0) != pid)
		;
	_exit(0);
}

/* The first process of the machine: it becomes the launcher, with the wire as descriptor 3. */
static void __attribute__((noreturn)) launch(char **launcher, int fd, bool native, bool direct)
{
	char c;
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0) /* the parent was quicker to die */
		_exit(LAB_FAILED);
	if (!direct) {
		dup2(null, 0);
		dup2(host.console ? fileno(host.console) : 2, 1);
		if (host.console)
			dup2(1, 2);
	}
	if (fd == WIRE_FD)
		fcntl(fd, F_SETFD, 0);
	else
		dup2(fd, WIRE_FD), close(fd);
	if (!native)
		become_first_of_two();
	execvp(launcher[0], launcher);
	dprintf(2, "lab: %s: %s\n", launcher[0], strerror(errno));
	_exit(LAB_FAILED);
}

static bool same_file(int a, int b)
{
	return syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, a, b) == 0;
}

/* A terminal to talk through: input and output are one, and ours to read. */
static bool have_terminal(void)
{
	return isatty(0) && isatty(1) && tcgetpgrp(0) == getpgrp();
}

/* The launcher made it in its own mount namespace: LAB_SIDE_FILE is its path there. */
static void open_side_file(void)
{
	const char *path = getenv("LAB_SIDE_FILE");
	char *there;

	if (!path || !*path || asprintf(&there, "/proc/%d/root%s", host.pid, path) < 0)
		return;
	host.file = open(there, O_RDWR | O_CLOEXEC);
	free(there);
}

static void host_send(char type, const void *payload, uint32_t len)
{
	off_t offset = host.slot * CHUNK;
	uint8_t d[13] = { type };

	if (host.file < 0 || len <= SMALL || pwrite(host.file, payload, len, offset) != (ssize_t)len) {
		frame_send(&host.wire, type, payload, len);
		return;
	}
	put32(d + 1, host.slot >> 32);
	put32(d + 5, host.slot);
	put32(d + 9, len);
	frame_send(&host.wire, 'D', d, sizeof(d));
	host.slot += (len + CHUNK - 1) / CHUNK;
	host.flying++;
	/* the slots that must have been read by now are given back */
	if (host.slot % (2 * FLIGHT) == 0 && host.slot > FLIGHT)
		fallocate(host.file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			  (host.slot - FLIGHT) * CHUNK);
}

static void send_start(char **argv, uint8_t flags)
{
	struct winsize ws;
	size_t len = 9;
	uint16_t argc = 0, envc = 0;
	uint8_t *buf, *p;

	if (ioctl(0, TIOCGWINSZ, &ws) < 0 || !ws.ws_row || !ws.ws_col)
		ws = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	for (char **s = argv; *s; s++, argc++)
		len += strlen(*s) + 1;
	for (char **s = environ; *s; s++, envc++)
		len += strlen(*s) + 1;
	buf = p = malloc(len);
	if (!buf)
		return;
	memcpy(p, (uint8_t[]){ flags, ws.ws_row >> 8, ws.ws_row, ws.ws_col >> 8, ws.ws_col, argc >> 8,
			       argc, envc >> 8, envc },
	       9);
	p += 9;
	for (char **s = argv; *s; s++)
		p = (uint8_t *)stpcpy((char *)p, *s) + 1;
	for (char **s = environ; *s; s++)
		p = (uint8_t *)stpcpy((char *)p, *s) + 1;
	host_send('S', buf, len);
	free(buf);
}

static void send_size(void)
{
	struct winsize ws;

	host.resized = 0;
	if (ioctl(0, TIOCGWINSZ, &ws) == 0)
		frame_send(&host.wire, 'W',
			   (uint8_t[]){ ws.ws_row >> 8, ws.ws_row, ws.ws_col >> 8, ws.ws_col }, 4);
}

static void send_input(void)
{
	static char buf[CHUNK];
	size_t most = host.credit < sizeof(buf) ? host.credit : sizeof(buf);
	ssize_t n = read(0, buf, most);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0)
		n = 0;
	host.in_eof = n == 0;
	host.credit -= n;
	host_send('0', buf, n);
}

/* Output for a reader that has gone ends in the command, as it would have without the machine. */
static void take_output(int which, const uint8_t *p, uint32_t len)
{
	uint8_t gone = which;

	if (!write_all(which, p, len))
		frame_send(&host.wire, 'P', &gone, 1);
}

/* What the command read of a file has been read, and what it left has not. */
static void give_back_input(off_t start, uint32_t consumed)
{
	struct stat st;

	if (start >= 0 && fstat(0, &st) == 0 && S_ISREG(st.st_mode)) {
		off_t now = lseek(0, 0, SEEK_CUR);

		lseek(0, now - (uint32_t)((uint32_t)(now - start) - consumed), SEEK_SET);
	}
}

static bool may_send_input(bool direct)
{
	return host.ready && !direct && !host.in_eof && host.credit && host.flying < FLIGHT;
}

/* Returns the command's exit status. */
static int host_loop(char **argv, uint8_t flags, off_t start)
{
	const struct timespec boot_time = { .tv_sec = host.boot_seconds };
	bool direct = flags & START_DIRECT;
	sigset_t unblocked, winch;

	sigemptyset(&winch);
	sigaddset(&winch, SIGWINCH);
	sigprocmask(SIG_BLOCK, &winch, &unblocked);
	for (;;) {
		struct pollfd p[2] = {
			{ .fd = host.wire.fd, .events = POLLIN },
			{ .fd = may_send_input(direct) ? 0 : -1, .events = POLLIN },
		};
		uint32_t len;
		uint8_t *payload;
		int r;

		if (host.resized && host.ready && host.pty)
			send_size();
		r = ppoll(p, 2, host.ready ? NULL : &boot_time, &unblocked);
		if (r == 0)
			return -1;
		if (r < 0)
			continue;
		if (p[1].revents)
			send_input();
		if (!p[0].revents)
			continue;
		r = frame_read(&host.wire);
		if (r < 0)
			return -1;
		if (r == 0)
			continue;
		payload = frame_payload(&host.wire, &len);
		switch (host.wire.buf[0]) {
		case 'H':
			host.ready = true;
			if (host.pty)
				set_raw(0, NULL, false);
			open_side_file();
			send_start(argv, flags);
			break;
		case '1':
		case '2':
			take_output(host.wire.buf[0] - '0', payload, len);
			break;
		case 'G':
			host.flying--;
			break;
		case 'A':
			host.credit += get32(payload);
			break;
		case 'X':
			if (!direct)
				give_back_input(start, get32(payload + 4));
			return payload[3];
		}
		host.wire.have = 0;
	}
}

static void set_signals(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction end = { .sa_handler = on_end }, resize = { .sa_handler = on_resize };

	sigfillset(&end.sa_mask);
	for (unsigned int i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct sigaction old;

		if (sigaction(ends[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(ends[i], &end, NULL);
	}
	sigaction(SIGWINCH, &resize, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* in the background of a terminal, reading it fails instead of stopping us */
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
}

/*
 * Nothing of the input has been read, so another kernel may still run the command: lab/lab named
 * itself in LAB_OTHERWISE if it is to choose one.
 */
static void try_qemu(char **command, const sigset_t *signals)
{
	const char *start[] = { getenv("LAB_OTHERWISE"), "run", "--kernel", "qemu", "--backend",
				getenv("LAB_BACKEND"), "--mem", getenv("LAB_MEM"), "--" };
	const size_t len = sizeof(start) / sizeof(start[0]);
	size_t argc = 0;
	char **argv;

	if (!start[0] || !*start[0])
		return;
	while (command[argc])
		argc++;
	argv = calloc(len + argc + 1, sizeof(*argv));
	if (!argv)
		return;
	memcpy(argv, start, sizeof(start));
	memcpy(argv + len, command, argc * sizeof(*argv));
	fprintf(stderr, "lab: user-mode Linux did not come up\n");
	if (host.console)
		show_console(false);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGTTIN, SIG_DFL);
	signal(SIGTTOU, SIG_DFL);
	sigprocmask(SIG_SETMASK, signals, NULL);
	execv(argv[0], argv);
	fprintf(stderr, "lab: %s: %s\n", argv[0], strerror(errno));
	free(argv);
}

static pid_t clone_machine(bool native)
{
	long flags = CLONE_NEWNS | CLONE_NEWPID | SIGCHLD;

	if (native)
		flags |= CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
	return syscall(SYS_clone, flags, 0, 0, 0, 0);
}

/* box host native|boot CONSOLE LAUNCHER... -- COMMAND... */
static int host_main(char **argv)
{
	bool native = !strcmp(argv[0], "native");
	char **command = argv + 2;
	uint8_t flags = 0;
	off_t start = lseek(0, 0, SEEK_CUR);
	sigset_t ends, old;
	int fd[2], status;

	while (*command && strcmp(*command, "--"))
		command++;
	if (!*command || !command[1])
		return failed("no command");
	*command++ = NULL;

	host.pty = have_terminal();
	if (host.pty) /* what is typed while the machine starts is for the command */
		set_raw(0, &host.saved, true);
	if (host.pty)
		flags |= START_PTY | (isatty(2) ? 0 : START_STDERR);
	else if (native)
		flags |= START_DIRECT;
	else if (same_file(1, 2))
		flags |= START_MERGE;
	host.console_path = argv[1];
	if (getenv("LAB_BOOT_SECONDS"))
		host.boot_seconds = atoi(getenv("LAB_BOOT_SECONDS"));
	if (!(flags & START_DIRECT))
		host.console = tmpfile();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return failed("no socket: %s", strerror(errno));

	/* no end of ours between the machine's start and our knowing its number */
	sigfillset(&ends);
	sigprocmask(SIG_BLOCK, &ends, &old);
	host.pid = clone_machine(native);
	if (host.pid == 0) {
		sigprocmask(SIG_SETMASK, &old, NULL);
		close(fd[0]);
		launch(argv + 2, fd[1], native, flags & START_DIRECT);
	}
	if (host.pid < 0)
		return failed("no namespaces: %s", strerror(errno));
	set_signals();
	sigprocmask(SIG_SETMASK, &old, NULL);
	close(fd[1]);
	host.wire.fd = fd[0];

	status = host_loop(command, flags, start);
	machine_off();
	if (status >= 0)
		return status;
	if (!host.ready)
		try_qemu(command, &old);
	fprintf(stderr, host.ready ? "lab: the machine died\n" : "lab: the machine did not come up\n");
	if (host.console)
		show_console(true);
	return LAB_FAILED;
}

int main(int argc, char **argv)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", O_RDWR);
	if ((argc == 3 || argc == 4) && !strcmp(argv[1], "agent"))
		return agent_main(argv[2], argv[3]);
	if (argc > 5 && !strcmp(argv[1], "host"))
		return host_main(argv + 2);
	fprintf(stderr, "usage: box host native|boot CONSOLE LAUNCHER... -- COMMAND...\n"
			"       box agent FD|DEVICE [SIDE-FILE]\n");
	return LAB_FAILED;
}
