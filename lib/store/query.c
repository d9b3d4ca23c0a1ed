/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/usec.h"
#include "store/db.h"
#include "store/query_sql.h"
#include "store/store_int.h"
#include "store/words.h"

#define DAY_US (24 * 60 * USEC_PER_MIN)

struct query {
	sqlite3 *db;
	bool is_borrowed;                        /* the store's connection */
	struct stmt failure, evidence, messages; /* prepared at first use */
};

static void free_text(char **text)
{
	free(*text);
}

static bool exists(const char *path, const char *suffix)
{
	CLEANUP(free_text) char *name = NULL;
	struct stat st;

	return asprintf(&name, "%s%s", path, suffix) < 0 || stat(name, &st) == 0;
}

/* The path with what URIs give a meaning to escaped. */
static char *immutable_uri(const char *path)
{
	CLEANUP(free_text) char *escaped = malloc(3 * strlen(path) + 1);
	char *to = escaped, *uri = NULL;

	if (escaped == NULL)
		return NULL;
	for (const char *p = path; *p != '\0'; p++) {
		if (strchr("?#%", *p) == NULL)
			*to++ = *p;
		else
			to += snprintf(to, 4, "%%%02X", (unsigned)*p);
	}
	*to = '\0';
	/* "file://" for an absolute path: one that begins with // names no host then */
	if (asprintf(&uri, "%s%s?immutable=1",
		path[0] == '/' ? "file://" : "file:", escaped) < 0)
		return NULL;
	return uri;
}

/*
 * Root with a read-write sqlite3 removes -wal and -shm when it leaves. Who may not
 * write the directory cannot open the file as a WAL database then, but nothing is
 * missing from it, and while no daemon holds the lock nothing changes it.
 */
static int open_reading(const char *path, sqlite3 **db, struct err *e)
{
	CLEANUP(free_text) char *uri = NULL;

	if (exists(path, "-wal") || db_lock_is_held(path))
		return db_open(path, path, SQLITE_OPEN_READONLY, db, e);
	uri = immutable_uri(path);
	if (uri == NULL)
		return err_set(e, -ENOMEM, "%s: out of memory", path);
	return db_open(uri, path, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, db, e);
}

static int check_version(const char *path, sqlite3 *db, struct err *e)
{
	int64_t version;
	int rc = db_identify(db, &version, e);

	if (rc < 0)
		return rc;
	if (version == 0)
		return err_set(e, -EINVAL,
		    "%s: an empty database; let trunkwatchd write to it first", path);
	if (version < db_newest_version())
		return err_set(e, -EPROTO,
		    "%s: made by an older trunkwatch (schema %lld, this one wants "
		    "%lld); restart trunkwatchd to upgrade it",
		    path, (long long)version, (long long)db_newest_version());
	return 0;
}

static void close_query(struct query **q)
{
	query_close(*q);
}

int query_open(const char *path, struct query **out, struct err *e)
{
	CLEANUP(close_query) struct query *q = NULL;
	int rc = db_check_path(path, e);

	if (rc < 0)
		return rc;
	q = calloc(1, sizeof(*q));
	if (q == NULL)
		return err_set(e, -ENOMEM, "%s: out of memory", path);
	rc = open_reading(path, &q->db, e);
	if (rc == 0)
		rc = check_version(path, q->db, e);
	if (rc < 0)
		return rc;
	*out = KEEP(q);
	return 0;
}

int store_query(struct store *s, struct query **out, struct err *e)
{
	struct query *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return err_set(e, -ENOMEM, "store: out of memory");
	q->db = s->db;
	q->is_borrowed = true;
	*out = q;
	return 0;
}

void query_close(struct query *q)
{
	if (q == NULL)
		return;
	stmt_fini(&q->failure);
	stmt_fini(&q->evidence);
	stmt_fini(&q->messages);
	if (!q->is_borrowed)
		db_close(&q->db);
	free(q);
}

/* A statement that listings run once a row is prepared once a handle. */
static int prepare_once(
    struct query *q, struct stmt *st, const char *sql, struct err *e)
{
	if (st->handle == NULL)
		return stmt_init(st, q->db, sql, e);
	if (sqlite3_stmt_busy(st->handle))
		return err_set(e, -EINVAL, "a query cannot run inside itself: %s", sql);
	return 0;
}

static const char newest_sql[] =
    "SELECT max(COALESCE((SELECT max(at_us) FROM failures), 0),"
    " COALESCE((SELECT max(last_at_us) FROM incidents), 0),"
    " COALESCE((SELECT max(last_seen_us) FROM trunks), 0))";

/* Where the filter's window begins; 0: it has no beginning. */
static int window_start(
    struct query *q, const struct query_filter *f, int64_t *since_us, struct err *e)
{
	int64_t newest_us;
	int rc;

