/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "diagnose/diagnose.h"
#include "support/sip_rig.h"
#include "track/track.h"

#define US   "203.0.113.45:5060"
#define THEM "198.51.100.20:5060"

enum { SEEN_MAX = 64 };

static struct tracker *tracker;
static struct diagnosis *diagnosis;
static struct failure seen[SEEN_MAX];
static struct moved_failure moved[SEEN_MAX];
static size_t count, moved_count;
static int64_t clock_ms;

static void collect_moved(void)
{
	while (diagnosis_next_moved(diagnosis, &moved[moved_count]))
		cr_assert_lt(++moved_count, SEEN_MAX);
}

static void collect(void)
{
	struct facts *f;
	static struct failure one;

	while ((f = tracker_next(tracker)) != NULL) {
		bool is_failure = diagnosis_attempt(diagnosis, f, &one);

		while (is_failure || diagnosis_late(diagnosis, &one)) {
			cr_assert_lt(count, SEEN_MAX);
			memcpy(&seen[count++], &one, failure_bytes(&one));
			is_failure = false;
		}
		collect_moved();
	}
}

static void start(void)
{
	static const struct ip_net local = {{{203, 0, 113, 45}, 4}, 32};
	const struct tracker_config t = {.local = &local,
	    .local_count = 1,
	    .attempts_max = 64,
	    .legs_max = 256,
	    .remotes_max = 64,
	    .recorder_bytes = 1 << 20};
	const struct diagnosis_config d = {
	    .trunks_max = 8, .incidents_max = 16, .strangers_max = 64};
	struct err e;

	count = moved_count = 0;
	clock_ms = 0;
	cr_assert_eq(tracker_new(&t, &tracker, &e), 0);
	cr_assert_eq(diagnosis_new(&d, &diagnosis, &e), 0);
}

static void stop(void)
{
	tracker_free(tracker);
	diagnosis_free(diagnosis);
}

TestSuite(diagnose, .init = start, .fini = stop);

static void say(struct rig_say what)
{
	static struct sip_msg msg;
	static char text[2048];
	struct wire_event ev;

	clock_ms += 10;
	rig_say(&what, clock_ms, text, sizeof(text), &ev, &msg);
	tracker_message(tracker, &ev, &msg);
	collect();
}

/* A call by an account: challenged, and then answered with that code. */
static void call(
    const char *call_id, const char *caller, const char *called, unsigned code)
{
	const char *challenge = RIG_CHALLENGE("r", "n");
	const char *credentials = RIG_CREDENTIALS("acct", "r", "n");

	clock_ms += 1000;
	say((struct rig_say){US, THEM, "INVITE", call_id, .caller = caller,
	    .called = called, .host = "sip.example.net"});
	say((struct rig_say){THEM, US, "INVITE", call_id, .to_tag = "t", .status = 407,
	    .extra = challenge});
	say((struct rig_say){US, THEM, "INVITE", call_id, .cseq = 2, .caller = caller,
	    .called = called, .host = "sip.example.net", .extra = credentials});
	if (code == 200)
		say((struct rig_say){THEM, US, "INVITE", call_id, .cseq = 2,
		    .to_tag = "t2", .status = 180});
	say((struct rig_say){THEM, US, "INVITE", call_id, .cseq = 2, .to_tag = "t2",
	    .status = code, .reason = "Forbidden"});
	if (code == 200)
		say((struct rig_say){
		    US, THEM, "BYE", call_id, .cseq = 3, .to_tag = "t2"});
}

static enum verdict last_incident(struct incident *out)
{
	struct incident one;

	memset(out, 0, sizeof(*out));
	diagnosis_tick(diagnosis, RIG_T0 + clock_ms * 1000, true);
	while (diagnosis_next_incident(diagnosis, &one))
		*out = one;
	return out->verdict;
}

