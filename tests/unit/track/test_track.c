/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "support/sip_rig.h"
#include "track/early.h"
#include "track/losses.h"
#include "track/track.h"

#define US   "203.0.113.45:5060"
#define THEM "198.51.100.20:5060"

enum { SEEN_MAX = 64 };

struct bench {
	struct tracker *tracker;
	struct facts seen[SEEN_MAX];
	size_t count;
};

static struct bench bench;

static void collect(void)
{
	struct facts *f;

	while ((f = tracker_next(bench.tracker)) != NULL) {
		cr_assert_lt(bench.count, SEEN_MAX);
		memcpy(&bench.seen[bench.count++], f, facts_bytes(f));
	}
}

static void start_with(uint32_t attempts, uint32_t legs)
{
	static const struct ip_net local = {{{203, 0, 113, 45}, 4}, 32};
	const struct tracker_config c = {.local = &local,
	    .local_count = 1,
	    .attempts_max = attempts,
	    .legs_max = legs,
	    .remotes_max = 64,
	    .recorder_bytes = 1 << 20};
	struct err e;

	memset(&bench, 0, sizeof(bench));
	cr_assert_eq(tracker_new(&c, &bench.tracker, &e), 0);
}

static void start(void)
{
	start_with(64, 256);
}

static void stop(void)
{
	tracker_free(bench.tracker);
}

static void say(int64_t at_ms, struct rig_say what)
{
	static struct sip_msg msg;
	static char text[2048];
	struct wire_event ev;

	rig_say(&what, at_ms, text, sizeof(text), &ev, &msg);
	tracker_message(bench.tracker, &ev, &msg);
	collect();
}

static void tick(int64_t at_ms)
{
	tracker_tick(bench.tracker, RIG_T0 + at_ms * 1000);
	collect();
}

static void finish(void)
{
	tracker_finish(bench.tracker);
	collect();
}

static uint32_t active_calls(void)
{
	struct endpoint them = rig_endpoint(THEM);

	return tracker_active_calls(bench.tracker, &them.ip);
}

#define INVITE(...)   ((struct rig_say){US, THEM, "INVITE", __VA_ARGS__})
#define ANSWER(...)   ((struct rig_say){THEM, US, "INVITE", .to_tag = "t1", __VA_ARGS__})
#define CHALLENGED    .status = 407, .extra = RIG_CHALLENGE("r", "n1")
#define WITH_PASSWORD .cseq = 2, .extra = RIG_CREDENTIALS("acct", "r", "n1")

TestSuite(track, .init = start, .fini = stop);

Test(track, challenge_credentials_and_refusal_are_one_attempt)
{
	say(0, INVITE(.cseq = 1));
	say(20, ANSWER(CHALLENGED));
	say(21, (struct rig_say){US, THEM, "ACK", .to_tag = "t1"});
	say(22, INVITE(WITH_PASSWORD));
	say(42, ANSWER(.cseq = 2, .status = 100));
	say(60, ANSWER(.cseq = 2, .status = 403, .reason = "Forbidden"));

	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_REFUSED);
	cr_expect_eq(bench.seen[0].direction, DIRECTION_OUTBOUND);
	cr_expect_eq(bench.seen[0].code, 403);
	cr_expect_eq(bench.seen[0].challenge_code, 407);
	cr_expect_eq(bench.seen[0].rounds, 1);
	cr_expect_eq(bench.seen[0].retransmits, 0);
	cr_expect_eq(bench.seen[0].best_provisional, 100);
	cr_expect(
	    slice_eq(TEXT_GET(&bench.seen[0], bench.seen[0].auth_user), SLICE("acct")));
	cr_expect(slice_eq(TEXT_GET(&bench.seen[0], bench.seen[0].realm), SLICE("r")));
	cr_expect(slice_eq(
	    TEXT_GET(&bench.seen[0], bench.seen[0].reason), SLICE("Forbidden")));
}

Test(track, credentials_that_overtake_their_challenge_go_on_with_the_attempt)
{
	say(0, INVITE(.cseq = 1));
	say(10, ANSWER(.status = 100));
	say(21, (struct rig_say){US, THEM, "ACK", .to_tag = "t1"});
	say(22, INVITE(WITH_PASSWORD));
	say(23, ANSWER(CHALLENGED));
	say(60, ANSWER(.cseq = 2, .status = 403, .reason = "Forbidden"));
	finish();

	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].code, 403);
	cr_expect_eq(bench.seen[0].rounds, 1);
}

/* As Kamailio's siptrace mirrors it: the copy of a request is sent after the request,
 * by another process than the one that reads the answer. */
Test(track, an_answer_that_overtakes_its_request_is_its_answer)
{
	say(0, INVITE(.cseq = 1));
	say(20, ANSWER(CHALLENGED));
	say(21, (struct rig_say){US, THEM, "ACK", .to_tag = "t1"});
	say(60, ANSWER(.cseq = 2, .status = 403, .reason = "Forbidden"));
	say(61, INVITE(WITH_PASSWORD));
	say(62, (struct rig_say){US, THEM, "ACK", .cseq = 2, .to_tag = "t1"});

	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_REFUSED);
	cr_expect_eq(bench.seen[0].code, 403);
	cr_expect_eq(bench.seen[0].rounds, 1);
	cr_expect_not(bench.seen[0].is_incomplete);
	cr_expect_geq(bench.seen[0].decided_at_us, bench.seen[0].last_request_at_us);
}

