/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_value.h"

#include <time.h>

#include "sip_test.h"

static const struct {
	const char *value;
	bool ok;
	uint32_t number;
	const char *method;
	enum sip_method_id id;
} cseqs[] = {
    {"314159 INVITE", true, 314159, "INVITE", SIP_METHOD_INVITE},
    {"0009\r\n  INVITE", true, 9, "INVITE", SIP_METHOD_INVITE},
    {" 1\tACK ", true, 1, "ACK", SIP_METHOD_ACK},
    {"0 BYE", true, 0, "BYE", SIP_METHOD_BYE},
    {"4294967295 BYE", true, 4294967295, "BYE", SIP_METHOD_BYE},
    {"1 X-Y", true, 1, "X-Y", SIP_METHOD_OTHER},
    {"1 invite", true, 1, "invite", SIP_METHOD_OTHER},
    {"4294967296 BYE", false},
    {"36893488147419103232 REGISTER", false},
    {"9292394834772304023312 OPTIONS", false},
    {"", false},
    {"1", false},
    {"1 ", false},
    {"INVITE", false},
    {"INVITE 1", false},
    {"-1 INVITE", false},
    {"1INVITE", false},
    {"1 IN@VITE", false},
    {"1 INVITE x", false},
};

ROWS(sip_value, cseq, cseqs)
{
	const char *value = cseqs[*row].value;
	struct sip_cseq cseq;

	cr_assert_eq(
	    sip_cseq_parse(guarded(value), &cseq), cseqs[*row].ok, "%s", value);
	if (!cseqs[*row].ok)
		return;
	cr_expect_eq(cseq.number, cseqs[*row].number, "%s: %u", value, cseq.number);
	expect_text(cseq.method, cseqs[*row].method, value);
	cr_expect_eq(cseq.method_id, cseqs[*row].id, "%s", value);
}

static const struct {
	const char *params;
	const char *name;
	const char *value; /* NULL: not there */
} params[] = {
    {";tag=1", "tag", "1"},
    {"tag=1", "tag", "1"},
    {";TAG=1", "tag", "1"},
    {";a=1;tag=2;b=3", "tag", "2"},
    {";tag = 98asjd8 ; x", "tag", "98asjd8"},
    {";\r\n tag\r\n =\r\n 1", "tag", "1"},
    {";rport", "rport", ""},
    {";rport;x", "rport", ""},
    {";rport=", "rport", ""},
    {";a=\"b;tag=no\";tag=yes", "tag", "yes"},
    {";a=\"b\\\";tag=no\";tag=yes", "tag", "yes"},
    {";a=\"b;tag=yes", "tag", "yes"},
    {";text=\"a b\"", "text", "a b"},
    {";text=\"\"", "text", ""},
    {";text=\"", "text", ""},
    {";text=\"a\\\"b\"", "text", "a\\\"b"},
    {";tag=1;tag=2", "tag", "1"},
    {";xtag=1", "tag", NULL},
    {";tagx=1", "tag", NULL},
    {";;;;", "tag", NULL},
    {"", "tag", NULL},
    {";=1", "tag", NULL},
};

ROWS(sip_value, param, params)
{
	struct slice value;
	bool found =
	    sip_param(guarded(params[*row].params), text(params[*row].name), &value);

	cr_expect_eq(found, params[*row].value != NULL, "%s", params[*row].params);
	expect_text(value, params[*row].value, params[*row].params);
}

static const struct {
	const char *value;
	const char *tag;
} tags[] = {
    {"<sip:a@b>;tag=1928301774", "1928301774"},
    {"sip:a@b;tag=x", "x"},
    {"\"A. G. Bell\" <sip:agb@b>;tag=a48s", "a48s"},
    {"\"quoted \\\" <sip:x;tag=no>\" <sip:a>;tag=yes", "yes"},
    {"\"a;tag=no\" <sip:a>;tag=yes", "yes"},
    {"caller<sip:caller@example.com>;tag=323", "323"},
    {"<sip:a;tag=no@b;tag=no>;tag=yes", "yes"},
    {"<sip:a>;x=1;TAG=yes", "yes"},
    {"Bell, Alexander <sip:a.g.bell@b>;tag=43", "43"},
    {"<sip:a>\r\n ;tag = 1", "1"},
    {"<sip:a>;tag=", ""},
    {"<sip:a>;tag", ""},
    {"<sip:a>", NULL},
    {"<sip:a;tag=no>", NULL},
    {"sip:a@b", NULL},
    {"\"Mr. J. User <sip:j.user@example.com>;tag=x", "x"},
    {"<sip:a", NULL},
    {"", NULL},
};

