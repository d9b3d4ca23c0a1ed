/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rows - failures, incidents and trunks as JSON objects and CSV lines.
 *
 * Out        The keys of design.md 6.2, in a fixed order, in both formats. They
 *            are a public interface: add, never rename.
 * In         Rows of store/query.h. The evidence of a failure is fetched from the
 *            query that the row came from.
 * Units      Times: UTC, ISO 8601, microseconds, Z. rtt_ms: milliseconds.
 * Errors     Those of the query, negative errno with *e; a write error stays in
 *            the struct out.
 * Threads    One.
 */
#ifndef EXPORT_ROWS_H
#define EXPORT_ROWS_H

#include "export/json.h"
#include "store/query.h"

int rows_failure_json(
    struct json *j, struct query *q, const struct failure_row *r, struct err *e);
void rows_incident_json(struct json *j, const struct incident_row *r);
void rows_trunk_json(struct json *j, const struct trunk_row *r);
void rows_message_json(struct json *j, const struct message_row *r);

/* The names of the columns, then one line a row. Evidence is its texts, joined
 * with "; ", each with its weight. */
void rows_failure_csv_header(struct out *o);
int rows_failure_csv(
    struct out *o, struct query *q, const struct failure_row *r, struct err *e);
void rows_incident_csv_header(struct out *o);
void rows_incident_csv(struct out *o, const struct incident_row *r);
void rows_trunk_csv_header(struct out *o);
void rows_trunk_csv(struct out *o, const struct trunk_row *r);

#endif