/* Both legs of a proxy bear one Call-ID and CSeq: the provider's early answer is not
 * that of the phone's leg, which waits as well. */
Test(track, an_early_answer_belongs_to_the_leg_that_asks_its_sender)
{
	static const char phone[] = "203.0.113.45:5062", proxy[] = "203.0.113.45:5080";

	for (uint32_t cseq = 1; cseq <= 2; cseq++) {
		int64_t at = cseq * 100;

		say(at, (struct rig_say){phone, proxy, "INVITE", .cseq = cseq,
			    .extra =
				cseq == 1 ? NULL : RIG_CREDENTIALS("acct", "r", "n1")});
		if (cseq == 1)
			say(at + 1, INVITE(.cseq = 1));
		say(at + 2, ANSWER(.cseq = cseq, .status = cseq == 1 ? 407 : 403,
				.extra = cseq == 1 ? RIG_CHALLENGE("r", "n1") : NULL));
		if (cseq == 2)
			say(at + 3, INVITE(WITH_PASSWORD));
		say(at + 4, (struct rig_say){proxy, phone, "INVITE", .cseq = cseq,
				.to_tag = "t1", .status = cseq == 1 ? 407 : 403,
				.extra = cseq == 1 ? RIG_CHALLENGE("r", "n1") : NULL});
	}
	finish();
	cr_assert_eq(bench.count, 2);
	for (size_t i = 0; i < 2; i++) {
		cr_expect_eq(bench.seen[i].code, 403);
		cr_expect_eq(bench.seen[i].rounds, 1);
		cr_expect_not(bench.seen[i].is_incomplete);
	}
}

Test(track, a_challenge_that_overtakes_the_first_request_is_its_answer)
{
	say(0, ANSWER(CHALLENGED));
	say(1, INVITE(.cseq = 1));
	say(21, (struct rig_say){US, THEM, "ACK", .to_tag = "t1"});
	say(22, INVITE(WITH_PASSWORD));
	say(60, ANSWER(.cseq = 2, .status = 403));

	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].challenge_code, 407);
	cr_expect_eq(bench.seen[0].rounds, 1);
	cr_expect_not(bench.seen[0].is_incomplete);
}

Test(track, an_answer_waits_for_its_own_request_and_not_for_long)
{
	say(0, INVITE(.cseq = 1));
	say(20, ANSWER(CHALLENGED));
	say(60, ANSWER(.cseq = 3, .status = 403)); /* of another request */
	say(61, INVITE(WITH_PASSWORD));
	cr_expect_eq(bench.count, 0);
	say(80, ANSWER(.cseq = 2, .status = 200));
	say(100, ANSWER(.cseq = 4, .status = 503)); /* too long ago */
	say(700, INVITE(.cseq = 4));
	cr_expect_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_ANSWERED);
}

Test(track, a_retransmitted_answer_is_no_second_refusal)
{
	say(0, INVITE(.cseq = 1));
	say(20, ANSWER(.status = 403));
	say(520, ANSWER(.status = 403));
	say(530, INVITE(.cseq = 1));
	say(540, ANSWER(.status = 403));
	finish();
	cr_expect_eq(bench.count, 1);
}

Test(track, an_acknowledged_challenge_without_credentials_is_settled_soon)
{
	say(0, INVITE(.cseq = 1));
	say(20, ANSWER(CHALLENGED));
	say(21, (struct rig_say){US, THEM, "ACK", .to_tag = "t1"});
	tick(300);
	cr_expect_eq(bench.count, 0, "too early: credentials may still come");
	tick(1000);
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_CHALLENGE_UNANSWERED);
	cr_expect_eq(bench.seen[0].rounds, 0);
}

/* RFC 3261 17.1.1.3: who reads it acknowledges it. */
Test(track, a_challenge_that_nobody_acknowledged_tells_nothing)
{
	say(0, INVITE(.cseq = 1));
	say(20, ANSWER(CHALLENGED));
	tick(40000);
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_OPEN);
	cr_expect(bench.seen[0].is_incomplete);
}

/* Where challenges are answered, one that is not may have lost more than its answer. */
Test(track, whose_challenges_are_answered_is_given_more_time)
{
	say(0, INVITE(.cseq = 1, .call_id = "a"));
	say(20, ANSWER(CHALLENGED, .call_id = "a"));
	say(21, (struct rig_say){US, THEM, "ACK", .call_id = "a", .to_tag = "t1"});
	say(22, INVITE(WITH_PASSWORD, .call_id = "a"));
	say(40, ANSWER(.cseq = 2, .call_id = "a", .status = 403));
	say(1000, INVITE(.cseq = 1));
	say(1020, ANSWER(CHALLENGED));
	say(1021, (struct rig_say){US, THEM, "ACK", .to_tag = "t1"});
	say(2500, ANSWER(.cseq = 2, .status = 200));
	tick(4000);
	cr_assert_eq(bench.count, 2);
	cr_expect_eq(bench.seen[1].outcome, OUTCOME_ANSWERED);
}

