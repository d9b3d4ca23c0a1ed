/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two threads, one ring: every record arrives once, in order, with its bytes.
 * No Criterion here: it aborts under ThreadSanitizer, and this program exists to
 * run under it.
 *
 *         stress_ring [RECORDS]
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "ring.h"

enum { LEN_MAX = 900 };

static struct ring *ring;
static int stop_fd;
static uint64_t records = 100000;

static void require(int ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "stress_ring: %s\n", what);
	abort();
}

/* The same numbers on both sides without sharing anything. */
static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void *produce(void *unused)
{
	uint32_t seed = 1;

	(void)unused;
	for (uint64_t i = 0; i < records; i++) {
		size_t len = sizeof(i) + next_random(&seed) % LEN_MAX;
		uint8_t *at;

		while ((at = ring_reserve(ring, len)) == NULL)
			require(ring_wait(ring, stop_fd), "the producer was stopped");
		memcpy(at, &i, sizeof(i));
		memset(at + sizeof(i), (int)(i & 0xff), len - sizeof(i));
		ring_commit(ring);
		if (next_random(&seed) % 16 == 0)
			ring_wake(ring);
	}
	ring_wake(ring);
	return NULL;
}

static void check(struct slice s, uint64_t want, uint32_t *seed)
{
	size_t len = sizeof(want) + next_random(seed) % LEN_MAX;
	uint64_t got;

	(void)next_random(seed); /* the producer's wake-up */
	require(s.len == len, "a record has another length");
	memcpy(&got, s.ptr, sizeof(got));
	require(got == want, "a record is out of order");
	for (size_t i = sizeof(got); i < s.len; i++)
		require((uint8_t)s.ptr[i] == (want & 0xff), "a byte is wrong");
}

static void consume(void)
{
	struct pollfd p = {.fd = ring_fd(ring), .events = POLLIN};
	uint32_t seed = 1;
	uint64_t seen = 0;
	struct slice s;

	while (seen < records) {
		while (ring_peek(ring, &s)) {
			check(s, seen++, &seed);
			ring_release(ring);
		}
		ring_unblock(ring);
		if (seen == records || !ring_sleep(ring))
			continue;
		require(poll(&p, 1, 10000) == 1, "a wake-up was lost");
		ring_fd_clear(ring);
	}
	require(!ring_peek(ring, &s), "a record too many");
}

int main(int argc, char **argv)
{
	pthread_t producer;
	struct err e;

	if (argc > 1)
		records = strtoull(argv[1], NULL, 10);
	stop_fd = eventfd(0, EFD_CLOEXEC);
	require(ring_new(4096, &ring, &e) == 0, "no ring");
	require(pthread_create(&producer, NULL, produce, NULL) == 0, "no thread");
	consume();
	(void)pthread_join(producer, NULL);
	ring_free(ring);
	return 0;
}
