/* SPDX-License-Identifier: BSD-2-Clause */
/* What IP carries: UDP (RFC 768), TCP (RFC 9293), ICMP, and IP again. */
#include "decode/decode_int.h"

enum { UDP_HEADER_LEN = 8, TCP_HEADER_LEN = 20 };

/*
 * A port alone does not make a tunnel: SIP may run on 2152 too. So the packet is
 * taken for a tunnel only when all inside makes sense, else given as it is.
 */
static enum decode_rc try_udp_tunnel(
    decode_fn *tunnel, const struct view *v, struct packet *pkt)
{
	struct view inner = *v;
	struct packet attempt = *pkt;
	enum decode_rc rc = DECODE_TUNNEL_DEPTH;

	if (decode_enter_tunnel(&attempt))
		rc = tunnel(&inner, &attempt);
	if (rc == DECODE_OK)
		*pkt = attempt;
	return rc;
}

static enum decode_rc decode_udp(struct view *v, struct packet *pkt)
{
	const uint8_t *h = v->at;
	decode_fn *tunnel;
	size_t len;

	if (v->left < UDP_HEADER_LEN)
		return DECODE_SHORT;
	len = be16(h + 4);
	/* RFC 2675 4: 0 in a jumbogram, which only IPv6 knows. */
	if (len == 0 && pkt->src.ip.family == 6)
		len = v->wire;
	if (len < UDP_HEADER_LEN || len > v->wire)
		return DECODE_UDP_LENGTH;
	view_limit(v, len);
	(void)view_skip(v, UDP_HEADER_LEN);

	pkt->kind = PACKET_UDP;
	pkt->src.port = be16(h);
	pkt->dst.port = be16(h + 2);
	pkt->truncated = v->left < v->wire;
	pkt->payload = view_slice(v);
	tunnel = tunnel_over_udp(pkt->dst.port);
	if (tunnel != NULL)
		(void)try_udp_tunnel(tunnel, v, pkt);
	return DECODE_OK;
}

static enum decode_rc decode_tcp(struct view *v, struct packet *pkt)
{
	const uint8_t *h = v->at;
	size_t header_len;

	if (v->left < TCP_HEADER_LEN)
		return DECODE_SHORT;
	header_len = (size_t)(h[12] >> 4) * 4;
	if (header_len < TCP_HEADER_LEN || header_len > v->wire)
		return DECODE_TCP_OFFSET;

	pkt->kind = PACKET_TCP;
	pkt->src.port = be16(h);
	pkt->dst.port = be16(h + 2);
	pkt->tcp.seq = be32(h + 4);
	pkt->tcp.ack = be32(h + 8);
	pkt->tcp.flags = h[13];
	/* Options cut off by the snap length do not matter: a SYN is still one. */
	if (!view_skip(v, header_len))
		(void)view_skip(v, v->left);
	pkt->truncated = v->left < v->wire;
	pkt->payload = view_slice(v);
	return DECODE_OK;
}

static enum decode_rc decode_ip_tunnel(
    uint8_t proto, struct view *v, struct packet *pkt)
{
	if (!decode_enter_tunnel(pkt))
		return DECODE_TUNNEL_DEPTH;
	switch (proto) {
	case IP_PROTO_GRE:
		return decode_gre(v, pkt);
	case IP_PROTO_ETHERIP:
		return decode_etherip(v, pkt);
	case IP_PROTO_MPLS:
		return decode_mpls(v, pkt);
	default:
		return decode_ip(v, pkt);
	}
}

/* RFC 4302: in IPv4 the authentication header is a protocol like any other. */
static enum decode_rc decode_ah(struct view *v, struct packet *pkt)
{
	struct ip_fragment frag;
	uint8_t next = IP_PROTO_AH;
	enum decode_rc rc = ipv6_skip_extensions(v, &next, &frag);

	if (rc != DECODE_OK)
		return rc;
	return frag.is_fragment ? DECODE_IP_EXTENSIONS : decode_transport(next, v, pkt);
}

enum decode_rc decode_transport(uint8_t proto, struct view *v, struct packet *pkt)
{
	pkt->proto = proto;
	switch (proto) {
	case IP_PROTO_UDP:
		return decode_udp(v, pkt);
	case IP_PROTO_TCP:
		return decode_tcp(v, pkt);
	case IP_PROTO_ICMP:
		return decode_icmp(v, pkt);
	case IP_PROTO_ICMPV6:
		return decode_icmpv6(v, pkt);
	case IP_PROTO_IPV4:
	case IP_PROTO_IPV6:
	case IP_PROTO_GRE:
	case IP_PROTO_ETHERIP:
	case IP_PROTO_MPLS:
		return decode_ip_tunnel(proto, v, pkt);
	case IP_PROTO_AH:
		return decode_ah(v, pkt);
	default:
		return DECODE_PROTOCOL;
	}
}
