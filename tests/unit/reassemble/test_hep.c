/* SPDX-License-Identifier: BSD-2-Clause */
#include "reassemble/hep.h"

#include <criterion/criterion.h>
#define ZLIB_CONST /* next_in points to what we may not write */
#include <zlib.h>

#include "rig.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define SIP "OPTIONS sip:a SIP/2.0\r\nCall-ID: h\r\nCSeq: 1 OPTIONS\r\nl: 0\r\n\r\n"

struct build {
	uint8_t bytes[70000];
	size_t len;
};

static void put16(struct build *b, size_t v)
{
	b->bytes[b->len++] = (uint8_t)(v >> 8);
	b->bytes[b->len++] = (uint8_t)v;
}

static void chunk_of(struct build *b, uint16_t vendor, uint16_t type, struct slice body)
{
	put16(b, vendor);
	put16(b, type);
	put16(b, 6 + body.len);
	if (body.len > 0)
		memcpy(b->bytes + b->len, body.ptr, body.len);
	b->len += body.len;
}

static void chunk(struct build *b, uint16_t type, struct slice body)
{
	chunk_of(b, 0, type, body);
}

static void begin(struct build *b)
{
	b->len = 6;
	memcpy(b->bytes, "HEP3\0\0", 6);
}

static struct slice finish(struct build *b)
{
	b->bytes[4] = (uint8_t)(b->len >> 8);
	b->bytes[5] = (uint8_t)b->len;
	return slice_of(b->bytes, b->len);
}

/* 192.0.2.1:5080 -> 192.0.2.2:5090, SIP, 2023-11-14T22:13:21.5 */
static void facts(struct build *b, char proto)
{
	begin(b);
	chunk(b, 0x01, SLICE("\x02"));
	chunk(b, 0x02, slice_of(&proto, 1));
	chunk(b, 0x03, SLICE("\xc0\0\x02\x01"));
	chunk(b, 0x04, SLICE("\xc0\0\x02\x02"));
	chunk(b, 0x07, SLICE("\x13\xd8"));
	chunk(b, 0x08, SLICE("\x13\xe2"));
	chunk(b, 0x09, SLICE("\x65\x53\xf1\x01"));
	chunk(b, 0x0a, SLICE("\0\x07\xa1\x20"));
	chunk(b, 0x0b, SLICE("\x01"));
	chunk(b, 0x0c, SLICE("\0\0\0\x07"));
}

static struct slice packet(struct build *b, struct slice payload)
{
	facts(b, 17);
	chunk(b, 0x0f, payload);
	return finish(b);
}

static struct build build;

Test(hep, a_packet_gives_its_own_addresses_and_stamp)
{
	struct rig *rig = rig_new(NULL);
	const struct wire_event *ev = &rig->got[0].ev;
	char text[ENDPOINT_TEXT_MAX];

	rig_udp_between(rig, rig_v4(9, 1), rig_v4(8, 9060), packet(&build, SLICE(SIP)));
	cr_assert_eq(rig->count, 1);
	cr_expect_eq(ev->kind, WIRE_MESSAGE);
	cr_expect_eq(ev->transport, TRANSPORT_HEP);
	cr_expect_str_eq(endpoint_text(&ev->src, text), "192.0.2.1:5080");
	cr_expect_str_eq(endpoint_text(&ev->dst, text), "192.0.2.2:5090");
	cr_expect_eq(ev->at_us, INT64_C(1700000001500000));
	cr_expect(slice_eq(ev->bytes, SLICE(SIP)));
	rig_free(rig);
}

Test(hep, ipv6_addresses)
{
	struct hep_packet p;

	begin(&build);
	chunk(&build, 0x05, SLICE("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"));
	chunk(&build, 0x06, SLICE("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02"));
	chunk(&build, 0x0b, SLICE("\x01"));
	chunk(&build, 0x0f, SLICE(SIP));
	cr_assert_eq(hep_decode(finish(&build), false, &p), HEP_OK);
	cr_expect_eq(p.src.ip.family, 6);
	cr_expect_eq(p.dst.ip.bytes[15], 2);
	cr_expect_eq(p.at_us, 0);
}

