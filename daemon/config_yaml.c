/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * YAML events to the table of keys. Sections are at most two levels deep, so the
 * recursion is as deep as the code below is: document, section, key, list, trunk.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/cleanup.h"
#include "config_value.h"

enum { PATH_MAX_BYTES = 160, SECTIONS_MAX = 16, KEYS_MAX = 64 };

/* A mapping's keys: which table they come from and which were seen. */
struct scope {
	const struct config_key *keys;
	size_t count;
	void *record;
	bool seen[KEYS_MAX];
	char sections[SECTIONS_MAX][PATH_MAX_BYTES];
	size_t section_count;
};

struct reader {
	yaml_parser_t parser;
	yaml_event_t event;
	bool has_event;
	const char *name;
	struct err *e;
};

static int fail_at(const struct reader *r, yaml_mark_t at, const char *text)
{
	char copy[sizeof(r->e->text)];

	(void)snprintf(copy, sizeof(copy), "%s", text); /* text may be in *e */
	return err_set(
	    r->e, -EINVAL, "%s:%zu:%zu: %s", r->name, at.line + 1, at.column + 1, copy);
}

static int fail(const struct reader *r, const char *text)
{
	return fail_at(r, r->event.start_mark, text);
}

static int fail_yaml(const struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	yaml_mark_t at = p->problem_mark;

	if (p->error == YAML_MEMORY_ERROR)
		return err_set(r->e, -ENOMEM, "%s: out of memory", r->name);
	if (p->error == YAML_READER_ERROR)
		return err_set(r->e, -EINVAL, "%s: byte %zu: %s", r->name,
		    p->problem_offset, p->problem == NULL ? "not UTF-8" : p->problem);
	return fail_at(r, at, p->problem == NULL ? "not YAML" : p->problem);
}

/* The next event in r->event. Whatever we never use is refused here. */
static int next_event(struct reader *r)
{
	bool has_extra = false;

	if (r->has_event)
		yaml_event_delete(&r->event);
	r->has_event = false;
	if (!yaml_parser_parse(&r->parser, &r->event))
		return fail_yaml(r);
	r->has_event = true;

	if (r->event.type == YAML_ALIAS_EVENT)
		return fail(r, "aliases are not used here");
	if (r->event.type == YAML_SCALAR_EVENT)
		has_extra = r->event.data.scalar.anchor != NULL ||
			    r->event.data.scalar.tag != NULL;
	else if (r->event.type == YAML_SEQUENCE_START_EVENT)
		has_extra = r->event.data.sequence_start.anchor != NULL ||
			    r->event.data.sequence_start.tag != NULL;
	else if (r->event.type == YAML_MAPPING_START_EVENT)
		has_extra = r->event.data.mapping_start.anchor != NULL ||
			    r->event.data.mapping_start.tag != NULL;
	return has_extra ? fail(r, "anchors and tags are not used here") : 0;
}

static struct slice scalar(const struct reader *r)
{
	return slice_of(r->event.data.scalar.value, r->event.data.scalar.length);
}

/* "key:" with nothing after it, or ~: YAML's null. "" is an empty text. */
static bool is_null(const struct reader *r)
{
	struct slice s = scalar(r);

	return r->event.type == YAML_SCALAR_EVENT &&
	       r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (s.len == 0 || slice_eq(s, SLICE("~")) || slice_eq(s, SLICE("null")));
}

/* What somebody wrote, for a message: one line, not too long. */
static void printable(struct slice s, char out[PATH_MAX_BYTES])
{
	size_t n = s.len < PATH_MAX_BYTES / 4 ? s.len : PATH_MAX_BYTES / 4;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		out[i] = s.ptr[i];
		if (c < ' ' || c >= 0x7f)
			out[i] = '?';
	}
	out[n] = '\0';
}

/* Is path the name of a section: do keys stand below it? */
static bool is_section(const struct scope *s, const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < s->count; i++) {
		if (strncmp(s->keys[i].path, path, len) == 0 &&
		    s->keys[i].path[len] == '.')
			return true;
	}
	return false;
}

static const struct config_key *find_key(const struct scope *s, const char *path)
{
	for (size_t i = 0; i < s->count; i++) {
		if (strcmp(s->keys[i].path, path) == 0)
			return &s->keys[i];
	}
	return NULL;
}

static int fail_unknown(const struct reader *r, const struct scope *s, const char *path)
{
	char near[CONFIG_NEAREST_MAX];
	bool has_near = config_nearest(s->keys, s->count, path, near);
	char text[sizeof(r->e->text)];

	(void)snprintf(text, sizeof(text), "unknown key '%s'%s%s%s", path,
	    has_near ? "; did you mean '" : "", has_near ? near : "",
	    has_near ? "'?" : "");
	return fail(r, text);
}

