/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/usec.h"
#include "when.h"

/* What is left of the text. Arguments are the user's own: NUL-terminated. */
struct reader {
	const char *at;
};

static void skip_blanks(struct reader *r)
{
	while (*r->at == ' ' || *r->at == '\t')
		r->at++;
}

static bool take_char(struct reader *r, char c)
{
	if (*r->at != c)
		return false;
	r->at++;
	return true;
}

/* At least min and at most max digits. */
static bool take_number(struct reader *r, unsigned min, unsigned max, int64_t *out)
{
	int64_t value = 0;
	unsigned count = 0;

	while (count < max && isdigit((unsigned char)*r->at)) {
		value = value * 10 + (*r->at++ - '0');
		count++;
	}
	*out = value;
	return count >= min;
}

/* The longest word of letters at the reader is this one, in any case. */
static bool take_word(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if (strncasecmp(r->at, word, len) != 0 || isalpha((unsigned char)r->at[len]))
		return false;
	r->at += len;
	return true;
}

static bool at_end(struct reader *r)
{
	skip_blanks(r);
	return *r->at == '\0';
}

/* ".678" to microseconds; digits behind the sixth are dropped. */
static bool take_fraction(struct reader *r, int64_t *out_us)
{
	int64_t unit = USEC_PER_SEC / 10;

	*out_us = 0;
	if (!take_char(r, '.'))
		return true;
	if (!isdigit((unsigned char)*r->at))
		return false;
	for (; isdigit((unsigned char)*r->at); r->at++) {
		*out_us += unit * (*r->at - '0');
		unit /= 10;
	}
	return true;
}

struct date {
	struct tm tm;
	int64_t fraction_us;
};

