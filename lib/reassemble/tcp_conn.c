/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "base/usec.h"
#include "reassemble/reassemble_int.h"

/* A caller that sent its SYN again and heard nothing for as long as chan_sip waits
 * for an answer to a request (domain.md: 6.4 s) has asked a silent trunk. */
#define SYN_WAIT_US (6 * USEC_PER_SEC)

/* RFC 6298 2.1: a SYN is repeated after a second; some do after less. */
#define SYN_AGAIN_US (200 * USEC_PER_MSEC)

/* An old copy of a SYN may come late; anything else on these ports is a new
 * connection. */
enum { LATE_SYN_BYTES = 1 << 20 };

int tcp_init(struct tcp *t, uint32_t conns_max, size_t stream_bytes, size_t flow_bytes)
{
	int rc = pool_init(&t->pool, stream_bytes, flow_bytes);

	if (rc < 0)
		return rc;
	rc = slots_init(&t->slots, conns_max);
	if (rc < 0)
		return rc;
	/* A quarter of the window is left for segments that come early. */
	t->message_max = sparse_max(&t->pool) / 4 * 3;
	t->conns = calloc((size_t)conns_max + 1, sizeof(*t->conns));
	t->links = calloc((size_t)conns_max + 1, sizeof(*t->links));
	t->waits = calloc(2 * ((size_t)conns_max + 1), sizeof(*t->waits));
	return t->conns == NULL || t->links == NULL || t->waits == NULL ? -ENOMEM : 0;
}

void tcp_fini(struct tcp *t)
{
	pool_fini(&t->pool);
	slots_fini(&t->slots);
	free(t->conns);
	free(t->links);
	free(t->waits);
}

size_t tcp_memory(const struct tcp *t)
{
	return pool_memory(&t->pool) + slots_memory(&t->slots) +
	       ((size_t)t->slots.max + 1) *
		   (sizeof(*t->conns) + sizeof(*t->links) + 2 * sizeof(*t->waits));
}

void tcp_set_class(struct tcp *t, uint32_t id, enum tcp_class klass)
{
	struct tcp_conn *c = &t->conns[id];

	if (t->classes[klass].tail == id)
		return; /* it is the newest already */
	if (c->klass == TCP_ASKED || klass == TCP_ASKED)
		tcp_look_again(t);
	list_unlink(&t->classes[c->klass], t->links, id);
	c->klass = (uint8_t)klass;
	list_append(&t->classes[klass], t->links, id);
}

static void forget(struct reassembler *r, uint32_t id)
{
	struct tcp *t = &r->tcp;

	tcp_stream_evict(r, 2 * id);
	tcp_stream_evict(r, 2 * id + 1);
	list_unlink(&t->classes[t->conns[id].klass], t->links, id);
	tcp_look_again(t);
	t->conns[id].end[0] = (struct endpoint){0}; /* .recent finds it no more */
	slots_give(&t->slots, id);
}

/* The least worth first; SYNs may hold a quarter of the table before they go. */
static uint32_t victim(const struct tcp *t)
{
	if (t->classes[TCP_CLOSED].head != 0)
		return t->classes[TCP_CLOSED].head;
	if (t->classes[TCP_ASKED].count > t->slots.max / 4)
		return t->classes[TCP_ASKED].head;
	if (t->classes[TCP_OPEN].head != 0)
		return t->classes[TCP_OPEN].head;
	return t->classes[TCP_SIP].head; /* at least three quarters of the table */
}

static uint32_t open_conn(
    struct reassembler *r, const struct endpoint end[2], uint64_t hash, bool is_watched)
{
	struct tcp *t = &r->tcp;
	struct tcp_conn *c;
	uint32_t id;

