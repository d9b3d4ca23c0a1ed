/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capfile_test - capture files written in hexadecimal, read from memory in
 * pieces, and what came out written as text: one line a frame, and how it ended.
 *
 *         "1700000000.000000001 link 1 if 0 wire 4 ABCD\n" "end"
 */
#ifndef WIRE_CAPFILE_TEST_H
#define WIRE_CAPFILE_TEST_H

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "capfile/capfile.h"

enum { CAPFILE_TEST_MAX = 4096 };

struct memory {
	const uint8_t *bytes;
	size_t len, at;
	size_t piece;     /* at most so many a read, 0: all */
	bool interrupted; /* every second read */
	bool is_turn;
};

static inline int64_t read_memory(void *ctx, void *buf, size_t len)
{
	struct memory *m = ctx;
	size_t left = m->len - m->at;

	m->is_turn = !m->is_turn;
	if (m->interrupted && m->is_turn)
		return -EINTR;
	if (len > left)
		len = left;
	if (m->piece != 0 && len > m->piece)
		len = m->piece;
	if (len > 0)
		memcpy(buf, m->bytes + m->at, len);
	m->at += len;
	return (int64_t)len;
}

static inline size_t hex_bytes(const char *hex, uint8_t *out, size_t room)
{
	static const char digits[] = "0123456789abcdef";
	size_t len = 0;

	while (*hex != '\0') {
		if (*hex == ' ') {
			hex++;
			continue;
		}
		cr_assert(
		    len < room && strchr(digits, hex[0]) && strchr(digits, hex[1]));
		out[len++] = (uint8_t)((strchr(digits, hex[0]) - digits) << 4 |
				       (strchr(digits, hex[1]) - digits));
		hex += 2;
	}
	return len;
}

static inline int put_frame(char *out, size_t room, const struct frame *f)
{
	return snprintf(out, room,
	    "%" PRIi64 ".%09" PRIi64 " link %u if %u wire %u " SLICE_FMT "\n",
	    f->at_ns / 1000000000, f->at_ns % 1000000000, f->linktype, f->ifindex,
	    f->wire_len, SLICE_ARG(f->bytes));
}

/* Everything the file says, as text; returns the last result. */
static inline int capfile_text(
    struct memory *m, char *out, size_t room, uint64_t *dropped)
{
	struct capfile *file = NULL;
	struct frame frame;
	struct err e;
	int n = 0;
	int rc;

	do
		rc = capfile_open(read_memory, m, &file, &e);
	while (rc == -EINTR);
	if (rc < 0) {
		(void)snprintf(out, room, "open: %s", e.text);
		return rc;
	}
	while ((rc = capfile_next(file, &frame, &e)) == 1 || rc == -EINTR) {
		if (rc == 1)
			n += put_frame(out + n, room - (size_t)n, &frame);
		cr_assert((size_t)n < room);
	}
	(void)snprintf(out + n, room - (size_t)n, "%s", rc == 0 ? "end" : e.text);
	if (rc < 0)
		cr_expect_eq(capfile_next(file, &frame, &e), rc, "damage stays");
	if (dropped != NULL)
		*dropped = capfile_dropped(file);
	capfile_close(file);
	return rc;
}

struct file_case {
	const char *name;
	const char *hex;
	const char *want;
	uint64_t dropped;
};

static inline void file_case_check(const struct file_case *c)
{
	/* One byte at a time too: a pipe may do so. */
	static const size_t pieces[] = {0, 1, 7};
	static uint8_t bytes[CAPFILE_TEST_MAX];
	char text[CAPFILE_TEST_MAX];
	uint64_t dropped;

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct memory m = {.bytes = bytes, .piece = pieces[i]};

		dropped = 0;
		m.len = hex_bytes(c->hex, bytes, sizeof(bytes));
		(void)capfile_text(&m, text, sizeof(text), &dropped);
		cr_expect_str_eq(text, c->want,
		    "%s, in pieces of %zu:\n got  %s\n want %s", c->name, pieces[i],
		    text, c->want);
		cr_expect_eq(
		    dropped, c->dropped, "%s: dropped %" PRIu64, c->name, dropped);
	}
}

/* Cut anywhere, a file gives the frames that are whole, then an end or a reason,
 * and never more. */
static inline void file_case_prefixes(const struct file_case *c)
{
	static uint8_t bytes[CAPFILE_TEST_MAX];
	char whole[CAPFILE_TEST_MAX], text[CAPFILE_TEST_MAX];
	size_t len = hex_bytes(c->hex, bytes, sizeof(bytes));
	struct memory m = {.bytes = bytes, .len = len};

	(void)capfile_text(&m, whole, sizeof(whole), NULL);
	for (size_t cut = 0; cut < len; cut++) {
		char *last;
		int rc;

		/* At its exact size, so that a sanitizer sees the byte behind it. */
		m = (struct memory){.bytes = bytes, .len = cut, .piece = 1 + cut % 5};
		rc = capfile_text(&m, text, sizeof(text), NULL);
		cr_assert(
		    rc == 0 || rc == -EBADMSG, "%s: cut at %zu: %d", c->name, cut, rc);
		last = strrchr(text, '\n');
		if (last != NULL)
			cr_assert_eq(memcmp(text, whole, (size_t)(last - text) + 1), 0,
			    "%s: cut at %zu:\n%s", c->name, cut, text);
	}
}

#define FILE_CASES(suite, cases)                                          \
	static size_t suite##_index[sizeof(cases) / sizeof((cases)[0])];  \
	static struct criterion_test_params suite##_params(void)          \
	{                                                                 \
		const size_t count = sizeof(cases) / sizeof((cases)[0]);  \
		for (size_t i = 0; i < count; i++)                        \
			suite##_index[i] = i;                             \
		return cr_make_param_array(size_t, suite##_index, count); \
	}                                                                 \
	ParameterizedTestParameters(suite, gives_the_frames)              \
	{                                                                 \
		return suite##_params();                                  \
	}                                                                 \
	ParameterizedTest(size_t *i, suite, gives_the_frames)             \
	{                                                                 \
		file_case_check(&(cases)[*i]);                            \
	}                                                                 \
	ParameterizedTestParameters(suite, may_be_cut_anywhere)           \
	{                                                                 \
		return suite##_params();                                  \
	}                                                                 \
	ParameterizedTest(size_t *i, suite, may_be_cut_anywhere)          \
	{                                                                 \
		file_case_prefixes(&(cases)[*i]);                         \
	}                                                                 \
	struct criterion_test_params suite##_params(void)

#endif
