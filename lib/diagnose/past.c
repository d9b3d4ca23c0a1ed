/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One walk over the fields serves both ways: whoever adds one adds it once. Numbers are
 * big-endian, counts are varints. A field that changes its meaning, or a new one, makes
 * a new PAST_VERSION; a database of the old one starts without that past, as a new
 * trunk does.
 */
#include "diagnose/past.h"

enum { PAST_VERSION = 4 };

struct io {
	uint8_t *at; /* reading: never written to */
	size_t left;
	bool is_reading, has_failed;
};

static uint8_t *take(struct io *io, size_t n)
{
	uint8_t *p = io->at;

	if (io->has_failed || n > io->left) {
		io->has_failed = true;
		io->left = 0;
		return NULL;
	}
	io->at += n;
	io->left -= n;
	return p;
}

static void io_u8(struct io *io, uint8_t *v)
{
	uint8_t *p = take(io, 1);

	if (io->is_reading)
		*v = p == NULL ? 0 : *p;
	else if (p != NULL)
		*p = *v;
}

static void io_bool(struct io *io, bool *v)
{
	uint8_t byte = *v;

	io_u8(io, &byte);
	*v = byte != 0;
}

static void io_u64(struct io *io, uint64_t *v)
{
	uint64_t value = 0;
	uint8_t byte = 0x80;

	if (!io->is_reading) {
		for (value = *v; value > 0x7f; value >>= 7) {
			byte = (uint8_t)(value | 0x80);
			io_u8(io, &byte);
		}
		byte = (uint8_t)value;
		io_u8(io, &byte);
		return;
	}
	for (int shift = 0; shift < 64 && (byte & 0x80) != 0; shift += 7) {
		io_u8(io, &byte);
		value |= (uint64_t)(byte & 0x7f) << shift;
	}
	*v = value;
}

static void io_u32(struct io *io, uint32_t *v)
{
	uint64_t wide = *v;

	io_u64(io, &wide);
	*v = (uint32_t)wide;
}

static void io_u16(struct io *io, uint16_t *v)
{
	uint64_t wide = *v;

	io_u64(io, &wide);
	*v = (uint16_t)wide;
}

/* Times are never negative: what is damaged becomes "never". */
static void io_i64(struct io *io, int64_t *v)
{
	uint64_t wide = *v < 0 ? 0 : (uint64_t)*v;

	io_u64(io, &wide);
	*v = wide > INT64_MAX ? 0 : (int64_t)wide;
}

/* Below count, or the whole part is damaged: enums are indices elsewhere. */
static int io_enum(struct io *io, int v, int count)
{
	uint8_t byte = (uint8_t)v;

	io_u8(io, &byte);
	if (byte >= count) {
		io->has_failed = true;
		return 0;
	}
	return byte;
}

#define IO_ENUM(io, field, type, count) \
	((field) = (enum type)io_enum((io), (int)(field), (int)(count)))

static void io_ip(struct io *io, struct ip_addr *ip)
{
	size_t len;
	uint8_t *p;

	if (io->is_reading)
		memset(ip, 0, sizeof(*ip));
	io_u8(io, &ip->family);
	len = ip->family == 6 ? 16 : ip->family == 4 ? 4 : 0;
	io->has_failed |= len == 0 && ip->family != 0;
	p = take(io, len);
	if (p == NULL)
		return;
	if (io->is_reading)
		memcpy(ip->bytes, p, len);
	else
		memcpy(p, ip->bytes, len);
}

static void io_endpoint(struct io *io, struct endpoint *e)
{
	io_ip(io, &e->ip);
	io_u16(io, &e->port);
}

/* A field of fixed size that is NUL padded; may fill it. */
static void io_padded(struct io *io, char *s, size_t size)
{
	uint8_t len = (uint8_t)strnlen(s, size);
	uint8_t *p;

	io_u8(io, &len);
	io->has_failed |= len > size;
	p = take(io, len);
	if (p == NULL)
		return;
	if (io->is_reading) {
		memset(s, 0, size);
		memcpy(s, p, len);
	} else {
		memcpy(p, s, len);
	}
}

static void io_text(struct io *io, struct facts *f, struct text *t)
{
	struct slice s = io->is_reading ? SLICE_NONE : TEXT_GET(f, *t);
	uint16_t coded = s.ptr == NULL ? 0 : (uint16_t)(s.len + 1);
	uint8_t *p;

	io_u16(io, &coded);
	if (coded == 0) {
		*t = (struct text){0};
		return;
	}
	p = take(io, coded - 1u);
	if (p == NULL)
		return;
	if (io->is_reading)
		*t = TEXT_PUT(f, slice_of((const char *)p, coded - 1u), FACTS_TEXT_MAX);
	else if (s.len > 0)
		memcpy(p, s.ptr, s.len);
}

/* --- samples --- */

