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
#include "base/wide.h"

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

/*
 * Are the len bytes in front of end a token of letters, digits, '-' and '.'? False says
 * nothing. What is before them is read too, but not before begin: so that 16 bytes at a
 * time is the rule and not the exception.
 */
static inline bool sip_is_plain_before(const char *begin, const char *end, size_t len)
{
	const char *at = end;

	if (len == 0)
		return false;
	for (;; len -= WIDE) {
		uint32_t others;

		if (at - begin < WIDE)
			return false;
		at -= WIDE;
		others = ~wide_is_plain(at) & 0xffff;
		if (len <= WIDE)
			return others >> (WIDE - len) == 0;
		if (others != 0)
			return false;
	}
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

static inline struct slice sip_head_upto(struct slice s, size_t n)
{
	return slice_of(s.ptr, s.len < n ? s.len : n);
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

/* Index of the first a or b, or s.len. The parsers spend most of their time here. */
static inline size_t sip_find2(struct slice s, char a, char b)
{
	size_t i = 0;
	uint32_t hits;

	for (; s.len - i >= WIDE; i += WIDE) {
		hits = wide_is2(s.ptr + i, a, b);
		if (hits != 0)
			return i + wide_first(hits);
	}
	if (s.len >= WIDE) { /* the last bytes; those before them are no hits */
		hits = wide_is2(s.ptr + s.len - WIDE, a, b);
		return hits == 0 ? s.len : s.len - WIDE + wide_first(hits);
	}
	while (i < s.len && s.ptr[i] != a && s.ptr[i] != b)
		i++;
	return i;
}

/* Index of the first c, or s.len. */
static inline size_t sip_find(struct slice s, char c)
{
	return sip_find2(s, c, c);
}

/* s begins with '"'. Index behind the closing quote, or 0 when there is none. */
static inline size_t sip_quoted_end(struct slice s)
{
	size_t i = 1;

	while (i < s.len) {
		i += sip_find2(sip_from(s, i), '"', '\\');
		if (i < s.len && s.ptr[i] == '"')
			return i + 1;
		i += 2; /* whatever is escaped, it does not close the string */
	}
	return 0;
}

/* How far we look for a closing quote when we only want to step over a string. */
enum { SIP_QUOTED_MAX = 512 };

/* As sip_find_unquoted(), for a value that has quotes. */
size_t sip_step_over_quotes(struct slice s, char c, bool *open);

/*
 * Index of the first c outside quoted strings, or s.len. A quote that is never
 * closed is an ordinary byte: it must not swallow what follows (RFC 4475 3.1.2.6).
 * Then *open is set and later quotes are ordinary too, or a value of nothing but
 * quotes would be walked again for each of them.
 */
static inline size_t sip_find_unquoted(struct slice s, char c, bool *open)
{
	size_t i = *open ? sip_find(s, c) : sip_find2(s, c, '"');

	if (i == s.len || s.ptr[i] == c)
		return i;
	return sip_step_over_quotes(s, c, open);
}

/* Takes what is in front of the first c outside quotes, and c. */
static inline struct slice sip_take_unquoted(struct slice *s, char c, bool *open)
{
	size_t end = sip_find_unquoted(*s, c, open);
	struct slice taken = sip_head(*s, end);

	sip_advance(s, end < s->len ? end + 1 : end);
	return taken;
}

/* Splits "name=value" or "name"; the value is absent in the latter. */
static inline struct slice sip_split_param(struct slice p, struct slice *value)
{
	size_t eq = sip_find(p, '=');

	*value = eq < p.len ? sip_trim(sip_from(p, eq + 1)) : SLICE_NONE;
	return sip_trim(sip_head(p, eq));
}

/* Leading run of token characters. */
static inline size_t sip_token_len(struct slice s)
{
	size_t i = 0;

	while (i < s.len && sip_is_token_char(s.ptr[i]))
		i++;
	return i;
}

/*
 * "0009 INVITE" is 9 (RFC 4475 3.1.1.1); 36893488147419103232 must not wrap
 * (3.1.2.4).
 */
static inline bool sip_cseq_split(
    struct slice value, uint32_t *number, struct slice *method)
{
	struct slice s = sip_trim(value);
	uint64_t n = 0;
	size_t i = 0;

	for (; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++) {
		n = n * 10 + (uint64_t)(s.ptr[i] - '0');
		if (n > UINT32_MAX)
			return false;
	}
	if (i == 0 || i == s.len || !sip_is_blank(s.ptr[i]))
		return false;
	sip_advance(&s, i);
	sip_skip_blanks(&s);
	*number = (uint32_t)n;
	*method = s;
	return true;
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
