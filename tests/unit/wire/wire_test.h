/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire_test - frames written in hexadecimal, packets written as one line.
 *
 * Blanks in the hex are ignored, so a frame reads header by header. A case says
 * in words what must come out:
 *
 *         "udp 192.0.2.1:5060 > 198.51.100.2:5060 ABCD"
 *
 * and the words "cut", "tunnels N", "in"/"out", "if N" follow where they apply.
 */
#ifndef WIRE_WIRE_TEST_H
#define WIRE_WIRE_TEST_H

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>

#include "decode/decode.h"
#include "support/guard.h"

enum { WIRE_FRAME_MAX = 2048, WIRE_TEXT_MAX = 512 };

/* clang-format off */
/* 192.0.2.1 to 198.51.100.2: 20 bytes without options, RFC 791 3.1. */
#define IPV4(total, proto) "4500 " total " 1234 0000 40 " proto " 0000 c0000201 c6336402 "
/* 2001:db8::1 to 2001:db8::2, RFC 8200 3. */
#define IPV6(len, next) "60000000 " len " " next " 40 " \
	"20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define UDP(len)  "13c4 13c4 " len " 0000 "
#define ABCD      "41424344 "
/* IPv4, UDP 5060 to 5060, "ABCD": 32 bytes; and what must come of it. */
#define UDP4      IPV4("0020", "11") UDP("000c") ABCD
#define UDP4_TEXT "udp 192.0.2.1:5060 > 198.51.100.2:5060 ABCD"
#define UDP6      IPV6("000c", "11") UDP("000c") ABCD
#define UDP6_TEXT "udp [2001:db8::1]:5060 > [2001:db8::2]:5060 ABCD"
#define ETH       "020000000002 020000000001 "
/* clang-format on */

struct frame_case {
	const char *name;
	uint32_t linktype;
	const char *hex;
	const char *want; /* the packet, or NULL: .rc */
	enum decode_rc rc;
	uint32_t wire_len; /* 0: all was captured */
};

static inline unsigned hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = strchr(digits, c);

	cr_assert(c != '\0' && at != NULL, "'%c' is no hex digit", c);
	return (unsigned)(at - digits);
}

static inline size_t hex_bytes(const char *hex, uint8_t *out, size_t room)
{
	size_t len = 0;

	while (*hex != '\0') {
		if (*hex == ' ') {
			hex++;
			continue;
		}
		cr_assert(len < room, "the frame is too long for this test");
		out[len++] = (uint8_t)(hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
		hex += 2;
	}
	return len;
}

static inline int put_payload(char *out, size_t room, struct slice s)
{
	return snprintf(out, room, " " SLICE_FMT, SLICE_ARG(s));
}

static inline int put_endpoints(
    char *out, size_t room, const struct endpoint *src, const struct endpoint *dst)
{
	char a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];

	return snprintf(
	    out, room, " %s > %s", endpoint_text(src, a), endpoint_text(dst, b));
}

static inline int put_kind(char *out, size_t room, const struct packet *p)
{
	static const char *const kinds[] = {"udp", "tcp", "fragment", "icmp"};
	char src[IP_ADDR_TEXT_MAX], dst[IP_ADDR_TEXT_MAX];
	int n = snprintf(out, room, "%s", kinds[p->kind]);

	switch (p->kind) {
	case PACKET_UDP:
		n += put_endpoints(out + n, room - n, &p->src, &p->dst);
		break;
	case PACKET_TCP:
		n += put_endpoints(out + n, room - n, &p->src, &p->dst);
		n += snprintf(out + n, room - n, " seq %u ack %u flags %u", p->tcp.seq,
		    p->tcp.ack, p->tcp.flags);
		break;
	case PACKET_FRAGMENT:
		n += snprintf(out + n, room - n, " %s > %s proto %u id %x at %u%s",
		    ip_addr_text(&p->src.ip, src), ip_addr_text(&p->dst.ip, dst),
		    p->proto, p->frag.id, p->frag.offset, p->frag.more ? "+" : "");
		break;
	case PACKET_ICMP:
		n += snprintf(out + n, room - n, " %s > %s %u/%u reason %d quotes %u",
		    ip_addr_text(&p->src.ip, src), ip_addr_text(&p->dst.ip, dst),
		    p->icmp.type, p->icmp.code, (int)p->icmp.reason, p->icmp.proto);
		n += put_endpoints(out + n, room - n, &p->icmp.src, &p->icmp.dst);
		break;
	}
	return n;
}

