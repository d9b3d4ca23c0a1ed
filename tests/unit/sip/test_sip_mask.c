/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_mask.h"

#include "sip_test.h"

/* Each SECRET must be gone; each KEEP must be there still. */
static const struct {
	const char *name;
	const char *before;
	const char *after; /* NULL: only the rule above */
} cases[] = {
    {"digest credentials",
	"Authorization: Digest username=\"bob\", realm=\"KEEP\", nonce=\"SECRET\", "
	"uri=\"sip:b@c\", response=\"SECRET\", cnonce=\"SECRET\", nc=00000001, qop=auth, "
	"opaque=\"SECRET\", algorithm=MD5\r\n",
	"Authorization: Digest username=\"bob\", realm=\"KEEP\", nonce=\"xxxxxx\", "
	"uri=\"sip:b@c\", response=\"xxxxxx\", cnonce=\"xxxxxx\", nc=00000001, qop=auth, "
	"opaque=\"xxxxxx\", algorithm=MD5\r\n"},
    {"challenge",
	"WWW-Authenticate: Digest realm=\"KEEP\",nonce=\"SECRET\",stale=true,algorithm=MD5\r\n",
	"WWW-Authenticate: Digest realm=\"KEEP\",nonce=\"xxxxxx\",stale=true,algorithm=MD5\r\n"},
    {"two challenges in one header",
	"Proxy-Authenticate: Digest realm=\"KEEP\",nonce=\"SECRET\", Digest "
	"realm=\"KEEP\",nonce=\"SECRET\"\r\n",
	"Proxy-Authenticate: Digest realm=\"KEEP\",nonce=\"xxxxxx\", Digest "
	"realm=\"KEEP\",nonce=\"xxxxxx\"\r\n"},
    {"all six headers",
	"Authorization: Digest nonce=SECRET\r\nProxy-Authorization: Digest nonce=SECRET\r\n"
	"WWW-Authenticate: Digest nonce=SECRET\r\nProxy-Authenticate: Digest nonce=SECRET\r\n"
	"Authentication-Info: nextnonce=\"SECRET\", rspauth=\"SECRET\", qop=auth\r\n"
	"Proxy-Authentication-Info: rspauth=\"SECRET\"\r\n",
	"Authorization: Digest nonce=xxxxxx\r\nProxy-Authorization: Digest nonce=xxxxxx\r\n"
	"WWW-Authenticate: Digest nonce=xxxxxx\r\nProxy-Authenticate: Digest nonce=xxxxxx\r\n"
	"Authentication-Info: nextnonce=\"xxxxxx\", rspauth=\"xxxxxx\", qop=auth\r\n"
	"Proxy-Authentication-Info: rspauth=\"xxxxxx\"\r\n"},
    {"Basic", "Authorization: Basic SECRET==\r\nTo: KEEP\r\n",
	"Authorization: Basic xxxxxx=x\r\nTo: KEEP\r\n"},
    {"Bearer", "Authorization: Bearer SECRET.SECRET-SECRET\r\n",
	"Authorization: Bearer xxxxxxxxxxxxxxxxxxxx\r\n"},
    {"NTLM in two words", "Authorization: NTLM SECRET SECRET\r\n",
	"Authorization: NTLM xxxxxx xxxxxx\r\n"},
    {"a scheme of its own with parameters",
	"Authorization: Odd SECRET=SECRET, a=SECRET\r\n"},
    {"a token without a scheme", "Authorization: SECRET\r\n",
	"Authorization: xxxxxx\r\n"},
    {"any case", "aUTHORIZATION: dIGEST RESPONSE=\"SECRET\", NonCE=SECRET\r\n"},
    {"blanks around everything",
	"Authorization \t : Digest response \t = \t \"SECRET\"\r\n"},
    {"folded",
	"Authorization: Digest username=\"a\",\r\n response=\r\n \"SECRET\",\r\n\tnonce\r\n "
	"=SECRET\r\nTo: KEEP\r\n"},
    {"bare LF", "Authorization: Digest\n response=\"SECRET\"\nTo: KEEP\n"},
    {"no quotes", "Authorization: Digest response=SECRET,nonce=SECRET;x\r\n"},
    {"no closing quote",
	"Authorization: Digest response=\"SECRET, realm=\"a\"\r\nTo: KEEP\r\n"},
    {"no opening quote", "Authorization: Digest response=SECRET\", nonce=SECRET\"\r\n"},
    {"closing quote of the realm missing",
	"Authorization: Digest realm=\"a, response=\"SECRET\", nonce=\"SECRET\"\r\n"},
    {"realm never closed",
	"Authorization: Digest realm=\"a, response=SECRET\r\nTo: KEEP\r\n"},
    {"escaped quote",
	"Authorization: Digest response=\"a\\\"SECRET\", nonce=\"SECRET\"\r\n"},
    {"escaped closing quote",
	"Authorization: Digest realm=\"a\\\", response=\"SECRET\", nonce=\"SECRET\"\r\n"},
    {"a secret inside a harmless value",
	"Authorization: Digest username=\"x response=SECRET\"\r\n"},
    /* One case for each guard that nothing else would stand in for. */
    {"unknown parameter behind a realm that never ends",
	"Authorization: Digest realm=\"a, auts=SECRET\r\n"},
    {"opaque inside a realm", "Authorization: Digest realm=\"a, opaque=SECRET\"\r\n"},
    {"rspauth in a header nobody knows", "X-Info: rspauth=\"SECRET\"\r\n"},
    {"single quotes", "Authorization: Digest response='SECRET SECRET'\r\n"},
    {"two values", "Authorization: Digest response=\"SECRET\" SECRET \"SECRET\"\r\n"},
    {"the name twice", "Authorization: Digest response=\"a\", response=\"SECRET\"\r\n"},
    {"two equals signs", "Authorization: Digest response==SECRET\r\n"},
    {"unknown parameters", "Authorization: Digest auts=\"SECRET\", ck=SECRET\r\n",
	"Authorization: Digest auts=\"xxxxxx\", ck=xxxxxx\r\n"},
    {"no comma", "Authorization: Digest username=\"bob\" response=\"SECRET\"\r\n"},
    {"cut by the snap length", "Authorization: Digest nonce=\"SECRET"},
    {"cut behind the equals sign", "Authorization: Digest nonce="},
    {"header that begins with a blank",
	" Authorization: Digest response=\"SECRET\"\r\n"},
    {"header that looks like a continuation",
	"To: KEEP\r\n Authorization: Basic SECRET\r\n"},
    {"a part that begins in the middle of a header",
	"\"KEEP\", response=\"SECRET\", uri=\"b\"\r\n"},
    {"a header nobody knows", "X-Auth: Digest response=\"SECRET\",cnonce=SECRET;a\r\n"},
    {"a message in a body",
	"NOTIFY sip:a SIP/2.0\r\n\r\nINVITE sip:b SIP/2.0\r\nAuthorization: Basic SECRET\r\n"},
    {"password in a URI", "INVITE sip:KEEP:SECRET@KEEP;lr SIP/2.0\r\n",
	"INVITE sip:KEEP:xxxxxx@KEEP;lr SIP/2.0\r\n"},
    {"passwords in headers",
	"From: <SIPS:KEEP:SECRET@KEEP>\r\nContact: \"sip:KEEP\" <sip:a:SECRET@b:5060>,sip:c:SECRET@d\r\n",
	"From: <SIPS:KEEP:xxxxxx@KEEP>\r\nContact: \"sip:KEEP\" <sip:a:xxxxxx@b:5060>,sip:c:xxxxxx@d\r\n"},
    {"a port is no password", "Contact: <sip:KEEP:5060>, <sip:a@b:5060>\r\n",
	"Contact: <sip:KEEP:5060>, <sip:a@b:5060>\r\n"},
    {"password with an at sign", "To: <sip:a:SECRET@SECRET@b>\r\n",
	"To: <sip:a:xxxxxxxxxxxxx@b>\r\n"},
    {"password that looks like a parameter",
	"To: <sip:a:rspauth=SECRET@SECRET@b>;tag=1\r\n"},
    {"parameter that looks like a password", "X: sip:a:1;response=SECRET@SECRET\r\n"},
    {"digest URI with a password", "Authorization: Digest uri=\"sip:a:SECRET@b\"\r\n",
	"Authorization: Digest uri=\"sip:a:xxxxxx@b\"\r\n"},
    {"Identity is no secret", "Identity: KEEP.KEEP;info=<https://KEEP>;alg=ES256\r\n",
	"Identity: KEEP.KEEP;info=<https://KEEP>;alg=ES256\r\n"},
    {"nothing to hide",
	"Call-ID: KEEP@b\r\nVia: SIP/2.0/UDP a;branch=KEEP\r\nTo: <sip:a@b>;tag=1\r\n",
	"Call-ID: KEEP@b\r\nVia: SIP/2.0/UDP a;branch=KEEP\r\nTo: <sip:a@b>;tag=1\r\n"},
    {"empty", "", ""},
};

