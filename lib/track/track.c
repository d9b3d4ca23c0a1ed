/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "track/track_int.h"

int tracker_new(const struct tracker_config *c, struct tracker **out, struct err *e)
{
	struct tracker *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return err_set(e, -ENOMEM, "tracker: out of memory");
	hash_quick_init(&t->hash, &c->key);
	locals_init(&t->locals, c->local, c->local_count);
	if (table_init(&t->table, c->legs_max, c->attempts_max) < 0 ||
	    remotes_init(&t->remotes, c->remotes_max, &c->key) < 0 ||
	    recorder_init(&t->recorder, c->recorder_bytes) < 0) {
		tracker_free(t);
		return err_set(e, -ENOMEM,
		    "tracker: out of memory for %u attempts and %u bytes of messages; "
		    "lower limits.*",
		    c->attempts_max, c->recorder_bytes);
	}
	*out = t;
	return 0;
}

void tracker_free(struct tracker *t)
{
	if (t == NULL)
		return;
	table_fini(&t->table);
	remotes_fini(&t->remotes);
	recorder_fini(&t->recorder);
	free(t);
}

void tracker_advance(struct tracker *t, int64_t at_us)
{
	if (at_us > t->now_us)
		t->now_us = at_us;
}

/* Facts given out stay valid until the caller comes back. */
void tracker_release_taken(struct tracker *t)
{
	if (t->taken != NULL)
		table_release(&t->table, t->taken);
	t->taken = NULL;
}

static void take_message(struct tracker *t, const struct wire_event *ev,
    const struct sip_msg *msg, const struct clue *c)
{
	tracker_release_taken(t);
	tracker_advance(t, ev->at_us);
	if (!c->is_usable)
		return;
	if (sip_msg_is_request(msg))
		tracker_on_request(t, c, ev, msg);
	else
		tracker_on_answer(t, c, ev, msg);
}

void tracker_message(
    struct tracker *t, const struct wire_event *ev, const struct sip_msg *msg)
{
	struct clue c;

	(void)tracker_clue(t, msg, &c);
	take_message(t, ev, msg, &c);
}

void tracker_keep(struct tracker *t, struct arrival *a)
{
	size_t len = a->ev.bytes.len;

	a->record = recorder_add(&t->recorder, 0, &a->ev);
	a->ev.bytes = recorder_bytes(&t->recorder, a->record);
	a->ev.truncated |= a->ev.bytes.len < len;
}

void tracker_shorten(struct tracker *t, struct arrival *a, size_t len)
{
	recorder_shorten(&t->recorder, a->record, len);
	a->ev.bytes.len = len;
}

void tracker_drop(struct tracker *t, const struct arrival *a)
{
	recorder_drop(&t->recorder, a->record);
}

void tracker_announce(struct tracker *t, struct arrival *a)
{
	(void)tracker_clue(t, &a->msg, &a->clue);
}

void tracker_fetch_leg(const struct tracker *t, const struct arrival *a)
{
	if (a->clue.is_usable)
		table_fetch_leg(&t->table, a->clue.call_hash);
}

void tracker_fetch_facts(const struct tracker *t, const struct arrival *a)
{
	if (a->clue.is_usable)
		table_fetch_facts(&t->table, a->clue.call_hash);
}

void tracker_arrive(struct tracker *t, const struct arrival *a)
{
	t->record = a->record;
	take_message(t, &a->ev, &a->msg, &a->clue);
	t->record = 0;
}

/* --- time --- */

void tracker_tick(struct tracker *t, int64_t now_us)
{
	tracker_release_taken(t);
	tracker_advance(t, now_us);
}

void tracker_finish(struct tracker *t)
{
	tracker_release_taken(t);
	t->is_finishing = true;
}

static void on_deadline(struct tracker *t, struct leg *leg)
{
	switch ((enum leg_state)leg->state) {
	case LEG_CALLING:
		tracker_decide_silence(t, leg, leg->deadline_us);
		break;
	case LEG_PROCEEDING:
		tracker_decide(t, leg, OUTCOME_OPEN, leg->deadline_us);
		break;
	case LEG_CHALLENGED:
		if (leg->is_past)
			tracker_go_on_unseen(t, leg);
		else
			tracker_decide_challenged(t, leg, leg->facts->challenged_at_us);
		break;
	case LEG_TALKING:
	case LEG_DONE:
		tracker_count_down(t, leg);
		table_remove(&t->table, leg);
		break;
	}
}

