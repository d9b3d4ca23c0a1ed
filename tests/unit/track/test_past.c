/* SPDX-License-Identifier: BSD-2-Clause */
/* What a trunk's past is packed into comes back; what is damaged does no harm. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/past.h"

static struct trunk *old, *new;
static struct trunk_past packed;

static void start(void)
{
	old = calloc(1, sizeof(*old));
	new = calloc(1, sizeof(*new));
	old->state.id = 7;
}

static void stop(void)
{
	free(old);
	free(new);
}

TestSuite(past, .init = start, .fini = stop);

static void fill_samples(struct samples *s, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct sample one = {.at_us = 1000 + (int64_t)i,
		    .from = 0xdeadbeef,
		    .domain = (uint32_t)i,
		    .local = {{192, 0, 2, 1}, 4},
		    .seen = {{0x20, 1, 0xd, 0xb8, [15] = 1}, 6},
		    .local_port = 65535,
		    .active = (uint32_t)i,
		    .second = UINT32_MAX,
		    .has_identity = true};

		memset(one.caller, '1', SAMPLE_NUMBER_MAX); /* no NUL */
		memcpy(one.called, "+4420", 5);
		samples_add(s, &one);
	}
}

static void fill_trunk(void)
{
	memcpy(old->host, "sip.example.net", 16);
	old->config_changed_at_us = 5;
	old->accepted_count = UINT64_MAX;
	old->accepted_at_us = INT64_MAX;
	old->proven_at_us = 3;
	old->proven_by_call_at_us = 4;
	old->challenges_seen = 128;
	old->rejections = 127;
	old->register_ok_at_us = 8;
	old->register_refused_at_us = 9;
	old->register_silent_at_us = 10;
	old->register_stage = STAGE_CREDENTIALS;
	old->register_port = 5062;
	old->options_ok_at_us = 11;
	old->options_silent_at_us = 12;
	memcpy(old->good.from, "5550001", 8);
	memset(old->good.agent, 'x', GOOD_TEXT_MAX - 1);
	old->good.seen = (struct ip_addr){{192, 0, 2, 9}, 4};
	old->abnormal = OUTCOME_CLASS_DECLINED;
	old->abnormal_incident = 13;
	fill_samples(&old->accepted, SAMPLES_MAX + 5);
}

static void fill_group(struct group *g)
{
	struct facts *f = &g->last;

	*g = (struct group){.is_used = true,
	    .method = SIP_METHOD_INVITE,
	    .stage = STAGE_RECHALLENGED,
	    .code = 403,
	    .phrase = 0x80000000,
	    .count = 300,
	    .first_at_us = 1,
	    .last_at_us = 2,
	    .run = 3,
	    .run_at_us = 4,
	    .run_is_weighed = true,
	    .accepted_before = 5,
	    .accepted_at_last = 6,
	    .is_registered = true,
	    .proven_before = true,
	    .is_mixed = true,
	    .rejected_before = 7,
	    .judged_at_us = 8,
	    .incident_id = 9,
	    .judgement = {.verdict = VERDICT_IP_NOT_ALLOWED,
		.runner_up = VERDICT_LOCKED_OUT,
		.confidence = 0.75f,
		.weight = 21}};
	fill_samples(&g->refused, 3);
	f->method_id = SIP_METHOD_INVITE;
	f->outcome = OUTCOME_REFUSED;
	f->code = 403;
	f->rounds = 1;
	f->digest = DIGEST_MATCHES;
	f->local = (struct endpoint){.ip = {{192, 0, 2, 1}, 4}, .port = 5060};
	f->seen_ip = (struct ip_addr){{198, 51, 100, 1}, 4};
	f->reason = TEXT_PUT(f, SLICE("Forbidden"), FACT_VALUE_MAX);
	f->warning = TEXT_PUT(f, SLICE(""), FACT_VALUE_MAX);
	f->caller = TEXT_PUT(f, SLICE("5550001"), FACT_VALUE_MAX);
}

Test(past, a_trunk_comes_back)
{
	fill_trunk();
	past_pack(old, 0, &packed);
	cr_assert_gt(packed.len, 0);
	cr_assert_eq(packed.trunk_id, 7);
	cr_assert(past_unpack(new, 0, slice_of(packed.bytes, packed.len)));
	new->state.id = 7;
	cr_expect_arr_eq(new, old, offsetof(struct trunk, groups));
}

