/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/utf8.h"

#define EVERY(byte) (UINT64_MAX / 0xff * (byte))

/* No byte of the eight is zero or has its high bit set. */
static bool is_plain(uint64_t w)
{
	return ((w | (w - EVERY(0x01))) & EVERY(0x80)) == 0;
}

/*
 * Length of the sequence that a lead byte begins, and the range of its second
 * byte, which is where RFC 3629 section 4 keeps overlong forms, surrogates and
 * everything above U+10FFFF out. 0: no lead byte.
 */
static size_t sequence(unsigned char lead, unsigned char *lo, unsigned char *hi)
{
	*lo = 0x80;
	*hi = 0xbf;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef) {
		if (lead == 0xe0)
			*lo = 0xa0;
		if (lead == 0xed)
			*hi = 0x9f;
		return 3;
	}
	if (lead >= 0xf0 && lead <= 0xf4) {
		if (lead == 0xf0)
			*lo = 0x90;
		if (lead == 0xf4)
			*hi = 0x8f;
		return 4;
	}
	return 0;
}

/* Bytes of the character at the front of p[0..left), 0 when it is not one. */
static size_t character(const unsigned char *p, size_t left)
{
	unsigned char lo, hi;
	size_t len;

	if (p[0] < 0x80)
		return p[0] != '\0' ? 1 : 0;
	len = sequence(p[0], &lo, &hi);
	if (len == 0 || len > left || p[1] < lo || p[1] > hi)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	return len;
}

bool utf8_is_text(struct slice s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;
	size_t left = s.len;

	while (left > 0) {
		size_t n;
		uint64_t w;

		if (left >= sizeof(w)) {
			memcpy(&w, p, sizeof(w));
			n = is_plain(w) ? sizeof(w) : character(p, left);
		} else {
			n = character(p, left);
		}
		if (n == 0)
			return false;
		p += n;
		left -= n;
	}
	return true;
}
