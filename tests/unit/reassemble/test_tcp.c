/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "rig.h"

/* A port list, so that a stream is sought for SIP wherever it is joined. */
static struct rig *watched(void)
{
	static const struct port_range ports[] = {{5060, 5061}};
	struct reassemble_config c = rig_config();

	c.ports = ports;
	c.port_count = 1;
	return rig_new(&c);
}

static const struct slice plain = SLICE_INIT(RIG_WITHOUT_BODY);
static const struct slice body = SLICE_INIT(RIG_WITH_BODY);
static const struct slice answer = SLICE_INIT(RIG_ANSWER);

static void expect_messages(struct rig *rig, size_t n, const struct slice *want)
{
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), n, "%zu messages, not %zu",
	    rig_count(rig, WIRE_MESSAGE), n);
	for (size_t i = 0; i < n; i++)
		cr_expect(slice_eq(rig_message(rig, i), want[i]), "message %zu", i);
}

Test(tcp, a_segment_is_a_message)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	rig_send(&c, 0, body);
	rig_send(&c, 1, answer);
	expect_messages(rig, 2, (struct slice[]){body, answer});
	cr_expect_eq(rig->got[0].ev.transport, TRANSPORT_TCP);
	cr_expect(endpoint_eq(&rig->got[1].ev.src, &c.end[1]));
	rig_free(rig);
}

Test(tcp, many_messages_in_one_segment)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	rig_send(&c, 0, SLICE(RIG_WITH_BODY RIG_WITHOUT_BODY "\r\n\r\n" RIG_WITH_BODY));
	expect_messages(rig, 3, (struct slice[]){body, plain, body});
	rig_free(rig);
}

Test(tcp, a_message_over_many_segments_bears_the_time_of_the_last)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	for (size_t i = 0; i < body.len; i++) {
		cr_expect_eq(rig->count, 0);
		rig->now_us += 1000;
		rig_send(&c, 0, slice_of(body.ptr + i, 1));
	}
	expect_messages(rig, 1, &body);
	cr_expect_eq(rig->got[0].ev.at_us, rig->now_us);
	rig_free(rig);
}

Test(tcp, segments_out_of_order)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);
	uint32_t seq;

	rig_open(&c);
	seq = c.seq[0];
	rig_segment(&c, 0, TCP_ACK, seq + 40, slice_of(body.ptr + 40, body.len - 40));
	rig_segment(&c, 0, TCP_ACK, seq + 20, slice_of(body.ptr + 20, 20));
	cr_expect_eq(rig->count, 0);
	rig_segment(&c, 0, TCP_ACK, seq, slice_of(body.ptr, 20));
	expect_messages(rig, 1, &body);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_OUT_OF_ORDER), 1);
	rig_free(rig);
}

Test(tcp, a_retransmission_is_no_second_message)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	rig_send(&c, 0, body);
	rig_segment(&c, 0, TCP_ACK, c.seq[0] - (uint32_t)body.len, body);
	rig_segment(
	    &c, 0, TCP_ACK, c.seq[0] - 1, SLICE("x")); /* RFC 9293 3.8.4 probe */
	expect_messages(rig, 1, &body);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_RETRANSMITTED), 2);
	rig_free(rig);
}

/* The resent segment begins before and ends behind what was seen. */
Test(tcp, a_retransmission_with_other_borders_brings_only_what_is_new)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);
	char two[1024];
	uint32_t seq;

	memcpy(two, body.ptr, body.len);
	memcpy(two + body.len, plain.ptr, plain.len);
	rig_open(&c);
	seq = c.seq[0];
	rig_segment(&c, 0, TCP_ACK, seq, slice_of(two, body.len + 10));
	rig_segment(
	    &c, 0, TCP_ACK, seq + 30, slice_of(two + 30, body.len + plain.len - 30));
	expect_messages(rig, 2, (struct slice[]){body, plain});
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_OVERLAP), 0);
	rig_free(rig);
}

