/* SPDX-License-Identifier: BSD-2-Clause */
/* The quick hash: every byte and the length count, the key decides, buckets fill
 * evenly. */
#include <criterion/criterion.h>

#include "base/hash.h"

static const struct hash_key key = {{UINT64_C(0x0123456789abcdef), 42}};

static struct hash_quick quick(uint64_t number)
{
	struct hash_key k = {{key.k[0], number}};
	struct hash_quick q;

	hash_quick_init(&q, &k);
	return q;
}

/* Also across HASH_QUICK_BYTES, where another hash takes over. */
Test(hash, every_byte_counts)
{
	struct hash_quick q = quick(1);
	char text[HASH_QUICK_BYTES + 20];

	memset(text, 'a', sizeof(text));
	for (size_t len = 1; len <= sizeof(text); len++) {
		/* Nothing behind the text is read: it ends where its memory does. */
		char *copy = malloc(len);
		uint64_t before = (memcpy(copy, text, len), hash_quick(&q, copy, len));

		for (size_t at = 0; at < len; at++) {
			copy[at] = 'b';
			cr_assert_neq(hash_quick(&q, copy, len), before,
			    "byte %zu of %zu", at, len);
			copy[at] = 'a';
		}
		cr_assert_eq(hash_quick(&q, copy, len), before);
		free(copy);
	}
}

/* Two bytes changed places, and two halves of a word: sums alone would not tell. */
Test(hash, order_counts)
{
	struct hash_quick q = quick(1);
	char text[41] = "0123456789abcdefghijklmnopqrstuvwxyzABCD";

	for (size_t len = 2; len <= 40; len++) {
		uint64_t before = hash_quick(&q, text, len);

		for (size_t at = 1; at < len; at++) {
			char swap = text[0];

			text[0] = text[at];
			text[at] = swap;
			cr_assert_neq(hash_quick(&q, text, len), before);
			text[at] = text[0];
			text[0] = swap;
		}
	}
	cr_assert_neq(hash_quick(&q, "abcdefgh", 8), hash_quick(&q, "efghabcd", 8));
}

Test(hash, length_counts)
{
	static const char zeros[HASH_QUICK_BYTES + 20];
	struct hash_quick q = quick(1);

	for (size_t a = 0; a < sizeof(zeros); a++) {
		for (size_t b = a + 1; b < sizeof(zeros); b++)
			cr_assert_neq(
			    hash_quick(&q, zeros, a), hash_quick(&q, zeros, b));
	}
	cr_assert_eq(hash_quick_slice(&q, SLICE_NONE), hash_quick(&q, "", 0));
}

/*
 * Numbers in a row, as a stack makes Call-IDs, under many keys: no bucket gets far more
 * than its share, whichever bits choose it. Of 4096 balls in 1024 urns, the fullest
 * holds more than 24 once in 10^9.
 */
Test(hash, buckets_fill_evenly)
{
	enum { TEXTS = 4096, BUCKETS = 1024, MOST = 24 };

	for (uint64_t k = 0; k < 64; k++) {
		struct hash_quick q = quick(k);
		uint8_t low[BUCKETS] = {0}, high[BUCKETS] = {0};
		char text[32] = "call-00000000@192.0.2.1";

		for (unsigned int i = 0; i < TEXTS; i++) {
			uint64_t h;

			for (unsigned int d = 0; d < 8; d++)
				text[5 + d] = "0123456789abcdef"[i >> (4 * d) & 15];
			h = hash_quick(&q, text, 23);
			low[h % BUCKETS]++;
			high[h >> 54]++;
		}
		for (size_t b = 0; b < BUCKETS; b++)
			cr_assert(low[b] <= MOST && high[b] <= MOST, "key %d", (int)k);
	}
}

/* Whoever found two texts of one bucket under his own key has found nothing. */
Test(hash, the_key_decides)
{
	enum { KEYS = 4096, BUCKETS = 16 };
	unsigned int same = 0, count[BUCKETS] = {0};

	for (uint64_t k = 0; k < KEYS; k++) {
		struct hash_quick q = quick(k);
		uint64_t a = hash_quick(&q, "one@example.net", 15);
		uint64_t b = hash_quick(&q, "two@example.net", 15);

		same += a % BUCKETS == b % BUCKETS;
		count[a % BUCKETS]++;
	}
	/* 256 each, and 16 to either side is one standard deviation. */
	cr_expect(same > 256 - 100 && same < 256 + 100, "%u", same);
	for (size_t b = 0; b < BUCKETS; b++)
		cr_expect(count[b] > 256 - 100 && count[b] < 256 + 100, "%u", count[b]);
}
