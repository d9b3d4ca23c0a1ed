/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is every row of rules.def alive? Signs that can occur together are put together at
 * random around what a row wants, until there is a case that ends otherwise without the
 * row. What can occur together is said here once more, from signs.c's comments, so that
 * a row that waits for the impossible is found.
 */
#include <criterion/criterion.h>

#include "diagnose/rules.h"

#define S(name) SIGN_##name
#define SET(...)                       \
	{                              \
		__VA_ARGS__, SIGN_NONE \
	}

enum { TRIES = 20000, SET_MAX = 24 };

/* At most one of each line. */
static const enum sign exclusive[][SET_MAX] = {
    SET(S(DIRECT), S(AFTER_CREDENTIALS), S(RECHALLENGED), S(CHALLENGE_OPEN), S(SILENT),
	S(ICMP)),
    SET(S(IS_REGISTER), S(IS_INVITE)),
    SET(S(CODE_402), S(CODE_403), S(CODE_404), S(CODE_401), S(CODE_SERVER),
	S(CODE_MEDIA), S(CODE_NUMBER), S(CODE_LOOP), S(CODE_REQUEST), S(CODE_IDENTITY),
	S(CODE_433), S(CODE_ANALYTICS), S(SILENT), S(ICMP)),
    SET(S(AFTER_CREDENTIALS), S(CODE_401)),
    SET(S(Q850_REJECTED), S(Q850_FORMAT), S(Q850_CONGESTION)),
    SET(S(FROM_IS_ACCOUNT), S(FROM_NOT_ACCOUNT)),
    SET(S(FROM_IS_ACCOUNT), S(CALLER_ODD)),
    SET(S(NEVER_ACCEPTED), S(CALLS_ACCEPTED)),
    SET(S(REGISTERED), S(REGISTER_REFUSED), S(REGISTER_REFUSED_DIRECT),
	S(REGISTER_SILENT)),
    SET(S(SECRET_SENT), S(SECRET_MANGLED), S(SECRET_OTHER)),
    SET(S(DIRECT), S(SECRET_SENT)),
    SET(S(DIRECT), S(SECRET_MANGLED)),
    SET(S(DIRECT), S(SECRET_OTHER)),
    SET(S(LOCAL_SPLIT), S(NEVER_ACCEPTED)),
    SET(S(SAME_CALLED_PASSED), S(CALLED_SPLIT)),
    SET(S(SAME_CALLER_PASSED), S(CALLER_SPLIT)),
    SET(S(FROM_IS_ACCOUNT), S(DIRECT)),
    SET(S(FROM_NOT_ACCOUNT), S(DIRECT)),
};

/* The first never comes without the second. */
static const enum sign implied[][2] = {
    {S(CODE_503), S(CODE_SERVER)},
    {S(RECHALLENGED), S(CODE_401)},
    {S(CHALLENGE_OPEN), S(CODE_401)},
    {S(ACCEPTED_BEFORE), S(CALLS_ACCEPTED)},
    {S(MIXED), S(CALLS_ACCEPTED)},
    {S(ACCEPTED_AFTER), S(CALLS_ACCEPTED)},
    {S(CALLER_SPLIT), S(CALLS_ACCEPTED)},
    {S(CALLED_SPLIT), S(CALLS_ACCEPTED)},
    {S(SHAPE_SPLIT), S(CALLS_ACCEPTED)},
    {S(LOAD_SPLIT), S(CALLS_ACCEPTED)},
    {S(RATE_SPLIT), S(CALLS_ACCEPTED)},
    {S(LOCAL_SPLIT), S(CALLS_ACCEPTED)},
    {S(SEEN_SPLIT), S(CALLS_ACCEPTED)},
    {S(FROM_SPLIT), S(CALLS_ACCEPTED)},
    {S(ACCOUNT_SPLIT), S(CALLS_ACCEPTED)},
    {S(DOMAIN_SPLIT), S(CALLS_ACCEPTED)},
    {S(IDENTITY_SPLIT), S(CALLS_ACCEPTED)},
    {S(SAME_CALLED_PASSED), S(CALLS_ACCEPTED)},
    {S(SAME_CALLER_PASSED), S(CALLS_ACCEPTED)},
    {S(SAYS_SUSPENDED), S(SAYS_OTHER)},
    {S(SAYS_FUNDS), S(SAYS_OTHER)},
    {S(SAYS_CALLER), S(SAYS_OTHER)},
    {S(SAYS_DESTINATION), S(SAYS_OTHER)},
    {S(SAYS_CHANNELS), S(SAYS_OTHER)},
    {S(SAYS_RATE), S(SAYS_OTHER)},
    {S(SAYS_FROM), S(SAYS_OTHER)},
    {S(SAYS_DOMAIN), S(SAYS_OTHER)},
    {S(SAYS_NUMBER), S(SAYS_OTHER)},
    {S(SAYS_UNREGISTERED), S(SAYS_OTHER)},
    {S(SAYS_REGISTRATION), S(SAYS_OTHER)},
    {S(SAYS_ANALYTICS), S(SAYS_OTHER)},
    {S(SAYS_IDENTITY), S(SAYS_OTHER)},
    {S(SAYS_MEDIA), S(SAYS_OTHER)},
};

