/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_queue.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "now.h"

/*
 * [item_head][record][message 0][its bytes]...[message n][its bytes]
 * Each part begins at a multiple of 8, as the ring's records do.
 */
struct item_head {
	uint32_t kind;
	uint32_t message_count;
	uint64_t record_bytes;
};

static size_t aligned(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

int store_queue_init(struct store_queue *q, size_t bytes, bool may_wait, struct err *e)
{
	memset(q, 0, sizeof(*q));
	q->may_wait = may_wait;
	q->abort_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (q->abort_fd < 0)
		return err_set(e, -errno, "eventfd: %s", strerror(errno));
	return ring_new(bytes, &q->ring, e);
}

void store_queue_fini(struct store_queue *q)
{
	if (q->ring == NULL)
		return;
	ring_free(q->ring);
	(void)close(q->abort_fd);
	memset(q, 0, sizeof(*q));
}

void store_queue_abort(struct store_queue *q)
{
	const uint64_t one = 1;
	ssize_t n = write(q->abort_fd, &one, sizeof(one));

	(void)n; /* it cannot be full */
}

static bool is_aborted(const struct store_queue *q)
{
	struct pollfd p = {.fd = q->abort_fd, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

/* NULL: no room, counted. */
static char *reserve(struct store_queue *q, size_t bytes)
{
	char *at = ring_reserve(q->ring, bytes);

	while (at == NULL && q->may_wait && bytes <= ring_record_max(q->ring) &&
	       !is_aborted(q)) {
		if (!ring_wait(q->ring, q->abort_fd))
			break;
		at = ring_reserve(q->ring, bytes);
	}
	if (at == NULL)
		atomic_fetch_add(&q->dropped, 1);
	return at;
}

static void put(
    struct store_queue *q, enum store_item_kind kind, const void *record, size_t bytes)
{
	char *at = reserve(q, sizeof(struct item_head) + bytes);
	const struct item_head head = {.kind = kind, .record_bytes = bytes};

	if (at == NULL)
		return;
	memcpy(at, &head, sizeof(head));
	memcpy(at + sizeof(head), record, bytes);
	ring_commit(q->ring);
}

static size_t messages_bytes(const struct failure_message *msgs, size_t count)
{
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++)
		bytes += aligned(sizeof(msgs[i])) + aligned(msgs[i].bytes.len);
	return bytes;
}

static void copy_messages(char *at, const struct failure_message *msgs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		memcpy(at, &msgs[i], sizeof(msgs[i]));
		at += aligned(sizeof(msgs[i]));
		if (msgs[i].bytes.len > 0)
			memcpy(at, msgs[i].bytes.ptr, msgs[i].bytes.len);
		at += aligned(msgs[i].bytes.len);
	}
}

static void on_failure(void *ctx, const struct failure *f,
    const struct failure_message *msgs, size_t count)
{
	struct store_queue *q = ctx;
	struct item_head head = {.kind = STORE_ITEM_FAILURE};
	size_t fixed = sizeof(head) + aligned(failure_bytes(f));
	char *at;

	if (!q->may_wait && f->facts.outcome == OUTCOME_REFUSED)
		delay_note(&q->verdicts, now_us() - f->facts.decided_at_us);
	if (count > FAILURE_MESSAGES_MAX)
		count = FAILURE_MESSAGES_MAX;
	if (fixed + messages_bytes(msgs, count) > ring_record_max(q->ring)) {
		atomic_fetch_add(&q->thin_records, 1);
		count = 0;
	}
	at = reserve(q, fixed + messages_bytes(msgs, count));
	if (at == NULL)
		return;
	head.record_bytes = failure_bytes(f);
	head.message_count = (uint32_t)count;
	memcpy(at, &head, sizeof(head));
	memcpy(at + sizeof(head), f, failure_bytes(f));
	copy_messages(at + fixed, msgs, count);
	ring_commit(q->ring);
}

static void on_moved(void *ctx, const struct moved_failure *m)
{
	put(ctx, STORE_ITEM_MOVED, m, sizeof(*m));
}

static void on_incident(void *ctx, const struct incident *i)
{
	put(ctx, STORE_ITEM_INCIDENT, i, sizeof(*i));
}

static void on_trunk(void *ctx, const struct trunk_state *t)
{
	put(ctx, STORE_ITEM_TRUNK, t, sizeof(*t));
}

static void on_minute(void *ctx, const struct trunk_minute *m)
{
	put(ctx, STORE_ITEM_MINUTE, m, sizeof(*m));
}

static void on_capture_minute(void *ctx, const struct capture_minute *m)
{
	put(ctx, STORE_ITEM_CAPTURE_MINUTE, m, sizeof(*m));
}

static void on_past(void *ctx, const struct trunk_past *p)
{
	put(ctx, STORE_ITEM_PAST, p, trunk_past_bytes(p));
}

struct sink store_queue_sink(struct store_queue *q)
{
	return (struct sink){.ctx = q,
	    .failure = on_failure,
	    .moved = on_moved,
	    .incident = on_incident,
	    .trunk = on_trunk,
	    .minute = on_minute,
	    .capture_minute = on_capture_minute,
	    .past = on_past};
}

void store_queue_put_meta(struct store_queue *q, const char *key, const char *value)
{
	struct store_meta m = {0};

	(void)snprintf(m.key, sizeof(m.key), "%s", key);
	(void)snprintf(m.value, sizeof(m.value), "%s", value);
	put(q, STORE_ITEM_META, &m, sizeof(m));
}

void store_queue_flush(struct store_queue *q)
{
	ring_wake(q->ring);
}

static void unpack_failure(const char *at, const struct item_head *head,
    struct store_item *item, struct failure *copy)
{
	memcpy(copy, at, head->record_bytes);
	item->u.failure = copy;
	at += aligned(head->record_bytes);
	item->message_count = head->message_count;
	for (size_t i = 0; i < head->message_count; i++) {
		struct failure_message *m = &item->messages[i];

		memcpy(m, at, sizeof(*m));
		at += aligned(sizeof(*m));
		m->bytes = slice_of(m->bytes.ptr == NULL ? NULL : at, m->bytes.len);
		at += aligned(m->bytes.len);
	}
}

bool store_queue_peek(
    struct store_queue *q, struct store_item *item, struct failure *copy)
{
	struct slice record;
	struct item_head head;
	const char *at;

	if (!ring_peek(q->ring, &record))
		return false;
	memcpy(&head, record.ptr, sizeof(head));
	at = record.ptr + sizeof(head);
	item->kind = (enum store_item_kind)head.kind;
	item->message_count = 0;
	if (item->kind == STORE_ITEM_FAILURE)
		unpack_failure(at, &head, item, copy);
	else
		item->u.meta =
		    (const void *)at; /* each member is a pointer to the record */
	return true;
}

void store_queue_release(struct store_queue *q)
{
	ring_release(q->ring);
}
