/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "store/db.h"
#include "store/schema.h"
#include "store/store_int.h"

/*
 * SQLite would create the file 0644. Ours has caller IDs and SIP in it: the owner
 * writes, the group reads, and -wal and -shm inherit that. An existing file is left
 * as it is; it must not even be opened here, because closing it again would drop
 * SQLite's POSIX locks on it in this process.
 */
static int create_if_missing(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	int os_error;

	if (fd >= 0) {
		(void)fchmod(fd, 0640); /* umask 077 would lock the group out */
		(void)close(fd);
		return 0;
	}
	os_error = errno;
	if (os_error == EEXIST)
		return db_check_path(path, e);
	if (os_error == EROFS || os_error == EACCES)
		return err_set(e, -EROFS,
		    "%s: cannot be created: %s; make its directory writable for this "
		    "user",
		    path, strerror(os_error));
	return err_set(
	    e, -os_error, "%s: cannot be created: %s", path, strerror(os_error));
}

/* In this order: a database that has a page already keeps auto_vacuum off. */
static int configure_file(struct store *s, bool is_new, struct err *e)
{
	int rc = 0;

	if (is_new)
		rc = db_exec(s->db, "PRAGMA auto_vacuum = INCREMENTAL", e);
	if (rc == 0)
		rc = db_exec(s->db, "PRAGMA journal_mode = WAL", e);
	if (rc == 0)
		/* A power cut may cost the last commits, never the file. */
		rc = db_exec(s->db, "PRAGMA synchronous = NORMAL", e);
	return rc;
}

/*
 * 16 MiB of cache keep the pages of all indexes; a checkpoint each 16 MiB of WAL
 * writes a page once that a thousand commits have changed (perf.md section 4).
 *
 * The CHECKs hold the types against everybody else. Asking them about rows of ours
 * would be a third of what a failure costs to write, and can find nothing: each column
 * is bound by a function that binds one type (tests/lint/schema.py compares the two,
 * and the unit tests let integrity_check read what was written).
 */
static int configure_connection(struct store *s, struct err *e)
{
	return db_exec(s->db,
	    "PRAGMA ignore_check_constraints = ON;"
	    "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;"
	    "PRAGMA wal_autocheckpoint = 4096; PRAGMA journal_size_limit = 67108864",
	    e);
}

static int open_file(struct store *s, const struct store_config *c, struct err *e)
{
	int64_t version;
	int rc = create_if_missing(c->path, e);

	if (rc == 0)
		rc = db_open(c->path, c->path, SQLITE_OPEN_READWRITE, &s->db, e);
	if (rc == 0)
		rc = db_identify(s->db, &version, e);
	if (rc == 0 && sqlite3_db_readonly(s->db, "main") != 0)
		rc = db_error(s->db, SQLITE_READONLY, "open", e);
	if (rc == 0 && c->exclusive_writer)
		rc = db_lock_take(c->path, &s->lock_fd, e);
	if (rc == 0)
		rc = configure_file(s, version == 0, e);
	return rc;
}

/* SQLite makes it in $TMPDIR, /var/tmp or /tmp and unlinks it at once. */
static int open_temporary(struct store *s, struct err *e)
{
	int rc = db_open("", "temporary database",
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &s->db, e);

	if (rc == 0)
		/* Its only reader and writer is this program, and it ends with it: what
		 * guards a file of ours against others is not needed. */
		rc = db_exec(s->db,
		    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
		    "PRAGMA locking_mode = EXCLUSIVE",
		    e);
	return rc;
}

/* Titles and advice as this program knows them, for people with sqlite3. */
static int refresh_verdicts(struct store *s, struct err *e)
{
	CLEANUP(stmt_fini) struct stmt st = {0};
	int rc = db_exec(s->db, "DELETE FROM verdicts", e);

	if (rc == 0)
		rc = stmt_init(
		    &st, s->db, "INSERT INTO verdicts VALUES (?, ?, ?, ?, ?)", e);
	for (int i = VERDICT_NONE + 1; rc == 0 && i < VERDICT_COUNT; i++) {
		enum verdict v = (enum verdict)i;

		stmt_word(&st, verdict_slug(v));
		stmt_word(&st, verdict_title(v));
		stmt_word(&st, verdict_why(v));
		stmt_word(&st, verdict_advice(v));
		stmt_i64(&st, verdict_is_trunk_failure(v));
		rc = stmt_run(&st, e);
	}
	return rc;
}

static int run_migrations(struct store *s, struct err *e)
{
	char pragma[80];
	int64_t version;
	int rc = db_identify(s->db, &version, e); /* again: now nobody else writes */

	for (int64_t v = version; rc == 0 && schema_migrations[v] != NULL; v++)
		rc = db_exec(s->db, schema_migrations[v], e);
	if (rc < 0)
		return rc;
	(void)snprintf(pragma, sizeof(pragma),
	    "PRAGMA application_id = %d; PRAGMA user_version = %lld",
	    SCHEMA_APPLICATION_ID, (long long)db_newest_version());
	rc = db_exec(s->db, pragma, e);
	if (rc == 0)
		rc = db_exec(s->db, schema_views, e);
	if (rc == 0)
		rc = refresh_verdicts(s, e);
	return rc;
}

