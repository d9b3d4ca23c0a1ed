/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The link layers that a capture may begin with, one function each, and the
 * table that finds them. www.tcpdump.org/linktypes.html describes them all.
 */
#include "decode/decode_int.h"

enum {
	LINKTYPE_PKTAP_APPLE = 149, /* USER2: what macOS writes */
	LINKTYPE_PPI = 192,
	LINKTYPE_PKTAP = 258,
};

/* In a header that was written in the byte order of whoever captured it. */
static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[1] << 8 | p[0]);
}

static uint32_t le32(const uint8_t *p)
{
	return __builtin_bswap32(be32(p));
}

static enum decode_rc link_none(struct view *v, struct packet *pkt)
{
	(void)v;
	(void)pkt;
	return DECODE_LINKTYPE;
}

/* An address family, as BSD numbers them. Everybody agrees on IPv4 only. */
static bool family_is_ip(uint32_t family)
{
	switch (family) {
	case 2:
	case 10: /* Linux */
	case 23: /* Windows */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* macOS */
		return true;
	default:
		return false;
	}
}

/* The family stands in the byte order of the machine that captured: no family
 * is above 0xffff, so the order shows. LOOP is the same in network order. */
static enum decode_rc link_null(struct view *v, struct packet *pkt)
{
	uint32_t family;

	if (!view_skip(v, 4))
		return DECODE_SHORT;
	family = be32(v->at - 4);
	if (family > 0xffff)
		family = __builtin_bswap32(family);
	return family_is_ip(family) ? decode_ip(v, pkt) : DECODE_NOT_IP;
}

/* Direction, compression, and 14 bytes of the compressed header. A compressed
 * TCP header is refused by the IP version that it does not have. */
static enum decode_rc link_slip(struct view *v, struct packet *pkt)
{
	return view_skip(v, 16) ? decode_ip(v, pkt) : DECODE_SHORT;
}

/* One byte: 0 received, else sent. */
static bool take_direction(struct view *v, struct packet *pkt)
{
	if (!view_skip(v, 1))
		return false;
	pkt->direction = v->at[-1] == 0 ? PACKET_DIR_IN : PACKET_DIR_OUT;
	return true;
}

static enum decode_rc link_ppp_with_dir(struct view *v, struct packet *pkt)
{
	return take_direction(v, pkt) ? decode_ppp(v, pkt) : DECODE_SHORT;
}

static enum decode_rc link_cisco_hdlc_with_dir(struct view *v, struct packet *pkt)
{
	return take_direction(v, pkt) ? decode_cisco_hdlc(v, pkt) : DECODE_SHORT;
}

static enum decode_rc link_frame_relay_with_dir(struct view *v, struct packet *pkt)
{
	return take_direction(v, pkt) ? decode_frame_relay(v, pkt) : DECODE_SHORT;
}

/* OpenBSD's enc(4): family, SPI, flags. */
static enum decode_rc link_enc(struct view *v, struct packet *pkt)
{
	return view_skip(v, 12) ? decode_ip(v, pkt) : DECODE_SHORT;
}

/* OpenBSD's pflog(4): its length comes first, without the padding to 4. */
static enum decode_rc link_pflog(struct view *v, struct packet *pkt)
{
	size_t len;

	if (v->left < 1)
		return DECODE_SHORT;
	len = (v->at[0] + 3u) & ~3u;
	if (len < 4)
		return DECODE_LINK_HEADER;
	return view_skip(v, len) ? decode_ip(v, pkt) : DECODE_SHORT;
}

/* The packet type of Linux' cooked headers: 0 to us, 1 broadcast, 2 multicast,
 * 3 to somebody else, 4 sent by us. */
static enum packet_direction cooked_direction(unsigned type)
{
	if (type == 4)
		return PACKET_DIR_OUT;
	return type <= 2 ? PACKET_DIR_IN : PACKET_DIR_UNKNOWN;
}

/* A cooked header names an ethertype, except for 802.2 (LINUX_SLL, 802.2 is 4). */
static enum decode_rc decode_cooked(uint16_t proto, struct view *v, struct packet *pkt)
{
	enum { PROTO_802_2 = 4 };

	return proto == PROTO_802_2 ? decode_llc(v, pkt)
				    : decode_ethertype(proto, v, pkt);
}

/* type 2, hardware 2, address length 2, address 8, protocol 2 */
static enum decode_rc link_sll(struct view *v, struct packet *pkt)
{
	uint16_t proto;

	if (!view_take_type(v, 16, &proto))
		return DECODE_SHORT;
	pkt->direction = cooked_direction(be16(v->at - 16));
	return decode_cooked(proto, v, pkt);
}

/* protocol 2, zero 2, interface 4, hardware 2, type 1, address length 1, address 8 */
static enum decode_rc link_sll2(struct view *v, struct packet *pkt)
{
	const uint8_t *h = v->at;

	if (!view_skip(v, 20))
		return DECODE_SHORT;
	pkt->ifindex = be32(h + 4);
	pkt->direction = cooked_direction(h[10]);
	return decode_cooked(be16(h), v, pkt);
}

/* Headers that name the link type of what follows. None may follow another:
 * they could call each other until the stack ends. */
