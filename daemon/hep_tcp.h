/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hep_tcp - HEPv3 packets from TCP connections into the pipeline.
 *
 *         accept -> one buffer each -> cut at the packets' own length -> pipeline
 *
 * Strangers  Whoever reaches the port may connect, so everything is bounded and
 *            counted. A connection has proven itself once the pipeline accepted a
 *            packet of it (well formed, with the right key). One that sends
 *            anything else before is closed, and one that proved nothing gives
 *            its place up to a newcomer, the oldest first. Bytes that are no HEP
 *            end a connection: the sender connects again, which is the only sure
 *            way to find a packet's start. Nothing is ever sent back.
 * Limits     .limit connections, a buffer of the largest packet each, all taken by
 *            hep_tcp_open(); one read per connection and wake-up. HEP_PROVE_US for
 *            the first packet, .idle_us between packets.
 * Errors     Negative errno and *err of hep_tcp_open(); later ones are counted.
 * Threads    The one that runs the event loop.
 */
#ifndef DAEMON_HEP_TCP_H
#define DAEMON_HEP_TCP_H

#include <ev.h>

#include "analysis.h"

enum { HEP_PACKET_MAX = 65535, HEP_BACKLOG = 16 };

#define HEP_PROVE_US (10 * USEC_PER_SEC)

struct hep_tcp_stats {
	uint64_t packets;   /* taken off connections, good or not */
	uint64_t accepted;  /* connections */
	uint64_t turned;    /* turned away: all places are taken by senders that proved
			       themselves */
	uint64_t evicted;   /* proved nothing, and had to make room */
	uint64_t garbage;   /* closed for bytes that are no HEP */
	uint64_t unproven;  /* closed for a first packet that was not accepted */
	uint64_t idle;      /* closed for silence */
	uint64_t cut_short; /* ended in the middle of a packet */
};

struct hep_conn {
	int fd; /* -1: a free place */
	bool is_proven;
	int64_t alive_at_us; /* steady clock: connected, or its last accepted packet */
	size_t used;
	uint8_t *buffer; /* HEP_PACKET_MAX */
	ev_io readable;
	struct hep_tcp *owner;
};

struct hep_tcp {
	int fd; /* -1: not wanted */
	bool is_listening;
	ev_io acceptable;
	struct analysis *analysis;
	struct hep_conn *conns;
	uint8_t *memory; /* of all buffers */
	size_t limit, open;
	int64_t idle_us;
	struct hep_tcp_stats stats;
};

/* .fd, .limit and .idle_us are filled in by the caller; .fd listens already. */
int hep_tcp_init(struct hep_tcp *t, struct err *e);
void hep_tcp_start(struct hep_tcp *t, struct analysis *a);

/* Four times a second: closes what is silent for too long. */
void hep_tcp_tick(struct hep_tcp *t, int64_t now_steady);

/* What still lies in the sockets, at the end. */
void hep_tcp_drain(struct hep_tcp *t);
void hep_tcp_close(struct hep_tcp *t);

uint64_t hep_tcp_memory(const struct hep_tcp *t); /* bytes */

#endif
