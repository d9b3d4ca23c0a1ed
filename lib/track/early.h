/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * early - answers that were seen before the request they answer.
 *
 * A proxy that mirrors its SIP (HEP) sends the copy after the message, from another
 * process than the one that reads the answer; a mirror port or a card with many queues
 * delivers two directions in no certain order. Such an answer is kept for a moment, and
 * given to its request when that comes.
 *
 * Limits     EARLY_MAX answers of EARLY_BYTES, each for EARLY_US; the oldest gives way.
 * Ownership  Bytes are copied in; what is given out is borrowed until the next call.
 * Threads    One.
 * Cost       Nothing while no answer waits; else EARLY_MAX comparisons per request.
 */
#ifndef TRACK_EARLY_H
#define TRACK_EARLY_H

#include "reassemble/reassemble.h"
#include "sip/sip_value.h"

enum { EARLY_MAX = 8, EARLY_BYTES = 4096 };

#define EARLY_US (500 * USEC_PER_MSEC)

struct early_key {
	uint64_t call_hash;
	uint32_t tag_hash;
	uint32_t cseq;
	enum sip_method_id method;
};

struct early_answer {
	bool is_used;
	struct early_key key;
	struct wire_event ev; /* .bytes points into .bytes below */
	char bytes[EARLY_BYTES];
};

struct early {
	size_t count, next; /* used; where the next goes */
	struct early_answer answers[EARLY_MAX];
};

void early_keep(
    struct early *e, const struct early_key *key, const struct wire_event *ev);

/* The answer to the request that ev and key describe; false: none was early. */
bool early_take(struct early *e, const struct early_key *key,
    const struct wire_event *request, struct wire_event *answer);

/* The oldest that waited for its request in vain; false: none has so far. */
bool early_expired(struct early *e, int64_t now_us, struct wire_event *answer);

#endif