Test(tcp, of_two_versions_of_a_byte_the_first_wins_and_it_is_counted)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);
	static char evil[100];
	uint32_t seq;

	memset(evil, 'E', sizeof(evil));
	rig_open(&c);
	seq = c.seq[0];
	rig_segment(&c, 0, TCP_ACK, seq, slice_of(body.ptr, 50));
	rig_segment(&c, 0, TCP_ACK, seq + 60, slice_of(body.ptr + 60, 20));
	rig_segment(&c, 0, TCP_ACK, seq + 10, slice_of(evil, 30));
	rig_segment(&c, 0, TCP_ACK, seq + 50, slice_of(body.ptr + 50, body.len - 50));
	expect_messages(rig, 1, &body);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_OVERLAP), 1);
	rig_free(rig);
}

Test(tcp, sequence_numbers_wrap)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c); /* 1 KiB before the wrap */
	for (int i = 0; i < 100; i++) {
		rig_send(&c, 0, slice_of(body.ptr, 77));
		rig_send(&c, 0, slice_of(body.ptr + 77, body.len - 77));
	}
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 100);
	cr_expect_eq(rig->count, 100);
	rig_free(rig);
}

/* The capture lost a segment: the end of one message and the start of the next. */
Test(tcp, a_hole_is_given_up_after_its_time_and_the_stream_resynchronises)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);
	int64_t came;

	rig_open(&c);
	rig_send(&c, 0, slice_of(body.ptr, 60));
	c.seq[0] += 500; /* lost */
	rig->now_us += 1000;
	rig_send(&c, 0, slice_of(body.ptr + 60, body.len - 60));
	came = rig->now_us += 1000;
	rig_send(&c, 0, SLICE("\r\n" RIG_WITHOUT_BODY));
	rig_tick(rig, USEC_PER_SEC);
	cr_expect_eq(rig->count, 0);
	rig_tick(rig, USEC_PER_SEC);
	cr_expect_eq(rig_count(rig, WIRE_GAP), 1);
	expect_messages(rig, 1, &plain);
	cr_expect_eq(rig->got[1].ev.at_us, came, "the segment that completed it");
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_HOLE_BYTES), 560);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_INCOMPLETE), 1);
	rig_send(&c, 0, body);
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 2, "and goes on");
	rig_free(rig);
}

Test(tcp, a_hole_that_is_filled_in_time_is_none)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);
	uint32_t seq;

	rig_open(&c);
	seq = c.seq[0];
	rig_segment(&c, 0, TCP_ACK, seq + (uint32_t)body.len, plain);
	rig_tick(rig, 1900 * USEC_PER_MSEC);
	rig_segment(&c, 0, TCP_ACK, seq, body);
	expect_messages(rig, 2, (struct slice[]){body, plain});
	rig_tick(rig, 100 * USEC_PER_SEC);
	cr_expect_eq(rig->count, 2);
	rig_free(rig);
}

Test(tcp, one_last_tick_gives_up_every_hole)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	for (int i = 0; i < 10; i++) {
		c.seq[0] += 100;
		rig_send(&c, 0, plain);
	}
	reassemble_tick(rig->r, INT64_MAX);
	rig_drain(rig);
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 10);
	cr_expect_eq(rig_count(rig, WIRE_GAP), 10);
	rig_free(rig);
}

Test(tcp, a_full_window_behind_a_hole_gives_it_up_at_once)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	c.seq[0] += 100;
	for (int i = 0; i < 3000; i++)
		rig_send(&c, 0, plain);
	cr_expect_eq(rig_count(rig, WIRE_GAP), 1);
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 3000);
	rig_free(rig);
}

Test(tcp, more_holes_than_are_kept_give_up_the_first_and_lose_no_message)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	for (int i = 0; i < 200; i++) {
		c.seq[0] += 10;
		rig_send(&c, 0, plain);
	}
	rig_tick(rig, 10 * USEC_PER_SEC);
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 200);
	rig_free(rig);
}

