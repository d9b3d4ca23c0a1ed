/* SPDX-License-Identifier: BSD-2-Clause */
/* What an ethertype can lead to, and the headers that end with one. */
#include "decode/decode_int.h"

enum decode_rc decode_ethernet(struct view *v, struct packet *pkt)
{
	uint16_t type;

	if (!view_take_type(v, ETHERNET_HEADER_LEN, &type))
		return DECODE_SHORT;
	if (type == ETHERTYPE_IPV4) /* nearly always */
		return decode_ip(v, pkt);
	return decode_ethertype(type, v, pkt);
}

/* How many bytes of a tag lie between its ethertype and the next; 0: no tag. */
static size_t tag_len(uint16_t type)
{
	switch (type) {
	case ETHERTYPE_VLAN:
	case ETHERTYPE_QINQ:
	case ETHERTYPE_QINQ_OLD:
	case ETHERTYPE_QINQ_OLD2:
		return 2;
	case ETHERTYPE_VNTAG:
		return 4;
	case ETHERTYPE_ETAG:
	case ETHERTYPE_CISCO_META:
		return 6;
	default:
		return 0;
	}
}

static enum decode_rc skip_tags(uint16_t *type, struct view *v)
{
	size_t len;

	for (int tags = 0; (len = tag_len(*type)) != 0; tags++) {
		if (tags == VLAN_TAGS_MAX)
			return DECODE_TAGS;
		if (!view_take_type(v, len + 2, type))
			return DECODE_SHORT;
	}
	return DECODE_OK;
}

/* Could an IP packet begin there, as far as its length can tell? */
static bool is_ip_at(const struct view *v, size_t at)
{
	const uint8_t *p = v->at + at;
	size_t left = v->left > at ? v->left - at : 0;

	if (left >= 20 && p[0] >> 4 == 4)
		return (p[0] & 0xf) >= 5 && be16(p + 2) <= v->wire - at;
	if (left >= 40 && p[0] >> 4 == 6)
		return be16(p + 4) + (size_t)40 <= v->wire - at;
	return false;
}

/*
 * In a cooked capture Linux (6.10 and later) names the innermost protocol and
 * leaves the inner tags {TCI, ethertype} in the payload: the outer one travels
 * apart, and libpcap may put it back in front, for SLL but not for SLL2. Seen on
 * 6.18: SLL2 0800 | 00c8 0800 IP, SLL 88a8 0064 0800 | 00c8 0800 IP.
 */
static void skip_unannounced_tags(struct view *v)
{
	enum { TAG_LEN = 4 };

	for (size_t at = TAG_LEN; at <= TAG_LEN * VLAN_TAGS_MAX && at < v->left;
	     at += TAG_LEN) {
		uint16_t type = be16(v->at + at - 2);

		if ((type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6) &&
		    is_ip_at(v, at)) {
			(void)view_skip(v, at);
			return;
		}
		if (tag_len(type) != 2)
			return;
	}
}

enum decode_rc decode_ethertype(uint16_t type, struct view *v, struct packet *pkt)
{
	enum decode_rc rc = skip_tags(&type, v);

	if (rc != DECODE_OK)
		return rc;
	switch (type) {
	case ETHERTYPE_IPV4:
	case ETHERTYPE_IPV6:
		if (!is_ip_at(v, 0))
			skip_unannounced_tags(v);
		return decode_ip(v, pkt);
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_MULTICAST:
		return decode_mpls(v, pkt);
	case ETHERTYPE_PPPOE_SESSION:
		return decode_pppoe(v, pkt);
	default:
		break;
	}
	if (type > ETHERTYPE_LENGTH_MAX)
		return DECODE_NOT_IP;
	view_limit(v, type);
	return decode_llc(v, pkt);
}

/* IEEE 802.2: IP by its own service access point, or an ethertype by SNAP. */
enum decode_rc decode_llc(struct view *v, struct packet *pkt)
{
	enum { UI = 3, SAP_IP = 0x06, SAP_SNAP = 0xaa, SNAP_LEN = 5 };
	const uint8_t *h = v->at;
	uint16_t type;

	if (!view_skip(v, 3))
		return DECODE_SHORT;
	if (h[2] != UI)
		return DECODE_NOT_IP;
	if (h[0] == SAP_IP && h[1] == SAP_IP)
		return decode_ip(v, pkt);
	if (h[0] != SAP_SNAP || h[1] != SAP_SNAP)
		return DECODE_NOT_IP;
	if (!view_take_type(v, SNAP_LEN, &type))
		return DECODE_SHORT;
	/* Organisation 0 is Ethernet, 0x0000f8 a bridge that says so (802.1H).
	 * A length would lead back here: there is none in SNAP. */
	if (h[3] != 0 || h[4] != 0 || (h[5] != 0 && h[5] != 0xf8) ||
	    type <= ETHERTYPE_LENGTH_MAX)
		return DECODE_NOT_IP;
	return decode_ethertype(type, v, pkt);
}

/* A label does not say what follows the last one (RFC 3032 3): IP shows by its
 * version, a pseudowire's control word by a zero in its place (RFC 4385 3). */
static enum decode_rc decode_below_labels(struct view *v, struct packet *pkt)
{
	enum { CONTROL_WORD_LEN = 4 };

	if (v->left < 1)
		return DECODE_SHORT;
	if (v->at[0] >> 4 == 4 || v->at[0] >> 4 == 6)
		return decode_ip(v, pkt);
	if (v->at[0] >> 4 != 0)
		return DECODE_NOT_IP;
	if (!decode_enter_tunnel(pkt))
		return DECODE_TUNNEL_DEPTH;
	return view_skip(v, CONTROL_WORD_LEN) ? decode_ethernet(v, pkt) : DECODE_SHORT;
}

enum decode_rc decode_mpls(struct view *v, struct packet *pkt)
{
	enum { LABEL_LEN = 4, BOTTOM_OF_STACK = 1 };

	for (int labels = 0; labels < MPLS_LABELS_MAX; labels++) {
		if (!view_skip(v, LABEL_LEN))
			return DECODE_SHORT;
		if ((v->at[-2] & BOTTOM_OF_STACK) != 0)
			return decode_below_labels(v, pkt);
	}
	return DECODE_TAGS;
}

/* RFC 2516 4: version and type 1, code 0 for session data, session 2, length 2. */
enum decode_rc decode_pppoe(struct view *v, struct packet *pkt)
{
	const uint8_t *h = v->at;

	if (!view_skip(v, 6))
		return DECODE_SHORT;
	if (h[0] != 0x11)
		return DECODE_LINK_HEADER;
	if (h[1] != 0)
		return DECODE_NOT_IP;
	return decode_ppp_protocol(v, pkt);
}
