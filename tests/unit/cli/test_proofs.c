/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>

#include "proofs.h"

/* RFC 2617 3.5: Mufasa's password is "Circle Of Life". */
#define RFC2617_BUT_RESPONSE                                         \
	"Digest username=\"Mufasa\", realm=\"testrealm@host.com\", " \
	"nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "             \
	"uri=\"/dir/index.html\", qop=auth, nc=00000001, "           \
	"cnonce=\"0a4f113b\", "                                      \
	"opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""
#define RFC2617 RFC2617_BUT_RESPONSE ", response=\"6629fae49393a05397450978507c4ef1\""

static struct sip_msg msg;
static struct proofs p;

static void setup(void)
{
	p = (struct proofs){.secret = SLICE("Circle Of Life")};
	cr_assert(proofs_init(&p));
}

static void teardown(void)
{
	proofs_fini(&p);
}

TestSuite(proofs, .init = setup, .fini = teardown);

static void take(const char *bytes)
{
	const struct wire_event ev = {.kind = WIRE_MESSAGE, .at_us = 1};

	cr_assert_eq(sip_msg_parse(slice_of(bytes, strlen(bytes)), &msg), SIP_OK);
	proofs_take(&p, &ev, &msg);
}

static void request(const char *method, unsigned cseq, const char *credentials)
{
	static char buf[4096];

	(void)snprintf(buf, sizeof(buf),
	    "%s sip:host.com SIP/2.0\r\nCall-ID: a-call\r\nCSeq: %u %s\r\n"
	    "Authorization: %s\r\nContent-Length: 0\r\n\r\n",
	    method, cseq, method, credentials);
	take(buf);
}

static const struct {
	const char *secret, *credentials;
	enum digest_verdict verdict;
	const char *why_not; /* part of it, or NULL */
} cases[] = {
    {"Circle Of Life", RFC2617, DIGEST_MATCHES, NULL},
    {"cIRCLE oF lIFE", RFC2617, DIGEST_MANGLED, NULL},
    {"Hakuna Matata", RFC2617, DIGEST_NO_MATCH, NULL},
    {"", RFC2617, DIGEST_NO_MATCH, NULL},
    {"x", RFC2617 ", userhash=true", DIGEST_NOT_CHECKED, "userhash"},
    {"x", RFC2617 ", algorithm=MD6", DIGEST_NOT_CHECKED, "algorithm is unknown"},
    {"x", RFC2617 ", algorithm=SHA-256", DIGEST_NOT_CHECKED, "no digest of this"},
    {"x", "Basic TXVmYXNhOkNpcmNsZQ==", DIGEST_NOT_CHECKED, "no digest"},
    {"x", RFC2617_BUT_RESPONSE, DIGEST_NOT_CHECKED, "incomplete"},
    {"x", RFC2617_BUT_RESPONSE ", response=\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"",
	DIGEST_NOT_CHECKED, "masked"},
};

ParameterizedTestParameters(proofs, say_what_was_sent)
{
	static size_t index[sizeof(cases) / sizeof(cases[0])];

	for (size_t i = 0; i < sizeof(index) / sizeof(index[0]); i++)
		index[i] = i;
	return cr_make_param_array(size_t, index, sizeof(index) / sizeof(index[0]));
}

ParameterizedTest(size_t *i, proofs, say_what_was_sent)
{
	p.secret = slice_of(cases[*i].secret, strlen(cases[*i].secret));
	request("GET", 1, cases[*i].credentials);
	cr_assert_eq(p.count, 1);
	cr_expect_eq(p.list[0].result.verdict, cases[*i].verdict, "case %zu: %s", *i,
	    digest_verdict_name(p.list[0].result.verdict));
	cr_expect_eq(p.checked, cases[*i].verdict == DIGEST_NOT_CHECKED ? 0 : 1);
	if (cases[*i].why_not == NULL)
		cr_expect_null(p.list[0].why_not);
	else
		cr_expect_not_null(strstr(p.list[0].why_not, cases[*i].why_not),
		    "case %zu: %s", *i, p.list[0].why_not);
}

/* RFC 3261 22.1: an ACK bears its INVITE's credentials, made for INVITE. */
Test(proofs, ack_and_cancel_are_left_out)
{
	request("ACK", 1, RFC2617);
	request("CANCEL", 1, RFC2617);
	cr_expect_eq(p.count, 0);
	cr_expect_eq(p.requests, 2);
}

Test(proofs, copies_count_once_and_repeats_are_counted)
{
	request("GET", 1, RFC2617);
	request("GET", 1, RFC2617);
	cr_expect_eq(p.list[0].requests, 1);
	request("GET", 2, RFC2617);
	cr_expect_eq(p.count, 1);
	cr_expect_eq(p.list[0].requests, 2);
	cr_expect_eq(p.checked, 2);
}

#define ANSWER(cseq) "SIP/2.0 403 No\r\nCall-ID: a-call\r\nCSeq: " cseq " GET\r\n\r\n"

Test(proofs, of_one_call_the_answer_is_told)
{
	p.call_id = SLICE("a-call");
	request("GET", 2, RFC2617);
	take("SIP/2.0 100 Trying\r\nCall-ID: a-call\r\nCSeq: 2 GET\r\n\r\n");
	take(ANSWER("1"));
	cr_expect_eq(p.list[0].answer, 0);
	take(ANSWER("2"));
	cr_expect_eq(p.list[0].answer, 403);
}

Test(proofs, other_calls_are_not_looked_at)
{
	p.call_id = SLICE("A-call");
	request("GET", 1, RFC2617);
	cr_expect_eq(p.count, 0);
	cr_expect_eq(p.requests, 0);
}

Test(proofs, are_bounded)
{
	char credentials[256];

	for (unsigned i = 0; i < PROOFS_MAX + 3; i++) {
		(void)snprintf(credentials, sizeof(credentials),
		    "Digest username=\"u%u\", realm=\"r\"", i);
		request("GET", i, credentials);
	}
	cr_expect_eq(p.count, PROOFS_MAX);
	cr_expect_eq(p.left_out, 3);
	take(ANSWER("1"));
}
