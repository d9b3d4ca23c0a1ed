/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "diagnose/diagnose_int.h"
#include "diagnose/differs.h"
#include "diagnose/groups.h"
#include "diagnose/hidden.h"
#include "diagnose/normal.h"
#include "diagnose/patterns.h"

#define QUIET_US      (60 * USEC_PER_MIN) /* an incident without failures is over */
#define TELL_EVERY_US (1 * USEC_PER_SEC)
#define HEARTBEAT_US  (10 * USEC_PER_SEC)

int diagnosis_new(
    const struct diagnosis_config *c, struct diagnosis **out, struct err *e)
{
	struct diagnosis *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return err_set(e, -ENOMEM, "diagnosis: out of memory");
	d->next_failure_id = c->next_failure_id > 0 ? c->next_failure_id : 1;
	d->tell_every_us = c->tell_every_us > 0 ? c->tell_every_us : TELL_EVERY_US;
	d->heartbeat_us =
	    d->tell_every_us > HEARTBEAT_US ? d->tell_every_us : HEARTBEAT_US;
	if (trunks_init(&d->trunks, c->trunks_max,
		c->next_trunk_id > 0 ? c->next_trunk_id : 1) < 0 ||
	    incidents_init(&d->incidents, c->incidents_max,
		c->next_incident_id > 0 ? c->next_incident_id : 1) < 0 ||
	    strangers_init(&d->strangers, c->strangers_max, &c->key) < 0) {
		diagnosis_free(d);
		return err_set(e, -ENOMEM, "diagnosis: out of memory; lower limits.*");
	}
	d->phrases.own = c->phrases;
	d->trunks.phrases = &d->phrases;
	diagnosis_load(d, c);
	trunks_configure(&d->trunks, c->trunks, c->trunk_count, USEC_NEVER);
	*out = d;
	return 0;
}

void diagnosis_configure(struct diagnosis *d, const struct trunk_config *rows,
    size_t count, int64_t changed_at_us)
{
	trunks_configure(&d->trunks, rows, count, changed_at_us);
}

void diagnosis_free(struct diagnosis *d)
{
	if (d == NULL)
		return;
	trunks_fini(&d->trunks);
	incidents_fini(&d->incidents);
	strangers_fini(&d->strangers);
	free(d);
}

/* Slots are taken from the front: none behind these was ever used. */
static size_t incidents_used(const struct diagnosis *d)
{
	uint64_t taken = d->incidents_loaded + d->incidents.opened;

	return taken < d->incidents.max ? (size_t)taken : d->incidents.max;
}

/* --- the trunk's state --- */

/* The provider let a call in when it first said so, however long it rang afterwards. */
static int64_t admitted_at(const struct facts *f)
{
	return f->provisional_at_us != USEC_NEVER ? f->provisional_at_us
						  : f->decided_at_us;
}

static void close_recovered(struct diagnosis *d, struct trunk *t, const struct facts *f)
{
	size_t used = incidents_used(d);

	for (size_t i = 0; i < used; i++) {
		struct incident_slot *one = &d->incidents.slots[i];

		if (one->is_used && one->record.trunk_id == t->state.id &&
		    one->record.closed_at_us == USEC_NEVER &&
		    one->record.last_at_us < admitted_at(f) &&
		    verdict_ends_at_success(one->record.verdict))
			incident_close(one, t, f->decided_at_us);
	}
}

static void note_accepted(struct diagnosis *d, struct trunk *t, const struct facts *f)
{
	struct sample s;

	/* Busy at once counts as accepted, but is compared with nothing: who knows. Nor
	 * is a call whose request was not seen: an answer echoes too little of it. */
	if (!pattern_may_hide(f) && f->has_request) {
		trunk_sample(t, f, &s);
		samples_add(&t->accepted, &s);
		good_call_of(f, &t->good);
		if (hidden_shows(t) || pattern_shows(t))
			d->late = t;
	}
	t->accepted_count++;
	t->accepted_at_us = f->decided_at_us;
	t->state.last_success_at_us = f->decided_at_us;
	groups_admit(t, admitted_at(f));
	close_recovered(d, t, f);
}

