/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * usec - the one time type: int64_t microseconds since 1970-01-01 UTC.
 *
 * Time comes with the packets and may step back (an NTP step, a merged
 * capture). A duration is never negative: usec_since() clamps.
 */
#ifndef BASE_USEC_H
#define BASE_USEC_H

#include <stdint.h>

#define USEC_PER_MSEC INT64_C(1000)
#define USEC_PER_SEC  INT64_C(1000000)
#define USEC_PER_MIN  (60 * USEC_PER_SEC)
#define USEC_NEVER    INT64_C(0) /* "has not happened" in records */

static inline int64_t usec_since(int64_t then, int64_t now)
{
	return now > then ? now - then : 0;
}

#endif
