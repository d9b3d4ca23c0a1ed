/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ladder - the messages of a failure as arrows between two columns: our side on the
 * left, the provider's on the right.
 *
 * In         A failure's row (who is left and who is right) and its recorded
 *            messages, in order.
 * Threads    One.
 */
#ifndef CLI_LADDER_H
#define CLI_LADDER_H

#include "store/query.h"
#include "term.h"

struct ladder {
	const struct term *term;
	struct out *out;
	const char *local; /* "ip:port", or NULL */
	size_t arrow;      /* columns between the two sides */
	int64_t first_us;
	size_t count;
};

/* local and remote are borrowed until the last message was shown. */
void ladder_init(struct ladder *l, const struct term *term, struct out *out,
    const struct failure_row *r);
void ladder_message(struct ladder *l, const struct message_row *m);

#endif
