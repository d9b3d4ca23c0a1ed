/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <stdlib.h>

#include "options.h"

enum { ARGS_MAX = 40 };

static struct options options;
static struct err err;

static int parse_args(const char *const *args)
{
	static char name[] = "trunkwatchd";
	static char *argv[ARGS_MAX + 2] = {name};
	int argc = 1;

	for (; args[argc - 1] != NULL && argc <= ARGS_MAX; argc++)
		argv[argc] =
		    (char *)(uintptr_t)args[argc - 1]; /* as main() gets them */
	argv[argc] = NULL;
	return options_parse(argc, argv, &options, &err);
}

#define PARSE(...) parse_args((const char *const[]){__VA_ARGS__, NULL})

static const struct {
	const char *args[6];
	const char *want;
} bad[] = {
    {{"--no-such"}, "unknown option '--no-such'; try --help"},
    {{"-x"}, "unknown option '-x'; try --help"},
    {{"-i", "a", "-vx"}, "unknown option '-x'; try --help"},
    {{"-c"}, "option '-c' needs a value; try --help"},
    {{"--read"}, "option '--read' needs a value; try --help"},
    {{"capture.pcap"}, "unexpected argument 'capture.pcap'; try --help"},
    {{"-i", "a", "-r", "b"}, "-i and -r exclude each other"},
    {{"-p", "0"},
	"--port 0: a port is 1 to 65535, a range is two of them with the smaller first: "
	"5060-5061"},
    {{"-p", "5060,"},
	"--port 5060,: a port is 1 to 65535, a range is two of them with the smaller first: "
	"5060-5061"},
    {{"--local", "here"},
	"--local here: not an address or network such as 192.0.2.1 or 2001:db8::/32"},
    {{"-d", "a", "-d", "b"}, "--database b: given twice"},
    {{"-d", ""}, "--database : an empty name"},
    {{"-i", ""}, "--interface : an empty name"},
};

ParameterizedTestParameters(options, what_is_wrong_is_said)
{
	static size_t rows[sizeof(bad) / sizeof(bad[0])];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		rows[i] = i;
	return cr_make_param_array(size_t, rows, sizeof(rows) / sizeof(rows[0]));
}

ParameterizedTest(size_t *row, options, what_is_wrong_is_said)
{
	cr_assert_eq(parse_args(bad[*row].args), -EINVAL);
	cr_assert_str_eq(err.text, bad[*row].want);
}

Test(options, nothing_means_to_run_with_the_defaults)
{
	cr_assert_eq(parse_args((const char *const[]){NULL}), 0);
	cr_assert_eq(options.action, OPTIONS_RUN);
	cr_assert_null(options.config);
	cr_assert_eq(options.file_count, 0);
}

Test(options, all_of_them_are_taken)
{
	cr_assert_eq(
	    PARSE("-c", "f", "-i", "eth0", "--interface=eth1", "-d", "db", "-u", "me",
		"-p", "5060-5061, 5080", "--local", "192.0.2.0/24", "-v"),
	    0);
	cr_assert_str_eq(options.config, "f");
	cr_assert_eq(options.interface_count, 2);
	cr_assert_str_eq(options.interfaces[1], "eth1");
	cr_assert_str_eq(options.database, "db");
	cr_assert_str_eq(options.user, "me");
	cr_assert_eq(options.ports.count, 2);
	cr_assert_eq(options.ports.range[1].first, 5080);
	cr_assert_eq(options.local.count, 1);
	cr_assert_eq(options.verbose, 1);
}

Test(options, a_dash_is_a_file)
{
	cr_assert_eq(PARSE("-r", "-"), 0);
	cr_assert_str_eq(options.files[0], "-");
}

Test(options, actions)
{
	cr_assert_eq(PARSE("--check-config"), 0);
	cr_assert_eq(options.action, OPTIONS_CHECK_CONFIG);
	cr_assert_eq(PARSE("-h"), 0);
	cr_assert_eq(options.action, OPTIONS_HELP);
	cr_assert_eq(PARSE("--version"), 0);
	cr_assert_eq(options.action, OPTIONS_VERSION);
	cr_assert_eq(PARSE("--print-config-sample"), 0);
	cr_assert_eq(options.action, OPTIONS_PRINT_SAMPLE);
}

Test(options, more_than_there_is_room_for_is_refused)
{
	const char *args[ARGS_MAX + 1] = {0};

	for (size_t i = 0; i < 2 * (OPTIONS_FILES_MAX + 1); i += 2) {
		args[i] = "-r";
		args[i + 1] = "f";
	}
	cr_assert_eq(parse_args(args), -EINVAL);
	cr_assert_str_eq(err.text, "--read f: more than 16");
}

Test(options, the_command_line_wins_over_the_configuration)
{
	static struct config config;

	config_default(&config);
	cr_assert_eq(
	    PARSE("-i", "eth7", "-d", "x.db", "-p", "5080", "--local", "::1"), 0);
	cr_assert_eq(options_apply(&options, &config, &err), 0);
	cr_assert_eq(config.interfaces.count, 1);
	cr_assert_str_eq(config.interfaces.name[0], "eth7");
	cr_assert_str_eq(config.database, "x.db");
	cr_assert_eq(config.ports.count, 1);
	cr_assert_eq(config.ports.range[0].first, 5080);
	cr_assert_eq(config.local.count, 1);
}

Test(options, the_help_names_every_long_option)
{
	static const char *const names[] = {"--config", "--check-config",
	    "--print-config-sample", "--interface", "--read", "--database", "--user",
	    "--port", "--local", "--verbose", "--version", "--help"};
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	options_print_help(f);
	(void)fclose(f);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		cr_assert_not_null(strstr(text, names[i]), "%s", names[i]);
	free(text);
}