Test(hep, chunks_of_vendors_and_unknown_ones_are_skipped_by_their_length)
{
	struct hep_packet p;

	facts(&build, 17);
	chunk_of(&build, 2, 0x0f, SLICE("not the payload"));
	chunk(&build, 0x7777, SLICE("what is this"));
	chunk(&build, 0x11, SLICE(""));
	chunk(&build, 0x0f, SLICE(SIP));
	cr_assert_eq(hep_decode(finish(&build), false, &p), HEP_OK);
	cr_expect(slice_eq(p.payload, SLICE(SIP)));
}

/* sngrep 509, 532: the chunk's length was believed. */
Test(hep, a_chunk_length_beyond_the_packet_or_below_its_head_is_refused)
{
	static const uint16_t lengths[] = {0, 1, 5, 7, 200, 0xffff};
	struct hep_packet p;

	for (size_t i = 0; i < COUNT(lengths); i++) {
		facts(&build, 17);
		chunk(&build, 0x0f, SLICE(SIP));
		put16(&build, 0);
		put16(&build, 0x11);
		put16(&build, lengths[i]);
		(void)finish(&build);
		cr_expect_eq(hep_decode(guard_copy(build.bytes, build.len), false, &p),
		    HEP_BAD, "length %u", lengths[i]);
	}
}

/* sngrep bf4ea99: the key went into 100 bytes. */
Test(hep, a_key_of_any_length_is_only_compared)
{
	static char key[60000];
	struct reassemble_config c = rig_config();
	struct rig *rig;

	c.hep_key = SLICE("secret");
	rig = rig_new(&c);
	memset(key, 'k', sizeof(key));
	facts(&build, 17);
	chunk(&build, 0x0e, slice_of(key, sizeof(key)));
	chunk(&build, 0x0f, SLICE(SIP));
	reassemble_hep(rig->r, finish(&build), rig->now_us);
	rig_drain(rig);
	cr_expect_eq(rig->count, 0);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_HEP_KEY), 1);
	rig_free(rig);
}

Test(hep, only_the_right_key_opens)
{
	cr_expect(hep_key_matches(SLICE("secret"), SLICE("secret")));
	cr_expect_not(hep_key_matches(SLICE("secret"), SLICE("secre")));
	cr_expect_not(hep_key_matches(SLICE("secret"), SLICE("secrets")));
	cr_expect_not(hep_key_matches(SLICE("secret"), SLICE("secretsecret")));
	cr_expect_not(hep_key_matches(SLICE("secret"), SLICE("")));
	cr_expect_not(hep_key_matches(SLICE("secret"), SLICE_NONE));
	cr_expect_not(hep_key_matches(SLICE("aa"), SLICE("aaa")));
	cr_expect(hep_key_matches(SLICE(""), SLICE_NONE));
}

Test(hep, the_right_key_lets_a_packet_in_and_no_configured_key_any)
{
	struct reassemble_config c = rig_config();
	struct rig *rig;

	facts(&build, 17);
	chunk(&build, 0x0e, SLICE("secret"));
	chunk(&build, 0x0f, SLICE(SIP));
	c.hep_key = SLICE("secret");
	rig = rig_new(&c);
	rig_udp_between(rig, rig_v4(9, 1), rig_v4(8, 9060), finish(&build));
	cr_expect_eq(rig->count, 1);
	rig_udp_between(rig, rig_v4(9, 1), rig_v4(8, 9060), packet(&build, SLICE(SIP)));
	cr_expect_eq(rig->count, 1, "without a key");
	rig_free(rig);
}

Test(hep, a_configured_port_is_the_only_one)
{
	struct reassemble_config c = rig_config();
	struct rig *rig;

	c.hep_port = 9060;
	rig = rig_new(&c);
	rig_udp_between(rig, rig_v4(9, 1), rig_v4(8, 9060), packet(&build, SLICE(SIP)));
	rig_udp_between(rig, rig_v4(9, 1), rig_v4(8, 9061), packet(&build, SLICE(SIP)));
	cr_expect_eq(rig->count, 1);
	rig_free(rig);
}

