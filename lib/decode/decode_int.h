/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decode_int - how the layers of decode/ hand a frame to each other.
 *
 * Each decoder takes its own header off the view and ends by calling the next
 * one. Whoever unwraps a tunnel calls decode_enter_tunnel() first: that, and
 * nothing else, bounds how deep the layers can call each other.
 */
#ifndef DECODE_DECODE_INT_H
#define DECODE_DECODE_INT_H

#include "decode/decode.h"

enum {
	VLAN_TAGS_MAX = 8,
	MPLS_LABELS_MAX = 8,
	IPV6_EXTENSIONS_MAX = 16,
	ETHERNET_HEADER_LEN = 14,
	LINKTYPE_EN10MB = 1,
};

enum ethertype {
	ETHERTYPE_LENGTH_MAX = 1500, /* up to here it is a length, IEEE 802.3 */
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_TEB = 0x6558, /* transparent Ethernet bridging, in GRE */
	ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_PPP = 0x880b, /* in GRE, RFC 2637 */
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_MPLS_MULTICAST = 0x8848,
	ETHERTYPE_PPPOE_SESSION = 0x8864,
	ETHERTYPE_QINQ = 0x88a8,
	ETHERTYPE_ERSPAN_II = 0x88be,
	ETHERTYPE_CISCO_META = 0x8909,
	ETHERTYPE_VNTAG = 0x8926,
	ETHERTYPE_ETAG = 0x893f,     /* 802.1BR */
	ETHERTYPE_QINQ_OLD = 0x9100, /* before 802.1ad, and still sold */
	ETHERTYPE_QINQ_OLD2 = 0x9200,
};

enum ip_proto {
	IP_PROTO_HOPOPTS = 0,
	IP_PROTO_ICMP = 1,
	IP_PROTO_IPV4 = 4,
	IP_PROTO_TCP = 6,
	IP_PROTO_UDP = 17,
	IP_PROTO_IPV6 = 41,
	IP_PROTO_ROUTING = 43,
	IP_PROTO_FRAGMENT = 44,
	IP_PROTO_GRE = 47,
	IP_PROTO_AH = 51,
	IP_PROTO_ICMPV6 = 58,
	IP_PROTO_NONE = 59,
	IP_PROTO_DSTOPTS = 60,
	IP_PROTO_ETHERIP = 97,
	IP_PROTO_MOBILITY = 135,
	IP_PROTO_MPLS = 137,
	IP_PROTO_HIP = 139,
	IP_PROTO_SHIM6 = 140,
};

/*
 * What is left of a frame. Two lengths, because they answer two questions: what
 * may be read (left), and what the sender meant (wire). left <= wire, always.
 */
struct view {
	const uint8_t *at;
	size_t left;
	size_t wire;
};

static inline uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline struct view view_of(struct slice s, size_t wire)
{
	return (struct view){
	    (const uint8_t *)s.ptr, s.len, wire < s.len ? s.len : wire};
}

static inline struct slice view_slice(const struct view *v)
{
	return slice_of(v->at, v->left);
}

/* False, and nothing happens, when the capture ends before. */
static inline bool view_skip(struct view *v, size_t n)
{
	if (n > v->left)
		return false;
	v->at += n;
	v->left -= n;
	v->wire -= n;
	return true;
}

/* A header says that what follows is len bytes: behind them is padding. More
 * than was captured is no error here, it is what pkt->truncated tells. */
static inline void view_limit(struct view *v, size_t len)
{
	v->wire = len;
	if (v->left > len)
		v->left = len;
}

/* The last two bytes of a header are an ethertype, in many of them. */
static inline bool view_take_type(struct view *v, size_t header_len, uint16_t *type)
{
	if (!view_skip(v, header_len))
		return false;
	*type = be16(v->at - 2);
	return true;
}

typedef enum decode_rc decode_fn(struct view *v, struct packet *pkt);

/* link.c: by LINKTYPE_*. */
enum decode_rc decode_link(uint32_t linktype, struct view *v, struct packet *pkt);

/* ether.c */
decode_fn decode_ethernet, decode_llc, decode_mpls, decode_pppoe;
enum decode_rc decode_ethertype(uint16_t type, struct view *v, struct packet *pkt);

/* serial.c */
decode_fn decode_ppp, decode_ppp_protocol, decode_cisco_hdlc, decode_frame_relay;

/* ip.c. decode_ip goes by the version in the header. */
decode_fn decode_ip;

struct ip_fragment {
	bool is_fragment; /* false for an atomic one, RFC 6946 */
	bool more;
	uint32_t id;
	uint32_t offset;
};

/* Takes extension headers off until *next is an upper layer, or the header of a
 * real fragment has been taken. */
enum decode_rc ipv6_skip_extensions(
    struct view *v, uint8_t *next, struct ip_fragment *frag);

static inline void endpoint_set_v4(struct endpoint *e, const uint8_t *addr)
{
	*e = (struct endpoint){.ip.family = 4};
	memcpy(e->ip.bytes, addr, 4);
}

void endpoint_set_v6(struct endpoint *e, const uint8_t *addr);

/* transport.c */
enum decode_rc decode_transport(uint8_t proto, struct view *v, struct packet *pkt);

/* icmp.c */
decode_fn decode_icmp, decode_icmpv6;

/* tunnel.c */
static inline bool decode_enter_tunnel(struct packet *pkt)
{
	return ++pkt->tunnels <= DECODE_TUNNELS_MAX;
}

decode_fn decode_gre, decode_etherip;
decode_fn decode_gtpu, decode_vxlan, decode_geneve;

/* A tunnel that runs over UDP to this port, or NULL. */
static inline decode_fn *tunnel_over_udp(uint16_t port)
{
	switch (port) {
	case 2152:
		return decode_gtpu;
	case 4789:
	case 8472: /* Linux' default before the number was assigned */
		return decode_vxlan;
	case 6081:
		return decode_geneve;
	default:
		return NULL;
	}
}

#endif