static void io_sample(struct io *io, struct sample *s)
{
	io_i64(io, &s->at_us);
	io_i64(io, &s->failure_id);
	io_padded(io, s->caller, sizeof(s->caller));
	io_padded(io, s->called, sizeof(s->called));
	io_u32(io, &s->from);
	io_u32(io, &s->domain);
	io_ip(io, &s->local);
	io_ip(io, &s->seen);
	io_u16(io, &s->local_port);
	io_u16(io, &s->code);
	io_u32(io, &s->active);
	io_u32(io, &s->second);
	io_bool(io, &s->has_identity);
	io_bool(io, &s->from_is_account);
}

static void io_samples(struct io *io, struct samples *s)
{
	io_u64(io, &s->count);
	for (size_t i = 0; i < samples_kept(s) && !io->has_failed; i++)
		io_sample(io, &s->ring[i]);
}

/* --- a group --- */

/* What the rules and their sentences look at; the rest stands in `failures`. */
static void io_facts_texts(struct io *io, struct facts *f)
{
	io_text(io, f, &f->request_host);
	io_text(io, f, &f->caller);
	io_text(io, f, &f->called);
	io_text(io, f, &f->from_domain);
	io_text(io, f, &f->asserted);
	io_text(io, f, &f->auth_user);
	io_text(io, f, &f->user_agent);
	io_text(io, f, &f->reason);
	io_text(io, f, &f->reason_header);
	io_text(io, f, &f->warning);
	io_text(io, f, &f->realm);
	io_text(io, f, &f->challenge_algorithms);
	io_text(io, f, &f->extra);
}

static void io_facts_flags(struct io *io, struct facts *f)
{
	io_bool(io, &f->is_in_dialog);
	io_bool(io, &f->challenge_is_stale);
	io_bool(io, &f->algorithm_is_quoted);
	io_bool(io, &f->algorithm_is_known);
	io_bool(io, &f->challenge_wants_auth_int);
	io_bool(io, &f->challenge_wants_userhash);
	io_bool(io, &f->has_identity);
	io_bool(io, &f->is_incomplete);
	io_u8(io, &f->incomplete_why);
	io_bool(io, &f->tcp_refused);
	io_bool(io, &f->icmp_seen);
	io_bool(io, &f->nonce_answered_elsewhere);
	io_bool(io, &f->realm_changed);
}

static void io_facts(struct io *io, struct facts *f)
{
	if (io->is_reading)
		memset(f, 0, sizeof(*f));
	IO_ENUM(io, f->method_id, sip_method_id, SIP_METHOD_COUNT);
	IO_ENUM(io, f->direction, direction, DIRECTION_TRANSIT + 1);
	IO_ENUM(io, f->outcome, outcome, OUTCOME_COUNT);
	IO_ENUM(io, f->icmp, icmp_reason, ICMP_REASON_TIME_EXCEEDED + 1);
	IO_ENUM(io, f->digest, digest_verdict, DIGEST_VERDICT_COUNT);
	IO_ENUM(io, f->mangling, digest_mangling, DIGEST_MANGLING_COUNT);
	io_endpoint(io, &f->local);
	io_endpoint(io, &f->remote);
	io_ip(io, &f->seen_ip);
	io_u16(io, &f->seen_port);
	io_i64(io, &f->started_at_us);
	io_i64(io, &f->decided_at_us);
	io_u16(io, &f->code);
	io_u16(io, &f->rounds);
	io_u16(io, &f->challenges);
	io_u16(io, &f->retransmits);
	io_u16(io, &f->q850_cause);
	io_u16(io, &f->warning_code);
	io_u32(io, &f->retry_after_s);
	io_u32(io, &f->remote_active_calls);
	io_u32(io, &f->remote_second_invites);
	io_facts_flags(io, f);
	io_facts_texts(io, f);
}

/* The evidence is weighed again at the next refusal. */
static void io_judgement(struct io *io, struct judgement *j)
{
	uint32_t permille = (uint32_t)(j->confidence * 1000);
	uint32_t weight = (uint32_t)(j->weight < 0 ? 0 : j->weight);

	IO_ENUM(io, j->verdict, verdict, VERDICT_COUNT);
	IO_ENUM(io, j->runner_up, verdict, VERDICT_COUNT);
	io_u32(io, &permille);
	io_u32(io, &weight);
	if (!io->is_reading)
		return;
	j->confidence = (float)(permille > 1000 ? 1000 : permille) / 1000;
	j->weight = (int)(weight > INT16_MAX ? INT16_MAX : weight);
	j->evidence_count = 0;
}

static void io_group_flags(struct io *io, struct group *g)
{
	io_bool(io, &g->is_in_dialog);
	io_bool(io, &g->run_is_weighed);
	io_bool(io, &g->is_registered);
	io_bool(io, &g->is_register_refused);
	io_bool(io, &g->is_register_refused_direct);
	io_bool(io, &g->is_register_silent);
	io_bool(io, &g->proven_before);
	io_bool(io, &g->challenged_before);
	io_bool(io, &g->is_changed_before);
	io_bool(io, &g->is_mixed);
}

