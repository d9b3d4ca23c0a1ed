/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>

#include "export/text.h"
#include "export/utf8.h"
#include "support/guard.h"

#define WIRE(s) SLICE_INIT(s)

static const struct {
	struct slice wire;
	const char *utf8, *ascii, *csv; /* ascii, csv: NULL is as utf8 */
} cases[] = {
    {WIRE(""), "", NULL, NULL},
    {WIRE("403 Forbidden"), "403 Forbidden", NULL, NULL},
    {WIRE("a\nb\r\tc"), "a\\x0ab\\x0d\\x09c", NULL, NULL},
    {WIRE("\x1b[31mred"), "\\x1b[31mred", NULL, NULL},
    {WIRE("nul\0byte"), "nul\\x00byte", NULL, NULL},
    {WIRE("\x7f"), "\\x7f", NULL, NULL},
    {WIRE("back\\slash"), "back\\\\slash", NULL, "back\\slash"},
    {WIRE("\xc2\x9b"
	  "31m"),
	"\\u009b31m", NULL, NULL}, /* C1: CSI in one character */
    {WIRE("\x9b"
	  "31m"),
	"\\x9b31m", NULL, NULL}, /* and as a raw byte */
    {WIRE("M\xc3\xbcnchen"), "M\xc3\xbcnchen", "M\\u00fcnchen", NULL},
    {WIRE("M\xfcnchen"), "M\\xfcnchen", NULL, NULL}, /* Latin-1 */
    {WIRE("\xe2\x80\xae"
	  "evil"),
	"\\u202eevil", NULL, NULL},
    {WIRE("\xe2\x81\xa6x\xe2\x81\xa9"), "\\u2066x\\u2069", NULL, NULL},
    {WIRE("\xe2\x80\x8e\xe2\x80\x8f"), "\\u200e\\u200f", NULL, NULL},
    {WIRE("a\xe2\x80\x8b"
	  "b"),
	"a\\u200bb", NULL, NULL}, /* zero-width space */
    {WIRE("\xef\xbb\xbfx"), "\\ufeffx", NULL, NULL},
    {WIRE("\xf3\xa0\x81\x81"), "\\U000e0041", NULL, NULL}, /* tag A */
    {WIRE("\xf0\x9f\x93\x9e"), "\xf0\x9f\x93\x9e", "\\U0001f4de", NULL},
    {WIRE("\xc0\xaf"), "\\xc0\\xaf", NULL, NULL},                   /* overlong / */
    {WIRE("\xed\xa0\x80"), "\\xed\\xa0\\x80", NULL, NULL},          /* a surrogate */
    {WIRE("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80", NULL, NULL}, /* > U+10FFFF */
    {WIRE("\xe2\x82"), "\\xe2\\x82", NULL, NULL},                   /* cut */
    {WIRE("\xe2"
	  "A"),
	"\\xe2"
	"A",
	NULL, NULL},
    {WIRE("=cmd()"), "=cmd()", NULL, "'=cmd()"},
    {WIRE("+1555"), "+1555", NULL, "'+1555"},
    {WIRE("-1"), "-1", NULL, "'-1"},
    {WIRE("@x"), "@x", NULL, "'@x"},
    {WIRE("\t=1"), "\\x09=1", NULL, NULL},
    {WIRE("a,b"), "a,b", NULL, "\"a,b\""},
    {WIRE("say \"hi\""), "say \"hi\"", NULL, "\"say \"\"hi\"\"\""},
    {WIRE(" x"), " x", NULL, "\" x\""},
};

ParameterizedTestParameters(escape, wire_bytes)
{
	static size_t index[sizeof(cases) / sizeof(cases[0])];

	for (size_t i = 0; i < sizeof(index) / sizeof(index[0]); i++)
		index[i] = i;
	return cr_make_param_array(size_t, index, sizeof(index) / sizeof(index[0]));
}

ParameterizedTest(size_t *i, escape, wire_bytes)
{
	struct slice wire = guard_copy(cases[*i].wire.ptr, cases[*i].wire.len);
	const char *utf8 = cases[*i].utf8;
	char buf[256];
	struct out o = {.buf = buf, .cap = sizeof(buf)};

	text_escape(&o, wire, TEXT_UTF8);
	cr_expect_str_eq(out_string(&o), utf8);
	o.used = 0;
	text_escape(&o, wire, TEXT_ASCII);
	cr_expect_str_eq(out_string(&o), cases[*i].ascii ? cases[*i].ascii : utf8);
	o.used = 0;
	text_csv_field(&o, wire);
	cr_expect_str_eq(out_string(&o), cases[*i].csv ? cases[*i].csv : utf8);
}

/* Whatever two bytes come, a terminal gets nothing but printable characters. */
Test(escape, no_two_bytes_reach_a_terminal_raw)
{
	for (unsigned n = 0; n < 0x10000; n++) {
		char wire[2] = {(char)(n >> 8), (char)(n & 0xff)};
		char buf[64];
		struct out o = {.buf = buf, .cap = sizeof(buf)};
		struct slice rest, bytes;

		text_escape(&o, guard_copy(wire, 2), TEXT_UTF8);
		rest = slice_of(buf, o.used);
		while (rest.len > 0) {
			int32_t cp = utf8_take(&rest, &bytes);

			cr_assert(cp >= 0x20 && !utf8_is_deceptive(cp),
			    "%04x gave a raw U+%04X", n, (unsigned)cp);
		}
	}
}

Test(escape, a_full_memory_writer_is_cut_and_says_so)
{
	char buf[OUT_MIN];
	struct out o = {.buf = buf, .cap = sizeof(buf)};

	for (int i = 0; i < 10; i++)
		text_escape(&o, SLICE("12345\x1b"), TEXT_UTF8);
	cr_assert_eq(o.error, -ENOBUFS);
	cr_assert_eq(strlen(out_string(&o)), OUT_MIN - 1);
}

static int keep(void *ctx, const char *bytes, size_t len)
{
	struct out *all = ctx;

	out_bytes(all, bytes, len);
	return all->error;
}

static int refuse(void *ctx, const char *bytes, size_t len)
{
	(void)ctx, (void)bytes, (void)len;
	return -ENOSPC;
}

Test(out, flushed_bytes_come_in_order)
{
	char all_buf[4096], buf[OUT_MIN];
	struct out all = {.buf = all_buf, .cap = sizeof(all_buf)};
	struct out o = {.buf = buf, .cap = sizeof(buf), .flush = keep, .ctx = &all};

	for (unsigned i = 0; i < 500; i++)
		out_uint(&o, i % 10);
	out_text(&o, "0123456789012345678901234567890123456789012345678901234567");
	cr_assert_eq(out_flush(&o), 0);
	cr_assert_eq(all.used, 500 + 58);
	for (size_t i = 0; i < all.used; i++)
		cr_assert_eq(all_buf[i], (char)('0' + i % 10), "byte %zu", i);
}

Test(out, first_error_of_flush_stays)
{
	char buf[OUT_MIN];
	struct out o = {.buf = buf, .cap = sizeof(buf), .flush = refuse};

	out_repeat(&o, "0123456789", 100);
	cr_assert_eq(o.error, -ENOSPC);
	cr_assert_eq(out_flush(&o), -ENOSPC);
}

static const char *iso(int64_t at_us)
{
	static char buf[64];
	struct out o = {.buf = buf, .cap = sizeof(buf)};

	out_iso_time(&o, at_us);
	return out_string(&o);
}

/* Seconds: date -u +%s. */
Test(out, iso_time)
{
	cr_expect_str_eq(iso(INT64_C(1767323045678901)), "2026-01-02T03:04:05.678901Z");
	cr_expect_str_eq(iso(INT64_C(1784118600000000)), "2026-07-15T12:30:00.000000Z");
	cr_expect_str_eq(iso(0), "1970-01-01T00:00:00.000000Z");
	cr_expect_str_eq(iso(-1), "1969-12-31T23:59:59.999999Z");
	cr_expect_str_eq(iso(INT64_C(951782400000000)), "2000-02-29T00:00:00.000000Z");
	cr_expect_str_eq(iso(INT64_C(4107542400000000)), "2100-03-01T00:00:00.000000Z");
	cr_expect_str_eq(
	    iso(INT64_C(-11670955200000000)), "1600-02-29T12:00:00.000000Z");
	cr_expect_gt(strlen(iso(INT64_MAX)), 20);
	cr_expect_eq(iso(INT64_MIN)[0], '-');
}

Test(out, numbers)
{
	char buf[256];
	struct out o = {.buf = buf, .cap = sizeof(buf)};

	out_int(&o, INT64_MIN);
	out_char(&o, ' ');
	out_uint(&o, UINT64_MAX);
	out_char(&o, ' ');
	out_fixed(&o, 1234, 3);
	out_char(&o, ' ');
	out_fixed(&o, -5, 2);
	out_char(&o, ' ');
	out_fixed(&o, 7, 0);
	out_char(&o, ' ');
	out_padded(&o, 42, 6);
	cr_assert_str_eq(out_string(&o),
	    "-9223372036854775808 18446744073709551615 1.234 -0.05 7 000042");
}
