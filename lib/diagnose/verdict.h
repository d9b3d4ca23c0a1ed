/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict - every conclusion trunkwatch can come to, and what to tell people.
 *
 * The table is verdicts.def. Slugs stand in databases and dashboards: add,
 * never rename (design.md 6.4).
 */
#ifndef DIAGNOSE_VERDICT_H
#define DIAGNOSE_VERDICT_H

#include "base/slice.h"

enum verdict {
	VERDICT_NONE = 0, /* no failure */
#define VERDICT(id, slug, group, title, why, advice) VERDICT_##id,
#include "diagnose/verdicts.def"
	VERDICT_COUNT
};

enum verdict_group {
	VERDICT_GROUP_CREDENTIALS = 0,
	VERDICT_GROUP_ADDRESS,
	VERDICT_GROUP_ACCOUNT,
	VERDICT_GROUP_REQUEST,
	VERDICT_GROUP_NETWORK,
	VERDICT_GROUP_OURS,
	VERDICT_GROUP_NOT_A_FAILURE, /* scanner, client_rejected_by_us: only with --all
				      */
	VERDICT_GROUP_UNDECIDED,
};

const char *verdict_slug(enum verdict v);
const char *verdict_title(enum verdict v);  /* "Credentials rejected" */
const char *verdict_why(enum verdict v);    /* what it means, one or two sentences */
const char *verdict_advice(enum verdict v); /* what to change, plain text */
enum verdict_group verdict_group(enum verdict v);
bool verdict_is_trunk_failure(enum verdict v);
enum verdict verdict_lookup(struct slice slug); /* VERDICT_NONE: unknown */

#endif
