/* SPDX-License-Identifier: BSD-2-Clause */
/* Reassembly where its limits meet: memory that is full, lengths that just fit, bytes
 * that end where they must not. */
#include <criterion/criterion.h>

#include "reassemble/hep.h"
#include "reassemble/sparse.h"
#include "reassemble/websocket.h"
#include "rig.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct slice plain = SLICE_INIT(RIG_WITHOUT_BODY);
static const struct slice body = SLICE_INIT(RIG_WITH_BODY);

static struct rig_tcp stream(struct rig *rig, uint32_t n)
{
	struct rig_tcp c = rig_tcp(rig, 5060);

	c.end[0].ip.bytes[0] = 10;
	memcpy(c.end[0].ip.bytes + 1, &n, 3);
	return c;
}

/* --- the pool of stream buffers is full --- */

/* All small buffers are taken; one stream wants the largest. Each that goes says so. */
Test(edges, every_stream_that_makes_room_says_that_bytes_are_missing)
{
	enum { SMALL = 4096 }; /* x 4 KiB: all of the pool */
	struct rig *rig = rig_new(NULL);
	struct rig_tcp big = stream(rig, 1 << 20);
	uint64_t evicted;

	for (uint32_t n = 0; n < SMALL; n++) {
		struct rig_tcp c = stream(rig, n);

		rig_send(&c, 0, slice_of(body.ptr, 60));
	}
	cr_assert_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_BUFFER_EVICTED), 0);
	rig_open(&big);
	rig_segment(&big, 0, TCP_ACK, big.seq[0] + 200000, plain);
	evicted = rig_stat(rig, REASSEMBLE_STAT_TCP_BUFFER_EVICTED);
	cr_expect_gt(evicted, 16);
	cr_expect_eq(rig_count(rig, WIRE_GAP), evicted);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_EVENTS_UNREAD), 0);
	rig_tick(rig, 10 * USEC_PER_SEC);
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 1);
	rig_free(rig);
}

/* Small buffers lie so that giving up a few frees no large block: the segment is lost,
 * which is said, and the stream goes on behind it. */
Test(edges, a_segment_for_which_no_room_can_be_made_is_a_gap)
{
	struct reassemble_config config = rig_config();
	struct rig *rig;
	struct rig_tcp big, keep;
	uint32_t n = 0;

	config.flows_max = 65536;
	rig = rig_new(&config);
	/* Every 32nd 4 KiB block belongs to a stream that waits for a hole and was
	 * heard of last: the oldest are the others. */
	for (; n < 4096; n++) {
		struct rig_tcp c = stream(rig, n);

		rig_send(&c, 0, slice_of(body.ptr, 60));
	}
	for (uint32_t i = 0; i < 4096; i += 32) {
		struct rig_tcp c = stream(rig, i);

		rig->now_us += 10;
		c.seq[0] += 60;
		rig_send(&c, 0, slice_of(body.ptr + 60, body.len - 60)); /* ends */
		rig_send(
		    &c, 0, slice_of(body.ptr, 60)); /* and begins again, as newest */
	}
	rig_forget(rig);
	big = stream(rig, 1 << 20);
	rig_open(&big);
	rig_segment(&big, 0, TCP_ACK, big.seq[0] + 200000, plain);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_EVENTS_UNREAD), 0);
	cr_expect_gt(rig_count(rig, WIRE_GAP), 0);
	/* In order behind what was lost. */
	rig_segment(&big, 0, TCP_ACK, big.seq[0] + 200000 + (uint32_t)plain.len, body);
	rig_tick(rig, 10 * USEC_PER_SEC);
	cr_expect_geq(rig_count(rig, WIRE_MESSAGE), 1);
	keep = stream(rig, 4064);
	keep.seq[0] += 60 + (uint32_t)body.len;
	rig_forget(rig);
	rig_send(&keep, 0, slice_of(body.ptr + 60, body.len - 60));
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 1, "the newest kept its buffer");
	rig_free(rig);
}

