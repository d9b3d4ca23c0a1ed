/* SPDX-License-Identifier: BSD-2-Clause */
/* What a stream carries: SIP, WebSocket frames, HEP packets, or something foreign. */
#include "reassemble/reassemble_int.h"
#include "reassemble/sniff.h"
#include "reassemble/websocket.h"

/* Then a stream is not SIP, whatever its port says. */
enum { JUNK_MAX = 64 * 1024 };

bool tcp_content_is_start(struct slice bytes)
{
	size_t head;

	return sniff_sip(sniff_skip_crlf(bytes), false) == SNIFF_SIP || hep_is(bytes) ||
	       ws_is_message(bytes) || ws_upgrade(bytes, &head) == WS_OK;
}

bool tcp_content_is_inside(const struct tcp_half *h)
{
	return sipcut_is_inside(&h->cut) || h->ws_kept > 0;
}

void tcp_content_lose(struct reassembler *r, struct tcp_half *h)
{
	if (tcp_content_is_inside(h))
		r->stats[REASSEMBLE_STAT_TCP_INCOMPLETE]++;
	h->ws_kept = 0;
	h->ws_raw = 0;
	h->is_packed = false;
	if (h->mode != TCP_MODE_SIP)
		h->mode = TCP_MODE_UNKNOWN;
	sipcut_reset(&h->cut, true);
}

/* Something else speaks on a SIP port: said once for each direction. */
static void report_foreign(struct reassembler *r, uint32_t half, struct slice bytes)
{
	struct tcp *t = &r->tcp;
	struct tcp_half *h = tcp_half_of(t, half);
	struct wire_event ev = tcp_stream_event(t, half, TRANSPORT_TCP);

	if (!t->conns[half / 2].is_watched || h->was_reported)
		return;
	h->was_reported = true;
	ev.kind = WIRE_NOT_SIP;
	ev.bytes = bytes;
	reassemble_count_foreign(r, bytes);
	reassemble_push(r, &ev);
}

/*
 * The framing is lost, or was never there. On a SIP port start lines are sought, in
 * all bytes; elsewhere, and after much junk, only the starts of segments count.
 */
static void give_up(struct reassembler *r, uint32_t half, struct slice bytes)
{
	struct tcp *t = &r->tcp;
	struct tcp_half *h = tcp_half_of(t, half);
	bool is_hopeless = !t->conns[half / 2].is_watched || h->junk > JUNK_MAX;

	if (!h->cut.is_seeking || is_hopeless)
		report_foreign(r, half, bytes);
	tcp_content_lose(r, h);
	h->mode = is_hopeless ? TCP_MODE_FOREIGN : TCP_MODE_SIP;
}

static void become(struct reassembler *r, uint32_t half, enum tcp_mode mode)
{
	struct tcp *t = &r->tcp;

	tcp_half_of(t, half)->mode = (uint8_t)mode;
	tcp_half_of(t, half)->junk = 0;
	if (t->conns[half / 2].klass != TCP_CLOSED)
		tcp_set_class(t, half / 2, TCP_SIP);
}

/* At a boundary: what is this stream? */
static enum tcp_step step_unknown(
    struct reassembler *r, uint32_t half, struct slice data)
{
	struct tcp *t = &r->tcp;
	struct tcp_half *h = tcp_half_of(t, half);
	struct slice s = sniff_skip_crlf(data);
	enum ws_rc ws;
	enum sniff sip;
	size_t head;

	r->stats[REASSEMBLE_STAT_KEEPALIVE] += s.len != data.len;
	tcp_stream_consume(t, h, data.len - s.len);
	if (s.len == 0)
		return TCP_STEP_MORE;
	if (hep_is(s) && reassemble_is_hep_port(r, &t->conns[half / 2].end[0],
			     &t->conns[half / 2].end[1])) {
		become(r, half, TCP_MODE_HEP);
		return TCP_STEP_AGAIN;
	}
	sip = sniff_sip(s, false);
	if (sip == SNIFF_SIP) {
		become(r, half, TCP_MODE_SIP);
		return TCP_STEP_AGAIN;
	}
	if (sip == SNIFF_MORE) /* a start of "HEP3" and of "GET" is a token too */
		return TCP_STEP_MORE;
	ws = ws_upgrade(s, &head);
	if (ws == WS_MORE)
		return TCP_STEP_MORE;
	if (ws == WS_OK) {
		tcp_stream_consume(t, h, head);
		r->stats[REASSEMBLE_STAT_WS_UPGRADES]++;
	}
	if (ws == WS_OK || (h->cut.is_seeking && ws_is_message(s))) {
		become(r, half, TCP_MODE_WS);
		return TCP_STEP_AGAIN;
	}
	give_up(r, half, s);
	return TCP_STEP_AGAIN;
}

