/* SPDX-License-Identifier: BSD-2-Clause */
/* What is put comes back as it was, whatever the wire wrote into it. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store_fixture.h"

TestSuite(roundtrip, .init = fixture_setup, .fini = fixture_teardown);

static struct failure put; /* 8 KiB: not for the stack */
static struct err e;

/* The writer does not ask the CHECKs about its own rows: integrity_check does, where it
 * may write (it passes over them in a database opened read-only). */
static void close_store(struct store *s)
{
	sqlite3 *db;

	store_close(s);
	db = plain_open(path, SQLITE_OPEN_READWRITE);
	cr_expect_eq(number(db, "SELECT count(*) FROM pragma_integrity_check"
				" WHERE integrity_check <> 'ok'"),
	    0, "a row that its table's CHECKs do not allow");
	(void)sqlite3_close(db);
}

struct seen {
	int rows;
	void (*check)(const struct failure_row *r);
};

static int on_failure(void *ctx, const struct failure_row *r)
{
	struct seen *seen = ctx;

	seen->rows++;
	seen->check(r);
	return 0;
}

static void check_stored(struct store *s, void (*check)(const struct failure_row *r))
{
	struct seen seen = {.check = check};
	struct query *q;

	cr_assert_eq(store_put_failure(s, &put, NULL, 0, &e), 0, "%s", e.text);
	cr_assert_eq(store_commit(s, &e), 0, "%s", e.text);
	q = open_query();
	cr_assert_eq(query_failure(q, put.id, on_failure, &seen, &e), 0, "%s", e.text);
	cr_expect_eq(seen.rows, 1);
	query_close(q);
}

static void has_every_number(const struct failure_row *r)
{
	cr_expect_eq(r->id, 412);
	cr_expect_eq(r->at_us, T0);
	cr_expect_eq(r->started_at_us, T0 - 300000);
	cr_expect_str_eq(r->sensor, "dialer1");
	cr_expect_str_eq(r->trunk, "acme");
	cr_expect_str_eq(r->carrier_id, "ACME1");
	cr_expect_str_eq(r->direction, "inbound");
	cr_expect_str_eq(r->method, "INVITE");
	cr_expect_str_eq(r->transport, "tcp");
	cr_expect_str_eq(r->local, "192.0.2.10:5060");
	cr_expect_str_eq(r->remote, "[2001:db8::1]:5080");
	cr_expect_eq(r->code, 503);
	cr_expect_eq(r->q850_cause, 34);
	cr_expect_str_eq(r->outcome, "unreachable");
	cr_expect_eq(r->challenge_code, 407);
	cr_expect_eq(r->rounds, 2);
	cr_expect_eq(r->retransmits, 6);
	cr_expect_str_eq(r->verdict, "payment_required");
	cr_expect_str_eq(r->first_verdict, "payment_required");
	cr_expect_str_eq(r->runner_up, "ip_not_allowed");
	cr_expect_float_eq(r->confidence, 0.875, 1e-9);
	cr_expect_eq(r->incident, 0);
	cr_expect(r->incomplete);
	cr_expect_str_eq(r->incomplete_why, "packets_lost cut_short");
	cr_expect_eq(r->icmp, ICMP_REASON_PORT_UNREACHABLE);
	cr_expect_str_eq(r->icmp_reason, "port_unreachable");
	cr_expect_str_eq(r->seen_as, "203.0.113.7:1024");
	cr_expect_eq(r->trunk_id, 7);
	cr_expect_eq(r->active_calls, 120);
	cr_expect_eq(r->invites_per_s, 31);
	cr_expect_eq(r->request_bytes, 1290);
	cr_expect_eq(r->retry_after_s, 600);
	cr_expect(r->in_dialog);
	cr_expect(r->tcp_refused);
	cr_expect(r->thinned);
}

