/* SPDX-License-Identifier: BSD-2-Clause */
#include "list_tables.h"
#include "base/usec.h"
#include "when.h"
#include "words.h"

static struct slice slice_of_text(const char *s)
{
	return s == NULL ? SLICE_NONE : slice_of(s, strlen(s));
}

enum { NARROW = 100 }; /* columns: below, a time has no year, as in journalctl */

static void time_cell(struct table *t, size_t column, int64_t at_us)
{
	char when[WHEN_TEXT_MAX];

	unsigned width = table_term(t)->width;

	if (at_us == USEC_NEVER)
		return;
	if (width != 0 && width < NARROW)
		table_text(t, column, when_brief(at_us, when));
	else
		table_text(t, column, when_text(at_us, 0, when));
}

/* "i7": as the command line takes it. */
static void incident_cell(struct table *t, size_t column, int64_t id)
{
	char buf[OUT_MIN];
	struct out o = {.buf = buf, .cap = sizeof(buf)};

	if (id == 0)
		return;
	out_char(&o, 'i');
	out_int(&o, id);
	table_text(t, column, out_string(&o));
}

enum {
	F_ID,
	F_TIME,
	F_TRUNK,
	F_DIRECTION,
	F_METHOD,
	F_CALLER,
	F_NAME,
	F_CALLED,
	F_ANSWER,
	F_VERDICT,
	F_CONFIDENCE,
	F_INCIDENT,
	F_COUNT
};

struct table *list_failures_table(const struct term *term)
{
	static const struct column columns[F_COUNT] = {
	    [F_ID] = {"ID", COLUMN_RIGHT, 0},
	    [F_TIME] = {"TIME", 0, 0},
	    [F_TRUNK] = {"TRUNK", 0, 0, 30},
	    [F_DIRECTION] = {"DIRECTION", 0, 6},
	    [F_METHOD] = {"METHOD", 0, 3},
	    [F_CALLER] = {"CALLER", 0, 4, 18},
	    [F_NAME] = {"CALLER-NAME", 0, 5, 20},
	    [F_CALLED] = {"CALLED", COLUMN_KEEP, 0, 16},
	    [F_ANSWER] = {"ANSWER", 0, 0, 24},
	    [F_VERDICT] = {"VERDICT", COLUMN_KEEP, 0, 22},
	    [F_CONFIDENCE] = {"SURE", COLUMN_RIGHT, 1},
	    [F_INCIDENT] = {"INCIDENT", 0, 2},
	};

	return table_new(term, columns, F_COUNT);
}

void list_failures_row(struct table *t, const struct failure_row *r)
{
	const struct term *term = table_term(t);
	char buf[WORDS_MAX];

	table_row(t);
	table_int(t, F_ID, r->id);
	time_cell(t, F_TIME, r->at_us);
	table_cell(t, F_TRUNK, slice_of_text(r->trunk));
	table_cell(t, F_DIRECTION, slice_of_text(r->direction));
	table_cell(t, F_METHOD, slice_of_text(r->method));
	table_cell(t, F_CALLER, r->caller);
	table_cell(t, F_NAME, r->caller_name);
	table_cell(t, F_CALLED, r->called);
	table_text(t, F_ANSWER, words_answer(term, r, buf));
	table_cell(t, F_VERDICT, slice_of_text(r->verdict));
	table_color(t, F_VERDICT, words_color(r->confidence));
	table_text(t, F_CONFIDENCE, words_percent(r->confidence, buf));
	incident_cell(t, F_INCIDENT, r->incident);
}

enum {
	I_ID,
	I_STATE,
	I_SINCE,
	I_LASTED,
	I_TRUNK,
	I_FAILURES,
	I_ATTEMPTS,
	I_VERDICT,
	I_CONFIDENCE,
	I_SUMMARY,
	I_COUNT
};

struct table *list_incidents_table(const struct term *term)
{
	static const struct column columns[I_COUNT] = {
	    [I_ID] = {"ID", COLUMN_RIGHT, 0},
	    [I_STATE] = {"STATE", 0, 0},
	    [I_SINCE] = {"SINCE", 0, 0},
	    [I_LASTED] = {"FOR", 0, 2},
	    [I_TRUNK] = {"TRUNK", 0, 0, 30},
	    [I_FAILURES] = {"FAILED", COLUMN_RIGHT, 0},
	    [I_ATTEMPTS] = {"OF", COLUMN_RIGHT, 3},
	    [I_VERDICT] = {"VERDICT", COLUMN_KEEP, 0, 22},
	    [I_CONFIDENCE] = {"SURE", COLUMN_RIGHT, 1},
	    [I_SUMMARY] = {"SUMMARY", 0, 4, 60},
	};

	return table_new(term, columns, I_COUNT);
}

