/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/history.h"

#include "diagnose/chance.h"

_Static_assert(2 * SAMPLES_MAX <= CHANCE_SAMPLES_MAX, "both kinds fit");

#include "base/wide.h"

/* Not keyed: a collision only blurs one comparison, nothing is looked up by it. */
static uint32_t fold(struct slice s)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (uint8_t)s.ptr[i]) * 16777619u;
	return h;
}

static void put_number(char out[SAMPLE_NUMBER_MAX], struct slice s)
{
	size_t len = s.len < SAMPLE_NUMBER_MAX ? s.len : SAMPLE_NUMBER_MAX;

	memset(out, 0, SAMPLE_NUMBER_MAX);
	if (len > 0)
		memcpy(out, s.ptr, len);
}

/* Calls up, plus a number that is the same for all: how many were up when the capture
 * began is not known, but each that ended since was one of them. */
static uint32_t load_of(const struct facts *f)
{
	enum { UP_BEFORE_MAX = 1 << 16 };

	return f->remote_active_calls + (f->remote_ended_calls < UP_BEFORE_MAX
						? UP_BEFORE_MAX - f->remote_ended_calls
						: 0);
}

void sample_of(const struct facts *f, struct sample *out)
{
	struct slice caller = TEXT_GET(f, f->asserted);

	if (caller.len == 0)
		caller = TEXT_GET(f, f->caller);
	*out = (struct sample){.at_us = f->started_at_us,
	    .from = fold(TEXT_GET(f, f->caller)),
	    .domain = fold(TEXT_GET(f, f->from_domain)),
	    .local = f->local.ip,
	    .local_port = f->local.port,
	    .code = f->code,
	    .seen = f->seen_ip,
	    .active = load_of(f),
	    .second = f->remote_second_invites,
	    .has_identity = f->has_identity,
	    .from_is_account =
		f->auth_user.len > 0 &&
		slice_eq_nocase(TEXT_GET(f, f->auth_user), TEXT_GET(f, f->caller))};
	put_number(out->caller, caller);
	put_number(out->called, TEXT_GET(f, f->called));
}

void samples_add(struct samples *s, const struct sample *one)
{
	s->ring[s->count++ % SAMPLES_MAX] = *one;
}

/* --- prefixes --- */

typedef const char *number_fn(const struct sample *s);

static const char *caller_of(const struct sample *s)
{
	return s->caller;
}

static const char *called_of(const struct sample *s)
{
	return s->called;
}

static size_t common_prefix(const char *a, const char *b, size_t max)
{
	size_t len = 0;

	while (len < max && a[len] == b[len])
		len++;
	return len;
}

/* The byte at that place of a number and the one in front of it, as one: of two digits
 * nothing is lost. */
static char pair_at(const char *number, size_t at)
{
	return (char)((at == 0 ? 0 : number[at - 1] << 4) ^ number[at]);
}

/* Those of all numbers side by side, so that 16 are compared at once: one in a hundred
 * that share no more than the others is looked at closer. */
struct pairs {
	char at[SAMPLES_MAX];
};

_Static_assert(SAMPLES_MAX % WIDE == 0 && SAMPLES_MAX <= 64, "whole and in one word");

static void pairs_gather(
    struct pairs *p, const struct samples *s, number_fn *number, size_t at)
{
	for (size_t i = 0; i < samples_kept(s); i++)
		p->at[i] = pair_at(number(&s->ring[i]), at);
}

/* Bit i: the number i may be alike. */
static uint64_t pairs_like(const struct pairs *p, char pair)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < SAMPLES_MAX; i += WIDE)
		bits |= (uint64_t)wide_is(p->at + i, pair) << i;
	return bits;
}

/* The longest beginning that some refused and some accepted number share. Only pairs
 * that share one more than the longest so far are looked at. */
static size_t shared_prefix(
    const struct samples *refused, const struct samples *accepted, number_fn *number)
{
	uint64_t kept = (UINT64_C(1) << samples_kept(accepted)) - 1;
	struct pairs pairs = {{0}};
	size_t longest = 0;

	pairs_gather(&pairs, accepted, number, 0);
	for (size_t i = 0; i < samples_kept(refused); i++) {
		const char *one = number(&refused->ring[i]);
		uint64_t like = pairs_like(&pairs, pair_at(one, longest)) & kept;

		while (like != 0) {
			const char *other =
			    number(&accepted->ring[__builtin_ctzll(like)]);
			size_t len = common_prefix(one, other, SAMPLE_NUMBER_MAX);

			like &= like - 1;
			if (len <= longest)
				continue;
			if (len == SAMPLE_NUMBER_MAX)
				return len;
			longest = len;
			pairs_gather(&pairs, accepted, number, longest);
			like = pairs_like(&pairs, pair_at(one, longest)) & kept;
		}
	}
	return longest;
}

