/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "store/db.h"
#include "store/stmt.h"
#include "store/utf8.h"

int stmt_init(struct stmt *st, sqlite3 *db, const char *sql, struct err *e)
{
	int rc;

	*st = (struct stmt){0};
	rc = sqlite3_prepare_v3(
	    db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st->handle, NULL);
	return rc == SQLITE_OK ? 0 : db_error(db, rc, sql, e);
}

void stmt_fini(struct stmt *st)
{
	(void)sqlite3_finalize(st->handle); /* repeats an error already reported */
	*st = (struct stmt){0};
}

/* Index for the next bind, or 0 when an earlier one has already failed. */
static int next_param(struct stmt *st)
{
	return st->rc == SQLITE_OK ? ++st->bound : 0;
}

static void bind_null(struct stmt *st)
{
	int i = next_param(st);

	if (i != 0)
		st->rc = sqlite3_bind_null(st->handle, i);
}

void stmt_i64(struct stmt *st, int64_t v)
{
	int i = next_param(st);

	if (i != 0)
		st->rc = sqlite3_bind_int64(st->handle, i, v);
}

void stmt_nonzero(struct stmt *st, int64_t v)
{
	if (v == 0)
		bind_null(st);
	else
		stmt_i64(st, v);
}

void stmt_real(struct stmt *st, double v)
{
	int i = next_param(st);

	if (i != 0)
		st->rc = sqlite3_bind_double(st->handle, i, v);
}

static void bind_text(struct stmt *st, struct slice s, void (*lifetime)(void *))
{
	int i = next_param(st);

	if (i != 0)
		st->rc = sqlite3_bind_text64(
		    st->handle, i, s.ptr, s.len, lifetime, SQLITE_UTF8);
}

void stmt_blob(struct stmt *st, struct slice s)
{
	int i = next_param(st);

	if (i != 0)
		st->rc =
		    sqlite3_bind_blob64(st->handle, i, s.ptr, s.len, SQLITE_STATIC);
}

void stmt_word(struct stmt *st, const char *s)
{
	bind_text(st, slice_of(s, s != NULL ? strlen(s) : 0), SQLITE_STATIC);
}

void stmt_copy(struct stmt *st, const char *s)
{
	bind_text(st, slice_of(s, s != NULL ? strlen(s) : 0), SQLITE_TRANSIENT);
}

/*
 * TEXT where it can be, so that LIKE, = and people's tools work on it; SQLite does
 * not define what its text functions do with anything else. STATIC is safe because
 * every run clears its bindings before it returns.
 */
void stmt_wire(struct stmt *st, struct slice s)
{
	if (s.ptr == NULL || utf8_is_text(s))
		bind_text(st, s, SQLITE_STATIC);
	else
		stmt_blob(st, s);
}

void stmt_field(struct stmt *st, const char *s)
{
	stmt_wire(st, s[0] != '\0' ? slice_of(s, strlen(s)) : SLICE_NONE);
}

void stmt_endpoint(struct stmt *st, const struct endpoint *ep)
{
	char text[ENDPOINT_TEXT_MAX];

	stmt_copy(st, ep->ip.family != 0 ? endpoint_text(ep, text) : NULL);
}

void stmt_reset(struct stmt *st)
{
	(void)sqlite3_reset(st->handle); /* repeats the error step already gave */
	(void)sqlite3_clear_bindings(st->handle);
	st->bound = 0;
	st->rc = SQLITE_OK;
}

static int bind_error(struct stmt *st, struct err *e)
{
	int want = sqlite3_bind_parameter_count(st->handle);

	if (st->rc != SQLITE_OK)
		return db_error(sqlite3_db_handle(st->handle), st->rc, "bind", e);
	if (st->bound != want)
		return err_set(e, -EINVAL, "%d of %d parameters bound: %s", st->bound,
		    want, sqlite3_sql(st->handle));
	return 0;
}

bool stmt_step(struct stmt *st, int *rc, struct err *e)
{
	int got;

	*rc = bind_error(st, e);
	if (*rc == 0) {
		st->read = 0;
		got = sqlite3_step(st->handle);
		if (got == SQLITE_ROW)
			return true;
		if (got != SQLITE_DONE)
			*rc = db_error(sqlite3_db_handle(st->handle), got,
			    sqlite3_sql(st->handle), e);
	}
	stmt_reset(st);
	return false;
}

int stmt_run(struct stmt *st, struct err *e)
{
	int rc;

	if (stmt_step(st, &rc, e)) {
		rc = err_set(e, -EINVAL, "returns rows: %s", sqlite3_sql(st->handle));
		stmt_reset(st);
	}
	return rc;
}

int64_t stmt_get_i64(struct stmt *st)
{
	return sqlite3_column_int64(st->handle, st->read++);
}

bool stmt_get_flag(struct stmt *st)
{
	return stmt_get_i64(st) != 0;
}

double stmt_get_real(struct stmt *st)
{
	return sqlite3_column_double(st->handle, st->read++);
}

const char *stmt_get_text(struct stmt *st)
{
	return (const char *)sqlite3_column_text(st->handle, st->read++);
}

struct slice stmt_get_wire(struct stmt *st)
{
	int i = st->read++;
	const void *bytes;

	/* An empty text has an address, an empty blob has none; ours are text. */
	if (sqlite3_column_type(st->handle, i) == SQLITE_BLOB)
		bytes = sqlite3_column_blob(st->handle, i);
	else
		bytes = sqlite3_column_text(st->handle, i);
	return slice_of(
	    bytes, bytes != NULL ? (size_t)sqlite3_column_bytes(st->handle, i) : 0);
}