Test(diagnose, a_wrong_password_from_the_start)
{
	struct incident i;

	call("a", "acct", "15551230001", 403);
	call("b", "acct", "15551230002", 403);
	cr_assert_eq(count, 2);
	cr_expect_eq(seen[0].verdict, VERDICT_CREDENTIALS_REJECTED);
	cr_expect_gt(seen[0].confidence, 0.9);
	cr_expect_str_eq(seen[1].trunk, "acct@sip.example.net");
	cr_expect_eq(last_incident(&i), VERDICT_CREDENTIALS_REJECTED);
	cr_expect_eq(i.failures, 2);
	cr_expect_eq(i.attempts, 2);
	cr_expect_eq(i.first_failure, seen[0].id);
}

/* The look-alike: the very same packets, but an hour ago they were accepted. */
Test(diagnose, credentials_that_were_accepted_are_not_wrong)
{
	struct incident i;

	call("ok", "acct", "15551230001", 200);
	call("a", "acct", "15551230002", 403);
	call("b", "acct", "15551230003", 403);
	cr_assert_eq(count, 2);
	cr_expect_eq(last_incident(&i), VERDICT_ACCOUNT_SUSPENDED);
	cr_expect_neq(seen[0].verdict, VERDICT_CREDENTIALS_REJECTED);
}

/* The capture began while a call was up: it was let in, as all others with a password.
 */
Test(diagnose, credentials_of_a_call_from_before_the_capture_are_not_wrong)
{
	struct incident i;

	say((struct rig_say){
	    THEM, US, "INVITE", "up", .cseq = 2, .to_tag = "t2", .status = 200});
	clock_ms += 1000;
	call("a", "acct", "15551230002", 403);
	call("b", "acct", "15551230003", 403);
	call("c", "acct", "15551230004", 403);
	cr_expect_eq(last_incident(&i), VERDICT_ACCOUNT_SUSPENDED);
}

/* Its answer is the first packet, and is only known to have no request when the first
 * refusal was there. */
Test(diagnose, a_call_from_just_before_the_capture_counts_as_well)
{
	struct incident i;

	say((struct rig_say){
	    THEM, US, "INVITE", "up", .cseq = 2, .to_tag = "t2", .status = 200});
	clock_ms -= 900;
	call("a", "acct", "15551230002", 403);
	cr_assert_eq(count, 1);
	call("b", "acct", "15551230003", 403);
	call("c", "acct", "15551230004", 403);
	cr_expect_eq(last_incident(&i), VERDICT_ACCOUNT_SUSPENDED);
}

static void challenged_only(const char *call_id)
{
	clock_ms += 1000;
	say((struct rig_say){US, THEM, "INVITE", call_id, .host = "sip.example.net"});
	say((struct rig_say){THEM, US, "INVITE", call_id, .to_tag = "t", .status = 407,
	    .extra = RIG_CHALLENGE("r", "n")});
	say((struct rig_say){US, THEM, "ACK", call_id, .to_tag = "t"});
	clock_ms += 40000;
	say((struct rig_say){US, THEM, "OPTIONS", "ping"});
}

/* Where the capture loses messages, credentials may be among them. But not each time.
 */
Test(diagnose, credentials_that_were_not_seen_may_be_lost_but_not_in_each_call)
{
	call("ok", "acct", "15551230001", 200);
	say((struct rig_say){US, THEM, "INVITE", "x", .host = "sip.example.net"});
	say((struct rig_say){US, THEM, "ACK", "x", .to_tag = "t"}); /* of what? */
	challenged_only("a");
	challenged_only("b");
	cr_expect_eq(count, 0);
	challenged_only("c");
	cr_assert_eq(count, 1);
	cr_expect_eq(seen[0].verdict, VERDICT_CHALLENGE_UNANSWERED);
}

/* A country, a caller, a limit? One refusal on a trunk that works does not tell. */
Test(diagnose, one_refusal_of_another_kind_of_number_is_no_suspension)
{
	call("ok", "acct", "15551230001", 200);
	call("a", "acct", "011447911000001", 403);
	call("ok2", "acct", "15551230002", 200);
	cr_assert_eq(count, 1);
	cr_expect_eq(seen[0].verdict, VERDICT_UNKNOWN_REFUSAL);
	cr_expect_eq(seen[0].incident_id, 0);
}

/* From carries the account in those that pass; of one of them the credentials were
 * lost. */
