/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "asterisk/ast_lint.h"
#include "asterisk_files.h"
#include "base/cleanup.h"
#include "export/json.h"

enum { LINE_BYTES = 2048 };

static void findings_free(struct ast_finding **f)
{
	free(*f);
}

/* By file and line, as one reads; an error before a warning of the same line. */
static int by_place(const void *a, const void *b)
{
	const struct ast_finding *x = a;
	const struct ast_finding *y = b;
	size_t len = x->file.len < y->file.len ? x->file.len : y->file.len;
	int order = len == 0 ? 0 : memcmp(x->file.ptr, y->file.ptr, len);

	if (order == 0)
		order = (x->file.len > y->file.len) - (x->file.len < y->file.len);
	if (order == 0)
		order = (x->line > y->line) - (x->line < y->line);
	if (order == 0)
		order = (int)y->severity - (int)x->severity;
	return order != 0 ? order : strcmp(x->slug, y->slug);
}

static enum color severity_color(enum ast_severity s)
{
	switch (s) {
	case AST_ERROR:
		return COLOR_RED;
	case AST_WARNING:
		return COLOR_YELLOW;
	case AST_NOTE_ONLY:
		break;
	}
	return COLOR_DIM;
}

/* "sip.conf:24: error: [mytrunk] the secret ... (secret_quoted)", as compilers say it:
 * editors jump there, and grep finds it. */
static void print_line(struct cli *cli, const struct ast_finding *f)
{
	char buf[LINE_BYTES];
	struct out line = {.buf = buf, .cap = sizeof(buf)};
	struct out *o = &cli->out;

	text_escape(&line, f->file, cli->term.charset);
	out_char(&line, ':');
	out_uint(&line, f->line);
	out_text(o, term_color(&cli->term, COLOR_BOLD));
	out_text(o, out_string(&line));
	out_text(o, term_color(&cli->term, severity_color(f->severity)));
	out_text(o, ": ");
	out_text(o, ast_severity_name(f->severity));
	out_text(o, term_reset(&cli->term));
	out_text(o, cli->term.width == 0 ? ": " : "\n");
	line.used = 0;
	if (f->what.len > 0) {
		out_char(&line, '[');
		text_escape(&line, f->what, cli->term.charset);
		out_text(&line, "] ");
	}
	out_text(&line, f->sentence);
	if (f->lines > 0) {
		out_text(&line, "; lines gone: ");
		out_uint(&line, f->lines);
	}
	out_text(&line, " (");
	out_text(&line, f->slug);
	out_char(&line, ')');
	if (cli->term.width == 0) {
		out_text(o, out_string(&line));
		out_char(o, '\n');
	} else {
		term_paragraph(&cli->term, o, out_string(&line), 4, 0);
	}
}

static void print_json(struct json *j, const struct ast_finding *f)
{
	json_begin_object(j);
	json_put_key(j, "file");
	json_put_string(j, f->file);
	json_put_key(j, "line");
	json_put_int(j, f->line);
	json_put_key(j, "severity");
	json_put_cstring(j, ast_severity_name(f->severity));
	json_put_key(j, "section");
	json_put_string(j, f->what);
	json_put_key(j, "finding");
	json_put_cstring(j, f->slug);
	json_put_key(j, "text");
	json_put_cstring(j, f->sentence);
	json_put_key(j, "lines_gone");
	json_put_int(j, f->lines);
	json_end_object(j);
}

static void csv_text(struct out *o, const char *text, char separator)
{
	text_csv_field(o, slice_of(text, strlen(text)));
	out_char(o, separator);
}

static void print_csv(struct out *o, const struct ast_finding *f)
{
	text_csv_field(o, f->file);
	out_char(o, ',');
	out_uint(o, f->line);
	out_char(o, ',');
	csv_text(o, ast_severity_name(f->severity), ',');
	text_csv_field(o, f->what);
	out_char(o, ',');
	csv_text(o, f->slug, ',');
	csv_text(o, f->sentence, ',');
	out_uint(o, f->lines);
	out_char(o, '\n');
}

