/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/cleanup.h"
#include "store/db.h"
#include "store/store_int.h"

/* Each step is one transaction; this many failures with all that hangs on them. */
#define STEP "500"

/*
 * The oldest failures before ?1, children first: a reader between two statements
 * sees all or nothing, because the step is one transaction. The parent comes last
 * and says whether there was anything to do.
 */
#define OLDEST                                                         \
	"(SELECT id FROM failures WHERE at_us < ?1 ORDER BY at_us, id" \
	" LIMIT " STEP ")"

static const char *const old_failures[] = {
    "DELETE FROM evidence WHERE failure_id IN " OLDEST,
    "DELETE FROM messages WHERE failure_id IN " OLDEST,
    "DELETE FROM failures WHERE id IN " OLDEST,
    NULL,
};

static const char *const old_minutes[] = {
    "DELETE FROM minutes WHERE (minute_us, trunk_id, outcome) IN (SELECT minute_us,"
    " trunk_id, outcome FROM minutes WHERE minute_us < ?1 ORDER BY minute_us LIMIT 5000)",
    NULL,
};

static const char *const old_capture_minutes[] = {
    "DELETE FROM capture_minutes WHERE (minute_us, sensor) IN (SELECT minute_us,"
    " sensor FROM capture_minutes WHERE minute_us < ?1 ORDER BY minute_us LIMIT 5000)",
    NULL,
};

static const char *const old_incidents[] = {
    "DELETE FROM incident_verdicts WHERE incident_id IN (SELECT id FROM incidents"
    " WHERE closed_at_us < ?1)",
    "DELETE FROM incidents WHERE closed_at_us < ?1",
    NULL,
};

/* Trunks that inference made and nobody has seen since. */
static const char *const old_trunks[] = {
    "DELETE FROM trunk_past WHERE at_us < ?1"
    " AND trunk_id NOT IN (SELECT id FROM trunks)",
    "DELETE FROM trunks WHERE last_seen_us < ?1"
    " AND id NOT IN (SELECT trunk_id FROM failures WHERE trunk_id IS NOT NULL)"
    " AND id NOT IN (SELECT trunk_id FROM incidents WHERE trunk_id IS NOT NULL)",
    NULL,
};

static int run_with(struct store *s, const char *sql, int64_t before_us, struct err *e)
{
	CLEANUP(stmt_fini) struct stmt st = {0};
	int rc = stmt_init(&st, s->db, sql, e);

	if (rc < 0)
		return rc;
	stmt_i64(&st, before_us);
	return stmt_run(&st, e);
}

/* One transaction. *deleted counts the rows of the last statement. */
static int delete_step(struct store *s, const char *const *sql, int64_t before_us,
    int *deleted, struct err *e)
{
	int rc = db_exec(s->db, "BEGIN IMMEDIATE", e);

	if (rc < 0)
		return rc;
	for (; rc == 0 && *sql != NULL; sql++)
		rc = run_with(s, *sql, before_us, e);
	*deleted = sqlite3_changes(s->db);
	if (rc == 0)
		rc = db_exec(s->db, "COMMIT", e);
	if (rc < 0)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

/* 1: no time for the next step; 0 and errors go through. */
static int look_at_clock(const struct store_retention *r, int rc)
{
	if (rc == 0 && r->has_time != NULL && !r->has_time(r->ctx))
		return 1;
	return rc;
}

static int delete_before(struct store *s, const struct store_retention *r,
    const char *const *sql, struct err *e)
{
	int deleted = 1;
	int rc = 0;

	while (rc == 0 && deleted > 0) {
		rc = delete_step(s, sql, r->keep_from_us, &deleted, e);
		if (deleted > 0)
			rc = look_at_clock(r, rc);
	}
	return rc;
}

static int delete_by_age(
    struct store *s, const struct store_retention *r, struct err *e)
{
	static const char *const *const tables[] = {
	    old_failures, old_minutes, old_capture_minutes, old_incidents, old_trunks};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(tables) / sizeof(tables[0]); i++)
		rc = delete_before(s, r, tables[i], e);
	return rc;
}

/* Bytes of the pages that hold something. */
static int bytes_in_use(struct store *s, uint64_t *out, struct err *e)
{
	int64_t pages, unused, page_bytes;
	int rc = db_number(s->db, "PRAGMA page_count", &pages, e);

	if (rc == 0)
		rc = db_number(s->db, "PRAGMA freelist_count", &unused, e);
	if (rc == 0)
		rc = db_number(s->db, "PRAGMA page_size", &page_bytes, e);
	if (rc < 0)
		return rc;
	*out = pages > unused ? (uint64_t)(pages - unused) * (uint64_t)page_bytes : 0;
	return 0;
}

/* Oldest first, whatever its age, until sql finds nothing or it is small enough. */
static int delete_until_fits(struct store *s, const struct store_retention *r,
    const char *const *sql, uint64_t goal_bytes, struct err *e)
{
	uint64_t bytes = 0;
	int deleted = 1;
	int rc = bytes_in_use(s, &bytes, e);

	while (rc == 0 && deleted > 0 && bytes > goal_bytes) {
		rc = delete_step(s, sql, INT64_MAX, &deleted, e);
		if (rc == 0)
			rc = bytes_in_use(s, &bytes, e);
		if (deleted > 0 && bytes > goal_bytes)
			rc = look_at_clock(r, rc);
	}
	return rc;
}

/* To 15/16 of the limit, or the next call would be here again after a few rows; but not
 * so much at once that findings wait for long. */
static int delete_by_size(
    struct store *s, const struct store_retention *r, struct err *e)
{
	static const char *const *const tables[] = {
	    old_failures, old_minutes, old_capture_minutes, old_incidents};
	const uint64_t most = 8 << 20;
	uint64_t goal =
	    r->max_bytes - (r->max_bytes / 16 < most ? r->max_bytes / 16 : most);
	uint64_t bytes = 0;
	int rc = bytes_in_use(s, &bytes, e);

	if (rc < 0 || bytes <= r->max_bytes)
		return rc;
	for (size_t i = 0; rc == 0 && i < sizeof(tables) / sizeof(tables[0]); i++)
		rc = delete_until_fits(s, r, tables[i], goal, e);
	return rc;
}

/*
 * Free pages go back to the file system, some MiB a transaction. The checkpoint does
 * what readers allow: one who still looks at old pages keeps them, the next call gets
 * them.
 */
static int shrink_file(struct store *s, const struct store_retention *r, struct err *e)
{
	int64_t unused, before = INT64_MAX;
	int rc = db_number(s->db, "PRAGMA freelist_count", &unused, e);

	while (rc == 0 && unused > 0 && unused < before) {
		before = unused;
		rc = db_exec(s->db, "PRAGMA incremental_vacuum(1024)", e);
		if (rc == 0)
			rc = db_number(s->db, "PRAGMA freelist_count", &unused, e);
		if (unused > 0 && unused < before)
			rc = look_at_clock(r, rc);
	}
	if (rc == 0 && before != INT64_MAX)
		(void)sqlite3_wal_checkpoint_v2(
		    s->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return rc;
}

int store_retain(struct store *s, const struct store_retention *r, struct err *e)
{
	int rc = store_commit(s, e);

	if (rc == 0)
		rc = delete_by_age(s, r, e);
	if (rc == 0 && r->max_bytes > 0)
		rc = delete_by_size(s, r, e);
	if (rc == 0)
		rc = shrink_file(s, r, e);
	return rc;
}
