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
	char text[SIP_NAME_ROOM -
		  4]; /* with what ends it: a colon, or a method's blank */
	uint16_t
	    bits; /* the first WIDE bytes of these; all for no name, which has none */
	uint8_t len; /* of the name alone */
};
/* clang-format off */
#define SIP_NAME(name, end)                                                          \
	{                                                                            \
		.text = name end, .len = sizeof(name) - 1,                           \
		.bits = (uint16_t)(sizeof(name) > WIDE || sizeof(name) < 2 ? 0xffff  \
				   : (1u << sizeof(name)) - 1)                       \
	}
/* clang-format on */
extern const struct sip_name sip_names[SIP_HDR_COUNT];
extern const struct sip_name sip_methods[SIP_METHOD_COUNT];

/*
 * A hash of the length, the second and the third byte, which of "To" is what ends it;
 * in any case of letters. All constants when the name is a literal, so the chains of
 * comparisons become one table. Two headers or two methods of one hash make
 * test_sip_msg fail: change a factor then.
 */
/* clang-format off */
#define SIP_NAME_HASH(p, len)                                                  \
	((((((uint8_t)(p)[1] | (unsigned)(uint8_t)(p)[2] << 8) | 0x2020u) * 11 \
	       >> 8) + 8 * (unsigned)(len)) & 255)
/* clang-format on */

static inline enum sip_hdr_id sip_name_nominate(unsigned int hash)
{
#define SIP_HDR(id, name, compact)                             \
	if (hash == SIP_NAME_HASH(name ":", sizeof(name) - 1)) \
		return SIP_HDR_##id;
#include "sip/sip_hdrs.def"
	return SIP_HDR_OTHER;
}

static inline enum sip_method_id sip_method_nominate(unsigned int hash)
{
#define SIP_METHOD(id, name)                                   \
	if (hash == SIP_NAME_HASH(name " ", sizeof(name) - 1)) \
		return SIP_METHOD_##id;
#include "sip/sip_methods.def"
	return SIP_METHOD_OTHER;
}

/* Does the text at p begin with that name and its end? Both within WIDE bytes. */
static inline bool sip_name_is(const char *p, const struct sip_name *known)
{
	return (~wide_same(p, known->text) & known->bits) == 0;
}

/* Likewise, but the end is at p[len], behind those and within SIP_NAME_ROOM. */
static inline bool sip_name_is_long(
    const char *p, size_t len, const struct sip_name *known)
{
	return known->len == len && sip_name_is(p, known) &&
	       (~wide_same(p + WIDE, known->text + WIDE) &
		   ((2u << (len - WIDE)) - 1)) == 0;
}

#endif
