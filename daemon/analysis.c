/* SPDX-License-Identifier: BSD-2-Clause */
#include "analysis.h"

#include "capture_open.h"
#include "now.h"

/* Ticks trail the clock by the kernel's block time-out and by as long as a woken
 * capture thread may have to wait for a processor. */
#define MARGIN_US    (100 * USEC_PER_MSEC)
#define TRAIL_US     (CAPTURE_BLOCK_MS * USEC_PER_MSEC + MARGIN_US)
#define TICK_SECONDS 0.25

/* What is told as lost was captured since it was last asked for, and by so much
 * earlier: the capture thread asks the kernel four times a second, and works through
 * the kernel's buffer. */
#define LOSS_REACH_US (1 * USEC_PER_SEC)

static enum source_state state_of(const struct source *s)
{
	return (enum source_state)atomic_load(&s->state);
}

/* No frame older than this will come any more, once the ring is empty. */
static int64_t delivered_up_to(const struct analysis_source *as)
{
	const struct source *s = as->source;

	if (state_of(s) != SOURCE_RUNS)
		return INT64_MAX;
	if (s->is_file)
		return as->delivered_at_us;
	if (atomic_load(&s->is_idle))
		return now_us() - TRAIL_US;
	return atomic_load(&s->drained_at_us) - TRAIL_US;
}

static void tell_losses(struct analysis_source *as)
{
	struct pipeline *p = as->analysis->pipeline;
	uint64_t kernel = atomic_load(&as->source->dropped_kernel);
	uint64_t ring = atomic_load(&as->source->dropped_ring);
	bool is_file = as->source->is_file;
	int64_t now = is_file ? as->delivered_at_us : now_us();
	int64_t from = as->told_at_us - (is_file ? 0 : LOSS_REACH_US);

	if (kernel > as->told_kernel)
		pipeline_lost(p, is_file ? LOSS_FILE : LOSS_KERNEL,
		    kernel - as->told_kernel, from, now);
	if (ring > as->told_ring)
		pipeline_lost(p, LOSS_RING, ring - as->told_ring, from, now);
	as->told_kernel = kernel;
	as->told_ring = ring;
	as->told_at_us = now;
}

/*
 * The source's oldest frame; else false, and in *past_us up to when it has
 * delivered. It may deliver between the two looks: so the time is taken first and
 * the ring looked at again.
 */
static bool peek(
    const struct analysis_source *as, struct frame *frame, int64_t *past_us)
{
	if (source_peek(as->source, frame))
		return true;
	*past_us = delivered_up_to(as);
	return source_peek(as->source, frame);
}

/* The source whose frame is the oldest and may go; NULL: none now. */
static struct analysis_source *next_source(struct analysis *a, struct frame *frame)
{
	struct analysis_source *oldest = NULL;
	int64_t all_past_us = INT64_MAX; /* what silent sources have delivered */

	for (size_t i = 0; i < a->count; i++) {
		struct frame f;
		int64_t past_us;

		if (!peek(&a->sources[i], &f, &past_us)) {
			if (past_us < all_past_us)
				all_past_us = past_us;
		} else if (oldest == NULL || f.at_ns < frame->at_ns) {
			oldest = &a->sources[i];
			*frame = f;
		}
	}
	if (oldest == NULL || a->count == 1 || frame->at_ns / 1000 <= all_past_us)
		return oldest;
	return NULL;
}

static void pass_frame(
    struct analysis *a, struct analysis_source *as, const struct frame *frame)
{
	pipeline_frame(a->pipeline, frame);
	as->delivered_at_us = frame->at_ns / 1000;
	a->last_packet_at_us = as->delivered_at_us;
	a->frames++;
	ring_release(as->source->ring);
}

static void drain_merged(struct analysis *a, size_t most)
{
	struct analysis_source *as;
	struct frame frame;

	for (size_t n = 0; n < most; n++) {
		as = next_source(a, &frame);
		if (as == NULL)
			break;
		pass_frame(a, as, &frame);
	}
}

/* The usual case: one source, nothing to compare with. */
static void drain_one(struct analysis *a, size_t most)
{
	struct frame frame;

	for (size_t n = 0; n < most; n++) {
		if (!source_peek(a->sources[0].source, &frame))
			break;
		pass_frame(a, &a->sources[0], &frame);
	}
}

static void drain(struct analysis *a, size_t most)
{
	if (a->count == 1)
		drain_one(a, most);
	else
		drain_merged(a, most);
	pipeline_flush(a->pipeline);
	for (size_t i = 0; i < a->count; i++)
		ring_unblock(a->sources[i].source->ring);
	store_queue_flush(a->queue);
}

/* One that is lost ends all: half of what should be seen is not good enough. */
static bool is_over(const struct analysis *a)
{
	size_t ended = 0;

	for (size_t i = 0; i < a->count; i++) {
		enum source_state state = state_of(a->sources[i].source);

		if (state == SOURCE_LOST)
			return true;
		ended += state == SOURCE_ENDED;
	}
	return ended == a->count && a->count > 0;
}

