/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sip_names - header names to ids, inside the parser's loop.
 *
 * Private to lib/sip.
 *
 * Cost       Padded names are compared as 32 bytes in one go: a loop over a name is a
 *            branch that the processor cannot guess.
 */
#ifndef SIP_SIP_NAMES_H
#define SIP_SIP_NAMES_H

#include "sip/sip_msg.h"
#include "sip/sip_scan.h"

enum { SIP_NAME_ROOM = 32 };

struct sip_name {
	char name[SIP_NAME_ROOM - 1];
	uint8_t len;
};
extern const struct sip_name sip_names[SIP_HDR_COUNT];

/*
 * A hash of the length and three letters; all constants when the name is a literal, so
 * the chains of comparisons become one table. Two headers or two methods of one hash
 * make test_sip_msg fail: change a factor then.
 */
/* clang-format off */
#define SIP_NAME_HASH(p, len)                                     \
	((8 * (len) + 4 * ((p)[0] | 0x20) +                       \
	     12 * ((p)[(len) / 2] | 0x20) + ((p)[(len) - 1] | 0x20)) & 255)
/* clang-format on */

static inline enum sip_hdr_id sip_name_nominate(size_t hash)
{
#define SIP_HDR(id, name, compact)                         \
	if (hash == SIP_NAME_HASH(name, sizeof(name) - 1)) \
		return SIP_HDR_##id;
#include "sip/sip_hdrs.def"
	return SIP_HDR_OTHER;
}

#ifdef __SSE2__
/* Bit i: a[i] and b[i] are the same. */
static inline uint32_t sip_name_mask(__m128i a, __m128i b)
{
	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b));
}

static inline __m128i sip_name_load(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* The colons among the SIP_NAME_ROOM bytes at p, which must be readable. */
static inline uint32_t sip_name_colons(const char *p)
{
	__m128i colon = _mm_set1_epi8(':');

	return sip_name_mask(sip_name_load(p), colon) |
	       sip_name_mask(sip_name_load(p + 16), colon) << 16;
}

/* The header whose canonical name is there; of the compact and the oddly spelt ones
 * OTHER. SIP_NAME_ROOM bytes at p must be readable; len is less. */
static inline enum sip_hdr_id sip_name_lookup(const char *p, size_t len)
{
	uint32_t want = (UINT32_C(1) << len) - 1;
	const struct sip_name *known;
	enum sip_hdr_id id;
	uint32_t same;

	if (len < 2)
		return SIP_HDR_OTHER;
	id = sip_name_nominate((size_t)SIP_NAME_HASH(p, len));
	known = &sip_names[id];
	same = sip_name_mask(sip_name_load(p), sip_name_load(known->name)) |
	       sip_name_mask(sip_name_load(p + 16), sip_name_load(known->name + 16))
		   << 16;
	return known->len == len && (same & want) == want ? id : SIP_HDR_OTHER;
}
#endif

#endif
