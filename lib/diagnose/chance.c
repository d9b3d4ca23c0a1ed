/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/chance.h"

/* Sets of classes that hold k samples together, of all sets of k samples. */
double chance_of_whole_classes(const size_t *sizes, size_t classes, size_t n, size_t k)
{
	double sets[CHANCE_SAMPLES_MAX + 1] = {1};
	double all = 1;

	if (k > n || n > CHANCE_SAMPLES_MAX)
		return 1;
	for (size_t c = 0; c < classes; c++) {
		for (size_t sum = k; sum >= sizes[c] && sum > 0; sum--)
			sets[sum] += sets[sum - sizes[c]];
	}
	for (size_t i = 1; i <= k; i++)
		all *= (double)(n - k + i) / (double)i;
	return sets[k] / all;
}
