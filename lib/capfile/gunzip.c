/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "capfile/gunzip.h"

enum {
	INPUT_BYTES = 64 << 10,
	GZIP_ONLY = 16 + MAX_WBITS, /* inflateInit2(): no zlib, no raw deflate */
	MAGIC_LEN = 2,
};

struct gunzip {
	capfile_read_fn *read;
	void *ctx;
	z_stream stream;
	const char *why;
	bool between; /* members: the next bytes are a header, or the end */
	bool ended;
	bool source_ended;
	uint8_t input[INPUT_BYTES];
};

bool gunzip_is_magic(struct slice head)
{
	return head.len >= MAGIC_LEN && (uint8_t)head.ptr[0] == 0x1f &&
	       (uint8_t)head.ptr[1] == 0x8b;
}

int gunzip_open(capfile_read_fn *read, void *ctx, struct gunzip **out, struct err *e)
{
	struct gunzip *z = calloc(1, sizeof(*z));

	if (z == NULL)
		return err_set(e, -ENOMEM, "no memory");
	if (inflateInit2(&z->stream, GZIP_ONLY) != Z_OK) {
		free(z);
		return err_set(e, -ENOMEM, "no memory for zlib");
	}
	z->read = read;
	z->ctx = ctx;
	*out = z;
	return 0;
}

static int64_t damaged(struct gunzip *z, const char *why)
{
	z->why = why;
	return -EBADMSG;
}

/* Until `want` bytes of input are there, or the source has no more. */
static int64_t fill(struct gunzip *z, size_t want)
{
	while (z->stream.avail_in < want && !z->source_ended) {
		size_t have = z->stream.avail_in;
		int64_t got;

		if (have > 0)
			memmove(z->input, z->stream.next_in, have);
		z->stream.next_in = z->input;
		got = z->read(z->ctx, z->input + have, sizeof(z->input) - have);
		if (got < 0)
			return got;
		z->stream.avail_in = (uInt)(have + (size_t)got);
		z->source_ended = got == 0;
	}
	return 0;
}

/* After a member: another one, or the end of the file. */
static int64_t begin_member(struct gunzip *z)
{
	int64_t rc = fill(z, MAGIC_LEN);

	if (rc < 0)
		return rc;
	if (!gunzip_is_magic(slice_of(z->stream.next_in, z->stream.avail_in)))
		z->ended = true;
	else
		(void)inflateReset(&z->stream);
	z->between = false;
	return 0;
}

/* Inflates some input. What came out before damage still counts: the damage is
 * then reported by the next read. */
static int64_t step(struct gunzip *z)
{
	switch (inflate(&z->stream, Z_NO_FLUSH)) {
	case Z_OK:
	case Z_BUF_ERROR: /* wants more input, which the next round brings */
		return 0;
	case Z_STREAM_END:
		z->between = true;
		return 0;
	case Z_MEM_ERROR:
		return -ENOMEM;
	default:
		return damaged(z, "the compressed data is damaged");
	}
}

int64_t gunzip_read(void *ctx, void *buf, size_t len)
{
	struct gunzip *z = ctx;
	uInt room = len < INT_MAX ? (uInt)len : INT_MAX;
	int64_t rc = 0;

	if (z->why != NULL)
		return -EBADMSG;
	z->stream.next_out = buf;
	z->stream.avail_out = room;
	while (rc == 0 && !z->ended && z->stream.avail_out == room && room > 0) {
		rc = z->between ? begin_member(z) : fill(z, 1);
		if (rc < 0 || z->ended)
			break;
		if (z->stream.avail_in == 0)
			rc = damaged(z, "the compressed data is cut short");
		else
			rc = step(z);
	}
	if (z->stream.avail_out < room)
		return room - z->stream.avail_out;
	return rc;
}

const char *gunzip_why(const struct gunzip *z)
{
	return z->why;
}

void gunzip_close(struct gunzip *z)
{
	if (z == NULL)
		return;
	(void)inflateEnd(&z->stream);
	free(z);
}
