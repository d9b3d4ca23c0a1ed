/* SPDX-License-Identifier: BSD-2-Clause */
/* name-addr and addr-spec: From, To, Contact, P-Asserted-Identity (RFC 3261 20.10). */
#include "sip/sip_scan.h"
#include "sip/sip_value.h"

/* How far a display name may reach: a list of nothing but commas must not be
 * searched to its end for each of its elements. */
enum { DISPLAY_MAX = 1024 };

/*
 * Index of the '<' that opens the URI, or s.len: a plain addr-spec. A comma in
 * front of it ends an addr-spec ("sip:a@b, <sip:c@d>"), but belongs to an
 * unquoted display name ("Bell, Alexander <sip:a@b>", RFC 4475 3.1.2.15): a URI
 * has a colon, a name hardly ever.
 */
static size_t find_bracket(struct slice s)
{
	struct slice near = sip_head_upto(s, DISPLAY_MAX);
	bool open = false;
	size_t at = sip_find_unquoted(near, '<', &open);
	size_t comma;

	/* A quote that is closed only behind the URI was never closed
	 * (RFC 4475 3.1.2.6): then the first '<' is the one. */
	if (at == near.len)
		at = sip_find(near, '<');
	if (at == near.len)
		return s.len;
	open = false;
	comma = sip_find_unquoted(sip_head(s, at), ',', &open);
	if (comma < at && sip_find(sip_head(s, comma), ':') < comma)
		return s.len;
	return at;
}

static struct slice display_name(struct slice s)
{
	struct slice d = sip_trim(s);

	if (d.len == 0)
		return SLICE_NONE;
	return sip_unquote(d);
}

/* *s begins behind the URI: takes its parameters and the comma. */
static struct slice take_params(struct slice *s)
{
	bool open = false;
	struct slice all = sip_trim(sip_take_unquoted(s, ',', &open));
	size_t semi = sip_find(all, ';');

	return semi < all.len ? sip_from(all, semi) : SLICE_NONE;
}

bool sip_addr_take(struct slice *rest, struct sip_addr *out)
{
	struct slice s = *rest;
	size_t open, end;

	*out = (struct sip_addr){0};
	while (s.len > 0 && (sip_is_blank(s.ptr[0]) || s.ptr[0] == ','))
		sip_advance(&s, 1);
	if (s.len == 0) {
		*rest = s;
		return false;
	}

	open = find_bracket(s);
	if (open < s.len) {
		out->display = display_name(sip_head(s, open));
		sip_advance(&s, open + 1);
		end = sip_find(s, '>');
		out->uri = sip_trim(sip_head(s, end));
		sip_advance(&s, end < s.len ? end + 1 : end);
	} else {
		/* RFC 3261 20: without <>, parameters belong to the header. */
		end = sip_find2(s, ';', ',');
		out->uri = sip_trim(sip_head(s, end));
		sip_advance(&s, end);
	}
	out->params = take_params(&s);
	*rest = s;
	return true;
}

/* Any value, at the price of cutting it into all of its parts. */
__attribute__((noinline)) static struct slice tag_of_any(struct slice value)
{
	struct sip_addr addr;
	struct slice tag;

	if (!sip_addr_take(&value, &addr) ||
	    !sip_param(addr.params, SLICE("tag"), &tag))
		return SLICE_NONE;
	return tag;
}

/* Nearly every value is <uri>;tag=token, perhaps with a quoted name in front. */
struct slice sip_tag(struct slice value)
{
	struct slice s = value;
	size_t end;

	if (s.len > 0 && s.ptr[0] == '"') {
		sip_advance(&s, sip_quoted_end(sip_head_upto(s, SIP_QUOTED_MAX)));
		if (s.len > 0 && s.ptr[0] == ' ')
			sip_advance(&s, 1);
	}
	if (s.len == 0 || s.ptr[0] != '<')
		return tag_of_any(value);
	end = sip_find(s, '>');
	if (s.len - end == 1)
		return SLICE_NONE;
	if (s.len - end <= 5 || memcmp(s.ptr + end + 1, ";tag=", 5) != 0)
		return tag_of_any(value);
	sip_advance(&s, end + 6);
	if (sip_is_plain_before(value.ptr, s.ptr + s.len, s.len))
		return s;
	end = sip_token_len(s);
	if (end == 0 || (end < s.len && s.ptr[end] != ';'))
		return tag_of_any(value);
	return sip_head(s, end);
}
