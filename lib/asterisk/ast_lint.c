/* SPDX-License-Identifier: BSD-2-Clause */
#include "asterisk/ast_lint.h"

#include <nettle/md5.h>

#include "asterisk/ast_mangle_int.h"
#include "asterisk/ast_register.h"
#include "asterisk/ast_trunks_int.h"

enum {
	SEVERITY_NOTE = AST_NOTE_ONLY,
	SEVERITY_WARNING = AST_WARNING,
	SEVERITY_ERROR = AST_ERROR
};

static const struct {
	const char *slug, *sentence;
	int severity;
} lints[AST_LINT_COUNT] = {
#define AST_LINT(id, severity, slug, text) \
	[AST_LINT_##id] = {slug, text, SEVERITY_##severity},
#include "asterisk/ast_lints.def"
};

enum { AUTHS_MAX = 16 }; /* names of one list that are looked up */

struct report {
	struct ast_finding *out;
	size_t max, count;
	const struct ast_config *config;
};

const char *ast_severity_name(enum ast_severity s)
{
	static const char *const names[] = {"note", "warning", "error"};

	return names[s];
}

static void put(struct report *r, const struct ast_finding *f)
{
	if (r->count < r->max)
		r->out[r->count] = *f;
	r->count++;
}

static void say(struct report *r, enum ast_lint_kind k, uint16_t file, uint32_t line,
    struct slice what)
{
	const struct ast_finding f = {.severity = (enum ast_severity)lints[k].severity,
	    .slug = lints[k].slug,
	    .sentence = lints[k].sentence,
	    .file = r->config->files[file],
	    .line = line,
	    .what = what};

	put(r, &f);
}

static void lint_notes(struct report *r)
{
	for (const struct ast_note *n = r->config->notes; n != NULL; n = n->next) {
		const struct ast_finding f = {.severity = AST_ERROR,
		    .slug = "syntax",
		    .sentence = ast_note_sentence(n->kind),
		    .file = r->config->files[n->file],
		    .line = n->line,
		    .what = n->what,
		    .lines = n->lines};
		struct ast_finding g = f;

		if (n->kind == AST_NOTE_EXEC ||
		    n->kind == AST_NOTE_TRYINCLUDE_MISSING || n->kind == AST_NOTE_LIMIT)
			g.severity = AST_NOTE_ONLY;
		else if (!ast_note_is_fatal(n->kind) &&
			 n->kind != AST_NOTE_COMMENT_IN_VALUE &&
			 n->kind != AST_NOTE_COMMENT_STRAY)
			g.severity = AST_WARNING;
		put(r, &g);
	}
}

static const struct {
	struct slice name;
	bool is_secret;
} watched[] = {
    {SLICE_INIT("secret"), true},
    {SLICE_INIT("remotesecret"), true},
    {SLICE_INIT("md5secret"), true},
    {SLICE_INIT("auth"), true},
    {SLICE_INIT("password"), true},
    {SLICE_INIT("md5_cred"), true},
    {SLICE_INIT("outbound_auth/password"), true},
    {SLICE_INIT("username"), false},
    {SLICE_INIT("defaultuser"), false},
    {SLICE_INIT("outbound_auth/username"), false},
    {SLICE_INIT("fromuser"), false},
    {SLICE_INIT("fromdomain"), false},
    {SLICE_INIT("from_user"), false},
    {SLICE_INIT("from_domain"), false},
    {SLICE_INIT("host"), false},
    {SLICE_INIT("contact"), false},
    {SLICE_INIT("server_uri"), false},
    {SLICE_INIT("client_uri"), false},
    {SLICE_INIT("outbound_proxy"), false},
};

/* chan_sip: delimiters between quotes do not split, and the quotes are taken off. */
static void lint_register_secret(
    struct report *r, const struct ast_value *v, struct slice what)
{
	static const struct {
		char c;
		enum ast_lint_kind kind;
	} bad[] = {{':', AST_LINT_REGISTER_COLON}, {'@', AST_LINT_REGISTER_AT},
	    {'/', AST_LINT_REGISTER_SLASH}, {'?', AST_LINT_REGISTER_QUESTION},
	    {'~', AST_LINT_REGISTER_TILDE}};
	const struct slice secret = ast_register_written_secret(v->value);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (secret.len > 0 && !ast_text_is_quoted(secret) &&
		    memchr(secret.ptr, bad[i].c, secret.len) != NULL)
			say(r, bad[i].kind, v->file, v->line, what);
	}
}

