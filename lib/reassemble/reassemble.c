/* SPDX-License-Identifier: BSD-2-Clause */
#include "reassemble/reassemble.h"

#include <errno.h>
#include <stdlib.h>

#include "decode/decode.h"
#include "reassemble/reassemble_int.h"
#include "reassemble/sniff.h"

enum { FLOW_BYTES_MIN = 16 * 1024, NESTED_MAX = 4 };

const char *transport_name(enum transport t)
{
	static const char *const names[] = {
	    [TRANSPORT_UDP] = "udp",
	    [TRANSPORT_TCP] = "tcp",
	    [TRANSPORT_WS] = "ws",
	    [TRANSPORT_HEP] = "hep",
	};

	return names[t];
}

const char *reassemble_stat_name(enum reassemble_stat s)
{
	static const char *const names[] = {
#define REASSEMBLE_STAT(id, name, help) name,
#include "reassemble/reassemble_stats.def"
	};

	return names[s];
}

void reassemble_config_default(struct reassemble_config *c)
{
	*c = (struct reassemble_config){
	    .datagrams_max = 2048,
	    .datagram_bytes = 8 << 20,
	    .flows_max = 16384,
	    .flow_bytes = 256 << 10,
	    .stream_bytes = 16 << 20,
	    .hole_wait_ms = 2000,
	    .fragment_wait_ms = 30000,
	};
}

static int check_config(const struct reassemble_config *c, struct err *e)
{
	/* A buffer that grows is there twice for a moment. */
	if (c->flow_bytes < FLOW_BYTES_MIN || c->stream_bytes / 2 < c->flow_bytes)
		return err_set(e, -EINVAL,
		    "flow_bytes %u must be at least %d and at most half of stream_bytes %u",
		    c->flow_bytes, FLOW_BYTES_MIN, c->stream_bytes);
	if (c->datagram_bytes < 2 * (IPFRAG_BYTES_MAX + 1))
		return err_set(e, -EINVAL, "datagram_bytes %u must be at least %d",
		    c->datagram_bytes, 2 * (IPFRAG_BYTES_MAX + 1));
	if (c->datagrams_max == 0 || c->flows_max < 2 || c->datagrams_max > 1 << 24 ||
	    c->flows_max > 1 << 24)
		return err_set(e, -EINVAL,
		    "datagrams_max %u or flows_max %u out of range", c->datagrams_max,
		    c->flows_max);
	if (c->hep_key.len > REASSEMBLE_KEY_MAX)
		return err_set(e, -EINVAL, "the HEP key is longer than %d bytes",
		    REASSEMBLE_KEY_MAX);
	return 0;
}

static void set_ports(struct reassembler *r, const struct port_range *range, size_t n)
{
	static const struct port_range usual = {5060, 5061};

	r->is_any_port = n == 0;
	if (n == 0) {
		range = &usual;
		n = 1;
	}
	for (size_t i = 0; i < n; i++) {
		for (uint32_t p = range[i].first; p <= range[i].last; p++)
			r->ports[p / 64] |= UINT64_C(1) << (p % 64);
	}
}

static int take_memory(struct reassembler *r)
{
	const struct reassemble_config *c = &r->config;
	int rc;

	r->inflater = calloc(1, sizeof(*r->inflater));
	if (r->inflater == NULL)
		return -ENOMEM;
	r->frag.hash = &r->key;
	r->frag.stats = r->stats;
	r->frag.wait_us = (int64_t)c->fragment_wait_ms * 1000;
	rc = ipfrag_init(&r->frag, c->datagrams_max, c->datagram_bytes);
	if (rc < 0)
		return rc;
	return tcp_init(&r->tcp, c->flows_max / 2, c->stream_bytes, c->flow_bytes);
}

int reassembler_new(const struct reassemble_config *config, const struct hash_key *key,
    struct reassembler **out, struct err *e)
{
	struct reassembler *r;
	int rc = check_config(config, e);