/* What follows them proves that credentials were sent, though the capture lost them:
 * an answer of the next CSeq, an ACK, a BYE. */
Test(track, lost_credentials_are_no_unanswered_challenge)
{
	say(0, INVITE(.cseq = 1));
	say(20, ANSWER(CHALLENGED));
	say(21, (struct rig_say){US, THEM, "ACK", .to_tag = "t1"});
	say(40, ANSWER(.cseq = 2, .status = 100));
	say(700, ANSWER(.cseq = 2, .status = 200));
	finish();
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_ANSWERED);
	cr_expect_eq(bench.seen[0].rounds, 1);
	cr_expect(bench.seen[0].is_incomplete);
}

Test(track, lost_credentials_are_refused_all_the_same)
{
	say(0, INVITE(.cseq = 1));
	say(20, ANSWER(CHALLENGED));
	say(40, ANSWER(.cseq = 2, .status = 403));
	tick(1000);
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_REFUSED);
	cr_expect_eq(bench.seen[0].code, 403);
	cr_expect_eq(bench.seen[0].rounds, 1);
	cr_expect_eq(bench.seen[0].decided_at_us, RIG_T0 + 40000);
}

Test(track, a_call_that_ends_later_was_not_left_at_its_challenge)
{
	say(0, INVITE(.cseq = 1));
	say(20, ANSWER(CHALLENGED));
	say(300, (struct rig_say){US, THEM, "BYE", .cseq = 3, .to_tag = "t2"});
	finish();
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_OPEN);
}

/* Somebody who captures on a card that drops: what he missed once he will miss again.
 */
Test(track, where_messages_are_missing_credentials_are_waited_for)
{
	say(0, INVITE(.cseq = 1, .call_id = "a"));
	say(10, ANSWER(.call_id = "a", .status = 100));
	say(20, INVITE(WITH_PASSWORD, .call_id = "a")); /* to which challenge? */
	say(40, ANSWER(.cseq = 2, .call_id = "a", .status = 200));
	say(1000, INVITE(.cseq = 1));
	say(1020, ANSWER(CHALLENGED));
	say(1021, (struct rig_say){US, THEM, "ACK", .to_tag = "t1"});
	say(3000, ANSWER(.cseq = 2, .status = 180));
	tick(4000);
	say(9000, ANSWER(.cseq = 2, .status = 200));
	cr_assert_eq(bench.count, 2);
	cr_expect_eq(bench.seen[1].outcome, OUTCOME_ANSWERED);
	cr_expect_eq(bench.seen[1].rounds, 1);
}

Test(track, nothing_followed_but_messages_of_others_are_missing)
{
	char buf[INCOMPLETE_TEXT_MAX];

	say(0, INVITE(.cseq = 1, .call_id = "a"));
	say(30, (struct rig_say){US, THEM, "ACK", .call_id = "a", .to_tag = "t1"});
	say(1000, INVITE(.cseq = 1));
	say(1020, ANSWER(CHALLENGED));
	say(1021, (struct rig_say){US, THEM, "ACK", .to_tag = "t1"});
	tick(40000);
	cr_assert_eq(bench.count, 2);
	cr_expect_eq(bench.seen[1].outcome, OUTCOME_CHALLENGE_UNANSWERED);
	cr_expect_str_eq(
	    incomplete_words(bench.seen[1].incomplete_why, buf), "losses_nearby");
}

/* A scanner sends once, reads no answer and acknowledges none; the firewall drops most
 * of them. That tells nothing of the capture. */
Test(track, what_strangers_leave_out_is_no_loss)
{
	say(0, (struct rig_say){THEM, US, "INVITE", .call_id = "dropped", .cseq = 1});
	say(10, (struct rig_say){THEM, US, "INVITE", .call_id = "unread", .cseq = 1});
	say(20, (struct rig_say){US, THEM, "INVITE", .call_id = "unread", .cseq = 1,
		    .to_tag = "t1", .status = 401, .extra = RIG_CHALLENGE("r", "n1")});
	say(30, (struct rig_say){
		    THEM, US, "ACK", .call_id = "dropped", .cseq = 1, .to_tag = "t1"});
	tick(50000);
	bench.count = 0;
	say(60000, INVITE(.cseq = 1));
	say(60020, ANSWER(CHALLENGED));
	say(60021, (struct rig_say){US, THEM, "ACK", .to_tag = "t1"});
	tick(64000);
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_CHALLENGE_UNANSWERED);
	cr_expect_eq(bench.seen[0].incomplete_why, 0);
}

Test(track, who_hangs_up_was_connected)
{
	say(0, INVITE(.cseq = 1));
	say(20, ANSWER(.status = 180));
	say(9000, (struct rig_say){THEM, US, "BYE", .to_tag = "f1"});
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_ANSWERED);
	cr_expect(bench.seen[0].is_incomplete);
	cr_expect_eq(active_calls(), 0);
}

