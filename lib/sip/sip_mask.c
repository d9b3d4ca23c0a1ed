/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_mask.h"

#include "sip/sip_auth_param.h"
#include "sip/sip_msg.h"
#include "sip/sip_scan.h"

enum { MARK_BITS = 64, CANVAS_MAX = 256 << 10 };

/* The bytes as they came, and which of them have to go. None goes before all passes are
 * done: what one of them hides, the next one must still see. */
struct canvas {
	struct slice all;
	uint64_t marks[CANVAS_MAX / MARK_BITS];
};

static void blot(struct canvas *c, struct slice s)
{
	size_t from = s.len == 0 ? 0 : (size_t)(s.ptr - c->all.ptr);

	for (size_t i = from; i < from + s.len; i++)
		c->marks[i / MARK_BITS] |= UINT64_C(1) << i % MARK_BITS;
}

/* Line breaks stay: a masked header must still end where it ended. */
static void paint(const struct canvas *c, char *bytes)
{
	for (size_t i = 0; i < c->all.len; i++) {
		if ((c->marks[i / MARK_BITS] >> i % MARK_BITS & 1) != 0 &&
		    bytes[i] != '\r' && bytes[i] != '\n')
			bytes[i] = 'x';
	}
}

static bool is_one_of(struct slice word, const struct slice *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_eq_nocase(word, words[i]))
			return true;
	}
	return false;
}
#define IS_ONE_OF(word, words) \
	is_one_of(word, words, sizeof(words) / sizeof((words)[0]))

static bool is_harmless(struct slice name)
{
	static const struct slice names[] = {
	    SLICE_INIT("realm"),
	    SLICE_INIT("username"),
	    SLICE_INIT("uri"),
	    SLICE_INIT("algorithm"),
	    SLICE_INIT("qop"),
	    SLICE_INIT("nc"),
	    SLICE_INIT("stale"),
	    SLICE_INIT("domain"),
	    SLICE_INIT("userhash"),
	    SLICE_INIT("charset"),
	};

	return IS_ONE_OF(name, names);
}

/* Names that give the value away wherever they stand. */
static bool is_secret(struct slice name)
{
	static const struct slice names[] = {
	    SLICE_INIT("response"),
	    SLICE_INIT("nonce"),
	    SLICE_INIT("cnonce"),
	    SLICE_INIT("nextnonce"),
	    SLICE_INIT("rspauth"),
	};

	return IS_ONE_OF(name, names);
}

static bool is_scheme(struct slice word)
{
	static const struct slice names[] = {
	    SLICE_INIT("Digest"),
	    SLICE_INIT("Basic"),
	    SLICE_INIT("Bearer"),
	    SLICE_INIT("NTLM"),
	    SLICE_INIT("Negotiate"),
	    SLICE_INIT("Kerberos"),
	};

	return IS_ONE_OF(word, names);
}

/* A secret may hide in a harmless value whose closing quote went astray:
 * realm="example, response="0123...". */
static bool hides_secret(struct slice value)
{
	static const struct slice words[] = {
	    SLICE_INIT("response"),
	    SLICE_INIT("nonce"),
	    SLICE_INIT("opaque"),
	    SLICE_INIT("rspauth"),
	};

	for (size_t i = 0; i < value.len; i++) {
		for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
			if (value.len - i >= words[w].len &&
			    slice_eq_nocase(
				slice_of(value.ptr + i, words[w].len), words[w]))
				return true;
		}
	}
	return false;
}

/* In Digest a parameter's name says what was hidden; elsewhere the "name" may be
 * the secret itself: "Basic dXNlcjpwYXNz==". */
static void mask_param(struct canvas *c, const struct sip_auth_param *p, bool is_digest)
{
	if (p->value.ptr == NULL) {
		if (!is_scheme(p->name))
			blot(c, p->name);
		return;
	}
	if (is_digest && is_harmless(p->name) && !p->is_unclosed &&
	    !hides_secret(p->value))
		return;
	if (!is_digest || hides_secret(p->value) || !sip_is_token(p->name))
		blot(c, p->name);
	blot(c, p->value);
}

/* RFC 7615: Authentication-Info has parameters and no scheme. */
static void mask_auth_value(struct canvas *c, struct slice value, bool has_scheme)
{
	bool is_digest = !has_scheme;
	struct sip_auth_param p;

	if (has_scheme) {
		struct slice scheme = sip_auth_scheme_take(&value);

		is_digest = slice_eq_nocase(scheme, SLICE("Digest"));
		/* A token without a scheme: what follows a scheme follows a blank. */
		if (!is_scheme(scheme) &&
		    (sip_trim(value).len == 0 || !sip_is_blank(value.ptr[0])))
			blot(c, scheme);
	}
	while (sip_auth_param_take(&value, &p))
		mask_param(c, &p, is_digest);
}

/* Whether a header line that holds secrets begins at *s; *s then begins with its
 * value. Blanks as the parser forgives them, and some more. */
static bool at_auth_header(struct slice *s, bool *has_scheme)
{
	struct slice at = *s;
	struct slice name;
	enum sip_hdr_id id;

	while (at.len > 0 && at.ptr[0] != '\n' && sip_is_blank(at.ptr[0]))
		sip_advance(&at, 1);
	name = sip_head(at, sip_token_len(at));
	if (name.len == 0)
		return false;
	sip_advance(&at, name.len);
	sip_skip_blanks(&at);
	if (at.len == 0 || at.ptr[0] != ':')
		return false;
	sip_advance(&at, 1);
	*s = at;

	id = sip_hdr_lookup(name);
	*has_scheme =
	    id == SIP_HDR_AUTHORIZATION || id == SIP_HDR_PROXY_AUTHORIZATION ||
	    id == SIP_HDR_WWW_AUTHENTICATE || id == SIP_HDR_PROXY_AUTHENTICATE;
	return *has_scheme || id == SIP_HDR_AUTHENTICATION_INFO ||
	       id == SIP_HDR_PROXY_AUTHENTICATION_INFO;
}

