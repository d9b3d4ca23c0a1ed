/* SPDX-License-Identifier: BSD-2-Clause */
#include "decode/decode_int.h"

/*
 * UDP in whole IPv4 in Ethernet: nearly every packet. Each thing is asked once, and
 * only where all is as it should be; whatever is odd about it, the layers say. False:
 * they have to.
 */
static inline bool take_usual(const struct frame *frame, struct packet *pkt)
{
	enum { IP = 14, UDP = 34, DATA = 42, MORE_OR_OFFSET = 0x3fff };
	const uint8_t *h = (const uint8_t *)frame->bytes.ptr;
	size_t ip_len, udp_len;

	if (frame->linktype != LINKTYPE_EN10MB || frame->bytes.len < DATA ||
	    be16(h + 12) != ETHERTYPE_IPV4 || h[IP] != 0x45 ||
	    h[IP + 9] != IP_PROTO_UDP || (be16(h + IP + 6) & MORE_OR_OFFSET) != 0)
		return false;
	ip_len = be16(h + IP + 2);
	udp_len = be16(h + UDP + 4);
	if (ip_len > frame->bytes.len - IP || udp_len < DATA - UDP ||
	    udp_len > ip_len - (UDP - IP) || ip_len < DATA - IP ||
	    tunnel_over_udp(be16(h + UDP + 2)) != NULL)
		return false;
	pkt->proto = IP_PROTO_UDP;
	pkt->kind = PACKET_UDP;
	endpoint_set_v4(&pkt->src, h + IP + 12);
	endpoint_set_v4(&pkt->dst, h + IP + 16);
	pkt->src.port = be16(h + UDP);
	pkt->dst.port = be16(h + UDP + 2);
	pkt->payload = slice_of(h + DATA, udp_len - (DATA - UDP));
	return true;
}

enum decode_rc decode_frame(const struct frame *frame, struct packet *pkt)
{
	struct view v;

	/* Not the whole struct: what .kind does not speak of is never looked at. */
	pkt->at_us = frame->at_ns / 1000;
	pkt->direction = PACKET_DIR_UNKNOWN;
	pkt->ifindex = frame->ifindex;
	pkt->truncated = false;
	pkt->tunnels = 0;
	if (take_usual(frame, pkt))
		return DECODE_OK;
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
