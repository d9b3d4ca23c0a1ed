/* SPDX-License-Identifier: BSD-2-Clause */
/* Sixteen bytes at once say what a loop over them says; built for both kinds of
 * machine. */
#include <criterion/criterion.h>

#include "base/wide.h"

/* Each byte value at each place, among neighbours that are one off, high, or zero:
 * where arithmetic on several bytes at once goes wrong, it is by a carry from a
 * neighbour. */
static const uint8_t around[] = {0, 1, '-', '9', ':', '\n', 'Z', 0x7f, 0x80, 0xff};

static void fill(char *p, size_t at, int value, uint8_t others)
{
	memset(p, others, WIDE);
	p[at] = (char)value;
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.';
}

static void check(const char *p)
{
	uint32_t is = 0, is2 = 0, plain = 0, mark = 0;

	for (int i = 0; i < WIDE; i++) {
		is |= (uint32_t)(p[i] == ':') << i;
		is2 |= (uint32_t)(p[i] == '\n' || p[i] == (char)0x80) << i;
		plain |= (uint32_t)is_plain(p[i]) << i;
		mark |= (uint32_t)(p[i] != '\0' && strchr(":;?@[", p[i]) != NULL) << i;
	}
	cr_assert_eq(wide_is(p, ':'), is);
	cr_assert_eq(wide_is2(p, '\n', (char)0x80), is2);
	cr_assert_eq(wide_is_plain(p), plain);
	cr_assert_eq(wide_is_uri_mark(p), mark);
}

Test(wide, every_byte_at_every_place)
{
	char p[WIDE];

	for (size_t o = 0; o < sizeof(around); o++) {
		for (int value = 0; value < 256; value++) {
			for (size_t at = 0; at < WIDE; at++) {
				fill(p, at, value, around[o]);
				check(p);
			}
		}
	}
}

Test(wide, same_tells_each_difference)
{
	char a[WIDE], b[WIDE];

	for (size_t o = 0; o < sizeof(around); o++) {
		for (int flip = 0; flip < 256; flip++) {
			for (size_t at = 0; at < WIDE; at++) {
				fill(a, at, 'x', around[o]);
				fill(b, at, 'x' ^ flip, around[o]);
				cr_assert_eq(wide_same(a, b),
				    flip == 0 ? 0xffff : 0xffff & ~(1u << at));
			}
		}
	}
}

Test(wide, first_is_the_lowest)
{
	for (size_t i = 0; i < 32; i++)
		cr_assert_eq(wide_first(UINT32_MAX << i), i);
}
