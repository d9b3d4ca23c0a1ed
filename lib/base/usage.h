/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * usage - how full a bounded table is, and what it had to give up.
 *
 * Units      Entries, or bytes where the table's name says so.
 */
#ifndef BASE_USAGE_H
#define BASE_USAGE_H

#include <stdint.h>

struct usage {
	uint64_t used, limit;
	uint64_t evicted; /* entries that had to make room, or found none */
};

#endif
