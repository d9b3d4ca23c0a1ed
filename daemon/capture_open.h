/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capture_open - a device to a running, filtered, locked packet source.
 *
 * The only function of trunkwatch that needs a privilege (CAP_NET_RAW).
 *
 * In         The device and how to open it.
 * Out        A pcap handle: TPACKET_V3, non-blocking, with its filter in the
 *            kernel and locked there (SO_LOCK_FILTER), so that not even a bug in
 *            a parser can widen what we are allowed to see.
 * Ownership  pcap_close() by the caller.
 * Errors     -EPERM (which capability, how to grant it), -ENODEV, -ENETDOWN,
 *            -EINVAL (filter, link type), -EIO; *err says which device.
 */
#ifndef DAEMON_CAPTURE_OPEN_H
#define DAEMON_CAPTURE_OPEN_H

#include <pcap/pcap.h>

#include "base/err.h"
#include "reassemble/reassemble.h"

/* After this long the kernel hands over a block that is not full. */
enum { CAPTURE_BLOCK_MS = 100 };

struct capture_config {
	const char *device;
	uint32_t snaplen;
	uint64_t buffer_bytes;
	bool promiscuous;
	const char *filter; /* empty: built from the ports */
	const struct port_range *ports;
	size_t port_count;
};

int capture_open(const struct capture_config *c, pcap_t **out, struct err *e);

/* pcap's DLT_ numbers, which differ between systems, to the LINKTYPE_ numbers
 * of files and of struct frame. */
uint32_t capture_linktype(int dlt);

#endif
