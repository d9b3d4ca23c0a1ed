/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "asterisk/ast_secrets.h"
#include "diagnose/diagnose.h"
#include "pipeline/offer.h"
#include "pipeline/pipeline.h"
#include "pipeline/thin.h"
#include "sip/sip_mask.h"
#include "track/track.h"

/* Time within a file moves with its packets; no need to look at every one. */
#define SELF_TICK_US (100 * USEC_PER_MSEC)
#define HOLES_US     (60 * USEC_PER_SEC) /* longer than any of them is waited for */
enum { REMOTES_MAX = 4096, STRANGERS_MAX = 8192, LEGS_PER_ATTEMPT = 3 };
enum { MASK_BYTES = 1 << 18 };

struct pipeline {
	struct wire *wire;
	struct tracker *tracker;
	struct diagnosis *diagnosis;
	struct sink sink;
	const struct ast_trunks *secrets;
	bool keep_credentials;
	int64_t now_us, ticked_us;
	struct pipeline_counters counters;
	struct capture_minute minute;

	/* Messages under way, by order of arrival modulo ARRIVALS_MAX. */
	struct arrival arrivals[ARRIVALS_MAX];
	size_t arrived, announced;

	/* One failure at a time, with its messages. */
	struct failure failure;
	struct thinner thinner;
	struct sip_msg request; /* the one whose credentials are proven */
	struct recorded recorded[FAILURE_MESSAGES_MAX];
	struct failure_message messages[FAILURE_MESSAGES_MAX];
	char masked[MASK_BYTES];
	struct trunk_past past;
};

void pipeline_config_default(struct pipeline_config *c)
{
	*c = (struct pipeline_config){.attempts_max = 32768,
	    .dialogs_max = 65536,
	    .recorder_bytes = 8 << 20,
	    .trunks_max = 256,
	    .incidents_max = 1024,
	    .full_per_minute = 10};
	reassemble_config_default(&c->reassemble);
}

static int open_stages(struct pipeline *p, const struct pipeline_config *c,
    const struct pipeline_start *start, struct err *e)
{
	static const struct pipeline_start nothing = {
	    .next_failure_id = 1, .next_incident_id = 1, .next_trunk_id = 1};
	const struct pipeline_start *s = start == NULL ? &nothing : start;
	const struct tracker_config track = {.key = c->key,
	    .local = c->local,
	    .local_count = c->local_count,
	    .attempts_max = c->attempts_max,
	    .legs_max = c->attempts_max * LEGS_PER_ATTEMPT + c->dialogs_max,
	    .remotes_max = REMOTES_MAX,
	    .recorder_bytes = c->recorder_bytes};
	const struct diagnosis_config diagnose = {.key = c->key,
	    .trunks = c->trunks,
	    .trunk_count = c->trunk_count,
	    .phrases = c->phrases,
	    .trunks_max = c->trunks_max,
	    .incidents_max = c->incidents_max,
	    .strangers_max = STRANGERS_MAX,
	    .tell_every_us = c->tell_every_us,
	    .next_failure_id = s->next_failure_id,
	    .next_incident_id = s->next_incident_id,
	    .next_trunk_id = s->next_trunk_id,
	    .known_trunks = s->trunks,
	    .known_count = s->trunk_count,
	    .known_past = s->past,
	    .past_count = s->past_count,
	    .incidents = s->incidents,
	    .incident_count = s->incident_count};
	int rc = wire_new(&c->reassemble, &c->key, &p->wire, e);

	if (rc == 0)
		rc = tracker_new(&track, &p->tracker, e);
	if (rc == 0)
		rc = diagnosis_new(&diagnose, &p->diagnosis, e);
	return rc;
}

int pipeline_new(const struct pipeline_config *c, const struct pipeline_start *start,
    struct sink sink, struct pipeline **out, struct err *e)
{
	struct pipeline *p = calloc(1, sizeof(*p));
	int rc;

	if (p == NULL)
		return err_set(e, -ENOMEM, "pipeline: out of memory");
	p->sink = sink;
	p->thinner.per_minute = c->full_per_minute;
	p->keep_credentials = c->keep_credentials;
	p->secrets = c->secrets;
	rc = open_stages(p, c, start, e);
	if (rc < 0) {
		pipeline_free(p);
		return rc;
	}
	*out = p;
	return 0;
}