Test(tcp, a_stream_is_joined_late_at_the_next_start_line)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_send(&c, 0, SLICE("e of a body\r\na=x\r\n" RIG_WITH_BODY));
	rig_send(&c, 1, answer);
	expect_messages(rig, 2, (struct slice[]){body, answer});
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_LATE_JOIN), 2);
	cr_expect_eq(rig_count(rig, WIRE_NOT_SIP), 0);
	rig_free(rig);
}

Test(tcp, on_a_port_not_known_for_sip_only_the_start_of_a_segment_counts)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = rig_tcp(rig, 8888);

	rig_send(&c, 0, SLICE("e of a body\r\na=x\r\n" RIG_WITH_BODY));
	cr_expect_eq(rig->count, 0);
	rig_send(&c, 0, slice_of(body.ptr, 100));
	rig_send(&c, 0, slice_of(body.ptr + 100, body.len - 100));
	expect_messages(rig, 1, &body);
	rig_free(rig);
}

Test(tcp, on_any_port_a_stream_seen_from_its_start_may_split_the_first_line)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = rig_tcp(rig, 8888);

	rig_open(&c);
	for (size_t i = 0; i < body.len; i++)
		rig_send(&c, 0, slice_of(body.ptr + i, 1));
	expect_messages(rig, 1, &body);
	rig_free(rig);
}

Test(tcp, tls_on_a_sip_port_says_so_once)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5061);

	rig_open(&c);
	for (int i = 0; i < 100; i++)
		rig_send(&c, 0, SLICE("\x16\x03\x01\x02\x00\x01random random random"));
	cr_expect_eq(rig->count, 1);
	cr_expect_eq(rig->got[0].ev.kind, WIRE_NOT_SIP);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_NOT_SIP_TLS), 1);
	rig_free(rig);
}

Test(tcp, a_stream_that_was_given_up_comes_back_with_a_start_line)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);
	static char junk[1400];

	memset(junk, 'j', sizeof(junk));
	rig_open(&c);
	for (int i = 0; i < 100; i++)
		rig_send(&c, 0, slice_of(junk, sizeof(junk)));
	cr_expect_eq(rig_count(rig, WIRE_NOT_SIP), 1);
	rig_send(&c, 0, body);
	expect_messages(rig, 1, &body);
	rig_segment(&c, 0, TCP_ACK, c.seq[0] - (uint32_t)body.len, body);
	expect_messages(rig, 1, &body);
	rig_free(rig);
}

/* sngrep 106: a CRLFCRLF was taken for the start of a message, and nothing after it
 * was ever read again. */
Test(tcp, keep_alives_between_messages_are_none)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	rig_send(&c, 0, SLICE("\r\n\r\n"));
	rig_send(&c, 0, body);
	rig_send(&c, 0, SLICE("\r\n"));
	rig_send(&c, 0, SLICE("\r"));
	rig_send(&c, 0, SLICE("\n"));
	rig_send(&c, 0, plain);
	expect_messages(rig, 2, (struct slice[]){body, plain});
	cr_expect_gt(rig_stat(rig, REASSEMBLE_STAT_KEEPALIVE), 2);
	rig_free(rig);
}

/* sngrep 187: a Content-Length beyond the segment made a negative rest. */
Test(tcp, a_content_length_beyond_the_segment_is_waited_for)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	rig_send(&c, 0, SLICE("BYE sip:a SIP/2.0\r\nContent-Length: 20\r\n\r\nhello"));
	cr_expect_eq(rig->count, 0);
	rig_send(&c, 0, SLICE("0123456789abcde" RIG_WITHOUT_BODY));
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 2);
	rig_free(rig);
}

