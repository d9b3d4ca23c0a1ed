/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/outcomes.h"

#include "diagnose/codes.h"

enum {
	BASELINE_MIN = 100,  /* calls, before anything is compared */
	BASELINE_MAX = 4000, /* then all counters are halved */
	DEPARTED_ONE_IN = 4,
};

/* A share counts as another one when it is at least this much larger, which no lead
 * list explains, and by this many standard deviations, which chance does not. */
static const float RISE_MIN = 0.25f;
static const float SIGMAS_MIN = 6.0f;
/* Back to normal: less than half of that above the baseline. */
static const float RISE_OVER = 0.12f;

static bool class_of(const struct facts *f, enum outcome_class *out)
{
	if (f->outcome == OUTCOME_ANSWERED) {
		*out = OUTCOME_CLASS_ANSWERED;
		return true;
	}
	if (f->outcome != OUTCOME_NORMAL)
		return false;
	if (IS_ONE_OF(f->code, 486, 600))
		*out = OUTCOME_CLASS_BUSY;
	else if (IS_ONE_OF(f->code, 480, 408))
		*out = OUTCOME_CLASS_UNAVAILABLE;
	else if (IS_ONE_OF(f->code, 404, 410, 604))
		*out = OUTCOME_CLASS_UNKNOWN;
	else if (f->code == 603)
		*out = OUTCOME_CLASS_DECLINED;
	else
		return false;
	return true;
}

static void count_before(struct outcomes *o, uint8_t class)
{
	o->before[class]++;
	o->before_sum++;
	if (o->before_sum < BASELINE_MAX)
		return;
	o->before_sum = 0;
	for (int c = 0; c < OUTCOME_CLASS_COUNT; c++) {
		o->before[c] /= 2;
		o->before_sum += o->before[c];
	}
}

bool outcomes_note(struct outcomes *o, const struct facts *f)
{
	uint8_t *place = &o->ring[o->count % OUTCOMES_RECENT];
	enum outcome_class class;

	if (!class_of(f, &class))
		return false;
	if (o->count >= OUTCOMES_RECENT) {
		o->recent[*place]--;
		if (!o->is_departed || o->count % DEPARTED_ONE_IN == 0)
			count_before(o, *place);
	}
	*place = (uint8_t) class;
	o->recent[class]++;
	o->count++;
	return true;
}

/* With one call more of each kind than there were: nothing is impossible. */
float outcomes_usual(const struct outcomes *o, enum outcome_class class)
{
	return ((float)o->before[class] + 1) /
	       ((float)o->before_sum + OUTCOME_CLASS_COUNT);
}

/* The square of how many standard deviations of a binomial distribution the recent
 * count is above its expectation: no square root, no libm. */
static float sigmas_squared(float recent, float usual)
{
	float above = recent - OUTCOMES_RECENT * usual;

	return above <= 0 ? 0 : above * above / (OUTCOMES_RECENT * usual * (1 - usual));
}

bool outcomes_depart(const struct outcomes *o, struct departure *out)
{
	bool is_found = false;

	if (o->count < OUTCOMES_RECENT || o->before_sum < BASELINE_MIN)
		return false;
	for (int c = OUTCOME_CLASS_ANSWERED + 1; c < OUTCOME_CLASS_COUNT; c++) {
		float usual = outcomes_usual(o, (enum outcome_class)c);
		float share = (float)o->recent[c] / OUTCOMES_RECENT;

		if (share - usual < RISE_MIN ||
		    sigmas_squared((float)o->recent[c], usual) <
			SIGMAS_MIN * SIGMAS_MIN ||
		    (is_found && o->recent[c] <= out->recent))
			continue;
		is_found = true;
		*out = (struct departure){.of = (enum outcome_class)c,
		    .recent = o->recent[c],
		    .usual = usual};
	}
	return is_found;
}

bool outcomes_are_usual(const struct outcomes *o, enum outcome_class of)
{
	return (float)o->recent[of] / OUTCOMES_RECENT - outcomes_usual(o, of) <
	       RISE_OVER;
}

const char *outcome_class_words(enum outcome_class c)
{
	static const char *const words[OUTCOME_CLASS_COUNT] = {
	    [OUTCOME_CLASS_ANSWERED] = "answered",
	    [OUTCOME_CLASS_BUSY] = "busy (486, 600)",
	    [OUTCOME_CLASS_UNAVAILABLE] = "unavailable (480, 408)",
	    [OUTCOME_CLASS_UNKNOWN] = "unknown numbers (404, 410, 604)",
	    [OUTCOME_CLASS_DECLINED] = "declined (603)",
	};

	return words[c];
}
