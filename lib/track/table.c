/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "track/table.h"

static uint32_t power_of_two(uint32_t n)
{
	uint32_t p = 1;

	while (p < n)
		p <<= 1;
	return p;
}

/* calloc() of this size maps fresh pages: what is never used costs nothing. It is not
 * aligned for legs, so one more is asked for. */
static struct leg *allocate_legs(size_t count, void **memory)
{
	const uintptr_t size = sizeof(struct leg);

	*memory = calloc(count + 1, size);
	return (struct leg *)(((uintptr_t)*memory + size - 1) & ~(size - 1));
}

int table_init(struct table *t, uint32_t legs_max, uint32_t facts_max)
{
	*t = (struct table){.legs_max = legs_max,
	    .legs_used = 1,
	    .facts_max = facts_max,
	    .bucket_mask = 2 * power_of_two(legs_max) - 1};
	t->legs = allocate_legs(legs_max, &t->legs_memory);
	t->buckets = calloc((size_t)t->bucket_mask + 1, sizeof(*t->buckets));
	t->facts = calloc(facts_max, sizeof(*t->facts));
	t->facts_free = calloc(facts_max, sizeof(*t->facts_free));
	t->wheel = calloc(WHEEL_SLOTS, sizeof(*t->wheel));
	if (t->legs_memory == NULL || t->buckets == NULL || t->facts == NULL ||
	    t->facts_free == NULL || t->wheel == NULL) {
		table_fini(t);
		return -ENOMEM;
	}
	return 0;
}

void table_fini(struct table *t)
{
	free(t->legs_memory);
	free(t->buckets);
	free(t->facts);
	free(t->facts_free);
	free(t->wheel);
	*t = (struct table){0};
}

uint64_t table_memory(const struct table *t)
{
	return ((uint64_t)t->legs_max + 1) * sizeof(*t->legs) +
	       ((uint64_t)t->bucket_mask + 1 + WHEEL_SLOTS) * sizeof(uint32_t) +
	       (uint64_t)t->facts_max * (sizeof(*t->facts) + sizeof(uint32_t));
}

/* --- Call-ID chains --- */

static uint32_t *bucket_of(struct table *t, uint64_t call_hash)
{
	return &t->buckets[call_hash & t->bucket_mask];
}

static struct leg *same_call(struct table *t, uint32_t index, uint64_t call_hash)
{
	for (; index != LEG_NONE; index = t->legs[index].chain_next) {
		if (t->legs[index].call_hash == call_hash)
			return &t->legs[index];
	}
	return NULL;
}

struct leg *table_first(struct table *t, uint64_t call_hash)
{
	return same_call(t, *bucket_of(t, call_hash), call_hash);
}

struct leg *table_next(struct table *t, const struct leg *leg)
{
	return same_call(t, leg->chain_next, leg->call_hash);
}

/* New legs go to the end, so that the oldest leg of a Call-ID is met first. */
static void chain_add(struct table *t, struct leg *leg)
{
	uint32_t *link = bucket_of(t, leg->call_hash);

	while (*link != LEG_NONE)
		link = &t->legs[*link].chain_next;
	leg->chain_next = LEG_NONE;
	*link = table_index(t, leg);
}

static void chain_remove(struct table *t, const struct leg *leg)
{
	uint32_t *link = bucket_of(t, leg->call_hash);
	uint32_t self = table_index(t, leg);

	while (*link != self)
		link = &t->legs[*link].chain_next;
	*link = leg->chain_next;
}

/* --- age lists --- */

static void list_add(struct table *t, struct leg *leg, enum leg_class class_)
{
	uint32_t self = table_index(t, leg);
	uint32_t last = t->lists[class_].tail;

	leg->class_ = (uint8_t)class_;
	leg->list_next = LEG_NONE;
	leg->list_prev = last;
	if (last == LEG_NONE)
		t->lists[class_].head = self;
	else
		t->legs[last].list_next = self;
	t->lists[class_].tail = self;
}

static void list_remove(struct table *t, const struct leg *leg)
{
	if (leg->list_prev == LEG_NONE)
		t->lists[leg->class_].head = leg->list_next;
	else
		t->legs[leg->list_prev].list_next = leg->list_next;
	if (leg->list_next == LEG_NONE)
		t->lists[leg->class_].tail = leg->list_prev;
	else
		t->legs[leg->list_next].list_prev = leg->list_prev;
}

