/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "capfile/capfile_int.h"

enum { PCAPNG_SHB = 0x0a0d0d0a };

int capfile_damaged(struct capfile *file, struct err *e, const char *fmt, ...)
{
	char what[sizeof(e->text) / 2];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	(void)err_set(
	    e, -EBADMSG, "damaged at byte %" PRIu64 ": %s", file->buf.offset, what);
	file->why = *e;
	return -EBADMSG;
}

static void close_file(struct capfile **file)
{
	capfile_close(*file);
}

static int open_buf(const struct capbuf *buf, struct capfile **out, struct err *e)
{
	CLEANUP(close_file) struct capfile *f = calloc(1, sizeof(*f));
	int rc;

	if (f == NULL)
		return err_set(e, -ENOMEM, "no memory");
	f->buf = *buf;

	rc = capbuf_need(&f->buf, 4, e);
	if (rc < 0)
		return rc;
	if (capbuf_left(&f->buf) == 0)
		return err_set(e, -EBADMSG, "empty");
	if (rc == 0)
		return err_set(
		    e, -EBADMSG, "no capture file (neither pcap nor pcapng)");
	/* The block type of a section header reads the same in both orders. */
	if (capfile_u32(f, capbuf_at(&f->buf)) == PCAPNG_SHB)
		rc = pcapng_open(f, e);
	else
		rc = pcap_open(f, e);
	if (rc < 0)
		return rc;
	*out = KEEP(f);
	return 0;
}

int capfile_open(capfile_read_fn *read, void *ctx, struct capfile **out, struct err *e)
{
	return open_buf(&(struct capbuf){.read = read, .ctx = ctx}, out, e);
}

int capfile_open_bytes(
    const uint8_t *bytes, size_t len, struct capfile **out, struct err *e)
{
	const struct capbuf lent = {
	    .bytes = (uint8_t *)(uintptr_t)bytes, /* only read: there is no read() */
	    .cap = len,
	    .end = len,
	    .eof = true};

	return open_buf(&lent, out, e);
}

int capfile_next(struct capfile *file, struct frame *frame, struct err *e)
{
	if (file->why.code != 0) {
		*e = file->why;
		return e->code;
	}
	return file->next(file, frame, e);
}

size_t capfile_take(
    struct capfile *file, struct frame *frames, size_t max, uint64_t before)
{
	return file->take == NULL ? 0 : file->take(file, frames, max, before);
}

uint64_t capfile_dropped(const struct capfile *file)
{
	return file->dropped;
}

uint64_t capfile_offset(const struct capfile *file)
{
	return file->buf.offset;
}

void capfile_close(struct capfile *file)
{
	if (file == NULL)
		return;
	free(file->interfaces);
	if (file->buf.read != NULL)
		free(file->buf.bytes);
	free(file);
}