static void same_text(
    const struct facts *a, struct text ta, const struct facts *b, struct text tb)
{
	struct slice sa = TEXT_GET(a, ta), sb = TEXT_GET(b, tb);

	cr_expect_eq(sa.ptr == NULL, sb.ptr == NULL);
	cr_expect(slice_eq(sa, sb));
}

Test(past, a_group_comes_back)
{
	struct group *a = &old->groups[15], *b = &new->groups[15];

	fill_group(a);
	past_pack(old, 16, &packed);
	cr_assert_gt(packed.len, 0);
	cr_assert(past_unpack(new, 16, slice_of(packed.bytes, packed.len)));
	cr_expect_arr_eq(b, a, offsetof(struct group, last));
	cr_expect_eq(b->last.code, 403);
	cr_expect_eq(b->last.digest, DIGEST_MATCHES);
	cr_expect(endpoint_eq(&b->last.local, &a->last.local));
	cr_expect(ip_addr_eq(&b->last.seen_ip, &a->last.seen_ip));
	same_text(&a->last, a->last.reason, &b->last, b->last.reason);
	same_text(&a->last, a->last.warning, &b->last, b->last.warning);
	same_text(&a->last, a->last.caller, &b->last, b->last.caller);
	same_text(&a->last, a->last.extra, &b->last, b->last.extra);
}

Test(past, the_largest_fits)
{
	struct group *g = &old->groups[0];
	static char long_text[FACTS_TEXT_MAX];

	memset(long_text, 'a', sizeof(long_text));
	fill_group(g);
	memset(&g->last.pool, 0, sizeof(g->last.pool));
	memset(&g->refused, 0, sizeof(g->refused));
	fill_samples(&g->refused, SAMPLES_MAX);
	for (size_t i = 0; i < SAMPLES_MAX; i++) {
		struct sample *s = &g->refused.ring[i];

		memset(s->called, '2', SAMPLE_NUMBER_MAX);
		s->at_us = INT64_MAX;
		s->local.family = 6;
		s->domain = s->active = UINT32_MAX;
	}
	g->last.reason = TEXT_PUT(
	    &g->last, slice_of(long_text, sizeof(long_text)), sizeof(long_text));
	past_pack(old, 1, &packed);
	cr_expect_gt(packed.len, 0);
	fill_trunk();
	old->accepted = g->refused;
	past_pack(old, 0, &packed);
	cr_expect_gt(packed.len, 0);
}

/* Whatever the bytes: no crash, no enum or index out of range, and a trunk of which
 * nothing can be read stays as it was. */
Test(past, damaged_bytes_do_no_harm)
{
	static struct trunk_past good[2];
	uint32_t seed = 1;

	fill_trunk();
	fill_group(&old->groups[0]);
	past_pack(old, 0, &good[0]);
	past_pack(old, 1, &good[1]);
	for (int n = 0; n < 20000; n++) {
		uint8_t part = n % 2;
		size_t at, len;

		memcpy(&packed, &good[part], sizeof(packed));
		for (int k = 0; k < 3; k++) {
			seed = seed * 1664525u + 1013904223u;
			at = (seed >> 8) % packed.len;
			packed.bytes[at] = (char)(seed >> 24);
		}
		len = n % 3 == 0 ? (seed >> 4) % packed.len : packed.len;
		if (!past_unpack(new, part, slice_of(packed.bytes, len)))
			continue;
		cr_assert_lt(new->groups[0].judgement.verdict, VERDICT_COUNT);
		cr_assert_leq(new->groups[0].last.icmp, ICMP_REASON_TIME_EXCEEDED);
		cr_assert_lt(new->abnormal, OUTCOME_CLASS_COUNT);
		cr_assert_leq(new->groups[0].last.pool.used, FACTS_TEXT_MAX);
	}
	memset(new, 0, sizeof(*new));
	memcpy(new->host, "kept", 5);
	cr_expect_not(past_unpack(new, 0, slice_of(good[0].bytes, good[0].len - 1)));
	cr_expect_str_eq(new->host, "kept");
	cr_expect_not(past_unpack(new, 0, slice_of("\x63", 1)), "another version");
	cr_expect_not(past_unpack(new, 200, slice_of(good[1].bytes, good[1].len)));
	cr_expect_not(past_unpack(new, 0, SLICE_NONE));
}
