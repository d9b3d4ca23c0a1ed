/* SPDX-License-Identifier: BSD-2-Clause */
/* Bugs in frames, fragments, streams, WebSocket and HEP. */
#include "past_bugs.h"

#define NO_BODY BUG_INVITE "Content-Length: 0\r\n\r\n"
#define NEXT    "OPTIONS sip:next@198.51.100.20 SIP/2.0\r\n" BUG_HEAD "l: 0\r\n\r\n"

static bool begins(const struct bug *b, size_t i, const char *what)
{
	return i < b->count && strncmp(b->first_line[i], what, strlen(what)) == 0;
}

/* sngrep #430: the payload's size came from the IP header, not from what was captured.
 */
Test(past_bugs_wire, cve_2023_31981_sngrep_a_length_in_the_ip_header)
{
	struct bug *b = bug_new(SLICE_NONE);
	static struct ip_frame f;

	ip_udp(&f, &bug_out, NO_BODY, sizeof(NO_BODY) - 1);
	for (size_t captured = 0; captured < f.len; captured++) {
		b->count = 0;
		bug_frame(b, IP_FRAME_RAW, slice_of(f.bytes, captured), f.len);
		if (b->count > 0)
			cr_expect_eq(b->len[0], captured - 28);
	}
	cr_expect(b->is_truncated);
	cr_expect_eq(b->count, 1, "what was captured of it is still shown");
	bug_free(b);

	b = bug_new(SLICE_NONE);
	ip_put16(f.bytes + 2, 60000); /* more than the wire carried */
	bug_frame(b, IP_FRAME_RAW, slice_of(f.bytes, f.len), f.len);
	ip_put16(f.bytes + 2, (unsigned)f.len);
	ip_put16(f.bytes + 24, 60000); /* and in the UDP header */
	bug_frame(b, IP_FRAME_RAW, slice_of(f.bytes, f.len), f.len);
	for (size_t i = 0; i < b->count; i++)
		cr_expect_leq(b->len[i], sizeof(NO_BODY) - 1);
	bug_free(b);
}

/* sngrep #431: the IP header was read before the captured length was looked at. */
Test(past_bugs_wire, cve_2023_31982_sngrep_a_header_behind_the_end)
{
	static uint8_t ether[14 + IP_FRAME_MAX];
	struct bug *b = bug_new(SLICE_NONE);
	static struct ip_frame f;

	ip_udp(&f, &bug_out, NO_BODY, sizeof(NO_BODY) - 1);
	memset(ether, 2, 12);
	ip_put16(ether + 12, 0x0800);
	memcpy(ether + 14, f.bytes, f.len);
	for (size_t len = 0; len <= 14 + 20 + 8; len++)
		bug_frame(b, 1, slice_of(ether, len), len);
	cr_expect_eq(b->count, 0);
	bug_frame(b, 1, slice_of(ether, 14 + f.len), 14 + f.len);
	cr_expect_eq(b->count, 1);
	bug_free(b);
}

#define UPGRADE                                               \
	"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" \
	"Connection: Upgrade\r\nSec-WebSocket-Protocol: sip\r\n\r\n"

/* sngrep #438: where length and mask of a WebSocket frame lie was not compared with the
 * bytes that are there. */
Test(past_bugs_wire, cve_2023_36192_sngrep_websocket_mask_behind_the_end)
{
	static const struct slice heads[] = {
	    SLICE_INIT("\x81\xfe\xff\xff mask"),
	    SLICE_INIT("\x82\xff\x00\x00\x00\x00\x00\x01\x00\x00 mask"),
	    SLICE_INIT("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff mask"),
	    SLICE_INIT("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff mask"),
	    SLICE_INIT("\x81\x7e\x00\x05hello"),
	};
	struct bug *b = bug_new(SLICE_NONE);

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		for (size_t len = 1; len <= heads[i].len; len++) {
			b->seq += 100000; /* a connection of its own */
			bug_open(b);
			bug_tcp(b, SLICE(UPGRADE), SIZE_MAX);
			bug_tcp(b, slice_of(heads[i].ptr, len), SIZE_MAX);
		}
	}
	cr_expect_eq(b->count, 0);
	b->seq += 100000;
	bug_open(b);
	bug_tcp(b, SLICE(UPGRADE), SIZE_MAX);
	bug_tcp(
	    b, bug_text("\x81\x7e#", '\1', 1), SIZE_MAX); /* 2 of its length's bytes: */
	bug_tcp(b, slice_of("\x00", 1), SIZE_MAX);        /* 0x0100 */
	bug_tcp(b, bug_text(NO_BODY "#", ' ', 256 - (sizeof(NO_BODY) - 1)), 7);
	cr_expect_eq(b->count, 1);
	cr_expect_eq(b->len[0], 256);
	bug_free(b);
}

