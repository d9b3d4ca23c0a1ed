/* SPDX-License-Identifier: BSD-2-Clause */
#include "reassemble/sparse.h"

size_t sparse_max(const struct pool *p)
{
	return pool_block_max(p) - sizeof(struct sparse);
}

/* A block with a window of at least need bytes; what the old one held moves over. */
static bool ensure(struct pool *p, uint32_t *block, size_t need)
{
	struct sparse *old = *block == POOL_NONE ? NULL : sparse_of(p, *block);
	struct sparse *s;
	uint32_t bigger;

	if (old != NULL && need <= old->size)
		return true;
	bigger = pool_take(p, need + sizeof(*s));
	if (bigger == POOL_NONE)
		return false;
	s = sparse_of(p, bigger);
	s->size = (uint32_t)(pool_block_bytes(p, bigger) - sizeof(*s));
	s->pieces = 0;
	if (old != NULL) {
		s->pieces = old->pieces;
		memcpy(s->piece, old->piece, old->pieces * sizeof(old->piece[0]));
		memcpy(s->bytes, old->bytes, old->piece[old->pieces - 1].to);
		pool_give(p, *block);
	}
	*block = bigger;
	return true;
}

static void remove_piece(struct sparse *s, uint32_t i)
{
	s->pieces--;
	memmove(&s->piece[i], &s->piece[i + 1], (s->pieces - i) * sizeof(s->piece[0]));
}

/* Room for one more: two neighbours without a hole between them become one. Only
 * their times get coarser. */
static bool squeeze(struct sparse *s)
{
	if (s->pieces < SPARSE_PIECES)
		return true;
	for (uint32_t i = 1; i < s->pieces; i++) {
		if (s->piece[i - 1].to != s->piece[i].from)
			continue;
		s->piece[i - 1].to = s->piece[i].to;
		if (s->piece[i - 1].at_us < s->piece[i].at_us)
			s->piece[i - 1].at_us = s->piece[i].at_us;
		remove_piece(s, i);
		return true;
	}
	return false;
}

/* Bytes [from, to) were missing and lie before piece i. What continues the first
 * piece joins it: it completes whatever was waiting there. */
static void add_piece(struct sparse *s, uint32_t i, struct sparse_piece piece)
{
	if (i > 0 && s->piece[i - 1].to == piece.from &&
	    ((i == 1 && s->piece[0].from == 0) ||
		s->piece[i - 1].at_us == piece.at_us)) {
		s->piece[i - 1].to = piece.to;
		s->piece[i - 1].at_us = piece.at_us;
		return;
	}
	memmove(&s->piece[i + 1], &s->piece[i], (s->pieces - i) * sizeof(s->piece[0]));
	s->piece[i] = piece;
	s->pieces++;
}

/* What of want is there already, from its start on: compares it. Its end. */
static uint32_t compare(const struct sparse *s, uint32_t i, struct sparse_piece want,
    const char *in, bool *differs)
{
	uint32_t to = s->piece[i].to < want.to ? s->piece[i].to : want.to;

	if (memcmp(s->bytes + want.from, in, to - want.from) != 0)
		*differs = true;
	return to;
}

/* What of want is missing, from its start on up to piece i: copies it. Its end. */
static uint32_t fill(
    struct sparse *s, uint32_t i, struct sparse_piece want, const char *in)
{
	if (i < s->pieces && s->piece[i].from < want.to)
		want.to = s->piece[i].from;
	memcpy(s->bytes + want.from, in, want.to - want.from);
	add_piece(s, i, want);
	return want.to;
}

enum sparse_rc sparse_put(struct pool *p, uint32_t *block, uint32_t off,
    struct slice in, int64_t at_us, bool *differs)
{
	struct sparse_piece want = {off, off + (uint32_t)in.len, at_us};
	enum sparse_rc rc = SPARSE_OLD;
	struct sparse *s;
	uint32_t i = 0;

	if (in.len == 0)
		return SPARSE_OLD;
	if (in.len > sparse_max(p) || off > sparse_max(p) - in.len)
		return SPARSE_FULL;
	if (!ensure(p, block, want.to))
		return SPARSE_NO_MEMORY;
	s = sparse_of(p, *block);
	while (want.from < want.to) {
		const char *from = in.ptr + (want.from - off);

		while (i < s->pieces && s->piece[i].to <= want.from)
			i++;
		if (i < s->pieces && s->piece[i].from <= want.from) {
			want.from = compare(s, i, want, from, differs);
			continue;
		}
		if (!squeeze(s))
			return SPARSE_FULL;
		for (i = 0; i < s->pieces && s->piece[i].to <= want.from;)
			i++; /* squeezing may have moved them */
		want.from = fill(s, i, want, from);
		rc = SPARSE_OK;
	}
	return rc;
}

void sparse_free(struct pool *p, uint32_t *block)
{
	if (*block != POOL_NONE)
		pool_give(p, *block);
	*block = POOL_NONE;
}

/* Pieces [0, *count) without a hole; returns where the first hole begins. */
static uint32_t first_run(const struct sparse *s, uint32_t *count)
{
	uint32_t end = 0;
	uint32_t i = 0;

	while (i < s->pieces && s->piece[i].from == end)
		end = s->piece[i++].to;
	*count = i;
	return end;
}

struct slice sparse_readable(const struct pool *p, uint32_t block)
{
	const struct sparse *s = sparse_of(p, block);
	uint32_t count;

	return slice_of(s->bytes, first_run(s, &count));
}

void sparse_drop(struct pool *p, uint32_t *block, uint32_t n)
{
	struct sparse *s = sparse_of(p, *block);
	uint32_t kept = 0;
	uint32_t end = s->piece[s->pieces - 1].to;

	if (n == 0)
		return;
	if (n >= end) {
		sparse_free(p, block);
		return;
	}
	for (uint32_t i = 0; i < s->pieces; i++) {
		struct sparse_piece piece = s->piece[i];

		if (piece.to <= n)
			continue;
		piece.from = piece.from > n ? piece.from - n : 0;
		piece.to -= n;
		s->piece[kept++] = piece;
	}
	s->pieces = kept;
	memmove(s->bytes, s->bytes + n, end - n);
}

uint32_t sparse_hole_end(const struct pool *p, uint32_t block)
{
	const struct sparse *s = sparse_of(p, block);
	uint32_t count;

	(void)first_run(s, &count);
	return count < s->pieces ? s->piece[count].from : 0;
}

int64_t sparse_time(const struct pool *p, uint32_t block, uint32_t to)
{
	const struct sparse *s = sparse_of(p, block);
	int64_t at_us = s->piece[0].at_us;

	for (uint32_t i = 1; i < s->pieces && s->piece[i].from < to; i++) {
		if (s->piece[i].at_us > at_us)
			at_us = s->piece[i].at_us;
	}
	return at_us;
}
