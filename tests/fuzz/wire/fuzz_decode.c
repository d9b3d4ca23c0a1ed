/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Input: link type (2 bytes, little-endian), how many bytes the capture cut off
 * (2 bytes), the frame.
 *
 * Properties, beyond "does not crash":
 *   - every slice lies inside the frame, also when the frame is cut;
 *   - what a packet says of itself is within its limits;
 *   - what a peek takes for media is what it says;
 *   - going on after reassembly ends: each round leaves less to look at.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "decode/peek.h"

enum { HEAD_LEN = 4, FRAGMENT_END_MAX = 65535 };

static void require(int ok)
{
	if (!ok)
		abort(); /* not assert(): must hold in release builds too */
}

static void require_inside(struct slice part, struct slice whole)
{
	require(part.ptr >= whole.ptr);
	require(part.len <= whole.len);
	require((size_t)(part.ptr - whole.ptr) <= whole.len - part.len);
}

static void require_address(const struct endpoint *e)
{
	static const uint8_t zero[12];

	require(e->ip.family == 4 || e->ip.family == 6);
	require(e->pad == 0);
	if (e->ip.family == 4)
		require(memcmp(e->ip.bytes + 4, zero, sizeof(zero)) == 0);
}

static void check(const struct packet *pkt, struct slice frame)
{
	require_address(&pkt->src);
	require_address(&pkt->dst);
	require(pkt->src.ip.family == pkt->dst.ip.family);
	require(pkt->tunnels <= DECODE_TUNNELS_MAX);
	require_inside(pkt->payload, frame);
	switch (pkt->kind) {
	case PACKET_UDP:
		require(pkt->proto == 17);
		break;
	case PACKET_TCP:
		require(pkt->proto == 6);
		break;
	case PACKET_FRAGMENT:
		require(pkt->frag.more || pkt->frag.offset > 0);
		require(
		    pkt->frag.offset % 8 == 0 && pkt->frag.offset < FRAGMENT_END_MAX);
		break;
	case PACKET_ICMP:
		require_address(&pkt->icmp.src);
		require_address(&pkt->icmp.dst);
		require_inside(pkt->icmp.payload, frame);
		break;
	default:
		abort();
	}
}

/* As if each fragment were a whole datagram. */
static void go_on(struct packet *pkt, struct slice frame)
{
	while (pkt->kind == PACKET_FRAGMENT) {
		size_t before = pkt->payload.len;

		if (decode_ip_payload(pkt) != DECODE_OK)
			return;
		check(pkt, frame);
		require(pkt->kind != PACKET_FRAGMENT || pkt->payload.len < before);
	}
}

static void check_peek(
    const struct frame *frame, enum decode_rc rc, const struct packet *pkt)
{
	struct peek p;

	if (!peek_media(frame, &p))
		return;
	require(rc == DECODE_OK && pkt->kind == PACKET_UDP && !pkt->truncated);
	require(pkt->tunnels == 0);
	require(pkt->src.port == p.src_port && pkt->dst.port == p.dst_port);
	require(pkt->payload.len > 0 && (pkt->payload.ptr[0] & 0x80) != 0);
}

/* At its exact size on the heap: ASan then sees the first byte past the end. */
static void decode_exact(const uint8_t *bytes, size_t len, struct frame frame)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);
	struct packet pkt;
	enum decode_rc rc;

	require(copy != NULL);
	memcpy(copy, bytes, len);
	frame.bytes = slice_of(copy, len);
	memset(&pkt, 0xa5, sizeof(pkt));
	rc = decode_frame(&frame, &pkt);
	check_peek(&frame, rc, &pkt);
	if (rc == DECODE_OK) {
		check(&pkt, frame.bytes);
		go_on(&pkt, frame.bytes);
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame frame = {.at_ns = 1};
	size_t len;

	if (size < HEAD_LEN)
		return 0;
	frame.linktype = (uint32_t)(data[0] | data[1] << 8);
	len = size - HEAD_LEN;
	frame.wire_len = (uint32_t)(len + data[2] + (unsigned)(data[3] << 8));
	decode_exact(data + HEAD_LEN, len, frame);
	for (size_t cut = len / 2; cut > 0; cut /= 2)
		decode_exact(data + HEAD_LEN, cut, frame);
	require(linktype_is_supported(frame.linktype) == false ||
		linktype_name(frame.linktype) != NULL);
	return 0;
}
