/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "rig.h"

#define INVITE "INVITE sip:a@b SIP/2.0\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nl: 0\r\n\r\n"

Test(udp, a_datagram_is_a_message_with_its_packet_facts)
{
	struct rig *rig = rig_new(NULL);
	struct packet pkt = {.kind = PACKET_UDP,
	    .src = rig_v6(1, 5060),
	    .dst = rig_v6(2, 17000),
	    .direction = PACKET_DIR_OUT,
	    .ifindex = 7,
	    .truncated = true,
	    .payload = SLICE(INVITE)};
	const struct wire_event *ev = &rig->got[0].ev;

	rig_packet(rig, &pkt);
	cr_assert_eq(rig->count, 1);
	cr_expect_eq(ev->kind, WIRE_MESSAGE);
	cr_expect_eq(ev->transport, TRANSPORT_UDP);
	cr_expect_eq(ev->at_us, rig->now_us);
	cr_expect(endpoint_eq(&ev->src, &pkt.src) && endpoint_eq(&ev->dst, &pkt.dst));
	cr_expect_eq(ev->direction, PACKET_DIR_OUT);
	cr_expect_eq(ev->ifindex, 7);
	cr_expect(ev->truncated);
	cr_expect(slice_eq(ev->bytes, SLICE(INVITE)));
	rig_free(rig);
}

/* RFC 3261 18.3 and RFC 4475 3.1.1.8 (dblreq): what follows Content-Length is noise. */
Test(udp, a_second_request_behind_the_first_is_noise_in_a_datagram)
{
	struct rig *rig = rig_new(NULL);

	rig_udp(rig, SLICE(INVITE INVITE));
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 1);
	rig_free(rig);
}

/* RFC 4475 3.1.2.2 (clerr): over UDP the message is what is there. */
Test(udp, a_content_length_beyond_the_datagram_hides_nothing)
{
	struct rig *rig = rig_new(NULL);

	rig_udp(rig, SLICE("BYE sip:a SIP/2.0\r\nl: 9999\r\n\r\nhello"));
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 1);
	rig_free(rig);
}

Test(udp, leading_line_ends_are_skipped)
{
	struct rig *rig = rig_new(NULL);

	rig_udp(rig, SLICE("\r\n\r\n" INVITE));
	cr_expect(slice_eq(rig_message(rig, 0), SLICE(INVITE)));
	rig_free(rig);
}

Test(udp, keep_alives_are_counted_and_are_no_event)
{
	struct rig *rig = rig_new(NULL);

	rig_udp(rig, SLICE("\r\n\r\n"));
	rig_udp(rig, SLICE("\0\0\0\0"));
	rig_udp(rig, SLICE(""));
	cr_expect_eq(rig->count, 0);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_KEEPALIVE), 3);
	rig_free(rig);
}

Test(udp, what_is_no_sip_on_a_sip_port_says_so_by_kind)
{
	struct rig *rig = rig_new(NULL);

	rig_udp(rig, SLICE("\0\1\0\0\x21\x12\xa4\x42"
			   "ABCDEFGHIJKL"));
	rig_udp(rig, SLICE("\x16\xfe\xff\0\0\0\0\0\0\0\0\0\x01x"));
	rig_udp(rig, SLICE("\x80\0\x12\x34\0\0\0\0\0\0\0\0"));
	rig_udp(rig, SLICE("random bytes"));
	cr_expect_eq(rig_count(rig, WIRE_NOT_SIP), 4);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_NOT_SIP_STUN), 1);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_NOT_SIP_DTLS), 1);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_NOT_SIP_RTP), 1);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_NOT_SIP_OTHER), 1);
	rig_free(rig);
}

Test(udp, without_a_port_list_sip_is_found_anywhere_and_the_rest_is_silent)
{
	struct rig *rig = rig_new(NULL);

	rig_udp_between(rig, rig_v4(1, 10000), rig_v4(2, 20000), SLICE(INVITE));
	rig_udp_between(
	    rig, rig_v4(1, 10000), rig_v4(2, 20000), SLICE("\x80\0rtp....."));
	cr_expect_eq(rig->count, 1);
	cr_expect_eq(rig->got[0].ev.kind, WIRE_MESSAGE);
	rig_free(rig);
}

Test(udp, a_port_list_holds_for_either_end)
{
	static const struct port_range ports[] = {{5060, 5061}, {7000, 7009}};
	struct reassemble_config c = rig_config();
	struct rig *rig;

	c.ports = ports;
	c.port_count = 2;
	rig = rig_new(&c);
	rig_udp_between(rig, rig_v4(1, 7009), rig_v4(2, 9), SLICE(INVITE));
	rig_udp_between(rig, rig_v4(1, 9), rig_v4(2, 5061), SLICE(INVITE));
	rig_udp_between(rig, rig_v4(1, 7010), rig_v4(2, 5062), SLICE(INVITE));
	cr_expect_eq(rig->count, 2);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_OTHER_PORT), 1);
	rig_free(rig);
}

Test(udp, port_65535_does_not_run_the_list_round)
{
	static const struct port_range ports[] = {{65534, 65535}};
	struct reassemble_config c = rig_config();
	struct rig *rig;

	c.ports = ports;
	c.port_count = 1;
	rig = rig_new(&c);
	rig_udp_between(rig, rig_v4(1, 65535), rig_v4(2, 9), SLICE(INVITE));
	rig_udp_between(rig, rig_v4(1, 0), rig_v4(2, 9), SLICE(INVITE));
	cr_expect_eq(rig->count, 1);
	rig_free(rig);
}

Test(udp, events_that_were_not_taken_are_counted)
{
	struct rig *rig = rig_new(NULL);
	struct packet pkt = {.kind = PACKET_UDP,
	    .src = rig_v4(1, 5060),
	    .dst = rig_v4(2, 5060),
	    .payload = SLICE(INVITE)};

	reassemble_packet(rig->r, &pkt);
	reassemble_packet(rig->r, &pkt);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_EVENTS_UNREAD), 1);
	rig_free(rig);
}

Test(udp, names_of_counters_and_transports_are_there_for_all)
{
	for (int i = 0; i < REASSEMBLE_STAT_COUNT; i++)
		cr_expect_not_null(reassemble_stat_name((enum reassemble_stat)i));
	cr_expect_str_eq(transport_name(TRANSPORT_UDP), "udp");
	cr_expect_str_eq(transport_name(TRANSPORT_TCP), "tcp");
	cr_expect_str_eq(transport_name(TRANSPORT_WS), "ws");
	cr_expect_str_eq(transport_name(TRANSPORT_HEP), "hep");
}

Test(udp, an_icmp_error_is_none_of_our_business)
{
	struct rig *rig = rig_new(NULL);
	struct packet pkt = {.kind = PACKET_ICMP, .payload = SLICE(INVITE)};

	rig_packet(rig, &pkt);
	cr_expect_eq(rig->count, 0);
	rig_free(rig);
}
