/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Input: one byte of switches, then a HEPv3 packet or a stream of them.
 *
 * Properties: what was decoded lies inside the input; a packet in a datagram and the
 * same packet at the start of a TCP stream give the same messages.
 */
#include "collect.h"
#include "reassemble/hep.h"

static void require_inside(struct slice part, struct slice all)
{
	if (part.ptr == NULL)
		return;
	require(part.ptr >= all.ptr && part.len <= all.len);
	require((size_t)(part.ptr - all.ptr) <= all.len - part.len);
}

static void decode(struct slice in, bool is_cut)
{
	char *copy = exact_copy(in.ptr, in.len);
	struct slice all = slice_of(copy, in.len);
	struct hep_packet p;
	size_t len = 0;

	if (hep_decode(all, is_cut, &p) == HEP_OK) {
		require(hep_is(all));
		require(hep_length(all, &len) == HEP_OK);
		require(is_cut || (len <= all.len && !p.is_cut));
		require_inside(p.payload, all);
		require_inside(p.key, all);
		require(p.src.ip.family == 4 || p.src.ip.family == 6);
		require(hep_key_matches(p.key, p.key));
	}
	free(copy);
}

static struct collected as_datagram(struct slice in)
{
	struct reassembler *r = fuzz_reassembler();
	struct collected c = {0};
	char *copy = exact_copy(in.ptr, in.len);

	reassemble_hep(r, slice_of(copy, in.len), 1);
	drain(r, &c);
	free(copy);
	reassembler_free(r);
	return c;
}

static struct collected as_stream(struct slice in, size_t step)
{
	struct reassembler *r = fuzz_reassembler();
	struct collected c = {0};
	struct packet pkt = {.kind = PACKET_TCP,
	    .src = fuzz_endpoint(1, 40000),
	    .dst = fuzz_endpoint(2, 5060),
	    .at_us = 1,
	    .tcp = {.seq = 99, .flags = TCP_SYN}};

	feed(r, &pkt, SLICE_NONE, &c);
	pkt.tcp.flags = TCP_ACK;
	pkt.tcp.seq++;
	for (size_t at = 0; at < in.len; at += step) {
		size_t len = in.len - at < step ? in.len - at : step;

		feed(r, &pkt, slice_of(in.ptr + at, len), &c);
		pkt.tcp.seq += (uint32_t)len;
	}
	reassembler_free(r);
	return c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in;
	struct collected one, many;
	size_t len = 0;

	if (size < 1 || size > 60000)
		return 0;
	in = slice_of(data + 1, size - 1);
	decode(in, false);
	decode(in, true);
	one = as_datagram(in);
	many = as_stream(in, 1 + (data[0] & 0x7f));
	/* Bytes behind the first packet are noise here and the next packet there. */
	if (hep_is(in) && hep_length(in, &len) == HEP_OK && len == in.len) {
		require(one.messages == many.messages);
		require(one.digest == many.digest);
	}
	return 0;
}
