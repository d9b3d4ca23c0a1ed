/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/nearest.h"
#include "options.h"
#include "when.h"

static const struct {
	char letter;
	const char *name, *argument, *help;
} table[] = {
#define OPTION(id, letter, name, argument, help) {letter, name, argument, help},
#include "options.def"
};

const char *option_name(enum option id)
{
	return table[id].name;
}

char option_letter(enum option id)
{
	return table[id].letter;
}

const char *option_argument(enum option id)
{
	return table[id].argument;
}

const char *option_help(enum option id)
{
	return table[id].help;
}

/* What is left to read of argv. */
struct line {
	char **argv;
	int at, argc;
};

static int set_limit(struct options *o, const char *value, struct err *e)
{
	uint32_t limit;

	if (!slice_to_u32(slice_of(value, strlen(value)), INT32_MAX, &limit))
		return err_set(
		    e, -EINVAL, "--limit wants a number of rows, not '%s'", value);
	o->limit = limit;
	return 0;
}

static int add_local(struct options *o, struct slice item, struct err *e)
{
	if (o->local_count == OPTIONS_LIST_MAX)
		return err_set(
		    e, -EINVAL, "--local: more than %d addresses", OPTIONS_LIST_MAX);
	if (!ip_net_parse(item, &o->local[o->local_count]))
		return err_set(e, -EINVAL,
		    "--local wants an address (192.0.2.1, 2001:db8::1) or a network "
		    "(192.0.2.0/24), not '" SLICE_FMT "'",
		    SLICE_ARG(item));
	o->local_count++;
	return 0;
}

static int add_port(struct options *o, struct slice item, struct err *e)
{
	struct slice first = item;
	struct slice last = item;
	uint32_t from, to;

	if (o->port_count == OPTIONS_LIST_MAX)
		return err_set(
		    e, -EINVAL, "--port: more than %d ranges", OPTIONS_LIST_MAX);
	(void)slice_take_until(&last, '-', &first);
	if (!slice_to_u32(first, UINT16_MAX, &from) ||
	    !slice_to_u32(last, UINT16_MAX, &to) || from == 0 || from > to)
		return err_set(e, -EINVAL,
		    "--port wants a port (5060) or a range (5060-5080), "
		    "not '" SLICE_FMT "'",
		    SLICE_ARG(item));
	o->ports[o->port_count++] = (struct port_range){(uint16_t)from, (uint16_t)to};
	return 0;
}

/* "a,b,c": each through add. */
static int add_list(struct options *o, const char *value,
    int (*add)(struct options *, struct slice, struct err *), struct err *e)
{
	struct slice rest = slice_of(value, strlen(value));
	struct slice item;
	bool more;
	int rc;

	do {
		more = slice_take_until(&rest, ',', &item);
		rc = add(o, slice_trim(more ? item : rest), e);
	} while (rc == 0 && more);
	return rc;
}

static int add_asterisk(struct options *o, const char *path, struct err *e)
{
	if (o->asterisk_count == OPTIONS_LIST_MAX)
		return err_set(e, -EINVAL, "--asterisk-config: more than %d files",
		    OPTIONS_LIST_MAX);
	o->asterisk[o->asterisk_count++] = path;
	return 0;
}

static int apply(struct options *o, enum option id, const char *value, struct err *e)
{
	o->given |= UINT32_C(1) << id;
	if (value != NULL && *value == '\0')
		return err_set(
		    e, -EINVAL, "--%s wants a value, not nothing", table[id].name);
	switch (id) {
	case OPT_LIMIT:
		return set_limit(o, value, e);
	case OPT_TRUNK:
		o->trunk = value;
		return 0;
	case OPT_DATABASE:
		o->database = value;
		return 0;
	case OPT_CALL_ID:
		o->call_id = value;
		return 0;
	case OPT_LOCAL:
		return add_list(o, value, add_local, e);
	case OPT_PORT:
		return add_list(o, value, add_port, e);
	case OPT_ASTERISK_CONFIG:
		return add_asterisk(o, value, e);
	case OPT_SINCE:
		o->since = value;
		return 0;
	case OPT_UNTIL:
		o->until = value;
		return 0;
	case OPT_JSON:
	case OPT_CSV:
	case OPT_ALL:
	case OPT_OPEN:
	case OPT_SECRET_STDIN:
	case OPT_VERBOSE:
	case OPT_UTC:
	case OPT_HELP:
	case OPT_VERSION:
	case OPT_COUNT:
		return 0; /* .given says it */
	}
	return 0;
}

