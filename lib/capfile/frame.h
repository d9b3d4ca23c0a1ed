/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frame - what a capture source delivers: one packet as the wire had it.
 *
 * Ownership  A value. The bytes belong to the source (a file's buffer, the
 *            ring) and live as long as that says.
 */
#ifndef CAPFILE_FRAME_H
#define CAPFILE_FRAME_H

#include "base/slice.h"

/* caplen is bytes.len and the only truth about what may be read; wire_len is
 * what the wire carried. */
struct frame {
	int64_t at_ns; /* since 1970 UTC, nanoseconds (as fine as the source knows) */
	uint32_t linktype; /* LINKTYPE_* of the pcap registry, not DLT_* */
	uint32_t ifindex;  /* interface the source knows it by, else 0 */
	uint32_t wire_len;
	struct slice bytes;
};

#endif
