/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options - the command line, read once for all commands.
 *
 * In         argv as main() got it. Options may stand anywhere; "--" ends them.
 * Out        struct options; what is no option is left in .args, in order.
 * Ownership  Strings point into argv. argv is reordered.
 * Errors     -EINVAL with a sentence that names the option, and the nearest one
 *            when it is unknown.
 * Limits     OPTIONS_LIST_MAX values of an option that may be repeated.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/endpoint.h"
#include "base/err.h"
#include "reassemble/reassemble.h"

#define DATABASE_DEFAULT "/var/lib/trunkwatch/trunkwatch.db"

enum option {
#define OPTION(id, letter, name, argument, help) OPT_##id,
#include "options.def"
	OPT_COUNT
};

#define OPT_BIT(id) (UINT32_C(1) << OPT_##id)

enum { OPTIONS_LIST_MAX = 64 };

struct options {
	uint32_t given; /* OPT_BIT() of each that was there */
	char **args;
	size_t arg_count;
	const char *since, *until;  /* as written */
	int64_t since_us, until_us; /* 0: not given */
	int64_t limit;              /* -1: not given */
	const char *trunk, *database, *call_id;
	struct ip_net local[OPTIONS_LIST_MAX];
	size_t local_count;
	struct port_range ports[OPTIONS_LIST_MAX];
	size_t port_count;
	const char *asterisk[OPTIONS_LIST_MAX];
	size_t asterisk_count;
};

int options_parse(int argc, char **argv, struct options *out, struct err *e);

/* --since and --until, once the time zone is known (--utc). */
int options_times(struct options *o, int64_t now_us, struct err *e);

const char *option_name(enum option id);     /* "since" */
char option_letter(enum option id);          /* 'S', or 0 */
const char *option_argument(enum option id); /* "TIME", or NULL */
const char *option_help(enum option id);

#endif
