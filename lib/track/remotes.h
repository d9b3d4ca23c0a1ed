/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * remotes - load per remote address: calls up, INVITEs within a second.
 *
 * Limits     A fixed number of addresses; the ones beyond share slot 0, whose
 *            figures are then worth nothing and are given as 0.
 * Threads    One.
 * Cost       Constant, on the average of many INVITEs; at most REMOTE_WINDOW are
 * counted.
 */
#ifndef TRACK_REMOTES_H
#define TRACK_REMOTES_H

#include "base/endpoint.h"
#include "base/hash.h"

enum { REMOTE_WINDOW = 128 };

struct remotes {
	struct remote *slots; /* [0] is the overflow slot */
	uint32_t *buckets;
	uint32_t max, used;
	struct hash_key key;
};

int remotes_init(struct remotes *r, uint32_t max, const struct hash_key *key);
void remotes_fini(struct remotes *r);

uint32_t remotes_index(struct remotes *r, const struct ip_addr *ip);

/* Notes an INVITE and returns how many went there within the second up to it. */
uint32_t remotes_invite(struct remotes *r, uint32_t index, int64_t now_us);

/* Our box sends calls, or registers, there. */
void remotes_note_called(struct remotes *r, uint32_t index);
bool remotes_is_called(const struct remotes *r, uint32_t index);

/* Its last challenge was answered by credentials, or was not. */
void remotes_note_answered(struct remotes *r, uint32_t index, bool was_answered);
bool remotes_is_answered(const struct remotes *r, uint32_t index);

void remotes_call_up(struct remotes *r, uint32_t index);
void remotes_call_down(struct remotes *r, uint32_t index);
uint32_t remotes_active(const struct remotes *r, uint32_t index);

/* A call ended of which nothing else was seen: it was up all the time before. */
void remotes_call_ended(struct remotes *r, uint32_t index);
uint32_t remotes_ended(const struct remotes *r, uint32_t index);

#endif
