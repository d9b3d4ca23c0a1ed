/* SPDX-License-Identifier: BSD-2-Clause */
#include "export/utf8.h"

/* RFC 3629 4: what may follow each lead byte; the ranges of the second byte keep
 * overlong forms, surrogates and values above U+10FFFF out. */
static const struct lead {
	uint8_t first, last; /* lead bytes */
	uint8_t more;        /* bytes that follow */
	uint8_t lo, hi;      /* range of the second byte */
} leads[] = {
    {0xc2, 0xdf, 1, 0x80, 0xbf},
    {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf},
    {0xed, 0xed, 2, 0x80, 0x9f},
    {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf},
    {0xf1, 0xf3, 3, 0x80, 0xbf},
    {0xf4, 0xf4, 3, 0x80, 0x8f},
};

static const struct lead *find_lead(uint8_t byte)
{
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
		if (byte >= leads[i].first && byte <= leads[i].last)
			return &leads[i];
	}
	return NULL;
}

static int32_t decode(struct slice s, size_t *len)
{
	uint8_t byte = (uint8_t)s.ptr[0];
	const struct lead *lead;
	int32_t cp;

	*len = 1;
	if (byte < 0x80)
		return byte;
	lead = find_lead(byte);
	if (lead == NULL)
		return UTF8_INVALID;
	cp = byte & (0x3f >> lead->more);
	for (unsigned i = 1; i <= lead->more; i++) {
		uint8_t lo = i == 1 ? lead->lo : 0x80;
		uint8_t hi = i == 1 ? lead->hi : 0xbf;

		if (i >= s.len)
			return UTF8_INVALID;
		byte = (uint8_t)s.ptr[i];
		if (byte < lo || byte > hi)
			return UTF8_INVALID;
		cp = cp << 6 | (byte & 0x3f);
		*len = i + 1;
	}
	return cp;
}

int32_t utf8_take(struct slice *rest, struct slice *bytes)
{
	size_t len;
	int32_t cp = decode(*rest, &len);

	*bytes = slice_of(rest->ptr, len);
	rest->ptr += len;
	rest->len -= len;
	return cp;
}

bool utf8_is_deceptive(int32_t cp)
{
	static const struct {
		int32_t first, last;
	} ranges[] = {
	    {0x0000, 0x001f}, /* C0 */
	    {0x007f, 0x009f}, /* DEL, C1 */
	    {0x00ad, 0x00ad}, /* soft hyphen */
	    {0x034f, 0x034f}, /* combining grapheme joiner */
	    {0x061c, 0x061c}, /* Arabic letter mark */
	    {0x115f, 0x1160}, /* Hangul fillers */
	    {0x17b4, 0x17b5}, /* Khmer inherent vowels, invisible */
	    {0x180b, 0x180f}, /* Mongolian selectors and vowel separator */
	    {0x200b, 0x200f}, /* zero-width, LRM, RLM */
	    {0x2028, 0x202e}, /* line and paragraph separator, bidi */
	    {0x2060, 0x206f}, /* word joiner, invisible operators, isolates */
	    {0x3164, 0x3164}, /* Hangul filler */
	    {0xfe00, 0xfe0f}, /* variation selectors */
	    {0xfeff, 0xfeff}, /* byte order mark */
	    {0xffa0, 0xffa0}, /* halfwidth Hangul filler */
	    {0xfff0, 0xfffb}, /* specials but U+FFFC, U+FFFD */
	    {0xfffe, 0xffff}, {0xe0000, 0xe0fff}, /* tags, selectors */
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return true;
	}
	return false;
}
