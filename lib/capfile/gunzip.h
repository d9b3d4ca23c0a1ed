/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gunzip - a read function that inflates what another read function delivers.
 *
 * In         gzip (RFC 1952), members one after another as `cat a.gz b.gz` makes
 *            them. What follows the last member and is no member is ignored, as
 *            gzip(1) does.
 * Ownership  gunzip_close() frees it; the source below belongs to the caller.
 * Errors     gunzip_read() returns -EBADMSG for damage and for an end in the
 *            middle, after everything before has been delivered, and then
 *            gunzip_why() is a sentence; else what the source returned.
 * Limits     Streams: no more than 64 KiB of input and zlib's window are held,
 *            whatever the ratio.
 * Threads    One reader, one thread.
 */
#ifndef CAPFILE_GUNZIP_H
#define CAPFILE_GUNZIP_H

#include "capfile/capfile.h"

struct gunzip;

/* Do these bytes, the first of a file, say gzip? Two are enough. */
bool gunzip_is_magic(struct slice head);

int gunzip_open(capfile_read_fn *read, void *ctx, struct gunzip **out, struct err *e);

/* A capfile_read_fn; ctx is the struct gunzip. */
int64_t gunzip_read(void *ctx, void *buf, size_t len);

/* What is wrong with the compressed data, or NULL. */
const char *gunzip_why(const struct gunzip *z);

void gunzip_close(struct gunzip *z);

#endif
