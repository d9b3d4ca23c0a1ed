/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hep - HEPv3 (Homer Encapsulation Protocol, revision 37): SIP that a proxy or PBX
 * mirrors to us after it decrypted it.
 *
 *         "HEP3"  u16 total length  chunk*
 *         chunk:  u16 vendor  u16 type  u16 length (with these six bytes)  bytes
 *
 * In         The bytes of one packet.
 * Out        A struct hep_packet whose slices point into them. Unknown chunks and
 *            those of a vendor are skipped; of two equal chunks the last counts.
 * Errors     HEP_BAD: a length of less than a chunk's head or beyond the rest, a
 *            chunk of the wrong size, no addresses or no payload.
 * Threads    No state but the inflater's.
 * Cost       One pass over the chunks. Inflating allocates nothing.
 */
#ifndef REASSEMBLE_HEP_H
#define REASSEMBLE_HEP_H

#include "base/endpoint.h"

enum { HEP_HEAD = 6, HEP_TYPE_SIP = 1, HEP_INFLATED_MAX = 65535 };

struct hep_packet {
	struct endpoint src, dst;
	int64_t at_us; /* 0: it carries no stamp */
	uint8_t proto; /* IP protocol of the mirrored packet: 17, 6 */
	uint8_t type;  /* HEP_TYPE_SIP, ... */
	bool is_compressed;
	bool is_cut;      /* the capture holds less than the payload */
	struct slice key; /* SLICE_NONE: without one */
	struct slice payload;
};

enum hep_rc {
	HEP_OK = 0,
	HEP_BAD,
	HEP_MORE, /* a stream has not delivered all of it yet */
};

static inline bool hep_is(struct slice s)
{
	return s.len >= 4 && memcmp(s.ptr, "HEP3", 4) == 0;
}

/* How long the packet at the start of a stream is. */
enum hep_rc hep_length(struct slice bytes, size_t *len);

/* is_cut: the snap length may have taken the end away. */
enum hep_rc hep_decode(struct slice bytes, bool is_cut, struct hep_packet *out);

/* In time that does not tell how much of the key was right. */
bool hep_key_matches(struct slice want, struct slice got);

/* The inflater has its memory inside, so that no packet causes an allocation. */
struct hep_inflater {
	uint8_t out[HEP_INFLATED_MAX];
	size_t arena_used;
	_Alignas(16) uint8_t arena[64 * 1024];
};

/* gzip or zlib; SLICE_NONE when it is damaged or inflates to more than the cap. */
struct slice hep_inflate(struct hep_inflater *inf, struct slice packed);

#endif