/* YYYY-MM-DD, or YYYY/MM/DD. */
static bool take_date(struct reader *r, struct date *d)
{
	int64_t year, month, day;
	char sep;

	if (!take_number(r, 4, 4, &year) || (*r->at != '-' && *r->at != '/'))
		return false;
	sep = *r->at++;
	if (!take_number(r, 1, 2, &month) || !take_char(r, sep) ||
	    !take_number(r, 1, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	d->tm.tm_year = (int)year - 1900;
	d->tm.tm_mon = (int)month - 1;
	d->tm.tm_mday = (int)day;
	return true;
}

/* HH:MM[:SS[.ffffff]] */
static bool take_clock(struct reader *r, struct date *d)
{
	int64_t hour, min, sec = 0;

	if (!take_number(r, 1, 2, &hour) || !take_char(r, ':') ||
	    !take_number(r, 2, 2, &min))
		return false;
	if (take_char(r, ':') &&
	    (!take_number(r, 2, 2, &sec) || !take_fraction(r, &d->fraction_us)))
		return false;
	if (hour > 23 || min > 59 || sec > 60)
		return false;
	d->tm.tm_hour = (int)hour;
	d->tm.tm_min = (int)min;
	d->tm.tm_sec = (int)sec;
	return true;
}

enum zone { ZONE_LOCAL, ZONE_GIVEN, ZONE_BAD };

/* "Z", "UTC", "+02:00", "+0200", "+02", or nothing. */
static enum zone take_zone(struct reader *r, int64_t *offset_us)
{
	int64_t hours, minutes = 0;
	bool west;

	*offset_us = 0;
	if (at_end(r))
		return ZONE_LOCAL;
	if (take_word(r, "z") || take_word(r, "utc") || take_word(r, "gmt"))
		return ZONE_GIVEN;
	west = *r->at == '-';
	if (!west && *r->at != '+')
		return ZONE_BAD;
	r->at++;
	if (!take_number(r, 2, 2, &hours))
		return ZONE_BAD;
	if ((take_char(r, ':') || isdigit((unsigned char)*r->at)) &&
	    !take_number(r, 2, 2, &minutes))
		return ZONE_BAD;
	if (hours > 14 || minutes > 59)
		return ZONE_BAD;
	*offset_us = (hours * 60 + minutes) * USEC_PER_MIN * (west ? -1 : 1);
	return ZONE_GIVEN;
}

static bool date_to_us(struct date *d, enum zone zone, int64_t offset_us, int64_t *out)
{
	int day = d->tm.tm_mday;
	time_t t;

	d->tm.tm_isdst = -1;
	t = zone == ZONE_GIVEN ? timegm(&d->tm) : mktime(&d->tm);
	/* 31 February would have become 3 March. */
	if (d->tm.tm_mday != day)
		return false;
	*out = (int64_t)t * USEC_PER_SEC + d->fraction_us - offset_us;
	return true;
}

static bool today_at(int64_t now_us, struct date *d)
{
	time_t now = (time_t)(now_us / USEC_PER_SEC);

	if (localtime_r(&now, &d->tm) == NULL)
		return false;
	d->tm.tm_hour = d->tm.tm_min = d->tm.tm_sec = 0;
	return true;
}

/* "2026-01-02", "2026-01-02T03:04:05Z", "03:04". */
static bool parse_date(struct reader r, int64_t now_us, int64_t *out)
{
	struct reader start = r;
	struct date d = {0};
	enum zone zone;
	int64_t offset_us;

	if (take_date(&r, &d)) {
		bool needs_clock = take_char(&r, 'T') || take_char(&r, 't');

		if (!needs_clock)
			skip_blanks(&r);
		if (isdigit((unsigned char)*r.at) || needs_clock) {
			if (!take_clock(&r, &d))
				return false;
		}
	} else {
		r = start;
		if (!today_at(now_us, &d) || !take_clock(&r, &d))
			return false;
	}
	zone = take_zone(&r, &offset_us);
	if (zone == ZONE_BAD || !at_end(&r))
		return false;
	return date_to_us(&d, zone, offset_us, out);
}

static bool take_unit(struct reader *r, int64_t *unit_us)
{
	static const struct {
		const char *name;
		int64_t us;
	} units[] = {
	    {"us", 1},
	    {"usec", 1},
	    {"ms", USEC_PER_MSEC},
	    {"msec", USEC_PER_MSEC},
	    {"s", USEC_PER_SEC},
	    {"sec", USEC_PER_SEC},
	    {"secs", USEC_PER_SEC},
	    {"second", USEC_PER_SEC},
	    {"seconds", USEC_PER_SEC},
	    {"m", USEC_PER_MIN},
	    {"min", USEC_PER_MIN},
	    {"mins", USEC_PER_MIN},
	    {"minute", USEC_PER_MIN},
	    {"minutes", USEC_PER_MIN},
	    {"h", 60 * USEC_PER_MIN},
	    {"hr", 60 * USEC_PER_MIN},
	    {"hour", 60 * USEC_PER_MIN},
	    {"hours", 60 * USEC_PER_MIN},
	    {"d", 1440 * USEC_PER_MIN},
	    {"day", 1440 * USEC_PER_MIN},
	    {"days", 1440 * USEC_PER_MIN},
	    {"w", 10080 * USEC_PER_MIN},
	    {"week", 10080 * USEC_PER_MIN},
	    {"weeks", 10080 * USEC_PER_MIN},
	    {"month", 43834 * USEC_PER_MIN},
	    {"months", 43834 * USEC_PER_MIN},
	    {"y", 525960 * USEC_PER_MIN},
	    {"year", 525960 * USEC_PER_MIN},
	    {"years", 525960 * USEC_PER_MIN},
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (take_word(r, units[i].name)) {
			*unit_us = units[i].us;
			return true;
		}
	}
	return false;
}

/* "1h30min", "2 hours 5 min": one or more numbers with units. */
static bool take_span(struct reader *r, int64_t *out_us)
{
	int64_t number, unit, part, sum = 0;

	do {
		if (!take_number(r, 1, 9, &number))
			return false;
		skip_blanks(r);
		if (!take_unit(r, &unit) ||
		    __builtin_mul_overflow(number, unit, &part) ||
		    __builtin_add_overflow(sum, part, &sum))
			return false;
		skip_blanks(r);
	} while (isdigit((unsigned char)*r->at));
	*out_us = sum;
	return true;
}

/* "-1h", "+5min", "2 hours ago". */
static bool parse_relative(struct reader r, int64_t now_us, int64_t *out)
{
	bool back = take_char(&r, '-');
	bool ahead = !back && take_char(&r, '+');
	int64_t span;

	if (!take_span(&r, &span))
		return false;
	if (!back && !ahead) {
		if (!take_word(&r, "ago"))
			return false;
		back = true;
	}
	if (!at_end(&r))
		return false;
	return !(back ? __builtin_sub_overflow(now_us, span, out)
		      : __builtin_add_overflow(now_us, span, out));
}

/* "yesterday", "today 08:00". */
static bool parse_day_word(struct reader r, int64_t now_us, int64_t *out)
{
	struct date d = {0};
	int shift = 0;

	if (take_word(&r, "yesterday"))
		shift = -1;
	else if (take_word(&r, "tomorrow"))
		shift = 1;
	else if (!take_word(&r, "today"))
		return false;
	if (!today_at(now_us, &d))
		return false;
	if (!at_end(&r) && (!take_clock(&r, &d) || !at_end(&r)))
		return false;
	d.tm.tm_mday += shift;
	d.tm.tm_isdst = -1; /* a day of 23 hours still begins at 00:00 */
	*out = (int64_t)mktime(&d.tm) * USEC_PER_SEC + d.fraction_us;
	return true;
}

static bool parse_epoch(struct reader r, int64_t *out)
{
	int64_t seconds, fraction_us;

	if (!take_char(&r, '@') || !take_number(&r, 1, 11, &seconds) ||
	    !take_fraction(&r, &fraction_us) || !at_end(&r))
		return false;
	*out = seconds * USEC_PER_SEC + fraction_us;
	return true;
}

bool when_parse(const char *text, int64_t now_us, int64_t *out_us)
{
	struct reader r = {text};
	struct reader now;

	skip_blanks(&r);
	now = r;
	if (take_word(&now, "now") && at_end(&now)) {
		*out_us = now_us;
		return true;
	}
	return parse_epoch(r, out_us) || parse_day_word(r, now_us, out_us) ||
	       parse_relative(r, now_us, out_us) || parse_date(r, now_us, out_us);
}
