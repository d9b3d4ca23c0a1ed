/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_test.h"

enum { RAW = 101 };

/* clang-format off */
/* From the router 203.0.113.9 to 192.0.2.1. */
#define ICMP4(total, type_code, rest) \
	"4500 " total " 1234 0000 40 01 0000 cb007109 c0000201 " type_code " 0000 " rest " "
#define ICMP6(len, type_code, rest) "60000000 " len " 3a 40 " \
	"20010db8000000000000000000000009 20010db8000000000000000000000001 " \
	type_code " 0000 " rest " "
#define QUOTED(reason) "quotes 17 192.0.2.1:5060 > 198.51.100.2:5060" reason
#define FROM4(kind, reason) "icmp 203.0.113.9 > 192.0.2.1 " kind " reason " reason " "
#define FROM6(kind, reason) "icmp 2001:db8::9 > 2001:db8::1 " kind " reason " reason " " \
	"quotes 17 [2001:db8::1]:5060 > [2001:db8::2]:5060 ABCD"
#define V4(type_code, kind, reason) RAW, ICMP4("003c", type_code, "00000000") UDP4, \
	FROM4(kind, reason) QUOTED(" ABCD")
#define V6(type_code, kind, reason) RAW, ICMP6("003c", type_code, "00000000") UDP6, \
	FROM6(kind, reason)
/* As the numbers of enum icmp_reason. */
#define OTHER "0"
#define NET   "1"
#define HOST  "2"
#define PROTO "3"
#define PORT  "4"
#define ADMIN "5"
#define BIG   "6"
#define TIME  "7"