static void lint_register(
    struct report *r, const struct ast_section *s, const struct ast_value *v)
{
	struct ast_register reg;

	if (v->is_cut)
		say(r, AST_LINT_REGISTER_CUT, v->file, v->line, s->name);
	if (v->value.len > AST_REGISTER_MAX)
		say(r, AST_LINT_REGISTER_LONG, v->file, v->line, s->name);
	if (!ast_register_parse(v->value, &reg))
		say(r, AST_LINT_REGISTER_REJECTED, v->file, v->line, s->name);
	lint_register_secret(r, v, s->name);
}

static void lint_value(
    struct report *r, const struct ast_section *s, const struct ast_value *v)
{
	for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++) {
		const bool is_secret = watched[i].is_secret;

		if (!slice_eq_nocase(v->name, watched[i].name))
			continue;
		if (v->is_cut)
			say(r, is_secret ? AST_LINT_SECRET_CUT : AST_LINT_VALUE_CUT,
			    v->file, v->line, s->name);
		if (ast_text_is_quoted(v->value))
			say(r,
			    is_secret ? AST_LINT_SECRET_QUOTED : AST_LINT_VALUE_QUOTED,
			    v->file, v->line, s->name);
	}
	if (slice_eq_nocase(v->name, SLICE("register")) &&
	    slice_eq_nocase(s->name, SLICE("general")))
		lint_register(r, s, v);
}

/* PJSIP's objects of several types may share a name; two of one type may not. */
static bool is_duplicate(const struct ast_config *c, const struct ast_section *s)
{
	const struct slice type = SLICE_INIT("type");
	const struct ast_value *mine = ast_value_first(s, type);

	for (const struct ast_section *o = ast_section_find(c, NULL, s->name); o != s;
	     o = ast_section_find(c, o, s->name)) {
		const struct ast_value *theirs = ast_value_first(o, type);

		if (o->is_template == s->is_template &&
		    (mine == NULL || theirs == NULL ||
			slice_eq_nocase(mine->value, theirs->value)))
			return true;
	}
	return false;
}

static void lint_sections(struct report *r)
{
	for (const struct ast_section *s = r->config->sections; s != NULL;
	     s = s->next) {
		for (const struct ast_value *v = s->values; v != NULL; v = v->next) {
			if (!v->is_inherited) /* said once, in the template */
				lint_value(r, s, v);
		}
		if (is_duplicate(r->config, s))
			say(r, AST_LINT_DUPLICATE_SECTION, s->file, s->line, s->name);
		if (!s->is_template && ast_value_first(s, SLICE("type")) == NULL &&
		    ast_value_first(s, SLICE("host")) != NULL)
			say(r, AST_LINT_NO_TYPE, s->file, s->line, s->name);
		if (slice_eq_nocase(ast_get(s, SLICE("type")), SLICE("wizard")) &&
		    ast_value_first(s, SLICE("outbound_auth/password")) != NULL &&
		    !ast_is_true(ast_get(s, SLICE("sends_auth"))))
			say(r, AST_LINT_SENDS_AUTH_OFF, s->file, s->line, s->name);
	}
}

static bool is_lower_hex32(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!(s.ptr[i] >= '0' && s.ptr[i] <= '9') &&
		    !(s.ptr[i] >= 'a' && s.ptr[i] <= 'f'))
			return false;
	}
	return s.len == 32;
}

static void feed(struct md5_ctx *md5, struct slice s)
{
	if (s.len > 0)
		md5_update(md5, s.len, (const uint8_t *)s.ptr);
}

static bool is_ha1_of(
    struct slice hex, struct slice user, struct slice realm, struct slice secret)
{
	uint8_t digest[MD5_DIGEST_SIZE];
	struct md5_ctx md5;
	bool is_same = hex.len == 2 * sizeof(digest);

	md5_init(&md5);
	feed(&md5, user);
	feed(&md5, SLICE(":"));
	feed(&md5, realm);
	feed(&md5, SLICE(":"));
	feed(&md5, secret);
	md5_digest(&md5, sizeof(digest), digest);
	for (size_t i = 0; is_same && i < sizeof(digest); i++) {
		static const char digits[16] = "0123456789abcdef";

		is_same = hex.ptr[2 * i] == digits[digest[i] >> 4] &&
			  hex.ptr[2 * i + 1] == digits[digest[i] & 15];
	}
	explicit_bzero(digest, sizeof(digest));
	explicit_bzero(&md5, sizeof(md5));
	return is_same;
}

