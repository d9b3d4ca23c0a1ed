/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * now - the clocks. lib/ has none: time is handed to it.
 *
 * now_us()        wall clock, which the kernel stamps packets with; may step.
 * now_steady_us() for time-outs; never steps.
 */
#ifndef DAEMON_NOW_H
#define DAEMON_NOW_H

#include <time.h>

#include "base/usec.h"

static inline int64_t now_of(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t); /* cannot fail with these clocks */
	return t.tv_sec * USEC_PER_SEC + t.tv_nsec / 1000;
}

static inline int64_t now_us(void)
{
	return now_of(CLOCK_REALTIME);
}

static inline int64_t now_steady_us(void)
{
	return now_of(CLOCK_MONOTONIC);
}

#endif
