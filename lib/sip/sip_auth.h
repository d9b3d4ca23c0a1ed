/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sip_auth - challenges and credentials (RFC 3261 22, RFC 7616, RFC 8760).
 *
 * One header holds one challenge or one set of credentials (RFC 3261 7.3.1: not
 * to be split at commas), but some stacks put two challenges into one header:
 * sip_challenge_take() copes with both.
 *
 * Ownership  Slices point into the value. Quoted values lose their quotes,
 *            backslash escapes stay as sent.
 * Absent     SLICE_NONE. A scheme other than Digest gives its name and SIP_ALG_OTHER,
 *            nothing else: its blob is not ours to read.
 * Doubles    The first parameter of a name counts.
 * Errors     false: there is no scheme.
 * Limits     None: a value may be as long as the message.
 * Threads    No state.
 */
#ifndef SIP_SIP_AUTH_H
#define SIP_SIP_AUTH_H

#include "base/slice.h"

enum sip_algorithm {
	SIP_ALG_MD5 = 0, /* also when none is named */
	SIP_ALG_MD5_SESS,
	SIP_ALG_SHA256,
	SIP_ALG_SHA256_SESS,
	SIP_ALG_SHA512_256,
	SIP_ALG_SHA512_256_SESS,
	SIP_ALG_OTHER,
};
const char *sip_algorithm_name(enum sip_algorithm a);

struct sip_challenge {
	struct slice scheme; /* "Digest" */
	struct slice realm, nonce, opaque, qop, domain, algorithm;
	enum sip_algorithm alg;
	bool algorithm_is_quoted; /* chan_sip does not understand algorithm="MD5" */
	bool is_stale;
	bool wants_userhash;
	uint16_t offset; /* where the fields end in *rest: chan_sip reads 511 bytes */
};
/* Takes the first challenge of *rest and moves *rest behind it, to its end on false. */
bool sip_challenge_take(struct slice *rest, struct sip_challenge *out);

struct sip_credentials {
	struct slice scheme;
	struct slice username, realm, nonce, uri, response, algorithm, cnonce, opaque,
	    qop, nc;
	enum sip_algorithm alg;
	bool username_is_hashed; /* RFC 7616 3.4.4: userhash=true */
};
bool sip_credentials_parse(struct slice value, struct sip_credentials *out);

#endif
