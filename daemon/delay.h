/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * delay - how long something takes, as a histogram that costs nothing to keep.
 *
 * Four buckets an octave: a percentile is at most a quarter too large.
 *
 * Units      Microseconds; below 0 counts as 0.
 * Limits     DELAY_BUCKETS buckets, to over an hour; longer counts as that.
 * Threads    One that notes, any that reads.
 */
#ifndef DAEMON_DELAY_H
#define DAEMON_DELAY_H

#include <stdatomic.h>
#include <stdint.h>

enum { DELAY_PER_OCTAVE = 4, DELAY_BUCKETS = 128 };

struct delays {
	_Atomic uint64_t buckets[DELAY_BUCKETS];
};

void delay_note(struct delays *d, int64_t us);

/* The least time that percent of 100 did not exceed; -1: nothing was noted. */
int64_t delay_percentile(const struct delays *d, unsigned percent);

#endif
