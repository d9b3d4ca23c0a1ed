/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "config_value.h"

/* "[5060-5061, 5080]" entry by entry; the table is ours, so a mistake in it is
 * a bug (and a unit test asks for every default). */
static void set_default(const struct config_key *key, void *record)
{
	struct slice rest = slice_of(key->def, strlen(key->def));
	struct slice entry;
	struct err e;

	if (rest.len == 0)
		return;
	if (!config_type_is_list(key->type)) {
		if (config_value_set(key, rest, record, &e) < 0)
			abort();
		return;
	}
	rest = slice_of(rest.ptr + 1, rest.len - 2);
	while (rest.len > 0) {
		if (!slice_take_until(&rest, ',', &entry)) {
			entry = rest;
			rest.len = 0;
		}
		if (config_value_set(key, slice_trim(entry), record, &e) < 0)
			abort();
	}
}

void config_default(struct config *c)
{
	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < config_key_count; i++)
		set_default(&config_keys[i], c);
}

static void print_comment(FILE *out, const char *indent, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		(void)fprintf(out, "%s# %.*s\n", indent, (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static const char *shown_default(const struct config_key *key)
{
	if (key->def[0] != '\0')
		return key->def;
	return config_type_is_list(key->type) ? "[]" : "\"\"";
}

static void print_example(FILE *out, const char *name, const struct config_key *keys,
    size_t count, const char *const *values)
{
	(void)fprintf(out, "#%s:\n", name);
	for (size_t i = 0; i < count; i++) {
		print_comment(out, "#    ", keys[i].help);
		(void)fprintf(
		    out, "#  %s %s: %s\n", i == 0 ? "-" : " ", keys[i].path, values[i]);
	}
}

static void print_table(FILE *out, const struct config_key *key)
{
	static const char *const trunk[] = {"north", "user1001", "sip.example.com",
	    "[192.0.2.10, 198.51.100.0/28]", "5060"};
	static const char *const phrase[] = {
	    "no active plan", "403", "phrase", "says_funds", "100"};

	if (key->type == CONFIG_TRUNKS)
		print_example(
		    out, key->path, config_trunk_keys, config_trunk_key_count, trunk);
	else
		print_example(out, key->path, config_phrase_keys,
		    config_phrase_key_count, phrase);
}

/* How many bytes of the path are sections, dots included: 8 in "capture.ports". */
static size_t sections_len(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot == NULL ? 0 : (size_t)(dot - path) + 1;
}

/* The headings of the sections that the key before was not in. Returns how deep
 * the key stands. */
static unsigned print_sections(FILE *out, const char *path, const char *before)
{
	size_t len = sections_len(path);
	unsigned depth = 0;
	const char *name = path;

	for (size_t i = 0; i < len; i++) {
		if (path[i] != '.')
			continue;
		if (strncmp(path, before, i + 1) != 0)
			(void)fprintf(out, "%*s%.*s:\n", 2 * (int)depth, "",
			    (int)(path + i - name), name);
		name = path + i + 1;
		depth++;
	}
	return depth;
}

static void print_key(FILE *out, const struct config_key *key, unsigned depth)
{
	char indent[16];

	(void)snprintf(indent, sizeof(indent), "%*s", 2 * (int)depth, "");
	print_comment(out, indent, key->help);
	if (config_type_is_table(key->type))
		print_table(out, key);
	else
		(void)fprintf(out, "%s#%s: %s\n", indent,
		    key->path + sections_len(key->path), shown_default(key));
}

void config_print_sample(FILE *out)
{
	const char *before = "";

	(void)fputs(
	    "# trunkwatchd's configuration, trunkwatch.yaml(5).\n"
	    "#\n"
	    "# Written by `trunkwatchd --print-config-sample`. Each key is shown with its\n"
	    "# default; remove the # in front of it to change it.\n"
	    "# `trunkwatchd --check-config` says whether the file is good.\n",
	    out);
	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];

		(void)fputc('\n', out);
		print_key(out, key, print_sections(out, key->path, before));
		before = key->path;
	}
}
