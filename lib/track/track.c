/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "sip/sip_value.h"
#include "track/extract.h"
#include "track/locals.h"
#include "track/remotes.h"
#include "track/table.h"
#include "track/track.h"

/*
 * How long what is waited for. RFC 3261 17 and domain.md 3.1: chan_sip's T1 is the
 * last qualify round trip, at least 100 ms, so the first retransmission comes no
 * earlier; it gives up at 64 * T1, which is far from the RFC's 32 s.
 */
#define COPY_WITHIN_US       (50 * USEC_PER_MSEC) /* the same packet seen twice */
#define GIVE_UP_US           (32 * USEC_PER_SEC)  /* no retransmission seen */
#define GIVE_UP_MIN_US       (2 * USEC_PER_SEC)
#define GIVE_UP_MAX_US       (64 * USEC_PER_SEC)
#define CREDENTIALS_US       (2 * USEC_PER_SEC)
#define CREDENTIALS_ACKED_US (500 * USEC_PER_MSEC)
#define CREDENTIALS_END_US   (300 * USEC_PER_MSEC) /* the same at a file's end */
#define RINGING_US           (300 * USEC_PER_SEC)  /* Timer C is 3 min and more */
#define AFTER_ICMP_US        (2 * USEC_PER_SEC)
#define DONE_US              (32 * USEC_PER_SEC)
#define CALL_US              (12 * 3600 * USEC_PER_SEC)
enum { T1_MULTIPLE = 64, RETRANSMITS_PROVE = 3, PENDING_MAX = 4 };

struct tracker {
	struct table table;
	struct locals locals;
	struct remotes remotes;
	struct recorder recorder;
	struct hash_key key;
	int64_t now_us;                     /* never steps back */
	struct facts *pending[PENDING_MAX]; /* decided, not yet taken */
	size_t pending_count;
	struct facts *taken; /* given out; released at the next call */
	bool is_finishing;
};

/* What every message says about where it belongs. */
struct clue {
	uint64_t call_hash;
	uint32_t tag_hash;
	bool has_to_tag;
	struct sip_cseq cseq;
};

