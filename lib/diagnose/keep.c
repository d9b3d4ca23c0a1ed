/* SPDX-License-Identifier: BSD-2-Clause */
/* What outlives a restart: taken over at the start, handed out after the ticks. */
#include "diagnose/diagnose_int.h"
#include "diagnose/past.h"

#define REFUSED_EVERY_US (1 * USEC_PER_SEC)
#define QUIET_EVERY_US   (10 * USEC_PER_SEC)
enum { TRUNKS_PER_TICK = 16 };

/* --- the start --- */

static void load_trunks(struct diagnosis *d, const struct diagnosis_config *c)
{
	for (size_t i = 0; i < c->past_count; i++) {
		const struct known_past *p = &c->known_past[i];
		struct trunk *t = trunks_by_id(&d->trunks, p->trunk_id);

		if (t != NULL && p->part == 0 && past_unpack(t, 0, p->bytes))
			t->past_at_us = p->at_us;
	}
}

/* They count against what their trunk had accepted: not without it. */
static void load_groups(struct diagnosis *d, const struct diagnosis_config *c)
{
	for (size_t i = 0; i < c->past_count; i++) {
		const struct known_past *p = &c->known_past[i];
		struct trunk *t = trunks_by_id(&d->trunks, p->trunk_id);

		if (t != NULL && p->part > 0 && t->past_at_us != USEC_NEVER)
			(void)past_unpack(t, p->part, p->bytes);
	}
}

/* As large as the group that speaks for it; failures, where nobody knows any more. */
static uint64_t leading_count(const struct trunk *t, const struct incident *i)
{
	uint64_t most = 0;

	for (size_t g = 0; g < TRUNK_GROUPS_MAX; g++) {
		const struct group *one = &t->groups[g];

		if (one->is_used && one->incident_id == i->id &&
		    one->judgement.verdict == i->verdict && one->count > most)
			most = one->count;
	}
	return most == 0 ? i->failures : most;
}

void diagnosis_load(struct diagnosis *d, const struct diagnosis_config *c)
{
	trunks_load(&d->trunks, c->known_trunks, c->known_count);
	load_trunks(d, c);
	load_groups(d, c);
	incidents_load(&d->incidents, c->incidents, c->incident_count);
	d->incidents_loaded = c->incident_count;
	for (size_t i = 0; i < d->incidents.max && d->incidents.slots[i].is_used; i++) {
		struct incident_slot *one = &d->incidents.slots[i];
		const struct trunk *t = trunks_by_id(&d->trunks, one->record.trunk_id);

		if (t == NULL)
			continue;
		one->leading_count = leading_count(t, &one->record);
		if (t->state.attempts > one->record.attempts)
			one->attempts_before = t->state.attempts - one->record.attempts;
	}
}

/* --- after the ticks --- */

static bool is_refused(const struct trunk *t)
{
	for (size_t i = 0; i < TRUNK_GROUPS_MAX; i++) {
		if (t->groups[i].is_untold)
			return true;
	}
	return false;
}

static bool is_due(const struct diagnosis *d, const struct trunk *t)
{
	bool was_refused = is_refused(t);
	int64_t every_us = was_refused ? REFUSED_EVERY_US : QUIET_EVERY_US;

	if (every_us < d->tell_every_us) /* a file: nobody is restarted in it */
		every_us = d->tell_every_us;

	if (!t->is_untold && !was_refused)
		return false;
	return d->is_last || t->past_at_us == USEC_NEVER ||
	       usec_since(t->past_at_us, d->now_us) >= every_us;
}

/* The next part that is to be written; false: the trunk is done. */
static bool next_part(struct trunk *t, uint8_t *part)
{
	if (*part == 0) {
		t->is_untold = false;
		return true;
	}
	while (*part < TRUNK_PARTS && !t->groups[*part - 1].is_untold)
		(*part)++;
	if (*part == TRUNK_PARTS)
		return false;
	t->groups[*part - 1].is_untold = false;
	return true;
}

bool diagnosis_next_past(struct diagnosis *d, struct trunk_past *out)
{
	struct keep *k = &d->past;

	while (
	    k->looked < d->trunks.used && (d->is_last || k->told < TRUNKS_PER_TICK)) {
		struct trunk *t;

		if (k->trunk_at >= d->trunks.used)
			k->trunk_at = 0;
		t = &d->trunks.slots[k->trunk_at];
		if ((k->part > 0 || is_due(d, t)) && next_part(t, &k->part)) {
			t->past_at_us = d->now_us;
			out->at_us = d->now_us;
			past_pack(t, k->part++, out);
			return true;
		}
		k->told += k->part > 0;
		k->part = 0;
		k->trunk_at++;
		k->looked++;
	}
	return false;
}
