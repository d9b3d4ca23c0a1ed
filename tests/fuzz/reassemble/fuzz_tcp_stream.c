/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Input: one byte n, n bytes that say how the stream is cut, and the stream.
 *
 * Properties:
 *   - the stream in one segment and the stream cut, swapped, duplicated and resent
 *     with other borders give the same messages;
 *   - the messages hold no more bytes than the stream.
 */
#include "collect.h"

enum { STREAM_MAX = 60000, HOST = 1, SERVER = 2 };

struct plan {
	const uint8_t *bytes;
	size_t count, at;
};

static uint8_t next_byte(struct plan *p)
{
	return p->count == 0 ? 0 : p->bytes[p->at++ % p->count];
}

static void segment(struct reassembler *r, uint8_t flags, uint32_t seq,
    struct slice bytes, struct collected *c)
{
	struct packet pkt = {.kind = PACKET_TCP,
	    .src = fuzz_endpoint(HOST, 40000),
	    .dst = fuzz_endpoint(SERVER, 5060),
	    .at_us = 1,
	    .tcp = {.seq = seq, .flags = flags}};

	feed(r, &pkt, bytes, c);
}

enum { ISN = 0x7ffffff0 };

static struct collected whole(struct slice stream)
{
	struct reassembler *r = fuzz_reassembler();
	struct collected c = {0};

	segment(r, TCP_SYN, ISN, SLICE_NONE, &c);
	if (stream.len > 0)
		segment(r, TCP_ACK, ISN + 1, stream, &c);
	reassembler_free(r);
	return c;
}

static struct slice part(struct slice s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	return slice_of(s.ptr + from, to - from);
}

/* Low six bits: the length; high two: in order, before the one in front of it,
 * twice, or with bytes that were sent already. */
static struct collected in_pieces(struct slice stream, struct plan plan)
{
	struct reassembler *r = fuzz_reassembler();
	struct collected c = {0};
	size_t at = 0;

	segment(r, TCP_SYN, ISN, SLICE_NONE, &c);
	while (at < stream.len) {
		uint8_t how = next_byte(&plan);
		size_t len = 1 + (how & 63) * (size_t)(plan.count > 40 ? 1 : 17);
		size_t back = at < 50 ? at : 50;
		uint32_t seq = ISN + 1 + (uint32_t)at;
		size_t used = len;

		switch (how >> 6) {
		case 1:
			if (at + len < stream.len) {
				segment(r, TCP_ACK, seq + (uint32_t)len,
				    part(stream, at + len, at + 2 * len), &c);
				used = 2 * len;
			}
			break;
		case 2:
			segment(
			    r, TCP_ACK, seq, part(stream, at, at + len / 2 + 1), &c);
			break;
		case 3:
			segment(r, TCP_ACK, seq - (uint32_t)back,
			    part(stream, at - back, at + len), &c);
			break;
		default:
			break;
		}
		segment(r, TCP_ACK, seq, part(stream, at, at + len), &c);
		at += used;
	}
	reassembler_free(r);
	return c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plan plan = {0};
	struct slice stream;
	struct collected one, many;

	if (size < 1 || size - 1 < data[0] || size > STREAM_MAX)
		return 0;
	plan = (struct plan){.bytes = data + 1, .count = data[0]};
	stream = slice_of(data + 1 + data[0], size - 1 - data[0]);
	one = whole(stream);
	many = in_pieces(stream, plan);
	require(one.bytes <= stream.len);
	require(one.messages == many.messages);
	require(one.digest == many.digest);
	return 0;
}