Test(roundtrip, every_number_and_word)
{
	struct store *s = open_store();
	struct facts *o = &put.facts;

	make_failure(&put, 412, T0);
	put.trunk_id = 7;
	put.verdict = VERDICT_PAYMENT_REQUIRED;
	put.runner_up = VERDICT_IP_NOT_ALLOWED;
	put.confidence = 0.875f; /* exact in a float */
	put.is_thinned = true;
	snprintf(put.carrier_id, sizeof(put.carrier_id), "ACME1");
	o->direction = DIRECTION_INBOUND;
	o->transport = TRANSPORT_TCP;
	o->outcome = OUTCOME_UNREACHABLE;
	o->code = 503;
	o->q850_cause = 34;
	o->challenge_code = 407;
	o->rounds = 2;
	o->retransmits = 6;
	facts_mark(o, INCOMPLETE_LOST);
	facts_mark(o, INCOMPLETE_CUT);
	o->is_in_dialog = true;
	o->tcp_refused = true;
	o->icmp_seen = true;
	o->icmp = ICMP_REASON_PORT_UNREACHABLE;
	cr_assert(ip_addr_parse(SLICE("203.0.113.7"), &o->seen_ip));
	o->seen_port = 1024;
	o->remote_active_calls = 120;
	o->remote_second_invites = 31;
	o->request_bytes = 1290;
	o->retry_after_s = 600;
	check_stored(s, has_every_number);
	close_store(s);
}

static void has_nothing(const struct failure_row *r)
{
	const struct slice wire[] = {r->call_id, r->caller, r->caller_name, r->called,
	    r->from_domain, r->request_uri, r->reason, r->reason_header, r->warning,
	    r->realm, r->auth_user, r->user_agent, r->server, r->asserted, r->extra,
	    r->algorithms};

	for (size_t i = 0; i < sizeof(wire) / sizeof(wire[0]); i++)
		cr_expect_null(wire[i].ptr, "field %zu", i);
	cr_expect_null(r->trunk);
	cr_expect_null(r->carrier_id);
	cr_expect_null(r->method);
	cr_expect_null(r->local);
	cr_expect_null(r->remote);
	cr_expect_null(r->runner_up);
	cr_expect_null(r->seen_as);
	cr_expect_null(r->icmp_reason);
	cr_expect_eq(r->code, 0);
	cr_expect_eq(r->challenge_code, 0);
	cr_expect_eq(r->q850_cause, 0);
	cr_expect_eq(r->trunk_id, 0);
	cr_expect_eq(r->icmp, ICMP_REASON_OTHER);
}

Test(roundtrip, what_was_absent_is_null)
{
	struct store *s = open_store();

	memset(&put, 0, sizeof(put));
	put.id = 1;
	put.verdict = VERDICT_UNKNOWN_REFUSAL;
	check_stored(s, has_nothing);
	cr_expect_eq(
	    file_number("SELECT count(*) FROM failures WHERE code IS NULL AND"
			" trunk IS NULL AND caller IS NULL AND icmp IS NULL AND"
			" incident_id IS NULL AND remote IS NULL"),
	    1);
	close_store(s);
}

/* Each stands in every text field once, with the field's own number behind it. */
static const struct slice hostile[] = {
    SLICE_INIT("'); DROP TABLE failures; --"),
    SLICE_INIT("\"; ATTACH '/tmp/x' AS x; --"),
    SLICE_INIT("?1 :id @id $id %s %n"),
    SLICE_INIT("a\0b\0"),
    SLICE_INIT("\xff\xfe\x80"),
    SLICE_INIT("Jos\xc3\xa9 \xe2\x80\xae"),
    SLICE_INIT("\x1b]0;owned\x07\r\n"),
    SLICE_INIT(""),
};
enum { HOSTILE_COUNT = sizeof(hostile) / sizeof(hostile[0]) };

static const size_t text_fields[] = {
    offsetof(struct facts, call_id),
    offsetof(struct facts, caller),
    offsetof(struct facts, caller_name),
    offsetof(struct facts, called),
    offsetof(struct facts, from_domain),
    offsetof(struct facts, request_uri),
    offsetof(struct facts, reason),
    offsetof(struct facts, reason_header),
    offsetof(struct facts, warning),
    offsetof(struct facts, realm),
    offsetof(struct facts, auth_user),
    offsetof(struct facts, user_agent),
    offsetof(struct facts, server),
    offsetof(struct facts, asserted),
    offsetof(struct facts, extra),
    offsetof(struct facts, challenge_algorithms),
    offsetof(struct facts, contact_host),
};
enum { TEXT_FIELDS = sizeof(text_fields) / sizeof(text_fields[0]) };

