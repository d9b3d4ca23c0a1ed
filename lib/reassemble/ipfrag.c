/* SPDX-License-Identifier: BSD-2-Clause */
#include "reassemble/ipfrag.h"

#include <errno.h>
#include <stdlib.h>

#include "base/usec.h"
#include "reassemble/reassemble.h"

int ipfrag_init(struct ipfrag *f, uint32_t datagrams_max, uint32_t bytes)
{
	/* A datagram of 65535 bytes, and the head of its buffer. */
	int rc = pool_init(&f->pool, bytes, 2 * (IPFRAG_BYTES_MAX + 1));

	if (rc < 0)
		return rc;
	rc = slots_init(&f->slots, datagrams_max);
	if (rc < 0)
		return rc;
	f->links = calloc((size_t)datagrams_max + 1, sizeof(*f->links));
	f->datagrams = calloc((size_t)datagrams_max + 1, sizeof(*f->datagrams));
	return f->links == NULL || f->datagrams == NULL ? -ENOMEM : 0;
}

void ipfrag_fini(struct ipfrag *f)
{
	pool_fini(&f->pool);
	slots_fini(&f->slots);
	free(f->links);
	free(f->datagrams);
}

size_t ipfrag_memory(const struct ipfrag *f)
{
	return pool_memory(&f->pool) + slots_memory(&f->slots) +
	       ((size_t)f->slots.max + 1) * (sizeof(*f->links) + sizeof(*f->datagrams));
}

static void forget(struct ipfrag *f, uint32_t id)
{
	sparse_free(&f->pool, &f->datagrams[id].block);
	list_unlink(&f->age, f->links, id);
	slots_give(&f->slots, id);
}

static struct ipfrag_key key_of(const struct packet *pkt)
{
	struct ipfrag_key key = {
	    .src = pkt->src.ip, .dst = pkt->dst.ip, .id = pkt->frag.id};

	/* RFC 8200 4.5: the Next Header value may differ between fragments. */
	if (pkt->src.ip.family == 4)
		key.proto = pkt->proto;
	return key;
}

static uint32_t find(
    const struct ipfrag *f, const struct ipfrag_key *key, uint64_t hash)
{
	uint32_t id = slots_first(&f->slots, hash);

	while (id != 0 && memcmp(&f->datagrams[id].key, key, sizeof(*key)) != 0)
		id = slots_next(&f->slots, id, hash);
	return id;
}

/* False: there is none but that one. */
static bool evict_oldest_but(struct ipfrag *f, uint32_t id)
{
	uint32_t oldest = f->age.head == id ? f->links[id].next : f->age.head;

	if (oldest == 0)
		return false;
	f->stats[REASSEMBLE_STAT_FRAG_EVICTED]++;
	forget(f, oldest);
	return true;
}

static uint32_t open_datagram(
    struct ipfrag *f, const struct ipfrag_key *key, uint64_t hash, int64_t now_us)
{
	uint32_t id;

	if (f->slots.taken == f->slots.max)
		(void)evict_oldest_but(f, 0);
	id = slots_take(&f->slots, hash);
	list_append(&f->age, f->links, id);
	f->datagrams[id] = (struct ipfrag_datagram){
	    .key = *key, .since_us = now_us, .block = POOL_NONE};
	return id;
}

/* Copies the piece; when the pool is full, the oldest other datagrams make room. Else
 * the datagram is given up. */
static bool put(struct ipfrag *f, uint32_t id, const struct packet *pkt)
{
	struct ipfrag_datagram *d = &f->datagrams[id];
	bool differs = false;
	enum sparse_rc rc;

	for (;;) {
		/* One time for all: only the last fragment's matters, and pieces
		 * of equal time join. */
		rc = sparse_put(&f->pool, &d->block, pkt->frag.offset, pkt->payload,
		    d->since_us, &differs);
		if (rc != SPARSE_NO_MEMORY || !evict_oldest_but(f, id))
			break;
	}
	if (differs)
		f->stats[REASSEMBLE_STAT_FRAG_OVERLAP]++;
	if (rc == SPARSE_OLD)
		f->stats[REASSEMBLE_STAT_FRAG_DUPLICATE]++;
	if (rc == SPARSE_OK || rc == SPARSE_OLD)
		return true;
	f->stats[rc == SPARSE_FULL ? REASSEMBLE_STAT_FRAG_BAD
				   : REASSEMBLE_STAT_FRAG_EVICTED]++;
	forget(f, id);
	return false;
}