void pipeline_free(struct pipeline *p)
{
	if (p == NULL)
		return;
	wire_free(p->wire);
	tracker_free(p->tracker);
	diagnosis_free(p->diagnosis);
	free(p);
}

void pipeline_configure(struct pipeline *p, const struct trunk_config *rows,
    size_t count, const struct ast_trunks *secrets, int64_t changed_at_us)
{
	diagnosis_configure(p->diagnosis, rows, count, changed_at_us);
	p->secrets = secrets;
}

/* --- failures and their messages --- */

static bool is_copy(const struct recorded *a, const struct failure_message *b)
{
	enum { COPY_WITHIN_US = 50000 };

	return slice_eq(a->bytes, b->bytes) &&
	       usec_since(b->at_us, a->at_us) < COPY_WITHIN_US;
}

/* The recorder's bytes stay as they are: other failures may need them. */
static struct slice masked(struct pipeline *p, struct slice bytes, size_t *used)
{
	char *to = p->masked + *used;
	size_t room = sizeof(p->masked) - *used;
	size_t len = bytes.len < room ? bytes.len : room;

	memcpy(to, bytes.ptr, len);
	sip_mask(to, len);
	*used += len;
	return slice_of(to, len);
}

static size_t collect_messages(struct pipeline *p, uint64_t newest)
{
	size_t kept = 0, used = 0;
	size_t count = recorder_chain(
	    tracker_recorder(p->tracker), newest, p->recorded, FAILURE_MESSAGES_MAX);

	for (size_t i = 0; i < count; i++) {
		const struct recorded *r = &p->recorded[i];

		if (kept > 0 && is_copy(r, &p->messages[kept - 1])) {
			p->messages[kept - 1].copies++;
			continue;
		}
		p->messages[kept++] = (struct failure_message){.at_us = r->at_us,
		    .src = r->src,
		    .dst = r->dst,
		    .transport = r->transport,
		    .copies = 1,
		    .is_truncated = r->is_truncated,
		    .bytes = r->bytes};
	}
	for (size_t i = 0; i < kept && !p->keep_credentials; i++)
		p->messages[i].bytes = masked(p, p->messages[i].bytes, &used);
	return kept;
}

/* --- digest proof --- */

/* The newest request of the attempt that bears credentials; false: overwritten. */
static bool find_credentials(
    struct pipeline *p, uint64_t newest, struct sip_credentials *cred)
{
	size_t count = recorder_chain(
	    tracker_recorder(p->tracker), newest, p->recorded, FAILURE_MESSAGES_MAX);
	struct slice value;

	for (size_t i = count; i > 0; i--) {
		if (p->recorded[i - 1].is_truncated ||
		    sip_msg_parse(p->recorded[i - 1].bytes, &p->request) != SIP_OK ||
		    !sip_msg_is_request(&p->request))
			continue;
		value = sip_msg_value(&p->request, SIP_HDR_PROXY_AUTHORIZATION);
		if (value.ptr == NULL)
			value = sip_msg_value(&p->request, SIP_HDR_AUTHORIZATION);
		if (value.ptr != NULL && sip_credentials_parse(value, cred))
			return true;
	}
	return false;
}

/* Only what was refused is looked into: it costs milliseconds, not microseconds. */
static void prove_digest(struct pipeline *p, struct facts *f)
{
	struct sip_credentials cred;
	struct digest_result result;
	struct digest_input in = {.cred = &cred};

	if (p->secrets == NULL || f->rounds == 0 || f->outcome != OUTCOME_REFUSED ||
	    f->direction != DIRECTION_OUTBOUND ||
	    !find_credentials(p, f->recording, &cred))
		return;
	in.method = p->request.method;
	in.body = p->request.body;
	f->digest =
	    ast_digest_check(p->secrets, &in, TEXT_GET(f, f->request_host), &result);
	f->mangling = result.mangling;
}

