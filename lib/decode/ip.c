/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 (RFC 791), IPv6 (RFC 8200) and its extension headers. */
#include "decode/decode_int.h"

enum { IPV4_HEADER_LEN = 20, IPV6_HEADER_LEN = 40 };

void endpoint_set_v6(struct endpoint *e, const uint8_t *addr)
{
	*e = (struct endpoint){.ip.family = 6};
	memcpy(e->ip.bytes, addr, 16);
}

static enum decode_rc give_fragment(const struct ip_fragment *frag, uint8_t proto,
    const struct view *v, struct packet *pkt)
{
	pkt->kind = PACKET_FRAGMENT;
	pkt->proto = proto;
	pkt->frag.id = frag->id;
	pkt->frag.offset = frag->offset;
	pkt->frag.more = frag->more;
	pkt->truncated = v->left < v->wire;
	pkt->payload = view_slice(v);
	return DECODE_OK;
}

static enum decode_rc decode_ipv4(struct view *v, struct packet *pkt)
{
	enum { MORE = 0x2000, OFFSET = 0x1fff };
	const uint8_t *h = v->at;
	size_t header_len, total;
	unsigned flags;

	if (v->left < IPV4_HEADER_LEN)
		return DECODE_SHORT;
	header_len = (h[0] & 0xfu) * 4;
	total = be16(h + 2);
	/* Segmentation offload: the NIC was to fill it in. */
	if (total == 0)
		total = v->wire;
	if (header_len < IPV4_HEADER_LEN || total < header_len)
		return DECODE_IP_HEADER;
	view_limit(v, total);
	if (!view_skip(v, header_len))
		return DECODE_SHORT;
	endpoint_set_v4(&pkt->src, h + 12);
	endpoint_set_v4(&pkt->dst, h + 16);

	flags = be16(h + 6);
	if ((flags & (MORE | OFFSET)) != 0) {
		const struct ip_fragment frag = {
		    .more = (flags & MORE) != 0,
		    .id = be16(h + 4),
		    .offset = (flags & OFFSET) * 8,
		};

		return give_fragment(&frag, h[9], v, pkt);
	}
	return decode_transport(h[9], v, pkt);
}

/* RFC 8200 4.5: next header, reserved, offset and M, identification. */
static enum decode_rc take_fragment_header(
    struct view *v, uint8_t *next, struct ip_fragment *frag)
{
	enum { FRAGMENT_HEADER_LEN = 8, MORE = 1, OFFSET = 0xfff8 };
	const uint8_t *h = v->at;

	if (!view_skip(v, FRAGMENT_HEADER_LEN))
		return DECODE_SHORT;
	*next = h[0];
	frag->more = (be16(h + 2) & MORE) != 0;
	frag->offset = be16(h + 2) & OFFSET;
	frag->id = be32(h + 4);
	frag->is_fragment = frag->more || frag->offset != 0;
	return DECODE_OK;
}

static enum decode_rc take_extension(struct view *v, uint8_t *next)
{
	size_t len;

	if (v->left < 2)
		return DECODE_SHORT;
	/* RFC 4302 2.2: the authentication header alone counts in words, minus 2. */
	len = *next == IP_PROTO_AH ? (v->at[1] + 2u) * 4 : (v->at[1] + 1u) * 8;
	*next = v->at[0];
	return view_skip(v, len) ? DECODE_OK : DECODE_SHORT;
}

enum decode_rc ipv6_skip_extensions(
    struct view *v, uint8_t *next, struct ip_fragment *frag)
{
	frag->is_fragment = false;
	for (int i = 0; i < IPV6_EXTENSIONS_MAX; i++) {
		enum decode_rc rc;

		switch (*next) {
		case IP_PROTO_HOPOPTS:
		case IP_PROTO_ROUTING:
		case IP_PROTO_AH:
		case IP_PROTO_DSTOPTS:
		case IP_PROTO_MOBILITY:
		case IP_PROTO_HIP:
		case IP_PROTO_SHIM6:
			rc = take_extension(v, next);
			break;
		case IP_PROTO_FRAGMENT:
			rc = take_fragment_header(v, next, frag);
			break;
		default:
			return DECODE_OK;
		}
		if (rc != DECODE_OK || frag->is_fragment)
			return rc;
	}
	return DECODE_IP_EXTENSIONS;
}

static enum decode_rc decode_ipv6_next(uint8_t next, struct view *v, struct packet *pkt)
{
	struct ip_fragment frag;
	enum decode_rc rc = ipv6_skip_extensions(v, &next, &frag);

	if (rc != DECODE_OK)
		return rc;
	if (frag.is_fragment)
		return give_fragment(&frag, next, v, pkt);
	return decode_transport(next, v, pkt);
}

static enum decode_rc decode_ipv6(struct view *v, struct packet *pkt)
{
	const uint8_t *h = v->at;
	size_t payload_len;

	if (!view_skip(v, IPV6_HEADER_LEN))
		return DECODE_SHORT;
	/* 0: a jumbogram (RFC 2675), or left to the NIC: whatever the wire had. */
	payload_len = be16(h + 4);
	if (payload_len != 0)
		view_limit(v, payload_len);
	endpoint_set_v6(&pkt->src, h + 8);
	endpoint_set_v6(&pkt->dst, h + 24);
	return decode_ipv6_next(h[6], v, pkt);
}

enum decode_rc decode_ip(struct view *v, struct packet *pkt)
{
	if (v->left == 0)
		return DECODE_SHORT;
	switch (v->at[0] >> 4) {
	case 4:
		return decode_ipv4(v, pkt);
	case 6:
		return decode_ipv6(v, pkt);
	default:
		return DECODE_IP_HEADER;
	}
}

enum decode_rc decode_ip_payload(struct packet *pkt)
{
	/* How much the snap length took from a fragment is not known. */
	size_t wire = pkt->truncated ? UINT16_MAX : pkt->payload.len;
	struct view v = view_of(pkt->payload, wire);

	return pkt->src.ip.family == 6 ? decode_ipv6_next(pkt->proto, &v, pkt)
				       : decode_transport(pkt->proto, &v, pkt);
}