	if (t->slots.taken == t->slots.max) {
		r->stats[REASSEMBLE_STAT_TCP_FLOW_EVICTED]++;
		forget(r, victim(t));
	}
	id = slots_take(&t->slots, hash);
	c = &t->conns[id];
	*c = (struct tcp_conn){.klass = TCP_OPEN, .is_watched = is_watched};
	memcpy(c->end, end, sizeof(c->end));
	c->half[0].block = POOL_NONE;
	c->half[1].block = POOL_NONE;
	list_append(&t->classes[TCP_OPEN], t->links, id);
	r->stats[REASSEMBLE_STAT_TCP_CONNECTIONS]++;
	return id;
}

/* Pure ACKs, FINs and resets of connections we do not follow take no entry; nor does
 * the middle of a stream on a port that is not known for SIP, unless a message
 * begins right there. */
static bool is_worth(const struct packet *pkt, bool is_watched)
{
	if ((pkt->tcp.flags & TCP_RST) != 0)
		return false;
	if ((pkt->tcp.flags & TCP_SYN) != 0)
		return true;
	if (pkt->payload.len == 0)
		return false;
	return is_watched || tcp_content_is_start(pkt->payload);
}

/* Of IPv4 only the bytes that can differ. */
static uint64_t hash_ends(const struct reassembler *r, const struct endpoint end[2])
{
	struct {
		uint8_t ip[2][4];
		uint16_t port[2];
	} v4 = {.port = {end[0].port, end[1].port}};

	if (end[0].ip.family != 4 || end[1].ip.family != 4)
		return hash_quick(&r->hash, end, 2 * sizeof(end[0]));
	memcpy(v4.ip[0], end[0].ip.bytes, 4);
	memcpy(v4.ip[1], end[1].ip.bytes, 4);
	return hash_quick(&r->hash, &v4, sizeof(v4));
}

static bool is_between(const struct tcp_conn *c, const struct endpoint end[2])
{
	return endpoint_eq(&c->end[0], &end[0]) && endpoint_eq(&c->end[1], &end[1]);
}

/* A box has a few trunks, whose packets come in turn: nearly always one of those seen
 * last is meant. It spares a keyed hash: 150 instructions a message. Who makes others
 * collide on purpose only makes us hash. */
static uint32_t *recent_of(struct tcp *t, const struct endpoint end[2])
{
	uint32_t at = (uint32_t)end[0].port + end[1].port + end[0].ip.bytes[3] +
		      end[1].ip.bytes[3];

	return &t->recent[at % TCP_RECENT];
}

static uint32_t find(struct reassembler *r, const struct packet *pkt, int *dir)
{
	struct tcp *t = &r->tcp;
	bool is_watched = reassemble_is_watched(r, &pkt->src, &pkt->dst);
	struct endpoint end[2];
	uint32_t *recent;
	uint64_t hash;
	uint32_t id;

	if (!is_watched && !r->is_any_port &&
	    (r->config.hep_port == 0 ||
		!reassemble_is_hep_port(r, &pkt->src, &pkt->dst))) {
		r->stats[REASSEMBLE_STAT_OTHER_PORT]++;
		return 0;
	}
	*dir = endpoint_is_before(&pkt->dst, &pkt->src);
	end[*dir] = pkt->src;
	end[1 - *dir] = pkt->dst;
	recent = recent_of(t, end);
	if (is_between(&t->conns[*recent], end))
		return *recent;
	hash = hash_ends(r, end);
	id = slots_first(&t->slots, hash);
	while (id != 0 && !is_between(&t->conns[id], end))
		id = slots_next(&t->slots, id, hash);
	if (id == 0 && is_worth(pkt, is_watched))
		id = open_conn(r, end, hash, is_watched);
	*recent = id;
	return id;
}

