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

static void print_trunk_example(FILE *out)
{
	(void)fputs("#trunks:\n", out);
	for (size_t i = 0; i < config_trunk_key_count; i++) {
		static const char *const example[] = {"north", "user1001",
		    "sip.example.com", "[192.0.2.10, 198.51.100.0/28]", "5060"};
		const struct config_key *key = &config_trunk_keys[i];

		print_comment(out, "#    ", key->help);
		(void)fprintf(
		    out, "#  %s %s: %s\n", i == 0 ? "-" : " ", key->path, example[i]);
	}
}

static void print_key(FILE *out, const struct config_key *key, bool is_in_section)
{
	const char *dot = strchr(key->path, '.');
	const char *indent = is_in_section ? "  " : "";

	print_comment(out, indent, key->help);
	if (key->type == CONFIG_TRUNKS)
		print_trunk_example(out);
	else
		(void)fprintf(out, "%s#%s: %s\n", indent,
		    dot == NULL ? key->path : dot + 1, shown_default(key));
}

void config_print_sample(FILE *out)
{
	const char *section = "";
	size_t section_len = 0;

	(void)fputs(
	    "# trunkwatchd's configuration, trunkwatch.yaml(5).\n"
	    "#\n"
	    "# Written by `trunkwatchd --print-config-sample`. Each key is shown with its\n"
	    "# default; remove the # in front of it to change it.\n"
	    "# `trunkwatchd --check-config` says whether the file is good.\n",
	    out);
	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];
		const char *dot = strchr(key->path, '.');
		size_t len = dot == NULL ? 0 : (size_t)(dot - key->path);

		(void)fputc('\n', out);
		if (dot != NULL &&
		    (len != section_len || strncmp(key->path, section, len) != 0)) {
			(void)fprintf(out, "%.*s:\n", (int)len, key->path);
		}
		section = key->path;
		section_len = len;
		print_key(out, key, dot != NULL);
	}
}
