/* SPDX-License-Identifier: BSD-2-Clause */
#include "lists.h"
#include "base/cleanup.h"
#include "export/rows.h"
#include "list_tables.h"

/* One listing on its way: the callbacks' context. */
struct walk {
	const struct listing *list;
	struct table *table; /* one of the two, or neither: CSV */
	struct json *json;
	struct err *e;
	bool is_counting; /* the first of two passes: nothing is printed */
	int64_t skip, seen, shown;
	int64_t first_shown; /* an id */
	bool has_more;
};

enum { GO_ON = 0, STOP = 1 };
enum take { TAKE_NOT = 0, TAKE_IT, TAKE_NO_MORE };

/* Tables come newest first and stop at the limit; programs get the oldest first, and
 * of too many the first are passed over. */
static enum take take(struct walk *w, int64_t id)
{
	w->seen++;
	if (w->is_counting || w->seen <= w->skip)
		return TAKE_NOT;
	if (w->list->limit > 0 && w->shown == w->list->limit) {
		w->has_more = true;
		return TAKE_NO_MORE;
	}
	if (w->shown++ == 0)
		w->first_shown = id;
	if (w->json != NULL) {
		out_text(w->json->out, w->shown > 1 ? ",\n" : "\n");
		w->json->need_comma = false;
	}
	return TAKE_IT;
}

static int on_failure(void *ctx, const struct failure_row *r)
{
	struct walk *w = ctx;
	enum take t = take(w, r->id);

	if (t != TAKE_IT)
		return t == TAKE_NO_MORE ? STOP : GO_ON;
	if (w->json != NULL)
		return rows_failure_json(w->json, w->list->query, r, w->e);
	if (w->table == NULL)
		return rows_failure_csv(&w->list->cli->out, w->list->query, r, w->e);
	list_failures_row(w->table, r);
	return GO_ON;
}

static int on_incident(void *ctx, const struct incident_row *r)
{
	struct walk *w = ctx;
	enum take t = take(w, r->id);

	if (t != TAKE_IT)
		return t == TAKE_NO_MORE ? STOP : GO_ON;
	if (w->json != NULL)
		rows_incident_json(w->json, r);
	else if (w->table == NULL)
		rows_incident_csv(&w->list->cli->out, r);
	else
		list_incidents_row(w->table, r);
	return GO_ON;
}

static int on_trunk(void *ctx, const struct trunk_row *r)
{
	struct walk *w = ctx;
	enum take t = take(w, r->id);

	if (t != TAKE_IT)
		return t == TAKE_NO_MORE ? STOP : GO_ON;
	if (w->json != NULL)
		rows_trunk_json(w->json, r);
	else if (w->table == NULL)
		rows_trunk_csv(&w->list->cli->out, r);
	else
		list_trunks_row(w->table, r);
	return GO_ON;
}

static int ask_failures(struct walk *w)
{
	return query_failures(w->list->query, &w->list->filter, on_failure, w, w->e);
}

static int ask_incidents(struct walk *w)
{
	return query_incidents(w->list->query, &w->list->filter, on_incident, w, w->e);
}

static int ask_trunks(struct walk *w)
{
	return query_trunks(w->list->query, &w->list->filter, on_trunk, w, w->e);
}

/* What differs between the three lists. */
struct kind {
	const char *plural;
	const char *singular; /* NULL: 'show' does not know it */
	const char *id_prefix;
	struct table *(*table)(const struct term *term);
	void (*csv_header)(struct out *o);
	int (*ask)(struct walk *w);
};

static const struct kind kind_failures = {"failures", "failure", "",
    list_failures_table, rows_failure_csv_header, ask_failures};
static const struct kind kind_incidents = {"incidents", "incident", "i",
    list_incidents_table, rows_incident_csv_header, ask_incidents};
static const struct kind kind_trunks = {
    "trunks", NULL, "", list_trunks_table, rows_trunk_csv_header, ask_trunks};

static int ask(struct walk *w, const struct kind *kind)
{
	int rc = kind->ask(w);

	return rc == 0 || rc == STOP ? EXIT_OK : database_failed(w->list->cli, w->e);
}

/* Programs get the oldest first: of too many the first have to be passed over. */
static int skip_oldest(struct walk *w, const struct kind *kind)
{
	int status;

	if (w->list->limit == 0)
		return EXIT_OK;
	w->is_counting = true;
	status = ask(w, kind);
	w->is_counting = false;
	w->skip = w->seen > w->list->limit ? w->seen - w->list->limit : 0;
	w->seen = 0;
	return status;
}

