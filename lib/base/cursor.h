/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cursor - a bounded big-endian reader for binary headers.
 *
 * Errors     Sticky. The first read past the end sets .failed, and every read
 *            from then on yields zero, so a decoder reads a whole header in
 *            straight lines and asks once: cursor_ok().
 * Ownership  Borrows the bytes. Slices taken from it point into them.
 * Units      Bytes, network byte order unless the name says otherwise.
 */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include "base/slice.h"

struct cursor {
	const uint8_t *at;
	size_t left;
	bool failed;
};

static inline struct cursor cursor_of(struct slice s)
{
	return (struct cursor){.at = (const uint8_t *)s.ptr, .left = s.len};
}

static inline bool cursor_ok(const struct cursor *c)
{
	return !c->failed;
}

/* NULL, and the cursor fails, when fewer than n bytes are left. */
static inline const uint8_t *cursor_take(struct cursor *c, size_t n)
{
	const uint8_t *p = c->at;

	if (c->failed || n > c->left) {
		c->failed = true;
		c->left = 0;
		return NULL;
	}
	c->at += n;
	c->left -= n;
	return p;
}

static inline void cursor_skip(struct cursor *c, size_t n)
{
	(void)cursor_take(c, n);
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 1);

	return p == NULL ? 0 : p[0];
}

static inline uint16_t cursor_u16(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 2);

	return p == NULL ? 0 : (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t cursor_u32(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 4);

	return p == NULL ? 0
			 : (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
			       (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

/* At most n bytes: what is there counts, as captures cut packets short. */
static inline struct slice cursor_take_upto(struct cursor *c, size_t n)
{
	if (n > c->left)
		n = c->left;
	return slice_of(cursor_take(c, n), n);
}

static inline struct slice cursor_rest(const struct cursor *c)
{
	return slice_of(c->at, c->left);
}

#endif
