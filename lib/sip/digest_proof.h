/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * digest_proof - what became of comparing credentials with a configured secret.
 *
 * The result without the secret: it may be stored, shown and carried in facts.
 * asterisk/ast_secrets.h makes it. It stands here so that track/ and diagnose/ can
 * speak of it.
 */
#ifndef SIP_DIGEST_PROOF_H
#define SIP_DIGEST_PROOF_H

#include "base/slice.h"

enum digest_verdict {
	DIGEST_NOT_CHECKED = 0, /* nobody asked, or the digest cannot be recomputed */
	DIGEST_NO_SECRET,       /* no secret is configured for that user name */
	DIGEST_MATCHES,         /* our box sent the configured secret */
	DIGEST_MANGLED,         /* it sent a known distortion of it */
	DIGEST_NO_MATCH,        /* it sent something else */
	DIGEST_VERDICT_COUNT
};

enum digest_mangling {
	DIGEST_AS_CONFIGURED = 0,
#define DIGEST_MANGLING(id, slug, sentence) DIGEST_##id,
#include "sip/digest_manglings.def"
	DIGEST_MANGLING_COUNT
};

/* "matches", "mangled", ... */
const char *digest_verdict_name(enum digest_verdict v);
/* "as_configured", "cut_at_semicolon", ... Stable. */
const char *digest_mangling_slug(enum digest_mangling m);
/* Completes "our box sent the configured secret ...". */
const char *digest_mangling_sentence(enum digest_mangling m);
/* DIGEST_MANGLING_COUNT: unknown. */
enum digest_mangling digest_mangling_lookup(struct slice slug);

#endif
