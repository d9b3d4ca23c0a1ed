/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * past_bugs - what other monitors died of, fed to ours.
 *
 * Each test bears the number its bug is known by; what broke there stands above it. The
 * input goes through the whole path, from the frame on, and every frame ends at a page
 * nobody may touch. That nothing crashes is the smaller half: what a message still
 * tells has to come out.
 */
#ifndef PIPELINE_PAST_BUGS_H
#define PIPELINE_PAST_BUGS_H

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/usec.h"
#include "pipeline/pipeline.h"
#include "sip/sip_msg.h"
#include "support/guard.h"
#include "support/ip_frame.h"

enum { BUG_MESSAGES = 64, BUG_TEXT = 62000 };

#define BUG_HEAD                                                     \
	"Via: SIP/2.0/UDP 203.0.113.45;branch=z9hG4bK1\r\n"          \
	"From: <sip:acct@198.51.100.20>;tag=f1\r\nTo: <sip:1@b>\r\n" \
	"Call-ID: c1\r\nCSeq: 1 INVITE\r\n"
#define BUG_INVITE "INVITE sip:1@198.51.100.20 SIP/2.0\r\n" BUG_HEAD

static const struct ip_flow bug_out = {0xcb00712d, 0xc6336414, 5060, 5060};
static const struct ip_flow bug_in = {0xc6336414, 0xcb00712d, 5060, 5060};

struct bug {
	struct wire *wire;
	int64_t now_us;
	uint32_t seq; /* of the TCP stream, its next byte */
	size_t count; /* messages */
	size_t len[BUG_MESSAGES];
	char first_line[BUG_MESSAGES][64];
	enum sip_rc rc[BUG_MESSAGES];
	uint64_t oddities[BUG_MESSAGES];
	int64_t content_length[BUG_MESSAGES];
	bool is_truncated;
};

static inline struct bug *bug_new(struct slice hep_key)
{
	struct bug *b = calloc(1, sizeof(*b));
	struct reassemble_config c;
	const struct hash_key key = {{1, 2}};
	struct err e = {0};

	guard_require(b != NULL);
	reassemble_config_default(&c);
	c.hep_key = hep_key;
	cr_assert_eq(wire_new(&c, &key, &b->wire, &e), 0, "%s", e.text);
	b->now_us = 1700000000 * USEC_PER_SEC;
	return b;
}

static inline void bug_free(struct bug *b)
{
	wire_free(b->wire);
	free(b);
}

static inline uint64_t bug_stat(const struct bug *b, enum reassemble_stat s)
{
	return wire_reassemble_stats(b->wire)[s];
}

static inline void bug_drain(struct bug *b)
{
	const struct sip_msg *msg;
	struct wire_event ev;
	enum sip_rc rc;

	while (wire_next(b->wire, &ev, &msg, &rc)) {
		if (ev.kind != WIRE_MESSAGE)
			continue;
		cr_assert_lt(b->count, BUG_MESSAGES);
		b->len[b->count] = ev.bytes.len;
		(void)snprintf(b->first_line[b->count], sizeof(b->first_line[0]),
		    "%.*s", (int)(ev.bytes.len < 63 ? ev.bytes.len : 63), ev.bytes.ptr);
		b->rc[b->count] = rc;
		b->oddities[b->count] = rc == SIP_OK ? msg->oddities : 0;
		b->content_length[b->count] = rc == SIP_OK ? msg->content_length : -1;
		b->is_truncated |= ev.truncated;
		b->count++;
	}
}

static inline void bug_frame(
    struct bug *b, uint32_t linktype, struct slice bytes, size_t wire_len)
{
	struct frame f = {.at_ns = (b->now_us += 1000) * 1000,
	    .linktype = linktype,
	    .wire_len = (uint32_t)wire_len,
	    .bytes = guard_copy(bytes.ptr, bytes.len)};

	(void)wire_frame(b->wire, &f);
	bug_drain(b);
}

static inline void bug_udp(struct bug *b, struct slice payload)
{
	static struct ip_frame f;

	ip_udp(&f, &bug_out, payload.ptr, payload.len);
	bug_frame(b, IP_FRAME_RAW, slice_of(f.bytes, f.len), f.len);
}

/* The next bytes of one stream, in segments of at most `piece` bytes. */
static inline void bug_tcp(struct bug *b, struct slice bytes, size_t piece)
{
	static struct ip_frame f;

	while (bytes.len > 0) {
		size_t n = bytes.len < piece ? bytes.len : piece;

		ip_tcp(&f, &bug_out, (struct ip_tcp){b->seq, 0, 16}, bytes.ptr, n);
		bug_frame(b, IP_FRAME_RAW, slice_of(f.bytes, f.len), f.len);
		b->seq += (uint32_t)n;
		bytes = slice_of(bytes.ptr + n, bytes.len - n);
	}
}

static inline void bug_open(struct bug *b)
{
	struct ip_frame f;

	ip_tcp(&f, &bug_out, (struct ip_tcp){b->seq++, 0, 2}, NULL, 0);
	bug_frame(b, IP_FRAME_RAW, slice_of(f.bytes, f.len), f.len);
}

/* Text with a run of n times c in the place of '#'; good until the next call. */
static inline struct slice bug_text(const char *pattern, char c, size_t n)
{
	static char text[BUG_TEXT + 4096];
	const char *hash = strchr(pattern, '#');
	size_t before = (size_t)(hash - pattern), after = strlen(hash + 1);

	guard_require(n <= BUG_TEXT && before + after < 4096);
	memcpy(text, pattern, before);
	memset(text + before, c, n);
	memcpy(text + before + n, hash + 1, after);
	return slice_of(text, before + n + after);
}

#endif
