/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "base/usec.h"
#include "diagnose/ticket.h"
#include "ticket.h"

static const struct failure_row failure = {
    .id = 412,
    .at_us = INT64_C(1767323045678901), /* 2026-01-02 03:04:05 UTC */
    .method = "INVITE",
    .local = "10.0.0.5:5060",
    .seen_as = "203.0.113.45:1024",
    .remote = "198.51.100.20:5060",
    .caller = SLICE_INIT("15550001111"),
    .called = SLICE_INIT("15551234560\x1b[2J"),
    .from_domain = SLICE_INIT("sip.example"),
    .realm = SLICE_INIT("realm.example"),
    .auth_user = SLICE_INIT("account7"),
    .algorithms = SLICE_INIT("SHA-256"),
    .call_id = SLICE_INIT("a-call@10.0.0.5"),
    .code = 403,
    .reason = SLICE_INIT("Forbidden"),
    .outcome = "refused",
    .active_calls = 23,
    .invites_per_s = 7,
};

static const char *text_of(enum verdict v, int64_t good_us)
{
	static char buf[8192];
	struct cli cli = {.out = {.buf = buf, .cap = sizeof(buf)}};
	struct ticket t = {.failure = &failure, .verdict = v, .good_us = good_us};

	cr_assert_eq(setenv("TZ", "UTC0", 1), 0);
	ticket_print(&cli, &t);
	return out_string(&cli.out);
}

Test(ticket, every_verdict_that_is_the_providers_has_a_question)
{
	for (int v = VERDICT_NONE + 1; v < VERDICT_COUNT; v++) {
		bool asks = verdict_is_trunk_failure((enum verdict)v) ||
			    verdict_group((enum verdict)v) == VERDICT_GROUP_OURS;

		cr_expect_eq(ticket_question((enum verdict)v) != NULL, asks, "%s",
		    verdict_slug((enum verdict)v));
	}
	cr_expect_null(ticket_question(VERDICT_COUNT));
}

Test(ticket, every_name_in_a_question_is_filled_in)
{
	for (int v = VERDICT_NONE + 1; v < VERDICT_COUNT; v++) {
		const char *text = text_of((enum verdict)v, INT64_C(1767320000000000));

		cr_expect_null(strchr(text, '{'), "%s", text);
		cr_expect_null(strchr(text, '}'), "%s", text);
		cr_expect_null(strstr(text, "(none seen)"), "%s", text);
		cr_expect_null(strchr(text, '\x1b'), "%s", text);
	}
}

Test(ticket, the_address_is_the_one_the_provider_sees)
{
	const char *text = text_of(VERDICT_IP_NOT_ALLOWED, USEC_NEVER);

	cr_expect_not_null(
	    strstr(text, "authorise the source address 203.0.113.45:1024"), "%s", text);
	cr_expect_not_null(strstr(text, "10.0.0.5:5060"), "%s", text);
	cr_expect_not_null(strstr(text, "since 2026-01-02 03:04:05 UTC"), "%s", text);
	cr_expect_not_null(strstr(text, "none seen"), "%s", text);
}

/* A success after the refusals does not say until when it worked before. */
Test(ticket, a_later_success_is_no_last_good_call)
{
	const char *before =
	    text_of(VERDICT_BLOCKED_AFTER_SUCCESS, INT64_C(1767320000000000));

	cr_expect_not_null(
	    strstr(before, "served until 2026-01-02 02:13:20 UTC"), "%s", before);
	cr_expect_not_null(strstr(before, "Last good"), "%s", before);
	before = text_of(VERDICT_BLOCKED_AFTER_SUCCESS, INT64_C(1767399999000000));
	cr_expect_not_null(
	    strstr(before, "served until an earlier time"), "%s", before);
	cr_expect_not_null(strstr(before, "Good again"), "%s", before);
}

Test(ticket, an_incident_may_have_no_failure)
{
	static char buf[4096];
	struct cli cli = {.out = {.buf = buf, .cap = sizeof(buf)}};
	struct ticket t = {.verdict = VERDICT_ABNORMAL_OUTCOMES,
	    .incident = 7,
	    .first_us = INT64_C(1767323045678901),
	    .last_us = INT64_C(1767323045678901),
	    .closed_us = USEC_NEVER,
	    .good_us = USEC_NEVER};

	cr_assert_eq(setenv("TZ", "UTC0", 1), 0);
	ticket_print(&cli, &t);
	cr_expect_not_null(
	    strstr(out_string(&cli.out), "Since 2026-01-02 03:04:05 UTC an unusual"),
	    "%s", buf);
}
