/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * phrase - what a provider writes and means by it, as the configuration says
 * (`phrases:` of trunkwatch.yaml). They count beside those of phrases.def.
 *
 * A plain value; lists of it are borrowed by whoever is told of them.
 */
#ifndef DIAGNOSE_PHRASE_H
#define DIAGNOSE_PHRASE_H

#include <stddef.h>
#include <stdint.h>

enum { PHRASE_WORDS_MAX = 96 };

enum phrase_place {
	PHRASE_ANYWHERE = 0,
	PHRASE_IN_STATUS,  /* the status line */
	PHRASE_IN_REASON,  /* the Reason header */
	PHRASE_IN_WARNING, /* the Warning header */
	PHRASE_IN_EXTRA,   /* the provider's own header that explains */
};

struct phrase {
	char words[PHRASE_WORDS_MAX]; /* all must occur, in any order and case; a|b:
					 either */
	uint16_t code;                /* of the answer; 0: any */
	uint8_t place;                /* enum phrase_place */
	uint8_t sign;                 /* enum sign: SIGN_SAYS_... */
	uint16_t weight;              /* 1..100 percent: how plainly they say it */
};

struct phrases {
	const struct phrase *rows;
	size_t count;
};

#endif
