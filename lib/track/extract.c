/* SPDX-License-Identifier: BSD-2-Clause */
#include "track/extract.h"
#include "sip/sip_value.h"

enum { EXPIRES_DEFAULT_S = 3600 };

static struct text keep(struct facts *f, struct slice s, size_t cap)
{
	return TEXT_PUT(f, s, cap);
}

/* A string that may come again (a second round of credentials) reuses its place
 * when it fits there. */
static void replace(struct facts *f, struct text *t, struct slice s, size_t cap)
{
	size_t len = s.len < cap ? s.len : cap;

	if (t->off != TEXT_ABSENT && s.ptr != NULL && len <= t->len) {
		memmove(f->pool.bytes + t->off - 1, s.ptr, len);
		t->len = (uint16_t)len;
		return;
	}
	*t = keep(f, s, cap);
}

static bool take_addr(const struct sip_msg *msg, enum sip_hdr_id id,
    struct sip_addr *addr, struct sip_uri *uri)
{
	struct slice rest = sip_msg_value(msg, id);

	return rest.ptr != NULL && sip_addr_take(&rest, addr) &&
	       sip_uri_parse(addr->uri, uri);
}

static void extract_parties(struct facts *f, const struct sip_msg *msg)
{
	struct sip_addr addr;
	struct sip_uri uri;

	f->call_id = keep(f, sip_msg_value(msg, SIP_HDR_CALL_ID), FACT_CALL_ID_MAX);
	f->from_tag = keep(f, msg->from_tag, FACT_SHORT_MAX);
	if (take_addr(msg, SIP_HDR_FROM, &addr, &uri)) {
		f->caller = keep(f, uri.user, FACT_SHORT_MAX);
		f->from_domain = keep(f, uri.host, FACT_VALUE_MAX);
		f->caller_name = keep(f, addr.display, FACT_SHORT_MAX);
	}
	if (take_addr(msg, SIP_HDR_TO, &addr, &uri))
		f->called = keep(f, uri.user, FACT_SHORT_MAX);
}

static void extract_asserted(struct facts *f, const struct sip_msg *msg)
{
	static const enum sip_hdr_id ids[] = {SIP_HDR_P_ASSERTED_IDENTITY,
	    SIP_HDR_P_PREFERRED_IDENTITY, SIP_HDR_REMOTE_PARTY_ID};
	struct sip_addr addr;
	struct sip_uri uri;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (!take_addr(msg, ids[i], &addr, &uri))
			continue;
		f->asserted = keep(f, uri.user, FACT_SHORT_MAX);
		return;
	}
}

/* m=audio 4000 RTP/AVP 0 8 101: what we offer, for a 488. */
static void extract_codecs(struct facts *f, const struct sip_msg *msg)
{
	struct slice rest = msg->body, line;

	while (rest.len > 0) {
		if (!slice_take_line(&rest, &line)) { /* the last one has no line end */
			line = rest;
			rest = SLICE_NONE;
		}
		if (line.len > 8 && memcmp(line.ptr, "m=audio ", 8) == 0) {
			f->sdp_codecs = keep(
			    f, slice_of(line.ptr + 8, line.len - 8), FACT_SHORT_MAX);
			return;
		}
	}
}

static uint32_t to_seconds(struct slice value)
{
	struct slice digits = slice_of(value.ptr, 0);
	uint32_t n = 0;

	while (digits.len < value.len && digits.len < 9 &&
	       value.ptr[digits.len] >= '0' && value.ptr[digits.len] <= '9')
		digits.len++;
	return slice_to_u32(digits, UINT32_MAX, &n) ? n : 0;
}

/* RFC 3261 10.2.1.1: the Contact's own expires goes before the Expires header. Neither
 * leaves what was known (10.3: the registrar decides, an hour is usual). */
static uint32_t expires_of(const struct sip_msg *msg, uint32_t known)
{
	struct slice rest = sip_msg_value(msg, SIP_HDR_CONTACT);
	struct slice value = sip_msg_value(msg, SIP_HDR_EXPIRES);
	struct slice own;
	struct sip_addr addr;

	if (rest.ptr != NULL && sip_addr_take(&rest, &addr) &&
	    sip_param(addr.params, SLICE("expires"), &own))
		value = own;
	return value.ptr == NULL ? known : to_seconds(value);
}

static uint8_t count_vias(const struct sip_msg *msg)
{
	struct sip_via via;
	uint8_t count = 0;

	for (const struct sip_hdr *h = sip_msg_find(msg, SIP_HDR_VIA); h != NULL;
	     h = sip_msg_find_next(msg, h)) {
		struct slice rest = h->value;

		while (count < UINT8_MAX && sip_via_take(&rest, &via))
			count++;
	}
	return count;
}

