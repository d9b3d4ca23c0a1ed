/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines of a file become sections and values. */
#include "asterisk/ast_config_int.h"

static void drop(struct ast_reader *r, uint32_t *counter)
{
	if ((*counter)++ == 0)
		(void)ast_note_add(r, AST_NOTE_LIMIT, SLICE_NONE);
}

static struct ast_value *value_add(struct ast_reader *r, struct ast_section *s)
{
	struct ast_config *c = r->config;
	struct ast_value *v = NULL;

	if (c->value_count >= AST_VALUES_MAX ||
	    s->value_count >= AST_SECTION_VALUES_MAX) {
		drop(r, &c->dropped.values);
		return NULL;
	}
	v = ast_arena_take(&c->arena, sizeof(*v));
	if (v == NULL)
		return NULL;
	if (s->last == NULL)
		s->values = v;
	else
		s->last->next = v;
	s->last = v;
	s->value_count++;
	c->value_count++;
	return v;
}

static void inherit(
    struct ast_reader *r, struct ast_section *s, const struct ast_section *base)
{
	uint32_t left = base->value_count; /* a section may inherit from itself */

	for (const struct ast_value *v = base->values; v != NULL && left > 0;
	     v = v->next) {
		struct ast_value *copy = value_add(r, s);
		struct ast_value *tail = NULL;

		left--;
		if (copy == NULL)
			return;
		tail = copy->next;
		*copy = *v; /* the bytes stay where they are: same arena */
		copy->next = tail;
		copy->is_inherited = true;
	}
}

/* False when a hostile file has made us search too much already. */
static bool may_search(struct ast_reader *r)
{
	if (r->config->steps >= AST_STEPS_MAX)
		return false;
	if (++r->config->steps == AST_STEPS_MAX)
		(void)ast_note_add(r, AST_NOTE_LIMIT, SLICE_NONE);
	return true;
}

static const struct ast_section *find_base(struct ast_reader *r, struct slice name)
{
	const struct ast_section *s = r->config->sections;

	while (s != NULL && may_search(r) && !slice_eq_nocase(s->name, name))
		s = s->next;
	return r->config->steps >= AST_STEPS_MAX ? NULL : s;
}

/* Sections come before templates of the same name. */
static struct ast_section *find_to_append(struct ast_reader *r, struct slice name)
{
	struct ast_section *template = NULL;

	for (struct ast_section *s = r->config->sections; s != NULL; s = s->next) {
		if (!may_search(r))
			return NULL;
		if (!slice_eq_nocase(s->name, name))
			continue;
		if (!s->is_template)
			return s;
		if (template == NULL)
			template = s;
	}
	return template;
}

static struct ast_section *section_new(struct ast_reader *r, struct slice name)
{
	struct ast_config *c = r->config;
	struct ast_section *s = NULL;

	if (c->section_count >= AST_SECTIONS_MAX) {
		drop(r, &c->dropped.sections);
		return NULL;
	}
	s = ast_arena_take(&c->arena, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->name = ast_arena_dup(&c->arena, name);
	s->carrier_id = r->carrier_id;
	s->carrier_name = r->carrier_name;
	s->file = r->file;
	s->line = r->line;
	return s;
}

static void section_append(struct ast_config *c, struct ast_section *s)
{
	if (c->last_section == NULL)
		c->sections = s;
	else
		c->last_section->next = s;
	c->last_section = s;
	c->section_count++;
}

static bool take_option(struct slice *rest, struct slice *option)
{
	if (rest->ptr == NULL)
		return false;
	if (!slice_take_until(rest, ',', option)) {
		*option = *rest;
		*rest = SLICE_NONE;
	}
	return true;
}

/*
 * "!", "+" and names, in any order and not trimmed: "(a, b)" asks for a section
 * " b". Returns the section that values go to: *s, or the one it adds to.
 */
static struct ast_section *apply_options(
    struct ast_reader *r, struct ast_section *s, struct slice options)
{
	struct ast_section *to = s;
	struct slice option;