/* The first bytes of a number, to be compared as three words. */
struct prefix {
	uint64_t word[3];
};

_Static_assert(SAMPLE_NUMBER_MAX <= sizeof(struct prefix), "a number fits");

/* mask: all ones in as many bytes as are wanted. */
static struct prefix prefix_of(const char *number, const struct prefix *mask)
{
	struct prefix p = {{0}};

	memcpy(&p, number, SAMPLE_NUMBER_MAX);
	for (size_t i = 0; i < 3; i++)
		p.word[i] &= mask->word[i];
	return p;
}

static bool prefix_eq(const struct prefix *a, const struct prefix *b)
{
	return ((a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1]) |
		   (a->word[2] ^ b->word[2])) == 0;
}

/* Are there at most so many different prefixes? */
static bool are_at_most(
    const struct samples *s, number_fn *number, size_t len, size_t most)
{
	struct prefix seen[SAMPLES_MAX];
	struct prefix mask = {{0}};
	size_t distinct = 0;

	memset(&mask, 0xff, len);
	for (size_t i = 0; i < samples_kept(s) && distinct <= most; i++) {
		struct prefix one = prefix_of(number(&s->ring[i]), &mask);
		size_t j = 0;

		while (j < distinct && !prefix_eq(&one, &seen[j]))
			j++;
		if (j == distinct)
			seen[distinct++] = one;
	}
	return distinct <= most;
}

/* A prefix says something only where numbers share it: when each has its own, any
 * two sets of numbers are "split". */
static bool is_shared(const struct samples *s, number_fn *number, size_t len)
{
	size_t kept = samples_kept(s);

	return kept == 1 || are_at_most(s, number, len, kept * 2 / 3);
}

/* ... but when many share one, even numbers that share nothing differ from them. */
static bool is_tight(const struct samples *s, number_fn *number, size_t len)
{
	size_t kept = samples_kept(s);

	return kept >= 4 && are_at_most(s, number, len, kept / 4);
}

/* One digit more than they share tells them apart. */
static bool split_by_prefix(
    const struct samples *refused, const struct samples *accepted, number_fn *number)
{
	size_t len;

	if (samples_kept(refused) == 0 || samples_kept(accepted) == 0 ||
	    samples_kept(refused) + samples_kept(accepted) < 3)
		return false;
	len = shared_prefix(refused, accepted, number) + 1;
	if (len > SAMPLE_NUMBER_MAX)
		return false;
	return (is_shared(refused, number, len) && is_shared(accepted, number, len)) ||
	       is_tight(refused, number, len) || is_tight(accepted, number, len);
}

bool split_by_caller(const struct samples *refused, const struct samples *accepted)
{
	return split_by_prefix(refused, accepted, caller_of);
}

bool split_by_called(const struct samples *refused, const struct samples *accepted)
{
	return split_by_prefix(refused, accepted, called_of);
}

/* How many numbers share each beginning of that length, those of both kinds together.
 */
static size_t class_sizes(const struct samples *const kinds[2], number_fn *number,
    size_t len, size_t sizes[2 * SAMPLES_MAX])
{
	struct prefix seen[2 * SAMPLES_MAX];
	size_t classes = 0;

	for (size_t i = 0; i < samples_kept(kinds[0]) + samples_kept(kinds[1]); i++) {
		bool is_first = i < samples_kept(kinds[0]);
		const struct samples *s = kinds[is_first ? 0 : 1];
		struct prefix one = {0};
		size_t c = 0;

		memcpy(&one,
		    number(&s->ring[is_first ? i : i - samples_kept(kinds[0])]), len);
		while (c < classes && !prefix_eq(&one, &seen[c]))
			c++;
		if (c == classes) {
			seen[classes++] = one;
			sizes[c] = 0;
		}
		sizes[c]++;
	}
	return classes;
}

