/* SPDX-License-Identifier: BSD-2-Clause */
#include "ticket.h"

#include "base/usec.h"
#include "diagnose/ticket.h"
#include "page.h"
#include "when.h"
#include "words.h"

enum { TEXT_BYTES = 4096 };

static const char *address_seen(const struct failure_row *r)
{
	return r->seen_as != NULL ? r->seen_as : r->local;
}

/* "403 Forbidden" */
static void put_answer(struct cli *cli, struct out *o, const struct failure_row *r)
{
	char buf[WORDS_MAX];

	out_text(o, words_answer(&cli->term, r, buf));
}

static void put_time(struct out *o, int64_t at_us)
{
	char buf[WHEN_TEXT_MAX];

	out_text(o, at_us == USEC_NEVER ? "never seen" : when_text(at_us, 0, buf));
}

static int64_t began_us(const struct ticket *t)
{
	if (t->incident != 0)
		return t->first_us;
	return t->failure->started_at_us != USEC_NEVER ? t->failure->started_at_us
						       : t->failure->at_us;
}

static void put_number(struct out *o, int64_t value, const char *absent)
{
	if (value > 0)
		out_int(o, value);
	else
		out_text(o, absent);
}

/* Times and the answer: what is no column of text. */
static bool put_figure(
    struct cli *cli, struct out *o, const struct ticket *t, struct slice name)
{
	if (slice_eq(name, SLICE("since")))
		put_time(o, began_us(t));
	else if (slice_eq(name, SLICE("good")) && t->good_us > began_us(t))
		out_text(o, "an earlier time"); /* it works again: that one is newer */
	else if (slice_eq(name, SLICE("good")))
		put_time(o, t->good_us);
	else if (t->failure == NULL)
		return false;
	else if (slice_eq(name, SLICE("answer")))
		put_answer(cli, o, t->failure);
	else if (slice_eq(name, SLICE("active")))
		put_number(o, t->failure->active_calls, "several");
	else if (slice_eq(name, SLICE("second")))
		put_number(o, t->failure->invites_per_s, "several");
	else
		return false;
	return true;
}

static struct slice text_named(const struct failure_row *r, struct slice name)
{
	const struct {
		struct slice name, value;
	} all[] = {
	    {SLICE("user"), r->auth_user.len > 0 ? r->auth_user : r->caller},
	    {SLICE("realm"), r->realm},
	    {SLICE("from"), r->caller},
	    {SLICE("domain"), r->from_domain},
	    {SLICE("caller"), r->asserted.len > 0 ? r->asserted : r->caller},
	    {SLICE("called"), r->called},
	    {SLICE("algorithms"), r->algorithms},
	    {SLICE("seen"), page_slice(address_seen(r))},
	    {SLICE("local"), page_slice(r->local)},
	    {SLICE("remote"), page_slice(r->remote)},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (slice_eq(all[i].name, name))
			return all[i].value;
	}
	return SLICE_NONE;
}

static void put_named(
    struct cli *cli, struct out *o, const struct ticket *t, struct slice name)
{
	struct slice value = SLICE_NONE;

	if (put_figure(cli, o, t, name))
		return;
	if (t->failure != NULL)
		value = text_named(t->failure, name);
	if (value.len > 0)
		page_value(&cli->term, o, value);
	else
		out_text(o, "(none seen)");
}

/* The verdict's question with its {names} filled in. */
static void put_question(struct cli *cli, struct out *o, const struct ticket *t)
{
	const char *question = ticket_question(t->verdict);
	struct slice rest, head, name;

	if (question == NULL)
		return;
	rest = slice_of(question, strlen(question));
	while (slice_take_until(&rest, '{', &head)) {
		out_slice(o, head);
		if (!slice_take_until(&rest, '}', &name))
			return;
		put_named(cli, o, t, name);
	}
	out_slice(o, rest);
}

static void print_subject(struct cli *cli, const struct ticket *t)
{
	struct out *o = &cli->out;

	out_text(o, "Subject: SIP ");
	if (t->failure == NULL) {
		out_text(o, "calls");
	} else {
		page_value(&cli->term, o, page_slice(t->failure->method));
		out_text(o, " requests: ");
		put_answer(cli, o, t->failure);
		if (t->failure->auth_user.len > 0) {
			out_text(o, ", account ");
			page_value(&cli->term, o, t->failure->auth_user);
		}
	}
	out_text(o, ", since ");
	put_time(o, began_us(t));
	out_text(o, "\n\n");
}

