/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stmt - one prepared SQLite statement, bound and read in column order.
 *
 *         stmt_i64(&st, f->at_us);                while (stmt_step(&st, &rc, e)) {
 *         stmt_wire(&st, call_id);                        row.at_us =
 * stmt_get_i64(&st); rc = stmt_run(&st, e);                          row.call_id =
 * stmt_get_wire(&st);
 *                                                 }
 *
 * Errors     Sticky. A bind that fails turns the later binds into no-ops and
 *            stmt_run() or stmt_step() reports the first failure, so call sites
 *            stay straight lines. Both refuse a wrong number of binds.
 * Ownership  Bound bytes are borrowed: they must live until the statement ran.
 *            Bytes that were read live until the next step.
 * Threads    The thread that uses the sqlite3 handle.
 */
#ifndef STORE_STMT_H
#define STORE_STMT_H

#include <sqlite3.h>

#include "base/endpoint.h"
#include "base/err.h"

struct stmt {
	sqlite3_stmt *handle; /* NULL: not prepared */
	int bound;            /* parameters bound since the last run */
	int read;             /* columns read of this row */
	int rc;               /* first SQLite failure since the last run */
};

/* sql must hold one statement. The handle is kept for many runs. */
int stmt_init(struct stmt *st, sqlite3 *db, const char *sql, struct err *e);
void stmt_fini(struct stmt *st);

void stmt_i64(struct stmt *st, int64_t v);
void stmt_nonzero(struct stmt *st, int64_t v); /* 0 binds NULL */
void stmt_real(struct stmt *st, double v);
/* A word of ours: NUL terminated, plain ASCII. NULL binds NULL. */
void stmt_word(struct stmt *st, const char *s);
/* Bytes from the wire: TEXT when they can be, else BLOB; SLICE_NONE binds NULL. */
void stmt_wire(struct stmt *st, struct slice s);
void stmt_blob(struct stmt *st, struct slice s); /* always a BLOB */
/* A NUL terminated field of a record that may hold wire bytes; "" binds NULL. */
void stmt_field(struct stmt *st, const char *s);
/* "ip:port"; NULL when there is no address. Copied. */
void stmt_endpoint(struct stmt *st, const struct endpoint *ep);
void stmt_copy(struct stmt *st, const char *s); /* a word of ours, copied */

/* Runs a statement that returns no rows. 0, or negative errno with *e set;
 * either way *st is ready to be bound again. */
int stmt_run(struct stmt *st, struct err *e);

/* True: there is a row to read. False: *rc is 0 at the end, or negative errno with
 * *e set; *st is ready to be bound again. */
bool stmt_step(struct stmt *st, int *rc, struct err *e);
void stmt_reset(struct stmt *st); /* to leave a stmt_step() loop early */

/* The next column of the row; NULL reads as 0, NULL or SLICE_NONE. */
int64_t stmt_get_i64(struct stmt *st);
bool stmt_get_flag(struct stmt *st);
double stmt_get_real(struct stmt *st);
const char *stmt_get_text(struct stmt *st);
struct slice stmt_get_wire(struct stmt *st);

#endif
