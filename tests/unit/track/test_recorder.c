/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "track/recorder.h"

enum { SIZE = 1 << 18, RUBBISH = 10000 };

static uint64_t put(struct recorder *r, uint64_t prev, const char *bytes, size_t len)
{
	const struct wire_event ev = {.bytes = slice_of(bytes, len)};

	return recorder_add(r, prev, &ev);
}

/* Forty times the ring in rubbish, and the call's first message is still there. */
Test(recorder, what_is_dropped_at_once_pushes_nothing_out)
{
	static const char rubbish[1000] = "INVITE sip:x SIP/3.0\r\n";
	struct recorded out[4];
	struct recorder r;
	uint64_t call;

	cr_assert_eq(recorder_init(&r, SIZE), 0);
	call = put(&r, 0, "first", 5);
	for (int i = 0; i < RUBBISH; i++)
		recorder_drop(&r, put(&r, 0, rubbish, sizeof(rubbish)));
	call = put(&r, call, "second", 6);
	cr_assert_eq(recorder_chain(&r, call, out, 4), 2);
	cr_expect(slice_eq(out[0].bytes, SLICE("first")));
	cr_expect(slice_eq(out[1].bytes, SLICE("second")));
	cr_expect_eq(r.lost, 0);
	recorder_fini(&r);
}

Test(recorder, only_the_newest_can_be_dropped)
{
	struct recorded out[4];
	struct recorder r;
	uint64_t first, second;

	cr_assert_eq(recorder_init(&r, SIZE), 0);
	first = put(&r, 0, "first", 5);
	second = put(&r, 0, "second", 6);
	recorder_drop(&r, first);
	recorder_link(&r, second, first);
	cr_expect(slice_eq(recorder_bytes(&r, second), SLICE("second")));
	cr_assert_eq(recorder_chain(&r, second, out, 4), 2);
	cr_expect(slice_eq(out[0].bytes, SLICE("first")));
	recorder_fini(&r);
}

/* A record that does not fit at the end of the ring begins at its start. */
Test(recorder, a_ring_of_kept_and_dropped_ones_stays_whole)
{
	static const char bytes[4000] = "BYE";
	struct recorded out[4];
	struct recorder r;

	cr_assert_eq(recorder_init(&r, SIZE), 0);
	for (size_t i = 0; i < 5000; i++) {
		uint64_t kept = put(&r, 0, bytes, i % sizeof(bytes));

		recorder_drop(&r, put(&r, 0, bytes, i * 7 % sizeof(bytes)));
		cr_assert_eq(recorder_chain(&r, kept, out, 4), 1, "%zu", i);
		cr_assert_eq(out[0].bytes.len, i % sizeof(bytes));
		cr_assert_leq(recorder_oldest(&r), r.head);
		cr_assert_leq(r.head - recorder_oldest(&r), r.size);
	}
	recorder_fini(&r);
}