/* The stream that needs room is itself the oldest that waits. */
Test(edges, a_stream_does_not_evict_itself)
{
	struct reassemble_config config = rig_config();
	struct rig *rig;
	struct rig_tcp hole, rest;

	config.flow_bytes = 64 << 10;
	config.stream_bytes = 128 << 10;
	rig = rig_new(&config);
	hole = stream(rig, 1);
	rest = stream(rig, 2);
	rig_open(&hole);
	rig_segment(&hole, 0, TCP_ACK, hole.seq[0] + 100, plain);
	rig_open(&rest);
	rig_send(&rest, 0, slice_of(body.ptr, 60));
	for (uint32_t n = 10; n < 40; n++) { /* the rest of the pool */
		struct rig_tcp c = stream(rig, n);

		rig_send(&c, 0, slice_of(body.ptr, 60));
	}
	rig_segment(&hole, 0, TCP_ACK, hole.seq[0] + 50000, plain);
	rig_forget(rig);
	rig_segment(&hole, 0, TCP_ACK, hole.seq[0], SLICE(RIG_WITHOUT_BODY "\r\n"));
	cr_expect_geq(rig_count(rig, WIRE_MESSAGE), 1, "its own bytes were kept");
	rig_free(rig);
}

/* --- fragments --- */

Test(edges, as_many_datagrams_as_configured_and_the_oldest_goes)
{
	struct reassemble_config config = rig_config();
	struct rig *rig;

	config.datagrams_max = 4;
	rig = rig_new(&config);
	for (uint32_t id = 0; id < 10; id++) {
		struct packet pkt = {.kind = PACKET_FRAGMENT,
		    .src = rig_v4(1, 0),
		    .dst = rig_v4(2, 0),
		    .proto = 17,
		    .payload = slice_of(body.ptr, 64),
		    .frag = {.id = id, .more = true}};

		rig_packet(rig, &pkt);
	}
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_FRAG_EVICTED), 6);
	rig_free(rig);
}

/* The oldest datagram grows while younger ones hold the pool: they make room. */
Test(edges, the_oldest_datagram_is_not_given_up_for_younger_ones)
{
	static char payload[8 + 6000];
	struct reassemble_config config = rig_config();
	struct packet pkt = {.kind = PACKET_FRAGMENT,
	    .src = rig_v4(1, 0),
	    .dst = rig_v4(2, 0),
	    .proto = 17,
	    .frag = {.id = 1, .more = true}};
	struct rig *rig;

	config.datagram_bytes = 128 << 10;
	rig = rig_new(&config);
	memset(payload, 'x', sizeof(payload));
	memcpy(payload, "\x13\xc4\x13\xc4\x17\x78\0\0", 8); /* 5060, 6008 bytes */
	memcpy(payload + 8, "OPTIONS sip:a SIP/2.0\r\nSubject: ", 33);
	pkt.payload = slice_of(payload, 1480);
	rig_packet(rig, &pkt);
	for (uint32_t id = 100; id < 131; id++) { /* the rest of 32 blocks */
		pkt.frag.id = id;
		rig_packet(rig, &pkt);
	}
	cr_assert_eq(rig_stat(rig, REASSEMBLE_STAT_FRAG_EVICTED), 0);
	pkt.frag = (typeof(pkt.frag)){.id = 1, .offset = 1480};
	pkt.payload = slice_of(payload + 1480, sizeof(payload) - 1480);
	rig_packet(rig, &pkt);
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 1);
	cr_expect_gt(rig_stat(rig, REASSEMBLE_STAT_FRAG_EVICTED), 0);
	rig_free(rig);
}