	*since_us = f->since_us;
	if (f->since_us != 0 || !f->default_window)
		return 0;
	rc = db_number(q->db, newest_sql, &newest_us, e);
	if (rc == 0 && newest_us > DAY_US)
		*since_us = newest_us - DAY_US;
	return rc;
}

/* Ends a loop over stmt_step(): the callback wanted no more. */
static int leave(struct stmt *st, int rc)
{
	stmt_reset(st);
	return rc;
}

static int each_failure(struct stmt *st,
    int (*row)(void *ctx, const struct failure_row *r), void *ctx, struct err *e)
{
	struct failure_row r = {0};
	int rc;

	while (stmt_step(st, &rc, e)) {
		(void)stmt_get_i64(st); /* the 0 of the select */
#define FIELD(name, reader, sql) r.name = stmt_get_##reader(st);
#include "store/failure_row.def"
		r.icmp = icmp_of_word(r.icmp_reason);
		rc = row(ctx, &r);
		if (rc != 0)
			return leave(st, rc);
	}
	return rc;
}

int query_failures(struct query *q, const struct query_filter *f,
    int (*row)(void *ctx, const struct failure_row *r), void *ctx, struct err *e)
{
	CLEANUP(stmt_fini) struct stmt st = {0};
	char sql[QUERY_SQL_MAX];
	int64_t since_us;
	int rc = window_start(q, f, &since_us, e);

	if (rc < 0)
		return rc;
	query_sql_failures(f, since_us, sql);
	rc = stmt_init(&st, q->db, sql, e);
	if (rc < 0)
		return rc;
	query_sql_bind(&st, f, since_us);
	return each_failure(&st, row, ctx, e);
}

int query_failure(struct query *q, int64_t id,
    int (*row)(void *ctx, const struct failure_row *r), void *ctx, struct err *e)
{
	int rc = prepare_once(q, &q->failure, query_sql_failure, e);

	if (rc < 0)
		return rc;
	stmt_i64(&q->failure, id);
	return each_failure(&q->failure, row, ctx, e);
}

int query_evidence(struct query *q, int64_t failure_id,
    int (*row)(void *ctx, const struct evidence_row *r), void *ctx, struct err *e)
{
	struct stmt *st = &q->evidence;
	struct evidence_row r;
	int rc = prepare_once(q, st,
	    "SELECT weight, text FROM evidence WHERE failure_id = ? ORDER BY position",
	    e);

	if (rc < 0)
		return rc;
	stmt_i64(st, failure_id);
	while (stmt_step(st, &rc, e)) {
		r.weight = stmt_get_i64(st);
		r.text = stmt_get_wire(st);
		rc = row(ctx, &r);
		if (rc != 0)
			return leave(st, rc);
	}
	return rc;
}

int query_messages(struct query *q, int64_t failure_id,
    int (*row)(void *ctx, const struct message_row *r), void *ctx, struct err *e)
{
	struct stmt *st = &q->messages;
	struct message_row r;
	int rc = prepare_once(q, st,
	    "SELECT at_us, copies, src, dst, transport, bytes, truncated FROM messages"
	    " WHERE failure_id = ? ORDER BY id",
	    e);

	if (rc < 0)
		return rc;
	stmt_i64(st, failure_id);
	while (stmt_step(st, &rc, e)) {
		r.at_us = stmt_get_i64(st);
		r.copies = stmt_get_i64(st);
		r.src = stmt_get_text(st);
		r.dst = stmt_get_text(st);
		r.transport = stmt_get_text(st);
		r.bytes = stmt_get_wire(st);
		r.truncated = stmt_get_flag(st);
		rc = row(ctx, &r);
		if (rc != 0)
			return leave(st, rc);
	}
	return rc;
}

static void read_incident(struct stmt *st, struct incident_row *r)
{
	r->id = stmt_get_i64(st);
	r->opened_at_us = stmt_get_i64(st);
	r->last_at_us = stmt_get_i64(st);
	r->closed_at_us = stmt_get_i64(st);
	r->sensor = stmt_get_text(st);
	r->trunk = stmt_get_text(st);
	r->verdict = stmt_get_text(st);
	r->runner_up = stmt_get_text(st);
	r->confidence = stmt_get_real(st);
	r->failures = stmt_get_i64(st);
	r->attempts = stmt_get_i64(st);
	r->first_failure = stmt_get_i64(st);
	r->last_failure = stmt_get_i64(st);
	r->summary = stmt_get_wire(st);
}

