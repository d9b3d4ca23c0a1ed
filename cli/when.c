/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
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

enum form { FORM_FULL, FORM_BRIEF, FORM_CLOCK };

static size_t put_seconds(char *buf, size_t len, enum form form, const struct tm *tm)
{
	switch (form) {
	case FORM_FULL:
		return strftime(buf, len, "%F %T", tm);
	case FORM_BRIEF:
		return strftime(buf, len, "%b %e %T", tm);
	case FORM_CLOCK:
		return strftime(buf, len, "%T", tm);
	}
	return 0;
}

static const char *put_time(
    int64_t at_us, enum form form, unsigned decimals, char buf[WHEN_TEXT_MAX])
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
	out_bytes(&o, part, put_seconds(part, sizeof(part), form, &tm));
	put_fraction(&o, rest_us, decimals);
	if (form != FORM_CLOCK)
		out_bytes(&o, part, strftime(part, sizeof(part), " %Z", &tm));
	return out_string(&o);
}

/* --- times within a text --- */

enum { ISO_LEN = 20 };

static bool is_iso(const char *s)
{
	static const char form[] = "0000-00-00T00:00:00Z";

	for (size_t i = 0; i < ISO_LEN; i++) {
		if (form[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return false;
	}
	return true;
}

static bool is_same_day(const struct tm *a, const struct tm *b)
{
	return a->tm_year == b->tm_year && a->tm_yday == b->tm_yday;
}

/* before: the time that stands before it, at first the present. */
static bool put_local(const char *iso, struct tm *before, bool is_first, struct out *o)
{
	char text[ISO_LEN + 1], part[64];
	int64_t at_us;
	time_t t;
	struct tm tm;

	memcpy(text, iso, ISO_LEN);
	text[ISO_LEN] = '\0';
	if (!when_parse(text, 0, &at_us))
		return false;
	t = (time_t)(at_us / USEC_PER_SEC);
	if (localtime_r(&t, &tm) == NULL)
		return false;
	if (!is_same_day(&tm, before))
		out_bytes(o, part, strftime(part, sizeof(part), "%F ", &tm));
	out_bytes(
	    o, part, strftime(part, sizeof(part), is_first ? "%T %Z" : "%T", &tm));
	*before = tm;
	return true;
}

void when_localize(const char *text, size_t len, int64_t now_us, struct out *o)
{
	time_t now = (time_t)(now_us / USEC_PER_SEC);
	struct tm before = {0};
	bool is_first = true;

	(void)localtime_r(&now, &before);
	for (size_t i = 0; i < len; i++) {
		if (len - i >= ISO_LEN && is_iso(text + i) &&
		    put_local(text + i, &before, is_first, o)) {
			is_first = false;
			i += ISO_LEN - 1;
		} else {
			out_char(o, text[i]);
		}
	}
}

const char *when_text(int64_t at_us, unsigned decimals, char buf[WHEN_TEXT_MAX])
{
	return put_time(at_us, FORM_FULL, decimals, buf);
}

const char *when_brief(int64_t at_us, char buf[WHEN_TEXT_MAX])
{
	return put_time(at_us, FORM_BRIEF, 0, buf);
}

const char *when_clock(int64_t at_us, unsigned decimals, char buf[WHEN_TEXT_MAX])
{
	return put_time(at_us, FORM_CLOCK, decimals, buf);
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
