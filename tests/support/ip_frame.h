/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ip_frame - IPv4 frames made by hand, for tests that feed the whole pipeline.
 *
 * Link type RAW; checksums are left out, as nobody looks at them.
 */
#ifndef TESTS_IP_FRAME_H
#define TESTS_IP_FRAME_H

#include <stdlib.h>
#include <string.h>

#include "capfile/frame.h"

enum { IP_FRAME_MAX = 65535, IP_FRAME_RAW = 101, IP_FRAME_IP = 20, IP_FRAME_UDP = 8 };

struct ip_flow {
	uint32_t src, dst; /* host order */
	uint16_t sport, dport;
};

struct ip_frame {
	uint8_t bytes[IP_FRAME_MAX];
	size_t len;
};

static inline void ip_put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void ip_put32(uint8_t *p, uint32_t v)
{
	ip_put16(p, v >> 16);
	ip_put16(p + 2, v & 0xffff);
}

/* offset in bytes; more: the flag of a fragment that another follows. */
static inline void ip_fragment(struct ip_frame *f, const struct ip_flow *flow,
    uint8_t proto, uint16_t id, size_t offset, bool more, const void *body, size_t len)
{
	uint8_t *p = f->bytes;

	if (len > IP_FRAME_MAX - IP_FRAME_IP)
		abort();
	f->len = IP_FRAME_IP + len;
	memset(p, 0, IP_FRAME_IP);
	p[0] = 0x45;
	ip_put16(p + 2, (unsigned)f->len);
	ip_put16(p + 4, id);
	ip_put16(p + 6, (unsigned)(more ? 0x2000 : 0) | (unsigned)(offset / 8));
	p[8] = 64;
	p[9] = proto;
	ip_put32(p + 12, flow->src);
	ip_put32(p + 16, flow->dst);
	memmove(p + IP_FRAME_IP, body, len);
}

/* A whole UDP datagram without its IP header; returns its length. */
static inline size_t ip_udp_body(
    uint8_t *to, const struct ip_flow *flow, const void *payload, size_t len)
{
	if (len > IP_FRAME_MAX - IP_FRAME_IP - IP_FRAME_UDP)
		abort();
	ip_put16(to, flow->sport);
	ip_put16(to + 2, flow->dport);
	ip_put16(to + 4, (unsigned)(IP_FRAME_UDP + len));
	ip_put16(to + 6, 0);
	memcpy(to + IP_FRAME_UDP, payload, len);
	return IP_FRAME_UDP + len;
}

static inline void ip_udp(
    struct ip_frame *f, const struct ip_flow *flow, const void *payload, size_t len)
{
	uint8_t body[IP_FRAME_MAX];

	ip_fragment(
	    f, flow, 17, 0, 0, false, body, ip_udp_body(body, flow, payload, len));
}

struct ip_tcp {
	uint32_t seq, ack;
	uint8_t flags; /* TCP_SYN ... of decode/packet.h */
};

static inline void ip_tcp(struct ip_frame *f, const struct ip_flow *flow,
    struct ip_tcp tcp, const void *payload, size_t len)
{
	enum { HEADER = 20 };
	uint8_t body[IP_FRAME_MAX];

	if (len > IP_FRAME_MAX - IP_FRAME_IP - HEADER)
		abort();
	memset(body, 0, HEADER);
	ip_put16(body, flow->sport);
	ip_put16(body + 2, flow->dport);
	ip_put32(body + 4, tcp.seq);
	ip_put32(body + 8, tcp.ack);
	body[12] = HEADER / 4 << 4;
	body[13] = tcp.flags;
	ip_put16(body + 14, 65535);
	if (len > 0)
		memcpy(body + HEADER, payload, len);
	ip_fragment(f, flow, 6, 0, 0, false, body, HEADER + len);
}

static inline struct frame ip_frame_at(const struct ip_frame *f, int64_t at_us)
{
	return (struct frame){.at_ns = at_us * 1000,
	    .linktype = IP_FRAME_RAW,
	    .wire_len = (uint32_t)f->len,
	    .bytes = slice_of(f->bytes, f->len)};
}

#endif