/* Credentials that answered a challenge of this attempt met another one. Those sent
 * unasked, with a nonce from before, may: that is how a refresh goes. */
static bool answer_was_refused(const struct facts *f)
{
	return f->rounds > (f->is_first_cached ? 1 : 0) && !f->challenge_is_stale;
}

/* The file ends here: what its last packets already prove is decided. */
static void decide_at_end(struct tracker *t, struct leg *leg)
{
	struct facts *f = leg->facts;
	bool is_cut = leg->state == LEG_CHALLENGED &&
		      usec_since(f->challenged_at_us, t->now_us) < CREDENTIALS_END_US;

	if (leg->state == LEG_CHALLENGED && leg->is_past) {
		tracker_go_on_unseen(t, leg);
		return;
	}
	if (is_cut)
		facts_mark(f, INCOMPLETE_END);
	if (leg->state == LEG_CHALLENGED &&
	    (leg->is_acked || answer_was_refused(f) || !is_cut))
		tracker_decide_challenged(t, leg, f->challenged_at_us);
	else if (leg->state == LEG_CALLING &&
		 (f->retransmits >= RETRANSMITS_PROVE || f->icmp_seen))
		tracker_decide_silence(t, leg, t->now_us);
	else
		tracker_decide(t, leg, OUTCOME_OPEN, t->now_us);
}

static bool decide_more(struct tracker *t)
{
	struct leg *leg = table_expired(&t->table, t->now_us);
	static const enum leg_class order[] = {
	    LEG_CLASS_OURS, LEG_CLASS_FAILING, LEG_CLASS_STRANGER};
	uint32_t i = LEG_NONE;

	if (leg != NULL) {
		on_deadline(t, leg);
		return true;
	}
	if (!t->is_finishing)
		return t->early.count > 0 && tracker_settle_early(t);
	for (size_t c = 0; c < sizeof(order) / sizeof(order[0]) && i == LEG_NONE; c++)
		i = t->table.lists[order[c]].head;
	if (i == LEG_NONE)
		return tracker_settle_early(t);
	decide_at_end(t, table_leg(&t->table, i));
	return true;
}

struct facts *tracker_next(struct tracker *t)
{
	tracker_release_taken(t);
	if (t->pending_count == 0 && !t->is_finishing && t->early.count == 0 &&
	    !table_may_be_due(&t->table, t->now_us))
		return NULL; /* as after nearly every message */
	while (t->pending_count == 0) {
		if (!decide_more(t))
			return NULL;
	}
	t->taken = t->pending[0];
	t->pending_count--;
	memmove(t->pending, t->pending + 1, t->pending_count * sizeof(t->pending[0]));
	return t->taken;
}

struct recorder *tracker_recorder(struct tracker *t)
{
	return &t->recorder;
}

uint64_t tracker_evicted_attempts(const struct tracker *t)
{
	return t->table.evicted_undecided;
}

uint64_t tracker_evicted_calls(const struct tracker *t)
{
	return t->table.evicted_calls;
}

uint64_t tracker_memory(const struct tracker *t)
{
	return table_memory(&t->table) + t->recorder.size;
}

uint32_t tracker_active_calls(struct tracker *t, const struct ip_addr *remote)
{
	return remotes_active(&t->remotes, remotes_index(&t->remotes, remote));
}

void tracker_usage(const struct tracker *t, struct usage out[TRACKER_TABLES])
{
	const struct table *b = &t->table;
	const struct recorder *r = &t->recorder;

	out[0] = (struct usage){
	    b->facts_used - b->facts_free_count, b->facts_max, b->evicted_undecided};
	/* Leg 0 is never used. */
	out[1] = (struct usage){b->legs_used - 1 - b->legs_free_count, b->legs_max - 1,
	    b->evicted_undecided + b->evicted_calls};
	/* Place 0 takes what finds no other. */
	out[2] = (struct usage){t->remotes.used - 1, t->remotes.max - 1, 0};
	out[3] = (struct usage){r->written - recorder_oldest(r), r->size, r->lost};
}
