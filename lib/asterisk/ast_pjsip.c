/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pjsip.conf: objects of several types that name each other, and
 * pjsip_wizard.conf, which says the same in one section.
 */
#include "asterisk/ast_line.h"
#include "asterisk/ast_trunks_int.h"

enum object {
	OBJECT_ENDPOINT = 0,
	OBJECT_AUTH,
	OBJECT_AOR,
	OBJECT_IDENTIFY,
	OBJECT_REGISTRATION,
	OBJECT_WIZARD,
	OBJECT_COUNT,
};

static const struct slice object_names[OBJECT_COUNT] = {SLICE_INIT("endpoint"),
    SLICE_INIT("auth"), SLICE_INIT("aor"), SLICE_INIT("identify"),
    SLICE_INIT("registration"), SLICE_INIT("wizard")};

/* One object, chained to the others of its type. */
struct item {
	struct item *next;
	const struct ast_section *section;
	bool is_used; /* a registration that found its endpoint */
};

struct reader {
	struct ast_trunks *trunks;
	const struct ast_config *config;
	struct item *items[OBJECT_COUNT], *last[OBJECT_COUNT];
	uint32_t steps; /* of joining; AST_STEPS_MAX */
};

enum { AUTHS_MAX = 16 }; /* names in one list that we follow */

static bool index_section(struct reader *r, const struct ast_section *s)
{
	const struct ast_value *type = ast_value_first(s, SLICE("type"));
	struct item *item = NULL;
	int o = 0;

	if (s->is_template || type == NULL)
		return true;
	while (o < OBJECT_COUNT && !slice_eq_nocase(type->value, object_names[o]))
		o++;
	if (o == OBJECT_COUNT)
		return true;
	item = ast_arena_take(&r->trunks->arena, sizeof(*item));
	if (item == NULL)
		return false;
	item->section = s;
	if (r->last[o] == NULL)
		r->items[o] = item;
	else
		r->last[o]->next = item;
	r->last[o] = item;
	return true;
}

/* A hostile file could name everything in everything: then joins are left out. */
static bool spend(struct reader *r, uint32_t steps)
{
	if (steps > AST_STEPS_MAX - r->steps) {
		r->steps = AST_STEPS_MAX;
		r->trunks->dropped++;
		return false;
	}
	r->steps += steps;
	return true;
}

static const struct ast_section *find(
    struct reader *r, enum object o, struct slice name)
{
	const struct item *i = r->items[o];

	while (i != NULL && spend(r, 1) && !slice_eq_nocase(i->section->name, name))
		i = i->next;
	return i == NULL || r->steps >= AST_STEPS_MAX ? NULL : i->section;
}

/* prefix: "" for an auth object, "outbound_auth/" in a wizard's section. */
struct auth_keys {
	struct slice type, username, password, md5, realm;
};

static const struct auth_keys auth_object = {SLICE_INIT("auth_type"),
    SLICE_INIT("username"), SLICE_INIT("password"), SLICE_INIT("md5_cred"),
    SLICE_INIT("realm")};
static const struct auth_keys wizard_outbound = {SLICE_INIT("outbound_auth/auth_type"),
    SLICE_INIT("outbound_auth/username"), SLICE_INIT("outbound_auth/password"),
    SLICE_INIT("outbound_auth/md5_cred"), SLICE_INIT("outbound_auth/realm")};
static const struct auth_keys wizard_inbound = {SLICE_INIT("inbound_auth/auth_type"),
    SLICE_INIT("inbound_auth/username"), SLICE_INIT("inbound_auth/password"),
    SLICE_INIT("inbound_auth/md5_cred"), SLICE_INIT("inbound_auth/realm")};

/* No password at all is an empty one, as in chan_sip. */
static bool add_auth(struct reader *r, struct ast_trunk *k, const struct ast_section *s,
    const struct auth_keys *keys)
{
	const bool is_md5 = slice_eq_nocase(ast_get(s, keys->type), SLICE("md5"));
	const struct ast_value *v =
	    ast_value_last(s, is_md5 ? keys->md5 : keys->password);
	struct ast_secret *secret = ast_secret_add(r->trunks, k, r->config, v);

	if (secret == NULL)
		return false;
	if (v == NULL) {
		secret->kind = AST_SECRET_NONE;
		secret->secret = secret->raw = SLICE("");
		secret->file = s->file;
		secret->line = s->line;
	}
	secret->is_ha1 = is_md5;
	secret->username = ast_get(s, keys->username);
	/* The wizard names the account like the section unless told otherwise. */
	if (secret->username.ptr == NULL && keys != &auth_object)
		secret->username = s->name;
	secret->realm = ast_get(s, keys->realm);
	if (slice_eq(secret->realm, SLICE("*")))
		secret->realm = SLICE_NONE;
	if (k->account.len == 0)
		k->account = secret->username;
	if (k->realm.len == 0)
		k->realm = secret->realm;
	return true;
}

static bool add_auths(struct reader *r, struct ast_trunk *k, struct slice names)
{
	struct slice name;

	for (int i = 0; i < AUTHS_MAX && ast_list_take(&names, &name); i++) {
		const struct ast_section *s = find(r, OBJECT_AUTH, name);

		if (s != NULL && !add_auth(r, k, s, &auth_object))
			return false;
	}
	return true;
}

static bool lists_share(struct slice a, struct slice b)
{
	struct slice x, y, rest;

	for (int i = 0; i < AUTHS_MAX && ast_list_take(&a, &x); i++) {
		rest = b;
		for (int j = 0; j < AUTHS_MAX && ast_list_take(&rest, &y); j++) {
			if (slice_eq_nocase(x, y))
				return true;
		}
	}
	return false;
}

