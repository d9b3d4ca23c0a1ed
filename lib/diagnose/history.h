/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * history - what a trunk accepted and what it refused, as small samples, and what
 * tells the two apart.
 *
 * A refusal that only ever meets some caller IDs, some destinations, some load or
 * one of our addresses names its own cause; this is where that is measured.
 *
 * Limits     SAMPLES_MAX of each kind are remembered, the newest.
 * Threads    No state beyond the structs.
 * Cost       O(SAMPLES_MAX^2) per comparison; diagnose/ bounds how often.
 */
#ifndef DIAGNOSE_HISTORY_H
#define DIAGNOSE_HISTORY_H

#include "track/facts.h"

enum { SAMPLES_MAX = 48, SAMPLE_NUMBER_MAX = 20 };

struct sample {
	int64_t at_us;
	int64_t failure_id; /* of a refused one, where it is known; else 0 */
	char caller[SAMPLE_NUMBER_MAX]; /* NUL padded; longer numbers are cut */
	char called[SAMPLE_NUMBER_MAX];
	uint32_t from;   /* hash of the From user */
	uint32_t domain; /* hash of the From domain */
	struct ip_addr local, seen;
	uint16_t local_port;
	uint16_t code; /* of the final answer */
	uint32_t active, second;
	bool has_identity;
	bool from_is_account; /* From user and digest user name are one */
};

struct samples {
	struct sample ring[SAMPLES_MAX];
	uint64_t count; /* ever; the newest is ring[(count - 1) % SAMPLES_MAX] */
};

void sample_of(const struct facts *f, struct sample *out);
void samples_add(struct samples *s, const struct sample *one);

static inline size_t samples_kept(const struct samples *s)
{
	return s->count < SAMPLES_MAX ? (size_t)s->count : SAMPLES_MAX;
}

/* Callers (or called numbers) of the refused share leading digits that no accepted
 * one has, and not because every number differs. */
bool split_by_caller(const struct samples *refused, const struct samples *accepted);
bool split_by_called(const struct samples *refused, const struct samples *accepted);

/* How likely refusals at random were to split the numbers like that: 0..1; 1 too where
 * nothing is split. */
double chance_by_caller(const struct samples *refused, const struct samples *accepted);
double chance_by_called(const struct samples *refused, const struct samples *accepted);

/* The refused numbers have another shape: '+' or not, other length. */
bool split_by_shape(const struct samples *refused, const struct samples *accepted);

/* Every called number has the same length, and a '+' or none. */
bool samples_have_one_shape(const struct samples *s);

/*
 * A limit of N calls accepts whenever fewer than N are up and refuses when N are: so
 * hardly any refused call met as few calls as some accepted one did. A limit per
 * second mixes the two.
 */
/* The same of those that were placed about the same time: of calls whose end was not
 * seen there are more and more. */
bool split_by_load_nearby(
    const struct samples *refused, const struct samples *accepted);

/* Is each refused call unlike every accepted one: in the range of the called number, in
 * who calls, or in how many calls were up? Too little for a pattern, enough for doubt.
 */
bool are_unlike(const struct samples *refused, const struct samples *accepted);

bool split_by_load(const struct samples *refused, const struct samples *accepted);

/* 0..1: how sure a refused call met more INVITEs in its second than an accepted one;
 * 0.5 is no difference, negative: nothing to compare. */
double split_by_rate(const struct samples *refused, const struct samples *accepted);

/* INVITEs in the second of a sample, the mean. */
uint32_t samples_second(const struct samples *s);

/* All refused have one value there that no accepted one has. */
bool split_by_local(const struct samples *refused, const struct samples *accepted);
bool split_by_seen(const struct samples *refused, const struct samples *accepted);
bool split_by_from(const struct samples *refused, const struct samples *accepted);
bool split_by_account(const struct samples *refused, const struct samples *accepted);
bool split_by_domain(const struct samples *refused, const struct samples *accepted);
bool split_by_port(const struct samples *refused, const struct samples *accepted);
bool split_by_identity(const struct samples *refused, const struct samples *accepted);

/* Some accepted call had the same called number (or caller) as a refused one. */
bool shares_called(const struct samples *refused, const struct samples *accepted);
bool shares_caller(const struct samples *refused, const struct samples *accepted);

#endif
