/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_msg.h"

#include <stdio.h>

#include "sip_test.h"

#define BIT(o) (UINT64_C(1) << SIP_ODD_##o)

/* Every message of the tables below that has no headers has these. */
#define BARE (BIT(MISSING_HDR))

static enum sip_rc parse(const char *bytes, size_t len, struct sip_msg *msg)
{
	memset(msg, 0xa5, sizeof(*msg)); /* nothing may be left unset */
	return sip_msg_parse(guard_copy(bytes, len), msg);
}

static const struct {
	const char *name;
	struct slice bytes;
	enum sip_rc rc;
	const char *method, *uri, *reason;
	uint16_t status;
	uint64_t odd;
} first_lines[] = {
    {"request", SLICE_INIT("BYE sip:a@b SIP/2.0\r\n\r\n"), SIP_OK, "BYE", "sip:a@b"},
    {"bare LF", SLICE_INIT("BYE sip:a@b SIP/2.0\n\n"), SIP_OK, "BYE", "sip:a@b",
	.odd = BIT(BARE_LF)},
    {"leading empty lines", SLICE_INIT("\r\n\r\n\nBYE sip:a SIP/2.0\r\n\r\n"), SIP_OK,
	"BYE", "sip:a"},
    {"extension method", SLICE_INIT("X-Y.z sip:a SIP/2.0\r\n\r\n"), SIP_OK, "X-Y.z",
	"sip:a"},
    {"method case", SLICE_INIT("invite sip:a SIP/2.0\r\n\r\n"), SIP_OK, "invite",
	"sip:a"},
    {"version case", SLICE_INIT("BYE sip:a sip/2.0\r\n\r\n"), SIP_OK, "BYE", "sip:a"},
    {"two blanks", SLICE_INIT("BYE  sip:a  SIP/2.0\r\n\r\n"), SIP_OK, "BYE", "sip:a",
	.odd = BIT(START_BLANKS)},
    {"two blanks in front of the version", SLICE_INIT("BYE sip:a  SIP/2.0\r\n\r\n"),
	SIP_OK, "BYE", "sip:a", .odd = BIT(START_BLANKS)},
    {"tab", SLICE_INIT("BYE\tsip:a SIP/2.0\r\n\r\n"), SIP_OK, "BYE", "sip:a",
	.odd = BIT(START_BLANKS)},
    {"trailing blanks", SLICE_INIT("BYE sip:a SIP/2.0  \r\n\r\n"), SIP_OK, "BYE",
	"sip:a", .odd = BIT(START_BLANKS)},
    {"blank in the URI", SLICE_INIT("BYE sip:a@b; lr SIP/2.0\r\n\r\n"), SIP_OK, "BYE",
	"sip:a@b; lr", .odd = BIT(URI_BLANK)},
    {"a version inside the URI", SLICE_INIT("BYE sip:a SIP/2.0 SIP/2.0\r\n\r\n"),
	SIP_OK, "BYE", "sip:a SIP/2.0", .odd = BIT(URI_BLANK)},
    {"brackets", SLICE_INIT("BYE <sip:a> SIP/2.0\r\n\r\n"), SIP_OK, "BYE", "sip:a",
	.odd = BIT(URI_BRACKETS)},
    {"empty brackets", SLICE_INIT("BYE <> SIP/2.0\r\n\r\n"), SIP_E_NOT_SIP},
    {"NUL in the URI", SLICE_INIT("BYE sip:\0a SIP/2.0\r\n\r\n"), SIP_OK, "BYE"},
    {"no URI", SLICE_INIT("BYE SIP/2.0\r\n\r\n"), SIP_E_NOT_SIP},
    {"no URI, two blanks", SLICE_INIT("BYE  SIP/2.0\r\n\r\n"), SIP_E_NOT_SIP},
    {"only a method", SLICE_INIT("BYE\r\n\r\n"), SIP_E_NOT_SIP},
    {"only a method and a blank", SLICE_INIT("BYE \r\n\r\n"), SIP_E_NOT_SIP},
    {"a method that is no token", SLICE_INIT("B@E sip:a SIP/2.0\r\n\r\n"),
	SIP_E_NOT_SIP},
    {"version 3", SLICE_INIT("BYE sip:a SIP/3.0\r\n\r\n"), SIP_E_VERSION},
    {"version 2.01", SLICE_INIT("BYE sip:a SIP/2.01\r\n\r\n"), SIP_E_VERSION},
    {"HTTP", SLICE_INIT("GET / HTTP/1.1\r\n\r\n"), SIP_E_NOT_SIP},
    {"RTSP", SLICE_INIT("OPTIONS rtsp://a RTSP/1.0\r\n\r\n"), SIP_E_NOT_SIP},
    {"prose", SLICE_INIT("hello world\r\n\r\n"), SIP_E_NOT_SIP},
    {"RTP", SLICE_INIT("\x80\x08\x12\x34 SIP/2.0\r\n"), SIP_E_NOT_SIP},
    {"STUN", SLICE_INIT("\0\1\0\0\x21\x12\xa4\x42"), SIP_E_NOT_SIP},

    {"response", SLICE_INIT("SIP/2.0 486 Busy Here\r\n\r\n"), SIP_OK,
	.reason = "Busy Here", .status = 486},
    {"response, any case", SLICE_INIT("sip/2.0 200 OK\r\n\r\n"), SIP_OK, .reason = "OK",
	.status = 200},
    {"empty reason", SLICE_INIT("SIP/2.0 200 \r\n\r\n"), SIP_OK, .reason = "",
	.status = 200},
    {"no reason", SLICE_INIT("SIP/2.0 200\r\n\r\n"), SIP_OK, .reason = "",
	.status = 200, .odd = BIT(NO_REASON)},
    {"two blanks in front of the code", SLICE_INIT("SIP/2.0  200 OK\r\n\r\n"), SIP_OK,
	.reason = "OK", .status = 200, .odd = BIT(START_BLANKS)},
    {"lowest code", SLICE_INIT("SIP/2.0 100 x\r\n\r\n"), SIP_OK, .reason = "x",
	.status = 100},
    {"highest code", SLICE_INIT("SIP/2.0 699 x\r\n\r\n"), SIP_OK, .reason = "x",
	.status = 699},
    {"code too low", SLICE_INIT("SIP/2.0 099 x\r\n\r\n"), SIP_E_STATUS},
    {"code too high", SLICE_INIT("SIP/2.0 700 x\r\n\r\n"), SIP_E_STATUS},
    {"code that would wrap to 5", SLICE_INIT("SIP/2.0 4294967301 x\r\n\r\n"),
	SIP_E_STATUS},
    {"code of two digits", SLICE_INIT("SIP/2.0 20 x\r\n\r\n"), SIP_E_STATUS},
    {"code of four digits", SLICE_INIT("SIP/2.0 0200 x\r\n\r\n"), SIP_E_STATUS},
    {"code that is no number", SLICE_INIT("SIP/2.0 2x0 x\r\n\r\n"), SIP_E_STATUS},
    {"signed code", SLICE_INIT("SIP/2.0 +20 x\r\n\r\n"), SIP_E_STATUS},
    {"no code", SLICE_INIT("SIP/2.0\r\n\r\n"), SIP_E_STATUS},
    {"response of version 7", SLICE_INIT("SIP/7.0 200 OK\r\n\r\n"), SIP_E_VERSION},

    {"nothing at all", SLICE_INIT(""), SIP_E_KEEPALIVE},
    {"double CRLF", SLICE_INIT("\r\n\r\n"), SIP_E_KEEPALIVE},
    {"single CRLF", SLICE_INIT("\r\n"), SIP_E_KEEPALIVE},
    {"NULs", SLICE_INIT("\0\0\0\0"), SIP_E_KEEPALIVE},
    {"CRLF and NULs", SLICE_INIT("\r\n\0\0"), SIP_E_KEEPALIVE},
};

