/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * database - opening the database for a command, and what to do when it fails.
 */
#ifndef CLI_DATABASE_H
#define CLI_DATABASE_H

#include "cmd.h"
#include "store/query.h"

/* -d, else the default. EXIT_OK, or the exit status after the line on stderr. */
int database_open(struct cli *cli, struct query **out);
void database_cleanup(struct query **q); /* for CLEANUP() */

/* A query failed: says so. The exit status. */
int database_failed(struct cli *cli, const struct err *e);

/* "412" is a failure, "i7" an incident. False: neither, and that was said. */
bool database_parse_id(const char *text, bool *is_incident, int64_t *id);
int database_no_such_id(bool is_incident, int64_t id); /* says so: EXIT_NO_INPUT */

/*
 * What the options ask for. Machines get everything, oldest first; people the
 * newest of the last day (design.md 6.2).
 */
struct query_filter database_filter(const struct cli *cli);
bool database_for_machines(const struct cli *cli);

enum { TABLE_ROWS = 50 };

/* How many rows to print; 0: all. Not part of the filter: whether there were more
 * is worth saying. */
int64_t database_limit(const struct cli *cli);

#endif
