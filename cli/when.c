/* SPDX-License-Identifier: BSD-2-Clause */
#include <time.h>

#include "base/usec.h"
#include "export/out.h"
#include "when.h"

/* Seconds and the microseconds that follow them, also before 1970. */
static time_t split(int64_t at_us, int64_t *rest_us)
{
	int64_t seconds = at_us / USEC_PER_SEC;

	*rest_us = at_us % USEC_PER_SEC;
	if (*rest_us < 0) {
		*rest_us += USEC_PER_SEC;
		seconds--;
	}
	return (time_t)seconds;
}

static void put_fraction(struct out *o, int64_t rest_us, unsigned decimals)
{
	if (decimals == 0)
		return;
	out_char(o, '.');
	if (decimals == 3)
		out_padded(o, (uint64_t)(rest_us / USEC_PER_MSEC), 3);
	else
		out_padded(o, (uint64_t)rest_us, 6);
}

static const char *put_time(
    int64_t at_us, unsigned decimals, bool clock_only, char buf[WHEN_TEXT_MAX])
{
	struct out o = {.buf = buf, .cap = WHEN_TEXT_MAX};
	char part[32];
	int64_t rest_us;
	time_t t = split(at_us, &rest_us);
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL) { /* a forged stamp, beyond all years */
		out_iso_time(&o, at_us);
		return out_string(&o);
	}
	(void)strftime(part, sizeof(part), clock_only ? "%H:%M:%S" : "%F %T", &tm);
	out_text(&o, part);
	put_fraction(&o, rest_us, decimals);
	if (!clock_only) {
		(void)strftime(part, sizeof(part), "%Z", &tm);
		out_char(&o, ' ');
		out_text(&o, part);
	}
	return out_string(&o);
}

const char *when_text(int64_t at_us, unsigned decimals, char buf[WHEN_TEXT_MAX])
{
	return put_time(at_us, decimals, false, buf);
}

const char *when_clock(int64_t at_us, unsigned decimals, char buf[WHEN_TEXT_MAX])
{
	return put_time(at_us, decimals, true, buf);
}

const char *when_span(int64_t span_us, char buf[WHEN_TEXT_MAX])
{
	struct out o = {.buf = buf, .cap = WHEN_TEXT_MAX};
	int64_t s = span_us / USEC_PER_SEC;
	static const struct {
		int64_t unit_s, small_s;
		const char *unit, *small;
	} steps[] = {
	    {86400, 3600, " d", " h"}, {3600, 60, " h", " min"}, {60, 1, " min", " s"}};

	if (span_us < USEC_PER_SEC) {
		out_fixed(&o, span_us / 100, 1);
		out_text(&o, " ms");
		return out_string(&o);
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (s < steps[i].unit_s)
			continue;
		out_int(&o, s / steps[i].unit_s);
		out_text(&o, steps[i].unit);
		s %= steps[i].unit_s;
		if (s / steps[i].small_s > 0) {
			out_char(&o, ' ');
			out_int(&o, s / steps[i].small_s);
			out_text(&o, steps[i].small);
		}
		return out_string(&o);
	}
	out_fixed(&o, span_us / (USEC_PER_SEC / 10), 1);
	out_text(&o, " s");
	return out_string(&o);
}

int64_t when_now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}
