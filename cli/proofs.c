/* SPDX-License-Identifier: BSD-2-Clause */
#include "proofs.h"

#include <stdlib.h>

#include "sip/sip_value.h"

bool proofs_init(struct proofs *p)
{
	p->list = calloc(PROOFS_MAX, sizeof(p->list[0]));
	return p->list != NULL;
}

void proofs_fini(struct proofs *p)
{
	free(p->list);
	*p = (struct proofs){0};
}

static bool is_masked(struct slice response)
{
	for (size_t i = 0; i < response.len; i++) {
		if (response.ptr[i] != 'x')
			return false;
	}
	return response.len > 0;
}

/* sip_digest_is_checkable() said no: which of its conditions was it? */
static const char *why_not(const struct digest_input *in)
{
	const struct sip_credentials *c = in->cred;

	if (!slice_eq_nocase(c->scheme, SLICE("Digest")))
		return "the credentials are no digest";
	if (c->alg == SIP_ALG_OTHER)
		return "the digest's algorithm is unknown";
	if (c->username_is_hashed)
		return "the user name is sent as a hash (userhash)";
	if (is_masked(c->response))
		return "the digest was masked when this capture was exported";
	if (c->username.ptr == NULL || c->realm.ptr == NULL || c->nonce.ptr == NULL ||
	    c->uri.ptr == NULL || c->response.ptr == NULL)
		return "the credentials are incomplete: the capture cut them, or they "
		       "were sent so";
	if (slice_eq_nocase(c->qop, SLICE("auth-int")) && in->body.ptr == NULL)
		return "qop=auth-int needs the whole body, and the capture cut it";
	if (c->qop.len > 0 && (c->cnonce.ptr == NULL || c->nc.ptr == NULL))
		return "cnonce or nc is missing";
	if (c->qop.len > 0 && !slice_eq_nocase(c->qop, SLICE("auth")))
		return "the qop is unknown";
	return "the response is no digest of this algorithm";
}

static void check(const struct proofs *p, const struct digest_input *in,
    const struct sip_msg *msg, struct proof *out)
{
	struct slice host = SLICE_NONE;
	struct sip_uri uri;

	if (sip_uri_parse(msg->uri, &uri))
		host = uri.host;
	if (!sip_digest_is_checkable(in))
		out->why_not = why_not(in);
	else if (p->trunks != NULL)
		(void)ast_digest_check(p->trunks, in, host, &out->result);
	else
		(void)ast_digest_check_secret(in, p->secret, &out->result);
}

static bool same_text(
    const struct proof *a, struct text ta, const struct proof *b, struct text tb)
{
	return slice_eq(TEXT_GET(a, ta), TEXT_GET(b, tb));
}

static bool same_proof(const struct proof *a, const struct proof *b)
{
	return a->result.verdict == b->result.verdict &&
	       a->result.mangling == b->result.mangling &&
	       a->result.line == b->result.line &&
	       slice_eq(a->result.file, b->result.file) && a->why_not == b->why_not &&
	       same_text(a, a->user, b, b->user) &&
	       same_text(a, a->realm, b, b->realm) &&
	       same_text(a, a->algorithm, b, b->algorithm) &&
	       same_text(a, a->qop, b, b->qop);
}

/* Where it is in the list; p->count: not yet, and PROOFS_MAX: no room for it. */
static size_t place_of(const struct proofs *p, const struct proof *one)
{
	size_t i = 0;

	while (i < p->count && !same_proof(&p->list[i], one))
		i++;
	return i;
}

static void note(struct proofs *p, const struct proof *one)
{
	size_t i = place_of(p, one);

	p->checked += one->result.verdict == DIGEST_MATCHES ||
		      one->result.verdict == DIGEST_MANGLED ||
		      one->result.verdict == DIGEST_NO_MATCH;
	p->newest = i;
	if (i == PROOFS_MAX) {
		p->left_out++;
		return;
	}
	if (i == p->count) {
		p->list[p->count++] = *one;
		return;
	}
	p->list[i].requests++;
	p->list[i].last_us = one->last_us;
	p->list[i].cseq = one->cseq;
	p->list[i].answer = 0;
}