/* sngrep #533, captagent 2021: the block length of an RTCP XR was believed. */
Test(past_bugs_wire, cve_2024_35434_sngrep_rtcp_xr_block_length)
{
	static const char xr[] = "\x80\xcf\xff\xff\x00\x00\x00\x01\x07\x00\xff\xff";
	struct bug *b = bug_new(SLICE_NONE);

	for (size_t len = 8; len < sizeof(xr); len++)
		bug_udp(b, slice_of(xr, len));
	cr_expect_eq(b->count, 0);
	cr_expect_eq(bug_stat(b, REASSEMBLE_STAT_NOT_SIP_RTP), sizeof(xr) - 8);
	bug_free(b);
}

/* --- HEP --- */

struct hep {
	uint8_t bytes[BUG_TEXT + 4096];
	size_t len;
};

static void hep_chunk(struct hep *h, unsigned type, size_t says, struct slice body)
{
	ip_put16(h->bytes + h->len, 0);
	ip_put16(h->bytes + h->len + 2, type);
	ip_put16(h->bytes + h->len + 4, (unsigned)says);
	memcpy(h->bytes + h->len + 6, body.ptr, body.len);
	h->len += 6 + body.len;
	ip_put16(h->bytes + 4, (unsigned)h->len);
}

/* All a packet needs but its payload. */
static void hep_begin(struct hep *h)
{
	memcpy(h->bytes, "HEP3", 4);
	h->len = 6;
	hep_chunk(h, 1, 7, SLICE("\x02"));
	hep_chunk(h, 2, 7, SLICE("\x11"));
	hep_chunk(h, 3, 10, SLICE("\xc0\x00\x02\x01"));
	hep_chunk(h, 4, 10, SLICE("\xc0\x00\x02\x02"));
	hep_chunk(h, 0xb, 7, SLICE("\x01"));
}

/* sngrep #509, #532, bf4ea99: a key of any length was copied to 100 bytes, and chunk
 * lengths were not compared with the packet. */
Test(past_bugs_wire, sngrep_509_532_bf4ea99_hep_chunk_lengths)
{
	static const size_t lies[] = {0, 1, 5, 6, 7, 100, 101, 0x7fff, 0x8000, 0xffff};
	struct bug *b = bug_new(SLICE("secret"));
	static struct hep h;
	size_t true_ones = 0;

	for (size_t key = 0; key <= 50000; key = key * 3 + 1) { /* honest, and long */
		hep_begin(&h);
		hep_chunk(&h, 0xe, 6 + key, bug_text("#", 'k', key));
		hep_chunk(&h, 0xf, 6 + sizeof(NO_BODY) - 1, SLICE(NO_BODY));
		bug_udp(b, slice_of(h.bytes, h.len));
	}
	cr_expect_eq(b->count, 0, "a key that is not ours");
	for (unsigned type = 0; type <= 0x11; type++) {
		for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
			hep_begin(&h);
			hep_chunk(&h, 0xe, 12, SLICE("secret"));
			hep_chunk(&h, 0xf, 6 + sizeof(NO_BODY) - 1, SLICE(NO_BODY));
			hep_chunk(&h, type, lies[i], SLICE(""));
			/* Only a chunk without a body is as long as this one says; most
			 * types must have one. */
			true_ones += lies[i] == 6;
			bug_udp(b, slice_of(h.bytes, h.len));
		}
	}
	cr_expect_leq(b->count, true_ones, "%zu", b->count);
	cr_expect_geq(bug_stat(b, REASSEMBLE_STAT_HEP_BAD), 18 * 9);
	bug_udp(
	    b, SLICE("\x02\x10\x02\x11\x13\xc4\x13\xc4\xff\xff\xff\xff")); /* HEPv2 */
	b->count = 0;
	hep_begin(&h);
	hep_chunk(&h, 0xe, 12, SLICE("secret"));
	hep_chunk(&h, 0xf, 6 + sizeof(NO_BODY) - 1, SLICE(NO_BODY));
	bug_udp(b, slice_of(h.bytes, h.len));
	cr_expect_eq(b->count, 1);
	bug_free(b);
}

/* --- streams --- */

