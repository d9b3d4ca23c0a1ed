/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_test.h"

enum { RAW = 101, EN10MB = 1 };

/* clang-format off */
/* Flags and offset, header length in words, total length. */
#define IPV4_OF(ihl, total, frag, proto) \
	"4" ihl "00 " total " beef " frag " 40 " proto " 0000 c0000201 c6336402 "
#define TCP(offset, flags) "13c4 13c4 00000001 00000002 " offset " " flags " 0400 0000 0000 "
#define TCP4_TEXT "tcp 192.0.2.1:5060 > 198.51.100.2:5060 seq 1 ack 2 "
#define TCP6_TEXT "tcp [2001:db8::1]:5060 > [2001:db8::2]:5060 seq 1 ack 2 "
#define FRAG4     "fragment 192.0.2.1 > 198.51.100.2 proto 17 id beef at "
#define FRAG6     "fragment 2001:db8::1 > 2001:db8::2 proto 17 id beef at "
#define OPTION8(next) next " 00 0104 00000000 "

/* RFC 791, 8200, 768, 9293. */
static const struct frame_case packets[] = {
	{"IPv4, options", RAW, IPV4_OF("6", "0024", "4000", "11") "94040000" UDP("000c") ABCD,
		UDP4_TEXT},
	{"IPv4, options longer than the packet", RAW, IPV4_OF("f", "0020", "4000", "11")
		UDP("000c") ABCD, .rc = DECODE_IP_HEADER},
	{"IPv4, header of 16 bytes", RAW, IPV4_OF("4", "0020", "4000", "11") UDP("000c") ABCD,
		.rc = DECODE_IP_HEADER},
	{"IPv4, total below the header", RAW, IPV4_OF("5", "0013", "4000", "11") UDP("000c") ABCD,
		.rc = DECODE_IP_HEADER},
	{"IPv4, padding is no payload", RAW, UDP4 "5858", UDP4_TEXT},
	{"IPv4, total of 0: segmentation offload", RAW, IPV4_OF("5", "0000", "4000", "06")
		TCP("50", "18") ABCD, TCP4_TEXT "flags 24 ABCD"},
	{"IPv4, total beyond the wire", RAW, IPV4_OF("5", "0100", "4000", "06") TCP("50", "18")
		ABCD, TCP4_TEXT "flags 24 ABCD cut"},
	{"IPv4, version 5", RAW, "5500 0020" UDP4, .rc = DECODE_IP_HEADER},
	{"IPv4 where IPv6 was announced", EN10MB, ETH "86dd" UDP4, UDP4_TEXT},
	{"IPv4, OSPF", RAW, IPV4("0018", "59") "00000000", .rc = DECODE_PROTOCOL},
	{"IPv4, ESP", RAW, IPV4("0018", "32") "00000000", .rc = DECODE_PROTOCOL},
	{"IPv4, authentication header (RFC 4302)", RAW, IPV4("002c", "33")
		"11 01 0000 00000001 00000001" UDP("000c") ABCD, UDP4_TEXT},

	{"IPv4, a fragment header behind authentication", RAW, IPV4("002c", "33")
		"2c 01 0000 00000001 00000001" "11 00 0010 0000beef" ABCD, .rc = DECODE_IP_EXTENSIONS},
	{"IPv4, authentication cut", RAW, IPV4("0020", "33") "11 02 0000 00000001 00000001",
		.rc = DECODE_SHORT},
	{"first fragment", RAW, IPV4_OF("5", "0024", "2000", "11") UDP("0fff") "4142434445464748",
		FRAG4 "0+ " "\x13\xc4\x13\xc4\x0f\xff"},
	{"middle fragment", RAW, IPV4_OF("5", "001c", "2001", "11") ABCD ABCD,
		FRAG4 "8+ ABCDABCD"},
	{"last fragment", RAW, IPV4_OF("5", "0018", "0002", "11") ABCD, FRAG4 "16 ABCD"},
	{"last fragment with padding", RAW, IPV4_OF("5", "0018", "0002", "11") ABCD "0000",
		FRAG4 "16 ABCD"},
	{"farthest fragment", RAW, IPV4_OF("5", "0018", "1fff", "11") ABCD, FRAG4 "65528 ABCD"},
	{"fragment, cut", RAW, IPV4_OF("5", "001c", "2001", "11") ABCD, FRAG4 "8+ ABCD cut",
		.wire_len = 28},
	{"do not fragment is none", RAW, IPV4_OF("5", "0020", "4000", "11") UDP("000c") ABCD,
		UDP4_TEXT},

	{"IPv6", RAW, UDP6 "5858", UDP6_TEXT},
	{"IPv6, hop by hop, routing, destination", RAW, IPV6("0024", "00") OPTION8("2b")
		"3c 00 04 00 00000000" OPTION8("11") UDP("000c") ABCD, UDP6_TEXT},
	{"IPv6, an extension of 16 bytes", RAW, IPV6("001c", "3c")
		"11 01 010c 000000000000000000000000" UDP("000c") ABCD, UDP6_TEXT},
	{"IPv6, authentication header (RFC 4302)", RAW, IPV6("0018", "33")
		"11 01 0000 00000001 00000001" UDP("000c") ABCD, UDP6_TEXT},
	{"IPv6, mobility (RFC 6275)", RAW, IPV6("0014", "87") "11 00 0000 00000000"
		UDP("000c") ABCD, UDP6_TEXT},
	{"IPv6, an extension behind the end", RAW, IPV6("0008", "3c") "11 ff 0104 00000000",
		.rc = DECODE_SHORT},
	{"IPv6, no next header (RFC 8200 4.7)", RAW, IPV6("0004", "3b") ABCD,
		.rc = DECODE_PROTOCOL},
	{"IPv6, sixteen extensions", RAW, IPV6("008c", "3c") OPTION8("3c") OPTION8("3c")
		OPTION8("3c") OPTION8("3c") OPTION8("3c") OPTION8("3c") OPTION8("3c") OPTION8("3c")
		OPTION8("3c") OPTION8("3c") OPTION8("3c") OPTION8("3c") OPTION8("3c") OPTION8("3c")
		OPTION8("3c") OPTION8("11") UDP("000c") ABCD, .rc = DECODE_IP_EXTENSIONS},
	{"IPv6, jumbogram (RFC 2675)", RAW, IPV6("0000", "00") "11 00 c204 00000014"
		UDP("0000") ABCD, UDP6_TEXT},
	{"IPv6, atomic fragment (RFC 6946)", RAW, IPV6("0014", "2c") "11 00 0000 0000beef"
		UDP("000c") ABCD, UDP6_TEXT},
	{"IPv6, first fragment behind an extension", RAW, IPV6("0018", "00") OPTION8("2c")
		"11 00 0001 0000beef 4142434441424344", FRAG6 "0+ ABCDABCD"},
	{"IPv6, last fragment", RAW, IPV6("000c", "2c") "11 00 0010 0000beef" ABCD,
		FRAG6 "16 ABCD"},
	{"IPv6, reserved bits of the offset are none of it", RAW, IPV6("000c", "2c")
		"11 ff 0016 0000beef" ABCD, FRAG6 "16 ABCD"},

	{"UDP, empty", RAW, IPV4("001c", "11") UDP("0008"),
		"udp 192.0.2.1:5060 > 198.51.100.2:5060"},
	{"UDP, less than IP has", RAW, IPV4("0022", "11") UDP("000c") ABCD "5858", UDP4_TEXT},
	{"UDP, more than IP has", RAW, IPV4("0020", "11") UDP("000d") ABCD,
		.rc = DECODE_UDP_LENGTH},
	{"UDP, length 7", RAW, IPV4("0020", "11") UDP("0007") ABCD, .rc = DECODE_UDP_LENGTH},
	{"UDP, length 0 in IPv4", RAW, IPV4("0020", "11") UDP("0000") ABCD,
		.rc = DECODE_UDP_LENGTH},
	{"UDP, cut", RAW, IPV4("0040", "11") UDP("002c") ABCD,
		UDP4_TEXT " cut", .wire_len = 64},
	{"only the padding is cut", EN10MB, ETH "0800" UDP4, UDP4_TEXT, .wire_len = 60},

	{"TCP", RAW, IPV4("002c", "06") TCP("50", "18") ABCD, TCP4_TEXT "flags 24 ABCD"},
	{"TCP, options", RAW, IPV4("0034", "06") TCP("70", "10") "0101080a00000000" ABCD,
		TCP4_TEXT "flags 16 ABCD"},
	{"TCP, SYN without data, padded", RAW, IPV4("0028", "06") TCP("50", "02") "000000000000",
		TCP4_TEXT "flags 2"},
	{"TCP, IPv6", RAW, IPV6("0018", "06") TCP("50", "11") ABCD, TCP6_TEXT "flags 17 ABCD"},
	{"TCP, header of 16 bytes", RAW, IPV4("002c", "06") TCP("40", "18") ABCD,
		.rc = DECODE_TCP_OFFSET},
	{"TCP, header beyond the packet", RAW, IPV4("002c", "06") TCP("70", "18") ABCD,
		.rc = DECODE_TCP_OFFSET},
	{"TCP, options cut", RAW, IPV4("0034", "06") TCP("70", "02") "0101",
		TCP4_TEXT "flags 2 cut", .wire_len = 52},
};
/* clang-format on */