ROWS(sip_msg, first_line, first_lines)
{
	struct sip_msg msg;
	const char *name = first_lines[*row].name;
	struct slice in = first_lines[*row].bytes;
	enum sip_rc rc = parse(in.ptr, in.len, &msg);

	cr_assert_eq(rc, first_lines[*row].rc, "%s: %s", name, sip_rc_name(rc));
	if (rc != SIP_OK)
		return;
	cr_expect_eq(msg.status, first_lines[*row].status, "%s: %u", name, msg.status);
	cr_expect_eq(msg.oddities, first_lines[*row].odd | BARE, "%s: oddities %#lx",
	    name, (unsigned long)msg.oddities);
	cr_expect(msg.head_complete, "%s", name);
	expect_text(msg.method, first_lines[*row].method, name);
	if (first_lines[*row].uri != NULL)
		expect_text(msg.uri, first_lines[*row].uri, name);
	expect_text(msg.reason, first_lines[*row].reason, name);
	cr_expect_eq(sip_msg_is_request(&msg), first_lines[*row].status == 0);
}

#define REQUEST "OPTIONS sip:b SIP/2.0\r\n"

static const struct {
	const char *name;
	const char *lines; /* behind the request line */
	enum sip_hdr_id id;
	const char *as_sent;
	const char *value; /* NULL: not there */
	uint64_t odd;
} header_lines[] = {
    {"plain", "Call-ID: x@y\r\n\r\n", SIP_HDR_CALL_ID, "Call-ID", "x@y"},
    {"compact", "i: x@y\r\n\r\n", SIP_HDR_CALL_ID, "i", "x@y"},
    {"compact, upper case", "I:x@y\r\n\r\n", SIP_HDR_CALL_ID, "I", "x@y"},
    {"any case", "cAlL-iD: x\r\n\r\n", SIP_HDR_CALL_ID, "cAlL-iD", "x"},
    {"blanks around the colon", "Call-ID \t :\t  x \t\r\n\r\n", SIP_HDR_CALL_ID,
	"Call-ID", "x"},
    {"no blank", "Call-ID:x\r\n\r\n", SIP_HDR_CALL_ID, "Call-ID", "x"},
    {"empty", "Subject:\r\n\r\n", SIP_HDR_SUBJECT, "Subject", ""},
    {"empty with blanks", "Subject:  \t\r\n\r\n", SIP_HDR_SUBJECT, "Subject", ""},
    {"colons in the value", "Subject: a:b: c\r\n\r\n", SIP_HDR_SUBJECT, "Subject",
	"a:b: c"},
    {"folded", "Subject: a\r\n b\r\n\tc\r\n\r\n", SIP_HDR_SUBJECT, "Subject",
	"a\r\n b\r\n\tc"},
    {"folded at once", "Subject:\r\n b\r\n\r\n", SIP_HDR_SUBJECT, "Subject", "b"},
    {"folded into nothing", "Subject: a\r\n \r\n\r\n", SIP_HDR_SUBJECT, "Subject", "a"},
    {"folded with bare LF", "Subject: a\n b\r\n\r\n", SIP_HDR_SUBJECT, "Subject",
	"a\n b"},
    {"bare LF", "Subject: a\nFrom: b\n\r\n", SIP_HDR_FROM, "From", "b", BIT(BARE_LF)},
    {"no colon", "Subject\r\nFrom: b\r\n\r\n", SIP_HDR_FROM, "From", "b",
	BIT(NO_COLON)},
    {"no colon but in the folded part", "Subject\r\n : a\r\n\r\n", SIP_HDR_SUBJECT,
	NULL, NULL, BIT(NO_COLON)},
    {"no name", ": a\r\nFrom: b\r\n\r\n", SIP_HDR_FROM, "From", "b", BIT(BAD_NAME)},
    {"a name that is no token", "Sub ject: a\r\nFrom: b\r\n\r\n", SIP_HDR_FROM, "From",
	"b", BIT(BAD_NAME)},
    {"CR is not '-'", "Call\rID: x\r\n\r\n", SIP_HDR_CALL_ID, NULL, NULL,
	BIT(BAD_NAME)},
    {"first line begins with a blank", " From: b\r\n\r\n", SIP_HDR_FROM, "From", "b",
	BIT(BLANK_FIRST)},
    {"a cut name", "Fro", SIP_HDR_FROM, NULL, NULL,
	BIT(NO_COLON) | BIT(CUT_HDR) | BIT(NO_EMPTY_LINE)},
    {"a cut value", "From: <sip:a", SIP_HDR_FROM, "From", "<sip:a",
	BIT(CUT_HDR) | BIT(NO_EMPTY_LINE)},
    {"cut behind a line", "From: b\r\n", SIP_HDR_FROM, "From", "b", BIT(NO_EMPTY_LINE)},
    {"cut inside a fold", "From: b\r\n ", SIP_HDR_FROM, "From", "b",
	BIT(CUT_HDR) | BIT(NO_EMPTY_LINE)},
    {"twice", "From: a\r\nf: b\r\n\r\n", SIP_HDR_FROM, "From", "a", BIT(DUP_HDR)},
    {"lists may repeat", "Route: a\r\nRoute: b\r\n\r\n", SIP_HDR_ROUTE, "Route", "a"},
    {"escaped names are other names", "C%6Fntact: a\r\n\r\n", SIP_HDR_CONTACT, NULL,
	NULL},
};

