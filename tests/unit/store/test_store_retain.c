/* SPDX-License-Identifier: BSD-2-Clause */
/* Retention, and a disk that has no room. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "store/store_int.h"
#include "store_fixture.h"

static struct store *s;
static struct err e;

static void setup(void)
{
	fixture_setup();
	s = open_store();
}

static void teardown(void)
{
	store_close(s);
	fixture_teardown();
}

TestSuite(retain, .init = setup, .fini = teardown);

static int retain(
    struct store *st, int64_t from_us, uint64_t max_bytes, struct err *why)
{
	const struct store_retention r = {
	    .keep_from_us = from_us, .max_bytes = max_bytes};

	return store_retain(st, &r, why);
}

static bool has_steps_left(void *ctx)
{
	unsigned *steps = ctx;

	return --*steps > 0;
}

static int64_t file_size(void)
{
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	return st.st_size;
}

/* Failures first..last, one a second, each with 4 KiB of message. */
static void fill(int64_t first, int64_t last)
{
	static struct failure f;
	static char bytes[4096];
	struct failure_message m = {.copies = 1};

	memset(bytes, 'x', sizeof(bytes));
	m.bytes = slice_of(bytes, sizeof(bytes));
	for (int64_t id = first; id <= last; id++) {
		make_failure(&f, id, T0 + id * 1000000);
		cr_assert_eq(store_put_failure(s, &f, &m, 1, &e), 0, "%s", e.text);
		if (id % 500 == 0)
			cr_assert_eq(store_commit(s, &e), 0, "%s", e.text);
	}
	cr_assert_eq(store_commit(s, &e), 0, "%s", e.text);
}

static void expect_rows(int64_t failures, int64_t first)
{
	cr_expect_eq(file_number("SELECT count(*) FROM failures"), failures);
	cr_expect_eq(file_number("SELECT count(*) FROM evidence"), 3 * failures);
	cr_expect_eq(file_number("SELECT count(*) FROM messages"), failures);
	cr_expect_eq(file_number("SELECT min(id) FROM failures"), first);
	cr_expect_eq(file_number("SELECT min(failure_id) FROM messages"), first);
}

/* Each call does what it has time for, and the last one says so. */
Test(retain, goes_on_where_its_time_was_over)
{
	unsigned steps, calls = 0;
	struct store_retention r = {.keep_from_us = T0 + 1701 * INT64_C(1000000),
	    .has_time = has_steps_left,
	    .ctx = &steps};
	int64_t left = 1700;
	int rc;

	fill(1, 1700);
	do {
		int64_t now;

		steps = 1;
		rc = store_retain(s, &r, &e);
		cr_assert_geq(rc, 0, "%s", e.text);
		now = file_number("SELECT count(*) FROM failures");
		cr_expect(now < left || left == 0);
		cr_expect_geq(now, left - 500);
		left = now;
		calls++;
	} while (rc > 0 && calls < 100);
	cr_expect_eq(rc, 0);
	cr_expect_eq(left, 0);
	cr_expect_gt(calls, 3);
}

Test(retain, deletes_by_age_with_all_that_hangs_on_it)
{
	fill(1, 1700);
	put_failure(s, 1701, T0 + 1701 * INT64_C(1000000), "acme"); /* not committed */
	cr_assert_eq(retain(s, T0 + 1201 * INT64_C(1000000), 0, &e), 0, "%s", e.text);
	cr_expect_eq(store_pending(s), 0);
	cr_expect_eq(file_number("SELECT count(*) FROM failures"), 501);
	cr_expect_eq(file_number("SELECT min(id) FROM failures"), 1201);
	cr_expect_eq(file_number("SELECT count(*) FROM messages"), 500);
	cr_expect_eq(file_number("SELECT count(*) FROM evidence"), 3 * 501);
	cr_assert_eq(retain(s, T0, 0, &e), 0, "%s", e.text);
	cr_expect_eq(
	    file_number("SELECT count(*) FROM failures"), 501, "nothing to do");
}

Test(retain, the_file_shrinks)
{
	int64_t full;

	fill(1, 2000);
	store_close(s); /* checkpoint */
	s = open_store();
	full = file_size();
	cr_expect_gt(full, 8000000);
	cr_assert_eq(retain(s, T0 + 1901 * INT64_C(1000000), 0, &e), 0, "%s", e.text);
	expect_rows(100, 1901);
	cr_expect_lt(file_size(), full / 10, "%lld", (long long)file_size());
	cr_expect_eq(file_number("PRAGMA freelist_count"), 0);
}

Test(retain, deletes_the_oldest_while_it_is_too_large)
{
	fill(1, 4000);
	cr_assert_eq(retain(s, 0, 10000000, &e), 0, "%s", e.text);
	cr_expect_leq(file_size(), 10000000);
	cr_expect_gt(file_number("SELECT count(*) FROM failures"), 500, "far too much");
	cr_expect_eq(
	    file_number("SELECT max(id) FROM failures"), 4000, "the newest stay");
	cr_expect_eq(
	    file_number("SELECT max(id) - min(id) + 1 - count(*) FROM failures"), 0,
	    "not the oldest");
	cr_assert_eq(retain(s, 0, 4096, &e), 0, "impossible is no error: %s", e.text);
	cr_expect_eq(file_number("SELECT count(*) FROM failures"), 0);
}

