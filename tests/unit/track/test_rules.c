/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "diagnose/rules.h"

/* Given by code that knows more than the signs, or not given yet: see the comment of
 * each in rules_cover_every_verdict. */
static bool is_given_elsewhere(enum verdict v)
{
	return v == VERDICT_INBOUND_REJECTED_BY_US || v == VERDICT_SCANNER ||
	       v == VERDICT_CLIENT_REJECTED_BY_US || /* direction and strangers */
	       v == VERDICT_UNKNOWN_REFUSAL ||       /* what is left */
	       v == VERDICT_ABNORMAL_OUTCOMES;       /* needs a baseline */
}

static void set_terms(const struct rule_view *r, struct signs *s)
{
	for (size_t i = 0; i < 8 && r->terms[i] != 0; i++) {
		if (r->terms[i] > 0)
			signs_set(s, (enum sign)r->terms[i], true);
	}
}

static enum verdict winner(const struct signs *s)
{
	int weights[VERDICT_COUNT], most = 0;
	enum verdict v = VERDICT_NONE;

	rules_weigh(s, weights);
	for (int i = 1; i < VERDICT_COUNT; i++) {
		if (weights[i] > most) {
			most = weights[i];
			v = (enum verdict)i;
		}
	}
	return v;
}

Test(rules, no_row_is_dead)
{
	for (size_t i = 0; i < rules_count(); i++) {
		struct rule_view r = rules_row(i);
		struct signs with = {0}, without = {0};
		int weights[VERDICT_COUNT], before[VERDICT_COUNT];

		set_terms(&r, &with);
		for (size_t t = 0; t < 8 && r.terms[t] != 0; t++)
			cr_expect_not(r.terms[t] < 0 &&
					  signs_has(&with, (enum sign) - r.terms[t]),
			    "row %zu wants %s and its absence", i,
			    sign_name((enum sign) - r.terms[t]));
		rules_weigh(&with, weights);
		rules_weigh(&without, before);
		cr_expect_neq(weights[r.verdict], before[r.verdict],
		    "row %zu (%s: %s) never counts", i, verdict_slug(r.verdict),
		    r.sentence);
	}
}

Test(rules, rules_cover_every_verdict)
{
	bool reached[VERDICT_COUNT] = {0};

	for (size_t i = 0; i < rules_count(); i++) {
		struct rule_view r = rules_row(i);
		struct signs s = {0};

		set_terms(&r, &s);
		if (r.weight > 0)
			reached[winner(&s)] = true;
	}
	for (int v = VERDICT_NONE + 1; v < VERDICT_COUNT; v++)
		cr_expect(reached[v] || is_given_elsewhere((enum verdict)v),
		    "no single row makes %s win", verdict_slug((enum verdict)v));
}

Test(rules, every_sign_is_used)
{
	struct signs used = {0};

	for (size_t i = 0; i < rules_count(); i++) {
		struct rule_view r = rules_row(i);

		for (size_t t = 0; t < 8 && r.terms[t] != 0; t++)
			signs_set(&used,
			    (enum sign)(r.terms[t] < 0 ? -r.terms[t] : r.terms[t]),
			    true);
	}
	for (int s = SIGN_NONE + 1; s < SIGN_COUNT; s++)
		cr_expect(signs_has(&used, (enum sign)s), "%s is in no rule",
		    sign_name((enum sign)s));
}

