/* SPDX-License-Identifier: BSD-2-Clause */
#include "export/text.h"
#include "export/utf8.h"

static void put_hex(struct out *o, uint32_t value, unsigned digits)
{
	static const char hex[] = "0123456789abcdef";

	while (digits-- > 0)
		out_char(o, hex[value >> (4 * digits) & 0xf]);
}

static void put_bytes_escaped(struct out *o, struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		out_text(o, "\\x");
		put_hex(o, (uint8_t)bytes.ptr[i], 2);
	}
}

static void put_code_point(
    struct out *o, int32_t cp, struct slice bytes, enum text_charset charset)
{
	if (cp < 0x80 && (cp < 0x20 || cp == 0x7f)) { /* UTF8_INVALID too */
		put_bytes_escaped(o, bytes);
	} else if (cp < 0x80 || (charset == TEXT_UTF8 && !utf8_is_deceptive(cp))) {
		out_slice(o, bytes);
	} else if (cp <= 0xffff) {
		out_text(o, "\\u");
		put_hex(o, (uint32_t)cp, 4);
	} else {
		out_text(o, "\\U");
		put_hex(o, (uint32_t)cp, 8);
	}
}

/* Printable ASCII from the front, but for the two characters given. */
static struct slice take_plain(struct slice *rest, char not1, char not2)
{
	struct slice run = slice_of(rest->ptr, 0);

	while (run.len < rest->len) {
		char c = rest->ptr[run.len];

		if (c < 0x20 || c > 0x7e || c == not1 || c == not2)
			break;
		run.len++;
	}
	rest->ptr += run.len;
	rest->len -= run.len;
	return run;
}

void text_escape(struct out *o, struct slice s, enum text_charset charset)
{
	struct slice bytes;

	while (s.len > 0) {
		out_slice(o, take_plain(&s, '\\', '\\'));
		if (s.len == 0)
			break;
		if (s.ptr[0] == '\\')
			out_char(o, '\\'); /* and once more by itself: */
		put_code_point(o, utf8_take(&s, &bytes), bytes, charset);
	}
}

static bool needs_quotes(struct slice s)
{
	if (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[s.len - 1] == ' '))
		return true;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"' || s.ptr[i] == ',')
			return true;
	}
	return false;
}

void text_csv_field(struct out *o, struct slice s)
{
	bool quoted = needs_quotes(s);
	struct slice bytes;

	if (quoted)
		out_char(o, '"');
	if (s.len > 0 && memchr("=+-@", s.ptr[0], 4) != NULL)
		out_char(o, '\'');
	while (s.len > 0) {
		out_slice(o, take_plain(&s, '"', '"'));
		if (s.len == 0)
			break;
		if (s.ptr[0] == '"')
			out_char(o, '"');
		put_code_point(o, utf8_take(&s, &bytes), bytes, TEXT_UTF8);
	}
	if (quoted)
		out_char(o, '"');
}
