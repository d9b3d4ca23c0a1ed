/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decode - one frame to one packet.
 *
 * In         A frame of any link type listed in linktypes.def.
 * Out        A struct packet whose slices point into the frame.
 * Attitude   caplen is the only truth: each length field is compared with what
 *            is there before it is used. A checksum is never looked at: our own
 *            box's packets are captured before the NIC fills them in.
 * Errors     enum decode_rc, one counter each. On error *pkt is unspecified.
 * Limits     VLAN tags and MPLS labels: 8. Tunnels: DECODE_TUNNELS_MAX.
 *            IPv6 extension headers: 16.
 * Threads    No state.
 * Cost       One pass over the headers; the payload is never read.
 */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include "decode/packet.h"

enum { DECODE_TUNNELS_MAX = 4 };

enum decode_rc {
	DECODE_OK = 0,
#define DECODE_RC(id, name, help) DECODE_##id,
#include "decode/decode_rc.def"
	DECODE_RC_COUNT
};

__attribute__((warn_unused_result)) enum decode_rc decode_frame(
    const struct frame *frame, struct packet *pkt);

/*
 * Goes on after reassembly: pkt holds addresses, time, proto, .tunnels and, in
 * .payload, the whole IP payload (the transport header and its data, or a tunnel).
 * .truncated: the snap length had cut a piece, so a length beyond it is no lie.
 * A tunnel may hold another fragment: then each round leaves less to look at.
 */
__attribute__((warn_unused_result)) enum decode_rc decode_ip_payload(
    struct packet *pkt);

const char *decode_rc_name(enum decode_rc rc);

/* "EN10MB"; also of some that are not supported, so that a message can name them.
 * NULL for those we know nothing about. */
const char *linktype_name(uint32_t linktype);
bool linktype_is_supported(uint32_t linktype);

#endif