/* domain.md 2.2: what is proven good stays good; a bare 403 says little. */
static const struct {
	const char *name;
	enum sign signs[8];
	enum verdict verdict;
} cases[] = {
    {"407 then 403, never accepted",
	{SIGN_AFTER_CREDENTIALS, SIGN_CODE_403, SIGN_NEVER_ACCEPTED, SIGN_IS_INVITE},
	VERDICT_CREDENTIALS_REJECTED},
    {"407 then 403, accepted an hour ago",
	{SIGN_AFTER_CREDENTIALS, SIGN_CODE_403, SIGN_PROVEN_BEFORE,
	    SIGN_ACCEPTED_BEFORE, SIGN_IS_INVITE},
	VERDICT_ACCOUNT_SUSPENDED},
    {"403 at once, never accepted",
	{SIGN_DIRECT, SIGN_CODE_403, SIGN_NEVER_ACCEPTED, SIGN_IS_INVITE},
	VERDICT_IP_NOT_ALLOWED},
    {"403 at once where there was a challenge",
	{SIGN_DIRECT, SIGN_CODE_403, SIGN_ACCEPTED_BEFORE, SIGN_CHALLENGED_BEFORE,
	    SIGN_PROVEN_BEFORE, SIGN_IS_INVITE},
	VERDICT_BLOCKED_AFTER_SUCCESS},
    {"authentication failed without a challenge (OVH)",
	{SIGN_DIRECT, SIGN_CODE_403, SIGN_SAYS_CREDENTIALS, SIGN_NEVER_ACCEPTED,
	    SIGN_IS_INVITE},
	VERDICT_IP_NOT_ALLOWED},
    {"some caller IDs pass",
	{SIGN_AFTER_CREDENTIALS, SIGN_CODE_403, SIGN_PROVEN_BEFORE, SIGN_MIXED,
	    SIGN_CALLER_SPLIT, SIGN_IS_INVITE},
	VERDICT_CALLER_ID_NOT_ALLOWED},
    {"some numbers pass",
	{SIGN_AFTER_CREDENTIALS, SIGN_CODE_403, SIGN_PROVEN_BEFORE, SIGN_MIXED,
	    SIGN_CALLED_SPLIT, SIGN_IS_INVITE},
	VERDICT_DESTINATION_NOT_ALLOWED},
    {"the only one refused is a number of another kind",
	{SIGN_AFTER_CREDENTIALS, SIGN_CODE_403, SIGN_PROVEN_BEFORE,
	    SIGN_ACCEPTED_BEFORE, SIGN_ODD_FEW, SIGN_ACCEPTED_AFTER, SIGN_IS_INVITE},
	VERDICT_NONE},
    {"503 that speaks of funds (Commio)",
	{SIGN_AFTER_CREDENTIALS, SIGN_CODE_SERVER, SIGN_CODE_503, SIGN_SAYS_FUNDS,
	    SIGN_IS_INVITE},
	VERDICT_PAYMENT_REQUIRED},
    {"503 that speaks of channels (Commio)",
	{SIGN_AFTER_CREDENTIALS, SIGN_CODE_SERVER, SIGN_CODE_503, SIGN_SAYS_CHANNELS,
	    SIGN_IS_INVITE},
	VERDICT_CHANNEL_LIMIT},
    {"503 that speaks of CPS (Telnyx)",
	{SIGN_AFTER_CREDENTIALS, SIGN_CODE_SERVER, SIGN_CODE_503, SIGN_SAYS_RATE,
	    SIGN_IS_INVITE},
	VERDICT_RATE_LIMITED},
    {"503 for everything",
	{SIGN_AFTER_CREDENTIALS, SIGN_CODE_SERVER, SIGN_CODE_503, SIGN_ACCEPTED_BEFORE,
	    SIGN_PROVEN_BEFORE, SIGN_IS_INVITE},
	VERDICT_CARRIER_OUTAGE},
    {"the stale loop",
	{SIGN_RECHALLENGED, SIGN_STALE, SIGN_NEVER_ACCEPTED, SIGN_CODE_401,
	    SIGN_IS_INVITE},
	VERDICT_STALE_NONCE_LOOP},
    {"REGISTER refused, calls pass",
	{SIGN_DIRECT, SIGN_CODE_403, SIGN_IS_REGISTER, SIGN_CALLS_ACCEPTED,
	    SIGN_ACCEPTED_AFTER},
	VERDICT_REGISTRATION_NOT_ALLOWED},
    {"a challenge without credentials",
	{SIGN_CHALLENGE_OPEN, SIGN_CODE_401, SIGN_NEVER_ACCEPTED, SIGN_IS_INVITE},
	VERDICT_CHALLENGE_UNANSWERED},
    {"SHA-256 only, no credentials",
	{SIGN_CHALLENGE_OPEN, SIGN_CODE_401, SIGN_ALGORITHM_UNKNOWN,
	    SIGN_NEVER_ACCEPTED, SIGN_IS_INVITE},
	VERDICT_ALGORITHM_UNSUPPORTED},
};

ParameterizedTestParameters(rules, what_the_domain_says)
{
	static size_t index[sizeof(cases) / sizeof(cases[0])];

	for (size_t i = 0; i < sizeof(index) / sizeof(index[0]); i++)
		index[i] = i;
	return cr_make_param_array(size_t, index, sizeof(index) / sizeof(index[0]));
}

ParameterizedTest(size_t *i, rules, what_the_domain_says)
{
	struct signs s = {0};

	for (size_t t = 0; t < 8 && cases[*i].signs[t] != SIGN_NONE; t++)
		signs_set(&s, cases[*i].signs[t], true);
	cr_expect_eq(winner(&s), cases[*i].verdict, "%s: %s, want %s", cases[*i].name,
	    verdict_slug(winner(&s)), verdict_slug(cases[*i].verdict));
}

/* The three places an admin can change: nobody shall have to guess which one is meant.
 */
Test(verdicts, advice_names_each_place_to_change_it_in)
{
	for (int v = VERDICT_NONE + 1; v < VERDICT_COUNT; v++) {
		const char *advice = verdict_advice((enum verdict)v);

		cr_expect_not_null(
		    strstr(advice, "chan_sip"), "%s", verdict_slug((enum verdict)v));
		cr_expect_not_null(
		    strstr(advice, "PJSIP"), "%s", verdict_slug((enum verdict)v));
		cr_expect_not_null(
		    strstr(advice, "ViciDial: "), "%s", verdict_slug((enum verdict)v));
	}
}
