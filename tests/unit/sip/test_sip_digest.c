/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_digest.h"

#include "sip_test.h"

/* The inputs of draft-smith-sipping-auth-examples-01: user bob, password zanzibar. */
#define BOB                                                                        \
	"Digest username=\"bob\",realm=\"biloxi.com\",uri=\"sip:bob@biloxi.com\"," \
	"nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\",cnonce=\"0a4f113b\",nc=00000001,"

static const struct {
	const char *source; /* where the response is from */
	const char *value;
	const char *method, *body, *secret;
} vectors[] = {
    {"RFC 2617 3.5",
	"Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
	"nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, "
	"nc=00000001, cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\"",
	"GET", NULL, "Circle Of Life"},
    {"RFC 7616 3.9.1, MD5",
	"Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "
	"algorithm=MD5, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
	"cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
	"response=\"8ca523f5e9506fed4657c9700eebdbec\"",
	"GET", NULL, "Circle of Life"},
    {"RFC 7616 3.9.1, SHA-256",
	"Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "
	"algorithm=SHA-256, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
	"cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
	"response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\"",
	"GET", NULL, "Circle of Life"},
    {"RFC 7616 3.9.2 with the response of its erratum 4897",
	"Digest username=\"J\xc3\xa4s\xc3\xb8n Doe\", realm=\"api@example.org\", "
	"uri=\"/doe.json\", algorithm=SHA-512-256, "
	"nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", nc=00000001, "
	"cnonce=\"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v\", qop=auth, "
	"response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5\"",
	"GET", NULL, "Secret, or not?"},
    {"draft-smith 3.1: RFC 2069", BOB "response=\"bf57e4e0d0bffc0fbaedce64d59add5e\"",
	"INVITE", NULL, "zanzibar"},
    {"draft-smith 3.3", BOB "qop=auth,response=\"89eb0059246c02b2f6ee02c7961d5ea3\"",
	"INVITE", NULL, "zanzibar"},
    {"draft-smith 3.4: MD5-sess",
	BOB "qop=auth,algorithm=MD5-sess,response=\"e4e4ea61d186d07a92c9e1f6919902e9\"",
	"INVITE", NULL, "zanzibar"},
    /* From here on: Python's hashlib. */
    {"hashlib, auth-int",
	BOB "qop=auth-int,response=\"77226bb823dc077c1ad3537415667bae\"", "INVITE",
	"v=0\r\n", "zanzibar"},
    {"hashlib, SHA-256, RFC 2069",
	BOB "algorithm=SHA-256,response="
	    "\"38aad98c50c33abe72c5f88dd17246ffcfa6b1f68852c855719ff0659386c0ca\"",
	"INVITE", NULL, "zanzibar"},
    {"hashlib, SHA-256-sess",
	BOB "algorithm=SHA-256-sess,qop=auth,response="
	    "\"5da59c9ca40954be9d5063a15a174066c8251be2c10cf47c144c366dc7daf792\"",
	"INVITE", NULL, "zanzibar"},
    {"hashlib, SHA-512-256, auth-int",
	BOB "algorithm=SHA-512-256,qop=auth-int,response="
	    "\"e9a7fbc1c80a10421c59a0c982f28d40e0ddc7b62ef3dc4faf68f179c6e05922\"",
	"INVITE", "v=0\r\n", "zanzibar"},
    {"hashlib, SHA-512-256-sess",
	BOB "algorithm=SHA-512-256-sess,qop=auth,response="
	    "\"077d9677be83f41f162d1a4453dc163389919f81e5927391d972f477da767633\"",
	"INVITE", NULL, "zanzibar"},
    {"hashlib, escapes hashed as sent",
	"Digest username=\"a\\\"b\",realm=\"r\",nonce=\"n\",uri=\"sip:b\","
	"response=\"4dd9eaf2d0342574b7535c5d90acfc55\"",
	"INVITE", NULL, "s"},
    {"hashlib, escapes hashed as meant",
	"Digest username=\"a\\\"b\",realm=\"r\",nonce=\"n\",uri=\"sip:b\","
	"response=\"3b7f4bd054e89ef2f9fbf65314b2a305\"",
	"INVITE", NULL, "s"},
    {"upper case", BOB "qop=auth,response=\"89EB0059246C02B2F6EE02C7961D5EA3\"",
	"INVITE", NULL, "zanzibar"},
    {"empty qop", BOB "qop=\"\",response=\"bf57e4e0d0bffc0fbaedce64d59add5e\"",
	"INVITE", NULL, "zanzibar"},
};

ROWS(sip_digest, vector, vectors)
{
	const char *source = vectors[*row].source;
	struct sip_credentials cred;
	struct digest_input in = {
	    text(vectors[*row].method), text(vectors[*row].body), &cred};
	struct slice secret = text(vectors[*row].secret);

	cr_assert(
	    sip_credentials_parse(text(vectors[*row].value), &cred), "%s", source);
	cr_expect(sip_digest_is_checkable(&in), "%s", source);
	cr_expect(sip_digest_matches(&in, secret), "%s", source);

	cr_expect_not(sip_digest_matches(&in, slice_of(secret.ptr, secret.len - 1)));
	cr_expect_not(sip_digest_matches(&in, SLICE("")));
	cr_expect_not(sip_digest_matches(&in, SLICE_NONE));
	in.method = SLICE("BYE");
	cr_expect_not(sip_digest_matches(&in, secret), "%s: method", source);
}

