/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench_parts table|digest|store [ROUNDS] - parts without the rest, and their floors.
 *
 *         table   finding an attempt among 1k, 64k and 1M, in random order; the floor
 *                 is an open table of key and value in one array
 *         digest  MD5 and SHA-256 credentials against a secret
 *         store   a failure with its evidence and five messages; the floor is SQLite
 *                 with one table and the same bytes in it
 */
#include <sqlite3.h>
#include <stdint.h>
#include <string.h>

#include "bench.h"
#include "sip/sip_digest.h"
#include "store/store.h"
#include "track/table.h"

enum { LOOKUPS = 262144, CHECKS = 2000, ROWS = 2000, LADDER = 5, MESSAGE_BYTES = 590 };

static uint64_t mix(uint64_t x) /* splitmix64: any key from its number */
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

struct tables {
	struct table ours;
	struct cell {
		uint64_t key, value;
	} * plain;
	uint64_t mask, in_flight;
};

static void nobody_goes(void *ctx, struct leg *leg)
{
	(void)leg;
	(*(size_t *)ctx)++;
}

static bool fill(struct tables *t, uint32_t in_flight)
{
	size_t evicted = 0;

	t->in_flight = in_flight;
	t->mask = (uint64_t)in_flight * 2 - 1;
	t->plain = calloc(t->mask + 1, sizeof(*t->plain));
	/* Entry 0 is never used. A hit does not look at facts: a million are too much.
	 */
	if (t->plain == NULL || table_init(&t->ours, in_flight + 1, 1024) != 0)
		return false;
	for (uint32_t i = 0; i < in_flight; i++) {
		uint64_t key = mix(i), at = key & t->mask;
		struct leg *leg =
		    table_add(&t->ours, key, LEG_CLASS_TALKING, nobody_goes, &evicted);

		leg->cseq = i;
		table_release(&t->ours, table_detach(&t->ours, leg, LEG_CLASS_TALKING));
		while (t->plain[at].key != 0)
			at = (at + 1) & t->mask;
		t->plain[at] = (struct cell){key, i};
	}
	return evicted == 0;
}

static size_t find_ours(void *ctx)
{
	struct tables *t = ctx;

	for (uint64_t i = 0; i < LOOKUPS; i++) {
		uint32_t n = (uint32_t)(mix(i + 1) & (t->in_flight - 1));
		struct leg *leg = table_first(&t->ours, mix(n));

		if (leg == NULL || leg->cseq != n)
			return 0;
	}
	return LOOKUPS;
}

static size_t find_plain(void *ctx)
{
	const struct tables *t = ctx;

	for (uint64_t i = 0; i < LOOKUPS; i++) {
		uint64_t n = mix(i + 1) & (t->in_flight - 1), key = mix(n);
		uint64_t at = key & t->mask;

		while (t->plain[at].key != key)
			at = (at + 1) & t->mask;
		if (t->plain[at].value != n)
			return 0;
	}
	return LOOKUPS;
}

static int bench_tables(size_t rounds)
{
	static struct tables t[3];
	const struct bench parts[] = {
	    {"floor: open table, 1k", "hit", find_plain, &t[0]},
	    {"attempt table, 1k", "hit", find_ours, &t[0]},
	    {"floor: open table, 64k", "hit", find_plain, &t[1]},
	    {"attempt table, 64k", "hit", find_ours, &t[1]},
	    {"floor: open table, 1M", "hit", find_plain, &t[2]},
	    {"attempt table, 1M", "hit", find_ours, &t[2]},
	};
	int rc;

	if (!fill(&t[0], 1 << 10) || !fill(&t[1], 1 << 16) || !fill(&t[2], 1 << 20))
		return 1;
	rc = bench_run(parts, sizeof(parts) / sizeof(parts[0]), rounds);
	for (size_t i = 0; i < 3; i++) {
		table_fini(&t[i].ours);
		free(t[i].plain);
	}
	return rc;
}

/* RFC 2617 3.5, and RFC 7616 3.9.1 in SHA-256. */
static const char *const credentials[] = {
    "Digest username=\"Mufasa\",realm=\"testrealm@host.com\","
    "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\",uri=\"/dir/index.html\",qop=auth,"
    "nc=00000001,cnonce=\"0a4f113b\",response=\"6629fae49393a05397450978507c4ef1\"",
    "Digest username=\"Mufasa\",realm=\"http-auth@example.org\","
    "uri=\"/dir/index.html\",algorithm=SHA-256,"
    "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\",nc=00000001,"
    "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\",qop=auth,"
    "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\""};
static const char *const secrets[] = {"Circle Of Life", "Circle of Life"};