/* Length of the logical line at s, continuation lines and all. */
static size_t line_len(struct slice s)
{
	size_t end = sip_find(s, '\n');

	while (end + 1 < s.len && (s.ptr[end + 1] == ' ' || s.ptr[end + 1] == '\t'))
		end += 1 + sip_find(sip_from(s, end + 1), '\n');
	return end;
}

/* Each physical line is tried, also one that looks like a continuation: it costs
 * nothing to hide too much. */
static void mask_auth_headers(struct canvas *c)
{
	struct slice rest = c->all;

	while (rest.len > 0) {
		struct slice value = rest;
		bool has_scheme;
		size_t end = sip_find(rest, '\n');

		if (at_auth_header(&value, &has_scheme)) {
			size_t len = line_len(value);

			mask_auth_value(c, sip_head(value, len), has_scheme);
			end = (size_t)(value.ptr - rest.ptr) + len;
		}
		sip_advance(&rest, end < rest.len ? end + 1 : end);
	}
}

/* The word in front of s[eq], blanks between them allowed. */
static struct slice word_before(struct slice s, size_t eq)
{
	size_t end = eq, from;

	while (end > 0 && sip_is_blank(s.ptr[end - 1]))
		end--;
	for (from = end;
	     from > 0 && sip_is_token_char(s.ptr[from - 1]) && end - from < 10;)
		from--;
	return slice_of(s.ptr + from, end - from);
}

/* s begins with '"'. Length up to the closing quote or, when it is not closed, to
 * the end of the logical line. */
static size_t quoted_len(struct slice s)
{
	size_t i;

	for (i = 1; i < s.len && s.ptr[i] != '"'; i++) {
		if (s.ptr[i] == '\n' &&
		    (i + 1 == s.len || (s.ptr[i + 1] != ' ' && s.ptr[i + 1] != '\t')))
			break;
		if (s.ptr[i] == '\\' && i + 1 < s.len)
			i++;
	}
	return i;
}

static struct slice value_behind(struct slice s, size_t eq)
{
	struct slice v = sip_from(s, eq + 1);
	size_t end = 0;

	sip_skip_blanks(&v);
	if (v.len > 0 && v.ptr[0] == '"')
		return slice_of(v.ptr + 1, quoted_len(v) - 1);
	while (end < v.len && !sip_is_blank(v.ptr[end]) && v.ptr[end] != ',' &&
	       v.ptr[end] != ';')
		end++;
	return sip_head(v, end);
}

/* For headers we do not know, for a body that quotes a message (message/sipfrag),
 * and for bytes that begin in the middle of a header. */
static void mask_lone_params(struct canvas *c)
{
	for (size_t at = 0; at < c->all.len; at++) {
		struct slice value;

		at += sip_find(sip_from(c->all, at), '=');
		if (at == c->all.len || !is_secret(word_before(c->all, at)))
			continue;
		value = value_behind(c->all, at);
		blot(c, value);
		at = (size_t)(value.ptr - c->all.ptr) + value.len - 1;
	}
}

static bool ends_uri(char c)
{
	return c == '<' || c == '>' || c == '"' || c == '\r' || c == '\n';
}

/* s begins behind "sip:". Returns how far it was looked at: no second URI with a
 * password begins in there. */
static size_t mask_password(struct canvas *c, struct slice s)
{
	size_t end = 0, at, colon;

	while (end < s.len && !ends_uri(s.ptr[end]) && s.ptr[end] != '@')
		end++;
	if (end == s.len || s.ptr[end] != '@')
		return end;
	/* As in sip_uri: the last '@' in front of the parameters is the one. */
	for (at = end++; end < s.len && !ends_uri(s.ptr[end]) && s.ptr[end] != ';' &&
			 s.ptr[end] != '?';
	     end++) {
		if (s.ptr[end] == '@')
			at = end;
	}
	colon = sip_find(sip_head(s, at), ':');
	if (colon < at)
		blot(c, slice_of(s.ptr + colon + 1, at - colon - 1));
	return at;
}

static void mask_passwords(struct canvas *c)
{
	struct slice rest = c->all;

	for (;;) {
		size_t colon = sip_find(rest, ':');
		size_t from = colon < 4 ? 0 : colon - 4;
		struct slice before = slice_of(rest.ptr + from, colon - from);
		bool is_sip;

		if (colon == rest.len)
			return;
		is_sip = (before.len >= 3 &&
			     slice_eq_nocase(
				 sip_from(before, before.len - 3), SLICE("sip"))) ||
			 slice_eq_nocase(before, SLICE("sips"));
		sip_advance(&rest, colon + 1);
		if (is_sip)
			sip_advance(&rest, mask_password(c, rest));
	}
}

void sip_mask(char *bytes, size_t len)
{
	struct canvas c;

	/* No message is as long; what is, loses its end unseen. */
	if (len > CANVAS_MAX) {
		memset(bytes + CANVAS_MAX, 'x', len - CANVAS_MAX);
		len = CANVAS_MAX;
	}
	c.all = slice_of(bytes, len);
	memset(c.marks, 0, (len + MARK_BITS - 1) / MARK_BITS * sizeof(c.marks[0]));
	mask_auth_headers(&c);
	mask_lone_params(&c);
	mask_passwords(&c);
	paint(&c, bytes);
}
