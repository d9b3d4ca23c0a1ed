/* SPDX-License-Identifier: BSD-2-Clause */
#include "decode/peek.h"
#include "wire_test.h"

/* clang-format off */
#define SLL(type, proto) type " 0001 0006 0200000000010000 " proto " "
#define SLL2(proto, interface, type) \
	proto " 0000 " interface " 0001 " type " 06 0200000000010000 "
#define PKTAP(linktype, flags) "6c000000 01000000 " linktype " " \
	"656e3000 00000000 00000000 00000000 00000000 00000000 " flags " " \
	"00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 " \
	"00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 " \
	"00000000 "
#define ERF(type, wlen) "0000000001000000 " type " 04 0040 0000 " wlen " "

/* www.tcpdump.org/linktypes.html, and the RFC where one says it. */
static const struct frame_case links[] = {
	{"Ethernet", 1, ETH "0800" UDP4, UDP4_TEXT},
	{"Ethernet, padded to 60 bytes", 1, ETH "0800" UDP4 "00000000 00000000 00000000 0000",
		UDP4_TEXT},
	{"Ethernet, IPv6", 1, ETH "86dd" UDP6, UDP6_TEXT},
	{"Ethernet, ARP", 1, ETH "0806 0001", .rc = DECODE_NOT_IP},
	{"Ethernet, nothing", 1, "", .rc = DECODE_SHORT},
	{"802.1Q", 1, ETH "8100 0064 0800" UDP4, UDP4_TEXT},
	{"802.1Q, priority only", 1, ETH "8100 a000 0800" UDP4, UDP4_TEXT},
	{"802.1ad QinQ", 1, ETH "88a8 0064 8100 00c8 0800" UDP4, UDP4_TEXT},
	{"QinQ with old numbers", 1, ETH "9100 0064 9200 00c8 8100 012c 0800" UDP4, UDP4_TEXT},
	{"eight tags", 1, ETH "8100 0001 8100 0002 8100 0003 8100 0004 8100 0005 8100 0006"
		"8100 0007 8100 0008 86dd" UDP6, UDP6_TEXT},
	{"nine tags", 1, ETH "8100 0001 8100 0002 8100 0003 8100 0004 8100 0005 8100 0006"
		"8100 0007 8100 0008 8100 0009 0800" UDP4, .rc = DECODE_TAGS},
	{"Cisco VN-Tag", 1, ETH "8926 00000000 0800" UDP4, UDP4_TEXT},
	{"802.1BR E-Tag", 1, ETH "893f 000000000000 0800" UDP4, UDP4_TEXT},
	{"MPLS, what is below is no IP (RFC 3032)", 1, ETH "8847 00010040 00011140 8000", .rc = DECODE_NOT_IP},
	{"MPLS, IPv4 below", 1, ETH "8847 00010040 00011140" UDP4, UDP4_TEXT},
	{"MPLS, IPv6 below", 1, ETH "8847 00010140" UDP6, UDP6_TEXT},
	{"MPLS pseudowire (RFC 4385)", 1, ETH "8847 00010140 00000000" ETH "0800" UDP4,
		UDP4_TEXT " tunnels 1"},
	{"MPLS without a bottom", 1, ETH "8847 00010040 00010040 00010040 00010040 00010040"
		"00010040 00010040 00010040 00010140" UDP4, .rc = DECODE_TAGS},
	{"PPPoE session (RFC 2516)", 1, ETH "8864 1100 0001 0022 0021" UDP4, UDP4_TEXT},
	{"PPPoE behind a tag, IPv6", 1, ETH "8100 0007 8864 1100 0001 0036 0057" UDP6, UDP6_TEXT},
	{"PPPoE discovery code", 1, ETH "8864 1109 0000 0000 0021" UDP4, .rc = DECODE_NOT_IP},
	{"PPPoE version 2", 1, ETH "8864 2100 0001 0022 0021" UDP4, .rc = DECODE_LINK_HEADER},
	{"802.3 and SNAP (RFC 1042)", 1, ETH "0028 aaaa03 000000 0800" UDP4 "ffff", UDP4_TEXT},
	{"802.3, bridged (802.1H)", 1, ETH "0028 aaaa03 0000f8 0800" UDP4, UDP4_TEXT},
	{"802.3, IP's own SAP", 1, ETH "0023 060603" UDP4, UDP4_TEXT},
	{"802.3, spanning tree", 1, ETH "0026 424203 0000000000", .rc = DECODE_NOT_IP},
	{"802.3, a numbered frame", 1, ETH "0028 aaaa00 000000 0800" UDP4, .rc = DECODE_NOT_IP},
	{"802.3, half a SNAP", 1, ETH "0028 aa4203 000000 0800" UDP4, .rc = DECODE_NOT_IP},
	{"802.3, Cisco's own SNAP", 1, ETH "0028 aaaa03 00000c 2000" UDP4, .rc = DECODE_NOT_IP},
	{"802.3, AppleTalk's SNAP", 1, ETH "0028 aaaa03 080007 809b" UDP4, .rc = DECODE_NOT_IP},
	{"802.3, a SNAP of 00ff00", 1, ETH "0028 aaaa03 00ff00 0800" UDP4, .rc = DECODE_NOT_IP},
	{"802.3, SNAP in SNAP", 1, ETH "0028 aaaa03 000000 0028 aaaa03 000000 0800" UDP4,
		.rc = DECODE_NOT_IP},

	{"SLL, received", 113, SLL("0000", "0800") UDP4, UDP4_TEXT " in"},
	{"SLL, sent", 113, SLL("0004", "0800") UDP4, UDP4_TEXT " out"},
	{"SLL, to somebody else", 113, SLL("0003", "86dd") UDP6, UDP6_TEXT},
	{"SLL, tagged", 113, SLL("0000", "8100") "0064 0800" UDP4, UDP4_TEXT " in"},
	{"SLL, 802.2", 113, SLL("0001", "0004") "aaaa03 000000 0800" UDP4, UDP4_TEXT " in"},
	{"SLL2", 276, SLL2("0800", "00000003", "04") UDP4, UDP4_TEXT " out if 3"},
	{"SLL2, IPv6", 276, SLL2("86dd", "00000002", "00") UDP6, UDP6_TEXT " in if 2"},
	{"SLL2, QinQ: the inner tag is left", 276, SLL2("8100", "00000002", "00")
		"00c8 0800" UDP4, UDP4_TEXT " in if 2"},
	{"SLL2, QinQ: the protocol is the innermost one", 276, SLL2("0800", "00000002", "04")
		"00c8 0800" UDP4, UDP4_TEXT " out if 2"},
	{"SLL2, the same with a tag that looks like version 4", 276,
		SLL2("0800", "00000002", "04") "45c8 0800" UDP4, UDP4_TEXT " out if 2"},
	{"SLL2, the same with IPv6", 276, SLL2("86dd", "00000002", "04") "60c8 86dd" UDP6,
		UDP6_TEXT " out if 2"},
	{"SLL2, and with two tags left", 276, SLL2("0800", "00000002", "04")
		"00c8 8100 00c9 0800" UDP4, UDP4_TEXT " out if 2"},
	{"SLL, QinQ: libpcap puts one tag back, the kernel leaves the other", 113,
		SLL("0003", "88a8") "0064 0800 00c8 0800" UDP4, UDP4_TEXT},
	{"SLL2, no IP at all", 276, SLL2("0800", "00000002", "04") "00c8 0806 00c8 0800" UDP4,
		.rc = DECODE_IP_HEADER},
	{"SLL2, only tags", 276, SLL2("0800", "00000002", "04") "0001 8100 0001 8100 0001 8100"
		"0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 0800" UDP4,
		.rc = DECODE_IP_HEADER},
	{"SLL2, ARP", 276, SLL2("0806", "00000002", "00") "0001", .rc = DECODE_NOT_IP},

	{"NULL, little-endian", 0, "02000000" UDP4, UDP4_TEXT},
	{"NULL, big-endian", 0, "00000002" UDP4, UDP4_TEXT},
	{"NULL, IPv6 of FreeBSD", 0, "1c000000" UDP6, UDP6_TEXT},
	{"NULL, IPv6 of macOS", 0, "1e000000" UDP6, UDP6_TEXT},
	{"NULL, AppleTalk", 0, "10000000" UDP4, .rc = DECODE_NOT_IP},
	{"LOOP", 108, "00000018" UDP6, UDP6_TEXT},
	{"RAW", 101, UDP4, UDP4_TEXT},
	{"RAW of BSD", 12, UDP6, UDP6_TEXT},
	{"RAW of OpenBSD", 14, UDP4, UDP4_TEXT},
	{"RAW, no IP version", 101, "00112233", .rc = DECODE_IP_HEADER},
	{"IPV4", 228, UDP4, UDP4_TEXT},
	{"IPV6", 229, UDP6, UDP6_TEXT},

	{"PPP, address and control (RFC 1662)", 9, "ff03 0021" UDP4, UDP4_TEXT},
	{"PPP, both compressed", 9, "0021" UDP4, UDP4_TEXT},
	{"PPP, the protocol compressed too (RFC 1661 6.5)", 9, "21" UDP4, UDP4_TEXT},
	{"PPP, IPv6", 9, "ff03 0057" UDP6, UDP6_TEXT},
	{"PPP, MPLS", 9, "ff03 0281 00010140" UDP4, UDP4_TEXT},
	{"PPP, LCP", 9, "ff03 c021 0101 0004", .rc = DECODE_NOT_IP},
	{"PPP_HDLC", 50, "ff03 0021" UDP4, UDP4_TEXT},
	{"PPP_HDLC that is Cisco's", 50, "0f00 0800" UDP4, UDP4_TEXT},
	{"PPP_ETHER", 51, "1100 0001 0022 0021" UDP4, UDP4_TEXT},
	{"PPP_WITH_DIR, received", 204, "00 ff03 0021" UDP4, UDP4_TEXT " in"},
	{"PPP_WITH_DIR, sent", 204, "01 ff03 0021" UDP4, UDP4_TEXT " out"},
	{"PPP_HDLC that is Cisco's, to all", 50, "8f00 0800" UDP4, UDP4_TEXT},
	{"PPP, an address without control", 9, "ff21" UDP4, .rc = DECODE_NOT_IP},
	{"Cisco HDLC, a length", 104, "0f00 0020" UDP4, .rc = DECODE_NOT_IP},
	{"Cisco HDLC", 104, "8f00 86dd" UDP6, UDP6_TEXT},
	{"Cisco HDLC, keep-alive", 104, "8f00 8035 00000002", .rc = DECODE_NOT_IP},
	{"C_HDLC_WITH_DIR", 205, "01 0f00 0800" UDP4, UDP4_TEXT " out"},
	{"Frame Relay (RFC 2427)", 107, "1841 03 cc" UDP4, UDP4_TEXT},
	{"Frame Relay, pad, IPv6", 107, "1841 03 00 8e" UDP6, UDP6_TEXT},
	{"Frame Relay, SNAP", 107, "1841 03 00 80 000000 0800" UDP4, UDP4_TEXT},
	{"Frame Relay, SNAP of bridged 802.3", 107, "1841 03 00 80 0080c2 0001" UDP4,
		.rc = DECODE_NOT_IP},
	{"Frame Relay, LMI", 107, "0001 03 08 00 75 95", .rc = DECODE_NOT_IP},
	{"Frame Relay, Cisco's keep-alive", 107, "1841 0000" UDP4, .rc = DECODE_NOT_IP},
	{"Frame Relay, Cisco's", 107, "1841 0800" UDP4, UDP4_TEXT},
	{"Frame Relay, address of four", 107, "18402001 03 cc" UDP4, UDP4_TEXT},
	{"Frame Relay, address without end", 107, "1840202020 03 cc", .rc = DECODE_LINK_HEADER},
	{"FRELAY_WITH_DIR", 206, "00 1841 03 cc" UDP4, UDP4_TEXT " in"},
	{"LLC over ATM (RFC 2684)", 100, "aaaa03 000000 0800" UDP4, UDP4_TEXT},
	{"SLIP", 8, "00 45 0000000000000000000000000000" UDP4, UDP4_TEXT},
	{"MPLS", 219, "00010140" UDP4, UDP4_TEXT},
	{"enc(4)", 109, "02000000 00001234 00000000" UDP4, UDP4_TEXT},
	{"pflog(4)", 117, "05 02 00 00 00 000000" UDP4, UDP4_TEXT},
	{"pflog(4) of no length", 117, "00 02 00 00" UDP4, .rc = DECODE_LINK_HEADER},

	{"NFLOG, little-endian", 239, "02 00 0000 0800 0100 0800 0000 0500 0a00 00000000"
		"2400 0900" UDP4, UDP4_TEXT},
	{"NFLOG, big-endian", 239, "02 00 0000 0008 0001 0800 0000 0024 0009" UDP4, UDP4_TEXT},
	{"NFLOG, IPv6 of Linux", 239, "0a 00 0000 3800 0900" UDP6, UDP6_TEXT},
	{"NFLOG, ARP", 239, "03 00 0000 2400 0900" UDP4, .rc = DECODE_NOT_IP},
	{"NFLOG, a length of 0", 239, "02 00 0000 0000 0100 2400 0900" UDP4,
		.rc = DECODE_LINK_HEADER},
	{"NFLOG, no packet", 239, "02 00 0000 0800 0100 0800 0000", .rc = DECODE_NOT_IP},
	{"PKTAP, Ethernet, sent", 258, PKTAP("01000000", "02000000") ETH "0800" UDP4,
		UDP4_TEXT " out"},
	{"PKTAP as macOS writes it, raw", 149, PKTAP("0c000000", "01000000") UDP4,
		UDP4_TEXT " in"},
	{"PKTAP, no direction", 258, PKTAP("01000000", "03000000") ETH "0800" UDP4, UDP4_TEXT},
	{"PKTAP, no packet in it", 258, "28000000 02000000 01000000 656e3000 00000000 00000000"
		"00000000 00000000 00000000 00000000" ETH "0800" UDP4, .rc = DECODE_LINK_HEADER},
	{"PPI in PKTAP", 258, PKTAP("c0000000", "00000000") "00 00 0800 01000000" ETH,
		.rc = DECODE_LINK_HEADER},
	{"PKTAP in PPI", 192, "00 00 0800 95000000" PKTAP("01000000", "00000000"),
		.rc = DECODE_LINK_HEADER},
	{"PKTAP in PKTAP", 258, PKTAP("02010000", "00000000") PKTAP("01000000", "00000000"),
		.rc = DECODE_LINK_HEADER},
	{"PKTAP, a length that ends in itself", 258, "10000000 01000000 01000000"
		"656e3000 00000000 00000000 00000000 00000000 00000000 00000000" ETH,
		.rc = DECODE_LINK_HEADER},
	{"PPI", 192, "00 00 0800 01000000" ETH "0800" UDP4, UDP4_TEXT},
	{"PPI with a field", 192, "00 00 1000 65000000 0100 0400 00000000" UDP4, UDP4_TEXT},
	{"PPI in PPI", 192, "00 00 0800 c0000000 00 00 0800 01000000" ETH "0800" UDP4,
		.rc = DECODE_LINK_HEADER},
	{"PPI of no length", 192, "00 00 0000 01000000" ETH "0800" UDP4,
		.rc = DECODE_LINK_HEADER},
	{"ERF, Ethernet", 197, ERF("02", "0032") "0000" ETH "0800" UDP4, UDP4_TEXT},
	{"ERF, extension headers", 197, ERF("82", "0032") "8000000000000000 0000000000000000"
		"0000" ETH "0800" UDP4, UDP4_TEXT},
	{"ERF, IPv4", 197, ERF("16", "0020") UDP4, UDP4_TEXT},
	{"ERF, IPv6", 197, ERF("17", "0034") UDP6, UDP6_TEXT},
	{"ERF, packet over SONET", 197, ERF("01", "0024") "ff03 0021" UDP4, UDP4_TEXT},
	{"ERF, ATM", 197, ERF("03", "0034") "00000000", .rc = DECODE_NOT_IP},

	{"a link type without a decoder", 253, UDP4, .rc = DECODE_LINKTYPE},
	{"a link type nobody knows", 65000, UDP4, .rc = DECODE_LINKTYPE},
};
/* clang-format on */

