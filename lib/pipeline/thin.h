/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * thin - which failures are kept in full when many like them come at once.
 *
 * Of each incident the first .per_minute failures of every minute of packet time
 * keep their evidence and messages. Of the others the row alone is written, marked
 * as thinned: what is counted stays exact, and the database grows by a known amount
 * however many calls are refused. Failures without an incident (strangers, our own
 * phones) share one budget per verdict.
 *
 * Limits     THIN_BUDGETS budgets, no search and no eviction: incidents whose ids
 *            fall on one place share it, which keeps less, never more.
 * Units      Microseconds; a minute begins where it does in UTC.
 * Threads    No state but the thinner's.
 */
#ifndef PIPELINE_THIN_H
#define PIPELINE_THIN_H

#include "diagnose/finding.h"

enum { THIN_BUDGETS = 1024 };

struct thin_budget {
	int64_t minute;
	uint32_t used;
};

struct thinner {
	uint32_t per_minute; /* 0: nothing is kept in full */
	struct thin_budget incidents[THIN_BUDGETS];
	struct thin_budget verdicts[VERDICT_COUNT];
};

/* True: this one is kept in full, and counted as such. */
bool thin_keeps(struct thinner *t, const struct failure *f);

#endif
