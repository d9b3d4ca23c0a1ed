/* SPDX-License-Identifier: BSD-2-Clause */
#include "asterisk/ast_arena.h"

#include <stdalign.h>
#include <sys/mman.h>

enum { CHUNK_BYTES = 64 * 1024 };

struct ast_chunk {
	struct ast_chunk *next;
	size_t size, used;
	alignas(max_align_t) char bytes[];
};

/* Not MAP_LOCKED: mlock() says whether it worked. */
static struct ast_chunk *chunk_new(struct ast_arena *a, size_t payload)
{
	const size_t want = sizeof(struct ast_chunk) + payload;
	const size_t size = want < CHUNK_BYTES ? (size_t)CHUNK_BYTES : want;
	struct ast_chunk *c;

	if (size > AST_ARENA_MAX - a->bytes)
		return NULL;
	c = mmap(
	    NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (c == MAP_FAILED)
		return NULL;
	(void)madvise(c, size, MADV_DONTDUMP);
	if (mlock(c, size) != 0)
		a->unlocked_bytes += size;
	c->next = a->chunks;
	c->size = size;
	c->used = sizeof(struct ast_chunk);
	a->chunks = c;
	a->bytes += size;
	return c;
}

void *ast_arena_take(struct ast_arena *a, size_t bytes)
{
	const size_t unit = alignof(max_align_t);
	struct ast_chunk *c = a->chunks;
	char *p;

	if (a->failed || bytes > AST_ARENA_MAX) {
		a->failed = true;
		return NULL;
	}
	bytes = (bytes + unit - 1) / unit * unit;
	if (c == NULL || bytes > c->size - c->used)
		c = chunk_new(a, bytes);
	if (c == NULL) {
		a->failed = true;
		return NULL;
	}
	p = (char *)c + c->used;
	c->used += bytes;
	return p; /* fresh pages are zero, and nothing is handed out twice */
}

struct slice ast_arena_dup(struct ast_arena *a, struct slice s)
{
	char *p;

	if (s.ptr == NULL)
		return SLICE_NONE;
	p = ast_arena_take(a, s.len == 0 ? 1 : s.len);
	if (p == NULL)
		return SLICE_NONE;
	if (s.len > 0)
		memcpy(p, s.ptr, s.len);
	return slice_of(p, s.len);
}

void ast_arena_free(struct ast_arena *a)
{
	while (a->chunks != NULL) {
		struct ast_chunk *c = a->chunks;
		const size_t size = c->size;

		a->chunks = c->next;
		explicit_bzero(c, c->used);
		(void)munmap(c, size);
	}
	*a = (struct ast_arena){0};
}
