/* SPDX-License-Identifier: BSD-2-Clause */
/* The queue and the thread behind it, with a store that fails on command. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include "log.h"
#include "now.h"
#include "store_thread.h"

static struct {
	_Atomic int failure_rc, commit_rc;
	_Atomic unsigned failures, others, commits, closed, retains;
	_Atomic uint32_t pending;
	_Atomic int64_t last_id, first_commit_us;
	_Atomic uint64_t message_bytes;
	_Atomic bool is_wrong; /* bytes that are not those put in */
} fake;

int store_put_failure(struct store *s, const struct failure *f,
    const struct failure_message *msgs, size_t count, struct err *e)
{
	struct slice id = TEXT_GET(&f->facts, f->facts.call_id);

	(void)s;
	if (fake.failure_rc != 0)
		return err_set(e, fake.failure_rc, "put failed");
	if (!slice_eq(id, SLICE("call-id")) || f->id <= fake.last_id)
		fake.is_wrong = true;
	fake.last_id = f->id;
	for (size_t i = 0; i < count; i++) {
		fake.message_bytes += msgs[i].bytes.len;
		for (size_t j = 0; j < msgs[i].bytes.len; j++) {
			if (msgs[i].bytes.ptr[j] != (char)('a' + i))
				fake.is_wrong = true;
		}
	}
	fake.failures++;
	fake.pending++;
	return 0;
}

static int put_other(void)
{
	fake.others++;
	fake.pending++;
	return 0;
}

int store_put_incident(struct store *s, const struct incident *i, struct err *e)
{
	(void)s, (void)e;
	fake.is_wrong = fake.is_wrong || i->id != 11;
	return put_other();
}

int store_put_moved(struct store *s, const struct moved_failure *m, struct err *e)
{
	(void)s, (void)e;
	fake.is_wrong = fake.is_wrong || m->failure_id != 7 || m->incident_id != 11;
	return put_other();
}

int store_put_trunk(struct store *s, const struct trunk_state *t, struct err *e)
{
	(void)s, (void)e;
	fake.is_wrong = fake.is_wrong || t->id != 12;
	return put_other();
}

int store_put_minute(struct store *s, const struct trunk_minute *m, struct err *e)
{
	(void)s, (void)e;
	fake.is_wrong = fake.is_wrong || m->trunk_id != 13;
	return put_other();
}

int store_put_capture_minute(
    struct store *s, const struct capture_minute *m, struct err *e)
{
	(void)s, (void)e;
	fake.is_wrong = fake.is_wrong || m->packets != 14;
	return put_other();
}

int store_put_past(struct store *s, const struct trunk_past *p, struct err *e)
{
	(void)s, (void)e;
	fake.is_wrong = fake.is_wrong || p->trunk_id != 15 || p->len != 3 ||
			memcmp(p->bytes, "abc", 3) != 0;
	return put_other();
}

int store_put_meta(struct store *s, const char *key, const char *value, struct err *e)
{
	(void)s, (void)e;
	fake.is_wrong =
	    fake.is_wrong || strcmp(key, "k") != 0 || strcmp(value, "v") != 0;
	return put_other();
}

uint32_t store_pending(const struct store *s)
{
	(void)s;
	return fake.pending;
}

int store_commit(struct store *s, struct err *e)
{
	(void)s;
	if (fake.commit_rc != 0)
		return err_set(e, fake.commit_rc, "commit failed");
	if (fake.commits++ == 0)
		fake.first_commit_us = now_steady_us();
	fake.pending = 0;
	return 0;
}

/* Never done: as with a database far too large. */
int store_retain(struct store *s, const struct store_retention *r, struct err *e)
{
	(void)s, (void)e;
	fake.retains++;
	while (r->has_time(r->ctx))
		;
	return 1;
}

void store_close(struct store *s)
{
	(void)s;
	fake.closed++;
}