/* The realm is the provider's to choose; most choose the domain we call. */
static void lint_hash(
    struct report *r, const struct ast_trunk *k, const struct ast_secret *s)
{
	const struct slice user = s->username;

	if (!is_lower_hex32(s->secret)) {
		say(r, AST_LINT_MD5_FORMAT, s->file, s->line, k->name);
		return;
	}
	if (s->realm.len == 0)
		say(r, AST_LINT_MD5_BOUND, s->file, s->line, k->name);
	for (const struct ast_secret *p = k->secrets; p != NULL; p = p->next) {
		if (p->is_ha1 || p->kind != AST_SECRET_PLAIN)
			continue;
		if (!is_ha1_of(s->secret, user, k->fromdomain, p->secret) &&
		    !is_ha1_of(s->secret, user, k->host, p->secret) &&
		    !is_ha1_of(s->secret, user, s->realm, p->secret))
			say(r, AST_LINT_MD5_REALM, s->file, s->line, k->name);
	}
}

static void lint_secret(
    struct report *r, const struct ast_trunk *k, const struct ast_secret *s)
{
	const struct slice realm = s->realm.len > 0 ? s->realm : k->fromdomain;
	const struct slice text = s->raw;

	if (s->is_ha1)
		lint_hash(r, k, s);
	else if (k->protocol == AST_CHAN_SIP &&
		 s->username.len + realm.len + s->secret.len + 2 > AST_A1_MAX)
		say(r, AST_LINT_SECRET_LONG, s->file, s->line, k->name);
	if (s->kind == AST_SECRET_NONE)
		say(r, AST_LINT_NO_SECRET, s->file, s->line, k->name);
	else if (s->username.len == 0 && s->secret.len > 0)
		say(r, AST_LINT_NO_USERNAME, s->file, s->line, k->name);
	if (s->is_overridden && s->kind == AST_SECRET_PLAIN)
		say(r,
		    k->secrets->is_ha1 ? AST_LINT_MD5_OVERRIDES
				       : AST_LINT_REMOTE_SECRET,
		    s->file, s->line, k->name);
	for (size_t i = 0; k->carrier_id.ptr != NULL && i < text.len; i++) {
		if (text.ptr[i] == '\0' || strchr(";\"'\\", text.ptr[i]) == NULL)
			continue;
		say(r, AST_LINT_FORM_CHARACTERS, s->file, s->line, k->name);
		break;
	}
}

static bool has_auth(const struct ast_config *c, struct slice name)
{
	const struct ast_section *s = ast_section_find(c, NULL, name);

	while (s != NULL && !slice_eq_nocase(ast_get(s, SLICE("type")), SLICE("auth")))
		s = ast_section_find(c, s, name);
	return s != NULL;
}

static void lint_outbound_auth(struct report *r)
{
	for (const struct ast_section *s = r->config->sections; s != NULL;
	     s = s->next) {
		const struct ast_value *v = ast_value_last(s, SLICE("outbound_auth"));
		struct slice list, name;

		if (v == NULL || s->is_template || r->config->is_partial)
			continue;
		list = v->value;
		for (int i = 0; i < AUTHS_MAX && ast_list_take(&list, &name); i++) {
			if (!has_auth(r->config, name))
				say(r, AST_LINT_AUTH_MISSING, v->file, v->line,
				    s->name);
		}
	}
}

static void lint_trunk(struct report *r, const struct ast_trunk *k)
{
	if (k->account.len > 0 && k->fromuser.len == 0 && !k->is_register_only)
		say(r, AST_LINT_NO_FROMUSER, k->file, k->line, k->name);
	for (const struct ast_secret *s = k->secrets; s != NULL; s = s->next)
		lint_secret(r, k, s);
}

size_t ast_lint(const struct ast_trunks *t, struct ast_finding *out, size_t max)
{
	struct report r = {.out = out, .max = max};

	for (uint32_t i = 0; i < t->config_count; i++) {
		r.config = t->configs[i];
		lint_notes(&r);
		lint_sections(&r);
		lint_outbound_auth(&r);
	}
	for (const struct ast_trunk *k = t->trunks.first; k != NULL; k = k->next) {
		r.config = k->config;
		lint_trunk(&r, k);
	}
	return r.count;
}
