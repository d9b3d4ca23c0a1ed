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
