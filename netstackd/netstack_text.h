// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Columns of text, as wide as what is in them.
 *
 * FRR's ttable takes a row as one format string split at '|', which a stack's name may contain,
 * and counts bytes, which are not columns in UTF-8.
 */

#ifndef _NETSTACK_TEXT_H
#define _NETSTACK_TEXT_H

#include <stddef.h>

#include "printfrr.h"

struct netstack_columns;

/*
 * `headings` has `count` of them, one a column, and has to live as long as the result.  One that
 * begins with '>' (which is not shown) has its column aligned to the right.
 */
extern struct netstack_columns *netstack_columns_new(const char *const *headings, size_t count);
extern void netstack_columns_free(struct netstack_columns *text);

/* The next cell, from left to right, row by row.  An empty one is shown as "-". */
extern void netstack_columns_add(struct netstack_columns *text, const char *format, ...)
	PRINTFRR(2, 3);
/* The same, but an empty one stays empty: for the last column. */
extern void netstack_columns_add_text(struct netstack_columns *text, const char *cell);

/*
 * All rows under their headings, each ended by a newline, without trailing blanks.  A column
 * whose cells are all empty is left out.  The caller frees it with XFREE(MTYPE_TMP, …).
 */
extern char *netstack_columns_format(const struct netstack_columns *text);

/* RFC 3339, in UTC, as YANG's date-and-time: "2026-11-22T15:20:21Z".  Returns buf. */
#define NETSTACK_TIME_LEN 32
extern const char *netstack_time_text(time_t when, char buf[static NETSTACK_TIME_LEN]);

#endif /* _NETSTACK_TEXT_H */
