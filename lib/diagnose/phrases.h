/* SPDX-License-Identifier: BSD-2-Clause */
/* phrases - what a provider's own words hint at; the table is phrases.def. */
#ifndef DIAGNOSE_PHRASES_H
#define DIAGNOSE_PHRASES_H

#include "diagnose/phrase.h"
#include "diagnose/signs.h"

/* Adds the sign of each row whose words all occur in the final answer's phrase,
 * Reason, Warning or X- header; those of the configuration count, too (NULL: none). */
void phrases_read(
    const struct facts *f, const struct phrases *own, struct signs *signs);

/* "says_funds": what a phrase may mean. SIGN_NONE: nothing of the kind. */
enum sign phrase_meaning(struct slice name);

/* Does it hold a word to look for? */
bool phrase_has_words(struct slice words);

#endif