Test(retain, ids_are_never_given_again)
{
	struct store_start start;

	fill(1, 10);
	cr_assert_eq(retain(s, INT64_MAX, 0, &e), 0, "%s", e.text);
	cr_expect_eq(file_number("SELECT count(*) FROM failures"), 0);
	cr_assert_eq(store_load_start(s, &start, &e), 0, "%s", e.text);
	cr_expect_eq(start.next_failure_id, 11);
	store_start_fini(&start);
}

static void put_the_rest(int64_t id, int64_t at_us, bool closed)
{
	struct trunk_minute m = {.trunk_id = id, .minute_us = at_us};
	struct capture_minute c = {.minute_us = at_us, .packets = 1};
	struct incident i;
	struct trunk_state t;

	m.outcomes[OUTCOME_REFUSED] = 1;
	make_incident(&i, id, at_us);
	i.trunk_id = id;
	i.closed_at_us = closed ? at_us + 1 : 0;
	make_trunk(&t, id, "trunk");
	t.last_seen_us = at_us;
	cr_assert_eq(store_put_minute(s, &m, &e), 0);
	cr_assert_eq(store_put_capture_minute(s, &c, &e), 0);
	cr_assert_eq(store_put_incident(s, &i, &e), 0);
	cr_assert_eq(store_put_trunk(s, &t, &e), 0);
}

Test(retain, minutes_incidents_and_trunks_go_too_but_nothing_open)
{
	struct trunk_state configured;

	put_the_rest(1, T0, true);
	put_the_rest(2, T0, false);
	put_the_rest(3, T0 + 1000, true);
	make_trunk(&configured, 4, "never seen");
	configured.last_seen_us = USEC_NEVER;
	cr_assert_eq(store_put_trunk(s, &configured, &e), 0);
	cr_assert_eq(retain(s, T0 + 500, 0, &e), 0, "%s", e.text);
	cr_expect_eq(file_number("SELECT count(*) FROM minutes"), 1);
	cr_expect_eq(file_number("SELECT count(*) FROM capture_minutes"), 1);
	cr_expect_eq(file_number("SELECT group_concat(id, '') FROM incidents"), 23);
	cr_expect_eq(file_number("SELECT count(*) FROM incident_verdicts"), 2);
	cr_expect_eq(file_number("SELECT group_concat(id, '') FROM trunks"), 234);
}

Test(retain, a_reader_in_the_middle_is_not_waited_for)
{
	sqlite3 *db;

	fill(1, 1000);
	db = plain_open(path, SQLITE_OPEN_READONLY);
	run_sql(db, "BEGIN");
	cr_expect_eq(number(db, "SELECT count(*) FROM failures"), 1000);
	cr_assert_eq(retain(s, INT64_MAX, 0, &e), 0, "%s", e.text);
	cr_expect_eq(number(db, "SELECT count(*) FROM failures"), 1000, "its snapshot");
	run_sql(db, "COMMIT");
	cr_expect_eq(number(db, "SELECT count(*) FROM failures"), 0);
	(void)sqlite3_close(db);
}

/* Whatever SQLite does with the batch, no row goes without being counted. */
Test(retain, a_full_disk_is_told_and_counted)
{
	static struct failure f;
	static char bytes[100000];
	struct failure_message m = {.copies = 1, .bytes = {bytes, sizeof(bytes)}};
	uint32_t put = 0;
	int rc = 0;

	memset(bytes, 'x', sizeof(bytes));
	cr_assert_eq(
	    sqlite3_exec(s->db, "PRAGMA max_page_count = 300", NULL, NULL, NULL),
	    SQLITE_OK);
	while (rc == 0 && put < 100) {
		make_failure(&f, put + 1, T0);
		rc = store_put_failure(s, &f, &m, 1, &e);
		put += rc == 0;
	}
	cr_expect_eq(rc, -ENOSPC, "%s", e.text);
	cr_expect_not_null(strstr(e.text, path), "%s", e.text);
	cr_expect_gt(put, 0);
	cr_expect_eq(store_pending(s) + store_lost(s), put);
	cr_expect_eq(store_commit(s, &e), 0, "%s", e.text);
	cr_expect_eq(
	    file_number("SELECT count(*) FROM failures"), put - (int64_t)store_lost(s));
	cr_expect_eq(
	    file_number("SELECT count(*) FROM messages"), put - (int64_t)store_lost(s));
	cr_assert_eq(retain(s, INT64_MAX, 0, &e), 0, "%s", e.text);
	cr_expect_eq(store_put_failure(s, &f, &m, 1, &e), 0, "room again: %s", e.text);
}