Test(hep, a_wrong_size_of_a_known_chunk_is_refused)
{
	static const struct {
		uint16_t type;
		struct slice body;
	} bad[] = {
	    {0x02, SLICE_INIT("")},
	    {0x03, SLICE_INIT("\xc0\0\x02")},
	    {0x04, SLICE_INIT("\xc0\0\x02\1\1")},
	    {0x05, SLICE_INIT("four")},
	    {0x06, SLICE_INIT("")},
	    {0x07, SLICE_INIT("\1")},
	    {0x08, SLICE_INIT("\1\2\3")},
	    {0x09, SLICE_INIT("\1\2")},
	    {0x0a, SLICE_INIT("")},
	    {0x0b, SLICE_INIT("\1\1")},
	};
	struct hep_packet p;

	for (size_t i = 0; i < COUNT(bad); i++) {
		facts(&build, 17);
		chunk(&build, 0x0f, SLICE(SIP));
		chunk(&build, bad[i].type, bad[i].body);
		cr_expect_eq(hep_decode(finish(&build), false, &p), HEP_BAD,
		    "chunk %#x", bad[i].type);
	}
}

Test(hep, addresses_of_one_family_and_a_payload_are_needed)
{
	struct hep_packet p;

	facts(&build, 17);
	cr_expect_eq(hep_decode(finish(&build), false, &p), HEP_BAD, "no payload");
	begin(&build);
	chunk(&build, 0x0f, SLICE(SIP));
	cr_expect_eq(hep_decode(finish(&build), false, &p), HEP_BAD, "no addresses");
	begin(&build);
	chunk(&build, 0x03, SLICE("\xc0\0\x02\x01"));
	chunk(&build, 0x06, SLICE("0123456789abcdef"));
	chunk(&build, 0x0f, SLICE(SIP));
	cr_expect_eq(hep_decode(finish(&build), false, &p), HEP_BAD, "two families");
}

Test(hep, every_prefix_is_survived_and_refused)
{
	struct slice all = packet(&build, SLICE(SIP));
	struct hep_packet p;

	for (size_t n = 0; n < all.len; n++) {
		cr_expect_eq(hep_decode(guard_copy(all.ptr, n), false, &p), HEP_BAD,
		    "%zu bytes", n);
		(void)hep_decode(guard_copy(all.ptr, n), true, &p);
	}
	cr_expect_eq(hep_decode(guard_copy(all.ptr, all.len), false, &p), HEP_OK);
}

Test(hep, every_byte_may_be_wrong)
{
	struct slice all = packet(&build, SLICE(SIP));
	struct hep_packet p;

	for (size_t i = 0; i < all.len; i++) {
		uint8_t was = build.bytes[i];

		for (int v = 0; v < 256; v += 5) {
			build.bytes[i] = (uint8_t)v;
			(void)hep_decode(guard_copy(all.ptr, all.len), v & 1, &p);
		}
		build.bytes[i] = was;
	}
}

Test(hep, a_packet_that_the_snap_length_cut_gives_what_it_holds)
{
	struct rig *rig = rig_new(NULL);
	struct slice all = packet(&build, SLICE(SIP));
	struct packet pkt = {.kind = PACKET_UDP,
	    .src = rig_v4(9, 1),
	    .dst = rig_v4(8, 9060),
	    .truncated = true,
	    .payload = slice_of(all.ptr, all.len - 10)};

	rig_packet(rig, &pkt);
	cr_assert_eq(rig->count, 1);
	cr_expect(rig->got[0].ev.truncated);
	cr_expect_eq(rig->got[0].ev.bytes.len, sizeof(SIP) - 1 - 10);
	rig_free(rig);
}

Test(hep, what_is_mirrored_and_no_sip_is_counted)
{
	struct rig *rig = rig_new(NULL);

	facts(&build, 17);
	chunk(&build, 0x0b, SLICE("\x05")); /* RTCP */
	chunk(&build, 0x0f, SLICE("\x80\xc8"));
	reassemble_hep(rig->r, finish(&build), rig->now_us);
	reassemble_hep(rig->r, packet(&build, SLICE("no SIP at all")), rig->now_us);
	reassemble_hep(rig->r, packet(&build, SLICE("\r\n")), rig->now_us);
	rig_drain(rig);
	cr_expect_eq(rig->count, 0);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_HEP_NOT_SIP), 2);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_KEEPALIVE), 1);
	rig_free(rig);
}

