/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * slots - numbers 1..max for a fixed table, with a seeded hash and lists.
 *
 * The records lie in an array of the caller; this keeps which number is taken, the
 * chains of the hash, and doubly linked lists in which a number stands at most once
 * per link array. 0 is none, so zeroed memory is an empty table and pages that were
 * never needed are never touched. Lists keep the order things happened in: what is
 * evicted never depends on the hash.
 *
 * Errors     -ENOMEM from slots_init(); 0 from slots_take() when all are taken.
 * Threads    None of its own.
 * Cost       O(1).
 */
#ifndef REASSEMBLE_SLOTS_H
#define REASSEMBLE_SLOTS_H

#include "base/slice.h"

struct slots {
	uint32_t max, taken;
	uint32_t fresh; /* numbers above were never taken */
	uint32_t free;  /* given back, linked through chain[] */
	uint32_t mask;
	uint32_t *bucket; /* [mask + 1] */
	uint32_t *chain;  /* [max + 1] */
	uint64_t *hash;   /* [max + 1] */
};

int slots_init(struct slots *s, uint32_t max);
void slots_fini(struct slots *s);

uint32_t slots_take(struct slots *s, uint64_t hash);
void slots_give(struct slots *s, uint32_t id);

/* Candidates for a hash; the caller compares the keys:
 *         for (id = slots_first(s, h); id != 0; id = slots_next(s, id, h))       */
static inline uint32_t slots_seek(const struct slots *s, uint32_t id, uint64_t hash)
{
	while (id != 0 && s->hash[id] != hash)
		id = s->chain[id];
	return id;
}

static inline uint32_t slots_first(const struct slots *s, uint64_t hash)
{
	return slots_seek(s, s->bucket[hash & s->mask], hash);
}

static inline uint32_t slots_next(const struct slots *s, uint32_t id, uint64_t hash)
{
	return slots_seek(s, s->chain[id], hash);
}

/* What was reserved. */
static inline size_t slots_memory(const struct slots *s)
{
	return ((size_t)s->mask + 1) * sizeof(*s->bucket) +
	       ((size_t)s->max + 1) * (sizeof(*s->chain) + sizeof(*s->hash));
}

struct link {
	uint32_t prev, next;
};

struct list {
	uint32_t head, tail; /* head: the oldest */
	uint32_t count;
};

static inline void list_append(struct list *l, struct link *links, uint32_t id)
{
	links[id] = (struct link){.prev = l->tail};
	if (l->tail != 0)
		links[l->tail].next = id;
	else
		l->head = id;
	l->tail = id;
	l->count++;
}

static inline void list_unlink(struct list *l, struct link *links, uint32_t id)
{
	struct link k = links[id];

	if (k.prev != 0)
		links[k.prev].next = k.next;
	else
		l->head = k.next;
	if (k.next != 0)
		links[k.next].prev = k.prev;
	else
		l->tail = k.prev;
	l->count--;
}

#endif