void list_incidents_row(struct table *t, const struct incident_row *r)
{
	bool is_open = r->closed_at_us == USEC_NEVER;
	int64_t end_us = is_open ? r->last_at_us : r->closed_at_us;
	char when[WHEN_TEXT_MAX];
	char buf[WORDS_MAX], local[WORDS_MAX];
	struct out summary = {.buf = local, .cap = sizeof(local)};

	table_row(t);
	incident_cell(t, I_ID, r->id);
	table_text(t, I_STATE, is_open ? "open" : "closed");
	table_color(t, I_STATE, is_open ? COLOR_RED : COLOR_GREEN);
	time_cell(t, I_SINCE, r->opened_at_us);
	table_text(t, I_LASTED, when_span(usec_since(r->opened_at_us, end_us), when));
	table_cell(t, I_TRUNK, slice_of_text(r->trunk));
	table_int(t, I_FAILURES, r->failures);
	table_int(t, I_ATTEMPTS, r->attempts);
	table_cell(t, I_VERDICT, slice_of_text(r->verdict));
	table_color(t, I_VERDICT, words_color(r->confidence));
	table_text(t, I_CONFIDENCE, words_percent(r->confidence, buf));
	when_localize(r->summary.ptr, r->summary.len, when_now_us(), &summary);
	table_cell(t, I_SUMMARY, slice_of(local, summary.used));
}

enum {
	T_NAME,
	T_STATE,
	T_REGISTRATION,
	T_REACHABILITY,
	T_CALLS,
	T_ATTEMPTS,
	T_ANSWERED,
	T_REFUSED,
	T_SUCCESS,
	T_FAILURE,
	T_VERDICT,
	T_REMOTE,
	T_COUNT
};

struct table *list_trunks_table(const struct term *term)
{
	static const struct column columns[T_COUNT] = {
	    [T_NAME] = {"TRUNK", 0, 0, 30},
	    [T_STATE] = {"STATE", 0, 0},
	    [T_REGISTRATION] = {"REGISTRATION", 0, 1},
	    [T_REACHABILITY] = {"REACHABILITY", 0, 2},
	    [T_CALLS] = {"CALLS", COLUMN_RIGHT, 3},
	    [T_ATTEMPTS] = {"ATTEMPTS", COLUMN_RIGHT, 0},
	    [T_ANSWERED] = {"ANSWERED", COLUMN_RIGHT, 0},
	    [T_REFUSED] = {"REFUSED", COLUMN_RIGHT, 0},
	    [T_SUCCESS] = {"LAST-SUCCESS", 0, 5},
	    [T_FAILURE] = {"LAST-FAILURE", 0, 4},
	    [T_VERDICT] = {"VERDICT", COLUMN_KEEP, 0, 22},
	    [T_REMOTE] = {"REMOTE", 0, 6, 25},
	};

	return table_new(term, columns, T_COUNT);
}

/* "12 (40 %)": how many, and of how many. */
static void share_cell(struct table *t, size_t column, int64_t part, int64_t whole)
{
	char buf[WORDS_MAX];
	char text[WORDS_MAX];
	struct out o = {.buf = text, .cap = sizeof(text)};

	out_int(&o, part);
	if (part > 0 && whole > 0) {
		out_text(&o, " (");
		out_text(&o, words_percent((double)part / (double)whole, buf));
		out_char(&o, ')');
	}
	table_text(t, column, out_string(&o));
}

void list_trunks_row(struct table *t, const struct trunk_row *r)
{
	const char *state = words_trunk_state(r);
	enum color color = COLOR_GREEN;
	char buf[WORDS_MAX];

	if (strcmp(state, "failing") == 0)
		color = COLOR_RED;
	else if (strcmp(state, "degraded") == 0)
		color = COLOR_YELLOW;
	else if (strcmp(state, "idle") == 0)
		color = COLOR_DIM;
	table_row(t);
	table_cell(t, T_NAME, slice_of_text(r->name));
	table_text(t, T_STATE, state);
	table_color(t, T_STATE, color);
	table_text(t, T_REGISTRATION, words_registration(r, buf));
	table_text(t, T_REACHABILITY, words_reachability(r, buf));
	table_int(t, T_CALLS, r->active_calls);
	table_int(t, T_ATTEMPTS, r->attempts);
	share_cell(t, T_ANSWERED, r->answered, r->attempts);
	share_cell(t, T_REFUSED, r->refused, r->attempts);
	time_cell(t, T_SUCCESS, r->last_success_at_us);
	time_cell(t, T_FAILURE, r->last_failure_at_us);
	table_cell(t, T_VERDICT, slice_of_text(r->verdict));
	table_cell(t, T_REMOTE, slice_of_text(r->remotes));
}
