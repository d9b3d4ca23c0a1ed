/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Input: a capture file, or gzip around one.
 *
 * Properties, beyond "does not crash":
 *   - reading ends, with the end or with damage, and damage stays;
 *   - frames are within their limits and not longer together than the file;
 *   - the same bytes in pieces, and where they lie, a few at once, give the same
 * frames.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "capfile/capfile.h"
#include "capfile/gunzip.h"

enum { GUNZIP_MAX = 1 << 20, TAKE_MAX = 3 };

struct input {
	const uint8_t *bytes;
	size_t len, at;
	size_t piece; /* 0: all at once */
};

struct result {
	uint64_t frames, bytes, sum;
	uint64_t dropped;
	int rc;
};

static void require(int ok)
{
	if (!ok)
		abort();
}

static int64_t read_input(void *ctx, void *buf, size_t len)
{
	struct input *in = ctx;
	size_t left = in->len - in->at;

	if (len > left)
		len = left;
	if (in->piece != 0 && len > in->piece)
		len = in->piece;
	if (len > 0)
		memcpy(buf, in->bytes + in->at, len);
	in->at += len;
	return (int64_t)len;
}

/* So that a difference anywhere in a frame shows. */
static void count(struct result *r, const struct frame *f)
{
	r->frames++;
	r->bytes += f->bytes.len;
	r->sum = r->sum * 31 + (uint64_t)f->at_ns;
	r->sum = r->sum * 31 + f->linktype;
	r->sum = r->sum * 31 + f->ifindex;
	r->sum = r->sum * 31 + f->wire_len;
	for (size_t i = 0; i < f->bytes.len; i++)
		r->sum = r->sum * 31 + (uint8_t)f->bytes.ptr[i];
}

static void take_frame(struct result *r, const struct frame *frame)
{
	count(r, frame);
	require(frame->bytes.len <= CAPFILE_RECORD_MAX);
	require(frame->wire_len >= frame->bytes.len);
	require(frame->at_ns >= 0);
}

/* take: at most so many at once; 0: each alone. */
static struct result read_frames(struct capfile *file, size_t limit, size_t take)
{
	struct result r = {0};
	struct frame frame, frames[TAKE_MAX];
	struct err e;

	while (r.bytes <= limit && (r.rc = capfile_next(file, &frame, &e)) == 1) {
		size_t taken;

		take_frame(&r, &frame); /* before its bytes may move */
		taken = capfile_take(file, frames, take, UINT64_MAX);
		require(taken <= take);
		for (size_t i = 0; i < taken; i++)
			take_frame(&r, &frames[i]);
	}
	if (r.rc < 0) {
		require(r.rc == -EBADMSG && e.code == -EBADMSG);
		require(
		    memchr(e.text, '\0', sizeof(e.text)) != NULL && e.text[0] != '\0');
		require(capfile_next(file, &frame, &e) == -EBADMSG);
	}
	r.dropped = capfile_dropped(file);
	capfile_close(file);
	return r;
}

static struct result read_all(capfile_read_fn *read, void *ctx, size_t limit)
{
	struct capfile *file;
	struct err e;
	int rc = capfile_open(read, ctx, &file, &e);

	require(rc == 0 || rc == -EBADMSG);
	return rc < 0 ? (struct result){.rc = rc} : read_frames(file, limit, 0);
}

/* As a mapped file: of the exact size, so that ASan sees the byte behind it. */
static struct result read_in_place(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);
	struct result r = {0};
	struct capfile *file;
	struct err e;

	require(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	r.rc = capfile_open_bytes(copy, size, &file, &e);
	require(r.rc == 0 || r.rc == -EBADMSG);
	if (r.rc == 0)
		r = read_frames(file, SIZE_MAX - CAPFILE_RECORD_MAX, TAKE_MAX);
	free(copy);
	return r;
}

static void read_gzip(const uint8_t *data, size_t size)
{
	struct input in = {.bytes = data, .len = size};
	struct gunzip *z;
	struct err e;

	require(gunzip_open(read_input, &in, &z, &e) == 0);
	(void)read_all(gunzip_read, z, GUNZIP_MAX);
	gunzip_close(z);
}

/* A plain pcap's first read may tell more about its kind than a single byte. */
static bool may_be_disguised(const uint8_t *data, size_t size)
{
	return size >= 4 && data[0] != 0x0a && data[0] != 0x4d;
}

static bool is_same(const struct result *a, const struct result *b)
{
	return a->frames == b->frames && a->bytes == b->bytes && a->sum == b->sum &&
	       a->dropped == b->dropped && a->rc == b->rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {.bytes = data, .len = size};
	struct result whole, pieces, in_place;

	if (gunzip_is_magic(slice_of(data, size))) {
		read_gzip(data, size);
		return 0;
	}
	whole = read_all(read_input, &in, SIZE_MAX - CAPFILE_RECORD_MAX);
	require(whole.bytes <= size && whole.frames <= size / 16);
	in_place = read_in_place(data, size);
	require(is_same(&whole, &in_place));
	if (may_be_disguised(data, size))
		return 0;
	in = (struct input){.bytes = data, .len = size, .piece = 1 + size % 13};
	pieces = read_all(read_input, &in, SIZE_MAX - CAPFILE_RECORD_MAX);
	require(is_same(&whole, &pieces));
	return 0;
}
