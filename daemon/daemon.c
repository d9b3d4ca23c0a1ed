/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "analysis.h"
#include "asterisk.h"
#include "capture_filter.h"
#include "hep_listen.h"
#include "inputs.h"
#include "log.h"
#include "options.h"
#include "pipeline_setup.h"
#include "privdrop.h"
#include "status.h"
#include "store_thread.h"

struct daemon {
	struct options options;
	struct config config;
	bool has_no_file; /* the defaults: nobody named a file and there is none */
	struct inputs inputs;
	struct hep_listen hep;
	struct privdrop privdrop;
	struct store *store; /* until its thread has it */
	struct store_queue queue;
	struct store_thread writer;
	struct own_addresses own;
	struct asterisk asterisk;
	struct pipeline *pipeline;
	struct analysis analysis;
	struct status status;
	struct ev_loop *loop;
	ev_signal on_term, on_int, on_hup;
	ev_async on_store_failed;
	int exit_code;
};

/* One line: what, where, what to do. */
static int fail(int exit_code, const struct err *e)
{
	log_error("%s", e->text);
	return exit_code;
}

static int load_config(struct daemon *d, struct err *e)
{
	const char *path = d->options.config;
	int rc;

	if (path == NULL)
		path = CONFIG_FILE_DEFAULT;
	rc = config_load(path, &d->config, e);
	if (rc == -ENOENT && d->options.config == NULL) {
		config_default(&d->config);
		d->has_no_file = true;
		rc = 0;
	}
	if (rc == 0)
		rc = options_apply(&d->options, &d->config, e);
	if (rc == 0 && d->config.filter[0] != '\0' && d->options.file_count == 0)
		rc = capture_filter_check(d->config.filter, e);
	if (rc == 0 && d->config.interfaces.count == 0 &&
	    d->config.hep_listen.port == 0 && d->config.hep_listen_tcp.port == 0 &&
	    d->options.file_count == 0)
		rc = err_set(e, -EINVAL,
		    "%s: nothing to listen to: capture.interfaces is empty and "
		    "neither sources.hep.listen nor listen_tcp is set",
		    path);
	if (rc == 0 && d->config.sensor[0] == '\0') {
		(void)gethostname(d->config.sensor, sizeof(d->config.sensor) - 1);
		if (d->config.sensor[0] == '\0')
			(void)snprintf(
			    d->config.sensor, sizeof(d->config.sensor), "localhost");
	}
	return rc;
}

static int input_exit_code(int rc)
{
	switch (rc) {
	case -EBADMSG:
		return EX_DATAERR;
	case -ENOMEM:
		return EX_OSERR;
	default:
		return EX_NOINPUT;
	}
}

static int open_store(struct daemon *d, struct store_start *start, struct err *e)
{
	const struct store_config c = {.path = d->config.database,
	    .sensor = d->config.sensor,
	    .exclusive_writer = true};
	int rc = store_open(&c, &d->store, e);

	if (rc == 0)
		rc = store_load_start(d->store, start, e);
	return rc;
}

static int open_findings(struct daemon *d, struct err *e)
{
	struct store_start start = {0};
	struct pipeline_setup setup = {.config = &d->config,
	    .options = &d->options,
	    .found = &start,
	    .own = &d->own,
	    .are_files = d->inputs.are_files};
	int rc = open_store(d, &start, e);

	if (rc < 0) {
		d->exit_code = EX_UNAVAILABLE;
		/* Without its capabilities root may not write to others' files. */
		if (getuid() == 0 && (rc == -EACCES || rc == -EROFS || rc == -EPERM))
			(void)err_wrap(e, "as root without privileges (-u USER helps)");
	} else {
		d->exit_code = EX_OSERR;
		rc = store_queue_init(
		    &d->queue, d->config.queue_bytes, d->inputs.are_files, e);
		setup.sink = store_queue_sink(&d->queue);
		if (rc == 0)
			rc = pipeline_setup(&setup, &d->pipeline, e);
	}
	store_start_fini(&start);
	return rc;
}

static void on_signal(struct ev_loop *loop, ev_signal *w, int events)
{
	struct daemon *d = w->data;

	(void)events;
	d->exit_code = EX_OK;
	ev_break(loop, EVBREAK_ALL);
}

/* Its usual meaning, reloading, does not exist yet; its default would end us, and
 * systemd takes that for a wish. */
static void on_hangup(struct ev_loop *loop, ev_signal *w, int events)
{
	(void)loop;
	(void)w;
	(void)events;
	log_warning("SIGHUP: the configuration is read at the start only; restart");
}

