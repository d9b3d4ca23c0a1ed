/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * websocket - SIP over WebSocket (RFC 7118): the upgrade and the frames (RFC 6455).
 *
 * In         The bytes of one direction of a TCP connection, in order.
 * Out        Whether its HTTP head makes it a WebSocket that carries SIP, then one
 *            frame at a time. RFC 7118 5: one WebSocket message is one SIP message.
 * Limits     WS_HEAD_MAX bytes of HTTP head. A frame's length is only reported; the
 *            caller compares it with what it is willing to hold.
 * Threads    No state.
 */
#ifndef REASSEMBLE_WEBSOCKET_H
#define REASSEMBLE_WEBSOCKET_H

#include "base/slice.h"

enum { WS_HEAD_MAX = 8192 };

enum ws_rc {
	WS_NOT = 0, /* no upgrade to SIP, or no frame at all */
	WS_MORE,
	WS_OK,
};

/* "GET ... Upgrade: websocket, Sec-WebSocket-Protocol: sip" or the 101 that answers
 * it (RFC 7118 4). *head_len: where the frames begin. */
enum ws_rc ws_upgrade(struct slice bytes, size_t *head_len);

enum { WS_CONTINUATION = 0, WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8 };

struct ws_frame {
	uint8_t opcode;
	bool is_final;
	bool is_extended; /* RSV bits: an extension such as permessage-deflate */
	bool is_masked;
	uint8_t mask[4];
	size_t head_len;
	uint64_t payload_len; /* as announced: compare before use */
};

/* Reads a frame's head (RFC 6455 5.2); WS_NOT when it breaks a rule. */
enum ws_rc ws_frame_head(struct slice bytes, struct ws_frame *f);

/* A frame that begins a SIP message: how a stream is joined in the middle. */
bool ws_is_message(struct slice bytes);

/* Copies a payload to where it belongs, unmasked; the two may overlap. */
void ws_unmask(const struct ws_frame *f, uint8_t *to, const uint8_t *from, size_t len);

#endif