Test(edges, a_last_fragment_that_ends_before_another_did_is_counted)
{
	struct rig *rig = rig_new(NULL);
	struct packet pkt = {.kind = PACKET_FRAGMENT,
	    .src = rig_v4(1, 0),
	    .dst = rig_v4(2, 0),
	    .proto = 17,
	    .payload = slice_of(body.ptr, 64),
	    .frag = {.id = 1, .offset = 64}};

	rig_packet(rig, &pkt); /* the last: 128 in all */
	pkt.frag.offset = 32;  /* the last: 96 in all */
	rig_packet(rig, &pkt);
	cr_expect_geq(rig_stat(rig, REASSEMBLE_STAT_FRAG_OVERLAP), 1);
	pkt.frag.offset = 8000; /* another one, far behind the end */
	pkt.frag.more = true;
	rig_packet(rig, &pkt);
	cr_expect_geq(rig_stat(rig, REASSEMBLE_STAT_FRAG_OVERLAP), 2);
	rig_free(rig);
}

Test(edges, a_fragmented_icmp_error_is_counted)
{
	struct rig *rig = rig_new(NULL);
	struct packet pkt = {.kind = PACKET_FRAGMENT,
	    .src = rig_v4(1, 0),
	    .dst = rig_v4(2, 0),
	    .proto = 1,
	    .payload =
		SLICE("\3\1\0\0\0\0\0\0\x45\0\0\x30\0\0\0\0\x40\x11\0\0\xc0\0\2\2"
		      "\xc0\0\2\1\x13\xc4\x13\xc4\0\x1c\0\0pppppppp"),
	    .frag = {.id = 1, .more = true}};

	pkt.payload.len = 40;
	rig_packet(rig, &pkt);
	pkt.frag.offset = 40;
	pkt.frag.more = false;
	rig_packet(rig, &pkt);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_FRAG_COMPLETED), 1);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_FRAG_UNDECODED), 1);
	rig_free(rig);
}

Test(edges, what_is_in_use_is_told_and_given_back)
{
	struct rig *rig = rig_new(NULL);
	struct usage u[REASSEMBLER_TABLES];
	struct rig_tcp c = rig_tcp(rig, 5060);
	struct packet pkt = {.kind = PACKET_FRAGMENT,
	    .src = rig_v4(1, 0),
	    .dst = rig_v4(2, 0),
	    .proto = 17,
	    .payload = slice_of(body.ptr, 64),
	    .frag = {.id = 1, .more = true}};

	rig_packet(rig, &pkt);
	rig_open(&c);
	rig_send(&c, 0, slice_of(body.ptr, 60));
	reassembler_usage(rig->r, u);
	cr_expect_eq(u[0].used, 1, "a datagram");
	cr_expect_eq(u[1].used, 4096, "its smallest block");
	cr_expect_eq(u[2].used, 1, "a connection");
	cr_expect_eq(u[3].used, 4096);
	for (size_t i = 0; i < REASSEMBLER_TABLES; i++) {
		cr_expect_gt(u[i].limit, u[i].used);
		cr_expect_eq(u[i].evicted, 0);
	}
	cr_expect_gt(reassembler_memory(rig->r), u[1].limit + u[3].limit);
	rig_send(&c, 0, slice_of(body.ptr + 60, body.len - 60));
	rig_tick(rig, 60 * USEC_PER_SEC);
	reassembler_usage(rig->r, u);
	cr_expect_eq(u[0].used + u[1].used + u[3].used, 0);
	rig_free(rig);
}

/* --- the pieces of a window --- */

Test(edges, a_window_takes_nothing_beyond_its_end_and_counts_nothing_as_old)
{
	struct pool p;
	uint32_t block = POOL_NONE;
	bool differs = false;
	uint32_t max;

	cr_assert_eq(pool_init(&p, 1 << 20, 64 << 10), 0);
	max = (uint32_t)sparse_max(&p);
	cr_expect_eq(sparse_put(&p, &block, 5, SLICE(""), 1, &differs), SPARSE_OLD);
	cr_expect_eq(block, POOL_NONE);
	cr_expect_eq(sparse_put(&p, &block, max, SLICE("x"), 1, &differs), SPARSE_FULL);
	cr_expect_eq(
	    sparse_put(&p, &block, UINT32_MAX, SLICE("x"), 1, &differs), SPARSE_FULL);
	cr_expect_eq(block, POOL_NONE);
	cr_expect_eq(
	    sparse_put(&p, &block, max - 1, SLICE("x"), 1, &differs), SPARSE_OK);
	sparse_free(&p, &block);
	pool_fini(&p);
}

