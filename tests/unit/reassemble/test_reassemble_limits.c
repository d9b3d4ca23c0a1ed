/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What strangers can grow is bounded, and what we watch survives them. Linked with
 * --wrap=calloc and --wrap=malloc, so that allocations can be counted and failed.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <zlib.h>

#include "rig.h"

void *__real_calloc(size_t n, size_t size);
void *__real_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t size);

static size_t allocations;
static size_t fail_at = SIZE_MAX; /* this one and none after it */

static bool is_to_fail(void)
{
	return allocations++ == fail_at;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return is_to_fail() ? NULL : __real_calloc(n, size);
}

void *__wrap_malloc(size_t size)
{
	return is_to_fail() ? NULL : __real_malloc(size);
}

Test(limits, allocation_n_fails_for_every_n_and_only_a_clean_enomem_passes)
{
	struct reassemble_config c = rig_config();
	size_t n;

	for (n = 0; n < 100; n++) {
		struct reassembler *r = NULL;
		struct err e = {0};
		int rc;

		allocations = 0;
		fail_at = n;
		rc = reassembler_new(&c, &rig_key, &r, &e);
		fail_at = SIZE_MAX;
		if (rc == 0) {
			reassembler_free(r);
			break;
		}
		cr_expect_eq(rc, -ENOMEM, "allocation %zu", n);
		cr_expect_eq(e.code, -ENOMEM);
		cr_expect_null(r);
	}
	cr_expect_gt(n, 10, "%zu allocations", n);
	cr_expect_lt(n, 100);
	reassembler_free(NULL);
}

Test(limits, a_configuration_out_of_range_is_refused_with_a_reason)
{
	struct reassemble_config bad[6];
	struct reassembler *r = NULL;

	for (size_t i = 0; i < 6; i++)
		bad[i] = rig_config();
	bad[0].flow_bytes = 100;
	bad[1].stream_bytes = 2 * bad[1].flow_bytes - 1;
	bad[2].datagram_bytes = 1000;
	bad[3].datagrams_max = 0;
	bad[4].flows_max = 1;
	bad[5].hep_key = slice_of(bad, 256);
	for (size_t i = 0; i < 6; i++) {
		struct err e = {0};

		cr_expect_eq(
		    reassembler_new(&bad[i], &rig_key, &r, &e), -EINVAL, "%zu", i);
		cr_expect_neq(e.text[0], '\0', "%zu", i);
	}
}

static const struct slice plain = SLICE_INIT(RIG_WITHOUT_BODY);
static const struct slice body = SLICE_INIT(RIG_WITH_BODY);

/* One stranger of many, with a stream of his own. */
static struct rig_tcp stranger(struct rig *rig, uint32_t n)
{
	struct rig_tcp c = rig_tcp(rig, 5060);

	c.end[0].ip.bytes[0] = 10;
	memcpy(c.end[0].ip.bytes + 1, &n, 3);
	c.end[0].port = (uint16_t)(1024 + n % 60000);
	return c;
}

Test(limits, a_million_syns_displace_no_trunk)
{
	enum { SYNS = 1000000 };
	struct rig *rig = rig_new(NULL);
	struct rig_tcp trunk = rig_tcp(rig, 5060);

	rig_open(&trunk);
	rig_send(&trunk, 0, body);
	rig_send(&trunk, 0, slice_of(body.ptr, 50));
	for (uint32_t i = 0; i < SYNS; i++) {
		struct rig_tcp c = stranger(rig, i);

		rig_segment(&c, 0, TCP_SYN, i, SLICE_NONE);
	}
	rig_send(&trunk, 0, slice_of(body.ptr + 50, body.len - 50));
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 2);
	cr_expect_gt(rig_stat(rig, REASSEMBLE_STAT_TCP_FLOW_EVICTED), SYNS - 10000);
	rig_free(rig);
}

/* A connection that is opened in the middle of a flood works too: it is joined at
 * its first message whether its SYN is still remembered or not. */
Test(limits, a_new_trunk_connection_in_a_flood_is_followed)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp trunk = rig_tcp(rig, 5060);
	uint32_t n = 0;

	for (int i = 0; i < 20000; i++, n++) {
		struct rig_tcp c = stranger(rig, n);

		rig_segment(&c, 0, TCP_SYN, n, SLICE_NONE);
	}
	rig_open(&trunk);
	for (int i = 0; i < 20000; i++, n++) {
		struct rig_tcp c = stranger(rig, n);

		rig_segment(&c, 0, TCP_SYN, n, SLICE_NONE);
	}
	rig_send(&trunk, 0, slice_of(body.ptr, 100));
	rig_send(&trunk, 0, slice_of(body.ptr + 100, body.len - 100));
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 1);
	rig_free(rig);
}

