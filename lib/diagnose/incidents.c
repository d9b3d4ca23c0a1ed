/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "diagnose/incidents.h"

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

/* "mytrunk: 214 of 214 attempts refused since 10:32:07 UTC, wrong password ..." */
static void write_summary(struct incident_slot *i)
{
	struct incident *r = &i->record;
	time_t since = (time_t)(r->opened_at_us / USEC_PER_SEC);
	time_t good = (time_t)(i->good_at_us / USEC_PER_SEC);
	char from[32] = "", last[64] = "", end[64] = "";
	struct tm tm;

	if (gmtime_r(&since, &tm) != NULL)
		(void)strftime(from, sizeof(from), "%Y-%m-%d %H:%M:%S UTC", &tm);
	if (i->good_at_us != USEC_NEVER && gmtime_r(&good, &tm) != NULL)
		(void)strftime(
		    last, sizeof(last), ", last good call %H:%M:%S UTC", &tm);
	if (r->closed_at_us != USEC_NEVER)
		(void)snprintf(end, sizeof(end), ", over");
	(void)snprintf(r->summary, sizeof(r->summary),
	    "%s: %llu of %llu attempts failed since %s: %s%s%s", r->trunk,
	    (unsigned long long)r->failures, (unsigned long long)r->attempts, from,
	    verdict_title(r->verdict), last, end);
}

static void update(struct incident_slot *i, struct trunk *t)
{
	i->record.attempts = t->state.attempts - i->attempts_before;
	if (i->record.attempts < i->record.failures)
		i->record.attempts = i->record.failures;
	memcpy(i->record.trunk, t->state.name, sizeof(i->record.trunk));
	i->good_at_us = t->accepted_at_us;
	i->is_changed = true;
	t->state.verdict =
	    i->record.closed_at_us == USEC_NEVER ? i->record.verdict : VERDICT_NONE;
	t->is_changed = true;
}

void incident_tell(struct incident_slot *i, int64_t now_us, struct incident *out)
{
	i->is_changed = false;
	i->told_at_us = now_us;
	i->told_revision = i->record.revision;
	if (i->record.failures > 0)
		write_summary(i);
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