/* Neighbours that came at different times are kept apart until room is needed; then the
 * later time is the joint one's. */
Test(edges, pieces_without_a_hole_between_them_join_when_room_is_needed)
{
	struct pool p;
	uint32_t block = POOL_NONE;
	bool differs = false;
	enum sparse_rc rc = SPARSE_OK;

	cr_assert_eq(pool_init(&p, 1 << 20, 64 << 10), 0);
	/* [10,11) [11,12) at times 1 and 2, and then one far piece after another. */
	cr_expect_eq(sparse_put(&p, &block, 10, SLICE("a"), 1, &differs), SPARSE_OK);
	cr_expect_eq(sparse_put(&p, &block, 11, SLICE("b"), 2, &differs), SPARSE_OK);
	for (uint32_t i = 0; rc == SPARSE_OK && i < 2 * SPARSE_PIECES; i++)
		rc = sparse_put(&p, &block, 20 + 2 * i, SLICE("c"), 3, &differs);
	cr_expect_eq(rc, SPARSE_FULL);
	cr_expect_eq(sparse_of(&p, block)->piece[0].from, 10);
	cr_expect_eq(sparse_of(&p, block)->piece[0].to, 12);
	cr_expect_eq(sparse_of(&p, block)->piece[0].at_us, 2);
	cr_expect_not(differs);
	sparse_free(&p, &block);
	pool_fini(&p);
}

Test(edges, a_pool_of_blocks_beyond_its_orders_gives_the_largest_there_are)
{
	struct pool p;

	cr_assert_eq(pool_init(&p, 64 << 20, 32 << 20), 0);
	cr_expect_eq(pool_block_max(&p), (size_t)POOL_BLOCK_MIN << (POOL_ORDERS - 1));
	pool_fini(&p);
	cr_assert_eq(pool_init(&p, 64 << 20, 5000), 0); /* no power of two */
	cr_expect_eq(pool_block_max(&p), POOL_BLOCK_MIN);
	pool_fini(&p);
}

/* --- WebSocket --- */

Test(edges, sip_may_stand_anywhere_in_the_list_of_protocols)
{
	static const char *const heads[] = {
	    "GET / HTTP/1.1\r\nUpgrade: websocket, h2c\r\n"
	    "Sec-WebSocket-Protocol: sip, msrp\r\n\r\n",
	    "GET / HTTP/1.1\r\nnonsense\r\nUpgrade: websocket\r\n"
	    "Sec-WebSocket-Protocol: a, SIP , b\r\n\r\n",
	};

	for (size_t i = 0; i < COUNT(heads); i++) {
		size_t len = 0;
		struct slice s = guard_copy(heads[i], strlen(heads[i]));

		cr_expect_eq(ws_upgrade(s, &len), WS_OK, "%zu", i);
		cr_expect_eq(len, s.len);
	}
}

Test(edges, a_head_of_more_than_it_may_have_is_no_upgrade)
{
	static char head[WS_HEAD_MAX + 400];
	size_t len = 0;

	memset(head, 'x', sizeof(head));
	memcpy(head, "GET / HTTP/1.1\r\nX: ", 19);
	memcpy(head + WS_HEAD_MAX + 100,
	    "\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n", 54);
	cr_expect_eq(ws_upgrade(guard_copy(head, sizeof(head)), &len), WS_NOT);
	cr_expect_eq(ws_upgrade(guard_copy(head, WS_HEAD_MAX - 1), &len), WS_MORE);
}

