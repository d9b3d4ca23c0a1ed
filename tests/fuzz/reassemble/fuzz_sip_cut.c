/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Input: one byte for the window, one for the piece length, and a stream.
 *
 * Properties: what is skipped and cut lies inside the input; a message begins with a
 * start line; pieces of any length give the messages that the whole gives.
 */
#include "collect.h"
#include "reassemble/sipcut.h"
#include "reassemble/sniff.h"

static struct collected cut(struct slice all, size_t step, size_t window)
{
	struct collected got = {0};
	struct sipcut c = {0};
	size_t from = 0;
	size_t to = 0;

	while (to < all.len) {
		enum sipcut_rc rc = SIPCUT_MESSAGE;

		to = all.len - to > step ? to + step : all.len;
		while (rc == SIPCUT_MESSAGE) {
			char *copy = exact_copy(all.ptr + from, to - from);
			struct slice in = slice_of(copy, to - from);
			struct sipcut_found f;

			rc = sipcut_next(&c, in, window, &f);
			require(f.skip <= in.len && f.len <= in.len - f.skip);
			require(f.garbage <= f.skip && f.len <= window);
			if (rc == SIPCUT_MESSAGE) {
				in = slice_of(copy + f.skip, f.len);
				require(f.len > 0 && sniff_sip(in, false) == SNIFF_SIP);
				collect(&got, in);
			}
			from += f.skip + f.len;
			free(copy);
		}
	}
	return got;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice stream;
	struct collected one, many;
	size_t window;

	if (size < 2 || size > 60000)
		return 0;
	window = 64 + 16 * (size_t)data[0];
	stream = slice_of(data + 2, size - 2);
	one = cut(stream, stream.len, window);
	many = cut(stream, 1 + data[1], window);
	require(one.bytes <= stream.len);
	require(one.messages == many.messages && one.digest == many.digest);
	return 0;
}
