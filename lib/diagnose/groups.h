/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * groups - refusals of one trunk that look alike, and when their story is over.
 *
 * A group is judged as a whole: that some calls pass between its refusals speaks for a
 * limit or a barred number, and against a password. So a recovery ends it: the next
 * refusal begins a new one of the same look, with an incident of its own, unless the
 * two together still tell of a cause that meets some calls only.
 *
 * Threads    One.
 * Cost       Constant; the rules are weighed once where a recovery may lie between two
 *            refusals, and once for a long run.
 */
#ifndef DIAGNOSE_GROUPS_H
#define DIAGNOSE_GROUPS_H

#include "diagnose/trunks.h"

/* Counts a refusal into its group. */
void group_join(
    const struct trunk *t, struct group *g, const struct facts *f, int64_t failure_id);

/* A call of the trunk was let in at that time, though it is known only now: t counts it
 * already. What was refused in between was not refused before it. */
void groups_admit(struct trunk *t, int64_t admitted_us);

#endif
