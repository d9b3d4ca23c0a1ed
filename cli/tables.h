/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tables - how full the daemon's bounded tables are, as it wrote into meta
 * ("table.attempts": "12 32768 0", daemon/status.h), for `status`.
 */
#ifndef CLI_TABLES_H
#define CLI_TABLES_H

#include "export/json.h"
#include "page.h"
#include "pipeline/pipeline.h"
#include "store/query.h"

struct tables {
	bool is_known[PIPELINE_TABLES];
	struct usage usage[PIPELINE_TABLES];
};

int tables_read(struct query *q, struct tables *t, struct err *e);
void tables_print(const struct term *term, struct out *o, const struct tables *t);
void tables_json(struct json *j, const struct tables *t); /* "tables": {...} */

#endif
