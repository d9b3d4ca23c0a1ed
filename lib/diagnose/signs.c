/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/signs.h"
#include "diagnose/codes.h"
#include "diagnose/phrases.h"
#include "diagnose/turns.h"

#define RECENT_US (15 * USEC_PER_MIN)
/* INVITEs a second, with their repetitions for credentials: about 5 calls a second. */
enum { BUSY_SECOND = 10 };

const char *sign_name(enum sign sign)
{
	static const char *const names[SIGN_COUNT] = {
	    [SIGN_NONE] = "NONE",
#define SIGN(id) [SIGN_##id] = #id,
#include "diagnose/signs.def"
	};

	return names[sign];
}

static void exchange_signs(const struct group *g, struct signs *s)
{
	const struct facts *f = &g->last;

	signs_set(s, SIGN_DIRECT, g->stage == STAGE_DIRECT);
	signs_set(s, SIGN_AFTER_CREDENTIALS, g->stage == STAGE_CREDENTIALS);
	signs_set(s, SIGN_RECHALLENGED, g->stage == STAGE_RECHALLENGED);
	signs_set(s, SIGN_CHALLENGE_OPEN, g->stage == STAGE_CHALLENGED);
	signs_set(s, SIGN_SILENT, g->stage == STAGE_SILENT);
	signs_set(s, SIGN_ICMP, g->stage == STAGE_UNREACHABLE);
	signs_set(s, SIGN_IS_REGISTER, g->method == SIP_METHOD_REGISTER);
	signs_set(s, SIGN_IS_INVITE, g->method == SIP_METHOD_INVITE);
	signs_set(s, SIGN_IN_DIALOG, g->is_in_dialog);
	signs_set(s, SIGN_INCOMPLETE, f->is_incomplete);
	signs_set(s, SIGN_STALE, f->challenge_is_stale && f->rounds > 0);
	signs_set(s, SIGN_OTHER_NODE, f->nonce_answered_elsewhere);
	signs_set(s, SIGN_REALM_CHANGED, f->realm_changed);
	signs_set(s, SIGN_ALGORITHM_UNKNOWN,
	    f->challenges > 0 && f->realm.off != TEXT_ABSENT && !f->algorithm_is_known);
	signs_set(s, SIGN_ALGORITHM_AWKWARD,
	    f->algorithm_is_quoted || f->challenge_wants_auth_int ||
		f->challenge_wants_userhash);
}

static void code_signs(const struct facts *f, struct signs *s)
{
	uint16_t c = f->code;

	signs_set(s, SIGN_CODE_402, c == 402);
	signs_set(s, SIGN_CODE_403, c == 403);
	signs_set(s, SIGN_CODE_404, c == 404);
	signs_set(s, SIGN_CODE_401, c == 401 || c == 407);
	signs_set(s, SIGN_CODE_SERVER, c / 100 == 5 && !IS_ONE_OF(c, 501, 505, 513));
	signs_set(s, SIGN_CODE_503, c == 503);
	signs_set(s, SIGN_CODE_MEDIA, IS_ONE_OF(c, 488, 415, 606));
	signs_set(s, SIGN_CODE_NUMBER, IS_ONE_OF(c, 484, 416, 485));
	signs_set(s, SIGN_CODE_LOOP, c == 482 || c == 483);
	signs_set(s, SIGN_CODE_REQUEST,
	    IS_ONE_OF(c, 400, 405, 406, 413, 414, 420, 421, 493, 494, 501, 505, 513));
	signs_set(s, SIGN_CODE_IDENTITY, IS_ONE_OF(c, 428, 436, 437, 438));
	signs_set(s, SIGN_CODE_433, c == 433);
	signs_set(s, SIGN_CODE_ANALYTICS, c == 607 || c == 608);
	signs_set(s, SIGN_RETRY_AFTER, f->retry_after_s > 0);
	signs_set(s, SIGN_Q850_FORMAT, f->q850_cause == 28);
	signs_set(s, SIGN_Q850_REJECTED, f->q850_cause == 21);
	signs_set(s, SIGN_Q850_CONGESTION, IS_ONE_OF(f->q850_cause, 34, 38, 41, 42));
}

/* Too few digits, a word, nothing at all: no network accepts it as a caller. */
static bool is_odd_caller(const struct facts *f)
{
	struct slice caller = TEXT_GET(f, f->asserted);
	size_t digits = 0;

	if (caller.len == 0)
		caller = TEXT_GET(f, f->caller);
	for (size_t i = 0; i < caller.len; i++)
		digits += caller.ptr[i] >= '0' && caller.ptr[i] <= '9';
	return digits < 7;
}

static void request_signs(const struct facts *f, struct signs *s)
{
	struct slice account = TEXT_GET(f, f->auth_user);
	struct slice from = TEXT_GET(f, f->caller);
	struct slice head;
	bool is_account;

	if (slice_take_until(&account, '@', &head))
		account = head;
	is_account = account.len > 0 && slice_eq_nocase(account, from);
	signs_set(s, SIGN_FROM_IS_ACCOUNT, is_account);
	signs_set(s, SIGN_FROM_NOT_ACCOUNT, account.len > 0 && !is_account);
	signs_set(s, SIGN_CALLER_ODD, !is_account && is_odd_caller(f));
}

static void secret_signs(const struct facts *f, struct signs *s)
{
	signs_set(s, SIGN_SECRET_SENT, f->digest == DIGEST_MATCHES);
	signs_set(s, SIGN_SECRET_MANGLED, f->digest == DIGEST_MANGLED);
	signs_set(s, SIGN_SECRET_OTHER, f->digest == DIGEST_NO_MATCH);
	signs_set(s, SIGN_SECRET_QUOTED, f->mangling == DIGEST_QUOTES_KEPT);
}