static void pass_failure(struct pipeline *p, uint64_t recording)
{
	size_t messages = 0;

	if (p->sink.failure == NULL)
		return;
	p->failure.is_thinned = !thin_keeps(&p->thinner, &p->failure);
	if (p->failure.is_thinned) {
		p->failure.evidence_count = 0;
		p->counters.thinned++;
	} else if (!p->sink.no_messages) {
		messages = collect_messages(p, recording);
	}
	p->sink.failure(p->sink.ctx, &p->failure, p->messages, messages);
}

static void take_moved(struct pipeline *p)
{
	struct moved_failure moved;

	while (diagnosis_next_moved(p->diagnosis, &moved)) {
		if (p->sink.moved != NULL)
			p->sink.moved(p->sink.ctx, &moved);
	}
}

static void take_attempts(struct pipeline *p)
{
	struct facts *f;

	while ((f = tracker_next(p->tracker)) != NULL) {
		uint64_t recording = f->recording;

		p->counters.attempts++;
		prove_digest(p, f);
		if (diagnosis_attempt(p->diagnosis, f, &p->failure))
			pass_failure(p, recording);
		while (diagnosis_late(p->diagnosis, &p->failure))
			pass_failure(p, p->failure.facts.recording);
		take_moved(p);
	}
}

static void take_findings(struct pipeline *p)
{
	struct incident incident;
	struct trunk_state trunk;
	struct trunk_minute minute;

	take_moved(p);
	while (diagnosis_next_trunk(p->diagnosis, &trunk)) {
		for (size_t i = 0; i < trunk.remote_count; i++)
			trunk.active_calls +=
			    tracker_active_calls(p->tracker, &trunk.remotes[i].ip);
		if (p->sink.trunk != NULL)
			p->sink.trunk(p->sink.ctx, &trunk);
	}
	while (diagnosis_next_incident(p->diagnosis, &incident)) {
		if (p->sink.incident != NULL)
			p->sink.incident(p->sink.ctx, &incident);
	}
	while (diagnosis_next_minute(p->diagnosis, &minute)) {
		if (p->sink.minute != NULL)
			p->sink.minute(p->sink.ctx, &minute);
	}
	while (p->sink.past != NULL && diagnosis_next_past(p->diagnosis, &p->past))
		p->sink.past(p->sink.ctx, &p->past);
}

/* --- the capture's own minutes --- */

static void flush_minute(struct pipeline *p)
{
	const struct capture_minute *m = &p->minute;

	if (m->minute_us != 0 && p->sink.capture_minute != NULL &&
	    (m->packets | m->dropped_kernel | m->dropped_ring | m->dropped_reassembly))
		p->sink.capture_minute(p->sink.ctx, m);
	p->minute = (struct capture_minute){0};
}

static struct capture_minute *minute_of(struct pipeline *p, int64_t at_us)
{
	int64_t minute_us;

	if ((uint64_t)(at_us - p->minute.minute_us) < USEC_PER_MIN)
		return &p->minute; /* without a division */
	minute_us = at_us - at_us % USEC_PER_MIN;
	if (p->minute.minute_us != minute_us) {
		flush_minute(p);
		p->minute.minute_us = minute_us;
	}
	return &p->minute;
}

/* --- messages --- */

/* Listed like any message, but it names no call or no transaction: nothing can be
 * concluded from it. */
static bool is_unattributable(const struct sip_msg *msg)
{
	const uint64_t bad =
	    UINT64_C(1) << SIP_ODD_MISSING_HDR | UINT64_C(1) << SIP_ODD_CSEQ_BAD;

	return msg->head_complete && (msg->oddities & bad) != 0;
}

/* Is it a message, as far as one can tell? Counts it either way. */
static bool count_message(struct pipeline *p, const struct sip_msg *msg, enum sip_rc rc)
{
	switch (rc) {
	case SIP_OK:
		p->counters.messages++;
		p->minute.messages++;
		if (is_unattributable(msg)) {
			p->counters.malformed++;
			p->minute.malformed++;
		}
		return true;
	case SIP_E_KEEPALIVE:
		p->counters.keepalives++;
		break;
	case SIP_E_NOT_SIP:
	case SIP_E_VERSION:
	case SIP_E_STATUS:
	case SIP_RC_COUNT:
		p->counters.malformed++;
		p->minute.malformed++;
		break;
	}
	return false;
}

