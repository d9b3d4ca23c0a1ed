/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/divide.h"

/* So many of each cause: two might be chance. */
enum { PART_MIN = 3 };

static bool is_known_caller(const struct trunk *t, const struct sample *s)
{
	for (size_t i = 0; i < samples_kept(&t->accepted); i++) {
		if (memcmp(t->accepted.ring[i].caller, s->caller, SAMPLE_NUMBER_MAX) ==
		    0)
			return true;
	}
	return false;
}

static size_t shared_digits(const struct samples *with, const struct sample *s)
{
	size_t most = 0;

	for (size_t i = 0; i < samples_kept(with); i++) {
		const char *other = with->ring[i].called;
		size_t n = 0;

		while (n < SAMPLE_NUMBER_MAX && s->called[n] != '\0' &&
		       s->called[n] == other[n])
			n++;
		most = n > most ? n : most;
	}
	return most;
}

bool divide_is_by_called(
    const struct trunk *t, const struct samples *by_called, const struct sample *s)
{
	return is_known_caller(t, s) ||
	       shared_digits(by_called, s) > shared_digits(&t->accepted, s);
}

bool divide_samples(const struct trunk *t, const struct group *g,
    struct samples *by_called, struct samples *by_caller)
{
	const struct samples *all = &g->refused;
	size_t kept = samples_kept(all);

	by_called->count = by_caller->count = 0;
	for (size_t i = 0; i < kept; i++) {
		if (is_known_caller(t, &all->ring[i]))
			samples_add(by_called, &all->ring[i]);
	}
	if (by_called->count < PART_MIN || !split_by_called(by_called, &t->accepted))
		return false;
	for (size_t i = 0; i < kept; i++) {
		const struct sample *s = &all->ring[i];

		if (!is_known_caller(t, s))
			samples_add(divide_is_by_called(t, by_called, s) ? by_called
									 : by_caller,
			    s);
	}
	return by_caller->count >= PART_MIN &&
	       split_by_caller(by_caller, &t->accepted) &&
	       !split_by_called(by_caller, &t->accepted);
}
