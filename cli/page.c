/* SPDX-License-Identifier: BSD-2-Clause */
#include "page.h"

enum { NAME_COLUMNS = 18, VALUE_MAX = 2048 };

struct slice page_slice(const char *text)
{
	return text == NULL ? SLICE_NONE : slice_of(text, strlen(text));
}

void page_heading(const struct term *t, struct out *o, const char *text)
{
	out_char(o, '\n');
	out_text(o, term_color(t, COLOR_BOLD));
	out_text(o, text);
	out_text(o, term_reset(t));
	out_char(o, '\n');
}

void page_value(const struct term *t, struct out *o, struct slice s)
{
	if (s.len == 0)
		out_char(o, '-');
	text_escape(o, s, t->charset);
}

void page_escaped(
    const struct term *t, struct out *o, const char *name, const char *text)
{
	size_t len = strlen(name);

	out_text(o, "  ");
	out_text(o, term_color(t, COLOR_DIM));
	out_text(o, name);
	out_text(o, term_reset(t));
	out_repeat(o, " ", len < NAME_COLUMNS ? NAME_COLUMNS - len : 1);
	term_paragraph(t, o, text, NAME_COLUMNS + 2, NAME_COLUMNS + 2);
}

void page_slice_field(
    const struct term *t, struct out *o, const char *name, struct slice s)
{
	char buf[VALUE_MAX];
	struct out value = {.buf = buf, .cap = sizeof(buf)};

	if (s.len == 0)
		return;
	text_escape(&value, s, t->charset);
	page_escaped(t, o, name, out_string(&value));
}

void page_text(const struct term *t, struct out *o, const char *name, const char *text)
{
	page_slice_field(t, o, name, page_slice(text));
}

void page_number(const struct term *t, struct out *o, const char *name, int64_t value)
{
	char buf[OUT_MIN];
	struct out number = {.buf = buf, .cap = sizeof(buf)};

	if (value == 0)
		return;
	out_int(&number, value);
	page_text(t, o, name, out_string(&number));
}
