/* SPDX-License-Identifier: BSD-2-Clause */
#include "reassemble/websocket.h"

#include <criterion/criterion.h>

#include "rig.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define SIP RIG_WITH_BODY
/* RFC 7118 4.2, the example, shortened. */
#define ASK                                               \
	"GET / HTTP/1.1\r\nHost: sip-ws.example.com\r\n"  \
	"Upgrade: websocket\r\nConnection: Upgrade\r\n"   \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" \
	"Sec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n"
#define GRANT                                                        \
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" \
	"Connection: Upgrade\r\nSec-WebSocket-Accept: x\r\n"         \
	"Sec-WebSocket-Protocol: sip\r\n\r\n"

/* One frame: first byte, masked or not, and a payload; returns its length. */
static size_t frame(char *to, uint8_t first, bool masked, struct slice payload)
{
	static const char mask[4] = {'\x12', '\x34', '\0', '\xff'};
	size_t n = 2;

	to[0] = (char)first;
	to[1] = (char)(masked ? 0x80 : 0);
	if (payload.len < 126) {
		to[1] = (char)(to[1] | payload.len);
	} else {
		to[1] = (char)(to[1] | 126);
		to[2] = (char)(payload.len >> 8);
		to[3] = (char)payload.len;
		n = 4;
	}
	if (masked) {
		memcpy(to + n, mask, 4);
		n += 4;
	}
	for (size_t i = 0; i < payload.len; i++)
		to[n++] = (char)(payload.ptr[i] ^ (masked ? mask[i & 3] : 0));
	return n;
}

static const struct {
	const char *name;
	struct slice bytes;
	enum ws_rc rc;
} heads[] = {
    {"request", SLICE_INIT(ASK "x"), WS_OK},
    {"response", SLICE_INIT(GRANT "x"), WS_OK},
    {"a list of protocols, any case",
	SLICE_INIT("GET / HTTP/1.1\r\nUPGRADE: h2c, WebSocket\r\n"
		   "sec-websocket-protocol: msrp , SIP\r\n\r\n"),
	WS_OK},
    {"another protocol",
	SLICE_INIT("GET / HTTP/1.1\r\nUpgrade: websocket\r\n"
		   "Sec-WebSocket-Protocol: sips, mqtt\r\n\r\n"),
	WS_NOT},
    {"no upgrade", SLICE_INIT("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), WS_NOT},
    {"another answer", SLICE_INIT("HTTP/1.1 200 OK\r\n\r\n"), WS_NOT},
    {"another method", SLICE_INIT("POST / HTTP/1.1\r\n\r\n"), WS_NOT},
    {"not all here", SLICE_INIT("GET / HTTP/1.1\r\nUpgrade: web"), WS_MORE},
    {"only a little here", SLICE_INIT("GE"), WS_MORE},
};

Test(websocket, only_an_upgrade_to_sip_is_one)
{
	for (size_t i = 0; i < COUNT(heads); i++) {
		struct slice s = guard_copy(heads[i].bytes.ptr, heads[i].bytes.len);
		size_t n = 0;

		cr_expect_eq(ws_upgrade(s, &n), heads[i].rc, "%s", heads[i].name);
		cr_expect_leq(n, s.len);
	}
	for (size_t n = 0; n < sizeof(ASK) - 1; n++) {
		size_t len;

		cr_expect_eq(ws_upgrade(guard_copy(ASK, n), &len), WS_MORE, "%zu", n);
	}
}

Test(websocket, a_head_that_never_ends_is_no_upgrade)
{
	static char head[WS_HEAD_MAX];
	size_t n;

	memset(head, 'a', sizeof(head));
	memcpy(head, "GET / ", 6);
	cr_expect_eq(ws_upgrade(slice_of(head, sizeof(head) - 1), &n), WS_MORE);
	cr_expect_eq(ws_upgrade(slice_of(head, sizeof(head)), &n), WS_NOT);
}

/* CVE-2023-36192 (sngrep): length and mask were read beyond the packet. */
Test(websocket, a_frame_head_is_never_read_past_the_bytes_that_are_there)
{
	static const struct slice frames[] = {
	    SLICE_INIT("\x81\x05hello"),
	    SLICE_INIT("\x81\x85\1\2\3\4xxxxx"),
	    SLICE_INIT("\x82\x7e\x01\x00"),
	    SLICE_INIT("\x82\xfe\x01\x00\1\2\3\4"),
	    SLICE_INIT("\x82\x7f\0\0\0\0\0\1\0\0"),
	    SLICE_INIT("\x82\xff\0\0\0\0\0\1\0\0\1\2\3\4"),
	};
	static const size_t head[] = {2, 6, 4, 8, 10, 14};
	struct ws_frame f;

	for (size_t i = 0; i < COUNT(frames); i++) {
		for (size_t n = 0; n <= frames[i].len; n++) {
			enum ws_rc rc = ws_frame_head(guard_copy(frames[i].ptr, n), &f);

			cr_expect_eq(
			    rc, n < head[i] ? WS_MORE : WS_OK, "%zu: %zu", i, n);
			if (rc == WS_OK)
				cr_expect_eq(f.head_len, head[i]);
		}
	}
}

static const struct {
	const char *name;
	struct slice bytes;
	enum ws_rc rc;
} frame_heads[] = {
    {"text", SLICE_INIT("\x81\x01"), WS_OK},
    {"reserved opcode", SLICE_INIT("\x83\x01"), WS_NOT},
    {"reserved control opcode", SLICE_INIT("\x8b\x01"), WS_NOT},
    {"fragmented control frame", SLICE_INIT("\x09\x01"), WS_NOT},
    {"long control frame", SLICE_INIT("\x89\x7e\0\x7e"), WS_NOT},
    {"length of 2^63", SLICE_INIT("\x81\x7f\x80\0\0\0\0\0\0\0"), WS_NOT},
    {"pong", SLICE_INIT("\x8a\0"), WS_OK},
};

Test(websocket, frames_keep_the_rules_of_rfc_6455)
{
	struct ws_frame f;

	for (size_t i = 0; i < COUNT(frame_heads); i++)
		cr_expect_eq(ws_frame_head(frame_heads[i].bytes, &f), frame_heads[i].rc,
		    "%s", frame_heads[i].name);
}

/* Opens a connection to a web port and upgrades it. */
static struct rig_tcp upgraded(struct rig *rig)
{
	struct rig_tcp c = rig_tcp(rig, 8080);

	rig_open(&c);
	rig_send(&c, 0, SLICE(ASK));
	rig_send(&c, 1, SLICE(GRANT));
	return c;
}

Test(websocket, a_message_in_a_masked_and_one_in_a_plain_frame)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = upgraded(rig);
	char bytes[2048];

	rig_send(&c, 0, slice_of(bytes, frame(bytes, 0x81, true, SLICE(SIP))));
	rig_send(&c, 1, slice_of(bytes, frame(bytes, 0x82, false, SLICE(RIG_ANSWER))));
	cr_assert_eq(rig->count, 2);
	cr_expect_eq(rig->got[0].ev.transport, TRANSPORT_WS);
	cr_expect(slice_eq(rig_message(rig, 0), SLICE(SIP)));
	cr_expect(slice_eq(rig_message(rig, 1), SLICE(RIG_ANSWER)));
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_WS_UPGRADES), 2);
	rig_free(rig);
}

