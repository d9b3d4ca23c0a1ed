/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wide - questions to 16 bytes at once.
 *
 * Lines and values of SIP are short, and a loop over bytes ends in a
 * branch that the processor cannot guess. Each answer is a set of bits, of which bit i
 * speaks of byte i: the next hit is a bit scan away.
 *
 * In         16 readable bytes at each pointer.
 * Machines   SSE2, which every x86-64 has; elsewhere eight bytes as one number, in
 *            either byte order. Both give the same answers.
 */
#ifndef BASE_WIDE_H
#define BASE_WIDE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* WIDE_PLAIN: the test asks the other half for the same answers. */
#if defined(__SSE2__) && !defined(WIDE_PLAIN)
#define WIDE_SSE2
#include <emmintrin.h>
#endif

enum { WIDE = 16 };

/* The first of the bits; there must be one. */
static inline size_t wide_first(uint32_t bits)
{
	return (unsigned int)__builtin_ctz(bits);
}

#ifdef WIDE_SSE2

static inline __m128i wide_load(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline uint32_t wide_bits(__m128i hits)
{
	return (uint32_t)_mm_movemask_epi8(hits);
}

/* p[i] is c. */
static inline uint32_t wide_is(const char *p, char c)
{
	return wide_bits(_mm_cmpeq_epi8(wide_load(p), _mm_set1_epi8(c)));
}

/* p[i] is a or b. */
static inline uint32_t wide_is2(const char *p, char a, char b)
{
	__m128i v = wide_load(p);

	return wide_bits(_mm_or_si128(
	    _mm_cmpeq_epi8(v, _mm_set1_epi8(a)), _mm_cmpeq_epi8(v, _mm_set1_epi8(b))));
}

/* a[i] is b[i]. */
static inline uint32_t wide_same(const char *a, const char *b)
{
	return wide_bits(_mm_cmpeq_epi8(wide_load(a), wide_load(b)));
}

/* Bytes of v in [from, from + span]. */
static inline __m128i wide_range(__m128i v, char from, char span)
{
	__m128i off = _mm_sub_epi8(v, _mm_set1_epi8(from));

	return _mm_cmpeq_epi8(_mm_min_epu8(off, _mm_set1_epi8(span)), off);
}

/* p[i] is a letter, a digit, '-' or '.': what tokens are mostly made of. */
static inline uint32_t wide_is_plain(const char *p)
{
	__m128i v = wide_load(p);
	__m128i letter =
	    wide_range(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 'z' - 'a');
	__m128i digit = wide_range(v, '0', 9);
	__m128i dash = wide_range(v, '-', 1);

	return wide_bits(_mm_or_si128(_mm_or_si128(letter, digit), dash));
}

/* p[i] is one of ":;?@[": what divides a URI. */
static inline uint32_t wide_is_uri_mark(const char *p)
{
	__m128i v = wide_load(p);

	return wide_bits(
	    _mm_or_si128(_mm_or_si128(wide_range(v, ':', 1), wide_range(v, '?', 1)),
		_mm_cmpeq_epi8(v, _mm_set1_epi8('['))));
}

#else

/* Byte i of the memory is byte i of the number, counted from its low end. */
static inline uint64_t wide_load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

#define WIDE_EACH(c) (UINT64_C(0x0101010101010101) * (uint8_t)(c))

/* Which bytes are zero. The sum cannot carry into the next byte, so none is mistaken.
 */
static inline uint32_t wide_zeros8(uint64_t v)
{
	uint64_t low = WIDE_EACH(0x7f);
	uint64_t top = ~(((v & low) + low) | v | low);

	/* The eight top bits, gathered in the highest byte. */
	return (uint32_t)((top >> 7) * UINT64_C(0x0102040810204080) >> 56);
}

static inline uint32_t wide_is(const char *p, char c)
{
	return wide_zeros8(wide_load8(p) ^ WIDE_EACH(c)) |
	       wide_zeros8(wide_load8(p + 8) ^ WIDE_EACH(c)) << 8;
}

static inline uint32_t wide_is2(const char *p, char a, char b)
{
	return wide_is(p, a) | wide_is(p, b);
}

static inline uint32_t wide_same(const char *a, const char *b)
{
	return wide_zeros8(wide_load8(a) ^ wide_load8(b)) |
	       wide_zeros8(wide_load8(a + 8) ^ wide_load8(b + 8)) << 8;
}

static inline uint32_t wide_is_plain(const char *p)
{
	uint32_t bits = 0;

	for (int i = 0; i < WIDE; i++) {
		char low = (char)(p[i] | 0x20);

		bits |= (uint32_t)((low >= 'a' && low <= 'z') ||
				   (p[i] >= '-' && p[i] <= '9' && p[i] != '/'))
			<< i;
	}
	return bits;
}

static inline uint32_t wide_is_uri_mark(const char *p)
{
	return wide_is2(p, ':', ';') | wide_is2(p, '?', '@') | wide_is(p, '[');
}

#endif

static inline uint64_t wide_is64(const char *p, char c)
{
	return wide_is(p, c) | (uint64_t)wide_is(p + 16, c) << 16 |
	       (uint64_t)wide_is(p + 32, c) << 32 | (uint64_t)wide_is(p + 48, c) << 48;
}

/* Of up to 64 bytes from p[at] on, as many as there are of len, which is more than at.
 */
static inline uint64_t wide_block(const char *p, size_t len, size_t at, char c)
{
	size_t left = len - at;
	uint64_t bits = 0;

	if (left >= 64)
		return wide_is64(p + at, c);
	if (len >= 64) /* the last 64 bytes: the first of them are known */
		return wide_is64(p + len - 64, c) >> (64 - left);
	for (size_t i = 0; i < left; i++)
		bits |= (uint64_t)(p[at + i] == c) << i;
	return bits;
}

#endif