static void add_contacts(struct reader *r, struct ast_trunk *k, struct slice aors)
{
	struct slice name;

	while (ast_list_take(&aors, &name)) {
		const struct ast_section *aor = find(r, OBJECT_AOR, name);

		if (aor == NULL || !spend(r, aor->value_count))
			continue;
		for (const struct ast_value *v = aor == NULL ? NULL : aor->values;
		     v != NULL; v = v->next) {
			struct slice list = v->value, uri;

			if (!slice_eq_nocase(v->name, SLICE("contact")))
				continue;
			while (ast_list_take(&list, &uri))
				ast_trunk_add_uri(r->trunks, k, uri);
		}
	}
}

static void add_matches(struct reader *r, struct ast_trunk *k)
{
	for (const struct item *i = r->items[OBJECT_IDENTIFY]; i != NULL; i = i->next) {
		if (!spend(r, 1 + i->section->value_count))
			return;
		if (!slice_eq_nocase(ast_get(i->section, SLICE("endpoint")), k->name))
			continue;
		for (const struct ast_value *v = i->section->values; v != NULL;
		     v = v->next) {
			if (slice_eq_nocase(v->name, SLICE("match")))
				ast_trunk_add_nets(r->trunks, k, v->value);
		}
	}
}

/* A registration says line=yes and endpoint=, or it shares the credentials. */
static void add_registrations(struct reader *r, struct ast_trunk *k, struct slice auths)
{
	for (struct item *i = r->items[OBJECT_REGISTRATION]; i != NULL; i = i->next) {
		const struct ast_section *s = i->section;

		if (!spend(r, AUTHS_MAX + 2 * s->value_count))
			return;
		if (!slice_eq_nocase(ast_get(s, SLICE("endpoint")), k->name) &&
		    !slice_eq_nocase(s->name, k->name) &&
		    !lists_share(ast_get(s, SLICE("outbound_auth")), auths))
			continue;
		i->is_used = true;
		k->sends_registration = true;
		if (k->host.len == 0)
			ast_trunk_add_uri(
			    r->trunks, k, ast_get(s, SLICE("server_uri")));
	}
}

static bool read_endpoint(struct reader *r, const struct ast_section *s)
{
	struct ast_trunk *k = ast_trunk_new(r->trunks, r->config, s, AST_PJSIP);
	const struct slice auths = ast_get(s, SLICE("outbound_auth"));

	if (k == NULL)
		return false;
	add_contacts(r, k, ast_get(s, SLICE("aors")));
	add_registrations(r, k, auths);
	add_matches(r, k);
	if (k->host.len == 0)
		ast_trunk_add_uri(r->trunks, k, ast_get(s, SLICE("outbound_proxy")));
	k->fromuser = ast_get(s, SLICE("from_user"));
	k->fromdomain = ast_get(s, SLICE("from_domain"));
	k->is_dynamic = k->host.len == 0 && k->net_count == 0 && auths.len == 0;
	(void)ast_trunk_list(r->trunks, k);
	return add_auths(r, k, k->is_dynamic ? ast_get(s, SLICE("auth")) : auths);
}

static bool read_registration(struct reader *r, const struct item *i)
{
	const struct ast_section *s = i->section;
	struct ast_trunk *k = NULL;

	if (i->is_used)
		return true;
	k = ast_trunk_new(r->trunks, r->config, s, AST_PJSIP);
	if (k == NULL)
		return false;
	k->sends_registration = k->is_register_only = true;
	ast_trunk_add_uri(r->trunks, k, ast_get(s, SLICE("server_uri")));
	(void)ast_trunk_list(r->trunks, k);
	return add_auths(r, k, ast_get(s, SLICE("outbound_auth")));
}

static bool read_wizard(struct reader *r, const struct ast_section *s)
{
	struct ast_trunk *k = ast_trunk_new(r->trunks, r->config, s, AST_PJSIP_WIZARD);
	const struct slice hosts = ast_get(s, SLICE("remote_hosts"));

	if (k == NULL)
		return false;
	k->is_dynamic = hosts.len == 0;
	ast_trunk_add_hosts(r->trunks, k, hosts);
	k->fromuser = ast_get(s, SLICE("endpoint/from_user"));
	k->fromdomain = ast_get(s, SLICE("endpoint/from_domain"));
	k->sends_registration = ast_is_true(ast_get(s, SLICE("sends_registrations")));
	(void)ast_trunk_list(r->trunks, k);
	if (ast_is_true(ast_get(s, SLICE("sends_auth"))) &&
	    !add_auth(r, k, s, &wizard_outbound))
		return false;
	if (k->is_dynamic && ast_is_true(ast_get(s, SLICE("accepts_auth"))))
		return add_auth(r, k, s, &wizard_inbound);
	return true;
}

static bool for_each(struct reader *r, enum object o,
    bool (*read)(struct reader *, const struct ast_section *))
{
	for (const struct item *i = r->items[o]; i != NULL; i = i->next) {
		if (!read(r, i->section))
			return false;
	}
	return true;
}

bool ast_read_pjsip(struct ast_trunks *t, const struct ast_config *c)
{
	struct reader r = {.trunks = t, .config = c};

	for (const struct ast_section *s = c->sections; s != NULL; s = s->next) {
		if (!index_section(&r, s))
			return false;
	}
	if (!for_each(&r, OBJECT_ENDPOINT, read_endpoint) ||
	    !for_each(&r, OBJECT_WIZARD, read_wizard))
		return false;
	for (const struct item *i = r.items[OBJECT_REGISTRATION]; i != NULL;
	     i = i->next) {
		if (!read_registration(&r, i))
			return false;
	}
	return true;
}