static struct text *text_field(size_t i)
{
	return (struct text *)((char *)&put.facts + text_fields[i]);
}

static void has_every_text(const struct failure_row *r)
{
	const struct slice got[] = {r->call_id, r->caller, r->caller_name, r->called,
	    r->from_domain, r->request_uri, r->reason, r->reason_header, r->warning,
	    r->realm, r->auth_user, r->user_agent, r->server, r->asserted, r->extra,
	    r->algorithms};

	for (size_t i = 0; i < sizeof(got) / sizeof(got[0]); i++) {
		cr_expect_not_null(got[i].ptr, "field %zu", i);
		cr_expect(slice_eq(got[i], TEXT_GET(&put.facts, *text_field(i))),
		    "field %zu", i);
	}
}

ParameterizedTestParameters(roundtrip, hostile_text)
{
	static size_t index[HOSTILE_COUNT];

	for (size_t i = 0; i < HOSTILE_COUNT; i++)
		index[i] = i;
	return cr_make_param_array(size_t, index, HOSTILE_COUNT);
}

ParameterizedTest(size_t *which, roundtrip, hostile_text)
{
	struct store *s = open_store();
	char text[64];

	make_failure(&put, 1, T0);
	for (size_t i = 0; i < TEXT_FIELDS; i++) {
		size_t len = hostile[*which].len;

		memcpy(text, hostile[*which].ptr, len);
		if (len > 0) /* the empty one stays empty */
			text[len++] = (char)('a' + i);
		set_text(&put, text_field(i), slice_of(text, len));
	}
	check_stored(s, has_every_text);
	cr_expect_eq(file_number("SELECT count(*) FROM failures"), 1);
	close_store(s);
}

struct messages_seen {
	const struct failure_message *want;
	size_t rows;
};

static int on_message(void *ctx, const struct message_row *r)
{
	struct messages_seen *seen = ctx;
	const struct failure_message *want = &seen->want[seen->rows++];

	cr_expect_eq(r->at_us, want->at_us);
	cr_expect_eq(r->copies, want->copies);
	cr_expect_eq(r->truncated, want->is_truncated);
	cr_expect_str_eq(r->src, "192.0.2.10:5060");
	cr_expect_null(r->dst);
	cr_expect_str_eq(r->transport, "udp");
	cr_expect(slice_eq(r->bytes, want->bytes), "message %zu", seen->rows);
	return 0;
}

static int on_evidence(void *ctx, const struct evidence_row *r)
{
	size_t i = (*(size_t *)ctx)++;

	cr_expect_eq(r->weight, put.evidence[i].weight);
	cr_expect(slice_eq(r->text, slice_str(put.evidence[i].text)));
	return 0;
}

/* The largest record that the types allow. */
Test(roundtrip, as_much_as_fits)
{
	static char big[65535];
	struct failure_message msgs[FAILURE_MESSAGES_MAX];
	struct messages_seen seen = {.want = msgs};
	size_t evidence = 0;
	struct store *s = open_store();
	struct query *q = NULL;

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)i;
	make_failure(&put, INT64_MAX - 1, T0);
	put.evidence_count = EVIDENCE_MAX;
	for (size_t i = 0; i < EVIDENCE_MAX; i++) {
		memset(put.evidence[i].text, 'a' + (int)i, EVIDENCE_TEXT_MAX - 1);
		put.evidence[i].weight = i % 2 ? INT16_MIN : INT16_MAX;
	}
	memset(put.trunk, 't', sizeof(put.trunk) - 1);
	set_text(&put, &put.facts.reason,
	    slice_of(big, sizeof(put.facts.pool.bytes) - put.facts.pool.used));
	for (size_t i = 0; i < FAILURE_MESSAGES_MAX; i++) {
		msgs[i] =
		    (struct failure_message){.at_us = T0 - (int64_t)i, /* steps back */
			.src = put.facts.local,
			.copies = (uint16_t)(UINT16_MAX - i),
			.is_truncated = i % 2,
			.bytes = slice_of(big, i == 0 ? 0 : sizeof(big) - i)};
	}
	cr_assert_eq(store_put_failure(s, &put, msgs, FAILURE_MESSAGES_MAX, &e), 0,
	    "%s", e.text);
	cr_expect_eq(store_pending(s), 1);
	cr_assert_eq(store_query(s, &q, &e), 0); /* sees what is not committed yet */
	cr_assert_eq(query_messages(q, put.id, on_message, &seen, &e), 0, "%s", e.text);
	cr_expect_eq(seen.rows, FAILURE_MESSAGES_MAX);
	cr_assert_eq(query_evidence(q, put.id, on_evidence, &evidence, &e), 0);
	cr_expect_eq(evidence, EVIDENCE_MAX);
	query_close(q);
	close_store(s);
}