ROWS(sip_msg, header_line, header_lines)
{
	const char *name = header_lines[*row].name;
	const char *lines = header_lines[*row].lines;
	char bytes[256];
	struct sip_msg msg;
	const struct sip_hdr *h;
	size_t len = (size_t)snprintf(bytes, sizeof(bytes), "%s%s", REQUEST, lines);

	cr_assert_eq(parse(bytes, len, &msg), SIP_OK, "%s", name);
	cr_expect_eq(msg.oddities, header_lines[*row].odd | BARE, "%s: oddities %#lx",
	    name, (unsigned long)msg.oddities);
	cr_expect_eq(
	    msg.head_complete, (msg.oddities & BIT(NO_EMPTY_LINE)) == 0, "%s", name);
	expect_text(
	    sip_msg_value(&msg, header_lines[*row].id), header_lines[*row].value, name);
	h = sip_msg_find(&msg, header_lines[*row].id);
	cr_assert_eq(h == NULL, header_lines[*row].as_sent == NULL, "%s", name);
	if (h != NULL)
		expect_text(h->name, header_lines[*row].as_sent, name);
}

#define HEAD REQUEST "i: 1\r\nf: a\r\nt: b\r\nv: c\r\nCSeq: 1 OPTIONS\r\n"

static const struct {
	const char *name;
	const char *lines; /* behind HEAD */
	int64_t length;
	const char *body;
	uint64_t odd;
} bodies[] = {
    {"exact", "l: 3\r\n\r\nabc", 3, "abc"},
    {"zero", "l: 0\r\n\r\n", 0, ""},
    {"absent: to the end", "\r\nabc", -1, "abc"},
    {"absent, no body", "\r\n", -1, ""},
    {"more than there is", "l: 9999\r\n\r\nabc", 9999, "abc", BIT(BODY_SHORT)},
    {"less than there is", "l: 2\r\n\r\nabc", 2, "ab", BIT(TRAILING)},
    {"a second message", "l: 0\r\n\r\nINVITE sip:a SIP/2.0\r\n\r\n", 0, "",
	BIT(TRAILING)},
    {"leading zeros", "l: 0000000000000000003\r\n\r\nabc", 3, "abc"},
    {"largest", "l: 4294967295\r\n\r\nabc", 4294967295, "abc", BIT(BODY_SHORT)},
    {"too large", "l: 4294967296\r\n\r\nabc", -1, "", BIT(LENGTH_BAD) | BIT(TRAILING)},
    {"much too large", "l: 99999999999999999999999\r\n\r\nabc", -1, "",
	BIT(LENGTH_BAD) | BIT(TRAILING)},
    {"negative", "l: -999\r\n\r\nabc", -1, "", BIT(LENGTH_BAD) | BIT(TRAILING)},
    {"empty", "l:\r\n\r\nabc", -1, "", BIT(LENGTH_BAD) | BIT(TRAILING)},
    {"not a number", "l: 3;x\r\n\r\nabc", -1, "", BIT(LENGTH_BAD) | BIT(TRAILING)},
    {"folded", "l:\r\n 3\r\n\r\nabc", 3, "abc"},
    {"twice the same", "l: 3\r\nContent-Length: 3\r\n\r\nabc", 3, "abc", BIT(DUP_HDR)},
    {"first wins", "l: 3\r\nl: 2\r\n\r\nabc", 3, "abc",
	BIT(DUP_HDR) | BIT(LENGTH_CONFLICT)},
    {"first wins, also when it is bad", "l: x\r\nl: 2\r\n\r\nabc", -1, "",
	BIT(DUP_HDR) | BIT(LENGTH_BAD) | BIT(LENGTH_CONFLICT) | BIT(TRAILING)},
    {"second is bad", "l: 3\r\nl: x\r\n\r\nabc", 3, "abc",
	BIT(DUP_HDR) | BIT(LENGTH_CONFLICT)},
    {"head without end", "l: 3\r\n", 3, "", BIT(NO_EMPTY_LINE) | BIT(BODY_SHORT)},
    /* "15" may be the beginning of "154": half a number is none. */
    {"cut in the number", "l: 15", -1, "", BIT(NO_EMPTY_LINE) | BIT(CUT_HDR)},
    {"the second one is cut", "l: 154\r\nl: 15", 154, "",
	BIT(NO_EMPTY_LINE) | BIT(CUT_HDR) | BIT(DUP_HDR) | BIT(BODY_SHORT)},
};

