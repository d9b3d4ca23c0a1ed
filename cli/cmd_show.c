/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/cleanup.h"
#include "export/rows.h"
#include "lists.h"
#include "page.h"
#include "show.h"

enum { MEMBERS_MAX = 20 }; /* failures listed below their incident */

struct look {
	struct cli *cli;
	struct query *query;
	struct json json;
	int64_t id;
	size_t found;
	struct err e;
};

static int on_message_json(void *ctx, const struct message_row *m)
{
	rows_message_json(ctx, m);
	return 0;
}

/* The failure's own keys, and the messages beside them. */
static int failure_json(struct look *l, const struct failure_row *r)
{
	struct json *j = &l->json;
	int rc;

	json_begin_object(j);
	json_put_key(j, "failure");
	rc = rows_failure_json(j, l->query, r, &l->e);
	if (rc != 0)
		return rc;
	json_put_key(j, "messages");
	json_begin_array(j);
	rc = query_messages(l->query, r->id, on_message_json, j, &l->e);
	json_end_array(j);
	json_end_object(j);
	out_char(j->out, '\n');
	return rc;
}

static int on_failure(void *ctx, const struct failure_row *r)
{
	struct look *l = ctx;

	l->found++;
	if (cli_given(l->cli, OPT_BIT(JSON)))
		return failure_json(l, r);
	return show_failure(l->cli, l->query, r, &l->e);
}

static int on_incident(void *ctx, const struct incident_row *r)
{
	struct look *l = ctx;

	if (r->id != l->id)
		return 0;
	l->found++;
	if (cli_given(l->cli, OPT_BIT(JSON))) {
		rows_incident_json(&l->json, r);
		out_char(l->json.out, '\n');
	} else {
		show_incident(l->cli, r);
	}
	return 1; /* no need to look further */
}

static int list_members(struct look *l)
{
	struct listing members = listing_of(l->cli, l->query);

	if (cli_given(l->cli, OPT_BIT(JSON)))
		return EXIT_OK;
	members.filter.default_window = false;
	members.filter.with_not_failures = true;
	members.limit = MEMBERS_MAX;
	members.filter.only_incident = l->id;
	page_heading(&l->cli->term, &l->cli->out, "Its failures");
	return lists_failures(&members);
}

static int look_up(struct look *l, bool is_incident)
{
	const struct query_filter all = {.with_not_failures = true};
	int rc = is_incident ? query_incidents(l->query, &all, on_incident, l, &l->e)
			     : query_failure(l->query, l->id, on_failure, l, &l->e);

	if (rc < 0)
		return database_failed(l->cli, &l->e);
	if (l->found == 0)
		return database_no_such_id(is_incident, l->id);
	return is_incident ? list_members(l) : EXIT_OK;
}

static int run_show(struct cli *cli)
{
	CLEANUP(database_cleanup) struct query *q = NULL;
	struct look l = {.cli = cli, .json = {.out = &cli->out}};
	bool is_incident;
	int status;

	if (!database_parse_id(cli->opt.args[0], &is_incident, &l.id))
		return EXIT_USAGE;
	status = database_open(cli, &q);
	if (status != EXIT_OK)
		return status;
	l.query = q;
	return look_up(&l, is_incident);
}

const struct cmd cmd_show = {
    .name = "show",
    .arguments = "ID",
    .summary = "one failure (412) or incident (i7) in full: why, proof, advice",
    .help =
	"Explains one failure: the verdict and how sure it is, the evidence for and\n"
	"against, the messages as a ladder (our side left, the provider right), all\n"
	"that was seen, and what to do. An incident's id begins with an i.\n\n"
	"Examples\n"
	"  trunkwatch show 412\n"
	"  trunkwatch show i7\n"
	"  trunkwatch show 412 --json | jq -r '.messages[].text'   the SIP itself\n",
    .options = OPTIONS_COMMON | OPT_BIT(JSON) | OPT_BIT(DATABASE),
    .args_min = 1,
    .args_max = 1,
    .run = run_show,
};