static void report(struct reassembler *r, struct tcp_conn *c, int from,
    enum wire_event_kind kind, int64_t at_us)
{
	static const enum reassemble_stat stat[] = {
	    [WIRE_TCP_REFUSED] = REASSEMBLE_STAT_TCP_REFUSED,
	    [WIRE_TCP_RESET] = REASSEMBLE_STAT_TCP_RESET,
	    [WIRE_TCP_SILENT] = REASSEMBLE_STAT_TCP_SILENT,
	};
	struct wire_event ev = {.kind = kind,
	    .transport = TRANSPORT_TCP,
	    .at_us = at_us,
	    .src = c->end[from],
	    .dst = c->end[1 - from],
	    .ifindex = c->half[from].ifindex,
	    .direction = (enum packet_direction)c->half[from].direction};

	if (c->is_reported)
		return;
	c->is_reported = true;
	r->stats[stat[kind]]++;
	reassemble_push(r, &ev);
}

static bool is_of_interest(const struct tcp_conn *c)
{
	return c->is_watched || c->klass == TCP_SIP;
}

/* RFC 9293 3.10.7: a reset bears the number its sender has come to. Far from it, it
 * is somebody else's guess (RFC 5961); as near as this, losses may explain it. */
static bool is_plausible_reset(const struct tcp_half *h, uint32_t seq)
{
	return !h->is_synced || seq - h->base + LATE_SYN_BYTES < 2 * LATE_SYN_BYTES;
}

static void on_reset(
    struct reassembler *r, uint32_t id, int dir, const struct packet *pkt)
{
	struct tcp_conn *c = &r->tcp.conns[id];
	const struct tcp_half *other = &c->half[1 - dir];
	bool is_asked = c->syn_count > 0 && !c->is_answered;

	/* RFC 9293 3.10.7.3: what refuses a SYN acknowledges it. */
	if (is_asked && dir != c->syn_from && (pkt->tcp.flags & TCP_ACK) != 0 &&
	    pkt->tcp.ack != other->isn + 1)
		return;
	if (!is_asked && !is_plausible_reset(&c->half[dir], pkt->tcp.seq)) {
		r->stats[REASSEMBLE_STAT_TCP_STRAY]++;
		return;
	}
	if (is_of_interest(c) && is_asked && dir != c->syn_from)
		report(r, c, dir, WIRE_TCP_REFUSED, pkt->at_us);
	else if (is_of_interest(c) && !is_asked && !c->half[0].has_fin &&
		 !c->half[1].has_fin)
		report(r, c, dir, WIRE_TCP_RESET, pkt->at_us);
	tcp_set_class(&r->tcp, id, TCP_CLOSED);
}

static void restart(struct reassembler *r, uint32_t id)
{
	struct tcp_conn *c = &r->tcp.conns[id];

	for (uint32_t i = 0; i < 2; i++) {
		tcp_stream_drop(r, 2 * id + i);
		c->half[i] = (struct tcp_half){.block = POOL_NONE};
	}
	c->syn_count = 0;
	c->is_answered = false;
	c->is_reported = false;
}

/* Is this SYN one we have seen, or older than the data that was seen already? */
static bool is_known_syn(const struct tcp_half *h, uint32_t seq)
{
	if (h->has_isn)
		return h->isn == seq;
	return h->is_synced && h->base - (seq + 1) < LATE_SYN_BYTES;
}

static void on_syn(
    struct reassembler *r, uint32_t id, int dir, const struct packet *pkt)
{
	struct tcp_conn *c = &r->tcp.conns[id];
	struct tcp_half *h = &c->half[dir];
	bool is_answer = (pkt->tcp.flags & TCP_ACK) != 0;