static void note_register(struct trunk *t, const struct facts *f)
{
	switch (f->outcome) {
	case OUTCOME_ANSWERED:
		t->register_ok_at_us = f->decided_at_us;
		t->register_port = f->local.port;
		t->state.registration =
		    f->expires_s > 0 ? REGISTRATION_REGISTERED : REGISTRATION_NONE;
		t->state.registered_until_us =
		    f->decided_at_us + (int64_t)f->expires_s * USEC_PER_SEC;
		break;
	case OUTCOME_REFUSED:
	case OUTCOME_CHALLENGE_UNANSWERED:
		t->register_refused_at_us = f->decided_at_us;
		t->register_stage = stage_of(f);
		t->state.registration = REGISTRATION_REFUSED;
		break;
	case OUTCOME_TIMED_OUT:
	case OUTCOME_UNREACHABLE:
		t->register_silent_at_us = f->decided_at_us;
		t->state.registration = REGISTRATION_UNANSWERED;
		break;
	case OUTCOME_CANCELLED:
	case OUTCOME_NORMAL:
	case OUTCOME_OPEN:
	case OUTCOME_COUNT:
		return;
	}
	t->state.registration_code = f->code;
	t->state.registration_at_us = f->decided_at_us;
}

/* Any answer to OPTIONS, even 403, makes Asterisk call a peer reachable. */
static void note_options(struct trunk *t, const struct facts *f)
{
	t->state.options_at_us = f->decided_at_us;
	t->state.options_code = f->code;
	if (f->code != 0) {
		t->options_ok_at_us = f->decided_at_us;
		t->state.reachability = REACHABILITY_REACHABLE;
		t->state.rtt_us = usec_since(f->last_request_at_us, f->decided_at_us);
	} else if (f->outcome == OUTCOME_TIMED_OUT ||
		   f->outcome == OUTCOME_UNREACHABLE) {
		t->options_silent_at_us = f->decided_at_us;
		t->state.reachability = REACHABILITY_UNREACHABLE;
	}
}

static void count_outcome(struct trunk *t, const struct facts *f)
{
	t->is_changed = true;
	t->is_untold = true;
	if (f->method_id == SIP_METHOD_OPTIONS || f->is_in_dialog)
		return;
	t->minute_outcomes[f->outcome]++;
	if (t->minute_us == 0)
		t->minute_us = f->decided_at_us - f->decided_at_us % USEC_PER_MIN;
	if (f->method_id != SIP_METHOD_INVITE)
		return;
	t->state.attempts++;
	if (f->outcome == OUTCOME_ANSWERED)
		t->state.answered++;
	else if (f->outcome == OUTCOME_NORMAL || f->outcome == OUTCOME_CANCELLED)
		t->state.normal++;
	else if (f->outcome != OUTCOME_OPEN)
		t->state.refused++;
}

static void note_success(struct diagnosis *d, struct trunk *t, const struct facts *f)
{
	if (f->challenges > 0)
		t->challenges_seen++;
	if (attempt_proves_credentials(f)) {
		t->proven_at_us = admitted_at(f);
		t->state.credentials_at_us = f->decided_at_us;
		t->rejections = 0;
	}
	if (!attempt_is_accepted(f))
		return;
	if (!f->has_request && trunks_is_alone(&d->trunks, t))
		t->up_at_us = admitted_at(f);
	note_accepted(d, t, f);
}

/* --- failures --- */

static bool is_failure(const struct facts *f)
{
	switch (f->outcome) {
	case OUTCOME_REFUSED:
	case OUTCOME_CHALLENGE_UNANSWERED:
	case OUTCOME_TIMED_OUT:
	case OUTCOME_UNREACHABLE:
		return true;
	case OUTCOME_ANSWERED:
	case OUTCOME_CANCELLED:
	case OUTCOME_NORMAL:
	case OUTCOME_OPEN:
	case OUTCOME_COUNT:
		break;
	}
	return false;
}

