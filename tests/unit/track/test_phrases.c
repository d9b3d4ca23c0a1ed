/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "diagnose/phrases.h"

/* As documented or traced (domain.md 2.4), and words that only look like them. */
static const struct {
	const char *reason, *extra;
	uint16_t code;
	enum sign sign, not_sign;
} cases[] = {
    {"User channel limit exceeded D1", NULL, 403, SIGN_SAYS_CHANNELS, SIGN_SAYS_RATE},
    {"Channel Limit Reached", NULL, 503, SIGN_SAYS_CHANNELS, SIGN_SAYS_RATE},
    {"Maximum Calls In Progress", NULL, 503, SIGN_SAYS_CHANNELS, SIGN_NONE},
    {"CPS Limit reached P05", NULL, 503, SIGN_SAYS_RATE, SIGN_SAYS_CHANNELS},
    {"Funds Required", NULL, 503, SIGN_SAYS_FUNDS, SIGN_NONE},
    {"outgoing call barred", NULL, 603, SIGN_SAYS_FUNDS, SIGN_NONE},
    {"Caller Origination Number is Invalid D35", NULL, 403, SIGN_SAYS_CALLER,
	SIGN_SAYS_CREDENTIALS},
    {"Unverified origination number D51", NULL, 403, SIGN_SAYS_CALLER, SIGN_NONE},
    {"Forbidden D36", NULL, 403, SIGN_SAYS_CALLER, SIGN_NONE},
    {"Destination Number is not included in whitelisted countries D13", NULL, 403,
	SIGN_SAYS_DESTINATION, SIGN_NONE},
    {"Wrong domain", NULL, 403, SIGN_SAYS_DOMAIN, SIGN_NONE},
    {"Wrong login or password", NULL, 403, SIGN_SAYS_CREDENTIALS, SIGN_NONE},
    {"Not Registered", NULL, 403, SIGN_SAYS_UNREGISTERED, SIGN_NONE},
    {"IP not in whitelist", NULL, 403, SIGN_SAYS_ADDRESS, SIGN_NONE},
    {"Authentication Username Mismatch", NULL, 403, SIGN_SAYS_FROM, SIGN_NONE},
    {"channels_exceeded", NULL, 403, SIGN_SAYS_CHANNELS, SIGN_NONE},
    {"Network Blocked", NULL, 603, SIGN_SAYS_ANALYTICS, SIGN_NONE},
    {"Network Blocked", NULL, 403, SIGN_NONE, SIGN_SAYS_ANALYTICS},
    {"Forbidden", "X-Twilio-Error: 32201 Authentication failure", 403,
	SIGN_SAYS_ADDRESS, SIGN_NONE},
    {"Payment", "X-ZT-Hangup-Code: 3030", 402, SIGN_SAYS_FUNDS, SIGN_NONE},
    {"ACCOUNT SUSPENDED", NULL, 403, SIGN_SAYS_SUSPENDED, SIGN_NONE},
    {"Too many call attempts per second", NULL, 480, SIGN_SAYS_RATE, SIGN_SAYS_CALLER},
    {"Customer blocked, contact billing", NULL, 403, SIGN_SAYS_SUSPENDED, SIGN_NONE},
    {"Unauthorised IP address", NULL, 403, SIGN_SAYS_ADDRESS, SIGN_NONE},
    /* other languages */
    {"Guthaben nicht ausreichend", NULL, 403, SIGN_SAYS_FUNDS, SIGN_NONE},
    {"Saldo insuficiente", NULL, 603, SIGN_SAYS_FUNDS, SIGN_NONE},
    {"Cuenta bloqueada", NULL, 403, SIGN_SAYS_SUSPENDED, SIGN_SAYS_DESTINATION},
    {"Compte suspendu", NULL, 403, SIGN_SAYS_SUSPENDED, SIGN_NONE},
    {"Numero de origen no permitido", NULL, 403, SIGN_SAYS_CALLER,
	SIGN_SAYS_DESTINATION},
    {"Destino no permitido", NULL, 403, SIGN_SAYS_DESTINATION, SIGN_SAYS_CALLER},
    {"Zu viele gleichzeitige Anrufe", NULL, 403, SIGN_SAYS_CHANNELS, SIGN_NONE},
    {"Adresse IP non autorisee", NULL, 403, SIGN_SAYS_ADDRESS, SIGN_SAYS_CREDENTIALS},
    {"Falsches Passwort", NULL, 403, SIGN_SAYS_CREDENTIALS, SIGN_NONE},
    {"Numero no existe", NULL, 404, SIGN_NONE, SIGN_SAYS_CALLER},
    {"Teilnehmer nicht erreichbar", NULL, 480, SIGN_NONE, SIGN_SAYS_SUSPENDED},
    {"Abonado no disponible", NULL, 480, SIGN_NONE, SIGN_SAYS_SUSPENDED},
    /* look-alikes */
    {"Cancelled by user", NULL, 603, SIGN_NONE, SIGN_SAYS_SUSPENDED},
    {"Connection terminated", NULL, 503, SIGN_NONE, SIGN_SAYS_SUSPENDED},
    {"Client not found", NULL, 404, SIGN_NONE, SIGN_SAYS_CALLER},
    {"Forbidden", NULL, 403, SIGN_NONE, SIGN_SAYS_CREDENTIALS},
    {"Oracle SBC", NULL, 500, SIGN_NONE, SIGN_SAYS_ADDRESS},
    {"Limit your number", NULL, 403, SIGN_NONE, SIGN_SAYS_CHANNELS},
    {"", NULL, 403, SIGN_NONE, SIGN_SAYS_FUNDS},
};