Test(roundtrip, an_id_twice_leaves_the_batch_as_it_was)
{
	struct failure_message msg = {.bytes = SLICE_INIT("INVITE"), .copies = 1};
	struct store *s = open_store();

	make_failure(&put, 5, T0);
	cr_assert_eq(store_put_failure(s, &put, &msg, 1, &e), 0);
	cr_expect_eq(store_put_failure(s, &put, &msg, 1, &e), -EEXIST);
	cr_expect_not_null(strstr(e.text, path), "%s", e.text);
	cr_expect_eq(store_pending(s), 1);
	cr_assert_eq(store_commit(s, &e), 0);
	cr_expect_eq(store_pending(s), 0);
	cr_expect_eq(file_number("SELECT count(*) FROM failures"), 1);
	cr_expect_eq(file_number("SELECT count(*) FROM evidence"), 3);
	cr_expect_eq(file_number("SELECT count(*) FROM messages"), 1);
	close_store(s);
}

/* Evidence of a failure that is not there is in the way of the third statement: what
 * came before it in the batch stays, what belongs to it goes. */
Test(roundtrip, a_put_that_fails_half_way_leaves_nothing)
{
	struct store *s = open_store();
	sqlite3 *db = plain_open(path, SQLITE_OPEN_READWRITE);

	run_sql(db, "INSERT INTO evidence VALUES (5, 2, 'x', 1, 'left over')");
	(void)sqlite3_close(db);
	for (int pending = 0; pending < 2; pending++) {
		make_failure(&put, 5, T0);
		cr_expect_eq(store_put_failure(s, &put, NULL, 0, &e), -EEXIST);
		cr_expect_eq(store_pending(s), pending);
		put_failure(s, 6 + pending, T0, "acme"); /* and the next one goes on */
	}
	cr_assert_eq(store_commit(s, &e), 0);
	cr_expect_eq(file_number("SELECT count(*) FROM failures"), 2);
	cr_expect_eq(file_number("SELECT count(*) FROM evidence"), 2 * 3 + 1);
	close_store(s);
}

/* Nobody would commit an empty batch, and its lock would stay for ever. */
Test(roundtrip, a_first_put_that_fails_keeps_no_lock)
{
	struct store *s = open_store();
	sqlite3 *db;

	put_failure(s, 5, T0, "acme");
	cr_assert_eq(store_commit(s, &e), 0);
	make_failure(&put, 5, T0);
	cr_expect_eq(store_put_failure(s, &put, NULL, 0, &e), -EEXIST);
	db = plain_open(path, SQLITE_OPEN_READWRITE);
	run_sql(db, "BEGIN IMMEDIATE; ROLLBACK");
	(void)sqlite3_close(db);
	close_store(s);
}

static int on_incident(void *ctx, const struct incident_row *r)
{
	const struct incident *want = ctx;

	cr_expect_eq(r->id, want->id);
	cr_expect_eq(r->opened_at_us, want->opened_at_us);
	cr_expect_eq(r->last_at_us, want->last_at_us);
	cr_expect_eq(r->closed_at_us, want->closed_at_us);
	cr_expect_str_eq(r->sensor, "dialer1");
	cr_expect_str_eq(r->trunk, want->trunk);
	cr_expect_str_eq(r->verdict, verdict_slug(want->verdict));
	cr_expect_str_eq(r->runner_up, verdict_slug(want->runner_up));
	cr_expect_float_eq(r->confidence, (double)want->confidence, 1e-9);
	cr_expect_eq(r->failures, (int64_t)want->failures);
	cr_expect_eq(r->attempts, (int64_t)want->attempts);
	cr_expect_eq(r->first_failure, want->first_failure);
	cr_expect_eq(r->last_failure, want->last_failure);
	cr_expect(slice_eq(r->summary, slice_str(want->summary)));
	return 77;
}

