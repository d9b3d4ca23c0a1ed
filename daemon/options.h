/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options - trunkwatchd's command line.
 *
 * Out        A struct options that points into argv.
 * Errors     -EINVAL and one line in *err; the caller exits 64.
 */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include "config.h"

enum { OPTIONS_FILES_MAX = 16 };

enum options_action {
	OPTIONS_RUN = 0,
	OPTIONS_CHECK_CONFIG,
	OPTIONS_PRINT_SAMPLE,
	OPTIONS_VERSION,
	OPTIONS_HELP,
};

struct options {
	enum options_action action;
	const char *config; /* NULL: the default file, if there is one */
	const char *interfaces[CONFIG_INTERFACES_MAX];
	size_t interface_count;
	const char *files[OPTIONS_FILES_MAX]; /* -r */
	size_t file_count;
	const char *database;
	const char *user;
	struct config_ports ports;
	struct config_nets local;
	unsigned verbose;
};

int options_parse(int argc, char **argv, struct options *out, struct err *e);

/* The command line wins over the configuration. */
int options_apply(const struct options *o, struct config *c, struct err *e);

void options_print_help(FILE *out);

#endif
