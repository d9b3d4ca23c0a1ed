/* SPDX-License-Identifier: BSD-2-Clause */
#include "source.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define NS_PER_SEC  INT64_C(1000000000)
#define JOIN_TRY_NS INT64_C(20000000)

/* A frame in the ring; its bytes follow. */
struct ring_frame {
	int64_t at_ns;
	uint32_t linktype;
	uint32_t ifindex;
	uint32_t wire_len;
	uint32_t unused;
};

int source_init(struct source *s, const char *name, size_t ring_bytes, struct err *e)
{
	memset(s, 0, sizeof(*s));
	(void)snprintf(s->name, sizeof(s->name), "%s", name);
	s->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->stop_fd < 0)
		return err_set(e, -errno, "eventfd: %s", strerror(errno));
	return ring_new(ring_bytes, &s->ring, e);
}

void source_fini(struct source *s)
{
	if (s->ring == NULL)
		return;
	source_stop(s);
	if (s->input != NULL)
		s->close_input(s->input);
	ring_free(s->ring);
	(void)close(s->stop_fd);
	memset(s, 0, sizeof(*s));
}

/* Only there to end a read(2) on a silent pipe with EINTR. */
static void ignore(int signal)
{
	(void)signal;
}

int source_start(struct source *s, void *(*run)(void *source), struct err *e)
{
	const struct sigaction quiet = {.sa_handler = ignore};
	sigset_t all, before;
	int rc;

	(void)sigaction(SIGUSR1, &quiet, NULL);
	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGUSR1);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&s->thread, NULL, run, s);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return err_set(e, -rc, "%s: thread: %s", s->name, strerror(rc));
	s->has_thread = true;
	(void)pthread_setname_np(s->thread, "capture"); /* for top -H */
	return 0;
}

/* The signal may arrive just before the read begins, so it is sent until the
 * thread is gone. */
void source_stop(struct source *s)
{
	const uint64_t one = 1;
	struct timespec until;
	ssize_t n;

	if (!s->has_thread)
		return;
	n = write(s->stop_fd, &one, sizeof(one));
	(void)n; /* it cannot be full */
	do {
		(void)pthread_kill(s->thread, SIGUSR1);
		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += JOIN_TRY_NS;
		if (until.tv_nsec >= NS_PER_SEC) {
			until.tv_nsec -= NS_PER_SEC;
			until.tv_sec++;
		}
	} while (pthread_timedjoin_np(s->thread, NULL, &until) == ETIMEDOUT);
	s->has_thread = false;
}

bool source_is_stopped(const struct source *s)
{
	struct pollfd p = {.fd = s->stop_fd, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

bool source_put(struct source *s, const struct frame *frame)
{
	size_t most = ring_record_max(s->ring) - sizeof(struct ring_frame);
	size_t len = frame->bytes.len;
	struct ring_frame *at;

	if (len > SOURCE_FRAME_MAX)
		len = SOURCE_FRAME_MAX;
	if (len > most)
		len = most;
	at = ring_reserve(s->ring, sizeof(*at) + len);
	if (at == NULL)
		return false;
	*at = (struct ring_frame){.at_ns = frame->at_ns,
	    .linktype = frame->linktype,
	    .ifindex = frame->ifindex,
	    .wire_len = frame->wire_len};
	if (len > 0)
		memcpy(at + 1, frame->bytes.ptr, len);
	ring_commit(s->ring);
	return true;
}

void source_finish(struct source *s, enum source_state state, const struct err *e)
{
	if (e != NULL)
		s->err = *e;
	atomic_store(&s->state, state);
	ring_nudge(s->ring);
}

bool source_peek(struct source *s, struct frame *frame)
{
	struct slice record;
	const struct ring_frame *at;

	if (!ring_peek(s->ring, &record))
		return false;
	at = (const void *)record.ptr;
	*frame = (struct frame){.at_ns = at->at_ns,
	    .linktype = at->linktype,
	    .ifindex = at->ifindex,
	    .wire_len = at->wire_len,
	    .bytes = slice_of(at + 1, record.len - sizeof(*at))};
	return true;
}
