/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening: what is made, what is refused, and that nothing refused is touched. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/db.h"
#include "store/schema.h"
#include "store_fixture.h"

TestSuite(store_open, .init = fixture_setup, .fini = fixture_teardown);

static struct err e;

static int try_open(const char *file)
{
	struct store_config c = {
	    .path = file, .sensor = "dialer1", .exclusive_writer = true};
	struct store *s = NULL;
	int rc = store_open(&c, &s, &e);

	if (rc == 0)
		store_close(s);
	else
		cr_expect_null(s);
	return rc;
}

static int try_query(const char *file)
{
	struct query *q = NULL;
	int rc = query_open(file, &q, &e);

	if (rc == 0)
		query_close(q);
	else
		cr_expect_null(q);
	return rc;
}

/* One line, with the file and a hint, whole. */
static void expect_sentence(const char *file, const char *hint)
{
	cr_expect_not_null(strstr(e.text, file), "%s", e.text);
	cr_expect_not_null(strstr(e.text, hint), "'%s' is not in '%s'", hint, e.text);
	cr_expect_null(strchr(e.text, '\n'), "%s", e.text);
	cr_expect_lt(strlen(e.text), sizeof(e.text) - 1, "%s", e.text);
}

/* Both sides refuse a file and leave each byte of it. */
static void expect_refused(int rc, const char *hint)
{
	static char before[1 << 20];
	struct slice was = file_bytes(path);

	memcpy(before, was.ptr, was.len);
	was.ptr = before;
	cr_expect_eq(try_open(path), rc, "%s", e.text);
	cr_expect_eq(e.code, rc);
	expect_sentence(path, hint);
	cr_expect_eq(try_query(path), rc, "%s", e.text);
	expect_sentence(path, hint);
	cr_expect(slice_eq(file_bytes(path), was), "the file was changed");
}

static mode_t mode_of(const char *suffix)
{
	char name[PATH_TEXT_MAX + 8];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return stat(name, &st) == 0 ? st.st_mode & 07777 : 0;
}

Test(store_open, makes_what_schema_md_promises)
{
	struct store *s;

	(void)umask(0177); /* a unit file may say anything */
	s = open_store();
	cr_expect_eq(mode_of(""), 0640);
	cr_expect_eq(mode_of("-wal"), 0640);
	cr_expect_eq(mode_of("-shm"), 0640);
	store_close(s);
	cr_expect_eq(file_number("PRAGMA auto_vacuum"), 2, "INCREMENTAL");
	cr_expect_eq(file_number("PRAGMA application_id"), SCHEMA_APPLICATION_ID);
	cr_expect_eq(file_number("PRAGMA user_version"), db_newest_version());
	cr_expect_eq(file_number("SELECT count(*) FROM pragma_journal_mode"
				 " WHERE journal_mode = 'wal'"),
	    1);
	cr_expect_eq(mode_of("-wal"), 0640, "a reader could not open it any more");
	cr_expect_eq(mode_of("-shm"), 0640);
	cr_expect_neq(mode_of(".lock"), 0);
}

Test(store_open, the_auto_vacuum_test_can_fail)
{
	sqlite3 *db = plain_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

	/* the order that loses it */
	run_sql(db, "PRAGMA journal_mode = WAL; CREATE TABLE t(x);"
		    "PRAGMA auto_vacuum = INCREMENTAL");
	cr_expect_eq(number(db, "PRAGMA auto_vacuum"), 0);
	(void)sqlite3_close(db);
}

Test(store_open, again_keeps_what_is_there)
{
	struct store *s = open_store();

	put_failure(s, 1, T0, "acme");
	store_close(s); /* commits */
	s = open_store();
	put_failure(s, 2, T0, "acme");
	store_close(s);
	cr_expect_eq(file_number("SELECT count(*) FROM failures"), 2);
}

