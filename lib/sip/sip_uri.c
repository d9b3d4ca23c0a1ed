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

bool sip_uri_parse(struct slice s, struct sip_uri *out)
{
	struct sip_uri uri = {0};
	size_t colon;
	bool ok = true;

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
