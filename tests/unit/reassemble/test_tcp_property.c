/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same stream cut in random ways, reordered, duplicated and resent with other
 * borders gives the same messages. The messages are known because the stream is put
 * together from them, not because our own code has cut it once.
 */
#include <criterion/criterion.h>

#include "rig.h"

enum { ROUNDS = 10000, PARTS = 12, PIECES_MAX = 512, STREAM_MAX = 16384 };

static const struct part {
	struct slice bytes;
	size_t message; /* how many of them are the message; 0: none */
} parts[] = {
#define WHOLE(s)                             \
	{                                    \
		SLICE_INIT(s), sizeof(s) - 1 \
	}
#define PART(m, rest)                             \
	{                                         \
		SLICE_INIT(m rest), sizeof(m) - 1 \
	}
#define NONE(s)                  \
	{                        \
		SLICE_INIT(s), 0 \
	}
    WHOLE(RIG_WITHOUT_BODY),
    WHOLE(RIG_WITH_BODY),
    WHOLE(RIG_ANSWER),
    WHOLE("INVITE sip:a SIP/2.0\nContent-length:\n 3\n\na\r\n"),
    PART("ACK sip:a SIP/2.0\r\nCall-ID: 1\r\n\r\n", "no length, a body\r\n"),
    PART("BYE sip:a SIP/2.0\r\nl: -5\r\n\r\n", "hello\r\nSIP/2.0 hello\r\n"),
    PART("BYE sip:a SIP/2.0\r\nl: 2\r\nl: 3\r\n\r\n", "hello\r\n\r\n"),
    NONE("BYE sip:a SIP/2.0\r\nl: 99999999999\r\n\r\nhello\r\n"),
    NONE("\r\n\r\n"),
    NONE("\r\n"),
    NONE("garbage SIP/2.0 200\r\nmore garbage\r\n"),
    NONE("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
};

struct stream {
	char bytes[STREAM_MAX];
	size_t len;
	struct slice want[PARTS];
	size_t wanted;
};

struct piece {
	uint32_t from, to;
};

/* xorshift64*: a fixed seed gives the same rounds everywhere. */
static uint64_t state;

static uint32_t below(uint32_t n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * UINT64_C(2685821657736338717) >> 32) % n);
}

static void compose(struct stream *s)
{
	s->len = 0;
	s->wanted = 0;
	for (uint32_t i = 1 + below(PARTS); i > 0; i--) {
		/* A stream begins with a message: how it is recognised is
		 * another test's business. */
		const struct part *p =
		    &parts[s->len == 0 ? 0 : below(sizeof(parts) / sizeof(parts[0]))];

		memcpy(s->bytes + s->len, p->bytes.ptr, p->bytes.len);
		if (p->message > 0)
			s->want[s->wanted++] = slice_of(s->bytes + s->len, p->message);
		s->len += p->bytes.len;
	}
}

/* Cut in order, then disturb the order by a few places, then add copies. */
static size_t cut(const struct stream *s, struct piece *p)
{
	const uint32_t longest = 1 + below(below(2) ? 40 : 1400);
	size_t n = 0;

	for (uint32_t at = 0; at < s->len && n < PIECES_MAX / 2;) {
		uint32_t len = 1 + below(longest);

		if (at + len > s->len || n == PIECES_MAX / 2 - 1)
			len = (uint32_t)s->len - at;
		p[n++] = (struct piece){at, at + len};
		at += len;
	}
	for (size_t i = 0; i + 1 < n; i++) {
		size_t j = i + below(5);
		struct piece was = p[i];

		if (j < n) {
			p[i] = p[j];
			p[j] = was;
		}
	}
	for (uint32_t copies = below(8); copies > 0; copies--) {
		uint32_t from = below((uint32_t)s->len);
		size_t at = below((uint32_t)n);

		memmove(p + at + 1, p + at, (n - at) * sizeof(*p));
		p[at].from = from;
		p[at].to = from + 1 + below((uint32_t)s->len - from);
		n++;
	}
	return n;
}

static void deliver(
    struct rig *rig, const struct stream *s, const struct piece *p, size_t n)
{
	struct rig_tcp c = rig_tcp(rig, 5060);
	uint32_t isn = below(2) ? below(UINT32_MAX) : UINT32_MAX - below(2000);

	c.end[0].port = (uint16_t)(1024 + below(60000));
	c.seq[0] = isn;
	rig_open(&c);
	for (size_t i = 0; i < n; i++)
		rig_segment(&c, 0, TCP_ACK, isn + 1 + p[i].from,
		    slice_of(s->bytes + p[i].from, p[i].to - p[i].from));
	rig_segment(&c, 0, TCP_FIN | TCP_ACK, isn + 1 + (uint32_t)s->len, SLICE_NONE);
}

Test(tcp_property, ten_thousand_segmentations_give_the_messages_that_were_sent,
    .timeout = 100)
{
	static const struct port_range ports[] = {{5060, 5060}};
	static struct piece pieces[PIECES_MAX];
	static struct stream s;
	struct reassemble_config config = rig_config();
	struct rig *rig;

	config.ports = ports;
	config.port_count = 1;
	rig = rig_new(&config);
	state = 20260102;
	for (int round = 0; round < ROUNDS; round++) {
		size_t n;

		compose(&s);
		n = cut(&s, pieces);
		rig_forget(rig);
		deliver(rig, &s, pieces, n);
		cr_assert_eq(rig_count(rig, WIRE_MESSAGE), s.wanted,
		    "round %d: %zu messages of %zu", round,
		    rig_count(rig, WIRE_MESSAGE), s.wanted);
		for (size_t i = 0; i < s.wanted; i++)
			cr_assert(slice_eq(rig_message(rig, i), s.want[i]),
			    "round %d: message %zu", round, i);
		cr_assert_eq(rig_count(rig, WIRE_GAP), 0, "round %d", round);
	}
	cr_expect_eq(rig_stat(rig, REASSEMBLE_STAT_TCP_OVERLAP), 0);
	rig_free(rig);
}