static int unknown(const char *word, size_t len, struct err *e)
{
	char name[64] = "";
	struct nearest n = {.wanted = name};

	memcpy(name, word, len < sizeof(name) ? len : sizeof(name) - 1);
	for (int i = 0; i < OPT_COUNT; i++)
		nearest_try(&n, table[i].name);
	if (n.word != NULL)
		return err_set(e, -EINVAL,
		    "unknown option '--%s', did you mean '--%s'?", name, n.word);
	return err_set(e, -EINVAL, "unknown option '--%s'", name);
}

/* The value of an option: what follows it in the same word, or the next word. */
static int take_value(
    struct line *l, enum option id, const char *inside, const char **out, struct err *e)
{
	if (inside == NULL && l->at < l->argc)
		inside = l->argv[l->at++];
	if (inside == NULL)
		return err_set(e, -EINVAL, "--%s wants a value: --%s %s",
		    table[id].name, table[id].name, table[id].argument);
	*out = inside;
	return 0;
}

/* "--since=-1h", "--since -1h". */
static int long_option(
    struct line *l, struct options *o, const char *word, struct err *e)
{
	const char *equals = strchr(word, '=');
	size_t len = equals == NULL ? strlen(word) : (size_t)(equals - word);
	const char *value = NULL;
	int rc;

	for (int i = 0; i < OPT_COUNT; i++) {
		if (strlen(table[i].name) != len ||
		    memcmp(table[i].name, word, len) != 0)
			continue;
		if (table[i].argument == NULL && equals != NULL)
			return err_set(
			    e, -EINVAL, "--%s takes no value", table[i].name);
		if (table[i].argument != NULL) {
			rc = take_value(l, (enum option)i,
			    equals == NULL ? NULL : equals + 1, &value, e);
			if (rc != 0)
				return rc;
		}
		return apply(o, (enum option)i, value, e);
	}
	return unknown(word, len, e);
}

/* "-v", "-n5", "-n 5", "-an5". */
static int short_options(
    struct line *l, struct options *o, const char *letters, struct err *e)
{
	for (; *letters != '\0'; letters++) {
		const char *value = NULL;
		int id = 0;
		int rc;

		while (id < OPT_COUNT && table[id].letter != *letters)
			id++;
		if (id == OPT_COUNT)
			return err_set(e, -EINVAL, "unknown option '-%c'", *letters);
		if (table[id].argument == NULL) {
			rc = apply(o, (enum option)id, NULL, e);
			if (rc != 0)
				return rc;
			continue;
		}
		rc = take_value(l, (enum option)id,
		    letters[1] == '\0' ? NULL : letters + 1, &value, e);
		return rc != 0 ? rc : apply(o, (enum option)id, value, e);
	}
	return 0;
}

int options_parse(int argc, char **argv, struct options *out, struct err *e)
{
	struct line l = {.argv = argv, .at = 1, .argc = argc};
	bool options_end = false;

	*out = (struct options){.limit = -1, .args = argv + (argc > 0)};
	while (l.at < argc) {
		char *word = argv[l.at++];
		int rc = 0;

		if (options_end || word[0] != '-' || word[1] == '\0')
			out->args[out->arg_count++] = word;
		else if (strcmp(word, "--") == 0)
			options_end = true;
		else if (word[1] == '-')
			rc = long_option(&l, out, word + 2, e);
		else
			rc = short_options(&l, out, word + 1, e);
		if (rc != 0)
			return rc;
	}
	if ((out->given & OPT_BIT(JSON)) != 0 && (out->given & OPT_BIT(CSV)) != 0)
		return err_set(e, -EINVAL, "--json and --csv exclude each other");
	return 0;
}

static int set_time(
    const char *name, const char *text, int64_t now_us, int64_t *out, struct err *e)
{
	*out = 0;
	if (text == NULL || when_parse(text, now_us, out))
		return 0;
	return err_set(e, -EINVAL,
	    "--%s: cannot read '%s' as a time; write '2026-01-02 03:04', "
	    "'2026-01-02T03:04:05Z', -1h, '2 hours ago', today or yesterday",
	    name, text);
}

int options_times(struct options *o, int64_t now_us, struct err *e)
{
	int rc = set_time("since", o->since, now_us, &o->since_us, e);

	if (rc == 0)
		rc = set_time("until", o->until, now_us, &o->until_us, e);
	if (rc == 0 && o->since_us != 0 && o->until_us != 0 &&
	    o->since_us > o->until_us)
		rc = err_set(e, -EINVAL, "--since is later than --until");
	return rc;
}
