/* SPDX-License-Identifier: BSD-2-Clause */
/* Tunnels: GRE and its relatives, and those that run over UDP. */
#include "decode/decode_int.h"

/* RFC 2784 and 2890: flags, protocol, then checksum, key and sequence where the
 * flags say so. Version 1 is PPTP's (RFC 2637): key, sequence, acknowledgement. */
enum {
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000, /* RFC 1701, withdrawn */
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_ACK = 0x0080, /* version 1 only */
	GRE_VERSION = 0x0007,
};

/* Cisco's port mirroring: 8 bytes in version II, none in version I, which has
 * no sequence number either. Ethernet follows. */
static enum decode_rc decode_erspan(unsigned flags, struct view *v, struct packet *pkt)
{
	if ((flags & GRE_SEQUENCE) != 0 && !view_skip(v, 8))
		return DECODE_SHORT;
	return decode_ethernet(v, pkt);
}

enum decode_rc decode_gre(struct view *v, struct packet *pkt)
{
	const uint8_t *h = v->at;
	unsigned flags;
	size_t len = 0;
	uint16_t type;

	if (!view_take_type(v, 4, &type))
		return DECODE_SHORT;
	flags = be16(h);
	if ((flags & GRE_ROUTING) != 0 || (flags & GRE_VERSION) > 1)
		return DECODE_TUNNEL_HEADER;
	if ((flags & GRE_CHECKSUM) != 0)
		len += 4;
	if ((flags & GRE_KEY) != 0)
		len += 4;
	if ((flags & GRE_SEQUENCE) != 0)
		len += 4;
	if ((flags & GRE_VERSION) == 1 && (flags & GRE_ACK) != 0)
		len += 4;
	if (!view_skip(v, len))
		return DECODE_SHORT;
	switch (type) {
	case ETHERTYPE_PPP:
		return decode_ppp(v, pkt);
	case ETHERTYPE_TEB:
		return decode_ethernet(v, pkt);
	case ETHERTYPE_ERSPAN_II:
		return decode_erspan(flags, v, pkt);
	default:
		return type > ETHERTYPE_LENGTH_MAX ? decode_ethertype(type, v, pkt)
						   : DECODE_NOT_IP;
	}
}

/* RFC 3378: version 3 and zeros. */
enum decode_rc decode_etherip(struct view *v, struct packet *pkt)
{
	if (!view_skip(v, 2))
		return DECODE_SHORT;
	return be16(v->at - 2) == 0x3000 ? decode_ethernet(v, pkt)
					 : DECODE_TUNNEL_HEADER;
}

/* RFC 7348 5: flags with I set, reserved, network 3, reserved. Other flags belong
 * to extensions that put nothing in between (group policy). */
enum decode_rc decode_vxlan(struct view *v, struct packet *pkt)
{
	const uint8_t *h = v->at;

	if (!view_skip(v, 8))
		return DECODE_SHORT;
	return (h[0] & 0x08) != 0 ? decode_ethernet(v, pkt) : DECODE_TUNNEL_HEADER;
}

/* RFC 8926 3.4: version and option words, flags, protocol 2, network 3, reserved. */
enum decode_rc decode_geneve(struct view *v, struct packet *pkt)
{
	const uint8_t *h = v->at;
	uint16_t type;

	if (!view_skip(v, 8))
		return DECODE_SHORT;
	if (h[0] >> 6 != 0)
		return DECODE_TUNNEL_HEADER;
	type = be16(h + 2);
	if (!view_skip(v, (h[0] & 0x3fu) * 4))
		return DECODE_SHORT;
	if (type == ETHERTYPE_TEB)
		return decode_ethernet(v, pkt);
	return type > ETHERTYPE_LENGTH_MAX ? decode_ethertype(type, v, pkt)
					   : DECODE_NOT_IP;
}

/* 3GPP TS 29.281 5.2: each extension header is {words, ..., type of the next}. */
static enum decode_rc skip_gtp_extensions(struct view *v)
{
	enum { GTP_EXTENSIONS_MAX = 8 };

	for (int i = 0; i < GTP_EXTENSIONS_MAX; i++) {
		if (v->at[-1] == 0)
			return DECODE_OK;
		if (v->left < 1)
			return DECODE_SHORT;
		if (v->at[0] == 0)
			return DECODE_TUNNEL_HEADER;
		if (!view_skip(v, v->at[0] * (size_t)4))
			return DECODE_SHORT;
	}
	return DECODE_TUNNEL_HEADER;
}

/* TS 29.281 5.1: version and flags, type, length 2, tunnel 4; with any of the
 * flags E, S, PN also sequence 2, number, and the type of the first extension. */
enum decode_rc decode_gtpu(struct view *v, struct packet *pkt)
{
	enum { VERSION_1 = 0x30, VERSION_MASK = 0xf0, ANY_OPTION = 7, EXTENDED = 4 };
	enum { G_PDU = 255 };
	const uint8_t *h = v->at;
	enum decode_rc rc = DECODE_OK;

	if (!view_skip(v, 8))
		return DECODE_SHORT;
	if ((h[0] & VERSION_MASK) != VERSION_1 || h[1] != G_PDU)
		return DECODE_TUNNEL_HEADER;
	if ((h[0] & ANY_OPTION) != 0 && !view_skip(v, 4))
		return DECODE_SHORT;
	if ((h[0] & EXTENDED) != 0)
		rc = skip_gtp_extensions(v);
	return rc == DECODE_OK ? decode_ip(v, pkt) : rc;
}
