/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capture_filter - the pcap-filter(7) text for live capture, per link type.
 *
 * A plain "port 5060" loses every IPv4 fragment but the first, every IPv6
 * fragment, and packets with two VLAN tags. The filter here lets them through:
 * it may pass too much, never too little; user space finishes the choice.
 *
 *   ports        udp and tcp, ranges included
 *   fragments    non-first IPv4 fragments; IPv6 packets whose next header is not
 *                the transport (44 fragment; 0, 43, 60 options), as a port test
 *                does not match even their first piece
 *   ICMP         errors that quote our packets
 *   VLAN         not with the keyword `vlan`: it does not compile on `any` and
 *                shifts everything after it. The kernel has taken the outer tag
 *                off before the filter runs; what is left to let through is a
 *                second tag, which stands in the type field
 *
 * Out        Text for pcap_compile().
 * Limits     CAPTURE_FILTER_MAX bytes, enough for CONFIG_PORTS_MAX ranges.
 * Threads    No state.
 */
#ifndef DAEMON_CAPTURE_FILTER_H
#define DAEMON_CAPTURE_FILTER_H

#include "base/err.h"
#include "reassemble/reassemble.h"

enum { CAPTURE_FILTER_MAX = 4096 };

/* dlt: what pcap_datalink() says. -ENOSPC when it does not fit. */
int capture_filter_build(int dlt, const struct port_range *ports, size_t count,
    char out[CAPTURE_FILTER_MAX], struct err *e);

/* Does this expression compile on Ethernet? For --check-config. */
int capture_filter_check(const char *expression, struct err *e);

#endif
