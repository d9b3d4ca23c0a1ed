/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sniff - does this look like SIP, and if not, like what?
 *
 * In         The first bytes of a datagram or of a stream at a message boundary,
 *            leading CRLFs already skipped.
 * Out        A guess good enough to hand the bytes to the SIP parser. It accepts
 *            other versions and impossible status codes: the parser counts those.
 * Limits     A method of SNIFF_METHOD_MAX, a first line of SNIFF_LINE_MAX bytes.
 * Threads    No state.
 * Cost       One look at the method, one memchr() over the first line.
 */
#ifndef REASSEMBLE_SNIFF_H
#define REASSEMBLE_SNIFF_H

#include "base/slice.h"

enum { SNIFF_METHOD_MAX = 64, SNIFF_LINE_MAX = 8192 };

enum sniff {
	SNIFF_NOT = 0,
	SNIFF_SIP,
	SNIFF_MORE, /* a start of a start line: only in a stream */
};

/* is_whole: nothing follows (a datagram), so the end of the bytes ends the line. */
enum sniff sniff_sip(struct slice bytes, bool is_whole);

enum foreign {
	FOREIGN_OTHER = 0,
	FOREIGN_STUN,
	FOREIGN_DTLS,
	FOREIGN_TLS,
	FOREIGN_RTP,
};

/* What shares the port with SIP, by its first bytes (RFC 7983 7). */
enum foreign sniff_foreign(struct slice bytes);

/* CR, LF, NUL and "jaK" (a Kamailio and Yealink habit) keep NAT bindings alive. */
bool sniff_keepalive(struct slice bytes);

/* Without the CRs and LFs in front (RFC 3261 7.5: they are to be ignored). */
struct slice sniff_skip_crlf(struct slice bytes);

#endif
