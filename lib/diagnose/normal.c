/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/normal.h"
#include "diagnose/codes.h"
#include "diagnose/phrases.h"

enum { Q850_INVALID_FORMAT = 28 }; /* ours to repair, whatever the SIP code */

/* domain.md 2.3 F: what people and unassigned numbers cause, and what stacks settle
 * among themselves. */
static bool is_normal_call_code(const struct facts *f)
{
	return f->code / 100 == 3 || IS_ONE_OF(f->code, 404, 408, 410, 422, 480, 481,
					 486, 487, 491, 600, 603, 604);
}

/* A word that could mean anything makes no failure of a busy line. */
enum { PLAIN_ENOUGH = 35 };

static bool phrase_names_cause(const struct trunk *t, const struct facts *f)
{
	static const enum sign causes[] = {SIGN_SAYS_FUNDS, SIGN_SAYS_SUSPENDED,
	    SIGN_SAYS_CALLER, SIGN_SAYS_CHANNELS, SIGN_SAYS_RATE, SIGN_SAYS_ANALYTICS,
	    SIGN_SAYS_IDENTITY, SIGN_SAYS_ADDRESS, SIGN_SAYS_DOMAIN,
	    SIGN_SAYS_UNREGISTERED, SIGN_SAYS_LOCKED, SIGN_SAYS_BLOCKED,
	    SIGN_SAYS_DESTINATION, SIGN_SAYS_FROM, SIGN_SAYS_NUMBER,
	    SIGN_SAYS_CREDENTIALS};
	struct signs signs = {0};

	phrases_read(f, t->phrases, &signs);
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (signs_plainness(&signs, causes[i]) >= PLAIN_ENOUGH)
			return true;
	}
	return false;
}

static bool is_register_refused(const struct trunk *t)
{
	return t->register_refused_at_us > t->register_ok_at_us &&
	       t->register_stage != STAGE_DIRECT;
}

/* A normal code is none when the provider's own words give a cause, or when the
 * account is not even let in. */
bool attempt_is_normal(const struct trunk *t, const struct facts *f)
{
	if (f->is_in_dialog)
		return f->code / 100 == 3 ||
		       IS_ONE_OF(f->code, 401, 407, 408, 422, 481, 487, 491) ||
		       (IS_ONE_OF(f->code, 415, 488, 606) &&
			   f->sdp_codecs.off == TEXT_ABSENT);
	if (f->method_id == SIP_METHOD_REGISTER)
		return f->code == 423 || f->code / 100 == 3 || f->expires_s == 0;
	if (!is_normal_call_code(f))
		return false;
	if (f->best_provisional > 100)
		return true; /* it rang: the provider did its part */
	if (f->q850_cause == Q850_INVALID_FORMAT || phrase_names_cause(t, f))
		return false;
	return !(IS_ONE_OF(f->code, 404, 603) && t->accepted_count == 0 &&
		 is_register_refused(t));
}

bool attempt_is_accepted(const struct facts *f)
{
	if (f->method_id != SIP_METHOD_INVITE || f->is_in_dialog)
		return false;
	return f->outcome == OUTCOME_ANSWERED || f->best_provisional > 100 ||
	       (f->outcome == OUTCOME_NORMAL && IS_ONE_OF(f->code, 480, 486, 487, 600));
}

/* domain.md 2.2: what proves that credentials are good. A 100 proves nothing. */
bool attempt_proves_credentials(const struct facts *f)
{
	if (f->rounds == 0)
		return false;
	return f->outcome == OUTCOME_ANSWERED || attempt_is_accepted(f) ||
	       f->final_had_auth_info;
}
