// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stalls: when a processor was not there for a process that goes before all others.
 *
 *     stalls
 *
 * On each processor a thread of real-time priority sleeps until the next half of a millisecond, again
 * and again.  Where it wakes late, the processor was away: a virtual machine's is given to somebody
 * else by the host, or woken late by it (proc(5): "steal" in /proc/stat, which counts in 10 ms), or the
 * kernel was in the midst of something that it does not interrupt.  cyclictest(8) of rt-tests does the
 * same, but says how often and not when, and what is asked for here is what a certain failure met.
 *
 * It prints 'ready', and when its standard input ends a line 'PROCESSOR FROM TO' for each time that a
 * thread was late by LATE or more: when it wanted to wake and when it did, in nanoseconds since 1970.
 * The times of each processor are in order and do not overlap.  Status 1, and a message, if it may not
 * have real-time priority.
 */

#define _GNU_SOURCE /* sched_setaffinity(2), of which processors */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define NANOSECONDS INT64_C(1000000000)
#define INTERVAL    INT64_C(500000)
#define LATE	    INT64_C(1000000)
#define PRIORITY    90	      /* before the probe of the bench (bench/probe.py) */
#define STALLS_MAX  (1 << 21) /* of a processor: 32 MB, of which only what is used takes memory */
#define PROCESSORS  CPU_SETSIZE
#define STACK_BYTES (64 * 1024)

struct stall {
	int64_t from;
	int64_t to;
};

struct processor {
	int number;
	pthread_t thread;
	size_t count;
	struct stall *stalls;
};

static struct processor processors[CPU_SETSIZE];
static atomic_bool stop;

static int64_t clock_read(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NANOSECONDS + ts.tv_nsec;
}

static void sleep_until(int64_t when)
{
	struct timespec ts = { .tv_sec = when / NANOSECONDS, .tv_nsec = when % NANOSECONDS };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

static void *watch(void *arg)
{
	struct processor *self = arg;
	int64_t due = clock_read(CLOCK_MONOTONIC) + INTERVAL;

	while (!atomic_load(&stop)) {
		int64_t late;

		sleep_until(due);
		late = clock_read(CLOCK_MONOTONIC) - due;
		if (late >= LATE && self->count < STALLS_MAX) {
			int64_t now = clock_read(CLOCK_REALTIME);

			self->stalls[self->count++] =
				(struct stall){ .from = now - late, .to = now };
		}
		/* those that it slept through are no stalls of their own */
		due += (late / INTERVAL + 1) * INTERVAL;
	}
	return NULL;
}

static void die(int error, const char *what)
{
	fprintf(stderr, "stalls: %s: %s\n", what, strerror(error));
	exit(1);
}

static void start(struct processor *processor)
{
	const struct sched_param param = { .sched_priority = PRIORITY };
	pthread_attr_t attr;
	cpu_set_t set;
	int error;

	processor->stalls = mmap(NULL, STALLS_MAX * sizeof(struct stall), PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (processor->stalls == MAP_FAILED)
		die(errno, "memory");
	CPU_ZERO(&set);
	CPU_SET(processor->number, &set);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
	pthread_attr_setschedparam(&attr, &param);
	error = pthread_create(&processor->thread, &attr, watch, processor);
	if (error)
		die(error, "no real-time priority");
	pthread_attr_destroy(&attr);
}

int main(void)
{
	size_t count = 0;
	cpu_set_t allowed;
	char byte;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		die(errno, "sched_getaffinity");
	for (int number = 0; number < CPU_SETSIZE; number++) {
		if (!CPU_ISSET(number, &allowed))
			continue;
		processors[count].number = number;
		start(&processors[count++]);
	}
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	atomic_store(&stop, true);
	for (size_t i = 0; i < count; i++) {
		const struct processor *processor = &processors[i];

		pthread_join(processor->thread, NULL);
		for (size_t j = 0; j < processor->count; j++)
			printf("%d %" PRId64 " %" PRId64 "\n", processor->number,
			       processor->stalls[j].from, processor->stalls[j].to);
	}
	return 0;
}