static inline void packet_text(const struct packet *p, char out[WIRE_TEXT_MAX])
{
	const size_t room = WIRE_TEXT_MAX;
	struct slice payload = p->kind == PACKET_ICMP ? p->icmp.payload : p->payload;
	int n = put_kind(out, room, p);

	if (payload.len > 0)
		n += put_payload(out + n, room - n, payload);
	if (p->truncated)
		n += snprintf(out + n, room - n, " cut");
	if (p->tunnels > 0)
		n += snprintf(out + n, room - n, " tunnels %u", p->tunnels);
	if (p->direction != PACKET_DIR_UNKNOWN)
		n += snprintf(
		    out + n, room - n, p->direction == PACKET_DIR_IN ? " in" : " out");
	if (p->ifindex > 0)
		(void)snprintf(out + n, room - n, " if %u", p->ifindex);
}

static inline struct frame frame_case_frame(const struct frame_case *c)
{
	static uint8_t bytes[WIRE_FRAME_MAX];
	size_t len = hex_bytes(c->hex, bytes, sizeof(bytes));

	return (struct frame){
	    .at_ns = 1700000000123456789,
	    .linktype = c->linktype,
	    .wire_len = c->wire_len != 0 ? c->wire_len : (uint32_t)len,
	    .bytes = slice_of(bytes, len),
	};
}

/* Garbage in it: what decode does not set must not be needed. */
static inline enum decode_rc frame_case_decode(
    const struct frame *frame, struct packet *pkt, char text[WIRE_TEXT_MAX])
{
	enum decode_rc rc;

	memset(pkt, 0xa5, sizeof(*pkt));
	rc = decode_frame(frame, pkt);
	if (rc == DECODE_OK)
		packet_text(pkt, text);
	else
		(void)snprintf(text, WIRE_TEXT_MAX, "%s", decode_rc_name(rc));
	return rc;
}

static inline void frame_case_check(const struct frame_case *c)
{
	struct frame frame = frame_case_frame(c);
	struct packet pkt;
	char text[WIRE_TEXT_MAX];
	enum decode_rc rc;

	frame.bytes = guard_copy(frame.bytes.ptr, frame.bytes.len);
	rc = frame_case_decode(&frame, &pkt, text);
	cr_expect_eq(rc, c->rc, "%s: got %s, want %s", c->name, text,
	    c->want != NULL ? c->want : decode_rc_name(c->rc));
	if (rc == DECODE_OK && c->want != NULL) {
		cr_expect_str_eq(
		    text, c->want, "%s:\n got  %s\n want %s", c->name, text, c->want);
		cr_expect_eq(pkt.at_us, 1700000000123456, "%s: the time", c->name);
	}
}

static inline bool is_inside(struct slice part, struct slice whole)
{
	return part.ptr >= whole.ptr && part.len <= whole.len &&
	       (size_t)(part.ptr - whole.ptr) <= whole.len - part.len;
}

/* A snap length may cut anywhere: nothing is read behind the cut, and what comes
 * out lies before it. */
static inline void frame_case_prefixes(const struct frame_case *c)
{
	struct frame frame = frame_case_frame(c);
	struct slice whole = frame.bytes;

	for (size_t len = 0; len < whole.len; len++) {
		struct packet pkt;
		char text[WIRE_TEXT_MAX];

		frame.bytes = guard_copy(whole.ptr, len);
		if (frame_case_decode(&frame, &pkt, text) != DECODE_OK)
			continue;
		cr_assert(is_inside(pkt.payload, frame.bytes), "%s: cut at %zu",
		    c->name, len);
		if (pkt.kind == PACKET_ICMP)
			cr_assert(is_inside(pkt.icmp.payload, frame.bytes),
			    "%s: cut at %zu", c->name, len);
	}
}

/*
 * Two tests over a table of cases. The parameter is an index: Criterion runs each
 * case in a process of its own, where a pointer copied over would dangle.
 */
#define FRAME_CASES(suite, cases)                                         \
	static size_t suite##_index[sizeof(cases) / sizeof((cases)[0])];  \
	static struct criterion_test_params suite##_params(void)          \
	{                                                                 \
		const size_t count = sizeof(cases) / sizeof((cases)[0]);  \
		for (size_t i = 0; i < count; i++)                        \
			suite##_index[i] = i;                             \
		return cr_make_param_array(size_t, suite##_index, count); \
	}                                                                 \
	ParameterizedTestParameters(suite, gives_the_packet)              \
	{                                                                 \
		return suite##_params();                                  \
	}                                                                 \
	ParameterizedTest(size_t *i, suite, gives_the_packet)             \
	{                                                                 \
		frame_case_check(&(cases)[*i]);                           \
	}                                                                 \
	ParameterizedTestParameters(suite, survives_every_cut)            \
	{                                                                 \
		return suite##_params();                                  \
	}                                                                 \
	ParameterizedTest(size_t *i, suite, survives_every_cut)           \
	{                                                                 \
		frame_case_prefixes(&(cases)[*i]);                        \
	}                                                                 \
	struct criterion_test_params suite##_params(void)

#endif
