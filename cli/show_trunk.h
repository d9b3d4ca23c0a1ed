/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show_trunk - what `show` says of a failure's trunk without being asked: reachable,
 * registered, credentials accepted, the address they see, what differs from accepted
 * calls.
 */
#ifndef CLI_SHOW_TRUNK_H
#define CLI_SHOW_TRUNK_H

#include "cmd.h"
#include "store/query.h"

int show_trunk(
    struct cli *cli, struct query *q, const struct failure_row *r, struct err *e);

#endif
