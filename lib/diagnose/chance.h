/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chance - how often numbers fall apart by their beginning for no reason.
 *
 * One refused number of a range of its own proves nothing where each second number has
 * a range of its own; ten of one range, and none of it accepted, prove much.
 *
 * Threads    No state.
 * Cost       O(SAMPLES_MAX^2); asked once a judgement that rests on such a split.
 */
#ifndef DIAGNOSE_CHANCE_H
#define DIAGNOSE_CHANCE_H

#include <stddef.h>

enum { CHANCE_SAMPLES_MAX = 96 };

/*
 * n samples fall into classes of these sizes; k of the samples are refused. How likely
 * is it that refusals at random hit whole classes only? 0..1. n <= CHANCE_SAMPLES_MAX.
 */
double chance_of_whole_classes(const size_t *sizes, size_t classes, size_t n, size_t k);

#endif