Test(diagnose, the_account_of_unseen_credentials_is_the_trunks)
{
	struct incident i;

	for (int n = 0; n < 3; n++) {
		char id[8];

		(void)snprintf(id, sizeof(id), "no%d", n);
		call(id, "5550001", "15551230001", 403);
	}
	call("ok", "acct", "15551230001", 200);
	clock_ms += 1000;
	say((struct rig_say){
	    US, THEM, "INVITE", "lost", .caller = "acct", .host = "sip.example.net"});
	say((struct rig_say){THEM, US, "INVITE", "lost", .to_tag = "t", .status = 407,
	    .extra = RIG_CHALLENGE("r", "n")});
	say((struct rig_say){THEM, US, "INVITE", "lost", .cseq = 2, .caller = "acct",
	    .to_tag = "t2", .status = 180});
	clock_ms += 1000;
	say((struct rig_say){THEM, US, "INVITE", "lost", .cseq = 2, .caller = "acct",
	    .to_tag = "t2", .status = 200});
	cr_expect_eq(last_incident(&i), VERDICT_FROM_HEADER_MISMATCH);
	cr_expect_gt(i.confidence, 0.9);
}

Test(diagnose, a_recovery_closes_the_incident)
{
	struct incident i;

	call("a", "acct", "15551230001", 403);
	call("ok", "acct", "15551230002", 200);
	cr_expect_eq(last_incident(&i), VERDICT_CREDENTIALS_REJECTED);
	cr_expect_gt(i.closed_at_us, i.last_at_us);
}

/* The first refused call looked like a suspension; the pattern shows better. */
Test(diagnose, later_evidence_corrects_the_incident_and_not_its_failures)
{
	struct incident i;

	for (int n = 0; n < 4; n++) {
		char good[8], bad[8];

		(void)snprintf(good, sizeof(good), "ok%d", n);
		(void)snprintf(bad, sizeof(bad), "no%d", n);
		call(good, "acct", "15551230001", 200);
		call(bad, "acct", n % 2 ? "15559110001" : "15559910001", 403);
	}
	cr_expect_eq(seen[0].verdict, VERDICT_ACCOUNT_SUSPENDED);
	cr_expect_eq(last_incident(&i), VERDICT_DESTINATION_NOT_ALLOWED);
	cr_expect_gt(i.revision, 0);
	cr_expect_eq(seen[0].incident_id, i.id);
	cr_expect_eq(seen[3].incident_id, i.id);
}

Test(diagnose, busy_and_declined_are_normal)
{
	static const unsigned codes[] = {486, 480, 603, 404, 600, 410};

	for (size_t n = 0; n < sizeof(codes) / sizeof(codes[0]); n++) {
		char id[8];

		(void)snprintf(id, sizeof(id), "n%zu", n);
		call(id, "acct", "15551230001", codes[n]);
	}
	cr_expect_eq(count, 0);
}

/* A dial prefix that was not cut off: each 404 alone is an unassigned number. */
Test(diagnose, unknown_numbers_of_another_form_are_refusals)
{
	struct incident i;

	for (unsigned n = 0; n < 5; n++) {
		char good[16], bad[16], id[8];

		(void)snprintf(good, sizeof(good), "1555123000%u", n);
		(void)snprintf(bad, sizeof(bad), "91555123000%u", n);
		(void)snprintf(id, sizeof(id), "ok%u", n);
		call(id, "acct", good, 200);
		(void)snprintf(id, sizeof(id), "no%u", n);
		call(id, "acct", bad, 404);
		cr_expect_eq(count, n < 3 ? 0 : n + 1, "%zu at call %u", count, n);
	}
	cr_expect_eq(last_incident(&i), VERDICT_NUMBER_FORMAT);
	cr_expect_eq(i.failures, 5);
}

/* The same number four times, or numbers of the usual form, are the lead list's. */
Test(diagnose, unknown_numbers_of_the_usual_form_are_normal)
{
	for (unsigned n = 0; n < 6; n++) {
		char good[16], bad[16], id[8];

		(void)snprintf(good, sizeof(good), "1555123000%u", n);
		(void)snprintf(bad, sizeof(bad), "1777123000%u", n);
		(void)snprintf(id, sizeof(id), "ok%u", n);
		call(id, "acct", good, 200);
		(void)snprintf(id, sizeof(id), "no%u", n);
		call(id, "acct", bad, 404);
		(void)snprintf(id, sizeof(id), "again%u", n);
		call(id, "acct", "91777123000", 404);
	}
	cr_expect_eq(count, 0);
}

