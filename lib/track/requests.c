/* SPDX-License-Identifier: BSD-2-Clause */
#include "track/extract.h"
#include "track/track_int.h"

static bool is_asterisk(struct slice user_agent)
{
	static const struct slice names[] = {
	    SLICE_INIT("Asterisk"), SLICE_INIT("FPBX")};

	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
		for (size_t i = 0; i + names[n].len <= user_agent.len; i++) {
			if (slice_eq_nocase(
				slice_of(user_agent.ptr + i, names[n].len), names[n]))
				return true;
		}
	}
	return false;
}

/* A request that is no retransmission went out: what it met there. */
static void note_send(struct tracker *t, struct leg *leg, const struct wire_event *ev)
{
	struct facts *f = leg->facts;

	leg->first_send_us = ev->at_us;
	leg->last_request_us = ev->at_us;
	leg->spacing_us = 0;
	leg->state = LEG_CALLING;
	f->last_request_at_us = ev->at_us;
	f->best_provisional = 0;
	f->request_bytes = (uint32_t)ev->bytes.len;
	if (ev->truncated)
		facts_mark(f, INCOMPLETE_CUT);
	if (leg->method == SIP_METHOD_INVITE && !leg->is_in_dialog)
		f->remote_second_invites =
		    remotes_invite(&t->remotes, leg->remote, ev->at_us);
	f->remote_active_calls = remotes_active(&t->remotes, leg->remote);
	f->remote_ended_calls = remotes_ended(&t->remotes, leg->remote);
	table_set_deadline(&t->table, leg, t->now_us + GIVE_UP_US);
}

static void note_credentials(
    struct leg *leg, const struct wire_event *ev, const struct sip_msg *msg)
{
	struct facts *f = leg->facts;

	if (!extract_credentials(f, msg))
		return;
	f->rounds++;
	if (f->credentials_at_us == USEC_NEVER)
		f->credentials_at_us = ev->at_us;
}

static void open_attempt(struct tracker *t, struct leg *leg, const struct clue *c,
    const struct wire_event *ev, const struct sip_msg *msg)
{
	struct facts *f = leg->facts;

	leg->cseq = c->cseq.number;
	leg->icmp_count = 0;
	leg->recording = 0;
	f->method_id = (enum sip_method_id)leg->method;
	f->transport = ev->transport;
	f->local = ev->src;
	f->started_at_us = ev->at_us;
	f->is_in_dialog = leg->is_in_dialog;
	extract_request(f, msg);
	note_send(t, leg, ev);
	note_credentials(leg, ev, msg);
	f->is_first_cached = f->rounds > 0;
	tracker_record(t, leg, ev);
}

static void new_attempt(struct tracker *t, struct leg *leg, const struct clue *c,
    const struct wire_event *ev, const struct sip_msg *msg)
{
	if (leg == NULL) {
		locals_observe(&t->locals, &ev->src, &ev->dst, ev->direction,
		    is_asterisk(sip_msg_value(msg, SIP_HDR_USER_AGENT)));
		locals_note_request(&t->locals, &ev->src, &ev->dst,
		    msg->method_id == SIP_METHOD_INVITE ||
			msg->method_id == SIP_METHOD_REGISTER);
		leg = tracker_add_leg(t, c, msg->method_id, &ev->src, &ev->dst);
	} else {
		enum leg_class class_ = (enum leg_class)leg->class_;
		enum direction d = tracker_direction(t, &ev->src.ip, &ev->dst.ip);

		tracker_decide_superseded(t, leg, c->cseq.number);
		tracker_count_down(t, leg);
		class_ = d == DIRECTION_OUTBOUND || d == DIRECTION_INTERNAL
			     ? LEG_CLASS_OURS
			     : LEG_CLASS_STRANGER;
		table_renew(&t->table, leg, class_, tracker_on_evict, t);
	}
	open_attempt(t, leg, c, ev, msg);
}

