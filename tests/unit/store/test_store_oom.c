/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Allocation n of SQLite fails, for every n: -ENOMEM and nothing else may come of it
 * (a crash, a leak, a wrong answer), and what was committed stays.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "store_fixture.h"

static sqlite3_mem_methods real;
static int64_t allocations, fail_at = INT64_MAX;

static void *failing_malloc(int n)
{
	return allocations++ >= fail_at ? NULL : real.xMalloc(n);
}

static void *failing_realloc(void *p, int n)
{
	return allocations++ >= fail_at ? NULL : real.xRealloc(p, n);
}

static void setup(void)
{
	sqlite3_mem_methods mem;

	cr_assert_eq(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real), SQLITE_OK);
	mem = real;
	mem.xMalloc = failing_malloc;
	mem.xRealloc = failing_realloc;
	cr_assert_eq(sqlite3_config(SQLITE_CONFIG_MALLOC, &mem), SQLITE_OK);
	/* Lookaside would answer for malloc. */
	cr_assert_eq(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0), SQLITE_OK);
	cr_assert_eq(sqlite3_initialize(), SQLITE_OK);
	fixture_setup();
}

TestSuite(store_oom, .init = setup, .fini = fixture_teardown);

static int on_failure(void *ctx, const struct failure_row *r)
{
	(void)r;
	++*(int *)ctx;
	return 0;
}

/* All of a store's life. *rows: failures read back. */
static int live(const char *file, int64_t id, int *rows, struct err *e)
{
	static struct failure f;
	struct failure_message m = {.bytes = SLICE_INIT("\xff"), .copies = 1};
	struct store_config c = {.path = file, .sensor = "dialer1"};
	const struct query_filter all = {
	    .limit = 5, .trunk = NULL, .default_window = true};
	const struct store_retention old = {.keep_from_us = T0 - 1};
	struct store_start start = {0};
	struct store *s = NULL;
	struct query *q = NULL;
	int rc = store_open(&c, &s, e);

	if (rc == 0)
		rc = store_load_start(s, &start, e);
	make_failure(&f, id, T0);
	if (rc == 0)
		rc = store_put_failure(s, &f, &m, 1, e);
	if (rc == 0)
		rc = store_commit(s, e);
	if (rc == 0)
		rc = store_query(s, &q, e);
	if (rc == 0)
		rc = query_failures(q, &all, on_failure, rows, e);
	if (rc == 0)
		rc = store_retain(s, &old, e);
	store_start_fini(&start);
	query_close(q);
	store_close(s);
	return rc;
}

/* Every one at first, where opening is, then in growing steps up to the last. */
static void fail_everywhere(const char *file)
{
	struct err e = {0};
	int64_t id = 1, needed;
	int rc, rows;

	allocations = 0;
	cr_assert_eq(live(file, id++, &rows, &e), 0, "%s", e.text);
	needed = allocations;
	cr_assert_gt(needed, 100, "the allocator is not ours");
	for (int64_t n = 0; n < needed; n += 1 + n / 40) {
		rows = 0;
		allocations = 0;
		fail_at = n;
		rc = live(file, id, &rows, &e);
		fail_at = INT64_MAX;
		/* SQLite can do without some, and calls a few I/O errors. */
		cr_assert(rc == 0 || rc == -ENOMEM || rc == -EIO || rc == -EEXIST,
		    "allocation %lld: %d %s", (long long)n, rc, e.text);
		id += rc == 0;
	}
	rows = 0;
	cr_assert_eq(live(file, id + 1, &rows, &e), 0, "afterwards: %s", e.text);
	cr_expect_gt(rows, 0);
}

Test(store_oom, a_file_survives_it)
{
	fail_everywhere(path);
	cr_expect_eq(file_number("SELECT count(*) FROM pragma_integrity_check"
				 " WHERE integrity_check = 'ok'"),
	    1);
	cr_expect_eq(
	    file_number("SELECT count(*) FROM failures WHERE"
			" (SELECT count(*) FROM evidence WHERE failure_id = id) <> 3"),
	    0);
}

Test(store_oom, the_temporary_database_too)
{
	fail_everywhere(NULL);
}

static int read_one(int *rows, struct err *e)
{
	struct query *q = NULL;
	int rc = query_open(path, &q, e);

	if (rc == 0)
		rc = query_failure(q, 1, on_failure, rows, e);
	query_close(q);
	return rc;
}

Test(store_oom, a_reader_too)
{
	struct err e = {0};
	int rc, rows = 0;
	int64_t needed;

	cr_assert_eq(live(path, 1, &rows, &e), 0, "%s", e.text);
	rows = 0;
	allocations = 0;
	cr_assert_eq(read_one(&rows, &e), 0, "%s", e.text);
	cr_expect_eq(rows, 1);
	needed = allocations;
	for (int64_t n = 0; n < needed; n += 1 + n / 40) {
		allocations = 0;
		fail_at = n;
		rc = read_one(&rows, &e);
		fail_at = INT64_MAX;
		cr_assert(rc == 0 || rc == -ENOMEM || rc == -EIO,
		    "allocation %lld of %lld: %d %s", (long long)n, (long long)needed,
		    rc, e.text);
	}
}