FRAME_CASES(decode_ip, packets);

/* SIP that a snap length of 65535 never cuts, but one of 96 does: what is there
 * is given, and said to be cut. */
Test(decode_ip, a_cut_datagram_gives_what_it_holds)
{
	enum { HEADERS = 42 };
	static const struct frame_case c = {"", EN10MB, ETH "0800" UDP4, NULL};
	struct frame frame = frame_case_frame(&c);
	struct slice whole = frame.bytes;

	for (size_t len = 0; len <= whole.len; len++) {
		struct packet pkt;

		frame.bytes = guard_copy(whole.ptr, len);
		if (len < HEADERS) {
			cr_expect_eq(
			    decode_frame(&frame, &pkt), DECODE_SHORT, "%zu", len);
			continue;
		}
		cr_assert_eq(decode_frame(&frame, &pkt), DECODE_OK);
		cr_expect(
		    slice_eq(pkt.payload, slice_of("ABCD", len - HEADERS)), "%zu", len);
		cr_expect_eq(pkt.truncated, len < whole.len, "%zu", len);
	}
}

/* 20 plain bytes are compared and hashed: none of them may be left over from the
 * packet before. */
Test(decode_ip, endpoints_hold_no_old_bytes)
{
	static const struct frame_case v6 = {"", RAW, UDP6, NULL};
	static const struct frame_case v4 = {"", RAW, UDP4, NULL};
	struct packet first, second;
	struct frame frame = frame_case_frame(&v4);

	memset(&first, 0, sizeof(first));
	memset(&second, 0xff, sizeof(second));
	cr_assert_eq(decode_frame(&frame, &first), DECODE_OK);
	frame = frame_case_frame(&v6);
	cr_assert_eq(decode_frame(&frame, &second), DECODE_OK);
	frame = frame_case_frame(&v4);
	cr_assert_eq(decode_frame(&frame, &second), DECODE_OK);
	cr_expect(endpoint_eq(&first.src, &second.src));
	cr_expect(endpoint_eq(&first.dst, &second.dst));
}

