/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * list_tables - which columns the tables have, and what stands in them.
 */
#ifndef CLI_LIST_TABLES_H
#define CLI_LIST_TABLES_H

#include "store/query.h"
#include "table.h"

struct table *list_failures_table(const struct term *term);
struct table *list_incidents_table(const struct term *term);
struct table *list_trunks_table(const struct term *term);

void list_failures_row(struct table *t, const struct failure_row *r);
void list_incidents_row(struct table *t, const struct incident_row *r);
void list_trunks_row(struct table *t, const struct trunk_row *r);

#endif
