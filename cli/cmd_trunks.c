/* SPDX-License-Identifier: BSD-2-Clause */
#include "lists.h"

static int run_trunks(struct cli *cli)
{
	return lists_run(cli, lists_trunks);
}

const struct cmd cmd_trunks = {
    .name = "trunks",
    .arguments = "",
    .summary = "one line per trunk: state, registration, rates, verdict",
    .help =
	"Shows how each trunk is doing, as the wire tells it: whether it is registered\n"
	"and answers OPTIONS, how many attempts it got and answered, what it refused\n"
	"last and why. STATE is 'failing' while an incident is open, 'degraded' when it\n"
	"lost its registration or does not answer, 'idle' without attempts, else 'ok'.\n\n"
	"Examples\n"
	"  trunkwatch trunks\n"
	"  trunkwatch trunks --json | jq '.[] | select(.verdict != null) | .name'\n",
    .options = OPTIONS_LIST,
    .run = run_trunks,
};
