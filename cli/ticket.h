/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ticket - the text that a provider's support needs, and nothing it must not have:
 * no password, no nonce, no response.
 *
 * In         A failure's row (NULL: an incident without one) and what its incident
 *            and its trunk say.
 * Out        Plain text to be copied into a mail. Times as when_text() gives them:
 *            the caller sets the zone to UTC.
 * Threads    One.
 */
#ifndef CLI_TICKET_H
#define CLI_TICKET_H

#include "cmd.h"
#include "store/query.h"

enum { TICKET_CALLS = 5 }; /* examples: providers ask for three to five */

struct ticket {
	const struct failure_row *failure;
	enum verdict verdict;
	int64_t incident; /* 0: none; what follows is then unset */
	int64_t first_us, last_us, closed_us;
	int64_t failures, attempts;
	int64_t good_us; /* last success of the trunk; USEC_NEVER: none */
};

/* Everything but the list of calls. */
void ticket_print(struct cli *cli, const struct ticket *t);

void ticket_calls_heading(struct cli *cli);
void ticket_call(struct cli *cli, const struct failure_row *r);

#endif
