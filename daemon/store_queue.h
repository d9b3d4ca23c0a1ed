/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_queue - findings on their way from the analysis to the store thread.
 *
 * The pipeline's sink writes each record, with the bytes it borrows, into a
 * ring; the store thread reads it back. So no lock on the database and no fsync
 * ever reaches capture.
 *
 * Limits     The ring's size. When it is full a live daemon drops the record and
 *            counts it; with a file the analysis waits. Messages that make one
 *            failure larger than half of the ring are left out and counted.
 * Threads    One producer (sink, meta, flush), one consumer (peek, release).
 */
#ifndef DAEMON_STORE_QUEUE_H
#define DAEMON_STORE_QUEUE_H

#include <stdatomic.h>

#include "delay.h"
#include "pipeline/pipeline.h"
#include "ring.h"

enum store_item_kind {
	STORE_ITEM_FAILURE = 0,
	STORE_ITEM_MOVED,
	STORE_ITEM_INCIDENT,
	STORE_ITEM_TRUNK,
	STORE_ITEM_MINUTE,
	STORE_ITEM_CAPTURE_MINUTE,
	STORE_ITEM_PAST,
	STORE_ITEM_META,
};

enum { STORE_META_KEY_MAX = 32, STORE_META_VALUE_MAX = 224 };

struct store_meta {
	char key[STORE_META_KEY_MAX];
	char value[STORE_META_VALUE_MAX];
};

struct store_queue {
	struct ring *ring;
	int abort_fd;  /* readable: the store thread gave up, do not wait for it */
	bool may_wait; /* the source is a file */
	struct delays verdicts; /* live: from a refusal's last packet to its verdict */
	_Atomic uint64_t dropped;      /* records that found no room */
	_Atomic uint64_t thin_records; /* failures whose messages were left out */
};

int store_queue_init(struct store_queue *q, size_t bytes, bool may_wait, struct err *e);
void store_queue_fini(struct store_queue *q);

/* Producer. */
struct sink store_queue_sink(struct store_queue *q);
void store_queue_put_meta(struct store_queue *q, const char *key, const char *value);
void store_queue_flush(struct store_queue *q);

/* Consumer: nobody waits for room any more, and nothing more is taken. */
void store_queue_abort(struct store_queue *q);

/* Consumer. What the oldest record says; it stays until store_queue_release(). */
struct store_item {
	enum store_item_kind kind;
	union { /* .failure is the reader's copy, the others lie in the ring */
		const struct failure *failure;
		const struct moved_failure *moved;
		const struct incident *incident;
		const struct trunk_state *trunk;
		const struct trunk_minute *minute;
		const struct capture_minute *capture_minute;
		const struct trunk_past *past;
		const struct store_meta *meta;
	} u;
	struct failure_message messages[FAILURE_MESSAGES_MAX]; /* bytes in the ring */
	size_t message_count;
};

/* copy: where a failure is unpacked to; the ring holds the used part only. */
bool store_queue_peek(
    struct store_queue *q, struct store_item *item, struct failure *copy);
void store_queue_release(struct store_queue *q);

#endif
