/* SPDX-License-Identifier: BSD-2-Clause */
#include "asterisk/ast_secrets.h"

#include "asterisk/ast_mangle_int.h"

struct check {
	const struct digest_input *in;
	struct digest_result *out;
	char buf[AST_SECRET_MAX];
};

static bool matches(struct check *c, struct slice secret, bool is_ha1)
{
	c->out->tried++;
	return is_ha1 ? sip_digest_matches_ha1(c->in, secret)
		      : sip_digest_matches(c->in, secret);
}

static enum digest_verdict found(
    struct check *c, enum digest_verdict v, enum digest_mangling m)
{
	c->out->mangling = m;
	return v;
}

static void name_source(
    struct digest_result *out, const struct ast_trunk *k, const struct ast_secret *s)
{
	out->trunk = k == NULL ? SLICE_NONE : k->name;
	out->is_client = k != NULL && k->is_dynamic;
	out->file = s->config->files[s->file];
	out->line = s->line;
}

static bool is_for_realm(const struct ast_secret *s, struct slice realm)
{
	return s->realm.len == 0 || slice_eq(s->realm, realm);
}

/* The configured secret itself, and what its place in the file says of it. */
static enum digest_verdict check_as_is(
    struct check *c, const struct ast_secret *s, const struct ast_secret_text *text)
{
	if (!matches(c, s->secret, s->is_ha1))
		return DIGEST_NO_MATCH;
	if (!is_for_realm(s, c->in->cred->realm))
		return found(c, DIGEST_MANGLED, DIGEST_OTHER_REALM);
	if (s->is_overridden)
		return found(c, DIGEST_MANGLED, DIGEST_OVERRIDDEN);
	if (s->is_ha1)
		return found(c, DIGEST_MATCHES, DIGEST_AS_CONFIGURED);
	if (text->is_cut && ast_text_is_longer(text))
		return found(c, DIGEST_MANGLED, DIGEST_CUT_AT_SEMICOLON);
	if (ast_text_is_quoted(s->secret))
		return found(c, DIGEST_MATCHES, DIGEST_QUOTES_KEPT);
	return found(c, DIGEST_MATCHES, DIGEST_AS_CONFIGURED);
}

static enum digest_verdict check_mangled(
    struct check *c, const struct ast_secret_text *text)
{
	for (int m = 1; m < DIGEST_OVERRIDDEN; m++) {
		struct slice s;

		if (!ast_mangle(text, (enum digest_mangling)m, c->buf, &s))
			continue;
		if (matches(c, s, false))
			return found(c, DIGEST_MANGLED, (enum digest_mangling)m);
	}
	return DIGEST_NO_MATCH;
}

static enum digest_verdict check_secret(
    struct check *c, const struct ast_secret *s, bool is_mangling)
{
	const struct ast_secret_text text = {.secret = s->secret,
	    .raw = s->raw,
	    .username = s->username,
	    .realm = c->in->cred->realm,
	    .is_cut = s->is_cut};

	if (!is_mangling)
		return check_as_is(c, s, &text);
	/* There is nothing to distort in a hash. */
	return s->is_ha1 ? DIGEST_NO_MATCH : check_mangled(c, &text);
}

static bool is_at(const struct ast_trunk *k, struct slice host)
{
	struct ip_addr ip;

	if (host.len == 0)
		return false;
	if (slice_eq_nocase(k->host, host) || slice_eq_nocase(k->fromdomain, host))
		return true;
	for (uint8_t i = 0; i < k->host_count; i++) {
		if (slice_eq_nocase(k->hosts[i], host))
			return true;
	}
	if (!ip_addr_parse(host, &ip))
		return false;
	for (uint8_t i = 0; i < k->net_count; i++) {
		if (ip_net_has(&k->nets[i], &ip))
			return true;
	}
	return false;
}

/* A secret with the trunk it belongs to. */
struct owned {
	const struct ast_trunk *trunk;
	const struct ast_secret *secret;
};

struct owned_list {
	struct owned own[AST_OWN_TRIED];
	size_t count;
};

