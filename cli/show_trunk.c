/* SPDX-License-Identifier: BSD-2-Clause */
#include "show_trunk.h"

#include "base/usec.h"
#include "page.h"
#include "when.h"
#include "words.h"

/* Where Asterisk calls a peer LAGGED with qualify=yes. */
#define LAGGED_US (2000 * USEC_PER_MSEC)
enum { LINE_MAX_BYTES = 512 };

struct place {
	struct cli *cli;
	const struct failure_row *failure;
};

static bool is(const char *word, const char *wanted)
{
	return word != NULL && strcmp(word, wanted) == 0;
}

static void put_at(struct out *o, const char *before, int64_t at_us)
{
	char buf[WHEN_TEXT_MAX];

	if (at_us == USEC_NEVER)
		return;
	out_text(o, before);
	out_text(o, when_text(at_us, 0, buf));
}

static void put_reachable(const struct place *p, const struct trunk_row *r)
{
	char text[LINE_MAX_BYTES];
	struct out o = {.buf = text, .cap = sizeof(text)};

	if (is(r->reachability, "reachable")) {
		out_text(&o, r->rtt_us >= LAGGED_US ? "yes, but lagged" : "yes");
		out_text(&o, ": OPTIONS answered");
		if (r->options_code != 0) {
			out_text(&o, " with ");
			out_int(&o, r->options_code);
		}
		out_text(&o, " in ");
		out_fixed(&o, r->rtt_us / 100, 1);
		out_text(&o, " ms");
		put_at(&o, ", ", r->options_at_us);
		out_text(&o, ". Any answer, even 403, keeps a peer OK in Asterisk "
			     "while its calls fail.");
	} else if (is(r->reachability, "unreachable")) {
		out_text(&o, "no: OPTIONS unanswered");
		put_at(&o, ", ", r->options_at_us);
	} else {
		out_text(&o, "unknown: no OPTIONS were seen (qualify)");
	}
	page_escaped(&p->cli->term, &p->cli->out, "Reachable", out_string(&o));
}

static void put_registered(const struct place *p, const struct trunk_row *r)
{
	char text[LINE_MAX_BYTES];
	struct out o = {.buf = text, .cap = sizeof(text)};

	if (is(r->registration, "registered")) {
		put_at(&o, "yes, until ", r->registered_until_us);
	} else if (is(r->registration, "expired")) {
		put_at(&o, "no, it expired ", r->registered_until_us);
	} else if (is(r->registration, "refused")) {
		out_text(&o, "no, refused");
		if (r->registration_code != 0) {
			out_text(&o, " with ");
			out_int(&o, r->registration_code);
		}
		put_at(&o, " ", r->registration_at_us);
	} else if (is(r->registration, "unanswered")) {
		out_text(&o, "no, unanswered");
		put_at(&o, " ", r->registration_at_us);
	} else if (is(r->registration, "none")) {
		out_text(&o, "no, we unregistered");
		put_at(&o, " ", r->registration_at_us);
	} else {
		out_text(&o, "no REGISTER was seen");
	}
	page_escaped(&p->cli->term, &p->cli->out, "Registered", out_string(&o));
}

static void put_before(const struct place *p, const struct trunk_row *r)
{
	const struct term *t = &p->cli->term;
	char text[LINE_MAX_BYTES];
	struct out o = {.buf = text, .cap = sizeof(text)};
	bool is_after = r->credentials_at_us > p->failure->at_us;

	if (r->credentials_at_us == USEC_NEVER)
		out_text(&o, "never seen to be accepted");
	else
		put_at(&o,
		    is_after ? "accepted since, last " : "accepted before, last ",
		    r->credentials_at_us);
	page_escaped(t, &p->cli->out, "Credentials", out_string(&o));

	o = (struct out){.buf = text, .cap = sizeof(text)};
	if (r->last_success_at_us == USEC_NEVER)
		out_text(&o, "none was seen");
	else
		put_at(&o, "", r->last_success_at_us);
	page_escaped(t, &p->cli->out, "Last good call", out_string(&o));
}

static void put_differs(const struct place *p, const struct trunk_row *r)
{
	const struct term *t = &p->cli->term;
	char text[LINE_MAX_BYTES];
	struct out o = {.buf = text, .cap = sizeof(text)};

	put_at(&o, "changed ", r->config_changed_at_us);
	if (r->config_changed_at_us != USEC_NEVER)
		page_escaped(t, &p->cli->out, "Our configuration", out_string(&o));
	o.used = 0;
	when_localize(
	    p->failure->differs.ptr, p->failure->differs.len, when_now_us(), &o);
	if (p->failure->differs.len > 0)
		page_slice_field(
		    t, &p->cli->out, "Differs from it", slice_of(text, o.used));
	else if (r->last_success_at_us != USEC_NEVER &&
		 r->last_success_at_us < p->failure->at_us)
		page_escaped(t, &p->cli->out, "Differs from it",
		    "not in our address, account, From, target or software");
}

static int on_trunk(void *ctx, const struct trunk_row *r)
{
	const struct place *p = ctx;
	const struct term *t = &p->cli->term;

	if (r->id != p->failure->trunk_id)
		return 0;
	page_heading(t, &p->cli->out, "The trunk, as last seen");
	put_reachable(p, r);
	put_registered(p, r);
	page_text(t, &p->cli->out, "They see us as", r->seen_as);
	put_before(p, r);
	put_differs(p, r);
	return 1;
}

int show_trunk(
    struct cli *cli, struct query *q, const struct failure_row *r, struct err *e)
{
	struct place p = {cli, r};
	const struct query_filter all = {.with_not_failures = true};
	int rc;

	if (r->trunk_id == 0)
		return 0;
	rc = query_trunks(q, &all, on_trunk, &p, e);
	return rc < 0 ? rc : 0;
}
