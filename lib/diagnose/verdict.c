/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/verdict.h"

static const struct {
	const char *slug, *title, *why, *advice;
	enum verdict_group group;
} verdicts[VERDICT_COUNT] = {
    [VERDICT_NONE] = {"none", "No failure", "", "", VERDICT_GROUP_UNDECIDED},
#define VERDICT(id, slug, group, title, why, advice) \
	[VERDICT_##id] = {slug, title, why, advice, VERDICT_GROUP_##group},
#include "diagnose/verdicts.def"
};

const char *verdict_slug(enum verdict v)
{
	return verdicts[v].slug;
}

const char *verdict_title(enum verdict v)
{
	return verdicts[v].title;
}

const char *verdict_why(enum verdict v)
{
	return verdicts[v].why;
}

const char *verdict_advice(enum verdict v)
{
	return verdicts[v].advice;
}

enum verdict_group verdict_group(enum verdict v)
{
	return verdicts[v].group;
}

bool verdict_is_trunk_failure(enum verdict v)
{
	return v != VERDICT_NONE && verdicts[v].group != VERDICT_GROUP_NOT_A_FAILURE;
}

enum verdict verdict_lookup(struct slice slug)
{
	for (int v = VERDICT_NONE + 1; v < VERDICT_COUNT; v++) {
		const char *s = verdicts[v].slug;

		if (slice_eq(slug, slice_of(s, strlen(s))))
			return (enum verdict)v;
	}
	return VERDICT_NONE;
}
