/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nearest - "did you mean ...?"
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/* How many letters must be added, dropped, changed or swapped with their neighbour
 * to turn a into b. Longer words than 63 letters are compared by their front. */
size_t nearest_distance(const char *a, const char *b);

/* Feed candidates one by one; .word is the best that is near enough, or NULL. */
struct nearest {
	const char *wanted;
	const char *word;
	size_t distance;
};
void nearest_try(struct nearest *n, const char *candidate);

#endif
