/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * privdrop - give every privilege up, then prove that it is gone.
 *
 * A parser of strangers' bytes runs as nobody special. Started as root the
 * program opens its capture and becomes an ordinary user; started with
 * CAP_NET_RAW it opens its capture and gives that up.
 *
 * In         privdrop_find() before the capture is opened, so that a missing user
 *            is said before anything happens; privdrop_do() after it, before
 *            threads are made and before the database is opened.
 * Errors     Negative errno and *err. After an error of privdrop_do() the caller
 *            must exit: nobody knows what is left.
 * Threads    None may run yet: capabilities belong to threads.
 */
#ifndef DAEMON_PRIVDROP_H
#define DAEMON_PRIVDROP_H

#include <sys/types.h>

#include "base/err.h"
#include "base/slice.h"

#define PRIVDROP_USER "trunkwatch"

struct privdrop {
	char user[64];
	uid_t uid;
	gid_t gid;
	bool changes_user;
};

/*
 * user: -u, or NULL. Started as root, a live capture needs a user: the named one,
 * else trunkwatch, else -ENOENT. Reading a file as root without -u keeps the user
 * (the files are the caller's own) but no capability.
 */
int privdrop_find(const char *user, bool is_live, struct privdrop *out, struct err *e);
int privdrop_do(const struct privdrop *p, struct err *e);

/* No capability in any set, no way back to root, no packet socket. */
int privdrop_verify(const struct privdrop *p, struct err *e);

#endif
