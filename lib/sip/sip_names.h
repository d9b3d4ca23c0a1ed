/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sip_names - header names to ids, inside the parser's loop.
 *
 * Private to lib/sip.
 *
 * Cost       Names with their colon are compared as 16 or 32 bytes in one go: a loop
 *            over a name is a branch that the processor cannot guess.
 */
#ifndef SIP_SIP_NAMES_H
#define SIP_SIP_NAMES_H

#include "base/wide.h"
#include "sip/sip_msg.h"

enum { SIP_NAME_ROOM = 2 * WIDE };

struct sip_name {
	char name[SIP_NAME_ROOM - 1]; /* with its colon */
	uint8_t len;                  /* without */
};
extern const struct sip_name sip_names[SIP_HDR_COUNT];

/*
 * A hash of the length, the first and the last letter; all constants when the name is a
 * literal, so the chains of comparisons become one table. Two headers or two methods of
 * one hash make test_sip_msg fail: change a factor then.
 */
/* clang-format off */
#define SIP_NAME_HASH(p, len)                         \
	((33 * (unsigned)(len) + 3 * ((uint8_t)(p)[0] | 0x20u) + \
	     ((uint8_t)(p)[(len) - 1] | 0x20u)) & 255)
/* clang-format on */

static inline enum sip_hdr_id sip_name_nominate(unsigned int hash)
{
#define SIP_HDR(id, name, compact)                         \
	if (hash == SIP_NAME_HASH(name, sizeof(name) - 1)) \
		return SIP_HDR_##id;
#include "sip/sip_hdrs.def"
	return SIP_HDR_OTHER;
}

/*
 * Is the name at p, with a colon at p[len], the canonical one of id? Not the compact
 * and the oddly spelt ones; never OTHER. WIDE bytes must be readable there,
 * SIP_NAME_ROOM if the colon is behind these.
 */
static inline bool sip_name_is(const char *p, size_t len, enum sip_hdr_id id)
{
	const char *known = sip_names[id].name;
	uint32_t other = ~wide_same(p, known);

	if (len >= WIDE)
		other = (other & 0xffff) | ~wide_same(p + WIDE, known + WIDE) << WIDE |
			UINT32_C(1) << (SIP_NAME_ROOM - 1); /* behind every name */
	return wide_first(other) > len;
}

#endif