static struct packet reassembled(const char *hex, const char *from, uint8_t proto)
{
	static uint8_t bytes[WIRE_FRAME_MAX];
	struct packet pkt;

	memset(&pkt, 0xa5, sizeof(pkt));
	pkt.tunnels = 0;
	pkt.truncated = false;
	pkt.direction = PACKET_DIR_UNKNOWN;
	pkt.ifindex = 0;
	pkt.src = pkt.dst = (struct endpoint){0};
	cr_assert(ip_addr_parse(slice_of(from, strlen(from)), &pkt.src.ip));
	pkt.dst = pkt.src;
	pkt.proto = proto;
	pkt.payload = slice_of(bytes, hex_bytes(hex, bytes, sizeof(bytes)));
	pkt.payload = guard_copy(pkt.payload.ptr, pkt.payload.len);
	return pkt;
}

Test(decode_ip, goes_on_after_reassembly)
{
	static const struct {
		const char *hex, *from;
		uint8_t proto;
		const char *want;
	} cases[] = {
	    {UDP("000c") ABCD, "192.0.2.1", 17,
		"udp 192.0.2.1:5060 > 192.0.2.1:5060 ABCD"},
	    {UDP("000c") ABCD, "2001:db8::1", 17,
		"udp [2001:db8::1]:5060 > [2001:db8::1]:5060 ABCD"},
	    {OPTION8("11") UDP("000c") ABCD, "2001:db8::1", 60,
		"udp [2001:db8::1]:5060 > [2001:db8::1]:5060 ABCD"},
	    {UDP4, "203.0.113.1", 4, UDP4_TEXT " tunnels 1"},
	    {UDP("000d") ABCD, "192.0.2.1", 17, "udp-length"},
	    {"", "192.0.2.1", 17, "short"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct packet pkt =
		    reassembled(cases[i].hex, cases[i].from, cases[i].proto);
		char text[WIRE_TEXT_MAX];
		enum decode_rc rc = decode_ip_payload(&pkt);

		if (rc == DECODE_OK)
			packet_text(&pkt, text);
		else
			(void)snprintf(text, sizeof(text), "%s", decode_rc_name(rc));
		cr_expect_str_eq(text, cases[i].want, "%zu: %s", i, text);
	}
}

/* The snap length took the end of the last fragment. */
Test(decode_ip, goes_on_after_reassembly_of_cut_fragments)
{
	struct packet pkt = reassembled(UDP("002c") ABCD, "192.0.2.1", 17);
	char text[WIRE_TEXT_MAX];

	pkt.truncated = true;
	cr_assert_eq(decode_ip_payload(&pkt), DECODE_OK);
	packet_text(&pkt, text);
	cr_expect_str_eq(
	    text, "udp 192.0.2.1:5060 > 192.0.2.1:5060 ABCD cut", "%s", text);
}
