/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Under attack: SYNs, streams without an end, fragments and INVITEs from random
 * sources, and in the middle of them three genuine calls that their trunk refuses: in
 * datagrams, in fragments, and in a TCP stream cut into segments. The calls are
 * diagnosed all the same, what is evicted is counted, and the memory stays what was
 * reserved.
 *
 *         attack [COUNT]      COUNT of each kind (default 100000)
 *
 * No Criterion: this is a figure, too, and its process's memory is what is judged.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/usec.h"
#include "pipeline/pipeline.h"
#include "support/ip_frame.h"

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED true
#else
#define IS_SANITIZED false
#endif

enum {
	CALLS = 3,
	STEP_US = 10, /* between two frames: 100,000 a second */
	PACE = 1000,  /* frames of the flood between two of a call's messages */
	SLACK_BYTES =
	    8 << 20, /* the program, the C library, small tables not counted */
};

static const uint32_t us = 0xcb00712d;    /* 203.0.113.45 */
static const uint32_t trunk = 0xc6336414; /* 198.51.100.20 */

struct attack {
	struct pipeline *pipeline;
	int64_t now_us;
	uint64_t random;
	uint64_t floods; /* frames of the flood so far */
	uint32_t refused[CALLS];
	uint64_t others;
	uint32_t seq[2];
};

static void require(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "attack: %s\n", what);
	exit(1);
}

/* xorshift64*: the same flood everywhere. */
static uint32_t any(struct attack *a)
{
	a->random ^= a->random >> 12;
	a->random ^= a->random << 25;
	a->random ^= a->random >> 27;
	return (uint32_t)(a->random * UINT64_C(2685821657736338717) >> 32);
}

static void on_failure(void *ctx, const struct failure *f,
    const struct failure_message *msgs, size_t count)
{
	struct attack *a = ctx;
	struct slice id = TEXT_GET(&f->facts, f->facts.call_id);

	(void)msgs;
	if (id.len != 8 || memcmp(id.ptr, "genuine", 7) != 0) {
		a->others++;
		return;
	}
	require(
	    f->facts.code == 403 && f->facts.rounds == 1, "a call's facts are wrong");
	require(
	    f->facts.direction == DIRECTION_OUTBOUND, "a call has another direction");
	require(count == 9, "a call's ladder is not whole");
	a->refused[id.ptr[7] - '0']++;
}

static void deliver(struct attack *a, const struct ip_frame *f)
{
	struct frame frame = ip_frame_at(f, a->now_us);

	a->now_us += STEP_US;
	pipeline_frame(a->pipeline, &frame);
}

/* --- the flood --- */

static size_t invite(struct attack *a, char *text, size_t size)
{
	uint32_t n = any(a);

	return (size_t)snprintf(text, size,
	    "INVITE sip:00%u@203.0.113.45 SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK%08x\r\n"
	    "From: <sip:%u@203.0.113.45>;tag=%08x\r\nTo: <sip:00%u@203.0.113.45>\r\n"
	    "Call-ID: %08x%08x\r\nCSeq: 1 INVITE\r\nUser-Agent: friendly-scanner\r\n"
	    "Content-Length: 0\r\n\r\n",
	    n, any(a), any(a) % 1000, any(a), n, any(a), any(a));
}

static void flood_one(struct attack *a)
{
	struct ip_flow from = {.src = any(a) | 0x01000000, .dst = us, .dport = 5060};
	struct ip_frame f;
	char text[1024];
	size_t len;

	from.sport = (uint16_t)(1024 + any(a) % 64000);
	switch (a->floods++ % 3) {
	case 0: /* a SYN, or the middle of a stream that holds a buffer */
		len = any(a) % 4 != 0 ? 0 : invite(a, text, sizeof(text)) - 2;
		ip_tcp(&f, &from,
		    (struct ip_tcp){any(a), 0, len == 0 ? TCP_SYN : TCP_ACK}, text,
		    len);
		break;
	case 1: /* the first of several, or one of the others; the rest never comes */
		len = invite(a, text, sizeof(text)) / 2 & ~(size_t)7;
		ip_fragment(&f, &from, 17, (uint16_t)any(a),
		    any(a) % 4 == 0 ? 0 : any(a) % 8000 * 8, any(a) % 4 != 0, text,
		    len);
		break;
	default:
		ip_udp(&f, &from, text, invite(a, text, sizeof(text)));
		break;
	}
	deliver(a, &f);
}

