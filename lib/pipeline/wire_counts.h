/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire_counts - every counter of decode and reassembly in one row, each with its name
 * and a sentence, so that whoever shows them needs no list of his own.
 *
 * Names      "frames.not-ip": frames that gave no packet, by reason (decode_rc.def);
 *            "wire.frag_overlap": what reassembly saw (reassemble_stats.def). Public
 *            (status, JSON): lines are added, none is renamed.
 */
#ifndef PIPELINE_WIRE_COUNTS_H
#define PIPELINE_WIRE_COUNTS_H

#include "decode/decode.h"
#include "reassemble/reassemble.h"

/* DECODE_OK is no reason. */
enum { WIRE_COUNTS = DECODE_RC_COUNT - 1 + REASSEMBLE_STAT_COUNT };

const char *wire_count_name(size_t i);
const char *wire_count_help(size_t i);

/* decode: [DECODE_RC_COUNT], reassemble: [REASSEMBLE_STAT_COUNT]. */
void wire_counts_join(
    const uint64_t *decode, const uint64_t *reassemble, uint64_t out[WIRE_COUNTS]);

#endif
