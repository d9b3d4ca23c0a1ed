/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole pipeline: packets between our box and four others, with time between them.
 *
 *         record:  u8 what  u16 length (little endian)  bytes
 *         what:    bit 0 direction, bits 1-2 the other one, bits 3-4 how it is carried,
 *                  bits 5-7 how much time goes by before
 *
 * Properties, beyond "does not crash":
 *   - the same packets give the same findings under another hash key (design.md 3.4);
 *   - no more attempts than messages, no more failures than attempts;
 *   - a failure is whole: its numbers in their ranges, its strings inside, its time not
 *     before its beginning, its evidence there;
 *   - an incident counts what was told, and ends after it began.
 */
#include <stdint.h>

#include "base/usec.h"
#include "pipeline/pipeline.h"
#include "support/ip_frame.h"

enum { OTHERS = 4, HISTORY = 4096 };
enum carried { BY_UDP = 0, BY_TCP, AS_ICMP, AS_LOSS };

static void require(bool ok)
{
	if (!ok)
		abort();
}

struct run {
	struct pipeline *pipeline;
	int64_t now_us;
	uint32_t seq[OTHERS][2];
	uint64_t failures, attempts;
	uint64_t story;          /* a checksum of all that was found, in order */
	uint8_t quoted[28 + 64]; /* the last datagram, for an ICMP error about it */
	size_t quoted_len;
};

static void note(struct run *r, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < len; i++)
		r->story = (r->story ^ p[i]) * UINT64_C(1099511628211);
}

static void note_text(struct run *r, const struct facts *f, struct text t)
{
	struct slice s = TEXT_GET(f, t);

	require(t.off == TEXT_ABSENT || t.off - 1 + t.len <= f->pool.used);
	note(r, s.ptr, s.len);
}

static void check_facts(struct run *r, const struct facts *f)
{
	require(f->pool.used <= sizeof(f->pool.bytes));
	require(f->outcome < OUTCOME_COUNT);
	require(f->code == 0 || (f->code >= 100 && f->code <= 699));
	require(f->decided_at_us >= f->started_at_us);
	note_text(r, f, f->call_id);
	note_text(r, f, f->reason);
	note_text(r, f, f->auth_user);
	note_text(r, f, f->request_uri);
	note(r, &f->code, sizeof(f->code));
	note(r, &f->rounds, sizeof(f->rounds));
	note(r, &f->decided_at_us, sizeof(f->decided_at_us));
}

static void on_failure(void *ctx, const struct failure *f,
    const struct failure_message *msgs, size_t count)
{
	struct run *r = ctx;

	require(f->id == (int64_t)++r->failures);
	require(f->verdict > VERDICT_NONE && f->verdict < VERDICT_COUNT);
	require(f->runner_up < VERDICT_COUNT);
	require(f->confidence >= 0 && f->confidence <= 1);
	require(f->evidence_count <= EVIDENCE_MAX);
	require(memchr(f->trunk, '\0', sizeof(f->trunk)) != NULL);
	for (size_t i = 0; i < f->evidence_count; i++)
		require(memchr(f->evidence[i].text, '\0', EVIDENCE_TEXT_MAX) != NULL);
	require(count <= FAILURE_MESSAGES_MAX);
	for (size_t i = 0; i < count; i++) {
		require(msgs[i].copies >= 1 && msgs[i].bytes.ptr != NULL);
		note(r, msgs[i].bytes.ptr, msgs[i].bytes.len); /* and can be read */
	}
	check_facts(r, &f->facts);
	note(r, &f->verdict, sizeof(f->verdict));
}

static void on_incident(void *ctx, const struct incident *i)
{
	struct run *r = ctx;

	require(i->verdict > VERDICT_NONE && i->verdict < VERDICT_COUNT);
	require(i->closed_at_us == USEC_NEVER || i->closed_at_us >= i->opened_at_us);
	require(i->failures <= r->failures);
	require(memchr(i->summary, '\0', sizeof(i->summary)) != NULL);
	note(r, &i->failures, sizeof(i->failures));
	note(r, &i->verdict, sizeof(i->verdict));
}

static void on_trunk(void *ctx, const struct trunk_state *t)
{
	require(t->remote_count <= TRUNK_REMOTES_MAX);
	require(memchr(t->name, '\0', sizeof(t->name)) != NULL);
	note(ctx, t->name, strlen(t->name));
	note(ctx, &t->attempts, sizeof(t->attempts));
}

