/* SPDX-License-Identifier: BSD-2-Clause */
/* abnormal_outcomes: an incident without a failure (design.md 6.4). */
#include <stdio.h>

#include "diagnose/diagnose_int.h"

static void describe(struct incident_slot *i, struct trunk *t,
    const struct departure *away, int64_t now_us)
{
	char text[SUMMARY_MAX];

	(void)snprintf(text, sizeof(text),
	    "%s: %u of the last %d calls %s, usually %.0f of %d%s", t->state.name,
	    away->recent, OUTCOMES_RECENT, outcome_class_words(away->of),
	    (double)(away->usual * OUTCOMES_RECENT), OUTCOMES_RECENT,
	    i->record.closed_at_us == USEC_NEVER ? "" : ", over");
	incident_describe(i, t, text, now_us);
}

/* Sure that the share departed; that the provider does it, less. */
static struct judgement judgement_of(const struct departure *away)
{
	float rise = (float)away->recent / OUTCOMES_RECENT - away->usual;

	return (struct judgement){.verdict = VERDICT_ABNORMAL_OUTCOMES,
	    .confidence = rise > 0.5f ? 0.9f : 0.4f + rise};
}

static void go_on(struct incident_slot *i, struct trunk *t, int64_t now_us)
{
	struct departure away = {.of = t->abnormal,
	    .recent = t->outcomes.recent[t->abnormal],
	    .usual = outcomes_usual(&t->outcomes, t->abnormal)};

	if (outcomes_are_usual(&t->outcomes, t->abnormal)) {
		incident_close(i, t, now_us);
		t->abnormal_incident = 0;
		t->outcomes.is_departed = false;
	}
	describe(i, t, &away, now_us);
}

void abnormal_note(struct diagnosis *d, struct trunk *t, const struct facts *f)
{
	struct incident_slot *i;
	struct departure away;
	struct judgement j;

	if (f->method_id != SIP_METHOD_INVITE || f->is_in_dialog ||
	    !outcomes_note(&t->outcomes, f))
		return;
	if (t->abnormal_incident != 0) {
		i = incidents_find(&d->incidents, t->abnormal_incident);
		if (i != NULL)
			go_on(i, t, f->decided_at_us);
		else
			t->abnormal_incident = 0; /* evicted */
		return;
	}
	if (!outcomes_depart(&t->outcomes, &away))
		return;
	j = judgement_of(&away);
	i = incidents_open(&d->incidents, t, &j, f->decided_at_us);
	t->abnormal = away.of;
	t->abnormal_incident = i->record.id;
	t->outcomes.is_departed = true;
	describe(i, t, &away, f->decided_at_us);
}
