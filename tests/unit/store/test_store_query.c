/* SPDX-License-Identifier: BSD-2-Clause */
/* The listings: filters, order, windows, and the views that people use. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/query_sql.h"
#include "store_fixture.h"

#define HOUR_US (INT64_C(3600) * 1000000)

static struct store *s;
static struct query *q;
static struct err e;

static void put_trunk(int64_t id, const char *name, const char *carrier)
{
	struct trunk_state t;

	make_trunk(&t, id, name);
	snprintf(t.carrier_id, sizeof(t.carrier_id), "%s", carrier);
	cr_assert_eq(store_put_trunk(s, &t, &e), 0, "%s", e.text);
}

static void put(
    int64_t id, int64_t at_us, int64_t trunk_id, enum verdict v, int64_t incident_id)
{
	static struct failure f;

	make_failure(&f, id, at_us);
	f.trunk_id = trunk_id;
	f.verdict = v;
	f.incident_id = incident_id;
	cr_assert_eq(store_put_failure(s, &f, NULL, 0, &e), 0, "%s", e.text);
}

/*
 * Failures 1..6, one an hour up to T0, and an old one, 7, two days before. The even
 * ones belong to trunk 2; 5 is a scanner's.
 */
static void setup(void)
{
	fixture_setup();
	s = open_store();
	put_trunk(1, "acme", "ACME1");
	put_trunk(2, "o'neil \"sip\"", "");
	for (int64_t id = 1; id <= 6; id++)
		put(id, T0 - (6 - id) * HOUR_US, id % 2 ? 1 : 2,
		    id == 5 ? VERDICT_SCANNER : VERDICT_UNKNOWN_REFUSAL, 0);
	put(7, T0 - 48 * HOUR_US, 1, VERDICT_UNKNOWN_REFUSAL, 0);
	cr_assert_eq(store_commit(s, &e), 0, "%s", e.text);
	q = open_query();
}

static void teardown(void)
{
	query_close(q);
	store_close(s);
	fixture_teardown();
}

TestSuite(query, .init = setup, .fini = teardown);

struct ids {
	size_t count;
	int64_t id[16];
	size_t stop_after;
};

static int on_failure(void *ctx, const struct failure_row *r)
{
	struct ids *ids = ctx;

	ids->id[ids->count++] = r->id;
	return ids->count == ids->stop_after ? -7 : 0;
}

static const struct filter_case {
	const char *name;
	struct query_filter filter;
	int64_t want[8]; /* 0 ends it */
} filters[] = {
    {"everything, oldest first", {.with_not_failures = true}, {7, 1, 2, 3, 4, 5, 6}},
    {"without the scanner", {0}, {7, 1, 2, 3, 4, 6}},
    {"newest first", {.newest_first = true}, {6, 4, 3, 2, 1, 7}},
    {"the last day", {.default_window = true}, {1, 2, 3, 4, 6}},
    {"the last day, newest first", {.default_window = true, .newest_first = true},
	{6, 4, 3, 2, 1}},
    {"since wins over the last day",
	{.default_window = true, .since_us = T0 - 50 * HOUR_US}, {7, 1, 2, 3, 4, 6}},
    {"since is inside", {.since_us = T0 - 2 * HOUR_US}, {4, 6}},
    {"until is outside", {.until_us = T0 - 2 * HOUR_US}, {7, 1, 2, 3}},
    {"both", {.since_us = T0 - 4 * HOUR_US, .until_us = T0 - 2 * HOUR_US}, {2, 3}},
    {"an empty window", {.since_us = T0 + 1}, {0}},
    {"limit, newest first", {.limit = 2, .newest_first = true}, {6, 4}},
    {"limit keeps the newest", {.limit = 2}, {4, 6}},
    {"limit above all", {.limit = 100}, {7, 1, 2, 3, 4, 6}},
    {"a trunk", {.trunk = "acme"}, {7, 1, 3}},
    {"a trunk by its carrier", {.trunk = "ACME1"}, {7, 1, 3}},
    {"a trunk with quotes", {.trunk = "o'neil \"sip\""}, {2, 4, 6}},
    {"a trunk and a limit", {.trunk = "acme", .limit = 1}, {3}},
    {"no such trunk", {.trunk = "acm_"}, {0}},
    {"an injection", {.trunk = "' OR 1=1 --"}, {0}},
    {"the empty trunk is no carrier", {.trunk = ""}, {0}},
};
enum { FILTERS = sizeof(filters) / sizeof(filters[0]) };