ROWS(sip_msg, body, bodies)
{
	const char *name = bodies[*row].name;
	char bytes[512];
	struct sip_msg msg;
	size_t len =
	    (size_t)snprintf(bytes, sizeof(bytes), "%s%s", HEAD, bodies[*row].lines);

	cr_assert_eq(parse(bytes, len, &msg), SIP_OK, "%s", name);
	cr_expect_eq(msg.content_length, bodies[*row].length, "%s: %ld", name,
	    (long)msg.content_length);
	cr_expect_eq(msg.oddities, bodies[*row].odd, "%s: oddities %#lx", name,
	    (unsigned long)msg.oddities);
	expect_text(msg.body, bodies[*row].body, name);
}

static const struct {
	const char *start, *cseq;
	uint64_t odd;
} cseqs[] = {
    {"OPTIONS sip:b SIP/2.0", "1 OPTIONS", 0},
    {"OPTIONS sip:b SIP/2.0", "0009\r\n OPTIONS", 0},
    {"OPTIONS sip:b SIP/2.0", "1 INVITE", BIT(CSEQ_METHOD)},
    {"OPTIONS sip:b SIP/2.0", "1 options", BIT(CSEQ_METHOD)},
    {"OPTIONS sip:b SIP/2.0", "36893488147419103232 OPTIONS", BIT(CSEQ_BAD)},
    {"OPTIONS sip:b SIP/2.0", "OPTIONS", BIT(CSEQ_BAD)},
    {"OPTIONS sip:b SIP/2.0", "1 OPT(IONS", BIT(CSEQ_BAD)},
    {"OPTIONS sip:b SIP/2.0", "", BIT(CSEQ_BAD)},
    {"SIP/2.0 200 OK", "1 INVITE", 0},
    {"SIP/2.0 200 OK", "9292394834772304023312 OPTIONS", BIT(CSEQ_BAD)},
};

