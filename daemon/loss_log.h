/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loss_log - tells the journal when packets or findings begin to be lost, and when that
 * has ended.
 *
 * A line at once, one a minute while it goes on, and one when nothing was lost for
 * LOSS_CALM_US, with how much it was.
 *
 * Threads    The analysis thread, four times a second.
 */
#ifndef DAEMON_LOSS_LOG_H
#define DAEMON_LOSS_LOG_H

#include <stdbool.h>
#include <stdint.h>

#define LOSS_CALM_US INT64_C(5000000)

struct loss_counts {
	uint64_t kernel, ring, rows;
};

struct loss_log {
	bool is_losing;
	struct loss_counts seen, before;    /* before: when it began */
	int64_t began_us, last_us, told_us; /* steady clock */
};

/* now: all that was lost so far. True: more than when it was last asked. */
bool loss_log_look(
    struct loss_log *l, const struct loss_counts *now, int64_t now_steady);

#endif
