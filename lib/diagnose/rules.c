/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <time.h>

#include "diagnose/rules.h"

enum { TERMS_MAX = 8 };

/* Inside the table a sign is written without its prefix. */
enum {
#define SIGN(id) id = SIGN_##id,
#include "diagnose/signs.def"
};

#define NO(sign) -(sign)
#define ALL(...)            \
	{                   \
		__VA_ARGS__ \
	}
#define RULE(verdict, weight, terms, sentence) \
	{VERDICT_##verdict, weight, terms, sentence},

static const struct rule {
	enum verdict verdict;
	int16_t weight;
	int16_t terms[TERMS_MAX]; /* 0 ends */
	const char *sentence;
} rules[] = {
#include "diagnose/rules.def"
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

size_t rules_count(void)
{
	return RULES;
}

struct rule_view rules_row(size_t i)
{
	return (struct rule_view){
	    rules[i].verdict, rules[i].weight, rules[i].terms, rules[i].sentence};
}

static bool holds(const struct rule *r, const struct signs *signs)
{
	for (size_t i = 0; i < TERMS_MAX && r->terms[i] != 0; i++) {
		int16_t term = r->terms[i];
		bool is_wanted = term > 0;

		if (signs_has(signs, (enum sign)(is_wanted ? term : -term)) !=
		    is_wanted)
			return false;
	}
	return true;
}

/* A phrase that could as well mean something else brings less. */
static int weight_of(const struct rule *r, const struct signs *signs)
{
	int percent = 100;

	for (size_t i = 0; i < TERMS_MAX && r->terms[i] != 0; i++) {
		if (r->terms[i] > 0 &&
		    signs_plainness(signs, (enum sign)r->terms[i]) < percent)
			percent = signs_plainness(signs, (enum sign)r->terms[i]);
	}
	return r->weight * percent / 100;
}

void rules_weigh(const struct signs *signs, int weights[VERDICT_COUNT])
{
	memset(weights, 0, VERDICT_COUNT * sizeof(*weights));
	for (size_t i = 0; i < RULES; i++) {
		if (holds(&rules[i], signs))
			weights[rules[i].verdict] += weight_of(&rules[i], signs);
	}
}

/* --- sentences --- */

struct filler {
	const struct trunk *trunk;
	const struct group *group;
	char *out;
	size_t used, size;
};

static void put(struct filler *w, struct slice s)
{
	size_t room = w->size - 1 - w->used;
	size_t len = s.len < room ? s.len : room;

	if (len > 0)
		memcpy(w->out + w->used, s.ptr, len);
	w->used += len;
}

static void put_number(struct filler *w, uint64_t n)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	put(w, slice_of(digits, strlen(digits)));
}

static void put_fact(struct filler *w, struct text t)
{
	struct slice s = TEXT_GET(&w->group->last, t);

	put(w, s.len > 0 ? s : SLICE("-"));
}

static void put_address(struct filler *w, const struct ip_addr *ip)
{
	char text[IP_ADDR_TEXT_MAX];

	(void)ip_addr_text(ip, text);
	put(w, slice_of(text, strlen(text)));
}

static void put_time(struct filler *w, int64_t at_us)
{
	time_t s = (time_t)(at_us / USEC_PER_SEC);
	struct tm tm;
	char text[32];

	if (at_us == USEC_NEVER || gmtime_r(&s, &tm) == NULL) {
		put(w, SLICE("earlier"));
		return;
	}
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	put(w, slice_of(text, strlen(text)));
}

/* The text that spoke: Reason's or Warning's when the phrase itself is bare. */
static void put_phrase(struct filler *w)
{
	const struct facts *f = &w->group->last;

	put_fact(w, f->reason);
	if (f->warning.len > 0) {
		put(w, SLICE("; "));
		put_fact(w, f->warning);
	} else if (f->reason_header.len > 0) {
		put(w, SLICE("; "));
		put_fact(w, f->reason_header);
	} else if (f->extra.len > 0) {
		put(w, SLICE("; "));
		put_fact(w, f->extra);
	}
}

static const char *icmp_words(const struct facts *f)
{
	static const char *const words[] = {
	    [ICMP_REASON_OTHER] = "ICMP error",
	    [ICMP_REASON_NET_UNREACHABLE] = "network unreachable",
	    [ICMP_REASON_HOST_UNREACHABLE] = "host unreachable",
	    [ICMP_REASON_PROTOCOL_UNREACHABLE] = "protocol unreachable",
	    [ICMP_REASON_PORT_UNREACHABLE] = "port unreachable",
	    [ICMP_REASON_ADMIN_PROHIBITED] = "prohibited by a firewall",
	    [ICMP_REASON_TOO_BIG] = "packet too big",
	    [ICMP_REASON_TIME_EXCEEDED] = "time to live exceeded (a routing loop)",
	};

	if (f->tcp_refused)
		return "connection refused (TCP reset)";
	return words[f->icmp];
}

static void put_named(struct filler *w, struct slice name)
{
	const struct facts *f = &w->group->last;

	if (slice_eq(name, SLICE("code")))
		put_number(w, f->code);
	else if (slice_eq(name, SLICE("reason")))
		put_fact(w, f->reason);
	else if (slice_eq(name, SLICE("phrase")))
		put_phrase(w);
	else if (slice_eq(name, SLICE("user")))
		put_fact(w, f->auth_user.len > 0 ? f->auth_user : f->caller);
	else if (slice_eq(name, SLICE("from")))
		put_fact(w, f->caller);
	else if (slice_eq(name, SLICE("realm")))
		put_fact(w, f->realm);
	else if (slice_eq(name, SLICE("algorithms")))
		put_fact(w, f->challenge_algorithms);
	else if (slice_eq(name, SLICE("local")))
		put_address(w, &f->local.ip);
	else if (slice_eq(name, SLICE("seen")))
		put_address(w, f->seen_ip.family != 0 ? &f->seen_ip : &f->local.ip);
	else if (slice_eq(name, SLICE("refused")))
		put_number(w, w->group->count);
	else if (slice_eq(name, SLICE("accepted")))
		put_number(w, w->trunk->accepted_count);
	else if (slice_eq(name, SLICE("accepted_at")))
		put_time(w, w->trunk->accepted_at_us);
	else if (slice_eq(name, SLICE("changed_at")))
		put_time(w, w->trunk->config_changed_at_us);
	else if (slice_eq(name, SLICE("active")))
		put_number(w, f->remote_active_calls);
	else if (slice_eq(name, SLICE("second")))
		put_number(w, f->remote_second_invites);
	else if (slice_eq(name, SLICE("repeats")))
		put_number(w, f->retransmits);
	else if (slice_eq(name, SLICE("mangling")))
		put(w, slice_of(digest_mangling_sentence(f->mangling),
			   strlen(digest_mangling_sentence(f->mangling))));
	else if (slice_eq(name, SLICE("icmp")))
		put(w, slice_of(icmp_words(f), strlen(icmp_words(f))));
}

static void write_sentence(struct filler *w, const char *sentence)
{
	struct slice rest = slice_of(sentence, strlen(sentence));
	struct slice part;

	while (slice_take_until(&rest, '{', &part)) {
		put(w, part);
		if (slice_take_until(&rest, '}', &part))
			put_named(w, part);
	}
	put(w, rest);
	w->out[w->used] = '\0';
}

/* --- judgement --- */

/* Weight says how much speaks for it (30: usually right; 60: hardly anything else), the
 * margin how little for another. */
static float confidence_of(float weight, float second)
{
	const float half = 16; /* the weight that is as good as a guess */
	float alone = weight * weight / (weight * weight + half * half);

	return alone * (1.0f - 0.4f * second / weight);
}

/* Does the verdict rest on what tells refused calls from accepted ones, so few that
 * chance may have sorted them? Who says why needs no such proof. */
static bool may_be_chance(const struct trunk *t, const struct group *g,
    const struct signs *signs, enum verdict verdict)
{
	const double likely = 0.1;

	if (verdict == VERDICT_CALLER_ID_NOT_ALLOWED)
		return signs_has(signs, SIGN_CALLER_SPLIT) &&
		       !signs_has(signs, SIGN_SAYS_CALLER) &&
		       chance_by_caller(&g->refused, &t->accepted) > likely;
	if (verdict == VERDICT_DESTINATION_NOT_ALLOWED)
		return signs_has(signs, SIGN_CALLED_SPLIT) &&
		       !signs_has(signs, SIGN_SAYS_DESTINATION) &&
		       chance_by_called(&g->refused, &t->accepted) > likely;
	return verdict == VERDICT_RATE_LIMITED && signs_has(signs, SIGN_RATE_SPLIT) &&
	       !signs_has(signs, SIGN_SAYS_RATE) && g->count < 6;
}

/* A refusal or two of a trunk that works, told to stand for all its calls from now on:
 * the next call may show that only this one was refused. */
static bool may_be_alone(const struct signs *signs, enum verdict verdict)
{
	if (!signs_has(signs, SIGN_LONE))
		return false;
	return (verdict == VERDICT_ACCOUNT_SUSPENDED &&
		   !signs_has(signs, SIGN_SAYS_SUSPENDED)) ||
	       (verdict == VERDICT_BLOCKED_AFTER_SUCCESS &&
		   !signs_has(signs, SIGN_SAYS_BLOCKED));
}

/* How sure is left when there is so little of it? */
static float lessened(const struct trunk *t, const struct group *g,
    const struct signs *signs, enum verdict verdict)
{
	float rest = 1.0f;

	/* what was not seen of a refusal or two may say otherwise */
	if (signs_has(signs, SIGN_INCOMPLETE) && g->count < 3)
		rest *= 0.8f;
	if (may_be_alone(signs, verdict))
		rest *= 0.7f;
	if (may_be_chance(t, g, signs, verdict))
		rest *= 0.75f;
	return rest;
}

static void pick(const int weights[VERDICT_COUNT], struct judgement *out)
{
	int second = 0;

	out->verdict = VERDICT_NONE;
	out->weight = 0;
	for (int v = VERDICT_NONE + 1; v < VERDICT_COUNT; v++) {
		if (weights[v] > out->weight) {
			second = out->weight;
			out->runner_up = out->verdict;
			out->verdict = (enum verdict)v;
			out->weight = weights[v];
		} else if (weights[v] > second) {
			second = weights[v];
			out->runner_up = (enum verdict)v;
		}
	}
	if (out->weight < RULES_ENOUGH) {
		out->runner_up = out->verdict;
		out->verdict = VERDICT_UNKNOWN_REFUSAL;
		out->confidence = 0.3f;
		return;
	}
	out->confidence = confidence_of((float)out->weight, (float)second);
}

static void add_evidence(const struct trunk *t, const struct group *g,
    const struct rule *r, int weight, struct judgement *out)
{
	struct evidence *e;
	struct filler w = {.trunk = t, .group = g};

	if (out->evidence_count == EVIDENCE_MAX)
		return;
	e = &out->evidence[out->evidence_count++];
	e->weight = (int16_t)weight;
	w.out = e->text;
	w.size = sizeof(e->text);
	write_sentence(&w, r->sentence);
}

void rules_judge(const struct trunk *t, const struct group *g, struct judgement *out)
{
	struct signs signs;
	int weights[VERDICT_COUNT];

	signs_of(t, g, &signs);
	rules_weigh(&signs, weights);
	memset(out, 0, offsetof(struct judgement, evidence));
	pick(weights, out);
	out->confidence *= lessened(t, g, &signs, out->verdict);
	for (size_t i = 0; i < RULES; i++) {
		bool counts = rules[i].verdict == out->verdict ||
			      (out->verdict == VERDICT_UNKNOWN_REFUSAL &&
				  rules[i].verdict == out->runner_up);

		if (counts && holds(&rules[i], &signs))
			add_evidence(
			    t, g, &rules[i], weight_of(&rules[i], &signs), out);
	}
}
