/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ICMP (RFC 792, 1122, 1812) and ICMPv6 (RFC 4443) errors. Each quotes the packet
 * it is about: an IP header and at least 8 bytes more, often no more than that.
 */
#include "decode/decode_int.h"

enum { ICMP_HEADER_LEN = 8, PORTS_LEN = 4, UDP_HEADER_LEN = 8, TCP_HEADER_LEN = 20 };

static enum icmp_reason unreachable_v4(unsigned code)
{
	static const uint8_t reasons[] = {
	    [0] = ICMP_REASON_NET_UNREACHABLE,
	    [1] = ICMP_REASON_HOST_UNREACHABLE,
	    [2] = ICMP_REASON_PROTOCOL_UNREACHABLE,
	    [3] = ICMP_REASON_PORT_UNREACHABLE,
	    [4] = ICMP_REASON_TOO_BIG,
	    [5] = ICMP_REASON_OTHER, /* source route failed */
	    [6] = ICMP_REASON_NET_UNREACHABLE,
	    [7] = ICMP_REASON_HOST_UNREACHABLE,
	    [8] = ICMP_REASON_HOST_UNREACHABLE, /* source host isolated */
	    [9] = ICMP_REASON_ADMIN_PROHIBITED,
	    [10] = ICMP_REASON_ADMIN_PROHIBITED,
	    [11] = ICMP_REASON_NET_UNREACHABLE, /* for that type of service */
	    [12] = ICMP_REASON_HOST_UNREACHABLE,
	    [13] = ICMP_REASON_ADMIN_PROHIBITED,
	    [14] = ICMP_REASON_ADMIN_PROHIBITED, /* host precedence violation */
	    [15] = ICMP_REASON_ADMIN_PROHIBITED, /* precedence cutoff */
	};

	return code < sizeof(reasons) ? reasons[code] : ICMP_REASON_OTHER;
}

static enum icmp_reason unreachable_v6(unsigned code)
{
	static const uint8_t reasons[] = {
	    [0] = ICMP_REASON_NET_UNREACHABLE, /* no route */
	    [1] = ICMP_REASON_ADMIN_PROHIBITED,
	    [2] = ICMP_REASON_HOST_UNREACHABLE, /* beyond scope of the source */
	    [3] = ICMP_REASON_HOST_UNREACHABLE,
	    [4] = ICMP_REASON_PORT_UNREACHABLE,
	    [5] = ICMP_REASON_ADMIN_PROHIBITED, /* source address failed policy */
	    [6] = ICMP_REASON_ADMIN_PROHIBITED, /* reject route */
	};

	return code < sizeof(reasons) ? reasons[code] : ICMP_REASON_OTHER;
}

/* What comes after the quoted packet's IP header. */
static void read_quoted_transport(struct view *v, struct packet *pkt)
{
	const uint8_t *h = v->at;
	size_t header_len = v->left;

	if (v->left >= PORTS_LEN &&
	    (pkt->icmp.proto == IP_PROTO_UDP || pkt->icmp.proto == IP_PROTO_TCP)) {
		pkt->icmp.src.port = be16(h);
		pkt->icmp.dst.port = be16(h + 2);
	}
	if (pkt->icmp.proto == IP_PROTO_UDP)
		header_len = UDP_HEADER_LEN;
	else if (pkt->icmp.proto == IP_PROTO_TCP && v->left >= TCP_HEADER_LEN)
		header_len = (size_t)(h[12] >> 4) * 4;
	if (!view_skip(v, header_len))
		(void)view_skip(v, v->left);
	pkt->icmp.payload = view_slice(v);
}

static enum decode_rc read_quoted_ipv4(
    struct view *v, struct packet *pkt, bool *has_transport)
{
	const uint8_t *h = v->at;
	size_t header_len, total;

	if (v->left < 20)
		return DECODE_ICMP_QUOTE;
	header_len = (h[0] & 0xfu) * 4;
	total = be16(h + 2);
	if (header_len < 20)
		return DECODE_ICMP_QUOTE;
	/* Some stacks quote the length in their own byte order (RFC 1122 is silent);
	 * one that cannot be is no limit. */
	if (total >= header_len && total < v->left)
		view_limit(v, total);
	if (!view_skip(v, header_len))
		return DECODE_ICMP_QUOTE;
	endpoint_set_v4(&pkt->icmp.src, h + 12);
	endpoint_set_v4(&pkt->icmp.dst, h + 16);
	pkt->icmp.proto = h[9];
	*has_transport = (be16(h + 6) & 0x1fff) == 0;
	return DECODE_OK;
}

