/* SPDX-License-Identifier: BSD-2-Clause */
/* Kill it at any moment: the database is whole, and readers do not notice. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store_fixture.h"

TestSuite(store_crash, .init = fixture_setup, .fini = fixture_teardown);

static struct err e;

/* Writes failures with evidence and messages from id on until it is killed. */
static void write_for_ever(int told)
{
	static struct failure f;
	struct failure_message msgs[4] = {
	    {.bytes = SLICE_INIT("INVITE sip:x SIP/2.0\r\n\r\n"), .copies = 1}};
	struct store *s = open_store();
	struct store_start start;

	for (int i = 1; i < 4; i++)
		msgs[i] = msgs[0];
	if (store_load_start(s, &start, &e) < 0)
		_exit(3);
	for (int64_t id = start.next_failure_id;; id++) {
		make_failure(&f, id, T0 + id);
		if (store_put_failure(s, &f, msgs, 4, &e) < 0)
			_exit(4);
		if (store_pending(s) < 20)
			continue;
		if (store_commit(s, &e) < 0)
			_exit(5);
		(void)!write(told, &id, sizeof(id)); /* up to here it is safe */
	}
}

/* The id that the writer last knew to be committed. */
static int64_t write_and_kill(unsigned after_us)
{
	int64_t safe = 0, id;
	int ends[2], status;
	pid_t pid;

	cr_assert_eq(pipe(ends), 0);
	pid = fork();
	cr_assert(pid >= 0);
	if (pid == 0)
		write_for_ever(ends[1]);
	(void)close(ends[1]);
	cr_assert_eq(read(ends[0], &safe, sizeof(safe)), sizeof(safe), "no commit");
	(void)usleep(after_us);
	cr_assert_eq(kill(pid, SIGKILL), 0);
	while (read(ends[0], &id, sizeof(id)) == sizeof(id))
		safe = id;
	(void)close(ends[0]);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFSIGNALED(status), "it ended by itself: %#x", (unsigned)status);
	return safe;
}

Test(store_crash, sigkill_in_the_middle_of_writing)
{
	for (unsigned round = 0; round < 12; round++) {
		int64_t safe = write_and_kill(1000 + 3777 * round);
		/* A reader comes first, before any writer repairs. */
		int64_t seen = member_number("SELECT max(id) FROM failures");

		cr_expect_geq(seen, safe, "a committed failure is gone");
		cr_expect_eq(member_number("SELECT count(*) FROM pragma_integrity_check"
					   " WHERE integrity_check = 'ok'"),
		    1);
		cr_expect_eq(
		    member_number(
			"SELECT count(*) FROM failures f WHERE"
			" (SELECT count(*) FROM evidence WHERE failure_id = f.id) <> 3"
			" OR (SELECT count(*) FROM messages WHERE failure_id = f.id) <> 4"),
		    0, "half a failure");
	}
}

static const char count_sql[] = "SELECT count(*) FROM recent_failures";

static void expect_readable(int64_t want, const char *when)
{
	struct query *q = open_query();
	int64_t shell = member_shell_number(count_sql);

	query_close(q);
	cr_expect_eq(member_number(count_sql), want, "%s", when);
	if (shell != -2)
		cr_expect_eq(shell, want, "sqlite3 -readonly %s", when);
	cr_expect_eq(file_number(count_sql), want, "root, %s", when);
}

Test(store_crash, the_group_can_read_while_open_and_after_close_and_after_a_kill)
{
	struct store *s = open_store();
	int status;
	pid_t pid;

	put_failure(s, 1, T0, "acme");
	cr_assert_eq(store_commit(s, &e), 0);
	expect_readable(1, "while it is open");
	put_failure(s, 2, T0, "acme");
	expect_readable(1, "in the middle of a batch");
	store_close(s);
	expect_readable(2, "after it was closed");
	pid = fork();
	if (pid == 0) {
		s = open_store();
		put_failure(s, 3, T0, "acme");
		(void)store_commit(s, &e);
		put_failure(s, 4, T0, "acme"); /* never committed */
		(void)raise(SIGKILL);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFSIGNALED(status));
	expect_readable(3, "after it was killed");
	store_close(open_store());
	expect_readable(3, "after the next one");
}

/* Readers come and go while the daemon writes: nobody waits for nobody. */
Test(store_crash, readers_and_the_writer_do_not_disturb_each_other)
{
	struct store *s = open_store();
	struct query *q;

	for (int64_t id = 1; id <= 200; id++) {
		put_failure(s, id, T0, "acme");
		if (id % 20 != 0)
			continue;
		cr_assert_eq(store_commit(s, &e), 0, "%s", e.text);
		q = open_query();
		cr_expect_eq(member_number(count_sql), id);
		query_close(q);
	}
	store_close(s);
}
