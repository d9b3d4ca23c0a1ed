/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * past - what is known of a trunk, as bytes that outlive the program.
 *
 * A verdict weighs a refusal against what the trunk accepted before. So that a restart
 * in the middle of an incident changes no verdict, that past is written beside the
 * findings and read back at the start: part 0 is the trunk with its accepted calls,
 * part n the n-th group of refusals that look alike.
 *
 * In, out    struct trunk; the bytes have a version and are for trunkwatchd alone. No
 *            secret is in them, and the evidence that can be weighed again is not.
 * Errors     Bytes of another version, or damaged ones: false, *t is as it was.
 * Limits     TRUNK_PAST_MAX bytes a part.
 * Threads    No state.
 * Cost       One pass over the samples.
 */
#ifndef DIAGNOSE_PAST_H
#define DIAGNOSE_PAST_H

#include "diagnose/trunks.h"

enum { TRUNK_PARTS = 1 + TRUNK_GROUPS_MAX };

/* Writes what it reads: *t stays as it is. */
void past_pack(struct trunk *t, uint8_t part, struct trunk_past *out);

/* Into a trunk of trunks_load(). */
bool past_unpack(struct trunk *t, uint8_t part, struct slice bytes);

#endif