Test(query, filters_of_failures)
{
	for (size_t c = 0; c < FILTERS; c++) {
		struct ids ids = {0};

		cr_assert_eq(
		    query_failures(q, &filters[c].filter, on_failure, &ids, &e), 0,
		    "%s: %s", filters[c].name, e.text);
		for (size_t i = 0; i < ids.count; i++)
			cr_expect_eq(ids.id[i], filters[c].want[i], "%s: [%zu] is %lld",
			    filters[c].name, i, (long long)ids.id[i]);
		cr_expect_eq(filters[c].want[ids.count], 0, "%s: only %zu",
		    filters[c].name, ids.count);
	}
}

/* Clocks step, packets share a stamp: the id decides then. */
Test(query, equal_times_are_ordered_by_id)
{
	const struct query_filter newest = {.newest_first = true, .limit = 3};
	struct ids ids = {0};

	put(9, T0, 1, VERDICT_UNKNOWN_REFUSAL, 0);
	put(8, T0, 1, VERDICT_UNKNOWN_REFUSAL, 0);
	cr_assert_eq(store_commit(s, &e), 0);
	cr_assert_eq(query_failures(q, &newest, on_failure, &ids, &e), 0);
	cr_expect_eq(ids.id[0], 9);
	cr_expect_eq(ids.id[1], 8);
	cr_expect_eq(ids.id[2], 6);
}

Test(query, a_callback_ends_the_query_and_its_answer_comes_back)
{
	const struct query_filter all = {0};
	struct ids ids = {.stop_after = 2};

	cr_expect_eq(query_failures(q, &all, on_failure, &ids, &e), -7);
	cr_expect_eq(ids.count, 2);
	cr_expect_eq(query_failure(q, 3, on_failure, &ids, &e), 0);
	cr_expect_eq(ids.id[2], 3);
	cr_expect_eq(
	    query_failure(q, 999, on_failure, &ids, &e), 0, "nothing is no error");
	cr_expect_eq(ids.count, 3);
}

static int count_evidence(void *ctx, const struct evidence_row *r)
{
	(void)r;
	++*(int *)ctx;
	return 0;
}

static int with_evidence(void *ctx, const struct failure_row *r)
{
	int *count = ctx;

	return query_evidence(q, r->id, count_evidence, count, &e);
}

Test(query, the_evidence_of_each_failure_inside_the_listing)
{
	const struct query_filter all = {0};
	int count = 0;

	cr_expect_eq(
	    query_failures(q, &all, with_evidence, &count, &e), 0, "%s", e.text);
	cr_expect_eq(count, 6 * 3);
}

static int inside_itself(void *ctx, const struct evidence_row *r)
{
	(void)r;
	return query_evidence(q, 1, count_evidence, ctx, &e);
}

Test(query, inside_itself_is_refused)
{
	int count = 0;

	cr_expect_lt(query_evidence(q, 1, inside_itself, &count, &e), 0);
	cr_expect_eq(count, 0);
}

static int current_verdict(void *ctx, const struct failure_row *r)
{
	(void)ctx;
	cr_expect_str_eq(r->verdict, "payment_required");
	cr_expect_str_eq(r->first_verdict, "unknown_refusal");
	cr_expect_float_eq(r->confidence, 0.75, 1e-9);
	cr_expect_eq(r->incident, 7);
	return 77;
}

