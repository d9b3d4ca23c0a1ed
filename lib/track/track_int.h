/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * track_int - what the files of track/ share.
 *
 *         track.c     life of a tracker, time, what is handed out
 *         requests.c  what a request means to its leg
 *         answers.c   what an answer means to its leg
 *         network.c   ICMP errors, TCP refusals, loss
 *         legs.c      which leg a message belongs to
 *         decide.c    how attempts end
 *         early.c     answers that came before their request
 */
#ifndef TRACK_TRACK_INT_H
#define TRACK_TRACK_INT_H

#include "sip/sip_value.h"
#include "track/early.h"
#include "track/locals.h"
#include "track/losses.h"
#include "track/remotes.h"
#include "track/table.h"
#include "track/track.h"

/*
 * How long what is waited for. RFC 3261 17 and domain.md 3.1: chan_sip's T1 is the
 * last qualify round trip, at least 100 ms, so the first retransmission comes no
 * earlier; it gives up at 64 * T1, which is far from the RFC's 32 s.
 */
#define COPY_WITHIN_US       (50 * USEC_PER_MSEC) /* the same packet seen twice */
#define GIVE_UP_US           (32 * USEC_PER_SEC)  /* no retransmission seen */
#define GIVE_UP_MIN_US       (2 * USEC_PER_SEC)
#define GIVE_UP_MAX_US       (64 * USEC_PER_SEC)
#define CREDENTIALS_US       (2 * USEC_PER_SEC)
#define CREDENTIALS_ACKED_US (500 * USEC_PER_MSEC)
#define CREDENTIALS_END_US   (300 * USEC_PER_MSEC) /* the same at a file's end */
#define CREDENTIALS_LATE_US  (EARLY_US / 2) /* ... that are known to have been sent */
/* Where messages are being lost, what comes much later (an answer that rings, a BYE)
 * may tell that they were sent. */
#define CREDENTIALS_LOSSY_US (32 * USEC_PER_SEC)
#define RINGING_US           (300 * USEC_PER_SEC) /* Timer C is 3 min and more */
#define AFTER_ICMP_US        (2 * USEC_PER_SEC)
#define DONE_US              (32 * USEC_PER_SEC)
#define CALL_US              (12 * 3600 * USEC_PER_SEC)
enum { T1_MULTIPLE = 64, RETRANSMITS_PROVE = 3, PENDING_MAX = 4 };

enum { ENDED_MAX = 8 };

struct tracker {
	struct table table;
	struct locals locals;
	struct remotes remotes;
	struct recorder recorder;
	struct losses losses;
	struct early early;
	struct sip_msg early_msg;           /* an answer out of it, parsed again */
	struct hash_quick hash;             /* of Call-IDs and tags */
	int64_t now_us;                     /* never steps back */
	struct facts *pending[PENDING_MAX]; /* decided, not yet taken */
	size_t pending_count;
	struct facts *taken; /* given out; released at the next call */
	uint64_t record; /* of the message that arrives, until a leg has it; 0: none */
	bool is_finishing;
	uint64_t ended[ENDED_MAX]; /* the last calls of which only the BYE was seen */
	uint32_t ended_count;
};

/* --- legs.c --- */

/* c->is_usable. */
bool tracker_clue(const struct tracker *t, const struct sip_msg *msg, struct clue *c);
struct leg *tracker_find_request(struct tracker *t, const struct clue *c,
    enum sip_method_id method, const struct endpoint *target);
struct leg *tracker_find_challenged(
    struct tracker *t, const struct clue *c, enum sip_method_id method);
struct leg *tracker_find_answered(
    struct tracker *t, const struct clue *c, const struct endpoint *sender);
struct leg *tracker_find_unseen(
    struct tracker *t, const struct clue *c, const struct endpoint *provider);
struct leg *tracker_find_invite(
    struct tracker *t, const struct clue *c, const struct endpoint *target);
struct leg *tracker_add_leg(struct tracker *t, const struct clue *c,
    enum sip_method_id method, const struct endpoint *requester,
    const struct endpoint *target);
void tracker_record(struct tracker *t, struct leg *leg, const struct wire_event *ev);

/* --- requests.c, answers.c --- */

void tracker_on_request(struct tracker *t, const struct clue *c,
    const struct wire_event *ev, const struct sip_msg *msg);
void tracker_on_answer(struct tracker *t, const struct clue *c,
    const struct wire_event *ev, const struct sip_msg *msg);

/* A request came whose answer was there before: hears of it now. */
void tracker_answer_early(
    struct tracker *t, const struct clue *c, const struct wire_event *request);

/* A message of this attempt, which is not decided yet, was not seen. */
void tracker_hint_loss(struct tracker *t, const struct leg *leg);

/* How long credentials are waited for, where usual_us would do. */
int64_t tracker_wait_for_credentials(const struct tracker *t, int64_t usual_us);

/* Its challenge was answered, though not before our eyes: the leg goes on. */
void tracker_note_unseen(struct tracker *t, struct leg *leg);
void tracker_go_on_unseen(struct tracker *t, struct leg *leg);

/* An answer whose request did not come within its time, if there is one: what it says
 * by itself counts. False: there is none. */
bool tracker_settle_early(struct tracker *t);

/* --- decide.c --- */

void tracker_decide(
    struct tracker *t, struct leg *leg, enum outcome outcome, int64_t at_us);
void tracker_decide_challenged(struct tracker *t, struct leg *leg, int64_t at_us);
void tracker_decide_silence(struct tracker *t, struct leg *leg, int64_t at_us);
void tracker_decide_superseded(struct tracker *t, struct leg *leg, uint32_t cseq);
enum direction tracker_direction(const struct tracker *t,
    const struct ip_addr *requester, const struct ip_addr *target);
void tracker_count_up(struct tracker *t, struct leg *leg);
void tracker_count_down(struct tracker *t, struct leg *leg);
void tracker_on_evict(void *ctx, struct leg *leg);

/* --- track.c --- */

void tracker_advance(struct tracker *t, int64_t at_us);
void tracker_release_taken(struct tracker *t);

#endif