static void flood(struct attack *a, uint64_t frames)
{
	while (frames-- > 0)
		flood_one(a);
}

/* --- a genuine call --- */

static void send_fragments(
    struct attack *a, const struct ip_flow *flow, const char *text, size_t len)
{
	static uint16_t id = 1;
	uint8_t body[IP_FRAME_MAX];
	size_t half, whole = ip_udp_body(body, flow, text, len);
	struct ip_frame f;

	half = whole / 2 & ~(size_t)7;
	ip_fragment(&f, flow, 17, ++id, half, false, body + half, whole - half);
	deliver(a, &f); /* the last one first */
	flood(a, PACE / 10);
	ip_fragment(&f, flow, 17, id, 0, true, body, half);
	deliver(a, &f);
}

static void send_segments(
    struct attack *a, const struct ip_flow *flow, const char *text, size_t len)
{
	int dir = flow->src == us ? 0 : 1;
	size_t half = len / 3;
	struct ip_tcp tcp = {a->seq[dir], a->seq[1 - dir], TCP_ACK};
	struct ip_frame f;

	ip_tcp(&f, flow, tcp, text, half);
	deliver(a, &f);
	flood(a, PACE);
	tcp.seq += (uint32_t)half;
	ip_tcp(&f, flow, tcp, text + half, len - half);
	deliver(a, &f);
	a->seq[dir] += (uint32_t)len;
}

static void say(struct attack *a, int call, bool is_ours, const char *start,
    const char *cseq, const char *extra)
{
	struct ip_flow flow = {.src = us, .dst = trunk, .sport = 5060, .dport = 5060};
	struct ip_frame f;
	char text[2048];
	size_t len;

	if (!is_ours)
		flow = (struct ip_flow){trunk, us, 5060, 5060};
	len = (size_t)snprintf(text, sizeof(text),
	    "%s\r\nVia: SIP/2.0/UDP 203.0.113.45;branch=z9hG4bK%c%d\r\n"
	    "From: <sip:acct@198.51.100.20>;tag=f%d\r\n"
	    "To: <sip:15551234567@198.51.100.20>%s\r\nCall-ID: genuine%d\r\n"
	    "CSeq: %s\r\n%sContent-Length: 0\r\n\r\n",
	    start, cseq[0], call, call, is_ours ? "" : ";tag=t", call, cseq, extra);
	if (call == 1) {
		send_fragments(a, &flow, text, len);
	} else if (call == 2) {
		send_segments(a, &flow, text, len);
	} else {
		ip_udp(&f, &flow, text, len);
		deliver(a, &f);
	}
	flood(a, PACE);
}

static void open_stream(struct attack *a)
{
	struct ip_flow to = {us, trunk, 5060, 5060}, from = {trunk, us, 5060, 5060};
	struct ip_frame f;

	ip_tcp(&f, &to, (struct ip_tcp){a->seq[0]++, 0, TCP_SYN}, NULL, 0);
	deliver(a, &f);
	flood(a, PACE);
	ip_tcp(&f, &from, (struct ip_tcp){a->seq[1]++, a->seq[0], TCP_SYN | TCP_ACK},
	    NULL, 0);
	deliver(a, &f);
}

