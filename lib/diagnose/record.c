/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A refusal on its way into the database: which group it joins, what that group means
 * by now, which incident it belongs to.
 */
#include "diagnose/diagnose_int.h"
#include "diagnose/differs.h"
#include "diagnose/divide.h"
#include "diagnose/groups.h"

/* A group is weighed at each of its first refusals, then every second, and once its
 * picture is full of samples, every ten. */
#define JUDGE_EVERY_US (1 * USEC_PER_SEC)
#define JUDGE_LARGE_US (10 * USEC_PER_SEC)
enum { JUDGE_EACH_UP_TO = 8 };

/* What happens once in a while on every trunk is an incident when it happens again. */
#define SECOND_WITHIN_US (10 * USEC_PER_MIN)

enum { DIVIDE_MIN = 6 }; /* refusals */

static void apply_judgement(struct failure *out, const struct judgement *j)
{
	out->verdict = j->verdict;
	out->runner_up = j->runner_up;
	out->confidence = j->confidence;
	out->evidence_count = j->evidence_count;
	memcpy(out->evidence, j->evidence, j->evidence_count * sizeof(j->evidence[0]));
}

static void move(struct diagnosis *d, int64_t failure_id, int64_t incident_id)
{
	if (failure_id != 0 && d->moved_count < MOVED_MAX)
		d->moved[d->moved_count++] =
		    (struct moved_failure){failure_id, incident_id};
}

/* --- weighing --- */

static void weigh(struct diagnosis *d, struct trunk *t, struct group *g)
{
	rules_judge(t, g, &g->judgement);
	g->judged_at_us = d->now_us;
}

/* The part of those who dial leaves the group, and its incident. */
static void part(struct diagnosis *d, struct trunk *t, struct group *g,
    const struct samples *by_called, const struct samples *by_caller)
{
	struct group *other = trunk_spare_group(t, g);
	struct incident_slot *from = incidents_find(&d->incidents, g->incident_id), *to;

	*other = *g;
	other->part = PART_CALLER;
	other->refused = *by_caller;
	other->count = by_caller->count;
	other->first_at_us = by_caller->ring[0].at_us;
	other->incident_id = 0;
	g->part = PART_CALLED;
	g->refused = *by_called;
	g->count -= by_caller->count;
	weigh(d, t, g);
	weigh(d, t, other);
	to = incidents_of(
	    &d->incidents, t, other, &other->judgement, other->first_at_us);
	if (from != NULL && from != to)
		incident_part(from, to, by_called, by_caller);
	for (size_t i = 0; i < by_caller->count; i++)
		move(d, by_caller->ring[i].failure_id, to->record.id);
	incident_judge(to, t, other, &other->judgement);
}

static bool may_be_two(const struct diagnosis *d, const struct group *g)
{
	return d->moved_count == 0 && g->judgement.verdict == VERDICT_UNKNOWN_REFUSAL &&
	       g->is_mixed && g->part == PART_ALL && g->method == SIP_METHOD_INVITE &&
	       g->count >= DIVIDE_MIN && g->incident_id != 0;
}

static void divide(struct diagnosis *d, struct trunk *t, struct group *g)
{
	struct samples by_called, by_caller;

	if (may_be_two(d, g) && divide_samples(t, g, &by_called, &by_caller))
		part(d, t, g, &by_called, &by_caller);
}

/* The incident bears the new verdict; failures keep the one they were given. */
static void judge(struct diagnosis *d, struct trunk *t, struct group *g)
{
	struct incident_slot *i;

	weigh(d, t, g);
	divide(d, t, g);
	i = g->incident_id == 0 ? NULL : incidents_find(&d->incidents, g->incident_id);
	if (i != NULL)
		incident_judge(i, t, g, &g->judgement);
}

static int64_t judge_every(const struct group *g)
{
	return g->count > SAMPLES_MAX ? JUDGE_LARGE_US : JUDGE_EVERY_US;
}

/* The first refusals change the picture each, the thousandth does not. */
static bool is_judged(const struct diagnosis *d, const struct group *g)
{
	return g->count > JUDGE_EACH_UP_TO &&
	       g->judgement.evidence_count > 0 && /* 0: of an earlier run */
	       usec_since(g->judged_at_us, d->now_us) < judge_every(g);
}

/* --- incidents --- */

