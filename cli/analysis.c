/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "analysis.h"
#include "base/cleanup.h"
#include "captures.h"
#include "store/store.h"

enum { COMMIT_ROWS = 20000, SENSOR_MAX = 256 };

/* The sink's context: the first failure to write ends the analysis. */
struct writer {
	struct store *store;
	bool is_kept; /* the database outlives this program */
	bool has_failed;
	struct err e;
};

static void check(struct writer *w, int rc, const struct err *e)
{
	if (rc == 0 || w->has_failed)
		return;
	w->has_failed = true;
	w->e = *e;
}

static void put_failure(void *ctx, const struct failure *f,
    const struct failure_message *msgs, size_t count)
{
	struct writer *w = ctx;
	struct err e = {0};

	if (!w->has_failed)
		check(w, store_put_failure(w->store, f, msgs, count, &e), &e);
}

static void put_moved(void *ctx, const struct moved_failure *m)
{
	struct writer *w = ctx;
	struct err e = {0};

	if (!w->has_failed)
		check(w, store_put_moved(w->store, m, &e), &e);
}

static void put_incident(void *ctx, const struct incident *i)
{
	struct writer *w = ctx;
	struct err e = {0};

	if (!w->has_failed)
		check(w, store_put_incident(w->store, i, &e), &e);
}

static void put_trunk(void *ctx, const struct trunk_state *t)
{
	struct writer *w = ctx;
	struct err e = {0};

	if (!w->has_failed)
		check(w, store_put_trunk(w->store, t, &e), &e);
}

static void put_minute(void *ctx, const struct trunk_minute *m)
{
	struct writer *w = ctx;
	struct err e = {0};

	if (!w->has_failed)
		check(w, store_put_minute(w->store, m, &e), &e);
}

static void put_capture_minute(void *ctx, const struct capture_minute *m)
{
	struct writer *w = ctx;
	struct err e = {0};

	if (!w->has_failed)
		check(w, store_put_capture_minute(w->store, m, &e), &e);
}

static void put_past(void *ctx, const struct trunk_past *p)
{
	struct writer *w = ctx;
	struct err e = {0};

	if (!w->has_failed)
		check(w, store_put_past(w->store, p, &e), &e);
}

static void commit(struct writer *w)
{
	struct err e = {0};

	if (!w->has_failed)
		check(w, store_commit(w->store, &e), &e);
}

static struct sink sink_of(struct writer *w)
{
	return (struct sink){
	    .ctx = w,
	    .failure = put_failure,
	    .moved = put_moved,
	    .incident = put_incident,
	    .trunk = put_trunk,
	    .minute = put_minute,
	    .capture_minute = put_capture_minute,
	    /* Nobody goes on from a temporary database, or asks it for a ladder. */
	    .past = w->is_kept ? put_past : NULL,
	    .no_messages = !w->is_kept,
	};
}

static int open_store(struct cli *cli, struct store **out)
{
	char sensor[SENSOR_MAX] = "";
	struct store_config config = {
	    .path = cli->opt.database,
	    .sensor = sensor,
	    .exclusive_writer = cli->opt.database != NULL,
	};
	struct err e;

	if (gethostname(sensor, sizeof(sensor) - 1) != 0 || sensor[0] == '\0')
		memcpy(sensor, "localhost", sizeof("localhost"));
	if (store_open(&config, out, &e) != 0)
		return cli_fail(EXIT_UNAVAILABLE, "%s", e.text);
	return EXIT_OK;
}

static void pipeline_cleanup(struct pipeline **p)
{
	pipeline_free(*p);
}

/* A pipeline that goes on where the database stopped. */
static int open_pipeline(
    struct cli *cli, struct analysis *a, struct writer *w, struct pipeline **out)
{
	CLEANUP(store_start_fini) struct store_start held = {0};
	struct pipeline_config config;
	struct pipeline_start start;
	struct err e;

	if (store_load_start(a->store, &held, &e) != 0)
		return cli_fail(EXIT_UNAVAILABLE, "%s", e.text);
	start = (struct pipeline_start){
	    .next_failure_id = held.next_failure_id,
	    .next_incident_id = held.next_incident_id,
	    .next_trunk_id = held.next_trunk_id,
	    .trunks = held.trunks,
	    .trunk_count = held.trunk_count,
	    .past = held.past,
	    .past_count = held.past_count,
	    .incidents = held.incidents,
	    .incident_count = held.incident_count,
	};
	a->first_failure = held.next_failure_id;
	a->first_incident = held.next_incident_id;