static void next_round(struct tracker *t, struct leg *leg, const struct clue *c,
    const struct wire_event *ev, const struct sip_msg *msg)
{
	struct facts *f = leg->facts;

	if (!endpoint_eq(&leg->target, &ev->dst)) {
		f->nonce_answered_elsewhere = true;
		leg->target = ev->dst;
	}
	/* The challenge itself was never seen: capture lost it. */
	if (leg->state != LEG_CHALLENGED)
		facts_mark(f, INCOMPLETE_CHALLENGE);
	/* Nor was what RFC 3261 17.1.1.3 wants before anything else is sent. */
	if (leg->state != LEG_CHALLENGED ||
	    (leg->method == SIP_METHOD_INVITE && !leg->is_acked))
		tracker_hint_loss(t, leg);
	remotes_note_answered(&t->remotes, leg->remote, true);
	leg->cseq = c->cseq.number;
	note_send(t, leg, ev);
	note_credentials(leg, ev, msg);
	tracker_record(t, leg, ev);
}

/* Behind a NAT of our own the packet is seen with two source addresses; ours is the
 * one that is configured so. */
static void note_copy(struct tracker *t, struct leg *leg, const struct wire_event *ev)
{
	locals_observe(&t->locals, &ev->src, &ev->dst, ev->direction, false);
	if (tracker_direction(t, &ev->src.ip, &ev->dst.ip) == DIRECTION_OUTBOUND)
		leg->facts->local = ev->src;
}

/* The same request again: another copy of one packet, or a retransmission, whose
 * spacing tells when the sender will give up. */
static void repeat(struct tracker *t, struct leg *leg, const struct wire_event *ev)
{
	int64_t gap_us = usec_since(leg->last_request_us, ev->at_us);
	int64_t wait_us;

	tracker_record(t, leg, ev);
	if (leg->facts == NULL)
		return;
	if (gap_us < COPY_WITHIN_US) {
		note_copy(t, leg, ev);
		return;
	}
	leg->facts->retransmits++;
	table_note_failing(&t->table, leg);
	leg->last_request_us = ev->at_us;
	if (leg->state != LEG_CALLING || leg->spacing_us != 0)
		return;
	leg->spacing_us = gap_us;
	wait_us = T1_MULTIPLE * gap_us;
	if (wait_us < GIVE_UP_MIN_US)
		wait_us = GIVE_UP_MIN_US;
	if (wait_us > GIVE_UP_MAX_US)
		wait_us = GIVE_UP_MAX_US;
	table_set_deadline(&t->table, leg, leg->first_send_us + wait_us);
}

static bool has_credentials(const struct sip_msg *msg)
{
	return sip_msg_find(msg, SIP_HDR_AUTHORIZATION) != NULL ||
	       sip_msg_find(msg, SIP_HDR_PROXY_AUTHORIZATION) != NULL;
}

/* Credentials while the request before is still open: the challenge in between was
 * lost, or comes late (its direction was captured on another queue). Only a 100 can
 * have come before it: that is the hop's, not the trunk's. */
static bool is_challenge_unseen(const struct leg *leg)
{
	const struct facts *f = leg->facts;

	if (leg->state == LEG_PROCEEDING)
		return f->rounds == 0 && f->best_provisional <= 100;
	return leg->state == LEG_CALLING && f->rounds == 0 && f->retransmits == 0;
}

static void on_attempt_request(struct tracker *t, const struct clue *c,
    const struct wire_event *ev, const struct sip_msg *msg)
{
	struct leg *leg = tracker_find_request(t, c, msg->method_id, &ev->dst);
	bool answers = has_credentials(msg);

	if (leg == NULL && answers)
		leg = tracker_find_challenged(t, c, msg->method_id);
	if (leg != NULL && c->cseq.number <= leg->cseq) {
		repeat(t, leg, ev);
		return;
	}
	if (leg == NULL) {
		new_attempt(t, NULL, c, ev, msg);
	} else if (answers && leg->facts != NULL &&
		   (leg->state == LEG_CHALLENGED || is_challenge_unseen(leg))) {
		next_round(t, leg, c, ev, msg);
	} else {
		new_attempt(t, leg, c, ev, msg);
	}
	if (t->early.count > 0)
		tracker_answer_early(t, c, ev);
}

static void on_cancel(
    struct tracker *t, const struct clue *c, const struct wire_event *ev)
{
	struct leg *leg = tracker_find_invite(t, c, &ev->dst);

	if (leg == NULL)
		return;
	tracker_record(t, leg, ev);
	if (leg->facts != NULL)
		leg->facts->was_cancelled = true;
}

