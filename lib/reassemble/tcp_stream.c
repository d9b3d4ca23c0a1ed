/* SPDX-License-Identifier: BSD-2-Clause */
/*
 *              base                next
 *               |  message, begun   |   hole   |  came early  |
 *      consumed | read ........ readable       | other pieces |
 *
 * A segment that begins at base while there is no buffer is read where it lies, in
 * the packet. Everything else goes through the buffer.
 */
#include "base/usec.h"
#include "reassemble/reassemble_int.h"

/* The end of a message is waited for this long (RFC 3261: 64*T1 is 32 s). */
#define REST_WAIT_US (60 * USEC_PER_SEC)

enum {
	EVICTIONS_MAX = 64, /* buffers given up to make room for one */
	/* Farther than any window in use: another stream, or a large loss. */
	STRAY_BYTES = 4 << 20,
};

void tcp_stream_open(struct tcp_half *h, uint32_t seq)
{
	h->base = seq;
	h->is_synced = true;
}

static void stop_waiting(struct tcp *t, uint32_t half)
{
	struct tcp_half *h = tcp_half_of(t, half);

	if (h->wait == TCP_WAIT_NONE)
		return;
	list_unlink(&t->waiting[h->wait], t->waits, half);
	h->wait = TCP_WAIT_NONE;
	tcp_look_again(t);
}

static void drop_buffer(struct tcp *t, uint32_t half)
{
	struct tcp_half *h = tcp_half_of(t, half);

	stop_waiting(t, half);
	sparse_free(&t->pool, &h->block);
	h->read = 0;
	h->ws_kept = 0;
	h->ws_raw = 0;
}

void tcp_stream_drop(struct reassembler *r, uint32_t half)
{
	struct tcp *t = &r->tcp;
	struct tcp_half *h = tcp_half_of(t, half);

	if (tcp_content_is_inside(h))
		r->stats[REASSEMBLE_STAT_TCP_INCOMPLETE]++;
	drop_buffer(t, half);
	sipcut_reset(&h->cut, false);
	if (t->active == half)
		t->active = 0;
}

static struct slice readable(const struct tcp *t, const struct tcp_half *h)
{
	struct slice s;

	if (h->block != POOL_NONE) {
		s = sparse_readable(&t->pool, h->block);
		return slice_of(s.ptr + h->read, s.len - h->read);
	}
	return t->seg.seq == h->base ? t->seg.bytes : SLICE_NONE;
}

/* The sequence number of the first byte that is missing. */
static uint32_t next_of(const struct tcp *t, uint32_t half)
{
	const struct tcp_half *h = &t->conns[half / 2].half[half & 1];

	return h->base + (uint32_t)readable(t, h).len;
}

static void take_segment(struct tcp *t, size_t n)
{
	t->seg.bytes = slice_of(t->seg.bytes.ptr + n, t->seg.bytes.len - n);
	t->seg.seq += (uint32_t)n;
}

void tcp_stream_consume(struct tcp *t, struct tcp_half *h, size_t n)
{
	h->base += (uint32_t)n;
	if (h->block != POOL_NONE)
		h->read += (uint32_t)n;
	else
		take_segment(t, n);
}

/* The consumed bytes leave the buffer. */
static void settle(struct tcp *t, struct tcp_half *h)
{
	if (h->block != POOL_NONE)
		sparse_drop(&t->pool, &h->block, h->read);
	h->read = 0;
}

struct wire_event tcp_stream_event(
    const struct tcp *t, uint32_t half, enum transport transport)
{
	const struct tcp_conn *c = &t->conns[half / 2];
	const struct tcp_half *h = &c->half[half & 1];

	return (struct wire_event){.transport = transport,
	    .at_us = t->seg.at_us,
	    .src = c->end[half & 1],
	    .dst = c->end[1 - (half & 1)],
	    .direction = (enum packet_direction)h->direction,
	    .ifindex = h->ifindex};
}

/* The bytes up to seq are missing for good; noticed at that time. */
static void skip_to(struct reassembler *r, uint32_t half, uint32_t seq, int64_t at_us)
{
	struct tcp_half *h = tcp_half_of(&r->tcp, half);
	struct wire_event ev = tcp_stream_event(&r->tcp, half, TRANSPORT_TCP);

	r->stats[REASSEMBLE_STAT_TCP_HOLES]++;
	r->stats[REASSEMBLE_STAT_TCP_HOLE_BYTES] += seq - h->base;
	tcp_content_lose(r, h);
	h->is_lost = true;
	h->base = seq;
	ev.kind = WIRE_GAP;
	ev.at_us = at_us;
	reassemble_push(r, &ev);
}

