/* SPDX-License-Identifier: BSD-2-Clause */
/* phrases - what a provider's own words hint at; the table is phrases.def. */
#ifndef DIAGNOSE_PHRASES_H
#define DIAGNOSE_PHRASES_H

#include "diagnose/phrase.h"
#include "diagnose/signs.h"

enum { PHRASE_TEXTS = 4, PHRASE_MEMOS = 16, PHRASE_MEMO_BYTES = 240 };

/* What a short answer said. All zero: an answer without a word, which says nothing. */
struct phrase_memo {
	struct signs signs;
	uint16_t code;
	uint8_t len[PHRASE_TEXTS];
	char bytes[PHRASE_MEMO_BYTES]; /* of its texts, one behind the other */
};

/* A provider repeats itself call after call, so the last answers are remembered. Begins
 * as zero and .own, which never changes. One thread. */
struct phrase_reader {
	struct phrases own; /* the configuration's */
	struct phrase_memo memos[PHRASE_MEMOS];
	size_t kept; /* ever */
};

/* Adds the sign of each row whose words all occur in the final answer's phrase,
 * Reason, Warning or X- header; those of the configuration count, too. */
void phrases_read(const struct facts *f, struct phrase_reader *r, struct signs *signs);

/* "says_funds": what a phrase may mean. SIGN_NONE: nothing of the kind. */
enum sign phrase_meaning(struct slice name);

/* Does it hold a word to look for? */
bool phrase_has_words(struct slice words);

#endif