static int print_array(const struct listing *l, const struct kind *kind, struct json *j)
{
	struct err e = {0};
	struct walk w = {.list = l, .json = j, .e = &e};
	int status;

	json_begin_array(j);
	status = skip_oldest(&w, kind);
	if (status == EXIT_OK)
		status = ask(&w, kind);
	if (w.shown > 0)
		out_char(j->out, '\n');
	json_end_array(j);
	return status;
}

static int print_csv(const struct listing *l, const struct kind *kind)
{
	struct err e = {0};
	struct walk w = {.list = l, .e = &e};
	int status = skip_oldest(&w, kind);

	if (status != EXIT_OK)
		return status;
	kind->csv_header(&l->cli->out);
	return ask(&w, kind);
}

static void say_nothing(const struct listing *l, const struct kind *kind)
{
	const struct query_filter *f = &l->filter;

	cli_note(l->cli, "No %s%s%s%s%s.", f->only_open ? "open " : "", kind->plural,
	    f->trunk == NULL ? "" : " of trunk ", f->trunk == NULL ? "" : f->trunk,
	    f->since_us != 0 || f->until_us != 0 ? " in that time" : "");
}

static void say_more(const struct walk *w, const struct kind *kind)
{
	struct cli *cli = w->list->cli;

	if (w->has_more)
		cli_hint(cli, "The newest %lld %s; -n 0 shows all.",
		    (long long)w->shown, kind->plural);
	if (kind->singular != NULL && !w->list->is_temporary)
		cli_hint(cli, "'trunkwatch show %s%lld%s%s' explains the newest %s.",
		    kind->id_prefix, (long long)w->first_shown,
		    cli->opt.database == NULL ? "" : " -d ",
		    cli->opt.database == NULL ? "" : cli->opt.database, kind->singular);
}

static int print_table(const struct listing *l, const struct kind *kind)
{
	CLEANUP(table_cleanup) struct table *table = kind->table(&l->cli->term);
	struct err e = {0};
	struct walk w = {.list = l, .table = table, .e = &e};
	int status;

	if (table == NULL)
		return cli_fail(EXIT_SOFTWARE, "out of memory");
	status = ask(&w, kind);
	if (status != EXIT_OK)
		return status;
	if (w.shown == 0) {
		say_nothing(l, kind);
		return EXIT_OK;
	}
	(void)out_flush(&l->cli->out);
	if (table_print(table) != 0)
		return cli_fail(EXIT_SOFTWARE, "cannot print the table: out of memory");
	say_more(&w, kind);
	return EXIT_OK;
}

static int print(const struct listing *l, const struct kind *kind)
{
	if (cli_given(l->cli, OPT_BIT(JSON))) {
		struct json j = {.out = &l->cli->out};
		int status = print_array(l, kind, &j);

		out_char(&l->cli->out, '\n');
		return status;
	}
	if (cli_given(l->cli, OPT_BIT(CSV)))
		return print_csv(l, kind);
	return print_table(l, kind);
}

struct listing listing_of(struct cli *cli, struct query *query)
{
	return (struct listing){
	    .cli = cli,
	    .query = query,
	    .filter = database_filter(cli),
	    .limit = database_limit(cli),
	};
}

int lists_failures(const struct listing *l)
{
	return print(l, &kind_failures);
}

int lists_incidents(const struct listing *l)
{
	return print(l, &kind_incidents);
}

/* A trunk that was silent today is still one. */
int lists_trunks(const struct listing *l)
{
	struct listing all = *l;

	all.filter.default_window = false;
	return print(&all, &kind_trunks);
}

int lists_run(struct cli *cli, int (*list)(const struct listing *l))
{
	CLEANUP(database_cleanup) struct query *q = NULL;
	struct listing l;
	int status = database_open(cli, &q);

	if (status != EXIT_OK)
		return status;
	l = listing_of(cli, q);
	return list(&l);
}

int lists_failures_json(const struct listing *l, struct json *j)
{
	return print_array(l, &kind_failures, j);
}

int lists_incidents_json(const struct listing *l, struct json *j)
{
	return print_array(l, &kind_incidents, j);
}

int lists_trunks_json(const struct listing *l, struct json *j)
{
	return print_array(l, &kind_trunks, j);
}