static struct store_queue queue;
static struct store_thread thread;
static struct sink sink;
static struct err err;
static _Atomic unsigned told;

static void on_failed(void *ctx)
{
	(void)ctx;
	told++;
}

static int64_t retain_us; /* 0: nothing is deleted */

static void start(bool is_file)
{
	log_init(LOG_LEVEL_ERROR);
	cr_assert_eq(store_queue_init(&queue, 65536, is_file, &err), 0);
	sink = store_queue_sink(&queue);
	thread = (struct store_thread){.queue = &queue,
	    .is_file = is_file,
	    .retain_us = retain_us,
	    .on_failed = on_failed};
	cr_assert_eq(store_thread_start(&thread, &err), 0);
}

static void put_failure(int64_t id, size_t messages, size_t message_len)
{
	static char bytes[FAILURE_MESSAGES_MAX][70000];
	static struct failure f;
	struct failure_message msgs[FAILURE_MESSAGES_MAX] = {0};

	memset(&f, 0, sizeof(f));
	f.id = id;
	f.facts.call_id = TEXT_PUT(&f.facts, SLICE("call-id"), 100);
	for (size_t i = 0; i < messages; i++) {
		memset(bytes[i], (int)('a' + i), message_len);
		msgs[i].bytes = slice_of(bytes[i], message_len);
	}
	sink.failure(sink.ctx, &f, msgs, messages);
	store_queue_flush(&queue);
}

static bool wait_until(_Atomic unsigned *counter, unsigned want)
{
	for (int i = 0; i < 500 && *counter < want; i++)
		(void)usleep(10000);
	return *counter >= want;
}

static uint64_t dropped, thin_records; /* by the queue, until it was stopped */

static void stop(void)
{
	store_thread_stop(&thread);
	dropped = queue.dropped;
	thin_records = queue.thin_records;
	cr_assert_eq(fake.closed, 1);
	cr_assert_not(fake.is_wrong);
	store_queue_fini(&queue);
}

Test(store, every_kind_of_record_arrives)
{
	const struct incident incident = {.id = 11};
	const struct moved_failure moved = {7, 11};
	const struct trunk_state trunk = {.id = 12};
	const struct trunk_minute minute = {.trunk_id = 13};
	const struct capture_minute capture = {.packets = 14};
	static const struct trunk_past past = {
	    .trunk_id = 15, .len = 3, .bytes = "abc"};

	start(false);
	sink.past(sink.ctx, &past);
	sink.moved(sink.ctx, &moved);
	sink.incident(sink.ctx, &incident);
	sink.trunk(sink.ctx, &trunk);
	sink.minute(sink.ctx, &minute);
	sink.capture_minute(sink.ctx, &capture);
	store_queue_put_meta(&queue, "k", "v");
	put_failure(1, 3, 777);
	stop();
	cr_assert_eq(fake.others, 7);
	cr_assert_eq(fake.failures, 1);
	cr_assert_eq(fake.message_bytes, 3 * 777);
	cr_assert_eq(fake.pending, 0);
	cr_assert_eq(thread.rows, 8);
}

Test(store, a_failure_is_committed_within_a_quarter_second)
{
	int64_t put_at;

	start(false);
	put_at = now_steady_us();
	put_failure(1, 0, 0);
	cr_assert(wait_until(&fake.commits, 1));
	cr_assert_leq(fake.first_commit_us - put_at, 250000);
	cr_assert_geq(fake.first_commit_us - put_at, 50000, "a batch gathers first");
	stop();
}

Test(store, other_rows_wait_a_second)
{
	static const struct trunk_state trunk = {.id = 12};
	int64_t put_at;

	start(false);
	put_at = now_steady_us();
	store_queue_sink(&queue).trunk(&queue, &trunk);
	store_queue_flush(&queue);
	cr_assert(wait_until(&fake.commits, 1));
	cr_assert_geq(fake.first_commit_us - put_at, 900000);
	stop();
}