void diagnosis_fill(struct diagnosis *d, const struct facts *f, struct failure *out)
{
	memset(out, 0, offsetof(struct failure, evidence));
	out->differs[0] = '\0';
	out->id = d->next_failure_id++;
	memcpy(&out->facts, f, facts_bytes(f));
	d->failures++;
}

/* --- outbound --- */

static bool counts_as_failure(const struct facts *f)
{
	/* A change of a running call that nobody answers: the call's end says more. */
	if (f->is_in_dialog)
		return f->outcome == OUTCOME_REFUSED;
	return f->method_id == SIP_METHOD_INVITE ||
	       f->method_id == SIP_METHOD_REGISTER ||
	       f->method_id == SIP_METHOD_MESSAGE || f->method_id == SIP_METHOD_OTHER;
}

/* ViciDial rings an agent's phone: a short extension at an address of our own network,
 * and nobody asks for credentials. */
static bool is_call_to_phone(const struct facts *f)
{
	enum { EXTENSION_MAX = 6 };
	struct slice user = TEXT_GET(f, f->called);
	struct ip_net near = {f->local.ip, f->local.ip.family == 6 ? 64 : 24};
	struct ip_addr host;

	return f->method_id == SIP_METHOD_INVITE && f->challenges == 0 &&
	       f->rounds == 0 && user.len > 0 && user.len <= EXTENSION_MAX &&
	       ip_addr_parse(TEXT_GET(f, f->request_host), &host) &&
	       ip_addr_eq(&host, &f->remote.ip) &&
	       (ip_addr_is_private(&host) || ip_net_has(&near, &host));
}

/* A refused connection carries no SIP, but its port says what it was meant for. */
static bool is_sip_port(uint16_t port)
{
	return port == 5060 || port == 5061;
}

/* Nothing is concluded from credentials that were not seen where packets are missing,
 * or the capture ends, on a trunk whose other challenges our box answers. But no loss
 * hits the same message of one call after the other. */
static bool is_cut_off(struct trunk *t, const struct facts *f)
{
	enum { CHANCE_MAX = 2 };

	if (f->outcome == OUTCOME_CHALLENGE_UNANSWERED)
		t->cut_off++;
	else if (f->rounds > 0)
		t->cut_off = 0;
	return f->outcome == OUTCOME_CHALLENGE_UNANSWERED && f->is_incomplete &&
	       t->cut_off <= CHANCE_MAX &&
	       (trunk_has_proof(t, true) || t->rejections > 0);
}

/* Credentials made from a fresh nonce were asked for again: they are refused, even
 * when what became of the next try was not seen. */
static bool is_refused_unseen(const struct trunk *t, const struct facts *f)
{
	return f->outcome == OUTCOME_OPEN && f->rounds > 1 && f->challenges > 1 &&
	       !f->is_first_cached && !f->challenge_is_stale && !f->realm_changed &&
	       !f->nonce_answered_elsewhere && !trunk_has_proof(t, true);
}

