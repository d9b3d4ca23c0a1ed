/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sip_rig - SIP messages from a few words, for tests of track/ and diagnose/.
 *
 * A test speaks of "who says what when": rig_request(&rig, ms, &(struct rig_say){...}).
 * Messages are real text, parsed by the real parser.
 */
#ifndef TESTS_SIP_RIG_H
#define TESTS_SIP_RIG_H

#include <stdio.h>
#include <string.h>

#include "reassemble/reassemble.h"
#include "sip/sip_msg.h"

struct rig_say {
	const char *from, *to; /* "203.0.113.45:5060" */
	const char *method;    /* of the CSeq */
	const char *call_id;   /* default "call1" */
	const char *from_tag;  /* default "f1" */
	const char *to_tag;    /* NULL: none */
	unsigned cseq;         /* default 1 */
	unsigned status;       /* 0: a request */
	const char *reason;
	const char *caller, *called; /* From and Request-URI users */
	const char *host;  /* Request-URI host, default the target's address */
	const char *extra; /* whole header lines with CRLF */
	enum transport transport;
	enum packet_direction direction;
};

#define RIG_T0 INT64_C(1700000000000000)

static inline struct endpoint rig_endpoint(const char *text)
{
	struct slice s = slice_of(text, strlen(text)), ip = s;
	struct endpoint e = {0};
	uint32_t port = 5060;

	if (slice_take_until(&s, ':', &ip))
		(void)slice_to_u32(s, UINT16_MAX, &port);
	if (!ip_addr_parse(ip, &e.ip))
		abort();
	e.port = (uint16_t)port;
	return e;
}

static inline const char *rig_or(const char *s, const char *otherwise)
{
	return s != NULL ? s : otherwise;
}

/* Fills text, event and message; text must live as long as they are used. */
static inline void rig_say(const struct rig_say *say, int64_t at_ms, char *text,
    size_t size, struct wire_event *ev, struct sip_msg *msg)
{
	struct endpoint src = rig_endpoint(say->from), dst = rig_endpoint(say->to);
	char ip[IP_ADDR_TEXT_MAX], start[256], tag[64] = "";
	unsigned cseq = say->cseq != 0 ? say->cseq : 1;

	(void)ip_addr_text(say->status != 0 ? &src.ip : &dst.ip, ip);
	if (say->status != 0)
		(void)snprintf(start, sizeof(start), "SIP/2.0 %u %s", say->status,
		    rig_or(say->reason, "Reason"));
	else
		(void)snprintf(start, sizeof(start), "%s sip:%s@%s SIP/2.0",
		    say->method, rig_or(say->called, "15551234567"),
		    rig_or(say->host, ip));
	if (say->to_tag != NULL)
		(void)snprintf(tag, sizeof(tag), ";tag=%s", say->to_tag);
	(void)snprintf(text, size,
	    "%s\r\nVia: SIP/2.0/UDP 203.0.113.45;branch=z9hG4bK%u;rport\r\n"
	    "From: <sip:%s@example.com>;tag=%s\r\nTo: <sip:%s@%s>%s\r\n"
	    "Call-ID: %s\r\nCSeq: %u %s\r\n%sContent-Length: 0\r\n\r\n",
	    start, cseq, rig_or(say->caller, "5550001"), rig_or(say->from_tag, "f1"),
	    rig_or(say->called, "15551234567"), ip, tag, rig_or(say->call_id, "call1"),
	    cseq, say->method, rig_or(say->extra, ""));
	*ev = (struct wire_event){.kind = WIRE_MESSAGE,
	    .transport = say->transport,
	    .at_us = RIG_T0 + at_ms * 1000,
	    .src = src,
	    .dst = dst,
	    .direction = say->direction,
	    .bytes = slice_of(text, strlen(text))};
	if (sip_msg_parse(ev->bytes, msg) != SIP_OK)
		abort();
}

#define RIG_CHALLENGE(realm, nonce)                                      \
	"Proxy-Authenticate: Digest realm=\"" realm "\", nonce=\"" nonce \
	"\", algorithm=MD5, qop=\"auth\"\r\n"
#define RIG_CREDENTIALS(user, realm, nonce)                                 \
	"Proxy-Authorization: Digest username=\"" user "\", realm=\"" realm \
	"\", nonce=\"" nonce "\", uri=\"sip:x\", response=\"0\", algorithm=MD5\r\n"

#endif