	if (is_known_syn(h, pkt->tcp.seq)) {
		h->isn = pkt->tcp.seq;
		h->has_isn = true;
		/* Not the same SYN on a second interface. */
		if (!is_answer && c->syn_count == 1 &&
		    usec_since(c->syn_at_us, pkt->at_us) >= SYN_AGAIN_US)
			c->syn_count++;
		return;
	}
	if (h->has_isn || h->is_synced || (!is_answer && c->half[1 - dir].is_synced))
		restart(r, id);
	tcp_stream_open(h, pkt->tcp.seq + 1);
	h->isn = pkt->tcp.seq;
	h->has_isn = true;
	if (!is_answer) {
		c->syn_count = 1;
		c->syn_from = (uint8_t)dir;
		c->syn_at_us = pkt->at_us;
		tcp_set_class(&r->tcp, id, TCP_ASKED);
		return;
	}
	/* The answer also says where the other side begins. */
	if (!c->half[1 - dir].is_synced)
		tcp_stream_open(&c->half[1 - dir], pkt->tcp.ack);
	c->is_answered = true;
	tcp_set_class(&r->tcp, id, TCP_OPEN);
}

void tcp_packet(struct reassembler *r, const struct packet *pkt)
{
	int dir = 0;
	uint32_t id = find(r, pkt, &dir);
	struct tcp_conn *c;
	uint32_t seq = pkt->tcp.seq;

	if (id == 0)
		return;
	c = &r->tcp.conns[id];
	c->half[dir].ifindex = pkt->ifindex;
	c->half[dir].direction = (uint8_t)pkt->direction;
	if ((pkt->tcp.flags & TCP_RST) != 0) {
		on_reset(r, id, dir, pkt);
		return;
	}
	if ((pkt->tcp.flags & TCP_SYN) != 0) {
		on_syn(r, id, dir, pkt);
		seq++; /* it takes a number of its own */
	}
	/* Whoever sent the SYN goes on: it was answered, seen by us or not. */
	if ((pkt->tcp.flags & (TCP_SYN | TCP_ACK)) == TCP_ACK)
		c->is_answered = true;
	if (c->is_answered && c->klass == TCP_ASKED)
		tcp_set_class(&r->tcp, id, TCP_OPEN);
	if (pkt->payload.len > 0) {
		if (c->klass == TCP_OPEN || c->klass == TCP_SIP)
			tcp_set_class(&r->tcp, id, (enum tcp_class)c->klass);
		if ((pkt->tcp.flags & (TCP_SYN | TCP_FIN)) == 0 &&
		    c->klass == TCP_SIP &&
		    tcp_whole_offer(r, 2 * id + (uint32_t)dir, pkt, seq))
			return;
		tcp_stream_segment(r, 2 * id + (uint32_t)dir, pkt, seq);
	}
	if ((pkt->tcp.flags & TCP_FIN) != 0) {
		tcp_stream_fin(
		    r, 2 * id + (uint32_t)dir, seq + (uint32_t)pkt->payload.len);
		if (c->half[1 - dir].has_fin)
			tcp_set_class(&r->tcp, id, TCP_CLOSED);
	}
}

/* The oldest SYN without an answer. */
static bool expire_syn(struct reassembler *r)
{
	struct tcp *t = &r->tcp;
	uint32_t id = t->classes[TCP_ASKED].head;
	struct tcp_conn *c = &t->conns[id];

	if (id == 0 || usec_since(c->syn_at_us, r->now_us) < SYN_WAIT_US)
		return false;
	/* One SYN alone proves nothing: the caller may not have needed the answer. */
	if (c->syn_count > 1 && is_of_interest(c))
		report(r, c, c->syn_from, WIRE_TCP_SILENT, c->syn_at_us + SYN_WAIT_US);
	tcp_set_class(t, id, TCP_CLOSED);
	return true;
}

bool tcp_expire(struct reassembler *r)
{
	struct tcp *t = &r->tcp;
	uint32_t asked = t->classes[TCP_ASKED].head;

	if (r->now_us < t->due_us)
		return false;
	if (expire_syn(r) || tcp_stream_expire(r))
		return true;
	t->due_us = tcp_stream_due(r);
	if (asked != 0 && t->conns[asked].syn_at_us + SYN_WAIT_US < t->due_us)
		t->due_us = t->conns[asked].syn_at_us + SYN_WAIT_US;
	return false;
}
