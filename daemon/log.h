/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log - one line on standard error for each thing an operator should know.
 *
 * Form       "trunkwatchd: text key=value ...". Under systemd (JOURNAL_STREAM is
 *            our standard error) the name is left out and sd-daemon(3)'s <N> tells
 *            the journal the level.
 * Hostile    Bytes from the wire go through log_escape() first; and whatever is
 *            still a control character in the finished line becomes '?', so that
 *            nobody can write a second line.
 * Flood      What a stranger can cause repeatedly is logged through a struct
 *            log_limit: ten lines a minute, then one that says how many were
 *            left out.
 * Threads    Any. One write(2) for a line. log_init() before the threads start.
 * State      The level and the form: the only mutable global of the program.
 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include <stdatomic.h>

#include "base/slice.h"

enum log_level { /* the numbers of syslog(3) */
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/* Lines above this level are not written. */
void log_init(enum log_level most);

__attribute__((format(printf, 2, 3))) void log_line(
    enum log_level level, const char *fmt, ...);

#define log_error(...)   log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* Printable ASCII as it is, everything else as \xNN; cut at the buffer's size.
 * Returns buf. */
const char *log_escape(struct slice s, char *buf, size_t size);

/* One per call site, static and zeroed; used by one thread. */
struct log_limit {
	int64_t since_us;
	unsigned count, left_out;
};

/* May the call site write now? Says, once the minute is over, what it kept back. */
bool log_allowed(struct log_limit *limit, int64_t now_us);

#endif
