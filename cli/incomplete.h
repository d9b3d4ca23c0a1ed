/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * incomplete - what `show` says when evidence of a failure may be missing: why, and how
 * many packets were lost when.
 */
#ifndef CLI_INCOMPLETE_H
#define CLI_INCOMPLETE_H

#include "cmd.h"
#include "store/query.h"

int incomplete_show(
    struct cli *cli, struct query *q, const struct failure_row *r, struct err *e);

#endif
