/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "diagnose/incidents.h"
#include "diagnose/summary.h"

int incidents_init(struct incidents *s, size_t max, int64_t next_id)
{
	*s = (struct incidents){.max = max, .next_id = next_id};
	s->slots = calloc(max, sizeof(*s->slots));
	return s->slots == NULL ? -ENOMEM : 0;
}

void incidents_fini(struct incidents *s)
{
	free(s->slots);
	s->slots = NULL;
}

void incidents_load(struct incidents *s, const struct incident *known, size_t count)
{
	for (size_t i = 0; i < count && i < s->max; i++)
		s->slots[i] = (struct incident_slot){.record = known[i],
		    .is_used = true,
		    .leading_count = known[i].failures};
}

struct incident_slot *incidents_find(struct incidents *s, int64_t id)
{
	for (size_t i = 0; i < s->max; i++) {
		if (s->slots[i].is_used && s->slots[i].record.id == id)
			return &s->slots[i];
	}
	return NULL;
}

/* An incident that comes back so soon never went. */
#define FLAP_US (5 * USEC_PER_MIN)

static bool is_open(const struct incident_slot *i)
{
	return i->is_used && i->record.closed_at_us == USEC_NEVER;
}

static struct incident_slot *find_open(
    struct incidents *s, int64_t trunk_id, enum verdict v, int64_t now_us)
{
	struct incident_slot *flaps = NULL;

	for (size_t i = 0; i < s->max; i++) {
		struct incident_slot *one = &s->slots[i];

		if (!one->is_used || one->record.trunk_id != trunk_id ||
		    one->record.verdict != v)
			continue;
		if (is_open(one))
			return one;
		if (usec_since(one->record.last_at_us, now_us) < FLAP_US &&
		    (flaps == NULL ||
			one->record.last_at_us > flaps->record.last_at_us))
			flaps = one;
	}
	return flaps;
}

bool incidents_has_open(
    struct incidents *s, const struct trunk *t, enum verdict v, int64_t now_us)
{
	return find_open(s, t->state.id, v, now_us) != NULL;
}

static struct incident_slot *take_slot(struct incidents *s)
{
	struct incident_slot *oldest = NULL;

	for (size_t i = 0; i < s->max; i++) {
		struct incident_slot *one = &s->slots[i];

		if (!one->is_used)
			return one;
		if (oldest == NULL || is_open(oldest) > is_open(one) ||
		    (is_open(oldest) == is_open(one) &&
			one->record.last_at_us < oldest->record.last_at_us))
			oldest = one;
	}
	s->evicted++;
	return oldest;
}

struct incident_slot *incidents_open(struct incidents *s, const struct trunk *t,
    const struct judgement *j, int64_t now_us)
{
	struct incident_slot *new = take_slot(s);

	memset(new, 0, sizeof(*new));
	new->is_used = true;
	new->attempts_before = t->state.attempts == 0 ? 0 : t->state.attempts - 1;
	new->record.id = s->next_id++;
	new->record.trunk_id = t->state.id;
	new->record.verdict = j->verdict;
	new->record.runner_up = j->runner_up;
	new->record.confidence = j->confidence;
	new->record.opened_at_us = now_us;
	s->opened++;
	return new;
}

struct incident_slot *incidents_of(struct incidents *s, struct trunk *t,
    struct group *g, const struct judgement *j, int64_t now_us)
{
	struct incident_slot *i =
	    g->incident_id == 0 ? NULL : incidents_find(s, g->incident_id);

	if (i == NULL)
		i = find_open(s, t->state.id, j->verdict, now_us);
	if (i == NULL)
		i = incidents_open(s, t, j, now_us);
	g->incident_id = i->record.id;
	return i;
}

static void update(struct incident_slot *i, struct trunk *t)
{
	i->record.attempts = t->state.attempts - i->attempts_before;
	if (i->record.attempts < i->record.failures)
		i->record.attempts = i->record.failures;
	memcpy(i->record.trunk, t->state.name, sizeof(i->record.trunk));
	i->is_changed = true;
	t->state.verdict =
	    i->record.closed_at_us == USEC_NEVER ? i->record.verdict : VERDICT_NONE;
	t->is_changed = true;
}

