/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_fixture - a directory like the daemon's, records to put, and other people's
 * SQLite connections to look at what became of them.
 *
 * Every check goes through Criterion's asserts, so callers read straight on.
 */
#ifndef STORE_STORE_FIXTURE_H
#define STORE_STORE_FIXTURE_H

#include <sqlite3.h>

#include "store/query.h"
#include "store/store.h"

enum { PATH_TEXT_MAX = 200 };

/* 2026-01-02 03:04:05.678901 UTC */
#define T0 INT64_C(1767323045678901)

extern char dir[PATH_TEXT_MAX];  /* mode 2750, made for each test */
extern char path[PATH_TEXT_MAX]; /* dir/trunkwatch.db */

/* For TestSuite(..., .init = , .fini = ). */
void fixture_setup(void);
void fixture_teardown(void);

struct store *open_store(void); /* path, sensor "dialer1", exclusive */
struct query *open_query(void); /* path */
void make_failure(struct failure *f, int64_t id, int64_t at_us);
void make_incident(struct incident *i, int64_t id, int64_t opened_at_us);
void make_trunk(struct trunk_state *t, int64_t id, const char *name);
void set_text(struct failure *f, struct text *field, struct slice value);
void put_failure(struct store *s, int64_t id, int64_t at_us, const char *trunk);
struct slice slice_str(const char *s);

/* A plain connection as sqlite3 opens one, read-write or read-only. */
sqlite3 *plain_open(const char *file, int flags);
int64_t number(sqlite3 *db, const char *sql);
void run_sql(sqlite3 *db, const char *sql);
int64_t file_number(const char *sql); /* read-only, of path */

/*
 * What a member of the directory's group gets: a child process that has no other
 * right than the group's (where the test runs as root; else the same user).
 * -1: it could not.
 */
int64_t member_number(const char *sql);
/* The same with `sqlite3 -readonly`; -2: there is no sqlite3 here. */
int64_t member_shell_number(const char *sql);
void become_member(void); /* in a child */

/* The bytes of a file, to see that nothing was overwritten. */
struct slice file_bytes(const char *file);
void write_file(const char *file, struct slice bytes);

#endif
