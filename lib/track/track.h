/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * track - messages to attempts.
 *
 *         INVITE -> 407 -> ACK -> INVITE with credentials -> 403     one attempt
 *
 * In         Events of reassemble/ with their parsed messages, ICMP errors, and
 *            ticks: "everything up to T has been seen".
 * Out        The facts of each attempt that is decided, pulled with
 *            tracker_next() until it returns NULL.
 * Ownership  Facts are borrowed until the next call of any tracker_*().
 * Limits     struct tracker_config; evictions are counted.
 * Threads    One tracker, one thread.
 * Cost       No allocation; one hash of Call-ID and tag, one table hit, one copy
 *            into the recorder per message; strings are taken once per attempt.
 */
#ifndef TRACK_TRACK_H
#define TRACK_TRACK_H

#include "base/err.h"
#include "base/usage.h"
#include "sip/sip_value.h"
#include "track/facts.h"
#include "track/recorder.h"

struct tracker_config {
	struct hash_key key;
	const struct ip_net *local; /* none: inferred */
	size_t local_count;
	uint32_t attempts_max; /* undecided */
	uint32_t legs_max;     /* those, the calls that are up, and the just decided */
	uint32_t remotes_max;
	uint32_t recorder_bytes;
};

struct tracker;

int tracker_new(const struct tracker_config *c, struct tracker **out, struct err *e);
void tracker_free(struct tracker *t);

/* ev->kind is WIRE_MESSAGE, and msg parsed. */
void tracker_message(
    struct tracker *t, const struct wire_event *ev, const struct sip_msg *msg);

/*
 * The same in steps, for who has other work between them. With many attempts in flight
 * a message meets three cache misses in a row: its bucket, its leg, the leg's facts. So
 * a few messages are under way at once, and each step asks the memory for what the next
 * one will need:
 *
 *         keep -> (parse a->ev.bytes into a->msg) -> announce -> fetch -> fetch ->
 * arrive
 *
 * Messages arrive in the order in which they were kept, and anything else the tracker
 * is told waits until all have. At most ARRIVALS_MAX are under way, none of more than
 * ARRIVAL_BYTES_MAX: then none is overwritten in the recorder before it arrives.
 */
struct clue { /* what every message says about where it belongs */
	uint64_t call_hash;
	uint32_t tag_hash;
	bool has_to_tag;
	bool is_usable; /* false: it names no call, or no transaction */
	struct sip_cseq cseq;
};

struct arrival {
	struct wire_event ev; /* .bytes: the recorder's copy */
	uint64_t record;
	struct clue clue;
	struct sip_msg msg;
};

enum { ARRIVALS_MAX = 16, ARRIVAL_BYTES_MAX = 8192 };

/* a->ev is set, its bytes on loan until then. */
void tracker_keep(struct tracker *t, struct arrival *a);
/* Only so many of its bytes are the message; before anything else is kept. */
void tracker_shorten(struct tracker *t, struct arrival *a, size_t len);
/* It is no message: instead of the further steps, before anything else is kept. */
void tracker_drop(struct tracker *t, const struct arrival *a);
void tracker_announce(struct tracker *t, struct arrival *a);
void tracker_fetch_leg(const struct tracker *t, const struct arrival *a);
void tracker_fetch_facts(const struct tracker *t, const struct arrival *a);
void tracker_arrive(struct tracker *t, const struct arrival *a);

/* WIRE_TCP_REFUSED, _RESET, _SILENT: what TCP says about ev->src and ev->dst. */
void tracker_tcp(struct tracker *t, const struct wire_event *ev);

/* PACKET_ICMP. */
void tracker_icmp(struct tracker *t, const struct packet *pkt);

/* WIRE_GAP: bytes between ev->src and ev->dst are gone for good. Only attempts between
 * these two are touched: a stranger's broken stream says nothing about a trunk. */
void tracker_gap(struct tracker *t, const struct wire_event *ev);

void tracker_tick(struct tracker *t, int64_t now_us);

/* Packets of this span of time were lost: attempts that are not decided yet and were
 * under way in it are incomplete. */
void tracker_lost(struct tracker *t, int64_t from_us, int64_t until_us);

/* No more packets will come: what can be decided is; the rest is "open". */
void tracker_finish(struct tracker *t);

/* The next decided attempt, or NULL. Call until NULL after every other call. The
 * outcome is mutable: diagnose/ knows what is normal. */
struct facts *tracker_next(struct tracker *t);

struct recorder *tracker_recorder(struct tracker *t);
uint64_t tracker_evicted_attempts(const struct tracker *t);
uint64_t tracker_evicted_calls(const struct tracker *t);
uint64_t tracker_memory(const struct tracker *t);

/* Attempts, legs, remotes, recorder bytes. */
enum { TRACKER_TABLES = 4 };
void tracker_usage(const struct tracker *t, struct usage out[TRACKER_TABLES]);

/* Answered calls with that address that are up now. */
uint32_t tracker_active_calls(struct tracker *t, const struct ip_addr *remote);

#endif