void tcp_content_made(struct reassembler *r, uint32_t half, struct wire_event *ev,
    enum transport transport, struct slice bytes)
{
	struct tcp *t = &r->tcp;
	struct tcp_half *h = tcp_half_of(t, half);

	*ev = tcp_stream_event(t, half, transport);
	ev->kind = WIRE_MESSAGE;
	ev->bytes = bytes;
	if (h->block != POOL_NONE) {
		const struct sparse *s = sparse_of(&t->pool, h->block);

		ev->at_us = sparse_time(&t->pool, h->block,
		    (uint32_t)((const uint8_t *)bytes.ptr - s->bytes + bytes.len));
	}
	h->junk = 0;
	h->is_lost = false;
	r->stats[transport == TRANSPORT_TCP ? REASSEMBLE_STAT_MESSAGES_TCP
					    : REASSEMBLE_STAT_MESSAGES_WS]++;
}

static enum tcp_step step_sip(
    struct reassembler *r, uint32_t half, struct slice data, struct wire_event *ev)
{
	struct tcp *t = &r->tcp;
	struct tcp_half *h = tcp_half_of(t, half);
	struct sipcut_found f;
	enum sipcut_rc rc = sipcut_next(&h->cut, data, t->message_max, &f);

	r->stats[REASSEMBLE_STAT_KEEPALIVE] += f.keepalives;
	r->stats[REASSEMBLE_STAT_TCP_GARBAGE_BYTES] += f.garbage;
	r->stats[REASSEMBLE_STAT_TCP_TOO_LONG] += f.too_long;
	r->stats[REASSEMBLE_STAT_TCP_BAD_LENGTH] += f.bad_length;
	if (rc == SIPCUT_MESSAGE) {
		tcp_content_made(
		    r, half, ev, TRANSPORT_TCP, slice_of(data.ptr + f.skip, f.len));
		tcp_stream_consume(t, h, f.skip + f.len);
		if (t->conns[half / 2].klass == TCP_OPEN)
			tcp_set_class(t, half / 2, TCP_SIP);
		return TCP_STEP_EVENT;
	}
	tcp_stream_consume(t, h, f.skip);
	h->junk += (uint32_t)f.garbage;
	if (h->junk <= JUNK_MAX)
		return TCP_STEP_MORE;
	give_up(r, half, data);
	return TCP_STEP_AGAIN;
}

static enum tcp_step step_hep(
    struct reassembler *r, uint32_t half, struct slice data, struct wire_event *ev)
{
	struct tcp *t = &r->tcp;
	struct tcp_half *h = tcp_half_of(t, half);
	struct wire_event base = tcp_stream_event(t, half, TRANSPORT_HEP);
	size_t len = 0;
	enum hep_rc rc = hep_length(data, &len);

	if (rc == HEP_BAD) {
		r->stats[REASSEMBLE_STAT_HEP_BAD]++;
		give_up(r, half, data);
		return TCP_STEP_AGAIN;
	}
	if (rc == HEP_MORE || len > data.len)
		return TCP_STEP_MORE;
	datagram_hep(r, slice_of(data.ptr, len), false, &base);
	tcp_stream_consume(t, h, len);
	return r->hep_rest.ptr != NULL && datagram_next(r, ev) ? TCP_STEP_EVENT
							       : TCP_STEP_AGAIN;
}

