/* SPDX-License-Identifier: BSD-2-Clause */
#include "reassemble/pool.h"

#include <errno.h>
#include <stdlib.h>

enum { STATE_FREE = 0x80 };

static uint32_t order_of(size_t bytes)
{
	uint32_t order = 0;

	while (order < POOL_ORDERS && ((size_t)POOL_BLOCK_MIN << order) < bytes)
		order++;
	return order;
}

int pool_init(struct pool *p, size_t total, size_t block_max)
{
	uint32_t top = order_of(block_max);

	*p = (struct pool){0};
	if (top > 0 && ((size_t)POOL_BLOCK_MIN << top) > block_max)
		top--;
	if (top >= POOL_ORDERS)
		top = POOL_ORDERS - 1;
	p->top = top;
	p->blocks = (uint32_t)(total / POOL_BLOCK_MIN >> top << top);
	if (p->blocks == 0)
		return -EINVAL;
	p->bytes = calloc(p->blocks, POOL_BLOCK_MIN);
	p->state = calloc(p->blocks, sizeof(*p->state));
	p->prev = calloc(p->blocks, sizeof(*p->prev));
	p->next = calloc(p->blocks, sizeof(*p->next));
	if (p->bytes == NULL || p->state == NULL || p->prev == NULL ||
	    p->next == NULL) {
		pool_fini(p);
		return -ENOMEM;
	}
	return 0;
}

void pool_fini(struct pool *p)
{
	free(p->bytes);
	free(p->state);
	free(p->prev);
	free(p->next);
	*p = (struct pool){0};
}

/* Links are 1 + block number, so that 0 is none and zeroed memory is an empty list. */
static void list_push(struct pool *p, uint32_t block, uint32_t order)
{
	p->state[block] = (uint8_t)(order | STATE_FREE);
	p->prev[block] = 0;
	p->next[block] = p->free[order];
	if (p->free[order] != 0)
		p->prev[p->free[order] - 1] = block + 1;
	p->free[order] = block + 1;
}

static void list_remove(struct pool *p, uint32_t block, uint32_t order)
{
	if (p->prev[block] != 0)
		p->next[p->prev[block] - 1] = p->next[block];
	else
		p->free[order] = p->next[block];
	if (p->next[block] != 0)
		p->prev[p->next[block] - 1] = p->prev[block];
	p->state[block] = (uint8_t)order;
}

uint32_t pool_take(struct pool *p, size_t bytes)
{
	uint32_t want = order_of(bytes);
	uint32_t order = want;
	uint32_t block;

	if (want > p->top)
		return POOL_NONE;
	while (order <= p->top && p->free[order] == 0)
		order++;
	if (order <= p->top) {
		block = p->free[order] - 1;
		list_remove(p, block, order);
	} else if (p->fresh < p->blocks) {
		block = p->fresh;
		order = p->top;
		p->fresh += 1u << order;
	} else {
		return POOL_NONE;
	}
	while (order > want) { /* keep the lower half, free the upper one */
		order--;
		list_push(p, block + (1u << order), order);
	}
	p->state[block] = (uint8_t)want;
	p->used += 1u << want;
	return block;
}

void pool_give(struct pool *p, uint32_t block)
{
	uint32_t order = p->state[block];

	p->used -= 1u << order;
	while (order < p->top) {
		uint32_t buddy = block ^ 1u << order;

		if (p->state[buddy] != (uint8_t)(order | STATE_FREE))
			break;
		list_remove(p, buddy, order);
		block &= ~(1u << order);
		order++;
	}
	list_push(p, block, order);
}

size_t pool_block_bytes(const struct pool *p, uint32_t block)
{
	return (size_t)POOL_BLOCK_MIN << p->state[block];
}

size_t pool_block_max(const struct pool *p)
{
	return (size_t)POOL_BLOCK_MIN << p->top;
}