/* OpenSIPS CVE-2026-45103: the sum of head and Content-Length overflowed. */
Test(tcp, a_content_length_near_the_largest_number_is_not_added_up)
{
	static const char *const lengths[] = {"2147483647", "4294967295", "4294967296",
	    "18446744073709551615", "99999999999999999999999999999999"};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct rig *rig = watched();
		struct rig_tcp c = rig_tcp(rig, 5060);
		char bytes[512];
		int n = snprintf(bytes, sizeof(bytes),
		    "BYE sip:a SIP/2.0\r\nContent-Length: %s\r\n\r\n" RIG_WITHOUT_BODY,
		    lengths[i]);

		rig_open(&c);
		rig_send(&c, 0, slice_of(bytes, (size_t)n));
		expect_messages(rig, 1, &plain);
		cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_TOO_LONG), 1);
		rig_free(rig);
	}
}

/* RFC 4475 3.1.2.2 (clerr) on a stream: never complete, and not for ever. */
Test(tcp, a_message_that_never_ends_is_dropped_and_counted)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	rig_send(&c, 0, SLICE("INVITE sip:a SIP/2.0\r\nl: 9999\r\n\r\nhello"));
	rig_tick(rig, 100 * USEC_PER_SEC);
	cr_expect_eq(rig->count, 0);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_INCOMPLETE), 1);
	rig_send(&c, 0, plain);
	expect_messages(rig, 1, &plain);
	rig_free(rig);
}

Test(tcp, a_fin_ends_what_was_begun)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	rig_send(&c, 0, slice_of(body.ptr, 50));
	rig_segment(&c, 0, TCP_FIN | TCP_ACK, c.seq[0], SLICE_NONE);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_INCOMPLETE), 1);
	rig_free(rig);
}

Test(tcp, a_fin_with_the_last_bytes_loses_none)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	rig_send(&c, 0, slice_of(body.ptr, 50));
	rig_segment(
	    &c, 0, TCP_FIN | TCP_ACK, c.seq[0], slice_of(body.ptr + 50, body.len - 50));
	expect_messages(rig, 1, &body);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_INCOMPLETE), 0);
	rig_free(rig);
}

Test(tcp, a_retransmission_after_the_end_is_no_new_stream)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	rig_send(&c, 0, body);
	rig_segment(&c, 0, TCP_FIN | TCP_ACK, c.seq[0]++, SLICE_NONE);
	rig_segment(&c, 1, TCP_FIN | TCP_ACK, c.seq[1]++, SLICE_NONE);
	rig_segment(&c, 0, TCP_ACK, c.seq[0] - 1 - (uint32_t)body.len, body);
	expect_messages(rig, 1, &body);
	rig_free(rig);
}

Test(tcp, the_same_ports_again_are_a_new_connection)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	for (int i = 0; i < 3; i++) {
		c.seq[0] = 77000 - 1000 * (uint32_t)i;
		c.seq[1] = 99000 - 1000 * (uint32_t)i;
		rig_open(&c);
		rig_send(&c, 0, slice_of(body.ptr, 30));
		rig_send(&c, 0, slice_of(body.ptr + 30, body.len - 30));
		rig_send(&c, 1, answer);
		rig_send(&c, 0, slice_of(body.ptr, 60)); /* and stops there */
	}
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 6);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_INCOMPLETE), 2);
	rig_free(rig);
}

Test(tcp, a_syn_that_comes_late_or_twice_restarts_nothing)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);
	uint32_t isn = c.seq[0];

	c.seq[0]++;
	rig_send(&c, 0, slice_of(body.ptr, 30));
	rig_segment(&c, 0, TCP_SYN, isn, SLICE_NONE);
	rig_segment(&c, 1, TCP_SYN | TCP_ACK, c.seq[1]++, SLICE_NONE);
	rig_segment(&c, 0, TCP_SYN, isn, SLICE_NONE);
	rig_send(&c, 0, slice_of(body.ptr + 30, body.len - 30));
	expect_messages(rig, 1, &body);
	rig_free(rig);
}

