/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/usec.h"
#include "counts.h"
#include "database.h"
#include "export/json.h"
#include "page.h"
#include "tables.h"
#include "when.h"

enum { META_MAX = 512 };

/* What the daemon writes into meta (daemon/status.h), and what people call it. */
enum meta_form { META_TEXT, META_NUMBER, META_TIME, META_SPAN, META_BYTES };
static const struct {
	const char *key, *name;
	enum meta_form form;
} metas[] = {
    {"version", "Version", META_TEXT},
    {"pid", "Process", META_NUMBER},
    {"sources", "Listens on", META_TEXT},
    {"started_at_us", "Started", META_TIME},
    {"seen_at_us", "Last sign of life", META_TIME},
    {"stopped_at_us", "Stopped", META_TIME},
    {"last_packet_at_us", "Last packet", META_TIME},
    {"packets", "Packets", META_NUMBER},
    {"messages", "SIP messages", META_NUMBER},
    {"malformed", "Malformed", META_NUMBER},
    {"attempts", "Attempts", META_NUMBER},
    {"failures", "Failures", META_NUMBER},
    {"thinned", "  of these thinned", META_NUMBER},
    {"dropped_kernel", "Lost in kernel", META_NUMBER},
    {"dropped_ring", "Lost in ring", META_NUMBER},
    {"dropped_rows", "Rows not stored", META_NUMBER},
    {"lost_at_us", "Last loss", META_TIME},
    {"verdict_p50_us", "Verdict after (half)", META_SPAN},
    {"verdict_p99_us", "  99 % after", META_SPAN},
    {"commit_p50_us", "Row after (half)", META_SPAN},
    {"commit_p99_us", "  99 % after", META_SPAN},
    {"hep_packets", "HEP packets", META_NUMBER},
    {"hep_malformed", "HEP malformed", META_NUMBER},
    {"hep_wrong_key", "HEP with wrong key", META_NUMBER},
    {"hep_not_sip", "HEP without SIP", META_NUMBER},
    {"hep_connections", "HEP connections", META_NUMBER},
    {"hep_turned_away", "  turned away", META_NUMBER},
    {"hep_evicted", "  evicted", META_NUMBER},
    {"hep_closed_garbage", "  closed: no HEP", META_NUMBER},
    {"hep_closed_unproven", "  closed: not ours", META_NUMBER},
    {"hep_closed_idle", "  closed: silent", META_NUMBER},
    {"hep_cut_short", "  ended mid-packet", META_NUMBER},
    {"memory_bytes", "Memory reserved", META_BYTES},
    {"resident_bytes", "  of it in use", META_BYTES},
};

enum { META_COUNT = sizeof(metas) / sizeof(metas[0]), STALE_S = 30 };

struct status {
	struct cli *cli;
	uint64_t counts[WIRE_COUNTS];
	struct tables tables;
	char values[META_COUNT][META_MAX]; /* "": not there */
};

static int64_t number_of(const struct status *s, const char *key)
{
	for (size_t i = 0; i < META_COUNT; i++) {
		if (strcmp(metas[i].key, key) == 0)
			return strtoll(s->values[i], NULL, 10);
	}
	return 0;
}

/* A daemon writes at least every ten seconds: one that is silent for longer died. */
static const char *state_of(const struct status *s)
{
	int64_t seen_us = number_of(s, "seen_at_us");

	if (seen_us == 0)
		return "never ran";
	if (number_of(s, "stopped_at_us") != 0)
		return "stopped";
	return usec_since(seen_us, when_now_us()) <= STALE_S * USEC_PER_SEC ? "running"
									    : "dead";
}

/* "2026-01-02 03:04:05 CET, 4 min 10 s ago" */
static void print_time(struct status *s, const char *name, int64_t at_us)
{
	char buf[3 * WHEN_TEXT_MAX];
	struct out o = {.buf = buf, .cap = sizeof(buf)};
	char part[WHEN_TEXT_MAX];

	if (at_us == USEC_NEVER)
		return;
	out_text(&o, when_text(at_us, 0, part));
	out_text(&o, ", ");
	out_text(&o, when_span(usec_since(at_us, when_now_us()), part));
	out_text(&o, " ago");
	page_text(&s->cli->term, &s->cli->out, name, out_string(&o));
}

static void print_memory(struct status *s, const char *name, int64_t bytes)
{
	char buf[OUT_MIN * 2];
	struct out o = {.buf = buf, .cap = sizeof(buf)};

	out_fixed(&o, bytes * 10 / (1 << 20), 1);
	out_text(&o, " MiB");
	page_text(&s->cli->term, &s->cli->out, name, out_string(&o));
}

