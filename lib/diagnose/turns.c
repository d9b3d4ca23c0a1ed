/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/turns.h"

#include "base/usec.h"

enum {
	TURNS_MAX = 2 * SAMPLES_MAX,
	EACH_MIN = 8,   /* fewer of one kind prove no order */
	SIGMAS_MIN = 4, /* by chance once in 30,000 times */
	WINDOWS_MIN = 2,
};
/* The longest window over which a provider is known to count. */
#define WINDOW_MAX_US (10 * USEC_PER_SEC)

struct turn {
	int64_t at_us;
	bool is_refused;
};

struct turns {
	struct turn of[TURNS_MAX];
	size_t count, refused, runs;
};

static int64_t end_of(const struct samples *s, bool newest)
{
	int64_t at_us = s->ring[0].at_us;

	for (size_t i = 1; i < samples_kept(s); i++) {
		if (newest ? s->ring[i].at_us > at_us : s->ring[i].at_us < at_us)
			at_us = s->ring[i].at_us;
	}
	return at_us;
}

static void insert(struct turns *t, int64_t at_us, bool is_refused)
{
	size_t i = t->count++;

	for (; i > 0 && t->of[i - 1].at_us > at_us; i--)
		t->of[i] = t->of[i - 1];
	t->of[i] = (struct turn){.at_us = at_us, .is_refused = is_refused};
	t->refused += is_refused;
}

static void take_all(
    struct turns *t, const struct samples *s, int64_t from_us, int64_t to_us, bool no)
{
	uint64_t kept = samples_kept(s);

	for (uint64_t i = s->count - kept; i < s->count; i++) {
		const struct sample *one = &s->ring[i % SAMPLES_MAX];

		if (one->at_us >= from_us && one->at_us <= to_us)
			insert(t, one->at_us, no);
	}
}

/* Only the time of which both kinds are remembered. */
static void merge(
    struct turns *t, const struct samples *refused, const struct samples *accepted)
{
	int64_t no_us = end_of(refused, false), yes_us = end_of(accepted, false);
	int64_t from_us = no_us > yes_us ? no_us : yes_us;
	int64_t to_us;

	no_us = end_of(refused, true);
	yes_us = end_of(accepted, true);
	to_us = no_us < yes_us ? no_us : yes_us;
	take_all(t, refused, from_us, to_us, true);
	take_all(t, accepted, from_us, to_us, false);
	for (size_t i = 0; i < t->count; i++)
		t->runs += i == 0 || t->of[i].is_refused != t->of[i - 1].is_refused;
}

/*
 * Wald and Wolfowitz: how many standard deviations the number of runs is from what
 * chance gives, squared and signed. Negative: few and long ones.
 */
static double surprise(const struct turns *t)
{
	double n = (double)t->count, no = (double)t->refused, yes = n - no;
	double mean = 2 * no * yes / n + 1;
	double variance = (mean - 1) * (mean - 2) / (n - 1);
	double off = (double)t->runs - mean;

	return off * (off < 0 ? -off : off) / variance;
}

/* Is as many let in each time, before refusing begins? The runs at the two ends may be
 * cut. A server that comes and goes has no such measure. */
static bool windows_are_even(const struct turns *t)
{
	size_t least = TURNS_MAX, most = 0, windows = 0, first = 0;

	for (size_t i = 1; i < t->count; i++) {
		size_t run = i - first;

		if (t->of[i].is_refused == t->of[i - 1].is_refused)
			continue;
		if (first > 0 && t->of[i].is_refused) {
			windows++;
			least = run < least ? run : least;
			most = run > most ? run : most;
			if (usec_since(t->of[first].at_us, t->of[i].at_us) >
			    WINDOW_MAX_US)
				return false;
		}
		first = i;
	}
	return windows >= WINDOWS_MIN && most - least <= 1 + most / 5;
}

bool samples_take_turns(const struct samples *refused, const struct samples *accepted)
{
	struct turns t = {.count = 0};
	double off;

	if (samples_kept(refused) < EACH_MIN || samples_kept(accepted) < EACH_MIN)
		return false;
	merge(&t, refused, accepted);
	if (t.refused < EACH_MIN || t.count - t.refused < EACH_MIN)
		return false;
	off = surprise(&t);
	return off >= SIGMAS_MIN * SIGMAS_MIN ||
	       (off <= -SIGMAS_MIN * SIGMAS_MIN && windows_are_even(&t));
}
