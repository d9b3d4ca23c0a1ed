/* SPDX-License-Identifier: BSD-2-Clause */
#include "reassemble/sniff.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "support/guard.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define WIRE(s)  SLICE_INIT(s)

/* What a datagram is; what the same bytes are at the start of a stream. */
static const struct {
	const char *name;
	struct slice bytes;
	enum sniff whole, stream;
} lines[] = {
    {"request", WIRE("INVITE sip:a@b SIP/2.0\r\n"), SNIFF_SIP, SNIFF_SIP},
    {"request, bare LF", WIRE("INVITE sip:a@b SIP/2.0\n"), SNIFF_SIP, SNIFF_SIP},
    {"request, no line end", WIRE("BYE sip:a@b SIP/2.0"), SNIFF_SIP, SNIFF_MORE},
    {"request of any token", WIRE("!x-Y_*+`.%n'~ sip:a SIP/2.0\r\n"), SNIFF_SIP,
	SNIFF_SIP},
    {"tel URI", WIRE("INVITE tel:+49 SIP/2.0\r\n"), SNIFF_SIP, SNIFF_SIP},
    {"unknown scheme", WIRE("OPTIONS soap.beep://h SIP/2.0\r\n"), SNIFF_SIP, SNIFF_SIP},
    {"brackets (RFC 4475 3.1.2.7)", WIRE("INVITE <sip:a> SIP/2.0\r\n"), SNIFF_SIP,
	SNIFF_SIP},
    {"blank in the URI (3.1.2.8)", WIRE("INVITE sip:a; lr SIP/2.0\r\n"), SNIFF_SIP,
	SNIFF_SIP},
    {"two blanks (3.1.2.9)", WIRE("INVITE  sip:a  SIP/2.0\r\n"), SNIFF_SIP, SNIFF_SIP},
    {"blanks behind (3.1.2.10)", WIRE("INVITE sip:a SIP/2.0  \r\n"), SNIFF_SIP,
	SNIFF_SIP},
    {"another version (3.1.2.16)", WIRE("OPTIONS sip:a SIP/7.0\r\n"), SNIFF_SIP,
	SNIFF_SIP},
    {"version in small letters", WIRE("BYE sip:a sip/2.0\r\n"), SNIFF_SIP, SNIFF_SIP},
    {"response", WIRE("SIP/2.0 200 OK\r\n"), SNIFF_SIP, SNIFF_SIP},
    {"response, no line end", WIRE("SIP/2.0 200"), SNIFF_SIP, SNIFF_SIP},
    {"overlarge code (3.1.2.19)", WIRE("SIP/2.0 4294967301 x\r\n"), SNIFF_SIP,
	SNIFF_SIP},
    {"response without a code", WIRE("SIP/2.0 OK\r\n"), SNIFF_NOT, SNIFF_NOT},
    {"no blank behind the version", WIRE("SIP/2.0x200 OK\r\n"), SNIFF_NOT, SNIFF_NOT},
    {"no scheme", WIRE("INVITE foo@bar SIP/2.0\r\n"), SNIFF_NOT, SNIFF_NOT},
    {"no URI", WIRE("INVITE SIP/2.0\r\n"), SNIFF_NOT, SNIFF_NOT},
    {"HTTP request", WIRE("GET http://h/ HTTP/1.1\r\n"), SNIFF_NOT, SNIFF_NOT},
    {"HTTP response", WIRE("HTTP/1.1 200 OK\r\n"), SNIFF_NOT, SNIFF_NOT},
    {"header line", WIRE("Via: SIP/2.0/UDP h\r\n"), SNIFF_NOT, SNIFF_NOT},
    {"RTP", WIRE("\x80\x00\x12\x34\0\0\0\0\0\0\0\0"), SNIFF_NOT, SNIFF_NOT},
    {"empty", WIRE(""), SNIFF_NOT, SNIFF_MORE},
    {"a blank in front", WIRE(" BYE sip:a SIP/2.0\r\n"), SNIFF_NOT, SNIFF_NOT},
};

ParameterizedTestParameters(sniff, line)
{
	static size_t index[COUNT(lines)];

	for (size_t i = 0; i < COUNT(lines); i++)
		index[i] = i;
	return cr_make_param_array(size_t, index, COUNT(lines));
}

ParameterizedTest(size_t *i, sniff, line)
{
	struct slice s = guard_copy(lines[*i].bytes.ptr, lines[*i].bytes.len);

	cr_expect_eq(
	    sniff_sip(s, true), lines[*i].whole, "%s: datagram", lines[*i].name);
	cr_expect_eq(
	    sniff_sip(s, false), lines[*i].stream, "%s: stream", lines[*i].name);
}

