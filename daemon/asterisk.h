/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * asterisk - trunks and secrets from Asterisk's files, kept up to date.
 *
 *         files --(looked at every 5 s)--> thread --set--> analysis thread
 *
 * ViciDial writes its files anew at every save and tells nobody but Asterisk. A thread
 * of our own asks whether any of them changed; a new set is handed over by one pointer
 * and taken at a tick, so that no packet waits for a file or a lock.
 *
 * Ownership  A set belongs to whoever took it: the pipeline borrows its rows and
 * secrets until the next set. Errors     None: what cannot be read is a warning, once,
 * and the set before stays. Secrets    Kept only with asterisk.secrets, in locked
 * memory, wiped when the set goes; otherwise wiped as soon as names and accounts are
 * known. Limits     Those of ast_config.h and ast_trunks.h. Threads    asterisk_take()
 * is the analysis thread's; the rest is main's.
 */
#ifndef DAEMON_ASTERISK_H
#define DAEMON_ASTERISK_H

#include <pthread.h>
#include <stdatomic.h>

#include "asterisk/ast_files.h"
#include "config.h"

struct asterisk_set {
	struct ast_trunks trunks; /* empty without asterisk.secrets */
	bool has_secrets;
	struct trunk_config *rows; /* trunkwatch.yaml's, then Asterisk's */
	size_t count;
	int64_t changed_at_us; /* when the newest of the files was written */
};

struct asterisk {
	const struct config *config;
	struct hash_key key;
	struct ast_watch watch;
	_Atomic(struct asterisk_set *) ready; /* read, not taken yet */
	struct asterisk_set *used, *before;   /* the analysis thread's */
	int last_error;                       /* said already; 0: none */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool has_thread, is_stopping;
};

/* Reads the files once, before the first packet. Nothing to do without asterisk.files.
 */
void asterisk_init(struct asterisk *a, const struct config *c);

/* From now on changes are noticed. */
int asterisk_start(struct asterisk *a, struct err *e);
void asterisk_stop(struct asterisk *a);

/* A new set since the last call, or NULL. It lives, as the one before does, until the
 * next one is taken: time to hand it to the pipeline. */
const struct asterisk_set *asterisk_take(struct asterisk *a);

void asterisk_fini(struct asterisk *a);

#endif