Test(diagnose, two_accounts_at_one_address_are_two_trunks)
{
	struct trunk_state t;
	size_t trunks = 0;

	call("a", "acct", "15551230001", 403);
	say((struct rig_say){US, THEM, "INVITE", "x", .host = "sip.example.net"});
	say((struct rig_say){THEM, US, "INVITE", "x", .to_tag = "t", .status = 407,
	    .extra = RIG_CHALLENGE("r", "n")});
	say((struct rig_say){US, THEM, "INVITE", "x", .cseq = 2,
	    .host = "sip.example.net", .extra = RIG_CREDENTIALS("other", "r", "n")});
	say((struct rig_say){
	    THEM, US, "INVITE", "x", .cseq = 2, .to_tag = "t2", .status = 200});
	diagnosis_tick(diagnosis, RIG_T0 + clock_ms * 1000, true);
	while (diagnosis_next_trunk(diagnosis, &t))
		trunks++;
	cr_expect_eq(trunks, 2);
}

/* domain.md 2.1, rule 0: what our own box refuses is never a trunk's failure. */
/* Two accounts at one address, and whose credentials were refused was not seen. */
Test(diagnose, a_refusal_of_unseen_credentials_is_of_the_account_that_is_refused_so)
{
	call("a", "5550001", "15551230001", 403);
	call("b", "5550001", "15551230002", 403);
	clock_ms += 1000;
	say((struct rig_say){US, THEM, "INVITE", "ok", .host = "sip.example.net"});
	say((struct rig_say){THEM, US, "INVITE", "ok", .to_tag = "t", .status = 407,
	    .extra = RIG_CHALLENGE("r", "n")});
	say((struct rig_say){US, THEM, "INVITE", "ok", .cseq = 2,
	    .host = "sip.example.net", .extra = RIG_CREDENTIALS("other", "r", "n")});
	say((struct rig_say){
	    THEM, US, "INVITE", "ok", .cseq = 2, .to_tag = "t2", .status = 200});
	clock_ms += 1000;
	say((struct rig_say){US, THEM, "INVITE", "lost", .host = "sip.example.net"});
	say((struct rig_say){THEM, US, "INVITE", "lost", .to_tag = "t", .status = 407,
	    .extra = RIG_CHALLENGE("r", "n")});
	say((struct rig_say){THEM, US, "INVITE", "lost", .cseq = 2, .to_tag = "t2",
	    .status = 403, .reason = "Forbidden"});
	clock_ms += 1000;
	say((struct rig_say){US, THEM, "OPTIONS", "ping"});
	cr_assert_eq(count, 3);
	cr_expect_str_eq(seen[2].trunk, "acct@sip.example.net");
	say((struct rig_say){US, THEM, "INVITE", "up", .host = "sip.example.net"});
	say((struct rig_say){THEM, US, "INVITE", "up", .to_tag = "t", .status = 200});
	call("d", "5550001", "15551230002", 403);
	cr_assert_eq(count, 4);
	cr_expect_eq(seen[3].verdict, VERDICT_CREDENTIALS_REJECTED, "was not let in");
}

Test(diagnose, our_own_refusals_are_told_apart_by_who_asked)
{
	call("ok", "acct", "15551230001", 200);
	/* the provider calls us */
	say((struct rig_say){THEM, US, "INVITE", "in1"});
	say((struct rig_say){US, THEM, "INVITE", "in1", .to_tag = "t", .status = 404});
	/* a stranger tries */
	say((struct rig_say){"192.0.2.66:5071", US, "REGISTER", "s1", .caller = "100"});
	say((struct rig_say){
	    US, "192.0.2.66:5071", "REGISTER", "s1", .to_tag = "t", .status = 403});
	/* a phone mistypes its password */
	say((struct rig_say){"192.0.2.67:5072", US, "REGISTER", "p1", .caller = "6001",
	    .extra = RIG_CREDENTIALS("6001", "asterisk", "n")});
	say((struct rig_say){
	    US, "192.0.2.67:5072", "REGISTER", "p1", .to_tag = "t", .status = 403});
	cr_assert_eq(count, 3);
	cr_expect_eq(seen[0].verdict, VERDICT_INBOUND_REJECTED_BY_US);
	cr_expect_eq(seen[1].verdict, VERDICT_SCANNER);
	cr_expect_eq(seen[2].verdict, VERDICT_CLIENT_REJECTED_BY_US);
}

