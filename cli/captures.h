/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * captures - several capture files read as one, merged by time.
 *
 * Order      The frame with the smallest stamp comes next; of equal stamps that of
 *            the file named first. Inside a file the order is the file's own, also
 *            where its stamps step back.
 * Damage     A file that breaks off after readable frames ends there; the others
 *            go on. The first damage is kept for the end.
 * Errors     An exit status of cmd.h, with *e. A file that cannot be opened or is
 *            no capture ends everything before the first frame.
 * Ownership  A frame is borrowed until the next call.
 * Limits     CAPTURES_MAX files.
 */
#ifndef CLI_CAPTURES_H
#define CLI_CAPTURES_H

#include "base/err.h"
#include "decode/packet.h"

enum { CAPTURES_MAX = 1024 };

struct captures;

int captures_open(
    char *const *paths, size_t count, struct captures **out, struct err *e);
void captures_close(struct captures *c);
void captures_cleanup(struct captures **c); /* for CLEANUP() */

/* NULL: the end. */
const struct frame *captures_next(struct captures *c);

/* Packets that the files say were lost before they were written. */
uint64_t captures_dropped(const struct captures *c);

/* After the end: EXIT_OK, or EXIT_DATA with what was wrong in *e: damage, or
 * nothing but link types that nobody here can read. */
int captures_verdict(const struct captures *c, struct err *e);

#endif
