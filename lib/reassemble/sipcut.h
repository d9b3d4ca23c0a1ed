/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sipcut - cuts a stream of bytes into SIP messages (RFC 3261 18.3, 7.5).
 *
 * In         All bytes of the stream that have not been consumed yet, in one piece;
 *            more of them at each call. The cutter remembers how far it has read.
 * Out        How many bytes to throw away, and then a message or "more".
 * Framing    Start line, headers, empty line (CRLF or LF), Content-Length bytes.
 *            Without a Content-Length, or with one that cannot be used (negative,
 *            no number, two that contradict), the message ends with its head; what
 *            follows is sought for the next start line at the start of a line.
 *            A message longer than max is skipped, as its head is.
 * Property   The same bytes give the same messages however they arrive.
 * Threads    No state but *c.
 * Cost       Each byte of a head is read once, however small the pieces; bodies
 *            are not read.
 */
#ifndef REASSEMBLE_SIPCUT_H
#define REASSEMBLE_SIPCUT_H

#include "base/slice.h"

enum { SIPCUT_LENGTH_ABSENT = -1, SIPCUT_LENGTH_BAD = -2 };

struct sipcut {
	uint32_t scanned; /* of the head; 0: the start line is not known yet */
	uint32_t field;   /* where the header field that has not ended began */
	uint32_t need;    /* head and body, or 0 while the head has no end */
	int64_t length;  /* Content-Length, or SIPCUT_LENGTH_*, as far as it was read */
	bool is_seeking; /* the framing is lost */
	bool is_mid_line;    /* and the next byte does not begin a line */
	bool has_bad_length; /* the message in hand has no usable length */
};

enum sipcut_rc {
	SIPCUT_MORE = 0,
	SIPCUT_MESSAGE,
};

struct sipcut_found {
	size_t skip;    /* keep-alives and garbage before it: throw away */
	size_t len;     /* then the message; skip + len are consumed */
	size_t garbage; /* of skip, bytes that were no keep-alive */
	uint32_t keepalives;
	uint32_t too_long;   /* messages skipped for their length */
	uint32_t bad_length; /* unusable Content-Length */
};

/* Starts at a boundary, or (is_seeking) somewhere in the stream: the first byte may
 * begin a start line, what comes before the next line may not. */
static inline void sipcut_reset(struct sipcut *c, bool is_seeking)
{
	*c = (struct sipcut){.is_seeking = is_seeking};
}

/* Is a message begun and not ended? */
static inline bool sipcut_is_inside(const struct sipcut *c)
{
	return c->scanned > 0;
}

enum sipcut_rc sipcut_next(
    struct sipcut *c, struct slice data, size_t max, struct sipcut_found *f);

#endif
