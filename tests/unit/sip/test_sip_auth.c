/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_auth.h"

#include <stdio.h>

#include "sip_test.h"

static const struct {
	const char *value;
	const char *scheme; /* NULL: no challenge */
	const char *realm, *nonce, *opaque, *qop, *algorithm;
	enum sip_algorithm alg;
	bool is_quoted, is_stale, wants_userhash;
	const char *rest;
} challenges[] = {
    /* RFC 3261 22.4 */
    {"Digest realm=\"biloxi.com\", qop=\"auth,auth-int\", "
     "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
	"Digest", "biloxi.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093",
	"5ccc069c403ebaf9f0171e9517f40e41", "auth,auth-int", NULL, SIP_ALG_MD5,
	.rest = ""},
    {"Digest algorithm=MD5,realm=\"asterisk\",nonce=\"1\"", "Digest", "asterisk", "1",
	NULL, NULL, "MD5", SIP_ALG_MD5, .rest = ""},
    {"Digest algorithm=\"MD5\",realm=\"a\",nonce=\"1\"", "Digest", "a", "1", NULL, NULL,
	"MD5", SIP_ALG_MD5, .is_quoted = true, .rest = ""},
    {"digest REALM=\"a\",NONCE=\"1\",ALGORITHM=md5-SESS,STALE=TRUE", "digest", "a", "1",
	NULL, NULL, "md5-SESS", SIP_ALG_MD5_SESS, .is_stale = true, .rest = ""},
    {"Digest nonce=\"1\",stale=\"true\",userhash=true", "Digest", NULL, "1",
	.is_stale = true, .wants_userhash = true, .rest = ""},
    {"Digest nonce=\"1\",stale=false", "Digest", NULL, "1", .rest = ""},
    {"Digest nonce=1,algorithm=SHA-256", "Digest", NULL, "1", NULL, NULL, "SHA-256",
	SIP_ALG_SHA256, .rest = ""},
    {"Digest nonce=1,algorithm=SHA-512-256-sess", "Digest", NULL, "1", NULL, NULL,
	"SHA-512-256-sess", SIP_ALG_SHA512_256_SESS, .rest = ""},
    {"Digest nonce=1,algorithm=AKAv1-MD5", "Digest", NULL, "1", NULL, NULL, "AKAv1-MD5",
	SIP_ALG_OTHER, .rest = ""},
    {"Digest nonce=1,algorithm=\"\"", "Digest", NULL, "1", NULL, NULL, "",
	SIP_ALG_OTHER, .is_quoted = true, .rest = ""},
    {"Digest realm = \"a\" ,\r\n nonce\t=\t1", "Digest", "a", "1", .rest = ""},
    {"Digest realm=\"a\" nonce=\"1\"", "Digest", "a", "1", .rest = ""},
    {"Digest realm=\"a, nonce=no\", nonce=yes", "Digest", "a, nonce=no", "yes",
	.rest = ""},
    {"Digest realm=\"a \\\"b\\\"\", nonce=1", "Digest", "a \\\"b\\\"", "1", .rest = ""},
    {"Digest realm=\"a\", realm=\"b\", nonce=1", "Digest", "a", "1", .rest = ""},
    {"Digest realm=\"no end, nonce=1", "Digest", "no end, nonce=1", .rest = ""},
    {"Digest realm=", "Digest", "", .rest = ""},
    {"Digest realm=\"\"", "Digest", "", .rest = ""},
    {"Digest realm=a,,,nonce=1,", "Digest", "a", "1", .rest = ""},
    {"Digest what=\"ever, nonce=2\",x=y,nonce=1", "Digest", NULL, "1", .rest = ""},
    {"Digest", "Digest", .rest = ""},
    /* Two in one header (RFC 8760 forbids it, stacks do it). */
    {"Digest realm=\"a\", nonce=\"1\", algorithm=SHA-256, Digest realm=\"b\", nonce=\"2\"",
	"Digest", "a", "1", NULL, NULL, "SHA-256", SIP_ALG_SHA256,
	.rest = ", Digest realm=\"b\", nonce=\"2\""},
    {", Digest realm=\"b\", nonce=\"2\"", "Digest", "b", "2", .rest = ""},
    {"Basic realm=\"x\", Digest realm=\"b\"", "Basic", .alg = SIP_ALG_OTHER,
	.rest = ", Digest realm=\"b\""},
    {"NTLM TlRMTVNTUAACAAAA==", "NTLM", .alg = SIP_ALG_OTHER, .rest = ""},
    {"Bearer", "Bearer", .alg = SIP_ALG_OTHER, .rest = ""},
    {"", NULL, .rest = ""},
    {" ,, ", NULL, .rest = ""},
    {"\"Digest\" realm=a", NULL, .rest = ""},
    {"=", NULL, .rest = ""},
};