/* More bytes may turn "more" into an answer; they never change one. */
Test(sniff, an_answer_does_not_depend_on_how_much_has_arrived)
{
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct slice all = lines[i].bytes;
		enum sniff last = sniff_sip(all, false);

		for (size_t n = 0; n < all.len; n++) {
			enum sniff part = sniff_sip(guard_copy(all.ptr, n), false);

			cr_expect(part == SNIFF_MORE || part == last, "%s, %zu bytes",
			    lines[i].name, n);
		}
	}
}

Test(sniff, a_method_of_65_bytes_is_none)
{
	char line[] =
	    "MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM"
	    " sip:a SIP/2.0\r\n";

	cr_expect_eq(sniff_sip(slice_of(line, sizeof(line) - 1), true), SNIFF_NOT);
	cr_expect_eq(sniff_sip(slice_of(line + 1, sizeof(line) - 2), true), SNIFF_SIP);
	cr_expect_eq(sniff_sip(slice_of(line + 1, 64), false), SNIFF_MORE);
	cr_expect_eq(sniff_sip(slice_of(line, 65), false), SNIFF_NOT);
}

Test(sniff, a_first_line_that_never_ends_is_given_up)
{
	static char line[SNIFF_LINE_MAX + 16];

	memset(line, 'a', sizeof(line));
	memcpy(line, "BYE sip:", 8);
	cr_expect_eq(sniff_sip(slice_of(line, SNIFF_LINE_MAX - 1), false), SNIFF_MORE);
	cr_expect_eq(sniff_sip(slice_of(line, SNIFF_LINE_MAX), false), SNIFF_NOT);
	memcpy(line + SNIFF_LINE_MAX, " SIP/2.0\r\n", 10);
	cr_expect_eq(sniff_sip(slice_of(line, sizeof(line)), false), SNIFF_NOT);
	memset(line + 4, ' ', sizeof(line) - 4);
	cr_expect_eq(sniff_sip(slice_of(line, SNIFF_LINE_MAX), false), SNIFF_NOT);
}

static const struct {
	const char *name;
	struct slice bytes;
	enum foreign want;
} strangers[] = {
    {"STUN binding request (RFC 8489)",
	WIRE("\0\1\0\0\x21\x12\xa4\x42"
	     "ABCDEFGHIJKL"),
	FOREIGN_STUN},
    {"STUN of RFC 3489", WIRE("\0\1\0\4ABCDEFGHIJKLMNOPxxxx"), FOREIGN_STUN},
    {"too short for STUN", WIRE("\0\1\0\0\x21\x12\xa4\x42"), FOREIGN_OTHER},
    {"DTLS client hello", WIRE("\x16\xfe\xff\0\0\0\0\0\0\0\0\0\x01x"), FOREIGN_DTLS},
    {"TLS client hello", WIRE("\x16\x03\x01\x02\x00\x01"), FOREIGN_TLS},
    {"RTP", WIRE("\x80\0\x12\x34\0\0\0\0\0\0\0\0"), FOREIGN_RTP},
    {"RTCP", WIRE("\x81\xc9\0\x07\0\0\0\0"), FOREIGN_RTP},
    {"text", WIRE("hello"), FOREIGN_OTHER},
    {"nothing", WIRE(""), FOREIGN_OTHER},
};

Test(sniff, what_shares_the_port_is_told_apart_as_rfc_7983_does)
{
	for (size_t i = 0; i < COUNT(strangers); i++) {
		struct slice s =
		    guard_copy(strangers[i].bytes.ptr, strangers[i].bytes.len);

		cr_expect_eq(
		    sniff_foreign(s), strangers[i].want, "%s", strangers[i].name);
		for (size_t n = 0; n < s.len; n++)
			(void)sniff_foreign(guard_copy(strangers[i].bytes.ptr, n));
	}
}

Test(sniff, keep_alives_of_rfc_5626_and_of_the_wild)
{
	cr_expect(sniff_keepalive(SLICE("")));
	cr_expect(sniff_keepalive(SLICE("\r\n\r\n")));
	cr_expect(sniff_keepalive(SLICE("\0\0\0\0")));
	cr_expect(sniff_keepalive(SLICE("jaK")));
	cr_expect(sniff_keepalive(SLICE("\r\n\0")));
	cr_expect_not(sniff_keepalive(SLICE("jaKx")));
	cr_expect_not(sniff_keepalive(SLICE("\0x")));
}