ROWS(sip_value, tag, tags)
{
	expect_text(
	    sip_tag(guarded(tags[*row].value)), tags[*row].tag, tags[*row].value);
}

Test(sip_value, no_value_has_no_tag)
{
	expect_text(sip_tag(SLICE_NONE), NULL, "");
}

static const struct {
	const char *value;
	bool ok;
	const char *protocol;
	uint32_t cause;
	const char *text;
	const char *rest;
} reasons[] = {
    {"Q.850;cause=21;text=\"CALL_REJECTED\"", true, "Q.850", 21, "CALL_REJECTED", ""},
    {"SIP ;cause=200 ;text=\"Call completed elsewhere\"", true, "SIP", 200,
	"Call completed elsewhere", ""},
    {"Q.850 ;cause=16, SIP;cause=603", true, "Q.850", 16, NULL, " SIP;cause=603"},
    {"Q.850;cause=16;text=\"a, b\", x", true, "Q.850", 16, "a, b", " x"},
    {"Q.850;cause=16;text=unquoted", true, "Q.850", 16, "unquoted", ""},
    {"Q.850;cause=x", true, "Q.850", 0, NULL, ""},
    {"Q.850;cause=99999999999", true, "Q.850", 0, NULL, ""},
    {"Q.850", true, "Q.850", 0, NULL, ""},
    {"Q.850;text=\"it's; DROP TABLE\"", true, "Q.850", 0, "it's; DROP TABLE", ""},
    {",,Q.850;cause=1", true, "Q.850", 1, NULL, ""},
    {";cause=1", false},
    {"", false},
    {" , ,", false},
};

ROWS(sip_value, reason, reasons)
{
	const char *value = reasons[*row].value;
	struct slice rest = guarded(value);
	struct sip_reason r;

	cr_assert_eq(sip_reason_take(&rest, &r), reasons[*row].ok, "%s", value);
	if (!reasons[*row].ok)
		return;
	expect_text(r.protocol, reasons[*row].protocol, value);
	cr_expect_eq(r.cause, reasons[*row].cause, "%s: %u", value, r.cause);
	expect_text(r.text, reasons[*row].text, value);
	expect_text(rest, reasons[*row].rest, value);
}

static const struct {
	const char *value;
	bool ok;
	uint32_t code;
	const char *agent, *text;
} warnings[] = {
    {"307 isi.edu \"Session parameter 'foo' not understood\"", true, 307, "isi.edu",
	"Session parameter 'foo' not understood"},
    {"399 192.0.2.1:5060 \"a, \\\"b\\\"\", 301 x \"y\"", true, 399, "192.0.2.1:5060",
	"a, \\\"b\\\""},
    {"399 a\r\n \"b\"", true, 399, "a", "b"},
    {"399 a", true, 399, "a", NULL},
    {"399", true, 399, NULL, NULL},
    {"399 \"b\"", true, 399, NULL, "b"},
    {"399 a unquoted text", true, 399, "a", "unquoted text"},
    {"399 a \"no end", true, 399, "a", "no end"},
    {"399 a \"", true, 399, "a", ""},
    {"1000 a \"b\"", false},
    {"x a \"b\"", false},
    {"", false},
    {"\"", false},
};

ROWS(sip_value, warning, warnings)
{
	const char *value = warnings[*row].value;
	struct slice rest = guarded(value);
	struct sip_warning w;

	cr_assert_eq(sip_warning_take(&rest, &w), warnings[*row].ok, "%s", value);
	cr_expect_eq(w.code, warnings[*row].code, "%s: %u", value, w.code);
	expect_text(w.agent, warnings[*row].agent, value);
	expect_text(w.text, warnings[*row].text, value);
}