static size_t occurrences(struct slice s, const char *word)
{
	size_t n = 0, len = strlen(word);

	for (size_t i = 0; i + len <= s.len; i++)
		n += memcmp(s.ptr + i, word, len) == 0;
	return n;
}

ROWS(sip_mask, message, cases)
{
	const char *name = cases[*row].name;
	const char *before = cases[*row].before;
	size_t len = strlen(before);
	struct slice in = guarded(before);
	char *bytes = (char *)(uintptr_t)in.ptr; /* our own page, writable */

	sip_mask(bytes, len);
	cr_expect_eq(
	    occurrences(in, "SECRET"), 0, "%s: " SLICE_FMT, name, SLICE_ARG(in));
	cr_expect_eq(occurrences(in, "KEEP"), occurrences(text(before), "KEEP"),
	    "%s: " SLICE_FMT, name, SLICE_ARG(in));
	for (size_t i = 0; i < len; i++) {
		cr_expect_eq(before[i] == '\n', bytes[i] == '\n', "%s: line end", name);
		cr_expect_eq(before[i] == '\r', bytes[i] == '\r', "%s: line end", name);
	}
	if (cases[*row].after != NULL)
		expect_text(in, cases[*row].after, name);
}

/* A secret is a secret also where the capture ends in the middle of it. */
Test(sip_mask, every_prefix_hides_what_it_holds)
{
	for (size_t c = 0; c < COUNT(cases); c++) {
		size_t whole = strlen(cases[c].before);

		for (size_t len = 0; len <= whole; len++) {
			struct slice in = guard_copy(cases[c].before, len);

			sip_mask((char *)(uintptr_t)in.ptr, len);
			/* A password shows what it is only by the '@' behind it. */
			if (occurrences(text(cases[c].before), "@") == 0)
				cr_expect_eq(occurrences(in, "SECRET"), 0,
				    "%s, %zu: " SLICE_FMT, cases[c].name, len,
				    SLICE_ARG(in));
		}
	}
}