static const struct {
	const char *line;
	enum sniff whole, part;
} first_lines[] = {
    {"SIP/2.0", SNIFF_NOT, SNIFF_MORE},
    {"SIP/2.0 ", SNIFF_NOT, SNIFF_MORE},
    {"SIP/2.0        ", SNIFF_NOT, SNIFF_MORE},
    {"SIP/2.0 2", SNIFF_SIP, SNIFF_SIP},
    {"sip/2.0 200 OK\r\n", SNIFF_SIP, SNIFF_SIP},
    {"SIP/10.12 200 OK\r\n", SNIFF_SIP, SNIFF_SIP},
    {"SIP/x2345678", SNIFF_NOT, SNIFF_NOT},
    {"SIP/2.0-a 200 OK\r\n", SNIFF_NOT, SNIFF_NOT},
    {"SIP/2.0 OK\r\n", SNIFF_NOT, SNIFF_NOT},
    {"SIP/", SNIFF_NOT, SNIFF_MORE},
    {"SIPX sip:a SIP/2.0\r\n", SNIFF_SIP, SNIFF_SIP},
    {"A b:c SIP/2.0", SNIFF_SIP, SNIFF_MORE},
    {"A b:c SIP/2.0\n", SNIFF_SIP, SNIFF_SIP},
    {"A b:c SIP/2.0 \t \r\n", SNIFF_SIP, SNIFF_SIP},
    {"A b:c SIP/3\r\n", SNIFF_NOT, SNIFF_NOT},
    {"A b:c SIP/3.11\r\n", SNIFF_SIP, SNIFF_SIP},
    {"A bc SIP/2.0\r\n", SNIFF_NOT, SNIFF_NOT},
    {"A b: SIP/2.0\r\n", SNIFF_SIP, SNIFF_SIP},
    {"A SIP/2.0\r\n", SNIFF_NOT, SNIFF_NOT},
    {"A  \r\n", SNIFF_NOT, SNIFF_NOT},
    {"A {b:c SIP/2.0\r\n", SNIFF_NOT, SNIFF_NOT},
    {"A <b:c> SIP/2.0\r\n", SNIFF_SIP, SNIFF_SIP},
    {"A Zz:c SIP/2.0\r\n", SNIFF_SIP, SNIFF_SIP},
    {"A", SNIFF_NOT, SNIFF_MORE},
    {"", SNIFF_NOT, SNIFF_MORE},
};

Test(sniff, a_first_line_is_known_by_what_is_there_of_it)
{
	for (size_t i = 0; i < COUNT(first_lines); i++) {
		struct slice s =
		    guard_copy(first_lines[i].line, strlen(first_lines[i].line));

		cr_expect_eq(sniff_sip(s, true), first_lines[i].whole, "'%s' whole",
		    first_lines[i].line);
		cr_expect_eq(sniff_sip(s, false), first_lines[i].part, "'%s' part",
		    first_lines[i].line);
	}
}

Test(sniff, what_keeps_a_binding_alive_is_no_message)
{
	static const struct {
		struct slice bytes;
		bool is_one;
	} cases[] = {{SLICE_INIT(""), true}, {SLICE_INIT("\r\n\r\n"), true},
	    {SLICE_INIT("\0\0\0\0"), true}, {SLICE_INIT("\n"), true},
	    {SLICE_INIT("jaK"), true}, {SLICE_INIT("jaK\r\n\0"), true},
	    {SLICE_INIT("  \r\n"), true}, {SLICE_INIT("jaKx"), false},
	    {SLICE_INIT("x\r\n"), false}, {SLICE_INIT("\r\n\x80"), false}};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice s = guard_copy(cases[i].bytes.ptr, cases[i].bytes.len);

		cr_expect_eq(sniff_keepalive(s), cases[i].is_one, "%zu", i);
	}
}

/* RFC 7983: below that many bytes it is nothing of the kind. */
Test(sniff, what_shares_the_port_is_told_by_its_first_bytes)
{
	static const struct {
		struct slice bytes;
		enum foreign kind;
	} cases[] = {
	    {SLICE_INIT("\0\1\0\0\x21\x12\xa4\x42"), FOREIGN_OTHER},
	    {SLICE_INIT("\0\1\0\0\x21\x12\xa4\x42............"), FOREIGN_STUN},
	    {SLICE_INIT("\0\1\0\0................"), FOREIGN_STUN},
	    {SLICE_INIT("\0\1\0\1................"), FOREIGN_OTHER},
	    {SLICE_INIT("\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\0"), FOREIGN_DTLS},
	    {SLICE_INIT("\x16\xfe\xfd"), FOREIGN_OTHER},
	    {SLICE_INIT("\x16\3\1\0\5"), FOREIGN_TLS},
	    {SLICE_INIT("\x16\3\1\0"), FOREIGN_OTHER},
	    {SLICE_INIT("\x19\3\1\0\5"), FOREIGN_OTHER},
	    {SLICE_INIT("\x80\0......"), FOREIGN_RTP},
	    {SLICE_INIT("\xbf\xc8......"), FOREIGN_RTP},
	    {SLICE_INIT("\xc0\0......"), FOREIGN_OTHER},
	    {SLICE_INIT("\x80\0....."), FOREIGN_OTHER},
	    {SLICE_INIT(""), FOREIGN_OTHER},
	    {SLICE_INIT("\x80"), FOREIGN_OTHER},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice s = guard_copy(cases[i].bytes.ptr, cases[i].bytes.len);

		cr_expect_eq(sniff_foreign(s), cases[i].kind, "%zu", i);
	}
}