/* Retention that takes for ever delays findings by its turn, and the end not at all. */
Test(store, findings_have_their_turn_while_old_rows_are_deleted)
{
	int64_t began;

	retain_us = 1;
	start(false);
	cr_assert(wait_until(&fake.retains, 2));
	began = now_steady_us();
	put_failure(1, 0, 0);
	store_queue_flush(&queue);
	cr_assert(wait_until(&fake.commits, 1));
	cr_expect_lt(now_steady_us() - began, USEC_PER_SEC);
	began = now_steady_us();
	stop();
	cr_expect_lt(now_steady_us() - began, USEC_PER_SEC);
}

Test(store, a_lock_is_waited_for_and_nothing_is_lost)
{
	fake.failure_rc = -EBUSY;
	start(false);
	for (int64_t id = 1; id <= 10; id++)
		put_failure(id, 1, 100);
	(void)usleep(300000);
	cr_assert_eq(fake.failures, 0);
	fake.failure_rc = 0;
	cr_assert(wait_until(&fake.failures, 10));
	fake.commit_rc = -EBUSY;
	put_failure(11, 0, 0);
	(void)usleep(400000);
	fake.commit_rc = 0;
	stop();
	cr_assert_eq(fake.failures, 11);
	cr_assert_eq(fake.pending, 0);
	cr_assert_eq(dropped, 0);
	cr_assert_eq(thread.error.code, 0);
}

Test(store, a_full_queue_drops_and_counts)
{
	fake.failure_rc = -EBUSY;
	start(false);
	for (int64_t id = 1; id <= 100; id++)
		put_failure(id, 1, 5000);
	cr_assert_gt(queue.dropped, 80);
	fake.failure_rc = 0;
	stop();
	cr_assert_eq(fake.failures + dropped, 100);
}

Test(store, with_a_file_a_full_queue_waits)
{
	start(true);
	for (int64_t id = 1; id <= 500; id++)
		put_failure(id, 1, 5000);
	stop();
	cr_assert_eq(dropped, 0);
	cr_assert_eq(fake.failures, 500);
}

Test(store, messages_too_large_for_the_queue_are_left_out)
{
	start(false);
	put_failure(1, 10, 70000);
	put_failure(2, 1, 100);
	stop();
	cr_assert_eq(fake.failures, 2);
	cr_assert_eq(fake.message_bytes, 100);
	cr_assert_eq(thin_records, 1);
}

Test(store, a_refused_row_is_dropped_and_the_next_ones_are_not)
{
	fake.failure_rc = -EINVAL;
	start(false);
	put_failure(1, 0, 0);
	for (int i = 0; i < 500 && thread.refused == 0; i++)
		(void)usleep(10000);
	fake.failure_rc = 0;
	put_failure(2, 0, 0);
	stop();
	cr_assert_eq(thread.refused, 1);
	cr_assert_eq(fake.failures, 1);
	cr_assert_eq(thread.error.code, 0);
}

Test(store, a_broken_database_ends_the_thread_and_is_told)
{
	fake.failure_rc = -EIO;
	start(true);
	put_failure(1, 0, 0);
	cr_assert(wait_until(&told, 1));
	for (int64_t id = 2; id <= 200; id++)
		put_failure(id, 1, 5000); /* must not wait for a thread that is gone */
	stop();
	cr_assert_eq(thread.error.code, -EIO);
	cr_assert_str_eq(thread.error.text, "put failed");
}

Test(store, a_commit_that_fails_for_good_is_told)
{
	fake.commit_rc = -EROFS;
	start(false);
	put_failure(1, 0, 0);
	cr_assert(wait_until(&told, 1));
	stop();
	cr_assert_eq(thread.error.code, -EROFS);
}

Test(store, stopping_an_idle_thread_is_quick)
{
	int64_t before;

	start(false);
	(void)usleep(50000);
	before = now_steady_us();
	stop();
	cr_assert_lt(now_steady_us() - before, 500000);
}
