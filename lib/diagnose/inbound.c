/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "diagnose/codes.h"
#include "diagnose/diagnose_int.h"

static bool is_our_refusal(const struct facts *f)
{
	if (f->outcome == OUTCOME_CHALLENGE_UNANSWERED)
		return true;
	return f->outcome == OUTCOME_REFUSED &&
	       !IS_ONE_OF(f->code, 480, 486, 487, 491, 600, 603) &&
	       f->best_provisional <= 100;
}

/*
 * Nobody there, declined: what a phone may say. When our box says it at once to every
 * call of a trunk, it is its dialplan that has no place for them.
 */
static bool may_be_turned_away(const struct facts *f)
{
	return f->outcome == OUTCOME_REFUSED && IS_ONE_OF(f->code, 480, 603) &&
	       f->best_provisional <= 100 && f->method_id == SIP_METHOD_INVITE &&
	       usec_since(f->last_request_at_us, f->decided_at_us) < USEC_PER_SEC;
}

static bool is_turned_away(struct diagnosis *d, struct trunk *t, const struct facts *f)
{
	struct turned_away *a = &t->turned_away;

	if (f->outcome == OUTCOME_ANSWERED || f->best_provisional > 100)
		a->count = a->taken = 0; /* calls do get in */
	if (!may_be_turned_away(f))
		return false;
	if (a->count == TURNED_AWAY_ENOUGH - 1) {
		d->late = t;
		return true;
	}
	memcpy(&a->held[a->count++], f, facts_bytes(f));
	return false;
}

/* A call that a network routed to us: through a proxy that stays in its path. */
static bool is_carrier_like(const struct facts *f)
{
	return f->vias >= 2 && f->has_record_route;
}

/* Strangers pretend to be one of our extensions; a carrier's call bears a number, and
 * a From domain that is not our own address. */
static bool has_outside_caller(const struct facts *f)
{
	enum { NUMBER_DIGITS = 7 };
	struct slice caller = TEXT_GET(f, f->caller);
	struct ip_addr domain;
	size_t digits = 0;

	for (size_t i = 0; i < caller.len; i++)
		digits += caller.ptr[i] >= '0' && caller.ptr[i] <= '9';
	return digits >= NUMBER_DIGITS &&
	       !(ip_addr_parse(TEXT_GET(f, f->from_domain), &domain) &&
		   ip_addr_eq(&domain, &f->local.ip));
}

static void explain_inbound(struct failure *out, const struct facts *f, bool is_known)
{
	out->evidence_count = 2;
	out->evidence[0].weight = 60;
	(void)snprintf(out->evidence[0].text, EVIDENCE_TEXT_MAX,
	    "our own box answered %u", f->code);
	out->evidence[1].weight = is_known ? 30 : 15;
	(void)snprintf(out->evidence[1].text, EVIDENCE_TEXT_MAX, "%s",
	    is_known ? "the call came from an address of the trunk"
		     : "the call came from the provider's network, through a proxy");
	out->confidence = is_known ? 0.95f : 0.9f;
}

static bool reject_inbound(struct diagnosis *d, struct trunk *t, const struct facts *f,
    struct failure *out, bool is_known)
{
	struct judgement j = {.verdict = VERDICT_INBOUND_REJECTED_BY_US};
	struct group *g = trunk_group(t, f);
	struct incident_slot *i;

	g->count++;
	g->is_untold = true;
	g->last_at_us = f->decided_at_us;
	g->judgement = j;
	memcpy(&g->last, f, facts_bytes(f));
	diagnosis_fill(d, f, out);
	out->verdict = j.verdict;
	explain_inbound(out, f, is_known);
	j.confidence = out->confidence;
	i = incidents_of(&d->incidents, t, g, &j, f->decided_at_us);
	incident_add(i, t, out->id, f->decided_at_us);
	incident_judge(i, t, g, &j);
	out->trunk_id = t->state.id;
	out->incident_id = i->record.id;
	memcpy(out->trunk, t->state.name, sizeof(out->trunk));
	return true;
}

bool diagnosis_turned_away(struct diagnosis *d, struct trunk *t, struct failure *out)
{
	struct turned_away *a = &t->turned_away;

	if (a->count < TURNED_AWAY_ENOUGH - 1 || a->taken == a->count)
		return false;
	return reject_inbound(d, t, &a->held[a->taken++], out, true);
}

static bool reject_stranger(struct diagnosis *d, struct stranger *who,
    const struct facts *f, struct failure *out)
{
	bool is_client = who->is_client || (f->rounds > 0 && who->name_count <= 2);

	if (!stranger_is_worth_telling(who, f->decided_at_us))
		return false;
	diagnosis_fill(d, f, out);
	out->verdict = is_client ? VERDICT_CLIENT_REJECTED_BY_US : VERDICT_SCANNER;
	out->confidence = who->name_count > 2 || is_client ? 0.9f : 0.6f;
	out->evidence_count = 1;
	out->evidence[0].weight = 50;
	(void)snprintf(out->evidence[0].text, EVIDENCE_TEXT_MAX,
	    is_client
		? "a client of ours: %u refused, %u accepted of its requests"
		: "an address that belongs to no trunk: %u refused, %u accepted of its requests",
	    who->refused, who->accepted);
	return true;
}

/*
 * The trunk of a refused call, also when it is one that we do not know to have this
 * address: its first call may come before any of ours there has ended.
 */
static struct trunk *trunk_by_call(struct diagnosis *d, const struct facts *f)
{
	struct trunk *t;

	if (f->rounds > 0 || !has_outside_caller(f))
		return NULL;
	t = trunks_by_address(&d->trunks, &f->remote.ip, true);
	if (t == NULL && (f->remote_is_called || is_carrier_like(f)))
		t = trunks_of(&d->trunks, f);
	return t;
}

bool diagnosis_inbound(struct diagnosis *d, struct facts *f, struct failure *out)
{
	struct stranger *who = strangers_note(&d->strangers, f);
	struct trunk *t = trunks_by_address(&d->trunks, &f->remote.ip, false);
	bool is_known = t != NULL;

	if (f->is_in_dialog ||
	    (f->method_id != SIP_METHOD_INVITE && f->method_id != SIP_METHOD_REGISTER))
		return false;
	if (t == NULL && (is_our_refusal(f) || may_be_turned_away(f)))
		t = trunk_by_call(d, f);
	if (t != NULL && !who->is_client && f->method_id == SIP_METHOD_INVITE &&
	    (is_our_refusal(f) || is_turned_away(d, t, f)))
		return reject_inbound(d, t, f, out, is_known);
	return is_known || !is_our_refusal(f) ? false : reject_stranger(d, who, f, out);
}