Test(tcp, data_in_the_syn_counts)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_segment(&c, 0, TCP_SYN, c.seq[0]++, slice_of(body.ptr, 30)); /* RFC 7413 */
	c.seq[0] += 30;
	rig_segment(&c, 1, TCP_SYN | TCP_ACK, c.seq[1]++, SLICE_NONE);
	rig_send(&c, 0, slice_of(body.ptr + 30, body.len - 30));
	expect_messages(rig, 1, &body);
	rig_free(rig);
}

Test(tcp, a_refused_connection_names_who_refused)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_segment(&c, 0, TCP_SYN, c.seq[0]++, SLICE_NONE);
	rig_segment(&c, 1, TCP_RST | TCP_ACK, 0, SLICE_NONE);
	cr_assert_eq(rig->count, 1);
	cr_expect_eq(rig->got[0].ev.kind, WIRE_TCP_REFUSED);
	cr_expect(endpoint_eq(&rig->got[0].ev.src, &c.end[1]));
	rig_segment(&c, 1, TCP_RST | TCP_ACK, 0, SLICE_NONE);
	cr_expect_eq(rig->count, 1, "once");
	rig_free(rig);
}

Test(tcp, a_reset_that_does_not_acknowledge_the_syn_refuses_nothing)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_segment(&c, 0, TCP_SYN, c.seq[0]++, SLICE_NONE);
	c.seq[0] += 7;
	rig_segment(&c, 1, TCP_RST | TCP_ACK, 0, SLICE_NONE);
	cr_expect_eq(rig->count, 0);
	rig_free(rig);
}

Test(tcp, a_reset_connection_names_who_reset_it)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	rig_send(&c, 0, body);
	rig_segment(&c, 1, TCP_RST, c.seq[1], SLICE_NONE);
	cr_assert_eq(rig->count, 2);
	cr_expect_eq(rig->got[1].ev.kind, WIRE_TCP_RESET);
	cr_expect(endpoint_eq(&rig->got[1].ev.src, &c.end[1]));
	rig_free(rig);
}

Test(tcp, a_reset_of_what_was_being_closed_is_no_finding)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	rig_segment(&c, 0, TCP_FIN | TCP_ACK, c.seq[0]++, SLICE_NONE);
	rig_segment(&c, 1, TCP_RST, c.seq[1], SLICE_NONE);
	cr_expect_eq(rig->count, 0);
	rig_free(rig);
}

Test(tcp, a_repeated_syn_that_nobody_answers_is_a_silent_trunk)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_segment(&c, 0, TCP_SYN, c.seq[0], SLICE_NONE);
	rig_tick(rig, USEC_PER_SEC);
	rig_segment(&c, 0, TCP_SYN, c.seq[0], SLICE_NONE);
	rig_tick(rig, 2 * USEC_PER_SEC);
	rig_segment(&c, 0, TCP_SYN, c.seq[0], SLICE_NONE);
	cr_expect_eq(rig->count, 0);
	rig_tick(rig, 3 * USEC_PER_SEC);
	cr_assert_eq(rig->count, 1);
	cr_expect_eq(rig->got[0].ev.kind, WIRE_TCP_SILENT);
	cr_expect(endpoint_eq(&rig->got[0].ev.src, &c.end[0]));
	rig_segment(&c, 0, TCP_SYN, c.seq[0], SLICE_NONE);
	rig_tick(rig, 100 * USEC_PER_SEC);
	cr_expect_eq(rig->count, 1, "once");
	rig_free(rig);
}

Test(tcp, one_syn_alone_proves_nothing)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_segment(&c, 0, TCP_SYN, c.seq[0], SLICE_NONE);
	rig_tick(rig, 100 * USEC_PER_SEC);
	cr_expect_eq(rig->count, 0);
	rig_free(rig);
}