/* May we sleep? A ring that holds a frame which must wait for another source is
 * looked at again by the tick. */
static bool may_sleep(struct analysis *a)
{
	struct frame frame;
	bool sleeps = true;

	for (size_t i = 0; i < a->count; i++)
		sleeps &= ring_sleep(a->sources[i].source->ring);
	return sleeps || next_source(a, &frame) == NULL;
}

static void work(struct analysis *a)
{
	struct frame frame;

	drain(a, ANALYSIS_BATCH);
	if (!may_sleep(a)) {
		ev_idle_start(a->loop, &a->again);
		return;
	}
	ev_idle_stop(a->loop, &a->again);
	/* Ended is looked at before empty: its last frames came before its end. */
	if (is_over(a) && next_source(a, &frame) == NULL)
		a->on_end(a);
}

static void on_wake(struct ev_loop *loop, ev_io *w, int events)
{
	struct analysis_source *as = w->data;

	(void)loop;
	(void)events;
	ring_fd_clear(as->source->ring);
	work(as->analysis);
}

static void on_again(struct ev_loop *loop, ev_idle *w, int events)
{
	(void)loop;
	(void)events;
	work(w->data);
}

static void tick_pipeline(struct analysis *a)
{
	int64_t up_to = a->count == 0 ? now_us() - TRAIL_US : INT64_MAX; /* HEP only */
	struct frame frame;

	for (size_t i = 0; i < a->count; i++) {
		const struct analysis_source *as = &a->sources[i];
		int64_t past = delivered_up_to(as);

		if (as->source->is_file)
			return;
		if (source_peek(as->source, &frame) && frame.at_ns / 1000 < past)
			past = frame.at_ns / 1000;
		if (past < up_to)
			up_to = past;
	}
	/* Before the threads' first look there is nothing to say. */
	if (up_to > 0 && up_to != INT64_MAX)
		pipeline_tick(a->pipeline, up_to);
}

static void on_tick(struct ev_loop *loop, ev_timer *w, int events)
{
	struct analysis *a = w->data;

	(void)loop;
	(void)events;
	for (size_t i = 0; i < a->count; i++)
		tell_losses(&a->sources[i]);
	tick_pipeline(a);
	a->on_tick(a);
	work(a);
}

void analysis_init(struct analysis *a)
{
	ev_timer_init(&a->tick, on_tick, TICK_SECONDS, TICK_SECONDS);
	a->tick.data = a;
	ev_idle_init(&a->again, on_again);
	a->again.data = a;
}

void analysis_add(struct analysis *a, struct source *source)
{
	struct analysis_source *as = &a->sources[a->count++];

	*as = (struct analysis_source){.source = source, .analysis = a};
	ev_io_init(&as->wake, on_wake, ring_fd(source->ring), EV_READ);
	as->wake.data = as;
}

void analysis_start(struct analysis *a)
{
	for (size_t i = 0; i < a->count; i++) {
		a->sources[i].told_at_us = a->sources[i].source->is_file ? 0 : now_us();
		ev_io_start(a->loop, &a->sources[i].wake);
	}
	ev_timer_start(a->loop, &a->tick);
	ev_idle_start(a->loop, &a->again); /* the first look arms the rings' wake-ups */
}

void analysis_hep_lost(struct analysis *a, uint64_t datagrams)
{
	int64_t now = now_us();

	a->hep_dropped += datagrams;
	pipeline_lost(a->pipeline, LOSS_KERNEL, datagrams, now - LOSS_REACH_US, now);
}

bool analysis_hep(struct analysis *a, struct slice packet)
{
	const uint64_t *stats = pipeline_reassemble_stats(a->pipeline);
	uint64_t accepted = stats[REASSEMBLE_STAT_HEP_PACKETS];
	int64_t now = now_us();

	a->hep_packets++;
	pipeline_hep(a->pipeline, packet, now);
	if (stats[REASSEMBLE_STAT_HEP_PACKETS] == accepted)
		return false;
	a->frames++;
	a->last_packet_at_us = now;
	return true;
}

void analysis_stop(struct analysis *a)
{
	for (size_t i = 0; i < a->count; i++)
		ev_io_stop(a->loop, &a->sources[i].wake);
	ev_timer_stop(a->loop, &a->tick);
	ev_idle_stop(a->loop, &a->again);
}

void analysis_finish(struct analysis *a)
{
	drain_merged(a, SIZE_MAX); /* every thread has ended: nothing waits */
	for (size_t i = 0; i < a->count; i++)
		tell_losses(&a->sources[i]);
	pipeline_finish(a->pipeline);
	store_queue_flush(a->queue);
}

struct analysis_drops analysis_drops(const struct analysis *a)
{
	struct analysis_drops d = {.packets = a->hep_packets, .kernel = a->hep_dropped};

	for (size_t i = 0; i < a->count; i++) {
		const struct source *s = a->sources[i].source;

		d.packets += atomic_load(&s->packets);
		d.kernel += atomic_load(&s->dropped_kernel);
		d.ring += atomic_load(&s->dropped_ring);
	}
	return d;
}
