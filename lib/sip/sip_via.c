/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 3261 20.42, RFC 3581 (rport), RFC 5118 4.5 (received with brackets). */
#include "sip/sip_scan.h"
#include "sip/sip_value.h"

/* A token and the slash behind it, blanks around both allowed:
 * "SIP  / 2.0\r\n /UDP" (RFC 4475 3.1.1.1). */
static bool skip_part(struct slice *s)
{
	size_t len;

	sip_skip_blanks(s);
	len = sip_token_len(*s);
	sip_advance(s, len);
	sip_skip_blanks(s);
	if (len == 0 || s->len == 0 || s->ptr[0] != '/')
		return false;
	sip_advance(s, 1);
	return true;
}

/* Protocol and version are not looked at: whatever sent it, it names its branch. */
static bool skip_protocol(struct slice *s)
{
	static const char usual[8] = {'S', 'I', 'P', '/', '2', '.', '0', '/'};

	if (s->len > sizeof(usual) && memcmp(s->ptr, usual, sizeof(usual)) == 0) {
		sip_advance(s, sizeof(usual));
		return true;
	}
	return skip_part(s) && skip_part(s);
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

static void keep(struct slice *field, struct slice value)
{
	if (field->ptr == NULL)
		*field = value;
}

/* Does p begin with that name and '='? Then the value, if no blank stands around it. */
static inline bool is_set(
    struct slice p, const char *name, size_t len, struct slice *value)
{
	if (p.len <= len || memcmp(p.ptr, name, len) != 0 || sip_is_blank(p.ptr[len]) ||
	    sip_is_blank(p.ptr[p.len - 1]))
		return false;
	*value = sip_from(p, len);
	return true;
}
#define IS_SET(p, name, value) is_set((p), "" name "=", sizeof(name), (value))

/* As nearly every stack writes it; false: look closer. */
static inline bool take_usual(struct slice p, struct sip_via *via)
{
	struct slice value;

	if (IS_SET(p, "branch", &value))
		keep(&via->branch, value);
	else if (IS_SET(p, "received", &value))
		keep(&via->received, without_brackets(value));
	else if (IS_SET(p, "rport", &value))
		keep(&via->rport, value);
	else
		return p.len == 0;
	return true;
}

/* One walk for the three parameters that matter; the first of a name counts. */
static void take_params(struct slice params, struct sip_via *via)
{
	bool open = false;

	while (params.len > 0) {
		struct slice p = sip_take_unquoted(&params, ';', &open);
		struct slice value;
		struct slice name;

		if (take_usual(p, via))
			continue;
		name = sip_split_param(p, &value);
		if (value.ptr == NULL)
			value = slice_of(p.ptr + p.len, 0);
		if (slice_eq_nocase(name, SLICE("branch")))
			keep(&via->branch, value);
		else if (slice_eq_nocase(name, SLICE("rport")))
			keep(&via->rport, value);
		else if (slice_eq_nocase(name, SLICE("received")))
			keep(&via->received, without_brackets(value));
	}
}

static bool parse_via(struct slice s, struct sip_via *via)
{
	size_t semi;

	if (!skip_protocol(&s))
		return false;
	sip_skip_blanks(&s);
	via->transport = sip_head(s, sip_token_len(s));
	if (via->transport.len == 0)
		return false;
	sip_advance(&s, via->transport.len);

	semi = sip_find(s, ';');
	if (semi < s.len) {
		via->params = sip_from(s, semi);
		take_params(via->params, via);
	}
	return split_sent_by(sip_head(s, semi), via);
}

bool sip_via_take(struct slice *rest, struct sip_via *out)
{
	bool open = false;

	*out = (struct sip_via){0};
	while (rest->len > 0 && (sip_is_blank(rest->ptr[0]) || rest->ptr[0] == ','))
		sip_advance(rest, 1);
	if (rest->len == 0)
		return false;
	if (parse_via(sip_trim(sip_take_unquoted(rest, ',', &open)), out))
		return true;
	*out = (struct sip_via){0};
	return false;
}