Test(sip_digest, a_stored_ha1_matches_like_the_password_it_was_made_of)
{
	/* md5("bob:biloxi.com:zanzibar"), from Python's hashlib. */
	static const char *const ha1[] = {
	    "12af60467a33e8518da5c68bbff12b11", "12AF60467A33E8518DA5C68BBFF12B11"};
	static const char *const values[] = {
	    BOB "qop=auth,response=\"89eb0059246c02b2f6ee02c7961d5ea3\"",
	    BOB
	    "qop=auth,algorithm=MD5-sess,response=\"e4e4ea61d186d07a92c9e1f6919902e9\"",
	};
	static const char *const wrong[] = {"", "12af60467a33e8518da5c68bbff12b1",
	    "12af60467a33e8518da5c68bbff12b110", "12af60467a33e8518da5c68bbff12b12",
	    "zzaf60467a33e8518da5c68bbff12b11"};
	struct sip_credentials cred;
	struct digest_input in = {SLICE("INVITE"), SLICE_NONE, &cred};

	for (size_t v = 0; v < COUNT(values); v++) {
		cr_assert(sip_credentials_parse(text(values[v]), &cred));
		for (size_t i = 0; i < COUNT(ha1); i++)
			cr_expect(sip_digest_matches_ha1(&in, text(ha1[i])), "%zu", v);
		for (size_t i = 0; i < COUNT(wrong); i++)
			cr_expect_not(
			    sip_digest_matches_ha1(&in, text(wrong[i])), "%zu", i);
	}
}

static const struct {
	const char *why;
	const char *value;
} uncheckable[] = {
    {"another scheme", "Basic dXNlcjpwYXNz"},
    {"unknown algorithm",
	BOB "algorithm=AKAv1-MD5,response=\"bf57e4e0d0bffc0fbaedce64d59add5e\""},
    {"no response", BOB "qop=auth"},
    {"response of another length", BOB "response=\"bf57e4e0d0bffc0fbaedce64d59add5\""},
    {"MD5 response for SHA-256",
	BOB "algorithm=SHA-256,response=\"bf57e4e0d0bffc0fbaedce64d59add5e\""},
    {"response that is no hex", BOB "response=\"xf57e4e0d0bffc0fbaedce64d59add5e\""},
    {"unknown qop", BOB "qop=auth-conf,response=\"bf57e4e0d0bffc0fbaedce64d59add5e\""},
    {"auth-int without a body",
	BOB "qop=auth-int,response=\"77226bb823dc077c1ad3537415667bae\""},
    {"qop without cnonce", "Digest username=a,realm=b,nonce=c,uri=d,nc=1,qop=auth,"
			   "response=bf57e4e0d0bffc0fbaedce64d59add5e"},
    {"qop without nc", "Digest username=a,realm=b,nonce=c,uri=d,cnonce=1,qop=auth,"
		       "response=bf57e4e0d0bffc0fbaedce64d59add5e"},
    {"session without cnonce",
	"Digest username=a,realm=b,nonce=c,uri=d,algorithm=MD5-sess,"
	"response=bf57e4e0d0bffc0fbaedce64d59add5e"},
    {"hashed user name",
	BOB "userhash=true,response=\"bf57e4e0d0bffc0fbaedce64d59add5e\""},
    {"no realm",
	"Digest username=a,nonce=c,uri=d,response=bf57e4e0d0bffc0fbaedce64d59add5e"},
    {"no nonce",
	"Digest username=a,realm=b,uri=d,response=bf57e4e0d0bffc0fbaedce64d59add5e"},
    {"no URI",
	"Digest username=a,realm=b,nonce=c,response=bf57e4e0d0bffc0fbaedce64d59add5e"},
    {"no user",
	"Digest realm=b,nonce=c,uri=d,response=bf57e4e0d0bffc0fbaedce64d59add5e"},
    {"cut by the snap length", "Digest username=\"a\",realm=\"b\",nonce=\"c"},
};

/* "Does not match" would accuse the admin's secret. */
ROWS(sip_digest, what_cannot_be_checked_says_so, uncheckable)
{
	struct sip_credentials cred;
	struct digest_input in = {SLICE("INVITE"), SLICE_NONE, &cred};

	cr_assert(sip_credentials_parse(text(uncheckable[*row].value), &cred));
	cr_expect_not(sip_digest_is_checkable(&in), "%s", uncheckable[*row].why);
	cr_expect_not(
	    sip_digest_matches(&in, SLICE("zanzibar")), "%s", uncheckable[*row].why);
	cr_expect_not(
	    sip_digest_matches_ha1(&in, SLICE("12af60467a33e8518da5c68bbff12b11")));
}
