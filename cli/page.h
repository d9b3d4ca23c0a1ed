/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * page - headings and "name  value" lines of the pages that explain one thing.
 *
 * Absent values (NULL, SLICE_NONE, empty, 0) leave no line.
 */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include "term.h"

void page_heading(const struct term *t, struct out *o, const char *text);

/* Wire bytes, escaped, without a line end. */
void page_value(const struct term *t, struct out *o, struct slice s);

/* A "name  value" line of text that is escaped already. */
void page_escaped(
    const struct term *t, struct out *o, const char *name, const char *text);
void page_text(const struct term *t, struct out *o, const char *name, const char *text);
void page_slice_field(
    const struct term *t, struct out *o, const char *name, struct slice s);
void page_number(const struct term *t, struct out *o, const char *name, int64_t value);

/* SLICE_NONE for NULL. */
struct slice page_slice(const char *text);

#endif