Test(track, a_call_and_a_registration_from_before_the_capture_count)
{
	say(0, ANSWER(.call_id = "up", .status = 200, .cseq = 103));
	say(10, (struct rig_say){
		    THEM, US, "REGISTER", "reg", .to_tag = "t3", .status = 200});
	say(20, ANSWER(.call_id = "which", .status = 407,
		    .extra = RIG_CHALLENGE("r", "n")));
	tick(400);
	cr_expect_eq(bench.count, 0, "their requests may only be late");
	tick(600);
	cr_assert_eq(bench.count, 2);
	for (size_t i = 0; i < 2; i++) {
		cr_expect_eq(bench.seen[i].outcome, OUTCOME_ANSWERED);
		cr_expect_eq(bench.seen[i].direction, DIRECTION_OUTBOUND);
		cr_expect_not(bench.seen[i].has_request);
	}
	cr_expect_eq(active_calls(), 1);
	finish();
	cr_expect_eq(bench.count, 2, "a challenge alone says nothing");
}

/* Who hangs up a call that never began was connected before. Until something is lost.
 */
Test(track, calls_from_before_the_capture_are_counted_when_they_end)
{
	for (int copy = 0; copy < 2; copy++) {
		say(copy, (struct rig_say){US, THEM, "BYE", "x", .to_tag = "t"});
		say(10 + copy, (struct rig_say){THEM, US, "BYE", "y", .to_tag = "t"});
	}
	say(100, INVITE(.cseq = 1, .call_id = "a"));
	say(130, (struct rig_say){US, THEM, "ACK", .call_id = "a", .to_tag = "t1"});
	say(200, (struct rig_say){US, THEM, "BYE", "z", .to_tag = "t"});
	say(300, INVITE(.cseq = 1, .call_id = "b"));
	finish();
	cr_assert_eq(bench.count, 2);
	cr_expect_eq(bench.seen[0].remote_ended_calls, 2);
	cr_expect_eq(bench.seen[1].remote_ended_calls, 2);
}

/* A registration is refreshed with the nonce of the last time, until that is old. */
Test(track, an_old_nonce_is_no_refused_password)
{
	say(0, (struct rig_say){US, THEM, "REGISTER", WITH_PASSWORD});
	say(20,
	    (struct rig_say){THEM, US, "REGISTER", .cseq = 2, .status = 401,
		.extra =
		    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n2\", stale=true\r\n"});
	tick(40000);
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_CHALLENGE_UNANSWERED);
}

Test(track, a_register_whose_cseq_jumps_lost_a_request)
{
	say(0, (struct rig_say){US, THEM, "REGISTER", .cseq = 1});
	say(20, (struct rig_say){THEM, US, "REGISTER", CHALLENGED});
	say(900, (struct rig_say){US, THEM, "REGISTER", .cseq = 3});
	say(920, (struct rig_say){
		     THEM, US, "REGISTER", .cseq = 3, .to_tag = "t3", .status = 200});
	finish();
	cr_assert_eq(bench.count, 2);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_OPEN);
	cr_expect_eq(bench.seen[1].outcome, OUTCOME_ANSWERED);
}

/* chan_sip on a 40 ms trunk: T1 is 100 ms, and it gives up at 64 * T1. */
Test(track, give_up_time_follows_the_spacing_of_retransmissions)
{
	say(0, INVITE(.cseq = 1));
	say(100, INVITE(.cseq = 1));
	say(300, INVITE(.cseq = 1));
	tick(6300);
	cr_expect_eq(bench.count, 0);
	tick(6600);
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_TIMED_OUT);
	cr_expect_eq(bench.seen[0].retransmits, 2);
	cr_expect_eq(bench.seen[0].decided_at_us, RIG_T0 + 6400000);
}

/* RFC 3261 17.1.1.2: T1 is 500 ms, Timer B 32 s. */
Test(track, a_stack_that_follows_the_rfc_has_its_32_seconds)
{
	say(0, INVITE(.cseq = 1));
	say(500, INVITE(.cseq = 1));
	tick(31900);
	cr_expect_eq(bench.count, 0);
	tick(32200);
	cr_expect_eq(bench.count, 1);
}

Test(track, silence_without_retransmission_proves_nothing)
{
	say(0, INVITE(.cseq = 1));
	tick(40000);
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_OPEN);
	cr_expect(bench.seen[0].is_incomplete);
}

Test(track, a_packet_seen_twice_is_no_retransmission)
{
	say(0, INVITE(.cseq = 1));
	say(1, (struct rig_say){"10.9.0.2:5060", THEM, "INVITE"});
	say(20, ANSWER(.status = 403));
	say(21, ((struct rig_say){
		    THEM, "10.9.0.2:5060", "INVITE", .to_tag = "t1", .status = 403}));
	finish();
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].retransmits, 0);
	cr_expect(endpoint_eq(
	    &bench.seen[0].local, &(struct endpoint){{{203, 0, 113, 45}, 4}, 0, 5060}));
}

Test(track, a_translated_address_seen_first_does_not_hide_ours)
{
	say(0, (struct rig_say){"10.9.0.2:5060", THEM, "INVITE"});
	say(1, INVITE(.cseq = 1));
	say(20, ANSWER(.status = 403));
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].direction, DIRECTION_OUTBOUND);
}

