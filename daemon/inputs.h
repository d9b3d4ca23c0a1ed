/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inputs - what is to be read, opened: the devices, or the files.
 *
 * Opening is the privileged part of a start; starting the threads comes after
 * the privileges are gone.
 *
 * Errors     Negative errno and *err. -EBADMSG: a file that is no capture;
 *            -EINVAL: a filter that does not compile.
 */
#ifndef DAEMON_INPUTS_H
#define DAEMON_INPUTS_H

#include <pcap/pcap.h>

#include "analysis.h"
#include "config.h"
#include "options.h"

struct input {
	struct source source;
	pcap_t *pcap; /* one of the two until its thread has it */
	struct capsource *file;
};

struct inputs {
	struct input input[SOURCES_MAX];
	size_t count;
	bool are_files;
};

int inputs_open(
    const struct options *o, const struct config *c, struct inputs *in, struct err *e);

int inputs_start(struct inputs *in, struct err *e);
void inputs_stop(struct inputs *in);
void inputs_close(struct inputs *in);

#endif
