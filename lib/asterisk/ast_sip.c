/* SPDX-License-Identifier: BSD-2-Clause */
/* sip.conf, as chan_sip's reload_config() and build_peer() read it. */
#include "asterisk/ast_line.h"
#include "asterisk/ast_register.h"
#include "asterisk/ast_trunks_int.h"

enum key {
	KEY_HOST = 0,
	KEY_USERNAME,
	KEY_SECRET,
	KEY_REMOTE_SECRET,
	KEY_MD5_SECRET,
	KEY_FROM_USER,
	KEY_FROM_DOMAIN,
	KEY_PORT,
	KEY_OUTBOUND_PROXY,
	KEY_CALLBACK,
	KEY_INSECURE,
	KEY_QUALIFY,
	KEY_COUNT,
};

static const struct {
	struct slice name;
	enum key key;
} keys[] = {
    {SLICE_INIT("host"), KEY_HOST},
    {SLICE_INIT("username"), KEY_USERNAME}, /* the old name of the next one */
    {SLICE_INIT("defaultuser"), KEY_USERNAME},
    {SLICE_INIT("secret"), KEY_SECRET},
    {SLICE_INIT("remotesecret"), KEY_REMOTE_SECRET},
    {SLICE_INIT("md5secret"), KEY_MD5_SECRET},
    {SLICE_INIT("fromuser"), KEY_FROM_USER},
    {SLICE_INIT("fromdomain"), KEY_FROM_DOMAIN},
    {SLICE_INIT("port"), KEY_PORT},
    {SLICE_INIT("outboundproxy"), KEY_OUTBOUND_PROXY},
    {SLICE_INIT("callbackextension"), KEY_CALLBACK},
    {SLICE_INIT("insecure"), KEY_INSECURE},
    {SLICE_INIT("qualify"), KEY_QUALIFY},
};

/* A peer while its sections are read: two of the same name are one peer. */
struct peer {
	struct peer *next;
	struct ast_trunk *trunk;
	const struct ast_value *at[KEY_COUNT]; /* the last of each */
};

struct reader {
	struct ast_trunks *trunks;
	const struct ast_config *config;
	struct peer *peers, *last;
};

static struct slice get(const struct peer *p, enum key k)
{
	return p->at[k] == NULL ? SLICE_NONE : p->at[k]->value;
}

static bool add_realm_auth(
    struct reader *r, struct ast_trunk *trunk, const struct ast_value *v)
{
	struct ast_realm_auth a;
	struct ast_secret *s = NULL;

	if (!ast_realm_auth_parse(v->value, &a))
		return true; /* chan_sip ignores it, too */
	s = ast_secret_add(r->trunks, trunk, r->config, v);
	if (s == NULL)
		return false;
	s->kind = AST_SECRET_REALM;
	s->username = a.user;
	s->realm = a.realm;
	s->secret = s->raw = a.secret.ptr == NULL ? SLICE("") : a.secret;
	s->is_ha1 = a.is_ha1;
	return true;
}

static struct peer *peer_of(struct reader *r, const struct ast_section *s)
{
	struct peer *p = r->peers;

	while (p != NULL && !slice_eq_nocase(p->trunk->name, s->name))
		p = p->next;
	if (p != NULL)
		return p;
	p = ast_arena_take(&r->trunks->arena, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->trunk = ast_trunk_new(r->trunks, r->config, s, AST_CHAN_SIP);
	if (p->trunk == NULL)
		return NULL;
	if (r->last == NULL)
		r->peers = p;
	else
		r->last->next = p;
	r->last = p;
	return p;
}

static bool read_peer(struct reader *r, const struct ast_section *s)
{
	struct peer *p = peer_of(r, s);

	if (p == NULL)
		return false;
	for (const struct ast_value *v = s->values; v != NULL; v = v->next) {
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			if (slice_eq_nocase(v->name, keys[i].name))
				p->at[keys[i].key] = v;
		}
		if (slice_eq_nocase(v->name, SLICE("auth")) &&
		    !add_realm_auth(r, p->trunk, v))
			return false;
		if (slice_eq_nocase(v->name, SLICE("permit")))
			ast_trunk_add_nets(r->trunks, p->trunk, v->value);
	}
	return true;
}

