/* SPDX-License-Identifier: BSD-2-Clause */
/* What a fuzz target feeds and what came out of it, as a digest. */
#ifndef TESTS_FUZZ_REASSEMBLE_COLLECT_H
#define TESTS_FUZZ_REASSEMBLE_COLLECT_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/offer.h"
#include "reassemble/reassemble.h"

struct collected {
	uint64_t digest; /* of the messages and their lengths, in order */
	size_t messages, bytes;
};

static inline void require(bool ok)
{
	if (!ok)
		abort(); /* not assert(): must hold in release builds too */
}

/* FNV-1a. */
static inline void collect(struct collected *c, struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		c->digest =
		    (c->digest ^ (uint8_t)bytes.ptr[i]) * UINT64_C(0x100000001b3);
	c->digest = (c->digest ^ bytes.len) * UINT64_C(0x100000001b3);
	c->messages++;
	c->bytes += bytes.len;
}

static inline void drain(struct reassembler *r, struct collected *c)
{
	static struct sip_msg msg;
	struct wire_event ev;

	while (reassemble_next(r, &ev)) {
		if (ev.is_offer) { /* as the pipeline does */
			enum sip_rc rc = sip_msg_parse(ev.bytes, &msg);

			ev.bytes.len = offer_take(ev.bytes, &msg, rc);
			reassemble_took(r, ev.bytes.len);
			if (ev.bytes.len == 0)
				continue;
		}
		if (ev.kind != WIRE_MESSAGE)
			continue;
		require(ev.bytes.len > 0);
		collect(c, ev.bytes);
	}
}

/* Small enough that a fuzzer reaches every cap. */
static inline struct reassembler *fuzz_reassembler_of(bool may_offer)
{
	static const struct port_range ports[] = {{5060, 5061}};
	static const struct hash_key key = {{1, 2}};
	struct reassemble_config c;
	struct reassembler *r;
	struct err e;

	reassemble_config_default(&c);
	c.may_offer = may_offer;
	c.ports = ports;
	c.port_count = 1;
	c.datagrams_max = 8;
	c.datagram_bytes = 128 * 1024;
	c.flows_max = 8;
	c.flow_bytes = 32 * 1024;
	c.stream_bytes = 64 * 1024;
	require(reassembler_new(&c, &key, &r, &e) == 0);
	return r;
}

static inline struct reassembler *fuzz_reassembler(void)
{
	return fuzz_reassembler_of(false);
}

/* An exact-size heap copy: ASan then sees the first byte past the end. */
static inline char *exact_copy(const void *bytes, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);

	require(copy != NULL);
	if (len > 0)
		memcpy(copy, bytes, len);
	return copy;
}

static inline struct endpoint fuzz_endpoint(uint8_t host, uint16_t port)
{
	return (struct endpoint){
	    .ip = {.bytes = {192, 0, 2, host}, .family = 4}, .port = port};
}

static inline void feed(struct reassembler *r, struct packet *pkt, struct slice payload,
    struct collected *c)
{
	char *copy = exact_copy(payload.ptr, payload.len);

	pkt->payload = slice_of(copy, payload.len);
	reassemble_packet(r, pkt);
	drain(r, c);
	free(copy);
}

#endif
