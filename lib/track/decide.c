/* SPDX-License-Identifier: BSD-2-Clause */
#include "track/track_int.h"

void tracker_count_up(struct tracker *t, struct leg *leg)
{
	if (leg->is_counted || leg->is_in_dialog || leg->method != SIP_METHOD_INVITE)
		return;
	leg->is_counted = true;
	remotes_call_up(&t->remotes, leg->remote);
}

void tracker_count_down(struct tracker *t, struct leg *leg)
{
	if (leg->is_counted)
		remotes_call_down(&t->remotes, leg->remote);
	leg->is_counted = false;
}

void tracker_on_evict(void *ctx, struct leg *leg)
{
	tracker_count_down(ctx, leg);
}

enum direction tracker_direction(const struct tracker *t,
    const struct ip_addr *requester, const struct ip_addr *target)
{
	switch (locals_sides(&t->locals, requester, target)) {
	case LOCALS_SRC | LOCALS_DST:
		return DIRECTION_INTERNAL;
	case LOCALS_SRC:
		return DIRECTION_OUTBOUND;
	case LOCALS_DST:
		return DIRECTION_INBOUND;
	default:
		return DIRECTION_TRANSIT;
	}
}

/* Until here facts.local held the requester. */
static void settle_direction(
    const struct tracker *t, struct facts *f, const struct leg *leg)
{
	struct endpoint requester = f->local;

	f->direction = tracker_direction(t, &requester.ip, &leg->target.ip);
	if (f->direction == DIRECTION_INBOUND) {
		f->local = leg->target;
		f->remote = requester;
		f->remote_is_called = remotes_is_called(&t->remotes, leg->remote);
	} else {
		f->remote = leg->target;
	}
}

/* Of what others send to us nothing counts: a scanner repeats and acknowledges as it
 * pleases, and what the firewall drops is never answered. */
void tracker_hint_loss(struct tracker *t, const struct leg *leg)
{
	if (tracker_direction(t, &leg->facts->local.ip, &leg->target.ip) !=
	    DIRECTION_INBOUND)
		losses_hint(&t->losses, t->now_us);
}

static bool is_from_absence(enum outcome o)
{
	return o == OUTCOME_CHALLENGE_UNANSWERED || o == OUTCOME_TIMED_OUT;
}

void tracker_decide(
    struct tracker *t, struct leg *leg, enum outcome outcome, int64_t at_us)
{
	bool is_up = outcome == OUTCOME_ANSWERED && !leg->is_in_dialog &&
		     leg->method == SIP_METHOD_INVITE;
	struct facts *f =
	    table_detach(&t->table, leg, is_up ? LEG_CLASS_TALKING : LEG_CLASS_DONE);

	if (at_us <
	    f->started_at_us) /* time may step back; no attempt ends before it began */
		at_us = f->started_at_us;
	f->outcome = outcome;
	f->decided_at_us = at_us;
	f->recording = leg->recording;
	if (losses_touch(&t->losses, f->started_at_us, at_us))
		facts_mark(f, INCOMPLETE_LOST);
	if (is_from_absence(outcome) && losses_are_near(&t->losses, t->now_us))
		facts_mark(f, INCOMPLETE_NEAR);
	settle_direction(t, f, leg);
	if (!is_up)
		tracker_count_down(t, leg);
	leg->state = is_up ? LEG_TALKING : LEG_DONE;
	table_set_deadline(&t->table, leg, t->now_us + (is_up ? CALL_US : DONE_US));

	if (t->pending_count < PENDING_MAX)
		t->pending[t->pending_count++] = f;
	else /* cannot happen: one message decides two attempts at most */
		table_release(&t->table, f);
}

/* Credentials made from an old nonce, unasked, met a new one: they are not refused. */
static bool is_nonce_old(const struct facts *f)
{
	return f->is_first_cached && f->rounds == 1 && f->challenge_is_stale;
}

/* The requester had its chance to answer the challenge. */
void tracker_decide_challenged(struct tracker *t, struct leg *leg, int64_t at_us)
{
	struct facts *f = leg->facts;

	/* Whoever got a challenge acknowledges it (RFC 3261 17.1.1.3): that was not
	 * seen, so what else was not? */
	bool is_unread =
	    leg->method == SIP_METHOD_INVITE && !leg->is_acked && f->rounds == 0;

	if (is_unread) {
		facts_mark(f, INCOMPLETE_ANSWER);
		tracker_hint_loss(t, leg);
	} else if (f->rounds == 0) {
		remotes_note_answered(&t->remotes, leg->remote, false);
	}
	if (f->was_cancelled)
		tracker_decide(t, leg, OUTCOME_CANCELLED, at_us);
	else if (is_unread)
		tracker_decide(t, leg, OUTCOME_OPEN, at_us);
	else
		tracker_decide(t, leg,
		    f->rounds == 0 || is_nonce_old(f) ? OUTCOME_CHALLENGE_UNANSWERED
						      : OUTCOME_REFUSED,
		    at_us);
}

/*
 * Nobody answered. Over UDP a sender that hears nothing repeats itself: when it did
 * not, it got an answer that we did not see, and nothing is known (design.md 3.1).
 */
void tracker_decide_silence(struct tracker *t, struct leg *leg, int64_t at_us)
{
	struct facts *f = leg->facts;

	if (f->icmp_seen) {
		tracker_decide(t, leg, OUTCOME_UNREACHABLE, at_us);
	} else if (f->retransmits == 0 && f->transport != TRANSPORT_TCP) {
		facts_mark(f, INCOMPLETE_ANSWER);
		if (!t->is_finishing && (leg->method == SIP_METHOD_INVITE ||
					    leg->method == SIP_METHOD_REGISTER))
			tracker_hint_loss(t, leg);
		tracker_decide(t, leg, OUTCOME_OPEN, at_us);
	} else {
		tracker_decide(t, leg, OUTCOME_TIMED_OUT, at_us);
	}
}

/* A new request of the same Call-ID ends what was still open there. */
void tracker_decide_superseded(struct tracker *t, struct leg *leg, uint32_t cseq)
{
	bool is_gap = leg->method == SIP_METHOD_REGISTER && cseq > leg->cseq + 1;

	if (leg->facts == NULL)
		return;
	/* Of a registration whose CSeq jumps, a request was lost. */
	if (leg->state == LEG_CHALLENGED && !leg->is_past && !is_gap)
		tracker_decide_challenged(t, leg, t->now_us);
	else if (leg->state == LEG_CALLING)
		tracker_decide_silence(t, leg, t->now_us);
	else
		tracker_decide(t, leg, OUTCOME_OPEN, t->now_us);
}
