/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ast_line - what Asterisk leaves of a line after its comments are gone.
 *
 * The rules of main/config.c (Asterisk 18), to the letter, because a password
 * goes through them:
 *   ;      cuts the rest off            \;     is a ';' that does not cut
 *   ;--    opens a block comment        --;    closes it; blocks nest
 *   ;---   is an ordinary comment       '"'    means nothing at all
 * A "--;" outside a block is not ignored: it counts the depth below zero, and
 * every following line is taken for a comment until a ";--" counts it back.
 *
 * In         One line without its end. A NUL ends it early, as in C.
 * Out        Its live text, blanks stripped (anything below 33), written to out.
 * Limits     out has room for AST_LINE_MAX bytes; in.len may not exceed that.
 * State      Only .depth is carried from line to line.
 */
#ifndef ASTERISK_AST_LINE_H
#define ASTERISK_AST_LINE_H

#include "base/slice.h"

enum { AST_LINE_MAX = 8190, AST_NEST_MAX = 128 };

struct ast_comments {
	int32_t depth; /* 0: text; else the line begins inside a comment */
	/* Of the last line: */
	bool is_cut;            /* ';' cut text off, with no blank before it */
	bool is_opened;         /* a block comment began */
	bool is_opened_in_text; /* ... with no blank between it and the text before */
	bool is_stray;          /* "--;" without a block */
};

struct slice ast_line_strip(struct ast_comments *c, struct slice in, char *out);

/* Without leading and trailing bytes below 33: Asterisk's idea of a blank. */
struct slice ast_strip(struct slice s);

#endif
