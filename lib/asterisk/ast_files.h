/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ast_files - Asterisk's files by their names: read with all they include, and watched.
 *
 * Includes are looked for beside the file that was named, as Asterisk looks in its own
 * folder; patterns are expanded. An include that cannot be read is noted by ast_config
 * and is no error: it may appear later, and is watched like the others.
 *
 * In         Paths.
 * Out        struct ast_trunks, and what was looked at (struct ast_watch, optional).
 * Ownership  Both are the caller's: ast_trunks_fini(), ast_watch_fini(), also when the
 *            reading failed.
 * Errors     Negative errno; the text begins with the path.
 * Secrets    The bytes are wiped before their memory is given back; what stays is in
 *            struct ast_trunks.
 * Limits     AST_CONFIGS_MAX paths, AST_BYTES_MAX a file, AST_WATCH_MAX watched.
 * Threads    No state.
 */
#ifndef ASTERISK_AST_FILES_H
#define ASTERISK_AST_FILES_H

#include "asterisk/ast_trunks.h"

enum { AST_WATCH_MAX = 512 };

struct ast_watched;

struct ast_watch {
	struct ast_watched *files;
	size_t count;
};

int ast_files_read(const char *const *paths, size_t count, struct ast_trunks *out,
    struct ast_watch *watch, struct err *e);

/* Is any of them another file now (written, renamed over, gone, there at last)? */
bool ast_watch_changed(const struct ast_watch *w);

/* The newest time any of them was written, microseconds; 0: none is there. */
int64_t ast_watch_newest_us(const struct ast_watch *w);

void ast_watch_fini(struct ast_watch *w);

#endif