static uint64_t seed = 88172645463325252u; /* xorshift: the same every time */

static unsigned draw(unsigned below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed % below);
}

static bool can_be(const struct signs *s)
{
	for (size_t i = 0; i < sizeof(exclusive) / sizeof(exclusive[0]); i++) {
		size_t have = 0;

		for (const enum sign *one = exclusive[i]; *one != SIGN_NONE; one++)
			have += signs_has(s, *one);
		if (have > 1)
			return false;
	}
	return true;
}

static void close_over(struct signs *s)
{
	for (size_t i = 0; i < sizeof(implied) / sizeof(implied[0]); i++)
		signs_set(s, implied[i][1], signs_has(s, implied[i][0]));
}

static enum sign term_sign(int16_t term)
{
	return (enum sign)(term < 0 ? -term : term);
}

static bool holds(const struct rule_view *r, const struct signs *s)
{
	for (size_t t = 0; t < 8 && r->terms[t] != 0; t++) {
		if (signs_has(s, term_sign(r->terms[t])) != (r->terms[t] > 0))
			return false;
	}
	return true;
}

static enum verdict heaviest(const int weights[VERDICT_COUNT], enum verdict but)
{
	enum verdict v = VERDICT_UNKNOWN_REFUSAL;
	int most = RULES_ENOUGH - 1;

	for (int i = 1; i < VERDICT_COUNT; i++) {
		if (i != (int)but && weights[i] > most) {
			most = weights[i];
			v = (enum verdict)i;
		}
	}
	return v;
}

/* What people are told: the verdict, and what else it may be. */
struct told {
	enum verdict verdict, runner_up;
};

static struct told tell(const int weights[VERDICT_COUNT])
{
	enum verdict v = heaviest(weights, VERDICT_NONE);

	return (struct told){v, heaviest(weights, v)};
}

/* What the row wants, and a few signs more that go with it. */
static bool draw_case(const struct rule_view *r, struct signs *out)
{
	struct signs s = {0};

	for (size_t t = 0; t < 8 && r->terms[t] != 0; t++)
		signs_set(&s, term_sign(r->terms[t]), r->terms[t] > 0);
	close_over(&s);
	if (!can_be(&s))
		return false;
	for (unsigned more = draw(8); more > 0; more--) {
		struct signs bigger = s;
		struct rule_view other = rules_row(draw((unsigned)rules_count()));

		if (more % 2 != 0)
			signs_set(&bigger, (enum sign)(1 + draw(SIGN_COUNT - 1)), true);
		for (size_t t = 0; more % 2 == 0 && t < 8 && other.terms[t] != 0; t++)
			signs_set(
			    &bigger, term_sign(other.terms[t]), other.terms[t] > 0);
		close_over(&bigger);
		if (can_be(&bigger))
			s = bigger;
	}
	signs_set(&s, SIGN_NEVER_ACCEPTED, !signs_has(&s, SIGN_CALLS_ACCEPTED));
	*out = s;
	return can_be(&s) && holds(r, &s);
}

Test(rules_sweep, every_row_decides_a_case_that_can_be)
{
	for (size_t i = 0; i < rules_count(); i++) {
		struct rule_view r = rules_row(i);
		bool decides = false;

		for (int n = 0; n < TRIES && !decides; n++) {
			int weights[VERDICT_COUNT];
			struct told with, without;
			struct signs s;

			if (!draw_case(&r, &s))
				continue;
			rules_weigh(&s, weights);
			with = tell(weights);
			weights[r.verdict] -= r.weight;
			without = tell(weights);
			decides = with.verdict != without.verdict ||
				  with.runner_up != without.runner_up;
		}
		cr_expect(decides, "row %zu never decides: %s %d: %s", i,
		    verdict_slug(r.verdict), r.weight, r.sentence);
	}
}

/* Whatever is seen, the same signs give the same verdict, and one that exists. */
Test(rules_sweep, every_case_has_a_verdict_and_every_verdict_a_case)
{
	bool reached[VERDICT_COUNT] = {0};

	for (size_t i = 0; i < rules_count(); i++) {
		struct rule_view r = rules_row(i);

		for (int n = 0; n < TRIES / 100; n++) {
			int weights[VERDICT_COUNT];
			struct signs s;

			if (!draw_case(&r, &s))
				continue;
			rules_weigh(&s, weights);
			reached[tell(weights).verdict] = true;
		}
	}
	for (size_t i = 0; i < rules_count(); i++)
		cr_expect(reached[rules_row(i).verdict], "%s is never reached",
		    verdict_slug(rules_row(i).verdict));
	cr_expect(reached[VERDICT_UNKNOWN_REFUSAL]);
}
