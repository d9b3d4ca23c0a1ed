/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show - the page that explains one failure, and the one of an incident.
 *
 * Returns    0, or the negative errno of a query, with *e.
 */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "cmd.h"
#include "store/query.h"

int show_failure(
    struct cli *cli, struct query *q, const struct failure_row *r, struct err *e);

/* Without the list of its failures. */
void show_incident(struct cli *cli, const struct incident_row *r);

#endif