/* --- deadlines --- */

static void wheel_remove(struct table *t, struct leg *leg)
{
	if (leg->wheel_slot == WHEEL_SLOTS)
		return;
	if (leg->wheel_prev == LEG_NONE)
		t->wheel[leg->wheel_slot] = leg->wheel_next;
	else
		t->legs[leg->wheel_prev].wheel_next = leg->wheel_next;
	if (leg->wheel_next != LEG_NONE)
		t->legs[leg->wheel_next].wheel_prev = leg->wheel_prev;
	leg->wheel_slot = WHEEL_SLOTS;
}

/* A deadline beyond the wheel's horizon waits in the last slot and moves on. */
static void wheel_add(struct table *t, struct leg *leg)
{
	const int64_t horizon_us = (WHEEL_SLOTS - 2) * WHEEL_STEP_US;
	int64_t at_us = leg->deadline_us;
	uint32_t slot;

	if (at_us < t->wheel_at_us)
		at_us = t->wheel_at_us;
	if (at_us > t->wheel_at_us + horizon_us)
		at_us = t->wheel_at_us + horizon_us;
	slot = (uint32_t)((uint64_t)(at_us / WHEEL_STEP_US) % WHEEL_SLOTS);
	/* Of whatever slot: too early only costs a look. */
	if (leg->deadline_us < t->due_us)
		t->due_us = leg->deadline_us;
	if (leg->deadline_us < t->quiet_us)
		t->quiet_us = leg->deadline_us;

	leg->wheel_slot = (uint16_t)slot;
	leg->wheel_prev = LEG_NONE;
	leg->wheel_next = t->wheel[slot];
	if (leg->wheel_next != LEG_NONE)
		t->legs[leg->wheel_next].wheel_prev = table_index(t, leg);
	t->wheel[slot] = table_index(t, leg);
}

/* A later deadline stays where it is and is moved on when its slot comes: the
 * usual case, a postponed deadline, costs one store. */
void table_set_deadline(struct table *t, struct leg *leg, int64_t deadline_us)
{
	bool is_earlier = deadline_us < leg->deadline_us;

	leg->deadline_us = deadline_us;
	if (leg->wheel_slot == WHEEL_SLOTS || is_earlier) {
		wheel_remove(t, leg);
		wheel_add(t, leg);
	}
}

static struct leg *slot_expired(struct table *t, uint32_t slot, int64_t now_us)
{
	uint32_t i = t->wheel[slot];
	int64_t due_us = INT64_MAX;

	if (now_us < t->due_us)
		return NULL;
	while (i != LEG_NONE) {
		struct leg *leg = &t->legs[i];

		i = leg->wheel_next;
		__builtin_prefetch(&t->legs[i]);
		if (leg->deadline_us <= now_us) {
			/* Most likely it goes now, and meets all of these. */
			table_fetch_bucket(t, leg->call_hash);
			__builtin_prefetch(&t->legs[leg->list_next], 1);
			wheel_remove(t, leg);
			return leg;
		}
		if (leg->deadline_us < due_us)
			due_us = leg->deadline_us;
	}
	t->due_us = due_us;
	return NULL;
}

/* What waited in a slot that is now past, but has a later deadline, moves on. */
static void slot_pass(struct table *t, uint32_t slot)
{
	uint32_t i = t->wheel[slot];

	t->wheel[slot] = LEG_NONE;
	while (i != LEG_NONE) {
		struct leg *leg = &t->legs[i];

		i = leg->wheel_next;
		__builtin_prefetch(&t->legs[i], 1);
		wheel_add(t, leg);
	}
}

struct leg *table_expired(struct table *t, int64_t now_us)
{
	/* A first packet, or a gap longer than the wheel: one turn sees every slot. */
	if (now_us - t->wheel_at_us > WHEEL_SLOTS * WHEEL_STEP_US) {
		t->wheel_at_us = now_us - WHEEL_SLOTS * WHEEL_STEP_US;
		t->due_us = INT64_MIN;
	}

	for (;;) {
		int64_t step = t->wheel_at_us / WHEEL_STEP_US;
		uint32_t slot = (uint32_t)((uint64_t)step % WHEEL_SLOTS);
		struct leg *leg = slot_expired(t, slot, now_us);

		if (leg != NULL)
			return leg;
		if ((step + 1) * WHEEL_STEP_US > now_us) {
			t->quiet_us = t->due_us < (step + 1) * WHEEL_STEP_US
					  ? t->due_us
					  : (step + 1) * WHEEL_STEP_US;
			return NULL;
		}
		t->wheel_at_us = (step + 1) * WHEEL_STEP_US;
		t->due_us = INT64_MIN; /* of the next slot nothing is known */
		slot_pass(t, slot);
	}
}

