/* SPDX-License-Identifier: BSD-2-Clause */
#include "asterisk/ast_line.h"
#include "asterisk/ast_mangle_int.h"
#include "asterisk/ast_register.h"

bool ast_text_is_quoted(struct slice s)
{
	return s.len >= 2 && *s.ptr == '"' && s.ptr[s.len - 1] == '"';
}

/* raw up to the first ';' that follows a blank. */
static struct slice without_comment(struct slice raw)
{
	for (size_t i = 1; i < raw.len; i++) {
		if (raw.ptr[i] == ';' && (unsigned char)raw.ptr[i - 1] <= ' ')
			return ast_strip(slice_of(raw.ptr, i));
	}
	return raw;
}

bool ast_text_is_longer(const struct ast_secret_text *s)
{
	return s->is_cut && without_comment(s->raw).len > s->secret.len;
}

struct slice ast_text_meant(const struct ast_secret_text *s)
{
	struct slice meant =
	    ast_text_is_longer(s) ? without_comment(s->raw) : s->secret;

	return ast_text_is_quoted(meant) ? slice_of(meant.ptr + 1, meant.len - 2)
					 : meant;
}

static struct slice cut_at(struct slice s, char c)
{
	const char *hit = s.len > 0 ? memchr(s.ptr, c, s.len) : NULL;

	return hit == NULL ? SLICE_NONE : slice_of(s.ptr, (size_t)(hit - s.ptr));
}

/* Without any of those bytes; SLICE_NONE when there are none. */
static struct slice without(struct slice s, const char *bytes, char *buf)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\0' || strchr(bytes, s.ptr[i]) == NULL)
			buf[n++] = s.ptr[i];
	}
	return n == s.len ? SLICE_NONE : slice_of(buf, n);
}

static struct slice between(char before, struct slice s, char after, char *buf)
{
	size_t n = 0;

	if (before != '\0')
		buf[n++] = before;
	if (s.len > 0)
		memcpy(buf + n, s.ptr, s.len);
	n += s.len;
	if (after != '\0')
		buf[n++] = after;
	return slice_of(buf, n);
}

/* ASCII; the first `upto` bytes. */
static struct slice recase(
    struct slice s, enum digest_mangling m, size_t upto, char *buf)
{
	for (size_t i = 0; i < s.len; i++) {
		const char c = s.ptr[i];
		const bool is_lower = c >= 'a' && c <= 'z';
		const bool is_upper = c >= 'A' && c <= 'Z';
		const bool is_turned = m == DIGEST_LOWER_CASE   ? is_upper
				       : m == DIGEST_UPPER_CASE ? is_lower
								: is_lower || is_upper;

		buf[i] = (char)(i < upto && is_turned ? c ^ 0x20 : c);
	}
	return slice_of(buf, s.len);
}

/* chan_sip builds user:realm:secret in 256 bytes, build_reply_digest(). */
static struct slice cut_a1(const struct ast_secret_text *s, struct slice meant)
{
	const size_t head = s->username.len + s->realm.len + 2;

	if (head + meant.len <= AST_A1_MAX)
		return SLICE_NONE;
	return slice_of(meant.ptr, head < AST_A1_MAX ? AST_A1_MAX - head : 0);
}

static struct slice mangled(const struct ast_secret_text *s, enum digest_mangling m,
    struct slice meant, char *buf)
{
	switch (m) {
	case DIGEST_QUOTES_KEPT:
		return between('"', meant, '"', buf);
	case DIGEST_QUOTES_REMOVED:
	case DIGEST_SEMICOLON_KEPT:
		return meant;
	case DIGEST_CUT_AT_SEMICOLON:
		return cut_at(meant, ';');
	case DIGEST_SEMICOLON_REMOVED:
		return without(meant, ";", buf);
	case DIGEST_BACKSLASH_REMOVED:
		return without(meant, "\\", buf);
	case DIGEST_BACKSLASH_KEPT:
		return without_comment(s->raw);
	case DIGEST_CUT_AT_QUOTE:
		return cut_at(meant, '"');
	case DIGEST_MARKS_REMOVED:
		return without(meant, "\"'", buf);
	case DIGEST_CUT_AT_COLON:
		return cut_at(meant, ':');
	case DIGEST_CUT_AT_AT:
		return cut_at(meant, '@');
	case DIGEST_CUT_AT_SLASH:
		return cut_at(meant, '/');
	case DIGEST_CUT_AT_QUESTION:
		return cut_at(meant, '?');
	case DIGEST_CUT_AT_TILDE:
		return cut_at(meant, '~');
	case DIGEST_LOWER_CASE:
	case DIGEST_UPPER_CASE:
	case DIGEST_SWAPPED_CASE:
		return recase(meant, m, meant.len, buf);
	case DIGEST_FIRST_CASE:
		return recase(meant, m, 1, buf);
	case DIGEST_LEADING_BLANK:
		return between(' ', meant, '\0', buf);
	case DIGEST_TRAILING_BLANK:
		return between('\0', meant, ' ', buf);
	case DIGEST_BLANKS_REMOVED:
		return without(meant, " \t\r\n", buf);
	case DIGEST_CUT_AT_255:
		return cut_a1(s, meant);
	case DIGEST_EMPTY:
		return SLICE("");
	case DIGEST_USER_NAME:
		return s->username;
	case DIGEST_AS_CONFIGURED:
	case DIGEST_OVERRIDDEN:
	case DIGEST_OTHER_REALM:
	case DIGEST_OTHER_SECTION:
	case DIGEST_MANGLING_COUNT:
		break;
	}
	return SLICE_NONE;
}

/* What it may not look like by accident: "cut at the ';'" needs a ';', and the text
 * in the file explains a distortion only if that is what the file says. */
static bool applies(
    const struct ast_secret_text *s, enum digest_mangling m, struct slice meant)
{
	switch ((int)m) {
	case DIGEST_QUOTES_REMOVED:
		return ast_text_is_quoted(s->secret);
	case DIGEST_SEMICOLON_KEPT:
		return ast_text_is_longer(s);
	case DIGEST_BACKSLASH_KEPT:
		return !s->is_cut && s->raw.len > s->secret.len &&
		       memchr(s->raw.ptr, '\\', s->raw.len) != NULL;
	case DIGEST_EMPTY:
		return meant.len > 0;
	default:
		return true;
	}
}

bool ast_mangle(const struct ast_secret_text *s, enum digest_mangling m,
    char buf[AST_SECRET_MAX], struct slice *out)
{
	const struct slice meant = ast_text_meant(s);
	struct slice text;

	if (meant.len + 2 > AST_SECRET_MAX || !applies(s, m, meant))
		return false;
	text = mangled(s, m, meant, buf);
	if (text.ptr == NULL || slice_eq(text, s->secret))
		return false;
	*out = text;
	return true;
}
