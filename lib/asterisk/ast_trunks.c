/* SPDX-License-Identifier: BSD-2-Clause */
#include "asterisk/ast_trunks.h"

#include <errno.h>

#include "asterisk/ast_line.h"
#include "asterisk/ast_trunks_int.h"
#include "sip/sip_value.h"

const char *ast_protocol_name(enum ast_protocol p)
{
	static const char *const names[] = {"chan_sip", "pjsip", "pjsip_wizard"};

	return names[p];
}

struct ast_trunk *ast_trunk_new(struct ast_trunks *t, const struct ast_config *c,
    const struct ast_section *s, enum ast_protocol protocol)
{
	struct ast_trunk *k = ast_arena_take(&t->arena, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->config = c;
	k->name = s->name;
	k->carrier_id = s->carrier_id;
	k->carrier_name = s->carrier_name;
	k->protocol = protocol;
	k->file = s->file;
	k->line = s->line;
	return k;
}

bool ast_trunk_list(struct ast_trunks *t, struct ast_trunk *k)
{
	struct ast_trunk_list *list = k->is_dynamic ? &t->clients : &t->trunks;

	if (!k->is_dynamic && list->count >= AST_TRUNKS_MAX) {
		t->dropped++;
		return false;
	}
	if (list->last == NULL)
		list->first = k;
	else
		list->last->next = k;
	list->last = k;
	list->count++;
	return true;
}

struct ast_secret *ast_secret_add(struct ast_trunks *t, struct ast_trunk *k,
    const struct ast_config *c, const struct ast_value *v)
{
	struct ast_secret **first = k == NULL ? &t->globals : &k->secrets;
	struct ast_secret **last = k == NULL ? &t->last_global : &k->last_secret;
	struct ast_secret *s = ast_arena_take(&t->arena, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->config = c;
	if (v != NULL) {
		s->secret = v->value;
		s->raw = v->raw;
		s->is_cut = v->is_cut;
		s->file = v->file;
		s->line = v->line;
	}
	if (*last == NULL)
		*first = s;
	else
		(*last)->next = s;
	*last = s;
	return s;
}

/* Asterisk's ast_true(). */
bool ast_is_true(struct slice s)
{
	static const struct slice yes[] = {SLICE_INIT("yes"), SLICE_INIT("true"),
	    SLICE_INIT("y"), SLICE_INIT("t"), SLICE_INIT("1"), SLICE_INIT("on")};

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (slice_eq_nocase(s, yes[i]))
			return true;
	}
	return false;
}

struct slice ast_get(const struct ast_section *s, struct slice name)
{
	const struct ast_value *v = ast_value_last(s, name);

	return v == NULL ? SLICE_NONE : v->value;
}

bool ast_list_take(struct slice *rest, struct slice *item)
{
	while (rest->len > 0) {
		if (!slice_take_until(rest, ',', item)) {
			*item = *rest;
			rest->len = 0;
		}
		*item = ast_strip(*item);
		if (item->len > 0)
			return true;
	}
	return false;
}

static void add_net(struct ast_trunks *t, struct ast_trunk *k, const struct ip_net *net)
{
	for (uint8_t i = 0; i < k->net_count; i++) {
		if (memcmp(&k->nets[i], net, sizeof(*net)) == 0)
			return;
	}
	if (k->net_count < TRUNK_REMOTES_MAX)
		k->nets[k->net_count++] = *net;
	else
		t->dropped++;
}

static void add_host(
    struct ast_trunks *t, struct ast_trunk *k, struct slice host, uint16_t port)
{
	struct ip_net net = {0};

	if (host.len == 0)
		return;
	if (ip_addr_parse(host, &net.ip)) {
		net.prefix_bits = net.ip.family == 4 ? 32 : 128;
		add_net(t, k, &net);
	}
	if (k->host.len == 0) {
		k->host = host;
		if (port != 0)
			k->port = port;
		return;
	}
	if (slice_eq_nocase(host, k->host))
		return;
	for (uint8_t i = 0; i < k->host_count; i++) {
		if (slice_eq_nocase(host, k->hosts[i]))
			return;
	}
	if (k->host_count < AST_HOSTS_MAX)
		k->hosts[k->host_count++] = host;
	else
		t->dropped++;
}

/* "host:port" and "[v6]:port" lose their port; a bare IPv6 address has none. */
static struct slice split_port(struct slice s, uint16_t *port)
{
	struct ip_addr ip;
	const char *colon = s.len > 0 ? memrchr(s.ptr, ':', s.len) : NULL;
	struct slice host = s;
	uint32_t n = 0;

	*port = 0;
	if (colon != NULL && !ip_addr_parse(s, &ip)) {
		host.len = (size_t)(colon - s.ptr);
		if (slice_to_u32(slice_of(colon + 1, s.len - host.len - 1), 65535, &n))
			*port = (uint16_t)n;
	}
	if (host.len > 2 && *host.ptr == '[' && host.ptr[host.len - 1] == ']')
		host = slice_of(host.ptr + 1, host.len - 2);
	return host;
}

void ast_trunk_add_hosts(struct ast_trunks *t, struct ast_trunk *k, struct slice list)
{
	struct slice item;
	uint16_t port;

	while (ast_list_take(&list, &item)) {
		item = split_port(item, &port);
		add_host(t, k, item, port);
	}
}

/* 255.255.255.0 is 24; a mask with holes is none. */
static bool mask_bits(const struct ip_addr *mask, uint8_t *bits)
{
	uint32_t m = (uint32_t)mask->bytes[0] << 24 | (uint32_t)mask->bytes[1] << 16 |
		     (uint32_t)mask->bytes[2] << 8 | mask->bytes[3];
	const uint32_t holes = ~m;

	if (mask->family != 4 || (holes & (holes + 1)) != 0)
		return false;
	for (*bits = 0; m != 0; m <<= 1)
		++*bits;
	return true;
}

static bool parse_net(struct slice s, struct ip_net *net)
{
	struct slice head, rest = s;
	struct ip_addr mask;

	*net = (struct ip_net){0};
	if (ip_net_parse(s, net))
		return true;
	return slice_take_until(&rest, '/', &head) && ip_addr_parse(head, &net->ip) &&
	       net->ip.family == 4 && ip_addr_parse(rest, &mask) &&
	       mask_bits(&mask, &net->prefix_bits);
}

void ast_trunk_add_nets(struct ast_trunks *t, struct ast_trunk *k, struct slice list)
{
	struct slice item;
	struct ip_net net;

	while (ast_list_take(&list, &item)) {
		if (parse_net(item, &net)) {
			if (net.prefix_bits > 0) /* "everything" says nothing */
				add_net(t, k, &net);
		} else if (memchr(item.ptr, '/', item.len) == NULL) {
			add_host(t, k, item, 0);
		}
	}
}

void ast_trunk_add_uri(struct ast_trunks *t, struct ast_trunk *k, struct slice uri)
{
	struct sip_uri u;
	const char *end;

	uri = ast_strip(uri);
	while (uri.len > 0 && (*uri.ptr == '<' || *uri.ptr == '"'))
		uri = slice_of(uri.ptr + 1, uri.len - 1);
	end = uri.len > 0 ? memchr(uri.ptr, '>', uri.len) : NULL;
	if (end != NULL)
		uri.len = (size_t)(end - uri.ptr);
	if (sip_uri_parse(uri, &u))
		add_host(t, k, u.host, u.port);
}

int ast_trunks_add(struct ast_trunks *t, struct ast_config *c, struct err *e)
{
	if (t->config_count >= AST_CONFIGS_MAX) {
		ast_config_free(c);
		return err_set(
		    e, -ENOMEM, "more than %d Asterisk files", AST_CONFIGS_MAX);
	}
	t->configs[t->config_count++] = c;
	if (!ast_read_sip(t, c) || !ast_read_pjsip(t, c))
		return err_set(e, -ENOMEM, "reading trunks: out of memory");
	return 0;
}

void ast_trunks_fini(struct ast_trunks *t)
{
	for (uint32_t i = 0; i < t->config_count; i++)
		ast_config_free(t->configs[i]);
	ast_arena_free(&t->arena);
	*t = (struct ast_trunks){0};
}

static void put(char *out, size_t size, struct slice s)
{
	const size_t n = s.len < size ? s.len : size - 1;

	memset(out, 0, size);
	if (n > 0)
		memcpy(out, s.ptr, n);
}

/* What a change of the files may change for this trunk, its secrets included. */
static uint64_t revision_of(const struct ast_trunks *t, const struct ast_trunk *k)
{
	const struct slice parts[] = {k->account, k->host, k->fromuser, k->fromdomain,
	    k->realm, k->insecure, k->qualify};
	uint64_t sum = k->port;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		sum = sum * 31 + hash_slice(&t->key, parts[i]);
	for (const struct ast_secret *s = k->secrets; s != NULL; s = s->next)
		sum = sum * 31 + hash_slice(&t->key, s->username) * 7 +
		      hash_slice(&t->key, s->secret);
	return sum | 1; /* never 0 */
}

static void row(const struct ast_trunks *t, const struct ast_trunk *k,
    struct slice host, struct trunk_config *out)
{
	memset(out, 0, sizeof(*out));
	put(out->name, sizeof(out->name), k->name);
	put(out->account, sizeof(out->account), k->account);
	put(out->host, sizeof(out->host), host);
	put(out->carrier_id, sizeof(out->carrier_id), k->carrier_id);
	memcpy(out->nets, k->nets, sizeof(out->nets));
	out->net_count = k->net_count;
	out->port = k->port;
	out->revision = revision_of(t, k);
}

size_t ast_trunks_to_config(
    const struct ast_trunks *t, struct trunk_config *out, size_t max)
{
	struct ip_addr ip;
	size_t n = 0;

	for (const struct ast_trunk *k = t->trunks.first; k != NULL; k = k->next) {
		if (n++ < max)
			row(t, k, k->host, &out[n - 1]);
		for (uint8_t i = 0; i < k->host_count; i++) {
			if (ip_addr_parse(k->hosts[i], &ip))
				continue; /* is among the nets already */
			if (n++ < max)
				row(t, k, k->hosts[i], &out[n - 1]);
		}
	}
	return n;
}