Test(query, a_member_shows_its_incidents_verdict_and_keeps_its_own)
{
	struct incident i;

	put(20, T0, 1, VERDICT_UNKNOWN_REFUSAL, 7);
	make_incident(&i, 7, T0);
	i.verdict = VERDICT_PAYMENT_REQUIRED;
	cr_assert_eq(store_put_incident(s, &i, &e), 0);
	cr_assert_eq(store_commit(s, &e), 0);
	cr_expect_eq(query_failure(q, 20, current_verdict, NULL, &e), 77);
	cr_expect_eq(file_number("SELECT incident = 7 AND confidence = 0.75 AND"
				 " first_verdict = 'unknown_refusal' AND"
				 " verdict = 'payment_required'"
				 " FROM recent_failures WHERE id = 20"),
	    1);
}

/* Its incident is gone (retention), or was never written: the failure still shows. */
Test(query, a_member_of_no_incident_shows_its_own_verdict)
{
	struct ids ids = {0};

	put(20, T0, 1, VERDICT_UNKNOWN_REFUSAL, 99);
	cr_assert_eq(store_commit(s, &e), 0);
	cr_expect_eq(query_failure(q, 20, on_failure, &ids, &e), 0);
	cr_expect_eq(ids.count, 1);
	cr_expect_eq(file_number("SELECT verdict = 'unknown_refusal'"
				 " FROM recent_failures WHERE id = 20"),
	    1);
}

static int on_incident(void *ctx, const struct incident_row *r)
{
	struct ids *ids = ctx;

	ids->id[ids->count++] = r->id;
	return 0;
}

static const struct filter_case incident_filters[] = {
    {"all", {0}, {1, 2, 3}},
    {"newest first", {.newest_first = true}, {3, 2, 1}},
    {"limit keeps the newest", {.limit = 2}, {2, 3}},
    {"open ones", {.only_open = true}, {1, 3}},
    {"the last day, and what is still open", {.default_window = true}, {1, 3}},
    {"closed before since is outside", {.since_us = T0 - 30 * HOUR_US}, {1, 3}},
    {"closed after since is inside", {.since_us = T0 - 50 * HOUR_US}, {1, 2, 3}},
    {"opened at until is outside", {.until_us = T0 - HOUR_US}, {1, 2}},
    {"a trunk", {.trunk = "acme"}, {1, 2}},
};

Test(query, filters_of_incidents)
{
	struct incident i;

	make_incident(&i, 1, T0 - 70 * HOUR_US); /* open, nothing new for days */
	cr_assert_eq(store_put_incident(s, &i, &e), 0);
	make_incident(&i, 2, T0 - 60 * HOUR_US);
	i.closed_at_us = T0 - 40 * HOUR_US;
	cr_assert_eq(store_put_incident(s, &i, &e), 0);
	make_incident(&i, 3, T0 - HOUR_US);
	i.trunk_id = 2;
	cr_assert_eq(store_put_incident(s, &i, &e), 0);
	cr_assert_eq(store_commit(s, &e), 0);
	for (size_t c = 0; c < sizeof(incident_filters) / sizeof(incident_filters[0]);
	     c++) {
		const struct filter_case *f = &incident_filters[c];
		struct ids ids = {0};

		cr_assert_eq(query_incidents(q, &f->filter, on_incident, &ids, &e), 0,
		    "%s: %s", f->name, e.text);
		for (size_t k = 0; k < ids.count; k++)
			cr_expect_eq(ids.id[k], f->want[k], "%s: [%zu] is %lld",
			    f->name, k, (long long)ids.id[k]);
		cr_expect_eq(f->want[ids.count], 0, "%s: only %zu", f->name, ids.count);
	}
}

static int on_trunk(void *ctx, const struct trunk_row *r)
{
	struct ids *ids = ctx;

	ids->id[ids->count++] = r->id;
	return 0;
}

Test(query, filters_of_trunks)
{
	const struct query_filter all = {.default_window = true, .newest_first = true};
	const struct query_filter one = {.trunk = "acme"};
	struct ids ids = {0};

	put_trunk(3, "a first by name", "");
	cr_assert_eq(store_commit(s, &e), 0);
	cr_expect_eq(query_trunks(q, &all, on_trunk, &ids, &e), 0, "%s", e.text);
	cr_expect_eq(query_trunks(q, &one, on_trunk, &ids, &e), 0, "%s", e.text);
	cr_assert_eq(ids.count, 4);
	cr_expect_eq(ids.id[0], 3);
	cr_expect_eq(ids.id[1], 1);
	cr_expect_eq(ids.id[2], 2);
	cr_expect_eq(ids.id[3], 1);
}

