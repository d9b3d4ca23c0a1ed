/* SPDX-License-Identifier: BSD-2-Clause */
#include "decode/decode_int.h"

enum decode_rc decode_frame(const struct frame *frame, struct packet *pkt)
{
	struct view v = view_of(frame->bytes, frame->wire_len);

	/* Not the whole struct: what .kind does not speak of is never looked at. */
	pkt->at_us = frame->at_ns / 1000;
	pkt->direction = PACKET_DIR_UNKNOWN;
	pkt->ifindex = frame->ifindex;
	pkt->truncated = false;
	pkt->tunnels = 0;
	return decode_link(frame->linktype, &v, pkt);
}

const char *decode_rc_name(enum decode_rc rc)
{
	static const char *const names[DECODE_RC_COUNT] = {
	    [DECODE_OK] = "ok",
#define DECODE_RC(id, name, help) [DECODE_##id] = name,
#include "decode/decode_rc.def"
	};

	return (unsigned)rc < DECODE_RC_COUNT ? names[rc] : "?";
}
