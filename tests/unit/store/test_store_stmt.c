/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>

#include "store/stmt.h"
#include "store/utf8.h"
#include "support/guard.h"

static sqlite3 *db;
static struct stmt st;
static struct err e;

static void setup(void)
{
	cr_assert_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db,
			 "CREATE TABLE call(at_us INTEGER PRIMARY KEY, call_id TEXT)",
			 NULL, NULL, NULL),
	    SQLITE_OK);
	cr_assert_eq(stmt_init(&st, db, "INSERT INTO call VALUES(?,?)", &e), 0);
}

static void teardown(void)
{
	stmt_fini(&st);
	cr_expect_eq(sqlite3_close(db), SQLITE_OK, "a statement is still open");
}

TestSuite(stmt, .init = setup, .fini = teardown);

Test(stmt, runs_again_and_again)
{
	for (int i = 0; i < 3; i++) {
		stmt_i64(&st, i);
		stmt_wire(&st, SLICE("a\0b"));
		cr_assert_eq(stmt_run(&st, &e), 0, "%s", e.text);
	}
	cr_expect_eq(sqlite3_total_changes(db), 3);
}

Test(stmt, missing_bind_is_refused)
{
	stmt_i64(&st, 1);
	cr_expect_eq(stmt_run(&st, &e), -EINVAL);
	cr_expect_eq(sqlite3_total_changes(db), 0);
}

Test(stmt, first_bad_bind_is_the_one_reported)
{
	stmt_i64(&st, 1);
	stmt_wire(&st, SLICE_NONE);
	stmt_i64(&st, 3); /* there is no third parameter */
	stmt_i64(&st, 4);
	cr_expect_eq(stmt_run(&st, &e), -EIO);
	cr_expect_eq(sqlite3_total_changes(db), 0);
}

Test(stmt, usable_after_a_failed_run)
{
	for (int i = 0; i < 2; i++) {
		stmt_i64(&st, 7);
		stmt_wire(&st, SLICE_NONE);
		cr_expect_eq(stmt_run(&st, &e), i == 0 ? 0 : -EEXIST);
	}
	stmt_i64(&st, 8);
	stmt_wire(&st, SLICE(""));
	cr_expect_eq(stmt_run(&st, &e), 0, "%s", e.text);
}

Test(stmt, a_statement_with_rows_is_not_run)
{
	stmt_fini(&st);
	cr_assert_eq(stmt_init(&st, db, "SELECT 1 WHERE ? = ?", &e), 0);
	stmt_i64(&st, 5);
	stmt_i64(&st, 5);
	cr_expect_eq(stmt_run(&st, &e), -EINVAL);
}

Test(stmt, bad_sql_is_an_error_with_the_text)
{
	struct stmt bad;

	cr_expect_lt(stmt_init(&bad, db, "SELEKT 1", &e), 0);
	cr_expect_not_null(strstr(e.text, "SELEKT"), "%s", e.text);
	stmt_fini(&bad);
}

/* What SQLite makes of each kind of bytes, and that they come back unchanged. */
#define BYTES(s) .bytes = SLICE_INIT(s)
static const struct wire_case {
	const char *name;
	struct slice bytes;
	const char *type; /* typeof() */
} wire_cases[] = {
    {"absent", {0}, "null"},
    {"empty", BYTES(""), "text"},
    {"ASCII", BYTES("sip:alice@example.com"), "text"},
    {"control characters", BYTES("\x01\t\r\n\x1b[31m\x7f"), "text"},
    {"NUL at the end", BYTES("abcdefg\0"), "blob"},
    {"NUL inside", BYTES("a\0b"), "blob"},
    {"NUL in the ninth byte", BYTES("abcdefgh\0j"), "blob"},
    {"two bytes", BYTES("\xc3\xa9"), "text"},
    {"three bytes", BYTES("\xe2\x82\xac"), "text"},
    {"four bytes", BYTES("\xf0\x9f\x93\x9e"), "text"},
    {"after eight ASCII bytes", BYTES("12345678\xc3\xa9"), "text"},
    {"highest", BYTES("\xf4\x8f\xbf\xbf"), "text"},
    {"above the highest", BYTES("\xf4\x90\x80\x80"), "blob"},
    {"no such lead", BYTES("\xf5\x80\x80\x80"), "blob"},
    {"Latin-1", BYTES("Caf\xe9"), "blob"},
    {"Latin-1, in the middle", BYTES("Caf\xe9 de la gare"), "blob"},
    {"overlong slash", BYTES("\xc0\xaf"), "blob"},
    {"overlong, three", BYTES("\xe0\x80\xaf"), "blob"},
    {"overlong, four", BYTES("\xf0\x80\x80\xaf"), "blob"},
    {"overlong NUL", BYTES("\xc0\x80"), "blob"},
    {"surrogate", BYTES("\xed\xa0\x80"), "blob"},
    {"last before surrogates", BYTES("\xed\x9f\xbf"), "text"},
    {"cut short", BYTES("\xe2\x82"), "blob"},
    {"continuation alone", BYTES("\x80"), "blob"},
    {"bad third byte", BYTES("\xe2\x82\x41"), "blob"},
};

ParameterizedTestParameters(stmt, wire)
{
	static size_t index[sizeof(wire_cases) / sizeof(wire_cases[0])];

	for (size_t i = 0; i < sizeof(index) / sizeof(index[0]); i++)
		index[i] = i;
	return cr_make_param_array(size_t, index, sizeof(index) / sizeof(index[0]));
}

ParameterizedTest(size_t *i, stmt, wire)
{
	const struct wire_case *c = &wire_cases[*i];
	struct slice in = c->bytes, out;
	struct stmt get;
	int rc;

	if (in.ptr != NULL)
		in = guard_copy(in.ptr, in.len);
	stmt_i64(&st, 1);
	stmt_wire(&st, in);
	cr_assert_eq(stmt_run(&st, &e), 0, "%s", e.text);

	cr_assert_eq(
	    stmt_init(&get, db, "SELECT typeof(call_id), call_id FROM call", &e), 0);
	cr_assert(stmt_step(&get, &rc, &e));
	cr_expect_str_eq(stmt_get_text(&get), c->type, "%s", c->name);
	out = stmt_get_wire(&get);
	cr_expect_eq(out.ptr == NULL, c->bytes.ptr == NULL, "%s", c->name);
	cr_expect(slice_eq(out, c->bytes), "%s", c->name);
	stmt_fini(&get);
}

/* The eight-byte step must agree with the careful one, wherever the bytes lie. */
Test(stmt, utf8_is_the_same_at_every_offset)
{
	char text[64];

	for (size_t c = 0; c < sizeof(wire_cases) / sizeof(wire_cases[0]); c++) {
		struct slice s = wire_cases[c].bytes;

		for (size_t before = 0; s.ptr != NULL && before < 12; before++) {
			memset(text, 'x', sizeof(text));
			memcpy(text + before, s.ptr, s.len);
			cr_expect_eq(utf8_is_text(slice_of(text, before + s.len + 9)),
			    strcmp(wire_cases[c].type, "text") == 0, "%s after %zu",
			    wire_cases[c].name, before);
		}
	}
}