static struct arrival *arrival_at(struct pipeline *p, size_t n)
{
	return &p->arrivals[n % ARRIVALS_MAX];
}

static void arrive(struct pipeline *p)
{
	tracker_arrive(p->tracker, arrival_at(p, p->arrived++));
	take_attempts(p);
}

void pipeline_flush(struct pipeline *p)
{
	while (p->arrived < p->announced)
		arrive(p);
}

/*
 * Each of those before it has come a step nearer. When as many are under way as can be,
 * all arrive: parsing and tracking, a batch of each in turn, both stay in the cache of
 * instructions, which they do not one message after the other.
 */
static void move_on(struct pipeline *p)
{
	size_t n = p->announced;

	if (n - p->arrived >= 2)
		tracker_fetch_leg(p->tracker, arrival_at(p, n - 2));
	if (n - p->arrived >= 3)
		tracker_fetch_facts(p->tracker, arrival_at(p, n - 3));
	if (n - p->arrived == ARRIVALS_MAX)
		pipeline_flush(p);
}

/* Of an offered segment as much as is one message. False: nothing. */
static bool take_offer(struct pipeline *p, struct arrival *a, enum sip_rc rc)
{
	size_t len = offer_take(a->ev.bytes, &a->msg, rc);

	if (len > 0 && len < a->ev.bytes.len)
		tracker_shorten(p->tracker, a, len);
	wire_took(p->wire, len);
	return len > 0;
}

/* The copy that evidence needs is made first: it is what is parsed. */
static void on_message(struct pipeline *p, struct arrival *a)
{
	bool is_long = a->ev.bytes.len > ARRIVAL_BYTES_MAX;
	enum sip_rc rc;

	if (is_long)
		pipeline_flush(p);
	tracker_keep(p->tracker, a);
	rc = sip_msg_parse(a->ev.bytes, &a->msg);
	if ((a->ev.is_offer && !take_offer(p, a, rc)) ||
	    !count_message(p, &a->msg, rc)) {
		/* Or whoever sends a start line and rubbish would push out evidence. */
		tracker_drop(p->tracker, a);
		return;
	}
	tracker_announce(p->tracker, a);
	p->announced++;
	move_on(p);
	if (is_long)
		pipeline_flush(p);
}

/* What is no message has nothing under way beside it. */
static void on_event(struct pipeline *p, const struct wire_event *ev)
{
	switch (ev->kind) {
	case WIRE_MESSAGE: /* on_message() */
		break;
	case WIRE_NOT_SIP:
		p->counters.not_sip++;
		break;
	case WIRE_TCP_REFUSED:
	case WIRE_TCP_RESET:
	case WIRE_TCP_SILENT:
		pipeline_flush(p);
		tracker_tcp(p->tracker, ev);
		take_attempts(p);
		break;
	case WIRE_GAP:
		p->minute.dropped_reassembly++;
		pipeline_flush(p);
		tracker_gap(p->tracker, ev);
		break;
	}
}

/* Events come where the next message is kept: it is not copied there. */
static void take_events(struct pipeline *p)
{
	for (;;) {
		struct arrival *a = arrival_at(p, p->announced);

		if (!wire_next_event(p->wire, &a->ev))
			return;
		if (a->ev.kind == WIRE_MESSAGE)
			on_message(p, a);
		else
			on_event(p, &a->ev);
	}
}

void pipeline_tick(struct pipeline *p, int64_t now_us)
{
	if (now_us > p->now_us)
		p->now_us = now_us;
	p->ticked_us = p->now_us;
	wire_tick(p->wire, p->now_us);
	take_events(p);
	pipeline_flush(p);
	tracker_tick(p->tracker, p->now_us);
	take_attempts(p);
	diagnosis_tick(p->diagnosis, p->now_us, false);
	take_findings(p);
	/* Whoever looks at a failure wants to know now what was lost around it; minutes
	 * are added up where they are stored. */
	if (p->minute.dropped_kernel | p->minute.dropped_ring)
		flush_minute(p);
}

