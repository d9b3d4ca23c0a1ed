/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench - CPU time of parts, and of what nothing can do with less.
 *
 * A part and its floor take turns, so that what else runs on the machine falls on
 * both. The figure is the median of the rounds.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct bench {
	const char *name, *unit;
	size_t (*round)(void *ctx); /* returns how many it did; 0: it failed */
	void *ctx;
};

enum { BENCH_ROUNDS_MAX = 1024 };

static inline double bench_cpu_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline int bench_by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Prints a line for each: name, unit, median and best ns, tab separated. */
static inline int bench_run(const struct bench *parts, size_t count, size_t rounds)
{
	double *ns = calloc(count * rounds, sizeof(*ns));

	if (ns == NULL || rounds == 0)
		return 1;
	for (size_t r = 0; r <= rounds; r++) { /* the first warms up */
		for (size_t i = 0; i < count; i++) {
			double t = bench_cpu_ns();
			size_t done = parts[i].round(parts[i].ctx);

			if (done == 0) {
				(void)fprintf(
				    stderr, "%s: wrong result\n", parts[i].name);
				free(ns);
				return 1;
			}
			if (r > 0)
				ns[i * rounds + r - 1] =
				    (bench_cpu_ns() - t) / (double)done;
		}
	}
	for (size_t i = 0; i < count; i++) {
		qsort(ns + i * rounds, rounds, sizeof(*ns), bench_by_value);
		(void)printf("%s\t%s\t%.1f\t%.1f\n", parts[i].name, parts[i].unit,
		    ns[i * rounds + rounds / 2], ns[i * rounds]);
	}
	free(ns);
	return 0;
}

#endif
