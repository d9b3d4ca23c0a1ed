/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lists - failures, incidents and trunks of a database: as a table for people, as
 * JSON or CSV for programs. The commands and `analyze` print through here.
 *
 * Limit      Of more rows than the limit the newest are shown, in every format.
 * Returns    EXIT_OK, or the exit status after the line on stderr.
 */
#ifndef CLI_LISTS_H
#define CLI_LISTS_H

#include "database.h"
#include "export/json.h"

struct listing {
	struct cli *cli;
	struct query *query;
	struct query_filter filter;
	int64_t limit;     /* 0: all */
	bool is_temporary; /* the database goes away: no use to hint at 'show' */
};

struct listing listing_of(struct cli *cli, struct query *query);

/* Opens the database, prints one of the lists. */
int lists_run(struct cli *cli, int (*list)(const struct listing *l));

/* In the format that the options ask for. */
int lists_failures(const struct listing *l);
int lists_incidents(const struct listing *l);
int lists_trunks(const struct listing *l);

/* The array alone, as a value of an object. */
int lists_failures_json(const struct listing *l, struct json *j);
int lists_incidents_json(const struct listing *l, struct json *j);
int lists_trunks_json(const struct listing *l, struct json *j);

#endif
