/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>

#include "store/query_sql.h"

/* The 0 takes the comma in front of the first field; the reader skips it. */
#define FIELD(name, reader, sql) ", " sql " AS " #name
#define FAILURES                 " FROM failures f LEFT JOIN incidents i ON i.id = f.incident_id"
/* clang-format off */
static const char failure_select[] = "SELECT 0"
#include "store/failure_row.def"
    FAILURES;

#define FIELD(name, reader, sql) ", " sql " AS " #name
const char query_sql_failure[] = "SELECT 0"
#include "store/failure_row.def"
    FAILURES " WHERE f.id = ?";
/* clang-format on */

static const char incident_select[] =
    "SELECT i.id AS id, i.opened_at_us AS opened_at_us, i.last_at_us, i.closed_at_us,"
    " i.sensor, i.trunk, i.verdict, i.runner_up, i.confidence, i.failures, i.attempts,"
    " i.first_failure, i.last_failure, i.summary FROM incidents i";

static const char trunk_select[] =
    "SELECT t.id, t.sensor, t.name, t.account, t.carrier_id, t.remotes,"
    " t.registration, t.reachability, t.verdict, t.registration_code,"
    " t.registered_until_us, t.rtt_us, t.attempts, t.answered, t.refused, t.normal,"
    " t.active_calls, t.first_seen_us, t.last_seen_us, t.last_success_at_us,"
    " t.last_failure_at_us, t.seen_as, t.credentials_at_us, t.registration_at_us,"
    " t.options_at_us, t.options_code, t.config_changed_at_us FROM trunks t";

struct sql {
	char *text; /* QUERY_SQL_MAX, NUL terminated */
	size_t used;
};

static void add(struct sql *s, const char *piece)
{
	size_t len = strlen(piece);

	assert(len < QUERY_SQL_MAX - s->used); /* the pieces are ours */
	memcpy(s->text + s->used, piece, len + 1);
	s->used += len;
}

static void add_if(struct sql *s, bool wanted, const char *piece)
{
	if (wanted)
		add(s, piece);
}

/*
 * The newest rows in either order. With a limit, oldest first takes two steps: pick
 * from the new end, then turn round.
 */
static void add_order(
    struct sql *s, const struct query_filter *f, const char *time_column)
{
	bool turn = !f->newest_first && f->limit > 0;

	add(s, " ORDER BY ");
	add(s, time_column);
	add(s, f->newest_first || turn ? " DESC, id DESC LIMIT ?6" : ", id LIMIT ?6");
	if (turn) {
		add(s, ") ORDER BY ");
		add(s, time_column);
		add(s, ", id");
	}
}

static void add_head(struct sql *s, const struct query_filter *f, const char *select)
{
	add_if(s, !f->newest_first && f->limit > 0, "SELECT * FROM (");
	add(s, select);
	add(s, " WHERE 1");
}

void query_sql_failures(
    const struct query_filter *f, int64_t since_us, char sql[QUERY_SQL_MAX])
{
	struct sql s = {.text = sql};

	add_head(&s, f, failure_select);
	add_if(&s, since_us != 0, " AND f.at_us >= ?1");
	add_if(&s, f->until_us != 0, " AND f.at_us < ?2");
	add_if(&s, f->trunk != NULL,
	    " AND f.trunk_id IN (SELECT id FROM trunks WHERE name = ?3"
	    " OR carrier_id = ?3)");
	add_if(&s, !f->with_not_failures,
	    " AND COALESCE(i.verdict, f.verdict) NOT IN"
	    " (SELECT slug FROM verdicts WHERE trunk_failure = 0)");
	add_if(&s, f->first_failure > 1, " AND f.id >= ?4");
	add_if(&s, f->only_incident != 0, " AND f.incident_id = ?5");
	/* The few new of many are found by their ids: an order that comes from the
	 * index of times would read all the others. */
	add_order(&s, f, f->first_failure > 1 ? "+at_us" : "at_us");
}

/* An incident belongs to a window when it was open at some time of it. */
void query_sql_incidents(
    const struct query_filter *f, int64_t since_us, char sql[QUERY_SQL_MAX])
{
	struct sql s = {.text = sql};

	add_head(&s, f, incident_select);
	add_if(
	    &s, since_us != 0, " AND (i.closed_at_us IS NULL OR i.closed_at_us >= ?1)");
	add_if(&s, f->until_us != 0, " AND i.opened_at_us < ?2");
	add_if(&s, f->trunk != NULL,
	    " AND i.trunk_id IN (SELECT id FROM trunks WHERE name = ?3"
	    " OR carrier_id = ?3)");
	add_if(&s, f->only_open, " AND i.closed_at_us IS NULL");
	add_if(&s, !f->with_not_failures,
	    " AND i.verdict NOT IN (SELECT slug FROM verdicts WHERE trunk_failure = 0)");
	add_if(&s, f->first_failure > 1, " AND (i.id >= ?5 OR i.last_failure >= ?4)");
	add_order(&s, f, "opened_at_us");
}

void query_sql_trunks(
    const struct query_filter *f, int64_t since_us, char sql[QUERY_SQL_MAX])
{
	struct sql s = {.text = sql};

	add(&s, trunk_select);
	add(&s, " WHERE 1");
	add_if(&s, since_us != 0, " AND t.last_seen_us >= ?1");
	add_if(&s, f->until_us != 0, " AND t.first_seen_us < ?2");
	add_if(&s, f->trunk != NULL, " AND (t.name = ?3 OR t.carrier_id = ?3)");
	add(&s, " ORDER BY t.name, t.id LIMIT ?6");
}

void query_sql_bind(struct stmt *st, const struct query_filter *f, int64_t since_us)
{
	const char *trunk = f->trunk;

	stmt_i64(st, since_us);
	stmt_i64(st, f->until_us);
	stmt_wire(st, slice_of(trunk, trunk != NULL ? strlen(trunk) : 0));
	stmt_i64(st, f->first_failure);
	stmt_i64(st, f->only_incident != 0 ? f->only_incident : f->first_incident);
	stmt_i64(st, f->limit > 0 ? f->limit : -1);
}