int query_incidents(struct query *q, const struct query_filter *f,
    int (*row)(void *ctx, const struct incident_row *r), void *ctx, struct err *e)
{
	CLEANUP(stmt_fini) struct stmt st = {0};
	char sql[QUERY_SQL_MAX];
	struct incident_row r;
	int64_t since_us;
	int rc = window_start(q, f, &since_us, e);

	if (rc < 0)
		return rc;
	query_sql_incidents(f, since_us, sql);
	rc = stmt_init(&st, q->db, sql, e);
	if (rc < 0)
		return rc;
	query_sql_bind(&st, f, since_us);
	while (stmt_step(&st, &rc, e)) {
		read_incident(&st, &r);
		rc = row(ctx, &r);
		if (rc != 0)
			return rc;
	}
	return rc;
}

static void read_trunk(struct stmt *st, struct trunk_row *r)
{
	r->id = stmt_get_i64(st);
	r->sensor = stmt_get_text(st);
	r->name = stmt_get_text(st);
	r->account = stmt_get_text(st);
	r->carrier_id = stmt_get_text(st);
	r->remotes = stmt_get_text(st);
	r->registration = stmt_get_text(st);
	r->reachability = stmt_get_text(st);
	r->verdict = stmt_get_text(st);
	r->registration_code = stmt_get_i64(st);
	r->registered_until_us = stmt_get_i64(st);
	r->rtt_us = stmt_get_i64(st);
	r->attempts = stmt_get_i64(st);
	r->answered = stmt_get_i64(st);
	r->refused = stmt_get_i64(st);
	r->normal = stmt_get_i64(st);
	r->active_calls = stmt_get_i64(st);
	r->first_seen_us = stmt_get_i64(st);
	r->last_seen_us = stmt_get_i64(st);
	r->last_success_at_us = stmt_get_i64(st);
	r->last_failure_at_us = stmt_get_i64(st);
	r->seen_as = stmt_get_text(st);
	r->credentials_at_us = stmt_get_i64(st);
	r->registration_at_us = stmt_get_i64(st);
	r->options_at_us = stmt_get_i64(st);
	r->options_code = stmt_get_i64(st);
	r->config_changed_at_us = stmt_get_i64(st);
}

/* All trunks, however long ago they were seen: default_window is for events. */
int query_trunks(struct query *q, const struct query_filter *f,
    int (*row)(void *ctx, const struct trunk_row *r), void *ctx, struct err *e)
{
	CLEANUP(stmt_fini) struct stmt st = {0};
	char sql[QUERY_SQL_MAX];
	struct trunk_row r;
	int rc;

	query_sql_trunks(f, f->since_us, sql);
	rc = stmt_init(&st, q->db, sql, e);
	if (rc < 0)
		return rc;
	query_sql_bind(&st, f, f->since_us);
	while (stmt_step(&st, &rc, e)) {
		read_trunk(&st, &r);
		rc = row(ctx, &r);
		if (rc != 0)
			return rc;
	}
	return rc;
}

int query_losses(struct query *q, const char *sensor, int64_t from_us, int64_t until_us,
    struct loss_row *out, struct err *e)
{
	CLEANUP(stmt_fini) struct stmt st = {0};
	int rc = stmt_init(&st, q->db,
	    "SELECT COALESCE(sum(dropped_kernel), 0), COALESCE(sum(dropped_ring), 0),"
	    " COALESCE(sum(dropped_reassembly), 0), COALESCE(min(minute_us), 0),"
	    " COALESCE(max(minute_us) + 60000000, 0) FROM capture_minutes"
	    " WHERE minute_us > ? - 60000000 AND minute_us <= ? AND sensor = ?"
	    " AND dropped_kernel + dropped_ring + dropped_reassembly > 0",
	    e);

	*out = (struct loss_row){0};
	if (rc < 0)
		return rc;
	stmt_i64(&st, from_us);
	stmt_i64(&st, until_us);
	stmt_word(&st, sensor);
	if (stmt_step(&st, &rc, e)) {
		out->packets_kernel = stmt_get_i64(&st);
		out->packets_ring = stmt_get_i64(&st);
		out->stream_gaps = stmt_get_i64(&st);
		out->from_us = stmt_get_i64(&st);
		out->until_us = stmt_get_i64(&st);
		rc = 0;
	}
	return rc;
}

int query_meta(struct query *q, const char *key, char *buf, size_t len, struct err *e)
{
	CLEANUP(stmt_fini) struct stmt st = {0};
	const char *value;
	int rc = stmt_init(&st, q->db,
	    /* the sensor that came last */
	    "SELECT value FROM meta WHERE key = ? ORDER BY rowid DESC LIMIT 1", e);

	if (rc < 0)
		return rc;
	buf[0] = '\0';
	stmt_word(&st, key);
	if (stmt_step(&st, &rc, e)) {
		value = stmt_get_text(&st);
		(void)snprintf(buf, len, "%s", value != NULL ? value : "");
		rc = 0;
	}
	return rc;
}
