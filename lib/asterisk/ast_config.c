/* SPDX-License-Identifier: BSD-2-Clause */
#include "asterisk/ast_config.h"

#include <errno.h>
#include <stdlib.h>

#include "asterisk/ast_config_int.h"
#include "asterisk/ast_line.h"
#include "base/cleanup.h"

static const struct {
	const char *sentence;
	bool is_fatal;
} note_kinds[] = {
#define AST_NOTE(id, fatal, text) [AST_NOTE_##id] = {text, fatal},
#include "asterisk/ast_notes.def"
};

const char *ast_note_sentence(enum ast_note_kind k)
{
	return note_kinds[k].sentence;
}

bool ast_note_is_fatal(enum ast_note_kind k)
{
	return note_kinds[k].is_fatal;
}

/* The rest of a refused included file is not read by Asterisk either. Once a
 * file is missing that Asterisk may well see, nobody knows: read on. */
struct ast_note *ast_note_add(
    struct ast_reader *r, enum ast_note_kind kind, struct slice what)
{
	struct ast_config *c = r->config;
	struct ast_note *n = NULL;

	if (kind == AST_NOTE_INCLUDE_MISSING)
		c->is_partial = true;
	else if (note_kinds[kind].is_fatal && r->depth == 1)
		c->is_refused = true;
	else if (note_kinds[kind].is_fatal && !c->is_partial)
		r->is_stopped = true;
	if (c->note_count >= AST_NOTES_MAX) {
		c->dropped.notes++;
		return NULL;
	}
	n = ast_arena_take(&c->arena, sizeof(*n));
	if (n == NULL)
		return NULL;
	n->kind = kind;
	n->file = r->file;
	n->line = r->line;
	n->what = ast_arena_dup(&c->arena, what);
	if (c->last_note == NULL)
		c->notes = n;
	else
		c->last_note->next = n;
	c->last_note = n;
	c->note_count++;
	return n;
}

static struct slice unquote(struct slice s)
{
	const char end = s.len > 1 && *s.ptr == '<' ? '>' : '"';

	if (s.len < 2 || (*s.ptr != '"' && *s.ptr != '<') || s.ptr[s.len - 1] != end)
		return s;
	return slice_of(s.ptr + 1, s.len - 2);
}

static void include(struct ast_reader *r, struct slice name, bool is_try)
{
	static const enum ast_note_kind missing[] = {
	    AST_NOTE_INCLUDE_MISSING, AST_NOTE_TRYINCLUDE_MISSING};
	const struct ast_source *src = r->source;
	struct ast_reader inner = *r;
	struct slice bytes = SLICE_NONE;
	struct err e = {0};

	if (r->depth >= AST_DEPTH_MAX) {
		(void)ast_note_add(r, AST_NOTE_INCLUDE_DEPTH, name);
		return;
	}
	if (r->config->file_count >= AST_FILES_MAX) {
		if (r->config->dropped.files++ == 0)
			(void)ast_note_add(r, AST_NOTE_LIMIT, name);
		return;
	}
	if (src == NULL || src->open == NULL ||
	    src->open(src->ctx, name, &bytes, &e) < 0) {
		(void)ast_note_add(r, missing[is_try], name);
		return;
	}
	inner.depth++;
	ast_read_file(&inner, name, bytes);
	r->current = inner.current;
	if (src->close != NULL)
		src->close(src->ctx, bytes);
}

void ast_read_directive(struct ast_reader *r, struct slice text)
{
	struct slice word = slice_of(text.ptr + 1, text.len - 1);
	struct slice arg = SLICE_NONE;
	size_t n = 0;
	bool is_try;

	while (n < word.len && (unsigned char)word.ptr[n] > ' ')
		n++;
	arg = ast_strip(slice_of(word.ptr + n, word.len - n));
	word.len = n;
	is_try = slice_eq_nocase(word, SLICE("tryinclude"));
	if (slice_eq_nocase(word, SLICE("exec"))) {
		r->config->is_partial = true;
		(void)ast_note_add(r, AST_NOTE_EXEC, SLICE_NONE);
	} else if ((!is_try && !slice_eq_nocase(word, SLICE("include"))) ||
		   arg.len == 0) {
		(void)ast_note_add(r, AST_NOTE_DIRECTIVE, SLICE_NONE);
	} else {
		/* Dup: the included file's lines reuse the line buffer. */
		arg = ast_arena_dup(&r->config->arena, unquote(arg));
		if (arg.ptr != NULL)
			include(r, arg, is_try);
	}
}

static void free_config(struct ast_config **c)
{
	ast_config_free(*c);
}

int ast_config_read(struct slice name, struct slice bytes, const struct ast_source *src,
    struct ast_config **out, struct err *e)
{
	CLEANUP(free_config) struct ast_config *c = calloc(1, sizeof(*c));
	struct ast_reader r = {.config = c, .source = src, .depth = 1};

	if (c == NULL)
		return err_set(
		    e, -ENOMEM, SLICE_FMT ": out of memory", SLICE_ARG(name));
	r.buffer = ast_arena_take(&c->arena, AST_LINE_MAX);
	if (r.buffer != NULL)
		ast_read_file(&r, name, bytes);
	if (c->arena.failed)
		return err_set(
		    e, -ENOMEM, SLICE_FMT ": out of memory", SLICE_ARG(name));
	*out = KEEP(c);
	return 0;
}

void ast_config_free(struct ast_config *c)
{
	if (c == NULL)
		return;
	ast_arena_free(&c->arena);
	free(c);
}

const struct ast_section *ast_section_find(
    const struct ast_config *c, const struct ast_section *from, struct slice name)
{
	const struct ast_section *s = from == NULL ? c->sections : from->next;

	while (s != NULL && !slice_eq_nocase(s->name, name))
		s = s->next;
	return s;
}

const struct ast_value *ast_value_first(const struct ast_section *s, struct slice name)
{
	const struct ast_value *v = s->values;

	while (v != NULL && !slice_eq_nocase(v->name, name))
		v = v->next;
	return v;
}

const struct ast_value *ast_value_last(const struct ast_section *s, struct slice name)
{
	const struct ast_value *found = NULL;

	for (const struct ast_value *v = s->values; v != NULL; v = v->next) {
		if (slice_eq_nocase(v->name, name))
			found = v;
	}
	return found;
}
