/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sip_test - what the tests of lib/sip share.
 *
 * Texts in the tables are NUL terminated for reading's sake; the input is always
 * handed over without the NUL, against an unmapped page.
 */
#ifndef TESTS_UNIT_SIP_SIP_TEST_H
#define TESTS_UNIT_SIP_SIP_TEST_H

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "support/guard.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/*
 * One run per row of a table. The parameter is an index, not the row: Criterion
 * runs each in a fresh process where the table lives at another address.
 */
#define ROWS(suite, name, table)                                         \
	ParameterizedTestParameters(suite, name)                         \
	{                                                                \
		static size_t index[COUNT(table)];                       \
                                                                         \
		for (size_t i = 0; i < COUNT(index); i++)                \
			index[i] = i;                                    \
		return cr_make_param_array(size_t, index, COUNT(index)); \
	}                                                                \
	ParameterizedTest(size_t *row, suite, name)

static inline struct slice text(const char *s)
{
	return s == NULL ? SLICE_NONE : slice_of(s, strlen(s));
}

static inline struct slice guarded(const char *s)
{
	return guard_copy(s, strlen(s));
}

/* NULL means absent, "" present and empty: two different findings. */
#define expect_text(got, want, what)                                     \
	do {                                                             \
		struct slice got_ = (got);                               \
		const char *want_ = (want);                              \
                                                                         \
		cr_expect((got_.ptr == NULL) == (want_ == NULL) &&       \
			      slice_eq(got_, text(want_)),               \
		    "%s: " #got " is %s'" SLICE_FMT "', not '%s'", what, \
		    got_.ptr == NULL ? "absent " : "", SLICE_ARG(got_),  \
		    want_ == NULL ? "(absent)" : want_);                 \
	} while (0)

#endif
