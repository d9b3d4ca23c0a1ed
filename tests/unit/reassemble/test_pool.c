/* SPDX-License-Identifier: BSD-2-Clause */
#include "reassemble/pool.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "reassemble/slots.h"
#include "reassemble/sparse.h"

enum { TOTAL = 1 << 20, LARGEST = 256 << 10 };

Test(pool, blocks_do_not_overlap_and_all_of_the_pool_comes_back)
{
	struct pool p;
	uint32_t blocks[256];
	size_t n = 0;
	uint32_t seed = 1;

	cr_assert_eq(pool_init(&p, TOTAL, LARGEST), 0);
	for (int round = 0; round < 50000; round++) {
		seed = seed * 1664525 + 1013904223;
		if (n > 0 && (seed >> 16 & 1)) {
			size_t i = (seed >> 17) % n;
			uint8_t *at = pool_at(&p, blocks[i]);
			size_t len = pool_block_bytes(&p, blocks[i]);

			cr_assert_eq(at[0], (uint8_t)blocks[i]);
			cr_assert_eq(at[len - 1], (uint8_t)(blocks[i] >> 3));
			pool_give(&p, blocks[i]);
			blocks[i] = blocks[--n];
		} else {
			size_t want = (size_t)1 << (10 + (seed >> 20) % 9);
			uint32_t b = pool_take(&p, want);

			if (b == POOL_NONE)
				continue;
			cr_assert_geq(pool_block_bytes(&p, b), want);
			((uint8_t *)pool_at(&p, b))[0] = (uint8_t)b;
			((uint8_t *)pool_at(&p, b))[pool_block_bytes(&p, b) - 1] =
			    (uint8_t)(b >> 3);
			blocks[n++] = b;
		}
	}
	while (n > 0)
		pool_give(&p, blocks[--n]);
	cr_expect_eq(p.used, 0);
	for (int i = 0; i < TOTAL / LARGEST; i++)
		cr_expect_neq(pool_take(&p, LARGEST), POOL_NONE, "merged again: %d", i);
	cr_expect_eq(pool_take(&p, 1), POOL_NONE);
	pool_fini(&p);
}

Test(pool, what_no_block_can_hold_is_refused)
{
	struct pool p;

	cr_assert_eq(pool_init(&p, TOTAL, LARGEST + 1), 0);
	cr_expect_eq(pool_block_max(&p), LARGEST);
	cr_expect_eq(pool_take(&p, LARGEST + 1), POOL_NONE);
	cr_expect_eq(pool_take(&p, SIZE_MAX), POOL_NONE);
	pool_fini(&p);
	cr_expect_eq(pool_init(&p, LARGEST - 1, LARGEST), -EINVAL);
}

Test(sparse, random_pieces_give_the_first_version_of_every_byte)
{
	enum { SIZE = 3000 };
	struct pool p;
	uint32_t seed = 7;

	cr_assert_eq(pool_init(&p, TOTAL, LARGEST), 0);
	for (int round = 0; round < 2000; round++) {
		uint32_t block = POOL_NONE;
		char model[SIZE];
		bool known[SIZE] = {false};

		for (int i = 0; i < 12; i++) {
			char in[SIZE];
			bool differs = false;
			bool should_differ = false;
			uint32_t off, len;

			seed = seed * 1664525 + 1013904223;
			off = (seed >> 8) % (SIZE - 1);
			len = 1 + (seed >> 20) % (SIZE - off);
			memset(in, 'a' + i % 2, len);
			cr_assert_neq(
			    sparse_put(&p, &block, off, slice_of(in, len), i, &differs),
			    SPARSE_NO_MEMORY);
			for (uint32_t b = off; b < off + len; b++) {
				should_differ |= known[b] && model[b] != in[0];
				if (!known[b])
					model[b] = in[0];
				known[b] = true;
			}
			cr_assert_eq(differs, should_differ);
		}
		{
			struct slice got = sparse_readable(&p, block);
			size_t n = 0;

			while (n < SIZE && known[n])
				n++;
			cr_assert_eq(got.len, n);
			cr_assert(n == 0 || memcmp(got.ptr, model, n) == 0);
			while (n < SIZE && !known[n])
				n++;
			cr_assert_eq(sparse_hole_end(&p, block), n == SIZE ? 0 : n);
		}
		sparse_free(&p, &block);
	}
	cr_expect_eq(p.used, 0);
	pool_fini(&p);
}

Test(sparse, the_time_of_a_byte_is_when_the_last_before_it_came)
{
	struct pool p;
	uint32_t block = POOL_NONE;
	bool differs = false;

	cr_assert_eq(pool_init(&p, TOTAL, LARGEST), 0);
	(void)sparse_put(&p, &block, 20, SLICE("3333333333"), 3, &differs);
	(void)sparse_put(&p, &block, 10, SLICE("5555555555"), 5, &differs);
	(void)sparse_put(&p, &block, 30, SLICE("7777777777"), 7, &differs);
	sparse_drop(&p, &block, 10);
	cr_expect_eq(sparse_time(&p, block, 10), 5);
	cr_expect_eq(sparse_time(&p, block, 20), 5);
	cr_expect_eq(sparse_time(&p, block, 21), 7);
	sparse_drop(&p, &block, 10);
	cr_expect_eq(sparse_time(&p, block, 10), 3);
	sparse_drop(&p, &block, 20);
	cr_expect_eq(block, POOL_NONE);
	pool_fini(&p);
}

Test(slots, numbers_are_reused_and_found_by_their_hash_alone)
{
	struct slots s;
	uint32_t id[100];

	cr_assert_eq(slots_init(&s, 100), 0);
	for (uint32_t round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < 100; i++) {
			id[i] = slots_take(&s, i / 4); /* four share a hash */
			cr_assert_neq(id[i], 0);
		}
		cr_expect_eq(slots_take(&s, 1), 0);
		for (uint32_t i = 0; i < 100; i++) {
			uint32_t at = slots_first(&s, i / 4);

			while (at != 0 && at != id[i])
				at = slots_next(&s, at, i / 4);
			cr_expect_eq(at, id[i]);
		}
		for (uint32_t i = 0; i < 100; i++)
			slots_give(&s, id[(i * 37) % 100]);
		cr_expect_eq(s.taken, 0);
		cr_expect_eq(slots_first(&s, 3), 0);
	}
	slots_fini(&s);
}

Test(slots, a_list_keeps_its_order_when_one_is_taken_out)
{
	struct link links[6] = {{0}};
	struct list l = {0};

	for (uint32_t i = 1; i <= 5; i++)
		list_append(&l, links, i);
	list_unlink(&l, links, 3);
	list_unlink(&l, links, 1);
	list_unlink(&l, links, 5);
	list_append(&l, links, 1);
	cr_expect_eq(l.head, 2);
	cr_expect_eq(links[2].next, 4);
	cr_expect_eq(links[4].next, 1);
	cr_expect_eq(l.tail, 1);
	cr_expect_eq(l.count, 3);
}
