/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of reassemble/ share: the reassembler and how events leave it. */
#ifndef REASSEMBLE_REASSEMBLE_INT_H
#define REASSEMBLE_REASSEMBLE_INT_H

#include "reassemble/hep.h"
#include "reassemble/ipfrag.h"
#include "reassemble/reassemble.h"
#include "reassemble/tcp.h"

enum {
	/* Events made at once: a reset, a message, and the gaps of as many streams as
	 * may be given up to make room for one (EVICTIONS_MAX), and then some. */
	REASSEMBLE_QUEUE = 128,
	REASSEMBLE_KEY_MAX = 255,
};

struct reassembler {
	struct reassemble_config config;
	struct hash_key key;
	struct hash_quick hash; /* of the ends of a connection */
	uint64_t stats[REASSEMBLE_STAT_COUNT];
	uint64_t ports[65536 / 64]; /* the SIP ports; all when config.port_count is 0 */
	bool is_any_port;
	char hep_key[REASSEMBLE_KEY_MAX];
	int64_t now_us;
	struct wire_event queue[REASSEMBLE_QUEUE];
	uint32_t queue_head, queue_len;
	struct wire_event hep_event; /* of a HEP payload that holds several messages */
	struct slice hep_rest;       /* SLICE_NONE: nothing is left */
	bool hep_is_stream;
	struct ipfrag frag;
	struct tcp tcp;
	struct hep_inflater *inflater;
};

/* A SIP port at either end? With no ports configured: 5060 or 5061. */
bool reassemble_is_watched(
    const struct reassembler *r, const struct endpoint *a, const struct endpoint *b);
bool reassemble_is_hep_port(
    const struct reassembler *r, const struct endpoint *a, const struct endpoint *b);

void reassemble_push(struct reassembler *r, const struct wire_event *ev);

/* Counts what is not SIP, by kind. */
void reassemble_count_foreign(struct reassembler *r, struct slice bytes);

/* datagram.c */
void datagram_packet(struct reassembler *r, const struct packet *pkt);
/* base: time, interface and direction of the packet that carried it. */
void datagram_hep(struct reassembler *r, struct slice bytes, bool is_cut,
    const struct wire_event *base);
bool datagram_next(struct reassembler *r, struct wire_event *ev);

#endif
