/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "diagnose/divide.h"
#include "diagnose/trunks.h"

int trunks_init(struct trunks *t, size_t max, int64_t next_id)
{
	*t = (struct trunks){.max = max, .next_id = next_id};
	/* Zeroed once, by the kernel: a slot is taken once, and of its 230 KiB most
	 * trunks never touch the larger part. */
	t->slots = calloc(max, sizeof(*t->slots));
	return t->slots == NULL ? -ENOMEM : 0;
}

void trunks_fini(struct trunks *t)
{
	free(t->slots);
	t->slots = NULL;
}

/* --- names --- */

static struct slice of_text(const char *s)
{
	return slice_of(s, strlen(s));
}

static void put_text(char *out, size_t size, struct slice s)
{
	size_t len = s.len < size - 1 ? s.len : size - 1;

	if (len > 0)
		memcpy(out, s.ptr, len);
	out[len] = '\0';
}

static void put_name(struct trunk *t)
{
	char ip[IP_ADDR_TEXT_MAX];
	const char *host = t->host;
	char *name = t->state.name;
	size_t used;

	if (t->config != NULL && t->config->name[0] != '\0') {
		memcpy(name, t->config->name, sizeof(t->state.name));
		return;
	}
	if (host[0] == '\0')
		host = ip_addr_text(&t->state.remotes[0].ip, ip);
	put_text(name, sizeof(t->state.name), of_text(t->state.account));
	used = strlen(name);
	if (used > 0 && used + 1 < sizeof(t->state.name))
		name[used++] = '@';
	put_text(name + used, sizeof(t->state.name) - used, of_text(host));
}

/* "user@domain" as digest user name is the user's account. */
static struct slice account_of(const struct facts *f)
{
	struct slice user = TEXT_GET(f, f->auth_user);
	struct slice head;

	if (user.len == 0 && f->method_id == SIP_METHOD_REGISTER)
		user = TEXT_GET(f, f->caller);
	if (slice_take_until(&user, '@', &head) && head.len > 0)
		return head;
	return user;
}

/* --- matching --- */

static bool has_remote(const struct trunk *t, const struct ip_addr *ip)
{
	for (size_t i = 0; i < t->state.remote_count; i++) {
		if (ip_addr_eq(&t->state.remotes[i].ip, ip))
			return true;
	}
	return false;
}

static void add_remote(struct trunk *t, const struct endpoint *e)
{
	for (size_t i = 0; i < t->state.remote_count; i++) {
		if (endpoint_eq(&t->state.remotes[i], e))
			return;
	}
	if (t->state.remote_count < TRUNK_REMOTES_MAX)
		t->state.remotes[t->state.remote_count++] = *e;
	t->is_changed = true;
}

/* A name in the Request-URI identifies the provider; an address says no more than
 * the packet does. */
static struct slice host_name_of(const struct facts *f)
{
	struct slice host = TEXT_GET(f, f->request_host);
	struct ip_addr ip;

	if (f->direction == DIRECTION_INBOUND)
		return SLICE_NONE; /* there it names our box */
	return host.len == 0 || ip_addr_parse(host, &ip) ? SLICE_NONE : host;
}

static bool is_at(const struct trunk *t, const struct facts *f, struct slice host)
{
	if (host.len > 0 && t->host[0] != '\0')
		return slice_eq_nocase(host, of_text(t->host)) ||
		       (t->config != NULL && has_remote(t, &f->remote.ip));
	return has_remote(t, &f->remote.ip);
}

static bool config_has(
    const struct trunk_config *c, const struct facts *f, struct slice host)
{
	if (c->port != 0 && c->port != f->remote.port)
		return false;
	if (host.len > 0 && slice_eq_nocase(host, of_text(c->host)))
		return true;
	for (size_t i = 0; i < c->net_count; i++) {
		if (ip_net_has(&c->nets[i], &f->remote.ip))
			return true;
	}
	return false;
}