void extract_request(struct facts *f, const struct sip_msg *msg)
{
	struct sip_addr addr;
	struct sip_uri uri;

	f->has_request = true;
	f->method = keep(f, msg->method, FACT_SHORT_MAX);
	f->request_uri = keep(f, msg->uri, FACT_VALUE_MAX);
	extract_parties(f, msg);
	if (sip_uri_parse(msg->uri, &uri)) {
		f->request_host = keep(f, uri.host, FACT_VALUE_MAX);
		/* The dialled number is in the Request-URI; To may be older. */
		if (uri.user.ptr != NULL && uri.user.len > 0)
			f->called = keep(f, uri.user, FACT_SHORT_MAX);
	}
	if (take_addr(msg, SIP_HDR_CONTACT, &addr, &uri))
		f->contact_host = keep(f, uri.host, FACT_VALUE_MAX);
	f->user_agent = keep(f, sip_msg_value(msg, SIP_HDR_USER_AGENT), FACT_SHORT_MAX);
	f->vias = count_vias(msg);
	f->has_record_route = sip_msg_find(msg, SIP_HDR_RECORD_ROUTE) != NULL;
	f->has_identity = sip_msg_find(msg, SIP_HDR_IDENTITY) != NULL;
	extract_asserted(f, msg);
	if (f->method_id == SIP_METHOD_INVITE)
		extract_codecs(f, msg);
	if (f->method_id == SIP_METHOD_REGISTER)
		f->expires_s = expires_of(msg, EXPIRES_DEFAULT_S);
}

void extract_echo(struct facts *f, const struct sip_msg *msg)
{
	extract_parties(f, msg);
	if (msg->has_cseq)
		f->method = keep(f, msg->cseq.method, FACT_SHORT_MAX);
}

bool extract_credentials(struct facts *f, const struct sip_msg *msg)
{
	struct slice value = sip_msg_value(msg, SIP_HDR_PROXY_AUTHORIZATION);
	struct sip_credentials c;

	if (value.ptr == NULL)
		value = sip_msg_value(msg, SIP_HDR_AUTHORIZATION);
	if (value.ptr == NULL || !sip_credentials_parse(value, &c) ||
	    c.username.ptr == NULL)
		return false;
	replace(f, &f->auth_user, c.username, FACT_VALUE_MAX);
	replace(f, &f->auth_realm, c.realm, FACT_VALUE_MAX);
	replace(f, &f->auth_algorithm, c.algorithm, FACT_SHORT_MAX);
	return true;
}

static bool has_token(struct slice list, struct slice token)
{
	struct slice item;

	while (list.len > 0) {
		if (!slice_take_until(&list, ',', &item)) {
			item = list;
			list.len = 0;
		}
		if (slice_eq_nocase(slice_trim(item), token))
			return true;
	}
	return false;
}

static void note_challenge(
    struct facts *f, const struct sip_challenge *c, struct text *algorithms)
{
	char names[FACT_SHORT_MAX];
	struct slice have = TEXT_GET(f, *algorithms);
	struct slice name = c->algorithm.ptr != NULL ? c->algorithm : SLICE("MD5");
	size_t len = have.len;

	if (c->alg == SIP_ALG_MD5) {
		f->algorithm_is_known = true;
		f->challenge_alg = SIP_ALG_MD5;
	} else if (have.len == 0) {
		f->challenge_alg = c->alg;
	}
	f->algorithm_is_quoted |= c->algorithm_is_quoted;
	f->challenge_wants_userhash |= c->wants_userhash;
	f->challenge_wants_auth_int |= c->qop.ptr != NULL &&
				       has_token(c->qop, SLICE("auth-int")) &&
				       !has_token(c->qop, SLICE("auth"));

	if (len + name.len + 1 > sizeof(names))
		return;
	if (len > 0) {
		memcpy(names, have.ptr, len);
		names[len++] = ' ';
	}
	memcpy(names + len, name.ptr, name.len);
	*algorithms = keep(f, slice_of(names, len + name.len), FACT_SHORT_MAX);
}

void extract_challenge(struct facts *f, const struct sip_msg *msg)
{
	enum sip_hdr_id id =
	    msg->status == 407 ? SIP_HDR_PROXY_AUTHENTICATE : SIP_HDR_WWW_AUTHENTICATE;
	bool is_first = f->challenges == 0;
	struct text algorithms = {0};
	struct sip_challenge c;

	f->challenges++;
	for (const struct sip_hdr *h = sip_msg_find(msg, id); h != NULL;
	     h = sip_msg_find_next(msg, h)) {
		struct slice rest = h->value;

		for (int i = 0; i < 8 && sip_challenge_take(&rest, &c); i++) {
			if (!slice_eq_nocase(c.scheme, SLICE("Digest")))
				continue;
			if (!is_first && f->realm.off != TEXT_ABSENT &&
			    !slice_eq(TEXT_GET(f, f->realm), c.realm))
				f->realm_changed = true;
			if (f->realm.off == TEXT_ABSENT)
				f->realm = keep(f, c.realm, FACT_VALUE_MAX);
			f->challenge_is_stale |= c.is_stale;
			if (is_first)
				note_challenge(f, &c, &algorithms);
		}
	}
	if (is_first)
		f->challenge_algorithms = algorithms;
}

