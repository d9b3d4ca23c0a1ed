/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trunks - the providers our box uses, what is known of each, and which of them an
 * attempt belongs to.
 *
 * A trunk is a provider (a host name, or addresses) and an account. It is named
 * from the configuration, else learned: `account@host`, or `host` while no account
 * was seen. One provider with many addresses is one trunk; two accounts at one
 * address are two.
 *
 * Limits     The number given at trunks_init(); when full, attempts of further
 *            trunks belong to none and are counted.
 * Threads    One.
 * Cost       A walk over the trunks per attempt, not per packet.
 */
#ifndef DIAGNOSE_TRUNKS_H
#define DIAGNOSE_TRUNKS_H

#include "diagnose/finding.h"
#include "diagnose/history.h"
#include "diagnose/outcomes.h"
#include "diagnose/phrase.h"
#include "diagnose/trunk_config.h"

enum { GOOD_TEXT_MAX = 64 };

/* The last accepted call, as far as a refused one is compared with it (differs.h). */
struct good_call {
	char from[GOOD_TEXT_MAX], domain[GOOD_TEXT_MAX], account[GOOD_TEXT_MAX];
	char agent[GOOD_TEXT_MAX], host[GOOD_TEXT_MAX];
	struct ip_addr local, seen;
};

enum { TRUNK_GROUPS_MAX = 16, HELD_MAX = 12, HIDDEN_ENOUGH = 4 };

/* Where in the exchange the refusal came. */
enum stage {
	STAGE_DIRECT = 0,   /* at once, no challenge */
	STAGE_CREDENTIALS,  /* after our credentials, by another code than 401/407 */
	STAGE_RECHALLENGED, /* our credentials were answered with a challenge */
	STAGE_CHALLENGED,   /* the challenge was never answered */
	STAGE_SILENT,
	STAGE_UNREACHABLE,
	STAGE_UNSEEN, /* only the answer was captured: before or after credentials */
};

/* Of a group that had two causes (divide.h). */
enum part { PART_ALL = 0, PART_CALLED, PART_CALLER };

/* What the rules made of a group. */
struct judgement {
	enum verdict verdict, runner_up;
	float confidence;
	int weight;
	uint8_t evidence_count;
	struct evidence evidence[EVIDENCE_MAX];
};

/* Refusals of one trunk that look alike: judged together. A field that outlives a
 * restart has its line in past.c. */
struct group {
	bool is_used;
	bool is_untold; /* its past, since it was last written */
	enum sip_method_id method;
	enum stage stage;
	enum part part;
	bool is_in_dialog;
	uint16_t code;
	uint32_t phrase; /* hash of the words of the reason phrase */
	uint64_t count;
	int64_t first_at_us, last_at_us;
	uint64_t run; /* refusals since a call was last accepted */
	int64_t run_at_us;
	bool run_is_weighed;
	uint64_t accepted_before; /* trunk's accepted calls when it began */
	uint64_t accepted_at_last;
	bool is_registered; /* at the newest refusal */
	bool is_register_refused, is_register_refused_direct, is_register_silent;
	bool proven_before; /* credentials had been accepted when it began */
	bool challenged_before;
	bool is_changed_before;   /* its configuration, since the last accepted call */
	uint32_t rejected_before; /* refused credentials within the minutes before */
	int64_t judged_at_us;
	int64_t incident_id;
	int64_t alone_id, alone_at_us; /* a failure that waits for a second one */
	uint64_t alone_attempts;       /* of the trunk, with it */
	bool is_mixed;                 /* calls were accepted between its refusals */
	struct judgement judgement;    /* as it was weighed at judged_at_us */
	struct samples refused;
	struct facts last; /* the newest member */
};

/* Normal outcomes that may be refusals (hidden.h). */
struct hidden {
	uint8_t count, taken;
	uint8_t told; /* while it was closed: they count when it opens */
	bool is_confirmed;
	bool is_closed; /* nothing was ever accepted, as far as these tell */
	int64_t at_us;  /* the newest */
	struct facts held[HELD_MAX];
};

/* Busy or declined at once: by a rule of the provider's (patterns.h)? */
struct patterned {
	struct samples seen;
	uint8_t count;    /* held, the newest */
	bool is_searched; /* none of those held belongs to a pattern yet */
	struct facts held[HELD_MAX];
};

