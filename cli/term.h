/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * term - what stands at the other end of stdout and stderr.
 *
 * A pipe gets the whole width, no colour and no hints. Colour also needs NO_COLOR
 * to be unset (no-color.org) and TERM not to be "dumb".
 */
#ifndef CLI_TERM_H
#define CLI_TERM_H

#include <stdio.h>

#include "export/text.h"

struct term {
	bool is_tty;
	bool color;
	enum text_charset charset; /* of the locale: TEXT_ASCII unless it is UTF-8 */
	unsigned width;            /* columns; 0: no limit */
};

/* Of the locale; setlocale() must have been called. */
enum text_charset term_charset(void);

/* Looks at stdout. */
void term_init(struct term *t);

enum color {
	COLOR_NONE = 0,
	COLOR_BOLD,
	COLOR_DIM,
	COLOR_RED,
	COLOR_GREEN,
	COLOR_YELLOW,
	COLOR_CYAN,
};

/* The escape sequence, or "" when there are no colours. */
const char *term_color(const struct term *t, enum color c);
const char *term_reset(const struct term *t);

/* Columns that text takes on the terminal. text is escaped already. */
size_t term_columns(const struct term *t, const char *text, size_t len);

/* The longest prefix of text that takes at most `columns`; its bytes. */
size_t term_prefix(const struct term *t, const char *text, size_t len, size_t columns);

/* Writes text, cut to `columns` with an ellipsis where it is longer, and pads it
 * when it is shorter and pad is set. */
void term_fit(
    const struct term *t, struct out *o, const char *text, size_t columns, bool pad);

/* Writes a paragraph of escaped text, broken between words to the width (never in a
 * pipe) and at its newlines, its lines indented. The cursor stands in column `at`
 * already. */
void term_paragraph(const struct term *t, struct out *o, const char *text,
    unsigned indent, unsigned at);

/* Progress on stderr, from the second second on, when stderr is a terminal. */
struct progress {
	bool is_on, is_shown;
	int64_t started_us, shown_us;
	uint32_t calls;
};
void progress_init(struct progress *p);
/* Cheap enough to be asked for each packet. */
bool progress_is_due(struct progress *p);
void progress_show(struct progress *p, uint64_t packets, uint64_t messages);
void progress_clear(struct progress *p);

#endif
