/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "rig.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { DATAGRAM = 4000, PIECE = 1480 };

/* A UDP datagram of n bytes from port 5060 that holds one INVITE. */
static struct slice datagram(size_t n)
{
	static char bytes[65536];

	memset(bytes, 'x', sizeof(bytes));
	memcpy(bytes, "\x13\xc4\x13\xc4", 4);
	bytes[4] = (char)(n >> 8);
	bytes[5] = (char)n;
	memcpy(bytes + 6, "\0\0", 2);
	memcpy(bytes + 8, "INVITE sip:a@b SIP/2.0\r\nSubject: ", 33);
	memcpy(bytes + n - 4, "\r\n\r\n", 4);
	return slice_of(bytes, n);
}

static void fragment(
    struct rig *rig, bool v6, uint32_t id, struct slice all, uint32_t from, uint32_t to)
{
	struct packet pkt = {.kind = PACKET_FRAGMENT,
	    .src = v6 ? rig_v6(1, 0) : rig_v4(1, 0),
	    .dst = v6 ? rig_v6(2, 0) : rig_v4(2, 0),
	    .proto = 17,
	    .payload = slice_of(all.ptr + from, to - from),
	    .frag = {.id = id, .offset = from, .more = to < all.len}};

	rig_packet(rig, &pkt);
}

static void fragment_no(struct rig *rig, bool v6, uint32_t id, struct slice all, int n)
{
	uint32_t from = (uint32_t)n * PIECE;
	uint32_t to = from + PIECE < all.len ? from + PIECE : (uint32_t)all.len;

	fragment(rig, v6, id, all, from, to);
}

/* Pieces 0, 1 and 2 make the whole. */
static const struct {
	const char *name;
	const char *order;
	size_t messages;
	uint64_t duplicates;
} orders[] = {
    {"in order", "012", 1, 0},
    {"reversed", "210", 1, 0},
    {"middle last", "021", 1, 0},
    {"each twice", "001122", 1, 2},
    {"twice, reversed", "2210", 1, 1},
    {"the first one missing", "12", 0, 0},
    {"the middle one missing", "02", 0, 0},
    {"the last one missing", "01", 0, 0},
    {"the whole datagram twice", "012012", 2, 0},
};

ParameterizedTestParameters(ipfrag, order)
{
	static size_t index[2 * COUNT(orders)];

	for (size_t i = 0; i < COUNT(index); i++)
		index[i] = i;
	return cr_make_param_array(size_t, index, COUNT(index));
}

ParameterizedTest(size_t *i, ipfrag, order)
{
	bool v6 = *i >= COUNT(orders);
	size_t n = *i % COUNT(orders);
	struct slice all = datagram(DATAGRAM);
	struct rig *rig = rig_new(NULL);

	for (const char *at = orders[n].order; *at != '\0'; at++)
		fragment_no(rig, v6, 99, all, *at - '0');
	cr_expect_eq(
	    rig_count(rig, WIRE_MESSAGE), orders[n].messages, "%s", orders[n].name);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_FRAG_DUPLICATE),
	    orders[n].duplicates, "%s", orders[n].name);
	for (size_t m = 0; m < orders[n].messages; m++)
		cr_expect(
		    slice_eq(rig_message(rig, m), slice_of(all.ptr + 8, DATAGRAM - 8)),
		    "%s", orders[n].name);
	if (orders[n].messages > 0)
		cr_expect_eq(rig->got[0].ev.src.port, 5060);
	rig_free(rig);
}

/* Teardrop's heirs: a second version of bytes that are there already. */
Test(ipfrag, of_two_versions_of_a_byte_the_first_wins_and_it_is_counted)
{
	struct slice all = datagram(DATAGRAM);
	struct rig *rig = rig_new(NULL);
	char other[PIECE];

	fragment_no(rig, false, 1, all, 0);
	memset(other, 'E', sizeof(other));
	{
		struct packet pkt = {.kind = PACKET_FRAGMENT,
		    .src = rig_v4(1, 0),
		    .dst = rig_v4(2, 0),
		    .proto = 17,
		    .payload = slice_of(other, 1024),
		    .frag = {.id = 1, .offset = 8, .more = true}};
		rig_packet(rig, &pkt);
	}
	fragment_no(rig, false, 1, all, 1);
	fragment_no(rig, false, 1, all, 2);
	cr_expect(slice_eq(rig_message(rig, 0), slice_of(all.ptr + 8, DATAGRAM - 8)));
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_FRAG_OVERLAP), 1);
	rig_free(rig);
}