ROWS(sip_msg, cseq_against_the_start_line, cseqs)
{
	char bytes[256];
	struct sip_msg msg;
	size_t len = (size_t)snprintf(bytes, sizeof(bytes),
	    "%s\r\ni: 1\r\nf: a\r\nt: b\r\nv: c\r\nCSeq: %s\r\n\r\n", cseqs[*row].start,
	    cseqs[*row].cseq);

	cr_assert_eq(parse(bytes, len, &msg), SIP_OK);
	cr_expect_eq(msg.oddities, cseqs[*row].odd, "%s: %#lx", cseqs[*row].cseq,
	    (unsigned long)msg.oddities);
}

Test(sip_msg, every_name_of_the_table_is_found_in_any_case)
{
	static const char *const names[][2] = {
#define SIP_HDR(id, name, compact) [SIP_HDR_##id] = {name, compact},
#include "sip/sip_hdrs.def"
	};

	for (int id = 1; id < SIP_HDR_COUNT; id++) {
		for (int form = 0; form < 2; form++) {
			char lower[64] = "", upper[64] = "";
			const char *name = names[id][form];

			if (name[0] == '\0')
				continue;
			for (size_t i = 0; name[i] != '\0'; i++) {
				lower[i] = slice_lower(name[i]);
				upper[i] = lower[i] >= 'a' && lower[i] <= 'z'
					       ? (char)(lower[i] - 32)
					       : lower[i];
			}
			cr_expect_eq(sip_hdr_lookup(guarded(name)), id, "%s", name);
			cr_expect_eq(sip_hdr_lookup(guarded(lower)), id, "%s", lower);
			cr_expect_eq(sip_hdr_lookup(guarded(upper)), id, "%s", upper);
		}
		cr_expect_str_eq(sip_hdr_name((enum sip_hdr_id)id), names[id][0]);
	}
}

