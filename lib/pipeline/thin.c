/* SPDX-License-Identifier: BSD-2-Clause */
#include "pipeline/thin.h"

#include "base/usec.h"

/*
 * Failures do not come strictly in the order of their times: one that timed out is
 * decided later than a refusal of the same second. The minute before counts as this
 * one, or two that alternate would each begin anew. A clock that was set back does.
 */
static bool is_new_minute(const struct thin_budget *b, int64_t minute)
{
	return minute > b->minute || minute < b->minute - 1;
}

bool thin_keeps(struct thinner *t, const struct failure *f)
{
	int64_t minute = f->facts.decided_at_us / USEC_PER_MIN;
	struct thin_budget *b =
	    f->incident_id == 0
		? &t->verdicts[f->verdict]
		: &t->incidents[(uint64_t)f->incident_id % THIN_BUDGETS];

	if (is_new_minute(b, minute))
		*b = (struct thin_budget){.minute = minute};
	if (b->used >= t->per_minute)
		return false;
	b->used++;
	return true;
}
