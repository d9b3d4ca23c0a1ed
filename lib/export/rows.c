/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One table per kind of row says which key holds which member in which way; two
 * small writers turn any of them into JSON and CSV.
 */
#include "export/rows.h"
#include "base/usec.h"
#include "diagnose/verdict.h"
#include "export/text.h"

enum form {
	FORM_INT,
	FORM_INT_OR_NONE, /* 0 is absent */
	FORM_TIME,
	FORM_CSTRING,
	FORM_SLICE,
	FORM_CONFIDENCE, /* double, 0..1 */
	FORM_BOOL,
	FORM_USEC_AS_MS, /* int64_t, 0 is absent */
	FORM_WORDS,      /* const char *, words between blanks: an array */
	FORM_ADVICE,     /* const char *, a verdict's slug: what to do about it */
	FORM_EVIDENCE,   /* no member: fetched by the failure's id */
};

struct field {
	const char *key;
	enum form form;
	size_t offset;
};

struct source { /* a row, and where its evidence is found */
	const void *row;
	struct query *query;
	int64_t id;
	bool has_evidence; /* a thinned failure has none: nothing to ask for */
};

/* clang-format off */
#define F(key, form, member) {key, FORM_##form, offsetof(struct failure_row, member)}
static const struct field failure_fields[] = {
	F("id", INT, id),
	F("at", TIME, at_us),
	F("started_at", TIME, started_at_us),
	F("trunk", CSTRING, trunk),
	F("direction", CSTRING, direction),
	F("method", CSTRING, method),
	F("transport", CSTRING, transport),
	F("local", CSTRING, local),
	F("remote", CSTRING, remote),
	F("call_id", SLICE, call_id),
	F("caller", SLICE, caller),
	F("caller_name", SLICE, caller_name),
	F("called", SLICE, called),
	F("from_domain", SLICE, from_domain),
	F("request_uri", SLICE, request_uri),
	F("code", INT_OR_NONE, code),
	F("reason", SLICE, reason),
	F("reason_header", SLICE, reason_header),
	F("warning", SLICE, warning),
	F("q850_cause", INT_OR_NONE, q850_cause),
	F("outcome", CSTRING, outcome),
	F("challenge_code", INT_OR_NONE, challenge_code),
	F("realm", SLICE, realm),
	F("auth_user", SLICE, auth_user),
	F("rounds", INT, rounds),
	F("user_agent", SLICE, user_agent),
	F("server", SLICE, server),
	F("seen_as", CSTRING, seen_as),
	F("carrier_id", CSTRING, carrier_id),
	F("incomplete", BOOL, incomplete),
	F("incomplete_why", WORDS, incomplete_why),
	F("thinned", BOOL, thinned),
	F("digest", CSTRING, digest),
	F("mangling", CSTRING, mangling),
	F("differs", SLICE, differs),
	F("verdict", CSTRING, verdict),
	F("first_verdict", CSTRING, first_verdict),
	F("confidence", CONFIDENCE, confidence),
	F("runner_up", CSTRING, runner_up),
	F("evidence", EVIDENCE, id),
	F("advice", ADVICE, verdict),
	F("incident", INT_OR_NONE, incident),
};
#undef F

#define F(key, form, member) {key, FORM_##form, offsetof(struct incident_row, member)}
static const struct field incident_fields[] = {
	F("id", INT, id),
	F("trunk", CSTRING, trunk),
	F("verdict", CSTRING, verdict),
	F("confidence", CONFIDENCE, confidence),
	F("runner_up", CSTRING, runner_up),
	F("opened_at", TIME, opened_at_us),
	F("last_at", TIME, last_at_us),
	F("closed_at", TIME, closed_at_us),
	F("failures", INT, failures),
	F("attempts", INT, attempts),
	F("first_failure", INT_OR_NONE, first_failure),
	F("last_failure", INT_OR_NONE, last_failure),
	F("summary", SLICE, summary),
	F("advice", ADVICE, verdict),
};
#undef F

#define F(key, form, member) {key, FORM_##form, offsetof(struct trunk_row, member)}
static const struct field trunk_fields[] = {
	F("name", CSTRING, name),
	F("remote", WORDS, remotes),
	F("account", CSTRING, account),
	F("carrier_id", CSTRING, carrier_id),
	F("registration", CSTRING, registration),
	F("registration_code", INT_OR_NONE, registration_code),
	F("registered_until", TIME, registered_until_us),
	F("reachability", CSTRING, reachability),
	F("rtt_ms", USEC_AS_MS, rtt_us),
	F("attempts", INT, attempts),
	F("answered", INT, answered),
	F("refused", INT, refused),
	F("normal", INT, normal),
	F("active_calls", INT, active_calls),
	F("first_seen_at", TIME, first_seen_us),
	F("last_seen_at", TIME, last_seen_us),
	F("last_success_at", TIME, last_success_at_us),
	F("last_failure_at", TIME, last_failure_at_us),
	F("seen_as", CSTRING, seen_as),
	F("credentials_accepted_at", TIME, credentials_at_us),
	F("registration_at", TIME, registration_at_us),
	F("options_at", TIME, options_at_us),
	F("options_code", INT_OR_NONE, options_code),
	F("config_changed_at", TIME, config_changed_at_us),
	F("verdict", CSTRING, verdict),
};
#undef F