static void start_without_addresses(void)
{
	const struct tracker_config c = {.attempts_max = 64,
	    .legs_max = 256,
	    .remotes_max = 64,
	    .recorder_bytes = 1 << 20};
	struct err e;

	stop();
	memset(&bench, 0, sizeof(bench));
	cr_assert_eq(tracker_new(&c, &bench.tracker, &e), 0);
}

/* Ours is the one that two addresses send for, not the one that hears them both. */
Test(track, a_translated_address_is_no_second_partner)
{
	start_without_addresses();
	say(0, (struct rig_say){"10.0.0.5", THEM, "INVITE"});
	say(1, INVITE(.cseq = 1));
	say(30, ANSWER(.status = 403));
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].direction, DIRECTION_OUTBOUND);
}

/* A trunk calls us as well: between two addresses, who calls more is the dialer. */
Test(track, between_two_addresses_who_calls_more_is_ours)
{
	start_without_addresses();
	say(0, INVITE(.cseq = 1, .call_id = "a"));
	say(30, ANSWER(.status = 486, .call_id = "a"));
	say(100, INVITE(.cseq = 1, .call_id = "b"));
	say(200, (struct rig_say){THEM, US, "INVITE", "in"});
	say(201,
	    (struct rig_say){US, THEM, "INVITE", "in", .to_tag = "x", .status = 404});
	cr_assert_eq(bench.count, 2);
	cr_expect_eq(bench.seen[0].direction, DIRECTION_OUTBOUND);
	cr_expect_eq(bench.seen[1].direction, DIRECTION_INBOUND);
}

Test(track, one_call_id_for_months_is_an_attempt_each_time)
{
	for (unsigned i = 0; i < 3; i++) {
		say(i * 60000, (struct rig_say){US, THEM, "REGISTER", .cseq = 10 + i});
		say(i * 60000 + 20, (struct rig_say){THEM, US, "REGISTER",
					.cseq = 10 + i, .status = 200, .to_tag = "t",
					.extra = "Contact: <sip:a@b>;expires=120\r\n"});
	}
	cr_assert_eq(bench.count, 3);
	cr_expect_eq(bench.seen[2].outcome, OUTCOME_ANSWERED);
	cr_expect_eq(bench.seen[2].expires_s, 120);
}

/* chan_sip refreshes with the nonce it has, is challenged anew, and answers. */
Test(track, cached_credentials_and_a_fresh_challenge_are_one_attempt)
{
	say(0, (struct rig_say){
		   US, THEM, "REGISTER", .extra = RIG_CREDENTIALS("a", "r", "old")});
	say(20,
	    (struct rig_say){THEM, US, "REGISTER", .status = 401, .to_tag = "t",
		.extra =
		    "WWW-Authenticate: Digest realm=\"r\", nonce=\"new\", stale=true\r\n"});
	say(25, (struct rig_say){US, THEM, "REGISTER", .cseq = 2,
		    .extra = RIG_CREDENTIALS("a", "r", "new")});
	say(45, (struct rig_say){
		    THEM, US, "REGISTER", .cseq = 2, .status = 200, .to_tag = "t"});
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_ANSWERED);
	cr_expect(bench.seen[0].is_first_cached);
}

Test(track, a_register_that_timed_out_and_the_next_try_are_two)
{
	say(0, (struct rig_say){US, THEM, "REGISTER", .cseq = 1});
	say(1000, (struct rig_say){US, THEM, "REGISTER", .cseq = 1});
	say(20000, (struct rig_say){US, THEM, "REGISTER", .cseq = 2});
	say(20020, (struct rig_say){
		       THEM, US, "REGISTER", .cseq = 2, .status = 200, .to_tag = "t"});
	cr_assert_eq(bench.count, 2);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_TIMED_OUT);
	cr_expect_eq(bench.seen[1].outcome, OUTCOME_ANSWERED);
}

Test(track, a_cancelled_call_is_cancelled)
{
	say(0, INVITE(.cseq = 1));
	say(20, ANSWER(.status = 180));
	say(5000, (struct rig_say){US, THEM, "CANCEL"});
	say(5020, (struct rig_say){THEM, US, "CANCEL", .status = 200, .to_tag = "t1"});
	say(5021, ANSWER(.status = 487));
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_CANCELLED);
	cr_expect_eq(bench.seen[0].best_provisional, 180);
}

/* 487 that nobody asked for is the provider's doing. */
Test(track, a_487_without_cancel_is_a_refusal)
{
	say(0, INVITE(.cseq = 1));
	say(20, ANSWER(.status = 487));
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_REFUSED);
}

Test(track, both_legs_of_a_local_proxy_are_followed_apart)
{
	say(0, (struct rig_say){"127.0.0.1:5080", "127.0.0.1:5060", "INVITE"});
	say(1, (struct rig_say){US, THEM, "INVITE"});
	say(20, ANSWER(.status = 403));
	say(21, (struct rig_say){"127.0.0.1:5060", "127.0.0.1:5080", "INVITE",
		    .to_tag = "t1", .status = 403});
	cr_assert_eq(bench.count, 2);
	cr_expect_eq(bench.seen[0].direction, DIRECTION_OUTBOUND);
	cr_expect(bench.seen[0].is_second_leg);
	cr_expect_eq(bench.seen[1].direction, DIRECTION_INTERNAL);
}

