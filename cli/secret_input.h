/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * secret_input - one line from standard input, for --secret-stdin.
 *
 * A terminal is asked without echo, and gets its echo back also when Ctrl-C or a
 * hangup ends the question.
 *
 * Secrets    The line lives in a page of its own: locked, left out of core dumps and
 *            of children, wiped by _close(). Nothing is buffered elsewhere.
 * Errors     The exit status, after one line on stderr.
 * Limits     SECRET_INPUT_MAX bytes; a longer line is an error, not cut.
 * Threads    One: it changes the terminal's state and signal handlers.
 */
#ifndef CLI_SECRET_INPUT_H
#define CLI_SECRET_INPUT_H

#include "base/slice.h"

enum { SECRET_INPUT_MAX = 1024 };

struct secret_input {
	char *page; /* NULL: none */
	size_t page_bytes;
	struct slice secret; /* without its line end; may be empty */
};

/* Zeroed before; to be ended with _close() also when this fails. */
int secret_input_read(struct secret_input *s);
void secret_input_close(struct secret_input *s);

#endif