/* --- connections --- */

/* With ports configured, HEP comes on a port of its own, over TCP too. */
Test(edges, hep_over_tcp_is_followed_beside_configured_sip_ports)
{
	static const struct port_range sip[] = {{5070, 5070}};
	static const char hep[] = "HEP3\0\x98\0\0\0\x02\0\7\6\0\0\0\x03\0\x0a\x0a\0\0\1"
				  "\0\0\0\x04\0\x0a\x0a\0\0\2\0\0\0\x0b\0\7\1"
				  "\0\0\0\x0f\0\x70" RIG_OPTIONS;
	const size_t hep_len = sizeof(hep) - 1;
	struct reassemble_config config = rig_config();
	struct rig *rig;
	struct rig_tcp c;

	config.ports = sip;
	config.port_count = 1;
	config.hep_port = 9060;
	cr_assert_eq(hep_len, 0x98, "%zu", hep_len);
	rig = rig_new(&config);
	c = rig_tcp(rig, 9060);
	rig_open(&c);
	rig_send(&c, 0, slice_of(hep, hep_len));
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_HEP_PACKETS), 1);
	cr_expect_eq(
	    rig_count(rig, WIRE_MESSAGE), 1, "a beginning: no head's end in it");
	c = rig_tcp(rig, 9061);
	rig_open(&c);
	rig_send(&c, 0, slice_of(hep, hep_len));
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_HEP_PACKETS), 1);
	cr_expect_gt(rig_stat(rig, REASSEMBLE_STAT_OTHER_PORT), 0);
	rig_free(rig);
}

/* On any port only SIP makes a connection interesting. */
Test(edges, silence_on_a_port_not_known_for_sip_is_no_finding)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = rig_tcp(rig, 443);

	rig_segment(&c, 0, TCP_SYN, 1, SLICE_NONE);
	rig->now_us += USEC_PER_SEC;
	rig_segment(&c, 0, TCP_SYN, 1, SLICE_NONE);
	rig_tick(rig, 60 * USEC_PER_SEC);
	cr_expect_eq(rig->count, 0);
	rig_free(rig);
}

/* The asker himself resets what he asked for: nobody refused. */
Test(edges, a_reset_by_the_asker_is_no_refusal)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_segment(&c, 0, TCP_SYN, 1, SLICE_NONE);
	rig_segment(&c, 0, TCP_RST, 2, SLICE_NONE);
	cr_expect_eq(rig_count(rig, WIRE_TCP_REFUSED), 0);
	cr_expect_eq(rig_count(rig, WIRE_TCP_RESET), 0);
	rig_free(rig);
}

Test(edges, a_reset_after_either_side_closed_is_no_finding)
{
	for (int side = 0; side < 2; side++) {
		struct rig *rig = rig_new(NULL);
		struct rig_tcp c = rig_tcp(rig, 5060);

		rig_open(&c);
		rig_send(&c, 0, plain);
		rig_segment(&c, side, TCP_FIN | TCP_ACK, c.seq[side], SLICE_NONE);
		rig_segment(&c, 1 - side, TCP_RST, c.seq[1 - side], SLICE_NONE);
		cr_expect_eq(rig_count(rig, WIRE_TCP_RESET), 0, "side %d", side);
		rig_free(rig);
	}
}

/* RFC 5961: who cannot see the connection has to guess its numbers. */
Test(edges, a_forged_reset_far_from_the_stream_ends_nothing)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	rig_send(&c, 0, plain);
	rig_segment(&c, 1, TCP_RST, c.seq[1] + (100 << 20), SLICE_NONE);
	rig_segment(&c, 1, TCP_RST, c.seq[1] - (100 << 20), SLICE_NONE);
	cr_expect_eq(rig_count(rig, WIRE_TCP_RESET), 0);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_STRAY), 2);
	rig_send(&c, 0, plain);
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 2);
	rig_segment(&c, 1, TCP_RST, c.seq[1], SLICE_NONE);
	cr_expect_eq(rig_count(rig, WIRE_TCP_RESET), 1);
	rig_free(rig);
}

