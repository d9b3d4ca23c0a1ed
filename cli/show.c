/* SPDX-License-Identifier: BSD-2-Clause */
#include "show.h"

#include "base/usec.h"
#include "diagnose/ticket.h"
#include "incomplete.h"
#include "ladder.h"
#include "page.h"
#include "show_trunk.h"
#include "verify_stored.h"
#include "when.h"
#include "words.h"

/* A page on its way: the callbacks' context. */
struct show {
	struct cli *cli;
	struct query *query;
	struct out *out;
	bool is_against; /* which evidence is printed */
	size_t printed;
	struct ladder *ladder;
	struct err *e;
};

static enum verdict verdict_of(const char *slug)
{
	return slug == NULL ? VERDICT_NONE : verdict_lookup(page_slice(slug));
}

/* "Credentials rejected (credentials_rejected), 92 % sure". */
static void put_verdict(struct show *s, const char *slug, double confidence)
{
	enum verdict v = verdict_of(slug);
	char buf[WORDS_MAX];

	out_text(s->out, v == VERDICT_NONE ? "Cause unknown" : verdict_title(v));
	if (slug != NULL) {
		out_text(s->out, " (");
		out_text(s->out, slug);
		out_char(s->out, ')');
	}
	out_text(s->out, ", ");
	out_text(s->out, words_percent(confidence, buf));
	out_text(s->out, " sure");
}

/* "mytrunk: INVITE to 15551234560: 403 Forbidden, 2026-01-02 03:04:05.678 CET" */
static void put_sentence(struct show *s, const struct failure_row *r)
{
	const struct term *t = &s->cli->term;
	char sentence[2 * WORDS_MAX];
	struct out o = {.buf = sentence, .cap = sizeof(sentence)};
	char buf[WORDS_MAX];

	if (r->trunk != NULL) {
		page_value(t, &o, page_slice(r->trunk));
		out_text(&o, ": ");
	}
	page_value(t, &o, page_slice(r->method));
	if (r->called.len > 0) {
		out_text(&o, " to ");
		page_value(t, &o, r->called);
	}
	out_text(&o, ": ");
	out_text(&o, words_answer(t, r, buf));
	out_text(&o, ", ");
	out_text(&o, when_text(r->at_us, 3, buf));
	term_paragraph(t, s->out, out_string(&o), 2, 0);
}

static void put_headline(struct show *s, const struct failure_row *r)
{
	const struct term *t = &s->cli->term;

	out_text(s->out, term_color(t, COLOR_BOLD));
	out_text(s->out, "Failure ");
	out_int(s->out, r->id);
	out_text(s->out, ": ");
	out_text(s->out, term_color(t, words_color(r->confidence)));
	put_verdict(s, r->verdict, r->confidence);
	out_text(s->out, term_reset(t));
	out_char(s->out, '\n');
	put_sentence(s, r);
}

static void put_why(struct show *s, const struct failure_row *r)
{
	const struct term *t = &s->cli->term;
	enum verdict v = verdict_of(r->verdict);
	enum verdict second = verdict_of(r->runner_up);

	page_heading(t, s->out, "Why");
	if (v != VERDICT_NONE)
		term_paragraph(t, s->out, verdict_why(v), 2, 0);
	if (second != VERDICT_NONE) {
		out_text(s->out, "  Otherwise: ");
		out_text(s->out, verdict_title(second));
		out_text(s->out, " (");
		out_text(s->out, r->runner_up);
		out_text(s->out, ")\n");
	}
	if (r->first_verdict != NULL && r->verdict != NULL &&
	    strcmp(r->first_verdict, r->verdict) != 0) {
		out_text(s->out, "  At first: ");
		out_text(s->out, r->first_verdict);
		out_text(s->out, "; the incident's later failures changed it\n");
	}
}

/* For people: escaped, and with local times. */
static void put_words(
    struct cli *cli, struct slice words, unsigned indent, unsigned first)
{
	char local[WORDS_MAX], buf[2 * WORDS_MAX];
	struct out times = {.buf = local, .cap = sizeof(local)};
	struct out text = {.buf = buf, .cap = sizeof(buf)};

	when_localize(words.ptr, words.len, when_now_us(), &times);
	text_escape(&text, slice_of(local, times.used), cli->term.charset);
	term_paragraph(&cli->term, &cli->out, out_string(&text), indent, first);
}