#define F(key, form, member) {key, FORM_##form, offsetof(struct message_row, member)}
static const struct field message_fields[] = {
	F("at", TIME, at_us),
	F("src", CSTRING, src),
	F("dst", CSTRING, dst),
	F("transport", CSTRING, transport),
	F("copies", INT, copies),
	F("truncated", BOOL, truncated),
	F("text", SLICE, bytes),
};
#undef F
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* memcpy, not a cast: the table knows offsets, the compiler need not trust them. */
#define MEMBER(type, source, field)                                            \
	__extension__({                                                        \
		type value_;                                                   \
		memcpy(&value_, (const char *)(source)->row + (field)->offset, \
		    sizeof(value_));                                           \
		value_;                                                        \
	})

static struct slice slice_of_cstring(const char *s)
{
	return s == NULL ? SLICE_NONE : slice_of(s, strlen(s));
}

/* Thousandths, or -1 for what is no number between 0 and 1. */
static int64_t confidence_permille(double confidence)
{
	if (!(confidence >= 0 && confidence <= 1))
		return -1;
	return (int64_t)(confidence * 1000 + 0.5);
}

static struct slice advice_for(const char *slug)
{
	enum verdict v = verdict_lookup(slice_of_cstring(slug));

	return v == VERDICT_NONE ? SLICE_NONE : slice_of_cstring(verdict_advice(v));
}

static void words_json(struct json *j, struct slice rest)
{
	struct slice word;

	json_begin_array(j);
	while (rest.len > 0) {
		if (!slice_take_until(&rest, ' ', &word)) {
			word = rest;
			rest.len = 0;
		}
		if (word.len > 0)
			json_put_string(j, word);
	}
	json_end_array(j);
}

static int evidence_json(void *ctx, const struct evidence_row *r)
{
	struct json *j = ctx;

	json_begin_object(j);
	json_put_key(j, "weight");
	json_put_int(j, r->weight);
	json_put_key(j, "text");
	json_put_string(j, r->text);
	json_end_object(j);
	return 0;
}

static int evidence_field_json(struct json *j, const struct source *s, struct err *e)
{
	int rc = 0;

	json_begin_array(j);
	if (s->has_evidence)
		rc = query_evidence(s->query, s->id, evidence_json, j, e);
	json_end_array(j);
	return rc;
}

static void value_json(struct json *j, const struct source *s, const struct field *f)
{
	int64_t number;

	switch (f->form) {
	case FORM_INT:
		json_put_int(j, MEMBER(int64_t, s, f));
		break;
	case FORM_INT_OR_NONE:
		number = MEMBER(int64_t, s, f);
		if (number == 0)
			json_put_null(j);
		else
			json_put_int(j, number);
		break;
	case FORM_TIME:
		json_put_time(j, MEMBER(int64_t, s, f));
		break;
	case FORM_CSTRING:
		json_put_cstring(j, MEMBER(const char *, s, f));
		break;
	case FORM_SLICE:
		json_put_string(j, MEMBER(struct slice, s, f));
		break;
	case FORM_CONFIDENCE:
		number = confidence_permille(MEMBER(double, s, f));
		if (number < 0)
			json_put_null(j);
		else
			json_put_fixed(j, number, 3);
		break;
	case FORM_BOOL:
		json_put_bool(j, MEMBER(bool, s, f));
		break;
	case FORM_USEC_AS_MS:
		number = MEMBER(int64_t, s, f);
		if (number == 0)
			json_put_null(j);
		else
			json_put_fixed(j, number, 3);
		break;
	case FORM_WORDS:
		words_json(j, slice_of_cstring(MEMBER(const char *, s, f)));
		break;
	case FORM_ADVICE:
		json_put_string(j, advice_for(MEMBER(const char *, s, f)));
		break;
	case FORM_EVIDENCE: /* can fail: the caller's */
		break;
	}
}

static int row_json(struct json *j, const struct source *s, const struct field *fields,
    size_t count, struct err *e)
{
	json_begin_object(j);
	for (size_t i = 0; i < count; i++) {
		json_put_key(j, fields[i].key);
		if (fields[i].form == FORM_EVIDENCE) {
			int rc = evidence_field_json(j, s, e);

			if (rc != 0)
				return rc;
		} else {
			value_json(j, s, &fields[i]);
		}
	}
	json_end_object(j);
	return 0;
}