Test(sip_msg, every_compact_name_is_that_of_the_iana_registry)
{
	/* IANA, "Header Fields" of "Session Initiation Protocol (SIP) Parameters". */
	static const struct {
		const char *compact;
		enum sip_hdr_id id;
	} iana[] = {
	    {"a", SIP_HDR_ACCEPT_CONTACT},
	    {"u", SIP_HDR_ALLOW_EVENTS},
	    {"i", SIP_HDR_CALL_ID},
	    {"m", SIP_HDR_CONTACT},
	    {"e", SIP_HDR_CONTENT_ENCODING},
	    {"l", SIP_HDR_CONTENT_LENGTH},
	    {"c", SIP_HDR_CONTENT_TYPE},
	    {"o", SIP_HDR_EVENT},
	    {"f", SIP_HDR_FROM},
	    {"y", SIP_HDR_IDENTITY},
	    {"n", SIP_HDR_IDENTITY_INFO},
	    {"r", SIP_HDR_REFER_TO},
	    {"b", SIP_HDR_REFERRED_BY},
	    {"j", SIP_HDR_REJECT_CONTACT},
	    {"d", SIP_HDR_REQUEST_DISPOSITION},
	    {"x", SIP_HDR_SESSION_EXPIRES},
	    {"s", SIP_HDR_SUBJECT},
	    {"k", SIP_HDR_SUPPORTED},
	    {"t", SIP_HDR_TO},
	    {"v", SIP_HDR_VIA},
	};

	for (size_t i = 0; i < COUNT(iana); i++)
		cr_expect_eq(sip_hdr_lookup(text(iana[i].compact)), iana[i].id, "%s",
		    iana[i].compact);
}

Test(sip_msg, a_name_that_nearly_fits_is_another_header)
{
	static const char *const names[] = {"", "Vi", "Vias", "Call-IDx", "Call_ID",
	    "Xall-ID", "Cull-ID", "z", "q", "1", "Content-Lengtj", "Reply-To"};

	for (size_t i = 0; i < COUNT(names); i++)
		cr_expect_eq(
		    sip_hdr_lookup(guarded(names[i])), SIP_HDR_OTHER, "%s", names[i]);
}

Test(sip_msg, methods_are_found_by_their_exact_name)
{
	for (int id = 1; id < SIP_METHOD_COUNT; id++) {
		const char *name = sip_method_name((enum sip_method_id)id);

		cr_expect_eq(sip_method_lookup(guarded(name)), id, "%s", name);
	}
	cr_expect_eq(sip_method_lookup(guarded("INVITE")), SIP_METHOD_INVITE);
	cr_expect_eq(sip_method_lookup(guarded("invite")), SIP_METHOD_OTHER);
	cr_expect_eq(sip_method_lookup(guarded("INVITEX")), SIP_METHOD_OTHER);
	cr_expect_eq(sip_method_lookup(guarded("RE%47ISTER")), SIP_METHOD_OTHER);
	cr_expect_eq(sip_method_lookup(SLICE_NONE), SIP_METHOD_OTHER);
}

Test(sip_msg, every_oddity_and_every_result_has_a_name)
{
	for (int o = 0; o < SIP_ODD_COUNT; o++)
		cr_expect_gt(strlen(sip_oddity_name((enum sip_oddity)o)), 1, "%d", o);
	for (int rc = 0; rc < SIP_RC_COUNT; rc++)
		cr_expect_gt(strlen(sip_rc_name((enum sip_rc)rc)), 1, "%d", rc);
}

static const char invite[] =
    "INVITE sip:15550001111@203.0.113.9 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK5f;rport\r\n"
    "Max-Forwards: 70\r\n"
    "From: \"V0101\" <sip:acct@203.0.113.9>;tag=as1\r\n"
    "To: <sip:15550001111@203.0.113.9>\r\n"
    "Contact: <sip:acct@192.0.2.1:5060>\r\n"
    "Call-ID: 51b3@203.0.113.9\r\n"
    "CSeq: 102 INVITE\r\n"
    "Subject: folded\r\n"
    " value\r\n"
    "Content-Length: 5\r\n"
    "\r\n"
    "v=0\r\n";

