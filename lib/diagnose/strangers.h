/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * strangers - who sends requests to our box, and how it behaves: one of our phones,
 * a scanner, or a provider.
 *
 * Limits     A fixed number of addresses; the one first seen longest ago goes.
 * Threads    One.
 * Cost       One hash per inbound attempt.
 */
#ifndef DIAGNOSE_STRANGERS_H
#define DIAGNOSE_STRANGERS_H

#include "base/hash.h"
#include "track/facts.h"

enum { STRANGER_NAMES = 8 };

struct stranger {
	struct ip_addr ip;
	uint32_t next;      /* in its bucket, 0: end */
	bool is_client;     /* our box accepted its registration or credentials */
	uint8_t name_count; /* distinct From users and called numbers, capped */
	uint32_t names[STRANGER_NAMES];
	uint32_t refused, accepted;
	uint32_t told; /* refusals written down */
	int64_t told_minute_us;
};

struct strangers {
	struct stranger *slots; /* a ring: the next one to be used is the oldest */
	uint32_t *buckets;
	uint32_t max, next;
	struct hash_key key;
	uint64_t evicted;
};

int strangers_init(struct strangers *s, uint32_t max, const struct hash_key *key);
void strangers_fini(struct strangers *s);

/* Notes an inbound attempt; the stranger behind it. */
struct stranger *strangers_note(struct strangers *s, const struct facts *f);

/* Known as one of our phones? */
bool strangers_is_client(struct strangers *s, const struct ip_addr *ip);

/* At most a few rows per source and minute, so that a scan does not fill the disk. */
bool stranger_is_worth_telling(struct stranger *s, int64_t now_us);

#endif
