/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <locale.h>
#include <stdio.h>

#include "ladder.h"
#include "list_tables.h"

static const struct failure_row failure = {
    .id = 412,
    .at_us = INT64_C(1767323045678901),
    .trunk = "averylongaccountname@sip.some-provider.example",
    .direction = "outbound",
    .method = "INVITE",
    .local = "192.0.2.1:5060",
    .remote = "198.51.100.20:5060",
    .caller = SLICE_INIT("caller"),
    .caller_name = SLICE_INIT("V1234567890123456789"),
    .called = SLICE_INIT("15551234560"),
    .code = 403,
    .reason = SLICE_INIT("Forbidden\x1b[2J because of everything"),
    .outcome = "refused",
    .verdict = "credentials_rejected",
    .confidence = 0.94,
    .incident = 7,
};

static size_t print_failures(const struct term *term, char *buf, size_t size)
{
	struct table *t = list_failures_table(term);
	FILE *out;
	size_t len;

	cr_redirect_stdout();
	cr_assert_not_null(t);
	list_failures_row(t, &failure);
	cr_assert_eq(table_print(t), 0);
	table_free(t);
	(void)fflush(stdout);
	out = cr_get_redirected_stdout();
	len = fread(buf, 1, size - 1, out);
	buf[len] = '\0';
	return len;
}

static size_t widest_line(const struct term *term, struct slice rest)
{
	struct slice line;
	size_t widest = 0;

	while (slice_take_until(&rest, '\n', &line)) {
		size_t columns = term_columns(term, line.ptr, line.len);

		widest = columns > widest ? columns : widest;
	}
	return widest;
}

Test(screen, table_fits_80_columns_and_keeps_what_counts)
{
	struct term term = {.is_tty = true, .charset = TEXT_UTF8, .width = 80};
	char buf[4096];
	size_t len;

	setlocale(LC_CTYPE, "C.UTF-8");
	len = print_failures(&term, buf, sizeof(buf));
	cr_expect_leq(widest_line(&term, slice_of(buf, len)), 80, "%s", buf);
	cr_expect_not_null(strstr(buf, "412"), "%s", buf);
	cr_expect_not_null(strstr(buf, "15551234560"), "%s", buf);
	cr_expect_not_null(strstr(buf, "403"), "%s", buf);
	cr_expect_not_null(strstr(buf, "credentials_rejected"), "%s", buf);
	cr_expect_not_null(strstr(buf, "…"), "cut without a sign: %s", buf);
	cr_expect_null(strchr(buf, '\x1b'), "%s", buf);
}

Test(screen, a_pipe_gets_everything)
{
	struct term term = {.charset = TEXT_UTF8};
	char buf[4096];

	setlocale(LC_CTYPE, "C.UTF-8");
	(void)print_failures(&term, buf, sizeof(buf));
	cr_expect_not_null(strstr(buf, failure.trunk), "%s", buf);
	cr_expect_not_null(strstr(buf, "V1234567890123456789"), "%s", buf);
	cr_expect_not_null(
	    strstr(buf, "403 Forbidden\\x1b[2J because of everything"), "%s", buf);
	cr_expect_not_null(strstr(buf, "i7"), "%s", buf);
	cr_expect_null(strchr(buf, '\x1b'), "%s", buf);
}

static const char *ladder_line(const char *src, const char *dst, const char *bytes)
{
	static char buf[4096];
	struct term term = {.charset = TEXT_ASCII, .width = 100};
	struct out o = {.buf = buf, .cap = sizeof(buf)};
	struct message_row m = {.at_us = failure.at_us,
	    .copies = 1,
	    .src = src,
	    .dst = dst,
	    .bytes = slice_of(bytes, strlen(bytes))};
	struct ladder l;

	ladder_init(&l, &term, &o, &failure);
	o.used = 0;
	ladder_message(&l, &m);
	return out_string(&o);
}

#define INVITE "INVITE sip:15551234560@x SIP/2.0\r\nCSeq: 103 INVITE\r\n"

Test(screen, our_side_of_the_ladder_is_left)
{
	const char *ours = failure.local;
	const char *theirs = failure.remote;

	cr_expect_not_null(strstr(ladder_line(ours, theirs, INVITE "\r\n"), "->|"));
	cr_expect_not_null(
	    strstr(ladder_line(theirs, ours, "SIP/2.0 403 No\r\n\r\n"), "|<-"));
	/* From another port of ours, and of theirs. */
	cr_expect_not_null(
	    strstr(ladder_line("192.0.2.1:5080", theirs, INVITE "\r\n"), "->|"));
	cr_expect_not_null(strstr(
	    ladder_line("198.51.100.20:5080", ours, "SIP/2.0 403 No\r\n\r\n"), "|<-"));
}

Test(screen, the_ladder_says_what_was_sent)
{
	const char *line = ladder_line(failure.local, failure.remote,
	    INVITE "Proxy-Authorization: Digest username=\"u\"\r\n\r\n");

	cr_expect_not_null(
	    strstr(line, "INVITE 15551234560 (103) with credentials"), "%s", line);
	line = ladder_line(
	    failure.remote, failure.local, "SIP/2.0 403 \x1b]0;x\x07\r\n\r\n");
	cr_expect_not_null(strstr(line, "403 \\x1b]0;x\\x07"), "%s", line);
	line = ladder_line(failure.remote, failure.local, "\xff\xfe");
	cr_expect_not_null(strstr(line, "not readable"), "%s", line);
}