int tracker_new(const struct tracker_config *c, struct tracker **out, struct err *e)
{
	struct tracker *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return err_set(e, -ENOMEM, "tracker: out of memory");
	t->key = c->key;
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

static void advance(struct tracker *t, int64_t at_us)
{
	if (at_us > t->now_us)
		t->now_us = at_us;
}

/* --- decisions --- */

static void count_up(struct tracker *t, struct leg *leg)
{
	if (leg->is_counted || leg->is_in_dialog || leg->method != SIP_METHOD_INVITE)
		return;
	leg->is_counted = true;
	remotes_call_up(&t->remotes, leg->remote);
}

static void count_down(struct tracker *t, struct leg *leg)
{
	if (leg->is_counted)
		remotes_call_down(&t->remotes, leg->remote);
	leg->is_counted = false;
}

static void on_evict(void *ctx, struct leg *leg)
{
	count_down(ctx, leg);
}

static enum direction direction_of(const struct tracker *t,
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

	f->direction = direction_of(t, &requester.ip, &leg->target.ip);
	if (f->direction == DIRECTION_INBOUND) {
		f->local = leg->target;
		f->remote = requester;
	} else {
		f->remote = leg->target;
	}
}

static void decide(
    struct tracker *t, struct leg *leg, enum outcome outcome, int64_t at_us)
{
	bool is_up = outcome == OUTCOME_ANSWERED && !leg->is_in_dialog &&
		     leg->method == SIP_METHOD_INVITE;
	struct facts *f =
	    table_detach(&t->table, leg, is_up ? LEG_CLASS_TALKING : LEG_CLASS_DONE);

	f->outcome = outcome;
	f->decided_at_us = at_us;
	f->recording = leg->recording;
	settle_direction(t, f, leg);
	if (!is_up)
		count_down(t, leg);
	leg->state = is_up ? LEG_TALKING : LEG_DONE;
	table_set_deadline(&t->table, leg, t->now_us + (is_up ? CALL_US : DONE_US));

	if (t->pending_count < PENDING_MAX)
		t->pending[t->pending_count++] = f;
	else /* cannot happen: one message decides two attempts at most */
		table_release(&t->table, f);
}

/* The requester had its chance to answer the challenge. */
static void decide_challenged(struct tracker *t, struct leg *leg, int64_t at_us)
{
	struct facts *f = leg->facts;

	if (f->was_cancelled)
		decide(t, leg, OUTCOME_CANCELLED, at_us);
	else
		decide(t, leg,
		    f->rounds == 0 ? OUTCOME_CHALLENGE_UNANSWERED : OUTCOME_REFUSED,
		    at_us);
}

/*
 * Nobody answered. Over UDP a sender that hears nothing repeats itself: when it did
 * not, it got an answer that we did not see, and nothing is known (design.md 3.1).
 */
static void decide_silence(struct tracker *t, struct leg *leg, int64_t at_us)
{
	struct facts *f = leg->facts;

	if (f->icmp_seen) {
		decide(t, leg, OUTCOME_UNREACHABLE, at_us);
	} else if (f->retransmits == 0 && f->transport != TRANSPORT_TCP) {
		f->is_incomplete = true;
		decide(t, leg, OUTCOME_OPEN, at_us);
	} else {
		decide(t, leg, OUTCOME_TIMED_OUT, at_us);
	}
}

/* A new request of the same Call-ID ends what was still open there. */
static void decide_superseded(struct tracker *t, struct leg *leg)
{
	if (leg->facts == NULL)
		return;
	if (leg->state == LEG_CHALLENGED)
		decide_challenged(t, leg, t->now_us);
	else if (leg->state == LEG_CALLING)
		decide_silence(t, leg, t->now_us);
	else
		decide(t, leg, OUTCOME_OPEN, t->now_us);
}

/* --- finding the leg --- */

static bool clue_of(const struct tracker *t, const struct sip_msg *msg, struct clue *c)
{
	struct slice call_id = sip_msg_value(msg, SIP_HDR_CALL_ID);

	if (call_id.len == 0 ||
	    !sip_cseq_parse(sip_msg_value(msg, SIP_HDR_CSEQ), &c->cseq))
		return false;
	c->call_hash = hash_slice(&t->key, call_id);
	c->tag_hash =
	    (uint32_t)hash_slice(&t->key, sip_tag(sip_msg_value(msg, SIP_HDR_FROM)));
	c->has_to_tag = sip_tag(sip_msg_value(msg, SIP_HDR_TO)).len > 0;
	return true;
}

static bool is_of(
    const struct leg *leg, const struct clue *c, enum sip_method_id method)
{
	return leg->tag_hash == c->tag_hash && leg->method == method;
}

/* Same requester, same method; exactly that target. */
static struct leg *find_request(struct tracker *t, const struct clue *c,
    enum sip_method_id method, const struct endpoint *target)
{
	for (struct leg *leg = table_first(&t->table, c->call_hash); leg != NULL;
	     leg = table_next(&t->table, leg)) {
		if (is_of(leg, c, method) && leg->is_in_dialog == c->has_to_tag &&
		    endpoint_eq(&leg->target, target))
			return leg;
	}
	return NULL;
}

/* Credentials that go to another node of the provider than the challenge came from
 * (DNS round robin): still the same attempt. */
static struct leg *find_challenged(
    struct tracker *t, const struct clue *c, enum sip_method_id method)
{
	for (struct leg *leg = table_first(&t->table, c->call_hash); leg != NULL;
	     leg = table_next(&t->table, leg)) {
		if (is_of(leg, c, method) && leg->state == LEG_CHALLENGED &&
		    leg->is_in_dialog == c->has_to_tag &&
		    leg->cseq + 1 == c->cseq.number)
			return leg;
	}
	return NULL;
}

/* The leg an answer belongs to: the one that asked its sender; else, as a provider
 * may answer from another address, the one that waits for that CSeq. */
static struct leg *find_answered(
    struct tracker *t, const struct clue *c, const struct endpoint *sender)
{
	struct leg *waiting = NULL;

	for (struct leg *leg = table_first(&t->table, c->call_hash); leg != NULL;
	     leg = table_next(&t->table, leg)) {
		if (!is_of(leg, c, c->cseq.method_id) || leg->cseq != c->cseq.number)
			continue;
		if (endpoint_eq(&leg->target, sender))
			return leg;
		if (waiting == NULL && leg->facts != NULL)
			waiting = leg;
	}
	return waiting;
}

/* Any leg of the INVITE: for ACK, CANCEL, BYE and what else belongs to its ladder. */
static struct leg *find_invite(
    struct tracker *t, const struct clue *c, const struct endpoint *target)
{
	struct leg *any = NULL;

	for (struct leg *leg = table_first(&t->table, c->call_hash); leg != NULL;
	     leg = table_next(&t->table, leg)) {
		if (leg->method != SIP_METHOD_INVITE)
			continue;
		if (endpoint_eq(&leg->target, target))
			return leg;
		if (any == NULL)
			any = leg;
	}
	return any;
}

static void record(struct tracker *t, struct leg *leg, const struct wire_event *ev)
{
	leg->recording = recorder_add(&t->recorder, leg->recording, ev);
}

/* --- requests --- */

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
	f->is_incomplete |= ev->truncated;
	if (leg->method == SIP_METHOD_INVITE && !leg->is_in_dialog)
		f->remote_second_invites =
		    remotes_invite(&t->remotes, leg->remote, ev->at_us);
	f->remote_active_calls = remotes_active(&t->remotes, leg->remote);
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
	record(t, leg, ev);
}

