/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Refusals that look alike form a group. Whether the next one still tells the same
 * story is decided here: a trunk that was suspended in spring and is suspended again
 * has not been refusing "some of its calls" since.
 */
#include "diagnose/groups.h"

#include "diagnose/incidents.h"
#include "diagnose/rules.h"

/* A run of refusals and then one of accepted calls, both this long: it was over. */
enum { RUN_MIN = 3, RECOVERY_MIN = 3 };
/* ... unless it is no longer than what a limit counts over: there, three calls that
 * pass between refused ones are the next window. */
#define RECOVERY_MIN_US (2 * USEC_PER_SEC)
/* Whatever happened before: after so many accepted calls, or so long, it was over. */
enum { RECOVERY_SURE = 200 };
#define RECOVERY_US (10 * USEC_PER_MIN)

/* So long a run, over so long a time, in a group that used to be mixed: something new.
 */
enum { RUN_LONG = 12 };
#define RUN_LONG_US (1 * USEC_PER_MIN)

/* As it stood when the newest refusal came: what happened to the registration
 * afterwards says nothing about it. */
static void note_registration(const struct trunk *t, struct group *g)
{
	int64_t ok = t->register_ok_at_us, no = t->register_refused_at_us;
	int64_t silent = t->register_silent_at_us;
	bool is_refused = no != USEC_NEVER && no > ok && no >= silent;

	g->is_registered = ok != USEC_NEVER && ok > no && ok > silent;
	g->is_register_refused = is_refused && t->register_stage != STAGE_DIRECT;
	g->is_register_refused_direct = is_refused && t->register_stage == STAGE_DIRECT;
	g->is_register_silent = silent != USEC_NEVER && silent > ok && silent > no;
}

static void begin(const struct trunk *t, struct group *g, const struct facts *f)
{
	memset(
	    &g->count, 0, offsetof(struct group, last) - offsetof(struct group, count));
	g->first_at_us = f->started_at_us;
	g->accepted_before = t->accepted_count;
	/* What proved the old password proves nothing of the new one. */
	g->proven_before =
	    (t->proven_at_us > t->up_at_us ? t->proven_at_us : t->up_at_us) >
		t->config_changed_at_us &&
	    trunk_has_proof(t, f->challenges > 0);
	g->is_changed_before = t->config_changed_at_us != USEC_NEVER &&
			       t->config_changed_at_us > t->accepted_at_us &&
			       t->config_changed_at_us <= f->decided_at_us;
	g->challenged_before = t->challenges_seen > 0;
	g->rejected_before = t->rejections;
	g->accepted_at_last = t->accepted_count;
}

static void add(
    const struct trunk *t, struct group *g, const struct facts *f, int64_t failure_id)
{
	struct sample s;

	if (t->accepted_count > g->accepted_at_last || g->run == 0) {
		g->is_mixed |= g->count > 0;
		g->run = 0;
		g->run_at_us = f->decided_at_us;
		g->run_is_weighed = false;
	}
	note_registration(t, g);
	g->is_untold = true;
	g->run++;
	g->count++;
	g->last_at_us = f->decided_at_us;
	g->accepted_at_last = t->accepted_count;
	memcpy(&g->last, f, facts_bytes(f));
	trunk_sample(t, f, &s);
	s.failure_id = failure_id;
	samples_add(&g->refused, &s);
}

/* Has the trunk recovered since the last refusal, as far as can be counted? */
static bool has_recovered(
    const struct trunk *t, const struct group *g, const struct facts *f)
{
	uint64_t accepted = t->accepted_count - g->accepted_at_last;
	int64_t since_us = usec_since(g->last_at_us, f->decided_at_us);

	if (g->method == SIP_METHOD_REGISTER)
		return t->register_ok_at_us > g->last_at_us;
	return accepted >= RECOVERY_SURE || (accepted > 0 && since_us >= RECOVERY_US) ||
	       (accepted >= RECOVERY_MIN && g->run >= RUN_MIN && !g->is_mixed &&
		   since_us >= RECOVERY_MIN_US);
}

/* A cause that meets some calls only: that others pass is part of its picture. */
static bool is_selective(const struct trunk *t, const struct group *g)
{
	struct judgement j;

	rules_judge(t, g, &j);
	return !verdict_ends_at_success(j.verdict);
}

/* The newest run alone, as if nothing had been refused before. */
static void take_run(const struct trunk *t, const struct group *g, struct group *out)
{
	uint64_t kept = samples_kept(&g->refused);
	uint64_t from = g->refused.count - (g->run < kept ? g->run : kept);

	*out = *g;
	begin(t, out, &g->last);
	for (uint64_t i = from; i < g->refused.count; i++)
		samples_add(&out->refused, &g->refused.ring[i % SAMPLES_MAX]);
	note_registration(t, out);
	out->run = out->count = g->run;
	out->run_at_us = out->first_at_us = g->run_at_us;
	out->last_at_us = g->last_at_us;
	out->run_is_weighed = true;
}

/*
 * Some calls used to be refused, and for a while now all are. When neither their
 * numbers nor the load tell these from the accepted ones, it is another story.
 */
static void weigh_run(const struct trunk *t, struct group *g)
{
	struct group alone;

	if (!g->is_mixed || g->run_is_weighed || g->run < RUN_LONG ||
	    usec_since(g->run_at_us, g->last_at_us) < RUN_LONG_US)
		return;
	g->run_is_weighed = true;
	take_run(t, g, &alone);
	alone.is_mixed = true;
	if (is_selective(t, &alone))
		return;
	alone.is_mixed = false;
	rules_judge(t, &alone, &alone.judgement);
	if (alone.judgement.verdict == g->judgement.verdict ||
	    alone.judgement.verdict == VERDICT_UNKNOWN_REFUSAL)
		return;
	*g = alone;
}

void group_join(
    const struct trunk *t, struct group *g, const struct facts *f, int64_t failure_id)
{
	bool may_be_new;

	if (g->count == 0)
		begin(t, g, f);
	may_be_new = g->count > 0 && has_recovered(t, g, f);
	add(t, g, f, failure_id);
	if (may_be_new && (g->method == SIP_METHOD_REGISTER || !is_selective(t, g))) {
		begin(t, g, f);
		add(t, g, f, failure_id);
	}
	weigh_run(t, g);
}

void groups_admit(struct trunk *t, int64_t admitted_us)
{
	for (size_t i = 0; i < TRUNK_GROUPS_MAX; i++) {
		struct group *g = &t->groups[i];

		if (!g->is_used || g->count == 0 || admitted_us > g->last_at_us)
			continue;
		g->accepted_at_last = t->accepted_count;
		if (admitted_us > g->first_at_us) {
			g->is_mixed = true;
			continue;
		}
		g->accepted_before++;
		g->proven_before |= trunk_has_proof(t, g->last.challenges > 0);
	}
}
