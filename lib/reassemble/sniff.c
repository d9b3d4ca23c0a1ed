/* SPDX-License-Identifier: BSD-2-Clause */
#include "reassemble/sniff.h"

/* RFC 3261 25.1: token = 1*(alphanum / - . ! % * _ + ` ' ~) */
static inline bool is_token(char c)
{
	/* clang-format off */
	static const uint32_t set[8] = {
		0, 0x03ff6ca2u, 0x87fffffeu, 0x47ffffffu, 0, 0, 0, 0,
	};
	/* clang-format on */
	uint8_t b = (uint8_t)c;

	return (set[b >> 5] >> (b & 31) & 1) != 0;
}

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_alpha(char c)
{
	return slice_lower(c) >= 'a' && slice_lower(c) <= 'z';
}

struct slice sniff_skip_crlf(struct slice s)
{
	while (s.len > 0 && (*s.ptr == '\r' || *s.ptr == '\n')) {
		s.ptr++;
		s.len--;
	}
	return s;
}

/* "SIP/2.0" in any case (RFC 3261 7.1), or another version's digits. Returns its
 * length, 0 when it is none. */
static size_t version_len(struct slice s)
{
	size_t i = 4;

	if (s.len >= 7 && memcmp(s.ptr, "SIP/2.0", 7) == 0)
		return 7;
	if (s.len < 7 || !slice_eq_nocase(slice_of(s.ptr, 4), SLICE("SIP/")))
		return 0;
	while (i < s.len && (is_digit(s.ptr[i]) || s.ptr[i] == '.'))
		i++;
	return i > 4 ? i : 0;
}

/* Status-Line = SIP-Version SP Status-Code SP Reason-Phrase. What follows the
 * first digit of the code is the parser's business. */
static enum sniff sniff_status(struct slice s, bool is_whole)
{
	size_t n = version_len(s);

	if (n == 0)
		return SNIFF_NOT;
	if (n < s.len && s.ptr[n] != ' ')
		return SNIFF_NOT;
	while (n < s.len && n < SNIFF_LINE_MAX && s.ptr[n] == ' ')
		n++;
	if (n == s.len)
		return is_whole ? SNIFF_NOT : SNIFF_MORE;
	return is_digit(s.ptr[n]) ? SNIFF_SIP : SNIFF_NOT;
}

/* The rest of a Request-Line: Request-URI SP SIP-Version. Every form of a
 * Request-URI has a scheme and so a colon (RFC 3261 25.1); blanks inside the URI,
 * doubled or at the end of the line are wrong and read past (RFC 4475 3.1.2.8 to
 * 3.1.2.10). */
static bool is_uri_and_version(struct slice s)
{
	size_t at;

	while (s.len > 0 && (s.ptr[s.len - 1] == '\r' || s.ptr[s.len - 1] == ' ' ||
				s.ptr[s.len - 1] == '\t'))
		s.len--;
	if (s.len >= 8 && memcmp(s.ptr + s.len - 8, " SIP/2.0", 8) == 0) {
		at = s.len - 8;
	} else {
		for (at = s.len; at > 0 && s.ptr[at - 1] != ' ';)
			at--;
		if (at == 0 ||
		    version_len(slice_of(s.ptr + at, s.len - at)) != s.len - at)
			return false;
		at--;
	}
	return at > 0 && memchr(s.ptr, ':', at) != NULL;
}

/*
 * Every answer depends on a prefix of the line alone, never on how much of it has
 * arrived: a stream must give the same messages however it was cut.
 */
static enum sniff sniff_request(struct slice s, bool is_whole)
{
	const enum sniff unfinished = is_whole ? SNIFF_NOT : SNIFF_MORE;
	size_t cap = s.len < SNIFF_METHOD_MAX ? s.len : SNIFF_METHOD_MAX;
	size_t n = 0;
	const char *end;

	while (n < cap && is_token(s.ptr[n]))
		n++;
	if (n == s.len)
		return unfinished;
	if (n == 0 || s.ptr[n] != ' ')
		return SNIFF_NOT;
	cap = s.len < SNIFF_LINE_MAX ? s.len : SNIFF_LINE_MAX;
	while (n < cap && s.ptr[n] == ' ')
		n++;
	/* A scheme, or the bracket that RFC 4475 3.1.2.7 puts around the URI. */
	if (n < cap && !is_alpha(s.ptr[n]) && s.ptr[n] != '<')
		return SNIFF_NOT;
	end = n < cap ? memchr(s.ptr + n, '\n', cap - n) : NULL;
	if (end == NULL && !is_whole)
		return cap == SNIFF_LINE_MAX ? SNIFF_NOT : SNIFF_MORE;
	if (end != NULL)
		cap = (size_t)(end - s.ptr);
	return is_uri_and_version(slice_of(s.ptr + n, cap - n)) ? SNIFF_SIP : SNIFF_NOT;
}

enum sniff sniff_sip(struct slice s, bool is_whole)
{
	static const char version[] = "SIP/";
	size_t n = 0;

	if (s.len == 0)
		return is_whole ? SNIFF_NOT : SNIFF_MORE;
	/* "SIP/": a slash is no token, so this is a status line or nothing. */
	while (n < 4 && n < s.len && slice_lower(s.ptr[n]) == slice_lower(version[n]))
		n++;
	if (n < 4)
		return sniff_request(s, is_whole);
	if (s.len < 8 && !is_whole)
		return SNIFF_MORE;
	return sniff_status(s, is_whole);
}

enum foreign sniff_foreign(struct slice s)
{
	uint8_t first = s.len > 0 ? (uint8_t)s.ptr[0] : 0;
	uint8_t second = s.len > 1 ? (uint8_t)s.ptr[1] : 0;

	if (s.len >= 20 && first <= 3 &&
	    (memcmp(s.ptr + 4, "\x21\x12\xa4\x42", 4) == 0 ||
		(size_t)((uint8_t)s.ptr[2] << 8 | (uint8_t)s.ptr[3]) == s.len - 20))
		return FOREIGN_STUN; /* RFC 8489 5; without the cookie RFC 3489 */
	if (first >= 20 && first <= 63 && second == 0xfe && s.len >= 13)
		return FOREIGN_DTLS;
	if (first >= 20 && first <= 24 && second == 3 && s.len >= 5)
		return FOREIGN_TLS;
	if (first >= 128 && first <= 191 && s.len >= 8)
		return FOREIGN_RTP; /* or RTCP */
	return FOREIGN_OTHER;
}

bool sniff_keepalive(struct slice s)
{
	if (s.len > 64)
		return false;
	for (; s.len > 0; s.ptr++, s.len--) {
		if (*s.ptr != '\r' && *s.ptr != '\n' && *s.ptr != '\0' && *s.ptr != ' ')
			break;
	}
	while (s.len > 0 && (s.ptr[s.len - 1] == '\r' || s.ptr[s.len - 1] == '\n' ||
				s.ptr[s.len - 1] == '\0'))
		s.len--;
	return s.len == 0 || slice_eq(s, SLICE("jaK"));
}
