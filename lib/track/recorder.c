/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "track/recorder.h"

enum { RECORD_ALIGN = 8, RECORD_BYTES_MAX = 65536 };

struct record {
	uint64_t prev;
	int64_t at_us;
	struct endpoint src, dst;
	uint32_t len;   /* bytes of the message that follow */
	uint32_t bytes; /* whole record with padding */
	uint8_t transport;
	bool is_truncated;
};

int recorder_init(struct recorder *r, uint64_t size)
{
	*r = (struct recorder){
	    .size = size, .head = RECORD_ALIGN, .written = RECORD_ALIGN};
	if (size < 4 * RECORD_BYTES_MAX || (size & (size - 1)) != 0)
		return -EINVAL;
	r->ring = malloc(size); /* untouched pages cost nothing */
	return r->ring == NULL ? -ENOMEM : 0;
}

void recorder_fini(struct recorder *r)
{
	free(r->ring);
	r->ring = NULL;
}

static struct record *record_at(const struct recorder *r, uint64_t offset)
{
	return (struct record *)(void *)(r->ring + (offset & (r->size - 1)));
}

/*
 * The ring is larger than the caches, and where the next message goes was last touched
 * a whole round ago. Until it comes there is time to fetch that.
 */
static void fetch_ahead(const struct recorder *r)
{
	enum { LINE = 64, LINES = 14 }; /* what most messages need */
	const char *next = (const char *)record_at(r, r->head);

	if (r->ring + r->size - next < LINES * LINE)
		return; /* the end of the ring: once in a thousand messages */
	for (size_t i = 0; i < LINES; i++)
		__builtin_prefetch(next + i * LINE, 1);
}

static uint32_t record_bytes(size_t len)
{
	return (uint32_t)((sizeof(struct record) + len + RECORD_ALIGN - 1) &
			  ~(size_t)(RECORD_ALIGN - 1));
}

uint64_t recorder_add(struct recorder *r, uint64_t prev, const struct wire_event *ev)
{
	size_t len =
	    ev->bytes.len < RECORD_BYTES_MAX ? ev->bytes.len : RECORD_BYTES_MAX;
	uint64_t bytes = record_bytes(len);
	uint64_t rest = r->size - (r->head & (r->size - 1));
	struct record *rec;
	uint64_t at;

	if (rest < bytes) /* a record never wraps */
		r->head += rest;
	at = r->head;
	rec = record_at(r, at);
	*rec = (struct record){.prev = prev,
	    .at_us = ev->at_us,
	    .src = ev->src,
	    .dst = ev->dst,
	    .len = (uint32_t)len,
	    .bytes = (uint32_t)bytes,
	    .transport = (uint8_t)ev->transport,
	    .is_truncated = ev->truncated || len < ev->bytes.len};
	memcpy(rec + 1, ev->bytes.ptr, len);
	r->head += bytes;
	if (r->head > r->written)
		r->written = r->head;
	fetch_ahead(r);
	return at;
}

struct slice recorder_bytes(const struct recorder *r, uint64_t at)
{
	const struct record *rec = record_at(r, at);

	return slice_of(rec + 1, rec->len);
}

void recorder_link(struct recorder *r, uint64_t at, uint64_t prev)
{
	record_at(r, at)->prev = prev;
}

void recorder_shorten(struct recorder *r, uint64_t at, size_t len)
{
	struct record *rec = record_at(r, at);

	rec->len = (uint32_t)len;
	rec->bytes = record_bytes(len);
	r->head = at + rec->bytes;
}

void recorder_drop(struct recorder *r, uint64_t at)
{
	if (at + record_at(r, at)->bytes == r->head)
		r->head = at;
}

size_t recorder_chain(
    struct recorder *r, uint64_t newest, struct recorded *out, size_t max)
{
	size_t count = 0;

	for (uint64_t at = newest; at != 0 && count < max; count++) {
		const struct record *rec = record_at(r, at);

		if (at < recorder_oldest(r)) {
			r->lost++;
			break;
		}
		out[count] = (struct recorded){.at_us = rec->at_us,
		    .src = rec->src,
		    .dst = rec->dst,
		    .transport = (enum transport)rec->transport,
		    .is_truncated = rec->is_truncated,
		    .bytes = slice_of(rec + 1, rec->len)};
		at = rec->prev;
	}
	for (size_t i = 0; i < count / 2; i++) {
		struct recorded swap = out[i];

		out[i] = out[count - 1 - i];
		out[count - 1 - i] = swap;
	}
	return count;
}
