/* SPDX-License-Identifier: BSD-2-Clause */
#include "pipeline/wire_counts.h"

static const struct {
	const char *name, *help;
} counts[WIRE_COUNTS] = {
#define DECODE_RC(id, name, help) {"frames." name, help},
#include "decode/decode_rc.def"
#define REASSEMBLE_STAT(id, name, help) {"wire." name, help},
#include "reassemble/reassemble_stats.def"
};

const char *wire_count_name(size_t i)
{
	return counts[i].name;
}

const char *wire_count_help(size_t i)
{
	return counts[i].help;
}

void wire_counts_join(
    const uint64_t *decode, const uint64_t *reassemble, uint64_t out[WIRE_COUNTS])
{
	const size_t reasons = DECODE_RC_COUNT - 1;

	memcpy(out, decode + 1, reasons * sizeof(*out));
	memcpy(out + reasons, reassemble, REASSEMBLE_STAT_COUNT * sizeof(*out));
}