ROWS(sip_challenge, take, challenges)
{
	const char *in = challenges[*row].value;
	struct slice rest = guarded(in);
	struct sip_challenge c;
	bool ok;

	memset(&c, 0xa5, sizeof(c));
	ok = sip_challenge_take(&rest, &c);
	cr_assert_eq(ok, challenges[*row].scheme != NULL, "%s", in);
	expect_text(rest, challenges[*row].rest, in);
	expect_text(c.scheme, challenges[*row].scheme, in);
	expect_text(c.realm, challenges[*row].realm, in);
	expect_text(c.nonce, challenges[*row].nonce, in);
	expect_text(c.opaque, challenges[*row].opaque, in);
	expect_text(c.qop, challenges[*row].qop, in);
	expect_text(c.algorithm, challenges[*row].algorithm, in);
	if (!ok)
		return;
	cr_expect_eq(
	    c.alg, challenges[*row].alg, "%s: %s", in, sip_algorithm_name(c.alg));
	cr_expect_eq(c.algorithm_is_quoted, challenges[*row].is_quoted, "%s", in);
	cr_expect_eq(c.is_stale, challenges[*row].is_stale, "%s", in);
	cr_expect_eq(c.wants_userhash, challenges[*row].wants_userhash, "%s", in);
	cr_expect_eq(c.offset, strlen(in) - rest.len, "%s: offset %u", in, c.offset);
}

static const struct {
	const char *value;
	bool ok;
	const char *scheme, *username, *realm, *nonce, *uri, *response, *cnonce, *qop,
	    *nc;
	enum sip_algorithm alg;
} credentials[] = {
    /* RFC 2617 3.5 */
    {"Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
     "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, "
     "nc=00000001, cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\", "
     "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
	true, "Digest", "Mufasa", "testrealm@host.com",
	"dcd98b7102dd2f0e8b11d0f600bfb0c093", "/dir/index.html",
	"6629fae49393a05397450978507c4ef1", "0a4f113b", "auth", "00000001",
	SIP_ALG_MD5},
    {"Digest username=a,uri=sip:b@c;x=y,response=0,algorithm=SHA-256", true, "Digest",
	"a", NULL, NULL, "sip:b@c;x=y", "0", .alg = SIP_ALG_SHA256},
    /* An algorithm behind the last known field, a field nobody knows. */
    {"Digest username=\"a\",auts=\"x\",response=\"1\"", true, "Digest", "a",
	.response = "1"},
    {"Digest USERNAME = \"a\" , RESPONSE = \"1\"", true, "Digest", "a",
	.response = "1"},
    {"Digest username=\"a\"\r\n\t,response=\"1\"", true, "Digest", "a",
	.response = "1"},
    {"Digest", true, "Digest"},
    {"Digest ,,,", true, "Digest"},
    {"Digest username", true, "Digest"},
    {"Digest =", true, "Digest"},
    {"Digest response=\"1\", response=\"2\"", true, "Digest", .response = "1"},
    {"Basic dXNlcjpwYXNz", true, "Basic", .alg = SIP_ALG_OTHER},
    {"NoOneKnowsThisScheme opaque-data=here", true, "NoOneKnowsThisScheme",
	.alg = SIP_ALG_OTHER},
    {"Bearer response=\"1\"", true, "Bearer", .alg = SIP_ALG_OTHER},
    {"", false},
    {"\"", false},
    {"=\"", false},
};

