/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/differs.h"

#include <stdio.h>
#include <time.h>

static void put_text(char out[GOOD_TEXT_MAX], struct slice s)
{
	size_t len = s.len < GOOD_TEXT_MAX - 1 ? s.len : GOOD_TEXT_MAX - 1;
	const char *nul = len == 0 ? NULL : memchr(s.ptr, '\0', len);

	memset(out, 0, GOOD_TEXT_MAX);
	if (nul != NULL)
		len = (size_t)(nul - s.ptr);
	if (len > 0)
		memcpy(out, s.ptr, len);
}

void good_call_of(const struct facts *f, struct good_call *out)
{
	put_text(out->from, TEXT_GET(f, f->caller));
	put_text(out->domain, TEXT_GET(f, f->from_domain));
	put_text(out->account, TEXT_GET(f, f->auth_user));
	put_text(out->agent, TEXT_GET(f, f->user_agent));
	put_text(out->host, TEXT_GET(f, f->request_host));
	out->local = f->local.ip;
	out->seen = f->seen_ip;
}

struct writer {
	char *out;
	size_t used;
};

static void add(struct writer *w, const char *what, const char *now, const char *was)
{
	size_t room = DIFFERS_MAX - w->used;
	int len = snprintf(w->out + w->used, room, "%s%s %s (was %s)",
	    w->used > 0 ? "; " : "", what, now[0] == '\0' ? "-" : now,
	    was[0] == '\0' ? "-" : was);

	w->used += len < 0 ? 0 : (size_t)len < room ? (size_t)len : room - 1;
}

static void add_text(
    struct writer *w, const char *what, const char *now, const char *was)
{
	if (strcmp(now, was) != 0)
		add(w, what, now, was);
}

static void add_address(struct writer *w, const char *what, const struct ip_addr *now,
    const struct ip_addr *was)
{
	char a[IP_ADDR_TEXT_MAX], b[IP_ADDR_TEXT_MAX];

	/* An answer that echoes no address says nothing about it. */
	if (now->family == 0 || was->family == 0)
		return;
	add(w, what, ip_addr_text(now, a), ip_addr_text(was, b));
}

/* Each call has a caller of its own, unless all so far had the same. */
static bool has_fixed_from(const struct samples *s)
{
	for (size_t i = 1; i < samples_kept(s); i++) {
		if (s->ring[i].from != s->ring[0].from)
			return false;
	}
	return true;
}

/* A box with two addresses, or a provider that sees two: no news. */
static bool was_local(const struct samples *s, const struct ip_addr *ip)
{
	for (size_t i = 0; i < samples_kept(s); i++) {
		if (ip_addr_eq(&s->ring[i].local, ip))
			return true;
	}
	return false;
}

static bool was_seen(const struct samples *s, const struct ip_addr *ip)
{
	for (size_t i = 0; i < samples_kept(s); i++) {
		if (ip_addr_eq(&s->ring[i].seen, ip))
			return true;
	}
	return false;
}

static void add_change(struct writer *w, int64_t at_us)
{
	time_t s = (time_t)(at_us / USEC_PER_SEC);
	char text[64] = "";
	struct tm tm;

	if (gmtime_r(&s, &tm) == NULL)
		return;
	(void)strftime(
	    text, sizeof(text), "our configuration, changed %Y-%m-%dT%H:%M:%SZ", &tm);
	w->used += (size_t)snprintf(w->out + w->used, DIFFERS_MAX - w->used, "%s%s",
	    w->used > 0 ? "; " : "", text);
}

void differs_write(const struct trunk *t, const struct facts *f, char out[DIFFERS_MAX])
{
	const struct good_call *was = &t->good;
	struct writer w = {.out = out};
	struct good_call now;

	out[0] = '\0';
	if (t->accepted_count == 0 || samples_kept(&t->accepted) == 0 ||
	    f->method_id != SIP_METHOD_INVITE)
		return;
	good_call_of(f, &now);
	if (t->config_changed_at_us > t->accepted_at_us &&
	    t->config_changed_at_us <= f->decided_at_us)
		add_change(&w, t->config_changed_at_us);
	if (!was_local(&t->accepted, &now.local))
		add_address(&w, "our address", &now.local, &was->local);
	if (!was_seen(&t->accepted, &now.seen))
		add_address(&w, "our address as they see it", &now.seen, &was->seen);
	if (f->rounds > 0 && was->account[0] != '\0')
		add_text(&w, "account", now.account, was->account);
	if (has_fixed_from(&t->accepted))
		add_text(&w, "From user", now.from, was->from);
	add_text(&w, "From domain", now.domain, was->domain);
	add_text(&w, "target", now.host, was->host);
	add_text(&w, "our software", now.agent, was->agent);
}
