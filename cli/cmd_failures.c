/* SPDX-License-Identifier: BSD-2-Clause */
#include "lists.h"

static int run_failures(struct cli *cli)
{
	return lists_run(cli, lists_failures);
}

const struct cmd cmd_failures = {
    .name = "failures",
    .arguments = "",
    .summary = "calls and registrations that a trunk refused (the default)",
    .help =
	"Lists calls, registrations and other requests that a trunk refused or never\n"
	"answered, each with what is to blame. The table has the newest first: 50 rows\n"
	"of the 24 hours before the newest record. Busy, no answer and wrong numbers are\n"
	"no failures; 'trunkwatch trunks' counts them.\n\n"
	"Examples\n"
	"  trunkwatch                                     the last 24 hours\n"
	"  trunkwatch failures --since yesterday --until today\n"
	"  trunkwatch failures --trunk mytrunk --since -1h\n"
	"  trunkwatch failures --json --since -1d | jq '.[] | select(.code == 403)'\n"
	"  trunkwatch failures --csv > failures.csv\n",
    .options = OPTIONS_LIST | OPT_BIT(ALL),
    .run = run_failures,
};
