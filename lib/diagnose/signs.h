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

void signs_of(const struct trunk *t, const struct group *g, struct signs *out);
const char *sign_name(enum sign sign);

#endif