void incident_tell(struct incident_slot *i, const struct trunk *t, int64_t now_us,
    struct incident *out)
{
	i->is_changed = false;
	i->told_at_us = now_us;
	i->told_revision = i->record.revision;
	if (i->record.failures > 0 && t != NULL)
		summary_write(t, &i->record);
	*out = i->record;
}

void incident_add(
    struct incident_slot *i, struct trunk *t, int64_t failure_id, int64_t now_us)
{
	i->record.failures++;
	i->record.last_at_us = now_us;
	i->record.closed_at_us = USEC_NEVER; /* it flaps */
	i->record.last_failure = failure_id;
	if (i->record.first_failure == 0)
		i->record.first_failure = failure_id;
	update(i, t);
}

/* Of several groups in one incident (REGISTER and INVITE refused for one reason) the
 * largest one speaks. */
void incident_judge(struct incident_slot *i, struct trunk *t, const struct group *g,
    const struct judgement *j)
{
	if (g->count < i->leading_count)
		return;
	i->leading_count = g->count;
	if (i->record.verdict != j->verdict)
		i->record.revision++;
	i->record.verdict = j->verdict;
	i->record.runner_up = j->runner_up;
	i->record.confidence = j->confidence;
	update(i, t);
}

static void note_members(struct incident *r, const struct samples *members)
{
	int64_t first = INT64_MAX, last = 0;

	for (size_t i = 0; i < samples_kept(members); i++) {
		int64_t id = members->ring[i].failure_id;

		first = id != 0 && id < first ? id : first;
		last = id > last ? id : last;
	}
	if (last == 0)
		return;
	r->last_failure = last > r->last_failure ? last : r->last_failure;
	if (r->first_failure == 0 || first < r->first_failure)
		r->first_failure = first;
}

void incident_part(struct incident_slot *from, struct incident_slot *to,
    const struct samples *by_called, const struct samples *by_caller)
{
	const struct sample *last = &by_caller->ring[samples_kept(by_caller) - 1];

	from->record.failures -= by_caller->count < from->record.failures
				     ? by_caller->count
				     : from->record.failures;
	to->record.failures += by_caller->count;
	to->record.closed_at_us = USEC_NEVER;
	if (last->at_us > to->record.last_at_us)
		to->record.last_at_us = last->at_us;
	to->attempts_before = from->attempts_before;
	from->record.first_failure = from->record.last_failure = 0;
	note_members(&from->record, by_called);
	note_members(&to->record, by_caller);
	from->leading_count = 0;
	from->is_changed = to->is_changed = true;
}

void incident_describe(
    struct incident_slot *i, struct trunk *t, const char *summary, int64_t now_us)
{
	(void)snprintf(i->record.summary, sizeof(i->record.summary), "%s", summary);
	i->record.last_at_us = now_us;
	update(i, t);
}

void incident_close(struct incident_slot *i, struct trunk *t, int64_t at_us)
{
	i->record.closed_at_us = at_us;
	update(i, t);
}

/* These meet only some calls: that others pass is part of the picture. */
bool verdict_ends_at_success(enum verdict v)
{
	static const enum verdict selective[] = {VERDICT_CALLER_ID_NOT_ALLOWED,
	    VERDICT_DESTINATION_NOT_ALLOWED, VERDICT_ANALYTICS_BLOCKED,
	    VERDICT_CHANNEL_LIMIT, VERDICT_RATE_LIMITED, VERDICT_NUMBER_FORMAT,
	    VERDICT_CODEC_REJECTED, VERDICT_STIR_SHAKEN,
	    VERDICT_REGISTRATION_NOT_ALLOWED, VERDICT_IN_DIALOG_REFUSED,
	    VERDICT_INBOUND_REJECTED_BY_US, VERDICT_LOOP_DETECTED,
	    VERDICT_MALFORMED_REQUEST, VERDICT_ABNORMAL_OUTCOMES};

	for (size_t i = 0; i < sizeof(selective) / sizeof(selective[0]); i++) {
		if (selective[i] == v)
			return false;
	}
	return true;
}
