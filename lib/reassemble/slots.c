/* SPDX-License-Identifier: BSD-2-Clause */
#include "reassemble/slots.h"

#include <errno.h>
#include <stdlib.h>

int slots_init(struct slots *s, uint32_t max)
{
	uint32_t buckets = 16;

	while (buckets < max && buckets < UINT32_C(1) << 24)
		buckets *= 2;
	*s = (struct slots){.max = max, .mask = buckets - 1};
	s->bucket = calloc(buckets, sizeof(*s->bucket));
	s->chain = calloc((size_t)max + 1, sizeof(*s->chain));
	s->hash = calloc((size_t)max + 1, sizeof(*s->hash));
	if (s->bucket == NULL || s->chain == NULL || s->hash == NULL) {
		slots_fini(s);
		return -ENOMEM;
	}
	return 0;
}

void slots_fini(struct slots *s)
{
	free(s->bucket);
	free(s->chain);
	free(s->hash);
	*s = (struct slots){0};
}

uint32_t slots_take(struct slots *s, uint64_t hash)
{
	uint32_t id = s->free;

	if (id != 0)
		s->free = s->chain[id];
	else if (s->fresh < s->max)
		id = ++s->fresh;
	else
		return 0;
	s->hash[id] = hash;
	s->chain[id] = s->bucket[hash & s->mask];
	s->bucket[hash & s->mask] = id;
	s->taken++;
	return id;
}

void slots_give(struct slots *s, uint32_t id)
{
	uint32_t *at = &s->bucket[s->hash[id] & s->mask];

	while (*at != id)
		at = &s->chain[*at];
	*at = s->chain[id];
	s->chain[id] = s->free;
	s->free = id;
	s->taken--;
}
