/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/patterns.h"

#include "diagnose/codes.h"

/* The called network takes longer to find out that someone is busy. */
#define AT_ONCE_US (1 * USEC_PER_SEC)

/* As many alike, as many others that passed, and what chance may have of it: the share
 * of such answers among the other calls, to the power of the number of those alike. */
enum { ALIKE_MIN = 5, PASSED_MIN = 8 };
static const double CHANCE_MAX = 1e-6;

/* A burst of calls is one event: they must spread. */
#define SPREAD_MIN_US (5 * USEC_PER_SEC)

/* A longer common beginning is a company's block of numbers, not a tariff's range. */
enum { RANGE_DIGITS_MAX = 7 };

enum likeness { LIKE_CALLER = 0, LIKE_RANGE, LIKE_LOAD, LIKE_SECOND, LIKENESS_COUNT };

bool pattern_may_hide(const struct facts *f)
{
	return f->method_id == SIP_METHOD_INVITE && !f->is_in_dialog &&
	       f->outcome == OUTCOME_NORMAL && f->best_provisional <= 100 &&
	       IS_ONE_OF(f->code, 480, 486, 600, 603) &&
	       usec_since(f->last_request_at_us, f->decided_at_us) < AT_ONCE_US;
}

/* What one call is compared by. */
struct mark {
	const struct sample *of;
	enum likeness by;
	uint32_t load, second; /* calls up, INVITEs in its second: the most that an
				  accepted one met */
	size_t digits; /* of the called number: one more than any accepted one shares */
};

static void note_most(const struct samples *accepted, struct mark *m)
{
	for (size_t i = 0; i < samples_kept(accepted); i++) {
		const struct sample *s = &accepted->ring[i];

		m->load = s->active > m->load ? s->active : m->load;
		m->second = s->second > m->second ? s->second : m->second;
	}
}

static size_t shared_digits(const char *a, const char *b)
{
	size_t n = 0;

	while (n < SAMPLE_NUMBER_MAX && a[n] != '\0' && a[n] == b[n])
		n++;
	return n;
}

static size_t telling_digits(const struct sample *s, const struct samples *accepted)
{
	size_t most = 0;

	for (size_t i = 0; i < samples_kept(accepted); i++) {
		size_t shared = shared_digits(s->called, accepted->ring[i].called);

		if (shared > most)
			most = shared;
	}
	return most + 1;
}

static bool is_alike(const struct mark *m, const struct sample *s)
{
	switch (m->by) {
	case LIKE_CALLER:
		return s->code == m->of->code &&
		       memcmp(s->caller, m->of->caller, SAMPLE_NUMBER_MAX) == 0;
	case LIKE_RANGE:
		return s->code == m->of->code &&
		       memcmp(s->called, m->of->called, m->digits) == 0;
	case LIKE_LOAD:
		return s->active > m->load;
	case LIKE_SECOND:
		return s->second > m->second;
	case LIKENESS_COUNT:
		break;
	}
	return false;
}

static bool can_mark(const struct mark *m, const struct samples *accepted)
{
	switch (m->by) {
	case LIKE_CALLER:
		for (size_t i = 0; i < samples_kept(accepted); i++) {
			if (memcmp(accepted->ring[i].caller, m->of->caller,
				SAMPLE_NUMBER_MAX) == 0)
				return false;
		}
		return m->of->caller[0] != '\0';
	case LIKE_RANGE:
		return m->of->code == 603 && m->digits <= RANGE_DIGITS_MAX;
	case LIKE_LOAD:
		return m->of->active > m->load;
	case LIKE_SECOND:
		return m->of->second > m->second;
	case LIKENESS_COUNT:
		break;
	}
	return false;
}

static bool was_reached(const struct samples *accepted, const struct sample *s)
{
	for (size_t i = 0; i < samples_kept(accepted); i++) {
		if (memcmp(accepted->ring[i].called, s->called, SAMPLE_NUMBER_MAX) == 0)
			return true;
	}
	return false;
}

