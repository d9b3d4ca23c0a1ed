/* SPDX-License-Identifier: BSD-2-Clause */
/* PPP, Cisco's HDLC and Frame Relay: what serial lines and PPTP carry. */
#include "decode/decode_int.h"

enum {
	HDLC_ALL_STATIONS = 0xff,
	HDLC_UI = 0x03,
	CISCO_UNICAST = 0x0f,
	CISCO_MULTICAST = 0x8f,
};

/* RFC 1661 2: the protocol, in one byte where that has been negotiated; the
 * lowest bit of the last byte is set. */
enum decode_rc decode_ppp_protocol(struct view *v, struct packet *pkt)
{
	unsigned proto;

	if (!view_skip(v, 1))
		return DECODE_SHORT;
	proto = v->at[-1];
	if ((proto & 1) == 0) {
		if (!view_skip(v, 1))
			return DECODE_SHORT;
		proto = proto << 8 | v->at[-1];
	}
	switch (proto) {
	case 0x0021:
	case 0x0057:
		return decode_ip(v, pkt);
	case 0x0281:
	case 0x0283:
		return decode_mpls(v, pkt);
	default:
		return DECODE_NOT_IP;
	}
}

/* RFC 1662: address and control are there, or have been negotiated away. */
enum decode_rc decode_ppp(struct view *v, struct packet *pkt)
{
	if (v->left < 2)
		return DECODE_SHORT;
	/* The registry: PPP_HDLC that begins so is Cisco's. */
	if (v->at[0] == CISCO_UNICAST || v->at[0] == CISCO_MULTICAST)
		return decode_cisco_hdlc(v, pkt);
	if (v->at[0] == HDLC_ALL_STATIONS && v->at[1] == HDLC_UI)
		(void)view_skip(v, 2);
	return decode_ppp_protocol(v, pkt);
}

/* Address, control, ethertype. */
enum decode_rc decode_cisco_hdlc(struct view *v, struct packet *pkt)
{
	uint16_t type;

	if (!view_take_type(v, 4, &type))
		return DECODE_SHORT;
	return type > ETHERTYPE_LENGTH_MAX ? decode_ethertype(type, v, pkt)
					   : DECODE_NOT_IP;
}

/* RFC 2427 4: an NLPID, with an optional pad byte before it. */
static enum decode_rc decode_nlpid(struct view *v, struct packet *pkt)
{
	enum { PAD = 0x00, NLPID_SNAP = 0x80, NLPID_IPV6 = 0x8e, NLPID_IPV4 = 0xcc };
	uint16_t type;

	if (v->left > 0 && v->at[0] == PAD)
		(void)view_skip(v, 1);
	if (!view_skip(v, 1))
		return DECODE_SHORT;
	switch (v->at[-1]) {
	case NLPID_IPV4:
	case NLPID_IPV6:
		return decode_ip(v, pkt);
	case NLPID_SNAP:
		if (!view_take_type(v, 5, &type))
			return DECODE_SHORT;
		return type > ETHERTYPE_LENGTH_MAX ? decode_ethertype(type, v, pkt)
						   : DECODE_NOT_IP;
	default:
		return DECODE_NOT_IP;
	}
}

/* Q.922: two to four address bytes, the last with its lowest bit set. Then UI
 * and an NLPID, or, as Cisco's routers do by default, an ethertype. */
enum decode_rc decode_frame_relay(struct view *v, struct packet *pkt)
{
	enum { ADDRESS_MAX = 4 };
	size_t len = 0;
	uint16_t type;

	do {
		if (len == ADDRESS_MAX)
			return DECODE_LINK_HEADER;
		if (!view_skip(v, 1))
			return DECODE_SHORT;
		len++;
	} while ((v->at[-1] & 1) == 0);

	if (v->left > 0 && v->at[0] == HDLC_UI) {
		(void)view_skip(v, 1);
		return decode_nlpid(v, pkt);
	}
	if (!view_take_type(v, 2, &type))
		return DECODE_SHORT;
	return type > ETHERTYPE_LENGTH_MAX ? decode_ethertype(type, v, pkt)
					   : DECODE_NOT_IP;
}