static const char *plan(const char *sql)
{
	static char text[2048];
	char explain[QUERY_SQL_MAX + 32];
	sqlite3 *db = plain_open(path, SQLITE_OPEN_READONLY);
	sqlite3_stmt *st = NULL;

	snprintf(explain, sizeof(explain), "EXPLAIN QUERY PLAN %s", sql);
	cr_assert_eq(sqlite3_prepare_v2(db, explain, -1, &st, NULL), SQLITE_OK, "%s",
	    sqlite3_errmsg(db));
	text[0] = '\0';
	while (sqlite3_step(st) == SQLITE_ROW) {
		strncat(text, (const char *)sqlite3_column_text(st, 3),
		    sizeof(text) - strlen(text) - 1);
		strncat(text, "\n", sizeof(text) - strlen(text) - 1);
	}
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return text;
}

/* The newest 50 of a million rows must cost 50 rows. */
Test(query, the_newest_failures_come_from_the_index)
{
	const struct query_filter newest = {.newest_first = true, .limit = 50};
	char sql[QUERY_SQL_MAX];
	const char *p;

	for (int64_t since = 0; since <= T0; since += T0) {
		query_sql_failures(&newest, since, sql);
		p = plan(sql);
		cr_expect_not_null(strstr(p, "USING INDEX failures_at"), "%s", p);
		cr_expect_null(strstr(p, "TEMP B-TREE"), "sorted: %s", p);
	}
	p = plan("SELECT * FROM recent_failures LIMIT 50");
	cr_expect_not_null(strstr(p, "SEARCH f USING INDEX failures_at"), "%s", p);
	cr_expect_null(strstr(p, "TEMP B-TREE"), "sorted: %s", p);
	p = plan("SELECT * FROM evidence WHERE failure_id = 1");
	cr_expect_not_null(strstr(p, "SEARCH evidence USING PRIMARY KEY"), "%s", p);
	p = plan("SELECT * FROM messages WHERE failure_id = 1");
	cr_expect_not_null(strstr(p, "USING INDEX messages_failure"), "%s", p);
	p = plan(
	    "SELECT * FROM failures WHERE trunk_id = 1 ORDER BY at_us DESC LIMIT 9");
	cr_expect_not_null(strstr(p, "USING INDEX failures_trunk_at"), "%s", p);
	cr_expect_null(strstr(p, "TEMP B-TREE"), "sorted: %s", p);
}

/* What analyze added to a large database, and the failures of one incident of many. */
Test(query, the_few_asked_for_are_not_looked_for_among_all)
{
	const struct query_filter of_this_run = {.first_failure = 4};
	const struct query_filter of_one = {.only_incident = 1, .newest_first = true};
	char sql[QUERY_SQL_MAX];
	const char *p;

	query_sql_failures(&of_this_run, 0, sql);
	p = plan(sql);
	cr_expect_not_null(strstr(p, "SEARCH f USING INTEGER PRIMARY KEY"), "%s", p);
	query_sql_failures(&of_one, 0, sql);
	p = plan(sql);
	cr_expect_not_null(strstr(p, "USING INDEX failures_incident"), "%s", p);
}

/* And the tests above can tell. */
Test(query, the_plan_test_can_fail)
{
	const char *p = plan("SELECT * FROM failures ORDER BY call_id");

	cr_expect_null(strstr(p, "USING INDEX"), "%s", p);
	cr_expect_not_null(strstr(p, "TEMP B-TREE"), "%s", p);
}