static void field_time(struct cli *cli, const char *name, int64_t at_us)
{
	char buf[WHEN_TEXT_MAX];

	if (at_us != USEC_NEVER && at_us != 0)
		page_text(&cli->term, &cli->out, name, when_text(at_us, 3, buf));
}

static void print_times(struct cli *cli, const struct ticket *t)
{
	char buf[WORDS_MAX];
	struct out o = {.buf = buf, .cap = sizeof(buf)};

	if (t->incident == 0) {
		field_time(cli, "At", t->failure->at_us);
	} else {
		field_time(cli, "First refused", t->first_us);
		field_time(cli, "Last refused", t->last_us);
		field_time(cli, "Over since", t->closed_us);
		if (t->failures > 0) {
			out_int(&o, t->failures);
			out_text(&o, " of ");
			out_int(&o, t->attempts);
			out_text(&o, " attempts");
			page_text(&cli->term, &cli->out, "Refused", out_string(&o));
		}
	}
	field_time(
	    cli, t->good_us > began_us(t) ? "Good again" : "Last good", t->good_us);
	if (t->good_us == USEC_NEVER)
		page_text(&cli->term, &cli->out, "Last good", "none seen");
}

static void print_source(struct cli *cli, const struct failure_row *r)
{
	bool is_same =
	    r->seen_as != NULL && r->local != NULL && strcmp(r->seen_as, r->local) == 0;

	page_text(&cli->term, &cli->out, "Source you see", r->seen_as);
	if (!is_same)
		page_text(&cli->term, &cli->out, "Source here", r->local);
	page_text(&cli->term, &cli->out, "Your address", r->remote);
	page_text(&cli->term, &cli->out, "Transport", r->transport);
}

static void print_load(struct cli *cli, const struct failure_row *r)
{
	char buf[WORDS_MAX];
	struct out o = {.buf = buf, .cap = sizeof(buf)};

	if (r->active_calls == 0 && r->invites_per_s == 0)
		return;
	out_int(&o, r->active_calls);
	out_text(&o, " calls up, ");
	out_int(&o, r->invites_per_s);
	out_text(&o, " new in that second");
	page_text(&cli->term, &cli->out, "Load", out_string(&o));
}

static void print_request(struct cli *cli, const struct failure_row *r)
{
	const struct term *t = &cli->term;
	struct out *o = &cli->out;
	char buf[WORDS_MAX];

	page_slice_field(t, o, "SIP username", r->auth_user);
	page_slice_field(t, o, "Realm", r->realm);
	print_source(cli, r);
	page_slice_field(t, o, "Destination", r->called);
	page_slice_field(t, o, "Request-URI", r->request_uri);
	page_slice_field(t, o, "From user", r->caller);
	page_slice_field(t, o, "From domain", r->from_domain);
	page_slice_field(t, o, "Asserted", r->asserted);
	page_text(t, o, "Answer", words_answer(t, r, buf));
	page_slice_field(t, o, "Reason", r->reason_header);
	page_slice_field(t, o, "Warning", r->warning);
	page_slice_field(t, o, "Further headers", r->extra);
	page_number(t, o, "Challenge", r->challenge_code);
	print_load(cli, r);
	page_slice_field(t, o, "Our software", r->user_agent);
}

void ticket_print(struct cli *cli, const struct ticket *t)
{
	char buf[TEXT_BYTES];
	struct out text = {.buf = buf, .cap = sizeof(buf)};

	print_subject(cli, t);
	put_question(cli, &text, t);
	term_paragraph(&cli->term, &cli->out, out_string(&text), 0, 0);
	out_char(&cli->out, '\n');
	print_times(cli, t);
	if (t->failure != NULL)
		print_request(cli, t->failure);
}

void ticket_calls_heading(struct cli *cli)
{
	out_text(&cli->out, "\nExamples (time, from, to, answer, Call-ID)\n");
}

/* Two lines: a Call-ID is long, and must not be cut. */
void ticket_call(struct cli *cli, const struct failure_row *r)
{
	struct out *o = &cli->out;
	char buf[WHEN_TEXT_MAX];

	out_text(o, "  ");
	out_text(o, when_text(r->at_us, 3, buf));
	out_text(o, "  ");
	page_value(&cli->term, o, r->caller);
	out_text(o, " > ");
	page_value(&cli->term, o, r->called);
	out_text(o, "  ");
	put_answer(cli, o, r);
	out_text(o, "\n    Call-ID: ");
	page_value(&cli->term, o, r->call_id);
	out_char(o, '\n');
}