	while (take_option(&options, &option)) {
		const struct ast_section *base = NULL;

		if (slice_eq(option, SLICE("!"))) {
			s->is_template = true;
		} else if (option.len > 0 && *option.ptr == '+') {
			to = find_to_append(r, s->name);
			if (to == NULL) {
				(void)ast_note_add(r, AST_NOTE_APPEND_MISSING, s->name);
				return s;
			}
		} else {
			base = find_base(r, option);
			if (base != NULL)
				inherit(r, to, base);
			else
				(void)ast_note_add(
				    r, AST_NOTE_TEMPLATE_MISSING, option);
		}
		if (r->is_stopped)
			return s;
	}
	return to;
}

/* What was inherited before the "+" moves over. */
static void section_merge(
    struct ast_reader *r, struct ast_section *to, struct ast_section *s)
{
	to->is_template = to->is_template || s->is_template;
	inherit(r, to, s);
}

static void read_header(struct ast_reader *r, struct slice text)
{
	struct slice rest = slice_of(text.ptr + 1, text.len - 1);
	struct slice name, options = SLICE_NONE;
	struct ast_section *s, *to;

	if (!slice_take_until(&rest, ']', &name) ||
	    (rest.len > 0 && *rest.ptr == '(' &&
		memchr(rest.ptr, ')', rest.len) == NULL)) {
		(void)ast_note_add(r, AST_NOTE_HEADER_OPEN, SLICE_NONE);
		return;
	}
	if (name.len > AST_SECTION_NAME_MAX)
		name.len = AST_SECTION_NAME_MAX;
	if (rest.len > 0 && *rest.ptr == '(') {
		rest = slice_of(rest.ptr + 1, rest.len - 1);
		(void)slice_take_until(&rest, ')', &options);
	}
	s = section_new(r, name);
	r->section = NULL; /* what was left out takes its values along */
	if (s == NULL)
		return;
	to = apply_options(r, s, options);
	if (r->is_stopped)
		return;
	if (to == s)
		section_append(r->config, s);
	else
		section_merge(r, to, s);
	r->section = r->current = to;
}

/* "+=": the last value of that name grows. Names in this one case are compared
 * byte by byte, as config.c does. */
static bool append_value(struct ast_reader *r, struct slice name, struct slice more)
{
	struct ast_value *v = NULL;
	struct slice whole;
	char *bytes;

	for (struct ast_value *i = r->section->values; i != NULL && may_search(r);
	     i = i->next) {
		if (slice_eq(i->name, name))
			v = i;
	}
	if (v == NULL)
		return false;
	if (v->value.len + more.len > AST_LINE_MAX) {
		drop(r, &r->config->dropped.values);
		return true;
	}
	bytes = ast_arena_take(&r->config->arena, v->value.len + more.len + 1);
	if (bytes == NULL)
		return true;
	memcpy(bytes, v->value.ptr, v->value.len);
	if (more.len > 0)
		memcpy(bytes + v->value.len, more.ptr, more.len);
	whole = ast_strip(slice_of(bytes, v->value.len + more.len));
	v->value = v->raw = whole;
	v->is_cut = v->is_cut || r->comments.is_cut;
	v->is_inherited = false;
	v->file = r->file;
	v->line = r->line;
	return true;
}

/* What the file really says behind the '=', when comments did not move it. */
static struct slice raw_value(struct slice line, struct slice text, struct slice value)
{
	const size_t head = (size_t)(value.ptr - text.ptr);
	struct slice raw = ast_strip(line);

