/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_thread - takes findings off the queue and writes them in batches.
 *
 * Commits    At most 250 ms after a failure or the daemon's own news arrived, else
 * after 1 s or STORE_BATCH_ROWS rows. Locked     -EBUSY (an admin's sqlite3 holds the
 * database) and, live, -ENOSPC are tried again; findings gather in the queue meanwhile.
 * A row the store refuses is dropped, counted and logged. Any other failure ends the
 *            thread: .error is set and on_failed called.
 * Ownership  The thread owns the store from store_thread_start() on, and closes
 *            it when it ends.
 * Threads    start, stop: the owner. on_failed is called from the thread.
 */
#ifndef DAEMON_STORE_THREAD_H
#define DAEMON_STORE_THREAD_H

#include <pthread.h>

#include "store/store.h"
#include "store_queue.h"

enum { STORE_BATCH_ROWS = 2000 };

struct store_thread {
	struct store *store;
	struct store_queue *queue;
	bool is_file;          /* gives up on a lock or a full disk that lasts */
	int64_t retain_us;     /* 0: for ever */
	uint64_t retain_bytes; /* 0: any size */
	void (*on_failed)(void *ctx);
	void *ctx;

	_Atomic uint64_t rows;    /* written */
	_Atomic uint64_t refused; /* by the store */
	struct delays commits;    /* live: from a refusal's last packet to its row */
	struct err error;         /* code 0: none; read it after store_thread_stop() */

	struct store_writer *writer; /* the thread's own state */
	atomic_bool is_stopping;
	pthread_t thread;
	bool has_thread;
};

/* store, queue, is_file, retain_* and on_failed are filled in by the caller. */
int store_thread_start(struct store_thread *t, struct err *e);

/* Writes what is queued, commits, closes the store, waits for the thread. */
void store_thread_stop(struct store_thread *t);

#endif
