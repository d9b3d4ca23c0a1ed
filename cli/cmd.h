/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cmd - what a command is, and what it is given.
 *
 * A command is a row in main.c's table and a cmd_x.c. Options are read, checked
 * against the row and in struct cli before run() is called; run() returns the exit
 * status and has said on stderr why when it is not 0.
 */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include "export/out.h"
#include "options.h"
#include "term.h"

enum { /* sysexits.h, as design.md 6.1 lists them */
	EXIT_OK = 0,
	EXIT_USAGE = 64,
	EXIT_DATA = 65,        /* input that is no capture, or damaged */
	EXIT_NO_INPUT = 66,    /* cannot open, or no such failure */
	EXIT_UNAVAILABLE = 69, /* the database */
	EXIT_SOFTWARE = 70,    /* out of memory */
	EXIT_IO = 74,          /* cannot write the output */
};

struct cli;

struct cmd {
	const char *name;
	const char *arguments; /* "FILE...", or "" */
	const char *summary;   /* one line for the list of commands */
	const char *help;      /* what it shows, then examples */
	uint32_t options;      /* OPT_BIT() of those it takes */
	size_t args_min, args_max;
	int (*run)(struct cli *cli);
};

/* Options of every command that lists what a database holds. */
#define OPTIONS_COMMON (OPT_BIT(HELP) | OPT_BIT(VERSION) | OPT_BIT(UTC))
#define OPTIONS_LIST                                                      \
	(OPTIONS_COMMON | OPT_BIT(JSON) | OPT_BIT(CSV) | OPT_BIT(SINCE) | \
	    OPT_BIT(UNTIL) | OPT_BIT(TRUNK) | OPT_BIT(LIMIT) | OPT_BIT(DATABASE))

struct cli {
	const struct cmd *cmds; /* cmds[0] is the default */
	size_t cmd_count;
	const struct cmd *cmd; /* the one that runs */
	struct options opt;    /* .args without the command's name */
	struct term term;
	struct out out; /* stdout, buffered: everything is written through it */
};

/* Does what argv says. The exit status. */
int cli_main(const struct cmd *cmds, size_t count, int argc, char **argv);

/* One line on stderr, escaped; returns status. */
__attribute__((format(printf, 2, 3))) int cli_fail(int status, const char *fmt, ...);

/* A hint below a table: on a terminal only. */
__attribute__((format(printf, 2, 3))) void cli_hint(
    struct cli *cli, const char *fmt, ...);

/* "No failures.": instead of an empty table, also in a pipe. */
__attribute__((format(printf, 2, 3))) void cli_note(
    struct cli *cli, const char *fmt, ...);

static inline bool cli_given(const struct cli *cli, uint32_t bit)
{
	return (cli->opt.given & bit) != 0;
}

extern const struct cmd cmd_failures, cmd_show, cmd_trunks, cmd_incidents, cmd_analyze,
    cmd_messages, cmd_ticket, cmd_verify, cmd_lint, cmd_status, cmd_help;

/* The page of one command; NULL: the list of all. */
void help_print(struct cli *cli, const struct cmd *cmd);

#endif
