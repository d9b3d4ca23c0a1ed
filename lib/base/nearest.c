/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/nearest.h"

enum { WORD_MAX = 63 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: Levenshtein's rows, and one more for swapped letters. */
size_t nearest_distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1];
	size_t height = strnlen(a, WORD_MAX);
	size_t width = strnlen(b, WORD_MAX);

	for (size_t i = 0; i <= width; i++)
		rows[0][i] = i;
	for (size_t j = 1; j <= height; j++) {
		size_t *row = rows[j % 3];
		const size_t *above = rows[(j + 2) % 3];
		const size_t *above2 = rows[(j + 1) % 3];

		row[0] = j;
		for (size_t i = 1; i <= width; i++) {
			size_t d = above[i - 1] + (a[j - 1] != b[i - 1]);

			d = least(d, least(above[i], row[i - 1]) + 1);
			if (i > 1 && j > 1 && a[j - 1] == b[i - 2] &&
			    a[j - 2] == b[i - 1])
				d = least(d, above2[i - 2] + 1);
			row[i] = d;
		}
	}
	return rows[height % 3][width];
}

void nearest_try(struct nearest *n, const char *candidate)
{
	size_t d = nearest_distance(n->wanted, candidate);
	size_t most = 1 + strlen(n->wanted) / 4; /* farther is no hint */

	if (d > most || (n->word != NULL && d >= n->distance))
		return;
	n->word = candidate;
	n->distance = d;
}
