/* SPDX-License-Identifier: BSD-2-Clause */
#include "analysis.h"
#include "base/cleanup.h"
#include "captures.h"
#include "counts.h"
#include "lists.h"
#include "page.h"
#include "when.h"

enum { TOTALS_MAX = 512 };

static void print_count(struct json *j, const char *key, uint64_t value)
{
	json_put_key(j, key);
	json_put_int(j, (int64_t)value);
}

static int print_json(const struct listing *l, const struct analysis *a)
{
	const struct pipeline_counters *c = &a->counters;
	struct json j = {.out = &l->cli->out};
	int status;

	json_begin_object(&j);
	print_count(&j, "messages", c->messages);
	print_count(&j, "attempts", c->attempts);
	print_count(&j, "malformed", c->malformed);
	print_count(&j, "dropped", c->dropped);
	out_text(j.out, ",\n");
	j.need_comma = false;
	json_put_key(&j, "failures");
	status = lists_failures_json(l, &j);
	if (status == EXIT_OK) {
		out_text(j.out, ",\n");
		j.need_comma = false;
		json_put_key(&j, "incidents");
		status = lists_incidents_json(l, &j);
	}
	if (status == EXIT_OK) {
		out_text(j.out, ",\n");
		j.need_comma = false;
		json_put_key(&j, "trunks");
		status = lists_trunks_json(l, &j);
	}
	out_text(j.out, ",\n");
	j.need_comma = false;
	counts_json(&j, a->wire_counts);
	json_end_object(&j);
	out_char(j.out, '\n');
	return status;
}

static void put_total(struct out *o, uint64_t count, const char *one, const char *many)
{
	out_uint(o, count);
	out_text(o, count == 1 ? one : many);
}

/* "20 packets from ... over 3.9 s: 20 messages, 4 attempts, 3 failures, 1 incident,
 * 0 malformed, 0 packets dropped" */
static void print_totals(struct cli *cli, const struct analysis *a)
{
	const struct pipeline_counters *c = &a->counters;
	char text[TOTALS_MAX];
	struct out o = {.buf = text, .cap = sizeof(text)};
	char buf[WHEN_TEXT_MAX];

	put_total(&o, c->frames, " packet", " packets");
	if (a->first_packet_us != 0) {
		out_text(&o, " from ");
		out_text(&o, when_text(a->first_packet_us, 0, buf));
		out_text(&o, " over ");
		out_text(&o,
		    when_span(usec_since(a->first_packet_us, a->last_packet_us), buf));
	}
	out_text(&o, ": ");
	put_total(&o, c->messages, " message, ", " messages, ");
	put_total(&o, c->attempts, " attempt, ", " attempts, ");
	put_total(&o, c->failures, " failure, ", " failures, ");
	put_total(&o, c->incidents, " incident, ", " incidents, ");
	put_total(&o, c->malformed, " malformed, ", " malformed, ");
	put_total(&o, c->dropped, " packet dropped", " packets dropped");
	out_char(&cli->out, '\n');
	term_paragraph(&cli->term, &cli->out, out_string(&o), 0, 0);
}

static int print_tables(const struct listing *l, const struct analysis *a)
{
	struct cli *cli = l->cli;
	int status = lists_failures(l);

	if (status == EXIT_OK && a->counters.incidents + a->counters.failures > 0) {
		page_heading(&cli->term, &cli->out, "Incidents");
		status = lists_incidents(l);
	}
	if (status == EXIT_OK) {
		page_heading(&cli->term, &cli->out, "Trunks");
		status = lists_trunks(l);
	}
	if (status != EXIT_OK)
		return status;
	print_totals(cli, a);
	if (cli_given(cli, OPT_BIT(VERBOSE)))
		counts_print(&cli->term, &cli->out, a->wire_counts);
	if (l->is_temporary && a->counters.failures > 0)
		cli_hint(cli,
		    "Add -d FILE to keep this; 'trunkwatch show ID -d FILE' then "
		    "explains a failure.");
	return EXIT_OK;
}

static int run_analyze(struct cli *cli)
{
	CLEANUP(analysis_fini) struct analysis a = {0};
	struct listing l;
	int status = analysis_run(cli, &a);
	int printed;

	if (status != EXIT_OK)
		return status;
	l = listing_of(cli, a.query);
	l.filter.first_failure = a.first_failure;
	l.filter.first_incident = a.first_incident;
	l.is_temporary = cli->opt.database == NULL;
	if (cli_given(cli, OPT_BIT(JSON)))
		printed = print_json(&l, &a);
	else if (cli_given(cli, OPT_BIT(CSV)))
		printed = lists_failures(&l);
	else
		printed = print_tables(&l, &a);
	if (printed != EXIT_OK || a.damage == EXIT_OK)
		return printed;
	(void)out_flush(&cli->out);
	return cli_fail(a.damage, "%s", a.damage_why.text);
}

const struct cmd cmd_analyze = {
    .name = "analyze",
    .arguments = "FILE...",
    .summary = "diagnose capture files, without daemon or privileges",
    .help =
	"Reads capture files (pcap, pcapng, also gzipped; '-' is standard input) as the\n"
	"daemon reads the wire and prints the failures, the incidents and the trunks it\n"
	"found. Several files are read as one, merged by time. Nothing is kept, unless\n"
	"-d names a database to add to; then 'trunkwatch show ID -d FILE' explains one.\n\n"
	"Examples\n"
	"  trunkwatch analyze bad.pcap\n"
	"  trunkwatch analyze bad.pcap --local 203.0.113.45     our address is known\n"
	"  trunkwatch analyze monday/*.pcap.gz -d monday.db\n"
	"  trunkwatch analyze -v bad.pcap                       what was no SIP, no IP, cut, ...\n"
	"  trunkwatch analyze bad.pcap --json | jq '.incidents[].summary'\n"
	"  tcpdump -i any -w - port 5060 | trunkwatch analyze -\n",
    .options = OPTIONS_LIST | OPT_BIT(ALL) | OPT_BIT(LOCAL) | OPT_BIT(PORT) |
	       OPT_BIT(ASTERISK_CONFIG) | OPT_BIT(VERBOSE),
    .args_min = 1,
    .args_max = CAPTURES_MAX,
    .run = run_analyze,
};