Test(store_open, an_empty_file_is_a_new_database)
{
	write_file(path, SLICE(""));
	cr_expect_eq(try_query(path), -EINVAL);
	expect_sentence(path, "empty");
	cr_expect_eq(try_open(path), 0, "%s", e.text);
	cr_expect_eq(file_number("PRAGMA auto_vacuum"), 2);
	cr_expect_eq(try_query(path), 0, "%s", e.text);
}

/* Killed after journal_mode, before the tables. */
Test(store_open, a_database_half_made_is_finished)
{
	sqlite3 *db = plain_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

	run_sql(db, "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL");
	(void)sqlite3_close(db);
	cr_expect_eq(try_open(path), 0, "%s", e.text);
	cr_expect_eq(file_number("PRAGMA user_version"), db_newest_version());
	cr_expect_eq(file_number("PRAGMA auto_vacuum"), 2);
	cr_expect_eq(file_number("SELECT count(*) FROM recent_failures"), 0);
}

Test(store_open, views_and_verdicts_are_made_anew)
{
	struct store *s = open_store();
	sqlite3 *db;

	store_close(s);
	db = plain_open(path, SQLITE_OPEN_READWRITE);
	run_sql(db,
	    "DROP VIEW trunk_status; CREATE VIEW trunk_status AS SELECT 1 AS old;"
	    "UPDATE verdicts SET title = 'old'");
	(void)sqlite3_close(db);
	cr_expect_eq(try_open(path), 0, "%s", e.text);
	cr_expect_eq(
	    file_number("SELECT count(*) FROM pragma_table_info('trunk_status')"
			" WHERE name = 'last_failure_at'"),
	    1);
	cr_expect_eq(
	    file_number("SELECT count(*) FROM verdicts WHERE title = 'old'"), 0);
	cr_expect_eq(file_number("SELECT count(*) FROM verdicts"), VERDICT_COUNT - 1);
}

static const struct slice not_sqlite[] = {
    SLICE_INIT("x"),
    SLICE_INIT("capture:\n  interfaces: [any]\n"),
    SLICE_INIT("SQLite format 2\0 and then something else"),
    SLICE_INIT("\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x01\0\0\0"),
};

Test(store_open, what_is_not_sqlite_is_left_alone)
{
	static char page[8192];

	for (size_t i = 0; i < sizeof(not_sqlite) / sizeof(not_sqlite[0]); i++) {
		write_file(path, not_sqlite[i]);
		expect_refused(-EINVAL, "not an SQLite database");
	}
	memset(page, 'a', sizeof(page));
	write_file(path, slice_of(page, sizeof(page)));
	expect_refused(-EINVAL, "not an SQLite database");
}

Test(store_open, another_programs_database_is_left_alone)
{
	sqlite3 *db = plain_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

	run_sql(db, "CREATE TABLE failures(id); INSERT INTO failures VALUES (1)");
	expect_refused(-EINVAL, "another program");
	run_sql(db, "PRAGMA application_id = 1196444487; PRAGMA user_version = 1");
	expect_refused(-EINVAL, "another program");
	(void)sqlite3_close(db);
}

Test(store_open, a_newer_database_is_left_alone)
{
	struct store *s = open_store();
	sqlite3 *db;

	put_failure(s, 1, T0, "acme");
	store_close(s);
	db = plain_open(path, SQLITE_OPEN_READWRITE);
	run_sql(db, "PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)");
	(void)sqlite3_close(db);
	expect_refused(-EPROTO, "newer trunkwatch");
}

Test(store_open, a_reader_wants_the_daemon_to_upgrade_an_old_one)
{
	sqlite3 *db = plain_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

	/* user_version 0, and yet ours: there never was such a release */
	run_sql(db, "PRAGMA application_id = 1415005250; CREATE TABLE x(y)");
	(void)sqlite3_close(db);
	cr_expect_eq(SCHEMA_APPLICATION_ID, 1415005250);
	cr_expect_lt(try_query(path), 0);
	expect_sentence(path, "trunkwatchd");
}