Test(roundtrip, an_incident_is_updated_and_keeps_its_history)
{
	const struct query_filter all = {.with_not_failures = true};
	struct store *s = open_store();
	struct query *q = NULL;
	struct incident i;

	make_incident(&i, 7, T0);
	i.runner_up = VERDICT_UNKNOWN_REFUSAL;
	cr_assert_eq(store_put_incident(s, &i, &e), 0, "%s", e.text);
	i.confidence = 0.25f; /* the same revision: no history */
	cr_assert_eq(store_put_incident(s, &i, &e), 0, "%s", e.text);
	i.revision = 1;
	i.last_at_us = T0 + 60000000;
	i.failures = 20;
	i.attempts = 30;
	i.last_failure = 20;
	i.closed_at_us = T0 + 90000000;
	i.opened_at_us = T0;
	snprintf(i.summary, sizeof(i.summary), "it's \"over\"");
	cr_assert_eq(store_put_incident(s, &i, &e), 0, "%s", e.text);
	cr_assert_eq(store_query(s, &q, &e), 0);
	cr_expect_eq(query_incidents(q, &all, on_incident, &i, &e), 77);
	query_close(q);
	close_store(s);
	cr_expect_eq(file_number("SELECT count(*) FROM incidents"), 1);
	cr_expect_eq(file_number("SELECT count(*) FROM incident_verdicts"), 2);
	cr_expect_eq(file_number("SELECT confidence = 0.75 FROM incident_verdicts"
				 " WHERE revision = 0"),
	    1);
	cr_expect_eq(
	    file_number("SELECT at_us FROM incident_verdicts WHERE revision = 1"),
	    T0 + 60000000);
}

static void full_trunk(struct trunk_state *t)
{
	make_trunk(t, 3, "4711@sip.example.net");
	snprintf(t->account, sizeof(t->account), "47'11");
	snprintf(t->carrier_id, sizeof(t->carrier_id), "ACME1");
	t->remote_count = 3;
	cr_assert(ip_addr_parse(SLICE("198.51.100.20"), &t->remotes[0].ip));
	cr_assert(ip_addr_parse(SLICE("2001:db8::20"), &t->remotes[1].ip));
	cr_assert(ip_addr_parse(SLICE("198.51.100.21"), &t->remotes[2].ip));
	t->remotes[0].port = 5060;
	t->remotes[1].port = 65535;
	t->registration = REGISTRATION_REFUSED;
	t->reachability = REACHABILITY_UNREACHABLE;
	t->registration_code = 403;
	t->registered_until_us = T0 + 1;
	t->rtt_us = 23456;
	t->attempts = 1000;
	t->answered = 400;
	t->refused = 100;
	t->normal = 500;
	t->active_calls = 40;
	t->first_seen_us = T0 - 5;
	t->last_seen_us = T0 + 5;
	t->last_success_at_us = T0 + 2;
	t->last_failure_at_us = T0 + 3;
	t->verdict = VERDICT_UNKNOWN_REFUSAL;
}

static int on_trunk(void *ctx, const struct trunk_row *r)
{
	(void)ctx;
	cr_expect_eq(r->id, 3);
	cr_expect_str_eq(r->sensor, "dialer1");
	cr_expect_str_eq(r->name, "4711@sip.example.net");
	cr_expect_str_eq(r->account, "47'11");
	cr_expect_str_eq(r->carrier_id, "ACME1");
	cr_expect_str_eq(
	    r->remotes, "198.51.100.20:5060 [2001:db8::20]:65535 198.51.100.21:0");
	cr_expect_str_eq(r->registration, "refused");
	cr_expect_str_eq(r->reachability, "unreachable");
	cr_expect_str_eq(r->verdict, "unknown_refusal");
	cr_expect_eq(r->registration_code, 403);
	cr_expect_eq(r->registered_until_us, T0 + 1);
	cr_expect_eq(r->rtt_us, 23456);
	cr_expect_eq(r->attempts, 1000);
	cr_expect_eq(r->answered, 400);
	cr_expect_eq(r->refused, 100);
	cr_expect_eq(r->normal, 500);
	cr_expect_eq(r->active_calls, 40);
	cr_expect_eq(r->first_seen_us, T0 - 5);
	cr_expect_eq(r->last_seen_us, T0 + 5);
	cr_expect_eq(r->last_success_at_us, T0 + 2);
	cr_expect_eq(r->last_failure_at_us, T0 + 3);
	return 77;
}

