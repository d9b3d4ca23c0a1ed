/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capture_file - a capture file's packets into its source's ring: the live path
 * without the device. Waits for the analysis instead of dropping.
 *
 * Ends       SOURCE_ENDED with .err.code 0, or with what stopped it: -EBADMSG for
 *            damage (what was read before it counts), or a read error.
 */
#ifndef DAEMON_CAPTURE_FILE_H
#define DAEMON_CAPTURE_FILE_H

#include "capfile/capsource.h"
#include "source.h"

/* The source takes the file over, also on error. */
int capture_file_start(struct source *s, struct capsource *file, struct err *e);

#endif
