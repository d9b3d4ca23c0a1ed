/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pool - a buddy allocator over memory that was taken once.
 *
 * Buffers of streams and datagrams start small and grow; whoever fills the pool
 * gets POOL_NONE and has to give something up. That is how the memory of the whole
 * stage has a ceiling.
 *
 * Ownership  pool_init() takes the memory, pool_fini() gives it back. Untouched
 *            pages cost nothing: the memory is calloc()ed and never swept.
 * Errors     -ENOMEM from pool_init(); POOL_NONE from pool_take().
 * Limits     Blocks of POOL_BLOCK_MIN up to 1 << (POOL_ORDERS - 1) times as much.
 * Threads    None of its own.
 * Cost       O(POOL_ORDERS). No allocation after pool_init().
 */
#ifndef REASSEMBLE_POOL_H
#define REASSEMBLE_POOL_H

#include "base/slice.h"

enum { POOL_BLOCK_MIN = 4096, POOL_ORDERS = 11 };

#define POOL_NONE UINT32_MAX

struct pool {
	uint8_t *bytes;
	uint8_t *state;        /* per smallest block: order, and whether it is free */
	uint32_t *prev, *next; /* per smallest block: the free list it heads */
	uint32_t blocks;       /* smallest blocks in all */
	uint32_t used;         /* of them, taken */
	uint32_t fresh;        /* blocks from here on were never handed out */
	uint32_t top;          /* largest order */
	uint32_t free[POOL_ORDERS]; /* 1 + first block, or 0 */
};

/* block_max is rounded down to a power of two, total down to whole top blocks. */
int pool_init(struct pool *p, size_t total, size_t block_max);
void pool_fini(struct pool *p);

/* At least that many bytes, or POOL_NONE. */
uint32_t pool_take(struct pool *p, size_t bytes);
void pool_give(struct pool *p, uint32_t block);

size_t pool_block_bytes(const struct pool *p, uint32_t block);
size_t pool_block_max(const struct pool *p);

/* What was reserved. */
static inline size_t pool_memory(const struct pool *p)
{
	return p->blocks * (POOL_BLOCK_MIN + sizeof(*p->state) + sizeof(*p->prev) +
			       sizeof(*p->next));
}

static inline void *pool_at(const struct pool *p, uint32_t block)
{
	return p->bytes + (size_t)block * POOL_BLOCK_MIN;
}

#endif
