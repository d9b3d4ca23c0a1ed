/* SPDX-License-Identifier: BSD-2-Clause */
/* Merging, ticks and losses, with a pipeline that only takes notes. */
#include <criterion/criterion.h>

#include "analysis.h"
#include "now.h"

enum { NOTES_MAX = 10000 };

static struct {
	int64_t at_ns[NOTES_MAX];
	size_t frames;
	int64_t tick_us;
	size_t ticks, finishes, ends;
	uint64_t lost[3];
} notes;

void pipeline_frame(struct pipeline *p, const struct frame *frame)
{
	(void)p;
	cr_assert_lt(notes.frames, NOTES_MAX);
	notes.at_ns[notes.frames++] = frame->at_ns;
}

void pipeline_flush(struct pipeline *p)
{
	(void)p;
}

void pipeline_tick(struct pipeline *p, int64_t now)
{
	(void)p;
	notes.tick_us = now;
	notes.ticks++;
}

void pipeline_lost(struct pipeline *p, enum loss kind, uint64_t packets,
    int64_t from_us, int64_t until_us)
{
	(void)p;
	cr_assert_lt(from_us, until_us);
	notes.lost[kind] += packets;
}

void pipeline_finish(struct pipeline *p)
{
	(void)p;
	notes.finishes++;
}

/* tests/unit/daemon/test_hep_listen.c has the real one. */
void pipeline_hep(struct pipeline *p, struct slice packet, int64_t now)
{
	(void)p;
	(void)packet;
	(void)now;
}

const uint64_t *pipeline_reassemble_stats(const struct pipeline *p)
{
	static const uint64_t none[REASSEMBLE_STAT_COUNT];

	(void)p;
	return none;
}

static struct ev_loop *loop;
static struct store_queue queue;
static struct source sources[2];
static struct analysis analysis;
static struct err err;
static unsigned ticks_left;

static void on_end(struct analysis *a)
{
	notes.ends++;
	ev_break(a->loop, EVBREAK_ALL);
}

/* Ends the test's loop after so many ticks, whatever else happens. */
static void on_tick(struct analysis *a)
{
	if (--ticks_left == 0)
		ev_break(a->loop, EVBREAK_ALL);
}

static void start(size_t count, bool are_files)
{
	memset(&notes, 0, sizeof(notes));
	loop = ev_loop_new(EVFLAG_AUTO);
	cr_assert_eq(store_queue_init(&queue, 4096, false, &err), 0);
	analysis = (struct analysis){
	    .loop = loop, .queue = &queue, .on_end = on_end, .on_tick = on_tick};
	analysis_init(&analysis);
	for (size_t i = 0; i < count; i++) {
		cr_assert_eq(
		    source_init(&sources[i], i == 0 ? "a" : "b", 65536, &err), 0);
		sources[i].is_file = are_files;
		analysis_add(&analysis, &sources[i]);
	}
	analysis_start(&analysis);
}

static void stop(void)
{
	analysis_stop(&analysis);
	for (size_t i = 0; i < analysis.count; i++)
		source_fini(&sources[i]);
	store_queue_fini(&queue);
	ev_loop_destroy(loop);
}

static void deliver(struct source *s, int64_t at_ns)
{
	const struct frame f = {.at_ns = at_ns, .linktype = 1, .bytes = SLICE("frame")};

	cr_assert(source_put(s, &f));
}

static void run(unsigned ticks)
{
	ticks_left = ticks;
	ev_run(loop, 0);
}

Test(analysis, files_are_merged_by_time_and_end_once)
{
	start(2, true);
	for (int64_t t = 0; t < 100; t++)
		deliver(&sources[t % 3 == 0], (t + 1) * 1000000);
	source_finish(&sources[0], SOURCE_ENDED, NULL);
	source_finish(&sources[1], SOURCE_ENDED, NULL);
	run(40);
	cr_assert_eq(notes.ends, 1);
	cr_assert_eq(notes.frames, 100);
	for (size_t i = 0; i < 100; i++)
		cr_assert_eq(notes.at_ns[i], (int64_t)(i + 1) * 1000000);
	cr_assert_eq(notes.ticks, 0, "a file's time is that of its frames");
	stop();
}

