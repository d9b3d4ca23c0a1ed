/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * offer - how much of what reassembly offers is one message?
 *
 * The parser reads more than the cutter of streams (sipcut.h) does, and forgives other
 * things. A length is said only where both must come to the same: nothing about the
 * message is odd, and it has one Content-Length, which ends inside of what is offered.
 * tests/fuzz/reassemble/fuzz_tcp_stream.c holds the two against each other.
 */
#ifndef PIPELINE_OFFER_H
#define PIPELINE_OFFER_H

#include "reassemble/reassemble.h"
#include "sip/sip_msg.h"

/* A start line as sniff.h wants one: the scheme of the Request-URI shows. */
static inline bool offer_is_request(const struct sip_msg *msg)
{
	enum { URI_MAX = 4096 };
	const char *uri = msg->uri.ptr;

	return msg->method_id != SIP_METHOD_OTHER && msg->uri.len > 4 &&
	       msg->uri.len < URI_MAX && (uri[3] == ':' || uri[4] == ':') &&
	       slice_lower(uri[0]) >= 'a' && slice_lower(uri[0]) <= 'z';
}

/* bytes were parsed into msg with that result. Its length, and nothing in msg speaks of
 * what follows any more; 0: ask the cutter. */
static inline size_t offer_take(struct slice bytes, struct sip_msg *msg, enum sip_rc rc)
{
	const uint64_t trailing = UINT64_C(1) << SIP_ODD_TRAILING;
	uint64_t len;

	if (rc != SIP_OK || (msg->oddities & ~trailing) != 0 ||
	    msg->content_length < 0 || msg->head.ptr != bytes.ptr ||
	    (sip_msg_is_request(msg) && !offer_is_request(msg)))
		return 0;
	len = msg->head.len + (uint64_t)msg->content_length;
	if (len > bytes.len)
		return 0;
	msg->oddities = 0;
	return (size_t)len;
}

#endif
