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

/* A listing has forty keys a row: one copy each, where the buffer has room. */
void json_put_key(struct json *j, const char *key)
{
	size_t len = strlen(key);
	struct out *o = j->out;
	char *to = o->buf + o->used;

	if (o->cap - o->used < len + sizeof(",\"\":")) {
		before_value(j);
		out_char(o, '"');
		out_text(o, key);
		out_bytes(o, "\":", 2);
	} else {
		if (j->need_comma)
			*to++ = ',';
		*to++ = '"';
		memcpy(to, key, len);
		to += len;
		*to++ = '"';
		*to++ = ':';
		o->used = (size_t)(to - o->buf);
	}
	j->need_comma = false;
}

static bool is_plain(char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

#define EVERY(byte) (UINT64_MAX / 0xff * (byte))

/* Bit 7 of each byte of w that is zero; above the lowest such byte it may lie. */
static uint64_t zeros(uint64_t w)
{
	return (w - EVERY(0x01)) & ~w & EVERY(0x80);
}

/* All eight bytes are plain. May say no to eight that are. */
static bool are_plain(const char *p)
{
	uint64_t w, low;

	memcpy(&w, p, sizeof(w));
	low = (w - EVERY(0x20)) & ~w; /* below 0x20 */
	low |= w | (w + EVERY(0x01)); /* 0x80 and above; 0x7f */
	low |= zeros(w ^ EVERY('"')) | zeros(w ^ EVERY('\\'));
	return (low & EVERY(0x80)) == 0;
}

static size_t plain_run(struct slice s)
{
	size_t run = 0;

	while (s.len - run >= sizeof(uint64_t) && are_plain(s.ptr + run))
		run += sizeof(uint64_t);
	while (run < s.len && is_plain(s.ptr[run]))
		run++;
	return run;
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
		size_t run = plain_run(s);

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
