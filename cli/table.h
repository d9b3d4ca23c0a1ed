/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table - rows and columns on a terminal, through libsmartcols.
 *
 * On a terminal the table fits its width: columns of little worth are left out
 * where it is narrow, then the widest of the others are cut, with an ellipsis. In a
 * pipe it has all columns in full width. An empty cell shows "-".
 *
 * Ownership  table_new() makes it, table_free() ends it; cells are copied.
 * Errors     Out of memory: the table stays empty or short, table_print() says so.
 * Limits     A cell: TABLE_CELL_MAX bytes, then cut. TABLE_COLUMNS_MAX columns.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "term.h"

enum { TABLE_CELL_MAX = 512, TABLE_COLUMNS_MAX = 16 };

enum column_flag {
	COLUMN_RIGHT = 1, /* numbers */
	COLUMN_KEEP = 2,  /* cut only when all others are as narrow as can be */
};

struct column {
	const char *name;
	unsigned flags;
	unsigned drop; /* the highest is left out first; 0: never */
	size_t cut;    /* may be cut; to less than this only where nothing is left to
			  leave out; 0: never */
};

struct table;

struct table *table_new(
    const struct term *term, const struct column *columns, size_t count);
void table_free(struct table *t);
void table_cleanup(struct table **t); /* for CLEANUP() */

void table_row(struct table *t);
/* Wire bytes, escaped here. */
void table_cell(struct table *t, size_t column, struct slice s);
/* Program text. */
void table_text(struct table *t, size_t column, const char *text);
void table_int(struct table *t, size_t column, int64_t value);
void table_color(struct table *t, size_t column, enum color color);
const struct term *table_term(const struct table *t);

/* To stdout. Negative errno. */
int table_print(struct table *t);

#endif