static void start(struct run *r, uint64_t key)
{
	static const struct ip_net local = {{{203, 0, 113, 45}, 4}, 32};
	struct sink sink = {.ctx = r,
	    .failure = on_failure,
	    .incident = on_incident,
	    .trunk = on_trunk};
	struct pipeline_config c;
	struct err e;

	*r = (struct run){.now_us = 1700000000 * USEC_PER_SEC};
	pipeline_config_default(&c);
	c.key = (struct hash_key){{key, ~key}};
	c.local = &local;
	c.local_count = 1;
	/* Small enough that a short input fills them. */
	c.attempts_max = 16;
	c.dialogs_max = 8;
	c.trunks_max = 4;
	c.incidents_max = 4;
	c.recorder_bytes = 256 << 10;
	c.reassemble.flows_max = 16;
	c.reassemble.datagrams_max = 4;
	c.reassemble.flow_bytes = 16 << 10;
	c.reassemble.stream_bytes = 64 << 10;
	c.reassemble.datagram_bytes = 256 << 10;
	require(pipeline_new(&c, NULL, sink, &r->pipeline, &e) == 0);
}

static void deliver(struct run *r, const struct ip_frame *f)
{
	uint8_t *copy = malloc(f->len); /* of the exact size, for ASan */
	struct frame frame = ip_frame_at(f, r->now_us);

	require(copy != NULL);
	memcpy(copy, f->bytes, f->len);
	frame.bytes = slice_of(copy, f->len);
	pipeline_frame(r->pipeline, &frame);
	free(copy);
}

/* The other one says that the last datagram did not arrive. */
static void deliver_icmp(struct run *r, const struct ip_flow *flow)
{
	struct ip_frame f;
	uint8_t icmp[8 + sizeof(r->quoted)] = {3, 3};

	memcpy(icmp + 8, r->quoted, r->quoted_len);
	ip_fragment(&f, flow, 1, 0, 0, false, icmp, 8 + r->quoted_len);
	deliver(r, &f);
}

static void packet(struct run *r, uint8_t what, const uint8_t *bytes, size_t len)
{
	static const int64_t steps[8] = {0, 1000, 20000, 500000, 5 * USEC_PER_SEC,
	    40 * USEC_PER_SEC, 600 * USEC_PER_SEC, -USEC_PER_SEC};
	static struct ip_frame f;
	unsigned other = what >> 1 & 3, dir = what & 1;
	struct ip_flow flow = {0xcb00712d, 0xc6336414 + other, 5060, 5060};

	r->now_us += steps[what >> 5];
	if (dir != 0)
		flow = (struct ip_flow){flow.dst, flow.src, 5060, 5060};
	switch ((enum carried)(what >> 3 & 3)) {
	case BY_UDP:
		ip_udp(&f, &flow, bytes, len);
		r->quoted_len = f.len < sizeof(r->quoted) ? f.len : sizeof(r->quoted);
		memcpy(r->quoted, f.bytes, r->quoted_len);
		deliver(r, &f);
		break;
	case BY_TCP: /* an empty one opens or resets, by its direction */
		ip_tcp(&f, &flow,
		    (struct ip_tcp){r->seq[other][dir], r->seq[other][1 - dir],
			(uint8_t)(len > 0    ? TCP_ACK
				  : dir == 0 ? TCP_SYN
					     : TCP_RST | TCP_ACK)},
		    bytes, len);
		r->seq[other][dir] += (uint32_t)(len > 0 ? len : 1);
		deliver(r, &f);
		break;
	case AS_ICMP:
		deliver_icmp(r, &flow);
		break;
	case AS_LOSS:
		pipeline_lost(
		    r->pipeline, LOSS_KERNEL, len, r->now_us - 1000, r->now_us);
		pipeline_tick(r->pipeline, r->now_us);
		break;
	}
}

static void run(struct run *r, uint64_t key, const uint8_t *data, size_t size)
{
	struct pipeline_counters c;

	start(r, key);
	while (size >= 3) {
		size_t len = (size_t)data[1] | (size_t)data[2] << 8;
		uint8_t what = data[0];

		data += 3;
		size -= 3;
		if (len > size)
			len = size;
		if (len > 4000)
			len = 4000;
		packet(r, what, data, len);
		data += len;
		size -= len;
	}
	pipeline_finish(r->pipeline);
	pipeline_counters(r->pipeline, &c);
	r->attempts = c.attempts;
	/* A TCP connection or an ICMP error is no message, but can be an attempt's end.
	 */
	require(c.attempts <= c.messages + c.frames);
	require(c.failures == r->failures);
	require(r->failures <= c.attempts);
	note(r, &c.messages, sizeof(c.messages));
	note(r, &c.malformed, sizeof(c.malformed));
	note(r, &c.evicted_attempts, sizeof(c.evicted_attempts));
	pipeline_free(r->pipeline);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct run one, other;

	run(&one, 1, data, size);
	run(&other, 0x9e3779b97f4a7c15, data, size);
	require(one.story == other.story);
	require(one.failures == other.failures && one.attempts == other.attempts);
	return 0;
}
