/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_files.h"

#include <errno.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/usec.h"
#include "captures.h"

/* A file ends with a tick far behind its last packet: what still waits for a hole
 * to be filled has waited long enough. */
enum { LAST_TICK_S = 3600 };

static void wire_cleanup(struct wire **w)
{
	wire_free(*w);
}

static int open_wire(const struct cli *cli, struct wire **out, struct err *e)
{
	struct reassemble_config config;
	struct hash_key key;

	reassemble_config_default(&config);
	config.ports = cli->opt.ports;
	config.port_count = cli->opt.port_count;
	if (getrandom(&key, sizeof(key), 0) != (ssize_t)sizeof(key)) {
		(void)err_set(e, -errno, "no random bytes: %s", strerror(errno));
		return EXIT_SOFTWARE;
	}
	return wire_new(&config, &key, out, e) == 0 ? EXIT_OK : EXIT_SOFTWARE;
}

/* How many of them were messages. */
static uint64_t take_events(struct wire *w, struct wire_taker to)
{
	const struct sip_msg *msg;
	struct wire_event ev;
	uint64_t messages = 0;
	enum sip_rc rc;

	while (wire_next(w, &ev, &msg, &rc)) {
		messages += ev.kind == WIRE_MESSAGE && rc == SIP_OK;
		to.take(to.ctx, &ev, msg, rc);
	}
	return messages;
}

static void read_all(struct captures *files, struct wire *w, struct wire_taker to)
{
	struct progress progress;
	const struct frame *frame;
	uint64_t packets = 0;
	uint64_t messages = 0;
	int64_t last_us = 0;

	progress_init(&progress);
	while ((frame = captures_next(files)) != NULL) {
		(void)wire_frame(w, frame);
		messages += take_events(w, to);
		last_us = frame->at_ns / 1000;
		packets++;
		if (progress_is_due(&progress))
			progress_show(&progress, packets, messages);
	}
	wire_tick(w, last_us + LAST_TICK_S * USEC_PER_SEC);
	(void)take_events(w, to);
	progress_clear(&progress);
}

int wire_files_read(const struct cli *cli, struct wire_taker to, struct err *e)
{
	CLEANUP(captures_cleanup) struct captures *files = NULL;
	CLEANUP(wire_cleanup) struct wire *w = NULL;
	int status = captures_open(cli->opt.args, cli->opt.arg_count, &files, e);

	if (status == EXIT_OK)
		status = open_wire(cli, &w, e);
	if (status != EXIT_OK)
		return status;
	read_all(files, w, to);
	return captures_verdict(files, e);
}
