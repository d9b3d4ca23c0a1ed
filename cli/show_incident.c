/* SPDX-License-Identifier: BSD-2-Clause */
#include "show.h"

#include "base/usec.h"
#include "diagnose/verdict.h"
#include "page.h"
#include "when.h"
#include "words.h"

static enum verdict verdict_of(const char *slug)
{
	return slug == NULL ? VERDICT_NONE : verdict_lookup(page_slice(slug));
}

static void put_headline(struct cli *cli, const struct incident_row *r)
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

static void put_times(struct cli *cli, const struct incident_row *r)
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

	put_headline(cli, r);
	if (r->summary.len > 0) {
		char buf[2 * WORDS_MAX];
		struct out text = {.buf = buf, .cap = sizeof(buf)};

		text_escape(&text, r->summary, t->charset);
		term_paragraph(t, o, out_string(&text), 2, 0);
	}
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
	put_times(cli, r);
	page_number(t, o, "Failures", r->failures);
	page_number(t, o, "Of attempts", r->attempts);
	if (v != VERDICT_NONE) {
		page_heading(t, o, "What to do");
		term_paragraph(t, o, verdict_advice(v), 2, 0);
	}
}
