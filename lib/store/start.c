/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "store/db.h"
#include "store/store_int.h"
#include "store/words.h"

/* More than any pipeline keeps; a database need not be one we wrote. */
enum { START_ROWS_MAX = 65536 };

/* A NUL terminated field of a record; what does not fit was never in one. */
static void get_field(struct stmt *st, char *out, size_t size)
{
	const char *text = stmt_get_text(st);

	(void)snprintf(out, size, "%s", text != NULL ? text : "");
}

static uint64_t get_count(struct stmt *st)
{
	int64_t n = stmt_get_i64(st);

	return n > 0 ? (uint64_t)n : 0;
}

static void get_remotes(struct stmt *st, struct trunk_state *t)
{
	struct slice rest = stmt_get_wire(st), one;
	bool more = rest.len > 0;

	while (more && t->remote_count < TRUNK_REMOTES_MAX) {
		more = slice_take_until(&rest, ' ', &one);
		if (endpoint_parse(more ? one : rest, &t->remotes[t->remote_count]))
			t->remote_count++;
	}
}

/* "ip", or "ip:port". */
static void get_echoed(struct stmt *st, struct endpoint *out)
{
	struct slice text = stmt_get_wire(st);

	if (!endpoint_parse(text, out) && !ip_addr_parse(text, &out->ip))
		*out = (struct endpoint){0};
}

static void get_trunk(struct stmt *st, void *row)
{
	struct trunk_state *t = row;

	t->id = stmt_get_i64(st);
	get_field(st, t->name, sizeof(t->name));
	get_field(st, t->account, sizeof(t->account));
	get_field(st, t->carrier_id, sizeof(t->carrier_id));
	get_remotes(st, t);
	t->registration = registration_of_word(stmt_get_text(st));
	t->registration_code = (uint16_t)stmt_get_i64(st);
	t->registered_until_us = stmt_get_i64(st);
	t->reachability = reachability_of_word(stmt_get_text(st));
	t->rtt_us = stmt_get_i64(st);
	t->attempts = get_count(st);
	t->answered = get_count(st);
	t->refused = get_count(st);
	t->normal = get_count(st);
	t->active_calls = (uint32_t)get_count(st);
	t->first_seen_us = stmt_get_i64(st);
	t->last_seen_us = stmt_get_i64(st);
	t->last_success_at_us = stmt_get_i64(st);
	t->last_failure_at_us = stmt_get_i64(st);
	t->verdict = verdict_of_word(stmt_get_text(st));
	get_echoed(st, &t->seen);
	t->credentials_at_us = stmt_get_i64(st);
	t->registration_at_us = stmt_get_i64(st);
	t->options_at_us = stmt_get_i64(st);
	t->options_code = (uint16_t)stmt_get_i64(st);
	t->config_changed_at_us = stmt_get_i64(st);
}

static void get_incident(struct stmt *st, void *row)
{
	struct incident *i = row;

	i->id = stmt_get_i64(st);
	i->trunk_id = stmt_get_i64(st);
	get_field(st, i->trunk, sizeof(i->trunk));
	i->verdict = verdict_of_word(stmt_get_text(st));
	i->runner_up = verdict_of_word(stmt_get_text(st));
	i->confidence = (float)stmt_get_real(st);
	i->opened_at_us = stmt_get_i64(st);
	i->last_at_us = stmt_get_i64(st);
	i->closed_at_us = stmt_get_i64(st);
	i->failures = get_count(st);
	i->attempts = get_count(st);
	i->first_failure = stmt_get_i64(st);
	i->last_failure = stmt_get_i64(st);
	i->revision = (uint32_t)get_count(st);
	get_field(st, i->summary, sizeof(i->summary));
}

/* SQLite's bytes end with the row: a copy, or none when there is no memory for it. */
static void get_past(struct stmt *st, void *row)
{
	struct known_past *p = row;
	struct slice state;
	char *copy;

	p->trunk_id = stmt_get_i64(st);
	p->part = (uint8_t)get_count(st);
	p->at_us = stmt_get_i64(st);
	state = stmt_get_wire(st);
	copy = state.len == 0 ? NULL : malloc(state.len);
	if (copy == NULL)
		return;
	memcpy(copy, state.ptr, state.len);
	p->bytes = slice_of(copy, state.len);
}

/* A growing array of records of one kind. */
struct rows {
	void *at;
	size_t count, room, size;
};

