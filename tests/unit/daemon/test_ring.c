/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ring.h"

static struct ring *ring;

static void open_ring(void)
{
	struct err e;

	cr_assert_eq(ring_new(4096, &ring, &e), 0);
}

static void close_ring(void)
{
	ring_free(ring);
}

TestSuite(ring, .init = open_ring, .fini = close_ring);

static bool put(size_t len, uint8_t fill)
{
	uint8_t *at = ring_reserve(ring, len);

	if (at == NULL)
		return false;
	memset(at, fill, len);
	ring_commit(ring);
	return true;
}

static void expect(size_t len, uint8_t fill)
{
	struct slice s;

	cr_assert(ring_peek(ring, &s));
	cr_assert_eq(s.len, len);
	for (size_t i = 0; i < len; i++)
		cr_assert_eq((uint8_t)s.ptr[i], fill);
	ring_release(ring);
}

Test(ring, size_is_rounded_up_to_a_power_of_two)
{
	struct ring *r;
	struct err e;

	cr_assert_eq(ring_new(5000, &r, &e), 0);
	cr_assert_eq(ring_size(r), 8192);
	ring_free(r);
	cr_assert_eq(ring_new(1, &r, &e), 0);
	cr_assert_eq(ring_size(r), 4096);
	ring_free(r);
	ring_free(NULL);
}

Test(ring, an_empty_ring_has_no_record)
{
	struct slice s;

	cr_assert_not(ring_peek(ring, &s));
}

Test(ring, records_come_out_in_order_and_whole)
{
	struct slice s;

	cr_assert(put(1, 'a'));
	cr_assert(put(0, 0));
	cr_assert(put(100, 'b'));
	expect(1, 'a');
	expect(0, 0);
	expect(100, 'b');
	cr_assert_not(ring_peek(ring, &s));
}

Test(ring, what_is_not_committed_is_not_seen)
{
	struct slice s;

	cr_assert_not_null(ring_reserve(ring, 10));
	cr_assert_not(ring_peek(ring, &s));
}

Test(ring, peeking_twice_gives_the_same_record)
{
	struct slice a, b;

	cr_assert(put(5, 'x'));
	cr_assert(ring_peek(ring, &a));
	cr_assert(ring_peek(ring, &b));
	cr_assert_eq(a.ptr, b.ptr);
}

Test(ring, records_are_aligned)
{
	struct slice s;

	for (size_t len = 0; len < 40; len++) {
		cr_assert(put(len, 'a'));
		cr_assert(ring_peek(ring, &s));
		cr_assert_eq((uintptr_t)s.ptr % 8, 0);
		ring_release(ring);
	}
}

Test(ring, a_full_ring_refuses_and_takes_again_after_a_release)
{
	size_t count = 0;

	while (put(120, (uint8_t)count))
		count++;
	cr_assert_eq(count, 4096 / 128); /* 8 bytes of each are its length */
	expect(120, 0);
	cr_assert(put(120, (uint8_t)count));
	cr_assert_not(put(120, 0));
	for (size_t i = 1; i <= count; i++)
		expect(120, (uint8_t)i);
}

Test(ring, the_largest_record_fits_into_an_empty_ring_wherever_it_stands)
{
	size_t most = ring_record_max(ring);

	cr_assert_eq(most, 4096 / 2 - 8);
	for (size_t at = 0; at < 4096; at += 8) {
		cr_assert(put(0, 0)); /* moves the position by 8 */
		expect(0, 0);
		cr_assert(put(most, 'm'));
		expect(most, 'm');
		cr_assert_not(put(most + 1, 'm'));
	}
}

/* The bytes left before the end count as used, too: 180 and 2048 do not fit in 2188. */
Test(ring, the_gap_before_a_wrap_needs_room_as_well)
{
	cr_assert(put(2000, 'a'));
	cr_assert(put(1900, 'b'));
	expect(2000, 'a');
	cr_assert_not(put(2040, 'c'));
	cr_assert(put(1990, 'd'));
	expect(1900, 'b');
	expect(1990, 'd');
}

/* Every length at every position, two records deep: the wrap marker's cases. */
Test(ring, every_length_wraps)
{
	uint8_t fill = 0;

	for (size_t len = 0; len < 700; len++) {
		for (int i = 0; i < 9; i++) {
			fill++;
			cr_assert(put(len, fill));
			cr_assert(put(699 - len, (uint8_t)~fill));
			expect(len, fill);
			expect(699 - len, (uint8_t)~fill);
		}
	}
}

static bool is_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

Test(ring, only_a_sleeping_consumer_is_woken)
{
	cr_assert(put(1, 'a'));
	ring_wake(ring);
	cr_assert_not(is_readable(ring_fd(ring)));
	expect(1, 'a');

	cr_assert(ring_sleep(ring));
	cr_assert(put(1, 'b'));
	cr_assert_not(is_readable(ring_fd(ring)));
	ring_wake(ring);
	cr_assert(is_readable(ring_fd(ring)));
	ring_fd_clear(ring);
	cr_assert_not(is_readable(ring_fd(ring)));

	ring_wake(ring); /* awake now: no second notification */
	cr_assert_not(is_readable(ring_fd(ring)));
}

Test(ring, a_sleeping_consumer_is_left_alone_without_news)
{
	cr_assert(put(1, 'a'));
	ring_wake(ring);
	expect(1, 'a');
	cr_assert(ring_sleep(ring));
	ring_wake(ring);
	cr_assert_not(is_readable(ring_fd(ring)));
	ring_nudge(ring);
	cr_assert(is_readable(ring_fd(ring)));
}

Test(ring, a_consumer_does_not_sleep_on_a_record)
{
	cr_assert(put(1, 'a'));
	cr_assert_not(ring_sleep(ring));
	expect(1, 'a');
	cr_assert(ring_sleep(ring));
}

Test(ring, waiting_for_room_ends_with_the_stop_descriptor)
{
	int stop = eventfd(1, EFD_CLOEXEC);

	while (put(100, 'a'))
		;
	cr_assert_not(ring_wait(ring, stop));
	close(stop);
}

Test(ring, waiting_is_over_at_once_when_room_was_made_meanwhile)
{
	int stop = eventfd(0, EFD_CLOEXEC);

	while (put(100, 'a'))
		;
	expect(100, 'a');
	cr_assert(ring_wait(ring, stop));
	cr_assert(put(100, 'a'));
	close(stop);
}
