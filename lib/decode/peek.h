/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * peek - what decode_frame() would say of a packet that cannot hold SIP.
 *
 * Where calls run, most packets are RTP. Each layer's questions, an address and an
 * event's worth of fields for a packet that nobody looks at are most of what it would
 * cost: so the few bytes that tell are looked at where they lie.
 *
 * In         A frame of any kind.
 * Out        True: decode_frame() would say DECODE_OK and PACKET_UDP with these ports,
 *            untruncated, no tunnel; its data begins with a byte of 128 or more, as RTP
 *            and RTCP do (RFC 3550 5.1: version 2) and no SIP, HEP or keep-alive.
 *            False: ask decode_frame().
 * Threads    No state.
 */
#ifndef DECODE_PEEK_H
#define DECODE_PEEK_H

#include "capfile/frame.h"

struct peek {
	uint16_t src_port, dst_port;
};

/* Where IPv4 begins if the frame is one of Ethernet or, as `-i any` writes them, a
 * cooked one; 0: it is not. */
static inline size_t peek_ipv4_at(const struct frame *f)
{
	enum { EN10MB = 1, LINUX_SLL = 113, LINUX_SLL2 = 276, LONGEST = 20 };
	const char *h = f->bytes.ptr;
	size_t type_at, ip_at;

	if (f->linktype == EN10MB) {
		type_at = 12;
		ip_at = 14;
	} else if (f->linktype == LINUX_SLL) {
		type_at = 14;
		ip_at = 16;
	} else if (f->linktype == LINUX_SLL2) {
		type_at = 0;
		ip_at = 20;
	} else {
		return 0;
	}
	return f->bytes.len > LONGEST && h[type_at] == 0x08 && h[type_at + 1] == 0x00
		   ? ip_at
		   : 0;
}

static inline uint16_t peek_u16(const char *p)
{
	return (uint16_t)((uint8_t)p[0] << 8 | (uint8_t)p[1]);
}

/* decode_int.h's tunnel_over_udp() knows them. */
static inline bool peek_is_tunnel(uint16_t port)
{
	return port == 2152 || port == 4789 || port == 8472 || port == 6081;
}

static inline bool peek_media(const struct frame *f, struct peek *p)
{
	enum { IP_LEN = 20, UDP_LEN = 8, UDP = 17, MORE_OR_OFFSET = 0x3fff };
	size_t at = peek_ipv4_at(f);
	const char *ip = f->bytes.ptr + at;
	const char *udp = ip + IP_LEN;
	size_t left = f->bytes.len - at;
	size_t total;

	if (at == 0 || left <= IP_LEN + UDP_LEN || ip[0] != 0x45 || ip[9] != UDP ||
	    (udp[UDP_LEN] & 0x80) == 0)
		return false;
	total = peek_u16(ip + 2);
	if ((peek_u16(ip + 6) & MORE_OR_OFFSET) != 0 || total > left ||
	    total <= IP_LEN + UDP_LEN || peek_u16(udp + 4) != total - IP_LEN)
		return false;
	p->src_port = peek_u16(udp);
	p->dst_port = peek_u16(udp + 2);
	return !peek_is_tunnel(p->dst_port);
}

#endif
