/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store_fixture.h"

enum { NOBODY = 65534 };

char dir[PATH_TEXT_MAX];
char path[PATH_TEXT_MAX];

void fixture_setup(void)
{
	(void)umask(022);
	snprintf(dir, sizeof(dir), "/tmp/trunkwatch-store-XXXXXX");
	cr_assert_not_null(mkdtemp(dir));
	if (geteuid() == 0)
		cr_assert_eq(chown(dir, 0, NOBODY), 0);
	cr_assert_eq(chmod(dir, 02750), 0);
	snprintf(path, sizeof(path), "%.180s/trunkwatch.db", dir);
}

void fixture_teardown(void)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			(void)unlinkat(dirfd(d), entry->d_name, 0);
	}
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(dir);
}

struct store *open_store(void)
{
	struct store_config c = {
	    .path = path, .sensor = "dialer1", .exclusive_writer = true};
	struct store *s = NULL;
	struct err e = {0};

	cr_assert_eq(store_open(&c, &s, &e), 0, "%s", e.text);
	return s;
}

struct query *open_query(void)
{
	struct query *q = NULL;
	struct err e = {0};

	cr_assert_eq(query_open(path, &q, &e), 0, "%s", e.text);
	return q;
}

struct slice slice_str(const char *s)
{
	return slice_of(s, strlen(s));
}

void set_text(struct failure *f, struct text *field, struct slice value)
{
	*field = TEXT_PUT(&f->facts, value, FACTS_TEXT_MAX);
	cr_assert_eq(f->facts.pool.cut, 0, "the pool is too small for this test");
}

static struct endpoint endpoint(const char *ip, uint16_t port)
{
	struct endpoint ep = {.port = port};

	cr_assert(ip_addr_parse(slice_str(ip), &ep.ip));
	return ep;
}

void make_failure(struct failure *f, int64_t id, int64_t at_us)
{
	memset(f, 0, sizeof(*f));
	f->id = id;
	f->trunk_id = 1;
	f->verdict = VERDICT_UNKNOWN_REFUSAL;
	f->confidence = 0.5f;
	snprintf(f->trunk, sizeof(f->trunk), "acme");
	f->evidence_count = 3;
	for (int i = 0; i < 3; i++) {
		f->evidence[i].weight = (int16_t)(2 - 2 * i); /* 2, 0, -2 */
		snprintf(f->evidence[i].text, sizeof(f->evidence[i].text),
		    "evidence %d of %lld", i, (long long)id);
	}
	f->facts.direction = DIRECTION_OUTBOUND;
	f->facts.transport = TRANSPORT_UDP;
	f->facts.outcome = OUTCOME_REFUSED;
	f->facts.local = endpoint("192.0.2.10", 5060);
	f->facts.remote = endpoint("2001:db8::1", 5080);
	f->facts.started_at_us = at_us - 300000;
	f->facts.decided_at_us = at_us;
	f->facts.code = 403;
	set_text(f, &f->facts.method, SLICE("INVITE"));
	set_text(f, &f->facts.call_id, SLICE("abc@192.0.2.10"));
	set_text(f, &f->facts.caller_name, SLICE("V1021503040000000042"));
}

void make_incident(struct incident *i, int64_t id, int64_t opened_at_us)
{
	memset(i, 0, sizeof(*i));
	i->id = id;
	i->trunk_id = 1;
	i->verdict = VERDICT_UNKNOWN_REFUSAL;
	i->confidence = 0.75f;
	i->opened_at_us = opened_at_us;
	i->last_at_us = opened_at_us + 1000000;
	i->failures = 2;
	i->attempts = 5;
	i->first_failure = 1;
	i->last_failure = 2;
	snprintf(i->trunk, sizeof(i->trunk), "acme");
	snprintf(i->summary, sizeof(i->summary), "2 of 5 refused");
}

void make_trunk(struct trunk_state *t, int64_t id, const char *name)
{
	memset(t, 0, sizeof(*t));
	t->id = id;
	snprintf(t->name, sizeof(t->name), "%s", name);
	t->registration = REGISTRATION_REGISTERED;
	t->reachability = REACHABILITY_REACHABLE;
	t->first_seen_us = T0;
	t->last_seen_us = T0;
}

void put_failure(struct store *s, int64_t id, int64_t at_us, const char *trunk)
{
	static struct failure f;
	struct err e = {0};

	make_failure(&f, id, at_us);
	snprintf(f.trunk, sizeof(f.trunk), "%s", trunk);
	cr_assert_eq(store_put_failure(s, &f, NULL, 0, &e), 0, "%s", e.text);
}

sqlite3 *plain_open(const char *file, int flags)
{
	sqlite3 *db = NULL;

	cr_assert_eq(sqlite3_open_v2(file, &db, flags, NULL), SQLITE_OK, "%s: %s", file,
	    sqlite3_errmsg(db));
	return db;
}

/* -1: an error, or no row. */
static int64_t try_number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return n;
}

int64_t number(sqlite3 *db, const char *sql)
{
	int64_t n = try_number(db, sql);

	cr_assert_neq(n, -1, "%s: %s", sql, sqlite3_errmsg(db));
	return n;
}

void run_sql(sqlite3 *db, const char *sql)
{
	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s: %s", sql,
	    sqlite3_errmsg(db));
}

int64_t file_number(const char *sql)
{
	sqlite3 *db = plain_open(path, SQLITE_OPEN_READONLY);
	int64_t n = number(db, sql);

	(void)sqlite3_close(db);
	return n;
}

void become_member(void)
{
	if (geteuid() != 0)
		return;
	if (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
		abort();
}

/* In a child of its own: what it wrote to the pipe as a number, else -1. */
static int64_t child_number(void (*child)(const char *sql, FILE *out), const char *sql)
{
	long long n = -1;
	int ends[2], status;
	FILE *in;
	pid_t pid;

	cr_assert_eq(pipe(ends), 0);
	pid = fork();
	cr_assert(pid >= 0);
	if (pid == 0) {
		FILE *out = fdopen(ends[1], "w");

		(void)close(ends[0]);
		become_member();
		child(sql, out);
		(void)fflush(out);
		_exit(0);
	}
	(void)close(ends[1]);
	in = fdopen(ends[0], "r");
	if (fscanf(in, "%lld", &n) != 1)
		n = -1;
	(void)fclose(in);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return n;
}

static void plain_reader(const char *sql, FILE *out)
{
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
		fprintf(out, "%lld\n", (long long)try_number(db, sql));
	(void)sqlite3_close(db);
}

int64_t member_number(const char *sql)
{
	return child_number(plain_reader, sql);
}

static void shell_reader(const char *sql, FILE *out)
{
	(void)dup2(fileno(out), STDOUT_FILENO);
	(void)execlp("sqlite3", "sqlite3", "-readonly", path, sql, (char *)NULL);
	fprintf(out, "-2\n");
}

int64_t member_shell_number(const char *sql)
{
	return child_number(shell_reader, sql);
}

struct slice file_bytes(const char *file)
{
	static char bytes[1 << 20];
	FILE *f = fopen(file, "r");
	size_t n;

	cr_assert_not_null(f, "%s", file);
	n = fread(bytes, 1, sizeof(bytes), f);
	(void)fclose(f);
	return slice_of(bytes, n);
}

void write_file(const char *file, struct slice bytes)
{
	FILE *f = fopen(file, "w");

	cr_assert_not_null(f, "%s", file);
	cr_assert_eq(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
	(void)fclose(f);
}