static int on_evidence(void *ctx, const struct evidence_row *e)
{
	struct show *s = ctx;
	char weight[OUT_MIN];
	struct out w = {.buf = weight, .cap = sizeof(weight)};

	if ((e->weight < 0) != s->is_against)
		return 0;
	if (s->printed++ == 0)
		page_heading(&s->cli->term, s->out,
		    s->is_against ? "Evidence against" : "Evidence for");
	if (e->weight > 0)
		out_char(&w, '+');
	out_int(&w, e->weight);
	out_repeat(s->out, " ", w.used < 6 ? 6 - w.used : 1);
	out_text(s->out, out_string(&w));
	put_words(s->cli, e->text, 8, 6);
	return 0;
}

static int put_evidence(struct show *s, int64_t id)
{
	int rc = 0;

	for (int against = 0; against < 2 && rc == 0; against++) {
		s->is_against = against == 1;
		s->printed = 0;
		rc = query_evidence(s->query, id, on_evidence, s, s->e);
	}
	return rc;
}

static int on_message(void *ctx, const struct message_row *m)
{
	struct show *s = ctx;

	ladder_message(s->ladder, m);
	return 0;
}

static int put_ladder(struct show *s, const struct failure_row *r)
{
	struct ladder l;
	int rc;

	page_heading(&s->cli->term, s->out, "Messages");
	ladder_init(&l, &s->cli->term, s->out, r);
	s->ladder = &l;
	rc = query_messages(s->query, r->id, on_message, s, s->e);
	if (rc == 0 && l.count == 0 && !r->thinned)
		out_text(s->out, "  none were kept\n");
	if (rc == 0 && r->thinned)
		term_paragraph(&s->cli->term, s->out,
		    "Left out, and so is the evidence: many calls failed like this in one "
		    "minute, and only the first of them are kept in full.",
		    2, 0);
	return rc;
}

static void put_codes(struct show *s, const struct failure_row *r)
{
	const struct term *t = &s->cli->term;
	char buf[WORDS_MAX];

	page_text(t, s->out, "Outcome", r->outcome);
	page_text(t, s->out, "Answer", words_answer(t, r, buf));
	page_slice_field(t, s->out, "Reason header", r->reason_header);
	page_slice_field(t, s->out, "Warning", r->warning);
	page_number(t, s->out, "Q.850 cause", r->q850_cause);
	page_number(t, s->out, "Challenge", r->challenge_code);
	page_slice_field(t, s->out, "Realm", r->realm);
	page_slice_field(t, s->out, "Credentials of", r->auth_user);
	page_number(t, s->out, "Tries with them", r->rounds);
	if (r->digest != NULL)
		page_text(t, s->out, "Our secret", verify_stored_words(r));
	page_number(t, s->out, "Retransmissions", r->retransmits);
}

static void put_details(struct show *s, const struct failure_row *r)
{
	const struct term *t = &s->cli->term;
	struct out *o = s->out;
	char buf[WHEN_TEXT_MAX];

	page_heading(t, o, "Details");
	page_text(t, o, "Trunk", r->trunk);
	page_text(t, o, "Carrier", r->carrier_id);
	page_text(t, o, "Direction", r->direction);
	page_text(t, o, "Our end", r->local);
	page_text(t, o, "Seen there as", r->seen_as);
	page_text(t, o, "Other end", r->remote);
	page_text(t, o, "Transport", r->transport);
	page_slice_field(t, o, "Caller", r->caller);
	page_slice_field(t, o, "Caller name", r->caller_name);
	page_slice_field(t, o, "From domain", r->from_domain);
	page_slice_field(t, o, "Called", r->called);
	page_slice_field(t, o, "Request URI", r->request_uri);
	page_slice_field(t, o, "Call-ID", r->call_id);
	if (r->started_at_us != USEC_NEVER)
		page_text(t, o, "Began", when_text(r->started_at_us, 6, buf));
	page_text(t, o, "Decided", when_text(r->at_us, 6, buf));
	if (r->started_at_us != USEC_NEVER)
		page_text(t, o, "Took",
		    when_span(usec_since(r->started_at_us, r->at_us), buf));
	put_codes(s, r);
	page_slice_field(t, o, "Our software", r->user_agent);
	page_slice_field(t, o, "Their software", r->server);
	if (r->incident != 0) {
		struct out number = {.buf = buf, .cap = sizeof(buf)};

		out_char(&number, 'i');
		out_int(&number, r->incident);
		page_text(t, o, "Incident", out_string(&number));
	}
}

