/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hep_listen - HEPv3 from UDP and TCP sockets into the pipeline.
 *
 * Asterisk, Kamailio and FreeSWITCH mirror the SIP they encrypt on the wire. The
 * packets are few compared with captured ones, so the analysis thread reads them
 * itself; nothing is ever sent back. What a stranger may do over TCP: hep_tcp.h.
 *
 * Errors     Negative errno and *err of hep_open().
 * Limits     HEP_BATCH datagrams a wake-up; what the kernel's socket buffer
 *            drops is counted in .dropped.
 * Threads    The one that runs the event loop.
 */
#ifndef DAEMON_HEP_LISTEN_H
#define DAEMON_HEP_LISTEN_H

#include <ev.h>

#include "hep_tcp.h"

enum { HEP_BATCH = 256, HEP_DATAGRAM_MAX = 65536 };

struct hep_config {
	struct endpoint udp, tcp; /* port 0: not wanted */
	uint32_t connections;     /* TCP, at the same time */
	int64_t idle_us;          /* a TCP connection is closed after this silence */
};

struct hep_listen {
	int fd; /* UDP; -1: not wanted */
	struct hep_tcp tcp;
	ev_io readable;
	struct analysis *analysis;
	uint64_t dropped;
	char buffer[HEP_DATAGRAM_MAX];
};

/* Before the privileges are gone: the port may be a low one. */
int hep_open(struct hep_listen *h, const struct hep_config *c, struct err *e);
void hep_start(struct hep_listen *h, struct analysis *a);

static inline bool hep_is_open(const struct hep_listen *h)
{
	return h->fd >= 0 || h->tcp.fd >= 0;
}

/* Four times a second. */
void hep_tick(struct hep_listen *h);

/* What still lies in the sockets, at the end. */
void hep_drain(struct hep_listen *h);
void hep_close(struct hep_listen *h);

#endif