static void print_all(struct cli *cli, const struct ast_finding *f, size_t count)
{
	struct json j = {.out = &cli->out};
	bool is_json = cli_given(cli, OPT_BIT(JSON));
	bool is_csv = cli_given(cli, OPT_BIT(CSV));

	if (is_json)
		json_begin_array(&j);
	if (is_csv)
		out_text(
		    &cli->out, "file,line,severity,section,finding,text,lines_gone\n");
	for (size_t i = 0; i < count; i++) {
		if (is_json)
			print_json(&j, &f[i]);
		else if (is_csv)
			print_csv(&cli->out, &f[i]);
		else
			print_line(cli, &f[i]);
	}
	if (is_json) {
		json_end_array(&j);
		out_char(&cli->out, '\n');
	}
}

static void say_total(struct cli *cli, const struct asterisk_files *a, size_t count)
{
	if (cli_given(cli, OPT_BIT(JSON)) || cli_given(cli, OPT_BIT(CSV)))
		return;
	if (count > 0)
		cli_hint(cli, "%zu %s in the files of %u %s.", count,
		    count == 1 ? "finding" : "findings", a->trunks.trunks.count,
		    a->trunks.trunks.count == 1 ? "trunk" : "trunks");
	else
		cli_note(cli, "Nothing found in the files of %u %s.",
		    a->trunks.trunks.count,
		    a->trunks.trunks.count == 1 ? "trunk" : "trunks");
}

/* A capture, a picture: no line of it was a section. */
static int check_is_config(const struct asterisk_files *a)
{
	for (uint32_t i = 0; i < a->trunks.config_count; i++) {
		const struct ast_config *c = a->trunks.configs[i];

		if (c->section_count == 0)
			return cli_fail(EXIT_DATA,
			    SLICE_FMT ": no [section] in it: this is no file of "
				      "Asterisk's",
			    SLICE_ARG(c->files[0]));
	}
	return EXIT_OK;
}

static int lint(struct cli *cli, const struct asterisk_files *a)
{
	size_t count = ast_lint(&a->trunks, NULL, 0);
	CLEANUP(findings_free)
	struct ast_finding *found = calloc(count + 1, sizeof(*found));

	if (found == NULL)
		return cli_fail(EXIT_SOFTWARE, "out of memory");
	(void)ast_lint(&a->trunks, found, count);
	qsort(found, count, sizeof(*found), by_place);
	print_all(cli, found, count);
	say_total(cli, a, count);
	return EXIT_OK;
}

/* "lint FILE" means the same as "lint --asterisk-config FILE". */
static int run_lint(struct cli *cli)
{
	CLEANUP(asterisk_files_fini) struct asterisk_files a = {0};
	struct options o = cli->opt;
	int status;

	if (o.asterisk_count + o.arg_count > AST_CONFIGS_MAX)
		return cli_fail(
		    EXIT_USAGE, "'lint' takes at most %d files", AST_CONFIGS_MAX);
	for (size_t i = 0; i < o.arg_count; i++)
		o.asterisk[o.asterisk_count++] = o.args[i];
	if (o.asterisk_count == 0)
		return cli_fail(EXIT_USAGE,
		    "'lint' wants a file: trunkwatch lint /etc/asterisk/sip.conf");
	status = asterisk_files_read(&o, &a);
	if (status == EXIT_OK)
		status = check_is_config(&a);
	return status == EXIT_OK ? lint(cli, &a) : status;
}

const struct cmd cmd_lint = {
    .name = "lint",
    .arguments = "FILE...",
    .summary = "what will go wrong with Asterisk's files, before a call",
    .help =
	"Reads sip.conf, pjsip.conf or pjsip_wizard.conf as Asterisk reads them, with all\n"
	"they include, and names what makes a trunk fail: a secret cut at ';', quotes\n"
	"that become a part of it, a register line torn apart, no fromuser. Secrets are\n"
	"never printed. The exit status is 0 also when something was found: test the\n"
	"output (jq -e) where it matters.\n\n"
	"Examples\n"
	"  trunkwatch lint /etc/asterisk/sip.conf\n"
	"  trunkwatch lint --asterisk-config sip.conf --asterisk-config pjsip.conf\n"
	"  trunkwatch lint sip.conf --json | jq -e 'all(.severity != \"error\")'\n",
    .options = OPTIONS_COMMON | OPT_BIT(JSON) | OPT_BIT(CSV) | OPT_BIT(ASTERISK_CONFIG),
    .args_max = AST_CONFIGS_MAX,
    .run = run_lint,
};
