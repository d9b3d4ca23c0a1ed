/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd.h"

int main(int argc, char **argv)
{
	const struct cmd commands[] = {
	    cmd_failures, /* the default */
	    cmd_show,
	    cmd_trunks,
	    cmd_incidents,
	    cmd_analyze,
	    cmd_messages,
	    cmd_ticket,
	    cmd_verify,
	    cmd_lint,
	    cmd_status,
	    cmd_help,
	};

	return cli_main(commands, sizeof(commands) / sizeof(commands[0]), argc, argv);
}
