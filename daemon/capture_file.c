/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture_file.h"

#include <errno.h>

enum { WAKE_EVERY = 256 };

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

static void *run(void *ctx)
{
	struct source *s = ctx;
	struct err e = {0};
	struct frame frame;
	uint64_t count = 0;
	int rc;

	for (;;) {
		rc = capsource_next(s->input, &frame, &e);
		/* A pipe was silent and a signal came: most likely source_stop()'s. */
		if (rc == -EINTR && !source_is_stopped(s))
			continue;
		if (rc <= 0 || !put(s, &frame))
			break;
		if (++count % WAKE_EVERY == 0)
			ring_wake(s->ring);
	}
	if (rc >= 0 || rc == -EINTR)
		e.code = 0;
	else
		(void)err_wrap(&e, "%s", s->name);
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