	pipeline_config_default(&config);
	config.tell_every_us = USEC_PER_MIN;
	config.local = cli->opt.local;
	config.local_count = cli->opt.local_count;
	config.reassemble.ports = cli->opt.ports;
	config.reassemble.port_count = cli->opt.port_count;
	config.trunks = a->asterisk.rows;
	config.trunk_count = a->asterisk.count;
	if (a->asterisk.count > 0)
		config.secrets = &a->asterisk.trunks;
	if (getrandom(&config.key, sizeof(config.key), 0) !=
	    (ssize_t)sizeof(config.key))
		return cli_fail(EXIT_SOFTWARE, "no random bytes: %s", strerror(errno));
	if (pipeline_new(&config, &start, sink_of(w), out, &e) != 0)
		return cli_fail(EXIT_SOFTWARE, "%s", e.text);
	return EXIT_OK;
}

static void note_time(struct analysis *a, int64_t at_us)
{
	if (a->first_packet_us == 0 || at_us < a->first_packet_us)
		a->first_packet_us = at_us;
	if (at_us > a->last_packet_us)
		a->last_packet_us = at_us;
}

static void read_all(
    struct analysis *a, struct captures *files, struct pipeline *p, struct writer *w)
{
	struct progress progress;
	const struct frame *frame;
	uint64_t dropped = 0;

	progress_init(&progress);
	while (!w->has_failed && (frame = captures_next(files)) != NULL) {
		uint64_t lost = captures_dropped(files);

		if (lost > dropped) {
			pipeline_lost(p, LOSS_FILE, lost - dropped, a->last_packet_us,
			    frame->at_ns / 1000);
			dropped = lost;
		}
		pipeline_frame(p, frame);
		note_time(a, frame->at_ns / 1000);
		if (store_pending(w->store) >= COMMIT_ROWS)
			commit(w);
		if (progress_is_due(&progress)) {
			pipeline_counters(p, &a->counters);
			progress_show(
			    &progress, a->counters.frames, a->counters.messages);
		}
	}
	/* pcapng keeps its counts behind the last packet. */
	if (captures_dropped(files) > dropped)
		pipeline_lost(p, LOSS_FILE, captures_dropped(files) - dropped,
		    a->first_packet_us, a->last_packet_us);
	pipeline_finish(p);
	commit(w);
	progress_clear(&progress);
}

int analysis_run(struct cli *cli, struct analysis *a)
{
	CLEANUP(captures_cleanup) struct captures *files = NULL;
	CLEANUP(pipeline_cleanup) struct pipeline *p = NULL;
	struct writer w = {0};
	struct err e = {0};
	int status;

	*a = (struct analysis){0};
	/* First: a file that is not there leaves no database behind. */
	status = captures_open(cli->opt.args, cli->opt.arg_count, &files, &e);
	if (status != EXIT_OK)
		return cli_fail(status, "%s", e.text);
	status = asterisk_files_read(&cli->opt, &a->asterisk);
	if (status != EXIT_OK)
		return status;
	status = open_store(cli, &a->store);
	if (status != EXIT_OK)
		return status;
	w.store = a->store;
	w.is_kept = cli->opt.database != NULL;
	status = open_pipeline(cli, a, &w, &p);
	if (status != EXIT_OK)
		return status;
	read_all(a, files, p, &w);
	pipeline_counters(p, &a->counters);
	pipeline_wire_counts(p, a->wire_counts);
	if (w.has_failed)
		return cli_fail(EXIT_UNAVAILABLE, "%s", w.e.text);
	if (store_query(a->store, &a->query, &e) != 0)
		return cli_fail(EXIT_UNAVAILABLE, "%s", e.text);
	a->damage = captures_verdict(files, &a->damage_why);
	return EXIT_OK;
}

void analysis_fini(struct analysis *a)
{
	query_close(a->query);
	store_close(a->store);
	asterisk_files_fini(&a->asterisk);
}
