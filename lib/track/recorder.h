/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recorder - the last few MiB of SIP, so that a failure can show its messages.
 *
 *         | oldest .......... records .......... newest | free |
 *            <---- prev ----+  <---- prev ----+
 *
 * Each message is copied here once. The messages of one attempt form a chain
 * from the newest to the oldest by absolute offset (bytes ever written), so a
 * stale reference is known by being too old; nothing is ever searched.
 *
 * Ownership  Bytes handed out are valid until the next recorder_add().
 * Limits     The size given at recorder_init(); the oldest is overwritten.
 * Threads    One.
 * Cost       One memcpy() per message.
 */
#ifndef TRACK_RECORDER_H
#define TRACK_RECORDER_H

#include "base/endpoint.h"
#include "reassemble/reassemble.h"

struct recorder {
	char *ring;
	uint64_t size;    /* bytes, a power of two */
	uint64_t head;    /* bytes ever written; starts at 8, so that 0 means "none" */
	uint64_t written; /* the farthest that head ever was */
	uint64_t lost; /* chains that were asked for and had lost their oldest part */
};

struct recorded {
	int64_t at_us;
	struct endpoint src, dst;
	enum transport transport;
	bool is_truncated;
	struct slice bytes;
};

int recorder_init(struct recorder *r, uint64_t size);
void recorder_fini(struct recorder *r);

/* What has not been overwritten begins here. */
static inline uint64_t recorder_oldest(const struct recorder *r)
{
	return r->written > r->size ? r->written - r->size : 0;
}

/* Returns the reference of the new record, whose chain goes on with prev. */
uint64_t recorder_add(struct recorder *r, uint64_t prev, const struct wire_event *ev);

/* The bytes of a record that was just added, and the chain it turned out to belong to.
 */
struct slice recorder_bytes(const struct recorder *r, uint64_t at);
void recorder_link(struct recorder *r, uint64_t at, uint64_t prev);

/* Of the newest record only the first len bytes are wanted. */
void recorder_shorten(struct recorder *r, uint64_t at, size_t len);
/* The newest record is not wanted after all: the next one takes its place. */
void recorder_drop(struct recorder *r, uint64_t at);

/* Oldest first, at most max (the newest ones when there are more). */
size_t recorder_chain(
    struct recorder *r, uint64_t newest, struct recorded *out, size_t max);

#endif