/* All or nothing: whoever is killed in the middle leaves the old version. */
static int migrate(struct store *s, struct err *e)
{
	int rc = db_exec(s->db, "BEGIN IMMEDIATE", e);

	if (rc < 0)
		return rc;
	rc = run_migrations(s, e);
	if (rc == 0)
		rc = db_exec(s->db, "COMMIT", e);
	if (rc < 0)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

/* One listing of everything is all that reads it. Rows are appended: as much cache as
 * the newest need is enough, and the program no larger for a longer file. */
static int drop_unread(struct store *s, struct err *e)
{
	return db_exec(s->db,
	    "PRAGMA cache_size = -4096;"
	    "DROP INDEX failures_trunk_at; DROP INDEX failures_incident;"
	    "DROP INDEX messages_failure",
	    e);
}

static int prepare_all(struct store *s, struct err *e)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < STORE_SQL_COUNT; i++)
		rc = stmt_init(&s->stmts[i], s->db, store_sql[i], e);
	return rc;
}

static void close_store(struct store **s)
{
	store_close(*s);
}

int store_open(const struct store_config *c, struct store **out, struct err *e)
{
	CLEANUP(close_store) struct store *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return err_set(e, -ENOMEM, "store: out of memory");
	s->lock_fd = -1;
	s->is_temporary = c->path == NULL;
	(void)snprintf(s->sensor, sizeof(s->sensor), "%s", c->sensor);
	rc = s->is_temporary ? open_temporary(s, e) : open_file(s, c, e);
	if (rc == 0)
		rc = configure_connection(s, e);
	if (rc == 0)
		rc = migrate(s, e);
	if (rc == 0 && s->is_temporary)
		rc = drop_unread(s, e);
	if (rc == 0)
		rc = prepare_all(s, e);
	if (rc < 0)
		return rc;
	*out = KEEP(s);
	return 0;
}

void store_close(struct store *s)
{
	struct err ignored;

	if (s == NULL)
		return;
	(void)store_commit(s, &ignored);
	for (int i = 0; i < STORE_SQL_COUNT; i++)
		stmt_fini(&s->stmts[i]);
	db_close(&s->db);
	if (s->lock_fd >= 0)
		(void)close(s->lock_fd); /* last: until here the file was ours */
	free(s);
}

/*
 * A full or broken disk can make SQLite roll the whole transaction back. Nothing
 * can save those rows, but they are not forgotten.
 */
static void notice_rollback(struct store *s)
{
	if (!s->in_batch || !sqlite3_get_autocommit(s->db))
		return;
	s->lost += s->pending;
	s->pending = 0;
	s->in_batch = false;
	s->in_savepoint = false;
}

int batch_enter(struct store *s, enum put_size size, struct err *e)
{
	int rc = 0;

	if (!s->in_batch) {
		rc = stmt_run(&s->stmts[STORE_BEGIN], e);
		s->in_batch = rc == 0;
	}
	if (rc == 0 && size == PUT_SEVERAL && !s->is_temporary) {
		rc = stmt_run(&s->stmts[STORE_SAVE], e);
		s->in_savepoint = rc == 0;
	}
	return rc;
}

/* Undoes what a put did before it failed. */
static void undo(struct store *s)
{
	struct err ignored;

	if (s->in_savepoint) {
		(void)stmt_run(&s->stmts[STORE_UNDO], &ignored);
		(void)stmt_run(&s->stmts[STORE_RELEASE], &ignored);
	}
	s->in_savepoint = false;
	if (s->in_batch && s->pending == 0) { /* nothing to commit, so nobody would */
		(void)db_exec(s->db, "ROLLBACK", &ignored);
		s->in_batch = false;
	}
}

int batch_leave(struct store *s, int rc, struct err *e)
{
	notice_rollback(s);
	if (rc == 0 && s->in_savepoint) {
		rc = stmt_run(&s->stmts[STORE_RELEASE], e);
		s->in_savepoint = rc != 0;
	}
	if (rc == 0)
		s->pending++;
	else
		undo(s);
	return rc;
}

uint32_t store_pending(const struct store *s)
{
	return s->pending;
}

uint64_t store_lost(const struct store *s)
{
	return s->lost;
}

int store_commit(struct store *s, struct err *e)
{
	int rc;

	if (!s->in_batch)
		return 0;
	rc = stmt_run(&s->stmts[STORE_COMMIT], e);
	if (rc < 0) {
		notice_rollback(s);
		return rc;
	}
	s->pending = 0;
	s->in_batch = false;
	return 0;
}
