/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * analysis - the sources' rings, merged by capture time, through the pipeline.
 *
 * Merging    A frame may go when no other source can still deliver an older one:
 *            each other source has a newer frame waiting, has ended, or has
 *            "delivered up to T" past it. A silent device has delivered up to now
 *            minus the kernel's block time-out and a margin; a file up to its
 *            last frame. With one source nothing ever waits.
 * Ticks      Four a second: "all sources have delivered up to T", the least of
 *            them. Not for files: their frames carry the time, and the end is
 *            pipeline_finish().
 * Loss       Drops of the kernel or of a ring are told to the pipeline as they
 *            are seen.
 * Threads    All functions: the thread that runs the event loop.
 * Cost       Woken once per batch. A batch ends after ANALYSIS_BATCH frames so
 *            that signals and ticks get their turn.
 */
#ifndef DAEMON_ANALYSIS_H
#define DAEMON_ANALYSIS_H

#include <ev.h>

#include "pipeline/pipeline.h"
#include "source.h"
#include "store_queue.h"

enum { SOURCES_MAX = 16, ANALYSIS_BATCH = 4096 };

struct analysis_source {
	struct source *source;
	ev_io wake;
	struct analysis *analysis;
	uint64_t told_kernel, told_ring; /* drops the pipeline knows of */
	int64_t told_at_us;
	int64_t delivered_at_us; /* of its last frame */
};

struct analysis {
	struct ev_loop *loop;
	struct pipeline *pipeline;
	struct store_queue *queue;
	struct analysis_source sources[SOURCES_MAX];
	size_t count;
	ev_timer tick;
	ev_idle again; /* a batch was cut short */
	uint64_t frames, hep_packets, hep_dropped;
	int64_t last_packet_at_us;
	/* All sources have ended, or one is lost, and every frame is through. */
	void (*on_end)(struct analysis *a);
	/* After each tick. */
	void (*on_tick)(struct analysis *a);
	void *ctx;
};

/* loop, pipeline, queue, on_* and ctx are filled in; sources come after it. */
void analysis_init(struct analysis *a);
void analysis_add(struct analysis *a, struct source *source);
void analysis_start(struct analysis *a);

/* HEP datagrams that the kernel dropped. */
void analysis_hep_lost(struct analysis *a, uint64_t datagrams);

/* A HEP packet from a socket. True: well formed and with the right key. */
bool analysis_hep(struct analysis *a, struct slice packet);

/* When the sources' threads have ended: what their rings still hold, then
 * pipeline_finish(). */
void analysis_finish(struct analysis *a);
void analysis_stop(struct analysis *a);

/* Drops of all sources and of HEP together. */
struct analysis_drops {
	uint64_t packets, kernel, ring;
};
struct analysis_drops analysis_drops(const struct analysis *a);

#endif
