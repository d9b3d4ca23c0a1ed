/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * words - the words that stand in the database for what memory holds as numbers,
 * where the module that owns the number has no name function or no way back.
 */
#ifndef STORE_WORDS_H
#define STORE_WORDS_H

#include "diagnose/finding.h"

const char *icmp_word(enum icmp_reason r); /* "port_unreachable" */
const char *verdict_word(enum verdict v);  /* NULL for VERDICT_NONE */

/* NULL when nothing was compared; NULL when it was sent as it is configured. */
const char *digest_word(enum digest_verdict v);
const char *mangling_word(enum digest_mangling m);

/* Back again. NULL and unknown words give the enumeration's zero. */
enum icmp_reason icmp_of_word(const char *word);
enum verdict verdict_of_word(const char *word);
enum registration registration_of_word(const char *word);
enum reachability reachability_of_word(const char *word);

#endif