/* RFC 792, 1122 3.2.2, 1812 5.2.7.1, 4443 3, 4884. */
static const struct frame_case errors[] = {
	{"net unreachable", V4("0300", "3/0", NET)},
	{"host unreachable", V4("0301", "3/1", HOST)},
	{"protocol unreachable", V4("0302", "3/2", PROTO)},
	{"port unreachable", V4("0303", "3/3", PORT)},
	{"fragmentation needed", V4("0304", "3/4", BIG)},
	{"source route failed", V4("0305", "3/5", OTHER)},
	{"net unknown", V4("0306", "3/6", NET)},
	{"host unknown", V4("0307", "3/7", HOST)},
	{"net prohibited", V4("0309", "3/9", ADMIN)},
	{"host prohibited", V4("030a", "3/10", ADMIN)},
	{"communication prohibited", V4("030d", "3/13", ADMIN)},
	{"a code of the future", V4("0310", "3/16", OTHER)},
	{"time to live exceeded", V4("0b00", "11/0", TIME)},
	{"reassembly time exceeded", V4("0b01", "11/1", TIME)},
	{"parameter problem", V4("0c00", "12/0", OTHER)},
	{"echo", RAW, ICMP4("003c", "0800", "00000000") UDP4, .rc = DECODE_ICMP_INFO},
	{"redirect", RAW, ICMP4("003c", "0501", "00000000") UDP4, .rc = DECODE_ICMP_INFO},
	{"source quench (RFC 6633)", RAW, ICMP4("003c", "0400", "00000000") UDP4,
		.rc = DECODE_ICMP_INFO},

	{"quotes 8 bytes, as RFC 792 says", RAW, ICMP4("0038", "0303", "00000000")
		IPV4("0200", "11") UDP("01ec"), FROM4("3/3", PORT) QUOTED("")},
	{"quotes less", RAW, ICMP4("0036", "0303", "00000000") IPV4("0200", "11") "13c4 13c4 01ec",
		FROM4("3/3", PORT) QUOTED("")},
	{"quotes the ports alone", RAW, ICMP4("0034", "0303", "00000000") IPV4("0200", "11")
		"13c4 13c4", FROM4("3/3", PORT) QUOTED("")},
	{"quotes a packet whose options hide the ports", RAW, ICMP4("0030", "0303", "00000000")
		"4600 0200 1234 0000 40 11 0000 c0000201 c6336402",
		.rc = DECODE_ICMP_QUOTE},
	{"quotes with padding behind", RAW, ICMP4("0040", "0303", "00000000") UDP4 "58585858",
		FROM4("3/3", PORT) QUOTED(" ABCD")},
	{"RFC 4884: an extension behind 12 words", RAW, ICMP4("0054", "0303", "000c0000")
		IPV4("0200", "11") UDP("01ec") ABCD "58585858 58585858 58585858 58585858"
		"2000 0000 0008 0101 00000000", FROM4("3/3", PORT) QUOTED(" ABCDXXXXXXXXXXXXXXXX")},
	{"a first fragment", RAW, ICMP4("003c", "0303", "00000000")
		"4500 0020 1234 2000 40 11 0000 c0000201 c6336402" UDP("0200") ABCD,
		FROM4("3/3", PORT) QUOTED(" ABCD")},
	{"a later fragment has no ports", RAW, ICMP4("003c", "0303", "00000000")
		"4500 0020 1234 0010 40 11 0000 c0000201 c6336402" UDP("0200") ABCD,
		FROM4("3/3", PORT) "quotes 17 192.0.2.1:0 > 198.51.100.2:0"},
	{"quotes TCP", RAW, ICMP4("0048", "0303", "00000000") IPV4("002c", "06")
		"13c4 13c5 00000001 00000002 50 18 0400 0000 0000" ABCD,
		FROM4("3/3", PORT) "quotes 6 192.0.2.1:5060 > 198.51.100.2:5061 ABCD"},
	{"quotes 8 bytes of TCP", RAW, ICMP4("0038", "0303", "00000000") IPV4("0200", "06")
		"13c4 13c5 00000001",
		FROM4("3/3", PORT) "quotes 6 192.0.2.1:5060 > 198.51.100.2:5061"},
	{"quotes GRE", RAW, ICMP4("0036", "0302", "00000000") IPV4("0200", "2f") "0000 0800 0000",
		FROM4("3/2", PROTO) "quotes 47 192.0.2.1:0 > 198.51.100.2:0"},
	{"quotes IPv4 in the sender's byte order", RAW, ICMP4("003c", "0303", "00000000")
		IPV4("2000", "11") UDP("000c") ABCD, FROM4("3/3", PORT) QUOTED(" ABCD")},
	{"quotes no IP", RAW, ICMP4("003c", "0303", "00000000") "00000000" UDP4,
		.rc = DECODE_ICMP_QUOTE},
	{"quotes nothing", RAW, ICMP4("001c", "0303", "00000000"), .rc = DECODE_ICMP_QUOTE},
	{"quotes a header of 16 bytes", RAW, ICMP4("003c", "0303", "00000000")
		"4400 0020 1234 0000 40 11 0000 c0000201 c6336402" UDP("000c") ABCD,
		.rc = DECODE_ICMP_QUOTE},
	{"is cut itself", RAW, ICMP4("003c", "0303", "00000000") IPV4("0020", "11") UDP("000c")
		"4142", FROM4("3/3", PORT) QUOTED(" AB cut"), .wire_len = 60},

	{"no route", V6("0100", "1/0", NET)},
	{"prohibited", V6("0101", "1/1", ADMIN)},
	{"address unreachable", V6("0103", "1/3", HOST)},
	{"port unreachable, IPv6", V6("0104", "1/4", PORT)},
	{"ingress policy", V6("0105", "1/5", ADMIN)},
	{"a code of the future, IPv6", V6("0109", "1/9", OTHER)},
	{"packet too big", RAW, ICMP6("003c", "0200", "00000500") UDP6, FROM6("2/0", BIG)},
	{"hop limit exceeded", V6("0300", "3/0", TIME)},
	{"erroneous field", V6("0400", "4/0", OTHER)},
	{"unknown next header", V6("0401", "4/1", PROTO)},
	{"echo, IPv6", RAW, ICMP6("003c", "8000", "00000000") UDP6, .rc = DECODE_ICMP_INFO},
	{"neighbour solicitation", RAW, ICMP6("003c", "8700", "00000000") UDP6,
		.rc = DECODE_ICMP_INFO},
	{"quotes extension headers", RAW, ICMP6("0044", "0104", "00000000") IPV6("0014", "3c")
		"11 00 0104 00000000" UDP("000c") ABCD, FROM6("1/4", PORT)},
	{"quotes an IPv6 fragment", RAW, ICMP6("003c", "0104", "00000000") IPV6("000c", "2c")
		"11 00 0010 0000beef" ABCD, "icmp 2001:db8::9 > 2001:db8::1 1/4 reason 4 quotes 17 "
		"[2001:db8::1]:0 > [2001:db8::2]:0"},
	{"quotes half an IPv6 header", RAW, ICMP6("001c", "0104", "00000000")
		"60000000 0014 11 40 20010db8000000000000 0000", .rc = DECODE_ICMP_QUOTE},
};
/* clang-format on */

FRAME_CASES(decode_icmp, errors);
