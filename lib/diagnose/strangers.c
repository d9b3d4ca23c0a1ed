/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "diagnose/strangers.h"

enum { TOLD_PER_MINUTE = 10 };

int strangers_init(struct strangers *s, uint32_t max, const struct hash_key *key)
{
	*s = (struct strangers){.max = max, .next = 1, .key = *key};
	s->slots = calloc(max, sizeof(*s->slots));
	s->buckets = calloc(max, sizeof(*s->buckets));
	if (s->slots == NULL || s->buckets == NULL) {
		strangers_fini(s);
		return -ENOMEM;
	}
	return 0;
}

void strangers_fini(struct strangers *s)
{
	free(s->slots);
	free(s->buckets);
	s->slots = NULL;
	s->buckets = NULL;
}

static uint32_t *bucket_of(struct strangers *s, const struct ip_addr *ip)
{
	return &s->buckets[hash_bytes(&s->key, ip, sizeof(*ip)) % s->max];
}

static struct stranger *find(struct strangers *s, const struct ip_addr *ip)
{
	for (uint32_t i = *bucket_of(s, ip); i != 0; i = s->slots[i].next) {
		if (ip_addr_eq(&s->slots[i].ip, ip))
			return &s->slots[i];
	}
	return NULL;
}

static void forget(struct strangers *s, uint32_t index)
{
	uint32_t *link = bucket_of(s, &s->slots[index].ip);

	while (*link != index)
		link = &s->slots[*link].next;
	*link = s->slots[index].next;
	s->evicted++;
}

static struct stranger *add(struct strangers *s, const struct ip_addr *ip)
{
	uint32_t index = s->next;
	struct stranger *new = &s->slots[index];
	uint32_t *bucket;

	s->next = index + 1 == s->max ? 1 : index + 1;
	if (new->ip.family != 0)
		forget(s, index);
	bucket = bucket_of(s, ip);
	*new = (struct stranger){.ip = *ip, .next = *bucket};
	*bucket = index;
	return new;
}

static void add_name(struct stranger *who, uint32_t name)
{
	for (size_t i = 0; i < who->name_count; i++) {
		if (who->names[i] == name)
			return;
	}
	if (who->name_count < STRANGER_NAMES)
		who->names[who->name_count++] = name;
}

struct stranger *strangers_note(struct strangers *s, const struct facts *f)
{
	struct stranger *who = find(s, &f->remote.ip);
	bool is_refused =
	    f->outcome == OUTCOME_REFUSED || f->outcome == OUTCOME_CHALLENGE_UNANSWERED;

	if (who == NULL)
		who = add(s, &f->remote.ip);
	if (!is_refused) {
		who->accepted++;
		who->is_client |=
		    f->outcome == OUTCOME_ANSWERED &&
		    (f->method_id == SIP_METHOD_REGISTER || f->rounds > 0);
		return who;
	}
	who->refused++;
	/* A call that came as far as ringing somewhere had its credentials accepted:
	 * a phone whose call the trunk then refused. */
	who->is_client |= f->rounds > 0 && f->best_provisional >= 100 &&
			  f->method_id == SIP_METHOD_INVITE;
	add_name(who, (uint32_t)hash_slice(&s->key, TEXT_GET(f, f->caller)));
	return who;
}

bool strangers_is_client(struct strangers *s, const struct ip_addr *ip)
{
	const struct stranger *who = find(s, ip);

	return who != NULL && who->is_client;
}

bool stranger_is_worth_telling(struct stranger *s, int64_t now_us)
{
	int64_t minute_us = now_us - now_us % USEC_PER_MIN;

	if (s->told_minute_us != minute_us) {
		s->told_minute_us = minute_us;
		s->told = 0;
	}
	return s->told++ < TOLD_PER_MINUTE;
}