/* -i any: the same packet on a bridge and on its port. */
Test(tcp, the_same_syn_on_two_interfaces_is_not_repeated)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_segment(&c, 0, TCP_SYN, c.seq[0], SLICE_NONE);
	rig->now_us += 20;
	rig_segment(&c, 0, TCP_SYN, c.seq[0], SLICE_NONE);
	rig_tick(rig, 100 * USEC_PER_SEC);
	cr_expect_eq(rig->count, 0);
	rig_free(rig);
}

/* Only our side was captured: the ACK says that there was an answer. */
Test(tcp, a_handshake_seen_from_one_side_is_not_silent)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_segment(&c, 0, TCP_SYN, c.seq[0], SLICE_NONE);
	rig_segment(&c, 0, TCP_SYN, c.seq[0]++, SLICE_NONE);
	rig_segment(&c, 0, TCP_ACK, c.seq[0], SLICE_NONE);
	rig_tick(rig, 100 * USEC_PER_SEC);
	cr_expect_eq(rig->count, 0);
	rig_free(rig);
}

Test(tcp, resets_on_ports_not_known_for_sip_are_no_findings)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = rig_tcp(rig, 443);

	rig_segment(&c, 0, TCP_SYN, c.seq[0]++, SLICE_NONE);
	rig_segment(&c, 1, TCP_RST | TCP_ACK, 0, SLICE_NONE);
	cr_expect_eq(rig->count, 0);
	rig_free(rig);
}

Test(tcp, pure_acks_of_strangers_take_no_entry)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	for (uint16_t port = 1; port < 5000; port++) {
		c.end[0].port = port;
		rig_segment(&c, 0, TCP_ACK, port, SLICE_NONE);
		rig_segment(&c, 0, TCP_FIN | TCP_ACK, port, SLICE_NONE);
		rig_segment(&c, 0, TCP_RST, port, SLICE_NONE);
	}
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_CONNECTIONS), 0);
	rig_free(rig);
}

Test(tcp, one_forged_segment_far_away_does_not_end_the_stream)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	rig_send(&c, 0, slice_of(body.ptr, 30));
	rig_segment(&c, 0, TCP_ACK, c.seq[0] + 0x40000000, SLICE("forged"));
	rig_segment(&c, 0, TCP_ACK, c.seq[0] - 0x40000000, SLICE("forged"));
	rig_send(&c, 0, slice_of(body.ptr + 30, body.len - 30));
	rig_segment(&c, 0, TCP_ACK, c.seq[0] + 0x20000000, plain);
	rig_send(&c, 0, body);
	cr_expect_geq(rig_count(rig, WIRE_MESSAGE), 2);
	cr_expect(slice_eq(rig_message(rig, rig_count(rig, WIRE_MESSAGE) - 1), body));
	rig_free(rig);
}

Test(tcp, after_a_large_loss_the_stream_is_joined_again)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	rig_send(&c, 0, body);
	c.seq[0] += 100 << 20;
	rig_send(&c, 0, SLICE("rest of a body"));
	rig_send(&c, 0, SLICE("and more\r\n" RIG_WITHOUT_BODY));
	expect_messages(rig, 2, (struct slice[]){body, plain});
	cr_expect_eq(rig_count(rig, WIRE_GAP), 1);
	rig_free(rig);
}

Test(tcp, a_segment_cut_by_the_snap_length_gives_what_it_holds)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);
	struct packet pkt = {.kind = PACKET_TCP, .truncated = true};

	rig_open(&c);
	pkt.src = c.end[0];
	pkt.dst = c.end[1];
	pkt.tcp.seq = c.seq[0];
	pkt.tcp.flags = TCP_ACK;
	pkt.payload = slice_of(body.ptr, 90);
	rig_packet(rig, &pkt);
	c.seq[0] += 1400;
	rig_send(&c, 0, plain);
	cr_assert_eq(rig_count(rig, WIRE_MESSAGE), 2);
	cr_expect(rig->got[0].ev.truncated);
	cr_expect_eq(rig->got[0].ev.bytes.len, 90);
	cr_expect_not(rig->got[1].ev.truncated);
	cr_expect_eq(rig_count(rig, WIRE_GAP), 0);
	rig_free(rig);
}

