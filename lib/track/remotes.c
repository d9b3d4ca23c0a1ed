/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "base/usec.h"
#include "track/remotes.h"

struct remote {
	struct ip_addr ip;
	uint32_t next; /* in its bucket, 0: end */
	bool is_called, is_answered;
	uint32_t active, ended;
	uint32_t invites; /* ever; times_us is a ring */
	uint32_t oldest;  /* of those within a second, as a number like invites */
	int64_t times_us[REMOTE_WINDOW];
};

int remotes_init(struct remotes *r, uint32_t max, const struct hash_key *key)
{
	*r = (struct remotes){.max = max, .used = 1, .key = *key};
	r->slots = calloc(max, sizeof(*r->slots));
	r->buckets = calloc(max, sizeof(*r->buckets));
	if (r->slots == NULL || r->buckets == NULL) {
		remotes_fini(r);
		return -ENOMEM;
	}
	return 0;
}

void remotes_fini(struct remotes *r)
{
	free(r->slots);
	free(r->buckets);
	r->slots = NULL;
	r->buckets = NULL;
}

uint32_t remotes_index(struct remotes *r, const struct ip_addr *ip)
{
	uint32_t *bucket = &r->buckets[hash_bytes(&r->key, ip, sizeof(*ip)) % r->max];

	for (uint32_t i = *bucket; i != 0; i = r->slots[i].next) {
		if (ip_addr_eq(&r->slots[i].ip, ip))
			return i;
	}
	if (r->used == r->max)
		return 0;
	r->slots[r->used].ip = *ip;
	r->slots[r->used].next = *bucket;
	*bucket = r->used;
	return r->used++;
}

/* The old ones leave at one end as new ones come at the other. Where a clock was set
 * back, what came before would stay: the window begins anew. */
uint32_t remotes_invite(struct remotes *r, uint32_t index, int64_t now_us)
{
	struct remote *m = &r->slots[index];
	int64_t before_us = m->times_us[(m->invites - 1) % REMOTE_WINDOW];

	if (usec_since(now_us, before_us) >= USEC_PER_SEC)
		m->oldest = m->invites;
	m->times_us[m->invites++ % REMOTE_WINDOW] = now_us;
	if (index == 0)
		return 0;
	if (m->invites - m->oldest > REMOTE_WINDOW)
		m->oldest = m->invites - REMOTE_WINDOW;
	while (
	    usec_since(m->times_us[m->oldest % REMOTE_WINDOW], now_us) >= USEC_PER_SEC)
		m->oldest++;
	return m->invites - m->oldest;
}

void remotes_note_called(struct remotes *r, uint32_t index)
{
	r->slots[index].is_called = index != 0;
}

bool remotes_is_called(const struct remotes *r, uint32_t index)
{
	return r->slots[index].is_called;
}

void remotes_note_answered(struct remotes *r, uint32_t index, bool was_answered)
{
	r->slots[index].is_answered = was_answered;
}

bool remotes_is_answered(const struct remotes *r, uint32_t index)
{
	return r->slots[index].is_answered;
}

void remotes_call_up(struct remotes *r, uint32_t index)
{
	r->slots[index].active++;
}

void remotes_call_down(struct remotes *r, uint32_t index)
{
	if (r->slots[index].active > 0)
		r->slots[index].active--;
}

uint32_t remotes_active(const struct remotes *r, uint32_t index)
{
	return index == 0 ? 0 : r->slots[index].active;
}

void remotes_call_ended(struct remotes *r, uint32_t index)
{
	r->slots[index].ended++;
}

uint32_t remotes_ended(const struct remotes *r, uint32_t index)
{
	return index == 0 ? 0 : r->slots[index].ended;
}
