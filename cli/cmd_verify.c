/* SPDX-License-Identifier: BSD-2-Clause */
#include <unistd.h>

#include "asterisk_files.h"
#include "base/cleanup.h"
#include "captures.h"
#include "database.h"
#include "export/json.h"
#include "page.h"
#include "proofs.h"
#include "secret_input.h"
#include "table.h"
#include "verify_stored.h"
#include "when.h"
#include "wire_files.h"

enum { SENTENCE_MAX = 1024 };

static bool is_refused(const struct proof *p)
{
	return p->answer >= 300;
}

/* "403 Forbidden" */
static void put_answer(struct cli *cli, struct out *o, const struct proof *p)
{
	out_uint(o, p->answer);
	out_char(o, ' ');
	page_value(&cli->term, o, TEXT_GET(p, p->reason));
}

/* "Our box sent the configured secret" */
static void say_who_sent(struct out *o, const struct proof *p, const char *what)
{
	out_text(o, p->result.is_client ? "Our phone sent " : "Our box sent ");
	out_text(o, what);
	out_text(
	    o, p->result.file.len == 0 ? "the given secret" : "the configured secret");
}

static void say_match(struct cli *cli, struct out *o, const struct proof *p)
{
	say_who_sent(o, p, "");
	if (p->result.is_client) {
		out_char(o, '.');
	} else if (p->answer >= 200 && !is_refused(p)) {
		out_text(o, ", and the provider accepted it (");
		put_answer(cli, o, p);
		out_text(o, ").");
	} else if (is_refused(p)) {
		out_text(o, ", and the provider answered ");
		put_answer(cli, o, p);
		out_text(o, ": it holds another secret, does not know this user, or "
			    "refuses for another reason.");
	} else {
		out_text(o, ". If it is refused, the provider holds another one, does "
			    "not know this user, or refuses for another reason.");
	}
	if (p->result.mangling != DIGEST_AS_CONFIGURED) {
		out_text(o, " But it was sent ");
		out_text(o, digest_mangling_sentence(p->result.mangling));
		out_text(o, ". The provider hardly has it so.");
	}
}

/* The answer to "did our box send what is configured?". */
static void put_sentence(struct cli *cli, struct out *o, const struct proof *p)
{
	switch (p->result.verdict) {
	case DIGEST_MATCHES:
		say_match(cli, o, p);
		break;
	case DIGEST_MANGLED:
		say_who_sent(o, p, "");
		out_char(o, ' ');
		out_text(o, digest_mangling_sentence(p->result.mangling));
		out_char(o, '.');
		break;
	case DIGEST_NO_MATCH:
		say_who_sent(o, p, "something else than ");
		out_text(o,
		    ", and none of the ways in which files and forms damage one "
		    "explains it.");
		if (p->result.file.len > 0 && !p->result.is_client)
			out_text(o,
			    " Was Asterisk reloaded after the last change? Is this the "
			    "file it reads?");
		break;
	case DIGEST_NO_SECRET:
		out_text(o,
		    "No secret is configured for this user name, and no other secret "
		    "of the files was sent.");
		break;
	case DIGEST_NOT_CHECKED:
	case DIGEST_VERDICT_COUNT:
		out_text(o, "Cannot be checked: ");
		out_text(o, p->why_not);
		out_char(o, '.');
		break;
	}
}

/* "sip.conf:24 [mytrunk]" */
static void put_place(struct cli *cli, struct out *o, const struct proof *p)
{
	if (p->result.file.len == 0)
		return;
	text_escape(o, p->result.file, cli->term.charset);
	out_char(o, ':');
	out_uint(o, p->result.line);
	if (p->result.trunk.len == 0)
		return;
	out_text(o, " [");
	text_escape(o, p->result.trunk, cli->term.charset);
	out_char(o, ']');
}

/* "MD5, qop auth" */
static void put_algorithm(struct cli *cli, struct out *o, const struct proof *p)
{
	struct slice algorithm = TEXT_GET(p, p->algorithm);
	struct slice qop = TEXT_GET(p, p->qop);

	text_escape(
	    o, algorithm.len == 0 ? SLICE("MD5") : algorithm, cli->term.charset);
	if (qop.len == 0)
		return;
	out_text(o, ", qop ");
	text_escape(o, qop, cli->term.charset);
}

static void field(struct cli *cli, const char *name, struct out *text)
{
	/* Escaped already, as page_text() would do once more. */
	if (text->used > 0)
		page_escaped(&cli->term, &cli->out, name, out_string(text));
	text->used = 0;
}

