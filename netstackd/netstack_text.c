// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Columns of text, as wide as what is in them.
 */

#include <zebra.h>

#include "lib/darr.h"
#include "memory.h"
#include "sbuf.h"

#include "netstackd/netstack.h"
#include "netstackd/netstack_text.h"

#define GAP 2 /* blanks between columns */

DEFINE_MTYPE_STATIC(NETSTACKD, TEXT_COLUMNS, "Columns of text");
DEFINE_MTYPE_STATIC(NETSTACKD, TEXT_CELL, "Cell of text");

struct netstack_columns {
	const char *const *headings;
	size_t count;
	char **cells; /* darr, row by row */
};

struct netstack_columns *netstack_columns_new(const char *const *headings, size_t count)
{
	struct netstack_columns *text = XCALLOC(MTYPE_TEXT_COLUMNS, sizeof(*text));

	text->headings = headings;
	text->count = count;
	return text;
}

void netstack_columns_free(struct netstack_columns *text)
{
	char **cell;

	darr_foreach_p (text->cells, cell)
		XFREE(MTYPE_TEXT_CELL, *cell);
	darr_free(text->cells);
	XFREE(MTYPE_TEXT_COLUMNS, text);
}

void netstack_columns_add(struct netstack_columns *text, const char *format, ...)
{
	va_list args;
	char *cell;

	va_start(args, format);
	cell = vasprintfrr(MTYPE_TEXT_CELL, format, args);
	va_end(args);
	if (!*cell) {
		XFREE(MTYPE_TEXT_CELL, cell);
		cell = XSTRDUP(MTYPE_TEXT_CELL, "-");
	}
	*darr_append(text->cells) = cell;
}

void netstack_columns_add_text(struct netstack_columns *text, const char *cell)
{
	*darr_append(text->cells) = XSTRDUP(MTYPE_TEXT_CELL, cell);
}

/* Columns that a UTF-8 string takes on a terminal: its characters. */
static size_t width(const char *string)
{
	size_t chars = 0;

	for (; *string; string++)
		chars += ((unsigned char)*string & 0xC0) != 0x80;
	return chars;
}

static bool is_right(const struct netstack_columns *text, size_t column)
{
	return text->headings[column][0] == '>';
}

static const char *heading(const struct netstack_columns *text, size_t column)
{
	return text->headings[column] + is_right(text, column);
}

/* 0: there are rows, and every cell of the column is empty. */
static size_t column_width(const struct netstack_columns *text, size_t column)
{
	size_t least = width(heading(text, column)), widest = 0;

	if (!darr_len(text->cells))
		return least;
	for (size_t i = column; i < darr_len(text->cells); i += text->count)
		widest = MAX(widest, width(text->cells[i]));
	return widest ? MAX(widest, least) : 0;
}

/* Blanks that are owed are written only when something follows them. */
static size_t push_cell(struct sbuf *out, const char *cell, size_t wide, bool right, size_t owed)
{
	size_t fill = wide - MIN(wide, width(cell));

	if (!*cell)
		return owed + wide + GAP;
	sbuf_push(out, (int)(owed + (right ? fill : 0)), "%s", cell);
	return (right ? 0 : fill) + GAP;
}

char *netstack_columns_format(const struct netstack_columns *text)
{
	size_t *wide = XCALLOC(MTYPE_TMP, text->count * sizeof(*wide));
	struct sbuf out;
	size_t owed;

	assert(text->count);
	for (size_t c = 0; c < text->count; c++)
		wide[c] = column_width(text, c);

	sbuf_init(&out, NULL, 0);
	for (size_t i = 0; i <= darr_len(text->cells) / text->count; i++) {
		owed = 0;
		for (size_t c = 0; c < text->count; c++) {
			if (!wide[c])
				continue;
			owed = push_cell(&out,
					 i ? text->cells[(i - 1) * text->count + c]
					   : heading(text, c),
					 wide[c], is_right(text, c), owed);
		}
		sbuf_push(&out, 0, "\n");
	}
	XFREE(MTYPE_TMP, wide);
	return out.buf; /* MTYPE_TMP */
}

const char *netstack_time_text(time_t when, char buf[static NETSTACK_TIME_LEN])
{
	struct tm tm;

	strftime(buf, NETSTACK_TIME_LEN, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&when, &tm));
	return buf;
}
