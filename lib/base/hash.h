/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hash - keyed hashes, for tables that strangers can fill.
 *
 * Whoever can send packets chooses Call-IDs and ports; without a key he could
 * choose them to collide. Hash values never reach an output, and no eviction
 * order depends on them (design.md 3.4).
 *
 *         hash_bytes()   SipHash-1-3, whatever it is for
 *         hash_quick()   one multiplication for 16 bytes: what each packet needs
 *
 * Why hash_quick() is enough   Two proven families, one upon the other. NH (Black,
 *            Halevi, Krawczyk, Krovetz and Rogaway, "UMAC: Fast and secure message
 *            authentication", 1999): pairs of 64-bit words, each added to a random word
 *            of its own, the sum of their products modulo 2^128. Two texts of one
 * length have one sum with a chance of 2^-64. Upon both halves of that and the length,
 * the upper half of a sum of products with random 128-bit numbers, which is strongly
 * universal (Lemire and Kaser, "Strongly universal string hashing is fast", 2014, 3).
 * So for any two texts that somebody chose, the two hashes are as independent as dice,
 * but for that chance, over the choice of the numbers; nobody who does not see hashes
 * can choose texts of one bucket, however long he thinks. Nobody sees them: we answer
 * no packet. SipHash would hold even against one who does. The numbers come out of
 *            SipHash under the key.
 *
 * Threads    No state.
 * Cost       hash_bytes(): 1 ns per 8 bytes and 10 ns to finish. hash_quick(): half a
 *            nanosecond per 16 bytes and 3 to finish, up to HASH_QUICK_BYTES; beyond,
 *            SipHash.
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

enum { HASH_QUICK_BYTES = 256 };

struct hash_sum { /* 128 bits */
	uint64_t high, low;
};

struct hash_quick {
	struct hash_sum last[4];
	uint64_t
	    word[HASH_QUICK_BYTES / 8]; /* the random numbers for those of a text */
	struct hash_key key;
};

void hash_quick_init(struct hash_quick *q, const struct hash_key *key);
uint64_t hash_quick(const struct hash_quick *q, const void *bytes, size_t len);

static inline uint64_t hash_quick_slice(const struct hash_quick *q, struct slice s)
{
	return hash_quick(q, s.ptr, s.len);
}

#endif
