/* SPDX-License-Identifier: BSD-2-Clause */
#include "track/extract.h"
#include "track/track_int.h"

static void on_provisional(struct tracker *t, struct leg *leg, const struct clue *c,
    const struct wire_event *ev, uint16_t status)
{
	struct facts *f = leg->facts;

	if (leg->state == LEG_CALLING)
		leg->state = LEG_PROCEEDING;
	if (status > f->best_provisional)
		f->best_provisional = status;
	if (status > 100) {
		if (f->provisional_at_us == USEC_NEVER)
			f->provisional_at_us = ev->at_us;
		f->provisional_had_tag |= c->has_to_tag;
		tracker_count_up(t, leg);
	}
	table_set_deadline(&t->table, leg,
	    t->now_us + (leg->method == SIP_METHOD_INVITE ? RINGING_US : GIVE_UP_US));
}

static void on_challenge(struct tracker *t, struct leg *leg,
    const struct wire_event *ev, const struct sip_msg *msg)
{
	struct facts *f = leg->facts;

	if (leg->state == LEG_CHALLENGED)
		return; /* retransmitted */
	if (f->rounds > 0)
		table_note_failing(&t->table, leg);
	leg->state = LEG_CHALLENGED;
	leg->is_acked = leg->is_past = false;
	f->challenged_at_us = ev->at_us;
	if (f->challenge_code == 0)
		f->challenge_code = msg->status;
	f->code = msg->status;
	extract_challenge(f, msg);
	extract_final(f, msg);
	table_set_deadline(&t->table, leg,
	    t->now_us + tracker_wait_for_credentials(t, CREDENTIALS_US));
}

/* RFC 3261 21.4.2, 21.4.8: a 401 or 407 bears its challenge. Without one there is
 * nothing to answer, it is a plain refusal; one that the snap length cut may have had
 * it. */
static bool is_challenge(const struct sip_msg *msg)
{
	if (msg->status != 401 && msg->status != 407)
		return false;
	return sip_msg_find(msg, SIP_HDR_WWW_AUTHENTICATE) != NULL ||
	       sip_msg_find(msg, SIP_HDR_PROXY_AUTHENTICATE) != NULL ||
	       !msg->head_complete;
}

static enum outcome outcome_of(const struct facts *f, uint16_t status)
{
	if (status / 100 == 2)
		return OUTCOME_ANSWERED;
	if (status == 487 && f->was_cancelled)
		return OUTCOME_CANCELLED;
	return OUTCOME_REFUSED;
}

static void on_final(struct tracker *t, struct leg *leg, const struct wire_event *ev,
    const struct sip_msg *msg)
{
	struct facts *f = leg->facts;

	f->code = msg->status;
	extract_final(f, msg);
	if (msg->status / 100 == 2)
		tracker_count_up(t, leg);
	tracker_decide(t, leg, outcome_of(f, msg->status), ev->at_us);
}

static bool is_of_attempt(const struct clue *c)
{
	return c->cseq.method_id == SIP_METHOD_INVITE ||
	       c->cseq.method_id == SIP_METHOD_REGISTER;
}

/* A new offer of a running call (re-INVITE) is refused for its media, and the call goes
 * on: without the request that cannot be told from a call. */
static bool may_be_of_dialog(unsigned status)
{
	return status == 415 || status == 481 || status == 488 || status == 491 ||
	       status == 606;
}

static bool is_refusal(const struct sip_msg *msg)
{
	return msg->status >= 400 && msg->status != 401 && msg->status != 407 &&
	       !may_be_of_dialog(msg->status);
}

/* An answer to a request that was never seen: the capture began in between, or lost
 * the request. The answer echoes enough to say who called, and was let in or refused.
 */
static void on_orphan(struct tracker *t, const struct clue *c,
    const struct wire_event *ev, const struct sip_msg *msg)
{
	enum sip_method_id m = c->cseq.method_id;
	struct clue outside = *c;
	struct leg *leg;

	outside.has_to_tag = false;
	leg = tracker_add_leg(t, &outside, m, &ev->dst, &ev->src);
	leg->cseq = c->cseq.number;
	leg->facts->method_id = m;
	leg->facts->transport = ev->transport;
	leg->facts->local = ev->dst;
	leg->facts->started_at_us = ev->at_us;
	facts_mark(leg->facts, INCOMPLETE_REQUEST);
	extract_echo(leg->facts, msg);
	tracker_record(t, leg, ev);
	on_final(t, leg, ev, msg);
}

