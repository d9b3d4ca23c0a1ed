/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sparse - a window of bytes that arrive in any order.
 *
 *          start          window bytes          used
 *          |##########......####....#####.......|
 *           readable   hole
 *
 * One block of a pool: this header, then the window. A piece is put where it
 * belongs; what is there already wins over what comes later (an attacker who sends
 * two versions of a byte must not choose which one we believe, and the first is
 * what a receiver that reads at once has read).
 *
 * Ownership  The caller holds a block number; sparse_free() gives it back.
 * Limits     SPARSE_PIECES separate pieces, and the pool's largest block.
 * Units      Offsets are bytes from the start of the window.
 * Threads    None of its own.
 * Cost       Linear in the pieces, which are few; growing copies.
 */
#ifndef REASSEMBLE_SPARSE_H
#define REASSEMBLE_SPARSE_H

#include "reassemble/pool.h"

enum { SPARSE_PIECES = 24 };

struct sparse_piece {
	uint32_t from, to; /* [from, to) */
	int64_t at_us;     /* when its last byte came */
};

struct sparse {
	uint32_t size;   /* of the window */
	uint32_t pieces; /* sorted, none touches the one before unless times differ */
	struct sparse_piece piece[SPARSE_PIECES];
	uint8_t bytes[];
};

enum sparse_rc {
	SPARSE_OK = 0,
	SPARSE_OLD,       /* nothing new in it */
	SPARSE_FULL,      /* beyond the largest window, or in too many pieces */
	SPARSE_NO_MEMORY, /* the pool is full: give something up and try again */
};

/* How large a window the pool can give. */
size_t sparse_max(const struct pool *p);

static inline struct sparse *sparse_of(const struct pool *p, uint32_t block)
{
	return pool_at(p, block);
}

/* *block is POOL_NONE at first and may change. *differs is set when bytes that were
 * there already came again with other values. */
enum sparse_rc sparse_put(struct pool *p, uint32_t *block, uint32_t off,
    struct slice bytes, int64_t at_us, bool *differs);
void sparse_free(struct pool *p, uint32_t *block);

/* The bytes from 0 to the first hole. */
struct slice sparse_readable(const struct pool *p, uint32_t block);

/* Drops the first n bytes of the window; frees the block when nothing is left. */
void sparse_drop(struct pool *p, uint32_t *block, uint32_t n);

/* The first byte behind the first hole, or 0 when nothing lies behind one. */
uint32_t sparse_hole_end(const struct pool *p, uint32_t block);

/* When the last of the bytes [0, to) came. */
int64_t sparse_time(const struct pool *p, uint32_t block, uint32_t to);

#endif
