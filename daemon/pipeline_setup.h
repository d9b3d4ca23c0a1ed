/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pipeline_setup - configuration, command line and what the database held, to a
 * pipeline.
 *
 * Ownership  The configuration and *own must live as long as the pipeline, which
 *            borrows them. *found is borrowed for the call.
 * Errors     Negative errno and *err.
 */
#ifndef DAEMON_PIPELINE_SETUP_H
#define DAEMON_PIPELINE_SETUP_H

#include "options.h"
#include "store/store.h"
#include "track/locals.h"

/* The configured addresses, those of --local, and (live) the machine's own. */
enum { OWN_ADDRESSES_MAX = LOCALS_NETS_MAX };

struct own_addresses {
	struct ip_net net[OWN_ADDRESSES_MAX];
	size_t count;
};

struct pipeline_setup {
	const struct config *config;
	const struct options *options;
	const struct store_start *found;
	struct sink sink;
	struct own_addresses *own; /* filled in here */
	bool are_files;
};

int pipeline_setup(
    const struct pipeline_setup *in, struct pipeline **out, struct err *e);

#endif
