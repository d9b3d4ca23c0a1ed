/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/nearest.h"
#include "cmd.h"

enum { OPTION_COLUMNS = 30 };

static void heading(struct cli *cli, const char *text)
{
	out_text(&cli->out, term_color(&cli->term, COLOR_BOLD));
	out_text(&cli->out, text);
	out_text(&cli->out, term_reset(&cli->term));
	out_char(&cli->out, '\n');
}

static void padded(struct out *o, const char *text, size_t width)
{
	size_t len = strlen(text);

	out_text(o, text);
	out_repeat(o, " ", len < width ? width - len : 1);
}

static void print_option(struct cli *cli, enum option id)
{
	char buf[64];
	struct out o = {.buf = buf, .cap = sizeof(buf)};

	out_text(&o, "  ");
	if (option_letter(id) != 0) {
		out_char(&o, '-');
		out_char(&o, option_letter(id));
		out_text(&o, ", ");
	} else {
		out_text(&o, "    ");
	}
	out_text(&o, "--");
	out_text(&o, option_name(id));
	if (option_argument(id) != NULL) {
		out_char(&o, ' ');
		out_text(&o, option_argument(id));
	}
	padded(&cli->out, out_string(&o), OPTION_COLUMNS);
	term_paragraph(
	    &cli->term, &cli->out, option_help(id), OPTION_COLUMNS, OPTION_COLUMNS);
}

static void print_command(struct cli *cli, const struct cmd *cmd)
{
	struct out *o = &cli->out;

	out_text(o, "usage: trunkwatch ");
	out_text(o, cmd->name);
	if (*cmd->arguments != '\0') {
		out_char(o, ' ');
		out_text(o, cmd->arguments);
	}
	out_text(o, " [OPTION]...\n\n");
	out_text(o, cmd->help);
	out_char(o, '\n');
	heading(cli, "Options");
	for (int i = 0; i < OPT_COUNT; i++) {
		if ((cmd->options & UINT32_C(1) << i) != 0)
			print_option(cli, (enum option)i);
	}
}

static void print_all(struct cli *cli)
{
	struct out *o = &cli->out;

	out_text(o,
	    "usage: trunkwatch [COMMAND] [OPTION]...\n\n"
	    "Shows why SIP trunks refuse calls: what the daemon trunkwatchd found, or "
	    "what\na capture file holds.\n\n");
	heading(cli, "Commands");
	for (size_t i = 0; i < cli->cmd_count; i++) {
		char buf[64];
		struct out left = {.buf = buf, .cap = sizeof(buf)};

		out_text(&left, "  ");
		out_text(&left, cli->cmds[i].name);
		out_char(&left, ' ');
		out_text(&left, cli->cmds[i].arguments);
		padded(o, out_string(&left), 22);
		out_text(o, cli->cmds[i].summary);
		out_char(o, '\n');
	}
	out_char(o, '\n');
	heading(cli, "Examples");
	out_text(o,
	    "  trunkwatch                         what failed in the last 24 hours\n"
	    "  trunkwatch show 412                why call 412 failed, and what to do\n"
	    "  trunkwatch ticket 412              what to write to the provider\n"
	    "  trunkwatch trunks                  how each trunk is doing\n"
	    "  trunkwatch failures --since -1h --trunk mytrunk\n"
	    "  trunkwatch analyze bad.pcap --local 203.0.113.45\n"
	    "  trunkwatch failures --json | jq '.[].verdict' | sort | uniq -c\n\n"
	    "'trunkwatch help COMMAND' explains one of them with all its options.\n");
}

void help_print(struct cli *cli, const struct cmd *cmd)
{
	if (cmd == NULL)
		print_all(cli);
	else
		print_command(cli, cmd);
}

static int run_help(struct cli *cli)
{
	struct nearest n = {0};

	if (cli->opt.arg_count == 0) {
		print_all(cli);
		return EXIT_OK;
	}
	n.wanted = cli->opt.args[0];
	for (size_t i = 0; i < cli->cmd_count; i++) {
		if (strcmp(cli->cmds[i].name, n.wanted) == 0) {
			print_command(cli, &cli->cmds[i]);
			return EXIT_OK;
		}
		nearest_try(&n, cli->cmds[i].name);
	}
	if (n.word != NULL)
		return cli_fail(EXIT_USAGE, "unknown command '%s', did you mean '%s'?",
		    n.wanted, n.word);
	return cli_fail(EXIT_USAGE,
	    "unknown command '%s'; 'trunkwatch help' lists the commands", n.wanted);
}

const struct cmd cmd_help = {
    .name = "help",
    .arguments = "[COMMAND]",
    .summary = "what a command does, with examples",
    .help = "Explains a command, or lists all of them.\n\n"
	    "Examples\n"
	    "  trunkwatch help failures\n",
    .options = OPTIONS_COMMON,
    .args_max = 1,
    .run = run_help,
};
