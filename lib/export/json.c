/* SPDX-License-Identifier: BSD-2-Clause */
#include "export/json.h"
#include "base/usec.h"
#include "export/utf8.h"

static void before_value(struct json *j)
{
	if (j->need_comma)
		out_char(j->out, ',');
	j->need_comma = true;
}

void json_begin_object(struct json *j)
{
	before_value(j);
	out_char(j->out, '{');
	j->need_comma = false;
}

void json_end_object(struct json *j)
{
	out_char(j->out, '}');
	j->need_comma = true;
}

void json_begin_array(struct json *j)
{
	before_value(j);
	out_char(j->out, '[');
	j->need_comma = false;
}

void json_end_array(struct json *j)
{
	out_char(j->out, ']');
	j->need_comma = true;
}

void json_put_key(struct json *j, const char *key)
{
	before_value(j);
	out_char(j->out, '"');
	out_text(j->out, key);
	out_bytes(j->out, "\":", 2);
	j->need_comma = false;
}

static bool is_plain(char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void put_u16(struct out *o, uint32_t unit)
{
	static const char hex[] = "0123456789abcdef";
	char text[6] = {'\\', 'u', hex[unit >> 12 & 0xf], hex[unit >> 8 & 0xf],
	    hex[unit >> 4 & 0xf], hex[unit & 0xf]};

	out_bytes(o, text, sizeof(text));
}

static void put_code_point(struct out *o, int32_t cp, struct slice bytes)
{
	if (cp == UTF8_INVALID) {
		out_text(o, "\xef\xbf\xbd"); /* U+FFFD */
	} else if (cp == '"' || cp == '\\') {
		out_char(o, '\\');
		out_slice(o, bytes);
	} else if (!utf8_is_deceptive(cp)) {
		out_slice(o, bytes);
	} else if (cp <= 0xffff) {
		put_u16(o, (uint32_t)cp);
	} else { /* RFC 8259 7: a surrogate pair */
		uint32_t rest = (uint32_t)cp - 0x10000;

		put_u16(o, 0xd800 + (rest >> 10));
		put_u16(o, 0xdc00 + (rest & 0x3ff));
	}
}

void json_put_string(struct json *j, struct slice s)
{
	struct slice bytes;

	if (s.ptr == NULL) {
		json_put_null(j);
		return;
	}
	before_value(j);
	out_char(j->out, '"');
	while (s.len > 0) {
		size_t run = 0;

		while (run < s.len && is_plain(s.ptr[run]))
			run++;
		out_bytes(j->out, s.ptr, run);
		s = slice_of(s.ptr + run, s.len - run);
		if (s.len > 0) {
			int32_t cp = utf8_take(&s, &bytes);

			put_code_point(j->out, cp, bytes);
		}
	}
	out_char(j->out, '"');
}

void json_put_cstring(struct json *j, const char *s)
{
	json_put_string(j, s == NULL ? SLICE_NONE : slice_of(s, strlen(s)));
}

void json_put_int(struct json *j, int64_t value)
{
	before_value(j);
	out_int(j->out, value);
}

void json_put_fixed(struct json *j, int64_t value, unsigned decimals)
{
	before_value(j);
	out_fixed(j->out, value, decimals);
}

void json_put_bool(struct json *j, bool value)
{
	before_value(j);
	out_text(j->out, value ? "true" : "false");
}

void json_put_null(struct json *j)
{
	before_value(j);
	out_text(j->out, "null");
}

void json_put_time(struct json *j, int64_t at_us)
{
	if (at_us == USEC_NEVER) {
		json_put_null(j);
		return;
	}
	before_value(j);
	out_char(j->out, '"');
	out_iso_time(j->out, at_us);
	out_char(j->out, '"');
}