void tcp_stream_evict(struct reassembler *r, uint32_t half)
{
	struct tcp *t = &r->tcp;
	struct tcp_half *h = tcp_half_of(t, half);

	if (h->block != POOL_NONE)
		skip_to(r, half, next_of(t, half), r->now_us);
	tcp_stream_drop(r, half);
}

static int64_t hole_time(const struct tcp *t, const struct tcp_half *h)
{
	const struct sparse *s = sparse_of(&t->pool, h->block);
	uint32_t from = sparse_hole_end(&t->pool, h->block);

	for (uint32_t i = 0; i < s->pieces; i++) {
		if (s->piece[i].from == from)
			return s->piece[i].at_us;
	}
	return t->seg.at_us;
}

/* Gives up the first hole: on to what lies behind it. The loss happened when that
 * came, however long it was waited for. */
static void skip_hole(struct reassembler *r, uint32_t half)
{
	struct tcp *t = &r->tcp;
	struct tcp_half *h = tcp_half_of(t, half);
	uint32_t n;

	settle(t, h);
	n = h->block == POOL_NONE ? 0 : sparse_hole_end(&t->pool, h->block);
	if (n == 0) { /* only the segment in hand lies behind it */
		drop_buffer(t, half);
		skip_to(r, half, t->seg.seq, t->seg.at_us);
		return;
	}
	skip_to(r, half, h->base + n, hole_time(t, h));
	sparse_drop(&t->pool, &h->block, n);
}

/* The pool is full: the stream that has waited longest, this one apart, goes. */
static bool evict_other(struct reassembler *r, uint32_t half)
{
	struct tcp *t = &r->tcp;
	uint32_t hole = t->waiting[TCP_WAIT_HOLE].head;
	uint32_t rest = t->waiting[TCP_WAIT_REST].head;
	uint32_t oldest = rest;

	if (hole == half)
		hole = t->waits[hole].next;
	if (rest == half)
		oldest = rest = t->waits[rest].next;
	if (rest == 0 || (hole != 0 && tcp_half_of(t, hole)->since_us <
					   tcp_half_of(t, rest)->since_us))
		oldest = hole;
	if (oldest == 0)
		return false;
	r->stats[REASSEMBLE_STAT_TCP_BUFFER_EVICTED]++;
	skip_to(r, oldest, next_of(t, oldest), r->now_us);
	drop_buffer(t, oldest);
	return true;
}

/* Moves n bytes of the segment in hand into the buffer. */
static enum sparse_rc store(struct reassembler *r, uint32_t half, size_t n)
{
	struct tcp *t = &r->tcp;
	struct tcp_half *h = tcp_half_of(t, half);
	uint32_t off = h->read + (t->seg.seq - h->base);
	struct slice bytes = slice_of(t->seg.bytes.ptr, n);
	bool differs = false;
	enum sparse_rc rc;

	for (int evicted = 0;; evicted++) {
		rc =
		    sparse_put(&t->pool, &h->block, off, bytes, t->seg.at_us, &differs);
		if (rc != SPARSE_NO_MEMORY || evicted == EVICTIONS_MAX ||
		    !evict_other(r, half))
			break;
	}
	if (differs)
		r->stats[REASSEMBLE_STAT_TCP_OVERLAP]++;
	if (rc == SPARSE_OLD)
		r->stats[REASSEMBLE_STAT_TCP_RETRANSMITTED]++;
	if (rc == SPARSE_OK || rc == SPARSE_OLD)
		take_segment(t, n);
	return rc;
}

/* Bytes of the segment that were consumed, or worked off in a WebSocket message. */
static void trim(struct tcp *t, struct tcp_half *h)
{
	uint32_t edge = h->base + h->ws_raw;
	uint32_t behind = edge - t->seg.seq;

	if ((int32_t)behind <= 0)
		return;
	take_segment(t, behind < t->seg.bytes.len ? behind : t->seg.bytes.len);
}

/*
 * The readable bytes hold no further message: adds what is left of the segment.
 * True when there is something new to read.
 */
static bool feed(struct reassembler *r, uint32_t half)
{
	struct tcp *t = &r->tcp;
	struct tcp_half *h = tcp_half_of(t, half);
	size_t before = readable(t, h).len;
	size_t room, n;
	uint32_t off;

	if (h->block == POOL_NONE && h->mode == TCP_MODE_WS)
		before = 0; /* frames are read in the buffer only */
	settle(t, h);
	trim(t, h);
	if (t->seg.bytes.len == 0)
		return false;
	off = t->seg.seq - h->base;
	room = sparse_max(&t->pool);
	if (off >= room) {
		skip_hole(r, half);
		return true;
	}
	n = room - off < t->seg.bytes.len ? room - off : t->seg.bytes.len;
	switch (store(r, half, n)) {
	case SPARSE_OK:
	case SPARSE_OLD:
		break;
	case SPARSE_FULL: /* in too many pieces: the first hole has to go */
		skip_hole(r, half);
		return true;
	case SPARSE_NO_MEMORY:
		r->stats[REASSEMBLE_STAT_TCP_BUFFER_EVICTED]++;
		skip_to(r, half, t->seg.seq + (uint32_t)t->seg.bytes.len, t->seg.at_us);
		drop_buffer(t, half);
		take_segment(t, t->seg.bytes.len);
		return false;
	}
	if (readable(t, h).len > before)
		return true;
	if (t->seg.bytes.len == 0)
		return false;
	skip_hole(r, half); /* full up to the window's end, and nothing to read */
	return true;
}

