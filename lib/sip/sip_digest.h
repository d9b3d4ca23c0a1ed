/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sip_digest - were these credentials made with that secret?
 *
 * RFC 2069 (no qop), RFC 2617 and RFC 7616 (auth, auth-int, -sess), RFC 8760
 * (SHA-256 and SHA-512/256 in SIP).
 *
 * In         The request the credentials came with. Its method counts, not the
 *            one of an earlier try.
 * Secrets    Everything derived from the secret is wiped before we return; the
 *            comparison takes the same time wherever the difference is.
 * Escapes    RFC 7616 3.4.2 hashes quoted strings unescaped; chan_sip and pjsip
 *            hash them as sent. Either reading is a match.
 * Errors     false from a match says "another secret" only where
 *            sip_digest_is_checkable() says true.
 * Ownership  Borrows everything, keeps nothing.
 * Threads    No state.
 * Cost       Four short hashes and one more for auth-int; all of it twice where a
 *            field holds a backslash.
 */
#ifndef SIP_SIP_DIGEST_H
#define SIP_SIP_DIGEST_H

#include "sip/sip_auth.h"

struct digest_input {
	struct slice method;
	struct slice body; /* whole, for auth-int; SLICE_NONE when it was cut */
	const struct sip_credentials *cred;
};

/* Everything the hash needs is there, and we know the algorithm and the qop. */
bool sip_digest_is_checkable(const struct digest_input *in);

bool sip_digest_matches(const struct digest_input *in, struct slice secret);

/* ha1_hex is H(username:realm:secret), as in chan_sip's md5secret. */
bool sip_digest_matches_ha1(const struct digest_input *in, struct slice ha1_hex);

#endif