/* The trunk's calls that our box turned away as if nobody were there (inbound.c). */
enum { TURNED_AWAY_ENOUGH = 3 };
struct turned_away {
	uint8_t count,
	    taken; /* in a row: those before the TURNED_AWAY_ENOUGHth are held */
	struct facts held[TURNED_AWAY_ENOUGH - 1];
};

struct trunk {
	struct trunk_state state;
	char host[TRUNK_NAME_MAX]; /* Request-URI host; empty: only addresses */
	const struct trunk_config
	    *config; /* a row of trunks.config, or NULL: learned */
	struct phrase_reader *phrases;
	uint64_t revision;            /* of that row; 0: unknown */
	int64_t config_changed_at_us; /* USEC_NEVER: not seen to change */
	bool is_changed;
	bool is_untold; /* its past, since it was last written */
	int64_t told_at_us, past_at_us;

	struct samples accepted;
	struct good_call good;
	uint64_t accepted_count;
	int64_t accepted_at_us; /* the last accepted call */
	int64_t proven_at_us;   /* credentials accepted: last time */
	int64_t proven_by_call_at_us;
	int64_t up_at_us; /* a call whose beginning was not seen was let in: with what
			     credentials, if any, is not known */
	uint64_t challenges_seen;
	uint32_t rejections; /* refused credentials since the last accepted ones */
	uint32_t cut_off; /* challenges in a row of which no answer was seen, though it
			     may have been sent */
	int64_t register_ok_at_us, register_refused_at_us, register_silent_at_us;
	enum stage register_stage;
	uint16_t register_port; /* our port of the last accepted REGISTER */
	int64_t options_ok_at_us, options_silent_at_us;
	uint32_t minute_outcomes[OUTCOME_COUNT];
	int64_t minute_us;
	struct outcomes outcomes;
	enum outcome_class abnormal; /* while abnormal_incident is open */
	int64_t abnormal_incident;   /* 0: none */

	struct hidden hidden;
	struct patterned patterned;
	struct turned_away turned_away;
	struct group groups[TRUNK_GROUPS_MAX];
};

struct trunks {
	struct trunk *slots;
	size_t used, max;
	int64_t next_id;
	const struct trunk_config *config;
	size_t config_count;
	struct phrase_reader *phrases; /* for new ones */
	uint64_t overflow;
};

int trunks_init(struct trunks *t, size_t max, int64_t next_id);
void trunks_fini(struct trunks *t);

/* Takes over what an earlier run knew. */
void trunks_load(struct trunks *t, const struct trunk_state *states, size_t count);

struct trunk *trunks_by_id(struct trunks *t, int64_t id);

/*
 * Other rows from now on, borrowed as the old ones were. Trunks find theirs again by
 * name, or, so far learned from the wire, by host or address and account. Where a row's
 * revision differs from the one before, the trunk's configuration was changed at that
 * time.
 */
void trunks_configure(struct trunks *t, const struct trunk_config *rows, size_t count,
    int64_t changed_at_us);

/* The trunk of an outbound attempt; learned when new. NULL: the table is full. */
struct trunk *trunks_of(struct trunks *t, const struct facts *f);

/* A trunk that has this address, or NULL. is_near: an address of its network. */
struct trunk *trunks_by_address(
    struct trunks *t, const struct ip_addr *ip, bool is_near);

/* Were credentials ever accepted? Of a call whose beginning was not seen, whoever asks
 * all others for credentials asked it, too. */
static inline bool trunk_has_proof(const struct trunk *t, bool is_challenged)
{
	return t->proven_at_us != USEC_NEVER ||
	       (is_challenged && t->up_at_us != USEC_NEVER);
}

/* Of credentials that were sent but not seen, the account is the trunk's. */
void trunk_sample(const struct trunk *t, const struct facts *f, struct sample *out);

/* Is it the only one at its addresses? */
bool trunks_is_alone(const struct trunks *t, const struct trunk *one);

/* The group a refusal belongs to; the least used one makes room. */
struct group *trunk_group(struct trunk *t, const struct facts *f);

/* A place for another group than that one. */
struct group *trunk_spare_group(struct trunk *t, const struct group *but);

enum stage stage_of(const struct facts *f);

#endif
