/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Input: one byte for the piece length, then what follows the upgrade: frames.
 *
 * Properties: heads lie inside the input; frames in one segment and in pieces give
 * the same messages, and no more bytes than there were.
 */
#include "collect.h"
#include "reassemble/websocket.h"

static const struct slice upgrade = SLICE_INIT(
    "GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n");

static void heads(struct slice in)
{
	char *copy = exact_copy(in.ptr, in.len);
	struct slice all = slice_of(copy, in.len);
	struct ws_frame f;
	size_t len = 0;

	if (ws_upgrade(all, &len) == WS_OK)
		require(len > 0 && len <= all.len);
	if (ws_frame_head(all, &f) == WS_OK)
		require(f.head_len >= 2 && f.head_len <= 14 && f.head_len <= all.len);
	(void)ws_is_message(all);
	free(copy);
}

static struct collected stream(struct slice in, size_t step)
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
	feed(r, &pkt, upgrade, &c);
	pkt.tcp.seq += (uint32_t)upgrade.len;
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

	if (size < 2 || size > 60000)
		return 0;
	in = slice_of(data + 1, size - 1);
	heads(in);
	one = stream(in, in.len);
	many = stream(in, 1 + data[0]);
	require(one.bytes <= in.len);
	require(one.messages == many.messages && one.digest == many.digest);
	return 0;
}
