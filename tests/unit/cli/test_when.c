/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/usec.h"
#include "export/out.h"
#include "when.h"

/* Central Europe's rules, spelled out: a bare machine has no zone files.
 * Expected values: date(1) of coreutils under the same TZ. */
static void berlin(void)
{
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
}

#define NOW    INT64_C(1782900000) /* 2026-07-01 12:00:00 CEST */
#define SPRING INT64_C(1774864800) /* 2026-03-30 12:00:00 CEST, after a day of 23 h */
#define BAD    INT64_C(-1)

static const struct {
	const char *text;
	int64_t now_s, want_us;
} times[] = {
    {"2026-01-02", NOW, 1767308400 * USEC_PER_SEC},
    {"2026/01/02", NOW, 1767308400 * USEC_PER_SEC},
    {"2026-01-02 03:04", NOW, 1767319440 * USEC_PER_SEC},
    {"2026-01-02 03:04:05", NOW, 1767319445 * USEC_PER_SEC},
    {"2026-01-02T03:04:05", NOW, 1767319445 * USEC_PER_SEC},
    {"2026-01-02T03:04:05.678901", NOW, 1767319445678901},
    {"2026-01-02T03:04:05.6789019", NOW, 1767319445678901},
    {"2026-01-02T03:04:05.5Z", NOW, 1767323045500000},
    {"2026-01-02 03:04:05 UTC", NOW, 1767323045 * USEC_PER_SEC},
    {"2026-01-02T03:04:05+01:00", NOW, 1767319445 * USEC_PER_SEC},
    {"2026-01-02T03:04:05+0100", NOW, 1767319445 * USEC_PER_SEC},
    {"2026-01-02T03:04:05-05", NOW, (1767323045 + 5 * 3600) * USEC_PER_SEC},
    {"2026-07-01 12:00", NOW, NOW *USEC_PER_SEC},
    {"  2026-07-01 12:00  ", NOW, NOW *USEC_PER_SEC},
    {"08:30", NOW, 1782887400 * USEC_PER_SEC},
    {"now", NOW, NOW *USEC_PER_SEC},
    {"today", NOW, (NOW - 12 * 3600) * USEC_PER_SEC},
    {"Today 08:30", NOW, 1782887400 * USEC_PER_SEC},
    {"yesterday", NOW, (NOW - 36 * 3600) * USEC_PER_SEC},
    {"yesterday", SPRING, 1774738800 * USEC_PER_SEC},
    {"tomorrow", NOW, (NOW + 12 * 3600) * USEC_PER_SEC},
    {"-1h", NOW, (NOW - 3600) * USEC_PER_SEC},
    {"-1h30min", NOW, (NOW - 5400) * USEC_PER_SEC},
    {"-90 s", NOW, (NOW - 90) * USEC_PER_SEC},
    {"2 hours ago", NOW, (NOW - 7200) * USEC_PER_SEC},
    {"1 day 2 hours ago", NOW, (NOW - 93600) * USEC_PER_SEC},
    {"+5m", NOW, (NOW + 300) * USEC_PER_SEC},
    {"1w ago", NOW, (NOW - 604800) * USEC_PER_SEC},
    {"@1767319445", NOW, 1767319445 * USEC_PER_SEC},
    {"@1767319445.25", NOW, 1767319445250000},
    {"", NOW, BAD},
    {"soon", NOW, BAD},
    {"2026-13-01", NOW, BAD},
    {"2026-00-01", NOW, BAD},
    {"2026-02-30", NOW, BAD},
    {"2026-02-29", NOW, BAD},
    {"2026-01-02 24:00", NOW, BAD},
    {"2026-01-02 03:60", NOW, BAD},
    {"2026-01-02 03", NOW, BAD},
    {"2026-01-02T", NOW, BAD},
    {"2026-01-02 03:04 PST8", NOW, BAD},
    {"2026-01-02 03:04 +99:00", NOW, BAD},
    {"26-01-02", NOW, BAD},
    {"1h", NOW, BAD},
    {"-1", NOW, BAD},
    {"-h", NOW, BAD},
    {"-1 fortnight", NOW, BAD},
    {"-1h later", NOW, BAD},
    {"2 hours ago ago", NOW, BAD},
    {"-999999999y", NOW, BAD},
    {"@", NOW, BAD},
    {"@12x", NOW, BAD},
    {"today yesterday", NOW, BAD},
};

