/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * words - rows said in words: the same phrases in every table and page.
 *
 * Out        Text in the caller's buffer, with wire bytes escaped.
 * Returns    buf.
 */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "store/query.h"
#include "term.h"

enum { WORDS_MAX = 512 };

/* "403 Forbidden", "no answer", "port unreachable", "407, we did not retry". */
const char *words_answer(
    const struct term *t, const struct failure_row *r, char buf[WORDS_MAX]);

/* "92 %", or "-". */
const char *words_percent(double share, char buf[WORDS_MAX]);

/* "failing", "degraded", "idle", "ok". */
const char *words_trunk_state(const struct trunk_row *r);

/* "registered", "refused (403)". */
const char *words_registration(const struct trunk_row *r, char buf[WORDS_MAX]);

/* "reachable, 12.3 ms". */
const char *words_reachability(const struct trunk_row *r, char buf[WORDS_MAX]);

/* What was refused: red where it is sure, yellow where it is a guess. */
enum color words_color(double confidence);

const char *words_icmp(int64_t reason);

#endif