static bool add_secret(
    struct reader *r, struct peer *p, enum key key, bool is_overridden)
{
	struct ast_secret *s = NULL;

	if (p->at[key] == NULL)
		return true;
	s = ast_secret_add(r->trunks, p->trunk, r->config, p->at[key]);
	if (s == NULL)
		return false;
	s->username = p->trunk->account;
	s->kind = key == KEY_REMOTE_SECRET ? AST_SECRET_REMOTE : AST_SECRET_PLAIN;
	s->is_ha1 = key == KEY_MD5_SECRET;
	s->is_overridden = is_overridden;
	return true;
}

/* build_reply_digest(): auth= of the realm, else md5secret, else remotesecret, else
 * secret, else an empty one. The auth= lines are in the list already. */
static bool add_secrets(struct reader *r, struct peer *p)
{
	const bool has_md5 = get(p, KEY_MD5_SECRET).len > 0;
	const bool has_remote = get(p, KEY_REMOTE_SECRET).len > 0;
	struct ast_secret *none = NULL;

	if ((has_md5 && !add_secret(r, p, KEY_MD5_SECRET, false)) ||
	    (has_remote && !add_secret(r, p, KEY_REMOTE_SECRET, has_md5)) ||
	    !add_secret(r, p, KEY_SECRET, has_md5 || has_remote))
		return false;
	if (has_md5 || has_remote || p->at[KEY_SECRET] != NULL ||
	    p->trunk->account.len == 0)
		return true;
	none = ast_secret_add(r->trunks, p->trunk, r->config, p->at[KEY_USERNAME]);
	if (none == NULL)
		return false;
	none->username = p->trunk->account;
	none->secret = none->raw = SLICE("");
	none->kind = AST_SECRET_NONE;
	return true;
}

/* Phones are asked for their peer name, trunks for what the provider gave out. */
static bool finish_peer(struct reader *r, struct peer *p)
{
	struct ast_trunks *t = r->trunks;
	struct ast_trunk *k = p->trunk;
	const struct slice host = get(p, KEY_HOST);
	uint32_t port = 0;

	k->is_dynamic = host.len == 0 ? get(p, KEY_OUTBOUND_PROXY).len == 0
				      : slice_eq_nocase(host, SLICE("dynamic"));
	k->account = get(p, KEY_USERNAME);
	k->fromuser = get(p, KEY_FROM_USER);
	k->fromdomain = get(p, KEY_FROM_DOMAIN);
	k->insecure = get(p, KEY_INSECURE);
	k->qualify = get(p, KEY_QUALIFY);
	k->sends_registration = get(p, KEY_CALLBACK).len > 0;
	if (k->is_dynamic) {
		k->account = k->name;
	} else {
		ast_trunk_add_hosts(t, k, host);
		ast_trunk_add_hosts(t, k, get(p, KEY_OUTBOUND_PROXY));
	}
	if (slice_to_u32(get(p, KEY_PORT), UINT16_MAX, &port))
		k->port = (uint16_t)port;
	(void)ast_trunk_list(t, k);
	return add_secrets(r, p);
}

/* How well a trunk suits a register line; 0: not at all. */
static unsigned affinity(const struct ast_trunk *k, const struct ast_register *reg)
{
	if (k->protocol != AST_CHAN_SIP)
		return 0;
	if (reg->peer.len > 0 && slice_eq_nocase(k->name, reg->peer))
		return 4;
	if (!slice_eq_nocase(k->host, reg->host))
		return 0;
	if (slice_eq(k->account, ast_register_account(reg)))
		return 3;
	return k->account.len == 0 ? 1 : 0;
}

/* A register line without a peer: a trunk that is dialled as SIP/number@host. */
static struct ast_trunk *lone_trunk(
    struct reader *r, const struct ast_register *reg, const struct ast_value *v)
{
	const struct slice account = ast_register_account(reg);
	const size_t len = account.len + 1 + reg->host.len;
	struct ast_section lone = {.file = v->file, .line = v->line};
	struct ast_trunk *k = NULL;
	char *name = ast_arena_take(&r->trunks->arena, len);

