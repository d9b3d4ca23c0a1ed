/* SPDX-License-Identifier: BSD-2-Clause */
#include "reassemble/sipcut.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "support/guard.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define WIRE(s)  SLICE_INIT(s)

#define START "BYE sip:a SIP/2.0\r\n"
#define BYE   START "l: 0\r\n\r\n"
#define OK    "SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"

enum { MESSAGES_MAX = 5, WINDOW = 4096 };

/* A stream, and the messages in it. */
static const struct {
	const char *name;
	struct slice bytes;
	const char *want[MESSAGES_MAX];
	uint32_t bad_length, too_long;
} streams[] = {
    {"one", WIRE(BYE), {BYE}},
    {"three", WIRE(BYE OK BYE), {BYE, OK, BYE}},
    {"body", WIRE(START "Content-Length: 5\r\n\r\nhello" OK),
	{START "Content-Length: 5\r\n\r\nhello", OK}},
    {"compact length, blanks around the colon",
	WIRE(START "l \t: \t 5 \r\n\r\nhello" OK),
	{START "l \t: \t 5 \r\n\r\nhello", OK}},
    {"folded length (RFC 3261 7.3.1)",
	WIRE(START "CONTENT-LENGTH:\r\n 5\r\n\r\nhello" OK),
	{START "CONTENT-LENGTH:\r\n 5\r\n\r\nhello", OK}},
    {"leading zeroes", WIRE(START "l: 0005\r\n\r\nhello" OK),
	{START "l: 0005\r\n\r\nhello", OK}},
    {"the same length twice", WIRE(START "l: 5\r\nContent-Length: 5\r\n\r\nhello" OK),
	{START "l: 5\r\nContent-Length: 5\r\n\r\nhello", OK}},
    {"headers that begin like a length",
	WIRE(START "Content-Lengthy: 9\r\nlx: 9\r\nContent-Length: 0\r\n\r\n" OK),
	{START "Content-Lengthy: 9\r\nlx: 9\r\nContent-Length: 0\r\n\r\n", OK}},
    {"LF only", WIRE("BYE sip:a SIP/2.0\nl: 5\n\nhello" OK),
	{"BYE sip:a SIP/2.0\nl: 5\n\nhello", OK}},
    {"keep-alives (RFC 5626 3.5.1)", WIRE("\r\n\r\n" BYE "\r\n" OK "\r\n\r\n"),
	{BYE, OK}},
    {"no length: no body (RFC 3261 18.3), then resynchronised",
	WIRE(START "\r\nv=0\r\no=x\r\n" OK), {START "\r\n", OK}},
    {"negative length (RFC 4475 3.1.2.3)",
	WIRE(START "Content-Length: -999\r\n\r\nv=0\r\n" OK),
	{START "Content-Length: -999\r\n\r\n", OK}, 1},
    {"no number", WIRE(START "l: 5 or so\r\n\r\nhello\r\n" OK),
	{START "l: 5 or so\r\n\r\n", OK}, 1},
    {"an empty length", WIRE(START "l:\r\n\r\nhello\r\n" OK), {START "l:\r\n\r\n", OK},
	1},
    {"two lengths that contradict (RFC 4475 3.3.9)",
	WIRE(START "Content-Length: 13\r\nContent-Length: 5\r\n\r\nhello\r\n" OK),
	{START "Content-Length: 13\r\nContent-Length: 5\r\n\r\n", OK}, 1},
    {"a length beyond the window", WIRE(START "l: 4096\r\n\r\nhello\r\n" OK), {OK}, 0,
	1},
    {"a length that no 32 bits hold", WIRE(START "l: 4294967296\r\n\r\n" OK), {OK}, 0,
	1},
    {"a length that no 64 bits hold", WIRE(START "l: 36893488147419103232\r\n\r\n" OK),
	{OK}, 0, 1},
    {"garbage before", WIRE("blah\r\nblah blah\r\n" BYE), {BYE}},
    {"garbage between", WIRE(BYE "blah" OK "\r\n" BYE), {BYE, BYE}},
    {"no start line in the middle of a line", WIRE(": " BYE "x\r\n" OK), {OK}},
    {"a response without a code", WIRE("SIP/2.0 OK\r\nl: 0\r\n\r\n" BYE), {BYE}},
    {"TORTURE: REGISTER and INVITE back to back (dblreq)",
	WIRE("REGISTER sip:example.com SIP/2.0\r\nL:0\r\n\r\n"
	     "INVITE sip:joe@example.com SIP/2.0\r\nL:0\r\n\r\n"),
	{"REGISTER sip:example.com SIP/2.0\r\nL:0\r\n\r\n",
	    "INVITE sip:joe@example.com SIP/2.0\r\nL:0\r\n\r\n"}},
    {"a NUL in the body", WIRE(START "l: 3\r\n\r\na\0b" OK), {NULL, OK}},
    {"incomplete head", WIRE(BYE START "l: 0\r\n"), {BYE}},
    {"incomplete body", WIRE(BYE START "l: 9999\r\n\r\nhello"), {BYE}, 0, 1},
    {"body not here yet", WIRE(BYE START "l: 99\r\n\r\nhello"), {BYE}},
    {"nothing", WIRE(""), {NULL}},
    {"random", WIRE("\x01\xfe\x80 \n\r\r\n\0 :"), {NULL}},
};

