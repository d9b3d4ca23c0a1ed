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

/* "": HEP is not listened for. */
static void put_hep_number(const struct status *s, const char *key, uint64_t n)
{
	if (hep_is_open(s->hep))
		put_number(s, key, (int64_t)n);
	else
		store_queue_put_meta(s->queue, key, "");
}

static void put_hep(const struct status *s)
{
	const uint64_t *stats = pipeline_reassemble_stats(s->analysis->pipeline);
	const struct hep_tcp *tcp = &s->hep->tcp;

	put_hep_number(s, "hep_packets", s->analysis->hep_packets);
	put_hep_number(s, "hep_malformed", stats[REASSEMBLE_STAT_HEP_BAD]);
	put_hep_number(s, "hep_wrong_key", stats[REASSEMBLE_STAT_HEP_KEY]);
	put_hep_number(s, "hep_not_sip", stats[REASSEMBLE_STAT_HEP_NOT_SIP]);
	put_hep_number(s, "hep_connections", tcp->open);
	put_hep_number(s, "hep_turned_away", tcp->stats.turned);
	put_hep_number(s, "hep_evicted", tcp->stats.evicted);
	put_hep_number(s, "hep_closed_garbage", tcp->stats.garbage);
	put_hep_number(s, "hep_closed_unproven", tcp->stats.unproven);
	put_hep_number(s, "hep_closed_idle", tcp->stats.idle);
	put_hep_number(s, "hep_cut_short", tcp->stats.cut_short);
}

/* Most of them never change. */
static void put_wire(struct status *s)
{
	uint64_t now[WIRE_COUNTS];

	pipeline_wire_counts(s->analysis->pipeline, now);
	for (size_t i = 0; i < WIRE_COUNTS; i++) {
		if (!s->has_wire || now[i] != s->wire[i])
			put_number(s, wire_count_name(i), (int64_t)now[i]);
	}
	memcpy(s->wire, now, sizeof(now));
	s->has_wire = true;
}

static void put_delay(
    const struct status *s, const char *key, const struct delays *d, unsigned percent)
{
	int64_t us = delay_percentile(d, percent);

	if (us < 0)
		store_queue_put_meta(s->queue, key, "");
	else
		put_number(s, key, us);
}

static void put_delays(const struct status *s)
{
	put_delay(s, "verdict_p50_us", &s->queue->verdicts, 50);
	put_delay(s, "verdict_p99_us", &s->queue->verdicts, 99);
	put_delay(s, "commit_p50_us", s->commits, 50);
	put_delay(s, "commit_p99_us", s->commits, 99);
}

static void put_tables(struct status *s)
{
	struct usage now[PIPELINE_TABLES];

	pipeline_usage(s->analysis->pipeline, now);
	for (size_t i = 0; i < PIPELINE_TABLES; i++) {
		char key[STORE_META_KEY_MAX], value[STORE_META_VALUE_MAX];

		if (memcmp(&now[i], &s->tables[i], sizeof(now[i])) == 0)
			continue;
		s->tables[i] = now[i];
		(void)snprintf(key, sizeof(key), "table.%s", pipeline_table_name(i));
		(void)snprintf(value, sizeof(value), "%ju %ju %ju",
		    (uintmax_t)now[i].used, (uintmax_t)now[i].limit,
		    (uintmax_t)now[i].evicted);
		store_queue_put_meta(s->queue, key, value);
	}
}

/* What of it the kernel has given us by now, with everything else we need; 0: unknown.
 */
static int64_t resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	uintmax_t all, resident = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%ju %ju", &all, &resident) != 2)
		resident = 0;
	(void)fclose(f);
	return (int64_t)resident * sysconf(_SC_PAGESIZE);
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
	put_number(s, "thinned", (int64_t)c.thinned);
	put_number(s, "dropped_kernel", (int64_t)drops.kernel);
	put_number(s, "dropped_ring", (int64_t)drops.ring);
	put_number(s, "dropped_rows", (int64_t)atomic_load(&s->queue->dropped));
	if (s->lost_at_us == 0)
		store_queue_put_meta(s->queue, "lost_at_us", "");
	else
		put_number(s, "lost_at_us", s->lost_at_us);
	put_number(s, "memory_bytes",
	    (int64_t)(pipeline_memory(a->pipeline) + hep_tcp_memory(&s->hep->tcp)));
	put_number(s, "resident_bytes", resident_bytes());
	put_delays(s);
	if (s->writes_hep)
		put_hep(s);
	put_wire(s);
	put_tables(s);
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
	s->writes_hep = true; /* once, at least: what an earlier run wrote must go */
	put_all(s);
	s->writes_hep = hep_is_open(s->hep);
}

void status_tick(struct status *s)
{
	bool is_busy = s->analysis->frames != s->frames;
	int64_t now = now_steady_us();
	struct analysis_drops drops = analysis_drops(s->analysis);
	const struct loss_counts lost = {
	    drops.kernel, drops.ring, atomic_load(&s->queue->dropped)};
	bool has_lost = loss_log_look(&s->losses, &lost, now);

	if (has_lost)
		s->lost_at_us = now_us();
	if (has_lost || usec_since(s->written_at_us, now) >=
			    (is_busy ? WHILE_BUSY_US : WHILE_IDLE_US))
		put_all(s);
}

void status_stop(struct status *s)
{
	put_number(s, "stopped_at_us", now_us());
	put_all(s);
}