static void io_group(struct io *io, struct group *g)
{
	g->is_used = true;
	IO_ENUM(io, g->method, sip_method_id, SIP_METHOD_COUNT);
	IO_ENUM(io, g->stage, stage, STAGE_UNREACHABLE + 1);
	IO_ENUM(io, g->part, part, PART_CALLER + 1);
	io_u16(io, &g->code);
	io_u32(io, &g->phrase);
	io_u64(io, &g->count);
	io_i64(io, &g->first_at_us);
	io_i64(io, &g->last_at_us);
	io_u64(io, &g->run);
	io_i64(io, &g->run_at_us);
	io_u64(io, &g->accepted_before);
	io_u64(io, &g->accepted_at_last);
	io_u32(io, &g->rejected_before);
	io_i64(io, &g->judged_at_us);
	io_i64(io, &g->incident_id);
	io_i64(io, &g->alone_id);
	io_i64(io, &g->alone_at_us);
	io_u64(io, &g->alone_attempts);
	io_group_flags(io, g);
	io_judgement(io, &g->judgement);
	io_samples(io, &g->refused);
	io_facts(io, &g->last);
}

/* --- a trunk --- */

static void io_outcomes(struct io *io, struct outcomes *o)
{
	size_t kept;

	io_u64(io, &o->count);
	io_bool(io, &o->is_departed);
	kept = o->count < OUTCOMES_RECENT ? (size_t)o->count : OUTCOMES_RECENT;
	for (size_t i = 0; i < kept; i++)
		o->ring[i] = (uint8_t)io_enum(io, o->ring[i], OUTCOME_CLASS_COUNT);
	for (size_t c = 0; c < OUTCOME_CLASS_COUNT; c++)
		io_u32(io, &o->before[c]);
	if (!io->is_reading)
		return;
	/* Sums that disagree with what they sum up would run below zero. */
	memset(o->recent, 0, sizeof(o->recent));
	for (size_t i = 0; i < kept; i++)
		o->recent[o->ring[i]]++;
	o->before_sum = 0;
	for (size_t c = 0; c < OUTCOME_CLASS_COUNT; c++) {
		o->before[c] &= UINT16_MAX;
		o->before_sum += o->before[c];
	}
}

static void io_good(struct io *io, struct good_call *g)
{
	io_padded(io, g->from, sizeof(g->from) - 1);
	io_padded(io, g->domain, sizeof(g->domain) - 1);
	io_padded(io, g->account, sizeof(g->account) - 1);
	io_padded(io, g->agent, sizeof(g->agent) - 1);
	io_padded(io, g->host, sizeof(g->host) - 1);
	io_ip(io, &g->local);
	io_ip(io, &g->seen);
}

static void io_trunk(struct io *io, struct trunk *t)
{
	io_padded(io, t->host, sizeof(t->host) - 1);
	io_i64(io, &t->config_changed_at_us);
	io_u64(io, &t->accepted_count);
	io_i64(io, &t->accepted_at_us);
	io_i64(io, &t->proven_at_us);
	io_i64(io, &t->proven_by_call_at_us);
	io_u64(io, &t->challenges_seen);
	io_u32(io, &t->rejections);
	io_i64(io, &t->register_ok_at_us);
	io_i64(io, &t->register_refused_at_us);
	io_i64(io, &t->register_silent_at_us);
	IO_ENUM(io, t->register_stage, stage, STAGE_UNREACHABLE + 1);
	io_u16(io, &t->register_port);
	io_i64(io, &t->options_ok_at_us);
	io_i64(io, &t->options_silent_at_us);
	io_outcomes(io, &t->outcomes);
	io_good(io, &t->good);
	IO_ENUM(io, t->abnormal, outcome_class, OUTCOME_CLASS_COUNT);
	io_i64(io, &t->abnormal_incident);
	io_samples(io, &t->accepted);
}

static void io_part(struct io *io, struct trunk *t, uint8_t part)
{
	uint8_t version = PAST_VERSION;

	io_u8(io, &version);
	io->has_failed |= version != PAST_VERSION;
	if (part == 0)
		io_trunk(io, t);
	else
		io_group(io, &t->groups[part - 1]);
}

void past_pack(struct trunk *t, uint8_t part, struct trunk_past *out)
{
	struct io io = {.at = (uint8_t *)out->bytes, .left = sizeof(out->bytes)};

	out->trunk_id = t->state.id;
	out->part = part;
	io_part(&io, t, part);
	out->len = io.has_failed ? 0 : (uint32_t)(sizeof(out->bytes) - io.left);
}

bool past_unpack(struct trunk *t, uint8_t part, struct slice bytes)
{
	char before[offsetof(struct trunk, groups)];
	struct io io = {.at = (uint8_t *)(uintptr_t)bytes.ptr,
	    .left = bytes.len,
	    .is_reading = true};

	if (part >= TRUNK_PARTS || bytes.ptr == NULL)
		return false;
	memcpy(before, t, sizeof(before));
	io_part(&io, t, part);
	if (!io.has_failed && io.left == 0)
		return true;
	memcpy(t, before, sizeof(before));
	if (part > 0)
		memset(&t->groups[part - 1], 0, sizeof(t->groups[0]));
	return false;
}
