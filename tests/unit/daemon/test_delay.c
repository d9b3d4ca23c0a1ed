/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "delay.h"

static struct delays delays;

Test(delay, nothing_noted_has_no_percentile)
{
	cr_assert_eq(delay_percentile(&delays, 50), -1);
}

/* Each time lies in its bucket: not above its end, and not a quarter below it. */
Test(delay, a_percentile_is_at_most_a_quarter_too_large)
{
	for (int64_t us = 0; us < INT64_C(3000000000); us += 1 + us / 50) {
		struct delays one = {0};
		int64_t told;

		delay_note(&one, us);
		told = delay_percentile(&one, 50);
		cr_assert_geq(told, us);
		cr_assert_leq(told - us, us / 4);
	}
}

Test(delay, percentiles_count_from_the_shortest)
{
	for (int i = 0; i < 98; i++)
		delay_note(&delays, 3);
	delay_note(&delays, 1000);
	delay_note(&delays, 1000000);
	cr_expect_eq(delay_percentile(&delays, 50), 3);
	cr_expect_eq(delay_percentile(&delays, 98), 3);
	cr_expect_geq(delay_percentile(&delays, 99), 1000);
	cr_expect_leq(delay_percentile(&delays, 99), 1250);
	cr_expect_geq(delay_percentile(&delays, 100), 1000000);
}

Test(delay, clocks_that_step_harm_nothing)
{
	delay_note(&delays, INT64_MIN);
	delay_note(&delays, INT64_MAX);
	cr_expect_eq(delay_percentile(&delays, 50), 0);
	cr_expect_gt(delay_percentile(&delays, 99), INT64_C(3600) * 1000000);
}
