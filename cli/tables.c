/* SPDX-License-Identifier: BSD-2-Clause */
#include "tables.h"

#include <stdlib.h>

enum { VALUE_MAX = 80, KEY_MAX = 64 };

int tables_read(struct query *q, struct tables *t, struct err *e)
{
	*t = (struct tables){0};
	for (size_t i = 0; i < PIPELINE_TABLES; i++) {
		char value[VALUE_MAX], key[KEY_MAX];
		struct usage *u = &t->usage[i];
		char *at = value;
		int rc;

		(void)snprintf(key, sizeof(key), "table.%s", pipeline_table_name(i));
		rc = query_meta(q, key, value, sizeof(value), e);
		if (rc != 0)
			return rc;
		t->is_known[i] = value[0] != '\0';
		u->used = strtoull(at, &at, 10);
		u->limit = strtoull(at, &at, 10);
		u->evicted = strtoull(at, &at, 10);
	}
	return 0;
}

/* "12 of 32768, 3 evicted: attempts in flight" */
static void print_one(
    const struct term *term, struct out *to, size_t i, const struct usage *u)
{
	char text[2 * VALUE_MAX];
	struct out o = {.buf = text, .cap = sizeof(text)};

	out_int(&o, (int64_t)u->used);
	out_text(&o, " of ");
	out_int(&o, (int64_t)u->limit);
	if (u->evicted > 0) {
		out_text(&o, ", ");
		out_int(&o, (int64_t)u->evicted);
		out_text(&o, " evicted");
	}
	out_text(&o, ": ");
	out_text(&o, pipeline_table_help(i));
	page_text(term, to, pipeline_table_name(i), out_string(&o));
}

void tables_print(const struct term *term, struct out *o, const struct tables *t)
{
	bool is_first = true;

	for (size_t i = 0; i < PIPELINE_TABLES; i++) {
		if (!t->is_known[i])
			continue;
		if (is_first)
			page_heading(term, o, "Tables (used of limit)");
		is_first = false;
		print_one(term, o, i, &t->usage[i]);
	}
}

void tables_json(struct json *j, const struct tables *t)
{
	json_put_key(j, "tables");
	json_begin_object(j);
	for (size_t i = 0; i < PIPELINE_TABLES; i++) {
		if (!t->is_known[i])
			continue;
		json_put_key(j, pipeline_table_name(i));
		json_begin_object(j);
		json_put_key(j, "used");
		json_put_int(j, (int64_t)t->usage[i].used);
		json_put_key(j, "limit");
		json_put_int(j, (int64_t)t->usage[i].limit);
		json_put_key(j, "evicted");
		json_put_int(j, (int64_t)t->usage[i].evicted);
		json_end_object(j);
	}
	json_end_object(j);
}
