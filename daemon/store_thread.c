/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_thread.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "log.h"
#include "now.h"

#define COMMIT_NEWS_US  (200 * USEC_PER_MSEC) /* leaves 50 ms for the commit itself */
#define COMMIT_US       (1 * USEC_PER_SEC)
#define RETRY_US        (50 * USEC_PER_MSEC)
#define PATIENCE_US     (30 * USEC_PER_SEC)   /* of a file's reader with a lock */
#define RETAIN_FOR_US   (100 * USEC_PER_MSEC) /* at a time: findings wait meanwhile */
#define RETAIN_EVERY_US (10 * USEC_PER_MIN)

/* A storm fills the database in less. As little is deleted at a time as makes room for
 * so many rows: findings wait meanwhile. */
enum { RETAIN_EVERY_ROWS = 10000 };

struct store_writer {
	struct store_thread *t;
	struct store_item item;
	struct failure copy;  /* too large for a stack */
	int64_t commit_at_us; /* steady clock; INT64_MAX: nothing is pending */
	int64_t
	    troubled_at_us; /* since when the database cannot be written; 0: it can */
	int64_t retain_at_us, retain_until_us;
	bool is_retaining;      /* there was more to do than it had time for */
	uint64_t retained_rows; /* written when it was done last */
	int64_t decided_us[STORE_BATCH_ROWS]; /* of the refusals in this batch */
	size_t decided_count;
	struct log_limit refused_limit, trouble_limit;
};

static int write_item(struct store *s, const struct store_item *item, struct err *e)
{
	switch (item->kind) {
	case STORE_ITEM_FAILURE:
		return store_put_failure(
		    s, item->u.failure, item->messages, item->message_count, e);
	case STORE_ITEM_MOVED:
		return store_put_moved(s, item->u.moved, e);
	case STORE_ITEM_INCIDENT:
		return store_put_incident(s, item->u.incident, e);
	case STORE_ITEM_TRUNK:
		return store_put_trunk(s, item->u.trunk, e);
	case STORE_ITEM_MINUTE:
		return store_put_minute(s, item->u.minute, e);
	case STORE_ITEM_CAPTURE_MINUTE:
		return store_put_capture_minute(s, item->u.capture_minute, e);
	case STORE_ITEM_PAST:
		return store_put_past(s, item->u.past, e);
	case STORE_ITEM_META:
		return store_put_meta(s, item->u.meta->key, item->u.meta->value, e);
	}
	return 0;
}

/* May pass by itself: somebody's lock, a disk that an admin clears. */
static bool is_passing(int rc)
{
	return rc == -EBUSY || rc == -EAGAIN || rc == -ENOSPC;
}

static bool is_impatient(const struct store_writer *w)
{
	return w->t->is_file || atomic_load(&w->t->is_stopping);
}

/* What to do about rc: 0 go on, -EAGAIN try again later, else give up. */
static int judge(struct store_writer *w, int rc, const struct err *e)
{
	int64_t now = now_steady_us();

	if (rc >= 0) {
		if (w->troubled_at_us != 0)
			log_info("the database can be written again");
		w->troubled_at_us = 0;
		return 0;
	}
	if (!is_passing(rc))
		return rc;
	if (w->troubled_at_us == 0)
		w->troubled_at_us = now;
	if (is_impatient(w) && usec_since(w->troubled_at_us, now) > PATIENCE_US)
		return rc;
	if (usec_since(w->troubled_at_us, now) > USEC_PER_SEC &&
	    log_allowed(&w->trouble_limit, now))
		log_warning("%s; trying again", e->text);
	return -EAGAIN;
}

/* Only this row is at fault: the next ones may be fine. */
static bool is_refusal(int rc)
{
	return rc == -EINVAL || rc == -ERANGE || rc == -EEXIST;
}

/* What somebody may be waiting for: a refusal, and what the daemon says of itself. */
static bool is_news(const struct store_item *item)
{
	return item->kind == STORE_ITEM_FAILURE || item->kind == STORE_ITEM_META ||
	       item->kind == STORE_ITEM_CAPTURE_MINUTE;
}

static void note_refusal(struct store_writer *w)
{
	const struct failure *f = w->item.u.failure;

	if (w->item.kind == STORE_ITEM_FAILURE && !w->t->is_file &&
	    f->facts.outcome == OUTCOME_REFUSED && w->decided_count < STORE_BATCH_ROWS)
		w->decided_us[w->decided_count++] = f->facts.decided_at_us;
}

static int take_item(struct store_writer *w, struct err *e)
{
	int rc = write_item(w->t->store, &w->item, e);
	int64_t due =
	    now_steady_us() + (is_news(&w->item) ? COMMIT_NEWS_US : COMMIT_US);

	if (is_refusal(rc)) {
		atomic_fetch_add(&w->t->refused, 1);
		if (log_allowed(&w->refused_limit, now_steady_us()))
			log_warning("a row was refused: %s", e->text);
	} else {
		rc = judge(w, rc, e);
		if (rc < 0)
			return rc;
		atomic_fetch_add(&w->t->rows, 1);
		note_refusal(w);
	}
	store_queue_release(w->t->queue);
	if (due < w->commit_at_us)
		w->commit_at_us = due;
	return 0;
}

