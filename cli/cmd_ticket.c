/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/usec.h"
#include "database.h"
#include "diagnose/ticket.h"
#include "page.h"
#include "ticket.h"

/* A ticket on its way: the callbacks' context. */
struct making {
	struct cli *cli;
	struct query *query;
	struct ticket ticket;
	int64_t id; /* that was asked for: a failure's, or an incident's */
	int64_t last_failure;
	size_t found, calls;
	int status;
	struct err e;
};

static enum verdict verdict_of(const char *slug)
{
	return slug == NULL ? VERDICT_NONE : verdict_lookup(page_slice(slug));
}

static int on_incident(void *ctx, const struct incident_row *r)
{
	struct making *m = ctx;
	struct ticket *t = &m->ticket;

	if (r->id != t->incident)
		return 0;
	m->found++;
	m->last_failure = r->last_failure;
	t->first_us = r->opened_at_us;
	t->last_us = r->last_at_us;
	t->closed_us = r->closed_at_us;
	t->failures = r->failures;
	t->attempts = r->attempts;
	t->verdict = verdict_of(r->verdict);
	return 1; /* no need to look further */
}

static int on_trunk(void *ctx, const struct trunk_row *r)
{
	struct making *m = ctx;

	if (m->ticket.failure->trunk_id != r->id)
		return 0;
	m->ticket.good_us = r->last_success_at_us;
	return 1;
}

/* The newest of the incident: the provider's log may not reach back to the first. */
static int on_call(void *ctx, const struct failure_row *r)
{
	struct making *m = ctx;

	if (r->incident != m->ticket.incident || r->call_id.len == 0)
		return 0;
	if (m->calls++ == 0)
		ticket_calls_heading(m->cli);
	ticket_call(m->cli, r);
	return m->calls == TICKET_CALLS;
}

static int print_calls(struct making *m)
{
	const struct ticket *t = &m->ticket;
	const struct query_filter newest = {.since_us = t->first_us,
	    .trunk = t->failure->trunk,
	    .newest_first = true,
	    .with_not_failures = true};

	if (t->incident == 0) {
		ticket_calls_heading(m->cli);
		ticket_call(m->cli, t->failure);
		return 0;
	}
	return query_failures(m->query, &newest, on_call, m, &m->e);
}

static bool is_worth_asking(struct making *m)
{
	if (ticket_question(m->ticket.verdict) != NULL)
		return true;
	m->status = cli_fail(EXIT_DATA,
	    "no ticket: %s is no matter of a provider's; 'trunkwatch show' says more",
	    m->ticket.verdict == VERDICT_NONE ? "this"
					      : verdict_slug(m->ticket.verdict));
	return false;
}

static int on_failure(void *ctx, const struct failure_row *r)
{
	struct making *m = ctx;
	struct ticket *t = &m->ticket;
	const struct query_filter all = {.with_not_failures = true};
	int rc = 0;

	m->found++;
	t->failure = r;
	t->verdict = verdict_of(r->verdict);
	t->incident = r->incident;
	if (!is_worth_asking(m))
		return 0;
	if (t->incident != 0)
		rc = query_incidents(m->query, &all, on_incident, m, &m->e);
	if (rc >= 0)
		rc = query_trunks(m->query, &all, on_trunk, m, &m->e);
	if (rc < 0)
		return rc;
	ticket_print(m->cli, t);
	rc = print_calls(m);
	t->failure = NULL; /* borrowed until here */
	return rc < 0 ? rc : 0;
}

/* An incident's ticket is that of its newest failure. */
static int make_for_incident(struct making *m)
{
	const struct query_filter all = {.with_not_failures = true};
	int rc;

	m->ticket.incident = m->id;
	rc = query_incidents(m->query, &all, on_incident, m, &m->e);
	if (rc < 0 || m->found == 0)
		return rc;
	if (m->last_failure != 0)
		return query_failure(m->query, m->last_failure, on_failure, m, &m->e);
	if (is_worth_asking(m))
		ticket_print(m->cli, &m->ticket);
	return 0;
}

static int run_ticket(struct cli *cli)
{
	CLEANUP(database_cleanup) struct query *q = NULL;
	struct making m = {.cli = cli, .ticket.good_us = USEC_NEVER};
	bool is_incident;
	int rc;

	if (!database_parse_id(cli->opt.args[0], &is_incident, &m.id))
		return EXIT_USAGE;
	/* The provider sits in another zone. */
	(void)setenv("TZ", "UTC0", 1);
	tzset();
	m.status = database_open(cli, &q);
	if (m.status != EXIT_OK)
		return m.status;
	m.query = q;
	rc = is_incident ? make_for_incident(&m)
			 : query_failure(q, m.id, on_failure, &m, &m.e);
	if (rc < 0)
		return database_failed(cli, &m.e);
	if (m.found == 0)
		return database_no_such_id(is_incident, m.id);
	return m.status;
}

const struct cmd cmd_ticket = {
    .name = "ticket",
    .arguments = "ID",
    .summary = "a text for the provider's support, ready to send",
    .help =
	"Writes what a provider's support asks for: times in UTC, our address as the\n"
	"provider sees it, SIP user name, destination, answer, counts, the last good call\n"
	"and up to five Call-IDs, with the question that the verdict leads to. It holds no\n"
	"password, no nonce and no digest; it does hold telephone numbers. Read it before\n"
	"you send it.\n\n"
	"Examples\n"
	"  trunkwatch ticket i7\n"
	"  trunkwatch ticket 412 | mail -s 'calls refused' support@provider.example\n",
    .options = OPTIONS_COMMON | OPT_BIT(DATABASE),
    .args_min = 1,
    .args_max = 1,
    .run = run_ticket,
};
