/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/store_int.h"
#include "store/words.h"

/* Our address as the provider saw it: "ip", "ip:port" when rport= told it. */
static const char *echoed_text(const struct endpoint *ep, char buf[ENDPOINT_TEXT_MAX])
{
	if (ep->ip.family == 0)
		return NULL;
	if (ep->port == 0)
		return ip_addr_text(&ep->ip, buf);
	return endpoint_text(ep, buf);
}

static const char *seen_as(const struct facts *o, char buf[ENDPOINT_TEXT_MAX])
{
	struct endpoint ep = {.ip = o->seen_ip, .port = o->seen_port};

	return echoed_text(&ep, buf);
}

static int put_failure_row(struct store *s, const struct failure *f, struct err *e)
{
	struct stmt *st = &s->stmts[STORE_FAILURE];
	const struct facts *o = &f->facts;
	const char *sensor = s->sensor;
	char seen[ENDPOINT_TEXT_MAX], why[INCOMPLETE_TEXT_MAX];

	stmt_i64(st, f->id);
#define COLUMN(name, binder, value) stmt_##binder(st, value);
#include "store/failure_columns.def"
	return stmt_run(st, e);
}

static int put_evidence(struct store *s, const struct failure *f, struct err *e)
{
	struct stmt *st = &s->stmts[STORE_EVIDENCE];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < f->evidence_count; i++) {
		const struct evidence *ev = &f->evidence[i];

		stmt_i64(st, f->id);
		stmt_i64(st, (int64_t)i);
		stmt_word(st, s->sensor);
		stmt_i64(st, ev->weight);
		stmt_wire(st, slice_of(ev->text, strlen(ev->text)));
		rc = stmt_run(st, e);
	}
	return rc;
}

static int put_message(
    struct store *s, int64_t failure_id, const struct failure_message *m, struct err *e)
{
	struct stmt *st = &s->stmts[STORE_MESSAGE];

	stmt_i64(st, failure_id);
	stmt_word(st, s->sensor);
	stmt_i64(st, m->at_us);
	stmt_endpoint(st, &m->src);
	stmt_endpoint(st, &m->dst);
	stmt_word(st, transport_name(m->transport));
	stmt_i64(st, m->copies);
	stmt_i64(st, m->is_truncated);
	stmt_wire(st, m->bytes.ptr != NULL ? m->bytes : SLICE(""));
	return stmt_run(st, e);
}

int store_put_failure(struct store *s, const struct failure *f,
    const struct failure_message *msgs, size_t count, struct err *e)
{
	bool has_more = f->evidence_count > 0 || count > 0;
	int rc = batch_enter(s, has_more ? PUT_SEVERAL : PUT_ONE_ROW, e);

	if (rc == 0)
		rc = put_failure_row(s, f, e);
	if (rc == 0)
		rc = put_evidence(s, f, e);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = put_message(s, f->id, &msgs[i], e);
	return batch_leave(s, rc, e);
}

int store_put_moved(struct store *s, const struct moved_failure *m, struct err *e)
{
	struct stmt *st = &s->stmts[STORE_MOVED];
	int rc = batch_enter(s, PUT_ONE_ROW, e);

	if (rc == 0) {
		stmt_i64(st, m->incident_id);
		stmt_i64(st, m->failure_id);
		rc = stmt_run(st, e);
	}
	return batch_leave(s, rc, e);
}

static int put_incident_row(struct store *s, const struct incident *i, struct err *e)
{
	struct stmt *st = &s->stmts[STORE_INCIDENT];

	stmt_i64(st, i->id);
	stmt_word(st, s->sensor);
	stmt_nonzero(st, i->trunk_id);
	stmt_field(st, i->trunk);
	stmt_word(st, verdict_slug(i->verdict));
	stmt_word(st, verdict_word(i->runner_up));
	stmt_real(st, (double)i->confidence);
	stmt_i64(st, i->opened_at_us);
	stmt_i64(st, i->last_at_us);
	stmt_nonzero(st, i->closed_at_us);
	stmt_i64(st, (int64_t)i->failures);
	stmt_i64(st, (int64_t)i->attempts);
	stmt_nonzero(st, i->first_failure);
	stmt_nonzero(st, i->last_failure);
	stmt_i64(st, i->revision);
	stmt_field(st, i->summary);
	return stmt_run(st, e);
}

static int put_incident_verdict(
    struct store *s, const struct incident *i, struct err *e)
{
	struct stmt *st = &s->stmts[STORE_INCIDENT_VERDICT];

	stmt_i64(st, i->id);
	stmt_i64(st, i->revision);
	stmt_word(st, s->sensor);
	stmt_i64(st, i->last_at_us);
	stmt_word(st, verdict_slug(i->verdict));
	stmt_word(st, verdict_word(i->runner_up));
	stmt_real(st, (double)i->confidence);
	return stmt_run(st, e);
}

int store_put_incident(struct store *s, const struct incident *i, struct err *e)
{
	int rc = batch_enter(s, PUT_SEVERAL, e);

	if (rc == 0)
		rc = put_incident_row(s, i, e);
	if (rc == 0)
		rc = put_incident_verdict(s, i, e);
	return batch_leave(s, rc, e);
}

enum { REMOTES_TEXT_MAX = TRUNK_REMOTES_MAX * (ENDPOINT_TEXT_MAX + 1) };