static double chance_by_prefix(
    const struct samples *refused, const struct samples *accepted, number_fn *number)
{
	const struct samples *const kinds[2] = {refused, accepted};
	size_t sizes[2 * SAMPLES_MAX];
	size_t n = samples_kept(refused) + samples_kept(accepted);
	size_t len = shared_prefix(refused, accepted, number) + 1;

	if (n == 0 || len > SAMPLE_NUMBER_MAX)
		return 1;
	return chance_of_whole_classes(
	    sizes, class_sizes(kinds, number, len, sizes), n, samples_kept(refused));
}

double chance_by_caller(const struct samples *refused, const struct samples *accepted)
{
	return chance_by_prefix(refused, accepted, caller_of);
}

double chance_by_called(const struct samples *refused, const struct samples *accepted)
{
	return chance_by_prefix(refused, accepted, called_of);
}

static bool shares(
    const struct samples *refused, const struct samples *accepted, number_fn *number)
{
	return shared_prefix(refused, accepted, number) == SAMPLE_NUMBER_MAX;
}

bool shares_called(const struct samples *refused, const struct samples *accepted)
{
	return shares(refused, accepted, called_of);
}

bool shares_caller(const struct samples *refused, const struct samples *accepted)
{
	return shares(refused, accepted, caller_of);
}

/* --- single values --- */

typedef uint64_t value_fn(const struct sample *s);

static bool split_by_value(
    const struct samples *refused, const struct samples *accepted, value_fn *value)
{
	uint64_t one;

	if (samples_kept(refused) == 0 || samples_kept(accepted) == 0)
		return false;
	one = value(&refused->ring[0]);
	for (size_t i = 1; i < samples_kept(refused); i++) {
		if (value(&refused->ring[i]) != one)
			return false;
	}
	for (size_t i = 0; i < samples_kept(accepted); i++) {
		if (value(&accepted->ring[i]) == one)
			return false;
	}
	return true;
}

static uint64_t address_value(const struct ip_addr *ip)
{
	uint64_t word[2];

	_Static_assert(sizeof(word) == sizeof(ip->bytes), "an address is two words");
	memcpy(word, ip->bytes, sizeof(word));
	return (word[0] * UINT64_C(0x9e3779b97f4a7c15) ^ word[1]) *
		   UINT64_C(0xff51afd7ed558ccd) +
	       ip->family;
}

static uint64_t local_value(const struct sample *s)
{
	return address_value(&s->local);
}

static uint64_t seen_value(const struct sample *s)
{
	return address_value(&s->seen);
}

static uint64_t from_value(const struct sample *s)
{
	return s->from;
}

static uint64_t domain_value(const struct sample *s)
{
	return s->domain;
}

static uint64_t port_value(const struct sample *s)
{
	return s->local_port;
}

static uint64_t identity_value(const struct sample *s)
{
	return s->has_identity;
}

/* Length, and whether it has a '+'. */
static uint64_t shape_value(const struct sample *s)
{
	enum { LAST = SAMPLE_NUMBER_MAX - WIDE };
	uint32_t nul = wide_is(s->called, 0) | wide_is(s->called + LAST, 0) << LAST |
		       UINT32_C(1) << SAMPLE_NUMBER_MAX;

	return (s->called[0] == '+' ? 64u : 0u) + wide_first(nul);
}

static uint64_t plus_value(const struct sample *s)
{
	return s->called[0] == '+';
}

bool split_by_shape(const struct samples *refused, const struct samples *accepted)
{
	return split_by_value(refused, accepted, plus_value) ||
	       split_by_value(refused, accepted, shape_value);
}

bool samples_have_one_shape(const struct samples *s)
{
	for (size_t i = 1; i < samples_kept(s); i++) {
		if (shape_value(&s->ring[i]) != shape_value(&s->ring[0]))
			return false;
	}
	return true;
}

bool split_by_local(const struct samples *refused, const struct samples *accepted)
{
	return split_by_value(refused, accepted, local_value);
}

bool split_by_seen(const struct samples *refused, const struct samples *accepted)
{
	return split_by_value(refused, accepted, seen_value);
}

bool split_by_from(const struct samples *refused, const struct samples *accepted)
{
	return split_by_value(refused, accepted, from_value);
}

static uint64_t account_value(const struct sample *s)
{
	return s->from_is_account;
}

bool split_by_account(const struct samples *refused, const struct samples *accepted)
{
	return split_by_value(refused, accepted, account_value);
}

