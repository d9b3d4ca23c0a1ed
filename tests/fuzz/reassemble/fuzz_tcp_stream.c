/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Input: one byte n, n bytes that say how the stream is cut, and the stream.
 *
 * Properties:
 *   - the stream in one segment and the stream cut, swapped, duplicated and resent
 *     with other borders give the same messages;
 *   - behind a message, the stream gives the same messages and counts whether segments
 *     are offered or cut;
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

/* Nothing about it is odd: behind it, segments are offered. */
static const char first[] = "OPTIONS sip:a@example.com SIP/2.0\r\n"
			    "Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\n"
			    "From: <sip:a@example.com>;tag=1\r\n"
			    "To: <sip:b@example.com>\r\n"
			    "Call-ID: 1@192.0.2.1\r\n"
			    "CSeq: 1 OPTIONS\r\n"
			    "Content-Length: 0\r\n\r\n";

enum { FIRST_LEN = sizeof(first) - 1 };

/* In segments of that many bytes. */
static struct collected behind_first(
    struct reassembler *r, struct slice stream, size_t step)
{
	struct collected c = {0};

	segment(r, TCP_SYN, ISN, SLICE_NONE, &c);
	segment(r, TCP_ACK, ISN + 1, slice_of(first, FIRST_LEN), &c);
	for (size_t at = 0; at < stream.len; at += step) {
		size_t left = stream.len - at;

		segment(r, TCP_ACK, (uint32_t)ISN + 1 + FIRST_LEN + (uint32_t)at,
		    slice_of(stream.ptr + at, left < step ? left : step), &c);
	}
	return c;
}

static void offered_or_cut(struct slice stream, size_t step)
{
	struct reassembler *with = fuzz_reassembler_of(true);
	struct reassembler *without = fuzz_reassembler_of(false);
	struct collected a = behind_first(with, stream, step);
	struct collected b = behind_first(without, stream, step);

	require(a.messages == b.messages && a.digest == b.digest);
	require(memcmp(reassemble_stats(with), reassemble_stats(without),
		    REASSEMBLE_STAT_COUNT * sizeof(uint64_t)) == 0);
	reassembler_free(with);
	reassembler_free(without);
}

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
	offered_or_cut(stream, stream.len);
	offered_or_cut(stream, 64 + 8 * (plan.count > 0 ? (size_t)plan.bytes[0] : 80));
	return 0;
}