/* "198.51.100.20:5060 198.51.100.21:5060", NULL when there is none. */
static const char *remotes_text(const struct trunk_state *t, char buf[REMOTES_TEXT_MAX])
{
	size_t used = 0;

	for (size_t i = 0; i < t->remote_count && i < TRUNK_REMOTES_MAX; i++) {
		if (used > 0)
			buf[used++] = ' ';
		used += strlen(endpoint_text(&t->remotes[i], buf + used));
	}
	return used > 0 ? buf : NULL;
}

static int put_trunk_row(struct store *s, const struct trunk_state *t, struct err *e)
{
	struct stmt *st = &s->stmts[STORE_TRUNK];
	char remotes[REMOTES_TEXT_MAX], seen[ENDPOINT_TEXT_MAX];

	stmt_i64(st, t->id);
	stmt_word(st, s->sensor);
	stmt_wire(st, slice_of(t->name, strlen(t->name)));
	stmt_field(st, t->account);
	stmt_field(st, t->carrier_id);
	stmt_word(st, remotes_text(t, remotes));
	stmt_word(st, registration_name(t->registration));
	stmt_nonzero(st, t->registration_code);
	stmt_nonzero(st, t->registered_until_us);
	stmt_word(st, reachability_name(t->reachability));
	stmt_nonzero(st, t->rtt_us);
	stmt_i64(st, (int64_t)t->attempts);
	stmt_i64(st, (int64_t)t->answered);
	stmt_i64(st, (int64_t)t->refused);
	stmt_i64(st, (int64_t)t->normal);
	stmt_i64(st, t->active_calls);
	stmt_nonzero(st, t->first_seen_us);
	stmt_nonzero(st, t->last_seen_us);
	stmt_nonzero(st, t->last_success_at_us);
	stmt_nonzero(st, t->last_failure_at_us);
	stmt_word(st, verdict_word(t->verdict));
	stmt_word(st, echoed_text(&t->seen, seen));
	stmt_nonzero(st, t->credentials_at_us);
	stmt_nonzero(st, t->registration_at_us);
	stmt_nonzero(st, t->options_at_us);
	stmt_nonzero(st, t->options_code);
	stmt_nonzero(st, t->config_changed_at_us);
	return stmt_run(st, e);
}

int store_put_trunk(struct store *s, const struct trunk_state *t, struct err *e)
{
	int rc = batch_enter(s, PUT_ONE_ROW, e);

	if (rc == 0)
		rc = put_trunk_row(s, t, e);
	return batch_leave(s, rc, e);
}

static int put_outcomes(struct store *s, const struct trunk_minute *m, struct err *e)
{
	struct stmt *st = &s->stmts[STORE_MINUTE];
	int rc = 0;

	for (int o = 0; rc == 0 && o < OUTCOME_COUNT; o++) {
		if (m->outcomes[o] == 0)
			continue;
		stmt_i64(st, m->minute_us);
		stmt_i64(st, m->trunk_id);
		stmt_word(st, outcome_name((enum outcome)o));
		stmt_word(st, s->sensor);
		stmt_i64(st, m->outcomes[o]);
		rc = stmt_run(st, e);
	}
	return rc;
}

int store_put_minute(struct store *s, const struct trunk_minute *m, struct err *e)
{
	int rc = batch_enter(s, PUT_SEVERAL, e);

	if (rc == 0)
		rc = put_outcomes(s, m, e);
	return batch_leave(s, rc, e);
}

int store_put_capture_minute(
    struct store *s, const struct capture_minute *m, struct err *e)
{
	struct stmt *st = &s->stmts[STORE_CAPTURE_MINUTE];
	int rc = batch_enter(s, PUT_ONE_ROW, e);

	if (rc == 0) {
		stmt_i64(st, m->minute_us);
		stmt_word(st, s->sensor);
		stmt_i64(st, (int64_t)m->packets);
		stmt_i64(st, (int64_t)m->messages);
		stmt_i64(st, (int64_t)m->malformed);
		stmt_i64(st, (int64_t)m->dropped_kernel);
		stmt_i64(st, (int64_t)m->dropped_ring);
		stmt_i64(st, (int64_t)m->dropped_reassembly);
		rc = stmt_run(st, e);
	}
	return batch_leave(s, rc, e);
}

int store_put_past(struct store *s, const struct trunk_past *p, struct err *e)
{
	struct stmt *st = &s->stmts[STORE_PAST];
	int rc = batch_enter(s, PUT_ONE_ROW, e);

	if (rc == 0) {
		stmt_i64(st, p->trunk_id);
		stmt_i64(st, p->part);
		stmt_word(st, s->sensor);
		stmt_i64(st, p->at_us);
		stmt_blob(st, slice_of(p->bytes, p->len));
		rc = stmt_run(st, e);
	}
	return batch_leave(s, rc, e);
}

int store_put_meta(struct store *s, const char *key, const char *value, struct err *e)
{
	struct stmt *st = &s->stmts[STORE_META];
	int rc = batch_enter(s, PUT_ONE_ROW, e);

	if (rc == 0) {
		stmt_word(st, s->sensor);
		stmt_word(st, key);
		stmt_wire(st, slice_of(value, strlen(value)));
		rc = stmt_run(st, e);
	}
	return batch_leave(s, rc, e);
}
