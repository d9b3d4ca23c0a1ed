/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trunk_config - what is known of a trunk before its first packet: from
 * `trunks:` of trunkwatch.yaml, or from Asterisk's files.
 *
 * A plain value without pointers and without secrets; copy it freely. It stands
 * here, left of asterisk/, because both asterisk/ and pipeline/ speak of it.
 *
 * Text       NUL terminated, cut at the field's size.
 * Matching   By net when the host is a literal address, else by the host in the
 *            Request-URI as it was sent: nobody resolves names here.
 */
#ifndef DIAGNOSE_TRUNK_CONFIG_H
#define DIAGNOSE_TRUNK_CONFIG_H

#include "base/endpoint.h"
#include "diagnose/finding.h"

struct trunk_config {
	char name[TRUNK_NAME_MAX];
	char account[TRUNK_NAME_MAX]; /* digest user name; empty: any */
	char host[TRUNK_NAME_MAX];    /* name or address, as configured */
	char carrier_id[32];
	struct ip_net nets[TRUNK_REMOTES_MAX];
	uint8_t net_count;
	uint16_t port;     /* 0: any */
	uint64_t revision; /* another one: something of it was changed, be it only its
			      secret; 0: unknown. Keyed: it tells nothing */
};

#endif
