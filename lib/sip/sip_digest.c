/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_digest.h"

#include <nettle/md5.h>
#include <nettle/memops.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha2.h>

#include "sip/sip_scan.h"

enum { DIGEST_MAX = SHA256_DIGEST_SIZE, HEX_MAX = 2 * DIGEST_MAX };

struct hasher {
	const struct nettle_hash *type;
	union {
		struct md5_ctx md5;
		struct sha256_ctx sha256;
		struct sha512_256_ctx sha512_256;
	} ctx;
};

static const struct {
	const struct nettle_hash *hash;
	bool is_session; /* RFC 7616 3.4.2: A1 includes nonce and cnonce */
} algorithms[SIP_ALG_OTHER] = {
    [SIP_ALG_MD5] = {&nettle_md5, false},
    [SIP_ALG_MD5_SESS] = {&nettle_md5, true},
    [SIP_ALG_SHA256] = {&nettle_sha256, false},
    [SIP_ALG_SHA256_SESS] = {&nettle_sha256, true},
    [SIP_ALG_SHA512_256] = {&nettle_sha512_256, false},
    [SIP_ALG_SHA512_256_SESS] = {&nettle_sha512_256, true},
};

/* A digest as lower case hex, the form in which it enters the next one. */
struct hex {
	char text[HEX_MAX];
	size_t len;
};

static struct slice hex_slice(const struct hex *h)
{
	return slice_of(h->text, h->len);
}

static void start(struct hasher *h, const struct nettle_hash *type)
{
	h->type = type;
	type->init(&h->ctx);
}

static void add(struct hasher *h, struct slice s)
{
	if (s.len > 0)
		h->type->update(&h->ctx, s.len, (const uint8_t *)s.ptr);
}

static void add_colon(struct hasher *h)
{
	add(h, SLICE(":"));
}

/* A quoted-pair stands for its second byte (RFC 3261 25.1). */
static void add_quoted(struct hasher *h, struct slice s, bool unescape)
{
	size_t from = 0;

	for (size_t i = 0; unescape && i + 1 < s.len; i++) {
		if (s.ptr[i] != '\\')
			continue;
		add(h, slice_of(s.ptr + from, i - from));
		from = ++i;
	}
	add(h, sip_from(s, from));
}

static void finish(struct hasher *h, struct hex *out)
{
	static const char digits[16] = "0123456789abcdef";
	uint8_t bytes[DIGEST_MAX];

	out->len = 2 * h->type->digest_size;
	h->type->digest(&h->ctx, h->type->digest_size, bytes);
	for (size_t i = 0; i < h->type->digest_size; i++) {
		out->text[2 * i] = digits[bytes[i] >> 4];
		out->text[2 * i + 1] = digits[bytes[i] & 15];
	}
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero(h, sizeof(*h));
}

static bool is_hex(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = slice_lower(s.ptr[i]);

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return false;
	}
	return true;
}

static bool lower_hex(struct slice s, size_t want, struct hex *out)
{
	if (s.len != want || s.len > sizeof(out->text) || !is_hex(s))
		return false;
	out->len = s.len;
	for (size_t i = 0; i < s.len; i++)
		out->text[i] = slice_lower(s.ptr[i]);
	return true;
}

/* An empty qop is what some stacks send instead of none. */
static bool has_qop(const struct sip_credentials *c)
{
	return c->qop.len > 0;
}

static bool is_auth_int(const struct sip_credentials *c)
{
	return slice_eq_nocase(c->qop, SLICE("auth-int"));
}

bool sip_digest_is_checkable(const struct digest_input *in)
{
	const struct sip_credentials *c = in->cred;

	if (c->alg >= SIP_ALG_OTHER || c->username_is_hashed || in->method.len == 0)
		return false;
	if (c->username.ptr == NULL || c->realm.ptr == NULL || c->nonce.ptr == NULL ||
	    c->uri.ptr == NULL || !is_hex(c->response) ||
	    c->response.len != 2 * algorithms[c->alg].hash->digest_size)
		return false;
	if (algorithms[c->alg].is_session && c->cnonce.ptr == NULL)
		return false;
	if (!has_qop(c))
		return true;
	if (c->cnonce.ptr == NULL || c->nc.ptr == NULL)
		return false;
	if (is_auth_int(c))
		return in->body.ptr != NULL;
	return slice_eq_nocase(c->qop, SLICE("auth"));
}

