/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture_file.h"

#include <errno.h>

#include "decode/decode.h"

enum { WAKE_EVERY = 256 };

struct reader {
	uint64_t count;
	bool is_readable;  /* some frame has a link type that decode/ knows */
	uint32_t linktype; /* of the last frame */
};

/* False: asked to stop. */
static bool put(struct source *s, const struct frame *frame)
{
	while (!source_put(s, frame)) {
		if (!ring_wait(s->ring, s->stop_fd))
			return false;
	}
	atomic_fetch_add_explicit(&s->packets, 1, memory_order_relaxed);
	return true;
}

/* A file of which nothing can be read is no empty file. */
static void judge(struct source *s, int rc, const struct reader *r, struct err *e)
{
	if (rc < 0 && rc != -EINTR) {
		(void)err_wrap(e, "%s", s->name);
		return;
	}
	e->code = 0;
	if (r->count > 0 && !r->is_readable)
		(void)err_set(e, -EBADMSG, "%s: link type %u cannot be read", s->name,
		    r->linktype);
}

static void *run(void *ctx)
{
	struct source *s = ctx;
	struct reader r = {0};
	struct err e = {0};
	struct frame frame;
	int rc;

	for (;;) {
		rc = capsource_next(s->input, &frame, &e);
		/* A pipe was silent and a signal came: most likely source_stop()'s. */
		if (rc == -EINTR && !source_is_stopped(s))
			continue;
		if (rc <= 0 || !put(s, &frame))
			break;
		r.linktype = frame.linktype;
		r.is_readable = r.is_readable || linktype_is_supported(frame.linktype);
		if (++r.count % WAKE_EVERY == 0)
			ring_wake(s->ring);
	}
	judge(s, rc, &r, &e);
	atomic_store(&s->dropped_kernel, capsource_dropped(s->input));
	source_finish(s, SOURCE_ENDED, &e);
	return NULL;
}

static void close_file(void *file)
{
	capsource_close(file);
}

int capture_file_start(struct source *s, struct capsource *file, struct err *e)
{
	s->is_file = true;
	s->input = file;
	s->close_input = close_file;
	return source_start(s, run, e);
}