/* A segment that the snap length cut: its message shows what it holds, and where the
 * next segment begins is not known. */
static bool end_cut(struct reassembler *r, uint32_t half, struct wire_event *ev)
{
	struct tcp *t = &r->tcp;
	struct tcp_half *h = tcp_half_of(t, half);
	struct slice data = readable(t, h);
	bool is_message = h->mode == TCP_MODE_SIP && sipcut_is_inside(&h->cut);

	t->seg.is_cut = false;
	if (is_message) {
		tcp_content_made(r, half, ev, TRANSPORT_TCP, data);
		ev->truncated = true;
	}
	tcp_stream_consume(t, h, data.len);
	sipcut_reset(&h->cut, true);
	h->is_cut = true;
	return is_message;
}

/* The stream has been read as far as it goes: what does it wait for now? */
static void rest(struct tcp *t, uint32_t half)
{
	struct tcp_half *h = tcp_half_of(t, half);
	enum tcp_wait wait = TCP_WAIT_REST;
	uint32_t seq = h->base;

	settle(t, h);
	t->active = 0;
	if (h->block == POOL_NONE) {
		stop_waiting(t, half);
		return;
	}
	if (sparse_hole_end(&t->pool, h->block) != 0) {
		wait = TCP_WAIT_HOLE;
		seq = next_of(t, half);
	}
	if (h->wait == wait && h->wait_seq == seq)
		return;
	stop_waiting(t, half);
	h->wait = (uint8_t)wait;
	h->wait_seq = seq;
	h->since_us = wait == TCP_WAIT_HOLE ? hole_time(t, h) : t->seg.at_us;
	list_append(&t->waiting[wait], t->waits, half);
	tcp_look_again(t);
}

/* Whole messages in order, and nothing behind them: nearly every segment ends so. */
static bool is_used_up(const struct tcp *t, const struct tcp_half *h)
{
	return t->seg.bytes.len == 0 && h->block == POOL_NONE && !t->seg.is_cut &&
	       !h->has_fin && h->wait == TCP_WAIT_NONE && h->mode == TCP_MODE_SIP;
}

bool tcp_next(struct reassembler *r, struct wire_event *ev)
{
	struct tcp *t = &r->tcp;
	uint32_t half = t->active;
	struct tcp_half *h = tcp_half_of(t, half);

	for (;;) {
		enum tcp_step s;

		if (is_used_up(t, h)) {
			t->active = 0;
			return false;
		}
		s = tcp_content_step(r, half, readable(t, h), ev);

		if (s == TCP_STEP_EVENT)
			return true;
		if (r->queue_len > 0 || r->hep_rest.ptr != NULL)
			return false; /* that comes first; we are called again */
		if (s == TCP_STEP_AGAIN)
			continue;
		if (h->mode == TCP_MODE_FOREIGN)
			drop_buffer(t, half);
		if (t->seg.is_cut && h->block == POOL_NONE && end_cut(r, half, ev))
			return true;
		if (feed(r, half))
			continue;
		if (h->has_fin && next_of(t, half) == h->fin_seq)
			tcp_stream_drop(r, half);
		rest(t, half);
		return false;
	}
}

void tcp_stream_fin(struct reassembler *r, uint32_t half, uint32_t fin_seq)
{
	struct tcp_half *h = tcp_half_of(&r->tcp, half);

	h->has_fin = true;
	h->fin_seq = fin_seq;
	if (r->tcp.active != half && h->is_synced && next_of(&r->tcp, half) == fin_seq)
		tcp_stream_drop(r, half);
}

/* Data where none was expected. True: go on with it as if the stream began here. */
static bool join(
    struct reassembler *r, struct tcp_half *h, const struct packet *pkt, uint32_t seq)
{
	int32_t ahead;

