/* SPDX-License-Identifier: BSD-2-Clause */
/* ast_config_int - what ast_config.c and ast_read.c share. */
#ifndef ASTERISK_AST_CONFIG_INT_H
#define ASTERISK_AST_CONFIG_INT_H

#include "asterisk/ast_config.h"
#include "asterisk/ast_line.h"

/*
 * The state of one file while it is read; an included file starts with a copy.
 * .section is this file's own: what an include opened does not become the
 * includer's section, but it does become the next include's (.current).
 */
struct ast_reader {
	struct ast_config *config;
	const struct ast_source *source;
	char *buffer;                /* AST_LINE_MAX bytes, shared by all files */
	struct ast_section *section; /* where values of this file go */
	struct ast_section *current; /* the section opened last in any file */
	struct ast_comments comments;
	struct ast_note *block; /* the note of the comment that is open, or NULL */
	uint32_t block_line;    /* where it was opened */
	struct slice carrier_id, carrier_name;
	uint32_t depth, line;
	uint16_t file;
	bool is_stopped;
};

void ast_read_file(struct ast_reader *r, struct slice name, struct slice bytes);
void ast_read_directive(struct ast_reader *r, struct slice text);

/* NULL: not kept. */
struct ast_note *ast_note_add(
    struct ast_reader *r, enum ast_note_kind kind, struct slice what);

#endif