static int fail_type(const struct reader *r, const struct config_key *key)
{
	char text[sizeof(r->e->text)];

	(void)snprintf(text, sizeof(text), "%s must be %s", key->path,
	    config_type_help(key->type));
	return fail(r, text);
}

static int fail_twice(const struct reader *r, const char *path)
{
	char text[sizeof(r->e->text)];

	(void)snprintf(text, sizeof(text), "'%s' stands here twice", path);
	return fail(r, text);
}

static int read_scalar(struct reader *r, const struct config_key *key, void *record)
{
	int rc;

	if (r->event.type != YAML_SCALAR_EVENT || is_null(r))
		return fail_type(r, key);
	rc = config_value_set(key, scalar(r), record, r->e);
	return rc < 0 ? fail(r, r->e->text) : 0;
}

static int read_mapping(struct reader *r, struct scope *s, const char *prefix);

static int read_trunk(struct reader *r, struct config_trunks *trunks)
{
	struct trunk_config *t = &trunks->trunk[trunks->count];
	struct scope s = {
	    .keys = config_trunk_keys, .count = config_trunk_key_count, .record = t};
	yaml_mark_t at = r->event.start_mark;
	int rc;

	if (r->event.type != YAML_MAPPING_START_EVENT)
		return fail(r, "a trunk is a mapping with at least a name");
	if (trunks->count == CONFIG_TRUNKS_MAX)
		return fail(r, "trunks: too many");
	memset(t, 0, sizeof(*t));
	rc = read_mapping(r, &s, "");
	if (rc < 0)
		return rc;
	if (t->name[0] == '\0')
		return fail_at(r, at, "a trunk needs a name");
	if (t->account[0] == '\0' && t->host[0] == '\0' && t->net_count == 0)
		return fail_at(r, at, "a trunk needs an account, a host or addresses");
	for (size_t i = 0; i < trunks->count; i++) {
		if (strcmp(trunks->trunk[i].name, t->name) == 0)
			return fail_at(r, at, "another trunk has this name already");
	}
	trunks->count++;
	return 0;
}

static int read_phrase(struct reader *r, struct config_phrases *phrases)
{
	struct phrase *p = &phrases->phrase[phrases->count];
	struct scope s = {
	    .keys = config_phrase_keys, .count = config_phrase_key_count, .record = p};
	yaml_mark_t at = r->event.start_mark;
	int rc;

	if (r->event.type != YAML_MAPPING_START_EVENT)
		return fail(r, "a phrase is a mapping with a phrase and a meaning");
	if (phrases->count == CONFIG_PHRASES_MAX)
		return fail(r, "phrases: too many");
	*p = (struct phrase){.weight = 100};
	rc = read_mapping(r, &s, "");
	if (rc < 0)
		return rc;
	if (p->words[0] == '\0')
		return fail_at(r, at, "a phrase needs its words: phrase");
	if (p->sign == 0)
		return fail_at(r, at, "a phrase needs a meaning");
	phrases->count++;
	return 0;
}

static int read_entry(struct reader *r, const struct config_key *key, void *record)
{
	void *field = (char *)record + key->offset;

	if (key->type == CONFIG_TRUNKS)
		return read_trunk(r, field);
	if (key->type == CONFIG_PHRASES)
		return read_phrase(r, field);
	return read_scalar(r, key, record);
}

static int read_list(struct reader *r, const struct config_key *key, void *record)
{
	yaml_mark_t at = r->event.start_mark;
	int rc;

	/* One entry may stand alone: "ports: 5060". */
	if (r->event.type == YAML_SCALAR_EVENT && !config_type_is_table(key->type))
		return read_scalar(r, key, record);
	if (r->event.type != YAML_SEQUENCE_START_EVENT)
		return fail_type(r, key);
	for (;;) {
		rc = next_event(r);
		if (rc < 0)
			return rc;
		if (r->event.type == YAML_SEQUENCE_END_EVENT)
			break;
		rc = read_entry(r, key, record);
		if (rc < 0)
			return rc;
	}
	if (!config_type_is_table(key->type) &&
	    config_list_count(key, record) < key->min)
		return fail_at(r, at, "the list is empty");
	return 0;
}

/* The default stood there; the file's list replaces it. */
static void clear_list(const struct config_key *key, void *record)
{
	if (key->type == CONFIG_TRUNK_NETS)
		((struct trunk_config *)record)->net_count = 0;
	else
		*(size_t *)(void *)((char *)record + key->offset) = 0;
}

