/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * facts - what one finished attempt looked like on the wire. Observations only;
 * what they mean is diagnose/'s business.
 *
 * The record holds its own strings (base/text.h), so it may be copied.
 */
#ifndef TRACK_FACTS_H
#define TRACK_FACTS_H

#include "base/endpoint.h"
#include "base/text.h"
#include "base/usec.h"
#include "reassemble/reassemble.h"
#include "sip/digest_proof.h"
#include "sip/sip_auth.h"
#include "sip/sip_msg.h"

enum direction {
	DIRECTION_OUTBOUND = 0, /* our box sent the request */
	DIRECTION_INBOUND,      /* our box received it */
	DIRECTION_INTERNAL,     /* between our own addresses */
	DIRECTION_TRANSIT,      /* between strangers */
};

enum outcome {
	OUTCOME_ANSWERED = 0,
	OUTCOME_REFUSED,
	OUTCOME_CHALLENGE_UNANSWERED,
	OUTCOME_TIMED_OUT,
	OUTCOME_UNREACHABLE,
	OUTCOME_CANCELLED,
	OUTCOME_NORMAL, /* busy, no answer, not found: telephony, not a fault */
	OUTCOME_OPEN,   /* the capture ended first */
	OUTCOME_COUNT
};

/* Why the evidence of an attempt may be incomplete; several may be true. */
enum incomplete {
	INCOMPLETE_LOST = 1 << 0,      /* the capture lost packets while it ran */
	INCOMPLETE_GAP = 1 << 1,       /* bytes of its TCP stream are missing */
	INCOMPLETE_CUT = 1 << 2,       /* the snap length cut a message */
	INCOMPLETE_REQUEST = 1 << 3,   /* an answer to a request that was not seen */
	INCOMPLETE_CHALLENGE = 1 << 4, /* credentials without their challenge */
	INCOMPLETE_ANSWER = 1 << 5,    /* UDP, not repeated: an answer was not seen */
	INCOMPLETE_END = 1 << 6,       /* the capture ended first */
	INCOMPLETE_NEAR = 1 << 7,      /* nothing followed, where messages are missing
					  from other attempts */
};

/* "packets_lost stream_gap", all of them fit; NULL for 0. */
enum { INCOMPLETE_TEXT_MAX = 128 };
const char *incomplete_words(uint8_t why, char buf[INCOMPLETE_TEXT_MAX]);

const char *direction_name(enum direction d);
const char *outcome_name(enum outcome o);

enum {
	FACTS_TEXT_MAX = 1536, /* bytes of all strings of one record */
	FACT_CALL_ID_MAX = 256,
	FACT_VALUE_MAX = 128,
	FACT_SHORT_MAX = 64,
};

struct facts {
	/* identity */
	enum sip_method_id method_id;
	enum direction direction;
	enum transport transport;
	enum outcome outcome;
	struct endpoint local;  /* our end (transit: the requester) */
	struct endpoint remote; /* the other end */

	/* time */
	int64_t started_at_us;
	int64_t credentials_at_us; /* first request with credentials, or USEC_NEVER */
	int64_t challenged_at_us;  /* the last challenge, or USEC_NEVER */
	int64_t provisional_at_us; /* first 101..199, or USEC_NEVER */
	int64_t decided_at_us;     /* last packet or give-up time */
	int64_t last_request_at_us;

	/* what happened */
	uint16_t code;             /* final status, 0: none */
	uint16_t challenge_code;   /* first 401/407, 0: none */
	uint16_t best_provisional; /* highest 1xx seen after the last request */
	uint16_t rounds;     /* requests with credentials, without retransmissions */
	uint16_t challenges; /* distinct challenges */
	uint16_t retransmits;
	uint16_t q850_cause; /* Reason: Q.850, 0: none */
	uint16_t warning_code;
	uint32_t retry_after_s;
	uint32_t expires_s;     /* REGISTER: granted, else asked for */
	enum icmp_reason icmp;  /* with OUTCOME_UNREACHABLE */
	uint32_t request_bytes; /* size of the last request */
	uint8_t vias;           /* of the request: more than one came through a proxy */
	enum sip_algorithm
	    challenge_alg; /* best of the offered that is MD5, else first */

	/* booleans */
	bool is_in_dialog;       /* had a To tag: re-INVITE, UPDATE, BYE */
	bool is_first_cached;    /* the first request already bore credentials */
	bool challenge_is_stale; /* some challenge said stale=true */
	bool algorithm_is_quoted;
	bool algorithm_is_known; /* MD5 was among the offered algorithms */
	bool challenge_wants_auth_int;
	bool challenge_wants_userhash;
	bool provisional_had_tag; /* a 101..199 with To tag after credentials */
	bool final_had_auth_info; /* Authentication-Info / Proxy-Authentication-Info */
	bool has_record_route;    /* a proxy stays in the path */
	bool has_identity;        /* Identity header in the request */
	bool is_incomplete;       /* evidence may be missing: */
	uint8_t incomplete_why;   /* enum incomplete */
	bool was_cancelled;       /* a CANCEL was seen */
	bool tcp_refused;         /* RST answered the SYN */
	bool icmp_seen;
	bool nonce_answered_elsewhere; /* credentials went to another address than the
					  challenge came from */
	bool realm_changed;            /* a later challenge named another realm */
	bool is_second_leg;    /* another leg of the same call through a local proxy */
	bool remote_is_called; /* inbound: our box sends calls or registers there */
	bool has_request;      /* the request itself was seen, not only its answer */

	/* the credentials against the configured secret, where one is known */
	enum digest_verdict digest;
	enum digest_mangling mangling;

	/* strings of the request (last one) */
	struct text call_id, from_tag;
	struct text method; /* as sent */
	struct text request_uri, request_host, caller, caller_name, from_domain, called;
	struct text contact_host, asserted; /* asserted: PAI, PPI or RPID user */
	struct text user_agent;
	struct text auth_user, auth_realm, auth_algorithm;
	struct text sdp_codecs; /* payload types of the m= line */
	/* strings of the answers */
	struct text reason, reason_header, warning, server, realm, challenge_algorithms;
	struct text
	    extra; /* X-..., P-... or Call-Info of the final answer that explains */
	struct ip_addr
	    seen_ip; /* received= of the answer: our address as the provider sees it */
	uint16_t seen_port; /* rport=, 0: none */

	/* context, filled by track/ at the decision */
	uint32_t remote_active_calls;   /* at the remote address, when it was decided */
	uint32_t remote_second_invites; /* INVITEs to it within the second before */
	uint32_t remote_ended_calls;    /* there, that were up before the capture began:
					   while they were, they are not counted above */

	uint64_t recording; /* handle for recorder_messages(); 0: none kept */

	TEXT_POOL(FACTS_TEXT_MAX) pool;
};

static inline void facts_mark(struct facts *f, enum incomplete why)
{
	f->is_incomplete = true;
	f->incomplete_why |= (uint8_t)why;
}

/* The part that is in use: copy this many bytes. */
static inline size_t facts_bytes(const struct facts *f)
{
	return offsetof(struct facts, pool) + offsetof(struct text_pool, bytes) +
	       f->pool.used;
}

#endif
