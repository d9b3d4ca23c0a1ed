/* SPDX-License-Identifier: BSD-2-Clause */
#include "asterisk/ast_line.h"

struct scan {
	struct ast_comments *c;
	struct slice in;
	size_t from; /* bytes before it are dealt with */
	char *out;
	size_t len;
	bool is_live; /* what is read is text */
};

struct slice ast_strip(struct slice s)
{
	while (s.len > 0 && (unsigned char)*s.ptr <= ' ')
		s = slice_of(s.ptr + 1, s.len - 1);
	while (s.len > 0 && (unsigned char)s.ptr[s.len - 1] <= ' ')
		s.len--;
	return s;
}

/* The bytes up to `to` are done with: kept if they are text. */
static void pass(struct scan *s, size_t to)
{
	if (s->is_live && to > s->from) {
		memcpy(s->out + s->len, s->in.ptr + s->from, to - s->from);
		s->len += to - s->from;
	}
	s->from = to;
}

static bool ends_in_text(const struct scan *s)
{
	return s->is_live && s->len > 0 && (unsigned char)s->out[s->len - 1] > ' ';
}

static bool is_escaped(const struct scan *s, size_t at)
{
	return at > s->from && s->in.ptr[at - 1] == '\\';
}

/* ";---" is a ruler that people draw, not a block. */
static bool is_opening(const struct scan *s, size_t at)
{
	const char *p = s->in.ptr + at;
	const size_t left = s->in.len - at;

	return left >= 3 && p[1] == '-' && p[2] == '-' && (left == 3 || p[3] != '-');
}

static bool is_closing(const struct scan *s, size_t at)
{
	return at - s->from >= 2 && s->in.ptr[at - 1] == '-' &&
	       s->in.ptr[at - 2] == '-';
}

static void open_block(struct scan *s, size_t at)
{
	pass(s, at);
	if (s->c->depth < AST_NEST_MAX) { /* deeper, Asterisk hangs */
		s->c->is_opened_in_text = s->c->is_opened_in_text || ends_in_text(s);
		s->is_live = false;
		s->c->depth++;
		s->c->is_opened = s->c->depth > 0;
	}
	s->from = at + 3;
}

static void close_block(struct scan *s, size_t at)
{
	s->c->depth--;
	if (s->c->depth < 0)
		s->c->is_stray = true;
	pass(s, at + 1);
	if (s->c->depth == 0)
		s->is_live = true;
}

/* False: the rest of the line is a comment. */
static bool semicolon(struct scan *s, size_t at)
{
	if (is_escaped(s, at)) {
		pass(s, at - 1);
		s->from = at; /* the backslash goes, the ';' stays */
		pass(s, at + 1);
	} else if (is_opening(s, at)) {
		open_block(s, at);
	} else if (is_closing(s, at)) {
		close_block(s, at);
	} else if (s->c->depth == 0) {
		pass(s, at);
		s->c->is_cut = ends_in_text(s);
		return false;
	} else {
		pass(s, at + 1);
	}
	return true;
}

struct slice ast_line_strip(struct ast_comments *c, struct slice in, char *out)
{
	const char *nul = in.len > 0 ? memchr(in.ptr, '\0', in.len) : NULL;
	struct scan s = {.c = c, .in = in, .out = out, .is_live = c->depth == 0};

	*c = (struct ast_comments){.depth = c->depth};
	if (nul != NULL)
		s.in.len = (size_t)(nul - in.ptr);
	for (;;) {
		const size_t left = s.in.len - s.from;
		const char *hit =
		    left > 0 ? memchr(s.in.ptr + s.from, ';', left) : NULL;

		if (hit == NULL)
			break;
		if (!semicolon(&s, (size_t)(hit - s.in.ptr)))
			return ast_strip(slice_of(out, s.len));
	}
	pass(&s, s.in.len);
	return ast_strip(slice_of(out, s.len));
}
