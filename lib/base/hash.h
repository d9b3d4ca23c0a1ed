/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hash - SipHash-1-3 with a secret key, for tables that strangers can fill.
 *
 * Whoever can send packets chooses Call-IDs and ports; without a key he could
 * choose them to collide. Hash values never reach an output, and no eviction
 * order depends on them (design.md 3.4).
 *
 * Threads    No state.
 * Cost       About 1 ns per 8 bytes and 10 ns to finish.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/slice.h"

struct hash_key {
	uint64_t k[2];
};

uint64_t hash_bytes(const struct hash_key *key, const void *bytes, size_t len);

static inline uint64_t hash_slice(const struct hash_key *key, struct slice s)
{
	return hash_bytes(key, s.ptr, s.len);
}

#endif