Test(track, a_re_invite_is_another_matter_than_its_call)
{
	say(0, INVITE(.cseq = 1));
	say(20, ANSWER(.status = 200));
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_ANSWERED);
	say(5000, INVITE(.cseq = 2, .to_tag = "t1"));
	say(5020, ANSWER(.cseq = 2, .status = 403));
	cr_assert_eq(bench.count, 2);
	cr_expect(bench.seen[1].is_in_dialog);
	cr_expect_eq(bench.seen[1].outcome, OUTCOME_REFUSED);
	cr_expect_eq(active_calls(), 1);
	say(9000, (struct rig_say){THEM, US, "BYE", .from_tag = "t1", .to_tag = "f1"});
	cr_expect_eq(active_calls(), 0);
}

Test(track, an_answer_without_its_request_still_names_the_refused_call)
{
	say(0, ANSWER(.status = 403, .reason = "Forbidden"));
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_REFUSED);
	cr_expect(bench.seen[0].is_incomplete);
	cr_expect_not(bench.seen[0].has_request);
	cr_expect(
	    slice_eq(TEXT_GET(&bench.seen[0], bench.seen[0].call_id), SLICE("call1")));
}

Test(track, a_refused_offer_without_its_request_may_be_of_a_running_call)
{
	say(0, ANSWER(.status = 488));
	finish();
	cr_expect_eq(bench.count, 0);
}

Test(track, credentials_sent_to_another_node_go_on_with_the_attempt)
{
	say(0, INVITE(.cseq = 1));
	say(20, ANSWER(CHALLENGED));
	say(22, (struct rig_say){US, "198.51.100.21:5060", "INVITE", WITH_PASSWORD});
	say(40, (struct rig_say){"198.51.100.21:5060", US, "INVITE", .cseq = 2,
		    .to_tag = "t2", CHALLENGED});
	finish();
	cr_assert_eq(bench.count, 1);
	cr_expect(bench.seen[0].nonce_answered_elsewhere);
	cr_expect_eq(bench.seen[0].rounds, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_REFUSED);
}

static void icmp_quoting(
    int64_t at_ms, enum icmp_reason reason, const char *source, const char *target)
{
	struct packet pkt = {.kind = PACKET_ICMP, .at_us = RIG_T0 + at_ms * 1000};

	pkt.icmp.reason = reason;
	pkt.icmp.src = rig_endpoint(source);
	pkt.icmp.dst = rig_endpoint(target);
	tracker_icmp(bench.tracker, &pkt);
	collect();
}

static void icmp(int64_t at_ms, enum icmp_reason reason, const char *target)
{
	icmp_quoting(at_ms, reason, US, target);
}

Test(track, an_icmp_error_seen_on_two_interfaces_is_one)
{
	say(0, INVITE(.cseq = 1));
	icmp(1, ICMP_REASON_HOST_UNREACHABLE, THEM);
	icmp(2, ICMP_REASON_HOST_UNREACHABLE, THEM);
	cr_expect_eq(bench.count, 0, "an answer may come by another route");
	say(30, ANSWER(.status = 200));
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_ANSWERED);
}

/* A mirror port brings two boxes that call the same trunk; the error quotes no Call-ID.
 */
Test(track, an_icmp_error_is_about_the_box_whose_packet_it_quotes)
{
	say(0, INVITE(.cseq = 1));
	say(1,
	    (struct rig_say){"203.0.113.45:5062", THEM, "INVITE", .call_id = "other"});
	icmp(2, ICMP_REASON_PORT_UNREACHABLE, THEM);
	icmp(900, ICMP_REASON_PORT_UNREACHABLE, THEM);
	cr_assert_eq(bench.count, 1);
	cr_expect(
	    slice_eq(TEXT_GET(&bench.seen[0], bench.seen[0].call_id), SLICE("call1")));
}

Test(track, a_second_icmp_error_settles_that_the_target_is_unreachable)
{
	say(0, INVITE(.cseq = 1));
	icmp(1, ICMP_REASON_PORT_UNREACHABLE, THEM);
	cr_expect_eq(bench.count, 0);
	say(500, INVITE(.cseq = 1));
	icmp(501, ICMP_REASON_PORT_UNREACHABLE, THEM);
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_UNREACHABLE);
	cr_expect_eq(bench.seen[0].icmp, ICMP_REASON_PORT_UNREACHABLE);
}

Test(track, an_icmp_error_about_another_port_is_not_about_the_call)
{
	say(0, INVITE(.cseq = 1));
	icmp(1, ICMP_REASON_PORT_UNREACHABLE, "198.51.100.20:14002");
	icmp(2, ICMP_REASON_PORT_UNREACHABLE, "198.51.100.20:14002");
	say(20, ANSWER(.status = 200));
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_ANSWERED);
	cr_expect_not(bench.seen[0].icmp_seen);
}

Test(track, lost_packets_mark_what_was_open)
{
	say(0, INVITE(.cseq = 1));
	tracker_lost(bench.tracker, RIG_T0, RIG_T0 + 10000);
	collect();
	say(20, ANSWER(.status = 403));
	say(30, INVITE(.call_id = "call2"));
	say(40, ANSWER(.call_id = "call2", .status = 403));
	cr_assert_eq(bench.count, 2);
	cr_expect(bench.seen[0].is_incomplete);
	cr_expect_eq(bench.seen[0].incomplete_why, INCOMPLETE_LOST);
	cr_expect_not(bench.seen[1].is_incomplete);
}