static struct leg *add_leg(struct tracker *t, const struct clue *c,
    enum sip_method_id method, const struct endpoint *requester,
    const struct endpoint *target)
{
	enum direction d = direction_of(t, &requester->ip, &target->ip);
	bool is_ours = d == DIRECTION_OUTBOUND || d == DIRECTION_INTERNAL;
	bool is_second = table_first(&t->table, c->call_hash) != NULL;
	struct leg *leg = table_add(&t->table, c->call_hash,
	    is_ours ? LEG_CLASS_OURS : LEG_CLASS_STRANGER, on_evict, t);

	leg->tag_hash = c->tag_hash;
	leg->method = (uint8_t)method;
	leg->is_in_dialog = c->has_to_tag;
	leg->target = *target;
	leg->remote =
	    remotes_index(&t->remotes, is_ours ? &target->ip : &requester->ip);
	leg->facts->is_second_leg = is_second;
	return leg;
}

static void new_attempt(struct tracker *t, struct leg *leg, const struct clue *c,
    const struct wire_event *ev, const struct sip_msg *msg)
{
	if (leg == NULL) {
		locals_observe(&t->locals, &ev->src, &ev->dst, ev->direction,
		    is_asterisk(sip_msg_value(msg, SIP_HDR_USER_AGENT)));
		leg = add_leg(t, c, msg->method_id, &ev->src, &ev->dst);
	} else {
		enum leg_class class_ = (enum leg_class)leg->class_;
		enum direction d = direction_of(t, &ev->src.ip, &ev->dst.ip);

		decide_superseded(t, leg);
		count_down(t, leg);
		class_ = d == DIRECTION_OUTBOUND || d == DIRECTION_INTERNAL
			     ? LEG_CLASS_OURS
			     : LEG_CLASS_STRANGER;
		table_renew(&t->table, leg, class_, on_evict, t);
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
		f->is_incomplete = true;
	leg->cseq = c->cseq.number;
	note_send(t, leg, ev);
	note_credentials(leg, ev, msg);
	record(t, leg, ev);
}

/* Behind a NAT of our own the packet is seen with two source addresses; ours is the
 * one that is configured so. */
static void note_copy(struct tracker *t, struct leg *leg, const struct wire_event *ev)
{
	if (direction_of(t, &ev->src.ip, &ev->dst.ip) == DIRECTION_OUTBOUND)
		leg->facts->local = ev->src;
}

/* The same request again: another copy of one packet, or a retransmission, whose
 * spacing tells when the sender will give up. */
static void repeat(struct tracker *t, struct leg *leg, const struct wire_event *ev)
{
	int64_t gap_us = usec_since(leg->last_request_us, ev->at_us);
	int64_t wait_us;

	record(t, leg, ev);
	if (leg->facts == NULL)
		return;
	if (gap_us < COPY_WITHIN_US) {
		note_copy(t, leg, ev);
		return;
	}
	leg->facts->retransmits++;
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

static void on_attempt_request(struct tracker *t, const struct clue *c,
    const struct wire_event *ev, const struct sip_msg *msg)
{
	struct leg *leg = find_request(t, c, msg->method_id, &ev->dst);
	bool answers = has_credentials(msg);

	if (leg == NULL && answers)
		leg = find_challenged(t, c, msg->method_id);
	if (leg == NULL) {
		new_attempt(t, NULL, c, ev, msg);
	} else if (c->cseq.number <= leg->cseq) {
		repeat(t, leg, ev);
	} else if (answers && leg->facts != NULL &&
		   (leg->state == LEG_CHALLENGED ||
		       (leg->state == LEG_CALLING && leg->facts->rounds == 0 &&
			   leg->facts->retransmits == 0))) {
		next_round(t, leg, c, ev, msg);
	} else {
		new_attempt(t, leg, c, ev, msg);
	}
}

static void on_cancel(
    struct tracker *t, const struct clue *c, const struct wire_event *ev)
{
	struct leg *leg = find_invite(t, c, &ev->dst);

	if (leg == NULL)
		return;
	record(t, leg, ev);
	if (leg->facts != NULL)
		leg->facts->was_cancelled = true;
}

static void on_bye(struct tracker *t, const struct clue *c)
{
	for (struct leg *leg = table_first(&t->table, c->call_hash); leg != NULL;
	     leg = table_next(&t->table, leg)) {
		if (leg->state != LEG_TALKING)
			continue;
		count_down(t, leg);
		leg->state = LEG_DONE;
		(void)table_detach(&t->table, leg, LEG_CLASS_DONE);
		table_set_deadline(&t->table, leg, t->now_us + DONE_US);
	}
}

/* Whoever acknowledges a challenge has read it, and sends its credentials in the same
 * breath, or never. */
static void on_ack(struct tracker *t, struct leg *leg, const struct wire_event *ev)
{
	record(t, leg, ev);
	if (leg->state != LEG_CHALLENGED || leg->is_acked)
		return;
	leg->is_acked = true;
	table_set_deadline(&t->table, leg, t->now_us + CREDENTIALS_ACKED_US);
}

static void on_request(struct tracker *t, const struct clue *c,
    const struct wire_event *ev, const struct sip_msg *msg)
{
	enum sip_method_id m = msg->method_id;

	if (m == SIP_METHOD_CANCEL) {
		on_cancel(t, c, ev);
	} else if (m == SIP_METHOD_BYE) {
		on_bye(t, c);
	} else if (m == SIP_METHOD_ACK || m == SIP_METHOD_PRACK ||
		   (c->has_to_tag && m != SIP_METHOD_INVITE &&
		       m != SIP_METHOD_UPDATE)) {
		struct leg *leg = find_invite(t, c, &ev->dst);

		if (leg != NULL && m == SIP_METHOD_ACK)
			on_ack(t, leg, ev);
	} else {
		on_attempt_request(t, c, ev, msg);
	}
}

/* --- answers --- */

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
		count_up(t, leg);
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
	leg->state = LEG_CHALLENGED;
	leg->is_acked = false;
	f->challenged_at_us = ev->at_us;
	if (f->challenge_code == 0)
		f->challenge_code = msg->status;
	f->code = msg->status;
	extract_challenge(f, msg);
	extract_final(f, msg);
	table_set_deadline(&t->table, leg, t->now_us + CREDENTIALS_US);
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
		count_up(t, leg);
	decide(t, leg, outcome_of(f, msg->status), ev->at_us);
}

/* An answer to a request that was never seen: the capture began in between, or lost
 * the request's fragments. The answer echoes enough to say who was refused. */
static void on_orphan(struct tracker *t, const struct clue *c,
    const struct wire_event *ev, const struct sip_msg *msg)
{
	enum sip_method_id m = c->cseq.method_id;
	struct clue outside = *c;
	struct leg *leg;

	if (msg->status < 400 || msg->status == 401 || msg->status == 407 ||
	    (m != SIP_METHOD_INVITE && m != SIP_METHOD_REGISTER))
		return;
	outside.has_to_tag = false;
	leg = add_leg(t, &outside, m, &ev->dst, &ev->src);
	leg->cseq = c->cseq.number;
	leg->facts->method_id = m;
	leg->facts->transport = ev->transport;
	leg->facts->local = ev->dst;
	leg->facts->started_at_us = ev->at_us;
	leg->facts->is_incomplete = true;
	extract_echo(leg->facts, msg);
	record(t, leg, ev);
	on_final(t, leg, ev, msg);
}

static void on_answer(struct tracker *t, const struct clue *c,
    const struct wire_event *ev, const struct sip_msg *msg)
{
	struct leg *leg;

	if (c->cseq.method_id == SIP_METHOD_CANCEL ||
	    c->cseq.method_id == SIP_METHOD_BYE) {
		leg = find_invite(t, c, &ev->src);
		if (leg != NULL && c->cseq.method_id == SIP_METHOD_CANCEL)
			record(t, leg, ev);
		return;
	}
	leg = find_answered(t, c, &ev->src);
	if (leg == NULL) {
		if (find_request(t, c, c->cseq.method_id, &ev->src) == NULL &&
		    table_first(&t->table, c->call_hash) == NULL)
			on_orphan(t, c, ev, msg);
		return;
	}
	record(t, leg, ev);
	if (leg->facts == NULL)
		return; /* retransmitted, or a second final answer of a fork */
	leg->facts->is_incomplete |= ev->truncated;
	if (msg->status < 200)
		on_provisional(t, leg, c, ev, msg->status);
	else if (msg->status == 401 || msg->status == 407)
		on_challenge(t, leg, ev, msg);
	else
		on_final(t, leg, ev, msg);
}

/* Facts given out stay valid until the caller comes back. */
static void release_taken(struct tracker *t)
{
	if (t->taken != NULL)
		table_release(&t->table, t->taken);
	t->taken = NULL;
}

void tracker_message(
    struct tracker *t, const struct wire_event *ev, const struct sip_msg *msg)
{
	struct clue c;

	release_taken(t);
	advance(t, ev->at_us);
	if (!clue_of(t, msg, &c))
		return;
	if (sip_msg_is_request(msg))
		on_request(t, &c, ev, msg);
	else
		on_answer(t, &c, ev, msg);
}

/* --- what IP and TCP say --- */

static struct leg *newest_to(struct tracker *t, const struct endpoint *target)
{
	enum { LOOK_BACK = 64 };
	uint32_t i = t->table.lists[LEG_CLASS_OURS].tail;

	for (int n = 0; i != LEG_NONE && n < LOOK_BACK; n++) {
		struct leg *leg = table_leg(&t->table, i);

		if (leg->state == LEG_CALLING && endpoint_eq(&leg->target, target))
			return leg;
		i = leg->list_prev;
	}
	return NULL;
}

/* A line of the quoted packet, which may be cut anywhere. */
static struct slice quoted_call_id(struct slice quoted)
{
	struct slice line, name;

	while (slice_take_line(&quoted, &line)) {
		if (!slice_take_until(&line, ':', &name))
			continue;
		name = slice_trim(name);
		if (slice_eq_nocase(name, SLICE("Call-ID")) ||
		    slice_eq_nocase(name, SLICE("i")))
			return slice_trim(line);
	}
	return SLICE_NONE;
}

static struct leg *find_quoted(struct tracker *t, const struct packet *pkt)
{
	struct slice call_id = quoted_call_id(pkt->icmp.payload);
	struct leg *leg;

	if (call_id.len == 0)
		return newest_to(t, &pkt->icmp.dst);
	for (leg = table_first(&t->table, hash_slice(&t->key, call_id)); leg != NULL;
	     leg = table_next(&t->table, leg)) {
		if (leg->facts != NULL && endpoint_eq(&leg->target, &pkt->icmp.dst))
			return leg;
	}
	return NULL;
}

/* A second error for one attempt settles it; after a single one an answer may still
 * come from another route. */
void tracker_icmp(struct tracker *t, const struct packet *pkt)
{
	struct leg *leg;

	release_taken(t);
	advance(t, pkt->at_us);
	leg = find_quoted(t, pkt);
	if (leg == NULL || leg->state != LEG_CALLING)
		return;
	leg->facts->icmp_seen = true;
	leg->facts->icmp = pkt->icmp.reason;
	if (pkt->icmp.reason == ICMP_REASON_TOO_BIG)
		return; /* path MTU discovery at work */
	if (++leg->icmp_count > 1)
		decide(t, leg, OUTCOME_UNREACHABLE, pkt->at_us);
	else
		table_set_deadline(&t->table, leg, t->now_us + AFTER_ICMP_US);
}

/* A connection that never came up carries no SIP: the attempt has no Call-ID. */
static void connection_failed(struct tracker *t, const struct endpoint *from,
    const struct endpoint *to, int64_t at_us, bool refused)
{
	struct clue c = {.call_hash = hash_bytes(&t->key, to, sizeof(*to))};
	struct leg *leg = add_leg(t, &c, SIP_METHOD_OTHER, from, to);

	leg->facts->transport = TRANSPORT_TCP;
	leg->facts->local = *from;
	leg->facts->started_at_us = at_us;
	leg->facts->tcp_refused = refused;
	decide(t, leg, refused ? OUTCOME_UNREACHABLE : OUTCOME_TIMED_OUT, at_us);
}

void tracker_tcp(struct tracker *t, const struct wire_event *ev)
{
	struct leg *leg;

	release_taken(t);
	advance(t, ev->at_us);
	if (ev->kind == WIRE_TCP_SILENT) {
		connection_failed(t, &ev->src, &ev->dst, ev->at_us, false);
	} else if (ev->kind == WIRE_TCP_REFUSED) {
		connection_failed(t, &ev->dst, &ev->src, ev->at_us, true);
	} else if (ev->kind == WIRE_TCP_RESET) {
		leg = newest_to(t, &ev->src);
		if (leg == NULL)
			return;
		leg->facts->tcp_refused = true;
		decide(t, leg, OUTCOME_UNREACHABLE, ev->at_us);
	}
}

void tracker_lost(struct tracker *t, int64_t now_us)
{
	static const enum leg_class open[] = {LEG_CLASS_STRANGER, LEG_CLASS_OURS};

	release_taken(t);
	advance(t, now_us);
	for (size_t c = 0; c < 2; c++) {
		uint32_t i = t->table.lists[open[c]].head;

		while (i != LEG_NONE) {
			struct leg *leg = table_leg(&t->table, i);

			leg->facts->is_incomplete = true;
			i = leg->list_next;
		}
	}
}

/* --- time --- */

void tracker_tick(struct tracker *t, int64_t now_us)
{
	release_taken(t);
	advance(t, now_us);
}

void tracker_finish(struct tracker *t)
{
	release_taken(t);
	t->is_finishing = true;
}

static void on_deadline(struct tracker *t, struct leg *leg)
{
	switch ((enum leg_state)leg->state) {
	case LEG_CALLING:
		decide_silence(t, leg, leg->deadline_us);
		break;
	case LEG_PROCEEDING:
		decide(t, leg, OUTCOME_OPEN, leg->deadline_us);
		break;
	case LEG_CHALLENGED:
		decide_challenged(t, leg, leg->facts->challenged_at_us);
		break;
	case LEG_TALKING:
	case LEG_DONE:
		count_down(t, leg);
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

	if (leg->state == LEG_CHALLENGED &&
	    (leg->is_acked || answer_was_refused(f) ||
		usec_since(f->challenged_at_us, t->now_us) >= CREDENTIALS_END_US))
		decide_challenged(t, leg, f->challenged_at_us);
	else if (leg->state == LEG_CALLING &&
		 (f->retransmits >= RETRANSMITS_PROVE || f->icmp_seen))
		decide_silence(t, leg, t->now_us);
	else
		decide(t, leg, OUTCOME_OPEN, t->now_us);
}

static bool decide_more(struct tracker *t)
{
	struct leg *leg = table_expired(&t->table, t->now_us);
	uint32_t i;

	if (leg != NULL) {
		on_deadline(t, leg);
		return true;
	}
	if (!t->is_finishing)
		return false;
	i = t->table.lists[LEG_CLASS_OURS].head;
	if (i == LEG_NONE)
		i = t->table.lists[LEG_CLASS_STRANGER].head;
	if (i == LEG_NONE)
		return false;
	decide_at_end(t, table_leg(&t->table, i));
	return true;
}

struct facts *tracker_next(struct tracker *t)
{
	release_taken(t);
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
