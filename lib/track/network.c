/* SPDX-License-Identifier: BSD-2-Clause */
#include "track/track_int.h"

static bool is_of_requester(const struct leg *leg, const struct endpoint *requester)
{
	return endpoint_eq(&leg->facts->local, requester);
}

/* The newest of a class that waits for that target; of that requester rather than of
 * another box whose packets a mirror port brings as well. */
static struct leg *newest_of(struct tracker *t, enum leg_class class_,
    const struct endpoint *target, const struct endpoint *requester)
{
	enum { LOOK_BACK = 64 };
	uint32_t i = t->table.lists[class_].tail;
	struct leg *any = NULL;

	for (int n = 0; i != LEG_NONE && n < LOOK_BACK; n++) {
		struct leg *leg = table_leg(&t->table, i);

		i = leg->list_prev;
		if (leg->state != LEG_CALLING || !endpoint_eq(&leg->target, target))
			continue;
		if (is_of_requester(leg, requester))
			return leg;
		if (any == NULL)
			any = leg;
	}
	return any;
}

/* The younger of the two that were sent there and wait. */
static struct leg *newest_to(
    struct tracker *t, const struct endpoint *target, const struct endpoint *requester)
{
	struct leg *idle = newest_of(t, LEG_CLASS_OURS, target, requester);
	struct leg *failing = newest_of(t, LEG_CLASS_FAILING, target, requester);

	if (idle == NULL || failing == NULL)
		return idle == NULL ? failing : idle;
	if (is_of_requester(idle, requester) != is_of_requester(failing, requester))
		return is_of_requester(idle, requester) ? idle : failing;
	return idle->first_send_us >= failing->first_send_us ? idle : failing;
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
		return newest_to(t, &pkt->icmp.dst, &pkt->icmp.src);
	for (leg = table_first(&t->table, hash_quick_slice(&t->hash, call_id));
	     leg != NULL; leg = table_next(&t->table, leg)) {
		if (leg->facts != NULL && endpoint_eq(&leg->target, &pkt->icmp.dst))
			return leg;
	}
	return NULL;
}

/* The first error again, captured on a second interface: it set the deadline just now.
 */
static bool is_icmp_copy(const struct tracker *t, const struct leg *leg)
{
	int64_t left_us = leg->deadline_us - t->now_us;

	return leg->icmp_count == 1 && left_us <= AFTER_ICMP_US &&
	       left_us > AFTER_ICMP_US - COPY_WITHIN_US;
}

/* A second error for one attempt settles it; after a single one an answer may still
 * come from another route. */
void tracker_icmp(struct tracker *t, const struct packet *pkt)
{
	struct leg *leg;

	tracker_release_taken(t);
	tracker_advance(t, pkt->at_us);
	leg = find_quoted(t, pkt);
	if (leg == NULL || leg->state != LEG_CALLING)
		return;
	leg->facts->icmp_seen = true;
	leg->facts->icmp = pkt->icmp.reason;
	table_note_failing(&t->table, leg);
	if (pkt->icmp.reason == ICMP_REASON_TOO_BIG)
		return; /* path MTU discovery at work */
	if (is_icmp_copy(t, leg))
		return;
	if (++leg->icmp_count > 1)
		tracker_decide(t, leg, OUTCOME_UNREACHABLE, pkt->at_us);
	else
		table_set_deadline(&t->table, leg, t->now_us + AFTER_ICMP_US);
}

/* A connection that never came up carries no SIP: the attempt has no Call-ID. */
static void connection_failed(struct tracker *t, const struct endpoint *from,
    const struct endpoint *to, int64_t at_us, bool refused)
{
	struct clue c = {.call_hash = hash_quick(&t->hash, to, sizeof(*to))};
	struct leg *leg = tracker_add_leg(t, &c, SIP_METHOD_OTHER, from, to);

	leg->facts->transport = TRANSPORT_TCP;
	leg->facts->local = *from;
	leg->facts->started_at_us = at_us;
	leg->facts->tcp_refused = refused;
	tracker_decide(
	    t, leg, refused ? OUTCOME_UNREACHABLE : OUTCOME_TIMED_OUT, at_us);
}

void tracker_tcp(struct tracker *t, const struct wire_event *ev)
{
	struct leg *leg;

	tracker_release_taken(t);
	tracker_advance(t, ev->at_us);
	if (ev->kind == WIRE_TCP_SILENT) {
		connection_failed(t, &ev->src, &ev->dst, ev->at_us, false);
	} else if (ev->kind == WIRE_TCP_REFUSED) {
		connection_failed(t, &ev->dst, &ev->src, ev->at_us, true);
	} else if (ev->kind == WIRE_TCP_RESET) {
		leg = newest_to(t, &ev->src, &ev->dst);
		if (leg == NULL)
			return;
		leg->facts->tcp_refused = true;
		tracker_decide(t, leg, OUTCOME_UNREACHABLE, ev->at_us);
	}
}

/* The newest are looked at: gaps are cheap to send, and must be cheap to take. */
static void mark_between(
    struct tracker *t, enum leg_class class_, const struct wire_event *ev)
{
	enum { LOOK_BACK = 256 };
	uint32_t i = t->table.lists[class_].tail;

	for (int n = 0; i != LEG_NONE && n < LOOK_BACK; n++) {
		struct leg *leg = table_leg(&t->table, i);

		if (endpoint_eq(&leg->target, &ev->src) ||
		    endpoint_eq(&leg->target, &ev->dst))
			facts_mark(leg->facts, INCOMPLETE_GAP);
		i = leg->list_prev;
	}
}

void tracker_gap(struct tracker *t, const struct wire_event *ev)
{
	tracker_release_taken(t);
	tracker_advance(t, ev->at_us);
	mark_between(t, LEG_CLASS_STRANGER, ev);
	mark_between(t, LEG_CLASS_OURS, ev);
	mark_between(t, LEG_CLASS_FAILING, ev);
}

void tracker_lost(struct tracker *t, int64_t from_us, int64_t until_us)
{
	losses_add(&t->losses, from_us, until_us);
}