ParameterizedTestParameters(phrases, what_providers_write)
{
	static size_t index[sizeof(cases) / sizeof(cases[0])];

	for (size_t i = 0; i < sizeof(index) / sizeof(index[0]); i++)
		index[i] = i;
	return cr_make_param_array(size_t, index, sizeof(index) / sizeof(index[0]));
}

ParameterizedTest(size_t *i, phrases, what_providers_write)
{
	static struct facts f;
	static struct phrase_reader reader;
	struct signs signs = {0};
	const char *extra = cases[*i].extra;

	f.code = cases[*i].code;
	f.reason = TEXT_PUT(
	    &f, slice_of(cases[*i].reason, strlen(cases[*i].reason)), FACT_VALUE_MAX);
	if (extra != NULL)
		f.extra = TEXT_PUT(&f, slice_of(extra, strlen(extra)), FACT_VALUE_MAX);
	phrases_read(&f, &reader, &signs);
	cr_expect(cases[*i].sign == SIGN_NONE || signs_has(&signs, cases[*i].sign),
	    "'%s' does not give %s", cases[*i].reason, sign_name(cases[*i].sign));
	cr_expect(
	    cases[*i].not_sign == SIGN_NONE || !signs_has(&signs, cases[*i].not_sign),
	    "'%s' gives %s", cases[*i].reason, sign_name(cases[*i].not_sign));
}

