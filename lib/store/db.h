/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * db - a SQLite connection as both sides of the store want it.
 *
 * Errors     SQLite's codes become negative errno and one sentence with the file
 *            and what to do: -EBUSY locked, -EROFS read-only, -EINVAL not SQLite,
 *            -ENOSPC, -ENOMEM, -EEXIST for a broken constraint, else -EIO.
 * Threads    One connection, one thread at a time.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* flags: SQLITE_OPEN_*; with SQLITE_OPEN_URI name is an URI. path is for errors. */
int db_open(
    const char *name, const char *path, int flags, sqlite3 **out, struct err *e);
void db_close(sqlite3 **db); /* for CLEANUP(); NULL is fine */

/* -ENOENT, -EACCES, -EINVAL: path cannot be a database. Does not open it: closing it
 * again would drop the locks that SQLite holds on it in this process. */
int db_check_path(const char *path, struct err *e);

int db_error(sqlite3 *db, int rc, const char *doing, struct err *e);

/* Statements that return nothing one wants to read. */
int db_exec(sqlite3 *db, const char *sql, struct err *e);

/* First column of the first row as a number; 0 when there is none. */
int db_number(sqlite3 *db, const char *sql, int64_t *out, struct err *e);

/*
 * Is this a trunkwatch database that this program understands? *version gets its
 * PRAGMA user_version, 0 for an empty file. -EINVAL: somebody else's; -EPROTO: made
 * by a newer trunkwatch. Only reads.
 */
int db_identify(sqlite3 *db, int64_t *version, struct err *e);

/* How many migrations this program knows: its newest user_version. */
int64_t db_newest_version(void);

/* PATH.lock: held as long as a daemon writes; the file stays. */
int db_lock_take(const char *path, int *fd, struct err *e);
bool db_lock_is_held(const char *path); /* asks without taking it */

#endif
