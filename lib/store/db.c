/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "store/db.h"
#include "store/schema.h"

enum { BUSY_WAIT_MS = 1500, PAGE_BYTES_MIN = 512 };

static const char *file_of(sqlite3 *db)
{
	const char *path = db != NULL ? sqlite3_db_filename(db, "main") : NULL;

	return path != NULL && path[0] != '\0' ? path : "temporary database";
}

static int locked(const char *path, struct err *e)
{
	return err_set(e, -EBUSY,
	    "%s: locked by another program; end its transaction (a sqlite3 shell?) or "
	    "try again later",
	    path);
}

static int read_only(const char *path, struct err *e)
{
	return err_set(e, -EROFS,
	    "%s: read-only; it and its directory must be writable for this user", path);
}

static int not_sqlite(const char *path, struct err *e)
{
	return err_set(e, -EINVAL,
	    "%s: not an SQLite database, left as it is; choose another file", path);
}

/* SQLite could not open the file, its -wal or its -shm. */
static int cannot_open(const char *path, int os_error, struct err *e)
{
	if (os_error == EROFS)
		return read_only(path, e);
	if (os_error == 0)
		os_error = EIO;
	return err_set(e, -os_error, "%s: %s; check the path and its permissions", path,
	    strerror(os_error));
}

static int error_at(
    const char *path, sqlite3 *db, int rc, const char *doing, struct err *e)
{
	size_t len;

	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return locked(path, e);
	case SQLITE_READONLY:
		return read_only(path, e);
	case SQLITE_CANTOPEN:
		return cannot_open(path, sqlite3_system_errno(db), e);
	case SQLITE_NOTADB:
		return not_sqlite(path, e);
	case SQLITE_CORRUPT:
		return err_set(e, -EIO,
		    "%s: damaged (%s); move it away and a new one is made", path,
		    sqlite3_errmsg(db));
	case SQLITE_FULL:
		return err_set(e, -ENOSPC, "%s: disk full; make room", path);
	case SQLITE_NOMEM:
		return err_set(e, -ENOMEM, "%s: out of memory", path);
	case SQLITE_CONSTRAINT:
		return err_set(e, -EEXIST, "%s: %s", path, sqlite3_errmsg(db));
	default:
		len =
		    strcspn(doing, "\n"); /* an error is one line, a migration is not */
		return err_set(e, -EIO, "%s: %s: %.*s", path, sqlite3_errmsg(db),
		    len < 80 ? (int)len : 80, doing);
	}
}

int db_error(sqlite3 *db, int rc, const char *doing, struct err *e)
{
	return error_at(file_of(db), db, rc, doing, e);
}

int db_check_path(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) == 0) {
		/* Opening a FIFO would wait for ever. SQLite takes a file of one byte
		 * for an empty one. */
		if (!S_ISREG(st.st_mode))
			return err_set(
			    e, -EINVAL, "%s: not a file; choose another one", path);
		if (st.st_size > 0 && st.st_size < PAGE_BYTES_MIN)
			return not_sqlite(path, e);
		return 0;
	}
	if (errno == ENOENT)
		return err_set(e, -ENOENT,
		    "%s: no such database; is trunkwatchd running? --database names "
		    "another file",
		    path);
	if (errno == EACCES)
		return err_set(e, -EACCES,
		    "%s: permission denied; the group of its directory may read it",
		    path);
	return err_set(e, -errno, "%s: %s", path, strerror(errno));
}

void db_close(sqlite3 **db)
{
	(void)sqlite3_close(*db); /* BUSY only with a statement of ours left open */
	*db = NULL;
}

/*
 * PERSIST_WAL: the last to close leaves -wal and -shm where they are, or a reader
 * without write permission on the directory could not open the file any more.
 */
static void configure(sqlite3 *db)
{
	int on = 1;

	(void)sqlite3_extended_result_codes(db, 1);
	(void)sqlite3_busy_timeout(db, BUSY_WAIT_MS);
	(void)sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
	/* The file may come from a stranger: its schema gets no special rights. */
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
}

int db_open(const char *name, const char *path, int flags, sqlite3 **out, struct err *e)
{
	CLEANUP(db_close) sqlite3 *db = NULL;
	int rc = sqlite3_open_v2(name, &db, flags | SQLITE_OPEN_NOMUTEX, NULL);

	if (db == NULL)
		return err_set(e, -ENOMEM, "%s: out of memory", path);
	if (rc != SQLITE_OK)
		return error_at(path, db, rc, "open", e);
	configure(db);
	*out = KEEP(db);
	return 0;
}

int db_exec(sqlite3 *db, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : db_error(db, rc, sql, e);
}

int db_number(sqlite3 *db, const char *sql, int64_t *out, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK) {
		rc = sqlite3_step(st);
		*out = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	}
	(void)sqlite3_finalize(st);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return 0;
	return db_error(db, rc, sql, e);
}

int64_t db_newest_version(void)
{
	int64_t n = 0;

	while (schema_migrations[n] != NULL)
		n++;
	return n;
}

int db_identify(sqlite3 *db, int64_t *version, struct err *e)
{
	int64_t app, tables;
	int rc = db_number(db, "PRAGMA application_id", &app, e);

	if (rc == 0)
		rc = db_number(db, "PRAGMA user_version", version, e);
	if (rc == 0)
		rc = db_number(db, "SELECT count(*) FROM sqlite_master", &tables, e);
	if (rc < 0)
		return rc;
	if (app == 0 && *version == 0 && tables == 0)
		return 0;
	if (app != SCHEMA_APPLICATION_ID)
		return err_set(e, -EINVAL,
		    "%s: a database of another program, left as it is; choose another "
		    "file",
		    file_of(db));
	if (*version > db_newest_version())
		return err_set(e, -EPROTO,
		    "%s: made by a newer trunkwatch (schema %lld, this one knows %lld), "
		    "left as it is; upgrade this one",
		    file_of(db), (long long)*version, (long long)db_newest_version());
	return 0;
}

static void free_text(char **text)
{
	free(*text);
}

static char *lock_name(const char *path)
{
	char *name = NULL;

	return asprintf(&name, "%s.lock", path) >= 0 ? name : NULL;
}

/*
 * A lock of the open file, not of the process (F_OFD_SETLK): it goes with the
 * daemon however that ends, and readers can ask for its holder without taking it
 * for a moment, which would stop a daemon that starts just then.
 */
int db_lock_take(const char *path, int *out, struct err *e)
{
	CLEANUP(free_text) char *name = lock_name(path);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd, os_error;

	if (name == NULL)
		return err_set(e, -ENOMEM, "%s: out of memory", path);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		return cannot_open(name, errno, e);
	if (fcntl(fd, F_OFD_SETLK, &lock) == 0) {
		*out = fd;
		return 0;
	}
	os_error = errno;
	(void)close(fd);
	if (os_error != EAGAIN && os_error != EACCES)
		return err_set(e, -os_error, "%s: %s", name, strerror(os_error));
	return err_set(e, -EBUSY,
	    "%s: another trunkwatchd writes to it (it holds %s); stop that one or choose "
	    "another file",
	    path, name);
}

bool db_lock_is_held(const char *path)
{
	CLEANUP(free_text) char *name = lock_name(path);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	bool held = true; /* in doubt somebody writes */
	int fd;

	if (name == NULL)
		return true;
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno != ENOENT;
	if (fcntl(fd, F_OFD_GETLK, &lock) == 0)
		held = lock.l_type != F_UNLCK;
	(void)close(fd);
	return held;
}
