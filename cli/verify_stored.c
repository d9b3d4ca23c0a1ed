/* SPDX-License-Identifier: BSD-2-Clause */
#include "verify_stored.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "database.h"
#include "export/json.h"
#include "page.h"
#include "proofs.h"
#include "sip/digest_proof.h"

struct found {
	struct cli *cli;
	size_t rows;
	bool is_compared;
};

const char *verify_stored_words(const struct failure_row *r)
{
	enum digest_mangling m = DIGEST_MANGLING_COUNT;

	if (r->mangling != NULL)
		m = digest_mangling_lookup(slice_of(r->mangling, strlen(r->mangling)));
	if (strcmp(r->digest, "mangled") == 0 && m < DIGEST_MANGLING_COUNT)
		return digest_mangling_sentence(m);
	if (strcmp(r->digest, "matches") == 0)
		return m < DIGEST_MANGLING_COUNT
			   ? "sent as configured, but in quotes, which Asterisk sends along"
			   : "sent as configured: the provider holds another one, or "
			     "refuses for another reason";
	if (strcmp(r->digest, "no_match") == 0)
		return "something else was sent: was Asterisk reloaded after the last "
		       "change?";
	return "none is configured for this user name";
}

static void put_json(struct cli *cli, const struct failure_row *r)
{
	struct json j = {.out = &cli->out};

	json_begin_object(&j);
	json_put_key(&j, "id");
	json_put_int(&j, r->id);
	json_put_key(&j, "at");
	json_put_time(&j, r->at_us);
	json_put_key(&j, "trunk");
	json_put_cstring(&j, r->trunk);
	json_put_key(&j, "user");
	json_put_string(&j, r->auth_user);
	json_put_key(&j, "realm");
	json_put_string(&j, r->realm);
	json_put_key(&j, "verdict");
	json_put_cstring(&j, r->digest == NULL ? "not_checked" : r->digest);
	json_put_key(&j, "mangling");
	json_put_cstring(&j, r->mangling);
	json_end_object(&j);
	out_char(&cli->out, '\n');
}

static int on_failure(void *ctx, const struct failure_row *r)
{
	struct found *f = ctx;
	const struct term *t = &f->cli->term;
	struct out *o = &f->cli->out;

	f->rows++;
	f->is_compared = r->digest != NULL;
	if (cli_given(f->cli, OPT_BIT(JSON))) {
		put_json(f->cli, r);
		return 0;
	}
	if (!f->is_compared)
		return 0;
	page_text(t, o, "Our secret", verify_stored_words(r));
	page_text(t, o, "Trunk", r->trunk);
	page_slice_field(t, o, "Credentials of", r->auth_user);
	page_slice_field(t, o, "Realm", r->realm);
	page_slice_field(t, o, "Call-ID", r->call_id);
	return 0;
}

int verify_stored(struct cli *cli, int64_t id)
{
	CLEANUP(database_cleanup) struct query *q = NULL;
	struct found f = {.cli = cli};
	struct err e;
	int status = database_open(cli, &q);

	if (status != EXIT_OK)
		return status;
	if (query_failure(q, id, on_failure, &f, &e) < 0)
		return database_failed(cli, &e);
	if (f.rows == 0)
		return database_no_such_id(false, id);
	(void)out_flush(&cli->out);
	if (!f.is_compared)
		return cli_fail(EXIT_DATA,
		    "failure %lld was not compared with a secret: it bore no digest, or "
		    "asterisk.secrets was off; 'trunkwatch verify FILE' compares those in "
		    "a capture",
		    (long long)id);
	return EXIT_OK;
}

/* --- once more, with a secret --- */

static int on_message(void *ctx, const struct message_row *m)
{
	static const struct endpoint nowhere;
	struct wire_event ev = {.kind = WIRE_MESSAGE,
	    .at_us = m->at_us,
	    .bytes = m->bytes,
	    .truncated = m->truncated};
	struct sip_msg *msg = malloc(sizeof(*msg));

	if (msg == NULL)
		return -ENOMEM;
	if (!endpoint_parse(slice_of(m->src, strlen(m->src)), &ev.src))
		ev.src = nowhere;
	if (!endpoint_parse(slice_of(m->dst, strlen(m->dst)), &ev.dst))
		ev.dst = nowhere;
	if (sip_msg_parse(m->bytes, msg) == SIP_OK)
		proofs_take(ctx, &ev, msg);
	free(msg);
	return 0;
}

int verify_stored_messages(struct cli *cli, int64_t id, struct proofs *p)
{
	CLEANUP(database_cleanup) struct query *q = NULL;
	struct err e;
	int status = database_open(cli, &q);
	int rc;

	if (status != EXIT_OK)
		return status;
	rc = query_messages(q, id, on_message, p, &e);
	if (rc < 0)
		return database_failed(cli, &e);
	if (p->checked == 0)
		return cli_fail(EXIT_DATA,
		    "failure %lld: no digest was kept to compare with "
		    "(evidence.keep_credentials is off, or it was thinned); without a "
		    "secret 'verify %lld' shows what the daemon found",
		    (long long)id, (long long)id);
	return EXIT_OK;
}