Test(sip_mask, masking_twice_changes_nothing_more)
{
	for (size_t c = 0; c < COUNT(cases); c++) {
		char once[512], twice[512];
		size_t len = strlen(cases[c].before);

		cr_assert_lt(len, sizeof(once));
		memcpy(once, cases[c].before, len);
		sip_mask(once, len);
		memcpy(twice, once, len);
		sip_mask(twice, len);
		cr_expect_eq(memcmp(once, twice, len), 0, "%s", cases[c].name);
	}
}

Test(sip_mask, hostile_bytes_take_linear_time, .timeout = 60)
{
	static const char *const units[] = {"\n", " ", "sip:", "sip:@",
	    "sip:a:", "response=\"", "nonce=", "=",
	    "Authorization:", "Authorization: Digest realm=\"",
	    "\nAuthorization: ", "response=\"\\", "a\n\n", "\r", ":"};
	static char bytes[1 << 17];

	for (size_t u = 0; u < COUNT(units); u++) {
		size_t unit = strlen(units[u]);

		for (size_t i = 0; i + unit <= sizeof(bytes); i += unit)
			memcpy(bytes + i, units[u], unit);
		sip_mask(bytes, sizeof(bytes));
	}
}

/* No message is as long, and if one is, its end is not read. */
Test(sip_mask, what_is_too_long_to_be_looked_at_is_hidden)
{
	enum { LOOKED_AT = 256 << 10, LEN = LOOKED_AT + 1000 };
	static char bytes[LEN];

	memset(bytes, '-', sizeof(bytes));
	memcpy(bytes, "Subject: KEEP\r\n", 15);
	memcpy(bytes + LOOKED_AT - 10, "\r\nnonce=SECRET", 15); /* across the end */
	sip_mask(bytes, sizeof(bytes));
	cr_expect_eq(memcmp(bytes, "Subject: KEEP\r\n", 15), 0);
	for (size_t i = LOOKED_AT - 2; i < LEN; i++)
		cr_assert_eq(bytes[i], 'x', "%zu", i);
}
