// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Columns of text.
 */

#include <zebra.h>

#include "memory.h"

#include "netstackd/netstack_test.h"
#include "netstackd/netstack_text.h"

static const char *const headings[] = { "Name", ">Table", "Reason" };

static struct netstack_columns *columns(void)
{
	return netstack_columns_new(headings, array_size(headings));
}

static void row(struct netstack_columns *text, const char *name, const char *table,
		const char *reason)
{
	netstack_columns_add(text, "%s", name);
	netstack_columns_add(text, "%s", table);
	netstack_columns_add_text(text, reason);
}

/* Frees `text`; the result is good until the next call. */
static const char *formatted(struct netstack_columns *text)
{
	static char result[1024];
	char *got = netstack_columns_format(text);

	strlcpy(result, got, sizeof(result));
	XFREE(MTYPE_TMP, got);
	netstack_columns_free(text);
	return result;
}

TEST(columns_are_as_wide_as_what_is_in_them)
{
	struct netstack_columns *text = columns();

	row(text, "default", "254", "");
	row(text, "a-name-of-thirty-six-characters-00000", "4294967295", "no table");
	CHECK_STR(formatted(text), "Name                                        Table  Reason\n"
				   "default                                       254\n"
				   "a-name-of-thirty-six-characters-00000  4294967295  no table\n");
}

TEST(a_last_column_without_content_is_left_out)
{
	struct netstack_columns *text = columns();

	row(text, "blue", "1001", "");
	CHECK_STR(formatted(text), "Name  Table\n"
				   "blue   1001\n");
}

TEST(an_empty_cell_is_a_dash)
{
	struct netstack_columns *text = columns();

	row(text, "blue", "", "down");
	CHECK_STR(formatted(text), "Name  Table  Reason\n"
				   "blue      -  down\n");
}

TEST(no_rows_leave_the_headings)
{
	CHECK_STR(formatted(columns()), "Name  Table  Reason\n");
}

TEST(a_name_may_have_the_characters_of_a_format)
{
	struct netstack_columns *text = columns();

	row(text, "a|b%s", "1", "50%");
	CHECK_STR(formatted(text), "Name   Table  Reason\n"
				   "a|b%s      1  50%\n");
}

TEST(characters_are_counted_not_bytes)
{
	struct netstack_columns *text = columns();

	row(text, "büro", "1001", "");
	row(text, "site", "7", "");
	CHECK_STR(formatted(text), "Name  Table\n"
				   "büro   1001\n"
				   "site      7\n");
}

TEST(a_time_is_written_as_yang_has_it)
{
	char text[NETSTACK_TIME_LEN];

	CHECK_STR(netstack_time_text(1795360821, text), "2026-11-22T15:20:21Z");
}
