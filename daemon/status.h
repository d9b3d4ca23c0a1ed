/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * status - how the daemon is, for those who read the database (table meta).
 *
 * Keys       version, pid, sources, started_at_us, seen_at_us, last_packet_at_us,
 *            packets, messages, malformed, attempts, failures, thinned,
 *            dropped_kernel, dropped_ring, dropped_rows, stopped_at_us (empty while it
 *            runs), lost_at_us (empty: never);
 *            memory_bytes (reserved), resident_bytes, and table.NAME of
 *            pipeline/tables.def: used, limit, evicted;
 *            verdict_p50_us, verdict_p99_us (from a refusal's last packet to its
 *            verdict), commit_p50_us, commit_p99_us (to its row): empty without one;
 *            hep_* (hep_tcp.h), empty without sources.hep; those of
 *            pipeline/wire_counts.h, written when they change.
 *            Times are microseconds since 1970 UTC.
 * Rate       At once when something was lost, four times a second at most; once a
 *            second while packets come, else every ten seconds: readers tell a living
 *            daemon from a dead one by seen_at_us.
 */
#ifndef DAEMON_STATUS_H
#define DAEMON_STATUS_H

#include "hep_listen.h"
#include "loss_log.h"

struct status {
	const struct analysis *analysis;
	struct store_queue *queue;
	const struct hep_listen *hep;
	const struct delays *commits;
	struct loss_log losses;
	int64_t lost_at_us;    /* wall clock; 0: nothing yet */
	int64_t written_at_us; /* steady clock */
	bool writes_hep;
	struct usage tables[PIPELINE_TABLES]; /* as they were written */
	bool has_wire;              /* those of an earlier run are overwritten */
	uint64_t frames;            /* when it was written */
	uint64_t wire[WIRE_COUNTS]; /* as it was written */
};

/* What never changes. */
void status_start(struct status *s, const char *sources);
void status_tick(struct status *s);
void status_stop(struct status *s);

#endif
