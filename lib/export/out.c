/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "base/usec.h"
#include "export/out.h"

int out_flush(struct out *o)
{
	if (o->flush == NULL)
		return o->error;
	if (o->error == 0 && o->used > 0)
		o->error = o->flush(o->ctx, o->buf, o->used);
	o->used = 0;
	return o->error;
}

int out_bytes_slow(struct out *o, const char *bytes, size_t len)
{
	while (len > 0) {
		size_t room = o->cap - o->used;
		size_t part = len < room ? len : room;

		if (part > 0)
			memcpy(o->buf + o->used, bytes, part);
		o->used += part;
		bytes += part;
		len -= part;
		if (len == 0)
			break;
		if (o->flush == NULL && o->error == 0)
			o->error = -ENOBUFS;
		if (out_flush(o) != 0)
			break;
	}
	return o->error;
}

void out_repeat(struct out *o, const char *text, size_t count)
{
	size_t len = strlen(text);

	while (count-- > 0)
		out_bytes(o, text, len);
}

void out_padded(struct out *o, uint64_t value, unsigned width)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	while (at > 0 && sizeof(digits) - at < width)
		digits[--at] = '0';
	out_bytes(o, digits + at, sizeof(digits) - at);
}

void out_uint(struct out *o, uint64_t value)
{
	out_padded(o, value, 1);
}

/* The magnitude of INT64_MIN fits in uint64_t only. */
static uint64_t magnitude(int64_t value)
{
	return value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
}

void out_int(struct out *o, int64_t value)
{
	if (value < 0)
		out_char(o, '-');
	out_uint(o, magnitude(value));
}

void out_fixed(struct out *o, int64_t value, unsigned decimals)
{
	uint64_t unit = 1;

	for (unsigned i = 0; i < decimals; i++)
		unit *= 10;
	if (value < 0)
		out_char(o, '-');
	out_uint(o, magnitude(value) / unit);
	if (decimals == 0)
		return;
	out_char(o, '.');
	out_padded(o, magnitude(value) % unit, decimals);
}

/*
 * Days since 1970-01-01 to a civil date: 400 Gregorian years are 146097 days,
 * and a year that starts in March has its leap day last. No gmtime_r(): it may
 * fail on the times that a forged capture holds, and it is slow.
 */
static void civil_date(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t z = days + 719468; /* since 0000-03-01 */
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;

	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = (int64_t)yoe + era * 400 + (*month <= 2);
}

void out_iso_time(struct out *o, int64_t at_us)
{
	const int64_t day_us = 86400 * USEC_PER_SEC;
	int64_t days = at_us / day_us;
	int64_t rest = at_us % day_us;
	unsigned month, day;
	int64_t year;

	if (rest < 0) {
		rest += day_us;
		days--;
	}
	civil_date(days, &year, &month, &day);
	if (year < 0)
		out_char(o, '-');
	out_padded(o, magnitude(year), 4);
	out_char(o, '-');
	out_padded(o, month, 2);
	out_char(o, '-');
	out_padded(o, day, 2);
	out_char(o, 'T');
	out_padded(o, (uint64_t)(rest / (3600 * USEC_PER_SEC)), 2);
	out_char(o, ':');
	out_padded(o, (uint64_t)(rest / (60 * USEC_PER_SEC) % 60), 2);
	out_char(o, ':');
	out_padded(o, (uint64_t)(rest / USEC_PER_SEC % 60), 2);
	out_char(o, '.');
	out_padded(o, (uint64_t)(rest % USEC_PER_SEC), 6);
	out_char(o, 'Z');
}

const char *out_string(struct out *o)
{
	if (o->used == o->cap)
		o->used--;
	o->buf[o->used] = '\0';
	return o->buf;
}
