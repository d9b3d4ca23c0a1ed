/* SPDX-License-Identifier: BSD-2-Clause */
#include "track/losses.h"

#include <string.h>

#include "base/usec.h"

#define HINT_US (10 * USEC_PER_MIN)

/* The two oldest become one. */
static void make_room(struct losses *l)
{
	if (l->spans[1].until_us > l->spans[0].until_us)
		l->spans[0].until_us = l->spans[1].until_us;
	l->count--;
	memmove(&l->spans[1], &l->spans[2], (l->count - 1) * sizeof(l->spans[0]));
}

void losses_add(struct losses *l, int64_t from_us, int64_t until_us)
{
	size_t last = l->count - 1;

	if (until_us < from_us)
		from_us = until_us;
	if (l->count > 0 && from_us >= l->spans[last].from_us &&
	    from_us <= l->spans[last].until_us + USEC_PER_SEC) {
		if (until_us > l->spans[last].until_us)
			l->spans[last].until_us = until_us;
		return;
	}
	if (l->count == LOSSES_MAX)
		make_room(l);
	l->spans[l->count].from_us = from_us;
	l->spans[l->count++].until_us = until_us;
}

bool losses_touch(const struct losses *l, int64_t from_us, int64_t until_us)
{
	for (size_t i = 0; i < l->count; i++) {
		if (from_us <= l->spans[i].until_us && until_us >= l->spans[i].from_us)
			return true;
	}
	return false;
}

void losses_hint(struct losses *l, int64_t at_us)
{
	if (at_us > l->hint_us)
		l->hint_us = at_us;
}

bool losses_were_hinted(const struct losses *l)
{
	return l->hint_us != USEC_NEVER;
}

bool losses_are_near(const struct losses *l, int64_t at_us)
{
	return l->hint_us != USEC_NEVER && usec_since(l->hint_us, at_us) < HINT_US;
}
