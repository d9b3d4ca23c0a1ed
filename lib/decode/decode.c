/* SPDX-License-Identifier: BSD-2-Clause */
#include "decode/decode_int.h"

/*
 * Whole IPv4 in Ethernet, without options: nearly every packet. Each thing is asked
 * once, and only where all is as it should be; whatever is odd about it, the layers
 * say. False: they have to.
 */
static inline bool take_usual(
    const struct frame *frame, struct packet *pkt, struct view *v, uint8_t *proto)
{
	enum { IP = 14, PAYLOAD = 34, MORE_OR_OFFSET = 0x3fff };
	const uint8_t *h = (const uint8_t *)frame->bytes.ptr;
	size_t len;

	if (frame->linktype != LINKTYPE_EN10MB || frame->bytes.len < PAYLOAD ||
	    be16(h + 12) != ETHERTYPE_IPV4 || h[IP] != 0x45 ||
	    (be16(h + IP + 6) & MORE_OR_OFFSET) != 0)
		return false;
	len = be16(h + IP + 2);
	if (len > frame->bytes.len - IP || len < PAYLOAD - IP)
		return false;
	len -= PAYLOAD - IP;
	*v = (struct view){h + PAYLOAD, len, len};
	*proto = h[IP + 9];
	endpoint_set_v4(&pkt->src, h + IP + 12);
	endpoint_set_v4(&pkt->dst, h + IP + 16);
	return true;
}

/* UDP as long as IP says, and no tunnel: likewise. */
static inline bool take_usual_udp(const struct view *v, struct packet *pkt)
{
	enum { UDP_HEADER_LEN = 8 };

	if (v->left < UDP_HEADER_LEN || be16(v->at + 4) != v->left ||
	    tunnel_over_udp(be16(v->at + 2)) != NULL)
		return false;
	pkt->kind = PACKET_UDP;
	pkt->proto = IP_PROTO_UDP;
	pkt->src.port = be16(v->at);
	pkt->dst.port = be16(v->at + 2);
	pkt->payload = slice_of(v->at + UDP_HEADER_LEN, v->left - UDP_HEADER_LEN);
	return true;
}

enum decode_rc decode_frame(const struct frame *frame, struct packet *pkt)
{
	struct view v;
	uint8_t proto;

	/* Not the whole struct: what .kind does not speak of is never looked at. */
	pkt->at_us = frame->at_ns / 1000;
	pkt->direction = PACKET_DIR_UNKNOWN;
	pkt->ifindex = frame->ifindex;
	pkt->truncated = false;
	pkt->tunnels = 0;
	if (take_usual(frame, pkt, &v, &proto)) {
		if (proto == IP_PROTO_UDP && take_usual_udp(&v, pkt))
			return DECODE_OK;
		return decode_transport(proto, &v, pkt);
	}
	v = view_of(frame->bytes, frame->wire_len);
	return decode_link(frame->linktype, &v, pkt);
}

const char *decode_rc_name(enum decode_rc rc)
{
	static const char *const names[DECODE_RC_COUNT] = {
	    [DECODE_OK] = "ok",
#define DECODE_RC(id, name, help) [DECODE_##id] = name,
#include "decode/decode_rc.def"
	};

	return (unsigned)rc < DECODE_RC_COUNT ? names[rc] : "?";
}