bool split_by_domain(const struct samples *refused, const struct samples *accepted)
{
	return split_by_value(refused, accepted, domain_value);
}

bool split_by_port(const struct samples *refused, const struct samples *accepted)
{
	return split_by_value(refused, accepted, port_value);
}

bool split_by_identity(const struct samples *refused, const struct samples *accepted)
{
	return split_by_value(refused, accepted, identity_value);
}

/* --- load --- */

bool split_by_load(const struct samples *refused, const struct samples *accepted)
{
	enum { OVERLAP_ONE_IN = 20 };
	uint32_t most = 0;
	size_t overlap = 0;

	if (samples_kept(refused) == 0 || samples_kept(accepted) == 0)
		return false;
	for (size_t i = 0; i < samples_kept(accepted); i++) {
		if (accepted->ring[i].active > most)
			most = accepted->ring[i].active;
	}
	for (size_t i = 0; i < samples_kept(refused); i++)
		overlap += refused->ring[i].active <= most;
	return overlap * OVERLAP_ONE_IN <= samples_kept(refused);
}

/* Side by side, so that the compiler compares several at once. */
static size_t seconds_of(const struct samples *s, uint32_t out[SAMPLES_MAX])
{
	for (size_t i = 0; i < samples_kept(s); i++)
		out[i] = s->ring[i].second;
	return samples_kept(s);
}

/* The share of pairs placed within so long in which the refused call met more, in
 * percent; 0: too few. */
static size_t load_told_within(
    const struct samples *refused, const struct samples *accepted, int64_t within_us)
{
	enum { PAIRS_MIN = 40 };
	size_t pairs = 0, halves = 0;

	for (size_t i = 0; i < samples_kept(refused); i++) {
		const struct sample *r = &refused->ring[i];

		for (size_t j = 0; j < samples_kept(accepted); j++) {
			const struct sample *a = &accepted->ring[j];
			int64_t apart_us = r->at_us - a->at_us;

			if (apart_us > within_us || apart_us < -within_us)
				continue;
			pairs++;
			halves +=
			    (size_t)(r->active > a->active) + (r->active >= a->active);
		}
	}
	return pairs < PAIRS_MIN ? 0 : halves * 50 / pairs;
}

bool split_by_load_nearby(const struct samples *refused, const struct samples *accepted)
{
	return load_told_within(refused, accepted, 30 * USEC_PER_SEC) >= 90 ||
	       load_told_within(refused, accepted, 5 * USEC_PER_MIN) >= 95;
}

/* The share of pairs in which the refused call met more (ties count half): the area
 * under the ROC curve. */
double split_by_rate(const struct samples *refused, const struct samples *accepted)
{
	uint32_t no[SAMPLES_MAX], yes[SAMPLES_MAX];
	size_t no_count = seconds_of(refused, no);
	size_t yes_count = seconds_of(accepted, yes);
	uint32_t halves = 0; /* at most twice the pairs */

	if (no_count == 0 || yes_count == 0)
		return -1;
	for (size_t i = 0; i < no_count; i++) {
		for (size_t j = 0; j < yes_count; j++)
			halves += (uint32_t)(no[i] > yes[j]) + (no[i] >= yes[j]);
	}
	return (double)halves / 2 / (double)(no_count * yes_count);
}

uint32_t samples_second(const struct samples *s)
{
	uint64_t sum = 0;

	if (samples_kept(s) == 0)
		return 0;
	for (size_t i = 0; i < samples_kept(s); i++)
		sum += s->ring[i].second;
	return (uint32_t)(sum / samples_kept(s));
}

/* The first digits: a country, an area. */
enum { RANGE_DIGITS = 4 };

static bool is_like(const struct sample *a, const struct sample *b)
{
	return memcmp(a->called, b->called, RANGE_DIGITS) == 0 &&
	       memcmp(a->caller, b->caller, SAMPLE_NUMBER_MAX) == 0 &&
	       a->active <= b->active;
}

bool are_unlike(const struct samples *refused, const struct samples *accepted)
{
	for (size_t i = 0; i < samples_kept(refused); i++) {
		for (size_t j = 0; j < samples_kept(accepted); j++) {
			if (is_like(&refused->ring[i], &accepted->ring[j]))
				return false;
		}
	}
	return samples_kept(refused) > 0 && samples_kept(accepted) > 0;
}
