/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signs - a group of refusals and its trunk's history, as a set of plain yes/no
 * observations for the rules to combine.
 *
 * Threads    No state.
 */
#ifndef DIAGNOSE_SIGNS_H
#define DIAGNOSE_SIGNS_H

#include "diagnose/trunks.h"

enum sign {
	SIGN_NONE = 0,
#define SIGN(id) SIGN_##id,
#include "diagnose/signs.def"
	SIGN_COUNT
};

struct signs {
	uint64_t bits[2];
	uint8_t said[SIGN_COUNT]; /* SAYS_...: how plainly, in percent; 0: outright */
};

_Static_assert(SIGN_COUNT <= 128, "a third word of bits is needed");

static inline void signs_set(struct signs *s, enum sign sign, bool on)
{
	if (on)
		s->bits[sign / 64] |= UINT64_C(1) << (sign % 64);
}

static inline bool signs_has(const struct signs *s, enum sign sign)
{
	return (s->bits[sign / 64] >> (sign % 64) & 1) != 0;
}

/* Words that say so; the plainest count. */
static inline void signs_say(struct signs *s, enum sign sign, uint8_t weight)
{
	if (s->said[sign] < weight)
		s->said[sign] = weight;
	signs_set(s, sign, true);
}

/* All that was said there was said here, too. */
static inline void signs_add(struct signs *s, const struct signs *more)
{
	for (size_t i = 0; i < SIGN_COUNT; i++) {
		if (s->said[i] < more->said[i])
			s->said[i] = more->said[i];
	}
	s->bits[0] |= more->bits[0];
	s->bits[1] |= more->bits[1];
}

/* In percent; 0: not said at all. */
static inline uint8_t signs_plainness(const struct signs *s, enum sign sign)
{
	if (!signs_has(s, sign))
		return 0;
	return s->said[sign] == 0 ? 100 : s->said[sign];
}

void signs_of(const struct trunk *t, const struct group *g, struct signs *out);
const char *sign_name(enum sign sign);

#endif
