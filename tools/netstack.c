// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netstack: the stacks of this router, from the shell.
 *
 * What a stack is comes from netstackd by `show netstack json`; entering one is left to `ip vrf
 * exec` and `ip netns exec`, which know what it takes.  In C because json-c is a dependency of FRR, and jq or Python
 * are not.
 */

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <json-c/json.h>

/*
 * Exit statuses that are not the command's own, as those of env(1) and chroot(1).  `ip` has its own
 * (255 for a command that it does not find), so what it runs is this program again, by the word
 * INSIDE, and that runs the command.
 */
enum {
	EXIT_USAGE = 2,
	EXIT_NOT_ENTERED = 125,
	EXIT_NOT_EXECUTABLE = 126,
	EXIT_NOT_FOUND = 127,
};

#define INSIDE "exec-inside"

static const char usage[] = "usage: netstack list\n"
			    "       netstack exec NAME [--] COMMAND [ARG...]\n"
			    "\n"
			    "list   the stacks, their state and their VRF\n"
			    "exec   run COMMAND inside a stack; its exit status is passed on;\n"
			    "       125: the stack cannot be entered, 126: COMMAND cannot be\n"
			    "       run, 127: there is no such COMMAND\n";

static void __attribute__((format(printf, 2, 3), noreturn)) die(int status, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("netstack: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(status);
}

/* Start vtysh with its output in a pipe; returns the end to read from. */
static FILE *start_vtysh(const char *command, pid_t *pid)
{
	int ends[2];
	FILE *output;

	if (pipe(ends) != 0)
		die(EXIT_NOT_ENTERED, "pipe: %s", strerror(errno));
	*pid = fork();
	if (*pid < 0)
		die(EXIT_NOT_ENTERED, "fork: %s", strerror(errno));
	if (*pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		/* what is asked here is not part of what the operator typed */
		setenv("VTYSH_HISTFILE", "/dev/null", 1);
		execlp("vtysh", "vtysh", "-c", command, (char *)NULL);
		fprintf(stderr, "netstack: vtysh: %s\n", strerror(errno));
		_exit(EXIT_NOT_FOUND);
	}
	close(ends[1]);
	output = fdopen(ends[0], "r");
	if (!output)
		die(EXIT_NOT_ENTERED, "%s", strerror(errno));
	return output;
}

/* All stacks, an object keyed by name; the caller owns it. */
static struct json_object *ask_stacks(void)
{
	struct json_tokener *parser = json_tokener_new();
	struct json_object *stacks = NULL;
	char buffer[65536];
	size_t length;
	pid_t pid;
	int status;
	FILE *output = start_vtysh("show netstack json", &pid);

	while ((length = fread(buffer, 1, sizeof(buffer), output)) > 0) {
		if (!stacks)
			stacks = json_tokener_parse_ex(parser, buffer, (int)length);
	}
	fclose(output);
	json_tokener_free(parser);

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die(EXIT_NOT_ENTERED, "waitpid: %s", strerror(errno));
	if (status != 0 || !json_object_is_type(stacks, json_type_object))
		die(EXIT_NOT_ENTERED, "netstackd does not answer; is it running?%s",
		    geteuid() ? " (and you are not root)" : "");
	return stacks;
}

static const char *field(struct json_object *stack, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(stack, key, &value))
		return "";
	return json_object_get_string(value);
}

static int list(void)
{
	struct json_object *stacks = ask_stacks();
	int width = (int)strlen("NAME");

	json_object_object_foreach (stacks, counted, unused) {
		int length = (int)strlen(counted);

		(void)unused;
		width = length > width ? length : width;
	}
	printf("%-*s  %-8s  %s\n", width, "NAME", "STATE", "VRF");
	json_object_object_foreach (stacks, name, stack) {
		printf("%-*s  %-8s  %s\n", width, name, field(stack, "state"), field(stack, "vrf"));
	}
	json_object_put(stacks);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* What it takes to run something in a stack. */
struct place {
	bool is_namespace; /* else a VRF device */
	const char *name;  /* never freed: exec follows */
};

/* Refuses a stack that nothing can run in. */
static struct place place_of(const char *name)
{
	struct json_object *stacks = ask_stacks();
	struct json_object *stack;
	const char *state, *reason;
	struct place place;
	bool exists;

	if (!json_object_object_get_ex(stacks, name, &stack))
		die(EXIT_NOT_ENTERED, "there is no stack %s; see netstack list", name);

	state = field(stack, "state");
	reason = field(stack, "reason");
	place.name = field(stack, "vrf");
	place.is_namespace = strcmp(field(stack, "backend"), "netns") == 0;
	if (strcmp(state, "shutdown") == 0 || strcmp(state, "removing") == 0)
		die(EXIT_NOT_ENTERED, "stack %s is out of service (%s)", name, state);
	if (place.is_namespace) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "/run/netns/%s", place.name);
		exists = access(path, F_OK) == 0;
	} else {
		exists = if_nametoindex(place.name) != 0;
	}
	if (!exists)
		die(EXIT_NOT_ENTERED, "the %s %s of stack %s is not there%s%s",
		    place.is_namespace ? "namespace" : "VRF device", place.name, name,
		    *reason ? ": " : "", reason);
	return place;
}

static void __attribute__((noreturn)) run_here(char **command)
{
	execvp(command[0], command);
	die(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE, "%s: %s", command[0],
	    strerror(errno));
}

/* The path of this program.  Never freed. */
static const char *own_path(void)
{
	static char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (length < 0)
		die(EXIT_NOT_ENTERED, "/proc/self/exe: %s", strerror(errno));
	path[length] = '\0';
	return path;
}

/* ip-netns(8) binds /etc/netns/NAME over /etc, too; ip-vrf(8) binds sockets to the device. */
static void __attribute__((noreturn)) run(const char *name, char **command, int count)
{
	const struct place place = place_of(name);
	const char *const enter[] = {
		"ip", place.is_namespace ? "netns" : "vrf", "exec", place.name, own_path(), INSIDE,
	};
	const size_t words = sizeof(enter) / sizeof(enter[0]);
	char **argv = calloc(words + (size_t)count + 1, sizeof(*argv));

	if (!argv)
		die(EXIT_NOT_ENTERED, "%s", strerror(errno));
	memcpy(argv, enter, sizeof(enter));
	memcpy(argv + words, command, (size_t)count * sizeof(*argv));
	execvp(argv[0], argv);
	die(EXIT_NOT_ENTERED, "ip: %s (apt-get install iproute2)", strerror(errno));
}

static void __attribute__((noreturn)) enter(const char *name, char **command, int count)
{
	if (strcmp(name, "default") == 0)
		run_here(command);
	if (geteuid() != 0)
		die(EXIT_NOT_ENTERED, "entering a stack takes root");
	run(name, command, count);
}

int main(int argc, char **argv)
{
	if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
		fputs(usage, stdout);
		return EXIT_SUCCESS;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("netstack " NETSTACK_VERSION);
		return EXIT_SUCCESS;
	}
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list();
	if (argc >= 3 && strcmp(argv[1], "exec") == 0) {
		int first = argc >= 4 && strcmp(argv[3], "--") == 0 ? 4 : 3;

		if (argc > first)
			enter(argv[2], argv + first, argc - first);
	}
	if (argc >= 3 && strcmp(argv[1], INSIDE) == 0)
		run_here(argv + 2);
	fputs(usage, stderr);
	return EXIT_USAGE;
}