Test(hep, a_mirrored_tcp_segment_may_hold_several_messages)
{
	struct rig *rig = rig_new(NULL);

	facts(&build, 6);
	chunk(&build, 0x0f, SLICE(SIP SIP "\r\n" SIP));
	reassemble_hep(rig->r, finish(&build), rig->now_us);
	rig_drain(rig);
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 3);
	for (size_t i = 0; i < 3; i++)
		cr_expect(slice_eq(rig_message(rig, i), SLICE(SIP)));
	rig_free(rig);
}

static struct slice deflated(const void *bytes, size_t len, int window_bits)
{
	static uint8_t out[70000];
	z_stream z = {0};

	cr_assert_eq(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 9, 0), Z_OK);
	z.next_in = bytes;
	z.avail_in = (uInt)len;
	z.next_out = out;
	z.avail_out = sizeof(out);
	cr_assert_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	len = sizeof(out) - z.avail_out;
	deflateEnd(&z);
	return slice_of(out, len);
}

Test(hep, a_compressed_payload_is_inflated_gzip_or_zlib)
{
	struct rig *rig = rig_new(NULL);

	for (int bits = 15; bits <= 31; bits += 16) {
		facts(&build, 17);
		chunk(&build, 0x10, deflated(SIP, sizeof(SIP) - 1, bits));
		reassemble_hep(rig->r, finish(&build), rig->now_us);
		rig_drain(rig);
	}
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 2);
	cr_expect(slice_eq(rig_message(rig, 1), SLICE(SIP)));
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_HEP_INFLATED), 2);
	rig_free(rig);
}

Test(hep, a_bomb_is_refused_at_the_cap)
{
	static char zeroes[1 << 20];
	struct rig *rig = rig_new(NULL);

	facts(&build, 17);
	chunk(&build, 0x10, deflated(zeroes, sizeof(zeroes), 31));
	reassemble_hep(rig->r, finish(&build), rig->now_us);
	rig_drain(rig);
	cr_expect_eq(rig->count, 0);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_HEP_INFLATE_BAD), 1);
	rig_free(rig);
}

Test(hep, every_prefix_of_a_compressed_payload_is_refused)
{
	static struct hep_inflater inf;
	struct slice all = deflated(SIP, sizeof(SIP) - 1, 31);

	for (size_t n = 0; n < all.len; n++)
		cr_expect_null(hep_inflate(&inf, guard_copy(all.ptr, n)).ptr);
	cr_expect(slice_eq(hep_inflate(&inf, all), SLICE(SIP)));
}

Test(hep, packets_in_a_tcp_stream_are_cut_by_their_length)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = rig_tcp(rig, 9060);
	static struct build two;
	struct slice one = packet(&build, SLICE(SIP));

	memcpy(two.bytes, one.ptr, one.len);
	memcpy(two.bytes + one.len, one.ptr, one.len);
	rig_open(&c);
	for (size_t i = 0; i < 2 * one.len; i += 50)
		rig_send(&c, 0,
		    slice_of(
			two.bytes + i, i + 50 < 2 * one.len ? 50 : 2 * one.len - i));
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 2);
	cr_expect_eq(rig->got[1].ev.transport, TRANSPORT_HEP);
	rig_free(rig);
}

Test(hep, a_stream_that_loses_its_framing_is_left)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = rig_tcp(rig, 9060);

	rig_open(&c);
	rig_send(&c, 0, packet(&build, SLICE(SIP)));
	rig_send(&c, 0, SLICE("HEP3\0\1"));
	rig_send(&c, 0, packet(&build, SLICE(SIP)));
	cr_expect_eq(
	    rig_count(rig, WIRE_MESSAGE), 2, "the next packet begins a segment");
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_HEP_BAD), 1);
	rig_free(rig);
}