ParameterizedTestParameters(when, parses_what_people_write)
{
	static size_t index[sizeof(times) / sizeof(times[0])];

	for (size_t i = 0; i < sizeof(index) / sizeof(index[0]); i++)
		index[i] = i;
	return cr_make_param_array(size_t, index, sizeof(index) / sizeof(index[0]));
}

ParameterizedTest(size_t *i, when, parses_what_people_write)
{
	int64_t got = 0;
	bool ok;

	berlin();
	ok = when_parse(times[*i].text, times[*i].now_s * USEC_PER_SEC, &got);
	if (times[*i].want_us == BAD) {
		cr_assert_not(
		    ok, "'%s' was read as %jd", times[*i].text, (intmax_t)got);
		return;
	}
	cr_assert(ok, "'%s' was refused", times[*i].text);
	cr_assert_eq(got, times[*i].want_us, "'%s': %jd, expected %jd", times[*i].text,
	    (intmax_t)got, (intmax_t)times[*i].want_us);
}

Test(when, local_time_names_its_zone)
{
	char buf[WHEN_TEXT_MAX];

	berlin();
	cr_assert_str_eq(
	    when_text(1767319445678901, 6, buf), "2026-01-02 03:04:05.678901 CET");
	cr_assert_str_eq(
	    when_text(1767319445678901, 3, buf), "2026-01-02 03:04:05.678 CET");
	cr_assert_str_eq(
	    when_text(NOW * USEC_PER_SEC, 0, buf), "2026-07-01 12:00:00 CEST");
	cr_assert_str_eq(when_text(-1, 6, buf), "1970-01-01 00:59:59.999999 CET");
	cr_assert_str_eq(when_clock(1767319445678901, 6, buf), "03:04:05.678901");
}

Test(when, forged_times_have_a_text)
{
	char buf[WHEN_TEXT_MAX];

	berlin();
	for (size_t i = 0; i < 2; i++) {
		const char *text = when_text(i ? INT64_MAX : INT64_MIN, 6, buf);

		cr_assert_gt(strlen(text), 20, "%s", text);
		cr_assert_lt(strlen(text), WHEN_TEXT_MAX, "%s", text);
	}
}

Test(when, spans_have_units)
{
	char buf[WHEN_TEXT_MAX];

	cr_expect_str_eq(when_span(0, buf), "0.0 ms");
	cr_expect_str_eq(when_span(999949, buf), "999.9 ms");
	cr_expect_str_eq(when_span(3250000, buf), "3.2 s");
	cr_expect_str_eq(when_span(60 * USEC_PER_SEC, buf), "1 min");
	cr_expect_str_eq(when_span(250 * USEC_PER_SEC, buf), "4 min 10 s");
	cr_expect_str_eq(when_span(7500 * USEC_PER_SEC, buf), "2 h 5 min");
	cr_expect_str_eq(
	    when_span((3 * 86400 + 4 * 3600) * USEC_PER_SEC, buf), "3 d 4 h");
}

static const struct {
	const char *text, *want;
} localized[] = {
    {"n: 3 of 3 calls refused since 2026-07-01T08:32:07Z, last good call "
     "2026-07-01T08:31:58Z",
	"n: 3 of 3 calls refused since 10:32:07 CEST, last good call 10:31:58"},
    {"since 2026-06-30T22:30:00Z", "since 00:30:00 CEST"},
    {"since 2026-06-30T21:59:59Z, over since 2026-07-01T00:00:01Z",
	"since 2026-06-30 23:59:59 CEST, over since 2026-07-01 02:00:01"},
    {"2026-01-02T03:04:05Z.", "2026-01-02 04:04:05 CET."},
    {"no time", "no time"},
    {"", ""},
    {"2026-01-02T03:04:05", "2026-01-02T03:04:05"},
    {"2026-13-02T03:04:05Z", "2026-13-02T03:04:05Z"},
    {"x2026-01-02T03:04:0", "x2026-01-02T03:04:0"},
};

Test(when, times_within_a_text_are_local_for_people, .init = berlin)
{
	for (size_t i = 0; i < sizeof(localized) / sizeof(localized[0]); i++) {
		char buf[256];
		struct out o = {.buf = buf, .cap = sizeof(buf)};

		when_localize(localized[i].text, strlen(localized[i].text),
		    NOW * USEC_PER_SEC, &o);
		cr_expect_str_eq(out_string(&o), localized[i].want);
	}
}