/* A capture can stop anywhere. Behind the start line every prefix still gives what
 * it holds, and says that the head has no end. */
Test(sip_msg, every_prefix_gives_what_it_holds)
{
	const size_t line = (size_t)(strstr(invite, "\r\n") - invite);
	const size_t head = (size_t)(strstr(invite, "\r\n\r\n") + 4 - invite);
	const size_t call_id = (size_t)(strstr(invite, "CSeq") - invite);
	struct sip_msg msg;

	for (size_t len = 0; len < sizeof(invite); len++) {
		enum sip_rc rc = parse(invite, len, &msg);

		if (len < line) {
			cr_expect_eq(
			    rc, len == 0 ? SIP_E_KEEPALIVE : SIP_E_NOT_SIP, "%zu", len);
			continue;
		}
		cr_assert_eq(rc, SIP_OK, "%zu bytes: %s", len, sip_rc_name(rc));
		cr_expect_eq(msg.head_complete, len >= head, "%zu bytes", len);
		cr_expect_eq(msg.head.len, len < head ? len : head, "%zu bytes", len);
		if (len >= call_id)
			expect_text(sip_msg_value(&msg, SIP_HDR_CALL_ID),
			    "51b3@203.0.113.9", "");
	}
	cr_expect_eq(msg.hdrs_seen, 9);
	cr_expect_eq(msg.oddities, 0);
	expect_text(msg.body, "v=0\r\n", "");
}

Test(sip_msg, every_prefix_of_a_response_is_survived)
{
	static const char response[] =
	    "SIP/2.0 407 Proxy Authentication Required\r\n\r\n";
	struct sip_msg msg;

	for (size_t len = 1; len < sizeof(response); len++) {
		enum sip_rc rc = parse(response, len, &msg);

		/* "SIP/2.0 40" may become anything. */
		cr_expect_eq(rc, len < strlen("SIP/2.0 407") ? SIP_E_NOT_SIP : SIP_OK,
		    "%zu bytes: %s", len, sip_rc_name(rc));
	}
}

Test(sip_msg, headers_keep_their_order_and_can_be_walked_by_id)
{
	static const char bytes[] = REQUEST "v: 1\r\nX: 2\r\nVia: 3\r\nVIA: 4\r\n\r\n";
	struct sip_msg msg;
	const struct sip_hdr *h;

	cr_assert_eq(parse(bytes, sizeof(bytes) - 1, &msg), SIP_OK);
	cr_assert_eq(msg.hdrs_kept, 4);
	for (char i = 0; i < 4; i++)
		cr_expect_eq(msg.hdrs[(int)i].value.ptr[0], '1' + i);
	h = sip_msg_find(&msg, SIP_HDR_VIA);
	expect_text(h->value, "1", "first");
	h = sip_msg_find_next(&msg, h);
	expect_text(h->value, "3", "second");
	h = sip_msg_find_next(&msg, h);
	expect_text(h->value, "4", "third");
	cr_expect_null(sip_msg_find_next(&msg, h));
	cr_expect_null(sip_msg_find(&msg, SIP_HDR_TO));
}

Test(sip_msg, headers_beyond_the_limit_are_counted_and_still_frame_the_body)
{
	static char bytes[16384];
	struct sip_msg msg;
	size_t len = (size_t)sprintf(bytes, "%s", REQUEST);

	for (int i = 0; i < SIP_HDRS_MAX + 10; i++)
		len += (size_t)sprintf(bytes + len, "X-%d: y\r\n", i);
	len += (size_t)sprintf(bytes + len, "Call-ID: late\r\nl: 1\r\n\r\nabc");

	cr_assert_eq(parse(bytes, len, &msg), SIP_OK);
	cr_expect_eq(msg.hdrs_kept, SIP_HDRS_MAX);
	cr_expect_eq(msg.hdrs_seen, SIP_HDRS_MAX + 12);
	cr_expect(msg.oddities & BIT(MANY_HDRS));
	cr_expect_null(sip_msg_find(&msg, SIP_HDR_CALL_ID));
	expect_text(msg.body, "a", "");
}

