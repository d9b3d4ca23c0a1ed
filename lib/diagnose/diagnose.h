/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diagnose - facts to verdicts: failures, incidents and the state of each trunk.
 *
 *         facts -> trunk -> group of like refusals -> rules -> failure, incident
 *
 * A verdict is given at the refusal and weighed again as more is seen: a later
 * success, a pattern over caller IDs, a recovery. The incident bears the newest
 * one; a failure keeps its first.
 *
 * In         Facts in the order they were decided, and ticks.
 * Out        A failure per attempt that is one; changed incidents, trunks and full
 *            minutes, pulled after each tick.
 * Ownership  Everything is copied in and out.
 * Limits     struct diagnosis_config; what does not fit is counted.
 * Threads    One.
 * Cost       Per attempt, not per packet. A group is weighed at each of its first
 *            refusals and then at most once a second.
 */
#ifndef DIAGNOSE_DIAGNOSE_H
#define DIAGNOSE_DIAGNOSE_H

#include "base/err.h"
#include "base/hash.h"
#include "base/usage.h"
#include "diagnose/finding.h"
#include "diagnose/phrase.h"
#include "diagnose/trunk_config.h"

struct diagnosis_config {
	struct hash_key key;
	const struct trunk_config *trunks; /* borrowed */
	size_t trunk_count;
	struct phrases phrases; /* likewise */
	uint32_t trunks_max, incidents_max, strangers_max;
	int64_t tell_every_us; /* a record that changes, at most so often; 0: 1 s */
	int64_t next_failure_id, next_incident_id, next_trunk_id;
	const struct trunk_state *known_trunks; /* until diagnosis_new() returns */
	size_t known_count;
	const struct known_past *known_past; /* likewise */
	size_t past_count;
	const struct incident *incidents; /* open ones and those of late */
	size_t incident_count;
};

struct diagnosis;

int diagnosis_new(
    const struct diagnosis_config *c, struct diagnosis **out, struct err *e);
/* Other trunks from now on, borrowed as those of diagnosis_new(); changed_at_us: when
 * their source was written. */
void diagnosis_configure(struct diagnosis *d, const struct trunk_config *rows,
    size_t count, int64_t changed_at_us);
void diagnosis_free(struct diagnosis *d);

/* True: *out is a failure to be written. f->outcome may become "normal". */
bool diagnosis_attempt(struct diagnosis *d, struct facts *f, struct failure *out);

/* An earlier attempt, taken for normal then, turned out to be a failure by the last
 * one; to be asked until false. */
bool diagnosis_late(struct diagnosis *d, struct failure *out);

/* Failures given before, whose incident is another by now; a bounded number at a time.
 * To be asked until false after each attempt and each tick. */
bool diagnosis_next_moved(struct diagnosis *d, struct moved_failure *out);

/* Weighs what has changed, closes what has ended. is_last: the capture ends. */
void diagnosis_tick(struct diagnosis *d, int64_t now_us, bool is_last);

/* What changed since it was last taken; false: nothing (more). */
bool diagnosis_next_incident(struct diagnosis *d, struct incident *out);
bool diagnosis_next_trunk(struct diagnosis *d, struct trunk_state *out);
bool diagnosis_next_minute(struct diagnosis *d, struct trunk_minute *out);

/* What the next start should know of the trunks: at most once a second while one is
 * refused, else every ten, and of a bounded number of trunks after each tick. */
bool diagnosis_next_past(struct diagnosis *d, struct trunk_past *out);

uint64_t diagnosis_failures(const struct diagnosis *d);
uint64_t diagnosis_incidents(const struct diagnosis *d);
uint64_t diagnosis_memory(const struct diagnosis *d);

/* Trunks, incidents, strangers. */
enum { DIAGNOSIS_TABLES = 3 };
void diagnosis_usage(const struct diagnosis *d, struct usage out[DIAGNOSIS_TABLES]);

#endif