	if (name == NULL)
		return NULL;
	if (account.len > 0)
		memcpy(name, account.ptr, account.len);
	name[account.len] = '@';
	if (reg->host.len > 0)
		memcpy(name + account.len + 1, reg->host.ptr, reg->host.len);
	lone.name = slice_of(name, len);
	k = ast_trunk_new(r->trunks, r->config, &lone, AST_CHAN_SIP);
	if (k == NULL)
		return NULL;
	k->is_register_only = true;
	k->account = account;
	k->port = reg->port;
	ast_trunk_add_hosts(r->trunks, k, reg->host);
	return k;
}

static struct ast_trunk *trunk_of_register(
    const struct reader *r, const struct ast_register *reg)
{
	struct ast_trunk *best = NULL;
	unsigned most = 0;

	for (struct ast_trunk *k = r->trunks->trunks.first; k != NULL; k = k->next) {
		if (affinity(k, reg) > most) {
			most = affinity(k, reg);
			best = k;
		}
	}
	return best;
}

static bool read_register(struct reader *r, const struct ast_value *v)
{
	struct ast_register reg;
	struct ast_trunk *k = NULL;
	struct ast_secret *s = NULL;

	if (!ast_register_parse(v->value, &reg)) {
		r->trunks->rejected_registers++;
		return true;
	}
	k = trunk_of_register(r, &reg);
	if (k == NULL) {
		k = lone_trunk(r, &reg, v);
		if (k == NULL)
			return false;
		if (!ast_trunk_list(r->trunks, k))
			return true;
	}
	k->sends_registration = true;
	if (k->account.len == 0)
		k->account = ast_register_account(&reg);
	s = ast_secret_add(r->trunks, k, r->config, v);
	if (s == NULL)
		return false;
	s->kind = AST_SECRET_REGISTER;
	s->username = ast_register_account(&reg);
	s->secret = reg.secret.ptr == NULL ? SLICE("") : reg.secret;
	s->raw = reg.authuser.len > 0 ? s->secret : ast_register_written_secret(v->raw);
	if (s->raw.ptr == NULL)
		s->raw = s->secret;
	return true;
}

static bool read_special(struct reader *r, const struct ast_section *s, bool is_general)
{
	for (const struct ast_value *v = s->values; v != NULL; v = v->next) {
		if (is_general && slice_eq_nocase(v->name, SLICE("register")) &&
		    !read_register(r, v))
			return false;
		if (!is_general && slice_eq_nocase(v->name, SLICE("auth")) &&
		    !add_realm_auth(r, NULL, v))
			return false;
	}
	return true;
}

static bool is_peer(const struct ast_section *s)
{
	const struct ast_value *type = ast_value_first(s, SLICE("type"));

	if (s->is_template || type == NULL)
		return false;
	return slice_eq_nocase(type->value, SLICE("peer")) ||
	       slice_eq_nocase(type->value, SLICE("friend")) ||
	       slice_eq_nocase(type->value, SLICE("user"));
}

/* Of two [general] sections, chan_sip reads the first. */
static bool read_specials(struct reader *r)
{
	static const struct slice names[] = {
	    SLICE_INIT("general"), SLICE_INIT("authentication")};

	for (int i = 0; i < 2; i++) {
		const struct ast_section *s =
		    ast_section_find(r->config, NULL, names[i]);

		while (s != NULL && s->is_template)
			s = ast_section_find(r->config, s, names[i]);
		if (s != NULL && !read_special(r, s, i == 0))
			return false;
	}
	return true;
}

/* Register lines come last: they belong to peers that may stand below them. */
bool ast_read_sip(struct ast_trunks *t, const struct ast_config *c)
{
	struct reader r = {.trunks = t, .config = c};

	for (const struct ast_section *s = c->sections; s != NULL; s = s->next) {
		if (is_peer(s) && !read_peer(&r, s))
			return false;
	}
	for (struct peer *p = r.peers; p != NULL; p = p->next) {
		if (!finish_peer(&r, p))
			return false;
	}
	return read_specials(&r);
}
