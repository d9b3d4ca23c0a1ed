/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules - signs to a verdict, by weight; the table is rules.def.
 *
 * Out        The verdict with the most weight, the runner-up, a confidence from
 *            the weight and the margin, and the sentences that counted for or
 *            against the winner. Below RULES_ENOUGH it is unknown_refusal.
 * Threads    No state.
 */
#ifndef DIAGNOSE_RULES_H
#define DIAGNOSE_RULES_H

#include "diagnose/signs.h"

enum { RULES_ENOUGH = 25 };

/* The weighing alone. */
void rules_weigh(const struct signs *signs, int weights[VERDICT_COUNT]);

/* Weighs, and writes the sentences with the figures of the case. */
void rules_judge(const struct trunk *t, const struct group *g, struct judgement *out);

/* For tests and documents: row i of the table. */
size_t rules_count(void);
struct rule_view {
	enum verdict verdict;
	int weight;
	const int16_t *terms; /* SIGN_*, negative: must not be there; 0 ends */
	const char *sentence;
};
struct rule_view rules_row(size_t i);

#endif
