/* SPDX-License-Identifier: BSD-2-Clause */
#include "delay.h"

/* 0, 1, 2, 3, then four steps from each power of two to the next. */
static unsigned bucket_of(uint64_t us)
{
	unsigned octave, bucket;

	if (us < DELAY_PER_OCTAVE)
		return (unsigned)us;
	octave = 63 - (unsigned)__builtin_clzll(us);
	bucket = DELAY_PER_OCTAVE * (octave - 1) +
		 (unsigned)(us >> (octave - 2) & (DELAY_PER_OCTAVE - 1));
	return bucket < DELAY_BUCKETS ? bucket : DELAY_BUCKETS - 1;
}

/* The largest value that falls into it. */
static int64_t end_of(unsigned bucket)
{
	unsigned octave = bucket / DELAY_PER_OCTAVE + 1;
	uint64_t step = bucket % DELAY_PER_OCTAVE;

	if (bucket < DELAY_PER_OCTAVE)
		return bucket;
	return (int64_t)((DELAY_PER_OCTAVE + step + 1) << (octave - 2)) - 1;
}

void delay_note(struct delays *d, int64_t us)
{
	unsigned bucket = bucket_of(us < 0 ? 0 : (uint64_t)us);

	atomic_fetch_add_explicit(&d->buckets[bucket], 1, memory_order_relaxed);
}

int64_t delay_percentile(const struct delays *d, unsigned percent)
{
	uint64_t counts[DELAY_BUCKETS], all = 0, below = 0;

	for (unsigned i = 0; i < DELAY_BUCKETS; i++) {
		counts[i] = atomic_load_explicit(&d->buckets[i], memory_order_relaxed);
		all += counts[i];
	}
	for (unsigned i = 0; i < DELAY_BUCKETS; i++) {
		below += counts[i];
		if (below > 0 && below * 100 >= all * percent)
			return end_of(i);
	}
	return -1;
}