/* sngrep #187: what remains of a segment behind a message went below zero. */
Test(past_bugs_wire, sngrep_187_negative_remaining_length)
{
	for (size_t piece = 1; piece < 200; piece = piece * 2 + 1) {
		struct bug *b = bug_new(SLICE_NONE);

		bug_open(b);
		bug_tcp(
		    b, SLICE(NO_BODY BUG_INVITE "Content-Length: 400\r\n\r\nx"), piece);
		cr_expect_eq(b->count, 1, "the second is not whole");
		bug_tcp(b, bug_text("#" NEXT, 'x', 399), piece);
		cr_expect_eq(b->count, 3);
		bug_tcp(
		    b, SLICE(BUG_INVITE "Content-Length: -400\r\n\r\n" NEXT), piece);
		cr_expect_eq(b->count, 5);
		cr_expect(begins(b, 4, "OPTIONS sip:next"));
		cr_expect_eq(bug_stat(b, REASSEMBLE_STAT_TCP_BAD_LENGTH), 1);
		bug_free(b);
	}
}

/* sngrep #106: a keep-alive was taken for the start of a message, and what followed was
 * lost. */
Test(past_bugs_wire, sngrep_106_keepalive_in_a_stream)
{
	for (size_t piece = 1; piece < 6; piece++) {
		struct bug *b = bug_new(SLICE_NONE);

		bug_open(b);
		bug_tcp(b, SLICE("\r\n\r\n"), piece);
		bug_tcp(b, SLICE(NO_BODY), piece);
		bug_tcp(b, SLICE("\r\n\r\n"), piece);
		bug_tcp(b, SLICE("\r\n"), piece);
		bug_tcp(b, SLICE(NEXT), piece);
		cr_expect_eq(b->count, 2, "%zu", b->count);
		cr_expect_eq(bug_stat(b, REASSEMBLE_STAT_TCP_GARBAGE_BYTES), 0);
		bug_free(b);
	}
}

/* voipmonitor: the first line was copied to 1024 bytes. */
Test(past_bugs_wire, cve_2021_1000005_voipmonitor_first_line)
{
	static const size_t lens[] = {1000, 1024, 1025, 8000, 8192, 60000};

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct bug *b = bug_new(SLICE_NONE);
		struct slice s = bug_text(
		    "INVITE sip:#@h SIP/2.0\r\n" BUG_HEAD "l: 0\r\n\r\n", 'u', lens[i]);

		bug_udp(b, s);
		cr_expect_leq(b->count, 1);
		if (lens[i] < 8000)
			cr_expect_eq(b->count, 1, "%zu", lens[i]);
		bug_open(b);
		bug_tcp(b, s, 1400);
		bug_tcp(b, SLICE(NEXT), 1400);
		cr_assert_gt(b->count, 0);
		cr_expect(begins(b, b->count - 1, "OPTIONS sip:next"));
		bug_free(b);
	}
}

/* Suricata: a body's length was kept in 8, then in 16 bits. */
Test(past_bugs_wire, suricata_sip_body_length_in_16_bits)
{
	static const size_t lens[] = {255, 256, 257, 32767, 32768, 60000};
	static const char head[] = BUG_INVITE "Content-Length: %zu\r\n\r\n#";
	char pattern[512];

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct bug *b = bug_new(SLICE_NONE);
		size_t head_len =
		    (size_t)snprintf(pattern, sizeof(pattern), head, lens[i]) - 1;

		bug_open(b);
		bug_tcp(b, bug_text(pattern, 'v', lens[i]), 1400);
		bug_tcp(b, SLICE(NEXT), 1400);
		cr_assert_eq(b->count, 2, "%zu", lens[i]);
		cr_expect_eq(b->len[0], head_len + lens[i]);
		bug_free(b);
	}
	{ /* beyond 16 bits, where 65536 would be 0 */
		struct bug *b = bug_new(SLICE_NONE);

		bug_open(b);
		bug_tcp(b, SLICE(BUG_INVITE "Content-Length: 65536\r\n\r\n"), 1400);
		cr_expect_eq(b->count, 0);
		bug_tcp(b, bug_text("#", 'v', 60000), 1400);
		bug_tcp(b, bug_text("#" NEXT, 'v', 5536), 1400);
		cr_expect_eq(b->count, 2);
		cr_expect_gt(b->len[0], 65536);
		bug_free(b);
	}
}

/* OpenSIPS: a Content-Length that runs over cuts the stream elsewhere, so that a
 * message hides in another's body. */
