/* SPDX-License-Identifier: BSD-2-Clause */
#include "lists.h"

static int run_incidents(struct cli *cli)
{
	return lists_run(cli, lists_incidents);
}

const struct cmd cmd_incidents = {
    .name = "incidents",
    .arguments = "",
    .summary = "what went wrong on which trunk, from when to when",
    .help =
	"Lists incidents: runs of failures of one trunk with one cause, opened by the\n"
	"first failures and closed by recovery. FAILED counts the failures, OF the\n"
	"attempts of the trunk in the same time.\n\n"
	"Examples\n"
	"  trunkwatch incidents --open                    what goes on right now\n"
	"  trunkwatch incidents --since '2026-01-01' --trunk mytrunk\n"
	"  trunkwatch show i7                             one of them in full\n",
    .options = OPTIONS_LIST | OPT_BIT(ALL) | OPT_BIT(OPEN),
    .run = run_incidents,
};
