/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_test.h"

enum { RAW = 101 };

/* clang-format off */
/* The outer packet: 203.0.113.1 to 203.0.113.2. */
#define OUTER(total, proto) "4500 " total " 1234 0000 40 " proto " 0000 cb007101 cb007102 "
#define OUTER_UDP(total, port, len) OUTER(total, "11") "c350 " port " " len " 0000 "
#define INNER     UDP4_TEXT " tunnels 1"
#define PLAIN(port) "udp 203.0.113.1:50000 > 203.0.113.2:" port " "
#define GTP(flags, len) flags " ff " len " 00000001 "

static const struct frame_case tunnels[] = {
	{"IPIP (RFC 2003)", RAW, OUTER("0034", "04") UDP4, INNER},
	{"6in4 (RFC 4213)", RAW, OUTER("0048", "29") UDP6, UDP6_TEXT " tunnels 1"},
	{"4in6 (RFC 2473)", RAW, IPV6("0020", "04") UDP4, INNER},
	{"four in each other", RAW, OUTER("0070", "04") OUTER("005c", "04") OUTER("0048", "04")
		OUTER("0034", "04") UDP4, UDP4_TEXT " tunnels 4"},
	{"five in each other", RAW, OUTER("0084", "04") OUTER("0070", "04") OUTER("005c", "04")
		OUTER("0048", "04") OUTER("0034", "04") UDP4, .rc = DECODE_TUNNEL_DEPTH},
	{"the inner packet is cut", RAW, OUTER("0034", "04") IPV4("0020", "11") UDP("000c") "4142",
		"udp 192.0.2.1:5060 > 198.51.100.2:5060 AB cut tunnels 1", .wire_len = 52},
	{"an inner fragment", RAW, OUTER("002c", "04")
		"4500 0018 beef 0002 40 11 0000 c0000201 c6336402" ABCD,
		"fragment 192.0.2.1 > 198.51.100.2 proto 17 id beef at 16 ABCD tunnels 1"},
	{"MPLS in IP (RFC 4023)", RAW, OUTER("0038", "89") "00010140" UDP4, INNER},
	{"EtherIP (RFC 3378)", RAW, OUTER("0044", "61") "3000" ETH "0800" UDP4, INNER},
	{"EtherIP, version 2", RAW, OUTER("0044", "61") "2000" ETH "0800" UDP4,
		.rc = DECODE_TUNNEL_HEADER},

	{"GRE (RFC 2784)", RAW, OUTER("0038", "2f") "0000 0800" UDP4, INNER},
	{"GRE, checksum", RAW, OUTER("003c", "2f") "8000 0800 00000000" UDP4, INNER},
	{"GRE, key and sequence (RFC 2890)", RAW, OUTER("0040", "2f")
		"3000 0800 00000001 00000002" UDP4, INNER},
	{"GRE, all three", RAW, OUTER("0058", "2f") "b000 86dd 00000000 00000001 00000002" UDP6,
		UDP6_TEXT " tunnels 1"},
	{"GRE, Ethernet", RAW, OUTER("0046", "2f") "0000 6558" ETH "0800" UDP4, INNER},
	{"GRE, a tagged frame", RAW, OUTER("003c", "2f") "0000 8100 0064 0800" UDP4, INNER},
	{"GRE, MPLS", RAW, OUTER("003c", "2f") "0000 8847 00010140" UDP4, INNER},
	{"GRE, ERSPAN I", RAW, OUTER("0046", "2f") "0000 88be" ETH "0800" UDP4, INNER},
	{"GRE, ERSPAN II", RAW, OUTER("0052", "2f") "1000 88be 00000001 10000000 00000000"
		ETH "0800" UDP4, INNER},
	{"GRE, source routing (RFC 1701)", RAW, OUTER("0038", "2f") "4000 0800" UDP4,
		.rc = DECODE_TUNNEL_HEADER},
	{"GRE, version 2", RAW, OUTER("0038", "2f") "0002 0800" UDP4,
		.rc = DECODE_TUNNEL_HEADER},
	{"GRE, keep-alive", RAW, OUTER("0018", "2f") "0000 0000", .rc = DECODE_NOT_IP},
	{"PPTP (RFC 2637)", RAW, OUTER("0044", "2f") "3001 880b 00240001 00000001 ff030021" UDP4,
		INNER},
	{"PPTP with an acknowledgement, PPP compressed", RAW, OUTER("0045", "2f")
		"3081 880b 00210001 00000001 00000002 21" UDP4, INNER},
	{"PPTP, only an acknowledgement", RAW, OUTER("0020", "2f") "2081 880b 00000001 00000002",
		.rc = DECODE_SHORT},

	{"VXLAN (RFC 7348)", RAW, OUTER_UDP("0052", "12b5", "003e") "08000000 00000100"
		ETH "0800" UDP4, INNER},
	{"VXLAN on Linux' old port", RAW, OUTER_UDP("0052", "2118", "003e") "08000000 00000100"
		ETH "0800" UDP4, INNER},
	{"VXLAN with a group policy", RAW, OUTER_UDP("0052", "12b5", "003e") "88000010 00000100"
		ETH "0800" UDP4, INNER},
	{"VXLAN without its flag: a datagram", RAW, OUTER_UDP("0020", "12b5", "000c") ABCD,
		PLAIN("4789") "ABCD"},
	{"VXLAN with ARP inside: a datagram", RAW, OUTER_UDP("0032", "12b5", "001e")
		"08414141 41414141" ETH "0806", PLAIN("4789") "\x08" "AAAAAAA\x02"},
	{"Geneve (RFC 8926)", RAW, OUTER_UDP("0052", "17c1", "003e") "0000 6558 00000100"
		ETH "0800" UDP4, INNER},
	{"Geneve, options, no Ethernet", RAW, OUTER_UDP("004c", "17c1", "0038")
		"0200 0800 00000100 0102800100000000" UDP4, INNER},
	{"Geneve, version 1: a datagram", RAW, OUTER_UDP("0024", "17c1", "0010")
		"40004142 43444546", PLAIN("6081") "@"},
	{"Geneve, an unknown protocol: a datagram", RAW, OUTER_UDP("0024", "17c1", "0010")
		"00000006 43444546", PLAIN("6081")},
	{"VXLAN in the fourth tunnel: a datagram", RAW, OUTER("00a2", "04") OUTER("008e", "04")
		OUTER("007a", "04") OUTER("0066", "04") OUTER_UDP("0052", "12b5", "003e")
		"08000000 00000100" ETH "0800" UDP4, PLAIN("4789") "\x08 tunnels 4"},
	{"MPLS pseudowire in the fourth tunnel", RAW, OUTER("009a", "04") OUTER("0086", "04")
		OUTER("0072", "04") OUTER("005e", "89") "00010140 00000000" ETH "0800" UDP4,
		.rc = DECODE_TUNNEL_DEPTH},
	{"GTP-U (TS 29.281)", RAW, OUTER_UDP("0044", "0868", "0030") GTP("30", "0020") UDP4, INNER},
	{"GTP-U, sequence", RAW, OUTER_UDP("0048", "0868", "0034") GTP("32", "0024") "00010000"
		UDP4, INNER},
	{"GTP-U, two extension headers", RAW, OUTER_UDP("0054", "0868", "0040") GTP("34", "0030")
		"000000 85" "01 0000 c0" "02 00000000 0000 00" UDP4, INNER},
	{"GTP-U, an extension header of no length", RAW, OUTER_UDP("002c", "0868", "0018")
		GTP("34", "0008") "414141 85" "00 4141 00", PLAIN("2152") "4\xff"},
	{"GTP-U, nine extension headers: a datagram", RAW, OUTER_UDP("004c", "0868", "0038")
		GTP("34", "0028") "000000 85" "01 0000 85" "01 0000 85" "01 0000 85" "01 0000 85"
		"01 0000 85" "01 0000 85" "01 0000 85" "01 0000 85" "01 0000 00", PLAIN("2152") "4\xff"},
	{"GTP version 2: a datagram", RAW, OUTER_UDP("0024", "0868", "0010")
		"48ff4142 43444546", PLAIN("2152") "H\xff" "ABCDEF"},
	{"GTP-U, echo: a datagram", RAW, OUTER_UDP("0028", "0868", "0014")
		"3201 0004 41414141 41414141", PLAIN("2152") "2\x01"},
	{"SIP on GTP's port", RAW, OUTER_UDP("0020", "0868", "000c") ABCD, PLAIN("2152") "ABCD"},
};
/* clang-format on */

FRAME_CASES(decode_tunnel, tunnels);