Test(tcp, the_two_directions_do_not_wait_for_each_other)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	rig_send(&c, 0, slice_of(body.ptr, 30));
	c.seq[1] += 100; /* a hole there */
	rig_send(&c, 1, answer);
	rig_send(&c, 0, slice_of(body.ptr + 30, body.len - 30));
	expect_messages(rig, 1, &body);
	rig_free(rig);
}

Test(tcp, ipv6_connections)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	c.end[0] = rig_v6(9, 40000);
	c.end[1] = rig_v6(2, 5060);
	rig_open(&c);
	rig_send(&c, 0, slice_of(body.ptr, 30));
	rig_send(&c, 0, slice_of(body.ptr + 30, body.len - 30));
	rig_send(&c, 1, answer);
	expect_messages(rig, 2, (struct slice[]){body, answer});
	rig_free(rig);
}

Test(tcp, segments_on_no_configured_port_are_only_counted)
{
	static const struct port_range ports[] = {{5060, 5061}};
	struct reassemble_config config = rig_config();
	struct rig *rig;
	struct rig_tcp c;

	config.ports = ports;
	config.port_count = 1;
	config.hep_port = 9060;
	rig = rig_new(&config);
	c = rig_tcp(rig, 5070);
	rig_open(&c);
	rig_send(&c, 0, body);
	cr_expect_eq(rig->count, 0);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_OTHER_PORT), 4);
	c = rig_tcp(rig, 9060);
	rig_open(&c);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_CONNECTIONS), 1, "HEP may come");
	rig_free(rig);
}

/* The capture began between SYN and SYN-ACK: the ACK number says where the other
 * side begins, so that the first line may be split. */
Test(tcp, a_syn_ack_alone_tells_where_both_streams_begin)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = rig_tcp(rig, 8888);

	c.seq[0]++;
	rig_segment(&c, 1, TCP_SYN | TCP_ACK, c.seq[1]++, SLICE_NONE);
	rig_segment(
	    &c, 0, TCP_ACK, c.seq[0] + 10, slice_of(body.ptr + 10, body.len - 10));
	rig_segment(&c, 0, TCP_ACK, c.seq[0], slice_of(body.ptr, 10));
	rig_send(&c, 1, slice_of(answer.ptr, 5));
	rig_send(&c, 1, slice_of(answer.ptr + 5, answer.len - 5));
	expect_messages(rig, 2, (struct slice[]){body, answer});
	rig_free(rig);
}

/* Closed connections go first, then SYNs beyond their share, then what carries no
 * SIP, and a trunk's connection last. */
Test(tcp, the_least_worth_is_forgotten_first)
{
	struct reassemble_config config = rig_config();
	struct rig *rig;
	struct rig_tcp trunk, c;

	config.flows_max = 16;
	rig = rig_new(&config);
	trunk = rig_tcp(rig, 5060);
	rig_open(&trunk);
	rig_send(&trunk, 0, body);
	rig_send(&trunk, 0, slice_of(body.ptr, 100));
	for (uint16_t i = 0; i < 40; i++) {
		c = rig_tcp(rig, 5060);
		c.end[0].port = (uint16_t)(1000 + i);
		rig_open(&c);
		if (i % 3 == 0)
			rig_segment(&c, 1, TCP_RST, c.seq[1], SLICE_NONE);
	}
	rig_send(&trunk, 0, slice_of(body.ptr + 100, body.len - 100));
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 2);
	cr_expect_eq(rig_count(rig, WIRE_GAP), 0);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_FLOW_EVICTED), 33);
	rig_free(rig);
}

