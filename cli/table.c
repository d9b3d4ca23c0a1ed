/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <libsmartcols.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "table.h"

struct table {
	const struct term *term;
	const struct column *columns;
	struct libscols_table *scols;
	struct libscols_line *line; /* the row being filled */
	size_t count;
	bool failed; /* out of memory */
};

static bool is_left_out(const struct table *t, size_t column)
{
	return t->term->width != 0 && t->term->width < t->columns[column].from_width;
}

static bool add_columns(struct table *t)
{
	for (size_t i = 0; i < t->count; i++) {
		int flags = 0;

		if (t->columns[i].flags & COLUMN_RIGHT)
			flags |= SCOLS_FL_RIGHT;
		if (t->columns[i].flags & COLUMN_CUT)
			flags |= SCOLS_FL_TRUNC;
		if (is_left_out(t, i))
			flags |= SCOLS_FL_HIDDEN;
		if (scols_table_new_column(t->scols, t->columns[i].name, 0, flags) ==
		    NULL)
			return false;
	}
	return true;
}

struct table *table_new(
    const struct term *term, const struct column *columns, size_t count)
{
	CLEANUP(table_cleanup) struct table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->term = term;
	t->columns = columns;
	t->count = count;
	t->scols = scols_new_table();
	if (t->scols == NULL || !add_columns(t))
		return NULL;
	/* Cells are escaped before they get here, better than smartcols would. */
	(void)scols_table_enable_noencoding(t->scols, 1);
	(void)scols_table_enable_colors(t->scols, term->color);
	(void)scols_table_set_termforce(
	    t->scols, term->is_tty ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
	if (term->width != 0)
		(void)scols_table_set_termwidth(t->scols, term->width);
	return KEEP(t);
}

void table_free(struct table *t)
{
	if (t == NULL)
		return;
	scols_unref_table(t->scols);
	free(t);
}

void table_cleanup(struct table **t)
{
	table_free(*t);
}

void table_row(struct table *t)
{
	t->line = scols_table_new_line(t->scols, NULL);
	if (t->line == NULL) {
		t->failed = true;
		return;
	}
	for (size_t i = 0; i < t->count; i++)
		table_text(t, i, "-");
}

void table_text(struct table *t, size_t column, const char *text)
{
	if (t->line == NULL)
		return;
	if (scols_line_set_data(t->line, column, text) != 0)
		t->failed = true;
}

void table_cell(struct table *t, size_t column, struct slice s)
{
	char buf[TABLE_CELL_MAX];
	struct out o = {.buf = buf, .cap = sizeof(buf)};

	if (s.len == 0)
		return;
	text_escape(&o, s, t->term->charset);
	table_text(t, column, out_string(&o));
}

void table_int(struct table *t, size_t column, int64_t value)
{
	char buf[OUT_MIN];
	struct out o = {.buf = buf, .cap = sizeof(buf)};

	out_int(&o, value);
	table_text(t, column, out_string(&o));
}

void table_color(struct table *t, size_t column, enum color color)
{
	struct libscols_cell *cell;

	if (t->line == NULL || !t->term->color)
		return;
	cell = scols_line_get_cell(t->line, column);
	if (cell == NULL || scols_cell_set_color(cell, term_color(t->term, color)) != 0)
		t->failed = true;
}

const struct term *table_term(const struct table *t)
{
	return t->term;
}

int table_print(struct table *t)
{
	if (t->failed)
		return -ENOMEM;
	return scols_print_table(t->scols);
}