struct result {
	struct slice message[MESSAGES_MAX + 1];
	size_t count;
	struct sipcut_found sum;
};

/* Delivers the stream in pieces of step bytes, always with what was not consumed. */
static void cut(struct slice all, size_t step, struct result *res)
{
	struct sipcut c = {0};
	size_t from = 0;
	size_t to = 0;

	*res = (struct result){0};
	while (to < all.len || to == 0) {
		struct sipcut_found f;
		enum sipcut_rc rc;

		to = to + step < all.len ? to + step : all.len;
		do {
			struct slice in = guard_copy(all.ptr + from, to - from);

			rc = sipcut_next(&c, in, WINDOW, &f);
			cr_assert_leq(f.skip + f.len, in.len);
			res->sum.bad_length += f.bad_length;
			res->sum.too_long += f.too_long;
			if (rc == SIPCUT_MESSAGE) {
				cr_assert_lt(res->count, MESSAGES_MAX);
				res->message[res->count++] =
				    slice_of(all.ptr + from + f.skip, f.len);
			}
			from += f.skip + (rc == SIPCUT_MESSAGE ? f.len : 0);
		} while (rc == SIPCUT_MESSAGE);
		if (all.len == 0)
			break;
	}
}

ParameterizedTestParameters(sipcut, stream)
{
	static size_t index[COUNT(streams)];

	for (size_t i = 0; i < COUNT(streams); i++)
		index[i] = i;
	return cr_make_param_array(size_t, index, COUNT(streams));
}

ParameterizedTest(size_t *i, sipcut, stream)
{
	for (size_t step = 1; step <= streams[*i].bytes.len + 1; step++) {
		struct result res;
		size_t want = 0;

		cut(streams[*i].bytes, step, &res);
		for (size_t n = 0; n < MESSAGES_MAX; n++) {
			const char *text = streams[*i].want[n];

			if (text == NULL && (n > 0 || streams[*i].want[1] == NULL))
				break;
			want++;
			if (text != NULL)
				cr_expect(slice_eq(res.message[n],
					      slice_of(text, strlen(text))),
				    "%s, in pieces of %zu, message %zu: " SLICE_FMT,
				    streams[*i].name, step, n,
				    SLICE_ARG(res.message[n]));
		}
		cr_expect_eq(res.count, want, "%s, in pieces of %zu: %zu messages",
		    streams[*i].name, step, res.count);
		cr_expect_eq(
		    res.sum.bad_length, streams[*i].bad_length, "%s", streams[*i].name);
		cr_expect_eq(
		    res.sum.too_long, streams[*i].too_long, "%s", streams[*i].name);
	}
}