static struct text keep(struct proof *one, struct slice s)
{
	return TEXT_PUT(one, s, PROOF_TEXT_MAX);
}

static void describe(struct proof *one, const struct wire_event *ev,
    const struct sip_msg *msg, const struct sip_credentials *cred)
{
	one->src = ev->src;
	one->dst = ev->dst;
	one->transport = ev->transport;
	one->first_us = one->last_us = ev->at_us;
	one->requests = 1;
	if (msg->has_cseq)
		one->cseq = msg->cseq.number;
	one->user = keep(one, cred->username);
	one->realm = keep(one, cred->realm);
	one->algorithm = keep(one, cred->algorithm);
	one->qop = keep(one, cred->qop);
	one->method = keep(one, msg->method);
	one->call_id = keep(one, sip_msg_value(msg, SIP_HDR_CALL_ID));
}

static uint64_t mix(uint64_t h, struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* A capture on "any" sees each packet twice, and UDP repeats. Only the one before is
 * compared: what slips through is counted once more, not judged otherwise. */
static bool is_copy(
    struct proofs *p, const struct sip_credentials *c, const struct sip_msg *msg)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	h = mix(h, c->response);
	h = mix(h, c->nonce);
	h = mix(h, c->username);
	h = mix(h, sip_msg_value(msg, SIP_HDR_CSEQ));
	h = mix(h, sip_msg_value(msg, SIP_HDR_CALL_ID));
	if (h == p->copy_of)
		return true;
	p->copy_of = h;
	return false;
}

static void take_credentials(struct proofs *p, const struct wire_event *ev,
    const struct sip_msg *msg, struct slice value)
{
	struct proof one = {.result.verdict = DIGEST_NOT_CHECKED};
	struct sip_credentials cred;
	struct digest_input in = {.method = msg->method, .cred = &cred};

	if (!sip_credentials_parse(value, &cred) || is_copy(p, &cred, msg))
		return;
	/* Half a body has another hash. */
	if (!ev->truncated && msg->head_complete &&
	    (msg->content_length < 0 ||
		(uint64_t)msg->content_length == (uint64_t)msg->body.len))
		in.body = msg->body.ptr == NULL ? SLICE("") : msg->body;
	describe(&one, ev, msg, &cred);
	check(p, &in, msg, &one);
	note(p, &one);
}

static void take_header(struct proofs *p, const struct wire_event *ev,
    const struct sip_msg *msg, enum sip_hdr_id id)
{
	for (const struct sip_hdr *h = sip_msg_find(msg, id); h != NULL;
	     h = sip_msg_find_next(msg, h))
		take_credentials(p, ev, msg, h->value);
}

/* The answer to the newest request: people want to know what became of it. */
static void take_answer(struct proofs *p, const struct sip_msg *msg)
{
	struct proof *one;

	if (p->call_id.ptr == NULL || msg->status < 200 || p->newest >= p->count)
		return;
	one = &p->list[p->newest];
	if (!msg->has_cseq || msg->cseq.number != one->cseq || one->answer != 0)
		return;
	one->answer = msg->status;
	if (one->reason.off == TEXT_ABSENT)
		one->reason = keep(one, msg->reason);
}

void proofs_take(
    struct proofs *p, const struct wire_event *ev, const struct sip_msg *msg)
{
	if (p->call_id.ptr != NULL &&
	    !slice_eq(sip_msg_value(msg, SIP_HDR_CALL_ID), p->call_id))
		return;
	if (!sip_msg_is_request(msg)) {
		take_answer(p, msg);
		return;
	}
	p->requests++;
	if (msg->method_id == SIP_METHOD_ACK || msg->method_id == SIP_METHOD_CANCEL)
		return;
	take_header(p, ev, msg, SIP_HDR_AUTHORIZATION);
	take_header(p, ev, msg, SIP_HDR_PROXY_AUTHORIZATION);
}
