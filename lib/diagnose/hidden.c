/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/hidden.h"

#include "diagnose/codes.h"

#define CONFIRM_US (60 * USEC_PER_MIN)
/* Calls that went through, before their form is the right one. */
enum { ACCEPTED_MIN = 4 };
/* Unknown numbers and nothing else: the dialler's list is bad, or we are not known. */
enum { CLOSED_AT_ONCE = 2, CLOSED_AFTER_TRYING = 3 };
#define FRONT_DOOR_US (1 * USEC_PER_SEC)
enum { Q850_REJECTED = 21 };

/* All accepted numbers are alike, and this one is not. */
static bool is_oddly_formed(const struct trunk *t, const struct facts *f)
{
	struct samples one; /* of which only the first is looked at */
	struct sample s;

	one.count = 0;
	if (!samples_have_one_shape(&t->accepted))
		return false;
	sample_of(f, &s);
	samples_add(&one, &s);
	return s.called[0] != '\0' && split_by_shape(&one, &t->accepted);
}

static bool is_held_number(const struct hidden *h, const struct facts *f)
{
	for (size_t i = 0; i < h->count; i++) {
		if (slice_eq(TEXT_GET(&h->held[i], h->held[i].called),
			TEXT_GET(f, f->called)))
			return true;
	}
	return false;
}

static bool knows_form(const struct trunk *t)
{
	return samples_kept(&t->accepted) >= ACCEPTED_MIN;
}

/* Those held before anything was known of the right form may have had it. */
static void drop_well_formed(const struct trunk *t, struct hidden *h)
{
	uint8_t kept = 0;

	for (uint8_t i = 0; i < h->count; i++) {
		if (!is_oddly_formed(t, &h->held[i]))
			continue;
		if (kept != i)
			memcpy(&h->held[kept], &h->held[i], facts_bytes(&h->held[i]));
		kept++;
	}
	h->count = kept;
}

/*
 * Whoever routes a call says 100 first (RFC 3261 17.2.1: unless it answers within 200
 * ms), and a network that knows the number is unassigned says so by a Q.850 cause. 404
 * at once, for one number after the other, and nothing else ever: we are not known.
 */
static bool is_at_closed_door(const struct trunk *t, const struct facts *f)
{
	return t->accepted_count == 0 && t->proven_at_us == USEC_NEVER &&
	       (f->q850_cause == 0 || f->q850_cause == Q850_REJECTED) &&
	       usec_since(f->last_request_at_us, f->decided_at_us) < FRONT_DOOR_US;
}

/* How many it takes, this one included. */
static size_t enough(const struct hidden *h, const struct facts *f)
{
	if (!h->is_closed)
		return HIDDEN_ENOUGH - h->told;
	return f->best_provisional == 0 ? CLOSED_AT_ONCE : CLOSED_AFTER_TRYING;
}

static void forget(struct hidden *h)
{
	h->count = h->taken = h->told = 0;
	h->is_confirmed = false;
}

static bool hold(struct trunk *t, const struct facts *f)
{
	struct hidden *h = &t->hidden;

	if (is_held_number(h, f))
		return false; /* one number, dialled again */
	if (!h->is_closed && knows_form(t))
		drop_well_formed(t, h);
	if ((size_t)h->count + 1 >= enough(h, f)) {
		h->is_confirmed = h->is_closed || knows_form(t);
		if (h->is_confirmed)
			return true;
	}
	if (h->count == HELD_MAX)
		return false;
	memcpy(&h->held[h->count++], f, facts_bytes(f));
	return false;
}

bool hidden_is_refusal(struct trunk *t, const struct facts *f)
{
	struct hidden *h = &t->hidden;
	bool is_closed;

	if (f->method_id != SIP_METHOD_INVITE || f->is_in_dialog ||
	    f->best_provisional > 100 || !IS_ONE_OF(f->code, 404, 410, 604))
		return false;
	is_closed = is_at_closed_door(t, f);
	if (!is_closed && knows_form(t) && !is_oddly_formed(t, f))
		return false;
	/* The door opened: what was refused before is told, and oddly formed as well.
	 */
	if (h->is_confirmed && h->is_closed && !is_closed) {
		h->count = h->taken = 0;
		h->is_confirmed = false;
	}
	h->is_closed = is_closed;
	if (usec_since(h->at_us, f->decided_at_us) > CONFIRM_US)
		forget(h);
	h->at_us = f->decided_at_us;
	if (!h->is_confirmed && !hold(t, f))
		return false;
	if (is_closed && h->told < HIDDEN_ENOUGH - 1)
		h->told++;
	return true;
}

bool hidden_shows(struct trunk *t)
{
	struct hidden *h = &t->hidden;

	if (h->is_closed || h->is_confirmed || h->count < HIDDEN_ENOUGH ||
	    !knows_form(t))
		return false;
	drop_well_formed(t, h);
	h->is_confirmed = h->count >= HIDDEN_ENOUGH;
	return h->is_confirmed;
}

bool hidden_take(struct trunk *t, struct facts *out)
{
	struct hidden *h = &t->hidden;

	if (!h->is_confirmed || h->taken == h->count)
		return false;
	memcpy(out, &h->held[h->taken], facts_bytes(&h->held[h->taken]));
	h->taken++;
	return true;
}