static void trunk_signs(const struct trunk *t, const struct group *g, struct signs *s)
{
	bool calls_direct = false;

	for (size_t i = 0; i < TRUNK_GROUPS_MAX; i++) {
		const struct group *other = &t->groups[i];

		calls_direct |= other->is_used && other->method == SIP_METHOD_INVITE &&
				!other->is_in_dialog && other->stage == STAGE_DIRECT;
	}
	signs_set(s, SIGN_NEVER_ACCEPTED, t->accepted_count == 0);
	signs_set(s, SIGN_ACCEPTED_BEFORE, g->accepted_before > 0);
	signs_set(s, SIGN_PROVEN_BEFORE, g->proven_before);
	signs_set(s, SIGN_CHALLENGED_BEFORE, g->challenged_before);
	signs_set(s, SIGN_MANY_REJECTIONS, g->rejected_before >= 3);
	signs_set(s, SIGN_CONFIG_CHANGED, g->is_changed_before);
	signs_set(s, SIGN_REGISTERED, g->is_registered);
	signs_set(s, SIGN_REGISTER_REFUSED, g->is_register_refused);
	signs_set(s, SIGN_REGISTER_REFUSED_DIRECT, g->is_register_refused_direct);
	signs_set(s, SIGN_REGISTER_SILENT, g->is_register_silent);
	signs_set(s, SIGN_CALLS_ACCEPTED, t->accepted_count > 0);
	signs_set(s, SIGN_CALLS_REFUSED_DIRECT, calls_direct);
	signs_set(s, SIGN_OPTIONS_ANSWERED,
	    t->options_ok_at_us > t->options_silent_at_us &&
		usec_since(t->options_ok_at_us, g->last_at_us) < RECENT_US);

	signs_set(s, SIGN_MIXED, g->is_mixed);
	signs_set(s, SIGN_ACCEPTED_AFTER, t->accepted_count > g->accepted_at_last);
	signs_set(s, SIGN_PROVEN_AFTER, t->proven_at_us > g->last_at_us);
	signs_set(s, SIGN_REPEATED, g->count >= 3);
	signs_set(s, SIGN_LONE, g->count < 3 && g->accepted_before > 0);
}

static void split_signs(const struct trunk *t, const struct group *g, struct signs *s)
{
	const struct samples *no = &g->refused, *yes = &t->accepted;
	double rate = split_by_rate(no, yes);
	bool is_busy = samples_second(no) >= BUSY_SECOND;

	signs_set(s, SIGN_CALLER_SPLIT, split_by_caller(no, yes));
	signs_set(s, SIGN_CALLED_SPLIT, split_by_called(no, yes));
	signs_set(s, SIGN_SHAPE_SPLIT, split_by_shape(no, yes));
	signs_set(s, SIGN_LOAD_SPLIT,
	    split_by_load(no, yes) || (g->is_mixed && rate < 0.9 && !is_busy &&
					  split_by_load_nearby(no, yes)));
	signs_set(s, SIGN_RATE_SPLIT, rate >= 0.9);
	signs_set(s, SIGN_BUSY_SECOND, is_busy);
	signs_set(s, SIGN_TURNS, is_busy && g->is_mixed && samples_take_turns(no, yes));
	signs_set(s, SIGN_LOCAL_SPLIT, split_by_local(no, yes));
	signs_set(s, SIGN_SEEN_SPLIT, split_by_seen(no, yes));
	signs_set(s, SIGN_PORT_SPLIT,
	    split_by_port(no, yes) ||
		(t->register_port != 0 && g->last.local.port != t->register_port));
	signs_set(s, SIGN_FROM_SPLIT, split_by_from(no, yes));
	signs_set(s, SIGN_ACCOUNT_SPLIT, split_by_account(no, yes));
	signs_set(s, SIGN_DOMAIN_SPLIT, split_by_domain(no, yes));
	signs_set(s, SIGN_IDENTITY_SPLIT, split_by_identity(no, yes));
	signs_set(s, SIGN_ODD_FEW, g->count < 3 && are_unlike(no, yes));
	signs_set(s, SIGN_SAME_CALLED_PASSED, shares_called(no, yes));
	signs_set(s, SIGN_SAME_CALLER_PASSED, shares_caller(no, yes));
}

/* Whoever says why means neither the password nor our address, or he would say so. */
static void note_other(struct signs *s)
{
	static const enum sign causes[] = {SIGN_SAYS_SUSPENDED, SIGN_SAYS_FUNDS,
	    SIGN_SAYS_CALLER, SIGN_SAYS_DESTINATION, SIGN_SAYS_CHANNELS, SIGN_SAYS_RATE,
	    SIGN_SAYS_FROM, SIGN_SAYS_DOMAIN, SIGN_SAYS_NUMBER, SIGN_SAYS_UNREGISTERED,
	    SIGN_SAYS_REGISTRATION, SIGN_SAYS_ANALYTICS, SIGN_SAYS_IDENTITY,
	    SIGN_SAYS_MEDIA};

	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (signs_has(s, causes[i]))
			signs_say(s, SIGN_SAYS_OTHER, signs_plainness(s, causes[i]));
	}
}

void signs_of(const struct trunk *t, const struct group *g, struct signs *out)
{
	*out = (struct signs){0};
	exchange_signs(g, out);
	code_signs(&g->last, out);
	request_signs(&g->last, out);
	secret_signs(&g->last, out);
	trunk_signs(t, g, out);
	split_signs(t, g, out);
	phrases_read(&g->last, t->phrases, out);
	note_other(out);
}
