/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table - the attempts in flight and the calls that are up.
 *
 *         buckets[call_hash] -> leg -> leg -> ...
 *         leg.facts          -> what is known of an undecided attempt
 *         lists[class]       -> oldest ... newest, for eviction
 *         wheel[slot]        -> legs whose deadline is near
 *
 * A leg is one Call-ID from one requester to one target: both legs of a local
 * proxy share a Call-ID and are two. Once decided, a leg stays for a while
 * without facts, so that retransmissions are known for what they are.
 *
 * Limits     legs_max and facts_max, taken at table_init(). When full, the least
 *            valuable goes first: decided legs, then strangers' attempts, then
 *            calls that are up, then our own attempts, and last those of ours that
 *            show signs of failing (repeated, refused credentials, ICMP); in each
 *            the oldest. The order does not depend on the hash key.
 * Threads    One.
 * Cost       Constant per operation; the wheel costs one look per deadline, and a
 *            slot is walked when one of its deadlines may have come, not per packet.
 */
#ifndef TRACK_TABLE_H
#define TRACK_TABLE_H

#include "base/hash.h"
#include "track/facts.h"

enum leg_state {
	LEG_CALLING = 0, /* no answer yet */
	LEG_PROCEEDING,  /* a provisional answer */
	LEG_CHALLENGED,  /* 401/407: the next move is the requester's */
	LEG_TALKING,     /* an answered INVITE */
	LEG_DONE,        /* decided; absorbs retransmissions */
};

enum leg_class {
	LEG_CLASS_DONE = 0,
	LEG_CLASS_STRANGER,
	LEG_CLASS_TALKING,
	LEG_CLASS_OURS,
	LEG_CLASS_FAILING, /* ours, and something went wrong already */
	LEG_CLASS_COUNT
};

enum { LEG_NONE = 0 }; /* index 0 is never used */

/*
 * Two lines of the cache: what a walk over a bucket, a slot of the wheel or a list
 * looks at stands in the first. Legs are met long after each other, and each line more
 * is waited for.
 */
struct leg {
	/*
	 * Who it is. 64 bits of keyed hash stand for the Call-ID, 32 more for the
	 * From tag: without the key nobody can make two of them collide, and by
	 * chance it happens once in 2^64 / legs^2.
	 */
	_Alignas(64) uint64_t call_hash;
	uint32_t tag_hash;
	uint32_t cseq; /* of the last request */
	int64_t deadline_us;
	struct facts *facts; /* NULL once decided */
	uint32_t chain_next;
	uint32_t list_next, list_prev;
	uint32_t wheel_next, wheel_prev;
	uint16_t wheel_slot;
	uint8_t method; /* enum sip_method_id; others share OTHER + method_hash */
	uint8_t state;
	uint8_t class_;
	bool is_counted;   /* in its remote's active calls */
	bool is_acked;     /* its challenge was acknowledged */
	bool is_in_dialog; /* its request bore a To tag */
	bool is_past;      /* challenged, and something later was seen than credentials,
			      which were not */

	_Alignas(64) struct endpoint target;
	uint16_t icmp_count;
	uint32_t remote;
	int64_t last_request_us;
	int64_t first_send_us; /* of the current request */
	int64_t spacing_us;    /* between its first two transmissions, 0: one so far */
	uint64_t recording;
};

_Static_assert(sizeof(struct leg) == 128, "two lines of the cache");

struct table {
	struct leg *legs;
	void *legs_memory; /* where they begin is a line of the cache */
	uint32_t legs_max, legs_used, legs_free; /* free list by chain_next */
	uint32_t legs_free_count;
	uint32_t *buckets;
	uint32_t bucket_mask;
	struct facts *facts;
	uint32_t *facts_free;
	uint32_t facts_max, facts_free_count, facts_used;
	struct {
		uint32_t head, tail;
	} lists[LEG_CLASS_COUNT];
	uint32_t *wheel;
	int64_t wheel_at_us; /* everything before is done */
	int64_t due_us;      /* no deadline of the current slot is earlier */
	int64_t quiet_us;    /* before, table_expired() finds nothing to do */
	uint64_t evicted_undecided, evicted_calls;
};

enum { WHEEL_SLOTS = 1024 };
#define WHEEL_STEP_US (64 * USEC_PER_MSEC)

int table_init(struct table *t, uint32_t legs_max, uint32_t facts_max);
void table_fini(struct table *t);
uint64_t table_memory(const struct table *t);

static inline struct leg *table_leg(struct table *t, uint32_t index)
{
	return &t->legs[index];
}

static inline uint32_t table_index(const struct table *t, const struct leg *leg)
{
	return (uint32_t)(leg - t->legs);
}

/* Ask the memory for what table_first() will want, one step at a time. */
static inline void table_fetch_bucket(const struct table *t, uint64_t call_hash)
{
	__builtin_prefetch(&t->buckets[call_hash & t->bucket_mask]);
}

static inline void table_fetch_leg(const struct table *t, uint64_t call_hash)
{
	const char *leg =
	    (const char *)&t->legs[t->buckets[call_hash & t->bucket_mask]];

	__builtin_prefetch(leg, 1);
	__builtin_prefetch(leg + 64, 1);
}

static inline void table_fetch_facts(const struct table *t, uint64_t call_hash)
{
	const struct facts *f = t->legs[t->buckets[call_hash & t->bucket_mask]].facts;

	/* Without facts it is an address of nothing: as a number, for a null pointer
	 * must not be added to. */
	__builtin_prefetch(f, 1);
	__builtin_prefetch((const void *)((uintptr_t)f + 128), 1);
}

/* First leg of that Call-ID, then the next; NULL at the end. */
struct leg *table_first(struct table *t, uint64_t call_hash);
struct leg *table_next(struct table *t, const struct leg *leg);

/* A new leg with cleared facts; evicts when full. Never NULL. evicted is told of
 * each leg that goes, before it goes. */
typedef void table_evict_fn(void *ctx, struct leg *leg);
struct leg *table_add(struct table *t, uint64_t call_hash, enum leg_class class_,
    table_evict_fn *evicted, void *ctx);
/* Something went wrong in an attempt of ours: it outlives those without a sign. */
void table_note_failing(struct table *t, struct leg *leg);

/* Gives a decided leg facts again (the same Call-ID, a new attempt). */
void table_renew(struct table *t, struct leg *leg, enum leg_class class_,
    table_evict_fn *evicted, void *ctx);
/* Takes the facts of a decided leg away from it; free them with table_release(). */
struct facts *table_detach(struct table *t, struct leg *leg, enum leg_class class_);
void table_release(struct table *t, struct facts *f);
void table_remove(struct table *t, struct leg *leg);

void table_set_deadline(struct table *t, struct leg *leg, int64_t deadline_us);

/* False: table_expired() would say NULL. */
static inline bool table_may_be_due(const struct table *t, int64_t now_us)
{
	return now_us >= t->quiet_us;
}

/* One leg whose deadline has come, taken off the wheel, or NULL. */
struct leg *table_expired(struct table *t, int64_t now_us);

#endif