int rows_failure_json(
    struct json *j, struct query *q, const struct failure_row *r, struct err *e)
{
	struct source s = {
	    .row = r, .query = q, .id = r->id, .has_evidence = !r->thinned};

	return row_json(j, &s, failure_fields, COUNT(failure_fields), e);
}

void rows_incident_json(struct json *j, const struct incident_row *r)
{
	struct source s = {.row = r};

	(void)row_json(j, &s, incident_fields, COUNT(incident_fields), NULL);
}

void rows_trunk_json(struct json *j, const struct trunk_row *r)
{
	struct source s = {.row = r};

	(void)row_json(j, &s, trunk_fields, COUNT(trunk_fields), NULL);
}

void rows_message_json(struct json *j, const struct message_row *r)
{
	struct source s = {.row = r};

	(void)row_json(j, &s, message_fields, COUNT(message_fields), NULL);
}

struct evidence_csv {
	struct out text;
	char buf[4096]; /* EVIDENCE_MAX texts and their weights */
};

static int evidence_csv(void *ctx, const struct evidence_row *r)
{
	struct evidence_csv *c = ctx;

	if (c->text.used > 0)
		out_text(&c->text, "; ");
	out_slice(&c->text, r->text);
	out_text(&c->text, r->weight > 0 ? " (+" : " (");
	out_int(&c->text, r->weight);
	out_char(&c->text, ')');
	return 0;
}

static int evidence_field_csv(struct out *o, const struct source *s, struct err *e)
{
	struct evidence_csv c;
	int rc = 0;

	c.text = (struct out){.buf = c.buf, .cap = sizeof(c.buf)};
	if (s->has_evidence)
		rc = query_evidence(s->query, s->id, evidence_csv, &c, e);
	text_csv_field(o, slice_of(c.buf, c.text.used));
	return rc;
}

static void value_csv(struct out *o, const struct source *s, const struct field *f)
{
	int64_t number;

	switch (f->form) {
	case FORM_INT:
		out_int(o, MEMBER(int64_t, s, f));
		break;
	case FORM_INT_OR_NONE:
		number = MEMBER(int64_t, s, f);
		if (number != 0)
			out_int(o, number);
		break;
	case FORM_TIME:
		number = MEMBER(int64_t, s, f);
		if (number != USEC_NEVER)
			out_iso_time(o, number);
		break;
	case FORM_CSTRING:
	case FORM_WORDS:
		text_csv_field(o, slice_of_cstring(MEMBER(const char *, s, f)));
		break;
	case FORM_SLICE:
		text_csv_field(o, MEMBER(struct slice, s, f));
		break;
	case FORM_CONFIDENCE:
		number = confidence_permille(MEMBER(double, s, f));
		if (number >= 0)
			out_fixed(o, number, 3);
		break;
	case FORM_BOOL:
		out_text(o, MEMBER(bool, s, f) ? "true" : "false");
		break;
	case FORM_USEC_AS_MS:
		number = MEMBER(int64_t, s, f);
		if (number != 0)
			out_fixed(o, number, 3);
		break;
	case FORM_ADVICE:
		text_csv_field(o, advice_for(MEMBER(const char *, s, f)));
		break;
	case FORM_EVIDENCE: /* can fail: the caller's */
		break;
	}
}

static int row_csv(struct out *o, const struct source *s, const struct field *fields,
    size_t count, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0; i++) {
		if (i > 0)
			out_char(o, ',');
		if (fields[i].form == FORM_EVIDENCE)
			rc = evidence_field_csv(o, s, e);
		else
			value_csv(o, s, &fields[i]);
	}
	out_text(o, "\r\n"); /* RFC 4180 2.1 */
	return rc;
}

static void header_csv(struct out *o, const struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			out_char(o, ',');
		out_text(o, fields[i].key);
	}
	out_text(o, "\r\n");
}

void rows_failure_csv_header(struct out *o)
{
	header_csv(o, failure_fields, COUNT(failure_fields));
}

int rows_failure_csv(
    struct out *o, struct query *q, const struct failure_row *r, struct err *e)
{
	struct source s = {
	    .row = r, .query = q, .id = r->id, .has_evidence = !r->thinned};

	return row_csv(o, &s, failure_fields, COUNT(failure_fields), e);
}

void rows_incident_csv_header(struct out *o)
{
	header_csv(o, incident_fields, COUNT(incident_fields));
}

void rows_incident_csv(struct out *o, const struct incident_row *r)
{
	struct source s = {.row = r};

	(void)row_csv(o, &s, incident_fields, COUNT(incident_fields), NULL);
}

void rows_trunk_csv_header(struct out *o)
{
	header_csv(o, trunk_fields, COUNT(trunk_fields));
}

void rows_trunk_csv(struct out *o, const struct trunk_row *r)
{
	struct source s = {.row = r};

	(void)row_csv(o, &s, trunk_fields, COUNT(trunk_fields), NULL);
}
