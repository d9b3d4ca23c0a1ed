/* SPDX-License-Identifier: BSD-2-Clause */
#include "asterisk/ast_register.h"

#include "asterisk/ast_line.h"

/* Asterisk's __ast_app_separate_args() without removing characters. Nesting is
 * not reset between fields, and the last field takes all that is left. */
struct splitter {
	struct slice rest;
	char delim;
	uint32_t parens, brackets;
	bool is_quoted;
	bool is_done;
};

static bool is_delimiter(struct splitter *s, char c)
{
	switch (c) {
	case '(':
		s->parens++;
		return false;
	case ')':
		s->parens -= s->parens > 0;
		return false;
	case '[':
		s->brackets++;
		return false;
	case ']':
		s->brackets -= s->brackets > 0;
		return false;
	case '"':
		s->is_quoted = !s->is_quoted;
		return false;
	default:
		return c == s->delim && !s->is_quoted && s->parens == 0 &&
		       s->brackets == 0;
	}
}

static struct slice next_field(struct splitter *s)
{
	struct slice field = s->rest;

	for (size_t i = 0; i < s->rest.len; i++) {
		if (s->rest.ptr[i] == '\\') {
			i++;
		} else if (is_delimiter(s, s->rest.ptr[i])) {
			field.len = i;
			s->rest = slice_of(s->rest.ptr + i + 1, s->rest.len - i - 1);
			return field;
		}
	}
	s->is_done = true;
	return field;
}

/* How many of the fields there are; the others are SLICE_NONE. */
static size_t split(struct slice text, char delim, struct slice *fields, size_t max)
{
	struct splitter s = {.rest = text, .delim = delim, .is_done = text.len == 0};
	size_t n = 0;

	for (size_t i = 0; i < max; i++)
		fields[i] = SLICE_NONE;
	while (n + 1 < max && !s.is_done)
		fields[n++] = next_field(&s);
	if (!s.is_done)
		fields[n++] = s.rest;
	return n;
}

static struct slice unquote(struct slice s)
{
	s = ast_strip(s);
	if (s.len == 0 || *s.ptr != '"' || s.ptr[s.len - 1] != '"')
		return s;
	return s.len == 1 ? slice_of(s.ptr, 0) : slice_of(s.ptr + 1, s.len - 2);
}

/* Only the slices up to the last '@' and behind it; neither may be empty. */
static bool split_at_host(struct slice text, struct slice *user, struct slice *host)
{
	const char *at = text.len > 0 ? memrchr(text.ptr, '@', text.len) : NULL;

	if (at == NULL)
		return false;
	*user = slice_of(text.ptr, (size_t)(at - text.ptr));
	*host = slice_of(at + 1, text.len - user->len - 1);
	return user->len > 0 && host->len > 0;
}

static bool split_user(struct slice text, struct ast_register *r)
{
	struct slice f[3], login[3], who[2], tail[2];

	if (split(text, '?', f, 2) == 2 && f[1].len > 0) {
		r->peer = unquote(f[0]);
		text = f[1];
	} else {
		text = f[0];
	}
	(void)split(text, '/', f, 3);
	if (f[1].len > 0)
		return false;
	if (f[2].len > 0) {
		r->transport = f[0];
		r->transport.len -= r->transport.len > 0; /* its ':' */
		text = f[2];
	} else {
		text = f[0];
	}
	(void)split(text, ':', login, 3);
	(void)split(login[0], '@', who, 2);
	r->is_shifted = split(login[2], ':', tail, 2) == 2;
	r->domain_port = r->is_shifted ? login[1] : SLICE_NONE;
	r->secret = r->is_shifted ? tail[0] : login[1];
	r->authuser = unquote(r->is_shifted ? tail[1] : tail[0]);
	r->is_quoted = r->secret.len > 0 && unquote(r->secret).len != r->secret.len;
	r->secret = unquote(r->secret);
	r->user = unquote(who[0]);
	r->domain = unquote(who[1]);
	return true;
}

bool ast_register_parse(struct slice value, struct ast_register *out)
{
	struct ast_register r = {.is_cut = value.len > AST_REGISTER_MAX};
	struct slice user, host, f[2];
	uint32_t port;

	if (r.is_cut)
		value.len = AST_REGISTER_MAX;
	if (!split_at_host(value, &user, &host) || !split_user(user, &r))
		return false;
	(void)split(host, '~', f, 2);
	r.expiry = unquote(f[1]);
	(void)split(f[0], '/', f, 2);
	r.extension = unquote(f[1]);
	(void)split(f[0], ':', f, 2);
	r.host = unquote(f[0]);
	if (slice_to_u32(f[1], UINT16_MAX, &port))
		r.port = (uint16_t)port;
	*out = r;
	return true;
}

struct slice ast_register_account(const struct ast_register *r)
{
	return r->authuser.len > 0 ? r->authuser : r->user;
}

struct slice ast_register_written_secret(struct slice raw)
{
	const char *at = raw.len > 0 ? memrchr(raw.ptr, '@', raw.len) : NULL;
	const char *colon;

	if (at == NULL)
		return SLICE_NONE;
	raw.len = (size_t)(at - raw.ptr);
	colon = raw.len > 0 ? memchr(raw.ptr, ':', raw.len) : NULL;
	if (colon != NULL && raw.len - (size_t)(colon - raw.ptr) > 2 &&
	    memcmp(colon, "://", 3) == 0) {
		const size_t head = (size_t)(colon - raw.ptr) + 3;

		colon = memchr(raw.ptr + head, ':', raw.len - head);
	}
	if (colon == NULL)
		return SLICE_NONE;
	return slice_of(colon + 1, (size_t)(at - colon - 1));
}

bool ast_realm_auth_parse(struct slice value, struct ast_realm_auth *out)
{
	struct ast_realm_auth a = {0};
	struct slice login;

	if (!split_at_host(value, &login, &a.realm))
		return false;
	a.user = login;
	if (slice_take_until(&login, ':', &a.user)) {
		a.secret = login;
	} else if (slice_take_until(&login, '#', &a.user)) {
		a.secret = login;
		a.is_ha1 = true;
	}
	*out = a;
	return true;
}
