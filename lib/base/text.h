/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * text - strings inside a record that can be copied with memcpy().
 *
 * A record that outlives its packet holds its strings in a pool of bytes at its
 * own end and refers to them by offset, so it can cross a queue between threads
 * or lie in a table without a pointer to mend:
 *
 *         struct facts { ...; struct text call_id; ...; struct text_pool pool; }
 *
 * Absent     off == TEXT_ABSENT; an empty string has off != TEXT_ABSENT, len 0.
 * Limits     A string longer than its cap, or than what is left, is cut and the
 *            pool counts it in .cut.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/slice.h"

enum { TEXT_ABSENT = 0 };

struct text {
	uint16_t off; /* TEXT_ABSENT, or 1 + offset into the pool */
	uint16_t len;
};

struct text_pool {
	uint16_t used;
	uint16_t cut; /* strings that did not fit whole */
	char bytes[];
};

/* What a caller embeds: a pool of a fixed size. */
#define TEXT_POOL(size)             \
	struct {                    \
		uint16_t used;      \
		uint16_t cut;       \
		char bytes[(size)]; \
	}

/* Appends at most cap bytes of s; SLICE_NONE gives an absent text. */
static inline struct text text_put(
    void *pool, size_t pool_bytes, struct slice s, size_t cap)
{
	struct text_pool *p = pool;
	size_t room = pool_bytes - p->used;
	size_t len = s.len < cap ? s.len : cap;
	struct text t;

	if (s.ptr == NULL)
		return (struct text){0};
	if (len > room)
		len = room;
	if (len < s.len)
		p->cut++;
	t = (struct text){(uint16_t)(p->used + 1), (uint16_t)len};
	if (len > 0)
		memcpy(p->bytes + p->used, s.ptr, len);
	p->used = (uint16_t)(p->used + len);
	return t;
}

static inline struct slice text_get(const void *pool, struct text t)
{
	const struct text_pool *p = pool;

	if (t.off == TEXT_ABSENT)
		return SLICE_NONE;
	return slice_of(p->bytes + t.off - 1, t.len);
}

#define TEXT_PUT(record, s, cap) \
	text_put(&(record)->pool, sizeof((record)->pool.bytes), (s), (cap))
#define TEXT_GET(record, t) text_get(&(record)->pool, (t))

#endif