/* One WebSocket message is whole: RFC 7118 5 wants exactly one SIP message in it. */
static enum tcp_step ws_message(
    struct reassembler *r, uint32_t half, struct slice payload, struct wire_event *ev)
{
	struct tcp *t = &r->tcp;
	struct tcp_half *h = tcp_half_of(t, half);
	struct slice sip = sniff_skip_crlf(payload);
	bool is_sip = sniff_sip(sip, true) == SNIFF_SIP;

	if (is_sip)
		tcp_content_made(r, half, ev, TRANSPORT_WS, sip);
	else if (sip.len == 0)
		r->stats[REASSEMBLE_STAT_KEEPALIVE]++;
	else
		r->stats[REASSEMBLE_STAT_NOT_SIP_OTHER]++;
	tcp_stream_consume(t, h, h->ws_raw);
	h->ws_kept = 0;
	h->ws_raw = 0;
	return is_sip ? TCP_STEP_EVENT : TCP_STEP_AGAIN;
}

/* Does a data frame belong to a compressed message? RFC 7692 6.1: the first of its
 * frames says so for all. */
static bool ws_is_packed(struct tcp_half *h, const struct ws_frame *f)
{
	if (f->opcode != WS_CONTINUATION) {
		h->is_packed = f->is_extended;
		h->ws_kept = 0;
	}
	return h->is_packed;
}

/*
 * Frames are unmasked in the buffer, which is ours to write: the payloads of one
 * message move together at its start, [0, ws_kept); frames are worked off up to
 * ws_raw.
 */
static enum tcp_step step_ws(
    struct reassembler *r, uint32_t half, struct slice data, struct wire_event *ev)
{
	struct tcp *t = &r->tcp;
	struct tcp_half *h = tcp_half_of(t, half);
	struct slice raw = slice_of(data.ptr + h->ws_raw, data.len - h->ws_raw);
	struct ws_frame f;
	enum ws_rc rc = ws_frame_head(raw, &f);
	uint8_t *bytes;

	if (h->block == POOL_NONE)
		return TCP_STEP_MORE; /* it lies in the packet: feed() takes it in */
	if (rc == WS_NOT || f.payload_len > sparse_max(&t->pool)) {
		r->stats[REASSEMBLE_STAT_WS_BAD]++;
		give_up(r, half, data);
		return TCP_STEP_AGAIN;
	}
	if (rc == WS_MORE || raw.len - f.head_len < f.payload_len)
		return TCP_STEP_MORE;
	bytes = sparse_of(&t->pool, h->block)->bytes + h->read;
	if (f.opcode >= WS_CLOSE) {
		r->stats[REASSEMBLE_STAT_WS_CONTROL]++;
	} else if (ws_is_packed(h, &f)) {
		r->stats[REASSEMBLE_STAT_WS_COMPRESSED]++;
	} else {
		ws_unmask(&f, bytes + h->ws_kept, bytes + h->ws_raw + f.head_len,
		    (size_t)f.payload_len);
		h->ws_kept += (uint32_t)f.payload_len;
	}
	h->ws_raw += (uint32_t)(f.head_len + f.payload_len);
	if (f.opcode < WS_CLOSE && f.is_final && !h->is_packed)
		return ws_message(r, half, slice_of(bytes, h->ws_kept), ev);
	if (h->ws_kept == 0) {
		tcp_stream_consume(t, h, h->ws_raw);
		h->ws_raw = 0;
	}
	return TCP_STEP_AGAIN;
}

enum tcp_step tcp_content_step(
    struct reassembler *r, uint32_t half, struct slice data, struct wire_event *ev)
{
	struct tcp *t = &r->tcp;
	struct tcp_half *h = tcp_half_of(t, half);

	if (data.len == 0)
		return TCP_STEP_MORE;
	switch ((enum tcp_mode)h->mode) {
	case TCP_MODE_UNKNOWN:
		return step_unknown(r, half, data);
	case TCP_MODE_SIP:
		return step_sip(r, half, data, ev);
	case TCP_MODE_HEP:
		return step_hep(r, half, data, ev);
	case TCP_MODE_WS:
		return step_ws(r, half, data, ev);
	case TCP_MODE_FOREIGN:
		break;
	}
	tcp_stream_consume(t, h, data.len);
	return TCP_STEP_MORE;
}