	if (!h->is_synced) {
		r->stats[REASSEMBLE_STAT_TCP_LATE_JOIN]++;
		sipcut_reset(&h->cut, true);
		h->mode = TCP_MODE_UNKNOWN;
		h->is_lost = true;
		tcp_stream_open(h, seq);
		return true;
	}
	if (h->mode != TCP_MODE_FOREIGN)
		return true;
	/* Once given up, only a start counts, and only one that is new. */
	ahead = (int32_t)(seq - h->base);
	if ((ahead < 0 && ahead > -STRAY_BYTES) ||
	    !tcp_content_is_start(pkt->payload)) {
		if (ahead + (int64_t)pkt->payload.len > 0)
			h->base = seq + (uint32_t)pkt->payload.len;
		return false;
	}
	h->base = seq;
	h->mode = TCP_MODE_UNKNOWN;
	sipcut_reset(&h->cut, true);
	return true;
}

/*
 * Far outside every window: an attacker's guess, or so much was lost. What begins
 * with a start line is believed at once, anything else at the second in a row, so
 * that neither one forged segment nor a large loss ends what we see of a stream.
 */
static bool is_stray(
    struct reassembler *r, uint32_t half, const struct packet *pkt, uint32_t seq)
{
	struct tcp_half *h = tcp_half_of(&r->tcp, half);
	int32_t ahead = (int32_t)(seq - h->base);

	if (h->is_cut && ahead > 0) { /* what the snap length took is no loss */
		h->is_cut = false;
		h->base = seq;
		return false;
	}
	if (ahead > -STRAY_BYTES && ahead < STRAY_BYTES) {
		h->has_stray = false;
		return false;
	}
	r->stats[REASSEMBLE_STAT_TCP_STRAY]++;
	if (!h->has_stray && !tcp_content_is_start(pkt->payload)) {
		h->has_stray = true;
		return true;
	}
	h->has_stray = false;
	drop_buffer(&r->tcp, half);
	skip_to(r, half, seq, pkt->at_us);
	return false;
}

void tcp_stream_segment(
    struct reassembler *r, uint32_t half, const struct packet *pkt, uint32_t seq)
{
	struct tcp *t = &r->tcp;
	struct tcp_half *h = tcp_half_of(t, half);

	r->stats[REASSEMBLE_STAT_TCP_SEGMENTS]++;
	t->offered = 0;
	t->seg = (struct tcp_segment){.seq = seq,
	    .bytes = pkt->payload,
	    .at_us = pkt->at_us,
	    .is_cut = pkt->truncated};
	if (!join(r, h, pkt, seq) || is_stray(r, half, pkt, seq))
		return;
	if ((int32_t)(seq - h->base) > 0 && h->block == POOL_NONE)
		r->stats[REASSEMBLE_STAT_TCP_OUT_OF_ORDER]++;
	trim(t, h);
	if (t->seg.bytes.len == 0) {
		r->stats[REASSEMBLE_STAT_TCP_RETRANSMITTED]++;
		return;
	}
	/* What was lost may have held the end of the line before. */
	if (h->is_lost && h->cut.is_mid_line && t->seg.seq == h->base &&
	    tcp_content_is_start(t->seg.bytes))
		h->cut.is_mid_line = false;
	t->active = half;
}

bool tcp_stream_expire(struct reassembler *r)
{
	struct tcp *t = &r->tcp;
	int64_t hole_us = (int64_t)r->config.hole_wait_ms * USEC_PER_MSEC;
	uint32_t half = t->waiting[TCP_WAIT_HOLE].head;

	if (half != 0 &&
	    usec_since(tcp_half_of(t, half)->since_us, r->now_us) >= hole_us) {
		t->seg = (struct tcp_segment){.at_us = r->now_us};
		skip_hole(r, half);
		t->active = half;
		return true;
	}
	half = t->waiting[TCP_WAIT_REST].head;
	if (half != 0 &&
	    usec_since(tcp_half_of(t, half)->since_us, r->now_us) >= REST_WAIT_US) {
		struct tcp_half *h = tcp_half_of(t, half);

		h->base = next_of(t, half);
		tcp_stream_drop(r, half);
		tcp_content_lose(r, h);
		return true;
	}
	return false;
}

int64_t tcp_stream_due(const struct reassembler *r)
{
	const int64_t wait_us[TCP_WAITS] = {
	    [TCP_WAIT_HOLE] = (int64_t)r->config.hole_wait_ms * USEC_PER_MSEC,
	    [TCP_WAIT_REST] = REST_WAIT_US};
	int64_t due_us = INT64_MAX;

	for (int w = TCP_WAIT_HOLE; w < TCP_WAITS; w++) {
		uint32_t half = r->tcp.waiting[w].head;
		const struct tcp_half *h = &r->tcp.conns[half / 2].half[half & 1];

		if (half != 0 && h->since_us + wait_us[w] < due_us)
			due_us = h->since_us + wait_us[w];
	}
	return due_us;
}
