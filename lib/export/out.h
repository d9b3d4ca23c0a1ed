/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * out - a buffered writer that every format writes through.
 *
 * In         Bytes and numbers, in order.
 * Out        Calls of flush with the bytes so far whenever the buffer is full;
 *            without a flush function the bytes stay in buf and what does not
 *            fit is cut (for table cells and tests).
 * Ownership  The caller owns the buffer and lends it.
 * Errors     Sticky: the first failure of flush, or -ENOBUFS for a cut, stays in
 *            .error and ends all writing, so a writer asks once, at the end.
 * Limits     cap is at least OUT_MIN.
 * Threads    One writer, one thread.
 * Cost       No allocation, no locale.
 */
#ifndef EXPORT_OUT_H
#define EXPORT_OUT_H

#include "base/slice.h"

enum { OUT_MIN = 32 }; /* any number fits */

struct out {
	char *buf;
	size_t cap, used;
	int (*flush)(
	    void *ctx, const char *bytes, size_t len); /* 0 or negative errno */
	void *ctx;
	int error;
};

/* Both return .error. A memory writer has nothing to flush. */
int out_flush(struct out *o);
int out_bytes_slow(struct out *o, const char *bytes, size_t len);

static inline void out_bytes(struct out *o, const char *bytes, size_t len)
{
	if (len > o->cap - o->used) {
		(void)out_bytes_slow(o, bytes, len);
		return;
	}
	if (len > 0)
		memcpy(o->buf + o->used, bytes, len);
	o->used += len;
}

static inline void out_slice(struct out *o, struct slice s)
{
	out_bytes(o, s.ptr, s.len);
}

static inline void out_char(struct out *o, char c)
{
	out_bytes(o, &c, 1);
}

/* Program text, never wire bytes. */
static inline void out_text(struct out *o, const char *text)
{
	out_bytes(o, text, strlen(text));
}

void out_repeat(struct out *o, const char *text, size_t count);
void out_uint(struct out *o, uint64_t value);
void out_int(struct out *o, int64_t value);

/* value with its last `decimals` (at most 9) digits behind the point:
 * out_fixed(o, 1234, 3) writes 1.234. printf would use the locale's comma. */
void out_fixed(struct out *o, int64_t value, unsigned decimals);

/* Zero-padded to width (at most 20). */
void out_padded(struct out *o, uint64_t value, unsigned width);

/* "2026-01-02T03:04:05.678901Z", for machines. */
void out_iso_time(struct out *o, int64_t at_us);

/* Ends a memory writer's text with a NUL (the last byte is given up for it when
 * the buffer is full) and returns it. */
const char *out_string(struct out *o);

#endif