static void collect_from(struct owned_list *list, const struct ast_trunk *k,
    const struct ast_secret *s, struct slice username)
{
	for (; s != NULL && list->count < AST_OWN_TRIED; s = s->next) {
		if (slice_eq(s->username, username))
			list->own[list->count++] = (struct owned){k, s};
	}
}

/* The trunk at that host first, then the other trunks, then the phones. */
static void collect(const struct ast_trunks *t, struct slice username,
    struct slice host, struct owned_list *list)
{
	const struct ast_trunk *k;

	for (k = t->trunks.first; k != NULL; k = k->next) {
		if (is_at(k, host))
			collect_from(list, k, k->secrets, username);
	}
	collect_from(list, NULL, t->globals, username);
	for (k = t->trunks.first; k != NULL; k = k->next) {
		if (!is_at(k, host))
			collect_from(list, k, k->secrets, username);
	}
	for (k = t->clients.first; k != NULL; k = k->next)
		collect_from(list, k, k->secrets, username);
}

static enum digest_verdict check_own(struct check *c, const struct owned_list *list)
{
	enum digest_verdict v = DIGEST_NO_MATCH;

	for (int is_mangling = 0; is_mangling < 2; is_mangling++) {
		for (size_t i = 0; i < list->count; i++) {
			v = check_secret(c, list->own[i].secret, is_mangling != 0);
			if (v == DIGEST_NO_MATCH)
				continue;
			name_source(c->out, list->own[i].trunk, list->own[i].secret);
			return v;
		}
	}
	return v;
}

static enum digest_verdict check_others(
    struct check *c, const struct ast_trunk *k, uint32_t *left)
{
	for (; k != NULL; k = k->next) {
		for (const struct ast_secret *s = k->secrets; s != NULL; s = s->next) {
			if (s->is_ha1 || s->secret.len == 0 ||
			    slice_eq(s->username, c->in->cred->username))
				continue;
			if (*left == 0)
				return DIGEST_NO_MATCH;
			--*left;
			if (!matches(c, s->secret, false))
				continue;
			name_source(c->out, k, s);
			return found(c, DIGEST_MANGLED, DIGEST_OTHER_SECTION);
		}
	}
	return DIGEST_NO_MATCH;
}

enum digest_verdict ast_digest_check(const struct ast_trunks *t,
    const struct digest_input *in, struct slice remote_host, struct digest_result *out)
{
	struct check c = {.in = in, .out = out};
	struct owned_list own = {.count = 0};
	uint32_t left = AST_OTHERS_TRIED;

	*out = (struct digest_result){.verdict = DIGEST_NOT_CHECKED};
	if (!sip_digest_is_checkable(in))
		return out->verdict;
	collect(t, in->cred->username, remote_host, &own);
	if (own.count > 0)
		name_source(out, own.own[0].trunk, own.own[0].secret);
	out->verdict = check_own(&c, &own);
	if (out->verdict == DIGEST_NO_MATCH)
		out->verdict = check_others(&c, t->trunks.first, &left);
	if (out->verdict == DIGEST_NO_MATCH)
		out->verdict = check_others(&c, t->clients.first, &left);
	if (out->verdict == DIGEST_NO_MATCH && own.count == 0)
		out->verdict = DIGEST_NO_SECRET;
	explicit_bzero(c.buf, sizeof(c.buf));
	return out->verdict;
}

enum digest_verdict ast_digest_check_secret(
    const struct digest_input *in, struct slice secret, struct digest_result *out)
{
	const struct ast_secret_text text = {.secret = secret,
	    .raw = secret,
	    .username = in->cred->username,
	    .realm = in->cred->realm};
	struct check c = {.in = in, .out = out};

	*out = (struct digest_result){.verdict = DIGEST_NOT_CHECKED};
	if (!sip_digest_is_checkable(in))
		return out->verdict;
	out->verdict =
	    matches(&c, secret, false) ? DIGEST_MATCHES : check_mangled(&c, &text);
	explicit_bzero(c.buf, sizeof(c.buf));
	return out->verdict;
}