/* sngrep #541, #550: an empty Warning became a length of 0 - 1; #533: a Warning of
 * nothing but digits overran its buffer. */
Test(sip_value, an_empty_or_endless_warning_is_no_warning)
{
	static char digits[5000];
	static const char *const values[] = {"", " ", ",", "\r\n ", "\"\"", "99999"};
	struct sip_warning w;
	struct slice rest;

	for (size_t i = 0; i < COUNT(values); i++) {
		rest = guarded(values[i]);
		cr_expect_not(sip_warning_take(&rest, &w), "%zu", i);
		cr_expect_null(w.text.ptr, "%zu", i);
	}
	memset(digits, '9', sizeof(digits));
	rest = guard_copy(digits, sizeof(digits));
	cr_expect_not(sip_warning_take(&rest, &w));
}

/* Each parser on every prefix of values that use all of its syntax. */
Test(sip_value, every_prefix_is_survived)
{
	static const char *const values[] = {
	    "\"A \\\" B\" <sip:u:p@[2001:db8::1]:5060;x=\"y\"?h=v>;tag=1;q=\"0,5\", <tel:+1>",
	    "SIP/2.0/UDP [2001:db8::1]:5060;rport=1;received=\"x\";branch=z9hG4bK1, SIP / 2.0 / "
	    "TCP a",
	    "Q.850;cause=16;text=\"a \\\"b\\\"\", SIP;cause=200",
	    "399 a \"b \\\"c\\\"\", 307 d \"e\"",
	    "0009\r\n\tINVITE",
	};

	for (size_t i = 0; i < COUNT(values); i++) {
		for (size_t len = 0; len <= strlen(values[i]); len++) {
			struct slice in = guard_copy(values[i], len);
			struct slice rest;
			struct sip_addr addr;
			struct sip_via via;
			struct sip_reason reason;
			struct sip_warning warning;
			struct sip_cseq cseq;
			struct sip_uri uri;

			for (rest = in; sip_addr_take(&rest, &addr);)
				(void)sip_uri_parse(addr.uri, &uri);
			cr_expect_eq(rest.len, 0);
			for (rest = in; sip_via_take(&rest, &via);)
				;
			for (rest = in; sip_reason_take(&rest, &reason);)
				;
			for (rest = in; sip_warning_take(&rest, &warning);)
				;
			(void)sip_cseq_parse(in, &cseq);
			(void)sip_uri_parse(in, &uri);
			(void)sip_tag(in);
		}
	}
}

static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Quotes that never close, lists of nothing: a scan to the end for each of them would
 * take minutes. The bound is generous; a quadratic walk misses it by far. */
Test(sip_value, hostile_values_take_linear_time, .timeout = 60)
{
	static const char *const units[] = {"\"\\", ";\"\\", ",\"\\", ",", ", ", ";",
	    "\"", "<", ">", "a,", "a;", "=", "a:,", "sip:a,", "\\\"", "a=\"\\", "@",
	    ":@", "/"};
	static char bytes[1 << 17];

	for (size_t u = 0; u < COUNT(units); u++) {
		size_t unit = strlen(units[u]);
		size_t len = sizeof(bytes) - sizeof(bytes) % unit;
		struct slice in = slice_of(bytes, len), rest, value;
		double start = seconds();
		struct sip_addr addr;
		struct sip_via via;
		struct sip_uri uri;

		for (size_t i = 0; i < len; i += unit)
			memcpy(bytes + i, units[u], unit);
		for (rest = in; sip_addr_take(&rest, &addr);)
			;
		for (rest = in; sip_via_take(&rest, &via);)
			;
		(void)sip_param(in, SLICE("tag"), &value);
		(void)sip_tag(in);
		(void)sip_uri_parse(in, &uri);
		cr_expect_lt(
		    seconds() - start, 8, "%s: %.1f s", units[u], seconds() - start);
	}
}
