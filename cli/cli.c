/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/nearest.h"
#include "cmd.h"
#include "when.h"

enum { LINE_MAX_BYTES = 1024, OUT_BUFFER_BYTES = 64 << 10 };

static int write_stdout(void *ctx, const char *bytes, size_t len)
{
	(void)ctx;
	/* libsmartcols writes through stdio: one road keeps the order. */
	if (fwrite(bytes, 1, len, stdout) == len)
		return 0;
	return errno == 0 ? -EIO : -errno;
}

/* One line: a file name may hold anything, also a newline. */
__attribute__((format(printf, 2, 0))) static void say(
    FILE *to, const char *fmt, va_list args)
{
	char text[LINE_MAX_BYTES];
	char line[4 * LINE_MAX_BYTES];
	struct out o = {.buf = line, .cap = sizeof(line)};
	int len = vsnprintf(text, sizeof(text), fmt, args);

	if (len < 0)
		return;
	text_escape(&o, slice_of(text, strlen(text)), term_charset());
	(void)fprintf(to, "%s\n", out_string(&o));
}

int cli_fail(int status, const char *fmt, ...)
{
	va_list args;

	(void)fflush(stdout);
	(void)fputs("trunkwatch: ", stderr);
	va_start(args, fmt);
	say(stderr, fmt, args);
	va_end(args);
	return status;
}

void cli_hint(struct cli *cli, const char *fmt, ...)
{
	va_list args;

	if (!cli->term.is_tty)
		return;
	(void)out_flush(&cli->out);
	va_start(args, fmt);
	(void)fputs(term_color(&cli->term, COLOR_DIM), stdout);
	say(stdout, fmt, args);
	(void)fputs(term_reset(&cli->term), stdout);
	va_end(args);
}

void cli_note(struct cli *cli, const char *fmt, ...)
{
	va_list args;

	(void)out_flush(&cli->out);
	va_start(args, fmt);
	say(stdout, fmt, args);
	va_end(args);
}

static const struct cmd *find(const struct cli *cli, const char *name)
{
	for (size_t i = 0; i < cli->cmd_count; i++) {
		if (strcmp(cli->cmds[i].name, name) == 0)
			return &cli->cmds[i];
	}
	return NULL;
}

/* People type what they have before them: a failure's number, a file. */
static int unknown_command(const struct cli *cli, const char *name)
{
	struct nearest n = {.wanted = name};
	size_t digits = name[0] == 'i';

	digits += strspn(name + digits, "0123456789");
	if (name[digits] == '\0' && digits > (name[0] == 'i'))
		return cli_fail(EXIT_USAGE,
		    "unknown command '%s', did you mean 'trunkwatch show %s'?", name,
		    name);
	for (size_t i = 0; i < cli->cmd_count; i++)
		nearest_try(&n, cli->cmds[i].name);
	if (n.word != NULL)
		return cli_fail(EXIT_USAGE, "unknown command '%s', did you mean '%s'?",
		    name, n.word);
	if (access(name, F_OK) == 0)
		return cli_fail(EXIT_USAGE,
		    "unknown command '%s', did you mean 'trunkwatch analyze %s'?", name,
		    name);
	return cli_fail(EXIT_USAGE,
	    "unknown command '%s'; 'trunkwatch help' lists the commands", name);
}

static int check_usage(const struct cli *cli)
{
	const struct cmd *cmd = cli->cmd;

	for (int i = 0; i < OPT_COUNT; i++) {
		uint32_t bit = UINT32_C(1) << i;

		if ((cli->opt.given & bit) != 0 && (cmd->options & bit) == 0)
			return cli_fail(EXIT_USAGE,
			    "'%s' takes no option --%s; see 'trunkwatch help %s'",
			    cmd->name, option_name((enum option)i), cmd->name);
	}
	if (cli->opt.arg_count < cmd->args_min)
		return cli_fail(EXIT_USAGE,
		    "'%s' wants %s: trunkwatch %s %s; see 'trunkwatch help %s'",
		    cmd->name, cmd->arguments, cmd->name, cmd->arguments, cmd->name);
	if (cli->opt.arg_count > cmd->args_max)
		return cli_fail(EXIT_USAGE,
		    "'%s' takes no argument '%s'; see 'trunkwatch help %s'", cmd->name,
		    cli->opt.args[cmd->args_max], cmd->name);
	return EXIT_OK;
}

static int run(struct cli *cli)
{
	struct err e;
	int status;

	if (cli_given(cli, OPT_BIT(UTC))) {
		(void)setenv("TZ", "UTC0", 1);
		tzset();
	}
	if (options_times(&cli->opt, when_now_us(), &e) != 0)
		return cli_fail(EXIT_USAGE, "%s", e.text);
	status = check_usage(cli);
	return status == EXIT_OK ? cli->cmd->run(cli) : status;
}

/* The command is the first word that is no option: "trunkwatch -d DB trunks". */
static int dispatch(struct cli *cli)
{
	bool wants_help = cli_given(cli, OPT_BIT(HELP));

	if (cli_given(cli, OPT_BIT(VERSION))) {
		out_text(&cli->out, "trunkwatch " TRUNKWATCH_VERSION "\n");
		return EXIT_OK;
	}
	if (cli->opt.arg_count == 0) {
		if (wants_help) {
			help_print(cli, NULL);
			return EXIT_OK;
		}
		cli->cmd = &cli->cmds[0];
		return run(cli);
	}
	cli->cmd = find(cli, cli->opt.args[0]);
	if (cli->cmd == NULL)
		return unknown_command(cli, cli->opt.args[0]);
	cli->opt.args++;
	cli->opt.arg_count--;
	if (wants_help) {
		help_print(cli, cli->cmd);
		return EXIT_OK;
	}
	return run(cli);
}

int cli_main(const struct cmd *cmds, size_t count, int argc, char **argv)
{
	char buffer[OUT_BUFFER_BYTES];
	struct cli cli = {
	    .cmds = cmds,
	    .cmd_count = count,
	    .out = {.buf = buffer, .cap = sizeof(buffer), .flush = write_stdout},
	};
	struct err e;
	int status;

	/* Characters, not numbers: JSON has no decimal comma. */
	(void)setlocale(LC_CTYPE, "");
	tzset();
	term_init(&cli.term);
	if (options_parse(argc, argv, &cli.opt, &e) != 0)
		return cli_fail(EXIT_USAGE, "%s (see 'trunkwatch help')", e.text);
	status = dispatch(&cli);
	if (out_flush(&cli.out) != 0 || fflush(stdout) != 0)
		return cli_fail(EXIT_IO, "cannot write the output: %s",
		    strerror(cli.out.error != 0 ? -cli.out.error : errno));
	return status;
}
