/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * incidents - runs of failures on one trunk with one verdict: opened, counted,
 * closed by recovery or silence, opened again when they flap.
 *
 * Limits     A fixed number; the oldest closed one makes room, else the oldest.
 * Threads    One.
 */
#ifndef DIAGNOSE_INCIDENTS_H
#define DIAGNOSE_INCIDENTS_H

#include "diagnose/rules.h"

struct incident_slot {
	struct incident record;
	bool is_used, is_changed;
	uint64_t attempts_before; /* of the trunk, when it was opened */
	uint64_t leading_count;   /* failures of the group whose verdict it bears */
	int64_t told_at_us;
	uint32_t told_revision;
};

struct incidents {
	struct incident_slot *slots;
	size_t max;
	int64_t next_id;
	uint64_t opened, evicted;
};

int incidents_init(struct incidents *s, size_t max, int64_t next_id);
void incidents_fini(struct incidents *s);
void incidents_load(struct incidents *s, const struct incident *known, size_t count);

struct incident_slot *incidents_find(struct incidents *s, int64_t id);

/* The incident a failure of that group belongs to: the group's own, else an open one of
 * the same trunk and verdict, else one that was closed just now (it flaps), else a new
 * one. */
struct incident_slot *incidents_of(struct incidents *s, struct trunk *t,
    struct group *g, const struct judgement *j, int64_t now_us);

/* Is there one that a failure of that trunk and verdict would join? */
bool incidents_has_open(
    struct incidents *s, const struct trunk *t, enum verdict v, int64_t now_us);

/* Those by_caller leave one for the other; by_called: those that stay. */
void incident_part(struct incident_slot *from, struct incident_slot *to,
    const struct samples *by_called, const struct samples *by_caller);

/* A new one, whatever others are open. */
struct incident_slot *incidents_open(struct incidents *s, const struct trunk *t,
    const struct judgement *j, int64_t now_us);

/* One without failures: its summary says all there is. */
void incident_describe(
    struct incident_slot *i, struct trunk *t, const char *summary, int64_t now_us);

/* Counts a failure in. */
void incident_add(
    struct incident_slot *i, struct trunk *t, int64_t failure_id, int64_t now_us);

/* A group was weighed again. */
void incident_judge(struct incident_slot *i, struct trunk *t, const struct group *g,
    const struct judgement *j);

/* Hands the record out; only now its summary is put into words. */
void incident_tell(struct incident_slot *i, const struct trunk *t, int64_t now_us,
    struct incident *out);

void incident_close(struct incident_slot *i, struct trunk *t, int64_t at_us);

/* A recovery ends it at once: nothing between accepted and refused calls explains it.
 */
bool verdict_ends_at_success(enum verdict v);

#endif