	if (rc < 0)
		return rc;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return err_set(e, -ENOMEM, "reassembly: out of memory");
	r->config = *config;
	r->key = *key;
	hash_quick_init(&r->hash, key);
	set_ports(r, config->ports, config->port_count);
	if (config->hep_key.ptr != NULL) { /* the caller's copy may go away */
		memcpy(r->hep_key, config->hep_key.ptr, config->hep_key.len);
		r->config.hep_key.ptr = r->hep_key;
	}
	rc = take_memory(r);
	if (rc < 0) {
		reassembler_free(r);
		return err_set(e, rc, "reassembly: out of memory");
	}
	*out = r;
	return 0;
}

void reassembler_free(struct reassembler *r)
{
	if (r == NULL)
		return;
	ipfrag_fini(&r->frag);
	tcp_fini(&r->tcp);
	free(r->inflater);
	free(r);
}

uint64_t reassembler_memory(const struct reassembler *r)
{
	return sizeof(*r) + sizeof(*r->inflater) + ipfrag_memory(&r->frag) +
	       tcp_memory(&r->tcp);
}

static struct usage bytes_of(const struct pool *p, uint64_t evicted)
{
	return (struct usage){(uint64_t)p->used * POOL_BLOCK_MIN,
	    (uint64_t)p->blocks * POOL_BLOCK_MIN, evicted};
}

void reassembler_usage(
    const struct reassembler *r, struct usage out[REASSEMBLER_TABLES])
{
	uint64_t datagrams = r->stats[REASSEMBLE_STAT_FRAG_EVICTED];

	out[0] = (struct usage){r->frag.slots.taken, r->frag.slots.max, datagrams};
	out[1] = bytes_of(&r->frag.pool, datagrams);
	out[2] = (struct usage){r->tcp.slots.taken, r->tcp.slots.max,
	    r->stats[REASSEMBLE_STAT_TCP_FLOW_EVICTED]};
	out[3] = bytes_of(&r->tcp.pool, r->stats[REASSEMBLE_STAT_TCP_BUFFER_EVICTED]);
}

static bool has_port(const struct reassembler *r, uint16_t port)
{
	return (r->ports[port / 64] >> (port % 64) & 1) != 0;
}

bool reassemble_is_watched(
    const struct reassembler *r, const struct endpoint *a, const struct endpoint *b)
{
	return has_port(r, a->port) || has_port(r, b->port);
}

bool reassemble_is_hep_port(
    const struct reassembler *r, const struct endpoint *a, const struct endpoint *b)
{
	uint16_t want = r->config.hep_port;

	return want == 0 || a->port == want || b->port == want;
}

void reassemble_push(struct reassembler *r, const struct wire_event *ev)
{
	if (r->queue_len == REASSEMBLE_QUEUE) {
		r->stats[REASSEMBLE_STAT_EVENTS_UNREAD]++;
		return;
	}
	r->queue[(r->queue_head + r->queue_len) % REASSEMBLE_QUEUE] = *ev;
	r->queue_len++;
}

void reassemble_count_foreign(struct reassembler *r, struct slice bytes)
{
	static const enum reassemble_stat stat[] = {
	    [FOREIGN_OTHER] = REASSEMBLE_STAT_NOT_SIP_OTHER,
	    [FOREIGN_STUN] = REASSEMBLE_STAT_NOT_SIP_STUN,
	    [FOREIGN_DTLS] = REASSEMBLE_STAT_NOT_SIP_DTLS,
	    [FOREIGN_TLS] = REASSEMBLE_STAT_NOT_SIP_TLS,
	    [FOREIGN_RTP] = REASSEMBLE_STAT_NOT_SIP_RTP,
	};

	r->stats[stat[sniff_foreign(bytes)]]++;
}

