/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcp - TCP connections and the SIP in their two streams.
 *
 * tcp_conn.c    which connections exist: SYN, RST, FIN, eviction, time
 * tcp_stream.c  one direction: segments to bytes in order
 * tcp_content.c these bytes to messages
 * tcp_whole.c   the short road past these two, for a segment that is a message
 *
 * A connection is one table entry for both directions, because a reset and a
 * SYN-ACK speak about the other side. It stands in one of four lists by what it is
 * worth; the oldest of the least worth goes first, so that a flood of SYNs displaces
 * SYNs and never a trunk's connection.
 *
 * Bytes stay in the packet as long as they can. A stream takes a buffer of the pool
 * when a segment ends inside a message or comes before its turn.
 */
#ifndef REASSEMBLE_TCP_H
#define REASSEMBLE_TCP_H

#include "base/hash.h"
#include "reassemble/reassemble.h"
#include "reassemble/sipcut.h"
#include "reassemble/slots.h"
#include "reassemble/sparse.h"

enum tcp_class {        /* in the order they are given up */
	TCP_CLOSED = 0, /* both FINs or a reset; kept so that a retransmission is one */
	TCP_ASKED,      /* SYNs and nothing else */
	TCP_OPEN,       /* answered or data seen */
	TCP_SIP,        /* a SIP start line was seen */
	TCP_CLASSES,
};

enum tcp_mode {               /* what a stream carries */
	TCP_MODE_UNKNOWN = 0, /* at a boundary, to be looked at */
	TCP_MODE_SIP,
	TCP_MODE_WS,
	TCP_MODE_HEP,
	TCP_MODE_FOREIGN, /* not ours; only the starts of segments are looked at */
};

/* What a stream with a buffer waits for. */
enum tcp_wait { TCP_WAIT_NONE = 0, TCP_WAIT_HOLE, TCP_WAIT_REST, TCP_WAITS };

struct tcp_half {
	uint32_t base;  /* sequence number of the first byte not consumed */
	uint32_t block; /* its buffer, or POOL_NONE; base is at offset .read in it */
	uint32_t read;
	uint32_t isn;
	uint32_t junk;            /* bytes since the last message that were no SIP */
	uint32_t ifindex;         /* of the last segment */
	uint32_t ws_kept, ws_raw; /* WebSocket: payload assembled; bytes worked off */
	struct sipcut cut;
	int64_t since_us;  /* the wait began */
	uint32_t wait_seq; /* what is waited for, to tell a new wait from an old one */
	uint8_t mode, wait, direction;
	bool is_synced; /* base is known */
	bool is_lost;   /* bytes were missing, and no message was found since */
	bool has_isn;
	bool has_fin;
	bool is_cut;       /* the last segment was, by the snap length */
	bool is_packed;    /* WebSocket: the message in hand is compressed */
	bool was_reported; /* as carrying something else than SIP */
	bool has_stray;    /* the last segment was far outside the window */
	uint32_t fin_seq;
};

struct tcp_conn {
	struct endpoint end[2];  /* in byte order */
	struct tcp_half half[2]; /* half[i] is what end[i] sends */
	int64_t syn_at_us;
	uint8_t klass, syn_count, syn_from;
	bool is_watched; /* on a SIP port */
	bool is_answered;
	bool is_reported; /* as refused, reset or silent */
};

/* The segment in hand: what of it has not been consumed or stored. */
struct tcp_segment {
	uint32_t seq;
	struct slice bytes;
	int64_t at_us;
	bool is_cut; /* by the snap length */
};

struct reassembler;

enum { TCP_RECENT = 64 };

struct tcp {
	struct pool pool;
	struct slots slots;
	struct tcp_conn *conns;
	struct link *links;          /* of conns */
	uint32_t recent[TCP_RECENT]; /* of conns, found here without a hash */
	struct list classes[TCP_CLASSES];
	struct link *waits; /* of halves: 2 * conn + direction */
	struct list waiting[TCP_WAITS];
	int64_t due_us;     /* before, none of what waits has waited long enough */
	uint32_t active;    /* the half that is being read, or 0 */
	uint32_t offered;   /* the half whose segment in hand was offered, or 0 */
	size_t message_max; /* longer ones are skipped */
	struct tcp_segment seg;
};

int tcp_init(struct tcp *t, uint32_t conns_max, size_t stream_bytes, size_t flow_bytes);
void tcp_fini(struct tcp *t);
size_t tcp_memory(const struct tcp *t);

void tcp_packet(struct reassembler *r, const struct packet *pkt);
/* The next event of the active stream. False: it has ended (and is active no more)
 * or has queued an event that comes first. */
bool tcp_next(struct reassembler *r, struct wire_event *ev);
/* One wait that is over by r->now_us; false when there is none. */
bool tcp_expire(struct reassembler *r);

/* tcp_conn.c, for the other two */
void tcp_set_class(struct tcp *t, uint32_t conn, enum tcp_class klass);

/* tcp_stream.c, for tcp_conn.c */
void tcp_stream_open(struct tcp_half *h, uint32_t seq);
void tcp_stream_drop(struct reassembler *r, uint32_t half);
void tcp_stream_evict(struct reassembler *r, uint32_t half); /* and say what is lost */
void tcp_stream_segment(
    struct reassembler *r, uint32_t half, const struct packet *pkt, uint32_t seq);
void tcp_stream_fin(struct reassembler *r, uint32_t half, uint32_t fin_seq);
bool tcp_stream_expire(struct reassembler *r);
int64_t tcp_stream_due(const struct reassembler *r); /* when there will be one */

/* tcp_stream.c, for tcp_content.c */
void tcp_stream_consume(struct tcp *t, struct tcp_half *h, size_t n);
struct wire_event tcp_stream_event(
    const struct tcp *t, uint32_t half, enum transport transport);

/* tcp_whole.c, for tcp_conn.c. True: the segment is an event now. */
bool tcp_whole_offer(
    struct reassembler *r, uint32_t half, const struct packet *pkt, uint32_t seq);

/* tcp_content.c, for the other two */
enum tcp_step {
	TCP_STEP_MORE = 0, /* nothing whole in these bytes: more are needed */
	TCP_STEP_AGAIN,    /* some were worked off: call again */
	TCP_STEP_EVENT,
};

/* data: all readable bytes of the stream. */
enum tcp_step tcp_content_step(
    struct reassembler *r, uint32_t half, struct slice data, struct wire_event *ev);
/* Makes bytes of the stream an event. */
void tcp_content_made(struct reassembler *r, uint32_t half, struct wire_event *ev,
    enum transport transport, struct slice bytes);
/* Bytes are missing: what was begun is lost, and a start is sought. */
void tcp_content_lose(struct reassembler *r, struct tcp_half *h);
bool tcp_content_is_inside(const struct tcp_half *h);
/* Would a stream that begins here be worth an entry? */
bool tcp_content_is_start(struct slice bytes);

static inline struct tcp_half *tcp_half_of(struct tcp *t, uint32_t half)
{
	return &t->conns[half / 2].half[half & 1];
}

/* What waits longest has changed: it has to be looked at again. */
static inline void tcp_look_again(struct tcp *t)
{
	t->due_us = INT64_MIN;
}

#endif
