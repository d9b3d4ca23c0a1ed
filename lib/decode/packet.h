/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * packet - what decode/ hands to reassemble/ and track/.
 *
 * A struct frame is what capture or a file delivered; a struct packet is what
 * one frame says about IP. Both are values; every slice points into the
 * frame's bytes and dies with them.
 */
#ifndef DECODE_PACKET_H
#define DECODE_PACKET_H

#include "base/endpoint.h"
#include "base/slice.h"
#include "capfile/frame.h"

enum packet_kind {
	PACKET_UDP = 0,  /* .payload is the datagram's data */
	PACKET_TCP,      /* .payload is the segment's data, may be empty */
	PACKET_FRAGMENT, /* .payload is one piece of an IP payload, see .frag */
	PACKET_ICMP,     /* an ICMP or ICMPv6 error that quotes a packet, see .icmp */
};

enum icmp_reason {
	ICMP_REASON_OTHER = 0,
	ICMP_REASON_NET_UNREACHABLE,
	ICMP_REASON_HOST_UNREACHABLE,
	ICMP_REASON_PROTOCOL_UNREACHABLE,
	ICMP_REASON_PORT_UNREACHABLE,
	ICMP_REASON_ADMIN_PROHIBITED,
	ICMP_REASON_TOO_BIG, /* fragmentation needed / packet too big */
	ICMP_REASON_TIME_EXCEEDED,
};

enum packet_direction { /* what a cooked (SLL, SLL2) header knows */
	PACKET_DIR_UNKNOWN = 0,
	PACKET_DIR_IN,
	PACKET_DIR_OUT,
};

struct packet {
	int64_t at_us;
	enum packet_kind kind;
	enum packet_direction direction;
	uint32_t ifindex; /* of the frame, or of the SLL2 header */
	struct endpoint src;
	struct endpoint dst;
	uint8_t proto;   /* IP protocol of .payload: 17, 6, ... */
	bool truncated;  /* the capture holds less than the wire carried */
	uint8_t tunnels; /* how many were unwrapped */
	struct slice payload;
	struct {
		uint32_t seq, ack;
		uint8_t flags; /* FIN 1, SYN 2, RST 4, PSH 8, ACK 16 */
	} tcp;
	struct {
		uint32_t id;
		uint32_t offset; /* bytes */
		bool more;       /* more fragments follow */
	} frag;
	struct { /* what the error quotes: the packet that could not be delivered */
		enum icmp_reason reason;
		uint8_t type, code;
		uint8_t proto;
		struct endpoint src, dst;
		struct slice payload; /* after the quoted UDP/TCP header; often cut */
	} icmp;
};

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };

#endif