	if (raw.len < head || memcmp(raw.ptr, text.ptr, head) != 0)
		return value;
	return ast_strip(slice_of(raw.ptr + head, raw.len - head));
}

static void read_value(struct ast_reader *r, struct slice line, struct slice text)
{
	struct slice name = text, rest = text;
	const bool is_escaped = *text.ptr == '\\';
	const char *equals = NULL;
	struct ast_value *v;
	bool is_object = false;

	if (r->section == NULL && r->config->dropped.sections == 0) {
		(void)ast_note_add(r, AST_NOTE_NO_SECTION, SLICE_NONE);
		return;
	}
	if (r->section == NULL)
		return;
	if (is_escaped && (text.len < 2 || (signed char)text.ptr[1] <= ' ')) {
		(void)ast_note_add(r, AST_NOTE_BAD_ESCAPE, SLICE_NONE);
		return;
	}
	/* "\[x] = y": the escaped byte is part of the name, even if it is '='. */
	if (text.len > 2u * is_escaped)
		equals =
		    memchr(text.ptr + 2u * is_escaped, '=', text.len - 2u * is_escaped);
	if (equals == NULL) {
		(void)ast_note_add(r, AST_NOTE_NO_EQUALS, SLICE_NONE);
		return;
	}
	name =
	    slice_of(text.ptr + is_escaped, (size_t)(equals - text.ptr) - is_escaped);
	rest = slice_of(equals + 1, text.len - (size_t)(equals + 1 - text.ptr));
	if (name.len > 1u * is_escaped && name.ptr[name.len - 1] == '+') {
		name = ast_strip(slice_of(name.ptr, name.len - 1));
		if (name.len > 0 && append_value(r, name, rest))
			return;
	} else if (rest.len > 0 && *rest.ptr == '>') {
		rest = slice_of(rest.ptr + 1, rest.len - 1);
		is_object = true;
	}
	name = ast_strip(name);
	if (name.len == 0) {
		(void)ast_note_add(r, AST_NOTE_NO_NAME, SLICE_NONE);
		return;
	}
	v = value_add(r, r->section);
	if (v == NULL)
		return;
	v->name = ast_arena_dup(&r->config->arena, name);
	v->raw = ast_arena_dup(&r->config->arena, raw_value(line, text, rest));
	rest = ast_strip(rest);
	v->value =
	    slice_eq(rest, v->raw) ? v->raw : ast_arena_dup(&r->config->arena, rest);
	v->line = r->line;
	v->file = r->file;
	v->is_object = is_object;
	v->is_cut = r->comments.is_cut || r->comments.is_opened_in_text;
}

/* "; VICIDIAL Carrier: <id> - <name>", above the section(s) of that carrier. */
static void read_comment(struct ast_reader *r, struct slice line)
{
	static const struct slice tag = SLICE_INIT("VICIDIAL Carrier:");
	struct slice text = ast_strip(line), id;
	size_t at;

	if (text.len == 0 || *text.ptr != ';')
		return;
	text = ast_strip(slice_of(text.ptr + 1, text.len - 1));
	if (text.len < tag.len || !slice_eq_nocase(slice_of(text.ptr, tag.len), tag))
		return;
	text = ast_strip(slice_of(text.ptr + tag.len, text.len - tag.len));
	for (at = 0; at + 3 <= text.len && memcmp(text.ptr + at, " - ", 3) != 0;)
		at++;
	id = text;
	text = SLICE("");
	if (at + 3 <= id.len) {
		text = ast_strip(slice_of(id.ptr + at + 3, id.len - at - 3));
		id.len = at;
	}
	r->carrier_id = ast_arena_dup(&r->config->arena, ast_strip(id));
	r->carrier_name = ast_arena_dup(&r->config->arena, text);
}

static void note_comments(struct ast_reader *r, bool was_inside)
{
	const struct ast_comments *c = &r->comments;

	if (was_inside && r->block != NULL)
		r->block->lines++;
	if (c->depth == 0) {
		r->block = NULL;
		return;
	}
	if (was_inside)
		return;
	if (c->is_stray)
		r->block = ast_note_add(r, AST_NOTE_COMMENT_STRAY, SLICE_NONE);
	else if (c->is_opened_in_text)
		r->block = ast_note_add(r, AST_NOTE_COMMENT_IN_VALUE, SLICE_NONE);
	r->block_line = r->line;
}

static void read_line(struct ast_reader *r, struct slice line)
{
	const bool was_inside = r->comments.depth != 0;
	struct slice text;

	if (line.len > AST_LINE_MAX) {
		(void)ast_note_add(r, AST_NOTE_LINE_TOO_LONG, SLICE_NONE);
		return;
	}
	if (!was_inside)
		read_comment(r, line);
	text = ast_line_strip(&r->comments, line, r->buffer);
	note_comments(r, was_inside);
	if (text.len == 0)
		return;
	if (*text.ptr == '[')
		read_header(r, text);
	else if (*text.ptr == '#')
		ast_read_directive(r, text);
	else
		read_value(r, line, text);
}

void ast_read_file(struct ast_reader *r, struct slice name, struct slice bytes)
{
	struct ast_config *c = r->config;
	struct slice line;

	r->file = c->file_count;
	c->files[c->file_count++] = ast_arena_dup(&c->arena, name);
	r->section = r->current;
	r->comments = (struct ast_comments){0};
	r->block = NULL;
	r->carrier_id = r->carrier_name = SLICE_NONE;
	r->line = 0;
	if (bytes.len > AST_BYTES_MAX - c->bytes) {
		c->dropped.bytes += (uint32_t)(bytes.len - (AST_BYTES_MAX - c->bytes));
		bytes.len = (size_t)(AST_BYTES_MAX - c->bytes);
		(void)ast_note_add(r, AST_NOTE_LIMIT, name);
	}
	c->bytes += bytes.len;
	while (bytes.len > 0 && !r->is_stopped && !c->arena.failed) {
		r->line++;
		if (!slice_take_until(&bytes, '\n', &line)) {
			line = bytes;
			bytes.len = 0;
		}
		read_line(r, line);
	}
	if (r->comments.depth > 0 && !r->is_stopped) {
		r->line = r->block_line;
		(void)ast_note_add(r, AST_NOTE_COMMENT_OPEN, SLICE_NONE);
	}
}
