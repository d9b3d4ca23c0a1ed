/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/usec.h"
#include "diagnose/chance.h"
#include "diagnose/history.h"
#include "diagnose/turns.h"

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

/* Calls come at times of their own (every 33 ms, give or take 15); is_refused says
 * which of them fall. */
static void play(bool (*is_refused)(int i, int64_t at_us, uint32_t chance), int calls)
{
	uint32_t seed = 1;
	int64_t at_us = USEC_PER_SEC;

	for (int i = 0; i < calls; i++) {
		struct sample one = {.second = 30};

		seed = seed * 1664525u + 1013904223u;
		at_us += 18000 + (seed >> 16) % 30000;
		one.at_us = at_us;
		seed = seed * 1664525u + 1013904223u;
		samples_add(
		    is_refused(i, at_us, seed >> 16) ? &refused : &accepted, &one);
	}
}

/* 15 a second, counted from each full second. */
static bool by_window(int i, int64_t at_us, uint32_t chance)
{
	static int64_t second;
	static int passed;

	(void)chance;
	if (i == 0 || at_us / USEC_PER_SEC != second)
		passed = 0;
	second = at_us / USEC_PER_SEC;
	return ++passed > 15;
}

/* 15 a second, one for each 66 ms that passed. */
static bool by_bucket(int i, int64_t at_us, uint32_t chance)
{
	static int64_t next_us;

	(void)chance;
	if (i > 0 && at_us < next_us)
		return true;
	next_us = at_us + 66000;
	return false;
}

static bool by_chance(int i, int64_t at_us, uint32_t chance)
{
	(void)i;
	(void)at_us;
	return chance % 100 < 40;
}

static bool by_chance_rarely(int i, int64_t at_us, uint32_t chance)
{
	(void)i;
	(void)at_us;
	return chance % 100 < 5;
}

/* A server that comes and goes, for as long as it pleases. */
static bool by_outage(int i, int64_t at_us, uint32_t chance)
{
	static const int64_t starts_ms[] = {1500, 2800, 3300, 5900, 6500, 9100};

	(void)i;
	(void)chance;
	for (size_t k = 0; k < sizeof(starts_ms) / sizeof(starts_ms[0]); k++) {
		int64_t from_us = starts_ms[k] * 1000;

		if (at_us >= from_us && at_us < from_us + 250000 * (int64_t)(1 + k % 3))
			return true;
	}
	return false;
}

Test(turns, limits_take_turns, .init = start)
{
	play(by_window, 200);
	cr_expect(samples_take_turns(&refused, &accepted));
	start();
	play(by_bucket, 200);
	cr_expect(samples_take_turns(&refused, &accepted));
}

Test(turns, chance_and_outages_do_not, .init = start)
{
	for (int calls = 10; calls < 2000; calls += 10) {
		start();
		play(by_chance, calls);
		cr_expect_not(samples_take_turns(&refused, &accepted), "%d", calls);
		start();
		play(by_chance_rarely, calls);
		cr_expect_not(samples_take_turns(&refused, &accepted), "%d", calls);
	}
	start();
	play(by_outage, 300);
	cr_expect_not(samples_take_turns(&refused, &accepted));
}

/* The end of a call now and then is not seen: it seems to be up for ever, and each
 * limit seems to be higher than the one before. */
Test(history, a_limit_shows_among_calls_of_the_same_time_though_ends_are_lost)
{
	for (int i = 0; i < 40; i++) {
		struct sample one = {.at_us = i * 10 * USEC_PER_SEC};
		uint32_t lost = (uint32_t)i / 4;

		one.active = lost + (i % 2 ? 5 : 1 + (uint32_t)i % 3);
		samples_add(i % 2 ? &refused : &accepted, &one);
	}
	cr_expect_not(split_by_load(&refused, &accepted));
	cr_expect(split_by_load_nearby(&refused, &accepted));
}

Test(history, refusals_at_any_load_are_no_limit)
{
	for (int i = 0; i < 40; i++) {
		struct sample one = {.at_us = i * 10 * USEC_PER_SEC};

		one.active = (uint32_t)i * 7 % 5;
		samples_add(i % 2 ? &refused : &accepted, &one);
	}
	cr_expect_not(split_by_load_nearby(&refused, &accepted));
}

/* Counted by hand: sets of classes of k samples, of all sets of k samples. */
Test(chance, of_whole_classes)
{
	static const size_t two_of_three[] = {3, 3}, singles[] = {1, 1, 1, 1};
	static const size_t one_of_many[] = {1, 47}, mixed[] = {2, 1, 1};

	cr_expect_float_eq(
	    chance_of_whole_classes(two_of_three, 2, 6, 3), 2.0 / 20, 1e-9);
	cr_expect_float_eq(chance_of_whole_classes(singles, 4, 4, 2), 1, 1e-9);
	cr_expect_float_eq(
	    chance_of_whole_classes(one_of_many, 2, 48, 1), 1.0 / 48, 1e-9);
	cr_expect_float_eq(chance_of_whole_classes(mixed, 3, 4, 2), 2.0 / 6, 1e-9);
	cr_expect_float_eq(chance_of_whole_classes(mixed, 3, 4, 5), 1, 1e-9);
}

/* Each number has a range of its own, or all the refused share one. */
Test(chance, of_a_split, .init = start)
{
	add(&refused, "1", "9001", 0, 0);
	for (int i = 0; i < 9; i++) {
		char called[] = "1001";

		called[0] = (char)(called[0] + i % 8);
		add(&accepted, "1", called, 0, 0);
	}
	cr_expect_float_eq(chance_by_called(&refused, &accepted), 8.0 / 10, 1e-9);
	cr_expect_float_eq(chance_by_caller(&refused, &accepted), 1, 1e-9);
	for (int i = 0; i < 4; i++)
		add(&refused, "1", "9001", 0, 0);
	/* five of 14: the one class, or five of seven single ones, or three and the
	 * pair */
	cr_expect_float_eq(
	    chance_by_called(&refused, &accepted), (1.0 + 21 + 35) / 2002, 1e-9);
}