static const struct trunk_config *find_config(
    const struct trunks *t, const struct facts *f, struct slice account)
{
	struct slice from = TEXT_GET(f, f->caller);
	const struct trunk_config *any = NULL;
	struct slice host;

	if (t->config_count == 0)
		return NULL;
	host = host_name_of(f);
	for (size_t i = 0; i < t->config_count; i++) {
		const struct trunk_config *c = &t->config[i];
		struct slice wants = of_text(c->account);

		if (!config_has(c, f, host))
			continue;
		if (wants.len > 0 &&
		    (slice_eq(wants, account) || slice_eq(wants, from)))
			return c;
		if (any == NULL && (wants.len == 0 || account.len == 0))
			any = c;
	}
	return any;
}

/* There are two accounts now: whose call it was that was up is not known any more. */
static void forget_up(struct trunks *t, const struct trunk *new)
{
	for (size_t i = 0; i < t->used; i++) {
		struct trunk *other = &t->slots[i];

		if (other != new &&has_remote(other, &new->state.remotes[0].ip))
			other->up_at_us = USEC_NEVER;
	}
}

static struct trunk *add(struct trunks *t, const struct facts *f, struct slice account,
    const struct trunk_config *config)
{
	struct trunk *new;

	if (t->used == t->max) {
		t->overflow++;
		return NULL;
	}
	new = &t->slots[t->used++];
	new->state.id = t->next_id++;
	new->state.first_seen_us = f->started_at_us;
	new->config = config;
	new->phrases = t->phrases;
	new->revision = config == NULL ? 0 : config->revision;
	put_text(new->host, sizeof(new->host), host_name_of(f));
	put_text(new->state.account, sizeof(new->state.account), account);
	if (config != NULL)
		memcpy(new->state.carrier_id, config->carrier_id,
		    sizeof(new->state.carrier_id));
	add_remote(new, &f->remote);
	put_name(new);
	forget_up(t, new);
	return new;
}

void trunk_sample(const struct trunk *t, const struct facts *f, struct sample *out)
{
	sample_of(f, out);
	if (f->rounds > 0 && f->auth_user.len == 0 && t->state.account[0] != '\0')
		out->from_is_account =
		    slice_eq_nocase(of_text(t->state.account), TEXT_GET(f, f->caller));
}

bool trunks_is_alone(const struct trunks *t, const struct trunk *one)
{
	for (size_t i = 0; i < t->used; i++) {
		const struct trunk *other = &t->slots[i];

		for (size_t r = 0; other != one && r < other->state.remote_count; r++) {
			if (has_remote(one, &other->state.remotes[r].ip))
				return false;
		}
	}
	return true;
}

static struct trunk *adopt(struct trunk *t, struct slice account)
{
	put_text(t->state.account, sizeof(t->state.account), account);
	put_name(t);
	t->is_changed = true;
	return t;
}

/* Rows of one name are one trunk: it has several hosts. */
static struct trunk *find_configured(
    struct trunks *t, const struct trunk_config *config)
{
	for (size_t i = 0; i < t->used; i++) {
		const struct trunk_config *has = t->slots[i].config;

		if (has == config ||
		    (has != NULL && strcmp(has->name, config->name) == 0))
			return &t->slots[i];
	}
	return NULL;
}

/* Words only: providers put numbers, addresses and call ids into their phrases. */
static uint32_t phrase_of(const struct facts *f)
{
	struct slice s = TEXT_GET(f, f->reason);
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.len; i++) {
		char c = slice_lower(s.ptr[i]);

		if (c >= 'a' && c <= 'z')
			h = (h ^ (uint8_t)c) * 16777619u;
	}
	return h;
}

/* Has it refused others in those very words, or let others in? */
static bool has_ended_so(const struct trunk *t, const struct facts *f)
{
	if (f->outcome != OUTCOME_REFUSED)
		return t->accepted_count > 0;
	for (size_t i = 0; i < TRUNK_GROUPS_MAX; i++) {
		const struct group *g = &t->groups[i];

		if (g->is_used && g->method == f->method_id && g->code == f->code &&
		    g->phrase == phrase_of(f))
			return true;
	}
	return false;
}

/*
 * With an account: the trunk that has it; else one there that has none yet becomes
 * its trunk. Without: the trunk whose account stands in From, else the only one
 * there, else the one without an account, else the one that refuses so, or accepts,
 * else the last one used.
 */
