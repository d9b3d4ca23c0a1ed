/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire_files - every SIP message of capture files, for the commands that need no
 * diagnosis.
 *
 * In         The command's arguments as files, --port.
 * Out        One call per event, in capture order. Everything is borrowed until it
 *            returns; msg and rc are meant for WIRE_MESSAGE only.
 * Errors     The exit status, with *e: nothing was said yet. EXIT_DATA may come
 *            after readable packets; what was found before stands.
 * Threads    One.
 */
#ifndef CLI_WIRE_FILES_H
#define CLI_WIRE_FILES_H

#include "cmd.h"
#include "pipeline/pipeline.h"
#include "sip/sip_msg.h"

struct wire_taker {
	void *ctx;
	void (*take)(void *ctx, const struct wire_event *ev, const struct sip_msg *msg,
	    enum sip_rc rc);
};

int wire_files_read(const struct cli *cli, struct wire_taker to, struct err *e);

#endif
