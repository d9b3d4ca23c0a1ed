/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <jansson.h>

#include "base/usec.h"
#include "export/json.h"
#include "export/rows.h"
#include "support/guard.h"

/* Parsed by somebody else's parser: jansson refuses what is no JSON or no UTF-8. */
static json_t *parsed(const struct out *o)
{
	json_error_t why;
	json_t *j =
	    json_loadb(o->buf, o->used, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);

	cr_assert_not_null(j, "%s in: %.*s", why.text, (int)o->used, o->buf);
	return j;
}

#define WIRE(s) SLICE_INIT(s)
#define FFFD    "\xef\xbf\xbd"

static const struct {
	struct slice wire;
	const char *value; /* as a parser must see it */
	const char *raw;   /* must stand in the output as such; NULL: not asked */
} strings[] = {
    {WIRE(""), "", NULL},
    {WIRE("plain"), "plain", "\"plain\""},
    {WIRE("q\"b\\s/"), "q\"b\\s/", NULL},
    {WIRE("\r\n\t"), "\r\n\t", "\\u000d\\u000a\\u0009"},
    {WIRE("\x1b[0m"), "\x1b[0m", "\\u001b"},
    {WIRE("\x7f"), "\x7f", "\\u007f"},
    {WIRE("M\xc3\xbcnchen"), "M\xc3\xbcnchen", "M\xc3\xbcnchen"},
    {WIRE("\xc2\x9b"), "\xc2\x9b", "\\u009b"},
    {WIRE("\xe2\x80\xae"), "\xe2\x80\xae", "\\u202e"},
    {WIRE("\xe2\x80\xa8"), "\xe2\x80\xa8", "\\u2028"},
    {WIRE("\xf3\xa0\x81\x81"), "\xf3\xa0\x81\x81", "\\udb40\\udc41"},
    {WIRE("\xf0\x9f\x93\x9e"), "\xf0\x9f\x93\x9e", NULL},
    /* Unicode 3.9, table 3-8: one U+FFFD for each maximal subpart. */
    {WIRE("a\xf1\x80\x80\xe1\x80\xc2"
	  "b\x80"
	  "c\x80\xbf"
	  "d"),
	"a" FFFD FFFD FFFD "b" FFFD "c" FFFD FFFD "d", NULL},
    {WIRE("\xc0\xaf"), FFFD FFFD, NULL},
    {WIRE("\xed\xa0\x80"), FFFD FFFD FFFD, NULL},
    {WIRE("cut \xe2\x82"), "cut " FFFD, NULL},
};

ParameterizedTestParameters(json, strings)
{
	static size_t index[sizeof(strings) / sizeof(strings[0])];

	for (size_t i = 0; i < sizeof(index) / sizeof(index[0]); i++)
		index[i] = i;
	return cr_make_param_array(size_t, index, sizeof(index) / sizeof(index[0]));
}

ParameterizedTest(size_t *i, json, strings)
{
	char buf[512];
	struct out o = {.buf = buf, .cap = sizeof(buf)};
	struct json j = {.out = &o};
	json_t *got;

	json_begin_array(&j);
	json_put_string(&j, guard_copy(strings[*i].wire.ptr, strings[*i].wire.len));
	json_end_array(&j);
	got = parsed(&o);
	cr_expect_str_eq(json_string_value(json_array_get(got, 0)), strings[*i].value);
	if (strings[*i].raw != NULL)
		cr_expect_not_null(strstr(out_string(&o), strings[*i].raw), "%s", buf);
	json_decref(got);
}

Test(json, any_three_bytes_give_valid_json)
{
	for (unsigned n = 0; n < 0x10000; n++) {
		char wire[4] = {(char)(n >> 8), (char)(n & 0xff),
		    (char)(n * 2654435761u >> 24), '"'};
		char buf[128];
		struct out o = {.buf = buf, .cap = sizeof(buf)};
		struct json j = {.out = &o};

		json_begin_array(&j);
		json_put_string(&j, slice_of(wire, sizeof(wire)));
		json_end_array(&j);
		json_decref(parsed(&o));
	}
}

/* Eight bytes are looked at together: each byte at each place among harmless ones. */
Test(json, every_byte_at_every_place)
{
	for (int c = 1; c < 256; c++) {
		for (size_t at = 0; at < 19; at++) {
			char wire[20] = " ~!#[]^_` az09AZ.,:", want[32], buf[64];
			struct out o = {.buf = buf, .cap = sizeof(buf)};
			struct json j = {.out = &o};
			json_t *got;

			wire[at] = (char)c;
			snprintf(want, sizeof(want), "%.*s%s%s", (int)at, wire,
			    c < 0x80 ? (char[]){(char)c, '\0'} : "\xef\xbf\xbd",
			    wire + at + 1);
			json_begin_array(&j);
			json_put_string(&j, guard_copy(wire, 19));
			json_end_array(&j);
			got = parsed(&o);
			cr_expect_str_eq(json_string_value(json_array_get(got, 0)),
			    want, "%02x at %zu", (unsigned)c, at);
			cr_expect(c != 0x7f || strstr(out_string(&o), "\\u007f"));
			json_decref(got);
		}
	}
}

static int collect(void *ctx, const char *bytes, size_t len)
{
	struct out *all = ctx;

	out_bytes(all, bytes, len);
	return 0;
}

