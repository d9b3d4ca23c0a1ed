/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * losses - when packets were lost, so that an attempt knows whether it was touched.
 *
 * A loss is told after it happened, and packets of before and after it are still to
 * come then. So it is kept as a span of packet time, and each attempt is compared with
 * it when it is decided.
 *
 * Limits     LOSSES_MAX spans. Spans a second apart become one; when there is no room
 *            the two oldest do: too much is marked then, never too little.
 * Threads    One.
 */
#ifndef TRACK_LOSSES_H
#define TRACK_LOSSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOSSES_MAX = 16 };

struct losses {
	size_t count;
	struct {
		int64_t from_us, until_us;
	} spans[LOSSES_MAX]; /* oldest first */
	int64_t hint_us;     /* the last one that the messages themselves told of */
};

void losses_add(struct losses *l, int64_t from_us, int64_t until_us);
bool losses_touch(const struct losses *l, int64_t from_us, int64_t until_us);

/* A message was answered or acknowledged that was not seen: whoever captured lost it,
 * though nobody counted. What he missed once he will miss again for a while. */
void losses_hint(struct losses *l, int64_t at_us);
bool losses_were_hinted(const struct losses *l);
bool losses_are_near(const struct losses *l, int64_t at_us);

#endif
