/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_auth.h"

#include "sip/sip_auth_param.h"
#include "sip/sip_scan.h"

static const struct slice algorithms[SIP_ALG_OTHER] = {
    [SIP_ALG_MD5] = SLICE_INIT("MD5"),
    [SIP_ALG_MD5_SESS] = SLICE_INIT("MD5-sess"),
    [SIP_ALG_SHA256] = SLICE_INIT("SHA-256"),
    [SIP_ALG_SHA256_SESS] = SLICE_INIT("SHA-256-sess"),
    [SIP_ALG_SHA512_256] = SLICE_INIT("SHA-512-256"),
    [SIP_ALG_SHA512_256_SESS] = SLICE_INIT("SHA-512-256-sess"),
};

const char *sip_algorithm_name(enum sip_algorithm a)
{
	return a < SIP_ALG_OTHER ? algorithms[a].ptr : "other";
}

static enum sip_algorithm algorithm_of(struct slice name)
{
	int a;

	if (name.ptr == NULL)
		return SIP_ALG_MD5; /* RFC 7616 3.3 */
	for (a = 0; a < SIP_ALG_OTHER; a++) {
		if (slice_eq_nocase(name, algorithms[a]))
			break;
	}
	return (enum sip_algorithm)a;
}

static bool is_separator(char c)
{
	return sip_is_blank(c) || c == ',';
}

/* A word: what no blank, comma or '=' interrupts. Never empty where s is not. */
static struct slice take_word(struct slice *s)
{
	size_t i = 0;
	struct slice word;

	while (i < s->len && !is_separator(s->ptr[i]) && s->ptr[i] != '=')
		i++;
	word = sip_head(*s, i);
	sip_advance(s, i);
	return word;
}

static void take_value(struct slice *s, struct sip_auth_param *p)
{
	size_t end = 0;

	p->is_quoted = s->len > 0 && s->ptr[0] == '"';
	if (p->is_quoted) {
		end = sip_quoted_end(*s);
		p->is_unclosed = end == 0;
		p->value =
		    p->is_unclosed ? sip_from(*s, 1) : slice_of(s->ptr + 1, end - 2);
		sip_advance(s, p->is_unclosed ? s->len : end);
		return;
	}
	while (end < s->len && !is_separator(s->ptr[end]))
		end++;
	p->value = sip_head(*s, end);
	sip_advance(s, end);
}

/* Behind the '=' of a usual one: "text", or letters, digits, '-' and '.' up to a comma.
 * False, and nothing taken: look closer. */
static inline bool take_usual_value(struct slice *s, struct sip_auth_param *p)
{
	uint32_t others;
	size_t end;

	if (s->len < WIDE)
		return false;
	if (s->ptr[0] == '"') {
		end = sip_quoted_end(*s);
		if (end == 0)
			return false;
		p->is_quoted = true;
		p->value = slice_of(s->ptr + 1, end - 2);
	} else {
		others = ~wide_is_plain(s->ptr) & 0xffff;
		if (others == 0 || s->ptr[end = wide_first(others)] != ',')
			return false;
		p->value = sip_head(*s, end);
	}
	sip_advance(s, end);
	return true;
}

/* As nearly every stack writes it: name=value with no blank in between, 16 bytes at a
 * time instead of one. A message with credentials has ten of them. Likewise. */
static inline bool take_usual(struct slice *s, struct sip_auth_param *p)
{
	struct slice after;
	uint32_t equals;
	size_t len;

	if (s->len < WIDE || (equals = wide_is(s->ptr, '=')) == 0)
		return false;
	len = wide_first(equals);
	if (len == 0 || (~wide_is_plain(s->ptr) & ((1u << len) - 1)) != 0)
		return false;
	after = sip_from(*s, len + 1);
	if (!take_usual_value(&after, p))
		return false;
	p->name = sip_head(*s, len);
	*s = after;
	return true;
}

bool sip_auth_param_take(struct slice *s, struct sip_auth_param *p)
{
	struct slice after;

	*p = (struct sip_auth_param){0};
	while (s->len > 0 && is_separator(s->ptr[0])) {
		p->follows_comma |= s->ptr[0] == ',';
		sip_advance(s, 1);
	}
	if (s->len == 0)
		return false;
	if (take_usual(s, p))
		return true;
	p->name = take_word(s);
	after = *s;
	sip_skip_blanks(&after);
	if (after.len == 0 || after.ptr[0] != '=')
		return true;
	sip_advance(&after, 1);
	sip_skip_blanks(&after);
	take_value(&after, p);
	*s = after;
	return true;
}