static struct trunk *find_learned(
    struct trunks *t, const struct facts *f, struct slice account)
{
	struct slice host = host_name_of(f);
	struct slice from = TEXT_GET(f, f->caller);
	struct trunk *nameless = NULL, *newest = NULL, *alike = NULL;

	for (size_t i = 0; i < t->used; i++) {
		struct trunk *one = &t->slots[i];
		struct slice has = of_text(one->state.account);

		if (one->config != NULL || !is_at(one, f, host))
			continue;
		if (has.len > 0 && slice_eq(has, account.len > 0 ? account : from))
			return one;
		if (has.len == 0)
			nameless = one;
		if (alike == NULL && account.len == 0 && has_ended_so(one, f))
			alike = one;
		if (newest == NULL ||
		    one->state.last_seen_us > newest->state.last_seen_us)
			newest = one;
	}
	if (account.len > 0)
		return nameless == NULL ? NULL : adopt(nameless, account);
	if (nameless != NULL)
		return nameless;
	return alike != NULL ? alike : newest;
}

struct trunk *trunks_of(struct trunks *t, const struct facts *f)
{
	struct slice account = account_of(f);
	const struct trunk_config *config = find_config(t, f, account);
	struct trunk *one =
	    config != NULL ? find_configured(t, config) : find_learned(t, f, account);
	struct slice host;

	if (one == NULL)
		one = add(t, f, account, config);
	if (one == NULL)
		return NULL;
	add_remote(one, &f->remote);
	if (one->host[0] == '\0' && (host = host_name_of(f)).len > 0) {
		put_text(one->host, sizeof(one->host), host);
		put_name(one);
	}
	one->state.last_seen_us = f->decided_at_us;
	return one;
}

/* Providers answer from, and call from, neighbours of the address we use. */
static bool is_neighbour(const struct ip_addr *a, const struct ip_addr *b)
{
	struct ip_net net = {*a, a->family == 6 ? 48 : 24};

	return ip_net_has(&net, b);
}

struct trunk *trunks_by_address(
    struct trunks *t, const struct ip_addr *ip, bool is_near)
{
	for (size_t i = 0; i < t->used; i++) {
		struct trunk *one = &t->slots[i];

		for (size_t r = 0; r < one->state.remote_count; r++) {
			const struct ip_addr *have = &one->state.remotes[r].ip;

			if (is_near ? is_neighbour(have, ip) : ip_addr_eq(have, ip))
				return one;
		}
	}
	return NULL;
}

void trunks_load(struct trunks *t, const struct trunk_state *states, size_t count)
{
	for (size_t i = 0; i < count && t->used < t->max; i++) {
		struct trunk *one = &t->slots[t->used++];
		const char *at = strchr(states[i].name, '@');
		struct ip_addr ip;

		one->phrases = t->phrases;
		one->state = states[i];
		one->accepted_at_us = states[i].last_success_at_us;
		one->accepted_count = states[i].answered;
		at = at == NULL ? states[i].name : at + 1;
		if (!ip_addr_parse(of_text(at), &ip))
			put_text(one->host, sizeof(one->host), of_text(at));
	}
}

struct trunk *trunks_by_id(struct trunks *t, int64_t id)
{
	for (size_t i = 0; i < t->used; i++) {
		if (t->slots[i].state.id == id)
			return &t->slots[i];
	}
	return NULL;
}

/* --- configuration --- */

static bool row_fits(const struct trunk_config *c, const struct trunk *t)
{
	bool is_there =
	    t->host[0] != '\0' && slice_eq_nocase(of_text(c->host), of_text(t->host));

	for (size_t n = 0; n < c->net_count && !is_there; n++) {
		for (size_t r = 0; r < t->state.remote_count && !is_there; r++)
			is_there = ip_net_has(&c->nets[n], &t->state.remotes[r].ip);
	}
	return is_there &&
	       (c->account[0] == '\0' || strcmp(c->account, t->state.account) == 0);
}

static const struct trunk_config *row_of(
    const struct trunks *t, const struct trunk *one)
{
	const struct trunk_config *fits = NULL;

	for (size_t i = 0; i < t->config_count; i++) {
		if (strcmp(t->config[i].name, one->state.name) == 0)
			return &t->config[i];
		if (fits == NULL && row_fits(&t->config[i], one))
			fits = &t->config[i];
	}
	return fits;
}

