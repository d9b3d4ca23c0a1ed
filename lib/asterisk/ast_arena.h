/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ast_arena - memory for configuration text, which holds passwords.
 *
 * Ownership  One owner; everything taken lives until ast_arena_free(), which
 *            wipes every byte before it gives the pages back. A zeroed arena is
 *            an empty one.
 * Secrets    Pages of their own, never malloc's: left out of core dumps, and
 *            locked against swap as far as RLIMIT_MEMLOCK allows. What could not
 *            be locked is counted; it is still wiped.
 * Errors     NULL, and .failed stays set, when the system has no memory or the
 *            limit is reached. Sticky, so a parser asks once at its end.
 * Limits     AST_ARENA_MAX bytes, far more than the limits of ast_config.h need.
 */
#ifndef ASTERISK_AST_ARENA_H
#define ASTERISK_AST_ARENA_H

#include "base/slice.h"

enum { AST_ARENA_MAX = 128 * 1024 * 1024 };

struct ast_chunk;

struct ast_arena {
	struct ast_chunk *chunks; /* the newest first */
	size_t bytes;             /* reserved */
	size_t unlocked_bytes;
	bool failed;
};

/* Zeroed and aligned for any type. */
void *ast_arena_take(struct ast_arena *a, size_t bytes);

/* A copy; absent stays absent, empty stays empty. SLICE_NONE when out of memory. */
struct slice ast_arena_dup(struct ast_arena *a, struct slice s);

void ast_arena_free(struct ast_arena *a);

#endif