static bool is_call_open(const struct leg *leg)
{
	return leg->facts != NULL && leg->method == SIP_METHOD_INVITE &&
	       !leg->is_in_dialog &&
	       (leg->state == LEG_CALLING || leg->state == LEG_PROCEEDING);
}

/* Who hangs up was connected: the answer was lost. */
static void answer_unseen(
    struct tracker *t, struct leg *leg, const struct wire_event *bye)
{
	leg->facts->code = 0;
	facts_mark(leg->facts, INCOMPLETE_ANSWER);
	tracker_hint_loss(t, leg);
	tracker_decide(t, leg, OUTCOME_ANSWERED, bye->at_us);
}

static bool has_ended_before(const struct tracker *t, uint64_t call_hash)
{
	for (size_t i = 0; i < ENDED_MAX && i < t->ended_count; i++) {
		if (t->ended[i] == call_hash)
			return true;
	}
	return false;
}

/* Nothing was lost so far: so the call began before the capture. */
static void note_ended(
    struct tracker *t, const struct clue *c, const struct wire_event *bye)
{
	bool is_ours =
	    tracker_direction(t, &bye->src.ip, &bye->dst.ip) != DIRECTION_INBOUND;

	if (!c->has_to_tag || losses_were_hinted(&t->losses) ||
	    has_ended_before(t, c->call_hash))
		return;
	t->ended[t->ended_count++ % ENDED_MAX] = c->call_hash;
	remotes_call_ended(&t->remotes,
	    remotes_index(&t->remotes, is_ours ? &bye->dst.ip : &bye->src.ip));
}

static void on_bye(struct tracker *t, const struct clue *c, const struct wire_event *ev)
{
	struct leg *past = tracker_find_unseen(t, c, &ev->dst);

	if (past != NULL)
		tracker_note_unseen(t, past);
	if (table_first(&t->table, c->call_hash) == NULL)
		note_ended(t, c, ev);
	for (struct leg *leg = table_first(&t->table, c->call_hash); leg != NULL;
	     leg = table_next(&t->table, leg)) {
		if (is_call_open(leg) && t->pending_count < PENDING_MAX)
			answer_unseen(t, leg, ev);
		if (leg->state != LEG_TALKING)
			continue;
		tracker_count_down(t, leg);
		leg->state = LEG_DONE;
		(void)table_detach(&t->table, leg, LEG_CLASS_DONE);
		table_set_deadline(&t->table, leg, t->now_us + DONE_US);
	}
}

/* Whoever acknowledges a challenge has read it, and sends its credentials in the same
 * breath, or never. */
static void on_ack(struct tracker *t, struct leg *leg, const struct clue *c,
    const struct wire_event *ev)
{
	tracker_record(t, leg, ev);
	if (leg->state == LEG_CHALLENGED && c->cseq.number > leg->cseq) {
		tracker_note_unseen(t, leg);
		return;
	}
	/* What it acknowledges was not seen. */
	if (leg->facts != NULL && c->cseq.number == leg->cseq &&
	    leg->state != LEG_CHALLENGED)
		tracker_hint_loss(t, leg);
	if (leg->state != LEG_CHALLENGED || leg->is_acked)
		return;
	leg->is_acked = true;
	table_set_deadline(&t->table, leg,
	    t->now_us + tracker_wait_for_credentials(
			    t, remotes_is_answered(&t->remotes, leg->remote)
				   ? CREDENTIALS_US
				   : CREDENTIALS_ACKED_US));
}

void tracker_on_request(struct tracker *t, const struct clue *c,
    const struct wire_event *ev, const struct sip_msg *msg)
{
	enum sip_method_id m = msg->method_id;

	if (m == SIP_METHOD_CANCEL) {
		on_cancel(t, c, ev);
	} else if (m == SIP_METHOD_BYE) {
		on_bye(t, c, ev);
	} else if (m == SIP_METHOD_ACK || m == SIP_METHOD_PRACK ||
		   (c->has_to_tag && m != SIP_METHOD_INVITE &&
		       m != SIP_METHOD_UPDATE)) {
		struct leg *leg = tracker_find_invite(t, c, &ev->dst);

		if (leg != NULL && m == SIP_METHOD_ACK)
			on_ack(t, leg, c, ev);
	} else {
		on_attempt_request(t, c, ev, msg);
	}
}
