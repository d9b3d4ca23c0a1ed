/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/hash.h"

struct sip_state {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotl(uint64_t x, int b)
{
	return x << b | x >> (64 - b);
}

static inline void sip_round(struct sip_state *s)
{
	s->v0 += s->v1;
	s->v1 = rotl(s->v1, 13) ^ s->v0;
	s->v0 = rotl(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotl(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotl(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotl(s->v1, 17) ^ s->v2;
	s->v2 = rotl(s->v2, 32);
}

/* Native byte order: values never leave the process. */
static inline uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Aumasson and Bernstein, "SipHash: a fast short-input PRF"; c=1, d=3. */
uint64_t hash_bytes(const struct hash_key *key, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	size_t left = len;
	uint64_t last = (uint64_t)len << 56;
	struct sip_state s = {
	    .v0 = key->k[0] ^ UINT64_C(0x736f6d6570736575),
	    .v1 = key->k[1] ^ UINT64_C(0x646f72616e646f6d),
	    .v2 = key->k[0] ^ UINT64_C(0x6c7967656e657261),
	    .v3 = key->k[1] ^ UINT64_C(0x7465646279746573),
	};

	for (; left >= 8; left -= 8, p += 8) {
		uint64_t m = load64(p);

		s.v3 ^= m;
		sip_round(&s);
		s.v0 ^= m;
	}
	for (size_t i = 0; i < left; i++)
		last |= (uint64_t)p[i] << (8 * i);
	s.v3 ^= last;
	sip_round(&s);
	s.v0 ^= last;

	s.v2 ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* --- the quick one --- */

void hash_quick_init(struct hash_quick *q, const struct hash_key *key)
{
	uint64_t number[sizeof(*q) / sizeof(uint64_t)];

	for (uint64_t i = 0; i < sizeof(number) / sizeof(number[0]); i++)
		number[i] = hash_bytes(key, &i, sizeof(i));
	memcpy(q, number, sizeof(*q));
	q->key = *key;
}

/* One to seven bytes as a number that no others of that many give. */
static inline uint64_t load_tail(const uint8_t *p, size_t len)
{
	uint32_t a, b;

	if (len < 4)
		return (uint64_t)p[0] << 16 | (uint64_t)p[len / 2] << 8 | p[len - 1];
	memcpy(&a, p, 4);
	memcpy(&b, p + len - 4, 4);
	return (uint64_t)a << 32 | b;
}

/* One to one, so that nothing of what is said of the hash is lost; but numbers in a row
 * give hashes in a row, and those no longer lie in steps. */
static inline uint64_t mix(uint64_t h)
{
	h = (h ^ h >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

static inline struct hash_sum product(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	unsigned __int128 p = (unsigned __int128)a * b;

	return (struct hash_sum){(uint64_t)(p >> 64), (uint64_t)p};
#else
	uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
	uint64_t low = a0 * b0, one = a1 * b0, two = a0 * b1;
	uint64_t middle = (low >> 32) + (uint32_t)one + (uint32_t)two;

	return (struct hash_sum){a1 * b1 + (one >> 32) + (two >> 32) + (middle >> 32),
	    middle << 32 | (uint32_t)low};
#endif
}

static inline struct hash_sum add(struct hash_sum a, struct hash_sum b)
{
	uint64_t low = a.low + b.low;

	return (struct hash_sum){a.high + b.high + (low < a.low), low};
}

/* NH: two words at a time. */
static inline struct hash_sum add_pair(
    struct hash_sum s, const uint64_t key[2], uint64_t a, uint64_t b)
{
	return add(s, product(a + key[0], b + key[1]));
}

static inline struct hash_sum times(struct hash_sum factor, uint64_t x)
{
	struct hash_sum p = product(factor.low, x);

	p.high += factor.high * x;
	return p;
}

static inline uint64_t finish(const struct hash_quick *q, struct hash_sum s, size_t len)
{
	struct hash_sum texts =
	    add(times(q->last[0], s.low), times(q->last[1], s.high));

	return mix(add(add(texts, times(q->last[2], len)), q->last[3]).high);
}

uint64_t hash_quick(const struct hash_quick *q, const void *bytes, size_t len)
{
	const uint64_t *key = q->word;
	const uint8_t *p = bytes;
	struct hash_sum sum = {0, 0};
	size_t left = len;

	if (len > HASH_QUICK_BYTES)
		return hash_bytes(&q->key, bytes, len);
	for (; left >= 16; left -= 16, p += 16, key += 2)
		sum = add_pair(sum, key, load64(p), load64(p + 8));
	if (left > 0) { /* what is left, and as much of what is in front of it */
		if (len >= 16)
			sum = add_pair(
			    sum, key, load64(p + left - 16), load64(p + left - 8));
		else if (len >= 8)
			sum = add_pair(sum, key, load64(p), load64(p + left - 8));
		else
			sum = add_pair(sum, key, load_tail(p, len), 0);
	}
	return finish(q, sum, len);
}
