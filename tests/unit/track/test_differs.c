/* SPDX-License-Identifier: BSD-2-Clause */
/* What a refused call has in common with no accepted one, and nothing else. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/differs.h"

static struct trunk *trunk;
static struct facts facts;
static char text[DIFFERS_MAX];

static struct text put(const char *s)
{
	return TEXT_PUT(&facts, slice_of(s, strlen(s)), FACT_VALUE_MAX);
}

/* A call of acct at 203.0.113.45, with that From and target. */
static void call(const char *from, const char *host, uint8_t last_byte)
{
	memset(&facts, 0, sizeof(facts));
	facts.method_id = SIP_METHOD_INVITE;
	facts.rounds = 1;
	facts.decided_at_us = 100;
	facts.caller = put(from);
	facts.from_domain = put("example.com");
	facts.auth_user = put("acct");
	facts.request_host = put(host);
	facts.user_agent = put("Asterisk PBX 18");
	facts.local.ip = (struct ip_addr){{203, 0, 113, 45}, 4};
	facts.seen_ip = (struct ip_addr){{198, 51, 100, last_byte}, 4};
}

static void accept(const char *from)
{
	struct sample s;

	call(from, "sip.example.net", 1);
	sample_of(&facts, &s);
	samples_add(&trunk->accepted, &s);
	good_call_of(&facts, &trunk->good);
	trunk->accepted_count++;
	trunk->accepted_at_us = 50;
}

static void start(void)
{
	trunk = calloc(1, sizeof(*trunk));
}

static void stop(void)
{
	free(trunk);
}

TestSuite(differs, .init = start, .fini = stop);

Test(differs, nothing_is_said_before_a_call_was_accepted)
{
	call("5550001", "sip.example.net", 1);
	differs_write(trunk, &facts, text);
	cr_expect_str_empty(text);
}

Test(differs, the_same_call_does_not_differ)
{
	accept("5550001");
	call("5550001", "sip.example.net", 1);
	differs_write(trunk, &facts, text);
	cr_expect_str_empty(text);
}

Test(differs, what_is_new_is_named_with_what_it_was)
{
	accept("5550001");
	call("5550002", "203.0.113.9", 2);
	facts.local.ip.bytes[3] = 46;
	differs_write(trunk, &facts, text);
	cr_expect_str_eq(text,
	    "our address 203.0.113.46 (was 203.0.113.45); our address as they see it "
	    "198.51.100.2 (was 198.51.100.1); From user 5550002 (was 5550001); target "
	    "203.0.113.9 (was sip.example.net)");
}

/* Caller IDs change with every call: no news. */
Test(differs, a_caller_among_many_is_no_difference)
{
	accept("5550001");
	accept("5550002");
	call("5550003", "sip.example.net", 1);
	differs_write(trunk, &facts, text);
	cr_expect_str_empty(text);
}

Test(differs, an_answer_without_an_echo_says_nothing)
{
	accept("5550001");
	call("5550001", "sip.example.net", 1);
	facts.seen_ip = (struct ip_addr){0};
	differs_write(trunk, &facts, text);
	cr_expect_str_empty(text);
}

Test(differs, a_changed_configuration_counts_after_the_last_good_call)
{
	accept("5550001");
	call("5550001", "sip.example.net", 1);
	trunk->config_changed_at_us = 40;
	differs_write(trunk, &facts, text);
	cr_expect_str_empty(text, "it was accepted with it");
	trunk->config_changed_at_us = 60;
	differs_write(trunk, &facts, text);
	cr_expect_str_eq(text, "our configuration, changed 1970-01-01T00:00:00Z");
}

Test(differs, long_texts_are_cut)
{
	char long_from[FACT_VALUE_MAX + 1] = "";

	accept("5550001");
	memset(long_from, 'x', FACT_VALUE_MAX);
	for (int i = 0; i < 2; i++) {
		call(long_from, long_from, 1);
		facts.from_domain = put(long_from);
		facts.user_agent = put(long_from);
		differs_write(trunk, &facts, text);
		cr_expect_lt(strlen(text), DIFFERS_MAX);
		cr_expect_gt(strlen(text), 100);
	}
}