Test(diagnose, a_scan_does_not_fill_the_disk)
{
	for (int n = 0; n < 200; n++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "scan%d", n);
		clock_ms -= 15; /* all within seconds */
		say((struct rig_say){
		    "192.0.2.66:5071", US, "REGISTER", id, .caller = id});
		say((struct rig_say){US, "192.0.2.66:5071", "REGISTER", id,
		    .to_tag = "t", .status = 403});
	}
	cr_expect_leq(count, 20);
}

/* --- one story after the other --- */

static void calls(const char *prefix, int n, const char *called, unsigned code)
{
	for (int i = 0; i < n; i++) {
		char id[24];

		(void)snprintf(id, sizeof(id), "%s%d", prefix, i);
		call(id, "acct", called, code);
	}
}

/* Suspended, reactivated, and suspended again a week later: not "some calls refused",
 * which would be a limit, and not one incident of a week. */
Test(diagnose, a_recovery_ends_the_story)
{
	struct incident i;

	calls("g", 3, "15551230001", 200);
	calls("a", 4, "15551230001", 403);
	calls("h", 5, "15551230001", 200);
	clock_ms += 7 * 86400 * INT64_C(1000);
	calls("b", 4, "15551230001", 403);
	cr_assert_eq(count, 8);
	cr_expect_neq(seen[7].incident_id, seen[0].incident_id);
	cr_expect_eq(seen[7].verdict, VERDICT_ACCOUNT_SUSPENDED);
	cr_expect_eq(last_incident(&i), VERDICT_ACCOUNT_SUSPENDED);
	cr_expect_eq(i.failures, 4);
}

/* Back within minutes: it never went. */
Test(diagnose, what_flaps_stays_one_incident)
{
	calls("g", 3, "15551230001", 200);
	calls("a", 4, "15551230001", 403);
	calls("h", 5, "15551230001", 200);
	calls("b", 4, "15551230001", 403);
	cr_assert_eq(count, 8);
	cr_expect_eq(seen[7].incident_id, seen[0].incident_id);
}

/* The look-alike: three barred numbers, three good ones, three barred ones. */
Test(diagnose, a_cause_that_meets_some_calls_is_no_recovery)
{
	static const char *const good[] = {"ga", "gb", "gc", "gd"};
	static const char *const bad[] = {"ba", "bb", "bc", "bd"};
	struct incident i;

	for (int n = 0; n < 4; n++) {
		calls(good[n], 3, "15551230001", 200);
		calls(bad[n], 3, "011882990000001", 403);
	}
	cr_expect_eq(last_incident(&i), VERDICT_DESTINATION_NOT_ALLOWED);
	cr_expect_eq(seen[11].incident_id, seen[0].incident_id);
}

/* Some numbers were always barred; now the account is suspended, by the same answer. */
Test(diagnose, a_long_run_in_a_mixed_group_is_another_story)
{
	static const char *const good[] = {"ga", "gb", "gc", "gd", "ge"};
	static const char *const bad[] = {"ba", "bb", "bc", "bd", "be"};
	struct incident i;

	for (int n = 0; n < 5; n++) {
		calls(good[n], 4, "15551230001", 200);
		calls(bad[n], 1, "011882990000001", 403);
	}
	cr_expect_eq(last_incident(&i), VERDICT_DESTINATION_NOT_ALLOWED);
	clock_ms += 2000;
	for (int n = 0; n < 30; n++) {
		char id[8];

		(void)snprintf(id, sizeof(id), "s%d", n);
		clock_ms += 4000;
		call(id, "acct", n % 2 ? "15551230001" : "12125550199", 403);
	}
	cr_assert_eq(count, 35);
	cr_expect_eq(last_incident(&i), VERDICT_ACCOUNT_SUSPENDED);
	cr_expect_eq(seen[34].incident_id, i.id);
	cr_expect_neq(seen[34].incident_id, seen[0].incident_id);
}

