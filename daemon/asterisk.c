/* SPDX-License-Identifier: BSD-2-Clause */
#include "asterisk.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "base/cleanup.h"
#include "log.h"

enum { LOOK_EVERY_S = 5 };

static void set_free(struct asterisk_set *s)
{
	if (s == NULL)
		return;
	ast_trunks_fini(&s->trunks);
	free(s->rows);
	free(s);
}

static void free_set(struct asterisk_set **s)
{
	set_free(*s);
}

/* trunkwatch.yaml stands in front: the first row that fits names a trunk. */
static int fill_rows(struct asterisk_set *s, const struct config *c, struct err *e)
{
	size_t own = c->trunks.count;
	size_t theirs = ast_trunks_to_config(&s->trunks, NULL, 0);

	s->count = own + theirs;
	s->rows = calloc(s->count == 0 ? 1 : s->count, sizeof(*s->rows));
	if (s->rows == NULL)
		return err_set(e, -ENOMEM, "out of memory for %zu trunks", s->count);
	memcpy(s->rows, c->trunks.trunk, own * sizeof(*s->rows));
	(void)ast_trunks_to_config(&s->trunks, s->rows + own, theirs);
	return 0;
}

static void say_read(const struct asterisk *a, const struct asterisk_set *s)
{
	log_info("asterisk.files read trunks=%zu secrets=%s",
	    s->count - a->config->trunks.count, s->has_secrets ? "kept" : "wiped");
	if (s->has_secrets && s->trunks.arena.unlocked_bytes > 0)
		log_warning("%zu bytes of secrets could not be locked in memory; raise "
			    "LimitMEMLOCK",
		    s->trunks.arena.unlocked_bytes);
}

static void say_failed(struct asterisk *a, const struct err *e)
{
	if (a->last_error == e->code)
		return;
	a->last_error = e->code;
	log_warning("asterisk.files: %s; %s", e->text,
	    e->code == -EACCES
		? "the user trunkwatch must be able to read it (setfacl -m g:trunkwatch:r)"
		: "trunks stay as they were");
}

static int read_set(struct asterisk *a, struct asterisk_set **out, struct err *e)
{
	CLEANUP(free_set) struct asterisk_set *s = calloc(1, sizeof(*s));
	const char *paths[CONFIG_PATHS_MAX];
	size_t count = a->config->asterisk_files.count;
	int rc;

	if (s == NULL)
		return err_set(e, -ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++)
		paths[i] = a->config->asterisk_files.path[i];
	s->trunks.key = a->key;
	rc = ast_files_read(paths, count, &s->trunks, &a->watch, e);
	if (rc == 0)
		rc = fill_rows(s, a->config, e);
	if (rc < 0)
		return rc;
	s->changed_at_us = ast_watch_newest_us(&a->watch);
	s->has_secrets = a->config->reads_secrets;
	say_read(a, s);
	if (!s->has_secrets)
		ast_trunks_fini(&s->trunks);
	*out = KEEP(s);
	return 0;
}

static void read_files(struct asterisk *a)
{
	struct asterisk_set *set = NULL;
	struct err e;

	ast_watch_fini(&a->watch);
	if (read_set(a, &set, &e) < 0) {
		say_failed(a, &e);
		return;
	}
	a->last_error = 0;
	set_free(atomic_exchange(&a->ready, set)); /* one that nobody took */
}

void asterisk_init(struct asterisk *a, const struct config *c)
{
	*a = (struct asterisk){.config = c};
	if (c->asterisk_files.count == 0)
		return;
	if (getrandom(&a->key, sizeof(a->key), 0) != sizeof(a->key))
		log_warning("no random numbers: %s", strerror(errno));
	read_files(a);
}

/* False: it is time to stop. */
static bool wait_a_while(struct asterisk *a)
{
	struct timespec until;
	bool goes_on;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += LOOK_EVERY_S;
	(void)pthread_mutex_lock(&a->lock);
	while (!a->is_stopping &&
	       pthread_cond_timedwait(&a->wake, &a->lock, &until) != ETIMEDOUT)
		continue;
	goes_on = !a->is_stopping;
	(void)pthread_mutex_unlock(&a->lock);
	return goes_on;
}

static void *run(void *ctx)
{
	struct asterisk *a = ctx;

	while (wait_a_while(a)) {
		if (ast_watch_changed(&a->watch))
			read_files(a);
	}
	return NULL;
}

int asterisk_start(struct asterisk *a, struct err *e)
{
	pthread_condattr_t attr;
	sigset_t all, before;
	int rc;

	if (a->config->asterisk_files.count == 0)
		return 0;
	(void)pthread_mutex_init(&a->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&a->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&a->thread, NULL, run, a);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return err_set(e, -rc, "asterisk thread: %s", strerror(rc));
	a->has_thread = true;
	return 0;
}

void asterisk_stop(struct asterisk *a)
{
	if (!a->has_thread)
		return;
	(void)pthread_mutex_lock(&a->lock);
	a->is_stopping = true;
	(void)pthread_cond_signal(&a->wake);
	(void)pthread_mutex_unlock(&a->lock);
	(void)pthread_join(a->thread, NULL);
	(void)pthread_cond_destroy(&a->wake);
	(void)pthread_mutex_destroy(&a->lock);
	a->has_thread = false;
}

const struct asterisk_set *asterisk_take(struct asterisk *a)
{
	struct asterisk_set *set;

	if (atomic_load(&a->ready) == NULL)
		return NULL;
	set = atomic_exchange(&a->ready, NULL);
	/* The pipeline still borrows the one before: it goes with the next. */
	set_free(a->before);
	a->before = a->used;
	a->used = set;
	return set;
}

void asterisk_fini(struct asterisk *a)
{
	set_free(atomic_exchange(&a->ready, NULL));
	set_free(a->before);
	set_free(a->used);
	a->used = a->before = NULL;
	ast_watch_fini(&a->watch);
}
