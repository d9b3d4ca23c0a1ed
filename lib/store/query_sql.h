/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * query_sql - the statements of the listings, put together from fixed pieces.
 *
 * A condition that is not asked for is not in the text: "(?1 IS NULL OR ...)" would
 * keep SQLite from its indexes. No value ever becomes part of the text.
 *
 * Limits     The pieces always fit into QUERY_SQL_MAX; a test tries all filters.
 */
#ifndef STORE_QUERY_SQL_H
#define STORE_QUERY_SQL_H

#include "store/query.h"
#include "store/stmt.h"

enum { QUERY_SQL_MAX = 4096 };

/* since_us: what the filter's window begins with once it is known; 0: open. */
void query_sql_failures(
    const struct query_filter *f, int64_t since_us, char sql[QUERY_SQL_MAX]);
void query_sql_incidents(
    const struct query_filter *f, int64_t since_us, char sql[QUERY_SQL_MAX]);
void query_sql_trunks(
    const struct query_filter *f, int64_t since_us, char sql[QUERY_SQL_MAX]);

/* Binds what the text of any of the three asks for. */
void query_sql_bind(struct stmt *st, const struct query_filter *f, int64_t since_us);

extern const char query_sql_failure[]; /* one failure by id */

#endif
