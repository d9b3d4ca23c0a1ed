/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proofs - what `verify` found: each distinct outcome of comparing credentials on the
 * wire with the secrets it was given.
 *
 * In         Messages in capture order. A request's every set of credentials counts;
 *            ACK and CANCEL repeat those of their INVITE, made for another method
 *            (RFC 3261 22.1), and are left out.
 * Out        Proofs in the order of their first request.
 * Secrets    A proof holds neither the secret nor the digest.
 * Limits     PROOFS_MAX distinct ones; what is more is counted in .left_out. A text is
 *            cut at PROOF_TEXT_MAX bytes.
 * Threads    One.
 * Cost       Milliseconds per request with credentials; copies of the request before
 *            are not computed again.
 */
#ifndef CLI_PROOFS_H
#define CLI_PROOFS_H

#include "asterisk/ast_secrets.h"
#include "base/endpoint.h"
#include "base/text.h"
#include "reassemble/reassemble.h"
#include "sip/sip_msg.h"

enum { PROOFS_MAX = 512, PROOF_TEXT_MAX = 200 };

struct proof {
	struct digest_result result;
	const char *why_not; /* when it could not be computed; else NULL */
	struct endpoint src, dst;
	enum transport transport;
	int64_t first_us, last_us;
	uint64_t requests;
	uint32_t cseq;   /* of the newest request */
	uint16_t answer; /* the final one to it; 0: none seen, or no .call_id given */
	struct text user, realm, algorithm, qop; /* TEXT_GET(p, p->user) */
	struct text method, call_id;             /* of the first request */
	struct text reason;                      /* of the answer */
	TEXT_POOL(7 * PROOF_TEXT_MAX) pool;
};

struct proofs {
	const struct ast_trunks *trunks; /* borrowed; NULL: .secret */
	struct slice secret;             /* borrowed */
	struct slice call_id;            /* only this one; SLICE_NONE: any */

	struct proof *list;
	size_t count;
	uint64_t left_out;
	uint64_t requests; /* of that Call-ID, with credentials or without */
	uint64_t checked;  /* credentials that were compared with a secret */

	uint64_t copy_of; /* hash of the newest credentials: a copy looks alike */
	size_t newest;
};

/* False: out of memory. The caller sets what is borrowed. */
bool proofs_init(struct proofs *p);
void proofs_fini(struct proofs *p);

void proofs_take(
    struct proofs *p, const struct wire_event *ev, const struct sip_msg *msg);

#endif
