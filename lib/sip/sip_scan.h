/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sip_scan - the few scans every value parser of this folder shares.
 *
 * Private to lib/sip. Each takes a slice and returns an index between 0 and its
 * length, so no caller can step outside.
 *
 * Folding    RFC 3261 7.3.1: the line break of a folded value counts as a blank,
 *            therefore CR and LF are blanks here.
 */
#ifndef SIP_SIP_SCAN_H
#define SIP_SIP_SCAN_H

#include "base/slice.h"

static inline bool sip_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* RFC 3261 25.1: token. */
static inline bool sip_is_token_char(char c)
{
	static const uint32_t set[8] = {0, 0x03ff6ca2, 0x87fffffe, 0x47ffffff};
	uint8_t b = (uint8_t)c;

	return (set[b >> 5] >> (b & 31) & 1) != 0;
}

static inline bool sip_is_token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!sip_is_token_char(s.ptr[i]))
			return false;
	}
	return s.len > 0;
}

static inline void sip_advance(struct slice *s, size_t n)
{
	s->ptr += n;
	s->len -= n;
}

static inline struct slice sip_head(struct slice s, size_t n)
{
	return slice_of(s.ptr, n);
}

static inline struct slice sip_from(struct slice s, size_t n)
{
	return slice_of(s.ptr + n, s.len - n);
}

static inline void sip_skip_blanks(struct slice *s)
{
	while (s->len > 0 && sip_is_blank(s->ptr[0]))
		sip_advance(s, 1);
}

static inline struct slice sip_trim(struct slice s)
{
	sip_skip_blanks(&s);
	while (s.len > 0 && sip_is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

/* Index of the first c, or s.len. */
static inline size_t sip_find(struct slice s, char c)
{
	const char *hit = s.len > 0 ? memchr(s.ptr, c, s.len) : NULL;

	return hit == NULL ? s.len : (size_t)(hit - s.ptr);
}

/* s begins with '"'. Index behind the closing quote, or 0 when there is none. */
static inline size_t sip_quoted_end(struct slice s)
{
	for (size_t i = 1; i < s.len; i++) {
		if (s.ptr[i] == '"')
			return i + 1;
		if (s.ptr[i] == '\\')
			i++; /* whatever it is, it does not close the string */
	}
	return 0;
}

/* Index of the first c outside quoted strings, or s.len. A quote that is never
 * closed is an ordinary byte: it must not swallow what follows. */
static inline size_t sip_find_unquoted(struct slice s, char c)
{
	size_t i = 0;

	while (i < s.len && s.ptr[i] != c) {
		size_t quoted = 0;

		if (s.ptr[i] == '"')
			quoted = sip_quoted_end(sip_from(s, i));
		i += quoted > 0 ? quoted : 1;
	}
	return i;
}

/* Leading run of token characters. */
static inline size_t sip_token_len(struct slice s)
{
	size_t i = 0;

	while (i < s.len && sip_is_token_char(s.ptr[i]))
		i++;
	return i;
}

/* Without the quotes, if it has them; a missing closing quote is forgiven. */
static inline struct slice sip_unquote(struct slice s)
{
	if (s.len == 0 || s.ptr[0] != '"')
		return s;
	if (s.len > 1 && s.ptr[s.len - 1] == '"')
		s.len--;
	sip_advance(&s, 1);
	return s;
}

#endif