Test(ipfrag, a_fragment_that_spans_two_others_fills_only_the_hole)
{
	struct slice all = datagram(DATAGRAM);
	struct rig *rig = rig_new(NULL);

	fragment(rig, false, 1, all, 0, 800);
	fragment(rig, false, 1, all, 1600, 2400);
	fragment(rig, false, 1, all, 400, 2000); /* over both and the hole */
	fragment(rig, false, 1, all, 2400, DATAGRAM);
	cr_expect(slice_eq(rig_message(rig, 0), slice_of(all.ptr + 8, DATAGRAM - 8)));
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_FRAG_OVERLAP), 0);
	rig_free(rig);
}

Test(ipfrag, datagrams_of_different_ids_and_protocols_do_not_mix)
{
	struct slice all = datagram(DATAGRAM);
	struct rig *rig = rig_new(NULL);

	fragment_no(rig, false, 1, all, 0);
	fragment_no(rig, false, 2, all, 1);
	fragment_no(rig, true, 1, all, 1);
	fragment_no(rig, false, 1, all, 2);
	cr_expect_eq(rig->count, 0);
	fragment_no(rig, false, 1, all, 1);
	cr_expect_eq(rig->count, 1);
	rig_free(rig);
}

/* The ping of death, and sngrep's and captagent's fragment bugs (domain.md 1.2). */
Test(ipfrag, a_fragment_beyond_65535_bytes_is_refused)
{
	static char bytes[65536];
	struct rig *rig = rig_new(NULL);
	struct packet pkt = {.kind = PACKET_FRAGMENT,
	    .src = rig_v4(1, 0),
	    .dst = rig_v4(2, 0),
	    .proto = 17,
	    .frag = {.id = 1, .more = false}};

	pkt.frag.offset = 65528;
	pkt.payload = slice_of(bytes, 100);
	rig_packet(rig, &pkt);
	pkt.frag.offset = UINT32_MAX - 7;
	rig_packet(rig, &pkt);
	pkt.frag.offset = 8;
	pkt.payload = slice_of(bytes, 65535);
	rig_packet(rig, &pkt);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_FRAG_BAD), 3);
	rig_free(rig);
}

Test(ipfrag, a_middle_fragment_of_odd_length_is_refused)
{
	struct slice all = datagram(DATAGRAM);
	struct rig *rig = rig_new(NULL);

	fragment(rig, false, 1, all, 0, 1479);
	fragment(rig, false, 1, all, 0, 0);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_FRAG_BAD), 2);
	rig_free(rig);
}

Test(ipfrag, the_largest_datagram_goes_through)
{
	struct slice all = datagram(65512);
	struct rig *rig = rig_new(NULL);

	for (uint32_t at = 0; at < all.len; at += 1480)
		fragment(rig, false, 1, all, at,
		    at + 1480 < all.len ? at + 1480 : (uint32_t)all.len);
	cr_expect_eq(rig_message(rig, 0).len, all.len - 8);
	rig_free(rig);
}

/* An end that moves: RFC 791 has only one last fragment. */
Test(ipfrag, the_first_last_fragment_fixes_the_length)
{
	struct slice all = datagram(2960);
	struct slice longer = slice_of(all.ptr, DATAGRAM);
	struct rig *rig = rig_new(NULL);

	fragment_no(rig, false, 1, all, 1);
	fragment_no(rig, false, 1, longer, 2);
	fragment_no(rig, false, 1, longer, 0);
	cr_expect_eq(rig_message(rig, 0).len, 2960 - 8);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_FRAG_OVERLAP), 1);
	rig_free(rig);
}