Test(roundtrip, a_trunk_is_updated)
{
	const struct query_filter all = {0};
	struct trunk_state t;
	struct store *s = open_store();
	struct query *q = NULL;

	make_trunk(&t, 3, "first name");
	cr_assert_eq(store_put_trunk(s, &t, &e), 0, "%s", e.text);
	full_trunk(&t);
	cr_assert_eq(store_put_trunk(s, &t, &e), 0, "%s", e.text);
	cr_assert_eq(store_query(s, &q, &e), 0);
	cr_expect_eq(query_trunks(q, &all, on_trunk, NULL, &e), 77);
	query_close(q);
	close_store(s);
	cr_expect_eq(file_number("SELECT count(*) FROM trunks"), 1);
}

/* Structs as a whole: whoever adds a field to them has to store it, or say so here. */
Test(roundtrip, a_restart_goes_on_from_what_was_there)
{
	static struct trunk_state t, quiet;
	static struct incident open, closed;
	struct store_start start;
	struct store *s = open_store();

	full_trunk(&t);
	make_trunk(&quiet, 4, "never seen");
	quiet.first_seen_us = quiet.last_seen_us = USEC_NEVER;
	make_incident(&open, 8, T0);
	open.runner_up = VERDICT_UNKNOWN_REFUSAL;
	open.revision = 3;
	make_incident(&closed, 9, T0);
	closed.closed_at_us = T0 + 5;
	put_failure(s, 41, T0, "acme");
	cr_assert_eq(store_put_trunk(s, &t, &e), 0);
	cr_assert_eq(store_put_trunk(s, &quiet, &e), 0);
	cr_assert_eq(store_put_incident(s, &open, &e), 0);
	cr_assert_eq(store_put_incident(s, &closed, &e), 0);
	close_store(s);

	s = open_store();
	cr_assert_eq(store_load_start(s, &start, &e), 0, "%s", e.text);
	cr_expect_eq(start.next_failure_id, 42);
	cr_expect_eq(start.next_incident_id, 10);
	cr_expect_eq(start.next_trunk_id, 5);
	cr_assert_eq(start.trunk_count, 2);
	cr_expect_arr_eq(&start.trunks[0], &t, sizeof(t));
	cr_expect_arr_eq(&start.trunks[1], &quiet, sizeof(quiet));
	cr_assert_eq(start.incident_count, 2, "closed ones may flap");
	cr_expect_arr_eq(&start.incidents[0], &open, sizeof(open));
	cr_expect_arr_eq(&start.incidents[1], &closed, sizeof(closed));
	store_start_fini(&start);
	close_store(s);
}

static void put_past(
    struct store *s, int64_t trunk_id, uint8_t part, const char *bytes, uint32_t len)
{
	static struct trunk_past p;

	p = (struct trunk_past){
	    .trunk_id = trunk_id, .part = part, .at_us = T0, .len = len};
	memcpy(p.bytes, bytes, len);
	cr_assert_eq(store_put_past(s, &p, &e), 0, "%s", e.text);
}

/* Bytes as they are: NULs, text, and no more than the largest. */
Test(roundtrip, the_past_of_a_trunk_comes_back)
{
	static struct trunk_state t;
	static char large[TRUNK_PAST_MAX];
	struct store_start start;
	struct store *s = open_store();

	make_trunk(&t, 3, "acme");
	memset(large, 'x', sizeof(large));
	cr_assert_eq(store_put_trunk(s, &t, &e), 0);
	put_past(s, 3, 1, large, sizeof(large));
	put_past(s, 3, 0, "old", 3);
	put_past(s, 3, 0, "a\0b", 3);
	put_past(s, 4, 0, "of no trunk", 11);
	close_store(s);

	s = open_store();
	cr_assert_eq(store_load_start(s, &start, &e), 0, "%s", e.text);
	cr_assert_eq(start.past_count, 2);
	cr_expect_eq(start.past[0].trunk_id, 3);
	cr_expect_eq(start.past[0].part, 0);
	cr_expect_eq(start.past[0].at_us, T0);
	cr_expect(slice_eq(start.past[0].bytes, slice_of("a\0b", 3)));
	cr_expect_eq(start.past[1].part, 1);
	cr_expect(slice_eq(start.past[1].bytes, slice_of(large, sizeof(large))));
	store_start_fini(&start);
	close_store(s);
}