FRAME_CASES(decode_link, links);

Test(decode_link, names_what_it_cannot_read)
{
	cr_expect_str_eq(linktype_name(1), "EN10MB");
	cr_expect_str_eq(linktype_name(253), "NETLINK");
	cr_expect_null(linktype_name(65000));
	cr_expect(linktype_is_supported(1) && linktype_is_supported(276));
	cr_expect_not(linktype_is_supported(253));
	cr_expect_not(linktype_is_supported(65000));
}

/* What claims to be supported is decoded, and the other way round. */
Test(decode_link, the_table_agrees_with_itself)
{
	enum { LINKTYPES = 512 };
	static const struct frame_case c = {"", 0, UDP4, NULL};

	for (uint32_t type = 0; type < LINKTYPES; type++) {
		struct frame frame = frame_case_frame(&c);
		struct packet pkt;

		frame.linktype = type;
		cr_expect_eq(decode_frame(&frame, &pkt) != DECODE_LINKTYPE,
		    linktype_is_supported(type), "%u", type);
		if (linktype_is_supported(type))
			cr_expect_not_null(linktype_name(type), "%u", type);
	}
}

Test(decode_link, keeps_the_interface_the_source_knows)
{
	static const struct frame_case c = {"", 1, ETH "0800" UDP4, NULL};
	struct frame frame = frame_case_frame(&c);
	struct packet pkt;

	frame.ifindex = 7;
	cr_assert_eq(decode_frame(&frame, &pkt), DECODE_OK);
	cr_expect_eq(pkt.ifindex, 7);
}