static void bind_row(struct trunk *one, const struct trunk_config *row, int64_t at_us)
{
	if (row != NULL && one->revision != 0 && row->revision != one->revision)
		one->config_changed_at_us = one->state.config_changed_at_us = at_us;
	one->config = row;
	if (row == NULL)
		return; /* it keeps its name: what it was called in the database */
	one->revision = row->revision;
	memcpy(one->state.carrier_id, row->carrier_id, sizeof(one->state.carrier_id));
	put_name(one);
	one->is_changed = true;
}

void trunks_configure(struct trunks *t, const struct trunk_config *rows, size_t count,
    int64_t changed_at_us)
{
	t->config = rows;
	t->config_count = count;
	for (size_t i = 0; i < t->used; i++)
		bind_row(&t->slots[i], row_of(t, &t->slots[i]), changed_at_us);
}

/* --- groups --- */

enum stage stage_of(const struct facts *f)
{
	switch (f->outcome) {
	case OUTCOME_TIMED_OUT:
		return STAGE_SILENT;
	case OUTCOME_UNREACHABLE:
		return STAGE_UNREACHABLE;
	case OUTCOME_CHALLENGE_UNANSWERED:
		return STAGE_CHALLENGED;
	case OUTCOME_ANSWERED:
	case OUTCOME_REFUSED:
	case OUTCOME_CANCELLED:
	case OUTCOME_NORMAL:
	case OUTCOME_OPEN:
	case OUTCOME_COUNT:
		break;
	}
	if (!f->has_request)
		return STAGE_UNSEEN;
	if (f->rounds == 0)
		return STAGE_DIRECT;
	return f->code == 401 || f->code == 407 ? STAGE_RECHALLENGED
						: STAGE_CREDENTIALS;
}

/* Of whom only the answer was seen looks like those of whom all was. */
static bool is_member(const struct group *g, const struct facts *f, enum stage stage)
{
	return g->method == f->method_id && g->code == f->code &&
	       g->is_in_dialog == f->is_in_dialog &&
	       (g->stage == stage || g->stage == STAGE_UNSEEN ||
		   stage == STAGE_UNSEEN) &&
	       g->phrase == phrase_of(f);
}

struct group *trunk_spare_group(struct trunk *t, const struct group *but)
{
	struct group *oldest = NULL;

	for (size_t i = 0; i < TRUNK_GROUPS_MAX; i++) {
		struct group *g = &t->groups[i];

		if (!g->is_used)
			return g;
		if (g != but && (oldest == NULL || g->last_at_us < oldest->last_at_us))
			oldest = g;
	}
	return oldest;
}

/* Of a group that was divided: the part for what is dialled, or for who dials. */
static struct group *part_for(struct trunk *t, struct group *g, const struct facts *f)
{
	struct group *called = NULL, *caller = NULL;
	struct sample s;

	for (size_t i = 0; i < TRUNK_GROUPS_MAX; i++) {
		struct group *one = &t->groups[i];

		if (!one->is_used || !is_member(one, f, g->stage))
			continue;
		if (one->part == PART_CALLED)
			called = one;
		else if (one->part == PART_CALLER)
			caller = one;
	}
	if (called == NULL || caller == NULL) /* one of them had to make room */
		return g;
	sample_of(f, &s);
	return divide_is_by_called(t, &called->refused, &s) ? called : caller;
}

struct group *trunk_group(struct trunk *t, const struct facts *f)
{
	enum stage stage = stage_of(f);
	struct group *new;

	for (size_t i = 0; i < TRUNK_GROUPS_MAX; i++) {
		struct group *g = &t->groups[i];

		if (!g->is_used || !is_member(g, f, stage))
			continue;
		if (g->stage == STAGE_UNSEEN)
			g->stage = stage;
		return g->part == PART_ALL ? g : part_for(t, g, f);
	}
	new = trunk_spare_group(t, NULL);
	memset(new, 0, offsetof(struct group, last));
	new->is_used = true;
	new->method = f->method_id;
	new->stage = stage;
	new->is_in_dialog = f->is_in_dialog;
	new->code = f->code;
	new->phrase = phrase_of(f);
	new->first_at_us = f->started_at_us;
	return new;
}