/* A full ring: what was lost is told while the packets before it still wait there. */
Test(track, a_loss_that_is_told_early_marks_those_it_will_have_touched)
{
	tracker_lost(bench.tracker, RIG_T0 + 100000, RIG_T0 + 200000);
	say(0, INVITE(.cseq = 1));
	say(50, ANSWER(.status = 403)); /* over before it */
	say(90, INVITE(.call_id = "call2"));
	say(150, INVITE(.call_id = "call3"));
	say(160, ANSWER(.call_id = "call3", .status = 403));
	say(300, ANSWER(.call_id = "call2", .status = 403));
	say(310, INVITE(.call_id = "call4"));
	say(320, ANSWER(.call_id = "call4", .status = 403));
	cr_assert_eq(bench.count, 4);
	cr_expect_not(bench.seen[0].is_incomplete);
	cr_expect(bench.seen[1].is_incomplete);
	cr_expect(bench.seen[2].is_incomplete);
	cr_expect_not(bench.seen[3].is_incomplete);
}

Test(track, spans_of_loss_are_many_and_none_is_forgotten)
{
	struct losses l = {0};
	const int64_t second = USEC_PER_SEC;

	losses_add(&l, 10 * second, 11 * second);
	losses_add(&l, 12 * second, 13 * second); /* goes on */
	cr_expect_eq(l.count, 1);
	cr_expect(losses_touch(&l, 0, 10 * second));
	cr_expect(losses_touch(&l, 13 * second, 99 * second));
	cr_expect_not(losses_touch(&l, 0, 10 * second - 1));
	cr_expect_not(losses_touch(&l, 13 * second + 1, 99 * second));
	for (int64_t i = 1; i <= 40; i++)
		losses_add(&l, i * 100 * second, (i * 100 + 1) * second);
	cr_expect_eq(l.count, LOSSES_MAX);
	cr_expect(losses_touch(&l, 12 * second, 13 * second));
	for (int64_t i = 1; i <= 40; i++)
		cr_expect(
		    losses_touch(&l, (i * 100) * second + 1, (i * 100) * second + 2));
	cr_expect_not(losses_touch(&l, 3950 * second, 3951 * second));
	cr_expect_not(losses_touch(&l, 0, second));
}

Test(track, tables_tell_how_full_they_are)
{
	static const char *const calls[] = {"c1", "c2", "c3"};
	struct usage u[TRACKER_TABLES];

	stop();
	start_with(2, 9);
	tracker_usage(bench.tracker, u);
	cr_expect_eq(u[0].used, 0);
	cr_expect_eq(u[0].limit, 2);
	cr_expect_eq(u[1].used, 0);
	for (int i = 0; i < 3; i++)
		say(i, INVITE(.call_id = calls[i]));
	tracker_usage(bench.tracker, u);
	cr_expect_eq(u[0].used, 2);
	cr_expect_eq(u[0].evicted, 1);
	cr_expect_eq(u[1].used, 2);
	say(10, ANSWER(.call_id = "c3", .status = 403));
	tracker_usage(bench.tracker, u);
	cr_expect_eq(u[0].used, 1, "decided");
	cr_expect_eq(u[1].used, 2, "kept for retransmissions");
	cr_expect_eq(u[2].used, 1);
	cr_expect_gt(u[3].used, 4 * 100);
}

Test(track, why_evidence_is_incomplete_has_words)
{
	char buf[INCOMPLETE_TEXT_MAX];

	cr_expect_null(incomplete_words(0, buf));
	cr_expect_str_eq(incomplete_words(INCOMPLETE_GAP, buf), "stream_gap");
	cr_expect_str_eq(incomplete_words(INCOMPLETE_LOST | INCOMPLETE_END, buf),
	    "packets_lost capture_ended");
	cr_expect_lt(strlen(incomplete_words(0x7f, buf)), INCOMPLETE_TEXT_MAX);
}

Test(track, time_that_steps_back_harms_nothing)
{
	say(10000, INVITE(.cseq = 1));
	say(4000, ANSWER(CHALLENGED));
	say(4001, INVITE(WITH_PASSWORD));
	say(4020, ANSWER(.cseq = 2, .status = 403));
	cr_assert_eq(bench.count, 1);
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_REFUSED);
	cr_expect_eq(bench.seen[0].rounds, 1);
	cr_expect_geq(bench.seen[0].decided_at_us, bench.seen[0].started_at_us);
}

Test(track, a_flood_of_strangers_does_not_push_out_our_own_attempt)
{
	char call_id[32], source[32];

	stop();
	start_with(8, 16);
	say(0, INVITE(.cseq = 1));
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(call_id, sizeof(call_id), "flood%d", i);
		(void)snprintf(source, sizeof(source), "192.0.2.%d:5060", i % 250);
		say(1 + i / 100, (struct rig_say){source, US, "INVITE", call_id});
	}
	bench.count = 0;
	say(20, ANSWER(.status = 403));
	cr_assert_eq(bench.count, 1);
	cr_expect(
	    slice_eq(TEXT_GET(&bench.seen[0], bench.seen[0].call_id), SLICE("call1")));
	cr_expect_gt(tracker_evicted_attempts(bench.tracker), 900);
}