/* One number dialled again and again counts once: someone does not want to talk. Unless
 * others reach him, or it is a limit of calls. */
static bool is_counted_before(const struct trunk *t, size_t i, const struct mark *m)
{
	const struct samples *seen = &t->patterned.seen;

	if (was_reached(&t->accepted, &seen->ring[i]))
		return false;
	for (size_t j = 0; j < i && m->by < LIKE_LOAD; j++) {
		if (memcmp(seen->ring[j].called, seen->ring[i].called,
			SAMPLE_NUMBER_MAX) == 0 &&
		    is_alike(m, &seen->ring[j]))
			return true;
	}
	return false;
}

static bool is_chance(size_t alike, size_t others, size_t passed)
{
	double share = ((double)others + 1) / ((double)(others + passed) + 2);
	double chance = 1;

	for (size_t i = 0; i < alike; i++)
		chance *= share;
	return chance > CHANCE_MAX;
}

static bool stands_out(const struct mark *m, const struct trunk *t)
{
	const struct samples *seen = &t->patterned.seen;
	size_t alike = 0, others = 0, passed = samples_kept(&t->accepted);
	int64_t first_us = INT64_MAX, last_us = 0;

	for (size_t i = 0; i < samples_kept(seen); i++) {
		const struct sample *s = &seen->ring[i];

		if (!is_alike(m, s)) {
			others++;
			continue;
		}
		if (is_counted_before(t, i, m))
			continue;
		alike++;
		first_us = s->at_us < first_us ? s->at_us : first_us;
		last_us = s->at_us > last_us ? s->at_us : last_us;
	}
	return alike >= ALIKE_MIN && passed >= PASSED_MIN &&
	       last_us - first_us >= SPREAD_MIN_US && !is_chance(alike, others, passed);
}

static bool belongs(const struct trunk *t, const struct sample *s)
{
	struct mark m = {.of = s, .digits = telling_digits(s, &t->accepted)};

	note_most(&t->accepted, &m);
	for (int by = 0; by < LIKENESS_COUNT; by++) {
		m.by = (enum likeness)by;
		if (can_mark(&m, &t->accepted) && stands_out(&m, t))
			return true;
	}
	return false;
}

static void hold(struct patterned *p, const struct facts *f)
{
	if (p->count == HELD_MAX) {
		memmove(&p->held[0], &p->held[1], (HELD_MAX - 1) * sizeof(p->held[0]));
		p->count--;
	}
	memcpy(&p->held[p->count++], f, facts_bytes(f));
	p->is_searched = false;
}

bool pattern_is_refusal(struct trunk *t, const struct facts *f)
{
	struct patterned *p = &t->patterned;
	struct sample s;

	if (!pattern_may_hide(f))
		return false;
	sample_of(f, &s);
	samples_add(&p->seen, &s);
	if (belongs(t, &s))
		return true;
	hold(p, f);
	return false;
}

bool pattern_shows(struct trunk *t)
{
	struct patterned *p = &t->patterned;
	struct sample s;

	if (p->count < ALIKE_MIN)
		return false;
	sample_of(&p->held[p->count - 1], &s);
	if (!belongs(t, &s))
		return false;
	p->is_searched = false;
	return true;
}

bool pattern_take(struct trunk *t, struct facts *out)
{
	struct patterned *p = &t->patterned;

	for (uint8_t i = 0; i < p->count && !p->is_searched; i++) {
		struct sample s;

		sample_of(&p->held[i], &s);
		if (!belongs(t, &s))
			continue;
		memcpy(out, &p->held[i], facts_bytes(&p->held[i]));
		p->count--;
		memmove(&p->held[i], &p->held[i + 1],
		    (size_t)(p->count - i) * sizeof(p->held[0]));
		return true;
	}
	p->is_searched = true;
	return false;
}