Test(store_open, damage_is_an_error)
{
	struct store *s = open_store();
	static char page[4096];
	FILE *f;

	store_close(s);
	memset(page, 0x5a, sizeof(page));
	f = fopen(path, "r+");
	(void)fseek(f, 0, SEEK_END);
	for (long at = ftell(f) - 4096; at > 0; at -= 4096) {
		(void)fseek(f, at, SEEK_SET);
		(void)fwrite(page, 1, sizeof(page), f);
	}
	(void)fclose(f);
	cr_expect_eq(try_open(path), -EIO, "%s", e.text);
	expect_sentence(path, "damaged");
	cr_expect_eq(try_query(path), -EIO, "%s", e.text);
}

Test(store_open, paths_that_cannot_be_a_database)
{
	char name[PATH_TEXT_MAX + 32];

	cr_expect_eq(try_open(dir), -EINVAL, "%s", e.text);
	cr_expect_eq(try_query(dir), -EINVAL, "%s", e.text);
	snprintf(name, sizeof(name), "%s/no/such.db", dir);
	cr_expect_eq(try_open(name), -ENOENT, "%s", e.text);
	expect_sentence(name, "No such file");
	cr_expect_eq(try_query(name), -ENOENT, "%s", e.text);
	expect_sentence(name, "no such database");
	snprintf(name, sizeof(name), "%s/fifo", dir);
	cr_assert_eq(mkfifo(name, 0600), 0);
	cr_expect_eq(try_open(name), -EINVAL, "%s", e.text);
	cr_expect_eq(try_query(name), -EINVAL, "%s", e.text);
	cr_expect_eq(try_query(path), -ENOENT, "%s", e.text);
	cr_expect_neq(access(path, F_OK), 0, "a reader made a file");
}

Test(store_open, a_transaction_of_somebody_else_is_waited_for_and_then_told)
{
	struct store *s = open_store();
	sqlite3 *db;

	store_close(s);
	db = plain_open(path, SQLITE_OPEN_READWRITE);
	run_sql(db, "BEGIN IMMEDIATE");
	cr_expect_eq(try_open(path), -EBUSY);
	expect_sentence(path, "locked");
	cr_expect_eq(try_query(path), 0, "readers are not kept out: %s", e.text);
	run_sql(db, "ROLLBACK");
	cr_expect_eq(try_open(path), 0, "%s", e.text);
	(void)sqlite3_close(db);
}

/* The one lock that keeps readers out, too. */
Test(store_open, an_exclusive_lock_is_told_to_both_sides)
{
	struct store *s = open_store();
	sqlite3 *db;

	store_close(s);
	db = plain_open(path, SQLITE_OPEN_READWRITE);
	run_sql(db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT");
	cr_expect_eq(try_open(path), -EBUSY);
	expect_sentence(path, "locked");
	cr_expect_eq(try_query(path), -EBUSY);
	expect_sentence(path, "locked");
	(void)sqlite3_close(db);
}

/* A broken disk in the middle of a migration: still one line. */
Test(store_open, an_error_of_a_script_is_one_line)
{
	sqlite3 *db = plain_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

	cr_expect_eq(db_exec(db, "SELECT 1;\nSELECT no_such();\nSELECT 2", &e), -EIO);
	expect_sentence(path, "no_such");
	(void)sqlite3_close(db);
}

Test(store_open, a_locked_put_can_be_tried_again)
{
	static struct failure f;
	struct store *s = open_store();
	sqlite3 *db = plain_open(path, SQLITE_OPEN_READWRITE);

	run_sql(db, "BEGIN IMMEDIATE");
	make_failure(&f, 1, T0);
	cr_expect_eq(store_put_failure(s, &f, NULL, 0, &e), -EBUSY);
	expect_sentence(path, "locked");
	cr_expect_eq(store_pending(s), 0);
	cr_expect_eq(store_lost(s), 0);
	run_sql(db, "COMMIT");
	cr_expect_eq(store_put_failure(s, &f, NULL, 0, &e), 0, "%s", e.text);
	cr_expect_eq(store_commit(s, &e), 0, "%s", e.text);
	cr_expect_eq(number(db, "SELECT count(*) FROM failures"), 1);
	(void)sqlite3_close(db);
	store_close(s);
}

Test(store_open, one_daemon_at_a_time)
{
	struct store_config second = {.path = path, .sensor = "dialer2"};
	struct store *s = open_store(), *t = NULL;

	cr_expect_eq(try_open(path), -EBUSY);
	expect_sentence(path, "another trunkwatchd");
	cr_expect(db_lock_is_held(path));
	cr_expect_eq(store_open(&second, &t, &e), 0, "not exclusive: %s", e.text);
	store_close(t);
	store_close(s);
	cr_expect_not(db_lock_is_held(path));
	cr_expect_eq(try_open(path), 0, "%s", e.text);
}

Test(store_open, a_killed_daemon_leaves_no_lock)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		(void)open_store();
		(void)raise(SIGKILL);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFSIGNALED(status));
	cr_expect_not(db_lock_is_held(path));
	cr_expect_eq(try_open(path), 0, "%s", e.text);
}