/* RFC 7616 3.4.2: A1 = unq(username) ":" unq(realm) ":" passwd. */
static void make_ha1(const struct sip_credentials *c, struct slice secret,
    bool unescape, struct hex *ha1)
{
	struct hasher h;

	start(&h, algorithms[c->alg].hash);
	add_quoted(&h, c->username, unescape);
	add_colon(&h);
	add_quoted(&h, c->realm, unescape);
	add_colon(&h);
	add(&h, secret);
	finish(&h, ha1);
}

/* The "-sess" variants hash the first A1 once more with nonce and cnonce. */
static void bind_to_session(
    const struct sip_credentials *c, bool unescape, struct hex *ha1)
{
	struct hasher h;

	start(&h, algorithms[c->alg].hash);
	add(&h, hex_slice(ha1));
	add_colon(&h);
	add_quoted(&h, c->nonce, unescape);
	add_colon(&h);
	add_quoted(&h, c->cnonce, unescape);
	finish(&h, ha1);
}

/* RFC 7616 3.4.3: A2 = Method ":" request-uri, and H(body) for auth-int. */
static void make_ha2(const struct digest_input *in, bool unescape, struct hex *ha2)
{
	const struct sip_credentials *c = in->cred;
	struct hasher h;
	struct hex body = {.len = 0};

	if (is_auth_int(c)) {
		start(&h, algorithms[c->alg].hash);
		add(&h, in->body);
		finish(&h, &body);
	}
	start(&h, algorithms[c->alg].hash);
	add(&h, in->method);
	add_colon(&h);
	add_quoted(&h, c->uri, unescape);
	if (body.len > 0) {
		add_colon(&h);
		add(&h, hex_slice(&body));
	}
	finish(&h, ha2);
}

/* RFC 7616 3.4.1; without qop RFC 2617 3.2.2.1. */
static void make_response(const struct digest_input *in, const struct hex *ha1,
    bool unescape, struct hex *out)
{
	const struct sip_credentials *c = in->cred;
	struct hasher h;
	struct hex ha2;

	make_ha2(in, unescape, &ha2);
	start(&h, algorithms[c->alg].hash);
	add(&h, hex_slice(ha1));
	add_colon(&h);
	add_quoted(&h, c->nonce, unescape);
	add_colon(&h);
	if (has_qop(c)) {
		add(&h, c->nc);
		add_colon(&h);
		add_quoted(&h, c->cnonce, unescape);
		add_colon(&h);
		add(&h, c->qop);
		add_colon(&h);
	}
	add(&h, hex_slice(&ha2));
	finish(&h, out);
}

/* Consumes *ha1: it is wiped. */
static bool ha1_fits(const struct digest_input *in, struct hex *ha1, bool unescape)
{
	struct hex sent, made;
	bool same;

	if (algorithms[in->cred->alg].is_session)
		bind_to_session(in->cred, unescape, ha1);
	make_response(in, ha1, unescape, &made);
	same = lower_hex(in->cred->response, made.len, &sent) &&
	       memeql_sec(sent.text, made.text, made.len) != 0;
	explicit_bzero(ha1, sizeof(*ha1));
	explicit_bzero(&made, sizeof(made));
	return same;
}

static bool holds_escapes(const struct sip_credentials *c)
{
	return sip_find(c->username, '\\') < c->username.len ||
	       sip_find(c->realm, '\\') < c->realm.len ||
	       sip_find(c->nonce, '\\') < c->nonce.len ||
	       sip_find(c->cnonce, '\\') < c->cnonce.len ||
	       sip_find(c->uri, '\\') < c->uri.len;
}

bool sip_digest_matches(const struct digest_input *in, struct slice secret)
{
	struct hex ha1;

	if (!sip_digest_is_checkable(in))
		return false;
	make_ha1(in->cred, secret, false, &ha1);
	if (ha1_fits(in, &ha1, false))
		return true;
	if (!holds_escapes(in->cred))
		return false;
	make_ha1(in->cred, secret, true, &ha1);
	return ha1_fits(in, &ha1, true);
}

bool sip_digest_matches_ha1(const struct digest_input *in, struct slice ha1_hex)
{
	struct hex ha1;
	size_t want;

	if (!sip_digest_is_checkable(in))
		return false;
	want = 2 * algorithms[in->cred->alg].hash->digest_size;
	if (!lower_hex(ha1_hex, want, &ha1))
		return false;
	if (ha1_fits(in, &ha1, false))
		return true;
	return holds_escapes(in->cred) && lower_hex(ha1_hex, want, &ha1) &&
	       ha1_fits(in, &ha1, true);
}
