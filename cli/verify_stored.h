/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify_stored - the digest proof of a failure in the database: what the daemon found
 * when it compared the credentials with the configured secret. Only the result is
 * there; to compare again it takes evidence.keep_credentials and a secret.
 */
#ifndef CLI_VERIFY_STORED_H
#define CLI_VERIFY_STORED_H

#include "cmd.h"
#include "store/query.h"

/* "sent cut at a ';' ..." : the result in words; r->digest is not NULL. */
const char *verify_stored_words(const struct failure_row *r);

/* Prints it. The exit status; EXIT_DATA when nothing was compared. */
int verify_stored(struct cli *cli, int64_t id);

struct proofs;
/* The messages of the failure, as if they came from a capture. EXIT_OK, or the exit
 * status after a line on stderr. */
int verify_stored_messages(struct cli *cli, int64_t id, struct proofs *p);

#endif
