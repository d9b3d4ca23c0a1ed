/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * locals - which addresses are our own box's.
 *
 * Configured networks are taken as they are. Without any (a capture file from
 * somewhere), they are inferred: a cooked capture says which way a packet went,
 * and else the box with the most different partners, or the one that calls
 * itself Asterisk, is ours.
 *
 * Limits     LOCALS_CANDIDATES addresses are weighed; later ones are strangers.
 * Threads    One.
 */
#ifndef TRACK_LOCALS_H
#define TRACK_LOCALS_H

#include "base/endpoint.h"
#include "decode/packet.h"

enum { LOCALS_CANDIDATES = 64, LOCALS_NETS_MAX = 64, LOCALS_PARTNERS = 8 };

struct locals {
	struct ip_net nets[LOCALS_NETS_MAX];
	size_t net_count;
	bool infers;
	struct locals_candidate {
		struct ip_addr ip;
		uint8_t partner_count;
		bool is_certain;                    /* a cooked header said so */
		bool is_remote;                     /* ... or that it is not ours */
		bool is_dialer;                     /* names itself Asterisk */
		uint32_t partners[LOCALS_PARTNERS]; /* hashes of partner addresses */
		uint32_t calls; /* INVITE and REGISTER requests that came from it */
	} candidates[LOCALS_CANDIDATES];
	size_t candidate_count;
};

/* More than LOCALS_NETS_MAX nets: the rest is ignored. None: infer. */
void locals_init(struct locals *l, const struct ip_net *nets, size_t count);

/* Feeds the inference with one packet of a request, */
void locals_observe(struct locals *l, const struct endpoint *src,
    const struct endpoint *dst, enum packet_direction seen, bool src_is_dialer);

/* and with the request: behind a NAT of our own two addresses send the packet of one.
 */
void locals_note_request(struct locals *l, const struct endpoint *src,
    const struct endpoint *dst, bool is_call);

enum locals_side { LOCALS_SRC = 1, LOCALS_DST = 2 };

/* Which ends of a request are ours: 0, LOCALS_SRC, LOCALS_DST or both. */
unsigned locals_sides(
    const struct locals *l, const struct ip_addr *src, const struct ip_addr *dst);

#endif