Test(ipfrag, a_datagram_is_given_up_after_its_time_in_packet_time)
{
	struct slice all = datagram(DATAGRAM);
	struct rig *rig = rig_new(NULL);

	fragment_no(rig, false, 1, all, 0);
	fragment_no(rig, false, 1, all, 1);
	rig_tick(rig, 30 * USEC_PER_SEC);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_FRAG_TIMEOUT), 0);
	rig_tick(rig, 1);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_FRAG_TIMEOUT), 1);
	fragment_no(rig, false, 1, all, 2);
	cr_expect_eq(rig->count, 0);
	rig_free(rig);
}

Test(ipfrag, time_that_steps_back_expires_nothing)
{
	struct slice all = datagram(DATAGRAM);
	struct rig *rig = rig_new(NULL);

	fragment_no(rig, false, 1, all, 0);
	rig_tick(rig, -100 * USEC_PER_SEC);
	fragment_no(rig, false, 1, all, 1);
	fragment_no(rig, false, 1, all, 2);
	cr_expect_eq(rig->count, 1);
	rig_free(rig);
}

/* A snap length took the end: the first piece still shows what it holds. */
Test(ipfrag, a_cut_first_fragment_gives_what_it_holds)
{
	struct slice all = datagram(DATAGRAM);
	struct rig *rig = rig_new(NULL);
	struct packet pkt = {.kind = PACKET_FRAGMENT,
	    .src = rig_v4(1, 0),
	    .dst = rig_v4(2, 0),
	    .proto = 17,
	    .truncated = true,
	    .payload = slice_of(all.ptr, 200),
	    .frag = {.id = 1, .more = true}};

	rig_packet(rig, &pkt);
	cr_assert_eq(rig_count(rig, WIRE_MESSAGE), 1);
	cr_expect(rig->got[0].ev.truncated);
	cr_expect_eq(rig->got[0].ev.bytes.len, 192);
	rig_free(rig);
}

Test(ipfrag, a_flood_stays_within_its_caps_and_a_whole_datagram_still_comes_out)
{
	struct reassemble_config c = rig_config();
	struct slice all = datagram(DATAGRAM);
	struct rig *rig;

	c.datagrams_max = 64;
	c.datagram_bytes = 256 * 1024;
	rig = rig_new(&c);
	for (uint32_t i = 0; i < 20000; i++) {
		fragment_no(rig, i & 1, 1000 + i, all, (int)(i % 3));
		if (i == 10000) {
			fragment_no(rig, false, 1, all, 2);
			fragment_no(rig, false, 1, all, 0);
			fragment_no(rig, false, 1, all, 1);
		}
	}
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 1);
	cr_expect_geq(rig_stat(rig, REASSEMBLE_STAT_FRAG_EVICTED), 19900);
	rig_free(rig);
}

/* Large datagrams: the bytes run out before the entries. */
Test(ipfrag, the_bytes_of_all_datagrams_have_a_ceiling_of_their_own)
{
	struct reassemble_config c = rig_config();
	struct slice all = datagram(65512);
	struct rig *rig;

	c.datagram_bytes = 512 * 1024;
	rig = rig_new(&c);
	for (uint32_t id = 0; id < 100; id++)
		fragment(rig, false, id, all, 60000, 61480);
	cr_expect_geq(rig_stat(rig, REASSEMBLE_STAT_FRAG_EVICTED), 90);
	for (uint32_t at = 0; at < all.len; at += 1480)
		fragment(rig, false, 5000, all, at,
		    at + 1480 < all.len ? at + 1480 : (uint32_t)all.len);
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 1);
	rig_free(rig);
}

/* Every second piece of eight bytes: more separate pieces than are kept. */
Test(ipfrag, a_datagram_in_countless_pieces_is_dropped_and_counted)
{
	struct slice all = datagram(DATAGRAM);
	struct rig *rig = rig_new(NULL);

	for (uint32_t at = 0; at < 3968; at += 16)
		fragment(rig, false, 1, all, at, at + 8);
	cr_expect_gt(rig_stat(rig, REASSEMBLE_STAT_FRAG_BAD), 0);
	cr_expect_eq(rig->count, 0);
	rig_free(rig);
}

