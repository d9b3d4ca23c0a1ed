/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * query - findings from SQLite; the reading side, for the CLI.
 *
 * Ownership  Rows are borrowed inside the callback: strings live until it
 *            returns. A NULL string is an absent value. A callback may run other
 *            queries of the same handle (the evidence of its failure), not the
 *            same one again. Text from the wire may hold any byte: escape it.
 * Errors     Negative errno with *err as in store.h; -ENOENT: no such file;
 *            -EPROTO also for a database that is too old for this program.
 * Threads    One.
 */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "base/err.h"
#include "diagnose/finding.h"

struct query;

/* Opens read-only; a database whose -wal is gone is read with immutable=1 when
 * nobody holds the daemon's lock. */
int query_open(const char *path, struct query **out, struct err *e);
void query_close(struct query *q);

struct query_filter {
	int64_t since_us, until_us; /* since <= time < until; 0: open end */
	const char *trunk;          /* name or carrier id; NULL: all */
	int64_t limit; /* the newest so many, in either order; 0: no limit */
	bool newest_first;
	bool with_not_failures; /* scanner, client_rejected_by_us too */
	bool default_window; /* without since_us: last 24 h before the newest record */
	bool only_open;      /* incidents without an end */
	/* Leaves out smaller ids, what was there before; incidents that go on stay. */
	int64_t first_failure, first_incident;
	int64_t only_incident; /* failures of this one; 0: any */
};

struct failure_row {
	int64_t id, at_us, started_at_us;
	const char *sensor, *trunk, *direction, *method, *transport, *local, *remote;
	struct slice call_id, caller, caller_name, called, from_domain, request_uri;
	int64_t code; /* 0: none */
	struct slice reason, reason_header, warning;
	int64_t q850_cause; /* 0: none */
	const char *outcome;
	int64_t challenge_code; /* 0: none */
	struct slice realm, auth_user;
	int64_t rounds;
	struct slice user_agent, server;
	/* verdict, runner_up, confidence: its incident's current ones if it has one */
	const char *verdict, *first_verdict, *runner_up, *carrier_id, *seen_as;
	double confidence;
	int64_t incident; /* 0: none */
	bool incomplete;
	const char *incomplete_why;   /* words of schema 0002; NULL: not known */
	int64_t retransmits, icmp;    /* icmp: enum icmp_reason, OTHER when none came */
	const char *icmp_reason;      /* "port_unreachable"; NULL: none came */
	int64_t trunk_id;             /* 0: none */
	struct slice asserted, extra; /* PAI, PPI, RPID user; X-... of the answer */
	struct slice algorithms;      /* the challenges offered these */
	int64_t active_calls, invites_per_s; /* at the remote when it was decided */
	int64_t request_bytes, retry_after_s;
	bool in_dialog, tcp_refused, thinned;
	/* Of the credentials against the configured secret; NULL: not compared. */
	const char *digest, *mangling;
	struct slice differs;
};

struct evidence_row {
	int64_t weight;
	struct slice text;
};

struct message_row {
	int64_t at_us, copies;
	const char *src, *dst, *transport;
	struct slice bytes;
	bool truncated;
};

struct loss_row { /* what the capture lost, in whole minutes */
	int64_t packets_kernel, packets_ring, stream_gaps;
	int64_t from_us, until_us; /* 0: nothing */
};

struct incident_row {
	int64_t id, opened_at_us, last_at_us, closed_at_us; /* 0: open */
	const char *sensor, *trunk, *verdict, *runner_up;
	double confidence;
	int64_t failures, attempts, first_failure, last_failure;
	struct slice summary;
};

struct trunk_row {
	int64_t id;
	const char *sensor, *name, *account, *carrier_id;
	const char *remotes; /* "198.51.100.20:5060 198.51.100.21:5060" */
	const char *registration, *reachability, *verdict;
	int64_t registration_code, registered_until_us, rtt_us;
	int64_t attempts, answered, refused, normal, active_calls;
	int64_t first_seen_us, last_seen_us, last_success_at_us, last_failure_at_us;
	const char *seen_as;
	int64_t credentials_at_us, registration_at_us, options_at_us, options_code,
	    config_changed_at_us;
};

/* Callbacks return 0 to go on; anything else ends the query and is returned. */
int query_failures(struct query *q, const struct query_filter *f,
    int (*row)(void *ctx, const struct failure_row *r), void *ctx, struct err *e);
int query_failure(struct query *q, int64_t id,
    int (*row)(void *ctx, const struct failure_row *r), void *ctx, struct err *e);
int query_evidence(struct query *q, int64_t failure_id,
    int (*row)(void *ctx, const struct evidence_row *r), void *ctx, struct err *e);
int query_messages(struct query *q, int64_t failure_id,
    int (*row)(void *ctx, const struct message_row *r), void *ctx, struct err *e);
int query_incidents(struct query *q, const struct query_filter *f,
    int (*row)(void *ctx, const struct incident_row *r), void *ctx, struct err *e);
int query_trunks(struct query *q, const struct query_filter *f,
    int (*row)(void *ctx, const struct trunk_row *r), void *ctx, struct err *e);
/* In the minutes that this span touches, by that sensor. */
int query_losses(struct query *q, const char *sensor, int64_t from_us, int64_t until_us,
    struct loss_row *out, struct err *e);
/* "" when the key is not there. buf gets a NUL-terminated copy. */
int query_meta(struct query *q, const char *key, char *buf, size_t len, struct err *e);

#endif