/* Everybody begins a message and nobody ends it. */
Test(limits, begun_messages_fill_the_pool_and_no_more)
{
	struct reassemble_config c = rig_config();
	struct rig *rig;
	struct rig_tcp trunk;

	c.stream_bytes = 1 << 20;
	rig = rig_new(&c);
	trunk = rig_tcp(rig, 5060);
	rig_open(&trunk);
	for (uint32_t i = 0; i < 50000; i++) {
		struct rig_tcp s = stranger(rig, i);

		rig_send(&s, 0, slice_of(body.ptr, 60));
	}
	cr_expect_gt(rig_stat(rig, REASSEMBLE_STAT_TCP_BUFFER_EVICTED), 40000);
	rig_forget(rig);
	rig_send(&trunk, 0, slice_of(body.ptr, 60));
	rig_send(&trunk, 0, slice_of(body.ptr + 60, body.len - 60));
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 1);
	rig_free(rig);
}

/* Everybody leaves a hole and sends as far behind it as he may: large buffers. */
Test(limits, far_segments_behind_holes_stay_within_the_pool)
{
	struct reassemble_config c = rig_config();
	struct rig *rig;

	c.stream_bytes = 1 << 20;
	rig = rig_new(&c);
	for (uint32_t i = 0; i < 2000; i++) {
		struct rig_tcp s = stranger(rig, i);

		rig_segment(&s, 0, TCP_SYN, 1000, SLICE_NONE);
		rig_segment(&s, 0, TCP_ACK, 1001 + (60000 + i * 977) % 250000, plain);
		rig_segment(&s, 0, TCP_ACK, 1001 + (i * 977) % 100000, plain);
	}
	reassemble_tick(rig->r, INT64_MAX);
	rig_drain(rig);
	cr_expect_leq(rig_count(rig, WIRE_MESSAGE), 4000);
	{
		struct rig_tcp trunk = rig_tcp(rig, 5060);

		rig_open(&trunk);
		rig_forget(rig);
		rig_send(&trunk, 0, body);
		cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 1);
	}
	rig_free(rig);
}

Test(limits, what_is_evicted_does_not_depend_on_the_hash_key)
{
	uint64_t messages[3], evicted[3];

	for (uint64_t k = 0; k < 3; k++) {
		struct reassemble_config c = rig_config();
		struct hash_key key = {{k * 77, ~k}};
		struct rig *rig = rig_new(NULL);
		struct err e;

		reassembler_free(rig->r);
		c.flows_max = 64;
		c.stream_bytes = 512 << 10;
		cr_assert_eq(reassembler_new(&c, &key, &rig->r, &e), 0);
		for (uint32_t i = 0; i < 3000; i++) {
			struct rig_tcp s = stranger(rig, i % 97);

			rig_segment(&s, 0, TCP_ACK, i, slice_of(body.ptr, 10 + i % 90));
			rig_segment(
			    &s, 0, TCP_ACK, 9 + i * 5, slice_of(body.ptr, body.len));
		}
		messages[k] = rig->total;
		evicted[k] = rig_stat(rig, REASSEMBLE_STAT_TCP_FLOW_EVICTED);
		rig_free(rig);
	}
	cr_expect_gt(evicted[0], 0);
	cr_expect(messages[0] == messages[1] && messages[1] == messages[2]);
	cr_expect(evicted[0] == evicted[1] && evicted[1] == evicted[2]);
}

static void one_of_everything(struct rig *rig, uint32_t n)
{
	static const uint8_t hep[] = "HEP3\0\x31\0\0\0\x03\0\x0a\x0a\0\0\1"
				     "\0\0\0\x04\0\x0a\x0a\0\0\2\0\0\0\x0b\0\7\1"
				     "\0\0\0\x10\0\x10\x1f\x8b\x08xxxxxxx";
	struct rig_tcp s = stranger(rig, n);
	struct packet frag = {.kind = PACKET_FRAGMENT,
	    .src = s.end[0],
	    .dst = s.end[1],
	    .proto = 17,
	    .payload = slice_of(body.ptr, 64),
	    .frag = {.id = n, .offset = 64, .more = true}};
	struct wire_event ev;

	reassemble_packet(rig->r, &frag);
	reassemble_hep(rig->r, slice_of(hep, sizeof(hep) - 1), rig->now_us);
	rig_open(&s);
	rig_send(&s, 0, slice_of(body.ptr, 70));
	s.seq[0] += 20;
	for (int i = 0; i < 3; i++) {
		struct packet pkt = {.kind = PACKET_TCP,
		    .src = s.end[0],
		    .dst = s.end[1],
		    .payload = body,
		    .tcp = {.seq = s.seq[0], .flags = TCP_ACK}};

		pkt.at_us = rig->now_us += 1000;
		reassemble_packet(rig->r, &pkt);
		while (reassemble_next(rig->r, &ev))
			;
		s.seq[0] += (uint32_t)body.len;
	}
}

Test(limits, no_packet_causes_an_allocation)
{
	struct rig *rig = rig_new(NULL);
	size_t before;

	rig->count = RIG_EVENTS; /* keep the rig from copying events */
	before = allocations;
	for (uint32_t i = 0; i < 20000; i++)
		one_of_everything(rig, i);
	cr_expect_eq(allocations, before);
	cr_expect_gt(rig_stat(rig, REASSEMBLE_STAT_MESSAGES_TCP), 1000);
	cr_expect_gt(rig_stat(rig, REASSEMBLE_STAT_HEP_INFLATE_BAD), 1000);
	rig->count = 0;
	rig_free(rig);
}
