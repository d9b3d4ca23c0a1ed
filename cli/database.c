/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "database.h"

static const char *path_of(const struct cli *cli)
{
	return cli->opt.database != NULL ? cli->opt.database : DATABASE_DEFAULT;
}

static int open_failed(const char *path, int rc, const struct err *e)
{
	switch (rc) {
	case -ENOENT:
		return cli_fail(EXIT_UNAVAILABLE,
		    "no database at %s: trunkwatchd creates it; read a capture file "
		    "with 'trunkwatch analyze FILE', or name another database with -d",
		    path);
	case -EACCES:
	case -EPERM:
		return cli_fail(EXIT_UNAVAILABLE,
		    "%s; members of the group trunkwatch may read it: "
		    "usermod -aG trunkwatch YOU",
		    e->text);
	default:
		return cli_fail(EXIT_UNAVAILABLE, "%s", e->text);
	}
}

int database_open(struct cli *cli, struct query **out)
{
	const char *path = path_of(cli);
	struct err e;
	int rc = query_open(path, out, &e);

	return rc == 0 ? EXIT_OK : open_failed(path, rc, &e);
}

void database_cleanup(struct query **q)
{
	query_close(*q);
}

int database_failed(struct cli *cli, const struct err *e)
{
	(void)out_flush(&cli->out);
	return cli_fail(EXIT_UNAVAILABLE, "%s", e->text);
}

bool database_for_machines(const struct cli *cli)
{
	return cli_given(cli, OPT_BIT(JSON) | OPT_BIT(CSV));
}

struct query_filter database_filter(const struct cli *cli)
{
	bool machines = database_for_machines(cli);
	bool all = cli_given(cli, OPT_BIT(ALL));

	return (struct query_filter){
	    .since_us = cli->opt.since_us,
	    .until_us = cli->opt.until_us,
	    .trunk = cli->opt.trunk,
	    .newest_first = !machines,
	    .with_not_failures = all,
	    .default_window =
		!machines && !all && cli->opt.since_us == 0 && cli->opt.until_us == 0,
	    .only_open = cli_given(cli, OPT_BIT(OPEN)),
	};
}

int64_t database_limit(const struct cli *cli)
{
	if (cli->opt.limit >= 0)
		return cli->opt.limit;
	if (database_for_machines(cli) || cli_given(cli, OPT_BIT(ALL)))
		return 0;
	return TABLE_ROWS;
}

static bool parse_id(const char *text, bool *is_incident, int64_t *id)
{
	int64_t value = 0;

	*is_incident = text[0] == 'i';
	text += *is_incident;
	if (*text == '\0')
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *text - '0', &value))
			return false;
	}
	*id = value;
	return *text == '\0' && value > 0;
}

bool database_parse_id(const char *text, bool *is_incident, int64_t *id)
{
	if (parse_id(text, is_incident, id))
		return true;
	(void)cli_fail(EXIT_USAGE,
	    "'%s' is no id: a failure's is 412, an incident's i7; 'trunkwatch "
	    "failures' and 'trunkwatch incidents' list them",
	    text);
	return false;
}

int database_no_such_id(bool is_incident, int64_t id)
{
	return cli_fail(EXIT_NO_INPUT,
	    "no %s %s%lld in the database; 'trunkwatch %s' lists them",
	    is_incident ? "incident" : "failure", is_incident ? "i" : "", (long long)id,
	    is_incident ? "incidents --all" : "failures --all");
}