Test(query, every_combination_of_filters_is_sql)
{
	void (*const makers[])(const struct query_filter *, int64_t, char *) = {
	    query_sql_failures, query_sql_incidents, query_sql_trunks};

	for (size_t m = 0; m < 3; m++) {
		for (unsigned bits = 0; bits < 512; bits++) {
			const struct query_filter f = {
			    .until_us = bits & 1 ? T0 : 0,
			    .trunk = bits & 2 ? "acme" : NULL,
			    .limit = bits & 4 ? 3 : 0,
			    .newest_first = bits & 8,
			    .with_not_failures = bits & 16,
			    .only_open = bits & 32,
			    .first_failure = bits & 128 ? 2 : 0,
			    .only_incident = bits & 256 ? 1 : 0,
			};
			char sql[QUERY_SQL_MAX];
			struct stmt st;
			int rc;

			makers[m](&f, bits & 64 ? T0 : 0, sql);
			cr_assert_eq(
			    stmt_init(
				&st, plain_open(path, SQLITE_OPEN_READONLY), sql, &e),
			    0, "%s", e.text);
			query_sql_bind(&st, &f, bits & 64 ? T0 : 0);
			while (stmt_step(&st, &rc, &e))
				;
			cr_expect_eq(rc, 0, "%s", e.text);
			{
				sqlite3 *db = sqlite3_db_handle(st.handle);

				stmt_fini(&st);
				(void)sqlite3_close(db);
			}
		}
	}
}

/* date -u -d @1767323045.678901: 2026-01-02 03:04:05.678901 */
Test(query, the_views_speak_utc)
{
	struct incident i;
	struct trunk_state t;

	make_incident(&i, 7, T0);
	cr_assert_eq(store_put_incident(s, &i, &e), 0);
	make_trunk(&t, 1, "acme");
	t.rtt_us = 23456;
	t.last_failure_at_us = T0;
	t.verdict = VERDICT_UNKNOWN_REFUSAL;
	cr_assert_eq(store_put_trunk(s, &t, &e), 0);
	cr_assert_eq(store_commit(s, &e), 0);
	cr_expect_eq(
	    file_number("SELECT at = '2026-01-02 03:04:05.679' AND"
			" started_at = '2026-01-02 03:04:05.379' AND trunk = 'acme' AND"
			" caller_name = 'V1021503040000000042' AND code = 403 AND"
			" outcome = 'refused' AND verdict = 'unknown_refusal' AND"
			" remote = '[2001:db8::1]:5080'"
			" FROM recent_failures WHERE id = 6"),
	    1);
	cr_expect_eq(
	    file_number("SELECT title = (SELECT title FROM verdicts WHERE slug ="
			" 'unknown_refusal') FROM recent_failures WHERE id = 6"),
	    1);
	cr_expect_eq(
	    file_number("SELECT id = 7 AND opened_at = '2026-01-02 03:04:05.679' AND"
			" last_at = '2026-01-02 03:04:06.679' AND failures = 2 AND"
			" summary = '2 of 5 refused' FROM open_incidents"),
	    1);
	cr_expect_eq(
	    file_number("SELECT registration = 'registered' AND rtt_ms = 23.456 AND"
			" reachability = 'reachable' AND"
			" last_failure_at = '2026-01-02 03:04:05.679' AND"
			" last_success_at IS NULL AND verdict = 'unknown_refusal'"
			" FROM trunk_status WHERE trunk = 'acme'"),
	    1);
	cr_expect_eq(file_number("SELECT failures FROM failures_by_hour"
				 " WHERE hour = '2026-01-02 03:00'"),
	    1);
	cr_expect_eq(file_number("SELECT sum(failures) FROM failures_by_hour"), 6);
}

Test(query, the_views_leave_out_what_is_no_failure_and_what_is_old)
{
	cr_expect_eq(file_number("SELECT count(*) FROM recent_failures"), 5);
	cr_expect_eq(file_number("SELECT id FROM recent_failures LIMIT 1"), 6);
	cr_expect_eq(file_number("SELECT count(*) FROM all_failures"), 7);
	cr_expect_eq(
	    file_number("SELECT count(*) FROM all_failures WHERE trunk_failure"), 6);
}