static void extract_reason(struct facts *f, const struct sip_msg *msg)
{
	const struct sip_hdr *h = sip_msg_find(msg, SIP_HDR_REASON);
	struct sip_reason r;

	if (h == NULL)
		return;
	replace(f, &f->reason_header, h->value, FACT_VALUE_MAX * 2);
	for (; h != NULL; h = sip_msg_find_next(msg, h)) {
		struct slice rest = h->value;

		for (int i = 0; i < 4 && sip_reason_take(&rest, &r); i++) {
			if (slice_eq_nocase(r.protocol, SLICE("Q.850")))
				f->q850_cause = (uint16_t)(r.cause & 0x3ff);
		}
	}
}

static bool name_explains(struct slice name)
{
	static const struct slice words[] = {SLICE_INIT("error"), SLICE_INIT("reason"),
	    SLICE_INIT("cause"), SLICE_INIT("hangup"), SLICE_INIT("reject")};

	if (name.len < 3 || slice_lower(name.ptr[0]) != 'x' || name.ptr[1] != '-')
		return false;
	for (size_t i = 2; i < name.len; i++) {
		char first = slice_lower(name.ptr[i]);
		struct slice rest = slice_of(name.ptr + i, name.len - i);

		/* Each final answer has such names, hardly any has such a word. */
		if (first != 'e' && first != 'r' && first != 'c' && first != 'h')
			continue;
		for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
			if (words[w].len <= rest.len &&
			    slice_eq_nocase(slice_of(rest.ptr, words[w].len), words[w]))
				return true;
		}
	}
	return false;
}

/* What a provider adds in headers of its own: X-ZT-Hangup-Code, X-Twilio-Error,
 * Call-Info with the redress address of an analytics engine (RFC 8688). */
static void extract_extra(struct facts *f, const struct sip_msg *msg)
{
	for (size_t i = 0; i < msg->hdrs_kept; i++) {
		const struct sip_hdr *h = &msg->hdrs[i];

		if (h->id != SIP_HDR_CALL_INFO && h->id != SIP_HDR_ERROR_INFO &&
		    !(h->id == SIP_HDR_OTHER && name_explains(h->name)))
			continue;
		f->extra = keep(f,
		    slice_of(h->name.ptr,
			(size_t)(h->value.ptr + h->value.len - h->name.ptr)),
		    FACT_VALUE_MAX);
		return;
	}
}

static void extract_seen_as(struct facts *f, const struct sip_msg *msg)
{
	struct slice rest = sip_msg_value(msg, SIP_HDR_VIA);
	struct sip_via via;
	uint32_t port;

	if (rest.ptr == NULL || !sip_via_take(&rest, &via))
		return;
	if (via.received.ptr != NULL)
		(void)ip_addr_parse(via.received, &f->seen_ip);
	if (via.rport.len > 0 && slice_to_u32(via.rport, UINT16_MAX, &port))
		f->seen_port = (uint16_t)port;
}

void extract_final(struct facts *f, const struct sip_msg *msg)
{
	struct slice rest = sip_msg_value(msg, SIP_HDR_WARNING);
	struct sip_warning warning;

	replace(f, &f->reason, msg->reason, FACT_VALUE_MAX);
	extract_reason(f, msg);
	if (rest.ptr != NULL) {
		replace(f, &f->warning, rest, FACT_VALUE_MAX);
		if (sip_warning_take(&rest, &warning))
			f->warning_code = (uint16_t)(warning.code % 1000);
	}
	rest = sip_msg_value(msg, SIP_HDR_SERVER);
	if (rest.ptr == NULL)
		rest = sip_msg_value(msg, SIP_HDR_USER_AGENT);
	replace(f, &f->server, rest, FACT_SHORT_MAX);
	f->retry_after_s = to_seconds(sip_msg_value(msg, SIP_HDR_RETRY_AFTER));
	f->final_had_auth_info =
	    sip_msg_find(msg, SIP_HDR_AUTHENTICATION_INFO) != NULL ||
	    sip_msg_find(msg, SIP_HDR_PROXY_AUTHENTICATION_INFO) != NULL;
	extract_seen_as(f, msg);
	extract_extra(f, msg);
	if (f->method_id == SIP_METHOD_REGISTER && msg->status / 100 == 2)
		f->expires_s = expires_of(msg, f->expires_s);
}