/* On a trunk that works, one such call is bad luck. */
static bool is_bad_luck(const struct trunk *t, const struct group *g)
{
	enum verdict v = g->judgement.verdict;

	return t->accepted_count > 0 && g->method == SIP_METHOD_INVITE &&
	       (v == VERDICT_CARRIER_OUTAGE || v == VERDICT_NO_RESPONSE ||
		   v == VERDICT_IN_DIALOG_REFUSED || v == VERDICT_UNKNOWN_REFUSAL);
}

static bool has_company(const struct group *g, int64_t now_us)
{
	return g->alone_id != 0 &&
	       usec_since(g->alone_at_us, now_us) < SECOND_WITHIN_US;
}

/* The one that waited is the first of the incident. */
static void take_in_first(
    struct diagnosis *d, struct trunk *t, struct group *g, struct incident_slot *i)
{
	if (g->alone_id == 0)
		return;
	if (i->record.failures == 0) {
		i->record.opened_at_us = g->alone_at_us;
		i->attempts_before = g->alone_attempts - 1;
	}
	incident_add(i, t, g->alone_id, g->alone_at_us);
	move(d, g->alone_id, i->record.id);
	g->alone_id = 0;
}

/* NULL: it waits for a second one. */
static struct incident_slot *place(
    struct diagnosis *d, struct trunk *t, struct group *g, int64_t id, int64_t at_us)
{
	struct incident_slot *i;

	if (g->incident_id == 0 && is_bad_luck(t, g) && !has_company(g, at_us) &&
	    !incidents_has_open(&d->incidents, t, g->judgement.verdict, at_us)) {
		g->alone_id = id;
		g->alone_at_us = at_us;
		g->alone_attempts = t->state.attempts == 0 ? 1 : t->state.attempts;
		return NULL;
	}
	i = incidents_of(&d->incidents, t, g, &g->judgement, at_us);
	if (has_company(g, at_us))
		take_in_first(d, t, g, i);
	g->alone_id = 0;
	incident_add(i, t, id, at_us);
	incident_judge(i, t, g, &g->judgement);
	return i;
}

void diagnosis_record(
    struct diagnosis *d, struct trunk *t, const struct facts *f, struct failure *out)
{
	struct group *g = trunk_group(t, f);
	struct incident_slot *i;

	diagnosis_fill(d, f, out);
	group_join(t, g, f, out->id);
	if (f->rounds > 0 && t->accepted_count == 0)
		t->rejections++;
	if (!is_judged(d, g))
		weigh(d, t, g);
	i = place(d, t, g, out->id, f->decided_at_us);

	differs_write(t, f, out->differs);
	apply_judgement(out, &g->judgement);
	out->trunk_id = t->state.id;
	out->incident_id = i == NULL ? 0 : i->record.id;
	memcpy(out->trunk, t->state.name, sizeof(out->trunk));
	memcpy(out->carrier_id, t->state.carrier_id, sizeof(out->carrier_id));
	t->state.last_failure_at_us = f->decided_at_us;
	divide(d, t, g);
}

/* --- time --- */

static bool wants_judging(
    const struct diagnosis *d, const struct trunk *t, const struct group *g)
{
	if (!g->is_used || g->count == 0 || (g->incident_id == 0 && g->alone_id == 0) ||
	    g->judgement.verdict == VERDICT_INBOUND_REJECTED_BY_US)
		return false;
	if (d->is_last)
		return true;
	return (g->last_at_us > g->judged_at_us ||
		   t->accepted_at_us > g->judged_at_us ||
		   t->register_ok_at_us > g->judged_at_us) &&
	       usec_since(g->judged_at_us, d->now_us) >= judge_every(g);
}

/* What waited for a second one has another cause after all, and that is enough. */
static void place_first(struct diagnosis *d, struct trunk *t, struct group *g)
{
	struct incident_slot *i;

	if (g->alone_id == 0 || g->incident_id != 0 || is_bad_luck(t, g) ||
	    d->moved_count == MOVED_MAX) /* then at the next tick */
		return;
	i = incidents_of(&d->incidents, t, g, &g->judgement, g->alone_at_us);
	take_in_first(d, t, g, i);
	incident_judge(i, t, g, &g->judgement);
}

void diagnosis_judge_again(struct diagnosis *d, struct trunk *t)
{
	for (size_t i = 0; i < TRUNK_GROUPS_MAX; i++) {
		struct group *g = &t->groups[i];

		if (!wants_judging(d, t, g))
			continue;
		judge(d, t, g);
		place_first(d, t, g);
	}
}
