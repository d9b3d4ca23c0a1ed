/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_int - what the files of the writing side share: the handle, and the batch
 * that every put goes into.
 */
#ifndef STORE_STORE_INT_H
#define STORE_STORE_INT_H

#include "store/stmt.h"
#include "store/store.h"

enum store_sql {
	STORE_BEGIN = 0,
	STORE_COMMIT,
	STORE_SAVE,
	STORE_RELEASE,
	STORE_UNDO,
	STORE_FAILURE,
	STORE_EVIDENCE,
	STORE_MESSAGE,
	STORE_MOVED,
	STORE_INCIDENT,
	STORE_INCIDENT_VERDICT,
	STORE_TRUNK,
	STORE_MINUTE,
	STORE_CAPTURE_MINUTE,
	STORE_PAST,
	STORE_META,
	STORE_SQL_COUNT
};

extern const char *const store_sql[STORE_SQL_COUNT];

struct store {
	sqlite3 *db;
	int lock_fd;       /* -1: none */
	bool is_temporary; /* without a journal: nothing can be undone in it */
	bool in_batch;     /* a transaction is open */
	bool in_savepoint;
	uint32_t pending;
	uint64_t lost;
	char sensor[128];
	struct stmt stmts[STORE_SQL_COUNT];
};

/*
 * Around the statements of one put:
 *
 *         rc = batch_enter(s, PUT_ONE_ROW, e);
 *         if (rc == 0)
 *                 rc = ...
 *         return batch_leave(s, rc, e);
 *
 * A put that fails half-way is undone, and the batch before it stands. One statement
 * undoes itself; several need a savepoint, which costs as much as the row of a failure
 * (SQLite copies each page before it is written for the first time since).
 */
enum put_size { PUT_ONE_ROW, PUT_SEVERAL };
int batch_enter(struct store *s, enum put_size size, struct err *e);
int batch_leave(struct store *s, int rc, struct err *e);

#endif