struct slice sip_auth_scheme_take(struct slice *s)
{
	struct slice scheme;

	while (s->len > 0 && is_separator(s->ptr[0]))
		sip_advance(s, 1);
	scheme = sip_head(*s, sip_token_len(*s));
	sip_advance(s, scheme.len);
	return scheme;
}

/* The first of a name counts: a second realm must not replace what was shown. */
static void keep(struct slice *field, struct slice value)
{
	if (field->ptr == NULL)
		*field = value;
}

static inline bool is(const struct sip_auth_param *p, const char *name, size_t len)
{
	return slice_eq_nocase(p->name, slice_of(name, len));
}
#define IS(p, name) is((p), "" name, sizeof(name) - 1)

static void add_to_challenge(struct sip_challenge *c, const struct sip_auth_param *p)
{
	if (IS(p, "realm"))
		keep(&c->realm, p->value);
	else if (IS(p, "nonce"))
		keep(&c->nonce, p->value);
	else if (IS(p, "opaque"))
		keep(&c->opaque, p->value);
	else if (IS(p, "qop"))
		keep(&c->qop, p->value);
	else if (IS(p, "domain"))
		keep(&c->domain, p->value);
	else if (IS(p, "stale"))
		c->is_stale = slice_eq_nocase(p->value, SLICE("true"));
	else if (IS(p, "userhash"))
		c->wants_userhash = slice_eq_nocase(p->value, SLICE("true"));
	else if (IS(p, "algorithm") && c->algorithm.ptr == NULL) {
		c->algorithm = p->value;
		c->algorithm_is_quoted = p->is_quoted;
	}
}

static bool is_digest(struct slice scheme)
{
	return slice_eq_nocase(scheme, SLICE("Digest"));
}

bool sip_challenge_take(struct slice *rest, struct sip_challenge *out)
{
	struct slice s = *rest;
	struct sip_auth_param p;
	size_t used;

	*out = (struct sip_challenge){.scheme = sip_auth_scheme_take(&s)};
	if (out->scheme.len == 0) {
		*out = (struct sip_challenge){0};
		*rest = sip_from(*rest, rest->len);
		return false;
	}
	for (;;) {
		struct slice before = s;

		if (!sip_auth_param_take(&s, &p))
			break;
		/* ", Basic realm=...": a word without '=' is the next scheme. */
		if (p.value.ptr == NULL && p.follows_comma) {
			s = before;
			break;
		}
		if (is_digest(out->scheme))
			add_to_challenge(out, &p);
	}
	out->alg =
	    is_digest(out->scheme) ? algorithm_of(out->algorithm) : SIP_ALG_OTHER;
	used = rest->len - s.len;
	out->offset = used < UINT16_MAX ? (uint16_t)used : UINT16_MAX;
	*rest = s;
	return true;
}

/* Each name has a length of its own, or one that it shares with few. */
static struct slice *field_of(struct sip_credentials *c, const struct sip_auth_param *p)
{
	switch (p->name.len) {
	case 2:
		return IS(p, "nc") ? &c->nc : NULL;
	case 3:
		return IS(p, "uri") ? &c->uri : IS(p, "qop") ? &c->qop : NULL;
	case 5:
		return IS(p, "realm") ? &c->realm : IS(p, "nonce") ? &c->nonce : NULL;
	case 6:
		return IS(p, "cnonce")   ? &c->cnonce
		       : IS(p, "opaque") ? &c->opaque
					 : NULL;
	case 8:
		return IS(p, "username")   ? &c->username
		       : IS(p, "response") ? &c->response
					   : NULL;
	case 9:
		return IS(p, "algorithm") ? &c->algorithm : NULL;
	default:
		return NULL;
	}
}

static void add_to_credentials(
    struct sip_credentials *c, const struct sip_auth_param *p)
{
	struct slice *field = field_of(c, p);

	if (field != NULL)
		keep(field, p->value);
	else if (IS(p, "userhash"))
		c->username_is_hashed = slice_eq_nocase(p->value, SLICE("true"));
}

bool sip_credentials_parse(struct slice value, struct sip_credentials *out)
{
	struct sip_auth_param p;

	*out = (struct sip_credentials){.scheme = sip_auth_scheme_take(&value)};
	if (out->scheme.len == 0) {
		*out = (struct sip_credentials){0};
		return false;
	}
	if (!is_digest(out->scheme)) {
		out->alg = SIP_ALG_OTHER;
		return true;
	}
	while (sip_auth_param_take(&value, &p))
		add_to_credentials(out, &p);
	out->alg = algorithm_of(out->algorithm);
	return true;
}