void pipeline_frame(struct pipeline *p, const struct frame *frame)
{
	int64_t at_us = frame->at_ns / 1000;
	const struct packet *pkt = wire_frame(p->wire, frame);

	p->counters.frames++;
	p->counters.bytes += frame->bytes.len;
	minute_of(p, at_us)->packets++;
	if (pkt != NULL && pkt->kind == PACKET_ICMP) {
		pipeline_flush(p);
		tracker_icmp(p->tracker, pkt);
		take_attempts(p);
	} else if (pkt != NULL) {
		take_events(p);
	}
	if (at_us > p->now_us)
		p->now_us = at_us;
	if (p->now_us - p->ticked_us >= SELF_TICK_US)
		pipeline_tick(p, p->now_us);
}

void pipeline_hep(struct pipeline *p, struct slice datagram, int64_t now_us)
{
	wire_hep(p->wire, datagram, now_us);
	p->counters.frames++;
	p->counters.bytes += datagram.len;
	minute_of(p, now_us)->packets++;
	take_events(p);
	pipeline_flush(p);
}

void pipeline_lost(struct pipeline *p, enum loss kind, uint64_t packets,
    int64_t from_us, int64_t until_us)
{
	struct capture_minute *m = minute_of(p, until_us);

	if (packets == 0)
		return;
	p->counters.dropped += packets;
	if (kind == LOSS_RING)
		m->dropped_ring += packets;
	else
		m->dropped_kernel += packets;
	pipeline_flush(p);
	tracker_lost(p->tracker, from_us, until_us);
}

/* Nothing will fill the holes that are still waited for: what lies behind them is all
 * there is. The events bear their own times. */
static void give_up_holes(struct pipeline *p)
{
	wire_tick(p->wire, p->now_us + HOLES_US);
	take_events(p);
	pipeline_flush(p);
}

void pipeline_finish(struct pipeline *p)
{
	pipeline_tick(p, p->now_us);
	give_up_holes(p);
	tracker_finish(p->tracker);
	take_attempts(p);
	diagnosis_tick(p->diagnosis, p->now_us, true);
	take_findings(p);
	flush_minute(p);
}

void pipeline_counters(const struct pipeline *p, struct pipeline_counters *out)
{
	*out = p->counters;
	memcpy(out->decode, wire_decode_counts(p->wire), sizeof(out->decode));
	out->keepalives += wire_reassemble_stats(p->wire)[REASSEMBLE_STAT_KEEPALIVE];
	out->failures = diagnosis_failures(p->diagnosis);
	out->incidents = diagnosis_incidents(p->diagnosis);
	out->evicted_attempts = tracker_evicted_attempts(p->tracker);
	out->evicted_dialogs = tracker_evicted_calls(p->tracker);
	out->evidence_overwritten = tracker_recorder(p->tracker)->lost;
}

const uint64_t *pipeline_reassemble_stats(const struct pipeline *p)
{
	return wire_reassemble_stats(p->wire);
}

void pipeline_wire_counts(const struct pipeline *p, uint64_t out[WIRE_COUNTS])
{
	wire_counts_join(
	    wire_decode_counts(p->wire), wire_reassemble_stats(p->wire), out);
}

uint64_t pipeline_memory(const struct pipeline *p)
{
	return sizeof(*p) + wire_memory(p->wire) + tracker_memory(p->tracker) +
	       diagnosis_memory(p->diagnosis);
}

static const struct {
	const char *name, *help;
} tables[PIPELINE_TABLES] = {
#define PIPELINE_TABLE(name, help) {name, help},
#include "pipeline/tables.def"
};

const char *pipeline_table_name(size_t i)
{
	return tables[i].name;
}

const char *pipeline_table_help(size_t i)
{
	return tables[i].help;
}

void pipeline_usage(const struct pipeline *p, struct usage out[PIPELINE_TABLES])
{
	tracker_usage(p->tracker, out);
	diagnosis_usage(p->diagnosis, out + TRACKER_TABLES);
	wire_usage(p->wire, out + TRACKER_TABLES + DIAGNOSIS_TABLES);
}