static void print_page(struct cli *cli, const struct proof *p)
{
	char buf[SENTENCE_MAX];
	struct out text = {.buf = buf, .cap = sizeof(buf)};
	char where[ENDPOINT_TEXT_MAX];
	char when[WHEN_TEXT_MAX];

	put_sentence(cli, &text, p);
	term_paragraph(&cli->term, &cli->out, out_string(&text), 0, 0);
	text.used = 0;
	page_slice_field(&cli->term, &cli->out, "Request", TEXT_GET(p, p->method));
	page_text(&cli->term, &cli->out, "At", when_text(p->first_us, 6, when));
	out_text(&text, endpoint_text(&p->src, where));
	out_text(&text, " > ");
	out_text(&text, endpoint_text(&p->dst, where));
	field(cli, "From, to", &text);
	if (p->requests > 1)
		page_number(&cli->term, &cli->out, "Requests", (int64_t)p->requests);
	page_slice_field(&cli->term, &cli->out, "Credentials of", TEXT_GET(p, p->user));
	page_slice_field(&cli->term, &cli->out, "Realm", TEXT_GET(p, p->realm));
	put_algorithm(cli, &text, p);
	field(cli, "Algorithm", &text);
	put_place(cli, &text, p);
	field(cli, "Secret at", &text);
	if (p->answer != 0)
		put_answer(cli, &text, p);
	field(cli, "Answered", &text);
}

static void print_object(struct cli *cli, struct json *j, const struct proof *p)
{
	char buf[SENTENCE_MAX];
	struct out text = {.buf = buf, .cap = sizeof(buf)};
	char where[ENDPOINT_TEXT_MAX];
	struct slice algorithm = TEXT_GET(p, p->algorithm);

	json_begin_object(j);
	json_put_key(j, "verdict");
	json_put_cstring(j, digest_verdict_name(p->result.verdict));
	json_put_key(j, "mangling");
	json_put_cstring(j, p->result.mangling == DIGEST_AS_CONFIGURED
				? NULL
				: digest_mangling_slug(p->result.mangling));
	json_put_key(j, "user");
	json_put_string(j, TEXT_GET(p, p->user));
	json_put_key(j, "realm");
	json_put_string(j, TEXT_GET(p, p->realm));
	json_put_key(j, "algorithm");
	json_put_string(j, algorithm.len == 0 ? SLICE("MD5") : algorithm);
	json_put_key(j, "qop");
	json_put_string(j, TEXT_GET(p, p->qop));
	json_put_key(j, "method");
	json_put_string(j, TEXT_GET(p, p->method));
	json_put_key(j, "call_id");
	json_put_string(j, TEXT_GET(p, p->call_id));
	json_put_key(j, "at");
	json_put_time(j, p->first_us);
	json_put_key(j, "last_at");
	json_put_time(j, p->last_us);
	json_put_key(j, "requests");
	json_put_int(j, (int64_t)p->requests);
	json_put_key(j, "src");
	json_put_cstring(j, endpoint_text(&p->src, where));
	json_put_key(j, "dst");
	json_put_cstring(j, endpoint_text(&p->dst, where));
	json_put_key(j, "trunk");
	json_put_string(j, p->result.trunk);
	json_put_key(j, "file");
	json_put_string(j, p->result.file);
	json_put_key(j, "line");
	if (p->result.line == 0)
		json_put_null(j);
	else
		json_put_int(j, p->result.line);
	json_put_key(j, "code");
	if (p->answer == 0)
		json_put_null(j);
	else
		json_put_int(j, p->answer);
	put_sentence(cli, &text, p);
	json_put_key(j, "text");
	json_put_cstring(j, out_string(&text));
	json_end_object(j);
}

enum { V_USER, V_REALM, V_ALGORITHM, V_RESULT, V_PLACE, V_COUNT, V_FIRST, V_COLUMNS };

