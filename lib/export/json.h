/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json - a streaming JSON writer (RFC 8259).
 *
 *         json_begin_object(&j);
 *         json_put_key(&j, "id");     json_put_int(&j, 412);
 *         json_put_key(&j, "reason"); json_put_string(&j, reason);
 *         json_end_object(&j);
 *
 * Out        Valid JSON in valid UTF-8 from any bytes: what is no UTF-8 becomes
 *            U+FFFD. Control and deceptive characters are written as \uXXXX, so
 *            that JSON on a terminal is as harmless as text.
 * Absent     SLICE_NONE and a NULL string are null, an empty one is "".
 * Ownership  struct out as in out.h; errors stay in it.
 * Limits     None: nothing is kept, nesting is the caller's.
 * Threads    One writer, one thread.
 */
#ifndef EXPORT_JSON_H
#define EXPORT_JSON_H

#include "export/out.h"

struct json {
	struct out *out;
	bool need_comma; /* a value stands before at this level */
};

void json_begin_object(struct json *j);
void json_end_object(struct json *j);
void json_begin_array(struct json *j);
void json_end_array(struct json *j);

/* A key of ours: plain ASCII. */
void json_put_key(struct json *j, const char *key);

void json_put_string(struct json *j, struct slice s);
void json_put_cstring(struct json *j, const char *s);
void json_put_int(struct json *j, int64_t value);
void json_put_fixed(struct json *j, int64_t value, unsigned decimals);
void json_put_bool(struct json *j, bool value);
void json_put_null(struct json *j);
void json_put_time(struct json *j, int64_t at_us); /* USEC_NEVER: null */

#endif