Test(analysis, a_file_waits_for_one_that_may_still_have_older_frames)
{
	start(2, true);
	deliver(&sources[0], 5000000);
	deliver(&sources[1], 1000000);
	deliver(&sources[0], 6000000);
	run(1);
	cr_assert_eq(notes.frames, 1, "the other file may go on at 2");
	cr_assert_eq(notes.at_ns[0], 1000000);
	deliver(&sources[1], 7000000);
	source_finish(&sources[1], SOURCE_ENDED, NULL);
	source_finish(&sources[0], SOURCE_ENDED, NULL);
	run(40);
	cr_assert_eq(notes.frames, 4);
	cr_assert_eq(notes.at_ns[1], 5000000);
	cr_assert_eq(notes.at_ns[3], 7000000);
	stop();
}

Test(analysis, a_busy_device_does_not_wait_for_a_silent_one_for_long)
{
	start(2, false);
	atomic_store(&sources[0].is_idle, true);
	atomic_store(&sources[1].is_idle, true);
	deliver(&sources[0], (now_us() + 400 * USEC_PER_MSEC) * 1000);
	run(1);
	cr_assert_eq(notes.frames, 0, "the other may be about to deliver an older one");
	run(3);
	cr_assert_eq(notes.frames, 1);
	stop();
}

/* A thread that did not get a processor: its packets lie in the kernel. */
Test(analysis, a_device_whose_thread_is_behind_is_waited_for)
{
	start(2, false);
	atomic_store(&sources[0].is_idle, true);
	atomic_store(&sources[1].drained_at_us, now_us() - 5 * USEC_PER_SEC);
	deliver(&sources[0], now_us() * 1000);
	run(4);
	cr_assert_eq(notes.frames, 0);
	cr_assert_lt(notes.tick_us, now_us() - 5 * USEC_PER_SEC);
	stop();
}

Test(analysis, ticks_trail_the_clock_four_times_a_second)
{
	int64_t before = now_us();

	start(1, false);
	atomic_store(&sources[0].is_idle, true);
	run(4);
	cr_assert_geq(notes.ticks, 4);
	cr_assert_geq(now_us() - before, 900000);
	cr_assert_lt(notes.tick_us, now_us());
	cr_assert_gt(notes.tick_us, now_us() - USEC_PER_SEC);
	stop();
}

Test(analysis, a_tick_never_passes_a_frame_that_waits)
{
	start(2, false);
	atomic_store(&sources[0].is_idle, true);
	deliver(&sources[0], 1000000 * INT64_C(1000));   /* long ago, and */
	atomic_store(&sources[1].drained_at_us, 500000); /* the other is older still */
	run(1);
	cr_assert_eq(notes.frames, 0);
	cr_assert_leq(notes.tick_us, 500000);
	stop();
}

Test(analysis, a_lost_device_ends_it_and_the_rest_is_still_analysed)
{
	const struct err gone = {.code = -19, .text = "a: gone"};

	start(2, false);
	deliver(&sources[0], now_us() * 1000);
	source_finish(&sources[0], SOURCE_LOST, &gone);
	run(8);
	cr_assert_eq(notes.ends, 1);
	source_finish(
	    &sources[1], SOURCE_ENDED, NULL); /* as inputs_stop() brings about */
	analysis_finish(&analysis);
	cr_assert_eq(notes.frames, 1);
	cr_assert_eq(notes.finishes, 1);
	stop();
}

Test(analysis, drops_are_told_once)
{
	start(1, false);
	atomic_store(&sources[0].is_idle, true);
	atomic_store(&sources[0].dropped_kernel, 7);
	run(1);
	atomic_store(&sources[0].dropped_kernel, 9);
	atomic_store(&sources[0].dropped_ring, 3);
	run(1);
	run(1);
	cr_assert_eq(notes.lost[LOSS_KERNEL], 9);
	cr_assert_eq(notes.lost[LOSS_RING], 3);
	cr_assert_eq(analysis_drops(&analysis).kernel, 9);
	stop();
}

Test(analysis, a_long_batch_lets_ticks_through)
{
	start(1, false);
	atomic_store(&sources[0].is_idle, true);
	for (int i = 0; i < 1000; i++)
		deliver(&sources[0], i);
	source_finish(&sources[0], SOURCE_ENDED, NULL);
	run(8);
	cr_assert_eq(notes.frames, 1000);
	cr_assert_eq(notes.ends, 1);
	stop();
}
