/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * finding - the records that leave diagnose/: failures, incidents, trunks and
 * minutes. store/ writes them, nothing else needs to know how they came about.
 *
 * All of them are plain values without pointers and may be copied or queued.
 * Ids are given here, counting on from what the database held at the start.
 */
#ifndef DIAGNOSE_FINDING_H
#define DIAGNOSE_FINDING_H

#include "diagnose/verdict.h"
#include "track/facts.h"

enum {
	EVIDENCE_MAX = 16,
	EVIDENCE_TEXT_MAX = 200,
	TRUNK_NAME_MAX = 128,
	TRUNK_REMOTES_MAX = 16,
	SUMMARY_MAX = 400,
	DIFFERS_MAX = 400,
};

struct evidence {
	int16_t weight;               /* > 0 speaks for the verdict, < 0 against it */
	char text[EVIDENCE_TEXT_MAX]; /* NUL terminated; may hold wire bytes: escape on
					 output */
};

struct failure {
	int64_t id;
	int64_t trunk_id;     /* 0: none */
	int64_t incident_id;  /* 0: none */
	enum verdict verdict; /* its own, first verdict */
	enum verdict runner_up;
	float confidence; /* 0..1 */
	char trunk[TRUNK_NAME_MAX];
	char carrier_id[32]; /* from "; VICIDIAL Carrier:", or empty */
	uint8_t evidence_count;
	bool is_thinned; /* evidence and messages were left out under a storm */
	struct evidence evidence[EVIDENCE_MAX];
	char differs[DIFFERS_MAX]; /* from accepted calls: differs.h */
	struct facts facts;
};

/* The part of a struct failure that is in use: copy this many bytes. */
static inline size_t failure_bytes(const struct failure *f)
{
	return offsetof(struct failure, facts) + facts_bytes(&f->facts);
}

/* A failure that turned out to belong to another incident. */
struct moved_failure {
	int64_t failure_id, incident_id;
};

/* One recorded message of a failure, for the ladder. */
struct failure_message {
	int64_t at_us;
	struct endpoint src, dst;
	enum transport transport;
	uint16_t copies; /* how often the same packet was seen, at least 1 */
	bool is_truncated;
	struct slice bytes; /* secrets masked already */
};

enum { FAILURE_MESSAGES_MAX = 64 };

struct incident {
	int64_t id;
	int64_t trunk_id;
	enum verdict verdict;
	enum verdict runner_up;
	float confidence;
	int64_t opened_at_us, last_at_us,
	    closed_at_us; /* closed: USEC_NEVER while open */
	uint64_t failures, attempts;
	int64_t first_failure, last_failure; /* ids; 0: none */
	uint32_t revision; /* counts verdict changes; a new one is kept as history */
	char trunk[TRUNK_NAME_MAX];
	char summary[SUMMARY_MAX];
};

enum registration {
	REGISTRATION_UNKNOWN = 0, /* never seen */
	REGISTRATION_REGISTERED,
	REGISTRATION_REFUSED,
	REGISTRATION_UNANSWERED,
	REGISTRATION_EXPIRED,
	REGISTRATION_NONE, /* unregistered on purpose (Expires: 0) */
};

enum reachability {
	REACHABILITY_UNKNOWN = 0,
	REACHABILITY_REACHABLE,
	REACHABILITY_UNREACHABLE,
};

const char *registration_name(enum registration r);
const char *reachability_name(enum reachability r);

struct trunk_state {
	int64_t id;
	char name[TRUNK_NAME_MAX];
	char account[TRUNK_NAME_MAX]; /* empty: none */
	char carrier_id[32];
	struct endpoint remotes[TRUNK_REMOTES_MAX];
	uint8_t remote_count;
	enum registration registration;
	enum reachability reachability;
	uint16_t registration_code;
	int64_t registered_until_us;
	int64_t rtt_us;                               /* of the last OPTIONS; 0: none */
	uint64_t attempts, answered, refused, normal; /* since the database began */
	uint32_t active_calls;
	int64_t first_seen_us, last_seen_us, last_success_at_us, last_failure_at_us;
	enum verdict verdict; /* of its newest open incident, else NONE */
	struct endpoint
	    seen; /* our end as its newest answer echoed it; port 0: unknown */
	int64_t credentials_at_us;  /* ours were accepted last */
	int64_t registration_at_us; /* the last REGISTER was decided */
	int64_t options_at_us;      /* the last OPTIONS was decided */
	uint16_t options_code;      /* its answer; 0: none */
	int64_t config_changed_at_us;
};

struct trunk_minute { /* how many attempts of a trunk ended how in one minute */
	int64_t trunk_id;
	int64_t minute_us; /* start of the minute */
	uint32_t outcomes[OUTCOME_COUNT];
};

/* One part of a trunk's past, for the next start: past.h. */
enum { TRUNK_PAST_MAX = 8192 };
struct trunk_past {
	int64_t trunk_id;
	int64_t at_us;
	uint32_t len;
	uint8_t part;
	char bytes[TRUNK_PAST_MAX];
};

/* The part of a struct trunk_past that is in use: copy this many bytes. */
static inline size_t trunk_past_bytes(const struct trunk_past *p)
{
	return offsetof(struct trunk_past, bytes) + p->len;
}

/* The same as it was read back. */
struct known_past {
	int64_t trunk_id, at_us;
	uint8_t part;
	struct slice bytes;
};

struct capture_minute {
	int64_t minute_us;
	uint64_t packets, messages, malformed;
	uint64_t dropped_kernel, dropped_ring, dropped_reassembly;
};

#endif
