/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ast_lint - what will go wrong, said before a call is placed.
 *
 * In         Trunks with their configurations.
 * Out        Findings: first what the reader noted (ast_notes.def), then what
 *            ast_lints.def names, each with file and line.
 * Secrets    A finding names sections and files, never a value.
 * Ownership  Slices point into the configurations.
 * Threads    No state.
 */
#ifndef ASTERISK_AST_LINT_H
#define ASTERISK_AST_LINT_H

#include "asterisk/ast_trunks.h"

enum ast_lint_kind {
#define AST_LINT(id, severity, slug, sentence) AST_LINT_##id,
#include "asterisk/ast_lints.def"
	AST_LINT_COUNT
};

enum ast_severity { AST_NOTE_ONLY = 0, AST_WARNING, AST_ERROR };
const char *ast_severity_name(enum ast_severity s);

struct ast_finding {
	enum ast_severity severity;
	const char *slug, *sentence; /* constants; the slug is stable */
	struct slice file;
	uint32_t line;
	struct slice what; /* the section, or the included file; may be absent */
	uint32_t lines;    /* how many lines vanish in a comment; else 0 */
};

/* Fills at most max; returns how many there are. */
size_t ast_lint(const struct ast_trunks *t, struct ast_finding *out, size_t max);

#endif