ROWS(sip_credentials, parse, credentials)
{
	const char *in = credentials[*row].value;
	struct sip_credentials c;

	memset(&c, 0xa5, sizeof(c));
	cr_assert_eq(
	    sip_credentials_parse(guarded(in), &c), credentials[*row].ok, "%s", in);
	expect_text(c.scheme, credentials[*row].scheme, in);
	expect_text(c.username, credentials[*row].username, in);
	expect_text(c.realm, credentials[*row].realm, in);
	expect_text(c.nonce, credentials[*row].nonce, in);
	expect_text(c.uri, credentials[*row].uri, in);
	expect_text(c.response, credentials[*row].response, in);
	expect_text(c.cnonce, credentials[*row].cnonce, in);
	expect_text(c.qop, credentials[*row].qop, in);
	expect_text(c.nc, credentials[*row].nc, in);
	cr_expect_eq(c.alg, credentials[*row].alg, "%s", in);
}

/* Asterisk GHSA-64qc-9x89-rx5j: an Authorization of another scheme crashed it. */
Test(sip_credentials, another_scheme_than_digest_gives_its_name_and_nothing_else)
{
	static const char *const schemes[] = {
	    "Basic", "Bearer", "NTLM", "Negotiate", "AWS4"};
	struct sip_credentials c;
	char value[128];

	for (size_t i = 0; i < COUNT(schemes); i++) {
		(void)snprintf(value, sizeof(value),
		    "%s username=\"a\", response=\"b\"", schemes[i]);
		cr_assert(sip_credentials_parse(guarded(value), &c));
		expect_text(c.scheme, schemes[i], value);
		cr_expect_null(c.username.ptr);
		cr_expect_null(c.response.ptr);
		cr_expect_eq(c.alg, SIP_ALG_OTHER);
	}
}

/* pjproject GHSA-73f7: fields copied into a fixed buffer; chan_sip cuts at 511. */
Test(sip_challenge, fields_of_any_length_are_kept_whole)
{
	static char bytes[130000];
	struct slice rest;
	struct sip_challenge c;
	size_t len = (size_t)sprintf(bytes, "Digest realm=\"");

	memset(bytes + len, 'r', 60000);
	len += 60000;
	len += (size_t)sprintf(bytes + len, "\",nonce=\"");
	memset(bytes + len, 'n', 60000);
	len += 60000;
	bytes[len++] = '"';

	rest = slice_of(bytes, len);
	cr_assert(sip_challenge_take(&rest, &c));
	cr_expect_eq(c.realm.len, 60000);
	cr_expect_eq(c.nonce.len, 60000);
	cr_expect_eq(c.offset, UINT16_MAX, "%u", c.offset);
	cr_expect_eq(rest.len, 0);
}

Test(sip_challenge, of_two_parameters_of_a_name_the_first_counts)
{
	struct slice rest = guarded("Digest realm=\"r\", domain=\"sip:d\", "
				    "algorithm=MD5, algorithm=SHA-256, domain=x");
	struct sip_challenge c;

	cr_assert(sip_challenge_take(&rest, &c));
	expect_text(c.domain, "sip:d", "domain");
	expect_text(c.algorithm, "MD5", "algorithm");
	cr_expect_eq(c.alg, SIP_ALG_MD5);
}

Test(sip_challenge, every_prefix_is_survived)
{
	static const char value[] =
	    "Digest realm=\"a \\\" b\", nonce = 1 ,algorithm=\"MD5\", Basic abc==, NTLM";

	for (size_t len = 0; len < sizeof(value); len++) {
		struct slice in = guard_copy(value, len);
		struct sip_challenge c;
		struct sip_credentials cred;
		size_t turns = 0;

		for (struct slice rest = in; sip_challenge_take(&rest, &c);)
			cr_assert_lt(turns++, 10, "no progress at %zu", len);
		(void)sip_credentials_parse(in, &cred);
	}
}

Test(sip_algorithm, names_are_those_of_the_iana_registry)
{
	cr_expect_str_eq(sip_algorithm_name(SIP_ALG_MD5), "MD5");
	cr_expect_str_eq(sip_algorithm_name(SIP_ALG_MD5_SESS), "MD5-sess");
	cr_expect_str_eq(sip_algorithm_name(SIP_ALG_SHA256), "SHA-256");
	cr_expect_str_eq(sip_algorithm_name(SIP_ALG_SHA256_SESS), "SHA-256-sess");
	cr_expect_str_eq(sip_algorithm_name(SIP_ALG_SHA512_256), "SHA-512-256");
	cr_expect_str_eq(
	    sip_algorithm_name(SIP_ALG_SHA512_256_SESS), "SHA-512-256-sess");
	cr_expect_str_eq(sip_algorithm_name(SIP_ALG_OTHER), "other");
}