static bool on_outbound(struct diagnosis *d, struct facts *f, struct failure *out)
{
	struct trunk *t;

	if (strangers_is_client(&d->strangers, &f->remote.ip) || is_call_to_phone(f))
		return false; /* our box calls one of its phones */
	/* A connection without SIP, or an odd method, makes no trunk of a stranger. */
	if (f->call_id.off == TEXT_ABSENT || f->method_id == SIP_METHOD_OTHER ||
	    f->is_in_dialog)
		t = trunks_by_address(&d->trunks, &f->remote.ip, false);
	else
		t = trunks_of(&d->trunks, f);
	if (t == NULL && f->call_id.off == TEXT_ABSENT && is_sip_port(f->remote.port))
		t = trunks_of(&d->trunks, f);
	if (t == NULL)
		return false;
	if (f->outcome == OUTCOME_REFUSED && attempt_is_normal(t, f))
		f->outcome = OUTCOME_NORMAL;
	if (f->outcome == OUTCOME_NORMAL &&
	    (hidden_is_refusal(t, f) || pattern_is_refusal(t, f))) {
		f->outcome = OUTCOME_REFUSED;
		d->late = t;
	}
	if (is_cut_off(t, f))
		f->outcome = OUTCOME_OPEN;
	if (is_refused_unseen(t, f)) {
		f->outcome = OUTCOME_REFUSED;
		f->code = f->challenge_code;
	}
	abnormal_note(d, t, f);
	if (f->seen_ip.family != 0)
		t->state.seen =
		    (struct endpoint){.ip = f->seen_ip, .port = f->seen_port};

	if (f->method_id == SIP_METHOD_OPTIONS)
		note_options(t, f);
	if (f->method_id == SIP_METHOD_REGISTER && f->outcome != OUTCOME_NORMAL)
		note_register(t, f);
	count_outcome(t, f);
	if (!is_failure(f) || !counts_as_failure(f)) {
		note_success(d, t, f);
		return false;
	}
	diagnosis_record(d, t, f, out);
	if (f->challenges > 0)
		t->challenges_seen++;
	return true;
}

/* A call placed later passed, but is known already. */
static bool was_accepted_after(const struct trunk *t, int64_t at_us)
{
	for (size_t i = 0; i < samples_kept(&t->accepted); i++) {
		if (t->accepted.ring[i].at_us > at_us)
			return true;
	}
	return false;
}

bool diagnosis_late(struct diagnosis *d, struct failure *out)
{
	struct trunk *t = d->late;
	struct facts f;

	if (t == NULL)
		return false;
	if (diagnosis_turned_away(d, t, out))
		return true;
	if (!hidden_take(t, &f) && !pattern_take(t, &f)) {
		d->late = NULL;
		return false;
	}
	f.outcome = OUTCOME_REFUSED;
	t->state.normal--;
	t->state.refused++;
	diagnosis_record(d, t, &f, out);
	trunk_group(t, &f)->is_mixed |= was_accepted_after(t, f.decided_at_us);
	return true;
}

bool diagnosis_attempt(struct diagnosis *d, struct facts *f, struct failure *out)
{
	if (f->decided_at_us > d->now_us)
		d->now_us = f->decided_at_us;
	switch (f->direction) {
	case DIRECTION_OUTBOUND:
		return on_outbound(d, f, out);
	case DIRECTION_INBOUND:
		return diagnosis_inbound(d, f, out);
	case DIRECTION_INTERNAL:
	case DIRECTION_TRANSIT:
		break;
	}
	return false;
}

/* --- time --- */

static void tick_trunk(struct diagnosis *d, struct trunk *t)
{
	diagnosis_judge_again(d, t);
	if (t->state.registration == REGISTRATION_REGISTERED &&
	    t->state.registered_until_us < d->now_us) {
		t->state.registration = REGISTRATION_EXPIRED;
		t->is_changed = true;
	}
}

static void close_quiet(struct diagnosis *d)
{
	size_t used = incidents_used(d);

	for (size_t i = 0; i < used; i++) {
		struct incident_slot *one = &d->incidents.slots[i];
		struct trunk *t;

		if (!one->is_used || one->record.closed_at_us != USEC_NEVER ||
		    usec_since(one->record.last_at_us, d->now_us) < QUIET_US)
			continue;
		t = trunks_by_id(&d->trunks, one->record.trunk_id);
		if (t != NULL)
			incident_close(one, t, one->record.last_at_us);
	}
}

void diagnosis_tick(struct diagnosis *d, int64_t now_us, bool is_last)
{
	if (now_us > d->now_us)
		d->now_us = now_us;
	d->is_last = is_last;
	for (size_t i = 0; i < d->trunks.used; i++)
		tick_trunk(d, &d->trunks.slots[i]);
	close_quiet(d);
	d->incident_at = 0;
	d->trunk_at = 0;
	d->minute_at = 0;
	d->past.looked = d->past.told = 0;
}

