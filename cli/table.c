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
	size_t widths[TABLE_COLUMNS_MAX]; /* of the widest cell */
	bool is_hidden[TABLE_COLUMNS_MAX];
	bool failed; /* out of memory */
};

static bool add_columns(struct table *t)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct column *c = &t->columns[i];
		int flags = 0;

		if (c->flags & COLUMN_RIGHT)
			flags |= SCOLS_FL_RIGHT;
		if (c->cut != 0)
			flags |= SCOLS_FL_TRUNC;
		if (scols_table_new_column(t->scols, c->name, 0, flags) == NULL)
			return false;
		t->widths[i] = strlen(c->name);
	}
	return true;
}

struct table *table_new(
    const struct term *term, const struct column *columns, size_t count)
{
	CLEANUP(table_cleanup) struct table *t = calloc(1, sizeof(*t));

	if (t == NULL || count > TABLE_COLUMNS_MAX)
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
	size_t columns;

	if (t->line == NULL)
		return;
	if (scols_line_set_data(t->line, column, text) != 0)
		t->failed = true;
	columns = term_columns(t->term, text, strlen(text));
	if (columns > t->widths[column])
		t->widths[column] = columns;
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

enum { CUT_MIN = 9 };

static bool may_be_cut(const struct table *t, size_t column)
{
	return t->columns[column].cut != 0;
}

/* With a blank behind each. */
static size_t total_width(const struct table *t, bool comfortable)
{
	size_t sum = 0;

	for (size_t i = 0; i < t->count; i++) {
		size_t width = t->widths[i];

		if (t->is_hidden[i])
			continue;
		if (comfortable && may_be_cut(t, i) && width > t->columns[i].cut)
			width = t->columns[i].cut;
		sum += width + 1;
	}
	return sum > 0 ? sum - 1 : 0;
}

static bool hide_one(struct table *t)
{
	size_t worst = t->count;

	for (size_t i = 0; i < t->count; i++) {
		if (t->is_hidden[i] || t->columns[i].drop == 0)
			continue;
		if (worst == t->count || t->columns[i].drop > t->columns[worst].drop)
			worst = i;
	}
	if (worst == t->count)
		return false;
	t->is_hidden[worst] = true;
	(void)scols_column_set_flags(
	    scols_table_get_column(t->scols, worst), SCOLS_FL_HIDDEN);
	return true;
}

static bool narrow_one(struct table *t, unsigned keep)
{
	size_t widest = t->count;

	for (size_t i = 0; i < t->count; i++) {
		if (t->is_hidden[i] || !may_be_cut(t, i) || t->widths[i] <= CUT_MIN ||
		    (t->columns[i].flags & keep) != 0)
			continue;
		if (widest == t->count || t->widths[i] > t->widths[widest])
			widest = i;
	}
	if (widest == t->count)
		return false;
	t->widths[widest]--;
	return true;
}

/* libsmartcols would cut without a sign that something is missing. */
static void cut_cells(struct table *t, size_t column)
{
	size_t lines = scols_table_get_nlines(t->scols);

	for (size_t i = 0; i < lines; i++) {
		char buf[TABLE_CELL_MAX];
		struct out o = {.buf = buf, .cap = sizeof(buf)};
		struct libscols_line *line = scols_table_get_line(t->scols, i);
		const char *text =
		    scols_cell_get_data(scols_line_get_cell(line, column));

		if (text == NULL)
			continue;
		term_fit(t->term, &o, text, t->widths[column], false);
		if (scols_line_set_data(line, column, out_string(&o)) != 0)
			t->failed = true;
	}
}

static void fit(struct table *t)
{
	if (t->term->width == 0)
		return;
	while (total_width(t, true) > t->term->width && hide_one(t))
		continue;
	while (total_width(t, false) > t->term->width &&
	       (narrow_one(t, COLUMN_KEEP) || narrow_one(t, 0)))
		continue;
	for (size_t i = 0; i < t->count; i++) {
		if (!t->is_hidden[i] && may_be_cut(t, i))
			cut_cells(t, i);
	}
}

int table_print(struct table *t)
{
	fit(t);
	if (t->failed)
		return -ENOMEM;
	return scols_print_table(t->scols);
}