/* A message in three frames with a ping between them, and a second one. */
static size_t conversation(char *to)
{
	size_t n = 0;

	n += frame(to + n, 0x01, true, slice_of(SIP, 10));
	n += frame(to + n, 0x89, true, SLICE("ping"));
	n += frame(to + n, 0x00, true, slice_of(SIP + 10, 100));
	n += frame(to + n, 0x80, true, slice_of(SIP + 110, sizeof(SIP) - 1 - 110));
	n += frame(to + n, 0x81, true, SLICE("\r\n\r\n"));
	n += frame(to + n, 0x82, true, SLICE(RIG_WITHOUT_BODY));
	n += frame(to + n, 0x88, true, SLICE(""));
	return n;
}

Test(websocket, fragments_and_pings_in_any_segmentation)
{
	char bytes[4096];
	size_t len = conversation(bytes);

	for (size_t step = 1; step <= len; step += 1 + step / 8) {
		struct rig *rig = rig_new(NULL);
		struct rig_tcp c = upgraded(rig);

		for (size_t at = 0; at < len; at += step)
			rig_send(&c, 0,
			    slice_of(bytes + at, at + step < len ? step : len - at));
		cr_expect_eq(rig->count, 2, "in pieces of %zu", step);
		cr_expect(
		    slice_eq(rig_message(rig, 0), SLICE(SIP)), "pieces of %zu", step);
		cr_expect(slice_eq(rig_message(rig, 1), SLICE(RIG_WITHOUT_BODY)));
		cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_WS_CONTROL), 2);
		rig_free(rig);
	}
}

Test(websocket, a_retransmission_of_what_was_unmasked_changes_nothing)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = upgraded(rig);
	char bytes[4096];
	size_t len = conversation(bytes);
	uint32_t seq = c.seq[0];

	rig_send(&c, 0, slice_of(bytes, 60));
	rig_segment(&c, 0, TCP_ACK, seq, slice_of(bytes, 60));
	rig_segment(&c, 0, TCP_ACK, seq + 5, slice_of(bytes + 5, 100));
	rig_segment(&c, 0, TCP_ACK, seq + 20, slice_of(bytes + 20, len - 20));
	cr_expect_eq(rig->count, 2);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_OVERLAP), 0);
	rig_free(rig);
}

