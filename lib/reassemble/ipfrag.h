/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipfrag - IP fragments to whole IP payloads (RFC 791 3.2, RFC 8200 4.5).
 *
 * In         Packets of kind PACKET_FRAGMENT, in any order.
 * Out        The packet that the last missing fragment completed.
 * Ownership  The payload of a completed packet lies in a buffer here until
 *            ipfrag_release().
 * Attitude   A real stack drops a datagram whose fragments overlap; a witness keeps
 *            the bytes that came first and counts. The interface is no part of the
 *            key: bonded links deliver one datagram over several.
 * Limits     Datagrams and bytes as configured; evicted oldest first.
 * Threads    None of its own.
 * Cost       A copy per fragment. No allocation.
 */
#ifndef REASSEMBLE_IPFRAG_H
#define REASSEMBLE_IPFRAG_H

#include "base/hash.h"
#include "base/usec.h"
#include "decode/packet.h"
#include "reassemble/slots.h"
#include "reassemble/sparse.h"

enum { IPFRAG_BYTES_MAX = 65535, IPFRAG_RELEASE_MAX = 4 };

struct ipfrag_key {
	struct ip_addr src, dst;
	uint8_t proto; /* part of the key in IPv4 only */
	uint8_t pad;
	uint32_t id;
};

struct ipfrag_datagram {
	struct ipfrag_key key;
	int64_t since_us;
	uint32_t block;
	uint32_t length;  /* of the whole, once the last fragment came; else 0 */
	uint32_t longest; /* where the farthest fragment ended */
	uint8_t proto;    /* of the first fragment */
};

struct ipfrag {
	const struct hash_key *hash;
	uint64_t *stats; /* [REASSEMBLE_STAT_COUNT] */
	int64_t wait_us;
	struct pool pool;
	struct slots slots;
	struct link *links;
	struct list age; /* oldest first */
	struct ipfrag_datagram *datagrams;
	uint32_t release[IPFRAG_RELEASE_MAX]; /* blocks whose bytes were handed out */
	uint32_t release_count;
};

int ipfrag_init(struct ipfrag *f, uint32_t datagrams_max, uint32_t bytes);
void ipfrag_fini(struct ipfrag *f);
size_t ipfrag_memory(const struct ipfrag *f);

/* True: *whole is the datagram, its transport header not decoded yet. */
bool ipfrag_add(struct ipfrag *f, const struct packet *pkt, struct packet *whole);

/* The bytes of completed datagrams are needed no longer. */
void ipfrag_release(struct ipfrag *f);

/* Has the oldest datagram waited too long? Nearly always there is none. */
static inline bool ipfrag_is_due(const struct ipfrag *f, int64_t now_us)
{
	uint32_t id = f->age.head;

	return id != 0 && usec_since(f->datagrams[id].since_us, now_us) > f->wait_us;
}

/* Gives it up, if it has. */
bool ipfrag_expire(struct ipfrag *f, int64_t now_us);

#endif
