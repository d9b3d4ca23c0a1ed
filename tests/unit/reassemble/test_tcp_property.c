/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same stream cut in random ways, reordered, duplicated and resent with other
 * borders gives the same messages. The messages are known because the stream is put
 * together from them, not because our own code has cut it once.
 */
#include <criterion/criterion.h>

#include "rig.h"

enum { ROUNDS = 10000, PARTS = 12, PIECES_MAX = 512, STREAM_MAX = 16384 };

/* Nothing about it is odd: only such a message is taken as it was offered. */
#define COMPLETE                                         \
	"OPTIONS sip:a@example.com SIP/2.0\r\n"          \
	"Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\n" \
	"From: <sip:a@example.com>;tag=1\r\n"            \
	"To: <sip:b@example.com>\r\n"                    \
	"Call-ID: 1@192.0.2.1\r\n"                       \
	"CSeq: 1 OPTIONS\r\n"

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
    WHOLE(COMPLETE "Content-Length: 0\r\n\r\n"),
    WHOLE(COMPLETE "l: 6\r\n\r\nbody\r\n"),
    PART(COMPLETE "Content-Length: 0\r\n\r\n", "\r\n\r\n"),
    WHOLE(COMPLETE "Content-Length: 4\r\nl: 4\r\n\r\nbody"),
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
	uint32_t end[PARTS]; /* of each part */
	size_t parts;
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
	s->parts = 0;
	for (uint32_t i = 1 + below(PARTS); i > 0; i--) {
		/* A stream begins with a message: how it is recognised is
		 * another test's business. */
		const struct part *p =
		    &parts[s->len == 0 ? 0 : below(sizeof(parts) / sizeof(parts[0]))];

		memcpy(s->bytes + s->len, p->bytes.ptr, p->bytes.len);
		if (p->message > 0)
			s->want[s->wanted++] = slice_of(s->bytes + s->len, p->message);
		s->len += p->bytes.len;
		s->end[s->parts++] = (uint32_t)s->len;
	}
}

/* To the end of a part, so that some segments are whole messages. */
static uint32_t to_an_end(const struct stream *s, uint32_t at)
{
	size_t i = 0;

	while (s->end[i] <= at)
		i++;
	i += below((uint32_t)(s->parts - i));
	return s->end[i] - at;
}

/* Cut in order, then disturb the order by a few places, then add copies. */
static size_t cut(const struct stream *s, struct piece *p)
{
	const uint32_t longest = 1 + below(below(2) ? 40 : 1400);
	size_t n = 0;

	for (uint32_t at = 0; at < s->len && n < PIECES_MAX / 2;) {
		uint32_t len = below(3) ? 1 + below(longest) : to_an_end(s, at);

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

static void check(struct rig *rig, const struct stream *s, int round)
{
	cr_assert_eq(rig_count(rig, WIRE_MESSAGE), s->wanted,
	    "round %d: %zu messages of %zu", round, rig_count(rig, WIRE_MESSAGE),
	    s->wanted);
	for (size_t i = 0; i < s->wanted; i++)
		cr_assert(slice_eq(rig_message(rig, i), s->want[i]),
		    "round %d: message %zu", round, i);
	cr_assert_eq(rig_count(rig, WIRE_GAP), 0, "round %d", round);
}

/* Whether segments are offered whole or cut here makes no difference. */
Test(tcp_property, ten_thousand_segmentations_give_the_messages_that_were_sent,
    .timeout = 100)
{
	static const struct port_range ports[] = {{5060, 5060}};
	static struct piece pieces[PIECES_MAX];
	static struct stream s;
	struct reassemble_config config = rig_config();
	struct rig *rig[2];

	config.ports = ports;
	config.port_count = 1;
	rig[0] = rig_new(&config);
	config.may_offer = false;
	rig[1] = rig_new(&config);
	state = 20260102;
	for (int round = 0; round < ROUNDS; round++) {
		size_t n;

		compose(&s);
		n = cut(&s, pieces);
		for (int i = 0; i < 2; i++) {
			uint64_t same = state;

			rig_forget(rig[i]);
			deliver(rig[i], &s, pieces, n);
			check(rig[i], &s, round);
			if (i == 0)
				state = same;
		}
	}
	for (int i = 0; i < REASSEMBLE_STAT_COUNT; i++)
		cr_expect_eq(rig_stat(rig[0], (enum reassemble_stat)i),
		    rig_stat(rig[1], (enum reassemble_stat)i), "%s",
		    reassemble_stat_name((enum reassemble_stat)i));
	cr_expect_eq(rig_stat(rig[0], REASSEMBLE_STAT_TCP_OVERLAP), 0);
	rig_free(rig[0]);
	rig_free(rig[1]);
}
