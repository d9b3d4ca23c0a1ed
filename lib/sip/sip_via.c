/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 3261 20.42, RFC 3581 (rport), RFC 5118 4.5 (received with brackets). */
#include "sip/sip_scan.h"
#include "sip/sip_value.h"

/* A token and the slash behind it, blanks around both allowed:
 * "SIP  / 2.0\r\n /UDP" (RFC 4475 3.1.1.1). */
static bool take_part(struct slice *s, struct slice *part, bool wants_slash)
{
	sip_skip_blanks(s);
	*part = sip_head(*s, sip_token_len(*s));
	sip_advance(s, part->len);
	if (part->len == 0)
		return false;
	if (!wants_slash)
		return true;
	sip_skip_blanks(s);
	if (s->len == 0 || s->ptr[0] != '/')
		return false;
	sip_advance(s, 1);
	return true;
}

static struct slice without_brackets(struct slice s)
{
	if (s.len >= 2 && s.ptr[0] == '[' && s.ptr[s.len - 1] == ']')
		return slice_of(s.ptr + 1, s.len - 2);
	return s;
}

/* A port nobody can read is left out: branch and host still say enough. */
static bool split_sent_by(struct slice s, struct sip_via *via)
{
	size_t end;
	uint32_t port = 0;

	s = sip_trim(s);
	end = sip_find(s, s.len > 0 && s.ptr[0] == '[' ? ']' : ':');
	if (s.len > 0 && s.ptr[0] == '[' && end < s.len)
		end++;
	via->host = without_brackets(sip_trim(sip_head(s, end)));

	s = sip_trim(sip_from(s, end));
	if (s.len > 1 && s.ptr[0] == ':' &&
	    slice_to_u32(sip_trim(sip_from(s, 1)), UINT16_MAX, &port))
		via->port = (uint16_t)port;
	return via->host.len > 0;
}

/* One walk for the three parameters that matter; the first of a name counts. */
static void take_params(struct slice params, struct sip_via *via)
{
	while (params.len > 0) {
		size_t end = sip_find_unquoted(params, ';');
		struct slice p = sip_head(params, end);
		size_t eq = sip_find(p, '=');
		struct slice name = sip_trim(sip_head(p, eq));
		struct slice value = eq < p.len ? sip_trim(sip_from(p, eq + 1))
						: slice_of(p.ptr + p.len, 0);

		sip_advance(&params, end < params.len ? end + 1 : end);
		if (via->branch.ptr == NULL && slice_eq_nocase(name, SLICE("branch")))
			via->branch = value;
		else if (via->rport.ptr == NULL &&
			 slice_eq_nocase(name, SLICE("rport")))
			via->rport = value;
		else if (via->received.ptr == NULL &&
			 slice_eq_nocase(name, SLICE("received")))
			via->received = without_brackets(value);
	}
}

static bool parse_via(struct slice s, struct sip_via *via)
{
	struct slice protocol, version;
	size_t semi;

	if (!take_part(&s, &protocol, true) || !take_part(&s, &version, true) ||
	    !take_part(&s, &via->transport, false))
		return false;
	semi = sip_find(s, ';');
	if (semi < s.len) {
		via->params = sip_from(s, semi);
		take_params(via->params, via);
	}
	return split_sent_by(sip_head(s, semi), via);
}

bool sip_via_take(struct slice *rest, struct sip_via *out)
{
	struct sip_via via = {0};
	bool ok;
	size_t end;

	*out = via;
	while (rest->len > 0 && (sip_is_blank(rest->ptr[0]) || rest->ptr[0] == ','))
		sip_advance(rest, 1);
	if (rest->len == 0)
		return false;

	end = sip_find_unquoted(*rest, ',');
	ok = parse_via(sip_trim(sip_head(*rest, end)), &via);
	sip_advance(rest, end < rest->len ? end + 1 : end);
	if (ok)
		*out = via;
	return ok;
}