/* Another verdict is news at once: the database keeps their history. */
static int64_t patience(const struct diagnosis *d, const struct incident_slot *i)
{
	return i->told_revision != i->record.revision ? TELL_EVERY_US
						      : d->tell_every_us;
}

bool diagnosis_next_incident(struct diagnosis *d, struct incident *out)
{
	size_t used = incidents_used(d);

	for (; d->incident_at < used; d->incident_at++) {
		struct incident_slot *one = &d->incidents.slots[d->incident_at];

		if (!one->is_used || !one->is_changed)
			continue;
		if (!d->is_last && one->told_at_us != USEC_NEVER &&
		    usec_since(one->told_at_us, d->now_us) < patience(d, one))
			continue;
		incident_tell(one, trunks_by_id(&d->trunks, one->record.trunk_id),
		    d->now_us, out);
		return true;
	}
	return false;
}

bool diagnosis_next_trunk(struct diagnosis *d, struct trunk_state *out)
{
	for (; d->trunk_at < d->trunks.used; d->trunk_at++) {
		struct trunk *t = &d->trunks.slots[d->trunk_at];
		int64_t wait_us = t->is_changed ? d->tell_every_us : d->heartbeat_us;

		if (!d->is_last && t->told_at_us != USEC_NEVER &&
		    usec_since(t->told_at_us, d->now_us) < wait_us)
			continue;
		if (d->is_last && !t->is_changed)
			continue;
		t->is_changed = false;
		t->told_at_us = d->now_us;
		*out = t->state;
		return true;
	}
	return false;
}

bool diagnosis_next_minute(struct diagnosis *d, struct trunk_minute *out)
{
	for (; d->minute_at < d->trunks.used; d->minute_at++) {
		struct trunk *t = &d->trunks.slots[d->minute_at];

		if (t->minute_us == 0 ||
		    (!d->is_last && usec_since(t->minute_us, d->now_us) < USEC_PER_MIN))
			continue;
		*out = (struct trunk_minute){
		    .trunk_id = t->state.id, .minute_us = t->minute_us};
		memcpy(out->outcomes, t->minute_outcomes, sizeof(out->outcomes));
		memset(t->minute_outcomes, 0, sizeof(t->minute_outcomes));
		t->minute_us = 0;
		return true;
	}
	return false;
}

bool diagnosis_next_moved(struct diagnosis *d, struct moved_failure *out)
{
	if (d->moved_count == 0)
		return false;
	*out = d->moved[--d->moved_count];
	return true;
}

uint64_t diagnosis_failures(const struct diagnosis *d)
{
	return d->failures;
}

uint64_t diagnosis_incidents(const struct diagnosis *d)
{
	return d->incidents.opened;
}

uint64_t diagnosis_memory(const struct diagnosis *d)
{
	return d->trunks.max * sizeof(*d->trunks.slots) +
	       d->incidents.max * sizeof(*d->incidents.slots) +
	       (uint64_t)d->strangers.max *
		   (sizeof(*d->strangers.slots) + sizeof(uint32_t));
}

void diagnosis_usage(const struct diagnosis *d, struct usage out[DIAGNOSIS_TABLES])
{
	const struct strangers *s = &d->strangers;
	uint64_t incidents = 0;

	for (size_t i = 0; i < d->incidents.max; i++)
		incidents += d->incidents.slots[i].is_used;
	out[0] = (struct usage){d->trunks.used, d->trunks.max, d->trunks.overflow};
	out[1] = (struct usage){incidents, d->incidents.max, d->incidents.evicted};
	/* A ring whose place 0 is not used. */
	out[2] = (struct usage){
	    (s->evicted > 0 ? s->max : s->next) - 1, s->max - 1, s->evicted};
}
