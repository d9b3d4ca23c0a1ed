/* SPDX-License-Identifier: BSD-2-Clause */
/* codes - is a status code among these? */
#ifndef DIAGNOSE_CODES_H
#define DIAGNOSE_CODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool code_is_one_of(uint16_t code, const uint16_t *codes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (codes[i] == code)
			return true;
	}
	return false;
}

#define IS_ONE_OF(code, ...)                                    \
	code_is_one_of((code), (const uint16_t[]){__VA_ARGS__}, \
	    sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t))

#endif
