/* SPDX-License-Identifier: BSD-2-Clause */
#include "counts.h"

#include "page.h"

enum { NUMBER_COLUMNS = 10, NAME_COLUMNS = 26 };

static void pad(struct out *o, size_t have, size_t want)
{
	if (have < want)
		out_repeat(o, " ", want - have);
}

void counts_print(
    const struct term *t, struct out *o, const uint64_t counts[WIRE_COUNTS])
{
	page_heading(t, o, "Frames and streams");
	for (size_t i = 0; i < WIRE_COUNTS; i++) {
		char number[OUT_MIN + 1];
		struct out n = {.buf = number, .cap = sizeof(number)};
		const char *name = wire_count_name(i);

		if (counts[i] == 0)
			continue;
		out_uint(&n, counts[i]);
		pad(o, n.used, NUMBER_COLUMNS);
		out_bytes(o, number, n.used);
		out_text(o, "  ");
		out_text(o, name);
		pad(o, strlen(name), NAME_COLUMNS);
		out_text(o, "  ");
		out_text(o, wire_count_help(i));
		out_char(o, '\n');
	}
}

void counts_json(struct json *j, const uint64_t counts[WIRE_COUNTS])
{
	json_put_key(j, "counters");
	json_begin_object(j);
	for (size_t i = 0; i < WIRE_COUNTS; i++) {
		json_put_key(j, wire_count_name(i));
		json_put_int(j, (int64_t)counts[i]);
	}
	json_end_object(j);
}
