// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The harness of the unit tests: what a test file includes first after zebra.h.
 *
 *	TEST(a_table_is_kept_over_a_restart)
 *	{
 *		CHECK_INT(table_of("blue"), 1001);
 *	}
 *
 * Each TEST registers itself and is one line of TAP, named after what it proves.  A failed check
 * says where and what, and ends its test.  `PROGRAM PATTERN` runs only the tests whose name
 * contains PATTERN.
 *
 * A file whose tests cannot run everywhere has
 *
 *	TEST_START()
 *	{
 *		return geteuid() == 0 ? NULL : "needs root";
 *	}
 *
 * which is called before the first test: with a reason, all of them are skipped.
 */

#ifndef NETSTACK_TEST_H
#define NETSTACK_TEST_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "xref.h"

XREF_SETUP();

struct test_case {
	const char *name;
	void (*run)(void);
	struct test_case *next;
};

static struct test_case *test_first, **test_tail = &test_first;
static const char *(*test_start)(void);
static bool test_failed;

#define TEST_START()                                                                               \
	static const char *test_start_here(void);                                                  \
	static void __attribute__((constructor)) test_register_start(void)                         \
	{                                                                                          \
		test_start = test_start_here;                                                      \
	}                                                                                          \
	static const char *test_start_here(void)

#define TEST(id)                                                                                   \
	static void test_##id(void);                                                               \
	static struct test_case test_case_##id = { #id, test_##id, NULL };                         \
	static void __attribute__((constructor)) test_register_##id(void)                          \
	{                                                                                          \
		*test_tail = &test_case_##id;                                                      \
		test_tail = &test_case_##id.next;                                                  \
	}                                                                                          \
	static void test_##id(void)

#define TEST_FAIL(...)                                                                             \
	do {                                                                                       \
		printf("# %s:%d: ", __FILE__, __LINE__);                                           \
		printf(__VA_ARGS__);                                                               \
		printf("\n");                                                                      \
		test_failed = true;                                                                \
		return;                                                                            \
	} while (0)

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			TEST_FAIL("%s does not hold", #condition);                                 \
	} while (0)

#define CHECK_INT(got, want)                                                                       \
	do {                                                                                       \
		intmax_t got_ = (got), want_ = (want);                                             \
		if (got_ != want_)                                                                 \
			TEST_FAIL("%s is %jd, not %jd", #got, got_, want_);                        \
	} while (0)

#define CHECK_STR(got, want)                                                                       \
	do {                                                                                       \
		const char *got_ = (got), *want_ = (want);                                         \
		if (!got_ || !want_ ? got_ != want_ : strcmp(got_, want_) != 0)                    \
			TEST_FAIL("%s is '%s', not '%s'", #got, got_ ? got_ : "(null)",            \
				  want_ ? want_ : "(null)");                                       \
	} while (0)

int main(int argc, char **argv)
{
	const char *skip;
	int number = 0, failures = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	skip = test_start ? test_start() : NULL;
	if (skip) {
		printf("1..0 # SKIP %s\n", skip);
		return 0;
	}
	for (struct test_case *test = test_first; test; test = test->next) {
		if (argc > 1 && !strstr(test->name, argv[1]))
			continue;
		test_failed = false;
		test->run();
		printf("%s %d - %s\n", test_failed ? "not ok" : "ok", ++number, test->name);
		failures += test_failed;
	}
	printf("1..%d\n", number);
	printf("# %d passed, %d failed\n", number - failures, failures);
	return failures || !number;
}

#endif /* NETSTACK_TEST_H */