static int commit(struct store_writer *w, struct err *e)
{
	int rc = judge(w, store_commit(w->t->store, e), e);

	if (rc < 0)
		return rc;
	w->commit_at_us = INT64_MAX;
	for (size_t i = 0; i < w->decided_count; i++)
		delay_note(&w->t->commits, now_us() - w->decided_us[i]);
	w->decided_count = 0;
	return 0;
}

static bool may_retain(void *ctx)
{
	const struct store_writer *w = ctx;

	return now_steady_us() < w->retain_until_us && !atomic_load(&w->t->is_stopping);
}

static int retain(struct store_writer *w, struct err *e)
{
	const struct store_thread *t = w->t;
	int64_t now = now_steady_us();
	struct store_retention r = {
	    .max_bytes = t->retain_bytes, .has_time = may_retain, .ctx = w};
	uint64_t rows = atomic_load(&t->rows);
	int rc;

	if ((t->retain_us == 0 && t->retain_bytes == 0) ||
	    (now < w->retain_at_us && rows - w->retained_rows < RETAIN_EVERY_ROWS))
		return 0;
	w->retained_rows = rows;
	w->retain_at_us = now + RETAIN_EVERY_US;
	r.keep_from_us = t->retain_us == 0 ? 0 : now_us() - t->retain_us;
	w->retain_until_us = now + RETAIN_FOR_US;
	rc = store_retain(t->store, &r, e);
	w->is_retaining = rc > 0;
	if (rc > 0) /* findings have their turn, then it goes on */
		w->retain_at_us = now_steady_us() + RETAIN_FOR_US;
	/* Locked: in ten minutes is soon enough. */
	return rc > 0 || is_passing(rc) ? 0 : rc;
}

/* One round: what is queued, and the commit if it is due. */
static int work(struct store_writer *w, struct err *e)
{
	bool is_last = atomic_load(&w->t->is_stopping);
	int rc = 0;

	while (rc == 0 && store_queue_peek(w->t->queue, &w->item, &w->copy)) {
		rc = take_item(w, e);
		if (rc == 0 && (store_pending(w->t->store) >= STORE_BATCH_ROWS ||
				   now_steady_us() >= w->commit_at_us))
			rc = commit(w, e);
		ring_unblock(w->t->queue->ring);
	}
	if (rc == 0 && w->commit_at_us != INT64_MAX &&
	    (is_last || now_steady_us() >= w->commit_at_us))
		rc = commit(w, e);
	return rc == 0 ? retain(w, e) : rc;
}

static void sleep_until(const struct store_writer *w, bool retries)
{
	struct pollfd p = {.fd = ring_fd(w->t->queue->ring), .events = POLLIN};
	int64_t left = w->commit_at_us;
	int ms = -1;

	if (w->is_retaining && w->retain_at_us < left)
		left = w->retain_at_us;
	if (retries)
		left = now_steady_us() + RETRY_US;
	if (left != INT64_MAX)
		ms = (int)((usec_since(now_steady_us(), left) + 999) / USEC_PER_MSEC);
	/* While it retries, news would only wake it for nothing. */
	(void)poll(&p, retries ? 0 : 1, ms);
	ring_fd_clear(w->t->queue->ring);
}

static void *run(void *ctx)
{
	struct store_thread *t = ctx;
	struct err e;
	int rc;

	t->writer->commit_at_us = INT64_MAX;
	for (;;) {
		bool is_last = atomic_load(&t->is_stopping);

		rc = work(t->writer, &e);
		if ((rc < 0 && rc != -EAGAIN) || (rc == 0 && is_last))
			break;
		if (rc == -EAGAIN)
			sleep_until(t->writer, true);
		/* Stopping is looked at last: store_thread_stop() wakes after it is
		 * set. */
		else if (ring_sleep(t->queue->ring) && !atomic_load(&t->is_stopping))
			sleep_until(t->writer, false);
	}
	if (rc < 0) {
		t->error = e;
		store_queue_abort(t->queue);
		t->on_failed(t->ctx);
	}
	store_close(t->store);
	return NULL;
}

int store_thread_start(struct store_thread *t, struct err *e)
{
	sigset_t all, before;
	int rc;

	t->writer = calloc(1, sizeof(*t->writer));
	if (t->writer == NULL)
		return err_set(e, -ENOMEM, "store thread: out of memory");
	t->writer->t = t;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&t->thread, NULL, run, t);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return err_set(e, -rc, "store thread: %s", strerror(rc));
	t->has_thread = true;
	(void)pthread_setname_np(t->thread, "store"); /* for top -H */
	return 0;
}

void store_thread_stop(struct store_thread *t)
{
	if (t->has_thread) {
		atomic_store(&t->is_stopping, true);
		ring_nudge(t->queue->ring);
		(void)pthread_join(t->thread, NULL);
		t->has_thread = false;
	}
	free(t->writer);
	t->writer = NULL;
}
