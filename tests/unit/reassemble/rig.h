/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rig - a reassembler, packets made by hand, and what came out.
 *
 * Every packet's payload ends at a page that nobody may touch, and every event's
 * bytes are copied, so that the test outlives the borrow. Not for Criterion only:
 * the fuzz targets use it too, so nothing here asserts but by abort().
 */
#ifndef TESTS_REASSEMBLE_RIG_H
#define TESTS_REASSEMBLE_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../support/guard.h"
#include "base/usec.h"
#include "pipeline/offer.h"
#include "reassemble/reassemble.h"

enum { RIG_EVENTS = 4096 };

struct rig_event {
	struct wire_event ev;
	char *bytes;
};

struct rig {
	struct reassembler *r;
	int64_t now_us;
	struct rig_event got[RIG_EVENTS];
	size_t count;
	uint64_t total; /* events, also those beyond the table */
};

static const struct hash_key rig_key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};

static inline void rig_require(bool ok)
{
	if (!ok)
		abort();
}

static inline struct reassemble_config rig_config(void)
{
	struct reassemble_config c;

	reassemble_config_default(&c);
	c.may_offer = true; /* as the pipeline says */
	return c;
}

static inline struct rig *rig_new(const struct reassemble_config *config)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	struct reassemble_config c = rig_config();
	struct err e;

	rig_require(rig != NULL);
	rig_require(reassembler_new(config ? config : &c, &rig_key, &rig->r, &e) == 0);
	rig->now_us = 1700000000 * USEC_PER_SEC;
	return rig;
}

static inline void rig_forget(struct rig *rig)
{
	for (size_t i = 0; i < rig->count; i++)
		free(rig->got[i].bytes);
	rig->count = 0;
	rig->total = 0;
}

static inline void rig_free(struct rig *rig)
{
	rig_forget(rig);
	reassembler_free(rig->r);
	free(rig);
}

static inline uint64_t rig_stat(const struct rig *rig, enum reassemble_stat s)
{
	return reassemble_stats(rig->r)[s];
}

/* As the pipeline does. False: none of what was offered is a message. */
static inline bool rig_take_offer(struct reassembler *r, struct wire_event *ev)
{
	static struct sip_msg msg;

	if (!ev->is_offer)
		return true;
	ev->bytes.len = offer_take(ev->bytes, &msg, sip_msg_parse(ev->bytes, &msg));
	reassemble_took(r, ev->bytes.len);
	return ev->bytes.len > 0;
}

static inline void rig_drain(struct rig *rig)
{
	struct wire_event ev;

	while (reassemble_next(rig->r, &ev)) {
		struct rig_event *to = &rig->got[rig->count];

		if (!rig_take_offer(rig->r, &ev))
			continue;
		rig->total++;
		if (rig->count == RIG_EVENTS)
			continue;
		to->bytes = malloc(ev.bytes.len + 1);
		rig_require(to->bytes != NULL);
		if (ev.bytes.len > 0)
			memcpy(to->bytes, ev.bytes.ptr, ev.bytes.len);
		to->ev = ev;
		to->ev.bytes.ptr = to->bytes;
		rig->count++;
	}
}

static inline void rig_tick(struct rig *rig, int64_t after_us)
{
	rig->now_us += after_us;
	reassemble_tick(rig->r, rig->now_us);
	rig_drain(rig);
}

/* 192.0.2.<host>:<port> */
static inline struct endpoint rig_v4(uint8_t host, uint16_t port)
{
	return (struct endpoint){
	    .ip = {.bytes = {192, 0, 2, host}, .family = 4}, .port = port};
}

/* [2001:db8::<host>]:<port> */
static inline struct endpoint rig_v6(uint8_t host, uint16_t port)
{
	struct endpoint e = {.port = port};

	e.ip.family = 6;
	memcpy(e.ip.bytes, "\x20\x01\x0d\xb8", 4);
	e.ip.bytes[15] = host;
	return e;
}

static inline void rig_packet(struct rig *rig, struct packet *pkt)
{
	struct slice payload = pkt->payload;

	pkt->at_us = rig->now_us;
	if (payload.len <= 65536)
		pkt->payload = guard_copy(payload.ptr, payload.len);
	reassemble_packet(rig->r, pkt);
	rig_drain(rig);
	pkt->payload = payload;
}

static inline void rig_udp_between(
    struct rig *rig, struct endpoint src, struct endpoint dst, struct slice payload)
{
	struct packet pkt = {.kind = PACKET_UDP,
	    .src = src,
	    .dst = dst,
	    .proto = 17,
	    .payload = payload};

	rig_packet(rig, &pkt);
}

static inline void rig_udp(struct rig *rig, struct slice payload)
{
	rig_udp_between(rig, rig_v4(1, 5060), rig_v4(2, 5060), payload);
}

/* A TCP connection 192.0.2.1:40000 -> 192.0.2.2:5060; side 0 opened it. */
struct rig_tcp {
	struct rig *rig;
	struct endpoint end[2];
	uint32_t seq[2]; /* the next byte of each side */
};

static inline struct rig_tcp rig_tcp(struct rig *rig, uint16_t port)
{
	return (struct rig_tcp){.rig = rig,
	    .end = {rig_v4(1, 40000), rig_v4(2, port)},
	    .seq = {0xfffffc00, 5000}}; /* wraps after 1 KiB */
}

static inline void rig_segment(
    struct rig_tcp *c, int from, uint8_t flags, uint32_t seq, struct slice bytes)
{
	struct packet pkt = {.kind = PACKET_TCP,
	    .src = c->end[from],
	    .dst = c->end[1 - from],
	    .proto = 6,
	    .payload = bytes,
	    .tcp = {.seq = seq, .ack = c->seq[1 - from], .flags = flags}};

	rig_packet(c->rig, &pkt);
}

static inline void rig_open(struct rig_tcp *c)
{
	rig_segment(c, 0, TCP_SYN, c->seq[0]++, SLICE_NONE);
	rig_segment(c, 1, TCP_SYN | TCP_ACK, c->seq[1]++, SLICE_NONE);
	rig_segment(c, 0, TCP_ACK, c->seq[0], SLICE_NONE);
}

/* In order, behind what was sent before. */
static inline void rig_send(struct rig_tcp *c, int from, struct slice bytes)
{
	rig_segment(c, from, TCP_PSH | TCP_ACK, c->seq[from], bytes);
	c->seq[from] += (uint32_t)bytes.len;
}

static inline size_t rig_count(const struct rig *rig, enum wire_event_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < rig->count; i++)
		n += rig->got[i].ev.kind == kind;
	return n;
}

/* The n-th message, or SLICE_NONE. */
static inline struct slice rig_message(const struct rig *rig, size_t n)
{
	for (size_t i = 0; i < rig->count; i++) {
		if (rig->got[i].ev.kind == WIRE_MESSAGE && n-- == 0)
			return rig->got[i].ev.bytes;
	}
	return SLICE_NONE;
}

#define RIG_OPTIONS                                      \
	"OPTIONS sip:a@192.0.2.2 SIP/2.0\r\n"            \
	"Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\n" \
	"Call-ID: a\r\nCSeq: 1 OPTIONS\r\n"

#define RIG_WITHOUT_BODY RIG_OPTIONS "Content-Length: 0\r\n\r\n"
#define RIG_WITH_BODY    RIG_OPTIONS "Content-Length: 12\r\n\r\nhello, world"
#define RIG_ANSWER                                       \
	"SIP/2.0 200 OK\r\n"                             \
	"Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\n" \
	"Call-ID: a\r\nCSeq: 1 OPTIONS\r\nl: 0\r\n\r\n"

#endif