static struct early_key early_key_of(const struct clue *c)
{
	return (struct early_key){
	    c->call_hash, c->tag_hash, c->cseq.number, c->cseq.method_id};
}

static void on_unasked(struct tracker *t, const struct clue *c,
    const struct wire_event *ev, const struct sip_msg *msg)
{
	struct early_key key = early_key_of(c);
	struct leg *leg = tracker_find_unseen(t, c, &ev->src);

	if (leg != NULL)
		tracker_note_unseen(t, leg);
	if (msg->status < 200)
		return;
	if (is_of_attempt(c) && is_refusal(msg) &&
	    table_first(&t->table, c->call_hash) == NULL)
		on_orphan(t, c, ev, msg);
	else
		early_keep(&t->early, &key, ev);
}

/* A call that is up, or a registration that stands, since before the capture began. */
bool tracker_settle_early(struct tracker *t)
{
	struct wire_event ev;
	struct clue c;

	if (!early_expired(&t->early, t->is_finishing ? INT64_MAX : t->now_us, &ev))
		return false;
	if (sip_msg_parse(ev.bytes, &t->early_msg) == SIP_OK &&
	    tracker_clue(t, &t->early_msg, &c) && is_of_attempt(&c) &&
	    t->early_msg.status / 100 == 2 &&
	    table_first(&t->table, c.call_hash) == NULL)
		on_orphan(t, &c, &ev, &t->early_msg);
	return true;
}

int64_t tracker_wait_for_credentials(const struct tracker *t, int64_t usual_us)
{
	return losses_are_near(&t->losses, t->now_us) ? CREDENTIALS_LOSSY_US : usual_us;
}

/* The credentials may still come: a moment is left for them. */
void tracker_note_unseen(struct tracker *t, struct leg *leg)
{
	leg->is_past = true;
	table_set_deadline(&t->table, leg, t->now_us + CREDENTIALS_LATE_US);
}

/* They did not come: whatever answered them was seen, so they were sent. */
void tracker_go_on_unseen(struct tracker *t, struct leg *leg)
{
	struct early_key key = {
	    leg->call_hash, leg->tag_hash, leg->cseq + 1, leg->method};
	const struct wire_event unseen = {
	    .at_us = leg->deadline_us, .dst = leg->target};
	struct wire_event ev;
	struct clue c;

	leg->is_past = false;
	leg->cseq++;
	leg->state = LEG_PROCEEDING;
	leg->facts->rounds++;
	leg->facts->best_provisional = 0;
	facts_mark(leg->facts, INCOMPLETE_REQUEST);
	tracker_hint_loss(t, leg);
	table_set_deadline(&t->table, leg, t->now_us + GIVE_UP_US);
	if (early_take(&t->early, &key, &unseen, &ev) &&
	    sip_msg_parse(ev.bytes, &t->early_msg) == SIP_OK &&
	    tracker_clue(t, &t->early_msg, &c))
		tracker_on_answer(t, &c, &ev, &t->early_msg);
}

void tracker_answer_early(
    struct tracker *t, const struct clue *c, const struct wire_event *request)
{
	struct early_key key = early_key_of(c);
	struct wire_event ev;

	if (!early_take(&t->early, &key, request, &ev) ||
	    sip_msg_parse(ev.bytes, &t->early_msg) != SIP_OK)
		return;
	if (ev.at_us < request->at_us)
		ev.at_us = request->at_us;
	tracker_on_answer(t, c, &ev, &t->early_msg);
}

void tracker_on_answer(struct tracker *t, const struct clue *c,
    const struct wire_event *ev, const struct sip_msg *msg)
{
	struct leg *leg;

	if (c->cseq.method_id == SIP_METHOD_CANCEL ||
	    c->cseq.method_id == SIP_METHOD_BYE) {
		leg = tracker_find_invite(t, c, &ev->src);
		if (leg != NULL && c->cseq.method_id == SIP_METHOD_CANCEL)
			tracker_record(t, leg, ev);
		return;
	}
	leg = tracker_find_answered(t, c, &ev->src);
	if (leg == NULL) {
		on_unasked(t, c, ev, msg);
		return;
	}
	tracker_record(t, leg, ev);
	if (leg->facts == NULL)
		return; /* retransmitted, or a second final answer of a fork */
	if (ev->truncated)
		facts_mark(leg->facts, INCOMPLETE_CUT);
	if (msg->status < 200)
		on_provisional(t, leg, c, ev, msg->status);
	else if (is_challenge(msg))
		on_challenge(t, leg, ev, msg);
	else
		on_final(t, leg, ev, msg);
}