/* RFC 4475 3.1.2.2 (clerr): the bytes that are missing are waited for, not more. */
Test(sipcut, a_message_waits_for_exactly_its_content_length)
{
	struct slice all = SLICE(START "l: 5\r\n\r\nhello");
	struct sipcut c = {0};
	struct sipcut_found f;

	for (size_t n = 0; n < all.len; n++)
		cr_expect_eq(
		    sipcut_next(&c, guard_copy(all.ptr, n), WINDOW, &f), SIPCUT_MORE);
	cr_expect(sipcut_is_inside(&c));
	cr_expect_eq(sipcut_next(&c, all, WINDOW, &f), SIPCUT_MESSAGE);
	cr_expect_eq(f.len, all.len);
	cr_expect_not(sipcut_is_inside(&c));
}

Test(sipcut, a_head_without_an_end_is_skipped_at_the_window_and_no_later)
{
	static char all[WINDOW * 2];
	struct result res;

	memset(all, 'a', sizeof(all));
	memcpy(all, START, sizeof(START) - 1);
	memcpy(all + sizeof(all) - sizeof("\r\n" BYE) + 1, "\r\n" BYE,
	    sizeof("\r\n" BYE) - 1);
	for (size_t step = 1; step <= sizeof(all); step = step * 3 + 1) {
		cut(slice_of(all, sizeof(all)), step, &res);
		cr_expect_eq(res.count, 1, "in pieces of %zu", step);
		cr_expect_eq(res.sum.too_long, 1);
		cr_expect(slice_eq(res.message[0], SLICE(BYE)));
	}
}

/* Without the memory of how far it was read, a head in pieces of one byte costs its
 * square: 1 MiB of them would be minutes. */
Test(sipcut, a_head_in_pieces_of_one_byte_costs_no_more_than_its_length, .timeout = 20)
{
	enum { BYTES = 1 << 20 };
	char *all = malloc(BYTES);
	struct sipcut c = {0};
	struct sipcut_found f;

	memset(all, 'a', BYTES);
	memcpy(all, START, sizeof(START) - 1);
	for (size_t n = sizeof(START); n < BYTES; n++)
		cr_assert_eq(sipcut_next(&c, slice_of(all, n), BYTES, &f), SIPCUT_MORE);
	free(all);
}

static const struct {
	struct slice head;
	int64_t want;
} lengths[] = {
    {WIRE(START "l: 7\r\n\r\n"), 7}, {WIRE(START "\r\n"), SIPCUT_LENGTH_ABSENT},
    {WIRE(START "l: -1\r\n\r\n"), SIPCUT_LENGTH_BAD},
    {WIRE(START "l: +1\r\n\r\n"), SIPCUT_LENGTH_BAD},
    {WIRE(START "l: 1.5\r\n\r\n"), SIPCUT_LENGTH_BAD},
    {WIRE(START "l: 1\r\nl: 2\r\n\r\n"), SIPCUT_LENGTH_BAD},
    {WIRE(START "X: y\r\n l: 3\r\n\r\n"), SIPCUT_LENGTH_ABSENT}, /* folded into X */
};

Test(sipcut, content_length_is_believed_only_as_a_plain_number)
{
	for (size_t i = 0; i < COUNT(lengths); i++) {
		size_t head = lengths[i].head.len;
		struct sipcut c = {0};
		struct sipcut_found f;
		char all[256];

		memcpy(all, lengths[i].head.ptr, head);
		memcpy(all + head, "a body", 7);
		cr_expect_eq(sipcut_next(&c, guard_copy(all, head + 7), WINDOW, &f),
		    SIPCUT_MESSAGE);
		cr_expect_eq(f.len, head + (lengths[i].want > 0 ? 7 : 0), "%zu", i);
		cr_expect_eq(
		    f.bad_length, lengths[i].want == SIPCUT_LENGTH_BAD, "%zu", i);
	}
}