/* The table of case numbers that appear in `status` and in metrics. */
Test(decode_link, every_result_has_a_name)
{
	for (int a = 0; a < DECODE_RC_COUNT; a++) {
		cr_assert_not_null(decode_rc_name((enum decode_rc)a));
		for (int b = 0; b < a; b++)
			cr_expect_str_neq(decode_rc_name((enum decode_rc)a),
			    decode_rc_name((enum decode_rc)b));
	}
}

/* clang-format off */
#define RTP       IPV4("0020", "11") "3a98 3a99 000c 0000 80080001 "
#define RTP_TO(p) IPV4("0020", "11") "3a98 " p " 000c 0000 80080001 "
static const struct {
	const char *name;
	uint32_t linktype;
	const char *hex;
	bool is_media;
} peeks[] = {
	{"Ethernet", 1, ETH "0800" RTP, true},
	{"Ethernet, padded", 1, ETH "0800" RTP "000000000000", true},
	{"LINUX_SLL", 113, SLL("0000", "0800") RTP, true},
	{"LINUX_SLL2", 276, SLL2("0800", "00000002", "04") RTP, true},
	{"text", 1, ETH "0800" UDP4, false},
	{"raw IP", 101, RTP, false},
	{"a tag", 1, ETH "8100 0064 0800" RTP, false},
	{"IPv6", 1, ETH "86dd" UDP6, false},
	{"a port of a tunnel", 1, ETH "0800" RTP_TO("0868"), false},
	{"and VXLAN's", 1, ETH "0800" RTP_TO("2118"), false},
	{"TCP", 1, ETH "0800" IPV4("0020", "06") "3a98 3a99 000c 0000 80080001", false},
	{"IP longer than the frame", 1, ETH "0800" IPV4("0021", "11") "3a98 3a99 000d 0000 80080001", false},
	{"UDP longer than IP", 1, ETH "0800" IPV4("0020", "11") "3a98 3a99 000d 0000 80080001", false},
	{"no data", 1, ETH "0800" IPV4("001c", "11") "3a98 3a99 0008 0000 80", false},
	{"a fragment", 1, ETH "0800 4500 0020 1234 2000 40 11 0000 c0000201 c6336402"
		"3a98 3a99 000c 0000 80080001", false},
	{"IP options", 1, ETH "0800 4600 0024 1234 0000 40 11 0000 c0000201 c6336402 01010101"
		"3a98 3a99 000c 0000 80080001", false},
};
/* clang-format on */

/* What a peek says, decoding says too; and no byte behind the capture is looked at. */
Test(decode_link, a_peek_sees_media)
{
	for (size_t i = 0; i < sizeof(peeks) / sizeof(peeks[0]); i++) {
		struct frame_case c = {
		    peeks[i].name, peeks[i].linktype, peeks[i].hex, NULL};
		struct frame frame = frame_case_frame(&c);
		struct slice whole = frame.bytes;
		struct packet pkt;
		struct peek p;

		cr_expect_eq(peek_media(&frame, &p), peeks[i].is_media, "%s", c.name);
		for (size_t len = whole.len; len <= whole.len; len--) {
			frame.bytes = guard_copy(whole.ptr, len);
			if (!peek_media(&frame, &p))
				continue;
			cr_assert_eq(decode_frame(&frame, &pkt), DECODE_OK);
			cr_expect_eq(pkt.kind, PACKET_UDP);
			cr_expect_eq(pkt.src.port, p.src_port);
			cr_expect_eq(pkt.dst.port, p.dst_port);
			cr_expect_not(pkt.truncated);
		}
	}
}