/* --- shares of normal outcomes --- */

/* A usual day: most calls are answered, some busy, some declined. */
static void usual_day(int n)
{
	for (int i = 0; i < n; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "day%d-%d", n, i);
		call(id, "acct", "15551230001",
		    i % 10 == 3  ? 603
		    : i % 5 == 1 ? 486
				 : 200);
	}
}

Test(diagnose, declined_calls_beyond_the_usual_are_an_incident)
{
	struct incident i;

	usual_day(160);
	cr_expect_eq(last_incident(&i), VERDICT_NONE);
	calls("d", 40, "15551230001", 603);
	cr_assert_eq(last_incident(&i), VERDICT_ABNORMAL_OUTCOMES);
	cr_expect_eq(i.failures, 0);
	cr_expect_eq(i.first_failure, 0);
	cr_expect_eq(i.closed_at_us, USEC_NEVER);
	cr_expect(strstr(i.summary, "declined (603)") != NULL, "%s", i.summary);
	cr_expect_eq(count, 0, "normal outcomes are no failures");

	usual_day(61);
	(void)last_incident(&i);
	cr_expect_neq(i.closed_at_us, USEC_NEVER, "%s", i.summary);
}

/* Twenty calls are no baseline, and a bad list of numbers is no departure. */
Test(diagnose, small_numbers_and_small_rises_are_no_incident)
{
	struct incident i;

	usual_day(20);
	calls("d", 60, "15551230001", 603);
	cr_expect_eq(last_incident(&i), VERDICT_NONE);
	usual_day(200);
	for (int n = 0; n < 60; n++) {
		char id[8];

		(void)snprintf(id, sizeof(id), "m%d", n);
		call(id, "acct", "15551230001", n % 4 == 0 ? 486 : 200);
	}
	cr_expect_eq(last_incident(&i), VERDICT_NONE, "%s", i.summary);
}

/* A call was let in and rang; meanwhile the account was suspended; then it was
 * answered. The answer is no recovery, and the refusals are not "some of the calls". */
Test(diagnose, a_call_that_rang_before_is_no_success_afterwards)
{
	struct incident i;

	calls("g", 1, "15551230001", 200);
	say((struct rig_say){US, THEM, "INVITE", "long", .caller = "acct",
	    .called = "15551230001", .host = "sip.example.net"});
	say((struct rig_say){THEM, US, "INVITE", "long", .to_tag = "t", .status = 180});
	calls("h", 3, "15551230001", 200); /* it rings in all that follows: no limit */
	calls("a", 4, "15551230001", 403);
	say((struct rig_say){THEM, US, "INVITE", "long", .to_tag = "t", .status = 200});
	cr_expect_eq(last_incident(&i), VERDICT_ACCOUNT_SUSPENDED);
	cr_expect_eq(i.closed_at_us, USEC_NEVER);
	calls("b", 2, "15551230001", 403);
	cr_expect_eq(last_incident(&i), VERDICT_ACCOUNT_SUSPENDED);
	cr_expect_eq(i.failures, 6);
}

/* As call(), but the answered ones stay up. */
static void call_up(const char *call_id, unsigned code)
{
	clock_ms += 1000;
	say((struct rig_say){US, THEM, "INVITE", call_id, .caller = "acct",
	    .called = call_id, .host = "sip.example.net"});
	if (code == 200)
		say((struct rig_say){
		    THEM, US, "INVITE", call_id, .to_tag = "t", .status = 180});
	say((struct rig_say){
	    THEM, US, "INVITE", call_id, .to_tag = "t", .status = code});
}

static void hang_up(const char *call_id)
{
	say((struct rig_say){US, THEM, "BYE", call_id, .cseq = 3, .to_tag = "t"});
}

