/* SPDX-License-Identifier: BSD-2-Clause */
/* asterisk_test - configurations from literals, for the tests of lib/asterisk. */
#ifndef TESTS_ASTERISK_TEST_H
#define TESTS_ASTERISK_TEST_H

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <stdio.h>

#include "asterisk/ast_trunks.h"
#include "support/guard.h"

/* A parameter is an index into a static table, never a pointer (Criterion 208). */
#define PARAMETER_INDEX(suite, test, table)                                   \
	ParameterizedTestParameters(suite, test)                              \
	{                                                                     \
		static size_t index[sizeof(table) / sizeof((table)[0])];      \
                                                                              \
		for (size_t i = 0; i < sizeof(index) / sizeof(index[0]); i++) \
			index[i] = i;                                         \
		return cr_make_param_array(                                   \
		    size_t, index, sizeof(index) / sizeof(index[0]));         \
	}

static inline struct slice text_of(const char *s)
{
	return s == NULL ? SLICE_NONE : slice_of(s, strlen(s));
}

#define EXPECT_TEXT(got, want, ...)                                                  \
	cr_expect(                                                                   \
	    slice_eq(got, text_of(want)) && ((got).ptr == NULL) == ((want) == NULL), \
	    __VA_ARGS__)

/* Files that a configuration may include, by name. */
struct test_files {
	const char *name[8], *bytes[8];
	unsigned opened, closed;
};

static inline int test_open(
    void *ctx, struct slice name, struct slice *bytes, struct err *e)
{
	struct test_files *f = ctx;

	for (size_t i = 0; i < 8 && f->name[i] != NULL; i++) {
		if (!slice_eq(name, text_of(f->name[i])))
			continue;
		*bytes = text_of(f->bytes[i]);
		f->opened++;
		return 0;
	}
	return err_set(e, -ENOENT, "no such file");
}

static inline void test_close(void *ctx, struct slice bytes)
{
	struct test_files *f = ctx;

	(void)bytes;
	f->closed++;
}

static inline struct ast_config *read_config(const char *text, struct test_files *files)
{
	const struct ast_source src = {files, test_open, test_close};
	struct ast_config *c = NULL;
	struct err e = {0};
	int rc = ast_config_read(SLICE("sip.conf"), guard_copy(text, strlen(text)),
	    files == NULL ? NULL : &src, &c, &e);

	cr_assert_eq(rc, 0, "%s", e.text);
	return c;
}

static inline void read_trunks(struct ast_trunks *t, const char *text)
{
	struct err e = {0};

	*t = (struct ast_trunks){0};
	cr_assert_eq(ast_trunks_add(t, read_config(text, NULL), &e), 0, "%s", e.text);
}

#endif
