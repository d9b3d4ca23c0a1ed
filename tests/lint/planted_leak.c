/* SPDX-License-Identifier: BSD-2-Clause */
/* A test that passes and leaks. Not one of the suite: quickstart runs it to see that
 * the sanitizer's report is found where the exit status says nothing. */
#include <criterion/criterion.h>
#include <stdlib.h>

Test(planted, leak)
{
	void *volatile lost = malloc(4711);

	cr_assert_not_null(lost);
	lost = NULL;
}