static bool is_acceptable(const struct packet *pkt)
{
	size_t len = pkt->payload.len;

	if (pkt->frag.offset > IPFRAG_BYTES_MAX ||
	    len > IPFRAG_BYTES_MAX - pkt->frag.offset)
		return false;
	/* All but the last hold a multiple of eight bytes (RFC 791 3.2). */
	return len > 0 && (!pkt->frag.more || len % 8 == 0);
}

/* The whole length is what the first "last fragment" said it is. */
static void learn_length(
    struct ipfrag *f, struct ipfrag_datagram *d, const struct packet *pkt)
{
	uint32_t end = pkt->frag.offset + (uint32_t)pkt->payload.len;

	if (end > d->longest)
		d->longest = end;
	if (pkt->frag.offset == 0)
		d->proto = pkt->proto;
	if (!pkt->frag.more && d->length == 0)
		d->length = end;
	else if (d->length != 0 &&
		 (end > d->length || (!pkt->frag.more && end != d->length)))
		f->stats[REASSEMBLE_STAT_FRAG_OVERLAP]++;
}

static bool complete(
    struct ipfrag *f, uint32_t id, const struct packet *pkt, struct packet *whole)
{
	struct ipfrag_datagram *d = &f->datagrams[id];
	struct slice bytes = sparse_readable(&f->pool, d->block);

	if (d->length == 0 || bytes.len < d->length)
		return false;
	f->stats[REASSEMBLE_STAT_FRAG_COMPLETED]++;
	*whole = *pkt;
	whole->proto = d->proto;
	whole->payload = slice_of(bytes.ptr, d->length);
	f->release[f->release_count++] = d->block;
	d->block = POOL_NONE;
	forget(f, id);
	return true;
}

bool ipfrag_add(struct ipfrag *f, const struct packet *pkt, struct packet *whole)
{
	struct ipfrag_key key = key_of(pkt);
	uint64_t hash;
	uint32_t id;

	f->stats[REASSEMBLE_STAT_FRAGMENTS]++;
	if (pkt->truncated) {
		/* It can never be whole. The first piece still shows what it holds. */
		f->stats[REASSEMBLE_STAT_FRAG_TRUNCATED]++;
		*whole = *pkt;
		return pkt->frag.offset == 0;
	}
	if (!is_acceptable(pkt) || f->release_count == IPFRAG_RELEASE_MAX) {
		f->stats[REASSEMBLE_STAT_FRAG_BAD]++;
		return false;
	}
	hash = hash_bytes(f->hash, &key, sizeof(key));
	id = find(f, &key, hash);
	/* An id comes round: what is older than the wait is another datagram. */
	if (id != 0 && usec_since(f->datagrams[id].since_us, pkt->at_us) > f->wait_us) {
		f->stats[REASSEMBLE_STAT_FRAG_TIMEOUT]++;
		forget(f, id);
		id = 0;
	}
	if (id == 0)
		id = open_datagram(f, &key, hash, pkt->at_us);
	if (!put(f, id, pkt))
		return false;
	learn_length(f, &f->datagrams[id], pkt);
	return complete(f, id, pkt, whole);
}

void ipfrag_release(struct ipfrag *f)
{
	while (f->release_count > 0)
		pool_give(&f->pool, f->release[--f->release_count]);
}

bool ipfrag_expire(struct ipfrag *f, int64_t now_us)
{
	if (!ipfrag_is_due(f, now_us))
		return false;
	f->stats[REASSEMBLE_STAT_FRAG_TIMEOUT]++;
	forget(f, f->age.head);
	return true;
}
