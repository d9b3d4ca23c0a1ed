/* SPDX-License-Identifier: BSD-2-Clause */
#include "status.h"

#include <stdio.h>
#include <unistd.h>

#include "now.h"

#define WHILE_BUSY_US (1 * USEC_PER_SEC)
#define WHILE_IDLE_US (10 * USEC_PER_SEC)

static void put_number(const struct status *s, const char *key, int64_t n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%jd", (intmax_t)n);
	store_queue_put_meta(s->queue, key, text);
}

static void put_all(struct status *s)
{
	const struct analysis *a = s->analysis;
	struct analysis_drops drops = analysis_drops(a);
	struct pipeline_counters c;

	pipeline_counters(a->pipeline, &c);
	put_number(s, "seen_at_us", now_us());
	put_number(s, "last_packet_at_us", a->last_packet_at_us);
	put_number(s, "packets", (int64_t)drops.packets);
	put_number(s, "messages", (int64_t)c.messages);
	put_number(s, "malformed", (int64_t)c.malformed);
	put_number(s, "attempts", (int64_t)c.attempts);
	put_number(s, "failures", (int64_t)c.failures);
	put_number(s, "dropped_kernel", (int64_t)drops.kernel);
	put_number(s, "dropped_ring", (int64_t)drops.ring);
	put_number(s, "dropped_rows", (int64_t)atomic_load(&s->queue->dropped));
	put_number(s, "memory_bytes", (int64_t)pipeline_memory(a->pipeline));
	store_queue_flush(s->queue);
	s->written_at_us = now_steady_us();
	s->frames = a->frames;
}

void status_start(struct status *s, const char *sources)
{
	store_queue_put_meta(s->queue, "version", TRUNKWATCH_VERSION);
	store_queue_put_meta(s->queue, "sources", sources);
	put_number(s, "pid", getpid());
	put_number(s, "started_at_us", now_us());
	store_queue_put_meta(s->queue, "stopped_at_us", "");
	put_all(s);
}

void status_tick(struct status *s)
{
	bool is_busy = s->analysis->frames != s->frames;
	int64_t age = usec_since(s->written_at_us, now_steady_us());

	if (age >= (is_busy ? WHILE_BUSY_US : WHILE_IDLE_US))
		put_all(s);
}

void status_stop(struct status *s)
{
	put_number(s, "stopped_at_us", now_us());
	put_all(s);
}
