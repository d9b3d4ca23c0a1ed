/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/store_int.h"

#define COLUMN(name, binder, value) ", " #name
static const char failure_sql[] = "INSERT INTO failures(id"
#include "store/failure_columns.def"
#define COLUMN(name, binder, value) ", ?"
				  ") VALUES (?"
#include "store/failure_columns.def"
				  ")";

/* A statement that runs for each record. Parameters in the order of put.c. */
const char *const store_sql[STORE_SQL_COUNT] = {
    /* IMMEDIATE: a lock of somebody else shows here, not in the middle. */
    [STORE_BEGIN] = "BEGIN IMMEDIATE",
    [STORE_COMMIT] = "COMMIT",
    [STORE_SAVE] = "SAVEPOINT put",
    [STORE_RELEASE] = "RELEASE put",
    [STORE_UNDO] = "ROLLBACK TO put",

    [STORE_FAILURE] = failure_sql,

    [STORE_EVIDENCE] =
	"INSERT INTO evidence(failure_id, position, sensor, weight, text)"
	" VALUES (?, ?, ?, ?, ?)",

    [STORE_MESSAGE] =
	"INSERT INTO messages(failure_id, sensor, at_us, src, dst, transport, copies,"
	" truncated, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",

    [STORE_MOVED] = "UPDATE failures SET incident_id = ? WHERE id = ?",

    /* sensor stays what it was, and opened_at_us, but for an earlier one. */
    [STORE_INCIDENT] =
	"INSERT INTO incidents(id, sensor, trunk_id, trunk, verdict, runner_up,"
	" confidence, opened_at_us, last_at_us, closed_at_us, failures, attempts,"
	" first_failure, last_failure, revision, summary)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	" ON CONFLICT(id) DO UPDATE SET trunk_id = excluded.trunk_id,"
	" trunk = excluded.trunk, verdict = excluded.verdict,"
	" runner_up = excluded.runner_up, confidence = excluded.confidence,"
	" last_at_us = excluded.last_at_us, closed_at_us = excluded.closed_at_us,"
	" failures = excluded.failures, attempts = excluded.attempts,"
	" opened_at_us = min(incidents.opened_at_us, excluded.opened_at_us),"
	" first_failure = excluded.first_failure, last_failure = excluded.last_failure,"
	" revision = excluded.revision, summary = excluded.summary",

    /* The first record of a revision says when and how surely it changed. */
    [STORE_INCIDENT_VERDICT] =
	"INSERT INTO incident_verdicts(incident_id, revision, sensor, at_us, verdict,"
	" runner_up, confidence) VALUES (?, ?, ?, ?, ?, ?, ?)"
	" ON CONFLICT(incident_id, revision) DO NOTHING",

    [STORE_TRUNK] =
	"INSERT INTO trunks(id, sensor, name, account, carrier_id, remotes,"
	" registration, registration_code, registered_until_us, reachability, rtt_us,"
	" attempts, answered, refused, normal, active_calls, first_seen_us,"
	" last_seen_us, last_success_at_us, last_failure_at_us, verdict, seen_as,"
	" credentials_at_us, registration_at_us, options_at_us, options_code,"
	" config_changed_at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
	" ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	" ON CONFLICT(id) DO UPDATE SET sensor = excluded.sensor,"
	" name = excluded.name, account = excluded.account,"
	" carrier_id = excluded.carrier_id, remotes = excluded.remotes,"
	" registration = excluded.registration,"
	" registration_code = excluded.registration_code,"
	" registered_until_us = excluded.registered_until_us,"
	" reachability = excluded.reachability, rtt_us = excluded.rtt_us,"
	" attempts = excluded.attempts, answered = excluded.answered,"
	" refused = excluded.refused, normal = excluded.normal,"
	" active_calls = excluded.active_calls, first_seen_us = excluded.first_seen_us,"
	" last_seen_us = excluded.last_seen_us,"
	" last_success_at_us = excluded.last_success_at_us,"
	" last_failure_at_us = excluded.last_failure_at_us, verdict = excluded.verdict,"
	" seen_as = excluded.seen_as, credentials_at_us = excluded.credentials_at_us,"
	" registration_at_us = excluded.registration_at_us,"
	" options_at_us = excluded.options_at_us, options_code = excluded.options_code,"
	" config_changed_at_us = excluded.config_changed_at_us",

    [STORE_MINUTE] =
	"INSERT INTO minutes(minute_us, trunk_id, outcome, sensor, attempts)"
	" VALUES (?, ?, ?, ?, ?) ON CONFLICT(minute_us, trunk_id, outcome)"
	" DO UPDATE SET attempts = attempts + excluded.attempts",

    [STORE_CAPTURE_MINUTE] =
	"INSERT INTO capture_minutes(minute_us, sensor, packets, messages, malformed,"
	" dropped_kernel, dropped_ring, dropped_reassembly)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(minute_us, sensor)"
	" DO UPDATE SET packets = packets + excluded.packets,"
	" messages = messages + excluded.messages,"
	" malformed = malformed + excluded.malformed,"
	" dropped_kernel = dropped_kernel + excluded.dropped_kernel,"
	" dropped_ring = dropped_ring + excluded.dropped_ring,"
	" dropped_reassembly = dropped_reassembly + excluded.dropped_reassembly",

    [STORE_PAST] =
	"INSERT INTO trunk_past(trunk_id, part, sensor, at_us, state)"
	" VALUES (?, ?, ?, ?, ?) ON CONFLICT(trunk_id, part) DO UPDATE SET"
	" sensor = excluded.sensor, at_us = excluded.at_us, state = excluded.state",

    [STORE_META] = "INSERT INTO meta(sensor, key, value) VALUES (?, ?, ?)"
		   " ON CONFLICT(sensor, key) DO UPDATE SET value = excluded.value",
};
