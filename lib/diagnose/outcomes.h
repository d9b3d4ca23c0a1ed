/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outcomes - how a trunk's calls usually end, and whether they still do.
 *
 * Busy, declined, unavailable and unknown numbers are telephony. But providers hide
 * limits and blocks behind these answers (domain.md 2.3 F), and then their share leaves
 * what this trunk usually shows.
 *
 *         baseline  <----  the last OUTCOMES_RECENT calls
 *                   what leaves the window is counted into the baseline
 *
 * In         Calls that were answered or ended normally. Cancelled ones are our own
 *            doing, and refused ones have a verdict of their own: neither belongs here.
 * Limits     A ring of bytes and a few counters, halved now and then, so that the
 *            baseline follows a trunk whose use changes.
 * Units      Calls, not time: a night without calls changes nothing.
 * Threads    One.
 * Cost       Constant per call.
 */
#ifndef DIAGNOSE_OUTCOMES_H
#define DIAGNOSE_OUTCOMES_H

#include "track/facts.h"

enum outcome_class {
	OUTCOME_CLASS_ANSWERED = 0,
	OUTCOME_CLASS_BUSY,        /* 486, 600 */
	OUTCOME_CLASS_UNAVAILABLE, /* 480, 408 */
	OUTCOME_CLASS_UNKNOWN,     /* 404, 410, 604 */
	OUTCOME_CLASS_DECLINED,    /* 603 */
	OUTCOME_CLASS_COUNT
};

enum { OUTCOMES_RECENT = 50 };

struct outcomes {
	uint8_t ring[OUTCOMES_RECENT];
	uint64_t count; /* ever */
	uint32_t recent[OUTCOME_CLASS_COUNT];
	uint32_t before[OUTCOME_CLASS_COUNT], before_sum;
	/* The unusual is going on: it enters the baseline more slowly, or it would soon
	 * be the usual. Set by whoever asked outcomes_depart(). */
	bool is_departed;
};

/* Counts a call in; false: it belongs to no class. */
bool outcomes_note(struct outcomes *o, const struct facts *f);

struct departure {
	enum outcome_class of;
	uint32_t recent; /* of the last OUTCOMES_RECENT calls */
	float usual;     /* share, 0..1 */
};

/*
 * Has some share, but that of the answered, risen far beyond its baseline? Not before
 * both are large enough to tell, and only where it is large in itself.
 */
bool outcomes_depart(const struct outcomes *o, struct departure *out);

/* Its share of the baseline, 0..1. */
float outcomes_usual(const struct outcomes *o, enum outcome_class of);

/* Is that share back where it was? */
bool outcomes_are_usual(const struct outcomes *o, enum outcome_class of);

/* "declined (603)". */
const char *outcome_class_words(enum outcome_class c);

#endif