Test(tcp, an_evicted_connection_says_that_bytes_are_missing)
{
	struct reassemble_config config = rig_config();
	struct rig *rig;

	config.flows_max = 8;
	rig = rig_new(&config);
	for (uint16_t i = 0; i < 5; i++) {
		struct rig_tcp c = rig_tcp(rig, 5060);

		c.end[0].port = (uint16_t)(1000 + i);
		rig_send(&c, 0, slice_of(body.ptr, 100));
	}
	cr_assert_eq(rig_count(rig, WIRE_GAP), 1);
	cr_expect_eq(rig->got[0].ev.src.port, 1000);
	rig_free(rig);
}

/* One stream wants the whole pool while others hold parts of it, then alone. */
Test(tcp, a_stream_may_take_the_pool_from_those_that_wait_longer)
{
	struct reassemble_config config = rig_config();
	struct rig *rig;
	struct rig_tcp c;

	config.flow_bytes = 64 << 10;
	config.stream_bytes = 128 << 10;
	rig = rig_new(&config);
	for (uint16_t i = 0; i < 20; i++) {
		c = rig_tcp(rig, 5060);
		c.end[0].port = (uint16_t)(1000 + i);
		rig_send(&c, 0, slice_of(body.ptr, 100));
	}
	c = rig_tcp(rig, 5060);
	rig_open(&c);
	rig_segment(&c, 0, TCP_ACK, c.seq[0] + 50000, plain);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_BUFFER_EVICTED), 16);
	cr_expect_eq(rig_count(rig, WIRE_GAP), 16);
	rig_tick(rig, 10 * USEC_PER_SEC);
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 1);
	rig_free(rig);
}

/* A buffer that grows is there twice for a moment: the smallest pool allows it. */
Test(tcp, a_message_may_be_as_long_as_three_quarters_of_the_buffer)
{
	struct reassemble_config config = rig_config();
	struct rig *rig;
	struct rig_tcp c;
	static char filler[30000];

	config.flow_bytes = 64 << 10;
	config.stream_bytes = 128 << 10;
	rig = rig_new(&config);
	c = rig_tcp(rig, 5060);
	memset(filler, 'x', sizeof(filler));
	rig_open(&c);
	rig_send(&c, 0, SLICE("INVITE sip:a SIP/2.0\r\nl: 40000\r\n\r\n"));
	rig_send(&c, 0, slice_of(filler, 20000));
	rig_send(&c, 0, slice_of(filler, 15000));
	rig_send(&c, 0, slice_of(filler, 5000));
	rig_send(&c, 0, SLICE("INVITE sip:a SIP/2.0\r\nl: 50000\r\n\r\n"));
	rig_send(&c, 0, SLICE("\r\n" RIG_WITH_BODY));
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 2);
	cr_expect_gt(rig_message(rig, 0).len, 40000);
	cr_expect(slice_eq(rig_message(rig, 1), body));
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_TOO_LONG), 1);
	rig_free(rig);
}

/* What was lost held the end of the line: the segment behind it begins a message. */
Test(tcp, after_a_loss_a_segment_may_begin_a_message_in_the_middle_of_a_line)
{
	struct rig *rig = watched();
	struct rig_tcp c = rig_tcp(rig, 5060);

	rig_open(&c);
	rig_send(&c, 0, body);
	c.seq[0] += 500;
	rig_send(&c, 0, SLICE("{: a body without a line end}"));
	rig_send(&c, 0, body);
	rig_tick(rig, 3 * USEC_PER_SEC);
	rig_send(&c, 0, SLICE("x")); /* one byte of a body whose head was lost */
	rig_send(&c, 0, plain);
	cr_expect_eq(rig_count(rig, WIRE_GAP), 1);
	expect_messages(rig, 2, (struct slice[]){body, plain});
	rig_free(rig);
}