static void take_fragment(struct reassembler *r, const struct packet *pkt)
{
	struct packet whole;
	struct packet fragment = *pkt;

	/* A tunnel may carry fragments of its own; how deep is bounded. */
	for (int depth = 0; depth < NESTED_MAX; depth++) {
		if (!ipfrag_add(&r->frag, &fragment, &whole))
			return;
		if (decode_ip_payload(&whole) != DECODE_OK)
			break;
		switch (whole.kind) {
		case PACKET_UDP:
			datagram_packet(r, &whole);
			return;
		case PACKET_TCP:
			tcp_packet(r, &whole);
			return;
		case PACKET_FRAGMENT:
			fragment = whole;
			continue;
		case PACKET_ICMP:
			break;
		}
		break;
	}
	r->stats[REASSEMBLE_STAT_FRAG_UNDECODED]++;
}

static inline bool has_events(const struct reassembler *r)
{
	return r->queue_len > 0 || r->hep_rest.ptr != NULL || r->tcp.active != 0;
}

static inline bool is_due(const struct reassembler *r)
{
	return ipfrag_is_due(&r->frag, r->now_us) || r->now_us >= r->tcp.due_us;
}

static void begin(struct reassembler *r, int64_t now_us)
{
	struct wire_event ev;

	while (has_events(r) && reassemble_next(r, &ev))
		r->stats[REASSEMBLE_STAT_EVENTS_UNREAD]++;
	ipfrag_release(&r->frag);
	r->now_us = now_us;
}

bool reassemble_packet(struct reassembler *r, const struct packet *pkt)
{
	begin(r, pkt->at_us);
	switch (pkt->kind) {
	case PACKET_UDP:
		datagram_packet(r, pkt);
		break;
	case PACKET_TCP:
		tcp_packet(r, pkt);
		break;
	case PACKET_FRAGMENT:
		take_fragment(r, pkt);
		break;
	case PACKET_ICMP: /* track/ takes them from the packet */
		break;
	}
	return has_events(r) || is_due(r);
}

bool reassemble_passes_over(
    struct reassembler *r, int64_t at_us, uint16_t src_port, uint16_t dst_port)
{
	if (has_port(r, src_port) || has_port(r, dst_port) || has_events(r))
		return false;
	ipfrag_release(&r->frag);
	r->now_us = at_us;
	if (is_due(r))
		return false;
	if (!r->is_any_port)
		r->stats[REASSEMBLE_STAT_OTHER_PORT]++;
	return true;
}

void reassemble_tick(struct reassembler *r, int64_t now_us)
{
	begin(r, now_us);
}

void reassemble_hep(struct reassembler *r, struct slice datagram, int64_t now_us)
{
	struct wire_event base = {.at_us = now_us};

	begin(r, now_us);
	datagram_hep(r, datagram, false, &base);
}

static void take_queued(struct reassembler *r, struct wire_event *ev)
{
	*ev = r->queue[r->queue_head];
	r->queue_len--;
	/* Empty, it begins at its first entry again, which is warm. */
	r->queue_head = r->queue_len == 0 ? 0 : (r->queue_head + 1) % REASSEMBLE_QUEUE;
}

/* Events are made one at a time, as they are asked for: however much a segment or a
 * tick brings, nothing has to be kept for later. */
bool reassemble_next(struct reassembler *r, struct wire_event *ev)
{
	for (;;) {
		if (r->queue_len > 0) {
			take_queued(r, ev);
			return true;
		}
		if (r->hep_rest.ptr != NULL && datagram_next(r, ev))
			return true;
		if (r->tcp.active != 0) {
			if (tcp_next(r, ev))
				return true;
			continue; /* it is done, or has queued something */
		}
		/* Here each packet passes, and nearly always nothing is due. */
		if (!is_due(r))
			return false;
		if (!ipfrag_expire(&r->frag, r->now_us) && !tcp_expire(r))
			return false;
	}
}

const uint64_t *reassemble_stats(const struct reassembler *r)
{
	return r->stats;
}