static size_t check(void *ctx)
{
	size_t which = *(const size_t *)ctx;
	struct slice value = slice_of(credentials[which], strlen(credentials[which]));
	struct slice secret = slice_of(secrets[which], strlen(secrets[which]));
	struct sip_credentials cred;
	struct digest_input in = {SLICE("GET"), SLICE_NONE, &cred};

	for (size_t i = 0; i < CHECKS; i++) {
		if (!sip_credentials_parse(value, &cred) ||
		    !sip_digest_matches(&in, secret))
			return 0;
	}
	return CHECKS;
}

static int bench_digest(size_t rounds)
{
	static const size_t md5 = 0, sha = 1;
	const struct bench parts[] = {
	    {"digest check, MD5", "check", check, (void *)(uintptr_t)&md5},
	    {"digest check, SHA-256", "check", check, (void *)(uintptr_t)&sha},
	};

	return bench_run(parts, sizeof(parts) / sizeof(parts[0]), rounds);
}

static char bytes[MESSAGE_BYTES];

static void one_failure(struct failure *f, int64_t id)
{
	static const struct ip_addr ip = {.bytes = {192, 0, 2, 1}, .family = 4};

	memset(f, 0, sizeof(*f));
	f->id = id;
	f->verdict = VERDICT_UNKNOWN_REFUSAL;
	f->confidence = 0.5f;
	f->evidence_count = 4;
	(void)snprintf(f->trunk, sizeof(f->trunk), "acme");
	for (int i = 0; i < f->evidence_count; i++)
		(void)snprintf(f->evidence[i].text, sizeof(f->evidence[i].text),
		    "the sixty bytes or so that a line of evidence usually takes %d",
		    i);
	f->facts.direction = DIRECTION_OUTBOUND;
	f->facts.outcome = OUTCOME_REFUSED;
	f->facts.local = f->facts.remote = (struct endpoint){.ip = ip, .port = 5060};
	f->facts.started_at_us = 1770000000000000 + id * 1000;
	f->facts.decided_at_us = f->facts.started_at_us + 500;
	f->facts.code = 403;
	f->facts.method = TEXT_PUT(&f->facts, SLICE("INVITE"), FACTS_TEXT_MAX);
	f->facts.call_id = TEXT_PUT(&f->facts,
	    slice_of((const char *)&(uint64_t){mix((uint64_t)id)}, 8), FACTS_TEXT_MAX);
}

static size_t put_ours(void *ctx)
{
	static struct failure f;
	struct failure_message ladder[LADDER];
	struct store *s = NULL;
	struct err e = {0};
	bool ok = store_open(&(struct store_config){.path = NULL, .sensor = "bench"},
		      &s, &e) == 0;

	(void)ctx;
	memset(ladder, 0, sizeof(ladder));
	for (size_t i = 0; i < LADDER; i++) {
		ladder[i].copies = 1;
		ladder[i].bytes = slice_of(bytes, sizeof(bytes));
	}
	for (int64_t id = 1; ok && id <= ROWS; id++) {
		one_failure(&f, id);
		ok = store_put_failure(s, &f, ladder, LADDER, &e) == 0;
	}
	ok = ok && store_commit(s, &e) == 0;
	if (!ok)
		(void)fprintf(stderr, "%s\n", e.text);
	if (s != NULL)
		store_close(s);
	return ok ? ROWS : 0;
}

static size_t put_plain(void *ctx)
{
	static const char blob[LADDER * MESSAGE_BYTES + 400];
	sqlite3_stmt *put = NULL;
	sqlite3 *db = NULL;
	bool ok =
	    sqlite3_open("", &db) == SQLITE_OK &&
	    sqlite3_exec(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB); BEGIN",
		NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "INSERT INTO t VALUES(?,?)", -1, &put, NULL) ==
		SQLITE_OK;

	(void)ctx;
	for (int64_t id = 1; ok && id <= ROWS; id++) {
		(void)sqlite3_bind_int64(put, 1, id);
		(void)sqlite3_bind_blob(put, 2, blob, sizeof(blob), SQLITE_STATIC);
		ok =
		    sqlite3_step(put) == SQLITE_DONE && sqlite3_reset(put) == SQLITE_OK;
	}
	(void)sqlite3_finalize(put);
	ok = ok && sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
	(void)sqlite3_close(db);
	return ok ? ROWS : 0;
}

static int bench_store(size_t rounds)
{
	const struct bench parts[] = {
	    {"floor: SQLite, one blob", "row", put_plain, NULL},
	    {"store, failure with ladder", "row", put_ours, NULL},
	};

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)('a' + i % 26);
	return bench_run(parts, sizeof(parts) / sizeof(parts[0]), rounds);
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 5;

	if (argc > 1 && rounds > 0 && strcmp(argv[1], "table") == 0)
		return bench_tables(rounds);
	if (argc > 1 && rounds > 0 && strcmp(argv[1], "digest") == 0)
		return bench_digest(rounds);
	if (argc > 1 && rounds > 0 && strcmp(argv[1], "store") == 0)
		return bench_store(rounds);
	(void)fputs("usage: bench_parts table|digest|store [ROUNDS]\n", stderr);
	return 64;
}