static void on_store_failed(struct ev_loop *loop, ev_async *w, int events)
{
	(void)w;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

static void tell_store_failed(void *ctx)
{
	struct daemon *d = ctx;

	ev_async_send(
	    d->loop, &d->on_store_failed); /* the one call any thread may make */
}

static void on_end(struct analysis *a)
{
	ev_break(a->loop, EVBREAK_ALL);
}

static void take_asterisk(struct daemon *d)
{
	const struct asterisk_set *s = asterisk_take(&d->asterisk);

	if (s != NULL)
		pipeline_configure(d->pipeline, s->rows, s->count,
		    s->has_secrets ? &s->trunks : NULL, s->changed_at_us);
}

static void on_tick(struct analysis *a)
{
	struct daemon *d = a->ctx;

	take_asterisk(d);
	hep_tick(&d->hep);
	if (!d->inputs.are_files)
		status_tick(&d->status);
}

static int make_loop(struct daemon *d, struct err *e)
{
	d->loop = ev_loop_new(EVFLAG_AUTO);
	if (d->loop == NULL)
		return err_set(e, -EIO, "no event loop");
	(void)signal(SIGPIPE, SIG_IGN);
	ev_signal_init(&d->on_term, on_signal, SIGTERM);
	ev_signal_init(&d->on_int, on_signal, SIGINT);
	ev_signal_init(&d->on_hup, on_hangup, SIGHUP);
	d->on_term.data = d->on_int.data = d;
	ev_signal_start(d->loop, &d->on_term);
	ev_signal_start(d->loop, &d->on_int);
	ev_signal_start(d->loop, &d->on_hup);
	ev_async_init(&d->on_store_failed, on_store_failed);
	ev_async_start(d->loop, &d->on_store_failed);
	return 0;
}

static void wire_up(struct daemon *d)
{
	struct analysis *a = &d->analysis;

	*a = (struct analysis){.loop = d->loop,
	    .pipeline = d->pipeline,
	    .queue = &d->queue,
	    .on_end = on_end,
	    .on_tick = on_tick,
	    .ctx = d};
	analysis_init(a);
	for (size_t i = 0; i < d->inputs.count; i++)
		analysis_add(a, &d->inputs.input[i].source);
	d->status = (struct status){.analysis = a,
	    .queue = &d->queue,
	    .hep = &d->hep,
	    .commits = &d->writer.commits};
	d->writer = (struct store_thread){.store = d->store,
	    .queue = &d->queue,
	    .is_file = d->inputs.are_files,
	    .retain_us = d->inputs.are_files ? 0 : d->config.retain_us,
	    .retain_bytes = d->inputs.are_files ? 0 : d->config.retain_bytes,
	    .on_failed = tell_store_failed,
	    .ctx = d};
}

static int start_threads(struct daemon *d, struct err *e)
{
	char names[STORE_META_VALUE_MAX] = "";
	size_t used = 0;
	int rc;

	rc = store_thread_start(&d->writer, e);
	if (rc < 0)
		return rc;
	d->store = NULL; /* the thread's now */
	if (!d->inputs.are_files) {
		rc = asterisk_start(&d->asterisk, e);
		if (rc < 0)
			return rc;
	}
	for (size_t i = 0; i < d->inputs.count && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
		    i == 0 ? "" : " ", d->inputs.input[i].source.name);
	status_start(&d->status, names);
	return inputs_start(&d->inputs, e);
}

/* A file's totals are the command's result, a daemon's are news. */
static void report_totals(const struct daemon *d)
{
	struct analysis_drops drops = analysis_drops(&d->analysis);
	struct pipeline_counters c;
	char text[512];

	pipeline_counters(d->pipeline, &c);
	(void)snprintf(text, sizeof(text),
	    "totals packets=%ju messages=%ju attempts=%ju failures=%ju incidents=%ju "
	    "malformed=%ju dropped_kernel=%ju dropped_ring=%ju dropped_rows=%ju",
	    (uintmax_t)drops.packets, (uintmax_t)c.messages, (uintmax_t)c.attempts,
	    (uintmax_t)c.failures, (uintmax_t)c.incidents, (uintmax_t)c.malformed,
	    (uintmax_t)drops.kernel, (uintmax_t)drops.ring,
	    (uintmax_t)(atomic_load(&d->queue.dropped) +
			atomic_load(&d->writer.refused)));
	if (d->inputs.are_files)
		(void)puts(text);
	else
		log_info("%s", text);
}

/* How the sources ended says how the program ends. */
static void judge_sources(struct daemon *d)
{
	for (size_t i = 0; i < d->inputs.count; i++) {
		const struct source *s = &d->inputs.input[i].source;

		if (s->err.code == 0)
			continue;
		if (s->is_file)
			log_warning("%s; what was read before counts", s->err.text);
		else
			log_error("%s", s->err.text);
		if (d->exit_code == EX_OK)
			d->exit_code =
			    s->is_file ? input_exit_code(s->err.code) : EXIT_FAILURE;
	}
}

static void run(struct daemon *d)
{
	d->exit_code = EX_OK;
	analysis_start(&d->analysis);
	hep_start(&d->hep, &d->analysis);
	ev_run(d->loop, 0);
	analysis_stop(&d->analysis);

	inputs_stop(&d->inputs);
	hep_drain(&d->hep);
	analysis_finish(&d->analysis);
	status_stop(&d->status);
	store_thread_stop(&d->writer);
	judge_sources(d);
	if (d->writer.error.code != 0)
		d->exit_code = fail(EX_UNAVAILABLE, &d->writer.error);
	report_totals(d);
}

static bool is_public(const struct endpoint *at)
{
	return at->port != 0 && !ip_addr_is_loopback(&at->ip);
}

static int open_hep(struct daemon *d, struct err *e)
{
	const struct hep_config c = {.udp = d->config.hep_listen,
	    .tcp = d->config.hep_listen_tcp,
	    .connections = d->config.hep_connections,
	    .idle_us = d->config.hep_idle_us};

	if (d->config.hep_key[0] == '\0' && (is_public(&c.udp) || is_public(&c.tcp)))
		log_warning(
		    "sources.hep listens to everybody and asks for no key: whoever "
		    "reaches it can write failures into the database");
	return hep_open(&d->hep, &c, e);
}

static int start(struct daemon *d, struct err *e)
{
	int rc;

	d->exit_code = EX_OSERR;
	rc =
	    privdrop_find(d->options.user, d->options.file_count == 0, &d->privdrop, e);
	if (rc < 0) {
		d->exit_code = EX_USAGE;
		return rc;
	}
	rc = inputs_open(&d->options, &d->config, &d->inputs, e);
	if (rc < 0) {
		d->exit_code = input_exit_code(rc);
		return rc;
	}
	if (!d->inputs.are_files) {
		rc = open_hep(d, e);
		d->exit_code = EX_NOINPUT;
		if (rc < 0)
			return rc;
	}
	d->exit_code = EX_OSERR;
	rc = privdrop_do(&d->privdrop, e);
	if (rc < 0)
		return err_wrap(e, "privileges");
	rc = open_findings(d, e);
	if (rc < 0)
		return rc;
	asterisk_init(&d->asterisk, &d->config);
	take_asterisk(d);
	rc = make_loop(d, e);
	if (rc < 0)
		return rc;
	wire_up(d);
	return start_threads(d, e);
}

static void fini(struct daemon *d)
{
	inputs_close(&d->inputs);
	hep_close(&d->hep);
	store_thread_stop(&d->writer);
	asterisk_stop(&d->asterisk);
	pipeline_free(d->pipeline);
	asterisk_fini(&d->asterisk);
	store_queue_fini(&d->queue);
	if (d->store != NULL)
		store_close(d->store);
	if (d->loop != NULL)
		ev_loop_destroy(d->loop);
}

static int run_daemon(struct daemon *d)
{
	struct err e;

	if (load_config(d, &e) < 0)
		return fail(EX_CONFIG, &e);
	if (d->options.action == OPTIONS_CHECK_CONFIG) {
		(void)printf("%s: %s\n",
		    d->options.config == NULL ? CONFIG_FILE_DEFAULT : d->options.config,
		    d->has_no_file ? "no such file, the defaults are good" : "good");
		return EX_OK;
	}
	d->hep.fd = d->hep.tcp.fd = -1;
	if (start(d, &e) < 0)
		(void)fail(d->exit_code, &e);
	else
		run(d);
	fini(d);
	return d->exit_code;
}

int daemon_main(int argc, char **argv)
{
	struct daemon *d = calloc(1, sizeof(*d));
	struct err e;
	int exit_code = EX_OK;

	log_init(LOG_LEVEL_INFO);
	if (d == NULL || options_parse(argc, argv, &d->options, &e) < 0) {
		if (d == NULL)
			(void)err_set(&e, -ENOMEM, "out of memory");
		exit_code = fail(d == NULL ? EX_OSERR : EX_USAGE, &e);
	} else if (d->options.action == OPTIONS_HELP) {
		options_print_help(stdout);
	} else if (d->options.action == OPTIONS_VERSION) {
		(void)puts("trunkwatchd " TRUNKWATCH_VERSION);
	} else if (d->options.action == OPTIONS_PRINT_SAMPLE) {
		config_print_sample(stdout);
	} else {
		if (d->options.verbose > 0)
			log_init(LOG_LEVEL_DEBUG);
		exit_code = run_daemon(d);
	}
	free(d);
	return exit_code;
}
