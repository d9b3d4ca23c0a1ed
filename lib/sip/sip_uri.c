/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 3261 19.1, RFC 3966, RFC 5118. */
#include "sip/sip_scan.h"
#include "sip/sip_value.h"

static bool is_alpha(char c)
{
	return slice_lower(c) >= 'a' && slice_lower(c) <= 'z';
}

/* RFC 3986 3.1: ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ). */
static bool is_scheme(struct slice s)
{
	if (s.len == 0 || !is_alpha(s.ptr[0]))
		return false;
	for (size_t i = 1; i < s.len; i++) {
		char c = s.ptr[i];

		if (!is_alpha(c) && !(c >= '0' && c <= '9') && c != '+' && c != '-' &&
		    c != '.')
			return false;
	}
	return true;
}

/*
 * Where the host begins. The user part may hold ';' and '?' (RFC 4475 3.1.1.9),
 * an unescaped '@' may not be anywhere; yet "sip:user@domain@proxy" is sent, so
 * the last one before the parameters counts.
 */
static size_t find_host(struct slice s)
{
	size_t at = sip_find(s, '@');

	if (at == s.len)
		return 0;
	for (size_t i = at + 1; i < s.len && s.ptr[i] != ';' && s.ptr[i] != '?'; i++) {
		if (s.ptr[i] == '@')
			at = i;
	}
	return at + 1;
}

static void split_userinfo(struct slice info, struct sip_uri *uri)
{
	size_t colon = sip_find(info, ':');

	uri->user = sip_head(info, colon);
	if (colon < info.len)
		uri->password = sip_from(info, colon + 1);
}

/* "host", "host:5060", "[2001:db8::10]:5060". IPv6 without brackets has no end
 * one could know (RFC 5118 4.2). */
static bool split_hostport(struct slice s, struct sip_uri *uri)
{
	size_t end = sip_find(s, ':');
	uint32_t port = 0;

	if (s.len > 0 && s.ptr[0] == '[') {
		end = sip_find(s, ']');
		if (end == s.len)
			return false;
		uri->host = slice_of(s.ptr + 1, end - 1);
		end++;
	} else {
		uri->host = sip_trim(sip_head(s, end));
	}
	if (uri->host.len == 0)
		return false;
	s = sip_trim(sip_from(s, end));
	if (s.len == 0)
		return true;
	sip_advance(&s, 1);
	s = sip_trim(s);
	if (s.len > 0 && !slice_to_u32(s, UINT16_MAX, &port))
		return false;
	uri->port = (uint16_t)port;
	return true;
}

static bool parse_sip(struct slice s, struct sip_uri *uri)
{
	size_t host = find_host(s);
	size_t end;

	if (host > 0)
		split_userinfo(sip_head(s, host - 1), uri);
	sip_advance(&s, host);

	end = sip_find(s, '?');
	if (end < s.len)
		uri->headers = sip_from(s, end + 1);
	s.len = end;
	end = sip_find(s, ';');
	if (end < s.len)
		uri->params = sip_from(s, end);
	s.len = end;
	return split_hostport(s, uri);
}

static bool parse_tel(struct slice s, struct sip_uri *uri)
{
	size_t end = sip_find(s, ';');

	uri->user = sip_head(s, end);
	if (end < s.len)
		uri->params = sip_from(s, end);
	return uri->user.len > 0;
}

/* --- the usual one --- */

/* Where its marks are; it has 16 to 64 bytes. */
static uint64_t marks_of(struct slice s)
{
	uint64_t marks = 0;
	size_t i = 0;

	for (; s.len - i >= WIDE; i += WIDE)
		marks |= (uint64_t)wide_is_uri_mark(s.ptr + i) << i;
	i = s.len - WIDE;
	return marks | (uint64_t)wide_is_uri_mark(s.ptr + i) << i;
}

static bool has_question(struct slice s, uint64_t marks)
{
	for (; marks != 0; marks &= marks - 1) {
		if (s.ptr[__builtin_ctzll(marks)] == '?')
			return true;
	}
	return false;
}

/*
 * "sip:user@host", perhaps with a port and parameters, as nearly every stack writes it:
 * all its marks are found at once, and they are few. False: look closer.
 */
static bool parse_usual(struct slice s, struct sip_uri *uri)
{
	uint64_t marks;
	size_t at, end;
	uint32_t port = 0;

	if (s.len < WIDE + 4 || s.len > 64 + 4 || memcmp(s.ptr, "sip:", 4) != 0)
		return false;
	uri->scheme = sip_head(s, 3);
	sip_advance(&s, 4);
	marks = marks_of(s);
	if (marks == 0 || s.ptr[at = (size_t)__builtin_ctzll(marks)] != '@')
		return false;
	uri->user = sip_head(s, at);
	sip_advance(&s, at + 1);
	marks = marks >> at >> 1;
	end = marks == 0 ? s.len : (size_t)__builtin_ctzll(marks);
	if (end == 0 || sip_is_blank(s.ptr[0]) || sip_is_blank(s.ptr[end - 1]) ||
	    sip_is_blank(s.ptr[s.len - 1]))
		return false;
	uri->host = sip_head(s, end);
	if (end < s.len && s.ptr[end] == ':') {
		size_t from = end + 1;

		marks &= marks - 1;
		end = marks == 0 ? s.len : (size_t)__builtin_ctzll(marks);
		if (!slice_to_u32(
			slice_of(s.ptr + from, end - from), UINT16_MAX, &port))
			return false;
		uri->port = (uint16_t)port;
	}
	if (end == s.len)
		return true;
	if (s.ptr[end] != ';' || has_question(s, marks))
		return false;
	uri->params = sip_from(s, end);
	return true;
}

bool sip_uri_parse(struct slice s, struct sip_uri *out)
{
	struct sip_uri uri = {0};
	size_t colon;
	bool ok = true;

	*out = uri;
	if (parse_usual(s, out))
		return true;
	*out = uri;
	s = sip_trim(s);
	colon = sip_find(s, ':');
	if (colon == s.len || !is_scheme(sip_head(s, colon)))
		return false;
	uri.scheme = sip_head(s, colon);
	sip_advance(&s, colon + 1);

	if (slice_eq_nocase(uri.scheme, SLICE("sip")) ||
	    slice_eq_nocase(uri.scheme, SLICE("sips")))
		ok = parse_sip(s, &uri);
	else if (slice_eq_nocase(uri.scheme, SLICE("tel")))
		ok = parse_tel(s, &uri);
	if (ok)
		*out = uri;
	return ok;
}
