/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/hidden.h"

#include "diagnose/codes.h"

#define CONFIRM_US (60 * USEC_PER_MIN)
/* Calls that went through, before their form is the right one. */
enum { ACCEPTED_MIN = 4 };

/* All accepted numbers are alike, and this one is not. */
static bool is_oddly_formed(const struct trunk *t, const struct facts *f)
{
	struct samples one = {.count = 0};
	struct sample s;

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

bool hidden_is_refusal(struct trunk *t, const struct facts *f)
{
	struct hidden *h = &t->hidden;

	if (f->method_id != SIP_METHOD_INVITE || f->is_in_dialog ||
	    f->best_provisional > 100 || !IS_ONE_OF(f->code, 404, 410, 604) ||
	    (knows_form(t) && !is_oddly_formed(t, f)))
		return false;
	if (usec_since(h->at_us, f->decided_at_us) > CONFIRM_US) {
		h->count = h->taken = 0;
		h->is_confirmed = false;
	}
	h->at_us = f->decided_at_us;
	if (h->is_confirmed)
		return true;
	if (is_held_number(h, f))
		return false; /* one number, dialled again */
	if (knows_form(t))
		drop_well_formed(t, h);
	if (h->count == HIDDEN_HELD) {
		h->is_confirmed = knows_form(t);
		return h->is_confirmed;
	}
	memcpy(&h->held[h->count++], f, facts_bytes(f));
	return false;
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