static enum decode_rc read_quoted_ipv6(
    struct view *v, struct packet *pkt, bool *has_transport)
{
	struct ip_fragment frag = {0};
	const uint8_t *h = v->at;

	if (!view_skip(v, 40))
		return DECODE_ICMP_QUOTE;
	if (be16(h + 4) != 0 && be16(h + 4) < v->left)
		view_limit(v, be16(h + 4));
	endpoint_set_v6(&pkt->icmp.src, h + 8);
	endpoint_set_v6(&pkt->icmp.dst, h + 24);
	pkt->icmp.proto = h[6];
	if (ipv6_skip_extensions(v, &pkt->icmp.proto, &frag) != DECODE_OK)
		return DECODE_ICMP_QUOTE;
	*has_transport = frag.offset == 0;
	return DECODE_OK;
}

/* A fragment that is not the first has no ports: then they are 0, and the
 * payload is empty. */
static enum decode_rc read_quote(struct view *v, struct packet *pkt)
{
	bool has_transport = false;
	enum decode_rc rc = DECODE_ICMP_QUOTE;

	pkt->payload = view_slice(v);
	if (v->left > 0 && v->at[0] >> 4 == 4)
		rc = read_quoted_ipv4(v, pkt, &has_transport);
	else if (v->left > 0 && v->at[0] >> 4 == 6)
		rc = read_quoted_ipv6(v, pkt, &has_transport);
	if (rc != DECODE_OK)
		return rc;
	if (has_transport)
		read_quoted_transport(v, pkt);
	else
		pkt->icmp.payload = slice_of(v->at, 0);
	return DECODE_OK;
}

static enum decode_rc decode_error(
    enum icmp_reason reason, size_t quote_len, struct view *v, struct packet *pkt)
{
	const uint8_t *h = v->at;

	pkt->kind = PACKET_ICMP;
	pkt->truncated = v->left < v->wire;
	pkt->icmp.reason = reason;
	pkt->icmp.type = h[0];
	pkt->icmp.code = h[1];
	(void)view_skip(v, ICMP_HEADER_LEN);
	/* RFC 4884: behind that many bytes are extensions, not the packet. */
	if (quote_len != 0 && quote_len < v->left)
		view_limit(v, quote_len);
	return read_quote(v, pkt);
}

enum decode_rc decode_icmp(struct view *v, struct packet *pkt)
{
	enum { UNREACHABLE = 3, TIME_EXCEEDED = 11, PARAMETER_PROBLEM = 12 };
	const uint8_t *h = v->at;
	enum icmp_reason reason;

	if (v->left < ICMP_HEADER_LEN)
		return DECODE_SHORT;
	switch (h[0]) {
	case UNREACHABLE:
		reason = unreachable_v4(h[1]);
		break;
	case TIME_EXCEEDED:
		reason = ICMP_REASON_TIME_EXCEEDED;
		break;
	case PARAMETER_PROBLEM:
		reason = ICMP_REASON_OTHER;
		break;
	default:
		return DECODE_ICMP_INFO;
	}
	return decode_error(reason, h[5] * (size_t)4, v, pkt);
}

enum decode_rc decode_icmpv6(struct view *v, struct packet *pkt)
{
	enum { UNREACHABLE = 1, TOO_BIG = 2, TIME_EXCEEDED = 3, PARAMETER_PROBLEM = 4 };
	enum { UNKNOWN_NEXT_HEADER = 1 };
	const uint8_t *h = v->at;
	size_t quote_len = 0;
	enum icmp_reason reason;

	if (v->left < ICMP_HEADER_LEN)
		return DECODE_SHORT;
	switch (h[0]) {
	case UNREACHABLE:
		reason = unreachable_v6(h[1]);
		quote_len = h[4] * (size_t)8;
		break;
	case TOO_BIG:
		reason = ICMP_REASON_TOO_BIG;
		break;
	case TIME_EXCEEDED:
		reason = ICMP_REASON_TIME_EXCEEDED;
		quote_len = h[4] * (size_t)8;
		break;
	case PARAMETER_PROBLEM:
		reason = h[1] == UNKNOWN_NEXT_HEADER ? ICMP_REASON_PROTOCOL_UNREACHABLE
						     : ICMP_REASON_OTHER;
		break;
	default:
		return DECODE_ICMP_INFO;
	}
	return decode_error(reason, quote_len, v, pkt);
}