static void put_advice(struct show *s, const char *slug)
{
	enum verdict v = verdict_of(slug);

	if (v == VERDICT_NONE)
		return;
	page_heading(&s->cli->term, s->out, "What to do");
	term_paragraph(&s->cli->term, s->out, verdict_advice(v), 2, 0);
}

int show_failure(
    struct cli *cli, struct query *q, const struct failure_row *r, struct err *e)
{
	struct show s = {.cli = cli, .query = q, .out = &cli->out, .e = e};
	int rc;

	put_headline(&s, r);
	put_why(&s, r);
	rc = incomplete_show(cli, q, r, e);
	if (rc == 0)
		rc = put_evidence(&s, r->id);
	if (rc == 0)
		rc = put_ladder(&s, r);
	if (rc != 0)
		return rc;
	rc = show_trunk(cli, q, r, e);
	if (rc != 0)
		return rc;
	put_details(&s, r);
	put_advice(&s, r->verdict);
	if (ticket_question(verdict_of(r->verdict)) != NULL)
		cli_hint(cli,
		    "'trunkwatch ticket %lld' writes a text for the provider.",
		    (long long)r->id);
	return 0;
}

static void put_incident_headline(struct cli *cli, const struct incident_row *r)
{
	const struct term *t = &cli->term;
	struct out *o = &cli->out;
	enum verdict v = verdict_of(r->verdict);
	char buf[WORDS_MAX];

	out_text(o, term_color(t, COLOR_BOLD));
	out_text(o, "Incident i");
	out_int(o, r->id);
	out_text(o, ": ");
	out_text(o, term_color(t, words_color(r->confidence)));
	out_text(o, v == VERDICT_NONE ? "Cause unknown" : verdict_title(v));
	out_text(o, " (");
	page_value(t, o, page_slice(r->verdict));
	out_text(o, "), ");
	out_text(o, words_percent(r->confidence, buf));
	out_text(o, " sure");
	out_text(o, term_reset(t));
	out_char(o, '\n');
}

static void put_incident_times(struct cli *cli, const struct incident_row *r)
{
	bool is_open = r->closed_at_us == USEC_NEVER;
	int64_t end_us = is_open ? r->last_at_us : r->closed_at_us;
	const struct term *t = &cli->term;
	struct out *o = &cli->out;
	char buf[WHEN_TEXT_MAX];

	page_text(t, o, "State", is_open ? "open" : "closed");
	page_text(t, o, "Began", when_text(r->opened_at_us, 3, buf));
	page_text(t, o, "Last failure", when_text(r->last_at_us, 3, buf));
	if (!is_open)
		page_text(t, o, "Ended", when_text(r->closed_at_us, 3, buf));
	page_text(t, o, is_open ? "Going on for" : "Lasted",
	    when_span(usec_since(r->opened_at_us, end_us), buf));
}

void show_incident(struct cli *cli, const struct incident_row *r)
{
	const struct term *t = &cli->term;
	struct out *o = &cli->out;
	enum verdict v = verdict_of(r->verdict);
	enum verdict second = verdict_of(r->runner_up);

	put_incident_headline(cli, r);
	if (r->summary.len > 0)
		put_words(cli, r->summary, 2, 0);
	if (v != VERDICT_NONE) {
		page_heading(t, o, "Why");
		term_paragraph(t, o, verdict_why(v), 2, 0);
	}
	if (second != VERDICT_NONE) {
		out_text(o, "  Otherwise: ");
		out_text(o, verdict_title(second));
		out_char(o, '\n');
	}
	page_heading(t, o, "Details");
	page_text(t, o, "Trunk", r->trunk);
	put_incident_times(cli, r);
	page_number(t, o, "Failures", r->failures);
	page_number(t, o, "Of attempts", r->attempts);
	if (v != VERDICT_NONE) {
		page_heading(t, o, "What to do");
		term_paragraph(t, o, verdict_advice(v), 2, 0);
	}
}