Test(past_bugs_wire, cve_2026_45103_opensips_content_length_runs_over)
{
	static const char *const lengths[] = {"4294967296", "4294967301", "2147483648",
	    "18446744073709551616", "18446744073709551621", "9223372036854775808",
	    "-18446744073709551611", "+5", "5 5", "0x5", "5,5"};
	char text[1024];

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct bug *b = bug_new(SLICE_NONE);
		size_t len = (size_t)snprintf(text, sizeof(text),
		    BUG_INVITE "Content-Length: %s\r\n\r\nhello" NEXT, lengths[i]);

		bug_open(b);
		bug_tcp(b, slice_of(text, len), 1400);
		/* As if it were 5, the next message would begin behind "hello". */
		for (size_t m = 0; m < b->count; m++)
			cr_expect_not(begins(b, m, "OPTIONS"), "%s", lengths[i]);
		bug_tcp(b, SLICE("\r\n" NEXT), 1400);
		cr_assert_gt(b->count, 0, "%s: never found back", lengths[i]);
		cr_expect(
		    begins(b, b->count - 1, "OPTIONS sip:next"), "%s", lengths[i]);
		cr_expect_gt(bug_stat(b, REASSEMBLE_STAT_TCP_BAD_LENGTH) +
				 bug_stat(b, REASSEMBLE_STAT_TCP_TOO_LONG),
		    0, "%s", lengths[i]);
		bug_free(b);
	}
}

/* --- fragments --- */

/* captagent 2026: fragments were put together in a buffer without asking whether they
 * end within it. */
Test(past_bugs_wire, captagent_2026_defragmentation_beyond_64_kib)
{
	struct bug *b = bug_new(SLICE_NONE);
	static struct ip_frame f;

	for (size_t offset = 64000; offset <= 65528; offset += 8) {
		struct slice s = bug_text("#", 'f', 1480);

		ip_fragment(
		    &f, &bug_out, 17, 7, offset, offset % 16 != 0, s.ptr, s.len);
		bug_frame(b, IP_FRAME_RAW, slice_of(f.bytes, f.len), f.len);
	}
	cr_expect_gt(bug_stat(b, REASSEMBLE_STAT_FRAG_BAD), 100);
	cr_expect_eq(bug_stat(b, REASSEMBLE_STAT_FRAG_COMPLETED), 0);
	bug_free(b);
}

/* An IPv6 packet with a fragment header; says: its payload length. */
static size_t fragment6(
    uint8_t *to, size_t says, size_t offset, bool more, struct slice body)
{
	memset(to, 0, 48);
	to[0] = 0x60;
	ip_put16(to + 4, (unsigned)says);
	to[6] = 44;
	to[7] = 64;
	to[23] = 1;
	to[39] = 2;
	to[40] = 17;
	ip_put16(to + 42, (unsigned)offset | (more ? 1 : 0));
	to[47] = 9;
	memcpy(to + 48, body.ptr, body.len);
	return 48 + body.len;
}

/* sngrep's ChangeLog: the payload length of an IPv6 fragment was taken for the data's.
 */
Test(past_bugs_wire, sngrep_changelog_ipv6_fragment_payload_length)
{
	static uint8_t datagram[8 + 1024], frame[48 + 1024];
	const size_t whole =
	    ip_udp_body(datagram, &bug_out, NO_BODY, sizeof(NO_BODY) - 1);
	struct slice first = slice_of(datagram, 64),
		     rest = slice_of(datagram + 64, whole - 64);
	struct bug *b = bug_new(SLICE_NONE);

	for (size_t says = 0; says < 2000; says++) {
		size_t len = fragment6(frame, says, 0, true, first);

		/* More than is there: cut by the snap length, and shown as such. */
		b->count = 0;
		bug_frame(b, IP_FRAME_RAW, slice_of(frame, len), len);
		cr_expect_eq(b->count, says > len - 40, "%zu", says);
		if (b->count > 0)
			cr_expect_eq(b->len[0], first.len - 8);
	}
	bug_free(b);

	b = bug_new(SLICE_NONE);
	for (int part = 1; part >= 0; part--) { /* the last one first */
		struct slice body = part == 0 ? first : rest;
		size_t len =
		    fragment6(frame, 8 + body.len, part == 0 ? 0 : 64, part == 0, body);

		bug_frame(b, IP_FRAME_RAW, slice_of(frame, len), len);
	}
	cr_expect_eq(b->count, 1);
	cr_expect_eq(b->len[0], sizeof(NO_BODY) - 1);
	bug_free(b);
}