/* domain.md 1.2: what broke others. */

/* sngrep CVE-2024-3119 (Call-ID into a fixed array), CVE-2021-1000005. */
Test(sip_msg, a_call_id_of_sixty_thousand_bytes_is_kept_whole)
{
	static char bytes[65536];
	struct sip_msg msg;
	size_t len = (size_t)sprintf(bytes, REQUEST "Call-ID: ");

	memset(bytes + len, 'x', 60000);
	memcpy(bytes + len + 60000, "\r\n\r\n", 4);
	cr_assert_eq(parse(bytes, len + 60004, &msg), SIP_OK);
	cr_expect_eq(sip_msg_value(&msg, SIP_HDR_CALL_ID).len, 60000);
}

/* sngrep CVE-2024-3120: digits copied into a 10-byte buffer. */
Test(sip_msg, a_content_length_of_ten_thousand_digits_is_no_length)
{
	static char bytes[16384];
	struct sip_msg msg;
	size_t len = (size_t)sprintf(bytes, REQUEST "Content-Length: ");

	memset(bytes + len, '9', 10000);
	memcpy(bytes + len + 10000, "\r\n\r\nabc", 7);
	cr_assert_eq(parse(bytes, len + 10007, &msg), SIP_OK);
	cr_expect_eq(msg.content_length, -1);
	cr_expect(msg.oddities & BIT(LENGTH_BAD));
}

/* Wireshark CVE-2013-7112: an infinite loop on an empty line. */
Test(sip_msg, empty_and_blank_lines_do_not_loop, .timeout = 5)
{
	static const char *const tails[] = {"\r\n", "\n", "\r", "\r\r\n", " \r\n", "\t",
	    " ", "\r\n\r\n", "\n\n\n", ":\r\n", "\r\n \r\n", "\0"};
	struct sip_msg msg;
	char bytes[128];

	for (size_t i = 0; i < COUNT(tails); i++) {
		size_t len =
		    (size_t)snprintf(bytes, sizeof(bytes), REQUEST "%s", tails[i]);

		cr_expect_eq(parse(bytes, len, &msg), SIP_OK, "%zu", i);
	}
}

/* OpenSIPS CVE-2026-45538: a header name on the stack. */
Test(sip_msg, a_header_name_of_sixty_thousand_bytes_is_just_another_header)
{
	static char bytes[65536];
	struct sip_msg msg;
	size_t len = (size_t)sprintf(bytes, REQUEST);

	memset(bytes + len, 'n', 60000);
	memcpy(bytes + len + 60000, ": v\r\n\r\n", 7);
	cr_assert_eq(parse(bytes, len + 60007, &msg), SIP_OK);
	cr_assert_eq(msg.hdrs_kept, 1);
	cr_expect_eq(msg.hdrs[0].id, SIP_HDR_OTHER);
	cr_expect_eq(msg.hdrs[0].name.len, 60000);
}

/* Suricata held the body length in 8 and 16 bits. */
Test(sip_msg, a_body_of_more_than_65535_bytes_keeps_its_length)
{
	static char bytes[100000];
	struct sip_msg msg;
	size_t len = (size_t)sprintf(bytes, REQUEST "l: 70000\r\n\r\n");

	memset(bytes + len, 'b', 70000);
	cr_assert_eq(sip_msg_parse(slice_of(bytes, len + 70000), &msg), SIP_OK);
	cr_expect_eq(msg.body.len, 70000);
}

/* A message of nothing but "a:" lines: the counter must not wrap. */
Test(sip_msg, more_headers_than_a_counter_holds_do_not_wrap_it)
{
	enum { LINES = 70000 };
	char *bytes = malloc(sizeof(REQUEST) + 3 * LINES);
	struct sip_msg msg;
	size_t len = (size_t)sprintf(bytes, REQUEST);

	for (int i = 0; i < LINES; i++)
		len += (size_t)sprintf(bytes + len, "a:\n");
	cr_assert_eq(sip_msg_parse(slice_of(bytes, len), &msg), SIP_OK);
	cr_expect_eq(msg.hdrs_seen, UINT16_MAX);
	cr_expect_eq(msg.hdrs_kept, SIP_HDRS_MAX);
	free(bytes);
}
