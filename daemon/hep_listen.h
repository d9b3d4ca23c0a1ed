/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hep_listen - HEPv3 datagrams from a UDP socket into the pipeline.
 *
 * Asterisk, Kamailio and FreeSWITCH mirror the SIP they encrypt on the wire. The
 * datagrams are few compared with packets, so the analysis thread reads them
 * itself; nothing is ever sent back.
 *
 * Errors     Negative errno and *err of hep_open().
 * Limits     HEP_BATCH datagrams a wake-up; what the kernel's socket buffer
 *            drops is counted in .dropped.
 * Threads    The one that runs the event loop.
 */
#ifndef DAEMON_HEP_LISTEN_H
#define DAEMON_HEP_LISTEN_H

#include <ev.h>

#include "analysis.h"

enum { HEP_BATCH = 256, HEP_DATAGRAM_MAX = 65536 };

struct hep_listen {
	int fd; /* -1: not wanted */
	ev_io readable;
	struct analysis *analysis;
	uint64_t datagrams, dropped;
	char buffer[HEP_DATAGRAM_MAX];
};

/* Before the privileges are gone: the port may be a low one. */
int hep_open(struct hep_listen *h, const struct endpoint *at, struct err *e);
void hep_start(struct hep_listen *h, struct analysis *a);

/* What still lies in the socket, at the end. */
void hep_drain(struct hep_listen *h);
void hep_close(struct hep_listen *h);

#endif
