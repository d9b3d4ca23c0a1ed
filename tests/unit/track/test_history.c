/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/history.h"

static void add(struct samples *s, const char *caller, const char *called,
    uint32_t active, uint32_t second)
{
	struct sample one = {.active = active, .second = second};

	memcpy(one.caller, caller, strlen(caller));
	memcpy(one.called, called, strlen(called));
	samples_add(s, &one);
}

static struct samples refused, accepted;

static void start(void)
{
	memset(&refused, 0, sizeof(refused));
	memset(&accepted, 0, sizeof(accepted));
}

TestSuite(history, .init = start);

Test(history, nothing_is_split_from_nothing)
{
	cr_expect_not(split_by_caller(&refused, &accepted));
	add(&refused, "1", "2", 5, 5);
	cr_expect_not(split_by_caller(&refused, &accepted));
	cr_expect_not(split_by_load(&refused, &accepted));
	cr_expect_lt(split_by_rate(&refused, &accepted), 0);
}

Test(history, international_numbers_are_told_apart)
{
	add(&refused, "5550001", "011447911123456", 0, 0);
	add(&refused, "5550001", "011882991234567", 0, 0);
	add(&refused, "5550001", "011447911999999", 0, 0);
	add(&accepted, "5550001", "15551234567", 0, 0);
	add(&accepted, "5550001", "15551239999", 0, 0);
	cr_expect(split_by_called(&refused, &accepted));
	cr_expect_not(split_by_caller(&refused, &accepted));
}

/* Every number differs, as in any dialer: no prefix explains anything. */
Test(history, different_numbers_alone_are_no_split)
{
	for (int i = 0; i < 10; i++) {
		char a[16], b[16];

		(void)snprintf(a, sizeof(a), "1555123%04d", i * 977 % 10000);
		(void)snprintf(b, sizeof(b), "1555123%04d", (i * 977 + 400) % 10000);
		add(&refused, "5550001", a, 0, 0);
		add(&accepted, "5550001", b, 0, 0);
	}
	cr_expect_not(split_by_called(&refused, &accepted));
}

Test(history, caller_ids_that_come_again_are_told_apart)
{
	add(&refused, "2125550199", "15551230001", 0, 0);
	add(&accepted, "15550001111", "15551230002", 0, 0);
	add(&refused, "2125550199", "15551230003", 0, 0);
	add(&accepted, "15550001112", "15551230001", 0, 0);
	cr_expect(split_by_caller(&refused, &accepted));
	cr_expect(shares_called(&refused, &accepted));
	cr_expect_not(shares_caller(&refused, &accepted));
}

Test(history, a_channel_limit_refuses_only_above_it)
{
	for (uint32_t i = 0; i < 5; i++) {
		add(&accepted, "1", "2", i % 3, 4);
		add(&refused, "1", "2", 3, 4);
	}
	cr_expect(split_by_load(&refused, &accepted));
}

/* A limit per second lets calls in while as many are up as when it refuses. */
Test(history, a_rate_limit_is_no_channel_limit)
{
	for (uint32_t i = 0; i < 20; i++) {
		add(&accepted, "1", "2", 10 + i % 5, 60);
		add(&refused, "1", "2", 12 + i % 5, 60);
	}
	cr_expect_not(split_by_load(&refused, &accepted));
}

Test(history, bursts_are_refused_and_single_calls_pass)
{
	for (uint32_t i = 0; i < 10; i++) {
		add(&accepted, "1", "2", 0, 1 + i % 3);
		add(&refused, "1", "2", 0, 9 + i);
	}
	cr_expect_gt(split_by_rate(&refused, &accepted), 0.99);
}

Test(history, only_the_newest_samples_are_kept)
{
	for (int i = 0; i < SAMPLES_MAX; i++)
		add(&accepted, "old", "1", 0, 0);
	for (int i = 0; i < SAMPLES_MAX; i++)
		add(&accepted, "new", "1", 0, 0);
	add(&refused, "old", "1", 0, 0);
	cr_expect_eq(samples_kept(&accepted), SAMPLES_MAX);
	cr_expect_not(shares_caller(&refused, &accepted));
}

/* One refused call among accepted ones: whatever it has that they have not may be why.
 */
Test(history, a_refused_call_is_unlike_others_in_number_caller_or_load)
{
	add(&accepted, "5550001", "15551234567", 2, 0);
	add(&accepted, "5550002", "15551234568", 0, 0);
	cr_expect_not(are_unlike(&refused, &accepted), "nothing was refused");
	add(&refused, "5550001", "15551239999", 1, 0);
	cr_expect_not(are_unlike(&refused, &accepted));
	start();
	add(&refused, "5550001", "15551239999", 1, 0);
	cr_expect_not(are_unlike(&refused, &accepted), "nothing was accepted");
	add(&accepted, "5550002", "15551234567", 1, 0);
	cr_expect(are_unlike(&refused, &accepted), "another caller");
	add(&accepted, "5550001", "15551234567", 0, 0);
	cr_expect(are_unlike(&refused, &accepted), "more calls up");
	add(&accepted, "5550001", "13051234567", 1, 0);
	cr_expect(are_unlike(&refused, &accepted), "another range");
}
