/* SPDX-License-Identifier: BSD-2-Clause */
/* What the fuzz targets of lib/sip share. */
#ifndef TESTS_FUZZ_SIP_SIP_FUZZ_H
#define TESTS_FUZZ_SIP_SIP_FUZZ_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"

/* Not assert(): must hold in release builds too. */
static inline void require(int ok)
{
	if (!ok)
		abort();
}

static inline void require_inside(struct slice part, struct slice whole)
{
	if (part.ptr == NULL) {
		require(part.len == 0);
		return;
	}
	require(part.ptr >= whole.ptr);
	require(part.len <= whole.len);
	require((size_t)(part.ptr - whole.ptr) <= whole.len - part.len);
}

/* On the heap and of the exact size: ASan then sees the first byte past the end.
 * To be freed. */
static inline char *exact_copy(const void *data, size_t size)
{
	char *copy = malloc(size > 0 ? size : 1);

	require(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	return copy;
}

#endif
