/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ast_secrets - did our box send the secret that is configured, and if not, what
 * did it make of it?
 *
 * The digest of the credentials is recomputed with each secret the configuration
 * has for that user name, then with the known distortions of it, then with every
 * other secret of the configuration.
 *
 * Matches    "as configured" means the bytes Asterisk reads and a person sees. A
 *            secret in quotes that was sent with its quotes matches, with the hint
 *            DIGEST_QUOTES_KEPT: the provider hardly has the quotes. A secret that
 *            Asterisk reads only up to a ';' is mangled, not as configured.
 * Secrets    The result holds none. Work buffers are wiped before we return.
 * Ownership  The result's slices point into the configuration.
 * Limits     AST_OWN_TRIED secrets of the user name, with all distortions;
 *            AST_OTHERS_TRIED of the others, as configured.
 * Threads    No state.
 * Cost       Up to some thousand short hashes (milliseconds): once per attempt
 *            that was refused, never per packet.
 */
#ifndef ASTERISK_AST_SECRETS_H
#define ASTERISK_AST_SECRETS_H

#include "asterisk/ast_trunks.h"
#include "sip/digest_proof.h"
#include "sip/sip_digest.h"

enum {
	AST_SECRET_MAX = 8192 /* a line and two quotes */,
	AST_OWN_TRIED = 16,
	AST_OTHERS_TRIED = 2048
};

struct digest_result {
	enum digest_verdict verdict;
	enum digest_mangling mangling; /* for MANGLED; a hint for MATCHES */
	struct slice
	    trunk; /* whose secret it was compared with; absent: [authentication] */
	struct slice file; /* where that secret stands; absent with NO_SECRET */
	uint32_t line;
	uint32_t tried; /* digests computed */
	bool is_client; /* the secret is one of our own phones' */
};

/* remote_host: the Request-URI's host, or the peer's address as text; SLICE_NONE when
 * unknown. It only decides which of several secrets of one user name comes first. */
enum digest_verdict ast_digest_check(const struct ast_trunks *t,
    const struct digest_input *in, struct slice remote_host, struct digest_result *out);

/* The same for a secret that a person typed: trunk, file and line stay absent. */
enum digest_verdict ast_digest_check_secret(
    const struct digest_input *in, struct slice secret, struct digest_result *out);

/*
 * One distortion of a secret. Both texts are needed, because the file may say more
 * than Asterisk reads. The result points into *s or into buf, which the caller wipes.
 * False: this distortion does not apply, or changes nothing.
 */
struct ast_secret_text {
	struct slice secret; /* as Asterisk has it */
	struct slice raw;    /* as the file shows it, or the same */
	struct slice username, realm;
	bool is_cut; /* raw goes on where secret ends, after a ';' */
};
bool ast_mangle(const struct ast_secret_text *s, enum digest_mangling m,
    char buf[AST_SECRET_MAX], struct slice *out);

#endif