static void *rows_add(struct rows *rows)
{
	size_t room = rows->room > 0 ? rows->room * 2 : 16;
	void *bigger, *row;

	if (rows->count == rows->room) {
		bigger = reallocarray(rows->at, room, rows->size);
		if (bigger == NULL)
			return NULL;
		rows->at = bigger;
		rows->room = room;
	}
	row = (char *)rows->at + rows->count++ * rows->size;
	memset(row, 0, rows->size);
	return row;
}

static int load(struct store *s, const char *sql,
    void (*get)(struct stmt *st, void *row), struct rows *rows, struct err *e)
{
	CLEANUP(stmt_fini) struct stmt st = {0};
	int rc = stmt_init(&st, s->db, sql, e);

	if (rc < 0)
		return rc;
	stmt_i64(&st, START_ROWS_MAX);
	while (stmt_step(&st, &rc, e)) {
		void *row = rows_add(rows);

		if (row == NULL)
			return err_set(e, -ENOMEM, "store: out of memory");
		get(&st, row);
	}
	return rc;
}

/*
 * AUTOINCREMENT remembers the highest id ever, so an id that an admin noted keeps
 * its meaning after retention has deleted it.
 */
static int next_id(struct store *s, const char *sql, int64_t *out, struct err *e)
{
	int64_t last;
	int rc = db_number(s->db, sql, &last, e);

	if (rc < 0)
		return rc;
	if (last < 0 || last == INT64_MAX)
		return err_set(e, -EINVAL, "store: the database has no ids left");
	*out = last + 1;
	return 0;
}

static int load_ids(struct store *s, struct store_start *out, struct err *e)
{
	int rc = next_id(s, "SELECT seq FROM sqlite_sequence WHERE name = 'failures'",
	    &out->next_failure_id, e);

	if (rc == 0)
		rc = next_id(s,
		    "SELECT seq FROM sqlite_sequence WHERE name = 'incidents'",
		    &out->next_incident_id, e);
	if (rc == 0)
		rc = next_id(s, "SELECT seq FROM sqlite_sequence WHERE name = 'trunks'",
		    &out->next_trunk_id, e);
	return rc;
}

static const char trunks_sql[] =
    "SELECT id, name, account, carrier_id, remotes, registration, registration_code,"
    " registered_until_us, reachability, rtt_us, attempts, answered, refused, normal,"
    " active_calls, first_seen_us, last_seen_us, last_success_at_us,"
    " last_failure_at_us, verdict, seen_as, credentials_at_us, registration_at_us,"
    " options_at_us, options_code, config_changed_at_us FROM trunks ORDER BY last_seen_us DESC, id LIMIT ?";

static const char incidents_sql[] =
    "SELECT id, trunk_id, trunk, verdict, runner_up, confidence, opened_at_us,"
    " last_at_us, closed_at_us, failures, attempts, first_failure, last_failure,"
    " revision, summary FROM incidents ORDER BY closed_at_us IS NOT NULL,"
    " last_at_us DESC, id LIMIT min(?, 1024)";

/* Of the newest trunks; a part of ours is never larger. */
static const char past_sql[] =
    "SELECT p.trunk_id, p.part, p.at_us, p.state FROM trunk_past p"
    " JOIN trunks t ON t.id = p.trunk_id WHERE length(p.state) <= 8192"
    " AND p.part BETWEEN 0 AND 255"
    " ORDER BY t.last_seen_us DESC, p.trunk_id, p.part LIMIT min(?, 8192)";

void store_start_fini(struct store_start *start)
{
	for (size_t i = 0; i < start->past_count; i++)
		free((void *)(uintptr_t)start->past[i].bytes.ptr);
	free(start->trunks);
	free(start->past);
	free(start->incidents);
	*start = (struct store_start){0};
}

int store_load_start(struct store *s, struct store_start *out, struct err *e)
{
	struct rows trunks = {.size = sizeof(struct trunk_state)};
	struct rows past = {.size = sizeof(struct known_past)};
	struct rows incidents = {.size = sizeof(struct incident)};
	int rc;

	*out = (struct store_start){0};
	rc = load_ids(s, out, e);
	if (rc == 0)
		rc = load(s, trunks_sql, get_trunk, &trunks, e);
	if (rc == 0)
		rc = load(s, past_sql, get_past, &past, e);
	if (rc == 0)
		rc = load(s, incidents_sql, get_incident, &incidents, e);
	out->trunks = trunks.at;
	out->trunk_count = trunks.count;
	out->past = past.at;
	out->past_count = past.count;
	out->incidents = incidents.at;
	out->incident_count = incidents.count;
	if (rc < 0)
		store_start_fini(out);
	return rc;
}
