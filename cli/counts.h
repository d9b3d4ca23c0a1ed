/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * counts - what decode and reassembly saw and set aside, for people and for programs.
 *
 * counts[i] belongs to wire_count_name(i). People see those that are not 0, with a
 * sentence; programs see all.
 */
#ifndef CLI_COUNTS_H
#define CLI_COUNTS_H

#include "export/json.h"
#include "pipeline/wire_counts.h"
#include "term.h"

void counts_print(
    const struct term *t, struct out *o, const uint64_t counts[WIRE_COUNTS]);
/* "counters": {"frames.not-ip": 0, ...} */
void counts_json(struct json *j, const uint64_t counts[WIRE_COUNTS]);

#endif
