/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store - findings to SQLite; the writing side.
 *
 * In         Records of diagnose/finding.h.
 * Out        Tables and views of schema/, described in schema/SCHEMA.md.
 * Ownership  store_open() makes the handle, store_close() commits and frees it.
 *            Records are borrowed for the call.
 * Errors     Negative errno with *err: -EBUSY locked, -EROFS read-only,
 *            -EPROTO made by a newer trunkwatch, -EINVAL not our database or not
 *            SQLite, -ENOSPC, -EEXIST an id that is there already. A put that fails
 *            leaves the batch as it was before, unless a full or broken disk made
 *            SQLite give up the whole batch: store_lost() counts that. In a
 *            temporary database it may leave half of what it did.
 * Threads    The thread that opened it.
 * Cost       Prepared statements in one open transaction; store_commit() ends it.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/err.h"
#include "diagnose/finding.h"

struct store;

struct store_config {
	const char *path;      /* NULL: an unlinked temporary database */
	const char *sensor;    /* this trunkwatchd's name */
	bool exclusive_writer; /* take PATH.lock; -EBUSY when another daemon holds it */
};

int store_open(const struct store_config *c, struct store **out, struct err *e);
void store_close(struct store *s);

int store_put_failure(struct store *s, const struct failure *f,
    const struct failure_message *msgs, size_t count, struct err *e);
int store_put_incident(struct store *s, const struct incident *i, struct err *e);
/* A failure that was put before belongs to that incident. */
int store_put_moved(struct store *s, const struct moved_failure *m, struct err *e);
int store_put_trunk(struct store *s, const struct trunk_state *t, struct err *e);
/* Minutes, both kinds, are added to what is there for that minute. */
int store_put_minute(struct store *s, const struct trunk_minute *m, struct err *e);
int store_put_capture_minute(
    struct store *s, const struct capture_minute *m, struct err *e);
/* In place of what was there of that part. */
int store_put_past(struct store *s, const struct trunk_past *p, struct err *e);
int store_put_meta(struct store *s, const char *key, const char *value, struct err *e);

/* Records put since the last commit. */
uint32_t store_pending(const struct store *s);
/* Records put, and then lost with their batch. */
uint64_t store_lost(const struct store *s);
/* On an error the batch stays open, to be tried again (see store_lost()). */
int store_commit(struct store *s, struct err *e);

/* What a new pipeline goes on from: ids are never given twice, not even after
 * retention. Newest trunks and incidents first, open incidents before closed ones.
 * store_start_fini() frees it, also after an error. */
struct store_start {
	int64_t next_failure_id, next_incident_id, next_trunk_id;
	struct trunk_state *trunks;
	size_t trunk_count;
	struct known_past *past;
	size_t past_count;
	struct incident *incidents;
	size_t incident_count;
};
int store_load_start(struct store *s, struct store_start *out, struct err *e);
void store_start_fini(struct store_start *start);

/*
 * Commits, then deletes what is older than keep_from_us, and the oldest while the
 * file is larger than max_bytes (0: no limit). Open incidents stay. The file
 * shrinks. In steps of a few hundred rows, so that nobody waits long.
 */
struct store_retention {
	int64_t keep_from_us;
	uint64_t max_bytes;
	/* Asked after each step; false: enough for now. NULL: until it is done. */
	bool (*has_time)(void *ctx);
	void *ctx;
};

/* 1: there is more to do. */
int store_retain(struct store *s, const struct store_retention *r, struct err *e);

/* For the reading side on the same (temporary) database. */
struct query;
int store_query(struct store *s, struct query **out, struct err *e);

#endif
