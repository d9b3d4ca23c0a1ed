/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * when - times as people write and read them.
 *
 * In         "2026-01-02", "2026-01-02 03:04[:05[.678]]", ISO 8601 with T and zone,
 *            "03:04" (today), "now", "today", "yesterday", "tomorrow", "-1h",
 *            "1h 30min ago", "2 hours ago", "+5m", "@1767322800".
 * Out        Local time with its zone, so that a line can be pasted into a mail to
 *            somebody in another country.
 * Units      Microseconds since 1970 UTC. A day is 24 h, a month 30.44 of them.
 * Threads    tzset() and localtime_r(): one.
 */
#ifndef CLI_WHEN_H
#define CLI_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Without a zone: local time. False: not a time. */
bool when_parse(const char *text, int64_t now_us, int64_t *out_us);

enum { WHEN_TEXT_MAX = 64 };

/* "2026-01-02 03:04:05.678 CET" with 0, 3 or 6 decimals. Returns buf. */
const char *when_text(int64_t at_us, unsigned decimals, char buf[WHEN_TEXT_MAX]);

/* "Jan  2 03:04:05 CET", where there is no room for the year. */
const char *when_brief(int64_t at_us, char buf[WHEN_TEXT_MAX]);

/* "03:04:05.678901", no date, no zone. */
const char *when_clock(int64_t at_us, unsigned decimals, char buf[WHEN_TEXT_MAX]);

struct out;

/* A text with times in it, "2026-01-02T03:04:05Z" as machines have them: the same in
 * local time. The day only where it is not today's, or the last one's; the zone once.
 */
void when_localize(const char *text, size_t len, int64_t now_us, struct out *o);

/* "850 ms", "3.2 s", "4 min 10 s", "2 h 5 min", "3 d 4 h". */
const char *when_span(int64_t span_us, char buf[WHEN_TEXT_MAX]);

int64_t when_now_us(void);

#endif