static int read_key(struct reader *r, struct scope *s, const struct config_key *key)
{
	bool *seen = &s->seen[key - s->keys];
	int rc;

	if (*seen)
		return fail_twice(r, key->path);
	*seen = true;
	rc = next_event(r);
	if (rc < 0)
		return rc;
	if (!config_type_is_list(key->type))
		return read_scalar(r, key, s->record);
	clear_list(key, s->record);
	return read_list(r, key, s->record);
}

static int read_section(struct reader *r, struct scope *s, const char *path)
{
	int rc;

	for (size_t i = 0; i < s->section_count; i++) {
		if (strcmp(s->sections[i], path) == 0)
			return fail_twice(r, path);
	}
	if (s->section_count < SECTIONS_MAX)
		(void)snprintf(
		    s->sections[s->section_count++], PATH_MAX_BYTES, "%s", path);
	rc = next_event(r);
	if (rc < 0)
		return rc;
	if (is_null(r))
		return 0; /* all its keys are commented out */
	if (r->event.type != YAML_MAPPING_START_EVENT)
		return fail(r, "a section holds keys, one on each line, indented");
	return read_mapping(r, s, path);
}

/* From a mapping's start to its end. */
static int read_mapping(struct reader *r, struct scope *s, const char *prefix)
{
	char word[PATH_MAX_BYTES], path[PATH_MAX_BYTES];
	const struct config_key *key;
	int rc;

	for (;;) {
		rc = next_event(r);
		if (rc < 0)
			return rc;
		if (r->event.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (r->event.type != YAML_SCALAR_EVENT)
			return fail(r, "a key must be a word");
		printable(scalar(r), word);
		(void)snprintf(path, sizeof(path), "%.80s%s%.70s", prefix,
		    prefix[0] == '\0' ? "" : ".", word);

		key = find_key(s, path);
		if (key != NULL)
			rc = read_key(r, s, key);
		else if (is_section(s, path))
			rc = read_section(r, s, path);
		else
			return fail_unknown(r, s, path);
		if (rc < 0)
			return rc;
	}
}

static int read_document(struct reader *r, struct config *c)
{
	struct scope s = {.keys = config_keys, .count = config_key_count, .record = c};
	int rc;

	rc = next_event(r); /* stream start */
	if (rc == 0)
		rc = next_event(r); /* document start */
	if (rc < 0 || r->event.type == YAML_STREAM_END_EVENT)
		return rc; /* an empty file: everything has its default */
	rc = next_event(r);
	if (rc < 0)
		return rc;
	if (r->event.type != YAML_MAPPING_START_EVENT && !is_null(r))
		return fail(r, "expected keys such as 'capture:'");
	if (r->event.type == YAML_MAPPING_START_EVENT) {
		rc = read_mapping(r, &s, "");
		if (rc < 0)
			return rc;
	}
	rc = next_event(r); /* document end */
	if (rc == 0)
		rc = next_event(r);
	if (rc == 0 && r->event.type != YAML_STREAM_END_EVENT)
		return fail(r, "a second document begins here");
	return rc;
}

static void fini_reader(struct reader *r)
{
	if (r->has_event)
		yaml_event_delete(&r->event);
	yaml_parser_delete(&r->parser);
}

int config_parse(struct slice text, const char *name, struct config *c, struct err *e)
{
	CLEANUP(fini_reader) struct reader r = {.name = name, .e = e};

	_Static_assert(SECTIONS_MAX >= 8, "more than the sections of config_keys.def");
	if (config_key_count > KEYS_MAX || config_trunk_key_count > KEYS_MAX ||
	    config_phrase_key_count > KEYS_MAX)
		return err_set(e, -EINVAL, "KEYS_MAX is too small");
	if (text.len > CONFIG_FILE_MAX)
		return err_set(
		    e, -EFBIG, "%s: larger than %d bytes", name, CONFIG_FILE_MAX);
	if (!yaml_parser_initialize(&r.parser))
		return err_set(e, -ENOMEM, "%s: out of memory", name);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
	    &r.parser, (const unsigned char *)text.ptr, text.len);
	config_default(c);
	return read_document(&r, c);
}

static void close_file(FILE **f)
{
	if (*f != NULL)
		(void)fclose(*f);
}

static void free_bytes(char **p)
{
	free(*p);
}

int config_load(const char *path, struct config *c, struct err *e)
{
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	CLEANUP(free_bytes) char *text = NULL;
	size_t len;

	if (f == NULL)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	text = malloc(CONFIG_FILE_MAX + 1);
	if (text == NULL)
		return err_set(e, -ENOMEM, "%s: out of memory", path);
	len = fread(text, 1, CONFIG_FILE_MAX + 1, f);
	if (ferror(f))
		return err_set(e, -EIO, "%s: %s", path, strerror(errno));
	return config_parse(slice_of(text, len), path, c, e);
}
