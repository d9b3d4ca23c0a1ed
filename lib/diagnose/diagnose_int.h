/* SPDX-License-Identifier: BSD-2-Clause */
/* diagnose_int - what diagnose.c, inbound.c, abnormal.c and keep.c share. */
#ifndef DIAGNOSE_DIAGNOSE_INT_H
#define DIAGNOSE_DIAGNOSE_INT_H

#include "diagnose/diagnose.h"
#include "diagnose/incidents.h"
#include "diagnose/phrases.h"
#include "diagnose/strangers.h"

enum { MOVED_MAX = 256 };

/* How far writing the trunks' past has come: round and round. */
struct keep {
	size_t trunk_at, looked; /* looked: trunks since the last tick */
	size_t told;             /* of these, written */
	uint8_t part;            /* the next of trunk_at; 0: not begun */
};

struct diagnosis {
	struct phrase_reader phrases;
	struct trunks trunks;
	struct incidents incidents;
	size_t incidents_loaded; /* of the slots, by incidents_load() */
	struct strangers strangers;
	struct moved_failure moved[MOVED_MAX]; /* asked for after each attempt */
	size_t moved_count;
	struct trunk *late; /* whose held outcomes turned out to be refusals */
	int64_t now_us;
	int64_t tell_every_us, heartbeat_us;
	int64_t next_failure_id;
	uint64_t failures;
	bool is_last;
	size_t incident_at, trunk_at, minute_at; /* how far the pulls have come */
	struct keep past;
};

/* A new failure of these facts: an id, no verdict yet. */
void diagnosis_fill(struct diagnosis *d, const struct facts *f, struct failure *out);

/* A refusal of a trunk: its group, its verdict, its incident. */
void diagnosis_record(
    struct diagnosis *d, struct trunk *t, const struct facts *f, struct failure *out);

/* Weighs the trunk's groups of which more is known by now. */
void diagnosis_judge_again(struct diagnosis *d, struct trunk *t);

/* Requests that came to our box: refused by ourselves, if at all. */
bool diagnosis_inbound(struct diagnosis *d, struct facts *f, struct failure *out);

/* The next of the calls held that our box turned away, too. */
bool diagnosis_turned_away(struct diagnosis *d, struct trunk *t, struct failure *out);

/* An attempt of a trunk ended: does it change the share of its normal outcomes? */
void abnormal_note(struct diagnosis *d, struct trunk *t, const struct facts *f);

/* Takes over what earlier runs knew. */
void diagnosis_load(struct diagnosis *d, const struct diagnosis_config *c);

#endif