Test(roundtrip, an_empty_database_begins_with_one)
{
	struct store *s = open_store();
	struct store_start start;

	cr_assert_eq(store_load_start(s, &start, &e), 0, "%s", e.text);
	cr_expect_eq(start.next_failure_id, 1);
	cr_expect_eq(start.next_incident_id, 1);
	cr_expect_eq(start.next_trunk_id, 1);
	cr_expect_eq(start.trunk_count, 0);
	cr_expect_eq(start.incident_count, 0);
	store_start_fini(&start);
	close_store(s);
}

Test(roundtrip, minutes_add_up)
{
	struct trunk_minute m = {.trunk_id = 3, .minute_us = T0};
	struct capture_minute c = {T0, 100, 90, 1, 2, 3, 4};
	struct store *s = open_store();

	m.outcomes[OUTCOME_ANSWERED] = 5;
	m.outcomes[OUTCOME_OPEN] = 1;
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(store_put_minute(s, &m, &e), 0, "%s", e.text);
		cr_assert_eq(store_put_capture_minute(s, &c, &e), 0, "%s", e.text);
	}
	close_store(s);
	cr_expect_eq(file_number("SELECT count(*) FROM minutes"), 2);
	cr_expect_eq(file_number("SELECT attempts FROM minutes WHERE trunk_id = 3 AND"
				 " outcome = 'answered' AND sensor = 'dialer1'"),
	    10);
	cr_expect_eq(
	    file_number("SELECT count(*) FROM capture_minutes WHERE packets = 200"
			" AND messages = 180 AND malformed = 2 AND"
			" dropped_kernel = 4 AND dropped_ring = 6 AND"
			" dropped_reassembly = 8"),
	    1);
}

Test(roundtrip, meta_is_replaced)
{
	struct store *s = open_store();
	struct query *q = NULL;
	char value[8];

	cr_assert_eq(store_put_meta(s, "alive_since", "1", &e), 0, "%s", e.text);
	cr_assert_eq(store_put_meta(s, "alive_since", "it's 22", &e), 0, "%s", e.text);
	cr_assert_eq(store_query(s, &q, &e), 0);
	cr_expect_eq(query_meta(q, "alive_since", value, sizeof(value), &e), 0);
	cr_expect_str_eq(value, "it's 22");
	cr_expect_eq(query_meta(q, "alive_since", value, 4, &e), 0);
	cr_expect_str_eq(value, "it'", "cut to the buffer");
	cr_expect_eq(query_meta(q, "no such key", value, sizeof(value), &e), 0);
	cr_expect_str_eq(value, "");
	query_close(q);
	close_store(s);
}

Test(roundtrip, the_temporary_database_leaves_no_file)
{
	struct store_config c = {.path = NULL, .sensor = "cli"};
	struct store *s = NULL;
	struct query *q = NULL;
	struct seen seen = {.check = has_nothing};

	cr_assert_eq(setenv("TMPDIR", dir, 1), 0);
	cr_assert_eq(store_open(&c, &s, &e), 0, "%s", e.text);
	for (int64_t id = 2; id < 6000; id++) /* more than the cache: it has a file */
		put_failure(s, id, T0, "acme");
	cr_assert_eq(store_commit(s, &e), 0, "%s", e.text);
	memset(&put, 0, sizeof(put));
	put.id = 1;
	cr_assert_eq(store_put_failure(s, &put, NULL, 0, &e), 0, "%s", e.text);
	cr_assert_eq(store_query(s, &q, &e), 0);
	cr_expect_eq(query_failure(q, 1, on_failure, &seen, &e), 0, "%s", e.text);
	cr_expect_eq(seen.rows, 1);
	query_close(q);
	store_close(s);
	cr_expect_eq(rmdir(dir), 0, "something was left in %s", dir);
}
