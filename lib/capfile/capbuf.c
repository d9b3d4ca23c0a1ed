/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "capfile/capfile_int.h"

/* Big enough that a file costs one system call for some 400 messages. */
enum { CAPBUF_START = 256 << 10 };

/* Room for at least one more byte behind end; moves, or doubles up to the cap. */
static int make_room(struct capbuf *b, struct err *e)
{
	size_t cap = b->cap == 0 ? CAPBUF_START : 2 * b->cap;
	uint8_t *bytes;

	if (b->at > 0) {
		memmove(b->bytes, b->bytes + b->at, b->end - b->at);
		b->end -= b->at;
		b->at = 0;
	}
	if (b->end < b->cap)
		return 0;
	bytes = realloc(b->bytes, cap);
	if (bytes == NULL)
		return err_set(e, -ENOMEM, "no memory for a record of %zu bytes", cap);
	b->bytes = bytes;
	b->cap = cap;
	return 0;
}

int capbuf_fill(struct capbuf *b, size_t n, struct err *e)
{
	while (b->end - b->at < n && !b->eof) {
		int64_t got;

		if (b->end == b->cap) {
			int rc = make_room(b, e);

			if (rc < 0)
				return rc;
		}
		got = b->read(b->ctx, b->bytes + b->end, b->cap - b->end);
		if (got < 0)
			return err_set(e, (int)got, "read: %s", strerror((int)-got));
		b->end += (size_t)got;
		b->eof = got == 0;
	}
	return b->end - b->at >= n;
}