/* Nothing but the calls that are up tells the busy ones apart. */
Test(diagnose, busy_whenever_so_many_calls_are_up_is_a_limit)
{
	struct incident i;
	char id[16];

	for (int round = 0; round < 4; round++) {
		for (int n = 0; n < 6; n++) {
			(void)snprintf(id, sizeof(id), "1555%d%d", round, n);
			call_up(id, n < 3 ? 200 : 486);
		}
		for (int n = 0; n < 3; n++) {
			(void)snprintf(id, sizeof(id), "1555%d%d", round, n);
			hang_up(id);
		}
	}
	cr_expect_eq(count, 12, "%zu: also those before it was clear", count);
	cr_expect_eq(last_incident(&i), VERDICT_CHANNEL_LIMIT);
	cr_expect_eq(i.failures, 12);
}

Test(diagnose, declined_for_one_caller_only_is_his_caller_id)
{
	struct incident i;
	char id[16], called[16];

	for (int n = 0; n < 24; n++) {
		bool is_bad = n % 3 == 1;

		(void)snprintf(id, sizeof(id), "c%d", n);
		(void)snprintf(called, sizeof(called), "1555123%04d", n * 37);
		call(id,
		    is_bad       ? "12025550100"
		    : n % 2 == 0 ? "12025550111"
				 : "13125550122",
		    called, is_bad ? 603 : 200);
	}
	cr_expect_eq(count, 8, "%zu", count);
	cr_expect_eq(last_incident(&i), VERDICT_CALLER_ID_NOT_ALLOWED);
}

/* As often, but whoever calls, and whatever else is up. */
Test(diagnose, busy_and_declined_at_random_stay_normal)
{
	struct incident i;
	char id[16], called[16];

	for (int n = 0; n < 60; n++) {
		(void)snprintf(id, sizeof(id), "r%d", n);
		(void)snprintf(called, sizeof(called), "1555123%04d", n * 37);
		call(id, n % 2 == 0 ? "12025550100" : "12025550111", called,
		    n % 5 == 3   ? 603
		    : n % 7 == 2 ? 486
				 : 200);
	}
	cr_expect_eq(count, 0);
	cr_expect_eq(last_incident(&i), VERDICT_NONE);
}

/* One number that declines again and again is someone who does not want to talk. */
Test(diagnose, one_number_that_declines_is_no_pattern)
{
	char id[16];

	for (int n = 0; n < 40; n++) {
		(void)snprintf(id, sizeof(id), "s%d", n);
		call(id, n % 3 == 1 ? "12025550100" : "12025550111",
		    n % 3 == 1 ? "15551239999" : "15551230001", n % 3 == 1 ? 603 : 200);
	}
	cr_expect_eq(count, 0);
}

Test(diagnose, calls_of_a_trunk_that_nobody_ever_takes_are_turned_away)
{
	char id[16];

	call("ok", "acct", "15551230001", 200);
	for (int n = 0; n < 4; n++) {
		(void)snprintf(id, sizeof(id), "in%d", n);
		clock_ms += 1000;
		say((struct rig_say){THEM, US, "INVITE", id});
		say((struct rig_say){
		    US, THEM, "INVITE", id, .to_tag = "t", .status = 480});
		cr_expect_eq(count, n < 2 ? 0 : (size_t)n + 1, "%d: %zu", n, count);
	}
	cr_expect_eq(seen[0].verdict, VERDICT_INBOUND_REJECTED_BY_US);
}

Test(diagnose, an_agent_who_is_away_now_and_then_is_normal)
{
	char id[16];

	call("ok", "acct", "15551230001", 200);
	for (int n = 0; n < 12; n++) {
		(void)snprintf(id, sizeof(id), "in%d", n);
		clock_ms += 1000;
		say((struct rig_say){THEM, US, "INVITE", id});
		say((struct rig_say){US, THEM, "INVITE", id, .to_tag = "t",
		    .status = n % 3 == 2 ? 200 : 480});
	}
	cr_expect_eq(count, 0);
}

static size_t moved_to(int64_t incident)
{
	size_t n = 0;

	for (size_t i = 0; i < moved_count; i++)
		n += moved[i].incident_id == incident;
	return n;
}

/* One caller is barred, and one country, both by a bare 403: two incidents, and those
 * that were taken for one thing at first are told apart as well. */