static enum decode_rc decode_wrapped(
    uint32_t linktype, struct view *v, struct packet *pkt)
{
	if (linktype == LINKTYPE_PKTAP || linktype == LINKTYPE_PKTAP_APPLE ||
	    linktype == LINKTYPE_PPI)
		return DECODE_LINK_HEADER;
	return decode_link(linktype, v, pkt);
}

/* All interfaces of macOS: length, 1, link type, name 24, flags (1 in, 2 out),
 * ..., little-endian. */
static enum decode_rc link_pktap(struct view *v, struct packet *pkt)
{
	enum { PKTAP_LEN_MIN = 40, PKTAP_PACKET = 1 };
	const uint8_t *h = v->at;
	unsigned direction;

	if (v->left < PKTAP_LEN_MIN)
		return DECODE_SHORT;
	if (le32(h) < PKTAP_LEN_MIN || le32(h + 4) != PKTAP_PACKET)
		return DECODE_LINK_HEADER;
	if (!view_skip(v, le32(h)))
		return DECODE_SHORT;
	direction = le32(h + 36) & 3;
	if (direction == 1 || direction == 2)
		pkt->direction = direction == 1 ? PACKET_DIR_IN : PACKET_DIR_OUT;
	return decode_wrapped(le32(h + 8), v, pkt);
}

/* Per-packet information: version, flags, length 2, link type 4, little-endian. */
static enum decode_rc link_ppi(struct view *v, struct packet *pkt)
{
	enum { PPI_LEN_MIN = 8 };
	const uint8_t *h = v->at;

	if (v->left < PPI_LEN_MIN)
		return DECODE_SHORT;
	if (le16(h + 2) < PPI_LEN_MIN)
		return DECODE_LINK_HEADER;
	if (!view_skip(v, le16(h + 2)))
		return DECODE_SHORT;
	return decode_wrapped(le32(h + 4), v, pkt);
}

static enum decode_rc decode_erf_type(unsigned type, struct view *v, struct packet *pkt)
{
	switch (type) {
	case 1: /* HDLC_POS, and with colours */
	case 10:
	case 15:
		return decode_ppp(v, pkt);
	case 2: /* ETH, and with colours: two bytes before the addresses */
	case 11:
	case 16:
	case 20:
		return view_skip(v, 2) ? decode_ethernet(v, pkt) : DECODE_SHORT;
	case 22: /* IPV4 */
	case 23: /* IPV6 */
		return decode_ip(v, pkt);
	default:
		return DECODE_NOT_IP;
	}
}

/* Endace: time 8, type 1, flags 1, record length 2, lost 2, wire length 2; then
 * extension headers of 8 while the top bit of type, or of their own, is set. */
static enum decode_rc link_erf(struct view *v, struct packet *pkt)
{
	const uint8_t *h = v->at;
	bool more;

	if (!view_skip(v, 16))
		return DECODE_SHORT;
	more = (h[8] & 0x80) != 0;
	while (more) {
		more = v->left > 0 && (v->at[0] & 0x80) != 0;
		if (!view_skip(v, 8))
			return DECODE_SHORT;
	}
	return decode_erf_type(h[8] & 0x7f, v, pkt);
}

/* Netfilter: family 1, version 1, resource 2, then {length 2, type 2, value} in
 * the byte order of the machine, padded to 4. The IP packet is one of them. */
static enum decode_rc link_nflog(struct view *v, struct packet *pkt)
{
	enum { NFULA_PAYLOAD = 9, TLV_HEAD_LEN = 4 };

	if (!view_skip(v, 4))
		return DECODE_SHORT;
	if (!family_is_ip(v->at[-4]))
		return DECODE_NOT_IP;
	while (v->left >= TLV_HEAD_LEN) {
		/* Types are small numbers: the byte that is zero tells the order. */
		bool little = v->at[3] == 0 || v->at[3] == 0x80;
		size_t len = little ? le16(v->at) : be16(v->at);
		unsigned type = (little ? le16(v->at + 2) : be16(v->at + 2)) & 0x7fff;

		if (len < TLV_HEAD_LEN)
			return DECODE_LINK_HEADER;
		if (type == NFULA_PAYLOAD) {
			view_limit(v, len);
			(void)view_skip(v, TLV_HEAD_LEN);
			return decode_ip(v, pkt);
		}
		if (!view_skip(v, (len + 3) & ~(size_t)3))
			return DECODE_SHORT;
	}
	return DECODE_NOT_IP;
}

enum decode_rc decode_link(uint32_t linktype, struct view *v, struct packet *pkt)
{
	if (linktype == LINKTYPE_EN10MB) /* nearly always */
		return decode_ethernet(v, pkt);
	switch (linktype) {
#define LINKTYPE(value, name, function) \
	case value:                     \
		return function(v, pkt);
#include "decode/linktypes.def"
	default:
		return DECODE_LINKTYPE;
	}
}

const char *linktype_name(uint32_t linktype)
{
	switch (linktype) {
#define LINKTYPE(value, name, function) \
	case value:                     \
		return name;
#include "decode/linktypes.def"
	default:
		return NULL;
	}
}

bool linktype_is_supported(uint32_t linktype)
{
	switch (linktype) {
#define LINKTYPE(value, name, function) \
	case value:                     \
		return function != link_none;
#include "decode/linktypes.def"
	default:
		return false;
	}
}
