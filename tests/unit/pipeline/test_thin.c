/* SPDX-License-Identifier: BSD-2-Clause */
/* How many failures are kept in full. Each test's thinner is zeroed: Criterion forks.
 */
#include <criterion/criterion.h>

#include "base/usec.h"
#include "pipeline/thin.h"

#define HOUR_US (60 * USEC_PER_MIN)

static struct thinner thinner = {.per_minute = 3};
static struct failure failure;

static bool keeps(int64_t incident_id, int64_t at_us)
{
	failure.incident_id = incident_id;
	failure.facts.decided_at_us = at_us;
	return thin_keeps(&thinner, &failure);
}

static unsigned kept_of(unsigned count, int64_t incident_id, int64_t at_us)
{
	unsigned kept = 0;

	while (count-- > 0)
		kept += keeps(incident_id, at_us);
	return kept;
}

Test(thin, the_first_of_each_minute_are_kept)
{
	cr_assert_eq(kept_of(3, 7, HOUR_US), 3);
	cr_assert_eq(kept_of(1000, 7, HOUR_US + USEC_PER_MIN - 1), 0);
	cr_assert_eq(kept_of(1000, 7, HOUR_US + USEC_PER_MIN), 3);
	cr_assert_eq(kept_of(1000, 7, 5 * HOUR_US), 3);
}

Test(thin, incidents_do_not_take_from_each_other)
{
	cr_assert_eq(kept_of(10, 7, HOUR_US), 3);
	cr_assert_eq(kept_of(10, 8, HOUR_US), 3);
}

/* Two places only would be enough to be fooled, were the owner looked at. */
Test(thin, incidents_on_one_place_keep_less_not_more)
{
	unsigned kept = 0;

	for (int i = 0; i < 100; i++)
		kept += keeps(7 + i % 2 * THIN_BUDGETS, HOUR_US);
	cr_assert_eq(kept, 3);
}

Test(thin, without_an_incident_the_verdict_counts)
{
	failure.verdict = VERDICT_SCANNER;
	cr_assert_eq(kept_of(10, 0, HOUR_US), 3);
	failure.verdict = VERDICT_CLIENT_REJECTED_BY_US;
	cr_assert_eq(kept_of(10, 0, HOUR_US), 3);
}

Test(thin, failures_that_are_decided_late_do_not_begin_a_minute_anew)
{
	unsigned kept = 0;

	for (int i = 0; i < 100; i++)
		kept += keeps(7, HOUR_US + (i % 2) * USEC_PER_MIN);
	cr_assert_eq(kept, 4, "one of the minute before, three of this one");
}

Test(thin, a_clock_that_was_set_back_does)
{
	cr_assert_eq(kept_of(10, 7, 5 * HOUR_US), 3);
	cr_assert_eq(kept_of(10, 7, HOUR_US), 3);
}

Test(thin, none_is_a_choice)
{
	thinner.per_minute = 0;
	cr_assert_eq(kept_of(10, 7, HOUR_US), 0);
}
