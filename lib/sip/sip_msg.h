/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sip_msg - one SIP message, parsed in place (RFC 3261 7).
 *
 * In         The bytes of one message, as reassemble/ cut them. They may hold
 *            more than the message (a datagram with two) or less (a snap length).
 * Out        A struct sip_msg whose slices all point into those bytes: the start
 *            line, every header in wire order with its id, the body; and of the
 *            values what every message is asked for, CSeq and tags. What else is
 *            inside a value is parsed on demand by the other headers of this folder.
 * Ownership  The caller owns the bytes and the struct. Nothing is allocated.
 * Attitude   We are a witness, not a peer. A message a phone would reject is
 *            evidence, so each defect we can read past is a bit in .oddities;
 *            only what cannot be attributed at all is an error.
 * Errors     enum sip_rc. On error *msg is unspecified.
 * Limits     SIP_HDRS_MAX headers are kept; the rest only counted in .hdrs_seen.
 * Cut short  A capture may end anywhere. Without the empty line .head_complete is
 *            false; with SIP_ODD_CUT_HDR the last header's value is only a beginning
 *            (half a Call-ID is another Call-ID).
 * Doubles    Of a header that must be single the first counts (SIP_ODD_DUP_HDR).
 * Units      Lengths are bytes.
 * Threads    No state.
 * Cost       One pass over the head; the body is never read.
 */
#ifndef SIP_SIP_MSG_H
#define SIP_SIP_MSG_H

#include "base/slice.h"

enum { SIP_HDRS_MAX = 96 };

enum sip_rc {
	SIP_OK = 0,
	SIP_E_KEEPALIVE, /* only CR, LF or NUL: a NAT keep-alive (RFC 5626 3.5.1) */
	SIP_E_NOT_SIP,   /* the first line is neither a request nor a status line */
	SIP_E_VERSION,   /* a first line, but of another SIP version */
	SIP_E_STATUS,    /* the status code is not 100..699 */
	SIP_RC_COUNT
};

enum sip_hdr_id {
	SIP_HDR_OTHER = 0,
#define SIP_HDR(id, name, compact) SIP_HDR_##id,
#include "sip/sip_hdrs.def"
	SIP_HDR_COUNT
};

enum sip_method_id {
	SIP_METHOD_OTHER = 0,
#define SIP_METHOD(id, name) SIP_METHOD_##id,
#include "sip/sip_methods.def"
	SIP_METHOD_COUNT
};

enum sip_oddity { /* bit numbers; names in sip_oddities.def */
#define SIP_ODDITY(id, name, help) SIP_ODD_##id,
#include "sip/sip_oddities.def"
	SIP_ODD_COUNT
};

struct sip_hdr {
	struct slice name;  /* as sent: compact forms and case are evidence */
	struct slice value; /* trimmed; a folded value still holds its CRLF */
	enum sip_hdr_id id;
};

/* RFC 3261 20.16: "314159 INVITE". */
struct sip_cseq {
	uint32_t number;
	struct slice method;
	enum sip_method_id method_id;
};

struct sip_msg {
	struct slice method;    /* SLICE_NONE in a response */
	struct slice uri;       /* Request-URI; SLICE_NONE in a response */
	struct slice reason;    /* Reason-Phrase; SLICE_NONE in a request */
	struct slice head;      /* start line and headers, with the empty line */
	struct slice body;      /* what was captured, at most Content-Length */
	uint64_t oddities;      /* 1 << SIP_ODD_* */
	int64_t content_length; /* -1: absent or unusable */
	uint16_t status;        /* 0 in a request, else 100..699 */
	uint16_t hdrs_seen;
	uint16_t hdrs_kept;           /* min(hdrs_seen, SIP_HDRS_MAX) */
	bool head_complete;           /* the empty line was there */
	bool has_cseq;                /* .cseq can be used */
	enum sip_method_id method_id; /* request: its method; response: OTHER */
	struct sip_cseq cseq;
	struct slice from_tag, to_tag; /* SLICE_NONE: there is none */
	/* 1 + index of the first header of that id, or 0. */
	uint8_t first[SIP_HDR_COUNT];
	struct sip_hdr hdrs[SIP_HDRS_MAX]; /* in wire order */
};

__attribute__((warn_unused_result)) enum sip_rc sip_msg_parse(
    struct slice bytes, struct sip_msg *msg);

static inline bool sip_msg_is_request(const struct sip_msg *msg)
{
	return msg->status == 0;
}

/* First header with that id, or NULL. Valid as long as *msg. */
static inline const struct sip_hdr *sip_msg_find(
    const struct sip_msg *msg, enum sip_hdr_id id)
{
	return msg->first[id] == 0 ? NULL : &msg->hdrs[msg->first[id] - 1];
}

/* Its value, or SLICE_NONE. */
static inline struct slice sip_msg_value(const struct sip_msg *msg, enum sip_hdr_id id)
{
	const struct sip_hdr *h = sip_msg_find(msg, id);

	return h == NULL ? SLICE_NONE : h->value;
}

/* The next one after h of the same id, or NULL. */
const struct sip_hdr *sip_msg_find_next(
    const struct sip_msg *msg, const struct sip_hdr *h);

/* Accepts the long and the compact name, in any case. */
enum sip_hdr_id sip_hdr_lookup(struct slice name);
const char *sip_hdr_name(enum sip_hdr_id id);
enum sip_method_id sip_method_lookup(struct slice method); /* case-sensitive */
const char *sip_method_name(enum sip_method_id id);
const char *sip_rc_name(enum sip_rc rc);
const char *sip_oddity_name(enum sip_oddity o);

#endif
