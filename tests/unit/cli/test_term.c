/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <locale.h>

#include "term.h"

static const char *fit(const struct term *t, const char *text, size_t columns, bool pad)
{
	static char buf[256];
	struct out o = {.buf = buf, .cap = sizeof(buf)};

	term_fit(t, &o, text, columns, pad);
	return out_string(&o);
}

Test(term, text_is_cut_with_a_sign_and_padded)
{
	struct term t = {.charset = TEXT_UTF8};

	setlocale(LC_CTYPE, "C.UTF-8");
	cr_expect_str_eq(fit(&t, "abcdef", 6, true), "abcdef");
	cr_expect_str_eq(fit(&t, "abcdefg", 6, true), "abcde…");
	cr_expect_str_eq(fit(&t, "abc", 6, true), "abc   ");
	cr_expect_str_eq(fit(&t, "abc", 6, false), "abc");
	cr_expect_str_eq(fit(&t, "äöüäöüä", 6, true), "äöüäö…");
	cr_expect_str_eq(fit(&t, "日本語", 5, true), "日本…"); /* two columns each */
	cr_expect_str_eq(fit(&t, "日本語", 4, true), "日… ");
	t.charset = TEXT_ASCII;
	cr_expect_str_eq(fit(&t, "abcdefg", 6, true), "abcde~");
}

Test(term, paragraphs_break_between_words)
{
	struct term t = {.width = 20};
	char buf[256];
	struct out o = {.buf = buf, .cap = sizeof(buf)};

	term_paragraph(
	    &t, &o, "one two three four five averyveryverylongword six", 2, 0);
	cr_expect_str_eq(out_string(&o),
	    "  one two three four\n  five\n  averyveryverylongword\n  six\n");
	o.used = 0;
	term_paragraph(&t, &o, "one two three four", 8, 8);
	cr_expect_str_eq(out_string(&o), "one two\n        three four\n");
	o.used = 0;
	term_paragraph(&t, &o, "one\ntwo three\n", 2, 0);
	cr_expect_str_eq(out_string(&o), "  one\n  two three\n");
}

Test(term, no_colour_without_a_terminal)
{
	struct term t = {0};

	cr_expect_str_eq(term_color(&t, COLOR_RED), "");
	cr_expect_str_eq(term_reset(&t), "");
	t.color = true;
	cr_expect_str_neq(term_color(&t, COLOR_RED), "");
}