Test(diagnose, two_causes_under_one_answer_are_two_incidents)
{
	struct incident i, callers = {0}, countries = {0};
	char id[16], called[24];

	for (int n = 0; n < 40; n++) {
		bool is_country = n % 5 == 1, is_barred = n % 5 == 3;

		(void)snprintf(id, sizeof(id), "m%d", n);
		(void)snprintf(called, sizeof(called), "%s%05d",
		    is_country ? "011447" : "155512", n * 137);
		call(id,
		    is_barred    ? "13125550199"
		    : n % 2 == 0 ? "12025550100"
				 : "12025550111",
		    called, is_country || is_barred ? 403 : 200);
	}
	cr_assert_eq(count, 16);
	diagnosis_tick(diagnosis, RIG_T0 + clock_ms * 1000, true);
	collect_moved();
	while (diagnosis_next_incident(diagnosis, &i)) {
		if (i.verdict == VERDICT_CALLER_ID_NOT_ALLOWED)
			callers = i;
		if (i.verdict == VERDICT_DESTINATION_NOT_ALLOWED)
			countries = i;
	}
	cr_expect_eq(callers.failures, 8, "%s", callers.summary);
	cr_expect_eq(countries.failures, 8, "%s", countries.summary);
	cr_expect_gt(moved_to(callers.id), 0);
	cr_expect_eq(moved_to(countries.id), 1, "the first one waited for a second");
	cr_expect_eq(callers.first_failure, seen[1].id);
	cr_expect_eq(countries.first_failure, seen[0].id);
	for (size_t n = 0; n < moved_count; n++)
		cr_expect((moved[n].failure_id - seen[0].id) % 2 == 1 ||
			      moved[n].failure_id == seen[0].id,
		    "only the barred caller's were moved");
}

/* Bad luck happens on every trunk; twice within minutes it is an incident. */
Test(diagnose, one_server_error_on_a_trunk_that_works_is_no_incident_yet)
{
	struct incident i;

	calls("g", 3, "15551230001", 200);
	calls("a", 1, "15551230001", 503);
	cr_assert_eq(count, 1, "it is a failure all the same");
	cr_expect_eq(seen[0].incident_id, 0);
	cr_expect_eq(last_incident(&i), VERDICT_NONE);

	clock_ms += 11 * 60 * 1000;
	calls("h", 1, "15551230001", 200);
	calls("b", 1, "15551230001", 503);
	cr_expect_eq(last_incident(&i), VERDICT_NONE, "too long ago");

	calls("c", 1, "15551230001", 503);
	cr_assert_eq(count, 3);
	cr_expect_neq(last_incident(&i), VERDICT_NONE);
	cr_expect_eq(i.failures, 2);
	cr_expect_eq(i.first_failure, seen[1].id);
	cr_expect_eq(i.opened_at_us, seen[1].facts.decided_at_us);
	cr_expect_eq(moved_count, 1);
	cr_expect_eq(moved[0].failure_id, seen[1].id);
	cr_expect_eq(moved[0].incident_id, i.id);
}

Test(diagnose, the_summary_is_one_sentence_with_all_an_admin_asks_for)
{
	struct incident i;

	call("a", "acct", "15551230001", 403);
	(void)last_incident(&i);
	cr_expect_str_eq(i.summary,
	    "acct@sip.example.net: 1 of 1 calls refused since 2023-11-14T22:13:21Z, "
	    "wrong password or username for user acct, no call accepted so far");
}

/* One refusal of a trunk that works: nothing stands, as far as the next calls tell. */
Test(diagnose, one_refusal_is_no_suspension)
{
	struct incident i;

	calls("g", 5, "15551230001", 200);
	calls("a", 1, "15551230001", 403);
	cr_expect_eq(last_incident(&i), VERDICT_ACCOUNT_SUSPENDED);
	cr_expect_lt(i.confidence, 0.8);
	calls("h", 3, "15551230001", 200);
	clock_ms += 10000;
	calls("i", 1, "15551230001", 200);
	cr_expect_eq(last_incident(&i), VERDICT_UNKNOWN_REFUSAL);
}