/* A buffer that ends in the middle of a key, at each of its characters. */
Test(json, keys_go_over_the_end_of_the_buffer)
{
	for (size_t cap = OUT_MIN; cap < OUT_MIN + 40; cap++) {
		char small[OUT_MIN + 40], whole[256];
		struct out all = {.buf = whole, .cap = sizeof(whole)};
		struct out o = {
		    .buf = small, .cap = cap, .flush = collect, .ctx = &all};
		struct json j = {.out = &o};

		json_begin_object(&j);
		for (int i = 0; i < 3; i++) {
			json_put_key(&j, i == 0   ? "first_key_of_all"
					 : i == 1 ? "b"
						  : "third");
			json_put_int(&j, i);
		}
		json_end_object(&j);
		cr_assert_eq(out_flush(&o), 0);
		cr_expect_str_eq(out_string(&all),
		    "{\"first_key_of_all\":0,\"b\":1,\"third\":2}", "%zu", cap);
	}
}

Test(json, nesting_and_absent_values)
{
	char buf[512];
	struct out o = {.buf = buf, .cap = sizeof(buf)};
	struct json j = {.out = &o};

	json_begin_object(&j);
	json_put_key(&j, "a");
	json_put_string(&j, SLICE_NONE);
	json_put_key(&j, "b");
	json_begin_array(&j);
	json_begin_object(&j);
	json_end_object(&j);
	json_put_int(&j, INT64_MIN);
	json_begin_array(&j);
	json_end_array(&j);
	json_put_bool(&j, true);
	json_end_array(&j);
	json_put_key(&j, "c");
	json_put_fixed(&j, 920, 3);
	json_put_key(&j, "d");
	json_put_time(&j, USEC_NEVER);
	json_put_key(&j, "e");
	json_put_cstring(&j, NULL);
	json_end_object(&j);
	cr_assert_str_eq(out_string(&o),
	    "{\"a\":null,\"b\":[{},-9223372036854775808,[],true],\"c\":0.920,"
	    "\"d\":null,\"e\":null}");
	json_decref(parsed(&o));
}

/* design.md 6.2: the keys of a trunk, and null for what is not known. */
Test(rows, trunk_has_the_documented_keys)
{
	static const char *const keys[] = {"name", "remote", "account", "registration",
	    "reachability", "rtt_ms", "attempts", "answered", "refused",
	    "last_success_at", "last_failure_at", "active_calls", "verdict"};
	struct trunk_row r = {.name = "t\xff",
	    .remotes = "192.0.2.1:5060 [2001:db8::1]:5061",
	    .rtt_us = 1234,
	    .attempts = 3,
	    .last_failure_at_us = 1767323045678901};
	char buf[2048];
	struct out o = {.buf = buf, .cap = sizeof(buf)};
	struct json j = {.out = &o};
	json_t *got;

	rows_trunk_json(&j, &r);
	got = parsed(&o);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		cr_expect_not_null(json_object_get(got, keys[i]), "no %s", keys[i]);
	cr_expect_str_eq(json_string_value(json_object_get(got, "name")), "t" FFFD);
	cr_expect_eq(json_array_size(json_object_get(got, "remote")), 2);
	cr_expect_str_eq(
	    json_string_value(json_array_get(json_object_get(got, "remote"), 1)),
	    "[2001:db8::1]:5061");
	cr_expect_float_eq(
	    json_real_value(json_object_get(got, "rtt_ms")), 1.234, 1e-9);
	cr_expect(json_is_null(json_object_get(got, "last_success_at")));
	cr_expect_str_eq(json_string_value(json_object_get(got, "last_failure_at")),
	    "2026-01-02T03:04:05.678901Z");
	cr_expect(json_is_null(json_object_get(got, "verdict")));
	json_decref(got);
}

Test(rows, incident_has_the_documented_keys)
{
	static const char *const keys[] = {"id", "trunk", "verdict", "confidence",
	    "opened_at", "last_at", "closed_at", "failures", "attempts",
	    "first_failure", "last_failure", "summary"};
	struct incident_row r = {.id = 7, .confidence = 0.5, .summary = SLICE("s\x1b")};
	char buf[2048];
	struct out o = {.buf = buf, .cap = sizeof(buf)};
	struct json j = {.out = &o};
	json_t *got;

	rows_incident_json(&j, &r);
	got = parsed(&o);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		cr_expect_not_null(json_object_get(got, keys[i]), "no %s", keys[i]);
	cr_expect(json_is_integer(json_object_get(got, "id")));
	cr_expect(json_is_null(json_object_get(got, "first_failure")));
	cr_expect_eq(json_integer_value(json_object_get(got, "failures")), 0);
	json_decref(got);
}

Test(rows, csv_lines_have_as_many_fields_as_their_header)
{
	struct trunk_row r = {.name = "a\nb", .account = "plain", .remotes = "x y"};
	char buf[2048];
	struct out o = {.buf = buf, .cap = sizeof(buf)};
	struct slice rest, line;
	size_t commas[2] = {0};

	rows_trunk_csv_header(&o);
	rows_trunk_csv(&o, &r);
	rest = slice_of(buf, o.used);
	for (size_t n = 0; n < 2; n++) {
		cr_assert(slice_take_until(&rest, '\n', &line));
		cr_assert_eq(line.ptr[line.len - 1], '\r');
		for (size_t i = 0; i < line.len; i++)
			commas[n] += line.ptr[i] == ',';
	}
	cr_assert_eq(rest.len, 0, "more than two lines");
	cr_assert_eq(commas[0], commas[1]);
}
