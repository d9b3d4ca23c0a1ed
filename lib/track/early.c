/* SPDX-License-Identifier: BSD-2-Clause */
#include "track/early.h"

#include "base/usec.h"

void early_keep(
    struct early *e, const struct early_key *key, const struct wire_event *ev)
{
	struct early_answer *a = &e->answers[e->next];

	if (ev->bytes.len > sizeof(a->bytes))
		return;
	e->next = (e->next + 1) % EARLY_MAX;
	e->count += !a->is_used;
	a->is_used = true;
	a->key = *key;
	a->ev = *ev;
	memcpy(a->bytes, ev->bytes.ptr, ev->bytes.len);
	a->ev.bytes.ptr = a->bytes;
}

static bool is_same(const struct early_key *a, const struct early_key *b)
{
	return a->call_hash == b->call_hash && a->tag_hash == b->tag_hash &&
	       a->cseq == b->cseq && a->method == b->method;
}

bool early_take(struct early *e, const struct early_key *key,
    const struct wire_event *request, struct wire_event *answer)
{
	for (size_t i = 0; e->count > 0 && i < EARLY_MAX; i++) {
		struct early_answer *a = &e->answers[i];

		if (!a->is_used || !is_same(&a->key, key) ||
		    usec_since(a->ev.at_us, request->at_us) > EARLY_US ||
		    !endpoint_eq(&a->ev.src, &request->dst))
			continue;
		a->is_used = false;
		e->count--;
		*answer = a->ev;
		return true;
	}
	return false;
}

bool early_expired(struct early *e, int64_t now_us, struct wire_event *answer)
{
	for (size_t i = 0; e->count > 0 && i < EARLY_MAX; i++) {
		struct early_answer *a = &e->answers[(e->next + i) % EARLY_MAX];

		if (!a->is_used)
			continue;
		if (usec_since(a->ev.at_us, now_us) <= EARLY_US)
			return false; /* those behind it are younger */
		a->is_used = false;
		e->count--;
		*answer = a->ev;
		return true;
	}
	return false;
}
