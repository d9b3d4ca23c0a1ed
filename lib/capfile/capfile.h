/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capfile - pcap and pcapng bytes to frames.
 *
 * Our own reader, because libpcap refuses valid pcapng files whose interfaces
 * differ in link type or snap length.
 *
 * In         A read function (file, pipe, zlib, memory: whatever the caller has).
 *            pcap in both byte orders, micro- and nanosecond, modified
 *            (Kuznetzov) and Nokia/aixd headers as far as they are unambiguous;
 *            pcapng with any number of sections and interfaces, if_tsresol,
 *            if_tsoffset, EPB, SPB and the obsolete packet block.
 * Out        Frames. .bytes stays valid until the next call.
 * Ownership  The reader owns one buffer, or borrows yours; capfile_close() frees it.
 * Errors     Negative errno with *err filled in: -EBADMSG for something that is
 *            no capture file, or damaged from here on (what was read before it
 *            counts); -EIO and others from the read function.
 * Limits     One record: CAPFILE_RECORD_MAX. Interfaces of a section: 4096.
 * Threads    One reader, one thread.
 */
#ifndef CAPFILE_CAPFILE_H
#define CAPFILE_CAPFILE_H

#include "base/err.h"
#include "capfile/frame.h"

enum { CAPFILE_RECORD_MAX = 16 << 20 };

/* Like read(2): bytes read, 0 at the end, negative errno on failure. */
typedef int64_t capfile_read_fn(void *ctx, void *buf, size_t len);

struct capfile;

int capfile_open(capfile_read_fn *read, void *ctx, struct capfile **out, struct err *e);

/* The same from memory: nothing is copied, frames point into bytes, which must live
 * as long as the reader. */
int capfile_open_bytes(
    const uint8_t *bytes, size_t len, struct capfile **out, struct err *e);

/* 1: a frame; 0: the end; negative errno: damage, or the read function failed. */
int capfile_next(struct capfile *file, struct frame *frame, struct err *e);

/*
 * The frames that come next, all at once: as many as lie in memory already, are of the
 * plainest kind (pcap, nothing odd) and begin before that offset; what each costs is a
 * few loads. 0: none; capfile_next() knows the next one, or why there is none. Their
 * bytes stay valid until the next call of either.
 */
size_t capfile_take(
    struct capfile *file, struct frame *frames, size_t max, uint64_t before);

/* Packets the file itself says the capturing kernel dropped (pcapng ISB). */
uint64_t capfile_dropped(const struct capfile *file);

/* How far the stream has been taken. */
uint64_t capfile_offset(const struct capfile *file);

void capfile_close(struct capfile *file);

#endif