static void print_row(struct cli *cli, struct table *t, const struct proof *p)
{
	char buf[SENTENCE_MAX];
	struct out text = {.buf = buf, .cap = sizeof(buf)};
	char when[WHEN_TEXT_MAX];

	table_row(t);
	table_cell(t, V_USER, TEXT_GET(p, p->user));
	table_cell(t, V_REALM, TEXT_GET(p, p->realm));
	put_algorithm(cli, &text, p);
	table_text(t, V_ALGORITHM, out_string(&text));
	text.used = 0;
	out_text(&text, digest_verdict_name(p->result.verdict));
	if (p->result.mangling != DIGEST_AS_CONFIGURED) {
		out_text(&text, ": ");
		out_text(&text, digest_mangling_slug(p->result.mangling));
	}
	if (p->why_not != NULL) {
		out_text(&text, ": ");
		out_text(&text, p->why_not);
	}
	table_text(t, V_RESULT, out_string(&text));
	table_color(t, V_RESULT,
	    p->result.verdict == DIGEST_MATCHES ? COLOR_GREEN : COLOR_YELLOW);
	text.used = 0;
	put_place(cli, &text, p);
	table_text(t, V_PLACE, out_string(&text));
	table_int(t, V_COUNT, (int64_t)p->requests);
	table_text(t, V_FIRST, when_text(p->first_us, 0, when));
}

static int print_table(struct cli *cli, const struct proofs *p)
{
	static const struct column columns[V_COLUMNS] = {
	    [V_USER] = {"USER", COLUMN_KEEP, 0, 16},
	    [V_REALM] = {"REALM", 0, 3, 20},
	    [V_ALGORITHM] = {"ALGORITHM", 0, 4, 12},
	    [V_RESULT] = {"SENT", COLUMN_KEEP, 0, 26},
	    [V_PLACE] = {"SECRET", 0, 0, 22},
	    [V_COUNT] = {"REQUESTS", COLUMN_RIGHT, 1},
	    [V_FIRST] = {"FIRST", 0, 2},
	};
	CLEANUP(table_cleanup)
	struct table *t = table_new(&cli->term, columns, V_COLUMNS);

	if (t == NULL)
		return cli_fail(EXIT_SOFTWARE, "out of memory");
	for (size_t i = 0; i < p->count; i++)
		print_row(cli, t, &p->list[i]);
	(void)out_flush(&cli->out);
	if (table_print(t) != 0)
		return cli_fail(EXIT_SOFTWARE, "out of memory");
	if (p->left_out > 0)
		cli_hint(cli, "%llu more results were left out.",
		    (unsigned long long)p->left_out);
	cli_hint(cli, "Add --call-id ID to see one explained.");
	return EXIT_OK;
}

static int print_proofs(struct cli *cli, const struct proofs *p)
{
	struct json j = {.out = &cli->out};

	if (cli_given(cli, OPT_BIT(JSON))) {
		json_begin_array(&j);
		for (size_t i = 0; i < p->count; i++)
			print_object(cli, &j, &p->list[i]);
		json_end_array(&j);
		out_char(&cli->out, '\n');
		return EXIT_OK;
	}
	if (p->call_id.ptr == NULL)
		return p->count == 0 ? EXIT_OK : print_table(cli, p);
	for (size_t i = 0; i < p->count; i++) {
		if (i > 0)
			out_char(&cli->out, '\n');
		print_page(cli, &p->list[i]);
	}
	return EXIT_OK;
}

/* Nothing was compared: why, and that is no success. */
static int say_nothing(struct cli *cli, const struct proofs *p)
{
	(void)out_flush(&cli->out);
	if (p->count > 0)
		return cli_fail(EXIT_DATA,
		    "nothing could be checked: no secret for these user names, or no "
		    "digest that can be recomputed");
	if (p->call_id.ptr == NULL)
		return cli_fail(EXIT_DATA, "no request with credentials in %s%s",
		    cli->opt.args[0], cli->opt.arg_count > 1 ? "..." : "");
	if (p->requests == 0)
		return cli_fail(EXIT_DATA,
		    "no request with Call-ID '%s'; 'trunkwatch messages' lists them",
		    cli->opt.call_id);
	return cli_fail(EXIT_DATA, "Call-ID '%s': %llu requests, none with credentials",
	    cli->opt.call_id, (unsigned long long)p->requests);
}

static void take_event(
    void *ctx, const struct wire_event *ev, const struct sip_msg *msg, enum sip_rc rc)
{
	if (ev->kind == WIRE_MESSAGE && rc == SIP_OK)
		proofs_take(ctx, ev, msg);
}

