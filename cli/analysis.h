/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * analysis - the whole pipeline on capture files, into a store.
 *
 * In         Paths, and what the options say about ports, our own addresses and
 *            Asterisk's configuration.
 * Out        A database (unlinked, unless -d names one) to be asked with .query,
 *            and totals. Ids from .first_failure and .first_incident on are of
 *            these files; smaller ones were in the database before.
 * Errors     The exit status, after one line on stderr. Damage behind readable
 *            packets is no error: the result stands, .damage says the rest.
 * Threads    One.
 */
#ifndef CLI_ANALYSIS_H
#define CLI_ANALYSIS_H

#include "asterisk_files.h"
#include "cmd.h"
#include "pipeline/pipeline.h"
#include "store/query.h"

struct analysis {
	struct store *store;
	struct query *query;
	struct asterisk_files asterisk;
	struct pipeline_counters counters;
	uint64_t wire_counts[WIRE_COUNTS];
	int64_t first_failure, first_incident;
	int64_t first_packet_us, last_packet_us; /* 0: no packet */
	int damage; /* EXIT_OK, or EXIT_DATA and why: to be said after the result */
	struct err damage_why;
};

int analysis_run(struct cli *cli, struct analysis *a);
void analysis_fini(struct analysis *a);

#endif