Test(websocket, compressed_frames_are_counted_and_passed_over)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = upgraded(rig);
	char bytes[2048];

	rig_send(&c, 0, slice_of(bytes, frame(bytes, 0xc1, true, SLICE("deflated"))));
	rig_send(&c, 0, slice_of(bytes, frame(bytes, 0x81, true, SLICE(SIP))));
	cr_expect_eq(rig->count, 1);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_WS_COMPRESSED), 1);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_KEEPALIVE), 0);
	rig_free(rig);
}

/* RFC 7692 6.1: only the first frame of a compressed message says that it is one. */
Test(websocket, all_frames_of_a_compressed_message_are_passed_over)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = upgraded(rig);
	char bytes[2048];

	rig_send(&c, 0, slice_of(bytes, frame(bytes, 0x41, true, SLICE("defl"))));
	rig_send(&c, 0, slice_of(bytes, frame(bytes, 0x89, true, SLICE("ping"))));
	rig_send(&c, 0, slice_of(bytes, frame(bytes, 0x00, true, SLICE(SIP))));
	rig_send(&c, 0, slice_of(bytes, frame(bytes, 0x80, true, SLICE("ated"))));
	cr_expect_eq(rig->count, 0);
	rig_send(&c, 0, slice_of(bytes, frame(bytes, 0x81, true, SLICE(SIP))));
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 1);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_WS_COMPRESSED), 3);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_WS_CONTROL), 1);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_NOT_SIP_OTHER), 0);
	rig_free(rig);
}

Test(websocket, a_frame_longer_than_the_buffer_ends_the_following)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = upgraded(rig);
	char bytes[2048];

	rig_send(&c, 0, SLICE("\x82\xff\0\0\0\0\xff\0\0\0\1\2\3\4"));
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_WS_BAD), 1);
	/* ... until a segment begins with a message again. */
	rig_send(&c, 0, slice_of(bytes, frame(bytes, 0x81, true, SLICE(SIP))));
	cr_expect_eq(rig->count, 1);
	rig_free(rig);
}

/* Many small frames of one message that never ends: bounded like everything. */
Test(websocket, a_message_that_never_ends_stays_within_the_buffer)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = upgraded(rig);
	static char filler[1000];
	char bytes[1100];

	rig_send(
	    &c, 0, slice_of(bytes, frame(bytes, 0x01, true, slice_of(filler, 1000))));
	for (int i = 0; i < 1000; i++)
		rig_send(&c, 0,
		    slice_of(bytes, frame(bytes, 0x00, true, slice_of(filler, 1000))));
	rig_send(&c, 0, slice_of(bytes, frame(bytes, 0x81, true, SLICE(SIP))));
	cr_expect_eq(rig_count(rig, WIRE_MESSAGE), 1);
	rig_free(rig);
}

Test(websocket, a_stream_is_joined_in_the_middle_at_a_frame)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = rig_tcp(rig, 8080);
	char bytes[2048];

	rig_send(&c, 0, slice_of(bytes, frame(bytes, 0x81, true, SLICE(SIP))));
	rig_send(&c, 1, slice_of(bytes, frame(bytes, 0x81, false, SLICE(RIG_ANSWER))));
	cr_expect_eq(rig->count, 2);
	rig_free(rig);
}

Test(websocket, a_frame_without_sip_is_counted)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = upgraded(rig);
	char bytes[2048];

	rig_send(&c, 0, slice_of(bytes, frame(bytes, 0x82, true, SLICE("binary"))));
	rig_send(&c, 0, slice_of(bytes, frame(bytes, 0x82, true, SLICE(SIP))));
	cr_expect_eq(rig->count, 1);
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_NOT_SIP_OTHER), 1);
	rig_free(rig);
}

Test(websocket, an_upgrade_in_pieces)
{
	struct rig *rig = rig_new(NULL);
	struct rig_tcp c = rig_tcp(rig, 8080);
	char bytes[2048];

	rig_open(&c);
	for (size_t i = 0; i < sizeof(ASK) - 1; i++)
		rig_send(&c, 0, slice_of(ASK + i, 1));
	rig_send(&c, 0, slice_of(bytes, frame(bytes, 0x82, true, SLICE(SIP))));
	cr_expect_eq(rig->count, 1);
	rig_free(rig);
}

Test(websocket, what_does_not_begin_a_message_is_no_place_to_join)
{
	char bytes[2048];
	size_t n;

	cr_expect_not(ws_is_message(SLICE("\x81\0")));
	cr_expect_not(ws_is_message(SLICE("\x81")));
	cr_expect_not(ws_is_message(SLICE("\x89\0")));
	cr_expect_not(ws_is_message(SLICE("\xc1\x05hello")));
	cr_expect_not(ws_is_message(SLICE("\x81\x05hello")));
	n = frame(bytes, 0x81, true, SLICE(SIP SIP SIP SIP SIP SIP SIP));
	cr_expect(ws_is_message(slice_of(bytes, n)));
	cr_expect(ws_is_message(slice_of(bytes, 100)));
}