static int verify(struct cli *cli, struct proofs *p)
{
	struct err e;
	int damage, status;

	damage =
	    wire_files_read(cli, (struct wire_taker){.ctx = p, .take = take_event}, &e);
	if (damage != EXIT_OK && damage != EXIT_DATA)
		return cli_fail(damage, "%s", e.text);
	status = print_proofs(cli, p);
	if (damage != EXIT_OK) {
		(void)out_flush(&cli->out);
		return cli_fail(damage, "%s", e.text);
	}
	return status == EXIT_OK && p->checked == 0 ? say_nothing(cli, p) : status;
}

/* "412": a failure of the database, unless there is a file of that name. */
static bool is_id(const struct cli *cli, int64_t *id)
{
	const char *first = cli->opt.args[0];
	size_t digits = strspn(first, "0123456789");
	bool is_incident;

	return cli->opt.arg_count == 1 && digits > 0 && first[digits] == '\0' &&
	       access(first, F_OK) != 0 && database_parse_id(first, &is_incident, id);
}

static int check_options(const struct cli *cli)
{
	bool has_files = cli_given(cli, OPT_BIT(ASTERISK_CONFIG));
	bool has_stdin = cli_given(cli, OPT_BIT(SECRET_STDIN));

	if (has_files == has_stdin)
		return cli_fail(EXIT_USAGE,
		    "'verify' wants %s: --asterisk-config FILE or --secret-stdin",
		    has_files ? "one source of the secret"
			      : "a secret to compare with");
	for (size_t i = 0; has_stdin && i < cli->opt.arg_count; i++) {
		if (strcmp(cli->opt.args[i], "-") == 0)
			return cli_fail(EXIT_USAGE,
			    "standard input cannot be both the capture and the "
			    "secret");
	}
	return EXIT_OK;
}

static int run_verify(struct cli *cli)
{
	CLEANUP(asterisk_files_fini) struct asterisk_files files = {0};
	CLEANUP(secret_input_close) struct secret_input typed = {0};
	CLEANUP(proofs_fini) struct proofs p = {0};
	int64_t id = 0;
	bool is_stored = is_id(cli, &id);
	int status;

	if (is_stored && !cli_given(cli, OPT_BIT(ASTERISK_CONFIG)) &&
	    !cli_given(cli, OPT_BIT(SECRET_STDIN)))
		return verify_stored(cli, id);
	status = check_options(cli);
	if (status != EXIT_OK)
		return status;
	status = cli_given(cli, OPT_BIT(SECRET_STDIN))
		     ? secret_input_read(&typed)
		     : asterisk_files_read(&cli->opt, &files);
	if (status != EXIT_OK)
		return status;
	if (!proofs_init(&p))
		return cli_fail(EXIT_SOFTWARE, "out of memory");
	p.trunks = typed.page == NULL ? &files.trunks : NULL;
	p.secret = typed.secret;
	p.call_id = page_slice(cli->opt.call_id);
	if (!is_stored)
		return verify(cli, &p);
	status = verify_stored_messages(cli, id, &p);
	return status == EXIT_OK ? print_proofs(cli, &p) : status;
}

const struct cmd cmd_verify = {
    .name = "verify",
    .arguments = "FILE...|ID",
    .summary = "did our box send the configured secret?",
    .help =
	"Recomputes the digests in capture files with the secrets of Asterisk's files (or\n"
	"one from standard input) and says for each user and realm whether our box sent\n"
	"the configured secret, mangled it on the way, or sent something else. With\n"
	"--call-id one call is explained. Neither secrets nor digests are printed.\n"
	"The exit status is 0 when something was compared, 65 when there was nothing.\n\n"
	"An ID is a failure of the database: what the daemon found, with asterisk.secrets.\n"
	"It is compared again where evidence.keep_credentials kept the digest.\n\n"
	"Examples\n"
	"  trunkwatch verify 412\n"
	"  trunkwatch verify bad.pcap --asterisk-config /etc/asterisk/sip.conf\n"
	"  trunkwatch verify bad.pcap --call-id 3a5f@203.0.113.45 --asterisk-config sip.conf\n"
	"  trunkwatch verify bad.pcap --secret-stdin            asks, without echo\n"
	"  pass show trunk | trunkwatch verify bad.pcap --secret-stdin --json\n",
    .options = OPTIONS_COMMON | OPT_BIT(JSON) | OPT_BIT(PORT) | OPT_BIT(CALL_ID) |
	       OPT_BIT(DATABASE) | OPT_BIT(ASTERISK_CONFIG) | OPT_BIT(SECRET_STDIN),
    .args_min = 1,
    .args_max = CAPTURES_MAX,
    .run = run_verify,
};