/* In a child without root's rights; its exit status is the answer. */
static int as_member(int (*try)(const char *), const char *file)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int rc;

		become_member();
		rc = try(file);
		if (rc < 0 && strstr(e.text, file) == NULL)
			_exit(99);
		_exit(-rc);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -1000;
}

Test(store_open, read_only_is_told)
{
	char missing[PATH_TEXT_MAX + 8];
	struct store *s = open_store();

	snprintf(missing, sizeof(missing), "%s2", path);
	store_close(s);
	cr_assert_eq(chmod(path, 0440), 0);
	cr_assert_eq(chmod(dir, 02550), 0);
	cr_expect_eq(as_member(try_open, path), -EROFS);
	cr_expect_eq(as_member(try_open, missing), -EROFS);
	cr_expect_eq(as_member(try_query, path), 0);
	cr_assert_eq(chmod(path, 0400), 0);
	if (geteuid() == 0)
		cr_expect_eq(as_member(try_query, path), -EACCES);
	cr_assert_eq(chmod(dir, 02750), 0);
}

/* Root's read-write shell removed -wal and -shm; the directory is not ours. */
Test(store_open, without_a_wal_it_is_read_as_immutable)
{
	static const char *const names[] = {"a b?mode=rw#c%41.db", "plain.db"};
	char name[PATH_TEXT_MAX + 32], side[PATH_TEXT_MAX + 40];
	struct store *s;

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%.150s/%s", dir, names[i]);
		snprintf(name, sizeof(name), "%s", path);
		s = open_store();
		put_failure(s, 1, T0, "acme");
		store_close(s);
		snprintf(side, sizeof(side), "%s-wal", name);
		cr_assert_eq(unlink(side), 0);
		cr_assert_neq(access(side, F_OK), 0);
		snprintf(side, sizeof(side), "%s-shm", name);
		cr_assert_eq(unlink(side), 0);
		cr_expect_eq(as_member(try_query, name), 0, "%s", name);
		if (geteuid() == 0)
			cr_expect_eq(member_number("SELECT count(*) FROM failures"), -1,
			    "then immutable=1 is not needed any more");
		cr_expect_neq(access(side, F_OK), 0, "a reader made %s", side);
	}
}

Test(store_open, every_query_works_on_an_immutable_one)
{
	char side[PATH_TEXT_MAX + 8], value[16];
	struct store *s = open_store();
	struct query *q;

	cr_assert_eq(store_put_meta(s, "key", "value", &e), 0);
	store_close(s);
	snprintf(side, sizeof(side), "%s-wal", path);
	cr_assert_eq(unlink(side), 0);
	q = open_query();
	cr_expect_eq(query_meta(q, "key", value, sizeof(value), &e), 0, "%s", e.text);
	cr_expect_str_eq(value, "value");
	query_close(q);
	cr_expect_neq(access(side, F_OK), 0, "a reader made %s", side);
}