/* --- room --- */

void table_release(struct table *t, struct facts *f)
{
	t->facts_free[t->facts_free_count++] = (uint32_t)(f - t->facts);
}

struct facts *table_detach(struct table *t, struct leg *leg, enum leg_class class_)
{
	struct facts *f = leg->facts;

	leg->facts = NULL;
	list_remove(t, leg);
	list_add(t, leg, class_);
	return f;
}

void table_note_failing(struct table *t, struct leg *leg)
{
	if (leg->class_ != LEG_CLASS_OURS || leg->facts == NULL)
		return;
	list_remove(t, leg);
	list_add(t, leg, LEG_CLASS_FAILING);
}

void table_remove(struct table *t, struct leg *leg)
{
	wheel_remove(t, leg);
	list_remove(t, leg);
	chain_remove(t, leg);
	if (leg->facts != NULL)
		table_release(t, leg->facts);
	leg->facts = NULL;
	leg->chain_next = t->legs_free;
	t->legs_free = table_index(t, leg);
	t->legs_free_count++;
}

/* The oldest of the first class, from that one on, that has any. */
static bool evict(
    struct table *t, enum leg_class from, table_evict_fn *evicted, void *ctx)
{
	for (int c = (int)from; c < LEG_CLASS_COUNT; c++) {
		struct leg *leg = &t->legs[t->lists[c].head];

		if (t->lists[c].head == LEG_NONE)
			continue;
		if (leg->facts != NULL)
			t->evicted_undecided++;
		else if (c == LEG_CLASS_TALKING)
			t->evicted_calls++;
		evicted(ctx, leg);
		table_remove(t, leg);
		return true;
	}
	return false;
}

/* Calls that are up hold no facts, so evicting one would not help. */
static void evict_facts(struct table *t, table_evict_fn *evicted, void *ctx)
{
	static const enum leg_class order[] = {
	    LEG_CLASS_STRANGER, LEG_CLASS_OURS, LEG_CLASS_FAILING};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (t->lists[order[i]].head == LEG_NONE)
			continue;
		(void)evict(t, order[i], evicted, ctx);
		return;
	}
}

/* Only what is in front of the pool: its bytes are written before they are read. */
static void clear_facts(struct facts *f)
{
	memset(f, 0, offsetof(struct facts, pool));
	f->pool.used = 0;
	f->pool.cut = 0;
}

static struct facts *take_facts(struct table *t, table_evict_fn *evicted, void *ctx)
{
	struct facts *f;

	if (t->facts_free_count == 0 && t->facts_used == t->facts_max)
		evict_facts(t, evicted, ctx);
	if (t->facts_free_count > 0)
		f = &t->facts[t->facts_free[--t->facts_free_count]];
	else if (t->facts_used < t->facts_max)
		f = &t->facts[t->facts_used++];
	else
		return NULL;
	clear_facts(f);
	return f;
}

void table_renew(struct table *t, struct leg *leg, enum leg_class class_,
    table_evict_fn *evicted, void *ctx)
{
	/* Off the lists while room is made, so that it cannot evict itself. */
	list_remove(t, leg);
	leg->facts = take_facts(t, evicted, ctx);
	list_add(t, leg, class_);
}

struct leg *table_add(struct table *t, uint64_t call_hash, enum leg_class class_,
    table_evict_fn *evicted, void *ctx)
{
	struct leg *leg;
	uint32_t index;

	if (t->legs_free == LEG_NONE && t->legs_used == t->legs_max)
		(void)evict(t, LEG_CLASS_DONE, evicted, ctx);
	if (t->legs_free != LEG_NONE) {
		index = t->legs_free;
		t->legs_free = t->legs[index].chain_next;
		t->legs_free_count--;
	} else {
		index = t->legs_used++;
	}
	leg = &t->legs[index];
	*leg = (struct leg){.call_hash = call_hash, .wheel_slot = WHEEL_SLOTS};
	leg->facts = take_facts(t, evicted, ctx);
	chain_add(t, leg);
	list_add(t, leg, class_);
	return leg;
}
