/* SPDX-License-Identifier: BSD-2-Clause */
#include "ring.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { RING_ALIGN = 8, CACHE_LINE = 64, RING_BYTES_MIN = 4096 };

struct record_head {
	uint32_t len; /* of the bytes that follow, or WRAP */
	uint32_t unused;
};

#define WRAP UINT32_MAX

_Static_assert(sizeof(struct record_head) == RING_ALIGN, "a marker fits any gap");

/* Each side's words have a cache line of their own: they must not bounce. */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
struct ring {
	uint8_t *bytes;
	size_t size;
	int data_fd;  /* the producer wakes the consumer */
	int space_fd; /* the consumer wakes the producer */

	alignas(CACHE_LINE) atomic_size_t head;
	size_t tail_seen;   /* tail is at least here */
	size_t reserved_at; /* where the reserved record's head will stand */
	size_t reserved_end;
	size_t woken_at; /* head when the consumer was last told */

	alignas(CACHE_LINE) atomic_size_t tail;
	size_t head_seen; /* head is at least here */
	size_t peeked_end;

	alignas(CACHE_LINE) atomic_bool consumer_sleeps;
	atomic_bool producer_waits;
};

static size_t record_bytes(size_t len)
{
	return (sizeof(struct record_head) + len + RING_ALIGN - 1) &
	       ~(size_t)(RING_ALIGN - 1);
}

static struct record_head *head_at(const struct ring *r, size_t at)
{
	return (struct record_head *)(void *)(r->bytes + (at & (r->size - 1)));
}

static void free_ring(struct ring **r)
{
	ring_free(*r);
}

void ring_free(struct ring *r)
{
	if (r == NULL)
		return;
	if (r->bytes != NULL)
		(void)munmap(r->bytes, r->size);
	if (r->data_fd >= 0)
		(void)close(r->data_fd);
	if (r->space_fd >= 0)
		(void)close(r->space_fd);
	free(r);
}

int ring_new(size_t bytes, struct ring **out, struct err *e)
{
	CLEANUP(free_ring) struct ring *r = NULL;
	size_t size = RING_BYTES_MIN;
	void *map;

	while (size < bytes && size <= SIZE_MAX / 4)
		size *= 2;
	r = aligned_alloc(alignof(struct ring), sizeof(*r));
	if (r == NULL)
		return err_set(e, -ENOMEM, "ring: out of memory");
	*r = (struct ring){.size = size, .data_fd = -1, .space_fd = -1};

	map = mmap(
	    NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return err_set(
		    e, -errno, "ring of %zu bytes: %s", size, strerror(errno));
	r->bytes = map;
	r->data_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r->space_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->data_fd < 0 || r->space_fd < 0)
		return err_set(e, -errno, "eventfd: %s", strerror(errno));
	*out = KEEP(r);
	return 0;
}

size_t ring_size(const struct ring *r)
{
	return r->size;
}

/*
 * Half of the ring: with less than that left before the end of the memory, the
 * gap and the record together are still smaller than the whole.
 */
size_t ring_record_max(const struct ring *r)
{
	size_t most = r->size / 2 - sizeof(struct record_head);

	return most < WRAP ? most : WRAP - 1;
}

static size_t room(const struct ring *r, size_t head)
{
	return r->size - (head - r->tail_seen);
}

void *ring_reserve(struct ring *r, size_t len)
{
	size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	size_t left = r->size - (head & (r->size - 1));
	size_t need, gap;

	if (len > ring_record_max(r))
		return NULL;
	need = record_bytes(len);
	gap = need > left ? left : 0;
	if (gap + need > room(r, head)) {
		r->tail_seen = atomic_load_explicit(&r->tail, memory_order_acquire);
		if (gap + need > room(r, head))
			return NULL;
	}
	if (gap > 0)
		head_at(r, head)->len = WRAP;
	r->reserved_at = head + gap;
	r->reserved_end = r->reserved_at + need;
	head_at(r, r->reserved_at)->len = (uint32_t)len;
	return head_at(r, r->reserved_at) + 1;
}

void ring_commit(struct ring *r)
{
	assert(r->reserved_end != 0);
	atomic_store_explicit(&r->head, r->reserved_end, memory_order_release);
}

static void notify(int fd)
{
	static const uint64_t one = 1;

	/* EAGAIN means that the counter is full: the other side wakes anyhow. */
	ssize_t n = write(fd, &one, sizeof(one));

	(void)n;
}

static void clear(int fd)
{
	uint64_t count;
	ssize_t n = read(fd, &count, sizeof(count));

	(void)n; /* EAGAIN: nothing was signalled */
}

/*
 * Sleeping needs one order that both sides agree on: the sleeper stores its
 * flag and then looks at the index, the waker stores the index and then looks
 * at the flag. Both stores are repeated here as sequentially consistent ones, so
 * at least one of the two sees the other's (a fence would do, but ThreadSanitizer
 * does not understand fences).
 */
void ring_nudge(struct ring *r)
{
	size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);

	r->woken_at = head;
	atomic_store(&r->head, head);
	if (atomic_load(&r->consumer_sleeps) &&
	    atomic_exchange(&r->consumer_sleeps, false))
		notify(r->data_fd);
}

void ring_wake(struct ring *r)
{
	if (atomic_load_explicit(&r->head, memory_order_relaxed) != r->woken_at)
		ring_nudge(r);
}

bool ring_sleep(struct ring *r)
{
	size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	atomic_store(&r->consumer_sleeps, true);
	if (atomic_load(&r->head) == tail)
		return true;
	atomic_store(&r->consumer_sleeps, false);
	return false;
}

bool ring_wait(struct ring *r, int stop_fd)
{
	struct pollfd fds[] = {
	    {.fd = r->space_fd, .events = POLLIN}, {.fd = stop_fd, .events = POLLIN}};
	size_t tail = r->tail_seen;

	ring_wake(r);
	atomic_store(&r->producer_waits, true);
	/* Room since we looked: no need to sleep, the caller tries again. */
	if (atomic_load(&r->tail) != tail) {
		atomic_store(&r->producer_waits, false);
		return true;
	}
	while (poll(fds, 2, -1) < 0 && errno == EINTR)
		;
	atomic_store(&r->producer_waits, false);
	clear(r->space_fd);
	return (fds[1].revents & POLLIN) == 0;
}

bool ring_peek(struct ring *r, struct slice *record)
{
	size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	const struct record_head *at;

	if (tail == r->head_seen) {
		r->head_seen = atomic_load_explicit(&r->head, memory_order_acquire);
		if (tail == r->head_seen)
			return false;
	}
	at = head_at(r, tail);
	if (at->len == WRAP) {
		tail += r->size - (tail & (r->size - 1));
		at = head_at(r, tail);
	}
	r->peeked_end = tail + record_bytes(at->len);
	*record = slice_of(at + 1, at->len);
	return true;
}

void ring_release(struct ring *r)
{
	atomic_store_explicit(&r->tail, r->peeked_end, memory_order_release);
}

/* Half the ring first: a producer woken for every record would crawl. */
void ring_unblock(struct ring *r)
{
	size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	atomic_store(&r->tail, tail);
	if (!atomic_load(&r->producer_waits))
		return;
	if (atomic_load_explicit(&r->head, memory_order_relaxed) - tail > r->size / 2)
		return;
	if (atomic_exchange(&r->producer_waits, false))
		notify(r->space_fd);
}

int ring_fd(const struct ring *r)
{
	return r->data_fd;
}

void ring_fd_clear(struct ring *r)
{
	clear(r->data_fd);
}