/* An IPv4 packet that is fragment number n (of PIECE bytes) of all. */
static size_t inner_fragment(char *to, struct slice all, size_t n)
{
	size_t from = n * PIECE;
	size_t len = from + PIECE < all.len ? PIECE : all.len - from;
	bool more = from + len < all.len;

	memcpy(to, "\x45\0\0\0\0\x07\0\0\x40\x11\0\0\x0a\0\0\x01\x0a\0\0\x02", 20);
	to[2] = (char)((20 + len) >> 8);
	to[3] = (char)(20 + len);
	to[6] = (char)((more ? 0x20 : 0) | from / 8 >> 8);
	to[7] = (char)(from / 8);
	memcpy(to + 20, all.ptr + from, len);
	return 20 + len;
}

/* IP in IP, and each of the inner fragments was cut in two again on its way. */
Test(ipfrag, fragments_within_fragments_become_one_message)
{
	struct slice all = datagram(DATAGRAM);
	struct rig *rig = rig_new(NULL);
	char inner[2000];

	for (uint32_t n = 0; n < 3; n++) {
		size_t len = inner_fragment(inner, all, n);

		for (uint32_t half = 0; half < 2; half++) {
			size_t cut = len / 16 * 8;
			struct packet pkt = {.kind = PACKET_FRAGMENT,
			    .src = rig_v4(1, 0),
			    .dst = rig_v4(2, 0),
			    .proto = 4,
			    .payload = half ? slice_of(inner + cut, len - cut)
					    : slice_of(inner, cut),
			    .frag = {.id = 50 + n,
				.offset = half ? (uint32_t)cut : 0,
				.more = half == 0}};

			rig_packet(rig, &pkt);
		}
	}
	cr_assert_eq(rig_count(rig, WIRE_MESSAGE), 1);
	cr_expect(slice_eq(rig_message(rig, 0), slice_of(all.ptr + 8, DATAGRAM - 8)));
	cr_expect_eq(rig->got[0].ev.src.ip.bytes[0], 10);
	rig_free(rig);
}

Test(ipfrag, what_is_whole_but_no_udp_or_tcp_is_counted)
{
	struct rig *rig = rig_new(NULL);
	struct packet pkt = {.kind = PACKET_FRAGMENT,
	    .src = rig_v4(1, 0),
	    .dst = rig_v4(2, 0),
	    .proto = 89,
	    .payload = SLICE("12345678")};

	rig_packet(rig, &pkt);
	cr_expect_eq(rig->count, 0);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_FRAG_UNDECODED), 1);
	rig_free(rig);
}

/* 16 bits of id come round in seconds on a busy box. */
Test(ipfrag, an_id_that_comes_round_is_another_datagram)
{
	struct slice all = datagram(DATAGRAM);
	struct rig *rig = rig_new(NULL);

	fragment_no(rig, false, 1, all, 0);
	fragment_no(rig, false, 1, all, 1);
	rig->now_us += 31 * USEC_PER_SEC; /* no tick and no other packet */
	fragment_no(rig, false, 1, all, 2);
	cr_expect_eq(rig->count, 0);
	fragment_no(rig, false, 1, all, 0);
	fragment_no(rig, false, 1, all, 1);
	cr_expect_eq(rig->count, 1);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_FRAG_TIMEOUT), 1);
	rig_free(rig);
}

/* Path MTU trouble on a TCP trunk: the segments themselves are fragmented. */
Test(ipfrag, a_fragmented_tcp_segment_goes_on_as_tcp)
{
	static const char segment[] = "\x9c\x40\x13\xc4\0\0\x03\xe8\0\0\0\0\x50\x18\xff"
				      "\xff\0\0\0\0" RIG_WITH_BODY;
	struct rig *rig = rig_new(NULL);
	struct packet pkt = {.kind = PACKET_FRAGMENT,
	    .src = rig_v4(1, 0),
	    .dst = rig_v4(2, 0),
	    .proto = 6,
	    .frag = {.id = 1, .more = true}};

	pkt.payload = slice_of(segment, 80);
	rig_packet(rig, &pkt);
	pkt.payload = slice_of(segment + 80, sizeof(segment) - 1 - 80);
	pkt.frag.offset = 80;
	pkt.frag.more = false;
	rig_packet(rig, &pkt);
	cr_expect(slice_eq(rig_message(rig, 0), SLICE(RIG_WITH_BODY)));
	cr_expect_eq(rig->got[0].ev.transport, TRANSPORT_TCP);
	rig_free(rig);
}
