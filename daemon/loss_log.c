/* SPDX-License-Identifier: BSD-2-Clause */
#include "loss_log.h"

#include "base/usec.h"
#include "log.h"

static bool is_equal(const struct loss_counts *a, const struct loss_counts *b)
{
	return a->kernel == b->kernel && a->ring == b->ring && a->rows == b->rows;
}

static void tell(const struct loss_log *l, const char *what, int64_t span_us)
{
	log_warning("%s kernel=%ju ring=%ju rows=%ju seconds=%.1f", what,
	    (uintmax_t)(l->seen.kernel - l->before.kernel),
	    (uintmax_t)(l->seen.ring - l->before.ring),
	    (uintmax_t)(l->seen.rows - l->before.rows), (double)span_us / USEC_PER_SEC);
}

bool loss_log_look(
    struct loss_log *l, const struct loss_counts *now, int64_t now_steady)
{
	if (is_equal(&l->seen, now)) {
		if (l->is_losing &&
		    usec_since(l->last_us, now_steady) >= LOSS_CALM_US) {
			l->is_losing = false;
			tell(l, "nothing is lost any more; lost:",
			    usec_since(l->began_us, l->last_us));
		}
		return false;
	}
	if (!l->is_losing) {
		l->before = l->seen;
		l->began_us = now_steady;
		l->told_us = 0;
	}
	l->is_losing = true;
	l->seen = *now;
	l->last_us = now_steady;
	if (l->told_us == 0 || usec_since(l->told_us, now_steady) >= USEC_PER_MIN) {
		l->told_us = now_steady;
		tell(l,
		    "packets or findings are being lost; calls under way are marked "
		    "incomplete. So far:",
		    usec_since(l->began_us, now_steady));
	}
	return true;
}
