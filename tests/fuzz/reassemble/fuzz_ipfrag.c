/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Input: one byte n, n * 4 bytes of operations, and a datagram's bytes.
 * An operation: offset (two bytes, units of 8), length in units of 8, and switches:
 * 1 last fragment, 2 IPv6, 4 another id, 8 flipped bytes, 16 cut, 32 time goes on.
 *
 * Properties: nothing is read beyond the input; and when all of a datagram's
 * fragments follow, in a fresh id, its message comes out exactly once, whatever the
 * fragments before have done.
 */
#include "collect.h"

enum { LAST = 1, V6 = 2, OTHER_ID = 4, FLIP = 8, CUT = 16, LATER = 32 };

static void operation(
    struct reassembler *r, const uint8_t *op, struct slice all, int64_t *now_us)
{
	struct collected c = {0};
	struct packet pkt = {.kind = PACKET_FRAGMENT,
	    .src = fuzz_endpoint(1, 0),
	    .dst = fuzz_endpoint(2, 0),
	    .proto = 17,
	    .frag = {.id = 1u + (op[3] >> 6),
		.offset = 8 * (uint32_t)(op[0] << 8 | op[1]),
		.more = (op[3] & LAST) == 0},
	    .truncated = (op[3] & CUT) != 0};
	size_t from = pkt.frag.offset < all.len ? pkt.frag.offset : all.len;
	size_t len = 8 * (size_t)op[2];
	char *bytes;

	if (len > all.len - from)
		len = all.len - from;
	if ((op[3] & V6) != 0)
		pkt.src.ip.family = pkt.dst.ip.family = 6;
	if ((op[3] & OTHER_ID) != 0)
		pkt.frag.id += op[2];
	if ((op[3] & LATER) != 0)
		*now_us += 20000000;
	pkt.at_us = *now_us;
	bytes = exact_copy(all.ptr + from, len);
	if ((op[3] & FLIP) != 0 && len > 0)
		bytes[0] ^= 1;
	feed(r, &pkt, slice_of(bytes, len), &c);
	free(bytes);
}

static void genuine(struct reassembler *r, int64_t now_us)
{
	static const char datagram[] = "\x13\xc4\x13\xc4\0\x3e\0\0"
				       "OPTIONS sip:a SIP/2.0\r\nCall-ID: 1\r\n"
				       "CSeq: 1 OPTIONS\r\n\r\n";
	struct slice all = slice_of(datagram, sizeof(datagram) - 1);
	struct collected c = {0};

	for (uint32_t at = 0; at < all.len; at += 16) {
		size_t len = all.len - at < 16 ? all.len - at : 16;
		struct packet pkt = {.kind = PACKET_FRAGMENT,
		    .src = fuzz_endpoint(1, 0),
		    .dst = fuzz_endpoint(2, 0),
		    .proto = 17,
		    .at_us = now_us,
		    .frag = {.id = 0xffff, .offset = at, .more = at + len < all.len}};

		feed(r, &pkt, slice_of(all.ptr + at, len), &c);
	}
	require(c.messages == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reassembler *r;
	int64_t now_us = 1000000;
	struct collected c = {0};
	size_t ops;

	if (size < 1 || size - 1 < 4 * (size_t)data[0] || size > 70000)
		return 0;
	ops = data[0];
	r = fuzz_reassembler();
	for (size_t i = 0; i < ops; i++)
		operation(r, data + 1 + 4 * i,
		    slice_of(data + 1 + 4 * ops, size - 1 - 4 * ops), &now_us);
	genuine(r, now_us);
	reassemble_tick(r, INT64_MAX);
	drain(r, &c);
	reassembler_free(r);
	return 0;
}
