/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sip_headers - the header lines of a message and the empty line behind them.
 *
 * Private to lib/sip. Takes them from *lines into msg->hdrs[], and notes what is odd.
 *
 * Cost       Lines as nearly every stack writes them ("Name: value", CRLF) take a short
 *            way; all others, folded, compact, blank or cut, a careful one.
 */
#ifndef SIP_SIP_HEADERS_H
#define SIP_SIP_HEADERS_H

#include "sip/sip_lines.h"
#include "sip/sip_msg.h"

void sip_headers_take(struct sip_lines *lines, struct sip_msg *msg);

static inline void sip_note(struct sip_msg *msg, enum sip_oddity o)
{
	msg->oddities |= UINT64_C(1) << o;
}

#endif
