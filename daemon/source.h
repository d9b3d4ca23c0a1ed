/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * source - one place packets come from: a device or a file, the thread that
 * reads it, and the ring it fills.
 *
 *         capture thread  --frames-->  ring  --frames-->  analysis thread
 *
 * Threads    The reading thread calls source_put() and source_finish(); the
 *            analysis thread reads the ring and the atomics. source_start(),
 *            source_stop() and source_free(): the thread that owns the source.
 * State      .err is written before .state leaves SOURCE_RUNS and constant from
 *            then on.
 * Limits     A frame longer than SOURCE_FRAME_MAX is cut in the ring: no IP
 *            packet is that long.
 */
#ifndef DAEMON_SOURCE_H
#define DAEMON_SOURCE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/err.h"
#include "capfile/frame.h"
#include "ring.h"

enum { SOURCE_FRAME_MAX = 262144, SOURCE_NAME_MAX = 256 };

enum source_state {
	SOURCE_RUNS = 0,
	SOURCE_ENDED, /* a file is read, a device was stopped; .err.code 0: all is well
		       */
	SOURCE_LOST,  /* the device went away */
};

struct source {
	char name[SOURCE_NAME_MAX]; /* device or path */
	bool is_file;
	struct ring *ring;
	int stop_fd;

	atomic_int state; /* enum source_state */
	struct err err;
	atomic_bool is_idle; /* the thread sleeps, the kernel has nothing for us */
	_Atomic int64_t drained_at_us; /* when the kernel had nothing last */
	_Atomic uint64_t packets;
	_Atomic uint64_t dropped_kernel;
	_Atomic uint64_t dropped_ring;

	pthread_t thread;
	bool has_thread;
	void *input; /* pcap_t or struct capsource, the thread's own */
	void (*close_input)(void *input);
};

/* The struct is zeroed and gets a ring and a stop descriptor. */
int source_init(struct source *s, const char *name, size_t ring_bytes, struct err *e);
void source_fini(struct source *s);

/* All signals are blocked in the thread, except the one source_stop() sends. */
int source_start(struct source *s, void *(*run)(void *source), struct err *e);

/* Asks the thread to end and waits for it. */
void source_stop(struct source *s);

/* Is the thread asked to end? */
bool source_is_stopped(const struct source *s);

/* Producer. False: no room; nothing is counted. */
bool source_put(struct source *s, const struct frame *frame);
void source_finish(struct source *s, enum source_state state, const struct err *e);

/* Consumer. The oldest frame; it belongs to the caller until ring_release(). */
bool source_peek(struct source *s, struct frame *frame);

#endif
