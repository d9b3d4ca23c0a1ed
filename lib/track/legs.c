/* SPDX-License-Identifier: BSD-2-Clause */
#include "track/track_int.h"

/* The capture's snap length went through this very value: only its beginning is there,
 * and calls with the same beginning would become one. */
static bool is_cut(const struct sip_msg *msg, struct slice value)
{
	return (msg->oddities >> SIP_ODD_CUT_HDR & 1) != 0 && msg->hdrs_kept > 0 &&
	       msg->hdrs[msg->hdrs_kept - 1].value.ptr == value.ptr;
}

bool tracker_clue(const struct tracker *t, const struct sip_msg *msg, struct clue *c)
{
	struct slice call_id = sip_msg_value(msg, SIP_HDR_CALL_ID);

	c->is_usable = call_id.len > 0 && !is_cut(msg, call_id) && msg->has_cseq;
	if (!c->is_usable)
		return false;
	c->cseq = msg->cseq;
	c->call_hash = hash_quick_slice(&t->hash, call_id);
	table_fetch_bucket(&t->table, c->call_hash);
	c->has_to_tag = msg->to_tag.len > 0;
	c->tag_hash = (uint32_t)hash_quick_slice(&t->hash, msg->from_tag);
	return true;
}

static bool is_of(
    const struct leg *leg, const struct clue *c, enum sip_method_id method)
{
	return leg->tag_hash == c->tag_hash && leg->method == method;
}

/* Same requester, same method; exactly that target. */
struct leg *tracker_find_request(struct tracker *t, const struct clue *c,
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
struct leg *tracker_find_challenged(
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
 * may answer from another address, the one that waits for that CSeq. But whom another
 * leg asks answers that one: its request with this CSeq was not seen yet. */
struct leg *tracker_find_answered(
    struct tracker *t, const struct clue *c, const struct endpoint *sender)
{
	struct leg *waiting = NULL;
	bool was_asked = false;

	for (struct leg *leg = table_first(&t->table, c->call_hash); leg != NULL;
	     leg = table_next(&t->table, leg)) {
		bool is_target = endpoint_eq(&leg->target, sender);

		if (!is_of(leg, c, c->cseq.method_id))
			continue;
		if (leg->cseq != c->cseq.number)
			was_asked |= is_target && leg->cseq < c->cseq.number;
		else if (is_target)
			return leg;
		else if (waiting == NULL && leg->facts != NULL)
			waiting = leg;
	}
	return was_asked ? NULL : waiting;
}

/* The leg that was challenged by that provider, where a message with the next CSeq
 * shows that it answered: credentials that were lost, or come late. */
struct leg *tracker_find_unseen(
    struct tracker *t, const struct clue *c, const struct endpoint *provider)
{
	enum sip_method_id m = c->cseq.method_id;

	if (m == SIP_METHOD_ACK || m == SIP_METHOD_BYE)
		m = SIP_METHOD_INVITE;
	for (struct leg *leg = table_first(&t->table, c->call_hash); leg != NULL;
	     leg = table_next(&t->table, leg)) {
		if (is_of(leg, c, m) && leg->state == LEG_CHALLENGED &&
		    leg->cseq < c->cseq.number && endpoint_eq(&leg->target, provider))
			return leg;
	}
	return NULL;
}

/* Any leg of the INVITE: for ACK, CANCEL, BYE and what else belongs to its ladder. */
struct leg *tracker_find_invite(
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

void tracker_record(struct tracker *t, struct leg *leg, const struct wire_event *ev)
{
	if (t->record == 0) {
		leg->recording = recorder_add(&t->recorder, leg->recording, ev);
		return;
	}
	recorder_link(&t->recorder, t->record, leg->recording);
	leg->recording = t->record;
	t->record = 0;
}

struct leg *tracker_add_leg(struct tracker *t, const struct clue *c,
    enum sip_method_id method, const struct endpoint *requester,
    const struct endpoint *target)
{
	enum direction d = tracker_direction(t, &requester->ip, &target->ip);
	bool is_ours = d == DIRECTION_OUTBOUND || d == DIRECTION_INTERNAL;
	bool is_second = table_first(&t->table, c->call_hash) != NULL;
	struct leg *leg = table_add(&t->table, c->call_hash,
	    is_ours ? LEG_CLASS_OURS : LEG_CLASS_STRANGER, tracker_on_evict, t);

	leg->tag_hash = c->tag_hash;
	leg->method = (uint8_t)method;
	leg->is_in_dialog = c->has_to_tag;
	leg->target = *target;
	leg->remote =
	    remotes_index(&t->remotes, is_ours ? &target->ip : &requester->ip);
	leg->facts->is_second_leg = is_second;
	if (d == DIRECTION_OUTBOUND &&
	    (method == SIP_METHOD_INVITE || method == SIP_METHOD_REGISTER))
		remotes_note_called(&t->remotes, leg->remote);
	return leg;
}
