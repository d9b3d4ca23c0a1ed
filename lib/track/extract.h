/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * extract - copies what a message says into the facts of its attempt.
 *
 * Done once per attempt and kind of message, not per packet: the first request,
 * each request with new credentials, each challenge, the final answer.
 *
 * Limits     Every string has a cap; facts.pool.cut counts what was cut.
 * Threads    No state.
 */
#ifndef TRACK_EXTRACT_H
#define TRACK_EXTRACT_H

#include "track/facts.h"

/* Who calls whom, from the request that opens the attempt. */
void extract_request(struct facts *f, const struct sip_msg *msg);

/* The same, as far as an answer echoes it, when the request was never seen. */
void extract_echo(struct facts *f, const struct sip_msg *msg);

/* Authorization / Proxy-Authorization. False: there are no Digest credentials. */
bool extract_credentials(struct facts *f, const struct sip_msg *msg);

/* A 401 or 407: realm, algorithms, stale. */
void extract_challenge(struct facts *f, const struct sip_msg *msg);

/* The final answer: phrase, Reason, Warning, our address as it was seen. */
void extract_final(struct facts *f, const struct sip_msg *msg);

#endif