static void genuine_call(struct attack *a, int call)
{
	static const char ask[] = "INVITE sip:15551234567@198.51.100.20 SIP/2.0";
	static const char ack[] = "ACK sip:15551234567@198.51.100.20 SIP/2.0";

	if (call == 2)
		open_stream(a);
	say(a, call, true, ask, "1 INVITE", "");
	say(a, call, false, "SIP/2.0 100 Trying", "1 INVITE", "");
	say(a, call, false, "SIP/2.0 407 Proxy Authentication Required", "1 INVITE",
	    "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
	say(a, call, true, ack, "1 ACK", "");
	say(a, call, true, ask, "2 INVITE",
	    "Proxy-Authorization: Digest username=\"acct\", realm=\"r\", nonce=\"n\", "
	    "uri=\"sip:x\", response=\"0\"\r\n");
	say(a, call, false, "SIP/2.0 100 Trying", "2 INVITE", "");
	say(a, call, false, "SIP/2.0 183 Session Progress", "2 INVITE", "");
	say(a, call, false, "SIP/2.0 180 Ringing", "2 INVITE", "");
	say(a, call, false, "SIP/2.0 403 Forbidden", "2 INVITE", "");
	say(a, call, true, ack, "2 ACK", "");
}

/* --- figures --- */

static size_t rss_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	size_t total = 0, resident = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%zu %zu", &total, &resident) != 2)
		resident = 0;
	(void)fclose(f);
	return resident * 4096;
}

static void run(struct attack *a, uint64_t count)
{
	const uint64_t half = count * 3 / 2;
	size_t before = rss_bytes(), middle, end;
	struct pipeline_counters c;
	const uint64_t *s;
	int64_t began = (int64_t)clock();

	flood(a, half);
	middle = rss_bytes();
	for (int call = 0; call < CALLS; call++)
		genuine_call(a, call);
	flood(a, half);
	end = rss_bytes();
	pipeline_finish(a->pipeline);
	pipeline_counters(a->pipeline, &c);
	s = pipeline_reassemble_stats(a->pipeline);
	printf(
	    "frames %" PRIu64
	    "  CPU %.1f s  resident %.1f MiB, at half %.1f, before %.1f"
	    "  reserved %.1f MiB\n"
	    "evicted: connections %" PRIu64 ", stream buffers %" PRIu64
	    ", IP datagrams %" PRIu64 " (timed out %" PRIu64 "), attempts %" PRIu64 "\n"
	    "messages %" PRIu64 ", attempts %" PRIu64 ", other failures %" PRIu64 "\n",
	    c.frames, (double)((int64_t)clock() - began) / CLOCKS_PER_SEC,
	    (double)end / (1 << 20), (double)middle / (1 << 20),
	    (double)before / (1 << 20),
	    (double)pipeline_memory(a->pipeline) / (1 << 20),
	    s[REASSEMBLE_STAT_TCP_FLOW_EVICTED], s[REASSEMBLE_STAT_TCP_BUFFER_EVICTED],
	    s[REASSEMBLE_STAT_FRAG_EVICTED], s[REASSEMBLE_STAT_FRAG_TIMEOUT],
	    c.evicted_attempts, c.messages, c.attempts, a->others);
	for (int call = 0; call < CALLS; call++)
		require(a->refused[call] == 1, "a genuine call was lost");
	require(s[REASSEMBLE_STAT_TCP_FLOW_EVICTED] > 0, "no connection was evicted");
	require(s[REASSEMBLE_STAT_TCP_BUFFER_EVICTED] > 0, "no buffer was evicted");
	require(s[REASSEMBLE_STAT_FRAG_EVICTED] > 0, "no datagram was evicted");
	require(c.evicted_attempts > 0, "no attempt was evicted");
	if (IS_SANITIZED)
		return;
	require(end <= pipeline_memory(a->pipeline) + SLACK_BYTES,
	    "more memory is in use than was reserved");
}

int main(int argc, char **argv)
{
	static const struct ip_net local = {{{203, 0, 113, 45}, 4}, 32};
	struct attack a = {
	    .now_us = 1700000000 * USEC_PER_SEC, .random = 1, .seq = {7, 900000}};
	struct sink sink = {.ctx = &a, .failure = on_failure};
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
	struct pipeline_config c;
	struct err e;

	pipeline_config_default(&c);
	c.local = &local;
	c.local_count = 1;
	c.key = (struct hash_key){{1, 2}};
	require(pipeline_new(&c, NULL, sink, &a.pipeline, &e) == 0, e.text);
	run(&a, count);
	pipeline_free(a.pipeline);
	return 0;
}
