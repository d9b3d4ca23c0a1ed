/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capsource - a capture file by its name: open, see through gzip, read frames.
 *
 * In         A path, or "-" for standard input. Pipes are fine: nothing seeks. A plain
 *            file is mapped, in the length that it has when it is opened.
 * Out        Frames, see capfile.h.
 * Ownership  The source owns the descriptor (never standard input).
 * Errors     Negative errno with *err: what open(2) and read(2) say (-ENOENT,
 *            -EACCES, -EISDIR, ...), or -EBADMSG: empty, no capture file, damaged.
 *            The text does not name the path; the caller knows how he calls it.
 *            -EINTR from capsource_next() is no damage: a signal arrived while a
 *            pipe was silent; stop, or call again.
 * Threads    One source, one thread.
 */
#ifndef CAPFILE_CAPSOURCE_H
#define CAPFILE_CAPSOURCE_H

#include "capfile/capfile.h"

struct capsource;

int capsource_open(const char *path, struct capsource **out, struct err *e);

/* As capfile_next(). */
int capsource_next(struct capsource *source, struct frame *frame, struct err *e);

/* As capfile_take(); what it gives has no packets dropped before it. */
size_t capsource_take(struct capsource *source, struct frame *frames, size_t max);

uint64_t capsource_dropped(const struct capsource *source);

/* Of the file itself, compressed or not: for a progress display. */
uint64_t capsource_bytes_read(const struct capsource *source);

void capsource_close(struct capsource *source);

#endif