/* Most rows are passed over by their first letter: it must be one. */
Test(phrases, every_row_begins_with_a_word)
{
	static const char *const rows[] = {
#define PHRASE(code, place, words, sign, weight, source) words,
#include "diagnose/phrases.def"
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect((rows[i][0] >= 'a' && rows[i][0] <= 'z') ||
			      (rows[i][0] >= '0' && rows[i][0] <= '9'),
		    "'%s' is not in lower case from its first letter on", rows[i]);
}

static void give(struct facts *f, const char *reason, const char *extra)
{
	memset(f, 0, sizeof(*f));
	f->code = 403;
	f->reason = TEXT_PUT(f, slice_of(reason, strlen(reason)), FACT_VALUE_MAX);
	f->extra = TEXT_PUT(f, slice_of(extra, strlen(extra)), FACT_VALUE_MAX);
}

/* Those of the configuration: by code, and where they stand. */
Test(phrases, of_the_configuration)
{
	static const struct phrase rows[] = {
	    {"no active|valid plan", 403, PHRASE_IN_STATUS, SIGN_SAYS_FUNDS, 40},
	    {"suspend", 404, PHRASE_ANYWHERE, SIGN_SAYS_OUTAGE, 100},
	    {"zz17", 0, PHRASE_IN_EXTRA, SIGN_SAYS_RATE, 100}};
	static struct phrase_reader reader = {
	    .own = {rows, sizeof(rows) / sizeof(rows[0])}};
	static struct facts f;
	struct signs signs = {0};

	give(&f, "Plan: NO longer active", "X-Acme-Error: ZZ17");
	phrases_read(&f, &reader, &signs);
	cr_expect_eq(signs_plainness(&signs, SIGN_SAYS_FUNDS), 40);
	cr_expect(signs_has(&signs, SIGN_SAYS_RATE));
	cr_expect_not(signs_has(&signs, SIGN_SAYS_OUTAGE));

	signs = (struct signs){0};
	give(&f, "zz17 no suspended", "X-Acme-Error: no active plan");
	phrases_read(&f, &reader, &signs);
	cr_expect_not(signs_has(&signs, SIGN_SAYS_RATE), "not in that header");
	cr_expect_not(signs_has(&signs, SIGN_SAYS_FUNDS), "not in the status line");
	cr_expect_not(signs_has(&signs, SIGN_SAYS_OUTAGE), "another code");
}

/* All of them, round and round by one reader that remembers: each says what it says to
 * one that has read nothing yet. */
Test(phrases, what_was_read_before_says_the_same)
{
	static struct facts f;
	static struct phrase_reader remembers;

	for (size_t n = 0; n < 4 * sizeof(cases) / sizeof(cases[0]); n++) {
		size_t i = n / 2 % (sizeof(cases) / sizeof(cases[0]));
		static struct phrase_reader fresh;
		struct signs first = {0}, again = {0};

		memset(&fresh, 0, sizeof(fresh));
		give(&f, cases[i].reason, cases[i].extra == NULL ? "" : cases[i].extra);
		f.code = cases[i].code;
		phrases_read(&f, &fresh, &first);
		phrases_read(&f, &remembers, &again);
		cr_expect_eq(
		    memcmp(&first, &again, sizeof(first)), 0, "'%s'", cases[i].reason);
	}
}

/* As long as each other, and in one place of the memory. */
Test(phrases, answers_alike_are_not_mixed_up)
{
	static struct facts f;
	static struct phrase_reader reader;
	static const struct {
		const char *reason, *extra;
		enum sign sign;
	} alike[] = {{"No balance", "", SIGN_SAYS_FUNDS},
	    {"No throttl", "", SIGN_SAYS_RATE}, {"", "No balance", SIGN_SAYS_FUNDS},
	    {"No", " balance", SIGN_SAYS_FUNDS}, {"No Nothing", "", SIGN_NONE}};

	for (size_t n = 0; n < 100; n++) {
		size_t i = n * n % (sizeof(alike) / sizeof(alike[0]));
		struct signs signs = {0};

		give(&f, alike[i].reason, alike[i].extra);
		phrases_read(&f, &reader, &signs);
		cr_expect_eq(signs_has(&signs, SIGN_SAYS_FUNDS),
		    alike[i].sign == SIGN_SAYS_FUNDS, "'%s'", alike[i].reason);
		cr_expect_eq(signs_has(&signs, SIGN_SAYS_RATE),
		    alike[i].sign == SIGN_SAYS_RATE, "'%s'", alike[i].reason);
	}
}

Test(phrases, meanings_are_what_providers_say)
{
	cr_expect_eq(phrase_meaning(SLICE("says_funds")), SIGN_SAYS_FUNDS);
	cr_expect_eq(phrase_meaning(SLICE("SAYS_FUNDS")), SIGN_NONE);
	cr_expect_eq(phrase_meaning(SLICE("direct")), SIGN_NONE);
	cr_expect_eq(phrase_meaning(SLICE("")), SIGN_NONE);
	cr_expect_not(phrase_has_words(SLICE(" -!")));
	cr_expect(phrase_has_words(SLICE(" a")));
}
