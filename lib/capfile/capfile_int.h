/* SPDX-License-Identifier: BSD-2-Clause */
/* capfile_int - what capfile.c, capbuf.c, pcap.c and pcapng.c share. */
#ifndef CAPFILE_CAPFILE_INT_H
#define CAPFILE_CAPFILE_INT_H

#include "capfile/capfile.h"

enum {
	/* libpcap's MAXIMUM_SNAPLEN: what no writer's own limit may be below. */
	CAPFILE_SNAPLEN_MAX = 262144,
	CAPFILE_INTERFACES_MAX = 4096,
};

/*
 * A window onto the stream: bytes[at..end) are read and not yet consumed. It
 * grows only when it is full of real bytes, so that a length field alone can
 * never make us reserve memory. Bytes that the caller lent are a window onto the
 * whole stream: eof from the beginning, nothing is read and nothing moves.
 */
struct capbuf {
	capfile_read_fn *read; /* NULL: lent, bytes are not ours */
	void *ctx;
	uint8_t *bytes;
	size_t cap, at, end;
	uint64_t offset; /* in the stream, of bytes[at] */
	bool eof;
};

/* 1: n bytes are there, at capbuf_at(). 0: the stream ends before. Negative:
 * the read function failed; nothing is lost, the call may be repeated. */
int capbuf_fill(struct capbuf *b, size_t n, struct err *e);

static inline int capbuf_need(struct capbuf *b, size_t n, struct err *e)
{
	return b->end - b->at >= n ? 1 : capbuf_fill(b, n, e);
}

static inline const uint8_t *capbuf_at(const struct capbuf *b)
{
	return b->bytes + b->at;
}

static inline size_t capbuf_left(const struct capbuf *b)
{
	return b->end - b->at;
}

/* Only what capbuf_need() has promised. */
static inline void capbuf_consume(struct capbuf *b, size_t n)
{
	b->at += n;
	b->offset += n;
}

struct interface {
	uint32_t linktype;
	uint32_t snaplen;         /* 0: no limit */
	uint64_t units_per_s;     /* of a time stamp */
	int64_t offset_s;         /* added to each */
	uint64_t dropped_isb;     /* latest interface statistics block */
	uint64_t dropped_packets; /* sum of what packets said */
};

struct capfile {
	struct capbuf buf;
	int (*next)(struct capfile *file, struct frame *frame, struct err *e);
	/* NULL: its frames come one by one. */
	size_t (*take)(
	    struct capfile *file, struct frame *frames, size_t max, uint64_t before);
	bool big_endian; /* of the file, or of the section */
	uint64_t dropped;
	struct err why; /* .code != 0: damaged from here on, and why */

	/* pcap */
	uint32_t linktype;
	uint32_t record_max;
	uint8_t header_len; /* of a record: 16, and more in the modified kinds */
	bool nanoseconds;
	uint8_t version_minor;

	/* pcapng */
	struct interface *interfaces; /* of this section */
	uint32_t interface_count, interface_room;
	int64_t last_at_ns; /* a simple packet block has no time of its own */
	size_t pending;     /* bytes to drop before the next block */
};

/* Both look at the first bytes in the buffer. */
int pcap_open(struct capfile *file, struct err *e);
int pcapng_open(struct capfile *file, struct err *e);

/* -EBADMSG for good: from now on capfile_next() repeats it. The text begins
 * with the place. */
__attribute__((format(printf, 3, 4))) int capfile_damaged(
    struct capfile *file, struct err *e, const char *fmt, ...);

static inline uint16_t capfile_u16(const struct capfile *f, const uint8_t *p)
{
	return (uint16_t)(f->big_endian ? p[0] << 8 | p[1] : p[1] << 8 | p[0]);
}

static inline uint32_t capfile_u32(const struct capfile *f, const uint8_t *p)
{
	uint32_t be = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		      (uint32_t)p[2] << 8 | (uint32_t)p[3];

	return f->big_endian ? be : __builtin_bswap32(be);
}

static inline uint64_t capfile_u64(const struct capfile *f, const uint8_t *p)
{
	uint64_t first = capfile_u32(f, p);
	uint64_t second = capfile_u32(f, p + 4);

	return f->big_endian ? first << 32 | second : second << 32 | first;
}

#endif