/* A FIN ahead of bytes that are still on their way ends nothing yet. */
Test(edges, a_fin_that_comes_before_the_last_bytes_waits_for_them)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = rig_tcp(rig, 5060);
	uint32_t seq;

	rig_open(&c);
	seq = c.seq[0];
	rig_segment(&c, 0, TCP_FIN | TCP_ACK, seq + (uint32_t)body.len, SLICE_NONE);
	rig_segment(&c, 0, TCP_ACK, seq + 60, slice_of(body.ptr + 60, body.len - 60));
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 0);
	rig_segment(&c, 0, TCP_ACK, seq, slice_of(body.ptr, 60));
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 1);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_INCOMPLETE), 0);
	rig_free(rig);
}

/* The snap length cut a segment in which no message had begun. */
Test(edges, a_cut_segment_between_messages_shows_nothing)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = rig_tcp(rig, 5060);
	struct packet pkt = {.kind = PACKET_TCP, .truncated = true};

	rig_open(&c);
	pkt.src = c.end[0];
	pkt.dst = c.end[1];
	pkt.tcp.seq = c.seq[0];
	pkt.tcp.flags = TCP_ACK;
	pkt.payload = SLICE("\r\n\r\n");
	rig_packet(rig, &pkt);
	c.seq[0] += 1400;
	rig_send(&c, 0, plain);
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 1);
	cr_expect_eq(rig_count(rig, WIRE_GAP), 0);
	rig_free(rig);
}

/* Foreign bytes are not looked at again when they are sent again. */
Test(edges, a_retransmission_in_a_foreign_stream_is_nothing_new)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = rig_tcp(rig, 8080);
	uint32_t seq;

	rig_open(&c);
	seq = c.seq[0];
	rig_send(&c, 0, SLICE("\x16\3\1\0\5hello hello hello"));
	rig_send(&c, 0, plain); /* a start is believed */
	rig_send(&c, 0, SLICE("\x16\3\1\0\5hello hello hello"));
	rig_segment(&c, 0, TCP_ACK, seq, SLICE("\x16\3\1\0\5hello hello hello"));
	rig_segment(&c, 0, TCP_ACK, seq + 22, plain);
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 1);
	rig_free(rig);
}

/* --- HEP --- */

Test(edges, a_compressed_payload_that_was_cut_cannot_be_inflated)
{
	static const uint8_t hep[] = "HEP3\0\x41\0\0\0\x03\0\x0a\x0a\0\0\1"
				     "\0\0\0\x04\0\x0a\x0a\0\0\2\0\0\0\x0b\0\7\1"
				     "\0\0\0\x10\0\x20\x1f\x8b\x08xxxxxxx";
	struct rig *rig = rig_new(NULL);
	struct packet pkt = {.kind = PACKET_UDP,
	    .src = rig_v4(1, 9060),
	    .dst = rig_v4(2, 9060),
	    .truncated = true,
	    .payload = slice_of(hep, sizeof(hep) - 1)};

	rig_packet(rig, &pkt);
	cr_expect_eq(rig->count, 0);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_HEP_INFLATE_BAD), 1);
	rig_free(rig);
}

Test(edges, an_empty_key_opens_only_where_none_is_wanted)
{
	cr_expect(hep_key_matches(SLICE(""), SLICE("")));
	cr_expect_not(hep_key_matches(SLICE("a"), SLICE("")));
	cr_expect_not(hep_key_matches(SLICE(""), SLICE("a")));
	cr_expect_not(hep_key_matches(SLICE("ab"), SLICE("abab")));
	cr_expect(hep_key_matches(SLICE("ab"), SLICE("ab")));
}
