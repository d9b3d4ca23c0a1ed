/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pipeline - the stages, joined: frames in, findings out.
 *
 *         frame -> decode -> reassemble -> sip -> track -> diagnose -> sink
 *
 * In         Frames in capture order, and ticks: "every source has delivered
 *            up to T". A file ends with pipeline_finish().
 * Out        Calls of the sink, from inside the call that caused them. Records
 *            and message bytes are borrowed until the sink returns.
 * Ownership  The caller owns the frame; nothing of it is kept after the call.
 * Limits     struct pipeline_config; all memory is taken by pipeline_new().
 * Threads    One pipeline, one thread. No clock, no log, no global.
 * Cost       No allocation per packet.
 */
#ifndef PIPELINE_PIPELINE_H
#define PIPELINE_PIPELINE_H

#include "base/err.h"
#include "decode/decode.h"
#include "diagnose/diagnose.h"
#include "diagnose/finding.h"
#include "diagnose/trunk_config.h"
#include "pipeline/wire_counts.h"
#include "reassemble/reassemble.h"
#include "track/track.h"

struct ast_trunks;

struct sink {
	void *ctx;
	void (*failure)(void *ctx, const struct failure *f,
	    const struct failure_message *msgs, size_t count);
	void (*incident)(
	    void *ctx, const struct incident *i); /* insert or update by id */
	void (*moved)(void *ctx, const struct moved_failure *m); /* after the failure */
	void (*trunk)(
	    void *ctx, const struct trunk_state *t); /* insert or update by id */
	void (*minute)(
	    void *ctx, const struct trunk_minute *m); /* add to what is there */
	void (*capture_minute)(void *ctx, const struct capture_minute *m);
	void (*past)(void *ctx, const struct trunk_past *p); /* in place of the old */
	bool no_messages; /* nobody will read them: failures come without */
};

/* What a database held, so that a restart goes on where it stopped. */
struct pipeline_start {
	int64_t next_failure_id, next_incident_id, next_trunk_id; /* at least 1 */
	const struct trunk_state *trunks; /* borrowed until pipeline_new() returns */
	size_t trunk_count;
	const struct known_past *past; /* likewise */
	size_t past_count;
	const struct incident *incidents;
	size_t incident_count;
};

struct pipeline_config {
	struct reassemble_config reassemble;
	struct hash_key key;
	const struct ip_net *local; /* our own addresses; none: inferred */
	size_t local_count;
	const struct trunk_config *trunks; /* borrowed as long as the pipeline lives */
	size_t trunk_count;
	struct phrases phrases;           /* borrowed as long as the pipeline lives */
	const struct ast_trunks *secrets; /* borrowed; NULL: digests are not checked */
	uint32_t attempts_max;            /* in flight */
	uint32_t dialogs_max;             /* active calls */
	uint32_t recorder_bytes;          /* 8 MiB */
	uint32_t trunks_max, incidents_max;
	int64_t tell_every_us; /* trunks and incidents that change, at most so often; 0:
				  1 s. Nobody watches a file being read */
	uint32_t full_per_minute; /* evidence.full_per_minute: thin.h */
	bool keep_credentials;    /* evidence.keep_credentials: do not mask digests */
};

void pipeline_config_default(struct pipeline_config *c);

struct pipeline_counters {
	uint64_t frames, bytes;
	uint64_t decode[DECODE_RC_COUNT];
	uint64_t messages; /* every copy seen */
	uint64_t
	    malformed; /* looked like SIP, did not parse, or names no transaction */
	uint64_t not_sip, keepalives;
	uint64_t attempts; /* each once, all methods */
	uint64_t failures, incidents;
	uint64_t thinned; /* failures of which the row alone was handed on */
	uint64_t evicted_attempts, evicted_dialogs, evidence_overwritten;
	uint64_t dropped; /* told with pipeline_lost() */
};

struct pipeline;

int pipeline_new(const struct pipeline_config *c, const struct pipeline_start *start,
    struct sink sink, struct pipeline **out, struct err *e);
void pipeline_free(struct pipeline *p);

/* Other trunks and secrets (NULL: none) from now on, both borrowed until the next call;
 * changed_at_us: when their source was written. */
void pipeline_configure(struct pipeline *p, const struct trunk_config *rows,
    size_t count, const struct ast_trunks *secrets, int64_t changed_at_us);

void pipeline_frame(struct pipeline *p, const struct frame *frame);
void pipeline_hep(struct pipeline *p, struct slice datagram, int64_t now_us);
void pipeline_tick(struct pipeline *p, int64_t now_us);

/* No frame follows at once: what the last few hold is made known now. A few messages
 * are under way together, so that the memory each needs is asked for in time; they keep
 * copies of their own, and a tick does the same. */
void pipeline_flush(struct pipeline *p);

/* Packets that were captured in that span of time were lost: attempts under way then
 * are marked incomplete. Counted in the minute of its end. */
enum loss { LOSS_KERNEL = 0, LOSS_RING, LOSS_FILE };
void pipeline_lost(struct pipeline *p, enum loss kind, uint64_t packets,
    int64_t from_us, int64_t until_us);

/* The file's end: decides what can be decided, closes nothing that still runs. */
void pipeline_finish(struct pipeline *p);

void pipeline_counters(const struct pipeline *p, struct pipeline_counters *out);
const uint64_t *pipeline_reassemble_stats(const struct pipeline *p);
/* All that decode and reassembly counted; names: wire_counts.h. */
void pipeline_wire_counts(const struct pipeline *p, uint64_t out[WIRE_COUNTS]);
uint64_t pipeline_memory(const struct pipeline *p); /* bytes reserved */

/* How full each bounded table is: tables.def. */
enum { PIPELINE_TABLES = TRACKER_TABLES + DIAGNOSIS_TABLES + REASSEMBLER_TABLES };
void pipeline_usage(const struct pipeline *p, struct usage out[PIPELINE_TABLES]);
const char *pipeline_table_name(size_t i);
const char *pipeline_table_help(size_t i);

/*
 * The first half alone, for `trunkwatch messages`: frames to parsed messages.
 *
 *         wire_frame(w, &frame);
 *         while (wire_next(w, &ev, &msg, &rc)) ...
 */
struct wire;
int wire_new(const struct reassemble_config *c, const struct hash_key *key,
    struct wire **out, struct err *e);
void wire_free(struct wire *w);
uint64_t wire_memory(const struct wire *w); /* bytes reserved */
void wire_usage(const struct wire *w, struct usage out[REASSEMBLER_TABLES]);
/* The packet the frame became, for ICMP errors; NULL: nothing came of it (an ARP, RTP,
 * a part of something), wire_next() would say no. */
const struct packet *wire_frame(struct wire *w, const struct frame *frame);
void wire_hep(struct wire *w, struct slice datagram, int64_t now_us);
void wire_tick(struct wire *w, int64_t now_us);
struct sip_msg;
bool wire_next_event(struct wire *w, struct wire_event *ev); /* not parsed yet */
/* The event given last was an offer, and offer.h says so many of its bytes are one
 * message: reassemble_took(). */
void wire_took(struct wire *w, size_t n);
/* Each event once; rc and *msg are meant for WIRE_MESSAGE only. */
bool wire_next(
    struct wire *w, struct wire_event *ev, const struct sip_msg **msg, enum sip_rc *rc);
const uint64_t *wire_decode_counts(const struct wire *w);
const uint64_t *wire_reassemble_stats(const struct wire *w);

#endif