/* Our own calls, many more than fit: those that already show a sign of failing are
 * decided as what they are, however old. */
Test(track, an_attempt_that_is_failing_outlives_idle_ones)
{
	char call_id[32];

	stop();
	start_with(8, 32);
	say(0, INVITE(.call_id = "silent", .cseq = 1));
	say(1, INVITE(.call_id = "refused", .cseq = 1));
	say(2, ANSWER(.call_id = "refused", CHALLENGED));
	say(3, INVITE(.call_id = "refused", WITH_PASSWORD));
	say(4, ANSWER(.call_id = "refused", .cseq = 2, .status = 407,
		   .extra = RIG_CHALLENGE("r", "n2")));
	say(500, INVITE(.call_id = "silent", .cseq = 1));
	for (int i = 0; i < 100; i++) {
		(void)snprintf(call_id, sizeof(call_id), "idle%d", i);
		say(510 + i, INVITE(.call_id = call_id, .cseq = 1));
		if (i == 50)
			say(570, INVITE(.call_id = "silent", .cseq = 1));
	}
	cr_expect_gt(tracker_evicted_attempts(bench.tracker), 80);
	bench.count = 0;
	tick(600 + 64 * 500);
	cr_assert_geq(bench.count, 2);
	cr_expect(slice_eq(
	    TEXT_GET(&bench.seen[0], bench.seen[0].call_id), SLICE("refused")));
	cr_expect_eq(bench.seen[0].outcome, OUTCOME_REFUSED);
	cr_expect_eq(bench.seen[0].rounds, 1);
	for (size_t i = 1; i < bench.count; i++) {
		if (slice_eq(TEXT_GET(&bench.seen[i], bench.seen[i].call_id),
			SLICE("silent")))
			return;
	}
	cr_assert_fail("the silent attempt was evicted");
}

/* Every slot is used again and again; ASan and the lists' own links tell. */
Test(track, the_table_survives_a_long_mixed_life)
{
	uint32_t seed = 1;
	char call_id[32];

	stop();
	start_with(8, 12);
	for (int i = 0; i < 20000; i++) {
		seed = seed * 1664525u + 1013904223u;
		(void)snprintf(call_id, sizeof(call_id), "c%u", seed >> 8 & 31);
		if ((seed >> 16 & 3) == 0)
			say(i * 10,
			    INVITE(.call_id = call_id, .cseq = 1 + (seed >> 20 & 3)));
		else if ((seed >> 16 & 3) == 1)
			say(i * 10,
			    ANSWER(.call_id = call_id, .cseq = 1 + (seed >> 20 & 3),
				.status = seed & 1 ? 200 : 407,
				.extra = RIG_CHALLENGE("r", "n")));
		else if ((seed >> 16 & 3) == 2)
			say(i * 10,
			    INVITE(.call_id = call_id, .cseq = 1 + (seed >> 20 & 3),
				.extra = RIG_CREDENTIALS("a", "r", "n")));
		else
			say(i * 10,
			    (struct rig_say){THEM, US, "BYE", call_id, .to_tag = "x"});
		bench.count = 0;
	}
	finish();
	cr_expect_leq(
	    bench.count, 8 + EARLY_MAX); /* in flight, and answers to nothing */
}

/* RFC 3261 10.2: a REGISTER need not name an expiry; only "0" takes it back. */
Test(track, a_register_without_expires_is_no_unregister)
{
	say(0, (struct rig_say){US, THEM, "REGISTER"});
	say(20, (struct rig_say){THEM, US, "REGISTER", .status = 403});
	say(30, (struct rig_say){
		    US, THEM, "REGISTER", .cseq = 2, .extra = "Expires: 0\r\n"});
	say(50, (struct rig_say){THEM, US, "REGISTER", .cseq = 2, .status = 403});
	cr_assert_eq(bench.count, 2);
	cr_expect_gt(bench.seen[0].expires_s, 0);
	cr_expect_eq(bench.seen[1].expires_s, 0);
}

static void gap(const char *src, const char *dst)
{
	const struct wire_event ev = {.kind = WIRE_GAP,
	    .at_us = RIG_T0 + 10000,
	    .src = rig_endpoint(src),
	    .dst = rig_endpoint(dst)};

	tracker_gap(bench.tracker, &ev);
	collect();
}

/* Else anybody with a broken stream could take the evidence from every attempt. */
Test(track, a_gap_touches_only_the_attempts_of_its_own_stream)
{
	say(0, INVITE(.cseq = 1));
	gap("192.0.2.66:40000", US);
	say(20, ANSWER(.status = 403));
	say(30, INVITE(.call_id = "call2"));
	gap(THEM, US);
	say(40, ANSWER(.call_id = "call2", .status = 403));
	cr_assert_eq(bench.count, 2);
	cr_expect_not(bench.seen[0].is_incomplete);
	cr_expect(bench.seen[1].is_incomplete);
}