static void print_page(struct status *s)
{
	const char *state = state_of(s);
	const struct term *t = &s->cli->term;
	char span[WHEN_TEXT_MAX];

	if (strcmp(state, "never ran") == 0) {
		cli_note(s->cli, "No trunkwatchd ever wrote to this database.");
		return;
	}
	out_text(&s->cli->out, "trunkwatchd is ");
	out_text(&s->cli->out,
	    term_color(t, strcmp(state, "running") == 0 ? COLOR_GREEN : COLOR_RED));
	out_text(&s->cli->out, state);
	out_text(&s->cli->out, term_reset(t));
	out_char(&s->cli->out, '\n');
	for (size_t i = 0; i < META_COUNT; i++) {
		int64_t number = strtoll(s->values[i], NULL, 10);

		if (s->values[i][0] == '\0')
			continue;
		if (metas[i].form == META_TIME)
			print_time(s, metas[i].name, number);
		else if (metas[i].form == META_SPAN)
			page_text(
			    t, &s->cli->out, metas[i].name, when_span(number, span));
		else if (metas[i].form == META_BYTES)
			print_memory(s, metas[i].name, number);
		else
			page_text(t, &s->cli->out, metas[i].name, s->values[i]);
	}
	tables_print(t, &s->cli->out, &s->tables);
	if (cli_given(s->cli, OPT_BIT(VERBOSE)))
		counts_print(t, &s->cli->out, s->counts);
}

static void print_json(struct status *s)
{
	struct json j = {.out = &s->cli->out};

	json_begin_object(&j);
	json_put_key(&j, "state");
	json_put_cstring(&j, state_of(s));
	for (size_t i = 0; i < META_COUNT; i++) {
		const char *key = metas[i].key;
		size_t len = strlen(key);

		/* Times are written as times, so the unit leaves the key. */
		if (metas[i].form == META_TIME) {
			char name[OUT_MIN * 2];
			struct out o = {.buf = name, .cap = sizeof(name)};

			out_bytes(&o, key, len - strlen("_us"));
			json_put_key(&j, out_string(&o));
		} else {
			json_put_key(&j, key);
		}
		if (s->values[i][0] == '\0')
			json_put_null(&j);
		else if (metas[i].form == META_TIME)
			json_put_time(&j, strtoll(s->values[i], NULL, 10));
		else if (metas[i].form != META_TEXT)
			json_put_int(&j, strtoll(s->values[i], NULL, 10));
		else
			json_put_cstring(&j, s->values[i]);
	}
	tables_json(&j, &s->tables);
	counts_json(&j, s->counts);
	json_end_object(&j);
	out_char(&s->cli->out, '\n');
}

static int run_status(struct cli *cli)
{
	CLEANUP(database_cleanup) struct query *q = NULL;
	struct status s = {.cli = cli};
	struct err e;
	int status = database_open(cli, &q);

	if (status != EXIT_OK)
		return status;
	for (size_t i = 0; i < META_COUNT; i++) {
		if (query_meta(q, metas[i].key, s.values[i], META_MAX, &e) != 0)
			return database_failed(cli, &e);
	}
	for (size_t i = 0; i < WIRE_COUNTS; i++) {
		char value[META_MAX];

		if (query_meta(q, wire_count_name(i), value, META_MAX, &e) != 0)
			return database_failed(cli, &e);
		s.counts[i] = strtoull(value, NULL, 10);
	}
	if (tables_read(q, &s.tables, &e) != 0)
		return database_failed(cli, &e);
	if (cli_given(cli, OPT_BIT(JSON)))
		print_json(&s);
	else
		print_page(&s);
	return EXIT_OK;
}

const struct cmd cmd_status = {
    .name = "status",
    .arguments = "",
    .summary = "the daemon and its capture: alive since when, packets, losses",
    .help =
	"Shows how trunkwatchd is, as it wrote into the database: whether it runs,\n"
	"when it saw its last packet, what it lost. The daemon writes at least every\n"
	"ten seconds.\n\n"
	"Examples\n"
	"  trunkwatch status\n"
	"  trunkwatch status -v                            also what was no SIP, cut, lost, ...\n"
	"  trunkwatch status --json | jq .last_packet_at\n",
    .options = OPTIONS_COMMON | OPT_BIT(JSON) | OPT_BIT(DATABASE) | OPT_BIT(VERBOSE),
    .run = run_status,
};
