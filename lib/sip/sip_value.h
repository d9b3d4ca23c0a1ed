/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sip_value - what is inside a header's value, parsed on demand.
 *
 * Ownership  Slices point into the value that was given.
 * Absent     SLICE_NONE. A parameter without "=" has an empty, present value.
 * Errors     false: the value cannot be read as what it should be. A value that
 *            is odd but attributable is read.
 * Lists      x_take() takes the first value of *rest and moves *rest behind it, also
 *            when it says false; empty elements are skipped. It says false too when
 *            nothing is left. A list can be as long as a message: bound the loop.
 * Quotes     A quote that is not closed is an ordinary byte (RFC 4475 3.1.2.6).
 * Threads    No state.
 * Cost       Linear in the value, for any bytes.
 * Folding    A folded value's line breaks count as blanks everywhere.
 */
#ifndef SIP_SIP_VALUE_H
#define SIP_SIP_VALUE_H

#include "base/endpoint.h"
#include "sip/sip_msg.h"

/* Of a message: its .cseq. */
bool sip_cseq_parse(struct slice value, struct sip_cseq *out);

/* RFC 3261 19.1, RFC 3966. "sip:user:password@host:port;params?headers". */
struct sip_uri {
	struct slice scheme; /* "sip", "sips", "tel", ... as sent */
	struct slice user;   /* tel: the number */
	struct slice password;
	struct slice host; /* IPv6 without its brackets */
	struct slice params;
	struct slice headers;
	uint16_t port; /* 0: none given */
};
/* A scheme other than these gives its name only. False: no scheme, no host, or a port
 * that is none (so is the "db8::10" of an IPv6 address without brackets). */
bool sip_uri_parse(struct slice s, struct sip_uri *out);

/* RFC 3261 20.10: name-addr or addr-spec with parameters (From, To, Contact, PAI). */
struct sip_addr {
	struct slice display; /* without its quotes; escapes still inside */
	struct slice uri;
	struct slice params; /* what follows, from the first ';' on */
};
/* An unquoted display name may hold commas (RFC 4475 3.1.2.15). */
bool sip_addr_take(struct slice *rest, struct sip_addr *out);

/* Finds ";name=value" in a parameter list, names in any case. Quoted values lose
 * their quotes. False: not there. */
bool sip_param(struct slice params, struct slice name, struct slice *value);

/* From's or To's tag; SLICE_NONE when there is none. The quick way, no URI. Of a
 * message: its .from_tag, .to_tag. */
struct slice sip_tag(struct slice value);

/* RFC 3261 20.42. */
struct sip_via {
	struct slice transport; /* "UDP" */
	struct slice host;      /* sent-by; IPv6 without its brackets */
	uint16_t port;          /* 0: none given */
	struct slice branch;
	struct slice received;
	struct slice rport; /* present and empty: ";rport" */
	struct slice params;
};
bool sip_via_take(struct slice *rest, struct sip_via *out);

/* RFC 3326, RFC 6432: Reason: Q.850;cause=21;text="CALL_REJECTED". */
struct sip_reason {
	struct slice protocol;
	uint32_t cause; /* 0: none given */
	struct slice text;
};
bool sip_reason_take(struct slice *rest, struct sip_reason *out);

/* RFC 3261 20.43: Warning: 399 agent "text". */
struct sip_warning {
	uint32_t code;
	struct slice agent;
	struct slice text; /* without its quotes */
};
bool sip_warning_take(struct slice *rest, struct sip_warning *out);

#endif
